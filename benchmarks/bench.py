"""Speed and memory of the model, beside plain Mesa objects that do the same; `make bench` runs it.

Prints a table and writes benchmarks/latest.json. Every figure is a median; on a machine that others use too, only
ratios of one run of this script compare. ``--quick`` takes small populations and few repeats, to see that it works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from plain_mesa import PlainModel

from abm.abroad.diaspora import DiasporaState
from abm.config import make_config
from abm.enforcement.enforcement import Enforcement
from abm.enforcement.prosecution import Prosecution
from abm.households.households import Households
from abm.market.offers import Offers
from abm.market.offices import Offices
from abm.model import Model
from abm.month import MONTH
from abm.places.places import places_of
from abm.routes.interception import Interception
from abm.world.state import World

HERE = Path(__file__).parent
BASELINE = HERE.parent / "configs" / "baseline.yaml"
ABM = (sys.executable, "-m", "abm")

SLOW_RATES = ("demography_on", "tie_formation", "tie_decay", "house_ageing", "shock_rate")
"""Rates of what the kernel does once a quarter and the plain objects do not."""

DRAWN_RATES = ("separation", "finding")
"""Rates of what is drawn in the households' month, beside what happens to members away."""

MONTHS_COMPARED = 3

ROUNDING = {"jobs": 0, "away": 0, "assets": 10, "debt": 10, "aspiration": 0.005}
"""Largest difference of one household: the kernel has single precision, and the logistic function from a table."""

CHANCE = 0.02
"""Largest difference of two sums with other draws."""

PLAIN_SCALE = 0.0005
"""Some 30,000 households: enough for objects to leave the processor's caches."""

NANO = 1e9
MEGA = 1e6


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    text: str


AGENTS = (Interception, Offers, Enforcement, Prosecution, Offices)
"""Mechanisms in which offices and enforcement agents act."""

CROWDED = {"opening": 20.0, "entry": 0.3, "overhead": 2_000.0}
"""Offices by the thousand: many at the start, eager to open, and cheap to keep."""

CROWDING_MONTHS = 6


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    scale: float
    months: int
    plain_months: int
    end: str
    commands: int
    copies: int


FULL = Sizes(scale=0.01, months=24, plain_months=6, end="2028-12", commands=3, copies=22)
QUICK = Sizes(scale=0.001, months=4, plain_months=3, end="2009-12", commands=1, copies=1)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and few, only to see that it works")
    sizes = QUICK if parser.parse_args().quick else FULL
    load = os.getloadavg()[0]
    print(f"{describe_machine()}; load {load:.1f} at the start\n")
    figures: list[Figure] = []
    for measure in (measure_households, measure_agents, measure_plain, measure_commands):
        for figure in measure(sizes):
            figures.append(figure)
            print(f"{figure.text:<72}{figure.value:>12,.{digits(figure.value)}f} {figure.unit}", flush=True)
    print()
    for text, value in ratios({figure.name: figure.value for figure in figures}):
        print(f"{text:<72}{value:>12,.{digits(value)}f} times")
    written = {
        "machine": describe_machine(),
        "load": load,
        "sizes": asdict(sizes),
        "figures": [asdict(f) for f in figures],
    }
    (HERE / "latest.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def measure_households(sizes: Sizes) -> list[Figure]:
    """Time the whole month and the household pass alone, and count the bytes that a household takes."""
    figures = []
    for threads in (1, 2):
        words = f"{threads} thread{'s' if threads > 1 else ''}, {sizes.scale:.1%} of households"
        model = Model(make_config(population={"scale": sizes.scale}, end=sizes.end), threads=threads)
        try:
            model.step()  # compiles, or loads what was compiled
            month = median_time(model.step, sizes.months) / awake(model)
            kernel = median_time(partial(Households.step, model.world), sizes.months) / awake(model)
        finally:
            model.close()
        figures += [
            Figure(f"month_{threads}", month * NANO, "ns a household-month", f"whole month, {words}"),
            Figure(f"kernel_{threads}", kernel * NANO, "ns a household-month", f"household kernel alone, {words}"),
        ]
    figures.append(
        Figure(
            "bytes",
            bytes_a_household(model),
            "bytes",
            "memory a household, with its share of villages and members away",
        )
    )
    return figures


def measure_agents(sizes: Sizes) -> list[Figure]:
    """Time what offices and enforcement agents do in a month; clients and travellers are not theirs."""
    shipped = [post for post in places_of().posts if post.kind != "circle"]
    posts = {
        f"{post.key}_{copy}": {
            "name": f"{post.name} {copy}", "kind": post.kind, "at": list(post.at), "staff": 5,
            "integrity": post.integrity, "budget": post.budget,
        }
        for copy in range(sizes.copies) for post in shipped
    }  # fmt: skip
    config = make_config(population={"scale": sizes.scale}, end=sizes.end, places={"posts": posts}, offices=CROWDED)
    model = Model(config)
    try:
        for _ in range(CROWDING_MONTHS):
            model.step()
        months = [time_of_agents(model) for _ in range(sizes.months)]
        offices, officers = len(model.offices), len(model.posts) + len(model.circles)
    finally:
        model.close()
    words = f"all that {offices:,} offices and {officers:,} enforcement agents do"
    return [Figure("agents", 1e3 * statistics.median(months), "ms a month", words)]


def time_of_agents(model: Model) -> float:
    """Seconds that mechanisms of offices and of enforcement agents take in one month of all mechanisms."""
    world, seconds = model.world, 0.0
    world.open_month()
    for mechanism in MONTH:
        taken = time_of(partial(mechanism.step, world))
        seconds += taken if mechanism in AGENTS else 0.0
    return seconds


def measure_plain(sizes: Sizes) -> list[Figure]:
    """Time the same rule on plain Mesa objects, after checking that it is the same."""
    check_same_rule()
    world = plain_world()
    tracemalloc.start()
    plain = PlainModel(world)
    count = len(plain.agents)
    bytes_each = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    shuffled = median_time(plain.step, sizes.plain_months) / count
    ordered = median_time(PlainModel(world, shuffled=False).step, sizes.plain_months) / count
    unit, words = "ns a household-month", f"{count:,} households"
    return [
        Figure("plain_shuffled", shuffled * NANO, unit, f"plain Mesa objects, shuffle_do, {words}"),
        Figure("plain_ordered", ordered * NANO, unit, f"plain Mesa objects, do, {words}"),
        Figure("plain_bytes", bytes_each, "bytes", "memory a household as a plain Mesa object"),
    ]


def plain_world() -> World:
    """Make a small world after one month, without what the plain objects leave out."""
    model = Model(make_config(population={"scale": PLAIN_SCALE, "min_villages": 1}))
    model.step()
    for name in SLOW_RATES:
        model.world.district_month[name] = 0
    model.world.district_month["house_cost"] = 1e12
    return model.world


def check_same_rule() -> None:
    """Stop if kernel and objects differ: household by household with all draws off, in the sum with draws on."""
    for draws in (False, True):
        world = plain_world()
        if not draws:
            world[DiasporaState].month.moving[:] = 0.0
            for name in DRAWN_RATES:
                world.district_month[name] = 0.0
        plain = PlainModel(world)
        for _ in range(MONTHS_COMPARED):
            plain.step()
            world.t += 1
            world.month += 1
            Households.step(world)
        rows = rows_awake(world)
        for name, rounding in ROUNDING.items():
            kernel = getattr(world.households, name)[rows].astype(np.float64)
            objects = np.array(plain.agents.get(name), np.float64)
            if draws:
                same = abs(objects.sum() - kernel.sum()) <= CHANCE * kernel.sum() or name == "debt"  # few have debts
            else:
                same = np.allclose(objects, kernel, rtol=0.0, atol=rounding)
            if not same:
                sys.exit(f"benchmarks/plain_mesa.py no longer has the rule of the household kernel: {name} differs")


def rows_awake(world: World) -> np.ndarray:
    """Rows of the households that exist, in order."""
    slices = zip(world.villages.first_row, world.villages.awake, strict=True)
    return np.concatenate([np.arange(first, first + count) for first, count in slices])


def measure_commands(sizes: Sizes) -> list[Figure]:
    """Time what a user types, each in a fresh process."""
    starts = [time_command([*ABM, "--help"])[0] for _ in range(7)]
    bare = [time_command([sys.executable, "-c", "pass"])[0] for _ in range(7)]
    tiny = ("run", str(BASELINE), "--scale", "0.0005", "--set", "end=2009-06")
    cold, warm, runs, peaks = [], [], [], []
    for _ in range(sizes.commands):
        with tempfile.TemporaryDirectory() as kernels:
            environment = {"NUMBA_CACHE_DIR": kernels}
            cold.append(time_run(tiny, environment)[0])
            warm.append(time_run(tiny, environment)[0])
        seconds, peak = time_run(
            ("run", str(BASELINE), "--scale", str(sizes.scale), "--threads", "1", "--set", f"end={sizes.end}")
        )
        runs.append(seconds)
        peaks.append(peak)
    return [
        Figure("help", statistics.median(starts), "s", "abm --help"),
        Figure("python", statistics.median(bare), "s", "python alone"),
        Figure(
            "cold", statistics.median(cold), "s", "first run, 6 months of 0.05 %, no kernel compiled yet, with plots"
        ),
        Figure("warm", statistics.median(warm), "s", "the same again, kernels compiled"),
        Figure(
            "run",
            statistics.median(runs),
            "s",
            f"abm run, {sizes.scale:.1%} of households to {sizes.end}, 1 thread, with tables and plots",
        ),
        Figure("peak", statistics.median(peaks) / MEGA, "MB", "peak memory of that run"),
    ]


def ratios(value: dict[str, float]) -> list[tuple[str, float]]:
    """List what is compared with what."""
    return [
        ("plain Mesa objects (shuffle_do) against the household kernel", value["plain_shuffled"] / value["kernel_1"]),
        ("plain Mesa objects (do) against the household kernel", value["plain_ordered"] / value["kernel_1"]),
        ("plain Mesa objects (shuffle_do) against the whole month", value["plain_shuffled"] / value["month_1"]),
        ("memory of plain Mesa objects against columns", value["plain_bytes"] / value["bytes"]),
        ("whole month, one thread against two", value["month_1"] / value["month_2"]),
    ]


def time_of(act: Callable[[], Any]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def median_time(act: Callable[[], Any], repeats: int) -> float:
    """Median of the seconds that a call takes."""
    return statistics.median(time_of(act) for _ in range(repeats))


def time_run(arguments: tuple[str, ...], environment: dict[str, str] | None = None) -> tuple[float, int]:
    """Time `abm` with a fresh folder of results: a run that is there already is not made again."""
    with tempfile.TemporaryDirectory() as out:
        return time_command([*ABM, *arguments, "--out", out], environment)


def time_command(command: list[str], environment: dict[str, str] | None = None) -> tuple[float, int]:
    """Seconds and peak bytes of a command."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **(environment or {})})
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said.read().decode()}")
    return seconds, used.ru_maxrss * 1024


def awake(model: Model) -> int:
    """Household rows that exist in the model's present month."""
    return int(model.villages.awake.sum())


def bytes_a_household(model: Model) -> float:
    """Bytes of all columns, over the household rows until the end of the horizon."""
    world = model.world
    columns = [*world.households, *world.villages, *world.away, world.chosen, world.choice]
    return float(sum(column.nbytes for column in columns)) / world.households.wage.size


def digits(value: float) -> int:
    """Decimals worth printing."""
    return 0 if value >= 100 else 1 if value >= 10 else 2


def describe_machine() -> str:
    """Name the processor and the versions that matter for speed."""
    names = [
        line for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if line.startswith("model name")
    ]
    processor = names[0].split(":", 1)[1].strip() if names else platform.processor()
    versions = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "mesa"))
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    main()
