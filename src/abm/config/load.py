"""From a file or from Python to a checked configuration, or to a list of everything that is wrong."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path

from pydantic import BaseModel, ValidationError

from abm.config.check import FIRST_MONTH, LAST_MONTH, check
from abm.config.check_drivers import changed_bases, take_up_drivers
from abm.config.check_levers import partly_acting
from abm.config.compose import CHECKED, ConfigBase
from abm.config.explain import explain, follows
from abm.config.fields import keys_of
from abm.config.finding import Finding
from abm.config.idle import neutral_levers, settings_of, tell
from abm.config.overrides import Override, apply, read_override, read_setting
from abm.config.packages import KEY, Expansion, PackageSettings, is_package, put_in
from abm.config.posterior import KEY as PARAMETERS
from abm.config.posterior import Drawn, take_up_posterior
from abm.config.wording import described, nearest, number
from abm.config.yaml_source import KeyPath, YamlSource, dotted, read_yaml
from abm.engine.calendar import format_month
from abm.engine.entry import freeze
from abm.engine.errors import ConfigError, Problem, by_place
from abm.places.places import places_of

EXPERIMENT_KEYS = ("scenarios", "base", "set", "factors", "design", "replicates")
"""Top-level keys that an experiment has and a configuration has not."""

EITHER = ("name", "description", PARAMETERS)  # keys that both have

NO_BASE = (
    "a configuration stands alone: copy the other one, or change single settings with 'abm run FILE --set PATH=VALUE'; "
    "an experiment, which may have a 'base', needs 'scenarios'"
)

PYTHON_NAMES = {"from_": "from", "except_": "except"}  # names that Python reserves, as they are written there


def is_experiment(data: object) -> bool:
    """Whether plain data are those of an experiment (`abm.experiments`), by their keys."""
    return isinstance(data, dict) and (any(key in data for key in EXPERIMENT_KEYS) or bool(nearest("scenarios", data)))


def is_extension(data: object) -> bool:
    """Whether plain data are no experiment, and build on a configuration as only an experiment may."""
    keys = {*EXPERIMENT_KEYS[:1], *EXPERIMENT_KEYS[3:]}
    return isinstance(data, dict) and "base" in data and not (keys & {*data} or nearest("scenarios", data))


def refuse_mixture(source: YamlSource, kind: type[ConfigBase]) -> None:
    """Refuse keys of an experiment in what is a configuration otherwise, beside what else is wrong with it."""
    data = source.data
    stray = [key for key in EXPERIMENT_KEYS if key in data]
    of_both = {*EXPERIMENT_KEYS, *EITHER}
    if nearest("scenarios", data) or "base" in data or "set" in data or not {*keys_of(kind)} - of_both & {*data}:
        return
    message = "read as an experiment because of it, which needs 'scenarios' too; a configuration has no such key"
    findings = [Finding((key,), message) for key in stray]
    if stray:
        rest = {key: value for key, value in data.items() if key not in (*stray, KEY, PARAMETERS)}
        findings += examine(rest, kind)[1]
        raise ConfigError([*source.problems, *(source.problem(found.message, found.path) for found in findings)])


def load[C: ConfigBase](
    path: str | Path,
    overrides: Iterable[str] = (),
    *,
    seed: int | None = None,
    scale: float | None = None,
    settings: Mapping[str, object] | None = None,
    kind: type[C],
) -> C:
    """Read a configuration of a kind from YAML; see `abm.config.load_config` and `abm.config.configure`."""
    source = _read(path, kind)
    problems = list(source.problems)
    given: list[Override] = []
    for text in [overrides] if isinstance(overrides, str) else overrides:
        with _collecting(problems):
            given.append(read_override(text))
    if seed is not None:
        given.append(Override(f"--seed {seed}", ("seed",), _plain(seed)))
    if scale is not None:
        given.append(Override(f"--scale {number(scale)}", ("population", "scale"), _plain(scale)))
    given += _read_settings(settings or {}, problems)
    origins: dict[KeyPath, str] = {}
    data = copy.deepcopy(source.data)  # An anchor used twice must not be changed twice by an override.
    folder, first = os.path.dirname(source.file), (KEY, PARAMETERS)
    _apply_all([override for override in given if override.parts[0] in first], data, origins, problems)
    put = put_in(data, folder, kind.catalogue.levers)
    drawn = take_up_posterior(put.data, folder, kind)
    of_file = [*drawn.findings, *take_up_drivers(put.data, folder)]
    # levers of packages may be changed by their ids, and values of a file of drivers by theirs
    _apply_all([override for override in given if override.parts[0] not in first], put.data, origins, problems)
    of_file += take_up_drivers(put.data, folder)
    config, findings = examine(put.data, kind)
    findings = drawn.place(findings, origins)
    problems += [*put.problems, *_locate_all([*put.findings, *of_file, *findings], source, put, origins)]
    if problems or config is None:
        raise ConfigError(sorted(problems, key=by_place))
    settings_here = (found for found in settings_of(put.data, kind.catalogue) if found.path not in drawn.paths)
    idle = [setting.note() for setting in settings_here if setting.idle]
    idle += [*neutral_levers(put.data, kind.catalogue), *changed_bases(put.data)]
    idle += partly_acting(put.data, kind.catalogue.levers, places_of(config.places))
    tell(_locate_all(idle, source, put, origins))
    return config


def _read(path: str | Path, kind: type[ConfigBase]) -> YamlSource:
    """Read the YAML of a configuration; refuse other files."""
    source = read_yaml(path)
    if not isinstance(source.data, dict):
        message = f"expected settings (key: value); found {described(source.data)}"
        raise ConfigError([Problem(message, file=source.file, line=1, column=1)])
    message = ""
    if "calibration" in source.data:
        message = "this is a calibration; 'abm calibrate' fits it, and 'abm run' makes the run of a configuration"
    elif is_extension(source.data):
        raise ConfigError([source.problem(NO_BASE, ("base",))])
    elif is_experiment(source.data):
        refuse_mixture(source, kind)
        message = "this is an experiment; 'abm sweep' makes its runs, and 'abm run' those of a configuration"
    elif is_package(source.data):
        message = "this is a package of levers; name it under 'packages' of a configuration or a scenario"
    if message:
        raise ConfigError([Problem(message, file=source.file)])
    return source


@contextmanager
def _collecting(problems: list[Problem]) -> Iterator[None]:
    """Add what is wrong to `problems`, and go on."""
    try:
        yield
    except ConfigError as error:
        problems += error.problems


def _read_settings(values: Mapping[str, object], problems: list[Problem]) -> list[Override]:
    """Read settings given from Python by their names, flat or not."""
    given: list[Override] = []
    for name, value in values.items():
        with _collecting(problems):
            given.append(read_setting(name, _plain(value)))
    return given


def _apply_all(
    given: Iterable[Override], data: dict[str, object], origins: dict[KeyPath, str], problems: list[Problem]
) -> None:
    """Put overrides into plain data, in place; notes where each stood."""
    for override in given:
        with _collecting(problems):
            origins[apply(override, data)] = override.place


def make[C: ConfigBase](values: Mapping[str, object], *, base: C | None = None, kind: type[C]) -> C:
    """Make a configuration of a kind from Python values, or from another; see `abm.config.make_config`."""
    problems: list[Problem] = []
    data = base.resolved() if base else {}
    given = _read_settings(values, problems)
    drawn = Drawn()
    if base:  # whatever a configuration holds gives way to the draw, and this to what is set beside it
        _apply_all([override for override in given if override.parts[0] == PARAMETERS], data, {}, problems)
        drawn = take_up_posterior(data, "", kind, over=True)
        given = [override for override in given if override.parts[0] != PARAMETERS]
    _apply_all(given, data, {}, problems)
    put = put_in(data, "", kind.catalogue.levers)
    if not base:
        drawn = take_up_posterior(put.data, "", kind)
    of_file = take_up_drivers(put.data, "")
    config, findings = examine(put.data, kind)
    problems += put.problems_of(
        [*drawn.findings, *of_file, *drawn.place(findings)], lambda found: Problem(found.message, dotted(found.path))
    )
    if problems or config is None:
        raise ConfigError(problems)
    return config


def load_package[C: ConfigBase](path: str | Path, *, kind: type[C]) -> PackageSettings:
    """Read a package, and check it in a configuration of defaults with every mechanism on, of all months there may be.

    A package cannot switch anything on, and does not know the run: that is for the configuration that names it. A
    ConfigError has everything that is wrong in its file.
    """
    source = read_yaml(path)
    everything = {section: {"enabled": True} for section in kind.catalogue.mechanisms}
    run = {"start": format_month(FIRST_MONTH), "end": format_month(LAST_MONTH), "mechanisms": everything}
    put = put_in({**run, KEY: [os.path.join(".", os.fspath(path))]}, "", kind.catalogue.levers)
    _, findings = examine(put.data, kind)
    problems = put.problems_of(findings, lambda found: source.problem(found.message, ()))
    if problems:
        raise ConfigError(sorted(problems, key=by_place))
    return PackageSettings.model_validate(freeze(source.data))


def examine[C: ConfigBase](data: dict[str, object], kind: type[C]) -> tuple[C | None, list[Finding]]:
    """Validate plain data; return the configuration, if it is one, and what is wrong, the first of too much."""
    findings: list[Finding] = []
    config: C | None = None
    refusal: ValidationError | None = None
    try:
        config = kind.model_validate(freeze(data), context=CHECKED)
    except ValidationError as error:
        refusal = error
        findings = explain(error, kind, data)
    told_about = {finding.path for finding in findings}
    findings += [finding for finding in check(data, kind.catalogue) if finding.path not in told_about]
    findings = [finding for finding in findings if not follows(finding, findings)]
    if refusal and not findings:
        raise refusal  # Refused without a word: a defect of ours.
    return config, findings


def _locate_all(
    findings: Iterable[Finding], source: YamlSource, put: Expansion, origins: dict[KeyPath, str]
) -> Iterator[Problem]:
    """Place findings: at an override, in the file of a package, or in the file itself."""
    of_options: list[Finding] = []
    others: list[Finding] = []
    for found in findings:
        (of_options if _override_at(found.path, origins) else others).append(found)
    for placed in (*of_options, *put.place_all(others)):
        if isinstance(placed, Problem):
            yield placed
        elif placed.path not in source.unread:  # a stand-in for what could not be read is no place for more faults
            yield _locate(placed, source, origins)


def _locate(finding: Finding, source: YamlSource, origins: dict[KeyPath, str]) -> Problem:
    """Place a finding in the file, or at the override that brought it about."""
    path = finding.path
    places = [_override_at(known, origins) for known in (path, *finding.related)]
    if path not in source.places:
        places += [place for origin, place in origins.items() if origin[: len(path)] == path]
    override = next(filter(None, places), "")
    return Problem(finding.message, dotted(path), override) if override else source.problem(finding.message, path)


def _override_at(path: KeyPath, origins: dict[KeyPath, str]) -> str:
    """Override that set what stands at a path, or above it; empty if none did."""
    above = (path[:length] for length in range(len(path), 0, -1))
    return next((origins[part] for part in above if part in origins), "")


def _plain(value: object) -> object:
    """Turn models and NumPy's numbers into plain data; ``from_`` stands for ``from``, a word of Python's."""
    if type(value) in (str, float, int, bool):  # most are
        return value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {PYTHON_NAMES.get(key, str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Real) and not isinstance(value, bool):
        return int(value) if isinstance(value, Integral) else float(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
