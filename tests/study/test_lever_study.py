"""The page of the levers says what the code does: its figures made anew, for one seed."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from lever_study import FIGURES, OUTCOMES, STUDY, differences, run


@cache
def made(name: str, off: str) -> dict[str, Any]:
    """Figures of a run of seed 1."""
    return run((name, off, 1))[1]


@pytest.mark.parametrize("name", STUDY)
def test_the_figures_of_a_lever_are_those_of_the_code(name: str):
    """If this is meant to change: ``python tests/study/lever_study.py`` makes figures and page anew."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8"))[name]
    off = STUDY[name][1]
    assert kept["off"] == off
    for part, without, treated in (("with", made("", ""), made(name, "")), ("without", made("", off), made(name, off))):
        found = differences([without], [treated])
        for outcome in OUTCOMES:
            expected = pytest.approx(kept[part][outcome][0], rel=1e-6, abs=1e-9, nan_ok=True)
            assert found[outcome][0] == expected, (part, outcome)
