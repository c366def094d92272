"""The legal regime and the agencies: whose case it is, who is an offender, and what agencies make of their time.

Comparisons are made with paired seeds: the same seeds with and without the change. What is told is the mean of the
differences and its 95 % interval (Student's t).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import ASKED_FOR, interval, only, small_config

from abm.agents.enforcement import Agency
from abm.config import Config, load_config, make_config
from abm.enforcement.cases import CasesState
from abm.enforcement.docket import Docket, DocketState, _chance_of_charge, free_officers, open_docket
from abm.enforcement.law.agencies import AGENCY_BUDGET, Agencies, AgenciesOutcomes, AgenciesState, _present
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.jurisdiction import desks_of, in_charge, somebody_acts, volunteering
from abm.enforcement.law.law import Law, spared_share
from abm.enforcement.law.month_law import (
    BONDED_LABOUR,
    STREAMS,
    TRAFFICKING_DOMESTIC,
    LawState,
    hand_in_leads,
    law_of,
    willing_share,
)
from abm.enforcement.law.powers import PowersState, dates_of, laws_in_force, work_out_powers
from abm.enforcement.law.regime import FOREVER, REGIME, month_in_force, pressure_of, regime_of
from abm.enforcement.stream_cases import (
    RECORDED,
    StreamCases,
    StreamCasesOutcomes,
    StreamCasesState,
    _find_victims,
    _gather,
    spread,
)
from abm.engine.calendar import parse_month
from abm.model import Model, simulate
from abm.places.places import CIRCLE, places_of
from abm.routes.stations import PostsState
from abm.world.codes import CASE_INVESTIGATED
from abm.world.state import World

SEEDS = range(1, 6)
OWN = {outcome.name for found in (Law, Agencies, StreamCases) for outcome in found.outcomes}
SECTIONS = ("law", "agencies", "stream_cases")
ON = {section: {"enabled": True} for section in SECTIONS}
MARKET = ("aspiration", "channel", "market", "journey", "legal_work", "diaspora", "ties", "demonstration", "beliefs")
LEAN = only("policy", "livelihood", "labour", "demography", "enforcement", "prosecution", *MARKET, *SECTIONS)
"""Laws, agencies, and the market that gives them leads; all else is off, so that a month takes half the time."""
PUNJAB, SINDH = PROVINCE_KEYS.index("punjab"), PROVINCE_KEYS.index("sindh")
SERVICES = ("provincial_police", "social_welfare", "labour_inspection")
HANDED = {"trafficking_domestic": 6_000, "trafficking_abroad": 2_000, "bonded_labour": 2_000}
"""Leads a year in the country, where no stream that hands them in takes part."""


def country(months: int = 16, start: str = "2014-01", seed: int = 1, **values: Any) -> Config:
    """All districts at 0.1 %, with laws and agencies and nothing else that has to be asked for."""
    mechanisms = LEAN | values.pop("mechanisms", {})
    return small_config("pakistan", start=start, months=months, seed=seed, mechanisms=mechanisms, **values)


def run(config: Config, handed: dict[str, int] | None = None, change: Callable[[World], None] | None = None) -> Model:
    """Run to the end; each stream hands in so many leads a year, spread over the residents."""
    model = Model(config)
    residents = model.world.units.population_2017
    for _ in range(config.months):
        for stream, leads in (handed or {}).items():
            found = np.floor(residents / residents.sum() * leads / 12 + 0.5).astype(np.int64)
            hand_in_leads(model.world, STREAMS.index(stream), found)
        if change:
            change(model.world)
        model.step()
    model.close()
    return model


def total(model: Model, name: str, since: int = 4) -> float:
    """Sum of a national outcome from a month of the run on."""
    return float(model.world.record.national_series()[name][since:].sum())


@cache
def base(seed: int, months: int = 16) -> Model:
    return run(country(months, seed=seed), HANDED)


@cache
def under(lever: str, seed: int, months: int = 16) -> Model:
    use = {"lever": lever, "value": 1.0, "from": "2014-04"}
    return run(country(months, seed=seed, levers=[use]), HANDED)


def effect(lever: str, name: str, months: int = 16, seeds: Iterable[int] = SEEDS) -> tuple[float, float]:
    """Interval of what a lever at its top adds to an outcome."""
    return interval(total(under(lever, seed, months), name) - total(base(seed, months), name) for seed in seeds)


class TestTable:
    def test_each_of_several_waits_for_another_and_together_they_act_less(self):
        """Diekmann (1985): each acts with 1 - e^(1/(n-1)); that nobody does grows with n, from e^2 to e."""
        number = np.array([1, 2, 3, 5])
        each = volunteering(number, 0.5)
        np.testing.assert_allclose(each, [1, 0.5, 1 - 0.5**0.5, 1 - 0.5**0.25])
        nobody = (1.0 - each) ** number
        np.testing.assert_allclose(nobody[1:], 0.5 ** (number[1:] / (number[1:] - 1)))
        assert (np.diff(nobody) > 0.0).all() and (nobody < 0.5).all()

    def test_laws_come_into_force_by_province_and_replace_others(self):
        regime = regime_of()
        keys = [law.key for law in regime.laws]
        since = tuple(law.since for law in regime.laws)

        def in_force(key: str, month: str) -> set[str]:
            here = laws_in_force(regime, since, parse_month(month))[keys.index(key)]
            return {name for name, found in zip(PROVINCE_KEYS, here, strict=True) if found}

        assert in_force("bonded_labour_act_1992", "1992-03") == set()
        assert in_force("bonded_labour_act_1992", "2012-06") == set(PROVINCE_KEYS)
        assert in_force("bonded_labour_act_1992", "2012-07") == set(PROVINCE_KEYS) - {"punjab"}
        kept = {"balochistan", "islamabad", "azad_jammu_kashmir"}
        assert in_force("bonded_labour_act_1992", "2016-07") == kept
        assert in_force("human_trafficking_ordinance_2002_smuggling", "2018-05") == set(PROVINCE_KEYS)
        assert in_force("human_trafficking_ordinance_2002_smuggling", "2018-06") == set()

    def test_an_ordinance_stays_for_the_stream_whose_successor_does_not_come(self):
        regime = regime_of()
        late = [FOREVER if law.key == "smuggling_act_2018" else law.since for law in regime.laws]
        here = laws_in_force(regime, tuple(late), parse_month("2018-06")).any(axis=1)
        found = {law.key: bool(force) for law, force in zip(regime.laws, here, strict=True)}
        assert found["human_trafficking_ordinance_2002_smuggling"]
        assert not found["human_trafficking_ordinance_2002_abroad"] and found["trafficking_act_2018_abroad"]

    def test_those_smuggled_are_offenders_until_2018_and_half_of_them_later(self):
        regime = regime_of()
        services = ("fia", *SERVICES, "child_protection")
        since = tuple(law.since for law in regime.laws)

        def powers(month: str) -> Any:
            return work_out_powers(regime, services, laws_in_force(regime, since, parse_month(month)))

        before, after = powers("2018-05"), powers("2018-06")
        np.testing.assert_allclose(before.offenders[:, PUNJAB], [1, 1, 0.3, 0])
        np.testing.assert_allclose(after.offenders[:, PUNJAB], [0.5, 0.25, 0.15, 0])
        assert not before.named[:, :3].any()
        assert [[services[i] for i in np.flatnonzero(after.named[:, stream, PUNJAB])] for stream in range(4)] == [
            ["fia"], ["fia"], ["provincial_police"], [],
        ]  # fmt: skip
        # foreigners under Hudood law; the act of 2018 protects most of those trafficked across borders
        assert (before.foreigners[PUNJAB], after.foreigners[PUNJAB]) == pytest.approx((0.9, 0.9 * 0.25))
        # the paper: fia and police on smuggling; three agencies on bonded labour, two where Punjab and Sindh adopted it
        assert before.competent[:, 0, PUNJAB].tolist() == [True, True, False, False, False]
        assert before.competent.sum(axis=0)[3].tolist() == [3 if law_kept(p) else 2 for p in PROVINCE_KEYS]

    def test_every_shipped_row_is_complete(self):
        services = {"fia", *(found.service for found in regime_of().agencies)}
        for law in regime_of().laws:
            assert set(law.services) <= services and law.source
            assert law.named in {"", *law.services}
            assert set(law.streams) <= set(STREAMS) and set(law.replaces) <= set(REGIME.shipped["laws"])


def law_kept(province: str) -> bool:
    """Whether the federal Act of 1992 was still in force in 2018."""
    return province not in {"punjab", "sindh", "khyber_pakhtunkhwa"}


class TestPressure:
    def test_neutral_pressure_gives_the_dates_of_history(self):
        """By the same sum as at other values, and exactly: weights of tiers are whole numbers."""
        assert dates_of(regime_of(), 1.0) == tuple(law.since for law in regime_of().laws)

    @pytest.mark.parametrize("pressure", [0.0, 0.5, 1.0, 4.0])
    def test_a_law_that_came_without_pressure_keeps_its_date(self, pressure: float):
        law = next(found for found in regime_of().laws if found.pending is not None)
        early = law.model_copy(update={"awaited": "1990-01", "first": "1995-01"})
        assert month_in_force(early, pressure) == early.since

    def test_more_brings_pending_laws_earlier_and_none_never(self):
        laws = regime_of().laws
        none, half, twice = (dates_of(regime_of(), value) for value in (0.0, 0.5, 2.0))
        for law, never, later, earlier in zip(laws, none, half, twice, strict=True):
            if law.pending is None:
                assert never == later == earlier == law.since
            else:
                assert never == FOREVER and later > law.since > earlier > law.pending

    def test_tiers_are_those_of_the_table(self):
        months = ("1999-01", "2019-01", "2020-06", "2020-07", "2022-07")
        assert [pressure_of(parse_month(month)) for month in months] == [0, 1, 1, 2, 1]

    @pytest.mark.study
    def test_pressure_moves_leads(self):
        """The Act of 2018 comes before 2014 with four times the pressure: fewer are offenders, one agency is named."""
        found = [[run(country(12, seed=seed, law={"pressure": p})) for p in (1.0, 4.0)] for seed in SEEDS]
        assert interval(total(more, "leads", 0) - total(less, "leads", 0) for less, more in found)[0] > 0.0


class TestJurisdiction:
    def test_leads_are_taken_where_they_are_heard_or_passed_on_and_fade_meanwhile(self):
        """On offices: the FIA alone has officers for them; what the police hear comes by a queue that fades."""
        found = [run(country(24, seed=seed, enforcement={"intelligence": 0.09})) for seed in SEEDS[:2]]
        told = [total(model, "leads_lost_to_jurisdiction") / total(model, "leads") for model in found]
        handed, kept = 1.0 / 4.0, 0.5 ** (1.0 / 6.0)
        lost = 0.5 * (1.0 - kept) / (1.0 - kept * (1.0 - handed))
        assert 0.3 * lost < np.mean(told) < lost  # some still wait, and circles find leads themselves

    def test_the_register_puts_a_lead_where_it_is_taken_up(self):
        use = {"lever": "jurisdiction_clarity", "value": 1.0, "from": "2014-01"}
        world = run(country(1, levers=[use])).world
        desks = desks_of(world)
        charge = in_charge(world)[..., world[BureausState].bureaus.province]
        np.testing.assert_array_equal(desks.takes, charge)
        assert (desks.heard[~charge] == 0.0).all() and (desks.refers == 1.0).all()
        np.testing.assert_allclose(desks.heard, desks.gets)
        np.testing.assert_array_equal(somebody_acts(world), 1.0)

    def test_the_register_works_where_both_use_it(self):
        """With half of the officers on it, a quarter of the leads."""
        nobody, found = [], {}
        for value in (0.0, 0.5):
            use = [{"lever": "jurisdiction_clarity", "value": value, "from": "2014-01"}] if value else []
            world = run(country(1, levers=use)).world
            found[value] = desks_of(world)
            nobody.append(1.0 - somebody_acts(world))
        np.testing.assert_allclose(nobody[1], 0.75 * nobody[0])
        charge = in_charge(world)[..., world[BureausState].bureaus.province]
        np.testing.assert_allclose(found[0.5].takes, 0.75 * found[0.0].takes + 0.25 * charge)

    @pytest.mark.parametrize("levers", [[], [{"lever": "jurisdiction_clarity", "value": 0.4, "from": "2014-01"}]])
    def test_shares_of_leads_sum_to_one(self, levers: list[Any]):
        world = run(country(1, levers=levers)).world
        desks, charge = desks_of(world), in_charge(world)[..., world[BureausState].bureaus.province]
        np.testing.assert_allclose(desks.heard.sum(axis=0), 1.0)
        np.testing.assert_allclose(desks.gets.sum(axis=0), 1.0)
        assert (desks.takes[~charge] == 0.0).all() and (desks.takes[charge] > 0.0).all()
        assert all((part >= 0.0).all() and (part <= 1.0).all() for part in desks)

    def test_a_service_that_a_law_names_waits_for_its_own_officers(self):
        """Named and small: most leads fade on its desk, where three services would have had officers for them."""
        small = {"own_social_welfare": {"staff": 0.2}, "own_labour_inspection": {"staff": 2.6}}
        begun = {}
        for named in (None, "social_welfare"):
            regime = one_law(SERVICES, named)
            for key, change in small.items():
                regime["agencies"][key] |= change
            model = run(country(24, regime=regime), {"trafficking_domestic": 6_000})
            begun[named] = total(model, "stream_investigations")
        assert begun["social_welfare"] < 0.5 * begun[None]

    def test_leads_are_spread_without_loss_and_in_the_mean_by_the_shares(self):
        world = run(country(1)).world
        counts = np.full((len(STREAMS), 5_000), 3, np.int64)
        shares = np.array([0.5, 0.0, 0.4, 0.1])[:, None, None] * np.ones(counts.shape)
        found = spread(world, counts, shares, 99)
        np.testing.assert_array_equal(found.sum(axis=0), counts)
        np.testing.assert_allclose(found.mean(axis=(1, 2)), [1.5, 0.0, 1.2, 0.3], atol=0.02)

    @pytest.mark.study
    def test_one_clear_agency_completes_more_cases(self):
        assert effect("jurisdiction_clarity", "leads_lost_to_jurisdiction", 36)[1] < 0.0
        for name in ("investigations", "arrests", "stream_investigations", "stream_arrests"):
            assert effect("jurisdiction_clarity", name, 36, range(1, 17))[0] > 0.0, name

    def test_capacity_saturates(self):
        few, many = (
            total(run(country(24, regime=one_law(SERVICES[:1], None)), {"trafficking_domestic": leads}), name)
            for leads, name in ((20_000, "stream_investigations"), (200_000, "stream_investigations"))
        )
        assert many == pytest.approx(few, rel=0.02)

    def test_investigations_under_full_capacity_have_no_cycle(self):
        """Those that begin together do not all end together."""
        model = run(country(48, agencies={"response": 0.0}), {"trafficking_abroad": 20_000})
        begun = model.world.record.national_series()["stream_investigations"][12:].astype(float)
        begun -= begun.mean()
        for lag in (3, 4, 8):
            assert (begun[lag:] * begun[:-lag]).mean() < 0.4 * begun.var(), lag

    def test_nobody_is_in_charge_of_what_no_law_knows(self):
        """Before 1992 a bonded family has no court to turn to."""
        laws = {key: {"from": "2050-01"} for key in REGIME.shipped["laws"] if key.startswith("bonded")}
        bondage = {"bondage": {"enabled": True}}
        model = run(country(6, regime={"laws": laws}, mechanisms=bondage))
        assert total(model, "bondage_court", 0) == 0
        assert total(run(country(6, mechanisms=bondage)), "bondage_court", 0) > 0
        assert not law_of(model.world).acted[3].any()


def one_law(services: tuple[str, ...], named: str | None) -> dict[str, Any]:
    """A regime in which one law on trafficking within the country gives so many services the same staff together."""
    others = [key for key, row in REGIME.shipped["laws"].items() if "trafficking_domestic" in row["streams"]]
    law: dict[str, Any] = {
        "name": "One law", "streams": ["trafficking_domestic"], "services": list(services), "from": "2000-01",
        "offenders": 0.0, "source": "assumed", "replaces": others,
    }  # fmt: skip
    own = {
        f"own_{service}": {
            "name": service, "service": service, "provinces": list(PROVINCE_KEYS), "staff": 3.0 / len(services),
            "budget": 60_000.0, "time": {"trafficking_domestic": 1.0},
        }
        for service in services
    }  # fmt: skip
    nobody = {key: {"staff": 0.0} for key in REGIME.shipped["agencies"]}
    return {"laws": {"one_law": law | ({"named": named} if named else {})}, "agencies": nobody | own}


class TestVictims:
    def test_offenders_cooperate_less_by_one_rule_in_every_stream(self):
        world = run(country(1, "2015-01", law={"silence": 0.5})).world
        # smuggled and trafficked abroad are offenders altogether, 0.3 of those trafficked within the country, no bonded
        assert [willing_share(world, stream)[0] for stream in range(4)] == [0.5, 0.5, 0.85, 1.0]

    def test_of_those_found_offenders_are_charged_in_proportion(self):
        world = run(country(1, "2015-01", stream_cases={"charging": 0.4, "victims": 3.0})).world
        begun = np.zeros_like(world[StreamCasesState].stages.running)
        begun[1] = 50
        recognised, charged = _find_victims(world, begun)
        assert (recognised + charged).sum() / begun.sum() == pytest.approx(3.0, rel=0.01)
        each = charged.sum(axis=(0, 2)) / (3.0 * begun.sum(axis=(0, 2)))
        np.testing.assert_allclose(each, [0.4, 0.4, 0.3 * 0.4, 0.0], atol=0.01)

    @pytest.mark.study
    def test_victims_who_are_no_offenders_report_and_are_recognised(self):
        for name in ("leads", "investigations", "victims_recognised"):
            assert effect("victim_non_criminalisation", name)[0] > 0.0, name
        assert effect("victim_non_criminalisation", "victims_prosecuted")[1] < 0.0

    @pytest.mark.study
    def test_with_the_streams_themselves_more_leads_come_in_and_more_victims_are_identified(self):
        streams = {"trafficking": {"enabled": True}}
        use = {"lever": "victim_non_criminalisation", "value": 1.0, "from": "2014-03"}
        pairs = [
            [run(country(12, seed=seed, mechanisms=streams, levers=levers)) for levers in ([], [use])] for seed in SEEDS
        ]
        for name in ("trafficking_leads", "victims_identified"):
            assert interval([total(spared, name) - total(plain, name) for plain, spared in pairs])[0] > 0.0, name

    def test_screeners_reach_a_falling_share_of_more(self):
        world = run(country(1)).world
        people = world.units.population_2017 / 1e6
        for persons in (20.0, 80.0):
            world[LawState].facing = people * persons
            np.testing.assert_allclose(spared_share(world, 1.0), 1.0 - np.exp(-40.0 / persons), rtol=1e-9)
            np.testing.assert_allclose(spared_share(world, 0.5), 1.0 - np.exp(-20.0 / persons), rtol=1e-9)
        np.testing.assert_array_equal(spared_share(world, 0.0), 0.0)

    def test_most_are_spared_the_charge_with_screeners(self):
        spared, plain = (
            total(model, "victims_prosecuted") for model in (under("victim_non_criminalisation", 1), base(1))
        )
        assert spared < 0.5 * plain and plain > 100

    def test_law_may_recognise_adult_victims_of_sexual_exploitation(self):
        """By YAML: a row that replaces the offences; fewer of those found are charged, and all report."""
        row = {
            "name": "Recognition", "streams": ["trafficking_domestic"], "services": ["provincial_police"],
            "offenders": 0.0, "from": "2014-01", "source": "assumed", "replaces": ["penal_code_sexual_offences"],
        }  # fmt: skip
        world = run(country(1, "2015-01", regime={"laws": {"recognition": row}})).world
        assert (law_of(world).offender[TRAFFICKING_DOMESTIC] == 0.0).all()
        assert (willing_share(world, TRAFFICKING_DOMESTIC) == 1.0).all()

    @pytest.mark.study
    def test_fewer_expect_a_sanction(self):
        difference = [
            float(
                under("victim_non_criminalisation", seed).world.record.national_series()["perceived_sanction"][-1]
                - base(seed).world.record.national_series()["perceived_sanction"][-1]
            )
            for seed in SEEDS
        ]
        assert interval(difference)[1] < 0.0


def skilled(share: float) -> dict[str, Any]:
    """Places where the officers of every circle find this share of the accused."""
    return {"posts": {post.key: {"skill": share} for post in places_of().posts if post.kind == CIRCLE}}


ABROAD = {"trafficking_abroad": 2_000}


class TestSkill:
    """Skill of officers: the share of the accused whom they find (agents, those sent home, other streams)."""

    ONLY_FIA = {  # noqa: RUF012
        "laws": {key: {"services": ["fia"]} for key, row in REGIME.shipped["laws"].items() if not row.get("named")}
    }

    @staticmethod
    @cache
    def runs(share: float) -> dict[str, float]:
        """Sums over five seeds and the last two of three years, where the FIA alone may follow cases."""
        sums: dict[str, float] = {}
        for seed in SEEDS:
            model = run(country(36, seed=seed, regime=TestSkill.ONLY_FIA, places=skilled(share)), ABROAD)
            for name in ("investigations", "arrests", "stream_investigations", "stream_arrests"):
                sums[name] = sums.get(name, 0.0) + total(model, name)
        return sums

    @pytest.mark.study
    @pytest.mark.parametrize("kind", ["", "stream_"])
    def test_half_of_it_halves_the_arrests_of_a_case(self, kind: str):
        half, full = (
            self.runs(share)[f"{kind}arrests"] / self.runs(share)[f"{kind}investigations"] for share in (0.5, 1.0)
        )
        assert half / full == pytest.approx(0.5, abs=0.06)

    def test_without_any_nobody_is_arrested_but_passengers(self, monkeypatch: pytest.MonkeyPatch):
        caught: list[Docket] = []

        def keep(world: World) -> Docket:
            caught.append(open_docket(world))
            return caught[-1]

        def arrested(share: float) -> tuple[Model, float]:
            caught.clear()
            model = run(country(24, regime=self.ONLY_FIA, places=skilled(share)), ABROAD)
            return model, sum(int(found[1].sum()) for found in caught) / sum(int(found[0].sum()) for found in caught)

        monkeypatch.setattr("abm.enforcement.stream_cases.open_docket", keep)
        full = arrested(1.0)[1]
        model, none = arrested(0.0)
        assert total(model, "investigations", 0) > 0 and total(model, "stream_investigations", 0) > 0
        assert total(model, "arrests", 0) == total(model, "stream_arrests", 0) == 0
        assert 0 < none < full / 2


class TestAgencies:
    def test_circles_follow_trafficking_with_agencies_switched_off_too(self):
        """Their time is set when the world is built, whichever mechanism asks for it."""
        laws = TestSkill.ONLY_FIA["laws"]
        off = {"agencies": {"enabled": False}}
        model = run(country(12, regime={"laws": laws}, mechanisms=off), {"trafficking_abroad": 2_000})
        bureaus = model.world[BureausState].bureaus
        shares = bureaus.time[bureaus.post >= 0]
        np.testing.assert_allclose(shares, np.tile([0.8, 0.1, 0.1, 0.0], (len(shares), 1)))
        # circles have some 50 officers in full time for it: two cases each, for three months
        assert 400 < total(model, "stream_investigations", 0) < 550
        assert total(model, "cases_registered", 0) > total(model, "stream_investigations", 0)

    def test_time_follows_caseload_down_to_a_floor(self):
        """Ten times the leads on bonded labour from the second year on draw time of the police."""
        config = country(48, agencies={"speed": 1.0, "floor": 0.5, "response": 1.0})
        model = run(config, HANDED, change=flood)
        bureaus = model.world[BureausState].bureaus
        police = bureaus.keys.index("police_punjab")
        first, now = bureaus.first_time[police], bureaus.time[police]
        assert now[BONDED_LABOUR] > first[BONDED_LABOUR] + 0.1
        assert now[TRAFFICKING_DOMESTIC] < first[TRAFFICKING_DOMESTIC]
        assert (now >= 0.5 * first - 1e-12).all()
        np.testing.assert_allclose(bureaus.time.sum(axis=1), 1.0)
        effort = law_of(model.world).effort
        assert (effort[BONDED_LABOUR] > 1.0).any() and (effort[2] < 1.0).any()

    def test_without_a_response_nothing_moves(self):
        model = run(country(24, agencies={"response": 0.0}), HANDED, change=flood)
        np.testing.assert_allclose(model.world[BureausState].bureaus.time, model.world[BureausState].bureaus.first_time)

    def test_an_officer_caught_is_missed_by_his_circle_for_the_months_of_his_case(self):
        still = {"interception": {"staffing": 0.0}}
        model = Model(country(8, agencies={"suspension": 3}, enforcement={"watch": 0.0}, **still))
        world = model.world
        lahore = world[PostsState].stations.keys.index("circle_lahore")
        capacity, suspended = [], []
        for month in range(8):
            model.step()
            capacity.append(world[PostsState].posts.capacity[lahore])
            suspended.append(world.figures[AgenciesOutcomes.officers_suspended])
            if month == 1:
                world[PostsState].posts.caught[lahore] = 17
        model.close()
        assert suspended == [0, 0, 17, 17, 17, 0, 0, 0]
        staff = world[PostsState].posts.listed[lahore] / 0.8
        assert capacity[2] / capacity[1] == pytest.approx(1.0 - 17 / staff)
        assert capacity[5] == pytest.approx(capacity[1])

    def test_officers_whom_policy_added_count_among_those_of_whom_some_are_suspended(self):
        world = run(country(1, interception={"staffing": 0.0})).world
        lahore = world[PostsState].stations.keys.index("circle_lahore")
        listed = world[PostsState].posts.listed[lahore] / 0.8
        bureaus = world[BureausState].bureaus
        bureau = int(np.flatnonzero(bureaus.post == lahore)[0])
        suspended = np.where(np.arange(bureaus.post.size) == bureau, 20, 0)
        for staff, of in ((0.0, listed), (3 * world[PostsState].posts.listed[lahore], 3 * listed)):
            world[PostsState].posts.staff[lahore] = staff
            assert _present(world, suspended)[bureau] == pytest.approx(1.0 - 20 / of)

    def test_agencies_are_mesa_agents(self):
        model = Model(country(1))
        model.step()
        model.close()
        assert {type(agent) for agent in model.agencies} == {Agency}
        services = {agent.service for agent in model.agencies}
        assert services == {"child_protection", "labour_inspection", "provincial_police", "social_welfare"}
        (police,) = [agent for agent in model.agencies if agent.key == "police_punjab"]
        assert set(police.staff) == {"punjab", "islamabad"} and police.time["trafficking_domestic"] == 0.6

    def test_officers_are_paid_once(self):
        """Three officers a million at 60,000 rupees; circles busy with smuggling are in other books."""
        regime = one_law(("provincial_police",), None)
        world = run(country(1, regime=regime, agencies={"circle_share": 1.0})).world
        due = 3.0 * world.units.population_2017.sum() / 1e6 * 60_000
        booked = world.ledger.flows["government", "administration", "agencies"]
        assert booked == world[AgenciesState].pay == round(due)

    def test_a_budget_named_for_a_district_costs_what_it_adds_to_the_province(self):
        """Officers are the province's; what is booked is the pay of those who are added, wherever it is named."""
        regime = one_law(("provincial_police",), None)

        def cost(where: dict[str, Any]) -> tuple[float, float]:
            lever = {"lever": "agency_budget", "value": 2.0, "from": "2014-02", **where}
            model = run(country(12, regime=regime, levers=[lever]))
            bureaus = model.world[BureausState].bureaus
            added = (bureaus.staff - bureaus.first_staff)[bureaus.post < 0]
            pay = (bureaus.budget[bureaus.post < 0][:, None] * np.maximum(added, 0.0)).sum()
            return float(model.world.record.national_series()["policy_cost"][-1]), float(pay * lever_cost)

        lever_cost = AGENCY_BUDGET.unit_cost
        for where in ({}, {"where": ["gujrat"]}):
            booked, added = cost(where)
            assert booked == pytest.approx(added, rel=0.01) and booked > 0.0

    def test_a_law_and_an_agency_by_yaml_only(self):
        """A new service takes over domestic trafficking in Sindh, and nowhere else."""
        own = one_law(SERVICES, None)["laws"]["one_law"] | {"services": ["courts"], "provinces": ["sindh"]}
        agency = {
            "name": "Courts", "service": "courts", "provinces": ["sindh"], "staff": 5.0, "budget": 1e5,
            "time": {"trafficking_domestic": 1.0},
        }  # fmt: skip
        found = run(country(2, regime={"laws": {"one_law": own}, "agencies": {"courts_sindh": agency}}))
        here = found.world.units.province == "sindh"
        assert (law_of(found.world).acted[TRAFFICKING_DOMESTIC][here] == 1.0).all()
        powers = found.world[PowersState].powers.competent[:, TRAFFICKING_DOMESTIC]
        assert powers[found.world[BureausState].bureaus.services.index("courts")].nonzero()[0].tolist() == [SINDH]
        assert "courts_sindh" in {agent.key for agent in found.agencies}

    def test_the_unit_of_the_example_changes_the_stream_that_it_follows(self):
        """With its law more victims are recognised than without; agencies have no time for more cases."""
        file, small = (
            Path(__file__).parents[1] / "examples" / "own_law.yaml",
            ["population.scale=0.0005", "start=2012-07", "end=2014-06"],
        )
        own, without = (
            simulate(load_config(file, [*small, *more]), threads=1)["national"] for more in ([], ["regime={}"])
        )
        since = own["month"] >= np.datetime64("2013-01")
        found = [tables["victims_recognised"] for tables in (own, without)]
        assert found[0][since].sum() > 1.03 * found[1][since].sum()
        assert (found[0] == found[1])[~since].all()

    def test_without_laws_an_agency_in_charge_of_nothing_follows_what_it_has_time_for(self):
        agency = {
            "name": "X", "service": "nobody", "provinces": ["punjab"], "staff": 2.0, "budget": 7e4,
            "time": {"trafficking_domestic": 1.0},
        }  # fmt: skip
        regime = {"agencies": {"x": agency}}
        assert make_config(regime=regime, mechanisms=ASKED_FOR | {"law": {"enabled": False}})


def flood(world: World) -> None:
    """Ten times the leads on bonded labour from the second year on."""
    if world.t >= 11:
        world[LawState].leads[BONDED_LABOUR] *= 10


PAIRS = {f"{service}_{stream}" for service, streams in RECORDED.items() for stream in streams}


class TestCases:
    def test_cases_are_conserved(self, monkeypatch: pytest.MonkeyPatch):
        """Leads are lost, wait or are investigated, where none is forgotten; the arrested are tried; nobody twice."""
        monkeypatch.setattr("abm.enforcement.stream_cases.decay", lambda _: 1.0)
        model = Model(country(60, mechanisms={"enforcement": {"enabled": False}}))
        world = model.world
        for _ in range(60):
            hand_in_leads(world, BONDED_LABOUR, np.full(world.district_count, 3, np.int64))
            model.step()
            state = world[StreamCasesState].stages
            assert (state.waiting >= 0).all()
        model.close()
        series = world.record.national_series()
        accused = sum(int(persons.sum()) for _, _, persons in state.accused)
        judged = int(series["stream_arrests"].sum()) - accused
        lost = series["leads_lost_to_jurisdiction"].sum() + series["stream_leads_lost"].sum()
        assert lost == 0, "none is forgotten"
        assert series["stream_investigations"].sum() + state.waiting.sum() == series["stream_leads"].sum()
        assert series["stream_leads"].sum() == 60 * 3 * world.district_count
        assert 0.2 < series["stream_convictions"].sum() / judged < 0.4, "the probability of a conviction is 0.3"
        in_court = sum(int(persons.sum()) for _, court, persons in state.accused if court)
        assert series["stream_prosecutions"].sum() == judged + in_court

    def test_what_is_recorded_by_service_and_stream_adds_up(self):
        series = base(1).world.record.national_series()
        totals = {"cases": "investigations", "arrests": "arrests", "convictions": "convictions"}
        names = {what: f"stream_{of_all}" for what, of_all in totals.items()} | {"victims": "victims_recognised"}
        for of_service, of_all in names.items():
            parts = [name for name in series if name.startswith(f"{of_service}_") and name.split("_", 1)[1] in PAIRS]
            assert len(parts) == len(PAIRS)
            np.testing.assert_array_equal(sum(series[name] for name in parts), series[of_all], of_service)

    def test_owners_become_cases_where_a_court_freed_families(self):
        world = run(country(1, stream_cases={"court_leads": 0.25})).world
        world[LawState].freed_by_courts = np.full(world.district_count, 400, np.int64)
        leads = _gather(world)
        assert leads[BONDED_LABOUR].sum() / (400 * world.district_count) == pytest.approx(0.25, abs=0.01)
        assert not np.delete(leads, BONDED_LABOUR, axis=0).any()
        assert world.figures[StreamCasesOutcomes.stream_leads].sum() == leads.sum()

    def test_officers_are_free_with_the_time_that_no_stream_suspension_or_case_takes(self):
        world = run(country(1)).world
        lahore = world[PostsState].stations.keys.index("circle_lahore")
        staff = world[PostsState].posts.staff[lahore]
        cases = world[CasesState].table.columns
        cases.stage[: world[CasesState].table.count] = CASE_INVESTIGATED + 1
        assert free_officers(world)[lahore] == pytest.approx(staff)
        world[LawState].circle_time = np.full(world[PostsState].posts.staff.size, 0.5)
        assert free_officers(world)[lahore] == pytest.approx(staff / 2)
        half = int(world[PostsState].posts.capacity[lahore] / 2)
        rows = world[CasesState].table.count + np.arange(half)
        world[CasesState].table.append(
            id=rows, office=np.zeros(half, np.int64), office_key=-1, district=0, circle=lahore,
            stage=CASE_INVESTIGATED, evidence=1.0, since=0, progress=0.0, arrested=0, owner=0,
        )  # fmt: skip
        left = 1.0 - half / world[PostsState].posts.capacity[lahore]
        assert free_officers(world)[lahore] == pytest.approx(staff / 2 * left)

    def test_officers_added_charge_those_sent_home_to_their_district_alone(self):
        lever = {"lever": "fia_circles", "where": ["gujrat"], "from": "2013-01", "value": 5}
        usual, more = (run(country(2, start="2013-01", levers=levers)).world for levers in ([], [lever]))
        returned, none = np.full(usual.district_count, 100.0), np.zeros(usual.district_count)
        chance = [_chance_of_charge(world, returned, none) for world in (usual, more)]
        gujrat, next_door = ([str(key) for key in usual.units.unit].index(name) for name in ("gujrat", "gujranwala"))
        assert chance[1][gujrat] > 1.5 * chance[0][gujrat] > 0.0
        assert chance[1][next_door] == pytest.approx(chance[0][next_door], rel=0.1)

    def test_cases_are_registered_where_people_are_stopped(self):
        world = Model(country(1)).world
        place = dict(zip((leg.key for leg in world.leg_facts), world[DocketState].registering_rows, strict=True))
        assert world.units.unit[place["islamabad_london"]] == "islamabad"
        assert world.units.unit[place["karachi_dubai"]] == "karachi"
        assert world.units.province[place["quetta_taftan"]] == "balochistan"
        assert place["turkey_greece"] == -1


class TestSwitches:
    OFF = {section: {"enabled": False} for section in SECTIONS}  # noqa: RUF012
    TRAFFICKING = {"trafficking": {"enabled": False}}  # noqa: RUF012
    """Streams that the law reaches: who is an offender reports less, and convictions deter."""

    def test_a_clear_law_and_agencies_that_do_not_move_leave_the_rest_to_the_bit(self):
        """In 2009, when the law made offenders of all as the parameters of enforcement have it."""
        neutral: dict[str, Any] = {
            "law": {"offices_at_police": 0.0, "silence": 0.0},
            "agencies": {"speed": 0.0, "suspension": 0},
        }
        # courts free fewer bonded families where several services wait for each other
        others = self.TRAFFICKING | {"bondage": {"enabled": False}}
        off = simulate(small_config(months=18, mechanisms=others | self.OFF))
        on = simulate(small_config(months=18, mechanisms=others, **neutral))
        own = OWN | {"enforcement_spending"}  # the pay of agencies
        for table, columns in off.items():
            for name, values in columns.items():
                if name not in own:
                    np.testing.assert_array_equal(values, on[table][name], f"{table}.{name}")

    def test_the_record_moves_nothing_else(self):
        """Cases of other streams are counted beside the market."""
        config = {"months": 18, "aspiration": {"consideration": 0.03}}
        on = simulate(small_config(mechanisms=self.TRAFFICKING, **config))
        off = simulate(small_config(mechanisms=self.TRAFFICKING | {"stream_cases": {"enabled": False}}, **config))
        own = {outcome.name for outcome in StreamCases.outcomes} | {"leads_lost_to_jurisdiction"}
        for table, columns in on.items():
            for name, values in columns.items():
                if name not in own:
                    np.testing.assert_array_equal(values, off[table][name], f"{table}.{name}")
