"""Replicates that stop by the rule hold the truth as often as asked, where differences are normal."""

from __future__ import annotations

import numpy as np
import pytest
from coverage_study import LEVEL, coverage, naive, stopped
from made_up_study import make_design, make_table, noise
from test_compare import FLOW, compare, row

from abm.analysis.panel import IntervalChoice


@pytest.mark.parametrize("at_least", [10, 20])
@pytest.mark.parametrize("spread", [1.0, 2.0, 4.0])
def test_the_rule_covers_as_often_as_asked(at_least: int, spread: float) -> None:
    found, _ = coverage(lambda source: stopped(source, at_least), "normal", spread)
    assert found >= LEVEL


def test_stopping_as_soon_as_it_is_narrow_does_not() -> None:
    found, _ = coverage(lambda source: naive(source, 2), "normal", 2.0)
    assert found < 0.92


def test_intervals_cover_as_often_as_they_say():
    """200 studies with an effect of -20 a month on noise that pairs share in part."""
    hits = []
    for trial in range(200):
        rng = np.random.default_rng(trial)

        def flows(design, months, rng=rng, first=1000 * trial):
            shared = noise(design.assign(seed=design["seed"] + first), months, 10)
            own = rng.normal(0, 8, (len(design), len(months)))
            return 100 + shared + own - 20 * (design["scenario"] == "policy").to_numpy()[:, None]

        design = make_design(replicates=8)
        found = row(
            compare(design, make_table(design, 6, {FLOW: flows}), intervals=IntervalChoice(level=0.9)), FLOW, "total"
        )
        hits.append(found.low <= -120 <= found.high)
    assert np.mean(hits) == pytest.approx(0.9, abs=0.05)
