"""Life abroad: sectors, papers, removal, return, overstaying and the way onward.

Runs of the whole country at 0.2 %, two years; differences are paired by seed, so that before a lever nothing differs.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import APART, PLAIN, months_of, small_config, take_census, visas_times

from abm import conservation
from abm.abroad.diaspora import DiasporaOutcomes, DiasporaState
from abm.abroad.events import MovesState
from abm.abroad.kernels.onward import fill_rates, settle_in
from abm.abroad.moves import MovesOutcomes
from abm.abroad.onward import OnwardOutcomes, OnwardState, Terms, Ways, onward_fees
from abm.config import Config
from abm.engine.errors import ConfigError
from abm.legal.labour_demand import LabourDemandState
from abm.market import MarketTables, OffersState
from abm.market.kernels.payments import can_pay_again
from abm.model import Model, Tables, simulate
from abm.places.place_models import multiples_of
from abm.places.places import places_of
from abm.routes.legs import LegsState
from abm.society.drivers import EconomyState
from abm.society.synthesis import stock_by_destination
from abm.world.codes import HIDDEN, IRREGULAR, NEWS_REGULARISED, SETTLED, STATUS_COUNT, WORKER
from abm.world.state import World

FROM = "2009-07"
FIRST_MONTHS = 6


def country(months: int = 24, levers: tuple[dict[str, Any], ...] = (), **values: Any) -> Config:
    mechanisms = APART | values.pop("mechanisms", {})
    return small_config(
        "pakistan",
        months=months,
        scale=0.002,
        village_households=50,
        levers=list(levers),
        mechanisms=mechanisms,
        **values,
    )


def lever(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {"lever": name, "from": FROM, "value": value, **more}


@cache
def baseline() -> Tables:
    return simulate(country())


def treated(*levers: dict[str, Any]) -> Tables:
    return _treated(json.dumps(levers))


@cache
def _treated(levers: str) -> Tables:
    return simulate(country(levers=tuple(json.loads(levers))))


def last_month(config: Config) -> World:
    return list(months_of(Model(config)))[-1]


def total(run: Tables, name: str, *, table: str = "national") -> int:
    """Sum of an outcome from the first month of the levers on."""
    return int(run[table][name][run[table]["month"] >= np.datetime64(FROM)].sum())


def at_end(run: Tables, name: str) -> np.ndarray:
    """An outcome of all destinations in the last month."""
    table = run["destination"]
    return table[name][table["month"] == table["month"].max()]


def hidden_share(run: Tables) -> float:
    hidden, in_open = at_end(run, "irregular_hidden").sum(), at_end(run, "irregular_open").sum()
    return float(hidden / (hidden + in_open))


LEFT = (
    DiasporaOutcomes.returns,
    DiasporaOutcomes.deportations,
    DiasporaOutcomes.deaths_abroad,
    OnwardOutcomes.onward_departures,
)


class TestConservation:
    def test_everybody_is_somewhere_and_every_move_is_counted(self):
        """Stock abroad this month = last month's + who came - who went, to the person, with every lever at work."""
        levers = (
            lever("regularisation", 0.5),
            lever("worksite_enforcement", 4, sectors="open"),
            lever("deportation", 2, where={"destination": ["iran", "saudi_arabia"]}),
        )
        config = country(18, levers, onward={"rate": 0.05})
        before = None
        gone = dict.fromkeys(("regularised", "onward", "hid", "opened", "lapsed", "joined"), 0)
        switches = {"lapsed": WORKER, "joined": WORKER, "hid": IRREGULAR, "opened": HIDDEN}
        for world in months_of(Model(config)):
            assert conservation.check(world) == []
            census, figures = take_census(world), world.figures
            came = world.entrants[:-1].sum()  # after the stock of the month is taken
            assert census.abroad.sum() == figures[DiasporaOutcomes.persons_abroad].sum() + came
            assert figures[DiasporaOutcomes.persons_abroad].sum() == world.stock[:, :-1].sum()
            moves = world[MovesState].month
            for name in gone:
                mine = moves.status == switches.get(name, SETTLED)
                if name in ("lapsed", "joined"):
                    mine &= (world.destination_table.settling > 0.0)[moves.destination] == (name == "joined")
                switched = moves.switched[mine]
                gone[name] += int((switched if name in switches else getattr(moves, name)).sum())
            if before is not None:
                assert census.abroad.sum() == before + came - sum(figures[way].sum() for way in LEFT)
            before = census.abroad.sum()
        assert all(number > 0 for number in gone.values()), gone

    def test_the_table_of_destinations_adds_up_to_the_country(self):
        run = baseline()
        by_month = {
            name: run["destination"][name].reshape(24, -1).sum(axis=1)
            for name in ("legal", "irregular_open", "irregular_hidden", "deportations", "returns", "regularised")
        }
        national = run["national"]
        for name in ("deportations", "returns", "regularised"):
            assert (by_month[name] == national[name]).all()
        assert (by_month["legal"] == national["diaspora_legal"]).all()
        assert (by_month["irregular_open"] + by_month["irregular_hidden"] == national["diaspora_irregular"]).all()
        assert (by_month["irregular_hidden"] == national["diaspora_hidden"]).all()

    def test_segments_stay_sorted_without_doubles(self):
        world = last_month(country(8, (lever("regularisation", 2.0),)))
        villages, away = world.villages, world.away
        for first, count in zip(villages.segment_start, villages.segment_count, strict=True):
            part = slice(first, first + count)
            codes = (away.row[part].astype(int) * 64 + away.destination[part]) * 4 + away.status[part]
            assert (np.diff(codes) > 0).all()

    def test_events_and_news_tell_the_same_as_the_table(self):
        """Who is sent back, comes back or is given papers is counted there, by destination."""
        for world in months_of(Model(country(6))):
            table, moves = world.record.by_place["destination"], world[MovesState].month
            for name, persons in (
                ("deportations", moves.deported), ("returns", moves.returned), ("regularised", moves.regularised)
            ):  # fmt: skip
                told = np.bincount(moves.destination, persons, len(world.destination_facts))[:-1]
                assert (told == table[name][world.t]).all()
            _, persons, place, _ = world.news.of(NEWS_REGULARISED)
            told = np.bincount(place, persons, len(world.destination_facts))[:-1]
            assert (told == table["regularised"][world.t]).all()


class TestSectors:
    def test_crowding_lowers_pay_in_the_crowded_sector_alone(self):
        model = Model(country(1))
        iran = next(found for found in model.world.destinations if found.facts.key == "iran")

        def pays(**stocks: float) -> np.ndarray:
            iran.stocks[:] = [0, 0, stocks["in_open"], stocks["in_hidden"]]
            iran.update(1.0, 1.0, 1.0, (0.0, -0.2, -0.3), (1.0, 1.0))
            return iran.pays.copy()

        few, many = pays(in_open=40_000, in_hidden=40_000), pays(in_open=160_000, in_hidden=40_000)
        assert many[IRREGULAR] == pytest.approx(few[IRREGULAR] * 4**-0.2)
        assert many[HIDDEN] == few[HIDDEN]
        assert few[HIDDEN] < few[IRREGULAR] < few[WORKER]
        model.close()

    def test_pay_does_not_rise_where_fewer_work_than_there_are_jobs(self):
        model = Model(country(1))
        iran = next(found for found in model.world.destinations if found.facts.key == "iran")
        iran.stocks[:] = [0, 0, 1, 1]
        iran.update(1.0, 1.0, 1.0, (0.0, -0.5, -0.6), (1.0, 1.0))
        shares = iran.facts.open.pay, iran.facts.hidden.pay
        np.testing.assert_allclose(iran.pays[[IRREGULAR, HIDDEN]], iran.facts.wage * np.array(shares))
        model.close()

    def test_there_is_work_at_the_start_for_those_without_papers(self):
        """The opening stock without papers has work, at the incomes of that month; with contracts up to four jobs."""
        model = Model(small_config("pakistan", months=1, scale=0.0005, village_households=100))
        model.step()
        stock = stock_by_destination(model.world.destination_facts, model.world.config.start_month)
        for destination, persons in zip(model.world.destinations[:-1], stock, strict=False):
            facts, near = destination.facts, 4.0 if destination.facts.legal_quota else 1.1
            jobs = model.world[LabourDemandState].jobs[destination.row]
            for sector, share in ((facts.open, 1.0 - facts.hidden_share), (facts.hidden, facts.hidden_share)):
                filled = persons * facts.opening_irregular * share / (sector.jobs * jobs)
                assert 1.0 / near < filled < near, f"{facts.key}: {filled:.2f} persons for a job"
        model.close()

    def test_work_without_papers_pays_less_than_work_with_them_everywhere(self):
        """Less, but not next to nothing; and less in the hidden sector, unless it is the less crowded one."""
        run = baseline()["destination"]
        for place in np.unique(run["destination"]):
            here = run["destination"] == place
            pay = {name: run[name][here].astype(np.float64) for name in ("pay_legal", "pay_open", "pay_hidden")}
            assert 0.3 < (pay["pay_open"] / pay["pay_legal"]).mean() < 0.95, place
            assert pay["pay_hidden"].mean() < 1.1 * pay["pay_open"].mean(), place

    def test_raids_on_the_open_sector_drive_people_into_the_hidden_one(self):
        raided, base = treated(lever("worksite_enforcement", 5, sectors="open")), baseline()
        assert hidden_share(raided) > 1.3 * hidden_share(base)
        assert total(raided, "hid", table="destination") > 2 * total(base, "hid", table="destination")
        assert total(raided, "deportations") > total(base, "deportations")

    def test_raids_on_the_hidden_sector_empty_it(self):
        assert hidden_share(treated(lever("worksite_enforcement", 5, sectors="hidden"))) < 0.8 * hidden_share(
            baseline()
        )

    def test_raids_cost_by_sector(self):
        """Both sectors cost twice as much as one: each is a field of work of its own."""
        few = FIRST_MONTHS + 1
        one = treated(lever("worksite_enforcement", 5, sectors="open"))["national"]["policy_cost"][:few]
        both = simulate(country(few, (lever("worksite_enforcement", 5),)))["national"]["policy_cost"]
        assert (both == 2 * one).all() and one[-1] > 0

    def test_sectors_are_refused_where_a_lever_does_not_tell_them_apart(self):
        with pytest.raises(ConfigError, match="'deportation' does not tell sectors apart; leave 'sectors' out"):
            country(levers=(lever("deportation", 2, sectors="open"),))

    def test_papers_lapse_into_the_open_sector(self):
        lapsing = simulate(country(6, diaspora={"lapse": 5.0}))
        usual = {name: values[: 6 * 12] for name, values in baseline()["destination"].items()}
        gulf = usual["destination"] == "saudi_arabia"
        more = lapsing["destination"]["irregular_open"][gulf][-1] - usual["irregular_open"][gulf][-1]
        assert more > 0.5 * (lapsing["destination"]["lapsed"][gulf].sum() - usual["lapsed"][gulf].sum()) > 0


class TestPapersAndRemoval:
    def test_an_amnesty_gives_papers_and_lowers_deportations(self):
        amnesty, base = treated(lever("regularisation", 1.0)), baseline()
        assert total(amnesty, "regularised") > 3 * total(base, "regularised")
        assert amnesty["national"]["diaspora_irregular"][-1] < 0.7 * base["national"]["diaspora_irregular"][-1]
        assert amnesty["national"]["diaspora_legal"][-1] > base["national"]["diaspora_legal"][-1]
        assert total(amnesty, "deportations") < 0.9 * total(base, "deportations")

    def test_the_chance_of_papers_is_the_declared_one(self):
        """Over two years as in the data, but for the noise of a sample: no rounding by household may bend it."""
        table, expected, found = baseline()["destination"], 0.0, 0
        for k, facts in enumerate(places_of().destinations[:-1]):
            mine = table["destination"] == facts.key
            months = parse_all(table["month"][mine])
            usual = multiples_of((facts,), "regularise", months[0], months[-1])[:, 0]
            in_open, hidden = table["irregular_open"][mine], table["irregular_hidden"][mine]
            rate = (facts.open.regularise * in_open + facts.hidden.regularise * hidden) * usual / 12
            expected += float(rate[:-1].sum())  # who is there at the end of a month is at risk in the next one
            found += int(table["regularised"][mine][1:].sum())
            assert k < 12
        assert found == pytest.approx(expected, rel=0.1)

    def test_papers_make_workers_whose_family_follows_where_families_settle(self):
        """In the year of an amnesty those without papers in Italy are workers, who send more; then they settle."""
        sent, with_papers, joined = {}, {}, 0
        for settling in (0.0, 0.3):
            places = {"destinations": {"italy": {"settling": settling}}}
            config = country(30, (lever("regularisation", 4.0),), places=places)
            italy = [place.key for place in places_of().destinations].index("italy")
            for world in months_of(Model(config)):
                nowhere = world.stock[:, [not facts.settles for facts in world.destination_facts]][:, :, SETTLED]
                assert nowhere.sum() == 0
                if world.t == 12:
                    sent[settling] = world[DiasporaState].month.amount[italy, :, 0] @ world.stock[:, italy].sum(axis=0)
                    with_papers[settling] = world.stock[:, italy, WORKER].sum()
                moves = world[MovesState].month
                switched = moves.switched[(moves.destination == italy) & (moves.status == WORKER)].sum()
                assert world.figures[MovesOutcomes.lapsed.at("destination")][italy] == 0
                assert world.figures[MovesOutcomes.joined.at("destination")][italy] == switched
                joined += int(switched) * (world.t > 12)
        assert with_papers[0.0] == 0 < with_papers[0.3]
        assert sent[0.3] > 1.05 * sent[0.0]
        assert 0.3 < joined / with_papers[0.3] < 0.5, "seventeen months at three tenths a year"

    def test_three_times_the_removals_empty_the_irregular_diaspora(self):
        harder, base = treated(lever("deportation", 3)), baseline()
        assert 1.5 < total(harder, "deportations") / total(base, "deportations") < 3.0
        assert harder["national"]["diaspora_irregular"][-1] < 0.9 * base["national"]["diaspora_irregular"][-1]

    def test_harder_reentry_keeps_people_from_returning(self):
        """In the first month of the lever all else is equal: fewer returns; with the elasticity at 0, the same."""

        def returns(value: float, elasticity: float) -> int:
            levers = (lever("visa_refusal", value),) if value else ()
            run = simulate(country(FIRST_MONTHS + 1, levers, diaspora={"reentry": elasticity}))
            return int(run["national"]["returns"][-1])

        assert returns(0.6, 0.5) < 0.8 * returns(0.0, 0.5)
        assert returns(0.6, 0.0) == returns(0.0, 0.0)

    def test_harder_borders_keep_those_without_papers_from_returning(self):
        def rates(effort: float) -> np.ndarray:
            world = last_month(country(FIRST_MONTHS + 1, (lever("destination_border_control", effort),)))
            return world[DiasporaState].month.home[:, :, 1]  # of those who owe nothing and lack savings

        usual, hard = rates(1.0), rates(10.0)
        keys = [facts.key for facts in places_of().destinations]
        for key in ("greece", "spain"):
            assert hard[keys.index(key), IRREGULAR] < usual[keys.index(key), IRREGULAR]
        assert hard[keys.index("saudi_arabia"), WORKER] == pytest.approx(usual[keys.index("saudi_arabia"), WORKER])


class TestOverstay:
    def test_visits_become_stays_and_are_no_irregular_departures(self):
        run = baseline()
        flows = run["flows"]
        by_channel = int(flows["persons"][flows["channel"] == "overstay"].sum())
        assert by_channel == run["national"]["overstays"].sum() > 0
        places = set(flows["destination"][flows["channel"] == "overstay"])
        assert "saudi_arabia" in places and places <= {f.key for f in places_of().destinations if f.visits > 0}

    def test_more_overstay_when_the_irregular_way_closes_through_choice_alone(self):
        """Where both ways are much to people's taste, so that there is something to turn away from, and to."""

        def overstays(**values: Any) -> int:
            run = simulate(
                country(
                    10,
                    channel={"irregular_constant": 3.0, "overstay_constant": -5.0},
                    places=visas_times(10.0),
                    **values,
                )
            )
            return int(run["national"]["overstays"].sum())

        assert overstays(mechanisms={"market": {"enabled": False}}) > 1.1 * overstays()

    def test_refused_visas_are_no_stays(self):
        run = simulate(country(FIRST_MONTHS + 2, (lever("visa_refusal", 1.0),)))["national"]["overstays"]
        assert run[FIRST_MONTHS - 1] > 0 and (run[FIRST_MONTHS:] == 0).all()

    def test_visas_limit_the_stays(self):
        few = simulate(country(12, places=visas_times(0.01)))
        visas = sum(facts.visits for facts in places_of().destinations) * 0.01
        # beside the places of a quarter at most; rationing keeps to them within one person a destination and month
        assert 0 < few["national"]["overstays"].sum() <= 1.25 * visas + 12 * 12

    def test_switched_off_nobody_overstays(self):
        off = simulate(country(3, mechanisms={"overstay": {"enabled": False}}))
        assert "overstays" not in off["national"] and "overstay" not in off["flows"]["channel"]

    def test_fare_and_visa_go_to_who_sells_them(self):
        everything = 0
        for world in months_of(Model(country(6))):
            flows = world.ledger.flows
            paid = flows.get(("households", "carriers", "visit visa and fare"), 0)
            passed_on = flows.get(("carriers", "recruiters", "visit visa"), 0)
            assert passed_on == int(paid * world.config.overstay.agent_share)
            everything += paid
        assert everything > 0


class TestOnward:
    def test_only_onward_routes_carry_them_and_a_fare_is_paid_abroad(self):
        onward = [route.onward for route in places_of().routes]
        fares = 0
        for world in months_of(Model(country(10, onward={"rate": 0.03}))):
            by_route = world.record.by_place["route"]["onward_departures"][world.t]
            assert by_route[~np.array(onward)].sum() == 0
            assert by_route.sum() == world.record.latest()["onward_departures"].sum()
            paid = world.ledger.flows.get(("employers_abroad", "transporters", "onward fare"), 0)
            assert (paid > 0) == (by_route.sum() > 0)
            fares += paid
        assert fares > 0

    def test_some_of_those_without_papers_go_on_in_a_year_and_most_do_not(self):
        """S18: many mean to; of those in Iran, Turkey and Greece some do each year, and not all by far.

        In these two years the land border of Greece opens.
        """
        run = baseline()
        table = run["destination"]
        stay = np.isin(table["destination"], ("iran", "turkey", "greece"))
        there = (table["irregular_open"] + table["irregular_hidden"])[stay].reshape(24, -1).sum(axis=1).mean()
        routes = run["route"]
        onward = np.char.startswith(routes["route"], "onward") & (routes["route"] != "onward_gulf_italy")
        gone = routes["arrivals"][onward].sum() / 2  # of those pushed back many set out again
        assert 0.01 < gone / there < 0.7

    def test_a_first_stay_pays_for_the_next_leg(self):
        """More can go who earn more here, and fewer where the smuggler asks for more."""

        def hazard(**values: float) -> float:
            return float(last_month(country(1, onward=values))[OnwardState].rates.sum())

        usual = hazard()
        assert hazard(saved_share=0.6) > usual > hazard(markup=4.0) > 0

    def test_the_rate_rises_with_pay_there_and_the_chance_of_getting_through(self):
        """By hand, for one way with pay half as high again: no fee, so that everybody can pay; then one nearly shut."""
        terms = Terms(
            rate=0.02, gain=2.0, chance=3.0, harm=25.0, steepest=3.0, papers=0.01, saved_share=0.3, inertia=np.inf
        )
        ways, pays = Ways(*np.array([[0], [0], [1]])), np.full((2, STATUS_COUNT), 100.0)
        pays[1] = 150.0

        def rate(arrival: float, death: float = 0.0, fee: float = 0.0, lure: float = 0.0) -> np.ndarray:
            found = np.zeros((1, 2, STATUS_COUNT))
            odds, leaving = np.array([[arrival], [death]]), np.full(pays.shape, 0.02)
            world = np.full(pays.shape, 100.0), np.ones(1), np.full((1, STATUS_COUNT), np.nan), np.zeros(pays.shape)
            fill_rates.py_func(
                ways,
                pays,
                np.array([0.0, lure]),
                np.array([fee]),
                odds,
                leaving,
                terms,
                np.ones(2, bool),
                *world,
                found,
            )
            return found[0, 0]

        np.testing.assert_allclose(rate(1.0)[IRREGULAR], 0.02 * 1.5**2)
        np.testing.assert_allclose(rate(0.5, 0.01)[IRREGULAR], 0.02 * 1.5**2 * 0.5**3 * np.exp(-25.0 * 0.01 / 0.51))
        np.testing.assert_allclose(rate(1e-9)[IRREGULAR], 0.02 * np.exp(-3.0))
        np.testing.assert_allclose(
            rate(1.0, fee=300.0)[IRREGULAR], 0.02 * 1.5**2 / (1.0 + 10.0 * (0.02 + 0.02 * 1.5**2))
        )
        np.testing.assert_allclose(rate(1.0)[WORKER], 0.0002 * 1.5**2)
        np.testing.assert_allclose(rate(1.0, lure=0.7)[IRREGULAR], 0.02 * 1.5**2 * np.exp(0.7))

    def test_those_who_have_saved_wait_where_the_way_is_shut_and_the_newly_come_save_first(self):
        """Ten months of saving, nobody leaves otherwise: a tenth of the rest each month, and half of the savers go."""
        terms = Terms(
            rate=0.5, gain=0.0, chance=0.0, harm=0.0, steepest=3.0, papers=0.01, saved_share=0.3, inertia=np.inf
        )
        ways, pays = Ways(*np.array([[0], [0], [1]])), np.full((2, STATUS_COUNT), 100.0)
        odds, nobody, fee = np.array([[1.0], [0.0]]), np.zeros(pays.shape), np.array([300.0])
        saved, present = np.zeros((1, STATUS_COUNT)), np.full(pays.shape, 1000.0)

        def month(passable: float) -> float:
            rates, world = np.zeros((1, *pays.shape)), (present, np.array([passable]), saved, np.zeros(pays.shape))
            fill_rates.py_func(ways, pays, np.zeros(2), fee, odds, nobody, terms, np.ones(2, bool), *world, rates)
            return float(rates[0, 0, IRREGULAR])

        assert [month(0.0), month(0.0)] == [0.0, 0.0]
        assert saved[0, IRREGULAR] == pytest.approx(190.0)
        assert month(1.0) == pytest.approx(0.5 * 0.271)
        assert saved[0, IRREGULAR] == pytest.approx(271.0 / 2)
        assert month(1.0) < 0.5 * 0.271
        saved[:] = 5000.0  # more than there are
        assert month(1.0) == pytest.approx(0.5)

    def test_those_who_stay_settle_in_and_go_no_more(self):
        """One in ten of the others each month; at the start as many as leave otherwise, and of these none goes on."""
        present, leaving = np.full((1, 1), 100.0), np.full((1, 1), 0.1)
        stayers, yes = np.full((1, 1), np.nan), np.ones(1, bool)
        settle_in.py_func(present, leaving, yes, 10.0, stayers)
        assert stayers[0, 0] == pytest.approx(50.0)
        settle_in.py_func(present, leaving, yes, 10.0, stayers)
        assert stayers[0, 0] == pytest.approx(45.0 + 5.5)
        settle_in.py_func(present / 4, leaving, yes, 10.0, stayers)  # no more than there are
        assert stayers[0, 0] == pytest.approx(25.0)

        def onward(**values: float) -> int:
            return int(simulate(country(onward=values))["national"]["onward_departures"].sum())

        assert onward(inertia=6.0) < 0.7 * onward(inertia=600.0)

    def test_savers_of_a_dear_way_leave_by_the_cheap_one_too_and_those_elsewhere_do_not(self):
        """Two ways from the first place, for 300 and 600, and one from the second; half of the savers of each go."""
        terms = Terms(
            rate=0.5, gain=0.0, chance=0.0, harm=0.0, steepest=3.0, papers=0.01, saved_share=0.3, inertia=np.inf
        )
        ways, pays = Ways(*np.array([[0, 1, 2], [0, 0, 1], [1, 1, 0]])), np.full((2, STATUS_COUNT), 100.0)
        saved, present = np.full((3, STATUS_COUNT), 100.0), np.full(pays.shape, 100.0)
        saved[1] = 40.0
        rates, odds, leaving = np.zeros((3, *pays.shape)), np.array([[1.0] * 3, [0.0] * 3]), np.full(pays.shape, 0.1)
        fees = np.array([300.0, 600.0, 300.0])
        fill_rates.py_func(
            ways,
            pays,
            np.zeros(2),
            fees,
            odds,
            leaving,
            terms,
            np.ones(2, bool),
            present,
            np.ones(3),
            saved,
            np.zeros(pays.shape),
            rates,
        )
        dear = 40.0 + 60.0 / 20.0
        assert rates[:, [0, 0, 1], IRREGULAR].diagonal() == pytest.approx([0.5, 0.5 * dear / 100.0, 0.5])
        cheap_left = 100.0 * 0.9 - 0.5 * 100.0 - 0.5 * dear
        assert saved[:, IRREGULAR] == pytest.approx([cheap_left, max(0.9 * dear - 1.0 * dear, 0.0), 40.0])

    def test_those_sent_home_from_an_onward_way_do_not_try_it_again(self):
        """From home they would begin in Iran, which they have not reached; those pushed back from Greece do."""
        world = last_month(country(1))
        keys = [facts.key for facts in world.route_facts]
        for key, tries in (("onward_iran_turkey", {False}), ("onward_iran_greece", {False, True})):
            route = keys.index(key)
            place = world.route_again[route, : world.route_length[route]]
            number, none = place.size, np.full(place.size, -1)
            one, able = np.ones(number, np.int64), np.empty(number, np.bool_)
            offices = world[MarketTables].offices
            can_pay_again(
                one, 2 * one, none, none, one, one, route * one, place, world[OffersState].month.prices, offices,
                np.empty(offices.key.size, np.int64), able,
            )  # fmt: skip
            assert set(able.tolist()) == tries, key

    def test_the_fee_is_passage_bribes_and_documents_with_the_markup(self):
        """By hand, for the way from the Gulf: three in ten fly to Libya on a forged paper, at its usual price.

        Those stopped on the first leg are sent home, those stopped at sea try again from Libya, without papers.
        """
        world = last_month(country(1))
        route = [facts.key for facts in world.route_facts].index("onward_gulf_italy")
        way = world.route_legs[route, : world.route_length[route]]
        legs, price = world[LegsState].month, world.config.offers.document_cost * world[EconomyState].income_index
        assert legs.documents[way].sum() == pytest.approx(0.3)
        by_leg = legs.cost[way] + legs.bribe[way] + legs.documents[way] * price
        stopped = (1.0 - legs.death[way]) * legs.interception[way]
        through = (1.0 - legs.death[way[0]]) * (1.0 - legs.interception[way[0]])
        cost = by_leg[0] + through * by_leg[1]
        cost += through * stopped[1] * by_leg[1]
        assert onward_fees(world)[route] == pytest.approx(1.5 * cost, abs=1.0)

    def test_switched_off_nobody_goes_on(self):
        off, on = (
            simulate(country(4, mechanisms={"onward": {"enabled": enabled}}, onward={"rate": 0.05}))
            for enabled in (False, True)
        )
        begun = [run["route"]["departures"][np.char.startswith(run["route"]["route"], "onward")] for run in (off, on)]
        assert begun[0].sum() == 0 < begun[1].sum() and "onward_departures" not in off["national"]


class TestHistory:
    def test_each_multiple_holds_until_the_next_that_names_it(self):
        saudi = next(facts for facts in places_of().destinations if facts.key == "saudi_arabia")
        by_month = multiples_of((saudi,), "deport", 2010 * 12, 2019 * 12 + 11)[:, 0]
        at = {year: by_month[(year - 2010) * 12 + 6] for year in (2012, 2014, 2016, 2017, 2019)}
        assert at[2012] == 1.0 and at[2014] == at[2016] > 1.0 and at[2017] > at[2019] > at[2012]

    def test_what_history_holds_before_the_run_holds_from_its_first_month(self):
        saudi = next(facts for facts in places_of().destinations if facts.key == "saudi_arabia")
        whole, late = (multiples_of((saudi,), "deport", 12 * year, 12 * 2019 + 11)[:, 0] for year in (2010, 2014))
        np.testing.assert_array_equal(late, whole[-late.size :])
        assert late[0] > 1.0

    def test_a_stricter_law_means_fewer_sponsored(self):
        """The income rule of 2012 in the United Kingdom, against the same run without the law's change."""

        def sponsored(law: float) -> int:
            ways = PLAIN | {"sponsorship": {"enabled": True}}
            config = small_config(
                "pakistan", start="2012-01", months=20, scale=0.002, sponsorship={"law": law}, mechanisms=ways
            )
            flows = simulate(config)["flows"]
            mine = (flows["channel"] == "sponsorship") & (flows["destination"] == "united_kingdom")
            return int(flows["persons"][mine & (flows["month"] >= np.datetime64("2013-01"))].sum())

        assert sponsored(1.0) < 0.9 * sponsored(0.0)


def parse_all(months: np.ndarray) -> np.ndarray:
    """Months since January of year 0."""
    return months.astype("datetime64[M]").astype(int) + 1970 * 12
