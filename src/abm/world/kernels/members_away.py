"""Members away of a village: remittances, return, deportation, death; how arrivals are entered; the opening count.

Members away are rows sorted by household within the segment of their village, so that a pass over the
households of a village meets them in order. A row holds persons of one household at one destination with one
status; for weighted households the persons of all the households that the row stands for.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import called, driver, inlined, kernel, making
from abm.engine.random import binomial_by_party, few_by_party, mix, uniform
from abm.world.codes import (
    SETTLED,
    STATUS_COUNT,
    T_ASSETS,
    T_AWAY,
    T_DEATHS_ABROAD,
    T_DEATHS_IN_CITY,
    T_DEBT,
    T_DEPORTATIONS,
    T_DOMESTIC_REMITTANCES,
    T_DOMESTIC_RETURNS,
    T_HOUSEHOLDS,
    T_JOBS,
    T_MEMBERS,
    T_REMITTANCES,
    T_RETURNS,
    T_WITH_MIGRANT,
    T_WORKERS,
    WORKER,
)

MOST_INSURED = 0.5
"""Most that a member away sends beyond the usual when members at home earn less, relative to the usual. Source:
assumed."""

STAYS = 64 * STATUS_COUNT
"""Combinations of destination and status that a household may have members in: room for 64 destinations."""


@inlined
def stay_code(row: int, destination: int, status: int) -> int:
    """Order of members away within a village: by household, destination and status."""
    return np.int64(row) * STAYS + np.int64(destination) * STATUS_COUNT + np.int64(status)


@called
def bury(row: int, persons: int, weight: int, households) -> None:
    """Book deaths of members away.

    The dead of a weighted row stay on its roll as absent until they make up one member of every household that
    it stands for; at weight 1 that is at once.
    """
    dead = np.int64(households.dead[row]) + persons
    while dead >= weight and households.workers[row] > 0:
        dead -= weight
        households.away[row] -= np.uint16(weight)
        households.workers[row] -= np.uint8(1)
    households.dead[row] = np.uint16(dead)


USUAL_DEBT = np.float32(3.0)
"""Months of pay of all workers that a household in debt owes, ratio of means. Source: runs of every household of the
catchment, 2.95 at the end of 2011 and of 2014."""


MIGRANTS_IN_DEBT = 2.0
"""Households of migrants in debt, of a hundred, over those of all households. Source: as above, 0.173 over 0.082."""


@inlined
def share_in_debt(debt, potential, one):
    """Share of the households that a row stands for that owe what all of it does, if they owe as much as is usual.

    `one` is the share of one of them; `potential` the pay of all workers.
    """
    share = np.float32(debt) / (USUAL_DEBT * potential)
    share = share if share > one else one
    return share if share < np.float32(1.0) else np.float32(1.0)


@inlined
def savings_state(row: int, households, saving_target: float, each_of: float, wage_index: float, key: int) -> int:
    """Whether a household owes money (0), lacks savings (1), or has reached its target or built a house (2).

    Of a weighted row as many owe as `share_in_debt` says, drawn anew with the `key` of the month; `each_of` is one of
    its households.
    """
    reached = (households.house[row] > 0) | (households.assets[row] >= saving_target)  # no jump: it is guessed wrong
    if households.debt[row] > 0:
        pay = np.float32(households.workers[row]) * households.wage[row] * np.float32(wage_index)
        if uniform(key, row) < MIGRANTS_IN_DEBT * share_in_debt(households.debt[row], pay, np.float32(each_of)):
            return 0
    return 1 + np.int64(reached)


@inlined
def whole_at_home(workers: int, away: int, weight: int) -> int:
    """Whole workers at home of one household: those of all that a row stands for, over their number, halves up.

    Rounding down would count a worker of whom a few households miss theirs as absent from all, and results would drift
    with the scale of the sample. The division is exact in single precision: no column holds more than 65,535 away.
    """
    lost = (np.float32(away) + np.float32(away) + np.float32(weight - 1)) / np.float32(2 * weight)
    return np.int32(np.int32(workers) - np.int32(lost))


@inlined
def insurance(
    workers: int, jobs: int, away: int, wage: float, weight: int, insured: float, wage_index: float, usual_index: float
) -> float:
    """Money that each member away of a household sends beyond the usual while members at home earn less, PKR.

    They lack the pay of those without a job, and what wages have fallen below what families are used to.

    References
    ----------
    Yang and Choi (2007), "Are remittances insurance?".
    """
    at_home = np.int32(whole_at_home(workers, away, weight))
    lacking = max(at_home * usual_index - np.int32(jobs) * wage_index, 0.0)
    return insured * (lacking * wage * weight / max(np.int32(away), weight))


@inlined
def fill_insurance(
    first: int, last: int, weight: int, insured: float, wage_index: float, usual_index: float, households, extra
) -> None:
    """Fill `insurance` of the households of a village: a loop of its own, which fills vector registers."""
    workers, jobs, wage = households.workers[first:last], households.jobs[first:last], households.wage[first:last]
    away, all_of = households.away[first:last], np.int32(weight)
    for i in range(away.size):
        extra[i] = insurance(workers[i], jobs[i], away[i], wage[i], all_of, insured, wage_index, usual_index)


@inlined
def draw_event(left: int, hazard: float, chance: float, party: int, key: int, entity: int) -> tuple[int, int, float]:
    """Draw how many of those left have one event, of total chance `chance`; return them, the rest and its chance."""
    drawn = binomial_by_party(left, min(hazard / max(chance, 1e-12), 1.0), party, key, entity)
    return drawn, left - drawn, chance - hazard


@called
def members_away_month(
    village: int,
    weight: int,
    party: int,
    domestic: int,
    wage_index: float,
    usual_index: float,
    homeward: float,
    villages,
    households,
    away,
    abroad,
    key: int,
    received: np.ndarray,
    extra: np.ndarray,
    tally: np.ndarray,
    stock: np.ndarray,
    events,
    position: int,
) -> tuple[int, int]:
    """Draw what happens to the members away of one village, and add up what they send home.

    Who changes status or goes on to another destination leaves the row here; `abm.abroad.moves` and
    `abm.abroad.onward` enter him elsewhere from the events, in the same month.

    Parameters
    ----------
    village, weight, party, domestic, wage_index, usual_index, homeward
        Village, households that one row stands for, binary logarithm of the persons who act together, index of
        the destination inside the country, wage against the wage that households hold, now and as they are used to,
        and factor of voluntary returns by wages at home.
    villages, households, away
        Columns; rows of `away` whose persons are gone are removed.
    abroad
        Month's values by destination and status, `abm.abroad.diaspora.AbroadMonth`.
    key
        Key of the stream of the month.
    received
        Added to: PKR received by one household, by row within the village.
    extra
        Work space, by row within the village: `insurance`.
    tally, stock
        Added to: tallies of the block; persons by destination and status, and after these workers with papers by
        `savings_state`.
    events, position
        Columns of `abm.world.columns.Events`, and where to write; events in the city are in the tallies alone.

    Returns
    -------
    tuple of int
        Position after the events written; PKR received by one household a row, summed over the village.
    """
    parts_key = mix(np.uint64(key))
    each_of = 1.0 / weight
    remitted = np.int64(0)
    remitted_domestic = np.int64(0)
    first = villages.segment_start[village]
    last = first + villages.segment_count[village]
    base = villages.first_row[village]
    fill_insurance(
        base, base + np.int64(villages.awake[village]), weight, abroad.insured, wage_index, usual_index, households,
        extra,
    )  # fmt: skip
    kept = first
    settled_row, settled = np.int64(-1), np.int64(0)
    # places without a sign: an index with one may count from the end, which would be looked into each time
    for m in range(np.uint64(first), np.uint64(last)):
        persons = np.int64(away.persons[m])
        destination = away.destination[m]
        status = away.status[m]
        local = away.row[m]
        row = np.uint64(base + local)
        entity = stay_code(base + local, destination, status)
        saved = savings_state(row, households, abroad.saving_target, each_of, wage_index, parts_key ^ _INDEBTED)
        chance = abroad.moving[destination, status, saved] + abroad.home[destination, status, saved] * homeward
        gone = few_by_party(persons, min(chance, 1.0), party, key, parts_key, entity)
        if gone > 0:
            split = mix(key)
            left, here = gone, (destination, status)
            # each event is drawn among those to whom none of those before has happened
            deported, left, chance = draw_event(left, abroad.deported[here], chance, party, split ^ _DEPORTED, entity)
            regularised, left, chance = draw_event(
                left, abroad.regularised[here], chance, party, split ^ _REGULARISED, entity
            )
            switched, left, chance = draw_event(left, abroad.switched[here], chance, party, split ^ _SWITCHED, entity)
            onward, left, chance = draw_event(left, abroad.onward[here], chance, party, split ^ _ONWARD, entity)
            died, returned, _ = draw_event(left, abroad.died[here], chance, party, split ^ _DIED, entity)
            households.away[row] -= np.uint16(deported + returned)
            if destination == domestic:
                households.in_city[row] -= np.uint16(gone)
                tally[T_DOMESTIC_RETURNS] += returned
            else:
                # a weighted row turns experienced as likely as one of its households
                if uniform(split ^ _EXPERIENCED, entity) * weight < returned + deported:
                    households.experience[row] = 1
                tally[T_RETURNS] += returned
                tally[T_DEPORTATIONS] += deported
                events.row[position] = row
                events.destination[position] = destination
                events.status[position] = status
                events.persons[position] = persons
                events.deported[position] = deported
                events.returned[position] = returned
                events.died[position] = died
                events.regularised[position] = regularised
                events.switched[position] = switched
                events.onward[position] = onward
                position += 1
            if deported > 0:
                households.aspiration[row] *= 1.0 - abroad.shame * min(deported / weight, 1.0)
            if died > 0:
                bury(row, died, weight, households)
                tally[T_DEATHS_IN_CITY if destination == domestic else T_DEATHS_ABROAD] += died
            extra[local] = insurance(
                households.workers[row], households.jobs[row], households.away[row], households.wage[row],
                np.int32(weight), abroad.insured, wage_index, usual_index,
            )  # fmt: skip
            persons -= gone
        if persons > 0:
            usual = abroad.amount[destination, status, households.skill[row]]
            each = np.int32(persons * (usual + min(extra[local], MOST_INSURED * usual)) * each_of)
            received[local] += each
            if destination == domestic:
                remitted_domestic += each
            else:
                remitted += each
            stock[destination, status] += persons
            if status == WORKER:
                stock[destination, STATUS_COUNT + saved] += persons
            if status == SETTLED:
                # surveys do not count families abroad as members: see `households_with_migrant_share`
                settled = settled if np.int64(local) == settled_row else np.int64(0)
                settled_row = np.int64(local)
                present = np.int64(households.away[row]) - households.dead[row] - households.in_city[row] - settled
                tally[T_WITH_MIGRANT] -= min(max(present, 0), weight) - min(max(present - persons, 0), weight)
                settled += persons
            if np.uint64(kept) != m or gone > 0:
                away.row[kept] = local
                away.destination[kept] = destination
                away.status[kept] = status
                away.persons[kept] = np.uint16(persons)
            kept += 1
    villages.segment_count[village] = kept - first
    tally[T_REMITTANCES] += remitted * weight
    tally[T_DOMESTIC_REMITTANCES] += remitted_domestic * weight
    return position, remitted + remitted_domestic


# One draw an event, each from its own stream
_DEPORTED = np.uint64(0x5851F42D4C957F2D)
_REGULARISED = np.uint64(0x2545F4914F6CDD1D)
_SWITCHED = np.uint64(0x9E6C63D0876A9A47)
_ONWARD = np.uint64(0xD1B54A32D192ED03)
_DIED = np.uint64(0x14057B7EF767814F)
_EXPERIENCED = np.uint64(0xA0761D6478BD642F)
_INDEBTED = np.uint64(0xE7037ED1A0B428DB)


@kernel
def has_room(arrival_village: np.ndarray, villages) -> bool:
    """Whether no arrival, in order of village, overflows the segment of its village."""
    needed = 0
    for k in range(arrival_village.size):
        v = arrival_village[k]
        needed = needed + 1 if k > 0 and arrival_village[k - 1] == v else 1
        if villages.segment_count[v] + needed > villages.segment_capacity[v]:
            return False
    return True


@driver
def move_segments(first_village, last_village, villages, start, away, larger) -> None:
    """Copy the segments of a range of villages into columns where they begin at `start`."""
    for v in range(first_village, last_village):
        first, to = villages.segment_start[v], start[v]
        for k in range(villages.segment_count[v]):
            larger.row[to + k] = away.row[first + k]
            larger.persons[to + k] = away.persons[first + k]
            larger.destination[to + k] = away.destination[first + k]
            larger.status[to + k] = away.status[first + k]


@kernel
def note_arrivals(rows, persons, destinations, status, arriving, arrivals, count, entrants) -> int:
    """Note cohorts that join the members away at the end of the month; empty ones are left out.

    Parameters
    ----------
    rows, persons, destinations, status
        Household, persons, destination and status, by cohort.
    arriving, entrants
        Whether they come to their destination now; if so, the persons are added to its entrants.
    arrivals, count
        Output after the first `count` columns: `stay_code` of the household, and persons.

    Returns
    -------
    int
        Count of arrivals with those noted.
    """
    for k in range(rows.size):
        if persons[k] > 0:
            arrivals[0, count] = stay_code(rows[k], destinations[k], status[k])
            arrivals[1, count] = persons[k]
            count += 1
            if arriving:
                entrants[destinations[k]] += persons[k]
    return count


Arrivals = namedtuple("Arrivals", ["village", "row", "persons", "destination", "status", "place"])
"""Cohorts that join the members away, in order of `stay_code`; ``row`` counts within the village, and ``place`` is
work space: the first row of the members away of the village that comes after them."""


@making
def arrivals_in_order(codes, persons, order, first_row) -> Arrivals:
    """Put arrivals, of which `note_arrivals` made the `codes`, in `order`, with the village of each.

    `first_row` is the first household of each village.
    """
    count = codes.size
    arrivals = Arrivals(
        np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64),
        np.empty(count, np.int64), np.empty(count, np.int64),
    )  # fmt: skip
    v = 0
    for k in range(count):
        code = codes[order[k]]
        row, stay = code // STAYS, code % STAYS
        while v + 1 < first_row.size and first_row[v + 1] <= row:
            v += 1
        arrivals.village[k], arrivals.row[k], arrivals.persons[k] = v, row - first_row[v], persons[order[k]]
        arrivals.destination[k], arrivals.status[k] = stay // STATUS_COUNT, stay % STATUS_COUNT
    return arrivals


@driver
def enter_arrivals(first_arrival, last_arrival, arrivals, villages, away) -> None:
    """Merge a range of arrivals into the segments of their villages; same household, place and status share a row.

    ``arrivals.persons`` is used up. Segments must have room (`has_room`).
    """
    village, row, persons, destination, status, place = arrivals
    begin = first_arrival
    while begin < last_arrival:
        v = village[begin]
        end = begin
        while end < last_arrival and village[end] == v:
            end += 1
        first = villages.segment_start[v]
        last = first + villages.segment_count[v]
        new = _join_stays(begin, end, row, persons, destination, status, place, first, last, away)
        end_of_moved, left = last, new
        for k in range(end - 1, begin - 1, -1):
            if persons[k] <= 0:
                continue
            at = place[k]
            move_up(away.row, at, end_of_moved, left)
            move_up(away.persons, at, end_of_moved, left)
            move_up(away.destination, at, end_of_moved, left)
            move_up(away.status, at, end_of_moved, left)
            left -= 1
            write_stay(at + left, row[k], destination[k], status[k], persons[k], away)
            end_of_moved = at
        villages.segment_count[v] += new
        begin = end


@called
def move_up(column, first, last, by) -> None:
    """Move the values of a column from `first` to before `last` up by so many rows; the last goes first."""
    for m in range(last - 1, first - 1, -1):
        column[m + by] = column[m]


@inlined
def _join_stays(begin, end, row, persons, destination, status, place, first, last, away) -> int:
    """Add arrivals to rows that are there, and to each other; `persons` keeps those of new rows. Returns how many.

    `place` is filled with the first row after each of those.
    """
    new, m, before = 0, first, begin
    for k in range(begin, end):
        if persons[k] <= 0:
            continue
        code = stay_code(row[k], destination[k], status[k])
        while m < last and away.row[m] < row[k]:  # one column tells most of the way
            m += 1
        while m < last and stay_code(away.row[m], away.destination[m], away.status[m]) < code:
            m += 1
        if m < last and stay_code(away.row[m], away.destination[m], away.status[m]) == code:
            away.persons[m] = np.uint16(away.persons[m] + persons[k])
            persons[k] = 0
        elif new > 0 and stay_code(row[before], destination[before], status[before]) == code:
            persons[before] += persons[k]
            persons[k] = 0
        else:
            before = k
            place[k] = m
            new += 1
    return new


@inlined
def write_stay(m, row, destination, status, persons, away) -> None:
    """Write a row of the members away."""
    away.row[m] = np.uint16(row)
    away.destination[m] = np.uint8(destination)
    away.status[m] = np.uint8(status)
    away.persons[m] = np.uint16(persons)


@kernel
def count_departures(rows, districts, persons, channel, destinations, abroad, wealth_group, flows, by_wealth) -> None:
    """Add departures to the flows by origin, channel and destination; those `abroad` also by origin and wealth."""
    for k in range(rows.size):
        if persons[k] == 0:
            continue
        flows[districts[k], channel, destinations[k]] += persons[k]
        if abroad:
            by_wealth[districts[k], wealth_group[rows[k]]] += persons[k]


@kernel
def opening_sums(blocks, weights, villages, households, away, tally, stock, groups) -> None:
    """Tally people, jobs, savings, debts and members away of the rows that are awake.

    Fills `tally` and `stock` as `abm.households.kernels.household_month.household_month` does, but not workers by
    savings, with `weights` by
    district, and the households by district and wealth group (`groups`).
    """
    tally[:] = 0
    stock[:] = 0
    groups[:] = 0
    for block in range(blocks.district.size):
        district = blocks.district[block]
        weight = weights[district]
        for v in range(blocks.first_village[block], blocks.last_village[block]):
            first = villages.first_row[v]
            for row in range(first, first + villages.awake[v]):
                tally[block, T_HOUSEHOLDS] += weight
                tally[block, T_MEMBERS] += weight * (np.int64(households.workers[row]) + households.dependants[row])
                tally[block, T_WORKERS] += weight * households.workers[row]
                tally[block, T_AWAY] += households.away[row]
                tally[block, T_JOBS] += weight * households.jobs[row]
                tally[block, T_ASSETS] += weight * np.int64(households.assets[row])
                tally[block, T_DEBT] += weight * np.int64(households.debt[row])
                groups[district, households.wealth_group[row]] += weight
            for m in range(villages.segment_start[v], villages.segment_start[v] + villages.segment_count[v]):
                stock[block, away.destination[m], away.status[m]] += away.persons[m]
