"""The population of a run at its start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.places.geography import Units
from abm.world.columns import Away, Blocks, Households, Tables, Villages

SEGMENT_SLACK = 6
"""Spare rows for members away in each village."""


@dataclass
class Population:
    """The synthetic population, and the plan of household formation."""

    units: Units
    weight: np.ndarray
    """Households that one row represents, by district, int64."""
    households: Households
    villages: Villages
    away: Away
    blocks: Blocks
    tables: Tables
    formation_share: np.ndarray
    """Share of each district's rows that are awake, by month, shape (months + 1, districts)."""
    wake_offset: np.ndarray
    """Random offset of each village in the rounding of rows awake."""
    opening_unemployment: np.ndarray
