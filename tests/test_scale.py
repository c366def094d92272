"""The sampling fraction does not matter: a sample of 0.2 % or 5 % counts as many departures as one of 1 %.

The full study, 20 seeds over 240 months, is `python tests/scale_study.py`; here four seeds and five years stand for it.
Four seeds leave a wide interval (Student's t), so here it must not lie outside [0.9, 1.1]; in the full study it lies
inside.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import scale_study
from worlds import small_config, take_census

from abm.model import Model
from abm.places.geography import population_at

pytestmark = pytest.mark.slow


def test_departures_do_not_depend_on_the_scale(record_property: Callable[[str, object], None]):
    found = scale_study.ratios(range(1, 5), months=60)
    print(f"\n{scale_study.tell(found)}")
    for (scale, channel), values in found.items():
        centre, low, high = scale_study.interval(values)
        record_property(f"{scale:g} {channel}", f"{centre:.3f} [{low:.3f}, {high:.3f}]")
        assert low <= 1.1 and high >= 0.9, f"{scale:g} {channel}: {centre:.3f} [{low:.3f}, {high:.3f}]"


@pytest.mark.parametrize("scale", [0.0005, 0.01, 0.3])
def test_people_do_not_depend_on_the_scale(scale: float):
    """Whole villages with whole weights: the residents of a district within 2 % at any scale."""
    config = small_config(scale=scale, village_households=200, months=1)
    model = Model(config)
    model.close()
    expected = population_at(model.world.units, config.start_month)
    assert take_census(model.world).residents == pytest.approx(expected, rel=0.02)
