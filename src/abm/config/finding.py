"""One thing that is wrong in a configuration, before its place in a file is known."""

from __future__ import annotations

from dataclasses import dataclass

from abm.config.yaml_source import KeyPath, dotted


@dataclass(frozen=True)
class Alike:
    """What a finding has in common with others, for those that are reported together.

    Attributes
    ----------
    subject
        What the message is about, quoted as there.
    several
        The message about several, ``{}`` in place of their subjects.
    movable_to
        A month at which dates would be sound; empty where the finding is about no date.
    """

    subject: str
    several: str
    movable_to: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at `path`; `related` are the other places it depends on."""

    path: KeyPath
    message: str
    related: tuple[KeyPath, ...] = ()
    alike: Alike | None = None

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.message}"
