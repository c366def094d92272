"""The labour market: wages answer to unemployment, and positions move to where people seek them."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import LEFT, MIDDLE, RIGHT, world_of_three
from worlds import small_config

from abm.config import make_config
from abm.simulation import build_world, simulate
from abm.society.demography import Demography, DemographyParams, FormationState
from abm.society.drivers import EconomyState, income_cycle
from abm.society.labour import Labour, LabourState, state_of_jobs
from abm.world.codes import T_AWAY, T_BONDED, T_JOBS, T_MEMBERS, T_WORKERS, WORKER
from abm.world.state import World


def employ(world: World, share: list[float]) -> None:
    """Let this share of the labour force at home have work, by district, and let the labour market answer."""
    force = world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
    world.sums[:, T_JOBS], world.sums[:, T_BONDED] = np.round(force * share), 0
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
        """Vacant positions over those who seek one, the month's separations among both, up to the ceiling."""
        world = world_of_three(
            1, labour={"vacancy_mobility": 0.0, "job_growth": 0.0, "job_finding_ceiling": 0.3, "absorption": 0.0}
        )
        employ(world, [0.9] * 3)
        jobs, force = world.sums[:, T_JOBS].astype(float), world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
        for more, within in ((1.0, True), (1.01, True), (2.0, False)):
            world[LabourState].jobs = positions = jobs * more
            Labour.step(world)
            lost = jobs * world.config.labour.separation_rate
            expected = (positions - jobs + lost) / (force - jobs + lost)
            assert (expected < 0.3).all() == within
            np.testing.assert_allclose(world.district_month["finding"], np.minimum(expected, 0.3))

    def test_the_bonded_take_no_job_and_look_for_none(self):
        world = world_of_three(1, labour={"vacancy_mobility": 0.0, "job_growth": 0.0, "absorption": 0.0})
        employ(world, [0.9] * 3)
        found = []
        for bonded in (0, 1_000):
            world[LabourState].jobs = 0.9 * (world.sums[:, T_WORKERS] - world.sums[:, T_AWAY])
            for column in (T_JOBS, T_WORKERS, T_BONDED):
                world.sums[:, column] += bonded
            Labour.step(world)
            found.append(world.district_month[["finding", "wage_index"]].copy())
        for column in ("finding", "wage_index"):
            np.testing.assert_array_equal(found[0][column], found[1][column])

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
        cycle = world.config.labour.okun * income_cycle(world)
        grown = 1.0 + (world[FormationState].plan.growth_gap + cycle) / 12.0
        world[LabourState].jobs = jobs * [1.2, 1.0, 1.0] / grown
        Labour.step(world)
        seeking = force - jobs
        vacant = 0.5 * 0.2 * jobs[MIDDLE]
        expected = vacant * seeking / seeking.sum() - [vacant, 0.0, 0.0]
        moved = world[LabourState].jobs - jobs * [1.2, 1.0, 1.0]
        np.testing.assert_allclose(moved, expected, rtol=1e-6)
        assert moved[LEFT] > moved[RIGHT] > 0.0

    def test_jobs_follow_income_that_grows_more_or_less_than_in_the_five_years_before(self):
        """After 2023 income grows by the same every year: in 2040 its cycle is nil, and jobs grow as without it."""
        grown = []
        for start, okun in (("2009-01", 0.0), ("2009-01", 0.5), ("2040-01", 0.0), ("2040-01", 0.5)):
            still = {"vacancy_mobility": 0.0, "absorption": 0.0}
            world = world_of_three(1, start=start, labour=still | {"okun": okun})
            world[LabourState].jobs = np.full(3, 1e6)
            Labour.step(world)
            grown.append(world[LabourState].jobs / 1e6)
            series, month = world[EconomyState].series, world.month
        index = [series.income_index(at, 0.015) for at in (2009 * 12, 2008 * 12, 2003 * 12)]
        cycle = index[0] / index[1] - (index[1] / index[2]) ** 0.2
        assert cycle < -0.01 and month == 2040 * 12
        np.testing.assert_allclose(grown[1] - grown[0], 0.5 * cycle / 12.0, rtol=1e-6)
        np.testing.assert_allclose(grown[3], grown[2], atol=1e-9)

    def test_work_in_a_city_is_worth_less_when_the_country_has_fewer_jobs(self):
        """The share who have one, and the wage curve: four times the unemployment."""
        world = world_of_three(1)
        world.population.opening_unemployment[:] = 0.05
        for share, expected in ((0.95, 1.0), (0.80, 0.80 / 0.95 * 4.0**-0.1)):
            employ(world, [share] * 3)
            assert state_of_jobs(world) == pytest.approx(expected, rel=1e-3)


def test_families_are_used_to_the_wages_that_they_had_of_late():
    """By hand: a tenth of the way to other wages a month; to higher ones at once, as nothing is to be made up for."""
    world = world_of_three(1, labour={"wage_memory": 10.0})
    values, before = world.district_month, world.district_month["wage_index"].copy()
    world.t = 1
    world[LabourState].usual_wage[:] = before
    world[EconomyState].income_index *= 0.5
    Labour.step(world)
    np.testing.assert_allclose(values["usual_wage"], before + 0.1 * (values["wage_index"] - before))
    assert (values["wage_index"] < 0.7 * before).all()
    world[EconomyState].income_index *= 4.0
    Labour.step(world)
    np.testing.assert_array_equal(values["usual_wage"], values["wage_index"])


class TestComingOfAge:
    def test_more_come_of_age_where_the_labour_force_lags(self):
        """A tenth below its path: a twelfth of `census_anchor` of that tenth more in a month."""
        world = world_of_three(1, demography={"census_anchor": 0.24})
        plan = world[FormationState].plan
        found = []
        for ahead in (1.0, 1.1):
            plan.labour_force *= ahead
            Demography.step(world)
            found.append(world.district_month["coming_of_age"].copy())
        dependants = world.sums[:, T_MEMBERS] - world.sums[:, T_WORKERS]
        premium = 1.0 + world.params(DemographyParams).labour_force_premium / 12
        grows = plan.residents[world.t + 1] * premium / plan.residents[world.t] - 1.0
        expected = (0.02 + grows) * 0.1 * plan.labour_force / 1.1 / dependants
        np.testing.assert_allclose(found[1] - found[0], expected, rtol=0.01)

    def test_nobody_comes_of_age_for_those_who_work_in_a_city(self):
        world = world_of_three(1)
        Demography.step(world)
        before = world.district_month["coming_of_age"].copy()
        leave = (world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]) // 20
        world.sums[:, T_AWAY] += leave
        world.stock[:, -1, 0] += leave
        Demography.step(world)
        np.testing.assert_allclose(world.district_month["coming_of_age"], before, rtol=1e-9)


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


def test_those_who_leave_beyond_the_usual_are_missing_at_home_and_nobody_comes_of_age_in_their_place():
    """Members abroad count for the path as those at home do: what is born hangs on neither, but for how many die."""
    world = world_of_three(1)
    Demography.step(world)
    births, of_age = (world.district_month[name].copy() for name in ("birth", "coming_of_age"))
    workers = world.sums[:, T_WORKERS] - world.sums[:, T_AWAY]
    dependants = world.sums[:, T_MEMBERS] - world.sums[:, T_WORKERS]
    leave = workers // 20
    world.sums[:, T_AWAY] += leave
    world.stock[:, 0, WORKER] += leave
    Demography.step(world)
    params = world.params(DemographyParams)
    die, die_at_home = params.worker_mortality / 12 * leave, params.mortality / 12 * leave
    np.testing.assert_allclose(world.district_month["coming_of_age"], of_age + die / dependants, rtol=1e-3)
    residents = workers + dependants
    born = births * residents + die - die_at_home
    np.testing.assert_allclose(world.district_month["birth"] * (residents - leave), born, rtol=1e-3)


def test_jobs_of_a_lever_that_pauses_are_not_paid_for_again():
    use = {"lever": "job_creation", "id": "jobs", "from": "2009-02", "value": 0.03}
    use |= {"pulse": {"months_on": 1, "months_off": 1}}
    cost = simulate(small_config(months=8, levers=[use]))["national"]["cost_jobs"]
    assert (cost[::2] == 0).all()
    np.testing.assert_allclose(cost[1::2], cost[1], rtol=0.05)


def test_the_usual_unemployment_is_that_of_the_start():
    """Beyond 40 per cent households are made with 40, and to that it is held afterwards."""
    world = build_world(make_config(population={"region": ["panjgur"], "scale": 0.01}, end="2009-02"))
    world.threads.close()
    assert world.units.unemployment[0] > 0.4 == world.population.opening_unemployment[0]


def test_aspiration_begins_where_it_tends_to():
    aspiration = simulate(small_config(months=18))["national"]["aspiration_mean"]
    np.testing.assert_allclose(aspiration[3:], aspiration[2], rtol=0.02)


def test_without_the_mechanism_unemployment_stays_as_it_was():
    """Whoever comes of age finds a job: in eight years a labour force without one would lose a quarter of its jobs."""
    rate = simulate(small_config(months=96, mechanisms={"labour": {"enabled": False}}))["national"]["unemployment_rate"]
    np.testing.assert_allclose(rate[12:], rate[0], atol=0.015)
