"""The opening of a page: what each lever is, with its number and unit, and all of them on one timeline with events."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt

from abm.analysis.wording import plain
from abm.config.wording import number
from abm.engine.calendar import format_month, parse_month
from abm.month import LEVERS
from abm.page.ingredients import data_of, numbers_of, spec_of
from abm.page.looks import Look, looks_of
from abm.page.parts import Block, Chart, Facts, Grid, Heading, Text
from abm.page.words import headed, place_names, prose, where_in_words
from abm.places.places import places_of
from abm.plots.style import GRID, INK, OKABE_ITO
from abm.world.lever_use import LeverUse

Configs = Mapping[str, Mapping[str, Any]]
"""Complete configurations by scenario, the reference first."""

EVENT = "events"
"""Series of events on the timeline."""

MOST_SPELLS = 80
"""Spells of a pulsed lever that are drawn one by one."""


def opening(configs: Configs, window: tuple[str, str] | None = None) -> list[Block]:
    """Say what is changed, in a table and on a timeline."""
    uses = list(_uses(configs))
    events = list(_events(configs))
    if not uses and not events:
        where = "any scenario" if len(configs) > 1 else "this configuration"
        return [Text(f"There is no lever and no event in {where}: the model is run as it is.")]
    blocks: list[Block] = []
    several = len(configs) > 1
    if uses:
        blocks += _table(uses, several=several)
    if events:
        blocks.append(_table_of_events(events, several=several))
    blocks.append(timeline(configs, uses, events, window))
    return blocks


Use = tuple[str, LeverUse, Mapping[str, Mapping[str, str]]]


def _uses(configs: Configs) -> Iterator[Use]:
    """Levers of all scenarios: scenario, use, names of places."""
    for scenario, config in configs.items():
        names = place_names(places_of_config(config))
        for raw in config.get("levers", ()):
            yield scenario, LeverUse.model_validate(_tuples(raw)), names


def _tuples(value: Any) -> Any:
    """Plain data of JSON as the checks expect it: tuples for lists."""
    if isinstance(value, Mapping):
        return {key: _tuples(part) for key, part in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def places_of_config(config: Mapping[str, Any]) -> Any:
    """Places of a configuration in plain data; those shipped where it was made by a version with other fields."""
    from abm.config import make_config
    from abm.engine.errors import ConfigError

    try:
        return places_of(make_config(places=config["places"]).places)
    except (ConfigError, KeyError):
        return places_of()


def dose(use: LeverUse) -> str:
    """Write the strength of a lever as a change of what it moves."""
    declared = LEVERS[use.lever]
    value = use.value
    if declared.combine == "multiply":
        return f"{number(value)} times the level without it"
    sign = "−" if value < 0 else "+"
    if not declared.is_share:
        return f"{sign}{number(abs(value))} {declared.unit}"
    of = declared.unit.removeprefix("share").strip()
    size = number(round(100 * abs(value), 6))
    if of.startswith("of "):
        return f"{size if value > 0 else sign + size} % {of}"
    return f"{sign}{size} percentage points{f', {of}' if of not in ('', 'added') else ''}"


def when(use: LeverUse) -> str:
    """Write the dates of a lever."""
    parts = []
    if use.from_ is not None:
        parts.append(f"from {use.from_}" + (f" to {use.until}" if use.until else ""))
    if use.announced:
        parts.append(f"announced {use.announced}")
    if use.ramp_months:
        parts.append(f"growing over {use.ramp_months} months")
    if use.pulse:
        parts.append(f"{use.pulse.months_on} months on, {use.pulse.months_off} off")
    if use.when:
        side, threshold = ("above", use.when.above) if use.when.above is not None else ("below", use.when.below)
        rule = f"once {plain(use.when.outcome)} over {use.when.over_months} months is {side} {threshold:g}"
        parts.append(rule + (f", for {use.when.for_months} months" if use.when.for_months else ""))
    return "; ".join(parts)


def _more(use: LeverUse) -> str:
    parts = []
    if use.topic:
        parts.append(f"about {plain(use.topic)}")
    if use.claimed is not None and use.claimed != 1:
        parts.append(f"claims {use.claimed:g} times the truth")
    if use.sectors and use.sectors != "both":
        parts.append(f"{use.sectors} sector")
    if use.kinds:
        parts.append(", ".join(use.kinds))
    return f" ({'; '.join(parts)})" if parts else ""


def name_of(use: LeverUse) -> str:
    """Name of a use of a lever: that of the lever, with what its own name adds."""
    if use.label:
        return use.label
    own = [word for word in use.id.split("_") if word not in use.lever.split("_")]
    return f"{headed(use.lever)}: {' '.join(own)}" if own else headed(use.lever)


def _table(uses: Sequence[Use], *, several: bool) -> list[Block]:
    """Levers with dose, places and dates; what each does stands beside it, or once below where several have it."""
    rows = [
        [
            *([headed(scenario)] if several else []),
            name_of(use) + _more(use),
            *([] if several else [prose(LEVERS[use.lever].text)]),
            dose(use),
            where_in_words(use.where.as_in_yaml() if use.where else None, names),
            when(use),
        ]
        for scenario, use, names in uses
    ]
    if not several:
        return [Grid(["lever", "what it does", "dose", "where", "when"], rows, title="Levers")]
    columns = ["scenario", "lever", "dose", "where", "when"]
    once = dict.fromkeys(use.lever for _, use, _ in uses)
    meanings = [(headed(name), prose(LEVERS[name].text)) for name in once]
    return [Grid(columns, _said_once(rows, 0), title="Levers"), Heading("What the levers do"), Facts(meanings)]


def _said_once(rows: list[list[str]], column: int) -> list[list[str]]:
    """Leave a cell out that repeats the one above it."""
    return [
        [*row[:column], "" if place and rows[place - 1][column] == row[column] else row[column], *row[column + 1 :]]
        for place, row in enumerate(rows)
    ]


Happening = tuple[str, Mapping[str, Any], Mapping[str, Mapping[str, str]]]


def _events(configs: Configs) -> Iterator[Happening]:
    for scenario, config in configs.items():
        if config.get("events"):
            names = place_names(places_of_config(config))
            for raw in config["events"]:
                yield scenario, raw, names


def _table_of_events(events: Sequence[Happening], *, several: bool) -> Grid:
    rows = []
    for scenario, raw, names in events:
        dates = raw.get("month") or f"from {raw.get('from')}" + (f" to {raw['until']}" if raw.get("until") else "")
        sizes = [
            f"{plain(key)} {raw[key]}" for key in ("persons", "share", "amount", "parameter", "value") if raw.get(key)
        ]
        where = raw.get("where") or raw.get("way")
        rows.append(
            [
                *([headed(scenario)] if several else []),
                headed(str(raw["event"])),
                ", ".join(sizes) or "–",
                where_in_words(where, names),
                str(dates),
            ]
        )
    columns = [*(["scenario"] if several else []), "event", "size", "where", "when"]
    return Grid(columns, _said_once(rows, 0) if several else rows, title="Events")


# ------------------------------------------------------------------------------------------------------------ timeline


def timeline(
    configs: Configs, uses: Sequence[Use], events: Sequence[Happening], window: tuple[str, str] | None
) -> Chart:
    """All levers and events on one axis of time: bars while in force, pale while they grow, diamonds when announced."""
    start = min(parse_month(str(config["start"])) for config in configs.values())
    end = max(parse_month(str(config["end"])) for config in configs.values())
    several = len(configs) > 1
    scenarios = [name for name in configs if any(name == scenario for scenario, *_ in (*uses, *events))]
    looks = looks_of(map(headed, configs)) if several else {"lever": Look(OKABE_ITO["blue"])}
    there = {headed(name) for name in scenarios}
    looks = {name: look._replace(filled=True) for name, look in looks.items() if not several or name in there}
    if events and not several:
        looks[EVENT] = Look(OKABE_ITO["vermillion"], filled=True)
    spells: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    for scenario, use, _ in uses:
        head = {
            "row": _row(scenario, name_of(use), several=several),
            "series": headed(scenario) if several else "lever",
        }
        head |= {"dose": dose(use), "when": when(use)}
        spells += [head | spell for spell in _spells(use, start, end)]
        if use.announced:
            points.append(head | {"from": f"{use.announced}-01", "what": "announced"})
    for scenario, raw, _ in events:
        head = {"row": _row(scenario, headed(str(raw["event"])), several=several)}
        head |= {
            "series": headed(scenario) if several else EVENT,
            "dose": "event",
            "when": str(raw.get("month") or raw.get("from")),
        }
        if raw.get("month"):
            points.append(head | {"from": f"{raw['month']}-01", "what": "event"})
        else:
            last = parse_month(str(raw["until"])) if raw.get("until") else end
            spells.append(head | {"from": f"{raw['from']}-01", "to": _day(last + 1), "grown": 1.0})
    order = list(dict.fromkeys(row["row"] for row in (*spells, *points)))
    order = sorted(
        order, key=lambda row: next(i for i, one in enumerate(_rows(uses, events, several=several)) if one == row)
    )
    return Chart(
        "Levers and events on one timeline" if events else "Levers on one timeline",
        spec_of(_drawn(spells, points, order, looks, (_day(start), _day(end + 1)), window)),
        f"Timeline from {format_month(start)} to {format_month(end)} with {len(uses)} levers and {len(events)} events; "
        "the table above has the same dates.",
        "A bar lasts while a lever is in force; it is pale while the lever grows to its full strength or waits for its "
        "trigger. Diamond: announced, or an event."
        + (" Grey: the months over which outcomes are compared." if window else ""),
        looks if len(looks) > 1 else {},
        False,
        numbers_of(
            [row | {"from": row["from"][:7], "to": str(row.get("to", ""))[:7]} for row in (*spells, *points)],
            {"row": "what", "from": "from", "to": "until before", "dose": "dose"},
            title="Timeline",
        ),
    )


def _rows(uses: Sequence[Use], events: Sequence[Happening], *, several: bool) -> list[str]:
    found = [(scenario, name_of(use)) for scenario, use, _ in uses]
    found += [(scenario, headed(str(raw["event"]))) for scenario, raw, _ in events]
    order = list(dict.fromkeys(scenario for scenario, _ in found))
    return [
        _row(scenario, name, several=several) for scenario, name in sorted(found, key=lambda one: order.index(one[0]))
    ]


def _row(scenario: str, name: str, *, several: bool) -> str:
    return f"{headed(scenario)} · {name}" if several else name


def _spells(use: LeverUse, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Stretches of months in which a lever has one strength class: none, growing, full."""
    first = max(use.from_month, start)
    last = min(use.until_month if use.until_month is not None else end, end)
    if use.when is not None:
        yield {"from": _day(first), "to": _day(last + 1), "grown": 0.4}
        return
    classes = [_class(use.strength(month)) for month in range(first, last + 1)]
    begins = 0
    count = 0
    for place in range(1, len(classes) + 1):
        if place == len(classes) or classes[place] != classes[begins]:
            if classes[begins] and count < MOST_SPELLS:
                yield {"from": _day(first + begins), "to": _day(first + place), "grown": classes[begins]}
                count += 1
            begins = place


def _class(strength: float) -> float:
    return 0.0 if strength == 0 else 1.0 if strength >= 1 else 0.4


def _day(month: int) -> str:
    return f"{format_month(month)}-01"


def _drawn(
    spells: Sequence[Mapping[str, Any]],
    points: Sequence[Mapping[str, Any]],
    order: Sequence[str],
    looks: Mapping[str, Look],
    ends: tuple[str, str],
    window: tuple[str, str] | None,
) -> Any:
    first, last = (_moment(end) for end in ends)
    step = max(1, round((last - first) / 10))
    years = [year for year in range(math.ceil(first), math.floor(last) + 1) if year % step == 0]
    axis = alt.Axis(format="d", values=years, grid=True, labelAngle=0, labelFlush=False)
    x = alt.X("x:Q", title=None, scale=alt.Scale(domain=[first, last], nice=False, zero=False), axis=axis)
    spells, points = ([_on_axis(row) for row in rows] for rows in (spells, points))
    y = alt.Y("row:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=330, ticks=False, domain=False))
    scale = alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()])
    colour = alt.Color("series:N", scale=scale, legend=None)
    says = [alt.Tooltip("row:N", title=""), alt.Tooltip("dose:N", title="dose"), alt.Tooltip("when:N", title="when")]
    layers = []
    if window:
        shade = alt.Chart(data_of([_on_axis({"from": f"{window[0]}-01", "to": _day(parse_month(window[1]) + 1)})]))
        layers.append(shade.mark_rect(color=GRID, opacity=0.45).encode(x=x, x2="to_x:Q"))
    if spells:
        bars = alt.Chart(data_of(spells)).mark_bar(size=13, stroke=INK, strokeWidth=0.6)
        opacity = alt.Opacity("grown:Q", scale=None, legend=None)
        layers.append(bars.encode(x=x, x2="to_x:Q", y=y, color=colour, opacity=opacity, tooltip=says))
    if points:
        dots = alt.Chart(data_of(points)).mark_point(shape="diamond", filled=True, size=110, opacity=1, stroke=INK)
        layers.append(dots.encode(x=x, y=y, color=colour, tooltip=[*says, alt.Tooltip("what:N", title="")]))
    if not layers:
        layers.append(alt.Chart(data_of([{"row": "none", "x": first}])).mark_point(opacity=0).encode(x=x, y=y))
    return alt.layer(*layers).properties(width=480 if longest(order) < 30 else 400, height=max(24 * len(order), 50))


def longest(names: Sequence[str]) -> int:
    """Letters of the longest name."""
    return max(map(len, names), default=0)


def _on_axis(row: Mapping[str, Any]) -> dict[str, Any]:
    """Add the places of a row on the axis of years."""
    ends = {"x": _moment(row["from"])} | ({"to_x": _moment(row["to"])} if "to" in row else {})
    return {**row, **ends}


def _moment(day: str) -> float:
    """First day of a month in years: 2014.5 for July 2014."""
    return int(day[:4]) + (int(day[5:7]) - 1) / 12
