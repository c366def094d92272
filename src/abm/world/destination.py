"""Destinations: labour markets with three sectors, and their immigration control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm.engine.portable import power
from abm.world.codes import HIDDEN, IRREGULAR, STATUS_COUNT

if TYPE_CHECKING:
    from abm.places.place_models import Destination as DestinationFacts


LEAST_ADMISSION = 0.02
"""Lowest perceived chance of a place, so that a reopened quota is noticed."""

LEAST_CROWD = 0.1
"""Ratio of stock growth (with papers) to demand growth below which pay rises no further."""

LEAST_FILLED = 1.0
"""Ratio of persons without papers to jobs in their sector below which pay rises no further, others being taken on."""


class Destination:
    """One destination: its data, its row in destination arrays, and persons from Pakistan there at first, by status.

    `of_country` are those from all of Pakistan, `region_share` the share of persons abroad at the start who come from
    the simulated region: its part of jobs without papers. Pay is that of a month, in PKR of 2017.
    """

    def __init__(
        self, facts: DestinationFacts, row: int, opening_stocks: np.ndarray, of_country: float, region_share: float
    ) -> None:
        self.facts = facts
        self.row = row
        self.stocks = opening_stocks.astype(np.float64)  # persons from the region at the end of the month, by status
        # of a small region fewer may be there than its share, which those of its neighbours fill
        self.opening_stock = max(self.stock, region_share * of_country)
        self._others = self.opening_stock - self.stock
        self.pay = facts.wage  # of a low-skilled worker with papers
        # pay by status: the settled earn as much as workers, the open and hidden sectors less
        self.pays = np.full(STATUS_COUNT, facts.wage)
        self.pays[[IRREGULAR, HIDDEN]] *= (facts.open.pay, facts.hidden.pay)
        self.pay_in_hiding = float(self.pays[HIDDEN])  # pay in the hidden sector while workers are as many as jobs
        self.demand = 1.0
        self.quota = 0.0  # workers admitted in the month
        self.visit_admission = 1.0  # share of unrefused applicants who get a visit visa, as known to applicants
        self._visits = np.zeros(2)  # those who applied and were not refused, and those who got one, fading
        self._region_share = region_share
        self._opening_demand: float | None = None

    @property
    def stock(self) -> float:
        """Persons from the simulated region there, whatever their status."""
        return float(self.stocks.sum())

    def remember_visits(self, admitted: int, applied: int, memory: float) -> None:
        """Let older months fade, and add the persons of this one: who applied for a visit visa, and who got it."""
        self._visits += np.array([applied, admitted]) - self._visits / memory
        asked, got = self._visits + 1.0
        self.visit_admission = max(float(got / asked), LEAST_ADMISSION)

    def update(
        self,
        income: float,
        demand: float,
        jobs: float,
        crowding: tuple[float, float, float],
        multiples: tuple[float, float],
        raided: Sequence[float] = (1.0, 1.0),
        legalised: Sequence[float] = (0.0, 0.0),
    ) -> None:
        """Set demand and pay of the month.

        Pay with papers falls if the stock grows faster than demand; pay in the two sectors without papers falls if
        workers outnumber jobs. `income` is a multiple of pay in 2015: real income there, and what the money is worth
        at home; `demand` for workers with papers and `jobs` for those without are multiples too. `crowding` is the
        elasticity of pay to crowding: with papers, in the open and in the hidden sector. `multiples` are factors on
        pay in the open and in the hidden sector, `raided` those of raids, `legalised` are the persons with papers who
        still work there.
        """
        facts, level, stocks = self.facts, self.facts.wage * income, self.stocks.tolist()
        self.demand = demand
        if self._opening_demand is None:
            self._opening_demand = self.demand
        crowd = 1.0
        if self.opening_stock > 0:
            crowd = (sum(stocks) + self._others) / self.opening_stock * self._opening_demand / self.demand
        self.pay = level * power(max(crowd, LEAST_CROWD), crowding[0])
        self.pays[:] = self.pay
        self.pay_in_hiding = level * facts.hidden.pay
        for status, sector, elasticity, multiple, others in (
            (IRREGULAR, facts.open, crowding[1], multiples[0] * raided[0], legalised[0]),
            (HIDDEN, facts.hidden, crowding[2], multiples[1] * raided[1], legalised[1]),
        ):
            filled = (stocks[status] + others) / (sector.jobs * jobs * self._region_share)
            self.pays[status] = level * sector.pay * multiple * power(max(filled, LEAST_FILLED), elasticity)
