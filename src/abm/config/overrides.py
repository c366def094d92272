"""Settings given beside the file: ``--set labour.job_growth=0.02``, ``--seed``, ``--scale``, and names from Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from abm.config.raw import mapping_in
from abm.config.wording import described, did_you_mean, shown
from abm.config.yaml_source import KeyPath, dotted, parse_scalar
from abm.engine.errors import ConfigError, Problem

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_WHOLE = re.compile(r"[^.\[\]]+(?:\[\d+\]|\.[^.\[\]]+)*")


@dataclass(frozen=True)
class Override:
    """One setting from outside the file."""

    place: str  # how the user gave it, for messages: ``--set labour.job_growth=0.02``
    parts: KeyPath  # its path, split; a part may be the index of a list or the id of a lever
    value: object


def split_path(path: str) -> KeyPath | None:
    """Split ``labour.job_growth`` or ``levers[0].value`` into its parts; None if it is no path."""
    if not _WHOLE.fullmatch(path):
        return None
    return tuple(int(index) if index else word for word, index in _PART.findall(path))


def read_override(text: str) -> Override:
    """Read ``PATH=VALUE``, by the rules of the YAML file; a ConfigError if there is no ``=``, no path, or no YAML."""
    path, equals, value = text.partition("=")
    path, place = path.strip(), f"--set {shown(text)}"
    if not equals:
        raise ConfigError([Problem("expected PATH=VALUE, for example labour.job_growth=0.02", file=place)])
    parts = _parts_of(path, path, place, "labour.job_growth or levers[0].value")
    try:
        return Override(place, parts, parse_scalar(value))
    except ConfigError as error:
        raise ConfigError([Problem(problem.message, path, place) for problem in error.problems]) from None


def read_setting(name: str, value: object) -> Override:
    """Read a setting given from Python; ``labour__job_growth`` is ``labour.job_growth`` where no dot may stand."""
    place = f"{shown(name)}={shown(repr(value))}"
    path = name if "." in name or "[" in name else name.replace("__", ".")
    parts = _parts_of(path, name, place, "labour.job_growth, labour__job_growth or levers[0].value")
    return Override(place, parts, value)


def _parts_of(path: str, given: str, place: str, forms: str) -> KeyPath:
    parts = split_path(path)
    if parts is None:
        raise ConfigError([Problem(f"'{shown(given)}' is no path; write it as in {forms}", file=place)])
    return parts


def apply(override: Override, data: dict[str, object]) -> KeyPath:
    """Put an override into plain data, in place; return its path, with lists by index.

    A ConfigError says that the path leads into a value that holds nothing, or to an item that is not in its list.
    """
    here: Any = data
    path: KeyPath = ()
    for part in override.parts[:-1]:
        key = _key(here, part, path, override)
        path = (*path, key)
        if isinstance(here, dict) and here.get(key) is None:
            here[key] = {}
        here = here[key]
    key = _key(here, override.parts[-1], path, override)
    here[key] = override.value
    return (*path, key)


def _key(here: object, part: str | int, path: KeyPath, override: Override) -> str | int:
    """Key of a mapping, or index of a list whose items may be named by their ids."""
    if isinstance(here, dict) and isinstance(part, str):
        return part
    message = f"no '{part}' in here: this is {described(here)}"
    if isinstance(here, list):
        items = map(mapping_in, here)
        ids = [item.get("id", item.get("lever", item.get("event"))) for item in items]
        if part in ids:
            return ids.index(part)
        index = int(part) if isinstance(part, int) or part.isdecimal() else None
        if index is not None and index < len(here):
            return index
        known = [name for name in ids if isinstance(name, str)]
        what = "event" if path[:1] == ("events",) else "lever"
        message = f"no {what} with the id '{part}'{did_you_mean(str(part), known)}"
        if index is not None:
            message = f"no item {index}; the list has {len(here)}, counted from 0"
    raise ConfigError([Problem(message, dotted(path), override.place)])
