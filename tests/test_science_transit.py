"""Travellers in transit at the offices of Pakistan: whom they go to, and how places are shared with clients."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import put_offices
from worlds import small_config

from abm.market.offers import distance_weight
from abm.market.tables import MarketTables
from abm.market.transit import serve_travellers
from abm.model import Model
from abm.policy.policy import Policy
from abm.routes.interception import Interception
from abm.society.drivers import Drivers
from abm.world.codes import UPFRONT
from abm.world.state import World

UNITS = ("chagai", "gujrat", "kharan")
"""Where travellers enter, far away, and next door."""

ENTRY, FAR, NEXT_DOOR = range(3)


def entering(level: float = 20.0) -> World:
    """World of three districts in a month in which many enter, almost all of whom look for an office."""
    transit = {"level": level, "hiring": 4.0}
    model = Model(small_config(UNITS, start="2014-01", months=1, min_villages=2, transit=transit))
    model.step()
    model.close()
    assert [str(unit) for unit in model.world.units.unit] == list(UNITS)
    model.world.open_month()
    for mechanism in (Policy, Drivers, Interception):
        mechanism.step(model.world)
    return model.world


def test_travellers_go_to_offices_near_where_they_enter():
    """What distance leaves of an office's weight is the same as for clients; beyond its reach nothing is."""
    world = entering()
    put_offices(world, [ENTRY, NEXT_DOOR, NEXT_DOOR, FAR], reach=[0, 1, 0, 1], corridors=-1, unused=1e6)
    serve_travellers(world)
    asked = world[MarketTables].offices.asked[:4].astype(float)
    assert asked[0] > 100
    np.testing.assert_allclose(asked / asked[0], [1.0, distance_weight(world, 1), 0.0, 0.0], atol=0.06)


def test_places_are_shared_by_how_many_travellers_and_clients_ask():
    world = entering()
    taken = []
    for waiting in (0, 500):
        put_offices(world, [ENTRY], corridors=-1, unused=90.0)
        world[MarketTables].clients.count = 0
        if waiting:
            terms = dict.fromkeys(("row", "route", "office", "fee", "advance", "attempts", "due"), 0)
            world[MarketTables].clients.append(persons=np.array([waiting]), district=ENTRY, scheme=UPFRONT, **terms)
        serve_travellers(world)
        asked, served = int(world[MarketTables].offices.asked[0]), int(world[MarketTables].offices.dispatched[0])
        assert asked > 90
        assert served == pytest.approx(90.0 * asked / (asked + waiting), abs=1.0)
        taken.append(served)
    assert taken[0] == 90 > taken[1]
