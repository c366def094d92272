"""Streams of transit: who passes through Pakistan, when, where they enter and which routes they use."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from abm.engine.calendar import MONTHS_A_YEAR, Month, parse_month
from abm.engine.entry import Country, Entry, FrozenDict, Key, Text, fact, in_force, words
from abm.engine.portable import power
from abm.places.series import to_pkr_2017

BASE_MONTH = parse_month("2017-07")
"""Middle of the year to which `level` and `direct` refer."""

Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"expected": "a number from 0 to 1 (share)"})]
Multiple = Annotated[float, Field(ge=0, le=12, json_schema_extra={"expected": "a number from 0 to 12 (multiple)"})]
Shares = Annotated[dict[Key, Share], AfterValidator(FrozenDict)]


class Wall(Entry):
    """A wall, from a month on until the next entry."""

    pushed: float = fact("share", 0, 1)
    """Share of the direct flow that it pushes into Pakistan."""


class FlowMultiple(Entry):
    """Multiple of a flow, from a month on until the next entry."""

    flow: float = fact("multiple", 0, 100)
    """Of `level` and `direct`."""


class Stream(Entry):
    """A stream of transit: a row of ``transit.yaml``, or an entry of ``places.transit``."""

    name: Text = words()
    """Name in figures."""

    origin: Country = words()
    """Country that they come from."""

    level: float = fact("person/month", 0, 100_000)
    """Who enter Pakistan and use its legs in 2017, without any wall."""

    direct: float = fact("person/month", 0, 1e6, otherwise=0.0)
    """Who pass by Pakistan on a direct way in 2017; none if left out."""

    walls: Annotated[dict[Month, Wall], AfterValidator(FrozenDict)] = words(
        "settings by month, each 'YYYY-MM: {pushed: 0.2}'", otherwise=FrozenDict()
    )
    """Share of the direct flow pushed into Pakistan from a month on, until the next entry."""

    pushed_to: Shares = words("shares by district, 'chagai: 1.0'", otherwise=FrozenDict())
    """Districts that those pushed enter."""

    growth: float = fact("1/year", -0.5, 1, otherwise=0.0)
    """Growth of `level` and `direct`; none if left out."""

    season: tuple[Multiple, ...] = words("a list of twelve multiples, January first", min_length=12, max_length=12)
    """Multiples by calendar month, with mean 1."""

    history: Annotated[dict[Month, FlowMultiple], AfterValidator(FrozenDict)] = words(
        "settings by month, each 'YYYY-MM: {flow: 1.5}'", otherwise=FrozenDict()
    )
    """Multiples of the flow from a month on, until the next entry."""

    entries: Shares = words("shares by district, 'chagai: 1.0'")
    """Districts of entry."""

    routes: Shares = words("shares by route, 'iran_by_quetta: 1.0'")
    """Routes whose legs in Pakistan they travel."""

    hire: float = fact("share", 0, 1)
    """Who hire an office."""

    price_usd: float = fact("USD of 2015", 0, 50_000)
    """Paid to the office for one traveller."""

    source: Text = words()
    """Where the numbers come from, ``assumed`` if from nobody."""

    @property
    def price(self) -> float:
        """Paid to the office for one traveller, PKR of 2017."""
        return to_pkr_2017(self.price_usd, "USD", 2015)

    def complete(self, key: str) -> Stream:
        """Order shares by name, and leave out those of 0, which take no part."""
        found = super().complete(key)
        shares = {name: getattr(found, name) for name in ("entries", "pushed_to", "routes")}
        return found.model_copy(
            update={
                name: FrozenDict((place, row[place]) for place in sorted(row) if row[place] > 0.0)
                for name, row in shares.items()
            }
        )

    def multiple(self, month: int) -> float:
        """Multiple of the level in a month, the season apart."""
        years = (month - BASE_MONTH) / MONTHS_A_YEAR
        found = in_force(self.history, month)
        flow = 1.0 if found is None or found.flow is None else found.flow
        return float(power(1.0 + self.growth, years)) * flow

    def pushed(self, month: int) -> float:
        """Share of the direct flow that walls push into Pakistan in a month."""
        found = in_force(self.walls, month)
        return 0.0 if found is None or found.pushed is None else found.pushed
