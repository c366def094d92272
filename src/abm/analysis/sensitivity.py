"""Which factors an outcome depends on, by the method that suits the design of the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.analysis.compare import count_runs, lost_runs
from abm.analysis.factors import FactorTable, Indices
from abm.analysis.morris import morris_effects
from abm.analysis.naming import Names
from abm.analysis.one_at_a_time import EXACT, effects_of_moves, idle_factors
from abm.analysis.panel import Panel, Window, check_level
from abm.analysis.regression import regression_indices
from abm.analysis.replicates import split_nested, split_variance
from abm.analysis.sobol import sobol_indices
from abm.analysis.wording import Note
from abm.config.wording import did_you_mean, either
from abm.declare import Outcome
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats, measures_of, unit_of
from abm.results.tables import Row

KINDS = {
    "saltelli": "sobol",
    "morris": "morris",
    "one_at_a_time": "one_at_a_time",
    **dict.fromkeys(("lhs", "sobol", "halton", "grid", "list", "posterior"), "regression"),
}
"""What is worked out, by method of the design."""

LINEAR_ENOUGH = 0.7  # R² from which a regression may be trusted to rank factors
POINTS_A_FACTOR = 10
"""Points that each coefficient of a regression needs (Harrell 2015, "Regression Modeling Strategies")."""
FEWEST = {"sobol": 64, "morris": 4}
"""Base points and trajectories that indices need (Saltelli et al. 2008, "Global Sensitivity Analysis", 3 and 4)."""

NOISY = 0.3  # share of noise in what is explained from which on it is reported


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How outcomes depend on factors."""

    name: str  # of the study
    scenario: str  # looked at
    difference: bool  # whether it is its difference from the reference, pair by pair, that is explained
    method: str  # of the design
    kind: str  # what was worked out: ``sobol``, ``morris``, ``one_at_a_time`` or ``regression``
    outcomes: Mapping[str, Outcome]
    window: Window  # months that outcomes are made of
    level: float  # probability that intervals cover
    factors: FactorTable
    indices: pd.DataFrame  # one row an outcome and factor, by falling importance, with columns that depend on `kind`
    # of one_at_a_time: one row an outcome, factor and value; of a Saltelli design with second order: one row an outcome
    # and pair of factors
    moves: pd.DataFrame | None
    # one row an outcome: what the indices were made from, how well a regression fits, and the parts that factors,
    # seeds, and seeds at single points have in the variance of single runs
    fit: pd.DataFrame
    runs: pd.DataFrame  # planned, finished, failed and missing
    idle: tuple[str, ...]  # factors that were moved alone and changed nothing in any of the outcomes
    unseen: tuple[str, ...]  # factors of which a regression sees no more than chance would give
    notes: tuple[str, ...] = ()  # what a reader must know
    names: Names = field(default_factory=Names)  # what scenarios and factors are called in figures and tables

    @property
    def sobol_columns(self) -> tuple[str, str]:
        """Columns of the first-order and total Sobol' indices to be shown: without the noise of seeds if they are."""
        expected = self.indices.get("total_expected")
        known = expected is not None and expected.notna().any()
        return ("first_expected", "total_expected") if known else ("first", "total")

    def top(self, outcome: str, count: int = 5) -> pd.DataFrame:
        """Rows of the factors that matter most for an outcome."""
        return self.indices[(self.indices["outcome"] == outcome) & (self.indices["importance"] > 0)].head(count)


def analyse_panel(
    panel: Panel,
    table: FactorTable,
    outcomes: Mapping[str, Outcome],
    *,
    name: str = "",
    window: Window | None = None,
    scenario: str | None = None,
    difference: bool = False,
    level: float = 0.95,
) -> Sensitivity:
    """Explain outcomes of a scenario, by default the reference, or its `difference` from the reference, by factors.

    Outcomes are added up or averaged over a window, by default all months; intervals cover with probability `level`.
    Raises AnalysisError if the study has no factors, or too few finished runs, or there is no such scenario.
    """
    _check(panel, table, scenario, difference=difference, level=level)
    place = panel.scenarios.index(scenario) if scenario else int(difference)
    here = panel.scenarios[place]
    chosen = panel.within(window or Window())
    varying = table.varying(here) | (table.varying(panel.reference) & difference)
    rows, fits, moves = [], [], []
    for key, outcome in outcomes.items():
        measure = measures_of(outcome)[0]
        values = chosen.summary(key, measure)
        values = values[place] - values[0] if difference else values[place]
        head = {"outcome": key, "measure": measure, "unit": unit_of(outcome, measure)}
        found = _analyse(values, table, varying, level)
        rows += [head | row for row in _rows(table, found, varying)]
        moves += [head | row for row in found.moves]
        fits.append(head | found.fit | _parts(values, table))
    indices, fit = pd.DataFrame(rows), pd.DataFrame(fits)
    kind = KINDS[table.method]
    months = [panel.values[key][place] - (panel.values[key][0] if difference else 0.0) for key in outcomes]
    still = idle_factors(months, table) & varying if table.method in EXACT else np.zeros_like(varying)
    idle = tuple(name for name, is_still in zip(table.names, still, strict=True) if is_still)
    few = _too_few(fit, kind, int(varying.sum()))
    unseen = _unseen(indices, fit) if kind == "regression" and not few else ()
    runs = count_runs(panel)
    runs = runs[runs["scenario"].isin({here, panel.reference} if difference else {here})].reset_index(drop=True)
    notes = _notes(runs, fit, idle, unseen, len(panel.replicates))
    return Sensitivity(
        name=name,
        scenario=here,
        difference=difference,
        method=table.method,
        kind=kind,
        outcomes=outcomes,
        window=chosen.span,
        level=level,
        factors=table,
        indices=indices,
        moves=pd.DataFrame(moves) if moves else None,
        fit=fit,
        runs=runs,
        idle=idle,
        unseen=unseen,
        notes=(*few, *_no_effect(indices), *above_one(indices), *notes),
    )


def _check(panel: Panel, table: FactorTable, scenario: str | None, *, difference: bool, level: float) -> None:
    if table.method not in KINDS:
        raise AnalysisError(f"there is no analysis for the design '{table.method}'; there is one for {either(KINDS)}")
    if scenario is not None and scenario not in panel.scenarios:
        raise AnalysisError(
            f"the study has no scenario '{scenario}'{did_you_mean(scenario, panel.scenarios)}; "
            f"it has {either(panel.scenarios, 'and')}"
        )
    if difference and len(panel.scenarios) < 2:
        raise AnalysisError(f"the study has one scenario, '{panel.reference}', and no difference from it")
    if difference and scenario == panel.reference:
        raise AnalysisError(f"'{scenario}' is the reference: it does not differ from itself; choose another scenario")
    if difference and scenario is None and len(panel.scenarios) > 2:
        raise AnalysisError(f"say which scenario's difference is meant: {either(panel.scenarios[1:])}")
    check_level(level)


def _analyse(values: Floats, table: FactorTable, varying: NDArray[np.bool_], level: float) -> Indices:
    kind = KINDS[table.method]
    if kind == "regression":
        return regression_indices(values, table, varying, level)
    analyse = {"sobol": sobol_indices, "morris": morris_effects, "one_at_a_time": effects_of_moves}[kind]
    return analyse(values, table, level)


def _rows(table: FactorTable, found: Indices, varying: NDArray[np.bool_]) -> list[dict[str, object]]:
    """One row a factor that varies, by falling importance."""
    order = np.argsort(-np.nan_to_num(found.importance, nan=-np.inf), kind="stable")
    columns = {"importance": found.importance, **found.columns}
    return [
        {"factor": table.names[place]} | {name: float(column[place]) for name, column in columns.items()}
        for place in order
        if varying[place]
    ]


def _parts(values: Floats, table: FactorTable) -> dict[str, object]:
    """Parts of the variance of single runs. Of a Saltelli design, over its independent points A and B."""
    if table.method == "saltelli":
        values = values.reshape(-1, table.together, values.shape[1])[:, [0, -1]].reshape(-1, values.shape[1])
    split = split_nested(values) if table.nested else split_variance(values)
    parts = {"factors": split.factors, "seeds": split.seeds, "seeds_at_points": split.left}
    shares = {f"share_{name}": part / split.total if split.total > 0 else np.nan for name, part in parts.items()}
    return {"variance": split.total, **shares, "noise_share": split.noise_share, "replicates": values.shape[1]}


def _unseen(indices: pd.DataFrame, fit: pd.DataFrame) -> tuple[str, ...]:
    """Factors of which a regression sees no effect on any outcome: chance alone would give as much."""
    bound = indices["outcome"].map(fit.set_index("outcome")["pawn_dummy"])
    seen = (indices["pawn"] > bound) | (indices["prcc_low"] > 0) | (indices["prcc_high"] < 0)
    by_factor = seen.groupby(indices["factor"], sort=False).any()
    return tuple(str(name) for name in by_factor.index[~by_factor])


def _too_few(fit: pd.DataFrame, kind: str, factors: int) -> list[Note]:
    """Say of which outcomes there are fewer points, base points or trajectories than indices need."""
    needed = POINTS_A_FACTOR * (factors + 1) if kind == "regression" else FEWEST.get(kind, 0)
    more = "" if kind == "morris" else ", some hundreds to rank small ones"
    notes = []
    for (used, of), rows in fit[fit["used"] < needed].groupby(["used", "of"]):
        names = [] if len(rows) == len(fit) else list(rows["outcome"])
        text = (
            f"{used:,} {of} are too few for {factors} factor{'s' * (factors != 1)}: do not read these indices; take "
            f"{needed} at least{more}"
        )
        notes.append(Note(f"{either(names, 'and')}: {text}" if names else text, "indices", names))
    return notes


def _no_effect(indices: pd.DataFrame) -> list[Note]:
    """Name outcomes that no factor changes: they have indices of zero, or none, and no figure."""
    seen = (indices["importance"] > 0).groupby(indices["outcome"], sort=False).any()
    return [Note(f"{name}: no factor is seen to change it", "indices", [str(name)]) for name in seen.index[~seen]]


def above_one(indices: pd.DataFrame) -> list[Note]:
    """Name outcomes of which a Sobol' index is above 1."""
    shares = indices.filter(["first", "total", "first_expected", "total_expected"])
    names = list(dict.fromkeys(indices["outcome"][(shares > 1).any(axis=1)]))
    text = "an index above 1 is an error of estimation, since none can be: take more base points"
    return [Note(f"{either(names, 'and')}: {text}", "indices", names)] if names else []


def _notes(
    runs: pd.DataFrame, fit: pd.DataFrame, idle: tuple[str, ...], unseen: tuple[str, ...], replicates: int
) -> Iterator[str]:
    if idle:
        yield Note(f"{_named(idle)} changes nothing in any of these outcomes, to the bit", "indices")
    if unseen:
        text = f"no effect of {_named(unseen)} is seen on any of these outcomes; a small one may be hidden by noise"
        yield Note(text, "indices")
    yield from lost_runs(runs)
    for row in fit.to_dict("records"):
        yield from (Note(f"{row['outcome']}: {text}", "indices", [row["outcome"]]) for text in _on_fit(row))
    if replicates == 1:
        yield Note(
            "there is one replicate: noise of seeds cannot be separated from effects, and is in the indices", "indices"
        )


def _named(names: tuple[str, ...]) -> str:
    """Name factors: ``factor 'a'``, ``each of the factors 'a' and 'b'``."""
    return f"factor '{names[0]}'" if len(names) == 1 else f"each of the factors {either(names, 'and')}"


def _on_fit(row: Row) -> Iterator[str]:
    if row["lost"]:
        yield f"{row['lost']:,} of {row['lost'] + row['used']:,} {row['of']} are left out, since runs are missing"
    if row.get("rank_r_squared", 1.0) < LINEAR_ENOUGH:
        yield (
            f"the regressions explain {row['r_squared']:.0%} of the variance and {row['rank_r_squared']:.0%} of that "
            "of ranks; the rest is noise of seeds, bends and interactions: look at PAWN too, or use a saltelli design"
        )
    if row["noise_share"] > NOISY:
        yield (
            f"{row['noise_share']:.0%} of the variance that is explained here is noise of seeds; add replicates, or "
            "look at a longer window"
        )
