"""Checks of an experiment beside its scenarios and factors: replicates, outcomes, the window, the engine."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping

from abm.config import Config
from abm.config.finding import Finding
from abm.config.wording import described, did_you_mean, either, is_number, number, shown
from abm.config.yaml_source import LARGEST_WHOLE, KeyPath
from abm.engine.measures import outcome_of_setting
from abm.experiments.engine_settings import ENGINES, ClusterEngine, DaskEngine, EngineSettings, LocalEngine
from abm.experiments.parts import choose_part, read_part
from abm.experiments.settings import FORM_OF_REPLICATES, MOST_REPLICATES, SequentialReplicates, Until, Window
from abm.experiments.spec import Replicates, StopRule
from abm.month import OUTCOMES
from abm.recording import columns_of_settings

Configs = Mapping[str, Config | None]
"""Configurations of the scenarios by name, None where something is wrong with one."""

_PER_CENT = re.compile(r"^\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*$")


def read_replicates(raw: object, configs: Configs) -> tuple[Replicates | None, list[Finding]]:
    """Read ``replicates``: a number, or a rule by which to stop."""
    here: KeyPath = ("replicates",)
    if isinstance(raw, dict):
        found, findings = _read_sequential(raw, configs)
    elif isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= MOST_REPLICATES:
        found, findings = Replicates(raw, raw), []
    else:
        found, findings = None, [Finding(here, f"expected {FORM_OF_REPLICATES}; found {described(raw)}")]
    if found and any(config and config.seed > LARGEST_WHOLE - found.at_most for config in configs.values()):
        findings.append(Finding(here, "the seeds of so many replicates are too large; lower the 'seed' of the base"))
    return found, findings


def _read_sequential(raw: dict[str, object], configs: Configs) -> tuple[Replicates | None, list[Finding]]:
    read, findings = read_part(SequentialReplicates, raw, ("replicates",))
    until = raw.get("until")
    if isinstance(until, dict):
        findings += _check_until(until, configs)
    if read is None:
        return None, findings
    at_least = min(read.at_least, read.at_most) if "at_least" not in raw else read.at_least
    if at_least > read.at_most:
        message = f"{read.at_least} is more than 'at_most', {read.at_most}"
        findings.append(Finding(("replicates", "at_least"), message))
    rule = read.until
    size = _read_half_width(rule.half_width)
    if size is None:
        return None, findings
    stop = StopRule(rule.outcome, size[0], size[1], rule.scenario, rule.confidence)
    return Replicates(at_least, read.at_most, stop), findings


def _check_until(until: dict[str, object], configs: Configs) -> Iterator[Finding]:
    here: KeyPath = ("replicates", "until")
    outcome = until.get("outcome")
    if isinstance(outcome, str):
        yield from _check_outcome(outcome, (*here, "outcome"), configs)
    half_width = until.get("half_width")
    if "half_width" in until and _read_half_width(half_width) is None:
        field = Until.model_fields["half_width"].json_schema_extra
        expected = field["expected"] if isinstance(field, dict) else ""
        yield Finding((*here, "half_width"), f"expected {expected}; found {described(half_width)}")
    scenario, names = until.get("scenario"), list(configs)
    if not names:
        return
    if isinstance(scenario, str) and scenario not in names:
        yield unknown_scenario(scenario, (*here, "scenario"), names)
    elif scenario == names[0]:
        yield Finding((*here, "scenario"), f"'{scenario}' is the reference; name a scenario that is compared with it")
    elif len(names) == 1:
        yield Finding(here, "a difference needs a second scenario to compare with the reference")


def _read_half_width(given: object) -> tuple[float, bool] | None:
    """Read a half-width: its size, and whether it is a share of the reference's mean; None if it is none."""
    share = _PER_CENT.match(given) if isinstance(given, str) else None
    if share:
        size = float(share[1]) / 100
    elif is_number(given):
        size = float(given)
    else:
        return None
    return (size, share is not None) if 0 < size < math.inf else None


def unknown_scenario(name: str, path: KeyPath, names: Iterable[str]) -> Finding:
    """Refuse the name of a scenario that is not there."""
    hint = did_you_mean(name, names) or f"; there {_are(list(names))}"
    return Finding(path, f"no scenario '{shown(name)}'{hint}")


def _are(names: list[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} {either(names, 'and')}"


def check_outcomes(raw: object, configs: Configs) -> Iterator[Finding]:
    """Check ``outcomes``: each is a column of the table `national`, and stands once."""
    listed = raw if isinstance(raw, list) else []
    for index, name in enumerate(listed):
        if not isinstance(name, str):
            continue
        if name in listed[:index]:
            yield Finding(("outcomes", index), f"'{name}' stands in the list already")
        else:
            yield from _check_outcome(name, ("outcomes", index), configs)


def _check_outcome(name: str, path: KeyPath, configs: Configs) -> Iterator[Finding]:
    of_settings = {name for config in configs.values() if config for name in columns_of_settings(config)}
    national = [key for key, found in OUTCOMES.items() if found.over in ("district", "national")]
    national += sorted(of_settings)
    elsewhere = OUTCOMES.get(name)
    if name in national:
        return
    if elsewhere:
        tables = [table for table in ("route", "leg", "destination") if elsewhere.kept_by(table)]
        yield Finding(path, f"'{name}' is no outcome of the whole country; it stands in the table by {either(tables)}")
    elif outcome_of_setting(name) and None in configs.values():
        return  # The lever may stand in a scenario that could not be read.
    else:
        yield Finding(path, f"no outcome '{shown(name)}'{did_you_mean(name, national)}  (abm describe outcomes)")


def read_window(raw: object, configs: Configs) -> tuple[tuple[str, str] | None, list[Finding]]:
    """Read ``window``; by default the run of the reference scenario."""
    reference = next(iter(configs.values()), None)
    if raw is None:
        return ((reference.start, reference.end) if reference else None), []
    read, findings = read_part(Window, raw, ("window",))
    if read is None or reference is None:
        return None, findings
    given = raw if isinstance(raw, dict) else {}
    months = (read.from_ or reference.start, read.until or reference.end)
    for key, month in zip(("from", "until"), months, strict=True):
        for name, config in configs.items():
            if config and key in given and not config.start <= month <= config.end:
                message = f"{month} lies outside the run of scenario '{name}', {config.start} to {config.end}"
                findings.append(Finding(("window", key), message))
                break
    if months[1] < months[0]:
        findings.append(Finding(("window",), f"it ends in {months[1]}, before it begins in {months[0]}"))
    return months, findings


def read_engine(raw: object) -> tuple[EngineSettings | None, list[Finding]]:
    """Read ``engine``; by default processes on this machine."""
    here: KeyPath = ("engine",)
    data = {"kind": "local", **raw} if isinstance(raw, dict) else raw
    read, findings = choose_part(ENGINES, "kind", "engine", data, here)
    if isinstance(read, DaskEngine) and (read.address is None) == (read.scheduler_file is None):
        findings.append(Finding(here, "'dask' needs either an 'address' or a 'scheduler_file' of a running scheduler"))
    if isinstance(read, ClusterEngine) and (read.processes or 1) * read.threads > read.cores:
        asked = f"{read.processes or 1} processes of {number(read.threads)} threads"
        findings.append(Finding((*here, "cores"), f"a job of {read.cores} cores has no room for {asked}"))
    return (None if findings else read or LocalEngine()), findings
