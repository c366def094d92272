"""A finished run in the hands of a researcher."""

from __future__ import annotations

import os
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from abm.config.wording import counted
from abm.engine.errors import OutputError
from abm.results.headlines import Headline, headlines_of
from abm.results.manifest import read_manifest
from abm.results.reader import read_table, verify_run
from abm.results.tables import to_pandas

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """One run: its tables as pandas frames, read when first used, and everything known about how it was made.

    Parameters
    ----------
    folder
        Folder of the run, ``<out>/<name>/<run id>``.
    reused
        Whether the run was found, not made.

    Raises
    ------
    OutputError
        If the folder holds no finished run.
    """

    def __init__(self, folder: str | os.PathLike[str], *, reused: bool = False) -> None:
        self.folder = Path(folder).absolute()
        self.reused = reused
        self.manifest = read_manifest(self.folder)

    @property
    def id(self) -> str:
        """Run id: a hash of configuration, seed and code."""
        return str(self.manifest["id"])

    @property
    def name(self) -> str:
        """Name of the configuration."""
        return str(self.manifest["name"])

    @property
    def seed(self) -> int:
        """Seed of the random numbers."""
        return int(self.manifest["seed"])

    @property
    def config(self) -> dict[str, object]:
        """The complete configuration."""
        return dict(self.manifest["config"])

    @property
    def checksums(self) -> dict[str, str]:
        """Checksum of the content of each table: the same wherever and whenever the run is made."""
        return {name: str(table["checksum"]) for name, table in self.manifest["tables"].items()}

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
    def flows(self) -> pd.DataFrame:
        """Persons who left, by month, origin, channel and destination; rows without persons are left out."""
        return self.table("flows")

    @cached_property
    def headlines(self) -> list[Headline]:
        """The figures that come first."""
        return headlines_of(self.national, self.config)

    def summary(self) -> list[tuple[str, str]]:
        """Say in a few lines what came out and where it is.

        Returns
        -------
        list of (str, str)
            What, and the figure or the place.
        """
        lines = [("run", f"{self.name} {self.id}, seed {self.seed}{self._reuse_note()}")]
        lines += [(headline.label, headline.text) for headline in self.headlines]
        lines.append(("checksum", str(self.manifest["checksum"])))
        lines.append(("tables", f"{_shown(self.folder)} ({', '.join(self.manifest['tables'])})"))
        if self.plots:
            folders = sorted({_shown(plot.parent) for plot in self.plots})
            lines.append(("plots", f"{', '.join(folders)} ({counted(len(self.plots), 'file')})"))
        elif failure := self.manifest.get("plots_failed"):
            lines.append(("plots", f"could not be drawn: {failure}"))
        return lines

    def __repr__(self) -> str:
        lines = [f"Result of {self.name}, run {self.id}, seed {self.seed}{self._reuse_note()}"]
        shown = self._headlines_or_reason()
        width = max((len(label) for label, _ in shown), default=0)
        lines += [f"  {label:<{width}}  {text}" for label, text in shown]
        lines.append(f"  {_shown(self.folder)}: {', '.join(self.manifest['tables'])}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Show the run in a notebook."""
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th><td style='text-align:right'>{escape(text)}</td></tr>"
            for label, text in self._headlines_or_reason()
        )
        title = f"{self.name}, run <code>{self.id}</code>, seed {self.seed}{self._reuse_note()}"
        place = f"{_shown(self.folder)}: {', '.join(self.manifest['tables'])}"
        return f"<table><caption>{title}</caption><tbody>{rows}</tbody></table><p>{escape(place)}</p>"

    def _headlines_or_reason(self) -> list[tuple[str, str]]:
        """Headlines as text, or why there are none: to print an object must not raise."""
        try:
            return [(headline.label, headline.text) for headline in self.headlines]
        except OutputError as error:
            return [("no figures", str(error))]

    def _reuse_note(self) -> str:
        """Mark a run that was found and not made."""
        return " (made before, not made again)" if self.reused else ""


def read_run(folder: str | os.PathLike[str], *, verify: bool = False) -> Result:
    """Read a finished run.

    Parameters
    ----------
    folder
        Folder of the run, ``<out>/<name>/<run id>``.
    verify
        Whether to examine every file first.

    Raises
    ------
    OutputError
        If there is no finished run, or it was to be verified and is damaged.
    """
    place = Path(folder).expanduser()
    if verify and (problems := verify_run(place.absolute())):
        raise OutputError("\n".join(problems))
    return Result(place)


def _shown(path: Path) -> str:
    """Write a path as short as it can be understood from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
