"""``abm validate``."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from abm.config import load_config
from abm.core.errors import ConfigError, Problem


def validate_files(files: Iterable[str]) -> None:
    """Check files and tell every problem of all of them.

    Raises
    ------
    ConfigError
        If any file is no valid configuration.
    """
    problems: list[Problem] = []
    for file in files:
        try:
            config = load_config(file)
        except ConfigError as error:
            problems += error.problems
        else:
            levers = f", {len(config.levers)} levers" if config.levers else ""
            typer.echo(f"{file}: valid ({config.name}, {config.start} to {config.end}{levers})")
    if problems:
        raise ConfigError(problems)
