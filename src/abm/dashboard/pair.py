"""A model whose levers move, and its twin of the same seed, whose levers do not."""

from __future__ import annotations

from threading import Lock

import numpy as np

from abm.config import Config
from abm.declare import Lever
from abm.engine.calendar import MONTHS_A_YEAR, format_month
from abm.model import Model
from abm.simulation import months_left

SHOWN = (
    "border_patrol", "anti_corruption", "prosecution_certainty", "legal_quota", "deportation", "job_creation",
    "cash_transfer",
)  # fmt: skip
"""Levers that have a slider, in this order, unless all mechanisms that they move are off."""


class Pair:
    """A model and its twin, whose levers stay as configured, in step: equal to the bit until a lever is moved.

    `levers` have a slider; `playing` is held by the one who plays month after month.
    """

    def __init__(self, config: Config) -> None:
        self.model, self.twin = Model(config), Model(config)
        catalogue = config.catalogue
        self.levers: tuple[Lever, ...] = tuple(
            catalogue.levers[name] for name in SHOWN if any(map(config.enabled, catalogue.sections_moved(name)))
        )
        self.playing = Lock()
        self._closed = False
        self._lock = Lock()  # sliders act between two months, never within one

    @property
    def both(self) -> tuple[Model, Model]:
        """The model and its twin."""
        return self.model, self.twin

    @property
    def months_left(self) -> int:
        """Months not yet simulated; none once closed."""
        return 0 if self._closed else months_left(self.model.world)

    @property
    def month(self) -> str:
        """The month done last, as YYYY-MM; empty before the first."""
        world = self.model.world
        return format_month(world.month) if world.t >= 0 else ""

    def step(self) -> None:
        """Advance both by one month, unless the last is done."""
        with self._lock:
            if self.months_left:
                self.model.step()
                self.twin.step()

    def set_lever(self, name: str, value: float) -> None:
        """Move a lever of the model from the next month on; a ConfigError says that it is refused."""
        with self._lock:
            self.model.set_lever(name, value)

    def value_of(self, lever: Lever) -> float:
        """Value of a lever from the next month on: of the last of its uses in force then, else the neutral one."""
        month = self.model.world.month + 1
        found = [
            use.value for use in self.model.config.levers
            if use.lever == lever.name and use.when is None and use.strength(month) > 0.0
        ]  # fmt: skip
        return found[-1] if found else lever.neutral

    def levers_in_yaml(self) -> list[str]:
        """Uses of levers of the model so far, a line each, as they stand in a configuration."""
        uses = [use.model_dump(mode="json", by_alias=True, exclude_defaults=True) for use in self.model.config.levers]
        return ["- {" + ", ".join(f"{key}: {value}" for key, value in use.items()) + "}" for use in uses]

    def close(self) -> None:
        """End both; no further month is simulated."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for model in self.both:
                    model.close()
                    model.world.__dict__.clear()  # now, and not when Python finds the cycles in it


def over_a_year(values: np.ndarray) -> np.ndarray:
    """Sum over the last twelve of the months done; in the first eleven, the months so far brought up to a year."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=float)])
    upto = np.arange(1, values.size + 1)
    first = np.maximum(upto - MONTHS_A_YEAR, 0)
    return (total[upto] - total[first]) * MONTHS_A_YEAR / (upto - first)


def departures_by_district(model: Model) -> dict[str, float]:
    """Irregular departures a year per 100,000 residents by district, over the last twelve months."""
    record = model.world.record
    if not record.done or "irregular_departures" not in record.by_district:
        return {}
    months = min(MONTHS_A_YEAR, record.done)
    left = record.by_district["irregular_departures"][record.done - months : record.done].sum(axis=0)
    residents = np.maximum(record.by_district["population"][record.done - 1], 1)
    rates = 1e5 * (left * MONTHS_A_YEAR / months) / residents
    return dict(zip(record.districts.tolist(), rates.tolist(), strict=True))
