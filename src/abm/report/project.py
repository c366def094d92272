"""A small project to start from: a configuration, a study, and the schemas that let an editor check them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from abm.engine.errors import OutputError
from abm.places.data_files import data_file
from abm.report.schema import SCHEMAS, as_text

FIRST_COMMAND = "abm run configs/baseline.yaml"  # what one does first in a new project

FILES = ("README.md", "configs/baseline.yaml", "experiments/first_study.yaml")


def start_project(folder: Path) -> list[Path]:
    """Make a project in a new or an empty folder, and the folders above it; gives the files.

    An OutputError says that something is there already, or that the folder cannot be written to.
    """
    target = Path(os.path.abspath(folder.expanduser()))
    texts = {name: data_file(f"project/{name}").read_text(encoding="utf-8") for name in FILES}
    texts |= {name: as_text(build()) for name, build in (SCHEMAS["config"], SCHEMAS["experiment"])}
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.is_dir() and any(target.iterdir()):
            raise OutputError(f"'{folder}' is not empty; name a new folder, nothing in this one was changed")
        for name, text in texts.items():
            file = unfinished / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if target.is_dir():  # perhaps where the user stands: it stays the same folder
            for made in unfinished.iterdir():
                made.replace(target / made.name)
        else:
            unfinished.replace(target)
    except OSError as error:
        raise OutputError(f"'{folder}': no project can be made there: {error.strerror or error}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return [folder / name for name in texts]
