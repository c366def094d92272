"""Settings without effect: the mechanism that they belong to is switched off, or a lever has its neutral value.

They are no errors: whoever compares a run with and without a mechanism leaves its settings where they are. But none is
passed over in silence: each is reported once, as a `SettingNote`, when a file is read.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from abm.config.catalogue import Catalogue
from abm.config.finding import Finding
from abm.config.raw import mapping_in, uses_of
from abm.config.wording import are_off, number, switch_on
from abm.config.yaml_source import KeyPath
from abm.engine.errors import Problem, SettingNote
from abm.world.lever_use import read_share

READ_BY: dict[KeyPath, tuple[str, ...]] = {
    ("places", "transit"): ("transit",),
    ("regime", "laws"): ("law",),
    ("regime", "agencies"): ("agencies", "stream_cases"),
    ("exploitation", "streams"): ("trafficking",),
    ("agencies", "circle_share"): ("agencies", "stream_cases"),
    **{("enforcement", name): ("enforcement", "agencies") for name in ("watch", "fear", "caution_half_life")},
    ("enforcement", "lead_life"): ("enforcement", "stream_cases"),
}
"""Settings that other mechanisms read than that of their section -> these."""


OWN_CODE = f"{Path(__file__).parents[1]}{os.sep}"  # folder of the model: whoever gets a warning is outside of it

SKILL = "skill"  # field of posts that agencies read


@dataclass(frozen=True)
class Setting:
    """A setting that a file holds, and the mechanisms of which one has to take part for it to matter."""

    path: KeyPath
    needs: tuple[str, ...]
    idle: bool  # whether none of them does

    def note(self) -> Finding:
        """Say that the setting has no effect, and how it would get one."""
        message = f"has no effect, as {are_off(self.needs)}; to switch it on, add {switch_on(self.needs)}"
        return Finding(self.path, message)


def settings_of(raw: dict[str, object], catalogue: Catalogue) -> Iterator[Setting]:
    """List the settings of a valid configuration that depend on mechanisms which may be switched off."""
    for section, given in raw.items():
        for key, value in mapping_in(given).items():
            paths: list[KeyPath] = [(section, key)] if value != {} else []
            if (section, key) == ("places", "posts"):  # of each its skill
                posts = mapping_in(value).items()
                paths = [(section, key, name, SKILL) for name, post in posts if SKILL in mapping_in(post)]
            for path in paths:
                needs = needs_of(path, catalogue)
                if needs:
                    yield Setting(path, needs, not any(catalogue.is_on(name, raw) for name in needs))


def neutral_levers(raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    """Say of the levers of a valid configuration at their neutral value that they change nothing."""
    for path, use in uses_of(raw, "levers"):
        lever = catalogue.levers[str(use["lever"])]
        if read_share(use["value"]) == lever.neutral:
            what = "adds to" if lever.combine == "add" else "multiplies"
            message = f"{number(lever.neutral)} changes nothing: '{lever.name}' {what} what is there"
            yield Finding((*path, "value"), message)


def needs_of(path: KeyPath, catalogue: Catalogue) -> tuple[str, ...]:
    """Mechanisms of which one has to take part for the setting at a path to matter; none if it matters anyway."""
    if path[:2] == ("places", "posts"):
        return ("agencies",) if path[-1] == SKILL else ()
    if path[:2] in READ_BY:
        return tuple(name for name in READ_BY[path[:2]] if name in catalogue.mechanisms)
    section, key = str(path[0]), str(path[1]) if len(path) > 1 else ""
    mechanism = catalogue.mechanisms.get(section)
    if mechanism is None or not mechanism.switchable or key in mechanism.used_when_off:
        return ()
    return (section,)


def tell(notes: Iterable[Problem]) -> None:
    """Warn of settings without effect, each once, in the order of the file and at the user's line."""
    for note in sorted(set(notes), key=lambda note: (note.file, note.line, note.column, str(note))):
        warnings.warn(str(note), SettingNote, skip_file_prefixes=(OWN_CODE,))
