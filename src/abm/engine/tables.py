"""Growing tables of cohorts that wait or travel: applications, clients of offices, journeys."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from abm.declare import Column

_FIRST_CAPACITY = 1024


def allocate[T](kind: type[T], declared: dict[str, Column], count: int) -> T:
    """Allocate the arrays of one table; untouched pages cost no memory, and the caller fills every row that is read."""
    shapes = {name: (count, found.width) if found.width > 1 else count for name, found in declared.items()}
    return kind(**{name: np.zeros(shapes[name], found.dtype) for name, found in declared.items()})


class CohortTable[T]:
    """Columns with `count` rows in use; appended at the end, compacted in order.

    Made from the named tuple of the columns, and their declarations.
    """

    def __init__(self, kind: type[T], declared: dict[str, Column]) -> None:
        self._kind = kind
        self._declared = declared
        self.columns = allocate(kind, declared, _FIRST_CAPACITY)
        self.count = 0

    def append(self, **values: ArrayLike) -> None:
        """Add rows; every column must be given, scalars are spread."""
        number = max(np.size(value) for value in values.values())
        self.reserve(self.count + number)
        for name in self._declared:
            getattr(self.columns, name)[self.count : self.count + number] = values[name]
        self.count += number

    def take(self, mask: np.ndarray) -> dict[str, np.ndarray]:
        """Remove the rows where `mask` (length `count`) is true and return their columns, in order."""
        chosen = np.flatnonzero(mask)
        taken = {name: getattr(self.columns, name)[chosen] for name in self._declared}
        if chosen.size:
            first = chosen[0]  # what stands before it keeps its place
            kept = first + np.flatnonzero(~mask[first:])
            for name in self._declared:
                array = getattr(self.columns, name)
                array[first : first + kept.size] = array[kept]
            self.count = int(first + kept.size)
        return taken

    def order_by(self, name: str) -> None:
        """Put the rows in order of a column; rows with the same value keep their order."""
        order = np.argsort(getattr(self.columns, name)[: self.count], kind="stable")
        for column in self._declared:
            array = getattr(self.columns, column)
            array[: self.count] = array[: self.count][order]

    def reserve(self, count: int) -> None:
        """Make room for `count` rows in all."""
        capacity = getattr(self.columns, next(iter(self._declared))).size
        if count <= capacity:
            return
        larger = allocate(self._kind, self._declared, max(count, capacity * 2))
        for name in self._declared:
            getattr(larger, name)[: self.count] = getattr(self.columns, name)[: self.count]
        self.columns = larger
