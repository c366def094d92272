"""Trafficking in the whole country against what is reported, and levers that reach it through households."""

from __future__ import annotations

from typing import Any

import pytest
from test_trafficking import by_stream, country, run
from worlds import interval


@pytest.mark.parametrize("reading", ["reported", "cited"])
def test_a_year_is_that_of_the_reading_within_a_factor_of_two(reading: Any):
    found = country(24, "2020-01", trafficking={"reading": reading})["national"]
    fresh = found["trafficked_domestic"][-12:].sum() - found["retrafficked"][-12:].sum()
    assert 0.5 < fresh / (79_000 if reading == "reported" else 300_000) < 2.0
    if reading == "reported":
        assert 0.5 < found["victims_identified"][-12:].sum() / 21_253 < 2.0
    else:
        assert found["victims_identified"][-12:].sum() / 21_253 > 2.0


def test_about_six_hundred_are_taken_to_china_in_2019_and_few_two_years_later():
    china = by_stream(country(48, "2018-01"), "stream_taken")["brides_to_china"].reshape(4, 12).sum(axis=1)
    assert china[1] == pytest.approx(600, rel=0.25)
    assert china[3] < 0.2 * china[1]


def test_jobs_and_transfers_lower_it_through_households():
    """With paired seeds: work and income at home lower want, and so what recruiters find."""
    for lever, value in (("job_creation", 0.1), ("cash_transfer", 5_000.0)):
        use = [{"lever": lever, "value": value, "from": "2015-04"}]
        ends = [
            [run(months=36, seed=seed, levers=levers)["trafficked_domestic"][-12:].sum() for levers in ([], use)]
            for seed in range(1, 6)
        ]
        assert interval(after - before for before, after in ends)[1] < 0.0, lever
