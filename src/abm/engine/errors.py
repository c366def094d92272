"""Errors that a user can mend: shown without a traceback, exit code 2."""

from __future__ import annotations

from dataclasses import dataclass

MOST_PROBLEMS = 50
"""Most problems looked for and shown; a file with more repeats one mistake."""

LONGEST_PATH, LONGEST_MESSAGE = 200, 2000
"""Characters of a problem that are shown."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a user's file.

    Attributes
    ----------
    message
        What is wrong, what was expected, what to try.
    path
        Dotted path in the YAML, ``levers[0].value``; empty for the whole file.
    file, line, column
        Where it stands; lines and columns count from 1; 0 if it has no place.
    """

    message: str
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        parts = [part for part in (place, _cut(self.path, LONGEST_PATH)) if part]
        message = _cut(self.message, LONGEST_MESSAGE)
        return f"{'  '.join(parts)}: {message}" if parts else message


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def by_place(problem: Problem) -> tuple[bool, int, int]:
    """Order problems by their place in a file; those without one come last."""
    return problem.line == 0, problem.line, problem.column


class SettingNote(UserWarning):
    """A setting that has no effect as things stand; nothing is wrong with it."""


class AbmError(Exception):
    """Base of the errors that are the user's to mend."""


class ConfigError(AbmError):
    """A configuration that cannot be run; holds every problem found, and shows the first `MOST_PROBLEMS`."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = [str(problem) for problem in problems[:MOST_PROBLEMS]]
        if len(problems) > MOST_PROBLEMS:
            lines.append(f"… and more: these are the first {MOST_PROBLEMS}")
        super().__init__("\n".join(lines))


class OutputError(AbmError):
    """Results cannot be written or read: unwritable folder, full disk, corrupt file."""


class EngineError(AbmError):
    """An engine that is not installed, cannot be reached, or was lost."""


class AnalysisError(AbmError):
    """A comparison or sensitivity analysis cannot be made from the runs at hand."""


class DiskFullError(OutputError):
    """No room for results; any further write there will fail too."""
