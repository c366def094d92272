"""Society: population, work, income, saving, house building and training.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.society.demography import DemographyOutcomes, DemographyParams, FormationState
from abm.society.drivers import (
    DriversParams,
    EconomyState,
    closed,
    dollar_since,
    income_abroad,
    incomes_abroad,
    incomes_since_hired,
    what_a_dollar_buys,
)
from abm.society.houses import HousesOutcomes, HousesParams
from abm.society.labour import LabourOutcomes, LabourParams, LabourState, state_of_jobs
from abm.society.livelihood import CASH_TRANSFER, MICROCREDIT, WINDFALL, LivelihoodOutcomes, LivelihoodParams
from abm.society.synthesis import SMALLEST_SCALE, PopulationParams, stock_by_destination, synthesise
from abm.society.training import TrainingParams
