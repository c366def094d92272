"""Release: how exploitation ends, who is served, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement import LawState, add_figures, charge_foreigners, hand_in_leads, law_of, willing_share
from abm.engine.elementwise import exp, raised, successes
from abm.engine.sums import sum_by
from abm.streams.cities import places_in
from abm.streams.exploitation import CRIMES
from abm.streams.kernels.trafficking import count_left
from abm.streams.recruiters import RecruitersState
from abm.streams.taking import place_of
from abm.streams.trade import (
    IN_LAW,
    MILLION,
    TradeState,
    demand_of_month,
    fear_raids,
    relative_prices,
    usual_recruiters,
    whole,
)
from abm.streams.trafficking_outcomes import TraffickingOutcomes
from abm.streams.trafficking_params import CASEWORKERS, WARNING_TEAMS, TraffickingParams
from abm.streams.victims import FOREIGN, Places, Taken, VictimsState, come_home, enter, hear, leave, mourn, take
from abm.world.codes import STREAM_EXPLOITED

if TYPE_CHECKING:
    from abm.world.state import World

ESCAPE, RESCUE, OUTREACH, LET_GO, ONWARD, DEATH, AGAIN, RECOVERED = range(8)
"""Ways to leave, in the order of the arrays; the last two are of those at home who are at risk."""

FREED = [ESCAPE, RESCUE, OUTREACH]

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
    to_light = (1.0 / params.multiples())[:, None]
    values = np.stack([raised(law.effort[IN_LAW], 0.5), search * willing_share(world, IN_LAW)])
    agencies = _by_place(values, rows, world.residents())
    effort, willing = (agencies * to_light)[:, fixed.crime]
    found[ESCAPE, :, held] = params.escape
    found[RESCUE, :, held] = params.rescue * effort
    found[OUTREACH, :, held] = params.outreach * willing
    found[LET_GO, :, held] = 1.0 / fixed.stay[:, None]
    found[ONWARD, :, : places.abroad] = fixed.onward[:, None]
    found[DEATH, :, held] = params.death
    # the fewer are trafficked again, the fewer recruiters there are and the fewer people buyers want
    wanted = np.minimum(relative_prices(world, demand_of_month(world, world.month)), 1.0)
    recruiters = np.bincount(world[RecruitersState].table.rows.stream, minlength=wanted.size)
    looking = np.minimum(recruiters / np.maximum(usual_recruiters(world), 1e-9), 1.0)
    found[AGAIN, :, places.home] = params.relapse * wanted * raised(looking, params.matching)
    found[RECOVERED, :, places.home] = params.recovery
    return found


def _by_place(values: np.ndarray, rows: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Values by district in the cities of the region; elsewhere in Pakistan the mean over its residents, abroad 1.

    Abroad others are in charge.
    """
    mean = (values * people).sum(axis=-1, keepdims=True) / people.sum()
    return np.concatenate([values[..., rows], mean, np.ones_like(mean)], axis=-1)


USUAL_CASEWORKERS = TraffickingParams().caseworkers
"""Caseworkers a million residents whose outreach is `outreach`."""


def _capacity(world: World) -> np.ndarray:
    """Persons freed whom caseworkers can take on in a month, by district."""
    params = world.params(TraffickingParams)
    return (params.caseworkers + world.now(CASEWORKERS)) * params.admissions * world.residents() / MILLION


def _spare_time(world: World) -> np.ndarray:
    """Time of caseworkers left for outreach, relative to all time of the usual ones, by district."""
    params = world.params(TraffickingParams)
    staff = (params.caseworkers + world.now(CASEWORKERS)) / USUAL_CASEWORKERS
    capacity = _capacity(world)
    return staff * np.maximum(1.0 - _taken_on(world[TradeState].freed, capacity) / np.maximum(capacity, 1e-9), 0.0)


def _taken_on(freed: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Persons whom caseworkers take on: nearly all where there is room, nearly the capacity where there is none."""
    return freed * (1.0 - exp(-capacity / np.maximum(freed, 1e-9)))


def let_out(world: World) -> None:
    """Let persons leave, bring them home, serve some; agencies hear of it."""
    places, state, fixed = Places.of(world), world[VictimsState], world[TradeState].fixed
    at, by_way = leave(world, _hazards(world))
    rows = state.table.rows
    facts, freed = Taken.of(rows, at), by_way[FREED].sum(axis=0)
    come_home(world, at, freed + by_way[LET_GO])
    mourn(world, at, by_way[DEATH])
    of_crime = _tell_agencies(world, at, by_way)
    total = of_crime.sum(axis=0)
    world[TradeState].freed = total[FREED].sum(axis=0)
    served = _serve(world, freed, facts.district, rows.key[at])
    again = _take_again(world, facts, by_way[AGAIN], at)
    risky = (freed - served) * (facts.row != FOREIGN) + by_way[AGAIN] - again
    for persons, place in ((risky, places.home), (by_way[ONWARD], places.abroad)):
        some = np.flatnonzero(persons)
        enter(world, facts.take(some), persons[some], place)
    empty = state.table.rows.persons == 0
    if empty.sum() > EMPTY_ROWS * empty.size:
        state.table.drop(empty)
    trade, streams = world[TradeState], len(fixed.streams)
    trade.again = sum_by(facts.district * streams + facts.stream, again, trade.again.size).reshape(-1, streams)
    place = fixed.crime[facts.stream] * world.district_count + facts.district
    domestic, abroad = sum_by(place, again, 2 * world.district_count).reshape(2, -1)
    world.figures |= {
        TraffickingOutcomes.trafficking_escapes: total[ESCAPE],
        TraffickingOutcomes.trafficking_rescues: total[RESCUE] + total[OUTREACH],
        TraffickingOutcomes.trafficking_let_go: total[LET_GO],
        TraffickingOutcomes.trafficking_deaths: total[DEATH],
        TraffickingOutcomes.taken_onward: total[ONWARD],
        TraffickingOutcomes.victims_served: sum_by(facts.district, served, world.district_count),
        TraffickingOutcomes.retrafficked: domestic + abroad,
        TraffickingOutcomes.trafficked_domestic: domestic,
        TraffickingOutcomes.trafficked_abroad: abroad,
        TraffickingOutcomes.stream_freed: sum_by(facts.stream, freed, len(fixed.streams)),
        TraffickingOutcomes.stream_taken: sum_by(facts.stream, again, len(fixed.streams)),
    }


def _take_again(world: World, facts: Taken, number: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Let persons at risk be trafficked again, unless their household cannot lose them; return how many, by row."""
    which = np.flatnonzero(number)
    went = which[take(world, facts.take(which), number[which])]
    now = facts.take(went)
    enter(world, now, number[went], place_of(world, now, RELAPSE_DRAWS + at[went]))
    found = np.zeros_like(number)
    found[went] = number[went]
    return found


def _serve(world: World, freed: np.ndarray, district: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Let caseworkers take on those freed as far as their time goes; returns them, by row of those who left."""
    total = world[TradeState].freed
    share = _taken_on(total.astype(float), _capacity(world)) / np.maximum(total, 1)
    return successes(freed, share[district], world.key(STREAM_EXPLOITED) ^ SERVING, key)


def _tell_agencies(world: World, at: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """Identify victims, let them report, and hand in leads: where the report is made or the rescue was.

    The law may charge foreigners whom agencies found, in the district where they were held. Returns all who left, by
    crime, way and home district.
    """
    params, fixed, districts = world.params(TraffickingParams), world[TradeState].fixed, world.district_count
    by_way = np.zeros((len(CRIMES), len(persons), districts), np.int64)
    in_cities, elsewhere, foreigners = np.zeros((3, len(CRIMES), districts), np.int64)
    rows, cities = world[VictimsState].table.rows, places_in(world.units)[0]
    count_left(
        rows,
        at,
        persons,
        RESCUE,
        fixed.crime,
        cities,
        Places.of(world).abroad,
        by_way,
        in_cities,
        elsewhere,
        foreigners,
    )
    crimes = np.arange(len(CRIMES))
    law = law_of(world)
    residents = (in_cities + elsewhere - foreigners) * (1.0 - law.offender[IN_LAW])
    met = (residents + foreigners * (1.0 - law.foreign)) * params.recognition
    known = whole(world, crimes, 0, met) + by_way[:, OUTREACH]
    share = params.reporting * willing_share(world, IN_LAW)
    escaped = by_way[:, ESCAPE] * share / params.multiples()[:, None]
    of_known, of_escaped = whole(world, crimes, 1, known * share), whole(world, crimes, 2, escaped)
    reported = of_known + of_escaped
    leads = reported + whole(world, crimes, 3, params.evidence * in_cities)
    hand_in_leads(world, IN_LAW, leads)
    add_figures(world, {TraffickingOutcomes.trafficking_leads: leads.sum(axis=0)})
    remember(world, in_cities)
    world.figures |= {
        TraffickingOutcomes.victims_identified: (known + of_escaped).sum(axis=0),
        TraffickingOutcomes.trafficking_reports: reported.sum(axis=0),
    }
    charge_foreigners(world, foreigners.sum(axis=0))
    return by_way


def remember(world: World, met: np.ndarray) -> None:
    """Update what recruiters remember with convictions and with persons freed, by crime; older ones fade."""
    fear = world[TradeState].fear
    fear *= 1.0 - world.params(TraffickingParams).fading
    fear += world[LawState].convictions[IN_LAW] * MILLION / world.residents()
    fear_raids(world, slice(None), met)


def spread_word(world: World) -> None:
    """Let families of those held suspect, and teams warn; what was heard fades."""
    params, state = world.params(TraffickingParams), world[VictimsState]
    hear(world, state.held * params.silence)
    state.heard += params.warning * world.now(WARNING_TEAMS)[world.villages.district]
    state.heard *= 1.0 - params.forgetting
