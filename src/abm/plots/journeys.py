"""Attempts and their outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.plots.curves import Lines, Period, draw_flow, draw_steps, lines_of, period_of, stack_blocks
from abm.plots.panels import run_panels
from abm.plots.style import OKABE_ITO, About, Frames, Plate, dress

FATES = {
    "Begun": ("irregular_departures", OKABE_ITO["black"]),
    "Begun,\nonward only": ("onward_departures", OKABE_ITO["blue"]),
    "Arrived": ("irregular_arrivals", OKABE_ITO["green"]),
    "Sent home": ("sent_home", OKABE_ITO["vermillion"]),
    "Stranded": ("stranded", OKABE_ITO["purple"]),
}
"""Outcomes of the same size, on one scale; journeys begun are those from home and the onward ones together."""

AGAIN = {
    "Within the\ncontract": ("further_attempts", OKABE_ITO["blue"]),
    "After being\nsent home": ("sent_home_again", OKABE_ITO["orange"]),
}
"""Further attempts; those of the deported are left out, who leave again by any way."""

ONWARD = "onward_departures"  # column of journeys that begin at a first destination


def draw_attempts(tables: Frames, about: About) -> Plate | None:
    """Draw journeys begun, their ends, deaths, those stopped by country, and attempts begun again."""
    national = tables["national"]
    if (
        not {"irregular_departures", "irregular_arrivals"} <= set(national)
        or not national["irregular_departures"].any()
    ):
        return None
    period = period_of(national)
    figure, (fates, dead, stopped, again) = run_panels(
        about, f"Irregular journeys and their outcomes, {about.where}, {period.words}",
        f"Counts {period.per}. Outcomes are counted when they happen: some belong to journeys begun the year before. "
        "Onward journeys begin at a first destination; those who go on from there arrive twice. One person may be "
        "stopped several times. Every panel has its own scale.",
        count=4, columns=2, wide=4.1, right=1.15, across=1.85,
    )  # fmt: skip
    draw_steps(fates, period, _fates(national, period))
    dress(fates, "Journeys", f"persons {period.per}", whole=True)
    draw_flow(dead, period, period.sums(national, "deaths_en_route"), OKABE_ITO["black"])
    dress(dead, "Died on the way", f"persons {period.per}", whole=True)
    stack_blocks(stopped, period, _stopped_by_country(national, period), hatches=("", "//////", "......"))
    dress(stopped, "Stopped on the way, by country", f"events {period.per}", whole=True)
    if {"repeat_attempts", "deported_again"} <= set(national):
        national = national.assign(sent_home_again=national["repeat_attempts"] - national["deported_again"])
    draw_steps(again, period, lines_of(period.sums, national, AGAIN))
    dress(again, "Further attempts", f"attempts {period.per}", whole=True)
    return figure


def _fates(national: pd.DataFrame, period: Period) -> Lines:
    """Journeys begun, onward ones among them, and their ends."""
    found = lines_of(period.sums, national, FATES)
    if ONWARD not in national:
        return found
    begun, colour = found["Begun"]
    return {**found, "Begun": (begun + period.sums(national, ONWARD), colour)}


def _stopped_by_country(national: pd.DataFrame, period: Period) -> Lines:
    """Interceptions in Pakistan, in Iran and farther away."""
    columns = ("interceptions", "stopped_abroad", "stopped_in_iran")
    total, abroad, iran = (period.sums(national, column) for column in columns)
    return {
        "Pakistan": (np.maximum(total - abroad, 0), OKABE_ITO["blue"]),
        "Iran": (iran, OKABE_ITO["orange"]),
        "Elsewhere": (abroad - iran, OKABE_ITO["sky blue"]),
    }
