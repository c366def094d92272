"""Beliefs: what people hold to be true of death, failure, papers, wages and sanctions is learned, not given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.beliefs.belief_news import gather_news, learned_from, share_without_papers, spread_news, tell_of_routes
from abm.beliefs.belief_salience import anticipate, campaign, feel_shocks
from abm.beliefs.belief_state import BeliefState, LearningMonth, Perceived, Truth, ratio_columns
from abm.beliefs.belief_truth import drift_of, largest_ratios, remember_traffic, truth_of
from abm.beliefs.kernels.beliefs import (
    DEATH,
    FAILURE,
    HEARD_ENDED,
    LEAST_CHANCE,
    PAPERS,
    SANCTION,
    TOPICS,
    WAGE,
    fill_levels,
    fill_route_shifts,
    learn_blocks,
    learn_own,
    log_odds,
    open_villages,
    tilt_rows,
    within,
)
from abm.declare import Params, lever, outcome, param
from abm.declare.mechanism import Mechanism
from abm.declare.state import Held, State, kept
from abm.engine.portable import exponentials
from abm.world.codes import STREAM_BELIEF

if TYPE_CHECKING:
    from abm.world.state import World


class BeliefsState(State):
    """State of beliefs."""

    state: Held[BeliefState] = kept(text="Beliefs of districts and of the country.", start=lambda world: _open(world))


class BeliefsParams(Params):
    """First beliefs, and how villages learn."""

    bias_death: float = param(
        0.3,
        unit="log points",
        bounds=(-2.0, 2.0),
        source="assumed; Shrestha (2020) finds overestimated mortality, others the opposite: docs/model/beliefs.md",
        systems=("S6",),
    )
    """First belief about death on the way: log of the mean ratio of perceived over true; below 0 it is underrated."""

    bias_failure: float = param(-0.2, unit="log points", bounds=(-1.0, 0.4), source="assumed", systems=("S6",))
    """First belief about not arriving in one attempt; below 0 the way is held to be easier than it is."""

    bias_papers: float = param(
        0.4,
        unit="log points",
        bounds=(-2.0, 2.0),
        source="assumed; Bah and Batista (2018) for the sign",
        systems=("S6",),
    )
    """First belief about the chance of papers at the end of the journey; above 0 is hope."""

    bias_wage: float = param(
        0.1, unit="log points", bounds=(-1.0, 1.0), source="assumed; Shrestha (2020) for the sign", systems=("S6",)
    )
    """First belief about pay abroad."""

    bias_sanction: float = param(0.0, unit="log points", bounds=(-2.0, 2.0), source="assumed", systems=("S6",))
    """First belief about being punished on return."""

    spread: float = param(0.3, unit="log points", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Standard deviation of first beliefs between villages; it leaves the mean where it is."""

    prior_weight: float = param(10.0, unit="journey", bounds=(1.0, 1000.0), source="assumed", systems=("S3", "S6"))
    """Journeys that a first belief is worth: half of a gap is closed when the village has heard of so many."""

    memory: float = param(12.0, unit="month", bounds=(3.0, 240.0), source="assumed", systems=("S3",))
    """Months over which what was heard is remembered as evidence; the longer, the slower a belief moves later on."""

    district_reach: float = param(20.0, unit="village", bounds=(0.0, 500.0), source="assumed", systems=("S3",))
    """Villages of its district whose news reach a village."""

    neighbour_reach: float = param(4.0, unit="village", bounds=(0.0, 200.0), source="assumed", systems=("S3",))
    """Villages of adjacent districts whose news reach a village."""

    telling: float = param(0.01, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S3", "S4"))
    """What a migrant abroad tells in a month, in journeys' worth, of pay and of papers; those abroad tell the truth."""

    talk: float = param(0.02, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S3",))
    """Share of the gap to the mean of its district that a village closes in a month by talk."""

    route_word: float = param(0.2, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S8",))
    """Share of the gap closed in a month between what the country tells of a busy route and what is true of it."""

    route_travellers: float = param(50.0, unit="person/month", bounds=(1.0, 5000.0), source="assumed", systems=("S8",))
    """Departures on a route at which the word of it travels half as fast as of a busy one."""

    traffic_memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S8",))
    """Months over which departures are averaged to weigh the routes in the reference journey."""

    papers_horizon: float = param(60.0, unit="month", bounds=(6.0, 240.0), source="assumed", systems=("S18",))
    """Months of a stay without papers within which people hope for papers."""

    half_life: float = param(
        4.0, unit="month", bounds=(0.5, 36.0), source="assumed; see docs/model/beliefs.md", systems=("S3",)
    )
    """Months in which what is on everybody's lips loses half of its force."""

    shock: float = param(1.2, unit="log points", bounds=(0.0, 4.0), source="assumed", systems=("S3", "S6"))
    """Largest jump of a belief by the news of one month, log odds."""

    shock_threshold: float = param(1.5, unit="multiple", bounds=(1.0, 10.0), source="assumed", systems=("S3",))
    """What is thinkable in a month: this multiple of what was expected, and the size of a shock beyond it."""

    shock_deaths: float = param(
        3.0, unit="death/million residents", bounds=(0.5, 200.0), source="assumed", systems=("S3",)
    )
    """Size of a shock: so many deaths in a month beyond the thinkable make half of the largest jump."""

    shock_failures: float = param(
        100.0, unit="person/million residents", bounds=(5.0, 5000.0), source="assumed", systems=("S3",)
    )
    """Size of a shock: so many failed attempts in a month beyond the thinkable make half of the largest jump."""

    shock_papers: float = param(
        30.0, unit="person/million residents", bounds=(1.0, 2000.0), source="assumed", systems=("S3", "S18")
    )
    """Size of a shock: so many persons given papers in a month beyond the thinkable make half of the largest jump."""

    shock_sanctions: float = param(
        30.0, unit="person/million residents", bounds=(1.0, 2000.0), source="assumed", systems=("S3", "S18")
    )
    """Size of a shock: so many persons punished in a month beyond the thinkable make half of the largest jump."""

    streak: float = param(0.5, unit="1/log point", bounds=(0.0, 4.0), source="assumed", systems=("S3",))
    """How much more a shock weighs while the last one is in mind: a streak weighs more than its sum."""

    salience_limit: float = param(2.0, unit="log points", bounds=(0.1, 5.0), source="assumed", systems=("S3",))
    """Largest salience of a topic, either way."""

    neighbour_shock: float = param(0.3, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Part of a shock in adjacent districts that is felt here, by length of the shared border."""

    media_shock: float = param(0.1, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Part of the country's mean shock that media carry everywhere."""

    anticipation: float = param(0.6, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6", "S19"))
    """How far an announcement is believed: part of what it signals that beliefs jump by."""

    campaign_lasting: float = param(
        0.2,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; effects fade within a year, Tjaden and Dunsch (2021)",
        systems=("S6", "S19"),
    )
    """Part of what a campaign moves that stays as knowledge; the rest fades like other things on everybody's lips."""


class Beliefs(Mechanism):
    """Villages learn from their own people most, then from the district, neighbours, the diaspora and campaigns."""

    section = "beliefs"
    Params = BeliefsParams
    systems = ("S3", "S6", "S18")
    used_when_off = (
        "traffic_memory",
        "papers_horizon",
    )
    outcomes = (
        outcome(
            "perceived_death_risk",
            unit="share",
            over="district",
            mean_of="households",
            text="Believed probability of dying in one attempt of the reference journey.",
        ),
        outcome(
            "perceived_failure",
            unit="share",
            over="district",
            mean_of="households",
            text="Believed probability of not arriving in one attempt of the reference journey.",
        ),
        outcome(
            "perceived_papers_chance",
            unit="share",
            over="district",
            mean_of="households",
            text="Believed chance of papers, within the horizon of hope, of who stays without them.",
        ),
        outcome(
            "perceived_wage",
            unit="PKR of 2017 a month",
            over="district",
            mean_of="households",
            text="Believed pay abroad, of a low-skilled worker with papers.",
        ),
        outcome(
            "perceived_sanction",
            unit="share",
            over="district",
            mean_of="households",
            text="Believed probability of being punished on return.",
        ),
        outcome(
            "true_death_risk",
            unit="share",
            over="national",
            whole=False,
            text="Probability of dying in one attempt: mean over routes by departures.",
        ),
        outcome(
            "true_failure",
            unit="share",
            over="national",
            whole=False,
            text="Probability of not arriving in one attempt: mean over routes by departures.",
        ),
        outcome(
            "true_papers_chance",
            unit="share",
            over="national",
            whole=False,
            text="Chance of papers within the horizon of hope: mean over those abroad without papers.",
        ),
        outcome(
            "true_wage",
            unit="PKR of 2017 a month",
            over="national",
            whole=False,
            text="Pay abroad of a low-skilled worker with papers: mean over those abroad.",
        ),
        outcome(
            "true_sanction", unit="share", over="national", whole=False, text="Probability of being punished on return."
        ),
    )
    levers = (
        lever(
            "awareness_campaign",
            unit="share of the gap a month",
            bounds=(0.0, 1.0),
            over="district",
            combine="add",
            moves=("beliefs of villages",),
            unit_cost=2.0e7,
            cost_unit="district and 100 % of the gap, a month",
            text="Closes a share of the gap between belief and message a month, on one topic, truthful or not.",
            source="assumed; Tjaden and Dunsch (2021) for what to expect",
            systems=("S3", "S6", "S19"),
            topics=TOPICS,
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Let the news of the month reach the villages, and record what they hold to be true."""
        state = state_of(world) if world.config.enabled(Beliefs.section) else None
        remember_traffic(world)
        truth = truth_of(world)
        if state is not None:
            _learn(world, state, truth)
        _record(world, truth)


def state_of(world: World) -> BeliefState:
    """State of the beliefs; opened with the declared bias when it is first asked for."""
    return world[BeliefsState].state


def perceived(world: World) -> Perceived:
    """What each district holds to be true at the odds of the moment; switched off, everybody knows the truth.

    Beliefs are about what is, and not about how it changed: when the odds of a route move, the shift against the truth
    moves the other way, until somebody comes home and tells.
    """
    truth = truth_of(world)
    districts = world.district_count
    if not world.config.enabled(Beliefs.section):
        return _truth_for_all(world, truth)
    state = state_of(world)
    level = np.zeros_like(state.mean)
    fill_levels(state.mean, state.salience, state.truth.reference, level)
    failure, death = np.zeros((2, districts, truth.failure.size))
    for topic, told, true, shift in (
        (FAILURE, state.told_failure, truth.failure, failure),
        (DEATH, state.told_fatal, truth.fatal, death),
    ):
        mean = float((told * state.truth.traffic).sum())
        fill_route_shifts(level[:, topic], told, mean, state.rumour[:, topic], true, shift)
    hope = level[:, PAPERS, None] - log_odds(state.truth.reference[PAPERS]) + np.zeros(truth.papers.size)
    papers = tilted(np.maximum(truth.papers, LEAST_CHANCE), hope)
    papers[:, -1] = 0.0  # nobody needs papers in a city of Pakistan
    pay = np.empty(districts)
    exponentials(level[:, WAGE], pay)
    sanction = tilted(np.full((districts, 1), 0.5), level[:, [SANCTION]])[:, 0]
    return Perceived(failure, death, papers, pay, sanction, state.mean)


def tilted(chances: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Probabilities moved by shifts of their log odds, by district and place."""
    found = np.zeros(shift.shape)
    tilt_rows(np.broadcast_to(chances, shift.shape), shift, found)
    return found


def _truth_for_all(world: World, truth: Truth) -> Perceived:
    """What is true, as every district knows it."""
    districts = world.district_count
    nothing = np.zeros((districts, truth.failure.size))
    papers = np.zeros((districts, 1)) + truth.papers
    sanction = np.full(districts, truth.reference[SANCTION])
    return Perceived(nothing, nothing, papers, np.ones(districts), sanction, np.ones((districts, len(TOPICS))))


def _open(world: World) -> BeliefState:
    """Give every village its first beliefs."""
    params, truth = world.config.beliefs, truth_of(world)
    villages = world.villages
    bias = np.array([getattr(params, f"bias_{topic}") for topic in TOPICS])
    ratios, most = ratio_columns(villages), largest_ratios(truth)
    key = world.key(STREAM_BELIEF)
    open_villages(0, villages.district.size, ratios, villages.belief_heard, bias, params.spread, most, key)
    sums, size = np.zeros((world.district_count, len(TOPICS))), villages.awake.astype(np.float64)
    for k, ratio in enumerate(ratios):
        sums[:, k] = np.bincount(villages.district, ratio * size, world.district_count)
    mean = sums / np.bincount(villages.district, size, world.district_count)[:, None]
    routes = truth.failure.size
    return BeliefState(
        mean, np.zeros_like(mean), truth.failure.copy(), truth.fatal.copy(), np.zeros((routes, len(TOPICS))), truth
    )


def _learn(world: World, state: BeliefState, truth: Truth) -> None:
    """Bring the month's news, announcements and campaigns into the beliefs."""
    params, villages = world.config.beliefs, world.villages
    drift = drift_of(state.truth, truth)
    heard = feel_shocks(world, state, gather_news(world, state, truth), drift)
    anticipate(world, state, truth)
    keep, add = campaign(world, state, truth, drift)
    news, letters = spread_news(world, heard)
    seen, expected = learned_from(news, truth)
    month = LearningMonth(
        shift=drift,
        most=largest_ratios(truth),
        ended=news[:, HEARD_ENDED],
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
    state.truth = truth


def _record(world: World, truth: Truth) -> None:
    """Record what is believed of the reference journey, and what is true of it."""
    believed = perceived(world)
    wage, papers = truth.reference[WAGE], (believed.papers * truth.irregular).sum(axis=1)
    found = {
        "death_risk": (tilted(truth.fatal, believed.death) * truth.traffic).sum(axis=1),
        "failure": (tilted(truth.failure, believed.failure) * truth.traffic).sum(axis=1),
        "papers_chance": papers,
        "wage": believed.pay * wage,
        "sanction": believed.sanction,
    }
    for (name, values), topic in zip(found.items(), (DEATH, FAILURE, PAPERS, WAGE, SANCTION), strict=True):
        world.figures[f"perceived_{name}"] = values
        world.figures[f"true_{name}"] = float(truth.reference[topic])
