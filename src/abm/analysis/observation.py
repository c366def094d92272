"""The observation model: what of a run stands beside each target, of whom, and what share of it is reported.

Declared here and nowhere else; `abm.analysis.score` reads it, tests of levels do, and ``abm describe observations``
lists it. Nothing that drives a run does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from abm.places.geography import PROVINCES, load_units
from abm.places.series import pkr_2017_to_usd

if TYPE_CHECKING:
    import pandas as pd

    from abm.places.drivers import Series
    from abm.places.places import Places

Table = Literal["national", "district", "destination", "leg", "route", "flows"]

EUROPE = ("GBR", "GRC", "ITA", "ESP", "DEU")  # countries of Europe that are destinations of their own in the model

OVER_THE_BORDER = 0.5
"""Of those stopped on the way from Iran to Turkey, who are in Turkish hands. Source: assumed, nobody counts the two."""

DEATHS_RECORDED = 0.1
"""Of deaths on the way, those of which a record names Pakistanis alone. Source: assumed; IOM's counts are minima."""

PRICED = {
    "iran_land to Turkey": ("turkey_",),
    "iran_turkey_land": ("greece_",),
    "iran_turkey_land to Western Europe": ("italy_by_land", "germany_by_land", "uk_by_land"),
    "air with documents": ("air_uk", "air_germany"),
}
"""Way as a price is printed for it -> beginnings of the keys of its routes."""


@dataclass(frozen=True)
class Facts:
    """What a run took as given, and what observing it needs: its places, its drivers, its districts if not all."""

    places: Places
    series: Series
    region: frozenset[str] | None = None


Rows = Callable[["pd.DataFrame", Facts, str], NDArray[np.bool_]]
"""Chooses rows of a table: those of a place, by its key in the model; the key is empty for the whole country."""

Locate = Callable[[str, str, Facts], str | None]
"""Finds what the model calls the place of a record, from its geography and route; None if it has no such place."""


@dataclass(frozen=True)
class Part:
    """A sum over rows and columns of a table, times a share."""

    # table, columns, rows: what is added up
    table: Table
    columns: tuple[str, ...]
    rows: Rows
    weight: str = ""  # column by which each value is multiplied; rows in which a value is blank count nothing
    share: float = 1.0  # part of these that the source counts


@dataclass(frozen=True)
class Observation:
    """What stands beside a target."""

    parts: tuple[Part, ...]  # what is added up
    # text, title: in words; and short, for figures: with a preposition at the end where the name of a place follows
    text: str
    title: str
    # of whom or of what: ``events`` count a person as often as it befalls them
    counts: Literal["events", "persons", "cases", "money", "households"] = "events"
    of: tuple[Part, ...] = ()  # what the sum is divided by; nothing if empty
    # months of a year are added up (``year``), averaged (``mean``), or the middle of the year is taken (``july``)
    over: Literal["year", "mean", "july"] = "year"
    years: int = 1  # years that a value covers, the last of them that of the record
    # place, printed_by: how places of records are found, and the column of the record that says which
    place: Locate | None = None
    printed_by: Literal["geography", "route"] = "geography"
    multiple: float = 1.0  # by which the result is multiplied: 100 for percent
    # turns the result into the unit of the target, with the year and the drivers of the run
    convert: Callable[[float, int, Series], float] | None = None
    # values below it, of model and record, count as this much: the logarithm of nothing is no number
    least: float = 1.0
    source: str = ""  # of the share that is reported, where a part has one


# ----------------------------------------------------------------------------------------------------------------- rows


def everything(frame: pd.DataFrame, facts: Facts, key: str) -> NDArray[np.bool_]:
    """All rows."""
    return np.ones(len(frame), np.bool_)


def _rows_of(column: str) -> Rows:
    """Rows of one place, by the column that names it."""
    return lambda frame, facts, key: _among(frame[column], (key,))


there, district = _rows_of("destination"), _rows_of("unit")


def _rows_named(column: str, names: Callable[[Places], Iterable[str]]) -> Rows:
    """Rows of some places of the run, by the column that names them."""
    return lambda frame, facts, key: _among(frame[column], tuple(names(facts.places)))


def workers(frame: pd.DataFrame, facts: Facts, key: str) -> NDArray[np.bool_]:
    """Flows of those who leave for legal work; to a destination if one is named."""
    found = _among(frame["channel"], ("legal_work",))
    return found & there(frame, facts, key) if key else found


def workers_from(frame: pd.DataFrame, facts: Facts, key: str) -> NDArray[np.bool_]:
    """Flows of those who leave a province for legal work; of all if none is named."""
    found = workers(frame, facts, "")
    return found & _of_province(frame["origin"], key) if key else found


def province(frame: pd.DataFrame, facts: Facts, key: str) -> NDArray[np.bool_]:
    """Rows of the districts of a province, of all districts if none is named."""
    return _of_province(frame["unit"], key) if key else everything(frame, facts, key)


def legs_in(country: str, guards: tuple[str, ...] = ("land", "sea", "air")) -> Rows:
    """Rows of the legs that a country guards, by all its guards or by some."""
    return _rows_named(
        "leg", lambda places: (leg.key for leg in places.legs if leg.country == country and leg.guard in guards)
    )


sent_home = _rows_named(
    "leg", lambda places: (leg.key for leg in places.legs if leg.country != "PAK" and not leg.pushed_back)
)
"""Rows of the legs abroad from which those stopped are sent home."""


def legs_into(country: str) -> Rows:
    """Rows of the legs that end in a country and are guarded by another."""

    def into(places: Places) -> Iterable[str]:
        points = {point.key for point in places.points if point.country == country}
        return (leg.key for leg in places.legs if leg.end in points and leg.country != country)

    return _rows_named("leg", into)


def priced(frame: pd.DataFrame, facts: Facts, key: str) -> NDArray[np.bool_]:
    """Rows of the routes of a way for which a fee was agreed."""
    on_way = frame["route"].astype(str).str.startswith(PRICED[key]).to_numpy()
    return np.logical_and(on_way, frame["fee_median"].notna().to_numpy())


def _of_province(column: pd.Series, key: str) -> NDArray[np.bool_]:
    units = load_units()
    return _among(column, tuple(units.unit[units.province == key]))


def _among(column: pd.Series, names: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.asarray(column.isin(names), np.bool_)


# --------------------------------------------------------------------------------------------------------------- places


def destination_named(geography: str, route: str, facts: Facts) -> str | None:
    """Find a destination by its name, key or country, unless the model counts other countries with it."""
    wanted = geography.casefold()
    for found in facts.places.destinations:
        if found.iso3 and wanted in (found.name.casefold(), found.key, found.iso3.casefold()):
            return None if found.stock_of else found.key
    return None


def province_named(geography: str, route: str, facts: Facts) -> str | None:
    """Find a province by its name or key, or the whole country."""
    known = {"Pakistan": "", "Islamabad": PROVINCES["Islamabad Capital Territory"], **PROVINCES}
    return geography if geography in PROVINCES.values() else known.get(geography)


def district_named(geography: str, route: str, facts: Facts) -> str | None:
    """Find a district by its name or key."""
    units = load_units()
    found = np.flatnonzero((units.name == geography) | (units.unit == geography))
    return str(units.unit[found[0]]) if found.size else None


# --------------------------------------------------------------------------------------------------------------- money


def to_million_usd(amount: float, year: int, series: Series) -> float:
    """Turn rupees of 2017 into million dollars of a year."""
    return pkr_2017_to_usd(amount, year, series) / 1e6


# --------------------------------------------------------------------------------------------------------- declarations


def _national(*columns: str, share: float = 1.0) -> tuple[Part, ...]:
    return (Part("national", columns, everything, share=share),)


def _removed(*iso3: str) -> tuple[Part, ...]:
    """Removals from the destinations in some countries."""
    rows = _rows_named("destination", lambda places: (of.key for of in places.destinations if of.iso3 in iso3))
    return (Part("destination", ("deportations",), rows),)


def _fee(money: str, convert: Callable[[float, int, Series], float]) -> Observation:
    return Observation(
        (Part("route", ("fee_median",), priced, weight="departures"),),
        f"Median fee agreed with an office on the routes of the way, weighted by departures; {money} of the year.",
        f"Fee in {money}",
        "money",
        of=(Part("route", ("departures",), priced),),
        place=lambda geography, route, facts: route if route in PRICED else None,
        printed_by="route",
        convert=convert,
    )


_WORKERS = Part("flows", ("persons",), workers)

_RESIDENTS = ("legal", "irregular_open", "irregular_hidden")

OBSERVATIONS: Mapping[str, Observation] = {
    "BEOE_TOTAL": Observation(
        _national("legal_departures"),
        "Departures for legal work; those who register and do not leave are taken to be few.",
        "Registered for work abroad",
    ),
    "BEOE_DEST": Observation(
        (_WORKERS,), "Departures for legal work there.", "Registered for work, to", place=destination_named
    ),
    "BEOE_DEST_SHARE": Observation(
        (_WORKERS,), "Of the departures for legal work of five years, those to there.", "Share of workers, to",
        of=_national("legal_departures"), years=5, place=destination_named, multiple=100.0, least=0.1,
    ),
    "BEOE_PROV": Observation(
        (Part("flows", ("persons",), workers_from),), "Departures for legal work.", "Registered for work, from",
        place=province_named,
    ),
    "FRX_ENTRY": Observation(
        _national("europe_detected"), "Detected entries into the EU; not persons.", "Detected entering the EU"
    ),
    "FRX_EMED": Observation(
        _national("detected_eastern"), "Detected on the Eastern Mediterranean route.", "Detected, eastern route"
    ),
    "FRX_CMED": Observation(
        _national("detected_central"), "Detected on the Central Mediterranean route.", "Detected, central route"
    ),
    "DEP_TOTAL": Observation(
        (*_national("deportations"), Part("leg", ("interceptions",), sent_home)),
        "Removals from all destinations, and those stopped abroad on the way and sent home.",
        "Removed to Pakistan",
    ),
    "DEP_IRAN_LAND": Observation(
        (*_national("stopped_in_iran"), *_removed("IRN")),
        "Those stopped in Iran on the way, each time anew, and removals of those who work there.",
        "Handed over by Iran",
    ),
    "DEP_EUROPE": Observation(
        _removed(*EUROPE), "Removals from the five destinations in Europe.", "Removed from Europe"
    ),
    "DEP_SAU": Observation(_removed("SAU"), "Removals.", "Removed from Saudi Arabia"),
    "DEP_ARE": Observation(_removed("ARE"), "Removals.", "Removed from the Emirates"),
    "UK_ENFORCED_RETURN": Observation(_removed("GBR"), "Removals.", "Enforced returns, UK"),
    "TUR_APPREHENDED": Observation(
        (
            Part("leg", ("interceptions",), legs_in("TUR")),
            Part("leg", ("interceptions",), legs_into("TUR"), share=OVER_THE_BORDER),
            *_removed("TUR"),
        ),
        "Those stopped in Turkey, part of those stopped on its eastern border, and removals from there. Turkey pushes "
        "some back to Iran, which hands them over: they count there too.",
        "Apprehended in Turkey",
        source="assumed: nobody counts the two sides apart",
    ),
    "FIA_INTERCEPT": Observation(
        (Part("leg", ("interceptions",), legs_in("PAK", ("land", "sea"))),),
        "Those stopped on legs in Pakistan, airports apart: the record is of the way to Iran.", "Stopped in Pakistan",
    ),
    "FIA_AGENT_ARRESTS": Observation(
        _national("arrests"), "Owners and agents of offices arrested.", "Agents arrested", counts="persons"
    ),
    "FIA_CASES": Observation(
        (Part("district", ("cases_registered",), province),), "Cases registered.", "Cases registered",
        place=province_named, counts="cases",
    ),
    "FIA_CASE_ARRESTS": Observation(
        (Part("district", ("arrests_all",), province),), "All accused arrested.", "Accused arrested",
        place=province_named, counts="persons",
    ),
    "STOCK_TOTAL": Observation(
        _national("persons_abroad"), "Members of households abroad on 1 July, settled families too.", "Living abroad",
        over="july", counts="persons",
    ),
    "STOCK_DEST": Observation(
        (Part("destination", _RESIDENTS, there),),
        "Persons there on 1 July, with papers and without.", "Living abroad, in",
        over="july", place=destination_named, counts="persons",
    ),
    "MICS14_OVERSEAS_HH": Observation(
        (Part("district", ("households_with_migrant_share",), district),),
        "Households with a member at work abroad or under way; settled families do not count.",
        "Households with a member abroad",
        over="mean", place=district_named, multiple=100.0, least=0.1, counts="households",
    ),
    "REMIT_USD": Observation(
        _national("remittances"), "Money sent home, in dollars of the year.", "Remittances",
        convert=to_million_usd, counts="money",
    ),
    "DEATHS_IOM": Observation(
        _national("deaths_en_route", share=DEATHS_RECORDED),
        "Deaths on the way, as far as a record names the nationality.", "Deaths recorded",
        source="assumed: counts are minima, and most bodies have no nationality", counts="persons",
    ),
    "PRICE_PKR": _fee("rupees", lambda amount, year, series: amount * series.prices[year]),
    "PRICE_USD": _fee("dollars", pkr_2017_to_usd),
}  # fmt: skip
"""Target id -> what stands beside it. Targets that are not here have no counterpart in the model, as asylum claims, or
are what a run starts from."""
