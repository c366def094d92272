"""Choice: aspiration, the demonstration effect, ties, and the choice of a channel.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.choice.aspiration import AspirationOutcomes, AspirationParams
from abm.choice.channel import ChannelOutcomes, ChannelParams
from abm.choice.demonstration import DemonstrationOutcomes, DemonstrationParams
from abm.choice.displacement import DisplacementParams
from abm.choice.refused import RefusedParams
from abm.choice.repeat import RepeatParams
from abm.choice.ties import TiesOutcomes, TiesParams
