"""Result tables: plain columns of the model become documented Arrow tables and pandas frames; their checksums.

Between NumPy and Arrow go bare buffers: Arrow's own ways load pandas, which takes longer than to write all tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from abm.declare import Outcome
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.measures import outcome_of_setting

if TYPE_CHECKING:
    import pandas as pd


Columns = Mapping[str, np.ndarray]
Tables = Mapping[str, Columns]

Resolved = Mapping[str, Any]  # a complete configuration as plain data

Row = Mapping[Any, Any]  # a row of a frame, by column

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
    "stream": ("name", "Stream of exploitation, by its name in exploitation.yaml."),
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
    "outcome": ("name", "How it ended: arrived, sent_home, died or stranded."),
}
"""Unit and meaning of the columns that no mechanism declares."""

QUANTITIES = frozenset({"persons", "fee", "paid", "debt", "attempts", "months"})
"""Those of `KEYS` that hold quantities, not keys."""


def describe_column(name: str, outcomes: Mapping[str, Outcome]) -> tuple[str, str]:
    """Unit and meaning of a column: a declared outcome, a key, or one of the configuration (``cost_<lever id>``)."""
    if name in KEYS and name not in outcomes:
        return KEYS[name]
    if found := outcomes.get(name) or outcome_of_setting(name):
        return found.unit, found.text
    # A finished run is not thrown away for want of a text; tests of the declarations see to it that this never shows.
    return "not declared", ""


def months_of(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Month of each row since January of year 0, from dates of any kind (Parquet's date32 as well as datetime64)."""
    import pandas as pd

    months = pd.to_datetime(frame["month"]).to_numpy().astype("datetime64[M]").astype(np.int64)
    return months + 1970 * MONTHS_A_YEAR


def to_arrow(columns: Columns, outcomes: Mapping[str, Outcome]) -> pa.Table:
    """Turn columns into an Arrow table that carries its documentation, ``unit`` and ``text`` of each column.

    Months are ``datetime64[M]`` and become dates (first day of the month); names become dictionaries; numbers stay as
    they are. Arrow raises a ValueError if the columns differ in length.
    """
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
        return _of_buffer(pa.date32(), values.astype("datetime64[D]").astype(np.int64))
    if values.dtype.kind not in "OUT":
        return _of_buffer(pa.from_numpy_dtype(values.dtype.newbyteorder("=")), values)
    given = values.tolist()
    codes = {name: code for code, name in enumerate(dict.fromkeys(given))}
    indices = np.fromiter(map(codes.__getitem__, given), np.int32, len(given))
    ends = np.cumsum([0, *(len(name.encode()) for name in codes)], dtype=np.int32)
    names = pa.StringArray.from_buffers(len(codes), pa.py_buffer(ends), pa.py_buffer("".join(codes).encode()))
    return pa.DictionaryArray.from_arrays(_of_buffer(pa.int32(), indices), names)


def _of_buffer(kind: pa.DataType, values: np.ndarray) -> pa.Array:
    """Make an array of numbers; Arrow takes the machine's byte order alone."""
    dtype = np.int32 if pa.types.is_date32(kind) else kind.to_pandas_dtype()
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values, dtype))])


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a frame: months as timestamps, names as categories, units in ``frame.attrs``."""
    frame = table.to_pandas(date_as_object=False)
    frame.attrs["units"] = {
        field.name: field.metadata[b"unit"].decode() for field in table.schema if b"unit" in (field.metadata or {})
    }
    return frame


def columns_of(table: pa.Table) -> dict[str, np.ndarray]:
    """Take the numbers and dates of an Arrow table as columns, without pandas; columns of names are left out."""
    arrays = {
        field.name: table.column(field.name).combine_chunks()
        for field in table.schema
        if not pa.types.is_dictionary(field.type)
    }
    return {
        name: _buffer_of(array).astype("datetime64[D]") if pa.types.is_date32(array.type) else _buffer_of(array)
        for name, array in arrays.items()
    }


# ----------------------------------------------------------------------------------------------------------- checksums


def checksum_table(table: pa.Table) -> str:
    """Hash names, types and values of all columns, in order: what a table says, not the file that holds it.

    The same content gives the same checksum whatever the version of Parquet, the compression, the folder and the time.
    Numbers count as little-endian bytes; every NaN counts as the same one, because its bits may differ between
    processors; names count as UTF-8 text.
    """
    digest = hashlib.sha256()
    for name in table.column_names:
        # One chunk, so that the cut into row groups does not count.
        array = table.column(name).combine_chunks()
        kind, parts = _canonical(array)
        digest.update(f"{len(name.encode())}:{name}:{kind}:{len(array)}:".encode())
        for part in parts:
            digest.update(part)
    return digest.hexdigest()


def checksum_run(checksums: Mapping[str, str]) -> str:
    """Hash the checksums of all tables into one for the run."""
    return hashlib.sha256("".join(f"{name}:{checksums[name]}\n" for name in sorted(checksums)).encode()).hexdigest()


def _canonical(array: pa.Array) -> tuple[str, tuple[bytes, ...]]:
    """Give the type of a column, in words of our own that no library changes, and its values as bytes."""
    if pa.types.is_dictionary(array.type):
        names, codes = array.dictionary.to_pylist(), _buffer_of(array.indices)
        lengths = np.array([len(name.encode()) for name in names], np.int64)[codes]
        return "text", (_little_endian(lengths), "".join([names[code] for code in codes]).encode())
    if pa.types.is_date32(array.type):
        return "date", (_little_endian(_buffer_of(array)),)
    values = _buffer_of(array)
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), values.dtype.type(np.nan), values)
    return values.dtype.name, (_little_endian(values),)


def _buffer_of(array: pa.Array) -> np.ndarray:
    """Take the numbers of an array without missing values."""
    dtype = np.dtype(np.int32 if pa.types.is_date32(array.type) else array.type.to_pandas_dtype())
    if not len(array):
        return np.empty(0, dtype)
    return np.frombuffer(array.buffers()[1], dtype, len(array), array.offset * dtype.itemsize)


def _little_endian(values: np.ndarray) -> bytes:
    """Raw values, lowest byte first."""
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
