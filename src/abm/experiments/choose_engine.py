"""Which engine a study uses: that of its file, or one named on the command line."""

from __future__ import annotations

import math

from abm.config.wording import did_you_mean, either
from abm.engine.errors import AbmError
from abm.experiments.engine import default_workers
from abm.experiments.engine_settings import ENGINES, ClusterEngine, DaskEngine, EngineSettings, LocalEngine


def choose_engine(written: EngineSettings, name: str | None = None, workers: int | None = None) -> EngineSettings:
    """Settle the engine.

    Parameters
    ----------
    written
        Settings of the experiment.
    name
        Another kind of engine, with its defaults; settings of the experiment are kept if they are of this kind.
    workers
        Runs at a time.

    Raises
    ------
    AbmError
        If there is no such engine, or it lacks settings that have no default.
    """
    if name is None or name == kind_of(written):
        settings = written
    elif name not in ENGINES:
        hint = did_you_mean(name, ENGINES) or f"; there are {either(list(ENGINES), 'and')}"
        raise AbmError(f"there is no engine '{name}'{hint}")
    elif issubclass(ENGINES[name], ClusterEngine | DaskEngine):
        needed = "'max_jobs', and what the cluster asks for" if name != "dask" else "'address' or 'scheduler_file'"
        raise AbmError(
            f"engine '{name}' needs settings that the command line has no words for; write a block 'engine: {{kind: "
            f"{name}, …}}' with {needed} into the experiment"
        )
    else:
        settings = ENGINES[name].model_validate({"kind": name, "threads": written.threads})
    return settings if workers is None else _with_workers(settings, workers)


def kind_of(settings: EngineSettings) -> str:
    """Name of an engine."""
    kind: object = getattr(settings, "kind", "")
    return str(kind)


def slots_of(settings: EngineSettings) -> int | None:
    """Runs at a time, at most; None where the scheduler of others decides."""
    if isinstance(settings, LocalEngine):
        return settings.workers or default_workers(settings.threads)
    if isinstance(settings, ClusterEngine):
        return settings.max_jobs * settings.workers_a_job
    return None if isinstance(settings, DaskEngine) else 1


def _with_workers(settings: EngineSettings, workers: int) -> EngineSettings:
    if isinstance(settings, LocalEngine):
        return settings.model_copy(update={"workers": workers})
    if isinstance(settings, ClusterEngine):
        return settings.model_copy(update={"max_jobs": math.ceil(workers / settings.workers_a_job)})
    why = "has those that its scheduler has" if isinstance(settings, DaskEngine) else "makes one run at a time"
    raise AbmError(f"--workers {workers}: engine '{kind_of(settings)}' {why}; leave --workers out")
