"""Offers: every open office quotes its routes by payment scheme; each district sees the offers that reach it."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, Params, behaviour, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.departure import is_open
from abm.engine.elementwise import exp
from abm.engine.portable import exponential
from abm.market.conduct import Conduct, conduct_of, distrust_of
from abm.market.kernels.offers import go_alone, list_reach, mean_fees, number_offers, quote, summarise
from abm.market.kernels.payments import Prices
from abm.market.office_entry import OfficesParams, open_first
from abm.market.referral import open_referral
from abm.market.tables import MarketTables, RisksState, clients_expected
from abm.places.options import IRREGULAR_WAY
from abm.routes import LegsState, kilometres_home, usual_stops
from abm.routes.kernels.contract import MOST_ATTEMPTS, Way, contracts_by_care, expected_ahead, room_for_contracts
from abm.society import EconomyState, dollar_since
from abm.world.codes import OFFICE_OPEN
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


Terms = namedtuple(
    "Terms",
    [
        "attempts", "quality_cost", "document_cost", "holder_share", "advance_share", "credit_premium",
        "credit_reserve", "boats", "kept",
        "capital_cost", "escrow_open", "distrust", "escrow_trust", "credit_trust", "success_weight",
        "cost_weight", "cost_scale", "credit_taste", "wait_weight",
    ],
)  # fmt: skip
"""Terms of the month, the same for all offices; see `OffersParams`."""

Alone = namedtuple("Alone", ["cost", "success", "death", "weight"])
"""Travel without an office, by district and route: PKR, chance of arrival, fatality, weight in the choice."""

AloneFactors = namedtuple("AloneFactors", ["cost", "death", "fare", "taste"])
"""Multiples of cost and of the odds of death, PKR a kilometre to the route, dislike of travelling alone."""

HomeWay = namedtuple("HomeWay", ["km", "risk"])
"""Kilometres from each district to each route, and multiple of the odds of interception of those travelling alone."""

Summary = namedtuple("Summary", ["entry", "due", "cost", "success", "death", "months", "served", "fee"])
"""Summary of the offers that reach each district, by district and route; see `abm.market.kernels.offers.summarise`."""

Offered = namedtuple(
    "Offered",
    [
        "rows", "serving", "start", "nearness", "offer_of", "fee", "advance", "weight", "on_route", "alone", "summary",
        "prices",
    ],
)  # fmt: skip
"""All offers of the month, arrays as in `abm.market.kernels.offers`; their weights summed by route; and
`abm.market.kernels.payments.Prices`."""

ContractOdds = namedtuple("ContractOdds", ["success", "log_success", "used", "death", "months"])
"""Outcomes of contracts, see `abm.routes.kernels.contract.contracts_by_care`."""


class OffersState(State):
    """Terms and offers of the month."""

    terms: Held[Terms] = monthly(text="Terms of the month.")
    month: Held[Offered] = monthly(text="All offers of the month.")
    conduct: Held[Conduct] = monthly(
        unit="multiple", text="What each office makes of the odds on the way.", over=("office",)
    )
    odds: Held[ContractOdds] = monthly(text="Outcomes of contracts of the month.")
    home_km: Held[tuple[np.ndarray, np.ndarray]] = kept(
        unit="km", text="From each district to the first place of each route, and on to the border.",
        over=("district", "route"), start=lambda world: kilometres_home(world.units, world.places),
    )  # fmt: skip
    recovery: Held[np.ndarray] = kept(
        unit="share", text="Share of fees on credit that offices expect to recover.", over=("destination",),
        start=lambda world: np.full(len(world.destination_facts), FIRST_RECOVERY),
    )  # fmt: skip


class OffersParams(Params):
    """Terms of contracts, and clients' preferences over them."""

    attempts_upfront: int = param(
        2, unit="attempt", bounds=(1, MOST_ATTEMPTS),
        source="assumed; up to three by smuggling_finance_terms.csv", systems=("S7",),
    )  # fmt: skip
    """Attempts that a fee paid upfront includes."""

    attempts_escrow: int = param(3, unit="attempt", bounds=(1, MOST_ATTEMPTS), source="S_DAWN_324037", systems=("S7",))
    """Attempts included when the fee is held by a third party until arrival."""

    attempts_credit: int = param(2, unit="attempt", bounds=(1, MOST_ATTEMPTS), source="assumed", systems=("S7",))
    """Attempts included when the office lends the fee."""

    quality_cost: float = param(0.41, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Cost of passage of an office of the best service quality, above that of one of the worst."""

    quality_effect: float = param(0.50, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S8"))
    """Odds of interception and death with an office of the worst service quality, above those with one of the best."""

    boat_effect: float = param(
        1.0, unit="share", bounds=(0.0, 2.0),
        source="assumed; smugglers answered rescue with worse boats, Deiana, Maheshri and Mastrobuoni (2024)",
        systems=("S7", "S8"),
    )  # fmt: skip
    """Odds of death at sea in the worst boats above those in the best, relative to the usual ones."""

    document_cost: float = param(
        547_000.0, unit="PKR of 2017", bounds=(0.0, 3e6), source="calibrated, hardly identified, docs/calibration.md",
        systems=("S7",),
    )  # fmt: skip
    """Price of a forged or bought document from a forger of average skill."""

    holder_share: float = param(0.03, unit="share", bounds=(0.0, 0.3), source="assumed", systems=("S7",))
    """Share of a deposit that its holder keeps, whatever the result of the journey."""

    advance_share: float = param(
        0.45, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",),
    )  # fmt: skip
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
        1.5, unit="multiple", bounds=(1.0, 5.0),
        source="assumed; about nine in ten hire a smuggler, National Research Council (2011)", systems=("S7", "S8"),
    )  # fmt: skip
    """Odds of interception without an office, relative to a typical office."""

    alone_death: float = param(1.5, unit="multiple", bounds=(0.5, 5.0), source="assumed", systems=("S7", "S8"))
    """Odds of death without an office."""

    alone_cost: float = param(1.2, unit="multiple", bounds=(0.2, 5.0), source="assumed", systems=("S7", "S8"))
    """Cost of passage and bribes to those who buy them individually."""

    alone_taste: float = param(0.4, unit="utility", bounds=(-4.0, 6.0), source="assumed", systems=("S7",))
    """Dislike of travelling without an office."""

    alone_fare: float = param(
        3.0, unit="PKR of 2017 a km", bounds=(0.0, 100.0), source="assumed; bus and lodging", systems=("S8",)
    )
    """Cost of the way from home to a route for those travelling alone; an office's fee covers it."""

    alone_far: float = param(
        1.0, unit="multiple added per 1,000 km", bounds=(0.0, 10.0), source="assumed", systems=("S8",)
    )
    """Rise in the odds of interception of those travelling alone with the distance of the border from home."""

    referral_memory: float = param(180.0, unit="month", bounds=(1.0, 1200.0), source="assumed", systems=("S3", "S7"))
    """Months over which those who arrived count among those who can tell of the way."""

    local_reach: float = param(120.0, unit="km", bounds=(1.0, 5000.0), source="assumed", systems=("S8",))
    """Distance from home at which the share of people who know the way across the border alone has fallen to 1/e."""

    distance_taste: float = param(1.0, unit="utility", bounds=(0.0, 6.0), source="assumed", systems=("S7",))
    """Dislike of an office in a neighbouring district; twice that for one from farther away."""


class OffersOutcomes(Outcomes):
    """Fees quoted."""

    fee_quoted = outcome(
        unit="PKR of 2017", over="route", kind="level",
        text="Mean fee asked for the route, over offices and ways of paying, by their weights; blank without offers.",
    )  # fmt: skip


DEPOSITS_HINDERED = behaviour("third parties that can hold deposits, closed", base=0.0, bounds=(0.0, 1.0))
"""Share closed by control of informal finance."""


class Offers(Mechanism):
    r"""Offices quote by way of paying; each district sees the offers that reach it, and the cost of going alone.

    Every open office asks a price for each of its routes and each way of paying: upfront; in escrow, released on
    arrival; or on credit, partly paid abroad. A contract includes several attempts. Clients of a district see the
    offers that reach it, and going alone by land to Iran.

    Notes
    -----
    With guides of quality $q$, the chance of death $f_l$ and the odds $p_l / (1 - p_l)$ of a stop on leg $l$ are
    multiplied by $1 + \epsilon (1/2 - q)$, with $\epsilon$ `quality_effect`. Deaths at sea are multiplied by $1 +
    \epsilon_b (1/2 - b)$ too, with boats $b$ and $\epsilon_b$ `boat_effect`; offers reckon with usual boats, 1/2. Those
    at leg $l$ with $n$ attempts left, this one included, arrive with the chance $A^n_l$ and cost $u^n_l$ more, relative
    to the first attempt:

    $$
    A^n_l = (1 - f_l) \left( (1 - p_l) \, A^n_{l+1} + p_l \, A^{n-1}_{b(l)} \right), \qquad
    u^n_l = (1 - f_l) \left( (1 - p_l) \, u^n_{l+1} + p_l \left( c_{b(l)} + u^{n-1}_{b(l)} \right) \right),
    $$

    where $b(l)$ is the leg from which those stopped on $l$ try again, and $c_l$ the cost of an attempt from leg $l$ on:
    legs are paid for as they are begun, with usual guides. Those stopped
    in their last attempt go home: for $n = 1$ the terms in $p_l \, A^{n-1}$ and $p_l \, (\dots)$ are 0. Beyond the last
    leg $A = 1$ and $u = 0$. A contract of $n$ attempts succeeds with $A = A^n_1$ and costs $u = 1 + u^n_1$. An attempt
    costs $k$: bribes, documents, passage $P$ times $1 + \kappa (q^2 - 1/4)$, and boats, $\epsilon_b \, \bar l \bar f
    (b^2 - 1/4)$, with $\kappa$ `quality_cost`, $\bar l$ `offices.boats_stake` and $\bar f$ the deaths at sea in the
    data, times $(0.2 + p) / (0.2 + \bar p)$ by leg: boats wear out, and are lost when they are stopped. With expected
    losses by arrest and bribes to investigators, a month, over the clients expected, $o$, the agents' share $\alpha$
    (`offices.associate_share`) and markup $m$, cost is $K = (k \, u + o) / (1 - \alpha)$, and prices are

    $$
    K (1 + m), \qquad
    \frac{K (1 + i M u)(1 + m)(1 + h)}{\max(A, 0.05)}, \qquad
    \frac{K (1 + m + \lambda)}{\max(a + (1 - a) A \, \rho, \, 0.05)}
    $$

    upfront, in escrow and on credit. At load $l$ and $c$ places $\max(c \, \min(\max(l, 0.2), 1), 1)$ clients a month
    are expected; $M$ are months on the way, $\rho$ the share of loans that comes back, and $i$, $h$,
    $\lambda$, $a$ `capital_cost`, `holder_share`, `credit_premium`, `advance_share`. A client takes an offer with a
    chance in proportion to

    $$
    x \, e^{-\delta d} \exp\left( \theta \log(\tau A) - \omega \, E / S - \zeta \min(\text{wait}, 12) - \chi \right).
    $$

    $A$ is the office's own, with its guides, which clients see. With distrust $D$, `distrust` times one minus
    reputation, trust $\tau$ is $1 - D$ upfront, $1 - D (1 - t_e)$ in escrow and $1 - D \, t_c$ on credit. The expected
    cost $E$ is the price upfront; in escrow the price times $A + (1 - A) h$, on credit times $a + (1 - a) A$. Wait is
    the queue over the capacity, in months. $x$ is the ease of escrow (`escrow` times what control leaves open), and 1
    without it; $\chi$ is `credit_taste` on credit, else 0; $d$ is 0 in the office's district, 1 next door, 2 beyond.
    $\theta$, $\omega$, $S$, $\zeta$, $\delta$, $t_e$, $t_c$ are `success_weight`, `cost_weight`, `cost_scale`,
    `wait_weight`, `distance_taste`, `escrow_trust`, `credit_trust`. Going alone counts with its own chance and cost of
    one attempt, and `alone_taste` for $\chi$.
    """

    section = "offers"
    Params = OffersParams
    switchable = False
    systems = ("S7", "S8", "S9")
    outcomes = OffersOutcomes.declared
    levers = (
        Lever(
            "informal_finance_control", unit="share of escrow closed", bounds=(0.0, 1.0), combine="add",
            moves=(DEPOSITS_HINDERED,), unit_cost=4.0e7, cost_unit="100 % of escrow closed, a month",
            text="Supervises money dealers, so that third parties who hold deposits for smugglers are harder to find.",
            systems=("S7", "S19"),
        ),
    )  # fmt: skip

    @staticmethod
    def step(world: World) -> None:
        """Quote, and summarise the offers that reach each district."""
        if world.t == 0:
            open_referral(world, world.params(OfficesParams).settled_word)
            open_first(world)
        offices = world[MarketTables].offices
        rows = (offices.state == OFFICE_OPEN).nonzero()[0]
        way = way_of(world, world.route_legs)
        terms = world[OffersState].terms = _terms(world)
        routes = world.route_length.size
        offer_of = np.empty((routes, rows.size), np.int32)
        office_of, route_of = np.empty((2, offer_of.size + 1), np.int32)
        first = np.empty(rows.size + 1, np.int64)
        bits = np.where(world[LegsState].open_routes > 0.0, world.route_bits, 0)
        number = number_offers(offices.corridors[rows], bits, offer_of, office_of, route_of, first)
        office_of, route_of = office_of[:number], route_of[:number]
        fee, advance, weight, pooled = (np.empty((number, width)) for width in (3, 3, 3, 7))
        rest, params = rest_of(world), world.params(OffersParams)
        odds = contract_odds(world, terms, rest)
        world[OffersState].odds = odds
        risks, recovery = world[RisksState], world[OffersState].recovery
        overhead = (risks.arrest_loss[rows] + risks.bribes[rows]) / clients_expected(offices, rows)
        quote(
            offices, rows, distrust_of(world, rows, terms.distrust), office_of, route_of, way, terms,
            recovery[world.route_destination], overhead, odds, fee, advance, weight.ravel(), pooled,
            np.empty((rows.size + 1, 3)),
        )  # fmt: skip
        alone = _alone(world, way, terms)
        serving, start, nearness = reach_of(world, rows)
        summary = Summary(*(np.zeros((world.district_count, routes)) for _ in Summary._fields))
        summarise(
            serving, start, nearness, offices.reach[rows], distance_weight(world, 2), first, route_of, pooled,
            odds.months, alone, np.empty((2, routes, 7)), summary,
        )  # fmt: skip
        quoted, on_route = np.empty((2, routes))
        world.figures[OffersOutcomes.fee_quoted] = quoted
        mean_fees(pooled, route_of, on_route, quoted)
        world[OffersState].month = Offered(
            rows, serving, start, nearness, offer_of, fee, advance, weight, on_route, alone, summary,
            Prices(terms.quality_cost, params.alone_cost, terms.document_cost, rest, terms.boats, *way),
        )  # fmt: skip
        world[OffersState].conduct = conduct_of(world, params.quality_effect, params.boat_effect)


def contract_odds(world: World, terms: Terms, rest: np.ndarray) -> ContractOdds:
    """Work out the outcomes of contracts by route, step of service quality and scheme; `rest` as of `rest_of`."""
    shape = (world.route_length.size, CARE_STEPS, terms.attempts.size)
    success, log_success, used, death = (np.zeros(shape) for _ in range(4))
    odds = ContractOdds(success, log_success, used, death, np.zeros(world.route_length.size))
    contracts_by_care(
        world.route_legs, world.route_length, world[LegsState].month, world.route_again, rest,
        world.params(OffersParams).quality_effect, terms.attempts, room_for_contracts(world.route_legs), *odds,
    )  # fmt: skip
    return odds


def reach_of(world: World, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Open offices (positions in `rows`) that serve each district, as compressed rows, and their distance weights."""
    offices, borders = world[MarketTables].offices, world.borders
    home, reach = offices.district[rows].astype(np.int64), offices.reach[rows]
    recruits, kept = offices.recruits[rows].astype(np.int64), world.params(OfficesParams).recruiters_kept
    near, far = distance_weight(world, 1), distance_weight(world, 2)
    found: tuple[np.ndarray, np.ndarray, np.ndarray] = list_reach(
        home, reach, recruits, borders.indptr, borders.indices, near, far, kept
    )
    return found


def distance_weight(world: World, distance: int) -> float:
    """Part of an office's weight that remains in a neighbouring district (1), and farther away (2)."""
    return float(exponential(-world.params(OffersParams).distance_taste)) ** distance


def _terms(world: World) -> Terms:
    params = world.params(OffersParams)
    control = float(world.now(DEPOSITS_HINDERED)[0])
    of_the_month = {
        "attempts": np.array([params.attempts_upfront, params.attempts_escrow, params.attempts_credit]),
        "document_cost": document_price(world),
        "escrow_open": params.escrow * min(max(1.0 - control, 0.0), 1.0),
        "cost_scale": params.cost_scale * world[EconomyState].income_index,
        "boats": worth_of_boats(world),
        "kept": 1.0 - world.params(OfficesParams).associate_share,
    }
    as_declared = {name: getattr(params, name) for name in Terms._fields if name not in of_the_month}
    return Terms(**as_declared, **of_the_month)


def worth_of_boats(world: World) -> np.ndarray:
    """PKR of an attempt that usual boats are worth by route: deaths expected at the danger of the data, times a stake.

    No price of boats is known. That those of today pay, at that danger, tells what better ones must cost. Boats are
    lost when they are stopped, so that where more are stopped offices take worse ones (Deiana et al. 2024).
    """
    offers, offices = world.params(OffersParams), world.params(OfficesParams)
    stake = offices.boats_stake * dollar_since(world, 2017)
    return offers.boat_effect * stake * expected_on_way(world, world.route_legs, priced_danger(world))


def priced_danger(world: World) -> np.ndarray:
    """Odds of death at sea in the route data, by leg, times boats lost relative to the usual; 0 on land."""
    usual = np.where(world.leg_table.by_sea, world.leg_table.death, 0.0)
    lost, usually = BOATS_WORN + world[LegsState].month.interception, BOATS_WORN + usual_stops(world)
    return usual * lost / usually


def _alone(world: World, way: Way, terms: Terms) -> Alone:
    """Work out travel without an office, by district and route: by land, and the riskier, the farther from home."""
    params = world.params(OffersParams)
    shape = (world.district_count, world.route_length.size)
    found = Alone(np.full(shape, np.inf), *(np.zeros(shape) for _ in range(3)))
    factors = AloneFactors(params.alone_cost, params.alone_death, params.alone_fare, params.alone_taste)
    home = HomeWay(world[OffersState].home_km[0], alone_risk(world))
    on_foot = world.route_alone & (world[LegsState].open_routes > 0.0)
    go_alone(world.route_legs, world.route_length, on_foot, way, world[LegsState].month, terms, factors, home, found)
    return found


def alone_risk(world: World) -> np.ndarray:
    """Multiple of the odds of interception of those travelling alone, by home district and route."""
    params = world.params(OffersParams)
    to_start, beyond = world[OffersState].home_km
    return params.alone_interception * (1.0 + params.alone_far * (to_start + beyond) / 1000.0)


def local_knowledge(world: World) -> np.ndarray:
    """Share of people in each district who know a route well enough to go alone; 0 where nobody does."""
    to_start, beyond = world[OffersState].home_km
    known = exp(-(to_start + beyond) / world.params(OffersParams).local_reach)
    return np.where(world.route_alone, known, 0.0)


def way_of(world: World, paths: np.ndarray) -> Way:
    """Passage, bribes and documents of an attempt in the month, by path; paths list legs, -1 beyond the end."""
    legs = world[LegsState].month
    return Way(*(expected_on_way(world, paths, values) for values in (legs.cost, legs.bribe, legs.documents)))


def expected_on_way(world: World, paths: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum values of legs over those that an attempt is expected to begin, at the odds of the month, by path."""
    return np.asarray(expected_ahead(paths, world[LegsState].month, values)[:, 0])


def rest_of(world: World) -> np.ndarray:
    """Cost of an attempt from each leg of every route on, relative to one from its start, in the month."""
    legs = world[LegsState].month
    costs = legs.cost + legs.bribe + legs.documents * document_price(world)
    ahead = expected_ahead(world.route_legs, legs, costs)
    rest = ahead / np.maximum(ahead[:, :1], 1e-9)
    rest[:, 0] = 1.0
    return np.asarray(rest)


def document_price(world: World) -> float:
    """PKR of a document from a forger of average skill, in the month."""
    return float(world.params(OffersParams).document_cost * world[EconomyState].income_index)


def smuggler_prices(world: World) -> np.ndarray:
    """Mean fee asked for the cheapest route to each destination, PKR of 2017; infinite without offers."""
    prices = np.full(len(world.destination_facts), np.inf)
    if is_open(world, IRREGULAR_WAY):
        home = world.route_from_home
        np.fmin.at(prices, world.route_destination[home], world.figures[OffersOutcomes.fee_quoted][home])
    return prices


BOATS_WORN = 0.2
"""Boats that an attempt wears out, relative to those lost where all are stopped. Source: assumed."""

CARE_STEPS = 33
"""Steps of service quality for which the odds of contracts are worked out."""

FIRST_RECOVERY = 0.7
"""Share of fees on credit that offices expect to recover at the start. Source: assumed."""
