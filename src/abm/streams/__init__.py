"""Other streams of exploitation: bonded labour and trafficking.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.streams.bondage_params import BondageParams
from abm.streams.bonds import BondsState
from abm.streams.exploitation import (
    ENTRY,
    EXPLOITATION,
    HOUSEHOLDS,
    ExploitationSettings,
    ExploitationStream,
    streams_of,
)
from abm.streams.recruiters import RecruitersState
from abm.streams.trafficking_params import (
    ONLINE_RECRUITMENT_CONTROL,
    RECRUITMENT_WARNINGS,
    VICTIM_SERVICES,
    TraffickingParams,
)
from abm.streams.victims import check_persons
