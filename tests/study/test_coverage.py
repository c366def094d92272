"""Replicates that stop by the rule hold the truth as often as asked, where differences are normal."""

from __future__ import annotations

import pytest
from coverage_study import LEVEL, coverage, naive, stopped


@pytest.mark.parametrize("at_least", [10, 20])
@pytest.mark.parametrize("spread", [1.0, 2.0, 4.0])
def test_the_rule_covers_as_often_as_asked(at_least: int, spread: float) -> None:
    found, _ = coverage(lambda source: stopped(source, at_least), "normal", spread)
    assert found >= LEVEL


def test_stopping_as_soon_as_it_is_narrow_does_not() -> None:
    found, _ = coverage(lambda source: naive(source, 2), "normal", 2.0)
    assert found < 0.92
