"""Scenarios of an experiment: the base, what is set for all, what a scenario changes, and where each change stands."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from abm.config import Config
from abm.config.finding import Finding
from abm.config.overrides import Override, apply, split_path
from abm.config.packages import KEY as PACKAGES
from abm.config.packages import Expansion, Packaged, put_in
from abm.config.posterior import KEY as PARAMETERS
from abm.config.posterior import is_there
from abm.config.wording import described, shown
from abm.config.yaml_source import KeyPath, dotted
from abm.engine.errors import ConfigError
from abm.experiments.settings import TABLES
from abm.month import LEVERS

LABEL, LONGEST_LABEL = "label", 60  # key of a scenario's name in figures and tables, and how long it may be

ADDED = {"add_levers": ("levers", "lever"), "add_events": ("events", "event")}
"""Keys whose levers, or events, come on top of those of the base: list to which each adds, and what its items name."""

FIRST = (("levers",), ("events",), (PACKAGES,))
"""Changes made before others: lists that replace those of the base, then levers of packages, which come on top."""

WHOLE = ("where",)  # settings that a change replaces whole: their keys exclude each other

NOT_HERE = {
    "outputs": "the tables of a study are chosen by 'tables', and single runs draw no plots; leave 'outputs' out",
    "set": "leave 'set' out: what is changed stands right here, as in a configuration",
    PARAMETERS: "all scenarios have the same draws; give 'parameters' at the top level, or in the base",
}
_OTHER_PEOPLE = "all scenarios have the same people, or no run would be the pair of another; give it under 'set'"
ALL_ALIKE = {
    "start": f"another month gives other people; {_OTHER_PEOPLE}",
    "end": f"another end gives other weights and rows; {_OTHER_PEOPLE}",
    "population": f"another sample gives other people; {_OTHER_PEOPLE}",
    "seed": "all scenarios run on the same seeds (common random numbers); give the seed under 'set'",
    "name": "the name of a configuration says nothing here; the scenario's name is its key",
}


@dataclass
class Scenario(Expansion):
    """Plain data of one scenario, and those of the base, before they are checked."""

    # origins, sections: path in `data` -> path in the experiment's file, for each value that stands there; and for the
    # sections above
    origins: dict[KeyPath, KeyPath] = field(default_factory=dict)
    sections: dict[KeyPath, KeyPath] = field(default_factory=dict)
    folder: str = ""  # folder of the experiment's file, from which paths of packages start
    base: dict[str, object] = field(default_factory=dict)
    label: str = ""  # name in figures and tables; empty for its key in words
    _above: set[KeyPath] = field(default_factory=set)  # paths in `origins`, and those above them

    def change(self, changes: dict[str, object], here: KeyPath, refused: dict[str, str]) -> Iterator[Finding]:
        """Apply a mapping of changes that stands at `here` in the experiment's file; yields what cannot be."""
        for key, value in sorted(changes.items(), key=_rank):
            parts, there = split_path(key), (*here, key)
            if parts is None:
                yield Finding(there, f"'{shown(key)}' is no path; write it as in labour.job_growth")
            elif str(parts[0]) in refused:
                yield Finding(there, refused[str(parts[0])])
            elif parts == (LABEL,):
                yield from self._name(value, there)
            elif parts == (PACKAGES,):
                yield from self._add_packages(value, there)
            elif len(parts) == 1 and parts[0] in ADDED:
                yield from self._add(*ADDED[str(parts[0])], value, there)
            else:
                yield from self._change(parts, value, there)

    def locate(self, finding: Finding) -> Finding | None:
        """Move a finding about `data` into the experiment's file; None if its cause does not stand there."""
        if finding.path in self.sections:
            return Finding(self.sections[finding.path], finding.message)
        for path in (finding.path, *finding.related):
            for length in range(len(path), 0, -1):
                origin = self.origins.get(path[:length])
                if origin is None:
                    continue
                if path == finding.path:
                    return Finding((*origin, *path[length:]), finding.message)
                return Finding(origin, f"{dotted(finding.path)}: {finding.message}")
        for length in range(len(finding.path) - 1, 0, -1):
            above = finding.path[:length]
            if above in self.sections and not is_there(self.base, above):
                return Finding(self.sections[above], f"{dotted(finding.path)}: {finding.message}")
        return None

    def package_of(self, finding: Finding) -> Packaged | None:
        """Find the package of the lever that a finding is about; None where the experiment has changed it."""
        path = finding.path
        changed = any(path[:length] in self.origins for length in range(3, len(path) + 1))
        return None if changed else super().package_of(finding)

    def cause_of(self, finding: Finding) -> KeyPath | None:
        """Place of a change that makes a lever of a package impossible: another end of the run, a smaller region."""
        return next((self.origins[path] for path in finding.related if path in self.origins), None)

    def _name(self, value: object, there: KeyPath) -> Iterator[Finding]:
        if there[0] != "scenarios":
            yield Finding(there, f"a {LABEL} belongs to one scenario; give it there")
        elif not isinstance(value, str) or not 0 < len(value) <= LONGEST_LABEL:
            yield Finding(there, f"expected words for figures and tables, {LONGEST_LABEL} letters at most")
        else:
            self.label = value

    def _add_packages(self, value: object, there: KeyPath) -> Iterator[Finding]:
        put = put_in({"levers": self.data.get("levers"), PACKAGES: value}, self.folder, LEVERS, there)
        if put.packaged:
            self.data["levers"] = put.data["levers"]
        self.packaged |= put.packaged
        self.problems += put.problems
        yield from put.findings

    def _change(self, parts: KeyPath, value: object, there: KeyPath) -> Iterator[Finding]:
        for length in range(1, len(parts)):
            self.sections.setdefault(parts[:length], there)
        if isinstance(value, dict) and parts[-1] not in WHOLE:
            self.sections[parts] = there
            for key, inner in value.items():
                yield from self._change((*parts, key), inner, (*there, key))
            return
        try:
            path = apply(Override("", parts, copy.deepcopy(value)), self.data)
        except ConfigError as error:
            for problem in error.problems:
                yield Finding(there, problem.message)
            return
        if path == ("levers",):
            self.packaged.clear()
        if path in self._above:  # most are new, and there may be many
            for stale in [known for known in self.origins if known[: len(path)] == path]:
                del self.origins[stale]
        self.origins[path] = there
        self._above.update(path[:length] for length in range(1, len(path) + 1))

    def _add(self, key: str, what: str, uses: object, there: KeyPath) -> Iterator[Finding]:
        present = self.data.get(key) or []
        if not isinstance(uses, list):
            yield Finding(there, f"expected a list of {key}, each '- {what}: NAME'; found {described(uses)}")
        elif isinstance(present, list):
            for index in range(len(uses)):
                self.origins[key, len(present) + index] = (*there, index)
                self._above |= {(key,), (key, len(present) + index)}
            self.data[key] = [*present, *copy.deepcopy(uses)]


@dataclass(frozen=True)
class CheckedScenario:
    """A scenario's data with their places, and its configuration; None if something is wrong with it."""

    scenario: Scenario
    config: Config | None
    resolved: dict[str, object] = field(default_factory=dict)


def make_scenario(base: Expansion, tables: tuple[str, ...], folder: str) -> Scenario:
    """Begin a scenario with the base, the tables of the study, and no plots."""
    outputs = {"plots": False, **{table: table in tables for table in TABLES}}
    packaged = {index: replace(found, of_base=True) for index, found in base.packaged.items()}
    return Scenario({**copy.deepcopy(base.data), "outputs": outputs}, packaged, folder=folder, base=base.data)


def _rank(change: tuple[str, object]) -> int:
    """Place of a change among those of one mapping; the order within a rank stays."""
    parts = split_path(change[0])
    return FIRST.index(parts) if parts in FIRST and not isinstance(change[1], dict) else len(FIRST)
