"""Slow changes of one village, once a quarter: vital events, ties, houses and expense shocks.

Who is at risk of what is counted in one pass over the village; then the households that events fall on are picked.
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called, inlined
from abm.engine.random import mix, uniform
from abm.society.kernels.livelihood import room_with_lenders
from abm.society.kernels.sampling import pick
from abm.world.codes import (
    HOUSE_LEVELS,
    MAX_DEPENDANTS,
    MAX_TIES,
    MAX_WORKERS,
    MONEY_LIMIT,
    T_BIRTHS,
    T_DEATHS,
    T_DEPENDANTS_AT_RISK,
    T_DEPENDANTS_FREE,
    T_HOUSE_BUILDING,
    T_LOAN,
    T_SHOCK,
    T_TO_POOL_DEPENDANTS,
    T_TO_POOL_WORKERS,
    T_WORKERS_AT_RISK,
    T_WORKERS_FREE,
)
from abm.world.kernels.members_away import whole_at_home

QUARTER = 3
"""Months between two turns of a village; a third of the villages has its turn each month."""

BIRTH, DEATH, COMING_OF_AGE, LEAVING_WORKER, LEAVING_DEPENDANT = range(5)
TIE_FORMING, TIE_DECAYING, HOUSE_AGEING, SHOCK = range(5, 9)
PROCESSES = 9
"""Processes of events, each with its own random start."""


PEOPLE, GROWN, FREE, FREE_YOUNG, TIES, HOUSES, EACH, HOME, YOUNG = range(9)
"""Whom events fall on: members at home, dependants who could come of age, workers and dependants who could leave to
form a household, ties, levels of a house, each household. Workers at home and dependants are only summed."""
RISKS, COUNTS = 7, 9
"""Those listed by household, and those summed over the village."""

DEPENDANTS_A_WORKER = 2
"""Only dependants beyond this number for each worker, members away included, come of age: the need for earners decides.
Source: assumed; below the mean of three."""

AT_RISK = (PEOPLE, PEOPLE, GROWN, FREE, FREE_YOUNG, EACH, TIES, HOUSES, EACH)
"""Whom the events of each process fall on."""

# what a vital event adds to the workers and dependants of a household, in order of the processes
MORE_WORKERS = (0, 0, 1, -1, 0)
MORE_DEPENDANTS = (1, -1, -1, 0, -1)


@called
def quarter_of_village(village, weight, rates, villages, households, key, work, tally) -> None:
    """Give a village its quarter: vital events; ties form and decay, houses age, shocks hit; houses are built.

    Parameters
    ----------
    village, weight
        Village and households that one row stands for.
    rates
        Month's values in the village's district, a record of `abm.world.columns.DISTRICT_MONTH`.
    villages, households
        Columns, changed in place.
    key
        Key of the village stream of the month.
    work
        Work space, see `abm.households.kernels.household_month.work_space`.
    tally
        Added to, in persons and PKR.
    """
    first = villages.first_row[village]
    size = np.int64(villages.awake[village])
    last = first + size
    at_risk, total, picked, happened = work.at_risk, work.total, work.picked, work.happened
    count_at_risk(
        households.workers[first:last], households.dependants[first:last], households.away[first:last],
        households.ties[first:last], households.house[first:last], weight, at_risk[:, :size], total,
    )  # fmt: skip
    fill_probabilities(rates, villages.migrant_share[village], work.probability)
    work.probability[COMING_OF_AGE] *= total[YOUNG] / max(total[GROWN], 1)
    for process in range(BIRTH if rates.demography_on else TIE_FORMING, PROCESSES):
        start = uniform(mix(np.uint64(key) ^ np.uint64(process + 1)), village)
        risk = AT_RISK[process]
        found = pick(work.words[risk], total[risk], work.probability[process], start, picked)
        done = 0
        for k in range(found):
            # an event that cannot happen here falls on the next household where it can; a tie that is kept is kept
            row = first + picked[k]
            while row < last and not happens(process, row, weight, rates, households, tally):
                row = last if process == TIE_DECAYING else row + 1
            done += np.int64(row < last)
        happened[process] = done
    if rates.demography_on:
        tally[T_WORKERS_AT_RISK] += total[HOME] * weight
        tally[T_WORKERS_FREE] += total[FREE] * weight
        tally[T_DEPENDANTS_AT_RISK] += total[YOUNG] * weight
        tally[T_DEPENDANTS_FREE] += total[FREE_YOUNG] * weight
        tally[T_BIRTHS] += happened[BIRTH] * weight
        tally[T_DEATHS] += happened[DEATH] * weight
        tally[T_TO_POOL_WORKERS] += happened[LEAVING_WORKER] * weight
        tally[T_TO_POOL_DEPENDANTS] += happened[LEAVING_DEPENDANT] * weight
    if rates.tie_formation > 0.0:
        know_own_migrants(first, last, weight, rates, households)
    built = build_houses(first, last, weight, rates, households, work)
    tally[T_HOUSE_BUILDING] += built * np.int64(rates.house_cost) * weight
    levels = total[HOUSES] - happened[HOUSE_AGEING] + built * HOUSE_LEVELS
    villages.given_houses[village] *= np.float32(1.0 - QUARTER * rates.house_ageing)
    given = np.float64(villages.given_houses[village])
    villages.visible[village] = np.float32(levels / (HOUSE_LEVELS * max(size, 1)) + given)


@inlined
def count_at_risk(workers, dependants, away, ties, house, weight, at_risk, total) -> None:
    """Count whom events could fall on, by household into `at_risk` and summed into `total`."""
    people, grown, known, visible = at_risk[PEOPLE], at_risk[GROWN], at_risk[TIES], at_risk[HOUSES]
    free, free_young = at_risk[FREE], at_risk[FREE_YOUNG]
    at_home_sum = grown_sum = free_sum = young_sum = free_young_sum = ties_sum = levels = np.int32(0)
    for i in range(workers.size):
        at_home = whole_at_home(workers[i], away[i], weight)
        children = np.int32(dependants[i])
        leaving = at_home if at_home > 1 else np.int32(0)
        leaving_young = children if children > 1 else np.int32(0)
        beyond = children - np.int32(DEPENDANTS_A_WORKER) * np.int32(workers[i])
        beyond = beyond if beyond > 0 else np.int32(0)
        people[i] = np.uint8(at_home + children)
        grown[i] = np.uint8(beyond)
        grown_sum = np.int32(grown_sum + beyond)
        free[i] = np.uint8(leaving)
        free_young[i] = np.uint8(leaving_young)
        at_home_sum = np.int32(at_home_sum + at_home)
        free_sum = np.int32(free_sum + leaving)
        young_sum = np.int32(young_sum + children)
        free_young_sum = np.int32(free_young_sum + leaving_young)
    for i in range(workers.size):
        known[i] = ties[i]
        visible[i] = house[i]
        ties_sum = np.int32(ties_sum + np.int32(ties[i]))
        levels = np.int32(levels + np.int32(house[i]))
    total[HOME], total[FREE], total[YOUNG], total[FREE_YOUNG] = at_home_sum, free_sum, young_sum, free_young_sum
    total[GROWN] = grown_sum
    total[PEOPLE], total[TIES], total[HOUSES], total[EACH] = at_home_sum + young_sum, ties_sum, levels, workers.size


@inlined
def fill_probabilities(rates, migrant_share, probability) -> None:
    """Fill the probability of an event of each process in a quarter."""
    probability[BIRTH] = QUARTER * rates.birth
    probability[DEATH] = QUARTER * rates.death
    probability[COMING_OF_AGE] = QUARTER * rates.coming_of_age
    probability[LEAVING_WORKER] = QUARTER * rates.leaving_worker
    probability[LEAVING_DEPENDANT] = QUARTER * rates.leaving_dependant
    probability[TIE_FORMING] = QUARTER * rates.tie_formation * migrant_share
    probability[TIE_DECAYING] = QUARTER * rates.tie_decay
    probability[HOUSE_AGEING] = QUARTER * rates.house_ageing
    probability[SHOCK] = QUARTER * rates.shock_rate


@inlined
def happens(process: int, row: int, weight: int, rates, households, tally: np.ndarray) -> bool:
    """Let an event happen in a household, if it can; tells whether it did."""
    if process == SHOCK:
        suffer_shock(row, weight, rates, households, tally)
        return True
    if process == HOUSE_AGEING:
        households.house[row] -= np.uint8(1)
        return True
    if process in (TIE_FORMING, TIE_DECAYING):
        return change_ties(process, row, weight, rates, households)
    workers = np.int64(households.workers[row])
    dependants = np.int64(households.dependants[row])
    # a worker who can be taken is at home in every household that the row stands for
    home = (workers * weight - np.int64(households.away[row])) // weight
    # the last member of a household is not taken: it passes on
    several = dependants + workers > 1
    if process == BIRTH:
        possible = dependants < MAX_DEPENDANTS
    elif process == DEATH:
        # a dependant takes the place of a worker who dies, or retires
        possible = dependants > 0 and several
    elif process == COMING_OF_AGE:
        possible = dependants > 0 and workers < MAX_WORKERS
    elif process == LEAVING_WORKER:
        possible = home > 1
    else:
        possible = dependants > 1
    if possible:
        households.workers[row] = np.uint8(workers + MORE_WORKERS[process])
        households.dependants[row] = np.uint8(dependants + MORE_DEPENDANTS[process])
    return possible


@inlined
def change_ties(process: int, row: int, weight: int, rates, households) -> bool:
    """Let a tie form or be lost, if it can: a household with a member abroad or under way keeps one."""
    ties = np.int64(households.ties[row])
    if process == TIE_FORMING:
        possible = ties < MAX_TIES
        ties += 1
    else:
        possible = ties > (1 if has_migrant(row, weight, rates, households) else 0)
        ties -= 1
    if possible:
        households.ties[row] = np.uint8(ties)
    return possible


@inlined
def know_own_migrants(first: int, last: int, weight: int, rates, households) -> None:
    """Give a tie to households that have none, and somebody abroad or under way."""
    away, ties = households.away[first:last], households.ties[first:last]
    any_lacks = np.int32(0)
    for i in range(away.size):
        any_lacks = np.int32(any_lacks + np.int32((away[i] > 0) & (ties[i] == 0)))
    if any_lacks > 0:
        for i in range(away.size):
            if ties[i] == 0 and has_migrant(first + i, weight, rates, households):
                ties[i] = np.uint8(1)


@inlined
def suffer_shock(row: int, weight: int, rates, households, tally: np.ndarray) -> None:
    """Pay for an expense shock from savings, then from credit; what neither covers is not consumed."""
    expense = np.int64(rates.shock_months * need_of(row, weight, rates, households))
    paid = min(expense, np.int64(households.assets[row]))
    households.assets[row] -= np.int32(paid)
    loan = max(min(expense - paid, np.int64(room_with_lenders(row, rates, households))), 0)
    households.debt[row] += np.int32(loan)
    tally[T_SHOCK] += (paid + loan) * weight
    tally[T_LOAN] += loan * weight


@inlined
def build_houses(first: int, last: int, weight: int, rates, households, work) -> int:
    """Let households with a member abroad or under way and the savings build a house; returns how many do."""
    away, house, assets = households.away[first:last], households.house[first:last], households.assets[first:last]
    # who has not even the price at hand, buffer or not: most are separated from the others in vector registers
    price = np.int32(np.ceil(min(rates.house_cost, np.float64(MONEY_LIMIT) + 1.0)))
    could = work.at_risk[PEOPLE, : last - first]  # the events of the quarter are over: nobody reads it again
    any_could = np.int32(0)
    for i in range(away.size):
        here = (away[i] > 0) & (house[i] == 0) & (assets[i] >= price)
        could[i] = here
        any_could = np.int32(any_could + np.int32(here))
    built = 0
    if any_could > 0:
        for i in range(away.size):
            if could[i] > 0 and builds(first + i, weight, rates, households):
                built += 1
    return built


@inlined
def builds(row: int, weight: int, rates, households) -> bool:
    """Build a house and pay for it, if somebody is abroad or under way and savings above the buffer suffice."""
    spare = households.assets[row] - rates.buffer_months * need_of(row, weight, rates, households)
    if spare < rates.house_cost or not has_migrant(row, weight, rates, households):
        return False
    households.assets[row] -= np.int32(np.int64(rates.house_cost))
    households.house[row] = np.uint8(HOUSE_LEVELS)
    return True


@inlined
def has_migrant(row: int, weight: int, rates, households) -> bool:
    """Whether a household has somebody abroad or under way: a weighted row as often as those that it stands for."""
    return abroad_of(row, households) > uniform(rates.house_key, row) * weight


@inlined
def abroad_of(row: int, households) -> int:
    """Persons abroad or under way of the households that a row stands for."""
    return np.int64(households.away[row]) - np.int64(households.dead[row]) - np.int64(households.in_city[row])


@inlined
def need_of(row: int, weight: int, rates, households) -> float:
    """Subsistence of the members at home of a household, PKR a month."""
    people = np.int64(households.workers[row]) + np.int64(households.dependants[row])
    return rates.subsistence * (people - np.int64(households.away[row]) / weight)
