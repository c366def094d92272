"""A run's name is a hash of everything that decides what it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from abm.engine.version import code_version

RUN_ID_DIGITS = 16


def canonical_json(value: object) -> str:
    """Write a value as JSON in exactly one way: sorted keys, no blanks, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def run_id(config: Mapping[str, object], seed: int, code: str | None = None) -> str:
    """Name a run by its resolved configuration, its seed and the code that made it.

    Parameters
    ----------
    config
        The complete configuration, ``Config.resolved()``.
    seed
        Seed of the run.
    code
        Code version; by default that of this installation.
    """
    whole = {"config": config, "seed": seed, "code": code or code_version()}
    return hashlib.sha256(canonical_json(whole).encode()).hexdigest()[:RUN_ID_DIGITS]
