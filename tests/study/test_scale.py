"""The sampling fraction does not matter: a small sample counts what a large one does.

`python tests/study/scale_study.py` prints the ratios of departures seed by seed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import scale_study
import test_beliefs
import test_bondage
import test_trafficking
from worlds import interval, small_config

from abm.config import make_config
from abm.model import simulate


def test_departures_do_not_depend_on_the_scale(record_property: Callable[[str, object], None]):
    """Samples of 0.2 % and 5 % against 1 %, twenty seeds over twenty years."""
    found = scale_study.ratios(range(1, 21), months=240)
    print(f"\n{scale_study.tell(found)}")
    for (scale, channel), values in found.items():
        centre, low, high = scale_study.interval(values)
        record_property(f"{scale:g} {channel}", f"{centre:.3f} [{low:.3f}, {high:.3f}]")
        assert low <= 1.1 and high >= 0.9, f"{scale:g} {channel}: {centre:.3f} [{low:.3f}, {high:.3f}]"


def test_the_bonded_do_not_depend_on_the_scale():
    """Whole rows are bonded and released: more noise in a smaller sample, no drift."""
    units = ("lahore", "faisalabad", "multan", "sukkur", "quetta", "swat")

    def mean_of(scale: float, seed: int) -> float:
        config = small_config(units, months=60, scale=scale, village_households=200, seed=seed)
        return float(test_bondage.run(config)["bonded_households"][12:].mean())

    ratios = [mean_of(0.001, seed) / mean_of(0.02, seed) for seed in range(1, 6)]
    low, high = interval(ratios)
    assert low < 1.06 and high > 0.94, (low, high)


def test_the_trafficked_do_not_depend_on_the_scale():
    """Six districts, four seeds; a count differs between scales by no more than 3 %."""
    names = ("trafficked_domestic", "exploited_domestic", "victims_identified", "trafficked_abroad")
    of_scale = [
        [
            [test_trafficking.run(months=24, seed=seed, scale=scale)[name].sum() for name in names]
            for seed in range(1, 5)
        ]
        for scale in (0.0005, 0.01)
    ]
    small, large = (np.mean(found, axis=0) for found in of_scale)
    np.testing.assert_allclose(small / large, 1.0, atol=0.03)


def test_beliefs_do_not_depend_on_the_scale():
    """National means of three seeds at two scales: no further apart than seeds are."""

    def believed(scale: float, name: str) -> np.ndarray:
        return np.array([runs[scale, seed][name][-12:].mean() for seed in (1, 2, 3)])

    runs = {
        (scale, seed): simulate(
            make_config(
                end="2010-12",
                seed=seed,
                beliefs=test_beliefs.UNBIASED,
                population={"scale": scale, "region": list(test_beliefs.PLACES)},
            )
        )["national"]
        for scale in (0.002, 0.01)
        for seed in (1, 2, 3)
    }
    for name, true in test_beliefs.PAIRS.values():
        small, large = (believed(scale, name) / believed(scale, true) for scale in (0.002, 0.01))
        noise = np.sqrt((small.var(ddof=1) + large.var(ddof=1)) / 3)
        assert abs(small.mean() - large.mean()) < 4.3 * noise + 0.02, name


@pytest.mark.parametrize("name", ["cases_registered", "victims_prosecuted"])
def test_the_record_does_not_depend_on_the_scale(name: str):
    """Who is sent home, stopped or exploited comes from samples of households, at ten times the size."""
    found = np.array([[of_scale(scale, seed)[name].sum() for scale in (0.002, 0.02)] for seed in range(1, 9)])
    low, high = interval(found[:, 0] / found[:, 1].mean())
    print(name, found.mean(axis=0), low, high)
    assert low < 1.05 and high > 0.95 and high - low < 0.25


@cache
def of_scale(scale: float, seed: int) -> dict[str, np.ndarray]:
    """National series of a small world with every stream on."""
    return simulate(small_config(start="2015-01", scale=scale, seed=seed))["national"]
