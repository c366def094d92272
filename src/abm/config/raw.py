"""Reading of plain data that may be malformed: what is no text or month counts as none, and the types refuse it."""

from __future__ import annotations

from typing import Any

from abm.engine.calendar import parse_month


def texts_of(value: Any) -> list[str]:
    """Texts of a list; nothing where it is no list of texts."""
    whole = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return list(value) if whole else []


def population_of(raw: dict[str, Any]) -> dict[str, Any]:
    """Section ``population``; empty where it is none."""
    found = raw.get("population")
    return found if isinstance(found, dict) else {}


def month_of(value: Any) -> int | None:
    """Month, since January of year 0; None where it is none."""
    try:
        return parse_month(value) if isinstance(value, str) else None
    except ValueError:
        return None
