"""The Mesa face: parameters by name, agents as views on rows, rules of one's own, the end, and Mesa's batch_run."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest
from worlds import TRIO, checksums, small_config

import abm
from abm import conservation
from abm.config import Config
from abm.engine.errors import AbmError, ConfigError
from abm.market.tables import MarketTables
from abm.model import HEADLINES, Model, simulate
from abm.routes.stations import PostsState
from abm.world.codes import SETTLED

BASELINE = Path(__file__).parents[1] / "configs" / "baseline.yaml"

SMALL = {"population__region": list(TRIO), "population__scale": 0.002, "end": "2010-06"}
"""Settings of a run of eighteen months in three districts."""


@pytest.fixture(scope="module")
def seen() -> Model:
    """A model after a year, with offices open in all three districts."""
    model = Model(BASELINE, offices__opening=20.0, **SMALL)
    model.run_for(12)
    return model


@pytest.fixture
def office(seen: Model) -> abm.Office:
    return next(iter(seen.offices))


class TestParameters:
    @pytest.mark.parametrize("base", [None, str(BASELINE), BASELINE, small_config(seed=7)], ids=type)
    @pytest.mark.parametrize("name", ["labour.job_growth", "labour__job_growth"])
    def test_any_form_of_a_base_and_of_a_name(self, base: Any, name: str):
        config = Model(base, **{name: 0.011}, **SMALL).config
        assert config.labour.job_growth == 0.011
        assert config.name == ("baseline" if base in (str(BASELINE), BASELINE) else "unnamed")
        assert config.seed == (7 if isinstance(base, Config) else 1)

    def test_without_changes_a_configuration_is_taken_as_it_is(self):
        config = small_config()
        assert Model(config).config is config

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"labour__job_grwth": 0.02}, "labour.job_grwth: no setting 'job_grwth' here; did you mean 'job_growth'?"),
            ({"labor.job_growth": 0.02}, "labor: no setting 'labor' here; did you mean 'labour'?"),
            ({"labour_job_growth": 0.02}, "no setting 'labour_job_growth' here; did you mean 'labour.job_growth'?"),
            ({"job_growth": 0.02}, "job_growth: no setting 'job_growth' here; it belongs under 'labour'"),
            ({"labour__job_growth": 3}, "labour.job_growth: expected a number from 0 to 0.06 (1/year); found the numb"),
            ({"labour__": 3}, "'labour__' is no path; write it as in labour.job_growth, labour__job_growth or"),
            ({"seed__x": 3}, "no 'x' in here: this is the number 1"),
        ],
    )
    @pytest.mark.parametrize("base", [str(BASELINE), small_config()], ids=["file", "configuration"])
    def test_a_wrong_setting_is_refused_as_in_yaml(self, base: Any, settings: dict[str, float], message: str):
        with pytest.raises(ConfigError) as refused:
            Model(base, **settings)
        assert message in str(refused.value)

    def test_all_that_is_wrong_is_said_at_once(self):
        with pytest.raises(ConfigError) as refused:
            Model(BASELINE, labour__job_grwth=0.02, sed=3, end="2008-01")
        assert len(refused.value.problems) == 3

    def test_levers_by_their_ids(self):
        lever = {"lever": "legal_quota", "from": "2010-01", "value": 2}
        assert Model(BASELINE, levers=[lever], levers__legal_quota__value=3, **SMALL).config.levers[0].value == 3

    @pytest.mark.parametrize("base", [None, BASELINE, small_config(seed=7)], ids=type)
    @pytest.mark.parametrize("rng", [5, np.int64(5)], ids=type)
    def test_a_whole_number_is_the_seed_whatever_the_base(self, base: Any, rng: Any):
        assert Model(base, rng=rng, **SMALL).config.seed == 5
        assert Model(base, rng=rng, seed=6, **SMALL).config.seed == 6

    def test_other_sources_of_randomness_draw_the_seed(self):
        one, same, other = (Model(small_config(), rng=np.random.default_rng(k)).config.seed for k in (3, 3, 4))
        assert one == same != other


class TestNobodyLooks:
    def test_a_model_makes_its_agents_when_they_are_asked_for(self):
        model = Model(small_config())
        model.run_for(3)
        assert len(model._all_agents) == 0
        assert "districts" not in vars(model)
        assert len(model.agents) > len(model.offices) > 0

    @pytest.mark.parametrize(
        "look",
        [
            lambda model: model.districts[0].agents,
            lambda model: next(iter(model.districts[0].neighborhood or model.districts)).agents,
            lambda model: list(model.districts.all_cells.agents),
            lambda model: list(model.districts.agents),
            lambda model: list(model.agents),
            lambda model: list(model.agents_by_type[abm.Office]),
            lambda model: model.agent_types,
        ],
    )
    def test_every_way_of_looking_finds_them(self, look: Any):
        model = Model(small_config())
        model.step()
        assert look(model)

    def test_looking_changes_no_result(self):
        plain, watched = Model(small_config()), Model(small_config())
        while plain.running:
            plain.step()
            watched.step()
            assert watched.offices.agg("capital", sum) == watched.world[MarketTables].offices.capital.sum()
        assert checksums(plain.tables()) == checksums(watched.tables())


class TestAgents:
    def test_an_attribute_is_the_value_in_the_row(self, seen: Model, office: abm.Office):
        office.markup = 0.7
        assert seen.world[MarketTables].offices.markup[office.row] == 0.7
        seen.world[MarketTables].offices.markup[office.row] = 0.3
        assert office.markup == 0.3
        assert seen.offices.agg("capacity", sum) == pytest.approx(seen.world[MarketTables].offices.capacity.sum())
        (circle,) = seen.circles.select(lambda agent: agent.key == "circle_lahore")
        circle.listed += 10
        assert seen.world[PostsState].posts.listed[circle.row] == circle.listed
        assert "share of cost" in abm.Office.markup.__doc__

    def test_everybody_is_in_the_cell_of_their_district(self, seen: Model):
        by_district = [
            sum(isinstance(agent, abm.Office) and agent.state == "open" for agent in seen.districts[d].agents)
            for d in range(len(TRIO))
        ]
        assert by_district == seen.world.record.latest()["offices"].tolist()
        for cell in seen.districts:
            assert {agent.district for agent in cell.agents} == {cell.key}
            assert {agent.cell for agent in cell.agents} == {cell}

    def test_posts_stand_where_their_legs_leave_the_country(self):
        model = Model(small_config(("chagai", "washuk", "kech", "gwadar", "karachi", "islamabad", "lahore")))
        found = {post.key: post.district for post in model.posts if post.district}
        assert found == {
            "post_taftan": "chagai", "post_mashkel": "washuk", "post_kech": "kech", "coast_gwadar": "gwadar",
            "airport_karachi": "karachi", "airport_islamabad": "islamabad",
        }  # fmt: skip
        assert {post.cell for post in model.posts if not post.district} == {None}

    def test_agents_follow_offices_that_open_move_and_close(self):
        lively = {"offices.opening": 20.0, "offices.relocation": 1.0, "offices.lean_months": 1}
        model = Model(BASELINE, seed=9, **lively, **SMALL)  # with this seed offices move
        model.step()
        first, homes = set(model.offices), {}
        moved = 0
        while model.running:
            homes = {office.key: office.district for office in model.offices}
            model.step()
            offices = model.world[MarketTables].offices
            assert {office.key for office in model.offices} == set(offices.key[offices.key >= 0].tolist())
            for office in model.offices:
                assert office in office.cell.agents
                moved += homes.get(office.key, office.district) != office.district
        closed = first - set(model.offices)
        assert closed and first & set(model.offices) and set(model.offices) - first
        assert sum(len(cell.agents) for cell in model.districts) == len(model.offices) + len(TRIO) + sum(
            circle.district is not None for circle in model.circles if "added" not in circle.key
        ) + sum(post.district is not None for post in model.posts)
        with pytest.raises(AbmError, match=r"office \d+ has closed; model.offices holds those in business"):
            _ = closed.pop().markup
        assert moved > 0

    def test_an_office_moves_with_its_cell(self, seen: Model, office: abm.Office):
        there = next(cell for cell in seen.districts if cell is not office.cell)
        before = office.cell
        office.cell = there
        assert office.district == there.key
        assert seen.world[MarketTables].offices.district[office.row] == there.coordinate
        assert office in there.agents and office not in before.agents
        office.district = before.key
        assert office.cell is before and office in before.agents and office not in there.agents

    def test_a_post_stays(self, seen: Model):
        with pytest.raises(AbmError, match="circle_lahore stays where it is"):
            next(agent for agent in seen.circles if agent.key == "circle_lahore").cell = seen.districts[0]

    def test_owners_bring_and_take_the_capital(self, seen: Model, office: abm.Office):
        for amount in (office.capital + 1_000_000, 10_000.4):
            office.capital = amount
            assert office.capital == round(amount)
            assert conservation.check(seen.world) == []

    def test_words_for_codes(self, seen: Model, office: abm.Office):
        assert office.state == "open"
        office.reach, office.corridors = "country", ("air_documents", "land_taftan")
        assert seen.world[MarketTables].offices.reach[office.row] == 2
        bits = [seen.world.route_bits[r] for r, route in enumerate(seen.world.route_facts) if not route.onward]
        sold = [seen.world[MarketTables].offices.corridors[office.row] & bit > 0 for bit in bits]
        routes = [route.corridor in office.corridors for route in seen.world.route_facts if not route.onward]
        assert sold == routes and any(routes)

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("markup", float("nan"), r"office \d+: markup = nan; expected a number from 0 \(share of cost\)"),
            ("markup", "high", "markup = 'high'; expected a number from 0"),
            ("reputation", 1.2, "reputation = 1.2; expected a number from 0 to 1"),
            ("capacity", -1.0, "capacity = -1.0; expected a number from 0"),
            ("lean", 40_000, "lean = 40000; expected a number from 0 to 32767"),
            ("key", 3, r"'key' \(id\) is read only"),
            ("reach", "world", "no reach 'world'; expected one of district, neighbours, country"),
            ("corridors", ["land_taftn"], "no corridor 'land_taftn'; did you mean 'land_taftan'?"),
            ("district", "gujrt", "no district 'gujrt'; did you mean 'gujrat'?"),
        ],
    )
    def test_a_value_that_cannot_stand_there_is_refused(self, office: abm.Office, name: str, value: Any, message: str):
        before = getattr(office, name)
        with pytest.raises(AbmError, match=message):
            setattr(office, name, value)
        assert getattr(office, name) == before

    def test_destinations_have_their_pay_and_stock(self, seen: Model):
        saudi = next(agent for agent in seen.destinations if agent.key == "saudi_arabia")
        assert saudi.stock == saudi.stocks.sum() > 0
        assert saudi.pay == saudi.pays[SETTLED] > 0
        assert saudi.pays.shape == saudi.stocks.shape


class Frugal(abm.Office):
    """Never asks for more than a tenth above cost."""

    def step(self) -> None:
        self.markup = min(self.markup, 0.1)


class Understaffed(abm.Post):
    """Has one officer."""

    def step(self) -> None:
        self.listed = 1.0


class Own(Model):
    """With rules for offices and for posts of all kinds."""

    agent_classes = (Frugal, Understaffed)


class TestRules:
    def test_agents_of_an_own_class_act_at_the_end_of_every_month(self):
        model = Own(BASELINE, offices__opening=20.0, **SMALL)
        model.run_for(3)
        assert {type(agent) for agent in model.offices} == {Frugal}
        assert {type(agent) for agent in model.posts} == {Understaffed}
        assert model.offices.agg("markup", max) <= 0.1
        assert (model.world[PostsState].posts.listed[[post.row for post in model.posts]] == 1.0).all()
        assert {type(agent) for agent in model.circles} == {abm.Circle}

    def test_their_rule_changes_what_others_do(self):
        fees = {}
        for kind in (Model, Own):
            model = kind(BASELINE, offices__opening=20.0, **SMALL)
            model.run_model()
            fees[kind] = np.nanmean(model.tables()["national"]["fee_median"][-6:])
        assert fees[Own] < 0.9 * fees[Model]

    def test_a_class_that_extends_none_of_ours_is_refused(self):
        class Stranger(mesa.Agent):  # type: ignore[misc]
            pass

        class Wrong(Model):
            agent_classes = (Stranger,)

        with pytest.raises(AbmError, match="'Stranger' extends none of the model's agents"):
            Wrong(small_config())


class TestEnd:
    @pytest.mark.parametrize("further", ["step", "run_for", "run_until"])
    def test_a_month_beyond_the_last_is_refused_every_time(self, further: str):
        model = Model(small_config(months=2))
        model.run_model()
        assert not model.running
        arguments = {"step": (), "run_for": (1,), "run_until": (3,)}[further]
        for _ in range(2):
            with pytest.raises(AbmError, match="2009-02 was its last month; give the configuration a later 'end'"):
                getattr(model, further)(*arguments)
        assert len(model.tables()["national"]["month"]) == 2

    def test_too_many_months_are_refused_before_any_is_simulated(self):
        model = Model(small_config(months=3))
        model.step()
        with pytest.raises(AbmError, match="only 2 of its 3 months are left"):
            model.run_for(3)
        model.run_for(2)
        assert model.time == 3 and not model.running


class TestBatchRun:
    @pytest.fixture(autouse=True)
    def start_method(self) -> Iterator[None]:
        """Mesa sets the start method of processes for the whole interpreter."""
        before = multiprocessing.get_start_method(allow_none=True)
        yield
        multiprocessing.set_start_method(before, force=True)

    def test_two_parameters_and_several_seeds(self):
        """Every row holds its parameters as given, and the figures of that very run."""
        growth, speed, seeds = [0.0, 0.05], [0.02, 0.3], [1, 2]
        rows = mesa.batch_run(
            Model,
            {"config": str(BASELINE), "labour.job_growth": growth, "aspiration__adjustment": speed}
            | {name: [value] for name, value in SMALL.items()},
            rng=seeds,
            display_progress=False,
        )
        points = [(row["labour.job_growth"], row["aspiration__adjustment"], row["rng"]) for row in rows]
        assert sorted(points) == sorted((g, a, s) for g in growth for a in speed for s in seeds)
        for row in (rows[0], rows[-1]):
            config = abm.load_config(
                BASELINE,
                [
                    f"labour.job_growth={row['labour.job_growth']}",
                    f"aspiration.adjustment={row['aspiration__adjustment']}",
                    f"population.region=[{', '.join(TRIO)}]",
                    f"population.scale={SMALL['population__scale']}",
                    f"end={SMALL['end']}",
                ],
                seed=row["rng"],
            )
            national = simulate(config)["national"]
            assert {name: row[name] for name in HEADLINES} == {
                name: national[outcome][-1] for name, outcome in HEADLINES.items()
            }
        assert len({row["irregular_departures"] for row in rows}) > len(seeds)

    def test_a_configuration_that_batch_run_takes_apart_is_refused(self):
        with pytest.raises(
            ConfigError, match="config: expected a YAML file or a configuration; found a list; in batch"
        ):
            mesa.batch_run(Model, {"config": small_config()}, display_progress=False)

    def test_a_collector_of_ones_own_sees_the_offices(self):
        model = Model(small_config(months=2))
        model.datacollector = mesa.DataCollector(agenttype_reporters={abm.Office: {"markup": "markup"}})
        model.run_model()
        frame = model.datacollector.get_agenttype_vars_dataframe(abm.Office)
        assert frame["markup"].loc[2.0].tolist() == [office.markup for office in model.offices]

    def test_no_reporter_bears_the_name_of_a_parameter(self):
        parameters = {"config", "rng", "threads", *Config.model_fields, "RunId", "iteration", "Step", "AgentID"}
        assert not parameters & set(HEADLINES)
