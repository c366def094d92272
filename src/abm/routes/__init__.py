"""Routes: legs, the posts that guard them, the odds on them, and transit traffic.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.routes.interception import (
    InterceptionOutcomes,
    outside_traffic,
    pay_of_officers,
    reference_flow,
    serving,
    usual_odds,
)
from abm.routes.interception_levers import PATROLS
from abm.routes.interception_params import InterceptionParams
from abm.routes.legs import LegsState
from abm.routes.stations import CIRCLE_CODE, HOME_KINDS, KINDS, POST_COLUMNS, Posts, PostsState, Stations
from abm.routes.transit_flows import ALONE, HIRED, SECTION, Arrivals, Cells, Transit, draw_arrivals, transit_of
from abm.routes.transit_params import TransitParams
from abm.routes.travel import JOURNEY_COLUMNS, Journeys, TravelState
