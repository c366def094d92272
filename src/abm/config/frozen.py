"""Values that cannot be changed: a configuration is frozen all the way down."""

from __future__ import annotations

from typing import Any


def freeze(value: Any) -> Any:
    """Turn the lists in plain data into tuples, as the strict types of the configuration have it."""
    if isinstance(value, dict):
        return {key: freeze(item) for key, item in value.items()}
    return tuple(freeze(item) for item in value) if isinstance(value, list) else value
