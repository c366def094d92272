"""What the section ``calibration`` of an experiment's YAML may hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from abm.declare import Params, expected
from abm.society import SMALLEST_SCALE

Statistic = Literal["level", "trend", "contrast", "pattern"]


class TargetSettings(Params):
    """A summary of a target's records, and how far model and record may be apart. All are logarithms."""

    target: str = expected("the id of a target  (abm describe observations)")
    """Id of the target."""

    summary: Statistic = "level"
    """``level`` is the mean logarithm over the years, ``trend`` its slope a year, ``contrast`` the mean of `years` less
    that of all others, ``pattern`` the slope of the model's logarithms on those of the record over places."""

    each: bool = False
    """Whether every place has a summary of its own."""

    years: tuple[int, ...] = expected("a list of years", ())
    """Years of a contrast."""

    leave_out: tuple[str, ...] = expected("a list of places", ())
    """Places whose records of the target count something else than the model: no summary of it uses them."""

    error: float = Field(0.05, ge=0.0, le=3.0, json_schema_extra={"unit": "log points"})
    """Standard deviation of the record about what happened."""

    discrepancy: float = Field(0.1, ge=0.0, le=3.0, json_schema_extra={"unit": "log points"})
    """Standard deviation of what happened about the best that the model can do."""


class WaveSettings(Params):
    """A wave of runs."""

    samples: int = Field(ge=8, le=100_000)
    """Points of the design."""

    scale: float = Field(ge=SMALLEST_SCALE, le=1.0)
    """Share of the households that is simulated."""

    replicates: int = Field(2, ge=2, le=1000)
    """Seeds at each point; two or more tell the seed's variance apart."""


class ConfirmSettings(Params):
    """Runs at draws of the posterior, which confirm it."""

    draws: int = Field(40, ge=4, le=100_000)
    """Draws that are run, with two seeds each."""

    scale: float = Field(0.01, ge=SMALLEST_SCALE, le=1.0)
    """Share of the households that is simulated."""

    centre: Literal["nearest", "mode"] = "nearest"
    """Centre of the posterior: the nearest of these draws to the records, or the likeliest point near the mean of all
    draws by the emulators."""


class CalibrationSettings(Params):
    """How the factors of an experiment are fitted to records."""

    from_: int = Field(2009, alias="from", ge=1900, le=2100)
    """First year of records that is used."""

    until: int = Field(ge=1900, le=2100)
    """Last year of records that is used."""

    targets: tuple[TargetSettings, ...] = expected("a list of targets, each '- {target: ID, …}'", min_length=1)
    """Summaries that are fitted."""

    waves: tuple[WaveSettings, ...] = expected("a list of waves, each '- {samples: …, scale: …}'", min_length=1)
    """Waves of runs; the first spans the priors, each further one what those before have not ruled out."""

    cutoff: float = Field(3.0, gt=0.0, le=10.0)
    """Implausibility from which a point is ruled out: Pukelsheim's three standard deviations."""

    spared: int = Field(1, ge=0, le=20)
    """Summaries that may exceed the cutoff at a point that is kept, since a discrepancy may be declared too small."""

    draws: int = Field(400, ge=20, le=100_000)
    """Draws of the posterior."""

    confirm: ConfirmSettings = ConfirmSettings()
    """Runs that confirm it."""

    seed: int = Field(1, ge=0, le=2**32 - 1)
    """Seed of designs and draws; it has nothing to do with the seeds of the runs."""
