"""What an experiment's YAML may hold, part by part. `abm.experiments.spec` puts the parts together."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from abm.config.wording import either
from abm.declare import Params, expected
from abm.engine.calendar import Month
from abm.engine.entry import Label, Slug

MOST_SAMPLES = 2**20
MOST_LEVELS = 10_000
MOST_REPLICATES = 100_000

FORM_OF_REPLICATES = (
    f"a whole number from 1 to {MOST_REPLICATES}, or {{until: {{outcome: …, half_width: …}}, at_most: …}}"
)
FORM_OF_HALF_WIDTH = "a number above 0, or a share of the reference's mean, for example 5 %"
"""What ``replicates`` and ``half_width`` may be, for messages."""


_Table = Literal["district", "route", "leg", "destination", "stream", "flows", "journeys"]
TABLES: tuple[str, ...] = get_args(_Table)
"""Tables that a study may keep beside `national`; the fields of ``outputs`` in a configuration, plots apart."""

TableName = Annotated[_Table, expected(f"a table, {either(TABLES)}")]

Outcome = Annotated[str, expected("the name of an outcome  (abm describe outcomes)")]
ScenarioName = Slug


class ExperimentSettings(Params):
    """A study: scenarios × design points × replicates, with common random numbers."""

    name: Slug
    """Short name; the study goes to a folder of this name."""

    description: str = ""
    """What the study asks, in words."""

    base: str | None = None
    """Configuration that all scenarios start from; a path from the folder of this file. By default all defaults."""

    set: dict[str, object] = expected("settings (key: value)", {})
    """Changes of the base, for all scenarios: sections as in a configuration, or paths, ``labour.job_growth: 0.02``."""

    scenarios: dict[ScenarioName, object] = expected("scenarios by name (name: settings); the first is the reference")
    """Scenarios by name, each a mapping of changes; the first is the reference."""

    design: dict[str, object] | None = expected("settings, for example {method: lhs}", None)
    """How points are drawn from the factors."""

    parameters: dict[str, object] | None = expected("settings, for example {posterior: FILE, draws: 40}", None)
    """Draws of a posterior, which are the points, instead of a design and factors."""

    factors: dict[str, object] = expected("factors by path (labour.job_growth: {…})", {})
    """Factors by path: a parameter, ``labour.job_growth``, or a field of a lever by its id, ``levers.jobs.value``."""

    replicates: object = expected(FORM_OF_REPLICATES, 1)
    """Runs of each scenario at each point, with other seeds; or how to stop."""

    outcomes: tuple[Outcome, ...] = expected("a list of outcomes", ())
    """Outcomes that the study is about."""

    window: dict[str, object] | None = expected("settings {from: 2018-01, until: 2022-12}", None)
    """Months over which outcomes are summed up; by default the whole run."""

    tables: tuple[TableName, ...] = expected(f"a list of {either(TABLES, 'and')}", ())
    """Tables kept of each run beside `national`."""

    engine: dict[str, object] = expected("settings, for example {kind: local}", {})
    """Where the runs are made."""

    fact: dict[str, object] | None = expected("settings {statement: …, citation: …, asserts: […]}", None)
    """A finding of the literature that the runs are held to: see [facts](facts.md)."""


class FactorSettings(Params):
    """One factor: what it varies over, and in which scenarios."""

    label: Label | None = None
    """Name in figures and tables; by default its path."""

    low: float | None = None
    """Lower end; by default the declared bound."""

    high: float | None = None
    """Upper end; by default the declared bound."""

    scale: Literal["linear", "log"] = "linear"
    """Whether equal steps are equal differences or equal ratios."""

    levels: int | None = Field(None, ge=2, le=MOST_LEVELS)
    """Number of levels from low to high; for grid and one_at_a_time."""

    values: tuple[float, ...] | None = expected("a list of numbers", None)
    """The values that it takes, instead of a range; each equally likely in a sampled design."""

    in_: tuple[ScenarioName, ...] | None = expected("a list of scenarios", None, alias="in")
    """Scenarios in which it varies; all if left out."""

    centre: float | None = None
    """Value at the centre of one_at_a_time; by default the one in force."""


Point = Annotated[dict[str, Annotated[float, expected("a number")]], expected("a point (factor: value)")]
"""A value for each factor."""


class DesignSettings(Params):
    """What every design has."""

    method: str
    """Which design."""


class GridDesign(DesignSettings):
    """Every combination of the factors' levels."""

    method: Literal["grid"] = "grid"
    """Which design."""

    levels: int | None = Field(None, ge=2, le=MOST_LEVELS)
    """Levels of each factor that has neither `levels` nor `values` of its own."""


class ListDesign(DesignSettings):
    """Points written out."""

    method: Literal["list"] = "list"
    """Which design."""

    points: tuple[Point, ...] = expected("a list of points, each '{labour.job_growth: 0.02, …}'", min_length=1)
    """Points, each with a value for every factor."""


class PosteriorDesign(DesignSettings):
    """Draws of a posterior, each a point; what ``parameters`` of an experiment makes."""

    method: Literal["posterior"] = "posterior"
    """Which design."""

    points: tuple[Point, ...]
    """Points, each with a value for every factor."""

    posterior: str
    """Name of the posterior."""

    draws: tuple[int, ...]
    """Numbers of the draws in its file."""

    of: int
    """Number of draws that there are."""

    seeds: tuple[int, ...] = ()
    """Seed of each draw; empty where all draws share the seeds of the study."""

    def __str__(self) -> str:
        seeds = "each with its own seed" if self.seeds else "all with the same seeds"
        return f"{len(self.draws):,} of {self.of:,} draws of the posterior '{self.posterior}', {seeds}"


class OneAtATimeDesign(DesignSettings):
    """A centre, and from there each factor moved alone."""

    method: Literal["one_at_a_time"] = "one_at_a_time"
    """Which design."""

    levels: int = Field(2, ge=2, le=MOST_LEVELS)
    """Levels of each factor that has neither `levels` nor `values` of its own; 2 are its ends."""


class SampledDesign(DesignSettings):
    """A design drawn with a seed of its own, which has nothing to do with the seeds of the runs."""

    samples: int = Field(ge=1, le=MOST_SAMPLES)
    """Number of points."""

    seed: int = Field(1, ge=0, le=2**32 - 1)
    """Seed of the design."""


class LhsDesign(SampledDesign):
    """Latin hypercube: each factor's range in `samples` strata, one point in each."""

    method: Literal["lhs"] = "lhs"
    """Which design."""

    batches: int = Field(1, ge=1, le=1000)
    """Latin hypercubes one after the other, each of `samples` points: one more leaves those before as they are."""


class SobolDesign(SampledDesign):
    """Scrambled Sobol' sequence; `samples` is a power of two."""

    method: Literal["sobol"] = "sobol"
    """Which design."""


class HaltonDesign(SampledDesign):
    """Scrambled Halton sequence; any number of points."""

    method: Literal["halton"] = "halton"
    """Which design."""


class MorrisDesign(SampledDesign):
    """Elementary effects: `samples` trajectories, each of one point more than there are factors."""

    method: Literal["morris"] = "morris"
    """Which design."""

    levels: int = Field(4, ge=2, le=1000)
    """Levels of the grid on which trajectories walk; even."""


class SaltelliDesign(SampledDesign):
    """For Sobol' indices: a power of two of base points, each with a mate and, for every factor, one between."""

    method: Literal["saltelli"] = "saltelli"
    """Which design."""

    second_order: bool = False
    """Whether interactions of pairs are asked for too, which nearly doubles the points."""


class DrawSettings(Params):
    """Draws of a posterior as the points of a study."""

    posterior: str = expected("the path of a Parquet file of draws, or 'shipped'")
    """File of draws, a path from the folder of this file; ``shipped`` for the one of the package."""

    draws: int | None = Field(None, ge=1, le=MOST_SAMPLES)
    """Number of draws, spread evenly over the file; all if left out. More draws keep those there were."""

    seeds: Literal["own", "shared"] = "own"
    """``own``, those with which the draws were accepted, or one a draw; or ``shared``, those of the study."""

    except_: tuple[str, ...] = expected("a list of parameters", (), alias="except")
    """Parameters that the draws leave alone."""


_DESIGNS = (
    GridDesign, ListDesign, OneAtATimeDesign, LhsDesign, SobolDesign, HaltonDesign, MorrisDesign, SaltelliDesign,
)  # fmt: skip
DESIGNS: dict[str, type[DesignSettings]] = {kind.model_fields["method"].default: kind for kind in _DESIGNS}
"""Settings by method."""


class Until(Params):
    """When there are enough replicates: the paired difference from the reference is known well enough."""

    outcome: Outcome
    """Outcome whose difference is watched."""

    half_width: object = expected(FORM_OF_HALF_WIDTH)
    """Half-width of the confidence interval that is small enough; ``5 %`` is relative to the reference's mean."""

    scenario: ScenarioName | None = None
    """Scenario whose difference is watched; all but the reference if left out."""

    confidence: float = Field(0.95, ge=0.5, le=0.9999)
    """Level of confidence."""


class SequentialReplicates(Params):
    """Replicates until a difference is known well enough."""

    until: Until
    """What has to be known, and how well."""

    at_least: int = Field(10, ge=2, le=MOST_REPLICATES)
    """Replicates before the first look; `at_most` if that is fewer."""

    at_most: int = Field(ge=2, le=MOST_REPLICATES)
    """Replicates after which to stop, whatever is known."""


class Window(Params):
    """Months over which outcomes are summed up, both included."""

    from_: Month | None = expected("a month as YYYY-MM", None, alias="from")
    """First month; that of the run if left out."""

    until: Month | None = expected("a month as YYYY-MM", None)
    """Last month; that of the run if left out."""
