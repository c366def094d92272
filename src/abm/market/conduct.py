"""Hidden types: what clients cannot see of an office, what it does on the way, and how far clients trust it."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, param
from abm.market.office_entry import OfficesParams
from abm.market.tables import MarketTables, Offices

if TYPE_CHECKING:
    from abm.world.state import World


class MarketParams(Params):
    """Queues and cheating."""

    patience: float = param(6.0, unit="month", bounds=(0.0, 36.0), source="assumed", systems=("S7",))
    """Months after which a waiting client gives up."""

    cheating: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Share of upfront payers cheated by an office without integrity, reputation or future."""

    horizon: float = param(24.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S7",))
    """Months of expected business that give an office too much to lose by cheating."""


Conduct = namedtuple("Conduct", ["care", "boats", "exploit"])
"""What an office makes of the odds on the way, by row: multiples of interception and death, of death at sea,
and of being held."""


def conduct_of(world: World, quality_effect: float, boat_effect: float) -> Conduct:
    """Multiples of the odds on the way, by office."""
    offices = world[MarketTables].offices
    care, vessels = 1.0 + quality_effect * (0.5 - offices.quality), 1.0 + boat_effect * (0.5 - offices.boats)
    return Conduct(care, vessels, exploitation(world, offices))


def exploitation(world: World, offices: Offices) -> np.ndarray:
    """Multiple of the odds of being held by office: 1 on average over new offices, whose types are uniform."""
    return np.asarray(1.0 + world.params(OfficesParams).ruthless_effect * (2.0 * offices.ruthlessness - 1.0))


def tempted(world: World, rows: np.ndarray) -> np.ndarray:
    """Share of upfront payers whom offices cheat: it grows with less integrity, reputation and time ahead."""
    offices, params = world[MarketTables].offices, world.params(MarketParams)
    ahead = np.minimum(1.0 / (offices.risk[rows] + 1.0 / params.horizon) / params.horizon, 1.0)
    return np.asarray(params.cheating * (1.0 - offices.integrity[rows]) * (1.0 - offices.reputation[rows] * ahead))


def distrust_of(world: World, rows: np.ndarray, distrust: float) -> np.ndarray:
    """Clients' distrust of open offices, `rows`: by their reputation, or as far as types are seen, by these.

    Seeing types changes whom clients distrust and not how much they do: the mean, by capacity, stays that of
    reputations. So a comparison shows what telling offices apart is worth, apart from any error about all of them.
    `distrust` is the share of the contracts broken that clients put down to dishonesty.
    """
    offices, params = world[MarketTables].offices, world.params(OfficesParams)
    believed = np.asarray(distrust * (1.0 - offices.reputation[rows]))
    seen = params.types_visible
    if seen == 0.0 or not rows.size:
        return believed
    usual_held = float(offices.exploited[rows].sum() / max(offices.ended[rows].sum(), 1.0))
    held = usual_held * exploitation(world, offices)[rows]
    harm = (1.0 + params.wronged_word) * tempted(world, rows) + params.wronged_word * held
    size = offices.capacity[rows]
    # no product of matrices: its last bits differ between machines
    true = harm * (float((believed * size).sum()) / max(float((harm * size).sum()), 1e-12))
    return np.minimum((1.0 - seen) * believed + seen * true, MOST_DISTRUST)


MOST_DISTRUST = 0.95
"""Largest distrust: even the worst office finds clients. Source: assumed."""
