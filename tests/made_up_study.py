"""Made-up studies whose answers are known: frames as a study's folder holds them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

START = "2018-01"


def make_design(
    scenarios: tuple[str, ...] = ("baseline", "policy"),
    points: np.ndarray | None = None,
    names: tuple[str, ...] = (),
    replicates: int = 6,
) -> pd.DataFrame:
    """Rows of a study: every scenario at every point with every seed, all done."""
    values = np.empty((1, 0)) if points is None else points
    rows = [(s, p, r) for r in range(replicates) for p in range(len(values)) for s in scenarios]
    frame = pd.DataFrame(rows, columns=["scenario", "point", "replicate"])
    frame["seed"] = 1 + frame["replicate"]
    frame["run_id"] = [f"{row:016x}" for row in range(len(frame))]
    for column, name in enumerate(names):
        frame[name] = values[frame["point"], column]
    frame["status"] = "done"
    frame["error"] = ""
    return frame


def make_table(
    design: pd.DataFrame, months: int, outcomes: dict[str, Callable[[pd.DataFrame, np.ndarray], np.ndarray]]
):
    """Monthly rows of every finished run; each outcome is a function of the design's rows and of the months.

    The functions get the design (n rows) and the months (0, 1, …) and give an array of shape (n, months).
    """
    done = design[design["status"] == "done"].drop_duplicates("run_id")
    start = np.datetime64(START, "M")
    month = (start + np.arange(months).astype("timedelta64[M]")).astype("datetime64[s]")
    table = pd.DataFrame({"run_id": np.repeat(done["run_id"].to_numpy(), months), "month": np.tile(month, len(done))})
    for name, made in outcomes.items():
        table[name] = np.broadcast_to(made(done, np.arange(months)), (len(done), months)).ravel()
    return table.sample(frac=1, random_state=1).reset_index(drop=True)


def noise(design: pd.DataFrame, months: np.ndarray, spread: float, stream: int = 0) -> np.ndarray:
    """Noise that depends on seed and month alone: common random numbers."""
    if design.empty:
        return np.empty((0, len(months)))
    made = {
        seed: np.random.default_rng([int(seed), stream]).normal(0, spread, len(months)) for seed in set(design["seed"])
    }
    return np.array([made[seed] for seed in design["seed"]])
