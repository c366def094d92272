"""Law: laws in force, clarity of competence, and the treatment of those exploited as offenders."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import Outcomes, behaviour, lever, outcome
from abm.declare.state import Held, State, kept
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.month_law import SMUGGLING, STREAMS, LawMonth, LawParams, LawState, law_of
from abm.enforcement.law.regime import month_in_force
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.enforcement.law.regime import Regime
    from abm.world.state import World


class PowersState(State):
    """Powers under the laws in force."""

    powers: Held[Powers] = kept(
        text="Powers of services, by province, under the laws in force.",
        start=lambda world: _work_out(world, _in_force(world)),
    )


class Powers(NamedTuple):
    """Legal position by stream and province under the laws in force."""

    in_force: np.ndarray
    """Laws by province, bool, shape (laws, provinces)."""
    competent: np.ndarray
    """Services that may act, bool, shape (services, streams, provinces)."""
    named: np.ndarray
    """Whether a law names the agency in charge, bool, shape (streams, provinces)."""
    offenders: np.ndarray
    """Share of those exploited whom the law treats as offenders, shape (streams, provinces)."""


def set_powers(world: World) -> Powers:
    """Set the powers of the month, recomputed when the laws in force change."""
    known, in_force = world[PowersState].powers, _in_force(world)
    if not np.array_equal(known.in_force, in_force):
        known = world[PowersState].powers = _work_out(world, in_force)
    return known


def _in_force(world: World) -> np.ndarray:
    """Laws in force in the month by province."""
    regime = world[BureausState].regime
    return laws_in_force(regime, dates_of(regime, world.params(LawParams).pressure), world.month)


def _work_out(world: World, in_force: np.ndarray) -> Powers:
    """Powers under the laws in force."""
    return work_out_powers(world[BureausState].regime, world[BureausState].bureaus.services, in_force)


@lru_cache(maxsize=64)
def dates_of(regime: Regime, pressure: float) -> tuple[int, ...]:
    """First month in force of each law, since January of year 0."""
    return tuple(month_in_force(law, pressure) for law in regime.laws)


def laws_in_force(regime: Regime, since: tuple[int, ...], month: int) -> np.ndarray:
    """Whether each law is in force in each province in a month: begun, not ended, and not replaced."""
    found = np.array(
        [
            [first <= month <= law.until and province in law.provinces for province in PROVINCE_KEYS]
            for law, first in zip(regime.laws, since, strict=True)
        ]
    ).reshape(len(regime.laws), len(PROVINCE_KEYS))
    rows = {law.key: row for row, law in enumerate(regime.laws)}
    replaced = np.zeros_like(found)
    for row, law in enumerate(regime.laws):
        for key in law.replaces:
            replaced[rows[key]] |= found[row]
    return found & ~replaced


def work_out_powers(regime: Regime, services: tuple[str, ...], in_force: np.ndarray) -> Powers:
    """Work out which services may act, whether one is named, and the share of offenders."""
    shape = (len(STREAMS), len(PROVINCE_KEYS))
    competent = np.zeros((len(services), *shape), bool)
    named, offenders, protects = np.zeros(shape, bool), np.zeros(shape), np.zeros(shape)
    for law, here in zip(regime.laws, in_force, strict=True):
        streams = [STREAMS.index(name) for name in law.streams]
        for stream in streams:
            for service in law.services:
                competent[services.index(service), stream] |= here
            named[stream] |= here & bool(law.named)
            offenders[stream] = np.maximum(offenders[stream], np.where(here, law.offenders, 0.0))
            protects[stream] = np.maximum(protects[stream], np.where(here, law.protects, 0.0))
    return Powers(in_force, competent, named, offenders * (1.0 - protects))


def clarity_of(agencies: np.ndarray, named: np.ndarray, confusion: float, settling: float) -> np.ndarray:
    """Probability that a lead survives doubt about competence.

    Parameters
    ----------
    agencies, named
        Number of services competent for the offence (0 where no law makes it one); whether a law names whose case it
        is.
    confusion, settling
        Doubt added by each further agency, and the share of it removed by naming one.
    """
    doubt = confusion * (agencies - 1) * np.where(named, 1.0 - settling, 1.0)
    return np.where(agencies > 0, 1.0 / (1.0 + np.maximum(doubt, 0.0)), 0.0)


class LawOutcomes(Outcomes):
    """Laws in force, and leads lost to doubt about competence."""

    laws_in_force = outcome(unit="law", over="national", kind="stock", text="Laws of the table in force in the region.")
    leads_lost_to_jurisdiction = outcome(
        unit="lead", over="district",
        text="Leads on offices, trafficking and bonded labour lost because it was unclear which agency was in charge.",
    )  # fmt: skip


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
            felt="offices",
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
            felt="terms",
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
    return world.params(LawParams).friction * (1.0 - law_of(world).clarity)
