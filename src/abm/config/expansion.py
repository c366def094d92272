"""A configuration with its packages put in: where each lever comes from, and where its faults are reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from abm.config.finding import Finding
from abm.config.wording import counted_lines, listed
from abm.config.yaml_source import KeyPath, YamlSource, dotted
from abm.engine.errors import Problem

DATES = ("announced", "from", "until")
"""Settings of a lever that a package's use may move."""


@dataclass(frozen=True)
class Packaged:
    """Where a lever comes from.

    Attributes
    ----------
    source, name, index
        File of its package, what the user calls that, and its place in the list of levers there.
    entry
        Path of the item of ``packages`` that brought it.
    moved, scaled
        Whether that item moves its dates, and scales its dose.
    shipped
        Whether the package came with the model: its file is out of the user's reach.
    of_base
        Whether the base of a scenario names the package, and not the experiment.
    """

    source: YamlSource
    name: str
    index: int
    entry: KeyPath
    moved: bool
    scaled: bool
    shipped: bool
    of_base: bool = False

    def place(self, finding: Finding) -> Problem | Finding:
        """Tell a finding about the lever: in the package's file, or at the item that brought it about.

        What is wrong inside a shipped package is reported at the item too, since the user cannot mend the package.
        """
        inside = self._inside(finding)
        cause = {"value": "scale" if self.scaled else "", **dict.fromkeys(DATES, "from" if self.moved else "")}
        key = cause.get(str(inside[2]), "") if len(inside) == 3 else ""
        if key:
            return self.told(finding, (*self.entry, key))
        if self.shipped:
            return self.told(finding, self.entry, finding.related)
        return self.source.problem(finding.message + self._how_to_move(finding), inside)

    def told(self, finding: Finding, path: KeyPath, related: tuple[KeyPath, ...] = ()) -> ToldElsewhere:
        """Word a finding for another place than the package's file."""
        inside = self._inside(finding)
        place = self.source.place(inside)
        return ToldElsewhere(
            path,
            finding.message,
            related,
            finding.alike,
            source=self.source.file,
            inside=(inside,),
            lines=(place.line,) if self.shipped and place else (),
            hint=self._how_to_move(finding),
        )

    def _inside(self, finding: Finding) -> KeyPath:
        """Path within the package."""
        return ("levers", self.index, *finding.path[2:])

    def _how_to_move(self, finding: Finding) -> str:
        """Offer to move the dates of the package, where its use does not do so already."""
        if self.moved or not (finding.alike and finding.alike.movable_to):
            return ""
        use = f"{{package: {self.name}, from: {finding.alike.movable_to}}}"
        return f"; 'from' of the package moves all its dates, for example '{use}'"


@dataclass(frozen=True)
class ToldElsewhere(Finding):
    """A finding about levers of a package, reported where the package is named.

    Attributes
    ----------
    source, inside, lines
        The package's file, paths in it, and their lines where the user cannot open it.
    hint
        What to do about it, after the message.
    """

    source: str = ""
    inside: tuple[KeyPath, ...] = ()
    lines: tuple[int, ...] = ()
    hint: str = ""

    @property
    def whole(self) -> Finding:
        """The finding with all of this in its message."""
        lines = f", {counted_lines(self.lines)}" if self.lines else ""
        where = f"{listed([dotted(path) for path in self.inside])} of {self.source}{lines}"
        return Finding(self.path, f"{where}: {self.message}{self.hint}", self.related)


def fold(findings: Iterable[Finding]) -> list[Finding]:
    """Tell together what is wrong alike with several levers of a package, at the place of the first."""
    groups: dict[object, list[Finding]] = {}
    for found in findings:
        key: object = object()
        if isinstance(found, ToldElsewhere):
            key = (found.path, found.source, found.alike.several if found.alike else found.message, found.hint)
        groups.setdefault(key, []).append(found)
    return [_together(group) for group in groups.values()]


def _together(group: list[Finding]) -> Finding:
    """Word alike findings as one."""
    several = [found for found in group if isinstance(found, ToldElsewhere)]
    if not several:
        return group[0]
    first = several[0]
    subjects = list(dict.fromkeys(found.alike.subject for found in several if found.alike))
    message = first.message
    if first.alike and len(subjects) > 1:
        message = first.alike.several.replace("{}", listed(subjects))
    inside = tuple(path for found in several for path in found.inside)
    lines = tuple(line for found in several for line in found.lines)
    return replace(first, message=message, inside=inside, lines=lines).whole


@dataclass
class Expansion:
    """Plain data of a configuration or a scenario with its packages put in.

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

    def problems_of(self, findings: Iterable[Finding], here: Callable[[Finding], Problem]) -> list[Problem]:
        """Everything that is wrong, packages included; `here` words what does not belong into a package's file."""
        placed = self.place_all([*self.findings, *findings])
        return self.problems + [found if isinstance(found, Problem) else here(found) for found in placed]

    def place_all(self, findings: Iterable[Finding]) -> list[Problem | Finding]:
        """Tell findings where they belong, those alike about one package together; those in files of packages first."""
        placed = [self.place(finding) for finding in findings]
        problems = [found for found in placed if isinstance(found, Problem)]
        return [*problems, *fold(found for found in placed if isinstance(found, Finding))]

    def place(self, finding: Finding) -> Problem | Finding:
        """Tell a finding where it belongs: about a lever of a package in its file; any other as it is."""
        found = self.package_of(finding)
        return found.place(finding) if found else finding

    def package_of(self, finding: Finding) -> Packaged | None:
        """Find the package of the lever that a finding is about."""
        match finding.path:
            case ("levers", int(index), *_):
                return self.packaged.get(index)
        return None
