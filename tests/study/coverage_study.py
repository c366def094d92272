"""Coverage of stopping rules for replicates, as told in docs/comparing.md: ``python tests/study/coverage_study.py``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import t

from abm.experiments.stopping import StoppingRule

STUDIES, LEVEL = 4000, 0.95


def naive(source: np.ndarray, at_least: int) -> int:
    """Number at which one stops as soon as the interval is narrow enough (half-width 1)."""
    number = np.arange(1, len(source) + 1)
    mean = source.cumsum() / number
    free = np.maximum(number - 1, 1)
    spread = np.sqrt(np.maximum((source**2).cumsum() - number * mean**2, 0) / free)
    narrow = t.ppf(0.5 + LEVEL / 2, free) * spread / np.sqrt(number) <= 1
    return int(np.flatnonzero(narrow & (number >= at_least))[0]) + 1


def stopped(source: np.ndarray, at_least: int) -> int:
    """Number at which the rule of the package stops."""
    return StoppingRule(1.0, LEVEL, at_least, len(source)).judge(source).replicates


SHAPES = {"normal": ("standard_normal", 0.0), "exponential": ("standard_exponential", 1.0)}
"""How to draw differences of spread 1, and their mean."""


def coverage(rule: Callable[[np.ndarray], int], shape: str, spread: float) -> tuple[float, float]:
    """Share of studies that stop by a rule and in which mean ± 1 holds the truth, and their mean number."""
    draw, truth = SHAPES[shape]
    rng = np.random.default_rng(1)
    hits, numbers = 0, 0
    for _ in range(STUDIES):
        source = spread * getattr(rng, draw)(600)
        number = rule(source)
        hits += abs(source[:number].mean() - spread * truth) <= 1
        numbers += number
    return hits / STUDIES, numbers / STUDIES


def main() -> None:
    """Print coverage of mean ± 1, and the mean number, by rule, spread and shape."""
    rules = {
        "stop when narrow, from 2 on": lambda source: naive(source, 2),
        "stop when narrow, from 5 on": lambda source: naive(source, 5),
        "the rule, from 10 on": lambda source: stopped(source, 10),
        "the rule, from 20 on": lambda source: stopped(source, 20),
    }
    for shape in SHAPES:
        for name, rule in rules.items():
            row = ["{:.3f} ({:.0f})".format(*coverage(rule, shape, spread)) for spread in (1.0, 2.0, 4.0)]
            print(f"{shape:<12} {name:<28} {'  '.join(row)}")


if __name__ == "__main__":
    main()
