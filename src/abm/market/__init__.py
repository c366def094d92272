"""The smuggling market: offices, offers, clients, fees, entry and exit.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.market.conduct import MarketParams
from abm.market.market import MarketState, Seekers, begin_journeys
from abm.market.offers import (
    FIRST_RECOVERY,
    OffersParams,
    OffersState,
    alone_risk,
    document_price,
    expected_on_way,
    local_knowledge,
    rest_of,
    smuggler_prices,
    way_of,
)
from abm.market.office_entry import OfficesParams
from abm.market.offices import OfficesState
from abm.market.outcomes import MarketOutcomes
from abm.market.payments import pay_for_attempts, receive
from abm.market.referral import recruiting_places, remember_arrivals, those_who_went
from abm.market.tables import MarketTables, Offices, RisksState, clients_expected, in_business, kept_by_office
from abm.market.transit import leads_of_travellers
