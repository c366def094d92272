"""The command line ``abm``; only this package knows the terminal."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence

from abm.cli.terminal import DEFECT, INTERRUPTED, SUCCESS, USER_ERROR

OBJECTS_BEFORE_COLLECTING = 50_000
"""New objects before cycles are looked for: imports make hundreds of thousands, a month of the model hardly any."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, by default that of the process, and return its exit code.

    0 on success; 2 on an error that the user can mend; 1 on a defect of ours; 130 on Ctrl-C; 143 on SIGTERM; 129 on
    SIGHUP.
    """
    if argv is None:  # the process is ours: all of it ends with the command, and is not first searched for cycles
        gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
        atexit.register(gc.freeze)
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as stop:  # SIGTERM and SIGHUP arrive as one; so does a pipe that broke inside a command
        if isinstance(stop.__context__, BrokenPipeError):
            return _discard_output()
        return _stopped(stop)
    except BrokenPipeError:  # `abm describe | head`
        return _discard_output()
    except Exception as error:
        return _report(error)


def _run(argv: list[str]) -> int:
    from abm.cli.app import app
    from abm.cli.terminal import notes_shown

    with notes_shown():
        code = app(args=argv or ["--help"], prog_name="abm", standalone_mode=False)
    if sys.stdout:  # None where the shell has closed it
        sys.stdout.flush()
    return code if isinstance(code, int) else SUCCESS


def _stopped(stop: SystemExit) -> int:
    """Return the code of an end from outside; with a terminal that is gone goes what was still to be shown on it."""
    if stop.code == 128 + signal.SIGHUP:
        _discard_output()
    return stop.code if isinstance(stop.code, int) else DEFECT


def _report(error: Exception) -> int:
    """Say what the user can mend; anything else is a defect of ours, the only case with a traceback."""
    import traceback

    stop = error.__context__
    if isinstance(stop, SystemExit):  # the terminal that was to be tidied up is gone
        return _stopped(stop)
    words = _words_for_user(error)
    if words:
        print(words, file=sys.stderr)
        return USER_ERROR
    traceback.print_exception(error)
    print(
        "\nThis is a defect of abm, not of your files. Please report it with the lines above, the command and the "
        "configuration.",
        file=sys.stderr,
    )
    return DEFECT


def _words_for_user(error: Exception) -> str:
    """Word an error that the user can mend; empty if it is ours."""
    import errno

    from typer import TyperException

    from abm.engine.errors import AbmError

    if isinstance(error, AbmError):
        return str(error)
    if isinstance(error, TyperException):  # a wrong option or an unknown command
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "abm"
        wanted = getattr(error, "option_name", "").lstrip("-")
        seeds = "; a study says it in its file: 'replicates: 5'" if wanted in ("seed", "seeds", "replicates") else ""
        return f"{command}: {error.format_message()}{seeds if command == 'abm sweep' else ''}  ({command} --help)"
    if isinstance(error, MemoryError):
        return "out of memory; lower population.scale, or simulate a smaller region"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # `abm describe > FILE` on a full disk
        _discard_output()
        return f"the output cannot be written: {error.strerror}"
    return ""


def _discard_output() -> int:
    """Send what is still to be written nowhere, or Python complains when it ends; a reader has seen enough."""
    if sys.stdout:  # None where the shell has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return SUCCESS
