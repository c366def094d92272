"""Foreigners exploited in Pakistan who are arrested as offenders, and held until a court or a charity frees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.declare.state import Held, State, kept
from abm.enforcement.kernels.enforcement import PURPOSE
from abm.enforcement.law.month_law import LawParams, law_of, note_facing
from abm.engine.elementwise import successes
from abm.world.codes import STREAM_FOREIGNERS

if TYPE_CHECKING:
    from abm.world.state import World


class ForeignersState(State):
    """Foreigners in detention."""

    detained: Held[np.ndarray | None] = kept(
        unit="person", text="Foreigners exploited in Pakistan who are detained as offenders; None before any is found.",
        over=("district",), start=lambda world: None,
    )  # fmt: skip


class ForeignersOutcomes(Outcomes):
    """Foreigners charged and detained."""

    foreigners_charged = outcome(
        unit="person", over="district", text="Foreigners found in exploitation and charged as offenders."
    )
    foreigners_detained = outcome(unit="person", over="district", kind="stock", text="Of these, those still detained.")


def charge_foreigners(world: World, found_by_district: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Charge foreigners found in exploitation, and release some of those detained; both int64, by district.

    `found_by_district` are those whom agencies found in the month, by the district where they were held. To be called
    once a month, after `Law`, by a phase that keeps `ForeignersState.detained`, `LawState.facing` and `LawState.month`.
    Those charged are detained from this month on, and may be released from the next. The first call that finds somebody
    opens with the stock that as many found in every month would have made. Without a legal regime nobody is charged.
    """
    nobody, state = np.zeros(world.district_count, np.int64), world[ForeignersState]
    if not world.config.enabled("law"):
        return nobody, nobody
    params, key, districts = world.params(LawParams), world.key(STREAM_FOREIGNERS), np.arange(world.district_count)
    chance = params.foreign_charging * law_of(world).foreign
    if state.detained is None and found_by_district.any():
        state.detained = np.floor(found_by_district * chance * params.detention + 0.5).astype(np.int64)
    held = nobody if state.detained is None else state.detained
    charged = successes(found_by_district, chance, key, districts)
    released = successes(held, 1.0 / params.detention, key, PURPOSE + districts)
    state.detained = None if state.detained is None else held - released + charged
    note_facing(world, found_by_district)
    record_detained(world, charged)
    return charged, released


def record_detained(world: World, charged: np.ndarray) -> None:
    """Record those charged in the month, by district, and those detained."""
    held = world[ForeignersState].detained
    world.figures |= {
        ForeignersOutcomes.foreigners_charged: charged,
        ForeignersOutcomes.foreigners_detained: np.zeros_like(charged) if held is None else held,
    }
