"""Channel: those considering migration choose between staying and the open, affordable ways."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from abm.abroad.diaspora import DiasporaParams
from abm.choice.belief_choice import BelievedOptions
from abm.choice.channel_params import ChannelParams
from abm.choice.kernels.wish import consider_blocks
from abm.declare import Outcomes, outcome
from abm.departure.applications import REFUSALS_ADDED, apply, collect
from abm.departure.kernels.choice import attract, choose_channels
from abm.departure.options import OptionsMonth, OptionsState
from abm.engine.portable import logarithm
from abm.legal.legal_price import visa_delay
from abm.legal.legal_work import legal_delay
from abm.legal.legal_work_params import LegalWorkParams
from abm.legal.overstay import OverstayParams, overstay_delay
from abm.legal.prices import district_costs
from abm.legal.sponsorship import SponsorshipParams, sponsorship_delay
from abm.legal.visa_sale import close_sale
from abm.market.offers import OffersState
from abm.places.options import CHANNELS, DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP, Option
from abm.world.codes import IRREGULAR, SETTLED, STREAM_CHOICE, STREAM_CONSIDER, T_AWAY, T_MEMBERS, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


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
        believed = BelievedOptions(world)
        options = _options(world, believed)
        attraction = _attraction(world, options, believed)
        world[OptionsState].month = options
        world[OptionsState].attraction = attraction
        if world.t == 0:
            _file_earlier_applications(world, options, close_sale(world, attraction))


def _file_earlier_applications(world: World, options: OptionsMonth, attraction: np.ndarray) -> None:
    """File applications still pending from the months before the start, so that no queue opens empty.

    Households choose as in the first month, with the random numbers of the earlier months.
    """
    delay = np.array([_months_pending(world, option) for option in world.options])
    for before in range(1, int(delay.max()) + 1):
        key = world.key(STREAM_CONSIDER, before)
        consider_blocks(
            0,
            world.chosen_count.size,
            world.blocks,
            world.district_month,
            world.villages,
            world.households,
            key,
            world.chosen,
            world.chosen_count,
        )
        choose_channels(
            0,
            world.chosen_count.size,
            world.blocks,
            world.district_month,
            world.households,
            world.villages,
            options,
            attraction,
            world.key(STREAM_CHOICE, before),
            world.chosen,
            world.chosen_count,
            world.choice,
            np.zeros((5, max(len(world.options), len(CHANNELS)))),
        )
        rows, districts, picked = collect(world)
        pending = delay[picked] >= before
        apply(world, rows[pending], districts[pending], picked[pending], delay[picked[pending]] - before)


def _months_pending(world: World, option: Option) -> int:
    """Whole months for which an application is pending; 0 for ways without an application."""
    if option.is_sold:
        return 0  # no visas were for sale before the start
    if option.channel == LEGAL_WORK:
        return int(legal_delay(world)[option.destination])
    if option.channel == OVERSTAY:
        return overstay_delay(world)
    return sponsorship_delay(world) if option.channel == SPONSORSHIP else 0


def _options(world: World, believed: BelievedOptions) -> OptionsMonth:
    """Gather the values common to all districts."""
    params = world.params(ChannelParams)
    channel = np.array([option.channel for option in world.options])
    entry, cost = district_costs(world)
    open_somewhere = np.flatnonzero(np.isfinite(entry).any(axis=0))
    return OptionsMonth(
        int(open_somewhere[-1]) + 1 if open_somewhere.size else 0,
        channel,
        entry,
        cost,
        channel == SPONSORSHIP,
        channel != DOMESTIC_MOVE,
        params.gain,
        np.where(channel == IRREGULAR_WAY, params.cost * params.irregular_cost_factor, params.cost),
        params.experience,
        params.nest,
        len(CHANNELS),
        np.where(channel == IRREGULAR_WAY, params.nest * params.route_nest, params.nest),
        *_route_groups(world),
        params.route_nest,
        world.params(DiasporaParams).skill_premium,
        believed.slope,
        believed.known,
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


def _attraction(world: World, options: OptionsMonth, believed: BelievedOptions) -> np.ndarray:
    """Utility of each option by district, before household terms."""
    params = world.params(ChannelParams)
    constants = (
        params.legal_constant,
        params.sponsorship_constant,
        params.domestic_constant,
        params.irregular_constant,
        params.overstay_constant,
    )
    residents = np.maximum(world.sums[:, T_MEMBERS] - world.sums[:, T_AWAY], 1)
    diaspora = known_diaspora(world)
    ways = Counter(option.destination for option in world.options if option.channel == IRREGULAR_WAY)
    attraction = np.full((world.district_count, len(world.options)), -np.inf)
    for k, option in enumerate(world.options):
        if not np.isfinite(options.entry[:, k]).any():
            continue
        success, death, months, status = prospects(world, option)
        if option.channel == IRREGULAR_WAY:
            success, death = believed.odds(option)
        believed.set_slopes(k, option, success, death)
        pay = float(world.destinations[option.destination].pays[status]) * believed.pay(option)
        extra = believed.extras(option, success)
        here = diaspora[:, option.destination] / residents * 10_000.0
        network = 0.0 if option.channel == DOMESTIC_MOVE else params.network
        taste = constants[option.channel] - params.gain * params.discount * months + extra
        if option.channel == IRREGULAR_WAY:
            taste += world.destination_facts[option.destination].appeal
            # identical routes together weigh as much as without a nest of their own
            taste += params.nest * (1.0 - params.route_nest) * logarithm(float(ways[option.destination]))
        attract(taste, params.harm, death, params.gain, success * pay, network, here, attraction[:, k])
    return attraction


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
    chance, death, months, status = 1.0, 0.0, 0.0, WORKER
    if option.channel == IRREGULAR_WAY:
        summary = world[OffersState].month.summary
        route = option.route
        return summary.success[:, route], summary.death[:, route], summary.months[:, route], IRREGULAR
    if option.is_sold:
        months = float(visa_delay(world))  # and certain: a sold-out visa is noticed at the counter
    elif option.channel == LEGAL_WORK:
        chance = (1.0 - refusal(world, option)) * world.destinations[option.destination].admission
        months = float(legal_delay(world)[option.destination])
    elif option.channel == SPONSORSHIP:
        chance, months, status = 1.0 - refusal(world, option), float(sponsorship_delay(world)), SETTLED
    elif option.channel == OVERSTAY:
        chance = (1.0 - refusal(world, option)) * world.destinations[option.destination].visit_admission
        months, status = float(overstay_delay(world)), IRREGULAR
    everywhere = np.ones(world.district_count)
    return chance * everywhere, death * everywhere, months * everywhere, status


def refusal(world: World, option: Option) -> float:
    """Share of applications for an option that is refused."""
    refusal = {
        LEGAL_WORK: world.params(LegalWorkParams).refusal,
        OVERSTAY: world.params(OverstayParams).refusal,
    }.get(option.channel, world.params(SponsorshipParams).refusal)
    added = world.now(REFUSALS_ADDED)[option.destination]
    return float(min(max(refusal + added, 0.0), 1.0))
