"""Trafficking within the country: counts by district of those lured, held and freed, without individuals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement import STREAMS, TRAFFICKING_DOMESTIC, add_figures, law_of, willing_share
from abm.engine.sums import sum_by
from abm.streams.lure import (
    GROUPS,
    LURED,
    ONLINE_RECRUITMENT_CONTROL,
    RUNAWAY,
    DomesticTraffickingParams,
    destinations,
    eligible,
    expected_recruits,
    online_lures_prevented,
    residents_reached,
)
from abm.streams.trafficking import exploited, nobody, places_in
from abm.streams.victims import (
    SERVED,
    VICTIM_SERVICES,
    DomesticTraffickingOutcomes,
    activity,
    coming_back,
    freeing,
    leave,
    opening_risk,
    remember,
    serve_freed,
    share_out,
    tell_agencies,
    trafficked_again,
    usual_fear,
    whole,
)
from abm.world.codes import STREAM_EXPLOITED, STREAM_LURE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.streams.trafficking import Exploited
    from abm.world.state import World

STREAM = STREAMS[TRAFFICKING_DOMESTIC]

FEWEST_LEAVE = 0.001
"""Lowest share that leaves in a month, for the opening stock. Source: assumed."""


def open_stock(world: World) -> None:
    """Start with the stock that the first month's recruiting sustains, wherever recruiters take people.

    Re-trafficking and recruiters' fear of raids are those of a steady state. Fear is worked out twice: with the stock
    held without fear, and with the resulting stock.
    """
    params = world.params(DomesticTraffickingParams)
    rows, _ = places_in(world.units)
    state = nobody(world.district_count, (rows.size + 1, GROUPS))
    leaving = freeing(params) + params.death + params.ageing_out - coming_back(params)
    expected = expected_recruits(world, np.zeros(world.district_count))
    expected *= params.opening_share / max(leaving, FEWEST_LEAVE)
    shares = destinations(world, state.fear)
    state.fear = usual_fear(world, params, _raids(world, shares.T @ expected.sum(axis=1)))
    shares = destinations(world, state.fear)
    expected *= _recruiting(world, state, shares)[:, None]
    stock = whole(world, STREAM_LURE, 0, expected, eligible(world))
    state.held += share_out(world, STREAM_LURE, 1, stock, shares)
    state.fear = usual_fear(world, params, _raids(world, state.held.sum(axis=(0, 2))))
    state.at_risk += opening_risk(world, STREAM_LURE, params, state.held.sum(axis=1) * freeing(params))
    exploited(world)[STREAM] = state


def let_out(world: World, services: np.ndarray) -> np.ndarray:
    """Let persons leave exploitation; agencies hear of it, and services support some.

    `services` is the value of `victim_services` by district. Returns those trafficked again, by origin and group.
    """
    params, state, law = world.params(DomesticTraffickingParams), exploited(world)[STREAM], law_of(world)
    rows, _ = places_in(world.units)
    offender, willing = law.offender[TRAFFICKING_DOMESTIC], willing_share(world, TRAFFICKING_DOMESTIC)
    effort = by_place(law.effort[TRAFFICKING_DOMESTIC], rows)
    # those who would be charged avoid even those who want to help
    reach = by_place(1.0 + params.outreach_gain * services, rows) * by_place(willing, rows)
    out = leave(world, STREAM_EXPLOITED, params, state.held, effort, reach, params.ageing_out)
    victims = params.recognition * (1.0 - by_place(offender, rows))[:, None] * out.rescue
    known = whole(world, STREAM_EXPLOITED, 5, victims, out.rescue) + out.outreach
    at_home = _report(world, 6, out.escape.sum(axis=(1, 2)), willing)
    on_site = _report(world, 7, known.sum(axis=2), by_place(willing, rows))
    _tell_agencies(world, at_home, on_site, out.rescue)
    again = trafficked_again(world, STREAM_EXPLOITED, params, state)
    serve_freed(world, STREAM_EXPLOITED, params, state, out.freed.sum(axis=1), services)
    add_figures(
        world,
        {
            DomesticTraffickingOutcomes.victims_identified: known.sum(axis=(1, 2)) + at_home,
            DomesticTraffickingOutcomes.trafficking_reports: at_home + on_site.sum(axis=1),
            DomesticTraffickingOutcomes.retrafficked: again.sum(axis=1),
        },
    )
    world.figures |= {
        DomesticTraffickingOutcomes.trafficking_escapes: out.escape.sum(axis=(1, 2)),
        DomesticTraffickingOutcomes.trafficking_rescues: (out.rescue + out.outreach).sum(axis=(1, 2)),
        DomesticTraffickingOutcomes.trafficking_let_go: out.let_go.sum(axis=(1, 2)),
        DomesticTraffickingOutcomes.trafficking_deaths: out.death.sum(axis=(1, 2)),
    }
    return again


def take_in(world: World, again: np.ndarray, prevented: np.ndarray) -> None:
    """Add those lured, runaways who are caught, and those trafficked again (by origin and group).

    `prevented` is the share of lures by phone and internet that are prevented, by district.
    """
    params, state = world.params(DomesticTraffickingParams), exploited(world)[STREAM]
    expected, free = expected_recruits(world, prevented), eligible(world)
    shares = destinations(world, state.fear)
    recruiting = _recruiting(world, state, shares)
    ran = whole(world, STREAM_LURE, 2, expected[:, RUNAWAY] / params.caught_share, free[:, RUNAWAY])
    lured = whole(world, STREAM_LURE, 3, expected[:, LURED] * recruiting, free[:, LURED])
    caught = whole(world, STREAM_LURE, 4, ran * params.caught_share * recruiting, ran)
    taken = again + np.stack([lured, caught], axis=1)
    state.held += share_out(world, STREAM_LURE, 5, taken, shares)
    world.figures |= {
        DomesticTraffickingOutcomes.trafficked_domestic: taken.sum(axis=1),
        DomesticTraffickingOutcomes.trafficked_minors: taken[:, RUNAWAY],
        DomesticTraffickingOutcomes.runaways: ran,
    }


def by_place(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values of the destination cities in the region; for elsewhere, the mean over the region's districts."""
    return np.append(values[rows], values.mean())


def _recruiting(world: World, state: Exploited, shares: np.ndarray) -> np.ndarray:
    """Recruiting relative to that of recruiters without fear, by origin: fear at home and where people are taken."""
    rows, _ = places_in(world.units)
    return activity(
        world.params(DomesticTraffickingParams), state.fear + (shares[:, :-1] * state.fear[rows]).sum(axis=1)
    )


def _raids(world: World, held: np.ndarray) -> np.ndarray:
    """Persons freed by agencies in a month at usual effort, by district of the region, given those held by place."""
    rows, _ = places_in(world.units)
    found = np.zeros(world.district_count)
    found[rows] = world.params(DomesticTraffickingParams).rescue * held[: rows.size]
    return found


def _report(world: World, purpose: int, persons: np.ndarray, willing: np.ndarray) -> np.ndarray:
    """Number of freed persons who report to the police; `willing` matches the last axis."""
    share = world.params(DomesticTraffickingParams).reporting * willing
    return whole(world, STREAM_EXPLOITED, purpose, persons * share, persons)


def _tell_agencies(world: World, at_home: np.ndarray, on_site: np.ndarray, rescued: np.ndarray) -> None:
    """Hand in the month's leads where the report or the rescue was made; those elsewhere leave the region."""
    rows, _ = places_in(world.units)
    params = world.params(DomesticTraffickingParams)
    raids = sum_by(rows, rescued.sum(axis=(0, 2))[: rows.size], world.district_count)
    told = at_home + sum_by(rows, on_site.sum(axis=0)[: rows.size], world.district_count)
    tell_agencies(world, STREAM, told + whole(world, STREAM_EXPLOITED, 11, params.evidence * raids))
    remember(world, STREAM, params, raids)


class DomesticTrafficking(Mechanism):
    """Recruiters lure people from poor and rural districts to cities, where they are held; some go free."""

    section = "domestic_trafficking"
    Params = DomesticTraffickingParams
    systems = ("S14",)
    on_by_default = False
    outcomes = DomesticTraffickingOutcomes.declared
    levers = (ONLINE_RECRUITMENT_CONTROL, VICTIM_SERVICES)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost from residents reached by phone, or from twice those freed last month plus one."""
        dose = np.clip(deviation, 0.0, 1.0)
        if lever.name == ONLINE_RECRUITMENT_CONTROL.name:
            return lever.unit_cost * float((dose * residents_reached(world)).sum())
        freed = sum((2.0 * state.freed for state in exploited(world).values()), np.ones(world.district_count))
        return lever.unit_cost * float((dose * freed).sum())

    @staticmethod
    def step(world: World) -> None:
        """Let some go free, serve them, and let recruiters bring others."""
        if not world.config.enabled(DomesticTrafficking.section):
            return
        prevented = online_lures_prevented(world)
        if STREAM not in exploited(world):
            open_stock(world)
        again = let_out(world, world.now(SERVED))
        take_in(world, again, prevented)
        state, (rows, _) = exploited(world)[STREAM], places_in(world.units)
        add_figures(world, {DomesticTraffickingOutcomes.freed_at_risk: state.at_risk.sum(axis=1)})
        world.figures |= {
            DomesticTraffickingOutcomes.exploited_domestic: state.held.sum(axis=(1, 2)),
            DomesticTraffickingOutcomes.exploited_by_place: sum_by(
                rows, state.held.sum(axis=(0, 2))[: rows.size], world.district_count
            ),
        }
