"""Docket: cases against migrants at home, at airports and at the border, besides those against offices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, kept
from abm.enforcement.cases import investigations_by_circle
from abm.enforcement.circles import CirclesState, skill_of_posts
from abm.enforcement.declarations import StreamCasesParams
from abm.enforcement.kernels.enforcement import PURPOSE, witnesses
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.month_law import SMUGGLING, LawState, law_of
from abm.enforcement.leads import sent_home
from abm.engine.elementwise import exp, successes
from abm.engine.sums import sum_by
from abm.journeys import JourneyState
from abm.places.drivers import HOME_COUNTRY
from abm.places.geography import distance_km, load_units
from abm.routes import PostsState
from abm.world.codes import STREAM_CHARGE

if TYPE_CHECKING:
    from abm.places.geography import Units
    from abm.places.place_models import Leg, Point
    from abm.world.state import World

MEMORY = 12.0
"""Months over which circles average those sent home, so that one weighted cohort is not a crowd.
Source: assumed."""

FOR_RETURNEES, FOR_PAPERS, FOR_GROUPS, FOR_ARRESTS = 1, 2, 3, 4


class DocketState(State):
    """Averages behind cases against migrants, and where they are registered."""

    sent_home: Held[np.ndarray | None] = kept(
        unit="person a month", text="Those sent home, fading mean.", over=("district",), start=lambda world: None
    )
    groups_stopped: Held[np.ndarray | None] = kept(
        unit="group a month", text="Groups handed over at the border, fading mean.", over=("district",),
        start=lambda world: None,
    )  # fmt: skip
    registering_rows: Held[np.ndarray] = kept(
        unit="row", text="District in which cases of those stopped on a leg are registered.", over=("leg",),
        start=lambda world: _registering_rows(world),
    )  # fmt: skip


class Docket(NamedTuple):
    """Cases of the month besides those against offices, by district."""

    charged: np.ndarray
    """Migrants charged, one case each."""
    arrested: np.ndarray
    """Those of them who are arrested."""
    registered: np.ndarray
    """Cases against persons unknown, after groups stopped at the border, without arrests."""


def open_docket(world: World) -> Docket:
    """Register the month's cases against migrants, and against those who led a stopped group."""
    charged, registered = np.zeros((2, world.district_count), np.int64)
    arrested = charged.copy()
    if world.config.enabled("enforcement"):
        _register_stopped(world, charged, registered)
        returnees = _charge_returnees(world, registered)
        # passengers with forged papers are at hand; those sent home have to be found by the officers in charge
        circle, _ = world[CirclesState].in_charge
        chance = np.where(circle >= 0, skill_of_posts(world)[circle], 0.0)
        arrested = charged + _draw(world, returnees, chance, FOR_ARRESTS, np.arange(circle.size))
        charged += returnees
    return Docket(charged, arrested, registered)


def _draw(world: World, trials: np.ndarray, chance: np.ndarray, purpose: int, entity: np.ndarray) -> np.ndarray:
    """Draw successes; each purpose has its own draws."""
    return successes(trials, chance, world.key(STREAM_CHARGE), purpose * PURPOSE + entity)


def _register_stopped(world: World, charged: np.ndarray, registered: np.ndarray) -> None:
    """Charge passengers with forged papers, and register a case for each group stopped on land or at sea."""
    caught = world[JourneyState].caught
    place = world[DocketState].registering_rows[caught.leg]
    inside = place >= 0
    by_air = np.array([leg.guard == "air" for leg in world.leg_facts])[caught.leg]
    papers = world.leg_table.documents[caught.leg]
    offender = law_of(world).offender[SMUGGLING][place]
    entity = witnesses(caught.row, caught.leg, caught.office)
    for chance, purpose, into in (
        (np.where(by_air, papers, 0.0) * offender, FOR_PAPERS, charged),
        (np.where(by_air, 0.0, 1.0 / world.params(StreamCasesParams).border_group), FOR_GROUPS, registered),
    ):
        found = _draw(world, caught.persons, np.where(inside, chance, 0.0), purpose, entity)
        np.add.at(into, place[inside], found[inside])


def _charge_returnees(world: World, registered: np.ndarray) -> np.ndarray:
    """Charge some of those sent home, as far as the circle in charge has idle officers."""
    _, home = sent_home(world)
    chance = _chance_of_charge(world, sum_by(home.district, home.persons, registered.size), registered)
    known = witnesses(home.row, home.kind, home.office)
    found = _draw(world, home.persons, chance[home.district], FOR_RETURNEES, known)
    return sum_by(home.district, found, registered.size)


def _chance_of_charge(world: World, returned: np.ndarray, registered: np.ndarray) -> np.ndarray:
    """Probability that a person sent home is charged, by district.

    A circle with `b` free officers takes up `docket` x b cases a month at most. Groups handed over at the border come
    first, take `group_work` times as long and are shared by the circles of the province after their free officers,
    which leaves `h`. Of `n` sent home to its own districts each is charged with probability 1 - exp(-h / n), times the
    share whom the law makes offenders. No one is taken to the circle of another district for it. Officers whom policy
    added to a district charge those sent home there alone.
    """
    (circle, kept), state, params = world[CirclesState].in_charge, world[DocketState], world.params(StreamCasesParams)
    posts, covered = world[PostsState].posts, (circle >= 0) & (kept >= 1.0)
    state.sent_home = _averaged(state.sent_home, returned)
    state.groups_stopped = _averaged(state.groups_stopped, registered)
    reach = np.bincount(circle[covered], state.sent_home[covered], posts.staff.size)
    hands = params.docket * free_officers(world)
    of_district = world[BureausState].bureaus.province
    province = np.where(posts.district >= 0, of_district[posts.district], -1)
    groups = np.bincount(of_district, state.groups_stopped, len(PROVINCE_KEYS)) * params.group_work
    there = np.bincount(province[province >= 0], hands[province >= 0], len(PROVINCE_KEYS))
    left = np.maximum(1.0 - groups / np.maximum(there, 1e-9), 0.0)
    hands = np.where(province >= 0, hands * left[province], 0.0) / np.maximum(posts.capacity, 1e-9)
    circles = world[CirclesState]
    own = (posts.capacity - circles.added_by_post) * hands / np.maximum(reach, 1e-9)
    added = circles.added_capacity * hands[circle] / np.maximum(state.sent_home, 1e-9)
    charged = 1.0 - exp(-np.where(reach > 0.0, own, 0.0)[circle] - np.where(state.sent_home > 0.0, added, 0.0))
    return np.where(covered, charged, 0.0) * law_of(world).offender[SMUGGLING]


def _averaged(mean: np.ndarray | None, values: np.ndarray) -> np.ndarray:
    """Running mean of monthly values, updated in place; it begins with the first month."""
    if mean is None:
        mean = values.astype(np.float64)
    mean += (values - mean) / MEMORY
    return mean


def free_officers(world: World) -> np.ndarray:
    """Officers of each circle, in full time for smuggling, who are on no investigation."""
    posts, running = world[PostsState].posts, investigations_by_circle(world)
    busy = np.where(posts.capacity > 0.0, np.minimum(running / np.maximum(posts.capacity, 1e-9), 1.0), 1.0)
    return posts.staff * world[LawState].circle_time * (1.0 - busy)


def _registering_rows(world: World) -> np.ndarray:
    """District that registers cases of those stopped on each leg; -1 abroad, and in provinces not simulated.

    It is the nearest one in the province where a leg in Pakistan ends, or, by air, begins.
    """
    points = {point.key: point for point in world.places.points}
    return np.array([_registering_row(leg, points, world.units) for leg in world.leg_facts])


def _registering_row(leg: Leg, points: dict[str, Point], units: Units) -> int:
    ends = (leg.start,) if leg.guard == "air" else (leg.end, leg.start)
    here = next((points[end] for end in ends if points[end].country == HOME_COUNTRY), None)
    if leg.country != HOME_COUNTRY or here is None:
        return -1
    everywhere = load_units("pakistan")
    province = everywhere.province[_distance(everywhere, here).argmin()]
    same = units.province == province
    return int(np.where(same, _distance(units, here), np.inf).argmin()) if same.any() else -1


def _distance(units: Units, point: Point) -> np.ndarray:
    """Whole kilometres to each district, because the last bits of sines differ between processors."""
    return np.round(distance_km(units.lon, units.lat, point.lon, point.lat))
