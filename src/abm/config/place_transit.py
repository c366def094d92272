"""Entries of ``places.transit``: streams of foreigners who pass through Pakistan."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from abm.config.entry import Country, Entry, Key, Text, fact, words
from abm.engine.frozen import FrozenDict
from abm.engine.words import Month

Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"expected": "a number from 0 to 1 (share)"})]
Multiple = Annotated[float, Field(ge=0, le=12, json_schema_extra={"expected": "a number from 0 to 12 (multiple)"})]
Shares = Annotated[dict[Key, Share], AfterValidator(FrozenDict)]


class WallEntry(Entry):
    """A wall, from a month on until the next entry."""

    pushed: float | None = fact("share", 0, 1)
    """Share of the direct flow that it pushes into Pakistan."""


class FlowMultiple(Entry):
    """Multiple of a flow, from a month on until the next entry."""

    flow: float | None = fact("multiple", 0, 100)
    """Of `level` and `direct`."""


class StreamEntry(Entry):
    """A stream of transit."""

    name: Text | None = words()
    """Name in figures."""

    origin: Country | None = words()
    """Country that they come from."""

    level: float | None = fact("person/month", 0, 100_000)
    """Who enter Pakistan and use its legs in 2017, without any wall."""

    direct: float | None = fact("person/month", 0, 1e6, optional=True)
    """Who pass by Pakistan on a direct way in 2017; none if left out."""

    walls: Annotated[dict[Month, WallEntry], AfterValidator(FrozenDict)] | None = words(
        "settings by month, each 'YYYY-MM: {pushed: 0.2}'", optional=True
    )
    """Share of the direct flow pushed into Pakistan from a month on, until the next entry."""

    pushed_to: Shares | None = words("shares by district, 'chagai: 1.0'", optional=True)
    """Districts that those pushed enter."""

    growth: float | None = fact("1/year", -0.5, 1, optional=True)
    """Growth of `level` and `direct`; none if left out."""

    season: tuple[Multiple, ...] | None = words(
        "a list of twelve multiples, January first", min_length=12, max_length=12
    )
    """Multiples by calendar month, with mean 1."""

    history: Annotated[dict[Month, FlowMultiple], AfterValidator(FrozenDict)] | None = words(
        "settings by month, each 'YYYY-MM: {flow: 1.5}'", optional=True
    )
    """Multiples of the flow from a month on, until the next entry."""

    entries: Shares | None = words("shares by district, 'chagai: 1.0'")
    """Districts of entry."""

    routes: Shares | None = words("shares by route, 'iran_by_quetta: 1.0'")
    """Routes whose legs in Pakistan they travel."""

    hire: float | None = fact("share", 0, 1)
    """Who hire an office."""

    price_usd: float | None = fact("USD of 2015", 0, 50_000)
    """Paid to the office for one traveller."""

    source: Text | None = words()
    """Where the numbers come from, ``assumed`` if from nobody."""
