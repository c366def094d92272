"""Legal ways: contracts, sponsorship, visits and visas for sale.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.legal.contracts import QUOTA, AdmissionState, LegalWorkOutcomes, LegalWorkParams
from abm.legal.labour_demand import LabourDemandState
from abm.legal.legal_price import LegalPriceParams, LegalPriceState, contract_terms, district_costs, visa_delay
from abm.legal.legal_work import legal_delay, vouched_for
from abm.legal.overstay import OverstayOutcomes, OverstayParams, overstay_delay
from abm.legal.sponsorship import SponsorshipOutcomes, SponsorshipParams, SponsorshipState, sponsorship_delay
from abm.legal.visa_sale import choose_another, close_sale
