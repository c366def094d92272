"""Everything declared is documented, and nothing declared is idle: what can be set moves something that is seen."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from worlds import months_of, small_config

from abm.config import Config
from abm.declare import Lever, Outcome, ParamFacts, Params, facts_of
from abm.declare.column import TABLES_OF_COLUMNS
from abm.engine.errors import ConfigError
from abm.engine.record import Record
from abm.model import Model, simulate
from abm.month import LEVERS, MONTH, OUTCOMES
from abm.report import describe
from abm.report.systems import SYSTEMS
from abm.society.synthesis import PopulationParams
from abm.world.mechanism import Mechanism

SECTIONS: dict[str, type[Params]] = {mechanism.section: mechanism.Params for mechanism in MONTH} | {
    "population": PopulationParams
}
PARAMETERS = [facts for section, params in SECTIONS.items() for facts in facts_of(params, section)]

SIZES = {"population.scale": 0.004, "population.village_households": 70, "population.min_villages": 60}
"""Values for what sets the size of the world, whose bounds are too large for a test."""

UNITS = ("gujrat", "mirpur_ajk", "quetta", "badin")
"""Districts that send many, with circles of the FIA, a land border and a coast; and one without a circle."""

BUSY: dict[str, dict[str, Any]] = {
    "aspiration": {"consideration": 0.03},
    "channel": {"irregular_constant": 2.0},
    "labour": {"separation_rate": 0.03, "finding_ceiling": 0.2},
    "legal_work": {"quota": 0.7},
    "bondage": {"inspections": 0.5, "inspection_release": 0.2, "recruiting": 0.2},
    "cross_border_trafficking": {"women_to_china": 5_000.0, "women_to_gulf": 10_000.0, "children_to_gulf": 7_000.0},
    "places": {"transit": {"afghanistan": {"entries": {"quetta": 1.0, "killa_abdullah": 0.0, "chagai": 0.0}}}},
    "displacement": {
        "persons": {"mirpur_ajk": 100_000},
        "begins": "2022-02",
        "months": 12,
        "permit_months": 12,
        "permits_end": "2024-06",
        "passage": 30_000.0,
    },
    "beliefs": {
        "shock_threshold": 1.0,
        "shock_deaths": 0.5,
        "shock_failures": 5.0,
        "shock_papers": 1.0,
        "shock_sanctions": 1.0,
    },
}
"""Many want to leave, many jobs end and few find one, quotas are low, and all that happens is on everybody's lips:
queues form, people are refused, leave and come back, and beliefs jump, within the time of a test."""

MONTHS = 36
"""Long enough for what is declared to act; it begins within the data and ends beyond them, as some parameters do."""

GOVERNED: list[dict[str, Any]] = [
    {"lever": "vocational_training", "value": 0.3, "from": "2022-03"},
    {"lever": "recruitment_fee_regulation", "value": 0.6, "from": "2022-03"},
    {"lever": "visa_sale", "value": 20_000, "from": "2022-03"},
    {"lever": "microcredit", "value": 100_000, "from": "2022-03"},
    {"lever": "document_security", "value": 0.5, "from": "2022-03"},
    {"lever": "border_patrol", "value": 3.0, "from": "2022-03", "until": "2023-06"},
    {"lever": "anti_corruption", "value": 0.7, "from": "2022-03"},
    {"lever": "fia_circles", "value": 2.0, "from": "2022-03", "where": {"unit": ["badin"]}},
    {"lever": "awareness_campaign", "topic": "death", "value": 0.3, "from": "2022-03", "until": "2022-09"},
    {"lever": "migrant_sanction", "value": 0.5, "from": "2022-12", "announced": "2022-04"},
    {"lever": "regularisation", "value": 0.2, "from": "2022-03"},
    {"lever": "investigative_capacity", "value": 5.0, "from": "2022-03"},
    {"lever": "prosecution_speed", "value": 5.0, "from": "2022-03"},
    {"lever": "wage_enforcement_kilns", "value": 0.8, "from": "2022-03"},
    {"lever": "victim_services", "value": 0.5, "from": "2022-03"},
]
"""A policy of everything, for parameters that say what a lever does."""

ONLY_WITH_A_LEVER = (
    "training.",
    "legal_price.",
    "livelihood.microcredit_",
    "interception.forgery_rise",
    "diaspora.amnesty_reach",
    "enforcement.fatigue_",
    "enforcement.watch_gain",
    "enforcement.circle_",
    "prosecution.conviction_weight",
    "offices.markup_legal",
    "offices.succession",
    "beliefs.anticipation",
    "beliefs.campaign_lasting",
    "bondage.legal_rate",
    "bondage.minimum_wage",
    "domestic_trafficking.outreach_gain",
    "cross_border_trafficking.outreach_gain",
)
"""Parameters, or the beginnings of their paths, that act only where a lever of `GOVERNED` is in force.

Without a lever courts convict nobody within the time of a test, so that nothing follows from a conviction.
"""

LARGER = {"channel.experience": 0.02}
"""Scale at which parameters act that a smaller world does not show: there a row stands for so many households that it
seldom turns experienced when one of them is."""

EARLY = {
    "start": "1985-01",
    "population": {"opening_stock": "none"},
    "displacement": {"begins": "1985-02", "permits_end": "1986-12"},
    "places": {
        "transit": {
            key: {"history": {"1985-01": {"flow": 1.0}}} for key in ("afghanistan", "bangladesh", "central_asia")
        }
    },
}
"""A run that begins before the data."""

BEFORE_THE_DATA = ("drivers.early_income_growth", "drivers.early_destination_growth")
"""Parameters that act only there."""

OTHERWISE_IDLE: dict[str, dict[str, dict[str, Any]]] = {
    "bondage.printed_workers": {"bondage": {"reading": "printed"}},
    "domestic_trafficking.cited_victims": {"domestic_trafficking": {"reading": "cited"}},
}
"""Parameters that act only beside another choice, and that choice."""

ONLY_LEVERS = {"training": "vocational_training", "legal_price": "visa_sale"}
"""Mechanisms that do nothing but what a lever asks of them, and one such lever."""

NO_NUMBERS = {
    *("population.region", "population.district_data", "population.opening_stock"),
    *("bondage.reading", "domestic_trafficking.reading"),
    *("displacement.persons", "displacement.begins", "displacement.permit_destination", "displacement.permits_end"),
}
"""Settings that are words, months or places."""

CONSTANT: dict[str, str] = {"laws_in_force": "no law comes into force within the time of a test"}
"""Outcomes that the present mechanisms leave constant, and why."""


def config_of(months: int = MONTHS, start: str = "2022-01", **sections: Any) -> Config:
    """Make a busy world of four districts."""
    population = {"scale": 0.003} | sections.pop("population", {})
    levers, mechanisms = sections.pop("levers", []), sections.pop("mechanisms", {})
    values = {name: BUSY.get(name, {}) | sections.get(name, {}) for name in BUSY | sections}
    return small_config(
        UNITS, start=start, months=months, population=population, levers=levers, mechanisms=mechanisms, **values
    )


def recorded(config: Config) -> Record:
    """Figures of all months of a run."""
    model = Model(config)
    for _ in months_of(model):
        pass
    return model.world.record


def first_difference(config: Config, record: Record, *, at_least: int = 0) -> tuple[set[str], Record]:
    """Outcomes that differ from those of another run in the first month in which any does but the costs of policy.

    The run ends there, but not before so many months.
    """
    found: set[str] = set()
    model = Model(config)
    mine = model.world.record
    for now in months_of(model):
        found = found or {
            name
            for name in OUTCOMES
            for own, others in zip(columns_of(mine, name), columns_of(record, name), strict=True)
            if not np.array_equal(own[now.t], others[now.t], equal_nan=own.dtype.kind == "f")
        } - {"policy_cost"}
        if found and now.t + 1 >= at_least:
            break
    return found, mine


def columns_of(record: Record, name: str) -> list[np.ndarray]:
    """All columns of an outcome by month: of districts, of places and of the nation."""
    tables = (record.by_district, *record.by_place.values(), record.national)
    return [table[name] for table in tables if name in table]


@pytest.fixture(scope="module")
def baseline() -> Record:
    return recorded(config_of())


@pytest.fixture(scope="module")
def governed() -> Record:
    return recorded(config_of(levers=GOVERNED))


@pytest.fixture(scope="module")
def with_levers() -> Record:
    return recorded(
        config_of(
            levers=[use_of(lever, (lever.neutral + max(lever.bounds)) / 2, "2022-06") for lever in LEVERS.values()]
        )
    )


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
    def test_it_moves_an_outcome(self, facts: ParamFacts, baseline: Record, governed: Record):
        """At one of its bounds at least: a ceiling may lie too high to be felt, it must not do so when it is low."""
        section, _, name = facts.path.partition(".")
        bounds = [SIZES[facts.path]] if facts.path in SIZES else [facts.low, facts.high]
        uses, record = (GOVERNED, governed) if facts.path.startswith(ONLY_WITH_A_LEVER) else ([], baseline)
        sections: dict[str, Any] = {"levers": uses}
        if facts.path in BEFORE_THE_DATA:
            sections |= EARLY
            record = recorded(config_of(**sections))
        beside = OTHERWISE_IDLE.get(facts.path, {})
        if beside:
            record = recorded(config_of(**beside))
        if facts.path in LARGER:
            sections["population"] = {"scale": LARGER[facts.path]}
            record = recorded(config_of(**sections))
        assert any(
            first_difference(
                config_of(**sections, **{section: beside.get(section, {}) | {name: facts.kind(value)}}), record
            )[0]
            for value in bounds
        ), "idle"

    def test_every_field_is_declared(self):
        """A bare number in a section would have no unit, bounds or source."""
        for section, params in SECTIONS.items():
            declared = {facts.path for facts in facts_of(params, section)}
            undeclared = {f"{section}.{name}" for name in params.model_fields} - declared
            assert undeclared <= NO_NUMBERS

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
        "section",
        [
            mechanism.section
            for mechanism in MONTH
            if mechanism.switchable and mechanism is not MONTH[0] and mechanism.section not in ONLY_LEVERS
        ],
    )
    def test_switching_it_off_moves_an_outcome(self, section: str, baseline: Record):
        assert first_difference(config_of(mechanisms={section: {"enabled": False}}), baseline)[0]

    @pytest.mark.parametrize("section", ONLY_LEVERS)
    def test_what_only_levers_use_changes_nothing_without_them(self, section: str, baseline: Record):
        """Switched off it takes no lever, so that none is in vain."""
        off = {"mechanisms": {section: {"enabled": False}}}
        assert not first_difference(config_of(**off), baseline)[0]
        use = use_of(LEVERS[ONLY_LEVERS[section]], LEVERS[ONLY_LEVERS[section]].bounds[1], "2022-03")
        with pytest.raises(ConfigError, match=f"'{ONLY_LEVERS[section]}' would do nothing"):
            config_of(levers=[use], **off)
        assert first_difference(config_of(levers=[use]), baseline)[0]

    def test_without_policy_no_lever_acts(self, baseline: Record):
        use = {"lever": "legal_quota", "from": "2022-01", "value": 0.0}
        off = {"mechanisms": {"policy": {"enabled": False}}}
        assert not first_difference(config_of(levers=[use], **off), baseline)[0]
        assert first_difference(config_of(levers=[use]), baseline)[0]


class TestLevers:
    @pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
    def test_it_is_documented(self, lever: Lever):
        assert lever.unit and lever.source and lever.cost_unit and lever.cost_source and len(lever.text) > 20
        low, high = lever.bounds
        assert low <= lever.neutral <= high and low < high
        assert lever.moves
        assert lever.systems and {*lever.systems} <= {system.id for system in SYSTEMS}
        paths = {facts.path for facts in PARAMETERS}
        assert {target for target in lever.moves if "." in target} <= paths

    @pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
    def test_it_moves_an_outcome_and_costs_what_it_says(self, lever: Lever, baseline: Record):
        """At each of its bounds; where visas are sold the first is paid for some months after the application."""
        for value in sorted(set(lever.bounds) - {lever.neutral}):
            use = use_of(lever, value, "2022-03")
            found, record = first_difference(config_of(levers=[use]), baseline, at_least=9)
            assert found, f"idle at {value:g}"
            cost = record.national[f"cost_{lever.name}"][: record.done]
            np.testing.assert_array_equal(cost, record.national["policy_cost"][: record.done])
            costly = lever.unit_cost > 0 and (value < lever.neutral) == (lever.cost_counted == "below")
            assert (cost[2:] > 0).any() == costly
            assert (cost[:2] == 0).all() and (cost >= 0).all()

    @pytest.mark.parametrize("topic", LEVERS["awareness_campaign"].topics)
    def test_a_campaign_moves_what_it_is_about(self, topic: str, baseline: Record):
        """In every district, and the way of what it claims."""
        about = "perceived_" + {"death": "death_risk", "papers": "papers_chance"}.get(topic, topic)
        perceived = []
        for claimed in (0.02, 50.0):
            use = use_of(LEVERS["awareness_campaign"], 1.0, "2022-03") | {"topic": topic, "claimed": claimed}
            found, record = first_difference(config_of(levers=[use]), baseline, at_least=3)
            assert record.done == 3 and about in found
            perceived.append(record.by_district[about][2])
        assert (perceived[0] < perceived[1]).all()

    @pytest.mark.parametrize(
        "lever", [lever for lever in LEVERS.values() if lever.signals], ids=lambda lever: lever.name
    )
    def test_an_announcement_moves_beliefs_before_it_comes_into_force(self, lever: Lever, baseline: Record):
        value = max(lever.bounds) if max(lever.bounds) != lever.neutral else min(lever.bounds)
        use = use_of(lever, value, "2023-06") | {"announced": "2022-03"}
        found, record = first_difference(config_of(levers=[use]), baseline)
        assert record.done <= 5 and any(name.startswith("perceived_") for name in found)


def use_of(lever: Lever, value: float, since: str) -> dict[str, Any]:
    """One use of a lever, with all that it asks for."""
    return {"lever": lever.name, "from": since, "value": value} | ({"topic": lever.topics[0]} if lever.topics else {})


class TestOutcomes:
    @pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda outcome: outcome.name)
    def test_it_is_documented(self, outcome: Outcome):
        assert outcome.unit and len(outcome.text) > 10 and outcome.text.endswith(".")
        if outcome.mean_of is not None:
            assert outcome.over == "district"
            assert OUTCOMES[outcome.mean_of].over == "district" and OUTCOMES[outcome.mean_of].mean_of is None

    def test_the_tables_that_have_it_are_listed(self):
        tables = simulate(small_config(months=1))
        for row in describe.outcomes():
            assert sorted(row["tables"]) == sorted(name for name in tables if row["outcome"] in tables[name]), row

    @pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda outcome: outcome.name)
    def test_it_is_recorded_and_varies(self, outcome: Outcome, with_levers: Record):
        """Over time, in some place: places differ anyhow. In every table that has it."""
        columns = columns_of(with_levers, outcome.name)
        assert len(columns) == 1 + outcome.by_route + outcome.by_destination + outcome.by_leg
        for values in columns:
            over_time = values.reshape(MONTHS, -1)
            known = [column[~np.isnan(column)] for column in over_time.astype(float).T]
            assert any(column.size for column in known)
            varies = any(np.unique(column).size > 1 for column in known)
            assert varies == (outcome.name not in CONSTANT)

    def test_the_tables_hold_what_is_declared_and_nothing_else(self):
        uses = [use_of(lever, max(lever.bounds), "2022-01") for lever in LEVERS.values()]
        tables = simulate(config_of(2, levers=uses))
        of_district = {name for name, found in OUTCOMES.items() if found.over == "district"}
        of_nation = {name for name, found in OUTCOMES.items() if found.over == "national"}
        assert set(tables["district"]) == {"month", "unit", *of_district}
        costs = {f"cost_{name}" for name in LEVERS}
        assert set(tables["national"]) == {"month", *of_district, *of_nation, *costs}
        for kind in ("route", "destination", "leg"):
            of_place = {name for name, found in OUTCOMES.items() if found.over == kind or found.kept_by(kind)}
            assert set(tables[kind]) == {"month", kind, *of_place} and len(of_place) > 3
        assert set(tables["flows"]) == {"month", "origin", "channel", "destination", "persons"}
        assert set(tables) == {"national", "district", "route", "destination", "leg", "flows"}

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
    general = {
        "name",
        "description",
        "start",
        "end",
        "seed",
        "outputs",
        "levers",
        "packages",
        "budget",
        "places",
        "regime",
    }
    general |= {"mechanisms"}
    assert set(Config.model_fields) == expected | general
