"""A share of a study: one of several processes that make its runs without knowing of each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from abm.engine.errors import AbmError

_FORM = re.compile(r"^(\d+)/(\d+)$")


@dataclass(frozen=True, slots=True)
class Share:
    """Every n-th run, from the i-th on; ``Share(1, 1)`` is the whole."""

    index: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read ``"3/8"``.

        Raises
        ------
        AbmError
            If it is no share.
        """
        found = _FORM.match(text)
        if found and 1 <= int(found[1]) <= int(found[2]):
            return cls(int(found[1]), int(found[2]))
        raise AbmError(
            f"--shard {text}: expected I/N with I from 1 to N, for example 3/8 for the third of eight shares"
        )

    @property
    def is_whole(self) -> bool:
        """Whether it is no share at all."""
        return self.of == 1

    def take[T](self, runs: Iterable[T]) -> Iterator[T]:
        """Give what belongs to this share."""
        return islice(runs, self.index - 1, None, self.of)

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"
