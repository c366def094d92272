"""Trafficking within the country: counts by district of those lured, held and freed; nobody is described."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import outcome
from abm.engine.sums import sum_by
from abm.streams.domestic_exploitation import STREAM, let_out, open_stock, take_in
from abm.streams.domestic_trafficking_params import DomesticTraffickingParams
from abm.streams.lure import online_lures_prevented, residents_reached
from abm.streams.trafficking import exploited, places_in
from abm.streams.trafficking_levers import ONLINE_RECRUITMENT_CONTROL, VICTIM_SERVICES
from abm.streams.victims import add_figures, services_dose
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World

PERSONS = "person a month"


class DomesticTrafficking(Mechanism):
    """Recruiters lure people from poor and rural districts to cities, where they are held; some come free."""

    section = "domestic_trafficking"
    Params = DomesticTraffickingParams
    systems = ("S14",)
    on_by_default = False
    outcomes = (
        outcome(
            "trafficked_domestic",
            unit=PERSONS,
            over="district",
            text="Residents recruited into exploitation within the country in the month, again or for the first time.",
        ),
        outcome(
            "trafficked_minors", unit=PERSONS, over="district", text="Of these, minors who had run away from home."
        ),
        outcome("runaways", unit=PERSONS, over="district", text="Minors who ran away from home in the month."),
        outcome("retrafficked", unit=PERSONS, over="district", text="Persons freed earlier who were trafficked again."),
        outcome(
            "exploited_domestic",
            unit="person",
            over="district",
            text="Residents of the district who are exploited within the country.",
        ),
        outcome(
            "exploited_by_place",
            unit="person",
            over="district",
            text="Persons exploited in the district, wherever in the region they come from.",
        ),
        outcome("trafficking_escapes", unit=PERSONS, over="district", text="Residents who escaped exploitation."),
        outcome(
            "trafficking_rescues",
            unit=PERSONS,
            over="district",
            text="Residents freed from exploitation within the country by agencies or by services for victims.",
        ),
        outcome("trafficking_let_go", unit=PERSONS, over="district", text="Residents whom exploiters let go."),
        outcome(
            "trafficking_deaths", unit=PERSONS, over="district", text="Residents who died of it, or were lost for good."
        ),
        outcome(
            "victims_identified",
            unit=PERSONS,
            over="district",
            text="Residents identified as victims of trafficking within the country or abroad.",
        ),
        outcome(
            "trafficking_reports",
            unit=PERSONS,
            over="district",
            text="Residents who reported to the police that they had been trafficked, within the country or abroad.",
        ),
        outcome(
            "trafficking_leads",
            unit="lead a month",
            over="district",
            text="Leads on trafficking handed in to agencies, in the district whose case it is.",
        ),
        outcome(
            "freed_at_risk",
            unit="person",
            over="district",
            text="Persons freed without services who may be trafficked again, within the country or abroad.",
        ),
    )
    levers = (ONLINE_RECRUITMENT_CONTROL, VICTIM_SERVICES)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost from those reached by phone, or from twice those freed in the last month and one more."""
        dose = np.clip(deviation, 0.0, 1.0)
        if lever.name == ONLINE_RECRUITMENT_CONTROL.name:
            return lever.unit_cost * float((dose * residents_reached(world)).sum())
        freed = sum((2.0 * state.freed for state in exploited(world).values()), np.ones(world.district_count))
        return lever.unit_cost * float((dose * freed).sum())

    @staticmethod
    def step(world: World) -> None:
        """Let some come free, serve them, and let recruiters bring others."""
        if not world.config.enabled(DomesticTrafficking.section):
            return
        prevented = online_lures_prevented(world)
        if STREAM not in exploited(world):
            open_stock(world)
        again = let_out(world, services_dose(world))
        take_in(world, again, prevented)
        state, (rows, _) = exploited(world)[STREAM], places_in(world.units)
        add_figures(world, freed_at_risk=state.at_risk.sum(axis=1))
        world.figures |= {
            "exploited_domestic": state.held.sum(axis=(1, 2)),
            "exploited_by_place": sum_by(rows, state.held.sum(axis=(0, 2))[: rows.size], world.district_count),
        }
