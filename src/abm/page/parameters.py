"""Parameters with their values, ranges and sources, those that were changed first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from abm.config import Config
from abm.config.wording import counted, is_number, number
from abm.declare.source import kind_of
from abm.experiments.factors import Factor
from abm.page.levers import Configs
from abm.page.parts import Block, Grid, Heading, Text
from abm.page.words import headed, listed, prose
from abm.report.describe import parameters

CHOICE = "choice of the user"
Row = Mapping[str, Any]


def parameter_blocks(configs: Configs, factors: Sequence[Factor] = ()) -> list[Block]:
    """Say how many values rest on what, list what differs from the defaults, and all in folded tables."""
    reference = next(iter(configs.values()))
    rows = [row for row in parameters() if _section(row) in reference and _is_on(_section(row), reference)]
    declared = [row for row in rows if row["source"] != CHOICE and _value(reference, row) is not None]
    kinds = Counter(kind_of(str(row["source"])).value for row in declared)
    blocks: list[Block] = [Text(_in_words(kinds))]
    if factors:
        blocks.append(_factors(factors, declared))
    changed = [row for row in declared if any(_is_changed(config, row) for config in configs.values())]
    if changed:
        blocks.append(_changed(changed, configs))
    else:
        blocks.append(Text("Every parameter has its default value."))
    blocks += [Heading("All parameters, by mechanism"), Text("Tables that are open are printed; the others are not.")]
    by_section: dict[str, list[Row]] = {}
    for row in declared:
        by_section.setdefault(_section(row), []).append(row)
    blocks += [_table(section, mine, reference) for section, mine in by_section.items()]
    return blocks


def _section(row: Row) -> str:
    return str(row["path"]).partition(".")[0]


def _is_on(section: str, config: Mapping[str, Any]) -> bool:
    catalogue = Config.catalogue
    return section not in catalogue.mechanisms or catalogue.is_on(section, config)


def _value(config: Mapping[str, Any], row: Row) -> float | None:
    """Value of a parameter in a configuration; None where it holds none that is a number."""
    section, _, name = str(row["path"]).partition(".")
    held = config.get(section)
    value = held.get(name) if isinstance(held, Mapping) else None
    return value if is_number(value) else None


def _is_changed(config: Mapping[str, Any], row: Row) -> bool:
    value = _value(config, row)
    return value is not None and value != row["default"]


def _in_words(kinds: Mapping[str, int]) -> str:
    whole = sum(kinds.values())
    words = {
        "data": "read from data",
        "literature": "from the literature",
        "calibrated": "calibrated",
        "assumed": "assumed",
    }
    parts = [f"{kinds[kind]:,} {text}" for kind, text in words.items() if kinds.get(kind)]
    return f"{counted(whole, 'parameter')} of the mechanisms that take part: {listed(parts)}."


def _range(row: Row) -> str:
    return "–" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}"


def _shown(value: float | None) -> str:
    return "–" if value is None else number(value)


def _changed(rows: Sequence[Row], configs: Configs) -> Grid:
    same = all(
        _value(config, row) == _value(next(iter(configs.values())), row) for row in rows for config in configs.values()
    )
    shown = list(configs.items())[:1] if same else list(configs.items())
    heads = ["value"] if same else [headed(name) for name, _ in shown]
    cells = [
        [
            str(row["path"]),
            prose(str(row["text"])),
            str(row["unit"]),
            number(row["default"]),
            *(_shown(_value(config, row)) for _, config in shown),
            _range(row),
            str(row["source"]),
        ]
        for row in rows
    ]
    columns = ["parameter", "meaning", "unit", "default", *heads, "range", "source of the default"]
    return Grid(columns, cells, range(3, 4 + len(heads)), "Parameters that differ from their defaults")


def _factors(factors: Sequence[Factor], rows: Sequence[Row]) -> Grid:
    facts = {str(row["path"]): row for row in rows}
    everywhere = len({factor.scenarios for factor in factors}) == 1
    cells = []
    for factor in factors:
        row = facts.get(factor.name, {})
        values = listed([number(value) for value in factor.values]) if factor.values else ""
        span = values or f"{number(factor.low)} to {number(factor.high)}{' (log)' if factor.scale == 'log' else ''}"
        where = listed([headed(name) for name in factor.scenarios])
        cells.append(
            [
                factor.name,
                prose(str(row.get("text", ""))),
                factor.unit,
                "–" if factor.centre is None else number(factor.centre),
                span,
                *([] if everywhere else [where]),
                str(row.get("source", "–")),
            ]
        )
    varied = ["varied over", *([] if everywhere else ["in scenarios"])]
    columns = ["factor", "meaning", "unit", "value before", *varied, "source of the value before"]
    return Grid(columns, cells, (3,), "Factors that are varied")


def _table(section: str, rows: Sequence[Row], config: Mapping[str, Any]) -> Grid:
    cells = [
        [
            str(row["path"]).partition(".")[2],
            prose(str(row["text"])),
            str(row["unit"]),
            _shown(_value(config, row)),
            number(row["default"]),
            _range(row),
            kind_of(str(row["source"])).value,
            str(row["source"]),
        ]
        for row in rows
    ]
    columns = ("parameter", "meaning", "unit", "value", "default", "range", "kind", "source")
    return Grid(columns, cells, (3, 4), f"{headed(section)} ({len(rows)})", folded=True)
