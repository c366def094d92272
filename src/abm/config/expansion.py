"""A configuration with its packages put in: where each of their levers comes from, and where its faults are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from abm.config.finding import Finding
from abm.core.errors import Problem
from abm.core.yaml_source import KeyPath, YamlSource, dotted

DATES = ("announced", "from", "until")
"""Settings of a lever that a package's use may move."""


@dataclass(frozen=True)
class Packaged:
    """Where a lever comes from.

    Attributes
    ----------
    source, index
        File of its package, and its place in the list of levers there.
    entry
        Path of the item of ``packages`` that brought it.
    moved, scaled
        Whether that item moves its dates, and scales its dose.
    shipped
        Whether the package came with the model: its file is out of the user's reach.
    """

    source: YamlSource
    index: int
    entry: KeyPath
    moved: bool
    scaled: bool
    shipped: bool

    def place(self, finding: Finding) -> Problem | Finding:
        """Tell a finding about the lever: in the package's file, or at the item that brought it about.

        What is wrong inside a shipped package is told at the item too, since the user cannot mend the package.
        """
        inside: KeyPath = ("levers", self.index, *finding.path[2:])
        cause = {"value": "scale" if self.scaled else "", **dict.fromkeys(DATES, "from" if self.moved else "")}
        key = cause.get(str(inside[2]), "") if len(inside) == 3 else ""
        if key:
            return Finding((*self.entry, key), self.told(finding))
        if self.shipped:
            return Finding(self.entry, self.told(finding), finding.related)
        return self.source.problem(finding.message, inside)

    def told(self, finding: Finding) -> str:
        """Word a finding for another place than the package's file."""
        inside: KeyPath = ("levers", self.index, *finding.path[2:])
        place = self.source.place(inside)
        line = f", line {place.line}" if self.shipped and place else ""
        return f"{dotted(inside)} of {self.source.file}{line}: {finding.message}"


@dataclass
class Expansion:
    """Plain data of a configuration with its packages put in.

    Attributes
    ----------
    data
        As in a configuration, without ``packages``.
    packaged
        Index of a lever in `data` -> where it comes from.
    findings
        What is wrong with ``packages`` itself.
    problems
        What is wrong with the files of packages, levers apart.
    """

    data: dict[str, Any]
    packaged: dict[int, Packaged] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def place(self, finding: Finding) -> Problem | Finding:
        """Tell a finding where it belongs: about a lever of a package in its file; any other as it is."""
        found = self.packaged.get(finding.path[1]) if finding.path[:1] == ("levers",) and finding.path[1:] else None  # type: ignore[arg-type]
        return found.place(finding) if found else finding
