"""Whether abm can work here: Python, libraries, processors, memory, the cache of compiled kernels, extras, a month."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from abm.config import make_config
from abm.config.wording import listed
from abm.engine.errors import AbmError
from abm.engine.kernel_cache import are_shipped, cache_base
from abm.experiments.warm import WARM_MONTHS, WARM_SCALE, ensure_compiled, was_compiled
from abm.results.manifest import LIBRARIES, describe_machine, versions

PACKAGE = "abm-pakistan-migration"

INSTALL = "pip install -c constraints.txt '.[{}]', in the folder of the repository"

NEEDS = {
    "calibrate": ("a calibration", {"sklearn": "scikit-learn", "emcee": "emcee"}),
    "report": ("a report", {"altair": "altair", "vl_convert": "vl-convert-python", "jinja2": "Jinja2"}),
    "search": ("the policy search", {"ema_workbench": "ema-workbench"}),
    "viz": ("the dashboard", {"solara": "solara", "solara_assets": "solara-assets"}),
}
"""What does not begin without an extra, and the libraries that it needs of it, by their modules."""

OF_DEVELOPERS = ("bench", "lint", "test")  # extras that only those need who change abm


@dataclass(frozen=True)
class Check:
    """A line of what was found; `problem` says that abm cannot work like this."""

    label: str
    text: str
    problem: bool = False


def examine() -> Iterator[Check]:
    """Look at everything, one line after the other, and make a month of a run at the end; it writes no results."""
    found = versions()
    yield Check("abm", f"{found['abm']}, in {Path(__file__).parents[1]}")
    yield Check("Python", found["python"])
    yield Check("libraries", ", ".join(f"{name} {found[name]}" for name in LIBRARIES))
    machine = describe_machine()
    yield Check("machine", f"{machine['platform']}; {len(os.sched_getaffinity(0))} processors may be used")
    yield Check("memory", _memory())
    kernels = _kernels()
    yield kernels
    yield from _extras()
    if not kernels.problem:
        yield _smoke_run()


def _memory() -> str:
    page = os.sysconf("SC_PAGE_SIZE")
    text = f"{page * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB"
    with suppress(OSError):
        available = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
        text += f", {int(available[1]) / 1e6:.1f} GB available" if available else ""
    return text


def _kernels() -> Check:
    """Where compiled kernels are kept, and whether those of this version are there."""
    try:
        folder = cache_base()
    except AbmError as error:
        return Check("kernels", str(error), problem=True)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    state = "compiled" if was_compiled() else "not compiled yet, which takes about a minute"
    if are_shipped():
        state += "; until then a run takes those of the package, which are slower by 3 to 10 %"
    return Check("kernels", f"{folder}, writable, {size / 1e6:.0f} MB; those of this version are {state}")


def extras() -> dict[str, list[str]]:
    """Libraries of each extra that users may want, as the installed package declares them."""
    found: dict[str, list[str]] = {}
    with suppress(PackageNotFoundError):  # run from a source tree that is not installed
        for line in requires(PACKAGE) or ():
            name, extra = re.match(r"[\w.-]+", line), re.search(r"""extra\s*==\s*["'](\w+)["']""", line)
            if name and extra and extra[1] not in OF_DEVELOPERS:
                found.setdefault(extra[1], []).append(name[0])
    return found


def _extras() -> Iterator[Check]:
    for extra, libraries in extras().items():
        missing = [name for name in libraries if not _is_there(name)]
        install = f"missing {', '.join(missing)}: {INSTALL.format(extra)}"
        yield Check(f"[{extra}]", install if missing else f"present: {', '.join(libraries)}")


def missing(extra: str) -> list[str]:
    """Libraries of an extra that are needed and not installed."""
    return [library for module, library in NEEDS[extra][1].items() if find_spec(module) is None]


def require_extra(extra: str) -> None:
    """Refuse to begin without the libraries of an extra."""
    if names := missing(extra):
        raise AbmError(f"{NEEDS[extra][0]} needs {listed(names)}: {INSTALL.format(extra)}")


def _is_there(library: str) -> bool:
    try:
        version(library)
    except PackageNotFoundError:
        return False
    return True


def _smoke_run() -> Check:
    """Make a month of a few households, compiled before."""
    from abm.simulation import simulate

    small = {"population": {"scale": WARM_SCALE}, "outputs": {"plots": False}}
    try:
        compiling = time.perf_counter()
        compiled = ensure_compiled(make_config(start="2009-01", end=f"2009-{WARM_MONTHS:02}", **small))
        began = time.perf_counter()
        simulate(make_config(start="2009-01", end="2009-01", **small))
        ended = time.perf_counter()
    except Exception as error:  # whatever it is, the user is to see it
        return Check("a month", f"{type(error).__name__}: {error}", problem=True)
    before = f", after {began - compiling:.0f} s of compiling" if compiled else ""
    return Check("a month", f"made in {ended - began:.1f} s{before}")
