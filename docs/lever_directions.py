"""Write what every lever moved in experiments/lever_directions.yaml as figures for the documentation.

    abm sweep experiments/lever_directions.yaml --workers 2
    python docs/lever_directions.py results/lever_directions
    python docs/refresh.py

The second makes docs/lever_directions.csv, from which the third writes the table of docs/levers.md.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import abm
from abm.engine.measures import measures_of
from abm.month import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

FIGURES = Path(__file__).with_name("lever_directions.csv")
COLUMNS = ("scenario", "outcome", "reference", "difference", "low", "high", "percent", "percent_low", "percent_high")
DIGITS = 6
LEVEL = 0.9

LEAST = 0.5
"""Per cent below which a difference, however certain, is no answer worth naming."""

NO_ANSWER = ("policy_cost", "policy_waiting", "budget_left", "enforcement_spending")
"""What a lever costs is no answer to it."""


def main(folder: str) -> None:
    """Read the study and write the figures."""
    study = abm.open_study(folder)
    main_outcomes = [str(name) for name in study.experiment.outcomes]
    recorded = set(study.table("national").columns)
    candidates = [name for name in OUTCOMES if name in recorded and name not in main_outcomes]
    found = abm.compare(study, outcomes=[*main_outcomes, *candidates], level=LEVEL).totals
    first = {name: measures_of(OUTCOMES[name])[0] for name in found["outcome"].unique()}
    rows = found[found["measure"] == found["outcome"].map(first)]
    with FIGURES.open("w", newline="") as file:
        writer = csv.DictWriter(file, ("answer", *COLUMNS), lineterminator="\n")
        writer.writeheader()
        for scenario in rows["scenario"].unique():
            of_lever = rows[rows["scenario"] == scenario]
            for row in of_lever[of_lever["outcome"].isin(main_outcomes)].to_dict("records"):
                writer.writerow({"answer": "main"} | _rounded(row))
            writer.writerow({"answer": "clearest"} | _rounded(_clearest(of_lever)))
    print(f"{FIGURES}: {rows['scenario'].nunique()} levers")


def _clearest(rows: pd.DataFrame) -> dict[str, Any]:
    """Outcome whose relative difference is the most certain: the largest against the half-width of its interval."""
    rows = rows[~rows["outcome"].isin(NO_ANSWER)]
    half = (rows["percent_high"] - rows["percent_low"]) / 2
    certain = (rows["percent"].abs() / half).where((half > 0) & (rows["percent"].abs() >= LEAST))
    return rows.loc[certain.idxmax() if certain.notna().any() else rows["percent"].abs().idxmax()].to_dict()


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: f"{value:.{DIGITS}g}" if isinstance(value := row[name], float) else value for name in COLUMNS}


if __name__ == "__main__":
    main(sys.argv[1])
