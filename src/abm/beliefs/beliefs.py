"""Beliefs: what people believe about death, failure, papers, wages and sanctions is learned, not given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.beliefs.belief_enforcement import removals_feared, see_enforcement
from abm.beliefs.belief_news import (
    gather_news,
    learned_from,
    share_without_papers,
    spread_news,
    tell_of_destinations,
    tell_of_routes,
)
from abm.beliefs.belief_salience import anticipate, campaign, feel_shocks
from abm.beliefs.belief_state import BeliefsParams, BeliefState, LearningMonth, Perceived, Truth, ratio_columns
from abm.beliefs.belief_truth import drift_of, held_against, largest_ratios, remember_weights, truth_of
from abm.beliefs.kernels.beliefs import (
    DEATH,
    FAILURE,
    HEARD_ENDED,
    PAPERS,
    SANCTION,
    TOPICS,
    WAGE,
    fill_hopes,
    fill_levels,
    fill_route_shifts,
    learn_blocks,
    learn_own,
    open_villages,
    tilt_each,
    within,
)
from abm.declare import Lever, Outcomes, behaviour, national_level, outcome
from abm.declare.state import Held, State, kept
from abm.enforcement import FearState
from abm.engine.elementwise import exp
from abm.society import EconomyState
from abm.world.codes import STREAM_BELIEF, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class BeliefsState(State):
    """Beliefs of districts and of the country."""

    state: Held[BeliefState] = kept(text="Beliefs of districts and of the country.", start=lambda world: _open(world))


class BeliefsOutcomes(Outcomes):
    """Beliefs about the reference journey, and the truth."""

    perceived_death_risk = outcome(
        unit="share",
        over="district",
        mean_of="households",
        text="Believed probability of dying in one attempt of the reference journey.",
    )
    perceived_failure = outcome(
        unit="share",
        over="district",
        mean_of="households",
        text="Believed probability of not arriving in one attempt of the reference journey.",
    )
    perceived_papers_chance = outcome(
        unit="share",
        over="district",
        mean_of="households",
        text="Believed chance of regularisation within the horizon of hope, for those without papers.",
    )
    perceived_wage = outcome(
        unit="PKR of 2017 a month",
        over="district",
        mean_of="households",
        text="Believed pay abroad of a low-skilled worker with papers.",
    )
    perceived_sanction = outcome(
        unit="share", over="district", mean_of="households", text="Believed probability of being punished on return."
    )
    true_death_risk = national_level(
        unit="share", text="Probability of dying in one attempt: mean over routes, weighted by departures."
    )
    true_failure = national_level(
        unit="share", text="Probability of not arriving in one attempt: mean over routes, weighted by departures."
    )
    true_papers_chance = national_level(
        unit="share", text="Chance of papers within the horizon of hope: mean over those abroad without papers."
    )
    true_wage = national_level(
        unit="PKR of 2017 a month", text="Pay abroad of a low-skilled worker with papers: mean over those abroad."
    )
    true_sanction = national_level(unit="share", text="Probability of being punished on return.")


BELIEFS_HEARD = behaviour("gap between belief and message that a campaign closes", base=0.0, over="district")
"""Share a month by district."""


class Beliefs(Mechanism):
    r"""Villages learn most from their own people, then from the district, neighbours, the diaspora and campaigns.

    A village holds five beliefs: on death, failure, papers, pay abroad, and punishment. What its own people and those
    near by report moves them slowly. Shocks (wrecks, raids, amnesties), crackdowns seen, and campaigns move them at
    once, and fade.

    Notes
    -----
    A belief is a ratio $R$ of what is believed to the truth $x$ of a reference journey, the mean over routes by
    departures (pay: over those abroad; papers: over those without). For papers and pay the truth is replaced by what
    is reported of each destination: it follows papers over `memory` months, pay over `pay_memory`. With events seen
    $s$ and to be expected on the routes travelled $e$, both over $x$ and so in journeys, and a weight of what was known
    before $w$ (`prior_weight` and what was heard),

    $$
    R \leftarrow R + \frac{s - e R}{w + e},
    $$

    the posterior mean of a Poisson rate with a Gamma prior. As the truth moves $R x$ stays, until there is news (of
    papers and pay $R$ stays). With $\bar R$ the mean of a district, $\Lambda^{-1}(x) = \log(x / (1 - x))$
    and salience $F$, it believes in the log odds $L = \Lambda^{-1}(\bar R x) + F$; of pay, in $e^F \bar R$ times the
    one reported. Of an attempt on a route it believes in

    $$
    L + \Lambda^{-1}(\rho) - \Lambda^{-1}(\bar \rho) + u,
    $$

    for death, and for failure with `raids_heard` times the alarm of offices added. $\rho$ is the reputation of the
    route, which closes the share $v T / (T + T_0)$ of the gap to the truth in a month, with $T$ departures and
    crossings by others, $v$ and $T_0$ `route_reputation_speed` and `route_travellers`; $\bar \rho$ is its mean; $u$,
    which fades like $F$, is what announcements and officers seen at home add. The excess over the true log odds of an
    attempt is added to those of $1 - s_o$ and of $f_o$ in "Channel". Papers hoped for at a destination have the log
    odds reported there plus $L - \Lambda^{-1}(x)$. Removals $\hat a$ are perceived as $a (a / \hat a)^o$ where they
    rise above $\hat a$, else as $a (\hat a / a)^{\kappa}$, with $o$ `removal_overrating`, and believed with the weight
    `removal_perceived` beside the true ones. Salience moves by

    $$
    F \leftarrow \kappa F + j \, (1 + \sigma \max(\kappa F, 0)), \qquad
    j = j_d + \nu \, j_n + \mu \, j_m, \qquad j_d = \beta \, \frac{x_d}{1 + x_d},
    $$

    where $\kappa$ is what the `half_life` leaves in a month, $j_d$ the jump by a shock at home of size $x_d$ beyond
    what was thinkable, $j_n$ and $j_m$ its means over adjacent districts and the country; $\beta$, $\sigma$, $\nu$,
    $\mu$ are `shock`, `streak`, `neighbour_shock`, `media_shock`. Each wreck (an event, one boat) adds to the jump of
    death in the same way, where the dead at home, next door or in all, over `shock_wreck`, stand for $x$.
    """

    section = "beliefs"
    Params = BeliefsParams
    systems = ("S3", "S6", "S18")
    used_when_off = ("traffic_memory", "papers_horizon", "abroad_memory")
    outcomes = BeliefsOutcomes.declared
    levers = (
        Lever(
            "awareness_campaign",
            unit="share of the gap a month",
            bounds=(0.0, 1.0),
            combine="add",
            moves=(BELIEFS_HEARD,),
            unit_cost=2.0e7,
            cost_unit="district and 100 % of the gap, a month",
            text="Closes a share of the gap between belief and message each month, on one topic, truthfully or not.",
            source="assumed; Tjaden and Dunsch (2021) for what to expect",
            systems=("S3", "S6", "S19"),
            topics=TOPICS,
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Let the news of the month reach the villages, and record their beliefs."""
        learns = world.config.enabled(Beliefs.section)
        state = world[BeliefsState].state if learns else None  # opened with the truth before this month's traffic
        remember_weights(world)
        truth = truth_of(world)
        if state is not None:
            _learn(world, state, truth)
        _record(world, truth)


def look_around(world: World) -> None:
    """Let people see the enforcement of the month; nothing if beliefs are switched off."""
    if world.config.enabled(Beliefs.section):
        see_enforcement(world, world[BeliefsState].state)


def perceived(world: World, truth: Truth | None = None) -> Perceived:
    """Beliefs of each district at current odds; if switched off, everyone knows the truth, known already or looked up.

    Beliefs are about levels, not changes: when the odds of a route move, the shift relative to the truth moves the
    other way, until returnees report.
    """
    truth, districts = truth or truth_of(world), world.district_count
    removal = world[DiasporaState].removal_rate
    if not world.config.enabled(Beliefs.section):
        unmoved, papers = np.zeros((districts, truth.failure.size)), np.zeros((districts, 1)) + truth.papers
        sanction, same = np.full(districts, truth.reference[SANCTION]), np.ones((districts, len(TOPICS)))
        return Perceived(unmoved, unmoved, papers, np.ones(districts), sanction, same, removal, truth.pays)
    state = world[BeliefsState].state
    level, reference = np.empty(state.mean.shape), held_against(state.truth, state)
    fill_levels(state.mean, state.salience, reference, level)
    level[:, FAILURE] += world.params(BeliefsParams).raids_heard * world[FearState].alarm
    failure, death = np.empty((2, districts, truth.failure.size))
    for topic, reported, true, shift in (
        (FAILURE, state.reported_failure, truth.failure, failure),
        (DEATH, state.reported_fatal, truth.fatal, death),
    ):
        mean = float((reported * state.truth.traffic).sum())
        fill_route_shifts(level[:, topic], reported, mean, state.rumour[:, topic], true, shift)
    papers, sanction = np.empty((districts, truth.papers.size)), np.empty(districts)
    fill_hopes(level, reference, state.reported_papers, papers, sanction)
    pay, pays = exp(level[:, WAGE]), state.reported_pays * (truth.dollar / state.truth.dollar)
    pays[-1] = truth.pays[-1]  # pay in a city of the country is known to all
    return Perceived(failure, death, papers, pay, sanction, state.mean, removals_feared(world, state), pays)


def believed_pay(world: World) -> np.ndarray:
    """Pay abroad of a low-skilled worker with papers as each district believes it, PKR of 2017 a month.

    That of the month before, in today's dollars; if beliefs are switched off, everyone knows it.
    """
    if not world.config.enabled(Beliefs.section):
        return np.full(world.district_count, truth_of(world).reference[WAGE])
    state = world[BeliefsState].state
    reported = held_against(state.truth._replace(dollar=world[EconomyState].dollar), state)[WAGE]
    return state.mean[:, WAGE] * exp(state.salience[:, WAGE]) * reported


def tilted(chances: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Probabilities moved by shifts of their log odds, by district and place."""
    found, spread = np.empty((2, *shift.shape))
    spread[:] = chances
    tilt_each(spread.ravel(), shift.ravel(), found.ravel())
    return found


def _open(world: World) -> BeliefState:
    """Give every village its first beliefs."""
    params, truth = world.params(BeliefsParams), truth_of(world)
    villages = world.villages
    bias = np.array([getattr(params, f"bias_{topic}") for topic in TOPICS])
    ratios, most = ratio_columns(villages), largest_ratios(truth)
    key = world.key(STREAM_BELIEF)
    open_villages(villages.district.size, ratios, villages.belief_heard, bias, params.spread, most, key)
    sums, size = np.zeros((world.district_count, len(TOPICS))), villages.awake.astype(np.float64)
    for k, ratio in enumerate(ratios):
        sums[:, k] = np.bincount(villages.district, ratio * size, world.district_count)
    mean = sums / np.bincount(villages.district, size, world.district_count)[:, None]
    routes = truth.failure.size
    return BeliefState(
        mean, np.zeros_like(mean), truth.failure.copy(), truth.fatal.copy(), truth.papers.copy(),
        truth.pays.copy(), np.zeros((routes, len(TOPICS))), truth, np.zeros(0),
        world[DiasporaState].removal_rate.copy(),
    )  # fmt: skip


def _learn(world: World, state: BeliefState, truth: Truth) -> None:
    """Update beliefs with the month's news, announcements and campaigns."""
    params, villages = world.params(BeliefsParams), world.villages
    drift = drift_of(state.truth, truth)
    heard = feel_shocks(world, state, gather_news(world, state, truth), truth, drift)
    anticipate(world, state, truth)
    keep, add = campaign(world, state, truth, drift)
    news, letters = spread_news(world, heard)
    seen, expected = learned_from(news, truth)
    month = LearningMonth(
        shift=drift,
        most=largest_ratios(truth),
        ended=news[HEARD_ENDED],
        seen=seen,
        expected=expected,
        keep=keep,
        add=add,
        letters=letters,
        papers_share=share_without_papers(world),
        prior=params.prior_weight,
        memory=1.0 - 1.0 / params.memory,
        telling=params.telling,
        letters_kept=params.memory,
    )
    ratios, blocks = ratio_columns(villages), world.blocks
    sums = np.zeros((blocks.district.size, len(TOPICS) + 1))
    world.threads.each(
        lambda first, last: learn_blocks(first, last, blocks, villages, ratios, villages.belief_heard, month, sums),
        blocks.district.size,
    )
    by_district = np.add.reduceat(sums, world.block_starts, axis=0)
    reference = np.array([within(value) for value in truth.reference])
    learn_own(
        heard.found, heard.kinds, heard.count, villages, ratios, villages.belief_heard, reference,
        params.prior_weight, month.most, by_district,
    )  # fmt: skip
    state.mean = by_district[:, : len(TOPICS)] / by_district[:, len(TOPICS) :]
    tell_of_routes(world, state, truth)
    tell_of_destinations(world, state, truth)
    state.truth = truth


def _record(world: World, truth: Truth) -> None:
    """Record beliefs about the reference journey, and the truth."""
    believed = perceived(world, truth)
    papers = (believed.papers * truth.irregular).sum(axis=1)
    reported = float((believed.pays[:, WORKER] * truth.present).sum())
    believes, is_true = BeliefsOutcomes, truth.reference
    world.figures |= {
        believes.perceived_death_risk: (tilted(truth.fatal, believed.death) * truth.traffic).sum(axis=1),
        believes.perceived_failure: (tilted(truth.failure, believed.failure) * truth.traffic).sum(axis=1),
        believes.perceived_papers_chance: papers,
        believes.perceived_wage: believed.pay * reported,
        believes.perceived_sanction: believed.sanction,
        believes.true_death_risk: float(is_true[DEATH]),
        believes.true_failure: float(is_true[FAILURE]),
        believes.true_papers_chance: float(is_true[PAPERS]),
        believes.true_wage: float(is_true[WAGE]),
        believes.true_sanction: float(is_true[SANCTION]),
    }
