"""Checksums of what tables say, not of the files that hold them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def checksum_table(table: pa.Table) -> str:
    """Hash names, types and values of all columns, in order.

    The same content gives the same checksum whatever the version of Parquet, the compression, the folder and the
    time. Numbers count as little-endian bytes; every NaN counts as the same one, because its bits may differ between
    processors; names count as UTF-8 text, however they are encoded.

    Raises
    ------
    ValueError
        If a column has missing values, which result tables never have, or a type that they never have.
    """
    digest = hashlib.sha256()
    for name in table.column_names:
        # One chunk, so that the cut into row groups does not count.
        array = table.column(name).combine_chunks()
        for part in _canonical_parts(name, array):
            digest.update(part)
    return digest.hexdigest()


def checksum_run(checksums: Mapping[str, str]) -> str:
    """Hash the checksums of all tables into one for the run."""
    return hashlib.sha256("".join(f"{name}:{checksums[name]}\n" for name in sorted(checksums)).encode()).hexdigest()


def _canonical_parts(name: str, array: pa.Array) -> Iterator[bytes]:
    """Yield a header and the values of a column, as bytes that depend on nothing else."""
    if array.null_count:
        raise ValueError(f"column '{name}' has missing values")
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind, parts = _values(name, array)
    yield f"{len(name.encode())}:{name}:{kind}:{len(array)}:".encode()
    yield from parts


def _values(name: str, array: pa.Array) -> tuple[str, tuple[bytes, ...]]:
    """Give the type of a column, in words of our own that no library changes, and its values as bytes."""
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        lengths = pc.binary_length(array).to_numpy().astype(np.int64)
        return "text", (_little_endian(lengths), "".join(array.to_pylist()).encode())
    if pa.types.is_date32(array.type):
        return "date", (_little_endian(array.cast(pa.int32()).to_numpy()),)
    if pa.types.is_integer(array.type):
        values = array.to_numpy()
        return values.dtype.name, (_little_endian(values),)
    if pa.types.is_floating(array.type):
        values = array.to_numpy()
        return values.dtype.name, (_little_endian(np.where(np.isnan(values), values.dtype.type(np.nan), values)),)
    raise ValueError(f"column '{name}' has type {array.type}, which no result table has")


def _little_endian(values: np.ndarray) -> bytes:
    """Raw values, lowest byte first."""
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
