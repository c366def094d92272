"""Demonstration effect: visible wealth diffuses from village to district to neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.society.kernels.diffusion import mean_over_neighbours, relax_field, sum_visible_by_district
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class DemonstrationParams(Params):
    """Weights and speeds of the demonstration field."""

    village_weight: float = param(0.60, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Weight of visible houses in the same village."""

    district_weight: float = param(0.30, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Weight of visible houses in the district."""

    neighbour_weight: float = param(0.40, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Weight of visible houses in adjacent districts, by length of the shared border."""

    media_weight: float = param(0.02, unit="share", bounds=(0.0, 0.5), source="assumed", systems=("S3",))
    """What the media show, the same everywhere: it stays when the effect is switched off."""

    rise_rate: float = param(0.04, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Share of the gap closed in a month while the field rises."""

    decay_rate: float = param(0.010, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Share of the gap closed in a month while it falls: the image outlives the opportunity."""


class DemonstrationOutcomes(Outcomes):
    """The demonstration field."""

    demonstration_mean = outcome(
        unit="share", over="district", mean_of="households", text="Mean demonstration field of the villages."
    )


class Demonstration(Mechanism):
    r"""What migrants' houses show of success spreads from the village to its district and adjacent ones.

    Notes
    -----
    With the mean level of visible houses in village $v$, its district and adjacent districts, $H_v$, $H_d$, $H_n$,

    $$
    D^*_v = w_v H_v + w_d H_d + w_n H_n + w_m, \qquad D_v \leftarrow D_v + r \, (D^*_v - D_v),
    $$

    where $r$ is `rise_rate` if the gap is positive, else `decay_rate`, and the weights are `village_weight`,
    `district_weight`, `neighbour_weight` and `media_weight`.
    """

    section = "demonstration"
    Params = DemonstrationParams
    used_when_off = ("media_weight",)
    systems = ("S3",)
    outcomes = DemonstrationOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Let the field of every village relax; if switched off, the media alone are left."""
        villages, params = world.villages, world.params(DemonstrationParams)
        if not world.config.enabled(Demonstration.section):
            villages.demonstration[:] = params.media_weight
            return
        visible = np.zeros(world.district_count)
        sum_visible_by_district(villages, visible)
        nearby = np.zeros(world.district_count)
        borders = world.borders
        mean_over_neighbours(visible, borders.indptr, borders.indices, borders.weight, nearby)
        common = params.district_weight * visible + params.neighbour_weight * nearby + params.media_weight
        relax_field(villages, params.village_weight, common, params.rise_rate, params.decay_rate)
