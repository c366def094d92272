"""Demand for bricks and minerals, places for families at kilns and mines, and the terms of work in a month."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import raised
from abm.places.data_files import read_rows
from abm.places.geography import PROVINCES, Units, load_units
from abm.society import EconomyState, FormationState
from abm.streams.bondage_params import BondageParams
from abm.streams.kernels.bondage import BondTerms
from abm.streams.labour_inspection import Enforced
from abm.world.codes import BONDING_SECTORS, STREAM_OUTSIDE_CREDIT

if TYPE_CHECKING:
    from abm.world.state import World

ALL_KILNS = 18_000.0
"""Brick kilns of Pakistan in 2017. Source: S_BR_20170504, of which the count of Punjab is too."""

MONSOON_MONTHS = (6, 7, 8)
"""July to September, counted from January as 0."""

KILN_WINTER, MINE_WINTER = (11, 0), (11, 0, 1)
"""December and January; and February, with snow on the roads to mines in the uplands."""

FEASTS = (date(2017, 6, 26).toordinal(), date(2017, 9, 2).toordinal())
"""Eid al-Fitr and Eid al-Adha of a year; others are a whole number of lunar years away."""

LUNAR_YEAR = 354.36707
"""Days."""

COMING_OF_AGE = 15.0
"""Years at which a dependant counts as a worker."""


DECLARED_TERMS = tuple(
    name
    for name in BondTerms._fields
    if name in BondageParams.model_fields and name not in ("child_share", "opening_growth")
)
"""Terms that are parameters as they are."""


@cache
def feasts(month: int) -> int:
    """Number of the two Eids that fall in a month since January of year 0."""
    first, after = (date(m // MONTHS_A_YEAR, m % MONTHS_A_YEAR + 1, 1).toordinal() for m in (month, month + 1))
    return sum(int((after - day - 0.5) // LUNAR_YEAR - (first - day - 0.5) // LUNAR_YEAR) for day in FEASTS)


def activity(params: BondageParams, month: int) -> np.ndarray:
    """Work at kilns and in mines in a month since January of year 0, as shares of that in season.

    Bricks do not dry in the monsoon; winter is slow for both; miners go home for an Eid.
    """
    calendar = month % MONTHS_A_YEAR
    kilns = params.winter_activity if calendar in KILN_WINTER else 1.0
    kilns = params.monsoon_activity if calendar in MONSOON_MONTHS else kilns
    mines = params.mine_winter_activity if calendar in MINE_WINTER else 1.0
    return np.array([kilns, mines * max(1.0 - feasts(month) * params.feast_days / 30.0, 0.0)])


@lru_cache(maxsize=64)
def families_by_sector(params: BondageParams) -> np.ndarray:
    """Families at the kilns and in the mines of Pakistan in 2017, by the chosen reading."""
    if params.reading == "printed":
        return np.array([params.stated_workers / params.family_work, params.mine_workers / params.mine_family_workers])
    year = range(2017 * MONTHS_A_YEAR, 2018 * MONTHS_A_YEAR)
    kiln_days, mine_days = params.working_days * np.array([activity(params, month) for month in year]).sum(axis=0)
    kilns = params.bricks / (params.family_bricks * kiln_days) / params.moulding_share
    mines = params.mine_output / (params.mine_tons * mine_days) / params.hewing_share / params.mine_family_workers
    return np.array([kilns, mines])


def find_places(world: World, enforced: np.ndarray) -> np.ndarray:
    """Places for families at kilns and mines this month, shape (districts, sectors).

    Kilns make what is built at home: bricks follow residents times real income per capita. Where lawful pay is
    `enforced` (share of kilns, by district) bricks are dearer: customers buy from other districts of the province, and
    fewer of them. Mines follow the kilns of the region, the main buyers of coal.
    """
    params, units = world.params(BondageParams), world.units
    (kilns, mines, _), families = sites_of(units), families_by_sector(params)
    output = world[FormationState].plan.residents[world.t] / units.population_2017 * world[EconomyState].income_index
    wanted = kilns * families[0] * output
    bricks = params.family_bricks * params.working_days / 1000.0
    lawful = max(params.legal_rate * bricks, params.minimum_wage * FAMILY_ADULTS)
    gap = lawful / max(params.kiln_rate * bricks * (1.0 - params.kiln_withheld), 1.0) - 1.0
    dearer = 1.0 + params.labour_part * max(gap, 0.0) * enforced
    kept = raised(dearer, -params.brick_substitution)
    province = np.unique(units.province, return_inverse=True)[1]
    before = np.bincount(province, wanted)
    pull = before / np.maximum(np.bincount(province, wanted * kept), 1e-9)
    made = wanted * kept * pull[province]
    price = np.bincount(province, made * dearer) / np.maximum(before, 1e-9)
    made *= raised(np.maximum(price, 1e-9)[province], -params.brick_elasticity)
    usual = max(float((kilns * families[0]).sum()), 1e-9)
    return np.stack([made, mines * families[1] * made.sum() / usual], axis=1)


FAMILY_ADULTS = 2.0
"""Adults of the family whose pay makes the price of bricks; `family_work` counts its children too. Source: assumed."""


@cache
def sites_of(units: Units) -> np.ndarray:
    """Shares of districts, shape (3, districts): of the country's kilns, of its mines, and of minorities at kilns.

    Kilns of Punjab as counted; the rest is divided among the other provinces, and within provinces among districts, by
    rural population. Mines lie at the coalfields of a province, as many at each. Of minorities the largest share that a
    source gives; 0 where none does.
    """
    found = _sites()
    return np.array([found[str(key)] for key in units.unit]).T


@cache
def _sites() -> dict[str, list[float]]:
    units = load_units("pakistan")
    rural = units.population_2017 * (1.0 - units.urban_share)
    rows = {PROVINCES[row["province"]]: row for row in read_rows("tables/bonded_sectors.csv")}
    counted = {province: float(row["brick_kilns"]) for province, row in rows.items() if row["brick_kilns"]}
    fields = np.isin(units.unit, [row["unit"] for row in read_rows("tables/coalfields.csv")])
    elsewhere = ~np.isin(units.province, list(counted))
    kilns, mines, minorities = np.zeros((3, len(units)))
    kilns[elsewhere] = (1.0 - sum(counted.values()) / ALL_KILNS) * rural[elsewhere] / rural[elsewhere].sum()
    for province, row in rows.items():
        here = units.province == province
        part = rural[here] / max(float(rural[here].sum()), 1.0)
        mines[here] = float(row["mine_share"]) * fields[here] / max(int(fields[here].sum()), 1)
        minorities[here] = float(row["minority_share"] or 0.0)
        if province in counted:
            kilns[here] = counted[province] / ALL_KILNS * part
    return dict(zip(map(str, units.unit), np.stack([kilns, mines, minorities], axis=1).tolist(), strict=True))


def terms_of_month(world: World, enforced: Enforced, mine_rate: np.ndarray) -> BondTerms:
    """Terms of the month for the kernels, see `abm.streams.kernels.bondage.BondTerms`.

    `mine_rate` is the regulated rate of mines by district, PKR of 2017 a ton; 0 where there is none.
    """
    params, incomes = world.params(BondageParams), world[EconomyState].income_index
    shape = (world.district_count, BONDING_SECTORS)
    bricks = params.family_bricks / params.family_work * params.working_days / 1000.0 * incomes
    tons = params.mine_tons * params.working_days * incomes
    full = np.array([bricks * params.kiln_rate, tons * params.mine_rate_worst])
    season = activity(params, world.month)
    booked = params.credited_share + enforced.registered * (params.credited_registered - params.credited_share)
    # boys of some years of age among dependants
    of_age = 0.5 * max(COMING_OF_AGE - params.mine_age, 0.0) / COMING_OF_AGE

    return BondTerms(
        promised=np.full(shape, full * season),
        full=np.full(shape, full),
        best=np.array([1.0, params.mine_rate_best / params.mine_rate_worst]),
        withheld=np.full(shape, [params.kiln_withheld, params.mine_withheld]),
        credited=np.stack([booked, np.full_like(booked, params.credited_share)], axis=1),
        legal=np.stack([np.full_like(mine_rate, bricks * params.legal_rate), tons * mine_rate], axis=1) * season,
        minimum=np.full(shape, [params.minimum_wage * incomes * season[0], 0.0]),
        enforced=enforced.pay,
        banned=enforced.advances,
        court=enforced.court,
        cancelled=enforced.cancelled,
        child_effort=np.array([params.child_work, params.mine_child_work]),
        child_share=np.array([params.child_share, of_age]),
        instalment=params.instalment_share,
        outside_share=params.outside_credit,
        outside_key=world.fixed_key(STREAM_OUTSIDE_CREDIT),
        law_key=world.key(STREAM_OUTSIDE_CREDIT, world.month % max(round(params.compliance_months), 1)),
        opening_growth=params.opening_growth if world.t == 0 else 0.0,  # debts open in the first month alone
        **{name: getattr(params, name) for name in DECLARED_TERMS},
    )
