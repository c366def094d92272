"""The legal ways: who can sponsor whom, and what regulation and visas for sale do to prices."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import LEFT, MIDDLE, RIGHT, world_of_three
from worlds import months_of, small_config

from abm.choice.channel import _vouched_gains, chances_of
from abm.departure import Choices
from abm.departure.applications import ApplicationsState, apply
from abm.departure.kernels.departure import ration_along_ties, ration_by_group, ration_each_along_ties
from abm.departure.options import OptionsState
from abm.engine.random import uniform
from abm.engine.sums import ascending
from abm.legal.contracts import AdmissionState, LegalWorkParams, promoters_near, share_of_region
from abm.legal.legal_price import LegalPriceState
from abm.legal.legal_work import LegalWorkState, _grant_places, applicants_vouched_for, known_there, promoters_reach
from abm.legal.overstay import _grant_visas, visits_refused
from abm.legal.sponsorship import Sponsorship, SponsorshipParams, SponsorshipState
from abm.market.offices import OfficesState
from abm.model import Model, simulate
from abm.places.data_files import read_rows
from abm.places.geography import distance_km, load_units, unit_index
from abm.places.options import LEGAL_WORK, SPONSORSHIP
from abm.policy.policy import PolicyOutcomes
from abm.routes.interception import outside_traffic
from abm.routes.legs import LegsState, flow_of_data
from abm.society.drivers import Drivers
from abm.world.codes import PIECE, SETTLED, T_AWAY, T_MEMBERS, WORKER
from abm.world.state import World


@pytest.mark.parametrize("wage", [1.0, 0.8])
def test_the_settled_sponsor_more_in_bad_times_and_those_on_contracts_cannot(wage: float):
    """As many a month as `capacity` says of them a year, where sponsorship is as open as in the United Kingdom."""
    world = world_of_three(1, sponsorship={"capacity": 0.12, "marriages": 0.0, "law": 0.0})
    there = [facts.key for facts in world.destination_facts].index("united_kingdom")
    world.stock[:] = 0
    world.stock[LEFT, there, WORKER] = world.stock[RIGHT, there, SETTLED] = 10_000
    places = world[SponsorshipState].places
    places.unused[:] = 0.0
    world.open_month()
    Drivers.step(world)
    world[OptionsState].choices = Choices(*np.zeros((4, 0), np.int64))
    world[ApplicationsState].table.count = 0
    world.district_month["usual_wage"][:], world.district_month["wage_index"][:] = 1.0, wage
    Sponsorship.step(world)
    assert places.unused[RIGHT, there] == pytest.approx(10_000 * 0.12 / 12 / wage)
    assert places.unused.sum() == pytest.approx(places.unused[RIGHT, there])


@pytest.mark.parametrize("outside", [0.0, 1.0, 3.0])
def test_a_region_takes_its_share_of_places_and_legs_by_persons_abroad(outside: float):
    """Gujrat has 1.3 % of the residents and 6 % of those abroad: it is not to get what falls to the former."""
    country = load_units("pakistan")
    of_gujrat = country.persons_abroad_2017[country.unit == "gujrat"].sum() / country.persons_abroad_2017.sum()
    world = Model(small_config(("gujrat",), months=1, drivers={"outside_demand": outside})).world
    assert 2 * world.region_share < of_gujrat
    assert share_of_region(world) == pytest.approx(of_gujrat / (of_gujrat + outside * (1.0 - of_gujrat)))
    assert outside_traffic(world) == pytest.approx(outside * (1.0 - of_gujrat))
    np.testing.assert_allclose(world[LegsState].recent, flow_of_data(world) * of_gujrat)


@pytest.mark.parametrize(("region", "data"), [("pakistan", ""), (("gujrat",), "none")])
def test_the_country_gets_all_and_a_region_of_which_nothing_is_known_its_residents_part(region: str, data: str):
    population = {"district_data": data, "opening_stock": "none"} if data == "none" else {}
    off = {section: {"enabled": False} for section in ("bondage", "trafficking")}
    world = Model(small_config(region, months=1, scale=0.0005, population=population, mechanisms=off)).world
    assert share_of_region(world) == (1.0 if region == "pakistan" else pytest.approx(world.region_share))


def test_of_a_fraction_of_a_month_so_many_applicants_wait_one_more():
    world = world_of_three(1, legal_work={"delay": 3.25})
    way = next(k for k, option in enumerate(world.options) if option.channel == LEGAL_WORK)
    table, rows = world[ApplicationsState].table, np.arange(2_000)
    table.count = 0
    apply(world, Choices(rows, np.zeros_like(rows), np.full_like(rows, way), np.ones_like(rows)))
    waits = table.rows.due - world.t
    assert set(waits.tolist()) == {3, 4} and waits.mean() == pytest.approx(3.25, abs=0.04)


def test_each_migrant_brings_so_many_relatives_and_those_who_leave_bring_none():
    """Of 100 settled, with one relative each, 40 are sponsored; then 50 come otherwise; then half leave."""
    state, params = SponsorshipState(world_of_three(0)), SponsorshipParams(relatives=1.2, marriages=0.0)
    state.to_bring, state.expected = np.full((1, 1), 100.0), np.full((1, 1), 100.0)
    for settled, sponsored, left in ((100.0, 40.0, 100.0 + 0.2 * 40.0), (190.0, 0.0, 108.0 + 1.2 * 50.0)):
        state.count_settled(np.full((1, 1), settled), params)
        state.count_sponsored(np.full((1, 1), settled), np.full((1, 1), sponsored), 1.2)
        assert state.to_bring.item() == pytest.approx(left)
    state.count_settled(np.full((1, 1), 95.0), params)
    assert state.to_bring.item() == pytest.approx(left / 2)


def test_children_abroad_marry_in_pakistan():
    """A hundred settled who bring nobody else gain one to bring in a year at 0.01 marriages each."""
    state, params = SponsorshipState(world_of_three(0)), SponsorshipParams(relatives=0.0, marriages=0.01)
    state.to_bring, state.expected = np.zeros((1, 1)), np.full((1, 1), 100.0)
    for _ in range(12):
        state.count_settled(np.full((1, 1), 100.0), params)
    assert state.to_bring.item() == pytest.approx(1.0)


def test_a_chain_ends_where_those_who_come_bring_nobody():
    """Those settled at the start have brought theirs in some years; of the last year few are sponsored."""

    def sponsored(relatives: float) -> np.ndarray:
        params = {"relatives": relatives, "marriages": 0.0, "capacity": 0.3, "law": 0.0}
        config = small_config("catchment", months=120, scale=0.01, sponsorship=params)
        return simulate(config)["national"]["sponsored_departures"].reshape(-1, 12).sum(axis=1)

    none, one = sponsored(0.0), sponsored(1.0)
    assert none[-1] < 0.3 * none[1] and one[-1] > 0.6 * one[1]


def test_people_know_how_many_get_a_sponsor():
    """Of those who asked nine in ten got one here and one in ten there; where nobody has for long, all hope for one."""
    world = world_of_three(1)
    there = [facts.key for facts in world.destination_facts].index("united_kingdom")
    way = [option.channel == SPONSORSHIP and option.destination == there for option in world.options]
    state = world[SponsorshipState]
    state.asked[:], state.admitted[:] = 0.0, 0.0
    hoped = chances_of(world)[:, way].ravel()
    np.testing.assert_allclose(hoped, 1.0 - world.params(SponsorshipParams).refusal)
    asked = np.full(state.asked.shape, 10_000.0)
    admitted = np.zeros_like(asked)
    admitted[[LEFT, RIGHT], there] = 9_000.0, 1_000.0
    state.remember(asked, admitted, 12.0)
    np.testing.assert_allclose(
        chances_of(world)[[LEFT, RIGHT]][:, way].ravel(), hoped[0] * np.array([0.9, 0.1]), rtol=0.03
    )
    state.remember(np.zeros_like(asked), np.zeros_like(asked), 12.0)
    assert state.asked[LEFT, there] == pytest.approx(10_000.0 * 11 / 12), "it fades"


def test_visas_below_the_smugglers_price_are_felt_by_smugglers():
    """A visa for Italy at half of what they ask, or at twice as much, from the second month on."""
    lever = {"lever": "visa_sale", "from": "2009-02", "value": 50_000.0, "where": {"destination": ["italy"]}}
    indices = {}
    for price in (0.5, 2.0):
        world = world_of_three(3, levers=[lever], legal_price={"visa_price": price, "price_memory": 1.0})
        indices[price] = world[OfficesState].legal_price_index
    assert indices[0.5] < 1.0, "they answer by a lower markup"
    assert indices[2.0] == pytest.approx(1.0), "a dearer visa takes no client off them"


def test_enforcing_fees_lowers_them_and_the_places_that_recruiters_offer():
    """Beyond the official cost seven tenths of the fee are enforced away; the rest is paid under the table."""
    lever = {"lever": "recruitment_fee_regulation", "from": "2009-01", "value": 1.0}
    params = {"official_cost": 60_000.0, "under_table": 0.3, "supply_elasticity": 0.5}
    contracts = world_of_three(1, levers=[lever], legal_price=params)[LegalPriceState].contracts
    dear = contracts.plain > 60_000.0
    assert dear.any()
    beyond = (contracts.plain - 60_000.0)[dear]
    np.testing.assert_allclose(contracts.fee[dear], 60_000.0 + 0.3 * beyond)
    np.testing.assert_allclose((contracts.hidden * contracts.fee)[dear], 0.3 * beyond)
    np.testing.assert_allclose(contracts.supply[dear], 0.3**0.5)


def vouched_for(world: World, rows: np.ndarray, districts: np.ndarray) -> np.ndarray:
    """Share of applicants with a member abroad where these do not apply more often than others."""
    month = world[OptionsState].month
    world[OptionsState].month = month._replace(vouched_gain=np.zeros_like(month.vouched_gain))
    found = applicants_vouched_for(world, Choices(rows, districts, np.zeros_like(rows), np.ones_like(rows)))
    world[OptionsState].month = month
    return found


class TestPlacesAlongTies:
    """`ration_along_ties` with three districts: cohorts of ten persons each."""

    @staticmethod
    def admitted(
        vouched: list[float],
        direct: tuple[float, float, float] = (0.0, 0.0, 0.0),
        promoted: float = 0.0,
        nearness: tuple[float, float, float] = (1.0, 1.0, 1.0),
        kin: float = 1.0,
    ) -> np.ndarray:
        """Persons admitted by district; 300 cohorts, every third from each district."""
        district = np.arange(300) % 3
        taken, fared = np.zeros(300, np.int64), np.zeros((2, 3))
        share = np.array(vouched)[district]
        ration_along_ties(
            np.full(300, 10), district, share, np.array(direct), promoted, np.array(nearness), kin, 0.5, taken,
            fared,
        )  # fmt: skip
        np.testing.assert_allclose(fared.sum(axis=0), np.bincount(district, taken, 3), atol=2)
        np.testing.assert_array_equal(fared[1, np.array(vouched) == 0.0], 0.0)
        np.testing.assert_array_equal(fared[0, np.array(vouched) == 1.0], 0.0)
        assert (taken >= 0).all()
        assert (taken <= 10).all()
        return np.bincount(district, taken, 3)

    def test_direct_places_go_where_they_are_known_and_to_those_vouched_for(self):
        np.testing.assert_allclose(self.admitted([1.0, 1.0, 1.0], (60.0, 30.0, 0.0)), (60, 30, 0), atol=1)
        np.testing.assert_allclose(self.admitted([1.0, 0.0, 1.0], (60.0, 30.0, 0.0)), (60, 0, 0), atol=1)

    def test_promoters_take_each_in_proportion_to_their_nearness(self):
        found = self.admitted([0.0] * 3, promoted=350.0, nearness=(1.0, 0.5, 0.25))
        np.testing.assert_allclose(found, (200, 100, 50), atol=2)

    def test_places_are_filled_where_kin_are_sure_of_one(self):
        """Half are vouched for, with seven times the chance, at most 1."""
        district, persons, taken = np.arange(300) % 3, np.full(300, 10), np.zeros(300, np.int64)
        for places in (1_500.0, 2_000.0, 2_500.0):
            fared = np.zeros((2, 3))
            left = ration_along_ties(
                persons, district, np.full(300, 0.5), np.zeros(3), places, np.ones(3), 7.0, 0.5, taken, fared
            )
            assert taken.sum() == pytest.approx(places, abs=1) == fared.sum()
            assert left <= 1.0

    def test_promoters_prefer_those_with_a_member_abroad(self):
        found = self.admitted([1.0, 0.0, 0.0], promoted=500.0, kin=3.0)
        np.testing.assert_allclose(found, (300, 100, 100), atol=2)

    @pytest.mark.parametrize("mixed", [0.3, 0.6, 1.0], ids=["all rows alike", "half of them mixed", "rows of one kind"])
    def test_places_do_not_depend_on_how_rows_are_put_together(self, mixed: float):
        """Of 10,000 applicants 3,000 are vouched for: 2,000 go to direct places, 500 and 500 to promoters."""
        vouched = np.where(np.arange(100) < round(30 / mixed), mixed, 0.0)
        fared, direct, persons = np.zeros((2, 1)), np.array([2_000.0]), np.full(100, 100)
        admitted = np.zeros(100, np.int64)
        ration_along_ties(
            persons, np.zeros(100, np.int64), vouched, direct, 1_000.0, np.ones(1), 7.0, 0.5, admitted, fared
        )
        np.testing.assert_allclose(fared[:, 0], (500.0, 2_500.0), rtol=0.02)
        assert abs(admitted.sum() - 3_000) <= 1

    def test_destinations_give_their_own_places(self):
        """Each as if it were alone: those who ask, by whether they are vouched for, and the places that are left."""
        district, rows, key = np.arange(40) % 2, np.arange(40) // 2 % 2, np.uint64(5)
        persons, vouched = np.full(40, 10), np.where(district == 0, 0.75, 0.0)
        direct, promoted, nearness = np.array([[20.0, 0.0], [500.0, 0.0]]), np.array([30.0, 900.0]), np.ones(2)
        left, places, asked, fared = direct.copy(), promoted.copy(), *np.zeros((2, 2, 2, 2))
        taken = persons.copy()
        ration_each_along_ties(
            ascending(rows), rows, taken, district, vouched, left, places, nearness, 2.0, key, asked, fared
        )
        np.testing.assert_array_equal(asked, [[[25, 100], [75, 0]]] * 2)
        for row in (0, 1):
            mine = rows == row
            alone, expected, of_group = direct[row].copy(), np.zeros(20, np.int64), np.zeros((2, 2))
            rest = ration_along_ties(
                persons[mine], district[mine], vouched[mine], alone, promoted[row], nearness, 2.0, uniform(key, row),
                expected, of_group,
            )  # fmt: skip
            np.testing.assert_array_equal(taken[mine], expected)
            np.testing.assert_array_equal(fared[row], of_group)
            np.testing.assert_array_equal(left[row], alone)
            assert places[row] == rest < promoted[row]

    def test_everybody_is_admitted_where_there_is_room(self):
        np.testing.assert_array_equal(self.admitted([0.0] * 3, promoted=1e5, nearness=(1.0, 0.1, 0.01)), (1000,) * 3)


class TestWhoIsAdmitted:
    def test_applicants_go_by_what_befell_those_of_their_district(self):
        world = world_of_three(1)
        state, there = world[AdmissionState], [facts.key for facts in world.destination_facts].index("qatar")
        state.asked[:], state.admitted[:] = 0.0, 0.0
        asked, admitted = np.zeros((2, *state.asked.shape))
        asked[there], admitted[there, 0, LEFT], admitted[there, 1, RIGHT] = 10_000.0, 9_000.0, 2_000.0
        state.remember(asked, admitted, 12.0)
        assert state.chance()[there, 0, LEFT] > 0.85
        assert state.chance()[there, 0, RIGHT] < 0.1
        assert 0.15 < state.chance()[there, 1, RIGHT] < 0.25, "those vouched for by themselves"
        state.remember(np.zeros_like(asked), np.zeros_like(asked), 12.0)
        assert state.asked[there, 0, LEFT] == pytest.approx(10_000.0 * 11 / 12), "it fades"
        legal = [
            option.channel == LEGAL_WORK and option.destination == there and not option.is_sold
            for option in world.options
        ]
        known = chances_of(world)[:, legal].ravel()
        assert known[LEFT] > 5 * known[RIGHT], "and it enters the choice"
        chance = state.chance()[there, :, RIGHT]
        gained = _vouched_gains(world)[RIGHT, legal][0]
        assert gained == pytest.approx(chance[1] / chance[0] - 1.0) and gained > 0.5, "more so with somebody to vouch"

    def test_promoters_reach_those_among_whom_migrants_live(self):
        world = world_of_three(1, legal_work={"neighbour_ties": 0.0})
        there = [facts.key for facts in world.destination_facts].index("qatar")
        world.stock[:, :, WORKER] = 0
        residents = world.sums[:, T_MEMBERS] - world.sums[:, T_AWAY]
        world.stock[LEFT, there, WORKER], world.stock[RIGHT, there, WORKER] = (
            residents[LEFT] // 10,
            residents[RIGHT] // 100,
        )
        found = promoters_reach(world, known_there(world)) / world[LegalWorkState].nearness
        ties = world.params(LegalWorkParams).promoter_ties
        usual = world.stock[:, there, WORKER].sum() / residents.sum()
        rates = world.stock[:, there, WORKER] / residents
        assert ties > 0.0
        np.testing.assert_allclose(found, 1.0 - ties + ties * rates / usual, rtol=1e-6)

    @pytest.mark.parametrize(("ties", "abroad", "expected"), [(0.0, 100, 1.0), (1.0, 100, 0.0), (1.0, 0, 1.0)])
    def test_promoters_reach_districts_without_migrants_only_beyond_ties(self, ties, abroad, expected):
        """Nobody where all goes through agents and there are none; everybody where nobody has migrated at all."""
        world = world_of_three(1, legal_work={"neighbour_ties": 0.0, "promoter_ties": ties})
        world.stock[:, :, WORKER] = 0
        world.stock[LEFT, 0, WORKER] = abroad
        found = promoters_reach(world, known_there(world)) / world[LegalWorkState].nearness
        assert found[RIGHT] == pytest.approx(expected)

    def test_places_are_heard_of_next_door_and_more_by_few_than_by_many(self):
        """Of 1,000 migrants of the left, each neighbour hears by the weight, its own residents and those around it."""
        world = world_of_three(1, legal_work={"neighbour_ties": 0.5})
        there, people = [facts.key for facts in world.destination_facts].index("qatar"), world.residents()
        world.stock[:, :, WORKER] = 0
        world.stock[LEFT, there, WORKER] = 1_000
        found = known_there(world)[there]
        borders = world.borders
        mine = slice(borders.indptr[MIDDLE], borders.indptr[MIDDLE + 1])
        share = dict(zip(borders.indices[mine], borders.weight[mine], strict=True))
        assert sum(share.values()) == pytest.approx(1.0)
        around = share[LEFT] * people[LEFT] + share[RIGHT] * people[RIGHT]
        expected = 0.5 * share[LEFT] * 1_000.0 / (people[MIDDLE] + 0.5 * around) * people[MIDDLE]
        assert found[MIDDLE] == pytest.approx(expected, rel=1e-6)
        assert found[RIGHT] == 0.0, "it borders on the middle only"
        alone = world_of_three(1, legal_work={"neighbour_ties": 0.0})
        alone.stock[:, :, WORKER] = world.stock[:, :, WORKER]
        assert known_there(alone)[there, LEFT] == known_there(alone)[there].sum() == pytest.approx(1_000.0)

    @pytest.mark.parametrize("settles", [True, False])
    def test_the_settled_tell_of_contracts_where_workers_settle(self, settles: bool):
        britain = {"destinations": {"united_kingdom": {"workers_settle": settles, "legal_quota": 1_000}}}
        world = world_of_three(1, legal_work={"neighbour_ties": 0.0}, places=britain)
        there = [facts.key for facts in world.destination_facts].index("united_kingdom")
        world.stock[:] = 0
        world.stock[LEFT, there, SETTLED] = 1_000
        assert known_there(world)[there, LEFT] == pytest.approx(1_000.0 * settles)

    def test_a_member_abroad_vouches_for_contracts_alone(self):
        world = world_of_three(1)
        contract = np.array([option.channel == LEGAL_WORK and not option.is_sold for option in world.options])
        state = world[AdmissionState]
        state.asked[:] = 1e9
        state.admitted[:] = 1e9 * np.array([0.05, 0.5])[None, :, None]
        np.testing.assert_allclose(_vouched_gains(world)[:, contract], 9.0, rtol=1e-5)
        np.testing.assert_array_equal(_vouched_gains(world)[:, ~contract], 0.0)

    def test_groups_have_places_of_their_own(self):
        """Of three groups the first has no places, the second too few, and the last asks for nothing."""
        persons, group = np.array([10] * 40 + [20] * 30 + [7], np.int64), np.array([1] * 70 + [0])
        unused = np.array([0.0, 256.5, 3.0])
        ration_by_group(ascending(group), group, persons, unused, np.uint64(5))
        assert persons[:70].sum() == pytest.approx(256.5, abs=1.0)
        assert persons[:40].sum() == pytest.approx(102.6, abs=1.0)
        assert unused.tolist() == [0.0, 256.5 - persons[:70].sum(), 3.0]
        assert persons[70] == 0

    def test_part_of_a_place_is_not_a_place(self):
        """Where a twentieth of a place is free a month, one in twenty months is filled, whoever rations it."""
        months, places, cohort = 2_000, 0.05, 30
        unused, by_group, of_promoters, promoted = np.zeros(1), 0, 0.0, 0
        for month in range(months):
            unused += places
            persons, admitted = np.array([cohort]), np.zeros(1, np.int64)
            ration_by_group(np.array([0]), np.array([0]), persons, unused, np.uint64(month))
            by_group += int(persons[0])
            of_promoters = ration_along_ties(
                np.array([cohort]), np.array([0]), np.zeros(1), np.zeros(1), of_promoters + places, np.ones(1), 1.0,
                month * 0.618 % 1.0, admitted, np.zeros((2, 1)),
            )  # fmt: skip
            promoted += int(admitted[0])
        assert by_group == pytest.approx(months * places, abs=1.01)
        assert promoted == pytest.approx(months * places, abs=1.01)

    def test_the_nearest_city_of_promoters_counts_and_no_other(self):
        """By its distance to the nearest of all cities, 1 at a city itself."""
        units = load_units("pakistan")
        rows = unit_index(units)
        cities = [rows[row["unit"]] for row in read_rows("tables/protectorate_offices.csv")]
        away = distance_km(units.lon[:, None], units.lat[:, None], units.lon[cities], units.lat[cities]).min(axis=1)
        np.testing.assert_allclose(promoters_near(units, 400.0, "full"), np.exp(-np.rint(away) / 400.0))
        assert (promoters_near(units, 400.0, "none") == 1.0).all(), "where they sit is data of districts"

    def test_without_ties_nobody_is_vouched_for_and_promoters_look_at_the_distance_alone(self):
        world = world_of_three(1, mechanisms={"ties": {"enabled": False}})
        world.stock[:] = 0
        world.stock[LEFT, :, WORKER] = 10_000
        np.testing.assert_allclose(promoters_reach(world, known_there(world)), world[LegalWorkState].nearness)
        world.households.away[0] = world.weight[0]
        assert not vouched_for(world, np.array([0]), np.array([0])).any()
        _grant_places(world, known_there(world))
        assert not world[LegalWorkState].direct.unused.any()
        assert world[LegalWorkState].promoted.unused.sum() > 0

    def test_of_the_households_of_a_row_those_vouched_for_apply_more_often(self):
        """Of four one has a member abroad, whose application is worth four: half of the applicants at a gain of one."""
        world = world_of_three(1)
        world.households.away[0], world.households.dead[0], world.households.in_city[0] = world.weight[0] // 4, 0, 0
        share = vouched_for(world, np.zeros(1, np.int64), np.zeros(1, np.int64))[0]
        month = world[OptionsState].month
        option = int(np.flatnonzero(world.option_table.channel == LEGAL_WORK)[0])
        worth = np.full(month.vouched_gain.shape, 1.0 / share - 2.0)
        world[OptionsState].month = month._replace(vouched_gain=worth, gain=1.0)
        due = Choices(*np.array([[0], [0], [option], [1]]))
        assert 0.0 < share < 0.5 and applicants_vouched_for(world, due)[0] == pytest.approx(0.5)

    def test_households_with_a_member_abroad_are_vouched_for(self):
        world = world_of_three(1)
        rows, districts = np.array([0, 1]), np.zeros(2, np.int64)
        weight = int(world.weight[0])
        world.households.away[:2], world.households.dead[:2], world.households.in_city[:2] = (weight, 0), 0, 0
        np.testing.assert_array_equal(vouched_for(world, rows, districts), (1.0, 0.0))
        world.households.in_city[0] = weight
        assert vouched_for(world, rows, districts)[0] == 0.0, "a city is not abroad"
        world.households.in_city[0], world.households.dead[0] = 0, weight
        assert vouched_for(world, rows, districts)[0] == 0.0, "nor is anybody who died there"
        world.households.away[0], world.households.dead[0] = 2 * weight, 0
        assert vouched_for(world, rows, districts)[0] == 1.0, "two of a household count once"


def test_direct_places_not_taken_up_go_to_promoters_and_none_is_lost():
    world = world_of_three(1, legal_work={"direct_share": 1.0})
    state, there = world[LegalWorkState], known_there(world)
    row = [facts.key for facts in world.destination_facts].index("saudi_arabia")
    state.direct.unused[row], state.promoted.unused[row] = 1e9, 0.0
    before = state.direct.unused[row].sum()
    _grant_places(world, there)
    left = state.direct.unused[row].sum() + state.promoted.unused[row]
    assert left == pytest.approx(before + world.destinations[row].quota)
    assert state.promoted.unused[row] > 0.9 * before


def test_the_chance_of_a_visa_fades_by_persons():
    """A month in which few ask tells little, and one in which nobody does lets what is known fade to a good chance."""
    place = world_of_three(1).destinations[0]
    place.remember_visits(0, 0, 1.0)  # of the month before nothing is left
    place.remember_visits(100, 1_000, 12.0)
    assert place.visit_admission == pytest.approx(101 / 1_001)
    place.remember_visits(1, 1, 12.0)
    assert place.visit_admission == pytest.approx((100 * 11 / 12 + 2) / (1_000 * 11 / 12 + 2))
    for _ in range(200):
        place.remember_visits(0, 0, 12.0)
    assert place.visit_admission > 0.99


def test_half_the_visits_are_half_the_chance_of_a_visa():
    usual, half = (visits_refused(world_of_three(1, overstay={"visits": visits})) for visits in (1.0, 0.5))
    np.testing.assert_allclose(1.0 - half, 0.5 * (1.0 - usual))


def test_the_state_bears_what_is_taken_off_fees():
    """Half of each fee: as much as workers pay, whatever they pay."""
    fee = {"lever": "legal_fee", "from": "2009-01", "value": 0.5}
    config = small_config(("gujrat", "jhelum"), months=10, levers=[fee], mechanisms={"legal_price": {"enabled": False}})
    paid, borne = 0, 0
    for world in months_of(Model(config)):
        paid += world.ledger.flows.get(("households", "recruiters", "legal fee"), 0)
        borne += int(world.figures[PolicyOutcomes.policy_cost])
    assert paid > 0 and borne == pytest.approx(paid, rel=0.01)


def test_visas_for_those_who_choose_together_may_wait():
    """Eight persons at most of a weighted row ask together, and one is owed; where there are no visas none collect."""
    world = world_of_three(1)
    world.destination_table.visits[:] *= 1e-4
    for _ in range(50_000):
        unused = _grant_visas(world).unused
    visits = world.destination_table.visits > 0.0
    assert unused.min(where=visits, initial=99.0) == PIECE + 1.0 and not unused[~visits].any()
