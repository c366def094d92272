"""Counter-based random numbers: a draw is a function of (seed, stream, month, entity) and of nothing else.

No generator has a state, so no result depends on the order of draws, on threads or on other entities.
The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called, inlined, kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30 = np.uint64(30)
_SHIFT_27 = np.uint64(27)
_SHIFT_31 = np.uint64(31)
_SHIFT_11 = np.uint64(11)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53
_CHUNK = 256
_LAST_PARTY = np.uint64(0x9FB21C651E98DF25)


@inlined
def mix(value: int) -> int:
    """Scramble 64 bits."""
    value = (value ^ (value >> _SHIFT_30)) * _MULTIPLIER_1
    value = (value ^ (value >> _SHIFT_27)) * _MULTIPLIER_2
    return value ^ (value >> _SHIFT_31)


@kernel
def stream_key(seed: int, stream: int, month: int) -> int:
    """Key of one stream in one month.

    It is hashed at every step: a key linear in the month would share draws between neighbours in successive months.
    """
    key = mix(np.uint64(seed) + _GOLDEN)
    key = mix(key ^ (np.uint64(stream) * _GOLDEN))
    return mix(key + np.uint64(month + 1) * _GOLDEN)


@inlined
def uniform(key: int, entity: int) -> float:
    """Draw a number in [0, 1) for an entity."""
    return float(mix(np.uint64(key) + np.uint64(entity) * _GOLDEN) >> _SHIFT_11) * _TO_UNIT


@called
def _binomial_chunk(trials: int, probability: float, draw: float) -> int:
    """Invert the binomial distribution function at `draw`; for at most `_CHUNK` trials and probability at most 1/2."""
    failure = 1.0 - probability
    term = 1.0
    base, exponent = failure, trials
    while exponent > 0:  # repeated squaring: exact on every processor, unlike pow()
        if exponent & 1:
            term *= base
        base *= base
        exponent >>= 1
    odds = probability / failure
    successes = 0
    while draw >= term and successes < trials:
        draw -= term
        successes += 1
        term *= odds * (trials - successes + 1) / successes
    return successes


@kernel
def binomial(trials: int, probability: float, key: int, entity: int) -> int:
    """Draw the number of successes among the persons (`trials`) of a cohort.

    A `probability` outside [0, 1] counts as the nearer bound. Large cohorts are split into chunks, each with its own
    draw.
    """
    if trials <= 0 or probability <= 0.0:
        return 0
    if probability >= 1.0:
        return trials
    if trials == 1:
        return 1 if uniform(key, entity) < probability else 0
    flipped = probability > 0.5
    chance = 1.0 - probability if flipped else probability
    successes = 0
    left = trials
    part = 0
    while left > 0:
        size = min(left, _CHUNK)
        draw = uniform(mix(np.uint64(key) + np.uint64(part) * _MULTIPLIER_2), entity)
        successes += _binomial_chunk(size, chance, draw)
        left -= size
        part += 1
    return trials - successes if flipped else successes


@kernel
def binomials(trials, probability, key, entity, successes) -> None:
    """Draw the number of successes of each cohort, see `binomial`, into `successes`."""
    for k in range(trials.size):
        successes[k] = binomial(trials[k], probability[k], key, entity[k])


@kernel
def uniforms(key, entity, draws) -> None:
    """Draw a number in [0, 1) for each entity into `draws`."""
    for k in range(entity.size):
        draws[k] = uniform(key, entity[k])


@inlined
def none_succeeds(trials: int, highest: float, draw: float) -> bool:
    """Whether the draw of `binomial` shows no success, for any probability of one trial up to `highest`."""
    # nobody of n succeeds with a probability of at least 1 - n p
    none = (draw >= highest) if trials == 1 else (draw < 1.0 - trials * highest)
    return none & (trials <= _CHUNK)


@inlined
def few_of(trials: int, probability: float, key: int, first_part: int, entity: int) -> int:
    """Draw as `binomial` does, without its call where the draw shows that there is no success; see `none_succeeds`.

    `first_part` is ``mix(key)``, the key of the draw for the first part of a cohort.
    """
    if none_succeeds(trials, probability, uniform(key if trials == 1 else first_part, entity)):
        return 0
    return binomial(trials, probability, key, entity)


@inlined
def parties_of(persons: int, party: int) -> int:
    """Parties that persons form who act together; `party` is the binary logarithm of how many do.

    The last party may be smaller.
    """
    return (persons + (1 << party) - 1) >> party


@called
def members_of(acting: int, persons: int, party: int, key: int, entity: int) -> int:
    """Draw how many persons are in the parties that act, of all that `persons` form; see `parties_of`.

    The last party is one of those acting with their share of all.
    """
    parties = parties_of(persons, party)
    lacking = (parties << party) - persons
    if lacking > 0 and uniform(mix(np.uint64(key) ^ _LAST_PARTY), entity) * parties < acting:
        return (acting << party) - lacking
    return acting << party


@called
def binomial_by_party(persons: int, probability: float, party: int, key: int, entity: int) -> int:
    """Draw as `binomial` does, of persons who act in parties, each as likely as alone; see `parties_of`."""
    return few_by_party(persons, probability, party, key, mix(np.uint64(key)), entity)


@inlined
def few_by_party(persons: int, probability: float, party: int, key: int, first_part: int, entity: int) -> int:
    """Draw as `binomial_by_party` does, quickly if nobody acts; see `few_of`."""
    acting = few_of(parties_of(persons, party), probability, key, first_part, entity)
    return members_of(acting, persons, party, key, entity) if acting > 0 else 0
