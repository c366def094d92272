"""Runs on disk: whole or not at all, the same content wherever and whenever, and every damage is found.

The simulation is replaced by a few made-up tables: these tests are about what happens to tables afterwards.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toys import Simulation, flip, truncate

import abm
from abm.declare import outcome
from abm.engine.errors import ConfigError, OutputError
from abm.engine.version import code_version, hash_of_files
from abm.experiments import run as runs
from abm.results import (
    Result,
    checksum_run,
    checksum_table,
    read_run,
    run_id,
    stage_run,
    staging,
    to_arrow,
    to_pandas,
    verify_run,
)
from abm.results.headlines import headlines_of

OUTCOMES = {
    "irregular_departures": outcome("irregular_departures", unit="person", over="district", text="Left irregularly."),
    "unemployment_rate": outcome("unemployment_rate", unit="share", over="district", text="Out of work."),
}


def made_up_tables(months: int = 14, seed: int = 1) -> dict[str, dict[str, np.ndarray]]:
    """Tables as `abm.model.simulate` returns them."""
    draw = np.random.default_rng(seed)
    month = np.arange(months) + np.datetime64("2009-01", "M")
    units = np.array(["gujrat", "mandi_bahauddin"])
    return {
        "national": {
            "month": month,
            "legal_departures": draw.integers(0, 90_000, months),
            "irregular_departures": draw.integers(0, 9_000, months),
            "persons_abroad": draw.integers(4_000_000, 5_000_000, months),
            "remittances": draw.integers(0, 10**11, months),
            "unemployment_rate": draw.random(months),
        },
        "district": {
            "month": np.repeat(month, len(units)),
            "unit": np.tile(units, months),
            "irregular_departures": draw.integers(0, 900, months * len(units)),
        },
        "route": {
            "month": month,
            "route": np.repeat("air_libya", months),
            "fee_median": np.where(np.arange(months) % 2, 1e6, np.nan),
        },
        "flows": {
            "month": month,
            "origin": np.repeat("gujrat", months),
            "channel": np.repeat("irregular", months),
            "destination": np.repeat("italy", months),
            "persons": draw.integers(1, 900, months),
        },
    }


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch) -> Simulation:
    stand_in = Simulation(made_up_tables())
    monkeypatch.setattr(runs, "simulate", stand_in)
    return stand_in


@pytest.fixture
def config() -> Any:
    return abm.make_config(name="tiny", start="2009-01", end="2010-02", seed=1)


def write(final: Path, tables: dict[str, dict[str, np.ndarray]], seed: int = 1) -> Path:
    """Write a run by hand, without a configuration."""
    made_by = {"abm": "0.1.0", "code": "c0de"}
    identity = run_id({}, seed, "0.1.0+c0de")
    with stage_run(final / identity) as staged:
        for name, columns in tables.items():
            staged.write_table(name, to_arrow(columns, OUTCOMES))
        staged.commit({"id": identity, "name": "tiny", "config": {}, "seed": seed, "versions": made_by})
    return final / identity


def everything_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# --- Tables -----------------------------------------------------------------------------------------------------------


def test_months_are_dates_and_names_are_dictionaries_and_every_column_has_its_unit() -> None:
    table = to_arrow(made_up_tables()["district"], OUTCOMES)
    assert [str(field.type) for field in table.schema] == [
        "date32[day]",
        "dictionary<values=string, indices=int32, ordered=0>",
        "int64",
    ]
    assert table.schema.field("irregular_departures").metadata == {b"unit": b"person", b"text": b"Left irregularly."}
    assert table.schema.field("unit").metadata[b"unit"] == b"name"


def test_cost_of_a_lever_is_documented_although_its_name_comes_from_the_configuration() -> None:
    table = to_arrow({"cost_more_visas": np.zeros(1, np.int64)}, OUTCOMES)
    assert table.schema.field(0).metadata[b"unit"] == b"PKR of 2017 a month"
    assert b"more_visas" in table.schema.field(0).metadata[b"text"]


def test_columns_of_one_table_must_be_equally_long() -> None:
    with pytest.raises(ValueError, match="expected length 2 but got length 3"):
        to_arrow({"month": np.zeros(2, "datetime64[M]"), "persons": np.zeros(3, np.int64)}, OUTCOMES)


def test_frames_have_timestamps_categories_and_units() -> None:
    frame = to_pandas(to_arrow(made_up_tables()["district"], OUTCOMES))
    assert frame["month"].iloc[-1] == pd.Timestamp("2010-02-01")
    assert list(frame["unit"].cat.categories) == ["gujrat", "mandi_bahauddin"]
    assert frame.attrs["units"]["irregular_departures"] == "person"


# --- Checksums --------------------------------------------------------------------------------------------------------


def test_checksum_is_of_the_content_whatever_the_file(tmp_path: Path) -> None:
    table = to_arrow(made_up_tables()["flows"], OUTCOMES)
    pq.write_table(table, tmp_path / "a.parquet", compression="gzip", row_group_size=3, use_dictionary=False)
    again = pq.read_table(tmp_path / "a.parquet")
    assert checksum_table(again) == checksum_table(table)
    assert checksum_table(table.replace_schema_metadata({"written": "later"})) == checksum_table(table)


def test_checksum_is_of_names_types_and_little_endian_values() -> None:
    # Written out by hand: if this changes, checksums of older runs can no longer be compared with new ones.
    columns = {
        "month": np.array(["2009-01", "2009-02"], "datetime64[M]"),
        "unit": np.array(["gujrat", "چکوال"]),
        "persons": np.array([1, -2]),
        "share": np.array([0.5, 0.25], ">f8"),
    }
    expected = hashlib.sha256(
        b"5:month:date:2:" + struct.pack("<2i", 14245, 14276)
        + b"4:unit:text:2:" + struct.pack("<2q", 6, 10) + "gujratچکوال".encode()
        + b"7:persons:int64:2:" + struct.pack("<2q", 1, -2)
        + b"5:share:float64:2:" + struct.pack("<2d", 0.5, 0.25)
    )  # fmt: skip
    assert checksum_table(to_arrow(columns, {})) == expected.hexdigest()


def _swap_rows(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values[::-1] for name, values in columns.items()}


CHANGES: dict[str, Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]] = {
    "one value": lambda columns: columns | {"persons": columns["persons"] + (np.arange(len(columns["persons"])) == 3)},
    "a name": lambda columns: columns | {"origin": np.repeat("gujrat ", len(columns["origin"]))},
    "type": lambda columns: columns | {"persons": columns["persons"].astype(np.float64)},
    "column name": lambda columns: {name.replace("persons", "people"): values for name, values in columns.items()},
    "order of columns": lambda columns: dict(reversed(columns.items())),
    "order of rows": _swap_rows,
    "one row fewer": lambda columns: {name: values[:-1] for name, values in columns.items()},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_checksum_sees_every_change(change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]) -> None:
    before = made_up_tables()["flows"]
    assert checksum_table(to_arrow(change(before), {})) != checksum_table(to_arrow(before, {}))


def test_text_cannot_move_between_neighbouring_rows_unseen() -> None:
    one, other = (to_arrow({"a": np.array(texts)}, {}) for texts in (["ab", "c"], ["a", "bc"]))
    assert checksum_table(one) != checksum_table(other)


def test_bits_of_nan_do_not_count() -> None:
    usual, negative = np.array([np.nan]), np.array([np.nan])
    negative.view(np.uint64)[0] |= np.uint64(1 << 63)
    assert checksum_table(to_arrow({"a": usual}, {})) == checksum_table(to_arrow({"a": negative}, {}))


def test_empty_table_has_a_checksum() -> None:
    nobody = {name: values[:0] for name, values in made_up_tables()["flows"].items()}
    assert len(checksum_table(to_arrow(nobody, {}))) == 64


def test_same_tables_have_the_same_checksums_in_another_folder_at_another_time(tmp_path: Path) -> None:
    one = Result(write(tmp_path / "one", made_up_tables()))
    time.sleep(0.01)
    two = Result(write(tmp_path / "elsewhere" / "two", made_up_tables()))
    assert one.checksums == two.checksums
    assert one.manifest["checksum"] == two.manifest["checksum"] == checksum_run(one.checksums)
    other = Result(write(tmp_path / "one", made_up_tables(seed=2), seed=2))
    assert other.checksums["national"] != one.checksums["national"]


# --- Identity ---------------------------------------------------------------------------------------------------------


def test_run_id_depends_on_config_seed_and_code_alone() -> None:
    config = {"name": "a", "levers": [{"value": 2.0}]}
    reference = run_id(config, 1, "0.1.0+a")
    assert len(reference) == 16
    assert run_id(dict(reversed(config.items())), 1, "0.1.0+a") == reference
    assert run_id({**config, "name": "b"}, 1, "0.1.0+a") != reference
    assert run_id(config, 2, "0.1.0+a") != reference
    assert run_id(config, 1, "0.1.0+b") != reference


def test_code_version_covers_source_and_data_by_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "model.py").write_text("a = 1")
    (tmp_path / "data" / "units.csv").write_text("gujrat,1")
    before = hash_of_files(tmp_path)
    (tmp_path / "notes.txt").write_text("not read by the model")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "model.py").write_text("compiled")
    assert hash_of_files(tmp_path) == before
    (tmp_path / "data" / "units.csv").write_text("gujrat,2")
    changed = hash_of_files(tmp_path)
    assert changed != before
    (tmp_path / "data" / "units.csv").rename(tmp_path / "data" / "others.csv")
    assert hash_of_files(tmp_path) not in {before, changed}


def test_code_version_starts_with_the_version_of_the_package() -> None:
    assert code_version().startswith(f"{abm.__version__}+")


# --- Whole or not at all ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [ZeroDivisionError("our bug"), KeyboardInterrupt()], ids=repr)
def test_nothing_is_left_when_the_simulation_fails_and_other_runs_stay(
    failure: BaseException, tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    simulation.failure = failure
    with pytest.raises(type(failure)):
        runs.run(config, out=tmp_path / "results")
    assert everything_in(tmp_path) == []
    simulation.failure = None
    kept = runs.run(config, out=tmp_path)
    before = everything_in(tmp_path)
    simulation.failure = failure
    with pytest.raises(type(failure)):
        runs.run(config.model_copy(update={"seed": 2}), out=tmp_path)
    assert everything_in(tmp_path) == before
    assert verify_run(kept.folder) == []


def test_a_disk_that_becomes_full_leaves_nothing_and_says_so(
    small_disk: Path, simulation: Simulation, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    incompressible = np.random.default_rng(1).integers(0, 2**62, 400_000)
    simulation.tables = made_up_tables() | {"district": {"persons": incompressible}}
    monkeypatch.setattr(runs, "expected_bytes", lambda config: 0)
    with pytest.raises(OutputError, match=r"disk is full.*--out"):
        runs.run(config, out=small_disk / "results")
    assert everything_in(small_disk) == []


def test_a_disk_that_is_too_small_is_refused_before_the_simulation(
    small_disk: Path, simulation: Simulation, config: Any
) -> None:
    with pytest.raises(OutputError, match=r"may need .* MB, and 1 MB are free"):
        runs.run(config, out=small_disk)
    assert simulation.calls == 0
    assert everything_in(small_disk) == []


def test_a_full_disk_is_named_when_the_plots_meet_it(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    def draw(*args: Any) -> list[Path]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="disk is full"):
        runs.run(config, out=tmp_path, plots=True, draw=nullcontext(draw))
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("tiny", "is a file, not a folder"),
        ("tiny/results", "is a file, not a folder"),
        (".", "is a file, not a folder"),  # where the run's own folder belongs
        ("/dev/null", "is a file, not a folder"),
        ("/proc/no/results", "cannot write results in '/proc/no/results/tiny': "),
        ("x" * 300, "path is too long"),
    ],
)
def test_a_folder_that_cannot_be_is_refused_before_the_simulation(
    out: str, words: str, tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    (tmp_path / "tiny").write_text("a file")
    before = everything_in(tmp_path)
    with pytest.raises(OutputError, match=words):
        runs.run(config, out=tmp_path / out)
    assert simulation.calls == 0
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EIO, errno.ESTALE])
def test_an_unwritable_folder_is_refused_before_the_simulation(
    number: int, tmp_path: Path, simulation: Simulation, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patched, because tests may run as a user who may write everywhere.
    def refuse(*args: Any, **more: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError, match=r"cannot write results in .*--out"):
        runs.run(config, out=tmp_path / "results")
    assert simulation.calls == 0
    assert everything_in(tmp_path) == []


def test_a_file_in_place_of_the_run_is_not_removed(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    final = runs.run(config, out=tmp_path).folder
    shutil.rmtree(final)
    final.write_text("a file")
    with pytest.raises(OutputError, match="file of that name is in the way"):
        runs.run(config, out=tmp_path)
    assert final.read_text() == "a file"


# --- Made once, made again --------------------------------------------------------------------------------------------


def test_a_run_that_is_there_is_not_made_again(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    first = runs.run(config, out=tmp_path)
    second = runs.run(config, out=tmp_path, threads=2)
    assert (first.reused, second.reused, simulation.calls) == (False, True, 1)
    assert second.folder == first.folder
    assert "not made again" in repr(second)
    assert runs.run(config.model_copy(update={"seed": 2}), out=tmp_path).folder != first.folder
    assert simulation.calls == 2


def _lengthen(folder: Path) -> None:
    with (folder / "district.parquet").open("ab") as file:
        file.write(b"more")


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _change_manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        change(manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "flipped bit": (lambda folder: flip(folder / "national.parquet"), "national.parquet' is damaged"),
    "truncated": (
        lambda folder: truncate(folder / "district.parquet"),
        r"district.parquet' is truncated: \d+ of \d+ bytes",
    ),
    "lengthened": (_lengthen, "district.parquet' was changed"),
    "table missing": (lambda folder: (folder / "flows.parquet").unlink(), "flows.parquet' is missing"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "holds no finished run"),
    "half a manifest": (lambda folder: truncate(folder / "manifest.json"), "cannot be read"),
    "empty": (_empty, "holds no finished run"),
    "not complete": (_change_manifest(lambda found: found.update(status="running")), "not complete: running"),
    "config changed": (_change_manifest(lambda found: found["config"].update(more=1)), "was changed"),
    "seed changed": (_change_manifest(lambda found: found.update(seed=77)), "was changed"),
    "checksum changed": (_change_manifest(lambda found: found.update(checksum="0")), "do not fit together"),
    "file unlisted": (_change_manifest(lambda found: found["files"].pop()), "does not list"),
    "tables no mapping": (_change_manifest(lambda found: found.update(tables=3)), "is damaged"),
    "no manifest but JSON": (lambda folder: (folder / "manifest.json").write_text("[]") and None, "is no manifest"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_found_and_the_run_is_made_again(
    damage: Callable[[Path], None], words: str, tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    first = runs.run(config, out=tmp_path)
    damage(first.folder)
    assert any(re.search(words, problem) for problem in verify_run(first.folder))
    with pytest.raises(OutputError):
        read_run(first.folder, verify=True)

    again = runs.run(config, out=tmp_path)
    assert not again.reused
    assert verify_run(again.folder) == []
    assert again.checksums == first.checksums
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == [first.id]


def test_every_flipped_bit_in_a_table_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path, {"national": made_up_tables(months=2)["national"]})
    path = folder / "national.parquet"
    content = path.read_bytes()
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert verify_run(folder) != [], place


def test_a_run_under_another_name_is_not_taken_for_it(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    folder = runs.run(config, out=tmp_path).folder
    renamed = folder.rename(folder.with_name("0" * 16))
    assert "holds another run" in verify_run(renamed)[0]


def test_the_second_of_two_writers_leaves_the_first_ones_run(tmp_path: Path) -> None:
    first = write(tmp_path, made_up_tables())
    made = first.stat().st_ino
    assert write(tmp_path, made_up_tables()) == first
    assert first.stat().st_ino == made
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


WRITER = """
import sys, time
import abm
from abm.experiments import run as runs
sys.path.insert(0, {tests!r})
from test_results import made_up_tables

def slow(config, *, threads=1, on_month=None, past=None):
    print("simulating", flush=True)
    time.sleep({seconds})
    return made_up_tables()

runs.simulate = slow
config = abm.make_config(name="tiny", start="2009-01", end="2010-02", seed=1)
print(runs.run(config, out={out!r}).folder)
"""


def start_run(out: Path, seconds: float) -> subprocess.Popen[str]:
    """Start a run in another process, which tells when it simulates and where the run is."""
    script = WRITER.format(tests=str(Path(__file__).parent), seconds=seconds, out=str(out))
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until_it_simulates(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "simulating\n"


def test_two_processes_that_write_the_same_run_both_succeed_and_leave_one(tmp_path: Path) -> None:
    writers = [start_run(tmp_path, seconds=1.0) for _ in range(2)]
    ends = [writer.communicate(timeout=120) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], ends
    assert len({folder for folder, _ in ends}) == 1
    (only,) = (tmp_path / "tiny").iterdir()
    assert verify_run(only) == []


# --- Leftovers --------------------------------------------------------------------------------------------------------


def test_a_killed_run_is_swept_by_the_next_but_a_living_one_is_not(
    tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    writers = [start_run(tmp_path, seconds=100.0) for _ in range(2)]
    try:
        for writer in writers:
            wait_until_it_simulates(writer)
        writers[0].kill()
        writers[0].wait()
        assert len(list(tmp_path.glob("tiny/.*.tmp"))) == 2

        runs.run(config, out=tmp_path)
        (left,) = tmp_path.glob("tiny/.*.tmp")
        assert f"-{writers[1].pid}-" in left.name
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def test_a_process_number_that_is_used_again_does_not_protect_a_dead_run(tmp_path: Path) -> None:
    mine, started = os.getpid(), staging.start_of(os.getpid())
    living = tmp_path / f".{'a' * 16}.{staging.machine()}-{mine}-{started}.{'b' * 8}.tmp"
    earlier = tmp_path / f".{'a' * 16}.{staging.machine()}-{mine}-{started + 1}.{'b' * 8}.tmp"
    living.mkdir()
    earlier.mkdir()
    if not started:
        pytest.skip("this system does not tell when a process started")
    assert staging.sweep(tmp_path) == [earlier]
    assert living.is_dir()


def test_runs_of_other_machines_are_left_alone_until_forgotten(tmp_path: Path) -> None:
    recent = tmp_path / f".{'a' * 16}.00000000-1-1.{'b' * 8}.tmp"
    forgotten = tmp_path / f".{'a' * 16}.00000000-2-1.{'b' * 8}.tmp"
    recent.mkdir()
    forgotten.mkdir()
    past = time.time() - staging.FORGOTTEN_AFTER_SECONDS - 60
    os.utime(forgotten, (past, past))
    assert staging.sweep(tmp_path) == [forgotten]


def test_only_our_own_leftovers_are_swept(tmp_path: Path) -> None:
    for name in (".git", ".cache.tmp", "0123456789abcdef", f".{'a' * 16}.tmp"):
        (tmp_path / name).mkdir()
    assert staging.sweep(tmp_path) == []
    assert staging.sweep(tmp_path / "missing") == []


# --- What a run is made of --------------------------------------------------------------------------------------------


def test_manifest_tells_what_made_the_run(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    manifest = runs.run(config, out=tmp_path, threads=2).manifest
    assert manifest["config"] == config.resolved()
    assert (manifest["seed"], manifest["threads"], manifest["status"]) == (1, 2, "complete")
    assert {"abm", "code", "python", "numpy", "numba", "mesa", "pyarrow"} <= manifest["versions"].keys()
    assert manifest["tables"]["national"]["rows"] == 14
    assert manifest["peak_memory_bytes"] > 1e6
    assert manifest["started"] <= manifest["ended"]
    assert manifest["ended"].endswith("+00:00")


def test_outputs_choose_the_tables_and_national_is_always_there(
    tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    outputs = {"plots": False, "district": False, "route": True, "flows": False}
    small = abm.make_config(name="tiny", start="2009-01", end="2010-02", outputs=outputs)
    result = runs.run(small, out=tmp_path)
    assert list(result.checksums) == ["national", "route"]
    with pytest.raises(OutputError, match=r"outputs.district: false"):
        _ = result.district
    with pytest.raises(OutputError, match=r"no table 'flow'; did you mean 'flows'\?$"):
        result.table("flow")
    with pytest.raises(OutputError, match=r"no table 'x'; there are 'national' and 'route'$"):
        result.table("x")


def draw(tables: dict[str, pa.Table], folder: Path, title: str) -> list[Path]:
    """Stand in for what draws plots."""
    folder.mkdir()
    (folder / "channels.png").write_bytes(b"a picture")
    return [folder / "channels.png"]


def test_plots_are_part_of_the_run_but_not_of_its_checksums(
    tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    seen: dict[str, Any] = {}

    def watched(tables: dict[str, pa.Table], folder: Path, title: str) -> list[Path]:
        seen.update(tables)
        return draw(tables, folder, title)

    result = runs.run(config, out=tmp_path, plots=True, draw=nullcontext(watched))
    assert result.plots == [result.folder / "plots" / "channels.png"]
    assert result.plots[0].read_bytes() == b"a picture"
    assert set(seen) == {"national", "district", "route", "flows"}
    assert set(result.checksums) == set(seen)
    assert any(label == "plots" and "(1 figure)" in text for label, text in result.summary())
    # Without plots the tables say the same.
    assert runs.run(config, out=tmp_path, plots=False, draw=nullcontext(draw)).checksums == result.checksums


def test_a_plot_that_fails_costs_no_tables_and_is_tried_again(
    tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    def fail(tables: dict[str, pa.Table], folder: Path, title: str) -> list[Path]:
        folder.mkdir()
        raise RuntimeError("no font")

    with pytest.warns(UserWarning, match="tables are complete, but the plots could not be drawn: RuntimeError"):
        result = runs.run(config, out=tmp_path, plots=True, draw=nullcontext(fail))
    assert verify_run(result.folder) == []
    assert ("plots", "could not be drawn: RuntimeError: no font") in result.summary()
    mended = runs.run(config, out=tmp_path, plots=True, draw=nullcontext(draw))
    assert not mended.reused
    assert len(mended.plots) == 1
    assert runs.run(config, out=tmp_path, plots=True, draw=nullcontext(draw)).reused
    assert "plots_failed" not in mended.manifest


def test_progress_is_passed_on(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    seen: list[tuple[int, int]] = []
    runs.run(config, out=tmp_path, on_month=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 14) for done in range(1, 15)]


def test_a_file_and_a_configuration_that_say_the_same_are_the_same_run(
    tmp_path: Path, simulation: Simulation, config: Any
) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text("name: tiny\nstart: 2009-01\nend: 2010-12\n")
    change = "end=2010-02"
    made = abm.run(file, seed=3, scale=0.02, set=[change], plots=False, out=tmp_path)
    assert (made.seed, made.config["population"]["scale"]) == (3, 0.02)
    assert abm.run(config, seed=3, scale=0.02, plots=False, out=tmp_path).reused
    assert abm.run(str(file), set=[change, "seed=3"], scale=0.02, plots=False, out=tmp_path / "more").id == made.id


def test_overrides_belong_to_files(tmp_path: Path, simulation: Simulation, config: Any) -> None:
    with pytest.raises(ConfigError, match="overrides"):
        abm.run(config, set=["seed=2"], out=tmp_path)


# --- Results in hand --------------------------------------------------------------------------------------------------


def test_frames_say_what_the_tables_said(tmp_path: Path) -> None:
    tables = made_up_tables()
    result = read_run(write(tmp_path, tables), verify=True)
    for name in tables:
        frame = getattr(result, name)
        assert list(frame.columns) == list(tables[name])
        for column, values in tables[name].items():
            np.testing.assert_array_equal(frame[column].to_numpy().astype(values.dtype), values)
    assert result.national is result.national


def test_result_prints_itself(tmp_path: Path) -> None:
    tables = made_up_tables()
    result = Result(write(tmp_path, tables))
    total = f"{tables['national']['irregular_departures'].sum():,}"
    last_year = f"{tables['national']['irregular_departures'][:12].sum():,} in 2009"
    assert f"{total}, of which {last_year}" in repr(result)
    assert f"{tables['national']['persons_abroad'][-1]:,}" in repr(result)
    assert total in result._repr_html_()
    labels = [label for label, _ in result.summary()]
    assert labels[:2] == ["run", "months"]
    assert labels[-1] == "tables"
    assert "remittances a year" in labels


def test_result_of_a_damaged_run_still_prints(tmp_path: Path) -> None:
    folder = write(tmp_path, made_up_tables())
    (folder / "national.parquet").write_bytes(b"")
    assert "make the run again" in repr(Result(folder))
    with pytest.raises(OutputError, match="is damaged"):
        _ = Result(folder).national


def test_a_run_of_a_few_months_has_headlines(tmp_path: Path) -> None:
    result = Result(write(tmp_path, made_up_tables(months=3)))
    assert ("months", "2009-01 to 2009-03 (3)") in result.summary()


def test_headlines_of_streams_have_their_unit_and_reading() -> None:
    month = np.arange("2009-01", "2011-01", dtype="datetime64[M]")
    a_month = {
        "transit_entries": 10, "trafficked_domestic": 100, "trafficked_abroad": 0, "bonded_households": 5_000,
        "victims_identified": 7, "victims_prosecuted": 3,
    }  # fmt: skip
    national = {"month": month, **{name: np.full(24, number) for name, number in a_month.items()}}
    config = {
        "mechanisms": {name: {"enabled": True} for name in ("bondage", "trafficking", "transit")},
        "bondage": {"reading": "printed"},
        "trafficking": {"reading": "cited"},
    }
    assert headlines_of(national, config)[1:] == [
        ("bonded, last month", "5,000 households; level assumed, reading 'printed'"),
        ("trafficked within country", "2,400 persons, of which 1,200 in 2010; level assumed, reading 'cited'"),
        ("entries in transit", "240 persons, of which 120 in 2010; level assumed"),
        ("identified as trafficked", "168 persons, of which 84 in 2010"),
        ("migrants, victims charged", "72 persons, of which 36 in 2010; not among those identified"),
    ]
    assert len(headlines_of({"month": month, **{name: np.zeros(24) for name in a_month}}, config)) == 1


def test_headlines_of_policy() -> None:
    month = np.arange("2009-01", "2011-01", dtype="datetime64[M]")
    national = {
        "month": month, "policy_cost": np.repeat([0, 1_500_000], 12), "in_force_relief": np.repeat([0, 1], [20, 4]),
        "budget_left": np.full(24, -2_500_000),
    }  # fmt: skip
    assert headlines_of(national)[1:] == [
        ("policy cost", "18.0 million PKR of 2017, of which 18.0 in 2010"),
        ("relief in force", "4 of 24 months"),
        ("budget left, last month", "-2.5 million PKR of 2017"),
    ]
    assert len(headlines_of({"month": month, "policy_cost": np.zeros(24)})) == 1


def test_headlines_tell_the_last_whole_year() -> None:
    month = np.arange("2009-07", "2011-07", dtype="datetime64[M]")
    national = {"month": month, "remittances": np.full(24, 1e9), "domestic_moves": np.arange(24)}
    assert headlines_of(national) == [
        ("months", "2009-07 to 2011-06 (24)"),
        ("domestic moves", "276, of which 138 in 2010"),
        ("remittances a year", "12.0 billion PKR of 2017 in 2010"),
    ]
    half = {name: values[:6] for name, values in national.items()}
    assert headlines_of(half)[1:] == [
        ("domestic moves", "15"), ("remittances a year", "12.0 billion PKR of 2017")
    ]  # fmt: skip


def test_reading_what_is_no_run_points_to_the_runs(tmp_path: Path) -> None:
    folder = write(tmp_path / "tiny", made_up_tables())
    with pytest.raises(OutputError, match=f"did you mean '{folder}'"):
        read_run(tmp_path / "tiny")
    with pytest.raises(OutputError, match="there is no folder"):
        read_run(tmp_path / "missing")


# --- The package ------------------------------------------------------------------------------------------------------


def test_unknown_public_name_is_refused_with_those_that_exist() -> None:
    with pytest.raises(AttributeError, match="read_run"):
        _ = abm.sweeps  # type: ignore[attr-defined]
    assert "run" in dir(abm)


def test_public_names_are_there() -> None:
    assert abm.Result is Result
    assert issubclass(abm.RunView, Result)  # what abm.run and abm.read_run give has figures besides
