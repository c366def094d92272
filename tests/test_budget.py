"""Budgets: what policy costs in a year stays within its money to the rupee, and uses it up where more is wanted."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import PLAIN, months_of, small_config

from abm import conservation
from abm.config import Budget
from abm.declare import Lever
from abm.engine.calendar import parse_month
from abm.model import Model, Tables, simulate
from abm.month import LEVERS
from abm.policy.budget import Demand, Purse, share_out
from abm.policy.policy import InForce, PolicyOutcomes
from abm.routes.interception import PATROLS, Interception
from abm.society.labour import LabourState

MONTHS = 24
RESCUE = {"lever": "search_and_rescue", "id": "rescue", "from": "2010-01", "value": 0.4}
FINANCE = {"lever": "informal_finance_control", "id": "finance", "from": "2009-04", "ramp_months": 6, "value": 0.5}
CAMPAIGN = {
    "lever": "awareness_campaign", "id": "campaign", "topic": "death", "from": "2009-02", "value": 0.2,
    "pulse": {"months_on": 2, "months_off": 2}, "until": "2010-08",
}  # fmt: skip
CHEAPER = {"lever": "legal_fee", "id": "cheaper", "from": "2009-01", "value": 0.5}
KNOWN_COST = [RESCUE, FINANCE, CAMPAIGN]

CASH = {"lever": "cash_transfer", "id": "cash", "from": "2009-06", "value": 3000.0}
JOBS = {"lever": "job_creation", "id": "jobs", "from": "2009-03", "value": 0.03}
PATROL = {"lever": "border_patrol", "id": "patrol", "from": "2009-08", "value": 4.0}
CIRCLES = {"lever": "fia_circles", "id": "circles", "from": "2009-01", "where": ["gujrat"], "value": 3.0}
CAPACITY = {"lever": "investigative_capacity", "id": "capacity", "from": "2009-01", "value": 3.0}
COURSES = {"lever": "vocational_training", "id": "courses", "from": "2009-01", "value": 0.2}
CREDIT = {"lever": "microcredit", "id": "credit", "from": "2009-01", "value": 100_000.0}
VISAS = {
    "lever": "visa_sale", "id": "visas", "from": "2009-01", "value": 20_000.0,
    "where": {"destination": ["italy", "spain"]},
}  # fmt: skip
HONEST = {"lever": "anti_corruption", "id": "honest", "from": "2009-01", "value": 0.5}
BOOKED = [CASH, JOBS, PATROL, CIRCLES, CAPACITY, COURSES, CREDIT, VISAS, HONEST, CHEAPER]
ALL = [*KNOWN_COST, *BOOKED]


def run(levers: list[dict[str, Any]], budget: dict[str, Any] | None, **more: Any) -> Tables:
    return simulate(small_config(months=MONTHS, levers=levers, budget=budget, mechanisms=PLAIN, **more))


@cache
def unlimited(kind: str) -> Tables:
    return run({"known": KNOWN_COST, "all": ALL}[kind], None)


def by_year(national: dict[str, np.ndarray], name: str = "policy_cost", first: int = 0) -> list[int]:
    """Sums over years of twelve months, of which the first has `first` months less."""
    months = np.concatenate([np.zeros(first, np.int64), national[name]])
    months = np.concatenate([months, np.zeros(-len(months) % 12, np.int64)])
    return months.reshape(-1, 12).sum(axis=1).tolist()


def test_costs_by_lever_add_up_whatever_the_budget():
    for budget in (None, {"per_year": 2e9, "rule": "cap"}, {"per_year": 2e9, "rule": "report"}):
        national = (run(ALL, budget) if budget else unlimited("all"))["national"]
        levers = sum(national[f"cost_{use['id']}"] for use in ALL)
        np.testing.assert_array_equal(levers, national["policy_cost"])


@pytest.mark.parametrize(
    ("lever", "values", "dose"),
    [
        ("legal_quota", (2.0, 2.0), 3.0),
        ("legal_quota", (3.0, 0.5), 0.5),
        ("legal_delay", (-1.0, -2.0), 3.0),
        ("search_and_rescue", (0.7, 0.7), 1.0),
        ("search_and_rescue", (0.2, 0.3), 0.5),
    ],
)
def test_uses_of_a_lever_cost_what_they_add_together(lever: str, values: tuple[float, float], dose: float):
    """Each its part; one that takes away from another nothing."""
    where = {"destination": ["qatar"]} if lever.startswith("legal") else {"route": ["air_libya"]}
    uses = [
        {"lever": lever, "id": f"use_{k}", "from": "2009-01", "value": value, "where": where}
        for k, value in enumerate(values)
    ]
    both, one = (
        simulate(small_config(months=1, levers=levers, mechanisms=PLAIN))["national"] for levers in (uses, uses[:1])
    )
    alone = one["policy_cost"][0] / abs(values[0] - LEVERS[lever].neutral)
    assert both["policy_cost"][0] == pytest.approx(dose * alone, abs=2)
    assert (both["cost_use_1"][0] == 0) == (lever == "legal_quota" and values[1] < 1.0)


def test_a_capped_lever_used_twice_does_not_run_out_of_money():
    """The second use doubles what the first adds, and the money for that is kept from the first month on."""
    where = {"destination": ["qatar"]}
    uses = [
        {"lever": "legal_quota", "id": f"use_{k}", "from": "2009-01", "value": 2.0, "where": where} for k in range(2)
    ]
    full = run(uses, None, start="2009-01")["national"]["policy_cost"][:12]
    budget = {"per_year": int(0.8 * full.sum()), "rule": "cap"}
    spent = run(uses, budget, start="2009-01")["national"]["policy_cost"][:12]
    assert spent.sum() <= budget["per_year"]
    assert (np.diff(spent) >= -2).all() and spent[0] > 0.6 * full[0]


def test_a_region_pays_its_part_of_what_has_no_place():
    paid = unlimited("known")["national"]["cost_finance"][8]
    share = Model(small_config(months=1)).world.region_share
    assert share < 0.1
    assert paid == pytest.approx(0.5 * LEVERS["informal_finance_control"].unit_cost * share, abs=2)
    legs = sum(leg.by_sea for leg in Model(small_config(months=1)).world.leg_facts)
    rescued = unlimited("known")["national"]["cost_rescue"][12]
    assert rescued == pytest.approx(0.4 * LEVERS["search_and_rescue"].unit_cost * legs * share, abs=2)


@pytest.mark.parametrize("per_year", [5e6, 12_345_678, 80e6])
def test_where_costs_are_known_the_whole_budget_is_spent_and_no_rupee_more(per_year: float):
    wanted = by_year(unlimited("known")["national"])
    assert min(wanted) > per_year, "the budget is no limit"
    national = run(KNOWN_COST, {"per_year": per_year, "rule": "cap"})["national"]
    for spent in by_year(national):
        assert per_year - len(KNOWN_COST) <= spent <= per_year
    assert (national["budget_waiting"] == 0).all()
    assert (national["budget_left"] >= 0).all()


def test_a_dose_is_cut_alike_in_all_levers_and_months_of_a_year():
    national = run(KNOWN_COST, {"per_year": 60e6, "rule": "cap"})["national"]
    full = unlimited("known")["national"]
    for use in KNOWN_COST:
        name = f"cost_{use['id']}"
        for year in range(2):
            months = slice(12 * year, 12 * year + 12)
            share = 60e6 / full["policy_cost"][months].sum()
            np.testing.assert_allclose(national[name][months], share * full[name][months], atol=13)


@pytest.mark.parametrize("use", BOOKED, ids=lambda use: use["id"])
def test_a_lever_whose_cost_depends_on_what_happens_is_held_to_the_budget(use: dict[str, Any]):
    wanted = by_year(run([use], None)["national"])
    per_year = round(0.4 * min(wanted[1:]))
    national = run([use], {"per_year": per_year, "rule": "cap"})["national"]
    spent = by_year(national)
    assert all(amount <= per_year for amount in spent)
    assert (national["budget_left"] >= 0).all()
    # visas are issued months after they are offered, and in a small sample to hundreds of people at a time
    assert spent[1] >= (0.2 if use is VISAS else 0.9) * per_year, spent


def test_jobs_for_which_a_budget_no_longer_pays_are_lost():
    """What it pays for in the last year stands for about as many jobs as there are more."""
    budget, jobs, created = {"per_year": 5e7, "rule": "cap"}, [], []
    for levers in ([], [JOBS]):
        model = Model(small_config(months=MONTHS, levers=levers, budget=budget if levers else None, mechanisms=PLAIN))
        for _ in range(MONTHS):
            model.step()
        jobs.append(model.world[LabourState].jobs.sum())
        created.append(model.world[LabourState].created.sum())
        model.close()
    assert 0.0 < jobs[1] - jobs[0] < 2.0 * created[1]


def test_all_levers_together_use_up_the_budget_to_the_rupee_in_years_that_are_followed_by_another():
    per_year = 3_000_000_001
    assert min(by_year(unlimited("all")["national"])) > per_year
    national = run(ALL, {"per_year": per_year, "rule": "cap"})["national"]
    spent = by_year(national)
    assert spent[0] == per_year
    assert 0.9 * per_year < spent[1] <= per_year
    assert (abs(national["budget_waiting"]) < 0.1 * per_year).all()


def test_a_budget_that_is_large_enough_changes_nothing():
    roomy = run(ALL, {"per_year": 1e13, "rule": "cap"})
    for table, columns in unlimited("all").items():
        for name, column in columns.items():
            np.testing.assert_array_equal(roomy[table][name], column, f"{table}.{name}")


def test_a_budget_of_nothing_is_no_policy():
    broke, none = run(ALL, {"per_year": 0, "rule": "cap"}), run([], None)
    for name, column in none["national"].items():
        np.testing.assert_array_equal(broke["national"][name], column, name)


def test_a_report_only_counts():
    report, free = run(ALL, {"per_year": 1e9, "rule": "report"}), unlimited("all")
    for table, columns in free.items():
        for name, column in columns.items():
            np.testing.assert_array_equal(report[table][name], column, f"{table}.{name}")
    left = report["national"]["budget_left"]
    np.testing.assert_array_equal(left[11::12], [int(1e9) - spent for spent in by_year(free["national"])])
    np.testing.assert_array_equal(np.diff(left[:12]), -free["national"]["policy_cost"][1:12])


def test_what_a_lever_that_costs_nothing_does_is_not_cut():
    """A patrol that is taken off costs nothing, and neither does a refusal."""
    free = [
        {"lever": "visa_refusal", "from": "2009-01", "value": 0.2},
        {"lever": "border_patrol", "from": "2009-01", "value": 0.5},
    ]
    broke, rich = run(free, {"per_year": 0, "rule": "cap"}), run(free, None)
    for name, column in rich["national"].items():
        np.testing.assert_array_equal(broke["national"][name], column, name)


def test_a_year_of_which_the_run_has_a_part_has_that_part_of_the_budget():
    budget = {"per_year": 40e6, "rule": "cap", "year_begins": 7}
    national = run(KNOWN_COST, budget)["national"]
    spent = by_year(national, first=6)  # from January: the second half of a fiscal year
    assert len(spent) == 3
    for found, part in zip(spent, (0.5, 1, 0.5), strict=True):
        assert part * 40e6 - len(KNOWN_COST) <= found <= part * 40e6


def test_what_is_not_wanted_in_some_months_is_there_for_the_others_of_the_year():
    """A lever of two months takes the money of twelve."""
    short = RESCUE | {"from": "2010-05", "until": "2010-06"}
    national = run([short], {"per_year": 9e6, "rule": "cap"})["national"]
    assert by_year(national) == [0, 9_000_000]
    assert national["cost_rescue"][16:18].tolist() == [4_500_000, 4_500_000]


def test_a_trigger_takes_what_is_left_when_it_fires():
    later = RESCUE | {"id": "later", "when": {"outcome": "policy_cost", "over_months": 6, "above": 1}}
    del later["from"]
    faster = {"lever": "legal_delay", "id": "faster", "from": "2009-01", "until": "2009-12", "value": -1.0}
    both = [faster, later]
    national = run(both, {"per_year": 30e6, "rule": "cap"})["national"]
    first_half = national["policy_cost"][:6]
    assert (first_half == first_half[0]).all(), "nobody knows yet that it will fire"
    assert national["cost_later"][6] > 0
    assert by_year(national)[0] in range(int(30e6) - 2, int(30e6) + 1)


def test_the_government_pays_no_more_than_the_budget_in_the_books():
    """Household payments are made by the government itself; what the budget has not paid, agencies advance."""
    per_year, paid = 2e9, []
    kinds = ("policy", "policy, paid ahead", "cash transfer", "interest subsidy")
    config = small_config(months=MONTHS, levers=ALL, budget={"per_year": per_year, "rule": "cap"})
    model = Model(config)
    for world in months_of(model):
        assert conservation.check(world) == []
        flows = world.ledger.flows
        out = sum(amount for (payer, _, kind), amount in flows.items() if payer == "government" and kind in kinds)
        back = flows.get(("administration", "government", "policy, paid later"), 0)
        paid.append(out - back)
        assert paid[-1] == sum(world[InForce].policy.paid.values())
    assert all(amount <= per_year for amount in np.array(paid).reshape(-1, 12).sum(axis=1))


def test_estimates_are_made_for_every_lever_that_books_its_cost():
    booked = {name for name, found in LEVERS.items() if found.cost_counted == "booked"}
    model = Model(small_config(("gujrat", "jhelum", "sialkot"), months=2, levers=[JOBS | {"from": "2009-01"}]))
    for world in months_of(model):
        catalogue = world.config.catalogue
        for name in booked:
            lever = LEVERS[name]
            dearest = lever.bounds[0 if lever.booked_below else 1]
            full = np.full(world.shape_of(lever.moves[0]), dearest - lever.neutral)
            mechanism = catalogue.mechanisms[catalogue.section_of_lever[name]]
            assert mechanism.expected_cost(world, lever, full) > 0, name
            assert mechanism.expected_cost(world, lever, full * 0.0) == 0 or name == "job_creation"
    assert booked >= {use["lever"] for use in BOOKED}


# ---------------------------------------------------------------------------------------------------------- bookkeeping


@given(money=st.integers(0, 10**13), claims=st.lists(st.integers(0, 10**12), min_size=1, max_size=8))
def test_money_is_shared_out_to_the_rupee_and_in_proportion(money: int, claims: list[int]):
    named = {str(k): claim for k, claim in enumerate(claims)}
    shares = share_out(money, named)
    total = sum(claims)
    assert sum(shares.values()) == (money if total else 0)
    for name, claim in named.items():
        assert abs(shares[name] - money * claim / total if total else 0) <= 1 + 1e-9 * money


@given(per_year=st.integers(0, 10**10), begins=st.integers(1, 12), months=st.integers(1, 40), data=st.data())
def test_a_purse_never_pays_more_than_it_has_and_forgets_no_bill(per_year: int, begins: int, months: int, data: Any):
    """Whatever the bills: estimates may be wrong by any factor."""
    budget = Budget(per_year=float(per_year), rule="cap", year_begins=begins)
    start = parse_month("2009-01")
    purse, billed, paid = Purse(), 0, 0
    spent: dict[int | None, int] = {}
    for month in range(start, start + months):
        purse.open_month(budget, month, start, start + months - 1)
        amounts = st.floats(0, 1e10)
        demand = Demand(data.draw(amounts), data.draw(amounts), data.draw(st.booleans()), True)
        share = purse.share({"a": demand})
        assert 0 <= share <= 1
        bill = round(share * demand.now * data.draw(st.floats(0, 5)))
        purse.learn("a", share * demand.now, bill)
        found = purse.pay({"a": bill}, {"a": demand}, share, capped=True)["a"]
        assert found >= 0
        billed, paid = billed + bill, paid + found
        spent[purse.year] = spent.get(purse.year, 0) + found
        assert purse.ahead["a"] == paid - billed
        assert purse.left >= 0
    assert all(amount <= per_year for amount in spent.values())


@pytest.mark.parametrize("name", ["search_and_rescue", "deportation", "destination_border_control", "border_patrol"])
def test_levers_beyond_districts_cost_a_region_its_part(name: str):
    """A lever on all of its places, in three districts and in one of them."""
    cost, share = [], []
    for units in (("gujrat", "jhelum", "sialkot"), ("jhelum",)):
        lever = {"lever": name, "from": "2009-01", "value": 0.5 if name == "search_and_rescue" else 2.0}
        model = Model(small_config(units, months=1, levers=[lever]))
        model.step()
        cost.append(float(model.world.figures[PolicyOutcomes.policy_cost]))
        share.append(model.world.region_share)
    assert cost[0] > 0 and cost[0] / cost[1] == pytest.approx(share[0] / share[1], rel=0.05)


@pytest.mark.parametrize("lever", PATROLS, ids=lambda lever: lever.name)
def test_a_patrol_is_estimated_at_what_it_is_billed(lever: Lever):
    model = Model(small_config(("jhelum",), months=1, levers=[{"lever": lever.name, "from": "2009-01", "value": 2.0}]))
    model.step()
    estimate = Interception.expected_cost(model.world, lever, np.ones(len(model.world.leg_facts)))
    assert estimate == pytest.approx(model.world.figures[PolicyOutcomes.policy_cost], rel=0.01)
