"""``abm report``."""

from __future__ import annotations

from typing import Annotated

import typer

from abm.cli.terminal import say


def report(
    folder: Annotated[
        str,
        typer.Argument(metavar="DIR", help="Folder of a run, of seeds of it, of a study, a calibration or the facts."),
    ],
    out: Annotated[str | None, typer.Option(metavar="FILE", help="File to write; by default DIR/report.html.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the file.")] = False,
) -> None:
    """Write one HTML file to mail: what was asked, what was found, charts, maps, sources and limits.

    It holds everything and asks for nothing. Needs the extra `report`. Example:

    abm report results/policy_comparison
    """
    from abm.experiments.doctor import require_extra

    require_extra("report")
    from abm.page.write import write_report

    file = write_report(folder, out)
    typer.echo(file)
    if not quiet:
        say(f"{file.stat().st_size / 1e6:.1f} MB; open it in a browser, mail it, or print it")
