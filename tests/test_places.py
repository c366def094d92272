"""Routes, legs, destinations and posts by YAML only: what is read, what is refused, and what a run makes of it."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from worlds import months_of

from abm import conservation
from abm.cli import main
from abm.config import Config, load_config, make_config
from abm.engine.calendar import parse_month
from abm.engine.entry import FrozenDict, missing_fields
from abm.engine.errors import ConfigError
from abm.model import Model
from abm.places.options import MOST_OPTIONS, list_options
from abm.places.places import (
    DOMESTIC,
    MOST_DESTINATIONS,
    MOST_ROUTES,
    PLACES,
    REST,
    PlaceSection,
    PlaceSettings,
    places_of,
)
from abm.plots.corridors import draw_corridors
from abm.plots.style import About, drawing
from abm.routes.legs import LegsState
from abm.routes.stations import PostsState
from abm.society.synthesis import stock_by_destination
from abm.world.codes import STATUS_COUNT
from abm.world.kernels.members_away import STAYS, stay_code

ROOT = Path(__file__).resolve().parent.parent
UNITS = ("gujrat", "gujranwala", "rawalpindi")


def small(name: str, **values: Any) -> Config:
    """An example as a small world of three districts over two years; `values` replace what it says."""
    config = load_config(ROOT / "examples" / f"{name}.yaml").resolved()
    size = {"region": list(UNITS), "scale": 0.003, "village_households": 50}
    return make_config(**config | {"end": "2010-12", "population": size, "levers": [], "seed": 2} | values)


@cache
def run(name: str, *, without: bool = False, known: bool = False) -> tuple[Model, dict[str, pd.DataFrame]]:
    """A run of a small example, or of the same world without what it adds, or one in which all `known` ways are."""
    values = ({"places": {}} if without else {}) | ({"channel": {"referral": 0.01}} if known else {})
    model = Model(small(name, **values))
    problems = [problem for world in months_of(model) for problem in conservation.check(world)]
    assert not problems
    return model, {table: pd.DataFrame(columns) for table, columns in model.tables().items()}


def problems_of(**places: Any) -> list[str]:
    """Problems of a section ``places``."""
    with pytest.raises(ConfigError) as caught:
        make_config(places=places)
    return [f"{problem.path}: {problem.message}" for problem in caught.value.problems]


def of_key(facts: Any, key: str) -> Any:
    return next(found for found in facts if found.key == key)


# ------------------------------------------------------------------------------------------------------------- merging


@pytest.mark.parametrize("part", PLACES.kinds)
def test_every_shipped_row_has_all_that_a_new_entry_needs(part: str) -> None:
    """Names and bounds of its fields are checked whenever it is read."""
    for key, row in PLACES.shipped[part].items():
        assert missing_fields(PLACES.kinds[part], row) == [], key


def test_a_shipped_row_is_read_as_strictly_as_an_entry() -> None:
    for field, value in (("death", 1.5), ("guards", "air")):
        row = {**PLACES.shipped["legs"]["libya_italy"], field: value}
        rows = {**PLACES.shipped, "legs": {**PLACES.shipped["legs"], "libya_italy": row}}
        with pytest.raises(ValidationError, match=field):
            PlaceSection(PlaceSettings, PLACES.kinds, lambda rows=rows: rows).merged()


def test_nothing_given_is_what_is_shipped() -> None:
    assert places_of(make_config().places) == places_of()
    assert len(places_of().routes) == len(PLACES.shipped["routes"])


def test_a_change_of_a_known_leg_keeps_the_rest_of_it() -> None:
    config = make_config(places={"legs": {"turkey_greece": {"death": 0.5, "history": {"2012-08": {"cost": 9}}}}})
    before, after = (of_key(facts, "turkey_greece") for facts in (places_of().legs, places_of(config.places).legs))
    assert after.death == 0.5
    assert (after.cost, after.interception, after.entry) == (before.cost, before.interception, before.entry)
    month = parse_month("2012-08")
    assert before.multiples(month) == (8.0, 1.0, 1.0)
    assert after.multiples(month) == (8.0, 9.0, 1.0)  # of this month the cost only
    assert after.multiples(parse_month("2016-04")) == before.multiples(parse_month("2016-04"))
    routes = [route for route in places_of(config.places).routes if after in route.legs]
    assert len(routes) >= 10  # a leg is shared


def test_a_leg_on_which_nobody_is_stopped_has_few_guards() -> None:
    legs = {key: {"interception": 0} for key in ("turkey_greece", "iran_turkey")}
    open_, usual = (
        Model(make_config(places=places, end="2009-01", population={"scale": 0.001, "region": ["jhelum"]}))
        for places in ({"legs": legs}, {})
    )
    for found in (open_, usual):
        assert np.isfinite(found.world[PostsState].guards.first_share).all()
    rows = [k for k, leg in enumerate(usual.world.leg_facts) if leg.key in legs]
    on = np.isin(usual.world[PostsState].guards.leg, rows)
    staff = [found.world[PostsState].guards.reference[on].sum() for found in (open_, usual)]
    assert 0 < staff[0] < staff[1]


def test_the_order_of_new_keys_does_not_count() -> None:
    values = load_config(ROOT / "examples" / "sixth_route.yaml").resolved()["places"]
    turned = {part: dict(reversed(rows.items())) for part, rows in reversed(values.items())}
    one, other = make_config(places=values).places, make_config(places=turned).places
    assert one == other
    assert hash(one) == hash(other)
    assert places_of(one) == places_of(other)
    assert [route.key for route in places_of(one).routes][-2:] == ["air_turkey", "onward_turkey_italy"]


def test_new_destinations_come_before_the_city_inside_the_country() -> None:
    places = places_of(load_config(ROOT / "examples" / "extra_destination.yaml").places)
    assert [facts.key for facts in places.destinations[-2:]] == ["malaysia", DOMESTIC]
    assert of_key(places.destinations, "rest_of_world").legal_quota == 30_000


def test_the_configuration_is_frozen_comes_back_and_travels() -> None:
    config = load_config(ROOT / "examples" / "sixth_route.yaml")
    again = make_config(**json.loads(json.dumps(config.resolved())))
    assert again == config
    assert pickle.loads(pickle.dumps(config)) == config
    assert copy.deepcopy(config.places.legs) == config.places.legs
    assert isinstance(config.places.legs, FrozenDict)
    for change in (
        lambda found: found.update(x=1),
        lambda found: found.pop("istanbul_italy"),
        lambda found: found.__setitem__("x", 1),
        lambda found: found.clear(),
    ):
        with pytest.raises(TypeError, match="frozen"):
            change(config.places.legs)


# ------------------------------------------------------------------------------------------------- stocks and limits


def test_a_new_destination_takes_its_stock_out_of_the_rest_and_from_who_counted_it() -> None:
    start = parse_month("2009-01")
    bahrain = {**PLACES.shipped["destinations"]["qatar"], "name": "Bahrain", "iso3": "BHR", "income_of": "QAT"}
    malaysia = load_config(ROOT / "examples" / "extra_destination.yaml").resolved()["places"]["destinations"][
        "malaysia"
    ]
    added = {**places_for_malaysia(), "destinations": {"bahrain": bahrain, "malaysia": malaysia}}
    plain, more = (places_of(make_config(places=found).places).destinations for found in ({}, added))
    before, after = (
        dict(zip((facts.key for facts in found), stock_by_destination(found, start), strict=True))
        for found in (plain, more)
    )
    assert after["bahrain"] > 10_000
    assert after["oman"] == pytest.approx(before["oman"] - after["bahrain"])
    assert after[REST] == pytest.approx(before[REST] - after["malaysia"])
    assert sum(after.values()) == pytest.approx(sum(before.values()))


def places_for_malaysia() -> dict[str, Any]:
    places = load_config(ROOT / "examples" / "extra_destination.yaml").resolved()["places"]
    return {part: places[part] for part in ("points", "legs", "routes", "posts")}


def many_routes(count: int) -> dict[str, Any]:
    row = PLACES.shipped["routes"]["air_libya"]
    return {f"copy_{k}": row for k in range(count)}


def many_destinations(count: int) -> dict[str, Any]:
    """Destinations of made-up countries."""
    row = {**PLACES.shipped["destinations"]["italy"], "income_of": "ITA", "stock_assumed": 60_000}
    return {f"land_{k}": {**row, "iso3": f"X{chr(65 + k // 26)}{chr(65 + k % 26)}"} for k in range(count)}


def test_there_is_room_for_what_the_limits_promise_and_no_more() -> None:
    routes, destinations = PLACES.shipped["routes"], PLACES.shipped["destinations"]
    free = MOST_ROUTES - len(routes), MOST_DESTINATIONS - len(destinations)
    config = make_config(places={"routes": many_routes(free[0]), "destinations": many_destinations(free[1])})
    places = places_of(config.places)
    assert (len(places.routes), len(places.destinations)) == (MOST_ROUTES, MOST_DESTINATIONS)
    assert len(list_options(places.destinations, places.routes)) < MOST_OPTIONS
    assert MOST_DESTINATIONS * STATUS_COUNT <= STAYS
    assert problems_of(routes=many_routes(free[0] + 1)) == [
        f"places.routes: {MOST_ROUTES + 1} routes, the shipped ones included; at most {MOST_ROUTES}"
    ]
    assert problems_of(destinations=many_destinations(free[1] + 1)) == [
        f"places.destinations: {MOST_DESTINATIONS + 1} destinations, the shipped ones included; "
        f"at most {MOST_DESTINATIONS}"
    ]


def test_members_away_are_reported_apart_at_the_last_destination() -> None:
    codes = {
        stay_code(row, destination, status)
        for row in (0, 1)
        for destination in range(MOST_DESTINATIONS)
        for status in range(STATUS_COUNT)
    }
    assert len(codes) == 2 * MOST_DESTINATIONS * STATUS_COUNT
    assert stay_code(0, MOST_DESTINATIONS - 1, STATUS_COUNT - 1) < stay_code(1, 0, 0)


def test_a_world_with_as_many_places_as_fit_runs_and_its_books_close() -> None:
    routes, destinations = PLACES.shipped["routes"], PLACES.shipped["destinations"]
    found = {
        "routes": many_routes(MOST_ROUTES - len(routes)),
        "destinations": many_destinations(MOST_DESTINATIONS - len(destinations)),
    }
    model = Model(small("sixth_route", places=found, end="2009-06"))
    problems = [problem for world in months_of(model) for problem in conservation.check(world)]
    assert not problems
    flows = pd.DataFrame(model.tables()["flows"])
    assert flows.loc[flows["destination"].astype(str).str.startswith("land_"), "persons"].sum() > 0
    assert model.world.stock[:, -2].sum() > 0  # the last destination abroad
    routes_used = pd.DataFrame(model.tables()["route"]).groupby("route")["departures"].sum()
    assert len(routes_used) == MOST_ROUTES


# ------------------------------------------------------------------------------------------------------------ refusals


def test_a_route_must_lead_from_its_beginning_to_its_destination() -> None:
    row = {"name": "X", "corridor": "x", "from": "karachi", "destination": "italy"}
    legs = list(LIBYA)
    make_config(places={"routes": {"x": {**row, "legs": legs}}})
    for change, told in (
        ({"legs": legs[:2]}, "'dubai_libya' ends at 'libya_tripoli', which does not lie in 'italy'"),
        ({"legs": [*legs, "libya_italy"]}, "leg 'libya_italy' is named twice"),
        ({"from": "italy"}, "which does not lie in 'italy'"),
        ({"destination": DOMESTIC}, f"no destination '{DOMESTIC}'"),
        ({"destination": REST}, f"which does not lie in '{REST}'"),
    ):
        assert any(told in problem for problem in problems_of(routes={"x": {**row, "legs": legs, **change}})), told


def test_whether_a_lever_does_anything_depends_on_the_places_of_the_configuration() -> None:
    use = {"lever": "legal_quota", "from": "2018-01", "value": 2, "where": {"destination": "italy"}}
    with pytest.raises(ConfigError, match="does nothing at 'italy'"):
        make_config(levers=[use], places={"routes": {"air_libya": {"legs": list(LIBYA)}}})
    make_config(levers=[use], places={"destinations": {"italy": {"legal_quota": 100}}})
    with pytest.raises(ConfigError) as caught:  # a malformed section is told, and no more than that
        make_config(levers=[use], places={"destinations": {"spain": {"legal_quota": "many"}}})
    assert len(caught.value.problems) == 1


LIBYA = ("karachi_dubai", "dubai_libya", "libya_italy")


VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=5)),
    *(st.just(value) for value in ([], ["x"], {}, {"x": 1})),
)


@given(data=st.data())
def test_any_field_of_any_entry_is_taken_or_refused_in_words(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(list(PLACES.kinds)))
    key = data.draw(st.sampled_from([*PLACES.shipped[part], "new"]))
    names = [field.alias or name for name, field in PLACES.kinds[part].model_fields.items()]
    entry = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), VALUES, max_size=4))
    try:
        config = make_config(places={part: {key: entry}})
    except ConfigError as error:
        assert all(problem.path.startswith("places.") and problem.message for problem in error.problems)
    else:
        places_of(config.places)


# ------------------------------------------------------------------------------------------------------------- examples


def test_the_sixth_route_carries_travellers_on_its_legs() -> None:
    model, tables = run("sixth_route")
    by_route = tables["route"].groupby(tables["route"]["route"].astype(str))[["departures", "arrivals"]].sum()
    assert by_route.at["air_turkey", "departures"] > 30
    assert 0 < by_route.at["air_turkey", "arrivals"] < by_route.at["air_turkey", "departures"]
    assert "air_turkey" in {route.corridor for route in model.world.route_facts}
    _, without = run("sixth_route", without=True)
    assert "air_turkey" not in set(without["route"]["route"].astype(str))
    by_leg = tables["leg"].groupby(tables["leg"]["leg"].astype(str))["entered"].sum()
    assert (
        by_leg["islamabad_istanbul"] >= by_route.at["air_turkey", "departures"]
    )  # attempts, and the same persons again
    assert by_leg["istanbul_italy"] > 0
    assert "istanbul_italy" not in set(without["leg"]["leg"].astype(str))


def test_a_lever_may_name_the_new_route() -> None:
    lever = {"lever": "airport_screening", "where": {"route": "air_turkey"}, "from": "2009-01", "value": 10}
    model = Model(small("sixth_route", end="2009-02", levers=[lever]))
    plain = Model(small("sixth_route", end="2009-02"))
    found = []
    for each in (model, plain):
        *_, world = months_of(each)
        found.append(world[LegsState].month.interception)
    rows = [k for k, leg in enumerate(model.world.leg_facts) if leg.key == "islamabad_istanbul"]
    assert (found[0][rows] > found[1][rows]).all()
    others = np.setdiff1d(np.arange(len(model.world.leg_facts)), rows)
    assert (found[0][others] <= found[1][others] + 0.02).all()


def test_the_extra_destination_takes_migrants_by_both_channels_and_has_a_stock() -> None:
    """Without papers few go where few went before, and many where the way is known."""

    def by_channel(tables: dict[str, pd.DataFrame]) -> pd.Series:
        flows = tables["flows"][tables["flows"]["destination"].astype(str) == "malaysia"]
        return flows.groupby(flows["channel"].astype(str))["persons"].sum()

    model, tables = run("extra_destination")
    assert by_channel(tables)["legal_work"] > 100
    known = by_channel(run("extra_destination", known=True)[1])
    assert known["legal_work"] > 100
    assert known["irregular"] > 30
    assert known["irregular"] > 2 * by_channel(tables).get("irregular", 0)
    row = [facts.key for facts in model.world.destination_facts].index("malaysia")
    assert model.world.destinations[row].pay > 0
    assert model.world.destinations[row].opening_stock > 0
    assert model.world.stock[:, row].sum() > model.world.destinations[row].opening_stock * 0.5


def test_the_extra_post_is_one_of_the_posts_from_its_month_on() -> None:
    model, _ = run("extra_post")
    post = of_key(model.world.post_facts, "post_makran")
    assert (post.kind, post.at, post.since) == ("border_post", ("mashkel_iran", "kech_iran"), "2012-01")
    assert of_key(model.world.post_facts, "post_taftan").staff == 150
    assert of_key(model.world.post_facts, "post_taftan").at == ("karachi_taftan", "quetta_taftan")
    assert len(model.world.post_facts) == len(PLACES.shipped["posts"]) + 1


def test_the_extra_post_stops_more_on_its_legs_from_its_month_on() -> None:
    post = load_config(ROOT / "examples" / "extra_post.yaml").resolved()["places"]["posts"]["post_makran"]
    post["since"], found = "2009-07", []
    for places in ({"posts": {"post_makran": post}}, {}):
        model = Model(small("extra_post", end="2010-06", places=places))
        found.append(np.array([world[LegsState].month.interception.copy() for world in months_of(model)]))
    change = found[0] / found[1] - 1.0
    rows = [k for k, leg in enumerate(model.world.leg_facts) if leg.key in post["at"]]
    assert (found[0][:6] == found[1][:6]).all(), "nothing may move before the post opens"
    assert change[6:, rows].min() > 0.05
    assert np.abs(np.delete(change, rows, axis=1)).mean() < 0.02


@pytest.mark.parametrize(("name", "leg"), [("sixth_route", "islamabad_istanbul"), ("extra_destination", None)])
def test_a_leg_that_is_added_begins_with_effort_one(name: str, leg: str | None) -> None:
    model = Model(small(name, end="2009-02", interception={"staffing": 0.0}))
    world = next(iter(months_of(model)))
    new = set(small(name).places.legs) - set(PLACES.shipped["legs"])
    assert leg is None or leg in new
    rows = [k for k, facts in enumerate(world.leg_facts) if facts.key in new]
    np.testing.assert_allclose(world[LegsState].effort[rows], 1.0)


def test_more_staff_of_a_shipped_post_stop_more() -> None:
    found = []
    for staff in (900, 600):
        model = Model(small("extra_post", end="2009-03", places={"posts": {"iran_east": {"staff": staff}}}))
        *_, world = months_of(model)
        row = [leg.key for leg in world.leg_facts].index("mashkel_iran")
        found.append(world[LegsState].month.interception[row])
    assert found[0] > found[1] * 1.02


@pytest.mark.parametrize("name", ["sixth_route", "extra_destination"])
def test_the_map_draws_what_the_configuration_adds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, tables = run(name)
    drawn: list[str] = []
    monkeypatch.setattr("abm.plots.corridors.leg_arc", _noting(drawn))
    with drawing():
        figure = draw_corridors(tables, About("test", model.world.places, where="here"))
        assert figure is not None
        texts = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    new = {leg for leg in small(name).places.legs if leg in {found.key for found in model.world.leg_facts}}
    assert new <= set(drawn)
    assert ("Air turkey" if name == "sixth_route" else "Malaysia") in texts.replace("Turkey", "turkey")


def _noting(drawn: list[str]) -> Any:
    from abm.plots.corridors import leg_arc

    def draw(leg: Any, anchors: Any) -> Any:
        drawn.append(leg.key)
        return leg_arc(leg, anchors)

    return draw


def test_describe_lists_the_places_of_a_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    for topic, name, word in (
        ("routes", "sixth_route", "air_turkey"),
        ("destinations", "extra_destination", "malaysia"),
        ("posts", "extra_post", "post_makran"),
    ):
        assert main(["describe", topic, "--config", str(ROOT / "examples" / f"{name}.yaml"), "--format", "json"]) == 0
        assert word in {str(row[topic[:-1]]) for row in json.loads(capsys.readouterr().out)}
    assert main(["describe", "levers", "--config", str(ROOT / "examples" / "sixth_route.yaml")]) == 2
    assert "--config goes with 'routes'" in capsys.readouterr().err


def test_facts_are_plain_values() -> None:
    for part in dataclasses.fields(places_of()):
        for facts in getattr(places_of(), part.name):
            hash(facts)


def test_a_post_that_is_not_open_yet_changes_no_price() -> None:
    post = load_config(ROOT / "examples" / "extra_post.yaml").resolved()["places"]["posts"]["post_makran"]
    post["since"], found = "2009-07", []
    for places in ({"posts": {"post_makran": post}}, {}):
        model = Model(small("extra_post", end="2009-08", places=places))
        found.append(np.array([world[LegsState].month.cost.copy() for world in months_of(model)]))
    np.testing.assert_allclose(found[0][:6], found[1][:6], rtol=1e-12)
    assert (found[0][6:] != found[1][6:]).any()
