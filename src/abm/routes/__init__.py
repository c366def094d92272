"""Routes: legs, the posts that guard them, the odds on them, and transit traffic.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.routes.home import kilometres_home
from abm.routes.interception import (
    PATROLS,
    InterceptionOutcomes,
    bribed_share,
    crowds_on_routes,
    foreseen_legs,
    outside_traffic,
    patrols,
    pay_of_officers,
    reference_flow,
    serving,
    usual_stops,
)
from abm.routes.legs import InterceptionParams, LegsMonth, LegsState, flow_of_data, usual_odds
from abm.routes.stations import CIRCLE_CODE, HOME_KINDS, KINDS, Guards, Posts, PostsState, Stations, officers_listed
from abm.routes.transit_flows import (
    ALONE,
    HIRED,
    SECTION,
    Arrivals,
    Cells,
    Transit,
    TransitParams,
    draw_arrivals,
    transit_of,
)
from abm.routes.travel import Journeys, Returnees, TravelState
