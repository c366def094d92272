"""Offices adapt: they learn, price, invest, keep or lose their name, open, move and close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, outcome, param
from abm.declare.mechanism import Mechanism
from abm.declare.state import Held, State, kept
from abm.engine.portable import power
from abm.market.fee_shares import SHARE_OUTCOMES, book_shares
from abm.market.kernels.offices import adapt, concentration
from abm.market.office_entry import OfficeEntryState, enter, mean_gain, move_house, succeed
from abm.market.office_exit import close
from abm.market.payments import book_case_bribes
from abm.society.drivers import EconomyState
from abm.world.codes import OFFICE_ARRESTED, OFFICE_CONVICTED, OFFICE_FREE, OFFICE_OPEN, STREAM_OFFICE

if TYPE_CHECKING:
    from abm.world.state import World


class OfficesState(State):
    """State of offices."""

    legal_price_index: Held[float] = kept(
        unit="multiple", text="Price of the legal way as offices feel it.", start=lambda world: 1.0
    )


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


class Offices(Mechanism):
    """Offices learn, price, invest, keep up their name, pay their owners; some open, move, close or are carried on."""

    section = "offices"
    Params = OfficesParams
    switchable = False
    systems = ("S7", "S9", "S10")
    outcomes = (
        outcome("offices", unit="office", over="district", text="Smuggler offices in business."),
        outcome("office_entries", unit="office", over="district", text="Offices opened in the month."),
        outcome(
            "office_exits", unit="office", over="district", text="Offices closed in the month, convictions included."
        ),
        outcome("office_convictions", unit="office", over="district", text="Of these, closed by a conviction."),
        outcome(
            "smuggling_revenue",
            unit="PKR of 2017 a month",
            over="district",
            text="Received by offices, by home of the client; from travellers in transit by home of the office.",
        ),
        outcome(
            "smuggling_profit",
            unit="PKR of 2017 a month",
            over="national",
            text="Receipts of offices less all that they paid.",
        ),
        outcome(
            "bribes_paid", unit="PKR of 2017 a month", over="national", text="Bribes on the way and to investigators."
        ),
        outcome(
            "markup_mean", whole=False, unit="share of cost", over="national", text="Mean markup, weighted by capacity."
        ),
        outcome(
            "reputation_mean", whole=False, unit="share", over="national", text="Mean reputation, weighted by capacity."
        ),
        outcome(
            "quality_mean",
            whole=False,
            unit="share",
            over="national",
            text="Mean care of offices, weighted by capacity.",
        ),
        outcome(
            "office_load",
            whole=False,
            unit="ratio",
            over="national",
            text="Clients asking over places, mean of offices weighted by capacity.",
        ),
        outcome(
            "concentration_hhi",
            whole=False,
            unit="index",
            over="national",
            text="Herfindahl-Hirschman index of contracts over offices; 1 is a monopoly.",
        ),
        *SHARE_OUTCOMES,
    )

    @staticmethod
    def step(world: World) -> None:
        """Close the month of every office, and let offices open, move and close."""
        book_case_bribes(world)
        _pay_overhead(world)
        _adapt(world)
        _pay_owners(world)
        closed = _leave(world)
        entries = succeed(world, closed) + enter(world)
        move_house(world)
        _count(world, entries)
        book_shares(world)
        _clear_month(world)


def _pay_overhead(world: World) -> None:
    """Pay rent, phones and people; bigger offices cost more."""
    offices, params = world.offices, world.config.offices
    used = np.flatnonzero(offices.state != OFFICE_FREE)
    size = np.sqrt(offices.capacity[used] / params.capacity)
    cost = (params.overhead * world[EconomyState].income_index * size).astype(np.int64)
    world.ledger.pay("offices", "associates", "overhead", int(cost.sum()))
    offices.capital[used] -= cost
    offices.spent[used] += cost


def _adapt(world: World) -> None:
    """Let known load, markup, name, care and capacity follow the month."""
    params, offices = world.config.offices, world.offices
    rows = np.flatnonzero(offices.state == OFFICE_OPEN)
    legal = world[OfficesState].legal_price_index
    adapt(offices, rows, params.speed, params.markup * power(legal, params.markup_legal),
          params.markup_load, params.growth, params.largest, 1.0 / params.name_memory, params.name_prior,
          params.usual_name, world.config.market.horizon)  # fmt: skip


def _pay_owners(world: World) -> None:
    """Give owners what an office holds beyond its reserve; an arrested owner waits."""
    offices, params = world.offices, world.config.offices
    rows = np.flatnonzero(offices.state == OFFICE_OPEN)
    typical = world[OfficeEntryState].typical_spending
    typical[rows] += (offices.spent[rows] - typical[rows]) / params.reserve if params.reserve > 1.0 else 0.0
    keep = np.maximum(params.reserve * typical[rows], params.founding_capital)
    excess = np.maximum(offices.capital[rows] - keep.astype(np.int64), 0) // OWNERS_PATIENCE
    world.ledger.pay("offices", "office_owners", "profit", int(excess.sum()))
    offices.capital[rows] -= excess


def _leave(world: World) -> np.ndarray:
    """Close the broke, the convicted and some of the idle; returns rows, convicted first."""
    offices, params = world.offices, world.config.offices
    rows = np.flatnonzero((offices.state != OFFICE_FREE) & (offices.key >= 0))
    draw = world.draws(STREAM_OFFICE, offices.key[rows] * 16)
    tired = (offices.lean[rows] >= params.lean_months) & (draw < params.giving_up)
    convicted = offices.state[rows] == OFFICE_CONVICTED
    broke = (offices.capital[rows] < 0) & (offices.state[rows] != OFFICE_ARRESTED)
    leaves = convicted | broke | (tired & (offices.state[rows] == OFFICE_OPEN))
    rows, convicted = rows[leaves], convicted[leaves]
    order = np.argsort(~convicted, kind="stable")
    rows, convicted = rows[order], convicted[order]
    world[OfficeEntryState].closed_convicted = convicted
    world[OfficeEntryState].closed_home = offices.district[rows].astype(np.int64)
    world[OfficeEntryState].closed_capacity = offices.capacity[rows].copy()
    close(world, rows, convicted)
    return rows


def _count(world: World, entries: np.ndarray) -> None:
    """Record the month."""
    offices = world.offices
    used = np.flatnonzero(offices.state != OFFICE_FREE)
    home = world[OfficeEntryState].closed_home
    convicted = world[OfficeEntryState].closed_convicted
    districts = world.district_count
    index, markup, name, care, load = concentration(offices, used)
    flows = world.ledger.flows
    received = sum(amount for (_, payee, kind), amount in flows.items() if payee == "offices" and kind != "capital")
    paid = sum(
        amount
        for (payer, _, kind), amount in flows.items()
        if payer == "offices" and kind not in ("profit", "capital", "seizure")
    )
    world.figures |= {
        "offices": np.bincount(offices.district[used], minlength=districts),
        "office_entries": entries,
        "office_exits": np.bincount(home, minlength=districts),
        "office_convictions": np.bincount(home[convicted], minlength=districts),
        "smuggling_profit": received - paid,
        "concentration_hhi": index,
        "markup_mean": markup,
        "reputation_mean": name,
        "quality_mean": care,
        "office_load": load,
    }
    world.figures.setdefault("bribes_paid", 0)
    world[OfficeEntryState].gain = mean_gain(world)


def _clear_month(world: World) -> None:
    """Make the counters of the month ready for the next one."""
    for name in ("dispatched", "asked", "revenue", "spent"):
        getattr(world.offices, name)[:] = 0


OWNERS_PATIENCE = 3
"""Months over which owners take out what is beyond the reserve."""
