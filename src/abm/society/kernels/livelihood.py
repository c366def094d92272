"""Income, debt service, saving and means of one household, and relative deprivation within its village.

What the monthly loop uses is in single precision and 32-bit integers without a branch, so that it fills vector
registers. What is booked is always the whole rupees that were computed, so the ledger closes exactly.
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.engine.random import uniform
from abm.world.codes import INCOME_CLASSES, INCOME_STEP_BITS, INCOME_STEPS, MONEY_LIMIT, MOST_TIES

_LIMIT = np.int32(MONEY_LIMIT)
_ZERO = np.float32(0.0)
_NOTHING = np.int32(0)


@inlined
def pay_of(persons, pay):
    """Pay of so many workers, whole PKR."""
    return np.int32(np.float32(persons) * pay)


@inlined
def transfer_to(income, need, transfer):
    """Cash transfer to a household whose income is below twice its subsistence `need`, PKR."""
    return transfer if np.float32(income) < need + need else _NOTHING


@inlined
def fill_lines(first_row, rate, lines):
    """Fill the subsidised credit lines of the households of a village, PKR."""
    for i in range(lines.size):
        lines[i] = np.float32(credit_line(first_row + i, rate))


@inlined
def accrues(debt, potential, ceiling_months):
    """Whether interest is written: not on a debt beyond so many months of pay, which can never be paid."""
    return (np.float32(debt) < ceiling_months * potential) & (debt < _LIMIT)


@inlined
def interest_on(debt, potential, rate, ceiling_months):
    """Interest of the month, PKR, at a `rate` a month; `potential` is the pay of all workers."""
    return np.int32(np.float32(debt) * rate) if accrues(debt, potential, ceiling_months) else _NOTHING


@inlined
def subsidy_on(debt, line, potential, rate, ceiling_months):
    """Part of the interest that the government pays on what is owed within a credit line, PKR.

    `rate` is the ordinary less the subsidised interest a month. Where no interest is written, none is subsidised.
    """
    within = np.float32(debt) if np.float32(debt) < line else line
    return np.int32(within * rate) if accrues(debt, potential, ceiling_months) else _NOTHING


@inlined
def repayment_of(debt, margin, income, share, least, owing):
    """Repayment until nothing is owed, PKR: a share of the margin, and a share of income at least.

    `owing` is the share of households that repay; see `share_in_debt`.
    """
    able, must = share * margin, least * np.float32(income)
    payment = np.int32(owing * (able if able > must else must))
    return payment if payment < debt else debt


@inlined
def consumption_of(assets, in_hand, margin, need, repaid, share, buffer_months, drawdown):
    """Consumption, PKR; what is left of `in_hand` is saved.

    Above subsistence a share of what repayment leaves is consumed, and some of the savings above the buffer; below it
    savings are used up to defend subsistence. What no household could hold is consumed too.

    Parameters
    ----------
    assets, in_hand
        Savings at the start of the month; these with income and less what was repaid.
    margin, need, repaid
        Income above subsistence, subsistence, and debt repaid in the month.
    share, buffer_months, drawdown
        See `abm.society.livelihood.LivelihoodParams`.

    References
    ----------
    Deaton (1991), "Saving and liquidity constraints": buffer stock.
    """
    spare = np.float32(assets) - buffer_months * need
    spare = spare if spare > _ZERO else _ZERO
    left_over = margin - np.float32(repaid)
    left_over = left_over if left_over > _ZERO else _ZERO
    rich = need + share * left_over + drawdown * spare
    wanted = np.int32(rich if margin > _ZERO else need)
    spent = wanted if wanted < in_hand else in_hand
    left = np.int32(in_hand - spent)
    excess = np.int32(left - _LIMIT)
    return np.int32(spent + (excess if excess > _NOTHING else _NOTHING))


@inlined
def need_at_home(row: int, rate, households) -> float:
    """Subsistence of the members at home of a household, PKR a month."""
    members = np.float64(np.int64(households.workers[row]) + households.dependants[row])
    return rate.subsistence * (members - households.away[row] / rate.weight)


@inlined
def spare_savings(row: int, rate, households) -> float:
    """Savings that a departure may use up: those above what the members at home keep for it, PKR."""
    return max(households.assets[row] - rate.departure_buffer * need_at_home(row, rate, households), 0.0)


@inlined
def credit_line(row: int, rate) -> float:
    """Subsidised credit line of a household, PKR; 0 for those who do not take it up.

    Who takes it up is drawn once and for all, by a key that does not change with the month.
    """
    if rate.credit_line <= 0.0 or uniform(rate.take_up_key, row) >= rate.take_up:
        return 0.0
    return rate.credit_line


@inlined
def land_share(group):
    """Land and jewellery of a fifth (0 poorest) by permanent income, in months of pay relative to the mean of all.

    The shares rise by equal steps. Source: assumed; about half of rural households own no land.
    """
    return np.float32(0.4) + np.float32(0.3) * np.float32(group)


@inlined
def room_with_lenders(row: int, rate, households) -> float:
    """Credit that lenders give on pay, transfers, land and a subsidised line, less what is owed, PKR; may be below 0.

    Lenders go by usual pay: a bad year lowers neither what land is worth nor how much they trust a job to earn. They
    lend on a cash transfer where pay at home entitles to one, whatever is sent from abroad.

    References
    ----------
    Angelucci (2015), "Migration and financial constraints": transfers are pledged for the cost of migration.
    """
    land = rate.land_months * land_share(households.wealth_group[row]) * households.workers[row]
    months = rate.credit_months * households.jobs[row]
    pledged = 0.0
    if rate.transfer > 0:
        paid = pay_of(households.jobs[row], households.wage[row] * np.float32(rate.wage_index))
        need = np.float32(need_at_home(row, rate, households))
        pledged = rate.credit_months * transfer_to(paid, need, np.int32(rate.transfer))
    lent = (months + land) * rate.usual_wage * households.wage[row] + credit_line(row, rate)
    return lent + pledged - households.debt[row]


@inlined
def means_of(row: int, rate, households) -> float:
    """Money that a household can raise for a departure, PKR: savings that it may use up, and credit not yet used.

    Lenders look at wages, transfers, land and relatives abroad; a subsidised line, where policy offers one, is on top.
    See `abm.society.livelihood`.
    """
    credit = room_with_lenders(row, rate, households) + rate.tie_credit * min(np.int64(households.ties[row]), MOST_TIES)
    return spare_savings(row, rate, households) + max(credit, 0.0)


def income_class_table() -> np.ndarray:
    """Class of each step of 2,048 PKR: single steps at first, wider ones above, as incomes are skewed."""
    edges = np.array([1, 2, 3, 5, 7, 9, 12, 15, 19, 24, 30, 38, 50, 70, 100])  # in steps
    return np.searchsorted(edges, np.arange(INCOME_STEPS), side="right").astype(np.uint8)


def income_class_values() -> np.ndarray:
    """Mid income of each class, PKR a month."""
    table = income_class_table()
    steps = np.arange(INCOME_STEPS) + 0.5
    return np.array([steps[table == k].mean() for k in range(INCOME_CLASSES)]) * (1 << INCOME_STEP_BITS)


@inlined
def relative_deprivation(counts: np.ndarray, values: np.ndarray, deprivation: np.ndarray) -> None:
    """Fill the Yitzhaki deprivation of each class, relative to mean income.

    Parameters
    ----------
    counts
        Households of the village by income class, shape (INCOME_CLASSES,).
    values
        Mid income of the classes, PKR a month.
    deprivation
        Output: sum over richer classes of (their income - own) x their share, over mean income, capped at 2.

    References
    ----------
    Yitzhaki (1979), "Relative deprivation and the Gini coefficient"; Stark and Taylor (1991).
    """
    households = 0
    income = 0.0
    for k in range(INCOME_CLASSES):
        households += counts[k]
        income += counts[k] * values[k]
    if households == 0 or income <= 0.0:
        for k in range(INCOME_CLASSES):
            deprivation[k] = 0.0
        return
    richer = 0.0
    richer_income = 0.0
    for k in range(INCOME_CLASSES - 1, -1, -1):
        deprivation[k] = min((richer_income - richer * values[k]) / income, 2.0)
        richer += counts[k]
        richer_income += counts[k] * values[k]
