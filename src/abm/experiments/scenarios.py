"""Scenarios of an experiment: the base, what is set for all, what a scenario changes, and where each change stands."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from abm.config.finding import Finding
from abm.config.overrides import Override, apply, split_path
from abm.config.wording import shown, told
from abm.core.errors import ConfigError
from abm.core.yaml_source import KeyPath, dotted
from abm.experiments.settings import TABLES

ADD_LEVERS = "add_levers"
"""Key of a scenario whose levers come on top of those of the base."""

WHOLE = ("where",)
"""Settings that a change replaces whole: their keys exclude each other."""

NOT_HERE = {
    "outputs": "the tables of a study are chosen by 'tables', and single runs draw no plots; leave 'outputs' out",
}
ALL_ALIKE = {
    "seed": "all scenarios run on the same seeds (common random numbers); give the seed under 'set'",
    "name": "the name of a configuration says nothing here; the scenario's name is its key",
}


@dataclass
class Scenario:
    """Plain data of one scenario, before they are checked.

    Attributes
    ----------
    data
        As in a configuration.
    origins
        Path in `data` -> path in the experiment's file, for each value that stands there.
    sections
        The same for the sections above those values.
    """

    data: dict[str, Any]
    origins: dict[KeyPath, KeyPath] = field(default_factory=dict)
    sections: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def change(self, changes: dict[str, Any], here: KeyPath, refused: dict[str, str]) -> Iterator[Finding]:
        """Apply a mapping of changes that stands at `here` in the experiment's file; yields what cannot be."""
        for key, value in changes.items():
            parts, there = split_path(key), (*here, key)
            if parts is None:
                yield Finding(there, f"'{shown(key)}' is no path; write it as in labour.job_growth")
            elif str(parts[0]) in refused:
                yield Finding(there, refused[str(parts[0])])
            elif parts == (ADD_LEVERS,):
                yield from self._add_levers(value, there)
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
        return None

    def _change(self, parts: KeyPath, value: Any, there: KeyPath) -> Iterator[Finding]:
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
        for stale in [known for known in self.origins if known[: len(path)] == path]:
            del self.origins[stale]
        self.origins[path] = there

    def _add_levers(self, levers: Any, there: KeyPath) -> Iterator[Finding]:
        present = self.data.get("levers") or []
        if not isinstance(levers, list):
            yield Finding(there, f"expected a list of levers, each '- lever: NAME'; found {told(levers)}")
        elif isinstance(present, list):
            for index in range(len(levers)):
                self.origins["levers", len(present) + index] = (*there, index)
            self.data["levers"] = [*present, *copy.deepcopy(levers)]


def make_scenario(base: dict[str, Any], tables: tuple[str, ...]) -> Scenario:
    """Begin a scenario with the base, the tables of the study, and no plots."""
    outputs = {"plots": False, **{table: table in tables for table in TABLES}}
    return Scenario({**copy.deepcopy(base), "outputs": outputs})
