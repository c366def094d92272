"""Fees on credit: who pays, who defaults, what is called in at home, and that every claim ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import busy_config, world_after
from scenes import KEY
from worlds import months_of

from abm import conservation
from abm.abroad.claims import ClaimRows, Claims, ClaimsOutcomes, ClaimsState, Terms, _learn
from abm.abroad.events import MovesState
from abm.abroad.kernels.claims import DEAD, IN_HIDDEN, LEFT_HIDDEN, SENT_HOME, ask_debtors, part_claims
from abm.engine.elementwise import apart
from abm.engine.random import stream_key
from abm.engine.tables import allocate
from abm.market.offers import OffersState
from abm.market.offices import close
from abm.market.tables import MarketTables
from abm.model import Model
from abm.routes.travel import TravelState
from abm.world.codes import HIDDEN, OFFICE_FREE, STREAM_CLAIM
from abm.world.columns import Events
from abm.world.state import World

ON_CREDIT: dict[str, Any] = {
    "offers": {"credit_taste": -3.0, "credit_reserve": 0.0, "alone_taste": 6.0},
    "journey": {"retry_wait": 0},
}
"""Offices lend to whoever wants, and most do."""

NO_DEFAULT = {"default_hidden": 0.0, "default_open": 0.0, "default_home": 0.0, "longest": 240}
"""Everybody pays for as long as it takes."""


def claims_of(count: int, **values: Any) -> ClaimRows:
    """Claims that are alike but for `values`."""
    rows = allocate(ClaimRows, count)
    usual = {
        "row": np.arange(count),
        "persons": 10,
        "office_key": np.arange(count),
        "owed": 1_000_000,
        "lent": 1_000_000,
    }
    for name, value in (usual | values).items():
        getattr(rows, name)[:] = value
    return rows


def collect(world: World, moves: Events | None = None) -> None:
    """One more month of the claims alone, with these moves of the debtors or none."""
    world.t += 1
    world.month += 1
    world.ledger.open_month()
    world[MovesState].month = moves or allocate(Events, 0)
    Claims.step(world)


def moves_of(world: World, claim: int, **persons: int) -> Events:
    """What happens in a month to members away in the hidden sector, of the household of one claim."""
    columns = rows_of(world)
    moves = allocate(Events, 1)
    theirs = (columns.row == columns.row[claim]) & (columns.destination == columns.destination[claim])
    place = {
        "row": columns.row[claim], "district": columns.district[claim], "destination": columns.destination[claim],
        "status": HIDDEN, "persons": columns.persons[theirs].sum(),
    }  # fmt: skip
    for name, value in (place | persons).items():
        getattr(moves, name)[:] = value
    return moves


def in_debt(**values: Any) -> World:
    """A world with claims, all of whose debtors are in the hidden sector."""
    world = world_after(7, **(ON_CREDIT | {"claims": NO_DEFAULT} | values))
    assert rows_of(world).row.size > 10
    rows_of(world).state[:] = IN_HIDDEN
    return world


def enrich(world: World, savings: int = 100_000_000) -> None:
    """Let every household have the same savings, with the books to match."""
    awake = np.concatenate(
        [np.arange(f, f + a) for f, a in zip(world.villages.first_row, world.villages.awake, strict=True)]
    )
    weight = np.repeat(world.weight[world.villages.district], world.villages.awake)
    more = int(((savings - world.households.assets[awake].astype(np.int64)) * weight).sum())
    payer, payee = ("endowment", "households") if more > 0 else ("households", "endowment")
    world.ledger.pay(payer, payee, "test", abs(more))
    world.households.assets[awake] = savings


def rows_of(world: World) -> ClaimRows:
    """Columns of the claims in use."""
    table = world[ClaimsState].table
    return ClaimRows(*(column[: table.count] for column in table.columns))


def single(world: World) -> int:
    """The claim of most money, the others on its household written off."""
    table, columns = world[ClaimsState].table, rows_of(world)
    chosen = int(columns.owed.argmax())
    others = (columns.row == columns.row[chosen]) & (np.arange(table.count) != chosen)
    world.ledger.write_off(int(columns.owed[others].sum()), "offices")
    table.drop(others)
    return int(rows_of(world).owed.argmax())


def owed(world: World) -> int:
    """PKR of all claims."""
    return int(rows_of(world).owed.sum())


class TestPaying:
    def test_by_instalment_until_nothing_is_owed(self):
        """What is left at the end is less than a rupee for each household that a row stands for."""
        world = in_debt()
        enrich(world)
        lent, number, paid, lost, months = owed(world), rows_of(world).row.size, 0, 0, 0
        weight = int(world.weight.max())
        while rows_of(world).row.size and months < 240:
            before = owed(world)
            collect(world)
            paid += int(world.figures[ClaimsOutcomes.smuggling_debt_repaid].sum())
            lost += int(world.figures[ClaimsOutcomes.smuggling_debt_lost].sum())
            assert owed(world) <= before and conservation.check(world) == []
            months += 1
        assert rows_of(world).row.size == 0 and 3 < months < 240
        assert paid + lost == lent and lost < number * weight

    def test_an_instalment_is_a_share_of_the_pay_in_the_hidden_sector(self):
        world = in_debt()
        enrich(world)
        columns = rows_of(world)
        row, district, destination = columns.row.copy(), columns.district, columns.destination
        before, persons = columns.owed.copy(), columns.persons.astype(np.int64)
        pay = np.array([place.pays[HIDDEN] for place in world.destinations])[destination]
        asked = np.minimum((world.config.claims.instalment * pay * persons).astype(np.int64), before)
        weight = world.weight[district]
        expected = (asked // weight * weight).sum()
        assert len(np.unique(row)) > 1
        collect(world)
        assert world.figures[ClaimsOutcomes.smuggling_debt_repaid].sum() == expected
        flows = world.ledger.flows
        received = [flows.get(("households", payee, "instalment"), 0) for payee in ("offices", "office_owners")]
        assert sum(received) == expected

    def test_who_has_nothing_pays_nothing(self):
        world = in_debt()
        enrich(world, 0)
        before = owed(world)
        collect(world)
        assert world.figures[ClaimsOutcomes.smuggling_debt_repaid].sum() == 0
        assert before - owed(world) == world.figures[ClaimsOutcomes.smuggling_debt_lost].sum()

    def test_those_on_the_way_when_their_office_closes_owe_its_owners(self):
        offices = {"entry": 0.0, "speculative_entry": 0.0, "succession": 0.0}
        model = Model(busy_config(months=9, offices=offices, **ON_CREDIT, claims=NO_DEFAULT))
        for _ in range(6):
            model.step()
        world = model.world
        columns = world[TravelState].journeys.rows
        assert (columns.owed > 0).any()
        rows = np.flatnonzero(world[MarketTables].offices.state != OFFICE_FREE)
        close(world, rows, np.zeros(rows.size, bool))
        before = rows_of(world).row.size
        for _ in range(3):
            model.step()
            assert conservation.check(world) == []
        assert rows_of(world).row.size > before
        assert world.ledger.flows["households", "office_owners", "instalment"] > 0
        model.close()

    def test_offices_that_are_gone_are_paid_to_their_owners(self):
        world = in_debt()
        enrich(world)
        world[MarketTables].offices.key[:] = -1
        capital = world[MarketTables].offices.capital.copy()
        collect(world)
        assert world.ledger.flows["households", "office_owners", "instalment"] > 0
        np.testing.assert_array_equal(world[MarketTables].offices.capital, capital)


def test_a_debtor_is_asked_for_a_share_of_pay_until_all_is_paid():
    """Half of 20,000 of each of three; then what is left."""
    claims = allocate(ClaimRows, 1)
    claims.persons[:], claims.state[:] = 3, IN_HIDDEN
    found, lost = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for owed, asked in ((60_000, 30_000), (12_000, 12_000)):
        claims.owed[:] = owed
        ask_debtors(
            claims, 1, 1, Terms(np.zeros(4), 0.5, 0.2), np.uint64(1), np.zeros(1, np.int64), np.full(1, 20_000.0),
            np.zeros(1, np.float32), np.ones(1), found, lost, np.zeros(1), np.zeros(1),
        )  # fmt: skip
        assert found[0] == asked
    claims.since[:] = 1  # nothing has been earned in the month of arrival
    ask_debtors(
        claims, 1, 1, Terms(np.zeros(4), 0.5, 0.2), np.uint64(1), np.zeros(1, np.int64), np.full(1, 20_000.0),
        np.zeros(1, np.float32), np.ones(1), found, lost, np.zeros(1), np.zeros(1),
    )  # fmt: skip
    assert found[0] == 0


def who_defaults(claims: ClaimRows, hazards: np.ndarray) -> np.ndarray:
    """Persons of each claim who stop paying in a month; their part of the debt is written off."""
    count, before, owed = claims.row.size, claims.persons.copy(), claims.owed.copy()
    lost, losses, ended, lent = np.zeros(1, np.int64), np.zeros(1), np.zeros(1), claims.lent.copy()
    key = np.uint64(stream_key(2, STREAM_CLAIM, 5))
    ask_debtors(
        claims, count, 1, Terms(hazards, 0.5, 0.2), key, apart(claims.row), np.zeros(1), np.zeros(count, np.float32),
        np.ones(1), np.zeros(count, np.int64), lost, losses, ended,
    )  # fmt: skip
    gone: np.ndarray = before - claims.persons
    assert ended[0] == (lent - claims.lent).sum() == (lent * gone // before).sum()
    np.testing.assert_array_equal(owed - claims.owed, owed * gone // before)
    assert lost[0] == losses[0] == (owed - claims.owed).sum()
    return gone


class TestDefault:
    def test_hazards_are_those_of_the_state(self):
        """Shares of 40,000 persons each, within four and a half standard errors: far more once out of hiding."""
        hazards = np.array([0.006, 0.12, 0.03, 0.0])
        for state, hazard in enumerate(hazards):
            gone = who_defaults(claims_of(4_000, state=state), hazards)
            assert abs(gone.sum() / 40_000 - hazard) <= 4.5 * np.sqrt(hazard * (1 - hazard) / 40_000)

    def test_pieces_of_a_cohort_default_each_for_itself(self):
        assert 60 < who_defaults(claims_of(200, row=7, persons=1), np.full(4, 0.5)).sum() < 140

    def test_what_is_not_paid_is_lost_to_the_office(self):
        world = world_after(7, **ON_CREDIT, claims=NO_DEFAULT | {"default_hidden": 1.0})
        assert owed(world) == 0
        assert world.record.national_series()["smuggling_debt_lost"].sum() > 0
        assert conservation.check(world) == []

    def test_more_default_once_more_have_left_the_hidden_sector(self):
        """Everybody out against everybody in, the same claims and draws."""
        lost = {}
        for state in (IN_HIDDEN, LEFT_HIDDEN):
            world = in_debt(claims={"longest": 240, "default_hidden": 0.006, "default_open": 0.12})
            rows_of(world).state[:] = state
            collect(world)
            lost[state] = int(world.figures[ClaimsOutcomes.smuggling_debt_lost].sum())
        assert lost[LEFT_HIDDEN] > 3 * lost[IN_HIDDEN]

    def test_whoever_opens_up_or_gets_papers_has_left_the_hidden_sector(self):
        for event in ("switched", "regularised", "onward"):
            world = in_debt()
            claim = single(world)
            persons = int(rows_of(world).persons[claim])
            collect(world, moves_of(world, claim, **{event: persons}))
            columns = rows_of(world)
            assert columns.persons[columns.state == LEFT_HIDDEN].sum() == persons


class TestHome:
    def test_the_deported_owe_the_recoverable_part(self):
        """The rest is given up at once; then a share of what workers earn at home is paid by the month."""
        world = in_debt(claims=NO_DEFAULT | {"recovered_at_home": 0.4})
        columns = rows_of(world)
        claim = single(world)
        persons, before = int(columns.persons[claim]), int(columns.owed[claim])
        row, district = int(columns.row[claim]), int(columns.district[claim])
        enrich(world, 0)
        collect(world, moves_of(world, claim, deported=persons))
        columns = rows_of(world)
        home = np.flatnonzero(columns.state == SENT_HOME)
        assert home.size == 1 and columns.persons[home] == persons
        lost = int(before * (1.0 - 0.4))
        assert world.figures[ClaimsOutcomes.smuggling_debt_lost].sum() == lost == before - columns.owed[home]
        enrich(world)
        collect(world)
        weight = int(world.weight[district])
        pay = world.households.wage[row] * world.district_month["wage_index"][district]
        asked = min(int(world.config.claims.home_instalment * pay * persons), before - lost)
        still = rows_of(world).owed[rows_of(world).state == SENT_HOME].sum()
        assert before - lost - still == asked // weight * weight > 0
        assert conservation.check(world) == []

    def test_only_so_many_as_were_sent_home(self):
        world = in_debt()
        claim = int(np.argmax(rows_of(world).persons))
        assert rows_of(world).persons[claim] > 1
        collect(world, moves_of(world, claim, deported=1))
        columns = rows_of(world)
        assert columns.persons[columns.state == SENT_HOME].sum() == 1

    def test_with_death_the_debt_lapses(self):
        world = in_debt()
        columns = rows_of(world)
        persons, before = int(columns.persons[0]), int(columns.owed[0])
        everything = owed(world)
        enrich(world, 0)  # nobody pays
        collect(world, moves_of(world, 0, died=persons))
        assert conservation.check(world) == []
        assert everything - owed(world) == before == world.figures[ClaimsOutcomes.smuggling_debt_lost].sum()
        assert not (rows_of(world).state == DEAD).any()

    def test_claims_split_by_heads_to_the_rupee(self):
        claims = claims_of(8, row=[5, 5, 5, 6, 6, 7, 0, 0], owed=1_000_003, lent=2_000_001)
        claims.persons[6:] = claims.owed[6:] = claims.lent[6:] = 0
        moves = allocate(Events, 2)
        moves.row[:], moves.status[:], moves.returned[:], moves.died[:] = (5, 6), HIDDEN, (13, 0), (0, 4)
        moves.persons[:] = 30, 10  # all of them owe
        work, lost, losses = tuple(np.zeros((3, 8), np.int64)), np.zeros(1, np.int64), np.zeros(1)
        used = part_claims(claims, 4, 1, moves, 1.0, KEY, work, lost, losses, losses.copy())
        assert used == 4 + 3 and claims.owed[6] == 0 and lost[0] == losses[0] == 400_001
        claims.owed[6] = lost[0]
        np.testing.assert_array_equal(claims.persons[:used], [0, 7, 10, 6, 10, 3, 4])
        np.testing.assert_array_equal(claims.state[:used], [0, 0, 0, 0, SENT_HOME, SENT_HOME, DEAD])
        assert claims.owed[:used].sum() == 4 * 1_000_003 and claims.lent[:used].sum() == 4 * 2_000_001
        assert claims.owed[5] == 300_000 and claims.owed[1] == 700_003

    def test_a_loan_ends_with_the_loss_of_those_sent_home(self):
        claims, moves = claims_of(2), allocate(Events, 1)
        moves.row[:], moves.status[:], moves.persons[:], moves.returned[:] = 0, HIDDEN, 10, 10
        work, lost, losses, ended = tuple(np.zeros((3, 8), np.int64)), np.zeros(1, np.int64), *np.zeros((2, 1))
        assert part_claims(claims, 1, 1, moves, 0.3, KEY, work, lost, losses, ended) == 2
        assert losses[0] == ended[0] == 700_000 and claims.lent[1] == claims.owed[1] == 300_000

    def test_as_many_debtors_leave_as_are_of_those_who_were_there(self):
        """One of four owes: of 40,000 who leave, two of each household, a quarter are debtors."""
        count = 20_000
        claims, moves = claims_of(2 * count, persons=1), allocate(Events, count)
        moves.row[:], moves.status[:], moves.persons[:], moves.returned[:] = np.arange(count), HIDDEN, 4, 2
        work = np.empty(1 << 16, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
        used = part_claims(claims, count, 1, moves, 1.0, KEY, work, np.zeros(1, np.int64), *np.zeros((2, 1)))
        assert (used - count) / count == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(count))


class TestEnds:
    @pytest.mark.parametrize("longest", [1, 6])
    def test_no_claim_grows_older_than_the_longest(self, longest: int):
        seen = 0
        for world in months_of(Model(busy_config(months=16, claims={"longest": longest}, **ON_CREDIT))):
            columns = rows_of(world)
            assert (world.t - columns.since < longest).all()
            assert (columns.owed > 0).all() and (columns.persons > 0).all()
            seen = max(seen, int((world.t - columns.since).max(initial=0)))
            assert conservation.check(world) == []
        assert world.record.national_series()["smuggling_debt_lost"].sum() > 0
        assert seen == longest - 1

    def test_without_the_mechanism_nobody_collects(self):
        off = {"claims": {"enabled": False}}
        for world in months_of(Model(busy_config(months=12, mechanisms=off, **ON_CREDIT))):
            assert rows_of(world).row.size == 0 and world.ledger.claims["offices"] == 0
            assert conservation.check(world) == []
        national = world.record.national_series()
        assert national["departures_credit"].sum() > 0 and national["smuggling_debt_lost"].sum() > 0
        assert "smuggling_debt_repaid" not in national

    def test_the_stock_of_debt_is_explained_by_what_came_and_went(self):
        before = 0
        for world in months_of(Model(busy_config(months=16, **ON_CREDIT))):
            columns = rows_of(world)
            ends = (ClaimsOutcomes.smuggling_debt_repaid, ClaimsOutcomes.smuggling_debt_lost)
            repaid, lost = (world.figures[end].sum() for end in ends)
            new = columns.lent[columns.since == world.t].sum()
            assert owed(world) == world.figures[ClaimsOutcomes.smuggling_debt].sum() == world.ledger.claims["offices"]
            # a debt may be paid or lost in the month in which it begins
            assert owed(world) >= before - repaid - lost and owed(world) <= before + new + repaid + lost
            before = owed(world)
        assert before > 0


class TestRecovery:
    def test_what_is_learned_does_not_depend_on_how_loans_are_bundled(self):
        """Ten loans of which one is lost, together or one a month."""
        world = in_debt()
        state, found = world[ClaimsState], []
        for bundles in (1, 10):
            state.lent[:], state.lost[:] = 1e7, 3e6
            for _ in range(bundles):
                state.lost += 1e9 / bundles
                _learn(world, np.full(state.lent.size, 1e10 / bundles))
            found.append(world[OffersState].recovery.copy())
        np.testing.assert_allclose(found[0], found[1])
        np.testing.assert_allclose(found[0], 0.9, atol=0.001)

    def test_offices_learn_what_comes_back(self):
        """Where nobody pays they count on less, where everybody pays on more; elsewhere on what they did."""
        bad = world_after(12, **ON_CREDIT, claims={"default_hidden": 1.0, "memory": 4.0})
        good = in_debt(claims=NO_DEFAULT | {"memory": 4.0}, diaspora={"deportation": 0.0})
        enrich(good)
        for _ in range(40):
            enrich(good)
            collect(good)
        first = 0.7
        assert bad[OffersState].recovery.min() < first - 0.1
        assert good[OffersState].recovery.max() > first + 0.1
        for world in (bad, good):
            recovery = world[OffersState].recovery
            assert ((recovery >= 0.05) & (recovery <= 1.0)).all()
            assert (recovery == first).any(), "nobody lends to who goes to the Gulf"
        assert good[OffersState].recovery.min() >= first - 0.06  # some of few debtors die
        assert bad[OffersState].recovery.max() <= first
