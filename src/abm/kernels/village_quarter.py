"""Slow changes of one village, once a quarter: vital events, ties, houses and expense shocks.

Events are drawn by systematic sampling (Madow 1949): the expected number of events is added up along the
households and an event falls wherever the sum passes the next whole number, from a random start. Every household
has exactly its own probability; the number of events in a village stays within one of its expectation, so that
district populations follow the censuses closely even in small samples.
"""

from __future__ import annotations

import numpy as np
from numba import njit

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

QUARTER = 3


@njit(cache=True)
def _start(key: int, village: int, process: int) -> float:
    """Random start of one process of events in one village."""
    return uniform(mix(np.uint64(key) ^ np.uint64(process + 1)), village)


@njit(cache=True)
def vital_events(village: int, weight: int, rates, villages, households, key: int, tally: np.ndarray) -> None:
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
    tally
        Added to, in persons.
    """
    birth = _start(key, village, 0)
    dependant_death = _start(key, village, 1)
    coming_of_age = _start(key, village, 2)
    retirement = _start(key, village, 3)
    worker_death = _start(key, village, 4)
    leaving_worker = _start(key, village, 5)
    leaving_dependant = _start(key, village, 6)
    births = 0
    deaths = 0
    workers_at_risk = workers_free = dependants_at_risk = dependants_free = 0
    pool_workers = 0
    pool_dependants = 0
    first = villages.first_row[village]
    for row in range(first, first + villages.awake[village]):
        workers = np.int64(households.workers[row])
        dependants = np.int64(households.dependants[row])
        away = np.int64(households.away[row])
        home = workers if away == 0 else (workers * weight - away) // weight
        birth += QUARTER * rates.birth * (home + dependants)
        dependant_death += QUARTER * rates.dependant_death * dependants
        coming_of_age += QUARTER * rates.coming_of_age * dependants
        retirement += QUARTER * rates.retirement * home
        worker_death += QUARTER * rates.worker_death * home
        workers_at_risk += home
        dependants_at_risk += dependants
        if home > 1:
            leaving_worker += QUARTER * rates.leaving_worker * home
            workers_free += home
        if dependants > 1:
            leaving_dependant += QUARTER * rates.leaving_dependant * dependants
            dependants_free += dependants
        if birth >= 1.0 and dependants < MAX_DEPENDANTS:
            birth -= 1.0
            dependants += 1
            births += 1
        if dependant_death >= 1.0 and dependants > 0 and dependants + workers > 1:
            dependant_death -= 1.0
            dependants -= 1
            deaths += 1
        if coming_of_age >= 1.0 and dependants > 0 and workers < MAX_WORKERS:
            coming_of_age -= 1.0
            dependants -= 1
            workers += 1
            home += 1
        if retirement >= 1.0 and home > 0 and dependants < MAX_DEPENDANTS:
            retirement -= 1.0
            workers -= 1
            home -= 1
            dependants += 1
        if worker_death >= 1.0 and home > 0 and dependants + workers > 1:
            worker_death -= 1.0
            workers -= 1
            home -= 1
            deaths += 1
        if leaving_worker >= 1.0 and home > 1:
            leaving_worker -= 1.0
            workers -= 1
            home -= 1
            pool_workers += 1
        if leaving_dependant >= 1.0 and dependants > 1:
            leaving_dependant -= 1.0
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


@njit(cache=True)
def ties_and_houses(
    village: int, weight: int, slow, wage_index: float, villages, households, key: int, tally: np.ndarray
) -> None:
    """Ties form and decay, houses age and are built, expense shocks hit.

    Parameters
    ----------
    slow
        Month's values: ``tie_formation``, ``tie_decay``, ``house_ageing``, ``house_cost``, ``subsistence``,
        ``buffer_months``, ``shock_rate``, ``shock_months``, ``credit_months``, ``land_months``.
    wage_index
        Wage of the district against the wage that households hold.
    """
    forming = _start(key, village, 7)
    decaying = _start(key, village, 8)
    ageing = _start(key, village, 9)
    shock = _start(key, village, 10)
    formation = QUARTER * slow.tie_formation * villages.migrant_share[village]
    levels = 0
    built = np.int64(0)
    shock_paid = np.int64(0)
    lent = np.int64(0)
    first = villages.first_row[village]
    awake = villages.awake[village]
    for row in range(first, first + awake):
        ties = np.int64(households.ties[row])
        away = np.int64(households.away[row]) - np.int64(households.dead[row])
        forming += formation
        decaying += QUARTER * slow.tie_decay * ties
        if forming >= 1.0 and ties < MAX_TIES:
            forming -= 1.0
            ties += 1
        if decaying >= 1.0 and ties > (1 if away > 0 else 0):
            decaying -= 1.0
            ties -= 1
        households.ties[row] = np.uint8(ties)

        need = slow.subsistence * (households.workers[row] + households.dependants[row])
        assets = np.int64(households.assets[row])
        house = np.int64(households.house[row])
        ageing += QUARTER * slow.house_ageing * house
        if ageing >= 1.0 and house > 0:
            ageing -= 1.0
            house -= 1
        if house == 0 and away > 0 and assets - slow.buffer_months * need >= slow.house_cost:
            assets -= np.int64(slow.house_cost)
            built += np.int64(slow.house_cost)
            house = HOUSE_LEVELS
        households.house[row] = np.uint8(house)
        levels += house

        shock += QUARTER * slow.shock_rate
        if shock >= 1.0:
            shock -= 1.0
            expense = np.int64(slow.shock_months * need)
            paid = min(expense, assets)
            assets -= paid
            earnings = households.workers[row] * households.wage[row] * wage_index
            limit = np.int64((slow.credit_months + slow.land_months) * earnings) - households.debt[row]
            loan = max(min(expense - paid, limit), 0)
            households.debt[row] += np.int32(loan)
            lent += loan
            shock_paid += paid + loan  # what neither savings nor credit cover is not consumed
        households.assets[row] = np.int32(assets)
    villages.visible[village] = np.float32(levels / (HOUSE_LEVELS * max(awake, 1)))
    tally[T_HOUSE_BUILDING] += built * weight
    tally[T_SHOCK] += shock_paid * weight
    tally[T_LOAN] += lent * weight
