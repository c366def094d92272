"""What guides and boats earn an office, against what they cost."""

from __future__ import annotations

from collections import namedtuple

from abm.engine.compiled import driver, inlined
from abm.routes.kernels.contract import attempt_cost, office_rates
from abm.world.codes import CREDIT, ESCROW

Reckoning = namedtuple(
    "Reckoning",
    [
        "demand", "danger", "priced_danger", "recovery", "prices", "holder_share", "associate_share", "conscience",
        "boat_loss", "boats_stake",
    ],
)  # fmt: skip
"""What all offices reckon with: by route clients who left over the weight of offers, odds of death at sea now and as
boats are priced, share of loans recovered; `abm.market.kernels.payments.Prices`; shares that holders of deposits and
agents keep; part of a client's loss that integrity makes the office's own; PKR lost with a boat by passenger who dies,
and at stake where usual boats pay."""


@inlined
def stake_of(scheme, fee, advance, integrity, record, recovery, month):
    """PKR that a broken contract costs an office: fee not received, its part of the client's loss, its reputation."""
    due, lost = 0.0, fee
    if scheme == ESCROW:
        due, lost = fee * (1.0 - month.holder_share), 0.0
    elif scheme == CREDIT:
        due, lost = (fee - advance) * recovery, advance
    return due * (1.0 - month.associate_share) + month.conscience * integrity * lost + record


@driver
def weigh_care(offices, rows, offer_of, fee, advance, weight, record, month, odds, guides, boats):
    """Find the guides and boats at which a little more care costs as much as it earns.

    Cost is quadratic in care, and what is avoided is in proportion to it; so the best care is the ratio of the two
    slopes. The office takes its prices, and the weight of its offers, as given. `rows` are open offices;
    `offer_of` is the number of the offer by route and open office, with PKR and weight in a client's choice of each by
    payment scheme; `record` is PKR that a contract not fulfilled costs by the record, by open office; `odds` are
    `abm.market.offers.ContractOdds`. Output by row: care that pays, 0 to 1. Boats stay where no route goes by sea.

    References
    ----------
    ODD submodel "Offices"; care and reputation as in Shapiro (1983), the response to safety as in Peltzman (1975);
    Deiana, Maheshri and Mastrobuoni (2024) on smugglers and rescue at sea.
    """
    best = odds.success.shape[1] - 1
    usual = best // 2
    for j in range(rows.size):
        o = rows[j]
        earned, cost, saved, needed = 0.0, 0.0, 0.0, 0.0
        rates = office_rates(0.0, 0.5, month.prices.document, offices.forgery[o])
        for r in range(offer_of.shape[0]):
            n = offer_of[r, j]
            if n < 0:
                continue
            passage, bribes, documents = attempt_cost(
                month.prices.passage[r], month.prices.bribes[r], month.prices.documents[r], rates
            )
            attempt = passage + bribes + documents
            for s in range(3):
                wanted = weight[n, s] * month.demand[r]
                if not wanted > 0.0:
                    continue
                stake = stake_of(s, fee[n, s], advance[n, s], offices.integrity[o], record[j], month.recovery[r], month)
                arrive = odds.success[r, best, s] - odds.success[r, 0, s]
                spared = odds.used[r, 0, s] - odds.used[r, best, s]
                used = odds.used[r, usual, s]
                earned += wanted * (arrive * stake + spared * attempt)
                cost += wanted * 2.0 * month.prices.quality_cost * passage * used
                saved += wanted * used * month.danger[r] * (stake + month.boat_loss)
                needed += wanted * used * month.priced_danger[r] * month.boats_stake
        if earned > 0.0:
            guides[o] = min(earned / cost, 1.0) if cost > 0.0 else 1.0
        if needed > 0.0:
            boats[o] = min(0.5 * saved / needed, 1.0)
