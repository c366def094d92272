"""Scenes made by hand: households, villages and offices of which a test says all that matters; and a small world."""

from __future__ import annotations

from typing import Any

import numpy as np
from markets import offices_of
from worlds import small_config

from abm.engine.random import stream_key
from abm.engine.tables import allocate
from abm.market.tables import MarketTables
from abm.model import Model
from abm.world.columns import DISTRICT_MONTH, Households, Villages
from abm.world.state import World

KEY = np.uint64(stream_key(1, 1, 1))

MIDDLE, LEFT, RIGHT = range(3)
"""Gujrat borders on Mandi Bahauddin and on Sialkot, which do not border on each other."""


def crowd(count: int, **same: Any) -> Any:
    """Households that are all alike, but for the columns given by household."""
    households = allocate(Households, count)
    for name, value in same.items():
        getattr(households, name)[:] = value
    return households


def villages_with(rows: list[int], **columns: Any) -> Any:
    """Villages one after the other, all households awake."""
    villages = allocate(Villages, len(rows))
    villages.rows[:] = villages.awake[:] = rows
    villages.first_row[:] = np.cumsum(rows) - rows
    for name, values in columns.items():
        getattr(villages, name)[:] = values
    return villages


def rates(**values: float) -> np.ndarray:
    """Month's values of one district."""
    found = np.zeros(1, DISTRICT_MONTH)
    for name, value in ({"weight": 1, "wage_index": 1.0, "usual_wage": 1.0, "employment": 1.0} | values).items():
        found[name] = value
    return found


def world_of_three(months: int = 1, **values: Any) -> World:
    """World of three districts at the end of some month; it takes milliseconds a month."""
    units = ("gujrat", "mandi_bahauddin", "sialkot")
    model = Model(small_config(units, **({"months": max(months, 1), "min_villages": 2} | values)))
    for _ in range(months):
        model.step()
    model.close()
    return model.world


def put_offices(world: World, districts: list[int], **values: Any) -> None:
    """Let these offices be all that there are; `values` by office."""
    count, table = len(districts), world[MarketTables].offices
    for column in table:
        column[:] = 0
    table.key[:] = -1
    values = {"recruits": districts} | values
    for column, given in zip(table, offices_of(count, district=districts, **values), strict=True):
        column[:count] = given


def row_of(world: World, destination: str) -> int:
    """Row of a destination."""
    return [facts.key for facts in world.destination_facts].index(destination)
