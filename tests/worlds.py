"""Small worlds for tests, and heads and rupees counted from their columns without the model's own sums."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from abm.analysis.observed import Run, facts_of
from abm.config import Config, make_config
from abm.declare import Lever
from abm.engine.parallel import Threads
from abm.model import Model, Tables, simulate
from abm.month import MONTH, OUTCOMES
from abm.places.data_files import data_file
from abm.places.places import places_of
from abm.recording import columns_of_settings
from abm.results import checksum_run, checksum_table, to_arrow
from abm.routes.travel import TravelState
from abm.streams.victims import Places, VictimsState
from abm.world.state import World

TRIO = ("gujrat", "lahore", "mirpur_ajk")
"""A district that sends many, a city that draws people, and one whose data are imputed."""


ASKED_FOR = {found.section: {"enabled": True} for found in MONTH if not found.on_by_default}
"""Switches of the mechanisms that take part only where a configuration says so."""

APART = {section: {"enabled": False} for section in ASKED_FOR}
"""The same, off, for tests of something else: a month takes a third less."""

SECOND_THOUGHTS = ("refused", "repeat", "claims", "onward", "sponsorship", "domestic_move")
PLAIN = APART | {section: {"enabled": False} for section in SECOND_THOUGHTS}
"""What is asked for is off, and so are other ways and later choices: a month takes half the time."""


def run_of_tables(tables: Tables, config: Config) -> Run:
    """A run as the observation model sees it, of the plain tables of `abm.model.simulate`."""
    return Run(config.seed, facts_of(config), lambda name: pd.DataFrame(dict(tables[name])))


def targets(name: str) -> pd.DataFrame:
    """Rows of one target of the shipped records."""
    with data_file("tables/targets.csv").open(encoding="utf-8") as stream:
        return pd.read_csv(stream).query("target_id == @name")


def only(*sections: str) -> dict[str, dict[str, bool]]:
    """Switches that leave on these of the mechanisms that can be off; a month of a small country takes a third."""
    return {found.section: {"enabled": found.section in sections} for found in MONTH if found.switchable}


def small_config(
    units: tuple[str, ...] | str = TRIO,
    *,
    start: str = "2009-01",
    months: int = 24,
    scale: float = 0.001,
    village_households: int = 50,
    min_villages: int = 4,
    population: dict[str, Any] | None = None,
    **values: Any,
) -> Config:
    """Make a configuration that runs in a blink: three districts of four villages of fifty households.

    Parameters
    ----------
    units, start, months, scale, village_households, min_villages
        Where, when, and how large.
    population, values
        Further fields of the section ``population``, and of the configuration. Every mechanism takes part unless
        ``mechanisms`` says otherwise.
    """
    return make_config(
        start=start,
        end=month_after(start, months - 1),
        population={
            "region": units if isinstance(units, str) else list(units),
            "scale": scale,
            "village_households": village_households,
            "min_villages": min_villages,
            **(population or {}),
        },
        mechanisms=ASKED_FOR | values.pop("mechanisms", {}),
        **values,
    )


def use_of(lever: Lever, value: float, since: str, **values: Any) -> dict[str, Any]:
    """One use of a lever, with all that it asks for."""
    topic = {"topic": lever.topics[0]} if lever.topics else {}
    return {"lever": lever.name, "from": since, "value": value} | topic | values


def month_after(month: str, count: int) -> str:
    """Month that lies `count` months later, ``month_after("2009-01", 14) == "2010-03"``."""
    return str(np.datetime64(month, "M") + np.timedelta64(count, "M"))


def months_of(model: Model, months: int | None = None) -> Iterator[World]:
    """Step a model to its end or for some months; yields the world after each, and closes the model."""
    try:
        for _ in range(months or model.config.months):
            model.step()
            yield model.world
    finally:
        model.close()


def branch(model: Model, config: Config | None = None) -> Model:
    """Copy a model in the middle of its run; the copy goes on by another configuration, the original stays as it is.

    Mechanisms read their parameters every month. What is read only when a world is made stays as it was.
    """
    return resumed(pickle.dumps(model.world), config or model.config)


def resumed(kept: bytes, config: Config) -> Model:
    """Model whose world was kept in the middle of its run, going on by a configuration."""
    world = pickle.loads(kept)
    world.resume(config, Threads(1))
    world.record.set_extra(columns_of_settings(config))
    world.record.expected = frozenset(
        found.name for mechanism in MONTH if config.enabled(mechanism.section) for found in mechanism.outcomes
    )
    return Model(world)


def checksums(tables: Tables) -> dict[str, str]:
    """Checksum of the content of each table, and of all of them as ``"run"``."""
    found = {name: checksum_table(to_arrow(columns, OUTCOMES)) for name, columns in tables.items()}
    return found | {"run": checksum_run(found)}


def run_checksums(config: Config, threads: int = 1) -> dict[str, str]:
    """Run a configuration and give the checksums of its tables."""
    return checksums(simulate(config, threads=threads))


def unlike(one: Tables, other: Tables, but: Collection[str] = ()) -> set[str]:
    """Columns in which two runs differ, and those that only one of them has; columns named in `but` do not count."""
    pairs = {
        f"{table}.{name}": (one[table].get(name), other[table].get(name))
        for table in one.keys() | other.keys()
        for name in (one[table].keys() | other[table].keys()) - set(but)
    }
    return {
        name
        for name, (mine, its) in pairs.items()
        if mine is None or its is None or not np.array_equal(mine, its, equal_nan=mine.dtype.kind == "f")
    }


def interval(differences: Any, level: float = 0.95) -> tuple[float, float]:
    """Interval for the mean of paired differences."""
    values = np.asarray(list(differences), float)
    half = student.ppf(0.5 + level / 2, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size)
    return float(values.mean() - half), float(values.mean() + half)


@dataclass(frozen=True)
class Census:
    """What a census taker would find, by district: everybody is in exactly one place, and every rupee in one purse.

    Attributes
    ----------
    home, pool
        Persons at home, and persons who left a household to form a new one that has not formed yet.
    city, abroad, under_way, dead
        Persons away: in a city of Pakistan, abroad, on an irregular journey, and dead but still on the roll of a
        household that stands for several.
    held, held_workers
        Members of households who are held by exploiters, at home or abroad, and those of the labour force among them.
    jobs, workers
        Workers at home who have a job, and members of the labour force wherever they are.
    assets, debts
        PKR.
    """

    home: np.ndarray
    pool: np.ndarray
    city: np.ndarray
    abroad: np.ndarray
    under_way: np.ndarray
    dead: np.ndarray
    held: np.ndarray
    held_workers: np.ndarray
    jobs: np.ndarray
    workers: np.ndarray
    assets: np.ndarray
    debts: np.ndarray

    @property
    def residents(self) -> np.ndarray:
        """Persons in Pakistan, and all those held."""
        return self.home + self.pool + self.city + self.held

    @property
    def people(self) -> np.ndarray:
        """Everybody alive, wherever they are."""
        return self.residents + self.abroad + self.under_way


def take_census(world: World) -> Census:
    """Count heads and rupees straight from the columns, by district."""
    villages, households = world.villages, world.households
    rows = np.concatenate([np.arange(f, f + a) for f, a in zip(villages.first_row, villages.awake, strict=True)])
    district = np.repeat(villages.district, villages.awake)
    weight = world.weight[district]
    used = np.concatenate(
        [np.arange(s, s + c) for s, c in zip(villages.segment_start, villages.segment_count, strict=True)]
    ).astype(np.int64)
    used_district = np.repeat(villages.district, villages.segment_count)
    in_city = world.away.destination[used] == len(world.destination_facts) - 1
    persons = world.away.persons[used].astype(np.int64)
    victims = world[VictimsState].table.rows
    missed = (victims.row >= 0) & (victims.place != Places.of(world).home)
    journeys, under_way = world[TravelState].journeys.columns, world[TravelState].journeys.count

    def by_district(place: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        total = np.zeros(world.district_count, np.int64)
        np.add.at(total, place, amounts.astype(np.int64))
        return total

    def of_households(name: str) -> np.ndarray:
        return getattr(households, name)[rows].astype(np.int64)

    members = (of_households("workers") + of_households("dependants")) * weight
    return Census(
        home=by_district(district, members - of_households("away") - of_households("taken")),
        pool=world.pool.sum(axis=1),
        city=by_district(used_district, persons * in_city),
        abroad=by_district(used_district, persons * ~in_city),
        under_way=by_district(journeys.district[:under_way], journeys.persons[:under_way]),
        dead=by_district(district, of_households("dead")),
        held=by_district(victims.district, victims.persons * missed),
        held_workers=by_district(victims.district, victims.persons * (missed & (victims.worker > 0))),
        jobs=by_district(district, of_households("jobs") * weight),
        workers=by_district(district, of_households("workers") * weight),
        assets=by_district(district, of_households("assets") * weight),
        debts=by_district(district, of_households("debt") * weight),
    )


def visas_times(multiple: float) -> dict[str, Any]:
    """Setting `places` with so many times the visas for visits of the shipped destinations."""
    found = {place.key: {"visits": multiple * place.visits} for place in places_of().destinations if place.visits}
    return {"destinations": found}
