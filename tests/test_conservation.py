"""People and money are conserved in every month, in any world that the configuration allows.

`take_census` counts heads and rupees from the columns at the end of each month. Its changes must be explained, to the
last person and rupee, by what the mechanisms booked: births, deaths, moves and payments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
import pytest
from strategies import configs
from worlds import Census, months_of, small_config, take_census

from abm.config import Config
from abm.kernels.states import (
    T_BIRTHS,
    T_DEATHS,
    T_DEATHS_ABROAD,
    T_DEATHS_IN_CITY,
    T_DEPORTATIONS,
    T_DOMESTIC_RETURNS,
    T_RETURNS,
)
from abm.model import Model, Tables
from abm.schedule import OUTCOMES
from abm.world.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.world.state import World

LIVELY: dict[str, Any] = {
    "months": 60,
    "scale": 0.004,
    "aspiration": {"consideration": 0.2},
    "channel": {"irregular_constant": 3.0},
    "interception": {"danger": 5.0},
    "diaspora": {"deportation": 5.0},
    "demography": {"worker_mortality": 0.02},
}
"""Settings under which all that can happen to a migrant happens to many."""


@dataclass(frozen=True)
class Booked:
    """Persons whom the mechanisms booked in a month, by district."""

    births: np.ndarray
    deaths_home: np.ndarray
    deaths_city: np.ndarray
    deaths_abroad: np.ndarray
    deaths_en_route: np.ndarray
    returns: np.ndarray
    returns_city: np.ndarray
    deportations: np.ndarray
    sent_home: np.ndarray
    arrivals: np.ndarray
    legal: np.ndarray
    sponsored: np.ndarray
    irregular: np.ndarray
    overstays: np.ndarray
    onward: np.ndarray
    to_city: np.ndarray


def booked(world: World) -> Booked:
    """What the mechanisms booked in the month that ended."""
    sums, flows = world.sums, world.flows.sum(axis=2)
    return Booked(
        births=sums[:, T_BIRTHS],
        deaths_home=sums[:, T_DEATHS],
        deaths_city=sums[:, T_DEATHS_IN_CITY],
        deaths_abroad=sums[:, T_DEATHS_ABROAD],
        deaths_en_route=world.figures["deaths_en_route"],
        returns=sums[:, T_RETURNS],
        returns_city=sums[:, T_DOMESTIC_RETURNS],
        deportations=sums[:, T_DEPORTATIONS],
        sent_home=world.figures["sent_home"],
        arrivals=world.figures["irregular_arrivals"],
        legal=flows[:, LEGAL_WORK],
        sponsored=flows[:, SPONSORSHIP],
        irregular=flows[:, IRREGULAR_WAY],
        overstays=flows[:, OVERSTAY],
        onward=world.figures["onward_departures"],
        to_city=flows[:, DOMESTIC_MOVE],
    )


def check_people(before: Census, after: Census, month: Booked) -> None:
    """Every change of a place is explained by who came and who went."""
    came_home = month.returns + month.deportations + month.sent_home
    went_abroad = month.legal + month.sponsored + month.irregular + month.overstays
    explained = {
        "home": month.births - month.deaths_home + came_home + month.returns_city - went_abroad - month.to_city,
        "city": month.to_city - month.returns_city - month.deaths_city,
        "abroad": month.legal
        + month.sponsored
        + month.overstays
        + month.arrivals
        - month.onward
        - month.returns
        - month.deportations
        - month.deaths_abroad,
        "under_way": month.irregular + month.onward - month.arrivals - month.sent_home - month.deaths_en_route,
        "residents": month.births - month.deaths_home - month.deaths_city + came_home - went_abroad,
        "people": month.births - month.deaths_home - month.deaths_city - month.deaths_abroad - month.deaths_en_route,
    }
    for place, change in explained.items():
        now, then = getattr(after, place), getattr(before, place)
        if place == "home":  # who leaves a household to form another is between the two for a while
            now, then = now + after.pool, then + before.pool
        np.testing.assert_array_equal(now - then, change, place)


def check_nothing_negative(world: World, census: Census) -> None:
    """No place holds fewer than nobody, no household fewer than nobody or less than no money."""
    for name in ("home", "city", "abroad", "under_way", "dead", "jobs"):
        assert (getattr(census, name) >= 0).all(), name
    assert (world.households.assets >= 0).all(), "savings"
    assert (world.households.debt >= 0).all(), "debts"
    assert (census.jobs <= census.workers).all()
    assert world.households.in_city.sum(dtype=np.int64) == census.city.sum()


def check_money(world: World, before: tuple[dict[str, int], dict[str, int]]) -> None:
    """Flows of the month explain every change of a balance; none is negative; the books close."""
    ledger = world.ledger
    balances = dict(before[0])
    for (payer, payee, kind), amount in ledger.flows.items():
        assert amount > 0, kind
        balances[payer] -= amount
        balances[payee] += amount
    assert balances == ledger.balances
    assert sum(ledger.balances.values()) == 0
    lent = sum(amount for (payer, _, _), amount in ledger.flows.items() if payer == "lenders")
    repaid = sum(amount for (_, payee, _), amount in ledger.flows.items() if payee == "lenders")
    assert ledger.claims["lenders"] - before[1]["lenders"] >= lent - repaid  # the rest is interest


def check_every_month(config: Config) -> tuple[World, set[str]]:
    """Run a configuration and hold every month to account; gives the world at the end and all kinds of payments."""
    model = Model(config)
    world, kinds = model.world, set()
    assert world.check() == []
    census, begun = take_census(world), 0
    ended = np.zeros(3, np.int64)
    money = (dict(world.ledger.balances), dict(world.ledger.claims))
    for _ in months_of(model):
        assert world.check() == [], f"month {world.t}"
        now, month = take_census(world), booked(world)
        check_people(census, now, month)
        check_nothing_negative(world, now)
        check_money(world, money)
        assert int(now.assets.sum()) == world.ledger.balances["households"]
        assert int(now.debts.sum()) == world.ledger.claims["lenders"]
        begun += int(month.irregular.sum() + month.onward.sum())
        ended += [int(part.sum()) for part in (month.arrivals, month.deaths_en_route, month.sent_home)]
        assert begun == ended.sum() + now.under_way.sum(), "journeys begun = arrived + died + sent home + under way"
        kinds |= {kind for _, _, kind in world.ledger.flows}
        census, money = now, (dict(world.ledger.balances), dict(world.ledger.claims))
    return world, kinds


@hypothesis.given(config=configs())
@hypothesis.settings(
    max_examples=25,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)
def test_any_valid_configuration_conserves_people_and_money(config: Config):
    check_every_month(config)


def test_a_lively_world_conserves_people_and_money():
    """The property above could hold because nothing happens; here everything does."""
    world, kinds = check_every_month(small_config(**LIVELY))
    national = world.record.national_series()
    for name in ("legal_departures", "sponsored_departures", "domestic_moves", "irregular_departures"):
        assert national[name].sum() > 100, name
    for name in ("irregular_arrivals", "interceptions", "deaths_en_route", "deportations", "returns", "deaths_abroad"):
        assert national[name].sum() > 0, name
    assert (world.households.dead > 0).any()
    assert {"wages", "remittances", "consumption", "houses", "loan", "repayment", "legal fee", "smuggling fee"} <= kinds
    assert {"domestic remittances", "expense shocks", "endowment", "sponsorship", "move to a city"} <= kinds


@dataclass(frozen=True)
class Lively:
    """A lively world at its end, its tables, and the payments of every month."""

    world: World
    tables: Tables
    payments: list[dict[tuple[str, str, str], int]]


@pytest.fixture(scope="module")
def lively() -> Lively:
    model = Model(small_config(**LIVELY))
    payments = [world.ledger.flows for world in months_of(model)]
    return Lively(model.world, model.tables(), payments)


class TestTables:
    """The same accounts from the tables that a user sees.

    Stocks are taken after the household pass: returns and deaths of the month are in, its departures and arrivals are
    not yet. Persons under way are counted at the end of the month.
    """

    def test_journeys(self, lively: Lively):
        national, route = lively.tables["national"], lively.tables["route"]
        ended = national["irregular_arrivals"] + national["sent_home"] + national["deaths_en_route"]
        begun = national["irregular_departures"] + national["onward_departures"]
        under_way = np.cumsum(begun) - np.cumsum(ended)
        np.testing.assert_array_equal(under_way, national["under_way"])
        months = len(national["month"])
        for of_route, of_nation in [
            ("arrivals", "irregular_arrivals"),
            ("interceptions", "interceptions"),
            ("deaths", "deaths_en_route"),
        ]:
            np.testing.assert_array_equal(route[of_route].reshape(months, -1).sum(axis=1), national[of_nation])
        np.testing.assert_array_equal(route["departures"].reshape(months, -1).sum(axis=1), begun)

    def test_persons_abroad(self, lively: Lively):
        district = lively.tables["district"]
        came = district["irregular_arrivals"] + district["legal_departures"] + district["sponsored_departures"]
        came = came + district["overstays"]
        went = (
            district["returns"] + district["deportations"] + district["deaths_abroad"] + district["onward_departures"]
        )
        months = len(lively.tables["national"]["month"])
        abroad, came, went = (part.reshape(months, -1) for part in (district["persons_abroad"], came, went))
        np.testing.assert_array_equal(abroad[1:] - abroad[:-1], came[:-1] - went[1:])

    def test_persons_abroad_have_papers_or_not(self, lively: Lively):
        district = lively.tables["district"]
        np.testing.assert_array_equal(
            district["persons_abroad"], district["diaspora_legal"] + district["diaspora_irregular"]
        )

    def test_flows_are_the_departures(self, lively: Lively):
        tables = lively.tables
        flows, national = tables["flows"], tables["national"]
        for channel, outcome in [
            ("legal_work", "legal_departures"),
            ("sponsorship", "sponsored_departures"),
            ("domestic", "domestic_moves"),
            ("irregular", "irregular_departures"),
            ("overstay", "overstays"),
        ]:
            mine = flows["channel"] == channel
            assert flows["persons"][mine].sum() == national[outcome].sum()
            by_district = {
                str(unit): int(flows["persons"][mine & (flows["origin"] == unit)].sum())
                for unit in set(flows["origin"])
            }
            expected = tables["district"]
            for unit, persons in by_district.items():
                assert expected[outcome][expected["unit"] == unit].sum() == persons

    def test_departures_by_wealth_are_all_who_went_abroad(self, lively: Lively):
        national = lively.tables["national"]
        by_wealth = sum(national[f"departures_wealth_{k}"] for k in range(1, 6))
        channels = ("legal_departures", "sponsored_departures", "irregular_departures", "overstays")
        np.testing.assert_array_equal(by_wealth, sum(national[name] for name in channels))
        by_wealth = sum(national[f"households_wealth_{k}"] for k in range(1, 6))
        np.testing.assert_array_equal(by_wealth, national["households"])

    def test_national_figures_are_sums_and_weighted_means_of_the_districts(self, lively: Lively):
        tables = lively.tables
        months = len(tables["national"]["month"])
        for name, found in OUTCOMES.items():
            if found.over != "district":
                continue
            parts = tables["district"][name].reshape(months, -1)
            if found.mean_of is None:
                np.testing.assert_array_equal(parts.sum(axis=1), tables["national"][name], name)
            else:
                weight = tables["district"][found.mean_of].reshape(months, -1)
                expected = (parts * weight).sum(axis=1) / weight.sum(axis=1)
                assert tables["national"][name] == pytest.approx(expected, rel=1e-12), name

    def test_what_offices_and_households_receive_is_in_the_ledger(self, lively: Lively):
        national = lively.tables["national"]
        for outcome, flow in [
            ("smuggling_revenue", ("households", "offices", "smuggling fee")),
            ("remittances", ("employers_abroad", "households", "remittances")),
        ]:
            np.testing.assert_array_equal(national[outcome], [month.get(flow, 0) for month in lively.payments])
        assert sum(office.revenue for office in lively.world.offices) == national["smuggling_revenue"].sum() > 0
