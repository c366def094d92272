"""Wrecks: persons of named districts who die on a named leg in a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event
from abm.routes import Journeys, TravelState
from abm.world.codes import NEWS_DEATH, STREAM_EVENT
from abm.world.named import districts_named, legs_named

if TYPE_CHECKING:
    from abm.world.event_use import EventUse
    from abm.world.state import World

DEATHS = Event(
    "deaths",
    text="So many persons of the districts named die on the leg or route named. If the run has as many travellers from "
    "there on it in the month, they are the dead; else nobody in the run dies and the news alone travels. Beliefs hear "
    "of both as of any death on the way.",
    needs=("where", "way", "persons"),
    places=("unit", "province"),
    systems=("S3", "S8"),
)


def wrecked(world: World) -> Journeys:
    """Take those who die in the wrecks of the month out of the table of journeys; report the others as news."""
    lost = [_take(world, use) for use in world.befall(DEATHS)]
    return Journeys(*(np.concatenate([np.zeros(0, np.int64), *columns]) for columns in zip(*lost, strict=True)))


def _take(world: World, use: EventUse) -> Journeys:
    """Take the dead of one wreck out of the table, in random order of the cohorts; nobody if there are too few."""
    assert use.where and use.way and use.persons
    table = world[TravelState].journeys
    rows = table.rows
    legs = world.route_legs[rows.route, rows.leg]
    there = legs_named(world, use.way)[legs]
    if use.way.kind == "route":
        there = np.array([route.key in use.way.names for route in world.route_facts])[rows.route]
    there &= districts_named(world, use.where)[rows.district] & (rows.held == 0)
    found = np.flatnonzero(there)
    found = found[np.argsort(world.draws_of(STREAM_EVENT, use.id, rows.id[found]), kind="stable")]
    persons = rows.persons[found].astype(np.int64)
    if persons.sum() < use.persons:
        _tell(world, use)
        found = found[:0]
    before = np.cumsum(persons[: found.size]) - persons[: found.size]
    found = found[before < use.persons]
    died = np.minimum(persons[: found.size], use.persons - before[: found.size])
    dead = _part_with(rows, found, died)
    table.drop(rows.persons == 0)
    return dead


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


def _tell(world: World, use: EventUse) -> None:
    """Report deaths in households of the districts, drawn at random, that lose nobody of the run.

    The route is the one with most travellers on the leg, by which the news is judged; without travellers the first.
    """
    assert use.where and use.way and use.persons
    villages = world.villages
    sizes = np.where(districts_named(world, use.where)[villages.district], villages.awake, 0).astype(np.int64)
    sizes *= world.weight[villages.district]
    draws = world.draws_of(STREAM_EVENT, use.id, -1 - np.arange(use.persons))
    village = np.searchsorted(np.cumsum(sizes), np.floor(draws * sizes.sum()), side="right")
    journeys = world[TravelState].journeys.rows
    traffic = np.bincount(journeys.route, journeys.persons, len(world.route_facts))
    leads = np.array([route.key in use.way.names for route in world.route_facts])
    if use.way.kind == "leg":
        leads = np.append(legs_named(world, use.way), False)[world.route_legs].any(axis=1)
    route = int(np.argmax(np.where(leads, traffic, -1.0)))
    ones = np.ones(use.persons, np.int64)
    world.news.report(NEWS_DEATH, villages.first_row[village], ones, ones * route, -ones)
