"""The smuggling market: offices, offers, clients, fees, entry and exit.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.market.market import MarketParams, MarketState, Repeats
from abm.market.offers import OffersState
from abm.market.offers_params import OffersParams
from abm.market.offices import OfficesState
from abm.market.offices_params import OfficesParams
from abm.market.outcomes import MarketOutcomes
from abm.market.payments import attempt_costs, document_price, pay_for_attempts, receive, way_of
from abm.market.prices import smuggler_prices
from abm.market.risks import RisksState
from abm.market.tables import OFFICE_COLUMNS, MarketTables, Offices
from abm.market.transit_offices import leads_of_travellers
