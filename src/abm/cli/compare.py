"""``abm compare`` and ``abm sensitivity``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zlib import crc32

import typer

from abm.cli.figures import STYLES
from abm.cli.options import QuietFolder, StudyFolder, Style, refuse_unknown
from abm.cli.terminal import say, show_table

if TYPE_CHECKING:
    from abm.plots.views import ComparisonView, SensitivityView

Outcomes = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", help="Outcome, instead of the experiment's. May be repeated."),
]
Window = Annotated[
    str | None, typer.Option(metavar="FROM:UNTIL", help="Months, instead of the experiment's: 2018-01:2022-12.")
]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="PLACE", help="District or province, instead of the country. May be repeated."),
]
USUAL_LEVEL = 0.95
Level = Annotated[float, typer.Option(help="Probability that an interval covers.")]


def compare(
    study: StudyFolder,
    outcomes: Outcomes = None,
    window: Window = None,
    where: Where = None,
    by: Annotated[
        Literal["district", "province"] | None, typer.Option(help="Compare each of these too, in places.csv.")
    ] = None,
    level: Level = USUAL_LEVEL,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Folder for tables and figures; by default DIR/comparison, with what was asked for in its name.",
        ),
    ] = None,
    style: Style = "screen",
    quiet: QuietFolder = False,
) -> None:
    """Compare the scenarios of a study with its reference.

    Paired differences with intervals, as tables and figures. Example:

    abm compare results/policy_comparison --outcome deaths_en_route --window 2018-01:
    """
    from abm import api

    refuse_unknown("style", style, STYLES)
    view = api.compare(study, outcomes=outcomes or (), window=window, where=where or (), by=by, level=level)
    words = [*(where or ()), f"by_{by}" if by else ""]
    _report(view, Path(out or _folder(study, "comparison", words, outcomes, window, level)), style, quiet=quiet)


def sensitivity(
    study: StudyFolder,
    outcomes: Outcomes = None,
    window: Window = None,
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="Scenario, instead of the reference.")] = None,
    difference: Annotated[
        bool, typer.Option("--difference", help="Explain the scenario's difference from the reference.")
    ] = False,
    level: Level = USUAL_LEVEL,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Folder for tables and figures; by default DIR/sensitivity, with what was asked for in its name.",
        ),
    ] = None,
    style: Style = "screen",
    quiet: QuietFolder = False,
) -> None:
    """Show which factors the outcomes of a study depend on.

    By the method that suits its design, as tables and figures. Example:

    abm sensitivity results/global_sensitivity --outcome deaths_en_route
    """
    from abm import api

    refuse_unknown("style", style, STYLES)
    view = api.sensitivity(
        study, outcomes=outcomes or (), window=window, scenario=scenario, difference=difference, level=level
    )
    asked = [scenario or "", "difference" if difference else ""]
    _report(view, Path(out or _folder(study, "sensitivity", asked, outcomes, window, level)), style, quiet=quiet)


LONGEST_NAME = 120
"""Characters of a folder's name at most."""


def _folder(
    study: str, kind: str, words: list[str] | None, outcomes: list[str] | None, window: str | None, level: float
) -> Path:
    """Folder named after what was asked for, so that a second look does not replace the one of the experiment."""
    months = dict(zip(("from", "until"), (window or "").split(":"), strict=False))
    dates = [f"{end}_{month.strip()}" for end, month in months.items() if month.strip()]
    asked = filter(None, [*(words or ()), *(outcomes or ()), *dates, "" if level == USUAL_LEVEL else f"{level:g}"])
    name = "_".join([kind, *asked])
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 9]}_{crc32(name.encode()):08x}"
    return Path(study) / short


def _report(view: ComparisonView | SensitivityView, place: Path, style: str, *, quiet: bool) -> None:
    files = view.save(place, style=style, command=shlex.join(["abm", *sys.argv[1:]]))  # type: ignore[arg-type]
    if quiet:
        typer.echo(place)
        return
    show_table(view.table)
    figures = sum(path.suffix == ".png" for path in files)
    kinds = "PNG, SVG and PDF" if style == "paper" else "PNG and SVG"
    say(f"{place}: {figures} figures ({kinds}), tables as CSV, Markdown and LaTeX")
