"""Outcomes by year, with bands over runs: the country, and the journeys, market and beliefs of one scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.analysis.compare import has_values
from abm.engine.measures import Floats
from abm.experiments.intervals import mean_interval
from abm.page.cases import Case, Steps, declared
from abm.page.charts import bars, lines, panels, stack
from abm.page.ingredients import Rows
from abm.page.looks import CYCLE, Look, filled, looks_of
from abm.page.parts import Block, Chart
from abm.page.words import headed, listed, some, unit_in_words
from abm.places.places import Places
from abm.plots.beliefs import TOPICS
from abm.plots.comparison import QUANTILES
from abm.plots.curves import means_by_step, months_of, values_of, whole_years
from abm.plots.market import SCHEMES, group_routes
from abm.plots.style import CHANNELS, OKABE_ITO
from abm.plots.who_gets_what import OWNERS, PARTS, shares_of_fees

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Departures": tuple(channel.departures for channel in CHANNELS.values()),
    "Journeys": (
        "irregular_arrivals",
        "sent_home",
        "deaths_en_route",
        "interceptions",
        "europe_detected",
        "repeat_attempts",
    ),
    "Abroad and at home": (
        "persons_abroad",
        "remittances",
        "returns",
        "deportations",
        "involuntary_immobility",
        "unemployment_rate",
    ),
    "Market and enforcement": ("fee_median", "offices", "cheated", "smuggling_profit", "arrests", "convictions"),
    "Bonded labour, trafficking, transit": (
        "bonded_households",
        "trafficked_domestic",
        "trafficked_abroad",
        "victims_identified",
        "transit_entries",
    ),
    "Policy": ("policy_cost", "budget_left"),
}
"""Outcomes of the country that a page shows by year, under headings; those that a run does not record are left out."""

BAND = 0.9
FEW_BANDS = 3
"""Scenarios up to which each has its band; of more, only the reference has one."""


def outcomes_shown(columns: Iterable[str]) -> list[str]:
    """Outcomes of `GROUPS` that there are."""
    there = set(columns)
    return [name for names in GROUPS.values() for name in names if name in there]


def rows_of(steps: Steps, outcome: str, scenario: int, series: str, *, band: bool) -> list[dict[str, Any]]:
    """Mean over runs of an outcome by step, with the range of 90 % of the runs if there are several."""
    values = steps.panel.values[outcome][scenario]
    mean = mean_interval(values).estimate
    low, high = _band(values) if band else (np.full(mean.shape, np.nan),) * 2
    return [
        {
            "series": series,
            "when": when,
            "value": float(mean[place]),
            "low": float(low[place]),
            "high": float(high[place]),
        }
        for place, when in enumerate(steps.when)
    ]


def _band(values: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Range of 90 % of the runs by step; blank with a single run."""
    blank = np.full(values.shape[-1], np.nan)
    if np.isfinite(values).any(-1).sum() < 2:
        return blank, blank
    low, high = blank.copy(), blank.copy()
    known = np.isfinite(values).any((0, 1))
    low[known], high[known] = np.nanquantile(values[..., known], (QUANTILES[0], QUANTILES[-1]), axis=(0, 1))
    return low, high


def by_year(steps: Steps, scenarios: Mapping[str, int], *, runs: int) -> list[Block]:
    """Charts of all outcomes shown, group by group."""
    looks = looks_of(scenarios)
    blocks: list[Block] = []
    for group, names in GROUPS.items():
        cells = [(headed(name), *_cell(steps, name, scenarios)) for name in names if _is_there(steps, name)]
        if cells:
            blocks.append(_group(group, cells, looks, steps, runs))
    return blocks


def _is_there(steps: Steps, name: str) -> bool:
    values = steps.panel.values.get(name)
    return values is not None and has_values(values) and bool(np.nan_to_num(values).any())


def _cell(steps: Steps, name: str, scenarios: Mapping[str, int]) -> tuple[str, Rows]:
    rows = [
        row
        for series, place in scenarios.items()
        for row in rows_of(steps, name, place, series, band=place == 0 or len(scenarios) <= FEW_BANDS)
    ]
    return unit_in_words(declared(name), steps.per), rows


def _group(
    group: str, cells: Sequence[tuple[str, str, Rows]], looks: Mapping[str, Look], steps: Steps, runs: int
) -> Chart:
    names = listed(name.lower() for name, *_ in cells)
    each = steps.per.replace("a ", "each ")
    note = f"Flows are added up over {each}, stocks and rates averaged; every panel has its own scale."
    if runs > 1:
        of = " of each scenario" if len(looks) > 1 else ""
        few = len(looks) <= FEW_BANDS
        note += f" Line: mean of {runs:,} runs{of}; band: 90 % of the runs{of if few else ' of the reference'}."
    else:
        note += " One run: no uncertainty is shown."
    return panels(
        cells,
        looks,
        title=f"{group}, {str(steps.when[0])[:7]} to {str(steps.when[-1])[:7]}",
        alt_text=f"Lines over time: {names}. {_trend(cells)}",
        note=note,
        series_name="scenario",
        panel_name="outcome",
    )


def _trend(cells: Sequence[tuple[str, str, Rows]]) -> str:
    """Say where the first panel begins and ends."""
    name, unit, rows = cells[0]
    first = [row for row in rows if row["series"] == rows[0]["series"] and np.isfinite(row["value"])]
    if not first:
        return ""
    return f"{name}: from {some(first[0]['value'])} to {some(first[-1]['value'])} {unit}."


# ----------------------------------------------------------------------------------------------- one scenario in detail


class Frame:
    """Years of a table of one scenario, and their names on the axis of time."""

    def __init__(self, case: Case) -> None:
        self.national = case.national
        self.period = whole_years(months_of(self.national), at_least=2)

    @property
    def when(self) -> list[int | str]:
        """Each step: a year, or a day."""
        starts = range(self.period.first, self.period.last + 1, self.period.step)
        if self.period.step == 12:
            return [month // 12 for month in starts]
        return [f"{month // 12:04d}-{month % 12 + 1:02d}-01" for month in starts]

    def rows(self, series: str, values: Iterable[float]) -> Iterator[dict[str, Any]]:
        """Rows of a series."""
        for when, value in zip(self.when, values, strict=True):
            yield {"series": series, "when": when, "value": float(value)}


def market(case: Case, places: Places) -> list[Block]:
    """Fees by destination and by way of paying, how departures are paid, who gets what."""
    frame = Frame(case)
    return [*_fees(case, frame, places), *_payment(frame), *_who_gets_what(frame)]


def _fees(case: Case, frame: Frame, places: Places) -> Iterator[Block]:
    period = frame.period
    if case.has("route") and {"fee_median", "departures"} <= set(case.mean("route")):
        route = case.mean("route")
        names = route["route"].astype(str)
        rows = []
        for group, keys in group_routes(period.rows_of(route), places).items():
            mine = route[names.isin(keys).to_numpy()]
            fees = means_by_step(period, mine, "fee_median", values_of(mine, "departures"))
            if np.isfinite(fees).sum() > 1 or (fees.size < 3 and np.isfinite(fees).any()):
                rows += list(frame.rows(group, fees))
        if rows:
            yield lines(
                rows,
                looks_of(row["series"] for row in rows),
                title="Fee of an irregular journey, by destination and means",
                unit="PKR of 2017 a person",
                log=True,
                height=300,
                series_name="route",
                alt_text="Lines over time on a logarithmic axis: median fee by destination and means of travel.",
                note="Median fee of the contracts begun in a month, averaged with departures as weights. Gaps: nobody "
                "left with an office.",
            )
    national = frame.national
    prices = {name: column for name, (column, *_) in SCHEMES.items() if name != "Alone" and column in national}
    rows = [
        row
        for name, column in prices.items()
        if national[column].notna().any()
        for row in frame.rows(name, means_by_step(period, national, column))
    ]
    if rows:
        yield lines(
            rows,
            _scheme_looks(prices),
            title="Fee by way of paying",
            unit="PKR of 2017 a person",
            log=True,
            series_name="way of paying",
            alt_text="Lines over time on a logarithmic axis: median fee paid upfront, in escrow and on credit.",
            note="Median of contracts of each month, averaged over months. Credit is used more for some destinations "
            "than for others, so that the lines differ by destination too.",
        )


def _scheme_looks(names: Iterable[str]) -> dict[str, Look]:
    return {
        name: CYCLE[place]._replace(colour=SCHEMES[name][2]) for place, name in enumerate(SCHEMES) if name in set(names)
    }


def _payment(frame: Frame) -> Iterator[Block]:
    """How departures are paid for."""
    national, period = frame.national, frame.period
    known = {name: column for name, (_, column, _) in SCHEMES.items() if column and column in national}
    if "irregular_departures" not in national or not known or not national["irregular_departures"].any():
        return
    whole = period.sums(national, "irregular_departures")
    parts = {name: period.sums(national, column) for name, column in known.items()}
    parts = {"Upfront": np.maximum(whole - sum(parts.values()), 0.0), **parts}
    base = np.maximum(whole, 1.0)
    rows = [row for name, values in parts.items() for row in frame.rows(name, 100 * values / base)]
    yield stack(
        rows,
        filled({name: SCHEMES[name][2] for name in parts}),
        title="How irregular departures are paid for",
        unit="% of departures",
        alt_text="Stacked bars over time: shares of departures by way of paying.",
        note="From the bottom in the order of the legend.",
    )


def _who_gets_what(frame: Frame) -> Iterator[Block]:
    national = frame.national
    needed = {"fees_paid_by_travellers", *(column for column, _ in PARTS.values())}
    if not needed <= set(national) or not national["fees_paid_by_travellers"].any():
        return
    shares = shares_of_fees(national, frame.period)
    colours = {name: colour for name, (_, colour) in PARTS.items()} | dict([OWNERS])
    rows = [row for name, values in shares.items() for row in frame.rows(name, 100 * values)]
    most = max(shares, key=lambda name: float(shares[name][-1]))
    yield stack(
        rows,
        filled({name: colours[name] for name in shares}),
        title="Who gets what of the fees",
        unit="% of fees paid",
        alt_text=f"Stacked bars over time: shares of the fees. Most goes to {most.lower()} in the end, "
        f"{100 * shares[most][-1]:.0f} %.",
        note="Shares of what travellers and their families pay, ransoms left out. From the bottom in the order of the "
        "legend.",
    )


def beliefs(case: Case) -> list[Block]:
    """What people believe beside what is true, by topic."""
    frame = Frame(case)
    cells = []
    for title, (name, unit, multiple) in TOPICS.items():
        columns = {"believed": f"perceived_{name}", "true": f"true_{name}"}
        national = frame.national
        if set(columns.values()) <= set(national) and national[columns["believed"]].notna().any():
            rows = [
                row
                for series, column in columns.items()
                for row in frame.rows(series, multiple * means_by_step(frame.period, national, column))
            ]
            cells.append((title, unit, rows))
    if not cells:
        return []
    looks = {"believed": Look(OKABE_ITO["blue"]), "true": Look(OKABE_ITO["vermillion"], (6, 3), "diamond")}
    return [
        panels(
            cells,
            looks,
            title="Beliefs and truth",
            panel_name="topic",
            alt_text=f"Lines over time, believed and true: {listed(title.lower() for title, *_ in cells)}.",
            note="Mean belief of households, and the true value in the model. Where the lines part, people decide on "
            "wrong beliefs. Every panel has its own scale.",
        )
    ]


STATUSES = {
    "Legal": ("legal", OKABE_ITO["blue"]),
    "Without papers, open sector": ("irregular_open", OKABE_ITO["orange"]),
    "Without papers, hidden": ("irregular_hidden", OKABE_ITO["vermillion"]),
}


def abroad(case: Case, places: Places) -> list[Block]:
    """Persons abroad by destination and papers at the end."""
    if not case.has("destination") or not {"legal", "irregular_open", "irregular_hidden"} <= set(
        case.mean("destination")
    ):
        return []
    frame = case.mean("destination")
    last = frame[frame["month"] == frame["month"].max()].copy()
    last["all"] = last[[column for column, _ in STATUSES.values()]].sum(axis=1)
    last = last.sort_values("all", ascending=False)
    names = {found.key: found.name for found in places.destinations}
    rows = [
        {
            "row": names.get(str(row["destination"]), str(row["destination"])),
            "series": label,
            "value": float(row[column]),
        }
        for row in last.to_dict("records")
        if row["all"] > 0
        for label, (column, _) in STATUSES.items()
    ]
    if not rows:
        return []
    month = f"{last['month'].iloc[0]:%B %Y}"
    return [
        bars(
            rows,
            filled({label: colour for label, (_, colour) in STATUSES.items()}),
            title=f"Persons abroad by destination and papers, {month}",
            unit="persons",
            row_name="destination",
            alt_text=f"Stacked bars: persons abroad by destination. Most are in {rows[0]['row']}.",
        )
    ]


def policy_costs(case: Case) -> list[Block]:
    """What each lever costs by year."""
    frame = Frame(case)
    columns = [str(name) for name in frame.national if str(name).startswith("cost_") and name != "cost_alone"]
    columns = [name for name in columns if frame.national[name].any()]
    if not columns:
        return []
    looks = {headed(name.removeprefix("cost_")): CYCLE[place % len(CYCLE)] for place, name in enumerate(columns)}
    rows = [
        row
        for name in columns
        for row in frame.rows(headed(name.removeprefix("cost_")), frame.period.sums(frame.national, name) / 1e6)
    ]
    per = frame.period.per
    if len(columns) == 1:
        looks = {name: look._replace(colour=OKABE_ITO["blue"]) for name, look in looks.items()}
    return [
        stack(
            rows,
            {name: look._replace(filled=True) for name, look in looks.items()},
            title="Cost of policy by lever",
            unit=f"million PKR of 2017 {per}",
            alt_text=f"Stacked bars over time: cost of {listed(name.lower() for name in looks)}.",
            note="What levers are declared to cost the government, in prices of 2017, not discounted, and nothing "
            "else.",
        )
    ]
