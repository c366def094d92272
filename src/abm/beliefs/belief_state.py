"""State of beliefs beyond the columns of the villages: district means, salience, what is told of each route."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

Truth = namedtuple("Truth", ["failure", "fatal", "papers", "pay", "traffic", "irregular", "present", "reference"])
"""What is true in a month: by route, probabilities of not arriving and of dying in one attempt; by destination, chance
of papers over the horizon of who stays without, and pay. Shares: of the departures by route, of those without papers
and of all those abroad by destination. ``reference``: values by topic of the reference journey, their mean."""

Perceived = namedtuple("Perceived", ["failure", "death", "papers", "pay", "sanction", "mean"])
"""What districts hold to be true: shifts of the log odds of failure and death of an attempt against the truth of the
month, by district and route; chance of papers by district and destination; pay against true pay, and probability of a
sanction on return, by district. ``mean``: mean ratio of the villages by district and topic, without salience."""

LearningMonth = namedtuple(
    "LearningMonth",
    [
        "shift", "most", "ended", "seen", "expected", "keep", "add", "letters", "papers_share", "prior", "memory",
        "telling", "letters_kept",
    ],
)  # fmt: skip
"""What villages learn from in a month, see `abm.beliefs.kernels.beliefs.learn_blocks`."""


Heard = namedtuple("Heard", ["found", "kinds", "count", "by_district"])
"""Villages with news of their own and what they hear; sums by district in persons; see `abm.beliefs.kernels.beliefs`."""


@dataclass
class BeliefState:
    """Beliefs of districts and of the country.

    Attributes
    ----------
    mean
        Mean ratio of perceived over true value of the reference journey, by district and topic.
    salience
        What is on everybody's lips, log odds by district and topic; fades within months.
    told_failure, told_fatal
        Probabilities of one attempt on each route as told in the country: how routes differ, as people know it.
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
