"""Parameters of offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.declare import Params, param

if TYPE_CHECKING:
    pass


class OffersParams(Params):
    """Terms of contracts, and clients' preferences over them."""

    attempts_upfront: int = param(
        2, unit="attempt", bounds=(1, 6), source="assumed; up to three by smuggling_finance_terms.csv", systems=("S7",)
    )
    """Attempts that a fee paid upfront includes."""

    attempts_escrow: int = param(3, unit="attempt", bounds=(1, 6), source="S_DAWN_324037", systems=("S7",))
    """Attempts included when the fee is held by a third party until arrival."""

    attempts_credit: int = param(2, unit="attempt", bounds=(1, 6), source="assumed", systems=("S7",))
    """Attempts included when the office lends the fee."""

    quality_cost: float = param(0.30, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Cost of passage of an office of the best service quality, above that of one of the worst."""

    quality_effect: float = param(0.50, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S8"))
    """Odds of interception and death with an office of the worst service quality, above those with one of the best."""

    document_cost: float = param(
        450_000.0,
        unit="PKR of 2017",
        bounds=(0.0, 3e6),
        source="assumed; gap between prices by air with documents and by land, S_TELLER_2019",
        systems=("S7",),
    )
    """Price of a forged or bought document from a forger of average skill."""

    holder_share: float = param(0.03, unit="share", bounds=(0.0, 0.3), source="assumed", systems=("S7",))
    """Share of a deposit that its holder keeps, whatever the result of the journey."""

    advance_share: float = param(
        0.45,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; 57 to 83 % in smuggling_finance_terms.csv",
        systems=("S7",),
    )
    """Share of a fee on credit that is due at departure."""

    credit_premium: float = param(0.15, unit="share of cost", bounds=(0.0, 2.0), source="assumed", systems=("S7",))
    """Markup that lenders add."""

    credit_reserve: float = param(2.0, unit="month", bounds=(0.0, 24.0), source="assumed", systems=("S7",))
    """Months at full capacity that an office must be able to pay from its capital before it lends."""

    capital_cost: float = param(0.02, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=("S7",))
    """Cost of the capital that an office advances while a fee is in escrow."""

    escrow: float = param(1.0, unit="ease", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """How easily a third party to hold a deposit is found; 0 means not at all."""

    escrow_trust: float = param(0.85, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Part of a client's distrust that escrow removes."""

    distrust: float = param(0.7, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Share of an office's unfulfilled contracts that clients attribute to dishonesty rather than bad luck."""

    credit_trust: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Part of a client's distrust that remains if the office is paid mostly after arrival."""

    success_weight: float = param(
        1.6, unit="utility per log point", bounds=(0.0, 6.0), source="assumed", systems=("S7",)
    )
    """Weight of the log chance that the contract is fulfilled."""

    cost_weight: float = param(1.6, unit="utility", bounds=(0.0, 6.0), source="assumed", systems=("S7",))
    """Weight of the expected cost against `cost_scale`."""

    cost_scale: float = param(300_000.0, unit="PKR of 2017", bounds=(1e4, 5e6), source="assumed", systems=("S7",))
    """Amount to which the expected cost is compared; it follows income at home."""

    credit_taste: float = param(1.0, unit="utility", bounds=(-3.0, 6.0), source="assumed", systems=("S7", "S9"))
    """Dislike of owing money to a smuggler."""

    wait_weight: float = param(0.10, unit="utility a month", bounds=(0.0, 2.0), source="assumed", systems=("S7",))
    """Dislike of a month's wait in an office's queue."""

    alone_interception: float = param(
        1.5,
        unit="multiple",
        bounds=(1.0, 5.0),
        source="assumed; about nine in ten hire a smuggler, National Research Council (2011)",
        systems=("S7", "S8"),
    )
    """Odds of interception without an office, relative to a typical office."""

    alone_death: float = param(1.5, unit="multiple", bounds=(0.5, 5.0), source="assumed", systems=("S7", "S8"))
    """Odds of death without an office."""

    alone_cost: float = param(1.2, unit="multiple", bounds=(0.2, 5.0), source="assumed", systems=("S7", "S8"))
    """Cost of passage and bribes to those who buy them individually."""

    alone_taste: float = param(0.4, unit="utility", bounds=(-4.0, 6.0), source="assumed", systems=("S7",))
    """Dislike of travelling without an office."""

    distance_taste: float = param(1.0, unit="utility", bounds=(0.0, 6.0), source="assumed", systems=("S7",))
    """Dislike of an office in a neighbouring district; twice that for one from farther away."""
