"""People and money are conserved in every month, in any world that the configuration allows.

`take_census` counts heads and rupees from the columns at the end of each month. Its changes must be explained, to the
last person and rupee, by what the mechanisms booked: births, deaths, moves and payments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
import pytest
from markets import busy_config
from strategies import configs
from worlds import ASKED_FOR, Census, months_of, small_config, take_census

from abm import conservation
from abm.abroad.claims import ClaimsOutcomes, ClaimsState
from abm.abroad.onward import OnwardOutcomes
from abm.config import Config
from abm.departure import Choices
from abm.journeys.journey import JourneyOutcomes
from abm.market.tables import MarketTables
from abm.market.transit import TransitOutcomes
from abm.model import Model, Tables
from abm.month import OUTCOMES
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.routes.travel import TravelState
from abm.streams.trafficking_outcomes import TraffickingOutcomes
from abm.world.codes import (
    ESCROW,
    OFFICE_FREE,
    T_BIRTHS,
    T_DEATHS,
    T_DEATHS_ABROAD,
    T_DEATHS_IN_CITY,
    T_DEPORTATIONS,
    T_DOMESTIC_RETURNS,
    T_RETURNS,
)
from abm.world.state import World

LIVELY: dict[str, Any] = {
    "months": 60,
    "scale": 0.004,
    "aspiration": {"consideration": 0.2},
    "channel": {"irregular_constant": 1.0},
    "offers": {"credit_taste": -1.0, "credit_reserve": 0.0},
    "offices": {"opening": 20.0},
    "interception": {"danger": 5.0},
    "claims": {"default_hidden": 0.05},
    "diaspora": {"deportation": 5.0},
    "demography": {"worker_mortality": 0.02},
    "onward": {"rate": 0.05},
    "enforcement": {"fine": 20_000.0, "sanction": 0.5},
    "displacement": {"persons": {"mirpur_ajk": 150_000}, "begins": "2009-04", "months": 24, "permits_end": "2013-06"},
}
"""Settings under which all that can happen to a migrant, and to the money of the market, happens to many."""

SCHEMES: dict[str, dict[str, float]] = {
    "upfront": {"escrow": 0.0, "credit_taste": 6.0, "alone_taste": 6.0},
    "escrow": {
        "escrow_trust": 1.0,
        "distrust": 1.0,
        "credit_taste": 6.0,
        "alone_taste": 6.0,
        "attempts_upfront": 1,
        "attempts_escrow": 4,
        "holder_share": 0.0,
        "capital_cost": 0.0,
    },
    "credit": {"credit_taste": -3.0, "credit_reserve": 0.0, "escrow": 0.0, "alone_taste": 6.0},
    "alone": {"alone_taste": -4.0, "escrow": 0.0, "credit_taste": 6.0, "local_reach": 5_000.0, "alone_far": 0.0},
}
"""Settings of the offers under which most who leave on an irregular journey pay in one way."""

TO_IRAN: dict[str, Any] = {"channel": {"referral": 500.0}, "places": {"destinations": {"iran": {"appeal": 6.0}}}}
"""Where people go alone, and hardly anybody knows an office."""

PAID: dict[str, set[tuple[str, str, str]]] = {
    "upfront": {("households", "offices", "smuggling fee"), ("offices", "transporters", "passage")},
    "escrow": {
        ("households", "escrow", "deposit"),
        ("escrow", "offices", "deposit released"),
        ("escrow", "households", "deposit returned"),
        ("escrow", "money_holders", "holding of deposits"),
    },
    "credit": {("households", "offices", "smuggling fee"), ("households", "offices", "instalment")},
    "alone": {("households", "transporters", "passage"), ("households", "officials", "bribe")},
}
"""Payments that belong to each way."""

RECEIPTS = ("smuggling fee", "instalment", "deposit released", "share of ransom")
"""Kinds of payments that offices receive from or for clients."""

PAYERS = ("households", "escrow", "transit_travellers", "extortionists")
"""Accounts that these come from."""

BRIBES = (("households", "bribe"), ("offices", "bribe"), ("offices", "protection"), ("transit_travellers", "bribe"))
"""Who bribes officials, and what for."""


@dataclass(frozen=True)
class Booked:
    """Persons whom the mechanisms booked in a month, by district."""

    births: np.ndarray
    deaths_home: np.ndarray
    deaths_city: np.ndarray
    deaths_abroad: np.ndarray
    deaths_en_route: np.ndarray
    returns: np.ndarray
    returns_city: np.ndarray
    deportations: np.ndarray
    sent_home: np.ndarray
    stranded: np.ndarray
    arrivals: np.ndarray
    legal: np.ndarray
    sponsored: np.ndarray
    irregular: np.ndarray
    overstays: np.ndarray
    onward: np.ndarray
    to_city: np.ndarray
    died_held: np.ndarray


def booked(world: World) -> Booked:
    """What the mechanisms booked in the month that ended."""
    sums, flows = world.sums, world.flows.sum(axis=2)
    return Booked(
        births=sums[:, T_BIRTHS],
        deaths_home=sums[:, T_DEATHS],
        deaths_city=sums[:, T_DEATHS_IN_CITY],
        deaths_abroad=sums[:, T_DEATHS_ABROAD],
        deaths_en_route=world.figures[JourneyOutcomes.deaths_en_route],
        returns=sums[:, T_RETURNS],
        returns_city=sums[:, T_DOMESTIC_RETURNS],
        deportations=sums[:, T_DEPORTATIONS],
        sent_home=world.figures[JourneyOutcomes.sent_home],
        stranded=world.figures[JourneyOutcomes.stranded],
        arrivals=world.figures[JourneyOutcomes.irregular_arrivals],
        legal=flows[:, LEGAL_WORK],
        sponsored=flows[:, SPONSORSHIP],
        irregular=flows[:, IRREGULAR_WAY],
        overstays=flows[:, OVERSTAY],
        onward=world.figures[OnwardOutcomes.onward_departures],
        to_city=flows[:, DOMESTIC_MOVE],
        died_held=world.figures.get(TraffickingOutcomes.trafficking_deaths, np.zeros(world.district_count, np.int64)),
    )


def check_people(before: Census, after: Census, month: Booked) -> None:
    """Every change of a place is explained by who came and who went."""
    came_home = month.returns + month.deportations + month.sent_home
    went_abroad = month.legal + month.sponsored + month.irregular + month.overstays
    explained = {
        "home": month.births - month.deaths_home + came_home + month.returns_city - went_abroad - month.to_city,
        "city": month.to_city - month.returns_city - month.deaths_city,
        "abroad": month.legal
        + month.sponsored
        + month.overstays
        + month.arrivals
        + month.stranded
        - month.onward
        - month.returns
        - month.deportations
        - month.deaths_abroad,
        "under_way": month.irregular
        + month.onward
        - month.arrivals
        - month.sent_home
        - month.stranded
        - month.deaths_en_route,
        "residents": month.births - month.deaths_home - month.deaths_city + came_home - went_abroad,
        "people": month.births - month.deaths_home - month.deaths_city - month.deaths_abroad - month.deaths_en_route,
    }
    for place, change in explained.items():
        now, then = getattr(after, place), getattr(before, place)
        lost = np.zeros_like(month.died_held)
        if place == "home":  # who leaves a household to form another is between the two for a while
            now, then = now + after.pool + after.held, then + before.pool + before.held
        if place in ("home", "residents", "people"):
            lost = change - (now - then)
            assert (lost >= 0).all() and (lost <= month.died_held).all()  # foreigners are among those who died
        np.testing.assert_array_equal(now - then, change - lost, place)


def check_nothing_negative(world: World, census: Census) -> None:
    """No place holds fewer than nobody, no household fewer than nobody or less than no money."""
    for name in ("home", "city", "abroad", "under_way", "dead", "held", "jobs"):
        assert (getattr(census, name) >= 0).all(), name
    assert (world.households.assets >= 0).all(), "savings"
    assert (world.households.debt >= 0).all(), "debts"
    assert (census.jobs <= census.workers).all()
    assert world.households.in_city.sum(dtype=np.int64) == census.city.sum() + census.held_workers.sum()


@dataclass
class Audit:
    """The books of a run, followed from month to month.

    Attributes
    ----------
    opened, closed
        PKR of fees on credit that became claims of offices on arrival, and of claims that were paid or given up, since
        the start.
    flows
        PKR since the start by (payer, payee, kind).
    """

    balances: dict[str, int]
    claims: dict[str, int]
    opened: int
    closed: int
    flows: dict[tuple[str, str, str], int]

    @classmethod
    def of(cls, world: World) -> Audit:
        """Open the books of a world that has not begun; from here on, every fee that becomes a claim is noted."""
        audit = cls(dict(world.ledger.balances), dict(world.ledger.claims), 0, 0, {})
        accrue = world.ledger.accrue

        def note(amount: int, creditor: str = "lenders") -> None:
            accrue(amount, creditor)
            audit.opened += amount if creditor == "offices" else 0

        world.ledger.accrue = note
        return audit

    def check_month(self, world: World) -> None:
        """Flows of the month explain every change of a balance, and every claim that is no more was paid or lost."""
        ledger = world.ledger
        for (payer, payee, kind), amount in ledger.flows.items():
            assert amount > 0, kind
            self.balances[payer] -= amount
            self.balances[payee] += amount
            self.flows[payer, payee, kind] = self.flows.get((payer, payee, kind), 0) + amount
        assert self.balances == ledger.balances
        assert sum(ledger.balances.values()) == 0
        lent = sum(amount for (payer, _, _), amount in ledger.flows.items() if payer == "lenders")
        repaid = sum(amount for (_, payee, _), amount in ledger.flows.items() if payee == "lenders")
        assert ledger.claims["lenders"] - self.claims["lenders"] >= lent - repaid  # the rest is interest
        self.claims = dict(ledger.claims)
        self._check_offices(world)
        self._check_escrow(world)

    def _check_offices(self, world: World) -> None:
        """Fees on credit: owed on arrival, then paid or given up; offices know what they are owed."""
        ends = (ClaimsOutcomes.smuggling_debt_repaid, ClaimsOutcomes.smuggling_debt_lost)
        repaid, lost = (world.figures.get(end, np.zeros(1)) for end in ends)
        assert (repaid >= 0).all() and (lost >= 0).all()
        instalments = [amount for (_, _, kind), amount in world.ledger.flows.items() if kind == "instalment"]
        assert sum(instalments) == repaid.sum()
        self.closed += int(repaid.sum() + lost.sum())
        owed = world[ClaimsState].table.columns.owed[: world[ClaimsState].table.count]
        assert (owed > 0).all()
        assert self.opened == self.closed + owed.sum(), "fees that became claims = paid + given up + still owed"
        assert world[MarketTables].offices.capital.sum() == world.ledger.balances["offices"]
        assert not world[MarketTables].offices.capital[world[MarketTables].offices.state == OFFICE_FREE].any()

    def _check_escrow(self, world: World) -> None:
        """Deposits: held for those under way; what came in went to offices, owners, households and holders."""
        journeys, count = world[TravelState].journeys.columns, world[TravelState].journeys.count
        deposit = journeys.deposit[:count]
        assert (deposit >= 0).all() and not deposit[journeys.scheme[:count] != ESCROW].any()
        came = sum(amount for (_, payee, _), amount in self.flows.items() if payee == "escrow")
        went = sum(amount for (payer, _, _), amount in self.flows.items() if payer == "escrow")
        assert came == went + deposit.sum()


def check_every_month(config: Config, on_month: Callable[[Model], None] = lambda _: None) -> tuple[World, Audit]:
    """Run a configuration and hold every month to account; gives the world at the end and its books."""
    model = Model(config)
    world = model.world
    assert conservation.check(world) == []
    census, begun, audit = take_census(world), 0, Audit.of(world)
    ended = np.zeros(4, np.int64)
    transit = np.zeros(world.district_count, np.int64)
    for _ in months_of(model):
        assert conservation.check(world) == [], f"month {world.t}"
        now, month = take_census(world), booked(world)
        check_people(census, now, month)
        check_nothing_negative(world, now)
        audit.check_month(world)
        assert int(now.assets.sum()) == world.ledger.balances["households"]
        assert int(now.debts.sum()) == world.ledger.claims["lenders"]
        begun += int(month.irregular.sum() + month.onward.sum())
        ends = month.arrivals, month.deaths_en_route, month.sent_home, month.stranded
        ended += [int(part.sum()) for part in ends]
        assert begun == ended.sum() + now.under_way.sum(), "journeys begun = ended + under way"
        if config.enabled("transit"):
            transit += world.figures[TransitOutcomes.transit_entries]
            transit -= sum(world.figures[OUTCOMES[f"transit_{end}"]] for end in ("interceptions", "deaths", "exits"))
            np.testing.assert_array_equal(
                transit, world.figures[TransitOutcomes.transit_under_way], "entered = ended + under way"
            )
        census = now
        on_month(model)
    return world, audit


@hypothesis.given(config=configs())
@hypothesis.settings(
    max_examples=25, suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]
)
def test_any_valid_configuration_conserves_people_and_money(config: Config):
    check_every_month(config)


def test_a_lively_world_conserves_people_and_money(lively: Lively):
    """The property above could hold because nothing happens; here everything does."""
    world, audit = lively.world, lively.audit
    national = world.record.national_series()
    for name in ("legal_departures", "sponsored_departures", "domestic_moves", "irregular_departures"):
        assert national[name].sum() > 100, name
    for name in ("irregular_arrivals", "interceptions", "deaths_en_route", "deportations", "returns", "deaths_abroad"):
        assert national[name].sum() > 0, name
    for name in ("onward_departures", "overstays", "office_entries", "office_exits", "cheated", "further_attempts"):
        assert national[name].sum() > 0, name
    assert (world.households.dead > 0).any()
    kinds = {kind for _, _, kind in audit.flows}
    assert {"wages", "remittances", "consumption", "houses", "loan", "repayment", "legal fee", "smuggling fee"} <= kinds
    assert {"domestic remittances", "expense shocks", "endowment", "sponsorship", "move to a city"} <= kinds
    assert {"deposit", "deposit released", "deposit returned", "holding of deposits", "instalment"} <= kinds
    assert {"bribe", "documents", "passage", "overhead", "profit", "capital", "share of associates"} <= kinds
    assert {"ransom", "onward fare", "fine", "visit visa"} <= kinds
    assert audit.opened > 0 and audit.closed > 0
    assert national["smuggling_debt_repaid"].sum() > 0 and national["smuggling_debt_lost"].sum() > 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_payment_scheme_conserves_people_and_money(scheme: str):
    """Most who leave pay in one way, so that what belongs to it cannot be hidden by the others."""
    world, audit = check_every_month(
        busy_config(
            months=30,
            offers=SCHEMES[scheme],
            mechanisms=ASKED_FOR | {"onward": {"enabled": False}},
            interception={"guide_price": 0.0},
            **(TO_IRAN if scheme == "alone" else {}),
        )
    )
    national = world.record.national_series()
    left = {name: int(national[f"departures_{name}"].sum()) for name in ("escrow", "credit", "alone")}
    left["upfront"] = int(national["irregular_departures"].sum()) - sum(left.values())
    assert left[scheme] > 0.5 * sum(left.values()) > 100
    assert PAID[scheme] <= set(audit.flows)
    assert audit.opened > 0 if scheme == "credit" else not audit.opened or left["credit"]
    assert ("households", "escrow", "deposit") in audit.flows or not left["escrow"]
    assert national["irregular_arrivals"].sum() > 0 and national["sent_home"].sum() > 0


def test_claims_and_deposits_end_when_nobody_leaves_any_more(monkeypatch: pytest.MonkeyPatch):
    """After the last departure every deposit is paid out and every claim paid or given up within its longest life."""
    longest = 12
    offers = {"credit_taste": -1.0, "credit_reserve": 0.0, "alone_taste": 6.0}
    off = {"mechanisms": {"onward": {"enabled": False}, "repeat": {"enabled": False}, "refused": {"enabled": False}}}
    model = Model(busy_config(months=84, offers=offers, claims={"longest": longest, "default_hidden": 0.0}, **off))
    audit = Audit.of(model.world)
    held = []
    for world in months_of(model):
        audit.check_month(world)
        held.append((world.ledger.balances["escrow"], world.ledger.claims["offices"]))
        if world.t == 23:
            monkeypatch.setattr("abm.market.market.choices_of", lambda *_: Choices(*np.zeros((4, 0), np.int64)))
    assert min(held[23]) > 0, "both are there when the market stops"
    assert world[TravelState].journeys.count == 0 and world[ClaimsState].table.count == 0
    assert held[-1] == (0, 0)
    assert audit.opened == audit.closed > 0


@dataclass(frozen=True)
class Lively:
    """A lively world at its end, its books and tables, and the payments of every month."""

    world: World
    audit: Audit
    tables: Tables
    payments: list[dict[tuple[str, str, str], int]]


@pytest.fixture(scope="module")
def lively() -> Lively:
    payments, models = [], []

    def keep(model: Model) -> None:
        models.append(model)
        payments.append(model.world.ledger.flows)

    world, audit = check_every_month(small_config(**LIVELY), keep)
    return Lively(world, audit, models[-1].tables(), payments)


class TestTables:
    """The same accounts from the tables that a user sees.

    Stocks are taken after the household pass: returns and deaths of the month are in, its departures and arrivals are
    not yet. Persons under way are counted at the end of the month.
    """

    def test_journeys(self, lively: Lively):
        national, route = lively.tables["national"], lively.tables["route"]
        ended = sum(national[end] for end in ("irregular_arrivals", "sent_home", "stranded", "deaths_en_route"))
        begun = national["irregular_departures"] + national["onward_departures"]
        under_way = np.cumsum(begun) - np.cumsum(ended)
        np.testing.assert_array_equal(under_way, national["under_way"])
        months = len(national["month"])
        for of_route, of_nation in [
            ("arrivals", "irregular_arrivals"),
            ("interceptions", "interceptions"),
            ("deaths", "deaths_en_route"),
        ]:
            np.testing.assert_array_equal(route[of_route].reshape(months, -1).sum(axis=1), national[of_nation])
        np.testing.assert_array_equal(route["departures"].reshape(months, -1).sum(axis=1), begun)

    def test_persons_abroad(self, lively: Lively):
        district = lively.tables["district"]
        came = district["irregular_arrivals"] + district["legal_departures"] + district["sponsored_departures"]
        came = came + district["overstays"] + district["stranded"]
        went = (
            district["returns"] + district["deportations"] + district["deaths_abroad"] + district["onward_departures"]
        )
        months = len(lively.tables["national"]["month"])
        abroad, came, went = (part.reshape(months, -1) for part in (district["persons_abroad"], came, went))
        np.testing.assert_array_equal(abroad[1:] - abroad[:-1], came[:-1] - went[1:])

    def test_persons_abroad_have_papers_or_not(self, lively: Lively):
        district = lively.tables["district"]
        np.testing.assert_array_equal(
            district["persons_abroad"], district["diaspora_legal"] + district["diaspora_irregular"]
        )

    def test_flows_are_the_departures(self, lively: Lively):
        tables = lively.tables
        flows, national = tables["flows"], tables["national"]
        for channel, outcome in [
            ("legal_work", "legal_departures"),
            ("sponsorship", "sponsored_departures"),
            ("domestic", "domestic_moves"),
            ("irregular", "irregular_departures"),
            ("overstay", "overstays"),
        ]:
            mine = flows["channel"] == channel
            assert flows["persons"][mine].sum() == national[outcome].sum()
            by_district = {
                str(unit): int(flows["persons"][mine & (flows["origin"] == unit)].sum())
                for unit in set(flows["origin"])
            }
            expected = tables["district"]
            for unit, persons in by_district.items():
                assert expected[outcome][expected["unit"] == unit].sum() == persons

    def test_departures_by_wealth_are_all_who_went_abroad(self, lively: Lively):
        national = lively.tables["national"]
        by_wealth = sum(national[f"departures_wealth_{k}"] for k in range(1, 6))
        channels = ("legal_departures", "sponsored_departures", "irregular_departures", "overstays")
        np.testing.assert_array_equal(by_wealth, sum(national[name] for name in channels))
        by_wealth = sum(national[f"households_wealth_{k}"] for k in range(1, 6))
        np.testing.assert_array_equal(by_wealth, national["households"])

    def test_national_figures_are_sums_and_weighted_means_of_the_districts(self, lively: Lively):
        tables = lively.tables
        months = len(tables["national"]["month"])
        for name, found in OUTCOMES.items():
            if found.over != "district":
                continue
            parts = tables["district"][name].reshape(months, -1)
            if found.mean_of is None:
                np.testing.assert_array_equal(parts.sum(axis=1), tables["national"][name], name)
            else:
                weight = tables["district"][found.mean_of].reshape(months, -1)
                expected = (parts * weight).sum(axis=1) / weight.sum(axis=1)
                assert tables["national"][name] == pytest.approx(expected, rel=1e-12), name

    def test_what_offices_and_households_receive_is_in_the_ledger(self, lively: Lively):
        national = lively.tables["national"]
        for outcome, kinds in [
            ("smuggling_revenue", [(payer, "offices", k) for payer in PAYERS for k in RECEIPTS]),
            ("remittances", [("employers_abroad", "households", "remittances")]),
            ("bribes_paid", [(payer, "officials", kind) for payer, kind in BRIBES]),
            ("ransoms_paid", [("households", "extortionists", "ransom")]),
        ]:
            expected = [sum(month.get(flow, 0) for flow in kinds) for month in lively.payments]
            np.testing.assert_array_equal(national[outcome], expected, outcome)
            assert sum(expected) > 0

    def test_legs_add_up_to_the_nation(self, lively: Lively):
        national, leg = lively.tables["national"], lively.tables["leg"]
        months = len(national["month"])
        for name, outcome in [("interceptions", "interceptions"), ("deaths", "deaths_en_route")]:
            np.testing.assert_array_equal(leg[name].reshape(months, -1).sum(axis=1), national[outcome], name)
        home = leg["interceptions"].reshape(months, -1).sum(axis=1) - national["stopped_abroad"]
        assert (home >= 0).all() and 0 < home.sum() < national["interceptions"].sum()

    def test_what_travellers_pay_is_what_others_keep(self, lively: Lively):
        """Fees and owners' capital of a month: paid on, seized, or still held; to the rupee."""
        national = lively.tables["national"]
        keepers = [name for name in national if name.startswith("paid_") and name != "paid_extortionists"]
        kept = sum(national[name] for name in keepers) + national["seized_from_offices"]
        came = national["fees_paid_by_travellers"] + national["owners_capital"] + national["ransoms_to_offices"]
        held = np.diff(national["held_by_market"], prepend=0)
        assert len(keepers) == 7 and all(national[name].sum() > 0 for name in keepers)
        np.testing.assert_array_equal(came, kept + held)

    def test_debts_to_offices_are_explained_by_what_came_and_went(self, lively: Lively):
        """Owed at the end, paid and given up are what was owed on arrival: no more than was lent at departure."""
        national, district = lively.tables["national"], lively.tables["district"]
        for name in ("smuggling_debt", "smuggling_debt_repaid", "smuggling_debt_lost"):
            assert (district[name] >= 0).all() and national[name].sum() > 0
        ended = national["smuggling_debt_repaid"] + national["smuggling_debt_lost"]
        opened = np.diff(national["smuggling_debt"], prepend=0) + ended
        assert (opened >= 0).all() and opened.sum() == national["smuggling_debt"][-1] + ended.sum()
