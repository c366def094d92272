"""YAML with places: plain data, and the line and column of every key and value.

The file is read by the rules of YAML 1.2 (core schema), which are those that people expect: `1e4` and `500e6` are
numbers; `on`, `no` and `yes` are words; `12:30` and `2018-01` are text; only `true` and `false` are booleans.

It is built here on PyYAML's nodes and their marks, because PyYAML's own constructor follows YAML 1.1 and keeps the
last of two equal keys, and ruamel.yaml (0.19, tried) stops at the first of them, reads `1_000`, `0b1` and `2018-01-01`
as no text, keeps no place of a scalar, and bounds neither aliases nor whole numbers.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abm.engine.errors import ConfigError, Problem

LARGEST_FILE = 1_000_000  # bytes; a configuration is text written by hand
LARGEST_WHOLE = 2**63 - 1  # whole numbers are held in 64 bits
MOST_NODES = 100_000  # values after aliases are expanded: a few nested aliases can stand for billions
EXACT_WHOLE = 2**53  # up to here a float holds every whole number exactly

KeyPath = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_YEAR = re.compile(r"[12]\d{3}")  # series of drivers have years for keys
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_INT = re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$")
_FLOAT = re.compile(
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)


@dataclass(frozen=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    line: int
    column: int


@dataclass
class YamlSource:
    """The content of one YAML file."""

    file: str  # its name as the user wrote it
    text: str = ""  # what it says, as written
    data: Any = None  # plain dicts, lists, strings, numbers, booleans and None
    # place of each key of a mapping and of each item of a list, by path: ``("levers", 0, "value")``
    places: dict[KeyPath, Place] = field(default_factory=dict)
    # what is wrong with it and does not keep the rest from being read: duplicate keys, huge numbers, odd tags
    problems: list[Problem] = field(default_factory=list)
    unread: set[KeyPath] = field(default_factory=set)  # paths whose value could not be read; `data` has a stand-in

    def place(self, path: KeyPath) -> Place | None:
        """Find where a path stands: its key, or the item of a list; for a missing one, its nearest parent."""
        above = (path[:length] for length in range(len(path), 0, -1))
        return next((self.places[part] for part in above if part in self.places), None)

    def problem(self, message: str, path: KeyPath) -> Problem:
        """Word a problem at the place of a path."""
        place = self.place(path) or Place(0, 0)
        return Problem(message, dotted(path), self.file, place.line, place.column)


def dotted(path: KeyPath) -> str:
    """Write a path as ``levers[0].value``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = part if part.isprintable() else ascii(part)
            text += f".{shown}" if text else shown
    return text


def read_yaml(path: str | Path) -> YamlSource:
    """Read a YAML file.

    A ConfigError says that it cannot be read, is no UTF-8 text, is empty or too large, or is no YAML at all. Lesser
    faults are in `problems` of the result.
    """
    return parse_yaml(_read_text(Path(path), str(path)), str(path))


def parse_yaml(text: str, file: str) -> YamlSource:
    """Read YAML text; `file` is its name in messages. A ConfigError says that it is empty or no YAML."""
    source = YamlSource(file, text)
    try:
        document = _compose(text, file)
        if document is None:
            raise ConfigError([Problem("the file is empty; see 'abm schema' for what it may hold", file=file)])
        source.data = _Builder(source).build(document, ())
    except RecursionError:
        raise ConfigError([Problem("the values are nested too deeply", file=file)]) from None
    return source


def parse_scalar(text: str) -> object:
    """Read one value, as after ``--set PATH=``, by the same rules as a file; a ConfigError says that it is no YAML."""
    if not text.strip():
        return None
    source = parse_yaml(text, "")
    if source.problems:
        raise ConfigError(source.problems)
    return source.data


def _read_text(path: Path, file: str) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ConfigError([Problem(f"no such file{_nearest_file(path)}", file=file)]) from None
    except IsADirectoryError:
        raise ConfigError([Problem("this is a folder; give a YAML file", file=file)]) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Problem(f"cannot be read: {reason}", file=file)]) from None
    if len(raw) > LARGEST_FILE:
        raise ConfigError([Problem("larger than 1 MB; this is no configuration", file=file)])
    if b"\0" in raw:
        raise ConfigError([Problem("this is a binary file, or text in UTF-16; give YAML in UTF-8", file=file)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        message = f"this is no UTF-8 text (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        raise ConfigError([Problem(message, "", file, line, column)]) from None


def _nearest_file(path: Path) -> str:
    """Suggest a file of a like name in the same folder, or in a folder `configs` within it or beside it."""
    files: dict[str, Path] = {}
    for folder in (path.parent, path.parent / "configs", path.parent / ".." / "configs"):
        with contextlib.suppress(OSError):
            for entry in sorted(folder.iterdir()):
                if entry.suffix in {".yaml", ".yml"}:
                    files.setdefault(entry.stem, entry)
    near = difflib.get_close_matches(path.stem, files, n=1)
    return f"; did you mean '{os.path.normpath(files[near[0]])}'?" if near else ""


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's parser with the plain scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own form)


for _kind, _pattern, _first in (
    ("null", _NULL, ["~", "n", "N", ""]),
    ("bool", _BOOL, list("tTfF")),
    ("int", _INT, list("-+0123456789")),
    ("float", _FLOAT, list("-+.0123456789")),
):
    _CoreLoader.add_implicit_resolver(_TAG + _kind, _pattern, _first)


def _compose(text: str, file: str) -> Node | None:
    try:
        return _CoreLoader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        message = f"a control character (0x{ord(text[error.position]):02x}) may not stand in YAML"
        raise ConfigError([Problem(message, "", file, line, column)]) from None
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_syntax_problem(error, text, file)]) from None


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(f"this is no YAML: {error.problem}", file=file)
    what = error.problem or error.context or ""
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    column = mark.column
    indent = line[: len(line) - len(line.lstrip())]
    if "\\t" in what or "\t" in indent:
        column = line.index("\t") if "\t" in line else column
        message = "a tab stands here; use spaces"
    elif "undefined alias" in what:
        message = f"{what.removeprefix('found ')}: no anchor of this name stands above"
    else:
        message = next((plain for part, plain in PLAIN_WORDS.items() if part in what), f"this is no YAML: {what}")
    return Problem(message, "", file, mark.line + 1, column + 1)


PLAIN_WORDS = {
    "another document": "a second document begins here ('---'); a file holds one",
    "could not find expected ':'": "this is no YAML: a colon and a space are expected after a key ('key: value')",
    "mapping values are not allowed": (
        "this is no YAML: a second ': ' on the line, or wrong indentation; put text with a colon in quotes"
    ),
    "found unexpected end of stream": "this is no YAML: a quote is not closed",
    "<block end>": "this is no YAML: wrong indentation, or a bracket or quote too many",
    "',' or '}'": "this is no YAML: a bracket is not closed, or a comma is missing",
    "',' or ']'": "this is no YAML: a bracket is not closed, or a comma is missing",
}
"""Part of a message of PyYAML -> what is said instead."""


class _Builder:
    """Turns composed nodes into plain data and notes where each stood."""

    def __init__(self, source: YamlSource) -> None:
        self.source = source
        self.open_nodes: set[int] = set()
        self.built = 0

    def build(self, node: Node, path: KeyPath) -> object:
        self.built += 1
        if self.built > MOST_NODES:
            message = f"more than {MOST_NODES} values, aliases expanded; this is no configuration"
            raise ConfigError([Problem(message, file=self.source.file)])
        self.source.places.setdefault(path, _place(node))
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if node.tag not in {_TAG + "map", _TAG + "seq"}:
            self._tell(f"the tag {_short_tag(node)} is not understood; leave it out", path)
        if id(node) in self.open_nodes:
            self._tell("this alias holds itself", path)
            return None
        self.open_nodes.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
            return dict(self._pairs(node, path)) if isinstance(node, MappingNode) else None
        finally:
            self.open_nodes.discard(id(node))

    def _pairs(self, node: MappingNode, path: KeyPath) -> Iterator[tuple[str, object]]:
        first_line: dict[str, int] = {}
        before: Node | None = None
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            is_year = bool(key and path and key_node.tag == _TAG + "int" and _YEAR.fullmatch(key))
            if key is None or not (is_year or key_node.tag == _TAG + "str"):
                shown = f"'{key}'" if key else "this"
                comma = _decimal_comma(before, key_node, value_node)
                self._tell(f"{shown} cannot be a key; {comma or 'a key is a word'}", path, key_node)
                continue
            before = value_node
            here = (*path, key)
            if key == "<<":
                self._tell("'<<' does not belong to YAML 1.2; write the keys out", here, key_node)
                continue
            if key in first_line:
                self._tell(f"'{key}' is given twice; first on line {first_line[key]}", here, key_node)
                continue
            first_line[key] = key_node.start_mark.line + 1
            self.source.places[here] = _place(key_node)
            yield key, self.build(value_node, here)

    def _scalar(self, node: ScalarNode, path: KeyPath) -> object:
        kind = node.tag.removeprefix(_TAG)
        text = node.value
        if kind == "str":
            return text
        if kind == "null" and _NULL.match(text):
            return None
        if kind == "bool" and _BOOL.match(text):
            return text.lower() == "true"
        if kind == "int" and _INT.match(text):
            return self._whole(node, path)
        if kind == "float" and (_FLOAT.match(text) or _INT.match(text)):
            return _real(text)
        self._tell(f"the tag {_short_tag(node)} is not understood; leave it out", path)
        return None

    def _whole(self, node: ScalarNode, path: KeyPath) -> int:
        text = node.value
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        # Python refuses to read thousands of digits; twenty are too many for us already.
        digits = text.lstrip("+-0ox")
        value = int(text[2:] if base != 10 else text, base) if len(digits) <= 25 else LARGEST_WHOLE + 1
        if abs(value) > LARGEST_WHOLE:
            shown = text if len(text) <= 25 else f"{text[:12]}… of {len(digits)} digits"
            self._tell(f"the number {shown} is too large; at most {LARGEST_WHOLE}", path)
            return 0
        return value

    def _tell(self, message: str, path: KeyPath, at: Node | None = None) -> None:
        if at is None:
            self.source.unread.add(path)
        place = _place(at) if at else self.source.place(path) or Place(0, 0)
        self.source.problems.append(Problem(message, dotted(path), self.source.file, place.line, place.column))


def _real(text: str) -> float | int:
    """Read a float; one in exponent form that is whole (``500e6``) is a whole number, fit for counts too."""
    lowered = text.lower()
    if lowered.lstrip("+-") in {".inf", ".nan"}:
        return float(lowered.replace(".", ""))
    value = float(text)
    if "e" in lowered and math.isfinite(value) and value.is_integer() and abs(value) <= EXACT_WHOLE:
        return int(value)
    return value


def _decimal_comma(before: Node | None, key: Node, value: Node) -> str:
    """Say how ``{a: 2,5}`` is written, which has a key 5 without a value."""
    if not (isinstance(before, ScalarNode) and isinstance(value, ScalarNode) and value.value == ""):
        return ""
    if not before.tag == key.tag == _TAG + "int":
        return ""
    decimal, whole = f"{before.value}.{key.value}", f"{before.value}{key.value}"
    write = f"{whole}, or {decimal} if the comma stands before decimals" if len(key.value) == 3 else decimal
    return f"a comma ends the value: write {write}"


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _short_tag(node: Node) -> str:
    return str(node.tag).replace(_TAG, "!!")
