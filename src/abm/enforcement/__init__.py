"""Enforcement: patrols, circles, leads, cases, courts, and the laws behind them.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.enforcement.cases import CasesState
from abm.enforcement.declarations import PUNISHED_IN_ADDITION, EnforcementParams, StreamCasesParams, add_figures
from abm.enforcement.enforcement import FearState
from abm.enforcement.law.bureaus import PROVINCE_KEYS, AgenciesParams, BureausState
from abm.enforcement.law.child_alert import ChildAlertParams, report_missing
from abm.enforcement.law.foreigners import ForeignersState, charge_foreigners
from abm.enforcement.law.law import VICTIMS_SPARED, spared_share
from abm.enforcement.law.month_law import (
    BONDED_LABOUR,
    STREAMS,
    LawParams,
    LawState,
    hand_in_leads,
    law_of,
    willing_share,
)
from abm.enforcement.law.regime import FIA, FOREVER, REGIME, Agency, Law, RegimeSettings, regime_of
from abm.enforcement.leads import sanction_risk
from abm.enforcement.prosecution import ProsecutionParams
