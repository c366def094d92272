"""Parameters of beliefs, and state beyond the columns of villages: district means, salience, reputations of routes."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from abm.beliefs.kernels.beliefs import TOPICS
from abm.declare import Params, param

Truth = namedtuple(
    "Truth", ["failure", "fatal", "papers", "pays", "traffic", "irregular", "present", "dollar", "reference"]
)
"""The truth in a month: by route, probabilities of not arriving and of dying in one attempt; by destination, chance of
papers within the horizon of those without; pay by destination and status. Shares: of the departures by route, of those
without papers and of all those abroad, averaged over years, by destination. ``dollar``: what a dollar buys at home.
``reference``: values by topic of the reference journey, their mean."""

Perceived = namedtuple("Perceived", ["failure", "death", "papers", "pay", "sanction", "mean", "removal", "pays"])
"""Beliefs of districts: shifts of the log odds of failure and death of an attempt relative to the truth of the month,
by district and route; chance of papers by district and destination; pay against reported pay, and probability of a
sanction on return, by district. ``mean``: mean ratio of the villages by district and topic, without salience.
``removal``, ``pays``: believed probability of removal a month, and pay as reported, by destination and status."""

LearningMonth = namedtuple(
    "LearningMonth",
    [
        "shift", "most", "ended", "seen", "expected", "keep", "add", "letters", "papers_share", "prior", "memory",
        "telling", "letters_kept",
    ],
)  # fmt: skip
"""Evidence that villages learn from in a month, see `abm.beliefs.kernels.beliefs.learn_blocks`."""


Heard = namedtuple("Heard", ["found", "kinds", "count", "by_district"])
"""Villages with news, and the news; sums by kind and district in persons; see `abm.beliefs.kernels.beliefs`."""


@dataclass
class BeliefState:
    """Beliefs of districts and of the country.

    Attributes
    ----------
    mean
        Mean ratio of perceived to true value of the reference journey, of papers and pay to the value reported; by
        district and topic.
    salience
        Salience, log odds by district and topic; fades within months.
    reported_failure, reported_fatal
        Probabilities of one attempt on each route as reported in the country: known differences between routes.
    reported_papers, reported_pays
        Chance of papers at each destination, and pay by status (PKR of 2017 a month), as those there report them.
    rumour
        Salience of announcements about single legs, and of officers seen there, log odds by route and topic.
    truth
        True values of the last month.
    effort
        Officers perceived on each leg, relative to the reference; empty before the first month.
    removal
        Perceived probability of removal a month, by destination and status.
    """

    mean: np.ndarray
    salience: np.ndarray
    reported_failure: np.ndarray
    reported_fatal: np.ndarray
    reported_papers: np.ndarray
    reported_pays: np.ndarray
    rumour: np.ndarray
    truth: Truth
    effort: np.ndarray
    removal: np.ndarray


def ratio_columns(villages: object) -> tuple[np.ndarray, ...]:
    """Columns of the beliefs of villages, in the order of the topics."""
    return tuple(getattr(villages, f"belief_{name}") for name in TOPICS)


class BeliefsParams(Params):
    """Initial beliefs, and how villages learn."""

    bias_death: float = param(
        0.3,
        unit="log points",
        bounds=(-2.0, 2.0),
        source="assumed; Shrestha (2020) finds overestimated mortality, others the opposite: docs/model/beliefs.md",
        systems=("S6",),
        at_start=True,
    )
    """Initial belief about death on the way: log of the mean ratio of perceived to true; below 0, underestimated."""

    bias_failure: float = param(
        -0.2, unit="log points", bounds=(-1.0, 0.4), source="assumed", systems=("S6",), at_start=True
    )
    """Initial belief about not arriving in one attempt; below 0 the way is believed to be easier than it is."""

    bias_papers: float = param(
        0.4,
        unit="log points",
        bounds=(-2.0, 2.0),
        source="assumed; Bah and Batista (2018) for the sign",
        systems=("S6",),
        at_start=True,
    )
    """Initial belief about the chance of papers at the end of the journey; above 0 is optimism."""

    bias_wage: float = param(
        0.1,
        unit="log points",
        bounds=(-1.0, 1.0),
        source="assumed; Shrestha (2020) for the sign",
        systems=("S6",),
        at_start=True,
    )
    """Initial belief about pay abroad."""

    bias_sanction: float = param(
        0.0, unit="log points", bounds=(-2.0, 2.0), source="assumed", systems=("S6",), at_start=True
    )
    """Initial belief about being punished on return."""

    spread: float = param(0.3, unit="log points", bounds=(0.0, 1.0), source="assumed", systems=("S6",), at_start=True)
    """Standard deviation of initial beliefs between villages; it does not change the mean."""

    prior_weight: float = param(10.0, unit="journey", bounds=(1.0, 1000.0), source="assumed", systems=("S3", "S6"))
    """Weight of an initial belief, in journeys: half of a gap is closed once the village has heard of this many."""

    memory: float = param(12.0, unit="month", bounds=(3.0, 240.0), source="assumed", systems=("S3",))
    """Months over which evidence is remembered, and what a destination grants is averaged in reports of it."""

    pay_memory: float = param(3.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S3", "S18"))
    """Months over which pay at a destination is averaged in reports of it: all who are there see it every month."""

    district_reach: float = param(20.0, unit="village", bounds=(0.0, 500.0), source="assumed", systems=("S3",))
    """Number of villages of its own district whose news reaches a village."""

    neighbour_reach: float = param(4.0, unit="village", bounds=(0.0, 200.0), source="assumed", systems=("S3",))
    """Number of villages of adjacent districts whose news reaches a village."""

    telling: float = param(0.01, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S3", "S4"))
    """Monthly evidence from a migrant abroad on pay and papers, in journeys; migrants abroad report truthfully."""

    talk: float = param(0.02, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S3",))
    """Share of the gap to its district mean that a village closes in a month through talk."""

    route_reputation_speed: float = param(0.4, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S8",))
    """Share of the gap between the reputation of a busy route and the truth that closes in a month."""

    route_travellers: float = param(50.0, unit="person/month", bounds=(1.0, 5000.0), source="assumed", systems=("S8",))
    """Departures on a route at which its reputation adapts half as fast as that of a busy one."""

    traffic_memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S8",))
    """Months over which departures are averaged to weight the routes in the reference journey."""

    abroad_memory: float = param(120.0, unit="month", bounds=(1.0, 1200.0), source="assumed", systems=("S6",))
    """Months over which persons abroad are averaged to weight the destinations in what pay abroad is held to be."""

    papers_horizon: float = param(60.0, unit="month", bounds=(6.0, 240.0), source="assumed", systems=("S18",))
    """Months of a stay without papers within which people hope to be regularised."""

    half_life: float = param(
        4.0, unit="month", bounds=(0.5, 36.0), source="assumed; see docs/model/beliefs.md", systems=("S3",)
    )
    """Months in which salience loses half of its force."""

    shock: float = param(1.5, unit="log points", bounds=(0.0, 4.0), source="assumed", systems=("S3", "S6"))
    """Largest jump of a belief through the news of one month, log odds."""

    shock_threshold: float = param(1.5, unit="multiple", bounds=(1.0, 10.0), source="assumed", systems=("S3",))
    """The thinkable in a month: this factor times expectations, plus the size of a shock."""

    shock_deaths: float = param(
        3.0, unit="death/million residents", bounds=(0.5, 200.0), source="assumed", systems=("S3",)
    )
    """Size of a shock: deaths in a month beyond the thinkable that cause half of the largest jump."""

    shock_wreck: float = param(30.0, unit="death", bounds=(1.0, 1000.0), source="assumed", systems=("S3",))
    """Size of a shock: dead of one wreck, at home, next door or in all, that cause half of the largest jump there."""

    shock_failures: float = param(
        100.0, unit="person/million residents", bounds=(5.0, 5000.0), source="assumed", systems=("S3",)
    )
    """Size of a shock: failed attempts in a month beyond the thinkable that cause half of the largest jump."""

    shock_papers: float = param(
        30.0, unit="person/million residents", bounds=(1.0, 2000.0), source="assumed", systems=("S3", "S18")
    )
    """Size of a shock: persons regularised in a month beyond the thinkable that cause half of the largest jump."""

    shock_sanctions: float = param(
        30.0, unit="person/million residents", bounds=(1.0, 2000.0), source="assumed", systems=("S3", "S18")
    )
    """Size of a shock: persons punished in a month beyond the thinkable that cause half of the largest jump."""

    sight: float = param(
        1.0, unit="elasticity", bounds=(0.0, 2.0),
        source="assumed; perceived risk follows visible police more than its results: Apel (2013)",
        systems=("S3", "S6", "S10"),
    )  # fmt: skip
    """Elasticity of the believed odds of a stop on a leg, at once, to the officers seen there; it fades as salience."""

    removal_overrating: float = param(
        0.5, unit="dimensionless", bounds=(0.0, 2.0),
        source="assumed; crackdowns deter most at first: Sherman (1990), Apel (2013)",
        systems=("S3", "S6", "S18"),
    )  # fmt: skip
    """Share of a rise of removals, in logs, by which it is overrated at first; what is perceived fades to the truth."""

    removal_perceived: float = param(
        1.0, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3", "S6", "S18")
    )
    """Weight of the perceived rate of removal in the believed one; 0: everybody knows the true rate of the month."""

    raids_heard: float = param(
        0.3, unit="log odds per log point", bounds=(0.0, 2.0), source="assumed", systems=("S3", "S6", "S10")
    )
    """Rise of the believed odds of failure with the alarm of offices in the district, about raids and investigators."""

    streak: float = param(0.5, unit="1/log point", bounds=(0.0, 4.0), source="assumed", systems=("S3",))
    """Additional weight of a shock while the last one is remembered: a series weighs more than its sum."""

    salience_limit: float = param(2.0, unit="log points", bounds=(0.1, 5.0), source="assumed", systems=("S3",))
    """Largest salience of a topic, either way."""

    neighbour_shock: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Part of a shock in adjacent districts that spreads, by length of the shared border."""

    media_shock: float = param(0.3, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Part of the country's mean shock that media carry everywhere."""

    anticipation: float = param(0.6, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6", "S19"))
    """Credibility of announcements: part of their signal by which beliefs jump."""

    campaign_lasting: float = param(
        0.2,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; effects fade within a year, Tjaden and Dunsch (2021)",
        systems=("S6", "S19"),
    )
    """Part of a campaign's effect that lasts as knowledge; the rest fades with salience."""
