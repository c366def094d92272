"""Levels on data years: the baseline at 1 % against what was counted, two seeds.

Parameters were set by hand to orders of magnitude; a factor of two is the claim, for every year with data. Nothing that
drives a run reads these targets. `pytest tests/study/test_levels.py -s` prints every figure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from worlds import run_of_tables

from abm.analysis.observation import OBSERVATIONS
from abm.analysis.records import read_records
from abm.config import load_config
from abm.model import Tables, simulate
from abm.places.geography import load_units

BASELINE = Path(__file__).parents[2] / "configs" / "baseline.yaml"

SEEDS = (1, 2)

END = "2023-03"
"""Month of the last census, beyond which there is nothing to compare with."""

CONFIG = load_config(BASELINE, [f"end={END}"], scale=0.01)


@pytest.fixture(scope="module")
def runs() -> list[Tables]:
    return [simulate(CONFIG.model_copy(update={"seed": seed})) for seed in SEEDS]


LEVELS = {"BEOE_TOTAL": range(2012, 2019), "STOCK_TOTAL": (2010, 2015), "REMIT_USD": range(2009, 2019)}
"""Targets that are met within a factor of two in each of these years; how, says `abm.analysis.observation`."""


@pytest.mark.parametrize("target", LEVELS)
def test_levels_are_within_a_factor_of_two(
    target: str, runs: list[Tables], record_property: Callable[[str, object], None]
):
    records = [found for found in read_records() if found.target == target and found.year in LEVELS[target]]
    assert len(records) == len(LEVELS[target])
    seen = [run_of_tables(run, CONFIG) for run in runs]
    print(f"\nmodel over {target}")
    for record in records:
        ratios = [run.value(OBSERVATIONS[target], "", record.year) / record.value for run in seen]
        text = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"    {record.year}  {text}  of {record.value:,.0f}")
        record_property(f"{target} {record.year}", text)
        assert all(1 / 2 <= ratio <= 2 for ratio in ratios), f"{record.year}: {text}"


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
