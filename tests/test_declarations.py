"""Everything declared is documented, and nothing declared is idle: what can be set moves something that is seen."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import pytest
from worlds import months_of, resumed, small_config, use_of

from abm.config import Config
from abm.declare import Lever, ParamFacts, Params, facts_of
from abm.declare.column import TABLES_OF_COLUMNS
from abm.engine.record import Record
from abm.model import Model, simulate
from abm.month import LEVERS, MONTH, OUTCOMES
from abm.report import describe
from abm.report.systems import SYSTEMS
from abm.society.synthesis import PopulationParams

SECTIONS: dict[str, type[Params]] = {mechanism.section: mechanism.Params for mechanism in MONTH} | {
    "population": PopulationParams
}
PARAMETERS = [facts for section, params in SECTIONS.items() for facts in facts_of(params, section)]
SECTIONS_WITH_PARAMETERS = [section for section, params in SECTIONS.items() if facts_of(params, section)]

SIZES = {"population.scale": 0.004, "population.village_households": 70, "population.min_villages": 60}
"""Values for what sets the size of the world, whose bounds are too large for a test."""

UNITS = ("gujrat", "mirpur_ajk", "quetta", "lower_dir")
"""Districts that send many, with circles of the FIA and a land border; and one without a circle near."""

BUSY: dict[str, dict[str, Any]] = {
    "aspiration": {"consideration": 0.03},
    "channel": {"irregular_constant": 3.0, "referral": 0.3},
    "interception": {"guide_price": 0.1},
    "labour": {"separation_rate": 0.03, "job_finding_ceiling": 0.2},
    "legal_work": {"quota": 0.7},
    "bondage": {"inspectors": 20.0, "recruiting": 2.0},
    "exploitation": {
        "streams": {
            "women_to_gulf": {"demand": 20_000.0},
            "from_central_asia": {"demand": 3_000.0, "entries": {"quetta": 1.0}},
        }
    },
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
    {"lever": "recruitment_fee_regulation", "value": 0.6, "from": "2022-12", "announced": "2022-03"},
    {"lever": "visa_sale", "value": 20_000, "from": "2022-03"},
    {"lever": "microcredit", "value": 100_000, "from": "2022-03"},
    {"lever": "document_security", "value": 0.5, "from": "2022-03"},
    {"lever": "border_patrol", "value": 3.0, "from": "2022-03", "until": "2023-06"},
    {"lever": "anti_corruption", "value": 0.7, "from": "2022-03"},
    {"lever": "fia_circles", "value": 2.0, "from": "2022-03", "where": {"unit": ["lower_dir"]}},
    {"lever": "awareness_campaign", "topic": "death", "value": 0.3, "from": "2022-03", "until": "2022-09"},
    {"lever": "migrant_sanction", "value": 0.5, "from": "2022-12", "announced": "2022-04"},
    {"lever": "regularisation", "value": 0.2, "from": "2022-03"},
    {"lever": "investigative_capacity", "value": 5.0, "from": "2022-03"},
    {"lever": "prosecution_speed", "value": 5.0, "from": "2022-03"},
    {"lever": "wage_enforcement_kilns", "value": 0.8, "from": "2022-03"},
    {"lever": "victim_services", "value": 5.0, "from": "2022-03"},
    {"lever": "online_recruitment_control", "value": 3.0, "from": "2022-03"},
    {"lever": "recruitment_warnings", "value": 2.0, "from": "2022-03"},
    {"lever": "victim_non_criminalisation", "value": 0.5, "from": "2022-03"},
    {"lever": "child_alert", "value": 2.0, "from": "2022-03"},
    {"lever": "agency_budget", "value": 2.0, "from": "2022-03"},
    {"lever": "worksite_enforcement", "value": 5.0, "from": "2022-03"},
]
"""A policy of everything, for parameters that say what a lever does."""

ONLY_WITH_A_LEVER = (
    "timing.",
    "diaspora.raid_pay",
    "training.",
    "legal_price.",
    "livelihood.microcredit_",
    "interception.forgery_rise",
    "diaspora.amnesty_reach",
    "enforcement.fatigue_",
    "enforcement.watch_gain",
    "enforcement.circle_",
    "offices.markup_legal",
    "announcements.",
    "beliefs.anticipation",
    "beliefs.campaign_lasting",
    "bondage.legal_rate",
    "bondage.minimum_wage",
    "bondage.labour_part",
    "bondage.brick_elasticity",
    "bondage.compliance_months",
    "trafficking.finding",
    "trafficking.warning",
    "law.screening",
    "child_alert.alert_days",
    "child_alert.alerts",
    "child_alert.hiring",
    "child_alert.open_half_life",
    "child_alert.pay",
    "agencies.hiring",
)
"""Parameters, or the beginnings of their paths, that act only where a lever of `GOVERNED` is in force.

Without a lever courts convict nobody within the time of a test, so that nothing follows from a conviction.
"""

EARLY = {
    "start": "1985-01",
    "population": {"opening_stock": "none"},
    "displacement": {"begins": "1985-02", "permits_end": "1986-12"},
    "places": {"transit": {key: {"history": {"1985-01": {"flow": 1.0}}} for key in ("afghanistan",)}},
}
"""A run that begins before the data."""

REMOVALS: dict[str, Any] = {"lever": "deportation", "value": 5.0, "from": "2022-03", "until": "2023-02"}

APART: dict[str, dict[str, Any]] = {
    "drivers.early_income_growth": EARLY,
    "drivers.early_destination_growth": EARLY,
    "bondage.stated_workers": {"bondage": {"reading": "printed"}},
    "bondage.mine_workers": {"bondage": {"reading": "printed"}},
    # customers go to other districts of the province, of which there are two
    "bondage.brick_substitution": {
        "population": {"region": [*UNITS, "sialkot"]},
        "levers": [{"lever": "wage_enforcement_kilns", "value": 0.8, "from": "2022-03", "where": {"unit": ["gujrat"]}}],
    },
    "trafficking.cited_multiple": {"trafficking": {"reading": "cited"}},
    # in a smaller world few recruiters have a choice
    "trafficking.substitution": {"population": {"scale": 0.02}},
    # in a smaller world a row stands for so many households that it seldom turns experienced when one of them is
    "channel.experience": {"population": {"scale": 0.02}},
    # a district without arrests has nothing to be alarmed of
    "enforcement.sight": {
        "population": {"scale": 0.01},
        "levers": [{"lever": "fia_circles", "value": 5.0, "from": "2022-06"}],
    },
    # where more ask than are admitted, a chance is remembered
    "overstay.memory": {"channel": {"overstay_constant": -4.0}},
    "beliefs.removal_overrating": {"levers": [REMOVALS]},
    "beliefs.removal_perceived": {"levers": [REMOVALS]},
    "beliefs.shock_wreck": {
        "events": [
            {"event": "deaths", "month": "2022-03", "where": [UNITS[0]], "way": {"leg": "libya_italy"}, "persons": 40}
        ]
    },
}
"""Parameters that act only in a run of their own, and what is other in that run."""

ONLY_LEVERS = {"training": "vocational_training", "legal_price": "visa_sale"}
"""Mechanisms that do nothing but what a lever asks of them, and one such lever."""

ONLY_ANNOUNCED = {"announcements", "timing"}
"""Mechanisms that do nothing unless a lever is announced."""

NO_NUMBERS = {
    *("population.region", "population.district_data", "population.opening_stock"),
    *("bondage.reading", "trafficking.reading"),
    "drivers.series",
    *("displacement.persons", "displacement.begins", "displacement.permit_destination", "displacement.permits_end"),
}
"""Settings that are words, months or places."""

CONSTANT: dict[str, str] = {"laws_in_force": "no law comes into force within the time of a test"}
"""Outcomes that the present mechanisms leave constant, and why."""

RARE = re.compile(
    r"(cases|arrests|charged|convictions|victims)_(\w+)_(trafficking_\w+|bonded_labour)|leads_lost|trafficking_stopped"
    r"|overstays|visit_agents_paid"
)
"""Cases by service and stream of crime: some services have none in four districts and two years. Leads are lost with an
office that closes: hardly one that has any does. Few of the trafficked are stopped at a border. Where most
visits are refused hardly anybody gets one and overstays."""


def config_of(months: int = MONTHS, start: str = "2022-01", **sections: Any) -> Config:
    """Make a busy world of four districts."""
    population = {"scale": 0.003} | sections.pop("population", {})
    levers, mechanisms = sections.pop("levers", []), sections.pop("mechanisms", {})
    events = sections.pop("events", [])
    values = {name: BUSY.get(name, {}) | sections.get(name, {}) for name in BUSY | sections}
    return small_config(
        UNITS, start=start, months=months, population=population, levers=levers, events=events, mechanisms=mechanisms,
        **values,
    )  # fmt: skip


BEFORE = 2
"""Months before levers come into force; a run is kept as it is then, to try levers from."""

RIPE = {6: 2, 0: 2, 24: 6}
"""Months after which parameters are tried, in this order, and for how many months; then all of a run is.

After the first there are offices, queues and journeys, and displacement and the campaign of `GOVERNED` are under way;
what people believe and hold is set at the start; after the last a budget and verdicts are due.
"""


class Reference:
    """A run to compare others with, made as far as it is asked for; its figures are `record`."""

    def __init__(self, config: Config) -> None:
        model = Model(config)
        self.record = model.world.record
        self._months = months_of(model)
        self._world = model.world
        self._kept: dict[int, bytes] = {}

    def reach(self, months: int) -> None:
        """Make so many months."""
        while self.record.done < months:
            next(self._months)
            if self.record.done in {BEFORE, *RIPE}:
                self._kept[self.record.done] = pickle.dumps(self._world)

    def branch(self, months: int, config: Config) -> Model:
        """Copy of the run after `BEFORE` or one of `RIPE` months, which goes on by another configuration."""
        self.reach(months)
        return resumed(self._kept[months], config) if months else Model(config)

    def is_moved_by(self, *made: Callable[[], Config]) -> bool:
        """Whether an outcome differs, soon after the run goes on by one of these or in a run that began with it.

        The first one is nearly always enough, so that the others need not be made.
        """
        return any(
            first_difference(self.branch(months, make()), self, at_most=months + tried)
            for months, tried in RIPE.items()
            for make in made
        ) or self.differs_from_the_start(*made)

    def differs_from_the_start(self, *made: Callable[[], Config]) -> bool:
        """Whether an outcome does in runs that begin by these configurations."""
        return any(any(month) for month in zip(*(differences(Model(make()), self) for make in made), strict=True))


@cache
def baseline() -> Reference:
    return Reference(config_of())


@cache
def governed() -> Reference:
    return Reference(config_of(levers=GOVERNED))


def differences(model: Model, reference: Reference) -> Iterator[set[str]]:
    """Outcomes but the costs of policy that differ from those of another run, month by month."""
    mine, record = model.world.record, reference.record
    for now in months_of(model):
        reference.reach(now.t + 1)
        yield {
            name
            for name in OUTCOMES
            for own, others in zip(columns_of(mine, name), columns_of(record, name), strict=True)
            if not np.array_equal(own[now.t], others[now.t], equal_nan=own.dtype.kind == "f")
        } - {"policy_cost"}


def first_difference(
    model: Model, reference: Reference, *, at_least: int = 0, at_most: int = MONTHS, cost: str | None = None
) -> set[str]:
    """Outcomes that differ from those of another run in the first month in which any does but the costs of policy.

    The run ends there, but neither before nor after so many months, and not before it has this cost.
    """
    found: set[str] = set()
    mine = model.world.record
    for now in differences(model, reference):
        found = found or now
        paid = cost is None or mine.national[cost][: mine.done].any()
        if (found and paid and mine.done >= at_least) or mine.done == at_most:
            break
    return found


def columns_of(record: Record, name: str) -> list[np.ndarray]:
    """All columns of an outcome by month: of districts, of places and of the nation."""
    return [table[name] for table in record.by_place.values() if name in table]


class TestParameters:
    def test_all_are_documented_and_their_defaults_are_valid(self):
        assert not {
            facts.path
            for facts in PARAMETERS
            if not (facts.unit and facts.source and facts.prior)
            or not (len(facts.text) > 20 and facts.text.endswith("."))
            or not facts.low <= facts.default <= facts.high
            or not facts.low < facts.high
            or type(facts.default) is not facts.kind
            or not all(re.fullmatch(r"S\d+", system) for system in facts.systems)
        }

    @pytest.mark.parametrize("section", SECTIONS_WITH_PARAMETERS)
    def test_each_moves_an_outcome(self, section: str):
        """At one of its bounds at least: a ceiling may lie too high to be felt, it must not do so when it is low."""
        of_section = [facts for facts in PARAMETERS if facts.path.startswith(f"{section}.")]
        assert not {facts.path for facts in of_section if not moves_an_outcome(facts)}, "idle"

    def test_one_that_is_idle_is_found_to_be(self):
        """No copy of a run and no run anew differs by itself; what acts only before the data is idle in them."""
        assert not baseline().is_moved_by(partial(config_of, drivers={"early_income_growth": 0.0}))

    def test_every_field_is_declared(self):
        """A bare number in a section would have no unit, bounds or source."""
        for section, params in SECTIONS.items():
            declared = {facts.path for facts in facts_of(params, section)}
            undeclared = {f"{section}.{name}" for name in params.model_fields} - declared
            assert undeclared <= NO_NUMBERS


def moves_an_outcome(facts: ParamFacts) -> bool:
    """Whether a parameter does so in the run where it should act."""
    section, _, name = facts.path.partition(".")
    sections: dict[str, Any] = APART.get(facts.path, {})
    reference = of_its_own(str(sections), facts.path) if sections else baseline()
    tried = reference.differs_from_the_start if sections or section == "population" else reference.is_moved_by
    if facts.path.startswith(ONLY_WITH_A_LEVER):
        sections, reference = {"levers": GOVERNED}, governed()
        tried = reference.is_moved_by
    bounds = [SIZES[facts.path]] if facts.path in SIZES else [facts.low, facts.high]
    values = [{section: sections.get(section, {}) | {name: facts.kind(bound)}} for bound in bounds]
    return tried(*(partial(config_of, **sections | value) for value in values))


@lru_cache(1)
def of_its_own(_: str, path: str) -> Reference:
    """Run where a parameter of `APART` acts; those of one section often share it."""
    return Reference(config_of(**APART[path]))


class TestMechanisms:
    def test_each_has_a_text_and_a_name_of_its_own(self):
        for mechanism in MONTH:
            assert mechanism.__doc__ and len(mechanism.__doc__) > 20, mechanism
            words = re.findall(r"[A-Z][a-z]*", mechanism.__name__)
            assert mechanism.section == "_".join(words).lower()
            assert mechanism.step.__doc__, mechanism

    def test_names_are_unique(self):
        """A name declared twice would silently replace the first."""
        assert len({mechanism.section for mechanism in MONTH}) == len(MONTH)
        assert sum(len(mechanism.outcomes) for mechanism in MONTH) == len(OUTCOMES)
        assert sum(len(mechanism.levers) for mechanism in MONTH) == len(LEVERS)

    def test_switching_one_off_moves_an_outcome(self):
        """But the first, policy, and those that only levers use, which are below."""
        sections = {found.section for found in MONTH[1:] if found.switchable} - set(ONLY_LEVERS) - ONLY_ANNOUNCED
        off = {section: partial(config_of, mechanisms={section: {"enabled": False}}) for section in sections}
        assert not {section for section, make in off.items() if not baseline().is_moved_by(make)}, "idle"

    @pytest.mark.parametrize("section", ONLY_LEVERS)
    def test_what_only_levers_use_changes_nothing_without_them(self, section: str):
        off = {"mechanisms": {section: {"enabled": False}}}
        assert not moved(**off)
        use = use_of(LEVERS[ONLY_LEVERS[section]], LEVERS[ONLY_LEVERS[section]].bounds[1], "2022-03")
        assert moved(levers=[use])

    @pytest.mark.parametrize("section", sorted(ONLY_ANNOUNCED))
    def test_what_only_announcements_use_changes_nothing_without_them(self, section: str):
        off = {"mechanisms": {section: {"enabled": False}}}
        assert not moved(**off)
        use = use_of(LEVERS["transit_border_control"], 10.0, "2022-12", announced="2022-03")
        announced = Reference(config_of(levers=[use]))
        assert first_difference(Model(config_of(levers=[use], **off)), announced)

    def test_without_policy_no_lever_acts(self):
        use = {"lever": "legal_quota", "from": "2022-01", "value": 0.0}
        assert not moved(levers=[use], mechanisms={"policy": {"enabled": False}})
        assert moved(levers=[use])


def moved(**sections: Any) -> set[str]:
    """Outcomes that differ from those of the baseline in the first month in which any does."""
    return first_difference(Model(config_of(**sections)), baseline())


class TestLevers:
    def test_all_are_documented(self):
        paths = {facts.path for facts in PARAMETERS}
        assert not {
            lever.name
            for lever in LEVERS.values()
            if not (lever.unit and lever.source and lever.cost_unit and lever.cost_source and len(lever.text) > 20)
            or not min(lever.bounds) <= lever.neutral <= max(lever.bounds)
            or not lever.bounds[0] < lever.bounds[1]
            or not (lever.moves and {moved.path for moved in lever.moves if moved.params} <= paths)
            or not (lever.systems and {*lever.systems} <= {system.id for system in SYSTEMS})
        }

    @pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
    def test_it_moves_an_outcome_and_costs_what_it_says(self, lever: Lever):
        """At each of its bounds; where visas are sold the first is paid for some months after the application."""
        name = f"cost_{lever.name}"
        for value in sorted(set(lever.bounds) - {lever.neutral}):
            below = lever.cost_counted == "below" or lever.booked_below
            costly = lever.unit_cost > 0 and (value < lever.neutral) == below
            few = {"bondage": {"inspectors": 0.2}} if lever.name == "labour_inspectors" else {}
            reference = Reference(config_of(**few)) if few else baseline()
            model = reference.branch(BEFORE, config_of(levers=[use_of(lever, value, "2022-03")], **few))
            moved = first_difference(
                model, reference, at_least=BEFORE + 3, at_most=BEFORE + 12, cost=name if costly else None
            )
            assert moved, f"idle at {value:g}"
            record = model.world.record
            cost = record.national[name][: record.done]
            np.testing.assert_array_equal(cost, record.national["policy_cost"][: record.done])
            assert (cost[BEFORE:] > 0).any() == costly
            assert (cost[:BEFORE] == 0).all() and (cost >= 0).all()

    @pytest.mark.parametrize("topic", LEVERS["awareness_campaign"].topics)
    def test_a_campaign_moves_what_it_is_about(self, topic: str):
        """In every district, and the way of what it claims."""
        about = "perceived_" + {"death": "death_risk", "papers": "papers_chance"}.get(topic, topic)
        perceived = []
        for claimed in (0.02, 50.0):
            use = use_of(LEVERS["awareness_campaign"], 1.0, "2022-03") | {"topic": topic, "claimed": claimed}
            model = Model(config_of(levers=[use]))
            assert about in first_difference(model, baseline(), at_least=3)
            assert model.world.record.done == 3
            perceived.append(model.world.record.by_district[about][2])
        assert (perceived[0] < perceived[1]).all()


class TestOutcomes:
    def test_all_are_documented(self):
        assert not {
            outcome.name
            for outcome in OUTCOMES.values()
            if not (outcome.unit and len(outcome.text) > 10 and outcome.text.endswith("."))
        }
        for outcome in OUTCOMES.values():
            if outcome.mean_of is not None:
                assert outcome.over == "district", outcome.name
                assert OUTCOMES[outcome.mean_of].over == "district", outcome.name
                assert OUTCOMES[outcome.mean_of].mean_of is None, outcome.name

    def test_the_tables_that_have_it_are_listed(self):
        tables = simulate(small_config(months=1))
        for row in describe.outcomes():
            assert sorted(row["tables"]) == sorted(name for name in tables if row["outcome"] in tables[name]), row

    def test_each_is_recorded_and_varies(self):
        """Over time, in some place: places differ anyhow. In every table that has it, under all levers together."""
        uses = [use_of(lever, (lever.neutral + max(lever.bounds)) / 2, "2022-06") for lever in LEVERS.values()]
        model = Model(config_of(levers=uses))
        *_, _ = months_of(model)
        still = set()
        for outcome in OUTCOMES.values():
            columns = columns_of(model.world.record, outcome.name)
            assert len(columns) == 1 + outcome.by_route + outcome.by_destination + outcome.by_leg, outcome.name
            still |= {outcome.name for values in columns if not varies(values.reshape(MONTHS, -1).astype(float).T)}
        assert {name for name in still if not RARE.fullmatch(name)} == set(CONSTANT)

    def test_the_tables_hold_what_is_declared_and_nothing_else(self):
        uses = [use_of(lever, max(lever.bounds), "2022-01") for lever in LEVERS.values()]
        tables = simulate(config_of(2, levers=uses))
        of_district = {name for name, found in OUTCOMES.items() if found.over == "district"}
        of_nation = {name for name, found in OUTCOMES.items() if found.over == "national"}
        assert set(tables["district"]) == {"month", "unit", *of_district}
        costs = {f"cost_{name}" for name in LEVERS}
        assert set(tables["national"]) == {"month", *of_district, *of_nation, *costs}
        for kind in ("route", "destination", "leg", "stream"):
            of_place = {name for name, found in OUTCOMES.items() if found.kept_by(kind)}
            assert set(tables[kind]) == {"month", kind, *of_place} and len(of_place) > 3
        assert set(tables["flows"]) == {"month", "origin", "channel", "destination", "persons"}
        assert set(tables) == {"national", "district", "route", "destination", "leg", "stream", "flows"}

    def test_units_tell_counts_from_means(self):
        """Counts are whole numbers summed over districts, means are weighted; a share cannot be summed."""
        for found in OUTCOMES.values():
            if found.over == "district" and found.unit.startswith("share"):
                assert found.mean_of is not None, found.name
            if found.unit == "person" and found.over == "district":
                assert found.mean_of is None, found.name


def varies(places: Iterable[np.ndarray]) -> bool:
    """Whether a series of months varies in some place, blanks apart."""
    return any(np.unique(series[~np.isnan(series)]).size > 1 for series in places)


class TestColumns:
    def test_every_column_is_documented(self):
        assert not {
            f"{table}.{name}"
            for table, columns in TABLES_OF_COLUMNS.items()
            for name, found in columns.items()
            if not (found.unit and len(found.text) > 5 and found.text.endswith("."))
        }
