"""Levers moved in a running model, its twin, and the dashboard in a real browser."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, Browser
from worlds import TRIO, checksums

from abm.config import Config, configure
from abm.dashboard.drawing import CLASSES, Curve, chart, colours
from abm.dashboard.pair import SHOWN, Pair, over_a_year
from abm.dashboard.serve import HOST, serve
from abm.engine.errors import AbmError, ConfigError
from abm.experiments import doctor
from abm.model import Model, simulate

BASELINE = Path(__file__).parents[1] / "configs" / "baseline.yaml"

SMALL = {"population.region": list(TRIO), "population.scale": 0.002, "end": "2010-06"}
"""Settings of a run of eighteen months in three districts."""


@pytest.fixture
def config() -> Config:
    return configure(BASELINE, SMALL)


@pytest.fixture
def pair(config: Config) -> Iterator[Pair]:
    found = Pair(config)
    yield found
    found.close()


class TestSetLever:
    def test_acts_from_the_next_month_and_its_configuration_gives_the_same_bits(self, config: Config):
        model = Model(config)
        model.run_for(3)
        model.set_lever("border_patrol", 2.0)
        model.set_lever("border_patrol", 6.0)  # before a month is done: replaces it
        model.run_for(2)
        model.set_lever("border_patrol", 3.0, where={"route": ["greece_by_taftan"]})
        model.run_for(2)
        model.set_lever("border_patrol", 1.0)
        assert [(use.from_, use.until, use.value) for use in model.config.levers] == [
            ("2009-04", "2009-05", 6.0),
            ("2009-06", "2009-07", 3.0),
        ]
        model.run_model()
        assert checksums(model.tables()) == checksums(simulate(model.config))
        assert checksums(model.tables()) != checksums(simulate(config))

    def test_ends_uses_of_the_configuration_and_keeps_other_levers(self, config: Config):
        uses = [
            {"lever": "cash_transfer", "from": "2009-01", "value": 100},
            {"lever": "border_patrol", "id": "over", "from": "2009-01", "until": "2009-02", "value": 2},
            {"lever": "border_patrol", "id": "now", "from": "2009-02", "value": 3},
            {"lever": "border_patrol", "id": "later", "from": "2010-01", "value": 4},
        ]
        model = Model(configure(config, {"levers": uses}))
        model.run_for(3)
        model.set_lever("border_patrol", 1.0)
        assert {use.id: use.until for use in model.config.levers} == {
            "cash_transfer": None,
            "over": "2009-02",
            "now": "2009-03",
        }

    def test_before_the_first_month_it_replaces(self, config: Config):
        use = {"lever": "border_patrol", "from": "2009-01", "value": 3}
        model = Model(configure(config, {"levers": [use]}))
        model.set_lever("border_patrol", 2.0)
        assert [(use.from_, use.value) for use in model.config.levers] == [("2009-01", 2.0)]

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("border_patrol", 30.0, "expected a number from 0 to 10"),
            ("border_petrol", 2.0, "did you mean 'border_patrol'"),
            ("awareness_campaign", 0.2, "needs a 'topic'"),
            ("advance_ban", 0.2, "mechanism 'bondage' is switched off"),
        ],
    )
    def test_refuses_what_the_configuration_refuses_and_changes_nothing(
        self, config: Config, name: str, value: float, message: str
    ):
        model = Model(config)
        with pytest.raises(ConfigError, match=message):
            model.set_lever(name, value)
        assert model.config is config is model.world.config

    def test_is_refused_after_the_last_month(self):
        model = Model(BASELINE, end="2009-02", **{name: SMALL[name] for name in SMALL if name != "end"})
        model.run_model()
        with pytest.raises(ConfigError, match="2009-03 lies outside the run"):
            model.set_lever("border_patrol", 2.0)


class TestPair:
    def test_twin_is_the_same_to_the_bit_until_a_lever_moves(self, pair: Pair):
        for _ in range(4):
            pair.step()
        mine, other = (checksums(model.tables()) for model in pair.both)
        assert mine == other
        pair.set_lever("border_patrol", 1.0)  # its neutral value
        pair.step()
        mine, other = (checksums(model.tables()) for model in pair.both)
        assert mine == other
        untouched = pair.twin.config
        pair.set_lever("border_patrol", 10.0)
        for _ in range(6):
            pair.step()
        mine, other = (model.tables()["leg"]["interception_probability"].sum() for model in pair.both)
        assert mine > other
        assert pair.twin.config is untouched

    def test_value_of_a_lever_is_that_of_the_next_month(self, pair: Pair):
        (patrol,) = (lever for lever in pair.levers if lever.name == "border_patrol")
        assert pair.value_of(patrol) == patrol.neutral
        pair.set_lever("border_patrol", 4.0)
        assert pair.value_of(patrol) == 4.0
        use = "- {lever: border_patrol, id: border_patrol_2009_01, from: 2009-01, value: 4.0}"
        assert pair.levers_in_yaml() == [use]

    def test_stops_at_the_end(self, config: Config):
        pair = Pair(configure(config, {"end": "2009-02"}))
        assert pair.month == ""
        for _ in range(4):
            pair.step()
        assert (pair.month, pair.months_left) == ("2009-02", 0)

    def test_once_closed_it_holds_nothing_and_stands_still(self, config: Config):
        pair = Pair(config)
        pair.step()
        pair.close()
        pair.close()
        pair.step()
        assert pair.months_left == 0
        assert not vars(pair.model.world)

    def test_sliders_are_of_declared_levers_that_act(self, pair: Pair, config: Config):
        assert tuple(lever.name for lever in pair.levers) == SHOWN
        off = Pair(configure(config, {"mechanisms": {"prosecution": {"enabled": False}}}))
        assert "prosecution_certainty" not in {lever.name for lever in off.levers}


class TestDrawing:
    def test_a_year_in_the_first_months_is_brought_up(self):
        assert over_a_year(np.arange(1.0, 14.0)).tolist() == pytest.approx(
            [12.0, 18.0, 24.0, 30.0, 36.0, 42.0, 48.0, 54.0, 60.0, 66.0, 72.0, 78.0, 90.0]
        )

    def test_a_chart_has_both_lines_breaks_where_nothing_is_known_and_starts_without_months(self):
        values = np.array([1.0, np.nan, 3.0])
        drawn = chart([Curve("a", "red", values, values)], 2009 * 12, 3, "x")
        assert drawn.count('class="model"') == drawn.count('class="twin"') == 1
        assert drawn.split('class="model" d="')[1].split('"')[0].count("M") == 2
        assert "L" not in drawn.split('class="model" d="')[1].split('"')[0]
        assert "<svg" in chart([Curve("a", "red", np.zeros(0), np.zeros(0))], 2009 * 12, 3, "x")

    def test_a_district_has_the_class_of_its_rate(self):
        assert f".d-lahore{{fill:{CLASSES[0][0]}}}" in colours({"lahore": 9.9})
        assert f".d-lahore{{fill:{CLASSES[1][0]}}}" in colours({"lahore": 10.0})


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(doctor.NEEDS, "viz", ("the dashboard", {"no_such_package": "no-such-package"}))
    with pytest.raises(AbmError, match=r"needs no-such-package: pip install -c constraints.txt '.\[viz\]'"):
        doctor.require_extra("viz")


def test_a_port_in_use_is_reported_before_any_address(config: Config):
    told: list[str] = []
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AbmError, match=f"port {port} is in use; give another with --port"):
            serve(config, port, told.append, opens=False)
    assert not told


# -------------------------------------------------------------------------------------------------------------- browser


@pytest.fixture
def address() -> Iterator[str]:
    """Address of a dashboard of three districts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["--set", f"population.region=[{', '.join(TRIO)}]", "--set", "end=2010-06", "--scale", "0.002"]
    command = [sys.executable, "-m", "abm", "dashboard", str(BASELINE), "--no-browser", "--port", str(port), *settings]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        while "http" not in (line := process.stderr.readline()):
            assert line, "the dashboard did not start"
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


OF_IPYVUE = (
    "Failed to evaluate Vue script and find module.exports, falling back to old method, please use "
    "module.exports = { ... }"
)
"""A warning that the library gives of templates of another one."""

CLICK = "[...document.querySelectorAll('button')].find(one => one.innerText.trim().toLowerCase() == '{}').click()"
SAME = """(() => {const of = kind => [...document.querySelectorAll(`svg path.${kind}`)].map(x => x.getAttribute('d'));
return JSON.stringify(of('model')) == JSON.stringify(of('twin'))})()"""
MONTH = "document.querySelector('#month').innerText"


@pytest.mark.skipif(not CHROMIUM or bool(doctor.missing("viz")), reason="needs Chromium and the extra viz")
def test_in_a_browser_a_slider_moves_a_curve_and_nothing_is_asked_of_the_network(address: str, tmp_path: Path):
    with Browser(tmp_path) as browser:
        for _ in range(50):  # until the server listens
            browser.open(address)
            if browser.run("!!document.querySelector('#app')"):
                break
            browser.told.clear()
        browser.wait("!!document.querySelector('#beliefs')")
        for month in ("2009-01", "2009-02"):
            browser.run(CLICK.format("step"))
            browser.wait(f"{MONTH} == '{month}'")
        assert browser.run(SAME)
        browser.run("document.querySelector('.v-slider__thumb-container').focus()")
        browser.press("End", 35)
        browser.wait("document.body.innerText.includes('value: 10')")
        browser.run(CLICK.format("play"))
        browser.wait(f"{MONTH} >= '2009-06'")
        browser.run(CLICK.format("pause"))
        browser.wait(f"!!{CLICK.format('play')[:-8]}")
        assert browser.run(MONTH) < "2010-06"
        assert not browser.run(SAME)
        browser.run(CLICK.format("play"))
        browser.wait(f"{MONTH} == '2010-06'")
        browser.run(CLICK.format("reset"))
        browser.wait(f"{MONTH}.startsWith('before')")
        browser.wait("document.body.innerText.includes('[]')")
        assert [told for told in browser.told if told != OF_IPYVUE] == []
        assert [asked for asked in browser.asked if not asked.startswith(address)] == []
