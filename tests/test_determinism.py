"""The same configuration gives the same tables to the bit, whatever happens around it; the future changes no past."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import TRIO, checksums, run_checksums, small_config

import abm
from abm.config import Config, make_config
from abm.declare import Lever
from abm.model import Model, Tables, simulate
from abm.schedule import LEVERS

MONTHS = 30


def config(**values: Any) -> Config:
    """Three districts with some 170 villages: enough blocks of villages to share out among threads."""
    return small_config(months=MONTHS, scale=0.004, **values)


@pytest.fixture(scope="module")
def plain() -> Tables:
    return simulate(config())


@pytest.fixture(scope="module")
def plain_checksums(plain: Tables) -> dict[str, str]:
    return checksums(plain)


class TestSameBits:
    @pytest.mark.parametrize("threads", [2, 3, 5])
    def test_whatever_the_number_of_threads(self, threads: int, plain_checksums: dict[str, str]):
        model = Model(config(), threads=threads)
        assert model.world.chosen_count.size >= 2 * threads, "too few blocks: the threads would not be used"
        model.close()
        assert run_checksums(config(), threads) == plain_checksums

    def test_whatever_ran_before(self, plain_checksums: dict[str, str]):
        run_checksums(small_config(("lahore",), months=5, seed=9, journey={"danger": 3.0}))
        assert run_checksums(config()) == plain_checksums

    def test_whatever_runs_beside(self, plain_checksums: dict[str, str]):
        """Two models alive in one process, stepped in turn, share no state."""
        one, other = Model(config()), Model(small_config(("quetta", "gujrat"), months=MONTHS, seed=5))
        for _ in range(MONTHS):
            other.step()
            one.step()
            one.tables()  # looking changes nothing
        assert checksums(one.tables()) == plain_checksums

    def test_whatever_order_the_districts_are_named_in(self, plain_checksums: dict[str, str]):
        assert run_checksums(small_config(TRIO[::-1], months=MONTHS, scale=0.004)) == plain_checksums

    def test_from_the_resolved_configuration(self, plain_checksums: dict[str, str]):
        assert run_checksums(make_config(**json.loads(json.dumps(config().resolved())))) == plain_checksums

    @pytest.mark.parametrize("rng", [1, 99])
    def test_whatever_mesa_draws(self, rng: int, plain_checksums: dict[str, str]):
        """Mesa wants a seed of its own; no draw of the model comes from it."""
        model = Model(config(), rng=rng)
        for _ in range(MONTHS):
            model.random.random()
            model.step()
        assert checksums(model.tables()) == plain_checksums

    @pytest.mark.parametrize("hash_seed", ["0", "4242"])
    def test_in_another_process_and_folder(self, hash_seed: str, tmp_path: Path, plain_checksums: dict[str, str]):
        program = (
            "import json, sys; from abm.config import make_config; from worlds import run_checksums;"
            "print(json.dumps(run_checksums(make_config(**json.loads(sys.argv[1])), threads=2)))"
        )
        folders = [str(Path(abm.__file__).parents[1]), str(Path(__file__).parent)]
        found = subprocess.run(
            [sys.executable, "-c", program, json.dumps(config().resolved())],
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(folders), "TZ": "Asia/Tokyo"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(found.stdout) == plain_checksums


def test_whoever_changes_a_formula_runs_the_changed_one(tmp_path: Path):
    """Compiled code is cached; a change of a kernel must reach the kernels in other files that call it."""
    shutil.copytree(Path(abm.__file__).parent, tmp_path / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "import numpy as np; from abm.kernels.departure import keep_unrefused;"
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
    assert outcome() == before
    random = tmp_path / "abm" / "kernels" / "random.py"
    text = random.read_text(encoding="utf-8")
    random.write_text(text.replace("0xBF58476D1CE4E5B9", "0xBF58476D1CE4E5BB"), encoding="utf-8")
    assert outcome() != before


def test_another_seed_gives_other_tables(plain_checksums: dict[str, str]):
    other = run_checksums(config(seed=2))
    assert all(other[name] != plain_checksums[name] for name in ("national", "district", "route", "flows"))


# Values that change a lot; a lever must do nothing before its first month whatever it does later.
STRONG = {
    "legal_quota": 0.1,
    "legal_fee": 0.1,
    "legal_delay": 6.0,
    "visa_refusal": 0.8,
    "job_creation": 0.1,
    "cash_transfer": 5_000.0,
    "border_patrol": 10.0,
    "deportation": 10.0,
}

START = 13
"""Month of the run in which the levers come into force: February 2010."""


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
def test_a_lever_changes_nothing_before_it_starts(lever: Lever, plain: Tables):
    use = {"lever": lever.name, "from": "2010-02", "value": STRONG[lever.name]}
    changed = simulate(config(levers=[use]))
    start = plain["national"]["month"][START]
    assert str(start) == "2010-02"
    for name, columns in plain.items():
        before = columns["month"] < start
        other = changed[name]["month"] < start
        for column, values in columns.items():
            np.testing.assert_array_equal(changed[name][column][other], values[before], f"{name}.{column}")
    assert not same_columns(changed, plain), "the lever does nothing later either"


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
def test_a_lever_at_its_neutral_value_changes_nothing_ever(lever: Lever, plain: Tables):
    use = {"lever": lever.name, "from": "2009-03", "ramp_months": 3, "value": lever.neutral}
    changed = simulate(config(levers=[use]))
    assert same_columns(changed, plain)
    assert (changed["national"][f"cost_{lever.name}"] == 0).all()


def same_columns(tables: Tables, others: Tables) -> bool:
    """Whether two runs agree in every column that both have; runs with levers have columns of costs beside."""
    return all(
        np.array_equal(tables[name][column], values, equal_nan=values.dtype.kind == "f")
        for name, columns in others.items()
        for column, values in columns.items()
    )


def test_a_later_use_of_a_lever_leaves_the_first_alone():
    """Two uses in force in different months: until the second begins, the run is that with the first alone."""
    first = {"lever": "legal_quota", "from": "2009-06", "until": "2009-12", "value": 0.1}
    second = {"lever": "legal_quota", "id": "later", "from": "2010-06", "value": 3.0}
    alone, both = simulate(config(levers=[first])), simulate(config(levers=[first, second]))
    months = 17  # to May 2010
    for column, values in alone["national"].items():
        np.testing.assert_array_equal(both["national"][column][:months], values[:months], column)
    assert not same_columns(both, alone)
