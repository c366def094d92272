"""Exponentials, logarithms, powers and binomial draws for arrays of any shape, the same bits on every machine."""

from __future__ import annotations

import numpy as np

from abm.engine.portable import exponentials, logarithms, powers
from abm.engine.random import binomials
from abm.engine.sums import occurrences


def exp(x: np.ndarray) -> np.ndarray:
    """Exponential of each number."""
    found = np.empty(x.shape)
    exponentials(x.ravel(), found.reshape(-1))
    return found


def log(x: np.ndarray) -> np.ndarray:
    """Logarithm of each number, all positive."""
    found = np.empty(x.shape)
    logarithms(x.ravel(), found.reshape(-1))
    return found


def raised(base: np.ndarray, exponent: float) -> np.ndarray:
    """Raise numbers of at least 0 to a power."""
    found = np.empty(base.shape)
    powers(np.asarray(base, np.float64).ravel(), float(exponent), found.reshape(-1))
    return found


_APART = np.int64(-7046029254386353131)
_BITS = np.int64((1 << 62) - 1)


def apart(entity: np.ndarray) -> np.ndarray:
    """Give cohorts with the same entity, modulo 2^62, one each, so that pieces of a cohort draw independently.

    The first keeps it; the others are spread over all numbers below 2^62 (golden ratio).
    """
    return (entity + occurrences(entity) * _APART) & _BITS


def successes(trials: np.ndarray, chance: np.ndarray | float, key: np.uint64, entity: np.ndarray) -> np.ndarray:
    """Draw the successes of each cohort, int64; key and entity as in `abm.engine.random.binomial`."""
    found, odds = np.zeros(trials.shape, np.int64), np.empty(trials.shape)
    odds[...] = chance
    binomials(trials.ravel(), odds.ravel(), key, entity.ravel(), found.ravel())
    return found
