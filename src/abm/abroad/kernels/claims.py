"""Claims: fees on credit are collected abroad, lost to default, or called in at home."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined
from abm.engine.random import few_of, mix, uniform
from abm.world.codes import HIDDEN

IN_HIDDEN, LEFT_HIDDEN, SENT_HOME, DEAD = range(4)
"""Where a debtor is: in the hidden sector, where the lender's people collect; out of it; back home; dead."""


@driver
def part_claims(claims, count, t, moves, recovered, key, work, lost, losses, ended):
    """Follow debtors who leave the hidden sector this month; claims split where only some of the persons do.

    Of those who leave, as many are debtors as are of those who were there, at random. Debts of the dead are written
    off, and of those sent home what cannot be recovered there.

    Parameters
    ----------
    claims, count, t
        Columns with room for one more row an event and claim touched, rows in use, and month of the run: those who
        arrived in it were not there when the others moved.
    moves
        Columns of the events, `abm.world.columns.Events`.
    recovered
        Share of the debt of those sent home that the office can recover.
    key
        Key of the month.
    work
        Work space: first claim by hashed household and destination (as many as a power of two), next claim with the
        same hash by claim, and events.
    lost, losses, ended
        Added to: PKR written off, by district and by destination; PKR lent at first of which nothing more will come.

    Returns
    -------
    int
        Rows in use after splitting.
    """
    first, after, events = work
    first[:] = -1
    for k in range(count - 1, -1, -1):  # from the last: chains run from the first
        if claims.state[k] == IN_HIDDEN and claims.since[k] < t:
            place = _hashed(claims.row[k], claims.destination[k], first.size)
            after[k] = first[place]
            first[place] = k
    some = 0
    for e in range(moves.row.size):
        if moves.status[e] == HIDDEN and first[_hashed(moves.row[e], moves.destination[e], first.size)] >= 0:
            events[some] = e
            some += 1
    used = count
    for n in range(some):
        e = events[n]
        start = first[_hashed(moves.row[e], moves.destination[e], first.size)]
        there, owing = np.int64(moves.persons[e]), np.int64(0)
        k = start
        while k >= 0:
            owing += np.int64(claims.persons[k]) if _is_of(claims, k, moves, e) else 0
            k = after[k]
        for state in (LEFT_HIDDEN, SENT_HOME, DEAD):
            if state == LEFT_HIDDEN:
                leave = np.int64(moves.switched[e]) + np.int64(moves.regularised[e]) + np.int64(moves.onward[e])
            elif state == SENT_HOME:
                leave = np.int64(moves.deported[e]) + np.int64(moves.returned[e])
            else:
                leave = np.int64(moves.died[e])
            entity, left = ((moves.row[e] * 64 + np.int64(moves.destination[e])) * 4 + state) << 16, 0
            for one in range(leave):  # without replacement
                left += np.int64(uniform(key, entity + one) * there < owing - left)
                there -= 1
            owing -= left
            k = start
            while left > 0 and k >= 0:
                if _is_of(claims, k, moves, e) and claims.persons[k] > 0:
                    moved = min(left, np.int64(claims.persons[k]))
                    left -= moved
                    _part(claims, k, moved, state, used)
                    if state == DEAD:
                        _write_off(claims, used, claims.owed[used], lost, losses)
                    elif state == SENT_HOME:
                        _write_off(claims, used, np.int64(claims.owed[used] * (1.0 - recovered)), lost, losses)
                        over = np.int64(claims.lent[used] * (1.0 - recovered))  # the loan ends with its loss
                        ended[claims.destination[used]] += over
                        claims.lent[used] -= over
                    used += 1
                k = after[k]
    return used


@inlined
def _is_of(claims, k: int, moves, e: int) -> bool:
    """Whether a claim is on those to whom an event happened."""
    return claims.row[k] == moves.row[e] and claims.destination[k] == moves.destination[e]


@inlined
def _hashed(row: int, destination: int, size: int) -> int:
    """Place of a household and destination among so many, a power of two."""
    return np.int64(mix(np.uint64(row * 64 + np.int64(destination))) & np.uint64(size - 1))


@inlined
def _part(claims, k: int, moved: int, state: int, new: int) -> None:
    """Move persons of claim `k`, with their part of the debt, to a row of their own."""
    whole = np.int64(claims.persons[k])
    part = claims.owed[k] * moved // whole
    part_lent = claims.lent[k] * moved // whole
    claims.persons[k] -= moved
    claims.owed[k] -= part
    claims.lent[k] -= part_lent
    claims.row[new] = claims.row[k]
    claims.persons[new] = moved
    claims.district[new] = claims.district[k]
    claims.destination[new] = claims.destination[k]
    claims.office[new] = claims.office[k]
    claims.office_key[new] = claims.office_key[k]
    claims.owed[new] = part
    claims.lent[new] = part_lent
    claims.since[new] = claims.since[k]
    claims.state[new] = state


@inlined
def _write_off(claims, k: int, part: int, lost: np.ndarray, losses: np.ndarray) -> None:
    """Write off PKR of a claim; add them to those lost by district and by destination."""
    claims.owed[k] -= part
    lost[claims.district[k]] += part
    losses[claims.destination[k]] += part


@driver
def ask_debtors(claims, count, t, terms, key, entity, pay_abroad, wage, wage_index, asked, lost, losses, ended):
    """Draw who stops paying this month, write their debts off, and ask the others for an instalment.

    Parameters
    ----------
    claims, count, t
        Columns, changed in place, rows in use, and month of the run: those who arrived in it have earned nothing yet.
    terms
        `abm.abroad.claims.Terms`.
    key, entity
        Key of the month, and identity of each claim in its draws.
    pay_abroad, wage, wage_index
        Monthly pay in the hidden sector by destination; wage of a household's workers at home; the multiple of wages in
        the month by district.
    asked
        Output: PKR asked of the persons of each claim.
    lost, losses, ended
        Added to: PKR written off, by district and by destination; PKR lent at first to those who stopped paying.
    """
    first_part = mix(np.uint64(key))
    for k in range(count):
        persons = np.int64(claims.persons[k])
        gone = few_of(persons, terms.hazards[claims.state[k]], key, first_part, entity[k])
        if gone > 0:
            part = claims.lent[k] * gone // persons
            ended[claims.destination[k]] += part
            claims.lent[k] -= part
            _write_off(claims, k, claims.owed[k] * gone // persons, lost, losses)
            claims.persons[k] -= gone
        if claims.state[k] == SENT_HOME:
            each = terms.home_instalment * (wage[claims.row[k]] * wage_index[claims.district[k]])
        else:
            each = terms.instalment * pay_abroad[claims.destination[k]]
        asked[k] = min(np.int64(each * claims.persons[k]), claims.owed[k]) if claims.since[k] < t else 0


@driver
def close_claims(claims, paid, weight, expired, sums, lost, losses, ended):
    """Subtract what was paid, and write off what is left of old or nearly repaid claims.

    Parameters
    ----------
    claims
        Rows, changed in place.
    paid
        PKR paid, by claim.
    weight
        Households that a row stands for, by district: less than a rupee for each is written off with the claim.
    expired
        Month of the run; older claims, and those that became due in it, are written off.
    sums
        Output, shape (2, districts): PKR still owed, and paid.
    lost, losses
        Added to: PKR written off, by district and by destination.
    ended
        Added to: PKR lent at first of the claims that ended, by destination.
    """
    for k in range(paid.size):
        district = claims.district[k]
        claims.owed[k] -= paid[k]
        sums[1, district] += paid[k]
        if claims.owed[k] > 0 and (claims.owed[k] < weight[district] or claims.since[k] <= expired):
            _write_off(claims, k, claims.owed[k], lost, losses)
        if claims.owed[k] <= 0:
            ended[claims.destination[k]] += claims.lent[k]
        elif claims.persons[k] > 0:
            sums[0, district] += claims.owed[k]
