"""The driver of studies: everything is made once, what fails is a row, what is missing or damaged is made again.

The model is a toy here; what is tested is what happens to runs. `test_faults.py` kills processes, `test_slurm.py` has a
cluster.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from toys import flip, make_toy, simulate, toy_study, truncate

from abm.cli import main
from abm.engine.errors import AbmError, DiskFullError, OutputError
from abm.experiments import compact, engine
from abm.experiments import sweep as driver
from abm.experiments.compact import compact_study
from abm.experiments.dataset import Study, open_study
from abm.experiments.ema_results import values_by_run
from abm.experiments.engine_settings import ClusterEngine, DaskEngine, LocalEngine, SerialEngine, choose_engine
from abm.experiments.estimate import Cost
from abm.experiments.lock import hold_lock
from abm.experiments.plan import Plan, Share
from abm.experiments.progress import Progress
from abm.experiments.read import load_experiment
from abm.experiments.spec import Experiment
from abm.experiments.stopping import Precision, judge_study, rounds_of
from abm.experiments.store import Store
from abm.experiments.worker import Job, Report

pytestmark = pytest.mark.usefixtures("no_compiler")


class Notes:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.last = Progress()

    def note(self, text: str) -> None:
        self.texts.append(text)

    def show(self, progress: Progress) -> None:
        self.last = progress


def make(
    experiment: Experiment,
    folder: Path,
    *,
    engine: Any = None,
    share: Share | None = None,
    maker: Callable[[Job], Report] = make_toy,
) -> Notes:
    notes = Notes()
    driver.sweep([Plan(experiment)], folder, engine or SerialEngine(), share=share, observer=notes, make=maker)
    if compact.PART_RUNS == FEW:
        compact_study(folder, notes.note)
    return notes


def contents(study: Study) -> dict[str, Any]:
    """Everything that a study says."""
    return {
        "checksums": study.checksums.to_dict(),
        "national": study.table("national"),
        "route": study.table("route"),
        "design": study.design,
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    assert one["checksums"] == other["checksums"]
    for name in ("national", "route", "design"):
        pd.testing.assert_frame_equal(one[name], other[name])
    return True


FEW = 5


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, no_compiler: None) -> Path:
    """The toy's study, undisturbed and in one folder a run; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("whole")
    make(toy_study(folder), folder / "out")
    return folder / "out"


@pytest.fixture
def few_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `make` put the study together after each sweep, few runs a part."""
    monkeypatch.setattr(compact, "PART_RUNS", FEW)


# -------------------------------------------------------------------------------------------------------- a whole study


def test_every_run_is_made_once_and_read_in_the_order_of_the_design(tmp_path: Path, few_a_part: None) -> None:
    experiment = toy_study(tmp_path)
    notes = make(experiment, tmp_path / "out")
    assert notes.texts == []
    assert (notes.last.total, notes.last.before, notes.last.made, notes.last.failed) == (18, 0, 18, 0)
    study = open_study(tmp_path / "out")
    plan = Plan(experiment)
    assert study.experiment == experiment
    frame = study.table("national", columns=["irregular_departures"])
    assert list(frame.columns) == ["run_id", "scenario", "point", "replicate", "month", "irregular_departures"]
    assert len(frame) == 18 * 6
    first = frame.drop_duplicates("run_id")
    assert first["run_id"].tolist() == [run.run_id for run in plan]
    assert first["scenario"].tolist() == [run.scenario for run in plan]
    assert list(first["scenario"].cat.categories) == ["baseline", "jobs", "patrols"]
    months = frame["month"].to_numpy().reshape(18, 6)
    assert (months == np.arange("2009-01", "2009-07", dtype="datetime64[M]")).all()
    assert study.design["status"].eq("done").all()
    assert study.counts() == {"done": 18, "failed": 0, "planned": 0}
    with pytest.raises(OutputError, match="'departures'; it is in the table 'route'"):
        study.table("national", columns=["departures"])
    store = Store(tmp_path / "out")
    assert len(store.list_parts()) == 4  # three of five runs, and the rest
    assert store.loose() == []
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) == 4 * 3 + 4  # national, route and manifests; experiment twice, design, log


def test_how_runs_lie_on_the_disk_does_not_show(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path / "out")
    store = Store(tmp_path / "out")
    before = contents(open_study(tmp_path / "out"))
    assert (len(store.loose()), store.list_parts()) == (18, [])  # nothing is put together unless it is asked for
    assert compact_study(tmp_path / "out", Notes().note) == 18
    assert (store.loose(), len(store.list_parts())) == ([], 1)
    assert same(before, contents(open_study(tmp_path / "out")))


def test_a_study_can_be_read_while_it_is_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_a_part: None
) -> None:
    """Before and after each folder that goes; and a process killed in between loses nothing."""
    driver.sweep([Plan(toy_study(tmp_path))], tmp_path / "out", SerialEngine(), observer=Notes(), make=make_toy)
    study = open_study(tmp_path / "out")
    before = contents(study)
    remove, looks = compact.remove_aside, 0

    def look_and_remove(folder: Path) -> None:
        nonlocal looks
        assert same(before, contents(study))
        looks += 1
        if looks == 8:
            raise KeyboardInterrupt
        remove(folder)

    monkeypatch.setattr(compact, "remove_aside", look_and_remove)
    with pytest.raises(KeyboardInterrupt):
        compact_study(tmp_path / "out", Notes().note)
    assert same(before, contents(study))
    assert compact_study(tmp_path / "out", Notes().note) == 8  # of 18 runs, ten were in parts already
    assert looks == 16
    assert same(before, contents(study))


def test_a_scenario_without_a_column_has_blanks_there(tmp_path: Path, few_a_part: None) -> None:
    make(toy_study(tmp_path), tmp_path / "out")
    frame = open_study(tmp_path / "out").table("national", columns=["cost_patrol"])
    has_cost = frame["cost_patrol"].notna()
    assert has_cost.equals(frame["scenario"].eq("patrols"))
    only = open_study(tmp_path / "out").table("national", columns=["cost_patrol"], scenarios=["patrols"])
    assert only["scenario"].unique().tolist() == ["patrols"]
    assert only["cost_patrol"].eq(7).all()


def test_a_study_can_be_read_while_it_grows(tmp_path: Path, few_a_part: None) -> None:
    sizes = []

    def maker(job: Job) -> Report:
        report = make_toy(job)
        study = open_study(tmp_path / "out")
        sizes.append((len(study.table("national")) // 6, study.counts()["done"]))
        return report

    make(toy_study(tmp_path), tmp_path / "out", maker=maker)
    assert sizes == [(made, made) for made in range(1, 19)]


# ----------------------------------------------------------------------------------------------------- going on with it


def test_a_second_start_makes_nothing_again(tmp_path: Path, few_a_part: None) -> None:
    experiment = toy_study(tmp_path)
    make(experiment, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")}
    notes = make(experiment, tmp_path / "out", maker=None)  # type: ignore[arg-type]
    assert (notes.last.before, notes.last.made) == (18, 0)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")}
    design = tmp_path / "out" / "design.parquet"
    assert before | {design: 0} == after | {design: 0}


def test_a_study_can_be_extended(tmp_path: Path, whole: Path, few_a_part: None) -> None:
    shutil.copytree(whole, tmp_path / "out")
    larger = toy_study(tmp_path, replicates=4, points=3)
    notes = make(larger, tmp_path / "out")
    assert notes.texts == []  # nothing that was asked for is lost
    assert notes.last.before == 18
    assert notes.last.made == len(Plan(larger)) - 18 > 0
    make(larger, tmp_path / "at once")
    assert same(contents(open_study(tmp_path / "out")), contents(open_study(tmp_path / "at once")))


def test_whatever_changes_in_the_file_the_old_one_is_kept(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path / "out")
    text = (tmp_path / "out" / "experiment.yaml").read_text()
    notes = make(toy_study(tmp_path, more="tables: [route]\nengine: {kind: serial}"), tmp_path / "out")
    assert notes.texts == []
    assert [path.read_text() for path in (tmp_path / "out").glob("earlier/*/experiment.yaml")] == [text]


def changed_study(folder: Path, **more: Any) -> Experiment:
    """The toy with other patrols."""
    path = folder / "toy.yaml"
    toy_study(folder, **more)
    path.write_text(path.read_text().replace("value: 2}", "value: 3}"))
    return load_experiment(path)


def test_runs_that_are_no_longer_asked_for_are_named_once(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path / "out")
    before = open_study(tmp_path / "out").design
    notes = make(changed_study(tmp_path), tmp_path / "out")
    (told,) = notes.texts
    (kept,) = (tmp_path / "out" / "earlier").iterdir()
    assert told.startswith("6 runs that are there are no longer asked for: 6 of 'patrols'; ")
    assert told.endswith(f"the old file and its design are kept in '{kept}'")
    assert "value: 2}" in (kept / "experiment.yaml").read_text()
    assert pd.read_parquet(kept / "design.parquet")["run_id"].tolist() == before["run_id"].tolist()
    assert (notes.last.before, notes.last.made) == (12, 6)
    assert make(changed_study(tmp_path), tmp_path / "out").texts == []
    assert len(list((tmp_path / "out" / "earlier").iterdir())) == 1


def test_a_folder_that_another_file_made_is_reported_and_what_was_found_in_it_kept(
    tmp_path: Path, whole: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole, tmp_path / "results" / "toy")
    folder = tmp_path / "results" / "toy"
    (folder / "comparison_of_deaths").mkdir()
    (folder / "report.html").touch()
    changed_study(tmp_path)
    other = load_experiment((tmp_path / "toy.yaml").rename(tmp_path / "other.yaml"))
    monkeypatch.setattr("abm.experiments.estimate.probe", lambda config, threads: Cost(100.0, 300_000_000, 50_000, 6))
    told = f"'{folder}' was made from another file, "
    assert main(["sweep", str(other.source), "--out", str(folder.parent), "--engine", "serial", "--dry-run"]) == 0
    assert told in capsys.readouterr().err
    notes = make(other, folder).texts
    (kept,) = folder.glob("earlier/*")
    assert notes[0].startswith(told)
    assert notes[1] == f"of the study before the change, and kept in '{kept}': comparison_of_deaths and report.html"
    assert {"comparison_of_deaths", "report.html"} <= {path.name for path in kept.iterdir()}
    assert not (folder / "report.html").exists()
    assert make(other, folder).texts == []


def test_stopped_in_the_middle(tmp_path: Path, whole: Path, few_a_part: None) -> None:
    experiment = toy_study(tmp_path)
    count = 0

    def maker(job: Job) -> Report:
        nonlocal count
        count += 1
        if count == 9:
            raise KeyboardInterrupt
        return make_toy(job)

    with pytest.raises(KeyboardInterrupt):
        make(experiment, tmp_path / "out", maker=maker)
    half = open_study(tmp_path / "out")
    assert half.counts() == {"done": 8, "failed": 0, "planned": 10}
    assert len(half.table("national")) == 8 * 6
    assert (
        json.loads((tmp_path / "out" / "log.jsonl").read_text().splitlines()[-1])["stopped_by"] == "KeyboardInterrupt"
    )
    make(experiment, tmp_path / "out")
    assert same(contents(open_study(tmp_path / "out")), contents(open_study(whole)))


# ------------------------------------------------------------------------------------------------------------- failures


def test_a_failed_run_is_a_row_with_its_reason_and_tried_again(tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    experiment = toy_study(tmp_path, description=f"fails {mended}")
    notes = make(experiment, tmp_path / "out")
    study = open_study(tmp_path / "out")
    assert study.counts() == {"done": 16, "failed": 2, "planned": 0}
    failed = study.design.query("status == 'failed'")
    assert set(zip(failed["scenario"], failed["seed"], strict=True)) == {("patrols", 2)}
    assert failed["error"].unique().tolist() == ["ZeroDivisionError: nobody left to divide by"]
    assert len(notes.texts) == 2
    assert "patrols, point 0, replicate 1" in notes.texts[0]
    record = json.loads((tmp_path / "out" / "failed" / f"{failed['run_id'].iloc[0]}.json").read_text())
    assert record["attempts"] == 1
    assert "Traceback" in record["details"]

    make(experiment, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "failed" / f"{failed['run_id'].iloc[0]}.json").read_text())
    assert record["attempts"] == 2
    mended.touch()
    notes = make(experiment, tmp_path / "out")
    assert (notes.last.before, notes.last.made) == (16, 2)
    assert open_study(tmp_path / "out").design["error"].eq("").all()
    assert list((tmp_path / "out" / "failed").iterdir()) == []


def test_a_worker_with_another_version_stops_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.experiments import worker

    experiment = toy_study(tmp_path)
    monkeypatch.setattr(worker, "run_id", lambda config, seed: "another")
    with pytest.raises(AbmError, match="another version of abm"):
        make(experiment, tmp_path / "out")
    assert open_study(tmp_path / "out").counts()["failed"] == 0


def test_a_folder_that_a_worker_does_not_see_stops_the_study(tmp_path: Path) -> None:
    def elsewhere(job: Job) -> Report:
        return make_toy(Job(job.run_id, job.config, job.folder, Path("/not/there")))

    with pytest.raises(AbmError, match=r"does not see the folder.*share \(--out\)"):
        make(toy_study(tmp_path), tmp_path / "out", maker=elsewhere)


# --------------------------------------------------------------------------------------------------------------- damage


def flip_number(path: Path) -> None:
    """Change one bit of a number."""
    rows = pq.ParquetFile(path).metadata.row_group(0)
    column = next(
        rows.column(i) for i in range(rows.num_columns) if rows.column(i).path_in_schema == "unemployment_rate"
    )
    content = bytearray(path.read_bytes())
    content[column.dictionary_page_offset + column.total_compressed_size // 2] ^= 4
    path.write_bytes(content)


DAMAGES = (flip, truncate, Path.unlink)


def test_damaged_runs_are_found_and_made_again(tmp_path: Path, whole: Path) -> None:
    """Each file of a run, damaged in each way."""
    experiment = toy_study(tmp_path)
    before = contents(open_study(whole))
    store = Store(shutil.copytree(whole, tmp_path / "out"))
    cases = itertools.product(("national.parquet", "route.parquet", "manifest.json"), DAMAGES)
    for run, (name, damage) in zip(store.loose(), cases, strict=False):
        damage(store.run_folder(run) / name)
    notes = make(experiment, tmp_path / "out")
    assert len([text for text in notes.texts if "made again" in text]) == len(notes.texts) == 9
    assert (notes.last.before, notes.last.made) == (9, 9)
    assert same(before, contents(open_study(tmp_path / "out")))
    assert len(list((tmp_path / "out" / "corrupt").iterdir())) == 9


def test_damaged_parts_are_found_and_their_runs_made_again(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each table of a part, damaged in each way."""
    monkeypatch.setattr(compact, "PART_RUNS", 2)
    experiment = toy_study(tmp_path)
    before = contents(open_study(whole))
    shutil.copytree(whole, tmp_path / "out")
    compact_study(tmp_path / "out", Notes().note)
    parts = Store(tmp_path / "out").list_parts()
    cases = itertools.product(("national", "route", "manifests"), DAMAGES)
    for part, (table, damage) in zip(parts, cases, strict=True):
        damage(part.table(table))
    notes = make(experiment, tmp_path / "out")
    assert notes.last.before + notes.last.made == 18
    assert notes.last.made >= 9
    assert same(before, contents(open_study(tmp_path / "out")))
    assert make(experiment, tmp_path / "out").texts == []


def test_damage_is_an_error_for_who_reads_and_never_a_wrong_number(tmp_path: Path, few_a_part: None) -> None:
    make(toy_study(tmp_path), tmp_path / "out")
    study = open_study(tmp_path / "out")
    before = study.table("national")
    path = Store(tmp_path / "out").list_parts()[0].table("national")
    intact = path.read_bytes()
    flip_number(path)
    with pytest.raises(OutputError, match=r"national.*is damaged.*abm sweep again"):
        study.table("national")
    for where in np.random.default_rng(2).random(60):
        path.write_bytes(intact)
        flip(path, where)
        try:
            found = study.table("national")
        except OutputError:
            continue
        pd.testing.assert_frame_equal(before, found)  # a bit that says nothing


def flipped(content: bytes, step: int) -> Iterator[bytes]:
    """Copies of a file, each with one bit turned."""
    for place in range(0, len(content), step):
        yield content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :]


def test_no_bit_of_the_design_may_flip_unseen(tmp_path: Path) -> None:
    """But for those that change nothing: a reader gets what was written, or a clear word."""
    make(toy_study(tmp_path, points=1, replicates=2), tmp_path / "out")
    sound = open_study(tmp_path / "out").design
    path = tmp_path / "out" / "design.parquet"
    content = path.read_bytes()
    refused = 0
    for wrong in flipped(content, 41):
        path.write_bytes(wrong)
        try:
            found = open_study(tmp_path / "out").design
        except OutputError as error:
            assert "design.parquet' is damaged" in str(error)
            assert "start abm sweep again, which writes it anew" in str(error)
            refused += 1
        else:
            pd.testing.assert_frame_equal(found, sound)
    assert refused > 0.3 * len(content) / 41


def test_a_flipped_bit_of_what_is_studied_is_seen_and_mended(tmp_path: Path) -> None:
    experiment = toy_study(tmp_path, points=1, replicates=1)
    make(experiment, tmp_path / "out")
    store = Store(tmp_path / "out")
    written = {path: path.read_bytes() for path in (store.experiment, store.text)}
    sealed = written[store.experiment]
    store.text.write_bytes(b"\xff")
    for wrong in (*flipped(sealed, 97), b"\xff" + sealed[1:]):  # at last one that makes it no UTF-8
        store.experiment.write_bytes(wrong)
        with pytest.raises(OutputError, match=r"experiment.json' is damaged; start 'abm sweep' again"):
            assert open_study(tmp_path / "out").experiment
    make(experiment, tmp_path / "out")
    assert {path: path.read_bytes() for path in written} == written


def in_the_way(path: Path, kind: str) -> None:
    """Put something else where a file or folder of a study belongs."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    match kind:
        case "folder":
            (path / "inner").mkdir(parents=True)
        case "link":
            path.symlink_to(path.name)
        case "pipe":
            os.mkfifo(path)


def test_what_lies_in_place_of_a_file_is_named_or_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and no waiting for a pipe."""
    experiment = toy_study(tmp_path, points=1, replicates=1)
    make(experiment, tmp_path / "loose")
    make(experiment, tmp_path / "parts")
    compact_study(tmp_path / "parts", Notes().note)
    run = Store(tmp_path / "loose").run_folder(Store(tmp_path / "loose").loose()[0]).relative_to(tmp_path / "loose")
    part = Store(tmp_path / "parts").list_parts()[0]
    places = [
        ("loose", name) for name in ("experiment.json", "design.parquet", "log.jsonl", "dask.log", ".lock", "runs")
    ]
    places += [("loose", run), ("loose", run / "manifest.json"), ("loose", run / "national.parquet")]
    places += [("parts", path.relative_to(tmp_path / "parts")) for path in (part.index, part.table("national"))]
    sound = contents(open_study(tmp_path / "loose"))
    for number, (study, place) in enumerate(places):
        for kind in ("folder", "link", "pipe"):
            folder = tmp_path / f"{number}-{kind}"
            shutil.copytree(tmp_path / study, folder)
            in_the_way(folder / place, kind)
            try:
                open_study(folder).table("national")
            except OutputError as error:
                assert str(folder / place) in str(error) or place == "runs"
            try:
                make(experiment, folder)
            except AbmError as error:
                assert f"'{folder / place}'" in str(error)
            else:
                assert same(sound, contents(open_study(folder)))


def test_a_run_in_a_part_and_in_a_folder_counts_once(tmp_path: Path, few_a_part: None) -> None:
    experiment = toy_study(tmp_path)
    make(experiment, tmp_path / "loose", maker=make_toy)
    shutil.copytree(tmp_path / "loose", tmp_path / "both")
    make(toy_study(tmp_path, name="small", replicates=1, points=1), tmp_path / "other")
    before = contents(open_study(tmp_path / "loose"))
    # as if a process had been killed after it had written the part, before it removed the folders
    part = Store(tmp_path / "both").list_parts()[0]
    run_id = part.run_ids()[0]
    job = next(run for run in Plan(experiment) if run.run_id == run_id)
    folder = Store(tmp_path / "both").run_folder(run_id)
    make_toy(Job(run_id, Plan(experiment).resolved(job), folder, tmp_path / "both"))
    assert same(before, contents(open_study(tmp_path / "both")))
    make(experiment, tmp_path / "both")
    assert not folder.exists()
    assert same(before, contents(open_study(tmp_path / "both")))


def test_runs_that_are_damaged_or_in_the_making_are_not_put_together(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(OutputError, match="does not exist"):
        compact_study(out, print)

    def maker(job: Job) -> Report:
        with ThreadPoolExecutor(1) as pool, pytest.raises(AbmError, match="another abm sweep is at work"):
            pool.submit(compact_study, out, print).result()
        return make_toy(job)

    make(toy_study(tmp_path, points=1, replicates=2), out, maker=maker)
    store = Store(out)
    damaged = store.loose()[3]
    flip(store.run_folder(damaged) / "national.parquet")
    notes = Notes()
    assert compact_study(out, notes.note) == 5
    assert store.loose() == [damaged]
    assert len(notes.texts) == 1
    assert "abm sweep makes the run again" in notes.texts[0]


def test_what_a_dead_process_left_is_swept(tmp_path: Path, few_a_part: None) -> None:
    from abm.results import staging

    experiment = toy_study(tmp_path)
    make(experiment, tmp_path / "out")
    out = tmp_path / "out"
    name = f".aa.{staging.machine()}-999999999-1.00000000.tmp"
    (out / "runs" / "ab").mkdir(exist_ok=True)
    (out / "runs" / "ab" / name).mkdir()
    (out / "parts" / "national" / name).touch()
    (out / "parts" / "national" / "0123456789abcdef.parquet").touch()  # its index was never written
    (out / name).touch()
    make(experiment, out)
    assert [path for path in out.rglob("*.tmp")] == []
    assert not (out / "parts" / "national" / "0123456789abcdef.parquet").exists()


# --------------------------------------------------------------------------------------------------- shares and drivers


def test_shares_make_the_whole(tmp_path: Path, few_a_part: None, whole: Path) -> None:
    experiment = toy_study(tmp_path)
    totals = []
    for index in (3, 1, 2):
        notes = make(experiment, tmp_path / "shares", share=Share(index, 3))
        totals.append(notes.last.made)
    assert totals == [6, 6, 6]
    assert same(contents(open_study(whole)), contents(open_study(tmp_path / "shares")))


@pytest.mark.parametrize("of", [2, 3, 5])
def test_a_share_has_all_scenarios_of_its_points_and_replicates(tmp_path: Path, of: int) -> None:
    plan = Plan(toy_study(tmp_path, points=4, replicates=3))
    shares = [list(plan.of_share(Share(index, of))) for index in range(1, of + 1)]
    assert sorted(run.run_id for share in shares for run in share) == sorted(plan.ids())
    for share in shares:
        scenarios: dict[tuple[int, int], set[str]] = {}
        for run in share:
            scenarios.setdefault((run.point, run.replicate), set()).add(run.scenario)
        assert all(found == {"baseline", "jobs", "patrols"} for found in scenarios.values())
    assert max(map(len, shares)) - min(map(len, shares)) <= 3


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"])
def test_a_share_that_is_none(text: str) -> None:
    with pytest.raises(AbmError, match=r"expected I/N"):
        Share.parse(text)


def test_two_drivers_at_a_time_are_refused(tmp_path: Path) -> None:
    experiment = toy_study(tmp_path)

    def second(job: Job) -> Report:
        with pytest.raises(AbmError, match=r"another abm sweep is at work.*--shard 1/2"):
            _in_other_process(tmp_path / "out", Share())
        with pytest.raises(AbmError, match="another abm sweep"):
            _in_other_process(tmp_path / "out", Share(1, 2))
        return make_toy(job)

    make(experiment, tmp_path / "out", maker=second)
    assert list((tmp_path / "out").glob(".*")) == []


def _in_other_process(folder: Path, share: Share) -> None:
    """Try to take the lock as another process would."""

    def attempt() -> None:
        with hold_lock(folder, share):
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(attempt).result()


def test_shares_do_not_mind_each_other_and_a_dead_driver_is_no_hindrance(tmp_path: Path) -> None:
    with hold_lock(tmp_path, Share(1, 2)):
        _in_other_process(tmp_path, Share(2, 2))
        with pytest.raises(AbmError, match=r"share 1/2"):
            _in_other_process(tmp_path, Share(1, 2))
        with pytest.raises(AbmError, match=r"another abm sweep"):
            _in_other_process(tmp_path, Share())
    from abm.results.staging import machine

    dead = {"machine": machine(), "host": "here", "process": 999_999_999, "start": 1, "since": 0, "job": ""}
    (tmp_path / ".lock").write_text(json.dumps(dead))
    _in_other_process(tmp_path, Share())
    assert list(tmp_path.iterdir()) == []


def test_a_driver_on_another_machine_is_dead_when_it_gives_no_sign_of_life(tmp_path: Path) -> None:
    there = {"machine": "elsewhere", "host": "login2", "process": 12, "start": 1, "since": 1.7e9, "job": ""}
    lock = tmp_path / ".lock"
    lock.write_text(json.dumps(there))
    with pytest.raises(AbmError, match=r"process 12 on login2.*or remove"):
        _in_other_process(tmp_path, Share())
    past = lock.stat().st_mtime - 601
    os.utime(lock, (past, past))
    _in_other_process(tmp_path, Share())


ODD_LOCKS: tuple[Any, ...] = (
    *(b"", b"\xff\xfe", b"[" * 9_000, b"x" * 1_000_000, [], {}, "me"),
    *({"process": wrong} for wrong in ("one", -1, 2**70, 1.5, None, [])),
    *({"process": 1, "start": 1, "since": wrong} for wrong in ("now", 1e300, -1.0, float("nan"), {})),
    *({"process": 1, "host": wrong} for wrong in ("\x1b[2J", "here\nthere", 7, "x" * 9_000)),
)


@pytest.mark.parametrize("odd", ODD_LOCKS, ids=lambda odd: str(odd)[:40])
def test_a_lock_of_odd_content_gets_a_sentence(tmp_path: Path, odd: Any) -> None:
    lock = tmp_path / ".lock"
    lock.write_bytes(odd if isinstance(odd, bytes) else json.dumps(odd).encode())
    with pytest.raises(
        AbmError, match=r"\.lock' does not say whose lock it is|another abm sweep is at work"
    ) as refused:
        _in_other_process(tmp_path, Share())
    assert str(refused.value).isprintable()
    assert "remove" in str(refused.value)
    assert len(str(refused.value)) < 1000
    os.utime(lock, (0, 0))
    _in_other_process(tmp_path, Share())


def test_a_job_that_is_started_again_elsewhere_takes_its_lock_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"machine": "elsewhere", "host": "n1", "process": 12, "start": 1, "since": 1.7e9, "job": "SLURM_JOB_ID=77"}
    (tmp_path / ".lock-2-of-9").write_text(json.dumps(there))
    monkeypatch.setenv("SLURM_JOB_ID", "78")
    with pytest.raises(AbmError, match="on n1"):
        _in_other_process(tmp_path, Share(2, 9))
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    _in_other_process(tmp_path, Share(2, 9))


# -------------------------------------------------------------------------------------------------------------- engines


def test_local_processes_give_the_same_study(tmp_path: Path, whole: Path) -> None:
    experiment = toy_study(tmp_path)
    make(experiment, tmp_path / "local", engine=LocalEngine(workers=2))
    assert same(contents(open_study(whole)), contents(open_study(tmp_path / "local")))


@pytest.mark.study
def test_only_the_run_that_kills_its_workers_fails(tmp_path: Path) -> None:
    experiment = toy_study(tmp_path, points=1, replicates=4, description=f"dies {tmp_path / 'mended'}")
    make(experiment, tmp_path / "out", engine=LocalEngine(workers=2))
    study = open_study(tmp_path / "out")
    assert study.counts() == {"done": 11, "failed": 1, "planned": 0}
    (error,) = study.design.query("status == 'failed'")["error"]
    assert "its worker was killed each time" in error
    (tmp_path / "mended").touch()
    make(experiment, tmp_path / "out")
    assert open_study(tmp_path / "out").counts()["done"] == 12


def test_a_run_that_was_only_beside_one_that_kills_is_tried_alone(tmp_path: Path) -> None:
    class KilledWorker(Exception):  # noqa: N818
        """As of dask, which blames all runs that are with a worker when it dies."""

    tries: dict[str, int] = {}

    def maker(job: Job) -> Report:
        tries[job.run_id] = tries.get(job.run_id, 0) + 1
        guilty = job.config["seed"] == 2
        if guilty or tries[job.run_id] == 1:
            raise KilledWorker
        return make_toy(job)

    experiment = toy_study(tmp_path)
    notes = make(experiment, tmp_path / "out", maker=maker)
    assert open_study(tmp_path / "out").counts() == {"done": 12, "failed": 6, "planned": 0}
    assert set(tries.values()) == {2}
    assert (notes.last.made, notes.last.failed) == (12, 6)


def test_a_scheduler_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.experiments import engine

    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)
    with pytest.raises(AbmError, match=r"no dask scheduler answers at tcp://127.0.0.1:9"):
        make(toy_study(tmp_path), tmp_path / "out", engine=DaskEngine(address="tcp://127.0.0.1:9"))
    with pytest.raises(AbmError, match="there is no scheduler file"):
        make(toy_study(tmp_path), tmp_path / "out", engine=DaskEngine(scheduler_file=str(tmp_path / "none.json")))


def test_a_dask_cluster_of_others(tmp_path: Path) -> None:
    from distributed import LocalCluster

    experiment = toy_study(tmp_path, points=1, replicates=4)
    port = {"dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, scheduler_kwargs=port) as cluster:
        make(experiment, tmp_path / "out", engine=DaskEngine(address=cluster.scheduler_address))
        assert len(cluster.scheduler_info["workers"]) == 2  # left as it was
    assert open_study(tmp_path / "out").counts()["done"] == 12


def test_an_engine_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = toy_study(tmp_path)
    with pytest.raises(AbmError, match=r"needs the command sbatch.*--engine local"):
        monkeypatch.setenv("PATH", str(tmp_path))
        make(experiment, tmp_path / "out", engine=ClusterEngine(kind="slurm", max_jobs=1))
    (tmp_path / "sbatch").touch(mode=0o755)
    monkeypatch.setitem(__import__("sys").modules, "dask_jobqueue", None)
    with pytest.raises(AbmError, match=r"pip install -c constraints.txt '.\[cluster\]'"):
        make(experiment, tmp_path / "out", engine=ClusterEngine(kind="slurm", max_jobs=1))


def test_jobs_bear_the_name_of_the_study(tmp_path: Path) -> None:
    script = engine.job_script(ClusterEngine(kind="slurm", max_jobs=1, tls=False), tmp_path / "toy")
    assert "#SBATCH -J toy\n" in script


def test_which_engine_is_used() -> None:
    written = LocalEngine(workers=3, threads=2)
    assert choose_engine(written) == written
    assert choose_engine(written, "local", 5) == LocalEngine(workers=5, threads=2)
    assert choose_engine(written, "serial") == SerialEngine(threads=2)


# -------------------------------------------------------------------------------------------------------------- readers


def test_reading_what_is_not_there(tmp_path: Path) -> None:
    make(toy_study(tmp_path, points=1, replicates=4), tmp_path / "toy")
    study = open_study(tmp_path / "toy")
    with pytest.raises(OutputError, match="did you mean 'irregular_departures'"):
        study.table("national", columns=["iregular_departures"])
    with pytest.raises(OutputError, match=r"keeps no table 'district'; it has national, route"):
        study.table("district")
    with pytest.raises(OutputError, match="did you mean 'patrols'"):
        study.table("national", scenarios=["patrol"])
    with pytest.raises(OutputError, match=r"holds no study; did you mean '.*toy'"):
        open_study(tmp_path)
    with pytest.raises(OutputError, match="does not exist"):
        open_study(tmp_path / "nothing")
    store = Store(tmp_path / "toy")
    with pytest.raises(OutputError, match="a single run, not a study"):
        open_study(store.run_folder(store.loose()[0]))
    assert "12 done, 0 failed" in repr(study)
    assert "<table>" in study._repr_html_()


# ------------------------------------------------------------------------------------------------------------ full disk


@pytest.mark.parametrize("engine", [SerialEngine(), LocalEngine(workers=2)])
def test_a_disk_that_becomes_full_stops_the_study_and_nothing_is_lost(
    tmp_path: Path, small_disk: Path, engine: Any
) -> None:
    experiment = toy_study(tmp_path, description="large", more="")
    with pytest.raises(DiskFullError, match=r"(?s)(disk is full|MB are free).*The study was stopped.*goes on with it"):
        make(experiment, small_disk / "out", engine=engine)
    made = len(Store(small_disk / "out").finished())
    assert 0 < made < 18
    assert [path.name for path in (small_disk / "out").rglob(".*")] == []
    assert open_study(small_disk / "out").checksums.size == made
    shutil.copytree(small_disk / "out", tmp_path / "roomier")
    notes = make(experiment, tmp_path / "roomier")
    assert notes.texts == []
    assert (notes.last.before, notes.last.made) == (made, 18 - made)


def test_a_disk_that_is_full_when_runs_are_put_together(tmp_path: Path, small_disk: Path) -> None:
    experiment = toy_study(tmp_path, points=1, replicates=2, description="large", more="")
    make(experiment, small_disk / "out")
    before = open_study(small_disk / "out").checksums.to_dict()
    with pytest.raises(DiskFullError, match=r"disk is full"):
        compact_study(small_disk / "out", Notes().note)
    assert open_study(small_disk / "out").checksums.to_dict() == before
    assert [path.name for path in (small_disk / "out").rglob(".*")] == []


# ---------------------------------------------------------------------------------------------- replicates until a mark


def sequential(tmp_path: Path, half_width: str, at_most: int = 40) -> Experiment:
    rule = f"{{until: {{outcome: irregular_departures, half_width: {half_width}}}, at_least: 5, at_most: {at_most}}}"
    return toy_study(tmp_path, name=f"until_{at_most}", points=1, replicates=rule)


def make_in_rounds(experiment: Experiment, folder: Path) -> Notes:
    notes = Notes()
    rounds = rounds_of(experiment, Share(), lambda plan: judge_study(folder, plan), notes.note)
    driver.sweep(rounds, folder, SerialEngine(), observer=notes, make=make_toy)
    return notes


def test_replicates_come_in_rounds_until_the_difference_is_known(tmp_path: Path) -> None:
    experiment = sequential(tmp_path, "8000")
    notes = make_in_rounds(experiment, tmp_path / "out")
    design = open_study(tmp_path / "out").design
    number = design["replicate"].max() + 1
    assert 5 < number < 40
    assert "going on to" in notes.texts[0]
    assert f"{number} replicates: the difference in irregular_departures is known to within ±" in notes.texts[-1]
    assert "as was asked (±8000)" in notes.texts[-1]
    assert (notes.last.total, notes.last.made) == (3 * number, 3 * number)
    # started again it comes to the same number, and rounds that are still to come are asked for meanwhile
    again = make_in_rounds(experiment, tmp_path / "out")
    assert again.texts == notes.texts
    assert (again.last.before, again.last.made) == (3 * number, 0)


def test_replicates_end_at_the_number_that_is_allowed(tmp_path: Path) -> None:
    notes = make_in_rounds(sequential(tmp_path, "1 %", at_most=8), tmp_path / "out")
    assert "8 replicates" in notes.texts[-1]
    assert "no more than 8 replicates were allowed" in notes.texts[-1]


def test_a_share_of_nothing_cannot_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = sequential(tmp_path, '"5 %"')
    monkeypatch.setattr(
        "abm.experiments.stopping._by_replicate", lambda found, plan, scenario: np.zeros((plan.replicates, 1))
    )
    with pytest.raises(
        AbmError, match="'irregular_departures' is 0 or missing in the first runs of scenario 'baseline'"
    ):
        make_in_rounds(experiment, tmp_path / "out")


def test_an_outcome_that_a_scenario_never_has_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blank(*of: Any) -> pd.Series[float]:
        found = values_by_run(*of)
        return found.where(found.index.get_level_values("scenario") != "baseline")

    monkeypatch.setattr("abm.experiments.stopping.values_by_run", blank)
    monkeypatch.setattr("abm.experiments.stopping.first_measure", lambda _: "mean")
    with pytest.raises(AbmError, match="is blank in all runs of scenario 'baseline'"):
        make_in_rounds(sequential(tmp_path, "8000"), tmp_path / "out")


def test_a_share_of_a_study_whose_size_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(AbmError, match=r"--shard 1/2.*give a number of replicates"):
        next(rounds_of(sequential(tmp_path, "8000"), Share(1, 2), lambda plan: Precision(5, 5, 0, 1.0, True), print))


# --------------------------------------------------------------------------------------------------------- command line


@pytest.fixture
def in_place_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm.experiments.run.simulate", simulate)


def sweep_words(tmp_path: Path, **more: Any) -> list[str]:
    experiment = toy_study(tmp_path, points=1, replicates=2, **more)
    assert experiment.source is not None
    return ["sweep", str(experiment.source), "--out", str(tmp_path / "results"), "--engine", "serial"]


def test_the_command_tells_how_far_it_is_and_where_the_study_lies(
    tmp_path: Path, in_place_of_the_model: None, capsys: pytest.CaptureFixture[str]
) -> None:
    words = sweep_words(tmp_path)
    assert main(words) == 0
    told = capsys.readouterr()
    assert told.err.splitlines()[0] == "toy: 6 runs, 0 of them there already"
    assert "6 done, 0 failed, 0 to be made" in told.out
    assert str(tmp_path / "results" / "toy") in told.out
    assert main([*words, "--quiet"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == (f"{tmp_path / 'results' / 'toy'}\n", "")


def test_the_command_ends_with_1_if_a_run_has_failed(
    tmp_path: Path, in_place_of_the_model: None, capsys: pytest.CaptureFixture[str]
) -> None:
    words = sweep_words(tmp_path, description=f"fails {tmp_path / 'mended'}")
    assert main(words) == 1
    told = capsys.readouterr()
    assert "failed: patrols, point 0, replicate 1" in told.err
    assert "1 runs failed" in told.err
    assert "Traceback" not in told.err
    (tmp_path / "mended").touch()
    assert main(words) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--shard", "3/2"], "expected I/N with I from 1 to N"),
        (["--engine", "slrum"], "there is no engine 'slrum'; did you mean 'slurm'?"),
        (["--engine", "slurm"], "write a block 'engine: {kind: slurm"),
        (["--engine", "serial", "--workers", "2"], "makes one run at a time"),
    ],
)
def test_options_that_make_no_sense(
    tmp_path: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*sweep_words(tmp_path)[:-2], *words]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_dry_run_tells_what_it_takes_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abm.experiments.estimate.probe", lambda config, threads: Cost(100.0, 300_000_000, 50_000, 6))
    words = [*sweep_words(tmp_path)[:-2], "--workers", "3", "--dry-run"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "3 scenarios × 1 point × 2 replicates" in told
    assert "6; 0 are there, 6 to be made" in told
    assert "local, 3 at a time" in told
    assert "about 3 min" in told
    assert "about 300 kB in" in told
    assert "300 MB a worker, about 900 MB for all" in told
    assert "seeds        1 to 2\n" in told
    assert not (tmp_path / "results").exists()
