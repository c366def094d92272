"""A shared past: runs that differ only in levers and events that begin later have the months before in common.

Where two of them part, a fork, the state is saved by whichever comes there first, and the others go on from it. A state
that is missing or unusable costs time and nothing else: the run then begins at its first month. The tables are those of
whole runs, to the bit.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from abm.engine.calendar import MONTHS_A_YEAR, parse_month
from abm.engine.entry import freeze
from abm.engine.errors import AbmError
from abm.results.manifest import digest_of
from abm.world.event_use import EventUse
from abm.world.lever_use import LeverUse

if TYPE_CHECKING:
    from abm.config import Config
    from abm.simulation import Tables
    from abm.world.state import World

APART = {"levers", "events", "name", "description"}
"""Fields of a configuration that do not name its course, or only from some month on."""


class Start(NamedTuple):
    """Beginning of the effect of a lever or an event: the month, and the lever or event as canonical text."""

    month: int
    lever: str


class Course(NamedTuple):
    """What decides the months of a run, its seed aside."""

    base: str  # names all of its configuration but levers, events, name and description
    # first, last: first and last month, counted from January of year 0
    first: int
    last: int
    levers: tuple[Start, ...]  # its levers and then its events as they stand in the configuration

    @property
    def starts(self) -> tuple[Start, ...]:
        """Its levers and events in the order in which they begin."""
        return tuple(sorted(self.levers, key=lambda start: start.month))

    def key(self, month: int, seed: int) -> str:
        """Name the state before a month: it depends on all that has begun by then, in its order."""
        begun = [start for start in self.levers if start.month < month]
        return digest_of([self.base, month, begun, seed])


class Fork(NamedTuple):
    """A saved state: the month with which it goes on, and its folder."""

    month: int
    folder: Path


@dataclass
class Past:
    """What a run has in common with others."""

    forks: tuple[Fork, ...]  # states on its way, in the order of their months
    months: int = 0  # months that it did not have to make


def course_of(resolved: Mapping[str, object]) -> Course:
    """Describe the course of a run, given its complete configuration as plain data."""
    base = digest_of({name: value for name, value in resolved.items() if name not in APART})
    budget, levers, events = resolved["budget"], resolved["levers"], resolved["events"]
    assert isinstance(levers, list) and isinstance(events, list)
    year_begins = int(budget["year_begins"]) if isinstance(budget, dict) else None
    first, last = parse_month(str(resolved["start"])), parse_month(str(resolved["end"]))
    starts = [(_beginning(use, year_begins), use) for use in levers]
    starts += [(EventUse.model_validate(freeze(use)).first_month, use) for use in events]
    return Course(base, first, last, tuple(Start(at, json.dumps(use, sort_keys=True)) for at, use in starts))


def _beginning(use: dict[str, object], year_begins: int | None) -> int:
    """First month in which a lever may change anything.

    It is announced before it is in force. A budget looks ahead to the end of its year, and in its last month at the
    first of the next.
    """
    found = LeverUse.model_validate(freeze(use))
    month = found.from_month if found.announced_month is None else found.announced_month
    if year_begins is None:
        return month
    return month - (month - (year_begins - 1)) % MONTHS_A_YEAR - 1


def forks_of(courses: Sequence[Course]) -> list[tuple[int, ...]]:
    """Find the months at which each run parts from others of the same seed, in ascending order."""
    children: defaultdict[tuple[object, ...], set[Start | None]] = defaultdict(set)
    for course in courses:
        for place, start in enumerate((*course.starts, None)):
            children[course.base, *course.starts[:place]].add(start)
    found = []
    for course in courses:
        months: set[int] = set()
        for place, mine in enumerate((*course.starts, None)):
            others = children[course.base, *course.starts[:place]] - {mine}
            months |= {min(start.month for start in (mine, other) if start is not None) for other in others}
        found.append(tuple(sorted(month for month in months if course.first < month <= course.last)))
    return found


def share_of_months(courses: Sequence[Course]) -> float:
    """Share of the months of all runs of a seed that have to be simulated, if each state is saved once."""
    saved: set[str] = set()
    simulated = total = 0
    for course, months in zip(courses, forks_of(courses), strict=True):
        keys = [course.key(month, 0) for month in months]
        begin = max((month for month, key in zip(months, keys, strict=True) if key in saved), default=course.first)
        saved |= set(keys)
        simulated += course.last - begin + 1
        total += course.last - course.first + 1
    return simulated / max(total, 1)


def in_turn[T](batches: Iterable[Iterable[T]], states: Callable[[T], Collection[str]]) -> Iterator[T]:
    """Order runs, some replicates a batch, so that those which save states lead the batch, and others follow.

    `states` names the states on the way of a run.
    """
    for batch in batches:
        seen: set[str] = set()
        followers = []
        for run in sorted(batch, key=lambda run: -len(states(run))):
            if seen.issuperset(states(run)):
                followers.append(run)
            else:
                seen.update(states(run))
                yield run
        yield from followers


def simulate_from(config: Config, past: Past, threads: int) -> Tables:
    """Make a run from the latest state there is, saving those that it passes."""
    from abm.simulation import build_world, run_to_end

    world = _resumed(config, past.forks, threads) or build_world(config, threads)
    past.months = world.t + 1
    folders = {fork.month - config.start_month: fork.folder for fork in past.forks}

    def pass_fork(done: int, _: int) -> None:
        if done in folders:
            _save(world, folders[done])

    return run_to_end(world, pass_fork)


def _resumed(config: Config, forks: Sequence[Fork], threads: int) -> World | None:
    from abm.checkpoint import load

    for fork in reversed(forks):
        if fork.folder.is_dir():
            with suppress(AbmError):
                return load(fork.folder, threads, config)
    return None


def _save(world: World, folder: Path) -> None:
    """Save a state, unless another worker was quicker or the disk is full: no run depends on it."""
    from abm.checkpoint import save

    if not folder.exists():
        with suppress(AbmError):
            save(world, folder)
