"""Commands and their options; each loads what it needs only when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="abm",
    help="Migration and smuggling markets in Pakistan: an agent-based model.",
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
    """Migration and smuggling markets in Pakistan: an agent-based model."""


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
def sweep(
    experiment: Annotated[str, typer.Argument(help="YAML file of the experiment.")],
    engine: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where runs are made, instead of what the file says: local, serial."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=100_000, help="Runs at a time.")] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Make the I-th of N shares; several may be at work at a time.")
    ] = None,
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder of all results.")] = "results",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell how many runs, how long, how much disk and memory; make none.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the study's folder.")] = False,
) -> None:
    """Make all runs of a study.

    Results go to DIR/<name>. Started again, it makes what is missing or damaged, and tries again what failed. Example:

    abm sweep experiments/policy_comparison.yaml --workers 2
    """
    from abm.cli.sweep import show_estimate, sweep_and_report

    if dry_run:
        show_estimate(experiment, engine=engine, workers=workers, shard=shard, out=out)
    else:
        sweep_and_report(experiment, engine=engine, workers=workers, shard=shard, out=out, quiet=quiet)


@app.command()
def compact(study: Annotated[str, typer.Argument(metavar="DIR", help="Folder of a study.")]) -> None:
    """Put the runs of a large study together into few files.

    Useful beyond some 10,000 runs, or to read a study with DuckDB or R. Everything else reads it as before.
    """
    from abm.cli.compact import compact_and_report

    compact_and_report(study)


@app.command()
def compare(
    study: Annotated[str, typer.Argument(metavar="DIR", help="Folder of a study.")],
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="NAME", help="Outcome, instead of the experiment's. May be repeated."),
    ] = None,
    window: Annotated[
        str | None, typer.Option(metavar="FROM:UNTIL", help="Months, instead of the experiment's: 2018-01:2022-12.")
    ] = None,
    interval: Annotated[str, typer.Option(metavar="t|bootstrap", help="Kind of intervals.")] = "t",
    level: Annotated[float, typer.Option(help="Probability that an interval covers.")] = 0.95,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder for tables and figures; by default DIR/comparison.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the folder.")] = False,
) -> None:
    """Compare the scenarios of a study with its reference.

    Paired differences with intervals, as tables and figures. Example:

    abm compare results/policy_comparison --outcome deaths_en_route --window 2018-01:
    """
    from abm.cli.compare import compare_and_report

    compare_and_report(
        study, outcomes=outcomes or [], window=window, interval=interval, level=level, out=out, quiet=quiet
    )


@app.command()
def sensitivity(
    study: Annotated[str, typer.Argument(metavar="DIR", help="Folder of a study.")],
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="NAME", help="Outcome, instead of the experiment's. May be repeated."),
    ] = None,
    window: Annotated[
        str | None, typer.Option(metavar="FROM:UNTIL", help="Months, instead of the experiment's: 2018-01:2022-12.")
    ] = None,
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="Scenario, instead of the reference.")] = None,
    difference: Annotated[
        bool, typer.Option("--difference", help="Explain the scenario's difference from the reference.")
    ] = False,
    level: Annotated[float, typer.Option(help="Probability that an interval covers.")] = 0.95,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder for tables and figures; by default DIR/sensitivity.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the folder.")] = False,
) -> None:
    """Tell which factors the outcomes of a study depend on.

    By the method that suits its design, as tables and figures. Example:

    abm sensitivity results/global_sensitivity --outcome deaths_en_route
    """
    from abm.cli.compare import analyse_and_report

    analyse_and_report(
        study,
        outcomes=outcomes or [],
        window=window,
        scenario=scenario,
        difference=difference,
        level=level,
        out=out,
        quiet=quiet,
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
            help="parameters, levers, packages, outcomes, mechanisms, routes, posts, transit, laws, agencies, "
            "districts, destinations, systems.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Argument(help="One entry: a lever, a parameter …; all that is known of it, line by line.")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="table|json|markdown", help="Form of the list.")] = "table",
    assumed: Annotated[bool, typer.Option("--assumed", help="Only values that have no source.")] = False,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Configuration whose places, laws or agencies are listed."),
    ] = None,
) -> None:
    """List parameters, levers, outcomes and more.

    With units, bounds and sources. Without a topic: the topics. Example:

    abm describe levers advance_ban
    """
    from abm.cli.describe import describe_topic

    describe_topic(topic, name, form, assumed=assumed, config=config)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="config, experiment or package: the one to print.")] = "config",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for all files; by default one is printed.")
    ] = None,
) -> None:
    """Write the JSON Schema of configurations, experiments and packages.

    Editors check and complete YAML from it as one types.
    """
    from abm.cli.schema import show_schema

    show_schema(kind, out)


@app.command()
def init(folder: Annotated[str, typer.Argument(metavar="DIR", help="A new or an empty folder.")]) -> None:
    """Make a small project to start from.

    A configuration, a study of three scenarios, and the schemas with which an editor checks both.
    """
    from abm.report.project import start_project

    for file in start_project(Path(folder)):
        typer.echo(file)
