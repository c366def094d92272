"""Synthesis of the population: villages, households and members abroad at the start of a run."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import Field

from abm.declare import Params, param
from abm.engine.parallel import Threads
from abm.engine.portable import exponential, logarithm, logistic, normal_quantile
from abm.engine.random import stream_key, uniform
from abm.engine.tables import allocate
from abm.places.drivers import HOME_COUNTRY, shipped_series
from abm.places.geography import DistrictData, Units, adjacency, load_units, population_at
from abm.places.place_models import Destination
from abm.places.places import REST
from abm.places.series import opening_stock
from abm.society.kernels.livelihood import income_class_table, income_class_values
from abm.society.kernels.synthesis import (
    draw_village_effects,
    open_aspirations,
    open_segments,
    quintile_bounds,
    synthesise_villages,
)
from abm.world.codes import STREAM_SYNTHESIS
from abm.world.columns import SEGMENT_SLACK, Away, Blocks, Households, Population, Tables, Villages

REFERENCE_MONTH = 2016 * 12
"""Reference month of the poverty rates (mean of 2014 and 2018)."""

POVERTY_LINE = 3_400.0
"""Poverty line behind these rates, PKR of 2017 per person and month. Source: assumed, as `livelihood.subsistence`."""

LABOUR_AGE_SHARE = 0.72
"""Share of the population aged 10 and over, the base of census participation rates. Source: assumed."""

WORKERS_SPREAD = 0.29
"""Spread of workers for each member between the households of a district, log points: part of that of income per
capita. Source: runs; the middle between 0.23 at the start, as workers are whole persons, and 0.34 in twenty years."""

BLOCK_VILLAGES = 16
"""Villages per block, the unit of parallel work and of sums. Fixed, so that results do not depend on threads."""


SMALLEST_SCALE = 0.0005
"""Least share of the households that a run may have."""


class PopulationParams(Params):
    """The number of simulated households, where they live, and their state at the start."""

    scale: float = param(
        0.01, unit="share of households", bounds=(SMALLEST_SCALE, 1.0), source="assumed; a choice of the user"
    )
    """Sampling fraction: whole villages are drawn; each district has at least `min_villages`."""

    region: str | tuple[str, ...] = Field("pakistan")
    """``pakistan``, ``catchment`` (five districts of the paper and seven neighbours), a district, or a list."""

    district_data: DistrictData = Field("full")
    """Data on individual districts: `full`, all of them; `none`, only location and residents in 1998. With `none`
    districts grow as the country does and have its means in all else: household size, towns, schooling, work, poverty.
    For runs in which such differences have to emerge."""

    opening_stock: Literal["full", "none"] = Field("full")
    """Migrants abroad at the start: `full`, the stock of the UN table, split over districts by the census; `none`,
    nobody. With `none` a run may begin in 1960."""

    village_households: int = param(
        200, unit="household", bounds=(50, 1000), source="assumed; size of a mauza or urban block"
    )
    """Households of a village at the end of the horizon."""

    min_villages: int = param(4, unit="village", bounds=(1, 100), source="assumed; a choice")
    """Fewest villages sampled in a district."""

    size_sigma: float = param(0.42, unit="log points", bounds=(0.05, 1.0), source="assumed")
    """Spread of household size."""

    income_sigma: float = param(
        0.60,
        unit="log points",
        bounds=(0.2, 1.2),
        source="calibrated, with the poverty rates, to the mean income of HIES 2013-14",
        systems=("S5",),
    )
    """Spread of income per capita within a district, between and within villages, workers for each member included."""

    village_income_share: float = param(0.25, unit="share", bounds=(0.0, 0.9), source="assumed", systems=("S5",))
    """Share of the variance of income per capita that lies between villages."""

    urban_premium: float = param(0.20, unit="log points", bounds=(0.0, 0.8), source="assumed", systems=("S5",))
    """Income per capita of urban blocks above the district mean."""

    skill_income: float = param(0.45, unit="correlation", bounds=(0.0, 0.95), source="assumed", systems=("S5",))
    """Correlation of skill with income per capita."""

    high_skill_share: float = param(
        0.25, unit="share of the literate", bounds=(0.0, 1.0), source="assumed", systems=("S5",)
    )
    """Share of the literate with high skill; other literate workers have medium skill, the illiterate low skill."""

    abroad_selectivity: float = param(0.95, unit="dimensionless", bounds=(0.0, 1.0), source="assumed", systems=("S5",))
    """How much more likely the richest households are than middle ones to have members abroad at the start."""

    abroad_cluster: float = param(0.6, unit="log points", bounds=(0.0, 2.0), source="assumed", systems=("S4",))
    """Spread of members abroad at the start between the villages of a district."""

    opening_houses: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Share of households with members abroad that have a visible house at the start."""

    opening_debt: float = param(
        0.08, unit="share", bounds=(0.0, 0.5), source="assumed: 0.082 in runs of every household of the catchment",
        systems=("S5",),
    )  # fmt: skip
    """Share of households that owe money at the start; of those with members abroad twice as many."""

    reference_emigration: float = param(
        0.08,
        unit="1/year",
        bounds=(0.0, 0.15),
        source="assumed; the UN stock abroad grew by 0.075 a year from 2005 to 2015",
    )
    """Usual net emigration a year, relative to the opening stock: births make up for it, as censuses count those who
    stayed."""


Opening = namedtuple(
    "Opening", ["size_sigma", "skill_income", "selectivity", "abroad_cluster", "household_sizes", "house_share",
                "debt_share", "saving", "wage_index", "wealth_cuts", "settled_places", "labour_places",
                "irregular_share", "hidden_share"],
)  # fmt: skip
"""Constants of synthesis, for the kernel."""

Saving = namedtuple(
    "Saving", ["subsistence", "consumed_share", "buffer_months", "drawdown_rate", "shock_rate", "shock_months"]
)
"""What savings tend to, as section ``livelihood`` has it."""

Sight = namedtuple("Sight", ["village_weight", "district_weight", "neighbour_weight", "media_weight"])
"""Weights of what a village sees of migration, as section ``demonstration`` has them."""

Wish = namedtuple("Wish", ["baseline", "demonstration", "deprivation", "surplus", "ties", "taste"])
"""Weights of the target aspiration, for the kernel."""

ABROAD_HOUSEHOLD = ((0.55, 0.83, 0.95, 1.0), (0.0, 0.0, 0.35, 0.70, 0.90, 1.0))
"""Cumulative shares of households by number of members abroad, 1, 2, ...: of labour migrants, and of settled families,
whom stocks abroad count whole. Source: assumed."""

_MARGINALS = (
    "log_income", "income_sigma", "village_sigma", "urban_premium", "urban_share", "size", "participation",
    "unemployment", "low_skill", "high_skill", "abroad", "settled_share", "beside_families", "followed",
)  # fmt: skip
_DISTRICT_OPENING = np.dtype([("weight", "i8"), *((name, "f8") for name in _MARGINALS)])


def synthesise(
    params: PopulationParams,
    destinations: tuple[Destination, ...],
    seed: int,
    start: int,
    months: int,
    aspiration: Params,
    demonstration: Params | None,
    livelihood: Params,
    threads: Threads,
    wages: float,
) -> Population:
    """Synthesise the population of a run.

    Parameters
    ----------
    params
        Section ``population``.
    destinations
        Possible destinations of members abroad.
    seed, start, months
        Seed, first month (since January of year 0) and number of months.
    aspiration, demonstration, livelihood
        Sections of these names, for the opening state of households and villages; None for the second if the
        demonstration effect is off.
    threads
        Pool for the kernels.
    wages
        Real income per capita at home in the first month, multiple of 2017.
    """
    units = load_units(params.region, params.district_data)
    key = np.uint64(stream_key(seed, STREAM_SYNTHESIS, 0))
    paths = np.maximum.accumulate(
        np.array([population_at(units, start + t) for t in range(months + 1)]) / units.persons_per_household, axis=0
    )
    weight, village_counts, rows = _sample_villages(params, paths[-1])
    shares = paths / paths[-1]
    villages, offsets = _lay_out_villages(units, village_counts, rows, shares[0], key)
    households = allocate(Households, int(villages.first_row[-1] + villages.rows[-1]))
    tables = Tables(_logistic_table(), income_class_table(), income_class_values())
    stock = stock_by_destination(destinations, start, params.opening_stock)
    district = _district_opening(params, units, weight, paths[0], sum(stock))
    saving = Saving(*(float(getattr(livelihood, name)) for name in Saving._fields))
    constants = _opening_constants(params, units, district, wages, destinations, stock, saving)
    shift, abroad = np.zeros(villages.district.size), np.zeros(villages.district.size)
    draw_village_effects(district, constants, villages, shift, abroad, key)
    families = np.zeros(households.away.size, np.bool_)
    threads.each(
        lambda first, last: synthesise_villages(
            first, last, district, constants, villages, households, families, shift, abroad, tables, key
        ),
        villages.district.size,
    )
    away = _open_members_away(district, constants, villages, households, families, key)
    if demonstration is not None:
        _open_demonstration(villages, units, Sight(*(getattr(demonstration, name) for name in Sight._fields)))
    wish = Wish(*(float(getattr(aspiration, name)) for name in Wish._fields))
    threads.each(
        lambda first, last: open_aspirations(
            first, last, villages, households, tables, weight, constants.wage_index, wish
        ),
        villages.district.size,
    )
    return Population(
        units,
        weight,
        households,
        villages,
        away,
        _blocks(villages),
        tables,
        shares,
        offsets,
        district["unemployment"].copy(),
    )


def rows_awake(population: Population, t: int) -> np.ndarray:
    """Rows awake in each village in month `t` of the run; offsets make their sum follow the district path."""
    share = population.formation_share[t][population.villages.district]
    target = np.floor(population.villages.rows * share + population.wake_offset).astype(np.int32)
    return np.minimum(target, population.villages.rows)


def _sample_villages(params: PopulationParams, final: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose weights and rows that keep district totals; weights are whole, so that persons and rupees stay whole."""
    villages = np.maximum(np.round(params.scale * final / params.village_households), params.min_villages)
    weight = np.maximum(np.round(final / (villages * params.village_households)), 1).astype(np.int64)
    rows = np.maximum(np.round(final / weight), 1).astype(np.int64)
    counts = np.clip(np.round(rows / params.village_households), 1, rows).astype(np.int64)
    return weight, counts, rows


def _lay_out_villages(
    units: Units, counts: np.ndarray, rows: np.ndarray, first_share: np.ndarray, key: np.uint64
) -> tuple[Villages, np.ndarray]:
    """Split each district's rows over its villages, with urban blocks spread evenly among them."""
    villages = allocate(Villages, int(counts.sum()))
    villages.district[:] = np.repeat(np.arange(len(units)), counts)
    rank = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    base, extra = np.divmod(rows, counts)
    villages.rows[:] = base[villages.district] + (rank < extra[villages.district])
    villages.first_row[:] = np.cumsum(villages.rows, dtype=np.int64) - villages.rows
    urban = units.urban_share[villages.district]
    villages.urban[:] = np.floor((rank + 1) * urban + 0.5) > np.floor(rank * urban + 0.5)
    # evenly spread offsets: the sum of the rounded rows follows the district's path within one row
    start = np.array([uniform(key, -1_000_000_000 - d) for d in range(len(units))])
    offsets = ((rank + start[villages.district]) / counts[villages.district]) % 1.0
    awake = np.floor(villages.rows * first_share[villages.district] + offsets).astype(np.int32)
    villages.awake[:] = np.minimum(awake, villages.rows)
    return villages, offsets


def _district_opening(
    params: PopulationParams, units: Units, weight: np.ndarray, households: np.ndarray, abroad: float
) -> np.ndarray:
    """Work out each district's marginals for the kernel."""
    district = np.zeros(len(units), _DISTRICT_OPENING)
    district["log_income"] = _log_income(params, units) + 0.5 * WORKERS_SPREAD**2
    for d in range(len(units)):
        literate = min(max(float(units.literacy[d]), 0.02), 0.98)
        district["low_skill"][d] = normal_quantile(1.0 - literate)
        district["high_skill"][d] = normal_quantile(1.0 - literate * params.high_skill_share)
    district["weight"] = weight
    district["village_sigma"] = params.income_sigma * np.sqrt(params.village_income_share)
    own = params.income_sigma**2 * (1.0 - params.village_income_share) - WORKERS_SPREAD**2
    district["income_sigma"] = np.sqrt(max(own, 0.0))
    district["urban_premium"] = params.urban_premium
    district["urban_share"] = units.urban_share
    district["size"] = units.persons_per_household
    district["participation"] = units.labour_force_participation * LABOUR_AGE_SHARE
    district["unemployment"] = np.clip(units.unemployment, 0.01, 0.4)
    if abroad:
        share = units.persons_abroad_2017 / load_units("pakistan").persons_abroad_2017.sum()
        district["abroad"] = share * abroad / households
    return district


def stock_by_destination(
    destinations: tuple[Destination, ...], start: int, known: Literal["full", "none"] = "full"
) -> list[float]:
    """Persons abroad at the start by destination; countries not named are the rest. Zero if `known` is empty.

    A country that is a destination of its own is not also counted under the ``stock_of`` of another.
    """
    if known == "none":
        return [0.0] * len(destinations)
    stock = opening_stock(start)
    own = {facts.iso3 for facts in destinations}
    found = {}
    for facts in destinations:
        codes = {facts.iso3, *(code for code in facts.stock_of if code not in own)} - {"", HOME_COUNTRY}
        counted = sum(stock.pop(code, 0.0) for code in sorted(codes))
        found[facts.key] = counted or facts.stock_assumed
    found[REST] = sum(stock.values())
    return list(found.values())


def _opening_constants(
    params: PopulationParams,
    units: Units,
    district: np.ndarray,
    wages: float,
    destinations: tuple[Destination, ...],
    by_destination: list[float],
    saving: Saving,
) -> Opening:
    """National constants: wages relative to 2017, wealth groups, and destinations of members abroad at the start."""
    stock = np.array(by_destination)
    settles = np.array([facts.settles for facts in destinations])
    irregular = np.array([facts.opening_irregular for facts in destinations])
    settled = stock * settles * (1.0 - irregular)
    labour = stock - settled
    beside = labour * settles  # in countries where families settle: all without papers
    # shares of districts are scaled so that the country's are met, whatever the region of the run
    nation = load_units("pakistan", params.district_data)
    families, at_work = nation.settled_share, nation.persons_abroad_2017 * (1.0 - nation.settled_share)
    target = settled.sum() / max(stock.sum(), 1.0)
    current = float(np.average(families, weights=nation.persons_abroad_2017 + 1e-9))
    district["settled_share"] = np.clip(units.settled_share * target / current, 0.0, 0.95)
    # families follow men who went without papers, where many did; men go alone to where families of their district are
    following = settled * irregular
    men = float(np.average(1.0 - families, weights=nation.persons_abroad_2017 * families + 1e-9))
    district["followed"] = np.clip(
        (1.0 - units.settled_share) * following.sum() / max(settled.sum(), 1.0) / max(men, 1e-9), 0.0, 0.95
    )
    chained = float(np.average(families, weights=at_work + 1e-9))
    district["beside_families"] = np.clip(
        units.settled_share * beside.sum() / max(labour.sum(), 1.0) / max(chained, 1e-9), 0.0, 0.95
    )
    # without papers: all labour migrants where families settle, else the share in the data
    without = np.where(settles, 1.0, irregular)
    elsewhere = labour - beside
    return Opening(
        params.size_sigma,
        params.skill_income,
        params.abroad_selectivity,
        params.abroad_cluster,
        _sizes(),
        params.opening_houses,
        params.opening_debt,
        saving,
        wages,
        _wealth_cuts(params),
        np.cumsum(
            [following / max(following.sum(), 1e-9), (settled - following) / max((settled - following).sum(), 1e-9)],
            axis=1,
        ),
        np.cumsum([beside / max(beside.sum(), 1e-9), elsewhere / max(elsewhere.sum(), 1e-9)], axis=1),
        without,
        np.array([facts.hidden_share for facts in destinations]),
    )


def _sizes() -> np.ndarray:
    """`ABROAD_HOUSEHOLD` as one array, rows padded with ones."""
    width = max(len(row) for row in ABROAD_HOUSEHOLD)
    return np.array([(*row, *[1.0] * (width - len(row))) for row in ABROAD_HOUSEHOLD])


def _wealth_cuts(params: PopulationParams) -> np.ndarray:
    """Quintile bounds of income per capita in all of Pakistan, whatever the region of the run."""
    units = load_units("pakistan", params.district_data)
    people = units.population_2017
    cuts = quintile_bounds(_log_income(params, units), people, float(people.sum()), params.income_sigma)
    return np.array([exponential(cut) for cut in cuts])


def _log_income(params: PopulationParams, units: Units) -> np.ndarray:
    """Mean log income per capita of each district, from its poverty rate and a log-normal distribution."""
    shipped = shipped_series()
    growth = shipped.income_index(2017 * 12 + 6) / shipped.income_index(REFERENCE_MONTH)
    return np.array(
        [
            logarithm(POVERTY_LINE * growth)
            - params.income_sigma * normal_quantile(min(max(float(poverty), 0.02), 0.9))
            for poverty in units.poverty
        ]
    )


def _open_members_away(
    district: np.ndarray,
    constants: Opening,
    villages: Villages,
    households: Households,
    families: np.ndarray,
    key: np.uint64,
) -> Away:
    counts = villages.segment_count
    villages.segment_capacity[:] = counts + counts // 4 + SEGMENT_SLACK
    villages.segment_start[:] = np.cumsum(villages.segment_capacity, dtype=np.int64) - villages.segment_capacity
    away = allocate(Away, int(villages.segment_capacity.sum(dtype=np.int64)))
    open_segments(district, constants, villages, households, families, away, key)
    return away


def _open_demonstration(villages: Villages, units: Units, sight: Sight) -> None:
    """Start the field at its equilibrium value."""
    households = np.bincount(villages.district, villages.awake, len(units))
    seen = villages.visible.astype(np.float64) * villages.awake
    visible = np.bincount(villages.district, seen, len(units)) / households
    borders = adjacency(units)
    neighbours = visible.copy()
    for d in range(len(units)):
        near = slice(borders.indptr[d], borders.indptr[d + 1])
        if near.start < near.stop:
            neighbours[d] = (borders.weight[near] * visible[borders.indices[near]]).sum()
    common = sight.district_weight * visible + sight.neighbour_weight * neighbours + sight.media_weight
    villages.demonstration[:] = sight.village_weight * villages.visible + common[villages.district]


def _blocks(villages: Villages) -> Blocks:
    """Cut the villages of each district into blocks."""
    bounds = np.searchsorted(villages.district, np.arange(int(villages.district[-1]) + 2)).tolist()
    blocks = [
        (d, first, min(first + BLOCK_VILLAGES, end))
        for d, (begin, end) in enumerate(pairwise(bounds))
        for first in range(begin, end, BLOCK_VILLAGES)
    ]
    return Blocks(*np.ascontiguousarray(np.transpose(blocks)))


@cache
def _logistic_table() -> np.ndarray:
    return np.array([logistic(x / 64.0 - 8.0) for x in range(16 * 64 + 1)])
