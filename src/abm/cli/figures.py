"""``abm figures`` and ``abm figure-source``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Style, refuse_unknown
from abm.cli.terminal import say, show_pairs

STYLES = ("screen", "paper")


def figures(
    run: Annotated[str, typer.Argument(metavar="DIR", help="Folder of a run.")],
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Figure, instead of all. May be repeated.")
    ] = None,
    style: Style = "screen",
    animate: Annotated[bool, typer.Option("--animate", help="Write departures.gif too: a map for each year.")] = False,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the figures; by default DIR/figures.")
    ] = None,
) -> None:
    """Draw the figures of a finished run again, for the screen or for a paper.

    With a caption as text beside each; departures_by_year is drawn on request only. Example:

    abm figures results/baseline/0a1b2c3d4e5f6071 --only fees --style paper
    """
    from abm import api
    from abm.plots.standard import EVERY

    refuse_unknown("style", style, STYLES)
    for name in only or ():
        refuse_unknown("figure", name, EVERY)
    found = api.read_run(run)
    place = Path(out or Path(run) / "figures")
    alone = animate and not only
    written = [] if alone else found.save_figures(place, style=style, only=only or ())  # type: ignore[arg-type]
    if animate:
        place.mkdir(parents=True, exist_ok=True)
        written.append(found.animate(place / "departures.gif"))
    drawn = sum(path.suffix in (".png", ".gif") for path in written)
    if not drawn:
        raise typer.BadParameter("none of these figures has anything to show in this run")
    kinds = ", ".join(dict.fromkeys(path.suffix[1:].upper() for path in written if path.suffix != ".txt"))
    say(f"{place}: {drawn} figure{'s' if drawn > 1 else ''} ({kinds})")


def figure_source(figure: Annotated[str, typer.Argument(metavar="FILE", help="PNG, SVG or PDF.")]) -> None:
    """Say which run a figure comes from, and how to make it again.

    Example:

    abm figure-source results/baseline/0a1b2c3d4e5f6071/plots/fees.png
    """
    from abm.plots.source import RUN, read_source

    path = Path(figure)
    source = read_source(path)
    pairs = [(key, text) for key, text in source.items() if key != "command" and text]
    again = [source["command"]] if source.get("command") else []
    if RUN in source:
        run = f"results/{shlex.quote(source[RUN])}"
        again.append(f"abm figures {run} --only {source['figure']} --style {source['style']}")
    show_pairs([*pairs, *zip(("again", ""), again, strict=False)])
