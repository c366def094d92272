"""Settings of an experiment without effect: their mechanism is switched off in every scenario that has them."""

from __future__ import annotations

from collections.abc import Mapping

from abm.config import Config
from abm.config.idle import settings_of
from abm.config.yaml_source import YamlSource
from abm.engine.errors import Problem
from abm.experiments.check_factors import CheckedScenario


def idle_settings(
    scenarios: Mapping[str, CheckedScenario], source: YamlSource, base: YamlSource | None
) -> set[Problem]:
    """Find the settings that have no effect in any scenario; one that has some in one of them is in order.

    Parameters
    ----------
    scenarios
        As read and checked.
    source, base
        Files of the experiment and of its base, if there is one.
    """
    places: dict[bool, set[Problem]] = {True: set(), False: set()}
    for scenario in scenarios.values():
        for setting in settings_of(scenario.scenario.data, Config.catalogue):
            note = setting.note()
            placed = scenario.scenario.locate(note)
            if placed:
                places[setting.idle].add(source.problem(placed.message, placed.path))
            elif base:
                places[setting.idle].add(base.problem(note.message, note.path))
    return places[True] - places[False]
