"""What a month costs at each scale, and how the household pass compares with other frameworks; `make bench` runs it.

Every scale is a whole run of 20 years in a process of its own, one seed, every month counted: wall and processor time
are means of its 240 months. The pass and its peers start from the same worlds, on one thread, and every peer is first
checked to give the same households. Writes benchmarks/latest.json.
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
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import peers

from abm.config import Config, load_config, make_config
from abm.households.households import Households
from abm.month import MONTH
from abm.simulation import build_world
from abm.world.state import World

HERE = Path(__file__).parent
BASELINE = HERE.parent / "configs" / "baseline.yaml"
PAGE = HERE.parent / "docs" / "performance.md"
TABLE = "<!-- measured by benchmarks/bench.py -->\n", "<!-- end -->"

Found = dict[str, Any]

WORLDS = {
    "0.05 % of the country": {"scale": 0.0005, "min_villages": 1},
    "every household of a district": {"scale": 1.0, "region": ["hangu"]},
}
"""Worlds of the comparison: rows that stand for hundreds of households with members in many places, and for one."""

TIMED_MONTHS = 5


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    scales: tuple[float, ...]
    end: str
    compared: tuple[int, ...]
    """Months after which pass and peers are compared."""


WHOLE = Sizes(scales=(0.002, 0.01, 0.1), end="2028-12", compared=(1, 120))
QUICK = Sizes(scales=(0.0005,), end="2009-06", compared=(1,))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small and short, only to see that it works")
    parser.add_argument("--full", action="store_true", help="every household of the country too: minutes and some GiB")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1), help="of the runs; default: 2")
    parser.add_argument("--write-docs", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--month", metavar="CONFIG", help="instead: where the month of a configuration goes")
    parser.add_argument("--months", type=int, help="of --month, instead of all")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.month:
        found = measure_run(load_config(asked.month), asked.threads, asked.months)
        print(json.dumps(found) if asked.json else by_mechanism(found))
        return
    sizes = QUICK if asked.quick else WHOLE
    found = {
        "machine": describe_machine(),
        "load": os.getloadavg()[0],
        "sizes": asdict(sizes),
        "threads": asked.threads,
    }
    found["starts"] = measure_starts()
    found["peers"] = [line for name in WORLDS for line in measure_peers(name, sizes)]  # compiles for the runs too
    found["runs"] = [measure_scale(scale, sizes, asked.threads) for scale in (*sizes.scales, *[1.0] * asked.full)]
    (HERE / "latest.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(tables(found))
    if asked.write_docs:
        text = PAGE.read_text(encoding="utf-8")
        before, rest = text.split(TABLE[0])
        after = rest.split(TABLE[1], 1)[1]
        PAGE.write_text(f"{before}{TABLE[0]}{tables(found)}\n{TABLE[1]}{after}", encoding="utf-8")


def measure_starts() -> Found:
    """Time the first run ever and the next one, as a user types it: six months of 0.05 %, with tables and plots."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for start in ("cold", "warm"):
            arguments = (
                "run",
                str(BASELINE),
                "--scale",
                "0.0005",
                "--set",
                "end=2009-06",
                "--out",
                f"{folder}/{start}",
            )
            kernels = {"NUMBA_CACHE_DIR": f"{folder}/kernels"}
            found[start] = time_command([sys.executable, "-m", "abm", *arguments], kernels)[0]
    return found


def measure_scale(scale: float, sizes: Sizes, threads: int) -> Found:
    """Make a whole run in a fresh process, whose peak memory is then that of the run."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run.yaml"
        config.write_text(f"end: {sizes.end}\npopulation: {{scale: {scale}}}\n", encoding="utf-8")
        command = [sys.executable, __file__, "--month", str(config), "--threads", str(threads), "--json"]
        times, said = time_command(command)
    print(f"{scale:.1%} done in {times[0]:.0f} s", file=sys.stderr)
    return {"scale": scale, **json.loads(said), "process": times}


def measure_run(config: Config, threads: int, months: int | None) -> Found:
    """Make a run, and say by mechanism how long its months took, wall and processor; kernels are loaded beforehand."""
    warm = build_world(make_config(population={"scale": 0.0005}, end="2009-04"), threads)
    for _ in range(4):
        live(warm, {})
    warm.threads.close()
    start, world = time_of(partial(build_world, config, threads))
    spent: dict[str, list[float]] = {mechanism.section: [0.0, 0.0] for mechanism in MONTH}
    household_months = 0
    months = months or config.months
    for _ in range(months):
        live(world, spent)
        household_months += int(world.villages.awake.sum())
    rows = int(world.villages.awake.sum())
    world.threads.close()
    return {
        "months": months, "rows": rows, "household_months": household_months, "population": start, "spent": spent,
        "peak": peak_memory(),
    }  # fmt: skip


def peak_memory() -> float:
    """Most memory that this process has had, MB; what `resource` tells may be that of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def live(world: World, spent: dict[str, list[float]]) -> None:
    """One month, as `abm.simulation.advance` has it, timed by mechanism."""
    world.open_month()
    for mechanism in MONTH:
        times = time_of(partial(mechanism.step, world))[0]
        if spent:
            spent[mechanism.section] = [a + b for a, b in zip(spent[mechanism.section], times, strict=True)]


def measure_peers(name: str, sizes: Sizes) -> list[Found]:
    """Time the pass and its peers on one world, in turn, after checking that they have the same rule."""
    lines: list[Found] = []
    world = build_world(make_config(population=WORLDS[name]))
    for month in range(1, max(sizes.compared) + 1):
        live(world, {})
        if month not in sizes.compared:
            continue
        kept, checked = peers.Restored(world), set()
        peers.leave_out(world)
        steps: dict[str, Callable[[], None]] = {"pass": partial(peers.pass_of, world)}
        for peer in peers.PEERS:
            kind = peers.find(peer)
            if kind is None:
                continue
            differing = peers.disagreements(world, peer, kind) if kind not in checked else []
            checked.add(kind)
            if differing:
                sys.exit(f"{peer} does not have the rule of the household pass: {', '.join(differing)}")
            steps[peer] = kind(world, **peers.PEERS[peer][2]).step
        rows = int(world.villages.awake.sum())
        times: dict[str, list[float]] = {step: [] for step in steps}
        for _ in range(TIMED_MONTHS):
            for step, act in steps.items():
                times[step].append(time_of(act)[0][1])
        each = {step: 1e9 * statistics.median(seconds) / rows for step, seconds in times.items()}
        lines.append({"world": name, "month": month, "rows": rows, "ns": each})
        kept.restore()
    world.threads.close()
    return lines


def tables(found: Found) -> str:
    """The tables, in Markdown."""
    starts, compared = found["starts"], found["peers"]
    lines = [
        f"{found['machine']}; load {found['load']:.1f} at the start; runs on {found['threads']} threads. "
        "Each cell is wall / processor time.",
        "",
        row("households", "rows at the end", "household pass, ms", "everything else, ms", "whole month, ms",
            "pass, ns a row and month", "whole process, s", "peak memory, MB"),
        row("---", *["---:"] * 7),
    ]  # fmt: skip
    for run in found["runs"]:
        own = run["spent"][Households.section]
        whole = sum_of(run)
        rest = [a - b for a, b in zip(whole, own, strict=True)]
        month = [pair([1e3 * seconds / run["months"] for seconds in part]) for part in (own, rest, whole)]
        each = pair([1e9 * seconds / run["household_months"] for seconds in own])
        scale, rows, peak = f"{100 * run['scale']:g} %", f"{run['rows']:,}", f"{run['peak']:,.0f}"
        lines.append(row(scale, rows, *month, each, pair(run["process"]), peak))
    lines += [
        "",
        row("first run ever, and the next: six months of 0.05 %, with tables and plots", "s"),
        row("---", "---:"),
        row("cold: no kernel compiled yet", pair(starts["cold"])),
        row("warm: kernels compiled", pair(starts["warm"])),
        "",
        row("processor time on one thread, ns a row and month (times the pass)",
            *(f"{line['world']}, month {line['month']}" for line in compared)),
        row("---", *["---:"] * len(compared)),
        row("rows", *(f"{line['rows']:,}" for line in compared)),
        row("household pass of `abm`", *(f"{line['ns']['pass']:,.1f}" for line in compared)),
        *(row(peer, *(against_the_pass(line["ns"], peer) for line in compared)) for peer in peers.PEERS),
    ]  # fmt: skip
    return "\n".join(lines)


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def against_the_pass(each: dict[str, float], peer: str) -> str:
    """Cell of a peer in one world."""
    return f"{each[peer]:,.0f} ({each[peer] / each['pass']:,.1f})" if peer in each else "not installed"


def sum_of(run: Found) -> list[float]:
    """Seconds of all months of a run, wall and processor."""
    return [sum(times) for times in zip(*run["spent"].values(), strict=True)]


def by_mechanism(found: Found) -> str:
    """Where the month of one run goes, the dearest mechanism first."""
    whole = sum_of(found)
    lines = [f"{found['rows']:,} rows after {found['months']} months; wall / processor time"]
    for section, times in [*sorted(found["spent"].items(), key=lambda item: -item[1][1]), ("whole month", whole)]:
        month = pair([1e3 * seconds / found["months"] for seconds in times])
        each = pair([1e9 * seconds / found["household_months"] for seconds in times])
        lines.append(f"{section:24} {month:>16} ms {each:>16} ns {times[1] / whole[1]:7.1%}")
    return "\n".join(lines)


def pair(times: list[float]) -> str:
    """Wall and processor time, three figures each."""
    return " / ".join(f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}" for value in times)


def time_of(act: Callable[[], Any]) -> tuple[list[float], Any]:
    """Seconds that a call takes, wall and processor (all threads), and what it returns."""
    wall, processor = time.perf_counter(), time.process_time()
    result = act()
    return [time.perf_counter() - wall, time.process_time() - processor], result


def time_command(command: list[str], environment: dict[str, str] | None = None) -> tuple[list[float], str]:
    """Seconds of a command, wall and processor (with its own processes), and what it printed."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong:
        process = subprocess.Popen(command, stdout=said, stderr=wrong, env={**os.environ, **(environment or {})})
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        wrong.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{wrong.read().decode()}")
        return [wall, used.ru_utime + used.ru_stime], said.read().decode()


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
