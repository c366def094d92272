"""The month is what its table of phases says: every read and write is declared, and nothing is declared in vain."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from worlds import small_config

import abm.month
from abm.config import Config
from abm.declare.state import Held, State, StateError, kept, monthly
from abm.households.kernels import household_month
from abm.model import Model
from abm.month import HOUSEHOLD_PASS, LEVERS, MONTH, PHASES
from abm.simulation import build_world
from abm.world.mechanism import Mechanism, OrderError, Phase, check_order

EVERYTHING: dict[str, Any] = {"mechanisms": {mechanism.section: {"enabled": True} for mechanism in MONTH}}


class Water(State):
    """State of the phases below."""

    level: Held[float] = monthly(text="Level.")
    usual: Held[float] = monthly(text="Level, or 1 where nobody measures.", neutral=lambda world: 1.0)
    lake: Held[float] = kept(text="Water in the lake.", start=lambda world: 10.0)


class Rain(Mechanism):
    """A phase."""

    section = "rain"


class Trace:
    """Fields read and written by phase, and those read in a month before they were written in it (`early`)."""

    def __init__(self) -> None:
        self.phase = ""
        self.reads: dict[str, set[str]] = {}
        self.writes: dict[str, set[str]] = {}
        self.early: set[str] = set()
        self._written: set[str] = set()

    def open_month(self) -> None:
        """Begin a month: nothing is written yet."""
        self._written = set()

    def read(self, field: str, *, is_there: bool) -> None:
        """Record that a field is read in the phase."""
        self.reads.setdefault(self.phase, set()).add(field)
        if is_there and field not in self._written:
            self.early.add(field)

    def written(self, field: str) -> None:
        """Record that a field is written in the phase."""
        self.writes.setdefault(self.phase, set()).add(field)
        self._written.add(field)


def trace_of(config: Config, months: int) -> Trace:
    """Simulate some months and take down who reads and writes what."""
    world, trace = build_world(config), Trace()
    get = Held.__get__

    def read(held: Held[Any], state: State | None, owner: type) -> Any:
        if state is not None:
            trace.read(held.path, is_there=held.name in vars(state))
            if held.name in vars(state):
                return vars(state)[held.name]
        return get(held, state, owner)

    def write(held: Held[Any], state: State, value: Any) -> None:
        trace.written(held.path)
        vars(state)[held.name] = value

    with patch.object(Held, "__get__", read), patch.object(Held, "__set__", write, create=True):
        for _ in range(months):
            trace.open_month()
            world.open_month()
            for mechanism in MONTH:
                trace.phase = mechanism.__name__
                mechanism.step(world)
    return trace


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Trace of a run with everything on, every lever and a budget, through a January."""
    levers = [
        {"lever": lever.name, "from": "2009-02", "value": lever.bounds[1] / 4.0}
        | ({"topic": "death"} if lever.topics else {})
        for lever in LEVERS.values()
    ]
    levers += [
        {"lever": name, "id": f"{name}_later", "announced": "2009-04", "from": "2009-08", "value": 2.0}
        for name in ("deportation", "investigative_capacity", "legal_quota", "transit_border_control")
    ]
    config = small_config(
        months=14,
        levers=levers,
        budget={"per_year": 1e9, "rule": "cap"},
        displacement={"persons": {"gujrat": 2000}, "begins": "2009-03", "months": 3, "permits_end": "2015-12"},
        channel={"overstay_constant": -4.0, "irregular_constant": 0.0},
        **EVERYTHING,
    )
    return trace_of(config, config.months)


def test_every_read_and_write_is_declared(trace: Trace) -> None:
    undeclared = []
    for phase in PHASES:
        name = phase.mechanism.__name__
        may_read = {held.path for held in (*phase.reads, *phase.keeps, *phase.writes)}
        may_write = {held.path for held in (*phase.keeps, *phase.writes)}
        undeclared += [f"{name} reads {path}" for path in trace.reads.get(name, set()) - may_read]
        undeclared += [f"{name} writes {path}" for path in trace.writes.get(name, set()) - may_write]
    assert not undeclared, "\n".join(sorted(undeclared))


def test_nothing_is_declared_in_vain(trace: Trace) -> None:
    idle = [
        f"{phase.mechanism.__name__}: {held}"
        for phase in PHASES
        for held in (*phase.reads, *phase.keeps, *phase.writes)
        if held.path not in trace.reads.get(phase.mechanism.__name__, set())
        and held.path not in trace.writes.get(phase.mechanism.__name__, set())
    ]
    assert set(idle) <= RARE


def test_no_value_of_a_month_is_read_in_the_next(trace: Trace) -> None:
    of_month = {held.path for phase in PHASES for held in (*phase.reads, *phase.writes)}
    assert not trace.early & of_month


def test_reading_what_nobody_has_written_is_refused() -> None:
    with pytest.raises(OrderError, match=r"Rain reads Water\.level, which no earlier phase of the month writes"):
        check_order([Phase(Rain, reads=(Water.level,))])
    check_order([Phase(Rain, writes=(Water.level,)), Phase(Rain, reads=(Water.level,))])
    check_order([Phase(Rain, reads=(Water.usual,))])
    with pytest.raises(OrderError, match=r"it is kept: name it in 'keeps'"):
        check_order([Phase(Rain, writes=(Water.lake,))])
    with pytest.raises(OrderError, match=r"a value of one month"):
        check_order([Phase(Rain, keeps=(Water.level,))])


def test_values_of_a_month_are_gone_with_it() -> None:
    water = Water(object())
    water.level, water.lake = 3.0, 4.0
    assert (water.level, water.usual, water.lake) == (3.0, 1.0, 4.0)
    water.open_month()
    assert water.lake == 4.0
    with pytest.raises(StateError, match=r"Water\.level is read before it has been written"):
        _ = water.level


def calls_in(function: str) -> Iterator[str]:
    """Names called in a function of the household pass, in the order of the text."""
    tree = ast.parse(Path(str(household_month.__file__)).read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    calls = [node for node in ast.walk(found) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = call.func.id  # type: ignore[attr-defined]
        if name == "village_month":
            yield from calls_in(name)
        else:
            yield name


def test_the_household_pass_runs_in_the_order_of_its_table() -> None:
    named = [stage.function for stage in HOUSEHOLD_PASS]
    assert [name for name in calls_in("household_month") if name in named] == named


def test_the_plan_is_printed() -> None:
    plan = Model(small_config(months=1)).plan()
    assert [line for line in plan.splitlines() if line.lstrip().startswith("1 Policy: ")]
    for mechanism in MONTH:
        assert f"{mechanism.__name__}: " in plan
    assert "a) quarter_of_village" in plan
    assert abm.month.check_order is check_order


RARE = {
    *("Journey: ClaimsState.table", "Agencies: PostsState.stations"),
    *("Enforcement: TransitClientsState.carried", "Enforcement: TransitClientsState.carried_key"),
}
"""What happens too seldom for a short run; stations are read where the law has not read them before."""
