"""Which way the market answers: paired seeds and intervals.

A run with a change and the run without it share their seed. `SEEDS` such pairs give a mean relative difference and its
90 % interval (Student's t); an effect counts as shown when the interval lies wholly on one side of zero. Worlds are
small and young: four years, a change after the first, figures of the last two; six where the
answer comes late.
`pytest tests/study/test_market_directions.py -s` prints every figure.

That an answer is gone where its mechanism is off, and which routes gain in a choice, is shown in test_market_choice.py.
Other directions of the market are shown where their scenes are: a truthful campaign and a wreck in test_beliefs.py
(`TestCampaigns`, `TestShocks`), a crackdown of constant dose in test_enforcement.py (`TestCrackdown`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from worlds import interval

from abm.config import make_config
from abm.model import simulate
from abm.places.places import places_of
from abm.routes.interception import PATROLS

SEEDS = range(1, 9)
START, FROM, END, LATER = "2011-01", "2012-01", "2014-12", "2016-12"
WINDOW = slice(-24, None)
"""The last two years."""

LEG = "turkey_greece"
"""The leg of most routes to Europe."""

EUROPE = {"greece", "italy", "spain", "germany", "united_kingdom"}

OVER = np.array([any(leg.key == LEG for leg in route.legs) for route in places_of().routes])
PAST = np.array([route.destination in EUROPE for route in places_of().routes]) & ~OVER
"""Other ways to Europe. Those to Iran and Turkey gain nothing (all but `OVER`: -0.2 % [-2.0, +1.7]): who goes on to
Greece from there goes over the leg."""

CROSSING = "taftan_zahedan"
"""The crossing to Iran that half of the routes by land share; each has others beside it to the same destination."""

TO_TURKEY = np.array([route.destination == "turkey" for route in places_of().routes])
CROSSES = np.array([any(leg.key == CROSSING for leg in route.legs) for route in places_of().routes])
FROM_HOME = np.array([not route.onward for route in places_of().routes])


def use(lever: str, value: float, **more: Any) -> dict[str, Any]:
    """A use of a lever from `FROM` on."""
    return {"lever": lever, "from": FROM, "value": value} | more


ALL_PATROLS = [use(found.name, 3.0) for found in PATROLS]
CORRUPT = {"interception": {"bribe_reach": 1.0}}

HARDER = [use("transit_border_control", 10.0, where={"leg": CROSSING})]

SCENARIOS: dict[str, dict[str, Any]] = {
    "base": {},
    "patrols": {"levers": ALL_PATROLS},
    "one leg": {"levers": [use("destination_border_control", 10.0, where={"leg": LEG})]},
    "crossing": {"levers": HARDER},
    "later": {"end": LATER},  # without escrow more leave in the first year, +4 %, and fewer from the third on
    "no escrow": {"end": LATER, "levers": [use("informal_finance_control", 1.0)]},
    "corrupt": CORRUPT,
    "corrupt, patrols": CORRUPT | {"levers": ALL_PATROLS},
}

NATIONAL = (
    "irregular_departures", "departures_alone", "legal_departures", "sponsored_departures",
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
    sample = {"scale": 0.02}  # few choose a single route
    tables = simulate(make_config(start=START, seed=seed, population=sample, **({"end": END} | SCENARIOS[scenario])))
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


def differences(measure: Measure, scenario: str, base: str = "base", relative: bool = True) -> np.ndarray:
    """Paired differences, by seed; relative ones in per cent."""
    found = []
    for seed in SEEDS:
        without, treated = run(base, seed), run(scenario, seed)
        before, after = measure(without, without), measure(treated, without)
        found.append(100.0 * (after / before - 1.0) if relative else after - before)
    return np.array(found)


def show(what: str, values: np.ndarray) -> tuple[float, float]:
    low, high = interval(values, 0.9)
    print(f"{what}: {values.mean():+.2f} [{low:+.2f}, {high:+.2f}]")
    return low, high


def assert_rises(what: str, values: np.ndarray) -> None:
    low, high = show(what, values)
    assert low > 0.0, f"{what}: {low:+.2f} to {high:+.2f}"


def assert_falls(what: str, values: np.ndarray) -> None:
    assert_rises(f"fall of {what}", -values)


class TestPatrolsEverywhere:
    """Three times the effort on every leg."""

    def test_fees_rise_and_not_by_multiples(self):
        dearer = differences(fee_at_fixed_mix(EVERYWHERE), "patrols")
        assert_rises("patrols: fee at fixed mix, %", dearer)
        assert dearer.mean() < 60.0

    def test_travellers_are_stopped_more_often(self):
        def odds(one: Run, base: Run) -> float:
            return float(base.entered @ one.odds)

        low, _ = show("patrols: odds of interception, %", differences(odds, "patrols"))
        assert low > 5.0


class TestOneLeg:
    """Ten times the effort on one leg: it empties, and other ways to Europe take a part of it."""

    def test_fewer_arrive_over_it_and_it_is_dearer(self):
        assert_falls("one leg: arrivals over it, %", differences(arriving(OVER), "one leg"))
        dearer = differences(fee_at_fixed_mix(OVER), "one leg")
        assert_rises("one leg: fee over it, %", dearer)
        others = differences(fee_at_fixed_mix(~OVER), "one leg")
        assert_rises("one leg: fee over it less fee elsewhere, points", dearer - others)

    def test_others_take_a_part_and_less_than_one_for_one(self):
        lost = -differences(leaving(OVER), "one leg", relative=False)
        gained = differences(leaving(PAST), "one leg", relative=False)
        assert_rises("one leg: departures lost there", lost)
        assert_rises("one leg: departures gained on other ways to Europe", gained)
        assert_rises("one leg: lost less gained", lost - gained)

    def test_close_substitutes_gain_more(self):
        """Other irregular ways to Europe more than the other ways abroad."""
        close = differences(leaving(PAST), "one leg")
        far = differences(mean_of("legal_departures", "sponsored_departures", "overstays"), "one leg")
        assert_rises("one leg: other ways to Europe less other channels, points", close - far)


class TestOneCrossing:
    """Where half of the routes to Iran and on to Turkey cross, with others beside it."""

    def test_routes_beside_it_take_a_part(self):
        """Ten times the effort there: those over it lose, those beside it gain."""
        beside = leaving(TO_TURKEY & ~CROSSES)
        gained = differences(beside, "crossing")
        far = differences(mean_of("legal_departures", "sponsored_departures", "overstays"), "crossing")
        assert_falls("crossing: departures over it, %", differences(leaving(CROSSES), "crossing"))
        assert_rises("crossing: routes beside it less other channels, points", gained - far)

    def test_others_gain_less_than_it_loses(self):
        lost = -differences(leaving(CROSSES), "crossing", relative=False)
        gained = differences(leaving(~CROSSES), "crossing", relative=False)
        assert_rises("crossing: lost less gained", lost - gained)


class TestNoEscrow:
    """Nobody holds deposits any more."""

    def test_fewer_go_with_an_office(self):
        def with_office(one: Run, base: Run) -> float:
            return one.national["irregular_departures"] - one.national["departures_alone"]

        assert_falls("no escrow: departures with an office, %", differences(with_office, "no escrow", "later"))
        assert_rises("no escrow: departures alone, %", differences(mean_of("departures_alone"), "no escrow", "later"))

    def test_more_are_cheated(self):
        def cheated(one: Run, base: Run) -> float:
            national = one.national
            return 100.0 * national["cheated"] / (national["cheated"] + national["irregular_departures"])

        assert_rises("no escrow: share cheated, points", differences(cheated, "no escrow", "later", relative=False))


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
        assert low > 0.5

    def test_bribes_rise_with_effort(self):
        assert_rises("patrols: bribes, %", differences(mean_of("bribes_paid"), "patrols"))
