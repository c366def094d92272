"""Vocational training: skills that pay at home and abroad."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, Params, behaviour, outcome, param
from abm.engine.calendar import MONTHS_A_YEAR
from abm.policy import InForce
from abm.society.kernels.labour import train_blocks
from abm.world.codes import STREAM_TRAINING, T_HOUSEHOLDS
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


TrainingMonth = namedtuple("TrainingMonth", ["probability", "completion", "premium", "placement"])
"""Courses of the month: a household's probability of training by district, and the effects of a course."""


class TrainingParams(Params):
    """Effects of a course on a household."""

    completion: float = param(
        0.70, unit="share", bounds=(0.0, 1.0), source="assumed; share of a course's intake", systems=("S5", "S19")
    )
    """Share of trainees who complete the course and gain one level of skill."""

    home_premium: float = param(
        0.15,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; above the mean of the trials reviewed by McKenzie (2017), many of which find no effect",
        systems=("S1", "S5"),
    )
    """Rise in the trained worker's pay at home, relative to the household's average worker before."""

    placement: float = param(
        0.15,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; Crépon et al. (2013) find that those placed partly displace others",
        systems=("S1", "S19"),
    )
    """Share of graduates from households with an unemployed worker who find a job at once."""


class TrainingOutcomes(Outcomes):
    """Workers in training."""

    trained = outcome(unit="person", over="district", text="Workers who began a course funded by policy.")


TRAINED = behaviour("households whose worker is trained", base=0.0, over="district", bounds=(0.0, 1.0))
"""Yearly share of households of low or medium skill, by district."""


class Training(Mechanism):
    """Courses raise a household's skill and its pay at home, and with them its prospects abroad.

    Only the lever for vocational training begins courses. A graduate earns more at home; of those without work some
    find a job at once. Skill raises pay abroad of all migrants of the household, those already there included.
    """

    section = "training"
    Params = TrainingParams
    systems = ("S5", "S19")
    outcomes = TrainingOutcomes.declared
    levers = (
        Lever(
            "vocational_training",
            unit="share of households of low or medium skill a year",
            bounds=(0.0, 0.5),
            combine="add",
            moves=(TRAINED,),
            unit_cost=60_000.0,
            cost_unit="trainee",
            cost_counted="booked",
            text="Trains one worker of the households drawn; each completed course adds a level of skill.",
            cost_source="assumed; order of magnitude of a course of some months paid by a provincial skills fund",
            systems=("S5", "S19"),
        ),
    )

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the number of trainees as if no household had high skill."""
        share = np.clip(deviation, 0.0, 1.0) / MONTHS_A_YEAR
        return lever.unit_cost * float((share * world.sums[:, T_HOUSEHOLDS]).sum())

    @staticmethod
    def step(world: World) -> None:
        """Draw the households whose worker is trained this month, and book the cost."""
        share = world.now(TRAINED)
        if not world.config.enabled(Training.section):
            return
        world.figures[TrainingOutcomes.trained] = np.zeros(world.district_count, np.int64)
        if not share.any():
            return
        params = world.params(TrainingParams)
        terms = TrainingMonth(share / MONTHS_A_YEAR, params.completion, params.home_premium, params.placement)
        trained = np.zeros(world.blocks.district.size, np.int64)
        key = world.key(STREAM_TRAINING)
        world.threads.each(
            lambda first, last: train_blocks(
                first, last, world.blocks, world.villages, world.households, world.weight, terms, key, trained
            ),
            trained.size,
        )
        by_district = np.add.reduceat(trained, world.block_starts)
        world.figures[TrainingOutcomes.trained] = by_district
        world[InForce].policy.book_cost(VOCATIONAL_TRAINING, by_district * VOCATIONAL_TRAINING.unit_cost)


VOCATIONAL_TRAINING = Training.levers[0]
