"""Factors of a study, their values at the points, and the order in which designs lay their points out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats

RESAMPLES, SEED = 1000, 1  # of the bootstraps that intervals of indices are made by


@dataclass(frozen=True)
class FactorTable:
    """What varied, and how the points were made."""

    names: tuple[str, ...]  # factors as in the experiment
    values: Floats  # of shape (points, factors), in the order of the panel's points
    # method, levels: ``saltelli``, ``morris``, ``one_at_a_time``, ``lhs``, ``sobol``, ``halton``, ``grid``, ``list`` or
    # ``posterior``; levels of a Morris design
    method: str
    levels: int = 4
    nested: bool = False  # whether each point has seeds of its own
    # scenarios in which a factor varies, by name; a factor that is not listed varies in all
    varies_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def problem(self) -> dict[str, object]:
        """Description of the factors for SALib, in the unit cube."""
        return {"num_vars": len(self.names), "names": list(self.names), "bounds": [[0.0, 1.0]] * len(self.names)}

    def varying(self, scenario: str) -> NDArray[np.bool_]:
        """Tell which factors vary in a scenario."""
        return np.array([scenario in self.varies_in.get(name, (scenario,)) for name in self.names], bool)

    @property
    def together(self) -> int:
        """Points that were drawn together: a base point with its company, a trajectory; 1 for other designs."""
        if self.method == "morris":
            return len(self.names) + 1
        return saltelli_size(self) if self.method == "saltelli" else 1


@dataclass(frozen=True)
class Indices:
    """What an analysis finds of one outcome."""

    # columns, importance: by name of column, one number a factor; and what factors are ranked by
    columns: dict[str, Floats]
    importance: Floats
    # what the indices were made of: ``used`` and, for want of a run, ``lost`` of the points, base points or
    # trajectories that ``of`` names; and how well a regression fits
    fit: dict[str, object]
    moves: list[dict[str, object]] = field(default_factory=list)  # one row a pair of factors, or a value of a factor


def made_of(known: NDArray[np.bool_], of: str) -> dict[str, object]:
    """Fit of indices, given which points, base points or trajectories have runs."""
    used = int(known.sum())
    return {"used": used, "lost": len(known) - used, "of": of}


def with_ends(name: str, index: Floats, half: Floats) -> dict[str, Floats]:
    """Columns of an index and the ends of its interval, given half of its length."""
    return {name: index, f"{name}_low": index - half, f"{name}_high": index + half}


def saltelli_size(table: FactorTable) -> int:
    """Points that go with one base point of a Saltelli design, in the order of SALib: D + 2, or 2 D + 2 with pairs.

    Values tell which; an AnalysisError says that they have neither form.
    """
    count = len(table.names)
    for size in (2 * count + 2, count + 2):
        if len(table.values) % size == 0 and _is_saltelli(table.values.reshape(-1, size, count)):
            return size
    raise AnalysisError(
        f"the {len(table.values):,} points are no complete Saltelli design of {count} factors, which has "
        f"{count + 2} or {2 * count + 2} points for each base point, in the order of SALib; was design.parquet changed?"
    )


def _is_saltelli(blocks: NDArray[np.float64]) -> bool:
    """Whether each block is A, AB₁ … AB_D[, BA₁ … BA_D], B."""
    count = blocks.shape[2]
    first, last = blocks[:, :1], blocks[:, -1:]
    own = np.eye(count, dtype=bool)
    mixed = [np.where(own, last, first)]
    if blocks.shape[1] == 2 * count + 2:
        mixed.append(np.where(own, first, last))
    return np.array_equal(blocks[:, 1:-1], np.concatenate(mixed, axis=1), equal_nan=True)


def check_trajectories(table: FactorTable) -> None:
    """Refuse points that are no trajectories in which one factor at most moves at each step."""
    count = len(table.names)
    whole = len(table.values) % (count + 1) == 0
    if whole:
        steps = np.diff(table.values.reshape(-1, count + 1, count), axis=1) != 0
        whole = bool((steps.sum(2) <= 1).all() and (steps.sum(1) <= 1).all())
    if not whole:
        raise AnalysisError(
            f"the {len(table.values):,} points are no whole trajectories of a Morris design of {count} factors, each "
            f"of {count + 1} points in order; was design.parquet changed?"
        )
