"""The streams beside the smuggling of migrants, and what their totals rest on: a reading of the sources, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Stream(NamedTuple):
    """A stream in words.

    Attributes
    ----------
    column
        Outcome that counts it.
    label
        Label of that figure in a summary.
    level
        What is assumed of it.
    is_stock
        Whether it is counted at a time, in households; else persons are counted as they come.
    """

    column: str
    label: str
    level: str
    is_stock: bool = False


STREAMS: dict[str, Stream] = {
    "bondage": Stream("bonded_households", "bonded, last month", "bonded households", is_stock=True),
    "domestic_trafficking": Stream("trafficked_domestic", "trafficked within country", "trafficked within the country"),
    "cross_border_trafficking": Stream("trafficked_abroad", "trafficked abroad", "trafficked abroad"),
    "transit": Stream("transit_entries", "entries in transit", "transit"),
}
"""Streams whose totals rest on assumptions about how many there are, by their mechanism."""


def readings_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Find the reading of each stream that takes part.

    Parameters
    ----------
    config
        Resolved configuration, as in the manifest of a run.

    Returns
    -------
    dict of str to str
        Reading by mechanism, such as ``{"bondage": "output"}``; empty text where a stream has one level only.
    """
    mechanisms = config.get("mechanisms", {})
    return {
        name: str(config.get(name, {}).get("reading", ""))
        for name in STREAMS
        if mechanisms.get(name, {}).get("enabled", False)
    }
