"""Systematic sampling of events along the households of a village (Madow 1949).

The members at risk are counted along the rows; an event falls on whoever is at each multiple of 1 / probability,
from a random start. Every member has exactly its own probability, and the number of events in a village stays within
one of its expectation: turnover and vital events add almost no noise of their own to what is studied.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.kernels.compiled import inlined, kernel

NEVER = np.int64(1) << np.int64(62)

Events = namedtuple("Events", ["passed", "due", "position", "step", "probability"])
"""State of several processes of events in one village: members passed, count at which the next event falls, and
the probability of an event by member at risk."""


@kernel
def event_space(processes: int):
    """Allocate the state of so many processes."""
    return Events(
        np.zeros(processes, np.int64),
        np.zeros(processes, np.int64),
        np.zeros(processes),
        np.zeros(processes),
        np.zeros(processes),
    )


@inlined
def start_events(events, process: int, probability: float, start: float) -> None:
    """Begin a process in a village.

    Parameters
    ----------
    events, process
        State, and which process of it.
    probability
        Of one event per member at risk.
    start
        Uniform draw in [0, 1).
    """
    events.passed[process] = 0
    if probability <= 0.0:
        events.due[process] = NEVER
        return
    step = 1.0 / probability
    events.step[process] = step
    events.position[process] = (1.0 - start) * step
    events.due[process] = np.int64(np.ceil(events.position[process]))


@inlined
def falls_here(events, process: int, at_risk: int, possible: bool) -> bool:
    """Pass the members at risk of one household; tells whether an event falls on them.

    An event that is not `possible` here falls on the next household where it is.
    """
    events.passed[process] += at_risk
    if events.passed[process] >= events.due[process] and possible:
        events.position[process] += events.step[process]
        events.due[process] = np.int64(np.ceil(events.position[process]))
        return True
    return False
