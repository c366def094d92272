"""Income, debt service, consumption and saving of the households of one village.

Every loop runs over the rows of one village in single precision, so that it fits into the nearest cache and into
vector registers. What is booked is always the whole rupees that were computed, so the ledger closes exactly.
"""

from __future__ import annotations

import numpy as np

from abm.kernels.choice import credit_line
from abm.kernels.compiled import inlined
from abm.kernels.states import MONEY_LIMIT

_LIMIT = np.int32(MONEY_LIMIT)
_ZERO = np.float32(0.0)


@inlined
def earn(wage, jobs, workers, wage_index, earned, potential):
    """Fill what is earned this month and what all workers would earn, PKR; returns the sum earned."""
    index = np.float32(wage_index)
    for i in range(wage.size):
        potential[i] = np.float32(workers[i]) * (wage[i] * index)
    total = np.int64(0)
    for i in range(wage.size):
        earned[i] = np.int32(np.float32(jobs[i]) * (wage[i] * index))
    for i in range(wage.size):
        total += earned[i]
    return total


@inlined
def add_transfer(income, members, subsistence, transfer):
    """Pay a cash transfer to households below twice their subsistence; returns the sum paid, PKR."""
    need = np.float32(2.0 * subsistence)
    total = np.int64(0)
    for i in range(income.size):
        paid = np.int32(transfer) if np.float32(income[i]) < need * members[i] else np.int32(0)
        income[i] += paid
        total += paid
    return total


@inlined
def fill_surplus(income, members, subsistence, surplus):
    """Fill income above subsistence, PKR; negative where it falls short."""
    need = np.float32(subsistence)
    for i in range(income.size):
        surplus[i] = np.float32(income[i]) - need * members[i]


@inlined
def fill_lines(first_row, rate, lines):
    """Fill the subsidised credit lines of the households of a village, PKR."""
    for i in range(lines.size):
        lines[i] = np.float32(credit_line(first_row + i, rate))


@inlined
def subsidise_interest(debt, lines, potential, subsidy, ceiling_months):
    """Let the government pay part of the interest on what is owed within the credit lines; returns the sum, PKR.

    Parameters
    ----------
    debt, lines, potential
        Debt (changed), credit lines and pay of all workers, PKR.
    subsidy
        Part of the interest a month that the government pays: ordinary less subsidised rate.
    ceiling_months
        As of `serve_debt`: where no interest is written, none is subsidised.
    """
    rate = np.float32(subsidy)
    months = np.float32(ceiling_months)
    total = np.int64(0)
    for i in range(debt.size):
        owed = debt[i]
        grows = (np.float32(owed) < months * potential[i]) & (owed < _LIMIT)
        within = min(np.float32(owed), lines[i])
        paid = np.int32(within * rate) if grows else np.int32(0)
        debt[i] = owed - paid
        total += paid
    return total


@inlined
def serve_debt(debt, surplus, potential, interest_rate, service_share, ceiling_months, repaid):
    """Add interest and repay out of the surplus.

    Parameters
    ----------
    debt, surplus, potential
        Debt (changed), income above subsistence, and pay of all workers, PKR.
    interest_rate, service_share
        Interest a month; share of the surplus that goes into debt service.
    ceiling_months
        Months of potential pay beyond which a lender writes nothing more on top: it can never be paid.
    repaid
        Output, PKR.

    Returns
    -------
    tuple of int
        Interest, repayment, and debt left, summed over the village.
    """
    rate = np.float32(interest_rate)
    share = np.float32(service_share)
    months = np.float32(ceiling_months)
    interest_total = np.int64(0)
    for i in range(debt.size):
        owed = debt[i]
        grows = (np.float32(owed) < months * potential[i]) & (owed < _LIMIT)
        interest = np.int32(np.float32(owed) * rate) if grows else np.int32(0)
        owed += interest
        interest_total += interest
        able = surplus[i] if surplus[i] > _ZERO else _ZERO
        payment = np.int32(share * able)
        payment = payment if payment < owed else owed
        repaid[i] = payment
        debt[i] = owed - payment
    repaid_total = np.int64(0)
    left = np.int64(0)
    for i in range(debt.size):
        repaid_total += repaid[i]
        left += debt[i]
    return interest_total, repaid_total, left


@inlined
def consume_and_save(
    assets, income, surplus, members, repaid, subsistence, consumed_share, buffer_months, drawdown, consumed
):
    """Consume, and add what is left to savings.

    Above subsistence a share of the rest of income is consumed, and some of the savings above the buffer; below it
    savings are used up to defend subsistence.

    Parameters
    ----------
    assets
        Savings, PKR; changed.
    income, surplus, members, repaid
        Income, income above subsistence, members at home, and debt repaid in the month.
    subsistence, consumed_share, buffer_months, drawdown
        See `abm.mechanisms.livelihood.LivelihoodParams`.
    consumed
        Output, PKR.

    Returns
    -------
    tuple of int
        Consumption and savings, summed over the village.

    References
    ----------
    Deaton (1991), "Saving and liquidity constraints": buffer stock.
    """
    need_each = np.float32(subsistence)
    share = np.float32(consumed_share)
    months = np.float32(buffer_months)
    speed = np.float32(drawdown)
    for i in range(assets.size):
        need = need_each * members[i]
        spare = np.float32(assets[i]) - months * need
        spare = spare if spare > _ZERO else _ZERO
        rich = need + share * (surplus[i] - np.float32(repaid[i])) + speed * spare
        consumed[i] = np.int32(rich if surplus[i] > _ZERO else need)
    consumed_total = np.int64(0)
    assets_total = np.int64(0)
    for i in range(assets.size):
        in_hand = assets[i] + income[i] - repaid[i]
        spent = consumed[i] if consumed[i] < in_hand else in_hand
        left = in_hand - spent
        excess = left - _LIMIT if left > _LIMIT else np.int32(0)
        assets[i] = left - excess
        spent += excess
        consumed_total += spent
        assets_total += left - excess
    return consumed_total, assets_total
