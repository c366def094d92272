"""Settings for the whole suite."""

import os
import signal
from collections.abc import Iterator

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

# No deadline: the first example may compile a kernel. The same examples every time in CI: a red run is one's own doing.
hypothesis.settings.register_profile("abm", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("abm")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have signals do to this process, and to what it starts, what they do in a shell, also under `nohup` and `&`."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
