"""What processes are asked to do in tests; it imports next to nothing, so that they start in a blink."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def wait_for_file(path: Path) -> dict[str, str]:
    """Wait until there is a file; give the environment of this process."""
    while not path.exists():
        time.sleep(0.01)
    return dict(os.environ)


def die() -> None:
    """Die at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_until(path: Path, tries: Path) -> str:
    """Note a try, and die unless a file was there before."""
    there = path.exists()
    with tries.open("a") as file:
        file.write("x")
    if not there:
        die()
    return "alive"


class OddError(Exception):
    """An error that can be packed, and not unpacked."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


def fail_oddly() -> None:
    raise OddError("not to", "be packed")
