"""Scores of runs against records: ratios by record, errors and correlations by target, and all targets together.

The logarithm of model over record is what is scored: half and double are equally wrong, and small counts weigh as much
as large ones.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.observation import OBSERVATIONS, Facts
from abm.analysis.observed import NotObservedError, Run, Runs, open_runs
from abm.analysis.records import Record, read_records
from abm.analysis.tables import TextTable
from abm.analysis.wording import figure
from abm.config.wording import counted, did_you_mean, listed
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.results.tables import Row

FACTOR = 2.0  # model and record agree if neither is more than this many times the other

FEWEST = 3  # years, or places, from which on a correlation is given


@dataclass(frozen=True)
class LeftOut:
    """Records that were not scored, and why."""

    target: str
    records: int
    reason: str


@dataclass(frozen=True, eq=False)
class Score:
    """Runs beside records."""

    name: str
    seeds: tuple[int, ...]
    # one row a record: target, place as printed, year, unit, record, the model's mean over seeds with standard
    # deviation, low and high, log_ratio, within_factor_two, key of the place in the model (empty: the whole), source
    records: pd.DataFrame
    # one row a target: counts, records, ratio (geometric mean of model over record), rmsle (root mean squared log
    # error), relative_difference (absolute differences over the sum of the record), within_factor_two (share),
    # correlation (of logs over years, mean over places), rank_correlation (over places, mean over years); blank where
    # there is too little
    targets: pd.DataFrame
    # the same of all targets: each counts the same in ``rmsle`` and ``within_factor_two``, however many records it has;
    # ``rmsle_records`` counts each record the same
    overall: dict[str, float]
    left_out: tuple[LeftOut, ...]
    made_up: tuple[str, ...] = ()  # ``levers`` and ``events`` if the runs have any

    def table(self) -> TextTable:
        """Lay the targets out for people, all of them together in the last row."""

        def errors(row: Row) -> tuple[str, str, str]:
            within = f"{100 * row['within_factor_two']:.0f} %"
            return figure(row["rmsle"]), figure(row["relative_difference"]), within

        rows = []
        for row in self.targets.to_dict("records"):
            correlations = (figure(row[name], 2) for name in ("correlation", "rank_correlation"))
            counts = (row["target"], row["counts"], f"{row['records']:,}")
            rows.append([*counts, figure(row["ratio"]), *errors(row), *correlations])
        rows.append(["all", "", f"{int(self.overall['records']):,}", "", *errors(self.overall), "", ""])
        of_errors = ("ratio", "RMSLE", "rel. diff.", "within 2×")
        return TextTable(
            title=f"{self.name}, {counted(len(self.seeds), 'seed')}: model over record",
            columns=("target", "counts", "records", *of_errors, "correlation", "rank, places"),
            rows=rows,
            numbers=range(2, 9),
            notes=(
                "ratio: geometric mean; RMSLE: root mean squared error of logarithms; rel. diff.: absolute differences "
                "over the sum of the record; the last row averages over targets, not records (rel. diff.: the median)",
                *self.notes(),
            ),
        )

    def notes(self) -> list[str]:
        """Say what was not scored and why, with the number of records of each target."""
        changed = [f"with {listed(self.made_up)}: not the past that was counted"] if self.made_up else []
        return changed + _reasons(self.left_out)

    def records_table(self) -> TextTable:
        """Lay the records out for people."""
        several = len(self.seeds) > 1
        rows = [
            [
                row["target"],
                row["place"],
                str(row["year"]),
                _short(row["record"]),
                _short(row["model"]),
                f"{_short(row['low'])} to {_short(row['high'])}" if several else "–",
                figure(math.exp(row["log_ratio"])),
                "" if row["within_factor_two"] else "×",
            ]
            for row in self.records.to_dict("records")
        ]
        return TextTable(
            title=f"{self.name}: records",
            columns=("target", "place", "year", "record", "model", "seeds", "ratio", "beyond 2×"),
            rows=rows,
            numbers=range(2, 7),
        )

    def as_json(self) -> str:
        """Write all of it as JSON; blanks are null."""
        whole = {
            "name": self.name,
            "seeds": self.seeds,
            "overall": _without_blanks(self.overall),
            "targets": [_without_blanks(row) for row in self.targets.to_dict("records")],
            "records": [_without_blanks(row) for row in self.records.to_dict("records")],
            "left_out": [vars(found) for found in self.left_out],
        }
        return json.dumps(whole, indent=2, ensure_ascii=False)

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_html_(self) -> str:
        return self.table().html()


def score(
    results: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    *,
    first: int | None = None,
    last: int | None = None,
    targets: Sequence[str] = (),
    scenario: str | None = None,
    point: int | None = None,
) -> Score:
    """Score finished runs against records, by the observation model of `abm.analysis.observation`.

    Parameters
    ----------
    results
        Folder of a run, of several seeds of one configuration, or of a study.
    data
        CSV file of records with target_id, geography, route, year and value; by default those shipped.
    first, last, targets
        Years of records that are scored, and ids of targets; by default all.
    scenario, point
        Of a study: the scenario, by default the reference, and the point of its design, if there are several.

    Raises
    ------
    ConfigError
        If rows of the file are wrong; it names each line.
    AbmError
        If there are no finished runs, or no record can be scored.
    """
    if first is not None and last is not None and first > last:
        raise AnalysisError(f"from {first} until {last} there is no year")
    records = _chosen(read_records(data), first, last, targets)
    return score_runs(open_runs(results, scenario, point), records)


def score_runs(runs: Runs, records: Iterable[Record]) -> Score:
    """Score runs of one configuration against records; an AnalysisError says why none can be scored."""
    rows: list[dict[str, object]] = []
    reasons: Counter[tuple[str, str]] = Counter()
    for record in records:
        try:
            rows.append(_score_record(record, runs.runs))
        except NotObservedError as reason:
            reasons[record.target, str(reason)] += 1
    left_out = tuple(LeftOut(target, count, reason) for (target, reason), count in reasons.items())
    if not rows:
        raise AnalysisError("\n".join(["no record could be scored", *_reasons(left_out)]))
    found = pd.DataFrame(rows)
    found = found.sort_values("target", key=lambda names: pd.factorize(names)[0], kind="stable", ignore_index=True)
    by_target = pd.DataFrame([_score_target(str(name), of) for name, of in found.groupby("target", sort=False)])
    overall = {
        "targets": float(len(by_target)),
        "records": float(len(found)),
        "rmsle": math.sqrt(float((by_target["rmsle"] ** 2).mean())),
        "relative_difference": float(by_target["relative_difference"].median()),
        "rmsle_records": math.sqrt(float((found["log_ratio"] ** 2).mean())),
        "within_factor_two": float(by_target["within_factor_two"].mean()),
    }
    return Score(runs.name, tuple(run.seed for run in runs.runs), found, by_target, overall, left_out, runs.made_up)


def _chosen(records: Sequence[Record], first: int | None, last: int | None, targets: Sequence[str]) -> Sequence[Record]:
    """Records of the years and targets that are asked for."""
    known = {record.target for record in records}
    for target in targets:
        if target not in known:
            raise AnalysisError(f"no record of target '{target}'{did_you_mean(target, known)}")
    found = [record for record in records if not targets or record.target in targets]
    begins, ends = (-math.inf if first is None else first), (math.inf if last is None else last)
    inside = [record for record in found if begins <= record.year <= ends]
    if found and not inside:
        years = [record.year for record in found]
        raise AnalysisError(f"no record of these years; the data hold {min(years)} to {max(years)}")
    return inside


def _reasons(left_out: Sequence[LeftOut]) -> list[str]:
    """Say why records were left out, a line for each reason."""
    reasons: dict[str, list[str]] = {}
    for found in left_out:
        reasons.setdefault(found.reason, []).append(f"{found.target} {found.records}")
    return [f"not scored, {reason}  ({', '.join(targets)})" for reason, targets in reasons.items()]


def place_of(record: Record, facts: Facts) -> str:
    """What the model calls the place of a record, empty for the whole country; NotObservedError if it has none."""
    observation = OBSERVATIONS.get(record.target)
    if observation is None:
        known = {*OBSERVATIONS, *(shipped.target for shipped in read_records())}
        if record.target in known:
            raise NotObservedError("no counterpart in the model, or what a run starts from")
        raise NotObservedError(f"no such target{did_you_mean(record.target, known)}")
    key = observation.place(record.geography, record.route, facts) if observation.place else ""
    if key is None:
        raise NotObservedError("a place that the model does not have")
    if facts.region is not None and key not in facts.region:
        raise NotObservedError("not of a district of the region that was run")
    return key


def _score_record(record: Record, runs: Sequence[Run]) -> dict[str, object]:
    """Row of one record; NotObservedError if it cannot be held against the runs."""
    key = place_of(record, runs[0].facts)
    observation = OBSERVATIONS[record.target]
    values: Floats = np.array([run.value(observation, key, record.year) for run in runs])
    if not np.isfinite(values).all():
        raise NotObservedError("blank in the run")
    least, mean = observation.least, float(values.mean())
    log_ratio = math.log(max(mean, least) / max(record.value, least))
    return {
        "target": record.target,
        "place": record.route if observation.printed_by == "route" else record.geography,
        "year": record.year,
        "unit": record.unit,
        "record": record.value,
        "model": mean,
        "standard_deviation": float(values.std(ddof=1)) if len(values) > 1 else math.nan,
        "low": float(values.min()),
        "high": float(values.max()),
        "log_ratio": log_ratio,
        "within_factor_two": abs(log_ratio) <= math.log(FACTOR),
        "key": key,
        "source_id": record.source,
    }


def _score_target(target: str, rows: pd.DataFrame) -> dict[str, object]:
    least = OBSERVATIONS[target].least
    logs = rows.assign(
        of_model=np.log(np.maximum(rows["model"], least)), of_record=np.log(np.maximum(rows["record"], least))
    )
    over_years = [_correlation(of["of_model"], of["of_record"]) for _, of in logs.groupby("key")]
    parts = logs[logs["key"] != ""]  # a total is no place among others
    over_places = [_correlation(of["of_model"].rank(), of["of_record"].rank()) for _, of in parts.groupby("year")]
    return {
        "target": target,
        "counts": OBSERVATIONS[target].counts,
        "records": len(rows),
        "ratio": math.exp(float(rows["log_ratio"].mean())),
        "rmsle": math.sqrt(float((rows["log_ratio"] ** 2).mean())),
        "relative_difference": float((rows["model"] - rows["record"]).abs().sum() / max(rows["record"].sum(), least)),
        "within_factor_two": float(rows["within_factor_two"].mean()),
        "correlation": float(pd.Series(over_years, dtype=float).mean()),
        "rank_correlation": float(pd.Series(over_places, dtype=float).mean()),
    }


def _correlation(one: pd.Series, other: pd.Series) -> float:
    """Correlation of two series; blank where there are too few values, or all are the same."""
    if len(one) < FEWEST or one.nunique() < 2 or other.nunique() < 2:
        return math.nan
    return float(np.corrcoef(one.to_numpy(np.float64), other.to_numpy(np.float64))[0, 1])


def _short(value: float) -> str:
    """Write a count whole, and anything else to three figures."""
    return f"{value:,.0f}" if value == round(value) else figure(value)


def _without_blanks(row: Mapping[Any, object]) -> dict[str, object]:
    """Numbers that are none become null in JSON."""
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}
