"""Jurisdiction: which laws are in force, whom they let act, and how sure it is whose case it is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, kept
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.law_params import LawParams
from abm.enforcement.law.month_law import STREAMS
from abm.enforcement.law.regime import month_in_force

if TYPE_CHECKING:
    from abm.enforcement.law.regime import Regime
    from abm.world.state import World


class PowersState(State):
    """State of jurisdiction."""

    powers: Held[Powers] = kept(
        text="What the laws in force make of services and provinces.",
        start=lambda world: _work_out(world, _in_force(world)),
    )


class Powers(NamedTuple):
    """What the laws in force make of streams and provinces."""

    in_force: np.ndarray
    """Laws by province, bool, shape (laws, provinces)."""
    competent: np.ndarray
    """Services that may act, bool, shape (services, streams, provinces)."""
    named: np.ndarray
    """Whether a law names whose case it is, bool, shape (streams, provinces)."""
    offenders: np.ndarray
    """Share of those exploited who are offenders, shape (streams, provinces)."""


def set_powers(world: World) -> Powers:
    """Set the powers of the month, worked out anew when another law is in force."""
    known, in_force = world[PowersState].powers, _in_force(world)
    if not np.array_equal(known.in_force, in_force):
        known = world[PowersState].powers = _work_out(world, in_force)
    return known


def powers_of(world: World) -> Powers:
    """Powers of the month, as the law has set them."""
    return world[PowersState].powers


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
    """Whether each law is in force in each province in a month: it has come, has not ended, and nothing replaces it."""
    found = np.array(
        [
            [first <= month <= law.until and province in law.provinces for province in PROVINCE_KEYS]
            for law, first in zip(regime.laws, since, strict=True)
        ]
    ).reshape(len(regime.laws), len(PROVINCE_KEYS))
    rows = {law.key: row for row, law in enumerate(regime.laws)}
    replaced = np.zeros_like(found)
    for row, law in enumerate(regime.laws):
        for key in law.replaces:
            replaced[rows[key]] |= found[row]
    return found & ~replaced


def work_out_powers(regime: Regime, services: tuple[str, ...], in_force: np.ndarray) -> Powers:
    """Work out who may act, whether one is named, and who is an offender."""
    shape = (len(STREAMS), len(PROVINCE_KEYS))
    competent = np.zeros((len(services), *shape), bool)
    named, offenders, protects = np.zeros(shape, bool), np.zeros(shape), np.zeros(shape)
    for law, here in zip(regime.laws, in_force, strict=True):
        streams = [STREAMS.index(name) for name in law.streams]
        for stream in streams:
            for service in law.services:
                competent[services.index(service), stream] |= here
            named[stream] |= here & bool(law.named)
            offenders[stream] = np.maximum(offenders[stream], np.where(here, law.offenders, 0.0))
            protects[stream] = np.maximum(protects[stream], np.where(here, law.protects, 0.0))
    return Powers(in_force, competent, named, offenders * (1.0 - protects))


def clarity_of(agencies: np.ndarray, named: np.ndarray, confusion: float, settling: float) -> np.ndarray:
    """Probability that a lead survives the question whose case it is.

    Parameters
    ----------
    agencies
        How many services share the offence; 0 where no law makes it one.
    named
        Whether a law names whose case it is.
    confusion, settling
        Doubt that an agency more adds, and share of it that a named one settles.
    """
    doubt = confusion * (agencies - 1) * np.where(named, 1.0 - settling, 1.0)
    return np.where(agencies > 0, 1.0 / (1.0 + np.maximum(doubt, 0.0)), 0.0)
