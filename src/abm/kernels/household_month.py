"""What every household does every month: work, earn, consume, save, wish, consider. The hot loop of the model."""

from __future__ import annotations

import numpy as np
from numba import njit

from abm.kernels.income_classes import relative_deprivation
from abm.kernels.members_away import members_away_month
from abm.kernels.random import uniform
from abm.kernels.states import (
    FIXED_POINT,
    INCOME_CLASSES,
    INCOME_STEP_BITS,
    INCOME_STEPS,
    MONEY_LIMIT,
    T_ASPIRATION,
    T_ASPIRING,
    T_ASSETS,
    T_AWAY,
    T_CONSIDERING,
    T_CONSUMPTION,
    T_DEBT,
    T_DEMONSTRATION,
    T_DOMESTIC_REMITTANCES,
    T_HOUSE_LEVELS,
    T_HOUSEHOLDS,
    T_IMMOBILE,
    T_INCOME,
    T_INTEREST,
    T_JOBS,
    T_MEMBERS,
    T_REMITTANCES,
    T_REPAYMENT,
    T_TIES,
    T_TRANSFER,
    T_WAGES,
    T_WITH_MIGRANT,
    T_WORKERS,
)
from abm.kernels.village_quarter import QUARTER, ties_and_houses, vital_events

LOGISTIC_SPAN = 8.0
LOGISTIC_STEPS_A_UNIT = 64.0


@njit(cache=True)
def look_up_logistic(x: float, table: np.ndarray) -> float:
    """Logistic function from a table of steps of 1/64 on [-8, 8] (error below 0.002)."""
    return table[int((min(max(x, -LOGISTIC_SPAN), LOGISTIC_SPAN) + LOGISTIC_SPAN) * LOGISTIC_STEPS_A_UNIT)]


@njit(cache=True)
def village_month(
    village: int,
    weight: int,
    rate,
    remitted,
    remitted_domestic,
    villages,
    households,
    tables,
    key: int,
    deprivation,
    counts,
    chosen,
    tally,
):
    """Advance the households of one village by one month.

    Parameters
    ----------
    village, weight
        Village and households that one row stands for.
    rate
        Month's values in the village's district (`DistrictMonth`).
    remitted, remitted_domestic
        PKR received by one household, by row within the village.
    villages, households
        Columns, changed in place.
    tables
        Constant look-up tables: ``logistic``, ``income_class``, ``income_value``.
    key
        Key of the stream of considering.
    deprivation, counts
        Work space of shape (INCOME_CLASSES,).
    chosen
        Output: rows of the households that consider sending a member away.
    tally
        Added to.

    Returns
    -------
    int
        Number of rows written to `chosen`.
    """
    relative_deprivation(villages.income_counts[village], tables.income_value, deprivation)
    counts[:] = 0
    first = villages.first_row[village]
    awake = np.int64(villages.awake[village])
    field = np.float64(villages.demonstration[village])
    wish = rate.baseline + rate.demonstration * field
    # random starts of job loss and job finding in the village (systematic sampling, see village_quarter)
    losing = uniform(key, -2 * village - 1)
    finding = uniform(key, -2 * village - 2)
    members_total = workers_total = away_total = jobs_total = with_migrant = 0
    aspiring = immobile = found = ties_total = 0
    assets_total = debt_total = income_total = wages_total = 0
    abroad_total = domestic_total = transfer_total = consumed_total = interest_total = repaid_total = 0
    aspiration_total = 0.0
    for local in range(awake):
        row = first + local
        workers = np.int64(households.workers[row])
        dependants = np.int64(households.dependants[row])
        away = np.int64(households.away[row])
        jobs = np.int64(households.jobs[row])
        at_home = workers
        members = np.float64(workers + dependants)
        if away > 0:
            at_home = (workers * weight - away) // weight
            members -= away / weight
            with_migrant += min(away - households.dead[row], weight)
            away_total += away

        # labour turnover
        jobs = min(jobs, at_home)
        losing += rate.separation * jobs
        if losing >= 1.0 and jobs > 0:
            losing -= 1.0
            jobs -= 1
        finding += rate.finding * (at_home - jobs)
        if finding >= 1.0 and jobs < at_home:
            finding -= 1.0
            jobs += 1
        households.jobs[row] = np.uint8(jobs)

        # income, consumption and saving
        pay = households.wage[row] * rate.wage_index
        earned = np.int64(jobs * pay)
        received = np.int64(remitted[local])
        from_city = np.int64(remitted_domestic[local])
        income = earned + received + from_city
        need = rate.subsistence * members
        if rate.transfer > 0 and income < 2.0 * need:
            income += rate.transfer
            transfer_total += rate.transfer
        assets = np.int64(households.assets[row])
        debt = np.int64(households.debt[row])
        surplus = income - need
        buffer = rate.buffer_months * need
        spare = max(assets - buffer, 0.0)
        repaid = 0
        if debt > 0:
            ceiling = 2.0 * (rate.credit_months + rate.land_months) * workers * pay
            if debt < ceiling:  # a lender writes nothing more on top of what can never be paid
                interest = np.int64(debt * rate.interest)
                debt += interest
                interest_total += interest
            if surplus > 0.0:
                repaid = min(debt, np.int64(rate.service_share * surplus))
                debt -= repaid
                repaid_total += repaid
            households.debt[row] = np.int32(min(debt, MONEY_LIMIT))
            debt_total += debt
        if surplus > 0.0:
            consumed = np.int64(need + rate.consumed_share * (surplus - repaid) + rate.drawdown * spare)
        else:
            consumed = min(np.int64(need), income + assets)
        assets += income - consumed - repaid
        if assets > MONEY_LIMIT:
            consumed += assets - MONEY_LIMIT
            assets = MONEY_LIMIT
        households.assets[row] = np.int32(assets)

        # aspiration
        income_class = tables.income_class[min(income >> INCOME_STEP_BITS, INCOME_STEPS - 1)]
        counts[income_class] += 1
        ties = np.int64(households.ties[row])
        surplus_share = (at_home - jobs) / max(workers, 1)
        target = look_up_logistic(
            wish
            + rate.taste * households.taste[row]
            + rate.deprivation * deprivation[income_class]
            + rate.surplus * surplus_share
            + rate.ties * min(ties, 4),
            tables.logistic,
        )
        aspiration = np.float64(households.aspiration[row])
        aspiration += rate.adjustment * (target - aspiration)
        households.aspiration[row] = np.float32(aspiration)
        if at_home > 0:
            if aspiration > rate.threshold:
                aspiring += 1
                credit = (
                    rate.credit_months * earned
                    + rate.land_months * workers * pay
                    + rate.tie_credit * min(ties, 4)
                    - debt
                )
                if max(assets - buffer, 0.0) + max(credit, 0.0) < rate.cheapest:
                    immobile += 1
            if uniform(key, row) < rate.consideration * aspiration:
                chosen[found] = row
                found += 1

        members_total += workers + dependants
        workers_total += workers
        jobs_total += jobs
        ties_total += ties
        aspiration_total += aspiration
        assets_total += assets
        income_total += income
        wages_total += earned
        abroad_total += received
        domestic_total += from_city
        consumed_total += consumed
    villages.income_counts[village, :] = counts
    villages.migrant_share[village] = np.float32(with_migrant / (weight * max(awake, 1)))
    tally[T_HOUSEHOLDS] += awake * weight
    tally[T_MEMBERS] += members_total * weight
    tally[T_WORKERS] += workers_total * weight
    tally[T_AWAY] += away_total
    tally[T_JOBS] += jobs_total * weight
    tally[T_ASPIRATION] += np.int64(aspiration_total * FIXED_POINT) * weight
    tally[T_ASPIRING] += aspiring * weight
    tally[T_IMMOBILE] += immobile * weight
    tally[T_WITH_MIGRANT] += with_migrant
    tally[T_HOUSE_LEVELS] += np.int64(villages.visible[village] * awake * FIXED_POINT) * weight
    tally[T_TIES] += ties_total * weight
    tally[T_ASSETS] += assets_total * weight
    tally[T_DEBT] += debt_total * weight
    tally[T_INCOME] += income_total * weight
    tally[T_WAGES] += wages_total * weight
    tally[T_REMITTANCES] += abroad_total * weight
    tally[T_DOMESTIC_REMITTANCES] += domestic_total * weight
    tally[T_TRANSFER] += transfer_total * weight
    tally[T_CONSUMPTION] += consumed_total * weight
    tally[T_INTEREST] += interest_total * weight
    tally[T_REPAYMENT] += repaid_total * weight
    tally[T_CONSIDERING] += found * weight
    tally[T_DEMONSTRATION] += np.int64(field * awake * FIXED_POINT) * weight
    return found


@njit(nogil=True, cache=True)
def household_month(
    first_block,
    last_block,
    blocks,
    district_month,
    abroad,
    villages,
    households,
    away,
    tables,
    keys,
    chosen,
    chosen_count,
    tally,
    stock,
    longest,
):
    """Advance a range of blocks by one month; a block is a run of villages of one district.

    Parameters
    ----------
    first_block, last_block
        Range of blocks, the last one excluded.
    blocks
        ``district``, ``first_village``, ``last_village`` of each block.
    district_month
        Month's values by district, record array of dtype `DISTRICT_MONTH`.
    abroad
        Month's values by destination and status, see `members_away_month`.
    villages, households, away, tables
        Columns and tables.
    keys
        ``month``, and the keys ``village``, ``consider``, ``abroad``.
    chosen, chosen_count
        Output: rows that consider, each block's from the first row of the block on; how many.
    tally, stock
        Output: shape (blocks, TALLY_COUNT) and (blocks, destinations, statuses); set, not added to.
    longest
        Rows of the longest village, for work space.
    """
    remitted = np.zeros(longest, np.int32)
    remitted_domestic = np.zeros(longest, np.int32)
    deprivation = np.zeros(INCOME_CLASSES)
    counts = np.zeros(INCOME_CLASSES, np.uint16)
    for block in range(first_block, last_block):
        rate = district_month[blocks.district[block]]
        weight = np.int64(rate.weight)
        tally[block, :] = 0
        stock[block, :, :] = 0
        start = villages.first_row[blocks.first_village[block]]
        found = 0
        for village in range(blocks.first_village[block], blocks.last_village[block]):
            if (village + keys.month) % QUARTER == 0:
                if rate.demography_on:
                    vital_events(village, weight, rate, villages, households, keys.village, tally[block])
                ties_and_houses(
                    village, weight, rate, rate.wage_index, villages, households, keys.village, tally[block]
                )
            any_away = villages.segment_count[village] > 0
            if any_away:
                members_away_month(
                    village,
                    weight,
                    abroad.domestic,
                    villages,
                    households,
                    away,
                    abroad,
                    keys.abroad,
                    remitted,
                    remitted_domestic,
                    tally[block],
                    stock[block],
                )
            found += village_month(
                village,
                weight,
                rate,
                remitted,
                remitted_domestic,
                villages,
                households,
                tables,
                keys.consider,
                deprivation,
                counts,
                chosen[start + found :],
                tally[block],
            )
            if any_away:
                remitted[: villages.awake[village]] = 0
                remitted_domestic[: villages.awake[village]] = 0
        chosen_count[block] = found
