"""Monthly values that market mechanisms prepare for kernels.

Records that kernels take are declared here or beside the kernels. Compiled code is kept under a hash of both
(`abm.engine.kernel_cache`), so that a field added or moved never meets code compiled for the old record.
"""

from __future__ import annotations

from collections import namedtuple

Terms = namedtuple(
    "Terms",
    [
        "attempts", "quality_cost", "document_cost", "holder_share", "advance_share", "credit_premium", "credit_reserve",
        "capital_cost", "escrow_open", "distrust", "escrow_trust", "credit_trust", "success_weight",
        "cost_weight", "cost_scale", "credit_taste", "wait_weight",
    ],
)  # fmt: skip
"""Terms of the month, the same for all offices; see `OffersParams`."""

Alone = namedtuple("Alone", ["cost", "success", "death", "weight"])
"""Travel without an office, by route: PKR, chance of arrival and of death, weight in the choice."""

Summary = namedtuple("Summary", ["entry", "cost", "success", "death", "months", "served", "fee"])
"""Summary of the offers that reach each district, by district and route; see `abm.market.kernels.offers.summarise`."""

Offered = namedtuple(
    "Offered",
    [
        "rows", "serving", "start", "nearness", "offer_of", "fee", "advance", "weight", "success", "death", "alone",
        "summary",
    ],
)  # fmt: skip
"""All offers of the month; arrays as in `abm.market.kernels.offers`."""

ContractOdds = namedtuple("ContractOdds", ["success", "log_success", "used", "death", "months"])
"""Outcomes of contracts, see `abm.routes.kernels.contract.contracts_by_care`."""
