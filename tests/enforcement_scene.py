"""A scene for tests of enforcement: real agencies and courts, with given offices and travellers instead of a market."""

from __future__ import annotations

from typing import Any

import numpy as np
from worlds import small_config

from abm.enforcement.declarations import EnforcementOutcomes
from abm.enforcement.enforcement import Enforcement
from abm.enforcement.prosecution import Prosecution
from abm.engine.tables import allocate
from abm.journeys.journey import Caught, JourneyState
from abm.market.tables import MarketTables, Offices, RisksState
from abm.model import Model
from abm.month import OUTCOMES
from abm.policy.policy import InForce, Policy
from abm.routes.interception import Interception
from abm.routes.legs import LegsState
from abm.routes.stations import PostsState
from abm.routes.travel import TravelState
from abm.society.drivers import Drivers
from abm.world.codes import NEWS_FAILED, OFFICE_OPEN

OFFICE_ROWS = 256


class Scene:
    """Agencies that meet the same travellers every month.

    Parameters
    ----------
    offices
        Smuggler offices, spread evenly over the districts.
    flow
        Travellers on each leg against the reference flow: one number, or one a leg.
    home
        1 if those stopped go home, 0 if they try again.
    months, values
        Of the configuration.
    """

    def __init__(self, *, offices: int = 60, flow: Any = 1.0, months: int = 120, home: int = 1, **values: Any) -> None:
        values.setdefault("units", ("gujrat", "lahore", "mirpur_ajk"))
        values.setdefault("start", "2014-01")
        # the flow is what a scene says, and no month of it is the law's
        off = {section: {"enabled": False} for section in ("transit", "law", "agencies", "stream_cases")}
        off |= values.pop("mechanisms", {})
        values["interception"] = {"staffing": 0.0} | values.get("interception", {})  # officers as in the data
        self.model = Model(small_config(months=months, mechanisms=off, **values))
        world = self.world = self.model.world
        self.offices, self.home = offices, home
        reference = np.array([leg.flow for leg in world.leg_facts]) * world.region_share
        self.flow = np.round(reference * flow * 10).astype(np.int64)  # ten times: whole persons in a small region
        table = world[MarketTables].offices = allocate(Offices, OFFICE_ROWS)
        table.key[:] = -1
        table.state[:offices] = OFFICE_OPEN
        table.key[:offices] = np.arange(offices) + 1000
        table.district[:offices] = np.arange(offices) % world.district_count
        table.capacity[:offices] = 8.0
        table.capital[:offices] = 3_000_000
        world.ledger.pay("office_owners", "offices", "capital", int(table.capital.sum()))
        table.revenue[:] = 1_500_000
        table.spent[:] = 1_000_000
        villages = world.villages
        first = [np.flatnonzero(villages.district == d)[0] for d in range(world.district_count)]
        self.first_row = villages.first_row[first].astype(np.int64)
        self.awake = villages.awake[first].astype(np.int64)
        self.months: list[dict[str, Any]] = []

    def row(self, name: str) -> int:
        """Row of a leg."""
        return [leg.key for leg in self.world.leg_facts].index(name)

    def run(self, months: int) -> Scene:
        """Pass some months."""
        for _ in range(months):
            self._pass_month()
        return self

    def series(self, name: str) -> np.ndarray:
        """What was noted by month, summed over places."""
        return np.array([np.sum(month[name]) for month in self.months])

    def on_leg(self, name: str, leg: str) -> np.ndarray:
        """What was noted by month on a leg."""
        return np.array([month[name][self.row(leg)] for month in self.months])

    def _pass_month(self) -> None:
        world = self.world
        world.open_month()
        Policy.step(world)
        Drivers.step(world)
        Interception.step(world)
        legs = world[LegsState].month
        world[LegsState].entered += self.flow // 10
        stopped = np.round(self.flow * legs.interception).astype(np.int64)
        self._catch(stopped)
        Enforcement.step(world)
        Prosecution.step(world)
        world.ledger.pay("government", "administration", "policy", world[InForce].policy.administration)
        nothing = np.zeros(world.district_count, np.int64)
        names = ("leads", "leads_lost", "investigations", "arrests", "owners_arrested", "prosecutions", "convictions")
        noted = {
            name: np.array(world.figures.get(OUTCOMES[name], nothing))
            for name in (*names, "sanctioned", "officers_caught")
        }
        known = world[MarketTables].offices.state == OFFICE_OPEN
        self.months.append(
            noted
            | {
                "p": legs.interception.copy(),
                "bribe": legs.bribe.copy(),
                "death": legs.death.copy(),
                "documents": legs.documents.copy(),
                "effort": world[LegsState].effort.copy(),
                "share": world[PostsState].guards.share.copy(),
                "risk": world[MarketTables].offices.risk[known].mean(),
                "loss": world[RisksState].arrest_loss.sum(),
                "bribed": world[MarketTables].offices.bribed[known].mean(),
                "case_bribes": world[RisksState].bribes.sum(),
                "spending": world.figures.get(EnforcementOutcomes.enforcement_spending, 0),
                "paid": world.ledger.flows.get(("government", "administration", "enforcement"), 0),
                "fines": world.ledger.flows.get(("households", "government", "fine"), 0),
                "capacity": world[MarketTables].offices.capacity.sum(),
                "policy": sum(world[InForce].policy.costs.values()),
            }
        )

    def _catch(self, stopped: np.ndarray) -> None:
        """Stop travellers, and bring them home in the same month; offices share them evenly."""
        world = self.world
        leg = np.repeat(np.arange(stopped.size), stopped)
        office = (np.arange(leg.size) * 7 + world.t * 13) % self.offices
        district = world[MarketTables].offices.district[office].astype(np.int64)
        row = self.first_row[district] + np.arange(leg.size) % self.awake[district]
        persons = np.ones(leg.size, np.int64)
        world[JourneyState].caught = Caught(
            office, persons, leg, district, row, np.zeros_like(leg), np.full_like(leg, self.home)
        )
        world[TravelState].returnees.count = 0
        if leg.size:
            world[TravelState].returnees.append(
                row=row,
                persons=persons,
                district=district,
                since=world.t,
                office=office,
                kind=NEWS_FAILED,
                status=0,
                piece=0,
            )
