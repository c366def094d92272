"""Law: laws in force, clarity of competence, and the treatment of those exploited as offenders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, behaviour, lever, outcome
from abm.enforcement.law.bureaus import BureausState
from abm.enforcement.law.jurisdiction import clarity_of, set_powers
from abm.enforcement.law.law_params import LawParams
from abm.enforcement.law.month_law import SMUGGLING, LawMonth, LawState, law_of
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class LawOutcomes(Outcomes):
    """Laws in force, and leads lost to doubt about competence."""

    laws_in_force = outcome(unit="law", over="national", kind="stock", text="Laws of the table in force in the region.")
    leads_lost_to_jurisdiction = outcome(
        unit="lead",
        over="district",
        text="Leads on offices, trafficking and bonded labour lost because it was unclear which agency was in charge.",
    )


DISPUTES_SETTLED = behaviour("disputes between agencies settled", base=0.0, over="district", bounds=(0.0, 1.0))
"""Share by district."""

VICTIMS_SPARED = behaviour("those exploited or smuggled who are no longer offenders", base=0.0, bounds=(0.0, 1.0))
"""Share of them."""


class Law(Mechanism):
    """Laws come into force by province; they assign cases to agencies and define offenders."""

    section = "law"
    Params = LawParams
    systems = ("S10", "S11", "S19")
    on_by_default = False
    outcomes = LawOutcomes.declared
    levers = (
        lever(
            "jurisdiction_clarity",
            unit="share of doubt removed",
            bounds=(0.0, 1.0),
            combine="add",
            moves=DISPUTES_SETTLED,
            unit_cost=150_000.0,
            cost_unit="district a month, at the lever's top",
            text="Makes one agency responsible for each stream of crime, with a shared register of cases.",
            systems=("S10", "S11", "S19"),
        ),
        lever(
            "victim_non_criminalisation",
            unit="share of those who are offenders by the law",
            bounds=(0.0, 1.0),
            combine="add",
            moves=VICTIMS_SPARED,
            unit_cost=1.0e7,
            cost_unit="all of them, a month: screening, interpreters, shelter",
            text="Treats those exploited or smuggled as victims and witnesses, whatever the law says.",
            systems=("S11", "S17", "S19"),
            signals=(("sanction", -1.0),),
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Set clarity and the share of offenders, by stream and district."""
        if not world.config.enabled(Law.section):
            return
        world.figures[LawOutcomes.leads_lost_to_jurisdiction] = np.zeros(world.district_count, np.int64)
        params, province = world.params(LawParams), world[BureausState].bureaus.province
        powers = set_powers(world)
        clarity = clarity_of(powers.competent.sum(axis=0), powers.named, params.confusion, params.settling)[:, province]
        settled = world.now(DISPUTES_SETTLED)
        # a stream without a law has no agency in charge, whatever agencies agree on
        clarity = np.where(clarity > 0.0, clarity + (1.0 - clarity) * settled, 0.0)
        spared = float(world.now(VICTIMS_SPARED)[0])
        offender = powers.offenders[:, province] * (1.0 - spared)
        world[LawState].month = LawMonth(clarity, np.ones(clarity.shape), offender)
        world.figures[LawOutcomes.laws_in_force] = int(powers.in_force[:, np.unique(province)].any(axis=1).sum())


def offender_share(world: World) -> float:
    """Share of those smuggled whom the law treats as offenders, weighted by residents; 1 without a legal regime."""
    if not world.config.enabled(Law.section):
        return 1.0
    people = world.units.population_2017
    return float((law_of(world).offender[SMUGGLING] * people).sum() / people.sum())


def disputed_time(world: World) -> np.ndarray:
    """Share of officers' time lost to disputes over competence, by stream and district."""
    found: np.ndarray = world.params(LawParams).friction * (1.0 - law_of(world).clarity)
    return found


JURISDICTION_CLARITY, VICTIM_NON_CRIMINALISATION = Law.levers
