"""Draws of a posterior as the points of a study: ``parameters: {posterior: FILE, draws: 40}``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from abm.config import Config
from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.posterior import KEY, Posterior, check_except, declared_parameter, find_posterior, is_there, set_twice
from abm.config.wording import counted
from abm.config.yaml_source import LARGEST_WHOLE, KeyPath
from abm.experiments.check_factors import check_ends
from abm.experiments.factors import Factor
from abm.experiments.plan import SEED_STRIDE
from abm.experiments.scenarios import CheckedScenario
from abm.experiments.settings import MOST_REPLICATES, DrawSettings, PosteriorDesign

SHARED = "shared"


def read_draws(
    raw: dict[str, object], folder: str, scenarios: Mapping[str, CheckedScenario]
) -> tuple[tuple[PosteriorDesign | None, list[Factor]], list[Finding]]:
    """Read ``parameters`` of an experiment: its design and factors, and what is wrong with it."""
    findings = [
        Finding((key,), f"'{KEY}' makes points and factors from draws; leave '{key}' out, or '{KEY}'")
        for key in ("design", "factors")
        if raw.get(key)
    ]
    read, wrong = read_part(DrawSettings, raw[KEY], (KEY,))
    if read is None:
        return (None, []), findings + wrong
    found, wrong = find_posterior(read.posterior, folder, Config)
    if found is None:
        return (None, []), findings + wrong
    findings += [*check_except(read.except_, found), *_check(read, found, raw.get("set"))]
    factors = _factors(found, read, tuple(scenarios))
    findings += _set_in_experiment(factors, found.name, scenarios)
    if findings:
        return (None, factors), findings
    moved = (Finding((KEY, "posterior"), told.message) for told in check_ends(factors, scenarios))
    return (_design(found, read, factors), factors), list(dict.fromkeys(moved))


def set_in_base(factors: Iterable[Factor], base: dict[str, object], drawn: Collection[KeyPath]) -> Iterator[Finding]:
    """Refuse parameters that the file of the base sets, and the draws too; `drawn` are those of a draw in the base."""
    for factor in factors:
        if is_there(base, factor.parts) and factor.parts not in drawn:
            message = (
                f"the draws of the experiment set it too; leave it out, or name it under 'except' of '{KEY}' there"
            )
            yield Finding(factor.parts, message)


def _check(read: DrawSettings, found: Posterior, for_all: object) -> Iterator[Finding]:
    """Refuse more draws than there are, and seeds that are too large or of no use."""
    if read.draws is not None and read.draws > len(found):
        yield Finding((KEY, "draws"), f"the posterior '{found.name}' has {counted(len(found), 'draw')} only")
    if set(found.paths) <= set(read.except_):
        yield Finding((KEY, "except"), "no parameter is left that the draws would set")
    if read.seeds == SHARED:
        return
    if max(found.seeds, default=0) > LARGEST_WHOLE - SEED_STRIDE * MOST_REPLICATES:
        message = f"the seeds of '{found.name}' are too large for replicates; write 'seeds: {SHARED}'"
        yield Finding((KEY, "posterior"), message)
    if isinstance(for_all, dict) and "seed" in for_all:
        message = f"each draw has its own seed; leave 'seed' out, or write 'seeds: {SHARED}' under '{KEY}'"
        yield Finding(("set", "seed"), message)


def _factors(found: Posterior, read: DrawSettings, scenarios: tuple[str, ...]) -> list[Factor]:
    """Make a factor of each parameter; its range is that of all draws."""
    factors = []
    for place, path in enumerate(found.paths):
        declared = declared_parameter(path, Config)
        if path in read.except_ or declared is None:
            continue
        values = _rounded(found.values[:, place], whole=declared.whole)
        centre = float(_rounded(found.centre[path], whole=declared.whole))
        ends = float(values.min()), float(values.max())
        factors.append(Factor(path, *ends, declared.whole, "linear", None, (), scenarios, centre, declared.unit))
    return factors


def _rounded[T: (float, np.ndarray)](values: T, *, whole: bool) -> T:
    return np.round(values) if whole else values


def _set_in_experiment(
    factors: Iterable[Factor], name: str, scenarios: Mapping[str, CheckedScenario]
) -> Iterator[Finding]:
    """Refuse parameters that the experiment sets, for all or in a scenario, and the draws too."""
    for factor in factors:
        places = (found.scenario.origins.get(factor.parts) for found in scenarios.values())
        for place in dict.fromkeys(place for place in places if place):
            yield Finding(place, set_twice(name))


def _design(found: Posterior, read: DrawSettings, factors: list[Factor]) -> PosteriorDesign:
    """Make the points: draws spread evenly over the file."""
    draws = found.spread(len(found) if read.draws is None else read.draws)
    columns = [
        _rounded(found.values[list(draws), found.paths.index(factor.name)], whole=factor.whole).tolist()
        for factor in factors
    ]
    names = [factor.name for factor in factors]
    return PosteriorDesign(
        points=tuple(dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)),
        posterior=found.name,
        draws=draws,
        of=len(found),
        seeds=() if read.seeds == SHARED else tuple(found.seeds[draw] if found.seeds else draw + 1 for draw in draws),
    )
