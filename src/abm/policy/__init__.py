"""Policy: which levers are in force, how strongly, and what they cost.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.policy.policy import Announcement, InForce, Policy, PolicyOutcomes
