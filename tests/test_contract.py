"""What a contract is worth, and what offices ask for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import CARE_STEPS, busy_config, legs_of, offices_of, quote_of, terms_of

from abm.market.kernels.offers import number_offers
from abm.model import simulate
from abm.routes.kernels.contract import (
    contracts_by_care,
    expected_ahead,
    odds_of_attempt,
    odds_of_attempts,
    odds_of_contract,
    room_for_contracts,
)
from abm.routes.legs import LegsMonth
from abm.world.codes import CREDIT, ESCROW, MONEY_LIMIT, MOST_STOPPED, UPFRONT

WAY = legs_of(3, interception=[0.1, 0.35, 0.2], death=[0.001, 0.02, 0.1], months=[1, 2, 1])
"""A dangerous way, so that a simulation of modest size sees all ends of it."""


def odds(legs: LegsMonth, care: float = 1.0, interception: float = 1.0, death: float = 1.0) -> tuple[float, ...]:
    """Odds of one attempt over all the legs."""
    length = legs.cost.size
    return odds_of_attempt(np.arange(length)[None, :], np.array([length]), 0, legs, care, interception, death)


def contract(legs: LegsMonth, attempts: int, again: tuple[int, ...] = ()) -> tuple[float, ...]:
    """Odds of a contract over all the legs, and what it costs; `again` is where those stopped on each leg try again."""
    path = np.arange(legs.cost.size)[None, :]
    back = np.array([again]) if again else np.zeros_like(path)
    ahead = expected_ahead(path, legs, legs.cost)
    return odds_of_contract(
        path, np.array([legs.cost.size]), 0, legs, back, ahead / ahead[:, :1], 1.0, attempts, room_for_contracts(path)
    )


def walk(legs: LegsMonth, attempts: int, persons: int, again: tuple[int, ...]) -> np.ndarray:
    """Shares who arrive and die, and what they spend relative to one attempt, of persons who walk leg by leg.

    Those sent home, -1, do not try again.
    """
    rng, length = np.random.default_rng(7), legs.cost.size
    place, left = np.zeros(persons, np.int64), np.full(persons, attempts - 1)
    alive, cost = np.ones(persons, bool), np.zeros(persons)
    for _ in range(attempts * length):
        going = np.flatnonzero(alive & (place < length) & (left >= 0))
        leg = place[going]
        cost[going] += legs.cost[leg]
        dies = rng.random(going.size) < legs.death[leg]
        stopped = ~dies & (rng.random(going.size) < legs.interception[leg])
        alive[going[dies]] = False
        back = np.array(again)[leg]
        left[going[stopped]] = np.where(back < 0, -1, left[going] - 1)[stopped]
        place[going] = np.where(stopped, back, np.where(dies, leg, leg + 1))
    arrived = alive & (place == length)
    begun = np.append(1.0, ((1.0 - legs.death) * (1.0 - legs.interception)).cumprod()[:-1])
    return np.array([arrived.mean(), 1.0 - alive.mean(), cost.mean() / (begun * legs.cost).sum()])


class TestOdds:
    @pytest.mark.parametrize("again", [(0, 0, 0), (0, 1, 2), (0, 0, 2), (-1, -1, 2)])
    @pytest.mark.parametrize("attempts", [1, 2, 3, 6])
    def test_they_are_those_of_persons_who_walk(self, attempts: int, again: tuple[int, ...]):
        """Those stopped begin anew, or where they were pushed back to, or not; legs cost what they do when begun."""
        assert odds(WAY)[2] == 4
        persons = 100_000
        simulated = walk(WAY, attempts, persons, again)
        expected = np.array(contract(WAY, attempts, again))
        error = np.array([0.5, 0.5, 1.5]) / np.sqrt(persons)  # a share has a spread of at most 1/2
        assert (np.abs(simulated - expected) < 4.5 * error).all(), (simulated, expected)

    def test_those_of_all_routes_multiply_along_the_legs(self):
        legs = legs_of(2, interception=[0.2, 0.5], death=[0.1, 0.3])
        arrival, fatal = np.zeros((2, 2))
        odds_of_attempts(np.array([[0, 1], [1, -1]]), np.array([2, 1]), legs, arrival, fatal)
        np.testing.assert_allclose(arrival, [0.9 * 0.8 * 0.7 * 0.5, 0.7 * 0.5])
        np.testing.assert_allclose(fatal, [0.1 + 0.9 * 0.8 * 0.3, 0.3])

    def test_one_attempt_is_the_attempt(self):
        assert contract(WAY, 1) == pytest.approx((*odds(WAY)[:2], 1.0))

    def test_all_ends_add_up_to_one(self):
        arrival, death, _ = odds(WAY)
        for attempts in range(1, 7):
            success, fatal, _ = contract(WAY, attempts)
            left = (1.0 - arrival - death) ** attempts
            assert success + fatal + left == pytest.approx(1.0, abs=1e-12)

    def test_who_is_never_stopped_needs_one_attempt(self):
        assert contract(legs_of(1, death=0.1, interception=0.0), 6) == pytest.approx((0.9, 0.1, 1.0))

    def test_care_and_company_change_the_odds_both_ways(self):
        arrival, death, _ = odds(WAY)
        for worse in (odds(WAY, care=1.25), odds(WAY, interception=1.5), odds(WAY, death=1.5)):
            assert worse[0] < arrival
        assert odds(WAY, care=0.75)[0] > arrival and odds(WAY, care=0.75)[1] < death
        assert odds(WAY, death=1.5)[1] > death
        assert odds(WAY, interception=1.5)[1] < death, "who is stopped early does not reach the sea"

    def test_officers_make_no_way_look_safer(self):
        """The dead are counted against those who arrive: stops before the sea change nothing, stops beyond it do."""

        def believed(stopped: list[float]) -> np.ndarray:
            legs, path = WAY._replace(interception=np.array(stopped)), np.arange(3)[None, :]
            success, log_success, used, found = np.zeros((4, 1, CARE_STEPS, 1))
            contracts_by_care(
                path, np.array([3]), legs, np.zeros_like(path), np.ones((1, 3)), 0.0, np.array([1]),
                room_for_contracts(path), success, log_success, used, found, np.zeros(1),
            )  # fmt: skip
            return found

        usual = believed([0.1, 0.35, 0.2])
        alive = (1.0 - WAY.death).cumprod()
        assert usual[0, 0, 0] > 1.0 - alive[-1], "some of those who lived were stopped"
        np.testing.assert_allclose(believed([0.8, 0.35, 0.2])[0, 0, 0], usual[0, 0, 0], rtol=0.05)
        assert (believed([0.8, 0.35, 0.2]) >= usual).all() and (believed([0.1, 0.35, 0.8]) > 2.0 * usual).all()

    def test_some_always_get_through(self):
        walls = legs_of(2, interception=1.0, death=0.0)
        assert odds(walls, care=2.0)[0] == pytest.approx((1.0 - MOST_STOPPED) ** 2)

    def test_nobody_survives_certain_death(self):
        assert odds(legs_of(2, death=1.0))[:2] == (0.0, 1.0)


def fee(scheme: int = UPFRONT, legs: LegsMonth | None = None, **values: Any) -> float:
    """Fee of one usual office; `terms` and arguments of `quote_of` among the values, the rest goes to the office."""
    options = {name: values.pop(name) for name in ("recovery", "overhead", "care") if name in values}
    changes = {name: values.pop(name) for name in list(values) if name in terms_of()._fields}
    offices = offices_of(1, **values)
    return float(quote_of(offices, legs or legs_of(3), terms_of(**changes), **options).fee[0, scheme])


class TestQuotes:
    def test_upfront_is_cost_and_markup(self):
        """Passage of the attempts that it takes on average, with the overhead of a client, by hand."""
        legs = legs_of(3, bribe=4_000.0, documents=[0.0, 0.5, 0.0])
        _, _, used = contract(legs, 2)
        begun = ((1.0 - legs.death) * (1.0 - legs.interception))[:2].cumprod()
        passage = 54_000.0 * (1.0 + begun.sum()) + 0.5 * begun[0] * terms_of().document_cost
        expected = (passage * used + 9_000.0) * 1.45
        assert fee(legs=legs, overhead=9_000.0) == np.floor(expected)

    @pytest.mark.parametrize("scheme", [UPFRONT, ESCROW, CREDIT])
    def test_it_rises_with_cost_risk_and_markup(self, scheme: int):
        usual = fee(scheme)
        dearer = {
            "cost": fee(scheme, legs_of(3, cost=60_000.0)),
            "bribes": fee(scheme, legs_of(3, bribe=5_000.0)),
            "documents": fee(scheme, legs_of(3, documents=0.1)),
            "arrest": fee(scheme, overhead=10_000.0),
            "markup": fee(scheme, markup=0.6),
            "care": fee(scheme, quality=0.9),
        }
        assert all(found > usual for found in dearer.values()), (usual, dearer)
        assert fee(scheme, legs_of(3, documents=0.5), forgery=0.9) < fee(scheme, legs_of(3, documents=0.5), forgery=0.1)

    @pytest.mark.parametrize("scheme", [UPFRONT, ESCROW, CREDIT])
    def test_three_times_the_detection_makes_it_dearer_by_tens_of_per_cent(self, scheme: int):
        """Border risk is a minor part of the cost: no multiples."""
        ratio = fee(scheme, legs_of(3, interception=0.15)) / fee(scheme, legs_of(3, interception=0.05))
        assert 1.05 < ratio < 2.0

    @pytest.mark.parametrize("scheme", [UPFRONT, ESCROW, CREDIT])
    def test_those_who_arrive_pay_for_those_stopped(self, scheme: int):
        """Legs that are never begun cost nothing, so that a fee upfront need not rise, but it buys fewer arrivals."""
        easy, hard = legs_of(3, interception=0.1), legs_of(3, interception=0.3)
        arrive = [contract(legs, 2)[0] if scheme == UPFRONT else 1.0 for legs in (easy, hard)]
        assert fee(scheme, hard) / arrive[1] > 1.1 * fee(scheme, easy) / arrive[0]

    @pytest.mark.parametrize("scheme", [UPFRONT, ESCROW, CREDIT])
    def test_the_agents_share_is_in_the_price(self, scheme: int):
        assert fee(scheme, kept=0.8) == pytest.approx(fee(scheme) / 0.8, rel=1e-4)

    def test_fewer_attempts_are_cheaper(self):
        fees = [fee(attempts=np.full(3, attempts)) for attempts in (1, 2, 4)]
        assert fees[0] < fees[1] < fees[2]

    @pytest.mark.parametrize("scheme", [ESCROW, CREDIT])
    def test_attempts_cost_little_where_more_of_them_bring_more_arrivals(self, scheme: int):
        """Paid in full only on arrival, the office earns by trying again; upfront it only spends."""
        dearer = {s: fee(s, attempts=np.full(3, 4)) / fee(s, attempts=np.full(3, 1)) for s in (UPFRONT, scheme)}
        assert dearer[scheme] < dearer[UPFRONT]

    def test_escrow_is_dearer_by_what_the_odds_say(self):
        """The same attempts: who is paid on arrival only asks what gives the same expected income."""
        terms = {"attempts": np.array([2, 2, 2]), "capital_cost": 0.0, "holder_share": 0.0}
        success, _, _ = contract(legs_of(3), 2)
        assert fee(ESCROW, **terms) * success == pytest.approx(fee(UPFRONT, **terms), rel=1e-4)
        assert fee(ESCROW, **terms | {"holder_share": 0.1}) == pytest.approx(fee(ESCROW, **terms) * 1.1, rel=1e-4)
        assert fee(ESCROW, **terms | {"capital_cost": 0.02}) > fee(ESCROW, **terms)

    def test_credit_is_dearer_the_less_comes_back(self):
        fees = [fee(CREDIT, recovery=recovery) for recovery in (1.0, 0.7, 0.3, 0.0)]
        assert np.all(np.diff(fees) > 0)
        assert fee(UPFRONT, recovery=0.1) == fee(UPFRONT, recovery=0.9)

    def test_lenders_get_back_their_cost_and_premium(self):
        """Advance of all, and the rest from those who arrive and pay: what the office expects is its price upfront."""
        terms = terms_of(credit_premium=0.0, attempts=np.array([2, 2, 2]))
        quotes = quote_of(offices_of(1), legs_of(3), terms, recovery=0.6)
        success, _, _ = contract(legs_of(3), 2)
        asked, advance = quotes.fee[0, CREDIT], quotes.advance[0, CREDIT]
        assert advance == pytest.approx(asked * terms.advance_share, abs=1.0)
        assert advance + (asked - advance) * success * 0.6 == pytest.approx(quotes.fee[0, UPFRONT], rel=1e-4)

    def test_what_is_due_at_departure(self):
        quotes = quote_of(offices_of(1), legs_of(3))
        assert quotes.advance[0, UPFRONT] == quotes.fee[0, UPFRONT]
        assert quotes.advance[0, ESCROW] == quotes.fee[0, ESCROW], "all of it lies with the holder"
        assert quotes.advance[0, CREDIT] < quotes.fee[0, CREDIT]

    def test_nothing_outside_the_portfolio(self):
        corridors, routes = np.array([0b01, 0b00, 0b11], np.int64), np.array([0b01, 0b10, 0b01], np.int64)
        offer_of = np.zeros((3, 3), np.int32)
        office_of, route_of = np.zeros(10, np.int32), np.zeros(10, np.int32)
        first = np.zeros(4, np.int64)
        assert number_offers(corridors, routes, offer_of, office_of, route_of, first) == 5
        assert offer_of.T.tolist() == [[0, -1, 1], [-1, -1, -1], [2, 3, 4]]
        assert first.tolist() == [0, 2, 2, 5]
        assert list(zip(office_of[:5].tolist(), route_of[:5].tolist(), strict=True)) == [
            (0, 0), (0, 2), (2, 0), (2, 1), (2, 2),
        ]  # fmt: skip

    def test_all_schemes_within_it(self):
        assert (quote_of(offices_of(3), legs_of(3)).weight > 0.0).all()

    def test_no_escrow_where_nobody_holds_deposits(self):
        quotes = quote_of(offices_of(1), legs_of(3), terms_of(escrow_open=0.0))
        assert quotes.weight[0, ESCROW] == 0.0 and np.isinf(quotes.advance[0, ESCROW])
        assert quotes.weight[0, UPFRONT] > 0.0 and quotes.weight[0, CREDIT] > 0.0

    def test_holders_that_are_hard_to_find_make_escrow_rarer_and_not_dearer(self):
        easy, hard = (quote_of(offices_of(1), legs_of(3), terms_of(escrow_open=ease)) for ease in (1.0, 0.25))
        assert hard.fee[0, ESCROW] == easy.fee[0, ESCROW]
        assert hard.weight[0, ESCROW] == pytest.approx(0.25 * easy.weight[0, ESCROW])

    def test_the_poor_do_not_lend(self):
        """An office lends if its capital covers some months of its capacity."""
        legs = legs_of(3)
        cost = expected_ahead(np.arange(3)[None, :], legs, legs.cost)[0, 0] * contract(legs, 2)[2]
        needed = int(cost * terms_of().credit_reserve * 10.0)
        poor, rich = (quote_of(offices_of(1, capital=needed + extra), legs) for extra in (-2, 2))
        assert poor.weight[0, CREDIT] == 0.0 and rich.weight[0, CREDIT] > 0.0
        assert poor.weight[0, UPFRONT] == rich.weight[0, UPFRONT]

    def test_a_fee_beyond_what_columns_hold_is_not_asked(self):
        quotes = quote_of(offices_of(1), legs_of(3, cost=0.5 * MONEY_LIMIT))
        assert (quotes.weight == 0.0).all() and (quotes.fee <= MONEY_LIMIT).all()


class TestWeights:
    def weight(self, scheme: int = UPFRONT, **values: Any) -> float:
        changes = {name: values.pop(name) for name in list(values) if name in terms_of()._fields}
        return float(quote_of(offices_of(1, **values), legs_of(3), terms_of(**changes)).weight[0, scheme])

    def test_clients_like_a_name_a_low_price_and_a_short_queue(self):
        usual = self.weight()
        assert self.weight(reputation=0.9) > usual > self.weight(reputation=0.2)
        assert self.weight(markup=0.1) > usual > self.weight(markup=1.0)
        assert self.weight(waiting=30) < usual

    def test_a_queue_beyond_a_year_is_as_bad_as_a_year(self):
        assert self.weight(waiting=200) == self.weight(waiting=120) < self.weight(waiting=110)

    def test_a_bad_name_matters_less_under_escrow(self):
        """The money lies with somebody else: escrow takes most of the distrust away, credit some of it."""
        lost = {s: self.weight(s, reputation=0.2) / self.weight(s, reputation=0.9) for s in (UPFRONT, CREDIT, ESCROW)}
        assert lost[UPFRONT] < lost[CREDIT] < lost[ESCROW] < 1.0

    def test_full_trust_in_escrow_makes_names_irrelevant(self):
        weights = {self.weight(ESCROW, reputation=name, escrow_trust=1.0) for name in (0.1, 0.9)}
        assert len(weights) == 1


def test_informal_finance_control_closes_escrow():
    """Half control makes it rarer, full control ends it; before, nothing differs."""

    def escrow(value: float) -> np.ndarray:
        use = {"lever": "informal_finance_control", "from": "2009-07", "value": value}
        return simulate(busy_config(levers=[use], months=24))["national"]["departures_escrow"]

    free, half, full = escrow(0.0), escrow(0.8), escrow(1.0)
    assert free[:6].sum() > 0
    np.testing.assert_array_equal(free[:6], full[:6])
    assert (full[18:] == 0).all(), "who waited with a contract has left or given up by then"
    assert 0 < half[12:].sum() < free[12:].sum()


def test_lending_asks_a_premium_on_the_cost():
    """A premium adds its share of cost to the price on credit, and to no other."""
    offices, legs = offices_of(1), legs_of(2)
    plain, dearer = (quote_of(offices, legs, terms_of(credit_premium=premium)).fee[0] for premium in (0.0, 0.29))
    np.testing.assert_allclose(dearer[CREDIT] / plain[CREDIT], (1.45 + 0.29) / 1.45, rtol=1e-4)
    np.testing.assert_array_equal(np.delete(dearer, CREDIT), np.delete(plain, CREDIT))
