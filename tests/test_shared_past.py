"""Runs that differ only in levers that begin later share the months before; their tables are those of whole runs."""

from pathlib import Path
from typing import Any

import pytest
from worlds import small_config

from abm.config import Config
from abm.engine.calendar import parse_month
from abm.experiments import shared_past
from abm.experiments.engine_settings import SerialEngine
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.experiments.run import run_into
from abm.experiments.shared_past import Fork, Past, course_of, forks_of, in_turn, share_of_months
from abm.experiments.sweep import sweep
from abm.month import MONTH
from abm.results import Result

MAY, SEPTEMBER = parse_month("2009-05"), parse_month("2009-09")


def patrol(begins: str, **more: Any) -> dict[str, Any]:
    return {"lever": "border_patrol", "id": f"patrol_{begins}", "from": begins, "value": 3.0, **more}


def jobs(begins: str) -> dict[str, Any]:
    return {"lever": "job_creation", "from": begins, "value": 0.05}


def everything_on(*levers: dict[str, Any], **more: Any) -> Config:
    switches = {mechanism.section: {"enabled": True} for mechanism in MONTH}
    return small_config(months=12, levers=list(levers), mechanisms=switches, **more)


def months_of_forks(*configs: Config) -> list[tuple[int, ...]]:
    return forks_of([course_of(config.resolved()) for config in configs])


def test_runs_part_where_the_first_lever_begins_that_only_one_has() -> None:
    found = months_of_forks(
        everything_on(),
        everything_on(jobs("2009-05")),
        everything_on(jobs("2009-05"), patrol("2009-09")),
        everything_on(patrol("2009-09")),
    )
    assert found == [(MAY, SEPTEMBER), (MAY, SEPTEMBER), (MAY, SEPTEMBER), (MAY, SEPTEMBER)]
    assert months_of_forks(everything_on(), everything_on(patrol("2009-09"))) == [(SEPTEMBER,)] * 2


def test_a_lever_may_name_places() -> None:
    somewhere = everything_on({**jobs("2009-05"), "where": ["gujrat"]})
    assert months_of_forks(everything_on(), somewhere) == [(MAY,)] * 2


def test_an_announcement_and_a_budget_act_before_a_lever_is_in_force() -> None:
    reference = everything_on()
    assert months_of_forks(reference, everything_on(patrol("2009-09", announced="2009-05")))[0] == (MAY,)
    budget = {"per_year": 1e9, "rule": "cap", "year_begins": 6}
    capped = [everything_on(budget=budget), everything_on(patrol("2009-09"), budget=budget)]
    assert months_of_forks(*capped)[0] == (MAY,)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"labour": {"job_growth": 0.031}},
        {"levers": [patrol("2009-01")]},
        {"levers": [{**patrol("2009-01"), "from": None, "when": {"outcome": "irregular_departures", "above": 1e9}}]},
    ],
    ids=["seed", "parameter", "lever from the first month", "trigger"],
)
def test_what_has_no_past_in_common_shares_none(other: dict[str, Any]) -> None:
    levers = other.pop("levers", [patrol("2009-09")])
    assert months_of_forks(everything_on(), everything_on(*levers, **other)) == [(), ()]


def test_a_state_is_named_by_all_that_has_begun_in_its_order() -> None:
    both = [course_of(everything_on(*levers).resolved()) for levers in ((jobs("2009-02"), patrol("2009-03")),) * 2]
    turned = course_of(everything_on(patrol("2009-03"), jobs("2009-02")).resolved())
    assert both[0].key(MAY, 1) == both[1].key(MAY, 1)
    assert len({both[0].key(MAY, 1), both[0].key(MAY, 2), both[0].key(SEPTEMBER, 1), turned.key(MAY, 1)}) == 4


def test_months_that_are_saved() -> None:
    courses = [
        course_of(everything_on(*levers).resolved()) for levers in ((), (patrol("2009-05"),), (jobs("2009-09"),))
    ]
    # the reference makes 12 months, the others 8 and 4
    assert share_of_months(courses) == pytest.approx(24 / 36)


def test_those_that_save_states_lead_their_batch() -> None:
    states = {"a": (), "b": ("x",), "c": ("x", "y"), "d": ("y",), "e": ("x",)}
    assert list(in_turn([["a", "b"], ["a", "b", "c", "d", "e"]], lambda run: states[run])) == [
        *("b", "a"),
        *("c", "b", "d", "e", "a"),
    ]


def made(folder: Path, config: Config, *forks: Fork) -> tuple[Result, int]:
    past = Past(forks)
    return run_into(folder, config, past=past if forks else None), past.months


LATER = {
    "reference": (),
    "jobs": (jobs("2009-05"),),
    "announced": (patrol("2009-09", announced="2009-05"),),
    "twice": (jobs("2009-05"), patrol("2009-09")),
    "trigger": (
        {
            **patrol("2009-05"),
            "when": {"outcome": "irregular_departures", "above": 0.0, "for_months": 2, "cooldown_months": 1},
        },
    ),
}


@pytest.mark.parametrize("budget", [None, {"per_year": 2e8, "rule": "cap", "year_begins": 7}], ids=["free", "capped"])
def test_a_run_with_a_shared_past_is_the_whole_run(tmp_path: Path, budget: dict[str, Any] | None) -> None:
    configs = {name: everything_on(*levers, budget=budget) for name, levers in LATER.items()}
    courses = {name: course_of(config.resolved()) for name, config in configs.items()}
    on_the_way = dict(zip(configs, forks_of(list(courses.values())), strict=True))
    skipped = {}
    for name, config in configs.items():
        forks = [Fork(month, tmp_path / "states" / courses[name].key(month, 1)) for month in on_the_way[name]]
        result, skipped[name] = made(tmp_path / name, config, *forks)
        assert result.checksums == made(tmp_path / f"whole {name}", config)[0].checksums
    # a budget of the fiscal year has levers of May begin before the run does
    assert skipped == {"reference": 0, **dict.fromkeys(("jobs", "announced", "trigger"), 0 if budget else 4)} | {
        "twice": 5 if budget else 8
    }


def test_a_damaged_state_costs_time_only(tmp_path: Path) -> None:
    fork = Fork(MAY, tmp_path / "state")
    usual, _ = made(tmp_path / "first", everything_on(), fork)
    assert made(tmp_path / "second", everything_on(), fork)[1] == 4
    state = fork.folder / "state.pickle"
    state.write_bytes(state.read_bytes()[:-1])
    again, months = made(tmp_path / "third", everything_on(), fork)
    assert months == 0
    assert again.checksums == usual.checksums


def test_a_study_shares_pasts_and_leaves_no_state_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "name: study\n"
        "set: {start: 2009-01, end: 2009-12, population: {region: [gujrat, lahore], scale: 0.001,"
        " village_households: 50, min_villages: 4}}\n"
        "scenarios:\n"
        "  jobs: {levers: [{lever: job_creation, from: 2009-07, value: 0.05}]}\n"
        "  reference: {}\n"
        "  late: {levers: [{lever: border_patrol, from: 2009-11, value: 3}]}\n"
        "replicates: 3\n",
        encoding="utf-8",
    )
    plan = Plan(load_experiment(path))
    months = []
    simulate = shared_past.simulate_from

    def watched(config: Config, past: Past, threads: int) -> Any:
        tables = simulate(config, past, threads)
        months.append(past.months)
        return tables

    monkeypatch.setattr("abm.experiments.run.simulate_from", watched)
    sweep([plan], tmp_path / "study", SerialEngine())
    assert sorted(months) == [0] * 3 + [6] * 3 + [10] * 3
    assert sum(months) / (12 * 9) == pytest.approx(1 - plan.share_of_months())
    assert not (tmp_path / "study" / "states").exists()
