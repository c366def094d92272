"""The documentation says what the code does: tables are fresh, examples run, links lead somewhere."""

from __future__ import annotations

import csv
import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import refresh
import yaml
from typer.main import get_command

import abm
from abm.cli import main
from abm.cli.app import app
from abm.config import Config
from abm.config.compose import compose
from abm.config.posterior import Posterior, write_posterior
from abm.declare.state import State
from abm.engine.calendar import format_month, parse_month
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.experiments.spec import Experiment
from abm.month import MONTH, OUTCOMES, PHASES
from abm.report import describe
from abm.report.describe import TOPICS
from abm.society.synthesis import PopulationParams
from abm.world.mechanism import Mechanism, Phase

ROOT = Path(__file__).resolve().parent.parent


PAGES = [*refresh.pages(), ROOT / "CHANGELOG.md", ROOT / "results" / "README.md"]
TOY = "docs/add_a_mechanism.md"
"""Page whose code becomes part of the package; tests/test_add_a_mechanism.py runs it."""
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}


def fenced(language: str) -> list[tuple[str, str]]:
    """Code blocks of a language: page, code."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(page, code) for page, text in TEXTS.items() if page != TOY for code in pattern.findall(text)]


def prose(text: str) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


# --------------------------------------------------------------------------------------------------- generated tables

ODD = TEXTS["docs/odd.md"]
DESCRIBED = tuple(mechanism for mechanism in MONTH if f"(`{mechanism.section}`)\n" in ODD)
"""Mechanisms that the ODD describes; before a release `make study` asks it of all.

What a reader adds by docs/add_a_mechanism.md makes no page stale.
"""


@pytest.fixture
def as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """Describe the house without mechanisms that no page names yet."""
    phases = tuple(phase for phase in PHASES if phase.mechanism in DESCRIBED)
    others = states_of(phase for phase in PHASES if phase not in phases) - states_of(phases)
    states = [owner for owner in State.__subclasses__() if owner not in others]
    monkeypatch.setattr(describe, "MONTH", DESCRIBED)
    monkeypatch.setattr(describe, "PHASES", phases)
    monkeypatch.setattr(describe, "Config", compose(DESCRIBED, PopulationParams))
    monkeypatch.setattr(describe, "State", SimpleNamespace(__subclasses__=lambda: states))


def states_of(phases: Iterable[Phase]) -> set[type[State]]:
    """States whose values phases name."""
    return {held.owner for phase in phases for held in (*phase.reads, *phase.keeps, *phase.writes)}


def test_a_stale_block_is_found() -> None:
    text = "<!-- generated: lever job_creation -->\nan old line\n<!-- end -->\n"
    fresh = refresh.refreshed(text)
    assert fresh != text
    assert "Value:" in fresh
    assert refresh.refreshed(fresh) == fresh


@pytest.mark.usefixtures("as_described")
def test_everything_declared_is_documented() -> None:
    assert_documented(DESCRIBED)


def assert_documented(mechanisms: Iterable[type[Mechanism]]) -> None:
    """Every mechanism is in the ODD, and its levers have a section each; what the ODD holds is tried in test_odd.py."""
    pages = ("levers", "levers_market", "levers_bondage", "levers_trafficking", "levers_law")
    levers = "".join(TEXTS[f"docs/{page}.md"] for page in pages)
    for mechanism in mechanisms:
        assert f"(`{mechanism.section}`)\n" in ODD
        for lever in mechanism.levers:
            assert f"### {lever.name}\n" in levers


def test_modules_that_the_pages_name_are_there() -> None:
    """A file by the end of its path, `market/offers.py`; a module by its whole name, `abm.market.offers`."""
    files = [f"/{path.relative_to(ROOT).as_posix()}" for path in tracked_files()]
    pages = {page: text for page, text in TEXTS.items() if page not in ("CHANGELOG.md", TOY)}
    for page, text in pages.items():
        for name in re.findall(r"`([\w/]+\.py)`", text):
            assert any(file.endswith(f"/{name}") for file in files), f"{page}: {name}"
        for name in re.findall(r"\bfrom (abm[\w.]*) import|`(abm\.[a-z_]+\.[a-z_]+)", text):
            module = max(name, key=len)
            assert importlib.util.find_spec(module), f"{page}: {module}"


CLEAR = 3.0
"""Half-widths of a 90 % interval of twelve pairs that chance reaches in one of some 10,000 outcomes.

The least clear of the shipped study is screening at airports, with 3.6.
"""


def test_every_lever_has_its_directions_and_a_clear_answer() -> None:
    """The figures are those of the shipped study, and none of its levers is without effect.

    The clearest answer is chosen among over a hundred outcomes, so that leaving out zero would prove nothing.
    """
    study = yaml.safe_load((ROOT / "experiments/lever_directions.yaml").read_text(encoding="utf-8"))
    used = {name: content["levers"][0]["lever"] for name, content in study["scenarios"].items() if content}
    assert set(used.values()) == {lever.name for mechanism in DESCRIBED for lever in mechanism.levers}
    with (ROOT / "docs/lever_directions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["scenario"] for row in rows} == set(used)
    for row in rows:
        if row["answer"] == "clearest":
            low, high = float(row["percent_low"]), float(row["percent_high"])
            assert abs(float(row["percent"])) > CLEAR * (high - low) / 2, row["scenario"]


def test_directions_are_those_of_the_experiment() -> None:
    """Scenarios and outcomes of the table are those of the study that makes it: an older table is told."""
    experiment = load_experiment(ROOT / "experiments/lever_directions.yaml")
    levers = [name for name in experiment.scenarios if name != experiment.reference]
    with (ROOT / "docs/lever_directions.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["answer"] == "main"]
    assert list(dict.fromkeys(row["scenario"] for row in rows)) == levers
    for lever in levers:
        assert [row["outcome"] for row in rows if row["scenario"] == lever] == list(experiment.outcomes), lever


# --------------------------------------------------------------------------------------------------------------- code


SCENARIOS = sorted(path for folder in ("configs", "examples") for path in (ROOT / folder).glob("*.yaml"))
EXPERIMENTS = sorted(path for path in (ROOT / "experiments").glob("*.yaml") if path.stem != "calibration")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_shipped_scenario_runs(path: Path, tmp_path: Path) -> None:
    """At the smallest scale, for two months, with its levers and events brought forward into them."""
    values = abm.load_config(path).resolved()
    result = abm.run(two_months(values), out=tmp_path, plots=False)
    assert len(result.national) == 2
    assert (result.national["population"] > 0).all()
    assert {f"cost_{lever['id']}" for lever in values["levers"]} <= set(result.national)
    lever_columns = ("cost_", "in_force_")
    for table in map(result.table, result.manifest["tables"]):
        keys = {name for name in table if not name.startswith(lever_columns)} - OUTCOMES.keys()
        assert {name for name in keys if f"`{name}`" not in TEXTS["docs/results.md"]} == set()


def two_months(values: dict[str, Any]) -> Config:
    """The smallest run of a configuration: two months, with its levers and events brought forward into them."""
    start = parse_month(values["start"])
    for event in values["events"]:
        event |= {key: format_month(start) for key in ("month", "from", "until") if event[key]}
    for lever in values["levers"]:
        lever |= {"from": format_month(start), "until": format_month(start + 1), "announced": None}
    population = values["population"] | {"scale": 0.0005, "village_households": 50}
    return abm.make_config(**values | {"end": format_month(start + 1), "population": population})


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_shipped_experiment_runs(path: Path, tmp_path: Path) -> None:
    """The first and the last scenario; what the study looks at is there. `make study` runs every scenario."""
    experiment = load_experiment(path)
    run_scenarios(experiment, sorted({0, len(experiment.scenarios) - 1}), tmp_path)


def run_scenarios(experiment: Experiment, places: Iterable[int], tmp_path: Path) -> None:
    """Run scenarios of an experiment at their first point, for two months."""
    plan = Plan(experiment)
    for run in (plan[place] for place in places):
        result = abm.run(two_months(plan.resolved(run)), out=tmp_path)
        assert len(result.national) == 2
        recorders = {name: Config.catalogue.section_of_outcome.get(name, "recording") for name in experiment.outcomes}
        facts = result.config["mechanisms"]
        simulated = {name for name, section in recorders.items() if facts.get(section, {"enabled": True})["enabled"]}
        assert simulated <= set(result.national)
        assert all(len(result.table(name)) for name in experiment.tables)


@pytest.mark.parametrize(("page", "code"), fenced("yaml"))
def test_yaml_in_the_pages_is_valid(page: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An experiment of a page lies in `experiments`, beside the folder `configs` and a posterior."""
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    file = tmp_path / "experiments" / ("facts" if page == "docs/facts.md" else "") / "page.yaml"
    file.parent.mkdir(parents=True)
    draws = np.linspace([0.8, 0.02], [1.2, 0.04], 40)
    centre = {"channel.gain": 1.0, "labour.job_growth": 0.03}
    posterior = Posterior("draws", "a test", "0", 2018, centre, tuple(centre), draws, tuple(range(40)))
    write_posterior(posterior, file.parent / "draws.parquet", Config)
    file.write_text(code, encoding="utf-8")
    assert main(["validate", str(file)]) == 0, capsys.readouterr().err


def python_by_page() -> dict[str, list[str]]:
    """Python of the pages, in order, and of the examples; what a page repeats from an example is run once."""
    examples = {f"examples/{path.name}": [path.read_text("utf-8")] for path in sorted((ROOT / "examples").glob("*.py"))}
    known = {code.strip() for codes in examples.values() for code in codes}
    found: dict[str, list[str]] = {}
    for page, code in fenced("python"):
        if code.strip() not in known:
            found.setdefault(page, []).append(code)
    return examples | found


LONG = {page for page, codes in python_by_page().items() if any("abm.sweep(" in code for code in codes)}
"""Pages and examples whose Python makes many runs: `make study` has them."""


SHORTER = {
    'end="2010-12", labour': 'end="2010-02", labour',
    'end="2012-06", pop': 'end="2009-09", pop',
    "scale=0.002": "scale=0.001",
    "[0.05, 0.1]": "[0.1]",
    "rng=[1, 2, 3]": "rng=[1, 2]",
}
"""What is other in the test, so that runs are short."""


@pytest.mark.parametrize("page", [page for page in python_by_page() if page not in LONG])
def test_python_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_python_of(page, tmp_path, monkeypatch)
    assert capsys.readouterr().out, "an example shows something"


def run_python_of(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all Python of a page, in a folder that has the shipped files."""
    for folder in ("configs", "experiments"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("multiprocessing.set_start_method", lambda *_, **__: None)  # Mesa's batch_run is not shy
    names = {"__name__": "__main__"}  # what a block defines, those below it use
    for code in python_by_page()[page]:
        exec(compile(shortened(code) if page not in LONG else code, page, "exec"), names)


def shortened(code: str) -> str:
    """Code of a page with shorter and fewer runs."""
    for usual, smaller in SHORTER.items():
        code = code.replace(usual, smaller)
    return code


def test_first_example_is_short() -> None:
    docstring, *lines = (ROOT / "examples" / "first_run.py").read_text("utf-8").splitlines()
    assert docstring.startswith('"""')
    assert len([line for line in lines if line]) <= 10


# ----------------------------------------------------------------------------------------------------------- commands


def shell_lines() -> list[tuple[str, list[str]]]:
    """Commands of the shell blocks of all pages, in words."""
    joined = [(page, code.replace("\\\n", " ")) for page, code in fenced("sh")]
    lines = [(page, shlex.split(line, comments=True)) for page, code in joined for line in code.splitlines()]
    return [(page, words) for page, words in lines if words]


def test_commands_exist() -> None:
    commands: Any = get_command(app)
    tried = 0
    for page, (program, *words) in shell_lines():
        if Path(program).name != "abm":
            continue
        name, *rest = words
        assert name in commands.commands, f"{page}: abm {name}"
        filled = [re.sub(r"\$[A-Z_]+", "1", word) for word in rest]  # variables of the shell hold numbers or folders
        commands.commands[name].make_context(name, filled)  # parses the options and runs nothing
        for word in rest:
            if word.endswith(".yaml") and not Path(word).name.startswith("my_"):  # a file of the reader's own
                assert (ROOT / word).is_file(), f"{page}: {word}"
        tried += 1
    assert tried >= 6


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = [words[1] for _, words in shell_lines() if words[0] == "make" and len(words) > 1]
    named += re.findall(r"`make ([a-z]+)", "".join(TEXTS.values()))
    assert named
    assert set(named) <= targets


def test_describe_topics_exist() -> None:
    named = re.findall(r"abm describe\s+([a-z]+)", "".join(TEXTS.values()))
    assert named
    assert set(named) <= set(TOPICS)


# -------------------------------------------------------------------------------------------------------------- links


def anchors_of(text: str) -> set[str]:
    """Anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    home = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(TEXTS[page])):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (home / name).resolve() if name else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors_of(target.read_text("utf-8")), f"{page}: {link}"


def test_pictures_are_small_and_all_of_them_are_shown() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert {path.stem for path in pictures} == {
        *refresh.PICTURES,
        "who_pays_whom",
        "policy_comparison_forest",
        "policy_over_draws_forest",
        "policy_search_pareto",
        "mangla_spread",
        "mangla_ratio",
        "dashboard",
        "facts",
        *(f"calibration_{name}" for name in ("fit", "marginals")),
    }
    assert all(0 < path.stat().st_size < refresh.LARGEST_PICTURE for path in pictures)
    shown = "".join(page.read_text(encoding="utf-8") for page in (*refresh.pages(), ROOT / "experiments" / "README.md"))
    assert [path.name for path in pictures if f"images/{path.name})" not in shown] == []


# ------------------------------------------------------------------------------------------------- nothing of a machine


LOCAL = (
    r"(?<![\w.])/" + r"(?:home|Users|root|work|mnt|opt)/\w",
    r"/tmp/" + r"(?:venv|nc_|docs_)",
    r"C:\\" + "Users",
    "python" + r"hosted\.org",
    r"pypi\." + "org",
    "npm" + r"js\.(?:com|org)",
    r"index-" + "url",
    r"https?://(?!127\.)(?:\d{1,3}\.){3}\d" + r"{1,3}",
)
"""Paths of a machine, hosts of registries, other machines; written in parts, so that this file does not hold them."""


def tracked_files() -> list[Path]:
    """Files that git knows or would add; all files of the usual folders where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        found = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        return [ROOT / name for name in found if name and (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "docs", "configs", "examples", "experiments", "benchmarks", ".ci")
        return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


def test_nothing_names_a_machine() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for part in LOCAL for match in re.finditer(part, text)]
    assert not found


@pytest.mark.usefixtures("as_described")
def test_refresh_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert refresh.main(["--check"]) == 0
    assert not capsys.readouterr().out
