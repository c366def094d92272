"""Entries of named data, rows of a data file and a configuration's changes to them; types of text; frozen values.

One model serves both. In a configuration, a field that is left out is None; `Entry.complete` fills it in, so that the
model sees only complete entries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, NoReturn, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, PrivateAttr, field_validator, model_serializer
from pydantic_core import PydanticCustomError

from abm.declare import Params
from abm.engine.calendar import format_month

Rows = dict[str, dict[str, dict[str, Any]]]
"""Plain data of a section: part -> key -> fields as in the data files."""

KEY_PATTERN = r"^[a-z][a-z0-9_]*$"

Key = Annotated[
    str,
    Field(
        pattern=KEY_PATTERN,
        max_length=60,
        json_schema_extra={"expected": "a short name of small letters, digits and '_'"},
    ),
]
"""Name of a place, leg, route, destination, post or corridor."""

Label = Annotated[
    str, Field(min_length=1, max_length=60, json_schema_extra={"expected": "words for figures, 60 letters at most"})
]
"""A name for people, in figures and tables."""

Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        max_length=60,
        json_schema_extra={"expected": "a short name of small letters, digits, '_' and '-'"},
    ),
]
"""A name fit for files and columns."""

COUNTRY_PATTERN = r"^[A-Z]{3}$"

Country = Annotated[
    str, Field(pattern=COUNTRY_PATTERN, json_schema_extra={"expected": "a country as three capitals (ISO 3166), 'TUR'"})
]


def check_printable(text: str) -> str:
    """Pass on a text that a figure, table or terminal can show on one line."""
    if not text.isprintable() or not text.strip():
        raise ValueError("a line end, or a character that cannot be shown")
    return text


Text = Annotated[
    str,
    Field(max_length=200, json_schema_extra={"expected": "one line of text that can be printed"}),
    AfterValidator(check_printable),
]
"""A name or a source, in words."""

ALWAYS, FOR_EVER = "0000-01", "9999-12"
"""First month of anything that has always existed, and last month of what does not end."""


class FrozenDict[K, V](dict[K, V]):
    """A hashable dict that refuses every change; order does not count."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a configuration is frozen; make a new one with other values")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (dict(self),)


def freeze(value: Any) -> Any:
    """Turn lists in plain data into tuples, as the configuration's strict types require."""
    if isinstance(value, dict):
        return {key: freeze(item) for key, item in value.items()}
    return tuple(freeze(item) for item in value) if isinstance(value, list) else value


def fact(unit: str, low: float, high: float, *, otherwise: float | None = None) -> Any:
    """Declare a number of an entry, with its unit and bounds; optional if it has a default, `otherwise`."""
    optional = otherwise is not None
    extra: dict[str, JsonValue] = {"unit": unit, "bounds": [low, high], "optional": optional, "otherwise": otherwise}
    return Field(None, ge=low, le=high, json_schema_extra=extra)


def words(expected: str | None = None, *, optional: bool | None = None, otherwise: Any = None, **rules: Any) -> Any:
    """Declare a non-numeric field of an entry; optional if it has a default, `otherwise`, or as stated."""
    optional = otherwise is not None if optional is None else optional
    extra: dict[str, Any] = {"optional": optional, "otherwise": otherwise}
    return Field(None, json_schema_extra=extra | ({"expected": expected} if expected else {}), **rules)


class Entry(Params):
    """One entry: only given fields count, and none may be given without a value."""

    model_config = ConfigDict(validate_default=False)

    WHOLE: ClassVar[tuple[str, ...]] = ()
    """Mappings that a change replaces as a whole."""

    _key: str = PrivateAttr("")
    _unknown: frozenset[str] = PrivateAttr(frozenset())

    @property
    def key(self) -> str:
        """Name of a complete entry."""
        return self._key

    @field_validator("*", mode="before")
    @classmethod
    def refuse_nothing(cls, value: object) -> object:
        """Refuse ``cost:`` without a value, which looks like a change but is none."""
        if value is None:
            raise PydanticCustomError("nothing", "nothing is given")
        return value

    @model_serializer
    def only_given(self) -> dict[str, object]:
        """Write only the given fields, as in YAML."""
        names = _yaml_names(type(self)).items()
        return {in_yaml: value for name, in_yaml in names if (value := getattr(self, name)) is not None}

    def merged(self, change: Self) -> Self:
        """Merge a change: mappings key by key, lists as a whole."""
        update: dict[str, object] = {
            name: value if name in self.WHOLE else _merge(getattr(self, name), value)
            for name in type(self).model_fields
            if (value := getattr(change, name)) is not None
        }
        return self.model_copy(update=update | dict.fromkeys(change._unknown))

    def without(self, malformed: Collection[str]) -> Self:
        """Mark fields, by their names in YAML, as unknown, so that merging does not restore an older value."""
        found = self.model_copy()
        names = _yaml_names(type(self)).items()
        found._unknown = frozenset(name for name, in_yaml in names if in_yaml in malformed)
        return found

    def complete(self, key: str) -> Self:
        """Set the entry's name and the defaults of fields that were left out."""
        otherwise = {
            name: found
            for name in type(self).model_fields
            if getattr(self, name) is None and (found := _extra(type(self), name)["otherwise"]) is not None
        }
        made = self.model_copy(update=otherwise)
        made._key = key
        return made


def merged_rows[E: Entry](shipped: Mapping[str, E], given: Mapping[str, E], nothing: E) -> dict[str, E]:
    """Merge given entries into the shipped ones.

    A known key changes the given fields. New keys follow the shipped ones in alphabetical order, so that the order in a
    file does not matter; they change `nothing`, an entry without fields.
    """
    order = [*shipped, *sorted(given.keys() - shipped.keys())]
    return {key: shipped.get(key, nothing).merged(given[key]) if key in given else shipped[key] for key in order}


def by_name(kind: str) -> Any:
    """Declare a part of a section: entries of a kind by name."""
    return Field({}, json_schema_extra={"expected": f"{kind} by name (name: fields)"})


class Section[S: Params]:
    """A section of a configuration that changes shipped entries or adds some: kind of entry of each part, and rows.

    Made from the class of its settings, the kinds of entry by part, and what reads the shipped rows.
    """

    def __init__(self, settings: type[S], kinds: Mapping[str, type[Entry]], read: Callable[[], Rows]) -> None:
        self.settings = settings
        self.kinds = kinds
        self._read = read

    @cached_property
    def shipped(self) -> Rows:
        """Shipped rows as plain data; not to be changed."""
        return self._read()

    @cached_property
    def checked(self) -> S:
        """Shipped rows as entries."""
        return self.settings.model_validate(freeze(self.shipped))

    def merged(self, changes: S | None = None) -> S:
        """Merge changes into the shipped rows, see `merged_rows`; parts of unchecked changes may be missing."""
        parts = {
            part: merged_rows(getattr(self.checked, part), getattr(changes, part) if changes else {}, kind())
            for part, kind in self.kinds.items()
        }
        return self.unchecked(parts)

    def unchecked(self, parts: Mapping[str, Any]) -> S:
        """Make settings of entries without checks."""
        return self.settings.model_construct(**parts)  # type: ignore[return-value]  # the plugin forgets the class


def complete[E: Entry](entries: Mapping[str, E]) -> tuple[E, ...]:
    """Complete merged entries, in their order."""
    return tuple(found.complete(key) for key, found in entries.items())


def in_force[E](history: Mapping[str, E], month: int) -> E | None:
    """Find the latest entry, keyed by month as YYYY-MM, in force in a month; None before the first."""
    now = format_month(month)
    begun = [start for start in history if start <= now]
    return history[max(begun)] if begun else None


def missing_fields(entry: type[Entry], row: Mapping[str, object]) -> list[str]:
    """Required fields that a new entry lacks, nested ones as ``open.pay``."""
    names = _yaml_names(entry).items()
    lacks = [in_yaml for name, in_yaml in names if in_yaml not in row and not _extra(entry, name)["optional"]]
    for name, in_yaml in names:
        inner, inside = entry.model_fields[name].annotation, row.get(in_yaml)
        if isinstance(inner, type) and issubclass(inner, Entry) and isinstance(inside, dict):
            lacks += [f"{in_yaml}.{found}" for found in missing_fields(inner, inside)]
    return lacks


def _yaml_names(entry: type[Entry]) -> dict[str, str]:
    """Names of the fields in YAML, by their own."""
    return {name: field.alias or name for name, field in entry.model_fields.items()}


def _extra(entry: type[Entry], name: str) -> dict[str, JsonValue]:
    extra = entry.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _merge(before: object, given: object) -> object:
    if isinstance(before, Entry) and isinstance(given, Entry):
        return before.merged(given)
    if isinstance(before, FrozenDict) and isinstance(given, FrozenDict):
        return FrozenDict({**before, **{key: _merge(before.get(key), value) for key, value in given.items()}})
    return given
