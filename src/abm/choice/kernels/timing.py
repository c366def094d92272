"""Leaving now against leaving later: what another date is worth, and the plans that move to it."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called, making
from abm.engine.portable import exponential, logarithm

LEAST_SHARE = 1e-6
"""Share below which nobody is left to gain."""


@making
def worth_of_dates(value, channel, share, channel_share, dissimilarity, worth):
    """Fill what leaving in each month is worth to those who now choose each way, as the other ways would serve them.

    Parameters
    ----------
    value
        Change in the utility of each way against now, by month ahead, district and option.
    channel
        Channel of each option.
    share, channel_share
        Share of each option in its channel, and of each channel among those who consider leaving; the rest stay.
    dissimilarity
        Of the options of a channel.
    worth
        Output like `value`, in the same unit; 0 where nothing changes.
    """
    options, channels = channel.size, channel_share.size
    gain, loss = np.zeros(options), np.zeros(options)
    kept, mean, of_channel = np.zeros(options), np.zeros(channels), np.zeros(channels)
    for ahead in range(value.shape[0]):
        for d in range(value.shape[1]):
            worth[ahead, d] = 0.0
            if not value[ahead, d].any():
                continue
            for k in range(options):
                gain[k], loss[k] = max(value[ahead, d, k], 0.0), min(value[ahead, d, k], 0.0)
            for change in (gain, loss):
                for c in range(channels):
                    mean[c] = spread_change(change, share, channel, c, dissimilarity, kept)
                total = spread_change(mean, channel_share, np.zeros(channels, np.int64), 0, 1.0, of_channel)
                for k in range(options):
                    c = channel[k]
                    if mean[c] < 0.0:
                        worth[ahead, d, k] += kept[k] * of_channel[c] / mean[c]
                    elif mean[c] > 0.0 or total > 0.0:
                        worth[ahead, d, k] += kept[k] + of_channel[c] - mean[c]


@called
def spread_change(change, share, group, one, dissimilarity, felt):
    """Fill what changes of utility, all of one sign, are worth to those who choose each option of a group.

    In a logit the mean change in the worth of the group is L = s log sum p exp(x / s). Of a loss the choosers of what
    worsens bear all, in proportion: small ones in full, large ones less, as they turn to other options. Of a gain the
    choosers of what improves have theirs in full; the rest of L goes to the others, who may come over to it.

    Parameters
    ----------
    change, share, group
        Change of utility of each option, its share in its group, and its group; shares may sum to less than 1.
    one, dissimilarity
        The group; and s.
    felt
        Output for the options of the group.

    Returns
    -------
    float
        L.

    References
    ----------
    Small and Rosen (1981), "Applied welfare economics with discrete choice models": the log of the sum as a measure.
    """
    total, direct, improved = 1.0, 0.0, 0.0
    for k in range(change.size):
        if group[k] == one:
            total += share[k] * (exponential(change[k] / dissimilarity) - 1.0)
            direct += share[k] * change[k]
            improved += share[k] if change[k] > 0.0 else 0.0
    mean = dissimilarity * logarithm(total)
    for k in range(change.size):
        if group[k] == one:
            felt[k] = change[k]
            if direct < 0.0:
                felt[k] *= mean / direct
            elif direct > 0.0 and change[k] == 0.0:
                felt[k] = (mean - direct) / max(1.0 - improved, LEAST_SHARE)
    return mean


@making
def move_plans(worth, keen, placed, plans):
    """Move plans to leave between the months ahead, to where leaving is worth more; no plan is lost.

    A plan for month `j` goes to month `i` with weight (exp(worth_i − worth_j) − 1) · keen^|j − i|, against 1 for
    the planned month: a logit over dates in which every month away from it counts as a loss, and in which nobody moves
    if all months are alike. Earlier months draw plans forward to now; those due now are put off to better months.

    Parameters
    ----------
    worth
        Of leaving in each month, by month ahead, district and option, see `worth_of_dates`.
    keen
        What is left of the pull of another date one month farther away, in (0, 1).
    placed
        Chance, by district and option, that those who come forward now get a place; the others keep their plans.
    plans
        Plans by month ahead, district and option in months of usual departures; changed in place.
    """
    months = worth.shape[0]
    gain, near = np.empty(months), np.ones(months)
    for j in range(1, months):
        near[j] = near[j - 1] * keen
    for d in range(worth.shape[1]):
        for k in range(worth.shape[2]):
            alike = True
            for j in range(months):
                alike &= worth[j, d, k] == worth[0, d, k]
            if alike:
                continue
            for j in range(months):
                gain[j] = exponential(worth[j, d, k])
            due = plans[0, d, k]
            for j in range(1, months):
                pull = 1.0
                for i in range(j):
                    pull += max(gain[i] / gain[j] - 1.0, 0.0) * near[j - i]
                moved = max(gain[0] / gain[j] - 1.0, 0.0) * near[j] / pull * plans[j, d, k] * placed[d, k]
                plans[j, d, k] -= moved
                plans[0, d, k] += moved
            pull = 1.0
            for i in range(1, months):
                pull += max(gain[i] / gain[0] - 1.0, 0.0) * near[i]
            for i in range(1, months):
                moved = due * max(gain[i] / gain[0] - 1.0, 0.0) * near[i] / pull
                plans[i, d, k] += moved
                plans[0, d, k] -= moved
