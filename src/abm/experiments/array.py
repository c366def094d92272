"""A study as an array of SLURM jobs, each of which makes its share and knows of no other."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from abm.experiments.engine_settings import ClusterEngine
from abm.experiments.processes import THREAD_VARIABLES
from abm.experiments.spec import Experiment
from abm.experiments.stopping import refuse_rule
from abm.experiments.store import DOING
from abm.results.disk import explained, replace_file

SCRIPT, LOGS = "array.sbatch", "logs"


def write_array(experiment: Experiment, file: Path, folder: Path, shares: int, workers: int | None) -> Path:
    """Write the script of an array of so many jobs into the folder of a study, ``<out>/<name>``, for `sbatch`.

    The jobs read the study's YAML, `file`, and what it says of SLURM jobs is taken over; each makes `workers` runs at a
    time, by default as many as it says. An AbmError says that the study cannot be cut into shares.
    """
    refuse_rule(experiment, f"--array {shares}")
    settings = experiment.engine
    if not isinstance(settings, ClusterEngine) or settings.kind != "slurm":
        settings = ClusterEngine(kind="slurm", max_jobs=shares, threads=settings.threads)
    at_a_time = workers or settings.workers_a_job
    options = {
        "job-name": folder.name,
        "array": f"1-{shares}",
        "cpus-per-task": str(at_a_time * settings.threads),
        "mem": settings.memory.replace(" ", "").removesuffix("B").removesuffix("i").upper(),
        "time": settings.walltime,
        "partition": settings.queue,
        "account": settings.account,
        "output": shlex.quote(str(folder / LOGS / "share-%a.log")),
    }
    make = [sys.executable, "-m", "abm", "sweep", str(file), "--out", str(folder.parent), "--engine", "local"]
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH --{name}={value}" for name, value in options.items() if value),
        *(f"#SBATCH {option}" for option in settings.job_extra),
        *(f"export {name}={settings.threads}" for name in THREAD_VARIABLES),
        *settings.prologue,
        f'{shlex.join(make)} --workers {at_a_time} --shard "$SLURM_ARRAY_TASK_ID/{shares}"',
    ]
    script = folder / SCRIPT
    with explained(folder, doing=DOING):
        (folder / LOGS).mkdir(parents=True, exist_ok=True)
        replace_file(script, ("\n".join(lines) + "\n").encode())
    return script
