"""Cases and arrests of the model against the record of 2016 and 2017, and what one agency does that three do not.

`pytest -s tests/study/test_law_record.py` prints every figure.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2
from test_law import ON, SEEDS, SERVICES, country, one_law, run, total

from abm.config import make_config
from abm.places.data_files import read_rows

RECORD = {
    "Punjab": "punjab",
    "Islamabad": "islamabad",
    "Khyber Pakhtunkhwa": "khyber_pakhtunkhwa",
    "Sindh": "sindh",
    "Balochistan": "balochistan",
}
MEASURES = {
    "FIA cases registered (special campaign)": "cases_registered",
    "persons arrested (special campaign)": "arrests_all",
}


SMALL = 20.0
"""Record of a year below which chance alone gives more than a factor of two now and then."""


def chance_of(record: float) -> tuple[float, float]:
    """Exact 95 % interval of the mean of a Poisson count (Garwood 1936)."""
    return chi2.ppf(0.025, 2.0 * record) / 2.0, chi2.ppf(0.975, 2.0 * record + 2.0) / 2.0


def year_of(first: int, year: int) -> slice:
    """Months of a year in a run that begins in January of another."""
    return slice((year - first) * 12, (year - first + 1) * 12)


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str, int], float]:
    """Mean of twelve seeds of the baseline at 0.2 % by outcome, province and year."""
    sums: dict[tuple[str, str, int], float] = {}
    for seed in range(1, 13):
        config = make_config(start="2011-01", end="2017-12", seed=seed, mechanisms=ON, population={"scale": 0.002})
        world = run(config).world
        for name, province, year in product(MEASURES.values(), RECORD.values(), (2016, 2017)):
            here = world.units.province == province
            value = float(world.record.by_district[name][year_of(2011, year)][:, here].sum())
            sums[name, province, year] = sums.get((name, province, year), 0.0) + value / 12
    return sums


@pytest.fixture(scope="module")
def printed() -> dict[tuple[str, str, int], float]:
    """The record."""
    return {
        (MEASURES[row["measure"]], RECORD[row["geography"]], int(row["year"])): float(row["value"])
        for row in read_rows("tables/enforcement_fia.csv")
        if row["measure"] in MEASURES and row["geography"] in RECORD
    }


class TestRecord:
    """S17: cases and arrests by province in 2016 and 2017."""

    def test_the_two_years_together_are_within_a_factor_of_two(self, found: Any, printed: Any):
        """Or, where fewer than `SMALL` a year were counted, within what chance leaves open."""
        assert len(printed) == 20
        for name, province in {key[:2] for key in printed}:
            mine, record = (sum(values[name, province, year] for year in (2016, 2017)) for values in (found, printed))
            print(f"{name} {province}: {mine / 2:.0f} a year, record {record / 2:.0f}, ratio {mine / record:.2f}")
            low, high = (0.5 * record, 2.0 * record) if record >= 2.0 * SMALL else chance_of(record)
            assert low <= mine <= high, (name, province, mine, record)

    def test_single_years_are_but_for_chance(self, found: Any, printed: Any):
        """Within a factor of two of what chance leaves open of the record; small ones hang on single raids."""
        for key, record in sorted(printed.items()):
            print(*key, f"{found[key]:.0f} against {record:.0f}, ratio {found[key] / record:.2f}")
        for key, record in printed.items():
            low, high = chance_of(record)
            assert record < SMALL or 0.5 * low <= found[key] <= 2.0 * high, key


@pytest.mark.parametrize(
    ("leads", "named", "unnamed", "register"),
    [(2_000, 0.71, 0.82, 1.10), (20_000, 0.32, 1.02, 1.02)],
    ids=["few leads", "no time"],
)
def test_the_same_staff_under_one_agency_or_three(leads: int, named: float, unnamed: float, register: float):
    """Arrests of the second year against those of one agency; the figures that docs/model/law.md gives.

    Three that wait for each other lose cases while officers are idle; one named of three lacks the others' officers.
    """
    clear = {"levers": [{"lever": "jurisdiction_clarity", "value": 1.0, "from": "2014-01"}]}
    ways: dict[str, Any] = {
        "one": (SERVICES[:1], None, {}), "named": (SERVICES, SERVICES[0], {}), "unnamed": (SERVICES, None, {}),
        "register": (SERVICES, None, clear),
    }  # fmt: skip
    arrests: dict[str, list[float]] = {name: [] for name in ways}
    for seed, (name, (services, in_charge, levers)) in product(SEEDS, ways.items()):
        config = country(24, seed=seed, regime=one_law(services, in_charge), **levers)
        arrests[name].append(total(run(config, {"trafficking_domestic": leads}), "stream_arrests"))
    found = {name: float(np.mean(counts)) for name, counts in arrests.items()}
    print(leads, found)
    for name, expected in (("named", named), ("unnamed", unnamed), ("register", register)):
        assert found[name] / found["one"] == pytest.approx(expected, abs=0.08), name
