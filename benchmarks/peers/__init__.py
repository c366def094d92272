"""Other frameworks on the household rule of `abm`, one file each, and the check that they follow it.

The rule is that of `abm.households.kernels.household_month`: members away remit, return, are deported or die; labour
turnover, income, consumption, saving, debt service; aspiration, involuntary immobility, considering to leave. Vital
events, ties, houses and expense shocks, which the kernel does once a quarter on top, are left out, as is the choice of
those who consider. Every peer starts from the columns of the same world.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from abm.abroad.diaspora import DiasporaState
from abm.households.households import Households
from abm.society.kernels.livelihood import land_share
from abm.world.codes import T_IMMOBILE
from abm.world.columns import PARTIES
from abm.world.state import World

PEERS = {
    "Mesa objects, `do`": ("plain_mesa", "mesa", {"shuffled": False}),
    "Mesa objects, `shuffle_do`": ("plain_mesa", "mesa", {}),
    "Starsim": ("starsim_arrays", "starsim", {}),
    "LASER": ("laser_kernels", "laser.core", {}),
}
"""Name -> its file here, the package that it needs, and what it is made with."""

SLOW_RATES = ("demography_on", "tie_formation", "tie_decay", "house_ageing", "shock_rate")
"""Rates of what the kernel does once a quarter and no peer does."""

MOVES = ("deported", "regularised", "switched", "onward", "died")

CASES: dict[str, dict[str, float]] = {
    "nothing drawn": {"moving": 0, "home": 0, "separation": 0, "finding": 0, "threshold": 0.0, "cheapest": 200_000.0},
    "all deported": {"moving": 1, "home": 0, "deported": 1, "separation": 0, "finding": 0},
    "all come back": {"moving": 1, "home": 0, **dict.fromkeys(MOVES, 0), "separation": 0, "finding": 0},
    "all die": {"moving": 1, "home": 0, **dict.fromkeys(MOVES, 0), "died": 1, "separation": 0, "finding": 0},
    "all go on": {"moving": 1, "home": 0, **dict.fromkeys(MOVES, 0), "onward": 1, "separation": 0, "finding": 0},
    "jobs end": {"moving": 0, "home": 0, "finding": 0},
    "jobs are found": {"moving": 0, "home": 0, "separation": 0},
    "as it is": {},
}
"""Probabilities that are replaced for a comparison. Where nothing is left to chance it is by household.

The first has a low threshold and dear ways abroad: with the usual ones few are immobile early on."""

LAND_SHARES = tuple(float(land_share.py_func(group)) for group in range(5))
"""Land of each fifth by permanent income, relative to the mean."""

QUARTER_OF_A_YEAR = 3

ROUNDING = {"jobs": 0, "away": 0, "assets": 10, "debt": 10, "aspiration": 0.005}
"""Largest difference of one household: the kernel has single precision, and the logistic function from a table."""

FLIPPED = 0.0005
"""Share of the immobile that rounding may bring to the other side of a threshold."""

CHANCE = 0.02
"""Largest difference of two sums with other draws."""

DEVIATIONS = 5
"""Largest difference of two drawn counts, in standard deviations."""


class Peer(Protocol):
    """The households of a world in another framework."""

    def __init__(self, world: World, **kinds: Any) -> None: ...

    def step(self) -> None:
        """Advance by one month."""

    def columns(self) -> dict[str, np.ndarray]:
        """What `ROUNDING` names, by household in the order of the world."""

    def counts(self) -> tuple[int, int]:
        """How many were immobile and how many considered to leave in the last month."""


def find(name: str) -> type[Peer] | None:
    """The class of a peer; None where its package is not installed."""
    file, package, _ = PEERS[name]
    try:
        import_module(package)
    except ImportError:
        return None
    found: type[Peer] = import_module(f"peers.{file}").Peer
    return found


@dataclass
class Opening:
    """Columns of a world for frameworks with columns: copies, rows that exist only, one after the other."""

    households: dict[str, np.ndarray]
    village: np.ndarray
    """Village of each household."""
    away: dict[str, np.ndarray]
    """Members away; ``home`` is the household."""
    rates: np.ndarray
    """The month's values by village, a record with the fields of `DISTRICT_MONTH`."""
    demonstration: np.ndarray
    income_counts: np.ndarray
    abroad: Any
    """The month's values by destination and status."""


def opening_of(world: World) -> Opening:
    """Copy what a peer starts from."""
    villages, away = world.villages, world.away
    rows = rows_awake(world)
    first_household = np.cumsum(villages.awake, dtype=np.int64) - villages.awake
    stays = ranges(villages.segment_start, villages.segment_count)
    home = np.repeat(first_household, villages.segment_count) + away.row[stays]
    held = world[DiasporaState].month
    return Opening(
        households={name: getattr(world.households, name)[rows] for name in world.households._fields},
        village=np.repeat(np.arange(villages.awake.size), villages.awake),
        away={"home": home, **{name: getattr(away, name)[stays] for name in ("persons", "destination", "status")}},
        rates=world.district_month[villages.district],
        demonstration=villages.demonstration.astype(np.float64),
        income_counts=villages.income_counts.astype(np.int64),
        abroad=held._replace(**{name: np.array(getattr(held, name)) for name in held._fields[:-2]}),
    )


def ranges(first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """All places of ranges, one range after the other."""
    before = np.cumsum(count, dtype=np.int64) - count
    return np.repeat(first - before, count) + np.arange(count.sum())


def rows_awake(world: World) -> np.ndarray:
    """Rows of the households that exist, in order."""
    return ranges(world.villages.first_row.astype(np.int64), world.villages.awake)


def leave_out(world: World) -> None:
    """Take from a world what no peer does."""
    for name in SLOW_RATES:
        world.district_month[name] = 0
    world.district_month["house_cost"] = 1e12


class Restored:
    """A world that may be stepped and whose columns are put back; what was booked in its ledger stays."""

    def __init__(self, world: World) -> None:
        self.world = world
        abroad = world[DiasporaState].month
        self.columns = [
            *world.households, *world.villages, *world.away, world.district_month, world.pool, abroad.moving,
            abroad.home, *(getattr(abroad, name) for name in MOVES),
        ]  # fmt: skip
        self.start = world.t, world.month
        self.kept = [column.copy() for column in self.columns]

    def restore(self) -> None:
        """Put it back."""
        self.world.t, self.world.month = self.start
        for column, kept in zip(self.columns, self.kept, strict=True):
            column[:] = kept


def pass_of(world: World) -> None:
    """Let the household pass of `abm` live one more month, and nothing else."""
    world.t += 1
    world.month += 1
    Households.step(world)


def disagreements(world: World, name: str, kind: type[Peer]) -> list[str]:
    """Compare a peer with the kernel in every case; the world is put back."""
    kept, found = Restored(world), []
    for case, replaced in CASES.items():
        abroad = world[DiasporaState].month
        for what, value in replaced.items():
            held = getattr(abroad, what) if what in abroad._fields else world.district_month[what]
            held[...] = value
        before = columns_of(world)
        peer = kind(world, **PEERS[name][2])
        for _ in range(1 if replaced.get("moving") else QUARTER_OF_A_YEAR):
            peer.step()
            pass_of(world)
        certain = {"moving", "separation", "finding"} <= replaced.keys()
        one_way = "separation" in replaced or "finding" in replaced
        found += [f"{what} ({case})" for what in _differences(world, peer, before, certain, one_way)]
        kept.restore()
    return found


def columns_of(world: World) -> dict[str, np.ndarray]:
    """What is compared, by household."""
    rows = rows_awake(world)
    return {name: getattr(world.households, name)[rows].astype(np.float64) for name in ROUNDING}


def _differences(world: World, peer: Peer, before: dict[str, np.ndarray], certain: bool, one_way: bool) -> list[str]:
    """Names of what differs; with jobs that only end or are only found, how many is compared."""
    found, ours, theirs = [], columns_of(world), peer.columns()
    for name, rounding in ROUNDING.items():
        apart = np.abs(ours[name] - theirs[name])
        total, change = ours[name].sum(), (ours[name] - before[name]).sum()
        if certain:
            same = bool((apart <= rounding).all())
        elif name == "away" or (name == "jobs" and one_way):  # how many moved; members away of the kernel in parties
            party = max(world.district_month["weight"].max() / PARTIES, 1.0) if name == "away" else 1.0
            same = within_chance(change, (theirs[name] - before[name]).sum(), abs(change) * (party + 1.0) / 2.0)
        else:
            same = abs(theirs[name].sum() - total) <= CHANCE * total or name == "debt"  # few have debts
        found += [] if same else [name]
    weights = world.district_month["weight"][world.blocks.district]
    immobile, considering = int((world.block_tally[:, T_IMMOBILE] / weights).sum()), int(world.chosen_count.sum())
    immobile_there, considering_there = peer.counts()
    if certain:
        same = abs(immobile_there - immobile) <= max(FLIPPED * immobile, 2)
    else:
        same = within_chance(immobile, immobile_there, immobile)
    found += [] if same else ["immobile"]
    return found + ([] if within_chance(considering, considering_there, considering) else ["considering"])


def within_chance(ours: float, theirs: float, events: float) -> bool:
    """Whether two drawn counts differ by no more than chance."""
    return abs(ours - theirs) <= DEVIATIONS * (2 * max(events, 1)) ** 0.5
