"""From YAML to a checked calibration: an experiment with factors, and how these are fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.analysis.observation import OBSERVATIONS
from abm.calibration.settings import CalibrationSettings
from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.idle import tell
from abm.config.wording import described, no_such
from abm.config.yaml_source import read_yaml
from abm.engine.calendar import MONTHS_A_YEAR, parse_month
from abm.engine.errors import ConfigError, Problem
from abm.experiments.check import few_points
from abm.experiments.read import CALIBRATION as KEY
from abm.experiments.read import read_experiment
from abm.experiments.spec import Experiment


@dataclass(frozen=True)
class Calibration:
    """A calibration, checked."""

    # the study of its first wave: one scenario, whose factors are the parameters, each with a uniform prior over its
    # range, or over its logarithm
    experiment: Experiment
    settings: CalibrationSettings  # how they are fitted

    @property
    def name(self) -> str:
        """Short name; the calibration goes to a folder of this name."""
        return self.experiment.name


def load_calibration(path: str | Path) -> Calibration:
    """Read a calibration from a YAML file; a ConfigError has all that is wrong in its section, or else around it."""
    source = read_yaml(path)
    if source.problems:
        raise ConfigError(source.problems)
    if not isinstance(source.data, dict) or KEY not in source.data:
        message = f"no section '{KEY}', which says what is fitted; 'abm sweep' makes the runs of a plain experiment"
        raise ConfigError([Problem(message, file=source.file, line=1, column=1)])
    section = source.data.pop(KEY)
    settings, findings = read_part(CalibrationSettings, section, (KEY,))
    findings += [*_check(settings), *_check_sections(source.data)] if settings else []
    if settings is None or findings:
        raise ConfigError([source.problem(found.message, found.path) for found in findings])
    first = settings.waves[0]
    source.data["design"] = {"method": "lhs", "samples": first.samples, "seed": settings.seed}
    source.data["replicates"] = first.replicates
    source.data.setdefault("scenarios", {"model": {}})
    source.data.setdefault("outcomes", ["irregular_departures"])
    source.data["tables"] = sorted(_tables(settings))
    experiment = read_experiment(source, path)
    outside = list(_check_years(settings, next(iter(experiment.scenarios.values()))))
    if outside:
        raise ConfigError([source.problem(found.message, found.path) for found in outside])
    if note := few_points(first.samples, len(experiment.factors)):
        tell([source.problem(note, (KEY, "waves", 0, "samples"))])
    return Calibration(experiment, settings)


def _check_years(settings: CalibrationSettings, resolved: dict[str, Any]) -> Iterator[Finding]:
    """Refuse years of records of which no run says anything: those that lie outside it in whole or in part."""
    start, end = parse_month(resolved["start"]), parse_month(resolved["end"])
    first, last = -(-start // MONTHS_A_YEAR), (end + 1) // MONTHS_A_YEAR - 1
    run = f"the run, {resolved['start']} to {resolved['end']}"
    if settings.from_ < first:
        yield Finding((KEY, "from"), f"{settings.from_} lies outside {run}; expected {first} or later")
    if settings.until > last:
        yield Finding((KEY, "until"), f"{settings.until} lies outside {run}; expected {last} or earlier")


def _tables(settings: CalibrationSettings) -> set[str]:
    """Tables that the observation models of the targets read, beside `national`."""
    observations = (OBSERVATIONS[target.target] for target in settings.targets)
    return {str(part.table) for found in observations for part in (*found.parts, *found.of)} - {"national"}


def _check(settings: CalibrationSettings) -> Iterator[Finding]:
    if settings.from_ > settings.until:
        yield Finding((KEY, "until"), f"from {settings.from_} until {settings.until} there is no year")
    for index, target in enumerate(settings.targets):
        here = (KEY, "targets", index)
        if target.target not in OBSERVATIONS:
            yield Finding((*here, "target"), no_such("target", target.target, OBSERVATIONS, topic="observations"))
            continue
        if target.summary == "contrast" and not target.years:
            yield Finding(here, "a contrast needs 'years', those that are held against the others")
        if target.summary != "contrast" and target.years:
            yield Finding((*here, "years"), f"'years' goes with a contrast; found '{target.summary}'")
        if target.summary == "pattern" and (target.each or OBSERVATIONS[target.target].place is None):
            yield Finding((*here, "summary"), "a pattern is one over several places, which this target does not have")
        if not target.error + target.discrepancy:
            yield Finding((*here, "error"), f"expected an error or a discrepancy above zero; found {described(0.0)}")


def _check_sections(data: dict[str, object]) -> Iterator[Finding]:
    for key in ("design", "replicates", "tables"):
        if key in data:
            yield Finding((key,), f"the waves of a calibration say it all; leave '{key}' out")
    scenarios = data.get("scenarios")
    if isinstance(scenarios, dict) and len(scenarios) > 1:
        yield Finding(("scenarios",), "a calibration has one scenario, the model as it is")
