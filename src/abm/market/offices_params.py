"""Parameters of offices."""

from __future__ import annotations

from abm.declare import Params, param


class OfficesParams(Params):
    """Conduct, entry and exit of smuggler offices."""

    opening: float = param(
        5.0,
        unit="office per million residents",
        bounds=(0.0, 100.0),
        source="assumed; over 1,000 networks in the country in 2013, S_DAWN_1164732",
        systems=("S7",),
    )
    """Offices at the start; districts with more residents abroad have more."""

    capacity: float = param(6.0, unit="person/month", bounds=(0.5, 200.0), source="assumed", systems=("S7",))
    """Clients that a new office of median size can send off."""

    capacity_spread: float = param(0.8, unit="log points", bounds=(0.0, 2.0), source="assumed", systems=("S7",))
    """Spread of the size of new offices."""

    founding_capital: float = param(
        2_000_000.0, unit="PKR of 2017", bounds=(0.0, 1e8), source="assumed", systems=("S7",)
    )
    """Owners' capital of an office of median size."""

    overhead: float = param(60_000.0, unit="PKR of 2017 a month", bounds=(0.0, 2e6), source="assumed", systems=("S7",))
    """Fixed cost of an office of median size; it follows income at home."""

    associate_share: float = param(
        0.15,
        unit="share of receipts",
        bounds=(0.0, 0.9),
        source="assumed; half of a fee goes to others in all, S_WHYPAYS_2008",
        systems=("S7", "S9"),
    )
    """Part of every receipt that goes to the agents and recruiters who brought the client."""

    markup: float = param(0.45, unit="share of cost", bounds=(0.0, 5.0), source="assumed", systems=("S7",))
    """Markup of an office at normal load, at the initial legal price."""

    markup_load: float = param(0.35, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S7",))
    """Response of the markup to the load, the ratio of clients asking to capacity."""

    markup_legal: float = param(
        0.3, unit="elasticity", bounds=(0.0, 2.0), source="assumed; Auriol and Mesnard (2016)", systems=("S6", "S7")
    )
    """Elasticity of the markup to the price of the legal way, relative to the start."""

    speed: float = param(0.15, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share of the gap that prices, service quality and known load close in a month."""

    growth: float = param(0.04, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S7",))
    """Growth of the capacity of a profitable office with more clients than places; idle offices shrink as fast."""

    largest: float = param(150.0, unit="person/month", bounds=(1.0, 5_000.0), source="assumed", systems=("S7",))
    """Capacity beyond which no office grows, because its members must trust each other."""

    reputation_memory: float = param(24.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S7",))
    """Months over which the record of an office fades."""

    reputation_prior: float = param(20.0, unit="contract", bounds=(0.0, 500.0), source="assumed", systems=("S7",))
    """Weight, in contracts, of the usual reputation before an office has one of its own."""

    usual_reputation: float = param(0.6, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share of contracts that a newcomer is believed to fulfil."""

    reserve: float = param(12.0, unit="month of cost", bounds=(0.0, 120.0), source="assumed", systems=("S7",))
    """Capital that an office keeps; any excess goes to its owners."""

    entry: float = param(0.04, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Monthly chance that an office opens where another would find clients and earn twice its overhead."""

    speculative_entry: float = param(
        0.02, unit="office/month per million residents", bounds=(0.0, 1.0), source="assumed", systems=("S7",)
    )
    """Offices opened speculatively, in proportion to residents."""

    lean_months: int = param(9, unit="month", bounds=(1, 120), source="assumed", systems=("S7",))
    """Months without profit after which an office may give up."""

    lean_exit: float = param(0.10, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Monthly chance that it does."""

    succession: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Share of convicted offices carried on by an associate at half the size."""

    relocation: float = param(0.02, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Monthly chance that an office pursued more than others moves to the neighbouring district with most demand."""
