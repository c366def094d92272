"""``abm calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Engine, Out, QuietFolder, Records, Workers
from abm.cli.sweep import ends_politely, show_progress
from abm.cli.terminal import show_pairs


def calibrate(
    calibration: Annotated[str, typer.Argument(help="YAML file of the calibration.")],
    engine: Engine = None,
    workers: Workers = None,
    out: Out = "results",
    data: Records = None,
    until: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Last year that is fitted; those after it are forecast.")
    ] = None,
    truths: Annotated[
        int, typer.Option(metavar="N", min=0, max=10_000, help="Synthetic truths to recover, a minute or less each.")
    ] = 0,
    quiet: QuietFolder = False,
) -> None:
    """Fit parameters to records, and write draws of their posterior.

    Results go to DIR/<name>. Started again, it goes on with what is missing. Example:

    abm calibrate experiments/calibration.yaml --workers 2
    """
    from abm import api
    from abm.calibration.read import load_calibration

    checked = load_calibration(calibration)  # all that is wrong is reported before the progress display starts
    folder = Path(out).expanduser().absolute() / checked.name / (f"until_{until}" if until else "")
    with ends_politely(), show_progress(checked.name, quiet=quiet) as observer:
        found = api.calibrate(
            calibration,
            out=out,
            engine=engine,
            workers=workers,
            data=data,
            until=until,
            truths=truths,
            progress=observer,
        )
    if quiet:
        typer.echo(folder)
    else:
        show_pairs([("calibration", checked.name), *found.summary(), ("page", str(folder / "calibration.md"))])
