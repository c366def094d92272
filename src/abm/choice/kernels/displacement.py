"""Loss and compensation of households that are displaced."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel
from abm.engine.random import uniform
from abm.world.codes import MONEY_LIMIT


@kernel
def displace(rows, assets_lost, work_lost, compensation, key, households):
    """Take savings and work from displaced households, and compensate them.

    Parameters
    ----------
    rows, households
        Households, and columns; ``assets`` and ``jobs`` change.
    assets_lost, work_lost
        Share of savings that each loses, and share of the households whose members all lose their work.
    compensation
        PKR of 2017 that each is paid; savings stay below `MONEY_LIMIT`.
    key
        Key of the stream; a household has one draw for good.

    Returns
    -------
    tuple of int
        PKR lost and PKR paid, one household a row.
    """
    lost = np.int64(0)
    paid = np.int64(0)
    for k in range(rows.size):
        row = rows[k]
        savings = np.int64(households.assets[row])
        taken = np.int64(np.floor(assets_lost * savings))
        given = min(np.int64(compensation), np.int64(MONEY_LIMIT) - (savings - taken))
        households.assets[row] = np.int32(savings - taken + given)
        lost += taken
        paid += given
        if uniform(key, 1_000_000_000_000 + row) < work_lost:
            households.jobs[row] = 0
    return lost, paid
