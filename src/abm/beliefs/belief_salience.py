"""Salience: shocks, announcements and campaigns are in people's minds for some months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.beliefs.belief_state import BeliefsParams
from abm.beliefs.belief_truth import held_against
from abm.beliefs.kernels.beliefs import (
    DEATH,
    FAILURE,
    JUDGED,
    NEWS_COUNT,
    PAPERS,
    TOPICS,
    WAGE,
    fade_and_jump,
    fill_levels,
    keep_thinkable,
    log_odds,
    persons_by_district,
    within,
)
from abm.engine.elementwise import exp
from abm.engine.portable import logarithm, power
from abm.places.drivers import HOME_COUNTRY
from abm.policy import InForce
from abm.society.kernels.diffusion import means_over_neighbours
from abm.world.codes import HIDDEN, IRREGULAR, NEWS_REGULARISED, NEWS_WRECK

if TYPE_CHECKING:
    from abm.beliefs.belief_state import BeliefState, Heard, Truth
    from abm.declare import Lever
    from abm.world.state import World

SHOCKS = [*(topic for topic, _, _ in JUDGED), PAPERS]
"""Topics on which events may shock: those of `JUDGED`, and papers, of which no journey is evidence."""
HEARD, EXPECTED = [seen for _, seen, _ in JUDGED], [expected for _, _, expected in JUDGED]
"""Kinds of news on the former."""

LEAST_MULTIPLE = 0.05
"""A lever announced at 0 has no logarithm; it signals as much as this factor."""


def feel_shocks(world: World, state: BeliefState, heard: Heard, truth: Truth, drift: np.ndarray) -> Heard:
    """Let salience fade, and jump where events exceed the thinkable; return the news that remains as evidence.

    Events count as evidence up to the thinkable; the excess is a shock, of which neighbours and media carry a part.
    Each is counted once. Wrecks come on top.
    """
    params, borders = world.params(BeliefsParams), world.borders
    residents = world.residents() / 1e6
    seen, expected, size = _events(world, heard)
    # of papers as much is expected as is reported
    expected[-1] *= within(held_against(truth, state)[PAPERS]) / within(truth.reference[PAPERS])
    mean = np.ascontiguousarray(state.mean.T[SHOCKS])
    thinkable = params.shock_threshold * mean * drift[SHOCKS, None] * expected + size * residents
    thinkable[-1] += (1 << world.district_month["party"]) - 1  # papers come to parties of a sample: one is no shock
    excess = np.maximum(seen - thinkable, 0.0) / residents / size
    felt = params.shock * excess / (1.0 + excess)
    media = (felt * residents).sum(axis=1) / residents.sum()
    jump, nearby = np.zeros_like(state.salience), np.empty_like(felt)
    means_over_neighbours(felt, borders.indptr, borders.indices, borders.weight, nearby)
    jump[:, SHOCKS] = (felt + params.neighbour_shock * nearby + params.media_shock * media[:, None]).T
    jump[:, DEATH] += scare(world)
    left = np.ones((NEWS_COUNT, residents.size))
    left[HEARD] = (np.minimum(seen, thinkable) / np.maximum(seen, 1e-9))[: len(HEARD)]
    fade = power(0.5, 1.0 / params.half_life)
    fade_and_jump(state.salience, fade, jump, params.streak, params.salience_limit)
    state.rumour *= fade
    keep_thinkable(heard.found, heard.kinds, heard.count, world.villages.district, left)
    return heard._replace(by_district=heard.by_district * left)


def scare(world: World) -> np.ndarray:
    """Rise of the salience of death through the wrecks of the month, log odds by district.

    A boat scares by its dead, shock × dead / (dead + `shock_wreck`): those of the district, in part those next door,
    and everywhere in part, through media, all who died.
    """
    params, borders, found = world.params(BeliefsParams), world.borders, np.zeros(world.district_count)
    rows, persons, _, boats = world.news.of(NEWS_WRECK)
    if not rows.size:
        return found
    home = world.villages.district[world.villages_of(rows)]
    to_district = np.repeat(np.arange(found.size), np.diff(borders.indptr))
    for boat in np.unique(boats):
        own = np.bincount(home, np.where(boats == boat, persons, 0), found.size)
        nearby = np.bincount(to_district, own[borders.indices], found.size)
        for dead, part in ((own, 1.0), (nearby, params.neighbour_shock), (own.sum(), params.media_shock)):
            found += part * params.shock * dead / (dead + params.shock_wreck)
    return found


def anticipate(world: World, state: BeliefState, truth: Truth) -> None:
    """Let beliefs jump by the signals of announced policies that begin next month, as far as these are believed.

    Until then they are weighed as something to come, see `abm.choice.announcements`. Those about legs cause rumours
    about the routes that use them, so that other routes gain. Officers on legs in Pakistan are seen and need no rumour.
    """
    limit = world.params(BeliefsParams).salience_limit
    abroad = world.leg_table.country != HOME_COUNTRY
    for lever, deviation, use in world[InForce].policy.announced:
        if use.from_month > world.month + 1 or not lever.signals:
            continue
        first = deviation * use.strength(use.from_month)  # a ramp begins low
        effect = world.params(BeliefsParams).anticipation * _strength(lever, first)
        for name, signal in lever.signals:
            topic = TOPICS.index(name)
            if lever.over == "leg" and topic in (DEATH, FAILURE):
                state.rumour[:, topic] += signal * _on_routes(world, effect * (abroad | (topic == DEATH)))
            else:
                state.salience[:, topic] += signal * _on_districts(world, lever, effect, truth)
    for mind in (state.salience, state.rumour):
        np.clip(mind, -limit, limit, out=mind)


def campaign(world: World, state: BeliefState, truth: Truth, drift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let campaigns move salience; return the lasting effect of talk and campaigns on beliefs.

    By district and topic: a village's ratio becomes the first array times itself plus the second.
    """
    params = world.params(BeliefsParams)
    held, reference = state.mean * drift, held_against(truth, state)
    pull = np.full(held.shape, params.talk)
    target = params.talk * held
    for name, claimed, share in world[InForce].policy.messages:
        topic, force = TOPICS.index(name), np.minimum(share, 1.0)
        level = np.zeros_like(held)
        fill_levels(held, state.salience, reference, level)
        # what is salient need not be learned: the whole belief moves towards the message
        undone = exp(-state.salience[:, topic])
        is_pay = topic == WAGE
        true, held_to = (x if is_pay else within(x) for x in (truth.reference[topic], reference[topic]))
        lesson = claimed * true / held_to * undone
        said = logarithm(claimed * true / held_to) if is_pay else log_odds(claimed * true)
        state.salience[:, topic] += (1.0 - params.campaign_lasting) * force * (said - level[:, topic])
        pull[:, topic] += params.campaign_lasting * force
        target[:, topic] += params.campaign_lasting * force * lesson
    much = np.maximum(pull, 1.0)
    return 1.0 - pull / much, target / much


def _events(world: World, heard: Heard) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Persons affected and persons expected, by topic of `SHOCKS` and district; and the size of a shock by topic."""
    params, news, villages = world.params(BeliefsParams), heard.by_district, world.villages
    sizes = (params.shock_deaths, params.shock_failures, params.shock_sanctions, params.shock_papers)
    seen, expected = np.empty((2, len(SHOCKS), world.district_count))
    seen[:-1], expected[:-1] = news[HEARD], news[EXPECTED]
    rows, persons, *_ = world.news.of(NEWS_REGULARISED)
    seen[-1] = 0.0
    persons_by_district(rows, persons, villages.first_row, villages.district, seen[-1])
    without = world.stock[:, :, [IRREGULAR, HIDDEN]]
    rate = world[DiasporaState].papers_rate[:, [IRREGULAR, HIDDEN]]
    expected[-1] = (without * rate).sum(axis=(1, 2))
    return seen, expected, np.array(sizes)[:, None]


def _strength(lever: Lever, deviation: np.ndarray) -> np.ndarray:
    """Strength of a lever by place: log of its factor, or its addition."""
    if lever.combine == "add":
        return deviation
    return np.array([logarithm(max(1.0 + change, LEAST_MULTIPLE)) for change in deviation])


def _on_routes(world: World, effect: np.ndarray) -> np.ndarray:
    """Strongest effect on the legs of each route."""
    legs = np.append(effect, 0.0)[world.route_legs]  # the last entry is for -1
    strongest = np.abs(legs).argmax(axis=1)
    return legs[np.arange(legs.shape[0]), strongest]


def _on_districts(world: World, lever: Lever, effect: np.ndarray, truth: Truth) -> np.ndarray:
    """Effect as perceived in each district: its own, or the mean over the places that matter to travellers."""
    if lever.over == "district":
        return effect
    weight = {
        "destination": truth.present if ("wage" in dict(lever.signals)) else truth.irregular,
        "leg": np.zeros(0),
        "national": np.ones(1),
    }[lever.over]
    mean = (_on_routes(world, effect) * truth.traffic).sum() if lever.over == "leg" else (weight * effect).sum()
    return np.full(world.district_count, float(mean))
