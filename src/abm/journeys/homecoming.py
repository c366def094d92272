"""Ends of journeys: death, return, arrival; and the settlement of deposits and of fees on credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import ClaimsState, DiasporaParams, settle_without_papers
from abm.departure.kernels.departure import refund
from abm.engine.sums import occurrences
from abm.market import MarketTables, OffersParams, in_business, receive, remember_arrivals
from abm.market.kernels.payments import end_contracts
from abm.routes import Journeys, TravelState
from abm.routes.kernels.journey import bury_all, come_home
from abm.world.codes import NEWS_ARRIVED, NEWS_FAILED, STREAM_LEG_INTERCEPTION

if TYPE_CHECKING:
    from abm.world.state import World


def die(world: World, died: Journeys) -> None:
    """Remove those who died on the way; their deposits are returned and their debts to come lapse."""
    if not died.row.size:
        return
    bury_all(died.row, died.persons, world.weight[died.district], world.households)
    _return_deposits(world, died)
    _remember(world, died, fulfilled=False)


def go_home(world: World, home: Journeys) -> None:
    """Bring home those stopped on the last attempt that the contract includes."""
    if not home.row.size:
        return
    weights = world.weight[home.district]
    key = world.key(STREAM_LEG_INTERCEPTION) ^ np.uint64(0x5851F42D4C957F2D)
    felt = world.config.enabled("diaspora") and world.config.enabled("aspiration")
    shame = world.params(DiasporaParams).deportation_shame * felt
    come_home(home.row, home.persons, weights, shame, key, home.id * 64 + home.leg, world.households)
    _return_deposits(world, home)
    _remember(world, home, fulfilled=False)
    world.news.report(NEWS_FAILED, home.row, home.persons, home.route, home.office)
    world[TravelState].returnees.append(
        row=home.row, persons=home.persons, district=home.district, since=world.t, office=home.office,
        kind=NEWS_FAILED, status=0, piece=occurrences(home.row),
    )  # fmt: skip


def strand(world: World, stays: Journeys, destination: np.ndarray) -> None:
    """Leave those pushed back on the last attempt that the contract includes where they are, without papers."""
    if not stays.row.size:
        return
    settle_without_papers(world, stays.row, stays.persons, destination, stays.id, np.zeros(stays.row.size, bool))
    _return_deposits(world, stays)
    _remember(world, stays, fulfilled=False)


def arrive(world: World, arrived: Journeys) -> None:
    """Enter those who arrived; deposits are released to the office, and fees on credit become claims."""
    destination = world.route_destination[arrived.route]
    memory = world.params(OffersParams).referral_memory
    from_home = np.where(arrived.origin < 0, arrived.persons, 0)  # those who went on can tell of another way
    remember_arrivals(world, arrived.district, destination, from_home, memory)
    if not arrived.row.size:
        return
    settle_without_papers(world, arrived.row, arrived.persons, destination, arrived.id, arrived.owed > 0)
    _release_deposits(world, arrived)
    _open_claims(world, arrived, destination)
    _remember(world, arrived, fulfilled=True)
    world.news.report(NEWS_ARRIVED, arrived.row, arrived.persons, arrived.route, arrived.office)


def _return_deposits(world: World, fates: Journeys) -> None:
    """Return deposits to the households, less the holder's share."""
    held = fates.deposit
    if not held.any():
        return
    kept = (held * world.params(OffersParams).holder_share).astype(np.int64)
    paid = np.zeros(held.size, np.int64)
    refund(fates.row, held - kept, world.weight[fates.district], world.households, paid)
    world.ledger.pay("escrow", "households", "deposit returned", int(paid.sum()))
    world.ledger.pay("escrow", "money_holders", "holding of deposits", int((held - paid).sum()))


def _release_deposits(world: World, arrived: Journeys) -> None:
    """Pay out deposits to the offices, or to the owners of those that have closed."""
    held = arrived.deposit
    if not held.any():
        return
    kept = (held * world.params(OffersParams).holder_share).astype(np.int64)
    world.ledger.pay("escrow", "money_holders", "holding of deposits", int(kept.sum()))
    here = in_business(world, arrived.office, arrived.office_key)
    due = held - kept
    receive(world, "escrow", "deposit released", arrived.office[here], arrived.district[here], due[here])
    world.ledger.pay("escrow", "office_owners", "deposit released", int(due[~here].sum()))


def _open_claims(world: World, arrived: Journeys, destination: np.ndarray) -> None:
    """Turn fees on credit into claims on the household; of closed offices the owners collect."""
    owes = arrived.owed > 0
    if not owes.any():
        return
    amounts = arrived.owed[owes]
    world[ClaimsState].table.append(
        row=arrived.row[owes], persons=arrived.persons[owes], district=arrived.district[owes],
        destination=destination[owes], office=arrived.office[owes], office_key=arrived.office_key[owes], owed=amounts,
        lent=amounts, since=world.t, state=0,
    )  # fmt: skip
    world.ledger.accrue(int(amounts.sum()), "offices")


def _remember(world: World, fates: Journeys, *, fulfilled: bool) -> None:
    """Count the contract in the office's reputation."""
    offices = world[MarketTables].offices
    ended = np.empty(offices.key.size, np.int64)
    end_contracts(fates.office, fates.office_key, fates.persons, fulfilled, offices, ended)
