"""The record: monthly figures, turned into plain tables at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from abm.declare.outcome import Outcome, Over, Placed

Figures = dict[Outcome | Placed, Any]
"""Figures of one month by outcome, and by outcome and kind of place: arrays, or one number for the country."""


class Record:
    """Figures by month and place.

    Parameters
    ----------
    outcomes
        Declared outcomes by name.
    months, districts
        Count of months, and keys of districts.
    places
        Keys of the places of every further table, by kind: ``{"route": (...), "destination": (...)}``.
    start
        First month, since January of year 0.
    extra_national
        Further national columns, such as the cost of each lever.
    expected
        Outcomes that must be recorded, by name: those of the mechanisms switched on; by default all.

    Attributes
    ----------
    recorded
        Outcomes recorded at least once; the tables have columns for these only.
    """

    def __init__(
        self,
        outcomes: dict[str, Outcome],
        months: int,
        districts: np.ndarray,
        places: dict[Over, tuple[str, ...]],
        start: int,
        extra_national: tuple[str, ...],
        expected: Collection[str] | None = None,
    ) -> None:
        self.outcomes = outcomes
        self.expected = frozenset(outcomes if expected is None else expected)
        self.recorded: set[Outcome | Placed] = set()
        self.districts = districts
        self.places = places
        self.start = start
        self.done = 0
        self.by_district = {
            name: np.zeros((months, len(districts)), np.int64 if found.whole else np.float64)
            for name, found in outcomes.items()
            if found.over == "district"
        }
        self.by_place = {
            kind: {
                name: np.zeros((months, len(keys)), np.int64 if found.whole else np.float64)
                for name, found in outcomes.items()
                if found.kept_by(kind)
            }
            for kind, keys in places.items()
        }
        self.national = {
            name: np.zeros(months, np.int64 if found.whole else np.float64)
            for name, found in outcomes.items()
            if found.over == "national"
        }
        self.months = months
        self.set_extra(extra_national)
        self.flows: list[tuple[int, np.ndarray, np.ndarray]] = []

    def set_extra(self, names: tuple[str, ...]) -> None:
        """Have these further national columns and no others; those not there yet are zero in the months done."""
        extra = {name: self.national.get(name, np.zeros(self.months, np.int64)) for name in names}
        self.national = {name: series for name, series in self.national.items() if name in self.outcomes} | extra

    def write_month(self, t: int, figures: Figures, of_settings: Mapping[str, float], flows: np.ndarray) -> None:
        """Write the figures of a month.

        Parameters
        ----------
        t
            Month of the run.
        figures
            Figures of the month by outcome, and by outcome and kind of place.
        of_settings
            Further national columns by name.
        flows
            Persons by origin, channel and destination.

        Raises
        ------
        KeyError
            If an outcome of a mechanism that takes part is missing: nothing declared may stay empty.
        """
        for name, column in self.by_district.items():
            self._write(column, t, figures, self.outcomes[name])
        for kind, columns in self.by_place.items():
            for name, column in columns.items():
                self._write(column, t, figures, self.outcomes[name].at(kind))
        for name, series in self.national.items():
            if name in self.outcomes:
                self._write(series, t, figures, self.outcomes[name])
            else:
                series[t] = of_settings[name]
        place = np.flatnonzero(flows)
        self.flows.append((t, place, flows.ravel()[place]))
        self.done = t + 1

    def _write(self, column: np.ndarray, t: int, figures: Figures, which: Outcome | Placed) -> None:
        """Write one figure; figures of a mechanism that is off may be missing, and their columns with them."""
        if which in figures:
            column[t] = figures[which]
            self.recorded.add(which)
            return
        outcome = which.outcome if isinstance(which, Placed) else which
        if outcome.name in self.expected:
            where = f" by {which.kind}" if isinstance(which, Placed) else ""
            raise KeyError(f"outcome '{outcome.name}'{where} is declared but was not recorded")
        column[t] = 0 if outcome.whole else np.nan

    def _is_simulated(self, which: Outcome | Placed) -> bool:
        """Whether the tables have a column for an outcome; mechanisms that are off have none, not even of zeros."""
        outcome, kind = which if isinstance(which, Placed) else (which, which.over)
        if which not in self.recorded or outcome.name in self.expected:
            return which in self.recorded
        tables: dict[Over, dict[str, np.ndarray]] = {"district": self.by_district, "national": self.national}
        columns = (tables | self.by_place)[kind]
        return bool(np.nan_to_num(columns[outcome.name][: self.done]).any())

    def latest(self) -> dict[str, np.ndarray]:
        """Figures of the last month by district, for live views."""
        columns = self.by_district.items()
        return {name: column[self.done - 1] for name, column in columns if self.outcomes[name] in self.recorded}

    def recent(self, name: str, months: int, rows: np.ndarray | None = None) -> np.ndarray:
        """Values of an outcome in the most recent months, for the country or for some districts together.

        Parameters
        ----------
        name
            Outcome over districts or the whole country.
        months
            Number of months; at most those simulated are returned.
        rows
            Rows of districts; all if left out.
        """
        found, span = self.outcomes[name], slice(self.done - months, self.done)
        if found.over == "national":
            return self.national[name][span]
        chosen = slice(None) if rows is None else rows
        values = self.by_district[name][span][:, chosen]
        if found.mean_of is None:
            return values.sum(axis=1)
        return _weighted_mean(values, self.by_district[found.mean_of][span][:, chosen])

    def national_series(self) -> dict[str, np.ndarray]:
        """All national columns over the months done: counts are summed, means weighted as declared."""
        series: dict[str, np.ndarray] = {}
        for name, found in self.outcomes.items():
            if found.over not in {"district", "national"} or not self._is_simulated(found):
                continue
            if found.over == "district":
                values = self.by_district[name][: self.done]
                if found.mean_of is None:
                    series[name] = values.sum(axis=1)
                else:
                    weight = self.by_district[found.mean_of][: self.done]
                    series[name] = _weighted_mean(values, weight)
            elif found.over == "national":
                series[name] = self.national[name][: self.done]
        for name, column in self.national.items():
            if name not in self.outcomes:
                series[name] = column[: self.done]
        return series

    def tables(self, channels: tuple[str, ...], destinations: tuple[str, ...]) -> dict[str, dict[str, np.ndarray]]:
        """Put the tables together: ``national``, ``district``, one for each kind of place, ``flows``."""
        months = (np.arange(self.done) + (self.start - 1970 * 12)).astype("datetime64[M]")
        units = len(self.districts)
        district = {"month": np.repeat(months, units), "unit": np.tile(self.districts, self.done)}
        district |= {
            name: column[: self.done].ravel()
            for name, column in self.by_district.items()
            if self._is_simulated(self.outcomes[name])
        }
        return {
            "national": {"month": months, **self.national_series()},
            "district": district,
            **{kind: self._place_table(kind, months) for kind in self.places},
            "flows": self._flow_table(months, channels, destinations),
        }

    def _place_table(self, kind: Over, months: np.ndarray) -> dict[str, np.ndarray]:
        keys = np.array(self.places[kind])
        table = {"month": np.repeat(months, keys.size), kind: np.tile(keys, self.done)}
        return table | {
            name: column[: self.done].ravel()
            for name, column in self.by_place[kind].items()
            if self._is_simulated(self.outcomes[name].at(kind))
        }

    def _flow_table(
        self, months: np.ndarray, channels: tuple[str, ...], destinations: tuple[str, ...]
    ) -> dict[str, np.ndarray]:
        when = np.concatenate([np.full(place.size, t) for t, place, _ in self.flows] or [np.zeros(0, np.int64)]).astype(
            np.int64
        )
        place = np.concatenate([place for _, place, _ in self.flows] or [np.zeros(0, np.int64)]).astype(np.int64)
        persons = np.concatenate([persons for _, _, persons in self.flows] or [np.zeros(0, np.int64)])
        origin, channel, destination = np.unravel_index(place, (len(self.districts), len(channels), len(destinations)))
        return {
            "month": months[when],
            "origin": self.districts[origin],
            "channel": np.array(channels)[channel],
            "destination": np.array(destinations)[destination],
            "persons": persons,
        }


def _weighted_mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean over districts, summed in order of districts so that the bits do not depend on the machine."""
    total = np.zeros(values.shape[0])
    weights = np.zeros(values.shape[0])
    for d in range(values.shape[1]):
        total += values[:, d] * weight[:, d]
        weights += weight[:, d]
    return total / np.maximum(weights, 1.0)
