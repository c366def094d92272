"""Monthly values that mechanisms prepare for the kernels, by district and by destination."""

from __future__ import annotations

import numpy as np

DISTRICT_MONTH = np.dtype(
    [
        ("weight", "i8"),
        # labour
        ("separation", "f8"),
        ("finding", "f8"),
        ("wage_index", "f8"),
        ("employment", "f8"),
        # livelihood
        ("subsistence", "f8"),
        ("consumed_share", "f8"),
        ("buffer_months", "f8"),
        ("drawdown", "f8"),
        ("interest", "f8"),
        ("service_share", "f8"),
        ("credit_months", "f8"),
        ("land_months", "f8"),
        ("tie_credit", "f8"),
        ("shock_rate", "f8"),
        ("shock_months", "f8"),
        ("transfer", "i8"),
        ("credit_line", "f8"),
        ("take_up", "f8"),
        ("take_up_key", "u8"),
        ("interest_subsidy", "f8"),
        # aspiration
        ("baseline", "f8"),
        ("demonstration", "f8"),
        ("deprivation", "f8"),
        ("surplus", "f8"),
        ("ties", "f8"),
        ("taste", "f8"),
        ("adjustment", "f8"),
        ("consideration", "f8"),
        ("threshold", "f8"),
        ("cheapest", "f8"),
        # houses and ties
        ("house_cost", "f8"),
        ("house_key", "u8"),
        ("house_ageing", "f8"),
        ("tie_formation", "f8"),
        ("tie_decay", "f8"),
        # demography
        ("demography_on", "i8"),
        ("birth", "f8"),
        ("dependant_death", "f8"),
        ("worker_death", "f8"),
        ("coming_of_age", "f8"),
        ("retirement", "f8"),
        ("leaving_worker", "f8"),
        ("leaving_dependant", "f8"),
    ]
)
"""One record a district: rates a month, amounts in PKR of 2017; each field is set by the mechanism of its group."""
