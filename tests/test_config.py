"""The configuration: rules of YAML, composition from declarations, overrides, levers in time and place."""

from __future__ import annotations

import ast
import copy
import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from worlds import ASKED_FOR

import abm.config
from abm.config import Config, LeverUse, load_config, make_config
from abm.config.check import FIRST_MONTH
from abm.config.explain import as_number
from abm.config.load import is_experiment, is_extension
from abm.config.names import KINDS, load_names
from abm.config.wording import did_you_mean, nearest, number
from abm.config.yaml_source import parse_scalar, parse_yaml
from abm.declare import facts_of
from abm.engine.calendar import format_month, parse_month
from abm.engine.errors import ConfigError
from abm.month import LEVERS, MONTH
from abm.places.drivers import shipped_series
from abm.places.places import guards_of, places_of
from abm.places.series import opening_stock
from abm.society.synthesis import PopulationParams

# --------------------------------------------------------------------------------------------- YAML by the rules of 1.2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e4", 10_000),
        ("500e6", 500_000_000),
        ("1.5e-3", 0.0015),
        (".5", 0.5),
        ("1.", 1.0),
        ("-3", -3),
        ("+3", 3),
        ("010", 10),
        ("0x1f", 31),
        ("0o17", 15),
        ("true", True),
        ("false", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("no", "no"),
        ("12:30", "12:30"),
        ("2018-01", "2018-01"),
        ("2018-01-31", "2018-01-31"),
        ("1_000", "1_000"),
        ("'3'", "3"),
        ("!!str 3", "3"),
        ("[a, 1, {b: no}]", ["a", 1, {"b": "no"}]),
        ("&x [1]", [1]),
    ],
)
def test_values_follow_yaml_1_2(text: str, value: Any) -> None:
    found = parse_scalar(text)
    assert found == value
    assert type(found) is type(value)


@given(st.text(max_size=60) | st.text(alphabet="ab:{}[]-&*!|>'\"#%@,? \n\t", max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse_yaml(text, "f.yaml")
    except ConfigError as error:
        assert all(problem.message for problem in error.problems)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load_config(path)


# ---------------------------------------------------------------------------------------------- composed, frozen, whole


def test_defaults_are_a_configuration_for_two_decades() -> None:
    config = make_config()
    assert (config.start, config.end, config.months) == ("2009-01", "2028-12", 240)
    assert config.end_month - config.start_month == 239
    assert all(config.enabled(mechanism.section) == mechanism.on_by_default for mechanism in MONTH)


def test_every_mechanism_brings_its_section_and_its_switch() -> None:
    config = make_config()
    for mechanism in MONTH:
        assert hasattr(config.mechanisms, mechanism.section)
        assert hasattr(config, mechanism.section) == bool(mechanism.Params.model_fields)
        if mechanism.Params.model_fields:
            assert getattr(config, mechanism.section) == mechanism.Params()


def test_what_is_written_out_for_the_type_checker_is_what_the_month_declares() -> None:
    """A section that is not written out is none of its errors: a new mechanism needs no edit there."""
    [block] = [
        node
        for node in ast.parse(Path(abm.config.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    [written] = [node for node in block.body if isinstance(node, ast.ClassDef)]
    fields = {
        ast.unparse(node.target): ast.unparse(node.annotation)
        for node in written.body
        if isinstance(node, ast.AnnAssign)
    }
    assert len(fields) > 30
    for name, written_kind in fields.items():
        declared = Config.model_fields[name].annotation
        home, _, kind = written_kind.rpartition(".")
        assert isinstance(declared, type), name
        assert issubclass(declared, getattr(import_module(home), kind)), f"{name} is no {kind}"
        assert name == "mechanisms" or declared.__name__ == kind


def test_nothing_can_be_changed() -> None:
    config = make_config()
    for target, name in ((config, "seed"), (config.labour, "job_growth"), (config.outputs, "plots")):
        with pytest.raises(ValueError, match="frozen"):
            setattr(target, name, 1)
    hash(config)


def test_the_constructor_checks_as_the_file_does() -> None:
    with pytest.raises(ValueError, match="lies before the start"):
        Config(start="2018-01", end="2017-01")


FULL = {
    "name": "full",
    "seed": 7,
    "population": {"scale": 0.002, "region": "catchment"},
    "labour": {"job_growth": 0.02},
    "mechanisms": {"sponsorship": {"enabled": False}},
    "outputs": {"plots": False},
    "places": {
        "points": {"port": {"name": "A port", "country": "TUR", "lon": 27, "lat": 38.4}},
        "legs": {
            "libya_italy": {"interception": 0.5, "history": {"2019-01": {"death": 1.5}}},
            "istanbul_port": {
                **{"from": "turkey_istanbul", "to": "port", "country": "TUR", "guard": "land", "months": 1},
                **{"interception": 0.1, "death": 0, "extortion": 0.01, "cost": 8000, "documents": 0, "flow": 300},
            },
        },
        "routes": {
            "turkey_port": {
                **{"name": "On in Turkey", "corridor": "onward", "from": "iran", "destination": "turkey"},
                "legs": ["iran_turkey", "turkey_east_west", "istanbul_port"],
            }
        },
        "destinations": {"italy": {"wage_usd": 1200, "stock_of": ["FRA"]}},
        "posts": {
            "post_port": {
                "name": "P",
                "kind": "transit",
                "at": ["istanbul_port"],
                "staff": 3,
                "integrity": 0.5,
                "budget": 1e5,
                "since": "2012-01",
            }
        },
    },
    "levers": [
        {"lever": "border_patrol", "from": "2018-01", "value": 2, "where": {"route": "greece_by_taftan"}},
        {"lever": "border_patrol", "id": "later", "from": "2020-01", "value": 3, "where": {"leg": ["karachi_taftan"]}},
        {"lever": "job_creation", "from": "2018-01", "until": "2020-12", "value": 0.01, "where": ["gujrat", "jhelum"]},
        {"lever": "cash_transfer", "from": "2018-01", "value": 1e3, "where": {"province": "punjab"}, "ramp_months": 12},
        {
            "lever": "legal_quota",
            "from": "2018-01",
            "value": 1.5,
            "where": {"destination": ["oman", "qatar"]},
            "pulse": {"months_on": 3, "months_off": 9},
        },
    ],
}


def test_resolved_is_complete_and_comes_back() -> None:
    config = make_config(**FULL)
    resolved = config.resolved()
    assert make_config(**resolved) == config
    assert resolved["labour"]["job_growth"] == 0.02
    assert resolved["market"] == config.market.model_dump()
    assert resolved["levers"][2]["where"] == {"unit": ["gujrat", "jhelum"]}
    assert resolved["levers"][0] == {
        "lever": "border_patrol",
        "id": "border_patrol",
        "label": None,
        "where": {"route": ["greece_by_taftan"]},
        "topic": None,
        "claimed": None,
        "announced": None,
        "sectors": None,
        "kinds": None,
        "from": "2018-01",
        "until": None,
        "when": None,
        "ramp_months": 0,
        "pulse": None,
        "value": 2.0,
    }


def test_pickles_travel_to_workers() -> None:
    config = make_config(**FULL)
    assert pickle.loads(pickle.dumps(config)) == config


def test_python_may_write_from_with_an_underscore_and_pass_models() -> None:
    use = LeverUse.model_validate({"lever": "border_patrol", "from": "2018-01", "value": 2})
    one = make_config(levers=[{"lever": "border_patrol", "from_": "2018-01", "value": 2}])
    assert one == make_config(levers=[use]) == make_config(levers=(use,))


def test_numbers_of_numpy_are_numbers() -> None:
    config = make_config(seed=np.int64(3), population={"scale": np.float32(0.5)}, outputs={"plots": False})
    assert (config.seed, config.population.scale) == (3, 0.5)
    assert problems_of(seed=Path("x"))[0].endswith("found a value of type PosixPath")


def test_yaml_and_python_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        "name: x\nseed: 1e1\nlevers:\n"
        "  - {lever: border_patrol, from: 2018-01, value: 2, where: {leg: karachi_taftan}}\n"
    )
    lever_use = {"lever": "border_patrol", "from": "2018-01", "value": 2, "where": {"leg": "karachi_taftan"}}
    assert load_config(path) == make_config(name="x", seed=10, levers=[lever_use])


# ------------------------------------------------------------------------------------------------------------ overrides


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(
        "name: x\npopulation: {region: [gujrat]}\nlevers:\n"
        "  - {lever: border_patrol, id: patrol, from: 2018-01, value: 2}\n"
        "  - {lever: job_creation, from: 2018-01, value: 0.01}\n"
    )
    return path


def test_overrides_reach_everything(file: Path) -> None:
    changes = [
        "labour.job_growth=0.02",
        "levers.patrol.value=3",
        "levers[1].value=2e-2",
        "levers.1.until=2020-01",
        "levers.patrol.where={leg: [karachi_taftan]}",
        "population.region=[gujrat, jhelum]",
        "description=a: b",
        "mechanisms.sponsorship.enabled=false",
    ]
    with pytest.raises(ConfigError, match="description=a: b"):
        load_config(file, changes)
    config = load_config(file, [*changes[:-2], changes[-1], "description='a: b'"], seed=9, scale=0.5)
    assert config.labour.job_growth == 0.02
    assert [use.value for use in config.levers] == [3.0, 0.02]
    assert config.levers[0].where is not None
    assert config.levers[0].where.names == ("karachi_taftan",)
    assert config.levers[1].until == "2020-01"
    assert config.population.region == ("gujrat", "jhelum")
    assert (config.description, config.seed, config.population.scale) == ("a: b", 9, 0.5)
    assert not config.enabled("sponsorship")


def test_one_override_needs_no_list(file: Path) -> None:
    assert load_config(file, "seed=2").seed == 2


def test_the_last_override_counts(file: Path) -> None:
    assert load_config(file, ["seed=2", "seed=3"]).seed == 3
    assert load_config(file, ["seed=2"], seed=4).seed == 4


def test_an_override_can_mend_the_file(file: Path) -> None:
    file.write_text("seed: -1\n")
    assert load_config(file, ["seed=1"]).seed == 1


def test_an_override_of_one_use_of_an_anchor_leaves_the_other(file: Path) -> None:
    file.write_text(
        "levers:\n  - {lever: border_patrol, from: 2018-01, value: 2, pulse: &p {months_on: 1, months_off: 1}}\n"
        "  - {lever: legal_quota, from: 2018-01, value: 2, pulse: *p}\n"
    )
    config = load_config(file, ["levers.border_patrol.pulse.months_on=5"])
    assert [use.pulse.months_on for use in config.levers if use.pulse] == [5, 1]


# ------------------------------------------------------------------------------------------------------------- messages


def problems_of(**values: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        make_config(**values)
    return [str(problem) for problem in caught.value.problems]


def test_python_gets_the_same_words_without_a_place() -> None:
    assert problems_of(labour={"job_grwth": 1}) == [
        "labour.job_grwth: no setting 'job_grwth' here; did you mean 'job_growth'?  (abm describe parameters)"
    ]


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("jehlum", ["gujrat", "jhelum"], "jhelum"),
        ("Mandi Bahauddin", ["mandi_bahauddin"], "mandi_bahauddin"),
        ("saudi", ["spain", "saudi_arabia"], "saudi_arabia"),
        ("atlantis", ["gujrat", "jhelum"], None),
        ("traficking", ["training", "trafficking", "transit"], "trafficking"),
        ("police", ["polio", "provincial_police"], "provincial_police"),
        ("labor", ["child_labour_ban", "labour"], "labour"),
        ("air_turkey", ["air_uk", "onward_iran_turkey"], "air_uk"),
        ("fee", ["coffee", "legal_fee"], None),
        ("x", [], None),
    ],
)
def test_nearest(name: str, known: list[str], expected: str | None) -> None:
    assert nearest(name, known) == expected


def test_names_that_hold_the_word_come_before_those_spelt_like_it() -> None:
    known = ["diaspora_irregular", "irregular_departures", "legal_departures", "departures_alone", "cost_alone"]
    assert did_you_mean("departure", known) == (
        "; did you mean 'irregular_departures', 'legal_departures' or 'departures_alone'?"
    )
    assert did_you_mean("coast_alone", known) == "; did you mean 'cost_alone'?"


def test_numbers_are_shown_in_full() -> None:
    assert [number(value) for value in (3, 3.0, 0.30000001, 1e300)] == ["3", "3", "0.30000001", "1e+300"]


SECTIONS = {mechanism.section: mechanism.Params for mechanism in MONTH} | {"population": PopulationParams}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_parameter_is_refused_beyond_its_bounds_with_its_unit(section: str) -> None:
    for fact in facts_of(SECTIONS[section], section):
        name = fact.path.partition(".")[2]
        for value in (fact.low, fact.high, fact.default):
            make_config(**{section: {name: value}})
        step = 1 if fact.kind is int else (fact.high - fact.low) * 1e-6
        for value in (fact.low - step, fact.high + step, float("nan"), float("inf"), "many", None, True, [1]):
            (told,) = problems_of(**{section: {name: value}})
            assert told.startswith(f"{fact.path}: expected a")
            assert f"from {number(fact.low)} to {number(fact.high)} ({fact.unit})" in told


@pytest.mark.parametrize("name", LEVERS)
def test_every_lever_has_its_bounds_and_places(name: str) -> None:
    declared = LEVERS[name]
    low, high = declared.bounds
    use: dict[str, Any] = {"lever": name, "from": "2018-01"}
    if declared.topics:
        use["topic"] = declared.topics[0]
    for value in (low, high, declared.neutral):
        make_config(levers=[{**use, "value": value}], mechanisms=ASKED_FOR)
    for value in (low - 1, high + 1):
        (told,) = problems_of(levers=[{**use, "value": value}], mechanisms=ASKED_FOR)
        assert declared.unit in told
    off = {section: {"enabled": False} for section in Config.catalogue.sections_moved(name)}
    told = problems_of(levers=[{**use, "value": high}], mechanisms=ASKED_FOR | off)[-1]
    assert f"'{name}' would do nothing" in told
    names = load_names()
    for kind in ("unit", "province", "destination", "leg", "route"):
        acts: dict[str, str] = {}
        if declared.over in ("leg", "jurisdiction"):
            leg = next(leg.key for leg in places_of().legs if declared.acts_at(leg, guards_of(places_of())[leg.key]))
            acts = {"leg": leg, "route": names.legs[leg][0]}
        where = {kind: acts.get(kind, names.of[kind][0])}  # type: ignore[arg-type]
        if kind in KINDS[declared.over]:
            config = make_config(levers=[{**use, "value": high, "where": where}], mechanisms=ASKED_FOR)
            assert config.levers[0].where is not None
            assert config.levers[0].where.model_dump() == {kind: [where[kind]]}
        else:
            assert len(problems_of(levers=[{**use, "value": high, "where": where}], mechanisms=ASKED_FOR)) == 1


def test_a_national_lever_has_no_where() -> None:
    lever = next(found.name for found in LEVERS.values() if found.over == "national")
    use = {"lever": lever, "from": "2018-01", "value": LEVERS[lever].bounds[1], "where": ["gujrat"]}
    assert "acts on the whole country; leave 'where' out" in problems_of(levers=[use], mechanisms=ASKED_FOR)[0]


def test_a_lever_that_moves_two_mechanisms_needs_one_of_them() -> None:
    use = {"lever": "visa_refusal", "from": "2018-01", "value": 0.1}
    make_config(levers=[use], mechanisms={"legal_work": {"enabled": False}})
    off = {section: {"enabled": False} for section in ("legal_work", "sponsorship", "overstay")}
    assert "would do nothing" in problems_of(levers=[use], mechanisms=off)[0]


@pytest.mark.parametrize(
    ("lever", "on", "off"),
    [("border_patrol", {}, "enforcement"), ("airport_screening", {}, "enforcement"),
     ("child_alert", {"child_alert": {"enabled": True}}, "trafficking")],
)  # fmt: skip
def test_a_lever_that_needs_another_mechanism_is_refused_without_it(lever: str, on: dict[str, Any], off: str) -> None:
    use, switches = {"lever": lever, "from": "2018-01", "value": 2}, on | {off: {"enabled": False}}
    told = problems_of(levers=[use], mechanisms=switches)
    assert any(f"'{lever}' would do nothing" in problem and off in problem for problem in told)


def test_levers_may_be_kept_while_policy_is_switched_off() -> None:
    use = {"lever": "border_patrol", "from": "2018-01", "value": 2}
    assert not make_config(levers=[use], mechanisms={"policy": {"enabled": False}}).enabled("policy")


def test_the_horizon_begins_where_the_data_do() -> None:
    for facts in places_of().destinations:
        if facts.iso3:
            assert shipped_series().destination_income_index(facts.iso3, FIRST_MONTH) > 0
    assert shipped_series().income_index(FIRST_MONTH) > 0
    assert opening_stock(FIRST_MONTH)
    with pytest.raises(ValueError, match="begins in"):
        shipped_series().destination_income_index("SAU", FIRST_MONTH - 1)
    make_config(start="2000-01", end="2060-12")
    assert len(problems_of(start="1999-12", end="2061-01")) == 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2018-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths_into(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(found for key, item in items for found in paths_into(item, (*path, key)))]


@given(path=st.sampled_from(paths_into(FULL)), value=VALUES)
def test_any_change_of_a_configuration_is_accepted_or_refused_in_words(path: tuple[Any, ...], value: Any) -> None:
    changed: Any = copy.deepcopy(FULL)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        config = make_config(**changed)
    except ConfigError as error:
        assert error.problems
        assert all(problem.path and "Input should" not in problem.message for problem in error.problems)
    else:
        assert make_config(**config.resolved()) == config


# ------------------------------------------------------------------------------------------------------- levers in time


def use_of(**values: Any) -> LeverUse:
    return LeverUse.model_validate({"lever": "border_patrol", "from": "2018-01", "value": 2.0, **values})


def strengths(use: LeverUse, first: str, count: int) -> list[float]:
    return [use.strength(parse_month(first) + step) for step in range(count)]


def test_strength_between_from_and_until() -> None:
    use = use_of(until="2018-03")
    assert strengths(use, "2017-11", 7) == [0, 0, 1, 1, 1, 0, 0]
    assert use_of().strength(parse_month("2060-12")) == 1


def test_ramp_rises_in_equal_steps_and_is_full_at_its_end() -> None:
    assert strengths(use_of(ramp_months=4), "2017-12", 7) == [0, 0.25, 0.5, 0.75, 1, 1, 1]
    assert strengths(use_of(ramp_months=1), "2017-12", 3) == strengths(use_of(), "2017-12", 3)


def test_pulse_counts_from_the_start() -> None:
    use = use_of(pulse={"months_on": 2, "months_off": 3}, until="2018-12")
    assert strengths(use, "2017-12", 14) == [0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0]


def test_ramp_goes_on_through_the_off_months_of_a_pulse() -> None:
    use = use_of(ramp_months=4, pulse={"months_on": 1, "months_off": 2})
    assert strengths(use, "2018-01", 7) == [0.25, 0, 0, 1, 0, 0, 1]


@given(
    start=st.integers(parse_month("2000-01"), parse_month("2060-12")),
    length=st.none() | st.integers(0, 200),
    ramp=st.integers(0, 100),
    pulse=st.none() | st.tuples(st.integers(1, 30), st.integers(1, 30)),
    month=st.integers(parse_month("1990-01"), parse_month("2070-12")),
)
def test_strength_is_a_share_and_zero_outside(
    start: int, length: int | None, ramp: int, pulse: tuple[int, int] | None, month: int
) -> None:
    use = LeverUse.model_validate(
        {
            "lever": "border_patrol",
            "from": format_month(start),
            "until": None if length is None else format_month(start + length),
            "ramp_months": ramp,
            "pulse": None if pulse is None else {"months_on": pulse[0], "months_off": pulse[1]},
            "value": 1.0,
        }
    )
    strength = use.strength(month)
    assert 0 <= strength <= 1
    if month < start or (length is not None and month > start + length):
        assert strength == 0
    assert use.strength(start) > 0


class TestOneSetOfBehaviour:
    """The files that ship differ in data, dates and what is switched on."""

    FREE = frozenset(
        {"name", "description", "start", "end", "seed", "population", "mechanisms", "displacement", "places", "levers"}
    )
    OPENING = frozenset({("offices", "opening"), ("drivers", "outside_demand"), ("sponsorship", "relatives")})
    """Parameters of how a run begins, of the country around its region, and of families whose men had come alone."""

    @pytest.mark.parametrize(
        "file", sorted((Path(__file__).parents[1] / "configs").glob("*.yaml")), ids=lambda p: p.stem
    )
    def test_no_parameter_of_behaviour_is_set(self, file: Path):
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert "parameters" not in written
        found = {(section, name) for section in set(written) - self.FREE for name in written[section]}
        assert found <= self.OPENING


def test_a_change_in_per_cent_is_led_to_the_multiple():
    assert as_number("-20%", "expected a number from 0.05 to 10 (multiple)") == "; write 0.8"
    assert as_number("20%", "expected a number from 0 to 1 (share)") == "; write 0.2"


def test_a_name_is_led_to_those_about_the_same_before_those_alike():
    known = ("worksite_enforcement", "border_patrol", "transit_border_control")
    assert did_you_mean("border_enforcement", known).startswith("; did you mean 'border_patrol'")


def test_a_misspelt_experiment_is_read_as_one():
    assert is_experiment({"name": "x", "scenario": {}}) and not is_experiment({"name": "x", "seed": 1})
    assert not is_extension({"base": "b.yaml", "scenario": {}}) and is_extension({"base": "b.yaml", "seed": 1})
