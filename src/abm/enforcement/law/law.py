"""Law: laws come into force, and name those in charge and those who are offenders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, behaviour, outcome
from abm.enforcement.law.bureaus import BureausState
from abm.enforcement.law.foreigners import ForeignersOutcomes, record_detained
from abm.enforcement.law.jurisdiction import REGISTERED, somebody_acts
from abm.enforcement.law.month_law import FACING_MEMORY, SMUGGLING, LawMonth, LawParams, LawState, law_of
from abm.enforcement.law.powers import set_powers
from abm.engine.portable import exponential
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class LawOutcomes(Outcomes):
    """Laws in force, and leads that nobody took."""

    laws_in_force = outcome(unit="law", over="national", kind="stock", text="Laws of the table in force in the region.")
    leads_lost_to_jurisdiction = outcome(
        unit="lead", over="district",
        text="Leads on offices, trafficking and bonded labour that faded at a service not in charge, or waited "
        "for another.",
    )  # fmt: skip


VICTIMS_SPARED = behaviour("screening of those who face a charge", base=0.0, bounds=(0.0, 1.0))
"""Strength, relative to that of `screening`."""


class Law(Mechanism):
    r"""Laws come into force by province; they assign cases to agencies and define offenders.

    A law says which services may act on which crime, and what share of the migrants or victims concerned it treats as
    offenders, who keep silent, so that fewer leads reach the services.

    Notes
    -----
    One of $n$ services in charge takes up a lead in a month with probability $1 - \rho^{1 / (n - 1)}$ (1 if it is
    alone), with $\rho$ `reluctance`: the mixed equilibrium of the volunteer's dilemma (Diekmann 1985).
    """

    section = "law"
    Params = LawParams
    systems = ("S10", "S11", "S19")
    on_by_default = False
    outcomes = (*LawOutcomes.declared, *ForeignersOutcomes.declared)
    levers = (
        Lever(
            "jurisdiction_clarity", unit="share of officers who use the register", bounds=(0.0, 1.0), combine="add",
            moves=(REGISTERED,), unit_cost=150_000.0, cost_unit="district a month, at the lever's top",
            text="Puts one service in charge of each case, by a register of leads that is shared by those who use it.",
            systems=("S10", "S11", "S19"), felt="offices",
        ),
        Lever(
            "victim_non_criminalisation", unit="strength of screening", bounds=(0.0, 1.0), combine="add",
            moves=(VICTIMS_SPARED,), unit_cost=2.4e7,
            cost_unit="full strength, a month: two screeners per million residents, interpreters",
            text="Screens those found or sent home: whoever is interviewed before the charge is treated as a victim.",
            systems=("S11", "S17", "S19"), signals=(("sanction", -1.0),), felt="terms",
        ),
    )  # fmt: skip

    @staticmethod
    def step(world: World) -> None:
        """Work out who is in charge and who is an offender, by stream and district."""
        if not world.config.enabled(Law.section):
            return
        world.figures[LawOutcomes.leads_lost_to_jurisdiction] = np.zeros(world.district_count, np.int64)
        record_detained(world, np.zeros(world.district_count, np.int64))
        province, powers = world[BureausState].bureaus.province, set_powers(world)
        charged = 1.0 - spared_share(world, float(world.now(VICTIMS_SPARED)[0]))
        offender, foreign = powers.offenders[:, province] * charged, powers.foreigners[province] * charged
        world[LawState].month = LawMonth(somebody_acts(world), np.ones(offender.shape), offender, foreign)
        world[LawState].facing = world[LawState].facing * (1.0 - 1.0 / FACING_MEMORY)
        world.figures[LawOutcomes.laws_in_force] = int(powers.in_force[:, province].any(axis=1).sum())


def spared_share(world: World, strength: float) -> np.ndarray:
    """Share of those who face a charge whom screeners interview first, by district.

    Screeners of a province who can interview `h` persons in a month reach the share 1 - exp(-h / n) of `n`.
    """
    if strength <= 0.0:
        return np.zeros(world.district_count)
    bureaus = world[BureausState].bureaus
    people, waiting = bureaus.by_province(np.stack([world.units.population_2017 / 1e6, world[LawState].facing]))
    reach = strength * world.params(LawParams).screening * people / np.maximum(waiting, 1e-9)
    return np.array([1.0 - exponential(-min(each, 700.0)) for each in reach])[bureaus.province]


def offender_share(world: World) -> float:
    """Share of those smuggled whom the law treats as offenders, weighted by residents; 1 without a legal regime."""
    if not world.config.enabled(Law.section):
        return 1.0
    people = world.units.population_2017
    return float((law_of(world).offender[SMUGGLING] * people).sum() / people.sum())
