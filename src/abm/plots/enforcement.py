"""Enforcement by part of the route, and its effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.places.places import Places
from abm.plots.curves import Lines, Period, Values, draw_steps, means_by_step, period_of, scaled, values_of
from abm.plots.panels import run_panels
from abm.plots.style import MUTED, OKABE_ITO, About, Frames, Plate, dress

LEG_GROUPS: Mapping[str, str] = {
    "PAK": "Pakistan", "IRN": "Iran", "TUR": "Turkey and Aegean", "GRC": "Turkey and Aegean",
    "LBY": "North Africa", "MAR": "North Africa",
}  # fmt: skip
"""Group of a leg by the country that guards it; legs by air are a group of their own, the rest is `ELSEWHERE`."""

AIRPORTS, ELSEWHERE = "Airports", "Europe and beyond"

LEG_COLOURS: Mapping[str, str] = {
    "Pakistan": OKABE_ITO["blue"],
    "Iran": OKABE_ITO["orange"],
    "Turkey and Aegean": OKABE_ITO["green"],
    "North Africa": OKABE_ITO["vermillion"],
    ELSEWHERE: OKABE_ITO["purple"],
    AIRPORTS: OKABE_ITO["black"],
}
"""Colour of a group of legs, the same in every run, from home outwards."""

STEADY = 0.02  # effort this near to the usual level counts as usual
LEAST_SPAN = 0.25  # effort shown on either side of the usual level at least


def draw_enforcement(tables: Frames, about: About) -> Plate | None:
    """Draw effort, probability of interception, interceptions and bribes by group of legs."""
    leg = tables["leg"]
    if "interceptions" not in leg or not leg["entered"].any():
        return None
    period = period_of(leg)
    groups = rows_by_group(leg["leg"], about.places)

    def lines(of: Callable[[pd.DataFrame], Values]) -> Lines:
        return {name: (of(leg[rows]), LEG_COLOURS[name]) for name, rows in groups.items()}

    def mean(rows: pd.DataFrame, column: str) -> Values:
        """Mean by step over legs, weighted by the persons who enter them."""
        return means_by_step(period, rows, column, values_of(rows, "entered"))

    efforts = lines(lambda rows: mean(rows, "effort"))
    moving = {name: line for name, line in efforts.items() if np.nanmax(np.abs(line[0] - 1.0), initial=0.0) > STEADY}
    steady = ", ".join(name for name in efforts if name not in moving)
    words = f"Effort at the usual level throughout, within {100 * STEADY:.0f} %, and not drawn: {steady}."
    figure, (effort, odds, stopped, bribes) = run_panels(
        about, f"Enforcement by part of the route, {about.where}, {period.words}",
        "Legs grouped by the country that guards them. Effort and probability are means over legs weighted by "
        "travellers: as travellers meet them. Probability: of one passage of one leg with an office of average "
        "service quality. One person may be stopped several times.",
        [words] if steady else [], count=4, columns=2, wide=3.6, left=0.95, right=1.75, across=2.6,
    )  # fmt: skip
    _draw_effort(effort, period, moving)
    draw_steps(odds, period, lines(lambda rows: 100.0 * mean(rows, "interception_probability")))
    dress(odds, "Probability of being stopped", "% a leg")
    draw_steps(stopped, period, lines(lambda rows: period.sums(rows, "interceptions")))
    dress(stopped, "Stopped", f"events {period.per}", whole=True)
    paid, _, word = scaled(lines(lambda rows: period.sums(rows, "bribes")))
    draw_steps(bribes, period, paid)
    dress(bribes, "Bribes on the way", f"{word} PKR of 2017 {period.per}".strip())
    return figure


def leg_groups(places: Places) -> dict[str, str]:
    """Group of each leg by its key."""
    return {leg.key: AIRPORTS if leg.guard == "air" else LEG_GROUPS.get(leg.country, ELSEWHERE) for leg in places.legs}


def rows_by_group(legs: pd.Series, places: Places) -> dict[str, np.ndarray]:
    """Which rows of a table by leg belong to each group, from home outwards; legs not in the data are left out."""
    found = legs.astype(str).map(leg_groups(places))
    return {name: (found == name).to_numpy() for name in LEG_COLOURS if (found == name).any()}


def _draw_effort(axes: Axes, period: Period, moving: Lines) -> None:
    """Draw effort around 1, at a scale at which noise looks small."""
    known = np.concatenate([np.ones(1), *(values for values, _ in moving.values())])
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    room = 0.15 * (high - low)
    axes.set_ylim(min(low - room, 1.0 - LEAST_SPAN), max(high + room, 1.0 + LEAST_SPAN))
    axes.axhline(1.0, color=MUTED, linewidth=0.8, zorder=0.5)
    draw_steps(axes, period, moving, keep_scale=True)
    dress(axes, "Effort", "multiple of the usual,\nnot from zero", from_zero=False)
