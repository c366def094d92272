"""What a study costs beside its runs: ``python benchmarks/studies.py [RUNS [WORKERS]] [--large]``.

Thousands of runs of a tiny configuration (one region, three months, tenths of a second each) on local workers. Prints
and writes to ``benchmarks/studies.json``: what is lost beside the runs, memory of the driver and number of files on the
way, and seconds to open the study and to compare it. ``--large`` makes 16 runs of 1 % of the households and ten years.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import abm

BASELINE = Path(__file__).parents[1] / "configs" / "baseline.yaml"

TINY = """
name: tiny
base: {base}
set: {{end: 2009-03, population: {{scale: 0.001, region: catchment, village_households: 100}}}}
scenarios:
  baseline: {{}}
  jobs: {{levers: [{{lever: job_creation, from: 2009-02, value: 0.02}}]}}
  patrols: {{levers: [{{lever: border_patrol, from: 2009-02, value: 3}}]}}
  quota: {{levers: [{{lever: legal_quota, from: 2009-02, value: 2}}]}}
replicates: {replicates}
outcomes: [legal_departures]
"""

LARGE = """
name: large
base: {base}
set: {{end: 2018-12}}
scenarios:
  baseline: {{}}
  patrols: {{levers: [{{lever: border_patrol, from: 2012-03, value: 3}}]}}
replicates: {replicates}
outcomes: [irregular_departures]
"""

MEGA = 1e6
SAMPLE_SECONDS = 2.0


class Watch(threading.Thread):
    """Looks at the memory of this process, the driver, and at the files of the study."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.seen: list[tuple[float, int]] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Look, until it is over."""
        while not self.over.wait(SAMPLE_SECONDS):
            self.seen.append((memory(), sum(len(files) for _, _, files in os.walk(self.folder))))


def memory() -> float:
    """Megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGA


def events(folder: Path) -> list[dict[str, Any]]:
    """Lines of the log of a study."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def measure(text: str, runs: int, workers: int) -> dict[str, float]:
    """Make a study in a folder for the moment, and say what it cost."""
    with tempfile.TemporaryDirectory() as out:
        file = Path(out) / "study.yaml"
        count = text.count("{levers") + 1
        file.write_text(text.format(base=BASELINE, replicates=-(-runs // count)), encoding="utf-8")
        experiment = abm.load_experiment(file)
        folder = Path(out) / experiment.name
        watch = Watch(folder)
        watch.start()
        began = time.perf_counter()
        study = abm.sweep(experiment, out=out, workers=workers)
        whole = time.perf_counter() - began
        watch.over.set()
        lines = events(folder)
        seconds = [line["seconds"] for line in lines if line["event"] == "made"]
        wall = next(line["seconds"] for line in lines if line["event"] == "end")
        tenth = len(watch.seen) // 10
        found = {
            "runs": len(seconds),
            "failed": study.counts()["failed"],
            "seconds a run": sum(seconds) / len(seconds),
            "lost a run, ms": 1000 * (wall * workers - sum(seconds)) / len(seconds),
            "lost, % of the time": 100 * (1 - sum(seconds) / (wall * workers)),
            "with beginning and end, %": 100 * (1 - sum(seconds) / (whole * workers)),
            "driver after a tenth, MB": watch.seen[tenth][0],
            "driver at the end, MB": watch.seen[-1][0],
            "files at most": max(files for _, files in watch.seen),
            "files at the end": sum(len(files) for _, _, files in os.walk(folder)),
        }
        began = time.perf_counter()
        study = abm.open_study(folder)
        found["open, s"] = time.perf_counter() - began
        began = time.perf_counter()
        abm.compare(study).totals  # noqa: B018
        found["compare, s"] = time.perf_counter() - began
        return found


def main() -> None:
    """Measure, print and keep."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    large = "--large" in sys.argv
    runs = numbers[0] if numbers else (16 if large else 10_000)
    workers = numbers[1] if len(numbers) > 1 else 2
    found = measure(LARGE if large else TINY, runs, workers)
    path = Path(__file__).with_name("studies.json")
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept["large" if large else "tiny"] = {name: round(value, 3) for name, value in found.items()}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for name, value in found.items():
        print(f"{name:28} {value:,.6g}")


if __name__ == "__main__":
    main()
