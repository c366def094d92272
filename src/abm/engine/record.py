"""The record: monthly figures, turned into plain tables at the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from abm.declare.outcome import Outcome, Over, Placed

Figures = dict[Outcome | Placed, Any]
"""Figures of one month by outcome, and by outcome and kind of place: arrays, or one number for the country."""


class Sheet(NamedTuple):
    """Outcomes of one kind of place, all whole numbers or none: one piece of memory, which a month fills at once."""

    handles: tuple[Outcome | Placed, ...]
    values: np.ndarray
    """Shape (months, outcomes, places)."""

    @classmethod
    def of(cls, handles: Iterable[Outcome | Placed], months: int, places: int, *, whole: bool) -> Sheet:
        """Allocate an empty sheet."""
        found = tuple(handles)
        return cls(found, np.zeros((months, len(found), places), np.int64 if whole else np.float64))


def _outcome_of(which: Outcome | Placed) -> Outcome:
    return which.outcome if isinstance(which, Placed) else which


def _blank(*, whole: bool) -> float:
    return 0 if whole else np.nan


class Record:
    """Figures by month and place.

    Made from the declared outcomes, the count of months, keys of districts, keys of the places of every further table
    by kind, and the first month, since January of year 0. `extra_national` are further national columns, such as the
    cost of each lever; `expected` outcomes must be recorded: those of the mechanisms switched on.
    """

    def __init__(
        self,
        outcomes: dict[str, Outcome],
        months: int,
        districts: np.ndarray,
        places: dict[Over, tuple[str, ...]],
        start: int,
        extra_national: tuple[str, ...],
        expected: Collection[str],
    ) -> None:
        self.outcomes = outcomes
        self.expected = frozenset(expected)
        self.recorded: set[Outcome | Placed] = set()  # at least once; the tables have columns for these only
        self.districts = districts
        self.places = places
        self.start = start
        self.done = 0
        self.months = months
        sizes: dict[Over, int] = {"district": len(districts)}
        sizes |= {kind: len(keys) for kind, keys in places.items()}
        self.sheets: dict[Over, list[Sheet]] = {}
        for kind, size in sizes.items():
            kept = [found for found in outcomes.values() if found.kept_by(kind)]
            self.sheets[kind] = [
                Sheet.of((found.at(kind) for found in kept if found.whole is whole), months, size, whole=whole)
                for whole in (True, False)
            ]
        self.national = {
            name: np.zeros(months, np.int64 if found.whole else np.float64)
            for name, found in outcomes.items()
            if found.kept_by("national")
        }
        self._find_columns()
        self.set_extra(extra_national)
        self.flows: list[tuple[int, np.ndarray, np.ndarray]] = []

    def _find_columns(self) -> None:
        """Find the columns of the sheets, in the order of the outcomes, and what stands for each that is not recorded.

        They are of shape (months, places); those of `national` have one number a month.
        """
        self.by_place: dict[Over, dict[str, np.ndarray]] = {}
        self._blank: Figures = {
            found: _blank(whole=found.whole) for name, found in self.outcomes.items() if name in self.national
        }
        for kind, sheets in self.sheets.items():
            found = {
                _outcome_of(which).name: sheet.values[:, k] for sheet in sheets for k, which in enumerate(sheet.handles)
            }
            self.by_place[kind] = {name: found[name] for name in self.outcomes if name in found}
            for handles, values in sheets:
                blank = np.full(values.shape[2], _blank(whole=values.dtype == np.int64), values.dtype)
                self._blank |= dict.fromkeys(handles, blank)
        self.by_district = self.by_place["district"]
        self.by_place["national"] = self.national

    def __getstate__(self) -> dict[str, object]:
        """State for a checkpoint, without the columns, which are parts of the sheets."""
        return {name: value for name, value in vars(self).items() if name not in {"by_place", "by_district"}}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._find_columns()

    def set_extra(self, names: tuple[str, ...]) -> None:
        """Have these further national columns and no others; those not there yet are zero in the months done."""
        extra = {name: self.national.get(name, np.zeros(self.months, np.int64)) for name in names}
        for name in self.national.keys() - self.outcomes.keys():
            del self.national[name]
        self.national |= extra

    def write_month(self, t: int, figures: Figures, of_settings: Mapping[str, float], flows: np.ndarray) -> None:
        """Write the figures of a month, further national columns by name, and persons by origin, channel, destination.

        A KeyError says that an outcome of a mechanism that takes part is missing: nothing declared may stay empty.
        """
        for which in self._blank.keys() - figures.keys():
            outcome = _outcome_of(which)
            if outcome.name in self.expected:
                where = f" by {which.kind}" if isinstance(which, Placed) else ""
                raise KeyError(f"outcome '{outcome.name}'{where} is declared but was not recorded")
        known = self._blank | figures
        for sheets in self.sheets.values():
            for handles, values in sheets:
                if handles:
                    np.concatenate([known[which] for which in handles], out=values[t].ravel())
        for name, column in self.national.items():
            column[t] = known[self.outcomes[name]] if name in self.outcomes else of_settings[name]
        self.recorded |= figures.keys()
        place = np.flatnonzero(flows != 0)
        self.flows.append((t, place, flows.ravel()[place]))
        self.done = t + 1

    def _is_simulated(self, which: Outcome | Placed) -> bool:
        """Whether the tables have a column for an outcome; mechanisms that are off have none, not even of zeros."""
        outcome, kind = which if isinstance(which, Placed) else (which, which.over)
        if which not in self.recorded:
            return False
        return outcome.name in self.expected or bool(
            np.nan_to_num(self.by_place[kind][outcome.name][: self.done]).any()
        )

    def latest(self) -> dict[str, np.ndarray]:
        """Figures of the last month by district, for live views."""
        columns = self.by_district.items()
        return {name: column[self.done - 1] for name, column in columns if self.outcomes[name] in self.recorded}

    def recent(self, name: str, months: int, rows: np.ndarray | None = None) -> np.ndarray:
        """Values of an outcome in the most recent months, at most those simulated.

        The outcome is one of the whole country, or one over districts, of which `rows` are added up, by default all.
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
        series = {
            name: self.recent(name, self.done)
            for name, found in self.outcomes.items()
            if found.over in {"district", "national"} and self._is_simulated(found)
        }
        of_settings = {name: column[: self.done] for name, column in self.national.items() if name not in self.outcomes}
        return series | of_settings

    def tables(self, channels: tuple[str, ...], destinations: tuple[str, ...]) -> dict[str, dict[str, np.ndarray]]:
        """Put the tables together: ``national``, ``district``, one for each kind of place with outcomes, ``flows``."""
        months = (np.arange(self.done) + (self.start - 1970 * 12)).astype("datetime64[M]")
        by_place = {kind: self._place_table(kind, kind, np.array(keys), months) for kind, keys in self.places.items()}
        return {
            "national": {"month": months, **self.national_series()},
            "district": self._place_table("district", "unit", self.districts, months),
            **{kind: table for kind, table in by_place.items() if table.keys() > {"month", kind}},
            "flows": self._flow_table(months, channels, destinations),
        }

    def _place_table(self, kind: Over, label: str, keys: np.ndarray, months: np.ndarray) -> dict[str, np.ndarray]:
        """Table with a row a month and place; the column `label` names the place."""
        return {"month": np.repeat(months, keys.size), label: np.tile(keys, self.done)} | {
            name: column[: self.done].ravel()
            for name, column in self.by_place[kind].items()
            if self._is_simulated(self.outcomes[name].at(kind))
        }

    def _flow_table(
        self, months: np.ndarray, channels: tuple[str, ...], destinations: tuple[str, ...]
    ) -> dict[str, np.ndarray]:
        none = np.zeros(0, np.int64)
        month, rows = np.array([(t, place.size) for t, place, _ in self.flows], np.int64).reshape(-1, 2).T
        place = np.concatenate([none, *(place for _, place, _ in self.flows)])
        origin, channel, destination = np.unravel_index(place, (len(self.districts), len(channels), len(destinations)))
        # names as objects: a row is then a pointer and not a text of its own
        return {
            "month": months[np.repeat(month, rows)],
            "origin": self.districts.astype(object)[origin],
            "channel": np.array(channels, object)[channel],
            "destination": np.array(destinations, object)[destination],
            "persons": np.concatenate([none, *(persons for _, _, persons in self.flows)]),
        }


def _weighted_mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean over districts, summed in order of districts so that the bits do not depend on the machine."""
    total = np.zeros(values.shape[0])
    weights = np.zeros(values.shape[0])
    for d in range(values.shape[1]):
        total += values[:, d] * weight[:, d]
        weights += weight[:, d]
    return total / np.maximum(weights, 1.0)
