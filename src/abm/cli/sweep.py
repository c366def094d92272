"""``abm sweep``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from abm.cli.exit_codes import DEFECT, INTERRUPTED
from abm.cli.sweep_progress import show_sweep
from abm.cli.terminal import say, show_pairs
from abm.engine.interrupts import Terminated

if TYPE_CHECKING:
    from abm.experiments.estimate import Estimate
    from abm.experiments.plan import Share

GO_ON = "what is finished is kept; the same command goes on with it"


def sweep_and_report(
    experiment: str, *, engine: str | None, workers: int | None, shard: str | None, out: str, quiet: bool
) -> None:
    """Make the runs of a study, show how far it is, and print where it stands; exit code 1 if a run failed."""
    from abm.api import sweep
    from abm.experiments.read import load_experiment

    # All that is wrong with the experiment is reported before the progress display starts.
    checked = load_experiment(experiment)
    with _ends_politely(), show_sweep(checked.name, quiet=quiet) as observer:
        study = sweep(checked, engine=engine, workers=workers, shard=shard, out=out, progress=observer)
    counts = study.counts()
    if quiet:
        typer.echo(study.folder)
    else:
        show_pairs(study.summary())
    if counts["failed"]:
        say(f"{counts['failed']} runs failed: see '{study.folder / 'failed'}'; the same command tries them again")
        raise typer.Exit(DEFECT)
    if counts["planned"] and shard is None:
        say(f"{counts['planned']} runs are still to be made; the same command makes them")
        raise typer.Exit(DEFECT)


def show_estimate(experiment: str, *, engine: str | None, workers: int | None, shard: str | None, out: str) -> None:
    """Print what a study will take, without making it."""
    from abm.experiments.engine_settings import choose_engine
    from abm.experiments.estimate import estimate
    from abm.experiments.plan import Share
    from abm.experiments.read import load_experiment

    checked = load_experiment(experiment)
    share = Share.parse(shard) if shard else Share()
    settings = choose_engine(checked.engine, engine, workers)
    folder = Path(out).expanduser().absolute() / checked.name
    say("trying a run …")
    with _ends_politely():
        found = estimate(checked, folder, settings, share)
    show_pairs([("study", checked.name), *_lines(found, share, folder)])
    if found.problem:
        say(found.problem)
    if found.script:
        print(f"\njob script\n\n{found.script}")


@contextmanager
def _ends_politely() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say(f"stopped; {GO_ON}")
        raise typer.Exit(INTERRUPTED) from None
    except Terminated:
        say(f"terminated; {GO_ON}")
        raise


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _lines(found: Estimate, share: Share, folder: Path) -> list[tuple[str, str]]:
    most = "at most " if found.by_rule else ""
    size = (
        f"{_counted(found.scenarios, 'scenario')} × {_counted(found.points, 'point')} × "
        f"{most}{_counted(found.replicates, 'replicate')}"
    )
    part = "" if share.is_whole else f" in share {share}"
    runs = f"{most}{found.runs:,}{part}; {found.finished:,} are there, {found.missing:,} to be made"
    cost = found.cost
    tried = f"{cost.months} months tried"
    one = f"{cost.seconds:.2g} s, {_size(cost.memory)} of memory, {_size(cost.disk)} on the disk ({tried})"
    where = f"{found.engine}, {found.slots} at a time" if found.slots else found.engine
    time = f"about {_time(found.seconds)}" if found.seconds is not None else "depends on the workers of the scheduler"
    memory = f"{_size(cost.memory)} a worker"
    if found.memory is not None:
        memory += f", about {_size(found.memory)} for all"
    return [
        ("size", size),
        ("runs", runs),
        ("one run", one),
        *([("shared past", f"{found.shared:.0%} of all months, made once for several runs")] if found.shared else []),
        ("engine", where),
        ("time", time),
        ("disk", f"about {_size(found.disk)} in '{folder}', where {_size(found.free_disk)} are free"),
        ("memory", memory),
    ]


def _size(size: float) -> str:
    """Write bytes with three digits; `rich.filesize` writes 300.0 kB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
