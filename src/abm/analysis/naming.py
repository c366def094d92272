"""What scenarios, factors and levers are called in figures and tables, and when levers are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from abm.analysis.levers import levers_in_words
from abm.analysis.wording import plain, title_of
from abm.declare import ParamFacts
from abm.engine.calendar import format_month, parse_month
from abm.experiments.factors import Factor, declared_parameters
from abm.experiments.spec import Experiment
from abm.results.manifest import digest_of
from abm.results.tables import Resolved

WHOLE = "pakistan"  # region of a run that has all districts


@dataclass(frozen=True)
class Dated:
    """A lever or event, with its first and last month in force, since January of year 0; None for an open end."""

    label: str
    first: int
    last: int | None = None

    @property
    def words(self) -> str:
        """Name and dates: ``Patrols, from 2014-11 to 2015-03``; of an event of one month ``Wreck, 2014-11``."""
        if self.last == self.first:
            return f"{self.label}, {format_month(self.first)}"
        until = "" if self.last is None else f" to {format_month(self.last)}"
        return f"{self.label}, from {format_month(self.first)}{until}"


def dated_changes(config: Resolved) -> tuple[Dated, ...]:
    """Levers and events of a resolved configuration, in the order in which they begin; without those on triggers."""
    found = []
    for use in (*config.get("levers", ()), *config.get("events", ())):
        first, last = (use.get(name) or use.get("month") for name in ("from", "until"))
        if first and not use.get("when"):
            label = use.get("label") or title_of(use["id"])
            found.append(Dated(label, parse_month(first), parse_month(last) if last else None))
    return tuple(sorted(found, key=lambda change: change.first))


@dataclass(frozen=True)
class Set:
    """A parameter of a study: its name, its value or the range over which it varies, and what is declared."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    bounds: tuple[float, float] | None
    unit: str
    source: str


def parameters_of(experiment: Experiment) -> Iterator[Set]:
    """List factors, and parameters that the reference sets to another value than the declared one."""
    factors = {factor.name: factor for factor in experiment.factors}
    reference = experiment.scenarios[experiment.reference]
    for path, facts in declared_parameters().items():
        section, _, name = path.partition(".")
        value = reference.get(section, {}).get(name)
        if path in factors:
            yield _of_factor(factors.pop(path), facts)
        elif value is not None and value != facts.default:
            yield Set(path, value, None, None, (facts.low, facts.high), facts.unit, facts.source)
    for factor in factors.values():
        yield _of_factor(factor, None)


def _of_factor(factor: Factor, facts: ParamFacts | None) -> Set:
    bounds = (facts.low, facts.high) if facts else None
    source = facts.source if facts else "set by the study"
    label = factor.label or factor.name
    return Set(label, factor.centre, factor.low, factor.high, bounds, factor.unit, source)


@dataclass(frozen=True)
class Names:
    """Names of a study for people, by key; a key that has none is written in words."""

    # scenarios, factors: labels by key
    scenarios: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, str] = field(default_factory=dict)
    dated: Mapping[str, tuple[Dated, ...]] = field(default_factory=dict)  # levers by scenario
    # whole, start: whether all districts are simulated in all scenarios; and the first month
    whole: bool = False
    start: int | None = None
    # file, digest: where the experiment was read, and a hash of all that it says
    file: str = ""
    digest: str = ""
    # levers in words, a row a lever: scenario, lever, dose, where, when
    levers: tuple[tuple[str, ...], ...] = ()
    parameters: tuple[Set, ...] = ()  # the parameters of which the study differs from what is declared, and its factors

    @classmethod
    def of(cls, experiment: Experiment) -> Names:
        """Names that an experiment gives."""
        configs = experiment.scenarios.values()
        return cls(
            dict(experiment.labels),
            {factor.name: factor.label for factor in experiment.factors if factor.label},
            {name: dated_changes(config) for name, config in experiment.scenarios.items()},
            whole=all(config["population"]["region"] == WHOLE for config in configs),
            start=min((parse_month(config["start"]) for config in configs), default=None),
            file=str(experiment.source or ""),
            digest=digest_of(
                {"scenarios": dict(experiment.scenarios), "factors": [vars(f) for f in experiment.factors]}
            ),
            levers=tuple(
                (experiment.labels.get(name) or plain(name), *words.values())
                for name, config in experiment.scenarios.items()
                for _, words in levers_in_words(config)
            ),
            parameters=tuple(parameters_of(experiment)),
        )

    def scenario(self, key: str) -> str:
        """Name of a scenario."""
        return self.scenarios.get(key) or plain(key)

    def factor(self, key: str) -> str:
        """Name of a factor; its path without a label."""
        return self.factors.get(key) or key
