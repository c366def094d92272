"""Places for families at kilns and mines by district, and the terms of work in a month."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from abm.enforcement import BONDED_LABOUR, law_of
from abm.engine.calendar import MONTHS_A_YEAR
from abm.places.data_files import read_rows
from abm.places.geography import PROVINCES, Units, load_units
from abm.society import EconomyState, FormationState
from abm.streams.bondage_params import BondageParams
from abm.streams.kernels.bondage import BondTerms
from abm.world.codes import BONDING_SECTORS, STREAM_OUTSIDE_CREDIT

if TYPE_CHECKING:
    from abm.world.state import World


def court_releases(world: World, registered: np.ndarray) -> np.ndarray:
    """Hazard of release by a court in the month, shape (districts, sectors).

    `registered` is the share of the kilns on the register, by district. Inspectors know of no others; they know all
    mines.
    """
    params = world.params(BondageParams)
    hazard = params.inspections * params.inspection_release * inspection_effort(world)
    return np.minimum(np.stack([hazard * registered, hazard], axis=1), 1.0)


def inspection_effort(world: World) -> np.ndarray:
    """Enforcement effort on bonded labour, by district; 1 is that of the declared parameters.

    The only place where agencies enter (labour inspectors, provincial police, social welfare): their effort times the
    probability that one of those in charge acts.
    """
    law = law_of(world)
    return law.effort[BONDED_LABOUR] * law.acted[BONDED_LABOUR]


ALL_KILNS = 18_000.0
"""Brick kilns of Pakistan in 2017. Source: S_BR_20170504, of which the count of Punjab is too."""

MONSOON_MONTHS = (6, 7, 8)
"""July to September, counted from January as 0."""

WINTER_MONTHS = (11, 0)
"""December and January."""


def activity(params: BondageParams, month: int) -> float:
    """Work at kilns in a month since January of year 0, as a share of that in season."""
    calendar = month % MONTHS_A_YEAR
    if calendar in MONSOON_MONTHS:
        return params.monsoon_activity
    return params.winter_activity if calendar in WINTER_MONTHS else 1.0


def kiln_families(params: BondageParams) -> float:
    """Families at the kilns of Pakistan in 2017, by the chosen reading."""
    if params.reading == "printed":
        return params.stated_workers / params.family_work
    year = sum(activity(params, month) for month in range(MONTHS_A_YEAR))
    return params.bricks / (params.family_bricks * params.working_days * year) / params.moulding_share


def places(world: World) -> np.ndarray:
    """Places for families at kilns and mines this month, shape (districts, sectors).

    They grow with the residents of the district, as demand for bricks does.
    """
    params = world.params(BondageParams)
    kilns, mines = shares_of_country(world.units)
    families = np.array([kiln_families(params), params.mine_workers / params.mine_family_workers])
    growth = world[FormationState].plan.residents[world.t] / world.units.population_2017
    return np.stack([kilns, mines], axis=1) * families * growth[:, None]


def shares_of_country(units: Units) -> tuple[np.ndarray, np.ndarray]:
    """Each district's share of the kilns and of the mines of Pakistan.

    Kilns of Punjab as counted; the rest is divided among the other provinces, and within provinces among districts, by
    rural population.
    """
    kilns, mines = _shares()
    return np.array([kilns[str(key)] for key in units.unit]), np.array([mines[str(key)] for key in units.unit])


@cache
def _shares() -> tuple[dict[str, float], dict[str, float]]:
    units = load_units("pakistan")
    rural = units.population_2017 * (1.0 - units.urban_share)
    rows = {PROVINCES[row["province"]]: row for row in read_rows("tables/bonded_sectors.csv")}
    counted = {province: float(row["brick_kilns"]) for province, row in rows.items() if row["brick_kilns"]}
    elsewhere = ~np.isin(units.province, list(counted))
    kilns, mines = np.zeros(len(units)), np.zeros(len(units))
    kilns[elsewhere] = (1.0 - sum(counted.values()) / ALL_KILNS) * rural[elsewhere] / rural[elsewhere].sum()
    for province, row in rows.items():
        here = units.province == province
        part = rural[here] / max(float(rural[here].sum()), 1.0)
        mines[here] = float(row["mine_share"]) * part
        if province in counted:
            kilns[here] = counted[province] / ALL_KILNS * part
    keys = [str(key) for key in units.unit]
    return dict(zip(keys, kilns.tolist(), strict=True)), dict(zip(keys, mines.tolist(), strict=True))


def terms_of_month(
    world: World, *, enforced: np.ndarray, offered: np.ndarray, cancelled: np.ndarray, registered: np.ndarray
) -> BondTerms:
    """Terms of the month for the kernels, see `abm.streams.kernels.bondage.BondTerms`.

    Parameters
    ----------
    enforced, offered, cancelled, registered
        Share of the gap to lawful pay that is closed at kilns, share of advances not prevented, hazard of cancellation,
        and share of kilns on the register, by district.
    """
    params, incomes = world.params(BondageParams), world[EconomyState].income_index
    shape = (world.district_count, BONDING_SECTORS)
    bricks = params.family_bricks / params.family_work * params.working_days / 1000.0 * incomes
    tons = params.mine_tons * params.working_days * incomes
    full = np.array([bricks * params.kiln_rate, tons * params.mine_rate])
    booked = params.credited_share + registered * (params.credited_registered - params.credited_share)
    season = np.array([activity(params, world.month), 1.0])

    def everywhere(by_sector: ArrayLike) -> np.ndarray:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(by_sector, np.float64), shape))

    return BondTerms(
        promised=everywhere(full * season),
        full=everywhere(full),
        withheld=everywhere([params.kiln_withheld, params.mine_withheld]),
        credited=np.stack([booked, np.full_like(booked, params.credited_share)], axis=1),
        legal=everywhere([bricks * params.legal_rate * season[0], 0.0]),
        minimum=everywhere([params.minimum_wage * incomes * season[0], 0.0]),
        enforced=np.stack([enforced, np.zeros_like(enforced)], axis=1),
        court=court_releases(world, registered),
        cancelled=cancelled,
        offered=offered,
        child_effort=params.child_work,
        instalment=params.instalment_share,
        outside_share=params.outside_credit,
        outside_key=world.fixed_key(STREAM_OUTSIDE_CREDIT),
        **params.model_dump(include=set(BondTerms._fields)),
    )
