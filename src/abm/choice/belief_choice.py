"""How beliefs enter the choice of a way out: by district in full, by village as a slope around its district."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.beliefs.beliefs import Beliefs, perceived, tilted
from abm.beliefs.kernels.beliefs import DEATH, FAILURE, PAPERS, SANCTION, TOPICS, WAGE
from abm.choice.channel_params import ChannelParams
from abm.market.offers import OffersState
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, Option

if TYPE_CHECKING:
    from abm.beliefs.belief_state import Perceived
    from abm.world.state import World


class BelievedOptions:
    """What the options of a month are worth as people see them.

    Parameters
    ----------
    world
        The world, its legs of the month known.

    Attributes
    ----------
    slope
        Change of the utility of an option for a village that holds a topic to be twice as large as its district does,
        by district, topic and option; zero while beliefs are switched off.
    known
        Mean ratio of perceived over true value by district and topic, from which a village deviates.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._believed: Perceived = perceived(world)
        self._odds: tuple[np.ndarray, np.ndarray] | None = None
        self._learned = world.config.enabled(Beliefs.section)
        self.slope = np.zeros((world.district_count, len(TOPICS), len(world.options)))
        self.known = self._believed.mean

    def odds(self, option: Option) -> tuple[np.ndarray, np.ndarray]:
        """Chances of success and of death of an irregular way, by district, as they are believed to be.

        Parameters
        ----------
        option
            An option with a route. What is true of it, the chances of arriving in the end, with all attempts of a
            contract, and of dying, the offers of the month say.
        """
        if self._odds is None:
            summary = self._world[OffersState].month.summary
            self._odds = (
                1.0 - tilted(1.0 - summary.success, self._believed.failure),
                tilted(summary.death, self._believed.death),
            )
        success, death = self._odds
        return success[:, option.route], death[:, option.route]

    def pay(self, option: Option) -> np.ndarray:
        """Believed over true pay of an option, by district; everybody knows what a city pays."""
        return np.ones(self.known.shape[0]) if option.channel == DOMESTIC_MOVE else self._believed.pay

    def extras(self, option: Option, success: np.ndarray) -> np.ndarray:
        """Utility of hoped-for papers and of feared sanctions by district; none of a way with papers."""
        if option.channel != IRREGULAR_WAY:
            return np.zeros(self.known.shape[0])
        params = self._world.params(ChannelParams)
        hope = params.papers * self._believed.papers[:, option.destination]
        fear: np.ndarray = params.sanction * (1.0 - success) * self._believed.sanction
        extra: np.ndarray = hope - fear
        return extra

    def set_slopes(self, k: int, option: Option, success: np.ndarray, death: np.ndarray) -> None:
        """Set the slopes of option `k`, at what its district believes.

        First order in the log odds of each topic (the log of the wage), to which a village's relative deviation is
        added: the derivative of the utility of `abm.choice.channel`.
        """
        if not self._learned or option.channel == DOMESTIC_MOVE:
            return
        params, believed = self._world.params(ChannelParams), self._believed
        self.slope[:, WAGE, k] = params.gain
        if option.channel == IRREGULAR_WAY:
            failure = 1.0 - success
            hope, fear = believed.papers[:, option.destination], believed.sanction
            self.slope[:, DEATH, k] = -params.harm * death * (1.0 - death)
            self.slope[:, FAILURE, k] = -params.gain * failure
            self.slope[:, PAPERS, k] = params.papers * hope * (1.0 - hope)
            self.slope[:, SANCTION, k] = -params.sanction * failure * fear * (1.0 - fear)
