"""Enforcement: agencies move officers, are bribed, follow leads and arrest; migrants are sanctioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept_by_district
from abm.enforcement.cases import custody_months, follow_leads
from abm.enforcement.circles import CirclesState, expected_cost_of_officers, in_service, staff_circles, takers_in_charge
from abm.enforcement.declarations import (
    ANTI_CORRUPTION,
    ENFORCEMENT_LEVERS,
    FIA_CIRCLES,
    INVESTIGATIVE_CAPACITY,
    MIGRANT_SANCTION,
    EnforcementOutcomes,
    EnforcementParams,
)
from abm.enforcement.kernels.enforcement import Lost, buy_protection, decay, learn_risk
from abm.enforcement.law.agencies import AgenciesState
from abm.enforcement.leads import gather_leads, sanction_migrants
from abm.enforcement.patrols import adapt_patrols
from abm.enforcement.prosecution import loss_of_capital, months_of_closure
from abm.engine.portable import exponentials
from abm.market import MarketTables, RisksState, kept_by_office
from abm.policy import InForce
from abm.routes import CIRCLE_CODE, PostsState, officers_listed
from abm.society.kernels.diffusion import mean_over_neighbours
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN
from abm.world.kernels.notice import notice
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World


class FearState(State):
    """What offices know of the hazard of arrest, and their earnings, behind their expected losses."""

    experienced: Held[np.ndarray] = kept_by_district(
        unit="1/month", text="Owners arrested, an open office: what years have shown, slowly learned."
    )
    usual_raids: Held[np.ndarray] = kept_by_district(
        unit="raid an office and month", text="Offices raided, an office; fading mean."
    )
    officers: Held[np.ndarray] = kept_by_district(unit="officer", text="Investigators whom the district perceives.")
    alarm: Held[np.ndarray] = kept_by_district(
        unit="log points",
        text="What the perceived hazard exceeds the experienced one by, after raids and new investigators.",
    )
    own: Held[np.ndarray] = kept_by_office(
        unit="1/month", text="Hazard that each office perceives beyond that of its district, after raids on itself."
    )
    earning: Held[np.ndarray] = kept_by_office(unit="PKR of 2017 a month", text="Earnings of each office, fading mean.")
    earning_key: Held[np.ndarray] = kept_by_office(unit="id", text="Office that has these earnings.", start=-1)


def teach_offices(world: World, raided: np.ndarray) -> None:
    """Update every office's perceived hazard, its expected loss and its bribes to investigators who do not look."""
    params, offices = world.params(EnforcementParams), world[MarketTables].offices
    risks, known = world[RisksState], world[FearState]
    _perceive(world, raided)
    lost = Lost(float(custody_months(world)) + months_of_closure(world), loss_of_capital(world))
    risks.months_lost, risks.capital_lost = lost
    learn_risk(
        offices, risks.hazard, raided, params.alarm, params.risk_memory, lost, known.own, known.earning,
        known.earning_key, risks.stake, risks.arrest_loss,
    )  # fmt: skip
    buy_protection(
        offices.state, offices.district, offices.capital, takers_in_charge(world), params.protection_price,
        risks.arrest_loss, offices.bribed, risks.bribes,
    )  # fmt: skip


def _perceive(world: World, raided: np.ndarray) -> None:
    """Update the hazard of arrest perceived in each district: what years have shown, times what is on all minds.

    New investigators and raids beyond the usual are felt at once and overrated, and fade to what experience shows.
    Where no office is open nobody learns the hazard, and where there is none nobody learns of raids.
    """
    params, known, offices = world.params(EnforcementParams), world[FearState], world[MarketTables].offices
    number = offices_by_district(world)
    raids = np.bincount(offices.district[raided], minlength=number.size)
    jump = felt(raids, known.usual_raids * number, params.overrating) + _sight(world)
    borders, nearby = world.borders, np.empty(jump.size)
    mean_over_neighbours(jump, borders.indptr, borders.indices, borders.weight, nearby)
    faded = decay(params.alarm_half_life) * known.alarm
    known.alarm = np.clip(faded + jump + params.alarm_nearby * nearby, -MOST_ALARM, MOST_ALARM)
    at_risk, arrested = _offices_at_risk(world), world.figures[EnforcementOutcomes.owners_arrested]
    seen, pursued, speed = number > 0, at_risk > 0, 1.0 / params.risk_memory
    known.experienced[pursued] += speed * (arrested / np.maximum(at_risk, 1) - known.experienced)[pursued]
    # at first the mean of the months so far: nobody takes the first raids of a run for a wave
    known.usual_raids[seen] += (
        max(speed, 1.0 / (world.t + 1)) * (raids / np.maximum(number, 1) - known.usual_raids)[seen]
    )
    exponentials(known.alarm, world[RisksState].hazard)
    world[RisksState].hazard *= known.experienced


def felt(raids: np.ndarray, usual: np.ndarray, most: float) -> np.ndarray:
    """Rise of the perceived hazard, log points up to `most`, by raids of the month and the number usual there."""
    excess = np.maximum(raids - THINKABLE * usual, 0.0) / np.maximum(usual, FEW_RAIDS)
    return most * excess / (1.0 + excess)


def _sight(world: World) -> np.ndarray:
    """Rise of the perceived hazard, log points, by investigators beyond those whom a district perceives."""
    params, known, now = world.params(EnforcementParams), world[FearState], world[CirclesState].seen
    if not world.t:
        known.officers = now.copy()
    rise = np.empty(now.size)
    notice(now, 1.0, 0.0, decay(params.alarm_half_life), known.officers, rise)
    return params.sight * rise


def offices_by_district(world: World) -> np.ndarray:
    """Offices in each district, those with an arrested owner included."""
    offices = world[MarketTables].offices
    alive = (offices.state == OFFICE_OPEN) | (offices.state == OFFICE_ARRESTED)
    return np.bincount(offices.district[alive], minlength=world.district_count)


def _offices_at_risk(world: World) -> np.ndarray:
    """Offices in each district that were open when the raids of the month began: others lose no owner."""
    offices = world[MarketTables].offices
    at_risk = (offices.state == OFFICE_OPEN) | world[RisksState].owner_arrested
    return np.bincount(offices.district[at_risk], minlength=world.district_count)


MOST_ALARM = 1.1
"""Largest log points by which the perceived hazard differs from the experienced: three times. Source: assumed."""

THINKABLE, FEW_RAIDS = 1.5, 2.0
"""Multiple of the usual raids that alarms nobody, and raids a month that count as usual where there are fewer.
Source: assumed."""


class Enforcement(Mechanism):
    r"""Officers move, tire and take bribes; circles gather leads, investigate and arrest; offices learn the risk.

    Circles of investigators get leads from those stopped, cheated or sent home, and by their own search. They
    investigate as many offices as they have officers for, those with most leads first; every investigation ends with a
    raid after `investigation_months`. Pakistan's officers are paid by the government.

    Notes
    -----
    The share of a post's officers on a leg moves, `allocation_speed` of the gap a month, towards

    $$
    \phi \, q_0 + (1 - \phi) \, \frac{q_0 \, y^{\eta}}{\sum q_0 \, y^{\eta}},
    $$

    with the opening share $q_0$ and persons stopped per officer relative to the usual $y$; $\phi$ is
    `allocation_floor`, $\eta$ `allocation_response`. An effort that policy multiplies by $D > 1$ counts as $1 + (D -
    1)(1 - F)$. With $\delta$ for what a half-life leaves in a month, fatigue $F$, the share $c$ of a post's officers
    who would take bribes, and caution $u$ move by

    $$
    F \leftarrow F^* + \delta_F (F - F^*), \qquad c \leftarrow c^* + \delta_c (c - c^*), \qquad
    u \leftarrow \delta_u u + (1 - \delta_u u)(1 - e^{-\lambda k}), \qquad
    c^* = \min(c_0 \, \rho \, (1 - v) \, z^{\tau}, 1).
    $$

    $F^*$ is `fatigue_limit` while $D > 1$, else 0; $c_0$ the corrupt share in the data, $\rho$
    `interception.bribe_reach`, $v$ what policy removes, $z$ the odds of a stop relative to the usual, $\tau$
    `temptation`, $k$ the share of officers caught, $\lambda$ `fear`. Those who take bribes are $c (1 - u)$; each is
    caught with chance `watch` times $1 - c$ plus $v$ `watch_gain`. The half-lives are
    `fatigue_half_life`, `corruption_half_life` and `caution_half_life`. A raid on a case with evidence of $E$ leads
    finds somebody with probability

    $$
    (1 - e^{-\sigma E}) (1 - b) \, g,
    $$

    else the case is closed; $\sigma$ is `solving` and $g$ the skill of the circle in the data. $b$ is its share $c (1 -
    u)$, if the office can pay `protection_price` times $b$ of its expected loss by arrest and no officer of the circle
    was caught in the month; else 0. Leads fade by half in `lead_life` months until an investigation begins.

    An office reckons with the hazard of arrest $h e^a + o$, at most 1. $h$ averages arrests of owners per open office
    of the district, over $T$ (`risk_memory`) months. A raid on the office itself adds `alarm` $/ T$ to $o$, which
    fades over $T$ months. The alarm of the district follows

    $$
    a \leftarrow \delta_a a + j + \nu \bar j, \qquad
    j = \psi \frac{x}{1 + x} + \zeta \max\left( \log \frac{1 + I}{1 + \hat I}, 0 \right), \qquad
    x = \frac{\max(R - 1.5 \bar R, 0)}{\max(\bar R, 2)},
    $$

    within $\pm 1.1$: $R$ are raids of the month, usually $\bar R$, $I$ the investigators seen, $\hat I$ those
    perceived, which follow a rise at once and whose excess fades by $\delta_a$; $\bar j$ is the mean of adjacent
    districts. $\nu$, $\psi$, $\zeta$ are `alarm_nearby`, `overrating`, `sight`; the half-life is `alarm_half_life`.
    """

    section = "enforcement"
    Params = EnforcementParams
    systems = ("S10", "S11", "S17", "S19")
    outcomes = EnforcementOutcomes.declared
    levers = (FIA_CIRCLES, INVESTIGATIVE_CAPACITY, ANTI_CORRUPTION, MIGRANT_SANCTION)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the pay of officers that the lever adds or acts on, from those in the data or already added."""
        return expected_cost_of_officers(world, lever, np.maximum(deviation, 0.0))

    @staticmethod
    def step(world: World) -> None:
        """Move officers, follow leads, arrest, release, sanction, and let the offices learn."""
        if not world.config.enabled(Enforcement.section):
            return
        staff_circles(world)
        adapt_patrols(world)
        _release(world)
        home = sanction_migrants(world)
        raided = follow_leads(world, gather_leads(world, home))
        teach_offices(world, raided)
        _spend(world)


def _release(world: World) -> None:
    """Reopen the offices whose owner is out on bail."""
    offices = world[MarketTables].offices
    free = (offices.state == OFFICE_ARRESTED) & (offices.until <= world.t)
    offices.state[free] = OFFICE_OPEN


def _spend(world: World) -> None:
    """Pay Pakistan's officers; for those on legs, which serve the whole country, the region bears its part.

    Additions by policy are booked as its cost.
    """
    posts = world[PostsState].posts
    of_circles = (officers_listed(world) * posts.budget)[in_service(world)].sum()
    on_legs = world[PostsState].stations.serves_home & (posts.kind != CIRCLE_CODE)
    of_posts = world.region_share * (posts.staff * posts.budget)[on_legs].sum()
    amount = round(float(of_circles + of_posts))
    world.ledger.pay("government", "administration", "enforcement", amount)
    levers = sum(world[InForce].policy.costs[use.id] for use in world.config.levers if use.lever in ENFORCEMENT_LEVERS)
    world.figures[EnforcementOutcomes.enforcement_spending] = amount + levers + world[AgenciesState].pay
