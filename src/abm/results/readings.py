"""What the totals of the streams beside the smuggling of migrants rest on: which reading of the sources, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STREAMS = ("bondage", "domestic_trafficking", "cross_border_trafficking", "transit")
"""Mechanisms whose totals rest on assumptions about how many there are."""


def readings_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Tell which reading each stream that takes part has.

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
