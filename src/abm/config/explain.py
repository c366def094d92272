"""Reading of plain data, and errors of pydantic in plain words: what was expected and found, the nearest name.

pydantic's own words know neither the unit nor the names that there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from abm.config.catalogue import Catalogue
from abm.config.fields import all_keys, field_at, keys_of, limits_of, mapping_of, model_at, parts_of, type_at
from abm.config.finding import Finding
from abm.config.names import WORDS
from abm.config.wording import (
    MOST_MEANT,
    RENAMED,
    described,
    did_you_mean,
    either,
    is_number,
    nearest,
    number,
    ranged,
    shown,
)
from abm.config.yaml_source import KeyPath
from abm.declare import Lever, Params
from abm.engine.entry import freeze
from abm.engine.errors import MOST_PROBLEMS
from abm.world.lever_use import read_share

CHECKED_ELSEWHERE = {"meaning", "default_factory_not_called"}
"""Kinds of error that repeat what `check` finds, or follow from another one."""

COMPOSITE = {("population", "region")}  # fields of several forms, which `check` words better than pydantic

NUMBER = re.compile(r"(?P<number>[-+]?(?:\d+(?:\.\d+)?|0,\d+|\d+,(?:\d{1,2}|\d{4,})))\s*(?P<unit>[A-Za-z]*)")
"""A number as people write it, with a decimal comma, or with its unit; ``1,000`` may be either."""

REPLICATES = ("seeds", "runs", "repetitions")  # what people call the replicates of a study

SWITCHES = {"on": "true", "yes": "true", "true": "true", "off": "false", "no": "false", "false": "false"}
"""What people write to switch a mechanism on or off -> what it is here."""

LEAST_PER_CENT = 5  # a smaller number in place of a share may be a multiple

ALMOST_SURE = 0.8  # similarity from which a misplaced and misspelt name is worth suggesting
FEW = 12  # names that a message lists at most

ENTRIES_BY_NAME = ("places", "regime", "exploitation")
"""Sections of entries by name, where a name like a part means that part and no output elsewhere."""

TOPIC_OF = {"mechanisms": "  (abm describe mechanisms)"} | dict.fromkeys(("levers", "events", *ENTRIES_BY_NAME), "")
"""What lists the settings of a section, after a message; that of others is `abm describe parameters`."""


def read_part[P: Params](kind: type[P], data: object, here: KeyPath) -> tuple[P | None, list[Finding]]:
    """Read plain data that stand at `here` as one set of fields; None and findings if they are not."""
    if not isinstance(data, dict):
        return None, [Finding(here, f"expected settings (key: value); found {described(data)}")]
    try:
        return kind.model_validate(freeze(data)), []
    except ValidationError as error:
        return None, [Finding((*here, *found.path), found.message) for found in explain(error, kind, data)]


def explain(error: ValidationError, config: type[BaseModel], data: dict[str, object]) -> list[Finding]:
    """Turn the errors of a validation of `data` into findings, too many of them apart.

    `config` is a configuration or another set of fields.
    """
    found: list[Finding] = []
    for detail in error.errors(include_url=False):
        path, is_key = tuple(detail["loc"]), detail["loc"][-1:] == ("[key]",)
        if is_key:
            path = path[:-1]
        if detail["type"] in CHECKED_ELSEWHERE or path[:2] in COMPOSITE or _is_where(path):
            continue
        if detail["type"] == "value_error" and len(path) == 2 and path[0] == "levers":
            continue  # The order of dates, which `check` places better.
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue  # Items that are wrong were not counted.
        lever = _lever_valued(path, data, config)
        in_per_cent = ", or in per cent, for example '20 %'" if lever and lever.is_share else ""
        valued = f"{expected_value(lever)}{in_per_cent}" if lever else ""
        expected = valued or f"expected {_expected(path, config, of_key=is_key)}"
        found.append(Finding(path, _message(detail, path, expected, config)))
        if len(found) > MOST_PROBLEMS:
            break
    return [finding for finding in found if not follows(finding, found)]


def follows(finding: Finding, found: Iterable[Finding]) -> bool:
    """Whether a key is missing because it is misspelt."""
    *parent, key = finding.path
    if not finding.message.startswith(f"'{key}' is missing"):
        return False
    return any(
        [*other.path[:-1]] == parent and f"'{key}'" in other.message.partition("; did you mean ")[2] for other in found
    )


def _lever_valued(path: KeyPath, data: dict[str, Any], config: type[BaseModel]) -> Lever | None:
    """Lever whose value stands at a path."""
    catalogue: Catalogue | None = getattr(config, "catalogue", None)  # other sets of fields have none
    if catalogue is None or len(path) != 3 or (path[0], path[2]) != ("levers", "value"):
        return None
    name = data["levers"][path[1]].get("lever")
    return catalogue.levers.get(name) if isinstance(name, str) else None


def _message(detail: ErrorDetails, path: KeyPath, expected: str, config: type[BaseModel]) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), path[:-1], config, value)
    if kind == "missing":
        return f"'{path[-1]}' is missing; {expected}"
    hint = ""
    switch = SWITCHES.get(str(value).lower())
    if switch and path[:1] == ("mechanisms",) and len(path) == 2:
        hint = f"; write {{{path[1]}: {{enabled: {switch}}}}}"
    elif switch and expected == "expected true or false":
        hint = f"; write {switch}"
    elif isinstance(value, str):
        hint = (
            did_you_mean(value, _choices(path, config)) or ("number" in expected and as_number(value, expected)) or ""
        )
    elif field := field_at(path, config):
        hint = as_share(value, expected, *limits_of(field))
    return f"{expected}; found {described(value)}{hint}"


def as_number(text: str, expected: str = "") -> str:
    """Say how a number is written that stands as text, ``"; write 0.02"`` for ``2 %``; nothing of another text.

    A word behind it must be the unit that is expected.
    """
    value = read_share(text)
    if is_number(value):
        change = text.strip()[0] in "+-" and "(multiple" in expected  # a fifth less is 0.8 times as much
        return f"; write {number(1.0 + value if change else value)}"
    found = NUMBER.fullmatch(text.strip())
    if not found or found["unit"].lower().removesuffix("s") not in expected.partition("(")[2]:
        return ""
    written = text.strip() == found["number"] and "," not in text
    return f"; write {found['number'].replace(',', '.')}{' without quotes' if written else ''}"


def as_share(value: object, expected: str, low: float | None, high: float | None) -> str:
    """Say how a share is written that was given in per cent: ``"; write 0.15"`` for 15; nothing of another number."""
    if "(share" not in expected or not is_number(value) or low is None or high is None:
        return ""
    return (
        f"; in per cent? write {number(value / 100)}" if value >= LEAST_PER_CENT and low <= value / 100 <= high else ""
    )


def _choices(path: KeyPath, config: type[BaseModel]) -> tuple[str, ...]:
    """Words that a field takes, if it takes a few words only."""
    field = field_at(path, config)
    parts = parts_of(field.annotation) if field else []
    return next((get_args(part) for part in parts if get_origin(part) is Literal), ())


def _unknown_key(key: str, parent: KeyPath, config: type[BaseModel], value: object) -> str:
    here = model_at(parent, config)
    valid = keys_of(here) if here else []
    if not hasattr(config, "catalogue"):
        if key in REPLICATES and "replicates" in valid:
            return f"no setting '{key}' here; write 'replicates: 3'; the first seed is 'set: {{seed: 1}}'"
        there_are = f"; there are {either(valid, 'and')}" if len(valid) > 1 else ""
        return f"no setting '{shown(key)}' here{did_you_mean(key, valid) or there_are}"
    section = str(parent[0]) if parent else ""
    topic = TOPIC_OF.get(section, "  (abm describe parameters)")
    close = nearest(key, valid)
    homes = [where for where, name in all_keys(config) if name == key and where != parent]
    if close and section in ENTRIES_BY_NAME:
        homes = []  # 'route' means 'routes' there, and not the output of this name
    if "where" in valid and key in WORDS:
        hint = f"; write 'where: {{{key}: […]}}'"
    elif RENAMED.get(key) in valid:
        hint = f"; it is '{RENAMED[key]}' now"
    elif homes:
        hint = f"; it belongs {_under(homes)}"
    elif close:
        hint = f"; did you mean '{close}'?"
    elif not parent and isinstance(value, dict) and (inside := _homes_inside(value, config)):
        hint = inside
    elif not parent and (flat := _flat_name(key, config)):
        hint = f"; did you mean '{flat}'?"
    else:
        far = [name for _, name in all_keys(config)]
        close = nearest(key, far, cutoff=ALMOST_SURE, parts=False)
        homes = [where for where, name in all_keys(config) if name == close]
        there_are = f"; there are {either(valid, 'and')}" if 0 < len(valid) <= FEW else ""
        hint = f"; did you mean '{close}' {_under(homes)}?" if close else there_are
    return f"no setting '{shown(key)}' here{hint}{topic}"


def _homes_inside(section: dict[str, object], config: type[BaseModel]) -> str:
    """Say where the settings of an unknown section belong: ``"; 'scale' belongs under 'population'"``."""
    found = {key: [where for where, name in all_keys(config) if name == key] for key in section}
    known = [f"; '{key}' belongs {_under(homes)}" for key, homes in found.items() if homes]
    return "".join(known[:MOST_MEANT])


def _flat_name(key: str, config: type[BaseModel]) -> str | None:
    """Path of a parameter that was written with one underscore for the dot, ``labour_job_growth``."""
    for section in keys_of(config):
        inside = model_at((section,), config) if key.startswith(f"{section}_") else None
        close = nearest(key.removeprefix(f"{section}_"), keys_of(inside), parts=False) if inside else None
        if close:
            return f"{section}.{close}"
    return None


def _under(homes: list[KeyPath]) -> str:
    sections = [".".join(str(part) for part in home) for home in homes if home]
    places = ([f"under {either(sections)}"] if sections else []) + (["at the top level"] if () in homes else [])
    return " or ".join(places)


def _expected(path: KeyPath, config: type[BaseModel], *, of_key: bool) -> str:
    """Say what may stand at a path, or what its name in a mapping must be like."""
    field = field_at(path, config)
    if field and not of_key:
        return expected_of(field)
    container = type_at(path[:-1], config)
    entry = get_args(mapping_of(container))  # types of names and of values
    inside = get_args(container) if path and isinstance(path[-1], int) else entry if of_key else entry[1:]
    phrase = _expected_phrase(inside[0]) if inside else None
    if phrase or of_key:
        return phrase or "a name"
    return "settings (key: value)" if model_at(path, config) else "another kind of value"


def expected_value(lever: Lever) -> str:
    """Say which values a lever takes."""
    return f"expected {ranged(*lever.bounds, lever.unit)}"


def expected_of(field: FieldInfo) -> str:
    """Say which values a field takes: ``a number from 0 to 0.06 (1/year)``."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return str(extra.get("expected") or _expected_phrase(field.annotation) or _by_type(field, extra))


def _by_type(field: FieldInfo, extra: Mapping[str, object]) -> str:
    kind = next(iter(parts_of(field.annotation)), str)
    if kind in (int, float):
        word = "a whole number" if kind is int else "a number"
        low, high = limits_of(field)
        span = "" if low is None or high is None else f" from {number(low)} to {number(high)}"
        return f"{word}{span}" + (f" ({extra['unit']})" if "unit" in extra else "")
    if get_origin(kind) is Literal:
        return either(get_args(kind))
    words: dict[object, str] = {bool: "true or false", str: "text", tuple: "a list"}
    return words.get(get_origin(kind) or kind, "settings (key: value)")


def _expected_phrase(annotation: object) -> str | None:
    """Phrase declared in the metadata of a kind of text, also inside ``| None``."""
    for part in parts_of(annotation):
        for item in get_args(part)[1:] if get_origin(part) is Annotated else ():
            extra = item.json_schema_extra if isinstance(item, FieldInfo) else None
            if isinstance(extra, dict) and "expected" in extra:
                return str(extra["expected"])
    return None


def _is_where(path: KeyPath) -> bool:
    if len(path) > 2 and path[0] == "events":
        return path[2] in ("where", "way")
    return len(path) > 2 and path[0] == "levers" and "where" in (path[2], *path[3:4])
