"""Members abroad: what they send home, how they come back, and where those without papers go on to."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from scenes import KEY, crowd, row_of, villages_with, world_of_three
from worlds import small_config

from abm import Model
from abm.abroad.diaspora import (
    RAIDS,
    AbroadMonth,
    Destinations,
    Diaspora,
    DiasporaParams,
    DiasporaState,
    _by_savings,
    _remittances,
    _return_rates,
    _switches,
    regularisations,
)
from abm.abroad.events import MovesState
from abm.abroad.onward import OnwardState, onward_hazards
from abm.abroad.reentry import ReentryState, _best_odds, ease_of_return, get_used_to_quotas
from abm.choice.channel import on_arrival
from abm.departure import REFUSALS_ADDED
from abm.engine.tables import allocate
from abm.legal import LabourDemandState
from abm.places.options import IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.places.places import places_of
from abm.routes import LegsState, bribed_share, usual_odds, usual_stops
from abm.society import EconomyState, incomes_abroad, incomes_since_hired
from abm.world.codes import (
    HIDDEN,
    IRREGULAR,
    SETTLED,
    STATUS_COUNT,
    STOCK_COLUMNS,
    T_DEPORTATIONS,
    T_DOMESTIC_REMITTANCES,
    T_REMITTANCES,
    T_RETURNS,
    T_WITH_MIGRANT,
    TALLY_COUNT,
    WORKER,
)
from abm.world.columns import Away, Events
from abm.world.destination import Destination
from abm.world.kernels.members_away import members_away_month
from abm.world.state import World

PLACES = 3
DOMESTIC = PLACES - 1


def _no_hazards() -> dict[str, np.ndarray]:
    """All that may happen abroad, with chance 0: by destination and status, the first two by savings too."""
    by_savings = {name: np.zeros((PLACES, STATUS_COUNT, 3)) for name in AbroadMonth._fields[1:3]}
    return by_savings | {name: np.zeros((PLACES, STATUS_COUNT)) for name in AbroadMonth._fields[3:8]}


def month(
    households: Any, destination: list[int], usual_index: float = 1.1, homeward: float = 1.0, **values: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Let a month pass for one member of each household, at these destinations; the saving target is 300,000.

    Wages are 1.1 times what households hold; `usual_index` is what families are used to; `homeward`
    multiplies voluntary returns.

    Returns
    -------
    tuple of numpy.ndarray
        What each household received, and the tallies.
    """
    count = len(destination)
    away = allocate(Away, count)
    away.row[:], away.persons[:], away.destination[:] = np.arange(count), 1, destination
    villages = villages_with([count], segment_start=[0], segment_count=[count], segment_capacity=[count])
    hazards = _no_hazards()
    for name, value in values.items():
        hazards[name][:] = (
            np.array(value).reshape(PLACES, 1, -1) if hazards[name].ndim > 2 else np.array(value)[:, None]
        )
    amount = np.broadcast_to([10_000.0, 13_000.0, 16_000.0], (PLACES, STATUS_COUNT, 3)).copy()
    received, tally = np.zeros(count, np.int32), np.zeros(TALLY_COUNT, np.int64)
    values_abroad = AbroadMonth(amount, **hazards, saving_target=300_000.0, shame=0.2, insured=0.6, domestic=DOMESTIC)
    members_away_month(
        0, 1, 0, DOMESTIC, 1.1, usual_index, homeward, villages, households, away, values_abroad, KEY, received,
        np.zeros(count), tally, np.zeros((PLACES, STOCK_COLUMNS), np.int64), allocate(Events, count), 0,
    )  # fmt: skip
    return received, tally


(SAUDI,) = (place for place in places_of().destinations if place.key == "saudi_arabia")


class TestRemittances:
    def test_the_skilled_send_more(self):
        received, tally = month(crowd(3, workers=2, away=1, skill=[0, 1, 2]), [0, 0, 0])
        assert received.tolist() == [10_000, 13_000, 16_000]
        assert (tally[T_REMITTANCES], tally[T_DOMESTIC_REMITTANCES]) == (39_000, 0)

    def test_what_comes_from_a_city_of_the_country_is_no_remittance_from_abroad(self):
        received, tally = month(crowd(2, workers=2, away=1, in_city=[0, 1]), [0, DOMESTIC])
        assert received.tolist() == [10_000, 10_000]
        assert (tally[T_REMITTANCES], tally[T_DOMESTIC_REMITTANCES]) == (10_000, 10_000)

    def test_they_send_more_when_those_at_home_have_no_job(self):
        """Six tenths of what one or two without a job would earn, and at most half as much again as usual."""
        columns = {"workers": [3, 3, 4, 3], "jobs": [2, 1, 0, 0], "away": [1, 1, 2, 1], "wage": [5_000.0] * 4}
        households = crowd(4, **columns)
        received, tally = month(households, [0, 0, 0, 0])
        assert received.tolist() == [10_000, 13_300, 13_300, 15_000]
        assert tally[T_REMITTANCES] == received.sum()

    def test_they_make_up_for_a_part_of_a_fall_in_wages(self):
        """Six tenths of what two with a job earn less, and nothing where wages have risen."""
        households = crowd(2, workers=3, jobs=2, away=1, wage=[5_000.0, 1_000.0])
        received, _ = month(households, [0, 0], usual_index=1.3)
        np.testing.assert_array_equal(received, [10_000 + 0.6 * 2 * 0.2 * 5_000, 10_000 + 0.6 * 2 * 0.2 * 1_000])
        received, _ = month(crowd(1, workers=3, jobs=2, away=1, wage=5_000.0), [0])
        assert received.tolist() == [10_000]

    def test_those_who_leave_the_place_send_nothing(self):
        received, _ = month(crowd(2, workers=2, away=1), [0, 1], moving=[1.0, 0.0, 0.0])
        assert received.tolist() == [0, 10_000]


class TestComingHome:
    def test_deportation_shames_and_a_return_does_not(self):
        """Both end the absence and leave experience, and a member back from a city leaves none."""
        households = crowd(4, workers=2, away=1, in_city=[0, 0, 1, 0], aspiration=0.5)
        _, tally = month(households, [0, 1, DOMESTIC, 0], moving=[1.0, 1.0, 1.0], deported=[1.0, 0.0, 0.0])
        assert households.away.tolist() == [0, 0, 0, 0]
        np.testing.assert_allclose(households.aspiration, [0.4, 0.5, 0.5, 0.4])
        assert households.experience.tolist() == [1, 1, 0, 1]
        assert (tally[T_DEPORTATIONS], tally[T_RETURNS]) == (2, 1)

    def test_they_return_when_debts_are_paid_and_the_target_is_reached(self):
        """Four thousand who mean to return: in debt, short of the target, with the savings, with a house."""
        many = 4_000
        state = {
            "debt": [1, 0, 0, 0], "assets": [400_000, 299_999, 300_000, 0], "house": [0, 0, 0, 1],
        }  # fmt: skip
        columns = {name: np.repeat(values, many) for name, values in state.items()}
        households = crowd(4 * many, workers=2, away=1, **columns)
        month(households, [0] * 4 * many, home=[[0.2, 0.5, 1.0], [0.0] * 3, [0.0] * 3])
        home = 1.0 - households.away.reshape(4, many).mean(axis=1)
        np.testing.assert_allclose(home, [0.2, 0.5, 1.0, 1.0], atol=0.025)

    def test_more_return_where_wages_are_higher_and_no_more_are_deported(self):
        many = 8_000
        chances = {"moving": [[0.2] * 3, [0.0] * 3, [0.0] * 3], "deported": [0.2, 0.0, 0.0]}
        for homeward in (0.5, 2.0):
            households = crowd(many, workers=2, away=1)
            _, tally = month(
                households, [0] * many, homeward=homeward, home=[[0.3] * 3, [0.0] * 3, [0.0] * 3], **chances
            )
            np.testing.assert_allclose(tally[T_DEPORTATIONS] / many, 0.2, atol=0.02)
            np.testing.assert_allclose(tally[T_RETURNS] / many, 0.3 * homeward, atol=0.025)

    def test_families_who_settled_come_and_go_freely(self):
        params = DiasporaParams(return_indebted=0.4, return_on_target=2.5)
        home = np.full((PLACES, STATUS_COUNT), 0.02)
        found = _by_savings(home, params)
        np.testing.assert_allclose(found[:, SETTLED], 0.02)
        np.testing.assert_allclose(found[DOMESTIC], 0.02)
        for status in (WORKER, IRREGULAR, HIDDEN):
            np.testing.assert_allclose(found[0, status], (0.008, 0.02, 0.05))


class TestContracts:
    def test_the_longer_contracts_last_the_fewer_go_home(self):
        world = world_of_three(1, diaspora={"reentry": 0.0, "return_pay": 0.0, "return_rate_worker": 0.01})
        years = np.array([facts.contract_years for facts in world.destination_facts[:-1]])
        assert years.max() > 2.0 * years.min()
        found, followed = _return_rates(world), world.destination_table.settling[:-1] > 0.0
        np.testing.assert_allclose(found[:-1, WORKER][~followed], 0.01 * 5.5 / years[~followed])
        np.testing.assert_allclose(found[:-1, WORKER][followed], found[:-1, SETTLED][followed])

    def test_they_stay_longer_where_pay_is_high_beside_incomes_at_home(self):
        """The life cycle of Yang (2006): by the elasticity; settled families come and go as they did."""
        world = world_of_three(1, diaspora={"return_pay": 1.5})
        before, economy = _return_rates(world), world[EconomyState]
        for destination in world.destinations:
            destination.pays *= 1.2
        richer_abroad = _return_rates(world)
        economy.income_index *= 1.2
        both = _return_rates(world)
        np.testing.assert_allclose(richer_abroad[:-1, WORKER] / before[:-1, WORKER], 1.2**-1.5)
        np.testing.assert_allclose(richer_abroad[:-1, HIDDEN] / before[:-1, HIDDEN], 1.2**-1.5)
        np.testing.assert_array_equal(richer_abroad[:, SETTLED], before[:, SETTLED])
        np.testing.assert_allclose(both, before)

    def test_they_stay_longer_where_a_configuration_pays_more(self):
        more = {"destinations": {"saudi_arabia": {"wage_usd": 2.0 * SAUDI.wage_usd}}}
        alike = {"diaspora": {"reentry": 0.0}}  # more apply there, so that fewer can come back
        rates = [_return_rates(world_of_three(1, places=places, **alike))[0, WORKER] for places in ({}, more)]
        assert rates[1] == pytest.approx(rates[0] / 2.0, rel=0.02)

    def test_amnesties_of_the_data_count_as_amnesties(self):
        """In April 2013 there is one in Saudi Arabia, and one in Italy."""
        world = world_of_three(1, start="2013-04")
        kept = world[DiasporaState].legalised[:, 0] > 0.0
        assert [facts.key for facts, some in zip(world.destination_facts, kept, strict=True) if some] == [
            "saudi_arabia", "italy",
        ]  # fmt: skip

    def test_those_whom_an_amnesty_gave_papers_keep_their_jobs(self):
        """The sector is as full as before, so that its pay does not rise, until they find other work."""
        uses = [{"lever": "regularisation", "from": "2009-01", "value": 5.0}]
        world, usual = (world_of_three(1, levers=levers) for levers in (uses, []))
        kept = world[DiasporaState].legalised
        assert (kept > 0).sum() > 5 and not kept[-1].any() and not usual[DiasporaState].legalised.any()
        Destinations.step(world)
        before = world.destinations[5].pays.copy()
        kept[5, 0] += 1e6
        Destinations.step(world)
        assert world.destinations[5].pays[IRREGULAR] < 0.9 * before[IRREGULAR]
        assert world.destinations[5].pays[HIDDEN] == before[HIDDEN], "those of the hidden sector keep jobs there"
        destination = usual.destinations[0]
        pay = []
        for gone, stay in ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)):
            destination.stocks[IRREGULAR] = 1e6 * (1.0 - gone)
            destination.update(1.0, 1.0, 1.0, (0.0, -0.5, -0.6), (1.0, 1.0), legalised=(1e6 * stay, 0.0))
            pay.append(destination.pays[IRREGULAR])
        assert pay[0] == pytest.approx(pay[2]) and pay[1] == pytest.approx(pay[0] * 2.0**0.5, rel=1e-3)

    def test_raids_lower_the_pay_of_the_sector_raided(self):
        """Orrenius and Zavodny (2015); before anybody is removed, that is, with as many for the same jobs."""
        world, pays, living = world_of_three(1), [], []
        for raids in ([1.0, 1.0], [5.0, 1.0], [1.0, 5.0]):
            with world.supposing(RAIDS, np.tile(raids, (len(world.destinations), 1))):
                Destinations.step(world)
            pays.append(np.array([place.pays for place in world.destinations]))
            living.append([place.pay_in_hiding for place in world.destinations])
        for raided, others, here in ((pays[1], HIDDEN, IRREGULAR), (pays[2], IRREGULAR, HIDDEN)):
            np.testing.assert_allclose(raided[:, here] / pays[0][:, here], 5.0**-0.05)
            np.testing.assert_array_equal(raided[:, others], pays[0][:, others])
        assert living[0] == living[2], "what living costs does not follow raids"

    def test_who_is_let_go_goes_home_whatever_was_saved_once_borders_are_open(self):
        world = world_of_three(1)
        economy, demand = world[EconomyState], world[LabourDemandState]
        before = world[DiasporaState].month.moving.copy()
        demand.let_go = np.full(before.shape[0], 0.05)
        Diaspora.step(world)
        more = world[DiasporaState].month.moving - before
        onward = more[:-1, WORKER].min()  # a few fewer go on, whose stays are shorter
        assert onward == pytest.approx(0.05, rel=0.05)
        np.testing.assert_allclose(more[:, WORKER], more[:, WORKER, :1].repeat(3, axis=1), atol=1e-12)
        assert not more[:, SETTLED].any()
        economy.returnable = 0.0 * economy.returnable
        Diaspora.step(world)
        assert (world[DiasporaState].month.moving[:-1, WORKER] < before[:-1, WORKER]).all()


def test_employers_expect_the_share_of_workers_who_leave():
    """Counted over two years: those who were not let go, and went for whatever reason."""
    model, expected, left = Model(small_config(("gujrat", "mandi_bahauddin"), months=25, scale=0.02)), 0.0, 0.0
    model.step()
    world = model.world
    there = row_of(world, "saudi_arabia")
    for _ in range(24):
        before = world.stock[:, there, WORKER].sum()
        model.step()
        demand, events = world[LabourDemandState], world[MovesState].month
        expected += (demand.leaving[there] / 12 + demand.let_go[there]) * before
        mine = (events.destination == there) & (events.status == WORKER)
        for what in (events.deported, events.returned, events.died, events.switched, events.onward):
            left += what[mine].sum()
    model.close()
    assert left > 20_000
    assert expected == pytest.approx(left, rel=0.08)


def test_employers_replace_workers_who_go_home_beyond_the_usual_and_fewer_who_stay_on():
    """Where pay falls more go home; what leaves rises by the returns beyond the usual rate."""
    world = world_of_three(1)
    demand, there = world[LabourDemandState], [place.facts.key for place in world.destinations].index("saudi_arabia")
    found = []
    for factor in (0.5, 1.0, 2.0):
        world.destinations[there].pays[WORKER] *= factor
        Diaspora.step(world)
        found.append(demand.leaving[there])
        world.destinations[there].pays[WORKER] /= factor
    assert found[0] > found[1] > found[2]
    fewer = 2.0**-world.config.diaspora.return_pay
    assert (found[0] - found[1]) * fewer == pytest.approx(found[1] - found[2], rel=1e-6)


def test_closed_routes_lead_nobody_back_or_on():
    """On half the days, with half the odds of re-entry on the best way, and half as many who go on."""
    world = world_of_three(1)
    legs, places = world[LegsState], world.destination_facts[:-1]
    alone = np.array([facts.visits == 0 and facts.key in ("greece", "iran", "turkey") for facts in places])
    nobody = np.zeros((len(places) + 1, STATUS_COUNT))
    found = []
    for days in (1.0, 0.5):
        legs.open_routes = np.full(len(world.route_facts), days)
        world[OnwardState].saved[:], world[OnwardState].stayers[:] = EVERYBODY, 0.0
        found.append((ease_of_return(world)[1][:-1][alone], onward_hazards(world, nobody, nobody[:, 0])))
    assert found[0][0].size == 3 and found[0][1].sum() > 0.0
    for opened, half in zip(*found, strict=True):
        np.testing.assert_allclose(half, 0.5 * opened)


def test_where_the_quota_is_cut_those_with_papers_stay():
    """Relative to the quota to which they are accustomed: half of it halves the ease of return, for a while."""
    world = world_of_three(30)
    same = ease_of_return(world)
    np.testing.assert_allclose(same[0], 1.0)
    world[ReentryState].usual_quota *= 2.0
    fewer = ease_of_return(world)
    np.testing.assert_allclose(fewer[0], 0.5)
    np.testing.assert_array_equal(fewer[1], same[1])
    for _ in range(120):
        get_used_to_quotas(world)
    assert (ease_of_return(world)[0] > 0.7).all()


def test_a_slump_abroad_sends_workers_home():
    """Half the investment in Saudi Arabia from one year on: fewer are hired, and more of those there come home."""
    series = {"SAU": {"investment": {str(year): 10.0 for year in (2010, 2011)}}}
    usual, slump = (world_of_three(20, drivers=drivers) for drivers in ({}, {"series": series}))
    there = row_of(usual, "saudi_arabia")
    assert slump[LabourDemandState].hires[there] < 0.8 * usual[LabourDemandState].hires[there]
    leaving = [
        (world[DiasporaState].month.moving + world[DiasporaState].month.home)[there, WORKER, 1]
        for world in (usual, slump)
    ]
    assert leaving[1] > 2.0 * leaving[0]


def test_a_dearer_dollar_brings_six_tenths_as_much_more_at_first():
    """And all of it once those abroad are used to it; money from the city is in rupees."""
    world = world_of_three(1)
    sent, dollar = _remittances(world), world[EconomyState].dollar
    world[DiasporaState].usual_dollar = dollar / 1.1
    at_first = _remittances(world)
    np.testing.assert_allclose(at_first[:-1] / sent[:-1], 1.1**-0.4, rtol=2e-3)
    np.testing.assert_array_equal(at_first[-1], sent[-1])
    for _ in range(200):
        _remittances(world)
    np.testing.assert_allclose(_remittances(world), sent, rtol=2e-3)


def test_pay_under_contract_follows_the_incomes_of_its_years():
    """A fall of a fifth in one year takes as long to reach pay in the Gulf as its contracts last."""
    fell = {"series": {"SAU": {"income": {str(year): 40_000.0 for year in range(2012, 2016)}}}}
    world = world_of_three(40, drivers=fell)
    before = world_of_three(12, drivers=fell)
    there = row_of(world, "saudi_arabia")
    now, then = ((incomes_since_hired(w) / incomes_abroad(w))[there] for w in (world, before))
    assert now > then
    free = row_of(world, "greece")
    assert incomes_since_hired(world)[free] == incomes_abroad(world)[free]


def test_half_the_quota_keeps_workers_abroad_from_the_second_year_on():
    quota = {"lever": "legal_quota", "value": 0.5, "from": "2010-01"}
    usual, fewer = (world_of_three(24, scale=0.01, levers=levers) for levers in ([], [quota]))
    there = [facts.key for facts in usual.destination_facts].index("saudi_arabia")
    assert ease_of_return(fewer)[0][there] < 0.9 * ease_of_return(usual)[0][there]


EVERYBODY = 1e12
"""More savers than there are persons: nobody has to wait for the fee."""


class TestOnward:
    """From the Gulf one way leads on, to Italy."""

    HERE, GOAL = "united_arab_emirates", "italy"
    PLAIN: ClassVar[dict[str, Any]] = {"gain": 1.2, "harm": 0.0, "steepest": 6.0, "chance": 2.0}

    def hazards(
        self,
        world: World,
        here: float = 40_000.0,
        there: float = 40_000.0,
        leaving: float = 0.0,
        papers: float = 0.0,
        saved: float = EVERYBODY,
    ) -> np.ndarray:
        """Share of those in the Gulf who set out in a month, by status, at this pay here and there."""
        keys = [facts.key for facts in world.destination_facts]
        row = keys.index(self.HERE)
        world.destinations[row].pays[:] = here
        world.destinations[keys.index(self.GOAL)].pays[:] = there
        given = np.array([papers if key == self.GOAL else 0.0 for key in keys])
        world[OnwardState].saved[:] = saved
        world.stock[0, row] = np.maximum(world.stock[0, row], 100)
        return onward_hazards(world, np.full((len(keys), STATUS_COUNT), leaving), given)[row]

    def test_they_move_on_to_where_papers_are_given_and_compatriots_live(self):
        """By `hopes` for the chance of papers in a year, and `network` for the log of the ratio of compatriots."""
        world = world_of_three(1, onward=self.PLAIN | {"hopes": 3.0, "network": 0.5})
        usual = self.hazards(world)[IRREGULAR]
        assert self.hazards(world, papers=0.01)[IRREGULAR] == pytest.approx(usual * np.exp(3.0 * 0.12))
        goal = [facts.key for facts in world.destination_facts].index(self.GOAL)
        before = 1.0 + world.stock[:, goal].sum()
        world.stock[0, goal, SETTLED] += 1000
        assert self.hazards(world)[IRREGULAR] == pytest.approx(usual * ((before + 1000.0) / before) ** 0.5)

    def test_they_move_on_to_where_pay_is_better(self):
        """By the elasticity of the gain, to pay there and, if nobody has to wait for the fee, to pay here."""
        world, moving = world_of_three(1, onward=self.PLAIN), [WORKER, IRREGULAR, HIDDEN]
        usual = self.hazards(world)[moving]
        assert (usual > 0.0).all()
        np.testing.assert_allclose(self.hazards(world, there=80_000.0)[moving], 2.0**1.2 * usual)
        np.testing.assert_allclose(self.hazards(world, here=80_000.0)[moving], 2.0**-1.2 * usual)

    def test_those_with_papers_seldom_give_them_up_and_the_settled_never(self):
        world = world_of_three(1, onward=self.PLAIN | {"papers": 0.02})
        found = self.hazards(world)
        assert found[WORKER] == pytest.approx(0.02 * found[IRREGULAR]) and found[SETTLED] == 0.0

    def test_a_first_stay_must_last_until_the_fee_is_saved(self):
        """At the start 1 / (1 + months x hazard of leaving) have the fee; twice the pay, half the months."""
        world = world_of_three(1, onward=self.PLAIN | {"gain": 0.0})
        low, high = (
            [
                1.0 / self.hazards(world, here=pay, leaving=leaving, saved=np.nan)[IRREGULAR]
                for leaving in (0.0, 0.01, 0.02)
            ]
            for pay in (40_000.0, 80_000.0)
        )
        assert low[2] - low[1] == pytest.approx(low[1] - low[0]) and low[1] > low[0] > 0.0
        assert high[1] - high[0] == pytest.approx((low[1] - low[0]) / 2.0, rel=1e-3)

    def test_death_on_the_way_keeps_people_where_they_are(self):
        worlds = [
            world_of_three(1, onward=self.PLAIN | {"harm": 25.0}, interception={"danger": danger})
            for danger in (1.0, 4.0)
        ]
        calm, dangerous = (self.hazards(world)[IRREGULAR] for world in worlds)
        assert 0.0 < dangerous < 0.9 * calm


def test_of_those_smuggled_some_come_to_the_hidden_sector_and_of_those_on_a_visit_nobody():
    world = world_of_three(0, diaspora={"hidden_share": 1.2})
    value = np.zeros((len(world.destination_facts), STATUS_COUNT))
    value[:, IRREGULAR], value[:, HIDDEN], value[:, WORKER], value[:, SETTLED] = 0.1, 0.02, 0.3, 0.4
    hidden = np.minimum(1.2 * np.array([facts.hidden_share for facts in world.destination_facts]), 1.0)
    assert (np.abs(hidden - 0.5) > 0.1).any()
    found = on_arrival(world, value)
    np.testing.assert_allclose(found[:, IRREGULAR_WAY], 0.1 - 0.08 * hidden)
    for channel, same in ((LEGAL_WORK, 0.3), (SPONSORSHIP, 0.4), (OVERSTAY, 0.1)):
        np.testing.assert_array_equal(found[:, channel], same)


def test_settled_families_send_a_part_and_the_skilled_more():
    params = {"settled_remitted_share": 0.25, "skill_premium": 0.3}
    world = world_of_three(1, diaspora=params)
    sent = _remittances(world)
    pays = np.array([place.pays for place in world.destinations])
    share = sent[:, :, 0] / (
        pays * (world.destination_table.remitted_share * world.config.diaspora.remitted_share)[:, None]
    )
    np.testing.assert_allclose(share[:, SETTLED], 0.25)
    np.testing.assert_allclose(np.delete(share, SETTLED, axis=1), 1.0)
    np.testing.assert_allclose(sent / sent[:, :, :1], np.broadcast_to([1.0, 1.3, 1.6], sent.shape))


def test_a_regularisation_reaches_the_open_sector_in_full_and_the_hidden_in_part():
    lever = {"lever": "regularisation", "from": "2009-01", "value": 0.6}
    usual, more = (
        regularisations(world_of_three(1, levers=uses, diaspora={"amnesty_reach": 0.25})) for uses in ([], [lever])
    )
    added = (more - usual)[:-1]
    np.testing.assert_allclose(added[:, IRREGULAR], 0.6 / 12)
    np.testing.assert_allclose(added[:, HIDDEN], 0.25 * 0.6 / 12)


def test_those_in_the_open_go_into_hiding_and_the_hidden_surface():
    world = world_of_three(1, diaspora={"hiding": 0.02, "surfacing": 0.05})
    found = _switches(world)[:-1]
    np.testing.assert_allclose(found[:, IRREGULAR], 0.02)
    np.testing.assert_allclose(found[:, HIDDEN], 0.05)


def test_families_settled_at_two_places_are_no_household_with_a_migrant():
    households = crowd(1, workers=3, away=2)
    away = allocate(Away, 2)
    away.row[:], away.persons[:], away.destination[:], away.status[:] = 0, 1, [0, 1], SETTLED
    villages = villages_with([1], segment_start=[0], segment_count=[2], segment_capacity=[2])
    amount = np.zeros((PLACES, STATUS_COUNT, 3))
    values = AbroadMonth(amount, **_no_hazards(), saving_target=300_000.0, shame=0.2, insured=0.6, domestic=DOMESTIC)
    tally = np.zeros(TALLY_COUNT, np.int64)
    members_away_month(
        0, 1, 0, DOMESTIC, 1.1, 1.1, 1.0, villages, households, away, values, KEY, np.zeros(1, np.int32), np.zeros(1),
        tally, np.zeros((PLACES, STOCK_COLUMNS), np.int64), allocate(Events, 2), 0,
    )  # fmt: skip
    assert tally[T_WITH_MIGRANT] == -1  # one household with members away, of which none counts


def test_a_member_who_comes_home_needs_money_from_those_left_in_the_same_month():
    """Of three workers two are away; with one home again two have no job, which the last one abroad bears alone."""
    households = crowd(1, workers=3, away=2, wage=1_000.0)
    away = allocate(Away, 2)
    away.row[:], away.persons[:], away.destination[:] = 0, 1, [0, 1]
    villages = villages_with([1], segment_start=[0], segment_count=[2], segment_capacity=[2])
    hazards, amount = _no_hazards(), np.full((PLACES, STATUS_COUNT, 3), 10_000.0)
    hazards["home"][0] = 1.0
    values = AbroadMonth(amount, **hazards, saving_target=300_000.0, shame=0.2, insured=0.6, domestic=DOMESTIC)
    received = np.zeros(1, np.int32)
    members_away_month(
        0, 1, 0, DOMESTIC, 1.1, 1.1, 1.0, villages, households, away, values, KEY, received, np.zeros(1),
        np.zeros(TALLY_COUNT, np.int64), np.zeros((PLACES, STOCK_COLUMNS), np.int64),
        allocate(Events, 2), 0,
    )  # fmt: skip
    assert received.tolist() == [10_000 + 0.6 * 2 * 1.1 * 1_000]


@pytest.mark.parametrize(("kind", "who"), [(0, 0), (2, 1)])
def test_each_visa_that_is_refused_binds_those_who_would_need_it(kind: int, who: int):
    """Contracts those with papers, visits those without."""
    world = world_of_three(2)
    before = ease_of_return(world)
    world.now(REFUSALS_ADDED)[:, kind] = 0.3
    after = ease_of_return(world)
    visits = world.destination_table.visits > 0
    assert (after[who][visits] < before[who][visits]).all()
    np.testing.assert_array_equal(after[1 - who], before[1 - who])


def test_pay_without_papers_follows_its_jobs_and_the_cost_of_living_not_what_others_are_paid():
    facts = next(place for place in world_of_three(0).destination_facts if place.key == "saudi_arabia")
    stocks = np.array([0.0, 0.0, 2.0 * facts.open.jobs, 0.0])
    place, pays = Destination(facts, 0, stocks, 0.0, 1.0), []
    for demand, jobs, hidden in ((1.0, 1.0, 1.0), (0.5, 1.0, 1.0), (1.0, 2.0, 1.0), (1.0, 1.0, 1.5)):
        place.update(1.0, demand, jobs, (0.0, -0.5, -0.5), (1.0, hidden))
        pays.append((place.pays[IRREGULAR], place.pays[HIDDEN], place.pay_in_hiding))
    usual, levy, more, dearer = np.array(pays)
    np.testing.assert_array_equal(levy, usual)  # fewer contracts take no jobs from those without papers
    assert more[0] == pytest.approx(2.0**0.5 * usual[0])
    assert dearer[1] == pytest.approx(1.5 * usual[1]) and dearer[2] == usual[2]


def test_re_entry_is_judged_by_what_is_stopped_at_the_corruption_of_the_data():
    world = world_of_three(1)
    np.testing.assert_allclose(usual_stops(world), (1.0 - bribed_share(world)) * usual_odds(world), rtol=0.03)
    assert (usual_stops(world) < 0.9 * usual_odds(world)).any()
    np.testing.assert_array_equal(
        world[ReentryState].reference, _best_odds(world, usual_stops(world), np.ones(len(world.route_facts)))
    )


@pytest.mark.parametrize(("here", "expected"), [(0.0, 1.0), (200.0, 1.0), (2_000.0, 4.0**-0.15)])
def test_pay_is_crowded_by_the_share_of_the_region_and_not_by_the_few_it_begins_with(here: float, expected: float):
    """A tenth of 5,000 is its share; where 2,000 begin, 8,000 are four times as many."""
    facts = world_of_three(0).destination_facts[0]
    stocks = np.zeros(STATUS_COUNT)
    stocks[WORKER] = here
    place = Destination(facts, 0, stocks, 5_000.0, 0.1)
    place.stocks[WORKER] += 6_000.0 * (here > 500.0)
    place.update(1.0, 1.0, 1.0, (-0.15, -0.5, -0.6), (1.0, 1.0))
    assert place.pay / facts.wage == pytest.approx(expected)


def test_higher_wages_at_home_bring_workers_home_and_employers_replace_them() -> None:
    """At the elasticity, by district; employers replace as many as go home in the mean of the districts."""
    world = world_of_three(1, diaspora={"return_pay": 2.0})
    demand, there = world[LabourDemandState], row_of(world, "saudi_arabia")
    left = []
    for multiple in (1.0, 2.0, 3.0):
        world.district_month["wage_index"] = multiple * world[EconomyState].income_index
        Diaspora.step(world)
        np.testing.assert_allclose(world.district_month["homeward"], multiple**2, rtol=1e-5)
        left.append(demand.leaving[there])
    assert left[1] - left[0] > 0.1 * left[0]
    assert left[2] - left[0] == pytest.approx((left[1] - left[0]) * 8.0 / 3.0, rel=1e-2)
