"""Repeat: those sent home or deported may try again, sooner if in debt."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import MovesState
from abm.choice.kernels.repeat import PUT_BACK, draw_repeats, work_for
from abm.choice.refused import file_again, free_of
from abm.declare import Outcomes, Params, outcome, param
from abm.departure import Choices, OptionsState
from abm.engine.elementwise import exp
from abm.engine.sums import occurrences, sum_by
from abm.engine.tables import widen
from abm.legal import close_sale
from abm.market import MarketState, Seekers
from abm.places.options import IRREGULAR_WAY
from abm.routes import TravelState
from abm.world.codes import NEWS_DEPORTED, REMOVED_ELSEWHERE, STREAM_REPEAT
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


Drive = namedtuple("Drive", ["hazard", "debt", "ties", "window", "sanction", "loyalty"])
"""What the kernel takes, see `RepeatParams`; ``hazard`` by kind of return, sent home from the way or deported, and
months since."""


class RepeatParams(Params):
    """Another attempt after being sent home."""

    sent_home: float = param(
        0.365,
        unit="1/month",
        bounds=(0.0, 1.0),
        source="calibrated, hardly identified, docs/calibration.md; most try again within days or weeks",
        systems=("S18",),
    )
    """Chance that a person sent home from the way, without debt or ties abroad, tries again in the first month."""

    sent_home_fading: float = param(2.0, unit="month", bounds=(0.1, 120.0), source="assumed", systems=("S18",))
    """Months in which that hazard falls to 1/e."""

    deported: float = param(
        0.062,
        unit="1/month",
        bounds=(0.0, 0.5),
        source="assumed; most say that they will within a year (F29), with debt and ties a quarter do, S_HSMW_N5479",
        systems=("S18",),
    )
    """Chance that a person deported from a destination, without debt or ties abroad, tries again in the first month:
    asks an office or applies for a legal way."""

    deported_fading: float = param(8.0, unit="month", bounds=(0.1, 120.0), source="assumed", systems=("S18",))
    """Months in which that hazard falls to 1/e: what was owed is paid, and home is lived in again."""

    debt: float = param(
        0.8,
        unit="log points",
        bounds=(0.0, 3.0),
        source="assumed; Schuster and Majidi (2013): debt sends the deported out again",
        systems=("S18",),
    )
    """Rise of the log hazard for a household in debt by a year of its pay; at most two years count."""

    ties: float = param(
        0.15,
        unit="log points a tie",
        bounds=(0.0, 1.0),
        source="assumed; Martinez et al. (2018)",
        systems=("S4", "S18"),
    )
    """Rise of the log hazard with each tie abroad; ties beyond the fourth add nothing."""

    window: int = param(24, unit="month", bounds=(1, 120), source="assumed", systems=("S18",))
    """Months after which returnees behave like everyone else."""

    sanction: float = param(0.5, unit="log points", bounds=(0.0, 5.0), source="assumed", systems=("S18",))
    """Fall of the log hazard for those punished at home."""

    loyalty: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share who return to the same office, if it still serves them."""


class RepeatOutcomes(Outcomes):
    """Returnees and repeat attempts."""

    repeat_attempts = outcome(unit="person", over="district", text="Persons sent home or deported who try again.")
    recent_returnees = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Persons at home who were sent home or deported within the last `repeat.window` months.",
    )
    deported_again = outcome(unit="person", over="national", text="Of those who try again, persons deported.")
    deported_recent = outcome(
        unit="person", over="national", kind="stock", text="Of recent returnees, persons deported."
    )
    indebted_again = outcome(
        unit="person", over="national", text="Of the deported who try again, persons of households in debt."
    )
    indebted_recent = outcome(
        unit="person", over="national", kind="stock", text="Of recent deportees, persons of households in debt."
    )


class Repeat(Mechanism):
    r"""Draws those who try again: they join the market of the same month, or apply for a legal way.

    Those sent home from the way try again by an irregular way; some go back to their old office. The deported try any
    way abroad that is open to them and that they can pay for; those refused choose again as all others do. Those whose
    household has an application pending file none and stay.

    Notes
    -----
    The chance to try again in the month, $t$ months after coming home, is

    $$
    \min\left( p \, e^{-(t - 1) / \tau} \exp\left( \beta \min(B / y, 2) + \nu \min(n, 4) - \phi \right), \; 1 \right),
    $$

    with debt in years of pay $B / y$ and ties $n$; $\phi$, `sanction`, counts if the person was punished. $p$ and
    $\tau$ are `sent_home` and `sent_home_fading`, for the deported `deported` and `deported_fading`; $\beta$ and $\nu$
    are `debt` and `ties`.
    """

    section = "repeat"
    Params = RepeatParams
    systems = ("S18",)
    outcomes = RepeatOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Add this month's deportees, and draw those who try again."""
        _take_in_deported(world)
        table, params = world[TravelState].returnees, world.params(RepeatParams)
        if not world.config.enabled(Repeat.section):
            table.drop(table.rows.since < world.t)  # those of the month: others look at them yet
            return
        tries = Seekers(*np.empty((len(Seekers._fields), table.count), np.int64))
        came = np.empty((6, table.count), np.int64)
        work = work_for(table.count, world.district_count, len(world.options))
        by_district = np.zeros((3, 2, world.district_count), np.int64)
        empty, number = draw_repeats(
            table.columns, table.count, _drive(params), world.t,
            world.district_month, world.households, close_sale(world, world[OptionsState].attraction),
            world[OptionsState].month, world.key(STREAM_REPEAT), world.fixed_key(STREAM_REPEAT), work, tries, came,
            by_district,
        )  # fmt: skip
        if 4 * empty >= table.count:
            table.drop(table.rows.persons == 0)
        tries, came = Seekers(*(column[:number] for column in tries)), came[:, :number]
        irregular = world.option_table.channel[tries.route] == IRREGULAR_WAY
        waiting = _file(world, widen(tries, ~irregular))
        _keep_at_home(world, waiting, came[:, ~irregular], by_district)
        seekers = widen(tries, irregular)
        world[MarketState].again = seekers._replace(route=world.option_table.route[seekers.route])
        _record(world, by_district)


def _file(world: World, tries: Seekers) -> Seekers:
    """File the applications of those deported who choose a legal way; return those whose households wait in a queue."""
    asked = Choices(tries.row, tries.district, tries.route, tries.persons)
    free = free_of(world, asked)
    file_again(world, widen(asked._replace(persons=free), free > 0))
    return tries._replace(persons=tries.persons - free)


PIECES = 1 << 16
"""Numbers of the cohorts of a household stay below this."""


def _keep_at_home(world: World, waiting: Seekers, came: np.ndarray, by_district: np.ndarray) -> None:
    """Count those who wait for an application of their household among the returnees again: they have filed none."""
    some = waiting.persons > 0
    waiting, (since, office, kind, status, piece, in_debt) = widen(waiting, some), came[:, some]
    for row, persons in enumerate((waiting.persons, waiting.persons, waiting.persons * in_debt)):
        number = sum_by(waiting.district, persons, world.district_count)
        by_district[row, 0] -= number
        by_district[row, 1] += number
    world[TravelState].returnees.append(
        row=waiting.row, persons=waiting.persons, district=waiting.district, since=since, office=office, kind=kind,
        status=status, piece=(piece + PUT_BACK) % PIECES,
    )  # fmt: skip


def _record(world: World, by_district: np.ndarray) -> None:
    """Record those who try again and those who stay, as `draw_repeats` has counted them."""
    world.figures |= {
        RepeatOutcomes.repeat_attempts: by_district[0, 0],
        RepeatOutcomes.recent_returnees: by_district[0, 1],
        RepeatOutcomes.deported_again: int(by_district[1, 0].sum()),
        RepeatOutcomes.deported_recent: int(by_district[1, 1].sum()),
        RepeatOutcomes.indebted_again: int(by_district[2, 0].sum()),
        RepeatOutcomes.indebted_recent: int(by_district[2, 1].sum()),
    }


@lru_cache(maxsize=8)  # the same in most months
def _drive(params: RepeatParams) -> Drive:
    """Parameters for the kernel; hazards fall exponentially from the month after the return on."""
    age = np.arange(params.window + 1)
    kinds = (params.sent_home, params.sent_home_fading), (params.deported, params.deported_fading)
    hazard = np.stack([first * exp(-(age - 1.0) / fading) for first, fading in kinds])
    return Drive(hazard, params.debt, params.ties, params.window, params.sanction, params.loyalty)


def _take_in_deported(world: World) -> None:
    """Add this month's deportees to those who may leave again."""
    deported = world[MovesState].deported
    if deported.row.size:
        world[TravelState].returnees.append(
            row=deported.row,
            persons=deported.persons,
            district=deported.district,
            since=world.t,
            office=-1,
            kind=np.where(deported.by_route == 1, NEWS_DEPORTED, REMOVED_ELSEWHERE),
            status=0,
            piece=occurrences(deported.row),
        )
