"""Trafficking: recruiters take members of households to buyers in cities and abroad; others are brought in.

One form for all streams of ``exploitation.yaml``: who is taken in, where they are held, how they leave, what is paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement import LawState
from abm.engine.elementwise import raised
from abm.engine.sums import sum_by
from abm.policy import InForce
from abm.streams.at_risk import ask_households
from abm.streams.cities import places_in
from abm.streams.kernels.trafficking import count_victims
from abm.streams.phones import phone_reach
from abm.streams.recruiters import convict, count, reconsider
from abm.streams.release import let_out, spread_word
from abm.streams.taking import open_trade, take_people
from abm.streams.trade import (
    IN_LAW,
    MILLION,
    TradeState,
    book_trade,
    demand_of_month,
    ease_of_phones,
    got,
    incomes,
    margins,
    persons_found,
    relative_prices,
    sold_again,
    usual_prices,
)
from abm.streams.trafficking_outcomes import TraffickingOutcomes
from abm.streams.trafficking_params import (
    CASEWORKERS,
    MODERATORS,
    ONLINE_RECRUITMENT_CONTROL,
    RECRUITMENT_WARNINGS,
    VICTIM_SERVICES,
    WARNING_TEAMS,
    TraffickingParams,
)
from abm.streams.victims import FOREIGN, Places, VictimsState
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World

SOLD_MEMORY = 6.0
"""Months over which buyers average what is brought. Source: assumed."""

STAFF = (
    (VICTIM_SERVICES, CASEWORKERS),
    (ONLINE_RECRUITMENT_CONTROL, MODERATORS),
    (RECRUITMENT_WARNINGS, WARNING_TEAMS),
)
"""Levers and the staff that each pays for."""


class Trafficking(Mechanism):
    r"""Recruiters take members of poor households to buyers in cities and abroad; some come free and warn others.

    Recruiters offer a job or pay a family; some minors run away and are found; others are brought into Pakistan.

    Notes
    -----
    In a contact each member whom a stream seeks (a share, in the data, of workers, those in a job counting `idle`, or
    of 0.4 of dependants as women, or 0.6 as minors) would go with the chance

    $$
    \Lambda\left( -\beta_0 + \gamma \log(\text{offer} / \text{own}) + \beta_w + \beta_u + \beta_B B - \beta_k K \right),
    \qquad \Lambda(x) = 1 / (1 + e^{-x}),
    $$

    where $\beta_w$ counts if the household is in want and $\beta_u$ if credit does not help either, $B$ is debt in
    years of pay, at most 1, and $K$ what the village has heard of others; the weights are `reluctance`, `gain`, `want`,
    `unmet`, `debt` and `warned`. In a district of $H$ thousand households $n$ recruiters of a stream find

    $$
    n^a H^{1-a} c (1 - o + o \varphi^{\varsigma})^{1/\varsigma} e^{(20-k)/\ell} \bar m / (1 + \delta F)
    $$

    persons a month, from households in proportion to $m$, members who would go, mean $\bar m$: $c$ contacts of the
    data, $o$ the part by phone, $\varphi$ phones relative to 2017 that moderators leave open, $k$ km (at least 20) to
    where buyers are met. Of streams abroad $m$ is multiplied by $(1 + \nu s) / (1 + 0.12 \nu)$, with $s$ the share of
    households of the village with a member abroad and $\nu$ `networks`. Fear moves by $F \leftarrow (1-f) F + v +
    \omega x$, with convictions $v$, and $x$ freed or stopped by agencies, by a million residents. $a$, $\varsigma$,
    $\ell$, $\delta$, $f$, $\omega$ are `matching`, `substitution`, `point_km`, `deterrence`, `fading`, `raid_weight`.
    Of $R$ runaways whom nobody has brought home, recruiters in cities take the share $1 - e^{-X/R}$, $X = \sum n c
    r^{1-a} / (1 + \delta F)$ with $r$ runaways a recruiter a month ago. From abroad they bring $n c / (1 + \delta
    F)$.

    A person earns the price less the brokers' share, costs and the family's part; nobody is taken at a loss. The price
    moves with

    $$
    (\text{wanted} / \text{brought})^{1 / \epsilon},
    $$

    with $\epsilon$ `elasticity`, between a tenth and five times the usual; brought is a mean over six months.
    Recruiters of a district and stream share what they earn, and stop when their capital is used up. Where one more
    would earn $\pi$, $\pi / \text{living} - 1$, between 0 and 1, times `entry` and $n$ (at least $0.02 H$) begin. Those
    held leave at the hazards of parameters and data, drawn each third month. Caseworkers with time for $C$ serve $y (1
    - e^{-C/y})$ of $y$ freed; the root of the time left multiplies `outreach` in Pakistan. $K$ counts those who came
    free or died, `silence` of those held, and warnings, and fades.
    """

    section = "trafficking"
    Params = TraffickingParams
    systems = ("S12", "S13", "S14")
    on_by_default = False
    outcomes = TraffickingOutcomes.declared
    levers = (ONLINE_RECRUITMENT_CONTROL, VICTIM_SERVICES, RECRUITMENT_WARNINGS)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Cost of staff by a million residents, or residents with a phone."""
        return float((lever.unit_cost * np.maximum(deviation, 0.0) * _reached(world, lever)).sum())

    @staticmethod
    def step(world: World) -> None:
        """Let some go free and serve them; then let recruiters bring others, be paid, and reconsider."""
        if not world.config.enabled(Trafficking.section):
            return
        if world[TradeState].sold is None:
            open_trade(world)
        for lever, staff in STAFF:
            if world.now(staff).any():
                world[InForce].policy.book_cost(lever, lever.unit_cost * world.now(staff) * _reached(world, lever))
        let_out(world)
        spread_word(world)
        _bring_others(world)
        _record(world)


def _reached(world: World, lever: Lever) -> np.ndarray:
    """Millions of residents, or of residents with a phone, by district."""
    reached = world.residents() / MILLION
    if lever.name == ONLINE_RECRUITMENT_CONTROL.name:
        reached = reached * phone_reach(world.units, world.month, world.params(TraffickingParams).reach_growth)
    return reached


def _bring_others(world: World) -> None:
    """Let recruiters find people and bring them to buyers; then let recruiters reconsider."""
    params, trade = world.params(TraffickingParams), world[TradeState]
    fixed = trade.fixed
    wanted = demand_of_month(world, world.month)
    relative = relative_prices(world, wanted)
    price, family = usual_prices(world)
    price, family = price * relative, family * raised(relative, params.passing_on)
    convict(world, world[LawState].convictions[IN_LAW], fixed.crime)
    recruiters = count(world, len(fixed.streams))
    sample = ask_households(world, fixed.streams, family, world[VictimsState].heard, trade.taken)
    phones = ease_of_phones(world, recruiters)
    margin = margins(world, price, family)
    # where there is no recruiter yet: as much as the first would find
    at_work = np.maximum(recruiters, 1)
    found = persons_found(world, sample, at_work, phones, margin)
    taken = take_people(world, sample, np.where(recruiters > 0, found, 0.0), recruiters)
    sold = taken + sold_again(recruiters, trade.again)
    book_trade(world, recruiters, sold, price, family)
    trade.taken = taken.sum(axis=1)
    trade.sold = trade.sold + (sold.sum(axis=0) - trade.sold) / SOLD_MEMORY
    trade.changed = reconsider(world, got(world, found, recruiters) / at_work * margin, params.living * incomes(world))
    world.figures[TraffickingOutcomes.stream_price] = price


def _record(world: World) -> None:
    """Record those held and at risk, and the recruiters."""
    fixed, state, places = world[TradeState].fixed, world[VictimsState], Places.of(world)
    cities, _ = places_in(world.units)
    by_district, by_city = np.zeros((world.district_count, 4), np.int64), np.zeros(cities.size, np.int64)
    by_stream, state.held = np.zeros(len(fixed.streams), np.int64), np.zeros_like(state.held)
    count_victims(
        state.table.rows, cities.size, places.abroad, places.home, FOREIGN, by_district, by_city, by_stream, state.held
    )
    here, abroad, foreign, at_risk = by_district.T
    recruiters = count(world, len(fixed.streams))
    world.figures |= {
        TraffickingOutcomes.exploited_domestic: here,
        TraffickingOutcomes.exploited_abroad: abroad,
        TraffickingOutcomes.exploited_foreigners: foreign,
        TraffickingOutcomes.exploited_by_place: sum_by(cities, by_city, world.district_count),
        TraffickingOutcomes.freed_at_risk: at_risk,
        TraffickingOutcomes.recruiters: recruiters.sum(axis=1),
        TraffickingOutcomes.stream_held: by_stream,
        TraffickingOutcomes.stream_recruiters: recruiters.sum(axis=0),
        TraffickingOutcomes.stream_changed: world[TradeState].changed,
    }
