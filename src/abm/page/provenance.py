"""Warnings and limits, what made the results, and the command that makes them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from abm.analysis.wording import plain
from abm.config import Config
from abm.config.wording import listed
from abm.engine.version import __version__, code_hash
from abm.page.levers import Configs
from abm.page.parts import Block, Code, Grid, Items
from abm.results.headlines import STREAMS, readings_of
from abm.results.tables import Resolved

STANDING = (
    "This is no forecast. It says what follows from the assumptions, which are listed with their sources.",
    "Irregular migration is not observed. What is compared with records are detections, deportations and cases.",
    "Costs are what levers are declared to cost the government; nothing is said of what else they cost or save.",
)
"""Limits of every result of the model."""

FEW_RUNS = 24  # runs up to which the table of runs is open


def limits(configs: Configs, *, runs: int, notes: Sequence[str] = ()) -> list[Block]:
    """Say what a reader must not take from the page."""
    reference = next(iter(configs.values()))
    found = list(notes)
    scale = float(reference["population"]["scale"])
    if scale < 1:
        found.append(
            f"The sample is {100 * scale:g} % of the households: one in it stands for {1 / scale:,.0f}. Results of "
            "single districts, and of rare events, are noisy."
        )
    if runs == 1:
        found.append("There is one run: no uncertainty is shown. Another seed gives other numbers.")
    found += list(STANDING)
    readings = readings_of(reference)
    if readings:
        named = [f"{STREAMS[name].level}{f' (reading {text})' if text else ''}" for name, text in readings.items()]
        found.append(f"Levels are assumed of: {listed(named)}.")
    off = sorted(name for name in Config.catalogue.mechanisms if not Config.catalogue.is_on(name, reference))
    if off:
        found.append(f"Mechanisms that take no part: {listed(list(map(plain, off)))}.")
    return [Items(found)]


def made_by(versions: Mapping[str, str]) -> list[tuple[str, str]]:
    """Version, code and libraries of runs."""
    code = versions["code"]
    found = [("abm", versions["abm"]), ("code (SHA-256)", code)]
    if libraries := [f"{name} {version}" for name, version in versions.items() if name not in ("abm", "code")]:
        found.append(("with", ", ".join(libraries)))
    if code != code_hash():
        found.append(("page", f"made by another version, {__version__}, code {code_hash()[:16]}"))
    return found


def configuration(config: Resolved, name: str) -> Code:
    """The complete configuration, to be saved as a file."""
    text = yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=110)
    return Code(text, f"Complete configuration: save it as {name}.yaml")


def runs_table(rows: Sequence[Sequence[str]]) -> Grid:
    """Runs with seeds and checksums."""
    columns = ("run", "scenario", "seed", "checksum")
    return Grid(columns, rows, (2,), f"Runs ({len(rows):,})", folded=len(rows) > FEW_RUNS)
