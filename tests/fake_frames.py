"""Made-up tables of realistic size that follow the schema of a run, for tests of what reads tables."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from abm.places.places import places_of
from abm.plots.boundaries import load_shapes

GULF_SHARES = {"saudi_arabia": 0.5, "united_arab_emirates": 0.32, "oman": 0.09, "qatar": 0.04, "rest_of_world": 0.05}
END_SHARES = {"iran": 0.45, "turkey": 0.2, "greece": 0.2, "italy": 0.07, "germany": 0.04, "united_kingdom": 0.03}
CORRIDOR_SHARES = {"land_taftan": 5, "land_quetta": 3, "land_kech": 2, "land_mashkel": 2, "onward": 0.5}
DEATHS = {"land": 0.002, "sea": 0.006, "air": 0.012}

WEIGHTS = {
    route.key: END_SHARES.get(route.destination, 0.01) * CORRIDOR_SHARES.get(route.corridor, 1)
    for route in places_of().routes
}
ROUTE_SHARES = {key: weight / sum(WEIGHTS.values()) for key, weight in WEIGHTS.items()}
"""Share of each shipped route in irregular departures."""

PARTS = {
    "paid_transporters": 0.58, "paid_officials": 0.06, "paid_forgers": 0.07, "paid_associates": 0.13,
    "paid_overhead": 0.05, "paid_money_holders": 0.01,
}  # fmt: skip
"""Shares of the fees; the rest goes to owners, or stays with offices and in escrow."""

FEES = {"fee_upfront": 250_000.0, "fee_escrow": 320_000.0, "fee_credit": 400_000.0, "cost_alone": 150_000.0}

BELIEFS = {
    "death_risk": (0.008, 0.005), "failure": (0.45, 0.55), "papers_chance": (0.2, 0.12), "wage": (90_000.0, 80_000.0),
    "sanction": (0.02, 0.02),
}  # fmt: skip
"""What is believed and what is true."""


def make_frames(
    months: int = 240, start: str = "2009-01", units: tuple[str, ...] | None = None, scale: float = 1.0
) -> dict[str, pd.DataFrame]:
    """Tables of a run of `months` months; `scale` multiplies the flows (0: nobody leaves)."""
    return {name: frame.copy() for name, frame in _made(months, start, units, scale).items()}


@cache
def _made(months: int, start: str, units: tuple[str, ...] | None, scale: float) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(1)
    shapes = [shape for shape in load_shapes("units") if units is None or shape.key in units]
    keys = np.array([shape.key for shape in shapes])
    pull = np.array([{"paper": 12.0, "neighbour": 4.0}.get(shape.catchment, 0.8) for shape in shapes])
    pull = pull * rng.lognormal(0, 0.6, len(keys))
    residents = rng.lognormal(14, 0.7, len(keys))
    residents *= 207e6 * len(keys) / 134 / residents.sum()
    month = np.arange(np.datetime64(start, "M"), np.datetime64(start, "M") + np.timedelta64(months, "M"))
    time = np.arange(months) / 12
    season = 1 + 0.2 * np.sin(2 * np.pi * time) + rng.normal(0, 0.05, months)
    weight = (residents * pull) / (residents * pull).sum() * len(keys) / 134

    def spread(yearly: float, growth: float) -> np.ndarray:
        expected = scale * yearly / 12 * np.outer(season * (1 + growth * time), weight)
        return rng.poisson(np.maximum(expected, 0))

    counts = {
        "legal_departures": spread(600_000, 0.01),
        "sponsored_departures": spread(40_000, 0.02),
        "irregular_departures": spread(60_000, -0.015),
        "domestic_moves": spread(900_000, 0.02),
    }
    population = np.outer(1.02**time, residents).astype(np.int64)
    households = population // 6
    district = pd.DataFrame(
        {
            "month": np.repeat(month, len(keys)).astype("datetime64[s]"),
            "unit": pd.Categorical(np.tile(keys, months)),
            "population": population.ravel(),
            "households": households.ravel(),
            **{name: values.ravel() for name, values in counts.items()},
        }
    )
    share = len(keys) / 134 * (scale > 0)
    national = district.drop(columns="unit").groupby("month", as_index=False).sum()
    national["diaspora_legal"] = (share * (4.2e6 + 0.11e6 * time)).astype(np.int64)
    national["diaspora_irregular"] = (share * (0.3e6 + 0.02e6 * time)).astype(np.int64)
    national["remittances"] = (share * 1.5e12 / 12 * (1 + 0.04 * time) * season).astype(np.int64)
    national["aspiration_mean"] = 0.24 + 0.1 * (1 - np.exp(-time / 6))
    national["aspiring_share"] = 0.2 + 0.09 * (1 - np.exp(-time / 5))
    national["involuntary_immobility"] = (national["households"] * (0.1 + 0.05 * np.exp(-time / 4))).astype(np.int64)
    _add_market(national)
    _add_streams(national, share)
    return {
        "national": national,
        "district": district,
        "route": _make_routes(national),
        "leg": _make_legs(national),
        "stream": _make_streams(national),
        "destination": _make_destinations(national),
        "flows": _make_flows(national, str(keys[0])),
    }


def _add_market(national: pd.DataFrame) -> None:
    """Add the columns of the market to a national table; where nobody leaves, nothing is paid and there is no fee."""
    begun = national["irregular_departures"].to_numpy(dtype=np.int64)
    months, some = len(begun), begun > 0
    time = np.arange(months) / 12
    counts = {
        "onward_departures": 0.15, "departures_alone": 0.1, "departures_escrow": 0.35, "departures_credit": 0.18,
        "irregular_arrivals": 0.6, "sent_home": 0.2, "stranded": 0.05, "deaths_en_route": 0.005, "interceptions": 0.7,
        "stopped_abroad": 0.6,
        "stopped_in_iran": 0.35, "further_attempts": 0.45, "repeat_attempts": 0.1, "offices": 0.3,
        "office_entries": 0.004, "office_exits": 0.003, "office_convictions": 0.001,
    }  # fmt: skip
    for name, share in counts.items():
        national[name] = np.round(share * begun).astype(np.int64)
    for name, fee in FEES.items():
        national[name] = np.where(some, fee * (1 + 0.02 * time), np.nan)
    national["concentration_hhi"] = np.where(some, 0.002 + 0.004 * np.exp(-time), np.nan)
    fees = begun * 270_000
    national["fees_paid_by_travellers"] = fees
    for name, share in PARTS.items():
        national[name] = (share * fees).astype(np.int64)
    national["paid_extortionists"] = fees // 40
    for name, (believed, true) in BELIEFS.items():
        national[f"perceived_{name}"] = true + (believed - true) * np.exp(-time / 5)
        national[f"true_{name}"] = np.where(some, true, np.nan)


def _add_streams(national: pd.DataFrame, share: float) -> None:
    """Add what the streams beside the smuggling of migrants record."""
    levels = {
        "bonded_kiln": 250_000, "bonded_mine": 60_000, "trafficked_domestic": 6_000, "trafficked_abroad": 90,
        "transit_entries": 1_900, "victims_identified": 1_200, "victims_prosecuted": 200, "investigations": 50,
        "stream_investigations": 300,
    }  # fmt: skip
    for place, (name, level) in enumerate(levels.items()):
        season = 1 + 0.2 * np.sin(np.arange(len(national)) / 2 + place)
        national[name] = (share * level * season).astype(np.int64)


def _make_legs(national: pd.DataFrame) -> pd.DataFrame:
    """Split irregular departures over the legs, and say what meets travellers there."""
    legs, months = places_of().legs, len(national)
    entered = np.repeat((national["irregular_departures"].to_numpy() * 0.2).astype(np.int64), len(legs))
    odds = np.tile([leg.interception for leg in legs], months)
    return pd.DataFrame(
        {
            "month": np.repeat(national["month"].to_numpy(), len(legs)),
            "leg": pd.Categorical(np.tile([leg.key for leg in legs], months)),
            "entered": entered,
            "interceptions": (entered * odds).astype(np.int64),
            "interception_probability": odds,
            "effort": 1.0,
            "bribes": entered * 2_000,
        }
    )


def _make_streams(national: pd.DataFrame) -> pd.DataFrame:
    """Split those trafficked over two shipped streams of exploitation and one of a configuration."""
    shares = {"job_traps": 0.5, "from_bangladesh": 0.1, "own_stream": 0.4}
    taken = national["trafficked_domestic"]
    return pd.concat(
        national[["month"]].assign(
            stream=stream,
            stream_taken=(taken * share).astype(np.int64),
            stream_held=(taken * share * 20).astype(np.int64),
        )
        for stream, share in shares.items()
    )


def _make_routes(national: pd.DataFrame) -> pd.DataFrame:
    """Split irregular departures over the routes."""
    parts = []
    for route in places_of().routes:
        departures = (national["irregular_departures"] * ROUTE_SHARES[route.key]).astype(np.int64)
        parts.append(
            pd.DataFrame(
                {
                    "month": national["month"].dt.date,  # Parquet's date32 arrives as objects
                    "route": route.key,
                    "departures": departures,
                    "arrivals": (departures * 0.42).astype(np.int64),
                    "interceptions": (departures * 0.5).astype(np.int64),
                    "deaths": (departures * DEATHS[route.legs[-1].guard]).round().astype(np.int64),
                    "fee_median": 420_000.0,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(["month", "route"], ignore_index=True)


def _make_destinations(national: pd.DataFrame) -> pd.DataFrame:
    """Split the diaspora over the destinations of the Gulf."""
    legal, irregular = national["diaspora_legal"], national["diaspora_irregular"]
    parts = [
        national[["month"]].assign(
            destination=destination,
            legal=(legal * share).astype(np.int64),
            irregular_open=(irregular * share * 0.7).astype(np.int64),
            irregular_hidden=(irregular * share * 0.3).astype(np.int64),
        )
        for destination, share in GULF_SHARES.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _make_flows(national: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Flows from one origin by channel and destination; rows of nobody are left out, as in a run."""
    shares = [("legal_work", "legal_departures", key, share) for key, share in GULF_SHARES.items()]
    shares += [("sponsorship", "sponsored_departures", "united_kingdom", 1.0)]
    shares += [("domestic", "domestic_moves", "domestic_city", 1.0)]
    shares += [
        ("irregular", "irregular_departures", route.destination, ROUTE_SHARES[route.key])
        for route in places_of().routes
    ]
    parts = [
        national[["month"]].assign(
            origin=origin, channel=channel, destination=destination, persons=(national[column] * share).astype(np.int64)
        )
        for channel, column, destination, share in shares
    ]
    flows = pd.concat(parts, ignore_index=True)
    return flows[flows["persons"] > 0].reset_index(drop=True)
