"""Figures of the market: what they compute, what they leave out, and that names do not overlap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fake_frames import PARTS, make_frames
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from worlds import months_of, small_config

from abm.market.payments import PAYEES, FeeOutcomes, split_fees
from abm.model import Model
from abm.places.places import places_of
from abm.plots import style
from abm.plots.curves import End, _marked, means_by_step, name_lines, spread, whole_years
from abm.plots.curves import months_of as months_of_frame
from abm.plots.enforcement import AIRPORTS, LEG_COLOURS, leg_groups, rows_by_group
from abm.plots.journeys import _fates
from abm.plots.market import (
    ADDED,
    DESTINATION_COLOURS,
    TOGETHER,
    departures_by_scheme,
    fees_by_group,
    group_routes,
    look_of,
)
from abm.plots.standard import STANDARD
from abm.plots.style import About
from abm.plots.who_gets_what import OWNERS, draw_who_gets_what, shares_of_fees

pytestmark = pytest.mark.filterwarnings("error")

MARKET = ("fees", "offices", "attempts", "who_gets_what", "beliefs", "enforcement")
RUN = "test, seed 7"


def make_routes(departures: dict[str, int], months: int = 24) -> pd.DataFrame:
    """Table by route: so many a month on each, for a fee of 1,000 PKR for each leg."""
    month = pd.date_range("2009-01-01", periods=months, freq="MS")
    parts = [
        pd.DataFrame({
            "month": month, "route": facts.key, "departures": departures.get(facts.key, 0),
            "fee_median": 1_000.0 * len(facts.legs) if departures.get(facts.key) else np.nan,
        })
        for facts in places_of().routes
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def draw(name: str, frames: dict[str, pd.DataFrame]) -> Figure | None:
    with style.drawing():
        return STANDARD[name][1](frames, About(RUN, where="Pakistan"))


# ---------------------------------------------------------------------------------------------------- who gets what


def test_parts_add_up_to_what_is_paid_within_what_stays_in_a_real_run():
    """Fees and capital brought in are what was paid out, seized, and added to what offices and escrow hold."""
    config = small_config(("gujrat", "mandi_bahauddin"), months=30, scale=0.01, min_villages=20)
    held_before, fees = 0, 0
    for world in months_of(Model(config)):
        split = split_fees(world.ledger.flows)
        assert {which: world.figures[which] for which in split} == split
        found = {which.name: amount for which, amount in split.items()}
        out = sum(found[name] for name in found if name.startswith("paid_") and name != "paid_extortionists")
        held = world.ledger.balances["offices"] + world.ledger.balances["escrow"]
        got = found["fees_paid_by_travellers"] + found["owners_capital"] + found["ransoms_to_offices"]
        assert got == out + found["seized_from_offices"] + held - held_before
        assert world.figures[FeeOutcomes.held_by_market] == held
        held_before, fees = held, fees + found["fees_paid_by_travellers"]
    assert fees > 0
    assert world.ledger.balances["transporters"] > 0


def test_every_payee_is_paid_by_the_market_alone():
    flows = {
        ("households", "offices", "smuggling fee"): 100,
        ("households", "escrow", "deposit"): 50,
        ("escrow", "households", "deposit returned"): 20,
        ("households", "transporters", "passage"): 7,
        ("offices", "transporters", "passage"): 30,
        ("offices", "associates", "share of associates"): 15,
        ("offices", "associates", "overhead"): 5,
        ("office_owners", "offices", "capital"): 9,
        ("offices", "office_owners", "profit"): 11,
        ("offices", "government", "seizure"): 2,
        ("households", "extortionists", "ransom"): 40,
        ("extortionists", "offices", "share of ransom"): 12,
        ("households", "recruiters", "legal fee"): 1_000,
        ("employers", "households", "wages"): 10_000,
        ("households", "government", "fine"): 3,
    }
    found = split_fees(flows)
    assert set(PAYEES.values()) <= set(found)
    assert {which.name: amount for which, amount in found.items()} == {
        "fees_paid_by_travellers": 100 + 50 - 20 + 7, "paid_transporters": 37, "paid_officials": 0, "paid_forgers": 0,
        "paid_money_holders": 0, "paid_owners": 11, "paid_extortionists": 40, "paid_associates": 15,
        "paid_overhead": 5, "owners_capital": 9, "seized_from_offices": 2, "ransoms_to_offices": 12,
    }  # fmt: skip


def test_shares_add_up_and_losses_leave_nothing_to_owners():
    national = make_frames(months=24)["national"]
    period = whole_years(months_of_frame(national))
    shares = shares_of_fees(national, period)
    assert np.allclose(np.sum(list(shares.values()), axis=0), 1.0)
    assert shares["Transporters"] == pytest.approx(PARTS["paid_transporters"], abs=1e-3)
    national["paid_transporters"] = 2 * national["fees_paid_by_travellers"]
    lossy = shares_of_fees(national, period)
    assert np.allclose(np.sum(list(lossy.values()), axis=0), 1.0)
    assert not lossy[OWNERS[0]].any()


def test_the_opening_is_seen_through_areas_and_labels_begin_at_zero():
    frames = make_frames(months=48)
    frames["national"]["paid_transporters"] = 2 * frames["national"]["fees_paid_by_travellers"]
    start = int(months_of_frame(frames["national"])[0])
    left, right = draw_who_gets_what(frames, About(RUN, where="Pakistan", start=start)).axes
    assert any(isinstance(patch, Rectangle) and patch.get_zorder() > 1 for patch in left.patches)
    assert right.get_xlim()[0] < 0 and all(text.get_position()[0] > 0 for text in right.texts)


# ------------------------------------------------------------------------------------------------------ fees and groups


def test_routes_are_grouped_by_destination_and_means_and_the_small_together():
    groups = group_routes(make_routes({"iran_by_taftan": 50, "iran_by_sea": 40, "air_uk": 2, "air_germany": 1,
                                       "onward_iran_turkey": 500}), places_of())  # fmt: skip
    assert groups == {
        "Iran, by land": ("iran_by_taftan", "iran_by_sea"),
        "UK and Germany, by air": ("air_uk", "air_germany"),
    }


def test_fee_of_a_group_is_weighted_by_departures_and_skips_months_without():
    route = make_routes({"iran_by_taftan": 30, "iran_by_mashkel": 10})
    route.loc[route["month"] < "2009-07-01", ["departures", "fee_median"]] = [0, np.nan]
    lines = fees_by_group(route, whole_years(months_of_frame(route)), places_of())
    assert list(lines) == ["Iran, by land"]
    assert lines["Iran, by land"][0] == pytest.approx([2_750.0, 2_750.0])


def test_a_destination_with_few_fees_is_named_and_not_drawn():
    """A name beside no line would say that there is one."""
    frames = make_frames(months=96)
    routes = make_routes({"iran_by_taftan": 50, "air_uk": 50}, months=96)
    routes.loc[(routes["route"] == "air_uk") & ~routes["month"].dt.year.isin((2009, 2012, 2016)), "fee_median"] = np.nan
    frames["route"] = routes
    figure = draw("fees", frames)
    assert figure is not None
    assert {text.get_text() for text in figure.axes[0].texts} == {"Iran,\nby land"}
    assert len(figure.axes[0].lines) == 1
    foot = " ".join(text.get_text() for text in figure.texts)
    assert "too few years have a fee: United Kingdom, by air." in foot
    assert "Gaps" not in foot


def test_a_value_that_stands_alone_has_its_marker():
    """In long runs not every value has one, and no line shows those between gaps."""
    values = np.full(40, np.nan)
    values[[0, 3, 10, 11, 12, 39]] = 1.0
    assert _marked(values, 2) == [0, 3, 10, 12, 39]
    assert _marked(np.ones(5), 2) == [0, 2, 4]


def test_who_pays_upfront_is_everybody_else():
    national = make_frames(months=12)["national"]
    found = departures_by_scheme(national)
    assert np.array_equal(sum(found.values()), national["irregular_departures"])
    assert (found["Upfront"] > found["Escrow"]).all()


def test_journeys_begun_are_those_from_home_and_onward_ones():
    national = make_frames(months=12)["national"]
    period = whole_years(months_of_frame(national))
    begun = _fates(national, period)["Begun"][0]
    assert begun == period.sums(national, "irregular_departures") + period.sums(national, "onward_departures")
    assert _fates(national.drop(columns="onward_departures"), period)["Begun"][0] < begun


def test_every_leg_belongs_to_a_group_and_airports_are_their_own():
    found = leg_groups(places_of())
    assert set(found) == {leg.key for leg in places_of().legs}
    assert {key for key, group in found.items() if group == AIRPORTS} == {
        leg.key for leg in places_of().legs if leg.guard == "air"
    }
    rows = rows_by_group(pd.Series(sorted(found)), places_of())
    assert np.sum(list(rows.values()), axis=0).tolist() == [1] * len(found)
    assert set(rows) <= set(LEG_COLOURS)


def test_means_skip_what_is_not_there():
    month = pd.date_range("2009-01-01", periods=24, freq="MS")
    frame = pd.DataFrame({"month": month, "fee": [np.nan] * 11 + [8.0] * 13})
    period = whole_years(months_of_frame(frame))
    assert means_by_step(period, frame, "fee").tolist() == [8.0, 8.0]
    assert np.isnan(means_by_step(period, frame, "fee", np.zeros(24))).all()


# ------------------------------------------------------------------------------------------------------------- drawing


@pytest.mark.parametrize("name", MARKET)
@pytest.mark.parametrize("case", [{"months": 240}, {"months": 1}, {"months": 30, "start": "2009-04"}], ids=str)
def test_figures_are_drawn_without_overlapping_names(name, case):
    figure = draw(name, make_frames(**case))
    assert figure is not None
    with style.drawing():
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        edge = figure.bbox
        for axes in figure.axes:
            boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
            for k, box in enumerate(boxes):
                assert box.x1 <= edge.x1 + 1, f"cut at the right: {axes.texts[k].get_text()!r}"
                for other in boxes[:k]:
                    width = min(box.x1, other.x1) - max(box.x0, other.x0)
                    height = min(box.y1, other.y1) - max(box.y0, other.y0)
                    assert width <= 0 or height <= 2.5, [text.get_text() for text in axes.texts]


def test_a_market_without_one_way_to_pay_has_the_others():
    frames = make_frames(months=24)
    frames["national"] = frames["national"].assign(departures_escrow=0)
    figure = draw("fees", frames)
    assert figure is not None
    assert {text.get_text() for text in figure.axes[1].texts} == {"Upfront", "Escrow", "Credit", "Alone"}


def test_names_keep_their_order_and_stay_inside():
    figure = style.new_figure(6, 4, "")
    axes = figure.add_subplot()
    axes.set_ylim(0, 100)
    name_lines(axes, {name: End(98.0 + k, "black") for k, name in enumerate("abcd")})
    heights = [text.xy[1] for text in axes.texts]
    assert heights == sorted(heights)
    assert heights[-1] <= 1.0
    assert np.diff(heights).min() > 0.04
    assert len(axes.lines) == 4  # they lead to the names


def test_names_stand_at_their_lines_where_there_is_room_and_around_them_where_there_is_not():
    sizes = np.full(3, 0.1)
    assert spread(np.array([0.2, 0.5, 0.9]), sizes).tolist() == pytest.approx([0.2, 0.5, 0.9])
    assert spread(np.array([0.5, 0.5, 0.5]), sizes).tolist() == pytest.approx([0.4, 0.5, 0.6])
    assert spread(np.array([0.0, 0.0, 0.9]), sizes).tolist() == pytest.approx([0.0, 0.1, 0.9])
    assert spread(np.zeros(0), np.zeros(0)).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_names_never_overlap(wishes):
    found = spread(np.array(sorted(wishes)), np.full(len(wishes), 0.1))
    assert (np.diff(found) > 0.1 - 1e-9).all()
    assert found[0] >= 0
    assert found[-1] <= 1 + 1e-9


def test_a_group_has_its_colour_whatever_else_is_drawn():
    """Colours go with the group and not with its rank."""
    assert look_of("Iran, by land")[0] == look_of("Iran, by air")[0] != look_of("Turkey, by land")[0]
    assert look_of("Iran, by land")[1] != look_of("Iran, by air")[1]
    assert [look_of(f"Others, {way}")[0] for way in TOGETHER] == list(TOGETHER.values())
    assert len({*TOGETHER.values()}) == len(TOGETHER) and not {*TOGETHER.values()} & {*DESTINATION_COLOURS.values()}
    assert look_of("Elsewhere, by land")[0] == ADDED
    assert {
        facts.name for facts in places_of().destinations if any(r.destination == facts.key for r in places_of().routes)
    } <= set(DESTINATION_COLOURS)
    frames = make_frames(months=24)
    everything = draw("enforcement", frames)
    frames["leg"] = frames["leg"][frames["leg"]["leg"].isin(["turkey_greece", "libya_italy"])]
    few = draw("enforcement", frames)
    assert everything is not None
    assert few is not None
    ours, theirs = ({t.get_text(): t.get_color() for t in figure.axes[1].texts} for figure in (few, everything))
    assert set(ours) == {"Turkey and Aegean", "North Africa"}
    assert ours.items() <= theirs.items()


def test_effort_shows_noise_small_and_names_who_stays_at_the_usual():
    frames = make_frames(months=240)
    noise = 1.0 + 0.004 * np.cos(np.arange(len(frames["leg"])))
    frames["leg"] = frames["leg"].assign(effort=noise)
    figure = draw("enforcement", frames)
    assert figure is not None
    axes = figure.axes[0]
    low, high = axes.get_ylim()
    assert low <= 0.75
    assert high >= 1.25
    assert not axes.texts  # nothing hides the lines
    assert "Effort at the usual level throughout, within 2 %, and not drawn: Pakistan, Iran" in " ".join(figure.caption)


def test_a_run_without_the_market_draws_none_of_its_figures(tmp_path):
    switched_off = {name: {"enabled": False} for name in ("market", "journey", "transit")}
    model = Model(small_config(months=2, mechanisms=switched_off))
    for _ in months_of(model):
        pass
    frames = {name: pd.DataFrame(columns) for name, columns in model.tables().items()}
    for name in ("fees", "attempts", "who_gets_what"):
        assert draw(name, frames) is None
