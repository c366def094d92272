"""Bonded labour: one month of the households that are bonded, and whom recruiters of kilns and mines meet.

Money is whole rupees of one household; a row that stands for several is bonded and released as a whole, with the
probability of one of its households, so that no expectation depends on the scale of the sample.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import driver, inlined, kernel
from abm.engine.portable import logarithm
from abm.engine.random import mix, uniform
from abm.society.kernels.livelihood import credit_line, room_with_lenders, transfer_to
from abm.society.kernels.sampling import gap_key, skip_over
from abm.world.codes import (
    BOND_CANCELLED,
    BOND_COURT,
    BOND_FLED,
    BOND_LASTS,
    BOND_REPAID,
    FREE_OF_BOND,
    KILN,
    MINE,
    MONEY_LIMIT,
)
from abm.world.kernels.members_away import whole_at_home

BondTally = namedtuple(
    "BondTally", "handed_over withheld credited instalment interest advance loan refinanced adults short"
)
"""Tallies of a month by block of villages, PKR (of adults persons) of all households that the rows stand for.

Pay handed over, withheld for good and credited to debts; instalments, interest, advances, loans of others for living
and for debts taken over; and what bonded households lack to what they need to live on."""

TALLIES = len(BondTally._fields)
REFINANCED = BondTally._fields.index("refinanced")

FALLBACK_STEPS = 100.0
"""Steps in which a household's fallback is held."""

POOR_GROUPS = 1
"""Households of the two lowest groups of wealth are poor, and may be bonded when a run opens."""

BondTerms = namedtuple(
    "BondTerms",
    "promised full best withheld credited legal minimum enforced banned court cancelled child_effort child_share "
    "interest ceiling_months need_share instalment joining flight flight_push refinancing outside_share outside_first "
    "advance_months need_months opening_growth outside_key law_key",
)
"""Terms of the month.

By district and sector: pay ``promised`` at the worst rate for the work of one adult in the month and in a month of the
``full`` season, share ``withheld``, share of that which is ``credited`` to the debt, ``legal`` pay by the piece and
``minimum`` wage of an adult, shares of places where lawful pay is ``enforced`` and advances are ``banned``, hazards of
release by a ``court`` and of a debt ``cancelled``. By sector: ``best`` rate as a multiple of the worst, work of a child
and share of dependants old enough. The rest as declared in `abm.streams.bondage_params`; ``outside_key`` is the key of
whom lenders serve, and ``law_key`` that of the places that keep to the law for some months."""


@inlined
def bargained(fallback, best):
    """Pay that a household obtains as a multiple of the worst: the less it depends on the advance, the nearer the best.

    `fallback` is the share of a month's subsistence that it has without the advance, in [0, 1].
    """
    return 1.0 + (best - 1.0) * fallback


@inlined
def pay_for_work(adults, effort, promised, withheld, legal, minimum, is_lawful):
    """Pay of one household in a month, whole PKR: handed over, and withheld.

    `effort` is the work of the household in that of adults; `promised` and `legal` are pay for the work of one adult by
    either rate. `withheld` is the share of the promised pay that is not handed over, `minimum` the wage of an adult
    that the law asks for at least; `is_lawful` says whether the place keeps to the law on pay.
    """
    gross = promised * effort
    handed_over = gross * (1.0 - withheld)
    if is_lawful:
        handed_over = max(handed_over, legal * effort, minimum * adults)
    return np.int64(handed_over), np.int64(max(gross - handed_over, 0.0))


@inlined
def advance_the_debt(owed, withheld, surplus, ceiling, credited_share, interest_rate, instalment_share):
    """Change of a debt to a kiln or mine in a month, whole PKR: interest, credited, instalment.

    `surplus` is pay handed over above what the household needs to live on (below zero: it lacks that); beyond `ceiling`
    the employer writes no interest. The shares are of what is withheld, of the debt and of the surplus.
    """
    interest = np.int64(interest_rate * owed) if owed < ceiling else np.int64(0)
    credited = min(np.int64(credited_share * withheld), owed + interest)
    instalment = min(np.int64(instalment_share * max(surplus, 0.0)), owed + interest - credited)
    return interest, credited, instalment


@inlined
def has_outside_credit(row, rate, terms):
    """Whether lenders other than the employer serve a household; drawn once and for all, or by a subsidised line."""
    return uniform(terms.outside_key, row) < terms.outside_share or credit_line(row, rate) > 0.0


@inlined
def room_outside(row, rate, households):
    """Credit from kin and lenders that a household has not used, PKR; ties abroad pay for departures only."""
    return np.int64(max(room_with_lenders(row, rate, households), 0.0))


@inlined
def subsistence_of(row, rate, households):
    """Subsistence of the members at home of a household, PKR a month."""
    members = np.float64(np.int64(households.workers[row]) + households.dependants[row])
    return rate.subsistence * max(members - households.away[row] / rate.weight, 0.0)


@inlined
def able_children(row, young, share, terms):
    """Dependants of a household old enough for the work: a share, rounded by a lasting draw."""
    able = np.int64(share * young + uniform(mix(np.uint64(terms.outside_key)), row))
    return min(able, np.int64(young))


@inlined
def is_held_to_law(row, share, terms):
    """Whether the place of a household is among the share that keeps to the law; others are after some months.

    Were they always the same, those who are paid by the law would be gone soon, and others in their places.
    """
    return uniform(terms.law_key, row) < share


@inlined
def count_children(k, row, young, short, key, terms, bonds):
    """Let a child join the work of a household that lacks what it needs, or leave it where nothing is lacking.

    Those who came of age or died are taken off first: who came of age works on as an adult, and so the debt passes on.
    """
    children = min(np.int64(bonds.children[k]), np.int64(young))
    if uniform(key, row) < terms.joining:
        if short and children < able_children(row, young, terms.child_share[bonds.sector[k] - 1], terms):
            children += 1
        elif not short and children > 0:
            children -= 1
    bonds.children[k] = np.uint8(children)


@inlined
def end_of_bond(draw, court, cancelled, flight):
    """Which way, if any, a bond ends that is not repaid: one draw for three hazards."""
    if draw < cancelled:
        return BOND_CANCELLED
    if draw < cancelled + court:
        return BOND_COURT
    if draw < cancelled + court + flight:
        return BOND_FLED
    return BOND_LASTS


@inlined
def set_free(row, households):
    """Release a household; it has no job until it finds one."""
    households.bond[row] = np.uint8(FREE_OF_BOND)
    households.jobs[row] = np.uint8(0)


@driver
def bond_month(first_block, last_block, blocks, district_month, villages, households, bonds, terms, key, tally):
    """Advance the bonded households of a range of blocks by one month.

    Savings, debt, jobs, aspiration and bond of the bonded change, and their rows in `bonds`; `terms` are `BondTerms`,
    `key` is that of the stream of bonds. Output `tally`, shape (blocks, TALLIES), is set, not added to. All else as of
    `abm.households.kernels.household_month.household_month`.
    """
    joining_key, refinancing_key = mix(np.uint64(key)), mix(mix(np.uint64(key)))
    for block in range(first_block, last_block):
        tally[block] = 0
        district = blocks.district[block]
        rate = district_month[district]
        final_village = blocks.last_village[block] - 1
        start = villages.bond_start[blocks.first_village[block]]
        stop = villages.bond_start[final_village] + villages.bond_count[final_village]
        for k in range(start, stop):
            row, sector = bonds.row[k], np.int64(bonds.sector[k]) - 1
            bonds.pay[k] = 0
            bonds.ended[k] = end_of_bond(
                uniform(key, row), terms.court[district, sector], terms.cancelled[district, sector], terms.flight
            )
            if bonds.ended[k] == BOND_LASTS:
                work_a_month(k, row, sector, district, rate, households, bonds, terms, joining_key, tally[block])
                leave_by_paying(k, row, rate, households, bonds, terms, refinancing_key, tally[block])
                continue
            set_free(row, households)
            if bonds.ended[k] == BOND_FLED:
                push = households.aspiration[row] + np.float32(terms.flight_push)
                households.aspiration[row] = min(push, np.float32(1.0))


@inlined
def work_a_month(k, row, sector, district, rate, households, bonds, terms, key, tally):
    """Let a bonded household work, be paid, live, and owe more or less."""
    weight, young = np.int64(rate.weight), households.dependants[row]
    adults = np.int64(whole_at_home(households.workers[row], households.away[row], rate.weight))
    work = adults + terms.child_effort[sector] * np.int64(bonds.children[k])
    rates = bargained(bonds.fallback[k] / FALLBACK_STEPS, terms.best[sector])
    handed_over, withheld = pay_for_work(
        adults, work, terms.promised[district, sector] * rates, terms.withheld[district, sector],
        terms.legal[district, sector], terms.minimum[district, sector],
        is_held_to_law(row, terms.enforced[district, sector], terms),
    )  # fmt: skip
    need = subsistence_of(row, rate, households)
    surplus = handed_over - terms.need_share * need
    aided = surplus + aid_less_service(handed_over, need, row, rate, households)
    count_children(k, row, young, aided < 0.0, key, terms, bonds)
    full = terms.full[district, sector] * rates
    ceiling = np.int64(min(terms.ceiling_months * full * work, MONEY_LIMIT))
    owed = np.int64(bonds.owed[k])
    interest, credited, instalment = advance_the_debt(
        owed, withheld, surplus, ceiling, terms.credited[district, sector], terms.interest, terms.instalment
    )
    owed += interest - credited - instalment
    # what neither pay nor savings cover is advanced, as far as the employer goes; then others lend, if they do
    lacking = np.int64(max(-surplus - households.assets[row], 0.0))
    advance = loan = np.int64(0)
    if not is_held_to_law(row, terms.banned[district, sector], terms):
        advance = np.int64(min(lacking, max(ceiling - owed, 0)))
    if advance < lacking and has_outside_credit(row, rate, terms):
        loan = min(lacking - advance, room_outside(row, rate, households))
    owed += advance
    if advance + loan > 0:
        households.assets[row] += np.int32(advance + loan)
        households.debt[row] += np.int32(loan)
    bonds.owed[k] = np.int32(owed)
    bonds.pay[k] = np.int32(handed_over - instalment)
    found = (handed_over, withheld - credited, credited, instalment, interest, advance, loan, 0, adults,
             lacking - advance - loan)  # fmt: skip
    for item in range(TALLIES):
        tally[item] += found[item] * weight


@inlined
def leave_by_paying(k, row, rate, households, bonds, terms, key, tally):
    """Release a household that owes nothing more, or that finds a lender who takes its debt over."""
    owed = np.int64(bonds.owed[k])
    if owed > 0:
        if uniform(key, row) >= terms.refinancing or not has_outside_credit(row, rate, terms):
            return
        if room_outside(row, rate, households) < owed:
            return
        households.debt[row] += np.int32(owed)
        bonds.owed[k] = 0
        tally[REFINANCED] += owed * np.int64(rate.weight)
    # the last pay is handed over here: the household pass pays those who stay
    households.assets[row] += bonds.pay[k]
    bonds.pay[k] = 0
    bonds.ended[k] = np.uint8(BOND_REPAID)
    set_free(row, households)


@inlined
def has_little(row, rate, months, households):
    """Whether the savings of a household do not last for so many months of subsistence."""
    assets = households.assets[row]
    members = np.int64(households.workers[row]) + households.dependants[row]
    # most have more than even all members, those away included, would need: no more columns are read for them
    if assets >= months * rate.subsistence * members:
        return False
    return assets < months * subsistence_of(row, rate, households)


@inlined
def earned(row, rate, households):
    """Earnings at home of a household, PKR a month."""
    return households.jobs[row] * households.wage[row] * rate.wage_index


@inlined
def aid_less_service(income, need, row, rate, households):
    """Cash transfer of the month, less the least service of debts to others and their interest, PKR.

    With less a household falls deeper into debt.
    """
    debt = np.float64(households.debt[row])
    service = min(debt, rate.least_service * income + rate.interest * debt)
    return transfer_to(income, np.float32(need), rate.transfer) - service


@inlined
def is_in_want(row, rate, need_months, opening, households):
    """Whether a household would take an advance: it earns less than subsistence, and its savings do not last.

    A cash transfer counts as earned, and debts to others have to be served. An expense shock and the loss of a job both
    bring it there. When a run opens its wealth says it instead.

    References
    ----------
    Ercelawn and Nauman (2001): peshgi is taken for illness and old debts. Edmonds and Schady (2012): transfers cut the
    paid work of children.
    """
    is_poor = households.wealth_group[row] <= POOR_GROUPS if opening else has_little(row, rate, need_months, households)
    if not is_poor:
        return False
    income, need = earned(row, rate, households), subsistence_of(row, rate, households)
    if not opening:
        income += aid_less_service(income, need, row, rate, households)
    if income >= need or households.bond[row] != FREE_OF_BOND:
        return False
    return whole_at_home(households.workers[row], households.away[row], rate.weight) >= 1


@inlined
def fallback_of(row, rate, households):
    """Share of a month's subsistence that a household covers from earnings and savings, in [0, 1]."""
    need = max(subsistence_of(row, rate, households), 1.0)
    return min((earned(row, rate, households) + households.assets[row]) / need, 1.0)


@driver
def meet_recruiters(
    first_block, last_block, blocks, district_month, villages, households, contact, need_months, opening, key, met,
    sector, met_count,
):  # fmt: skip
    """List the households in want that meet a recruiter, in a range of blocks.

    Every household could, with the same probability; those whom nobody met are skipped over (the length of a gap is
    geometric), and of the others those in want are listed, see `is_in_want`. `contact` is the probability to meet a
    recruiter, by district and sector; `key` is that of the stream of advances. Output: rows and sectors, each block's
    from its first row on, and how many.
    """
    gaps = gap_key(key)
    for block in range(first_block, last_block):
        rate = district_month[blocks.district[block]]
        kilns = contact[blocks.district[block], 0]
        both = kilns + contact[blocks.district[block], 1]
        village, end = blocks.first_village[block], blocks.last_village[block]
        start = villages.first_row[village]
        spared = logarithm(1.0 - both)
        row, left, found = start, np.int64(villages.awake[village]), 0
        while spared < 0.0:
            village, row, left = skip_over(gaps, spared, villages, village, end, row, left)
            if village == end:
                break
            if is_in_want(row, rate, need_months, opening, households):
                met[start + found] = row
                sector[start + found] = KILN if uniform(key, row) * both < kilns else MINE
                found += 1
            row += 1
            left -= 1
        met_count[block] = found


@kernel
def ask_for_money(
    rows, sectors, districts, district_month, households, terms, opening, key, owed, loan, children, fallback
):
    """Let those who met a recruiter take an advance, borrow elsewhere, or go without.

    By case: household, sector of the recruiter, district. `key` is that of the stream of advances; savings, debt and
    bond change. `opening` says whether these are bonded when a run opens: with a debt that has grown, and no money
    handed over now. Output by case: debt to the employer with which a bond begins (0 if it does not), loan of others,
    dependants of the household who work, and its fallback in `FALLBACK_STEPS`.
    """
    choice_key, offer_key = mix(np.uint64(key)), mix(mix(np.uint64(key)))
    for k in range(rows.size):
        row, sector, district = rows[k], np.int64(sectors[k]) - 1, districts[k]
        rate = district_month[district]
        owed[k] = loan[k] = children[k] = 0
        fallback[k] = np.int64(fallback_of(row, rate, households) * FALLBACK_STEPS)
        adults = np.int64(whole_at_home(households.workers[row], households.away[row], rate.weight))
        full = terms.full[district, sector] * bargained(fallback[k] / FALLBACK_STEPS, terms.best[sector])
        wanted = np.int64(terms.advance_months * full * adults)
        if opening:
            owed[k] = np.int64(wanted * (1.0 + terms.opening_growth * uniform(choice_key, row)))
            children[k] = able_children(row, households.dependants[row], terms.child_share[sector], terms)
            households.bond[row] = np.uint8(sectors[k])
            continue
        outside = has_outside_credit(row, rate, terms) and room_outside(row, rate, households) >= wanted
        elsewhere = outside and uniform(choice_key, row) < terms.outside_first
        if not elsewhere and uniform(offer_key, row) >= terms.banned[district, sector]:
            owed[k] = max(wanted, 1)
            households.bond[row] = np.uint8(sectors[k])
        if owed[k] == 0 and outside:
            loan[k] = wanted
            households.debt[row] += np.int32(wanted)
        households.assets[row] += np.int32(owed[k] + loan[k])


@kernel
def index_bonds(villages, rows, count):
    """Tell each village where its bonds stand; they are in order of household."""
    k = np.int64(0)
    for village in range(villages.district.size):
        villages.bond_start[village] = k
        last = villages.first_row[village] + villages.rows[village]
        while k < count and rows[k] < last:
            k += 1
        villages.bond_count[village] = k - villages.bond_start[village]
