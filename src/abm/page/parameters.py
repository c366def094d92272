"""Parameters with their values, ranges and sources, those that were changed first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from abm.config import Config
from abm.config.wording import counted, is_number, listed, number
from abm.declare.source import kind_of
from abm.experiments.factors import Factor
from abm.page.levers import Configs
from abm.page.parts import Block, Grid, Heading, Text
from abm.page.words import headed, prose
from abm.report.describe import CHOICE, parameters
from abm.report.render import Row
from abm.results.tables import Resolved


def parameter_blocks(configs: Configs, factors: Sequence[Factor] = ()) -> list[Block]:
    """Say how many values rest on what, list what differs from the defaults, and all in folded tables."""
    reference = next(iter(configs.values()))
    declared = [row for row in parameters() if row["source"] != CHOICE and _takes_part(reference, row)]
    changed = [row for row in declared if {_value(config, row) for config in configs.values()} - {None, row["default"]}]
    by_section = groupby(declared, key=lambda row: row["path"].partition(".")[0])
    return [
        Text(_in_words(declared)),
        *([_factors(factors, declared)] if factors else []),
        _changed(changed, configs) if changed else Text("Every parameter has its default value."),
        Heading("All parameters, by mechanism"),
        Text("Tables that are open are printed; the others are not."),
        *(_table(section, list(rows), reference) for section, rows in by_section),
    ]


def _takes_part(config: Resolved, row: Row) -> bool:
    """Whether a configuration has a value of a parameter, and its mechanism is on."""
    section, catalogue = row["path"].partition(".")[0], Config.catalogue
    is_on = section not in catalogue.mechanisms or catalogue.is_on(section, config)
    return _value(config, row) is not None and is_on


def _value(config: Resolved, row: Row) -> float | None:
    """Value of a parameter in a configuration; None where it holds none that is a number."""
    section, _, name = row["path"].partition(".")
    held = config.get(section)
    value = held.get(name) if isinstance(held, Mapping) else None
    return value if is_number(value) else None


def _in_words(rows: Sequence[Row]) -> str:
    kinds = Counter(kind_of(row["source"]).value for row in rows)
    said = {"data": "read from data", "literature": "from the literature"}
    kept = ("data", "literature", "calibrated", "assumed")
    parts = [f"{kinds[kind]:,} {said.get(kind, kind)}" for kind in kept if kinds[kind]]
    return f"{counted(len(rows), 'parameter')} of the mechanisms that take part: {listed(parts)}."


def _range(row: Row) -> str:
    return f"{number(row['low'])} to {number(row['high'])}"


def _shown(value: float | None) -> str:
    return "–" if value is None else number(value)


def _changed(rows: Sequence[Row], configs: Configs) -> Grid:
    values = {headed(name): [_shown(_value(config, row)) for row in rows] for name, config in configs.items()}
    first, *others = values.values()
    if all(other == first for other in others):
        values = {"value": first}
    cells = [
        [row["path"], prose(row["text"]), row["unit"], number(row["default"]), *mine, _range(row), row["source"]]
        for row, *mine in zip(rows, *values.values(), strict=True)
    ]
    columns = ["parameter", "meaning", "unit", "default", *values, "range", "source of the default"]
    return Grid(columns, cells, range(3, 4 + len(values)), "Parameters that differ from their defaults")


def _factors(factors: Sequence[Factor], rows: Sequence[Row]) -> Grid:
    facts = {row["path"]: row for row in rows}
    everywhere = len({factor.scenarios for factor in factors}) == 1
    cells = []
    for factor in factors:
        row = facts.get(factor.name, {})
        span = f"{number(factor.low)} to {number(factor.high)}{' (log)' if factor.scale == 'log' else ''}"
        cells.append(
            {
                "factor": factor.name,
                "meaning": prose(row.get("text", "")),
                "unit": factor.unit,
                "value before": _shown(factor.centre),
                "varied over": listed(map(number, factor.values)) if factor.values else span,
                **({} if everywhere else {"in scenarios": listed(map(headed, factor.scenarios))}),
                "source of the value before": row.get("source", "–"),
            }
        )
    return Grid.of(cells, ("value before",), title="Factors that are varied")


def _table(section: str, rows: Sequence[Row], config: Resolved) -> Grid:
    cells = [
        {
            "parameter": row["path"].partition(".")[2],
            "meaning": prose(row["text"]),
            "unit": row["unit"],
            "value": _shown(_value(config, row)),
            "default": number(row["default"]),
            "range": _range(row),
            "kind": kind_of(row["source"]).value,
            "source": row["source"],
        }
        for row in rows
    ]
    return Grid.of(cells, ("value", "default"), title=f"{headed(section)} ({len(rows)})", folded=True)
