"""Levels of the smuggling market on data years: the baseline at 0.5 % against what was counted or printed, three seeds.

Parameters were set by hand; nothing that drives a run reads these targets.
`pytest tests/study/test_market_levels.py -s` prints every figure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from abm.abroad.diaspora import DiasporaParams
from abm.config import load_config
from abm.model import Tables, simulate
from abm.places.places import places_of
from abm.places.series import targets, to_pkr_2017

BASELINE = Path(__file__).parents[2] / "configs" / "baseline.yaml"
SEEDS = (1, 2, 3)
YEARS = tuple(range(2009, 2019))
EUROPE = {"greece", "italy", "spain", "germany", "united_kingdom"}

Note = Callable[[str, object], None]


@pytest.fixture(scope="module")
def runs() -> list[Tables]:
    return [
        simulate(load_config(BASELINE, ("end=2018-12", "outputs.journeys=true"), seed=seed, scale=0.005))
        for seed in SEEDS
    ]


def by_year(tables: Tables, *names: str, years: tuple[int, ...] = YEARS) -> np.ndarray:
    """Sum of national outcomes by year."""
    at = tables["national"]["month"].astype("datetime64[Y]").astype(int) + 1970
    return np.array([sum(tables["national"][name][at == year].sum() for name in names) for year in years], float)


def of(target: str) -> dict[int, float]:
    """A target by year."""
    found = targets(target)
    return dict(zip(found["year"].astype(int), found["value"].astype(float), strict=True))


LEVELS = {
    "FRX_ENTRY": ("europe_detected",),
    "DEP_TOTAL": ("deportations", "stopped_in_iran"),
    "DEP_IRAN_LAND": ("stopped_in_iran",),
}
"""Outcomes that stand beside a target. Iran hands over at the land border whom it stops on the way."""


@pytest.mark.parametrize("target", LEVELS)
def test_means_are_within_a_factor_of_two(target: str, runs: list[Tables], record_property: Note):
    counted = {year: value for year, value in of(target).items() if year in YEARS}
    years = tuple(counted)
    for seed, run in zip(SEEDS, runs, strict=True):
        found = by_year(run, *LEVELS[target], years=years)
        ratio = found.mean() / np.mean(list(counted.values()))
        each = ", ".join(f"{year} {have / counted[year]:.2f}" for year, have in zip(years, found, strict=True))
        print(f"\n{target} seed {seed}: mean {found.mean():,.0f}, {ratio:.2f} of that counted; {each}")
        record_property(f"{target} {seed}", f"{ratio:.2f}")
        assert 1 / 2 <= ratio <= 2


def test_undetected_crossings_are_explicit(runs: list[Tables]):
    for run in runs:
        entries, detected = by_year(run, "europe_entries"), by_year(run, "europe_detected")
        assert (entries > 1.2 * detected).all() and (detected > 0).all()


def test_shares_of_the_mediterranean_routes_go_with_the_data(runs: list[Tables], record_property: Note):
    """Rank correlation over 2009 to 2018 of the share of each route in the detections on both."""
    east, central = of("FRX_EMED"), of("FRX_CMED")
    counted = np.array([central[year] / (central[year] + east[year]) for year in YEARS])
    for seed, run in zip(SEEDS, runs, strict=True):
        found = by_year(run, "detected_central") / by_year(run, "detected_central", "detected_eastern")
        ranks = [np.argsort(np.argsort(values)) for values in (found, counted)]
        rank = np.corrcoef(*ranks)[0, 1]  # of the eastern share too, which is the rest
        print(f"\nseed {seed}: {rank:.2f}; central share {np.round(found, 2)}, counted {np.round(counted, 2)}")
        record_property(f"rank correlation {seed}", f"{rank:.2f}")
        assert rank > 0.5


PRICES: dict[str, tuple[tuple[str, ...], tuple[tuple[int, str, float, float], ...]]] = {
    "Turkey by land": (("turkey_",), ((2016, "PKR", 140_000, 170_000),)),
    "Greece by land": (
        ("greece_",),
        (
            (2008, "PKR", 500_000, 800_000),
            (2012, "PKR", 250_000, 400_000),
            (2015, "PKR", 300_000, 300_000),
            (2018, "USD", 1_500, 2_000),
        ),
    ),
    "Western Europe by land": (("italy_by_land", "germany_by_land", "uk_by_land"), ((2016, "USD", 3_000, 8_000),)),
    "by air with documents": (("air_uk", "air_germany"), ((2016, "USD", 12_000, 18_000),)),
}
"""Routes by the beginning of their keys, and prices printed for one person: year, currency, low, high; see
smuggling_prices.csv."""


@pytest.mark.parametrize("corridor", PRICES)
def test_fees_are_inside_the_printed_ranges(corridor: str, runs: list[Tables], record_property: Note):
    """Mean fee over the office routes of the corridor, 2009 to 2018, in rupees of 2017."""
    keys, printed = PRICES[corridor]
    low = min(to_pkr_2017(amount, currency, year) for year, currency, amount, _ in printed)
    high = max(to_pkr_2017(amount, currency, year) for year, currency, _, amount in printed)
    for seed, run in zip(SEEDS, runs, strict=True):
        route = run["route"]
        here = np.array([key.startswith(keys) for key in route["route"].tolist()]) & (route["departures"] > 0)
        here &= np.isfinite(route["fee_median"])
        found = np.average(route["fee_median"][here], weights=route["departures"][here])
        print(f"\n{corridor} seed {seed}: {found:,.0f} in {low:,.0f} to {high:,.0f}")
        record_property(f"{corridor} {seed}", f"{found:,.0f}")
        assert low <= found <= high


SHARE_SENT = DiasporaParams().remitted_share
DESTINATION_OF = {facts.key: facts.destination for facts in places_of().routes}


def remittance(run: Tables) -> dict[str, float]:
    """Remittances a month of one without papers, PKR of 2017, by destination."""
    table = run["destination"]
    found = {}
    for facts in places_of().destinations:
        at = table["destination"] == facts.key
        open_, hidden = table["irregular_open"][at], table["irregular_hidden"][at]
        persons = max(int((open_ + hidden).sum()), 1)
        pay = float((open_ * table["pay_open"][at] + hidden * table["pay_hidden"][at]).sum()) / persons
        found[facts.key] = pay * SHARE_SENT * facts.remitted_share
    return found


def test_a_successful_journey_pays_back_in_one_to_four_years(runs: list[Tables], record_property: Note):
    """What one arrival in Europe cost, over what he sends home a month: median over persons."""
    for seed, run in zip(SEEDS, runs, strict=True):
        sent, journeys = remittance(run), run["journeys"]
        into = np.array([DESTINATION_OF[key] for key in journeys["route"].tolist()])
        arrived = (journeys["outcome"] == "arrived") & np.isin(into, list(EUROPE)) & (journeys["scheme"] != "alone")
        arrived &= journeys["begun_in"] == "pakistan"
        cost = (journeys["paid"] + journeys["debt"])[arrived]
        months = cost / np.array([sent[key] for key in into[arrived].tolist()])
        median = np.median(np.repeat(months, journeys["persons"][arrived]))
        print(f"\nseed {seed}: {median:.1f} months")
        record_property(f"payback {seed}", f"{median:.1f}")
        assert 12 <= median <= 48


def attempts(run: Tables) -> float:
    """Mean attempts of a journey that an office arranged."""
    journeys = run["journeys"]
    office = journeys["scheme"] != "alone"
    return float(np.average(journeys["attempts"][office], weights=journeys["persons"][office]))


def test_contracts_take_more_than_one_attempt(runs: list[Tables], record_property: Note):
    for run in runs:
        found = attempts(run)
        record_property("attempts", f"{found:.2f}")
        assert 1.1 < found < 3.0
