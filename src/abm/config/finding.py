"""One thing that is wrong in a configuration, before its place in a file is known, and checks that several share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from abm.config.wording import did_you_mean, either, no_such, number
from abm.config.yaml_source import KeyPath, dotted
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.entry import Entry, missing_fields

NEAR_ENOUGH = 1e-6  # how far shares, or the mean of a season, may be from 1

SINGULAR = {"transit": "stream", "agencies": "agency"}
"""What an entry of a part is called, where it is not the part's name without its ``s``."""


@dataclass(frozen=True)
class Alike:
    """What a finding has in common with others, for those that are reported together."""

    subject: str  # what the message is about, quoted as there
    several: str  # the message about several, ``{}`` in place of their subjects
    movable_to: str = ""  # a month at which dates would be sound; empty where the finding is about no date


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at `path`; `related` are the other places it depends on."""

    path: KeyPath
    message: str
    related: tuple[KeyPath, ...] = ()
    alike: Alike | None = None

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.message}"


def check_names(
    named: Iterable[tuple[KeyPath, str]],
    known: Collection[str],
    thing: str,
    *,
    hint: Callable[[str], str] = lambda name: "",
    otherwise: str = "",
    topic: str = "",
) -> Iterator[Finding]:
    """Refuse names that are not known, or named twice; `hint` comes before the nearest name, `otherwise` after it."""
    seen: set[str] = set()
    for at, name in named:
        if name in seen:
            yield Finding(at, f"{thing} '{name}' is named twice")
        elif name not in known:
            yield Finding(at, no_such(thing, name, known, hint=hint(name), otherwise=otherwise, topic=topic))
        seen.add(name)


def check_new(here: KeyPath, row: Mapping[str, object], kind: type[Entry], known: Collection[str]) -> Iterator[Finding]:
    """Refuse a new entry without all that it needs; perhaps it is a known one, misspelt."""
    *_, part, key = (str(step) for step in here)
    missing = missing_fields(kind, row)
    if key not in known and missing:
        word = SINGULAR.get(part, part.removesuffix("s"))
        yield Finding(here, f"a new {word} needs {either(missing, 'and')} too{did_you_mean(key, known)}")


def check_sum(here: KeyPath, shares: Mapping[str, float], hint: str = "") -> Iterator[Finding]:
    """Refuse shares that do not add up to 1."""
    total = sum(shares.values())
    if abs(total - 1.0) > NEAR_ENOUGH:
        named = ", ".join(f"{name} {number(share)}" for name, share in shares.items())
        yield Finding(here, f"the shares add up to {number(round(total, 6))} and not to 1: {named}{hint}")


def check_season(here: KeyPath, season: Sequence[float]) -> Iterator[Finding]:
    """Refuse multiples by calendar month whose mean is not 1."""
    mean = sum(season) / MONTHS_A_YEAR
    if abs(mean - 1.0) > NEAR_ENOUGH:
        yield Finding(here, f"the twelve multiples have the mean {number(round(mean, 6))} and not 1")
