"""The log of a study: a line of JSON for everything that a driver did."""

from __future__ import annotations

import json
from pathlib import Path

from abm.experiments.share import Share
from abm.results.disk import explained, refuse_unless_file
from abm.results.manifest import utc


class Log:
    """Appends to ``log.jsonl``, or for a share to a file of its own, so that no two processes write to one file.

    Parameters
    ----------
    folder
        Folder of the study.
    share
        Share that the driver has.
    """

    def __init__(self, folder: Path, share: Share) -> None:
        self.path = folder / ("log.jsonl" if share.is_whole else f"log-{share.index}-of-{share.of}.jsonl")

    def write(self, event: str, **facts: object) -> None:
        """Add a line."""
        line = json.dumps({"time": utc(), "event": event, **facts})
        refuse_unless_file(self.path)
        with explained(self.path.parent, doing="write a study"), self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
