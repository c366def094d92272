"""What the mechanisms work out for the kernels each month, by district and by destination."""

from __future__ import annotations

from collections import namedtuple

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

AbroadMonth = namedtuple(
    "AbroadMonth",
    ["amount", "moving", "deported", "regularised", "switched", "onward", "died", "shame", "domestic"],
)
"""By destination and status: money sent (by skill too), probability that anything happens to a person in the month, and
the chance of each event given that something happens and none of those before it did; who is left returns."""

Moves = namedtuple(
    "Moves",
    [
        "row", "district", "destination", "status",
        "deported", "returned", "died", "regularised", "lapsed", "hid", "opened", "onward",
    ],
)  # fmt: skip
"""What happened abroad in the month, cohort by cohort in order of household: persons who were deported, returned, died,
got papers; fell out of papers, went into the hidden sector, came out of it; set out for another destination."""

OptionsMonth = namedtuple(
    "OptionsMonth",
    [
        "in_use",
        "nest",
        "entry",
        "cost",
        "needs_tie",
        "abroad",
        "gain",
        "cost_weight",
        "experience",
        "nest_dissimilarity",
        "nest_count",
        "spread",
        "first_route",
        "last_route",
        "group",
        "group_count",
        "route_nest",
        "skill_premium",
        "slope",
        "known",
    ],
)
"""Options of the month for the choice of channel, see `abm.kernels.choice`; entry and cost by district and option."""

LegsMonth = namedtuple("LegsMonth", ["months", "interception", "death", "extortion", "cost", "bribe", "documents"])
"""Month's values by leg: months, probabilities of interception, death and being held, and PKR of 2017 a traveller:
cost of passage, bribes to who guards it; share of travellers who need a document, times how much dearer it has become.
See `abm.mechanisms.interception`."""

Arrived = namedtuple("Arrived", ["row", "district", "route", "persons", "months", "count"])
"""Cohorts that arrive in the month."""

TrainingMonth = namedtuple("TrainingMonth", ["probability", "completion", "premium", "placement"])
"""Courses of the month: probability of a household by district, and what a course changes; see
`abm.kernels.training`."""

ContractsMonth = namedtuple("ContractsMonth", ["plain", "fee", "hidden", "supply"])
"""Contracts by destination: what a worker would pay without any lever and pays (PKR), the share of it that is
paid under the table, and the places that recruiters offer, as a multiple of those without regulation."""

VisasMonth = namedtuple("VisasMonth", ["price", "places"])
"""Visas sold by destination: price (PKR; infinite where none are for sale) and places of the month."""

Keys = namedtuple("Keys", ["month", "village", "consider", "choice", "abroad"])
"""Month of the run and the keys of its streams."""
