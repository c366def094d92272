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
    """What the owners bring in for an office of median size."""

    overhead: float = param(60_000.0, unit="PKR of 2017 a month", bounds=(0.0, 2e6), source="assumed", systems=("S7",))
    """Cost of an office of median size, whatever it sells; it follows income at home."""

    associate_share: float = param(
        0.15,
        unit="share of receipts",
        bounds=(0.0, 0.9),
        source="assumed; half of a fee goes to others in all, S_WHYPAYS_2008",
        systems=("S7", "S9"),
    )
    """Part of every receipt for agents and recruiters who brought the client."""

    markup: float = param(0.45, unit="share of cost", bounds=(0.0, 5.0), source="assumed", systems=("S7",))
    """Markup of an office that is neither busy nor idle, at the legal price of the start."""

    markup_load: float = param(0.35, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S7",))
    """Response of the markup to the load: clients asking over capacity."""

    markup_legal: float = param(
        0.3, unit="elasticity", bounds=(0.0, 2.0), source="assumed; Auriol and Mesnard (2016)", systems=("S6", "S7")
    )
    """Elasticity of the markup to the price of the legal way, against the start."""

    speed: float = param(0.15, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share of the gap that prices, care and known load close in a month."""

    growth: float = param(0.04, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S7",))
    """Growth of the capacity of an office that earns and has more clients than places; the idle shrink as fast."""

    largest: float = param(150.0, unit="person/month", bounds=(1.0, 5_000.0), source="assumed", systems=("S7",))
    """Capacity beyond which no office grows: its people must trust each other."""

    name_memory: float = param(24.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S7",))
    """Months over which the record of an office fades."""

    name_prior: float = param(20.0, unit="contract", bounds=(0.0, 500.0), source="assumed", systems=("S7",))
    """Contracts that the usual name counts for before an office has its own."""

    usual_name: float = param(0.6, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share of contracts that a newcomer is believed to fulfil."""

    reserve: float = param(12.0, unit="month of cost", bounds=(0.0, 120.0), source="assumed", systems=("S7",))
    """Capital that an office keeps; what is more goes to its owners."""

    entry: float = param(0.04, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Chance a month that somebody opens an office where one more would find clients and earn twice its overhead."""

    entry_anywhere: float = param(
        0.02, unit="office/month per million residents", bounds=(0.0, 1.0), source="assumed", systems=("S7",)
    )
    """Offices that open on a hope, wherever people live."""

    lean_months: int = param(9, unit="month", bounds=(1, 120), source="assumed", systems=("S7",))
    """Months without profit after which an office may give up."""

    giving_up: float = param(0.10, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Chance a month that it does."""

    succession: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Share of convicted offices that an associate carries on at half the size."""

    relocation: float = param(0.02, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Chance a month that an office pursued more than others moves to the neighbouring district with most demand."""
