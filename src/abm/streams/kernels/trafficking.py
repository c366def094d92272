"""Trafficking: whom recruiters could persuade, members who are taken or come back, and how exploitation ends."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import inlined, kernel, making
from abm.engine.portable import logarithm, logistic_inlined
from abm.engine.random import binomial_by_party, few_by_party, mix, uniform
from abm.society.kernels.livelihood import room_with_lenders, transfer_to
from abm.world.codes import FREE_OF_BOND, MAX_DEPENDANTS
from abm.world.kernels.members_away import bury, whole_at_home

WORKERS, WOMEN, MINORS = range(3)
"""Groups of a household that a stream seeks, in the order of `abm.streams.exploitation.GROUPS`."""

ADULT_WOMEN, MINORS_AMONG_DEPENDANTS = 0.4, 0.6
"""Shares of members outside the labour force. Source: assumed; about half of working age are women, few of whom are in
the labour force, and 45 % of residents are below 18."""

LEAST_PAY = 0.1
"""Least earnings, relative to those with work for all, that a payment is compared with. Source: assumed."""

MOST_WORTH = 2.302585092994046
"""Log of the most that a job can be worth relative to the pay at home: tenfold. Source: assumed."""

TURNS = 3
"""Months between two turns of a row of those held."""

USUAL_MIGRANTS = 0.12
"""Share of households with a member abroad in villages with the contacts of the data. Source: assumed; about the mean
of villages in a baseline run."""

LEAST = np.finfo(np.float64).tiny
"""Smallest divisor."""

DEBT_MONTHS = 12.0
"""Months of pay with work for all that are owed where the weight of debt is full. Source: assumed."""

Offer = namedtuple("Offer", ["group", "share", "urban", "promised", "family", "runs_away", "abroad"])
"""What a stream offers: group, share of it that is sought, urban contacts, log of PKR promised a month at the wages of
2017 (`NO_JOB` where none is) and of PKR paid to the family, whether people are found after running away, and whether
they are taken abroad; arrays by stream."""

NO_JOB = -1.0

Answer = namedtuple(
    "Answer",
    [
        "reluctance",
        "gain",
        "want",
        "want_months",
        "unmet",
        "debt",
        "idle",
        "warned",
        "runaway",
        "runaway_want",
        "networks",
    ],
)
"""Parameters of the answer of a household, see `abm.streams.trafficking_params.TraffickingParams`."""


@inlined
def members_sought(group, share, workers_home, jobs, dependants, idle):
    """Members of a household whom a stream seeks; those in work count less."""
    if group == WORKERS:
        return share * (max(workers_home - jobs, 0) + idle * min(jobs, workers_home))
    return share * dependants * (ADULT_WOMEN if group == WOMEN else MINORS_AMONG_DEPENDANTS)


@kernel
def weigh_households(
    rows, villages_of, districts, households, villages, district_month, warned, offers, answer, weight
):
    """Fill how many of each household would go with each stream in a contact, shape (rows, streams).

    `warned` is what has been heard of the fate of others, persons in 1,000 households, by village; `offers` and
    `answer` are `Offer` and `Answer`.

    References
    ----------
    Binary choice with log odds linear in log gain (McFadden 1974), as in the choice to migrate.
    """
    for k in range(rows.size):
        row, district = rows[k], districts[k]
        rate = district_month[district]
        workers, dependants = np.int64(households.workers[row]), np.int64(households.dependants[row])
        home = np.int64(whole_at_home(workers, households.away[row], rate.weight))
        jobs = min(np.int64(households.jobs[row]), home)
        if households.bond[row] != FREE_OF_BOND or home + dependants < 2:
            weight[k, :] = 0.0
            continue
        pay = households.wage[row] * rate.wage_index
        need = max(rate.subsistence * (home + dependants), 1.0)
        income = jobs * pay
        income += transfer_to(income, np.float32(need), rate.transfer)
        in_want = households.assets[row] < answer.want_months * need and income < need
        owed = min(households.debt[row] / (DEBT_MONTHS * max(pay * home, 1.0)), 1.0)
        push = answer.debt * owed - answer.reluctance - answer.warned * warned[villages_of[k]]
        if in_want:
            push += answer.want
            # neither savings nor lenders cover what it lacks
            means = income + households.assets[row] + max(room_with_lenders(row, rate, households), 0.0)
            if means < need:
                push += answer.unmet
        # what an offer is compared with: the pay of a worker at home, and what the household earns
        usual = logarithm(max(households.wage[row] * jobs / max(home, 1), 1.0))
        earned = logarithm(max(max(jobs, LEAST_PAY * home) * pay, 1.0))
        urban = villages.urban[villages_of[k]] > 0
        known = 1.0 + answer.networks * villages.migrant_share[villages_of[k]]
        known /= 1.0 + answer.networks * USUAL_MIGRANTS
        for s in range(offers.group.size):
            if offers.share[s] <= 0.0:
                continue
            sought = members_sought(offers.group[s], offers.share[s], home, jobs, dependants, answer.idle)
            if offers.runs_away[s]:
                weight[k, s] = sought * answer.runaway * (1.0 + (answer.runaway_want if in_want else 0.0))
                continue
            worth = offers.family[s] - earned
            if offers.promised[s] > NO_JOB:
                worth = min(offers.promised[s] - usual, MOST_WORTH)
            contact = (offers.urban[s] if urban else 1.0) * (known if offers.abroad[s] else 1.0)
            weight[k, s] = sought * contact * logistic_inlined(push + answer.gain * worth)


@kernel
def sample_households(begin, first, start, upto, first_row, rows, villages, districts):
    """Sample households of each district, evenly spread from a random `start`, a uniform draw.

    `begin` and `first` are by district, with the end, int64: first household, counted through the villages, and first
    one sampled. `upto` are households up to the end of each village. Output by household sampled: row, village,
    district.
    """
    village = 0
    for district in range(start.size):
        asked = first[district + 1] - first[district]
        for number in range(asked):
            step = (begin[district + 1] - begin[district]) / asked
            position = min(np.int64(begin[district] + (number + start[district]) * step), begin[district + 1] - 1)
            while upto[village] <= position:
                village += 1
            k = first[district] + number
            before = upto[village - 1] if village > 0 else 0
            rows[k], villages[k], districts[k] = first_row[village] + position - before, village, district


@kernel
def pick_households(first, weight, wanted, start, picked, district_of_pick, stream_of_pick):
    """Pick households of each district in proportion to a weight, by systematic sampling; returns how many.

    `first` is the first sampled household of each district, and the end; `weight` is by sampled household and stream,
    persons `wanted` and the uniform draw `start` by district and stream. Output, one a person, in order of stream:
    position among the sampled households, district and stream.
    """
    found = 0
    for stream in range(wanted.shape[1]):
        for district in range(wanted.shape[0]):
            number = wanted[district, stream]
            total, last = 0.0, first[district + 1] - 1
            if number > 0:
                for k in range(first[district], last + 1):
                    total += weight[k, stream]
            if total <= 0.0:
                continue
            step = total / number
            passed, k = 0.0, first[district]
            for person in range(number):
                due = (person + start[district, stream]) * step
                while k < last and passed + weight[k, stream] <= due:
                    passed += weight[k, stream]
                    k += 1
                picked[found], district_of_pick[found], stream_of_pick[found] = k, district, stream
                found += 1
    return found


@kernel
def choose_places(abroad, here, streams, districts, key, entity, place):
    """Choose the city where each is taken, unless the stream holds people abroad; `place` is changed.

    `here` is the probability, by district, of each city of the region or one before it; beyond lies all of the country.
    """
    for k in range(streams.size):
        if not abroad[streams[k]]:
            draw, place[k] = uniform(key, entity[k]), 0
            for city in range(here.shape[1]):
                place[k] += here[districts[k], city] <= draw


@making
def share_out(districts, streams, there, earned, living, capital):
    """Share what the recruiters of each district and stream earn, whole PKR, and take off what they live on.

    What cannot be shared evenly goes to the first ones. `there` are recruiters by district and stream.
    """
    seen = np.zeros(there.shape, np.int64)
    for k in range(districts.size):
        d, s = districts[k], streams[k]
        capital[k] += earned[d, s] // there[d, s] + (seen[d, s] < earned[d, s] % there[d, s]) - living
        seen[d, s] += 1


@making
def draw_convicted(recruiters, crime, convicted, key, entity, out):
    """Mark those convicted: of each crime and district, as many as `convicted`, those with the lowest draws.

    `crime` is that of each stream; draws are addressed by `entity` and the recruiter's own key.
    """
    first = np.zeros(convicted.size + 1, np.int64)
    for place in range(convicted.size):
        first[place + 1] = first[place] + convicted.flat[place]
    lowest, whose = np.full(first[-1], 2.0), np.full(first[-1], -1)
    for k in range(recruiters.key.size):
        place = crime[recruiters.stream[k]] * convicted.shape[1] + recruiters.district[k]
        begin, n = first[place], first[place + 1] - 1
        if n < begin:
            continue
        draw = uniform(key, entity + recruiters.key[k])
        if draw < lowest[n]:
            while n > begin and draw < lowest[n - 1]:
                lowest[n], whose[n] = lowest[n - 1], whose[n - 1]
                n -= 1
            lowest[n], whose[n] = draw, k
    for k in whose:
        if k >= 0:
            out[k] = True


@kernel
def take_members(rows, is_worker, persons, weight, households, taken):
    """Take members from each household, if it has so many to lose; returns dependants who left the roll, in persons.

    Workers count as away, within the country, so that they are no migrants. Dependants stay on the roll as `taken`
    until they make up one of every household that the row stands for; at weight 1 that is at once.
    """
    removed = np.int64(0)
    for k in range(rows.size):
        row, each, number = rows[k], weight[k], persons[k]
        workers, dependants = np.int64(households.workers[row]), np.int64(households.dependants[row])
        lost = np.int64(households.taken[row])
        at_home = workers * each - np.int64(households.away[row])
        if at_home + dependants * each - lost <= number or households.bond[row] != FREE_OF_BOND:
            taken[k] = False
        elif is_worker[k]:
            taken[k] = at_home >= number
            if taken[k]:
                households.away[row] += np.uint16(number)
                households.in_city[row] += np.uint16(number)
        else:
            taken[k] = dependants * each >= lost + number
            if taken[k]:
                removed += strike_off(row, lost + number, each, households)
    return removed


@inlined
def strike_off(row, lost, weight, households):
    """Set the dependants taken from a household; returns those who left its roll, in persons."""
    removed = np.int64(0)
    while lost >= weight and households.dependants[row] > 0:
        households.dependants[row] -= np.uint8(1)
        lost -= weight
        removed += weight
    households.taken[row] = np.uint16(lost)
    return removed


@kernel
def lose_members(victims, at, persons, weight, households, heard):
    """Bury workers who died in exploitation; returns dependants who died, who stay off the roll.

    `at` and `persons` are rows of the table and persons, `weight` is by district; villages hear of it.
    """
    dependants = np.int64(0)
    for n in range(at.size):
        k, number = at[n], persons[n]
        if number > 0 and victims.row[k] >= 0:
            heard[victims.village[k]] += number
            if victims.worker[k] > 0:
                households.in_city[victims.row[k]] -= np.uint16(number)
                bury(victims.row[k], number, weight[victims.district[k]], households)
            else:
                dependants += number
    return dependants


@kernel
def bring_back(victims, at, persons, weight, households, homeless, heard):
    """Bring members back to their households, see `lose_members`; returns dependants back on the roll, in persons.

    Dependants for whom the household has no room any more are added to `homeless`, by district.
    """
    returned = np.int64(0)
    for n in range(at.size):
        k, row = at[n], victims.row[at[n]]
        if persons[n] == 0 or row < 0:
            continue
        heard[victims.village[k]] += persons[n]
        if victims.worker[k] > 0:
            households.away[row] -= np.uint16(persons[n])
            households.in_city[row] -= np.uint16(persons[n])
            continue
        each = weight[victims.district[k]]
        for _ in range(persons[n]):
            if households.taken[row] > 0:
                households.taken[row] -= np.uint16(1)
            elif households.dependants[row] < MAX_DEPENDANTS:
                households.dependants[row] += np.uint8(1)
                households.taken[row] = np.uint16(each - 1)
                returned += each
            else:
                homeless[victims.district[k]] += 1
                returned += 1
    return returned


@making
def leave_by_ways(victims, chance, shares, parties, turn, key):
    """Draw how many of each row of the table leave, and by which way; they are taken off.

    A row has its turn every `TURNS` months; the last place holds those at home who may be trafficked again. `chance` to
    leave by any way is by stream and place, `shares` of each way in it by way, stream and place; `turn` is the month of
    the run. People leave in parties, each with the chance of one person; `parties` has the binary logarithm of its size
    by district. Returns rows that anybody leaves, and persons by way and row, int64.
    """
    at, gone = np.empty(victims.key.size, np.int64), np.empty(victims.key.size, np.int64)
    first_part, found = mix(np.uint64(key)), 0
    for k in range(victims.key.size):
        if (victims.key[k] + turn) % TURNS == 0:
            persons, likely = np.int64(victims.persons[k]), chance[victims.stream[k], victims.place[k]]
            party = parties[victims.district[k]]
            number = few_by_party(persons, likely, party, key, first_part, victims.key[k])
            if number > 0:
                at[found], gone[found] = k, number
                victims.persons[k] -= np.uint16(number)
                found += 1
    ways = len(shares)
    persons_by_way = np.zeros((ways, found), np.int64)
    for n in range(found):
        k, left, rest = at[n], gone[n], 1.0
        for way in range(ways - 1):
            share = shares[way, victims.stream[k], victims.place[k]]
            part = min(max(share / max(rest, LEAST), 0.0), 1.0)
            draws = key ^ np.uint64((way + 1) << 40)
            number = binomial_by_party(left, part, parties[victims.district[k]], draws, victims.key[k])
            persons_by_way[way, n] = number
            left -= number
            rest -= share
        persons_by_way[ways - 1, n] = left
    return at[:found].copy(), persons_by_way


@kernel
def count_left(victims, at, persons, rescue, crimes, cities, abroad, by_way, in_cities, elsewhere, foreigners):
    """Add up those who left.

    `at` are rows that anybody left, `persons` by way and row. `rescue` is the way of those whom agencies found,
    `crimes` the crime of each stream, `cities` the district of each city of the region, `abroad` the place beyond the
    border. Added to: persons by crime, way and home district; those found in cities, by crime and district of the city;
    those found elsewhere, by crime and home district, but for foreigners abroad; of both, those brought in, by crime
    and district where they were held, or of entry.
    """
    for n in range(at.size):
        k = at[n]
        crime, home, place = crimes[victims.stream[k]], victims.district[k], victims.place[k]
        for way in range(len(persons)):
            by_way[crime, way, home] += persons[way, n]
        is_foreign, is_abroad = victims.row[k] < 0, place == abroad
        if place < cities.size:
            in_cities[crime, cities[place]] += persons[rescue, n]
        elif not (is_foreign and is_abroad):
            elsewhere[crime, home] += persons[rescue, n]
        if is_foreign and not is_abroad:
            foreigners[crime, cities[place] if place < cities.size else home] += persons[rescue, n]


@kernel
def count_victims(victims, cities, abroad, home, foreign, by_district, by_city, by_stream, by_village):
    """Add up the persons of the table.

    `cities` is their number in the region; `abroad` and `home` are places, `foreign` the row of those brought in. Added
    to: by district residents held in the country, residents held abroad, foreigners held here, and those at risk, shape
    (districts, 4); persons held by city and by stream, and residents held by village.
    """
    for k in range(victims.row.size):
        persons, place, district = np.int64(victims.persons[k]), victims.place[k], victims.district[k]
        if place == home:
            by_district[district, 3] += persons
            continue
        by_stream[victims.stream[k]] += persons
        if place < cities:
            by_city[place] += persons
        if victims.row[k] == foreign:
            by_district[district, 2] += persons if place != abroad else 0
            continue
        by_village[victims.village[k]] += persons
        by_district[district, 1 if place == abroad else 0] += persons
