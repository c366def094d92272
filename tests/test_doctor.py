"""`abm doctor`: what it finds, what is missing, and what it does where abm cannot work."""

from __future__ import annotations

import pytest

from abm.cli import main
from abm.experiments import doctor
from abm.experiments.doctor import Check


def test_all_is_well_where_the_tests_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line[0] != "a")
    assert lines["libraries"].startswith("numpy ")
    assert "processors may be used" in lines["machine"]
    assert " GB" in lines["memory"]
    assert "writable" in lines["kernels"]


def test_a_cache_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/kernels")
    assert main(["doctor"]) == 2
    told = capsys.readouterr()
    assert "'/proc/kernels' cannot be made" in told.out
    assert "a month" not in told.out
    assert told.err == "abm cannot work here: see kernels\n"


def test_extras_are_present_or_missing_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = [
        "numpy>=2",
        "pyarrow>=18; extra == 'cluster'",
        'no-such-library[more]>=1 ; python_version > "3" and extra == "viz"',
        "numpy; extra == 'viz'",
        "pytest; extra == 'test'",
    ]
    monkeypatch.setattr(doctor, "requires", lambda package: declared)
    assert list(doctor._extras()) == [
        Check("[cluster]", "present: pyarrow"),
        Check(
            "[viz]", "missing no-such-library: pip install -c constraints.txt '.[viz]', in the folder of the repository"
        ),
    ]


def test_a_month_that_fails_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: object) -> bool:
        raise OSError("no compiler")

    monkeypatch.setattr(doctor, "ensure_compiled", fail)
    assert doctor._smoke_run() == Check("a month", "OSError: no compiler", problem=True)
