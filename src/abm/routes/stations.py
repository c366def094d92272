"""Enforcement agents and their places: circles and their districts, posts and their legs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept
from abm.engine.calendar import parse_month
from abm.engine.portable import power
from abm.engine.tables import allocate
from abm.places.geography import distance_km, load_units, population_at, unit_index
from abm.places.place_models import Leg, Post
from abm.places.places import CIRCLE, reference_posts
from abm.routes.legs import InterceptionParams

if TYPE_CHECKING:
    from abm.places.geography import Units
    from abm.world.state import World

KINDS = (CIRCLE, "border_post", "coast_guard", "airport", "transit", "destination")
"""Kinds of post, by their code."""

CIRCLE_CODE = KINDS.index(CIRCLE)
"""Code of circles among the kinds."""

HOME_KINDS = KINDS[:4]
"""Kinds that serve Pakistan: their cost is enforcement spending, and their officers form the national pool."""


LEAST_STOPPED = 0.01
"""Share stopped that a leg counts with, at least, where posts spread their officers: nobody leaves a border wholly
unwatched. Source: assumed."""

FIRST_ADDED = 100_000
"""Draws of the circles that policy adds are addressed from here on, whatever posts a configuration adds."""


@table_of_columns("posts")
class Posts(NamedTuple):
    """One row per enforcement agent: circles and posts of the data, then a circle per district that policy may add."""

    kind: Annotated[
        np.ndarray,
        column("u1", unit="code", text="0 circle, 1 border post, 2 coast guard, 3 airport, 4 transit, 5 destination."),
    ]
    district: Annotated[
        np.ndarray,
        column("i2", unit="row", text="District of a circle, the first of those it covers; -1 for a post on legs."),
    ]
    since: Annotated[
        np.ndarray,
        column("i4", unit="month", text="First month in service, since January of year 0; 0 if always in service."),
    ]
    listed: Annotated[
        np.ndarray,
        column("f8", unit="officer", text="Officers in the data; for a circle, those for the simulated region."),
    ]
    staff: Annotated[
        np.ndarray, column("f8", unit="officer", text="Officers in the month, including those added by policy.")
    ]
    budget: Annotated[np.ndarray, column("f8", unit="PKR of 2017 a month", text="Cost of one officer.")]
    integrity: Annotated[np.ndarray, column("f8", unit="share", text="Officers who take no bribes, in the data.")]
    skill: Annotated[
        np.ndarray, column("f8", unit="share", text="Accused found by the officers of a circle, in the data.")
    ]
    corrupt: Annotated[np.ndarray, column("f8", unit="share", text="Officers who would take a bribe in the month.")]
    caution: Annotated[
        np.ndarray, column("f8", unit="share", text="Of these, those deterred after colleagues were caught.")
    ]
    caught: Annotated[np.ndarray, column("i8", unit="officer", text="Officers caught taking bribes in the month.")]
    capacity: Annotated[np.ndarray, column("f8", unit="case", text="Investigations that a circle can run at a time.")]
    pressure: Annotated[
        np.ndarray,
        column("f8", unit="ratio", text="Odds of a stop there relative to those at effort 1: the value of a bribe."),
    ]


@table_of_columns("guards")
class Guards(NamedTuple):
    """One row a post and a leg that it guards."""

    post: Annotated[np.ndarray, column("i2", unit="row", text="Post that guards.")]
    leg: Annotated[np.ndarray, column("i2", unit="row", text="Leg that it guards.")]
    first_share: Annotated[
        np.ndarray, column("f8", unit="share", text="Share of the post's officers on the leg when effort is 1.")
    ]
    share: Annotated[np.ndarray, column("f8", unit="share", text="Share of the post's own officers on the leg now.")]
    first_pool: Annotated[
        np.ndarray,
        column("f8", unit="share", text="Share of its country's movable officers on the leg when effort is 1."),
    ]
    pool: Annotated[
        np.ndarray,
        column("f8", unit="share", text="Share of its country's movable officers now on the leg; 0 if it has none."),
    ]
    effort: Annotated[
        np.ndarray, column("f8", unit="officer", text="Officers on the leg in the month, levers included.")
    ]
    reference: Annotated[np.ndarray, column("f8", unit="officer", text="Officers on the leg when effort is 1.")]
    movable: Annotated[
        np.ndarray,
        column("f8", unit="officer", text="Of these, officers of Pakistan's posts who may be sent elsewhere."),
    ]
    detections: Annotated[np.ndarray, column("f8", unit="person/month", text="Persons stopped, fading memory.")]
    fatigue: Annotated[np.ndarray, column("f8", unit="share", text="Share of added effort that has worn off.")]


@dataclass(frozen=True, eq=False)
class Stations:
    """Enforcement agents and their places.

    Attributes
    ----------
    listed
        Number of posts in the data; later rows are circles that policy may add, one per district, in order.
    covers
        Whether a circle covers a district, shape (posts, districts).
    cover_post, cover_district, cover_share
        The same as pairs, in order of posts, and one over the number of districts that the circle covers.
    distance
        Kilometres from each district to the nearest district that a circle covers, shape (districts, posts); infinite
        for posts on legs and for circles outside the simulated region.
    reference_effort
        Officers on each leg when effort is 1.
    serves_home, identity
        By post: whether it serves Pakistan, and the number by which its draws are addressed.
    """

    posts: Posts
    guards: Guards
    keys: tuple[str, ...]
    names: tuple[str, ...]
    listed: int
    covers: np.ndarray
    cover_post: np.ndarray
    cover_district: np.ndarray
    cover_share: np.ndarray
    distance: np.ndarray
    reference_effort: np.ndarray
    serves_home: np.ndarray
    identity: np.ndarray


class PostsState(State):
    """Enforcement agents and their places."""

    stations: Held[Stations] = kept(
        text="Circles and posts with their places.",
        start=lambda world: station(world.post_facts, world.leg_facts, world.units, reference_posts(world.places)),
    )
    posts: Held[Posts] = kept(text="Circles and posts.", start=lambda world: world[PostsState].stations.posts)
    guards: Held[Guards] = kept(
        text="Posts and the legs that they guard.", start=lambda world: world[PostsState].stations.guards
    )


def officers_listed(world: World) -> np.ndarray:
    """Officers of each post before any lever: those in the data, and of Pakistan's posts as many per resident.

    The data are of 2017; see `interception.staffing`.
    """
    state, units = world[PostsState], world.units
    residents = float(population_at(units, world.month).sum() / units.population_2017.sum())
    grown = power(residents, world.params(InterceptionParams).staffing)
    return np.where(state.stations.serves_home, grown, 1.0) * state.posts.listed


def station(
    facts: tuple[Post, ...], legs: tuple[Leg, ...], units: Units, reference: tuple[Post, ...] | None = None
) -> Stations:
    """Place the enforcement agents of the data, with room for circles that policy adds.

    Parameters
    ----------
    facts, legs
        Posts and legs of the configuration.
    reference
        Posts whose officers define effort 1 on the legs that they guard, by default all; on other legs the officers
        that `facts` send there define it.
    units
        Districts simulated. A circle has officers for them in proportion to their share of the residents it covers.

    Raises
    ------
    ValueError
        If a post stands at an unknown place or is of an unknown kind, or if a leg has no guard.
    """
    districts, listed = len(units), len(facts)
    posts = allocate(Posts, listed + districts)
    covers = np.zeros((listed + districts, districts), bool)
    covers[listed + np.arange(districts), np.arange(districts)] = True
    posts.district[listed:] = np.arange(districts)
    here, country = unit_index(units), load_units("pakistan")
    residents = dict(zip(country.unit.tolist(), country.population_2017.tolist(), strict=True))
    for row, post in enumerate(facts):
        if post.kind not in KINDS:
            raise ValueError(f"posts.yaml: '{post.key}' is of kind '{post.kind}'; expected one of {', '.join(KINDS)}")
        posts.kind[row] = KINDS.index(post.kind)
        posts.since[row] = parse_month(post.since)
        posts.budget[row] = post.budget
        posts.integrity[row] = post.integrity
        posts.skill[row] = post.skill
        posts.listed[row] = post.staff
        posts.district[row] = -1
        if post.kind == CIRCLE:
            inside = [here[name] for name in post.at if name in here]
            covers[row, inside] = True
            posts.district[row] = inside[0] if inside else -1
            total = sum(_known(residents, name, post) for name in post.at)
            posts.listed[row] *= sum(residents[str(units.unit[k])] for k in inside) / total
    of_circles = posts.kind[:listed] == CIRCLE_CODE
    posts.integrity[listed:] = posts.integrity[:listed][of_circles].mean() if of_circles.any() else 1.0
    posts.skill[listed:] = _skill_nearby(
        units, posts, np.flatnonzero(of_circles & (posts.district[:listed] >= 0) & (posts.listed[:listed] > 0.0))
    )
    guards = _place_guards(facts, posts, legs)
    usual, own = _officers_on_legs(reference or facts, legs), _officers_on_legs(facts, legs)
    effort = np.where(usual > 0.0, usual, own)
    unguarded = [leg.key for leg, officers in zip(legs, effort, strict=True) if officers <= 0]
    if unguarded:
        raise ValueError(f"posts.yaml: no post guards {', '.join(unguarded)}")
    serves_home = np.isin(posts.kind, [KINDS.index(kind) for kind in HOME_KINDS])
    cover_post, cover_district = np.nonzero(covers)
    return Stations(
        posts,
        guards,
        (*(post.key for post in facts), *(f"circle_added_{key}" for key in units.unit)),
        (*(post.name for post in facts), *(f"FIA circle added in {name}" for name in units.name)),
        listed,
        covers,
        cover_post,
        cover_district,
        1.0 / covers.sum(axis=1)[cover_post],
        _distances(units, covers),
        effort,
        serves_home,
        np.concatenate([np.arange(listed), FIRST_ADDED + np.arange(districts)]),
    )


def _place_guards(facts: tuple[Post, ...], posts: Posts, legs: tuple[Leg, ...]) -> Guards:
    """Spread the officers of each post over its legs in proportion to the persons they can stop there.

    Every leg of a post so starts with the same detections per officer, and officers move only when traffic does.
    """
    row_of = {leg.key: row for row, leg in enumerate(legs)}
    pairs = [(p, _known(row_of, name, post)) for p, post in enumerate(facts) if post.kind != CIRCLE for name in post.at]
    guards = allocate(Guards, len(pairs))
    guards.post[:] = [p for p, _ in pairs]
    guards.leg[:] = [leg for _, leg in pairs]
    traffic = np.array([_attention(leg) for leg in legs])[guards.leg]
    of_post = np.bincount(guards.post, traffic, len(facts))
    guards.first_share[:] = traffic / of_post[guards.post]
    guards.reference[:] = guards.first_share * posts.listed[guards.post]
    at_home = np.isin(posts.kind[guards.post], [KINDS.index(kind) for kind in HOME_KINDS])
    guards.movable[:] = np.where(at_home, guards.reference, 0.0)
    guards.share[:] = guards.first_share
    return guards


def _attention(leg: Leg) -> float:
    """What a leg weighs in the spread of officers: travellers stopped there at most, or a few where nobody is."""
    return max(leg.interception, LEAST_STOPPED) * leg.flow


def _officers_on_legs(facts: tuple[Post, ...], legs: tuple[Leg, ...]) -> np.ndarray:
    """Officers whom posts send to each leg, spread as in `_place_guards`."""
    weight = {leg.key: _attention(leg) for leg in legs}
    found = dict.fromkeys(weight, 0.0)
    for post in facts:
        if post.kind != CIRCLE:
            total = sum(weight[name] for name in post.at)
            for name in post.at:
                found[name] += post.staff * weight[name] / total
    return np.array(list(found.values()))


def _skill_nearby(units: Units, posts: Posts, circles: np.ndarray) -> np.ndarray:
    """Skill of officers added to each district: mean of the circles of its province, else of all; 1 without any."""
    if not circles.size:
        return np.ones(len(units))
    officers, province = posts.listed[circles], units.province[posts.district[circles]]
    weight = officers * (province == units.province[:, None])
    weight = np.where(weight.any(axis=1, keepdims=True), weight, officers)
    found: np.ndarray = (weight * posts.skill[circles]).sum(axis=1) / weight.sum(axis=1)
    return found


def _distances(units: Units, covers: np.ndarray) -> np.ndarray:
    """Great-circle distance from each district to the nearest one that each circle covers, km."""
    # in whole kilometres, because the last bits of sines differ between processors
    between = np.round(distance_km(units.lon[:, None], units.lat[:, None], units.lon, units.lat))
    found = np.full((len(units), covers.shape[0]), np.inf)
    for row in np.flatnonzero(covers.any(axis=1)):
        found[:, row] = between[:, covers[row]].min(axis=1)
    return found


def _known[T](rows: dict[str, T], name: str, post: Post) -> T:
    if name not in rows:
        raise ValueError(f"posts.yaml: '{post.key}' stands at '{name}', which is not in the data")
    return rows[name]
