"""The page, of plain Solara components: Mesa's SolaraViz makes a new model when a slider moves, ours goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape

import numpy as np
import solara
import solara.lab

from abm.config import Config, make_config
from abm.dashboard.drawing import Curve, chart, colours, outlines
from abm.dashboard.pair import Pair, departures_by_district, over_a_year
from abm.declare import Lever
from abm.engine.errors import AbmError
from abm.plots.boundaries import CREDITS
from abm.plots.style import CHANNELS, OKABE_ITO, one_two_five

PACE = 0.05  # seconds of rest between two months, in which the page is sent
STEPS = 100  # steps of a slider at least

LOOK = """.abm-key{font-size:13px;margin:0}.abm-key span{white-space:nowrap;margin-right:8px}
.abm-note{font-size:12px;line-height:1.4;color:#666}.abm-when{margin-top:8px}
.abm-lines{font:12px monospace;white-space:pre-wrap}
.abm-lever{font-size:13px;line-height:1.3;margin-bottom:-12px}.v-slider{margin-top:6px!important}
.v-card__title{font-size:15px!important;line-height:1.3!important;word-break:normal!important;padding:8px 12px 2px}
.v-card__text{padding:0 12px 6px!important}"""
"""Style sheet of the page."""

HATCHED = "Hatched: Azad Jammu and Kashmir. Dots: Gilgit-Baltistan (no data)."

chosen: Config | None = None  # configuration of the dashboard, set before the server starts


@solara.component
def Page() -> None:  # noqa: N802
    """Show controls, levers and charts; one pair of models a tab of the browser."""
    turn = solara.use_reactive(0)
    pair = solara.use_memo(lambda: Pair(chosen or make_config()), [turn.value])
    playing = solara.use_reactive(False)
    shown = solara.use_reactive(0)
    message = solara.use_reactive("")

    def play() -> None:
        with pair.playing:  # one who pauses and plays again at once waits for the month that is under way
            while playing.value and pair.months_left:
                step()
                time.sleep(PACE)
        if not pair.months_left:
            playing.set(False)

    def step() -> None:
        pair.step()
        shown.set(shown.value + 1)

    def reset() -> None:
        playing.set(False)
        turn.set(turn.value + 1)
        message.set("")
        shown.set(0)

    def move(lever: Lever) -> Callable[[float], None]:
        def to(value: float) -> None:
            if abs(value - pair.value_of(lever)) < step_of(lever) / 2:  # as the browser rounds it
                return
            try:
                pair.set_lever(lever.name, round(value, 6))
                message.set("")
            except AbmError as error:
                message.set(str(error))
            shown.set(shown.value + 1)

        return to

    solara.lab.use_task(play, dependencies=[playing.value, pair], prefer_threaded=True)
    solara.use_effect(lambda: pair.close, [pair])
    _ = shown.value
    config = pair.model.config
    solara.Title(f"abm: {config.name}")
    solara.Style(LOOK)
    with solara.Sidebar():
        with solara.Row():
            solara.Button("Pause" if playing.value else "Play", on_click=lambda: playing.set(not playing.value),
                          disabled=not pair.months_left, color="primary")  # fmt: skip
            solara.Button("Step", on_click=step, disabled=playing.value or not pair.months_left)
            solara.Button("Reset", on_click=reset)
        solara.HTML(classes=["abm-when"], unsafe_innerHTML=f"<b id='month'>{pair.month or 'before ' + config.start}"
                    f"</b> of {config.start} to {config.end}, seed {config.seed}, {config.population.scale:.1%} of "
                    "households")  # fmt: skip
        if message.value:
            solara.Warning(message.value)
        for lever in pair.levers:
            _slider(pair, lever, move(lever))
        solara.HTML(classes=["abm-note"], unsafe_innerHTML="Levers act from the next month on, everywhere.")
        solara.HTML(
            classes=["abm-lines"],
            unsafe_innerHTML=f"levers:<br>{'<br>'.join(map(escape, pair.levers_in_yaml())) or '[]'}",
        )
    _charts(pair)


def step_of(lever: Lever) -> float:
    """Step of a slider: 1, 2 or 5 times a power of ten, so that the neutral value is one of its values."""
    low, high = lever.bounds
    return one_two_five((high - low) / STEPS)


def _slider(pair: Pair, lever: Lever, move: Callable[[float], None]) -> None:
    """Show a lever: name, value and unit, and its bounds by the declaration."""
    value, (low, high) = pair.value_of(lever), lever.bounds
    name = lever.name.replace("_", " ").capitalize()
    solara.HTML(classes=["abm-lever"], unsafe_innerHTML=f"<b>{name}</b>: {_dose(lever, value)} "
                f"({low:g} to {high:,g})", attributes={"title": lever.text})  # fmt: skip
    solara.SliderFloat("", value=value, min=low, max=high, step=step_of(lever), on_value=move, thumb_label=False)


def _dose(lever: Lever, value: float) -> str:
    """Value of a lever with its unit: ``10 times the effort``."""
    times, unit = lever.unit.removeprefix("multiple of "), lever.unit
    return f"{value:,.6g} times the {times.removeprefix('the ')}" if times != unit else f"{value:,.6g} {unit}"


def _charts(pair: Pair) -> None:
    """Show the map and the charts."""
    mine, other = (model.world.record.national_series() for model in pair.both)
    none = np.zeros(0)

    def curve(name: str, outcome: str, colour: str, change: Callable[[np.ndarray], np.ndarray] = np.asarray) -> Curve:
        return Curve(name, colour, *(change(found.get(outcome, none).astype(float)) for found in (mine, other)))

    def percent(values: np.ndarray) -> np.ndarray:
        return 100.0 * values

    start, months = pair.model.config.start_month, pair.model.config.months
    channels = {key: curve(found.name, found.departures, found.colour, over_a_year) for key, found in CHANNELS.items()}
    panels = {
        ("irregular", "Irregular departures, persons a year"): [channels.pop("irregular")],
        ("channels", "Other departures by channel, persons a year"): [*channels.values()],
        ("fees", "Smuggling market: fee, 1,000 PKR of 2017"): [
            curve("Same mix of routes", "fee_basket", OKABE_ITO["black"], lambda values: values / 1e3)
        ],
        ("offices", "Smuggling market: offices in business"): [curve("Offices", "offices", OKABE_ITO["purple"])],
        ("beliefs", "Beliefs: risk of death on the way, % of attempts"): [
            curve("Risk of death, believed", "perceived_death_risk", OKABE_ITO["blue"], percent),
            curve("Risk of death, true", "true_death_risk", OKABE_ITO["vermillion"], percent),
        ],
    }
    with solara.Columns([1, 1]):
        with solara.Card("Irregular departures a year per 100,000 residents"):
            solara.HTML(unsafe_innerHTML=outlines())
            solara.HTML(tag="style", unsafe_innerHTML=colours(departures_by_district(pair.model)))
            solara.HTML(classes=["abm-note"], unsafe_innerHTML="<br>".join((HATCHED, *CREDITS)))
        with solara.Column():
            solara.HTML(classes=["abm-note"], unsafe_innerHTML="Thick: this run. Dashed: the twin of the same seed, "
                        "whose levers nobody moves. Departures are of the last twelve months. One run is no result: "
                        "compare in a study.")  # fmt: skip
            for (mark, title), curves in panels.items():
                with solara.Card(title, margin=0):
                    solara.HTML(unsafe_innerHTML=chart(curves, start, months, mark))
