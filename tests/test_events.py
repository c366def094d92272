"""Events: what befalls acts where it is meant to, through its mechanism and through nothing else."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from worlds import APART, months_of, run_checksums, small_config, unlike

from abm import checkpoint, conservation
from abm.abroad.diaspora import DiasporaState
from abm.beliefs.belief_state import BeliefState
from abm.beliefs.beliefs import BeliefsState
from abm.beliefs.kernels.beliefs import DEATH, PAPERS
from abm.config import Config, load_config, make_config
from abm.config.check_events import check_events
from abm.config.names import known_in
from abm.declare import facts_of
from abm.engine.calendar import parse_month
from abm.engine.errors import ConfigError
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.experiments.shared_past import course_of, forks_of
from abm.households import households as room
from abm.journeys.wrecks import DEATHS
from abm.journeys.wrecks import _take as take_dead
from abm.market import OffersState
from abm.model import Model, Tables, simulate
from abm.month import EVENTS, LEVERS, MONTH
from abm.routes import LegsState, TravelState
from abm.simulation import build_world, run_to_end
from abm.society import LabourParams
from abm.society.labour import JOB_GROWTH
from abm.world.codes import IRREGULAR, NEWS_WRECK
from abm.world.state import World

WHEN, AT = "2010-01", 12
MED = {"leg": "libya_italy"}


def event(name: str, **more: Any) -> dict[str, Any]:
    return {"event": name, **({"from": WHEN} if EVENTS[name].lasts else {"month": WHEN}), **more}


WRECK = event("deaths", where=["gujrat"], way=MED, persons=10)
CLOSED = event("closure", where={"border": "PAK-IRN"}, until="2010-06")
WINDFALL = event("windfall", share=0.5, amount=10_500, poorer_than=2.0)
HOUSES = event("houses", share=0.05, where=["gujrat"])
AMNESTY = event("amnesty", share=0.3, where={"destination": "italy"})
JOBS = event("parameter", parameter="labour.job_growth", value=0.05, until="2010-04")
INCOMES = event("incomes", where=["gujrat"], multiple=0.7, until="2010-06")
ALL = [WRECK, CLOSED, WINDFALL, HOUSES, AMNESTY, JOBS, INCOMES]


def apart(more: dict[str, Any]) -> dict[str, Any]:
    """The same with streams, laws and agencies off, unless it says otherwise."""
    return more | {"mechanisms": APART | more.get("mechanisms", {})}


def run(*events: dict[str, Any], **more: Any) -> Tables:
    return run_once(json.dumps({"events": list(events), **apart(more)}))


@cache
def run_once(values: str) -> Tables:
    return simulate(small_config(months=24, scale=0.004, **json.loads(values)))


def model_at(month: int, *events: dict[str, Any], **more: Any) -> World:
    """Small world after a month of the run."""
    model = Model(small_config(months=24, scale=0.004, events=list(events), **apart(more)))
    worlds = months_of(model)
    for _ in range(month):
        world = next(worlds)
    return next(worlds) if month == 0 else world


def off(section: str) -> dict[str, Any]:
    return {"mechanisms": {section: {"enabled": False}}}


def by_leg(tables: Tables, column: str, *legs: str) -> np.ndarray:
    """Column of the table by leg, months by legs."""
    table = tables["leg"]
    return np.array([table[column][table["leg"] == leg] for leg in legs]).T


def of_district(tables: Tables, column: str, district: str = "gujrat") -> np.ndarray:
    table = tables["district"]
    return table[column][table["unit"] == district]


# ---------------------------------------------------------------------------------------------------------- all of them


def test_every_kind_is_tried_here() -> None:
    assert {use["event"] for use in ALL} == set(EVENTS)


@pytest.mark.parametrize("use", ALL, ids=lambda use: use["event"])
def test_months_before_are_the_same(use: dict[str, Any]) -> None:
    before, after = run(), run(use)
    for name, column in before["national"].items():
        assert np.array_equal(column[:AT], after["national"][name][:AT], equal_nan=column.dtype.kind == "f"), name
    assert unlike(before, after)


def test_people_and_money_are_conserved() -> None:
    for world in months_of(Model(small_config(months=20, scale=0.004, events=ALL))):
        assert not conservation.check(world)


def test_an_event_draws_the_same_again_and_with_any_threads() -> None:
    config = small_config(months=20, scale=0.004, events=ALL)
    assert run_checksums(config) == run_checksums(config, threads=2)


# --------------------------------------------------------------------------------------------------------------- deaths


def dead_of(world: World) -> int:
    return int(world.news.of(NEWS_WRECK)[1].sum())


def under_way(world: World, leg: str) -> tuple[int, int]:
    """Travellers of Gujrat on a leg, and on their way to it, who are not held."""
    rows = world[TravelState].journeys.rows
    legs = [facts.key for facts in world.leg_facts]
    ahead = world.route_legs[rows.route] == legs.index(leg)
    gujrat = (world.units.unit == "gujrat")[rows.district] & (rows.held == 0)
    on = gujrat & ahead[np.arange(rows.leg.size), rows.leg]
    before = gujrat & (ahead & (np.arange(ahead.shape[1]) > rows.leg[:, None])).any(axis=1)
    return int(rows.persons[on].sum()), int(rows.persons[before].sum())


def test_travellers_on_the_leg_die_first_then_those_on_their_way_to_it() -> None:
    leg = "turkey_greece"
    on, before = under_way(model_at(AT), leg)
    assert on > 2 and before > 2
    plain = run()
    for persons in (on - 1, on + before // 2):
        found = run({**WRECK, "persons": persons, "way": {"leg": leg}})
        more = of_district(found, "deaths_en_route") - of_district(plain, "deaths_en_route")
        # those who would have died anyway may be among them
        assert persons - 2 <= more[AT] <= persons
        extra = by_leg(found, "deaths", leg)[AT] - by_leg(plain, "deaths", leg)[AT]
        assert persons - 2 <= extra.item() <= persons


def test_the_dead_are_those_on_board_with_their_part_of_the_money() -> None:
    """All but one of those on the leg; nobody who is held, or on the way to it; each boat has its number."""
    leg = "turkey_greece"
    world = model_at(AT + 1, {**WRECK, "persons": 1, "way": {"leg": leg}})
    rows = world[TravelState].journeys.rows
    here = (world.route_legs[rows.route, rows.leg] == [facts.key for facts in world.leg_facts].index(leg)) & (
        world.units.unit == "gujrat"
    )[rows.district]
    held = np.flatnonzero(here)[0]
    rows.held[held] = 1
    rows.paid[:] = 100 * rows.persons
    captive, captives, (on, before) = int(rows.id[held]), int(rows.persons[held]), under_way(world, leg)
    assert on > 2 and before > 2
    world.news.forget()
    dead = take_dead(world, world.befall(DEATHS)[0].model_copy(update={"persons": on - 1}), 3)
    assert dead.persons.sum() == on - 1 and under_way(world, leg) == (1, before)
    left = world[TravelState].journeys.rows
    assert left.persons[(left.id == captive) & (left.held == 1)].tolist() == [captives]
    for table in (dead, left):
        np.testing.assert_array_equal(table.paid, 100 * table.persons)
    assert set(world.news.of(NEWS_WRECK)[3].tolist()) == {3}


def test_of_those_whom_the_run_lacks_the_news_alone_travels() -> None:
    """All who are under way die, and no more; everybody hears of all."""
    many = {**WRECK, "persons": 5000}
    plain, world = model_at(AT + 1), model_at(AT + 1, many)
    assert dead_of(plain) == 0 and dead_of(world) == 5000
    there = sum(under_way(model_at(AT), MED["leg"]))
    found = of_district(run(many), "deaths_en_route") - of_district(run(), "deaths_en_route")
    # somebody may set out in the month and be on board
    assert there <= found[AT] + 2 and found[AT] < 5000
    rows, persons, route, boat = world.news.of(NEWS_WRECK)
    assert not boat.any() and (persons > 0).all()
    homes = world.villages.district[world.villages_of(rows)]
    assert set(world.units.unit[homes]) == {"gujrat"}
    assert {world.route_facts[one].key for one in route} <= {"air_libya", "onward_gulf_italy"}


def salience(world: World, topic: int) -> np.ndarray:
    state: BeliefState = world[BeliefsState].state
    return state.salience[:, topic]


def test_a_boat_is_one_event_whoever_many_died() -> None:
    """What is learned at home does not depend on the number of dead, and is little; the scare does."""
    few, many = (model_at(AT + 1, {**WRECK, "persons": persons}) for persons in (40, 400))
    plain = model_at(AT + 1)
    gujrat = plain.units.unit == "gujrat"
    learned = [(w[BeliefsState].state.mean / plain[BeliefsState].state.mean)[gujrat, DEATH].item() for w in (few, many)]
    assert 1.0 < learned[0] < 1.2
    assert learned[1] == pytest.approx(learned[0], rel=0.02)
    scared = [(salience(w, DEATH) - salience(plain, DEATH))[gujrat].item() for w in (few, many)]
    assert scared[1] > 1.3 * scared[0] > 0.0


def test_two_boats_are_two_events() -> None:
    """Of one month, or in a streak, they scare more than one; in a streak by more than its sum."""
    first = {**WRECK, "persons": 20, "id": "first"}
    second = {**WRECK, "persons": 20, "id": "second", "month": "2010-03"}
    home = model_at(1).units.unit == "gujrat"
    plain, one, two, streak = (
        salience(model_at(AT + 3, *uses), DEATH)[home].item() for uses in ([], [first], [second], [first, second])
    )
    assert streak - plain > 1.1 * (one + two - 2.0 * plain) > 0.0
    plain, one, both = (
        salience(model_at(AT + 1, *uses), DEATH)[home].item()
        for uses in ([], [first], [first, {**second, "month": WHEN}])
    )
    assert both - plain == pytest.approx(2.0 * (one - plain), rel=0.1)


def test_many_dead_are_a_shock_everywhere_and_most_at_home() -> None:
    plain, world = model_at(AT + 1), model_at(AT + 1, {**WRECK, "persons": 5000})
    more, gujrat = salience(world, DEATH) - salience(plain, DEATH), world.units.unit == "gujrat"
    assert (more > 0.0).all()
    assert more[gujrat] > max(more[~gujrat])


def test_news_of_a_wreck_changes_nothing_without_beliefs() -> None:
    """On a leg that nobody is on or bound for."""
    world = model_at(AT, **off("beliefs"))
    leg = next(facts.key for facts in world.leg_facts if not sum(under_way(world, facts.key)))
    empty = {**WRECK, "persons": 5000, "way": {"leg": leg}}
    assert not unlike(run(**off("beliefs")), run(empty, **off("beliefs")))


# -------------------------------------------------------------------------------------------------------------- closure

ACROSS = ("taftan_zahedan", "kech_iran", "mashkel_iran", "gwadar_iran")
SHUT = slice(AT, AT + 6)


def test_nobody_begins_a_leg_across_a_closed_border() -> None:
    many = {"channel": {"irregular_constant": 0.5}}
    plain, found = (by_leg(run(*closed, **many), "entered", *ACROSS) for closed in ((), (CLOSED,)))
    assert plain[SHUT].sum() > 0
    assert found[SHUT].sum() == 0
    assert found[AT + 6 :].sum() > 0


def test_a_closed_leg_sends_people_round() -> None:
    found = run(event("closure", where={"leg": "taftan_zahedan"}))
    assert by_leg(found, "entered", "taftan_zahedan")[AT:].sum() == 0
    others = ("kech_iran", "mashkel_iran", "gwadar_iran")
    assert by_leg(found, "entered", *others)[AT:].sum() > by_leg(run(), "entered", *others)[AT:].sum()


def test_a_closed_route_leaves_its_legs_to_others() -> None:
    found = run(event("closure", where={"route": "turkey_by_taftan"}), channel={"irregular_constant": 0.5})
    route = found["route"]
    begun = route["tries"][route["route"] == "turkey_by_taftan"]
    assert begun[:AT].sum() > 0
    assert begun[AT:].sum() == 0
    assert by_leg(found, "entered", "zahedan_turkey")[AT:].sum() > 0


def test_who_has_reached_a_closed_leg_waits_and_who_is_on_it_goes_on() -> None:
    use = event("closure", where={"leg": "zahedan_turkey"}, until="2010-03")
    model = Model(small_config(months=20, scale=0.004, events=[use]))
    waiting, through = [], []
    for world in months_of(model):
        leg = [facts.key for facts in world.leg_facts].index("zahedan_turkey")
        rows = world[TravelState].journeys.rows
        path = world.route_legs[rows.route, np.minimum(rows.leg + 1, world.route_legs.shape[1] - 1)]
        waiting.append(int(rows.persons[(path == leg) & (rows.leg + 1 < world.route_length[rows.route])].sum()))
        on_it = world.route_legs[rows.route, rows.leg] == leg
        through.append(int(rows.persons[on_it & (rows.held == 0)].sum()))
    assert waiting[AT + 1] > 0
    assert waiting[AT + 1] <= waiting[AT + 2]
    assert through[AT - 1] > 0
    assert through[AT + 1] == 0
    assert through[AT + 3] > 0


@pytest.mark.parametrize("kind", ["legs", "routes"])
def test_a_leg_or_route_exists_in_its_months(kind: str) -> None:
    name = {"legs": "taftan_zahedan", "routes": "greece_by_taftan"}[kind]
    places = {kind: {name: {"since": "2009-06", "until": "2009-12"}}}
    found = run(places=places)
    column, table = ("entered", "leg") if kind == "legs" else ("departures", "route")
    began = found[table][column][found[table][table] == name]
    assert began[:5].sum() == 0
    assert began[5:12].sum() > 0
    assert began[12:].sum() == 0


def test_months_of_a_route_and_its_closure_are_one_thing() -> None:
    closed = run(event("closure", where={"route": "turkey_by_taftan"}))
    ended = run(places={"routes": {"turkey_by_taftan": {"until": "2009-12"}}})
    assert not unlike(closed, ended)


def test_a_closed_route_has_no_offers_and_nobody_goes_alone() -> None:
    world = model_at(AT + 1, CLOSED)
    opened = world[LegsState].open_routes
    crossing = np.array([any(leg.key in ACROSS for leg in route.legs) for route in world.route_facts])
    assert np.array_equal(opened > 0.0, ~crossing)
    entry = world[OffersState].month.summary.entry
    assert np.isinf(entry[:, crossing]).all()
    assert np.isfinite(entry[:, ~crossing & world.route_from_home]).any()


# ------------------------------------------------------------------------------------------------- windfalls and houses


def windfall_of(use: dict[str, Any]) -> tuple[np.ndarray, World]:
    """What every row got, and the world of the month before."""
    got: list[np.ndarray] = []
    give = room.give_windfalls

    def watch(world: World) -> None:
        before = world.households.assets.copy()
        give(world)
        got.append(world.households.assets - before)

    with patch.object(room, "give_windfalls", watch):
        world = model_at(AT + 1, use)
    assert not any(found.any() for found in got[:AT])
    return got[AT], world


def awake_rows(world: World) -> np.ndarray:
    villages = world.villages
    return np.concatenate([np.arange(f, f + a) for f, a in zip(villages.first_row, villages.awake, strict=True)])


def test_a_windfall_falls_on_a_share_of_the_households_named() -> None:
    got, world = windfall_of(event("windfall", share=0.5, amount=10_500, where=["gujrat"]))
    rows = awake_rows(world)
    gujrat = world.units.unit[world.villages.district[world.villages_of(rows)]] == "gujrat"
    assert set(got[rows][gujrat]) == {0, 10_500}
    assert 0.4 < (got[rows][gujrat] > 0).mean() < 0.6
    assert not got[rows][~gujrat].any()
    paid = got[rows].astype(np.int64) * world.weight[world.villages.district[world.villages_of(rows)]]
    assert world.ledger.flows["endowment", "households", "windfall"] == paid.sum()


def test_a_windfall_may_be_for_the_poor() -> None:
    everyone, world = windfall_of(event("windfall", share=1.0, amount=10_500))
    poor, _ = windfall_of(event("windfall", share=1.0, amount=10_500, poorer_than=1.0))
    poorest, _ = windfall_of(event("windfall", share=1.0, amount=10_500, lowest_fifths=2))
    rows = awake_rows(world)
    assert (everyone[rows] > 0).all()
    assert 0.02 < (poor[rows] > 0).mean() < 0.6
    assert np.array_equal(poorest[rows] > 0, world.households.wealth_group[rows] < 2)


def test_a_windfall_changes_no_departures_where_nobody_can_leave() -> None:
    plain, found = run(**off("channel")), run(WINDFALL, **off("channel"))
    flows = ("legal_departures", "irregular_departures", "sponsored_departures", "overstays", "domestic_moves")
    assert not any(plain["national"][name].any() or found["national"][name].any() for name in flows)
    assert found["national"]["assets_mean"][AT] > plain["national"]["assets_mean"][AT]


def test_houses_are_seen_at_once_and_fade() -> None:
    more = of_district(run(HOUSES), "visible_house_share") - of_district(run(), "visible_house_share")
    assert more[AT - 1] == 0.0
    without = 1.0 - of_district(run(), "visible_house_share")[AT]  # those who have one already gain none
    assert more[AT] == pytest.approx(0.05 * without, rel=0.03)  # a third of the villages has aged by a quarter
    assert 0.0 < more[-1] < 0.9 * more[AT]
    field = of_district(run(HOUSES), "demonstration_mean") - of_district(run(), "demonstration_mean")
    assert field[AT + 1] > 0.0


def test_houses_change_nothing_but_what_is_seen_without_demonstration() -> None:
    found = unlike(run(**off("demonstration")), run(HOUSES, **off("demonstration")))
    assert found == {"national.visible_house_share", "district.visible_house_share"}


# -------------------------------------------------------------------------------------------------------------- incomes


def test_incomes_are_multiplied_in_the_districts_named_while_it_lasts() -> None:
    bad = event("incomes", where=["gujrat"], multiple=0.7, until="2010-03")
    again = event("incomes", id="again", where=["gujrat"], multiple=0.5, until="2010-01")
    plain, found = model_at(AT + 1), model_at(AT + 1, bad, again)
    gujrat = plain.units.unit == "gujrat"
    assert found.district_month["wage_index"][gujrat] == pytest.approx(
        0.35 * plain.district_month["wage_index"][gujrat]
    )
    assert np.array_equal(found.district_month["wage_index"][~gujrat], plain.district_month["wage_index"][~gujrat])
    # families there are used to more, so that members abroad help
    assert (found.district_month["usual_wage"] > found.district_month["wage_index"])[gujrat].all()
    # a drought in the first month is nothing that families are used to
    first = model_at(1, bad | {"from": "2009-01"})
    assert (first.district_month["usual_wage"] > 1.2 * first.district_month["wage_index"])[gujrat].all()
    income = of_district(run(bad), "income_mean") / of_district(run(), "income_mean")
    assert (income[AT : AT + 3] < 0.85).all() and income[AT + 3] > 0.95


# -------------------------------------------------------------------------------------------------------------- amnesty


def test_an_amnesty_gives_papers_to_its_share() -> None:
    everywhere = {"destination": ["italy", "greece", "spain"]}
    before, world = model_at(AT, {**AMNESTY, "where": everywhere}), model_at(AT + 1, {**AMNESTY, "where": everywhere})
    rows = [k for k, facts in enumerate(world.destination_facts) if facts.key in everywhere["destination"]]
    without = before.stock[:, rows][:, :, IRREGULAR:].sum()
    tables = run({**AMNESTY, "where": everywhere})["destination"], run()["destination"]
    month = [table["month"] == np.datetime64(WHEN) for table in tables]
    named = [np.isin(table["destination"], everywhere["destination"]) for table in tables]
    got = [table["regularised"][m & n].sum() for table, m, n in zip(tables, month, named, strict=True)]
    assert got[0] - got[1] == pytest.approx(0.3 * without, rel=0.15)
    assert tables[0]["regularised"][month[0] & ~named[0]].sum() == tables[1]["regularised"][month[1] & ~named[1]].sum()


def test_an_amnesty_of_all_frees_all() -> None:
    """Nobody whom it frees is deported, goes on or goes home in the month."""
    world = model_at(AT + 1, AMNESTY | {"share": 1.0})
    row = [facts.key for facts in world.destination_facts].index("italy")
    month = world[DiasporaState].month
    assert (month.moving[row, IRREGULAR:] == 1.0).all()
    assert (month.regularised[row, IRREGULAR:] == 1.0).all() and not month.deported[row, IRREGULAR:].any()


def test_people_hear_of_an_amnesty_and_do_not_expect_another() -> None:
    greece = {"share": 0.5, "where": {"destination": "greece"}}
    plain, world = model_at(AT + 1), model_at(AT + 1, AMNESTY | greece)
    assert (salience(world, PAPERS) - salience(plain, PAPERS)).max() > 0.0
    # those who remain have the usual chance: less in the hidden sector, a little more where fewer are in it
    assert (world[BeliefsState].state.truth.papers <= 1.05 * plain[BeliefsState].state.truth.papers).all()


# ----------------------------------------------------------------------------------------------------------- parameters


def test_a_parameter_has_its_value_in_its_months() -> None:
    values = [
        world.params(LabourParams).job_growth for world in months_of(Model(small_config(months=18, events=[JOBS])))
    ]
    usual = LabourParams().job_growth
    assert values == [usual] * AT + [0.05] * 4 + [usual] * 2


def test_a_lever_adds_to_the_parameter_of_the_month() -> None:
    lever = {"lever": "job_creation", "from": WHEN, "value": 0.02, "where": ["gujrat"]}
    world = model_at(AT + 1, JOBS, levers=[lever])
    assert world.now(JOB_GROWTH) == pytest.approx(np.where(world.units.unit == "gujrat", 0.07, 0.05))


def test_a_parameter_as_in_the_configuration_changes_nothing() -> None:
    usual = {**JOBS, "value": make_config().labour.job_growth}
    assert not unlike(run(), run(usual))


class Read:
    """Section of parameters that notes what is read of it, and when."""

    def __init__(self, section: Any, world: World, seen: dict[str, set[int]]) -> None:
        self._inside = section, world, seen

    def __getattr__(self, name: str) -> Any:
        section, world, seen = self._inside
        seen.setdefault(f"{type(section).section}.{name}", set()).add(world.t)
        return getattr(section, name)


def test_what_is_read_at_the_start_only_is_declared_so() -> None:
    """Parameters read in the first month alone; those that levers and rare choices read are not looked at."""
    seen: dict[str, set[int]] = {}
    levers = [
        {"lever": found.name, "from": "2009-02", "value": found.bounds[1] / 4.0}
        | ({"topic": "death"} if found.topics else {})
        for found in LEVERS.values()
    ]
    displaced = {"persons": {"gujrat": 2000}, "begins": "2009-03", "months": 3, "permits_end": "2015-12"}
    # large enough that somebody chooses every way in spite of all levers
    world = build_world(
        small_config(months=5, scale=0.01, levers=levers, displacement=displaced, channel={"irregular_constant": 0.0})
    )
    params = World.params
    with patch.object(World, "params", lambda self, kind: Read(params(self, kind), self, seen)):
        for _ in range(5):
            world.open_month()
            for mechanism in MONTH:
                mechanism.step(world)
    world.threads.close()
    facts = [found for mechanism in MONTH for found in facts_of(mechanism.Params, mechanism.section)]
    first_only = {found.path for found in facts if seen.get(found.path) == {0}}
    moved_by_levers = {f"{moved.path}" for lever in LEVERS.values() for moved in lever.moves if moved.params}
    assert first_only - moved_by_levers <= {found.path for found in facts if found.at_start}
    assert not [found.path for found in facts if found.at_start and seen.get(found.path, {0}) - {0}]


# -------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ({**WRECK, "where": ["gujrrat"]}, "no district 'gujrrat'; did you mean 'gujrat'?"),
        ({**WRECK, "where": ["multan"]}, "district 'multan' does not lie in population.region"),
        ({**WRECK, "where": {"leg": "kech_iran"}}, "'deaths' befalls districts or provinces; expected a list of"),
        ({**WRECK, "way": {"leg": ["kech_iran", "libya_italy"]}}, "expected one leg or one route; found 2"),
        ({**WRECK, "way": None}, "'way' is missing; expected {leg: …} or {route: …}"),
        ({**WRECK, "person": 5}, "no setting 'person' here; did you mean 'persons'?"),
        ({**CLOSED, "where": None}, "'where' is missing; expected legs, routes or borders"),
        ({**HOUSES, "share": 2.0}, "expected a number from 0 to 1 (share); found the number 2"),
        ({**JOBS, "parameter": "labour.job_growht"}, "no parameter 'labour.job_growht'; did you mean 'labour.job"),
        ({**JOBS, "parameter": "population.scale"}, "'population.scale' describes the start of a run; no event"),
        ({**JOBS, "parameter": "displacement.begins"}, "'displacement.begins' is no number; an event sets numbers"),
        ({**JOBS, "parameter": "journey.held_months", "value": 2.5}, "expected a whole number from 1 to 60 (month)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported(use: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        small_config(months=24, events=[use])
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("use", "section"),
    [(WRECK, "journey"), (WINDFALL, "livelihood"), (HOUSES, "houses"), (AMNESTY, "diaspora"), (JOBS, "labour")],
)
def test_an_event_without_its_mechanism_is_refused(use: dict[str, Any], section: str) -> None:
    with pytest.raises(ConfigError, match=f"would do nothing: mechanism '{section}' is switched off"):
        small_config(months=24, events=[use], **off(section))


def test_a_parameter_has_one_value_in_a_month() -> None:
    with pytest.raises(ConfigError, match=r"events\[0\] sets 'labour.job_growth' in some of these months already"):
        small_config(months=24, events=[JOBS, {**JOBS, "id": "more", "from": "2010-02", "until": None}])
    later = {**JOBS, "id": "more", "from": "2010-02", "until": None}
    small_config(months=24, events=[{**JOBS, "until": "2010-01"}, later])


def test_an_end_before_the_beginning_of_a_route_is_refused() -> None:
    with pytest.raises(ConfigError, match="2009-01 lies before 'since', 2010-01"):
        small_config(places={"routes": {"iran_by_taftan": {"since": "2010-01", "until": "2009-01"}}})


def test_events_come_from_a_file_and_an_option(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(
        "start: 2009-01\nend: 2010-12\nevents:\n  - {event: houses, month: 2010-01, share: 0.1}\n", encoding="utf-8"
    )
    config = load_config(path, ["events.houses.share=0.2"])
    assert config.events[0].share == 0.2
    with pytest.raises(ConfigError) as caught:
        load_config(path, ["events.hauses.share=0.2"])
    assert "no event with the id 'hauses'; did you mean 'houses'?" in str(caught.value)
    assert make_config(**config.resolved()) == config


def test_malformed_events_are_passed_over() -> None:
    raw: dict[str, object] = {"events": [3, {"event": 3}, {"event": "closure", "where": 3, "from": 3}]}
    list(check_events(known_in(raw, Config.catalogue)))


# ---------------------------------------------------------------------------------------------------------- experiments


def test_runs_part_in_the_month_of_an_event() -> None:
    configs = [small_config(months=24), *(small_config(months=24, events=[use]) for use in (HOUSES, CLOSED))]
    assert forks_of([course_of(config.resolved()) for config in configs]) == [(parse_month(WHEN),)] * 3


def test_a_run_goes_on_from_the_past_of_one_without_events(tmp_path: Path) -> None:
    """To the bit: a state of the month before holds nothing of an event."""
    model = Model(small_config(months=20, scale=0.004))
    for _ in range(AT):
        model.step()
    config = small_config(months=20, scale=0.004, events=ALL)
    world = checkpoint.load(checkpoint.save(model.world, tmp_path / "past"), config=config)
    model.close()
    assert not unlike(run_to_end(world), simulate(config))


def test_scenarios_take_events_and_share_the_past(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text(
        f"""
name: some
set:
  start: 2009-01
  end: 2010-06
  population: {{region: [gujrat, lahore], scale: 0.001, min_villages: 4}}
  events: {json.dumps([CLOSED])}
scenarios:
  reference: {{}}
  houses: {{add_events: {json.dumps([HOUSES])}}}
  wreck: {{events: {json.dumps([WRECK])}}}
replicates: 1
""",
        encoding="utf-8",
    )
    plan = Plan(load_experiment(file))
    configs = {run.scenario: plan.config(run) for run in plan}
    assert [[use.event for use in config.events] for config in configs.values()] == [
        ["closure"], ["closure", "houses"], ["deaths"],
    ]  # fmt: skip
    assert {month for run in plan for month, _ in plan.forks(run)} == {parse_month(WHEN)}
