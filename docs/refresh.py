"""Keep the generated parts of the documentation true.

What stands between ``<!-- generated: BLOCK ARGUMENT -->`` and ``<!-- end -->`` is written from declarations, data and
example files; everything else is written by hand.

    python docs/refresh.py                             write anew what is stale
    python docs/refresh.py --check                     name what is stale, and end with 1 if anything is
    python docs/refresh.py --pictures RESULTS/RUN      take the pictures of docs/images from the plots of a run
"""

from __future__ import annotations

import argparse
import ast
import csv
import math
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from abm.analysis.facts import band_in_words, count_verdicts
from abm.analysis.wording import decimals_for, estimate, figure, plain, written
from abm.calibration.settings import CalibrationSettings, ConfirmSettings, TargetSettings, WaveSettings
from abm.cli.app import app
from abm.config import load_config
from abm.config.compose import first_line
from abm.config.explain import expected_of
from abm.config.wording import is_number
from abm.declare import Params
from abm.enforcement.law.regime import us_tiers
from abm.engine.calendar import format_month, parse_month
from abm.engine.ledger import ACCOUNTS
from abm.experiments.fact import ESTIMATORS, Assert, Fact
from abm.experiments.settings import DESIGNS
from abm.places.options import CHANNELS, list_options
from abm.places.places import (
    MOST_CORRIDORS,
    MOST_DESTINATIONS,
    MOST_LEGS,
    MOST_POSTS,
    MOST_ROUTES,
    MOST_STREAMS,
    places_of,
)
from abm.plots.style import save_small
from abm.report import describe
from abm.report.describe import TOPICS
from abm.report.odd import heading_of, write_odd
from abm.report.render import Row, as_markdown
from abm.world.event_use import EventUse

ROOT = Path(__file__).resolve().parent.parent

BLOCK = re.compile(
    r"(?P<start><!-- generated: (?P<name>[a-z_]+)(?: (?P<argument>[^>]*?))? -->\n)(?P<body>.*?)(?P<end><!-- end -->)",
    re.DOTALL,
)

LANGUAGES = {".py": "python", ".yaml": "yaml"}

PICTURES = {"departures_map": 1300, "corridors_map": 1300, "who_gets_what": 1250, "fees": 1250}
"""Plots that the documentation shows, and their width in pixels there."""

LARGEST_PICTURE = 300_000
"""Bytes."""

DIRECTIONS = ("irregular_departures", "deaths_en_route", "europe_entries")
"""Outcomes of the table of what levers move; the CSV file has more."""


def pages() -> list[Path]:
    """List the pages that may hold generated blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def refreshed(text: str) -> str:
    """Write a page with all its blocks made anew.

    Raises
    ------
    KeyError
        If a block has a name that nobody makes.
    """

    def fill(found: re.Match[str]) -> str:
        return f"{found['start']}\n{BLOCKS[found['name']](found['argument'] or '').strip()}\n\n{found['end']}"

    return BLOCK.sub(fill, text)


def odd(config: str) -> str:
    """ODD protocol of a configuration."""
    return write_odd(load_config(ROOT / config))


def equations(argument: str) -> str:
    """Link to the equations of a mechanism in the ODD; after its name the way up from the page, if there is one."""
    section, _, up = argument.partition(" ")
    sections = [phase.mechanism.section for phase in describe.PHASES]
    order = sections.index(section)
    heading = heading_of(order + 1, describe.PHASES[order].mechanism)
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    return f"Equations: [ODD, {heading.partition(' (')[0]}]({up}odd.md#{anchor})."


def rooms(_: str) -> str:
    """Table of the folders of the package, each importing from those above it only."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = [layer.split("|") for layer in contract[0]["layers"]]
    lines = []
    for name in (name.strip(" ()") for layer in reversed(layers) for name in layer):
        file = ROOT / "src" / "abm" / name / "__init__.py"
        if file.is_file():
            text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            holds = text.partition("\n")[0].removeprefix(f"{name.title()}: ")
            lines.append({"room": f"`{name}/`", "holds": holds[:1].upper() + holds[1:]})
    return _table(lines)


def event_table(_: str) -> str:
    """Table of all kinds of event, with their settings."""
    heads = {"event": "`event`", "dated by": "`dated`", "needs": "`needs`", "may have": "`may`", "`where`": "`where`"}
    return _table_of(TOPICS["events"].rows(), {**heads, "what happens": "text", "systems": "systems"})


def lever_directions(_: str) -> str:
    """Table of what every lever moved in experiments/lever_directions.yaml."""
    study = yaml.safe_load((ROOT / "experiments/lever_directions.yaml").read_text())
    with (ROOT / "docs/lever_directions.csv").open(newline="") as file:
        figures = list(csv.DictReader(file))
    first, last = (parse_month(str(study["window"][end])) for end in ("from", "until"))
    lines = []
    for scenario, content in study["scenarios"].items():
        if not content:
            continue
        (use,) = content["levers"]
        mine = [row for row in figures if row["scenario"] == scenario]
        line = {"lever": f"`{use['lever']}`", "dose": _dose(use)}
        for row in mine:
            if row["answer"] == "main" and row["outcome"] in DIRECTIONS:
                line[plain(row["outcome"])] = _change(row)
            elif row["outcome"] == "policy_cost" and row["answer"] == "main":
                months = float(row["difference"]) / (last - first + 1) / 1e6
                line["cost, million PKR a month"] = figure(months)
        (clearest,) = [row for row in mine if row["answer"] == "clearest"]
        line["clearest answer"] = f"{plain(clearest['outcome'])} {_change(clearest)}"
        lines.append(line)
    return _table(lines)


def facts(_: str) -> str:
    """Table of the facts of the literature and what came out, from docs/facts.csv."""
    with (ROOT / "docs/facts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = []
    for row in rows:
        first = row["test"] == next(one["test"] for one in rows if one["id"] == row["id"])
        found, off = (
            estimate(*_floats(row, *(before + name for name in ("estimate", "low", "high")))) for before in ("", "off_")
        )
        lines.append(
            {
                "": f"**{row['id']}** {row['statement']} *{row['citation']}*" if first else "",
                "test": plain(row["test"]),
                "estimate [95 %]": found,
                "band": band_in_words(_floats(row, "band_low", "band_high")),
                "verdict": row["verdict"],
                "mechanism off": off,
                "off": row["off_verdict"],
            }
        )
    causes = {row["id"]: row["cause"] for row in rows if row["cause"] and row["verdict"] != "pass"}
    why = "".join(f"- **{key}**: {cause}\n" for key, cause in causes.items())
    return f"{_counts_of_facts(rows)}\n\n{_table(lines)}\n\n{why}".rstrip()


def _floats(row: dict[str, str], *names: str) -> tuple[float, ...]:
    """Numbers of a row; not a number where it is blank."""
    return tuple(float(row[name] or "nan") for name in names)


def _counts_of_facts(rows: Sequence[dict[str, str]]) -> str:
    """Say how many facts pass, are undecided and fail, and how many of them are gone with their mechanism off."""
    judged = {row["id"]: (row["fact"], row["fact_off"]) for row in rows if row["fact"] != "levels"}
    words, sound = count_verdicts(judged.values())
    counts = ", ".join(words)
    return f"{len(judged)} facts are tests: {counts}. {sound} of those that pass are gone with the mechanism off."


def estimators(_: str) -> str:
    """Table of the estimators of facts."""
    return _table([{"estimator": f"`{name}`", "gives": text} for name, text in ESTIMATORS.items()])


def _dose(use: dict[str, Any]) -> str:
    """Say how a lever was used, in the words of its YAML."""
    where = use.get("where")
    words = [f"{key} {use[key]}" for key in ("topic", "claimed", "sectors") if key in use]
    named = [] if where is None else [value if isinstance(value, list) else [value] for value in where.values()]
    places = f" in {', '.join(plain(name) for names in named for name in names)}" if named else ""
    return f"{_plain(use['value'])}{places}" + "".join(f", {word}" for word in words)


def _change(row: dict[str, str]) -> str:
    """Write a difference in per cent with half of its interval, bold where the interval leaves out zero."""
    value, low, high = _floats(row, "percent", "percent_low", "percent_high")
    if not math.isfinite(value):
        return "–"
    half = (high - low) / 2
    decimals = min(max(decimals_for(half, value), 0), 2)
    words = f"{'+' if value > 0 else ''}{written(value, decimals)} ± {written(half, decimals)}"
    return f"**{words}**" if low > 0 or high < 0 else words


def lever(name: str) -> str:
    """Say in one line what a lever does."""
    row = next(row for row in TOPICS["levers"].rows() if row["lever"] == name)
    span = _span(row["low"], row["high"])
    value = f"{row['unit']}, {span}; {_plain(row['neutral'])} changes nothing"
    return f"{row['text']} Acts on: {row['over']}. Value: {value}."


def transit_streams(_: str) -> str:
    """Table of the streams of transit."""
    heads = {"level": "enter a month", "direct": "direct way", "walls": "walls, pushed", "price_pkr": "price, PKR"}
    shown = ("level", "direct", "walls", "pushed_to", "entries", "routes", "hire", "price_pkr", "source")
    columns = {heads.get(name, name.replace("_", " ")): name for name in shown}
    return _table_of(TOPICS["transit"].rows(), {"stream": "`stream`", **columns})


def tiers(_: str) -> str:
    """Table of the US tiers with their weights; a year with the tier of the year before is left out."""
    found = us_tiers()
    changes = [tier for index, tier in enumerate(found) if index == 0 or tier.name != found[index - 1].name]
    return _table(
        [
            {
                "from": format_month(tier.since),
                "tier": tier.name,
                "weight of a month": _plain(tier.weight),
                "tier from": tier.source,
            }
            for tier in changes
        ]
    )


def place_limits(_: str) -> str:
    """Say how many places there may be."""
    return (
        f"At most {MOST_DESTINATIONS} destinations, {MOST_LEGS} legs, {MOST_ROUTES} routes, {MOST_CORRIDORS} "
        f"corridors, {MOST_POSTS} posts and {MOST_STREAMS} streams of transit, the shipped ones included."
    )


def option_count(_: str) -> str:
    """Say how many options there are beside staying."""
    found = list_options(places_of().destinations, places_of().routes)
    sold = sum(option.is_sold for option in found)
    legal, family, city, irregular, visits = (
        sum(option.channel == k and not option.is_sold for option in found) for k in range(len(CHANNELS))
    )
    return (
        f"{len(found)} options besides staying: legal work at {legal} destinations, sponsorship at {family}, "
        f"a city in Pakistan ({city}), {irregular} irregular routes, visits that become stays at {visits}, and visas "
        f"for sale at {sold}, which stay closed until a lever opens them."
    )


def systems(_: str) -> str:
    """Table of the systems of the source paper, and what is left out."""
    return _table_of(TOPICS["systems"].rows(), {"": "system", "system": "name", "left out": "left_out"})


def accounts(_: str) -> str:
    """List the accounts of the ledger."""
    return ", ".join(f"`{name}`" for name in ACCOUNTS)


def commands(_: str) -> str:
    """Table of the commands of the command line."""
    found: Any = get_command(app)
    lines = [
        {"command": f"`abm {name}`", "does": (command.help or "").strip().partition("\n")[0]}
        for name, command in found.commands.items()
    ]
    return _table(lines)


def topics(_: str) -> str:
    """Table of what ``abm describe`` lists."""
    return _table([{"topic": f"`{name}`", "lists": found.text} for name, found in TOPICS.items()])


def configs(_: str) -> str:
    """Table of the shipped configurations."""
    lines = []
    for path in sorted((ROOT / "configs").glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        share = f"{100 * data['population']['scale']:g} %"
        lines.append(
            {
                "file": f"`configs/{path.name}`",
                "what it is for": " ".join(str(data.get("description", "")).split()),
                "as shipped": f"{share} of the households, {data['start']} to {data['end']}",
            }
        )
    return _table(lines)


def file(argument: str) -> str:
    """Show a file of the repository, or of a YAML file the sections named."""
    name, *sections = argument.split()
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    if sections:
        parts = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
        text = "".join(part for part in parts if part.partition(":")[0] in sections)
    return f"```{LANGUAGES[path.suffix]}\n{text.strip()}\n```"


EXPERIMENT_PARTS: dict[str, type[Params]] = {
    "fact": Fact,
    "assert": Assert,
    "calibration": CalibrationSettings,
    "target": TargetSettings,
    "wave": WaveSettings,
    "confirm": ConfirmSettings,
    "event": EventUse,
}


def experiment_settings(part: str) -> str:
    """Table of the settings of one part of an experiment."""
    lines = []
    for name, field in EXPERIMENT_PARTS[part].model_fields.items():
        default = "required" if field.is_required() else _default(None if field.default_factory else field.default)
        setting, text = f"`{field.alias or name}`", " ".join((field.description or "").split())
        lines.append({"setting": setting, "default": default, "expected": expected_of(field), "what it is": text})
    return _table(lines)


def experiment_designs(_: str) -> str:
    """Table of the methods of a design, with the settings that each has."""
    lines = [
        {
            "method": f"`{method}`",
            "settings": ", ".join(f"`{name}`" for name in kind.model_fields if name != "method"),
            "points": first_line(kind),
        }
        for method, kind in DESIGNS.items()
    ]
    return _table(lines)


def message(name: str) -> str:
    """Show a faulty file of the tests and what a user is told about it."""
    folder = ROOT / "tests" if "/" in name else ROOT / "tests" / "bad"
    texts = [(folder / f"{name}.{ending}").read_text(encoding="utf-8").strip() for ending in ("yaml", "expected")]
    return "\n\n".join(f"```text\n{text}\n```" for text in texts)


BLOCKS: dict[str, Callable[[str], str]] = {
    made.__name__: made
    for made in (
        odd, equations, rooms, event_table, lever_directions, lever, place_limits,
        option_count, systems, accounts, commands, topics, configs, file, message,
        experiment_settings, experiment_designs, transit_streams, tiers, facts, estimators,
    )
}  # fmt: skip
"""What makes each kind of block."""


def take_pictures(run: Path) -> None:
    """Make the pictures of ``docs/images`` from the plots of a run: narrower, and with fewer colours."""
    for name, width in PICTURES.items():
        target = ROOT / "docs" / "images" / f"{name}.png"
        print(save_small(run / "plots" / f"{name}.png", target, width=width, colours=256))


def main(argv: Sequence[str] | None = None) -> int:
    """Refresh or check the pages, or take pictures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    parser.add_argument("--pictures", type=Path, metavar="RUN", help="folder of a run, for docs/images")
    given = parser.parse_args(argv)
    if given.pictures:
        take_pictures(given.pictures)
    stale = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        fresh = refreshed(text)
        if fresh == text:
            continue
        stale.append(page.relative_to(ROOT))
        if not given.check:
            page.write_text(fresh, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'stale' if given.check else 'written anew'}")
    return 1 if stale and given.check else 0


def _table(rows: Sequence[Row]) -> str:
    return as_markdown(rows, list(rows[0])).replace("``", "`") if rows else "None."


def _table_of(rows: Iterable[Row], columns: Mapping[str, str]) -> str:
    """Table of rows: by head a column, in backticks if it is code."""
    return _table([{head: _cell(row, column) for head, column in columns.items()} for row in rows])


def _cell(row: Row, column: str) -> object:
    value = row[column.strip("`")]
    if column.startswith("`"):
        return tuple(f"`{one}`" for one in value) if isinstance(value, tuple) else f"`{value}`"
    return _plain(value) if is_number(value) else value


def _plain(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) >= 10_000 else f"{value:g}"


def _span(low: float, high: float) -> str:
    return f"{_plain(low)} to {_plain(high)}"


def _default(value: Any) -> str:
    if isinstance(value, Params) or value in ({}, (), None, ""):
        return "none"
    if isinstance(value, bool | int | float):
        return yaml.safe_dump(value).partition("\n")[0]
    return f"`{value}`" if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.exit(main())
