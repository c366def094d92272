"""A span of months over which outcomes are added up, ``2018-01:2022-12``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.engine.calendar import parse_month
from abm.engine.errors import AnalysisError


@dataclass(frozen=True)
class Window:
    """First and last month, both included; None where it is open.

    Attributes
    ----------
    first, last
        As ``"2018-01"``.
    """

    first: str | None = None
    last: str | None = None

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read ``"2018-01:2022-12"``; either end may be left out.

        Raises
        ------
        AnalysisError
            If it has another form, or ends before it begins.
        """
        ends = [end.strip() or None for end in text.split(":")]
        if len(ends) != 2:
            raise AnalysisError(f"the window '{text}' is not of the form FROM:UNTIL; write it as 2018-01:2022-12")
        return cls.between(*ends)

    @classmethod
    def between(cls, first: str | None, last: str | None) -> Window:
        """Make a window of two months, with checks."""
        try:
            numbers = [parse_month(end) for end in (first, last) if end]
        except ValueError as error:
            raise AnalysisError(f"in the window '{first or ''}:{last or ''}', {error}") from None
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise AnalysisError(f"the window '{first}:{last}' ends before it begins")
        return cls(first, last)

    def holds(self, months: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Tell which months lie in it."""
        inside = np.ones(len(months), bool)
        if self.first:
            inside &= months >= np.datetime64(self.first, "M")
        if self.last:
            inside &= months <= np.datetime64(self.last, "M")
        return inside

    def __str__(self) -> str:
        return f"{self.first or ''}:{self.last or ''}"


WindowLike = str | tuple[str | None, str | None] | Window | None
"""``"2018-01:2022-12"``, two months, a window, or None for the whole span."""


def as_window(given: WindowLike) -> Window:
    """Take a window in any of its forms; None is the whole span."""
    if given is None:
        return Window()
    if isinstance(given, Window):
        return given
    return Window.parse(given) if isinstance(given, str) else Window.between(*given)
