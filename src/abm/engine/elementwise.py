"""Exponentials, logarithms and powers of arrays of any shape, with the same bits on every machine."""

from __future__ import annotations

import numpy as np

from abm.engine.portable import exponentials, logarithms, powers


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
