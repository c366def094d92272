"""One thing that is wrong in a configuration, before its place in a file is known."""

from __future__ import annotations

from dataclasses import dataclass

from abm.core.yaml_source import KeyPath, dotted


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at `path`; `related` are the other places it depends on."""

    path: KeyPath
    message: str
    related: tuple[KeyPath, ...] = ()

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.message}"
