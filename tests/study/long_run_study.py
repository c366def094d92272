"""Forty years under constant drivers: ``python tests/study/long_run_study.py [SEEDS [PROCESSES]]``.

Prints a Markdown table.

From the middle of 2018 on nothing drives the model any more: incomes at home and abroad, crossings by others, the odds
on the legs and the rules at destinations stay what they are; no border closes, jobs grow with the labour force, and no
event is dated. The population grows on as the censuses have it, about 2.5 % a year, and is the one driver that does not
stand still: what is counted in persons, offices or rupees is looked at per resident. No yearly mean of a main outcome
may leave `BAND` times that of 2019, the first whole year without a driver; offices enter and leave in every year;
concentration is a number between.

Figures go to ``benchmarks/long_run.json`` after every seed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.config import make_config
from abm.engine.calendar import MONTHS_A_YEAR, parse_month
from abm.model import Tables, simulate
from abm.places import drivers
from abm.places.drivers import Series, shipped_series

START, MONTHS = "2009-01", 480
SAMPLE = {"scale": 0.002}

HELD = parse_month("2018-07")
"""Month from which on drivers stand still: the middle of 2018, where the yearly value stands."""

POPULATION_GROWTH = 0.0253
"""Yearly growth of the population of Pakistan from 2018 on, by the censuses."""

CONSTANT: dict[str, Any] = {
    "labour": {"job_growth": POPULATION_GROWTH},
    "demography": {"labour_force_premium": 0.0},
    "places": {
        # what would be dated later than the middle of 2018 is as it was before
        "destinations": {"united_arab_emirates": {"history": {"2018-08": {"regularise": 1}}}},
        "legs": {
            leg: {"history": {"2022-06": {"interception": 1.15, "cost": 1.15}}}
            for leg in ("zahedan_turkey", "iran_turkey")
        },
    },
}
"""Configuration beside the held series: jobs and labour force grow as the population does, no event after 2018."""

FIRST = 2019
"""First whole year in which drivers stand still: all others are held against it."""

BAND = (0.2, 5.0)
"""Range of every yearly mean over that of the first year."""

OUTCOMES = (
    "irregular_departures", "legal_departures", "sponsored_departures", "offices", "fee_to_greece", "europe_entries",
    "deportations", "persons_abroad", "diaspora_irregular", "interceptions", "deaths_en_route", "cheated_share",
    "remittances", "aspiration_mean", "markup_mean", "reputation_mean", "quality_mean", "perceived_death_risk",
    "perceived_failure", "convictions", "concentration_hhi",
)  # fmt: skip
"""Main outcomes, of the tables `national` and `route` or made from them."""

NOT_COUNTED = frozenset(
    {
        "fee_to_greece", "cheated_share", "aspiration_mean", "markup_mean", "reputation_mean", "quality_mean",
        "perceived_death_risk", "perceived_failure", "concentration_hhi",
    }
)  # fmt: skip
"""Shares, prices and means: they do not grow because there are more people."""

Figures = dict[str, list[float]]


@contextmanager
def held_series() -> Iterator[None]:
    """Let all series stand still from `HELD` on; those by month repeat the year until then."""
    at = drivers._at
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            drivers, "_at", lambda values, month, growth, before=None: at(values, min(month, HELD), growth, before)
        )
        levy = Series.levy
        patch.setattr(Series, "levy", lambda series, iso3, month: levy(series, iso3, min(month, HELD)))
        for name in ("closed", "barred", "crossings"):
            patch.setattr(Series, name, _of_the_year(getattr(Series, name)))
        yield


def _of_the_year(method: Callable[..., float]) -> Callable[..., float]:
    """A method of `Series` that takes an entity and a month, with the year until `HELD` repeated."""

    def found(series: Series, entity: str, month: int, *otherwise: float) -> float:
        first = HELD - MONTHS_A_YEAR + 1
        return method(series, entity, month if month <= HELD else first + (month - first) % MONTHS_A_YEAR, *otherwise)

    return found


def yearly(tables: Tables) -> Figures:
    """Means of every year, by outcome; entries and exits of offices are sums."""
    national = tables["national"]
    month = national["month"].astype("datetime64[Y]")
    years = [month == year for year in np.unique(month)]
    found: Figures = {"year": [float(year.astype(int) + 1970) for year in np.unique(month)]}
    for name in OUTCOMES:
        if name == "cheated_share":
            cheated = [float(national["cheated"][year].sum()) for year in years]
            left = [float(national["irregular_departures"][year].sum()) for year in years]
            found[name] = [one / max(one + other, 1.0) for one, other in zip(cheated, left, strict=True)]
        elif name == "fee_to_greece":  # of one journey: the median of all goes with where people go
            route = tables["route"]
            there = [route["route"] == key for key in np.unique(route["route"]) if str(key).startswith("greece_by")]
            fees = np.nanmean([route["fee_quoted"][row] for row in there], axis=0)
            found[name] = [float(np.nanmean(fees[year])) for year in years]
        else:
            found[name] = [float(np.nanmean(national[name][year])) for year in years]
    for name in ("office_entries", "office_exits", "population"):
        gather = np.mean if name == "population" else np.sum
        found[name] = [float(gather(national[name][year])) for year in years]
    return found


def run(seed: int, months: int = MONTHS) -> Figures:
    """Figures of one run, by year."""
    end = str(np.datetime64(START, "M") + np.timedelta64(months - 1, "M"))
    config = make_config(start=START, end=end, seed=seed, population=SAMPLE, **CONSTANT)
    with held_series():
        figures = yearly(simulate(config))
        figures["income_index"] = [shipped_series().income_index(int(year) * 12 + 6, 0.015) for year in figures["year"]]
    return figures


def ratios(figures: Figures, outcome: str) -> np.ndarray:
    """Values of the years from the first one on over that of the first."""
    since = np.array(figures["year"]) >= FIRST
    values = np.array(figures[outcome])[since]
    found: np.ndarray = values / values[0]
    return found


def per_resident(figures: Figures, outcome: str) -> np.ndarray:
    """The same, per resident those that are counted."""
    found = ratios(figures, outcome)
    return found if outcome in NOT_COUNTED else found / ratios(figures, "population")


def complaints(figures: Figures) -> list[str]:
    """What a run says against the statement; empty if it bears it out."""
    found = []
    for outcome in OUTCOMES:
        ratio = per_resident(figures, outcome)
        if not (ratio.min() >= BAND[0] and ratio.max() <= BAND[1]):  # blank counts as outside
            found.append(f"{outcome} is {ratio.min():.2f} to {ratio.max():.2f} times that of {FIRST}")
    since = np.array(figures["year"]) >= FIRST
    found += [
        f"no {name} in some year"
        for name in ("office_entries", "office_exits")
        if not np.array(figures[name])[since].min() > 0.0
    ]
    hhi = np.array(figures["concentration_hhi"])[since]
    if not (hhi.min() > 0.0 and hhi.max() < 1.0):
        found.append("concentration_hhi reaches an end of its range")
    return found


def table(runs: Iterable[Figures]) -> str:
    """Markdown table of the least and largest ratio over seeds and years, and the mean of the last ten years."""
    runs = list(runs)
    last = int(runs[0]["year"][-1])
    lines = [
        f"| outcome | mean of {FIRST} | least ratio | largest ratio | ratio in {last - 9} to {last} "
        "| least, largest per resident |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for outcome in OUTCOMES:
        found = np.array([ratios(figures, outcome) for figures in runs])
        level = np.mean([figures[outcome][figures["year"].index(FIRST)] for figures in runs])
        each = np.array([per_resident(figures, outcome) for figures in runs])
        of_each = "" if outcome in NOT_COUNTED else f"{each.min():.2f}, {each.max():.2f}"
        lines.append(
            f"| `{outcome}` | {level:,.4g} | {found.min():.2f} | {found.max():.2f} | {found[:, -10:].mean():.2f} "
            f"| {of_each} |"
        )
    since = np.array(runs[0]["year"]) >= FIRST
    for name in ("office_entries", "office_exits"):
        counts = np.array([np.array(figures[name])[since] for figures in runs])
        lines.append(
            f"| `{name}`, a year | {counts[:, 0].mean():,.4g} | least number {counts.min():,.0f} "
            f"| largest number {counts.max():,.0f} | mean {counts[:, -10:].mean():,.0f} | |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the study seed by seed, keep the figures, and print the table."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    runs: dict[int, Figures] = {}
    with ProcessPoolExecutor(processes) as pool:
        for seed, figures in zip(range(1, seeds + 1), pool.map(run, range(1, seeds + 1)), strict=True):
            runs[seed] = {name: [float(f"{value:.6g}") for value in values] for name, values in figures.items()}
            for text in complaints(figures):
                print(f"seed {seed}: {text}", file=sys.stderr, flush=True)
            content = {"start": START, "months": MONTHS, "population": SAMPLE, "runs": runs}
            Path("benchmarks/long_run.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
    print(table(runs.values()))
    print(f"\n{sum(not complaints(figures) for figures in runs.values())} of {seeds} seeds bear the statement out.")


if __name__ == "__main__":
    main()
