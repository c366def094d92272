"""Three times the travellers in transit make offices busy and dear, and fewer leave on the routes that they share."""

from __future__ import annotations

from test_transit import of_threefold_demand
from worlds import interval


def test_threefold_demand_for_offices_makes_them_busy_and_dear():
    """Thirty-two seeds; the figures are those of docs/model/transit.md."""
    found = of_threefold_demand(range(1, 33))
    print({name: interval(values) for name, values in found.items()})
    assert interval(found["load"])[0] > 0.03
    assert interval(found["markup"])[0] > 0.003
    assert interval(found["fee"])[0] > 0.0
    assert interval(found["departures"])[1] < 0.0
