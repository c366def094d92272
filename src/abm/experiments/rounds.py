"""Plans of a study, one after the other: one with a fixed number of replicates, several until a difference is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from abm.engine.errors import AbmError
from abm.experiments.intervals import Precision
from abm.experiments.plan import Plan
from abm.experiments.share import Share
from abm.experiments.spec import Experiment

Judge = Callable[[Plan], Precision]
"""Looks at the runs of a plan and says how many replicates are wanted."""

Say = Callable[[str], None]


def rounds_of(experiment: Experiment, share: Share, judge: Judge, say: Say) -> Iterator[Plan]:
    """Give the plans of a study; each is asked for when the runs of the one before are settled.

    Parameters
    ----------
    experiment
        The study.
    share
        Share of it that is made here.
    judge
        Asked after each round of a study that replicates until a difference is known.
    say
        Told what the judge found.

    Raises
    ------
    AbmError
        If a share is asked of a study whose number of runs depends on their results.
    """
    if experiment.replicates.until is None:
        yield Plan(experiment)
        return
    if not share.is_whole:
        raise AbmError(
            f"--shard {share}: study '{experiment.name}' replicates until a difference is known, and no share can tell "
            "from its own runs; give a number of replicates, or use an engine with many workers"
        )
    wanted = experiment.replicates.at_least
    while True:
        plan = Plan(experiment, wanted)
        yield plan
        found = judge(plan)
        say(describe(found, experiment))
        if found.is_done:
            return
        wanted = found.wanted


def describe(found: Precision, experiment: Experiment) -> str:
    """Say in a sentence what replicates have shown."""
    rule = experiment.replicates.until
    assert rule is not None
    failed = f" ({found.failed} with failed runs)" if found.failed else ""
    so_far = f"{found.replicates} replicates{failed}: {rule.outcome} differs from the reference within ±"
    so_far += f"{found.half_width:.4g} at {100 * rule.confidence:g} %"
    if not found.is_done:
        return f"{so_far}; going on to {found.wanted}"
    asked = f"{100 * rule.half_width:g} %" if rule.relative else f"{rule.half_width:g}"
    if found.reached:
        return f"{so_far}, as was asked (±{asked})"
    return f"{so_far}, not yet ±{asked}; no more than {experiment.replicates.at_most} replicates were allowed"
