"""The standard figures: which are drawn, that equal tables give equal bytes, and what they compute."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from fake_frames import make_frames
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image
from spread import SPREAD_EDGES, SPREAD_VIEW, draw_ratios

from abm.config import load_config, make_config
from abm.places.places import places_of
from abm.plots import corridor_counts, corridors, draw_standard_plots, maps, style
from abm.plots.boundaries import AJK, load_shapes, province_borders
from abm.plots.corridors import Anchors, pointer
from abm.plots.curves import Period, months_of, whole_years
from abm.plots.panels import settled
from abm.plots.series import draw_channels
from abm.plots.standard import STANDARD
from abm.plots.streams import PANELS, draw_exploitation, draw_streams
from abm.plots.style import Frames, save_small
from abm.streams import EXPLOITATION, streams_of

pytestmark = pytest.mark.filterwarnings("error")

CATCHMENT = tuple(shape.key for shape in load_shapes("units") if shape.catchment)
RUN = "test, seed 7"
ABOUT = style.About(RUN, where="Pakistan")
OF_MARKET = {"fees", "offices", "attempts", "who_gets_what", "enforcement", "routes", "flows"}
"""Figures that need somebody to leave irregularly."""

OF_STREAMS = {"streams"}
"""Figures that need bonded labour, trafficking or transit."""

NOBODY = OF_MARKET | OF_STREAMS | {"exploitation", "destinations"}
"""Figures that a run has only if somebody leaves."""


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made and not written, for tests of which there are and what is on them."""
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: None)


@pytest.fixture
def drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are drawn, text, layout and all, but once and coarsely: enough for what cannot be drawn to fail."""

    def draw(figure: Figure, path: Path, **_: object) -> None:
        if path.suffix == ".png":
            figure.set_dpi(40)
            FigureCanvasAgg(figure).draw()

    monkeypatch.setattr(Figure, "savefig", draw)


def names(paths: list[Path]) -> set[str]:
    return {path.stem for path in paths}


@pytest.fixture(scope="module")
def frames() -> Frames:
    """Tables of thirty months from April: one whole calendar year, and months before and after it."""
    return make_frames(months=30, start="2009-04", units=CATCHMENT)


@pytest.fixture(scope="module")
def drawn(frames: Frames, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of all figures."""
    return draw_standard_plots(frames, tmp_path_factory.mktemp("drawn"), ABOUT)


def test_every_figure_is_drawn_as_png_and_svg_with_its_caption(drawn):
    assert {path.name for path in drawn} == {f"{name}.{kind}" for name in STANDARD for kind in ("png", "svg", "txt")}
    for path in drawn:
        if path.suffix == ".txt":
            assert RUN in path.read_text() and "One run of the model" in path.read_text()
            continue
        assert path.stat().st_size > 20_000
        head = path.read_bytes()[:8]
        assert head == b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else head.startswith(b"<?xml")


def test_same_tables_give_same_bytes_whatever_the_settings_of_the_user(frames, drawn, tmp_path):
    """Of curves and of the map of corridors: all are drawn with the same settings."""
    some = ("diaspora_and_remittances", "corridors_map")
    with mpl.rc_context({"font.size": 20, "svg.hashsalt": "other", "axes.grid": True, "savefig.bbox": "tight"}):
        again = draw_standard_plots(frames, tmp_path, ABOUT, only=some)
        assert mpl.rcParams["font.size"] == 20
    before = {path.name: path for path in drawn}
    assert names(again) == set(some)
    for path in again:
        assert path.read_bytes() == before[path.name].read_bytes(), path.name


@pytest.mark.study
def test_threads_draw_the_same_as_one(frames, drawn, tmp_path):
    workers = [
        threading.Thread(target=draw_standard_plots, args=(frames, tmp_path / str(place), ABOUT)) for place in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for path in drawn:
        for place in range(2):
            assert path.read_bytes() == (tmp_path / str(place) / path.name).read_bytes(), path.name


@pytest.mark.parametrize(("months", "scale"), [(1, 1.0), (1, 0.0), (36, 0.0)])
@pytest.mark.usefixtures("drawn_once")
def test_a_month_and_times_in_which_nobody_leaves_are_drawn(tmp_path, months, scale):
    frames = make_frames(months=months, scale=scale, units=CATCHMENT)
    assert names(draw_standard_plots(frames, tmp_path, ABOUT)) == set(STANDARD) - (set() if scale else NOBODY)


@pytest.mark.usefixtures("drawn_once")
def test_maps_of_one_district_are_drawn(tmp_path):
    one, of_places = make_frames(months=12, units=("gujrat",)), ("departures_map", "corridors_map", "flows")
    assert names(draw_standard_plots(one, tmp_path, ABOUT, only=of_places)) == set(of_places)


@pytest.mark.usefixtures("unwritten")
def test_less_than_a_year_of_the_whole_country_has_all_figures(tmp_path):
    assert names(draw_standard_plots(make_frames(months=8, start="2010-07"), tmp_path, ABOUT)) == set(STANDARD)


@pytest.mark.parametrize(
    ("gone", "left_out"),
    [
        (
            {"national"},
            {"channels", "diaspora_and_remittances", "aspiration", "beliefs", "drivers"}
            | OF_STREAMS
            | OF_MARKET - {"enforcement", "routes", "flows"},
        ),
        ({"district", "flows", "leg", "stream"}, {"departures_map", "flows", "enforcement", "exploitation"}),
        ({"route"}, {"corridors_map", "routes", "flows"}),
    ],
    ids=lambda names: min(names),
)
@pytest.mark.usefixtures("unwritten")
def test_figures_whose_table_is_not_there_or_empty_are_left_out(tmp_path, gone, left_out):
    frames = make_frames(months=3, units=CATCHMENT)
    without = {name: frame for name, frame in frames.items() if name not in gone}
    empty = frames | {name: frames[name].iloc[:0] for name in gone}
    for found in (without, empty):
        assert names(draw_standard_plots(found, tmp_path, ABOUT)) == set(STANDARD) - left_out


def test_panels_of_streams_that_take_part():
    """Zeros mean that a stream is off; without any there is no figure."""
    national = make_frames(months=24)["national"]
    assert len(draw_streams({"national": national}, ABOUT).axes) == len(PANELS)
    off = [column for panel in PANELS for column in panel.lines.values() if column != "investigations"]
    assert draw_streams({"national": national.assign(**dict.fromkeys(off, 0))}, ABOUT) is None
    off.remove("transit_entries")
    only = draw_streams({"national": national.assign(**dict.fromkeys(off, 0))}, ABOUT)
    assert [axes.get_title() for axes in only.axes] == ["Entries in transit"]


def test_the_figure_of_streams_says_what_it_counts_and_what_levels_rest_on():
    """Identified and charged are not the same people: no panel has both."""
    national = make_frames(months=24)["national"]
    assert all(len({"victims_identified", "victims_prosecuted"} & set(panel.lines.values())) < 2 for panel in PANELS)
    readings = {"bondage": "printed", "trafficking": "cited", "transit": ""}
    drawn = draw_streams({"national": national}, dataclasses.replace(ABOUT, readings=readings))
    foot = " ".join(" ".join(text.get_text() for text in drawn.texts).split())
    assert "migrants sent home" in foot
    assert "assumptions, not estimates: bonded households (reading 'printed'); trafficked within the country" in foot
    assert "(reading 'cited'); transit." in foot
    without = draw_streams({"national": national.assign(victims_prosecuted=0)}, ABOUT)
    foot = " ".join(text.get_text() for text in without.texts)
    assert "migrants sent home" not in foot and "assumptions" not in foot


def test_each_stream_of_exploitation_has_a_panel_with_its_name():
    """One that takes nobody has none, and a run without trafficking no figure."""
    found = make_frames(months=24)["stream"]
    titles = [axes.get_title() for axes in draw_exploitation({"stream": found}, ABOUT).axes]
    assert titles == ["Offers of work that are none", "Women and children from\nBangladesh", "own stream"]
    own = {"own_stream": {**EXPLOITATION.shipped["streams"]["from_bangladesh"], "name": "Women from Nepal"}}
    changed = make_config(exploitation={"streams": own}).exploitation
    axes = draw_exploitation({"stream": found}, dataclasses.replace(ABOUT, streams=streams_of(changed))).axes[-1]
    assert axes.get_title() == "Women from Nepal"
    assert to_hex(axes.patches[0].get_facecolor()) == style.OKABE_ITO["blue"].lower()
    nobody = found.assign(stream_taken=found["stream_taken"].where(found["stream"] != "job_traps", 0))
    assert len(draw_exploitation({"stream": nobody}, ABOUT).axes) == 2
    assert draw_exploitation({"stream": found.assign(stream_taken=0)}, ABOUT) is None
    assert draw_exploitation({"stream": found[["month", "stream"]]}, ABOUT) is None


@pytest.mark.usefixtures("drawn_once")
def test_figures_without_their_columns_are_left_out(tmp_path):
    frames = make_frames(months=3, units=CATCHMENT)
    frames["national"] = frames["national"][["month", "households", "legal_departures"]]
    frames["district"] = frames["district"].drop(columns=["irregular_departures", "sponsored_departures"])
    frames["leg"] = frames["leg"][["month", "leg"]]
    drawn = names(draw_standard_plots(frames, tmp_path, ABOUT))
    without = {"routes", "flows", "destinations"}  # which need no columns of national
    assert drawn == {"channels", "departures_map", "corridors_map", "exploitation", "drivers"} | without


# ----------------------------------------------------------------------------------------------------------- quantities


@pytest.mark.parametrize(
    ("start", "months", "words", "step", "steps"),
    [
        ("2009-01", 240, "2009 to 2028", 12, 20),
        ("2009-04", 30, "2010", 12, 1),
        ("2009-01", 12, "2009", 12, 1),
        ("2009-07", 12, "2009-07 to 2010-06", 1, 12),
        ("2009-01", 1, "2009-01", 1, 1),
    ],
)
def test_only_whole_calendar_years_are_counted_a_year(start, months, words, step, steps):
    first = int(start[:4]) * 12 + int(start[5:]) - 1
    period = whole_years(np.arange(first, first + months))
    assert (period.words, period.step, period.steps) == (words, step, steps)
    assert len(period.edges()) == steps + 1


def test_years_add_up_their_own_months_and_leave_started_years_out():
    months = pd.date_range("2009-12-01", periods=26, freq="MS")
    frame = pd.DataFrame({"month": months, "persons": [1000] + [1] * 12 + [3] * 12 + [1000]})
    period = whole_years(months_of(frame))
    assert list(period.sums(frame, "persons")) == [12, 36]
    assert period.mean(frame, "persons") == 24


def test_legal_work_is_counted_by_destination():
    flows = make_frames(months=24)["flows"]
    gulf, elsewhere = corridors._legal_work(flows, whole_years(months_of(flows)), places_of())
    legal = flows[flows["channel"] == "legal_work"]
    assert list(gulf) == ["saudi_arabia", "united_arab_emirates", "oman", "qatar"]
    assert sum(gulf.values()) + elsewhere == pytest.approx(legal["persons"].sum() / 2)


def test_months_are_read_from_every_kind_of_date():
    stamps = pd.Series(pd.to_datetime(["2009-01-01", "2010-12-01"]))
    for dates in (stamps, stamps.dt.date, stamps.astype("datetime64[ns]")):
        assert list(months_of(pd.DataFrame({"month": dates}))) == [2009 * 12, 2010 * 12 + 11]


def test_departure_rates_are_departures_over_person_years_unless_too_few_left():
    months = pd.date_range("2009-01-01", periods=24, freq="MS")
    districts = {"gujrat": (2_000, maps.FEWEST), "kech": (2_000, maps.FEWEST - 1), "jhelum": (0, maps.FEWEST)}
    district = pd.concat(
        pd.DataFrame({"month": months, "unit": unit, "population": lived, "irregular_departures": [left] + [0] * 23})
        for unit, (lived, left) in districts.items()
    )
    rates = maps.departure_rates(district, ["irregular_departures"], whole_years(months_of(district)))
    assert rates["gujrat"] == pytest.approx(1000 * maps.FEWEST / 2 / 2_000)
    assert np.isnan(rates["kech"]) and np.isnan(rates["jhelum"])


def test_one_high_district_does_not_wash_out_the_others():
    rates = np.append(np.linspace(0.1, 2.0, 133), 80.0)
    norm, palette = maps.classify(rates, "YlGnBu")
    counts = np.bincount(np.asarray(norm(rates)), minlength=palette.N)
    assert palette.N == 6
    assert counts.max() < 0.3 * len(rates)
    assert norm.vmin == 0.1  # no district is below it
    assert norm.vmax >= 80
    assert maps.classify(np.append(rates, 0.0), "YlGnBu")[0].vmin == 0


@pytest.mark.parametrize("rates", [[0.0, 0.0], [np.nan, 0.0], [], [0.3], [1e-6, 5e5], [0.1, 0.1]])
def test_classes_hold_every_rate(rates):
    norm, palette = maps.classify(np.array(rates, dtype=float), "OrRd")
    known = np.array([rate for rate in rates if np.isfinite(rate)])
    assert len(norm.boundaries) - 1 == palette.N
    assert np.all(np.diff(norm.boundaries) > 0)
    assert np.all((known >= norm.vmin) & (known <= norm.vmax))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.42, "0.42"), (3.14159, "3.1"), (41.2, "41"), (312_345, "312,000"), (1_079_999, "1,080,000")],
)  # fmt: skip
def test_numbers_are_rounded_and_grouped(value, text):
    assert style.number(value) == text


class TestSpread:
    """Figures of how emigration spreads, which no run draws by itself."""

    def test_small_maps_have_one_set_of_classes(self):
        keys = [shape.key for shape in load_shapes("units")]
        rates = pd.Series(np.resize([*SPREAD_EDGES[:-1], 400.0], len(keys)), keys)  # also above the last class
        with style.drawing():
            panels = {"1970": rates * 0, "2017": rates, "census": rates[keys[1:]]}
            figure = maps.draw_spread(
                panels, title="Spread", subtitle="Rates", notes=("A note.",), colours="YlGnBu", edges=SPREAD_EDGES,
                view=SPREAD_VIEW,
            )  # fmt: skip
            figure.canvas.draw()
        drawn = figure.axes[: len(panels)]
        assert [axes.get_title(loc="left") for axes in drawn] == [*panels]
        colours = [self.colours_of(axes) for axes in drawn]
        assert len(set(map(tuple, colours[0]))) == 1
        assert len(set(map(tuple, colours[1]))) == len(SPREAD_EDGES) - 1
        assert tuple(colours[1][0]) == tuple(colours[0][0])  # nobody is abroad from there in either
        assert to_hex(colours[2][0]) == style.PALE.lower()  # of the first the census knows nothing
        (bar,) = figure.axes[len(panels) :]
        assert [text.get_text() for text in bar.get_xticklabels()] == [f"{edge:g}" for edge in SPREAD_EDGES]

    @staticmethod
    def colours_of(axes: Axes) -> np.ndarray:
        """Colour of each unit, in order."""
        (filled,) = (found for found in axes.collections if found.get_array() is not None)
        return filled.get_facecolor()

    def test_ratios_show_runs_means_and_intervals(self):
        runs = pd.DataFrame({"scenario": ["with", "with", "without"], "ratio": [2.0, 3.0, 1.1]})
        means = pd.DataFrame(
            {"scenario": ["without", "with"], "ratio": [1.1, 2.5], "ratio_low": [0.9, 2.1], "ratio_high": [1.3, 2.9]}
        )
        labels = {"with": "With the dam", "without": "Without it"}
        with style.drawing():
            figure = draw_ratios(runs, means, labels, title="Ratio", subtitle="By seed", notes=("A note.",))
            figure.canvas.draw()
        (axes,) = figure.axes
        lines = [line for line in axes.get_lines() if len(set(np.ravel(line.get_ydata()))) == 1]
        shown = [(sorted(np.ravel(line.get_xdata())), np.ravel(line.get_ydata())[0]) for line in lines]
        assert shown == [([2.0, 3.0], 0), ([2.1, 2.9], 0), ([2.5], 0), ([1.1], 1), ([0.9, 1.3], 1), ([1.1], 1)]
        assert [text.get_text() for text in axes.get_yticklabels()] == [*labels.values()]

    def test_pictures_for_the_documentation_are_narrow(self, tmp_path: Path):
        with style.drawing():
            figure = style.new_figure(4, 2, "Title")
            told = save_small(figure, tmp_path / "new" / "one.png", width=300)
        again = save_small(tmp_path / "new" / "one.png", tmp_path / "two.png", colours=8)
        assert told.startswith("one.png: ") and again.startswith("two.png: ")
        with Image.open(tmp_path / "new" / "one.png") as one, Image.open(tmp_path / "two.png") as two:
            assert one.size == two.size == (300, 150)
            assert len(two.convert("RGB").getcolors()) <= 8 < len(one.convert("RGB").getcolors())


# ------------------------------------------------------------------------------------------------------------ geography


def test_maps_know_the_catchment_and_azad_jammu_and_kashmir():
    units = load_shapes("units")
    assert sum(shape.catchment == "paper" for shape in units) == 5
    assert sum(shape.province == AJK for shape in units) == 10


def test_centres_lie_within_the_bounds_of_their_shape():
    for shape in load_shapes("units"):
        (x, y), (west, east, south, north) = shape.centre, shape.bounds
        assert west < x < east
        assert south < y < north


def test_no_province_border_is_drawn_along_azad_jammu_and_kashmir():
    sides = {tuple(map(tuple, np.sort(side, axis=0))) for side in province_borders()}
    assert len(sides) > 100
    for shape in load_shapes("units"):
        if shape.province == AJK:
            for ring in shape.lines:
                own = {tuple(map(tuple, np.sort(side, axis=0))) for side in itertools.pairwise(ring)}
                assert not own & sides


def test_places_beyond_the_map_are_shown_at_its_edge():
    anchors = Anchors({"near": (60.0, 30.0), "far": (-10.0, 70.0)}, (5.0, 77.0, 14.0, 50.0))
    assert anchors["near"] == (60.0, 30.0)
    assert 5.0 < anchors["far"][0] < 7.0
    assert 48.0 < anchors["far"][1] < 50.0
    assert pointer(anchors.where["near"], anchors["near"]) == "o"
    assert pointer(anchors.where["far"], anchors["far"]) == "^"
    assert [pointer((0, 0), shown) for shown in ((9, 1), (-9, 1), (1, 9), (1, -9))] == ["<", ">", "v", "^"]


def test_nothing_hides_the_map_of_corridors_and_places_that_are_added_are_on_it():
    places = places_of(load_config(Path(__file__).parent.parent / "examples" / "extra_destination.yaml").places)
    frames = make_frames(months=12)
    legal = frames["flows"]["channel"].astype(str) == "legal_work"
    flows = frames["flows"].astype({"destination": str})
    flows.loc[legal, "destination"] = "malaysia"
    with style.drawing():
        figure = corridors.draw_corridors({**frames, "flows": flows}, dataclasses.replace(ABOUT, places=places))
        assert figure is not None
        figure.canvas.draw()
        whole_map, *others = figure.axes
        box = whole_map.get_window_extent()
        assert not [axes for axes in others if axes.get_window_extent().overlaps(box)]
        assert not [found for found in figure.legends if found.get_window_extent().overlaps(box)]
        renderer = figure.canvas.get_renderer()
        (name,) = [text for text in whole_map.texts if "Malaysia" in text.get_text()]
        extent = name.get_window_extent(renderer)
    assert box.x0 <= extent.x0
    assert extent.x1 <= box.x1
    assert box.y0 <= extent.y0


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (0.2, "< 1"), (8.3, "8"), (73.2, "73"), (15_234.1, "15,200")])
def test_counts_of_the_table_have_no_decimals(count, text):
    assert corridor_counts.whole(count) == text


def test_a_leg_carries_all_who_set_out_on_routes_over_it():
    routes = make_frames(months=24)["route"]
    by_route = corridor_counts.mean_counts(routes, "route", whole_years(months_of(routes)))
    traffic = corridor_counts.leg_traffic(by_route, places_of())
    over = [route.key for route in places_of().routes if any(leg.key == "turkey_greece" for leg in route.legs)]
    assert len(over) >= 10
    assert traffic["turkey_greece"] == pytest.approx(by_route.loc[over, "departures"].sum())
    assert traffic["libya_italy"] == pytest.approx(by_route.loc[["air_libya", "onward_gulf_italy"], "departures"].sum())


def test_every_corridor_is_named_once_at_a_leg_of_its_own():
    routes = make_frames(months=12)["route"]
    by_route = corridor_counts.mean_counts(routes, "route", whole_years(months_of(routes)))
    marks = corridor_counts.badges(by_route, places_of())
    assert list(marks.values()) == list("ABCDEFGHIJ")
    assert set(marks) == {route.corridor for route in places_of().routes}
    assert len({corridor_counts.words_of(corridor, places_of()) for corridor in marks} - {""}) == len(marks)
    assert corridor_counts.words_of("", places_of()) == "No office, alone"
    taken: list[str] = []
    for corridor in marks:
        leg = corridor_counts.own_leg(corridor, places_of(), taken)
        assert leg.key not in taken
        assert corridor in {route.corridor for route in places_of().routes if leg in route.legs}
        taken.append(leg.key)
    counts = corridor_counts.corridor_counts(by_route, places_of())
    assert counts["departures"].sum() == pytest.approx(by_route["departures"].sum())


def test_a_map_of_many_corridors_lists_the_largest_and_adds_the_rest():
    keys = [route.key for route in places_of().routes]
    by_route = pd.DataFrame({"departures": np.arange(len(keys), dtype=float)}, index=keys)
    places = dataclasses.replace(
        places_of(), routes=tuple(found.model_copy(update={"corridor": found.key}) for found in places_of().routes)
    )
    marks = corridor_counts.badges(by_route, places)
    assert len(marks) == corridor_counts.MOST_ROWS - 1
    assert set(marks) == set(keys[-len(marks) :])


def test_maps_carry_caption_and_credit():
    with style.drawing():
        for name in ("departures_map", "corridors_map"):
            text = " ".join(STANDARD[name][1](make_frames(months=1, units=CATCHMENT), ABOUT).caption)
            assert "do not imply endorsement or acceptance" in text
            assert "Line of Control" in text
            assert "OCHA FISS / WFP SDI" in text


# -------------------------------------------------------------------------------------------------------------- colours

# Machado, Oliveira, Fernandes (2009), severity 1; linear RGB.
COLOUR_BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    """CIELAB of a colour as someone with the given vision sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ np.clip(seen @ linear, 1e-4, 1) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", COLOUR_BLINDNESS)
def test_channels_are_reported_apart_by_everyone(vision):
    seen = COLOUR_BLINDNESS[vision]
    for one, other in itertools.combinations(style.CHANNELS.values(), 2):
        difference = np.linalg.norm(lab(one.colour, seen) - lab(other.colour, seen))
        assert difference > 11, f"{one.name} and {other.name}: {difference:.0f}"  # 2.3 is just noticeable


@pytest.mark.parametrize(
    ("period", "start", "expected"),
    [
        (Period(24108, 24155, 12), 24108, Period(24132, 24155, 12)),
        (Period(24108, 24155, 12), 24102, Period(24132, 24155, 12)),  # from July: half of a third year is lost too
        (Period(24108, 24155, 12), None, Period(24108, 24155, 12)),
        (Period(24144, 24155, 12), 24108, Period(24144, 24155, 12)),
        (Period(24108, 24131, 12), 24108, Period(24108, 24131, 12)),  # nothing would be left
        (Period(24108, 24140, 1), 24108, Period(24132, 24140, 1)),
    ],
)
def test_means_leave_out_the_years_in_which_a_run_settles(period: Period, start: int | None, expected: Period):
    assert settled(period, start) == expected


@pytest.mark.parametrize("name", ["departures_map", "corridors_map", "flows"])
def test_maps_and_flows_leave_them_out_and_say_so(name: str):
    about = style.About(RUN, where="Pakistan", start=months_of(make_frames(months=1)["national"])[0])
    figure = STANDARD[name][1](make_frames(months=60), about)
    assert "Left out: the first two years" in " ".join(figure.caption)
    assert f"{about.start // 12 + 2} to {about.start // 12 + 4}" in figure.caption[0]


def test_the_means_of_channels_say_of_which_years_they_are():
    month = pd.date_range("2009-01", periods=60, freq="MS")
    counts = {channel.departures: np.where(month.year < 2011, 9.0, 1.0) for channel in style.CHANNELS.values()}
    about = style.About(RUN, where="Pakistan", start=2009 * 12)
    figure = draw_channels({"national": pd.DataFrame({"month": month, **counts})}, about)
    assert figure is not None
    means = figure.axes[-1]
    assert means.get_xlabel() == "persons a year, 2011 to 2013"
    assert {bar.get_width() for bar in means.patches} == {12.0}
