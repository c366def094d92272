"""Missing children who are found, and foreigners who are arrested for having been exploited."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_law import country
from worlds import small_config

from abm.enforcement import ChildAlertParams, ForeignersState, charge_foreigners, report_missing
from abm.enforcement.law.child_alert import ChildAlertState, chance_of_finding, days_until_search
from abm.model import Model
from abm.world.state import World

ON = {"child_alert": {"enabled": True}}


def world_of(months: int = 30, **values: Any) -> Model:
    """A small world whose child alert has as many officers as the lever says."""
    return Model(small_config(months=months, **values))


def found_in(officers: float, missing: int, months: int = 24) -> tuple[float, World]:
    """Share of the reported who are found in the last half of the months, and the world."""
    use = {"lever": "child_alert", "value": officers, "from": "2009-01"}
    model = world_of(levers=[use] if officers else [])
    found, reported, world = 0, 0, model.world
    for month in range(months):
        model.step()
        recovered = report_missing(world, np.full(world.district_count, missing, np.int64))
        if month >= months // 2:
            found, reported = found + recovered.sum(), reported + missing * world.district_count
    model.close()
    return float(found) / (0.5 * reported), world


class TestChildAlert:
    def test_the_police_find_two_in_a_hundred(self):
        share, _ = found_in(0.0, 400)
        assert share == pytest.approx(0.6 * 0.5 ** (25.0 / 5.0), abs=0.005)

    def test_officers_look_sooner_the_more_they_are_and_the_fewer_reports_they_have(self):
        params = ChildAlertParams()
        days = days_until_search(params, np.array([0.0, 1.0, 2.0, 2.0]), np.array([100.0, 100.0, 100.0, 10.0]))
        np.testing.assert_allclose(days, [25.0, 5.5, 3.0, 0.75])
        np.testing.assert_allclose(chance_of_finding(params, days), 0.6 * 0.5 ** (days / 5.0))

    def test_more_officers_find_more_and_the_gain_falls(self):
        none, some, many = (found_in(officers, 100)[0] for officers in (0.0, 2.0, 4.0))
        assert none < some < many < 0.6
        assert many - some < some - none

    def test_a_flood_of_reports_slows_the_search(self):
        few, flood = (found_in(2.0, missing)[0] for missing in (50, 1_000))
        assert flood < 0.6 * few

    def test_officers_come_slowly_and_leave_at_once(self):
        use = {"lever": "child_alert", "value": 2.0, "from": "2009-01", "until": "2009-12"}
        model, staff = world_of(levers=[use]), []
        for _ in range(14):
            model.step()
            staff.append(model.world[ChildAlertState].officers.sum())
        model.close()
        wanted = 2.0 * model.world.units.population_2017.sum() / 1e6
        np.testing.assert_allclose(staff[:12], wanted * (1.0 - 0.9 ** np.arange(1, 13)))
        assert staff[12:] == [0.0, 0.0]

    def test_nobody_is_found_where_it_is_off(self):
        model = world_of(mechanisms={"child_alert": {"enabled": False}})
        model.step()
        assert not report_missing(model.world, np.full(model.world.district_count, 100)).any()
        model.close()


class TestForeigners:
    @pytest.mark.parametrize(("start", "share"), [("2015-01", 0.9), ("2019-01", 0.9 * 0.25)])
    def test_they_are_charged_by_the_law_of_the_month_and_held_for_two_years(self, start: str, share: float):
        """From the first month on the stock is that of a steady state; nobody is lost."""
        model = Model(country(24, start))
        world, held, change = model.world, [], 0
        for _ in range(24):
            model.step()
            found = np.full(world.district_count, 10, np.int64)
            charged, released = charge_foreigners(world, found)
            stock = world[ForeignersState].detained
            assert stock is not None
            if held:
                assert stock.sum() - held[-1] == (charged - released).sum()
            held.append(int(stock.sum()))
            change += int(charged.sum())
        model.close()
        found = 10 * world.district_count
        assert change / (24 * found) == pytest.approx(0.6 * share, abs=0.01)
        np.testing.assert_allclose(held, found * 0.6 * share * 24.0, rtol=0.05)

    def test_nobody_is_charged_without_the_law(self):
        model = Model(country(1, mechanisms={"law": {"enabled": False}}))
        model.step()
        assert not any(part.any() for part in charge_foreigners(model.world, np.full(model.world.district_count, 50)))
        model.close()
