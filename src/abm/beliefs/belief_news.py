"""News: events on the way and abroad, as villages, districts and the country hear of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import MovesState
from abm.beliefs.belief_state import BeliefsParams, Heard
from abm.beliefs.belief_truth import TruthState
from abm.beliefs.kernels.beliefs import (
    DEATH,
    FAILURE,
    JUDGED,
    MOST_CHANCE,
    NEWS_COUNT,
    SANCTION,
    TELLS_ARRIVAL,
    TELLS_DEATH,
    TELLS_FAILURE,
    TELLS_SANCTION,
    TELLS_SENT_HOME,
    TOPICS,
    reach_villages,
    sum_news,
    within,
)
from abm.engine.sums import ascending
from abm.journeys import JourneyState
from abm.routes import crowds_on_routes
from abm.world.codes import HIDDEN, IRREGULAR, NEWS_ARRIVED, NEWS_DEATH, NEWS_FAILED, NEWS_SANCTIONED, NEWS_WRECK

if TYPE_CHECKING:
    from abm.beliefs.belief_state import BeliefState, Truth
    from abm.world.state import World


def gather_news(world: World, state: BeliefState, truth: Truth) -> Heard:
    """Gather the events of the month by village.

    A journey is judged against the deaths and failures expected on its route at the true level, since routes are known
    to differ: bad news from a hard route does not make easy ones look worse. A wreck is one event, whoever many died.
    """
    news, caught = world.news, world[JourneyState].caught
    deported = world[MovesState].deported
    facing = deported.by_route == 1  # the others cannot be punished and are no evidence
    # every stopped attempt counts, including those that the same contract repeats
    parts = [
        (TELLS_ARRIVAL, *news.of(NEWS_ARRIVED)[:3]),
        (TELLS_DEATH, *news.of(NEWS_DEATH)[:3]),
        (TELLS_DEATH, *_boats(world)),
        (TELLS_FAILURE, caught.row, caught.persons, caught.route),
        (TELLS_SENT_HOME, *news.of(NEWS_FAILED)[:3]),
        (TELLS_SENT_HOME, deported.row[facing], deported.persons[facing], np.full(int(facing.sum()), -1)),
        (TELLS_SANCTION, *news.of(NEWS_SANCTIONED)[:3]),
    ]
    tells = np.repeat([part[0] for part in parts], [part[1].size for part in parts])
    rows, persons, route = (np.concatenate([part[k] for part in parts]) for k in (1, 2, 3))
    villages, most = world.villages, min(rows.size, world.villages.district.size)
    found, kinds = np.empty(most, np.int64), np.empty((most, NEWS_COUNT))
    by_district = np.zeros((NEWS_COUNT, world.district_count))
    count = sum_news(
        rows, ascending(rows), tells, persons, route, _expected(state.reported_fatal, truth, DEATH),
        _expected(state.reported_failure, truth, FAILURE), within(truth.reference[SANCTION]), world.weight,
        villages.first_row, villages.district, found, kinds, by_district,
    )  # fmt: skip
    return Heard(found, kinds, count, by_district)


def _boats(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households, parts and route of the dead of wrecks: those of one boat are together one traveller."""
    rows, persons, route, boat = world.news.of(NEWS_WRECK)
    return rows, persons / np.bincount(boat, persons)[boat], route


def spread_news(world: World, heard: Heard) -> tuple[np.ndarray, np.ndarray]:
    """News that reaches each village, by kind and district, and the number of migrants who write, by district.

    A village hears from `district_reach` other villages of its district and `neighbour_reach` of adjacent ones.
    """
    params, borders = world.params(BeliefsParams), world.borders
    villages = np.bincount(world.villages.district, minlength=world.district_count)
    told, reached = np.empty((2, NEWS_COUNT + 1, world.district_count))
    told[:-1], told[-1] = heard.by_district, np.einsum("ijk->i", world.stock[:, :-1])
    told /= world.weight * villages
    reach_villages(
        told, borders.indptr, borders.indices, borders.weight, params.district_reach, params.neighbour_reach, reached
    )
    return reached[:-1], reached[-1]


def share_without_papers(world: World) -> np.ndarray:
    """Share without papers of those abroad, by district."""
    abroad = np.einsum("ijk->ik", world.stock[:, :-1])
    return (abroad[:, IRREGULAR] + abroad[:, HIDDEN]) / np.maximum(abroad.sum(axis=1), 1)


def learned_from(news: np.ndarray, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Turn news into observed and expected events by topic, in journeys at the reference odds."""
    seen, expected = np.zeros((2, news.shape[1], len(TOPICS)))
    for k, found, usual in JUDGED:
        reference = within(truth.reference[k])
        seen[:, k], expected[:, k] = news[found] / reference, news[usual] / reference
    return seen, expected


def tell_of_routes(world: World, state: BeliefState, truth: Truth) -> None:
    """Let the reputation of each route in the country follow the truth; the busier the route, the faster.

    When others cross in crowds the whole world sees it.
    """
    params = world.params(BeliefsParams)
    traffic = world[TruthState].traffic + crowds_on_routes(world)
    speed = params.route_reputation_speed * traffic / (traffic + params.route_travellers)
    state.reported_failure += speed * (truth.failure - state.reported_failure)
    state.reported_fatal += speed * (truth.fatal - state.reported_fatal)


def tell_of_destinations(world: World, state: BeliefState, truth: Truth) -> None:
    """Let what is reported of papers at each destination follow the truth over `memory`, of pay over `pay_memory`.

    Pay is reported in dollars: everybody knows what a dollar buys at home.
    """
    params = world.params(BeliefsParams)
    state.reported_papers += (truth.papers - state.reported_papers) / params.memory
    state.reported_pays *= truth.dollar / state.truth.dollar
    state.reported_pays += (truth.pays - state.reported_pays) / params.pay_memory


def _expected(reported: np.ndarray, truth: Truth, topic: int) -> np.ndarray:
    """Expected events per traveller by route: true level of the reference journey, routes differing as reported."""
    level = within(truth.reference[topic]) / within((reported * truth.traffic).sum())
    return np.minimum(reported * level, MOST_CHANCE)
