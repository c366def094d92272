"""Leave nothing half done when a run is stopped from outside."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that ask a process to end: from a scheduler or `kill`, and from a terminal that closes."""


class Terminated(SystemExit):
    """The process was asked to end.

    It is no `Exception`, so that code that survives errors does not survive this; and it is a `SystemExit`, so that a
    script unaware of it ends without a traceback, with the exit code that shells report for this signal: 143 for
    SIGTERM, 129 for SIGHUP.
    """

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__(128 + number)


def _is_main_thread() -> bool:
    """Signal handlers can be set in the main thread alone, and Python runs them there."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def raise_terminated() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into `Terminated`, raised in the main thread, while the block runs.

    The first signal counts; those that follow are ignored, so that nothing disturbs the clean-up. Nothing is changed
    in another thread, nor where the program around us has its own handler already, ignores the signal (`nohup`), or
    this block is nested.
    """
    ours = [number for number in ENDING if _is_main_thread() and signal.getsignal(number) is signal.SIG_DFL]

    def terminate(number: int, frame: FrameType | None) -> None:
        for one in ours:
            signal.signal(one, signal.SIG_IGN)
        raise Terminated(number)

    for number in ours:
        signal.signal(number, terminate)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def hold_interrupts() -> Iterator[None]:
    """Hold Ctrl-C, SIGTERM and SIGHUP back until the block is done, then let the first one through.

    Meant for the few milliseconds in which a folder is made, renamed or removed. Outside the main thread, where no
    signal arrives, it has no effect.
    """
    if not _is_main_thread():
        yield
        return
    arrived: list[int] = []
    held = {
        number: handler
        for number in (signal.SIGINT, *ENDING)
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
