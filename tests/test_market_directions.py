"""Which way the market answers: paired seeds, intervals, and the answer gone where its mechanism is off.

A run with a change and the run without it share their seed. `SEEDS` such pairs give a mean relative difference and its
90 % interval (Student's t); an effect counts as shown when the interval lies wholly on one side of zero. Worlds are
small and young: four years, a change after the first, figures of the last two.
`pytest tests/test_market_directions.py -s` prints every figure.

Other directions of the market are shown where their scenes are: a truthful campaign and a wreck in test_beliefs.py
(`TestCampaigns`, `TestShocks`), a crackdown of constant dose in test_enforcement.py (`TestCrackdown`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from lever_study import PATROLS
from markets import busy_config
from scipy.stats import t as student

from abm.choice.repeat import Repeat
from abm.config import make_config
from abm.departure.kernels.choice import weigh_options
from abm.departure.options import OptionsState
from abm.market.market import MarketState
from abm.model import Model, simulate
from abm.places.places import places_of
from abm.routes.travel import TravelState
from abm.world.state import World

pytestmark = pytest.mark.slow

SEEDS = range(1, 5)
MORE_SEEDS = range(1, 9)
"""For what single routes lose and gain: a few hundred cohorts a run choose one."""
START, FROM, END = "2011-01", "2012-01", "2014-12"
WINDOW = slice(24, 48)
"""The last two years."""

LEG = "turkey_greece"
"""The leg of most routes to Europe."""

OVER = np.array([any(leg.key == LEG for leg in route.legs) for route in places_of().routes])
CROSSING = "taftan_zahedan"
"""The crossing to Iran that half of the routes by land share; each has others beside it to the same destination."""

TO_TURKEY = np.array([route.destination == "turkey" for route in places_of().routes])
CROSSES = np.array([any(leg.key == CROSSING for leg in route.legs) for route in places_of().routes])
FROM_HOME = np.array([not route.onward for route in places_of().routes])


def use(lever: str, value: float, **more: Any) -> dict[str, Any]:
    """A use of a lever from `FROM` on."""
    return {"lever": lever, "from": FROM, "value": value} | more


ALL_PATROLS = [use(name, 3.0) for name in PATROLS]
CORRUPT = {"interception": {"bribe_reach": 1.0}}

HARDER = [use("transit_border_control", 10.0, where={"leg": CROSSING})]
LARGER = {"population": {"scale": 0.005}}
"""Single routes are chosen by few."""

SCENARIOS: dict[str, dict[str, Any]] = {
    "base": {},
    "patrols": {"levers": ALL_PATROLS},
    "one leg": {"levers": [use("destination_border_control", 10.0, where={"leg": LEG})]},
    "crossing, base": LARGER,
    "crossing": LARGER | {"levers": HARDER},
    "no escrow": {"levers": [use("informal_finance_control", 1.0)]},
    "quotas": {"levers": [use("legal_quota", 2.0)]},
    "corrupt": CORRUPT,
    "corrupt, patrols": CORRUPT | {"levers": ALL_PATROLS},
}

OFF: dict[str, dict[str, Any]] = {
    "patrols": {"interception": {"efficiency": 0.0}},
    "no escrow": {"offers": {"escrow": 0.0}},
    "quotas": {"legal_work": {"refusal": 1.0}},
}
"""What is responsible for the answer, switched off."""


NATIONAL = (
    "irregular_departures", "departures_alone", "irregular_arrivals", "legal_departures", "sponsored_departures",
    "overstays", "cheated", "bribes_paid", "smuggling_revenue",
)  # fmt: skip


class Run(NamedTuple):
    """What is kept of a run: means of the window."""

    national: dict[str, float]
    fee: np.ndarray
    """Fee quoted, by route."""
    departures: np.ndarray
    arrivals: np.ndarray
    odds: np.ndarray
    """Probability of interception, by leg."""
    entered: np.ndarray


@cache
def run(scenario: str, seed: int) -> Run:
    sample = {"population": {"scale": 0.002}}
    tables = simulate(make_config(start=START, end=END, seed=seed, **(sample | SCENARIOS[scenario])))
    months = len(tables["national"]["month"])

    def by_place(table: str, name: str) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            values = tables[table][name].reshape(months, -1)[WINDOW]
            count = np.isfinite(values).sum(axis=0)
            return np.where(count > 0, np.nansum(values, axis=0) / np.maximum(count, 1), np.nan)

    national = {name: float(tables["national"][name][WINDOW].mean()) for name in NATIONAL}
    return Run(
        national,
        by_place("route", "fee_quoted"),
        by_place("route", "departures"),
        by_place("route", "arrivals"),
        by_place("leg", "interception_probability"),
        by_place("leg", "entered"),
    )


Measure = Callable[[Run, Run], float]
"""A figure of a run, given the run without the change, for weights that stay fixed."""


def mean_of(*names: str) -> Measure:
    return lambda one, base: sum(one.national[name] for name in names)


def fee_at_fixed_mix(routes: np.ndarray) -> Measure:
    """Mean fee quoted, routes weighted by the departures without the change."""

    def measure(one: Run, base: Run) -> float:
        chosen = routes & FROM_HOME & np.isfinite(base.fee) & np.isfinite(one.fee)
        return float((base.departures * one.fee)[chosen].sum() / base.departures[chosen].sum())

    return measure


def leaving(routes: np.ndarray) -> Measure:
    return lambda one, base: float(one.departures[routes & FROM_HOME].sum())


def arriving(routes: np.ndarray) -> Measure:
    return lambda one, base: float(one.arrivals[routes & FROM_HOME].sum())


EVERYWHERE = np.ones(OVER.size, bool)


def differences(
    measure: Measure, scenario: str, base: str = "base", relative: bool = True, seeds: range = SEEDS
) -> np.ndarray:
    """Paired differences, by seed; relative ones in per cent."""
    found = []
    for seed in seeds:
        without, treated = run(base, seed), run(scenario, seed)
        before, after = measure(without, without), measure(treated, without)
        found.append(100.0 * (after / before - 1.0) if relative else after - before)
    return np.array(found)


def interval(values: np.ndarray) -> tuple[float, float]:
    """The 90 % interval of the mean."""
    half = student.ppf(0.95, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size)
    return float(values.mean() - half), float(values.mean() + half)


def show(what: str, values: np.ndarray) -> tuple[float, float]:
    low, high = interval(values)
    print(f"{what}: {values.mean():+.2f} [{low:+.2f}, {high:+.2f}]")
    return low, high


def assert_rises(what: str, values: np.ndarray) -> None:
    low, high = show(what, values)
    assert low > 0.0, f"{what}: {low:+.2f} to {high:+.2f}"


def assert_falls(what: str, values: np.ndarray) -> None:
    assert_rises(f"fall of {what}", -values)


@pytest.mark.parametrize("scenario", OFF)
def test_without_the_mechanism_there_is_no_answer(scenario: str):
    """To the bit: who leaves, at which fee, who arrives; what the lever costs apart."""
    short = {"start": START, "end": "2012-12", "seed": 1, "population": {"scale": 0.0005, "min_villages": 1}}
    tables = [simulate(make_config(**short, **OFF[scenario], **change)) for change in ({}, SCENARIOS[scenario])]
    for name in ("irregular_departures", "irregular_arrivals", "fee_median", "offices", "cheated", "remittances"):
        without, treated = (table["national"][name] for table in tables)
        np.testing.assert_array_equal(treated, without)
        assert np.nansum(without) > 0 or name == "cheated"


class TestPatrolsEverywhere:
    """Three times the effort on every leg."""

    def test_fees_rise_and_not_by_multiples(self):
        dearer = differences(fee_at_fixed_mix(EVERYWHERE), "patrols")
        assert_rises("patrols: fee at fixed mix, %", dearer)
        assert dearer.mean() < 60.0

    def test_fewer_leave_and_fewer_arrive(self):
        assert_falls("patrols: departures, %", differences(mean_of("irregular_departures"), "patrols"))
        assert_falls("patrols: arrivals, %", differences(mean_of("irregular_arrivals"), "patrols"))

    def test_travellers_are_stopped_more_often(self):
        def odds(one: Run, base: Run) -> float:
            return float(base.entered @ one.odds)

        low, _ = show("patrols: odds of interception, %", differences(odds, "patrols"))
        assert low > 5.0


class TestOneLeg:
    """Ten times the effort on one leg: it empties, and the rest of the market takes a part of it."""

    def test_fewer_arrive_over_it_and_it_is_dearer(self):
        assert_falls("one leg: arrivals over it, %", differences(arriving(OVER), "one leg", seeds=MORE_SEEDS))
        dearer = differences(fee_at_fixed_mix(OVER), "one leg")
        assert_rises("one leg: fee over it, %", dearer)
        others = differences(fee_at_fixed_mix(~OVER), "one leg")
        assert_rises("one leg: fee over it less fee elsewhere, points", dearer - others)

    def test_others_take_a_part_and_less_than_one_for_one(self):
        lost = -differences(leaving(OVER), "one leg", relative=False, seeds=MORE_SEEDS)
        gained = differences(leaving(~OVER), "one leg", relative=False, seeds=MORE_SEEDS)
        assert_rises("one leg: departures lost there", lost)
        assert_rises("one leg: departures gained elsewhere", gained)
        assert_rises("one leg: lost less gained", lost - gained)

    def test_close_substitutes_gain_more(self):
        """Other irregular routes more than the other ways abroad."""
        close = differences(leaving(~OVER), "one leg", seeds=MORE_SEEDS)
        far = differences(mean_of("legal_departures", "sponsored_departures", "overstays"), "one leg", seeds=MORE_SEEDS)
        assert_rises("one leg: other routes less other channels, points", close - far)


class TestOneCrossing:
    """Where half of the routes to Iran and on to Turkey cross, with others beside it."""

    def test_routes_beside_it_take_a_part(self):
        """Ten times the effort there: those over it lose, those beside it gain, less than one for one."""
        beside = leaving(TO_TURKEY & ~CROSSES)
        gained = differences(beside, "crossing", "crossing, base", seeds=MORE_SEEDS)
        far = differences(
            mean_of("legal_departures", "sponsored_departures", "overstays"),
            "crossing",
            "crossing, base",
            seeds=MORE_SEEDS,
        )
        assert_falls(
            "crossing: departures over it, %",
            differences(leaving(CROSSES), "crossing", "crossing, base", seeds=MORE_SEEDS),
        )
        assert_rises("crossing: routes beside it less other channels, points", gained - far)
        lost = -differences(leaving(CROSSES), "crossing", "crossing, base", relative=False)
        gained = differences(leaving(~CROSSES), "crossing", "crossing, base", relative=False)
        assert_rises("crossing: lost less gained", lost - gained)

    def test_in_choice_the_nearest_gain_most(self):
        """The same households, without noise: routes to the same destination first, other channels last."""
        near, other, far = gains_from_a_harder_way(route_nest=0.5)
        print(f"gains of routes beside, other routes, other channels: {near:.2f}, {other:.2f}, {far:.2f} %")
        assert near > 1.5 * other > 0 and other > 1.5 * far > 0
        alike, others, _ = gains_from_a_harder_way(route_nest=1.0)
        print(f"without their nest: {alike:.2f} and {others:.2f} %")
        assert near / other > 2.0 * alike / others, "what makes the difference is their nest"


def gains_from_a_harder_way(route_nest: float) -> tuple[float, float, float]:
    """What others gain, in %, if the way to Turkey by Taftan gets worse, in the choices of one month."""
    model = Model(make_config(start=START, end=END, population={"scale": 0.002}, channel={"route_nest": route_nest}))
    for _ in range(6):
        model.step()
    world = model.world
    options, before = world[OptionsState].month, world[OptionsState].attraction
    ways = [option.route for option in world.options]
    keys = [world.route_facts[way].key if way >= 0 else "" for way in ways]
    after = before.copy()
    after[:, keys.index("turkey_by_taftan")] -= 1.0
    irregular = np.array([way >= 0 for way in ways])
    turkey = np.array([key.startswith("turkey_") for key in keys])
    here = np.array([key == "turkey_by_taftan" for key in keys])
    shares = [probabilities(world, options, attraction) for attraction in (before, after)]
    near, other, far = turkey & ~here, irregular & ~turkey, ~irregular
    return tuple(100.0 * (shares[1][which].sum() / shares[0][which].sum() - 1.0) for which in (near, other, far))


def probabilities(world: Any, options: Any, attraction: np.ndarray) -> np.ndarray:
    """Sum over those who consider leaving in the month of the probability of each option."""
    total = np.zeros(len(world.options))
    weights = np.zeros((5, total.size))
    first = world.villages.first_row[world.blocks.first_village]
    for block, (start, count) in enumerate(zip(first, world.chosen_count, strict=True)):
        district = int(world.blocks.district[block])
        rate = world.district_month[district]
        for row in world.chosen[start : start + count]:
            everything = weigh_options(row, district, rate, world.households, options, attraction, weights)
            in_nest = np.where(weights[1] > 0.0, weights[2] / np.where(weights[1] > 0.0, weights[1], 1.0), 0.0)
            open_ones = slice(0, options.in_use)
            total[open_ones] += weights[0, open_ones] * in_nest[options.nest[open_ones]] / everything
    return total


class TestNoEscrow:
    """Nobody holds deposits any more."""

    def test_fewer_go_with_an_office(self):
        def with_office(one: Run, base: Run) -> float:
            return one.national["irregular_departures"] - one.national["departures_alone"]

        assert_falls("no escrow: departures with an office, %", differences(with_office, "no escrow"))
        assert_rises("no escrow: departures alone, %", differences(mean_of("departures_alone"), "no escrow"))

    def test_more_are_cheated(self):
        def cheated(one: Run, base: Run) -> float:
            national = one.national
            return 100.0 * national["cheated"] / (national["cheated"] + national["irregular_departures"])

        assert_rises("no escrow: share cheated, points", differences(cheated, "no escrow", relative=False))


class TestCorruption:
    """All officers who would take bribes are reached by them, instead of three in five."""

    def test_the_same_effort_bites_less(self):
        """What three times the patrols add to the odds on the legs, weighted by those who travel."""

        def odds(one: Run, base: Run) -> float:
            return 100.0 * float(base.entered @ one.odds) / float(base.entered.sum())

        usual = differences(odds, "patrols", relative=False)
        corrupt = differences(odds, "corrupt, patrols", base="corrupt", relative=False)
        assert_rises("added odds, points: usual", usual)
        assert_rises("added odds, points: usual less corrupt", usual - corrupt)

    def test_bribes_take_more_of_the_fee(self):
        def bribes(one: Run, base: Run) -> float:
            return 100.0 * one.national["bribes_paid"] / one.national["smuggling_revenue"]

        low, _ = show("corrupt: bribes of the fee, points", differences(bribes, "corrupt", relative=False))
        assert low > 1.0

    def test_bribes_rise_with_effort(self):
        assert_rises("patrols: bribes, %", differences(mean_of("bribes_paid"), "patrols"))


class TestLegalQuotas:
    def test_twice_the_quotas_bring_more_legal_and_fewer_irregular_departures(self):
        assert_rises("quotas: legal departures, %", differences(mean_of("legal_departures"), "quotas"))
        assert_falls("quotas: irregular departures, %", differences(mean_of("irregular_departures"), "quotas"))


class TestIndebted:
    """Who comes home with debt tries again sooner."""

    @staticmethod
    def excess_debt(monkeypatch: pytest.MonkeyPatch, weight: float) -> float:
        """Mean debt, in years of pay, of those who try again in a month less that of all who might."""
        step = Repeat.step
        pool, tried = np.zeros(2), np.zeros(2)

        def watched(world: World) -> None:
            households, columns, count = (
                world.households,
                world[TravelState].returnees.columns,
                world[TravelState].returnees.count,
            )
            row, persons = columns.row[:count].copy(), columns.persons[:count].astype(np.float64)
            pay = 12.0 * households.wage[row] * world.district_month["wage_index"][columns.district[:count]]
            years = dict(zip(row.tolist(), np.minimum(households.debt[row] / np.maximum(pay, 1.0), 2.0), strict=True))
            step(world)
            again = world[MarketState].again
            for found, rows, number in ((pool, row, persons), (tried, again["row"], again["persons"])):
                known = [(years[r], n) for r, n in zip(rows.tolist(), number.tolist(), strict=True) if r in years]
                found[:] += np.array([(debt * n, n) for debt, n in known]).reshape(-1, 2).sum(axis=0)

        with monkeypatch.context() as patch:
            patch.setattr(Repeat, "step", staticmethod(watched))
            model = Model(busy_config(months=36, repeat={"debt": weight, "ties": 0.0}))
            for _ in range(36):
                model.step()
            model.close()
        assert tried[1] > 500
        return float(tried[0] / tried[1] - pool[0] / pool[1])

    def test_those_who_try_again_are_the_indebted(self, monkeypatch: pytest.MonkeyPatch):
        """And not where debt does not drive: there the indebted can pay for less."""
        driven, free = (self.excess_debt(monkeypatch, weight) for weight in (0.8, 0.0))
        print(f"years of pay owed, who tries again less who might: {driven:+.3f}; without the drive {free:+.3f}")
        assert driven > 0.0
        assert driven > free + 0.05
