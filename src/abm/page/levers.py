"""The opening of a page: what each lever is, with its number and unit, and all of them on one timeline with events."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, groupby
from typing import Any, NamedTuple

import altair as alt

from abm.analysis.levers import (
    PlaceNames,
    dates_of,
    dose,
    levers_in_words,
    name_of,
    place_names,
    places_of_config,
    when,
    where_in_words,
    with_own,
)
from abm.analysis.observed import settings_of
from abm.analysis.wording import plain
from abm.config.wording import is_number, number
from abm.engine.calendar import format_month, parse_month
from abm.month import LEVERS
from abm.page.ingredients import Mark, Rows, chart_of, colours, data_of, tooltips
from abm.page.looks import Look, looks_of
from abm.page.parts import Block, Chart, Facts, Grid, Heading, Text, said_once
from abm.page.words import headed, prose
from abm.plots.style import GRID, INK, OKABE_ITO
from abm.results.tables import Resolved
from abm.world.lever_use import LeverUse

Configs = Mapping[str, Resolved]  # complete configurations by scenario, the reference first

LEVER, EVENT = "lever", "events"  # series of the timeline where there is one scenario

FEW_YEARS = 2  # years below which a timeline has months on its axis
MOST_SPELLS = 80  # spells of a pulsed lever that are drawn one by one
MOST_SETTINGS = 25  # settings that differ beyond which their table is folded

TOLD_ELSEWHERE = ("name", "description", "seed", "outputs", "levers", "events")
"""Parts of a configuration that are no difference between scenarios, or have a table of their own."""


class Of[T](NamedTuple):
    """A lever in use, or an event as configured, in words too, with its scenario, empty if there is only one."""

    scenario: str
    what: T
    words: Mapping[str, str]


def opening(configs: Configs, window: tuple[str, str] | None = None) -> list[Block]:
    """Say what is changed, in a table and on a timeline."""
    several = len(configs) > 1
    uses, events = [], []
    for name, config in configs.items():
        if config.get("levers") or config.get("events"):
            scenario = headed(name) if several else ""
            uses += [Of(scenario, *found) for found in levers_in_words(config)]
            names = place_names(places_of_config(config)) if config.get("events") else {}
            events += [Of(scenario, raw, _event_in_words(raw, names)) for raw in config.get("events", ())]
    differing = _settings_that_differ(configs)
    if not uses and not events:
        where = "any scenario" if several else "this configuration"
        rest = "." if differing else ": the model is run as it is."
        return [Text(f"There is no lever and no event in {where}{rest}"), *differing]
    return [
        *differing,
        *(_table(uses) if uses else []),
        *([_table_of_events(events)] if events else []),
        timeline(configs, uses, events, window),
    ]


def _settings_that_differ(configs: Configs) -> list[Block]:
    """What scenarios set otherwise than the reference beside levers and events: mechanisms, parameters, places."""
    reference, *others = ((headed(name), settings_of(config, TOLD_ELSEWHERE)) for name, config in configs.items())
    rows = [
        {
            "scenario": name,
            "mechanism or parameter": path.removeprefix("mechanisms.").removesuffix(".enabled"),
            f"in {reference[0]}": _setting(reference[1].get(path)),
            "in the scenario": _setting(settings.get(path)),
        }
        for name, settings in others
        for path in dict.fromkeys((*settings, *reference[1]))
        if settings.get(path) != reference[1].get(path)
    ]
    if not rows:
        return []
    grid = Grid.of(rows, title="Mechanisms and parameters that differ", folded=len(rows) > MOST_SETTINGS)
    return [replace(grid, rows=said_once(grid.rows))]


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "–" if value is None else number(value) if is_number(value) else textwrap.shorten(str(value), 60)


def _table(uses: Sequence[Of[LeverUse]]) -> list[Block]:
    """Levers with dose, places and dates; what each does stands beside it, or once below where scenarios have it."""
    meanings = {use.lever: prose(LEVERS[use.lever].text) for _, use, _ in uses}
    rows = [
        {
            **_of_scenario(scenario),
            "lever": words["lever"],
            **({} if scenario else {"what it does": meanings[use.lever]}),
            **words,
        }
        for scenario, use, words in uses
    ]
    grid = Grid.of(rows, title="Levers")
    if not uses[0].scenario:
        return [grid]
    explained = Facts([(headed(name), text) for name, text in meanings.items()])
    return [replace(grid, rows=said_once(grid.rows)), Heading("What the levers do"), explained]


def _table_of_events(events: Sequence[Of[Resolved]]) -> Grid:
    grid = Grid.of([{**_of_scenario(scenario), **words} for scenario, _, words in events], title="Events")
    return replace(grid, rows=said_once(grid.rows)) if events[0].scenario else grid


def _event_in_words(raw: Resolved, names: PlaceNames) -> dict[str, str]:
    rest = {"event", "id", "month", "from", "until", "where", "way"}  # what is no size
    return {
        "event": with_own(raw["event"], raw["id"]),
        "size": ", ".join(f"{plain(key)} {value}" for key, value in raw.items() if key not in rest and value) or "–",
        "where": where_in_words(raw.get("where") or raw.get("way"), names),
        "when": dates_of(raw),
    }


def _of_scenario(name: str) -> dict[str, str]:
    return {"scenario": name} if name else {}


def timeline(
    configs: Configs, uses: Sequence[Of[LeverUse]], events: Sequence[Of[Resolved]], window: tuple[str, str] | None
) -> Chart:
    """All levers and events on one axis of time: bars while in force, pale while they grow, diamonds when announced."""
    start = min(parse_month(config["start"]) for config in configs.values())
    end = max(parse_month(config["end"]) for config in configs.values())
    spells: list[Mark] = []
    points: list[Mark] = []
    found: dict[str, list[str]] = {scenario: [] for scenario, *_ in (*uses, *events)}  # rows by scenario
    for scenario, use, _ in uses:
        row = _row(scenario, name_of(use))
        found[scenario].append(row)
        head = {"row": row, "series": scenario or LEVER, "dose": dose(use), "when": when(use)}
        spells += [head | spell for spell in _spells(use, start, end)]
        if use.announced:
            points.append(head | {"from": f"{use.announced}-01", "what": "announced"})
    for scenario, raw, _ in events:
        row = _row(scenario, with_own(raw["event"], raw["id"]))
        found[scenario].append(row)
        head = {"row": row, "series": scenario or EVENT, "dose": "event", "when": dates_of(raw)}
        if raw.get("month"):
            points.append(head | {"from": f"{raw['month']}-01", "what": "event"})
        else:
            last = parse_month(raw["until"]) if raw.get("until") else end
            spells.append(head | {"from": f"{raw['from']}-01", "to": _day(last + 1), "grown": 1.0})
    marks = [*spells, *points]
    there = {mark["row"] for mark in marks}
    order = [row for row in dict.fromkeys(chain(*found.values())) if row in there]
    looks = {LEVER: Look(OKABE_ITO["blue"])} | ({EVENT: Look(OKABE_ITO["vermillion"])} if events else {})
    if len(configs) > 1:
        looks = {name: look for name, look in looks_of(map(headed, configs)).items() if name in found}
    looks = {name: look._replace(filled=True) for name, look in looks.items()}
    return chart_of(
        _drawn(spells, points, order, looks, start, end + 1, window),
        looks,
        (
            [_in_numbers(mark) for mark in marks],
            {"row": "what", "from": "first month", "to": "last month", "dose": "dose"},
        ),
        switches=False,
        title="Levers and events on one timeline" if events else "Levers on one timeline",
        alt_text=f"Timeline from {format_month(start)} to {format_month(end)} with {len(uses)} levers and "
        f"{len(events)} events; the table above has the same dates.",
        note="A bar goes from the start of the first month to the end of the last in which a lever or an event is in "
        "force; it is pale while a lever grows to its full strength or waits for its trigger. Diamond: the month of "
        "an announcement, or of an event that lasts no longer."
        + (" Grey: the months over which outcomes are compared." if window else ""),
    )


def _in_numbers(mark: Mark) -> Mark:
    """Row of the table, where a bar, drawn to the first day after its last month, ends with that month."""
    last = format_month(parse_month(mark["to"][:7]) - 1) if "to" in mark else mark["from"][:7]
    return mark | {"from": mark["from"][:7], "to": last, "dose": mark.get("what", mark["dose"])}


def _row(scenario: str, name: str) -> str:
    return f"{scenario} · {name}" if scenario else name


def _spells(use: LeverUse, start: int, end: int) -> Iterator[Mark]:
    """Stretches of months in which a lever has one strength class: none, growing, full."""
    first = max(use.from_month, start)
    last = min(use.until_month if use.until_month is not None else end, end)
    if use.when is not None:
        yield {"from": _day(first), "to": _day(last + 1), "grown": 0.4}
        return

    def shade(month: int) -> float:
        """Pale while the lever grows."""
        strength = use.strength(month)
        return 0.0 if strength == 0 else 1.0 if strength >= 1 else 0.4

    spells = [(grown, list(months)) for grown, months in groupby(range(first, last + 1), key=shade)]
    for grown, spell in [found for found in spells if found[0]][:MOST_SPELLS]:
        yield {"from": _day(spell[0]), "to": _day(spell[-1] + 1), "grown": grown}


def _day(month: int) -> str:
    return f"{format_month(month)}-01"


def _drawn(
    spells: Rows,
    points: Rows,
    order: Sequence[str],
    looks: Mapping[str, Look],
    first: int,
    last: int,
    window: tuple[str, str] | None,
) -> Any:
    few = last - first < 12 * FEW_YEARS
    ticks = (
        {"interval": "month", "step": 3} if few else {"interval": "year", "step": max(1, round((last - first) / 120))}
    )
    axis = alt.Axis(tickCount=ticks, format="%Y-%m" if few else "%Y", grid=True, labelAngle=0, labelFlush=False)
    domain = [1000 * datetime.fromisoformat(f"{_day(month)}T00Z").timestamp() for month in (first, last)]
    x = alt.X("from:T", title=None, scale=alt.Scale(type="utc", nice=False), axis=axis)
    whole = x.scale(type="utc", nice=False, domain=domain)  # in one layer: Vega-Lite warns of two, though alike
    y = alt.Y("row:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=330, ticks=False, domain=False))
    says = tooltips({"row:N": "", "dose:N": "dose", "when:N": "when"})
    layers = [alt.Chart(data_of([{"from": _day(first)}])).mark_point(opacity=0).encode(x=whole)]
    if window:
        shade = alt.Chart(data_of([{"from": f"{window[0]}-01", "to": _day(parse_month(window[1]) + 1)}]))
        layers.append(shade.mark_rect(color=GRID, opacity=0.45).encode(x=x, x2="to:T"))
    if spells:
        bars = alt.Chart(data_of(spells)).mark_bar(size=13, stroke=INK, strokeWidth=0.6)
        opacity = alt.Opacity("grown:Q", scale=None, legend=None)
        layers.append(bars.encode(x=x, x2="to:T", y=y, color=colours(looks), opacity=opacity, tooltip=says))
    if points:
        dots = alt.Chart(data_of(points)).mark_point(shape="diamond", filled=True, size=110, opacity=1, stroke=INK)
        layers.append(dots.encode(x=x, y=y, color=colours(looks), tooltip=[*says, *tooltips({"what:N": ""})]))
    longest = max(map(len, order), default=0)
    return alt.layer(*layers).properties(width=480 if longest < 30 else 400, height=max(24 * len(order), 50))
