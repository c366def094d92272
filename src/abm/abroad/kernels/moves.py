"""Events abroad of a month: gathered, counted by place, and carried out where they change the status of persons."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined, slicing
from abm.world.codes import HIDDEN, IRREGULAR, SETTLED, WORKER

DEPORTED, RETURNED, REGULARISED, LAPSED, HID, OPENED = range(6)
"""Events counted by destination."""

SWITCHED_FROM = (LAPSED, LAPSED, HID, OPENED)
SWITCHED_TO = (IRREGULAR, IRREGULAR, HIDDEN, IRREGULAR)
"""What a switch is and to which status it leads, by status: only workers have papers that lapse, not the settled."""


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
        Output: the same columns, one event after the other, with their districts.
    changes
        Output, room for two an event: columns `abm.abroad.events.Changes` of those who have another status now.
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
        home = district[block]
        for k in range(start[block], start[block] + count[block]):
            row, destination, status = events.row[k], np.int64(events.destination[k]), np.int64(events.status[k])
            papers, switched = np.int64(events.regularised[k]), np.int64(events.switched[k])
            moves.row[n], moves.district[n] = row, home
            moves.destination[n], moves.status[n] = events.destination[k], events.status[k]
            moves.deported[n], moves.returned[n], moves.died[n] = events.deported[k], events.returned[k], events.died[k]
            moves.regularised[n], moves.switched[n] = events.regularised[k], events.switched[k]
            moves.onward[n] = events.onward[k]
            there[DEPORTED, destination] += np.int64(events.deported[k])
            there[RETURNED, destination] += np.int64(events.returned[k])
            if papers > 0:
                there[REGULARISED, destination] += papers
                regularised[home] += papers
                with_papers = SETTLED if settles[destination] else WORKER
                change(changed, row, home, papers, destination, with_papers, changes, stock)
                changed += 1
            if switched > 0:
                there[SWITCHED_FROM[status], destination] += switched
                change(changed, row, home, switched, destination, SWITCHED_TO[status], changes, stock)
                changed += 1
            n += 1
    return changed


@inlined
def change(n, row, home, persons, destination, status, changes, stock) -> None:
    """Note in row `n` persons who have another status from now on."""
    changes.row[n], changes.persons[n] = row, persons
    changes.destination[n], changes.status[n] = destination, status
    stock[home, destination, status] += persons
