"""Applications: what legal work and sponsorship share: waiting, refusal, payment and departure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.kernels.choice import collect_choices
from abm.kernels.departure import depart, keep_unrefused
from abm.kernels.states import STREAM_REFUSAL
from abm.world.options import MOST_OPTIONS

if TYPE_CHECKING:
    from abm.world.state import World


def collect(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gather those in `World.chosen` who do not stay: households, districts and options, in order of household."""
    number = int(world.chosen_count.sum())
    rows, districts, picked = np.empty(number, np.int64), np.empty(number, np.int64), np.empty(number, np.int64)
    found = collect_choices(
        world.blocks, world.villages, world.chosen, world.chosen_count, world.choice, rows, districts, picked
    )
    return rows[:found], districts[:found], picked[:found]


def choices_of(world: World, channel: int, *, is_sold: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households, districts and options of those who chose a channel this month, on a visa sold or not."""
    rows, districts, picked = world.month_values["choices"]
    mask = _belongs(world, channel, is_sold)[picked]
    return rows[mask], districts[mask], picked[mask]


def _belongs(world: World, channel: int, is_sold: bool) -> np.ndarray:
    """Whether each option belongs to a channel, and is a visa that is sold or not."""
    return np.array([option.channel == channel and option.is_sold == is_sold for option in world.options])


def apply(world: World, rows: np.ndarray, districts: np.ndarray, picked: np.ndarray, delay: Any) -> None:
    """File applications; one member of every household that a row stands for applies.

    Parameters
    ----------
    rows, districts, picked
        Households, their districts, and the options chosen.
    delay
        Months until the decision, one number or one a row.
    """
    if rows.size:
        world.applications.append(
            row=rows,
            persons=world.weight[districts],
            district=districts,
            option=picked,
            due=np.minimum(world.t + delay, 32_000),
        )


def take_due_applications(world: World, channel: int, *, is_sold: bool = False) -> dict[str, np.ndarray]:
    """Take the applications of a channel that are decided this month, in order of filing; for visas sold or not."""
    columns, count = world.applications.columns, world.applications.count
    due = (columns.due[:count] <= world.t) & _belongs(world, channel, is_sold)[columns.option[:count]]
    taken = world.applications.take(due)
    return {name: values.astype(np.int64) for name, values in taken.items()}


def refuse(world: World, due: dict[str, np.ndarray], base: float) -> None:
    """Draw refusals; ``persons`` keeps those not refused."""
    destination = np.array([option.destination for option in world.options])
    added = world.policy.values.get("visa_refusal", np.zeros(len(world.destination_facts)))
    share = np.clip(base + added, 0.0, 1.0)[destination[due["option"]]]
    entity = due["row"] * MOST_OPTIONS + due["option"]
    keep_unrefused(due["persons"], share, world.key(STREAM_REFUSAL), entity)


def leave(
    world: World, due: dict[str, np.ndarray], channel: int, fees: np.ndarray, payee: str, kind: str, status: Any
) -> np.ndarray:
    """Let cohorts pay and leave, enter them at their destinations; returns what each cohort paid, PKR.

    Parameters
    ----------
    due
        ``row``, ``district``, ``option`` and ``persons`` of the cohorts; on return ``persons`` holds those who left.
    channel
        Channel of all of them.
    fees
        Fee a person of each cohort, PKR.
    payee, kind
        Account and kind of the payment in the ledger; no payment is booked where `payee` is empty: the caller does.
    status
        Status at the destination, one or one a cohort.
    """
    destination = np.array([option.destination for option in world.options])[due["option"]]
    paid, borrowed = np.zeros(fees.size, np.int64), np.zeros(fees.size, np.int64)
    depart(due["row"], due["persons"], fees, due["district"], world.district_month, world.households, paid, borrowed)
    world.ledger.lend(int(borrowed.sum()))
    if payee:
        world.ledger.pay("households", payee, kind, int(paid.sum()))
    abroad = destination != len(world.destination_facts) - 1
    world.book_departures(due["row"], due["district"], due["persons"], channel, destination, abroad=bool(abroad.all()))
    world.enter_away(due["row"], due["persons"], destination, np.full(fees.size, status))
    return paid
