"""Channel: those considering migration choose between staying and the open, affordable ways."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaParams
from abm.beliefs import Beliefs, Perceived, perceived, tilted
from abm.beliefs.kernels.beliefs import DEATH, FAILURE, PAPERS, SANCTION, TOPICS, WAGE
from abm.choice.kernels.wish import consider_blocks
from abm.declare import Outcomes, Params, outcome, param
from abm.departure import REFUSALS_ADDED, OptionsMonth, OptionsState, apply, collect
from abm.departure.kernels.choice import attract, choose_channels
from abm.engine.portable import logarithm
from abm.legal import (
    LegalWorkParams,
    OverstayParams,
    SponsorshipParams,
    close_sale,
    district_costs,
    legal_delay,
    overstay_delay,
    sponsorship_delay,
    visa_delay,
)
from abm.market import OffersState
from abm.places.options import CHANNELS, DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP, Option
from abm.world.codes import IRREGULAR, SETTLED, STREAM_CHOICE, STREAM_CONSIDER, T_AWAY, T_MEMBERS, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class ChannelParams(Params):
    """Utility of the channels: a nested logit against staying (utility 0)."""

    gain: float = param(1.0, unit="utility per log point", bounds=(0.0, 4.0), source="assumed", systems=("S6",))
    """Weight of the log ratio of believed pay away (times the believed chance of success, discounted) to pay at
    home."""

    cost: float = param(1.6, unit="utility", bounds=(0.0, 6.0), source="assumed", systems=("S5", "S6"))
    """Weight of the cost as a share of the money the household can raise."""

    irregular_cost_factor: float = param(
        1.5,
        unit="multiple",
        bounds=(0.5, 6.0),
        source="assumed; who can least afford the loss goes least, the middle first: McKenzie and Rapoport (2007)",
        systems=("S5", "S6"),
    )
    """Weight of the cost of an irregular way, which may be lost, relative to that of other ways."""

    harm: float = param(25.0, unit="utility", bounds=(0.0, 60.0), source="assumed", systems=("S6",))
    """Weight of the believed probability of death on the way."""

    papers: float = param(0.6, unit="utility", bounds=(0.0, 5.0), source="assumed", systems=("S6", "S18"))
    """Utility of certain regularisation after an irregular journey."""

    sanction: float = param(1.0, unit="utility", bounds=(0.0, 10.0), source="assumed", systems=("S6",))
    """Disutility of being sent home and punished with certainty."""

    network: float = param(0.35, unit="utility per log point", bounds=(0.0, 2.0), source="assumed", systems=("S4",))
    """Weight of the district's diaspora at the destination, log(1 + persons per 10,000 members at home)."""

    network_pooling: float = param(
        0.5, unit="share", bounds=(0.0, 1.0), source="assumed; see docs/model.md, scale", systems=("S4",)
    )
    """Weight of the country's mix of destinations, relative to the district's own, in the network effect."""

    nest: float = param(
        0.6, unit="dimensionless", bounds=(0.1, 1.0), source="assumed; McFadden (1978)", systems=("S6",)
    )
    """Dissimilarity of the options within a channel; 1 is a plain logit."""

    route_nest: float = param(
        0.5, unit="dimensionless", bounds=(0.1, 1.0), source="assumed; McFadden (1978)", systems=("S6", "S8")
    )
    """Dissimilarity of the routes to one destination, relative to that of options within a channel; 1 means no nest."""

    discount: float = param(0.02, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=("S6",))
    """Discount rate for the months until arrival."""

    experience: float = param(0.3, unit="utility", bounds=(0.0, 3.0), source="assumed", systems=("S18",))
    """Added to every way abroad for a household with experience of migration."""

    legal_constant: float = param(
        0.5, unit="utility", bounds=(-6.0, 6.0), source="assumed, calibrated by hand", systems=("S6",)
    )
    """Preference for legal work abroad."""

    sponsorship_constant: float = param(
        -0.8, unit="utility", bounds=(-6.0, 6.0), source="assumed, calibrated by hand", systems=("S4",)
    )
    """Preference for sponsorship."""

    domestic_constant: float = param(
        -1.4, unit="utility", bounds=(-6.0, 6.0), source="assumed, calibrated by hand", systems=("S14",)
    )
    """Preference for work in a city of Pakistan."""

    irregular_constant: float = param(
        -3.83, unit="utility", bounds=(-10.0, 6.0), source="assumed, calibrated by hand", systems=("S6",)
    )
    """Preference for an irregular journey: legal ways would be chosen first."""

    overstay_constant: float = param(
        -4.7, unit="utility", bounds=(-10.0, 6.0), source="assumed, calibrated by hand", systems=("S6", "S8")
    )
    """Preference for staying on after a visit."""


class ChannelOutcomes(Outcomes):
    """Households considering migration."""

    considering = outcome(
        unit="household", over="district", text="Households that considered sending a member away in the month."
    )


class Channel(Mechanism):
    """Nested logit over feasible options: staying, legal work, sponsorship, a city, overstay, an irregular route."""

    section = "channel"
    Params = ChannelParams
    systems = ("S5", "S6")
    outcomes = ChannelOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Work out the options of the month, among which those considering migration choose in the household pass."""
        believed = perceived(world)
        entry, cost = district_costs(world)
        attraction, slope = _attraction(world, entry, believed)
        options = _options(world, entry, cost, slope, believed.mean)
        world[OptionsState].month = options
        world[OptionsState].attraction = attraction
        if world.t == 0:
            _file_earlier_applications(world, options, close_sale(world, attraction))


def _file_earlier_applications(world: World, options: OptionsMonth, attraction: np.ndarray) -> None:
    """File applications still pending from the months before the start, so that no queue opens empty.

    Households choose as in the first month, with the random numbers of the earlier months.
    """
    # no visas were for sale before the start
    delay = np.array([0 if option.is_sold else _months_pending(world, option) for option in world.options])
    blocks = world.chosen_count.size
    for before in range(1, int(delay.max()) + 1):
        consider_blocks(
            0, blocks, world.blocks, world.district_month, world.villages, world.households,
            world.key(STREAM_CONSIDER, before), world.chosen, world.chosen_count,
        )  # fmt: skip
        choose_channels(
            0, blocks, world.blocks, world.district_month, world.households, world.villages, options, attraction,
            world.key(STREAM_CHOICE, before), world.chosen, world.chosen_count, world.choice,
            np.zeros((5, max(len(world.options), len(CHANNELS)))),
        )  # fmt: skip
        rows, districts, picked = collect(world)
        pending = delay[picked] >= before
        apply(world, rows[pending], districts[pending], picked[pending], delay[picked[pending]] - before)


def _months_pending(world: World, option: Option) -> int:
    """Whole months for which an application is pending; 0 for ways without an application."""
    if option.is_sold:
        return visa_delay(world)
    if option.channel == LEGAL_WORK:
        return int(legal_delay(world)[option.destination])
    if option.channel == OVERSTAY:
        return overstay_delay(world)
    return sponsorship_delay(world) if option.channel == SPONSORSHIP else 0


def _options(world: World, entry: np.ndarray, cost: np.ndarray, slope: np.ndarray, known: np.ndarray) -> OptionsMonth:
    """Gather the values of the options; `known` is the mean ratio of perceived to true value by district and topic."""
    params = world.params(ChannelParams)
    channel = np.array([option.channel for option in world.options])
    open_somewhere = np.flatnonzero(np.isfinite(entry).any(axis=0))
    first_route, last_route, group, group_count = _route_groups(world)
    return OptionsMonth(
        in_use=int(open_somewhere[-1]) + 1 if open_somewhere.size else 0,
        nest=channel,
        entry=entry,
        cost=cost,
        needs_tie=channel == SPONSORSHIP,
        abroad=channel != DOMESTIC_MOVE,
        gain=params.gain,
        cost_weight=np.where(channel == IRREGULAR_WAY, params.cost * params.irregular_cost_factor, params.cost),
        experience=params.experience,
        nest_dissimilarity=params.nest,
        nest_count=len(CHANNELS),
        spread=np.where(channel == IRREGULAR_WAY, params.nest * params.route_nest, params.nest),
        first_route=first_route,
        last_route=last_route,
        group=group,
        group_count=group_count,
        route_nest=params.route_nest,
        skill_premium=world.params(DiasporaParams).skill_premium,
        slope=slope,
        known=known,
    )


def _route_groups(world: World) -> tuple[int, int, np.ndarray, int]:
    """First route among the options, the option after the last, the group of each option, and the number of groups.

    Routes to one destination form a group: the choice of destination precedes that of route.
    """
    routes = [k for k, option in enumerate(world.options) if option.channel == IRREGULAR_WAY]
    goals = sorted({world.options[k].destination for k in routes})
    group = np.zeros(len(world.options), np.int64)
    group[routes] = [goals.index(world.options[k].destination) for k in routes]
    first = routes[0] if routes else 0
    return first, first + len(routes), group, len(goals)


def _attraction(world: World, entry: np.ndarray, believed: Perceived) -> tuple[np.ndarray, np.ndarray]:
    """Utility of each option by district, before household terms, and its slope in the beliefs of a village.

    Returns
    -------
    tuple of numpy.ndarray
        Utility by district and option. By district, topic and option: change in utility for a village whose belief is
        twice its district's, to the first order in the log odds of the topic (the log of the wage); zero if beliefs
        are off.
    """
    params, summary = world.params(ChannelParams), world[OffersState].month.summary
    constants = (
        params.legal_constant, params.sponsorship_constant, params.domestic_constant, params.irregular_constant,
        params.overstay_constant,
    )  # fmt: skip
    residents = np.maximum(world.sums[:, T_MEMBERS] - world.sums[:, T_AWAY], 1)
    diaspora = known_diaspora(world)
    ways = Counter(option.destination for option in world.options if option.channel == IRREGULAR_WAY)
    believed_success = 1.0 - tilted(1.0 - summary.success, believed.failure)
    believed_death = tilted(summary.death, believed.death)
    attraction = np.full(entry.shape, -np.inf)
    slope = np.zeros((world.district_count, len(TOPICS), len(world.options)))
    for k, option in enumerate(world.options):
        if not np.isfinite(entry[:, k]).any():
            continue
        success, death, months, status = prospects(world, option)
        pay: np.ndarray | float = float(world.destinations[option.destination].pays[status])
        taste = constants[option.channel] - params.gain * params.discount * months
        network = 0.0
        if option.channel != DOMESTIC_MOVE:  # pay in a city is known to all
            pay = pay * believed.pay
            network = params.network
            slope[:, WAGE, k] = params.gain
        if option.channel == IRREGULAR_WAY:
            success, death = believed_success[:, option.route], believed_death[:, option.route]
            failure, hope, fear = 1.0 - success, believed.papers[:, option.destination], believed.sanction
            taste = taste + (params.papers * hope - params.sanction * failure * fear)
            taste += world.destination_facts[option.destination].appeal
            # identical routes together weigh as much as without a nest of their own
            taste += params.nest * (1.0 - params.route_nest) * logarithm(float(ways[option.destination]))
            slope[:, DEATH, k] = -params.harm * death * (1.0 - death)
            slope[:, FAILURE, k] = -params.gain * failure
            slope[:, PAPERS, k] = params.papers * hope * (1.0 - hope)
            slope[:, SANCTION, k] = -params.sanction * failure * fear * (1.0 - fear)
        here = diaspora[:, option.destination] / residents * 10_000.0
        attract(taste, params.harm, death, params.gain, success * pay, network, here, attraction[:, k])
    return attraction, slope if world.config.enabled(Beliefs.section) else np.zeros_like(slope)


def known_diaspora(world: World) -> np.ndarray:
    """Persons abroad by district and destination, as known to people at home.

    A mix of the district's own distribution over destinations and the country's: people hear of places beyond their
    district, and in a small sample most districts would otherwise have no one in rarer destinations.
    """
    own = world.stock.sum(axis=2).astype(np.float64)
    own[:, -1] = 0.0
    mix = own.sum(axis=0) / max(own.sum(), 1.0)
    pooling = world.params(ChannelParams).network_pooling
    return (1.0 - pooling) * own + pooling * own.sum(axis=1)[:, None] * mix


def prospects(world: World, option: Option) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """True chance of success and of death, and months until arrival, by district; and status on arrival."""
    if option.channel == IRREGULAR_WAY:
        summary, route = world[OffersState].month.summary, option.route
        return summary.success[:, route], summary.death[:, route], summary.months[:, route], IRREGULAR
    chance, status, destination = 1.0, WORKER, world.destinations[option.destination]
    if option.is_sold:
        pass  # certain: a sold-out visa is noticed at the counter
    elif option.channel == LEGAL_WORK:
        chance = (1.0 - refusal(world, option)) * destination.admission
    elif option.channel == SPONSORSHIP:
        chance, status = 1.0 - refusal(world, option), SETTLED
    elif option.channel == OVERSTAY:
        chance, status = (1.0 - refusal(world, option)) * destination.visit_admission, IRREGULAR
    everywhere = np.ones(world.district_count)
    return chance * everywhere, 0.0 * everywhere, _months_pending(world, option) * everywhere, status


def refusal(world: World, option: Option) -> float:
    """Share of applications for an option that is refused."""
    refusal = {LEGAL_WORK: world.params(LegalWorkParams).refusal, OVERSTAY: world.params(OverstayParams).refusal}.get(
        option.channel, world.params(SponsorshipParams).refusal
    )
    added = world.now(REFUSALS_ADDED)[option.destination]
    return float(min(max(refusal + added, 0.0), 1.0))
