"""What was found, in sentences that rules make of the tables; nothing is said that the numbers do not say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.analysis.compare import FEW_REPLICATES, Comparison, is_clear, is_cost
from abm.analysis.sensitivity import Sensitivity
from abm.analysis.tables import scale_of
from abm.analysis.wording import decimals_of, estimate, figure, units, written
from abm.config.wording import counted, listed
from abm.engine.measures import measures_of
from abm.experiments.intervals import mean_interval
from abm.page.cases import Steps
from abm.page.words import headed, said
from abm.plots.style import ABROAD, magnitude, number
from abm.results.tables import Row

MOST_FACTORS = 3  # factors that are named for an outcome

NEEDED = ("onward_departures",)  # outcomes that sentences need beside those that are shown by year


def of_run(steps: Steps) -> Iterator[str]:
    """Levels of the last step, change since the first, and what becomes of journeys."""
    first, last = _year(steps.when[0]), _year(steps.when[-1])
    at = {name: _at(steps, name, -1) for name in steps.panel.values}
    if "irregular_departures" in at:
        found = at["irregular_departures"]
        text = f"{_number(found)} persons left irregularly in {last}"
        if steps.settled < len(steps.when) - 1 and steps.per == "a year":
            settled = _year(steps.when[steps.settled])
            began = _at(steps, "irregular_departures", steps.settled)
            change = 100 * (found[0] / began[0] - 1) if began[0] > 0 else np.nan
            side = "more" if change >= 0 else "fewer"
            if np.isfinite(change):
                text += f", {written(abs(change), 0)} % {side} than in {settled} ({number(began[0])})"
        yield f"{text}."
    whole = sum(at[name][0] for name in ABROAD if name in at)
    if {"irregular_departures", "legal_departures"} <= set(at) and whole > 0:
        share = 100 * at["irregular_departures"][0] / whole
        yield (
            f"{_number(at['legal_departures'])} left for legal work in {last}; of all {number(whole)} who left "
            f"for abroad, {figure(share, 2)} % left irregularly."
        )
    yield from _journeys(steps)
    if "persons_abroad" in at and at["persons_abroad"][0] > 0:
        text = f"{_number(at['persons_abroad'])} persons are abroad on average in {last}"
        if at.get("remittances", (0,))[0] > 0:
            text += f", and send home {figure(at['remittances'][0] / 1e9)} billion PKR of 2017 {steps.per}"
        yield f"{text}."
    if at.get("fee_median", (0,))[0] > 0:
        yield f"The median fee of an irregular journey is {_number(at['fee_median'])} PKR of 2017 in {last}."
    if "policy_cost" in steps.panel.values and np.nansum(steps.panel.values["policy_cost"]) > 0:
        total = float(mean_interval(steps.panel.values["policy_cost"][0].sum(-1)).estimate)
        yield f"The levers cost {amount(total)} PKR of 2017 in all, {first} to {last}."


def _journeys(steps: Steps) -> Iterator[str]:
    totals = {name: float(np.nanmean(steps.panel.values[name][0].sum(-1))) for name in steps.panel.values}
    begun = sum(totals.get(name, 0.0) for name in ("irregular_departures", "onward_departures"))
    if not begun or "irregular_arrivals" not in totals:
        return
    arrived, home, stranded = (
        figure(100 * totals[name] / begun, 2) for name in ("irregular_arrivals", "sent_home", "stranded")
    )
    yield (
        f"For each 100 irregular journeys begun from {_year(steps.when[0])} to {_year(steps.when[-1])} there are "
        f"{arrived} arrivals, {home} sent home and {stranded} stranded on the way, and "
        f"{figure(1000 * totals['deaths_en_route'] / begun, 2)} deaths on the way for each 1,000."
    )


def _at(steps: Steps, name: str, place: int) -> tuple[float, float, float]:
    """Mean over runs at a step, with its interval."""
    found = mean_interval(steps.panel.values[name][0][..., place])
    return float(found.estimate), float(found.low), float(found.high)


def _number(found: tuple[float, float, float]) -> str:
    value, low, high = found
    return estimate(value, low, high) if np.isfinite(high - low) and high > low else number(value)


def _year(when: int | str) -> str:
    return str(when)[:7]


def of_comparison(comparison: Comparison) -> Iterator[str]:
    """A sentence a scenario: what is clearly different from the reference, by how much, and what is not."""
    for scenario in comparison.scenarios:
        clear, unclear, unknown = [], [], []
        for outcome, row in _rows(comparison, scenario):
            if is_cost(outcome):
                continue
            if not np.isfinite(row["low"]):
                unknown.append(_difference(outcome, row))
            elif is_clear(row):
                clear.append(_difference(outcome, row))
            else:
                unclear.append(said(outcome))
        parts = {
            f"against {said(comparison.reference)}, ": clear,
            "No clear difference in ": unclear,
            "Without an interval, as there are too few runs: ": unknown,
        }
        sentences = [f"{head}{listed(outcomes)}." for head, outcomes in parts.items() if outcomes]
        pairs = int(comparison.runs.set_index("scenario")["pairs"][scenario])
        few = ", too few for widths of intervals to mean much" if 1 < pairs < FEW_REPLICATES else ""
        head = f"{headed(scenario)}, {comparison.window.words}, {counted(pairs, 'pair')} of runs{few}"
        yield f"{head}: {' '.join(sentences) or 'no outcome can be compared.'}"


def _rows(comparison: Comparison, scenario: str) -> Iterator[tuple[str, Row]]:
    of_scenario = comparison.totals.query("scenario == @scenario and pairs > 0").to_dict("records")
    for outcome, declared in comparison.outcomes.items():
        measure = measures_of(declared)[0]
        yield from ((outcome, row) for row in of_scenario if (row["outcome"], row["measure"]) == (outcome, measure))


def shown_difference(row: Row) -> tuple[float, float, float]:
    """Difference with its interval, in per cent where there is one."""
    in_percent = np.isfinite(row["percent"])
    value, low, high = ("percent", "percent_low", "percent_high") if in_percent else ("difference", "low", "high")
    return row[value], row[low], row[high]


def _difference(outcome: str, row: Row) -> str:
    side = "higher" if row["difference"] > 0 else "lower"
    in_points = row["unit"].split()[0] == "share"
    ends = ((100 if in_points else 1) * row[name] for name in ("difference", "low", "high"))
    size = f"{_amount(*ends)} {'percentage points' if in_points else units(row['unit'])}"
    share, low, high = row["percent"], row["percent_low"], row["percent_high"]
    if not np.isfinite(share):
        return f"{said(outcome)} {size} {side}"
    between = (low, high) if share >= 0 else (-high, -low)
    return f"{said(outcome)} {estimate(abs(share), *between, unit=' %')} {side} ({size})"


def _amount(value: float, low: float, high: float) -> str:
    """Size of a difference, to the precision that its interval allows."""
    divisor, word = magnitude(abs(value))
    ends = [end / divisor for end in (value, low, high)]
    return f"{written(abs(ends[0]), decimals_of(*ends))} {word}".strip()


def amount(value: float) -> str:
    """A sum in words: ``330 billion``."""
    divisor, word = scale_of(abs(value))
    return f"{figure(value / divisor)} {word}".strip()


def of_costs(comparison: Comparison) -> Iterator[str]:
    """What each scenario costs above the reference."""
    if comparison.costs is None:
        return
    whole = comparison.costs.by_lever.query("lever == 'all'")
    for row in whole.sort_values("cost").to_dict("records"):
        divisor, word = scale_of(abs(row["cost"]))
        cost, low, high = (row[name] / divisor for name in ("cost", "low", "high"))
        size = estimate(cost, low, high) if high - low > 1e-3 * abs(cost) else figure(cost)
        yield f"{headed(str(row['scenario']))} costs {f'{size} {word}'.strip()} PKR of 2017 over the window."


def of_sensitivity(sensitivity: Sensitivity) -> Iterator[str]:
    """The factors that matter most for each outcome, by the method of the design."""
    unseen = []
    total = sensitivity.sobol_columns[1]
    for outcome in sensitivity.outcomes:
        top = sensitivity.top(outcome, len(sensitivity.indices))
        if sensitivity.kind == "sobol":
            top = top[top[f"{total}_low"] > 0].sort_values(total, ascending=False, kind="stable")
        named = [
            f"{sensitivity.names.factor(row['factor'])} ({_index(sensitivity.kind, row, total)})"
            for row in top.head(MOST_FACTORS).to_dict("records")
        ]
        if named:
            yield f"For {said(outcome)} {listed(named)} matter{'s' * (len(named) == 1)} most."
        else:
            unseen.append(said(outcome))
    if unseen:
        yield f"No factor is clearly seen to change {listed(unseen)}."


def _index(kind: str, row: Row, total: str) -> str:
    if kind == "sobol":
        return f"total index {estimate(row[total], row[f'{total}_low'], row[f'{total}_high'])}"
    if kind == "morris":
        return f"μ* {figure(row['mu_star'])}, {'raises' if row['mu'] > 0 else 'lowers'} it on average"
    if kind == "one_at_a_time":
        return f"swing {figure(row['swing'])} {row['unit']}"
    direction = "raises it" if row["prcc"] > 0 else "lowers it"
    return f"PAWN {figure(row['pawn'], 2)}, partial rank correlation {written(row['prcc'], 2)}: {direction}"
