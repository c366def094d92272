"""Whom recruiters of trafficking find, and where they take them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import small_config

from abm.model import Model
from abm.streams.lure import LURED, RUNAWAY, destinations, expected_recruits
from abm.streams.trafficking import places_in
from abm.world.codes import T_AWAY, T_INCOME, T_JOBS, T_WORKERS
from abm.world.state import World

UNITS = ("gujrat", "lahore", "quetta")


def recruiters(urban_share: float | None = None, **params: float) -> World:
    """World of three districts, all of them cities that recruiters take people to, after a month."""
    model = Model(small_config(UNITS, months=1, min_villages=2, domestic_trafficking=params))
    if urban_share is not None:
        model.world.units = replace(model.world.units, urban_share=np.full(3, urban_share))
    model.step()
    model.close()
    return model.world


def recruits(world: World) -> np.ndarray:
    """Persons lured and minors caught in a month, if nobody prevents it, by district and group."""
    return expected_recruits(world, np.zeros(3))


class TestOrigin:
    def test_rural_people_are_lured_more(self):
        """As often as `urban_origin` says of those in towns, the districts being alike in all else."""
        rural, urban = (recruits(recruiters(share, urban_origin=0.4)) for share in (0.0, 1.0))
        np.testing.assert_allclose(urban, 0.4 * rural)
        halfway = recruits(recruiters(0.5, urban_origin=0.4))
        np.testing.assert_allclose(halfway, 0.7 * rural)

    def test_those_without_work_are_lured_and_run_away_no_more_for_it(self):
        """Half of those at home out of work, against a quarter."""
        world = recruiters(unemployment=1.0)
        force = world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
        found = []
        for employed in (0.75, 0.5):
            world.sums[:, T_JOBS] = force * employed
            found.append(recruits(world))
        np.testing.assert_allclose(found[1][:, LURED] / found[0][:, LURED], 2.0, rtol=1e-4)
        np.testing.assert_array_equal(found[1][:, RUNAWAY], found[0][:, RUNAWAY])


class TestDestination:
    def shares(self, fear: dict[str, float]) -> np.ndarray:
        """Share of those recruited in each district who are taken to each city of the region, and elsewhere."""
        world = recruiters(deterrence=0.1)
        names = [str(unit) for unit in world.units.unit]
        felt = np.array([fear.get(name, 0.0) for name in names])
        return destinations(world, felt)

    def test_recruiters_avoid_the_cities_that_they_fear(self):
        world = recruiters()
        rows, _ = places_in(world.units)
        lahore = [str(world.units.unit[row]) for row in rows].index("lahore")
        calm, fearful = self.shares({}), self.shares({"lahore": 10.0})
        odds = [shares[:, lahore] / (1.0 - shares[:, lahore]) for shares in (calm, fearful)]
        np.testing.assert_allclose(odds[1], odds[0] / 2.0)
        others = np.delete(np.arange(calm.shape[1]), lahore)
        assert (fearful[:, others] > calm[:, others]).all()
        np.testing.assert_allclose(fearful.sum(axis=1), 1.0)


@pytest.mark.parametrize("group", [LURED, RUNAWAY])
def test_a_poorer_district_is_recruited_from_more(group: int):
    world = recruiters(poverty=1.0)
    before = recruits(world)
    world.units = replace(world.units, poverty=world.units.poverty * np.array([1.5, 1.0, 1.0]))
    np.testing.assert_allclose(recruits(world)[:, group] / before[:, group], [1.5, 1.0, 1.0])


def test_where_households_earn_more_fewer_are_poor_and_fewer_are_recruited():
    """Runaways by poverty alone: a tenth more income, 1.1^-1.5 times the poor."""
    world = recruiters(poverty=1.0, poverty_response=1.5)
    before = recruits(world)
    world.sums[:, T_INCOME] = np.round(world.sums[:, T_INCOME] * np.array([1.1, 1.0, 1.0]))
    ratio = recruits(world)[:, RUNAWAY] / before[:, RUNAWAY]
    np.testing.assert_allclose(ratio, [1.1**-1.5, 1.0, 1.0], rtol=1e-6)
