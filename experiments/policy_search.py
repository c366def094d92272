"""Which packages of levers are worth their money? A search by the EMA workbench, and what holds of it afterwards.

    pip install -c constraints.txt '.[search]'
    python experiments/policy_search.py

1. *Search.* An evolutionary algorithm looks for packages of the six levers of `policy_search.yaml` that lower irregular
   departures and deaths on the way and cost little, within a budget. Each package is held against the status quo on the
   same seeds. What comes out is a front: packages of which none is beaten in all three aims.
2. *Try again.* Few seeds at one set of parameters flatter what is picked. So some packages of the front become the
   scenarios of a study of their own, on other seeds and at points drawn from what nobody knows, swept and compared
   like any study.
3. *Look.* The figure shows what the search promised beside what held, and the table in how many of the uncertain
   futures a package lowers both departures and deaths.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import yaml
from pareto import draw_pareto

import abm
from abm.experiments.ema import at_most, identifier, make_model, values_in_force
from abm.experiments.read import load_experiment
from abm.plots.style import drawing, save

HERE = Path(__file__).resolve().parent
FILE = HERE / "policy_search.yaml"
AIMS = ["irregular_departures", "deaths_en_route", "policy_cost"]
STEPS = [400.0, 4.0, 5e8]  # differences in the aims that do not matter: persons, deaths, rupees
BUDGET = 15e9  # PKR of 2017, from 2017 to 2022
OTHER_SEED = 101


def search(evaluations: int, replicates: int, workers: int) -> pd.DataFrame:
    """Find the front: one row a package, with its levers and what it changes."""
    from ema_workbench import MultiprocessingEvaluator
    from platypus import EpsNSGAII

    model = make_model(FILE, minimise=AIMS, replicates=replicates)
    with TemporaryDirectory() as aside, MultiprocessingEvaluator(model, n_processes=workers) as evaluator:
        front, _ = evaluator.optimize(
            algorithm=EpsNSGAII,
            nfe=evaluations,
            searchover="levers",
            reference=values_in_force(FILE),
            constraints=[at_most("policy_cost", BUDGET)],
            epsilons=STEPS,
            population_size=min(24, evaluations),
            convergence_freq=evaluations,
            directory=aside,
            filename="archive.tar",
            rng=1,
        )
    affordable = front[front["policy_cost"] <= BUDGET]
    return affordable.sort_values("policy_cost", ignore_index=True)


def choose(front: pd.DataFrame, count: int) -> pd.DataFrame:
    """Choose packages that differ: the best in each aim, then always the one farthest from those chosen."""
    spans = (front[AIMS].max() - front[AIMS].min()).replace(0, 1)
    places = ((front[AIMS] - front[AIMS].min()) / spans).to_numpy()
    acting = np.flatnonzero((front["irregular_departures"] < 0) | (front["deaths_en_route"] < 0))
    if not acting.size:
        raise SystemExit("the search found no package that lowers anything; give it more --evaluations")
    chosen = list(dict.fromkeys(int(acting[front[aim].to_numpy()[acting].argmin()]) for aim in AIMS))
    while len(chosen) < min(count, len(acting)):
        distance = np.linalg.norm(places[acting][:, None] - places[chosen], axis=2).min(1)
        chosen.append(int(acting[distance.argmax()]))
    found = front.loc[sorted(chosen[:count])].reset_index(drop=True)
    return found.assign(package=[f"p{number}" for number in range(1, len(found) + 1)])


def write_study(packages: pd.DataFrame, path: Path, points: int, replicates: int) -> Path:
    """Write the study that tries packages again: each a scenario, on other seeds, at points of what nobody knows."""
    text = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    levers = text["scenarios"]["package"]["levers"]
    scenarios: dict[str, dict] = {"status_quo": {}}
    for row in packages.to_dict("records"):
        values = {use["id"]: round(float(row[identifier(f"levers.{use['id']}.value")]), 4) for use in levers}
        scenarios[row["package"]] = {"levers": [use | {"value": values[use["id"]]} for use in levers]}
    text |= {
        "name": "policy_search_again",
        "description": "Packages that a search has found, tried again under uncertainty.",
        "set": text["set"] | {"seed": OTHER_SEED},
        "scenarios": scenarios,
        "factors": {name: range_ for name, range_ in text["factors"].items() if not name.startswith("levers.")},
        "design": {"method": "lhs", "samples": points, "seed": 2},
        "replicates": replicates,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(text, sort_keys=False), encoding="utf-8")
    return path


def gather(packages: pd.DataFrame, found: abm.ComparisonView) -> pd.DataFrame:
    """Put what the search promised beside what held, package by package."""
    totals = found.totals[found.totals["measure"] == "total"].set_index(["scenario", "outcome"])
    rows = []
    for row in packages.to_dict("records"):
        name = row["package"]
        for outcome in AIMS[:2]:
            held = totals.loc[(name, outcome)]
            rows.append(
                {
                    "package": name,
                    "outcome": outcome,
                    "searched": row[outcome],
                    "searched_cost": row["policy_cost"],
                    "cost": totals.loc[(name, "policy_cost"), "difference"],
                    **held[["difference", "low", "high"]].to_dict(),
                    "futures_better": share_of_better_futures(found, name),
                }
            )
    return pd.DataFrame(rows)


def share_of_better_futures(found: abm.ComparisonView, package: str) -> float:
    """Share of the uncertain points at which departures and deaths are both lower than in the status quo."""
    panel = found.panel.within(found.window)
    place = panel.scenarios.index(package)
    better = [
        np.nanmean(panel.summary(outcome, "total")[place] - panel.summary(outcome, "total")[0], axis=1) < 0
        for outcome in AIMS[:2]
    ]
    return float(np.mean(better[0] & better[1]))


def main() -> None:
    """Search, try again, look."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--evaluations", type=int, default=144, help="packages that the search tries")
    options.add_argument(
        "--replicates", type=int, default=2, help="seeds of each package, and of each point afterwards"
    )
    options.add_argument("--packages", type=int, default=5, help="packages that are tried again")
    options.add_argument("--points", type=int, default=12, help="uncertain points at which they are")
    options.add_argument("--workers", type=int, default=2, help="processes")
    options.add_argument("--out", type=Path, default=Path("results"), help="folder of all results")
    given = options.parse_args()
    warnings.filterwarnings("ignore", module="ema_workbench")

    folder = given.out / load_experiment(FILE).name
    folder.mkdir(parents=True, exist_ok=True)
    front = search(given.evaluations, given.replicates, given.workers)
    front.to_csv(folder / "front.csv", index=False)
    packages = choose(front, given.packages)
    study = abm.sweep(
        write_study(packages, folder / "policy_search_again.yaml", given.points, given.replicates),
        out=given.out,
        workers=given.workers,
    )
    found = abm.compare(study, outcomes=[*AIMS, "legal_departures"])
    found.save(study.folder / "comparison")
    table = gather(packages, found)
    table.to_csv(folder / "tried_again.csv", index=False)
    with drawing():
        figure = draw_pareto(
            front,
            table,
            {
                "irregular_departures": "Irregular departures (persons)",
                "deaths_en_route": "Deaths on the way (persons)",
            },
            title="Packages of levers: what they cost and what they change, 2017 to 2022",
            level=found.intervals.level,
            notes=[
                f"Search: {given.evaluations} packages × {given.replicates} seeds, budget {BUDGET / 1e9:g} billion "
                f"PKR. Tried again: {given.points} uncertain points × {given.replicates} other seeds. "
                "A sample of 0.3 % of the catchment: a demonstration, no advice."
            ],
        )
    paths = save(figure, folder, "pareto")
    levers = [name for name in packages if name.startswith("levers__")]
    print(packages[["package", *levers]].round(2).to_string(index=False))
    print(table.round(2).to_string(index=False))
    print("figure:", paths[0])


if __name__ == "__main__":
    main()
