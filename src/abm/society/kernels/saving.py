"""Income, debt service, consumption and saving of one household.

Formulas in single precision and 32-bit integers without a branch, so that a loop over them fills vector registers.
What is booked is always the whole rupees that were computed, so the ledger closes exactly.
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.society.kernels.means import credit_line
from abm.world.codes import MONEY_LIMIT

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
def subsidy_on(debt, line, potential, rate, ceiling_months):
    """Part of the interest that the government pays on what is owed within a credit line, PKR.

    Parameters
    ----------
    debt, line, potential
        Debt, credit line and pay of all workers, PKR.
    rate
        Ordinary less subsidised interest a month.
    ceiling_months
        As of `interest_on`: where no interest is written, none is subsidised.
    """
    grows = (np.float32(debt) < ceiling_months * potential) & (debt < _LIMIT)
    within = np.float32(debt) if np.float32(debt) < line else line
    return np.int32(within * rate) if grows else _NOTHING


@inlined
def interest_on(debt, potential, rate, ceiling_months):
    """Interest of the month, PKR.

    Parameters
    ----------
    debt, potential
        Debt, and pay of all workers, PKR.
    rate
        Interest a month.
    ceiling_months
        Months of potential pay beyond which a lender writes nothing more on top: it can never be paid.
    """
    grows = (np.float32(debt) < ceiling_months * potential) & (debt < _LIMIT)
    return np.int32(np.float32(debt) * rate) if grows else _NOTHING


@inlined
def repayment_of(debt, margin, share):
    """Repayment out of the margin, a share of it until nothing is owed, PKR."""
    able = margin if margin > _ZERO else _ZERO
    payment = np.int32(share * able)
    return payment if payment < debt else debt


@inlined
def consumption_of(assets, in_hand, margin, need, repaid, share, buffer_months, drawdown):
    """Consumption, PKR; what is left of `in_hand` is saved.

    Above subsistence a share of the rest of income is consumed, and some of the savings above the buffer; below it
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
    rich = need + share * (margin - np.float32(repaid)) + drawdown * spare
    wanted = np.int32(rich if margin > _ZERO else need)
    spent = wanted if wanted < in_hand else in_hand
    left = np.int32(in_hand - spent)
    excess = np.int32(left - _LIMIT)
    return np.int32(spent + (excess if excess > _NOTHING else _NOTHING))
