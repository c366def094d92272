"""Flows to Europe do not hang on a threshold: a tenth more or less search moves them, and does not make or end them.

Most are stopped, crowds dilute guards, and word of a way spreads by those who went it: all of these feed on themselves.
Three pairs of runs of twenty years, two minutes in all.
"""

from __future__ import annotations

import numpy as np

from abm.config import make_config
from abm.model import simulate

SEEDS = (1, 2)


def entries(efficiency: float) -> float:
    """Entries into Europe in the last three of twenty years, mean over seeds."""
    values = {"population": {"scale": 0.005}, "interception": {"efficiency": efficiency}}
    runs = (simulate(make_config(end="2028-12", seed=seed, **values))["national"] for seed in SEEDS)
    return float(np.mean([run["europe_entries"][-36:].sum() for run in runs]))


def test_a_tenth_of_the_search_moves_entries_by_less_than_two_thirds_in_twenty_years() -> None:
    usual = make_config().interception.efficiency
    less, as_it_is, more = (entries(times * usual) for times in (0.9, 1.0, 1.1))
    assert 1.0 < less / as_it_is < 5 / 3
    assert 0.6 < more / as_it_is < 1.0
