"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer

Seed = Annotated[int | None, typer.Option(help="Seed, instead of that in the file.")]
Scale = Annotated[float | None, typer.Option(help="Share of households simulated, instead of population.scale.")]
Out = Annotated[str, typer.Option(metavar="DIR", help="Folder of all results.")]
Workers = Annotated[int | None, typer.Option(min=1, max=100_000, help="Runs at a time.")]
Engine = Annotated[
    str | None, typer.Option(metavar="NAME", help="Where runs are made, instead of what the file says: local, serial.")
]
Records = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Records as CSV, in the form of targets.csv; by default the shipped ones."),
]
StudyFolder = Annotated[str, typer.Argument(metavar="DIR", help="Folder of a study.")]
QuietFolder = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the folder.")]
Style = Annotated[
    str, typer.Option("--style", metavar="screen|paper", help="paper: no titles, as wide as a column or page, PDF too.")
]


def refuse_unknown(thing: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is not known, with the nearest that is, or all."""
    from abm.config.wording import either, no_such

    if name not in known:
        raise typer.BadParameter(no_such(thing, name, known, otherwise=f"; there are {either(known, 'and')}"))
