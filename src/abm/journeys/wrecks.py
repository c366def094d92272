"""Wrecks: persons of named districts who die on a named leg in a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event
from abm.routes import Journeys, TravelState
from abm.world.codes import NEWS_WRECK, STREAM_EVENT
from abm.world.named import districts_named, legs_named

if TYPE_CHECKING:
    from abm.world.event_use import EventUse
    from abm.world.state import World

DEATHS = Event(
    "deaths",
    text="A wreck: so many persons of the districts named die on the leg or route named. The dead are travellers from "
    "there who are on it in the month, then those on their way to it. If there are too few, the others belong to no "
    "household of the run, and of them the news alone travels.",
    needs=("where", "way", "persons"),
    places=("unit", "province"),
    systems=("S3", "S8"),
)


def wrecked(world: World) -> Journeys:
    """Take those who die in the wrecks of the month out of the table of journeys; report all dead as news."""
    lost = [_take(world, use, boat) for boat, use in enumerate(world.befall(DEATHS))]
    return Journeys(*(np.concatenate([np.zeros(0, np.int64), *columns]) for columns in zip(*lost, strict=True)))


def _take(world: World, use: EventUse, boat: int) -> Journeys:
    """Take the dead of one wreck out of the table, in random order of the cohorts; those on the leg come first."""
    assert use.persons
    table = world[TravelState].journeys
    rows = table.rows
    place, due = _due(world, use, rows)
    found = np.flatnonzero(due)
    draws = world.draws(STREAM_EVENT, rows.id[found], use.id)
    found = found[np.lexsort((draws, place[found] > rows.leg[found]))]
    persons = rows.persons[found].astype(np.int64)
    before = np.cumsum(persons) - persons
    found, persons, before = (column[before < use.persons] for column in (found, persons, before))
    dead = _part_with(rows, found, np.minimum(persons, use.persons - before))
    dead = dead._replace(leg=place[found])
    table.drop(rows.persons == 0)
    world.news.report(NEWS_WRECK, dead.row, dead.persons, dead.route, np.full(dead.row.size, boat))
    _tell(world, use, use.persons - int(dead.persons.sum()), boat)
    return dead


def _due(world: World, use: EventUse, rows: Journeys) -> tuple[np.ndarray, np.ndarray]:
    """Place on their route where travellers meet the wreck, and whether they do: those on the way named or before."""
    assert use.where and use.way
    due = districts_named(world, use.where)[rows.district] & (rows.held == 0)
    if use.way.kind == "route":
        named = np.array([route.key in use.way.names for route in world.route_facts])
        return rows.leg.astype(np.int64), due & named[rows.route]
    legs = np.append(legs_named(world, use.way), False)[world.route_legs][rows.route]  # the last entry is for -1
    ahead = legs & (np.arange(legs.shape[1]) >= rows.leg[:, None])
    return ahead.argmax(axis=1), due & ahead.any(axis=1)


def _part_with(rows: Journeys, found: np.ndarray, persons: np.ndarray) -> Journeys:
    """Move persons of cohorts, with their part of the money, out of the table; see `abm.routes.kernels.journey`."""
    whole = rows.persons[found].astype(np.int64)
    moved = {"persons": persons} | {
        name: getattr(rows, name)[found] * persons // np.maximum(whole, 1) for name in ("paid", "deposit", "owed")
    }
    for name, amounts in moved.items():
        getattr(rows, name)[found] -= amounts.astype(getattr(rows, name).dtype)
    copied = Journeys(*(column[found].astype(np.int64) for column in rows))
    return copied._replace(**moved)


def _tell(world: World, use: EventUse, count: int, boat: int) -> None:
    """Report deaths in households of the districts, drawn at random, that lose nobody of the run.

    The route is the one with most travellers on the leg, by which the news is judged; without travellers the first.
    """
    assert use.where and use.way
    villages = world.villages
    sizes = np.where(districts_named(world, use.where)[villages.district], villages.awake, 0).astype(np.int64)
    sizes *= world.weight[villages.district]
    draws = world.draws(STREAM_EVENT, -1 - np.arange(count), use.id)
    village = np.searchsorted(np.cumsum(sizes), np.floor(draws * sizes.sum()), side="right")
    journeys = world[TravelState].journeys.rows
    traffic = np.bincount(journeys.route, journeys.persons, len(world.route_facts))
    leads = np.array([route.key in use.way.names for route in world.route_facts])
    if use.way.kind == "leg":
        leads = np.append(legs_named(world, use.way), False)[world.route_legs].any(axis=1)
    route = int(np.argmax(np.where(leads, traffic, -1.0)))
    ones = np.ones(count, np.int64)
    world.news.report(NEWS_WRECK, villages.first_row[village], ones, ones * route, ones * boat)
