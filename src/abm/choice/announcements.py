"""Announcements: what each way to leave will be worth once a policy that is announced is in force."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState, regularisations, removals
from abm.beliefs import Beliefs, BeliefsParams, perceived, tilted
from abm.beliefs.kernels.beliefs import log_odds, papers_chances
from abm.choice.channel import (
    Believed,
    ChannelParams,
    ChannelState,
    Outlook,
    chances_of,
    delays_of,
    on_arrival,
    outlook_of,
    share_of_stay,
    value_ways,
)
from abm.declare import Params, param
from abm.declare.state import Held, State, monthly
from abm.departure import OptionsState
from abm.enforcement import PUNISHED_IN_ADDITION, VICTIMS_SPARED, sanction_risk, spared_share
from abm.engine.elementwise import exp
from abm.legal import QUOTA, contract_terms
from abm.market import MarketTables, OfficesParams, RisksState, clients_expected
from abm.places.options import IRREGULAR_WAY, LEGAL_WORK
from abm.policy import Announcement, InForce
from abm.routes import LegsMonth, LegsState, PostsState, bribed_share, foreseen_legs, patrols
from abm.routes.kernels.contract import odds_of_attempts
from abm.world.codes import OFFICE_OPEN
from abm.world.destination import LEAST_ADMISSION
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

MONTHS_AHEAD = 37
"""Months that people look ahead, this one included."""

Terms = namedtuple("Terms", ["places", "fee", "chance", "delay", "arrival", "death", "sanction", "share", "papers"])
"""What policy decides of the ways: places and fee of contracts by destination, chance of an application by district
and option, its months by option, arrival and death of an attempt by route, risk of a sanction; share of a stay that
removals leave by destination and channel, and chance of papers by destination."""


class AnnouncementsParams(Params):
    """What an announced change is worth."""

    burden: float = param(0.5, unit="share", bounds=(0.0, 2.0), source="assumed", systems=("S6", "S19"))
    """Cost of a way as a share of the money that those who take it can raise: what makes a change of price felt."""


class AnnouncementsState(State):
    """What people expect of announced policies."""

    ahead: Held[np.ndarray | None] = monthly(
        unit="utility",
        text="Change in the utility of each way for those who set out so many months ahead; may be empty.",
        over=("month ahead", "district", "option"),
        neutral=lambda world: None,
    )


class Announcements(Mechanism):
    r"""Works out what announced policies will change for those who leave now and later, as far as they are believed.

    Notes
    -----
    For those who set out $i$ months ahead, announced levers $u$ change the utility of option $o$ by

    $$
    v_{i o} = \alpha \sum_u s_{u i o} \left( V^u_o - V_o - c_o \, \beta \, \Delta_{u o} \right),
    $$

    with $\alpha$ `beliefs.anticipation`, $V_o$ and $c_o$ of "Channel", $V^u_o$ with the lever at full strength,
    $\Delta_{u o}$ the rise of the cost as a share of it, and $\beta$ `burden`. $s_{u i o}$ is the share of the lever
    that they meet: its strength in the month in which they reach what it changes, or its mean over a stay, in which
    removals and the discount rate make later months count less. $v_{0 o}$ is added to the utility of the month.
    """

    section = "announcements"
    Params = AnnouncementsParams
    systems = ("S6", "S19")

    @staticmethod
    def step(world: World) -> None:
        """Add to each way what those who set out now will meet, and keep what those who set out later will."""
        announced = world[InForce].policy.announced
        trust = world.params(BeliefsParams).anticipation if world.config.enabled(Beliefs.section) else 0.0
        if not announced or trust == 0.0 or not world.config.enabled(Announcements.section):
            return
        is_open = np.isfinite(world[OptionsState].month.entry).any(axis=0)
        today = outlook_of(world, is_open, delays_of(world), perceived(world))
        usual, _ = value_ways(world, today)
        ahead = np.zeros((MONTHS_AHEAD, *usual.shape))
        for policy in announced:
            ahead += trust * _in_force(world, policy)[:, None, :] * _change(world, policy, today, usual)
        world[AnnouncementsState].ahead = ahead
        world[OptionsState].attraction = world[OptionsState].attraction + ahead[0]


def _in_force(world: World, policy: Announcement) -> np.ndarray:
    """Share of the policy that those who set out so many months ahead will meet, by month ahead and option."""
    lag, weight = _months_until(world, policy), _weight_of_months(world, policy)
    strength = policy.strengths(world.month, MONTHS_AHEAD + int(lag.max()) + weight.shape[1])
    met = strength[np.arange(MONTHS_AHEAD)[:, None, None] + lag[:, None] + np.arange(weight.shape[1])]
    found: np.ndarray = (met * weight).sum(axis=2)
    return np.where(world[ChannelState].ways.abroad, found, 0.0)


def _weight_of_months(world: World, policy: Announcement) -> np.ndarray:
    """Weight of the months in which a policy is met, by option and month since: of one, or of those of a stay.

    A stay ends by removal, and what comes later counts for less.
    """
    ways = world[ChannelState].ways
    if policy.lever.felt != "stay":
        return np.ones((ways.route.size, 1))
    hazard = on_arrival(world, world[DiasporaState].removal_rate)
    hazard = hazard[ways.destination, ways.channel] + world.params(ChannelParams).discount
    months = round(world.params(ChannelParams).stay)
    weight = exp(np.outer(-hazard, np.arange(months)))
    return weight / weight.sum(axis=1, keepdims=True)


def _months_until(world: World, policy: Announcement) -> np.ndarray:
    """Whole months from setting out, or applying, until the policy is met, by option."""
    ways, lag = world[ChannelState].ways, np.round(delays_of(world)).astype(np.int64)
    if policy.lever.felt == "offices":  # it is in the price
        return np.zeros_like(lag)
    months, legs = world[LegsState].month.months, world.route_legs
    before = np.where(legs >= 0, months[legs], 0)
    if policy.lever.over == "leg":
        touched = (legs >= 0) & (policy.deviation != 0.0)[legs]
        before[np.logical_or.accumulate(touched, axis=1)] = 0
    routes = slice(ways.first_route, ways.last_route)
    lag[routes] = before.sum(axis=1)[ways.route[routes]]
    return lag


def _change(world: World, policy: Announcement, today: Outlook, usual: np.ndarray) -> np.ndarray:
    """Change in the utility of each way, by district, with a policy at full strength."""
    if policy.lever.felt == "offices":
        then, dearer = _with_honest_officers(world, policy, today), _risk_in_price(world, policy)
    else:
        which, now = policy.lever.moves[0], _terms(world, world[LegsState].month)
        value = world.now(which)
        moved = value * (1.0 + policy.deviation) if policy.lever.combine == "multiply" else value + policy.deviation
        before = np.maximum(patrols(world), LEAST_FACTOR)
        with world.supposing(which, moved):
            later = _terms(world, foreseen_legs(world, patrols(world) / before))
        if which is VICTIMS_SPARED:  # the law of the month is set already
            later = later._replace(sanction=_screened(world, now.sanction, float(policy.deviation[0])))
        then, dearer = _under(world, today, now, later), _dearer_contracts(world, now, later)
    value, _ = value_ways(world, then)
    change = np.zeros(usual.shape)
    np.subtract(value, usual, out=change, where=np.isfinite(usual) & np.isfinite(value))
    return change - world[OptionsState].month.cost_weight * world.params(AnnouncementsParams).burden * dearer


def _screened(world: World, sanction: float, added: float) -> float:
    """Risk of punishment with so much more screening, which spares from what the law asks and from nothing beyond."""
    beyond = min(float(world.now(PUNISHED_IN_ADDITION)[0]), sanction)
    today, people = float(world.now(VICTIMS_SPARED)[0]), world.units.population_2017
    charged = [float(((1.0 - spared_share(world, dose)) * people).sum()) for dose in (today, today + added)]
    return beyond + (sanction - beyond) * charged[1] / max(charged[0], 1e-9)


def _terms(world: World, legs: LegsMonth) -> Terms:
    """Work out the terms of the ways at the effective values that hold, or are supposed to."""
    contracts, (arrival, death) = contract_terms(world), _odds(world, legs)
    without, papers = world.stock.sum(axis=0), np.zeros(len(world.destinations))
    papers_chances(regularisations(world), without, world.params(BeliefsParams).papers_horizon, papers)
    return Terms(
        world.now(QUOTA) * contracts.supply, contracts.fee, chances_of(world), delays_of(world), arrival, death,
        sanction_risk(world), on_arrival(world, share_of_stay(world, removals(world))), papers,
    )  # fmt: skip


def _odds(world: World, legs: LegsMonth) -> tuple[np.ndarray, np.ndarray]:
    """Probability of arrival in an attempt, and fatality, by route."""
    arrival, death = np.zeros((2, len(world.route_facts)))
    odds_of_attempts(world.route_legs, world.route_length, legs, arrival, death)
    return arrival, death / np.maximum(arrival + death, 1e-12)


def _under(world: World, today: Outlook, now: Terms, later: Terms) -> Outlook:
    """Outlook of today with what other terms change: people know the change, and keep their bias about the level."""
    ways, month = world[ChannelState].ways, today.month
    place, abroad = ways.destination, ways.abroad
    contract = (ways.channel == LEGAL_WORK) & ~ways.is_sold
    more = np.where(contract, later.places[place] / np.maximum(now.places[place], LEAST_FACTOR), 1.0)
    asked = later.chance / np.maximum(now.chance, LEAST_FACTOR) * more
    least = np.where(contract, np.minimum(month.chance, LEAST_ADMISSION), 0.0)
    chance = np.clip(month.chance * asked, least, 1.0)
    stay = (later.share / np.maximum(now.share, LEAST_FACTOR))[place, ways.channel]
    return Outlook(
        month._replace(chance=chance, delay=later.delay, pay=np.where(abroad, month.pay * stay, month.pay)),
        _shifted(today.believed, now, later),
    )


def _shifted(believed: Believed, now: Terms, later: Terms) -> Believed:
    """Beliefs moved as far as the truth moves: odds of the way by their log odds, chances by their difference."""
    failure, death = _shifts(1.0 - now.arrival, 1.0 - later.arrival), _shifts(now.death, later.death)
    return believed._replace(
        success=1.0 - tilted(1.0 - believed.success, np.broadcast_to(failure, believed.success.shape)),
        death=tilted(believed.death, np.broadcast_to(death, believed.death.shape)),
        papers=np.clip(believed.papers + later.papers - now.papers, 0.0, 1.0),
        sanction=np.clip(believed.sanction + later.sanction - now.sanction, 0.0, 1.0),
    )


def _shifts(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Shift of the log odds of each probability."""
    return np.array([log_odds(then) - log_odds(now) for now, then in zip(before, after, strict=True)])


def _dearer_contracts(world: World, now: Terms, later: Terms) -> np.ndarray:
    """Rise of the fee of contracts, as a share of it, by option."""
    ways = world[ChannelState].ways
    rise = later.fee / np.maximum(now.fee, 1.0) - 1.0
    return np.where((ways.channel == LEGAL_WORK) & ~ways.is_sold, rise[ways.destination], 0.0)


def _with_honest_officers(world: World, policy: Announcement, today: Outlook) -> Outlook:
    """Outlook of today where officers on the legs of a policy take fewer bribes; the same for other policies."""
    if policy.lever.over != "jurisdiction":
        return today
    now = _terms(world, world[LegsState].month)
    arrival, death = _odds(world, _honest_legs(world, policy.deviation[world.district_count :]))
    return today._replace(believed=_shifted(today.believed, now, now._replace(arrival=arrival, death=death)))


def _honest_legs(world: World, removed: np.ndarray) -> LegsMonth:
    """Legs of the month without a share, by leg, of the bribes that Pakistan's officers take."""
    legs, share = world[LegsState].month, bribed_share(world)
    guards, posts = world[PostsState].guards, world[PostsState].posts
    taking = guards.effort * (posts.corrupt * (1.0 - posts.caution))[guards.post]
    at_home = taking * world[PostsState].stations.serves_home[guards.post]
    mine, all_of_them = (np.bincount(guards.leg, officers, share.size) for officers in (at_home, taking))
    left = share * (1.0 - removed * mine / np.maximum(all_of_them, LEAST_FACTOR))
    return legs._replace(interception=legs.interception * (1.0 - left) / np.maximum(1.0 - share, LEAST_FACTOR))


def _risk_in_price(world: World, policy: Announcement) -> np.ndarray:
    """Rise of the cost of irregular ways, as a share of it, by district and option.

    Offices charge their clients what arrests and bribes cost them, with the agents' share and the markup on it; it
    rises in proportion to the policy.
    """
    offices, risks, ways = world[MarketTables].offices, world[RisksState], world[ChannelState].ways
    rows = (offices.state == OFFICE_OPEN).nonzero()[0]
    asked = (risks.arrest_loss[rows] + risks.bribes[rows]) * (1.0 + offices.markup[rows])
    clients = max(float(clients_expected(offices, rows).sum()), 1.0)
    charged = float(asked.sum()) / (1.0 - world.params(OfficesParams).associate_share) / clients
    more = policy.deviation[: world.district_count] * charged
    cost = np.maximum(world[OptionsState].month.cost, 1.0)
    hired = (ways.channel == IRREGULAR_WAY) & (world.route_bits[ways.route] != 0)
    return np.where(hired, more[:, None] / cost, 0.0)


LEAST_FACTOR = 1e-3
"""Smallest number by which something is divided."""
