"""Other streams of exploitation: bonded labour and trafficking.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.streams.bondage_params import BondageParams
from abm.streams.bonds import BondsState
from abm.streams.demand_abroad import CrossBorderParams
from abm.streams.lure import DomesticTraffickingParams
