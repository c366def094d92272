"""Records of the whole country in the unit of an outcome, to stand beside it in figures over time."""

from __future__ import annotations

from dataclasses import dataclass, field

from abm.analysis.observation import OBSERVATIONS, Facts, Part, everything
from abm.analysis.records import read_records
from abm.places.drivers import Series
from abm.places.places import Places


@dataclass(frozen=True)
class Recorded:
    """What was counted of an outcome by year, and the targets that it is taken from."""

    values: dict[int, float] = field(default_factory=dict)
    targets: tuple[str, ...] = ()


def recorded(outcome: str, series: Series) -> Recorded:
    """Find the records of an outcome: those whose observation is this outcome alone, of the whole country.

    What is counted in part only, as deaths, or together with other outcomes, as removals, has no record of its own
    here; `abm.analysis.score` has them all. Money is turned back into rupees of 2017.
    """
    values: dict[int, float] = {}
    targets: dict[str, None] = {}
    whole = (Part("national", (outcome,), everything),)
    for record in read_records():
        observation = OBSERVATIONS.get(record.target)
        if observation is None or observation.parts != whole or observation.of or observation.place:
            continue
        unit = observation.convert(1.0, record.year, series) if observation.convert else 1.0
        values[record.year] = record.value / (unit * observation.multiple)
        targets[record.target] = None
    return Recorded(values, tuple(targets))


def recorded_at(target: str, key: str, places: Places, series: Series) -> Recorded:
    """Find the records of a target at a place, by its key in the model."""
    place, facts = OBSERVATIONS[target].place, Facts(places, series)
    values = {
        record.year: record.value
        for record in read_records()
        if record.target == target and place and place(record.geography, record.route, facts) == key
    }
    return Recorded(values, (target,) if values else ())
