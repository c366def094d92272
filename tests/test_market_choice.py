"""Three answers of the market: none where its mechanism is off, near routes gain first, the indebted try again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import busy_config
from scenes import world_of_three

from abm.choice.repeat import Repeat
from abm.config import make_config
from abm.departure.kernels.choice import FELT_BY_TOPIC, fill_up, look_at, weigh_options, weighing_space
from abm.departure.options import OptionsState
from abm.market.kernels.offers import pool_schemes
from abm.market.market import MarketState
from abm.model import Model, simulate
from abm.routes.interception import PATROLS
from abm.routes.travel import TravelState
from abm.world.codes import CREDIT, ESCROW, UPFRONT
from abm.world.state import World


def use(lever: str, value: float) -> dict[str, Any]:
    return {"lever": lever, "from": "2012-01", "value": value}


OFF: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "patrols": ([use(found.name, 3.0) for found in PATROLS], {"interception": {"efficiency": 0.0}}),
    "no escrow": ([use("informal_finance_control", 1.0)], {"offers": {"escrow": 0.0}}),
    "quotas": ([use("legal_quota", 2.0)], {"legal_work": {"refusal": 1.0}, "diaspora": {"reentry": 0.0}}),
}
"""Levers, and what is responsible for the answer, switched off."""


@pytest.mark.parametrize("scenario", OFF)
def test_without_the_mechanism_there_is_no_answer(scenario: str):
    """To the bit: who leaves, at which fee, who arrives; what the lever costs apart."""
    levers, off = OFF[scenario]
    short = {"start": "2011-01", "end": "2012-12", "seed": 1, "population": {"scale": 0.0005, "min_villages": 1}}
    tables = [simulate(make_config(**short, **off, levers=uses)) for uses in ([], levers)]
    for name in ("irregular_departures", "irregular_arrivals", "fee_median", "offices", "cheated", "remittances"):
        without, treated = (table["national"][name] for table in tables)
        np.testing.assert_array_equal(treated, without)
        assert np.nansum(without) > 0 or name == "cheated"


def test_in_choice_the_nearest_gain_most():
    """The same households, without noise: routes to the same destination first, other channels last."""
    near, other, far = gains_from_a_harder_way(route_nest=0.5)
    print(f"gains of routes beside, other routes, other channels: {near:.2f}, {other:.2f}, {far:.2f} %")
    assert near > 1.5 * other > 0 and other > 1.5 * far > 0
    alike, others, _ = gains_from_a_harder_way(route_nest=1.0)
    print(f"without their nest: {alike:.2f} and {others:.2f} %")
    assert near / other > 2.0 * alike / others, "what makes the difference is their nest"


def gains_from_a_harder_way(route_nest: float) -> tuple[float, float, float]:
    """What others gain, in %, if the way to Turkey by Taftan gets worse, in the choices of one month."""
    model = Model(
        make_config(start="2011-01", end="2014-12", population={"scale": 0.002}, channel={"route_nest": route_nest})
    )
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
    space = weighing_space(total.size)
    first = world.villages.first_row[world.blocks.first_village]
    for block, (start, count) in enumerate(zip(first, world.chosen_count, strict=True)):
        district = int(world.blocks.district[block])
        rate = world.district_month[district]
        for row in world.chosen[start : start + count]:
            look_at(0, row, rate, world.households, options, space.felt)
            weigh_options(fill_up(1, space.felt), district, rate, options, attraction, space)
            summed = space.in_nest[:, 0]
            in_nest = np.where(summed > 0.0, space.nest[:, 0] / np.where(summed > 0.0, summed, 1.0), 0.0)
            open_ones = slice(0, options.in_use)
            total[open_ones] += space.option[open_ones, 0] * in_nest[options.nest[open_ones]] / space.total[0]
    return total


def test_interest_is_a_cost_of_what_has_to_be_borrowed():
    """A household that pays out of savings does not mind interest; one that borrows goes less."""
    world = world_of_three(3)
    options, attraction = world[OptionsState].month, world[OptionsState].attraction
    rows = world.villages.first_row[:1]
    rate, households = world.district_month[int(world.villages.district[0])], world.households
    district, space = int(world.villages.district[0]), weighing_space(len(world.options))

    def staying() -> float:
        look_at(0, int(rows[0]), rate, households, options, space.felt)
        weigh_options(fill_up(1, space.felt), district, rate, options, attraction, space)
        return float(1.0 / space.total[0])

    stays: dict[str, list[float]] = {}
    for money, assets in (("own", 20_000_000), ("borrowed", 0)):
        households.assets[rows], households.debt[rows] = assets, 0
        for interest in (0.0, 0.05):
            rate["interest"] = interest
            stays.setdefault(money, []).append(staying())
    assert stays["own"][0] == stays["own"][1]
    assert 0.0 < stays["borrowed"][0] < stays["borrowed"][1] < 1.0
    # on a subsidised line the government pays a part of it
    rate["credit_line"], rate["take_up"] = 100_000.0, 1.0
    subsidised = []
    for rate["interest_subsidy"] in (0.0, 0.04):
        subsidised.append(staying())
    assert subsidised[0] > subsidised[1]
    # an office lends without interest what is not due at departure
    options = options._replace(due=np.zeros_like(options.due))
    lent = []
    for rate["interest"] in (0.0, 0.05):
        lent.append(staying())
    assert lent[0] == lent[1]


def test_beliefs_of_the_village_add_to_each_way_by_its_slope():
    """As if the district had found the ways more or less attractive by as much."""
    world = world_of_three(3)
    month, attraction = world[OptionsState].month, world[OptionsState].attraction
    row, district = int(world.villages.first_row[0]), int(world.villages.district[0])
    deviation = np.array([0.3, -0.2, 0.1, 0.4, -0.5])
    slope = np.random.default_rng(1).normal(size=month.slope.shape)
    found = []
    for options, drawn, deviates in (
        (month._replace(slope=slope), attraction, deviation),
        (month, attraction + np.einsum("dko,k->do", slope, deviation), 0.0 * deviation),
    ):
        space = weighing_space(len(world.options))
        look_at(0, row, world.district_month[district], world.households, options, space.felt)
        space.felt[FELT_BY_TOPIC:, 0] = deviates
        weigh_options(fill_up(1, space.felt), district, world.district_month[district], options, drawn, space)
        found.append(space.option[:, 0])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)
    assert (found[0] > 0.0).sum() > 10


def test_what_is_paid_in_expectation_follows_the_way_of_paying():
    """By hand: one in four arrives; of a deposit returned a tenth is kept, and debts are paid by those who arrive."""
    fee, advance = np.array([[100.0, 200.0, 300.0]]), np.array([[100.0, 200.0, 60.0]])
    odds, expected = np.full((1, 1, 3), 0.25), {UPFRONT: 100.0, ESCROW: 200.0 * (0.25 + 0.75 * 0.1), CREDIT: 120.0}
    for scheme, cost in expected.items():
        weight, pooled = np.zeros(3), np.empty((1, 7))
        weight[scheme] = 2.0
        pool_schemes(0, 0, weight, fee, advance, np.ones((1, 3)), odds, odds, 0.1, 0, 0, pooled)
        due = advance[0, scheme]
        np.testing.assert_allclose(pooled[0], [2.0, 2.0 * cost, 0.5, 0.5, 2.0 * fee[0, scheme], 2.0 * due, due])


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
            for found, rows, number in ((pool, row, persons), (tried, again.row, again.persons)):
                known = [(years[r], n) for r, n in zip(rows.tolist(), number.tolist(), strict=True) if r in years]
                found[:] += np.array([(debt * n, n) for debt, n in known]).reshape(-1, 2).sum(axis=0)

        with monkeypatch.context() as patch:
            patch.setattr(Repeat, "step", staticmethod(watched))
            model = Model(busy_config(months=24, repeat={"debt": weight, "ties": 0.0}))
            for _ in range(24):
                model.step()
            model.close()
        assert tried[1] > 300
        return float(tried[0] / tried[1] - pool[0] / pool[1])

    @pytest.mark.study
    def test_those_who_try_again_are_the_indebted(self, monkeypatch: pytest.MonkeyPatch):
        """And not where debt does not drive: there the indebted can pay for less."""
        driven, free = (self.excess_debt(monkeypatch, weight) for weight in (0.8, 0.0))
        print(f"years of pay owed, who tries again less who might: {driven:+.3f}; without the drive {free:+.3f}")
        assert driven > 0.0
        assert driven > free + 0.05
