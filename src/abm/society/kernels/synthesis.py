"""Synthetic households of one village: size, workers, skill, income, savings, members abroad.

Shares are kept by systematic rounding along the rows of a village, so that the district's marginals hold in small
samples too; what is individual comes from counter-based draws.
"""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np

from abm.engine.compiled import called, called_making, inlined, kernel, making
from abm.engine.portable import (
    exponential,
    exponential_inlined,
    logistic_inlined,
    normal_quantile,
    normal_quantile_inlined,
    normal_share,
)
from abm.engine.random import mix, uniform
from abm.society.kernels.livelihood import relative_deprivation
from abm.world.codes import (
    HIDDEN,
    HOUSE_LEVELS,
    INCOME_CLASSES,
    INCOME_STEP_BITS,
    INCOME_STEPS,
    IRREGULAR,
    MAX_DEPENDANTS,
    MAX_WORKERS,
    MONEY_LIMIT,
    MOST_TIES,
    SETTLED,
    TASTE_STEPS,
    WORKER,
)
from abm.world.kernels.members_away import MIGRANTS_IN_DEBT, USUAL_DEBT, write_stay

HOUSEHOLDS_TOGETHER = 110.0
"""Households of a row whose members abroad are at one place at the start, at most: those of a row of 1 %."""

_GOLDEN_SECTION = 0.6180339887498949
_SLOWEST = 1 / 240  # least drawdown a month that is reckoned with: slower, what is saved in twenty years
_OTHER = np.uint64(0x2545F4914F6CDD1D)  # mixed into the key of a second draw for the same purpose

# Purposes of draws, mixed into the key
(
    _SIZE,
    _INCOME,
    _SKILL,
    _ABROAD_SIZE,
    _WHERE,
    _PLACE,
    _HOUSE,
    _ASSETS,
    _VILLAGE_INCOME,
    _VILLAGE_ABROAD,
    _ASSIGN,
    _TASTE,
    _FAMILY,
    _DEBT,
) = range(14)


@inlined
def _draw(key: int, purpose: int, entity: int) -> float:
    return uniform(mix(np.uint64(key) ^ np.uint64(purpose + 1)), entity)


@inlined
def _first_beyond(draw: float, cumulative: np.ndarray) -> int:
    """First position whose cumulative share lies above a draw, at most the last."""
    found = 0
    while found < cumulative.size - 1 and draw >= cumulative[found]:
        found += 1
    return found


@inlined
def parts_of(weight: float) -> int:
    """Parts into which the members abroad of a row fall at the start, each at a place of its own.

    Were those of hundreds of households at one place, most districts of a small sample would know nobody at a rare
    destination, and some so many that more left than in a large one: what is known rises faster than their number.
    """
    return np.int64(np.ceil(weight / HOUSEHOLDS_TOGETHER))


@inlined
def _next(number: int, key: int, counts: np.ndarray) -> float:
    """Next term of a sequence that fills [0, 1) evenly, as does every stretch of it (Weyl 1916; golden section).

    `counts` is how many terms each of the sequences has given; each begins at a point of its own.
    """
    found = _draw(key, _WHERE, number) + _GOLDEN_SECTION * counts[number]
    counts[number] += 1
    return found % 1.0


_FOLLOWED, _OTHERS, _BESIDE, _ELSEWHERE, _FAMILIES, _LABOUR, _PAPERS = range(7)
"""Sequences: of places, by kind of members abroad; of the kind, of families and of labour migrants; and from the last
on of papers, by destination."""


@inlined
def opening_place(key: int, is_family: bool, followed: float, beside_families: float, opening, counts):
    """Destination and status of the next members abroad at the start, in order of district.

    Those of a district are spread evenly over places and papers, as shares have it, and not drawn one by one: what is
    known of a way rises faster than the number of those who went it, so that chance in it would raise departures.

    Parameters
    ----------
    key
        Key of synthesis.
    is_family
        Whether they are a settled family rather than labour migrants.
    followed
        Share of families of the district who followed men who went without papers.
    beside_families
        Share of labour migrants of the district who are where families settle.
    opening
        ``settled_places``, cumulative shares of destinations of families, first of those who followed, then of others;
        ``labour_places``, those of labour migrants, first where families settle, then elsewhere; by destination,
        ``irregular_share``, without papers among labour migrants, and ``hidden_share``, of those without papers in the
        hidden sector.
    counts
        See `_next`.
    """
    if is_family:
        kind = _FOLLOWED if _next(_FAMILIES, key, counts) < followed else _OTHERS
        return _first_beyond(_next(kind, key, counts), opening.settled_places[kind - _FOLLOWED]), SETTLED
    kind = _BESIDE if _next(_LABOUR, key, counts) < beside_families else _ELSEWHERE
    destination = _first_beyond(_next(kind, key, counts), opening.labour_places[kind - _BESIDE])
    papers = _next(_PAPERS + destination, key, counts)
    if papers >= opening.irregular_share[destination]:
        return destination, WORKER
    hidden = papers < opening.irregular_share[destination] * opening.hidden_share[destination]
    return destination, HIDDEN if hidden else IRREGULAR


@inlined
def draw_group(key: int, entity: int, settled_share: float, sizes: np.ndarray):
    """Draw the next members abroad of one household: how many, and whether they are a settled family.

    `sizes` are cumulative shares of households by size, of labour migrants and of families. Persons are settled with
    probability `settled_share`, so households are the less often families, the larger these are.
    """
    labour, family = mean_size(sizes[0]), mean_size(sizes[1])
    families = settled_share / family
    is_family = _draw(key, _FAMILY, entity) * (families + (1.0 - settled_share) / labour) < families
    size = 1 + _first_beyond(_draw(key, _ABROAD_SIZE, entity), sizes[1 if is_family else 0])
    return size, is_family


@inlined
def mean_size(cumulative: np.ndarray) -> float:
    """Mean number of members, 1 or more, by its cumulative shares."""
    found = 0.0
    for k in range(cumulative.size):
        found += 1.0 - (cumulative[k - 1] if k > 0 else 0.0)
    return found


@making
def draw_village_effects(district, opening, villages, shift, abroad, key):
    """Draw what the households of a village have in common, so that each district keeps its mean.

    Fills `shift`, log income per head of the village, with mean zero in each district; and `abroad`, the factor of
    members abroad at the start, with mean one over the households of each district.
    """
    count = district.size
    rows = np.zeros(count)
    awake = np.zeros(count)
    mean_shift = np.zeros(count)
    mean_abroad = np.zeros(count)
    for v in range(villages.district.size):
        d = villages.district[v]
        shift[v] = district[d].village_sigma * normal_quantile(_draw(key, _VILLAGE_INCOME, v))
        abroad[v] = exponential(opening.abroad_cluster * normal_quantile(_draw(key, _VILLAGE_ABROAD, v)))
        rows[d] += villages.rows[v]
        awake[d] += villages.awake[v]
        mean_shift[d] += shift[v] * villages.rows[v]
        mean_abroad[d] += abroad[v] * villages.awake[v]
    for v in range(villages.district.size):
        d = villages.district[v]
        shift[v] -= mean_shift[d] / rows[d]
        abroad[v] *= awake[d] / max(mean_abroad[d], 1e-9)


@making
def synthesise_villages(
    first_village, last_village, district, opening, villages, households, families, shift, abroad, tables, key
):
    """Fill the columns of all households of a range of villages, those asleep included.

    Parameters
    ----------
    first_village, last_village
        Range of villages, the last one excluded.
    district
        Record array by district: ``weight``, ``log_income``, ``income_sigma``, ``village_sigma``, ``urban_premium``,
        ``urban_share``, ``size``, ``participation``, ``unemployment``, ``low_skill``, ``high_skill`` (thresholds of
        the latent skill), ``abroad`` (persons abroad a household), ``settled_share`` (of these, in settled families).
    opening
        Constants: see `abm.society.synthesis.Opening`.
    villages, households, tables
        Columns and tables, see `abm.households.kernels.household_month`.
    families
        Output, by household: whether its members abroad are a settled family.
    shift, abroad
        What is common to a village, see `draw_village_effects`.
    key
        Key of the stream of synthesis.
    """
    drawn = _room_for_draws(_rows_of_longest(villages, first_village, last_village))
    for v in range(first_village, last_village):
        place = district[villages.district[v]]
        weight = place.weight
        village_income = place.log_income + (shift[v] + _urban_shift(place, villages.urban[v]))
        village_abroad = abroad[v]
        rows, first, awake = villages.rows[v], villages.first_row[v], villages.awake[v]
        member_carry = _draw(key, _SIZE, -v - 1) - 0.5
        worker_carry = _draw(key, _SIZE, -v - 1 - 500_000_000) - 0.5
        job_carry = _draw(key, _ASSIGN, -v - 1) - 0.5
        next_abroad, next_family = draw_group(key, -v - 1, place.settled_share, opening.household_sizes)
        abroad_carry = (_draw(key, _ASSETS, -v - 1) - 0.5) * next_abroad
        levels = with_migrant = 0
        _draw_households(first, rows, int(_draw(key, _SIZE, v) * rows), village_income, place, opening, key, drawn)
        for k in range(villages.income_counts.shape[1]):
            villages.income_counts[v, k] = 0
        for local in range(rows):
            row = first + local
            member_carry += drawn.size[local]
            members = _whole(member_carry, 1, MAX_DEPENDANTS)
            member_carry -= members
            worker_carry += place.participation * members
            workers = _whole(worker_carry, 1, min(members, MAX_WORKERS - 4))
            worker_carry -= workers

            # workers for each member differ between households, and change: pay does not make up for it
            usual = drawn.wage[local] * workers * (1.0 - place.unemployment)
            group = 0
            for cut in range(4):
                group += usual > opening.wealth_cuts[cut] * members
            job_carry += workers * (1.0 - place.unemployment)
            jobs = _whole(job_carry, 0, workers)
            job_carry -= jobs

            away = ties = house = 0
            if local < awake:
                share_rank = _draw(key, _INCOME, row)
                abroad_carry += place.abroad * village_abroad * (1.0 + opening.selectivity * (2.0 * share_rank - 1.0))
                if place.abroad > 0.0 and abroad_carry >= 0.5 * next_abroad:
                    away = next_abroad
                    families[row] = next_family
                    abroad_carry -= away
                    next_abroad, next_family = draw_group(key, row, place.settled_share, opening.household_sizes)
                    workers += away
                    ties = 1 + away
                    with_migrant += 1
                    if _draw(key, _HOUSE, row) < opening.house_share:
                        house = 1 + int(_draw(key ^ _OTHER, _HOUSE, row) * HOUSE_LEVELS)
                elif _draw(key, _PLACE, row) < 0.5 * min(place.abroad * village_abroad, 1.0):
                    ties = 1
                levels += house
            households.wage[row] = np.float32(drawn.wage[local])
            households.aspiration[row] = np.float32(0.0)
            saved = drawn.savings[local] * usual_savings(usual * opening.wage_index, members, opening.saving)
            # what some of its households owe, a weighted row does in part
            part = max(opening.debt_share, 1.0 / weight)
            chance = opening.debt_share / part * (MIGRANTS_IN_DEBT if away and weight == 1 else 1.0)
            owing = local < awake and _draw(key, _DEBT, row) < chance
            owed = part * USUAL_DEBT * workers * drawn.wage[local] * opening.wage_index
            households.assets[row] = np.int32(min(saved, MONEY_LIMIT))
            households.debt[row] = np.int32(min(owed if owing else 0.0, MONEY_LIMIT))
            households.workers[row] = np.uint8(workers)
            households.dependants[row] = np.uint8(members - (workers - away))
            households.jobs[row] = np.uint8(jobs)
            households.away[row] = np.uint16(away * weight)
            households.dead[row] = 0
            households.in_city[row] = 0
            households.taste[row] = drawn.taste[local]
            households.skill[row] = drawn.skill[local]
            households.wealth_group[row] = np.uint8(group)
            households.experience[row] = 0
            households.ties[row] = np.uint8(ties)
            households.house[row] = np.uint8(house)
            if local < awake:
                villages.income_counts[
                    v, tables.income_class[_income_step(jobs * drawn.wage[local] * opening.wage_index)]
                ] += 1
        villages.visible[v] = np.float32(levels / (HOUSE_LEVELS * max(awake, 1)))
        villages.migrant_share[v] = np.float32(with_migrant / max(awake, 1))
        villages.segment_count[v] = with_migrant * parts_of(weight)


Drawn = namedtuple("Drawn", ["size", "wage", "savings", "taste", "skill"])
"""What is drawn for each household of a village by itself: members before rounding, wage, savings relative
to the mean, and columns."""


@called
def _rows_of_longest(villages, first_village: int, last_village: int) -> int:
    """Rows of the longest of a range of villages. A loop: Numba's ``max`` loads SciPy at every start."""
    most = 0
    for v in range(first_village, last_village):
        most = max(most, np.int64(villages.rows[v]))
    return most


@called_making
def _room_for_draws(rows: int):
    """Allocate room for the draws of a village."""
    return Drawn(np.empty(rows), np.empty(rows), np.empty(rows), np.empty(rows, np.int8), np.empty(rows, np.uint8))


@inlined
def _draw_households(first, rows, stratum, village_income, place, opening, key, drawn) -> None:
    """Draw for each household of a village what does not depend on the others; loops that fill vector registers."""
    stride, size = _stride_over(rows), drawn.size[:rows]
    for k in range(size.size):
        stratum += stride
        stratum -= rows if stratum >= rows else 0
        size[k] = stratum
    spread, shift = opening.size_sigma, 0.5 * opening.size_sigma * opening.size_sigma
    for k in range(size.size):
        rank = (size[k] + _draw(key, _SIZE, first + k)) / rows
        size[k] = place.size * exponential_inlined(spread * normal_quantile_inlined(rank) - shift)
    wage, savings, taste, skill = drawn.wage[:rows], drawn.savings[:rows], drawn.taste[:rows], drawn.skill[:rows]
    usual = place.participation * (1.0 - place.unemployment)
    with_income, by_itself = opening.skill_income, np.sqrt(1.0 - opening.skill_income * opening.skill_income)
    for k in range(wage.size):
        z = normal_quantile_inlined(_draw(key, _INCOME, first + k))
        wage[k] = village_income + place.income_sigma * z
        latent = with_income * z + by_itself * normal_quantile_inlined(_draw(key, _SKILL, first + k))
        skill[k] = np.uint8(latent > place.low_skill) + np.uint8(latent > place.high_skill)
    for k in range(wage.size):
        wage[k] = exponential_inlined(wage[k]) / usual
        savings[k] = 0.2 + 1.6 * _draw(key, _ASSETS, first + k)
        level = normal_quantile_inlined(_draw(key, _TASTE, first + k)) * TASTE_STEPS
        level = level if level > -127.0 else -127.0
        taste[k] = np.int8(level if level < 127.0 else 127.0)


@inlined
def usual_savings(income: float, members: int, saving) -> float:
    """Savings at which a household saves what it draws down and pays for shocks, PKR; 0 if it saves nothing.

    `income` is that of all members of the labour force at the usual rate of unemployment, PKR a month; `saving` has the
    parameters of `abm.society.livelihood` that the rule of consumption reads. A household that saves at all fills the
    buffer.
    """
    need = saving.subsistence * members
    saved = (1.0 - saving.consumed_share) * (income - need) - saving.shock_rate * saving.shock_months * need
    return saving.buffer_months * need + saved / max(saving.drawdown_rate, _SLOWEST) if saved > 0.0 else 0.0


@inlined
def _urban_shift(place, urban) -> float:
    """Log income per head of an urban block or a village above the mean of its district."""
    if urban:
        return place.urban_premium
    return -place.urban_premium * place.urban_share / max(1.0 - place.urban_share, 0.25)


@inlined
def _whole(carried: float, least: int, most: int) -> int:
    """Whole number nearest to what is carried over so far, within bounds."""
    return min(max(int(np.floor(carried + 0.5)), least), most)


@inlined
def _income_step(income: float) -> int:
    return min(np.int64(income) >> INCOME_STEP_BITS, INCOME_STEPS - 1)


@called
def _stride_over(rows: int) -> int:
    """Golden stride coprime with the number of rows.

    It visits every stratum of household size once, and spreads the sizes evenly over any first part of the rows too:
    those awake at the start.
    """
    stride = max(int(_GOLDEN_SECTION * rows), 1)
    while math.gcd(stride, rows) != 1:
        stride += 1
    return stride


@inlined
def _enter(begin: int, m: int, row: int, destination: int, status: int, persons: int, away) -> int:
    """Enter a part of the members abroad of a row, which stand from `begin` to before `m` in order; returns the end.

    Those at one place and of one status stand together.
    """
    at = m
    while at > begin and (away.destination[at - 1], away.status[at - 1]) > (destination, status):
        at -= 1
    if at > begin and away.destination[at - 1] == destination and away.status[at - 1] == status:
        away.persons[at - 1] += np.uint16(persons)
        return m
    for k in range(m, at, -1):
        write_stay(k, row, away.destination[k - 1], away.status[k - 1], away.persons[k - 1], away)
    write_stay(at, row, destination, status, persons, away)
    return m + 1


@making
def open_segments(district, opening, villages, households, families, away, key):
    """Enter the opening members abroad into the segments of all villages, which stand in order of district.

    ``segment_count``, at first the most there may be, becomes their number.
    """
    counts = np.zeros(_PAPERS + opening.irregular_share.size, np.int64)
    for v in range(villages.district.size):
        place = district[villages.district[v]]
        m, parts = villages.segment_start[v], parts_of(place.weight)
        first = villages.first_row[v]
        for local in range(villages.awake[v]):
            persons, begin = np.int64(households.away[first + local]), m
            for part in range(parts if persons > 0 else 0):
                destination, status = opening_place(
                    key, families[first + local], place.followed, place.beside_families, opening, counts
                )  # fmt: skip
                number = persons * (part + 1) // parts - persons * part // parts
                m = _enter(begin, m, local, destination, status, number, away)
        villages.segment_count[v] = m - villages.segment_start[v]


@making
def open_aspirations(first_village, last_village, villages, households, tables, weights, wage_index, aspiration):
    """Start every household of a range of villages (the last excluded) at the aspiration to which it would relax.

    `weights` are the households that one row stands for, by district, and `wage_index` the wage against the wage that
    households hold. `aspiration` has the weights of the target, see `abm.choice.aspiration`.
    """
    deprivation = np.zeros(INCOME_CLASSES)
    longest = np.empty(_rows_of_longest(villages, first_village, last_village))
    for v in range(first_village, last_village):
        weight = weights[villages.district[v]]
        relative_deprivation(villages.income_counts[v], tables.income_value, deprivation)
        wish = aspiration.baseline + aspiration.demonstration * villages.demonstration[v]
        first, targets = villages.first_row[v], longest[: villages.rows[v]]
        for k in range(targets.size):
            row = first + k
            workers, jobs = np.int64(households.workers[row]), np.int64(households.jobs[row])
            at_home = (workers * weight - households.away[row]) // weight
            found = tables.income_class[_income_step(jobs * households.wage[row] * wage_index)]
            targets[k] = (
                wish
                + aspiration.deprivation * deprivation[found]
                + aspiration.surplus * (at_home - jobs) / max(workers, 1)
                + aspiration.ties * min(np.int64(households.ties[row]), MOST_TIES)
                + aspiration.taste * households.taste[row] / TASTE_STEPS
            )
        for k in range(targets.size):  # a loop of its own fills vector registers
            households.aspiration[first + k] = np.float32(logistic_inlined(targets[k]))


@kernel
def wake_rows(
    villages, target, households, district_weight, growth, woken_workers, woken_dependants, endowment, groups
):
    """Wake the rows that are due; add up the people and savings that enter with them, by district.

    They know as many people abroad as another household of the village, and their savings have grown with incomes.

    `target` is the rows awake in each village from this month on, never fewer than before; `district_weight` the
    households that one row stands for; `growth` income over that of the start. The last four are added to: persons,
    persons, PKR, households by wealth group.
    """
    for v in range(target.size):
        d = villages.district[v]
        weight = district_weight[d]
        first, before = villages.first_row[v], villages.awake[v]
        for local in range(before, target[v]):
            row = first + local
            if before > 0:
                households.ties[row] = households.ties[first + np.int64(mix(np.uint64(row)) % np.uint64(before))]
            households.assets[row] = np.int32(min(households.assets[row] * growth, MONEY_LIMIT))
            woken_workers[d] += weight * households.workers[row]
            woken_dependants[d] += weight * households.dependants[row]
            endowment[d] += weight * np.int64(households.assets[row])
            groups[d, households.wealth_group[row]] += weight
        villages.awake[v] = max(villages.awake[v], target[v])


@kernel
def sum_asleep(villages, households, totals):
    """Add up rows, workers and dependants of the households that are still to form, by district, into `totals`."""
    for v in range(villages.district.size):
        district = villages.district[v]
        first = villages.first_row[v]
        for row in range(first + villages.awake[v], first + villages.rows[v]):
            totals[district, 0] += 1
            totals[district, 1] += households.workers[row]
            totals[district, 2] += households.dependants[row]


@making
def quintile_bounds(log_income: np.ndarray, people: np.ndarray, total: float, sigma: float) -> np.ndarray:
    """Bounds of the quintiles of log income among people of several places, by bisection.

    Parameters
    ----------
    log_income, people, total
        Mean of log income and number of people by place, and the number of all.
    sigma
        Standard deviation of log income within a place.
    """
    cuts = np.zeros(4)
    for k in range(4):
        low, high = 5.0, 14.0
        for _ in range(50):
            middle = 0.5 * (low + high)
            below = 0.0
            for d in range(people.size):
                below += people[d] * normal_share((middle - log_income[d]) / sigma)
            if below < (k + 1) / 5 * total:
                low = middle
            else:
                high = middle
        cuts[k] = 0.5 * (low + high)
    return cuts
