"""Moves: events abroad from the household pass are gathered, carried out and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad.diaspora import DiasporaOutcomes, share_in_hiding
from abm.abroad.events import Deported, MovesState
from abm.abroad.kernels.moves import gather_moves
from abm.declare import Outcomes, outcome
from abm.engine.elementwise import successes
from abm.world.codes import HIDDEN, IRREGULAR, NEWS_REGULARISED, STREAM_SECTOR
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
    joined = outcome(
        unit="person", over="destination", text="Labour migrants whose family followed, settled from then on."
    )
    entrants = outcome(unit="person", over="destination", text="Persons who arrived, by any channel.")


COUNTED = (
    DiasporaOutcomes.deportations,
    DiasporaOutcomes.returns,
    MovesOutcomes.regularised,
    MovesOutcomes.lapsed,
    MovesOutcomes.hid,
    MovesOutcomes.opened,
    MovesOutcomes.joined,
)
"""Events counted by destination, in the order of `gather_moves`."""


class Moves(Mechanism):
    """Gathers the events abroad, moves those who changed status, and sends the news home.

    Phase "Households" has drawn the events and taken all who changed status or place off their rows. Here those with
    another status are entered under it, the deported and those who go on are listed for the phases that follow, and
    news travels to the villages.
    """

    section = "moves"
    switchable = False
    systems = ("S4", "S18")
    outcomes = MovesOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Gather, carry out and report the events abroad this month."""
        papers, there, regularised = _gather(world)
        stocks = world.stock.sum(axis=0)
        for destination in world.destinations:
            destination.stocks[:] = stocks[destination.row]
        rows, persons, destinations = papers
        world.news.report(NEWS_REGULARISED, rows, persons, destinations, np.full(rows.size, NOBODY))
        world.figures[MovesOutcomes.regularised] = regularised
        for which, by_destination in zip(COUNTED, there[:, :-1], strict=True):
            world.figures[which.at("destination")] = by_destination


def _gather(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gather the events of the month, and enter those who changed status under the new one.

    Returns
    -------
    tuple of numpy.ndarray
        Household, persons and destination of those given papers; persons by event (`COUNTED`) and destination; and
        those given papers by district.
    """
    count, blocks, places = world.event_count, world.blocks, len(world.destination_facts)
    facts = world.destination_table
    state = world[MovesState]
    moves, changes, (papers, deported) = state.make_room(int(count.sum()))
    there, regularised = np.zeros((len(COUNTED), places), np.int64), np.zeros(world.district_count, np.int64)
    reached = np.zeros(places, np.bool_)
    reached[world.route_destination] = True
    changed, given, sent = gather_moves(
        blocks.district, world.villages.segment_start[blocks.first_village], count, world.events,
        facts.settles, facts.settling > 0.0, reached, moves, changes, papers, deported, world.stock, there, regularised,
    )  # fmt: skip
    state.month, state.deported = moves, Deported(*deported[:, :sent])
    world.enter_away(*(column[:changed] for column in changes), arriving=False)
    return papers[:3, :given], there, regularised


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
    shares = share_in_hiding(world)
    hidden = successes(persons, np.where(owing, 1.0, shares[destinations]), world.key(STREAM_SECTOR), entity)
    world.enter_away(rows, hidden, destinations, np.full(rows.size, HIDDEN))
    world.enter_away(rows, persons - hidden, destinations, np.full(rows.size, IRREGULAR))
