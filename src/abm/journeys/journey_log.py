"""Micro-data of journeys: a row for each cohort whose contract or independent journey ended."""

from __future__ import annotations

import numpy as np

from abm.declare.state import Held, State, kept

SCHEMES = ("upfront", "escrow", "credit", "alone")
"""Words for the payment schemes, by code."""

ENDS = ("arrived", "sent_home", "died")
"""Words for how a journey ended."""

_KEPT = (
    "started", "id", "district", "route", "persons", "scheme", "fee", "paid", "owed", "wealth", "experience",
    "attempt", "months_gone", "origin", "end",
)  # fmt: skip


class JourneyLog:
    """Completed journeys, if the run keeps them.

    Parameters
    ----------
    kept
        Whether to keep anything: ``outputs.journeys``.
    """

    def __init__(self, *, kept: bool) -> None:
        self.kept = kept
        self._parts: list[tuple[int, dict[str, np.ndarray]]] = []

    def write(self, t: int, end: int, fates: dict[str, np.ndarray]) -> None:
        """Write the cohorts whose journeys ended in month `t` of the run; money as before settlement."""
        if self.kept and fates["row"].size:
            values = {**fates, "end": np.full(fates["row"].size, end)}
            self._parts.append((t, {name: values[name].copy() for name in _KEPT}))

    def table(
        self, start: int, districts: np.ndarray, routes: tuple[str, ...], destinations: tuple[str, ...]
    ) -> dict[str, np.ndarray]:
        """Put the table together; `start` is the first month, since January of year 0."""

        def column(name: str) -> np.ndarray:
            return np.concatenate([part[name] for _, part in self._parts] or [np.zeros(0, np.int64)]).astype(np.int64)

        first = start - 1970 * 12
        ended = np.concatenate(
            [np.full(part["end"].size, t) for t, part in self._parts] or [np.zeros(0, np.int64)]
        ).astype(np.int64)
        persons = np.maximum(column("persons"), 1)
        origin = column("origin")
        return {
            "month": (column("started") + first).astype("datetime64[M]"),
            "ended": (ended + first).astype("datetime64[M]"),
            "journey": column("id"),
            "origin": districts[column("district")] if ended.size else np.zeros(0, "U1"),
            "begun_in": _named(("pakistan", *destinations), origin + 1),
            "route": _named(routes, column("route")),
            "persons": column("persons"),
            "scheme": _named(SCHEMES, column("scheme")),
            "fee": column("fee"),
            "paid": column("paid") // persons,
            "debt": column("owed") // persons,
            "wealth": column("wealth") + 1,
            "experienced": column("experience"),
            "attempts": column("attempt"),
            "months": column("months_gone"),
            "outcome": _named(ENDS, column("end")),
        }


def _named(names: tuple[str, ...], codes: np.ndarray) -> np.ndarray:
    return np.array(names)[codes]


class JourneyLogState(State):
    """Completed journeys, if the configuration asks for them."""

    log: Held[JourneyLog] = kept(
        text="Journeys that ended.", start=lambda world: JourneyLog(kept=world.config.outputs.journeys)
    )
