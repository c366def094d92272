"""Abroad: destinations, the diaspora, return, remittances and debt collection.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.abroad.claims import ClaimsParams, ClaimsState
from abm.abroad.diaspora import (
    DiasporaOutcomes,
    DiasporaParams,
    DiasporaState,
    regularisations,
    removals,
    share_in_hiding,
)
from abm.abroad.events import MovesState
from abm.abroad.moves import MovesOutcomes, settle_without_papers
from abm.abroad.onward import OnwardOutcomes, OnwardParams
