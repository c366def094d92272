"""``abm sweep``, and how far a study is: a bar on a terminal; in a log a line every half minute and twentieth of it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.options import Engine, Out, Workers
from abm.cli.terminal import DEFECT, INTERRUPTED, console, say, show_pairs
from abm.engine.interrupts import Terminated
from abm.experiments.progress import Observer, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from abm.experiments.engine_settings import EngineSettings
    from abm.experiments.estimate import Estimate
    from abm.experiments.plan import Plan, Share
    from abm.experiments.spec import Experiment

GO_ON = "what is finished is kept; the same command goes on with it"

LINE_SECONDS = 30.0
STEPS = 20
"""Lines for the whole of a study, at least, where there is no terminal; or one every `LINE_SECONDS`."""


def sweep(
    experiment: Annotated[str, typer.Argument(help="YAML file of the experiment.")],
    engine: Engine = None,
    workers: Workers = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Make the I-th of N shares; several may be at work at a time.")
    ] = None,
    array: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=100_000, help="Write a script for sbatch, an array of N shares; make no run."
        ),
    ] = None,
    out: Out = "results",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell how many runs, how long, how much disk and memory; make none.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the study's folder.")] = False,
) -> None:
    """Make all runs of a study.

    Results go to DIR/<name>. Started again, it makes what is missing or damaged, and tries again what failed. Example:

    abm sweep experiments/policy_comparison.yaml --workers 2
    """
    from abm import api
    from abm.experiments.read import load_experiment

    # All that is wrong with the experiment is reported before the progress display starts.
    checked = load_experiment(experiment)
    if dry_run:
        return _show_estimate(checked, engine=engine, workers=workers, shard=shard, out=out)
    if array:
        return _write_array(checked, Path(experiment), Path(out), array, workers, quiet=quiet)
    with ends_politely(), show_progress(checked.name, quiet=quiet) as observer:
        study = api.sweep(checked, engine=engine, workers=workers, shard=shard, out=out, progress=observer)
    if quiet:
        typer.echo(study.folder)
    else:
        show_pairs(study.summary())
    counts = study.counts()
    if counts["failed"]:
        say(f"{counts['failed']} runs failed: see '{study.folder / 'failed'}'; the same command tries them again")
        raise typer.Exit(DEFECT)
    if counts["planned"] and shard is None:
        say(f"{counts['planned']} runs are still to be made; the same command makes them")
        raise typer.Exit(DEFECT)


def _show_estimate(
    experiment: Experiment, *, engine: str | None, workers: int | None, shard: str | None, out: str
) -> None:
    """Print what a study will take, without making it."""
    from abm.experiments.earlier import of_another_file
    from abm.experiments.engine_settings import choose_engine
    from abm.experiments.estimate import estimate
    from abm.experiments.plan import Plan, Share
    from abm.experiments.settings import PosteriorDesign
    from abm.experiments.status import studies_with_seeds
    from abm.experiments.store import Store

    share = Share.parse(shard) if shard else Share()
    settings = choose_engine(experiment.engine, engine, workers)
    folder = Path(out).expanduser().absolute() / experiment.name
    say("trying a run …")
    with ends_politely():
        plan = Plan(experiment)
        found = estimate(plan, folder, settings, share)
    draws = [("draws", str(experiment.design))] if isinstance(experiment.design, PosteriorDesign) else []
    seeds = plan.frame()["seed"]
    same = list(studies_with_seeds(folder, set(seeds.tolist())))
    numbers = ("seeds", seeds_in_words(int(seeds.min()), int(seeds.max()), same))
    show_pairs([("study", experiment.name), *draws, *_lines(found, plan, settings, share, folder), numbers])
    for text in (of_another_file(Store(folder), experiment), found.problem):
        if text:
            say(text)
    if found.script:
        print(f"\njob script\n\n{found.script}")


def _write_array(
    experiment: Experiment, file: Path, out: Path, shares: int, workers: int | None, *, quiet: bool
) -> None:
    """Write the script of an array of shares, and say how it is used."""
    from abm.experiments.array import write_array

    folder = out.expanduser().absolute() / experiment.name
    script = write_array(experiment, file.expanduser().absolute(), folder, shares, workers)
    typer.echo(script)
    if not quiet:
        say(f"look at its options, then submit it: sbatch {shlex.quote(str(script))}")
        say(f"how far it is: abm status {shlex.quote(str(folder))}")


@contextmanager
def ends_politely(kept: str = GO_ON) -> Iterator[None]:
    """Say what is kept when a command is stopped, by default that of a sweep."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"stopped; {kept}")
        raise typer.Exit(INTERRUPTED) from None
    except Terminated:
        say(f"terminated; {kept}")
        raise


def _lines(found: Estimate, plan: Plan, settings: EngineSettings, share: Share, folder: Path) -> list[tuple[str, str]]:
    from abm.config.wording import counted

    most = "at most " if plan.experiment.replicates.until else ""
    scenarios, points = counted(len(plan.experiment.scenarios), "scenario"), counted(len(plan.points), "point")
    part = "" if share.is_whole else f" in share {share}"
    runs = f"{most}{found.runs:,}{part}; {found.finished:,} are there, {found.missing:,} to be made"
    cost = found.cost
    needs = f"{cost.seconds:.2g} s, {_size(cost.memory)} of memory, {_size(cost.disk)} on the disk"
    time = (
        "depends on the workers of the scheduler" if found.seconds is None else f"about {written_time(found.seconds)}"
    )
    for_all = "" if found.memory is None else f", about {_size(found.memory)} for all"
    return [
        ("size", f"{scenarios} × {points} × {most}{counted(plan.replicates, 'replicate')}"),
        ("runs", runs),
        ("one run", f"{needs} ({cost.months} months tried)"),
        *([("shared past", f"{found.shared:.0%} of all months, made once for several runs")] if found.shared else []),
        ("engine", f"{settings.kind}, {found.slots} at a time" if found.slots else settings.kind),
        ("time", time),
        ("disk", f"about {_size(found.disk)} in '{folder}', where {_size(found.free_disk)} are free"),
        ("memory", f"{_size(cost.memory)} a worker{for_all}"),
    ]


def _size(size: float) -> str:
    """Write bytes with three digits; `rich.filesize` writes 300.0 kB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def written_time(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


MOST_STUDIES = 3  # studies with the same seeds that are named


def seeds_in_words(first: int, last: int, others: Sequence[str]) -> str:
    """Say which seeds a study has, and which other studies rest on the same random numbers."""
    span = f"{first}" if first == last else f"{first} to {last}"
    if not others:
        return span
    more = f" and {len(others) - MOST_STUDIES} more" if len(others) > MOST_STUDIES else ""
    return f"{span}; seeds shared with {', '.join(others[:MOST_STUDIES])}{more}: no independent evidence"


@contextmanager
def show_progress(title: str, *, quiet: bool) -> Iterator[Observer]:
    """Show how far a sweep is while the block runs; yields what is to be given to the driver."""
    screen = None if quiet else console(stderr=True)
    if quiet:
        yield Notes()
    elif screen is None:
        yield Lines(title)
    else:
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[text]}"))
        with Progress(*columns, console=screen, transient=True) as bar:
            yield LiveBar(title, bar)


class Notes(Observer):
    """Tells what happened, not how far it is."""

    def note(self, text: str) -> None:
        """Say it."""
        say(text)


class Lines(Notes):
    """Plain lines, for a log."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._total = 0
        self._step = 0
        self._doing = ""
        self._said_at = 0.0

    def show(self, progress: Progress) -> None:
        """Say a line if it is time for one."""
        step = STEPS * progress.settled // max(progress.total, 1)
        if progress.doing and progress.doing != self._doing:
            self._say(progress.doing)
        elif progress.total != self._total:  # the beginning, or another round
            self._say(f"{progress.total:,} runs, {progress.settled:,} of them there already")
            self._total, self._step = progress.total, step
        elif step > self._step or (progress.total and time.monotonic() - self._said_at >= LINE_SECONDS):
            self._say(_describe(progress))
            self._step = step
        self._doing = progress.doing

    def _say(self, text: str) -> None:
        say(f"{self.title}: {text}")
        self._said_at = time.monotonic()


def _describe(progress: Progress) -> str:
    """Say in a line how far a sweep is."""
    share = 100 * progress.settled // max(progress.total, 1)
    parts = [f"{progress.settled:,} of {progress.total:,} runs ({share} %)", f"{progress.failed:,} failed"]
    if progress.doing:
        parts.append(progress.doing)
    parts += [f"{progress.workers} worker{'s' * (progress.workers != 1)}", _rate_of(progress)]
    if progress.remaining_seconds is not None and progress.settled < progress.total:
        parts.append(f"{timedelta(seconds=round(progress.remaining_seconds))} left")
    return ", ".join(part for part in parts if part)


def _rate_of(progress: Progress) -> str:
    """Runs a second, or a minute where that says more."""
    rate = progress.rate
    if not rate:
        return ""
    return f"{rate:.1f} runs/s" if rate >= 1 else f"{60 * rate:.1f} runs/min"


class LiveBar(Observer):
    """A bar with rate, time left, failures and workers."""

    def __init__(self, title: str, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=None, text="")

    def note(self, text: str) -> None:
        """Say it above the bar."""
        self._bar.console.print(text)

    def show(self, progress: Progress) -> None:
        """Redraw the bar."""
        total = progress.total or None
        self._bar.update(self._task, total=total, completed=progress.settled, text=_describe(progress))
