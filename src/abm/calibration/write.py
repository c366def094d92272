"""Files of a calibration: draws as Parquet, tables, and the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from abm.calibration.page import Findings
from abm.calibration.waves import values_at
from abm.config import Config
from abm.config.posterior import Posterior as Draws
from abm.config.posterior import write_posterior
from abm.engine.version import code_version

RECORDED = "calibration.json"  # everything that a report shows of a calibration


def write_findings(findings: Findings, folder: Path, *, file: str) -> None:
    """Write draws, trajectories, the page of a calibration, and the same as data."""
    posterior = findings.posterior
    until = f" --until {posterior.until}" if posterior.until != posterior.calibration.settings.until else ""
    truths = f" --truths {findings.truths}" if findings.truths else ""
    command = f"abm calibrate {file}{until}{truths}"
    paths = tuple(factor.name for factor in posterior.factors)
    # three digits, so that the defaults can be the centre
    centre = [float(f"{value:.3g}") for value in values_at(posterior.factors, findings.centre[None, :])[0]]
    drawn = Draws(
        name=posterior.calibration.name,
        made_by=command,
        code=code_version(),
        until=posterior.until,
        centre=dict(zip(paths, centre, strict=True)),
        paths=paths,
        values=values_at(posterior.factors, posterior.draws),
    )
    draws, seeds = trajectories(findings, len(posterior.draws))
    values = values_at(posterior.factors, posterior.confirm.points[draws])
    of_runs = replace(drawn, values=values, seeds=tuple(posterior.confirm.seeds[draws, seeds].tolist()))
    write_posterior(drawn, folder / "posterior.parquet", Config)
    write_posterior(of_runs, folder / "trajectories.parquet", Config)
    (folder / "calibration.md").write_text(findings.markdown(command), encoding="utf-8")
    facts = {"command": command, "code": code_version(), "checksum": drawn.checksum, **findings.recorded()}
    text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / RECORDED).write_text(text + "\n", encoding="utf-8")


def trajectories(findings: Findings, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw runs of the confirming ones by their weights (systematic resampling): positions of draws and of seeds."""
    weights = findings.confirmed.weights
    edges = np.cumsum(weights.ravel())
    at = np.searchsorted(edges / edges[-1], (np.arange(count) + 0.5) / count)
    draws, seeds = np.unravel_index(np.minimum(at, weights.size - 1), weights.shape)
    return np.asarray(draws), np.asarray(seeds)
