"""Who has somebody at work abroad, by wealth: Punjab in July 2014 at 1 % against MICS, two seeds.

The survey ranks people by an index of what the household owns, after migration. Here it is income per member at home,
remittances included, and savings less debt per member at home, as normal scores that weigh the same.
`pytest tests/study/test_wealth_gradient.py -s` prints the shares.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.stats import norm
from worlds import months_of

from abm.abroad.diaspora import DiasporaState
from abm.analysis.records import read_records
from abm.config import load_config
from abm.model import Model
from abm.world.codes import SETTLED
from abm.world.state import World

BASELINE = Path(__file__).parents[2] / "configs" / "baseline.yaml"
FIFTHS = 5


def rows_of(world: World, province: str) -> np.ndarray:
    """Rows of households that have formed in a province."""
    villages = world.villages
    return np.concatenate(
        [
            np.arange(first, first + awake)
            for first, awake, district in zip(villages.first_row, villages.awake, villages.district, strict=True)
            if world.units.province[district] == province
        ]
    )


def weight_of_rows(world: World) -> np.ndarray:
    """Households that each row stands for, in order of row."""
    villages = world.villages
    return np.repeat(world.weight[villages.district], villages.rows)


def abroad_by_row(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Persons in settled families abroad, and rupees sent home in the month, by row."""
    villages, away = world.villages, world.away
    sent_by = world[DiasporaState].month.amount
    families, sent = np.zeros(world.households.wage.size, np.int64), np.zeros(world.households.wage.size)
    for first, start, count in zip(villages.first_row, villages.segment_start, villages.segment_count, strict=True):
        here = slice(start, start + count)
        row, persons, status = first + away.row[here].astype(np.int64), away.persons[here], away.status[here]
        np.add.at(families, row, np.where(status == SETTLED, persons, 0))
        np.add.at(sent, row, persons * sent_by[away.destination[here], status, world.households.skill[row]])
    return families, sent


def rank_among(people: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share of people in households with a lower value, by household."""
    order, rank = np.argsort(values, kind="stable"), np.empty(values.size)
    rank[order] = (np.cumsum(people[order]) - 0.5 * people[order]) / people.sum()
    return rank


def shares_by_fifth(seed: int) -> np.ndarray:
    """Households of Punjab with a member at work abroad by fifth of its people, %."""
    world = list(months_of(Model(load_config(BASELINE, ["end=2014-07"], seed=seed, scale=0.01))))[-1]
    rows, households = rows_of(world, "punjab"), world.households
    weight = weight_of_rows(world)[rows]
    families, sent = (column[rows] for column in abroad_by_row(world))
    away, workers = households.away[rows].astype(np.int64), households.workers[rows].astype(np.int64)
    members = workers + households.dependants[rows]
    home = np.maximum(members - away / weight, 0.5)
    pay = households.wage[rows] * np.maximum(workers - away / weight, 0.0) * (1.0 - world.units.unemployment.mean())
    savings = households.assets[rows].astype(float) - households.debt[rows]
    people = members * weight
    income, saved = (rank_among(people, each / home) for each in (pay + sent / weight, savings))
    fifth = np.minimum(FIFTHS * rank_among(people, norm.ppf(income) + norm.ppf(saved)), FIFTHS - 1).astype(int)
    at_work = away - households.dead[rows] - households.in_city[rows] - families
    return 100 * np.bincount(fifth, np.clip(at_work, 0, weight)) / np.bincount(fifth, weight)


def test_the_gradient_of_wealth_is_that_of_the_survey(record_property):
    """Each fifth within a factor of one and a half."""
    record = np.array([found.value for found in read_records() if found.target == "MICS14_OVERSEAS_BY_WEALTH"])
    found = np.mean([shares_by_fifth(seed) for seed in (1, 2)], axis=0)
    text = ", ".join(f"{share:.1f} ({printed:.1f})" for share, printed in zip(found, record, strict=True))
    print(f"\nhouseholds with a member at work abroad by fifth, % (MICS): {text}")
    record_property("by fifth", text)
    assert np.all((found < 1.5 * record) & (found > record / 1.5)), text
