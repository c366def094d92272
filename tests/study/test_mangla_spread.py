"""What spreads from the dam of 1960 until the census: the catchment emerges with it, and not without."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from spread import abroad_per_capita, catchment_ratio, partial_rank_correlation
from test_mangla import CONFIG, made_by_the_dam

from abm.config import load_config
from abm.model import simulate
from abm.places.geography import load_units


@cache
def last_month(seed: int, *switches: str) -> pd.DataFrame:
    """Table of districts in December 2017: in a smaller sample chance decides where the first permits go."""
    off = [f"mechanisms.{name}.enabled=false" for name in switches]
    table = pd.DataFrame(simulate(load_config(CONFIG, off, seed=seed))["district"])
    return table[table["month"] == np.datetime64("2017-12")]


def ratios(*switches: str) -> np.ndarray:
    """Ratio of the catchment and its neighbours to the rest of Punjab, three seeds."""
    return np.array([catchment_ratio(last_month(seed, *switches), "2017-12", load_units()) for seed in (1, 2, 3)])


class TestTheCatchmentEmerges:
    def test_with_the_dam(self):
        print(ratios())
        assert ratios().mean() > 2.0

    def test_not_without_the_dam(self):
        print(ratios("displacement"))
        assert ratios("displacement").mean() < 1.3

    def test_not_without_demonstration_and_ties(self):
        assert ratios("demonstration", "ties").mean() < 1.3

    def test_it_agrees_with_the_census_given_poverty_and_literacy(self):
        """The mean of three maps; how sure that is over seeds and over districts, docs/validation.md tells."""
        units = load_units()
        punjab = units.province == "punjab"
        census = (units.persons_abroad_2017 / units.population_2017)[punjab]
        rates = np.mean(
            [abroad_per_capita(last_month(seed), "2017-12").loc[list(units.unit[punjab])] for seed in (1, 2, 3)], axis=0
        )
        found = partial_rank_correlation(rates, census, [units.poverty[punjab], units.literacy[punjab]])
        print(found)
        assert found > 0.1


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_permits_make_ties_houses_and_sponsors_where_the_dam_is(seed: int):
    assert made_by_the_dam(seed) == {"ties_mean", "visible_house_share", "demonstration_mean", "remittances"}
