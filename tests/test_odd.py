"""The ODD protocol: everything declared is in it, once, and its equations name what there is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from abm.cli import main
from abm.config import Config, configure, load_config
from abm.declare import SourceKind, facts_of, kind_of
from abm.declare.column import TABLES_OF_COLUMNS
from abm.month import MONTH
from abm.report import describe
from abm.report.odd import _parts_of, of_family, write_odd

CONFIG = Path(__file__).parents[1] / "configs" / "all_streams.yaml"


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(CONFIG)


@pytest.fixture(scope="module")
def text(config: Config) -> str:
    return write_odd(config)


def submodels(text: str) -> dict[str, str]:
    """Sections of submodels, by the mechanism."""
    body = text.partition("## 7. Submodels")[2].partition("## Appendix A")[0]
    parts = re.split(r"^### 7\.\d+ [^(]*\(`(\w+)`\)$", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows_of(text: str) -> Counter[str]:
    """Names in the first column of tables, and at the head of items of lists."""
    return Counter(re.findall(r"^(?:\| |- )`([\w.<>]+)`", text, flags=re.MULTILINE))


def test_every_mechanism_has_a_submodel_in_the_order_of_the_month(text: str) -> None:
    assert list(submodels(text)) == [mechanism.section for mechanism in MONTH]


def test_parameters_levers_and_outcomes_are_listed_once(text: str) -> None:
    sections = submodels(text)
    parameters = [row["path"].partition(".") for row in describe.parameters() if row["low"] is not None]
    for mechanism in MONTH:
        expected = Counter(name for section, _, name in parameters if section == mechanism.section)
        expected.update(lever.name for lever in mechanism.levers)
        expected.update({of_family(found.name) for found in mechanism.outcomes})  # one line for a family
        assert rows_of(sections[mechanism.section]) == expected, mechanism.section


def test_parameters_of_the_population_are_listed_with_the_start(text: str) -> None:
    listed = rows_of(text.partition("## 5. Initialization")[2].partition("## 6. Input data")[0])
    named = [row["path"] for row in describe.parameters() if row["low"] is not None]
    assert set(listed) == {path.partition(".")[2] for path in named if path.startswith("population.")}


def test_state_is_listed_once(text: str) -> None:
    appendix = text.partition("## Appendix A")[2].partition("## Appendix B")[0]
    listed = rows_of(appendix)
    values = [row["value"] for row in describe.state()]
    assert len(values) == len(set(values))
    assert all(listed[value] == 1 for value in values)
    assert listed.total() == len(values) + sum(map(len, TABLES_OF_COLUMNS.values()))
    phases = describe.mechanisms()
    used = {value for row in phases for word in ("reads", "keeps", "writes") for value in row[word]}
    assert used <= set(values)


def test_values_are_those_of_the_configuration(config: Config) -> None:
    changed = config.labour.model_copy(update={"job_growth": 0.0123})
    text = write_odd(config.model_copy(update={"labour": changed}))
    assert "| `job_growth` | 0.0123 |" in submodels(text)["labour"]
    assert "Off in this configuration" in submodels(text)["displacement"]
    assert "Off in this configuration" not in submodels(text)["bondage"]


def test_levers_and_events_of_the_configuration_are_shown(text: str) -> None:
    lever = {"lever": "legal_quota", "id": "wider", "from": "2018-01", "value": 2}
    event = {
        "event": "incomes",
        "id": "dry",
        "from": "2012-01",
        "until": "2012-12",
        "where": {"unit": ["gujrat"]},
        "multiple": 0.7,
    }
    changed = write_odd(configure(CONFIG, {"levers": [lever], "events": [event]}))
    shown = changed.partition("```yaml\n")[2].partition("```")[0]
    assert yaml.safe_load(shown) == {"levers": [lever], "events": [event]}
    assert "```" not in text.partition("## 1.")[0]


def test_nothing_is_left_to_fill(text: str) -> None:
    assert "{{" not in text
    assert "}}" not in re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("mechanism", MONTH, ids=lambda mechanism: mechanism.section)
def test_equations_name_parameters_that_there_are(mechanism) -> None:
    notes, named = _parts_of(mechanism)[1], {row["path"] for row in describe.parameters()}
    for name in re.findall(r"`([^`]+)`", notes):
        path = name if "." in name else f"{mechanism.section}.{name}"
        assert path in named, name
    assert notes.count("$$") % 2 == 0
    assert len(re.findall(r"(?<!\$)\$(?!\$)", notes)) % 2 == 0
    for formula in re.findall(r"\$\$(.*?)\$\$", notes, flags=re.DOTALL):
        assert formula.count("{") == formula.count("}")
        assert len(re.findall(r"\\left\b", formula)) == len(re.findall(r"\\right\b", formula))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("assumed", SourceKind.ASSUMED),
        ("assumed; Deaton (1991)", SourceKind.ASSUMED),
        ("calibrated to remittances", SourceKind.CALIBRATED),
        ("S_BR_20170504; 2017", SourceKind.DATA),
        ("F35: conviction rate of about 30 %", SourceKind.DATA),
        ("paper; S_SEED", SourceKind.LITERATURE),
        ("Blanchflower and Oswald (1994), The Wage Curve", SourceKind.LITERATURE),
    ],
)
def test_kind_of_source(source: str, kind: SourceKind) -> None:
    assert kind_of(source) is kind


def test_a_source_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="does not say of which kind"):
        kind_of("somebody told me")


def test_command_writes_the_same_bytes_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "new" / "odd.md"
    assert main(["odd", str(CONFIG), "--out", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}\n"
    assert main(["odd", str(CONFIG)]) == 0
    assert capsys.readouterr().out == target.read_text(encoding="utf-8")


def test_baseline_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["odd"]) == 0
    assert "Configuration *baseline*" in capsys.readouterr().out


def test_unknown_configuration_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["odd", "nowhere.yaml"]) == 2
    assert "nowhere.yaml: no such file" in capsys.readouterr().err


def test_what_was_set_by_hand_is_assumed() -> None:
    """Nothing was fitted there: the kind of a source is what readers count."""
    by_hand = [facts for mechanism in MONTH for facts in facts_of(mechanism.Params, mechanism.section)]
    by_hand = [facts for facts in by_hand if "by hand" in facts.source]
    assert by_hand
    assert {kind_of(facts.source) for facts in by_hand} == {SourceKind.ASSUMED}
