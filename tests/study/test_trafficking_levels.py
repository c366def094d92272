"""Trafficking in the whole country against its readings, and levers that reach it through households."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_trafficking import by_stream, country, run
from worlds import interval

SETTLED = {"months": 156, "start": "2009-01"}
"""Thirteen years: the first three recruit less."""


@pytest.mark.parametrize("reading", ["reported", "cited"])
def test_a_year_is_that_of_the_reading_within_a_factor_of_two(reading: Any):
    found = country(**SETTLED, trafficking={"reading": reading})["national"]
    fresh = found["trafficked_domestic"][-12:].sum() - found["retrafficked"][-12:].sum()
    print(f"{reading}: {fresh} taken")
    assert 0.5 < fresh / (79_000 if reading == "reported" else 300_000) < 2.0


def test_about_six_hundred_are_taken_to_china_in_2019_and_few_two_years_later():
    """Mean of three seeds; none are taken before 2018."""
    runs = [by_stream(country(**SETTLED, seed=seed), "stream_taken")["brides_to_china"] for seed in (1, 2, 3)]
    by_year = np.mean(runs, axis=0).reshape(-1, 12).sum(axis=1)
    print(by_year[-5:])
    assert not by_year[:8].any()
    assert by_year[-3] == pytest.approx(600, rel=0.25)
    assert by_year[-1] < 0.2 * by_year[-3]


def test_jobs_and_transfers_lower_it_through_households():
    """With paired seeds: work and income at home lower want, and so what recruiters find."""
    for lever, value in (("job_creation", 0.1), ("cash_transfer", 5_000.0)):
        use = [{"lever": lever, "value": value, "from": "2015-04"}]
        ends = [
            [run(months=36, seed=seed, levers=levers)["trafficked_domestic"][-12:].sum() for levers in ([], use)]
            for seed in range(1, 13)
        ]
        assert interval(after - before for before, after in ends)[1] < 0.0, lever
