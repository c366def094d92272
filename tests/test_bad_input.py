"""Bad input: each file of ``tests/bad`` with the words that a user gets, to the letter.

``NAME.yaml`` is run by ``abm run NAME.yaml``, with the options that stand in a comment on its first line; what comes to
stderr is ``NAME.expected``. After a change of messages or bounds, ``python tests/bad/refresh.py`` writes the expected
words anew: read the difference before you keep it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from abm.cli import main
from abm.config import wording
from abm.engine.errors import MOST_PROBLEMS
from abm.experiments import run as runs

BAD = Path(__file__).parent / "bad"
NAMES = sorted(path.stem for path in BAD.glob("*.yaml"))


def options_of(name: str) -> list[str]:
    """Options of the command line on the first line of a case."""
    first = (BAD / f"{name}.yaml").read_bytes().partition(b"\n")[0]
    return shlex.split(first.removeprefix(b"# ").decode()) if first.startswith(b"# --") else []


@pytest.fixture
def no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        pytest.fail("a run began, though the input is bad")

    monkeypatch.setattr(runs, "simulate", refuse)


def abm(*words: str | Path, folder: Path = Path()) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder; in this process, as the real one has few words for each of these."""
    with chdir(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as error:
        code = main([*map(str, words)])
    return subprocess.CompletedProcess(words, code, out.getvalue(), error.getvalue())


@pytest.mark.parametrize("name", NAMES)
def test_case(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_simulation: None
) -> None:
    monkeypatch.chdir(BAD)
    code = main(["run", f"{name}.yaml", *options_of(name), "--out", str(tmp_path / "results")])
    told = capsys.readouterr()
    assert told.err == (BAD / f"{name}.expected").read_text(encoding="utf-8")
    assert code == 2
    assert told.out == ""
    assert "Traceback" not in told.err
    assert list(tmp_path.iterdir()) == []


def test_there_are_enough_cases_and_each_has_its_words() -> None:
    assert len(NAMES) >= 45
    assert sorted(path.stem for path in BAD.glob("*.expected")) == NAMES


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A small configuration that is valid."""
    path = tmp_path / "good.yaml"
    path.write_text("name: good\nend: 2009-03\npopulation: {scale: 0.001, region: [jhelum]}\noutputs: {plots: false}\n")
    return path


NO_FILES = {
    ("run", "goood.yaml"): "no such file; did you mean 'good.yaml'?",
    ("run", "qqq.yaml"): "no such file",  # an ending in common is no likeness
    ("validate", "no/such/folder/config.yaml"): "no such file",
    ("run", "."): "this is a folder; give a YAML file",
    ("run", "good.yaml/config.yaml"): "cannot be read: Not a directory",
    ("validate", "/dev/zero"): "larger than 1 MB; this is no configuration",
    ("validate", "large.yaml"): "larger than 1 MB; this is no configuration",
}


@pytest.mark.parametrize("folder", ["studies", "."])
def test_a_base_that_is_missing_is_looked_for_in_configs(folder: str, good: Path) -> None:
    """Beside the folder of the study, or within it."""
    (good.parent / "configs").mkdir()
    good.rename(good.parent / "configs" / "good.yaml")
    (good.parent / folder).mkdir(exist_ok=True)
    study = good.parent / folder / "other.yaml"
    study.write_text("name: other\nbase: good.yaml\nscenarios: {a: {}}\n")
    done = abm("validate", str(study.relative_to(good.parent)), folder=good.parent)
    assert done.stderr.endswith("no such file; did you mean 'configs/good.yaml'?\n")


@pytest.mark.parametrize("words", NO_FILES, ids=" ".join)
def test_what_is_no_file_to_read(words: tuple[str, str], good: Path) -> None:
    (good.parent / "large.yaml").write_text("# padding\n" * 100_001)
    done = abm(*words, folder=good.parent)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{words[1]}: {NO_FILES[words]}\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_unreadable_file(good: Path) -> None:
    good.chmod(0)
    done = abm("run", "good.yaml", folder=good.parent)
    assert (done.returncode, done.stderr) == (2, "good.yaml: cannot be read: Permission denied\n")


def test_null_byte_in_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "a\0b"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_validate_tells_the_problems_of_all_files(good: Path) -> None:
    (good.parent / "one.yaml").write_text("seed: -1\n")
    (good.parent / "two.yaml").write_text("sead: 1\n")
    done = abm("validate", "one.yaml", "good.yaml", "two.yaml", folder=good.parent)
    assert done.returncode == 2
    assert done.stdout == "good.yaml: valid (good, 2009-01 to 2009-03)\n"
    assert [line.split("  ")[0] for line in done.stderr.splitlines()] == ["one.yaml:1:1", "two.yaml:1:1"]


MANY = {
    "sections": "".join(f"secton_{n}: 1\n" for n in range(400)),
    "keys": "labour:\n" + "".join(f"  job_growt_{n}: 1\n" for n in range(400)),
    "switches": "mechanisms:\n" + "".join(f"  marke_{n}: {{enabled: true}}\n" for n in range(400)),
    "levers": "levers:\n" + "".join(f"  - {{lever: border_patro_{n}, from: 2018-01, value: 1}}\n" for n in range(400)),
    "districts": f"population: {{region: [{', '.join(f'jhelu_{n}' for n in range(400))}]}}\n",
    "packages": f"packages: [{', '.join(f'awarenes_{n}' for n in range(400))}]\n",
    "twice": "seed: 1\n" * 400,
    "factors": "scenarios: {baseline: {}}\ndesign: {method: lhs, samples: 2}\nfactors:\n"
    + "".join(f"  labour.job_growt_{n}: {{}}\n" for n in range(400)),
    "outcomes": f"scenarios: {{baseline: {{}}}}\noutcomes: [{', '.join(f'death_{n}' for n in range(400))}]\n",
    "scenarios": "scenarios:\n" + "".join(f"  s{n}: {{labour.job_growt_{n}: 1}}\n" for n in range(400)),
}


@pytest.mark.parametrize("case", MANY)
def test_time_and_words_are_bounded(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After some fifty problems nobody looks for more, nor for the names that were meant."""
    (tmp_path / "many.yaml").write_text(MANY[case])
    wording._nearest.cache_clear()
    assert main(["validate", str(tmp_path / "many.yaml")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == MOST_PROBLEMS + 1
    assert lines[-1] == "… and more: these are the first 50"
    assert wording._nearest.cache_info().misses <= 4 * MOST_PROBLEMS


@pytest.mark.parametrize(
    "text",
    [
        "levers: [{lever: LONG, from: 2018-01, value: 1}]",
        "levers: [{lever: border_patrol, id: LONG, from: 2018-01, value: 1}]",
        "packages: [LONG]",
        "labour: {? LONG : 1}",
        "labour: {? LONG : 1, ? LONG : 2}",
        "LONG",
        "seed: 1LONG",
    ],
)
def test_a_long_word_makes_no_long_message(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("long.yaml").write_text(text.replace("LONG", "ab" * 100_000) + "\n")
    assert main(["validate", "long.yaml"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("long.yaml")
    assert all(len(line) < 2_300 for line in told.splitlines())


def test_schema_on_a_full_disk(full_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--out", str(full_disk)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("cannot write 'config.schema.json' in ") and "the disk is full" in told
    assert list(full_disk.iterdir()) == []


def test_output_that_cannot_be_written() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "abm", "describe", "districts"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (2, "the output cannot be written: No space left on device\n")


# Words of the library that reads the command line may change with it; ours are matched to the letter.
USAGE_CASES = {
    "unknown command": (["rn"], "No such command 'rn'. Did you mean 'run'?"),
    "no configuration": (["run"], "Missing argument"),
    "two configurations": (["run", "a.yaml", "b.yaml"], "unexpected extra argument"),
    "unknown option": (["run", "a.yaml", "--sed", "1"], "No such option: --sed"),
    "seeds of a study": (["sweep", "a.yaml", "--seeds", "5"], "a study says it in its file: 'replicates: 5'"),
    "seed is a word": (["run", "a.yaml", "--seed", "one"], "Invalid value for '--seed'"),
    "scale is a word": (["run", "a.yaml", "--scale", "all"], "Invalid value for '--scale'"),
    "no threads": (["run", "a.yaml", "--threads", "0"], "Invalid value for '--threads'"),
    "threads below zero": (["run", "a.yaml", "--threads", "-2"], "Invalid value for '--threads'"),
    "no files": (["validate"], "Missing argument"),
    "unknown topic": (["describe", "paramters"], "no topic 'paramters'; did you mean 'parameters'?"),
    "unknown form": (["describe", "levers", "--format", "jsn"], "no format 'jsn'; did you mean 'json'?"),
    "assumed without sources": (["describe", "outcomes", "--assumed"], "--assumed goes with values that have sources"),
}


@pytest.mark.parametrize("case", USAGE_CASES)
def test_usage(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    words, expected = USAGE_CASES[case]
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert expected in told.err
    assert "Traceback" not in told.err
