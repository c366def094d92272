"""Aspiration: the aspiration to migrate, and its consideration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.beliefs import believed_pay
from abm.choice.kernels.wish import raise_odds
from abm.declare import Outcomes, Params, outcome, param
from abm.engine.elementwise import exp, log
from abm.society.kernels.village_quarter import QUARTER
from abm.world.codes import TASTE_STEPS
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class AspirationParams(Params):
    """How the aspiration to migrate forms and fades, and how often it is acted upon."""

    baseline: float = param(-1.70, unit="logit", bounds=(-6.0, 2.0), source="assumed", systems=("S3",))
    """Aspiration of a household without idle workers, ties, deprivation or examples of success."""

    demonstration: float = param(
        10.6,
        unit="logit",
        bounds=(0.0, 60.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S3",),
    )
    """Weight of the demonstration field."""

    deprivation: float = param(
        0.8, unit="logit", bounds=(0.0, 5.0), source="assumed; Stark and Taylor (1991)", systems=("S3",)
    )
    """Weight of relative deprivation in the village (Yitzhaki index over mean income)."""

    surplus: float = param(
        1.2,
        unit="logit",
        bounds=(0.0, 5.0),
        source="assumed; those without work plan to leave nearly twice as often, Migali and Scipioni (2019)",
        systems=("S1",),
    )
    """Weight of the share of the household's workers who are at home without a job."""

    ties: float = param(0.35, unit="logit a tie", bounds=(0.0, 2.0), source="assumed", systems=("S4",))
    """Weight of one tie; ties beyond the fourth add nothing."""

    taste: float = param(1.0, unit="logit", bounds=(0.0, 4.0), source="assumed", systems=("S3",))
    """Standard deviation between households of the fixed taste for migration."""

    adjustment: float = param(
        0.08, unit="1/month", bounds=(0.0, 1.0), source="assumed", prior="beta(2, 20)", systems=("S3",)
    )
    """Share of the gap to the target aspiration that closes in one month."""

    prospects: float = param(
        1.2,
        unit="logit per log point",
        bounds=(0.0, 4.0),
        source="assumed; elasticity of migration to expected pay of 0.7: Shrestha (2017)",
        systems=("S2", "S3"),
    )
    """Weight of the log of believed pay abroad over `usual_pay`, which moves with expected pay at home."""

    usual_pay: float = param(
        90_000.0, unit="PKR of 2017 a month", bounds=(1_000.0, 1_000_000.0), source="assumed", systems=("S2", "S3")
    )
    """Pay abroad at which prospects add nothing to aspiration, at incomes of 2017."""

    consideration: float = param(
        0.038,
        unit="1/month",
        bounds=(0.0, 0.2),
        source="assumed, set by hand so that persons abroad keep the pattern of the census, as MICS has them",
        systems=("S5", "S6"),
    )
    """Monthly hazard, at aspiration 1, that a household considers sending a member away."""

    threshold: float = param(0.5, unit="share", bounds=(0.05, 0.95), source="assumed", systems=("S3", "S5"))
    """Aspiration above which a household counts as aspiring in the results."""


class AspirationOutcomes(Outcomes):
    """Aspiration, involuntary immobility and migrant households."""

    aspiration_mean = outcome(
        unit="share", over="district", mean_of="households", text="Mean aspiration of households."
    )
    aspiring_share = outcome(
        unit="share",
        over="district",
        mean_of="households",
        text="Share of households with aspiration above the threshold and a worker at home.",
    )
    involuntary_immobility = outcome(
        unit="household",
        over="district",
        kind="stock",
        text="Households that aspire to send a member abroad and cannot pay for the cheapest way.",
    )
    households_with_migrant_share = outcome(
        unit="share",
        over="district",
        mean_of="households",
        text="Share of households with a member at work abroad or under way, as surveys ask; settled families do not "
        "count, and a weighted row counts by its members away.",
    )


class Aspiration(Mechanism):
    r"""The wish to send a member abroad follows houses seen, believed pay abroad, ties, deprivation and idle workers.

    It moves slowly, once a quarter. A household with a worker at home considers sending one in a month with a chance in
    proportion to its aspiration.

    Notes
    -----
    With the demonstration field of the village $D_v$, relative deprivation $R$ (Yitzhaki 1979: mean shortfall behind
    richer neighbours over mean income), the share of the household's workers who are idle $U$, ties $n$, pay abroad as
    the district believes it $y$, expected pay at home $m$ (pay with a job relative to 2017, times the chance of one
    relative to the start) and a lasting taste $z$, standard normal, aspiration $a$ in [0, 1] closes part of the gap to

    $$
    a^* = \Lambda\left( \beta_0 + \beta_D D_v + \beta_R R + \beta_U U + \beta_n \min(n, 4) +
        \beta_y \log \frac{y}{m y_0} + \beta_z z \right), \qquad \Lambda(x) = 1 / (1 + e^{-x}),
    $$

    $1 - (1 - \alpha)^3$ of it a quarter. The $\beta$ are `baseline`, `demonstration`, `deprivation`, `surplus`, `ties`,
    `prospects` and `taste`, $y_0$ is `usual_pay`, $\alpha$ is `adjustment`. The chance to consider is `consideration`
    times $a$ a month.
    """

    section = "aspiration"
    Params = AspirationParams
    systems = ("S1", "S3", "S5")
    used_when_off = (
        "baseline",
        "demonstration",
        "deprivation",
        "surplus",
        "ties",
        "prospects",
        "usual_pay",
        "taste",
        "consideration",
        "threshold",
    )
    outcomes = AspirationOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Set the parameters; if switched off, aspiration is fixed."""
        params = world.params(AspirationParams)
        values = world.district_month
        for name in ("demonstration", "deprivation", "surplus", "ties", "consideration", "threshold"):
            values[name] = getattr(params, name)
        values["taste"] = params.taste / TASTE_STEPS
        prospects = params.prospects * prospects_of(world, params.usual_pay)
        values["baseline"] = params.baseline + prospects
        if world.t == 0:  # households open without a view of prospects
            raise_odds(world.villages, exp(prospects), world.households.aspiration)
        # a village is updated once a quarter and then closes three months' worth of the gap, at first all of it
        speed = params.adjustment if world.config.enabled(Aspiration.section) else 0.0
        speed = speed if world.t >= QUARTER else 1.0
        values["adjustment"] = 1.0 - math.prod([1.0 - speed] * QUARTER)


def prospects_of(world: World, usual_pay: float) -> np.ndarray:
    """Log of believed pay abroad over `usual_pay`, which moves as pay at home is expected to, by district.

    That is pay with a job times the chance to have one, against those at the start. Source: Harris and Todaro (1970),
    American Economic Review 60.
    """
    values = world.district_month
    chance = values["employment"] / (1.0 - world.population.opening_unemployment)
    return log(believed_pay(world) / (usual_pay * values["wage_index"] * chance))
