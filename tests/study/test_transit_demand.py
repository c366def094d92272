"""Three times the travellers in transit make offices busy, and fees hardly move: markups answer, and offices open.

`pytest -s tests/study/test_transit_demand.py` prints the figures of docs/model/transit.md.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from test_transit import country, on_routes
from worlds import interval

from abm.model import Tables

MEASURES: dict[str, Callable[[Tables], float]] = {
    "load": lambda tables: tables["national"]["office_load"].mean(),
    "markup": lambda tables: tables["national"]["markup_mean"][3:].mean(),
    "offices": lambda tables: tables["national"]["offices"][3:].mean(),
    # a route counts as much as another, however dear
    "fee": lambda tables: float(np.exp(np.nanmean(np.log(on_routes(tables, "fee_quoted")[3:])))),
    "departures": lambda tables: on_routes(tables, "departures").sum(),
}


def test_threefold_demand_for_offices_makes_them_busy_and_hardly_dearer():
    """First year, 32 seeds; guards are left out, who would be diluted.

    Those in transit look for offices near the two districts where they enter; most offices that sell the shared routes
    are elsewhere. Where clients find no place offices open, so that supply answers more than the price does.
    """
    pairs = [[country(seed, 12, 0.0, 4.0, level) for level in (1.0, 3.0)] for seed in range(1, 33)]
    found = {name: interval(of(more) / of(usual) - 1.0 for usual, more in pairs) for name, of in MEASURES.items()}
    for name, (low, high) in found.items():
        print(f"{name}: {100 * low:+.1f} to {100 * high:+.1f} %")
    assert found["load"][0] > 0.03
    assert found["markup"][0] > 0.003
    assert found["offices"][0] > 0.0
    assert found["fee"][0] > -0.03 and found["fee"][1] < 0.03
    assert found["departures"][0] > -0.10 and found["departures"][1] < 0.05
