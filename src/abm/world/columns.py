"""Tables of the world: households, villages, members away, events; the values of a district's month; the population.

Each table of columns is a named tuple of NumPy arrays: kernels take it whole and read ``households.wage[row]``.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.engine.tables import room_for
from abm.places.geography import Units
from abm.world.codes import INCOME_CLASSES


@table_of_columns("households")
class Households(NamedTuple):
    """One row a household, sorted by district and village."""

    wage: Annotated[
        np.ndarray,
        column("f4", unit="PKR of 2017 a month", text="Pay of one worker of the household at the wages of 2017."),
    ]
    aspiration: Annotated[np.ndarray, column("f4", unit="share", text="Aspiration to send a member abroad.")]
    assets: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Savings.")]
    debt: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Owed to kin and lenders.")]
    away: Annotated[np.ndarray, column(
        "u2", unit="person", text="Members abroad, in a city or under way, of all households that the row represents."
    )]  # fmt: skip
    dead: Annotated[np.ndarray, column(
        "u2", unit="person", text="Of these, died while away and not yet removed (fewer than one per household)."
    )]  # fmt: skip
    taste: Annotated[np.ndarray, column(
        "i1", unit="1/32 of a standard deviation", text="Fixed taste for migration, standard normal over households."
    )]  # fmt: skip
    in_city: Annotated[
        np.ndarray,
        column("u2", unit="person", text="Of the members away, those in a city of Pakistan or held by exploiters."),
    ]
    taken: Annotated[np.ndarray, column(
        "u2", unit="person",
        text="Dependants held by exploiters, or who died so, and not yet removed (fewer than one per household).",
    )]  # fmt: skip
    workers: Annotated[
        np.ndarray, column("u1", unit="person", text="Members of the labour force, at home or away, of one household.")
    ]
    dependants: Annotated[np.ndarray, column("u1", unit="person", text="Other members of one household.")]
    jobs: Annotated[np.ndarray, column("u1", unit="person", text="Workers at home who have a job.")]
    skill: Annotated[np.ndarray, column("u1", unit="level", text="0 low, 1 medium, 2 high.")]
    wealth_group: Annotated[np.ndarray, column(
        "u1", unit="quintile",
        text="National quintile of permanent income per capita, 0 (poorest) to 4; outcomes count from 1.",
    )]  # fmt: skip
    experience: Annotated[
        np.ndarray, column("u1", unit="flag", text="A member has returned from abroad or from the journey.")
    ]
    ties: Annotated[np.ndarray, column("u1", unit="tie", text="Acquaintances abroad.")]
    house: Annotated[np.ndarray, column("u1", unit="level", text="Visibility of a house built from migration, 0 to 3.")]
    bond: Annotated[np.ndarray, column("u1", unit="code", text="0 free, 1 bonded at a brick kiln, 2 in a mine.")]


@table_of_columns("villages")
class Villages(NamedTuple):
    """One row a village or urban block of about 200 households."""

    district: Annotated[np.ndarray, column("i2", unit="row", text="District.")]
    urban: Annotated[np.ndarray, column("u1", unit="flag", text="An urban block rather than a village.")]
    first_row: Annotated[np.ndarray, column("i8", unit="row", text="First household.")]
    rows: Annotated[np.ndarray, column(
        "i4", unit="household row", text="Households by the end of the horizon, including those not yet formed."
    )]  # fmt: skip
    awake: Annotated[
        np.ndarray, column("i4", unit="household row", text="Households formed so far; they come first in the slice.")
    ]
    demonstration: Annotated[np.ndarray, column("f4", unit="share", text="Demonstration field.")]
    visible: Annotated[
        np.ndarray, column("f4", unit="share", text="Visible houses per household, a new house counting 1.")
    ]
    given_houses: Annotated[
        np.ndarray, column("f4", unit="share", text="Of these, those that an event gave, which no household built.")
    ]
    migrant_share: Annotated[
        np.ndarray, column("f4", unit="share", text="Households with a member abroad or under way.")
    ]
    belief_death: Annotated[
        np.ndarray, column("f4", unit="ratio", text="Believed over true probability of death of the reference journey.")
    ]
    belief_failure: Annotated[
        np.ndarray, column("f4", unit="ratio", text="The same for failing to arrive in one attempt.")
    ]
    belief_papers: Annotated[
        np.ndarray, column("f4", unit="ratio", text="The same for the chance of papers at the end of the journey.")
    ]
    belief_wage: Annotated[np.ndarray, column("f4", unit="ratio", text="Believed over reported pay abroad.")]
    belief_sanction: Annotated[np.ndarray, column("f4", unit="ratio", text="The same for being punished on return.")]
    belief_heard: Annotated[
        np.ndarray, column("f4", unit="person", text="Completed journeys that the village has heard of, fading memory.")
    ]
    income_counts: Annotated[
        np.ndarray,
        column("u2", width=INCOME_CLASSES, unit="household row", text="Households by income class when last updated."),
    ]
    segment_start: Annotated[np.ndarray, column("i8", unit="row", text="First row of its members away.")]
    segment_count: Annotated[np.ndarray, column("i4", unit="row", text="Rows of members away in use.")]
    segment_capacity: Annotated[
        np.ndarray, column("i4", unit="row", text="Rows of members away for which there is room.")
    ]
    bond_start: Annotated[np.ndarray, column("i8", unit="row", text="First row of its bonds.")]
    bond_count: Annotated[np.ndarray, column("i4", unit="row", text="Bonds of its households.")]


@table_of_columns("members away")
class Away(NamedTuple):
    """One row for the members of one household at one destination with one status."""

    row: Annotated[np.ndarray, column("u2", unit="row", text="Household within the village.")]
    persons: Annotated[np.ndarray, column("u2", unit="person", text="Persons.")]
    destination: Annotated[np.ndarray, column("u1", unit="row", text="Destination.")]
    status: Annotated[np.ndarray, column(
        "u1", unit="code",
        text="0 worker with papers, 1 settled, 2 without papers in the open sector, 3 in the hidden one.",
    )]  # fmt: skip


@table_of_columns("events abroad")
class Events(NamedTuple):
    """One row for what happened in a month to the members of one household at one destination with one status."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district; filled where events are gathered.")]
    destination: Annotated[np.ndarray, column("u1", unit="row", text="Destination.")]
    status: Annotated[np.ndarray, column("u1", unit="code", text="Status until then.")]
    persons: Annotated[np.ndarray, column("u2", unit="person", text="There before.")]
    deported: Annotated[np.ndarray, column("u2", unit="person", text="Sent home by the destination.")]
    returned: Annotated[np.ndarray, column("u2", unit="person", text="Came home voluntarily.")]
    died: Annotated[np.ndarray, column("u2", unit="person", text="Died there.")]
    regularised: Annotated[np.ndarray, column("u2", unit="person", text="Got papers.")]
    switched: Annotated[np.ndarray, column(
        "u2", unit="person", text="Lost their papers (workers), went into hiding (open sector) or came out of it."
    )]  # fmt: skip
    onward: Annotated[np.ndarray, column("u2", unit="person", text="Set out for another destination.")]


Blocks = namedtuple("Blocks", ["district", "first_village", "last_village"])
Made = namedtuple("Made", ["option", "persons"])
"""What the households of a row chose: option (-1 if none) and persons, of each nest chosen in pieces, and last of the
rest."""
Tables = namedtuple("Tables", ["logistic", "income_class", "income_value"])

_DISTRICT_MONTH_FIELDS = (
    "weight", "party",
    # labour
    "separation", "finding", "wage_index", "usual_wage", "employment", "homeward",
    # livelihood
    "subsistence", "consumed_share", "buffer_months", "departure_buffer", "drawdown", "interest", "service_share",
    "least_service",
    "credit_months", "land_months", "tie_credit", "shock_rate", "shock_months", "transfer", "credit_line", "take_up",
    "take_up_key", "interest_subsidy",
    # aspiration
    "baseline", "demonstration", "deprivation", "surplus", "ties", "taste", "adjustment", "consideration", "threshold",
    "cheapest",
    # houses and ties
    "house_cost", "house_key", "house_ageing", "tie_formation", "tie_decay",
    # demography
    "demography_on", "birth", "death", "coming_of_age", "leaving_worker",
    "leaving_dependant",
)  # fmt: skip
_WHOLE = dict.fromkeys(("weight", "party", "transfer", "demography_on"), "i8") | {
    "take_up_key": "u8",
    "house_key": "u8",
}

DISTRICT_MONTH = np.dtype([(name, _WHOLE.get(name, "f8")) for name in _DISTRICT_MONTH_FIELDS])
"""One record a district: rates a month, amounts in PKR of 2017; each field is set by the mechanism of its group."""


SEGMENT_SLACK = 6
"""Spare rows for members away in each village at the start; three times as many whenever one of them is full."""


PARTIES = 8
"""Parties that members away form, at the least, when each household of a row has one. Those of a party act as one, so
that work shrinks with the sample; at a weight of less than twice as many everybody acts alone."""


def doublings_of(weight: np.ndarray) -> np.ndarray:
    """Binary logarithm of the persons in a party, int64, by households that a row stands for."""
    return (np.frexp(np.maximum(weight // PARTIES, 1))[1] - 1).astype(np.int64)


WAYS_IN_PIECES = 2
"""Channels chosen in pieces, those of `abm.departure.options.IN_PIECES`."""


def made_for(households: int) -> Made:
    """Room for what so many households choose."""
    ways = households, WAYS_IN_PIECES + 1
    return Made(room_for(ways, np.int16), room_for(ways, np.uint16))


@dataclass
class Population:
    """The synthetic population, and the plan of household formation."""

    units: Units
    weight: np.ndarray
    """Households that one row represents, by district, int64."""
    households: Households
    villages: Villages
    away: Away
    blocks: Blocks
    tables: Tables
    formation_share: np.ndarray
    """Share of each district's rows that are awake, by month, shape (months + 1, districts)."""
    wake_offset: np.ndarray
    """Random offset of each village in the rounding of rows awake."""
    opening_unemployment: np.ndarray
