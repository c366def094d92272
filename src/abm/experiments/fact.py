"""The section `fact` of an experiment: what the literature has found, and the tests that the runs are put to.

A fact is an experiment like any other; its tests read the tables of its runs (`abm.analysis.facts`). What each
estimator does stands with its name in `ESTIMATORS`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from abm.config.wording import either
from abm.declare import Params, expected
from abm.engine.entry import Slug
from abm.experiments.settings import TABLES, TableName, Window

ESTIMATORS: dict[str, str] = {
    "level": "The quantity in one scenario; with `per` a share, a ratio or a hazard.",
    "difference": "Second scenario less first, in the quantity's unit.",
    "relative_difference": "Second scenario less first, over first; with `weights` of groups `across` as in the first.",
    "ratio": "The quantity over the same of `than`: another window, place or outcome of the scenario.",
    "elasticity": "Log ratio of second to first scenario, over that of `against` or log `dose`; `weights` as above.",
    "slope": "Least-squares slope over `doses`, one a scenario, from the lowest to the highest, over the mean.",
    "curvature": "Second-order term over `doses`, scaled like the slope: below 0 the curve is highest inside.",
    "slope_across": "Least-squares slope over the groups of `across`, over the mean, for a standard deviation of `x`.",
    "curvature_across": "Second-order term of the same.",
    "correlation_across": "Correlation with `x` over the groups of `across`.",
    "spread": "Log ratio of the variance across seeds of the shares of groups of `across`, second to first scenario.",
    "breadth": "Relative difference of the number of equal groups of `across` that would be as concentrated (1/HHI).",
    "active": "Relative difference of the number of groups of `across` with any.",
}
"""What each estimator gives."""

ONE = frozenset({"level", "ratio", "slope_across", "curvature_across", "correlation_across"})
DOSED = frozenset({"slope", "curvature"})
ACROSS = frozenset({"slope_across", "curvature_across", "correlation_across", "spread", "breadth", "active"})
OF_X = frozenset({"slope_across", "curvature_across", "correlation_across"})

USUAL = ("reference", "treated")
OFF = "_off"
"""Scenarios that a test compares where it names none, and what those with the mechanism off are called beside them."""

PERSONS = "persons"
MEASURED = ("fee", "paid", "debt", "wealth", "experienced", "attempts", "months")
"""Columns of the tables `flows` and `journeys` that a quantity may be of: persons, and means over them."""

KEYS_OF: dict[str, tuple[str, ...]] = {
    "national": (),
    "district": ("unit",),
    "route": ("route",),
    "leg": ("leg",),
    "destination": ("destination",),
    "stream": ("stream",),
    "flows": ("origin", "channel", "destination"),
    "journeys": ("origin", "begun_in", "route", "scheme", "wealth", "experienced", "outcome"),
}
"""Columns by which the rows of a table are chosen or grouped."""

OF_DISTRICTS = ("unit", "origin")  # of these, the columns of districts

Table = Annotated[Literal["national"] | TableName, expected(f"a table, {either(('national', *TABLES))}")]
Named = Annotated[object, expected("the name of an outcome, or settings {outcome: …, per: …}")]
Places = Annotated[
    dict[str, object], expected("settings, for example {unit: [gujrat]} or {unit: {highest: 0.2, of: …}}")
]


class Ranked(Params):
    """Groups chosen by what they had in the first scenario of the test, the mean of all seeds, or by the data."""

    highest: float | None = Field(None, gt=0, lt=1)
    """Share of the groups, those with the largest."""

    lowest: float | None = Field(None, gt=0, lt=1)
    """Share of the groups, those with the smallest."""

    middle: float | None = Field(None, gt=0, lt=1)
    """Share of the groups, those in between."""

    of: Named | None = None
    """What they are ranked by."""

    data: str | None = None
    """Column of units.csv, the data on districts, that ranks them instead; those without a value are left out."""


class Quantity(Params):
    """What is measured: an outcome over the months of a window, in all or in part, perhaps per another."""

    outcome: Named
    """Outcome of the table; of `flows` and `journeys` persons, of the latter also means over persons."""

    table: Table | None = None
    """Table that holds it."""

    where: Places | None = None
    """Rows that count: values by column, or a share of groups, `highest`, `lowest` or `middle`, in order `of` a
    quantity or, for districts, of a column of the `data`, units.csv."""

    window: Window | None = None
    """Months over which flows are added up, and all else averaged."""

    per: Named | None = None
    """Quantity by which it is divided."""

    minus: Named | None = None
    """Quantity of the same table and months that is taken off first."""

    weight: str | None = None
    """Column by which a level is weighted over rows; that of the declaration if left out."""

    times: float = 1.0
    """Number by which it is multiplied: a unit, a share."""


class Variant(Quantity):
    """The same test on another quantity, window, place or pair of scenarios: only what differs."""

    outcome: Named | None = None
    """Outcome, if another."""

    x: Named | None = None
    """What it is set against, if something else."""

    scenarios: tuple[Slug, ...] | None = expected("a list of scenarios", None)
    """Scenarios, if others."""

    off: tuple[Slug, ...] | None = expected("a list of scenarios", None)
    """Scenarios with the mechanism off, if others."""


class Assert(Quantity):
    """One test: an estimate from paired runs, a band, and the same estimate with the mechanism off."""

    name: Slug
    """Short name."""

    estimator: Literal[
        "level", "difference", "relative_difference", "ratio", "elasticity", "slope", "curvature", "slope_across",
        "curvature_across", "correlation_across", "spread", "breadth", "active",
    ] = expected(f"an estimator, {either(ESTIMATORS)}")  # fmt: skip
    """How the estimate is made."""

    scenarios: tuple[Slug, ...] = expected("a list of scenarios", USUAL)
    """Scenarios in order; `reference` and `treated` if left out, of which estimators of one take the first."""

    off: tuple[Slug, ...] | None = expected("a list of scenarios", None)
    """The same with the mechanism off; if left out those with `_off` behind the name; [] for a test without one."""

    doses: tuple[float, ...] = expected("a list of numbers, one a scenario", ())
    """What `slope` and `curvature` are over."""

    dose: float | None = Field(None, gt=0)
    """Ratio by which an `elasticity` divides, if it is not `against` a quantity."""

    against: Named | None = None
    """Quantity whose log ratio an `elasticity` divides by."""

    across: str | None = None
    """Column of the table whose groups are compared."""

    x: Named | None = None
    """Quantity of the groups that slopes and correlations across are over."""

    weights: Named | None = None
    """Of a relative difference or elasticity `across` groups: what each weighs, in both scenarios as in the first."""

    than: Variant | None = expected("what differs, for example {window: {…}}", None)
    """What a `ratio` divides by."""

    less: Variant | None = expected("what differs, for example {where: {…}}", None)
    """The same estimate of something else, which is taken off: a difference by group or by time."""

    over: Variant | None = expected("what differs, for example {scenarios: […]}", None)
    """The same estimate of something else, by which it is divided."""

    band: tuple[float | None, float | None] = expected("two numbers [low, high], null where it is open")
    """Accepted values."""

    nothing: float | None = None
    """Estimate that says that there is nothing; 1 of a `ratio` and with `over`, else 0 if left out."""

    tolerance: float = Field(1e-9, ge=0)
    """Distance from nothing at which an estimate with the mechanism off counts as none."""


class Fact(Params):
    """A finding of the literature, and the tests that the model is put to."""

    id: str
    """Its number."""

    statement: str
    """What was found, in a sentence."""

    citation: str
    """Where."""

    grade: str = ""
    """A causal or experimental, B careful observation, C theory, D descriptive or press."""

    off: str = ""
    """The mechanism held responsible, and how it is switched off."""

    cause: str = ""
    """Why the model fails, where it does and the cause is known."""

    levels: bool = False
    """Whether these are levels to be compared with, and no test."""

    asserts: tuple[Assert, ...] = expected("a list of tests, each '- {name: …, estimator: …}'", min_length=1)
    """The tests."""
