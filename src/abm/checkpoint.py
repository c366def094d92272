"""Checkpoints: a run saved at a month, and continued to the same bits."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import tempfile
from pathlib import Path

from abm.config import Config, make_config
from abm.declare.outcome import declared_outcome
from abm.engine.calendar import format_month
from abm.engine.errors import AbmError
from abm.engine.parallel import Threads
from abm.engine.version import code_version
from abm.recording import columns_of_settings
from abm.world.state import World

FACTS, STATE = "checkpoint.json", "state.pickle"


def save(world: World, folder: str | os.PathLike[str]) -> Path:
    """Save a world at the end of a month to a new folder; return the folder. See `abm.model.Model.save`."""
    target = Path(folder).expanduser().absolute()
    if target.exists():
        raise AbmError(f"'{target}' is there already; a checkpoint goes into a new folder")
    state = pickle.dumps(world, protocol=5)
    facts = {
        "code": code_version(),
        "month": format_month(world.month),
        "months_done": world.t + 1,
        "sha256": hashlib.sha256(state).hexdigest(),
        "config": world.config.resolved(),
    }
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            (staged / STATE).write_bytes(state)
            (staged / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
            staged.rename(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except OSError as error:
        raise AbmError(f"the checkpoint cannot be written to '{target}': {error.strerror}") from error
    return target


def load(folder: str | os.PathLike[str], threads: int = 1, config: Config | None = None) -> World:
    """Load a saved world; it continues with the next month. See `abm.model.Model.load`.

    Parameters
    ----------
    folder
        Where it was saved.
    threads
        Threads of the kernels.
    config
        Configuration to go on with, which differs from the saved one in levers and events that begin later; by default
        the same.
    """
    source = Path(folder).expanduser().absolute()
    try:
        facts = json.loads((source / FACTS).read_text(encoding="utf-8"))
        state = (source / STATE).read_bytes()
        code, digest = facts["code"], facts["sha256"]
    except FileNotFoundError as error:
        raise AbmError(f"'{source}' is no checkpoint: '{Path(error.filename).name}' is missing") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AbmError(f"the checkpoint in '{source}' cannot be read: {error}") from error
    if code != code_version():
        raise AbmError(
            f"the checkpoint in '{source}' was written by version {code}, and this is {code_version()}: "
            "the same bits need the same code; make it again"
        )
    if hashlib.sha256(state).hexdigest() != digest:
        raise AbmError(f"the checkpoint in '{source}' is damaged: its checksum does not match the recorded one")
    try:
        world = _Reader(io.BytesIO(state)).load()
    except pickle.UnpicklingError as error:
        raise AbmError(f"the checkpoint in '{source}' is refused: {error}") from error
    if config is None:
        config = make_config(**facts["config"])
    world.resume(config, Threads(threads))
    world.record.set_extra(columns_of_settings(config))
    return world


class _Reader(pickle.Unpickler):
    """Reads data only: a pickle can name any Python function, but this reader accepts only our classes and arrays."""

    def find_class(self, module: str, name: str) -> object:
        """Return classes that belong to the state of a world; refuse anything else."""
        if (module, name) == (declared_outcome.__module__, declared_outcome.__name__):
            return declared_outcome
        if (module, name) in PLAIN or module.startswith("abm."):
            found = super().find_class(module, name)
            if isinstance(found, type) or (module, name) in PLAIN:
                return found
        raise pickle.UnpicklingError(f"it names '{module}.{name}', which is not part of the state of a world")


PLAIN = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("collections", "Counter"),
    ("collections", "defaultdict"),
    ("builtins", "int"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy.core.numeric", "_frombuffer"),
}
"""Names in the state of a world besides our own."""
