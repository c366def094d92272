"""Find what is damaged in a study, and put it aside to be made again."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from abm.engine.errors import OutputError
from abm.experiments.part_files import Part, problem_of_part
from abm.experiments.store import Store
from abm.results.result import verify_run


def examine(store: Store, note: Callable[[str], None], mine: Container[str] | None = None) -> None:
    """Read every file of a study once, note what is damaged, and put it aside, so that its runs are made again.

    By default all is looked at; else `mine`, and the parts that hold any of these runs.
    """
    with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 1)) as pool:
        folders = [store.run_folder(run) for run in store.loose() if mine is None or run in mine]
        for folder, problems in zip(folders, pool.map(partial(verify_run, decode=False), folders), strict=True):
            if problems and os.path.lexists(folder):
                store.set_aside(folder)
                note(f"{problems[0]}; its run will be made again")
        parts = [part for part in store.list_parts() if mine is None or _holds_any(part, mine)]
        for part, problem in zip(parts, pool.map(problem_of_part, parts), strict=True):
            if problem and os.path.lexists(part.index):
                for path in [part.index, *store.parts.glob(f"[!.]*/{part.name}.parquet")]:
                    store.set_aside(path)
                note(f"{problem}; its runs will be made again")
    store.remove_duplicates()


def _holds_any(part: Part, mine: Container[str]) -> bool:
    try:
        return any(run_id in mine for run_id in part.run_ids())
    except FileNotFoundError:
        return False
    except OutputError:  # damaged: nobody can tell
        return True
