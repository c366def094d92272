"""Packages: named lists of levers in files of their own, that a configuration or a scenario takes up by name or path.

A package is put in before anything is checked: its levers come after those of the configuration, which holds them like
its own from then on. What is wrong with them is reported at their place in the package's file.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.raw import mapping_in, month_of
from abm.config.wording import described, either, is_number, listed, no_such
from abm.config.yaml_source import KeyPath, YamlSource, dotted, parse_yaml, read_yaml
from abm.declare import Lever, Params, expected
from abm.engine.calendar import Month, format_month, parse_month
from abm.engine.entry import Slug, freeze
from abm.engine.errors import MOST_PROBLEMS, ConfigError, Problem
from abm.places.data_files import data_file
from abm.world.lever_use import read_share

FOLDER = "packages"  # folder of the shipped packages inside ``abm.data``
KEY = "packages"  # key under which a configuration names packages

FORM = "the name of a package, its path, or {package: …, from: …, scale: …}"
"""What an item of ``packages`` may be, for messages."""

DATES = ("announced", "from", "until")  # settings of a lever that a package's use may move


def read_use(value: object) -> object:
    """Turn a name alone into the fields of `PackageUse`."""
    return {"package": value} if isinstance(value, str) else value


class PackageUse(Params):
    """A package in a configuration or a scenario."""

    package: str = expected("the name of a package, or its path  (abm describe packages)")
    """Name of a shipped package, or a path from the folder of this file, ending in `.yaml`."""

    from_: Month | None = Field(None, alias="from")
    """Month in which the first of its levers begins; all its dates are moved alike. As in its file if left out."""

    scale: float | None = Field(None, ge=0, le=10, json_schema_extra={"unit": "multiple of the dose"})
    """What the doses of its levers are multiplied by: their distance from the value that changes nothing."""


Use = Annotated[PackageUse, BeforeValidator(read_use), expected(FORM)]


class PackageSettings(Params):
    """The file of a package: levers that belong together, ready to use."""

    name: Slug
    """Short name."""

    description: str
    """What the package does, in words."""

    basis: Literal["paper", "inferred"]
    """Whether the source paper recommends it, or it is inferred from the gaps that the paper names."""

    systems: tuple[str, ...] = expected("a list of systems, for example [S6, S19]", ())
    """Systems of the source paper that it answers to."""

    levers: tuple[dict[str, object], ...] = expected("a list of levers, each '- lever: NAME'", min_length=1)
    """Its levers, as in a configuration."""


@dataclass(frozen=True)
class Packaged:
    """Where a lever comes from."""

    source: YamlSource  # file of its package
    use: PackageUse  # item of ``packages`` that brought it
    index: int  # its place in the list of levers of the package
    entry: KeyPath  # path of that item
    of_base: bool = False  # whether the base of a scenario names the package, and not the experiment

    @property
    def shipped(self) -> bool:
        """Whether the package came with the model: its file is out of the user's reach."""
        return not _is_path(self.use.package)

    def place(self, finding: Finding) -> Problem | Finding:
        """Tell a finding about the lever: in the package's file, or at the item that brought it about.

        What is wrong inside a shipped package is reported at the item too, since the user cannot mend the package.
        """
        inside = self._inside(finding)
        field = inside[2] if len(inside) == 3 else ""
        if self.use.scale is not None and field == "value":
            return self.moved_to(finding, (*self.entry, "scale"))
        if self.use.from_ is not None and field in DATES:
            return self.moved_to(finding, (*self.entry, "from"))
        if self.shipped:
            return self.moved_to(finding, self.entry, finding.related)
        return self.source.problem(finding.message + self._how_to_move(finding), inside)

    def moved_to(self, finding: Finding, path: KeyPath, related: tuple[KeyPath, ...] = ()) -> ReportedElsewhere:
        """Word a finding for another place than the package's file."""
        inside = self._inside(finding)
        place = self.source.place(inside) if self.shipped else None
        there = self.source.file, inside, place.line if place else 0, self._how_to_move(finding)
        return ReportedElsewhere(path, finding.message, related, finding.alike, *there)

    def _inside(self, finding: Finding) -> KeyPath:
        """Path within the package."""
        return ("levers", self.index, *finding.path[2:])

    def _how_to_move(self, finding: Finding) -> str:
        """Offer to move the dates of the package, where its use does not do so already."""
        if self.use.from_ is not None or not (finding.alike and finding.alike.movable_to):
            return ""
        use = f"{{package: {self.use.package}, from: {finding.alike.movable_to}}}"
        return f"; 'from' of the package moves all its dates, for example '{use}'"


@dataclass(frozen=True)
class ReportedElsewhere(Finding):
    """A finding about a lever of a package, reported where the package is named."""

    # source, inside, line: the package's file, the path in it, and the line where the user cannot open it; else 0
    source: str = ""
    inside: KeyPath = ()
    line: int = 0
    hint: str = ""  # what to do about it, after the message


def fold(findings: Iterable[Finding]) -> list[Finding]:
    """Tell together what is wrong alike with several levers of a package, at the place of the first."""
    groups: dict[object, list[Finding]] = {}
    for found in findings:
        key: object = object()
        if isinstance(found, ReportedElsewhere):
            key = (found.path, found.source, found.alike.several if found.alike else found.message, found.hint)
        groups.setdefault(key, []).append(found)
    return [_together(group) for group in groups.values()]


def _together(group: list[Finding]) -> Finding:
    """Word alike findings as one, with their places in the package."""
    elsewhere = [found for found in group if isinstance(found, ReportedElsewhere)]
    if not elsewhere:
        return group[0]
    first, message = elsewhere[0], elsewhere[0].message
    subjects = list(dict.fromkeys(found.alike.subject for found in elsewhere if found.alike))
    if first.alike and len(subjects) > 1:
        message = first.alike.several.replace("{}", listed(subjects))
    lines = [str(found.line) for found in elsewhere if found.line]
    on = f", line{'s' if len(lines) > 1 else ''} {listed(lines)}" if lines else ""
    where = f"{listed([dotted(found.inside) for found in elsewhere])} of {first.source}{on}"
    return Finding(first.path, f"{where}: {message}{first.hint}", first.related)


@dataclass
class Expansion:
    """Plain data of a configuration or a scenario with its packages put in."""

    data: dict[str, Any]  # as in a configuration, without ``packages``
    packaged: dict[int, Packaged] = field(default_factory=dict)  # index of a lever in `data` -> where it comes from
    findings: list[Finding] = field(default_factory=list)  # what is wrong with ``packages`` itself
    problems: list[Problem] = field(default_factory=list)  # what is wrong with the files of packages, levers apart

    def problems_of(self, findings: Iterable[Finding], here: Callable[[Finding], Problem]) -> list[Problem]:
        """Everything that is wrong, packages included; `here` words what does not belong into a package's file."""
        placed = self.place_all([*self.findings, *findings])
        return self.problems + [found if isinstance(found, Problem) else here(found) for found in placed]

    def place_all(self, findings: Iterable[Finding]) -> list[Problem | Finding]:
        """Place findings: those about a lever of a package in its file, these first; those alike together."""
        of_packages = ((self.package_of(finding), finding) for finding in findings)
        placed = [package.place(finding) if package else finding for package, finding in of_packages]
        problems = [found for found in placed if isinstance(found, Problem)]
        return [*problems, *fold(found for found in placed if isinstance(found, Finding))]

    def package_of(self, finding: Finding) -> Packaged | None:
        """Find the package of the lever that a finding is about."""
        match finding.path:
            case ("levers", int(index), *_):
                return self.packaged.get(index)
        return None


def is_package(data: object) -> bool:
    """Whether plain data are those of a package, by their keys."""
    return isinstance(data, dict) and "basis" in data


def put_in(data: dict[str, object], folder: str, levers: dict[str, Lever], here: KeyPath = (KEY,)) -> Expansion:
    """Put the levers of the packages that `data` name after its own; `data` are left as they are.

    Paths start from `folder`; the list of packages stands at `here` in the file.
    """
    if KEY not in data:
        return Expansion(data)
    made = Expansion({key: value for key, value in data.items() if key != KEY})
    given, present = data[KEY], data.get("levers") or []
    if not isinstance(given, list | tuple):
        made.findings.append(Finding(here, f"expected a list, each {FORM}; found {described(given)}"))
        given = ()
    uses: list[tuple[KeyPath, PackageUse]] = []
    for index, item in enumerate(given):
        entry = (*here, index)
        if not isinstance(item, str | dict):
            made.findings.append(Finding(entry, f"expected {FORM}; found {described(item)}"))
            continue
        use, findings = read_part(PackageUse, read_use(item), entry)
        made.findings += findings
        uses += [(entry, use)] if use else []
        if len(made.findings) > MOST_PROBLEMS:
            return made
    if not isinstance(present, list | tuple):
        return made
    made.data["levers"] = list(present)
    owners = {_id_of(use): f"levers[{index}]" for index, use in enumerate(present)}
    for entry, use in uses:
        _add(made, use, entry, folder, levers, owners)
        if len(made.findings) + len(made.problems) > MOST_PROBLEMS:
            break
    return made


def _add(
    made: Expansion, use: PackageUse, entry: KeyPath, folder: str, levers: dict[str, Lever], owners: dict[object, str]
) -> None:
    """Add the levers of one package, and tell what is wrong with its file, or with its ids among the others."""
    source = _find(use.package, folder, entry, made)
    settings = _read(source, made) if source else None
    if source is None or settings is None:
        return
    clashes: set[str] = set()
    mine = f"package '{settings.name}'"
    if mine in owners.values():
        made.findings.append(Finding(entry, f"{mine} is named twice; its levers would have the same ids"))
        return
    listed = _adapted(copy.deepcopy(source.data["levers"]), use, levers)
    for index, lever in enumerate(listed):
        name = _id_of(lever)
        if name in [_id_of(other) for other in listed[:index]]:
            message = f"a lever of this package has the id '{name}' already; give this one an 'id' of its own"
            made.problems.append(source.problem(message, ("levers", index, "id" if "id" in lever else "lever")))
        elif name in owners:
            clashes.add(f"{mine} has a lever with the id '{name}', as {owners[name]} has; ids are unique")
        else:
            made.packaged[len(made.data["levers"])] = Packaged(source, use, index, entry)
            made.data["levers"].append(lever)
    made.findings += [Finding(entry, message) for message in sorted(clashes)]
    owners.update({_id_of(lever): mine for lever in listed})


def _id_of(use: object) -> object:
    found = mapping_in(use).get("id", mapping_in(use).get("lever"))
    return found if isinstance(found, str) else object()


def _is_path(name: str) -> bool:
    """Whether a package is named by the path of its file, and not by the name of a shipped one."""
    return name.endswith((".yaml", ".yml")) or "/" in name


def _find(name: str, folder: str, entry: KeyPath, made: Expansion) -> YamlSource | None:
    """Read the file of a package by its path, or the shipped one of this name."""
    if _is_path(name):
        file = os.path.normpath(os.path.join(folder, os.path.expanduser(name)))
        try:
            return read_yaml(file)
        except ConfigError as error:
            made.problems += [problem for problem in error.problems if problem.line]
            made.findings += [Finding(entry, str(problem)) for problem in error.problems if not problem.line]
            return None
    if name in shipped_packages():
        return _shipped(name)
    shipped_are = f"; shipped are {either(shipped_packages(), 'and')}"
    message = no_such("package", name, shipped_packages(), otherwise=shipped_are)
    made.findings.append(Finding(entry, f"{message}; a path ends in '.yaml'"))
    return None


def _read(source: YamlSource, made: Expansion) -> PackageSettings | None:
    """Check the file of a package, its levers apart."""
    problems = list(source.problems)
    read, findings = read_part(PackageSettings, source.data, ())
    problems += [source.problem(found.message, found.path) for found in findings if found.path not in source.unread]
    made.problems += [problem for problem in problems if problem not in made.problems]
    return read if not problems else None


def _adapted(made: list[dict[str, object]], use: PackageUse, levers: dict[str, Lever]) -> list[dict[str, object]]:
    """Move the dates and scale the doses of a package's levers as its use says."""
    if use.from_ is not None:
        begins = [month for lever in made if (month := month_of(lever.get("from"))) is not None]
        by = parse_month(use.from_) - min(begins) if begins else 0
        for lever in made:
            if "when" in lever and "from" not in lever:
                lever["from"] = format_month(parse_month(use.from_) - by)
            moved = {key: month + by for key in DATES if (month := month_of(lever.get(key))) is not None}
            lever |= {key: format_month(month) for key, month in moved.items()}
    if use.scale is not None:
        for lever in made:
            name, value = lever.get("lever"), read_share(lever.get("value"))
            found = levers.get(name) if isinstance(name, str) else None
            if found and is_number(value):
                lever["value"] = found.neutral + use.scale * (value - found.neutral)
    return made


@cache
def shipped_packages() -> tuple[str, ...]:
    """Names of the shipped packages."""
    files = (file.name for file in data_file(FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def _shipped(name: str) -> YamlSource:
    inside = f"{FOLDER}/{name}.yaml"
    return parse_yaml(data_file(inside).read_text(encoding="utf-8"), f"package '{name}' (shipped)")


def load_shipped() -> Iterator[PackageSettings]:
    """Read all shipped packages."""
    for name in shipped_packages():
        yield PackageSettings.model_validate(freeze(_shipped(name).data))
