"""One run: from a configuration to a folder of results."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from abm.config import Config
from abm.engine.interrupts import raise_terminated
from abm.experiments.shared_past import Past, simulate_from
from abm.month import OUTCOMES
from abm.places.geography import load_units
from abm.results import Result, StagedRun, Tables, run_id, stage_run, to_arrow, verify_run
from abm.results.disk import DISK_FULL, explained
from abm.results.manifest import describe_machine, peak_memory_bytes, utc, versions

OnMonth = Callable[[int, int], None]  # called after each month with the months done and the months in all

Draw = Callable[[dict[str, pa.Table], Path, Config], Sequence[Path]]
"""Draws the plots: gets all tables, a folder that it makes, and the configuration; returns the files."""

ALWAYS_WRITTEN = "national"
BYTES_A_CELL = 8
FLOWS_A_UNIT = 20
"""Rows of `flows` that a unit has in a month, at most in most cases: channels times destinations in use."""
PLACE_CELLS = 150  # cells that a table by route, leg or destination has in a month: places in use times their outcomes
PLOTS_BYTES = 10_000_000


def run(
    config: Config,
    *,
    threads: int = 1,
    out: str | os.PathLike[str] = "results",
    plots: bool | None = None,
    on_month: OnMonth | None = None,
    draw: AbstractContextManager[Draw] | None = None,
    command: str = "",
) -> Result:
    """Make a run, or find the one that was made before; see `abm.run`.

    `draw` gives what draws the plots, for as long as the run takes, so that it may prepare itself; without it there are
    none. `command` is what makes the run again, for its manifest and its figures.
    """
    if plots is not None:
        config = config.model_copy(update={"outputs": config.outputs.model_copy(update={"plots": plots})})
    final = Path(out).expanduser().absolute() / config.name / run_id(config.resolved(), config.seed)
    return run_into(final, config, threads=threads, on_month=on_month, draw=draw, command=command)


def run_into(
    final: Path,
    config: Config,
    *,
    threads: int = 1,
    on_month: OnMonth | None = None,
    draw: AbstractContextManager[Draw] | None = None,
    durable: bool = True,
    past: Past | None = None,
    command: str = "",
) -> Result:
    """Make the run of a complete configuration in a folder, which bears its id, or find it there.

    See `run` for `command`, `stage_run` for `durable`, and `simulate_from` for `past`.
    """
    draw = draw if config.outputs.plots else None
    with explained(final.parent, doing="read results"):
        found = Result(final, reused=True) if final.is_dir() and not verify_run(final) else None
    if found is not None and (found.plots or draw is None):
        return found
    # A run without the plots that are wanted is made again and replaced: it was made by a program that cannot draw, or
    # drawing failed for a reason that may be gone.
    with (
        raise_terminated(),
        stage_run(final, needed_bytes=expected_bytes(config), durable=durable) as staged,
        draw or nullcontext() as drawing,
    ):
        began, clock = datetime.now(UTC), time.perf_counter()
        tables = simulate(config, threads=threads, on_month=on_month, past=past)
        simulated = time.perf_counter() - clock
        wanted = [name for name in tables if name == ALWAYS_WRITTEN or getattr(config.outputs, name, True)]
        arrow = {name: to_arrow(tables[name], OUTCOMES) for name in (tables if drawing else wanted)}
        for name in wanted:
            staged.write_table(name, arrow[name])
        failure = _draw_plots(staged, arrow, drawing, config) if drawing else None
        facts = {
            "id": final.name,
            "name": config.name,
            "config": config.resolved(),
            "seed": config.seed,
            "versions": versions(),
            "machine": describe_machine(),
            "started": utc(began),
            "ended": utc(),
            "simulation_seconds": round(simulated, 3),
            **({"months_shared": past.months} if past and past.months else {}),
            "wall_seconds": round(time.perf_counter() - clock, 3),
            "threads": threads,
            "peak_memory_bytes": peak_memory_bytes(),
            **({"command": command} if command else {}),
            **({"plots_failed": failure} if failure else {}),
        }
        committed = staged.commit(facts, replace=found is not None)
    return Result(final, reused=not committed)


def simulate(config: Config, *, threads: int, on_month: OnMonth | None, past: Past | None = None) -> Tables:
    """Run the model; it is compiled and loaded here, so that a run that was made before is found without it."""
    from abm.experiments.warm import ensure_compiled
    from abm.simulation import simulate as simulate_model

    ensure_compiled(config, or_shipped=True)
    return simulate_from(config, past, threads) if past else simulate_model(config, threads=threads, on_month=on_month)


def expected_bytes(config: Config) -> int:
    """Estimate the size of a run's results from above: rows times columns, before compression."""
    units, kept = len(load_units().unit), config.outputs
    cells_a_month = (1 + kept.district * units) * (len(OUTCOMES) + len(config.levers))
    cells_a_month += PLACE_CELLS * (kept.route + kept.leg + kept.destination + kept.stream)
    cells_a_month += kept.flows * units * FLOWS_A_UNIT
    return config.months * cells_a_month * BYTES_A_CELL + kept.plots * PLOTS_BYTES


def _draw_plots(staged: StagedRun, tables: dict[str, pa.Table], draw: Draw, config: Config) -> str | None:
    """Draw the plots into the run's folder; return why that failed, if it did.

    Hours of simulation are not thrown away for a plot: a failure is a warning and a line in the manifest. A full disk
    is another matter, since the manifest would not fit either.
    """
    try:
        staged.add_files(draw(tables, staged.folder / "plots", config))
        return None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise
        failure = f"{type(error).__name__}: {error}"
        warnings.warn(f"the tables are complete, but the plots could not be drawn: {failure}", stacklevel=4)
        return failure
