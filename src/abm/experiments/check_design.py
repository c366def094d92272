"""Checks of a design: its settings, that its factors suit it, and that it does not grow without bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from abm.config.finding import Finding
from abm.config.wording import described, did_you_mean, either, number, shown
from abm.config.yaml_source import KeyPath
from abm.engine.errors import MOST_PROBLEMS
from abm.experiments.design import count_points
from abm.experiments.factors import Factor
from abm.experiments.parts import choose_part
from abm.experiments.settings import (
    DESIGNS,
    POWERS_OF_TWO,
    WITH_LEVELS,
    DesignSettings,
    MorrisDesign,
    OneAtATimeDesign,
    SampledDesign,
)

MOST_ROWS = 1_000_000
"""Runs of a study."""

HERE: KeyPath = ("design",)


def check_design(raw: object, factors: Sequence[Factor], given: object) -> tuple[DesignSettings | None, list[Finding]]:
    """Read ``design``.

    Parameters
    ----------
    raw
        The block as plain data; None if there is none.
    factors
        Those of which nothing is wrong.
    given
        The block ``factors`` as plain data.
    """
    listed = given if isinstance(given, dict) else {}
    has_factors = bool(listed)
    if raw is None:
        message = "factors need a 'design', for example {method: lhs, samples: 100}"
        return None, [Finding(("factors",), message)] if has_factors else []
    read, findings = choose_part(DESIGNS, "method", "design", raw, HERE)
    if not has_factors:
        findings.append(Finding(HERE, "a design needs 'factors'; leave it out in a study of scenarios alone"))
    if isinstance(raw, dict) and raw.get("method") == "list" and has_factors:
        findings += islice(_check_points(raw.get("points"), factors, listed), MOST_PROBLEMS + 1)
    if read is None:
        return None, findings
    method = str(read.method)
    if isinstance(read, SampledDesign) and method in POWERS_OF_TWO and read.samples & (read.samples - 1):
        below = 1 << (read.samples.bit_length() - 1)
        message = f"expected a power of two, {below} or {2 * below}; found {described(read.samples)}"
        findings.append(Finding((*HERE, "samples"), message))
    if isinstance(read, MorrisDesign) and read.levels % 2:
        findings.append(Finding((*HERE, "levels"), f"expected an even number; found {described(read.levels)}"))
    findings += _check_factors(read, method, factors)
    return read, findings


def check_size(
    design: DesignSettings | None, factors: Sequence[Factor], scenarios: int, replicates: int
) -> list[Finding]:
    """Refuse a study of more runs than anybody makes."""
    points = count_points(design, factors)
    rows = points * scenarios * replicates
    if rows <= MOST_ROWS:
        return []
    parts = f"{scenarios:,} scenarios × {points:,} points × {replicates:,} replicates"
    here = HERE if design else ("replicates",)
    return [Finding(here, f"{rows:,} runs ({parts}) are more than a study may have, {MOST_ROWS:,}")]


def _check_factors(read: DesignSettings, method: str, factors: Sequence[Factor]) -> Iterator[Finding]:
    for factor in factors:
        here: KeyPath = ("factors", factor.name)
        if factor.levels is not None and method not in WITH_LEVELS:
            yield Finding(
                (*here, "levels"), f"'levels' goes with {either(WITH_LEVELS, 'and')}; leave it out with '{method}'"
            )
        elif method == "grid" and not (factor.levels or factor.values or getattr(read, "levels", None)):
            yield Finding(here, "a grid needs 'levels' or 'values' here, or 'levels' for all under 'design'")
        elif isinstance(read, OneAtATimeDesign):
            yield from _check_centre(factor, here)


def _check_centre(factor: Factor, here: KeyPath) -> Iterator[Finding]:
    if factor.centre is None:
        yield Finding(here, "no value is in force; give a 'centre'")
    elif not factor.low <= factor.centre <= factor.high:
        span = f"{number(factor.low)} to {number(factor.high)}"
        yield Finding(here, f"the value in force, {number(factor.centre)}, lies outside {span}; give a 'centre'")


def _check_points(points: object, factors: Sequence[Factor], given: dict[str, object]) -> Iterator[Finding]:
    """Check points that are written out; what is no point is refused elsewhere."""
    known = {factor.name: factor for factor in factors}
    for index, point in enumerate(points) if isinstance(points, list) else ():
        if not isinstance(point, dict):
            continue
        here: KeyPath = (*HERE, "points", index)
        missing = [name for name in given if name not in point]
        if missing:
            yield Finding(here, f"{either(missing, 'and')} {'is' if len(missing) == 1 else 'are'} missing")
        for name, value in point.items():
            if name not in given:
                hint = did_you_mean(name, given) or "; name it under 'factors'"
                yield Finding((*here, name), f"no factor '{shown(name)}'{hint}")
            elif name in known and isinstance(value, int | float):
                yield from _check_value(value, known[name], (*here, name))


def _check_value(value: float, factor: Factor, path: KeyPath) -> Iterator[Finding]:
    if not factor.low <= value <= factor.high:
        span = f"{number(factor.low)} to {number(factor.high)}"
        yield Finding(path, f"expected a number from {span}; found {described(value)}")
    elif factor.whole and value != int(value):
        yield Finding(path, f"expected a whole number; found {described(value)}")
