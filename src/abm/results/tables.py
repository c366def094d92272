"""Result tables: plain columns of the model become documented Arrow tables and pandas frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from abm.declare import Outcome
from abm.engine.measures import outcome_of_setting

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, np.ndarray]
Tables = Mapping[str, Columns]

KEYS: dict[str, tuple[str, str]] = {
    "month": ("month", "First day of the month that the row is about."),
    "unit": ("name", "District or harmonised unit, by its key in units.csv."),
    "origin": ("name", "Unit that the persons left, by its key in units.csv."),
    "channel": ("name", "How they left: legal_work, sponsorship, domestic, irregular or overstay."),
    "destination": (
        "name",
        "Where they were going, or where the persons of the row are, by its name in destinations.yaml.",
    ),
    "route": ("name", "Route of the journey, by its name in routes.yaml."),
    "leg": ("name", "Leg of routes, by its name in routes.yaml."),
    "persons": ("person", "Persons who left in the month; of journeys: persons of the cohort."),
    "ended": ("month", "First day of the month in which the journey ended; `month` is that in which it began."),
    "journey": ("id", "Contract or own venture; cohorts that came apart on the way share it."),
    "begun_in": ("name", "Pakistan, or the destination from which an onward journey began."),
    "scheme": ("name", "How the fee was paid: upfront (onward fares too), escrow, credit, or alone without an office."),
    "fee": (
        "PKR of 2017",
        "Fee agreed for one person; for those who go alone, passage, bribes and documents of one attempt.",
    ),
    "paid": ("PKR of 2017", "Paid by the household for one person until the end, ransoms and deposits included."),
    "debt": ("PKR of 2017", "To be owed to the office on arrival, for one person."),
    "wealth": ("quintile", "Quintile of permanent income of the household, 1 poorest, in the country."),
    "experienced": ("flag", "1 if the household had experience of migration when the journey began."),
    "attempts": ("attempt", "Attempts that the journey took."),
    "months": ("month", "Months from the first departure to the end."),
    "outcome": ("name", "How it ended: arrived, sent_home or died."),
}
"""Unit and meaning of the columns that no mechanism declares."""


def describe_column(name: str, outcomes: Mapping[str, Outcome]) -> tuple[str, str]:
    """Give the unit and the meaning of a column.

    Parameters
    ----------
    name
        Column name: an outcome, a key column, or one that depends on the configuration, such as ``cost_<lever id>``.
    outcomes
        Declared outcomes by name.
    """
    if name in outcomes:
        return outcomes[name].unit, outcomes[name].text
    if name in KEYS:
        return KEYS[name]
    found = outcome_of_setting(name)
    if found:
        return found.unit, found.text
    # A finished run is not thrown away for want of a text; tests of the declarations see to it that this never shows.
    return "not declared", ""


def to_arrow(columns: Columns, outcomes: Mapping[str, Outcome]) -> pa.Table:
    """Turn columns into an Arrow table that carries its documentation.

    Parameters
    ----------
    columns
        Arrays of one length by column name. Months are ``datetime64[M]`` and become dates (first day of the month);
        names become dictionaries; numbers stay as they are.
    outcomes
        Declared outcomes by name, for the metadata ``unit`` and ``text`` of each column.

    Raises
    ------
    ValueError
        If the columns differ in length.
    """
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of one table differ in length: {lengths}")
    fields, arrays = [], []
    for name, values in columns.items():
        unit, text = describe_column(name, outcomes)
        array = _to_arrow_array(values)
        arrays.append(array)
        fields.append(pa.field(name, array.type, nullable=False, metadata={"unit": unit, "text": text}))
    return pa.table(arrays, schema=pa.schema(fields))


def _to_arrow_array(values: np.ndarray) -> pa.Array:
    """Choose the Arrow type of a column by its dtype."""
    if values.dtype.kind == "M":
        return pa.array(values.astype("datetime64[D]"))
    if values.dtype.kind in "OTU":
        return pa.array(values.tolist(), pa.string()).dictionary_encode()
    # Arrow takes the machine's byte order alone.
    return pa.array(values.astype(values.dtype.newbyteorder("="), copy=False))


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a frame: months as timestamps, names as categories, units in ``frame.attrs``."""
    frame = table.to_pandas(date_as_object=False)
    frame.attrs["units"] = {
        field.name: field.metadata[b"unit"].decode() for field in table.schema if b"unit" in (field.metadata or {})
    }
    return frame
