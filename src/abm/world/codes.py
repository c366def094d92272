"""Named integers of states, streams of random numbers and tallies, shared by kernels and mechanisms."""

from __future__ import annotations

# Status of a member away
WORKER = 0
SETTLED = 1
IRREGULAR = 2  # without papers, in the open sector: shops, farms, building, where raids and amnesties reach
HIDDEN = 3  # without papers, in the hidden sector: where those who lent the fee collect it
STATUS_COUNT = 4
SAVINGS_STATES = 3
"""A household owes money, lacks savings, or has reached its saving target."""
STOCK_COLUMNS = STATUS_COUNT + SAVINGS_STATES

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
STREAM_OFFER = 10  # which office and payment scheme a client takes
STREAM_LEG_EXTORTION = 11
STREAM_OFFICE = 12  # entry, integrity and other draws of offices
STREAM_CHEAT = 13
STREAM_CLAIM = 14
STREAM_REPEAT = 15
STREAM_ONWARD = 16
STREAM_OVERSTAY = 17
STREAM_CASE = 18  # leads, cases, arrests and courts
STREAM_BELIEF = 19
STREAM_SECTOR = 20
STREAM_TRAINING = 21
STREAM_BOND = 51  # release of bonded households, children who join
STREAM_ADVANCE = 52  # which households recruiters meet, and which lenders lend
STREAM_OUTSIDE_CREDIT = 53  # which households outside lenders serve; a household draws once and for all
STREAM_LURE = 66  # which households recruiters meet, and where people are taken
STREAM_EXPLOITED = 67  # how exploitation ends, and what follows
STREAM_TAKEN_ABROAD = 68  # who is stopped at the exit, or brought into the country
STREAM_RECRUITER = 69  # recruiters who begin, change their work or are convicted
STREAM_TRANSIT_ENTRY = 71  # travellers in transit who enter Pakistan
STREAM_TRANSIT_HIRE = 72  # which of them look for an office
STREAM_TRANSIT_OFFICE = 73  # which office, and which travellers it can serve
STREAM_TRANSIT_FATE = 74  # death, interception, and who names an office
STREAM_JURISDICTION = 61  # leads on offices that survive the question whose case it is
STREAM_CHARGE = 62  # migrants whom a circle charges
STREAM_STREAM_CASE = 63  # cases of trafficking and bonded labour
STREAM_CAPACITY = 64  # which of the cases that wait an agency begins
STREAM_CHILD_ALERT = 80  # missing children who are reported and found
STREAM_FOREIGNERS = 81  # foreigners charged, and those released
STREAM_TAKE_UP = 41  # of subsidised credit; a household draws once and for all
STREAM_SECOND_CHOICE = 42  # of those who find no visa
STREAM_REFUSED = 43  # which of those refused choose again, and what
STREAM_WAITING = 44  # which weighted rows wait for a legal way and do not go irregularly
STREAM_TIMING = 45  # whose departure has been brought forward or put off by an announcement
STREAM_DISPLACEMENT = 76  # order in which villages are displaced, and which workers lose their jobs
STREAM_PERMIT = 77  # who gets a permit, and when
STREAM_HOUSE = 78  # which weighted rows build; a row draws once and for all
STREAM_PASSAGE = 47  # which cohorts wait for a leg that is open on some days
STREAM_SETTING_OUT = 46  # which clients set out in a month in which borders are closed on some days
STREAM_DELAY = 48  # which applicants wait one month more, where the wait is no whole number
STREAM_EVENT = 79  # whom an event befalls

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
    T_BONDED,  # workers at home of bonded households: all have work, and none of it on the labour market
    TALLY_COUNT,
) = range(42)

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
"""Further ties add nothing to aspiration and credit."""
MONEY_LIMIT = 1_500_000_000
"""Savings and debts of one household stay below this, inside int32."""

# Where a household is bonded
FREE_OF_BOND = 0
KILN = 1
MINE = 2
BONDING_SECTORS = 2

# How a bond ends
BOND_LASTS = 0
BOND_REPAID = 1
BOND_FLED = 2
BOND_COURT = 3  # a labour inspection brought it before a court
BOND_CANCELLED = 4

# How an office is paid
UPFRONT = 0
ESCROW = 1
CREDIT = 2
ALONE = 3  # no office

FORGING_ALONE = 2.0
"""Factor on the price of a document for those who travel without an office. Source: assumed."""
FORGING_UNSKILLED = 1.5
"""The same for an office without skill in documents; full skill takes 1 off. Source: assumed."""

PIECE_DOUBLINGS = 3
PIECE = 1 << PIECE_DOUBLINGS
"""Persons of a weighted row who choose an irregular way or a visit together, or use the same office, at most; and the
binary logarithm of it."""

MOST_STOPPED = 0.99
"""Largest probability of interception on a leg, whatever effort and service quality: some always get through."""

# News that travels home
NEWS_DEATH = 0
NEWS_FAILED = 1  # intercepted on the way and sent home
NEWS_ARRIVED = 2
NEWS_DEPORTED = 3
NEWS_CHEATED = 5
NEWS_SANCTIONED = 6  # punished at home after having been sent back
NEWS_REGULARISED = 7
NEWS_WRECK = 8  # died with others in one boat
NEWS_KINDS = 9

REMOVED_ELSEWHERE = 9
"""Kind of those deported from where no irregular route leads, such as the Gulf, in the table of returnees only."""

# State of a row of the table of offices
OFFICE_FREE = 0
OFFICE_OPEN = 1
OFFICE_ARRESTED = 2  # the owner waits for trial, no new clients
OFFICE_CONVICTED = 3  # closes this month

# Stage of a case against an office
CASE_LEAD = 0  # waits for a circle with free capacity
CASE_INVESTIGATED = 1
CASE_CHARGED = 2  # somebody was arrested, the charge is prepared
CASE_IN_COURT = 3
