"""A study in the hands of a researcher: its runs as one table, also while it grows.

>>> import abm
>>> study = abm.open_study("results/policy_comparison")  # doctest: +SKIP
>>> study.table("national", columns=["deaths_en_route"])  # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from abm.config.wording import counted, did_you_mean
from abm.declare.outcome import Over
from abm.engine.errors import OutputError
from abm.experiments.part_files import RUN_ID, Part, PartFile, columns_of, damaged, read_checked
from abm.experiments.spec import Experiment
from abm.experiments.store import DONE, FAILED, PLANNED, Store, add_status, check_study, read_sealed
from abm.month import OUTCOMES
from abm.results.disk import refuse_unless_file
from abm.results.manifest import read_manifest
from abm.results.tables import KEYS, QUANTITIES, to_pandas

ROW = (RUN_ID, "scenario", "point", "replicate", "seed")
STATE = ("status", "error")
"""Columns of the design before those of the factors, and after them."""

REMEDY = "writes it anew"

ATTEMPTS = 5  # how often files are listed anew that are put together while they are read


class Study:
    """A study on the disk, in ``<out>/<name>``; an OutputError says that the folder holds none.

    Everything is read anew when it is asked for, so that the study may grow meanwhile.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).expanduser().absolute()
        check_study(self.folder)
        self._store = Store(self.folder)
        self._known: dict[str, tuple[list[str], dict[str, PartFile]]] = {}

    @cached_property
    def experiment(self) -> Experiment:
        """What is studied."""
        return Experiment.restore(read_sealed(self._store.experiment))

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.experiment.name

    @property
    def design(self) -> pd.DataFrame:
        """Table of all rows: run_id, scenario, point, replicate, seed, factors, status and error.

        ``status`` is ``planned``, ``done`` or ``failed``, as the files tell now.
        """
        return add_status(self._planned(), self._store.finished(), self._store.failures())

    @property
    def checksums(self) -> pd.Series[str]:
        """Checksum of all tables of each finished run, by run id: the same wherever and however the study was made."""
        found: dict[str, str] = {}
        for run_id in self._store.loose():
            with suppress(OutputError):  # on its way into a part
                found[run_id] = str(read_manifest(self._store.run_folder(run_id))["checksum"])
        for part in self._store.list_parts():
            index = part.read_index([RUN_ID, "checksum"])
            found.update(zip(index.column(RUN_ID).to_pylist(), index.column("checksum").to_pylist(), strict=True))
        wanted = [run_id for run_id in self._planned()["run_id"].unique() if run_id in found]
        return pd.Series([found[run_id] for run_id in wanted], index=pd.Index(wanted, name=RUN_ID), name="checksum")

    def columns(self, name: str = "national") -> list[str]:
        """List the columns that a table has in finished runs of any scenario."""
        found: dict[str, None] = {}
        for part in self._store.list_parts():
            if part.table(name).is_file():
                found.update(dict.fromkeys(columns_of(part.table(name))))
        loose = set(self._store.loose())
        planned = self._planned()
        one_each = planned[planned["run_id"].isin(loose)].drop_duplicates("scenario")["run_id"]
        for run_id in one_each:
            path = self._store.run_folder(run_id) / f"{name}.parquet"
            with suppress(FileNotFoundError):  # put together meanwhile, or a run without this table
                found.update(dict.fromkeys(columns_of(path)))
        found.pop(RUN_ID, None)
        return list(found)

    def table(
        self,
        name: str = "national",
        columns: Sequence[str] | None = None,
        scenarios: Sequence[str] | None = None,
        *,
        once: bool = False,
    ) -> pd.DataFrame:
        """Read a table of all finished runs: one that the study keeps, or some columns or scenarios of it.

        Rows are in the order of the design, months in order; a run that stands in several rows of the design, such as a
        reference that no factor moves, is there as often, or `once`. Columns are run_id, scenario, point and replicate,
        then month (and place, where the table has it), then the outcomes. A column that a run does not have, such as
        the cost of a lever of another scenario, is missing (NaN) in its rows. Memory needed is that of the frame: 8
        bytes a run, month and outcome. An OutputError says that there is no such table or column, or that a file is
        damaged.
        """
        design = self._planned()
        if scenarios is not None:
            known = design["scenario"].unique().tolist()
            for scenario in scenarios:
                if scenario not in known:
                    hint = _nearest(scenario, known)
                    raise OutputError(f"study '{self.folder.name}' has no scenario '{scenario}'{hint}")
            design = design[design["scenario"].isin(list(scenarios))]
        if once:
            design = design.drop_duplicates("run_id")
        runs = design["run_id"].unique()
        found = self._read(name, columns, pa.array(runs, pa.string()))
        found = found.select(["code", *_in_order(found.column_names[1:], columns)])
        return _arrange(found, design, runs)

    def to_ema(
        self, outcomes: Sequence[str] = (), *, window: tuple[str, str] | None = None
    ) -> tuple[pd.DataFrame, dict[str, NDArray[np.float64]]]:
        """Give the finished runs in the form of the EMA workbench's results, for its analyses.

        By default outcomes, of the table `national`, and the window, ``("2018-01", "2022-12")``, are those of the
        experiment. Returns a row a run, and one number a run for each ``<outcome>_level`` and ``<outcome>_difference``;
        see `abm.experiments.ema_results.results_of`. An OutputError says that there is no finished run or such outcome.
        """
        from abm.experiments.ema_results import results_of

        wanted = list(outcomes or self.experiment.outcomes)
        return results_of(self.experiment, self.design, self.table("national", wanted), wanted, window)

    # ---------------------------------------------------------------------------------------------------------- reading

    def _planned(self) -> pd.DataFrame:
        """Table of all rows as the driver wrote it."""
        path = self._store.design
        factors = [factor.name for factor in self.experiment.factors]
        try:
            found = read_checked(path, remedy=REMEDY).to_pandas()
        except (ValueError, KeyError, TypeError) as error:  # its description of the columns
            raise damaged(path, str(error), REMEDY) from error
        if sorted(found.columns) != sorted([*ROW, *factors, *STATE]):
            raise damaged(
                path, "its columns are not those of the experiment, unless a sweep of a changed one begins", REMEDY
            )
        return found

    def _read(self, name: str, columns: Sequence[str] | None, runs: pa.Array) -> pa.Table:
        """Read a table of the runs that there are; a column ``code`` has each run's place in `runs`."""
        for _ in range(ATTEMPTS):
            try:
                pieces = list(self._pieces(name, columns, runs))
                break
            except FileNotFoundError as error:  # put together meanwhile
                gone = error.filename
        else:
            raise OutputError(
                f"the files of study '{self.folder}' change all the time: '{gone}' is gone; try again in a moment, "
                "or start abm sweep again, which makes missing runs again"
            )
        if not pieces:
            raise OutputError(self._no_rows(name))
        whole = pa.concat_tables(pieces, promote_options="default")
        missing = [column for column in columns or () if column not in whole.column_names]
        if missing:
            hint = _tables_with(missing[0]) or _nearest(missing[0], self.columns(name))
            raise OutputError(f"table '{name}' has no column '{missing[0]}'{hint}")
        return whole

    def _pieces(self, name: str, columns: Sequence[str] | None, runs: pa.Array) -> Iterator[pa.Table]:
        """Read file by file, each with a column ``code``.

        Loose runs are listed first and read last: a run that is put into a part meanwhile is found there.
        """
        loose = self._store.loose()
        wanted = set(runs.to_pylist())
        for part in self._store.list_parts():
            run_ids, files = self._look_into(part)
            mine = [run_id for run_id in run_ids if run_id in wanted]
            wanted.difference_update(mine)
            if mine and name in files:
                choose = None if columns is None else partial(_wanted, columns)
                yield _of_part(part.read_table(name, files[name], choose), mine, runs)
        for run_id in loose:
            if run_id in wanted and (table := _read_loose(self._store.run_folder(run_id), name)) is not None:
                if columns is not None:
                    table = table.select(_wanted(columns, table.column_names))
                place = pc.index(runs, run_id).as_py()
                yield table.add_column(0, "code", pa.array(np.full(table.num_rows, place, np.int32)))

    def _look_into(self, part: Part) -> tuple[list[str], dict[str, PartFile]]:
        """Runs and files of a part, which never change."""
        if part.name not in self._known:
            self._known[part.name] = (part.run_ids(), part.files())
        return self._known[part.name]

    def _no_rows(self, name: str) -> str:
        kept = ["national", *self.experiment.tables]
        if name not in kept:
            return (
                f"study '{self.folder.name}' keeps no table '{name}'; it has {', '.join(kept)}. Others are kept if the "
                "experiment names them under 'tables'"
            )
        return f"study '{self.folder.name}' has no finished run yet"

    # ---------------------------------------------------------------------------------------------------------- showing

    def counts(self) -> dict[str, int]:
        """Runs that are done, failed and planned, each run once."""
        status = self.design.drop_duplicates(RUN_ID)["status"].value_counts()
        return {kind: int(status.get(kind, 0)) for kind in (DONE, FAILED, PLANNED)}

    def __repr__(self) -> str:
        return "\n".join([f"Study {self.folder.name}", *(f"  {label:<10}  {text}" for label, text in self.summary())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th><td>{escape(text)}</td></tr>"
            for label, text in self.summary()
        )
        return f"<table><caption>Study {escape(self.folder.name)}</caption><tbody>{rows}</tbody></table>"

    def summary(self) -> list[tuple[str, str]]:
        """Say in a few lines what the study is and how far it is."""
        counts = self.counts()
        design = self._planned()
        size = " × ".join(counted(design[what].nunique(), what) for what in ("scenario", "point", "replicate"))
        rows, runs = len(design), design["run_id"].nunique()
        size += f", {rows - runs:,} of them equal to others" if rows > runs else ""
        state = f"{counts[DONE]:,} done, {counts[FAILED]:,} failed, {counts[PLANNED]:,} to be made"
        return [("study", size), ("runs", state), ("folder", str(self.folder))]


def open_study(folder: str | os.PathLike[str]) -> Study:
    """Open the study in ``<out>/<name>`` that was made, or is being made, by ``abm sweep``; see `Study`."""
    return Study(folder)


def _of_part(table: pa.Table, ids: list[str], runs: pa.Array) -> pa.Table:
    """Keep the rows of these runs, and tell the place of each run instead of its id."""
    code = pc.index_in(table.column(RUN_ID).cast(pa.string()), value_set=runs).combine_chunks()
    table = table.drop_columns([RUN_ID])
    mine = pc.is_in(code, value_set=pc.index_in(pa.array(ids, pa.string()), value_set=runs))
    if not pc.all(mine).as_py():
        table, code = table.filter(mine), code.filter(mine)
    return table.add_column(0, "code", code.cast(pa.int32()))


def _read_loose(folder: Path, name: str) -> pa.Table | None:
    """Read a table of a run in its folder; None if the run does not have it."""
    path = folder / f"{name}.parquet"
    try:
        files = {file["path"]: file for file in read_manifest(folder)["files"]}
        if path.name not in files:
            return None
        refuse_unless_file(path, links=True)
        content = path.read_bytes()
    except OutputError:
        if not os.path.lexists(folder):  # on its way into a part
            raise FileNotFoundError(folder) from None
        raise
    if hashlib.sha256(content).hexdigest() != files[path.name]["sha256"]:
        raise damaged(path, "its checksum is not the one in the manifest", "makes the run again")
    return pq.ParquetFile(pa.BufferReader(content)).read()


def _wanted(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Columns to be read, of all names."""
    return [name for name in names if name == RUN_ID or _is_key(name) or name in columns]


def _in_order(names: Sequence[str], wanted: Sequence[str] | None) -> list[str]:
    """Order of columns, which does not depend on which run was read first: keys, then as wanted or declared."""
    keys = [name for name in names if _is_key(name)]
    rest = [name for name in names if name not in keys]
    if wanted is not None:
        return keys + list(dict.fromkeys(name for name in wanted if name in rest))
    declared = {name: place for place, name in enumerate(OUTCOMES)}
    return keys + sorted(rest, key=lambda name: (declared.get(name, len(declared)), name))


def _is_key(name: str) -> bool:
    return name in KEYS and name not in QUANTITIES


def _arrange(found: pa.Table, design: pd.DataFrame, runs: np.ndarray) -> pd.DataFrame:
    """Bring rows into the order of the design, and put its columns in front."""
    code = found.column("code").to_numpy()
    ends = np.cumsum(np.bincount(code, minlength=len(runs)))
    rows_of_run = np.split(np.argsort(code, kind="stable"), ends[:-1])
    # a run may stand in several rows of the design
    rows = [rows_of_run[run] for run in pd.Index(runs).get_indexer(pd.Index(design["run_id"]))]
    design_row = np.repeat(np.arange(len(design)), [len(found) for found in rows])
    take = np.concatenate(rows)
    if not np.array_equal(take, np.arange(found.num_rows)):
        found = found.take(pa.array(take))
    frame = to_pandas(found.drop_columns(["code"]).unify_dictionaries())
    for name in frame.select_dtypes("category"):  # else their order would tell how runs lie on the disk
        frame[name] = frame[name].cat.set_categories(sorted(frame[name].cat.categories))
    units = frame.attrs
    for place, name in enumerate((RUN_ID, "scenario", "point", "replicate")):
        values = design[name]
        if name in {RUN_ID, "scenario"}:
            values = values.astype(pd.CategoricalDtype(list(values.unique())))
        frame.insert(place, name, values.array[design_row])
    frame.attrs = units
    return frame


def _tables_with(outcome: str) -> str:
    """Say which tables hold an outcome, if it is one that the model records."""
    if outcome not in OUTCOMES:
        return ""
    tables = [repr(kind) for kind in get_args(Over) if OUTCOMES[outcome].kept_by(kind)]
    return f"; it is in the table{'s' * (len(tables) > 1)} {' and '.join(tables)}"


def _nearest(word: str, known: Sequence[str]) -> str:
    return did_you_mean(word, known) or f"; it has {', '.join(known)}"
