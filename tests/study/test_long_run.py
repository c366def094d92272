"""No explosion, no death: under constant drivers the main outcomes stay near what they were in 2019.

Forty years of four seeds; `python tests/study/long_run_study.py` makes the table of docs/validation.md from fifty.
"""

from __future__ import annotations

import long_run_study as study
import numpy as np
import pytest


@pytest.fixture(scope="module", params=(1, 2, 3, 4))
def figures(request: pytest.FixtureRequest) -> study.Figures:
    return study.run(request.param)


def test_no_main_outcome_leaves_its_band_and_offices_come_and_go(figures: study.Figures):
    print(f"\n{study.table([figures])}")
    assert study.complaints(figures) == []


def test_drivers_stand_still(figures: study.Figures):
    """What is held is held: the income index is that of the middle of 2018 until the end."""
    since = np.array(figures["year"]) >= 2019
    assert since.sum() == 30
    index = np.array(figures["income_index"])
    assert (index[since] == index[since][0]).all()
    assert index[~since].min() < index[since][0]


def test_the_check_sees_what_it_is_for(figures: study.Figures):
    """A year beyond the band, a year without entries, a monopoly, a blank year: each is told."""
    for outcome, value in (
        ("irregular_departures", 1e9),
        ("europe_entries", 0.0),
        ("office_entries", 0.0),
        ("concentration_hhi", 1.0),
        ("fee_to_greece", float("nan")),
    ):
        spoilt = figures | {outcome: [*figures[outcome][:-1], value]}
        assert study.complaints(spoilt) != []
