"""Slow changes of one village, once a quarter: vital events, ties, houses and expense shocks."""

from __future__ import annotations

import numpy as np

from abm.kernels.choice import credit_line
from abm.kernels.compiled import inlined, kernel
from abm.kernels.random import mix, uniform
from abm.kernels.states import (
    HOUSE_LEVELS,
    MAX_DEPENDANTS,
    MAX_TIES,
    MAX_WORKERS,
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
from abm.kernels.systematic import falls_here, start_events

QUARTER = 3
"""Months between two turns of a village; a third of the villages has its turn each month."""

BIRTH, DEPENDANT_DEATH, COMING_OF_AGE, RETIREMENT, WORKER_DEATH, LEAVING_WORKER, LEAVING_DEPENDANT = range(7)
TIE_FORMING, TIE_DECAYING, HOUSE_AGEING, SHOCK = range(7, 11)
PROCESSES = 11
"""Processes of events, each with its own random start."""


@kernel
def start_processes(events, first: int, last: int, key: int, village: int) -> None:
    """Begin a range of processes in a village, each from its own random start; probabilities stand in `events`."""
    for process in range(first, last):
        start = uniform(mix(np.uint64(key) ^ np.uint64(process + 1)), village)
        start_events(events, process, events.probability[process], start)


@inlined
def vital_events(village: int, weight: int, rates, villages, households, key: int, events, tally: np.ndarray) -> None:
    """Births, deaths, coming of age, retirement, and departures into new households.

    Parameters
    ----------
    village, weight
        Village and households that one row stands for.
    rates
        Expected events a month in the village's district: ``birth`` and ``leaving_dependant``, ``leaving_worker``,
        ``coming_of_age``, ``dependant_death``, ``worker_death``, ``retirement``, each per member at risk.
    villages, households
        Columns, changed in place.
    key
        Key of the village stream of the month.
    events
        Space for `PROCESSES` processes, see `abm.kernels.systematic`.
    tally
        Added to, in persons.
    """
    events.probability[BIRTH] = QUARTER * rates.birth
    events.probability[DEPENDANT_DEATH] = QUARTER * rates.dependant_death
    events.probability[COMING_OF_AGE] = QUARTER * rates.coming_of_age
    events.probability[RETIREMENT] = QUARTER * rates.retirement
    events.probability[WORKER_DEATH] = QUARTER * rates.worker_death
    events.probability[LEAVING_WORKER] = QUARTER * rates.leaving_worker
    events.probability[LEAVING_DEPENDANT] = QUARTER * rates.leaving_dependant
    start_processes(events, BIRTH, TIE_FORMING, key, village)
    workers_at_risk = workers_free = dependants_at_risk = dependants_free = 0
    births = deaths = pool_workers = pool_dependants = 0
    first = villages.first_row[village]
    for row in range(first, first + villages.awake[village]):
        workers = np.int64(households.workers[row])
        dependants = np.int64(households.dependants[row])
        away = np.int64(households.away[row])
        home = workers if away == 0 else (workers * weight - away) // weight
        workers_at_risk += home
        dependants_at_risk += dependants
        free_workers = home if home > 1 else 0
        free_dependants = dependants if dependants > 1 else 0
        workers_free += free_workers
        dependants_free += free_dependants
        # the last member of a household is not taken: it passes on
        several = dependants + workers > 1
        if falls_here(events, BIRTH, home + dependants, dependants < MAX_DEPENDANTS):
            dependants += 1
            births += 1
        if falls_here(events, DEPENDANT_DEATH, dependants, dependants > 0 and several):
            dependants -= 1
            deaths += 1
        if falls_here(events, COMING_OF_AGE, dependants, dependants > 0 and workers < MAX_WORKERS):
            dependants -= 1
            workers += 1
            home += 1
        if falls_here(events, RETIREMENT, home, home > 0 and dependants < MAX_DEPENDANTS):
            workers -= 1
            home -= 1
            dependants += 1
        if falls_here(events, WORKER_DEATH, home, home > 0 and dependants + workers > 1):
            workers -= 1
            home -= 1
            deaths += 1
        if falls_here(events, LEAVING_WORKER, free_workers, home > 1):
            workers -= 1
            home -= 1
            pool_workers += 1
        if falls_here(events, LEAVING_DEPENDANT, free_dependants, dependants > 1):
            dependants -= 1
            pool_dependants += 1
        households.workers[row] = np.uint8(workers)
        households.dependants[row] = np.uint8(dependants)
    tally[T_WORKERS_AT_RISK] += workers_at_risk * weight
    tally[T_WORKERS_FREE] += workers_free * weight
    tally[T_DEPENDANTS_AT_RISK] += dependants_at_risk * weight
    tally[T_DEPENDANTS_FREE] += dependants_free * weight
    tally[T_BIRTHS] += births * weight
    tally[T_DEATHS] += deaths * weight
    tally[T_TO_POOL_WORKERS] += pool_workers * weight
    tally[T_TO_POOL_DEPENDANTS] += pool_dependants * weight


@inlined
def ties_and_houses(
    village: int, weight: int, slow, wage_index: float, villages, households, key: int, events, tally: np.ndarray
) -> None:
    """Ties form and decay, houses age and are built, expense shocks hit.

    Parameters
    ----------
    slow
        Month's values: ``tie_formation``, ``tie_decay``, ``house_ageing``, ``house_cost``, ``subsistence``,
        ``buffer_months``, ``shock_rate``, ``shock_months``, and what bounds credit, see
        `abm.kernels.choice.means_of`.
    wage_index
        Wage of the district against the wage that households hold.
    """
    formation = QUARTER * slow.tie_formation * villages.migrant_share[village]
    events.probability[TIE_FORMING] = formation
    events.probability[TIE_DECAYING] = QUARTER * slow.tie_decay
    events.probability[HOUSE_AGEING] = QUARTER * slow.house_ageing
    events.probability[SHOCK] = QUARTER * slow.shock_rate
    start_processes(events, TIE_FORMING, PROCESSES, key, village)
    levels = 0
    built = np.int64(0)
    shock_paid = np.int64(0)
    lent = np.int64(0)
    first = villages.first_row[village]
    awake = villages.awake[village]
    for row in range(first, first + awake):
        ties = np.int64(households.ties[row])
        absent = np.int64(households.away[row])
        away = absent - np.int64(households.dead[row]) - np.int64(households.in_city[row])
        if falls_here(events, TIE_FORMING, 1, ties < MAX_TIES):
            ties += 1
        if falls_here(events, TIE_DECAYING, ties, ties > (1 if away > 0 else 0)):
            ties -= 1
        households.ties[row] = np.uint8(ties)

        need = slow.subsistence * (households.workers[row] + households.dependants[row] - absent / weight)
        assets = np.int64(households.assets[row])
        house = np.int64(households.house[row])
        if falls_here(events, HOUSE_AGEING, house, house > 0):
            house -= 1
        if house == 0 and away > 0 and assets - slow.buffer_months * need >= slow.house_cost:
            assets -= np.int64(slow.house_cost)
            built += np.int64(slow.house_cost)
            house = HOUSE_LEVELS
        households.house[row] = np.uint8(house)
        levels += house

        if falls_here(events, SHOCK, 1, True):
            expense = np.int64(slow.shock_months * need)
            paid = min(expense, assets)
            assets -= paid
            pay = households.wage[row] * wage_index
            months = slow.credit_months * households.jobs[row] + slow.land_months * households.workers[row]
            limit = np.int64(months * pay + credit_line(row, slow)) - households.debt[row]
            loan = max(min(expense - paid, limit), 0)
            households.debt[row] += np.int32(loan)
            lent += loan
            shock_paid += paid + loan  # what neither savings nor credit cover is not consumed
        households.assets[row] = np.int32(assets)
    villages.visible[village] = np.float32(levels / (HOUSE_LEVELS * max(awake, 1)))
    tally[T_HOUSE_BUILDING] += built * weight
    tally[T_SHOCK] += shock_paid * weight
    tally[T_LOAN] += lent * weight


@kernel
def quarter_of_block(first_village, last_village, month, rates, villages, households, key, events, tally):
    """Give the villages of a block whose turn it is their quarter.

    Parameters
    ----------
    first_village, last_village
        Range of villages, the last one excluded.
    month
        Month of the run.
    rates, villages, households, key, events, tally
        As of `vital_events` and `ties_and_houses`.
    """
    weight = np.int64(rates.weight)
    for village in range(first_village, last_village):
        if (village + month) % QUARTER == 0:
            if rates.demography_on:
                vital_events(village, weight, rates, villages, households, key, events, tally)
            ties_and_houses(village, weight, rates, rates.wage_index, villages, households, key, events, tally)
