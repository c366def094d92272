"""Corridors: what an office has or has not in its portfolio; a bit each."""

from __future__ import annotations

import numpy as np

from abm.places.place_models import Route

ONWARD = "onward"
"""Corridor of the routes that begin abroad; no office at home has it."""


def corridors_of(routes: tuple[Route, ...]) -> tuple[str, ...]:
    """Corridors of the routes that begin at home, in order of appearance."""
    return tuple(dict.fromkeys(route.corridor for route in routes if not route.onward))


def bits_of(routes: tuple[Route, ...]) -> np.ndarray:
    """Bit of each route's corridor, 0 for onward routes."""
    row = {corridor: k for k, corridor in enumerate(corridors_of(routes))}
    return np.array([0 if route.onward else 1 << row[route.corridor] for route in routes], np.int64)
