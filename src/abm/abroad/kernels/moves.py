"""Events abroad of a month: gathered, counted by place, and carried out where they change the status of persons."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined, slicing
from abm.world.codes import HIDDEN, IRREGULAR, SETTLED, WORKER

DEPORTED, RETURNED, REGULARISED, LAPSED, HID, OPENED = range(6)
"""Events counted by destination."""


@slicing
def gather_moves(district, start, count, events, settles, moves, changes, stock, there, regularised):
    """Gather the events of all blocks in order of household, and give persons their new status.

    Parameters
    ----------
    district, start, count
        By block: its district, and where among `events` its own begin and how many they are.
    events
        Columns `abm.world.columns.Events` as the household pass has left them.
    settles
        Whether families settle, by destination: papers then make a settled person, elsewhere a worker.
    moves
        Output: columns `abm.abroad.events.MovesMonth`.
    changes
        Output, room for two an event: columns `abm.abroad.events.Changes` of those who have another status from now on.
    stock
        Added to: persons by district, destination and status.
    there
        Output: persons by event (`DEPORTED` and so on) and destination.
    regularised
        Output: persons given papers, by district.

    Returns
    -------
    int
        Rows of `changes` filled.
    """
    n, changed = 0, 0
    for block in range(district.size):
        home = np.int64(district[block])
        for k in range(start[block], start[block] + count[block]):
            destination, status = np.int64(events.destination[k]), np.int64(events.status[k])
            papers, switched = np.int64(events.regularised[k]), np.int64(events.switched[k])
            moves.row[n], moves.district[n] = events.row[k], home
            moves.destination[n], moves.status[n] = destination, status
            moves.deported[n], moves.returned[n] = events.deported[k], events.returned[k]
            moves.died[n], moves.regularised[n], moves.onward[n] = events.died[k], papers, events.onward[k]
            moves.lapsed[n] = switched if status == WORKER else 0
            moves.hid[n] = switched if status == IRREGULAR else 0
            moves.opened[n] = switched if status == HIDDEN else 0
            with_papers = SETTLED if settles[destination] else WORKER
            changed = change(n, papers, with_papers, moves, changes, stock, changed)
            changed = change(n, moves.lapsed[n] + moves.opened[n], IRREGULAR, moves, changes, stock, changed)
            changed = change(n, moves.hid[n], HIDDEN, moves, changes, stock, changed)
            there[DEPORTED, destination] += moves.deported[n]
            there[RETURNED, destination] += moves.returned[n]
            there[REGULARISED, destination] += papers
            there[LAPSED, destination] += moves.lapsed[n]
            there[HID, destination] += moves.hid[n]
            there[OPENED, destination] += moves.opened[n]
            regularised[home] += papers
            n += 1
    return changed


@inlined
def change(n, persons, status, moves, changes, stock, changed) -> int:
    """Note persons of event `n` who have another status from now on; returns how many changes there are now."""
    if persons > 0:
        changes.row[changed], changes.persons[changed] = moves.row[n], persons
        changes.destination[changed], changes.status[changed] = moves.destination[n], status
        stock[moves.district[n], moves.destination[n], status] += persons
        changed += 1
    return changed
