"""Trafficking of vulnerable groups across borders: counts by district of origin, without individuals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.enforcement import STREAMS, TRAFFICKING_ABROAD, add_figures, law_of, willing_share
from abm.places.series import to_pkr_2017
from abm.society import dollar_since
from abm.streams.demand_abroad import (
    CHILDREN_TO_GULF,
    GROUPS,
    WOMEN_TO_CHINA,
    CrossBorderParams,
    demand,
    eligible,
    parts_of_country,
    past_demand,
)
from abm.streams.trafficking import Exploited, exploited, nobody
from abm.streams.victims import (
    SERVED,
    DomesticTraffickingOutcomes,
    Ways,
    activity,
    coming_back,
    freeing,
    leave,
    opening_risk,
    persons,
    persons_a_month,
    remember,
    serve_freed,
    tell_agencies,
    trafficked_again,
    usual_fear,
    whole,
)
from abm.world.codes import STREAM_HELD_ABROAD, STREAM_TAKEN_ABROAD
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

STREAM = STREAMS[TRAFFICKING_ABROAD]

OPENING_YEARS = 15
"""Years of past demand behind those held abroad at the start, all at the first month's poverty. Source: assumed; at the
usual rates hardly anyone remains after that."""

PRICE_YEAR = 2019
"""Year of the reported prices for China."""

PKR = "PKR of 2017 a month"


class CrossBorderTraffickingOutcomes(Outcomes):
    """Persons trafficked abroad, their return, and payments."""

    trafficked_abroad = persons_a_month(text="Residents taken abroad into exploitation.")
    children_to_gulf = persons_a_month(text="Of these, children taken to the Gulf.")
    women_to_gulf = persons_a_month(text="Of these, women taken to the Gulf.")
    women_to_china = persons_a_month(text="Of these, women taken to China.")
    trafficking_stopped = persons_a_month(text="Residents being taken abroad who were stopped by exit checks.")
    exploited_abroad = persons(text="Residents of the district exploited abroad.")
    trafficked_returns = persons_a_month(
        text="Residents who returned from exploitation abroad: escaped, or sent home by exploiters or agencies."
    )
    trafficked_deaths_abroad = persons_a_month(
        text="Residents who died in exploitation abroad, or were never heard of again."
    )
    trafficking_revenue = outcome(unit=PKR, over="district", text="Paid by buyers abroad to traffickers.")
    trafficking_to_families = outcome(unit=PKR, over="district", text="Paid by traffickers to families.")


OF_GROUPS = (
    CrossBorderTraffickingOutcomes.children_to_gulf,
    CrossBorderTraffickingOutcomes.women_to_gulf,
    CrossBorderTraffickingOutcomes.women_to_china,
)
"""Persons taken, one outcome for each of `GROUPS`."""


class CrossBorderTrafficking(Mechanism):
    """Demand in the Gulf and China for children and women, by season and under pressure; some come back."""

    section = "cross_border_trafficking"
    Params = CrossBorderParams
    systems = ("S12",)
    on_by_default = False
    outcomes = CrossBorderTraffickingOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Bring some home, serve them, and let traffickers take others."""
        if not world.config.enabled(CrossBorderTrafficking.section):
            return
        if STREAM not in exploited(world):
            _open(world)
        params, state, services = world.params(CrossBorderParams), exploited(world)[STREAM], world.now(SERVED)
        again = trafficked_again(world, STREAM_HELD_ABROAD, params, state)
        back = _bring_home(world, state, services)
        stopped = _take(world, state, again)
        _tell(world, back, stopped)
        serve_freed(world, STREAM_HELD_ABROAD, params, state, stopped + back.freed, services)
        add_figures(
            world,
            {
                DomesticTraffickingOutcomes.retrafficked: again.sum(axis=1),
                DomesticTraffickingOutcomes.freed_at_risk: state.at_risk.sum(axis=1),
            },
        )
        world.figures[CrossBorderTraffickingOutcomes.exploited_abroad] = state.held.sum(axis=1)


def _stay(params: CrossBorderParams) -> np.ndarray:
    """Mean months until exploiters send a person home, by group."""
    found = np.full(len(GROUPS), params.women_stay)
    found[CHILDREN_TO_GULF] = params.children_stay
    return found


def _open(world: World) -> None:
    """Start with those taken in earlier years who have not come back."""
    params = world.params(CrossBorderParams)
    state = nobody(world.district_count, (len(GROUPS),))
    leaving = np.minimum(freeing(params) + params.death + 1.0 / _stay(params), 1.0)
    leaving -= coming_back(params) * (1.0 - params.exit_checks)
    asked = past_demand(params, world.month, leaving, OPENING_YEARS) * (1.0 - params.exit_checks)
    state.held += whole(world, STREAM_TAKEN_ABROAD, 0, asked * parts_of_country(world), _places_for(world))
    stopped = demand(params, world.month) * parts_of_country(world) * params.exit_checks
    state.fear = usual_fear(world, params, stopped.sum(axis=1))
    state.at_risk += opening_risk(world, STREAM_TAKEN_ABROAD, params, state.held * freeing(params) + stopped)
    exploited(world)[STREAM] = state


def _bring_home(world: World, state: Exploited, services: np.ndarray) -> Ways:
    """Let persons come home or die abroad."""
    params, effort = world.params(CrossBorderParams), law_of(world).effort[TRAFFICKING_ABROAD]
    reach = (1.0 + params.outreach_gain * services) * willing_share(world, TRAFFICKING_ABROAD)
    out = leave(world, STREAM_HELD_ABROAD, params, state.held, effort, reach, 1.0 / _stay(params))
    world.figures |= {
        CrossBorderTraffickingOutcomes.trafficked_returns: (out.freed + out.let_go).sum(axis=1),
        CrossBorderTraffickingOutcomes.trafficked_deaths_abroad: out.death.sum(axis=1),
    }
    return out


def _take(world: World, state: Exploited, again: np.ndarray) -> np.ndarray:
    """Take people abroad and book the payments; return those stopped at the exit, by origin and group."""
    params = world.params(CrossBorderParams)
    asked = demand(params, world.month) * parts_of_country(world) * activity(params, state.fear)[:, None]
    found = whole(world, STREAM_TAKEN_ABROAD, 1, asked, _places_for(world))
    checks = np.minimum(params.exit_checks * law_of(world).effort[TRAFFICKING_ABROAD], 1.0)
    wanted = found + again
    stopped = whole(world, STREAM_TAKEN_ABROAD, 2, wanted * checks[:, None], wanted)
    taken = wanted - stopped
    state.held += taken
    world.figures |= {
        CrossBorderTraffickingOutcomes.trafficked_abroad: taken.sum(axis=1),
        CrossBorderTraffickingOutcomes.trafficking_stopped: stopped.sum(axis=1),
        **{which: taken[:, k] for k, which in enumerate(OF_GROUPS)},
    }
    _pay(world, taken)
    return stopped


def _places_for(world: World) -> np.ndarray:
    """Residents at risk of being taken, by district and group; the two groups of women share one population."""
    found = eligible(world)
    found[:, 1:] //= 2
    return found


def _pay(world: World, taken: np.ndarray) -> None:
    """Book payments from buyers to traffickers, and from traffickers to families."""
    params = world.params(CrossBorderParams)
    prices, families = np.full((2, len(GROUPS)), params.gulf_price * dollar_since(world, 2017))
    families *= params.gulf_family
    prices[WOMEN_TO_CHINA] = to_pkr_2017(params.china_price, "USD", PRICE_YEAR) * dollar_since(world, PRICE_YEAR)
    families[WOMEN_TO_CHINA] = to_pkr_2017(params.china_family, "PKR", PRICE_YEAR)
    paid = taken @ np.round(prices).astype(np.int64)
    handed_on = taken @ np.round(families).astype(np.int64)
    world.ledger.pay("buyers_abroad", "traffickers", "price of a person", int(paid.sum()))
    world.ledger.pay("traffickers", "families_of_trafficked", "payment to a family", int(handed_on.sum()))
    world.figures |= {
        CrossBorderTraffickingOutcomes.trafficking_revenue: paid,
        CrossBorderTraffickingOutcomes.trafficking_to_families: handed_on,
    }


def _tell(world: World, back: Ways, stopped: np.ndarray) -> None:
    """Identify victims at home, let them report, and hand in the leads; recruiters hear of it."""
    params, offender = world.params(CrossBorderParams), law_of(world).offender[TRAFFICKING_ABROAD]
    freed, escaped, at_exit = (back.rescue + stopped).sum(axis=1), back.escape.sum(axis=1), stopped.sum(axis=1)
    known = whole(world, STREAM_HELD_ABROAD, 5, freed * params.recognition * (1.0 - offender), freed)
    known += back.outreach.sum(axis=1)
    share = params.reporting * willing_share(world, TRAFFICKING_ABROAD)
    of_known = whole(world, STREAM_HELD_ABROAD, 6, known * share, known)
    of_escaped = whole(world, STREAM_HELD_ABROAD, 7, escaped * share, escaped)
    add_figures(
        world,
        {
            DomesticTraffickingOutcomes.victims_identified: known + of_escaped,
            DomesticTraffickingOutcomes.trafficking_reports: of_known + of_escaped,
        },
    )
    found = whole(world, STREAM_HELD_ABROAD, 11, params.evidence * at_exit)
    tell_agencies(world, STREAM, of_known + of_escaped + found)
    remember(world, STREAM, params, at_exit)
