"""Triggers: a lever comes into force in exactly the month in which it should, on a script and in real runs."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import APART, ASKED_FOR, month_after, small_config

from abm.config import LeverUse, When, make_config
from abm.declare import Outcome
from abm.engine.calendar import parse_month
from abm.engine.entry import freeze
from abm.engine.errors import ConfigError
from abm.engine.measures import is_flow
from abm.engine.record import Record
from abm.model import Tables, simulate
from abm.month import MONTH, OUTCOMES
from abm.policy.triggers import Triggers, condition_holds

START = parse_month("2010-01")
DISTRICTS = np.array(["gujrat", "lahore", "karachi"])
PROVINCES = np.array(["punjab", "punjab", "sindh"])

FLOW = Outcome("deaths", "person", "district", "")
PEOPLE = Outcome("labour_force", "person", "district", "", kind="stock")
SHARE = Outcome("idle_share", "share", "district", "", mean_of="labour_force", kind="level")
PRICE = Outcome("price", "PKR", "national", "", kind="level")
SCRIPTED = {found.name: found for found in (FLOW, PEOPLE, SHARE, PRICE)}


class Script:
    """A world of which nothing is there but the record, written month by month."""

    def __init__(self, months: int = 60) -> None:
        self.record = Record(SCRIPTED, months, DISTRICTS, {}, START, (), SCRIPTED)
        self.units = SimpleNamespace(unit=DISTRICTS, province=PROVINCES)
        self.month = START

    def write(self, deaths: Any = 0, force: Any = 100, idle: Any = 0.0, price: float = 1.0) -> None:
        """Record a month, and go to the next."""
        figures = {
            FLOW: np.broadcast_to(deaths, 3),
            PEOPLE: np.broadcast_to(force, 3),
            SHARE: np.broadcast_to(idle, 3),
            PRICE: price,
        }
        flows = np.zeros((3, 1, 1), np.int64)
        self.record.write_month(self.month - START, figures, {}, flows)
        self.month += 1


def use_of(when: dict[str, Any], **more: Any) -> LeverUse:
    return LeverUse.model_validate(freeze({"lever": "border_patrol", "value": 2.0, "when": when, **more}))


def in_force(use: LeverUse, deaths: list[int]) -> str:
    """Months in which a lever is in force, a sign each, while so many die in one district each month."""
    script, triggers, signs = Script(), Triggers(), ""
    for count in deaths:
        signs += "x" if triggers.follow(script, use) is not None else "."
        script.write(deaths=[count, 0, 0])
    return signs


ABOVE = {"outcome": "deaths", "above": 5}


@pytest.mark.parametrize(
    ("when", "more", "deaths", "expected"),
    [
        # the month after, and as long as it holds
        (ABOVE, {}, [0, 6, 0, 5, 6, 6, 0, 0], "..x..xx."),
        # a sum over months, of a full window only
        (ABOVE | {"over_months": 3}, {}, [9, 0, 0, 0, 2, 2, 2, 0, 0], "...x...x."),
        (ABOVE | {"over_months": 3}, {}, [0, 0, 9, 0, 0, 0, 0], "...xxx."),
        ({"outcome": "deaths", "below": 1}, {}, [1, 1, 0, 1, 0, 0], "...x.x"),
        # for a number of months, whatever happens then; a threshold passed again at its end begins it anew
        (ABOVE | {"for_months": 3}, {}, [6, 0, 0, 0, 0, 6, 0, 0, 0, 0], ".xxx..xxx."),
        (ABOVE | {"for_months": 2}, {}, [6, 6, 6, 0, 0, 0], ".xxxx."),
        # and rests afterwards
        (ABOVE | {"for_months": 2, "cooldown_months": 3}, {}, [6] * 12, ".xx...xx...x"),
        (ABOVE | {"cooldown_months": 2}, {}, [6, 0, 6, 6, 6, 0, 0, 6, 6], ".x..xx..x"),
        # armed between from and until only
        (ABOVE, {"from": "2010-04", "until": "2010-05"}, [6] * 8, "...xx..."),
        (ABOVE | {"for_months": 6}, {"from": "2010-03", "until": "2010-05"}, [6] * 8, "..xxx..."),
        # watched where it is asked for
        (ABOVE | {"where": ["gujrat"]}, {}, [6, 0], ".x"),
        (ABOVE | {"where": ["lahore", "karachi"]}, {}, [6, 0], ".."),
        (ABOVE | {"where": {"province": "punjab"}}, {}, [6, 0], ".x"),
        (ABOVE | {"where": {"province": ["sindh"]}}, {}, [6, 0], ".."),
    ],
)  # fmt: skip
def test_it_is_in_force_in_these_months(when: dict, more: dict, deaths: list[int], expected: str):
    assert in_force(use_of(when, **more), deaths) == expected


def test_ramp_and_pulse_count_from_the_month_in_which_it_fires():
    use = use_of(ABOVE, ramp_months=4, pulse={"months_on": 2, "months_off": 1})
    script, triggers, strengths = Script(), Triggers(), []
    for count in [0, 6, 6, 6, 6, 0, 6, 0]:
        began = triggers.follow(script, use)
        strengths.append(0.0 if began is None else use.strength(script.month, began))
        script.write(deaths=[count, 0, 0])
    assert strengths == [0, 0, 0.25, 0.5, 0, 1.0, 0, 0.25]


def test_flows_are_added_up_shares_weighted_and_prices_averaged_over_months_that_have_one():
    script = Script()
    script.write(deaths=[1, 2, 3], force=[100, 100, 200], idle=[0.1, 0.2, 0.3], price=10.0)
    script.write(deaths=[1, 2, 3], force=[100, 300, 0], idle=[0.1, 0.2, 0.9], price=float("nan"))

    def value(name: str, **more: Any) -> float:
        """Find the value that is compared, by bisection of thresholds."""
        low, high = 0.0, 100.0
        for _ in range(60):
            middle = (low + high) / 2
            when = When.model_validate({"outcome": name, "over_months": 2, "above": middle, **more})
            low, high = (middle, high) if condition_holds(script, when) else (low, middle)
        return low

    assert value("deaths") == pytest.approx(12)
    assert value("deaths", where=["lahore"]) == pytest.approx(4)
    assert value("labour_force", where=["gujrat"]) == pytest.approx(100)
    assert value("idle_share") == pytest.approx((0.225 + 0.175) / 2)
    assert value("idle_share", where={"province": "punjab"}) == pytest.approx((0.15 + 0.175) / 2)
    assert value("price") == pytest.approx(10)


def test_what_has_no_value_yet_fires_nothing():
    script = Script()
    script.write(price=float("nan"))
    for threshold in ({"above": -1e9}, {"below": 1e9}):
        assert not condition_holds(script, When.model_validate({"outcome": "price", **threshold}))
        assert not condition_holds(script, When.model_validate({"outcome": "deaths", "over_months": 2, **threshold}))


@given(
    deaths=st.lists(st.integers(0, 10), min_size=1, max_size=40),
    over=st.integers(1, 6),
    months=st.none() | st.integers(1, 8),
    cooldown=st.integers(0, 8),
)
def test_it_never_fires_without_its_condition_nor_while_it_rests(
    deaths: list[int], over: int, months: int | None, cooldown: int
):
    use = use_of(ABOVE | {"over_months": over, "for_months": months, "cooldown_months": cooldown})
    signs = in_force(use, deaths)
    holds = [t >= over and sum(deaths[t - over : t]) > 5 for t in range(len(deaths))]
    for t in range(len(deaths)):
        begins = signs[t] == "x" and (t == 0 or signs[t - 1] == ".")
        if begins:
            assert holds[t]
            assert "x" not in signs[max(t - cooldown, 0) : t]
        if months is None and signs[t] == "x":
            assert holds[t]
    if months is None and cooldown == 0:
        assert signs == "".join("x" if found else "." for found in holds)


# ------------------------------------------------------------------------------------------------------------ real runs

TRIGGERED = {
    "sum of a flow": {"outcome": "irregular_departures", "over_months": 3, "quantile": 0.6},
    "mean of a stock": {"outcome": "persons_abroad", "over_months": 2, "quantile": 0.6},
    "mean of a share": {"outcome": "unemployment_rate", "over_months": 4, "quantile": 0.6},
    "a district": {"outcome": "legal_departures", "over_months": 1, "where": ["gujrat"], "quantile": 0.7},
    "a province": {"outcome": "remittances", "over_months": 2, "where": {"province": "punjab"}, "quantile": 0.5},
}
MONTHS = 30
PATROL = {"lever": "cash_transfer", "id": "aid", "value": 4000.0}


@cache
def untreated() -> Tables:
    """The run without a lever."""
    return simulate(small_config(months=MONTHS, mechanisms=APART))


def watched(tables: dict, when: dict[str, Any]) -> np.ndarray:
    """What a trigger looks at, in each month, from the tables of a finished run; not a number before it can."""
    name, over = when["outcome"], when["over_months"]
    where = when.get("where")
    if where is None:
        months = tables["national"][name]
    else:
        units = ["gujrat"] if isinstance(where, list) else ["gujrat", "lahore"]
        district = tables["district"]
        months = district[name].reshape(MONTHS, -1)[:, np.isin(district["unit"].reshape(MONTHS, -1)[0], units)].sum(1)
    fold = np.sum if is_flow(OUTCOMES[name]) else np.mean
    return np.array([fold(months[t - over : t]) if t >= over else np.nan for t in range(MONTHS)], float)


@pytest.mark.parametrize("case", TRIGGERED)
def test_it_fires_in_exactly_that_month_of_a_real_run_and_until_then_changes_nothing(case: str):
    when = dict(TRIGGERED[case])
    quantile = when.pop("quantile")
    reference = untreated()
    values = watched(reference, when)
    threshold = float(np.nanquantile(values, quantile))
    fires = int(np.flatnonzero(values > threshold)[0])
    assert 0 < fires < MONTHS - 1, "the threshold is no test"
    use = PATROL | {"when": when | {"above": threshold}}
    tables = simulate(small_config(months=MONTHS, mechanisms=APART, levers=[use]))
    national = tables["national"]
    assert np.flatnonzero(national["in_force_aid"])[0] == fires
    assert np.flatnonzero(national["cost_aid"])[0] == fires
    for name, column in reference["national"].items():
        np.testing.assert_array_equal(national[name][:fires], column[:fires], name)
    assert (national["income_mean"][fires:] != reference["national"]["income_mean"][fires:]).any()
    # from then on it follows what itself has changed
    assert ((watched(tables, when) > threshold) == (national["in_force_aid"] == 1)).all()


def test_what_may_not_be_watched_has_no_value():
    """Streams that nobody asked for record nothing, so a trigger on their outcomes would fire on zero."""
    config = make_config(end="2009-06", population={"scale": 0.0005, "region": ["gujrat", "lahore"]})
    national = simulate(config, threads=1)["national"]
    off = [mechanism for mechanism in MONTH if not mechanism.on_by_default]
    for outcome in (outcome for mechanism in off for outcome in mechanism.outcomes):
        assert not np.nan_to_num(national.get(outcome.name, np.zeros(1)).astype(float)).any(), outcome.name
        if outcome.over in ("district", "national"):
            lever = {"lever": "border_patrol", "value": 2, "when": {"outcome": outcome.name, "below": 3}}
            with pytest.raises(ConfigError, match=f"nothing is recorded in '{outcome.name}': mechanism '"):
                make_config(levers=[lever])
            assert make_config(levers=[lever], mechanisms=ASKED_FOR)


def test_a_trigger_that_never_fires_leaves_the_run_as_it_is():
    use = PATROL | {"when": {"outcome": "deaths_en_route", "above": 1e9}}
    reference, tables = simulate(small_config(months=12)), simulate(small_config(months=12, levers=[use]))
    for table, columns in reference.items():
        for name, column in columns.items():
            np.testing.assert_array_equal(tables[table][name], column, f"{table}.{name}")
    assert not tables["national"]["in_force_aid"].any()


def test_a_trigger_that_always_holds_is_a_lever_from_its_first_month():
    always = PATROL | {"when": {"outcome": "population", "above": 0}}
    plain = PATROL | {"from": month_after("2009-01", 1)}
    dated, triggered = (simulate(small_config(months=12, levers=[use]))["national"] for use in (plain, always))
    for name, column in dated.items():
        np.testing.assert_array_equal(triggered[name], column, name)
