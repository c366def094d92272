"""Common steps of those who leave: choice, means, application, refusal, payment and departure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare import behaviour
from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept, monthly
from abm.departure.kernels.choice import collect_choices, count_choices
from abm.departure.kernels.departure import charge, depart, keep_unrefused, means_of_rows
from abm.departure.options import Choices, OptionsState, destinations_of
from abm.engine.sums import order_by_group
from abm.engine.tables import CohortTable, allocate, widen
from abm.places.options import CHANNELS, LEGAL_WORK, MOST_OPTIONS, OVERSTAY, SPONSORSHIP
from abm.society import EconomyState
from abm.world.codes import STREAM_DELAY, STREAM_REFUSAL, STREAM_SETTING_OUT

if TYPE_CHECKING:
    from abm.world.state import World


@table_of_columns("applications")
class Applications(NamedTuple):
    """One row a cohort waiting for papers, or for an office."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    persons: Annotated[np.ndarray, column("i4", unit="person", text="Persons applying or waiting.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    option: Annotated[
        np.ndarray, column("i2", unit="row", text="Option chosen: channel with its destination or route.")
    ]
    due: Annotated[
        np.ndarray,
        column(
            "i2",
            unit="month",
            text="Month of the run: decision of an application, or the month in which a client joined the queue.",
        ),
    ]


KINDS = ("contract", "sponsorship", "visit")
"""Kinds of application that policy tells apart."""

KIND_OF_CHANNEL = np.zeros(len(CHANNELS), np.int64)
"""Place in `KINDS` by channel, of those that are applied for."""
KIND_OF_CHANNEL[[LEGAL_WORK, SPONSORSHIP, OVERSTAY]] = range(len(KINDS))

REFUSALS_ADDED = behaviour(
    "applications refused in addition", base=0.0, over="destination", split=KINDS, read_by=("sponsorship", "overstay")
)
"""Share of applications for work, sponsorship and visits, by destination and kind."""


class ApplicationsState(State):
    """Pending applications and the choices of the month."""

    table: Held[CohortTable[Applications]] = kept(
        text="Pending applications.", start=lambda world: CohortTable(Applications)
    )
    by_kind: Held[tuple[Choices, Choices, np.ndarray] | None] = kept(
        unit="row", text="Choices of the month in order of channel.", start=lambda world: None
    )
    due: Held[tuple[int, Applications, np.ndarray]] = kept(
        text="Applications decided in a month, in order of channel.",
        start=lambda world: (-1, allocate(Applications, 0), np.zeros(0, np.int64)),
    )
    refused: Held[tuple[Applications, ...]] = monthly(
        text="Applications refused, or without a place, this month.", neutral=lambda world: ()
    )
    to_city: Held[Choices] = monthly(
        text="Those refused who move to a city instead, this month.",
        neutral=lambda world: Choices(*np.zeros((4, 0), np.int64)),
    )


def collect(world: World) -> Choices:
    """Gather those in `World.chosen` who do not stay, in order of household."""
    blocks, villages, count, made = world.blocks, world.villages, world.chosen_count, world.made
    counts = np.empty(count.size, np.int64)
    world.threads.each(
        lambda first, last: count_choices(first, last, blocks, villages, count, made, counts), count.size
    )
    ends = np.cumsum(counts)
    choices = Choices(*np.empty((len(Choices._fields), int(ends[-1])), np.int64))
    world.threads.each(
        lambda first, last: collect_choices(first, last, blocks, villages, world.chosen, count, made, ends, choices),
        count.size,
    )
    return choices


def choices_of(world: World, channel: int) -> Choices:
    """Those who chose a channel this month, visas sold apart."""
    choices = world[OptionsState].choices
    kept = world[ApplicationsState].by_kind
    if kept is None or kept[0] is not choices:
        order, ends = _by_kind(world, choices.option)
        kept = choices, widen(choices, order), ends
        world[ApplicationsState].by_kind = kept
    return widen(kept[1], _of_kind(kept[2], channel, is_sold=False))


def _by_kind(world: World, picked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stable order of options by channel, visas sold apart from others, and where each kind ends."""
    return order_by_group(world.option_table.kind[picked], 2 * len(CHANNELS))


def _of_kind(ends: np.ndarray, channel: int, *, is_sold: bool) -> slice:
    """Where a channel, on visas sold or not, stands in the order of `_by_kind`."""
    kind = 2 * channel + is_sold
    return slice(ends[kind - 1] if kind else 0, ends[kind])


def apply(world: World, choices: Choices, delay: np.ndarray | int | None = None) -> None:
    """File applications; `delay` is whole months until the decision, by default as usual for the option.

    Of a fraction of a month so many wait one more.
    """
    if choices.row.size:
        if delay is None:
            entity = choices.row * MOST_OPTIONS + choices.option
            delay = world.rounded(STREAM_DELAY, entity, world[OptionsState].delay[choices.option])
        world[ApplicationsState].table.append(**choices._asdict(), due=np.minimum(world.t + delay, 32_000))


def take_due_applications(world: World, channel: int, *, is_sold: bool = False) -> Applications:
    """Take the applications of a channel due this month, in order of filing; for visas sold or not.

    The first call in a month takes those of all channels; later filings are due later.
    """
    month, taken, ends = world[ApplicationsState].due
    if month != world.t:
        table = world[ApplicationsState].table
        _wait_for_borders(world, table)
        is_due = table.rows.due <= world.t
        rows = is_due.nonzero()[0]
        order, ends = _by_kind(world, table.columns.option[rows])
        taken = Applications(*[column[rows[order]] for column in table.columns])
        table.drop(is_due)
        world[ApplicationsState].due = world.t, taken, ends
    return widen(taken, _of_kind(ends, channel, is_sold=is_sold))


def _wait_for_borders(world: World, table: CohortTable[Applications]) -> None:
    """Put off by a month those who could not leave, because borders are closed on some days."""
    passable = world[EconomyState].passable
    if (passable >= 1.0).all():
        return
    rows = table.rows
    due = np.flatnonzero(rows.due <= world.t)
    entity = rows.row[due] * MOST_OPTIONS + rows.option[due]
    waits = world.draws(STREAM_SETTING_OUT, entity) >= passable[destinations_of(world, rows.option[due])]
    rows.due[due[waits]] = world.t + 1


def refuse(world: World, due: Applications, base: float | np.ndarray) -> None:
    """Draw refusals; ``persons`` keeps those not refused."""
    share = refused_share(world, base)[due.option]
    entity = due.row * MOST_OPTIONS + due.option
    keep_unrefused(due.persons, share, world.key(STREAM_REFUSAL), entity)


def refused_share(world: World, base: float | np.ndarray) -> np.ndarray:
    """Share of applications refused, by option; `base`, one or by destination, is what policy adds to."""
    ways = world.option_table
    added = world.now(REFUSALS_ADDED)[ways.destination, KIND_OF_CHANNEL[ways.channel]]
    return np.clip(np.broadcast_to(base, len(world.destinations))[ways.destination] + added, 0.0, 1.0)


def turn_away(world: World, due: Applications, asked: np.ndarray) -> None:
    """Note those refused or left without a place: of the persons that `asked`, those not in ``persons`` any more."""
    lost = asked - due.persons
    if lost.any():
        found = widen(due._replace(persons=lost), lost > 0)
        world[ApplicationsState].refused = (*world[ApplicationsState].refused, found)


def leave(
    world: World, due: Applications | Choices, channel: int, fees: np.ndarray, payee: str, kind: str,
    status: np.ndarray | int, destination: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Let cohorts pay and leave, and enter them at their destinations; return payments by cohort, PKR.

    `due` are cohorts, int64, whose ``persons`` hold those who left on return. `fees` are PKR a person, by cohort.
    `payee` and `kind` are those of the payment in the ledger; if `payee` is empty, the caller books it. `status` at the
    destination is one, or one a cohort; `destination` is by default that of the option.
    """
    if destination is None:
        destination = destinations_of(world, due.option)
    paid, borrowed = np.zeros((2, fees.size), np.int64)
    rows, persons, districts = due.row, due.persons, due.district
    world.threads.each_owner(
        lambda first, last: depart(
            first, last, rows, persons, fees, districts, world.district_month, world.households, paid, borrowed
        ),
        rows,
        world.households.away.size,
    )
    world.ledger.lend(int(borrowed.sum()))
    if payee:
        world.ledger.pay("households", payee, kind, int(paid.sum()))
    abroad = destination != len(world.destination_facts) - 1
    world.book_departures(rows, districts, persons, channel, destination, abroad=bool(abroad.all()))
    world.enter_away(rows, persons, destination, np.full(fees.size, status))
    return paid


def means_of_households(world: World, rows: np.ndarray, districts: np.ndarray) -> np.ndarray:
    """PKR that each household can raise, float64."""
    found = np.zeros(rows.size)
    means_of_rows(rows, districts, world.district_month, world.households, found)
    return found


def charge_households(
    world: World, rows: np.ndarray, amounts: np.ndarray, persons: np.ndarray, districts: np.ndarray, *, on_credit: bool
) -> np.ndarray:
    """Take PKR from the households of so many persons, savings first, then, if `on_credit`, loans.

    Returns what each cohort paid, int64; see `abm.departure.kernels.departure.charge`.
    """
    paid, borrowed = np.zeros((2, rows.size), np.int64)
    world.threads.each_owner(
        lambda first, last: charge(
            first,
            last,
            rows,
            amounts,
            persons,
            districts,
            world.district_month,
            world.households,
            on_credit,
            paid,
            borrowed,
        ),
        rows,
        world.households.away.size,
    )
    world.ledger.lend(int(borrowed.sum()))
    return paid
