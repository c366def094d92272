"""The command line: what goes where, exit codes, and the lists and schema made from declarations."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from jsonschema import Draft202012Validator
from rich.console import Console
from toys import Simulation

import abm
from abm.cli import main
from abm.cli.describe import describe_topic
from abm.cli.run import COMPILES
from abm.config import make_config
from abm.engine.interrupts import Terminated
from abm.experiments import run as runs
from abm.month import LEVERS, MONTH, OUTCOMES
from abm.report.describe import TOPICS
from abm.report.render import LONGEST_WORD, as_columns, as_markdown, cell_of, fit, text_of
from abm.report.schema import config_schema
from abm.report.search import SYNONYMS, find

ROOT = Path(__file__).parent.parent


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch) -> Simulation:
    month = np.datetime64("2009-01", "M") + np.arange(24)
    stand_in = Simulation({"national": {"month": month, "legal_departures": np.full(24, 1000)}})
    monkeypatch.setattr(runs, "simulate", stand_in)
    return stand_in


@pytest.fixture
def words(tmp_path: Path, simulation: Simulation) -> list[str]:
    """Words of a run that is good."""
    (tmp_path / "good.yaml").write_text("name: good\nend: 2010-12\n")
    return ["run", str(tmp_path / "good.yaml"), "--out", str(tmp_path / "results"), "--no-plots"]


def command(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "abm", *words]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120, **more)


# ------------------------------------------------------------------------------------------------------------------ run


@pytest.mark.parametrize(("compiled", "doing"), [(True, "preparing"), (False, COMPILES)])
def test_run_tells_progress_on_stderr_and_the_summary_on_stdout(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, compiled: bool, doing: str
) -> None:
    monkeypatch.setattr("abm.experiments.warm.was_compiled", lambda: compiled)
    monkeypatch.setattr("abm.experiments.warm.ensure_compiled", lambda config, or_shipped: not compiled)
    assert main(words) == 0
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert lines[0] == f"good.yaml: {doing}"
    assert len(lines) == 11
    assert lines[-1] == "good.yaml: 24 of 24 months (100 %)"
    assert "legal departures" in told.out
    assert "tables" in told.out
    assert "\x1b" not in told.out + told.err


def test_quiet_prints_the_folder_alone(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--quiet"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert (Path(told.out.strip()) / "manifest.json").is_file()


def test_nothing_is_compiled_for_a_run_that_was_made_before(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(words) == 0
    monkeypatch.setattr("abm.experiments.warm.was_compiled", lambda: False)
    monkeypatch.setattr("abm.experiments.warm.ensure_compiled", lambda config, or_shipped: pytest.fail("compiles"))
    assert main(words) == 0
    assert "made before, not made again" in capsys.readouterr().out


def test_options_reach_the_run(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--seed", "7", "--scale", "0.002", "--set", "labour.job_growth=0.02", "--set", "market.patience=9", "-q"]
    assert main([*words, *options]) == 0
    manifest = json.loads((Path(capsys.readouterr().out.strip()) / "manifest.json").read_text())
    config = manifest["config"]
    assert manifest["command"].startswith("abm run ") and "--set market.patience=9" in manifest["command"]
    assert (manifest["seed"], config["population"]["scale"]) == (7, 0.002)
    assert (config["labour"]["job_growth"], config["market"]["patience"], config["outputs"]["plots"]) == (
        0.02,
        9.0,
        False,
    )


@pytest.mark.parametrize(("failure", "code"), [(KeyboardInterrupt(), 130), (Terminated(), 143)])
def test_a_stopped_run_leaves_nothing(
    words: list[str],
    simulation: Simulation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    code: int,
) -> None:
    simulation.failure = failure
    assert main(words) == code
    told = capsys.readouterr()
    assert "nothing unfinished was left behind" in told.err
    assert "Traceback" not in told.err
    assert not (tmp_path / "results").exists()
    simulation.failure = None
    assert main(words) == 0


@pytest.mark.parametrize(
    ("options", "processors", "threads"),
    [
        ([], 1, 1),
        ([], 3, 3),
        ([], 64, 4),
        (["--scale", "0.002"], 64, 1),
        (["--threads", "7"], 2, 7),
        (["--threads", "2", "--scale", "0.002"], 1, 2),
    ],
)
def test_threads_are_those_asked_for_or_by_processors_and_size(
    words: list[str], simulation: Simulation, monkeypatch: pytest.MonkeyPatch,
    options: list[str], processors: int, threads: int,
) -> None:  # fmt: skip
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(processors)))
    assert main([*words, *options]) == 0
    assert simulation.threads == threads


def test_only_a_defect_shows_a_traceback(
    words: list[str], simulation: Simulation, capsys: pytest.CaptureFixture[str]
) -> None:
    simulation.failure = ZeroDivisionError("our mistake")
    assert main(words) == 1
    told = capsys.readouterr()
    assert "Traceback" in told.err
    assert "ZeroDivisionError: our mistake" in told.err
    assert told.err.splitlines()[-1].startswith("This is a defect of abm, not of your files. Please report it")


def test_memory_that_runs_out_is_reported_in_words(
    words: list[str], simulation: Simulation, capsys: pytest.CaptureFixture[str]
) -> None:
    simulation.failure = MemoryError()
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("out of memory; lower population.scale")


def test_a_warning_is_a_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise ValueError("no fonts")

    monkeypatch.setattr("abm.api.draw", fail)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0})  # so that it is drawn here
    with warnings.catch_warnings():
        warnings.simplefilter("always")  # Warnings of ours are errors in this suite; here they are what is tested.
        assert main(words[:-1]) == 0
    told = capsys.readouterr()
    assert "warning: the tables are complete, but the plots could not be drawn: ValueError: no fonts" in told.err


# ------------------------------------------------------------------------------------------------------------ terminals


def on_a_terminal(*words: str, **environment: str) -> str:
    """Output of a command whose stdout is a terminal."""
    ours, theirs = pty.openpty()
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    settings.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
    with subprocess.Popen([sys.executable, "-m", "abm", *words], stdout=theirs, stdin=theirs, env=settings) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux: the other side is closed
                break
            if not part:
                break
            parts.append(part)
    os.close(ours)
    assert process.returncode == 0
    return b"".join(parts).decode()


def test_colours_are_for_terminals_and_can_be_declined() -> None:
    assert "\x1b[1m" in on_a_terminal("describe")
    plain = on_a_terminal("describe", "levers", NO_COLOR="1")
    assert "border_patrol" in plain and "jurisdiction" in plain and "abm describe levers NAME" in plain
    assert "\x1b[3" not in plain
    assert "\x1b" not in command("describe", "levers").stdout


@pytest.mark.parametrize("width", [100, 80])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_table_fits_the_terminal_with_its_words_whole(
    topic: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two columns at least, no line too long, no word in pieces but addresses; a last line says where the rest is."""
    told = io.StringIO()
    screen = Console(file=told, width=width, highlight=False, markup=False)
    monkeypatch.setattr("abm.cli.describe.console", lambda: screen)
    describe_topic(topic, None, "table", assumed=False)
    head, _, *lines, last = told.getvalue().splitlines()
    found = TOPICS[topic]
    assert max(map(len, (head, *lines))) <= width
    assert last.endswith(f"One of them whole: abm describe {topic} NAME")
    shown = head.split()
    assert len(shown) >= 2 and found.column in shown
    left_out = [name for name in found.brief if name not in shown]
    assert last.startswith(f"Left out: {', '.join(left_out)}. " if left_out else "One of them")
    pieces = {word for line in lines for word in line.split()}
    for row in found.rows():
        words = {word for name in shown for word in cell_of(row, name).split()}
        assert {word for word in words if len(word) <= LONGEST_WORD} <= pieces


def test_columns_get_room_from_the_left() -> None:
    cells = [{"name": "x" * 10, "low": "0.001", "unit": "share of households", "text": "long " * 20}]
    columns = ("name", "low", "unit", "text")
    assert fit(cells, columns, 200) == {"name": 10, "low": 5, "unit": 19, "text": 100}
    assert fit(cells, columns, 80) == {"name": 10, "low": 5, "unit": 14, "text": 45}
    assert fit(cells, columns, 40) == {"name": 10, "low": 5, "unit": 19}
    assert fit(cells, columns, 15) == {"name": 10}
    assert fit(cells, columns, 8) == {"name": 8}


def test_help_is_quick_because_it_loads_nothing() -> None:
    code = (
        "import sys; from abm.cli import main; assert main(['--help']) == 0; "
        "print(sorted({'numba', 'numpy', 'pandas', 'pyarrow', 'mesa', 'pydantic', 'yaml', 'rich', 'matplotlib', "
        "'altair', 'vl_convert', 'jinja2'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "[]\n"
    assert all(name in done.stdout for name in ("run", "validate", "describe", "schema"))


def test_version() -> None:
    assert command("--version").stdout == f"abm {abm.__version__}\n"


LONG = ["-m", "abm", "describe", "parameters", "--format", "json"]


def test_a_reader_that_leaves_early_is_no_error() -> None:
    with subprocess.Popen([sys.executable, *LONG], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_reader_that_has_left_before_the_first_word_is_no_error() -> None:
    """The pipe breaks inside the command, whose framework has an exit code of its own for that."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-u", *LONG], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


# ------------------------------------------------------------------------------------------------------------- describe


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_every_topic_in_every_form(topic: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", topic, "--format", form]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    rows = TOPICS[topic].rows()
    assert len(rows) >= (1 if topic == "transit" else 3)
    if form == "json":
        assert json.loads(told.out) == json.loads(json.dumps(rows))
    else:
        assert len(told.out.splitlines()) == len(rows) + (1 if form == "table" else 2)


@pytest.mark.parametrize("topic", TOPICS)
def test_one_entry_is_a_list_of_lines_that_wrap(
    topic: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each value stands beside its label, however long it is; joined again, the lines give it whole."""
    monkeypatch.setenv("COLUMNS", "60")
    found = TOPICS[topic]
    name = found.rows()[-1][found.column]
    rows = found.named(found.rows(), name)
    assert main(["describe", topic, name]) == 0
    blocks = capsys.readouterr().out.rstrip("\n").split("\n\n")
    assert len(blocks) == len(rows) >= 1
    for row, block in zip(rows, blocks, strict=True):
        values: list[str] = []
        for line in block.splitlines():
            assert len(line) <= 60 or " " not in line.split(":", 1)[-1].strip()
            label, _, text = line.partition(":") if line[0] != " " else ("", "", line)
            values += [f"{label}: {text.strip()}"] if label else []
            values[-1] += "" if label else f" {text.strip()}"
        shown = {column: " ".join(cell_of(row, column).split()) for column in row}
        assert values == [f"{column}: {text}" for column, text in shown.items() if text]


def test_a_name_that_is_a_section_lists_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    expected = [row for row in TOPICS["parameters"].rows() if row["path"].startswith("bondage.")]
    assert main(["describe", "parameters", "bondage"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["path", *(row["path"] for row in expected)]
    assert main(["describe", "parameters", "bondage", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(expected))
    for wrong, meant in (("bondge", "bondage"), ("relatives", "sponsorship.relatives")):
        assert main(["describe", "parameters", wrong]) == 2
        assert f"no path '{wrong}'; did you mean '{meant}'?" in capsys.readouterr().err


def test_mechanisms_say_which_are_on_by_default() -> None:
    on = {row["mechanism"]: row["on_by_default"] for row in TOPICS["mechanisms"].rows()}
    assert on == {found.section: make_config().enabled(found.section) for found in MONTH}
    assert "on_by_default" in TOPICS["mechanisms"].brief


def test_one_entry_as_json_and_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "levers", "advance_ban", "--format", "json"]) == 0
    assert [row["lever"] for row in json.loads(capsys.readouterr().out)] == ["advance_ban"]
    assert main(["describe", "levers", "advnce_ban"]) == 2
    assert "no lever 'advnce_ban'; did you mean 'advance_ban'?" in capsys.readouterr().err
    assert main(["describe", "mechanisms", "x"]) == 2
    assert "no mechanism 'x'; see 'abm describe mechanisms'" in capsys.readouterr().err


def test_a_word_is_found_in_all_topics_names_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "--search", "Border Patrol", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert (rows[0]["topic"], rows[0]["name"]) == ("levers", "border_patrol")
    assert len({(row["topic"], row["name"]) for row in rows}) == len(rows)
    assert all(
        "border" in str(row).lower() and "patrol" in str(row).lower() for row in rows if row["topic"] == "levers"
    )
    assert main(["describe", "districts", "--search", "gujr"]) == 0
    found = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in found[1:]] == ["gujranwala", "gujrat"]


def test_of_a_list_only_what_holds_the_word_is_shown() -> None:
    (found,) = (row for row in find("fee", {"systems": TOPICS["systems"]}) if row["name"] == "S6")
    assert found["text"].startswith("parameters: ")
    assert all("fee" in path for path in found["text"].split(", "))


def test_routes_name_the_levers_that_act_on_each_leg() -> None:
    on = {row["leg"]: row["levers"] for row in TOPICS["routes"].rows()}
    assert on["karachi_taftan"] == ("border_patrol", "anti_corruption")
    assert on["turkey_greece"] == ("destination_border_control", "search_and_rescue")


def test_a_series_is_found_by_its_indicator_and_shown_by_the_name_it_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["describe", "--search", "rupees_per_dollar", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["topic"], row["name"]) == ("drivers", "PAK rupees_per_dollar")
    assert main(["describe", "drivers", row["name"], "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["entity"], row["indicator"]) == ("PAK", "rupees_per_dollar")
    assert main(["describe", "sources", row["source"][0]]) == 0
    assert "address" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("hawala", "informal_finance_control"),
        ("Peshgi", "advance_ban"),
        ("kafala", "visa_refusal"),
        ("interdiction sea", "search_and_rescue"),
        ("debt bondage", "debt_cancellation"),
    ],
)
def test_words_of_the_field_find_what_the_model_calls_otherwise(words: str, name: str) -> None:
    assert name in [row["name"] for row in find(words, {"levers": TOPICS["levers"]})]


def test_every_synonym_leads_somewhere() -> None:
    assert len(SYNONYMS) <= 12
    assert [word for word, ours in SYNONYMS.items() if not find(ours, TOPICS)] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--search", "xyzzy"], "--search xyzzy: found nowhere; try a part of the word"),
        (["levers", "--search", "gujrat"], "found nowhere in levers; leave it out to search all topics, or try a part"),
        (["levrs", "--search", "border"], "no topic 'levrs'; did you mean 'levers'?"),
        (["levers", "border_patrol", "--search", "border"], "--search goes with a topic and --format alone"),
    ],
)
def test_a_search_in_vain(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", *words]) == 2
    assert told in capsys.readouterr().err


def test_without_a_topic_the_topics_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(TOPICS)


def test_parameters_are_complete_and_their_defaults_are_those_of_a_run() -> None:
    rows = {row["path"]: row for row in TOPICS["parameters"].rows()}
    resolved = make_config().resolved()
    expected = {
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in resolved.items()
        if name not in ("levers", "events", "mechanisms")
        for key in (value if isinstance(value, dict) else [""])
    }
    assert set(rows) == expected
    for path, row in rows.items():
        section, _, key = path.partition(".")
        assert row["default"] == (resolved[section][key] if key else resolved[section])
        assert row["unit"]
        assert row["text"]
        assert row["source"]


def test_assumed_lists_only_what_nobody_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "parameters", "--assumed", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert 0 < len(rows) < len(TOPICS["parameters"].rows())
    assert all(row["source"].startswith("assumed") for row in rows)


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_assumed_of_one_that_has_a_source_is_nothing(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The name is known, though nothing of it is listed; one that is nowhere is refused as ever."""
    name = next(row["path"] for row in TOPICS["parameters"].rows() if not row["source"].startswith("assumed"))
    assert main(["describe", "parameters", name, "--assumed", "--format", form]) == 0
    told = capsys.readouterr()
    assert told.err == "all of it has sources: nothing is assumed\n"
    assert name not in told.out and len(told.out.splitlines()) == {"table": 1, "json": 1, "markdown": 2}[form]
    assert main(["describe", "parameters", "bondge", "--assumed", "--format", form]) == 2
    assert "no path 'bondge'; did you mean 'bondage'?" in capsys.readouterr().err


@pytest.mark.parametrize("topic", TOPICS)
def test_one_entry_as_markdown_has_all_columns(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = TOPICS[topic]
    (row, *_) = found.named(found.rows(), found.rows()[-1][found.column])
    assert main(["describe", topic, row[found.column], "--format", "markdown"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"| {' | '.join(row)} |"


def test_levers_outcomes_and_mechanisms_are_those_declared() -> None:
    assert [row["lever"] for row in TOPICS["levers"].rows()] == list(LEVERS)
    assert [row["outcome"] for row in TOPICS["outcomes"].rows()] == list(OUTCOMES)
    assert [row["mechanism"] for row in TOPICS["mechanisms"].rows()] == [found.section for found in MONTH]
    assert len(TOPICS["districts"].rows()) == 134


def test_systems_say_what_is_not_in_yet() -> None:
    rows = {row["system"]: row for row in TOPICS["systems"].rows()}
    assert list(rows) == [f"S{number}" for number in range(1, 20)]
    declared = {system for found in MONTH for system in found.systems}
    assert declared <= set(rows)
    for name, row in rows.items():
        carried = bool(row["mechanisms"] or row["parameters"] or row["levers"])
        assert row["state"] != "not yet" or not carried
        assert row["state"] == "in" or row["left_out"], name
    assert rows["S13"]["state"] == rows["S15"]["state"] == rows["S3"]["state"] == "in part"


def test_columns_line_up_and_markdown_escapes_bars() -> None:
    rows = [{"a": "x|y", "b": (1, 2)}, {"a": True, "b": None}]
    assert as_columns(rows, ("a", "b")) == "a    b\nx|y  1, 2\nyes"
    prose = {"name": "n", "text": "word " * 20, "kind": "k"}
    assert as_columns([prose], ("name", "text", "kind")).startswith("name  kind  text\nn     k     word")
    assert as_markdown(rows, ("a", "b")) == "| a | b |\n| --- | --- |\n| x\\|y | 1, 2 |\n| yes |  |"
    assert text_of(0.25) == "0.25"


def test_defaults_can_be_copied_into_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    for row in TOPICS["parameters"].rows():
        found = yaml.safe_load(cell_of(row, "default"))
        assert found == (list(row["default"]) if isinstance(row["default"], tuple) else row["default"]), row["path"]
    assert main(["describe", "parameters"]) == 0
    assert re.search(r"^outputs.plots +true ", capsys.readouterr().out, re.MULTILINE)


# ------------------------------------------------------------------------------------------------------------- project


def test_a_new_project_is_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "mine/first"]) == 0
    told = capsys.readouterr()
    assert told.err == "next: cd mine/first && abm run configs/baseline.yaml\n"
    made = told.out.splitlines()
    assert sorted(made) == sorted(str(path) for path in Path("mine/first").rglob("*") if path.is_file())
    assert [path.name for path in Path("mine").iterdir()] == ["first"]
    assert main(["validate", *(file for file in made if file.endswith(".yaml"))]) == 0
    for file in made:
        if file.endswith(".yaml"):
            schema = Path(file).read_text().splitlines()[0].partition("$schema=")[2]
            assert (Path(file).parent / schema).is_file()


def test_a_project_here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "."]) == 0
    told = capsys.readouterr()
    assert told.err == "next: abm run configs/baseline.yaml\n"
    assert all(Path(file).is_file() for file in told.out.splitlines())
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_project_destroys_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    assert main(["init", str(tmp_path / "mine")]) == 0
    before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["init", str(tmp_path / "mine")]) == 2
    assert "is not empty; name a new folder" in capsys.readouterr().err
    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == before
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (file, file / "below", Path("/proc/no")):
        assert main(["init", str(place)]) == 2
        assert "Traceback" not in capsys.readouterr().err
    assert file.read_text() == "mine"


# --------------------------------------------------------------------------------------------------------------- schema


@cache
def validator() -> Draft202012Validator:
    schema = config_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_schema_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert main(["schema", "experiment"]) == 0
    of_experiments = capsys.readouterr().out
    folder = tmp_path / "new"
    assert main(["schema", "--out", str(folder)]) == 0
    config, experiment = folder / "config.schema.json", folder / "experiment.schema.json"
    package = folder / "package.schema.json"
    assert capsys.readouterr().out == f"{config}\n{experiment}\n{package}\n"
    assert config.read_text(encoding="utf-8") == printed
    assert experiment.read_text(encoding="utf-8") == of_experiments
    assert sorted(folder.iterdir()) == [config, experiment, package]


def test_schema_of_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "exper"]) == 2
    assert "no schema of 'exper'; did you mean 'experiment'?" in capsys.readouterr().err


def test_schema_tells_unit_bounds_and_source() -> None:
    growth = config_schema()["$defs"]["LabourParams"]["properties"]["job_growth"]
    assert (growth["minimum"], growth["maximum"], growth["default"]) == (0.0, 0.06, 0.03)
    assert growth["description"].endswith("[1/year; 0 to 0.06; source: paper]")


def test_what_we_accept_the_schema_accepts() -> None:
    from test_config import FULL

    for values in ({}, FULL, make_config().resolved(), make_config(**FULL).resolved()):
        validator().validate(values)


@pytest.mark.parametrize(
    "values",
    [
        {"labor": {}},
        {"labour": {"job_growth": 0.6}},
        {"labour": {"job_growth": "high"}},
        {"start": "2009-13"},
        {"seed": 1.5},
        {"name": "My run"},
        {"population": {"region": "catchmnt"}},
        {"population": {"region": ["gujrt"]}},
        {"levers": [{"lever": "border_patrols", "from": "2018-01", "value": 1}]},
        {"levers": [{"lever": "border_patrol", "from": "2018-01", "value": 11}]},
        {"levers": [{"lever": "border_patrol", "value": 1}]},
        {"levers": [{"lever": "border_patrol", "from": "2018-01", "value": 1, "where": ["gujrat"]}]},
        {"levers": [{"lever": "job_creation", "from": "2018-01", "value": 0, "where": ["gujrt"]}]},
        {"levers": [{"lever": "job_creation", "from": "2018-01", "value": 0, "pulse": {"months_on": 0}}]},
    ],
    ids=str,
)
def test_what_the_schema_can_see_it_refuses(values: dict[str, Any]) -> None:
    assert not validator().is_valid(values)


def test_validate_counts_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.yaml"
    use = "{lever: border_patrol, id: %s, from: 2018-01, value: 2}"
    file.write_text(f"levers: [{use % 'a'}]\n")
    assert main(["validate", str(file)]) == 0
    assert capsys.readouterr().out.endswith(", 1 lever)\n")
    file.write_text(f"levers: [{use % 'a'}, {use % 'b'}]\n")
    assert main(["validate", str(file)]) == 0
    assert capsys.readouterr().out.endswith(", 2 levers)\n")


CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_shipped_configurations_are_valid(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from abm.config.yaml_source import read_yaml

    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: valid (")
    validator().validate(read_yaml(path).data)
