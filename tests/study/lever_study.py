"""What the model answers to every lever, as a page: ``python tests/study/lever_study.py [SEEDS [PROCESSES]]``.

Pairs of runs with the same seeds, one with and one without the lever, and a third and fourth with the responsible
mechanism, or its parameter, off: the answer must be gone. The lever begins in the month `FROM`; figures are means of
the months `WINDOW`. The interval is the 90 % t interval of the mean of the paired relative differences.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from abm.config import make_config
from abm.model import simulate
from abm.routes.interception import PATROLS

FROM = "2012-01"
WINDOW = slice(48, 96)
BASE: dict[str, Any] = {"end": "2016-12", "population": {"scale": 0.003}}
CATCHMENT = {"province": ["punjab"]}

Uses = list[dict[str, Any]]

OFF: dict[str, dict[str, Any]] = {
    "interception.efficiency 0": {"interception": {"efficiency": 0.0}},
    "interception.bribe_reach 0": {"interception": {"bribe_reach": 0.0}},
    "interception.danger 0": {"interception": {"danger": 0.0}},
    "enforcement.solving 0": {"enforcement": {"solving": 0.0}},
    "sanctions that nobody minds": {
        "channel": {"sanction": 0.0},
        "repeat": {"sanction": 0.0},
        "enforcement": {"chill": 0.0, "fine": 0.0},
    },
    "offers.escrow 0": {"offers": {"escrow": 0.0}},
    "channel.harm 0": {"channel": {"harm": 0.0}},
    "channel.gain 0": {"channel": {"gain": 0.0}},
    "nobody wants legal work": {"channel": {"legal_constant": -6.0}},
    "nobody applies": {"channel": {"legal_constant": -6.0, "sponsorship_constant": -6.0}},
    "training.completion 0": {"training": {"completion": 0.0}},
    "labour.job_finding_ceiling 0.01": {"labour": {"job_finding_ceiling": 0.01}},
    "livelihood.microcredit_take_up 0": {"livelihood": {"microcredit_take_up": 0.0}},
    "all income is consumed": {"livelihood": {"consumed_share": 1.0, "drawdown_rate": 0.2}},
    "diaspora.deportation 0": {"diaspora": {"deportation": 0.0}},
    "no news of amnesties, no crowding abroad": {
        "diaspora": {"amnesty_reach": 0.0, "crowding": 0.0, "crowding_open": 0.0, "crowding_hidden": 0.0}
    },
    "visas at five times the smugglers' price": {"legal_price": {"visa_price": 5.0}},
}
"""What is switched off for the falsifier, by name."""

STUDY: dict[str, tuple[Uses, str]] = {
    "all patrols x 3": ([{"lever": found.name, "value": 3} for found in PATROLS], "interception.efficiency 0"),
    "fia_circles 2 in Punjab": ([{"lever": "fia_circles", "value": 2, "where": CATCHMENT}], "enforcement.solving 0"),
    "investigative_capacity x 3": ([{"lever": "investigative_capacity", "value": 3}], "enforcement.solving 0"),
    "border_patrol x 3": ([{"lever": "border_patrol", "value": 3}], "interception.efficiency 0"),
    "coastal_patrol x 3": ([{"lever": "coastal_patrol", "value": 3}], "interception.efficiency 0"),
    "airport_screening x 3": ([{"lever": "airport_screening", "value": 3}], "interception.efficiency 0"),
    "document_security +0.5": ([{"lever": "document_security", "value": 0.5}], "interception.efficiency 0"),
    "anti_corruption 0.8": ([{"lever": "anti_corruption", "value": 0.8}], "interception.bribe_reach 0"),
    "prosecution_certainty x 3": ([{"lever": "prosecution_certainty", "value": 3}], "enforcement.solving 0"),
    "prosecution_speed x 3": ([{"lever": "prosecution_speed", "value": 3}], "enforcement.solving 0"),
    "sanction_severity x 3": ([{"lever": "sanction_severity", "value": 3}], "enforcement.solving 0"),
    "migrant_sanction 0.5": ([{"lever": "migrant_sanction", "value": 0.5}], "sanctions that nobody minds"),
    "transit_border_control x 3": ([{"lever": "transit_border_control", "value": 3}], "interception.efficiency 0"),
    "destination_border_control x 3": (
        [{"lever": "destination_border_control", "value": 3}],
        "interception.efficiency 0",
    ),
    "search_and_rescue 0.5": ([{"lever": "search_and_rescue", "value": 0.5}], "interception.danger 0"),
    "informal_finance_control 1": ([{"lever": "informal_finance_control", "value": 1}], "offers.escrow 0"),
    "awareness_campaign death, true": (
        [{"lever": "awareness_campaign", "topic": "death", "value": 0.3}],
        "channel.harm 0",
    ),
    "awareness_campaign death, 3 x the truth": (
        [{"lever": "awareness_campaign", "topic": "death", "value": 0.3, "claimed": 3}],
        "channel.harm 0",
    ),
    "awareness_campaign wage, true": (
        [{"lever": "awareness_campaign", "topic": "wage", "value": 0.3}],
        "channel.gain 0",
    ),
    "legal_quota x 2": ([{"lever": "legal_quota", "value": 2}], "nobody wants legal work"),
    "legal_fee x 0.5": ([{"lever": "legal_fee", "value": 0.5}], "nobody wants legal work"),
    "legal_delay -2": ([{"lever": "legal_delay", "value": -2}], "nobody wants legal work"),
    "visa_refusal +0.3": ([{"lever": "visa_refusal", "value": 0.3}], "nobody applies"),
    "visa_sale 20,000 a year each in Europe": (
        [
            {
                "lever": "visa_sale",
                "value": 20_000,
                "where": {"destination": ["greece", "italy", "spain", "germany", "united_kingdom"]},
            }
        ],
        "visas at five times the smugglers' price",
    ),
    "recruitment_fee_regulation 0.8": (
        [{"lever": "recruitment_fee_regulation", "value": 0.8}],
        "nobody wants legal work",
    ),
    "vocational_training 0.1": ([{"lever": "vocational_training", "value": 0.1}], "training.completion 0"),
    "job_creation +0.02": ([{"lever": "job_creation", "value": 0.02}], "labour.job_finding_ceiling 0.01"),
    "microcredit 100,000": ([{"lever": "microcredit", "value": 100_000}], "livelihood.microcredit_take_up 0"),
    "cash_transfer 2,000": ([{"lever": "cash_transfer", "value": 2_000}], "all income is consumed"),
    "worksite_enforcement x 5, open": (
        [{"lever": "worksite_enforcement", "value": 5, "sectors": "open"}],
        "diaspora.deportation 0",
    ),
    "deportation x 3": ([{"lever": "deportation", "value": 3}], "diaspora.deportation 0"),
    "regularisation +0.1": ([{"lever": "regularisation", "value": 0.1}], "no news of amnesties, no crowding abroad"),
}
"""Uses of levers, and what is responsible for the answer."""

OUTCOMES = (
    "irregular_departures", "fee_fixed_mix", "fee_median", "europe_entries", "interceptions", "deaths_en_route",
    "cheated", "legal_departures", "deportations", "bribe_share", "convictions", "offices",
)  # fmt: skip


def run(task: tuple[str, str, int]) -> tuple[tuple[str, str, int], dict[str, Any]]:
    """Run one scenario; gives means over the window, and the fees and departures by route."""
    name, off, seed = task
    uses = [{"from": FROM, **use} for use in STUDY[name][0]] if name else []
    tables = simulate(make_config(seed=seed, levers=uses, **BASE, **(OFF[off] if off else {})))
    national, route = tables["national"], tables["route"]
    routes = len(set(route["route"].tolist()))
    fees = route["fee_quoted"].reshape(-1, routes)[WINDOW]
    begun = route["departures"].reshape(-1, routes)[WINDOW].sum(axis=0)
    found: dict[str, Any] = {name: float(np.nanmean(national[name][WINDOW])) for name in OUTCOMES if name in national}
    found["bribe_share"] = float(
        national["bribes_paid"][WINDOW].sum() / max(national["smuggling_revenue"][WINDOW].sum(), 1)
    )
    found["fees"] = [float(np.nanmean(column)) if np.isfinite(column).any() else 0.0 for column in fees.T]
    found["begun"] = begun.tolist()
    return task, found


def differences(base: list[dict[str, Any]], treated: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Paired relative differences in per cent, by outcome; fees by route weighted by the departures without lever."""
    found: dict[str, list[float]] = {}
    for outcome in OUTCOMES:
        values = []
        for one, other in zip(base, treated, strict=True):
            if outcome == "fee_fixed_mix":
                mix = np.array(one["begun"]) * (np.array(one["fees"]) > 0) * (np.array(other["fees"]) > 0)
                before, after = float(mix @ np.array(one["fees"])), float(mix @ np.array(other["fees"]))
            else:
                before, after = one[outcome], other[outcome]
            values.append(100.0 * (after / before - 1.0) if before else float("nan"))
        found[outcome] = values
    return found


def interval(values: list[float]) -> str:
    """Mean and half-width of the 90 % interval."""
    array = np.array(values)
    if not np.isfinite(array).all():
        return "–"
    half = student.ppf(0.95, array.size - 1) * array.std(ddof=1) / np.sqrt(array.size) if array.size > 1 else 0.0
    return f"{array.mean():+.1f} ± {half:.1f}"


PAGE = Path(__file__).parents[2] / "benchmarks" / "levers.md"
FIGURES = Path(__file__).parents[2] / "benchmarks" / "levers.json"
LITERATURE = Path(__file__).parents[2] / "docs" / "levers_literature.md"

SHOWN = {
    "irregular_departures": ("irregular departures", 0),
    "fee_fixed_mix": ("fee", 2),
    "deaths_en_route": ("deaths", 1),
    "legal_departures": ("legal departures", 3),
}
"""Outcomes of the page, their heads, and their columns in the table of the literature."""

HEAD = """# What the model answers to each lever

Made by `python tests/study/lever_study.py`: {seeds} pairs of runs of the baseline at {scale:.1%} of the households,
from 2009 to {end}, each lever in force from {start} on. Differences in per cent between the means of {window}
with and without it, same seed, with the 90 % interval of their mean. *Fee* is what offices ask, at the routes' shares
of departures without the lever. The last column has irregular departures with the mechanism off that should bring the
answer ({few} seeds). `levers.json` has further outcomes: entries into the EU, cheated, bribes in fees, convictions.

In brackets the sign that [the literature](../docs/levers_literature.md) leads one to expect; **bold** where the model
answers with the opposite sign, or clearly where no change is expected. Cheaper or quicker legal ways act by
[rationing](../docs/levers.md#what-they-do) where quotas bind.

"""


def expected_signs() -> dict[str, list[str]]:
    """Signs of the literature by lever: irregular departures, deaths, price, legal departures."""
    found: dict[str, list[str]] = {}
    for line in LITERATURE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            found.setdefault(cells[0], cells[1:5])
            found.setdefault(cells[0].split("`")[1], cells[1:5])
    return found


def sign_of(name: str, signs: dict[str, list[str]]) -> list[str]:
    """Signs expected of a use of the study; those of the table of a lever turned down are turned round."""
    lever = name.split(maxsplit=1)[0].rstrip(",")
    if name.startswith("all patrols"):
        lever = "border_patrol"
    if name.startswith("awareness_campaign"):
        kind = "death" if "death" in name else "wages, papers"
        return signs[f"`awareness_campaign` ({kind})"]
    if lever == "legal_fee":
        return signs["`legal_fee` (lower)"]
    if lever == "legal_delay":
        flip = {"+": "−", "−": "+"}
        return ["".join(flip.get(sign, sign) for sign in cell) for cell in signs["`legal_delay` (longer)"]]
    return signs.get(lever, ["·"] * 4)


def cell_of(values: list[float], expected: str) -> str:
    """Mean and interval of differences, and the expected sign; bold where they clearly disagree."""
    text = interval(values)
    if text == "–" or expected in ("", "·"):
        return text
    mean, half = (float(part) for part in text.split(" ± "))
    sign = "+" if mean > half else "−" if mean < -half else "0"
    bare = expected.strip("()")
    against = (bare in "+−" and sign not in (bare, "0")) or (bare == "0" and sign != "0" and abs(mean) > 2.0)
    return f"**{text}** [{expected}]" if against else f"{text} [{expected}]"


def write_page() -> None:
    """Write the page from the figures."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8"))
    signs = expected_signs()
    first = next(iter(kept.values()))
    heads = " | ".join(head for head, _ in SHOWN.values())
    lines = [f"| lever | {heads} | mechanism off |", "|---" * (len(SHOWN) + 2) + "|"]
    for name, found in kept.items():
        want = sign_of(name, signs)
        cells = [cell_of(found["with"][key], want[column]) for key, (_, column) in SHOWN.items()]
        left = found["without"]["irregular_departures"]
        lines.append(f"| {name} | {' | '.join(cells)} | {interval(left) if any(left) else 0} ({found['off']}) |")
    years = [2009 + WINDOW.start // 12, 2009 + WINDOW.stop // 12 - 1]
    text = HEAD.format(
        seeds=len(first["with"]["fee_fixed_mix"]), scale=BASE["population"]["scale"], end=BASE["end"], start=FROM,
        window=f"{years[0]} to {years[1]}", few=len(first["without"]["fee_fixed_mix"]),
    )  # fmt: skip
    PAGE.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Run the study, keep its figures and write the page; with ``page`` only write the page."""
    if sys.argv[1:] == ["page"]:
        write_page()
        return
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    tasks = [("", "", seed) for seed in range(1, seeds + 1)]
    tasks += [(name, "", seed) for name in STUDY for seed in range(1, seeds + 1)]
    few = range(1, min(seeds, 2) + 1)
    tasks += [("", off, seed) for off in OFF for seed in few]
    tasks += [(name, off, seed) for name, (_, off) in STUDY.items() for seed in few]
    with ProcessPoolExecutor(processes) as pool:
        runs = dict(pool.map(run, tasks))
    base = [runs["", "", seed] for seed in range(1, seeds + 1)]
    figures = {}
    for name, (_, off) in STUDY.items():
        with_it = differences(base, [runs[name, "", seed] for seed in range(1, seeds + 1)])
        without = differences([runs["", off, seed] for seed in few], [runs[name, off, seed] for seed in few])
        figures[name] = {"with": with_it, "without": without, "off": off}
    FIGURES.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    write_page()


if __name__ == "__main__":
    main()
