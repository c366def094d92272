"""Levels on data years: the baseline at 1 % against what was counted, two seeds.

Parameters were set by hand to orders of magnitude; a factor of two is the claim, for every year with data. Nothing that
drives a run reads these targets. `pytest tests/study/test_levels.py -s` prints every figure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from abm.config import load_config
from abm.model import Tables, simulate
from abm.places.geography import load_units
from abm.places.series import pkr_2017_to_usd, targets

BASELINE = Path(__file__).parents[2] / "configs" / "baseline.yaml"

SEEDS = (1, 2)

END = "2023-03"
"""Month of the last census, beyond which there is nothing to compare with."""


@pytest.fixture(scope="module")
def runs() -> list[Tables]:
    return [simulate(load_config(BASELINE, [f"end={END}"], seed=seed, scale=0.01)) for seed in SEEDS]


def in_year(tables: Tables, name: str, year: int) -> float:
    """Sum of a national outcome over a year."""
    months = tables["national"]["month"].astype("datetime64[Y]") == np.datetime64(str(year))
    assert months.sum() == 12
    return float(tables["national"][name][months].sum())


def in_month(tables: Tables, name: str, month: str) -> float:
    """A national outcome in a month."""
    return float(tables["national"][name][tables["national"]["month"] == np.datetime64(month)].item())


def remittances_usd(tables: Tables, year: int) -> float:
    """Remittances of a year in million dollars of that year."""
    return pkr_2017_to_usd(in_year(tables, "remittances", year), year) / 1e6


LEVELS: dict[str, tuple[str, range | tuple[int, ...], Callable[[Tables, int], float]]] = {
    "legal departures": ("BEOE_TOTAL", range(2013, 2019), lambda run, year: in_year(run, "legal_departures", year)),
    "persons abroad": ("STOCK_TOTAL", (2010, 2015), lambda run, year: in_month(run, "persons_abroad", f"{year}-07")),
    "remittances": ("REMIT_USD", range(2009, 2019), remittances_usd),
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_are_within_a_factor_of_two(
    name: str, runs: list[Tables], record_property: Callable[[str, object], None]
):
    target, years, measure = LEVELS[name]
    counted = targets(target).set_index("year")["value"]
    print(f"\n{name}: model over {target}")
    for year in years:
        ratios = [measure(run, year) / float(counted[year]) for run in runs]
        text = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"    {year}  {text}  of {counted[year]:,.0f}")
        record_property(f"{name} {year}", text)
        assert all(1 / 2 <= ratio <= 2 for ratio in ratios), f"{year}: {text}"


@pytest.mark.parametrize("census", ["2017-03", "2023-03"])
def test_population_of_every_district_follows_the_censuses(
    census: str, runs: list[Tables], record_property: Callable[[str, object], None]
):
    """Each district within 3 %, those of Azad Jammu and Kashmir too (extrapolated beyond 2017)."""
    units = load_units()
    counted = units.population_2017 if census == "2017-03" else units.population_2023
    print(f"\npopulation {census}: model over census")
    for seed, run in zip(SEEDS, runs, strict=True):
        district = run["district"]
        found = district["population"][district["month"] == np.datetime64(census)] / counted - 1
        worst = np.argsort(-np.abs(found))[:3]
        text = ", ".join(f"{units.unit[d]} {100 * found[d]:+.2f} %" for d in worst)
        print(f"    seed {seed}  root mean square {100 * np.sqrt((found**2).mean()):.2f} %; furthest {text}")
        record_property(f"population {census}, seed {seed}", text)
        assert np.abs(found).max() < 0.03, text
