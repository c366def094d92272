"""``abm facts``: findings of the literature, and whether the model has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.options import Out, Workers
from abm.cli.sweep import ends_politely, show_progress
from abm.cli.terminal import say, show_table

if TYPE_CHECKING:
    from abm.experiments.spec import Experiment

FOLDER = "experiments/facts"


def facts(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME …]", help="Facts of the folder, or YAML files of your own; all of the folder if none."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the facts of the folder; run nothing.")] = False,
    folder: Annotated[str, typer.Option(metavar="DIR", help="Folder of the facts.")] = FOLDER,
    workers: Workers = None,
    replicates: Annotated[
        int | None, typer.Option(min=2, max=100_000, help="Seeds of each scenario, instead of what the files say.")
    ] = None,
    out: Out = "results",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the table, and nothing of how far it is.")
    ] = False,
) -> None:
    """Hold the model to findings of the literature.

    Makes the runs that are missing, and prints for each fact the estimate with its interval, the accepted band, the
    verdict, and the same with the responsible mechanism off. Example:

    abm facts f01_price_of_enforcement --workers 2
    """
    found = [(file, _read(file)) for file in _files(names or (), Path(folder))]
    if listed:
        for file, experiment in found:
            fact = experiment.fact
            assert fact is not None
            typer.echo(f"{fact.id:4} {file.stem:32} {fact.statement}")
        return
    from abm import api
    from abm.analysis.facts import frame_of_facts, judge_study, table_of_facts
    from abm.experiments.spec import Replicates
    from abm.plots.facts import draw_facts
    from abm.plots.style import drawing, save
    from abm.results.disk import explained

    judged = []
    for _, experiment in found:
        seeds = experiment.replicates if replicates is None else Replicates(replicates, replicates)
        with ends_politely(), show_progress(experiment.name, quiet=quiet) as observer:
            study = api.sweep(replace(experiment, replicates=seeds), out=out, workers=workers, progress=observer)
            judged.append(judge_study(study))
    place = Path(out).expanduser().absolute() / "facts"
    with explained(place, doing="the facts"):
        place.mkdir(parents=True, exist_ok=True)
        frame_of_facts(judged).to_csv(place / "facts.csv", index=False, lineterminator="\n")
        with drawing():
            save(draw_facts(judged), place, "facts")
    show_table(table_of_facts(judged))
    say(f"{place}: facts.csv, facts.png, facts.svg")


def _files(names: list[str] | tuple[str, ...], folder: Path) -> list[Path]:
    """Files of facts: those named, or all of the folder."""
    from abm.config.wording import no_such

    known = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if not known and not (names and all(Path(name).exists() for name in names)):
        raise typer.BadParameter(
            f"no YAML file in '{folder}': start abm in the folder of the repository, name a file, or the folder with "
            "--folder"
        )
    if not names and not any(_has_fact(path) for path in known.values()):
        raise typer.BadParameter(
            f"no fact in '{folder}': none of its YAML files is an experiment with a section 'fact'"
        )
    chosen = []
    for name in names:
        starts = [stem for stem in known if stem.split("_")[0] == name.lower()]
        if name.endswith((".yaml", ".yml")) or "/" in name:
            chosen.append(Path(name))
        elif name in known or len(starts) == 1:
            chosen.append(known[name if name in known else starts[0]])
        elif Path(name).exists():
            raise typer.BadParameter(f"'{name}' is no YAML file; a fact is an experiment with a section 'fact'")
        else:
            raise typer.BadParameter(
                no_such("fact", name, known, otherwise=f"; 'abm facts --list' shows those of '{folder}'")
            )
    return chosen or list(known.values())


def _has_fact(file: Path) -> bool:
    """Whether a YAML file has the section of a fact; a ConfigError says that it cannot be read."""
    from abm.config.yaml_source import read_yaml

    data = read_yaml(file).data
    return isinstance(data, dict) and "fact" in data


def _read(file: Path) -> Experiment:
    """Read the experiment of a fact; a ConfigError says that it has none."""
    from abm.engine.errors import ConfigError, Problem
    from abm.experiments.read import load_experiment

    experiment = load_experiment(file)
    if experiment.fact is None:
        message = "no section 'fact', so that there is nothing to judge; 'abm sweep' makes its runs"
        raise ConfigError([Problem(message, file=str(file))])
    return experiment
