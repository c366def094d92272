"""One tiny run pinned: its tables may change only on purpose.

The checksums are those of the content of the tables, the same on every machine; columns that a new mechanism adds to
them are no change. If this test fails and the change is
meant, say so in CHANGELOG.md with a line marked **Results change**, and run `python tests/refresh_golden.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from worlds import checksums, small_config

from abm.config import Config
from abm.model import Tables, simulate

GOLDEN = Path(__file__).with_name("golden.json")

FLOWS = (
    "legal_departures",
    "sponsored_departures",
    "domestic_moves",
    "irregular_departures",
    "irregular_arrivals",
    "interceptions",
    "deportations",
    "repeat_attempts",
    "cheated",
    "smuggling_revenue",
    "bribes_paid",
    "remittances",
    "policy_cost",
)
"""National outcomes told beside the checksums, summed over the months, so that a change can be judged at a glance."""

STOCKS = (
    "offices",
    "under_way",
    "smuggling_debt",
    "perceived_failure",
    "population",
    "persons_abroad",
    "migration_debt",
    "aspiration_mean",
    "unemployment_rate",
    "income_mean",
)
"""The same, in the last month."""


def golden_config() -> Config:
    """Three districts over three years with levers of every kind of place, so that most of the code has its say."""
    return small_config(
        months=36,
        scale=0.004,
        seed=7,
        mechanisms={"transit": {"enabled": False}},  # off it changes nothing: what is pinned is from before it
        levers=[
            {"lever": "legal_quota", "from": "2009-10", "where": {"destination": "saudi_arabia"}, "value": 0.5},
            {"lever": "cash_transfer", "from": "2010-01", "ramp_months": 6, "where": ["gujrat"], "value": 2000.0},
            {
                "lever": "border_patrol",
                "from": "2010-06",
                "pulse": {"months_on": 3, "months_off": 3},
                "where": {"leg": ["karachi_taftan", "quetta_taftan"]},
                "value": 4.0,
            },
            {"lever": "awareness_campaign", "topic": "death", "from": "2010-03", "where": ["gujrat"], "value": 0.2},
            {"lever": "informal_finance_control", "from": "2011-01", "value": 0.5},
            {"lever": "transit_border_control", "announced": "2010-09", "from": "2011-01", "value": 2.0},
        ],
    )


def measure(tables: Tables, columns: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Checksums of the tables or of some of their columns, and headline outcomes to six digits."""
    if columns:
        tables = {
            name: {column: table[column] for column in columns.get(name, table) if column in table}
            for name, table in tables.items()
        }
    national = tables["national"]
    values = {name: national[name].sum() for name in FLOWS} | {name: national[name][-1] for name in STOCKS}
    return {
        "checksums": checksums(tables),
        "headlines": {name: float(f"{value:.6g}") for name, value in values.items()},
        "columns": {name: list(table) for name, table in tables.items()},
    }


def load_golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found | {"columns": {table: names.split() for table, names in found["columns"].items()}}


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return measure(simulate(golden_config()), load_golden()["columns"])


@pytest.mark.parametrize("name", FLOWS + STOCKS)
def test_headlines(name: str, measured: dict[str, Any]):
    """Rounded to six digits: these tell what changed; the checksums tell that nothing did."""
    assert measured["headlines"][name] == load_golden()["headlines"][name]


def test_checksums(measured: dict[str, Any]):
    found, pinned = measured["checksums"], load_golden()["checksums"]
    changed = sorted(name for name in pinned if found[name] != pinned[name])
    assert not changed, f"tables changed: {changed}; if that is meant, see the head of this file"
    assert set(found) == set(pinned)


def test_the_pinned_run_is_worth_pinning(measured: dict[str, Any]):
    """A run in which nothing happens would pin nothing."""
    assert all(value > 0 for value in measured["headlines"].values())
