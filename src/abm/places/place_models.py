"""Points, destinations, legs, routes, posts and streams of transit: one model each, as shipped and as configured.

Each has the fields of its row in ``routes.yaml``, ``destinations.yaml``, ``posts.yaml`` or ``transit.yaml``. In a
configuration an entry of a known name changes the fields given; a new one needs all that are not marked optional.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, PrivateAttr

from abm.declare import expected
from abm.engine.calendar import MONTHS_A_YEAR, Month, format_month, parse_month
from abm.engine.entry import ALWAYS, FOR_EVER, Country, Entry, FrozenDict, Key, Text, fact, in_force, words
from abm.engine.portable import power
from abm.places.series import to_pkr_2017

Guard = Literal["land", "sea", "air"]

PostKind = Literal["circle", "border_post", "coast_guard", "airport", "transit", "destination"]

FrontexRoute = Literal[
    "Black Sea Route",
    "Central Mediterranean Route",
    "Eastern Borders Route",
    "Eastern Mediterranean Route",
    "Western African Route",
    "Western Balkan Route",
    "Western Mediterranean Route",
]

BASE_MONTH = parse_month("2017-07")
"""Middle of the year to which `level` and `direct` refer."""

Share = Annotated[float, expected("a number from 0 to 1 (share)", ge=0, le=1)]
Multiple = Annotated[float, expected("a number from 0 to 12 (multiple)", ge=0, le=12)]
Shares = Annotated[dict[Key, Share], AfterValidator(FrozenDict)]


class Point(Entry):
    """A place at which legs begin or end, no finer than a tenth of a degree."""

    name: Text = words()
    """Name on maps."""

    country: Country = words()
    """Country in which it lies."""

    lon: float = fact("degree", -180, 180)
    """Longitude."""

    lat: float = fact("degree", -90, 90)
    """Latitude."""


class Sector(Entry):
    """Work without papers in one sector of a destination."""

    pay: float = fact("share of wage_usd", 0, 2)
    """Pay."""

    jobs: float = fact("person", 1, 1e8)
    """Persons from Pakistan for whom there is work at that pay, at the incomes of 2015; more of them lower it."""

    deport: float = fact("1/year", 0, 3)
    """Removals a person."""

    regularise: float = fact("1/year", 0, 3)
    """Papers granted, a person."""


class DestinationMultiples(Entry):
    """Multiples of what a destination has else, from a month on; each holds until the next entry that names it."""

    deport: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of removals, in both sectors."""

    regularise: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of papers granted."""

    sponsor: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of the openness to sponsorship."""

    visits: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of the chance of a visit visa."""

    quota: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of the workers admitted for legal work."""

    fee: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of what a worker pays for a legal contract."""


HistoricMultiple = Literal["deport", "regularise", "sponsor", "visits", "quota", "fee"]
"""Name of one of them."""


class Destination(Entry):
    """A destination: one labour market and its immigration control."""

    name: Text = words()
    """Name in figures."""

    iso3: Country = words(optional=False, otherwise="")
    """Country, the key of the UN table of migrant stocks."""

    income_of: Country = words(optional=True)
    """Country whose income per head pay and demand follow; by default its own."""

    stock_of: tuple[Country, ...] = words("a list of countries as three capitals", otherwise=())
    """Countries whose migrant stocks are counted with this one at the start, unless they are destinations too."""

    stock_assumed: float = fact("person", 0, 1e8, otherwise=0.0)
    """Opening stock where the UN table has no figure for the country."""

    wage_usd: float = fact("USD of 2015 a month", 1, 20_000)
    """Pay of a Pakistani low-skilled worker."""

    remitted_share: float = fact("share of pay", 0, 1)
    """Sent home by a labour migrant without family there."""

    settles: bool = words()
    """Whether families settle there: sponsorship is possible, the settled remit less and return little."""

    workers_settle: bool = words(otherwise=False)
    """Whether who is admitted for legal work counts as settled at once, as holders of British vouchers did."""

    settling: float = fact("1/year", 0, 3, otherwise=0.0)
    """Labour migrants with papers whose family follows, a person, where families settle."""

    legal_quota: float = fact("worker/year", 0, 5e6)
    """Workers hired a year at the demand of 2015 if they stay `contract_years`, the two give those wanted; 0: none."""

    contract_years: float = fact("year", 0.5, 40, otherwise=5.5)
    """Years of a usual contract, renewals counted in: returns are in inverse proportion to it."""

    demand_of: Country = words(optional=True)
    """Country whose output and investment the demand for workers follows; by default its own."""

    legal_fee_usd: float = fact("USD of 2015", 0, 50_000)
    """Paid by the worker for a legal contract."""

    applicants: float = fact("applicant/place", 1, 100, otherwise=3.0)
    """Applicants for a place, of those not refused, with which that fee is paid."""

    sponsor_openness: float = fact("relative to the United Kingdom", 0, 10)
    """Relative ease of sponsorship; 0 is none."""

    deport_legal: float = fact("1/year", 0, 3)
    """Removals a person with papers."""

    open: Sector = words("settings of the open sector without papers")
    """Work without papers in the open sector."""

    hidden: Sector = words("settings of the hidden sector")
    """Work without papers in the hidden sector, where debts to smugglers are collected."""

    lapse: float = fact("1/year", 0, 3)
    """Labour migrants with papers who fall out of them, a person."""

    hidden_share: float = fact("share", 0, 1)
    """Of those who come without papers, who begin in the hidden sector."""

    visits: float = fact("visa/year", 0, 5e6)
    """Visit and pilgrim visas that could be had in 2015 by people who mean to stay on; 0 is none."""

    visit_refusal: float = fact("share", 0, 1, otherwise=0.3)
    """Of the visit applications of people who mean to stay on, those refused; 0.3 if left out."""

    visit_fee_usd: float = fact("USD of 2015", 0, 50_000)
    """Fare, visa and agent of such a visit."""

    history: Annotated[dict[Month, DestinationMultiples], AfterValidator(FrozenDict)] = words(
        "settings by month, each 'YYYY-MM: {deport: 1.5}'", otherwise=FrozenDict()
    )
    """Multiples from a month on, until the next entry that names the same."""

    opening_irregular: float = fact("share", 0, 1)
    """Share of the opening stock without papers."""

    appeal: float = fact("utility", -10, 10, otherwise=0.0)
    """Taste for going there without papers; 0 if left out."""

    visit_appeal: float = fact("utility", -10, 10, otherwise=0.0)
    """Taste for staying on there after a visit; 0 if left out."""

    source: Text = words()
    """Where the numbers come from, ``assumed`` if from nobody."""

    @property
    def wage(self) -> float:
        """Pay in PKR of 2017 a month."""
        return to_pkr_2017(self.wage_usd, "USD", 2015)

    @property
    def legal_fee(self) -> float:
        """Paid by the worker for a legal contract, PKR of 2017."""
        return to_pkr_2017(self.legal_fee_usd, "USD", 2015)

    @property
    def visit_fee(self) -> float:
        """Fare, visa and agent of a visit, PKR of 2017."""
        return to_pkr_2017(self.visit_fee_usd, "USD", 2015)

    def complete(self, key: str) -> Destination:
        """Pay and demand follow incomes in the country itself, where no other one is named."""
        found = super().complete(key)
        income, demand = found.income_of or found.iso3, found.demand_of or found.iso3
        return found.model_copy(update={"income_of": income, "demand_of": demand})


class DestinationTable(NamedTuple):
    """Facts of the destinations, as in `Destination`, one row a destination."""

    wage: np.ndarray
    remitted_share: np.ndarray
    settles: np.ndarray
    workers_settle: np.ndarray
    settling: np.ndarray
    legal_quota: np.ndarray
    contract_years: np.ndarray
    legal_fee: np.ndarray
    applicants: np.ndarray
    sponsor_openness: np.ndarray
    lapse: np.ndarray
    hidden_share: np.ndarray
    visits: np.ndarray
    visit_refusal: np.ndarray
    visit_fee: np.ndarray


def multiples_of(destinations: tuple[Destination, ...], what: HistoricMultiple, first: int, last: int) -> np.ndarray:
    """Multiple that history puts on something, shape (months, destinations), from month `first` to month `last`."""
    found = np.ones((last - first + 1, len(destinations)))
    for row, facts in enumerate(destinations):
        for month, entry in sorted(facts.history.items()):
            value = getattr(entry, what)
            if value is not None:
                found[max(parse_month(month) - first, 0) :, row] = value
    return found


class Multiples(Entry):
    """Multiples of what a leg has else, from a month on until the next entry."""

    interception: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of the search: a leg that stops a share p stops 1 - (1 - p)^interception."""

    cost: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of the cost of passage."""

    death: float = fact("multiple", 0, 20, otherwise=1.0)
    """Of the probability of death."""


class Leg(Entry):
    """A leg, shared by all routes that use it."""

    start: Key = words(alias="from")
    """Place at which it begins."""

    end: Key = words(alias="to")
    """Place at which it ends."""

    country: Country = words()
    """Country in which it is travelled, and which guards it."""

    guard: Guard = words()
    """Mode of travel, and so who guards it."""

    months: int = fact("month", 1, 60)
    """Time that it takes."""

    interception: float = fact("probability", 0, 0.95)
    """Of meeting an officer who stops the traveller, at effort 1 and the reference flow."""

    death: float = fact("probability", 0, 1)
    """Of one traveller."""

    extortion: float = fact("probability", 0, 1)
    """Of one traveller being held for ransom."""

    cost: float = fact("PKR of 2017", 0, 1e7)
    """Of the passage of one traveller, bribes and documents apart."""

    documents: float = fact("share", 0, 1)
    """Of the travellers who need a forged or fraudulently obtained document."""

    flow: float = fact("person/month", 1, 1e6)
    """At which effort 1 gives the reference interception."""

    others: float = fact("person/month", 0, 1e6, otherwise=0.0)
    """Travellers of other nationalities on it, at which effort 1 gives the reference interception; none if left out."""

    shared_with: FrontexRoute = words(otherwise="")
    """Frontex route of these others."""

    weather: tuple[Share, ...] = words(
        "a list of twelve shares, January first", otherwise=(), min_length=12, max_length=12
    )
    """Days of each calendar month on which it can be begun; all if left out."""

    alone: bool = words("true or false", otherwise=False)
    """Whether people go there without an office; false if left out."""

    pushed_back: bool = words("true or false", otherwise=False)
    """Whether those stopped are sent back to where it begins and may try from there; else they are sent to Pakistan."""

    entry: FrontexRoute = words(otherwise="")
    """Frontex route under which crossings are reported; left out where the leg does not enter the EU."""

    detected: float = fact("share", 0, 1, otherwise=0.5)
    """Of the crossings on a leg with `entry` that are detected and reported."""

    history: Annotated[dict[Month, Multiples], AfterValidator(FrozenDict)] = words(
        "settings by month, each 'YYYY-MM: {interception: 1.2}'", otherwise=FrozenDict()
    )
    """Multiples from a month on, until the next entry."""

    since: Month = words(otherwise=ALWAYS)
    """First month in which it can be begun; always if left out."""

    until: Month = words(otherwise=FOR_EVER)
    """Last month in which it can be begun; for ever if left out."""

    def exists(self, month: int) -> bool:
        """Whether it can be begun in a month."""
        return self.since <= format_month(month) <= self.until

    @property
    def by_sea(self) -> bool:
        """Whether it is travelled by boat."""
        return self.guard == "sea"

    def multiples(self, month: int) -> tuple[float, float, float]:
        """Multiples of interception, cost and death in a month."""
        found = in_force(self.history, month)
        given = (found.interception, found.cost, found.death) if found else (None, None, None)
        interception, cost, death = (1.0 if value is None else value for value in given)
        return interception, cost, death


class LegTable(NamedTuple):
    """Facts of the legs, as in `Leg`, one row a leg."""

    months: np.ndarray
    interception: np.ndarray
    death: np.ndarray
    extortion: np.ndarray
    cost: np.ndarray
    documents: np.ndarray
    flow: np.ndarray
    country: np.ndarray
    by_sea: np.ndarray
    pushed_back: np.ndarray


class Route(Entry):
    """A route: a path of legs from a gateway in Pakistan, or from a first stay abroad, to a destination."""

    name: Text = words()
    """Name in figures."""

    corridor: Key = words(otherwise="")
    """Corridor it belongs to, known or new: offices have corridors in their portfolio. Left out where no office serves
    it: the way of those who live near the border and go alone."""

    start: Key = words(alias="from")
    """Gateway in Pakistan; a destination where the journey goes on from a first stay."""

    destination: Key = words()
    """Where it leads."""

    path: tuple[Key, ...] = words("a list of one leg or more", alias="legs", min_length=1, max_length=20)
    """Legs in the order of travel."""

    since: Month = words(otherwise=ALWAYS)
    """First month in which it can be begun; always if left out. Its legs have months of their own."""

    until: Month = words(otherwise=FOR_EVER)
    """Last month in which it can be begun; for ever if left out."""

    _legs: tuple[Leg, ...] = PrivateAttr(())
    _onward: bool = PrivateAttr(False)

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Legs of a route that is complete, in the order of travel."""
        return self._legs

    def exists(self, month: int) -> bool:
        """Whether it can be begun in a month, its legs apart."""
        return self.since <= format_month(month) <= self.until

    @property
    def onward(self) -> bool:
        """Whether it begins at a destination, for those who already stay there."""
        return self._onward

    @property
    def alone(self) -> bool:
        """Whether people go the whole of it from home without an office."""
        return not self._onward and all(leg.alone for leg in self._legs)

    def along(self, key: str, legs: dict[str, Leg], destinations: Collection[str]) -> Route:
        """Complete the route with its legs."""
        found = self.complete(key)
        found._legs = tuple(legs[name] for name in self.path)
        found._onward = self.start in destinations
        return found


def corridors_of(routes: tuple[Route, ...]) -> tuple[str, ...]:
    """Corridors of the routes that begin at home, in order of appearance."""
    return tuple(dict.fromkeys(route.corridor for route in routes if route.corridor and not route.onward))


def bits_of(routes: tuple[Route, ...]) -> np.ndarray:
    """Bit of each route's corridor, 0 for onward routes and those of nobody's portfolio."""
    bits = {corridor: 1 << k for k, corridor in enumerate(corridors_of(routes))}
    return np.array([0 if route.onward else bits.get(route.corridor, 0) for route in routes], np.int64)


class Post(Entry):
    """An enforcement agent: an FIA circle in districts, or a post on legs."""

    name: Text = words()
    """Name in figures."""

    kind: PostKind = words()
    """What it is: circles investigate offices, all others intercept."""

    at: tuple[Key, ...] = words("a list of one district (of a circle) or leg, or more", min_length=1)
    """Districts of a circle, legs of a post."""

    staff: float = fact("officer", 0, 1e5)
    """Officers."""

    integrity: float = fact("share", 0, 1)
    """Of the officers who take no bribe."""

    budget: float = fact("PKR of 2017 a month and officer", 0, 1e8)
    """Cost of an officer."""

    skill: float = fact("share", 0, 1, otherwise=1.0)
    """Of the accused whom the officers of a circle find; 1 if left out. It acts where `agencies` takes part."""

    since: Month = words(otherwise=ALWAYS)
    """First month; always there if left out."""


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
        ordered = {
            name: FrozenDict((place, share) for place, share in sorted(getattr(found, name).items()) if share > 0.0)
            for name in ("entries", "pushed_to", "routes")
        }
        return found.model_copy(update=ordered)

    def multiple(self, month: int) -> float:
        """Multiple of the level in a month, the season apart."""
        years = (month - BASE_MONTH) / MONTHS_A_YEAR
        found = (in_force(self.history, month) or FlowMultiple()).flow
        return float(power(1.0 + self.growth, years)) * (1.0 if found is None else found)

    def pushed(self, month: int) -> float:
        """Share of the direct flow that walls push into Pakistan in a month."""
        return (in_force(self.walls, month) or Wall()).pushed or 0.0
