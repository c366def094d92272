"""A dict that cannot be changed."""

from __future__ import annotations

from typing import Any, NoReturn


class FrozenDict[K, V](dict[K, V]):
    """A hashable dict that refuses every change; order does not count."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a configuration is frozen; make a new one with other values")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)
