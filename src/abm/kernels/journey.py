"""Journeys: cohorts advance along the legs of their route."""

from __future__ import annotations

import numpy as np

from abm.kernels.compiled import kernel
from abm.kernels.members_away import bury
from abm.kernels.portable import exponential, power
from abm.kernels.random import binomial, uniform


@kernel
def interception_probability(
    ceiling: float, efficiency: float, saturation: float, effort: float, relative_flow: float
) -> float:
    """Probability that a person is intercepted on a leg: ceiling (1 - exp(-efficiency (effort / flow)^saturation)).

    Parameters
    ----------
    ceiling
        Largest probability, however large the effort.
    efficiency, saturation
        Dimensionless.
    effort
        Against the reference effort of the leg.
    relative_flow
        Persons a month against the reference flow; at least 0.01 of it counts, so that an empty leg has a risk.

    References
    ----------
    DESIGN of the ODD, submodel "Journey": a declining return to effort as in the economics of crime (Ehrlich 1973).
    """
    if effort <= 0.0:
        return 0.0
    return ceiling * (1.0 - exponential(-efficiency * power(effort / max(relative_flow, 0.01), saturation)))


@kernel
def advance_journeys(
    journeys,
    count,
    legs,
    weights,
    shame,
    households,
    death_key,
    interception_key,
    by_district,
    by_route,
    entered,
    arrived,
):
    """Advance all cohorts by one month; draw deaths and interceptions at the end of a leg.

    Parameters
    ----------
    journeys, count
        Columns and how many are in use; on return those still under way come first, in the same order.
    legs
        By route and leg: ``months``, ``death``, ``interception``; ``length`` legs of each route.
    weights
        Households that one row stands for, by district.
    shame
        Fall of aspiration of a household whose members are all intercepted.
    households
        Columns; members away and aspiration change.
    death_key, interception_key
        Keys of the month.
    by_district, by_route
        Added to, columns: deaths, interceptions, arrivals (and months of the arrived, for routes).
    entered
        Added to: persons who begin a leg, by route and leg.
    arrived
        Output: persons of each cohort that arrives, at its new position beyond those under way.

    Returns
    -------
    int
        Cohorts still under way.
    """
    kept = 0
    arrivals = 0
    for k in range(count):
        row = journeys.row[k]
        persons = np.int64(journeys.persons[k])
        route = journeys.route[k]
        leg = journeys.leg[k]
        left = journeys.months_left[k] - 1
        district = journeys.district[k]
        weight = weights[district]
        entity = row * 4096 + journeys.started[k]
        finished = False
        if left <= 0:
            died = binomial(persons, legs.death[route, leg], death_key, entity)
            if died > 0:
                bury(row, died, weight, households)
                by_district[district, 0] += died
                by_route[route, 0] += died
            persons -= died
            stopped = binomial(persons, legs.interception[route, leg], interception_key, entity)
            if stopped > 0:
                households.away[row] -= np.uint16(stopped)
                if uniform(np.uint64(interception_key) ^ np.uint64(0x5851F42D4C957F2D), entity) * weight < stopped:
                    households.experience[row] = 1  # as likely as for one of the households that the row stands for
                households.aspiration[row] *= 1.0 - shame * min(stopped / weight, 1.0)
                by_district[district, 1] += stopped
                by_route[route, 1] += stopped
            persons -= stopped
            leg += 1
            if persons == 0:
                finished = True
            elif leg == legs.length[route]:
                finished = True
                by_district[district, 2] += persons
                by_route[route, 2] += persons
                arrived.row[arrivals] = row
                arrived.district[arrivals] = district
                arrived.route[arrivals] = route
                arrived.persons[arrivals] = persons
                arrived.months[arrivals] = journeys.months_gone[k] + 1
                arrivals += 1
            else:
                left = legs.months[route, leg]
                entered[route, leg] += persons
        if not finished:
            journeys.row[kept] = row
            journeys.persons[kept] = persons
            journeys.route[kept] = route
            journeys.leg[kept] = leg
            journeys.months_left[kept] = left
            journeys.months_gone[kept] = journeys.months_gone[k] + 1
            journeys.started[kept] = journeys.started[k]
            journeys.district[kept] = district
            kept += 1
    arrived.count[0] = arrivals
    return kept
