"""What ``abm sweep --dry-run`` tells: how many runs, and what they will take."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from abm.experiments.choose_engine import kind_of, slots_of
from abm.experiments.engine import job_script, missing_command
from abm.experiments.engine_settings import ClusterEngine, EngineSettings
from abm.experiments.plan import Plan
from abm.experiments.probe import Cost, probe
from abm.experiments.share import Share
from abm.experiments.spec import Experiment
from abm.experiments.store import Store


@dataclass(frozen=True)
class Estimate:
    """What a study will take.

    Attributes
    ----------
    scenarios, points, replicates
        Its size; of replicates that stop by a rule, the most.
    runs, finished
        Runs of the study or the share, and those that are there.
    by_rule
        Whether there may be fewer replicates.
    cost
        Of one run, as tried.
    shared
        Share of all months that are in common with other runs, and not made again.
    slots
        Runs at a time; None where the scheduler of others decides.
    seconds, disk, memory
        For what is missing: time with this engine, bytes on the disk, and bytes of memory of all workers; None where
        the number of workers is not known.
    free_disk
        Bytes that are free where the results go.
    engine
        Name of the engine.
    script
        Job script, for a cluster.
    problem
        Why the engine cannot be started from this machine; empty if nothing is known.
    """

    scenarios: int
    points: int
    replicates: int
    runs: int
    finished: int
    by_rule: bool
    cost: Cost
    shared: float
    slots: int | None
    seconds: float | None
    disk: int
    memory: int | None
    free_disk: int
    engine: str
    script: str | None
    problem: str

    @property
    def missing(self) -> int:
        """Runs to be made."""
        return self.runs - self.finished


def estimate(experiment: Experiment, folder: Path, settings: EngineSettings, share: Share) -> Estimate:
    """Try a run of a study, and work out what all of it takes. Nothing is written.

    Parameters
    ----------
    experiment
        The study.
    folder
        Where its results go.
    settings, share
        Engine, and share that is made here.
    """
    plan = Plan(experiment)
    counts = plan.counts()
    there = Store(folder).finished()
    mine = [run.run_id for run in share.take(plan.unique())]
    finished = sum(run_id in there for run_id in mine)
    missing = len(mine) - finished
    shared = 1.0 - plan.share_of_months()
    cost = probe(plan.config(plan[0]), settings.threads)
    slots = slots_of(settings)
    busy = min(slots, max(missing, 1)) if slots else None
    return Estimate(
        scenarios=counts.scenarios,
        points=counts.points,
        replicates=counts.replicates,
        runs=len(mine),
        finished=finished,
        by_rule=experiment.replicates.until is not None,
        cost=cost,
        shared=shared,
        slots=slots,
        seconds=-(-missing // busy) * cost.seconds * (1.0 - shared) if busy else None,
        disk=missing * cost.disk,
        memory=busy * cost.memory if busy else None,
        free_disk=shutil.disk_usage(_nearest_folder(folder)).free,
        engine=kind_of(settings),
        script=job_script(settings, folder) if isinstance(settings, ClusterEngine) else None,
        problem=missing_command(settings) if isinstance(settings, ClusterEngine) else "",
    )


def _nearest_folder(folder: Path) -> Path:
    """The folder, or the first above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())
