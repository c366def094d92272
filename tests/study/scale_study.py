"""Does the sampling fraction matter? Cumulative departures at small and large samples over those at 1 %.

    python tests/study/scale_study.py  # 20 seeds over 240 months: about a quarter of an hour of one core
    python tests/study/scale_study.py --seeds 4 --months 60

Prints, for each scale and channel, the mean ratio over the seeds and its 90 % interval (Student's t).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import numpy as np

from abm.config import make_config
from abm.experiments.intervals import mean_interval
from abm.model import simulate

REFERENCE = 0.01
SCALES = (0.002, 0.05)
CHANNELS = ("legal_departures", "irregular_departures")


def departures(scale: float, seed: int, months: int, threads: int = 1) -> dict[str, int]:
    """Departures of a run by channel, summed over all months."""
    start = "2009-01"
    end = str(np.datetime64(start, "M") + months - 1)
    config = make_config(start=start, end=end, seed=seed, population={"scale": scale})
    national = simulate(config, threads=threads)["national"]
    return {channel: int(national[channel].sum()) for channel in CHANNELS}


def ratios(
    seeds: Iterable[int], months: int, scales: Iterable[float] = SCALES, threads: int = 1
) -> dict[tuple[float, str], list[float]]:
    """Departures over those at the reference scale with the same seed, by scale and channel."""
    found: dict[tuple[float, str], list[float]] = {}
    for seed in seeds:
        reference = departures(REFERENCE, seed, months, threads)
        for scale in scales:
            counted = departures(scale, seed, months, threads)
            for channel in CHANNELS:
                found.setdefault((scale, channel), []).append(counted[channel] / reference[channel])
    return found


def interval(values: list[float]) -> tuple[float, float, float]:
    """Mean and its 90 % interval."""
    found = mean_interval([values], level=0.9, points="fixed")
    return float(found.estimate), float(found.low), float(found.high)


def tell(found: dict[tuple[float, str], list[float]]) -> str:
    """Table of means and intervals."""
    lines = []
    for (scale, channel), values in found.items():
        centre, low, high = interval(values)
        spread = float(np.std(values, ddof=1))
        lines.append(f"{scale:<6g} {channel:22} {centre:.3f} [{low:.3f}, {high:.3f}]  (sd of a seed {spread:.3f})")
    return "\n".join(lines)


def main() -> None:
    """Run the study and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--months", type=int, default=240)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scales", type=float, nargs="+", default=list(SCALES))
    asked = parser.parse_args()
    found: dict[tuple[float, str], list[float]] = {}
    for seed in range(1, asked.seeds + 1):
        for key, values in ratios([seed], asked.months, asked.scales, asked.threads).items():
            found.setdefault(key, []).extend(values)
            print(f"seed {seed}  {key[0]:g}  {key[1]}  {values[0]:.4f}", flush=True)
    print(f"\ndepartures over those at {REFERENCE:g}, {asked.seeds} seeds, {asked.months} months\n{tell(found)}")


if __name__ == "__main__":
    main()
