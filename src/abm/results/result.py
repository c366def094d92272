"""A finished run in the hands of a researcher."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from abm.config import Config
from abm.config.compose import Outputs
from abm.config.wording import counted, did_you_mean, either
from abm.engine.errors import OutputError
from abm.results.disk import refuse_unless_file
from abm.results.headlines import Headline, headlines_of
from abm.results.manifest import COMPLETE, FileFacts, Manifest, read_manifest, run_id
from abm.results.tables import checksum_run, columns_of, to_pandas

if TYPE_CHECKING:
    import pandas as pd


# ----------------------------------------------------------------------------------------------------- the run in hand


class Result:
    """One run: its tables as pandas frames, read when first used, and everything known about how it was made.

    The folder is that of the run, ``<out>/<name>/<run id>``; an OutputError says that it holds no finished one.
    """

    def __init__(self, folder: str | os.PathLike[str], *, reused: bool = False) -> None:
        self.folder = Path(folder).absolute()
        self.reused = reused  # whether the run was found, not made
        self.manifest = read_manifest(self.folder)

    @property
    def id(self) -> str:
        """Run id: a hash of configuration, seed and code."""
        return self.manifest["id"]

    @property
    def name(self) -> str:
        """Name of the configuration."""
        return self.manifest["name"]

    @property
    def seed(self) -> int:
        """Seed of the random numbers."""
        return self.manifest["seed"]

    @property
    def config(self) -> dict[str, object]:
        """The complete configuration."""
        return dict(self.manifest["config"])

    @property
    def checksums(self) -> dict[str, str]:
        """Checksum of the content of each table: the same wherever and whenever the run is made."""
        return {name: table["checksum"] for name, table in self.manifest["tables"].items()}

    @property
    def plots(self) -> list[Path]:
        """Plots that were drawn with the run."""
        return [self.folder / file["path"] for file in self.manifest["files"] if not file["path"].endswith(".parquet")]

    def table(self, name: str) -> pd.DataFrame:
        """Read a table anew; the attributes below keep theirs."""
        return to_pandas(read_table(self.folder, name))

    @cached_property
    def national(self) -> pd.DataFrame:
        """One row a month."""
        return self.table("national")

    @cached_property
    def district(self) -> pd.DataFrame:
        """One row a month and district."""
        return self.table("district")

    @cached_property
    def route(self) -> pd.DataFrame:
        """One row a month and route."""
        return self.table("route")

    @cached_property
    def destination(self) -> pd.DataFrame:
        """One row a month and destination abroad."""
        return self.table("destination")

    @cached_property
    def stream(self) -> pd.DataFrame:
        """One row a month and stream of exploitation."""
        return self.table("stream")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Persons who left, by month, origin, channel and destination; rows without persons are left out."""
        return self.table("flows")

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """What the table `national` holds, by subject: outcome, unit, kind and definition; only what was simulated."""
        import pandas as pd

        catalogue = Config.catalogue
        rows = [
            (subject_of(name), name, found.unit, found.kind, found.text)
            for name in pq.read_schema(self.folder / "national.parquet").names
            if (found := catalogue.outcomes.get(name))
            and catalogue.is_on(catalogue.section_of_outcome[name], self.config)
        ]
        return pd.DataFrame(rows, columns=["subject", "outcome", "unit", "kind", "text"])

    def subject(self, name: str) -> pd.DataFrame:
        """Months and outcomes of a subject, ``market``, ``abroad`` …, of `outcomes`; an OutputError if it has none."""
        found = self.outcomes
        chosen = found.loc[found["subject"] == name, "outcome"]
        if chosen.empty:
            known = list(dict.fromkeys(found["subject"]))
            hint = did_you_mean(name, known) or f"; there are {either(known, 'and')}"
            raise OutputError(f"run '{self.name}' has no outcomes of a subject '{name}'{hint}")
        return self.national[["month", *chosen]]

    @cached_property
    def headlines(self) -> list[Headline]:
        """The figures that come first."""
        return headlines_of(columns_of(read_table(self.folder, "national")), self.config)

    def summary(self) -> list[tuple[str, str]]:
        """Say in a few lines what came out and where it is: labels, and the figures or places."""
        lines = [("run", f"{self.name} {self.id}, seed {self.seed}{self._reuse_note()}")]
        lines += [*self.headlines, ("checksum", self.manifest["checksum"])]
        lines.append(("tables", f"{_shown(self.folder)} ({', '.join(self.manifest['tables'])})"))
        if self.plots:
            folders = sorted({_shown(plot.parent) for plot in self.plots})
            figures = len({plot.stem for plot in self.plots})  # each with a caption as text
            lines.append(("plots", f"{', '.join(folders)} ({counted(figures, 'figure')})"))
        elif failure := self.manifest.get("plots_failed"):
            lines.append(("plots", f"could not be drawn: {failure}"))
        return lines

    def __repr__(self) -> str:
        shown = self._headlines_or_reason()
        width = max(len(label) for label, _ in shown)
        lines = [f"  {label:<{width}}  {text}" for label, text in shown]
        return "\n".join([f"Result of {self._title(self.id)}", *lines, f"  {self._place()}"])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th><td style='text-align:right'>{escape(text)}</td></tr>"
            for label, text in self._headlines_or_reason()
        )
        title = self._title(f"<code>{self.id}</code>")
        return f"<table><caption>{title}</caption><tbody>{rows}</tbody></table><p>{escape(self._place())}</p>"

    def _title(self, run: str) -> str:
        return f"{self.name}, run {run}, seed {self.seed}{self._reuse_note()}"

    def _place(self) -> str:
        return f"{_shown(self.folder)}: {', '.join(self.manifest['tables'])}"

    def _headlines_or_reason(self) -> list[tuple[str, str]]:
        """Headlines as text, or why there are none: to print an object must not raise."""
        try:
            return [*self.headlines]
        except OutputError as error:
            return [("no figures", str(error))]

    def _reuse_note(self) -> str:
        return " (made before, not made again)" if self.reused else ""


def read_run(folder: str | os.PathLike[str], *, verify: bool = False) -> Result:
    """Read a finished run; see `abm.read_run`."""
    place = Path(folder).expanduser()
    if verify and (problems := verify_run(place.absolute())):
        raise OutputError("\n".join(problems))
    return Result(place)


def _shown(path: Path) -> str:
    """Write a path as short as it can be understood from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


# -------------------------------------------------------------------------------------------- reading and verifying


def subject_of(outcome: str) -> str:
    """Subject of an outcome: the room of the mechanism that records it."""
    mechanism = Config.catalogue.mechanisms[Config.catalogue.section_of_outcome[outcome]]
    return mechanism.__module__.split(".")[1]


def read_table(folder: Path, name: str) -> pa.Table:
    """Read one table of a run; an OutputError if it was not written, or is damaged."""
    path = folder / f"{name}.parquet"
    try:
        return pq.ParquetFile(path, page_checksum_verification=True).read()  # `pq.read_table` loads pandas
    except FileNotFoundError:
        raise OutputError(f"run '{folder}' holds no table '{name}'{_why_missing(folder, name)}") from None
    except (OSError, pa.ArrowException) as error:
        words = " ".join(str(error).split())
        raise OutputError(f"'{path}' is damaged ({words}); make the run again") from error


def _why_missing(folder: Path, name: str) -> str:
    """Say why there is no table of a name: it was switched off, or nothing is called so."""
    if name in Outputs.model_fields:
        return f"; was it switched off (outputs.{name}: false)?"
    held = sorted(path.stem for path in folder.glob("*.parquet"))
    known = ["national", *(table for table in Outputs.model_fields if table != "plots")]
    return did_you_mean(name, known) or (f"; there are {either(held, 'and')}" if held else "")


def verify_run(folder: Path) -> list[str]:
    """Examine the run in a folder; return what is wrong with it, in words, nothing if it is intact.

    Looks for a manifest that is complete and belongs to the folder, and for every file that it lists: its size, and the
    checksum of its bytes.
    """
    try:
        manifest = read_manifest(folder)
    except OutputError as error:
        return [str(error)]
    try:
        found = (problem_of_file(folder / file["path"], file) for file in manifest["files"])
        return _problems_of_manifest(folder, manifest) + [problem for problem in found if problem is not None]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"the manifest in '{folder}' is damaged ({type(error).__name__}: {error})"]


def _problems_of_manifest(folder: Path, manifest: Manifest) -> list[str]:
    """Compare the manifest with itself and with the name of its folder."""
    problems = []
    if manifest["status"] != COMPLETE:
        problems.append(f"the run in '{folder}' is not complete: {manifest['status']}")
    made_by = manifest["versions"]
    identity = run_id(manifest["config"], manifest["seed"], f"{made_by['abm']}+{made_by['code']}")
    if identity != manifest["id"]:
        problems.append(f"the manifest in '{folder}' was changed: its content has id {identity}, not {manifest['id']}")
    elif folder.name != identity:
        problems.append(f"'{folder}' holds another run, {identity}")
    if checksum_run({name: table["checksum"] for name, table in manifest["tables"].items()}) != manifest["checksum"]:
        problems.append(f"the manifest in '{folder}' was changed: its checksums do not fit together")
    missing = {f"{name}.parquet" for name in manifest["tables"]} - {file["path"] for file in manifest["files"]}
    problems += [f"the manifest in '{folder}' was changed: it does not list '{path}'" for path in sorted(missing)]
    return problems


def problem_of_file(path: Path, listed: FileFacts) -> str | None:
    """Compare the size and the bytes of a file with what is listed of it; None if it is intact."""
    if not path.exists():
        return f"'{path}' is missing"
    try:
        refuse_unless_file(path, links=True)
        size = path.stat().st_size
        if size != listed["bytes"]:
            truncated = f"is truncated: {size} of {listed['bytes']} bytes"
            changed = f"was changed: {size} bytes instead of {listed['bytes']}"
            return f"'{path}' {truncated if size < listed['bytes'] else changed}"
        if "sha256" in listed:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != listed["sha256"]:
                return f"'{path}' is damaged: its checksum is not the one in the manifest"
    except OutputError as error:
        return str(error)
    except OSError as error:
        return f"'{path}' cannot be read: {error}"
    return None
