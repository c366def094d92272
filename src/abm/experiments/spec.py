"""An experiment: what its YAML says, checked and written out.

>>> import abm
>>> experiment = abm.load_experiment("experiments/policy_comparison.yaml")  # doctest: +SKIP
>>> experiment.reference, list(experiment.scenarios)  # doctest: +SKIP
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from abm.config.wording import counted
from abm.engine.entry import freeze
from abm.experiments.engine_settings import ENGINES, EngineSettings, LocalEngine
from abm.experiments.fact import Fact
from abm.experiments.factors import Factor
from abm.experiments.settings import DESIGNS, DesignSettings, PosteriorDesign


@dataclass(frozen=True)
class StopRule:
    """When a study has enough replicates."""

    # outcome, scenario: whose paired difference from the reference is watched, of its total or mean over the study's
    # window; a scenario of None stands for all but the reference
    outcome: str
    # half_width, confidence: half-width of the interval that is small enough, in the outcome's unit, and its level of
    # confidence
    half_width: float
    relative: bool  # whether the half-width is a share of the reference's mean instead
    scenario: str | None
    confidence: float


@dataclass(frozen=True)
class Replicates:
    """How many replicates: `at_most`, or fewer once `until` is met, but never fewer than `at_least`."""

    at_least: int
    at_most: int
    until: StopRule | None = None


@dataclass(frozen=True, repr=False)
class Experiment:
    """A study, checked: every scenario can be run at every point."""

    name: str
    description: str
    # complete configurations by name, as plain data (``Config.resolved()``), before any factor is varied; the first is
    # the reference. `abm.experiments.plan.Plan.config` gives the configuration of a run
    scenarios: Mapping[str, dict[str, Any]]
    # how points are drawn, and from what; None and empty in a study of scenarios alone
    design: DesignSettings | None
    factors: tuple[Factor, ...]
    replicates: Replicates
    outcomes: tuple[str, ...]
    tables: tuple[str, ...]  # kept of each run beside `national`
    window: tuple[str, str]  # first and last month, ``"2018-01"``, over which outcomes are summed up
    engine: EngineSettings = field(default_factory=LocalEngine)
    text: str = ""  # the YAML as written
    source: Path | None = None  # its file
    fact: Fact | None = None  # finding of the literature that the runs are held to, if any
    labels: Mapping[str, str] = field(default_factory=dict)  # names in figures and tables of scenarios that have one

    def __repr__(self) -> str:
        size = [counted(len(self.scenarios), "scenario"), counted(len(self.factors), "factor")]
        design = f", design {self.method}" if self.method else ""
        most = counted(self.replicates.at_most, "replicate")
        until = "up to " if self.replicates.until else ""
        return f"<Experiment {self.name}: {', '.join(size)}{design}, {until}{most}, {' to '.join(self.window)}>"

    @property
    def reference(self) -> str:
        """Name of the scenario that the others are compared with."""
        return next(iter(self.scenarios))

    @property
    def method(self) -> str | None:
        """Method of the design, None without one."""
        return self.design.method if self.design else None

    def resolved(self) -> dict[str, object]:
        """Write everything out as plain data for JSON, so that a study can be opened without its base and this file."""
        return {
            **vars(self),
            "design": self.design.model_dump(mode="json") if self.design else None,
            "factors": [asdict(factor) for factor in self.factors],
            "replicates": asdict(self.replicates),
            "engine": self.engine.model_dump(mode="json"),
            "source": str(self.source) if self.source else None,
            "fact": self.fact.model_dump(mode="json", by_alias=True) if self.fact else None,
        }

    @classmethod
    def restore(cls, data: Mapping[str, Any]) -> Experiment:
        """Make an experiment again from what `resolved` wrote and JSON has carried."""
        plain = freeze(dict(data) | {"scenarios": None})  # tuples for lists
        design, until = plain["design"], plain["replicates"]["until"]
        designs = DESIGNS | {"posterior": PosteriorDesign}
        changed = {
            "scenarios": dict(data["scenarios"]),
            "labels": dict(data.get("labels", {})),
            "design": designs[design["method"]].model_validate(design) if design else None,
            "factors": tuple(Factor(**factor) for factor in plain["factors"]),
            "replicates": Replicates(**plain["replicates"] | {"until": StopRule(**until) if until else None}),
            "engine": ENGINES[plain["engine"]["kind"]].model_validate(plain["engine"]),
            "source": Path(plain["source"]) if plain["source"] else None,
            "fact": Fact.model_validate(plain["fact"]) if plain.get("fact") else None,
        }
        return cls(**plain | changed)

    def to_json(self) -> str:
        """Write `resolved` as JSON."""
        return json.dumps(self.resolved(), indent=1) + "\n"
