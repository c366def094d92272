"""Beliefs: what villages hear moves what they hold to be true, and what they hold to be true moves what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from worlds import APART, small_config

from abm.beliefs.belief_state import ratio_columns
from abm.beliefs.beliefs import Beliefs, BeliefsState, perceived
from abm.beliefs.kernels.beliefs import DEATH, FAILURE, TOPICS, fade_and_jump, learn, log_odds, tilt
from abm.choice.channel import ChannelState
from abm.config import make_config
from abm.departure.kernels.choice import FELT_BY_TOPIC, KNOWN_HERE, lean_to_villages, listen_to, weighing_space
from abm.departure.options import OptionsState
from abm.model import Model, Tables
from abm.places.options import IRREGULAR_WAY
from abm.policy.policy import InForce
from abm.world.codes import NEWS_ARRIVED, NEWS_DEATH, NEWS_REGULARISED, NEWS_SANCTIONED
from abm.world.state import World

PLACES = ("gujrat", "mandi_bahauddin", "sialkot", "quetta")
"""Two districts that border on each other and on the first, and one far away."""

UNBIASED = {f"bias_{topic}": 0.0 for topic in TOPICS} | {"spread": 0.0}

SILENT = {"district_reach": 0.0, "neighbour_reach": 0.0, "telling": 0.0, "talk": 0.0}
"""Nobody hears of anybody else."""

PAIRS = {
    "death": ("perceived_death_risk", "true_death_risk"),
    "failure": ("perceived_failure", "true_failure"),
    "wage": ("perceived_wage", "true_wage"),
}

Step = Callable[[World], None]


def believers(months: int = 24, beliefs: dict[str, float] | None = None, **values: Any) -> Model:
    """A small world with these parameters of beliefs."""
    usual = {"scale": 0.002, "mechanisms": APART}
    return Model(small_config(PLACES, months=months, beliefs=beliefs or {}, **(usual | values)))


def tell(monkeypatch: pytest.MonkeyPatch, news: Step) -> None:
    """Let `news` be told in every month before beliefs are updated."""
    step = Beliefs.step

    def told(world: World) -> None:
        news(world)
        step(world)

    monkeypatch.setattr(Beliefs, "step", staticmethod(told))


def wreck(*months: int, persons: int = 400) -> Step:
    """A wreck on the way to Italy in some months: many of Gujrat die, one of each household of its first village."""

    def news(world: World) -> None:
        if world.t in months:
            rows = np.arange(persons, dtype=np.int64) % int(world.villages.awake[0])
            route = [facts.key for facts in world.route_facts].index("air_libya")
            world.news.report(
                NEWS_DEATH, rows, np.ones(persons, np.int64), np.full(persons, route), np.full(persons, -1)
            )

    return news


def by_district(tables: Tables, name: str) -> np.ndarray:
    """Values of an outcome by month and district, in the order of `PLACES`."""
    units = np.asarray(tables["district"]["unit"])
    return np.column_stack([tables["district"][name][units == place] for place in PLACES])


def run(model: Model) -> Tables:
    """Run a model to its end."""
    try:
        for _ in range(model.config.months):
            model.step()
        return model.tables()
    finally:
        model.close()


class TestKernels:
    def test_learning_is_the_posterior_mean_of_a_gamma_prior(self):
        prior, ratio, seen, expected = 25.0, 1.4, 3.0, 2.0
        posterior = (prior * ratio + seen) / (prior + expected)
        assert learn(ratio, seen, expected, prior) == pytest.approx(posterior, rel=1e-12)

    def test_events_in_parts_teach_as_much_as_at_once(self):
        """So that cohorts of many and of few persons teach the same, and results do not drift with scale."""
        first = learn(1.4, 1.0, 3.0, 25.0)
        assert learn(first, 2.0, 5.0, 28.0) == pytest.approx(learn(1.4, 3.0, 8.0, 25.0), rel=1e-12)

    @pytest.mark.parametrize("chance", [0.0, 1e-6, 0.3, 0.999, 1.0])
    def test_no_shift_changes_nothing(self, chance: float):
        assert tilt(chance, 0.0) == chance

    @pytest.mark.parametrize(("chance", "shift"), [(0.2, 0.7), (0.2, -3.0), (0.9, 1.0)])
    def test_a_shift_multiplies_the_odds(self, chance: float, shift: float):
        tilted = tilt(chance, shift)
        assert tilted / (1 - tilted) == pytest.approx(chance / (1 - chance) * np.exp(shift), rel=1e-9)
        assert tilt(0.0, shift) == 0.0 and tilt(1.0, shift) == 1.0

    def test_log_odds_stay_finite(self):
        assert np.isfinite([log_odds(0.0), log_odds(1.0)]).all()

    def test_salience_halves_and_stays_within_its_limit(self):
        salience, none = np.full((1, 5), 0.8), np.zeros((1, 5))
        for _ in range(4):
            fade_and_jump(salience, 0.5 ** (1 / 4), none, 0.5, 2.0)
        np.testing.assert_allclose(salience, 0.4)
        fade_and_jump(salience, 1.0, np.full((1, 5), 9.0), 0.5, 2.0)
        assert (salience == 2.0).all()

    @pytest.mark.parametrize("streak", [0.0, 0.5])
    def test_a_streak_weighs_more_than_its_sum(self, streak: float):
        def felt(*jumps: float) -> float:
            salience = np.zeros((1, 5))
            for jump in jumps:
                fade_and_jump(salience, 0.84, np.full((1, 5), jump), streak, 9.0)
            return float(salience[0, DEATH])

        both, apart = felt(0.5, 0.5), felt(0.5, 0.0) + felt(0.0, 0.5)
        assert both == pytest.approx(apart + streak * 0.84 * 0.5 * 0.5)

    def test_a_village_leans_by_its_deviation_from_the_district(self):
        class Options:
            known = np.ones((1, 5))
            own_migrants, migrant_share = 0.5, np.array([0.2])

        class Villages:
            migrant_share = np.array([0.2, 0.6], np.float32)
            belief_death, belief_failure, belief_papers, belief_wage, belief_sanction = (
                np.array([1.0, ratio], np.float32) for ratio in (1.5, 0.5, 1.0, 1.0, 1.0)
            )

        felt = weighing_space(2).felt
        listen_to.py_func(0, 1, Villages, felt)
        lean_to_villages.py_func(1, 0, Options, felt)
        np.testing.assert_allclose(felt[FELT_BY_TOPIC : FELT_BY_TOPIC + 5, 0], [0.5, -0.5, 0.0, 0.0, 0.0], rtol=1e-6)
        # a way by office is the better known, the more of the village than of the district are away
        assert felt[KNOWN_HERE, 0] == pytest.approx(np.log(0.5 + 0.5 * 3.0), rel=1e-6)
        Options.migrant_share[:], felt[KNOWN_HERE] = 0.0, 0.0
        lean_to_villages.py_func(1, 0, Options, felt)
        assert felt[KNOWN_HERE, 0] == 0.0, "where nobody has left no village differs"


class TestCampaigns:
    @pytest.mark.parametrize("topic", PAIRS)
    @pytest.mark.parametrize("bias", [-0.8, 0.4])
    def test_the_truth_moves_a_biased_belief_towards_it_from_either_side(self, topic: str, bias: float):
        believed, true = PAIRS[topic]
        beliefs = UNBIASED | SILENT | {f"bias_{topic}": bias}
        use = {"lever": "awareness_campaign", "topic": topic, "from": "2009-07", "value": 0.4}
        without = run(believers(12, beliefs))["national"]
        informed = run(believers(12, beliefs, levers=[use]))["national"]
        gap = np.log(without[believed] / without[true])
        closed = np.log(informed[believed] / informed[true])
        assert np.sign(gap[-1]) == np.sign(bias)
        assert (abs(closed[6:]) < abs(gap[6:])).all() and (np.sign(closed[6:]) == np.sign(bias)).all()
        assert abs(closed[-1]) < 0.7 * abs(gap[-1])
        np.testing.assert_array_equal(informed[believed][:6], without[believed][:6])

    def test_what_it_claims_is_believed_even_if_it_is_not_true(self):
        use = {"lever": "awareness_campaign", "topic": "death", "claimed": 4.0, "from": "2009-04", "value": 0.3}
        without = run(believers(12, UNBIASED))["national"]
        misled = run(believers(12, UNBIASED, levers=[use]))["national"]
        ratio = misled["perceived_death_risk"][-1] / without["perceived_death_risk"][-1]
        assert 2.0 < ratio < 4.1
        # what it says of deaths is no news of wages; those who stay at home for fear move the rest a little later
        assert misled["perceived_wage"][4] == without["perceived_wage"][4]

    def test_most_of_it_fades_when_it_ends(self):
        use = {"lever": "awareness_campaign", "topic": "death", "claimed": 4.0, "from": "2009-04", "value": 0.3}
        beliefs = UNBIASED | SILENT
        without = run(believers(24, beliefs))["national"]["perceived_death_risk"]
        told = run(believers(24, beliefs, levers=[use | {"until": "2009-09"}]))["national"]["perceived_death_risk"]
        effect = np.log(told / without)
        assert effect[8] > 0.7
        assert 0.1 * effect[8] < effect[-1] < 0.6 * effect[8]

    def test_it_acts_where_it_is_held(self):
        use = {"lever": "awareness_campaign", "topic": "death", "claimed": 4.0, "from": "2009-04", "value": 0.3}
        beliefs = UNBIASED | SILENT
        without = by_district(run(believers(8, beliefs)), "perceived_death_risk")
        told = by_district(run(believers(8, beliefs, levers=[use | {"where": ["gujrat"]}])), "perceived_death_risk")
        ratio = told[-1] / without[-1]
        assert ratio[0] > 2.0
        np.testing.assert_allclose(ratio[1:], 1.0, atol=0.1)


class TestShocks:
    def test_a_wreck_scares_for_months_and_not_for_ever_and_neighbours_less(self, monkeypatch: pytest.MonkeyPatch):
        without = by_district(run(believers(36, UNBIASED)), "perceived_death_risk")
        tell(monkeypatch, wreck(11))
        fear = np.log(by_district(run(believers(36, UNBIASED)), "perceived_death_risk") / without)
        assert (fear[:11] == 0.0).all()
        own, next_door, far = fear[11, 0], fear[11, 1:3].min(), fear[11, 3]
        assert own > 2 * next_door > 2 * far > 0.0
        assert fear[13, 0] > 0.5 * own  # two months later
        assert fear[23, 0] < 0.5 * own  # a year later
        assert fear[35, 0] < 0.35 * own  # two years later

    @pytest.mark.study
    def test_a_wreck_keeps_people_at_home(self, monkeypatch: pytest.MonkeyPatch):
        fearful = UNBIASED | {"shock": 4.0, "salience_limit": 5.0, "media_shock": 1.0}
        harm = {"harm": 60.0}

        def departures() -> np.ndarray:
            """By seed and month; of so few cohorts a single one may hide the fear of one seed."""
            runs = [run(believers(24, fearful, channel=harm, seed=seed)) for seed in (1, 2, 3)]
            return np.array([tables["national"]["irregular_departures"] for tables in runs])

        without = departures()
        tell(monkeypatch, wreck(11))
        with_fear = departures()
        np.testing.assert_array_equal(with_fear[:, :12], without[:, :12])
        assert with_fear[:, 12:18].sum() < 0.95 * without[:, 12:18].sum()

    def test_an_amnesty_raises_hope_and_a_crackdown_on_return_raises_fear(self, monkeypatch: pytest.MonkeyPatch):
        def news(world: World) -> None:
            if world.t == 5:
                many = np.arange(500, dtype=np.int64)
                ones, none = np.ones(500, np.int64), np.full(500, -1)
                world.news.report(NEWS_REGULARISED, many, ones, np.zeros(500, np.int64), none)
                world.news.report(NEWS_SANCTIONED, many, ones, np.zeros(500, np.int64), none)

        without = run(believers(8, UNBIASED))["national"]
        tell(monkeypatch, news)
        shaken = run(believers(8, UNBIASED))["national"]
        for name in ("perceived_papers_chance", "perceived_sanction"):
            assert (shaken[name][:5] == without[name][:5]).all()
            assert shaken[name][5] > 1.1 * without[name][5]


class TestNews:
    def test_without_attempts_a_village_gets_no_news_of_its_own(self, monkeypatch: pytest.MonkeyPatch):
        def news(world: World) -> None:
            if world.t == 3:
                world.news.report(NEWS_DEATH, np.zeros(1, np.int64), np.full(1, 50), np.full(1, 18), np.full(1, -1))

        quiet = {"channel": {"irregular_constant": -10.0}}
        tell(monkeypatch, news)
        model = believers(5, UNBIASED | SILENT, **quiet)
        run(model)
        death = model.villages.belief_death
        assert death[0] > 1.1
        heard = model.villages.belief_heard
        silent = heard == 0.0  # in others, migrants go on from a first stay, and are stopped or arrive
        assert heard[0] > 0.0
        assert silent.sum() > heard.size / 2
        np.testing.assert_allclose(death[silent], death[silent][0])  # what all share is the truth that moves under them
        assert death[silent][0] < death[0]

    def test_it_drifts_to_its_district_by_talk(self):
        def spread_of(talk: float) -> float:
            model = believers(24, UNBIASED | SILENT | {"spread": 0.5, "talk": talk})
            run(model)
            villages = model.villages
            return float(np.std(villages.belief_wage[villages.district == 0]))

        assert spread_of(0.1) == pytest.approx(0.9**24 * spread_of(0.0), rel=0.02)

    def test_news_of_the_district_counts_for_less_than_of_the_own_village(self, monkeypatch: pytest.MonkeyPatch):
        tell(monkeypatch, wreck(3))
        model = believers(4, UNBIASED)
        run(model)
        villages = model.villages
        death, home = villages.belief_death, villages.district
        own, district, neighbour = death[0], death[1 : np.sum(home == 0)], death[home == 1]
        assert own > district.max() > neighbour.max() > 1.0

    def test_a_familiar_village_learns_less_from_the_same_news(self, monkeypatch: pytest.MonkeyPatch):
        """What was heard before weighs against what is heard now."""

        def learned(before: int) -> float:
            def news(world: World) -> None:
                one, route, none = np.zeros(1, np.int64), np.full(1, 0), np.full(1, -1)
                if world.t == 2 and before:
                    world.news.report(NEWS_ARRIVED, one, np.full(1, before * world.weight[0]), route, none)
                if world.t == 3:
                    ratio.append(float(world.villages.belief_failure[0]))
                    world.news.report(NEWS_DEATH, one, np.full(1, 5 * world.weight[0]), route, none)

            ratio: list[float] = []
            with monkeypatch.context() as patch:
                tell(patch, news)
                model = believers(4, UNBIASED | SILENT)
                run(model)
            return float(model.villages.belief_failure[0]) - ratio[0]

        assert 0.0 < learned(100) < learned(0)

    def test_a_bias_wears_off_where_many_leave_and_lasts_where_nobody_does(self):
        def left_over(constant: float) -> float:
            beliefs = UNBIASED | {"bias_failure": -0.8, "raids_heard": 0.0}
            quiet = {"channel": {"irregular_constant": constant}, "interception": {"others": 0.0}, "start": "2012-09"}
            national = run(believers(36, beliefs, **quiet))["national"]
            return float(np.log(national["perceived_failure"][-1] / national["true_failure"][-1]))

        assert abs(left_over(1.0)) < 0.15
        assert left_over(-10.0) < -0.25

    @pytest.mark.study
    def test_who_changes_the_odds_in_silence_is_found_out_by_and_by(self):
        use = {"lever": "transit_border_control", "from": "2010-01", "value": 8}
        many = {"channel": {"irregular_constant": 1.0}, "scale": 0.01}
        without = run(believers(36, UNBIASED, **many))["national"]
        patrolled = run(believers(36, UNBIASED, levers=[use], **many))["national"]
        true = np.log(patrolled["true_failure"] / without["true_failure"])
        believed = np.log(patrolled["perceived_failure"] / without["perceived_failure"])
        assert true[12] > 0.1
        assert abs(believed[12]) < 0.25 * true[12]
        assert believed[14] < believed[20] < believed[35]
        assert believed[35] > 0.3 * true[35]

    @pytest.mark.study
    def test_officers_seen_at_home_are_feared_at_once_and_more_than_they_stop(self):
        """All posts in Pakistan at four times: the odds believed overshoot the true ones, and come back to them."""
        posts = ("border_patrol", "coastal_patrol", "airport_screening")
        levers = [{"lever": name, "from": "2010-01", "value": 4} for name in posts]
        many = {"channel": {"irregular_constant": 1.0}}
        usual = run(believers(48, UNBIASED, **many))["national"]
        plain, seen = (
            run(believers(48, UNBIASED | {"sight": sight}, levers=levers, **many))["national"] for sight in (0.0, 0.5)
        )
        true = np.log(seen["true_failure"] / usual["true_failure"])
        unseen, believed = (np.log(world["perceived_failure"] / usual["perceived_failure"]) for world in (plain, seen))
        assert believed[12] > 1.2 * true[12] > 0.0
        assert unseen[12] < 0.5 * true[12]
        assert believed[12] - unseen[12] > 2.0 * abs((believed - unseen)[36:].mean())


PATROL: dict[str, Any] = {"lever": "border_patrol", "from": "2009-12", "value": 4}
TRANSIT: dict[str, Any] = PATROL | {"lever": "transit_border_control"}


class TestAnnouncements:
    def test_a_crackdown_announced_is_feared_from_when_it_begins_and_an_unannounced_one_is_learned(self):
        values: dict[str, Any] = {"scale": 0.01, "beliefs": UNBIASED | {"anticipation": 1.0}}
        use = TRANSIT | {"value": 10}
        without, silent, announced = (
            run(believers(15, levers=levers, **values))["national"]
            for levers in ([], [use], [use | {"announced": "2009-07"}])
        )
        feared, noticed = (
            np.log(found["perceived_failure"] / without["perceived_failure"]) for found in (announced, silent)
        )
        assert np.abs(feared[:10]).max() < 0.05  # what is to come is no matter of today's odds
        assert feared[10] > 0.08 > abs(noticed[10])
        assert feared[12] > noticed[12]

    def test_routes_that_are_not_named_gain(self):
        use = TRANSIT | {"announced": "2009-07", "where": {"leg": "libya_italy"}}
        model = believers(12, UNBIASED, levers=[use])
        for _ in range(11):
            model.step()
        model.close()
        rumour = model.world[BeliefsState].state.rumour
        keys = [facts.key for facts in model.world.route_facts]
        assert rumour[keys.index("air_libya"), FAILURE] > 0.2
        assert abs(rumour[keys.index("iran_by_kech"), FAILURE]) < 0.02  # but for the few officers who moved

    def test_a_ramp_is_feared_as_it_begins(self):
        """A twentieth of the officers come in the first month."""
        feared = []
        for more in ({}, {"ramp_months": 20}):
            model = believers(12, UNBIASED, levers=[TRANSIT | {"announced": "2009-07"} | more])
            for _ in range(11):
                model.step()
            model.close()
            feared.append(float(np.abs(model.world[BeliefsState].state.rumour[:, FAILURE]).max()))
        assert 0.0 < feared[1] < 0.2 * feared[0]

    def test_a_relief_is_hoped_for(self):
        relief = TRANSIT | {"announced": "2009-07", "value": 0.3}
        without = run(believers(12, UNBIASED))["national"]["perceived_failure"]
        assert run(believers(12, UNBIASED, levers=[relief]))["national"]["perceived_failure"][10] < without[10]

    def test_without_beliefs_nobody_anticipates(self):
        off = {"mechanisms": {"beliefs": {"enabled": False}}}
        plain = run(believers(14, levers=[PATROL], **off))["national"]
        announced = run(believers(14, levers=[PATROL | {"announced": "2009-07"}], **off))["national"]
        for name in plain:
            np.testing.assert_array_equal(announced[name], plain[name], err_msg=name)

    def test_policy_tells_what_is_announced_and_not_in_force(self):
        use = TRANSIT | {"announced": "2009-10", "where": {"leg": "libya_italy"}}
        model = believers(13, levers=[use])
        told = []
        for _ in range(13):
            model.step()
            told.append(
                [
                    (found.lever.name, found.use.from_, found.deviation.sum())
                    for found in model.world[InForce].policy.announced
                ]
            )
        assert told == [[]] * 9 + [[(TRANSIT["lever"], "2009-12", 3.0)]] * 2 + [[], []]


class TestSwitchedOff:
    def test_everybody_knows_the_truth(self):
        model = believers(14, mechanisms={"beliefs": {"enabled": False}})
        national = run(model)["national"]
        for believed, true in PAIRS.values():
            np.testing.assert_allclose(national[believed], national[true], rtol=1e-12)
        assert not perceived(model.world).failure.any()
        assert not model.world[OptionsState].month.slope.any()

    def test_bias_and_campaigns_do_nothing(self, monkeypatch: pytest.MonkeyPatch):
        off = {"mechanisms": {"beliefs": {"enabled": False}}}
        plain = run(believers(8, **off))
        tell(monkeypatch, wreck(3))
        other = run(believers(8, {"bias_death": 2.0, "bias_failure": -1.0}, **off))
        for name, values in plain["national"].items():
            np.testing.assert_array_equal(other["national"][name], values, err_msg=name)


class TestChoice:
    @pytest.mark.parametrize(("topic", "sign"), [("death", -1), ("failure", -1), ("wage", 1), ("sanction", -1)])
    def test_what_is_believed_moves_departures(self, topic: str, sign: int):
        """Death weighs more, and sanctions are made likely and dear, so that there is something to fear."""

        def departures(bias: float) -> float:
            channel = {"irregular_constant": 0.0, "harm": 200.0, "sanction": 10.0}
            values = {"channel": channel, "scale": 0.05, "enforcement": {"sanction": 0.3}}
            model = believers(8, UNBIASED | SILENT | {f"bias_{topic}": bias}, **values)
            return float(run(model)["national"]["irregular_departures"][1:].sum())

        high = 0.4 if topic == "failure" else 1.0
        assert sign * (departures(high) - departures(-1.0)) > 0.0

    def test_hopes_of_papers_raise_the_worth_of_ways_abroad(self):
        """By itself, as few of those who leave decide by it."""

        def worth(bias: float) -> np.ndarray:
            model = believers(2, UNBIASED | SILENT | {"bias_papers": bias})
            run(model)
            world = model.world
            ways, attraction = world[ChannelState].ways, world[OptionsState].attraction
            return attraction[:, ways.first_route : ways.last_route]

        few, many = worth(-1.0), worth(1.0)
        known = np.isfinite(few) & np.isfinite(many)
        assert (many[known] >= few[known]).all() and (many[known] - few[known]).max() > 0.1

    def test_beliefs_of_the_village_count(self):
        """Villages of one district that differ in what they believe differ in what they do."""
        model = believers(8, UNBIASED | SILENT, channel={"irregular_constant": 0.5, "referral": 2.0}, scale=0.05)
        model.step()
        odd = np.arange(model.villages.district.size) % 2 == 1
        model.villages.belief_wage[:] = np.where(odd, 1.5, 0.5)
        model.villages.belief_failure[:] = np.where(odd, 0.5, 1.5)
        chose = np.zeros(2)
        irregular = np.array([option.channel == IRREGULAR_WAY for option in model.world.options])
        for _ in range(6):
            model.step()
            rows, _, picked, _ = model.world[OptionsState].choices
            hopeful = odd[model.world.villages_of(rows[irregular[picked]])]
            chose += np.bincount(hopeful, minlength=2)
        model.close()
        assert chose[1] > 1.25 * chose[0] > 0 and chose.sum() > 300


CAMPAIGN: dict[str, Any] = {"lever": "awareness_campaign", "topic": "death", "from": "2010-01", "value": 0.3}


def test_a_message_is_written_out_and_read_again():
    config = make_config(levers=[CAMPAIGN | {"claimed": 2.0}])
    again = make_config(**config.resolved())
    assert again == config and again.levers[0].claimed == 2.0


def test_every_village_has_beliefs_within_bounds():
    model = believers(12)
    run(model)
    for ratio in ratio_columns(model.villages):
        assert np.isfinite(ratio).all() and (ratio > 0.0).all()
    for name in ("perceived_death_risk", "perceived_failure", "perceived_papers_chance", "perceived_sanction"):
        values = model.tables()["district"][name]
        assert ((values >= 0.0) & (values <= 1.0)).all()
