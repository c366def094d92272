"""The same configuration gives the same tables to the bit, whatever happens around it; the future changes no past."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markets import busy_config
from test_layers import ROOT, imported_by, modules_in
from worlds import ASKED_FOR, TRIO, checksums, run_checksums, small_config, use_of

import abm
from abm.config import Config, make_config
from abm.declare import Lever
from abm.engine.parallel import Threads
from abm.model import Model, Tables, simulate
from abm.month import LEVERS

MONTHS = 22


def config(**values: Any) -> Config:
    """Three districts with a busy market and some 170 villages: enough blocks to share out among threads."""
    return busy_config(months=MONTHS, outputs={"journeys": True}, mechanisms=ASKED_FOR, **values)


@pytest.fixture(scope="module")
def plain() -> Tables:
    return simulate(config())


@pytest.fixture(scope="module")
def plain_checksums(plain: Tables) -> dict[str, str]:
    return checksums(plain)


class TestSameBits:
    def test_whatever_the_number_of_threads(self, plain_checksums: dict[str, str], monkeypatch: pytest.MonkeyPatch):
        # fewer leave here than are worth sharing out in a run
        monkeypatch.setattr("abm.engine.parallel._WORTH_SHARING", 1)
        model = Model(config(), threads=3)
        assert model.world.chosen_count.size >= 2 * 3, "too few blocks: the threads would not be used"
        model.run_model()
        assert checksums(model.tables()) == plain_checksums
        model.close()

    def test_whatever_runs_beside(self, plain_checksums: dict[str, str]):
        """Two models alive in one process, stepped in turn, share no state."""
        one, other = Model(config()), Model(small_config(("quetta", "gujrat"), months=MONTHS, seed=5))
        for _ in range(MONTHS):
            other.step()
            one.step()
            one.tables()  # looking changes nothing
        assert checksums(one.tables()) == plain_checksums

    def test_from_the_resolved_configuration_whatever_order_places_have_ran_before_and_mesa_draws(
        self, plain_checksums: dict[str, str]
    ):
        """Mesa has generators of its own; no draw of the model comes from them."""
        run_checksums(small_config(("lahore",), months=5, seed=9, interception={"danger": 3.0}))
        model = Model(make_config(**json.loads(json.dumps(config(units=TRIO[::-1]).resolved()))))
        for _ in range(MONTHS):
            model.random.random()
            model.step()
        assert checksums(model.tables()) == plain_checksums

    def test_in_another_process_and_folder(self, tmp_path: Path, plain_checksums: dict[str, str]):
        program = (
            "import json, sys; from abm.config import make_config; from worlds import run_checksums;"
            "print(json.dumps(run_checksums(make_config(**json.loads(sys.argv[1])), threads=2)))"
        )
        folders = [str(Path(abm.__file__).parents[1]), str(Path(__file__).parent)]
        found = subprocess.run(
            [sys.executable, "-c", program, json.dumps(config().resolved())],
            env=os.environ | {"PYTHONHASHSEED": "4242", "PYTHONPATH": os.pathsep.join(folders), "TZ": "Asia/Tokyo"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(found.stdout) == plain_checksums


class TestCohortsApart:
    """Ranges that `Threads.each_apart` runs."""

    @staticmethod
    def ranges(owner: list[int], threads: int = 2) -> list[tuple[int, int]]:
        pool, found = Threads(threads), []
        pool.each_apart(lambda first, last: found.append((first, last)), np.array(owner))
        pool.close()
        return sorted(found)

    @pytest.fixture(autouse=True)
    def _share_everything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("abm.engine.parallel._WORTH_SHARING", 1)

    @pytest.mark.parametrize("threads", [2, 3])
    @pytest.mark.parametrize(
        "owner",
        [[*range(40)], [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 3], [5] * 9 + [6] * 9, [1, 2, 2, 2, 2, 2, 2, 2, 2, 9], [4]],
    )
    def test_all_are_covered_once_and_no_owner_is_cut(self, owner: list[int], threads: int):
        ranges = self.ranges(owner, threads)
        assert [k for first, last in ranges for k in range(first, last)] == [*range(len(owner))]
        assert all(first < last for first, last in ranges)
        assert all(owner[first] != owner[first - 1] for first, _ in ranges[1:])

    def test_a_cut_among_cohorts_of_one_owner_moves_to_the_first_of_them(self):
        assert self.ranges([0, 0, 0, 1, 1, 1, 1, 2]) == [(0, 3), (3, 8)]
        assert len(self.ranges([*range(40)])) == 4

    def test_one_owner_is_one_range(self):
        assert self.ranges([7] * 100) == [(0, 100)]

    def test_what_is_not_in_order_is_run_in_one_piece(self):
        assert self.ranges([*range(50), 3]) == [(0, 51)]

    def test_few_are_run_in_one_piece(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("abm.engine.parallel._WORTH_SHARING", 41)
        assert self.ranges([*range(40)]) == [(0, 40)]
        assert len(self.ranges([*range(41)])) == 4


class TestCohortsOfOwners:
    """Ranges of owners that `Threads.each_owner` runs; cohorts need not be in order."""

    @pytest.mark.parametrize(("cohorts", "threads"), [(5_000, 1), (5_000, 2), (5_000, 3), (10, 2)])
    def test_all_owners_are_covered_once(self, cohorts: int, threads: int):
        pool, found = Threads(threads), []
        pool.each_owner(lambda first, last: found.append((first, last)), np.zeros(cohorts, np.int64), 77)
        pool.close()
        assert [owner for first, last in sorted(found) for owner in range(first, last)] == [*range(77)]
        assert (len(found) > 1) == (cohorts > 10 and threads > 1)

    @pytest.mark.parametrize(("cohorts", "pieces"), [(5_000, 4), (10, 1)])
    def test_all_cohorts_are_covered_once_where_they_have_no_owner(self, cohorts: int, pieces: int):
        pool, found = Threads(2), []
        pool.each_cohort(lambda first, last: found.append((first, last)), cohorts)
        pool.close()
        assert [k for first, last in sorted(found) for k in range(first, last)] == [*range(cohorts)]
        assert len(found) == pieces


def test_whoever_changes_a_formula_runs_the_changed_one(tmp_path: Path):
    """Compiled code is cached; a change of a kernel must reach the kernels in other files that call it."""
    shutil.copytree(Path(abm.__file__).parent, tmp_path / "abm")
    program = (
        "import numpy as np; from abm.departure.kernels.departure import keep_unrefused;"
        "persons = np.full(20, 100); keep_unrefused(persons, np.full(20, 0.5), np.uint64(7), np.arange(20));"
        "print(persons)"
    )

    def outcome() -> str:
        environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
        environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        environment["PYTHONPATH"] = str(tmp_path)
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    before = outcome()
    random = tmp_path / "abm" / "engine" / "random.py"
    text = random.read_text(encoding="utf-8")
    random.write_text(text.replace("0xBF58476D1CE4E5B9", "0xBF58476D1CE4E5BB"), encoding="utf-8")
    assert outcome() != before


def test_a_change_compiles_again_what_depends_on_it_and_nothing_else(tmp_path: Path):
    shutil.copytree(Path(abm.__file__).parent, tmp_path / "abm")
    program = (
        "from abm.engine.kernel_cache import _kernel_files, hash_of;"
        "print({p.stem: hash_of(p) for p in _kernel_files()})"
    )

    def hashes() -> dict[str, str]:
        command = [sys.executable, "-c", program]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        found = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        return ast.literal_eval(found.stdout)

    known = [hashes()]

    def changed(name: str, more: str = "MORE = 1") -> set[str]:
        with open(tmp_path / "abm" / name, "a", encoding="utf-8") as file:
            file.write(f"\n{more}\n")
        known.append(hashes())
        before, after = known[-2:]
        return {name for name in before if before[name] != after[name]}

    assert changed("society/labour.py") == set()
    assert changed("abroad/kernels/claims.py") == {"claims"}
    quarter = changed("society/kernels/village_quarter.py")
    assert {"village_quarter", "household_month"} <= quarter and not {"claims", "journey", "random"} & quarter
    assert {"beliefs", "household_month", "journey"} <= changed("engine/random.py")  # also those between
    assert changed("world/columns.py") == set()
    assert changed("world/columns.py", 'More = namedtuple("More", ["one"])') == set(known[0])


def test_another_seed_gives_other_tables(plain_checksums: dict[str, str]):
    other = run_checksums(config(seed=2))
    assert len(other) > 6 and all(other[name] != checksum for name, checksum in plain_checksums.items())


START = 13
"""Month of the run in which the levers come into force: February 2010."""


def strongest(lever: Lever) -> float:
    """The value farthest from neutral: it changes a lot."""
    return max(lever.bounds, key=lambda value: abs(value - lever.neutral))


def differing(tables: Tables, others: Tables, months: slice = slice(None)) -> list[str]:
    """Columns of `others` that `tables` has otherwise in some months; runs with levers have columns of costs beside."""
    wanted = others["national"]["month"][months]
    found = []
    for name, columns in others.items():
        when = "ended" if "ended" in columns else "month"  # a journey is told of when it has ended
        mine, theirs = (np.isin(table[name][when], wanted) for table in (tables, others))
        for column, values in columns.items():
            equal_nan = values.dtype.kind == "f"
            if not np.array_equal(tables[name][column][mine], values[theirs], equal_nan=equal_nan):
                found.append(f"{name}.{column}")
    return found


def test_levers_change_nothing_before_they_start(plain: Tables):
    """All at once: if any of them told its future, nothing could take it back. That each acts is tested elsewhere."""
    start = plain["national"]["month"][START]
    assert str(start) == "2010-02"
    uses = [use_of(lever, strongest(lever), "2010-02") for lever in LEVERS.values()]
    changed = simulate(config(levers=uses))
    assert differing(changed, plain, slice(None, START)) == []
    later = differing(changed, plain, slice(START, None))
    assert {f"{name}.{column}" for name, column in SEEN_LATER} <= set(later)


def test_announcements_change_nothing_before_they_are_made(plain: Tables):
    uses = [use_of(lever, strongest(lever), "2010-09", announced="2010-02") for lever in LEVERS.values() if lever.felt]
    changed = simulate(config(levers=uses))
    assert differing(changed, plain, slice(None, START)) == []
    assert "district.legal_applications" in differing(changed, plain, slice(START, None))


def test_levers_at_their_neutral_values_change_nothing_ever(plain: Tables):
    """All at once, and each by itself where they do."""
    uses = [use_of(lever, lever.neutral, "2009-03", ramp_months=3) for lever in LEVERS.values()]
    changed = simulate(config(levers=uses))
    assert differing(changed, plain) == [], [use["lever"] for use in uses if acts(use, plain)]
    for lever in LEVERS:
        assert (changed["national"][f"cost_{lever}"] == 0).all(), lever


def acts(use: dict[str, Any], plain: Tables) -> bool:
    """Whether one use of a lever changes anything."""
    return bool(differing(simulate(config(levers=[use])), plain))


SEEN_LATER = [
    ("national", "legal_departures"),
    ("national", "irregular_departures"),
    ("district", "unemployment_rate"),
    ("route", "interceptions"),
    ("destination", "entrants"),
    ("leg", "effort"),
    ("flows", "persons"),
]
"""Columns of every table in which so many strong levers show."""


def test_a_later_use_of_a_lever_leaves_the_first_alone():
    """Two uses in force in different months: until the second begins, the run is that with the first alone."""
    first = {"lever": "legal_quota", "from": "2009-06", "until": "2009-12", "value": 0.1}
    second = {"lever": "legal_quota", "id": "later", "from": "2010-06", "value": 3.0}
    alone, both = simulate(config(levers=[first])), simulate(config(levers=[first, second]))
    assert differing(both, alone, slice(None, 17)) == []  # to May 2010
    assert differing(both, alone)


BY_PROCESSOR = {
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "float_power", "sin", "cos", "tan", "arcsin"),
    *("arctan", "sinh", "cosh", "tanh", "cbrt", "hypot", "dot", "vdot", "inner", "matmul", "tensordot", "linalg"),
    *("arccos", "arctan2", "convolve", "correlate", "logaddexp"),
}
"""Functions of NumPy of which other processors have other variants, with other last bits."""


def made_for_a_processor(source: Path) -> list[str]:
    """Where what a run imports multiplies matrices, or takes from NumPy what `abm.engine.portable` has."""
    modules, todo, found = modules_in(source), {"abm.simulation"}, set()
    while todo:
        found |= todo
        todo = {other for name in todo for other in imported_by(modules[name], modules)} - found
    return [
        f"{name}:{node.lineno}"
        for name in sorted(found - {"abm.places.geography"})  # which rounds what it works out
        for node in ast.walk(ast.parse(modules[name].read_text(encoding="utf-8")))
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult))
        or (isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np" and node.attr in BY_PROCESSOR)
        or (isinstance(node, ast.Attribute) and node.attr == "dot")
    ]


def test_no_number_of_a_run_depends_on_the_processor():
    assert made_for_a_processor(ROOT / "src") == []


@pytest.mark.parametrize("line", ["a = b @ b", "a = np.exp(b)"])
def test_what_depends_on_the_processor_is_found(tmp_path: Path, line: str):
    (tmp_path / "abm").mkdir()
    (tmp_path / "abm" / "simulation.py").write_text("from abm.below import a\n")
    (tmp_path / "abm" / "below.py").write_text(f"import numpy as np\nb = np.ones(2)\n{line}\n")
    assert made_for_a_processor(tmp_path) == ["abm.below:3"]
