"""The ODD protocol of a configuration, with the ODD+D questions: prose of `odd.md`, the rest from declarations.

Text and equations of a submodel stand in the docstring of its mechanism: first the summary, then what it does in words,
then *Notes* with formulas in LaTeX, which pandoc turns into PDF or Word.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from importlib.resources import files

import yaml

from abm.analysis.wording import plain
from abm.config import Config
from abm.config.wording import number
from abm.declare import SourceKind, kind_of
from abm.declare.column import TABLES_OF_COLUMNS
from abm.enforcement import STREAMS
from abm.engine.version import __version__
from abm.month import HOUSEHOLD_PASS
from abm.places.places import places_of
from abm.report import describe
from abm.report.constants import constants
from abm.report.drivers import drivers_in_short
from abm.report.render import Row, as_markdown, as_yaml
from abm.world import codes
from abm.world.mechanism import Mechanism, Phase

TEMPLATE = "odd.md"  # prose that no declaration holds, with ``{{block}}`` where a generated part stands

FAMILIES = (
    (re.compile(rf"^([a-z]+)_\w+_(?:{'|'.join(STREAMS)})$"), r"\1_<service>_<crime>"),
    (re.compile(r"_wealth_\d$"), "_wealth_<quintile>"),
    (re.compile(r" by [\w ]+ in cases of [\w ]+\.$"), " by the service in cases of the crime."),
    (re.compile(r"quintile \d "), "the quintile "),
)
"""What stands in place of service and crime, or of a quintile, in names and texts of outcomes alike but for these."""

_PARAMETERS, _BLOCK = re.compile(r"\{\{parameters (\w+)\}\}"), re.compile(r"\{\{(\w+)\}\}")


def write_odd(config: Config) -> str:
    """Write the ODD protocol of a configuration as Markdown; the same configuration gives the same bytes."""
    streams = (name.removeprefix("STREAM_").lower() for name in vars(codes) if name.startswith("STREAM_"))
    blocks = {
        "title": f"Configuration *{config.name}*, {config.start} to {config.end}; version {__version__} of the model. "
        + " ".join(config.description.split())
        + _what_is_changed(config),
        "patterns": _patterns(),
        "places": _places(config),
        "month": _month(config),
        "household_pass": "\n".join(f"{order}. {stage.text}" for order, stage in enumerate(HOUSEHOLD_PASS, 1)),
        "streams": ", ".join(map(plain, streams)) + ".",
        "drivers": _table(drivers_in_short(config.drivers)),
        "submodels": "\n\n".join(_submodel(config, *found) for found in enumerate(describe.PHASES, 1)),
        "state": _state(),
        "columns": _columns(),
        "sources": _sources(),
        "constants": _table(constants()),
    }
    template = files("abm.report").joinpath(TEMPLATE).read_text(encoding="utf-8")
    whole = _PARAMETERS.sub(lambda found: parameters_of(config, found[1]), template)
    return _BLOCK.sub(lambda found: blocks[found[1]], whole).strip() + "\n"


def heading_of(order: int, mechanism: type[Mechanism]) -> str:
    """Heading of a submodel."""
    return f"7.{order} {_name_of(mechanism)} (`{mechanism.section}`)"


def of_family(text: str) -> str:
    """Name or text of an outcome, the same for all of a family; see `FAMILIES`."""
    for found, instead in FAMILIES:
        text = found.sub(instead, text)
    return text


def parameters_of(config: Config, section: str) -> str:
    """Table of the parameters of a section, with the values that a configuration gives them."""
    rows = [row for row in describe.parameters() if row["low"] is not None and row["path"].startswith(f"{section}.")]
    return _table(
        {
            "parameter": f"`{name}`",
            "value": as_yaml(getattr(getattr(config, section), name)),
            "range": f"{number(row['low'])} to {number(row['high'])}",
            "unit": row["unit"],
            "kind": kind_of(row["source"]).value,
            # what it says beyond its kind
            "source": re.sub(rf"^({SourceKind.ASSUMED}|{SourceKind.CALIBRATED})[;:,]?\s*", "", row["source"]),
            "meaning": row["text"],
        }
        for row in rows
        for name in [row["path"].partition(".")[2]]
    )


def _parts_of(mechanism: type[Mechanism]) -> tuple[str, str]:
    """Text of a mechanism's docstring, and its notes with equations, if any; each paragraph of words in one line."""
    text, _, notes = (inspect.getdoc(mechanism) or "").partition("\nNotes\n-----\n")
    return _unwrap(text), _unwrap(notes)


def _unwrap(text: str) -> str:
    paragraphs = (part.strip() for part in text.strip().split("\n\n"))
    return "\n\n".join(part if part.startswith("$$") else " ".join(part.split()) for part in paragraphs)


def _name_of(mechanism: type[Mechanism]) -> str:
    """Name of a mechanism in words: ``LegalWork`` becomes "Legal work"."""
    first, *others = re.findall(r"[A-Z][a-z]*", mechanism.__name__)
    return " ".join([first, *map(str.lower, others)])


def _patterns() -> str:
    return _table(
        {
            "target": f"`{row['target']}`",
            "counts": row["counts"],
            "of a run": ", ".join(f"`{column}`" for column in row["columns"]),
            "what it is": row["text"],
            "share reported": ", ".join(f"{share:g}" for share in row["share"]),
            "by place": row["by_place"],
        }
        for row in describe.observations()
    )


def _what_is_changed(config: Config) -> str:
    """Levers and events of the configuration as YAML; nothing where there are none."""
    uses = {"levers": config.levers, "events": config.events}
    lists = {
        name: [use.model_dump(mode="json", by_alias=True, exclude_defaults=True) for use in found]
        for name, found in uses.items()
        if found
    }
    return f"\n\n```yaml\n{yaml.safe_dump(lists, sort_keys=False, width=110)}```" if lists else ""


def _places(config: Config) -> str:
    places = places_of(config.places)
    onward = sum(route.onward for route in places.routes)
    return (
        f"There are {len(describe.districts())} districts, {len(places.destinations)} destinations abroad, "
        f"{len(places.legs)} legs, which make {len(places.routes) - onward} routes from home and {onward} onward from "
        f"a first stay, and {len(places.posts)} enforcement posts."
    )


def _month(config: Config) -> str:
    """Table of the phases; what they read of other phases stands with the phase that wrote it."""
    writer: dict[str, str] = {}
    rows = []
    for order, phase in enumerate(describe.PHASES, 1):
        name = _name_of(phase.mechanism)
        writers = dict.fromkeys(writer[held.path] for held in phase.reads if held.path in writer)
        rows.append(
            {
                "": order,
                "phase": name if config.enabled(phase.mechanism.section) else f"{name} (off)",
                "what happens": _parts_of(phase.mechanism)[0].partition("\n\n")[0],
                "builds on": ", ".join(writers),
                "hands on": "; ".join(held.text.rstrip(".") for held in phase.writes),
            }
        )
        writer |= dict.fromkeys((held.path for held in phase.writes), name)
    return _table(rows)


def _submodel(config: Config, order: int, phase: Phase) -> str:
    mechanism = phase.mechanism
    text, notes = _parts_of(mechanism)
    levers = [
        f"- `{lever.name}` ({lever.unit}; {number(lever.bounds[0])} to {number(lever.bounds[1])}; "
        f"{kind_of(lever.source).value}): {lever.text}"
        for lever in mechanism.levers
    ]
    outcomes = dict.fromkeys(
        f"- `{of_family(row['outcome'])}` ({row['unit']}; {row['kind']}; {_tables_of(row)}): {of_family(row['text'])}"
        for row in describe.outcomes()
        if row["mechanism"] == mechanism.section
    )
    parts = [
        f"### {heading_of(order, mechanism)}",
        text,
        "" if config.enabled(mechanism.section) else "*Off in this configuration.*",
        notes,
        _state_used(phase),
        parameters_of(config, mechanism.section) if mechanism.Params.model_fields else "",
        "\n".join(["Levers:\n", *levers]) if levers else "",
        "\n".join(["Outcomes:\n", *outcomes]) if outcomes else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _tables_of(outcome: Row) -> str:
    """Tables with an outcome; the nation goes without saying where districts have it, unless as a mean: of whom."""
    shown = [table for table in outcome["tables"] if table != "national" or "district" not in outcome["tables"]]
    return ", ".join(shown) + (f", mean by `{outcome['weight']}`" if outcome["weight"] else "")


def _state_used(phase: Phase) -> str:
    words = {"reads": phase.reads, "keeps": phase.keeps, "writes": phase.writes}
    parts = [f"{word} {', '.join(f'`{held.path}`' for held in found)}" for word, found in words.items() if found]
    return f"State: {'; '.join(parts)}." if parts else ""


def _state() -> str:
    return _table(
        {
            "value": f"`{row['value']}`",
            "unit": row["unit"],
            "by": " × ".join(row["over"]),
            "lasts": "the run" if row["lasts"] == "run" else "the month",
            "meaning": row["text"],
        }
        for row in describe.state()
    )


def _columns() -> str:
    parts = []
    for table, columns in TABLES_OF_COLUMNS.items():
        rows = [{"variable": f"`{name}`", "unit": found.unit, "meaning": found.text} for name, found in columns.items()]
        parts.append(f"**{table.capitalize()}**\n\n{_table(rows)}")
    return "\n\n".join(parts)


def _sources() -> str:
    """Count the parameters of each kind of source."""
    kinds = [kind_of(row["source"]) for row in describe.parameters() if row["low"] is not None]
    counts = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in SourceKind)
    return f"Of {len(kinds)} parameters: {counts}."


def _table(rows: Iterable[Row]) -> str:
    listed = list(rows)
    return as_markdown(listed, list(listed[0])) if listed else "None."
