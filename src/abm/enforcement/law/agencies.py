"""Agencies: services besides the circles, their budgets and corruption, and the allocation of officers' time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, behaviour, national_level, outcome
from abm.declare.state import Held, State, kept, monthly
from abm.enforcement.kernels.enforcement import adapt_corruption
from abm.enforcement.law.bureaus import AgenciesParams, BureausState
from abm.enforcement.law.jurisdiction import in_charge
from abm.enforcement.law.month_law import SMUGGLING, LawState, law_of
from abm.enforcement.law.powers import PowersState
from abm.enforcement.patrols import corruption_of_month
from abm.engine.portable import power
from abm.engine.tables import allocate
from abm.policy import InForce
from abm.routes import Posts, PostsState, officers_listed
from abm.world.codes import STREAM_CASE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

AGENCY_BUDGETS = behaviour("budgets of the agencies of provinces", base=1.0, over="district")
"""Factor by district."""

AGENCY_BUDGET = Lever(
    "agency_budget", unit="multiple of the budget", bounds=(0.0, 10.0), combine="multiply", moves=(AGENCY_BUDGETS,),
    unit_cost=1.0, cost_unit="rupee of pay of the officers added", cost_source="by definition", cost_counted="booked",
    text="Multiplies budgets and, in time, officers of police, welfare, child protection and labour inspection.",
    systems=("S10", "S11", "S19"),
)  # fmt: skip


class AgenciesState(State):
    """Officers at work, suspensions, corruption and the allocation of time."""

    pay: Held[int] = monthly(unit="PKR of 2017", text="Pay of officers not booked elsewhere.", neutral=0)
    present: Held[np.ndarray] = monthly(
        unit="share", text="Officers at work.", over=("bureau",), neutral=lambda world: _open_bureaus(world)
    )
    suspended: Held[list[np.ndarray]] = kept(
        unit="officer", text="Officers caught in each recent month.", over=("bureau",), start=lambda world: []
    )
    conduct: Held[Posts] = kept(
        text="Corruption of the agencies of provinces, in the columns of posts.", start=lambda world: _honest(world)
    )
    first_caseload: Held[np.ndarray | None] = kept(
        unit="lead", text="Caseload when time was first allocated.", over=("bureau", "stream"), start=lambda world: None
    )


class AgenciesOutcomes(Outcomes):
    """Officers caught and suspended, and officers at work on smuggling."""

    officers_suspended = outcome(
        unit="officer", over="national", kind="stock", text="Circle officers suspended over a case against themselves."
    )
    agency_officers_caught = outcome(
        unit="officer", over="national", text="Officers of the agencies of provinces caught taking bribes."
    )
    agency_officers = national_level(unit="officer", text="Officers of the agencies of provinces who are at work.")
    smuggling_time = national_level(unit="officer", text="Circle officers who work on smuggling, in full time.")


class Agencies(Mechanism):
    r"""Circles, police, social welfare and labour inspection allocate their officers' time once a year.

    Officers may take bribes; those caught are suspended. Officers at work on a crime, relative to the start, decide how
    many victims and offenders are found.

    Notes
    -----
    The share of time that an agency gives to a crime, with the share $\tau_0$ of the outset and the growth $g$ of the
    leads on it, moves towards

    $$
    \phi \, \tau_0 + (1 - \phi) \, \frac{\tau_0 \, g^{\eta}}{\sum \tau_0 \, g^{\eta}}
    $$

    and closes `speed` of the gap; $\phi$ is `floor` and $\eta$ is `response`.
    """

    section = "agencies"
    Params = AgenciesParams
    systems = ("S10", "S11", "S17")
    on_by_default = False
    outcomes = AgenciesOutcomes.declared

    levers = (AGENCY_BUDGET,)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the pay of all officers that the budgets would hire."""
        first = world[BureausState].bureaus.first_staff
        return lever.unit_cost * float(
            (np.maximum(deviation, 0.0) * _pay_by_district(world, first, world.units.population_2017)).sum()
        )

    @staticmethod
    def step(world: World) -> None:
        """Hire, take bribes, suspend, allocate time in January, and set effort by stream and district."""
        if not world.config.enabled(Agencies.section):
            return
        _hire(world)
        _corrupt(world)
        suspended = _suspend(world)
        if world.month % 12 == 0 and world.t > 0:
            _allocate(world)
        present = world[AgenciesState].present = _present(world, suspended)
        _tell_circles(world, present)
        world[LawState].month = law_of(world)._replace(effort=_effort(world, present))
        _spend(world)


def officers_by_bureau(world: World, staff: np.ndarray, time: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Officers, in full time, whom the law empowers, shape (bureaus, streams, provinces).

    `staff` are officers by bureau and province, `time` is the share of their time by bureau and stream, `present` the
    share at work by bureau.
    """
    bureaus = world[BureausState].bureaus
    allowed = world[PowersState].powers.competent[bureaus.service] if world.config.enabled("law") else 1.0
    officers = (staff * (full_time(world) * present)[:, None])[:, None, :] * time[:, :, None]
    return officers * allowed


def full_time(world: World) -> np.ndarray:
    """Ratio of officers for all streams to those listed: circles list only those for smuggling."""
    bureaus = world[BureausState].bureaus
    return 1.0 / np.where(bureaus.post >= 0, bureaus.first_time[:, SMUGGLING], 1.0)


def taken_bribes(world: World) -> np.ndarray:
    """Share of the cases that officers drop for a bribe, by bureau; none without agencies."""
    circles = world[BureausState].bureaus.post >= 0
    found = np.zeros(circles.size)
    if world.config.enabled(Agencies.section):
        of_circles, own = world[PostsState].posts, world[AgenciesState].conduct
        found[circles] = (of_circles.corrupt * (1.0 - of_circles.caution))[world[BureausState].bureaus.post[circles]]
        found[~circles] = own.corrupt * (1.0 - own.caution)
    return found


def _honest(world: World) -> Posts:
    """Agencies of provinces as posts, at the corruption that they end up with if nobody is caught."""
    posts = allocate(Posts, int((world[BureausState].bureaus.post < 0).sum()))
    posts.integrity[:] = world.params(AgenciesParams).integrity
    posts.corrupt[:] = (1.0 - posts.integrity) * corruption_of_month(world).reach
    return posts


def _open_bureaus(world: World) -> np.ndarray:
    """Whether each bureau exists in the month, 1.0 or 0.0."""
    return (world.month >= world[BureausState].bureaus.since).astype(np.float64)


def _hire(world: World) -> None:
    """Move the officers of agencies towards what budgets pay for: slowly up, at once down. Books the cost."""
    bureaus, people = world[BureausState].bureaus, world.units.population_2017
    mean, residents = bureaus.by_province(np.stack([world.now(AGENCY_BUDGETS) * people, people]))
    wanted, own = bureaus.first_staff * (mean / np.maximum(residents, 1.0)), bureaus.post < 0
    grown = bureaus.staff + world.params(AgenciesParams).hiring * (wanted - bureaus.staff)
    bureaus.staff[own] = np.minimum(grown, wanted)[own]
    there = bureaus.staff[own].sum(axis=1) * _open_bureaus(world)[own]
    world.figures[AgenciesOutcomes.agency_officers] = float(there.sum())
    if AGENCY_BUDGET.name in world[InForce].policy.values:
        added = np.maximum(bureaus.staff - bureaus.first_staff, 0.0)
        # districts named pay for the officers whom they add to their province
        named = people * np.maximum(world.now(AGENCY_BUDGETS) - AGENCY_BUDGET.neutral, 0.0)
        world[InForce].policy.book_cost(AGENCY_BUDGET, _pay_by_district(world, added, named) * AGENCY_BUDGET.unit_cost)


def _pay_by_district(world: World, staff: np.ndarray, people: np.ndarray) -> np.ndarray:
    """PKR a month for officers of the agencies, by bureau and province, shared out after people of districts."""
    bureaus = world[BureausState].bureaus
    rate = bureaus.budget * _open_bureaus(world) * (bureaus.post < 0)
    each = (rate[:, None] * staff).sum(axis=0) / np.maximum(np.bincount(bureaus.province, people, staff.shape[1]), 1.0)
    return each[bureaus.province] * people


def _corrupt(world: World) -> None:
    """Adapt the corruption of agencies as that of circles and posts; some of those who take bribes are caught."""
    bureaus, posts = world[BureausState].bureaus, world[AgenciesState].conduct
    posts.staff[:] = bureaus.staff[bureaus.post < 0].sum(axis=1) * _open_bureaus(world)[bureaus.post < 0]
    identity = AGENCY_DRAWS + np.arange(posts.staff.size)
    adapt_corruption(posts, identity, np.zeros(posts.staff.size), corruption_of_month(world), world.key(STREAM_CASE))
    world.figures[AgenciesOutcomes.agency_officers_caught] = int(posts.caught.sum())


AGENCY_DRAWS = 300_000
"""Draws of agencies are addressed from here on, those of posts below."""


def _suspend(world: World) -> np.ndarray:
    """Track officers caught, of circles last month and of agencies now; return those suspended, by bureau."""
    circles, months = world[BureausState].bureaus.post, world.params(AgenciesParams).suspension
    caught = world[PostsState].posts.caught[circles]
    caught[circles < 0] = world[AgenciesState].conduct.caught
    queue: list[np.ndarray] = world[AgenciesState].suspended
    queue.append(caught)
    del queue[: max(len(queue) - months, 0)]
    suspended = sum(queue, np.zeros(circles.size, np.int64))
    world.figures[AgenciesOutcomes.officers_suspended] = int(suspended[circles >= 0].sum())
    return suspended


def _present(world: World, suspended: np.ndarray) -> np.ndarray:
    """Share of officers at work, by bureau: those of bureaus that exist, less those suspended.

    Officers added to a circle by policy may also be caught, so the base includes them, as of the month before.
    """
    posts, bureaus = world[PostsState].posts, world[BureausState].bureaus
    circles = np.maximum(officers_listed(world), posts.staff)[bureaus.post] * full_time(world)
    staff = np.where(bureaus.post >= 0, circles, bureaus.staff.sum(axis=1))
    return np.maximum(1.0 - suspended / np.maximum(staff, 1e-9), 0.0) * _open_bureaus(world)


def _tell_circles(world: World, present: np.ndarray) -> None:
    """Set the time for smuggling left to the circles, by post.

    Officers added to a circle of the data lose time as it does; circles created by policy have all of it.
    """
    bureaus, circles = world[BureausState].bureaus, world[BureausState].bureaus.post >= 0
    left = np.ones(world[PostsState].posts.staff.size)
    now = present * bureaus.time[:, SMUGGLING] / np.maximum(bureaus.first_time[:, SMUGGLING], 1e-9)
    left[bureaus.post[circles]] = now[circles]
    world[LawState].circle_time = left
    officers = bureaus.staff.sum(axis=1) * full_time(world) * present * bureaus.time[:, SMUGGLING]
    world.figures[AgenciesOutcomes.smuggling_time] = float(officers[circles].sum())


def _effort(world: World, present: np.ndarray) -> np.ndarray:
    """Officers in charge relative to the opening allocation with nobody missing, by stream and district.

    Both count those empowered by this month's law; a law that empowers others acts through cases.
    """
    bureaus = world[BureausState].bureaus
    now = officers_by_bureau(world, bureaus.staff, bureaus.time, present).sum(axis=0)
    there = np.where(bureaus.post >= 0, 1.0, _open_bureaus(world))
    usual = officers_by_bureau(world, bureaus.first_staff, bureaus.first_time, there).sum(axis=0)
    return np.where(usual > 0.0, now / np.maximum(usual, 1e-12), 0.0)[:, bureaus.province]


def _allocate(world: World) -> None:
    """Move time towards streams in charge with growing caseloads, from the second January after a whole year."""
    bureaus, params = world[BureausState].bureaus, world.params(AgenciesParams)
    law = world[LawState]
    counted, law.caseload = law.caseload, np.zeros_like(law.caseload)
    if world.t < 12:  # less than a year
        return
    weight = bureaus.staff / np.maximum(bureaus.staff.sum(axis=1, keepdims=True), 1e-12)
    mine = in_charge(world)[bureaus.service] * bureaus.by_province(counted)
    load = (weight[:, None, :] * mine).sum(axis=2)
    state = world[AgenciesState]
    base = state.first_caseload = load if state.first_caseload is None else state.first_caseload
    growth = (load + 1.0) / (base + 1.0)
    wanted = bureaus.first_time * np.array(
        [[power(float(min(max(g, 0.1), 10.0)), params.response) for g in row] for row in growth]
    )
    wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
    target = params.floor * bureaus.first_time + (1.0 - params.floor) * wanted
    bureaus.time[:] += params.speed * (target - bureaus.time)


def _spend(world: World) -> None:
    """Pay the officers not booked elsewhere; `enforcement` adds it to its spending."""
    bureaus = world[BureausState].bureaus
    staff = np.minimum(bureaus.staff, bureaus.first_staff).sum(axis=1) * np.where(
        bureaus.post >= 0, full_time(world) - 1.0, 1.0
    )
    amount = round(float((staff * bureaus.budget * _open_bureaus(world)).sum()))
    world.ledger.pay("government", "administration", "agencies", amount)
    world[AgenciesState].pay = amount
