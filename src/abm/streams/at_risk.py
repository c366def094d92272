"""Households at risk: a sample of each district answers what recruiters offer; those taken are drawn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.engine.portable import logarithm
from abm.streams.exploitation import ENTRY, GROUPS, RUNAWAY
from abm.streams.kernels.trafficking import NO_JOB, Answer, Offer, pick_households, sample_households, weigh_households
from abm.streams.trafficking_params import TraffickingParams
from abm.world.codes import STREAM_LURE

if TYPE_CHECKING:
    from abm.streams.exploitation import ExploitationStream
    from abm.world.state import World

LEAST_ASKED = 12
"""Households of a district that answer in a month, at least; the mean is exact for any number."""

ASKED_PER_RECRUIT = 4
"""Households asked for each person taken in the month before, in households that rows stand for."""

MOST_ASKED = 4096

LOTS = 1 << 40
"""Beyond all households: entities of the draws of districts."""


class Sample(NamedTuple):
    """Households that answered, in order of district."""

    rows: np.ndarray
    village: np.ndarray
    first: np.ndarray
    """First household of each district, with the end, (districts + 1,)."""
    weight: np.ndarray
    """Members who would go with each stream in a contact, shape (households, streams)."""
    mean: np.ndarray
    """The same, mean of a household of the district, shape (districts, streams)."""


def ask_households(
    world: World, streams: tuple[ExploitationStream, ...], family: np.ndarray, warned: np.ndarray, taken: np.ndarray
) -> Sample:
    """Ask a sample of each district, evenly spread over its households from a random start.

    `family` is paid to the family in the month, PKR of 2017, by stream; `warned` is what each village has heard,
    persons in 1,000 households; `taken` are persons taken in the month before, by district: where there were many, more
    are asked.
    """
    villages = world.villages
    upto = np.cumsum(villages.awake, dtype=np.int64)
    ends = np.searchsorted(villages.district, np.arange(world.district_count), side="right")
    begin = np.concatenate([[0], upto[ends - 1]])
    asked = np.minimum(LEAST_ASKED + ASKED_PER_RECRUIT * taken // world.weight, MOST_ASKED)
    asked = np.minimum(asked, begin[1:] - begin[:-1])
    first = np.concatenate([[0], np.cumsum(asked)])
    rows, village, district = np.zeros((3, first[-1]), np.int64)
    start = world.draws(STREAM_LURE, LOTS + np.arange(asked.size))
    sample_households(begin, first, start, upto, villages.first_row, rows, village, district)
    weight, params = np.zeros((rows.size, len(streams))), world.params(TraffickingParams)
    answer = Answer(*(float(getattr(params, name)) for name in Answer._fields))
    weigh_households(
        rows, village, district, world.households, villages, world.district_month, warned,
        _offers(streams, family), answer, weight,
    )  # fmt: skip
    mean = np.add.reduceat(weight, first[:-1], axis=0) / asked[:, None]
    return Sample(rows, village, first, weight, mean)


def draw_recruits(world: World, sample: Sample, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw households that lose a member, as many as `wanted` by district and stream.

    Returns position in the sample, district and stream of each, in order of stream and district.
    """
    picked, district, stream = np.zeros((3, int(wanted.sum())), np.int64)
    each = (2 + np.arange(wanted.shape[1])) * LOTS + np.arange(len(wanted))[:, None]
    start = world.draws(STREAM_LURE, each.ravel()).reshape(wanted.shape)
    found = pick_households(sample.first, sample.weight, wanted, start, picked, district, stream)
    return picked[:found], district[:found], stream[:found]


def _offers(streams: tuple[ExploitationStream, ...], family: np.ndarray) -> Offer:
    """What the streams offer in the month; promises follow wages."""
    return Offer(
        group=np.array([GROUPS.index(stream.group) for stream in streams]),
        share=np.array([0.0 if stream.way == ENTRY else stream.share for stream in streams]),
        urban=np.array([stream.urban for stream in streams]),
        promised=np.array([logarithm(stream.promised) if stream.promised > 0 else NO_JOB for stream in streams]),
        family=np.array([logarithm(max(paid, 1.0)) for paid in family.tolist()]),
        runs_away=np.array([stream.way == RUNAWAY for stream in streams]),
        abroad=np.array([stream.held == "abroad" for stream in streams]),
    )
