"""Events abroad of a month: gathered, counted by place, and carried out where they change the status of persons."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined
from abm.world.codes import HIDDEN, IRREGULAR, SETTLED, WORKER

DEPORTED, RETURNED, REGULARISED, LAPSED, HID, OPENED, JOINED = range(7)
"""Events counted by destination."""

SWITCHED_FROM = (LAPSED, LAPSED, HID, OPENED)
SWITCHED_TO = (IRREGULAR, IRREGULAR, HIDDEN, IRREGULAR)
"""What a switch is and to which status it leads, by status: only workers have papers that lapse, not the settled.
Where families follow, a switch of a worker means that the family has come, see `JOINED`."""


@driver
def gather_moves(
    district, start, count, events, settles, follow, reached, moves, changes, papers, deported, stock, there,
    regularised,
):  # fmt: skip
    """Gather the events of all blocks in order of household, and give persons their new status.

    Parameters
    ----------
    district, start, count
        By block: its district, and where among `events` its own begin and how many they are.
    events
        Columns `abm.world.columns.Events` as the household pass has left them.
    settles, follow, reached
        By destination: whether families settle; whether they follow workers with papers later, so that papers make a
        worker (as where none settle), not a settled person; whether a route of irregular migration leads there.
    moves
        Output: the same columns, one event after the other, with their districts.
    changes
        Output, room for two an event: columns `abm.abroad.events.Changes` of those who have another status now.
    papers, deported
        Output, room for every event: household, persons and destination of those given papers; household, persons and
        district of those deported, and 1 if after a stay without papers from where a route leads.
    stock
        Added to: persons by district, destination and status.
    there
        Output: persons by event (`DEPORTED` and so on) and destination.
    regularised
        Output: persons given papers, by district.

    Returns
    -------
    tuple of int
        Rows of `changes`, `papers` and `deported` filled.
    """
    n, changed, with_papers, sent = 0, 0, 0, 0
    for block in range(district.size):
        home, first, number = np.int64(district[block]), start[block], count[block]
        copy_events(events, first, first + number, moves, n)
        for k in range(n, n + number):
            moves.district[k] = home
        for k in range(n, n + number):
            row, destination, status = moves.row[k], np.int64(moves.destination[k]), np.int64(moves.status[k])
            back = np.int64(moves.deported[k])
            there[DEPORTED, destination] += back
            there[RETURNED, destination] += np.int64(moves.returned[k])
            # no branch: who is deported cannot be guessed
            deported[0, sent], deported[1, sent], deported[2, sent] = row, back, home
            deported[3, sent] = np.int64((status != WORKER) & reached[destination])
            sent += np.int64(back > 0)
            given, switched = np.int64(moves.regularised[k]), np.int64(moves.switched[k])
            if given > 0:
                there[REGULARISED, destination] += given
                regularised[home] += given
                papers[0, with_papers], papers[1, with_papers], papers[2, with_papers] = row, given, destination
                with_papers += 1
                at_once = settles[destination] and not follow[destination]
                change(changed, row, home, given, destination, SETTLED if at_once else WORKER, changes, stock)
                changed += 1
            if switched > 0:
                joined = status == WORKER and follow[destination]
                there[JOINED if joined else SWITCHED_FROM[status], destination] += switched
                into = SETTLED if joined else SWITCHED_TO[status]
                change(changed, row, home, switched, destination, into, changes, stock)
                changed += 1
        n += number
    return changed, with_papers, sent


@inlined
def copy_events(events, first, last, moves, at) -> None:
    """Copy the events from `first` to before `last`, all columns but the district, to where others begin."""
    end = at + last - first
    copy(events.row[first:last], moves.row[at:end])
    copy(events.destination[first:last], moves.destination[at:end])
    copy(events.status[first:last], moves.status[at:end])
    copy(events.persons[first:last], moves.persons[at:end])
    copy(events.deported[first:last], moves.deported[at:end])
    copy(events.returned[first:last], moves.returned[at:end])
    copy(events.died[first:last], moves.died[at:end])
    copy(events.regularised[first:last], moves.regularised[at:end])
    copy(events.switched[first:last], moves.switched[at:end])
    copy(events.onward[first:last], moves.onward[at:end])


@inlined
def copy(column, out) -> None:
    """Copy a column; both begin at 0, which loops that fill vector registers need."""
    for k in range(out.size):
        out[k] = column[k]


@inlined
def change(n, row, home, persons, destination, status, changes, stock) -> None:
    """Note in row `n` persons who have another status from now on."""
    changes.row[n], changes.persons[n] = row, persons
    changes.destination[n], changes.status[n] = destination, status
    stock[home, destination, status] += persons
