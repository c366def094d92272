"""``abm status``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from abm.cli.options import StudyFolder
from abm.cli.sweep import seeds_in_words, written_time
from abm.cli.terminal import say, show_pairs

if TYPE_CHECKING:
    import pandas as pd

    from abm.experiments.status import Status

MOST_FAILURES = 3  # failed runs that are named


def status(study: StudyFolder) -> None:
    """Say how far a study is.

    Runs that are there, at work, failed, missing and no longer asked for, who is at work, and how long is left. A sweep
    may be at work meanwhile. Example:

    abm status results/policy_comparison
    """
    from abm.experiments.dataset import open_study
    from abm.experiments.status import status_of

    found = open_study(Path(study).expanduser())
    state = status_of(found)
    verb = "is" if state.unasked == 1 else "are"
    unasked = f"{state.unasked:,} more that {verb} there: the experiment has changed, or the version of abm"
    counts = f"{state.done:,} there, {state.running:,} being made, {state.failed:,} failed, {state.missing:,} missing"
    show_pairs(
        [
            (found.name, found.summary()[0][1]),
            ("runs", f"{state.planned:,}: {counts}"),
            *[("at work", f"{driver.owner}{driver.share and f', share {driver.share}'}") for driver in state.drivers],
            ("time", _time(state)),
            *_failures(found.design),
            *([("not asked", unasked)] if state.unasked else []),
            ("seeds", seeds_in_words(*state.seeds, state.same_seeds)),
        ]
    )
    if state.missing + state.failed and not state.drivers:
        say("the same abm sweep goes on with what is missing, and tries again what failed")


def _time(state: Status) -> str:
    if not state.missing + state.running:
        return "nothing is left to be made"
    if state.seconds is None:
        return "not known yet: no run is made"
    how = "left" if state.drivers else "of one worker left; nobody is at work"
    return f"about {written_time(state.seconds)} {how}"


def _failures(design: pd.DataFrame) -> list[tuple[str, str]]:
    failed = design[design["status"] == "failed"].head(MOST_FAILURES)
    return [
        ("failed", f"{row.scenario}, point {row.point}, replicate {row.replicate}: {row.error}")
        for row in failed.itertuples()
    ]
