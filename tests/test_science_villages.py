"""What happens to the households of a village in a quarter: ties, expense shocks, houses."""

from __future__ import annotations

from typing import Any

import numpy as np
from scenes import KEY, crowd, rates, villages_with

from abm.households.kernels.household_month import work_space
from abm.society.kernels.village_quarter import QUARTER, quarter_of_village
from abm.world.codes import HOUSE_LEVELS, TALLY_COUNT

SURE = 1.0 / QUARTER
"""A month's rate of what happens to everybody within the quarter."""


def quarter(households: Any, migrant_share: float = 0.0, weight: int = 1, **month: float) -> Any:
    """Households of one village after its quarter."""
    count = households.workers.size
    villages = villages_with([count], migrant_share=[migrant_share])
    tally = np.zeros(TALLY_COUNT, np.int64)
    quarter_of_village(0, weight, rates(**month)[0], villages, households, KEY, work_space(count, weight), tally)
    return households


class TestTies:
    def test_they_form_as_many_are_abroad(self):
        """A tenth a month of the households, times the share of the village's households with somebody abroad."""
        for share, expected in ((0.0, 0), (0.25, 30), (1.0, 120)):
            found = quarter(crowd(400, workers=2, dependants=2), share, tie_formation=0.1)
            assert abs(found.ties.sum() - expected) <= 1

    def test_the_last_one_is_kept_as_long_as_somebody_is_abroad(self):
        """A member in a city of the country keeps none."""
        away, in_city = [0, 1, 1, 0], [0, 0, 1, 0]
        found = quarter(crowd(4, workers=2, ties=[1, 1, 1, 0], away=away, in_city=in_city), tie_decay=SURE)
        assert found.ties.tolist() == [0, 1, 0, 0]

    def test_what_is_kept_is_not_lost_next_door(self):
        """Of a hundred ties half are kept; a tenth of the others go."""
        away = [1] * 50 + [0] * 50
        found = quarter(crowd(100, workers=2, ties=1, away=away), tie_decay=0.1 / 3)
        assert found.ties[:50].sum() == 50
        assert abs(found.ties[50:].sum() - 45) <= 1

    def test_own_migrants_are_a_tie(self):
        """Of weighted rows in so many as have somebody abroad; none where ties are off."""
        crowd_of = {"workers": 2, "ties": 0, "away": 3}
        found = quarter(crowd(400, **crowd_of), weight=10, tie_formation=1e-9)
        assert set(found.ties) == {0, 1}
        assert 90 < found.ties.sum() < 150
        assert not quarter(crowd(400, **crowd_of), weight=10).ties.any()
        assert not quarter(crowd(400, **crowd_of | {"in_city": 3}), weight=10, tie_formation=1e-9).ties.any()


class TestShocks:
    def test_savings_pay_first_then_credit_and_what_neither_covers_is_not_consumed(self):
        """Two months of what four persons need to live on: 8,000 rupees."""
        wage = [10_000, 10_000, 10_000, 0, 10_000]
        debt = [0, 0, 0, 0, 58_000]
        found = quarter(
            crowd(5, workers=1, jobs=1, dependants=3, wage=wage, assets=[20_000, 5_000, 0, 0, 0], debt=debt),
            shock_rate=SURE, shock_months=2.0, subsistence=1_000.0, credit_months=6.0,
        )  # fmt: skip
        assert found.assets.tolist() == [12_000, 0, 0, 0, 0]
        assert found.debt.tolist() == [0, 3_000, 8_000, 0, 60_000]

    def test_members_away_need_nothing(self):
        found = quarter(
            crowd(1, workers=2, away=1, assets=20_000), shock_rate=SURE, shock_months=2.0, subsistence=1_000.0
        )
        assert found.assets[0] == 18_000


class TestHouses:
    def test_families_of_those_abroad_build_from_savings_above_their_buffer(self):
        """A house for 100,000 rupees; four months of what the one at home needs is kept."""
        away, in_city, assets = [1, 1, 0, 1, 1], [0, 0, 0, 1, 0], [104_000, 103_999, 900_000, 900_000, 900_000]
        found = quarter(
            crowd(5, workers=2, away=away, in_city=in_city, assets=assets, house=[0, 0, 0, 0, 1]),
            house_cost=100_000.0, buffer_months=4.0, subsistence=1_000.0,
        )  # fmt: skip
        assert found.house.tolist() == [HOUSE_LEVELS, 0, 0, 0, 1]
        assert found.assets.tolist() == [4_000, 103_999, 900_000, 900_000, 900_000]
