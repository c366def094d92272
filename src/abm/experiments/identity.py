"""Run ids by the thousand: the canonical text of a configuration is written once, and only what varies is put in."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Sequence
from typing import Any

from abm.config.yaml_source import KeyPath
from abm.engine.version import code_version
from abm.results.manifest import RUN_ID_DIGITS, canonical_json

SEED = ("seed",)

_MARK = re.compile(r'"\\u0000(\d+)\\u0000"')
"""A text that no configuration holds stands where a value will."""


class RunIds:
    """Ids of runs whose configurations differ in the values at a few paths, and in their seeds.

    Gives what `abm.results.run_id` gives, some ten times as fast.

    Parameters
    ----------
    resolved
        A complete configuration, ``Config.resolved()``.
    paths
        Paths in it, lists by index, whose values vary.
    """

    def __init__(self, resolved: dict[str, object], paths: Sequence[KeyPath]) -> None:
        marked = copy.deepcopy(resolved)
        self.whole = [isinstance(_get(resolved, path), int) for path in paths]
        for slot, path in enumerate((*paths, SEED)):
            put(marked, path, f"\0{slot}\0")
        seed = f"\0{len(paths)}\0"
        pieces = _MARK.split(canonical_json({"config": marked, "seed": seed, "code": code_version()}))
        self.texts = [piece.encode() for piece in pieces[::2]]
        self.slots = [int(slot) for slot in pieces[1::2]]

    def make(self, values: Sequence[float], seed: int) -> str:
        """Name the run with these values, in the order of the paths."""
        written = [
            (str(int(value)) if whole else float.__repr__(float(value))).encode()
            for value, whole in zip(values, self.whole, strict=True)
        ]
        written.append(str(seed).encode())
        parts = [self.texts[0]]
        for slot, text in zip(self.slots, self.texts[1:], strict=True):
            parts += (written[slot], text)
        return hashlib.sha256(b"".join(parts)).hexdigest()[:RUN_ID_DIGITS]


def put(data: dict[str, object], path: KeyPath, value: object) -> None:
    """Put a value at a path that is there."""
    _get(data, path[:-1])[path[-1]] = value


def _get(data: Any, path: KeyPath) -> Any:
    for part in path:
        data = data[part]
    return data
