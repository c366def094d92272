"""Channel: those considering migration choose between staying and the open, affordable ways."""

from __future__ import annotations

from collections import namedtuple
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from abm.abroad import DiasporaParams, share_in_hiding
from abm.beliefs import Beliefs, Perceived, look_around, perceived, tilted
from abm.beliefs.kernels.beliefs import TOPICS
from abm.choice.kernels.channel import attract
from abm.choice.kernels.wish import consider_blocks
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept
from abm.departure import AS_ONE, IN_PIECES, Choices, OptionsMonth, OptionsState, apply, collect, refused_share
from abm.departure.kernels.choice import choose_channels, weighing_space
from abm.engine.elementwise import exp, log, raised
from abm.engine.portable import logarithm
from abm.engine.tables import widen
from abm.journeys import JourneyParams
from abm.legal import (
    DELAY,
    AdmissionState,
    Asked,
    LegalPriceParams,
    LegalWorkParams,
    OverstayParams,
    SponsorshipParams,
    SponsorshipState,
    close_sale,
    district_costs,
    through_ties,
    visits_refused,
)
from abm.market import OffersState, OfficesParams, expected_on_way, local_knowledge, recruiting_places, those_who_went
from abm.places.options import CHANNELS, DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.routes import LegsState, crowds_on_routes
from abm.society import EconomyState
from abm.society.kernels.diffusion import means_over_neighbours, migrants_by_district
from abm.world.codes import HIDDEN, IRREGULAR, MOST_STOPPED, SETTLED, STREAM_CHOICE, STREAM_CONSIDER, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class ChannelParams(Params):
    """Utility of the channels: a nested logit against staying (utility 0)."""

    gain: float = param(
        1.01,
        unit="utility per log point",
        bounds=(0.0, 4.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S6",),
    )
    """Weight of the log ratio of believed pay away (times the believed chance of success, discounted) to pay at
    home."""

    living: float = param(
        0.5, unit="share", bounds=(0.0, 1.0),
        source="assumed; what is earned beyond subsistence counts: Stone (1954)", systems=("S6",),
    )  # fmt: skip
    """Cost of living abroad, relative to pay in hiding there in the destination data, at the incomes of the month."""

    cost: float = param(
        2.72,
        unit="utility",
        bounds=(0.0, 6.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S5", "S6"),
    )
    """Weight of the cost as a share of the money the household can raise."""

    irregular_cost_factor: float = param(
        1.5,
        unit="multiple",
        bounds=(0.5, 6.0),
        source="assumed; who can least afford the loss goes least, the middle first: McKenzie and Rapoport (2007)",
        systems=("S5", "S6"),
    )
    """Weight of the cost of an irregular way, which may be lost, relative to that of other ways."""

    harm: float = param(
        38.5,
        unit="utility",
        bounds=(0.0, 500.0),
        source="calibrated, hardly identified, docs/calibration.md; prior for an elasticity of a half to the believed "
        "risk of death: Shrestha (2017)",
        systems=("S6",),
    )
    """Weight of the believed share of the dead among those who arrive or die."""

    papers: float = param(
        0.3, unit="utility", bounds=(0.0, 5.0), systems=("S6", "S18"),
        source="assumed, a small weight: Monras, Vázquez-Grenno and Elias (2019): an amnesty drew no more migrants",
    )  # fmt: skip
    """Utility of certain regularisation after an irregular journey or an overstayed visit."""

    sanction: float = param(1.0, unit="utility", bounds=(0.0, 10.0), source="assumed", systems=("S6",))
    """Disutility of being sent home and punished with certainty."""

    network: float = param(0.35, unit="utility per log point", bounds=(0.0, 2.0), source="assumed", systems=("S4",))
    """Weight of the district's diaspora at the destination beyond that of all districts together at the start."""

    community: float = param(
        0.35, unit="utility per log point", bounds=(0.0, 2.0), source="assumed, as network", systems=("S4",)
    )
    """Weight of the diaspora of all districts at the start, in the same logs: a large one draws from everywhere."""

    network_pooling: float = param(
        0.5, unit="share", bounds=(0.0, 1.0), source="assumed; see docs/model.md, scale", systems=("S4",)
    )
    """Weight of the country's mix of destinations, relative to the district's own, in the network effect and in what is
    known of offices."""

    referral: float = param(
        2.61,
        unit="person per 1,000 residents",
        bounds=(0.01, 500.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S3", "S4", "S7"),
    )
    """Migrants who went to a destination at whom half of a district knows and trusts an office that serves it."""

    referral_confirmed: float = param(
        2.0,
        unit="exponent",
        bounds=(1.0, 5.0),
        source="assumed; costly steps are taken on word from several: Centola and Macy (2007)",
        systems=("S3", "S4", "S7"),
    )
    """Steepness of that knowledge in the number of migrants: above 1 word has to be confirmed."""

    referral_news: float = param(
        50_000.0, unit="person a month", bounds=(1_000.0, 1e7),
        source="assumed; strangers' word in open media lowers the threshold: Dekker and Engbersen (2014)",
        systems=("S3", "S7"),
    )  # fmt: skip
    """Crossings by others beyond the usual at which reports in the media make up for half of the confirmation."""

    referral_neighbours: float = param(
        0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3", "S4", "S7")
    )
    """Weight of migrants from adjacent districts in what is known of offices."""

    referral_village: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S4", "S7"))
    """Weight of the village's own migrants, relative to the district's, in what is known of offices."""

    recruiting: float = param(2.0, unit="migrant a place", bounds=(0.0, 500.0), source="assumed", systems=("S7",))
    """Migrants who would make offices as well known as the recruiters of one client a month do."""

    nest: float = param(
        0.6, unit="dimensionless", bounds=(0.1, 1.0), source="assumed; McFadden (1978)", systems=("S6",)
    )
    """Dissimilarity of the options within a channel; 1 is a plain logit."""

    route_nest: float = param(
        0.5, unit="dimensionless", bounds=(0.1, 1.0), source="assumed; McFadden (1978)", systems=("S6", "S8")
    )
    """Dissimilarity of the routes to one destination, relative to that of options within a channel; 1 means no nest."""

    stay: float = param(48.0, unit="month", bounds=(1.0, 480.0), source="assumed", systems=("S6", "S18"))
    """Months for which people mean to work abroad; removals cut them short."""

    discount: float = param(0.02, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=("S6",))
    """Discount rate for the months until arrival."""

    idle_pay: float = param(
        0.5,
        unit="share",
        bounds=(0.05, 1.0),
        source="assumed; those without work prepare to leave about twice as often, Migali and Scipioni (2019)",
        systems=("S1", "S6"),
    )
    """Pay at home that a member without a job expects for the months of a stay abroad, relative to a job."""

    experience: float = param(0.3, unit="utility", bounds=(0.0, 3.0), source="assumed", systems=("S18",))
    """Added to every way abroad for a household with experience of migration."""

    legal_constant: float = param(
        1.2,
        unit="utility",
        bounds=(-6.0, 6.0),
        source="assumed; set by hand to within a factor of two of the record",
        systems=("S6",),
    )
    """Preference for legal work abroad."""

    sponsorship_constant: float = param(
        0.0,
        unit="utility",
        bounds=(-6.0, 6.0),
        source="assumed; from about here on more ask than `sponsorship.capacity` lets in, which is fitted",
        systems=("S4",),
    )
    """Preference for sponsorship."""

    domestic_constant: float = param(
        -2.2,
        unit="utility",
        bounds=(-6.0, 6.0),
        source="assumed; set by hand to within a factor of two of the record",
        systems=("S14",),
    )
    """Preference for work in a city of Pakistan."""

    irregular_constant: float = param(
        0.211, unit="utility", bounds=(-10.0, 6.0), source="calibrated, hardly identified, docs/calibration.md",
        systems=("S6",),
    )  # fmt: skip
    """Preference for an irregular journey: legal ways would be chosen first."""

    overstay_constant: float = param(
        -7.22,
        unit="utility",
        bounds=(-10.0, 6.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S6", "S8"),
    )
    """Preference for staying on after a visit."""


class ChannelOutcomes(Outcomes):
    """Households considering migration."""

    considering = outcome(
        unit="household", over="district", text="Households that considered sending a member away in the month."
    )


Ways = namedtuple(
    "Ways",
    [
        "channel", "destination", "route", "is_sold", "abroad", "for_all", "appeal", "log_rivals", "first_route",
        "last_route", "group", "group_count",
    ],
)  # fmt: skip
"""Facts of the options, see `abm.places.options.Option`: whether they lead abroad, and the places of those that do so
without ties; of routes and visits, the appeal of their destination; of routes, the log of the number of routes to it.
Routes are options from the first to before the last; those to one destination form a group: the choice of destination
precedes theirs."""

WaysMonth = namedtuple(
    "WaysMonth", ["is_open", "taste", "chance", "delay", "pay", "appeal", "crowd", "heard", "community"]
)
"""Month's values of the options: whether open anywhere, constant, chance by district and months until arrival (not of
routes), reported pay beyond living, and of routes the appeal of their destination, what makes up for a nest of their
own, and the log of the share in each district who know how to go; and by destination log(1 + persons there per 10,000)
at the start."""

Believed = namedtuple("Believed", ["success", "death", "months", "papers", "sanction", "pay"])
"""Believed odds by district: of routes, their months; papers, a sanction, and pay over reported pay."""

Outlook = namedtuple("Outlook", ["month", "believed"])
"""What the utility of the options follows from: `WaysMonth` and `Believed`."""

Terms = namedtuple("Terms", ["gain", "discount", "harm", "papers", "sanction", "network", "community"])
"""Parameters that the kernel takes, see `ChannelParams`."""


class ChannelState(State):
    """Facts of the options, which follow from the configuration, and communities abroad at the start."""

    community: Held[np.ndarray] = kept(
        unit="log points", text="log(1 + persons there per 10,000 at home), of all districts together, at the start.",
        over=("destination",), start=lambda world: _communities(world),
    )  # fmt: skip

    @cached_property
    def ways(self) -> Ways:
        """The options in columns."""
        world = cast("World", self.world)
        channel, destination, route, is_sold, _ = world.option_table
        routes, abroad = np.flatnonzero(channel == IRREGULAR_WAY), channel != DOMESTIC_MOVE
        goals, place, rivals = np.unique(destination[routes], return_inverse=True, return_counts=True)
        appeal, log_rivals, group = np.zeros(channel.size), np.zeros(channel.size), np.zeros(channel.size, np.int64)
        group[routes] = place
        for k in np.flatnonzero(channel == OVERSTAY):
            appeal[k] = world.destination_facts[destination[k]].visit_appeal
        for k in routes:
            appeal[k] = world.destination_facts[destination[k]].appeal
            log_rivals[k] = logarithm(float(rivals[group[k]]))
        first = int(routes[0]) if routes.size else 0
        return Ways(
            channel, destination, route, is_sold, abroad, np.flatnonzero(abroad & (channel != SPONSORSHIP)), appeal,
            log_rivals, first, first + routes.size, group, goals.size,
        )  # fmt: skip


class Channel(Mechanism):
    r"""Values every way to leave, by district; those who consider leaving choose among these and staying.

    A household that considers sending a member compares staying with the ways open to it: work under contract,
    sponsorship, a city of Pakistan, staying on after a visit, and the irregular routes that it has heard of.

    Notes
    -----
    Utility of option $o$, of channel $n$, against 0 for staying:

    $$
    V_o = \beta_n + \text{appeal}_o + \gamma \left[ \log \frac{s_o y_o (1 + \kappa z)}{y_h} - r t_o \right] -
        c_n \min((C_o + 12 i \max(D_o - A, 0)) / M, 2) + \nu (\log(1 + N_o) - \bar n_o) + \omega \bar n_o,
    $$

    for a visit that becomes a stay also $\pi p_o$, and for an irregular route

    $$
    {} - h f_o + \pi p_o - \phi (1 - s_o) j + \log q_o + \lambda (1 - \mu) \log m_g .
    $$

    Here $s_o$ is the chance of success, $z$ skill, $y_h$ pay a month at home times the chance of a job, $t_o$ months
    until arrival, $N_o$ known persons there by 10,000 at home, $\bar n_o$ the same log for all districts together at
    the start, $f_o$ the share of the dead among those who arrive or die, $p_o$ papers, $j$ punishment, all as believed,
    and $q_o$ the share of people who know the way. Pay there $y_o$ is that reported of a month less `living` times the
    pay in hiding without a lack of jobs, times $(1 - e^{-\eta T}) / (\eta T)$, what removals at the rate $\eta$ leave
    of $T$ months (`stay`). A way is open only if the means $M$ cover what is due before leaving: its price; for a route
    the least that an offer asks at departure, or the cost of going alone if less. The expected cost $C_o$ includes
    ransoms to be expected on an attempt, what is owed later on credit, and offers beyond the means, so that it may
    exceed $M$. Of $D_o$, what is due at departure, and those ransoms, what is beyond savings above the departure
    buffer, $A$, is borrowed for a year at interest $i$; offices lend without interest. For a route, $C_o$, $D_o$, $s_o$
    and $f_o$ are means over the offers that reach the district and going alone, by their weights in "Offers": of $E$;
    of what is due; of trust times the chance to arrive, and of that share of the dead, with guides of usual quality;
    $s_o$ and $f_o$ are then tilted as in "Beliefs". Experience of migration adds `experience`. The $\beta_n$ are
    `legal_constant` to `overstay_constant`; the appeal of a destination, of routes and of visits, is a fact of the
    data. Weights are `gain`, `discount`, `cost` (times `irregular_cost_factor`), `network`, `community`, `harm`,
    `papers`, `sanction`; $\kappa$ is `diaspora.skill_premium`.

    A village, whose ratios $R$ of "Beliefs" are not the mean $\bar R$ of its district, leans to a way by

    $$
    \sum_k b_{k o} \min(R_k / \bar R_k - 1, 3)
    $$

    with $b$ of pay $\gamma$ (abroad) and, for routes, of death $-h f_o (1 - f_o)$, failure $-\gamma (1 - s_o)$, papers
    $\pi p_o (1 - p_o)$ and punishment $-\phi (1 - s_o) j (1 - j)$; to routes also by $\log(1 + \psi (S / \bar S - 1))$,
    with $S$ the share of households with somebody abroad and $\psi$ `referral_village`.

    Options of a channel, and the $m_g$ routes to one destination, are closer substitutes: a nested logit (McFadden
    1978)

    $$
    P(n) = \frac{G_n^{\lambda}}{1 + \sum_{n'} G_{n'}^{\lambda}}, \qquad G_n = \sum_{g \in n} R_g^{\mu}, \qquad
    R_g = \sum_{o \in g} e^{V_o / (\lambda \mu)}, \qquad P(o \mid n) = \frac{R_g^{\mu}}{G_n} \,
    \frac{e^{V_o / (\lambda \mu)}}{R_g},
    $$

    with $\lambda$ `nest` and $\mu$ `route_nest`; each option that is no route is a group $g$ of its own. An irregular
    way is known through those who went it,

    $$
    q = 1 - \frac{1 - e^{-d / \ell}}{1 + x}, \qquad x = (w / w_0)^{1 + (\chi - 1) \, b / (b + a)},
    $$

    with $w$ those of the district, its neighbours and recruiters who can tell of it, by 1,000 residents, $d$ the
    distance to the border on routes that people go alone, $w_0$ `referral`, $\chi$ `referral_confirmed`, $\ell$
    `offers.local_reach`. Word has to be confirmed ($\chi > 1$) unless media report that $a$ others cross beyond the
    usual; $b$ is `referral_news`. Above $w_0$ word is enough, and the exponent is $\chi$ whatever media report.
    """

    section = "channel"
    Params = ChannelParams
    systems = ("S5", "S6")
    outcomes = ChannelOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Work out the options of the month, among which those considering migration choose in the household pass."""
        look_around(world)
        believed, delay = perceived(world), delays_of(world)
        world[OptionsState].chance, world[OptionsState].delay = chances_of(world), delay
        asked, ransoms = district_costs(world), ransoms_of(world)
        asked.due[:] += ransoms
        asked.cost[:] += ransoms
        is_open = np.isfinite(asked.entry).any(axis=0)
        attraction, slope = value_ways(world, outlook_of(world, is_open, delay, believed))
        options = _options(world, is_open, asked, slope, believed.mean)
        # of those that need no ties
        world.district_month["cheapest"] = asked.entry[:, world[ChannelState].ways.for_all].min(axis=1)
        world[OptionsState].month = options
        world[OptionsState].attraction = attraction
        if world.t == 0:
            _file_earlier_applications(world, options, close_sale(world, attraction), delay)


def ransoms_of(world: World) -> np.ndarray:
    """Ransom to be expected on an attempt by each option, PKR: chance of being held on its legs times what is asked.

    Travellers are held at the end of a leg, if they did not die and were not stopped before.
    """
    legs, options = world[LegsState].month, world.option_table
    through = (1.0 - np.minimum(legs.death, 1.0)) * (1.0 - np.minimum(legs.interception, MOST_STOPPED))
    on_route = expected_on_way(world, world.route_legs, through * legs.extortion)
    asked = world.params(JourneyParams).ransom * world[EconomyState].income_index
    return np.where(options.channel == IRREGULAR_WAY, asked * on_route[options.route], 0.0)


def _file_earlier_applications(world: World, options: OptionsMonth, attraction: np.ndarray, delay: np.ndarray) -> None:
    """File applications still pending from the months before the start, so that no queue opens empty.

    Households choose as in the first month, with the random numbers of the earlier months.
    """
    # no visas were for sale before the start
    delay = np.where(world[ChannelState].ways.is_sold, 0, delay)
    delay = np.round(delay).astype(np.int64)
    for before in range(1, int(delay.max()) + 1):
        keys = world.key(STREAM_CONSIDER, before), world.key(STREAM_CHOICE, before)
        choices = choices_of_others(world, options, attraction, *keys)
        pending = widen(choices, delay[choices.option] >= before)
        apply(world, pending, delay[pending.option] - before)


def choices_of_others(
    world: World, options: OptionsMonth, attraction: np.ndarray, considering: np.uint64, choosing: np.uint64
) -> Choices:
    """Choices of those who would consider leaving with other random numbers, of the keys of these two."""

    def choose(first: int, last: int) -> None:
        consider_blocks(
            first, last, world.blocks, world.district_month, world.villages, world.households, considering,
            world.chosen, world.chosen_count,
        )  # fmt: skip
        choose_channels(
            first, last, world.blocks, world.district_month, world.households, world.villages, options, attraction,
            choosing, world.chosen, world.chosen_count, world.made, weighing_space(len(world.options)),
        )  # fmt: skip

    world.threads.each(choose, world.chosen_count.size)
    return collect(world)


def delays_of(world: World) -> np.ndarray:
    """Months for which an application is pending, at least 1, by option; 0 for ways without an application."""
    ways, delays = world[ChannelState].ways, np.zeros((len(CHANNELS), len(world.destinations)))
    delays[LEGAL_WORK] = world.now(DELAY)
    delays[SPONSORSHIP], delays[OVERSTAY] = world.params(SponsorshipParams).delay, world.params(OverstayParams).delay
    found = delays[ways.channel, ways.destination]
    found[ways.is_sold] = world.params(LegalPriceParams).visa_delay
    applies = (ways.channel != DOMESTIC_MOVE) & (ways.channel != IRREGULAR_WAY)
    return np.where(applies, np.maximum(found, 1.0), 0.0)


def _options(world: World, is_open: np.ndarray, asked: Asked, slope: np.ndarray, known: np.ndarray) -> OptionsMonth:
    """Gather the values of the options; `known` is the mean ratio of perceived to true value by district and topic."""
    params, ways = world.params(ChannelParams), world[ChannelState].ways
    open_somewhere, irregular = np.flatnonzero(is_open), ways.channel == IRREGULAR_WAY
    gained = _vouched_gains(world)
    return OptionsMonth(
        in_use=int(open_somewhere[-1]) + 1 if open_somewhere.size else 0,
        nest=ways.channel,
        entry=asked.entry,
        due=asked.due,
        cost=asked.cost,
        needs_tie=ways.channel == SPONSORSHIP,
        abroad=ways.abroad,
        gain=params.gain,
        cost_weight=np.where(irregular, params.cost * params.irregular_cost_factor, params.cost),
        experience=params.experience,
        idle_pay=params.idle_pay,
        nest_dissimilarity=params.nest,
        nest_count=len(CHANNELS),
        in_pieces=IN_PIECES,
        as_one=AS_ONE,
        spread=np.where(irregular, params.nest * params.route_nest, params.nest),
        first_route=ways.first_route,
        last_route=ways.last_route,
        group=ways.group,
        group_count=ways.group_count,
        route_nest=params.route_nest,
        own_migrants=params.referral_village,
        migrant_share=_migrant_shares(world),
        skill_premium=world.params(DiasporaParams).skill_premium,
        slope=slope,
        known=known,
        vouched_gain=gained,
        vouched_weight=raised(1.0 + gained, params.gain / params.nest) - 1.0,
    )


def outlook_of(world: World, is_open: np.ndarray, delay: np.ndarray, believed: Perceived) -> Outlook:
    """Gather what the utility of each option follows from in the month."""
    params, summary, ways = world.params(ChannelParams), world[OffersState].month.summary, world[ChannelState].ways
    constants = np.array(
        [
            params.legal_constant, params.sponsorship_constant, params.domestic_constant, params.irregular_constant,
            params.overstay_constant,
        ]
    )  # fmt: skip
    pays = on_arrival(world, pay_beyond_living(world, believed.pays) * share_of_stay(world, believed.removal))
    month = WaysMonth(
        is_open=is_open,
        taste=constants[ways.channel],
        chance=world[OptionsState].chance,
        delay=delay,
        pay=pays[ways.destination, ways.channel],
        appeal=ways.appeal,
        # identical routes together weigh as much as without a nest of their own
        crowd=params.nest * (1.0 - params.route_nest) * ways.log_rivals,
        heard=referral(world),
        community=world[ChannelState].community,
    )
    known = Believed(
        success=1.0 - tilted(1.0 - summary.success, believed.failure),
        death=tilted(summary.death, believed.death),
        months=summary.months,
        papers=believed.papers,
        sanction=believed.sanction,
        pay=believed.pay,
    )
    return Outlook(month, known)


def value_ways(world: World, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    """Utility of each option by district, before household terms, and its slope in the beliefs of a village.

    Both as in `abm.choice.kernels.channel.attract`; the slope is zero if beliefs are off.
    """
    params, ways, residents = world.params(ChannelParams), world[ChannelState].ways, world.residents()
    attraction = np.empty((world.district_count, len(world.options)))
    slope = np.zeros((world.district_count, len(TOPICS), len(world.options)))
    terms = Terms(*(getattr(params, name) for name in Terms._fields))
    attract(ways, outlook.month, terms, outlook.believed, known_diaspora(world), residents, attraction, slope)
    return attraction, slope if world.config.enabled(Beliefs.section) else np.zeros(slope.shape)


def known_diaspora(world: World) -> np.ndarray:
    """Persons abroad by district and destination, as known to people at home.

    A mix of the district's own distribution over destinations and the country's: people hear of places beyond their
    district, and in a small sample most districts would otherwise have no one in rarer destinations.
    """
    own = np.einsum("ijk->ij", world.stock).astype(np.float64)
    own[:, -1] = 0.0
    mix = own.sum(axis=0) / max(own.sum(), 1.0)
    pooling = world.params(ChannelParams).network_pooling
    return (1.0 - pooling) * own + pooling * own.sum(axis=1)[:, None] * mix


def _communities(world: World) -> np.ndarray:
    """Log of 1 and the persons at each destination for 10,000 members at home, of all districts together."""
    there = known_diaspora(world).sum(axis=0)
    return np.asarray(log(1.0 + there / max(float(world.residents().sum()), 1.0) * 10_000.0))


def referral(world: World) -> np.ndarray:
    """Log of the share of people who know how to go, by district and option; 0 for ways that everybody knows.

    A way is learned from those of the district and the next ones who went it, and from recruiters of offices. The way
    across a near border is known there.
    """
    params, ways, borders = world.params(ChannelParams), world[ChannelState].ways, world.borders
    residents = world.residents()
    went = those_who_went(world, world.params(OfficesParams).settled_word, params.network_pooling)
    # recruiters spread what their own migrants know: those of offices that send people to Iran speak of Iran
    mix = went / np.maximum(went.sum(axis=1, keepdims=True), LEAST_KNOWN)
    went += params.recruiting * recruiting_places(world)[:, None] * mix
    known = np.ascontiguousarray(went.T / residents * 1000.0)
    nearby = np.empty_like(known)
    means_over_neighbours(known, borders.indptr, borders.indices, borders.weight, nearby)
    known += params.referral_neighbours * (nearby - known)
    logs = log(np.maximum(known, LEAST_KNOWN) / params.referral)
    found = np.zeros((residents.size, ways.route.size))
    routes = slice(ways.first_route, ways.last_route)
    steepness = confirmation(world)[ways.route[routes]]
    logs = logs[ways.destination[routes]]
    # news stand in for words that are missing; where there are enough they take nothing away
    confirmed = exp(logs * np.where(logs > 0.0, params.referral_confirmed, steepness[:, None]))
    served = world.route_bits[ways.route[routes]] != 0
    known_offices = np.where(served, (confirmed / (1.0 + confirmed)).T, 0.0)
    share = 1.0 - (1.0 - known_offices) * (1.0 - local_knowledge(world)[:, ways.route[routes]])
    found[:, routes] = log(np.maximum(share, LEAST_KNOWN))
    return found


def confirmation(world: World) -> np.ndarray:
    """Steepness of what is known of each route in those who went it: one word is enough if the world sees it open."""
    params, crowd = world.params(ChannelParams), crowds_on_routes(world)
    return 1.0 + (params.referral_confirmed - 1.0) * params.referral_news / (params.referral_news + crowd)


def pay_beyond_living(world: World, pays: np.ndarray) -> np.ndarray:
    """These pays less the cost of living abroad, PKR of 2017 a month, by destination and status; some is always left.

    In a city of the country people live as at home.
    """
    living = world.params(ChannelParams).living * np.array([place.pay_in_hiding for place in world.destinations])
    living[-1] = 0.0
    return np.maximum(pays - living[:, None], LEAST_LEFT * pays)


def share_of_stay(world: World, removal: np.ndarray) -> np.ndarray:
    """Share of the months meant to be worked that removals leave, by destination and status.

    With a monthly hazard of removal `h`, by destination and status, of `m` months (1 - exp(-h m)) / h are worked in
    expectation.
    """
    expected = np.maximum(removal * world.params(ChannelParams).stay, 1e-6)
    return (1.0 - exp(-expected)) / expected


def on_arrival(world: World, by_status: np.ndarray) -> np.ndarray:
    """Values by destination and channel of those by destination and status; some who owe nothing begin in hiding.

    Those who overstay a visit begin in the open one.
    """
    found, hidden = by_status[:, STATUS_ON_ARRIVAL], share_in_hiding(world)
    found[:, IRREGULAR_WAY] += hidden * (by_status[:, HIDDEN] - by_status[:, IRREGULAR])
    return found


def _migrant_shares(world: World) -> np.ndarray:
    """Share of households with a member abroad or under way, by district, as villages last saw it."""
    share = np.empty(world.district_count)
    migrants_by_district(world.villages, share)
    return share


LEAST_LEFT = 0.02
"""Share of pay that is left wherever people live."""

LEAST_KNOWN = 1e-9
"""Share of people below which nobody knows how to go."""


def chances_of(world: World) -> np.ndarray:
    """Chance of an application by district and option, as known there; 1 for ways without, and for visas for sale.

    A visa that is sold out is noticed at the counter.
    """
    ways, found = world[ChannelState].ways, np.ones((world.district_count, len(world.options)))
    visits = np.array([place.visit_admission for place in world.destinations])
    for channel, refused, admission in (
        (LEGAL_WORK, world.params(LegalWorkParams).refusal, world[AdmissionState].chance()[:, 0]),
        (SPONSORSHIP, world.params(SponsorshipParams).refusal, world[SponsorshipState].chance().T),
        (OVERSTAY, visits_refused(world), visits[:, None]),
    ):
        mine = (ways.channel == channel) & ~ways.is_sold
        granted = 1.0 - refused_share(world, refused)[mine]
        found[:, mine] = granted * admission[ways.destination[mine]].T
    return found


def _vouched_gains(world: World) -> np.ndarray:
    """By how much a member abroad raises the chance of a contract, less 1, by district and option."""
    ways = world[ChannelState].ways
    found = np.zeros((world.district_count, ways.channel.size))
    mine = (ways.channel == LEGAL_WORK) & ~ways.is_sold
    alone, vouched = world[AdmissionState].chance().transpose(1, 0, 2)
    gain = np.maximum(vouched / alone - 1.0, 0.0) * through_ties(world)
    found[:, mine] = gain[ways.destination[mine]].T
    return found


STATUS_ON_ARRIVAL = np.array([WORKER, SETTLED, WORKER, IRREGULAR, IRREGULAR])
"""Status by channel."""
