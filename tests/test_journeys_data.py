"""Micro-data of journeys agree with the tables, and give fee, attempts, wealth and credit of those who leave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import busy_config
from worlds import months_of

from abm.journeys.journey_log import SCHEMES
from abm.model import Model, Tables
from abm.places.places import places_of
from abm.routes.travel import TravelState
from abm.world.codes import ALONE
from abm.world.state import World

MONTHS = 30

OFFERS = {"credit_taste": 0.0, "alone_taste": -2.0}
"""Some pay in every way, and some go alone, although the border is far."""

Rows = dict[str, np.ndarray]


class Run:
    """A finished run with its journeys: those that ended, from the table, and those still under way."""

    def __init__(self, **values: Any) -> None:
        model = Model(busy_config(months=MONTHS, outputs={"journeys": True}, **values))
        for world in months_of(model):
            self.world: World = world
        self.tables: Tables = model.tables()
        self.log: Rows = self.tables["journeys"]
        self.national = self.tables["national"]
        self.month = self.national["month"].astype("datetime64[M]")
        self.routes = [route.key for route in self.world.route_facts]
        columns, count = self.world[TravelState].journeys.columns, self.world[TravelState].journeys.count
        log, under_way = self.log, {name: getattr(columns, name)[:count] for name in columns._fields}
        self.begun: Rows = {
            "month": np.concatenate([log["month"], self.month[0] + under_way["started"].astype(np.int64)]),
            "route": np.concatenate([log["route"], np.array(self.routes)[under_way["route"]]]),
            "persons": np.concatenate([log["persons"], under_way["persons"]]).astype(np.int64),
            "scheme": np.concatenate([log["scheme"], np.array(SCHEMES)[under_way["scheme"]]]),
            "fee": np.concatenate([log["fee"], under_way["fee"]]).astype(np.int64),
            "from_home": np.concatenate([log["begun_in"] == "pakistan", under_way["origin"] < 0]),
            "attempts": np.concatenate([log["attempts"], under_way["attempt"]]).astype(np.int64),
        }
        """All journeys of the run; those under way with the attempts made so far."""

    def by_month_and_route(self, rows: Rows, when: str, chosen: np.ndarray) -> np.ndarray:
        """Persons of rows, shape (months, routes)."""
        found = np.zeros((MONTHS, len(self.routes)), np.int64)
        place = {key: r for r, key in enumerate(self.routes)}
        months = (rows[when][chosen].astype("datetime64[M]") - self.month[0]).astype(np.int64)
        np.add.at(found, (months, [place[str(key)] for key in rows["route"][chosen]]), rows["persons"][chosen])
        return found

    def route(self, name: str) -> np.ndarray:
        """A column of the table by route, shape (months, routes)."""
        assert self.tables["route"]["route"][: len(self.routes)].tolist() == self.routes
        return self.tables["route"][name].reshape(MONTHS, len(self.routes))


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(offers=OFFERS)


class TestAgreement:
    def test_every_journey_begun_is_in_the_table_once_it_has_ended(self, run: Run):
        everybody = np.ones(run.begun["month"].size, bool)
        found = run.by_month_and_route(run.begun, "month", everybody)
        np.testing.assert_array_equal(found, run.route("departures"))
        from_home = run.by_month_and_route(run.begun, "month", run.begun["from_home"])
        np.testing.assert_array_equal(from_home.sum(axis=1), run.national["irregular_departures"])
        assert run.national["onward_departures"].sum() > 0

    @pytest.mark.parametrize(("outcome", "column"), [("arrived", "arrivals"), ("died", "deaths")])
    def test_ends_by_route(self, run: Run, outcome: str, column: str):
        found = run.by_month_and_route(run.log, "ended", run.log["outcome"] == outcome)
        np.testing.assert_array_equal(found, run.route(column))
        assert found.sum() > 0

    def test_those_stranded_were_pushed_back_over_a_border_abroad(self, run: Run):
        """On the way to Greece, Italy, Germany or beyond; never on the way to Iran or Turkey."""
        stays = np.unique(run.log["route"][run.log["outcome"] == "stranded"])
        beyond = {route.key for route in places_of().routes if any(leg.pushed_back for leg in route.legs)}
        assert stays.size and set(stays.tolist()) <= beyond

    def test_ends_by_month(self, run: Run):
        names = {"arrived": "irregular_arrivals", "died": "deaths_en_route", "sent_home": "sent_home"}
        names["stranded"] = "stranded"
        for outcome, name in names.items():
            found = run.by_month_and_route(run.log, "ended", run.log["outcome"] == outcome).sum(axis=1)
            np.testing.assert_array_equal(found, run.national[name])

    def test_ways_to_pay(self, run: Run):
        for scheme in ("alone", "escrow", "credit"):
            chosen = run.begun["from_home"] & (run.begun["scheme"] == scheme)
            found = run.by_month_and_route(run.begun, "month", chosen).sum(axis=1)
            np.testing.assert_array_equal(found, run.national[f"departures_{scheme}"])
            assert found.sum() > 0

    def test_attempts(self, run: Run):
        """A first one for everybody, and the further ones."""
        made = int((run.begun["persons"] * run.begun["attempts"]).sum())
        assert made == run.route("tries").sum()
        assert made == run.begun["persons"].sum() + run.national["further_attempts"].sum()

    def test_months_of_the_way(self, run: Run):
        arrived = run.log["outcome"] == "arrived"
        rows = {**run.log, "persons": run.log["persons"] * run.log["months"]}
        months, persons = (run.by_month_and_route(table, "ended", arrived) for table in (rows, run.log))
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(months / persons, run.route("months_mean"))


class TestMeasures:
    """What the source of a policy study would ask of the micro-data."""

    def test_median_fee(self, run: Run):
        """Of the persons who leave with an office in each month, as the table by month has it."""
        contract = run.begun["from_home"] & (run.begun["scheme"] != SCHEMES[ALONE])
        months = 0
        for t, month in enumerate(run.month):
            mine = contract & (run.begun["month"] == month)
            if not mine.any():
                assert np.isnan(run.national["fee_median"][t])
                continue
            each = np.sort(np.repeat(run.begun["fee"][mine], run.begun["persons"][mine]))
            below, above = each[(each.size - 1) // 2], each[each.size // 2]
            assert below <= run.national["fee_median"][t] <= above
            months += 1
        assert months > 12

    def test_share_with_credit_and_escrow(self, run: Run):
        contract = run.begun["from_home"] & (run.begun["scheme"] != SCHEMES[ALONE])
        persons = run.by_month_and_route(run.begun, "month", contract).sum(axis=1)
        for scheme in ("credit", "escrow"):
            chosen = contract & (run.begun["scheme"] == scheme)
            with np.errstate(invalid="ignore"):
                share = run.by_month_and_route(run.begun, "month", chosen).sum(axis=1) / persons
            np.testing.assert_allclose(share, run.national[f"{scheme}_share"])

    def test_attempts_a_contract(self, run: Run):
        """Between one and what the contract includes; more where more of those on the way are stopped."""
        log = run.log
        mean = np.average(log["attempts"], weights=log["persons"])
        assert 1.0 < mean < 3.0
        included = {"upfront": 2, "escrow": 3, "credit": 2, "alone": 1}
        most = np.array([included[str(scheme)] for scheme in log["scheme"]])
        assert (log["attempts"] >= 1).all() and (log["attempts"] <= most).all()
        harder = Run(offers=OFFERS, interception={"efficiency": 3.0}).log
        assert np.average(harder["attempts"], weights=harder["persons"]) > mean + 0.1

    def test_selectivity_by_wealth(self, run: Run):
        """Quintiles are those of the tables, and the dear ways are taken by the wealthier."""
        log = run.log
        assert set(np.unique(log["wealth"]).tolist()) <= {1, 2, 3, 4, 5}
        with_office = (log["scheme"] != "alone") & (log["begun_in"] == "pakistan")
        dear = with_office & (log["fee"] > np.quantile(log["fee"][with_office], 0.75))
        cheap = with_office & (log["fee"] < np.quantile(log["fee"][with_office], 0.25))
        ranks = [np.average(log["wealth"][chosen], weights=log["persons"][chosen]) for chosen in (dear, cheap)]
        assert ranks[0] > ranks[1]

    def test_credit_is_taken_by_the_poorer(self, run: Run):
        """Those who pay upfront are wealthier than those who borrow from the office."""
        log = run.log
        ways = [(log["begun_in"] == "pakistan") & (log["scheme"] == scheme) for scheme in ("upfront", "credit")]
        upfront, credit = (np.average(log["wealth"][way], weights=log["persons"][way]) for way in ways)
        assert upfront > credit + 0.1


class TestMoney:
    def test_what_was_paid_and_what_is_owed(self, run: Run):
        """Upfront the fee, in escrow the deposit, on credit the advance, and ransoms; debt on credit alone."""
        log = run.log
        assert ((log["debt"] > 0) == (log["scheme"] == "credit")).all()
        credit = log["scheme"] == "credit"
        assert (log["debt"][credit] < log["fee"][credit]).all()
        # a row pays a multiple of the households it stands for: up to a rupee of each is left over
        least = log["fee"] - log["debt"] - int(run.world.weight.max()) - 1
        from_home = log["begun_in"] == "pakistan"
        assert (log["paid"][from_home] >= least[from_home]).all()
        on_the_way = log["paid"] - (log["fee"] - log["debt"])
        assert 0.0 < (on_the_way[from_home] > 0).mean() < 0.5, "some families pay a ransom"


def test_without_the_option_there_is_no_such_table():
    model = Model(busy_config(months=1))
    model.step()
    assert "journeys" not in model.tables()
    model.close()
