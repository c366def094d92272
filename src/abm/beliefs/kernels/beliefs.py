"""Beliefs of villages: what they hear moves what they hold to be true; and the tilt of odds by a belief.

A belief is held as a ratio, perceived over true value of a reference journey: 1 is the truth. Ratios, and not their
logarithms, because what is learned is then linear in the number of events: a sample of the villages, in which one row
stands for many households, learns on average what all villages would.
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called, driver, inlined, kernel
from abm.engine.portable import exponential, logarithm, logarithm_inlined, logistic_inlined, normal_quantile, power
from abm.engine.random import mix, uniform
from abm.world.codes import HIDDEN, IRREGULAR

DEATH, FAILURE, PAPERS, WAGE, SANCTION = range(5)
TOPICS = ("death", "failure", "papers", "wage", "sanction")
"""What people hold beliefs about, in the order of all arrays."""

CHANCES = (DEATH, FAILURE, PAPERS, SANCTION)
"""Topics that are probabilities; a wage has no odds."""

LEAST_CHANCE = 1e-4
"""Log odds need a probability: rarer than this is held to be this."""

MOST_CHANCE = 0.98
"""Nobody holds anything to be certain."""

HEARD_ENDED, HEARD_DEATHS, EXPECTED_DEATHS, HEARD_FAILURES, EXPECTED_FAILURES, HEARD_SANCTIONS, EXPECTED_SANCTIONS = (
    range(7)
)
NEWS_COUNT = 7
"""What a village hears in a month, journeys of persons: attempts ended; deaths, failures and punishments, and how many
of each were to be expected at the true odds of those journeys."""

JUDGED = (
    (DEATH, HEARD_DEATHS, EXPECTED_DEATHS),
    (FAILURE, HEARD_FAILURES, EXPECTED_FAILURES),
    (SANCTION, HEARD_SANCTIONS, EXPECTED_SANCTIONS),
)
"""Topics learned from events: the topic, events heard of, and events that were to be expected."""

TELLS_ARRIVAL, TELLS_FAILURE, TELLS_DEATH, TELLS_SENT_HOME, TELLS_SANCTION = range(5)
"""What an event tells: the end of an attempt, one of three; somebody sent home, who may be punished; a punishment."""


@kernel
def within(chance: float) -> float:
    """Keep a probability where it has odds."""
    return min(max(chance, LEAST_CHANCE), MOST_CHANCE)


@kernel
def log_odds(chance: float) -> float:
    """Log odds of a probability, cut at `LEAST_CHANCE` and `MOST_CHANCE`."""
    chance = within(chance)
    return logarithm(chance / (1.0 - chance))


@inlined
def tilt_inlined(chance: float, shift: float) -> float:
    """`tilt` without a call and without a jump, for loops that fill vector registers."""
    odds = chance / max(1.0 - chance, 1e-300)
    moved = logistic_inlined(logarithm_inlined(odds) + shift)
    return chance if (shift == 0.0) | (chance <= 0.0) | (chance >= 1.0) else moved


@called
def tilt(chance: float, shift: float) -> float:
    """Move a probability by a shift of its log odds; without a shift it stays the same to the bit.

    What never happens (0) is no subject of rumour, and stays 0.
    """
    return tilt_inlined(chance, shift)


@driver
def open_villages(count, ratios, heard, bias, spread, most, key):
    """Give villages their first beliefs: the declared bias, and a spread around it that leaves the mean where it is.

    Parameters
    ----------
    count
        Number of villages.
    ratios, heard
        Columns by topic, and journeys heard of; output.
    bias, spread, most
        Log of the mean ratio by topic, standard deviation between villages (log points), largest ratio by topic.
    key
        Key of the stream of beliefs.
    """
    for v in range(count):
        heard[v] = np.float32(0.0)
        for k in range(len(TOPICS)):
            draw = normal_quantile(uniform(mix(np.uint64(key) + np.uint64(k)), v))
            ratio = exponential(bias[k] + spread * draw - 0.5 * spread * spread)
            ratios[k][v] = np.float32(min(ratio, most[k]))


@inlined
def learn(ratio, seen, expected, weight):
    """Move a ratio towards what was seen over what was to be expected.

    Posterior mean of a Gamma prior for the ratio of a Poisson rate to its reference, (a + seen) / (b + expected) with
    b = `weight` and a = ratio b: the weight grows with what was heard before. All in expected events, or all in
    journeys.

    References
    ----------
    Gelman et al. (2013), "Bayesian Data Analysis", 2.6; Clayton and Kaldor (1987) for ratios of observed to expected
    deaths; ODD submodel "Beliefs".
    """
    return ratio + (seen - expected * ratio) / (weight + expected)


@called
def learn_from_news(ratio, heard, prior, memory, shift, seen, expected, keep, add, most):
    """Let villages of one district learn what their surroundings report of one topic.

    Parameters
    ----------
    ratio, heard
        Columns of the villages: ratio of the topic, changed; journeys heard of until the month before.
    prior, memory
        Weight of the first belief, journeys; share of what was heard that is kept.
    shift
        Factor that keeps what is believed where it is while the truth moves.
    seen, expected
        Events, in journeys at the reference odds.
    keep, add, most
        Talk and campaigns: the ratio becomes ``keep`` times itself plus ``add``; largest ratio.
    """
    for v in range(ratio.size):
        value = learn(ratio[v] * shift, seen, expected, prior + memory * heard[v]) * keep + add
        ratio[v] = np.float32(value if value < most else most)


@called
def learn_from_abroad(ratio, migrant_share, households, telling, letters, prior, kept, shift, keep, add, most):
    """Let villages of one district learn what those abroad write, who report truthfully: a ratio of 1.

    Parameters
    ----------
    ratio, migrant_share, households
        Columns of the villages: ratio of the topic, changed; share of the households with a member away; households.
    telling, letters
        Evidence of one migrant in a month, in journeys; migrants of other villages who write.
    prior, kept
        Weight of the first belief, journeys; months that letters count.
    shift, keep, add, most
        As of `learn_from_news`.
    """
    for v in range(ratio.size):
        reported = telling * (migrant_share[v] * np.float64(households[v]) + letters)
        value = learn(ratio[v] * shift, reported, reported, prior + kept * reported) * keep + add
        ratio[v] = np.float32(value if value < most else most)


@driver
def learn_blocks(first_block, last_block, blocks, villages, ratios, heard, month, sums):
    """Let the villages of a range of blocks hear what their district, the neighbours and the diaspora report.

    Parameters
    ----------
    first_block, last_block, blocks, villages
        Range of blocks, the last one excluded; columns.
    ratios, heard
        Columns by topic, and journeys heard of; changed.
    month
        `abm.beliefs.belief_state.LearningMonth`: arguments of `learn_from_news` and `learn_from_abroad` by topic, or by
        district and topic. By district: ``ended``, journeys heard of; ``letters``, migrants who write, and
        ``papers_share`` of them without papers.
    sums
        Output: ratio times households by block and topic, and households.
    """
    block = first_block
    while block < last_block:
        # the villages of one district in one go: long loops are vectorised; sums are by block, whatever the range
        run = block
        d = blocks.district[block]
        while run < last_block and blocks.district[run] == d:
            run += 1
        first, last = blocks.first_village[block], blocks.last_village[run - 1]
        known, size = heard[first:last], villages.awake[first:last]
        for k, _, _ in JUDGED:
            learn_from_news(
                ratios[k][first:last], known, month.prior, month.memory, month.shift[k], month.seen[d, k],
                month.expected[d, k], month.keep[d, k], month.add[d, k], month.most[k],
            )  # fmt: skip
        for v in range(known.size):
            known[v] = np.float32(month.memory * known[v] + month.ended[d])
        for k in (WAGE, PAPERS):
            telling = month.telling * (month.papers_share[d] if k == PAPERS else 1.0)
            learn_from_abroad(
                ratios[k][first:last], villages.migrant_share[first:last], size, telling, month.letters[d],
                month.prior, month.letters_kept, month.shift[k], month.keep[d, k], month.add[d, k], month.most[k],
            )  # fmt: skip
        add_up_blocks(block, run, blocks, villages.awake, ratios, sums)
        block = run


@inlined
def add_up_blocks(first_block, last_block, blocks, households, ratios, sums):
    """Fill the sums of ratio times households by block and topic, and of households."""
    death, failure, papers, wage, sanction = ratios
    for block in range(first_block, last_block):
        by_topic = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for v in range(blocks.first_village[block], blocks.last_village[block]):
            size = np.float64(households[v])
            by_topic = (
                by_topic[0] + size * death[v], by_topic[1] + size * failure[v], by_topic[2] + size * papers[v],
                by_topic[3] + size * wage[v], by_topic[4] + size * sanction[v], by_topic[5] + size,
            )  # fmt: skip
        for k in range(6):
            sums[block, k] = by_topic[k]


@kernel
def sum_news(
    row, order, tells, persons, route, fatal, failed, sanction, weight, first_row, district, found, kinds, by_district
):
    """Add up events by village, in persons a village of the country (a row stands for `weight` households).

    Parameters
    ----------
    row, order, tells, persons, route
        By event: household, and positions in its ascending order; kind, ``TELLS_...``; persons; route of those on the
        way, else -1.
    fatal, failed, sanction
        Deaths and failures to be expected of a traveller, by route; punishments of a person sent home.
    weight, first_row, district
        Households that a row stands for by district; first household and district by village.
    found, kinds
        Output: villages with news, and what each hears, shape (villages, NEWS_COUNT); the first rows are used.
    by_district
        Added to: the same in persons by kind and district.

    Returns
    -------
    int
        Count of villages with news.
    """
    count, v = 0, 0
    for e in order:
        v = village_from(v, row[e], first_row)
        if count == 0 or found[count - 1] != v:
            found[count] = v
            kinds[count] = 0.0
            count += 1
        heard = kinds[count - 1]
        share = persons[e] / weight[district[v]]
        kind = tells[e]
        if kind == TELLS_SENT_HOME:
            heard[EXPECTED_SANCTIONS] += share * sanction
        elif kind == TELLS_SANCTION:
            heard[HEARD_SANCTIONS] += share
        else:
            heard[HEARD_ENDED] += share
            heard[EXPECTED_DEATHS] += share * fatal[route[e]]
            heard[EXPECTED_FAILURES] += share * failed[route[e]]
            heard[HEARD_FAILURES] += share * (kind != TELLS_ARRIVAL)
            heard[HEARD_DEATHS] += share * (kind == TELLS_DEATH)
    for n in range(count):
        d = district[found[n]]
        for k in range(NEWS_COUNT):
            by_district[k, d] += kinds[n, k] * weight[d]
    return count


@kernel
def keep_thinkable(found, kinds, count, district, left):
    """Keep of the news of each village what is `left` as evidence in its district, by kind; see `sum_news`."""
    for n in range(count):
        d = district[found[n]]
        for k in range(NEWS_COUNT):
            kinds[n, k] *= left[k, d]


@kernel
def learn_own(found, kinds, count, villages, ratios, heard, truth, prior, most, sums):
    """Let villages learn from what happened to their own people.

    Parameters
    ----------
    found, kinds, count
        Villages with news and what they hear, see `sum_news`.
    villages, ratios, heard
        Columns; `ratios` by topic.
    truth, prior, most
        True value of the reference journey by topic, at which expected events become journeys; weight of the first
        belief, in journeys; largest ratio by topic.
    sums
        Ratio times households by district and topic; kept in step.
    """
    for n in range(count):
        v = found[n]
        d = villages.district[v]
        size = np.float64(villages.awake[v])
        weight = prior + np.float64(heard[v])
        for k, seen, expected in JUDGED:
            before = np.float64(ratios[k][v])
            after = min(learn(before, kinds[n, seen] / truth[k], kinds[n, expected] / truth[k], weight), most[k])
            ratios[k][v] = np.float32(after)
            sums[d, k] += size * (after - before)
        heard[v] = np.float32(heard[v] + kinds[n, HEARD_ENDED])


@kernel
def fade_and_jump(salience, fade, jump, streak, most):
    """Let salience fade, and jump with this month's shock.

    Bad news in a streak weighs more than its sum: a shock that meets the memory of the last one is felt more,
    F' = fade F + jump (1 + streak max(fade F, 0)), at most `most`, either way.

    Parameters
    ----------
    salience, jump
        Log odds by district and topic; salience changes.
    fade, streak
        Share kept a month; dimensionless.
    most
        Largest salience.
    """
    for d in range(salience.shape[0]):
        for k in range(salience.shape[1]):
            kept = fade * salience[d, k]
            kept += jump[d, k] * (1.0 + streak * max(kept, 0.0))
            salience[d, k] = min(max(kept, -most), most)


@kernel
def fill_levels(mean, salience, reference, level):
    """Log odds at which districts hold the reference journey; of the wage, the log of the ratio.

    Parameters
    ----------
    mean, salience, level
        Mean ratio, salience and output, by district and topic.
    reference
        Value that ratios are held against by topic, see `abm.beliefs.belief_truth.held_against`.
    """
    for d in range(mean.shape[0]):
        for k in range(mean.shape[1]):
            if k == WAGE:
                level[d, k] = logarithm(mean[d, k]) + salience[d, k]
            else:
                level[d, k] = log_odds(mean[d, k] * within(reference[k])) + salience[d, k]


@kernel
def fill_route_shifts(level, reported, reported_reference, rumour, truth, shift):
    """Shift of the log odds of each route against the truth: what is believed of the way, and reported of the route.

    Parameters
    ----------
    level
        Log odds of the reference journey by district.
    reported, reported_reference
        Probability of each route as reported in the country, and its mean over the reference journey.
    rumour, truth
        Salience, log odds, and true probability, by route.
    shift
        Output by district and route.
    """
    for r in range(reported.size):
        apart = log_odds(reported[r]) - log_odds(reported_reference) + rumour[r] - log_odds(truth[r])
        for d in range(level.size):
            shift[d, r] = level[d] + apart


@kernel
def tilt_each(chances, shift, out):
    """Tilt each probability by its shift, as `tilt` does."""
    for k in range(shift.size):
        out[k] = tilt_inlined(chances[k], shift[k])


@kernel
def fill_hopes(level, reference, reported, papers, sanction) -> None:
    """Beliefs that are not about the way, by district: chance of papers by destination, and being punished.

    Optimism and salience tilt the odds that are reported of each destination: where no papers are given, none are
    hoped for.

    Parameters
    ----------
    level, reference
        Log odds of the reference journey by district and topic, and the values that ratios are held against, see
        `fill_levels`.
    reported
        Chance of papers as reported by destination; none are needed at the last one, a city of Pakistan.
    papers, sanction
        Output: by district and destination; by district.
    """
    places = reported.size - 1
    for d in range(sanction.size):
        shift = level[d, PAPERS] - log_odds(reference[PAPERS])
        for k in range(places):
            papers[d, k] = tilt_inlined(reported[k], shift)
        papers[d, places] = 0.0
        sanction[d] = tilt(0.5, level[d, SANCTION])


@kernel
def reach_villages(values, indptr, indices, weight, own, nearby, out) -> None:
    """What reaches a village from `own` villages of its district and `nearby` ones of adjacent districts.

    Parameters
    ----------
    values, out
        Events in a mean village, and output, by kind and district.
    indptr, indices, weight
        Adjacent districts and their weights; a district without any hears as much from nearby as from its own.
    """
    for kind in range(values.shape[0]):
        for d in range(values.shape[1]):
            around = values[kind, d] if indptr[d] == indptr[d + 1] else 0.0
            for j in range(indptr[d], indptr[d + 1]):
                around += weight[j] * values[kind, indices[j]]
            out[kind, d] = own * values[kind, d] + nearby * around


@kernel
def papers_chances(rate, without, horizon, chances) -> None:
    """Chance of papers within the horizon at each destination: mean over those without papers.

    Parameters
    ----------
    rate
        Monthly probability of regularisation by destination and status.
    without
        Persons by destination and status; where nobody is without papers yet, the rate of the open sector counts.
    horizon, chances
        Months; output by destination.
    """
    for k in range(chances.size):
        present = without[k, IRREGULAR] + without[k, HIDDEN]
        given = without[k, IRREGULAR] * rate[k, IRREGULAR] + without[k, HIDDEN] * rate[k, HIDDEN]
        hazard = given / max(present, 1) if present > 0 else rate[k, IRREGULAR]
        chances[k] = 1.0 - power(1.0 - min(hazard, 1.0), horizon) if hazard > 0.0 else 0.0


@kernel
def persons_by_district(rows, persons, first_row, district, found) -> None:
    """Add persons of households to their districts; fastest if the households are in order.

    `first_row` and `district` are those of the villages.
    """
    v = 0
    for k in range(rows.size):
        v = village_from(v, rows[k], first_row)
        found[district[v]] += persons[k]


@inlined
def village_from(v, row, first_row):
    """Village of a household, looked for from the village `v` on."""
    while first_row[v] > row:
        v -= 1
    while v + 1 < first_row.size and first_row[v + 1] <= row:
        v += 1
    return v
