"""The command line ``abm``; only this package knows the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from abm.cli.terminal import DEFECT, INTERRUPTED, SUCCESS, USER_ERROR


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    argv
        Words after ``abm``; by default those of the process.

    Returns
    -------
    int
        0 on success; 2 on an error that the user can mend; 1 on a defect of ours, the only case with a traceback;
        130 on Ctrl-C; 143 on SIGTERM, 129 on SIGHUP.
    """
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return INTERRUPTED
    except (
        SystemExit
    ) as stop:  # SIGTERM and SIGHUP arrive as one, and so does a broken pipe if it broke inside a command
        if isinstance(stop.__context__, BrokenPipeError):
            return _discard_output()
        return stop.code if isinstance(stop.code, int) else DEFECT
    except BrokenPipeError:  # `abm describe | head`
        return _discard_output()
    except Exception as error:
        return _report(error)


def _report(error: Exception) -> int:
    """Say what the user can mend; anything else is a defect of ours."""
    stop = error.__context__
    if isinstance(stop, SystemExit) and isinstance(stop.code, int):  # the terminal that was to be tidied up is gone
        return stop.code
    words = _words_for_user(error)
    if words is None:
        return _confess(error)
    print(words, file=sys.stderr)
    return USER_ERROR


def _run(argv: list[str]) -> int:
    from abm.cli.app import app
    from abm.cli.terminal import notes_told

    with notes_told():
        code = app(args=argv or ["--help"], prog_name="abm", standalone_mode=False)
    if sys.stdout:  # None where the shell has closed it
        sys.stdout.flush()
    return code if isinstance(code, int) else SUCCESS


def _words_for_user(error: Exception) -> str | None:
    """Word an error that the user can mend; None if it is ours."""
    import errno

    from typer import TyperException

    from abm.engine.errors import AbmError

    words = None
    if isinstance(error, AbmError):
        words = str(error)
    elif isinstance(error, TyperException):  # a wrong option or an unknown command
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "abm"
        words = f"{command}: {error.format_message()}  ({command} --help)"
    elif isinstance(error, MemoryError):
        words = "out of memory; lower population.scale, or simulate a smaller region"
    elif isinstance(error, OSError) and error.errno == errno.ENOSPC:  # `abm describe > FILE` on a full disk
        _discard_output()
        words = f"the output cannot be written: {error.strerror}"
    return words


def _discard_output() -> int:
    """Send what is still to be written nowhere, or Python complains when it ends; a reader has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return SUCCESS


def _confess(error: Exception) -> int:
    """Report what is not the user's fault."""
    import traceback

    traceback.print_exception(error)
    print(
        "\nThis is a defect of abm, not of your files. Please report it with the lines above, the command and the "
        "configuration.",
        file=sys.stderr,
    )
    return DEFECT
