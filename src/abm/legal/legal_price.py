"""Price of the legal way: contracts under regulated recruitment, and visas for sale; and the price of each way out."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import Lever, Outcomes, Params, behaviour, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.departure import SECTIONS, city_price, is_open
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import raised
from abm.engine.portable import power
from abm.legal.contracts import FEE_MULTIPLE, AdmissionState, LegalWorkParams, share_of_region
from abm.legal.overstay import visit_prices
from abm.legal.sponsorship import sponsorship_price
from abm.market import OffersState, OfficesState, smuggler_prices
from abm.places.options import CHANNELS, DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


ContractsMonth = namedtuple("ContractsMonth", ["plain", "fee", "hidden", "supply"])
"""Contracts by destination: the worker's fee without a lever on it and in fact (PKR), the share paid under the table,
and the places that recruiters offer, relative to those without regulation."""


VisasMonth = namedtuple("VisasMonth", ["price", "places"])
"""Visas sold by destination: price (PKR; infinite where none are for sale) and places of the month."""


class LegalPriceState(State):
    """Contracts, and visas for sale."""

    contracts: Held[ContractsMonth] = monthly(text="Fees and supply of contracts.", over=("destination",))
    visas: Held[VisasMonth] = monthly(text="Price and places of visas for sale.", over=("destination",))
    costs: Held[np.ndarray] = monthly(
        unit="PKR of 2017", text="Cost of each way to a migrant; infinite if it is closed, and for irregular ways.",
        over=("option",),
    )  # fmt: skip
    smuggler_prices: Held[np.ndarray] = kept(
        unit="PKR of 2017", text="Smugglers' prices as known to sellers of visas.", over=("destination",),
        start=lambda world: smuggler_prices(world),
    )  # fmt: skip
    visas_served: Held[np.ndarray] = kept(
        unit="share", text="Share of visa buyers who got one.", over=("destination",), start=1.0
    )


class LegalPriceParams(Params):
    """Response of recruiters to regulation, and the price of visas for sale."""

    official_cost: float = param(
        60_000.0, unit="PKR of 2017", bounds=(0.0, 300_000.0),
        source="assumed; official fee, papers and ticket; workers paid many times that (ILO 2016)", systems=("S6",),
    )  # fmt: skip
    """Unavoidable cost of a contract to a worker; the rest of the fee follows pay, and regulation can remove it."""

    under_table: float = param(0.30, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Share of the removed fee that workers still pay under the table."""

    supply_elasticity: float = param(0.30, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S6",))
    """Elasticity of places offered by recruiters to their remaining earnings on each beyond its official cost."""

    scarcity: float = param(
        0.5, unit="elasticity", bounds=(0.0, 3.0),
        source="assumed; recruiters sell scarce visas to those who pay most: ILO (2016)", systems=("S6",),
    )  # fmt: skip
    """Elasticity of the fee beyond the official cost to applicants for a place."""

    visa_price: float = param(
        0.90, unit="multiple of the smugglers' price", bounds=(0.05, 5.0),
        source="assumed; below one it undercuts the smugglers (Auriol and Mesnard 2016)", systems=("S6", "S7"),
    )  # fmt: skip
    """Price of a visa for sale relative to the cheapest irregular way to the same destination.

    Where there is none, relative to the fee of a contract there.
    """

    price_memory: float = param(
        12.0, unit="month", bounds=(1.0, 60.0), source="assumed; prices are set by decree", systems=("S6",)
    )
    """Months over which the price of visas follows the smugglers' price."""

    visa_delay: float = param(2.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=("S6",))
    """Months between application for a visa for sale and departure; of a fraction of a month so many wait one more."""


class LegalPriceOutcomes(Outcomes):
    """Visas sold, and payments for the legal way."""

    visas_sold = outcome(
        unit="person", over="district", text="Of the legal departures, those on a visa sold by the destination."
    )
    visa_revenue = outcome(
        unit="PKR of 2017 a month",
        over="district",
        text="Paid by households for visas to the governments of destinations.",
    )
    fees_under_table = outcome(
        unit="PKR of 2017 a month",
        over="district",
        text="Paid by households to recruiters beyond what regulation allows.",
    )


FEES_REGULATED = behaviour(
    "fees beyond the official cost that regulation forbids", base=0.0, over="destination", bounds=(0.0, 1.0)
)
"""Share enforced, by destination."""

VISAS_SOLD = behaviour("visas for sale", base=0.0, over="destination", bounds=(0.0, math.inf))
"""Visas a year, by destination."""


class LegalPrice(Mechanism):
    r"""Regulation lowers fees and the places offered; destinations sell visas below the smugglers' price.

    Where visas are for sale their price follows that of smugglers.

    Notes
    -----
    The fee is $\min(F_0, c) + \max(F_0 - c, 0) \, (w / w_0) \, (a / a_0)^{\sigma}$, with $F_0$ that of the data, $c$
    `official_cost`, $w$, $w_0$ pay under the contract now and in the data, $a$ applicants for a place of late, $a_0$
    those with which that fee was paid, and $\sigma$ `scarcity`: those who hand contracts out take part of what these
    are worth. With the fee $F$, its part above official cost $E$, strength of regulation $v$ and share paid under the
    table $u$, a worker pays $F - v (1 - u) E$, and recruiters offer places times $(1 - v (1 - u))^{\epsilon}$; $u$ and
    $\epsilon$ are `under_table` and `supply_elasticity`.
    """

    section = "legal_price"
    Params = LegalPriceParams
    used_when_off = ("official_cost", "scarcity")
    systems = ("S6", "S7")
    outcomes = LegalPriceOutcomes.declared
    levers = (
        Lever(
            "recruitment_fee_regulation", unit="share of the fee above the official cost", bounds=(0.0, 1.0),
            combine="add", moves=(FEES_REGULATED,), unit_cost=1.0e7,
            cost_unit="destination and full enforcement, a month",
            text="Removes recruiters' charges beyond the official cost; part of them continues under the table.",
            felt="terms", needs="legal_quota", systems=("S6", "S19"),
        ),
        Lever(
            "visa_sale", unit="visa a year", bounds=(0.0, 200_000.0), combine="add", moves=(VISAS_SOLD,),
            unit_cost=20_000.0, cost_unit="visa issued", cost_counted="booked",
            text="Sells work visas to anyone who pays, at a price set relative to the smugglers'.",
            source="Auriol and Mesnard (2016), Sale of visas: a smuggler's final song?", systems=("S6", "S7", "S19"),
        ),
    )  # fmt: skip

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost as if all visas on sale were taken."""
        sold = float(np.maximum(deviation, 0.0).sum()) * share_of_region(world)
        return lever.unit_cost * sold / MONTHS_A_YEAR

    @staticmethod
    def step(world: World) -> None:
        """Set the fees and supply of contracts, the price and number of visas for sale, and the cost of each way."""
        contracts = contract_terms(world)
        quoted = smuggler_prices(world)
        world[LegalPriceState].contracts = contracts
        world[LegalPriceState].visas = _offer_visas(world, contracts, quoted)
        world[LegalPriceState].costs = _option_costs(world)
        world[OfficesState].legal_price_index = _index(world, contracts, quoted)


def contract_terms(world: World) -> ContractsMonth:
    """Fees, under the table or not, and supply of contracts by destination."""
    params = world.params(LegalPriceParams)
    plain, fees = _charged(world)
    hidden, supply = np.zeros(fees.size), np.ones(fees.size)
    if world.config.enabled(LegalPrice.section):
        enforced = world.now(FEES_REGULATED)
        for row in np.flatnonzero(enforced > 0.0):
            beyond = max(fees[row] - params.official_cost, 0.0)
            lost = enforced[row] * (1.0 - params.under_table)
            secret = enforced[row] * params.under_table * beyond
            fees[row] -= lost * beyond
            hidden[row] = secret / max(fees[row], 1.0)
            if beyond > 0.0:
                supply[row] = power(1.0 - lost, params.supply_elasticity) if params.supply_elasticity > 0 else 1.0
    return ContractsMonth(plain, fees, hidden, supply)


def _charged(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Fee of a contract by destination without a lever on it, and before regulation; PKR.

    What is beyond the official cost follows the pay under the contract, and how many ask for one.
    """
    facts, params = world.destination_table, world.params(LegalPriceParams)
    pay = np.array([destination.pay for destination in world.destinations])
    usual = facts.legal_fee * world.multiples("fee") * world.params(LegalWorkParams).fee
    official = np.minimum(usual, params.official_cost)
    queue = world[AdmissionState].queue(facts.applicants)
    plain = official + (usual - official) * (pay / facts.wage) * raised(queue, params.scarcity)
    return plain, plain * world.now(FEE_MULTIPLE)


def _offer_visas(world: World, contracts: ContractsMonth, quoted: np.ndarray) -> VisasMonth:
    """Price and number of visas for sale; the price follows that of smugglers."""
    params = world.params(LegalPriceParams)
    known = world[LegalPriceState].smuggler_prices
    seen = np.isfinite(quoted)
    followed = seen & np.isfinite(known)
    before = known[followed]
    known[seen] = quoted[seen]
    known[followed] = before + (quoted[followed] - before) / params.price_memory
    has_contracts = world.destination_table.legal_quota > 0
    reference = np.where(np.isfinite(known), known, np.where(has_contracts, contracts.fee, np.inf))
    for_sale = world.config.enabled(LegalPrice.section) and world.config.enabled("legal_work")
    sold = world.now(VISAS_SOLD) if for_sale else np.zeros(quoted.size)
    price = np.where(sold > 0.0, params.visa_price * reference, np.inf)
    return VisasMonth(price, np.where(np.isfinite(price), sold / MONTHS_A_YEAR, 0.0))


def _index(world: World, contracts: ContractsMonth, quoted: np.ndarray) -> float:
    """Price of the legal way as perceived by smugglers, relative to that without any lever.

    The quota-weighted fee of contracts, times how far visas undercut smugglers' destinations: a visa below their price
    counts as far as buyers got one in the month before. Without levers it is exactly 1.
    """
    if not is_open(world, LEGAL_WORK):
        return 1.0
    quota, state = world.destination_table.legal_quota, world[LegalPriceState]
    plain = float((quota * contracts.plain).sum())
    fees = float((quota * contracts.fee).sum()) / plain if plain > 0.0 else 1.0
    served, price = state.visas_served, state.visas.price
    if not np.isfinite(price).any():
        return fees
    felt = [1.0 - served[d] * max(1.0 - price[d] / quoted[d], 0.0) for d in np.flatnonzero(np.isfinite(quoted))]
    return fees * (sum(felt) / len(felt) if felt else 1.0)


def _option_costs(world: World) -> np.ndarray:
    """Cost of each option to a migrant; those of irregular ways depend on the district, see `district_costs`.

    Costs paid at home follow income per capita there.
    """
    contracts, visas = world[LegalPriceState].contracts, world[LegalPriceState].visas
    costs = np.full((len(CHANNELS), len(world.destination_facts)), np.inf)
    costs[LEGAL_WORK], costs[SPONSORSHIP] = contracts.fee, sponsorship_price(world)
    costs[DOMESTIC_MOVE], costs[OVERSTAY] = city_price(world), visit_prices(world)
    costs[[channel for channel in SECTIONS if not is_open(world, channel)]] = np.inf
    options = world.option_table
    found = costs[options.channel, options.destination]
    if is_open(world, LEGAL_WORK):
        found[options.is_sold] = visas.price[options.destination[options.is_sold]]
    return np.floor(found)


class Asked(NamedTuple):
    """What options ask, by district and option, PKR of 2017: least to be raised, mean due, and expected cost."""

    entry: np.ndarray
    due: np.ndarray
    cost: np.ndarray


def district_costs(world: World) -> Asked:
    """What each option asks, ransoms apart."""
    shape = (world.district_count, len(world.options))
    entry = np.broadcast_to(world[LegalPriceState].costs, shape).copy()
    asked = Asked(entry, entry.copy(), entry.copy())
    if is_open(world, IRREGULAR_WAY):
        summary = world[OffersState].month.summary
        mine = world.option_table.channel == IRREGULAR_WAY
        routes = world.option_table.route[mine]
        for name, found in asked._asdict().items():
            found[:, mine] = getattr(summary, name)[:, routes]
    return asked


VISA_SALE = LegalPrice.levers[1]
