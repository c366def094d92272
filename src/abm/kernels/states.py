"""Named integers of states, streams of random numbers and tallies, shared by kernels and mechanisms."""

from __future__ import annotations

# Status of a member away
WORKER = 0
SETTLED = 1
IRREGULAR = 2
STATUS_COUNT = 3

# Streams of random numbers: one a purpose, so that a draw for one is never a draw for another
STREAM_SYNTHESIS = 1
STREAM_VILLAGE = 2
STREAM_CONSIDER = 3
STREAM_CHOICE = 4
STREAM_ABROAD = 5
STREAM_REFUSAL = 6
STREAM_RATION = 7
STREAM_LEG_DEATH = 8
STREAM_LEG_INTERCEPTION = 9
STREAM_TRAINING = 21
STREAM_TAKE_UP = 41

# Integer tallies of the household pass, one row a block of villages; weighted persons unless said
(
    T_HOUSEHOLDS,
    T_MEMBERS,
    T_WORKERS,
    T_AWAY,
    T_JOBS,
    T_ASPIRATION,  # sum of aspiration x 2**16, households
    T_ASPIRING,
    T_IMMOBILE,
    T_WITH_MIGRANT,  # households, in units of persons away capped at one a household
    T_HOUSE_LEVELS,
    T_TIES,
    T_ASSETS,
    T_DEBT,
    T_INCOME,
    T_WAGES,
    T_REMITTANCES,
    T_DOMESTIC_REMITTANCES,
    T_TRANSFER,
    T_CONSUMPTION,
    T_INTEREST,
    T_REPAYMENT,
    T_LOAN,
    T_SHOCK,
    T_HOUSE_BUILDING,
    T_BIRTHS,
    T_DEATHS,
    T_TO_POOL_WORKERS,
    T_TO_POOL_DEPENDANTS,
    T_RETURNS,
    T_DEPORTATIONS,
    T_DEATHS_ABROAD,
    T_DEATHS_IN_CITY,
    T_DOMESTIC_RETURNS,
    T_CONSIDERING,
    T_DEMONSTRATION,  # sum of the field x 2**16, households
    T_WORKERS_AT_RISK,  # workers seen by vital events, and those of them who could leave to form a household
    T_WORKERS_FREE,
    T_DEPENDANTS_AT_RISK,
    T_DEPENDANTS_FREE,
    T_SUBSIDY,  # interest on subsidised credit that the government pays
    TALLY_COUNT,
) = range(41)

FIXED_POINT = 65536.0

TASTE_STEPS = 32.0
"""Steps of a standard deviation in which taste is held."""

INCOME_CLASSES = 16
"""Classes of monthly income in a village's histogram; see `income_class_table`."""
INCOME_STEP_BITS = 11
"""Income is looked up in steps of 2**11 = 2,048 PKR."""
INCOME_STEPS = 128
HOUSE_LEVELS = 3
MAX_WORKERS = 15
MAX_DEPENDANTS = 40
MAX_TIES = 20
MOST_TIES = 4
"""In aspiration and credit more ties than these count as these."""
MONEY_LIMIT = 1_500_000_000
"""Savings and debts of one household stay below this, inside int32."""
