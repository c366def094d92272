"""Other streams of exploitation: bonded labour and trafficking.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.streams.bondage_params import BondageParams
from abm.streams.bonds import BondsState
from abm.streams.cross_border_params import CrossBorderParams
from abm.streams.domestic_trafficking_params import DomesticTraffickingParams
