"""A calibration written up: what was fitted, what came out, what the data do not say, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from abm.analysis.tables import TextTable
from abm.analysis.wording import figure
from abm.calibration.calibrate import Posterior
from abm.calibration.checks import (
    RIVALS,
    SPAN,
    Confirmed,
    Forest,
    Predicted,
    Recovery,
    Skill,
    confirm,
    cross_check,
    forecasts,
    predictions,
    recover,
    summarise,
)
from abm.calibration.inference import mode_near
from abm.calibration.waves import Wave, values_at
from abm.config.wording import counted, number
from abm.engine.measures import Floats

ASTRAY = 2.0
"""Mean squared distance of confirming runs, in what emulators predict, above which these are said to be wrong."""

NARROWED = 0.75
"""Standard deviation of the posterior over that of the prior below which the data are said to identify a parameter."""


@dataclass(frozen=True, eq=False)
class Findings:
    """A posterior and all checks of it; each is worked out when it is asked for."""

    posterior: Posterior  # what was fitted
    truths: int = 0  # synthetic truths that are recovered; 0 leaves that out

    @cached_property
    def confirmed(self) -> Confirmed:
        """What the confirming runs say."""
        return confirm(self.posterior)

    @cached_property
    def forest(self) -> Forest:
        """What a random forest makes of the first wave."""
        return cross_check(self.posterior)

    @cached_property
    def recovery(self) -> Recovery | None:
        """Synthetic truths."""
        return recover(self.posterior, self.truths) if self.truths else None

    @cached_property
    def predicted(self) -> list[Predicted]:
        """Every record beside its prediction."""
        return predictions(self.posterior)

    @cached_property
    def skills(self) -> list[Skill]:
        """Forecasts of the years that were not fitted."""
        return forecasts(self.predicted, self.posterior.until)

    @property
    def narrowing(self) -> Floats:
        """Standard deviation of each parameter's posterior over that of its prior, in the unit interval."""
        return self.posterior.draws.std(axis=0) * np.sqrt(12.0)

    @cached_property
    def centre(self) -> Floats:
        """The confirmed draw nearest to the fitted records, in root mean squared log error, or the mode; in [0, 1]."""
        if self.posterior.calibration.settings.confirm.centre == "mode":
            return mode_near(self.posterior.matching, self.posterior.draws)
        run, records = self.posterior.confirm, np.array([seen.log for seen in self.posterior.records])
        fitted = np.unique(np.concatenate([summary.places for summary in self.posterior.summaries]))
        apart = ((run.observed.mean(axis=1) - records)[:, fitted] ** 2).mean(axis=1)
        return run.points[int(np.argmin(np.where(np.isfinite(apart), apart, np.inf)))]

    def coverage(self, *, fitted: bool) -> tuple[int, int, float]:
        """Records inside their 90 % interval, of how many, and the median width of these over the record."""
        mine = [row for row in self.predicted if row.fitted == fitted and row.seen.record.value > 0]
        widths = [(row.high - row.low) / row.seen.record.value for row in mine]
        return sum(row.inside for row in mine), len(mine), float(np.median(widths)) if widths else np.nan

    # ----------------------------------------------------------------------------------------------------------- tables

    def parameters(self) -> TextTable:
        """Each parameter: prior, posterior, how far it narrowed, what the forest says."""
        factors, draws = self.posterior.factors, self.posterior.draws
        low, middle, high = values_at(factors, np.quantile(draws, SPAN, axis=0))
        by_forest = values_at(factors, np.clip(self.forest.mean, 0.0, 1.0)[None, :])[0]
        centre = values_at(factors, self.centre[None, :])[0]
        rows = [
            {
                "parameter": factor.name,
                "before": "–" if factor.centre is None else number(factor.centre),
                "prior": f"{number(factor.low)} to {number(factor.high)}{' (log)' if factor.scale == 'log' else ''}",
                "median": figure(middle[column]),
                "90 %": f"{figure(low[column])} to {figure(high[column])}",
                "centre": figure(centre[column]),
                "narrowing": f"{self.narrowing[column]:.2f}",
                "forest": figure(by_forest[column]),
                "its skill": f"{self.forest.skill[column]:.2f}",
                "identified": "yes" if self.narrowing[column] < NARROWED else "no",
            }
            for column, factor in enumerate(factors)
        ]
        return TextTable(
            title="Parameters",
            columns=tuple(rows[0]),
            rows=[[*row.values()] for row in rows],
            numbers=(1, 3, 5, 6, 7, 8),
            notes=(
                f"narrowing: standard deviation of the posterior over that of the prior; identified: below {NARROWED}",
                "forest: posterior mean by a random forest on the first wave; its skill: share of variance explained "
                "of runs that it has not seen",
            ),
        )

    def targets(self) -> TextTable:
        """Each summary: record, runs at the posterior, distance, emulator."""
        posterior = self.posterior
        said, first = self.said(posterior.confirm), self.said(posterior.waves[0])
        rows = []
        for column, summary in enumerate(posterior.summaries):
            low, middle, high = np.nanquantile(said[:, column], SPAN)
            spread = np.sqrt(np.nanvar(said[:, column]) + summary.variance)
            before = np.nanquantile(first[:, column], [0.05, 0.95])
            emulator = posterior.matching.emulators[column]
            rows.append(
                {
                    "summary": summary.label,
                    "record": f"{summary.record:.2f}",
                    "prior runs": f"{before[0]:.2f} to {before[1]:.2f}",
                    "posterior runs": f"{middle:.2f} ({low:.2f} to {high:.2f})",
                    "allowed": f"{np.sqrt(summary.variance):.2f}",
                    "z": f"{(middle - summary.record) / spread:+.1f}",
                    "emulator": emulator.mean.form,
                    "explained": f"{emulator.explained:.2f}",
                    "held": f"{100 * emulator.coverage:.0f} %",
                }
            )
        return TextTable(
            title="Summaries, in logarithms",
            columns=tuple(rows[0]),
            rows=[[*row.values()] for row in rows],
            numbers=(1, 4, 5, 7, 8),
            notes=(
                "allowed: standard deviation of record error and discrepancy; z: distance of the runs' median from the "
                "record in standard deviations of both",
                "explained: share of the variance between points that the emulator explains of points left out; held: "
                "share of these in its 90 % intervals",
            ),
        )

    def forecast(self) -> TextTable:
        """Errors of the years that were not fitted."""
        rows = [
            [row.series, str(row.years), *(f"{row.errors[key]:.2f}" for key in ("model", *RIVALS))]
            for row in self.skills
        ]
        better = [sum(row.errors["model"] < row.errors[other] for row in self.skills) for other in RIVALS]
        rows.append(["better than it", "", "", *(f"{found} of {len(self.skills)}" for found in better)])
        return TextTable(
            title=f"Forecasts of {self.posterior.until + 1} and after: root mean squared log error",
            columns=("series", "years", "model", "last value", "mean", "trend", "smoothing", "ARIMA"),
            rows=rows,
            numbers=tuple(range(1, 3 + len(RIVALS))),
            notes=("smoothing: simple exponential smoothing; ARIMA: of order (1, 0, 0); both of logarithms",),
        )

    def misses(self) -> TextTable:
        """Records outside their intervals."""
        rows = [
            [
                row.seen.record.target,
                row.seen.key or "–",
                str(row.seen.record.year),
                figure(row.seen.record.value),
                f"{figure(row.middle)} ({figure(row.low)} to {figure(row.high)})",
            ]
            for row in self.predicted
            if not row.inside and row.fitted
        ]
        return TextTable(
            title="Records outside their 90 % interval",
            columns=("target", "place", "year", "record", "predicted"),
            rows=rows,
            numbers=(2, 3, 4),
        )

    # ------------------------------------------------------------------------------------------------------------ words

    def summary(self) -> list[tuple[str, str]]:
        """What came out, in a few lines."""
        posterior, confirmed = self.posterior, self.confirmed
        held, of, width = self.coverage(fitted=True)
        identified = int((self.narrowing < NARROWED).sum())
        runs = sum(int(np.isfinite(wave.observed).any(axis=2).sum()) for wave in (*posterior.waves, posterior.confirm))
        found = [
            ("fitted", f"{counted(len(posterior.factors), 'parameter')} to "
             f"{'1 summary' if len(posterior.summaries) == 1 else f'{len(posterior.summaries)} summaries'}, "
             f"{of} records from {posterior.calibration.settings.from_} to {posterior.until}; {runs:,} runs"),
            *[
                (f"after wave {wave}", f"{100 * share:.1f} % of the prior is not ruled out")
                for wave, share in enumerate(posterior.kept, 1)
            ],
            ("identified", f"{identified} of {len(posterior.factors)} parameters"),
            ("in sample", f"{held} of {of} records inside their 90 % interval, whose median width is {width:.2f} times "
             "the record"),
            ("emulators", f"squared distance of the confirming runs {confirmed.surprise:.2f} times what they predict; "
             f"{confirmed.effective:.0f} of {confirmed.weights.size} runs in effect"),
        ]  # fmt: skip
        if confirmed.surprise > ASTRAY:
            found.append(
                ("warning", "the emulators are wrong where the posterior lies, and so is the posterior: add a wave, or "
                 "points to the last one, before using it")
            )  # fmt: skip
        if self.skills:
            ahead = sum(row.errors["model"] < min(row.errors[key] for key in RIVALS) for row in self.skills)
            held, of, _ = self.coverage(fitted=False)
            found.append(
                ("ahead", f"{ahead} of {len(self.skills)} series forecast better than by any of five simple methods; "
                 f"{held} of {of} records of the years after inside their interval")
            )  # fmt: skip
        if self.recovery is not None:
            cover = f"{100 * self.recovery.coverage:.0f} % of the 90 % intervals hold the truth"
            found.append(("synthetic truths", f"{len(self.recovery.ranks)}; {cover}"))
        return found

    def said(self, wave: Wave) -> Floats:
        """Summaries of the runs of a wave, runs × summaries."""
        summaries = self.posterior.summaries
        return summarise(summaries, wave.observed).reshape(-1, len(summaries))

    def distances(self, wave: Wave) -> Floats:
        """Runs of a wave less the record of each summary, in allowed standard deviations: runs × summaries."""
        matching = self.posterior.matching
        return (self.said(wave) - matching.records) / np.sqrt(matching.declared)

    def recorded(self) -> dict[str, object]:
        """All of it as plain data, for a report."""
        posterior = self.posterior
        ends = values_at(posterior.factors, np.repeat([[0.0], [1.0]], len(posterior.factors), axis=1))
        low, middle, high = np.quantile(posterior.draws, SPAN, axis=0)
        tables = {"parameters": self.parameters(), "targets": self.targets(), "misses": self.misses()}
        if self.skills:
            tables["forecast"] = self.forecast()
        before, after = (
            np.nanquantile(self.distances(wave), SPAN, axis=0) for wave in (posterior.waves[0], posterior.confirm)
        )
        settings = posterior.calibration.settings
        return {
            "name": posterior.calibration.name,
            "description": posterior.calibration.experiment.description,
            "asked": f"Which values of {counted(len(posterior.factors), 'parameter')} agree with what was counted from "
            f"{settings.from_} to {posterior.until}?",
            "summary": [list(line) for line in self.summary()],
            "parameters": [
                {
                    "name": factor.name, "unit": factor.unit, "prior": ends[:, column].tolist(),
                    "low": float(low[column]), "middle": float(middle[column]), "high": float(high[column]),
                    "identified": bool(self.narrowing[column] < NARROWED),
                }
                for column, factor in enumerate(posterior.factors)
            ],
            "fit": [
                {"name": summary.label, "before": _finite(before[:, column]), "after": _finite(after[:, column])}
                for column, summary in enumerate(posterior.summaries)
            ],
            "predicted": [
                {
                    "target": row.seen.record.target, "place": row.seen.key, "year": row.seen.record.year,
                    "record": row.seen.record.value, "low": row.low, "middle": row.middle, "high": row.high,
                    "inside": row.inside, "fitted": row.fitted,
                }
                for row in self.predicted
                if np.isfinite([row.low, row.middle, row.high]).all()
            ],
            "left_out": list(posterior.left_out),
            "tables": {
                name: {key: getattr(table, key) for key in ("title", "columns", "rows", "numbers", "notes")}
                for name, table in tables.items()
            },
        }  # fmt: skip

    def markdown(self, command: str) -> str:
        """All of it as one page."""
        calibration = self.posterior.calibration
        lines = [f"# Calibration: {calibration.name}", "", calibration.experiment.description, ""]
        lines += [f"- **{key}**: {text}" for key, text in self.summary()]
        lines += ["", f"Made by `{command}`.", ""]
        for image, caption in IMAGES:
            if image != "ranks" or self.recovery is not None:
                lines += [f"![{caption}]({image}.png)", ""]
        tables = [self.parameters(), self.targets(), self.misses(), *([self.forecast()] if self.skills else [])]
        for table in filter(lambda table: table.rows, tables):
            lines += [f"## {table.title}", "", table.markdown().split("\n", 2)[2].strip(), ""]
        if self.posterior.left_out:
            lines += [f"Too few records for: {', '.join(self.posterior.left_out)}.", ""]
        return "\n".join(lines)


def _finite(values: Floats) -> list[float | None]:
    """Numbers for JSON, blank where there is none."""
    return [float(value) if np.isfinite(value) else None for value in values]


IMAGES = (
    ("marginals", "Prior and posterior of every parameter"),
    ("fit", "Every summary: prior and posterior runs against the record"),
    ("ranks", "Ranks of synthetic truths among their draws"),
)
