"""Beliefs in the choice of a way out: in full by district, and by village as a slope around its district."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.beliefs import Beliefs, perceived, tilted
from abm.beliefs.kernels.beliefs import DEATH, FAILURE, PAPERS, SANCTION, TOPICS, WAGE
from abm.choice.channel_params import ChannelParams
from abm.market import OffersState
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, Option

if TYPE_CHECKING:
    from abm.beliefs import Perceived
    from abm.world.state import World


class BelievedOptions:
    """Perceived value of the options of a month.

    Parameters
    ----------
    world
        The world, with the month's values of legs.

    Attributes
    ----------
    slope
        Change in an option's utility for a village whose belief on a topic is twice its district's, by district, topic
        and option; zero if beliefs are off.
    known
        Mean ratio of perceived to true value by district and topic, from which villages deviate.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._believed: Perceived = perceived(world)
        self._odds: tuple[np.ndarray, np.ndarray] | None = None
        self._learned = world.config.enabled(Beliefs.section)
        self.slope = np.zeros((world.district_count, len(TOPICS), len(world.options)))
        self.known = self._believed.mean

    def odds(self, option: Option) -> tuple[np.ndarray, np.ndarray]:
        """Believed chances of success and of death on an irregular way, by district.

        Parameters
        ----------
        option
            An option with a route. The offers of the month hold its true chances of finally arriving, over all attempts
            of a contract, and of dying.
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
        """Ratio of believed to true pay of an option, by district; pay in a city is known to all."""
        return np.ones(self.known.shape[0]) if option.channel == DOMESTIC_MOVE else self._believed.pay

    def extras(self, option: Option, success: np.ndarray) -> np.ndarray:
        """Utility of hoped-for papers and feared sanctions by district; zero for ways with papers."""
        if option.channel != IRREGULAR_WAY:
            return np.zeros(self.known.shape[0])
        params = self._world.params(ChannelParams)
        hope = params.papers * self._believed.papers[:, option.destination]
        fear: np.ndarray = params.sanction * (1.0 - success) * self._believed.sanction
        extra: np.ndarray = hope - fear
        return extra

    def set_slopes(self, k: int, option: Option, success: np.ndarray, death: np.ndarray) -> None:
        """Set the slopes of option `k` at the district's beliefs.

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
