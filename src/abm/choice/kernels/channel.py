"""Utility of every way to leave by district, before what is a household's own."""

from __future__ import annotations

import numpy as np

from abm.beliefs.kernels.beliefs import DEATH, FAILURE, PAPERS, SANCTION, WAGE
from abm.engine.compiled import making
from abm.engine.portable import logarithm_inlined
from abm.places.options import OVERSTAY


@making
def attract(ways, month, terms, believed, known, residents, attraction, slope):
    """Fill the utility of each option by district, and how it changes with what a village believes.

    Parameters
    ----------
    ways, month, terms, believed
        `abm.choice.channel.Ways`, `WaysMonth`, `Terms` and `Believed`.
    known, residents
        Persons known abroad by district and destination, and members at home by district.
    attraction
        Output by district and option, -inf where an option is closed.
    slope
        Added to, by district, topic and option: change in utility for a village whose belief is twice its district's,
        to the first order in the log odds of the topic (the log of the wage).
    """
    options = ways.route.size
    taste, pay, near = np.zeros(options), np.ones(options), np.zeros(known.shape[1])
    for d in range(known.shape[0]):
        for place in range(near.size):
            beyond = logarithm_inlined(1.0 + known[d, place] / residents[d] * 10_000.0) - month.community[place]
            near[place] = terms.network * beyond + terms.community * month.community[place]
        fear = believed.sanction[d]
        for k in range(options):
            if not month.is_open[k]:
                continue
            success, months, place, route = month.chance[d, k], month.delay[k], ways.destination[k], ways.route[k]
            if route >= 0:
                success, months = believed.success[d, route], believed.months[d, route]
            value = month.taste[k] + month.appeal[k] - terms.gain * terms.discount * months
            full = month.pay[k]
            if route >= 0 or ways.channel[k] == OVERSTAY:
                hope = believed.papers[d, place]
                value += terms.papers * hope
                slope[d, PAPERS, k] += terms.papers * hope * (1.0 - hope)
            if ways.abroad[k]:  # pay in a city is known to all
                full = full * believed.pay[d]
                slope[d, WAGE, k] += terms.gain
            if route >= 0:
                failure, death = 1.0 - success, believed.death[d, route]
                value -= terms.sanction * failure * fear
                value += month.crowd[k] + month.heard[d, k]
                value -= terms.harm * death
                slope[d, DEATH, k] -= terms.harm * death * (1.0 - death)
                slope[d, FAILURE, k] -= terms.gain * failure + terms.sanction * fear * failure * success
                slope[d, SANCTION, k] -= terms.sanction * failure * fear * (1.0 - fear)
            taste[k], pay[k] = value, max(success * full, 1.0)
        for k in range(options):  # a loop of its own fills vector registers
            attraction[d, k] = taste[k] + terms.gain * logarithm_inlined(pay[k])
        for k in range(options):
            if not month.is_open[k]:
                attraction[d, k] = -np.inf
            elif ways.abroad[k]:
                attraction[d, k] += near[ways.destination[k]]
