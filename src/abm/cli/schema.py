"""``abm schema``."""

from __future__ import annotations

from pathlib import Path

import typer

from abm.config.wording import did_you_mean
from abm.report.schema import (
    CONFIG_FILE,
    EXPERIMENT_FILE,
    PACKAGE_FILE,
    as_text,
    config_schema,
    experiment_schema,
    package_schema,
    write_schema,
)

SCHEMAS = {
    "config": (CONFIG_FILE, config_schema),
    "experiment": (EXPERIMENT_FILE, experiment_schema),
    "package": (PACKAGE_FILE, package_schema),
}


def show_schema(kind: str, out: Path | None) -> None:
    """Print one schema, or write all into a folder.

    Raises
    ------
    BadParameter
        If there is no schema of this kind.
    OutputError
        If the folder cannot be written to.
    """
    if kind not in SCHEMAS:
        hint = did_you_mean(kind, SCHEMAS) or f"; there are {' and '.join(SCHEMAS)}"
        raise typer.BadParameter(f"no schema of '{kind}'{hint}")
    if out is None:
        typer.echo(as_text(SCHEMAS[kind][1]()), nl=False)
        return
    for name, build in SCHEMAS.values():
        typer.echo(write_schema(build(), out, name))
