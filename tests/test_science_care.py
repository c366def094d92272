"""Hidden types of offices, and care as their choice: who is held, who earns by it, and what a safer sea undoes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from markets import busy_config, legs_of, offices_of, quote_of, terms_of, world_after
from scenes import LEFT, MIDDLE, put_offices, world_of_three
from test_journeys import USUAL, advance, cohorts_of
from test_science_offices import adapted
from worlds import months_of

from abm.journeys.journey import _share_ransoms
from abm.market.care import care_that_pays, reckoning_of, value_of_record
from abm.market.conduct import MarketParams, conduct_of, distrust_of, exploitation, tempted
from abm.market.kernels.care import Reckoning, stake_of, weigh_care
from abm.market.kernels.payments import Prices
from abm.market.offers import ContractOdds, OffersState
from abm.market.office_entry import OfficeEntryState, found
from abm.market.outcomes import OfficesOutcomes
from abm.market.payments import FeeOutcomes
from abm.market.tables import MarketTables
from abm.model import Model
from abm.routes.kernels.contract import boat_cost
from abm.routes.legs import LegsState
from abm.society.drivers import Drivers
from abm.world.codes import ALONE, CREDIT, ESCROW, OFFICE_OPEN, UPFRONT

CALM = [{"lever": "search_and_rescue", "from": "2009-06", "value": 0.5}]
COUNT = 2_000


@cache
def market() -> Any:
    """A small busy world after a year; tests that change it put back what was there."""
    return world_after(12, offices={"markup": 0.6})


def chosen(**columns: Any) -> tuple[np.ndarray, np.ndarray]:
    """Guides and boats that pay the open offices of a small world, if their columns were these."""
    world = market()
    offices = world[MarketTables].offices
    before = {name: getattr(offices, name).copy() for name in columns}
    for name, value in columns.items():
        getattr(offices, name)[:] = value
    guides, boats = care_that_pays(world)
    for name, value in before.items():
        getattr(offices, name)[:] = value
    rows = world[OffersState].month.rows
    return guides[rows], boats[rows]


class TestCare:
    def test_half_the_danger_at_sea_halves_the_boats_that_pay(self):
        """Of every office that goes by sea; deaths on land make hardly any: more live to go to sea."""
        world = market()
        legs, (_, usual) = world[LegsState].month, chosen()
        try:
            world[LegsState].month = legs._replace(death=np.where(legs.by_sea, legs.death / 2.0, legs.death))
            _, calm = chosen()
            world[LegsState].month = legs._replace(death=np.where(legs.by_sea, legs.death, legs.death / 2.0))
            _, on_land = chosen()
        finally:
            world[LegsState].month = legs
        inside = (usual > 0.0) & (usual < 1.0) & (calm < usual)
        assert inside.sum() > 10
        np.testing.assert_allclose(calm[inside], usual[inside] / 2.0, rtol=1e-3)
        np.testing.assert_allclose(on_land, usual, rtol=1e-3)

    def test_an_office_reckons_with_its_clients_on_each_route(self):
        """The offers of a route share out those who left on it: dear ones, which few take, are no smaller for it."""
        world = market()
        offered, begun = world[OffersState].month, world[OfficeEntryState].hired
        demand, served = reckoning_of(world).demand, np.zeros(begun.size)
        for route, offers in enumerate(offered.offer_of):
            served[route] = demand[route] * offered.weight[offers[offers >= 0]].sum()
        some = served > 0.0
        assert some.sum() > 5
        np.testing.assert_allclose(served[some], (world.region_share + begun)[some], rtol=1e-9)

    def test_rescue_lowers_care_where_care_is_chosen_only(self):
        """Paired runs, with rescue at sea and without: the lever acts through the odds that offices see."""
        boats = {
            (speed, bool(levers)): world_after(20, levers=levers, offices={"care_speed": speed}).figures[
                OfficesOutcomes.boats_mean
            ]
            for speed in (0.0, 0.15)
            for levers in ([], CALM)
        }
        assert boats[0.0, False] == boats[0.0, True] == pytest.approx(0.5)
        assert boats[0.15, True] < 0.8 * boats[0.15, False]

    def one_office(self, danger: float, **values: Any) -> tuple[float, float]:
        """Guides and boats that pay an office on one route by sea, all of whose clients pay upfront."""
        offices, guides, boats = offices_of(1, **values), np.zeros(1), np.zeros(1)
        odds = ContractOdds(*(np.ones((1, 3, 3)) for _ in range(4)), np.ones(1))
        odds.success[0, :, UPFRONT], odds.used[0, :, UPFRONT] = [0.6, 0.7, 0.8], [1.5, 1.4, 1.3]
        fee, weight = np.full((1, 3), 200_000.0), np.array([[1.0, 0.0, 0.0]])
        weigh_care(
            offices, np.arange(1), np.zeros((1, 1), np.int32), fee, fee, weight, np.array([30_000.0]),
            reckoning(danger), odds, guides, boats,
        )  # fmt: skip
        return float(guides[0]), float(boats[0])

    @pytest.mark.parametrize("danger", [0.004, 0.008, 0.016])
    def test_boats_are_those_at_which_what_is_saved_exceeds_the_cost_most(self, danger: float):
        """By search over all boats, at the cost that an attempt is booked at."""
        stake, usual, effect = 30_000.0 + 0.5 * 0.5 * 200_000.0 + 150_000.0, 0.008, 1.0
        tried = np.linspace(0.0, 1.0, 2_001)
        worth = effect * usual * 400_000.0
        gain = -danger * (1.0 + effect * (0.5 - tried)) * stake - boat_cost.py_func(worth, tried)
        assert self.one_office(danger)[1] == pytest.approx(tried[gain.argmax()], abs=1e-3)

    def test_guides_are_those_at_which_what_is_saved_exceeds_the_cost_most(self):
        """Arrivals and attempts are straight lines in care here; passage costs 0.4 x quality squared more."""
        tried = np.linspace(0.0, 1.0, 2_001)
        stake = 30_000.0 + 0.5 * 0.5 * 200_000.0
        arrive, spared = 0.2 * tried, 0.2 * tried
        gain = arrive * stake + spared * 100_000.0 - 1.4 * 100_000.0 * 0.4 * tried**2
        assert self.one_office(0.0)[0] == pytest.approx(tried[gain.argmax()], abs=1e-3)

    def test_what_is_at_stake_depends_on_who_holds_the_money(self):
        """The fee not received in escrow, what debtors would pay on credit, and a part of what clients lose."""
        stakes = [
            stake_of.py_func(scheme, 100.0, 40.0, 0.5, 7.0, 0.7, reckoning(0.0)) for scheme in (UPFRONT, ESCROW, CREDIT)
        ]
        assert stakes == pytest.approx([0.25 * 100.0 + 7.0, 0.85 * 97.0 + 7.0, 0.85 * 60.0 * 0.7 + 0.25 * 40.0 + 7.0])

    def test_integrity_raises_care_and_fear_of_arrest_lowers_it(self):
        for plain, honest, feared in zip(
            chosen(integrity=0.2), chosen(integrity=0.8), chosen(integrity=0.2, risk=0.5), strict=True
        ):
            assert (honest >= plain).all() and honest.mean() > plain.mean() + 0.02
            assert (feared <= plain).all() and feared.mean() < plain.mean()

    def test_a_record_is_worth_more_to_those_with_more_clients_ahead(self):
        world = market()
        rows = world[OffersState].month.rows
        offices = world[MarketTables].offices
        usual = value_of_record(world, rows)
        before = offices.capacity.copy()
        offices.capacity[:] *= 2.0
        try:
            np.testing.assert_allclose(value_of_record(world, rows), 2.0 * usual)
        finally:
            offices.capacity[:] = before
        assert usual.max() > 0.0

    def test_better_boats_kill_fewer_at_sea_and_cost_more(self):
        for by_sea, fewer in ((True, True), (False, False)):
            legs = legs_of(1, interception=0.0, death=0.2, by_sea=by_sea)
            dead = [int(advance(cohorts_of(COUNT), legs, boats=boats).by_leg[0, 1]) for boats in (1.5, 0.5)]
            assert (dead[0] > 2.5 * dead[1]) == fewer and (fewer or dead[0] == dead[1])
        fees = [quote_of(offices_of(1, boats=b), legs_of(1), terms_of(boats=np.array([9e3]))).fee[0, 0] for b in (0, 1)]
        assert fees[1] > fees[0]
        conduct = conduct_of(market(), 0.5, 1.0)
        np.testing.assert_allclose(conduct.boats, 1.5 - market()[MarketTables].offices.boats)


def reckoning(danger: float) -> Any:
    """One route of 100,000 PKR, whose danger in the data is 0.008."""
    one = np.ones(1)
    prices = Prices(0.4, 1.0, 0.0, np.ones((1, 1)), np.zeros(1), 100_000.0 * one, 0.0 * one, 0.0 * one)
    return Reckoning(one, danger * one, 0.008 * one, 0.7 * one, prices, 0.03, 0.15, 0.5, 150_000.0, 400_000.0)


class TestTypes:
    def test_clients_of_the_ruthless_are_held_more_and_fare_alike_otherwise(self):
        legs = legs_of(1, extortion=0.1)
        mild, usual, ruthless = (
            advance(cohorts_of(COUNT, scheme=UPFRONT), legs, exploit=exploit).by_leg[0] for exploit in (0.2, 1.0, 1.8)
        )
        assert mild[2] < 0.4 * usual[2] and ruthless[2] > 1.5 * usual[2]
        np.testing.assert_array_equal(mild[:2], ruthless[:2])
        alone = [
            advance(cohorts_of(COUNT, scheme=ALONE, office=-1), legs, exploit=exploit, own=USUAL).by_leg[0, 2]
            for exploit in (0.2, 1.8)
        ]
        assert alone[0] == alone[1] > 0, "nobody's type matters to those without an office"

    def test_types_of_new_offices_leave_the_level_as_it_is(self):
        """The mean over the uniform draw is 1; so is an office of the mean type, whatever the effect."""
        for effect in (0.0, 0.8):
            world = world_of_three(0, offices={"ruthless_effect": effect})
            put_offices(world, [MIDDLE] * 101, ruthlessness=np.linspace(0.0, 1.0, 101))
            multiples = exploitation(world, world[MarketTables].offices)[:101]
            assert multiples.mean() == pytest.approx(1.0) and multiples[50] == 1.0
            assert np.ptp(multiples) == pytest.approx(2.0 * effect)

    def test_draws_are_uniform_and_tell_nothing_of_integrity(self):
        world = world_of_three(1)
        put_offices(world, [])
        world.open_month()
        Drivers.step(world)
        found(world, np.full(2_000, LEFT), np.ones(2_000))
        offices = world[MarketTables].offices
        here = offices.state == OFFICE_OPEN
        drawn, honest = offices.ruthlessness[here], offices.integrity[here]
        assert here.sum() == 2_000
        assert drawn.mean() == pytest.approx(0.5, abs=0.04) and drawn.std() == pytest.approx(12**-0.5, abs=0.03)
        assert abs(np.corrcoef(drawn, honest)[0, 1]) < 0.1

    def test_the_ruthless_earn_from_ransoms_and_their_records_suffer(self):
        """Of 100,000 paid for each of two clients; who has closed, and who travels alone, has no part."""
        world = world_of_three(1, offices={"ransom_share": 0.5, "associate_share": 0.1})
        put_offices(world, [LEFT, LEFT, LEFT], ruthlessness=[1.0, 0.0, 0.4], capital=0)
        offices = world[MarketTables].offices
        columns = cohorts_of(5, persons=2, office=[0, 1, 2, 0, -1], office_key=[0, 1, 2, 77, -1], district=LEFT)
        world.open_month()
        _share_ransoms(world, columns, np.arange(5), np.full(5, 100_000))
        assert offices.capital[:3].tolist() == [45_000, 0, 18_000]
        assert offices.exploited[:3].tolist() == [2, 2, 2]
        assert world.ledger.flows["extortionists", "offices", "share of ransom"] == 70_000

    def test_in_a_run_what_offices_get_is_a_part_of_the_ransoms_and_is_booked(self):
        got, paid = 0, 0
        for world in months_of(Model(busy_config(months=18))):
            got += world.figures[FeeOutcomes.ransoms_to_offices]
            paid += world.figures[FeeOutcomes.paid_extortionists]
            assert (
                world.ledger.flows.get(("extortionists", "offices", "share of ransom"), 0)
                == (world.figures[FeeOutcomes.ransoms_to_offices])
            )
        assert 0 < got < 0.5 * paid

    def test_word_of_those_held_costs_a_reputation_and_only_beyond_what_is_usual(self):
        record = {"fulfilled": 60.0, "ended": 80.0}
        usual = adapted(2, **record).reputation
        alike = adapted(2, exploited=20.0, **record).reputation
        mild, ruthless = adapted(2, exploited=[0.0, 20.0], **record).reputation
        np.testing.assert_allclose(alike, usual)
        assert mild - ruthless == pytest.approx(2.0 * 20.0 / 100.0) and mild + ruthless == pytest.approx(2.0 * usual[0])
        honest, crook = adapted(2, cheated=[0.0, 20.0], **record).reputation
        assert (honest, crook) == (mild, ruthless), "those cheated speak as those held do"
        deaf = adapted(2, exploited=[0.0, 20.0], word=0.0, **record).reputation
        np.testing.assert_allclose(deaf, usual)

    def distrust(self, visible: float, **values: Any) -> tuple[np.ndarray, Any]:
        world = world_of_three(1, offices={"types_visible": visible})
        put_offices(world, [MIDDLE] * 4, **values)
        return distrust_of(world, np.arange(4), 0.7), world

    def test_clients_who_see_types_trust_the_honest_and_the_mild(self):
        types = {"integrity": [0.9, 0.1, 0.5, 0.5], "ruthlessness": [0.5, 0.5, 0.1, 0.9], "reputation": 0.6}
        record = {"ended": 100.0, "exploited": 10.0}
        honest, crook, mild, ruthless = self.distrust(1.0, **types, **record)[0]
        assert honest < crook and mild < ruthless
        hidden = self.distrust(0.0, **types, **record)[0]
        np.testing.assert_allclose(hidden, 0.7 * 0.4)
        half = self.distrust(0.5, **types, **record)[0]
        np.testing.assert_allclose(half, (hidden + np.array([honest, crook, mild, ruthless])) / 2.0)
        assert np.mean([honest, crook, mild, ruthless]) == pytest.approx(hidden.mean()), "as much distrust in all"

    def test_cheating_tempts_those_with_little_integrity(self):
        _, world = self.distrust(0.0, integrity=[0.0, 0.4, 0.8, 1.0])
        found = tempted(world, np.arange(4))
        assert (np.diff(found) < 0.0).all() and found[3] == 0.0
        assert found[0] <= world.params(MarketParams).cheating

    def test_in_a_run_types_that_are_seen_shift_clients_to_honest_offices(self):
        """Means of integrity and ruthlessness over clients sent off, in paired runs of two years."""
        seen, hidden = (self.clients_of(visible) for visible in (1.0, 0.0))
        assert seen[0] > hidden[0] + 0.01 and seen[1] < hidden[1]

    def clients_of(self, visible: float) -> tuple[float, float]:
        sums = np.zeros(3)
        for world in months_of(Model(busy_config(months=24, offices={"types_visible": visible}))):
            offices, offered = world[MarketTables].offices, world[OffersState].month
            if not offered.rows.size:
                continue
            wanted = np.zeros(offered.rows.size)
            for of_route in offered.offer_of:
                known = of_route >= 0
                wanted[known] += offered.weight[of_route[known]].sum(axis=1)
            sums += wanted.sum(), wanted @ offices.integrity[offered.rows], wanted @ offices.ruthlessness[offered.rows]
        return float(sums[1] / sums[0]), float(sums[2] / sums[0])
