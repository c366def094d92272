"""Values that cannot be changed: a configuration is frozen all the way down."""

from __future__ import annotations

from typing import Any, NoReturn


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
