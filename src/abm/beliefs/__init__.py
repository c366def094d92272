"""Beliefs: the truth, the news, and what people believe.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.beliefs.belief_state import BeliefsParams, Perceived
from abm.beliefs.beliefs import Beliefs, believed_pay, look_around, perceived, tilted
