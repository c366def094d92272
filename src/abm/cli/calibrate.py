"""``abm calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.options import Engine, Out, QuietFolder, Records, Workers
from abm.cli.sweep import ends_politely, show_progress
from abm.cli.terminal import show_pairs

if TYPE_CHECKING:
    from abm.experiments.dataset import Study
    from abm.experiments.spec import Experiment


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
    from abm.analysis.records import read_records
    from abm.calibration.calibrate import calibrate as fit
    from abm.calibration.page import Findings
    from abm.calibration.read import load_calibration
    from abm.calibration.write import write_findings
    from abm.experiments.doctor import require_extra
    from abm.experiments.engine_settings import choose_engine
    from abm.plots.calibration import draw_calibration

    checked = load_calibration(calibration)  # all that is wrong is reported before the progress display starts
    require_extra("calibrate")
    settings = choose_engine(checked.experiment.engine, engine, workers)  # refused also where no run is missing
    records = None if data is None else read_records(data)
    folder = Path(out).expanduser().absolute() / checked.name
    place = folder if until is None else folder / f"until_{until}"
    folder.mkdir(parents=True, exist_ok=True)
    with ends_politely(), show_progress(checked.name, quiet=quiet) as observer:

        def make(study: Experiment, below: Path) -> Study:
            return api.sweep(study, out=below, engine=settings, progress=observer)

        found = Findings(fit(checked, folder, make, until=until, data=records, say=observer.note), truths)
        place.mkdir(exist_ok=True)
        write_findings(found, place, file=calibration)
        draw_calibration(found, place)
    if quiet:
        typer.echo(place)
    else:
        show_pairs([("calibration", checked.name), *found.summary(), ("page", str(place / "calibration.md"))])
