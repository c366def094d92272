"""Moves: events abroad from the household pass are gathered, carried out and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad.diaspora import DiasporaOutcomes, DiasporaParams
from abm.abroad.events import MovesMonth, MovesState
from abm.declare import Outcomes, outcome
from abm.engine.random import binomials
from abm.engine.sums import sum_by
from abm.world.codes import (
    HIDDEN,
    IRREGULAR,
    NEWS_DEPORTED,
    NEWS_REGULARISED,
    NEWS_RETURNED,
    SETTLED,
    STREAM_SECTOR,
    WORKER,
)
from abm.world.columns import EVENT_COLUMNS, Events
from abm.world.kernels.members_away import gather_events
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

NOBODY = -1
"""Code for no office, or one no longer known."""


class MovesOutcomes(Outcomes):
    """Entries and changes of status abroad."""

    regularised = outcome(unit="person", over="district", by_destination=True, text="Persons given papers abroad.")
    lapsed = outcome(unit="person", over="destination", text="Labour migrants who lost their papers.")
    hid = outcome(unit="person", over="destination", text="Persons who moved from the open into the hidden sector.")
    opened = outcome(unit="person", over="destination", text="Persons who left the hidden sector for the open one.")
    entrants = outcome(unit="person", over="destination", text="Persons who arrived, by any channel.")


class Moves(Mechanism):
    """Gathers the events abroad, moves those who changed status, and sends the news home."""

    section = "moves"
    switchable = False
    systems = ("S4", "S18")
    outcomes = MovesOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Gather, carry out and report the events abroad this month."""
        moves = _gather(world)
        world[MovesState].month = moves
        _change_status(world, moves)
        for destination in world.destinations:
            destination.stocks[:] = world.stock[:, destination.row].sum(axis=0)
        office = np.full(moves.row.size, NOBODY)
        for kind, persons in (
            (NEWS_DEPORTED, moves.deported),
            (NEWS_RETURNED, moves.returned),
            (NEWS_REGULARISED, moves.regularised),
        ):
            world.news.tell(kind, moves.row, persons, moves.destination, office)
        world.figures[MovesOutcomes.regularised] = sum_by(moves.district, moves.regularised, world.district_count)
        for which, persons in (
            (DiasporaOutcomes.deportations, moves.deported),
            (DiasporaOutcomes.returns, moves.returned),
            (MovesOutcomes.regularised, moves.regularised),
            (MovesOutcomes.lapsed, moves.lapsed),
            (MovesOutcomes.hid, moves.hid),
            (MovesOutcomes.opened, moves.opened),
        ):
            by_destination = sum_by(moves.destination, persons, len(world.destination_facts))
            world.figures[which.at("destination")] = by_destination[:-1]


def settle_without_papers(
    world: World, rows: np.ndarray, persons: np.ndarray, destinations: np.ndarray, entity: np.ndarray, owing: np.ndarray
) -> None:
    """Enter arrivals without papers: those who owe their fee begin in the hidden sector, and some of the others.

    Parameters
    ----------
    rows, persons, destinations, entity
        Household, persons, destination and identity of the draw of each cohort.
    owing
        Whether the cohort owes its fee to an office, which places it where it can collect the debt.
    """
    shares = np.array([facts.hidden_share for facts in world.destination_facts])
    shares = np.minimum(shares * world.params(DiasporaParams).hidden_share, 1.0)
    hidden = np.zeros(rows.size, np.int64)
    binomials(persons, np.where(owing, 1.0, shares[destinations]), world.key(STREAM_SECTOR), entity, hidden)
    world.enter_away(rows, hidden, destinations, np.full(rows.size, HIDDEN))
    world.enter_away(rows, persons - hidden, destinations, np.full(rows.size, IRREGULAR))


def _gather(world: World) -> MovesMonth:
    """Put the events of all blocks together, in order of household."""
    ends = np.cumsum(world.event_count)
    column = {name: np.empty(ends[-1], np.int64) for name in EVENT_COLUMNS}
    found = Events(**column)
    world.threads.each(
        lambda first, last: gather_events(
            first, last, world.blocks, world.villages, world.events, world.event_count, ends, found
        ),
        ends.size,
    )
    switched, status = column.pop("switched"), column["status"]
    return MovesMonth(
        lapsed=np.where(status == WORKER, switched, 0),
        hid=np.where(status == IRREGULAR, switched, 0),
        opened=np.where(status == HIDDEN, switched, 0),
        **column,
    )


def _change_status(world: World, moves: MovesMonth) -> None:
    """Enter persons under their new status, and count them there at the end of the month."""
    settles = np.array([facts.settles for facts in world.destination_facts])
    with_papers = np.where(settles[moves.destination], SETTLED, WORKER)
    without = np.full(moves.row.size, IRREGULAR)
    for counts, new_status in (
        (moves.regularised, with_papers),
        (moves.lapsed, without),
        (moves.hid, np.full(moves.row.size, HIDDEN)),
        (moves.opened, without),
    ):
        some = np.flatnonzero(counts)
        persons, status = counts[some], new_status[some]
        row, district, destination = moves.row[some], moves.district[some], moves.destination[some]
        world.enter_away(row, persons, destination, status, arriving=False)
        place = (district * world.stock.shape[1] + destination) * world.stock.shape[2] + status
        world.stock += sum_by(place, persons, world.stock.size).reshape(world.stock.shape)
