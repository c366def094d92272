"""Legal ways: contracts, sponsorship, visits and visas for sale.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.legal.contracts import (
    DELAY,
    QUOTA,
    AdmissionState,
    LegalWorkOutcomes,
    LegalWorkParams,
    applicants_vouched_for,
    through_ties,
)
from abm.legal.labour_demand import LabourDemandState
from abm.legal.legal_price import Asked, LegalPriceParams, LegalPriceState, contract_terms, district_costs
from abm.legal.overstay import OverstayOutcomes, OverstayParams, visits_refused
from abm.legal.sponsorship import SponsorshipOutcomes, SponsorshipParams, SponsorshipState
from abm.legal.visa_sale import VisaSaleState, choose_another, close_sale
