"""Stochastic rounding: whole counts with an exact mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from abm.world.state import World


def rounded(world: World, stream: int, entities: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Round expected counts up or down at random, so that the mean is exact.

    Parameters
    ----------
    stream
        Stream of random numbers.
    entities
        Number that addresses the draw of each count in the stream and month, int64, shape of `expected`.
    expected
        Expected counts, at least 0, any shape.

    Returns
    -------
    numpy.ndarray
        Counts, int64, of the same shape; at most the next whole number.
    """
    draws = world.draws(stream, entities.ravel()).reshape(expected.shape)
    return np.floor(expected + draws).astype(np.int64)
