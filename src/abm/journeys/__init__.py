"""Journeys: cohorts under way, and how their journeys end.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.journeys.journey import JourneyParams, JourneyState
from abm.journeys.journey_log import JourneyLogState
