"""Taking people: persuaded at home, found as runaways, or brought in; where they are held; those held at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcome
from abm.declare.outcome import Placed
from abm.enforcement import add_figures, hand_in_leads, report_missing
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import raised, successes
from abm.engine.portable import exponential
from abm.engine.sums import sum_by
from abm.streams.at_risk import Sample, ask_households, draw_recruits
from abm.streams.cities import places_in
from abm.streams.kernels.trafficking import choose_places
from abm.streams.recruiters import households_of, open_recruiters
from abm.streams.trade import (
    IN_LAW,
    TradeState,
    daring,
    demand_of_month,
    fear_raids,
    incomes,
    margins,
    stopped_at_exit,
    usual_prices,
    whole,
)
from abm.streams.trafficking_outcomes import TraffickingOutcomes
from abm.streams.trafficking_params import TraffickingParams
from abm.streams.victims import FOREIGN, Places, Taken, VictimsState, enter, hear, take
from abm.world.codes import STREAM_LURE, STREAM_TAKEN_ABROAD

if TYPE_CHECKING:
    from abm.world.state import World

OPENING_YEARS = 15
"""Years of past demand behind those held at the start. Source: assumed; hardly anybody remains after that."""

LOTS_A_MONTH = 300.0
"""Fewest lots a month in the country at the usual demand: people are taken in parties, which are smaller for small
streams."""

COUNTED: tuple[Outcome | Placed, ...] = (
    TraffickingOutcomes.trafficked_in, TraffickingOutcomes.trafficked_minors, TraffickingOutcomes.runaways,
    TraffickingOutcomes.runaways_recovered, TraffickingOutcomes.trafficking_stopped,
)  # fmt: skip
"""Outcomes that streams add to."""

RUN_DRAWS, CAUGHT_DRAWS, TAKE_DRAWS, PLACE_DRAWS = 1 << 49, 1 << 50, 1 << 51, 1 << 53
"""Entities beyond those of others in the same stream of random numbers."""


def take_people(world: World, sample: Sample, expected: np.ndarray, recruiters: np.ndarray) -> np.ndarray:
    """Take people, as many as `recruiters` are expected to find; returns those brought to buyers.

    All by district (of the recruiter) and stream.
    """
    fixed = world[TradeState].fixed
    entity = (TAKE_DRAWS + np.arange(expected.size)).reshape(expected.shape)
    wanted = world.rounded(STREAM_LURE, entity, expected)
    world.figures |= {found: np.zeros(world.district_count, np.int64) for found in COUNTED}
    caught = np.flatnonzero(fixed.runaway).tolist()
    for k in caught:
        wanted[:, k] = _catch_runaways(world, sample, k, expected[:, k], entity[:, k], int(recruiters[:, k].sum()))
    brought = np.where(fixed.entry, wanted, 0)
    _enter_foreigners(world, brought, 32)
    number = _persuade(world, sample, wanted - brought) + brought
    add_figures(
        world,
        {
            TraffickingOutcomes.trafficked_in: brought.sum(axis=1),
            TraffickingOutcomes.trafficked_minors: number[:, caught].sum(axis=1),
            TraffickingOutcomes.stream_taken: number.sum(axis=0),
        },
    )
    for k in caught:
        number[:, k] = _in_proportion(int(number[:, k].sum()), expected[:, k])
    return number


def _enter_foreigners(world: World, number: np.ndarray, shift: int) -> None:
    """Enter foreigners, by district of entry and stream, in the cities where they are held.

    Their draws are addressed by stream, shifted by some bits, and by number.
    """
    stream, district = np.divmod(np.repeat(np.arange(number.size), number.T.ravel()), len(number))
    nobody = np.full(district.size, FOREIGN)
    facts = Taken(nobody, nobody, district, stream, np.zeros(district.size, np.bool_))
    entity = (stream << shift) + np.arange(stream.size) - np.searchsorted(stream, stream)
    enter(world, facts, 1, place_of(world, facts, entity))


def _catch_runaways(
    world: World, sample: Sample, stream: int, able: np.ndarray, entity: np.ndarray, looking: int
) -> np.ndarray:
    """Let minors run away; some are brought home. Returns those of the others whom recruiters in cities find."""
    households = households_of(world)
    ran = world.rounded(STREAM_LURE, entity + RUN_DRAWS, sample.mean[:, stream] * households)
    recovered = report_missing(world, ran)
    left = ran - recovered
    world[TradeState].runaways = float(left.sum() / max(looking, 1))
    chance = 1.0 - exponential(-float(able.sum()) / max(int(left.sum()), 1))
    add_figures(world, {TraffickingOutcomes.runaways: ran, TraffickingOutcomes.runaways_recovered: recovered})
    return np.minimum(world.rounded(STREAM_LURE, entity + CAUGHT_DRAWS, left * chance), left)


def _in_proportion(total: int, weight: np.ndarray) -> np.ndarray:
    """Share a whole number out in proportion to a weight; what is left over goes to the largest."""
    if weight.sum() <= 0.0:
        return np.zeros(weight.size, np.int64)
    found = np.floor(total * weight / weight.sum()).astype(np.int64)
    found[weight.argmax()] += total - found.sum()
    return found


def _persuade(world: World, sample: Sample, wanted: np.ndarray) -> np.ndarray:
    """Take members of households, as many as `wanted`; returns those brought to buyers, by district and stream.

    A row that stands for many households loses a party at a time, so that the table stays short.
    """
    facts, persons = _draw_lots(world, sample, wanted)
    entity = (1 << 32) + np.arange(persons.size)
    chance = stopped_at_exit(world)[facts.district, facts.stream]
    stopped = successes(persons, chance, world.key(STREAM_TAKEN_ABROAD), entity)
    _stop(world, facts, stopped)
    persons = persons - stopped
    went = np.flatnonzero(take(world, facts, persons) & (persons > 0))
    facts, persons = facts.take(went), persons[went]
    enter(world, facts, persons, place_of(world, facts, entity[went]))
    world[TradeState].placed = facts, persons
    place = facts.district * wanted.shape[1] + facts.stream
    number = sum_by(place, persons, wanted.size).reshape(wanted.shape)
    domestic = world[TradeState].fixed.crime == 0
    add_figures(
        world,
        {
            TraffickingOutcomes.trafficked_domestic: number[:, domestic].sum(axis=1),
            TraffickingOutcomes.trafficked_abroad: number[:, ~domestic].sum(axis=1),
        },
    )
    return number


def _draw_lots(world: World, sample: Sample, wanted: np.ndarray) -> tuple[Taken, np.ndarray]:
    """Draw households for persons wanted by district and stream, in lots rounded at random; facts and persons of each.

    Persons taken from a row at a time hang on the households that it stands for and on the size of the stream.
    """
    fixed = world[TradeState].fixed
    most = np.array([int(stream.demand / MONTHS_A_YEAR / LOTS_A_MONTH) for stream in fixed.streams])
    lot = np.maximum(np.minimum(1 << world.district_month["party"][:, None], most), 1)
    entity = ((np.arange(most.size) + 1) << 36) + np.arange(len(wanted))[:, None]
    picked, district, stream = draw_recruits(world, sample, world.rounded(STREAM_LURE, entity, wanted / lot))
    facts = Taken(sample.rows[picked], sample.village[picked], district, stream, fixed.worker[stream])
    return facts, lot[district, stream]


def _stop(world: World, facts: Taken, persons: np.ndarray) -> None:
    """Let exit checks stop some: they are at home, at risk, and agencies hear of it."""
    some = np.flatnonzero(persons)
    facts, persons = facts.take(some), persons[some]
    enter(world, facts, persons, Places.of(world).home)
    crimes, evidence = world[TradeState].fixed.crime[facts.stream], world.params(TraffickingParams).evidence
    for crime in np.unique(crimes):
        number = sum_by(facts.district, persons * (crimes == crime), world.district_count)
        leads = whole(world, crime, 4, evidence * number)
        hand_in_leads(world, IN_LAW[crime], leads)
        add_figures(
            world, {TraffickingOutcomes.trafficking_stopped: number, TraffickingOutcomes.trafficking_leads: leads}
        )
        fear_raids(world, crime, number)


def place_of(world: World, facts: Taken, entity: np.ndarray) -> np.ndarray:
    """Where each is taken: abroad, or to a city by its attraction; recruiters avoid cities where they fear more."""
    trade = world[TradeState]
    rows, inside = places_in(world.units)
    found = np.full(facts.stream.size, Places.of(world).abroad)
    dared = np.ones(trade.fixed.attraction.shape[1])
    dared[inside] = daring(world)[0][rows]
    everywhere = trade.fixed.attraction * dared
    here = np.cumsum(everywhere[:, inside], axis=1) / everywhere.sum(axis=1)[:, None]
    key, abroad = world.key(STREAM_LURE), trade.fixed.abroad
    choose_places(abroad, here, facts.stream, facts.district, key, PLACE_DRAWS + entity, found)
    return found


def open_trade(world: World) -> None:
    """Start with those taken in earlier years, and with the recruiters whom the first month's demand feeds."""
    params, trade = world.params(TraffickingParams), world[TradeState]
    fixed, streams = trade.fixed, trade.fixed.streams
    trade.sold = demand_of_month(world, world.month)
    price, family = usual_prices(world)
    held = _still_held(world)
    sample = ask_households(
        world, streams, family, world[VictimsState].heard, np.full(world.district_count, int(held.sum()))
    )
    parts = raised(sample.mean * fixed.ease, 1.0 / (1.0 - min(params.matching, 0.9)))
    parts[:, fixed.entry] = fixed.ease[:, fixed.entry]
    households = households_of(world)
    parts *= np.where(fixed.entry, 1.0, households[:, None])
    parts /= np.maximum(parts.sum(axis=0), np.finfo(float).tiny)
    margin = np.maximum(margins(world, price, family), 0.0)
    where = np.where(fixed.runaway, fixed.ease / np.maximum(fixed.ease.sum(axis=0), 1.0), parts)
    open_recruiters(world, where * trade.sold * margin / (params.living * incomes(world)))
    of_residents = TraffickingOutcomes.trafficked_domestic, TraffickingOutcomes.trafficked_abroad
    world.figures |= {found: np.zeros(world.district_count, np.int64) for found in of_residents}
    stock = sample.mean * np.where(fixed.runaway, 1.0, fixed.ease) * households[:, None]
    stock /= np.maximum(stock.sum(axis=0), np.finfo(float).tiny)
    for k in range(len(streams)):
        number = np.zeros(stock.shape, np.int64)
        number[:, k] = whole(world, 0, 64 + 8 * k, (parts if fixed.entry[k] else stock)[:, k] * held[k])
        if fixed.entry[k]:
            _enter_foreigners(world, number, 34)
        else:
            facts, persons = _draw_lots(world, sample, number)
            went = np.flatnonzero(take(world, facts, persons))
            facts, persons = facts.take(went), persons[went]
            enter(world, facts, persons, place_of(world, facts, (k << 34) + np.arange(went.size)))
    _open_word(world)


def _open_word(world: World) -> None:
    """Let villages have heard what they would have, had as many been held for long."""
    params, state, streams = world.params(TraffickingParams), world[VictimsState], world[TradeState].fixed
    rows = state.table.rows
    here = rows.row != FOREIGN
    agencies = (params.rescue + params.outreach) / params.multiples()[streams.crime]
    known = params.silence + params.escape + agencies + 1.0 / streams.stay
    heard = rows.persons[here] * known[rows.stream[here]] / params.forgetting
    hear(world, np.bincount(rows.village[here], heard, state.heard.size))


def _still_held(world: World) -> np.ndarray:
    """Persons still held of those whom buyers of past years took, for the first time or again, by stream."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    freed = params.escape + (params.rescue + params.outreach) / params.multiples()[fixed.crime]
    leaving = freed + params.death + 1.0 / fixed.stay + fixed.onward
    found = np.zeros(len(fixed.streams))
    for before in range(OPENING_YEARS * MONTHS_A_YEAR, 0, -1):
        found = found * (1.0 - leaving) + demand_of_month(world, world.month - before)
    return found
