"""Leave nothing half done when a run is stopped from outside."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED_EXIT_CODE = 128 + signal.SIGTERM
"""Exit code of a process ended by SIGTERM, as shells report it: 143."""


class Terminated(SystemExit):
    """The process was asked to end (SIGTERM).

    It is no `Exception`, so that code which survives errors does not survive this; and it is a `SystemExit`, so that
    a script which never heard of it ends with exit code 143 and without a traceback.
    """

    def __init__(self) -> None:
        super().__init__(TERMINATED_EXIT_CODE)


def _is_main_thread() -> bool:
    """Signal handlers can be set in the main thread alone, and Python runs them there."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def raise_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into `Terminated`, raised in the main thread, while the block runs.

    The first signal counts; those that follow are ignored, so that nothing disturbs the clean-up. Nothing is changed
    in another thread, nor where the program around us has its own handler already (or this block is nested).

    Raises
    ------
    Terminated
        From wherever the main thread is when the signal comes.
    """
    if not _is_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def terminate(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def hold_interrupts() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block is done, then let the first one through.

    For the few milliseconds in which a folder is made, renamed or removed. Only for short blocks; has no effect
    outside the main thread, where no signal arrives.
    """
    if not _is_main_thread():
        yield
        return
    arrived: list[int] = []
    held = {
        number: handler
        for number in (signal.SIGINT, signal.SIGTERM)
        # None: a handler set from C, which could not be put back.
        if (handler := signal.getsignal(number)) is not None
    }

    def note(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    for number in held:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])
