"""What may stand where in a configuration: fields of models, items of lists, entries of mappings, by path.

pydantic lists the fields of a model, but does not follow a path through models, lists and mappings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from abm.config.wording import is_number
from abm.config.yaml_source import KeyPath


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared about a number of a configuration."""

    low: float
    high: float
    whole: bool
    unit: str


def limits_of(field: FieldInfo) -> tuple[float | None, float | None]:
    """Smallest and largest value that a field accepts, None where there is no limit."""
    low = next((found.ge for found in field.metadata if hasattr(found, "ge")), None)
    high = next((found.le for found in field.metadata if hasattr(found, "le")), None)
    return low, high


def parts_of(annotation: object) -> list[object]:
    """Members of a union, None apart; of any other type, itself."""
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return [part for part in members if part is not type(None)]


def model_at(path: KeyPath, config: type[BaseModel]) -> type[BaseModel] | None:
    """Model whose fields stand at a path."""
    inside = type_at(path, config)
    return inside if isinstance(inside, type) and issubclass(inside, BaseModel) else None


def type_at(path: KeyPath, config: type[BaseModel]) -> object:
    """Type of what stands at a path: fields of models, items of lists, values of mappings by name."""
    inside: object = config
    for part in path:
        mapping = mapping_of(inside)
        if isinstance(part, int):
            inside = next(iter(get_args(inside)), None)
        elif mapping is not None:
            inside = get_args(mapping)[1]
        else:
            field = field_of(inside, part) if isinstance(inside, type) and issubclass(inside, BaseModel) else None
            inside = field.annotation if field else None
        inside = next(iter(parts_of(inside)), None)
        plain = get_args(inside)[0] if get_origin(inside) is Annotated else None
        inside = plain if isinstance(plain, type) and issubclass(plain, BaseModel) else inside
    return inside


def mapping_of(annotation: object) -> object:
    """The plain ``dict[…]`` in an annotation, or None."""
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return plain if get_origin(plain) is dict else None


def field_of(model: type[BaseModel], key: str | int) -> FieldInfo | None:
    """Field of a model by its name in YAML, or None."""
    return next((found for name, found in model.model_fields.items() if key in (found.alias or name, name)), None)


def field_at(path: KeyPath, config: type[BaseModel]) -> FieldInfo | None:
    """Field at a path; None for items of lists, entries of mappings, and what is not there."""
    parent = model_at(path[:-1], config)
    return field_of(parent, path[-1]) if parent and path else None


def keys_of(model: type[BaseModel]) -> list[str]:
    """Names of the fields of a model, as in YAML."""
    return [field.alias or name for name, field in model.model_fields.items()]


def number_at(path: KeyPath, config: type[BaseModel]) -> Declared | None:
    """Find what is declared about the number at a path; None if no number with limits stands there."""
    field = field_at(path, config)
    if field is None:
        return None
    kind = next(iter(parts_of(field.annotation)), None)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    bounds = extra.get("bounds")
    low, high = bounds if isinstance(bounds, list) else limits_of(field)
    if kind not in (int, float) or not is_number(low) or not is_number(high):
        return None
    return Declared(float(low), float(high), whole=kind is int, unit=str(extra.get("unit", "")))


@cache
def all_keys(config: type[BaseModel]) -> tuple[tuple[KeyPath, str], ...]:
    """Every key of the top level and of the sections, with the path of its parent."""
    found: list[tuple[KeyPath, str]] = []
    for key in keys_of(config):
        found.append(((), key))
        section = model_at((key,), config)
        if section and key != "mechanisms":
            found += (((key,), name) for name in keys_of(section))
    return tuple(found)
