"""Re-entry: how hard it has become to come back, for those who consider returning home for good or for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.departure import KIND_OF_CHANNEL, REFUSALS_ADDED
from abm.legal import QUOTA, LegalWorkParams, visits_refused
from abm.places.options import LEGAL_WORK, OVERSTAY
from abm.routes import LegsState, usual_stops

if TYPE_CHECKING:
    from abm.world.state import World

LEAST_EASE, MOST_EASE = 0.02, 2.0
"""Odds of re-entry, relative to the reference, beyond which returns fall, or rise, no further. Source: assumed."""

USED_TO = 120.0
"""Months over which migrants get used to other quotas. Source: assumed."""


class ReentryState(State):
    """Reference odds of re-entry."""

    reference: Held[np.ndarray] = kept(
        unit="probability",
        text="Odds of the best route at effort 1, the reference flow and the corruption of the data.",
        over=("destination",),
        start=lambda world: _best_odds(world, usual_stops(world), np.ones(len(world.route_facts))),
    )
    usual_quota: Held[np.ndarray] = kept(
        unit="multiple", text="Quota for workers to which migrants are accustomed, relative to the data.",
        over=("destination",), start=lambda world: _quotas(world),
    )  # fmt: skip


def ease_of_return(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Odds of re-entry to each destination relative to the data; 1 if nothing has changed.

    With papers: the odds of a visa, the share of applications not refused, times the quota relative to what migrants
    are used to. That few are hired in a slump, or many apply, keeps nobody there: those let go leave, and the others
    know that times change. Without papers: the mean over the available ways of the odds of passing all guards on the
    best irregular route from home, and of a visit visa.

    Returns
    -------
    tuple of numpy.ndarray
        With papers and without, by destination.

    References
    ----------
    Massey, Durand and Pren (2016), "Why border enforcement backfired": harder borders ended the circulation of
    Mexicans, because those who went home could not count on coming back.
    """
    visa = _visa_odds(world, LEGAL_WORK, world.params(LegalWorkParams).refusal)
    visit = _visa_odds(world, OVERSTAY, visits_refused(world))
    legs = world[LegsState]
    routes = _best_odds(world, legs.month.interception, legs.open_routes) / world[ReentryState].reference
    visits = world.destination_table.visits > 0
    there_are_routes = np.isfinite(routes)
    ways = visits + 1.0 * there_are_routes
    total = np.where(visits, visit, 0.0) + np.where(there_are_routes, routes, 0.0)
    without = np.where(ways > 0, total / np.maximum(ways, 1.0), 1.0)
    with_papers = visa * _quotas(world) / np.maximum(world[ReentryState].usual_quota, LEAST_EASE)
    return with_papers.clip(LEAST_EASE, MOST_EASE), without.clip(LEAST_EASE, MOST_EASE)


def _visa_odds(world: World, channel: int, usual: float | np.ndarray) -> np.ndarray:
    """Share of applications of a channel not refused, relative to that without any lever: dated data count as usual."""
    added = world.now(REFUSALS_ADDED)[:, KIND_OF_CHANNEL[channel]]
    now = 1.0 - np.clip(usual + added, 0.0, 1.0)
    return np.asarray(np.maximum(now, LEAST_EASE) / np.maximum(1.0 - usual, LEAST_EASE))


def get_used_to_quotas(world: World) -> None:
    """Let migrants get used to other quotas."""
    usual = world[ReentryState].usual_quota
    usual += (_quotas(world) - usual) / USED_TO


def _quotas(world: World) -> np.ndarray:
    """Quota for workers relative to the data, by destination: its dated history times levers."""
    lever = world.now(QUOTA) / max(world.params(LegalWorkParams).quota, LEAST_EASE)
    return np.asarray(lever * world.multiples("quota"))


def _best_odds(world: World, interception: np.ndarray, open_routes: np.ndarray) -> np.ndarray:
    """Largest chance of passing all guards on a route from home, by destination; not a number without a route.

    A closed route leads nowhere: its chance is 0.
    """
    legs, from_home = world.route_legs, world.route_from_home
    odds = open_routes * np.where(legs >= 0, 1.0 - interception[legs], 1.0).prod(axis=1)
    best = np.full(len(world.destination_facts), np.nan)
    np.fmax.at(best, world.route_destination[from_home], odds[from_home])
    return best
