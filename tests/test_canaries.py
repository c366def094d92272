"""Five answers of the model that must never turn round, in a scene of three districts.

A run with a change and the run without it share their seed. Three such pairs give a mean log ratio and its 95 %
interval (Student's t), which must lie wholly on the expected side of zero. The scene is large instead, which costs
little and narrows the interval: every mean is more than ten times its standard error. All other directions, for whole
countries and many seeds, are in `tests/study/`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from markets import busy_config
from worlds import interval

from abm.model import simulate
from abm.routes.interception import PATROLS

SEEDS = range(1, 5)
SCALE = 0.04
MONTHS, SINCE = 20, 10


def use(lever: str, value: float) -> dict[str, Any]:
    return {"lever": lever, "value": value, "from": "2009-07"}


def off(section: str) -> dict[str, Any]:
    return {"mechanisms": {section: {"enabled": False}}}


CHANGES: dict[str, dict[str, Any]] = {
    "none": {},
    "three times the patrols everywhere": {"levers": [use(found.name, 3.0) for found in PATROLS]},
    "twice the legal quotas": {"levers": [use("legal_quota", 2.0)]},
    "five times the danger": {"interception": {"danger": 4.0}},
    "no demonstration effect": off("demonstration"),
    "no office": {"offices": {"opening": 0.0, "entry": 0.0, "speculative_entry": 0.0}},
}

National = dict[str, np.ndarray]

MEASURES: dict[str, Callable[[National], float]] = {
    "legal departures": lambda found: found["legal_departures"].sum(),
    "irregular departures": lambda found: found["irregular_departures"].sum(),
    "irregular arrivals": lambda found: found["irregular_arrivals"].sum(),
    "interceptions per departure": lambda found: found["interceptions"].sum() / found["irregular_departures"].sum(),
    "deaths per departure": lambda found: found["deaths_en_route"].sum() / found["irregular_departures"].sum(),
    "aspiration": lambda found: found["aspiration_mean"].mean(),
}

EXPECTED = {
    "three times the patrols everywhere": {
        "interceptions per departure": 1,
        "irregular departures": -1,
        "irregular arrivals": -1,
    },
    "twice the legal quotas": {"legal departures": 1, "irregular departures": -1},
    "five times the danger": {"deaths per departure": 1, "irregular departures": -1},
    "no demonstration effect": {"aspiration": -1, "irregular departures": -1},
    "no office": {"irregular departures": -1},
}
"""Sign of the difference."""


@cache
def measured(change: str, seed: int) -> dict[str, float]:
    """Measures of a run over the months from `SINCE` on."""
    values = CHANGES[change]
    offices = {"markup": 0.4} | values.get("offices", {})  # dear enough that few seeds show what lowers departures
    config = busy_config(months=MONTHS, scale=SCALE, seed=seed, **(values | {"offices": offices}))
    national = simulate(config)["national"]
    since = {name: series[SINCE:] for name, series in national.items()}
    return {name: measure(since) for name, measure in MEASURES.items()}


@pytest.mark.parametrize("change", EXPECTED)
def test_the_model_answers_as_it_should(change: str):
    wrong = []
    for measure, sign in EXPECTED[change].items():
        low, high = interval(100 * np.log(measured(change, s)[measure] / measured("none", s)[measure]) for s in SEEDS)
        if not min(sign * low, sign * high) > 0:
            wrong.append(f"{measure}: expected {'+' if sign > 0 else '−'}, found {low:+.1f} to {high:+.1f} log points")
    assert not wrong, "\n".join(wrong)
