"""Everything declared is documented, and nothing declared is idle: what can be set moves something that is seen."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from worlds import small_config

from abm.config import Config
from abm.declare import Lever, Outcome, ParamFacts, Params, facts_of
from abm.mechanisms.base import Mechanism
from abm.model import Tables, simulate
from abm.schedule import LEVERS, MONTH, OUTCOMES
from abm.world.columns import TABLES_OF_COLUMNS
from abm.world.synthesis import PopulationParams

SECTIONS: dict[str, type[Params]] = {mechanism.section: mechanism.Params for mechanism in MONTH} | {
    "population": PopulationParams
}
PARAMETERS = [facts for section, params in SECTIONS.items() for facts in facts_of(params, section)]

SIZES = {"population.scale": 0.003, "population.village_households": 70, "population.min_villages": 60}
"""Values for what sets the size of the world, whose bounds are too large for a test."""

CONSTANT = {
    "offices": "one a district until markets grow",
    "months_mean": "a leg takes the same time every month",
}
"""Outcomes that the present mechanisms leave constant, and why."""


UNITS = ("gujrat", "mirpur_ajk", "quetta")

BUSY: dict[str, dict[str, float]] = {
    "aspiration": {"consideration": 0.03},
    "channel": {"irregular_constant": 2.0},
    "labour": {"separation_rate": 0.03, "finding_ceiling": 0.2},
    "legal_work": {"quota": 0.7},
    "market": {"capacity": 30.0},
}
"""Many want to leave, many jobs end and few find one, offices are small, and quotas are low: queues
form, people are refused, leave and come back within the time of a test."""


def world(**sections: Any) -> Tables:
    """Three districts over three years that begin within the data and end beyond them, as some parameters act there."""
    population = {"scale": 0.01} | sections.pop("population", {})
    values = {name: BUSY.get(name, {}) | sections.get(name, {}) for name in BUSY | sections if name != "levers"}
    levers = sections.get("levers", [])
    return simulate(small_config(UNITS, start="2022-01", months=36, population=population, levers=levers, **values))


@pytest.fixture(scope="module")
def baseline() -> Tables:
    return world()


@pytest.fixture(scope="module")
def with_levers() -> Tables:
    return world(
        levers=[
            {"lever": lever.name, "from": "2022-06", "value": (lever.neutral + max(lever.bounds)) / 2}
            for lever in LEVERS.values()
        ]
    )


def moved(tables: Tables, others: Tables) -> set[str]:
    """Outcomes that differ between two runs, in any table."""
    return {
        column
        for name in ("national", "route")
        for column, values in tables[name].items()
        if column in OUTCOMES and not np.array_equal(values, others[name][column], equal_nan=values.dtype.kind == "f")
    }


class TestParameters:
    @pytest.mark.parametrize("facts", PARAMETERS, ids=lambda facts: facts.path)
    def test_it_is_documented_and_its_default_is_valid(self, facts: ParamFacts):
        assert facts.unit and facts.source and facts.prior
        assert len(facts.text) > 20 and facts.text.endswith(".")
        assert facts.low < facts.high
        assert facts.low <= facts.default <= facts.high
        assert type(facts.default) is facts.kind
        assert all(re.fullmatch(r"S\d+", system) for system in facts.systems)

    @pytest.mark.parametrize("facts", PARAMETERS, ids=lambda facts: facts.path)
    def test_it_moves_an_outcome(self, facts: ParamFacts, baseline: Tables):
        """At one of its bounds at least: a ceiling may lie too high to be felt, it must not do so when it is low."""
        section, _, name = facts.path.partition(".")
        values = [SIZES[facts.path]] if facts.path in SIZES else [facts.low, facts.high]
        assert any(moved(world(**{section: {name: facts.kind(value)}}), baseline) for value in values), "idle"

    def test_every_field_is_declared(self):
        """A bare number in a section would have no unit, bounds or source."""
        for section, params in SECTIONS.items():
            declared = {facts.path for facts in facts_of(params, section)}
            undeclared = {f"{section}.{name}" for name in params.model_fields} - declared
            assert undeclared <= {"population.region"}

    @pytest.mark.parametrize("facts", PARAMETERS, ids=lambda facts: facts.path)
    def test_values_beyond_the_bounds_are_refused(self, facts: ParamFacts):
        section, _, name = facts.path.partition(".")
        step = 1 if facts.kind is int else (facts.high - facts.low) * 1e-6
        for value in (facts.low - step, facts.high + step):
            with pytest.raises(ValueError, match=name):
                SECTIONS[section](**{name: facts.kind(value)})


class TestMechanisms:
    @pytest.mark.parametrize("mechanism", MONTH, ids=lambda mechanism: mechanism.section)
    def test_it_has_a_text_and_a_name_of_its_own(self, mechanism: type[Mechanism]):
        assert mechanism.__doc__ and len(mechanism.__doc__) > 20
        words = re.findall(r"[A-Z][a-z]*", mechanism.__name__)
        assert mechanism.section == "_".join(words).lower()
        assert mechanism.step.__doc__

    def test_names_are_unique(self):
        """A name declared twice would silently replace the first."""
        assert len({mechanism.section for mechanism in MONTH}) == len(MONTH)
        assert sum(len(mechanism.outcomes) for mechanism in MONTH) == len(OUTCOMES)
        assert sum(len(mechanism.levers) for mechanism in MONTH) == len(LEVERS)

    @pytest.mark.parametrize(
        "section", [mechanism.section for mechanism in MONTH if mechanism.switchable and mechanism is not MONTH[0]]
    )
    def test_switching_it_off_moves_an_outcome(self, section: str, baseline: Tables):
        assert moved(world(mechanisms={section: {"enabled": False}}), baseline)

    def test_without_policy_no_lever_acts(self, baseline: Tables):
        use = {"lever": "legal_quota", "from": "2022-01", "value": 0.0}
        assert not moved(world(levers=[use], mechanisms={"policy": {"enabled": False}}), baseline)


class TestLevers:
    @pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
    def test_it_is_documented(self, lever: Lever):
        assert lever.unit and lever.source and lever.cost_unit and len(lever.text) > 20
        low, high = lever.bounds
        assert low <= lever.neutral <= high and low < high
        assert lever.moves
        paths = {facts.path for facts in PARAMETERS}
        assert {target for target in lever.moves if "." in target} <= paths

    @pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
    def test_it_moves_an_outcome_and_costs_what_it_says(self, lever: Lever, baseline: Tables):
        for value in sorted(set(lever.bounds) - {lever.neutral}):
            tables = world(levers=[{"lever": lever.name, "from": "2022-03", "value": value}])
            assert moved(tables, baseline) - {"policy_cost"}, f"idle at {value:g}"
            cost = tables["national"][f"cost_{lever.name}"]
            np.testing.assert_array_equal(cost, tables["national"]["policy_cost"])
            costly = lever.unit_cost > 0 and (value < lever.neutral) == (lever.cost_counted == "below")
            assert (cost[2:] > 0).any() == costly
            assert (cost[:2] == 0).all() and (cost >= 0).all()


class TestOutcomes:
    @pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda outcome: outcome.name)
    def test_it_is_documented(self, outcome: Outcome):
        assert outcome.unit and len(outcome.text) > 10 and outcome.text.endswith(".")
        if outcome.mean_of is not None:
            assert outcome.over == "district"
            assert OUTCOMES[outcome.mean_of].over == "district" and OUTCOMES[outcome.mean_of].mean_of is None

    @pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda outcome: outcome.name)
    def test_it_is_recorded_and_varies(self, outcome: Outcome, with_levers: Tables):
        values = with_levers[outcome.over][outcome.name]
        if outcome.over == "route":
            values = values.reshape(-1, 2)[:, 0]  # over time, not between the two routes
        known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
        assert known.size > 0
        if outcome.name in CONSTANT:
            assert np.unique(known).size == 1, "it varies now: take it off the list"
        else:
            assert np.unique(known).size > 1

    def test_the_tables_hold_what_is_declared_and_nothing_else(self, with_levers: Tables):
        of_district = {name for name, found in OUTCOMES.items() if found.over == "district"}
        of_nation = {name for name, found in OUTCOMES.items() if found.over == "national"}
        of_route = {name for name, found in OUTCOMES.items() if found.over == "route" or found.by_route}
        assert set(with_levers["district"]) == {"month", "unit", *of_district}
        costs = {f"cost_{name}" for name in LEVERS}
        assert set(with_levers["national"]) == {"month", *of_district, *of_nation, *costs}
        assert set(with_levers["route"]) == {"month", "route", *of_route}

    def test_units_tell_counts_from_means(self):
        """Counts are whole numbers summed over districts, means are weighted; a share cannot be summed."""
        for found in OUTCOMES.values():
            if found.over == "district" and found.unit.startswith("share"):
                assert found.mean_of is not None, found.name
            if found.unit == "person" and found.over == "district":
                assert found.mean_of is None, found.name


class TestColumns:
    @pytest.mark.parametrize("table", TABLES_OF_COLUMNS)
    def test_every_column_is_documented(self, table: str):
        for name, found in TABLES_OF_COLUMNS[table].items():
            assert found.unit and len(found.text) > 5 and found.text.endswith("."), name


def test_the_configuration_has_a_field_for_every_section_with_parameters():
    expected = {section for section, params in SECTIONS.items() if params.model_fields}
    general = {"name", "description", "start", "end", "seed", "outputs", "levers", "places", "mechanisms"}
    assert set(Config.model_fields) == expected | general
