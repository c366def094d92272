"""Reading of the files shipped in ``abm.data``, from a source tree or an installed wheel."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO
from typing import Any

import yaml


def data_file(name: str) -> Traversable:
    """Shipped file by its path inside ``abm.data``, for example ``"tables/units.csv"``."""
    return files("abm.data").joinpath(*name.split("/"))


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of a shipped CSV file, as text; blank stays ``""``."""
    text = data_file(name).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text, newline="")))


def read_yaml(name: str) -> dict[str, Any]:
    """Content of a shipped YAML file, by the parser in C where there is one, which takes an eighth of the time."""
    return yaml.load(data_file(name).read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ValueError:
    """Error for a name that the data do not hold, with the nearest one that they do."""
    near = get_close_matches(name, list(known), n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return ValueError(f"no {kind} '{name}' in the data{hint}")
