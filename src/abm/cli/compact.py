"""``abm compact``."""

from __future__ import annotations

from pathlib import Path

from abm.cli.terminal import say
from abm.config.wording import counted


def compact_and_report(study: str) -> None:
    """Put the runs of a study into parts, and say how many there were."""
    from abm.experiments.compact import compact_study

    folder = Path(study).expanduser().absolute()
    count = compact_study(folder, say)
    say(f"{counted(count, 'run')} put together in '{folder / 'parts'}'")
