"""What the mechanisms of the market work out each month and hand on to kernels.

Records that kernels take are declared in this layer or beside the kernels: compiled code is kept by a hash of these two
(`abm.kernels`), so a field that is added or moved never meets code compiled for another.
"""

from __future__ import annotations

from collections import namedtuple

Terms = namedtuple(
    "Terms",
    [
        "attempts", "care_cost", "document_cost", "holder_share", "advance_share", "credit_premium", "credit_reserve",
        "capital_cost", "escrow_open", "distrust", "escrow_trust", "credit_trust", "success_weight",
        "cost_weight", "cost_scale", "credit_taste", "wait_weight",
    ],
)  # fmt: skip
"""Terms of the month, the same for all offices; see `OffersParams`."""

Alone = namedtuple("Alone", ["cost", "success", "death", "weight"])
"""Going without an office, by route: PKR, chance of arrival and of death, weight in the choice."""

Summary = namedtuple("Summary", ["entry", "cost", "success", "death", "months", "served", "fee"])
"""What reaches a district, by district and route; see `abm.market.kernels.offers.summarise`."""

Offered = namedtuple(
    "Offered",
    [
        "rows", "serving", "start", "nearness", "offer_of", "fee", "advance", "weight", "success", "death", "alone",
        "summary",
    ],
)  # fmt: skip
"""All offers of the month; arrays as in `abm.market.kernels.offers`."""

ContractOdds = namedtuple("ContractOdds", ["success", "log_success", "used", "death", "months"])
"""Fates of contracts, see `abm.routes.kernels.contract.contracts_by_care`."""

Own = namedtuple("Own", ["interception", "death", "extortion", "ransom_months"])
"""Multiples of the odds for who travels without an office, and months that the held are held at first."""

LegKeys = namedtuple("LegKeys", ["death", "interception", "extortion"])
"""Keys of the month."""

Caught = namedtuple("Caught", ["office", "persons", "leg", "district", "row", "route"])
"""Who was stopped in the month: office (-1 if none), persons, leg, home district, household, route."""

Drive = namedtuple("Drive", ["hazard", "debt", "ties", "sanction", "loyalty"])
"""Parameters that the kernel takes, see `RepeatParams`."""

Heard = namedtuple("Heard", ["found", "kinds", "count", "by_district"])
"""Villages with news of their own and what they hear; sums by district in persons; see `abm.beliefs.kernels.beliefs`."""
