"""How offices answer: prices, care, growth, and where they open and move."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from markets import offices_of
from scenes import LEFT, MIDDLE, RIGHT, put_offices, world_of_three

from abm.market.kernels.offices import adapt
from abm.market.office_entry import OfficeEntryState, demand_beyond, enter, move_house, open_first
from abm.market.offices import Offices
from abm.market.outcomes import OfficesOutcomes
from abm.market.referral import ReferralState
from abm.market.tables import MarketTables
from abm.society.drivers import Drivers
from abm.world.codes import OFFICE_CONVICTED, OFFICE_OPEN, T_AWAY, T_MEMBERS
from abm.world.state import World


def adapted(count: int, *, speed: float = 1.0, legal: float = 1.0, fade: float = 0.0, **values: Any) -> Any:
    """Offices of ten places after a month in which they close the whole of every gap; `values` by office."""
    offices = offices_of(count, **({"asked": 10, "revenue": 2, "spent": 1} | values))
    adapt(offices, np.arange(count), speed, 0.45 * legal, 0.35, 0.04, 150.0, fade, 20.0, 0.6, 24.0)
    return offices


class TestConduct:
    def test_the_markup_rises_with_the_load(self):
        """By its logarithm, within a fifth and five times the places."""
        offices = adapted(5, asked=[0, 5, 10, 30, 900])
        load = np.array([0.2, 0.5, 1.0, 3.0, 5.0])
        np.testing.assert_allclose(offices.markup, 0.45 * (1.0 + 0.35 * np.log(load)))
        assert (np.diff(offices.markup) > 0.0).all()

    def test_those_who_wait_are_part_of_the_load(self):
        assert adapted(1, asked=5, waiting=15).load[0] == 2.0

    def test_integrity_and_reputation_raise_care_and_fear_of_arrest_lowers_it(self):
        plain, honest, known, feared = adapted(
            4, integrity=[0.2, 0.8, 0.2, 0.2], ended=100.0, fulfilled=[50.0, 50.0, 100.0, 50.0], risk=[0, 0, 0, 0.1]
        ).quality
        assert honest > plain + 0.1 and known > plain + 0.05
        assert feared == pytest.approx(plain / (1.0 + 0.1 * 24.0)), "months that it expects against the horizon"

    def test_reputation_is_the_record_beside_what_newcomers_are_credited_with(self):
        offices = adapted(4, fulfilled=[0.0, 80.0, 0.0, 8_000.0], ended=[0.0, 80.0, 80.0, 8_000.0])
        np.testing.assert_allclose(offices.reputation, [0.6, 92 / 100, 12 / 100, 8_012 / 8_020])

    def test_a_record_fades(self):
        """So that an old office, too, lives from what it did lately."""
        fresh, faded = (adapted(1, ended=80.0, fulfilled=80.0, fade=fade).reputation[0] for fade in (0.0, 0.5))
        assert fresh > faded == pytest.approx(52 / 60)

    def test_only_those_busy_that_earn_grow_and_the_idle_shrink(self):
        offices = adapted(
            6, asked=[20, 20, 20, 10, 2, 400], revenue=[2, 1, 2, 2, 2, 2], spent=[1, 2, 1, 1, 1, 1],
            capital=[1, 1, -1, 1, 1, 1], capacity=[10, 10, 10, 10, 10, 150],
        )  # fmt: skip
        np.testing.assert_allclose(offices.capacity, [10.4, 10, 10, 10, 9.6, 150])

    def test_a_dearer_legal_way_lets_offices_ask_more(self):
        """Paired: the same world with contracts at three times their fee from the second month on."""
        lever = {"lever": "legal_fee", "from": "2009-02", "value": 3.0}
        usual, dear = (
            world_of_three(7, levers=levers).figures[OfficesOutcomes.markup_mean] for levers in ([], [lever])
        )
        assert dear > 1.1 * usual


def unserved(world: World, busy: int, idle: int) -> None:
    """Three times as many ask as there are places in one district, a third in another; in the last as many."""
    load = {busy: 3.0, idle: 1.0 / 3.0}
    put_offices(world, [MIDDLE, LEFT, RIGHT], load=[load.get(district, 1.0) for district in range(3)])


class TestEntry:
    ENTRY: ClassVar[dict[str, Any]] = {"offices": {"entry": 1.0, "speculative_entry": 0.0}}

    def test_demand_is_left_where_more_ask_than_there_are_places(self):
        world = world_of_three(0)
        unserved(world, busy=LEFT, idle=RIGHT)
        np.testing.assert_allclose(demand_beyond(world), [0.0, 20.0, 0.0])

    @pytest.mark.parametrize(("busy", "idle"), [(LEFT, RIGHT), (RIGHT, LEFT), (MIDDLE, LEFT)])
    def test_offices_open_where_clients_are_left_over_and_none_where_places_are_idle(self, busy: int, idle: int):
        world = world_of_three(1, **self.ENTRY)
        world[OfficeEntryState].gain, world[OfficeEntryState].unserved = 1e6, np.zeros(3)
        unserved(world, busy, idle)
        entries = enter(world)
        assert entries[busy] == entries.sum() >= 3
        assert (world[MarketTables].offices.state == OFFICE_OPEN).sum() == 3 + entries.sum()

    def test_none_opens_where_one_more_would_not_earn(self):
        world = world_of_three(1, **self.ENTRY)
        for gain, some in ((1e6, True), (0.0, False), (-1e6, False)):
            world[OfficeEntryState].gain, world[OfficeEntryState].unserved = gain, np.zeros(3)
            unserved(world, busy=LEFT, idle=RIGHT)
            assert bool(enter(world).sum()) == some

    @pytest.mark.parametrize(
        ("europe", "iran", "expected"),
        [
            ((0, 200, 400), (0, 0, 0), (0, 100, 200)),
            ((100, 200, 0), (9_000, 0, 9_000), (100, 200, 0)),
            ((0, 0, 0), (0, 0, 9_000), (100, 100, 100)),
        ],
    )
    def test_at_the_start_they_stand_where_those_who_went_without_papers_come_from(
        self, europe: tuple[int, ...], iran: tuple[int, ...], expected: tuple[int, ...]
    ):
        """Beyond Iran, where people go alone; as many in all, and everywhere alike where nobody went.

        How many are abroad with papers makes no difference.
        """
        world = world_of_three(0, offices={"opening": 100.0})
        world.sums[:, T_MEMBERS], world.sums[:, T_AWAY] = 1_000_000, 0
        world.stock[:] = 0
        world.stock[[LEFT, RIGHT], 0, 0] = [20_000, 40_000]
        row = {facts.key: k for k, facts in enumerate(world.destination_facts)}
        went = world[ReferralState].went
        went[:] = 0.0
        went[:, row["germany"]], went[:, row["iran"]] = europe, iran
        put_offices(world, [])
        open_first(world)
        counts = np.bincount(
            world[MarketTables].offices.district[world[MarketTables].offices.state == OFFICE_OPEN], minlength=3
        )
        assert np.abs(counts - expected).max() <= 1


class TestPursued:
    def moved(self, load: list[float], **values: Any) -> np.ndarray:
        """Districts of one office in the middle that is pursued, and of four that are not, after a month."""
        world = world_of_three(0, offices={"relocation": 1.0})
        risks = {"risk": [0.5, 0.01, 0.01, 0.01, 0.01]} | values
        put_offices(world, [MIDDLE, MIDDLE, LEFT, RIGHT, RIGHT], load=load, **risks)
        move_house(world)
        return world[MarketTables].offices.district[:5]

    def test_they_move_to_the_neighbour_with_most_demand_unserved(self):
        assert self.moved([1.0, 1.0, 3.0, 1.5, 1.0]).tolist() == [LEFT, MIDDLE, LEFT, RIGHT, RIGHT]
        assert self.moved([1.0, 1.0, 1.5, 3.0, 1.0]).tolist() == [RIGHT, MIDDLE, LEFT, RIGHT, RIGHT]

    def test_they_stay_where_no_neighbour_has_more_demand(self):
        assert self.moved([3.0, 3.0, 1.5, 1.5, 1.5])[0] == MIDDLE
        assert self.moved([1.0, 1.0, 0.5, 0.5, 0.5])[0] == MIDDLE

    def test_those_not_pursued_more_than_others_stay(self):
        assert self.moved([1.0, 1.0, 3.0, 1.5, 1.0], risk=0.5)[0] == MIDDLE

    @pytest.mark.parametrize(("succession", "left"), [(1.0, [5.0]), (0.0, [])])
    def test_associates_carry_on_a_convicted_office_at_half_the_size(self, succession: float, left: list[float]):
        none = {"entry": 0.0, "speculative_entry": 0.0, "lean_exit": 0.0}
        world = world_of_three(1, offices=none | {"succession": succession})
        put_offices(world, [LEFT], state=OFFICE_CONVICTED)
        world.open_month()
        Drivers.step(world)
        Offices.step(world)
        here = world[MarketTables].offices.state == OFFICE_OPEN
        assert world[MarketTables].offices.capacity[here].tolist() == left
        assert (world[MarketTables].offices.district[here] == LEFT).all()
