"""Release: how exploitation ends, who is served, and who hears of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement import (
    STREAMS,
    add_figures,
    charge_foreigners,
    convictions_of,
    hand_in_leads,
    law_of,
    willing_share,
)
from abm.engine.portable import exponentials
from abm.engine.random import binomials
from abm.engine.sums import sum_by
from abm.streams.cities import places_in
from abm.streams.exploitation import CRIMES
from abm.streams.recruiters import count, raised
from abm.streams.taking import place_of
from abm.streams.trade import MILLION, TradeState, demand_of_month, fear_raids, relative_prices, whole
from abm.streams.trafficking_outcomes import TraffickingOutcomes
from abm.streams.trafficking_params import CASEWORKERS, WARNING_TEAMS, TraffickingParams
from abm.streams.victims import FOREIGN, Places, Taken, VictimsState, come_home, enter, hear, leave, mourn, take
from abm.world.codes import STREAM_EXPLOITED

if TYPE_CHECKING:
    from abm.world.state import World

ESCAPE, RESCUE, OUTREACH, LET_GO, ONWARD, DEATH, AGAIN, RECOVERED = range(8)
"""Ways to leave, in the order of the arrays; the last two are of those at home who are at risk."""

FREED = (ESCAPE, RESCUE, OUTREACH)

EMPTY_ROWS = 0.1
"""Share of rows without persons from which the table is compacted."""

RELAPSE_DRAWS, SERVING = 1 << 50, np.uint64(1 << 60)
"""Entities and keys beyond those of others in the same streams of random numbers."""


def _hazards(world: World) -> np.ndarray:
    """Hazards of leaving by way, stream and place."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    law, places = law_of(world), Places.of(world)
    rows, _ = places_in(world.units)
    found = np.zeros((8, len(fixed.streams), places.home + 1))
    held = slice(0, places.home)
    search = raised(_spare_time(world), 0.5)
    for k, stream in enumerate(fixed.streams):
        crime = STREAMS.index(stream.crime)
        # elsewhere and abroad agencies and caseworkers do as in the mean of the region
        effort, willing = law.effort[crime], willing_share(world, crime)
        found[ESCAPE, k, held] = params.escape
        found[RESCUE, k, held] = params.rescue * _by_place(effort, rows)
        found[OUTREACH, k, held] = params.outreach * _by_place(search * willing, rows)
        found[LET_GO, k, held] = 1.0 / stream.stay
        found[ONWARD, k, : places.abroad] = stream.onward
        found[DEATH, k, held] = params.death
    # without recruiters nobody is trafficked again, and the less where buyers want few
    wanted = np.minimum(relative_prices(world, demand_of_month(world, world.month)), 1.0)
    recruiters = count(world, len(fixed.streams)).sum(axis=0)
    found[AGAIN, :, places.home] = params.relapse * wanted * (recruiters > 0)
    found[RECOVERED, :, places.home] = params.recovery
    return found


def _by_place(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values of the cities of the region; for elsewhere and abroad, the mean over its districts."""
    return np.append(values[rows], [values.mean()] * 2)


def _capacity(world: World) -> np.ndarray:
    """Persons freed whom caseworkers can take on in a month, by district."""
    params = world.params(TraffickingParams)
    return (params.caseworkers + world.now(CASEWORKERS)) * params.admissions * world.residents() / MILLION


def _spare_time(world: World) -> np.ndarray:
    """Time of caseworkers left for outreach, relative to all time of the usual ones, by district."""
    params = world.params(TraffickingParams)
    staff = (params.caseworkers + world.now(CASEWORKERS)) / max(params.caseworkers, 1e-9)
    capacity = _capacity(world)
    return staff * np.maximum(1.0 - _taken_on(world[TradeState].freed, capacity) / np.maximum(capacity, 1e-9), 0.0)


def _taken_on(freed: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Persons whom caseworkers take on: nearly all where there is room, nearly the capacity where there is none."""
    room = np.zeros(freed.shape)
    exponentials(-capacity / np.maximum(freed, 1e-9), room)
    return freed * (1.0 - room)


def let_out(world: World) -> None:
    """Let persons leave, bring them home, serve some; agencies hear of it."""
    places, state, fixed = Places.of(world), world[VictimsState], world[TradeState].fixed
    left = leave(world, _hazards(world))
    rows = state.table.rows
    at, by_way = left.at, left.persons
    district, stream = rows.district[at].astype(np.int64), rows.stream[at]
    foreign = rows.row[at] == FOREIGN
    freed = by_way[list(FREED)].sum(axis=0)
    come_home(world, at, freed + by_way[LET_GO])
    mourn(world, at, by_way[DEATH])
    _tell_agencies(world, by_way, rows.place[at], district, stream)
    _find_foreigners(world, by_way[RESCUE] * foreign, rows.place[at], district)
    served = _serve(world, freed, district, rows.key[at])
    facts = Taken.of(rows, at)
    risky = (freed - served) * ~foreign

    again = _take_again(world, facts, by_way[AGAIN], left.at)
    for persons, place in ((risky, places.home), (by_way[ONWARD], places.abroad)):
        some = np.flatnonzero(persons)
        enter(world, facts.take(some), persons[some], place)
    empty = state.table.rows.persons == 0
    if empty.sum() > EMPTY_ROWS * empty.size:
        state.table.drop(empty)
    world[TradeState].freed = sum_by(district, freed, world.district_count)
    by_district = partial(sum_by, district, groups=world.district_count)
    domestic = fixed.crime[stream] == 0
    world.figures |= {
        TraffickingOutcomes.trafficking_escapes: by_district(by_way[ESCAPE]),
        TraffickingOutcomes.trafficking_rescues: by_district(by_way[RESCUE] + by_way[OUTREACH]),
        TraffickingOutcomes.trafficking_let_go: by_district(by_way[LET_GO]),
        TraffickingOutcomes.trafficking_deaths: by_district(by_way[DEATH]),
        TraffickingOutcomes.taken_onward: by_district(by_way[ONWARD]),
        TraffickingOutcomes.victims_served: by_district(served),
        TraffickingOutcomes.retrafficked: by_district(again),
        TraffickingOutcomes.trafficked_domestic: by_district(again * domestic),
        TraffickingOutcomes.trafficked_abroad: by_district(again * ~domestic),
        TraffickingOutcomes.stream_freed: sum_by(stream, freed, len(fixed.streams)),
        TraffickingOutcomes.stream_taken: sum_by(stream, again, len(fixed.streams)),
    }


def _take_again(world: World, facts: Taken, number: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Let persons at risk be trafficked again; those whom the household cannot lose stay. Returns them."""
    which = np.flatnonzero(number)
    went = which[take(world, facts.take(which), number[which])]
    now = facts.take(went)
    enter(world, now, number[went], place_of(world, now, RELAPSE_DRAWS + at[went]))
    found = np.zeros_like(number)
    found[went] = number[went]
    return found


def _serve(world: World, freed: np.ndarray, district: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Let caseworkers take on those freed as far as their time goes; returns them, by row of those who left."""
    total = sum_by(district, freed, world.district_count)
    share = _taken_on(total.astype(float), _capacity(world)) / np.maximum(total, 1)
    served = np.zeros(freed.size, np.int64)
    binomials(freed, share[district], world.key(STREAM_EXPLOITED) ^ SERVING, key, served)
    return served


def _tell_agencies(
    world: World, by_way: np.ndarray, place: np.ndarray, district: np.ndarray, stream: np.ndarray
) -> None:  # fmt: skip
    """Identify victims, let them report, and hand in leads: where the report is made or the rescue was."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    rows, _ = places_in(world.units)
    found, told = np.zeros(world.district_count, np.int64), np.zeros(world.district_count, np.int64)
    for crime, name in enumerate(CRIMES):
        mine = fixed.crime[stream] == crime
        number, law = STREAMS.index(name), law_of(world)
        home = district[mine]
        in_city = mine & (place < rows.size)
        rescued = sum_by(rows[place[in_city]], by_way[RESCUE][in_city], world.district_count)
        beyond = sum_by(home, (by_way[RESCUE] * (place >= rows.size))[mine], world.district_count)
        escaped, outreach = (sum_by(home, by_way[way][mine], world.district_count) for way in (ESCAPE, OUTREACH))
        known = (
            whole(world, crime, 0, (rescued + beyond) * params.recognition * (1.0 - law.offender[number])) + outreach
        )
        share = params.reporting * willing_share(world, number)
        reports = whole(world, crime, 1, known * share), whole(world, crime, 2, escaped * share)
        leads = sum(reports) + whole(world, crime, 3, params.evidence * rescued)
        hand_in_leads(world, name, leads)
        add_figures(world, {TraffickingOutcomes.trafficking_leads: leads})
        found, told = found + known + reports[1], told + sum(reports)
        remember(world, crime, rescued)
    world.figures |= {TraffickingOutcomes.victims_identified: found, TraffickingOutcomes.trafficking_reports: told}


def _find_foreigners(world: World, rescued: np.ndarray, place: np.ndarray, district: np.ndarray) -> None:
    """Let the law charge foreigners whom agencies found, in the district where they were held."""
    cities, _ = places_in(world.units)
    in_city = place < cities.size
    where = district.copy()
    where[in_city] = cities[place[in_city]]
    charge_foreigners(world, sum_by(where, rescued, world.district_count))


def remember(world: World, crime: int, met: np.ndarray) -> None:
    """Update what recruiters remember with convictions and with persons freed or stopped; older ones fade."""
    params, fear = world.params(TraffickingParams), world[TradeState].fear
    fear[crime] *= 1.0 - params.fading
    fear[crime] += convictions_of(world, CRIMES[crime]) * MILLION / world.residents()
    fear_raids(world, crime, met)


def spread_word(world: World) -> None:
    """Let families of those held suspect, and teams warn; what was heard fades."""
    params, state = world.params(TraffickingParams), world[VictimsState]
    hear(world, state.held * params.silence)
    state.heard += params.warning * world.now(WARNING_TEAMS)[world.villages.district]
    state.heard *= 1.0 - params.forgetting
