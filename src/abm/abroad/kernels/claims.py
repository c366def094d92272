"""Claims: fees on credit are collected abroad, lost to default, or called in at home."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel
from abm.engine.random import binomial

IN_HIDDEN, LEFT_HIDDEN, SENT_HOME, DEAD = range(4)
"""Where a debtor is: in the hidden sector, where the lender's people collect; out of it; back home; dead."""


@kernel
def part_claims(claims, count, order, codes, event_code, event_kind, event_persons):
    """Move persons of claims to another state, by events in their household; claims split where only some move.

    Parameters
    ----------
    claims, count
        Columns with room for one more row an event and claim touched, and rows in use.
    order, codes
        Rows that may move, in order of their code, and these codes; a code stands for household and destination.
    event_code, event_kind, event_persons
        Events: whose, new state, persons.

    Returns
    -------
    int
        Rows in use after splitting.
    """
    used = count
    for e in range(event_code.size):
        left = event_persons[e]
        n = np.searchsorted(codes, event_code[e])
        while left > 0 and n < codes.size and codes[n] == event_code[e]:
            k = order[n]
            n += 1
            if claims.state[k] != IN_HIDDEN or claims.persons[k] <= 0:
                continue
            whole = np.int64(claims.persons[k])
            moved = min(left, whole)
            left -= moved
            part = claims.owed[k] * moved // whole
            part_lent = claims.lent[k] * moved // whole
            claims.persons[k] -= moved
            claims.owed[k] -= part
            claims.lent[k] -= part_lent
            claims.row[used] = claims.row[k]
            claims.persons[used] = moved
            claims.district[used] = claims.district[k]
            claims.destination[used] = claims.destination[k]
            claims.office[used] = claims.office[k]
            claims.office_key[used] = claims.office_key[k]
            claims.owed[used] = part
            claims.lent[used] = part_lent
            claims.since[used] = claims.since[k]
            claims.state[used] = event_kind[e]
            used += 1
    return used


@kernel
def draw_defaults(claims, count, hazards, key, gone):
    """Draw who stops paying this month; `hazards` a month by state; fills `gone`, persons by claim."""
    for k in range(count):
        # offices decide each for itself: without its number, all pieces of a weighted cohort would default together
        entity = (claims.row[k] * 1024 + np.int64(claims.since[k])) * 4 + np.int64(claims.state[k])
        entity += claims.office_key[k] << 40
        gone[k] = binomial(np.int64(claims.persons[k]), hazards[claims.state[k]], key, entity)
