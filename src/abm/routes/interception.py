"""Interception: monthly odds and costs of every leg, from effort, corruption, traffic and history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, behaviour, outcome
from abm.engine.elementwise import log, raised
from abm.places.drivers import HOME_COUNTRY
from abm.policy import InForce
from abm.routes.closures import CLOSURE, closures
from abm.routes.kernels.legs import deploy, fill_corruption, press_posts
from abm.routes.legs import BY_AIR, InterceptionParams, LegsMonth, LegsState, flow_of_data, odds_on_legs, usual_odds
from abm.routes.stations import CIRCLE_CODE, KINDS, PostsState, officers_listed
from abm.routes.transit_flows import traffic
from abm.society import DriversParams, EconomyState, dollar_since, income_abroad
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

RECENT_MONTHS = 3.0
"""Months over which guides see how many travel. Source: assumed."""

LEAST_SATURATION = 0.05
"""Exponent of effort below which guides protect themselves at no higher cost."""

LEAST_OFFICERS = 1e-9
"""Smallest number of officers by which something is divided."""

LEAST_FLOW = 0.05
"""Traffic relative to the reference below which guides become no cheaper and no fewer. Source: assumed."""

PRICE_OF_GUIDES = (0.4, 4.0)
"""Bounds of the price of passage relative to the usual. Source: assumed."""

COST_YEAR = 2017
"""Year in which passage costs what the route data say."""

FORGERIES_FOUND = behaviour("forged documents found in addition", base=0.0, over="leg", bounds=(0.0, 1.0))
"""Share on legs travelled on papers; forging them becomes dearer too."""

RESCUED = behaviour("deaths avoided by rescue", base=0.0, over="leg", bounds=(0.0, 1.0))
"""Share on legs by sea."""


def _patrol(
    name: str, kind: str, posts: str, who: str, systems: tuple[str, ...] = ("S8", "S10", "S19"), *, beside: str = ""
) -> Lever:
    """Declare a lever that multiplies the officers of a kind of post."""
    return Lever(
        name,
        unit="multiple of effort",
        bounds=(0.0, 10.0),
        combine="multiply",
        moves=(behaviour(f"effort of {posts}", base=1.0, over="leg"),),
        unit_cost=1.5,
        cost_unit="rupee of pay of the officers added",
        cost_counted="booked",
        text=f"Multiplies the officers of {who} on the legs named that they guard; additions partly wear off.",
        systems=systems,
        guards=(kind,),
        signals=(("failure", 0.4),),
        felt="terms",
        beside=(beside,) if beside else (),
    )


PATROLS_AT_HOME = (
    _patrol("border_patrol", "border_post", "border posts", "Pakistan's border posts", beside="enforcement"),
    _patrol("coastal_patrol", "coast_guard", "the coast guard", "Pakistan's coast guard", beside="enforcement"),
    _patrol("airport_screening", "airport", "airports", "Pakistan's airport immigration", beside="enforcement"),
)
PATROLS_ABROAD = (
    _patrol(
        "destination_border_control",
        "destination",
        "destination states",
        "the destination states",
        ("S8", "S18", "S19"),
    ),
    _patrol("transit_border_control", "transit", "states on the way", "the states on the way"),
)
PATROLS = (*PATROLS_AT_HOME, *PATROLS_ABROAD)
"""Levers that add officers, each for its kind of post."""

DOCUMENT_SECURITY = Lever(
    "document_security",
    unit="share of forged documents found in addition",
    bounds=(0.0, 1.0),
    combine="add",
    moves=(FORGERIES_FOUND,),
    unit_cost=4.0e7,
    cost_unit="leg and all documents checked, a month",
    text="Detects forged and fraudulent documents on the legs named that are travelled on papers; they become dearer.",
    systems=("S7", "S10", "S19"),
    needs="documents",
    signals=(("failure", 0.5),),
    felt="terms",
)

SEARCH_AND_RESCUE = Lever(
    "search_and_rescue",
    unit="share of deaths avoided",
    bounds=(0.0, 1.0),
    combine="add",
    moves=(RESCUED,),
    unit_cost=2.5e8,
    cost_unit="leg and all deaths avoided, a month",
    text="Saves the lives of travellers on the sea legs named; those rescued travel on.",
    systems=("S8", "S19"),
    needs="by_sea",
    signals=(("death", -0.5),),
    felt="terms",
)


class InterceptionOutcomes(Outcomes):
    """Traffic, odds, officers and bribes on legs."""

    entered = outcome(unit="person", over="leg", text="Persons who began the leg.")
    held = outcome(unit="person", over="leg", text="Persons held for ransom or work on the leg.")
    interception_probability = outcome(
        unit="probability", over="leg", kind="level", text="Probability that a traveller on the leg is stopped."
    )
    effort = outcome(
        unit="multiple of the reference", over="leg", kind="level", text="Officers on the leg, levers included."
    )
    bribes = outcome(unit="PKR of 2017 a month", over="leg", text="Bribes paid to the guards of the leg.")


class Interception(Mechanism):
    r"""Works out the odds and costs of every leg before offices quote.

    A route is a chain of legs, each with a guard. Officers search at random: the odds of a stop rise with them, less
    and less, and fall when a crowd is larger than they can deal with.

    Notes
    -----
    With effort $e$ and travellers $f$ relative to the reference of the leg, where a share $\bar p$ is stopped, dated
    changes $h$, share of officers who take bribes $c$ (see "Enforcement"), share of travellers who show documents $d$
    and of forgeries found $\delta$,

    $$
    p_0 = 1 - (1 - \bar p)^{x}, \quad x = \frac{\kappa \, h \, e^{\sigma}}{\max(f / (C e), 1)},
    \qquad
    p = 1 - (1 - p_0)(1 - d \, \delta)
    $$

    is the probability to meet an officer who would stop the traveller; $\kappa$, $\sigma$ and $C$ are `efficiency`,
    `saturation` and `capacity`. Abroad $e$ is multiplied by $m \leftarrow m + (1 + \rho \ln \max(f / C, 1) - m) / T$,
    with $\rho$ `reinforcement` and $T$ `reinforcement_memory`; Pakistan's own officers are as many per resident as in
    the data, and more or fewer with the elasticity `staffing`. A stop has probability $(1 - c) \, p$, and the expected
    bribe is $c \, p$ times `bribe_share` times the passage up to the end of the leg, which those stopped pay again. The
    price of passage is multiplied by

    $$
    \frac{1 + \zeta (1 - c) \, p / \sigma}{1 + \zeta (1 - \bar c) \, p_1 / \sigma}
    \left( \frac{r + a}{g + a} \right)^{\pi} \max\left( \frac{a}{a_0}, 1 \right)^{-\psi},
    $$

    the second factor between 0.4 and 4 and the third 1 where $a_0 = 0$. The first pays guides for stops beyond those at
    effort and flow 1, $p_1$, with the share $\bar c$ who take bribes in the data, at $\zeta$ passages each
    (`guide_risk`), and for what they spend to avoid them, at least cost $1 / \sigma - 1$ times the expected loss
    (Ehrlich and Becker 1972). Here $r$ are travellers, averaged over
    three months, those whom guides can take follow by $g \leftarrow g + \gamma (\min(r^{\ell}, r) - g)$, and $a$ are
    those of other nationalities on a leg shared with them, usually $a_0$, all relative to the reference. $\pi$, $\psi$,
    $\gamma$, $\ell$ are `guide_price`, `others_price`, `guide_growth`, `guide_lasting`.
    """

    section = "interception"
    Params = InterceptionParams
    switchable = False
    systems = ("S8", "S10")
    outcomes = InterceptionOutcomes.declared
    levers = (*PATROLS_AT_HOME, DOCUMENT_SECURITY, *PATROLS_ABROAD, SEARCH_AND_RESCUE)
    events = (CLOSURE,)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the pay of added officers as if each post kept its officers on the legs of the data."""
        posts, guards = world[PostsState].posts, world[PostsState].guards
        officers = np.where(serving(world), officers_listed(world)[guards.post] * guards.share, 0.0)
        pay = np.where(_multiplied_by(world, lever), officers * posts.budget[guards.post], 0.0)
        return lever.unit_cost * world.region_share * float((np.maximum(deviation[guards.leg], 0.0) * pay).sum())

    @staticmethod
    def step(world: World) -> None:
        """Average the flows, deploy the officers, and set the month's values of every leg."""
        if world.t == 0:
            _open(world)
        relative_flow, price = _flow(world)
        effort = _effort(world) * _reinforced(world, relative_flow)
        facts, params = world.leg_table, world.params(InterceptionParams)
        history = np.array([leg.multiples(world.month) for leg in world.leg_facts])
        usual = usual_odds(world, history[:, 0])
        asked, death = _asked_and_dying(world, effort, relative_flow, history)
        posts, guards, corrupt = world[PostsState].posts, world[PostsState].guards, bribed_share(world)
        cost = facts.cost * history[:, 1] * pay_on_legs(world) * price * _pay_for_risk(world, asked, corrupt)
        security = world.now(FORGERIES_FOUND)
        world[LegsState].month = LegsMonth(
            months=facts.months,
            interception=(1.0 - corrupt) * asked,
            death=death,
            extortion=facts.extortion,
            cost=cost,
            bribe=corrupt * asked * params.bribe_share * _stake(world, cost),
            documents=facts.documents * (1.0 + params.forgery_rise * security) * price,
            by_sea=facts.by_sea,
        )
        world[LegsState].effort = effort
        world[LegsState].passable, world[LegsState].open_routes = closures(world)
        # the odds of a stop there, relative to those at effort and flow 1
        press_posts(guards, asked / np.maximum(usual, 1e-12), posts.pressure)


def pay_on_legs(world: World) -> np.ndarray:
    """Level of what transporters ask on each leg, relative to 2017, in rupees of constant prices.

    It follows income at home, and abroad, as pay does, real income and the dollar. Fares by air are in dollars.
    """
    dollar, countries = dollar_since(world, COST_YEAR), world[LegsState].paid_in
    level = {
        country: dollar * income_abroad(world, country) / income_abroad(world, country, COST_YEAR * 12 + 6)
        for country in {*countries} - {HOME_COUNTRY, BY_AIR}
    }
    level |= {HOME_COUNTRY: world[EconomyState].income_index, BY_AIR: dollar}
    return np.array([level[country] for country in countries])


def crowds_on_routes(world: World) -> np.ndarray:
    """Others who cross on the most crowded leg of each route beyond the usual, persons a month."""
    now, usual = crossings_by_others(world)
    return np.append(np.maximum(now - usual, 0.0), 0.0)[world.route_legs].max(axis=1)  # the last is for -1


def foreseen_legs(world: World, more: np.ndarray) -> LegsMonth:
    """Legs as they are this month, but with the odds at other officers, and at the rescue and checks of policy now.

    `more` is the multiple of the officers of each pair of post and leg.
    """
    history = np.array([leg.multiples(world.month) for leg in world.leg_facts])
    guards = world[PostsState].guards
    now, then = (
        np.bincount(guards.leg, officers, len(world.leg_facts)) for officers in (guards.effort, guards.effort * more)
    )
    effort = world[LegsState].effort * then / np.maximum(now, LEAST_OFFICERS)
    asked, death = _asked_and_dying(
        world, effort, _relative(world, world[LegsState].flow, *crossings_by_others(world)), history
    )
    return world[LegsState].month._replace(interception=(1.0 - bribed_share(world, more)) * asked, death=death)


def patrols(world: World) -> np.ndarray:
    """Factor of policy on the officers of each pair of post and leg, whatever wears off."""
    leg = world[PostsState].guards.leg
    factor = np.ones(leg.size)
    for patrol in PATROLS:
        factor *= np.where(_multiplied_by(world, patrol), world.now(patrol.moves[0])[leg], 1.0)
    return factor


def bribed_share(world: World, more: np.ndarray | float = 1.0) -> np.ndarray:
    """Share of the officers on each leg who let travellers pass for a bribe, with so many times those of each pair."""
    share, guards = np.empty(len(world.leg_facts)), world[PostsState].guards
    fill_corruption(guards._replace(effort=guards.effort * more), world[PostsState].posts, share)
    return share


def _asked_and_dying(
    world: World, effort: np.ndarray, relative_flow: np.ndarray, history: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of meeting an officer who stops a traveller, bribable or not, and of dying, by leg."""
    facts, params = world.leg_table, world.params(InterceptionParams)
    stopped = odds_on_legs(world, effort, relative_flow, history[:, 0])
    # being stopped and having a forgery found are independent; where no officer is, nobody looks at papers
    found = facts.documents * world.now(FORGERIES_FOUND) * (effort > 0.0)
    asked = 1.0 - (1.0 - stopped) * (1.0 - found)
    death = facts.death * history[:, 2] * params.danger * (1.0 - world.now(RESCUED))
    return asked, np.minimum(death, 1.0)


def pay_of_officers(world: World) -> np.ndarray:
    """PKR a month for the officers of each pair of post and leg, before any lever."""
    return _officers(world) * world[PostsState].posts.budget[world[PostsState].guards.post]


def reference_flow(world: World) -> np.ndarray:
    """Travellers a month on each leg at flow 1: those in the data, plus normal transit if transit is on."""
    return flow_of_data(world) + traffic(world, usual=True)


def outside_traffic(world: World) -> float:
    """Pakistani travellers from outside the simulated region, relative to the reference flow on any leg."""
    return (1.0 - world.share_abroad) * world.params(DriversParams).outside_demand


def serving(world: World) -> np.ndarray:
    """Whether the post of each pair of post and leg is in service."""
    return world.month >= world[PostsState].posts.since[world[PostsState].guards.post]


def _open(world: World) -> None:
    """Set the memory before the first month: reference flows and the corruption of the data."""
    posts = world[PostsState].posts
    posts.staff[:] = 0.0
    posts.corrupt[:] = usual_corruption(world)
    posts.pressure[:] = 1.0


def usual_corruption(world: World) -> np.ndarray:
    """Share of the officers of each post who take bribes, in the data."""
    return (1.0 - world[PostsState].posts.integrity) * world.params(InterceptionParams).bribe_reach


def _flow(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Averaged traffic on each leg relative to the reference, and the price of guides there relative to the usual."""
    state, params = world[LegsState], world.params(InterceptionParams)
    if world.t > 0:
        state.flow += (state.entered - state.flow) / params.flow_memory
        state.recent += (state.entered - state.recent) / RECENT_MONTHS
        state.entered[:] = 0
    recent = np.maximum(_relative(world, state.recent), LEAST_FLOW)
    others, usual = crossings_by_others(world)
    reference = np.maximum(reference_flow(world), 1.0)
    # guides and boats serve all: on a leg shared with others a surge is one of all its travellers
    price = raised((reference * recent + others) / (reference * state.guides + others), params.guide_price)
    crowd = np.maximum(others, usual) / np.where(usual > 0.0, usual, 1.0) + (usual == 0.0)
    shared = raised(crowd, -params.others_price)
    # those without custom turn to other work; not all of those who would take up this one can
    lasting = np.minimum(raised(recent, params.guide_lasting), recent)
    state.guides += params.guide_growth * (lasting - state.guides)
    return _relative(world, state.flow, others, usual), price.clip(*PRICE_OF_GUIDES) * shared


def _pay_for_risk(world: World, asked: np.ndarray, corrupt: np.ndarray) -> np.ndarray:
    """What guides ask for stops, and for what they spend to avoid them, on each leg, relative to what is usual there.

    Stops that rise with officers to the power of `saturation`, below 1, are those of guides who protect themselves at
    least cost: what they spend on it is then the expected loss times 1 / `saturation` - 1.

    References
    ----------
    Ehrlich and Becker (1972), "Market insurance, self-insurance, and self-protection"; Reuter and Kleiman (1986),
    "Risks and prices".
    """
    params = world.params(InterceptionParams)
    lost = params.guide_risk / max(params.saturation, LEAST_SATURATION)
    found: np.ndarray = (1.0 + lost * (1.0 - corrupt) * asked) / (1.0 + lost * usual_stops(world))
    return found


def usual_stops(world: World) -> np.ndarray:
    """Probability of being stopped on each leg at effort 1, the reference flow and the corruption of the data."""
    posts, guards, usually = world[PostsState].posts, world[PostsState].guards, np.empty(len(world.leg_facts))
    in_data = posts._replace(corrupt=usual_corruption(world), caution=np.zeros(posts.corrupt.size))
    fill_corruption(guards._replace(effort=guards.reference * serving(world)), in_data, usually)
    return (1.0 - usually) * usual_odds(world)


def _relative(
    world: World, flow: np.ndarray, others: np.ndarray | float = 0.0, others_usual: np.ndarray | float = 0.0
) -> np.ndarray:
    """Pakistani travellers, those from outside the region, those in transit and others, relative to the reference."""
    reference, usual = flow_of_data(world), reference_flow(world) + others_usual
    return (flow + traffic(world) + others) / usual + outside_traffic(world) * (reference / usual)


def crossings_by_others(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Persons of other nationalities who cross with those of Pakistan, a month by leg: now and as usual.

    They dilute the guards; boats and guides come with them.
    """
    usual = np.array([leg.others for leg in world.leg_facts]) * world.params(InterceptionParams).others
    now, series = usual.copy(), world[EconomyState].series
    for row, leg in enumerate(world.leg_facts):
        if leg.others > 0.0:
            now[row] *= series.crossings(leg.shared_with, world.month, leg.others) / leg.others
    return now, usual


def _effort(world: World) -> np.ndarray:
    """Deploy the officers of the month; return effort on each leg relative to the reference.

    What policy adds wears off with fatigue.
    """
    posts, guards = world[PostsState].posts, world[PostsState].guards
    on_legs = posts.kind != CIRCLE_CODE
    posts.staff[on_legs] = np.where(world.month >= posts.since, officers_listed(world), 0.0)[on_legs]
    _share_pool(world)
    dose = world[LegsState].dose = _dose(world)
    share, effort = world.params(InterceptionParams).pool_share, np.empty(len(world.leg_facts))
    deploy(guards, posts.staff, dose, share, _movable(world), effort)
    if not world.config.enabled("enforcement"):  # off means off: nobody is stopped by Pakistan
        effort[world.leg_table.country == HOME_COUNTRY] = 0.0
    return effort / world[PostsState].stations.reference_effort


def _reinforced(world: World, relative_flow: np.ndarray) -> np.ndarray:
    """Let states abroad follow a lasting crowd with officers; return the multiple of these by leg.

    References
    ----------
    Hanson and Spilimbergo (2001), "Political economy, sectoral shocks, and border enforcement"; Massey, Durand and Pren
    (2016): budgets of border guards rise with those whom they find.
    """
    params, reinforced = world.params(InterceptionParams), world[LegsState].reinforced
    abroad = world.leg_table.country != HOME_COUNTRY
    wanted = log(np.maximum(relative_flow / params.capacity, 1.0)) * (params.reinforcement * abroad)
    reinforced += (1.0 + wanted - reinforced) / params.reinforcement_memory
    return reinforced


def _share_pool(world: World) -> None:
    """Distribute the national pool over the legs of the posts in service; a post that opens takes its first share."""
    guards = world[PostsState].guards
    movable = np.where(serving(world), guards.movable, 0.0)
    first = movable / max(movable.sum(), 1e-9)
    opens = (first > 0.0) & (guards.first_pool == 0.0)
    guards.pool[:] = np.where(opens, first, guards.pool * (1.0 - first[opens].sum()))
    guards.first_pool[:] = first


def _dose(world: World) -> np.ndarray:
    """Factor on effort that policy asks for, by pair of post and leg.

    Books the pay and equipment of officers added; removing officers saves nothing.
    """
    leg, policy = world[PostsState].guards.leg, world[InForce].policy
    dose = np.ones(leg.size)
    for patrol in PATROLS:
        if patrol.name in policy.values:
            value, mine = world.now(patrol.moves[0])[leg], _multiplied_by(world, patrol)
            dose[mine] *= value[mine]
            pay = pay_of_officers(world) * patrol.unit_cost * world.region_share
            added = np.where(mine, np.maximum(value - 1.0, 0.0) * pay, 0.0)
            policy.book_cost(patrol, np.bincount(leg, added, len(world.leg_facts)))
    return dose


def _multiplied_by(world: World, patrol: Lever) -> np.ndarray:
    """Whether a lever multiplies the officers of each pair of post and leg."""
    return world[PostsState].posts.kind[world[PostsState].guards.post] == KINDS.index(patrol.guards[0])


def _officers(world: World) -> np.ndarray:
    """Officers of each pair of post and leg, before any lever: the post's own, and its part of the national pool."""
    posts, guards = world[PostsState].posts, world[PostsState].guards
    share, own = world.params(InterceptionParams).pool_share, posts.staff[guards.post] * guards.share
    return np.where(guards.first_pool > 0.0, (1.0 - share) * own + _movable(world) * guards.pool, own)


def _movable(world: World) -> float:
    """Officers of the national pool."""
    posts = world[PostsState].posts
    of_legs = world[PostsState].stations.serves_home & (posts.kind != CIRCLE_CODE)
    return float(world.params(InterceptionParams).pool_share * posts.staff[of_legs].sum())


def _stake(world: World, cost: np.ndarray) -> np.ndarray:
    """Loss of a traveller stopped on each leg, PKR: passage up to there, paid again; mean of the routes that use it."""
    used = world.route_legs >= 0
    so_far = np.where(used, cost[world.route_legs], 0.0).cumsum(axis=1)
    legs = world.route_legs[used]
    total = np.bincount(legs, so_far[used], cost.size)
    return total / np.maximum(np.bincount(legs, minlength=cost.size), 1)
