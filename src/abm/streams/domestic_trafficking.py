"""Trafficking within the country: counts by district of those lured, held and freed, without individuals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.engine.sums import sum_by
from abm.streams.domestic_exploitation import STREAM, let_out, open_stock, take_in
from abm.streams.domestic_trafficking_params import DomesticTraffickingParams
from abm.streams.lure import online_lures_prevented, residents_reached
from abm.streams.outcomes import DomesticTraffickingOutcomes
from abm.streams.trafficking import exploited, places_in
from abm.streams.trafficking_levers import ONLINE_RECRUITMENT_CONTROL, VICTIM_SERVICES
from abm.streams.victims import add_figures, services_dose
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World

PERSONS = "person a month"


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
        again = let_out(world, services_dose(world))
        take_in(world, again, prevented)
        state, (rows, _) = exploited(world)[STREAM], places_in(world.units)
        add_figures(world, {DomesticTraffickingOutcomes.freed_at_risk: state.at_risk.sum(axis=1)})
        world.figures |= {
            DomesticTraffickingOutcomes.exploited_domestic: state.held.sum(axis=(1, 2)),
            DomesticTraffickingOutcomes.exploited_by_place: sum_by(
                rows, state.held.sum(axis=(0, 2))[: rows.size], world.district_count
            ),
        }
