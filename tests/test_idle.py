"""Settings of a mechanism that is switched off: they are told once, where they stand, and what is told is true."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from worlds import checksums, small_config

import abm
from abm.cli import main
from abm.config import Config, load_config
from abm.config.idle import READ_BY, SKILL, needs_of
from abm.declare import facts_of
from abm.engine.errors import ConfigError, SettingNote
from abm.experiments.ema import make_model
from abm.experiments.read import load_experiment
from abm.model import simulate
from abm.month import MONTH
from abm.world.mechanism import Mechanism

SWITCHABLE = [found for found in MONTH if found.switchable and found.Params.model_fields]
USED_WHEN_OFF = [(found.section, name) for found in MONTH for name in found.used_when_off]

IDLE = """\
name: idle
end: 2009-02
population: {scale: 0.001, region: [jhelum]}
outputs: {plots: false}
regime:
  laws:
    smuggling_act_2018: {penalty: 9}
places:
  transit:
    afghanistan: {hire: 0.3}
bondage: {kiln_rate: 700}
transit: {}
displacement:
  persons: {}
"""
LAW = "has no effect, as mechanism 'law' is switched off; to switch it on, add 'mechanisms: {law: {enabled: true}}'"
ONE_RUN = "scenarios: {baseline: {}}\n"
SEARCH = """\
scenarios:
  baseline: {}
  informed: {levers: [{lever: legal_quota, from: 2009-01, value: 1}]}
design: {method: lhs, samples: 4}
factors: {levers.legal_quota.value: {low: 1, high: 2, in: [informed]}}
"""
TRANSIT, BONDAGE = LAW.replace("law", "transit"), LAW.replace("law", "bondage")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the file above."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "idle.yaml").write_text(IDLE)
    return tmp_path


def told_of(capsys: pytest.CaptureFixture[str], *command: str) -> list[str]:
    """Notes that a command tells."""
    assert main(list(command)) == 0
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("note")]


def study(text: str) -> str:
    """Write an experiment on the file above; returns its name."""
    Path("study.yaml").write_text(f"name: study\nbase: idle.yaml\n{text}")
    return "study.yaml"


def test_each_is_reported_once_with_its_place_and_how_to_switch_it_on(capsys: pytest.CaptureFixture[str]) -> None:
    expected = [
        f"note: idle.yaml:6:3  regime.laws: {LAW}",
        f"note: idle.yaml:9:3  places.transit: {TRANSIT}",
        f"note: idle.yaml:11:11  bondage.kiln_rate: {BONDAGE}",
    ]
    assert told_of(capsys, "validate", "idle.yaml") == expected
    assert told_of(capsys, "run", "idle.yaml", "--quiet") == expected


def test_skill_of_circles_is_reported_without_agencies(capsys: pytest.CaptureFixture[str]) -> None:
    posts = "    circle_lahore: {skill: 0.5, staff: 90}\n    circle_multan: {staff: 45}\n"
    Path("posts.yaml").write_text(f"places:\n  posts:\n{posts}")
    agencies = LAW.replace("law", "agencies")
    assert told_of(capsys, "validate", "posts.yaml") == [
        f"note: posts.yaml:3:21  places.posts.circle_lahore.skill: {agencies}"
    ]


def test_a_setting_of_a_mechanism_that_is_on_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    Path("idle.yaml").write_text(IDLE + "mechanisms: {law: {enabled: true}, bondage: {enabled: true}}\n")
    assert told_of(capsys, "validate", "idle.yaml") == [f"note: idle.yaml:9:3  places.transit: {TRANSIT}"]


def test_options_are_reported_as_given(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--set", "law.silence=0.3", "--set", "mechanisms.transit.enabled=true", "--set", "bondage={}")
    found = told_of(capsys, "run", "idle.yaml", "--quiet", *options)
    assert found == [f"note: --set law.silence=0.3  law.silence: {LAW}", f"note: idle.yaml:6:3  regime.laws: {LAW}"]


def test_whoever_switches_off_what_is_on_by_default_is_reported_too(capsys: pytest.CaptureFixture[str]) -> None:
    Path("off.yaml").write_text(
        "labour: {job_growth: 0.02}\nmarket: {horizon: 6, patience: 4}\n"
        "mechanisms: {labour: {enabled: false}, market: {enabled: false}}\n"
    )
    found = told_of(capsys, "validate", "off.yaml")
    assert [line.split(": ")[1] for line in found] == [
        "off.yaml:1:10  labour.job_growth",
        "off.yaml:2:22  market.patience",
    ]


def test_several_that_would_do_are_all_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("two.yaml").write_text("regime: {agencies: {labour_punjab: {staff: 2}}}\n")
    assert told_of(capsys, "validate", "two.yaml") == [
        "note: two.yaml:1:10  regime.agencies: has no effect, as mechanisms 'agencies' and 'stream_cases' are switched "
        "off; to switch it on, add 'mechanisms: {agencies: {enabled: true}}' or the like of another"
    ]


def test_a_lever_at_its_neutral_value_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("neutral.yaml").write_text(
        "levers:\n  - {lever: legal_quota, from: 2010-01, value: 1}\n"
        "  - {lever: awareness_campaign, topic: death, from: 2010-01, value: 0 %}\n"
        "  - {lever: job_creation, from: 2010-01, value: 0.01}\n"
    )
    assert told_of(capsys, "validate", "neutral.yaml") == [
        "note: neutral.yaml:2:41  levers[0].value: 1 changes nothing: 'legal_quota' multiplies what is there",
        "note: neutral.yaml:3:62  levers[1].value: 0 changes nothing: 'awareness_campaign' adds to what is there",
    ]


def test_a_lever_that_acts_on_a_part_of_a_route_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    lever = "{lever: border_patrol, where: {route: greece_by_taftan}, from: 2014-01, value: 2}"
    Path("part.yaml").write_text(f"levers: [{lever}]\n")
    Path("study.yaml").write_text(f"name: study\nscenarios: {{a: {{}}, b: {{levers: [{lever}]}}}}\n")
    for file in ("part.yaml", "study.yaml"):
        (found,) = told_of(capsys, "validate", file)
        assert found.endswith(
            "levers[0].where: 'border_patrol' acts on leg karachi_taftan only; the 4 other legs are for "
            "'transit_border_control' and 'destination_border_control'"
        )


BASE = (
    "all is read relative to 2015: another value for it moves other years and leaves 2015 as it was; for a shock, "
    "change years after 2015"
)


def test_a_shock_in_the_base_year_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    slump = "drivers: {series: {SAU: {investment: {2015: 22, 2016: 18}, levy: {2015-06: 9}}}}"
    Path("slump.yaml").write_text(f"{slump}\n")
    found = f"note: slump.yaml:1:39  drivers.series.SAU.investment.2015: {BASE}"
    assert told_of(capsys, "validate", "slump.yaml") == [found]
    Path("rate.yaml").write_text("drivers: {series: {PAK: {rupees_per_dollar: {2015: 120, 2016: 120}}}}\n")
    (found,) = told_of(capsys, "validate", "rate.yaml")
    assert found.endswith(f"drivers.series.PAK.rupees_per_dollar.2015: {BASE}")
    Path("as_shipped.yaml").write_text(f"{slump.replace('22', '32.434')}\n")
    assert told_of(capsys, "validate", "as_shipped.yaml") == []
    Path("study.yaml").write_text(f"name: study\nscenarios:\n  a: {{}}\n  b: {{{slump}}}\n")
    (found,) = told_of(capsys, "validate", "study.yaml")
    assert found.startswith("note: study.yaml:4:") and found.endswith(f"drivers.series.SAU.investment.2015: {BASE}")


def test_scenarios_in_which_nothing_differs_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    lever = "{lever: legal_quota, from: 2010-01, value: 1}"
    Path("same.yaml").write_text(f"name: same\nscenarios:\n  a: {{}}\n  b: {{}}\n  c: {{levers: [{lever}]}}\n")
    assert told_of(capsys, "validate", "same.yaml") == [
        "note: same.yaml:4:3  scenarios.b: the same as 'a': there will be no difference",
        "note: same.yaml:5:52  scenarios.c.levers[0].value: 1 changes nothing: 'legal_quota' multiplies what is there",
    ]


VARIED = {
    "by a factor": "  b: {levers: [{lever: legal_quota, from: 2010-01, value: 1}]}\ndesign: {method: grid, levels: 2}\n"
    "factors: {levers.legal_quota.value: {low: 1, high: 2, in: [b]}}\n",
    "from one scenario to the other": "  b: {levers: [{lever: legal_quota, from: 2010-01, value: 1}]}\n"
    "  c: {levers: [{lever: legal_quota, from: 2010-01, value: 2}]}\n",
    "by a factor of one scenario": "  b: {}\ndesign: {method: grid, levels: 2}\n"
    "factors: {labour.job_growth: {low: 0.01, high: 0.02, in: [b]}}\n",
}


@pytest.mark.parametrize("how", VARIED)
def test_what_is_varied_may_be_neutral_or_the_same(how: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("varied.yaml").write_text(f"name: varied\nscenarios:\n  a: {{}}\n{VARIED[how]}")
    assert told_of(capsys, "validate", "varied.yaml") == []


@pytest.mark.parametrize(("samples", "told"), [(1, True), (2, False)])
def test_a_design_of_fewer_points_than_factors_is_reported(
    samples: int, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("few.yaml").write_text(
        f"name: few\nscenarios: {{a: {{}}}}\ndesign: {{method: lhs, samples: {samples}}}\n"
        "factors: {labour.job_growth: {}, legal_work.quota: {}}\n"
    )
    found = told_of(capsys, "validate", "few.yaml")
    assert bool(found) is told
    assert all(
        line.startswith("note: few.yaml:3:23  design.samples: 1 point cannot tell 2 factors apart") for line in found
    )


ASKING: dict[str, Callable[[], object]] = {
    "load_config": lambda: load_config("idle.yaml"),
    "run": lambda: abm.run("idle.yaml"),
    "load_experiment": lambda: load_experiment(study(ONE_RUN)),
    "sweep": lambda: abm.sweep(study(ONE_RUN), engine="serial"),
    "make_model": lambda: make_model(study(SEARCH), maximise=["remittances"]),
}


@pytest.mark.parametrize("ask", ASKING)
def test_python_is_warned_where_it_asks_for_the_file(ask: str) -> None:
    """However many of our functions lie between."""
    if ask == "make_model":
        pytest.importorskip("ema_workbench")
    with pytest.warns(SettingNote) as caught:
        ASKING[ask]()
    notes = [found for found in caught if issubclass(found.category, SettingNote)]
    assert [str(found.message).partition(": ")[0] for found in notes] == [
        "idle.yaml:6:3  regime.laws",
        "idle.yaml:9:3  places.transit",
        "idle.yaml:11:11  bondage.kiln_rate",
    ]
    assert {found.filename for found in notes} == {__file__}


def test_a_study_tells_once_what_has_an_effect_in_no_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    study(
        "set: {law.silence: 0.3}\n"
        "scenarios:\n"
        "  baseline: {}\n"
        "  kilns: {mechanisms.bondage.enabled: true}\n"
        "  streams: {transit: {hiring: 0.5}}\n"
        "replicates: 2\n"
    )
    expected = [
        f"note: idle.yaml:6:3  regime.laws: {LAW}",
        f"note: idle.yaml:9:3  places.transit: {TRANSIT}",
        f"note: study.yaml:3:7  set.law.silence: {LAW}",
        f"note: study.yaml:7:23  scenarios.streams.transit.hiring: {TRANSIT}",
    ]
    assert told_of(capsys, "validate", "study.yaml") == expected
    assert told_of(capsys, "sweep", "study.yaml", "--quiet", "--engine", "serial") == expected


def test_a_factor_may_matter_while_its_mechanism_is_off() -> None:
    head = "set: {mechanisms.aspiration.enabled: false}\nscenarios: {baseline: {}}\ndesign: {method: lhs, samples: 4}\n"
    Path("idle.yaml").write_text("name: good\nend: 2009-02\n")
    load_experiment(study(head + "factors: {aspiration.baseline: {low: -5, high: -4}}\n"))
    with pytest.raises(ConfigError, match=r"aspiration.adjustment: it would change nothing: mechanism 'aspiration' is"):
        load_experiment(study(head + "factors: {aspiration.adjustment: {low: 0.1, high: 0.2}}\n"))


# ------------------------------------------------------------------------------------------------------- they are true


SHORT, LONG = {"months": 9, "scale": 0.005}, {"months": 15}
"""Other values of what is moved below show within nine months wherever the mechanism is on, those of agencies within
fifteen; those of the dam and of mechanisms that only levers use show in neither."""


def tables(off: tuple[str, ...], **values: Any) -> str:
    """Checksum of a small run in which these mechanisms alone are off, with other values."""
    return tables_of(off, json.dumps(values, sort_keys=True))


@cache
def tables_of(off: tuple[str, ...], values: str) -> str:
    """The same from values in words, which are asked for again and again."""
    switches = {section: {"enabled": False} for section in off}
    config = small_config(start="2017-01", mechanisms=switches, **(SHORT | json.loads(values)))
    return checksums(simulate(config, threads=1))["run"]


def moved(mechanism: type[Mechanism], name: str) -> float | int:
    """Value of a parameter half-way from its default to the farther bound."""
    (fact,) = [found for found in facts_of(mechanism.Params, mechanism.section) if found.path.endswith(f".{name}")]
    far = max(fact.low, fact.high, key=lambda bound: abs(bound - fact.default))
    half = fact.default + (far - fact.default) / 2
    return round(half) if isinstance(fact.default, int) else half


GROUPS = max(len(SWITCHABLE) // 3, 1)


@pytest.mark.parametrize("group", range(GROUPS))
def test_what_is_reported_to_have_no_effect_has_none(group: int) -> None:
    """All idle parameters of three mechanisms far apart in the month are moved, and no table changes by a bit."""
    off, change = SWITCHABLE[group::GROUPS], {}
    for mechanism in off:
        section = mechanism.section
        names = [found.path.partition(".")[2] for found in facts_of(mechanism.Params, section)]
        idle = [name for name in names if needs_of((section, name), Config.catalogue) == (section,)]
        assert idle, section
        change[section] = {name: moved(mechanism, name) for name in idle}
    sections = tuple(change)
    months = LONG if "agencies" in sections else SHORT
    assert tables(sections, **months, **change) == tables(sections, **months)


@pytest.mark.parametrize(("section", "name"), USED_WHEN_OFF)
def test_what_matters_while_its_mechanism_is_off_is_not_told(section: str, name: str) -> None:
    mechanism = Config.catalogue.mechanisms[section]
    assert name in mechanism.Params.model_fields
    assert needs_of((section, name), Config.catalogue) == ()
    assert tables((section,), **LONG, **{section: {name: moved(mechanism, name)}}) != tables((section,), **LONG)


CHANGES: dict[tuple[str, str], dict[str, Any]] = {
    ("places", "transit"): {"afghanistan": {"hire": 0.9}},
    ("regime", "laws"): {"smuggling_act_2018": {"from": "2017-02", "offenders": 1}},
    ("regime", "agencies"): {"police_punjab": {"staff": 9, "budget": 70_000}},
    ("exploitation", "streams"): {"begging": {"demand": 20_000.0}},
    ("agencies", "circle_share"): 0.4,
    ("enforcement", "lead_life"): 1.0,
    ("enforcement", "watch"): 0.2,
    ("enforcement", "fear"): 9.0,
    ("enforcement", "caution_half_life"): 1.0,
    ("places", "posts"): {"circle_lahore": {"skill": 0.2}, "circle_gujrat": {"skill": 0.2}},
}
MANY_POLICE = {"agencies": {"police_punjab": {"staff": 900, "time": {"trafficking_domestic": 1}}}}
AMID: dict[tuple[str, str], dict[str, Any]] = {
    ("agencies", "circle_share"): LONG
    | {"law": {"circle_desk": 1.0, "police_desk": 0.0, "welfare_desk": 0.0}, "stream_cases": {"caseload": 0.1}},
    **{("enforcement", name): {"regime": MANY_POLICE} for name in ("watch", "fear", "caution_half_life")},
    ("regime", "agencies"): LONG | {"stream_cases": {"caseload": 0.1}},
    ("enforcement", "lead_life"): LONG
    | {
        "places": {"posts": {f"circle_{name}": {"staff": 1} for name in ("lahore", "gujrat", "gujranwala")}},
        "regime": {"agencies": {"police_punjab": {"staff": 0.2}, "labour_punjab": {"staff": 0.02}}},
    },
}
"""What else a change needs to be seen: agencies take years, and leads wait only where officers are few."""

ELSEWHERE = READ_BY | {("places", "posts"): needs_of(("places", "posts", "circle_lahore", SKILL), Config.catalogue)}


@pytest.mark.parametrize("path", ELSEWHERE, ids=".".join)
def test_settings_elsewhere_act_with_any_of_their_mechanisms_and_with_none_not(path: tuple[str, str]) -> None:
    amid, needs = AMID.get(path, {}), ELSEWHERE[path]
    change = amid | {path[0]: {path[1]: CHANGES[path]}}
    assert needs
    assert tables(needs, **change) == tables(needs, **amid)
    for one in needs:
        off = tuple(other for other in needs if other != one)
        assert tables(off, **change) != tables(off, **amid)


def test_shipped_files_have_no_idle_setting() -> None:
    root = Path(__file__).parent.parent
    with warnings.catch_warnings():
        warnings.simplefilter("error", SettingNote)
        for file in [*root.glob("configs/*.yaml"), *root.glob("examples/*.yaml")]:
            load_config(file)
        for file in set(root.glob("experiments/*.yaml")) - {root / "experiments" / "calibration.yaml"}:
            load_experiment(file)
