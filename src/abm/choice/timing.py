"""Timing: those who mean to leave go earlier, or wait, where an announced policy makes another month better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.choice.announcements import MONTHS_AHEAD, AnnouncementsState
from abm.choice.channel import ChannelParams, ChannelState, choices_of_others
from abm.choice.kernels.timing import move_plans, worth_of_dates
from abm.declare import Params, param
from abm.declare.state import Held, State, kept
from abm.departure import Choices, OptionsState
from abm.engine.lookup import sums_before
from abm.engine.portable import exponential
from abm.engine.sums import ascending
from abm.engine.tables import widen
from abm.places.options import CHANNELS
from abm.world.codes import STREAM_CHOICE, STREAM_CONSIDER, STREAM_TIMING
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

SEEN_MONTHS = 12.0
"""Months over which it is averaged who takes which way. Source: assumed."""


class TimingParams(Params):
    """Readiness to leave in another month than planned."""

    haste: float = param(
        0.2,
        unit="utility a month",
        bounds=(0.02, 2.0),
        source="assumed; the rush to Britain before the Act of 1962: docs/model/timing.md",
        systems=("S5", "S6"),
    )
    """Loss for every month by which a departure is brought forward or put off."""


class TimingState(State):
    """Plans to leave, and who takes which way."""

    plans: Held[np.ndarray | None] = kept(
        unit="month of usual departures",
        text="Plans to leave so many months ahead; None as long as all months are alike.",
        over=("month ahead", "district", "option"),
        start=lambda world: None,
    )
    taken: Held[np.ndarray] = kept(
        unit="household a month",
        text="Choices of each way, fading mean; the last are those who considered and stayed.",
        over=("option",),
        start=lambda world: np.zeros(len(world.options) + 1),
    )


class Timing(Mechanism):
    r"""Moves departures to earlier or later months, while a policy is announced and until the plans it moved are due.

    Departures are moved and not made: a rush before a policy leaves a hole after it.

    Notes
    -----
    Of those of a district who mean to leave by a way $j$ months ahead, this share, times the chance of a place, goes
    now:

    $$
    \frac{x_{0 j}}{1 + \sum_{i < j} x_{i j}}, \qquad x_{i j} = \max(e^{w_i - w_j} - 1, 0) \, e^{-\eta |i - j|}.
    $$

    Of those due now, $x_{i 0} / (1 + \sum_{k > 0} x_{k 0})$ wait until month $i$. So plans move, each 1 at first.
    Choices of the month stand with the chance planned for now, up to 1; of those who would have chosen so in a further
    month what is above 1 joins. Then plans move up by a month, with 1 in the last. $\eta$ is `haste`, and $w_i$ what
    month $i$ is worth to those of a way. It follows from the changes of utility against this month, $v_o = v_{i o} -
    v_{0 o}$ of "Announcements". They are worth $L = \lambda \log \sum_o p_o e^{v_o / \lambda}$ to a channel, with
    shares $p_o$ of its ways and $\lambda$ `channel.nest`. Of a loss, those who choose what worsens bear $v_o L / \sum
    p_o v_o$; of a gain, those who choose what improves have $v_o$, and the others share what is left of $L$. In the
    same way, with $\lambda = 1$, the $L$ of the channels are shared out among these and staying.
    """

    section = "timing"
    Params = TimingParams
    systems = ("S5", "S6", "S19")

    @staticmethod
    def step(world: World) -> None:
        """Move plans; add those who leave ahead of time to the month's choices, take out those gone or waiting."""
        state, ahead = world[TimingState], world[AnnouncementsState].ahead
        choices = world[OptionsState].choices
        _remember(world, choices)
        if ahead is not None and world.config.enabled(Timing.section):
            _move(world, ahead)
        if state.plans is None:
            return
        due = state.plans[0]
        moved = _join(world, _keep(world, choices, np.minimum(due, 1.0), 0), _brought_forward(world, due))
        world[OptionsState].choices = moved
        state.plans = np.concatenate([state.plans[1:], np.ones((1, *due.shape))])
        if ahead is None and (np.abs(state.plans - 1.0) < LEAST_MOVED).all():
            state.plans = None


def _remember(world: World, choices: Choices) -> None:
    """Average which way those take who consider leaving."""
    taken = world[TimingState].taken
    now = np.bincount(choices.option, choices.persons, taken.size)
    now[-1] = (world.chosen_count * world.weight[world.blocks.district]).sum() - now.sum()
    taken += (now - taken) / min(SEEN_MONTHS, world.t + 1.0)


def _move(world: World, ahead: np.ndarray) -> None:
    """Move plans between months by what each is worth."""
    state, ways, dissimilarity = world[TimingState], world[ChannelState].ways, world.params(ChannelParams).nest
    taken = state.taken[:-1]
    by_channel = np.bincount(ways.channel, taken, len(CHANNELS))
    share = taken / np.maximum(by_channel[ways.channel], 1e-9)
    worth = np.empty_like(ahead)
    worth_of_dates(
        ahead - ahead[0], ways.channel, share, by_channel / max(state.taken.sum(), 1e-9), dissimilarity, worth
    )
    if state.plans is None:
        state.plans = np.ones((MONTHS_AHEAD, *ahead.shape[1:]))
    move_plans(worth, exponential(-world.params(TimingParams).haste), world[OptionsState].chance, state.plans)


def _brought_forward(world: World, due: np.ndarray) -> list[Choices]:
    """Choices of those who would have considered leaving in a later month, of ways due more than once.

    They are like those who consider it now.
    """
    found = []
    options, attraction = world[OptionsState].month, world[OptionsState].attraction
    for time in range(1, int(np.ceil(due.max()))):
        keys = (world.key_of(stream, str(time)) for stream in (STREAM_CONSIDER, STREAM_CHOICE))
        choices = choices_of_others(world, options, attraction, *keys)
        found.append(_keep(world, choices, np.clip(due - time, 0.0, 1.0), time))
    return found


def _keep(world: World, choices: Choices, share: np.ndarray, time: int) -> Choices:
    """Keep a share of the choices, by district and option."""
    mine = world.draws(STREAM_TIMING, choices.row, str(time)) < share[choices.district, choices.option]
    return widen(choices, mine)


def _join(world: World, first: Choices, others: list[Choices]) -> Choices:
    """Put choices together in order of household, each of those that a row stands for once: the first count."""
    joined = Choices(*map(np.concatenate, zip(first, *others, strict=True)))
    joined, before = widen(joined, ascending(joined.row)), np.empty(joined.row.size, np.int64)
    sums_before(joined.row, joined.persons, before)
    persons = np.clip(world.weight[joined.district] - before, 0, joined.persons)
    return widen(joined._replace(persons=persons), persons > 0)


LEAST_MOVED = 1e-4
"""Difference from usual below which plans count as usual."""
