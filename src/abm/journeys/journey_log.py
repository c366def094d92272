"""Micro-data of journeys: a row for each cohort whose contract or independent journey ended."""

from __future__ import annotations

import numpy as np

from abm.declare.state import Held, State, kept
from abm.routes import Journeys

SCHEMES = ("upfront", "escrow", "credit", "alone")
"""Words for the payment schemes, by code."""

ENDS = ("arrived", "sent_home", "died", "stranded")
"""Words for how a journey ended."""

_KEPT = (
    "started", "id", "district", "route", "persons", "scheme", "fee", "paid", "owed", "wealth", "experience",
    "attempt", "months_gone", "origin",
)  # fmt: skip


class JourneyLog:
    """Completed journeys, if the run keeps them (``outputs.journeys``)."""

    def __init__(self, *, kept: bool) -> None:
        self.kept = kept
        self._parts: list[dict[str, np.ndarray]] = []

    def write(self, t: int, end: int, fates: Journeys) -> None:
        """Write the cohorts whose journeys ended in month `t` of the run; money as before settlement."""
        if self.kept and fates.row.size:
            part = {name: getattr(fates, name).copy() for name in _KEPT}
            self._parts.append(part | {"ended": np.full(fates.row.size, t), "end": np.full(fates.row.size, end)})

    def table(
        self, start: int, districts: np.ndarray, routes: tuple[str, ...], destinations: tuple[str, ...]
    ) -> dict[str, np.ndarray]:
        """Put the table together; `start` is the first month, since January of year 0."""

        def column(name: str) -> np.ndarray:
            return np.concatenate([np.zeros(0, np.int64), *(part[name] for part in self._parts)])

        def month(name: str) -> np.ndarray:
            return (column(name) + start - 1970 * 12).astype("datetime64[M]")

        persons = np.maximum(column("persons"), 1)
        return {
            "month": month("started"),
            "ended": month("ended"),
            "journey": column("id"),
            "origin": districts[column("district")] if self._parts else np.zeros(0, "U1"),
            "begun_in": _named(("pakistan", *destinations), column("origin") + 1),
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
