"""``abm score``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.options import Records, refuse_unknown
from abm.cli.terminal import say, show_table

if TYPE_CHECKING:
    from abm.analysis.score import Score

FORMATS = ("table", "json")
FIGURES = (".png", ".svg", ".pdf")


def score(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="Folder of a run, of several seeds of it, or of a study.")
    ],
    data: Records = None,
    first: Annotated[int | None, typer.Option("--from", metavar="YEAR", help="First year scored.")] = None,
    until: Annotated[int | None, typer.Option("--until", metavar="YEAR", help="Last year scored.")] = None,
    targets: Annotated[
        list[str] | None, typer.Option("--target", metavar="ID", help="Target, instead of all. May be repeated.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Scenario of a study, instead of the reference.")
    ] = None,
    point: Annotated[int | None, typer.Option(metavar="NUMBER", help="Point of a study with a design.")] = None,
    form: Annotated[str, typer.Option("--format", metavar="table|json", help="Form of the scores.")] = "table",
    records: Annotated[bool, typer.Option("--records", help="Show each record too.")] = False,
    figure: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw the model beside every record: a PNG, SVG or PDF.")
    ] = None,
) -> None:
    """Score finished runs against what was counted.

    Ratios of model to record, errors of their logarithms, correlations over years and places. Example:

    abm score results/hindcast --data counted.csv --from 2019
    """
    from abm.analysis.score import score as score_results

    refuse_unknown("format", form, FORMATS)
    found = score_results(results, data, first=first, last=until, targets=targets or (), scenario=scenario, point=point)
    if figure is not None:
        _draw(found, figure)
    if form == "json":
        typer.echo(found.as_json())
        return
    if records:
        typer.echo(found.records_table().text())
    show_table(found.table())


def _draw(found: Score, figure: str) -> None:
    from abm.config.wording import either
    from abm.plots.score import save_score
    from abm.results.disk import explained

    path = Path(figure)
    if path.suffix not in FIGURES:
        raise typer.BadParameter(f"--figure {figure}: expected a file that ends in {either(FIGURES)}")
    with explained(path.absolute().parent, doing="write a figure"):
        command = shlex.join(["abm", *sys.argv[1:]])
        say(f"figure: {save_score(found, path, command)}")
