"""Powers: laws in force by province, the services that they let act or name, and whom they make offenders."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, kept
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.month_law import STREAMS, TRAFFICKING_ABROAD, LawParams
from abm.enforcement.law.regime import month_in_force

if TYPE_CHECKING:
    from abm.enforcement.law.regime import Regime
    from abm.world.state import World


class PowersState(State):
    """Powers under the laws in force."""

    powers: Held[Powers] = kept(
        text="Powers of services, by province, under the laws in force.",
        start=lambda world: _work_out(world, _in_force(world)),
    )


class Powers(NamedTuple):
    """Legal position by stream and province under the laws in force."""

    in_force: np.ndarray
    """Laws by province, bool, shape (laws, provinces)."""
    competent: np.ndarray
    """Services that may act, bool, shape (services, streams, provinces)."""
    named: np.ndarray
    """Services that a law names, bool, of the same shape."""
    offenders: np.ndarray
    """Share of those exploited whom the law treats as offenders, shape (streams, provinces)."""
    foreigners: np.ndarray
    """Share of foreigners exploited in the country whom it treats so, shape (provinces,)."""


def set_powers(world: World) -> Powers:
    """Set the powers of the month, recomputed when the laws in force change."""
    known, in_force = world[PowersState].powers, _in_force(world)
    if not np.array_equal(known.in_force, in_force):
        known = world[PowersState].powers = _work_out(world, in_force)
    return known


def _in_force(world: World) -> np.ndarray:
    """Laws in force in the month by province."""
    regime = world[BureausState].regime
    return laws_in_force(regime, dates_of(regime, world.params(LawParams).pressure), world.month)


def _work_out(world: World, in_force: np.ndarray) -> Powers:
    """Powers under the laws in force."""
    return work_out_powers(world[BureausState].regime, world[BureausState].bureaus.services, in_force)


@lru_cache(maxsize=64)
def dates_of(regime: Regime, pressure: float) -> tuple[int, ...]:
    """First month in force of each law, since January of year 0."""
    return tuple(month_in_force(law, pressure) for law in regime.laws)


def laws_in_force(regime: Regime, since: tuple[int, ...], month: int) -> np.ndarray:
    """Whether each law is in force in each province in a month: begun, not ended, and not replaced."""
    until, where, replaced = _spans(regime)
    found = where & ((np.array(since, np.int64) <= month) & (month <= until))[:, None]
    gone = np.zeros_like(found)
    for row, by in replaced:
        gone[row] |= found[by]
    return found & ~gone


@lru_cache(maxsize=64)
def _spans(regime: Regime) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Last month of each law, where it applies, bool (laws, provinces), and pairs of a law and one that replaces it."""
    rows = {law.key: row for row, law in enumerate(regime.laws)}
    where = [[province in law.provinces for province in PROVINCE_KEYS] for law in regime.laws]
    replaced = [(rows[key], row) for row, law in enumerate(regime.laws) for key in law.replaces]
    until = np.array([law.until for law in regime.laws], np.int64)
    return until, np.array(where, bool).reshape(len(regime.laws), len(PROVINCE_KEYS)), replaced


def work_out_powers(regime: Regime, services: tuple[str, ...], in_force: np.ndarray) -> Powers:
    """Work out which services may act, which are named, and the shares of offenders."""
    shape = (len(STREAMS), len(PROVINCE_KEYS))
    competent, named = np.zeros((2, len(services), *shape), bool)
    offenders, protects, foreigners = np.zeros(shape), np.zeros(shape), np.zeros(shape[1])
    for law, here in zip(regime.laws, in_force, strict=True):
        foreigners = np.maximum(foreigners, np.where(here, law.foreigners, 0.0))
        for stream in (STREAMS.index(name) for name in law.streams):
            for service in law.services:
                competent[services.index(service), stream] |= here
            if law.named:
                named[services.index(law.named), stream] |= here
            offenders[stream] = np.maximum(offenders[stream], np.where(here, law.offenders, 0.0))
            protects[stream] = np.maximum(protects[stream], np.where(here, law.protects, 0.0))
    # those brought in from abroad are protected as those taken abroad
    foreigners *= 1.0 - protects[TRAFFICKING_ABROAD]
    return Powers(in_force, competent, named, offenders * (1.0 - protects), foreigners)
