"""Growing tables of cohorts that wait or travel: applications, clients of offices, journeys."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from abm.declare.column import columns_of
from abm.engine.compiled import kernel

_FIRST_CAPACITY = 1024


def allocate[T](kind: type[T], count: int, *, sparse: bool = False) -> T:
    """Allocate the arrays of one table; the caller fills every row that is read.

    Of `sparse` tables few rows are ever written, and the others cost no memory.
    """
    columns, room = columns_of(kind), room_for if sparse else np.zeros
    shapes = {name: (count, found.width) if found.width > 1 else count for name, found in columns.items()}
    return kind(**{name: room(shapes[name], found.dtype) for name, found in columns.items()})


def room_for(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Work space of zeros that costs only the memory of the pages written to; that of NumPy comes in huge pages."""
    count, size = math.prod(np.atleast_1d(shape).tolist()), np.dtype(dtype).itemsize
    room = mmap.mmap(-1, max(count * size, 1), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel may be built without huge pages
        room.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(room, dtype, count).reshape(shape)


def by_column[T: NamedTuple](kind: type[T], rows: Sequence[object]) -> T:
    """Put attributes of rows into columns, those that the table of this kind has."""
    return kind._make(np.array([getattr(row, name) for row in rows]) for name in kind._fields)


def widen[T: tuple[np.ndarray, ...]](columns: T, rows: np.ndarray | slice) -> T:
    """Copy some rows of a table of whole numbers, all columns as int64, so that sums and products do not overflow.

    Rows are a mask, positions or a slice.
    """
    if isinstance(rows, np.ndarray) and rows.dtype == np.bool_:
        rows = rows.nonzero()[0]  # once, not once a column
    own = isinstance(rows, np.ndarray)  # rows picked one by one are copies already
    return type(columns)(*[column[rows].astype(np.int64, copy=not own) for column in columns])


class CohortTable[T: tuple[np.ndarray, ...]]:
    """Columns with `count` rows in use; appended at the end, compacted in order.

    Made from the named tuple of the columns.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self.columns = allocate(kind, _FIRST_CAPACITY)
        self.count = 0

    @property
    def rows(self) -> T:
        """Views of the rows in use; `append` and `take` make them stale."""
        count = self.count
        return self._kind(*[column[:count] for column in self.columns])

    def append(self, **values: ArrayLike) -> None:
        """Add rows; every column must be given, scalars are spread, and all arrays are as long as the first."""
        number = next((value.size for value in values.values() if isinstance(value, np.ndarray)), 1)
        if not number:
            return
        self.reserve(self.count + number)
        first, self.count = self.count, self.count + number
        for name, column in zip(columns_of(self._kind), self.columns, strict=True):
            column[first : self.count] = values[name]

    def take(self, mask: np.ndarray) -> T:
        """Remove the rows where `mask` (length `count`) is true and return them, in order."""
        chosen = mask.nonzero()[0]
        taken = self._kind(*[column[chosen] for column in self.columns])
        self.drop(mask)
        return taken

    def drop(self, mask: np.ndarray) -> None:
        """Remove the rows where `mask` (length `count`) is true."""
        if not mask.size or not mask[first := int(mask.argmax())]:  # what stands before it keeps its place
            return
        self.count -= int(np.count_nonzero(mask))
        for column in self.columns:
            _close_up(column, mask, first)

    def order_by(self, name: str) -> None:
        """Put the rows in order of a column; rows with the same value keep their order."""
        order = np.argsort(getattr(self.columns, name)[: self.count], kind="stable")
        for array in self.columns:
            array[: self.count] = array[: self.count][order]

    def reserve(self, count: int) -> None:
        """Make room for `count` rows in all."""
        capacity = len(self.columns[0])
        if count <= capacity:
            return
        larger = allocate(self._kind, max(count, capacity * 2))
        for old, new in zip(self.columns, larger, strict=True):
            new[: self.count] = old[: self.count]
        self.columns = larger


@kernel
def _close_up(column: np.ndarray, gone: np.ndarray, first: int) -> None:
    """Move the values of a column that are not `gone` together; the first of these is at `first`."""
    to = first
    for k in range(first, gone.size):
        column[to] = column[k]  # no branch: which are gone cannot be guessed
        to += not gone[k]
