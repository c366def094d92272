"""Commands and their options; each loads what it needs only when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="abm",
    help="Migration, smuggling markets and bonded labour in Pakistan: an agent-based model.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from abm import __version__

        typer.echo(f"abm {__version__}")
        raise typer.Exit


@app.callback()
def abm(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Migration, smuggling markets and bonded labour in Pakistan: an agent-based model."""


@app.command()
def run(
    config: Annotated[str, typer.Argument(help="YAML file of the scenario.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: labour.job_growth=0.02. May be repeated."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of that in the file.")] = None,
    scale: Annotated[
        float | None, typer.Option(help="Share of households simulated, instead of population.scale.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=1024, help="Threads; results do not depend on them.")] = 1,
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder of all results.")] = "results",
    plots: Annotated[bool | None, typer.Option("--plots/--no-plots", help="Draw the standard plots or not.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the results folder.")] = False,
) -> None:
    """Make one run: tables, plots and a summary.

    Results go to DIR/<name>/<run id>; a run that was made before is found again. Example:

    abm run configs/baseline.yaml --seed 7 --set labour.job_growth=0.02
    """
    from abm.cli.run import run_and_report

    run_and_report(
        config, changes=changes or [], seed=seed, scale=scale, threads=threads, out=out, plots=plots, quiet=quiet
    )


@app.command()
def validate(files: Annotated[list[str], typer.Argument(help="YAML files.")]) -> None:
    """Check files; tell every error, with its place.

    Each error comes with what was expected and the nearest valid name.
    """
    from abm.cli.validate import validate_files

    validate_files(files)


@app.command()
def describe(
    topic: Annotated[
        str | None,
        typer.Argument(
            help="parameters, levers, outcomes, mechanisms, routes, posts, districts, destinations or systems.",
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="table|json|markdown", help="Form of the list.")] = "table",
    assumed: Annotated[bool, typer.Option("--assumed", help="Only values that have no source.")] = False,
    config: Annotated[
        str | None, typer.Option(metavar="FILE", help="Configuration whose routes, posts or destinations are listed.")
    ] = None,
) -> None:
    """List parameters, levers, outcomes and more.

    With units, bounds and sources. Without a topic: the topics.
    """
    from abm.cli.describe import describe_topic

    describe_topic(topic, form, assumed=assumed, config=config)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="config or experiment: the one to print.")] = "config",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for both files; by default one is printed.")
    ] = None,
) -> None:
    """Write the JSON Schema of configurations and experiments.

    Editors check and complete YAML from it as one types.
    """
    from abm.cli.schema import show_schema

    show_schema(kind, out)
