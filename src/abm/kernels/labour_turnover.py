"""Labour turnover of the households of one village."""

from __future__ import annotations

import numpy as np

from abm.kernels.compiled import inlined
from abm.kernels.systematic import falls_here, start_events

LOSS, FINDING = range(2)
"""Processes of labour turnover."""


@inlined
def count_at_home(workers, dependants, away, dead, in_city, weight, at_home, members):
    """Work out who is at home.

    Parameters
    ----------
    workers, dependants, away, dead, in_city
        Columns of the village, see `abm.world.columns.HOUSEHOLD_COLUMNS`.
    weight
        Households that one row stands for.
    at_home, members
        Output: whole workers at home and members at home of one household.

    Returns
    -------
    tuple of int
        Members and workers of one household a row, persons away, and households with a member abroad or under way
        in units of persons (at most `weight` a row), summed over the village.
    """
    members_total = workers_total = away_total = with_migrant = 0
    share = 1.0 / weight
    for i in range(workers.size):
        force = np.int32(workers[i])
        people = force + np.int32(dependants[i])
        members_total += people
        workers_total += force
        absent = np.int32(away[i])
        if absent > 0:
            away_total += absent
            with_migrant += min(absent - np.int32(dead[i]) - np.int32(in_city[i]), weight)
            at_home[i] = (force * weight - absent) // weight
            members[i] = np.float32(people - absent * share)
        else:
            at_home[i] = force
            members[i] = np.float32(people)
    return members_total, workers_total, away_total, with_migrant


@inlined
def turn_over_jobs(jobs, at_home, separation, finding, losing, seeking, events):
    """Let jobs end and be found, by systematic sampling.

    Parameters
    ----------
    jobs, at_home
        Workers with a job (changed) and workers at home of each household.
    separation, finding
        Probability that a job ends, and that an unemployed worker finds one, in the month.
    losing, seeking
        Random starts in [0, 1).
    events
        Space for two processes, see `abm.kernels.systematic`.

    Returns
    -------
    int
        Jobs of one household a row, summed.

    References
    ----------
    ODD submodel "Labour"; flows into and out of unemployment as in Pissarides (2000).
    """
    start_events(events, LOSS, separation, losing)
    start_events(events, FINDING, finding, seeking)
    total = np.int64(0)
    for i in range(jobs.size):
        home = at_home[i]
        held = min(np.int32(jobs[i]), home)
        if falls_here(events, LOSS, held, held > 0):
            held -= np.int32(1)
        if falls_here(events, FINDING, home - held, held < home):
            held += np.int32(1)
        jobs[i] = np.uint8(held)
        total += held
    return total
