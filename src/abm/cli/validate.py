"""``abm validate``."""

from __future__ import annotations

from typing import Annotated

import typer

from abm.engine.errors import ConfigError, Problem


def validate(files: Annotated[list[str], typer.Argument(help="YAML files.")]) -> None:
    """Check files; tell every error, with its place.

    Each error comes with what was expected and the nearest valid name.
    """
    problems: list[Problem] = []
    for file in files:
        try:
            typer.echo(f"{file}: valid ({_facts_of(file)})")
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)


def _facts_of(file: str) -> str:
    """Check a file, a configuration, a package or an experiment, and say in a few words what it is."""
    from abm.config import Config, load_config
    from abm.config.load import is_experiment, load_package
    from abm.config.packages import is_package
    from abm.config.wording import counted
    from abm.config.yaml_source import read_yaml

    data = read_yaml(file).data
    if is_experiment(data):
        from abm.experiments.plan import Plan
        from abm.experiments.read import load_experiment

        experiment = load_experiment(file)
        size = Plan(experiment)
        factors = f", {counted(len(experiment.factors), 'factor')}" if experiment.factors else ""
        parts = " x ".join(
            counted(number, word)
            for number, word in (
                (len(experiment.scenarios), "scenario"),
                (len(size.points), "point"),
                (size.replicates, "replicate"),
            )
        )
        return f"{experiment.name}, an experiment: {parts}{factors}"
    if is_package(data):
        package = load_package(file, kind=Config)
        return f"{package.name}, a package: {counted(len(package.levers), 'lever')}"
    config = load_config(file)
    levers = f", {counted(len(config.levers), 'lever')}" if config.levers else ""
    return f"{config.name}, {config.start} to {config.end}{levers}"
