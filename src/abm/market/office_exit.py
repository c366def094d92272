"""Closing of offices: capital, deposits, clients in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.engine.sums import sum_by
from abm.market.outcomes import MarketOutcomes
from abm.market.risks import RisksState
from abm.market.tables import MarketTables
from abm.routes import TravelState
from abm.world.codes import OFFICE_FREE, OFFICE_OPEN

if TYPE_CHECKING:
    from abm.world.state import World


def close(world: World, rows: np.ndarray, convicted: np.ndarray) -> None:
    """Close offices: the court seizes part of a convicted office's capital; owners take the rest or pay its debts.

    Contracts under way lose their office: escrow deposits stay until the journey ends, no further attempt is paid for,
    and queued clients go to another office of the district or give up. Travellers and returnees forget the row, which
    may soon serve another office.
    """
    offices = world[MarketTables].offices
    if not rows.size:
        return
    closing = np.zeros(offices.state.size + 1, np.bool_)
    closing[rows] = True  # the last entry is for -1, no office
    for table in (world[TravelState].journeys, world[TravelState].returnees):
        sent_by = table.columns.office[: table.count]
        sent_by[closing[sent_by]] = -1
    capital = offices.capital[rows]
    share = world[RisksState].seized_share  # without courts nobody is convicted
    seized = np.where(convicted, (np.maximum(capital, 0) * share).astype(np.int64), 0)
    world.ledger.pay("offices", "government", "seizure", int(seized.sum()))
    rest = capital - seized
    world.ledger.pay("offices", "office_owners", "capital", int(np.maximum(rest, 0).sum()))
    world.ledger.pay("office_owners", "offices", "capital", int(np.maximum(-rest, 0).sum()))
    _hand_over_clients(world, closing)
    offices.capital[rows] = 0
    offices.state[rows] = OFFICE_FREE
    offices.key[rows] = -1
    offices.capacity[rows] = 0.0


def _hand_over_clients(world: World, closing: np.ndarray) -> None:
    """Send waiting clients of closed offices to the most reputable office of their district that serves their route."""
    columns, count = world[MarketTables].clients.columns, world[MarketTables].clients.count
    offices = world[MarketTables].offices
    orphans = np.flatnonzero(closing[columns.office[:count]])
    if not orphans.size:
        return
    gone = np.zeros(count, bool)
    still_open = (offices.state == OFFICE_OPEN) & ~closing[:-1]
    for k in orphans:
        bit = world.route_bits[columns.route[k]]
        able = still_open & (offices.district == columns.district[k]) & ((offices.corridors & bit) != 0)
        if able.any():
            columns.office[k] = int(np.argmax(np.where(able, offices.reputation, -1.0)))
        else:
            gone[k] = True
    unserved = world.figures.setdefault(MarketOutcomes.clients_unserved, np.zeros(world.district_count, np.int64))
    unserved += sum_by(columns.district[:count][gone], columns.persons[:count][gone], unserved.size)
    world[MarketTables].clients.take(gone)
