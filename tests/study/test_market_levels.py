"""Levels of the smuggling market on data years: the baseline at 0.5 % against what was counted or printed, three seeds.

Parameters were set by hand; nothing that drives a run reads these targets.
`pytest tests/study/test_market_levels.py -s` prints every figure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import run_of_tables, targets

from abm.abroad.diaspora import DiasporaParams
from abm.analysis.observation import PRICED, priced
from abm.analysis.observed import Runs, facts_of
from abm.analysis.records import read_records
from abm.analysis.score import score_runs
from abm.config import load_config
from abm.model import Tables, simulate
from abm.places.places import places_of
from abm.places.series import to_pkr_2017

BASELINE = Path(__file__).parents[2] / "configs" / "baseline.yaml"
CONFIG = load_config(BASELINE, ("end=2018-12", "outputs.journeys=true"), scale=0.005)
SEEDS = (1, 2, 3)
YEARS = tuple(range(2009, 2019))
EUROPE = {"greece", "italy", "spain", "germany", "united_kingdom"}

Note = Callable[[str, object], None]


@pytest.fixture(scope="module")
def runs() -> list[Tables]:
    return [simulate(CONFIG.model_copy(update={"seed": seed})) for seed in SEEDS]


def by_year(tables: Tables, *names: str, years: tuple[int, ...] = YEARS) -> np.ndarray:
    """Sum of national outcomes by year."""
    at = tables["national"]["month"].astype("datetime64[Y]").astype(int) + 1970
    return np.array([sum(tables["national"][name][at == year].sum() for name in names) for year in years], float)


def of(target: str) -> dict[int, float]:
    """A target by year."""
    found = targets(target)
    return dict(zip(found["year"].astype(int), found["value"].astype(float), strict=True))


LEVELS = ("FRX_ENTRY", "DEP_TOTAL", "DEP_IRAN_LAND", "TUR_APPREHENDED", "FIA_INTERCEPT")
"""Targets whose mean over the years counted is met within a factor of two; how, says `abm.analysis.observation`."""


@pytest.mark.parametrize("target", LEVELS)
def test_means_are_within_a_factor_of_two(target: str, runs: list[Tables], record_property: Note):
    records = [found for found in read_records() if found.target == target and found.year in YEARS]
    for seed, run in zip(SEEDS, runs, strict=True):
        rows = score_runs(Runs(f"seed {seed}", (run_of_tables(run, CONFIG),)), records).records
        ratio = rows["model"].mean() / rows["record"].mean()
        each = ", ".join(f"{row.year} {row.model / row.record:.2f}" for row in rows.itertuples())
        print(f"\n{target} seed {seed}: mean {rows['model'].mean():,.0f}, {ratio:.2f} of that counted; {each}")
        record_property(f"{target} {seed}", f"{ratio:.2f}")
        assert 1 / 2 <= ratio <= 2


def test_undetected_crossings_are_explicit(runs: list[Tables]):
    for run in runs:
        entries, detected = by_year(run, "europe_entries"), by_year(run, "europe_detected")
        assert (entries > 1.1 * detected).all() and (detected > 0).all()


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


@pytest.mark.parametrize("way", PRICED)
def test_fees_are_inside_the_printed_ranges(way: str, runs: list[Tables], record_property: Note):
    """Mean fee over the office routes of the way, 2009 to 2018, in rupees of 2017."""
    rows = pd.concat([targets("PRICE_PKR"), targets("PRICE_USD")])
    printed = rows[rows["route"] == way]
    amounts = [
        [to_pkr_2017(getattr(row, end), row.unit[:3], row.year) for row in printed.itertuples()]
        for end in ("low", "high")
    ]
    low, high = min(amounts[0]), max(amounts[1])
    for seed, run in zip(SEEDS, runs, strict=True):
        route = pd.DataFrame(dict(run["route"]))
        here = priced(route, facts_of(CONFIG), way) & (route["departures"] > 0).to_numpy()
        found = np.average(route["fee_median"][here], weights=route["departures"][here])
        print(f"\n{way} seed {seed}: {found:,.0f} in {low:,.0f} to {high:,.0f}")
        record_property(f"{way} {seed}", f"{found:,.0f}")
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
