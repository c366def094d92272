"""Each formula against plain Python and its limits.

Draws are functions of their keys, so every figure below is the same in each run: a tolerance says how far a correct
formula may lie from the ideal, and no test fails by chance. Where a mean is compared, it is four standard errors; where
frequencies are, the chi-square value that one in a million correct generators would pass.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np
import pytest
from numba import njit
from numba.core.dispatcher import Dispatcher
from scenes import KEY, crowd, rates, villages_with
from worlds import small_config

from abm.beliefs.kernels.beliefs import TOPICS
from abm.choice.kernels.wish import consider_blocks, logistic_step, relax_aspiration
from abm.departure.kernels.choice import STAY, choose_channels, collect_choices, count_choices, weighing_space
from abm.departure.kernels.departure import charge, depart, keep_unrefused, ration_by_group, set_off
from abm.departure.options import IN_PIECES, Choices, OptionsMonth
from abm.engine.compiled import called, driver, inlined, kernel, making
from abm.engine.elementwise import apart, log, raised, successes
from abm.engine.lookup import mark_among, sums_before, sums_of
from abm.engine.portable import (
    exponential,
    logarithm,
    logistic,
    normal_quantile,
    normal_quantile_inlined,
    normal_share,
    power,
)
from abm.engine.random import binomial, binomial_by_party, few_by_party, mix, stream_key, uniform
from abm.engine.sums import ascending, occurrences, sum_by
from abm.engine.tables import allocate
from abm.households.kernels.household_month import work_space
from abm.model import simulate
from abm.routes.kernels.journey import interception_probability
from abm.society.kernels.diffusion import (
    lowest_neighbour,
    mean_over_neighbours,
    means_over_neighbours,
    relax_field,
    sum_visible_by_district,
)
from abm.society.kernels.labour import count_at_home, turn_over_jobs
from abm.society.kernels.livelihood import (
    consumption_of,
    income_class_table,
    income_class_values,
    interest_on,
    means_of,
    pay_of,
    relative_deprivation,
    repayment_of,
    transfer_to,
)
from abm.society.kernels.sampling import WORD, pick
from abm.society.kernels.synthesis import usual_savings, wake_rows
from abm.society.kernels.village_quarter import QUARTER, quarter_of_village
from abm.society.synthesis import Saving, _logistic_table
from abm.world.codes import (
    FREE_OF_BOND,
    INCOME_CLASSES,
    INCOME_STEP_BITS,
    INCOME_STEPS,
    T_BIRTHS,
    T_DEATHS,
    T_TO_POOL_DEPENDANTS,
    T_TO_POOL_WORKERS,
    TALLY_COUNT,
)
from abm.world.columns import WAYS_IN_PIECES, Away, Blocks, Made, doublings_of
from abm.world.kernels.members_away import (
    arrivals_in_order,
    bury,
    enter_arrivals,
    has_room,
    note_arrivals,
    savings_state,
    share_in_debt,
)


def keys(count: int) -> list[Any]:
    return [np.uint64(stream_key(seed, 1, 1)) for seed in range(count)]


def surprise(observed: np.ndarray, expected: np.ndarray) -> float:
    """Chi-square statistic over the value that one in a million would pass; below 1 is unsurprising."""
    enough = expected >= 5.0  # rarer cells are pooled: the statistic is chi-square only where counts are not tiny
    observed = np.append(observed[enough], observed[~enough].sum())
    expected = np.append(expected[enough], expected[~enough].sum())
    observed, expected = observed[expected > 0], expected[expected > 0]
    freedom = max(len(expected) - 1, 1)
    z = NormalDist().inv_cdf(1 - 1e-6)
    limit = freedom * (1 - 2 / (9 * freedom) + z * math.sqrt(2 / (9 * freedom))) ** 3  # Wilson and Hilferty (1931)
    return float(((observed - expected) ** 2 / expected).sum()) / limit


class TestRandom:
    def test_the_mixing_function_gives_the_published_numbers(self):
        """First outputs of SplitMix64 with seed 0 (Steele, Lea and Flood 2014; also of java.util.SplittableRandom)."""
        golden = 0x9E3779B97F4A7C15
        published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
        assert [int(mix(np.uint64(golden * (k + 1) % 2**64))) for k in range(4)] == published

    def test_uniform_takes_the_upper_53_bits(self):
        assert uniform(np.uint64(0), 1) == (0xE220A8397B1DCDAF >> 11) / 2**53

    def test_mean_and_variance(self):
        draws = np.array([uniform(KEY, row) for row in range(100_000)])
        assert draws.min() >= 0.0 and draws.max() < 1.0
        assert abs(draws.mean() - 1 / 2) < 4 * math.sqrt(1 / 12 / draws.size)
        assert abs(draws.var() - 1 / 12) < 4 * math.sqrt(1 / 180 / draws.size)  # variance of (u - 1/2)^2 is 1/180
        assert surprise(np.histogram(draws, 100, (0, 1))[0], np.full(100, draws.size / 100)) < 1

    @pytest.mark.parametrize("other", [(1, 1, 2), (1, 2, 1), (2, 1, 1)], ids=["next month", "next stream", "next seed"])
    def test_neighbours_share_no_draw_in_successive_months(self, other: tuple[int, int, int]):
        """A key that is linear in the month gives household 8 in March the draw of household 7 in April."""
        count = 20_000
        one = np.array([uniform(KEY, row) for row in range(count)])
        two = np.array([uniform(np.uint64(stream_key(*other)), row) for row in range(count)])
        assert not set(one) & set(two)  # 4e8 pairs among 2**53 values: a match by chance has odds of 1 to 2e7
        for lag in range(-3, 4):
            pairs = np.roll(one, lag)
            assert abs(np.corrcoef(pairs, two)[0, 1]) < 4 / math.sqrt(count), f"lag {lag}"

    def test_draws_depend_on_nothing_but_key_and_entity(self):
        forwards = [uniform(KEY, row) for row in range(-50, 50)]
        backwards = [uniform(KEY, row) for row in range(49, -51, -1)]
        assert forwards == backwards[::-1]
        assert len(set(forwards)) == len(forwards)


class TestBinomial:
    @pytest.mark.parametrize("probability", [0.003, 0.1, 0.5, 0.77])
    @pytest.mark.parametrize("trials", [1, 2, 3, 7, 20])
    def test_small_cohorts_follow_the_closed_form(self, trials: int, probability: float):
        number = 20_000
        drawn = np.bincount([binomial(trials, probability, KEY, row) for row in range(number)], minlength=trials + 1)
        expected = np.array(
            [
                number * math.comb(trials, k) * probability**k * (1 - probability) ** (trials - k)
                for k in range(trials + 1)
            ]
        )
        assert surprise(drawn, expected) < 1

    @pytest.mark.parametrize("probability", [0.002, 0.3, 0.9])
    @pytest.mark.parametrize("trials", [100, 256, 257, 1000, 5000])  # 256 is where large cohorts are split
    def test_large_cohorts_keep_mean_and_variance(self, trials: int, probability: float):
        number = 4000
        drawn = np.array([binomial(trials, probability, KEY, row) for row in range(number)])
        variance = trials * probability * (1 - probability)
        # fourth central moment of the binomial, for the standard error of a variance
        fourth = variance * (1 + 3 * (trials - 2) * probability * (1 - probability))
        assert abs(drawn.mean() - trials * probability) < 4 * math.sqrt(variance / number)
        assert abs(drawn.var() - variance) < 4 * math.sqrt((fourth - variance**2) / number)

    def test_certainty(self):
        assert [binomial(300, p, KEY, 7) for p in (-0.5, 0.0, 1.0, 1.5)] == [0, 0, 300, 300]
        assert [binomial(n, 0.5, KEY, 7) for n in (-3, 0)] == [0, 0]

    def test_one_person_is_one_uniform_draw(self):
        assert [binomial(1, 0.3, KEY, row) for row in range(500)] == [
            int(uniform(KEY, row) < 0.3) for row in range(500)
        ]


@njit(error_model="numpy")
def fill_quantiles(p: np.ndarray, out: np.ndarray) -> None:
    """Fill `normal_quantile_inlined` of each element."""
    for k in range(p.size):
        out[k] = normal_quantile_inlined(p[k])


class TestParties:
    """Persons of weighted rows act in parties, here of eight."""

    @pytest.mark.parametrize("persons", [1, 7, 8, 21, 100])
    def test_each_person_acts_as_likely_as_alone(self, persons: int):
        number, probability = 8000, 0.2
        drawn = np.array([binomial_by_party(persons, probability, 3, KEY, row) for row in range(number)])
        sizes = np.diff(np.minimum(np.arange(0, persons + 8, 8), persons))
        variance = probability * (1 - probability) * (sizes**2).sum()
        assert abs(drawn.mean() - probability * persons) < 4 * math.sqrt(variance / number)

    def test_whole_parties_act_and_the_last_one_lacks_some(self):
        drawn = {binomial_by_party(21, 0.4, 3, KEY, row) for row in range(400)}
        assert drawn == {0, 5, 8, 13, 16, 21}

    def test_alone_they_are_drawn_as_ever(self):
        for probability in (0.0, 0.05, 0.9, 1.0):
            for row in range(200):
                alone = binomial(20, probability, KEY, row)
                assert binomial_by_party(20, probability, 0, KEY, row) == alone
                assert few_by_party(20, probability, 0, KEY, mix(np.uint64(KEY)), row) == alone

    def test_they_are_as_many_in_large_samples_as_in_small_ones(self):
        """At least eight of a row each of whose households has a member away; nobody's is more than one."""
        assert doublings_of(np.array([1, 2, 15, 16, 31, 32, 100, 500])).tolist() == [0, 0, 0, 1, 1, 2, 3, 5]


class TestPortable:
    """The functions promise a relative error below 1e-12 with basic operations only."""

    def test_exponential(self):
        for x in np.linspace(-650, 650, 5001):
            assert exponential(x) == pytest.approx(math.exp(x), rel=1e-12)
        assert exponential(0.0) == 1.0
        assert exponential(1e9) == exponential(700.0) and exponential(-1e9) == exponential(-700.0)

    def test_logarithm(self):
        for x in [*np.geomspace(1e-290, 1e290, 5001), *np.linspace(0.5, 2.0, 1001)]:
            assert logarithm(x) == pytest.approx(math.log(x), rel=1e-12, abs=1e-16)
        assert logarithm(0.0) == logarithm(-1.0) == -700.0

    def test_power_and_logistic(self):
        for base, exponent in [(0.01, 0.3), (2.0, 10.0), (1.7, -2.5), (1e6, 0.5), (3.0, 0.0)]:
            assert power(base, exponent) == pytest.approx(base**exponent, rel=1e-11)
        assert power(0.0, 0.5) == 0.0
        for x in np.linspace(-30, 30, 601):
            assert logistic(x) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-12)

    def test_loops_in_vector_registers_give_the_same_bits(self):
        """`logarithm_inlined` and `power_inlined` are written without a jump; not a bit may differ."""
        smallest, half = np.finfo(float).tiny, math.sqrt(0.5)
        subnormal = [5e-324, 1e-320, 1e-310, smallest * (1 - 2**-52), smallest, smallest * (1 + 2**-52)]
        near_half = half * (1 + np.arange(-50, 51) * 2.0**-52)
        numbers = [-np.inf, -1.0, -0.0, 0.0, *subnormal, *near_half, *(4 * near_half), *(near_half * 2.0**-1030)]
        x = np.array([*numbers, 0.5, 1.0, 2.0, *np.geomspace(1e-300, 1e300, 3001), *np.linspace(0.0, 3.0, 3001)])
        assert log(x).view(np.int64).tolist() == np.array([logarithm(one) for one in x]).view(np.int64).tolist()
        for exponent in (-2.5, 0.0, 0.3, 0.55, 1.0, 2.0):
            expected = np.array([power(one, exponent) for one in x])
            assert raised(x, exponent).view(np.int64).tolist() == expected.view(np.int64).tolist(), exponent

    def test_normal_quantile(self):
        """Acklam's approximation: relative error below 1.15e-9 in the whole range."""
        for p in [*np.geomspace(1e-12, 0.5, 3001), *(1 - np.geomspace(1e-12, 0.5, 3001))]:
            assert normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1.5e-9, abs=1e-9)
        assert normal_quantile(0.0) == normal_quantile(1e-12) and normal_quantile(1.0) == normal_quantile(1 - 1e-12)

    def test_the_quantile_without_a_jump_has_the_same_bits(self):
        p = np.array([0.0, 1.0, 0.02425, 1 - 0.02425, 0.5, *np.geomspace(1e-13, 0.5, 999), *np.linspace(0.5, 1, 999)])
        found = np.empty(p.size)
        fill_quantiles(p, found)
        assert found.view(np.int64).tolist() == np.array([normal_quantile(one) for one in p]).view(np.int64).tolist()

    def test_normal_share(self):
        """Zelen and Severo: absolute error below 7.5e-8."""
        for x in np.linspace(-6, 6, 1201):
            assert normal_share(x) == pytest.approx(NormalDist().cdf(x), abs=7.5e-8)

    @pytest.mark.parametrize("function", [exponential, logarithm, logistic, normal_quantile, normal_share])
    def test_compiled_and_plain_python_give_the_same_bits(self, function: Any):
        for x in np.linspace(0.001, 0.999, 333):
            assert function(x) == function.py_func(x)


class TestIncomeClasses:
    def test_every_income_has_a_class(self):
        table = income_class_table()
        assert table.size == INCOME_STEPS
        assert table[0] == 0 and table[-1] == INCOME_CLASSES - 1
        assert set(np.diff(table.astype(int))) == {0, 1}  # ascending, and none is left out
        for income in (0, 1, 2_047, 2_048, 90_000, 2_000_000_000):
            assert 0 <= table[min(income >> INCOME_STEP_BITS, INCOME_STEPS - 1)] < INCOME_CLASSES

    def test_the_value_of_a_class_lies_inside_it(self):
        table, values = income_class_table(), income_class_values()
        assert [int(table[int(value) >> INCOME_STEP_BITS]) for value in values] == list(range(INCOME_CLASSES))

    def test_deprivation_is_the_sum_over_all_who_are_richer(self):
        values = income_class_values()
        for seed in range(20):
            counts = np.random.default_rng(seed).integers(0, 30, INCOME_CLASSES).astype(np.uint16)
            deprivation = np.empty(INCOME_CLASSES)
            relative_deprivation(counts, values, deprivation)
            number, mean = counts.sum(), (counts * values).sum() / counts.sum()
            for own in range(INCOME_CLASSES):
                direct = sum(counts[k] * max(values[k] - values[own], 0.0) for k in range(INCOME_CLASSES))
                assert deprivation[own] == pytest.approx(min(direct / number / mean, 2.0), rel=1e-12, abs=1e-12)
            plain = np.empty(INCOME_CLASSES)
            relative_deprivation.py_func(counts, values, plain)
            assert (plain == deprivation).all()

    def test_mean_deprivation_is_the_gini_coefficient(self):
        """Yitzhaki (1979): averaged over all households, deprivation over mean income is Gini's coefficient."""
        values = income_class_values()
        counts = np.array([0, 3, 9, 14, 20, 18, 12, 7, 4, 2, 1, 0, 0, 0, 0, 0], np.uint16)
        deprivation = np.empty(INCOME_CLASSES)
        relative_deprivation(counts, values, deprivation)
        share = counts / counts.sum()
        gaps = np.abs(values[:, None] - values[None, :])
        gini = (share[:, None] * share[None, :] * gaps).sum() / 2 / (share * values).sum()
        assert (share * deprivation).sum() == pytest.approx(gini, rel=1e-12)

    def test_nobody_is_deprived_among_equals_or_in_an_empty_village(self):
        values, deprivation = income_class_values(), np.full(INCOME_CLASSES, np.nan)
        relative_deprivation(np.zeros(INCOME_CLASSES, np.uint16), values, deprivation)
        assert (deprivation == 0.0).all()
        equal = np.zeros(INCOME_CLASSES, np.uint16)
        equal[5] = 40
        relative_deprivation(equal, values, deprivation)
        assert (deprivation[5:] == 0.0).all() and (deprivation[:5] > 0.0).all()


class TestLogisticTable:
    def test_error(self):
        """Half a step of 1/64 at the largest slope, 1/4: the table is never further off than 1/512."""
        table = _logistic_table()
        for x in np.linspace(-8, 8, 10_001):
            assert abs(table[logistic_step(x)] - logistic(x)) <= 1 / 512

    def test_it_rises_and_saturates(self):
        table = _logistic_table()
        found = [table[logistic_step(x)] for x in np.linspace(-9, 9, 2001)]
        assert (np.diff(found) >= 0.0).all()
        assert table[logistic_step(-1e6)] == table[logistic_step(-8.0)] < 0.001
        assert table[logistic_step(1e6)] == table[logistic_step(8.0)] > 0.999


class TestAspiration:
    """A household's wish relaxes to the logistic function of what it sees, lacks and knows."""

    weights: ClassVar = {"taste": 1 / 32, "deprivation": 0.8, "surplus": 0.7, "ties": 0.35, "adjustment": 0.25}

    def relax(self, level: float = 0.5, wish: float = -1.0, **household: Any) -> float:
        """Aspiration of one household a turn later."""
        known = {"taste": 16, "ties": 2, "lacking": 1.2, "at_home": 2, "jobs": 1, "workers": 2} | household
        kinds = {"taste": "i1", "ties": "u1", "lacking": "f4", "at_home": "u1", "jobs": "u1", "workers": "u1"}
        columns = {name: np.array([value], kinds[name]) for name, value in known.items()}
        aspiration = np.array([level], np.float32)
        relax_aspiration(
            aspiration,
            wish,
            rates(**self.weights)[0],
            columns["taste"],
            columns["ties"],
            columns["lacking"],
            columns["at_home"],
            columns["jobs"],
            columns["workers"],
            _logistic_table(),
            np.zeros(1, np.int32),
        )
        return float(aspiration[0])

    def test_formula(self):
        """The table of the logistic function is within 1/512, of which a quarter counts in a turn."""
        for level, wish, ties, jobs in [(0.5, -1.0, 2, 1), (0.1, 0.5, 0, 2), (0.9, -4.0, 9, 0)]:
            logit = wish + 16 / 32 + 0.8 * 1.2 + 0.7 * (2 - jobs) / 2 + 0.35 * min(ties, 4)
            expected = level + 0.25 * (1 / (1 + math.exp(-logit)) - level)
            assert self.relax(level, wish, ties=ties, jobs=jobs) == pytest.approx(expected, abs=0.25 / 512 + 1e-6)

    @pytest.mark.parametrize(
        ("less", "more"),
        [
            ({"jobs": 2}, {"jobs": 0}),  # nobody at home is out of work, or both are
            ({"ties": 0}, {"ties": 4}),
            ({"lacking": 0.0}, {"lacking": 1.5}),
            ({"taste": -32}, {"taste": 32}),
            ({"wish": -2.0}, {"wish": 0.0}),
        ],
    )
    def test_what_makes_people_wish_to_leave(self, less: dict[str, Any], more: dict[str, Any]):
        assert self.relax(**less) < self.relax(**more) - 0.01

    def test_more_than_four_ties_count_as_four(self):
        assert self.relax(ties=4) == self.relax(ties=20)

    @staticmethod
    def consider(aspiration: np.ndarray, hazard: float, key: Any, rows: list[int], **columns: Any) -> np.ndarray:
        """Households that consider in a block of villages, all of whose households are awake."""
        households = crowd(aspiration.size, workers=2)
        households.aspiration[:] = aspiration
        for name, values in columns.items():
            getattr(households, name)[:] = values
        chosen, count = np.full(aspiration.size, -1), np.zeros(1, np.int64)
        blocks = Blocks(np.array([0]), np.array([0]), np.array([len(rows)]))
        consider_blocks(0, 1, blocks, rates(consideration=hazard), villages_with(rows), households, key, chosen, count)
        return chosen[: count[0]]

    def test_considering_is_a_hazard_of_those_who_have_somebody_to_send(self):
        aspiration = np.full(50_000, 0.5, np.float32)
        chosen = self.consider(aspiration, 0.1, KEY, [50_000], away=np.arange(50_000) % 2 * 2)
        expected = 25_000 * 0.1 * 0.5
        assert abs(chosen.size - expected) < 4 * math.sqrt(expected * (1 - 0.05))
        assert (np.diff(chosen) > 0).all() and (chosen % 2 == 0).all()

    def test_every_household_considers_with_its_own_probability_and_on_its_own(self):
        """Over 4,000 months: as often as its aspiration says, and neighbours together as often as by chance."""
        aspiration, months = np.linspace(0.05, 1.0, 20, dtype=np.float32), keys(4000)
        for hazard in (0.2, 1.0):
            considers = np.zeros((len(months), 20))
            for month, key in enumerate(months):
                considers[month, self.consider(aspiration, hazard, key, [3, 0, 10, 7])] = 1
            expected = hazard * aspiration.astype(float)
            assert surprise(considers.sum(axis=0)[:-1], len(months) * expected[:-1]) < 1
            together = (considers[:, 1:] * considers[:, :-1]).mean(axis=0)
            by_chance = expected[1:] * expected[:-1]
            assert (np.abs(together - by_chance) < 5 * np.sqrt(by_chance / len(months))).all()
        assert [self.consider(aspiration, hazard, KEY, [20]).size for hazard in (0.0, 1e-300)] == [0, 0]

    def test_those_asleep_consider_nothing(self):
        villages = villages_with([10, 10])
        villages.awake[:] = [4, 7]
        households, chosen, count = crowd(20, workers=1, aspiration=1), np.full(20, -1), np.zeros(1, np.int64)
        blocks = Blocks(np.array([0]), np.array([0]), np.array([2]))
        consider_blocks(0, 1, blocks, rates(consideration=1.0), villages, households, KEY, chosen, count)
        assert chosen[: count[0]].tolist() == [0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 16]

    def test_the_bonded_consider_nothing(self):
        bond = np.arange(20, dtype=np.uint8) % 3
        chosen = self.consider(np.ones(20, np.float32), 1.0, KEY, [20], bond=bond)
        assert chosen.tolist() == np.flatnonzero(bond == FREE_OF_BOND).tolist()


class TestUsualSavings:
    saving = Saving(
        1_000.0, consumed_share=0.8, buffer_months=6.0, drawdown_rate=0.015, shock_rate=0.01, shock_months=2.0
    )

    @pytest.mark.parametrize(("income", "members"), [(6_000.0, 5), (20_000.0, 5), (90_000.0, 3)])
    def test_a_household_that_holds_them_neither_saves_nor_draws_down(self, income: float, members: int):
        """By the rule of consumption: what it puts by in a month is what shocks take."""
        need, assets = np.float32(1_000 * members), np.int32(usual_savings(income, members, self.saving))
        assert assets > 6 * need
        in_hand, margin = np.int32(assets + income), np.float32(income) - need
        terms = np.float32(0.8), np.float32(6.0), np.float32(0.015)
        spent = consumption_of(assets, in_hand, margin, need, np.int32(0), *terms)
        assert income - spent == pytest.approx(0.01 * 2.0 * need, abs=2)

    def test_whoever_cannot_pay_for_shocks_holds_none(self):
        """A fifth of what is above subsistence is saved: of 200, the 40 a month that shocks take."""
        assert usual_savings(2_210.0, 2, self.saving) > 0.0
        assert [usual_savings(income, 2, self.saving) for income in (0.0, 2_000.0, 2_190.0)] == [0.0] * 3

    def test_without_drawdown_they_are_those_of_twenty_years(self):
        saving = self.saving._replace(drawdown_rate=0.0, shock_rate=0.0)
        assert usual_savings(7_000.0, 2, saving) == pytest.approx(6 * 2_000 + 240 * 0.2 * 5_000)


class TestSaving:
    """Two thousand households with all sorts of incomes, savings and debts."""

    number = 2_000

    def columns(self) -> dict[str, np.ndarray]:
        draw = np.random.default_rng(4)
        return {
            "need": np.float32(3_000) * draw.integers(1, 15, self.number).astype(np.float32),
            "income": draw.lognormal(10, 1, self.number).astype(np.int32),
            "assets": (draw.lognormal(11, 2, self.number) * draw.integers(0, 2, self.number)).astype(np.int32),
            "debt": (draw.lognormal(11, 1, self.number) * draw.integers(0, 2, self.number)).astype(np.int32),
            "potential": draw.lognormal(10.3, 0.5, self.number).astype(np.float32),
        }

    def test_debt_grows_by_interest_until_it_can_never_be_paid(self):
        columns = self.columns()
        debt, potential = columns["debt"], columns["potential"]
        found = [interest_on(*pair, np.float32(0.02), np.float32(6.0)) for pair in zip(debt, potential, strict=True)]
        expected = np.where(debt < 6.0 * potential, 0.02 * debt, 0.0)
        assert found == pytest.approx(expected, abs=1, rel=1e-6) and 0 < np.count_nonzero(found) < (debt > 0).sum()

    def test_debt_is_repaid_out_of_the_surplus(self):
        columns = self.columns()
        surplus = columns["income"].astype(np.float32) - columns["need"]
        rows = list(zip(columns["debt"], surplus, columns["income"], strict=True))
        able = np.maximum(0.4 * surplus, 0.1 * columns["income"])
        for owing in (1.0, 0.25):  # of the households that a row stands for
            rates = np.float32(0.4), np.float32(0.1), np.float32(owing)
            found = [repayment_of(*row, *rates) for row in rows]
            assert found == pytest.approx(np.minimum(columns["debt"], owing * able), abs=1, rel=1e-6)
        assert (able[surplus < 0] > 0).any()

    @pytest.mark.parametrize(
        ("debt", "weight", "share"),
        [(0, 1, 1.0), (5, 1, 1.0), (0, 100, 0.01), (60, 100, 0.01), (15_000, 100, 0.25), (90_000, 100, 1.0)],
    )
    def test_as_many_of_a_row_are_in_debt_as_what_it_owes_makes_at_three_months_of_pay_each(
        self, debt: int, weight: int, share: float
    ):
        """Of pay of 20,000; at least one household; one that is alone owes all."""
        assert share_in_debt(np.int32(debt), np.float32(20_000), np.float32(1 / weight)) == np.float32(share)

    def test_of_the_migrants_of_a_row_twice_as_many_are_in_debt(self):
        """A tenth of a hundred households owe three months' pay each; one household owes what it does."""
        states = {}
        for weight, debt in ((100, 6_000), (1, 1), (1, 0), (100, 0)):
            households = crowd(4_000, wage=20_000, workers=1, debt=debt, assets=50)
            found = [savings_state.py_func(row, households, 100.0, 1.0 / weight, 1.0, KEY) for row in range(4_000)]
            states[weight, debt] = np.bincount(found, minlength=3) / 4_000
        assert states[100, 6_000][0] == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / 4_000))
        assert states[1, 1].tolist() == [1.0, 0.0, 0.0]
        assert states[1, 0].tolist() == states[100, 0].tolist() == [0.0, 1.0, 0.0]

    def test_income_is_consumed_saved_or_repaid(self):
        columns = self.columns()
        assets, need = columns["assets"], columns["need"]
        surplus = columns["income"].astype(np.float32) - need
        repaid = np.where(surplus > 0, 0.1 * surplus, 0).astype(np.int32)
        in_hand = assets + columns["income"] - repaid
        terms = np.float32(0.8), np.float32(4.0), np.float32(0.05)
        rows = zip(assets, in_hand, surplus, need, repaid, strict=True)
        spent = np.array([consumption_of(*row, *terms) for row in rows])
        assert ((spent >= 0) & (spent <= in_hand)).all()
        # who has enough consumes subsistence, the share of the rest, and some of the savings above the buffer;
        # who has not uses up savings to defend subsistence
        rich = need + 0.8 * np.maximum(surplus - repaid, 0) + 0.05 * np.maximum(assets - 4.0 * need, 0)
        expected = np.minimum(np.where(surplus > 0, rich, need), in_hand)
        assert spent == pytest.approx(expected, rel=1e-5, abs=2)

    def test_debtors_just_above_subsistence_eat_as_much_as_those_just_below(self):
        """They repay a tenth of their income, more than they have above subsistence: out of savings."""
        terms = np.float32(0.8), np.float32(4.0), np.float32(0.05)
        spent = [
            consumption_of(
                np.int32(5_000), np.int32(5_000 + income - income // 10), np.float32(income - 10_000),
                np.float32(10_000), np.int32(income // 10), *terms,
            )
            for income in (9_990, 10_010, 11_000)
        ]  # fmt: skip
        assert spent == [10_000] * 3

    def test_nobody_holds_more_than_a_column_can(self):
        rich = np.int32(1_500_000_000), np.int32(1_600_000_000), np.float32(1e8), np.float32(3_000), np.int32(0)
        spent = consumption_of(*rich, np.float32(0.0), np.float32(4.0), np.float32(0.0))
        assert rich[1] - spent == 1_500_000_000

    def test_a_transfer_goes_to_those_below_twice_subsistence(self):
        need, transfer = np.float32(9_000), np.int32(1_500)
        assert [transfer_to(np.int32(income), need, transfer) for income in (0, 17_999, 18_000)] == [1_500, 1_500, 0]

    def test_wages_are_paid_for_jobs(self):
        pay = np.float32(10_000) * np.float32(1.5)
        assert [pay_of(np.uint8(jobs), pay) for jobs in (0, 1, 2)] == [0, 15_000, 30_000]


class TestTurnover:
    @staticmethod
    def space(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        words = np.zeros((2, rows // WORD + 1), np.uint64)
        return words.view(np.uint8), words, np.zeros(rows, np.int32)

    def turn(self, separation: float, finding: float, key: Any) -> np.ndarray:
        """Jobs of 600 households with two workers of whom one has a job, a month later."""
        jobs, at_home = np.ones(600, np.uint8), np.full(600, 2, np.uint8)
        total = turn_over_jobs(jobs, at_home, separation, finding, uniform(key, 1), uniform(key, 2), *self.space(600))
        assert total == jobs.sum()
        return jobs

    def test_jobs_end_and_are_found_at_their_rates(self):
        """Systematic sampling: each number within one of its expectation, whatever the start."""
        for key in keys(50):
            assert abs(600 - 600 * 0.0213 - self.turn(0.0213, 0.0, key).sum()) <= 1
            assert abs(600 + 600 * 0.0713 - self.turn(0.0, 0.0713, key).sum()) <= 1

    def test_everybody_has_the_same_odds(self):
        """Over 600 starts each household loses its job about 30 times: no place in the village is safe."""
        lost = sum(1.0 - self.turn(0.05, 0.0, key) for key in keys(600))
        assert surprise(lost, np.full(600, lost.mean())) < 1

    def test_nobody_has_more_jobs_than_workers_at_home(self):
        jobs, at_home = np.array([3, 2, 0], np.uint8), np.array([1, 2, 0], np.uint8)
        turn_over_jobs(jobs, at_home, 0.0, 1.0, 0.5, 0.5, *self.space(3))
        assert jobs.tolist() == [1, 2, 0]

    def test_workers_at_home_are_rounded_to_whole_ones_halves_up(self):
        """Whatever the weight, as exact arithmetic does."""
        for weight in (1, 2, 3, 10, 97, 2000):
            away = np.arange(min(15 * weight, 65_535) + 1, dtype=np.uint16)
            workers = np.full(away.size, 15, np.uint8)
            nobody = np.zeros(away.size, np.uint16)
            at_home, members = np.zeros(away.size, np.uint8), np.zeros(away.size, np.float32)
            people, force, absent, _ = count_at_home(workers, workers, away, nobody, nobody, weight, at_home, members)
            expected = [math.floor(Fraction(15 * weight - int(a), weight) + Fraction(1, 2)) for a in away]
            assert at_home.tolist() == expected
            assert members == pytest.approx(30 - away / weight, abs=1e-5)
            assert (people, force, absent) == (30 * away.size, 15 * away.size, away.sum(dtype=int))

    def test_events_fall_on_whoever_is_at_risk(self):
        """Everybody with the same odds by member, nobody without a member at risk."""
        at_risk = np.tile(np.array([0, 1, 3], np.uint8), 100)
        words = np.pad(at_risk, (0, -at_risk.size % WORD), constant_values=9).view(np.uint64)
        count, picked = np.zeros(300), np.zeros(300, np.int32)
        for key in keys(2000):
            found = pick(words, 400, 0.02, uniform(key, 1), picked)
            assert abs(found - 400 * 0.02) <= 1 and (np.diff(picked[:found]) > 0).all()
            count[picked[:found]] += 1
        assert count[at_risk == 0].sum() == 0
        assert surprise(count, 2000 * 0.02 * at_risk) < 1
        assert pick(words, 400, 0.0, 0.5, picked) == pick(words, 400, 1e-300, 0.0, picked) == 0


class TestInterception:
    """p = 1 - (1 - usual)^(watch effort^saturation / crowd), the crowd beyond the officers' capacity"""

    def test_formula(self):
        for effort, flow, thinned in [(1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (1.0, 6.0, 4.0), (0.2, 0.5, 0.5 / 0.3)]:
            expected = 1 - math.exp(math.log(0.6) * 0.6 * effort**0.3 / thinned)
            assert interception_probability(0.4, 0.6, 0.3, 1.5, effort, flow) == pytest.approx(expected, rel=1e-11)
            assert interception_probability.py_func(0.4, 0.6, 0.3, 1.5, effort, flow) == pytest.approx(expected)

    def test_no_effort_no_interception(self):
        assert interception_probability(0.4, 0.6, 0.3, 1.5, 0.0, 1.0) == 0.0
        assert interception_probability(0.4, 0.6, 0.3, 1.5, -1.0, 1.0) == 0.0

    def test_effort_saturates(self):
        found = [interception_probability(0.4, 0.6, 0.5, 1.5, effort, 1.0) for effort in np.geomspace(0.01, 1e6, 50)]
        assert (np.diff(found) >= 0).all()
        assert found[-1] == pytest.approx(1.0) and max(found) <= 1.0
        one, two = (interception_probability(0.4, 0.6, 0.5, 1.5, effort, 1.0) for effort in (1.0, 2.0))
        assert two < 2 * one

    def test_at_the_reference_the_share_of_the_data_is_stopped_and_twice_the_search_leaves_its_square(self):
        one, two = (interception_probability(0.4, watch, 0.3, 1.5, 1.0, 1.0) for watch in (1.0, 2.0))
        assert (one, two) == pytest.approx((0.4, 1 - 0.6**2))

    def test_a_crowd_dilutes_and_a_trickle_does_not(self):
        found = [interception_probability(0.4, 0.6, 0.3, 1.5, 1.0, flow) for flow in (0.01, 1.0, 1.5, 10.0, 1e6)]
        assert found[0] == found[1] == found[2] > found[3] > found[4]
        searched = -np.log1p(-np.array(found))
        assert searched[3] * 10.0 == pytest.approx(searched[4] * 1e6, rel=1e-6) == pytest.approx(searched[2] * 1.5)


class TestRationing:
    persons = np.array([5, 1, 120, 3, 3, 40, 7], np.int64)

    def admitted(self, places: float, key: int) -> np.ndarray:
        """Persons admitted of the cohorts, in one group."""
        found, group = self.persons.copy(), np.zeros(self.persons.size, np.int64)
        ration_by_group(np.arange(found.size), group, found, np.array([places]), np.uint64(key))
        return found

    @pytest.mark.parametrize("places", [179.0, 179.5, 1e9])
    def test_all_are_admitted_when_there_is_room(self, places: float):
        assert (self.admitted(places, 3) == self.persons).all()

    @pytest.mark.parametrize("places", [0.0, 0.4, 17.0, 60.25, 178.9])
    def test_places_are_used_up_within_one_person(self, places: float):
        for key in range(50):
            found = self.admitted(places, key)
            assert abs(found.sum() - places) < 1.0
            assert (found >= 0).all() and (found <= self.persons).all()

    def test_no_place_nobody(self):
        assert self.admitted(0.0, 1).sum() == self.admitted(-3.0, 1).sum() == 0

    def test_every_cohort_has_the_same_odds(self):
        """A cohort gets its share: a draw is within one person of it, 4,000 draws within 0.03."""
        mean = np.mean([self.admitted(60.25, key) for key in range(4_000)], axis=0)
        assert mean == pytest.approx(60.25 * self.persons / 179, abs=0.03)

    def test_refusals_are_drawn_person_by_person(self):
        for share, expected in [(0.0, 100_000.0), (1.0, 0.0), (0.2, 80_000.0)]:
            persons = np.full(1000, 100, np.int64)
            keep_unrefused(persons, np.full(1000, share), KEY, np.arange(1000))
            assert abs(persons.sum() - expected) <= 4 * math.sqrt(100_000 * share * (1 - share))


class TestDemonstrationField:
    def test_the_field_rises_fast_and_fades_slowly(self):
        villages = villages_with([10, 10], district=[0, 1], visible=[0.5, 0.5], demonstration=[0.2, 0.4])
        relax_field(villages, 0.4, np.array([0.1, 0.1]), 0.5, 0.1)  # both tend to 0.4 x 0.5 + 0.1 = 0.3
        assert villages.demonstration == pytest.approx([0.2 + 0.5 * 0.1, 0.4 - 0.1 * 0.1], rel=1e-6)

    def test_the_field_stays_where_it_shows_what_is_seen(self):
        villages = villages_with([10], visible=[0.5], demonstration=[0.25])
        relax_field(villages, 0.5, np.zeros(1), 1.0, 1.0)
        assert villages.demonstration[0] == 0.25

    def test_districts_see_the_mean_of_their_households(self):
        villages = villages_with([10, 30, 20], district=[0, 0, 1], visible=[0.4, 0.0, 1.0])
        visible = np.empty(3)
        sum_visible_by_district(villages, visible)
        assert visible == pytest.approx([0.1, 1.0, 0.0], rel=1e-6)

    def test_neighbours_count_by_their_border_and_an_island_sees_itself(self):
        out = np.empty(4)
        indptr, indices = np.array([0, 2, 3, 4, 4]), np.array([1, 2, 0, 0])
        mean_over_neighbours(np.array([0.8, 0.1, 0.3, 0.7]), indptr, indices, np.array([0.25, 0.75, 1.0, 1.0]), out)
        assert out == pytest.approx([0.25 * 0.1 + 0.75 * 0.3, 0.8, 0.8, 0.7])
        rows, all_out = np.array([[0.8, 0.1, 0.3, 0.7], [1.0, 2.0, 3.0, 4.0]]), np.empty((2, 4))
        means_over_neighbours(rows, indptr, indices, np.array([0.25, 0.75, 1.0, 1.0]), all_out)
        assert (all_out[0] == out).all() and all_out[1] == pytest.approx([2.75, 1.0, 1.0, 4.0])

    def test_the_lowest_neighbour_is_the_first_of_equals_and_an_island_itself(self):
        found = np.empty(4, np.int64)
        indptr, indices = np.array([0, 2, 4, 5, 5]), np.array([1, 2, 0, 2, 0])
        lowest_neighbour(np.array([0.2, 0.5, 0.5, 0.0]), indptr, indices, found)
        assert found.tolist() == [1, 0, 0, 3]


class TestLookup:
    """Sums by rows of households that are far apart, against plain Python."""

    rng = np.random.default_rng(5)
    rows, of = rng.integers(0, 400, 150) * 10**6, rng.integers(0, 400, 2_000) * 10**6
    amounts = rng.integers(1, 9, 2_000)

    def test_sums_of_the_numbers_asked_for(self):
        sums = np.empty(self.rows.size, np.int64)
        for first, last in ((0, 10**8), (10**8, 2**31)):  # as threads share them
            sums_of(self.rows, self.of, self.amounts, sums, first, last)
        assert sums.tolist() == [self.amounts[self.of == row].sum() for row in self.rows]
        sums_of(self.rows, self.of[:0], self.amounts[:0], sums, 0, 2**31)
        assert not sums.any()

    def test_sums_before_count_the_same_number_alone(self):
        sums, amounts = np.empty(self.rows.size, np.int64), self.amounts[: self.rows.size]
        sums_before(self.rows, amounts, sums)
        assert sums.any()
        assert sums.tolist() == [amounts[:k][self.rows[:k] == row].sum() for k, row in enumerate(self.rows)]

    def test_marks(self):
        found = np.empty(self.of.size, bool)
        mark_among(self.rows, self.of, found)
        assert (found == np.isin(self.of, self.rows)).all() and found.any() and not found.all()
        mark_among(self.rows[:0], self.of, found)
        assert not found.any()


class TestChoice:
    """A household with 100,000 rupees chooses among two Gulf states, a relative abroad, a city and two routes."""

    nest = np.array([0, 0, 1, 2, 3, 3])
    cost = np.array([50_000.0, 80_000.0, 20_000.0, 5_000.0, 70_000.0, 99_000.0])
    attraction = np.array([[10.1, 10.6, 9.5, 8.7, 10.9, 11.2]])
    dissimilarity = 0.6

    def options(
        self,
        dissimilarity: float = 0.6,
        cost: np.ndarray | None = None,
        route_nest: float = 1.0,
        vouched_weight: np.ndarray | None = None,
        idle_pay: float = 1.0,
    ) -> OptionsMonth:
        return OptionsMonth(
            in_use=self.nest.size,
            nest=self.nest,
            entry=(self.cost if cost is None else cost)[None, :],
            due=(self.cost if cost is None else cost)[None, :],
            cost=(self.cost if cost is None else cost)[None, :],
            needs_tie=self.nest == 1,
            abroad=self.nest != 2,
            gain=1.0,
            cost_weight=np.full(self.nest.size, 1.5),
            experience=0.5,
            idle_pay=idle_pay,
            nest_dissimilarity=dissimilarity,
            own_migrants=0.0,
            migrant_share=np.ones(1),
            nest_count=4,
            in_pieces=np.array([3]),
            as_one=np.array([0, 1, 2]),
            spread=np.where(self.nest == 3, dissimilarity * route_nest, dissimilarity),
            first_route=4,
            last_route=6,
            group=np.zeros(self.nest.size, np.int64),
            group_count=1,
            route_nest=route_nest,
            skill_premium=0.3,
            slope=np.zeros((1, len(TOPICS), self.nest.size)),
            known=np.ones((1, len(TOPICS))),
            vouched_gain=np.zeros((1, self.nest.size)),
            vouched_weight=np.zeros((1, self.nest.size)) if vouched_weight is None else vouched_weight,
        )

    def choose(self, options: OptionsMonth, attraction: np.ndarray | None = None, **household: float) -> Counter[int]:
        """Let 100,000 households that are all alike choose."""
        made = self.made(100_000, rates(), options, attraction, **household)
        assert (made.persons[:, -1] == (made.option[:, :-1] == STAY).all(axis=1)).all(), "each household chooses once"
        return Counter(made.option.max(axis=1).tolist())

    def made(self, count, rate, options, attraction=None, **household: float) -> Made:
        """What so many rows that are all alike choose."""
        households = crowd(count, **({"wage": 20_000, "workers": 1, "jobs": 1, "assets": 100_000} | household))
        made = Made(*np.full((2, count, options.in_pieces.size + 1), 99))
        choose_channels(
            0,
            1,
            Blocks(np.array([0]), np.array([0]), np.array([1])),
            rate,
            households,
            villages_with([count]),
            options,
            self.attraction if attraction is None else attraction,
            KEY,
            np.arange(count, dtype=np.int32),
            np.array([count]),
            made,
            weighing_space(self.nest.size),
        )
        return made

    def test_of_a_row_each_piece_takes_an_irregular_way_by_itself_and_the_rest_choose_as_one(self):
        """100 households a row, in pieces of 8: shares of persons are those of single households."""
        options, count, weight = self.options(), 20_000, 100
        made = self.made(count, rates(weight=weight, party=6), options)
        (by_route, otherwise), (some, rest) = made.option.T, made.persons.T
        some = np.where(by_route == STAY, 0, some)
        assert IN_PIECES.size == WAYS_IN_PIECES
        assert (some + rest == weight).all() and set(some % 8) <= {0, weight % 8}
        expected = self.analytic(options, 100_000, 0, 0, 0)
        share = expected[4] + expected[5]
        parties = weight / 8
        assert some.mean() == pytest.approx(weight * share, rel=0.03)
        assert some.var() == pytest.approx(weight * weight / parties * share * (1.0 - share), rel=0.1)
        found = np.bincount(otherwise + 1, rest, 7) / rest.sum()
        for option in (0, 2, 3):
            assert found[option + 1] == pytest.approx(expected.get(option, 0.0) / (1.0 - share), abs=0.015)

    def analytic(self, options: OptionsMonth, means: float, skill: int, ties: int, experience: int) -> dict[int, float]:
        """Probabilities of the nested logit (McFadden 1978), in plain Python; the two routes are a nest in theirs."""
        scale = options.nest_dissimilarity
        inclusive, weight, routes = Counter[int](), {}, 0.0
        for o, nest in enumerate(self.nest):
            if self.cost[o] <= means and (nest != 1 or ties > 0):
                utility = self.attraction[0, o] + math.log(1 + 0.3 * skill) - math.log(20_000)
                utility += -1.5 * self.cost[o] / means + (0.5 if experience and nest != 2 else 0.0)
                weight[o] = math.exp(utility / options.spread[o])
                inclusive[nest] += weight[o] if nest != 3 else 0.0
                routes += weight[o] if nest == 3 else 0.0
        for o in (4, 5):
            if o in weight:
                weight[o] *= routes**options.route_nest / routes
                inclusive[3] += weight[o]
        total = 1 + sum(value**scale for value in inclusive.values())
        shares = {o: w / inclusive[self.nest[o]] * inclusive[self.nest[o]] ** scale / total for o, w in weight.items()}
        return {STAY: 1 / total} | shares

    @pytest.mark.parametrize("dissimilarity", [0.3, 0.6, 1.0])
    @pytest.mark.parametrize("route_nest", [0.4, 1.0])
    @pytest.mark.parametrize(("skill", "ties", "experience"), [(0, 0, 0), (1, 2, 0), (2, 1, 1)])
    def test_frequencies_follow_the_nested_logit(
        self, dissimilarity: float, route_nest: float, skill: int, ties: int, experience: int
    ):
        options = self.options(dissimilarity, route_nest=route_nest)
        chosen = self.choose(options, skill=skill, ties=ties, experience=experience)
        expected = self.analytic(options, 100_000, skill, ties, experience)
        assert set(chosen) <= set(expected)
        counts = np.array([chosen[o] for o in expected], float)
        assert surprise(counts, 100_000 * np.array(list(expected.values()))) < 1

    @pytest.mark.parametrize("in_pieces", [[3, 2], [2, 3], [0, 3]])
    def test_so_they_do_where_several_ways_are_chosen_in_pieces(self, in_pieces: list[int]):
        as_one = np.setdiff1d(np.arange(4), in_pieces)
        options = self.options()._replace(in_pieces=np.array(in_pieces), as_one=as_one)
        chosen, expected = self.choose(options, ties=1), self.analytic(options, 100_000, 0, 1, 0)
        counts = np.array([chosen[o] for o in expected], float)
        assert surprise(counts, 100_000 * np.array(list(expected.values()))) < 1

    def test_those_who_do_not_stay_are_collected_with_as_many_as_go(self):
        made = self.made(1_000, rates(weight=100, party=6), self.options())
        blocks = Blocks(np.array([0]), np.array([0]), np.array([1]))
        rows = np.arange(1_000, dtype=np.int32)
        at, way = (made.option != STAY).nonzero()
        counts, found = np.zeros(1, np.int64), Choices(*np.zeros((4, at.size), np.int64))
        count_choices(0, 1, blocks, villages_with([1_000]), np.array([1_000]), made, counts)
        assert counts.tolist() == [at.size]
        collect_choices(0, 1, blocks, villages_with([1_000]), rows, np.array([1_000]), made, counts, found)
        expected = (at, np.zeros_like(at), made.option[at, way], made.persons[at, way])
        np.testing.assert_array_equal(found, expected)
        assert len(set(found[3].tolist())) > 2

    def test_what_cannot_be_paid_is_never_chosen(self):
        chosen = self.choose(self.options(), assets=69_999, ties=1)
        assert not set(chosen) & {1, 4, 5}
        assert set(chosen) == {STAY, 0, 2, 3}

    def test_without_a_tie_nobody_is_sponsored(self):
        assert 2 not in self.choose(self.options(), ties=0)

    def test_closed_channels_are_never_chosen(self):
        closed = self.attraction.copy()
        closed[0, [0, 1, 4, 5]] = -np.inf
        assert set(self.choose(self.options(), closed, ties=1)) == {STAY, 2, 3}
        assert set(self.choose(self.options(), np.full_like(closed, -np.inf), ties=1)) == {STAY}
        assert set(self.choose(self.options(cost=np.full(6, np.inf)), ties=1)) == {STAY}

    def test_dearer_ways_lose_to_staying(self):
        stays = [
            self.choose(self.options(cost=self.cost * multiple), ties=1)[STAY] for multiple in (0.0, 0.5, 1.0, 1.4)
        ]
        assert stays == sorted(stays) and stays[0] < stays[-1]

    def test_those_without_a_job_give_up_less(self):
        """Half the pay at home, twice the odds of a nest alone at a gain of 1 per log point."""
        closed = np.full_like(self.attraction, -np.inf)
        closed[0, 0] = self.attraction[0, 0]
        options = self.options(dissimilarity=1.0, idle_pay=0.5)
        odds = [
            found[0] / found[STAY]
            for found in (self.choose(options, closed, workers=2, jobs=jobs, assets=1e8) for jobs in (2, 1))
        ]
        assert odds[1] / odds[0] == pytest.approx(2.0, rel=0.05)

    def test_a_member_abroad_to_vouch_counts_by_the_chance_that_it_gives(self):
        """Three times the chance, with a gain of 1 per log point: weights of a nest alone rise by a factor of 3."""
        gained = np.zeros((1, self.nest.size))
        gained[0, 0] = 2.0  # legal work
        closed = np.full_like(self.attraction, -np.inf)
        closed[0, 0] = self.attraction[0, 0]
        plain = self.choose(self.options(dissimilarity=1.0), closed, ties=1, workers=2, away=1)
        vouched = self.choose(self.options(dissimilarity=1.0, vouched_weight=gained), closed, ties=1, workers=2, away=1)
        alone = self.choose(self.options(dissimilarity=1.0, vouched_weight=gained), closed, ties=1, workers=2)
        assert vouched[0] / vouched[STAY] == pytest.approx(3.0 * plain[0] / plain[STAY], rel=0.05)
        assert alone[0] == plain[0]

    def test_means_are_savings_above_the_buffer_and_unused_credit(self):
        households = crowd(1, wage=10_000, workers=4, away=1, jobs=2, dependants=4, assets=90_000, debt=30_000, ties=9)
        rate = rates(
            wage_index=2.0,
            usual_wage=2.5,
            subsistence=1_000,
            buffer_months=9,
            departure_buffer=5,
            credit_months=3,
            land_months=2,
            tie_credit=5_000,
        ).view(np.recarray)[0]  # whose fields plain Python too can read as attributes
        spare = 90_000 - 5 * 1_000 * 7  # seven of eight members are at home
        rest = 3 * 2 * 25_000 - 30_000 + 5_000 * 4  # at usual pay; more than four ties count as four
        for fifth, owned in ((0, 0.4), (2, 1.0), (4, 1.6)):  # of the mean of all
            households.wealth_group[0] = fifth
            expected = pytest.approx(spare + rest + owned * 2 * 4 * 25_000, rel=1e-6)
            assert means_of(0, rate, households) == expected
            assert means_of.py_func(0, rate, households) == expected
        rate.transfer, rate.credit_months = 800, 3.0
        assert means_of(0, rate, households) == expected, "pay at home is above twice subsistence"
        rate.subsistence = 10_000
        without = -20_000 + 3 * 2 * 25_000 - 30_000 + 20_000 + 1.6 * 2 * 4 * 25_000
        households.assets[0] = 0
        assert means_of(0, rate, households) == pytest.approx(without + 20_000 + 3 * 800), "lenders count on a transfer"
        households.debt[0], households.assets[0] = 2_000_000, 10
        assert means_of(0, rate, households) == 0.0


class TestDeparture:
    def leave(self, households: Any, persons: list[int], fee: int, **values: float) -> tuple[list[int], ...]:
        count = len(persons)
        number, paid, borrowed = np.array(persons), np.zeros(count, np.int64), np.zeros(count, np.int64)
        month = rates(subsistence=1_000, departure_buffer=10, credit_months=6, **values)
        zeros = np.zeros(count, np.int64)
        depart(0, count, np.arange(count), number, np.full(count, float(fee)), zeros, month, households, paid, borrowed)
        return number.tolist(), paid.tolist(), borrowed.tolist()

    def test_savings_above_the_buffer_pay_first_then_credit(self):
        households = crowd(1, wage=20_000, workers=2, jobs=2, assets=50_000)  # buffer 20,000, credit 240,000
        assert self.leave(households, [1], 100_000) == ([1], [100_000], [70_000])
        assert (households.assets[0], households.debt[0], households.away[0]) == (20_000, 70_000, 1)

    def test_who_can_no_longer_pay_stays_and_nothing_changes(self):
        households = crowd(1, wage=20_000, workers=2, jobs=2, assets=50_000)
        assert self.leave(households, [1], 300_000) == ([0], [0], [0])
        assert (households.assets[0], households.debt[0], households.away[0]) == (50_000, 0, 0)

    def test_nobody_leaves_an_empty_house(self):
        households = crowd(1, wage=20_000, workers=2, jobs=0, away=2, assets=500_000)
        assert self.leave(households, [1], 1_000) == ([0], [0], [0])

    def test_a_row_that_stands_for_many_pays_for_those_who_leave(self):
        """40 of 100 households send somebody, each out of 30,000 beyond its buffer, and on credit: two fifths a row."""
        households = crowd(1, wage=20_000, workers=2, jobs=2, assets=50_000)
        assert self.leave(households, [40], 50_000, weight=100) == ([40], [2_000_000], [800_000])
        assert (households.assets[0], households.debt[0], households.away[0]) == (38_000, 8_000, 40)

    def charge(
        self, households: Any, persons: int, amount: int, weight: int, on_credit: bool = True
    ) -> tuple[int, int]:
        """Charge a cohort of a row; PKR paid and borrowed."""
        zeros, (paid, borrowed) = np.zeros(1, np.int64), np.zeros((2, 1), np.int64)
        month = rates(subsistence=1_000, departure_buffer=10, credit_months=6, weight=weight)
        amounts, count = np.array([amount]), np.array([persons])
        charge(0, 1, zeros, amounts, count, zeros, month, households, on_credit, paid, borrowed)
        return int(paid[0]), int(borrowed[0])

    @pytest.mark.parametrize(("weight", "persons"), [(1, 1), (100, 3), (100, 250)])
    def test_only_the_households_of_those_charged_pay(self, weight: int, persons: int):
        """Each 100,000, of which 50,000 are borrowed; nothing is where lenders give nothing."""
        payers = min(weight, persons)
        households = crowd(1, wage=20_000, workers=2, jobs=2, assets=50_000)
        assert self.charge(households, persons, 100_000 * payers, weight) == (100_000 * payers, 50_000 * payers)
        assert households.debt[0] == 50_000 * payers / weight == 50_000 - households.assets[0]
        poor = crowd(1, wage=0, workers=2, jobs=0, assets=50_000)
        assert self.charge(poor, persons, 100_000 * payers, weight) == (50_000 * payers, 0)

    def test_nothing_is_taken_of_those_without_savings_but_on_credit(self):
        households = crowd(1, wage=20_000, workers=2, jobs=2, assets=-5)
        assert self.charge(households, 1, 1_000, 1, on_credit=False) == (0, 0)
        assert self.charge(households, 1, 300_000, 1) == (240_000, 240_000)

    def test_lenders_give_no_more_to_those_who_leave_than_they_would_to_all(self):
        """8 of 100 owe 8,000 a row, of which lenders give nothing: the savings of the others stand in."""
        households = crowd(1, wage=0, workers=2, jobs=0, assets=50_000)
        month = rates(subsistence=1_000, departure_buffer=10, credit_months=6, weight=100)
        persons, zeros, (paid, borrowed) = np.array([8]), np.zeros(1, np.int64), np.zeros((2, 1), np.int64)
        set_off(zeros, persons, np.array([100_000]), zeros, month, households, paid, borrowed)
        assert (persons[0], paid[0], borrowed[0]) == (8, 800_000, 0)
        assert (households.assets[0], households.debt[0]) == (42_000, 0)


class TestSums:
    @pytest.mark.parametrize("count", [0, 1, 1000])
    def test_whole_numbers_are_summed_and_sorted_as_by_numpy(self, count):
        draw = np.random.default_rng(3)
        group, amounts = draw.integers(0, 12, count).astype(np.int16), draw.integers(-9, 1 << 40, count)
        expected = np.zeros(12, np.int64)
        np.add.at(expected, group, amounts)
        assert (sum_by(group, amounts, 12) == expected).all()
        numbers = draw.integers(0, 1 << draw.integers(1, 45), count)
        assert (ascending(numbers) == np.argsort(numbers, kind="stable")).all()

    def test_equal_numbers_are_counted_up_and_pieces_of_a_cohort_draw_apart(self):
        numbers = np.array([7, 3, 7, 7, 3, 9, 3, 2])
        assert occurrences(numbers).tolist() == [0, 0, 1, 2, 1, 0, 2, 0]
        assert occurrences(numbers[:0]).size == 0
        many = apart(np.repeat([5, 6], 1000))
        assert np.unique(many).size == 2000 and many[0] == 5 and many[1000] == 6
        drawn = successes(np.full(2000, 1), 0.25, np.uint64(KEY), many)
        assert 0.21 < drawn.mean() < 0.29


class TestMembersAway:
    def test_the_dead_leave_the_roll_when_they_make_up_one_member_of_every_household(self):
        households = crowd(1, workers=5, away=300)
        bury(0, 60, 100, households)
        assert (households.away[0], households.workers[0], households.dead[0]) == (300, 5, 60)
        bury(0, 150, 100, households)
        assert (households.away[0], households.workers[0], households.dead[0]) == (100, 3, 10)

    def test_arrivals_keep_the_order_of_households_and_merge(self):
        """Whatever the order of arrival, a segment lists each household, place and status once, in order."""
        draw = np.random.default_rng(1)
        villages = villages_with([40, 40], segment_start=[0, 1000], segment_capacity=[1000, 1000])
        away = allocate(Away, 2000)
        expected: Counter[tuple[int, int, int, int]] = Counter()
        for _ in range(30):
            count = 20
            village, row = draw.integers(0, 2, count), draw.integers(0, 40, count)
            persons, place, status = draw.integers(0, 4, count), draw.integers(0, 13, count), draw.integers(0, 3, count)
            for k in range(count):
                if persons[k] > 0:
                    expected[int(village[k]), int(row[k]), int(place[k]), int(status[k])] += int(persons[k])
            noted, entrants = np.zeros((2, count), np.int64), np.zeros(13, np.int64)
            some = note_arrivals(villages.first_row[village] + row, persons, place, status, True, noted, 0, entrants)
            assert (entrants == np.bincount(place, persons, 13)).all()
            codes, persons = noted[:, :some]
            arrivals = arrivals_in_order(codes, persons, ascending(codes), villages.first_row)
            assert has_room(arrivals.village, villages)
            enter_arrivals(0, some, arrivals, villages, away)
        found = {}
        for v in range(2):
            used = range(villages.segment_start[v], villages.segment_start[v] + villages.segment_count[v])
            listed = [(v, int(away.row[m]), int(away.destination[m]), int(away.status[m])) for m in used]
            assert listed == sorted(set(listed))
            found |= {entry: int(away.persons[m]) for entry, m in zip(listed, used, strict=True)}
        assert found == expected

    def test_a_village_without_room_is_found(self):
        villages = villages_with([9, 9], segment_count=[3, 0], segment_capacity=[4, 2])
        assert has_room(np.array([0, 1, 1]), villages)
        assert not has_room(np.array([0, 0, 1]), villages), "the first has one row left"
        assert not has_room(np.array([1, 1, 1]), villages)


class TestVitalEvents:
    def quarter(self, key: Any, **values: float) -> tuple[np.ndarray, Any]:
        households = crowd(400, workers=3, dependants=3)
        tally = np.zeros(TALLY_COUNT, np.int64)
        quarter_of_village(
            0, 10, rates(demography_on=1, **values)[0], villages_with([400]), households, key, work_space(400, 1), tally
        )
        return tally, households

    def test_events_stay_within_one_of_their_expectation(self):
        """Systematic sampling (Madow 1949): in each village, not only on average."""
        expected = QUARTER * 0.0101 * 6 * 400
        births = [self.quarter(key, birth=0.0101)[0][T_BIRTHS] / 10 for key in keys(300)]
        assert max(abs(number - expected) for number in births) <= 1.0
        assert abs(np.mean(births) - expected) < 4 * 0.5 / math.sqrt(300)  # a whole number above or below: sd <= 1/2

    def test_nobody_is_lost(self):
        for key in keys(20):
            tally, households = self.quarter(
                key, birth=0.02, death=0.03, coming_of_age=0.05, leaving_worker=0.05, leaving_dependant=0.05
            )
            members = 10 * int(households.workers.sum(dtype=int) + households.dependants.sum(dtype=int))
            left = tally[T_TO_POOL_WORKERS] + tally[T_TO_POOL_DEPENDANTS]
            assert members == 10 * 400 * 6 + tally[T_BIRTHS] - tally[T_DEATHS] - left
            assert min(tally[T_BIRTHS], tally[T_DEATHS], left) > 0
            assert (households.workers.astype(int) + households.dependants >= 1).all()

    def test_those_come_of_age_whom_few_workers_feed_and_as_many_as_if_it_fell_on_any_dependant(self):
        """Beyond two dependants a worker: three of five in every other household, none of three beside two workers."""
        for key in keys(20):
            households = crowd(400, workers=[1, 2] * 200, dependants=[5, 3] * 200)
            quarter_of_village(
                0, 10, rates(demography_on=1, coming_of_age=0.01)[0], villages_with([400]), households, key,
                work_space(400, 1), np.zeros(TALLY_COUNT, np.int64),
            )  # fmt: skip
            of_age = households.workers.astype(int) - [1, 2] * 200
            assert abs(of_age.sum() - QUARTER * 0.01 * (5 + 3) * 200) <= 1.0
            assert (of_age[1::2] == 0).all() and (households.dependants == [5, 3] * 200 - of_age).all()

    def test_a_dependant_takes_the_place_of_a_worker_who_dies(self):
        households = crowd(400, workers=3, dependants=3)
        tally = np.zeros(TALLY_COUNT, np.int64)
        quarter_of_village(
            0, 10, rates(demography_on=1, death=0.01)[0], villages_with([400]), households, keys(1)[0],
            work_space(400, 1), tally,
        )  # fmt: skip
        assert tally[T_DEATHS] > 0 and (households.workers == 3).all()
        assert 10 * int(3 * 400 - households.dependants.sum(dtype=int)) == tally[T_DEATHS]

    def test_members_away_are_not_at_risk(self):
        households = crowd(400, workers=3, dependants=0, away=30)  # weight 10: all three workers of each household
        tally = np.zeros(TALLY_COUNT, np.int64)
        every = rates(demography_on=1, birth=1.0, death=1.0, leaving_worker=1.0)[0]
        quarter_of_village(0, 10, every, villages_with([400]), households, KEY, work_space(400, 1), tally)
        assert tally[[T_BIRTHS, T_DEATHS, T_TO_POOL_WORKERS]].tolist() == [0, 0, 0]

    def test_rows_wake_once(self):
        villages = villages_with([10, 10], district=[0, 1])
        villages.awake[:] = [4, 10]
        households = crowd(20, workers=2, dependants=3, assets=100, wealth_group=4)
        sums, groups = np.zeros((3, 2), np.int64), np.zeros((2, 5), np.int64)
        for _ in range(2):
            wake_rows(villages, np.array([7, 9]), households, np.array([50, 20]), 1.2, *sums, groups)
        assert villages.awake.tolist() == [7, 10]  # never fewer than before
        assert sums.tolist() == [[300, 0], [450, 0], [18_000, 0]]  # savings grown with incomes
        assert groups[0].tolist() == [0, 0, 0, 0, 150]

    def test_new_households_know_as_many_people_as_others_of_the_village(self):
        """However few form in a month."""
        villages = villages_with([1000])
        villages.awake[:] = 10
        households = crowd(1000, workers=2, dependants=3)
        households.ties[:10] = range(10)
        for awake in range(11, 401):
            wake_rows(
                villages, np.array([awake]), households, np.array([1]), 1.0, *np.zeros((3, 1), np.int64),
                np.zeros((1, 5), np.int64),
            )  # fmt: skip
        ties = households.ties[10:400]
        assert set(ties.tolist()) == set(range(10))
        assert ties.mean() == pytest.approx(4.5, abs=1.5)
        assert not households.ties[400:].any()


@pytest.mark.parametrize("decorator", [kernel, driver, inlined, called])
def test_a_kernel_that_counts_no_references_returns_no_array(decorator: Any):
    """Whoever is given one would free it, and another array would be laid where it was."""

    def same(column: Any) -> Any:
        return column

    def rest(column: Any) -> Any:
        return 1, column[1:]

    column = np.arange(3)
    for function in (same, rest):
        with pytest.raises(TypeError, match=f"'{function.__name__}' returns an array"):
            decorator(function)(column)


def test_a_kernel_that_counts_references_returns_arrays():
    def rest(column: Any) -> Any:
        return column, column[1:]

    column = np.arange(3)
    whole, others = making(rest)(column)
    assert whole is column and others.tolist() == [1, 2]


def test_compiled_code_and_plain_python_give_the_same_tables(monkeypatch: pytest.MonkeyPatch):
    """A run in which every loop over villages and households is plain Python equals the compiled one.

    Draws and portable functions stay compiled: they are compared above, and NumPy's scalars warn of the overflow that
    the mixing function lives on. So does synthesis, whose field `size` NumPy's records have another meaning for.
    """
    config = small_config(("gujrat",), months=7, scale=0.0005)
    compiled = simulate(config)
    stays = {"abm.engine.random", "abm.engine.portable", "abm.society.kernels.synthesis"}
    replaced = set()
    for module in [found for name, found in sys.modules.items() if name.startswith("abm.") and name not in stays]:
        for name, found in list(vars(module).items()):
            if name == "mix":  # compiled code hands a 64-bit key on, Python would make a large int of it
                monkeypatch.setattr(module, name, lambda value: np.uint64(mix(value)))
            elif isinstance(found, Dispatcher) and found.__module__ not in stays:
                monkeypatch.setattr(module, name, plain_python(found))
                replaced.add(name)
    assert {"household_month", "relax_field", "choose_channels", "advance_journeys", "depart"} <= replaced
    plain = simulate(config)
    for name, columns in compiled.items():
        for column, values in columns.items():
            # means of what villages hold in 32 bits: the last bits may differ
            if column.startswith("perceived_") or column == "demonstration_mean":
                np.testing.assert_allclose(plain[name][column], values, rtol=2e-6, err_msg=f"{name}.{column}")
            else:
                np.testing.assert_array_equal(plain[name][column], values, err_msg=f"{name}.{column}")


def plain_python(kernel: Any) -> Callable[..., Any]:
    """The Python of a kernel; fields of records become attributes, as they are in compiled code."""

    def call(*arguments: Any) -> Any:
        return kernel.py_func(
            *(
                value.view(np.recarray) if isinstance(value, np.ndarray) and value.dtype.names else value
                for value in arguments
            )
        )

    call.py_func = kernel.py_func  # some formulas are asked for columns from outside of kernels
    return call
