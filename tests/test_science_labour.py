"""The labour market: wages answer to unemployment, and positions move to where people seek them."""

from __future__ import annotations

import numpy as np
from scenes import LEFT, MIDDLE, RIGHT, world_of_three

from abm.society.demography import Demography, FormationState
from abm.society.labour import Labour, LabourState
from abm.world.codes import T_AWAY, T_JOBS, T_MEMBERS, T_WORKERS
from abm.world.state import World


def employ(world: World, share: list[float]) -> None:
    """Let this share of the labour force at home have work, by district, and let the labour market answer."""
    force = world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
    world.sums[:, T_JOBS] = np.round(force * share)
    Labour.step(world)


class TestLabourMarket:
    def test_wages_fall_where_more_are_out_of_work(self):
        """By the wage curve: four times the unemployment, 4^-0.1 times the wage."""
        world = world_of_three(1)
        employ(world, [0.95, 0.95, 0.95])
        before = world.district_month["wage_index"].copy()
        employ(world, [0.95, 0.80, 0.95])
        np.testing.assert_allclose(world.district_month["wage_index"] / before, [1.0, 4.0**-0.1, 1.0], rtol=1e-4)

    def test_the_more_positions_are_vacant_the_sooner_one_is_found(self):
        """Vacant positions over those who seek one, up to the ceiling."""
        world = world_of_three(
            1, labour={"vacancy_mobility": 0.0, "job_growth": 0.0, "job_finding_ceiling": 0.3, "absorption": 0.0}
        )
        employ(world, [0.9] * 3)
        jobs, force = world.sums[:, T_JOBS].astype(float), world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
        for more, within in ((1.0, True), (1.01, True), (2.0, False)):
            world[LabourState].jobs = positions = jobs * more
            Labour.step(world)
            expected = (positions - jobs * (1.0 - world.config.labour.separation_rate)) / (force - jobs)
            assert (expected < 0.3).all() == within
            np.testing.assert_allclose(world.district_month["finding"], np.minimum(expected, 0.3))

    def test_own_account_work_absorbs_those_without_a_job(self):
        """A tenth more without work than at first adds 0.2 x 0.1 to the growth of jobs a year; fewer lower it."""
        world = world_of_three(1, labour={"vacancy_mobility": 0.0, "absorption": 0.2})
        opening = np.clip(world.population.opening_unemployment, 0.005, 0.95)
        grown = []
        for more in (0.0, 0.1, -0.002):
            world[LabourState].jobs = np.full(3, 1e6)
            employ(world, list(1.0 - opening - more))
            grown.append(world[LabourState].jobs / 1e6)
        np.testing.assert_allclose(grown[1] - grown[0], 0.2 * 0.1 / 12.0, rtol=1e-3)
        np.testing.assert_allclose(grown[2] - grown[0], -0.2 * 0.002 / 12.0, rtol=0.02)

    def test_vacant_positions_move_to_where_more_seek_one(self):
        """Half of what is vacant in one district beyond the usual turnover, by the unemployed."""
        world = world_of_three(
            1, labour={"vacancy_mobility": 0.5, "job_growth": 0.0, "separation_rate": 0.0, "absorption": 0.0}
        )
        employ(world, [0.95, 0.60, 0.90])
        jobs, force = world.sums[:, T_JOBS].astype(float), world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
        grown = 1.0 + world[FormationState].plan.growth_gap / 12.0
        world[LabourState].jobs = jobs * [1.2, 1.0, 1.0] / grown
        Labour.step(world)
        seeking = force - jobs
        vacant = 0.5 * 0.2 * jobs[MIDDLE]
        expected = vacant * seeking / seeking.sum() - [vacant, 0.0, 0.0]
        moved = world[LabourState].jobs - jobs * [1.2, 1.0, 1.0]
        np.testing.assert_allclose(moved, expected, rtol=1e-6)
        assert moved[LEFT] > moved[RIGHT] > 0.0


class TestComingOfAge:
    def test_more_come_of_age_where_the_labour_force_lags(self):
        """A tenth below its path: a twelfth of `census_anchor` of that tenth more in a month, until the last census."""
        world = world_of_three(1, demography={"census_anchor": 0.24})
        plan = world[FormationState].plan
        found = []
        for ahead in (1.0, 1.1):
            plan.labour_force *= ahead
            Demography.step(world)
            found.append(world.district_month["coming_of_age"].copy())
        dependants = world.sums[:, T_MEMBERS] - world.sums[:, T_WORKERS]
        np.testing.assert_allclose(found[1] - found[0], 0.02 * 0.1 * plan.labour_force / 1.1 / dependants, rtol=0.05)


def test_more_come_of_age_by_the_premium_and_for_those_who_emigrate():
    def after(**values):
        world = world_of_three(1, **values)
        return world, world.district_month["coming_of_age"].copy(), world.district_month["birth"].copy()

    world, usual, births = after(demography={"labour_force_premium": 0.0}, population={"reference_emigration": 0.0})
    _, young, _ = after(demography={"labour_force_premium": 0.024}, population={"reference_emigration": 0.0})
    workers, members = world.sums[:, T_WORKERS] - world.sums[:, T_AWAY], world.sums[:, T_MEMBERS]
    dependants = members - world.sums[:, T_WORKERS]
    np.testing.assert_allclose(young - usual, 0.024 / 12 * workers / dependants, rtol=0.05)
    _, replaced, born = after(demography={"labour_force_premium": 0.0}, population={"reference_emigration": 0.1})
    assert (replaced > usual).all() and (born > births).all()
    np.testing.assert_allclose((born - births) * (workers + dependants), (replaced - usual) * dependants, rtol=0.05)
