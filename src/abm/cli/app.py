"""The commands, in the order of their help; each loads what it needs only when it is called."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.calibrate import calibrate
from abm.cli.compare import compare, sensitivity
from abm.cli.dashboard import dashboard
from abm.cli.doctor import doctor
from abm.cli.facts import facts
from abm.cli.figures import figure_source, figures
from abm.cli.options import StudyFolder, refuse_unknown
from abm.cli.report import report
from abm.cli.run import run
from abm.cli.score import score
from abm.cli.status import status
from abm.cli.sweep import sweep
from abm.cli.terminal import say

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


def compact(study: StudyFolder) -> None:
    """Put the runs of a large study together into few files.

    Useful beyond some 10,000 runs, or to read a study with DuckDB or R. Everything else reads it as before.
    """
    from abm.config.wording import counted
    from abm.experiments.compact import compact_study

    folder = Path(study).expanduser().absolute()
    count = compact_study(folder, say)
    say(f"{counted(count, 'run')} put together in '{folder / 'parts'}'")


def validate(files: Annotated[list[str], typer.Argument(help="YAML files.")]) -> None:
    """Check files; report every error and where it is.

    Each error comes with what was expected and the nearest valid name.
    """
    from abm.engine.errors import ConfigError

    problems = []
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
    if isinstance(data, dict) and "calibration" in data:
        from abm.calibration.calibrate import without_records
        from abm.calibration.read import load_calibration

        calibration = load_calibration(file)
        for summary in without_records(calibration):
            why = "too few of the shipped records are of its years and places"
            say(f"note: {file}: '{summary}' is left out, unless --data has more: {why}")
        fitted, waves = calibration.experiment.factors, calibration.settings.waves
        return f"{calibration.name}, a calibration: {counted(len(fitted), 'parameter')}, {counted(len(waves), 'wave')}"
    if is_experiment(data):
        from abm.experiments.plan import Plan
        from abm.experiments.read import load_experiment

        experiment = load_experiment(file)
        size = Plan(experiment)
        factors = f", {counted(len(experiment.factors), 'factor')}" if experiment.factors else ""
        points, replicates = counted(len(size.points), "point"), counted(size.replicates, "replicate")
        replicates = f"at most {replicates}" if experiment.replicates.until else replicates
        parts = f"{counted(len(experiment.scenarios), 'scenario')} x {points} x {replicates}"
        return f"{experiment.name}, an experiment: {parts}{factors}"
    if is_package(data):
        package = load_package(file, kind=Config)
        return f"{package.name}, a package: {counted(len(package.levers), 'lever')}"
    config = load_config(file)
    used = [counted(len(of), word) for of, word in ((config.levers, "lever"), (config.events, "event")) if of]
    return ", ".join([f"{config.name}, {config.start} to {config.end}", *used])


def describe(
    topic: Annotated[
        str | None,
        typer.Argument(
            help="parameters, levers, events, packages, outcomes, mechanisms, state, routes, posts, transit, "
            "exploitation, laws, agencies, districts, destinations, drivers, observations, sources, systems."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Argument(help="One entry: a lever, a parameter …; all that is known of it, line by line.")
    ] = None,
    search: Annotated[
        str | None, typer.Option(metavar="WORD", help="Only what holds this word, of the topic or of all topics.")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="table|json|markdown", help="Form of the list.")] = "table",
    assumed: Annotated[bool, typer.Option("--assumed", help="Only values that are assumed.")] = False,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Configuration whose places, laws, streams or drivers are listed."),
    ] = None,
) -> None:
    """List parameters, levers, outcomes and more.

    With units, bounds and sources. Without a topic: the topics. Examples:

    abm describe levers advance_ban

    abm describe --search border
    """
    from abm.cli.describe import describe_topic, search_topics

    if search is not None:
        if name or assumed or config:
            raise typer.BadParameter("--search goes with a topic and --format alone")
        return search_topics(search, topic, form)
    describe_topic(topic, name, form, assumed=assumed, config=config)


def schema(
    kind: Annotated[str, typer.Argument(help="config, experiment or package: the one to print.")] = "config",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for all files; by default one is printed.")
    ] = None,
) -> None:
    """Write the JSON Schema of configurations, experiments and packages.

    Editors check and complete YAML from it as one types.
    """
    from abm.report.schema import SCHEMAS, as_text
    from abm.results.disk import save_text

    refuse_unknown("schema of", kind, SCHEMAS)
    if out is None:
        typer.echo(as_text(SCHEMAS[kind][1]()), nl=False)
        return
    for name, build in SCHEMAS.values():
        typer.echo(save_text(as_text(build()), out / name))


def odd(
    config: Annotated[
        str | None, typer.Argument(metavar="CONFIG", help="Configuration; by default the baseline.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write; by default it is printed.")] = None,
) -> None:
    """Write the ODD protocol (2020, with ODD+D) of a configuration.

    Purpose, entities, schedule, design concepts, submodels with equations, and every parameter with its value, range
    and source, as Markdown. Example, with pandoc for a PDF:

    abm odd configs/baseline.yaml --out odd.md
    """
    from abm.config import load_config, make_config
    from abm.report.odd import write_odd
    from abm.results.disk import save_text

    text = write_odd(load_config(config) if config else make_config(name="baseline"))
    if out is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(save_text(text, out.expanduser()))


def init(folder: Annotated[str, typer.Argument(metavar="DIR", help="A new or an empty folder.")]) -> None:
    """Make a small project to start from.

    A configuration, a study of three scenarios, and the schemas with which an editor checks both.
    """
    from abm.report.project import FIRST_COMMAND, start_project

    for file in start_project(Path(folder)):
        typer.echo(file)
    here = "" if Path(folder).resolve() == Path.cwd() else f"cd {shlex.quote(folder)} && "
    say(f"next: {here}{FIRST_COMMAND}")


for command in (
    run, sweep, status, compact, compare, sensitivity, score, figures, calibrate, facts, report, dashboard, validate,
    describe, schema, odd, init, doctor,
):  # fmt: skip
    app.command()(command)
app.command("figure-source")(figure_source)
