"""State of beliefs beyond the columns of villages: district means, salience, reputations of routes."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

Truth = namedtuple("Truth", ["failure", "fatal", "papers", "pay", "traffic", "irregular", "present", "reference"])
"""The truth in a month: by route, probabilities of not arriving and of dying in one attempt; by destination, chance of
papers within the horizon of those without, and pay. Shares: of the departures by route, of those without papers
and of all those abroad by destination. ``reference``: values by topic of the reference journey, their mean."""

Perceived = namedtuple("Perceived", ["failure", "death", "papers", "pay", "sanction", "mean"])
"""Beliefs of districts: shifts of the log odds of failure and death of an attempt relative to the truth of the month,
by district and route; chance of papers by district and destination; pay against true pay, and probability of a sanction
on return, by district. ``mean``: mean ratio of the villages by district and topic, without salience."""

LearningMonth = namedtuple(
    "LearningMonth",
    [
        "shift", "most", "ended", "seen", "expected", "keep", "add", "letters", "papers_share", "prior", "memory",
        "telling", "letters_kept",
    ],
)  # fmt: skip
"""Evidence that villages learn from in a month, see `abm.beliefs.kernels.beliefs.learn_blocks`."""


Heard = namedtuple("Heard", ["found", "kinds", "count", "by_district"])
"""Villages with news, and the news; sums by district in persons; see `abm.beliefs.kernels.beliefs`."""


@dataclass
class BeliefState:
    """Beliefs of districts and of the country.

    Attributes
    ----------
    mean
        Mean ratio of perceived to true value of the reference journey, by district and topic.
    salience
        Salience, log odds by district and topic; fades within months.
    told_failure, told_fatal
        Probabilities of one attempt on each route as reported in the country: known differences between routes.
    rumour
        Salience of announcements about single legs, log odds by route and topic.
    truth
        True values of the last month.
    """

    mean: np.ndarray
    salience: np.ndarray
    told_failure: np.ndarray
    told_fatal: np.ndarray
    rumour: np.ndarray
    truth: Truth


def ratio_columns(villages: object) -> tuple[np.ndarray, ...]:
    """Columns of the beliefs of villages, in the order of the topics."""
    return tuple(getattr(villages, f"belief_{name}") for name in ("death", "failure", "papers", "wage", "sanction"))
