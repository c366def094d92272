"""Routes and destinations side by side, those that a configuration adds among them."""

from __future__ import annotations

from abm.analysis.records import recorded_at
from abm.places.places import places_of
from abm.plots.corridor_counts import words_of
from abm.plots.curves import draw_flow, draw_lines, period_of, rows_by, span_of, values_of
from abm.plots.panels import draw_records, run_panels
from abm.plots.style import OKABE_ITO, About, Frames, Plate, dress, magnitude, number

MOST = 12  # panels of a figure; what is added by the configuration has one, then what is largest

STOCKS = ("legal", "irregular_open", "irregular_hidden")


def draw_destinations(tables: Frames, about: About) -> Plate | None:
    """Draw persons at each destination, and those without papers among them."""
    table = tables["destination"]
    if not set(STOCKS) <= set(table):
        return None
    by_key = rows_by(table, table["destination"])
    last = {key: float(rows[list(STOCKS)].iloc[-1].sum()) for key, rows in by_key.items()}
    names = {found.key: found.name for found in about.places.destinations}
    own = {found.key for found in about.places.destinations} - {found.key for found in places_of().destinations}
    chosen = _choose(last, own)
    if not chosen:
        return None
    period = period_of(table)
    figure, panels = run_panels(
        about, f"Persons abroad by destination, {about.where}, {span_of(table)}",
        "All who live there, and those without papers among them, at the end of each month; each panel with its own "
        "scale. Circles: records of the country.",
        _added(own), count=len(chosen), columns=4, wide=2.1, tall=1.45, right=0.95, across=1.6,
    )  # fmt: skip
    for axes, key in zip(panels, chosen, strict=True):
        rows = by_key[key]
        without = values_of(rows, "irregular_open") + values_of(rows, "irregular_hidden")
        everybody = without + values_of(rows, "legal")
        most = float(everybody.max(initial=0.0))
        divisor, word = magnitude(most) if most >= 1e6 else (1e3, "thousand")
        draw_lines(axes, rows, {
            "All": (everybody / divisor, OKABE_ITO["blue"]),
            "Without\npapers": (without / divisor, OKABE_ITO["vermillion"]),
        })  # fmt: skip
        dress(axes, names.get(key, key) + (" *" if key in own else ""), f"{word} persons")
        known = recorded_at("STOCK_DEST", key, about.places, about.series)
        draw_records(axes, about, known, period, divisor)
    return figure


def draw_routes(tables: Frames, about: About) -> Plate | None:
    """Draw those who set out and those who arrived by group of routes, with the share of deaths."""
    table = tables["route"]
    if not {"departures", "arrivals", "deaths"} <= set(table) or not table["departures"].any():
        return None
    corridor = {route.key: words_of(route.corridor, about.places) for route in about.places.routes}
    shipped, corridors = ({getattr(route, name) for route in places_of().routes} for name in ("key", "corridor"))
    added = [route for route in about.places.routes if route.key not in shipped and route.corridor not in corridors]
    own = {corridor[route.key] for route in added}
    by_name = rows_by(table, table["route"].astype(str).map(corridor))
    period = period_of(table)
    chosen = _choose({name: float(rows["departures"].sum()) for name, rows in by_name.items()}, own)
    figure, panels = run_panels(
        about, f"Irregular journeys by corridor, {about.where}, {period.words}",
        f"Blocks: persons who set out {period.per}. Line: persons who arrived. In the corner: deaths for a thousand "
        "who set out. Each panel with its own scale.",
        _added(own), count=len(chosen), columns=4, wide=2.3, tall=1.45, across=0.9,
    )  # fmt: skip
    for axes, name in zip(panels, chosen, strict=True):
        rows = by_name[name]
        begun, arrived = (period.sums(rows, column) for column in ("departures", "arrivals"))
        draw_flow(axes, period, begun, OKABE_ITO["vermillion"])
        axes.stairs(arrived, period.edges(), baseline=None, color=OKABE_ITO["green"], linewidth=1.6)
        axes.set_ylim(0, 1.25 * max(begun.max(), arrived.max()) or 1.0)
        whole = period.rows_of(rows)
        deaths = 1000 * float(whole["deaths"].sum()) / max(float(whole["departures"].sum()), 1.0)
        axes.text(0.98, 0.97, f"{number(deaths)} ‰", transform=axes.transAxes, ha="right", va="top")
        dress(axes, name + (" *" if name in own else ""), f"persons {period.per}", whole=True)
    return figure


def _choose(sizes: dict[str, float], own: set[str]) -> list[str]:
    """Keys that get a panel: those added, then the largest, in the order of size."""
    kept = [key for key, size in sizes.items() if size > 0 or key in own]
    ranked = sorted(kept, key=lambda key: (key not in own, -sizes[key]))[:MOST]
    return sorted(ranked, key=lambda key: -sizes[key])


def _added(own: set[str]) -> list[str]:
    return ["* Added by the configuration of this run."] if own else []
