"""docs/add_a_mechanism.md: its mechanism is a file and two lines, works at once, and turns nothing else red."""

from __future__ import annotations

import ast
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from worlds import small_config

from abm.config import Config
from abm.config.compose import compose
from abm.config.load import make
from abm.declare import Lever, effective
from abm.market.offers import Offers, OffersParams
from abm.month import MONTH
from abm.simulation import simulate
from abm.society.labour import Labour, LabourParams
from abm.society.synthesis import PopulationParams
from abm.world.mechanism import Mechanism

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "add_a_mechanism.md").read_text(encoding="utf-8")

TOY_FILE = "society/savings_groups.py"
AFTER = {"import": "from abm.society.livelihood import Livelihood\n", "phase": "    Phase(Houses, "}
"""Lines of month.py after which the page puts its own."""

PARAMETER = '    """Share of the households outside'  # text of the parameter after which the page puts another

IN_THE_HOUSE = (
    "test_month.py",
    "test_layers.py::test_imports_go_down_only",
    "test_config.py::test_every_mechanism_brings_its_section_and_its_switch",
    "test_config.py::test_what_is_written_out_for_the_type_checker_is_what_the_month_declares",
    "test_config.py::test_resolved_is_complete_and_comes_back",
    "test_config.py::test_every_parameter_is_refused_beyond_its_bounds_with_its_unit[savings_groups]",
    "test_config.py::test_every_lever_has_its_bounds_and_places[savings_grant]",
    "test_golden.py",
    "test_docs.py::test_everything_declared_is_documented",
    "test_docs.py::test_every_lever_has_its_directions_and_a_clear_answer",
    "test_docs.py::test_refresh_is_a_command",
    "test_declarations.py::TestOutcomes::test_all_are_documented",
    "test_declarations.py::TestOutcomes::test_the_tables_that_have_it_are_listed",
    "test_declarations.py::TestOutcomes::test_the_tables_hold_what_is_declared_and_nothing_else",
    "test_declarations.py::TestOutcomes::test_units_tell_counts_from_means",
    "test_declarations.py::TestParameters::test_all_are_documented_and_their_defaults_are_valid",
    "test_declarations.py::TestParameters::test_every_field_is_declared",
    "test_declarations.py::TestParameters::test_each_moves_an_outcome[savings_groups]",
    "test_declarations.py::TestMechanisms::test_each_has_a_text_and_a_name_of_its_own",
    "test_declarations.py::TestMechanisms::test_names_are_unique",
    "test_declarations.py::TestLevers::test_all_are_documented",
    "test_declarations.py::TestLevers::test_it_moves_an_outcome_and_costs_what_it_says[savings_grant]",
)
"""Tests that look at all declarations, and those of the toy."""

RUN = """
import json, sys
import abm
from abm.simulation import simulate
for overrides in json.loads(sys.argv[2]):
    tables = simulate(abm.load_config(sys.argv[1], overrides))
    found = {
        name: tables["national"][name].tolist()
        for name in ("savings_group_members", "cost_savings_grant", "policy_cost")
        if name in tables["national"]
    }
    by_district = {"by_district": tables["district"][name].tolist() for name in found if name in tables["district"]}
    print(json.dumps(found | by_district))
"""
COMMANDS = """
import json, sys
from abm.cli import main
for words in json.loads(sys.argv[1]):
    print(main(words), file=sys.stderr)
"""


def blocks(language: str) -> list[str]:
    """Code blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def put_after(text: str, start: str, line: str) -> str:
    """Put a line after the only one that begins so."""
    found = re.compile(f"^{re.escape(start)}.*\n?", re.MULTILINE)
    [place] = found.finditer(text)
    return text[: place.end()] + line + text[place.end() :]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy of the package with the mechanism of the page; its folder ``src``."""
    source = tmp_path_factory.mktemp("toy") / "src"
    shutil.copytree(ROOT / "src" / "abm", source / "abm")
    file, line_of_import, line_of_phase, *_, parameter, line_of_step = blocks("python")
    file = put_after(put_after(file, PARAMETER, parameter), "        groups.members = ", line_of_step)
    (source / "abm" / TOY_FILE).write_text(file, encoding="utf-8")
    month = source / "abm" / "month.py"
    text = put_after(month.read_text(encoding="utf-8"), AFTER["import"], line_of_import)
    month.write_text(put_after(text, AFTER["phase"], line_of_phase), encoding="utf-8")
    return source


@pytest.fixture
def savings(tmp_path: Path) -> Path:
    """Write the configuration of the page."""
    path = tmp_path / "savings.yaml"
    path.write_text(blocks("yaml")[0], encoding="utf-8")
    return path


def python(house: Path, *words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python with the package of the copy."""
    environment = os.environ | {"PYTHONPATH": str(house), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *words], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )


def run(house: Path, config: Path, *runs: list[str]) -> list[dict[str, list[float]]]:
    """National series and the members by district of runs, each with some settings of its own."""
    done = python(house, "-c", RUN, str(config), json.dumps(runs))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(ours: Path, theirs: Path) -> set[str]:
    """Files that differ between two trees, or are in one alone."""

    def found(pair: filecmp.dircmp[str], home: Path) -> Iterator[str]:
        _, mismatch, errors = filecmp.cmpfiles(pair.left, pair.right, pair.common_files, shallow=False)
        for name in (*mismatch, *errors, *pair.left_only, *pair.right_only):
            yield (home / name).as_posix()
        for name, inner in pair.subdirs.items():
            yield from found(inner, home / name)

    return set(found(filecmp.dircmp(ours, theirs, ignore=["__pycache__"]), Path()))


def test_two_files_differ(house: Path) -> None:
    assert differences(ROOT / "src" / "abm", house / "abm") == {"month.py", TOY_FILE}
    ours, theirs = ((home / "abm" / "month.py").read_text("utf-8").splitlines() for home in (ROOT / "src", house))
    assert len(theirs) == len(ours) + 2
    assert [line for line in theirs if line not in ours] == [line.rstrip() for line in blocks("python")[1:3]]


def test_its_parameter_and_its_lever_move_its_outcome(house: Path, savings: Path) -> None:
    """Members grow by the closed form 1 - (1 - joining)^months, as long as households neither form nor end."""
    usual, none, fewer, off = run(
        house,
        savings,
        [],
        ["levers=[]"],
        ["levers=[]", "savings_groups.joining=0.01"],
        ["levers=[]", "mechanisms.savings_groups.enabled=false"],
    )
    ratio = none["savings_group_members"][-1] / fewer["savings_group_members"][-1]
    assert ratio == pytest.approx((1.0 - 0.98**6) / (1.0 - 0.99**6), rel=0.01)
    assert usual["by_district"][0] == none["by_district"][0] > 0
    grown = np.array(usual["by_district"]) - np.array(none["by_district"])
    assert (grown.reshape(6, 2)[2:, 0] > 0).all(), "Gujrat has the grant from March"
    assert (grown.reshape(6, 2)[:, 1] == 0).all(), "Lahore has none"
    assert usual["cost_savings_grant"] == [0, 0, *[round(0.05 * 50_000_000)] * 4] == usual["policy_cost"]
    assert "savings_group_members" not in off


def test_it_is_listed_and_its_section_is_checked(house: Path, savings: Path) -> None:
    """The message is that of the page."""
    entries = {
        "mechanisms": "savings_groups",
        "parameters": "savings_groups.joining",
        "levers": "savings_grant",
        "outcomes": "savings_group_members",
    }
    wrong = savings.read_text("utf-8").replace("joining", "joinig")
    (savings.parent / "wrong").mkdir()
    (savings.parent / "wrong" / savings.name).write_text(wrong, encoding="utf-8")
    commands = [*(["describe", *entry] for entry in entries.items()), ["validate", savings.name]]
    done = python(house, "-c", COMMANDS, json.dumps(commands), cwd=savings.parent)
    assert done.stderr == "0\n" * 5
    assert all(name in done.stdout for name in entries.values())
    done = python(house, "-m", "abm", "validate", savings.name, cwd=savings.parent / "wrong")
    assert done.returncode == 2
    assert blocks("text")[0].strip() in done.stderr


def test_nothing_else_turns_red(house: Path) -> None:
    tests = [f"tests/{name}" for name in IN_THE_HOUSE]
    done = python(house, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)
    assert done.returncode == 0, done.stdout[-4000:]


# ------------------------------------------------------------------------------- a lever on a parameter that is there


def on_existing(block: int, mechanism: type[Mechanism]) -> tuple[type[Config], Lever]:
    """Configuration class of a month whose mechanism has the lever of a block of the page in addition."""
    code = blocks("python")[block]
    assert len(code.splitlines()) == 1
    names = {"Lever": Lever, "effective": effective, "OffersParams": OffersParams, "LabourParams": LabourParams}
    found = eval(code.rstrip(",\n"), names)
    with_it = type(mechanism.__name__, (mechanism,), {"levers": (*mechanism.levers, found)})
    month = tuple(with_it if known is mechanism else known for known in MONTH)
    return compose(month, PopulationParams), found


def tables_of(
    kind: type[Config], levers: list[dict[str, object]], **sections: object
) -> dict[str, dict[str, np.ndarray]]:
    """Tables of a small run by district and nation, costs apart."""
    config = make(small_config(months=8, scale=0.004, **sections).resolved() | {"levers": levers}, kind=kind)
    tables = simulate(config)
    return {
        name: {column: values for column, values in tables[name].items() if "cost" not in column}
        for name in ("district", "national", "route")
    }


def assert_same(ours: dict[str, dict[str, np.ndarray]], theirs: dict[str, dict[str, np.ndarray]]) -> None:
    """All columns are equal, blanks too."""
    for name, table in ours.items():
        assert list(table) == list(theirs[name])
        for column, values in table.items():
            np.testing.assert_array_equal(values, theirs[name][column], err_msg=column)


def test_a_lever_on_a_national_parameter_is_one_line() -> None:
    """It does what another value of the parameter does, to the bit."""
    kind, declared = on_existing(3, Offers)
    use = {"lever": declared.name, "from": "2009-01", "value": 0.0}
    moved, usual = tables_of(kind, [use]), tables_of(kind, [])
    assert (moved["route"]["interceptions"] != usual["route"]["interceptions"]).any()
    assert_same(moved, tables_of(kind, [], offers={"quality_effect": 0.0}))


def test_a_lever_on_a_parameter_by_place_is_one_line() -> None:
    """The same; in one district alone it first moves that district alone."""
    kind, declared = on_existing(4, Labour)
    use = {"lever": declared.name, "from": "2009-01", "value": 0.02}
    assert_same(tables_of(kind, [use]), tables_of(kind, [], labour={"job_growth": 0.05}))
    local, usual = tables_of(kind, [use | {"where": ["gujrat"]}]), tables_of(kind, [])
    units, months = local["district"]["unit"], local["district"]["month"]
    differs = local["district"]["employed"] != usual["district"]["employed"]
    assert differs.any()
    assert set(units[differs & (months == months[differs].min())]) == {"gujrat"}


def test_a_national_lever_moves_a_parameter_that_is_read_by_place() -> None:
    found = Lever(
        "jobs_everywhere", moves=(effective(LabourParams, "job_growth"),), combine="add", unit="share",
        bounds=(0.0, 0.1), text="Adds jobs.",
    )  # fmt: skip
    with_it = type("Labour", (Labour,), {"levers": (*Labour.levers, found)})
    kind = compose(tuple(with_it if known is Labour else known for known in MONTH), PopulationParams)
    use = {"lever": found.name, "from": "2009-01", "value": 0.02}
    assert_same(tables_of(kind, [use]), tables_of(kind, [], labour={"job_growth": 0.05}))


def test_one_parameter_has_one_handle_a_kind_of_place() -> None:
    """Otherwise a lever that is declared elsewhere would move what nobody reads."""
    by_district = effective(LabourParams, "job_growth", over="district")
    assert effective(LabourParams, "job_growth", over="district") is by_district
    assert effective(LabourParams, "job_growth") is not by_district
    with pytest.raises(ValueError, match="has the bounds"):
        effective(LabourParams, "job_growth", over="district", bounds=(0.0, 1.0))
    with pytest.raises(AttributeError, match="LabourParams has no parameter 'job_groth'"):
        effective(LabourParams, "job_groth")
    with pytest.raises(ValueError, match="wage_curve is not read by district"):
        effective(LabourParams, "wage_curve", over="district")


# ------------------------------------------------------------------------------------------- no state by string keys


KEYED = {"month_values", "figures"}
"""Dictionaries that mechanisms once shared, and the one that they record in, by handles."""


def keyed_by_text(tree: ast.AST) -> Iterator[int]:
    """Lines that look something up in one of these by a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant | ast.JoinedStr):
            of, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            of, key = node.func.value, node.args[0]
        else:
            continue
        name = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
        is_text = isinstance(key, ast.JoinedStr) or (isinstance(key, ast.Constant) and isinstance(key.value, str))
        if name in KEYED and is_text:
            yield node.lineno


def test_no_state_is_kept_by_text() -> None:
    model = [path for path in (ROOT / "src" / "abm").rglob("*.py") if path.parts[-2] not in ("plots", "analysis")]
    found = [f"{path}:{line}" for path in model for line in keyed_by_text(ast.parse(path.read_text("utf-8")))]
    assert not found
    for line in ('world.month_values["effort"]', 'figures["x"] = 1', 'world.figures.get("x", 0)', 'figures[f"{x}"]'):
        assert list(keyed_by_text(ast.parse(line))) == [1], line
    assert not list(keyed_by_text(ast.parse("world.figures[LabourOutcomes.employed]")))
