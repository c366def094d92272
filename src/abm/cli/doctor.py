"""``abm doctor``."""

from __future__ import annotations

import typer

from abm.cli.run import COMPILES
from abm.cli.terminal import USER_ERROR, say, show_pairs


def doctor() -> None:
    """Check whether abm can work here.

    Python and libraries, processors and memory, the cache of compiled kernels, extras with the command that installs
    them, and a month of a run. It ends with 2 if something is wrong.
    """
    from abm.experiments.doctor import examine
    from abm.experiments.warm import was_compiled

    problems = []
    for found in examine():
        if found.label == "kernels" and not found.problem and not was_compiled():
            say(COMPILES)
        show_pairs([(found.label.ljust(11), found.text)])
        problems += [found.label] if found.problem else []
    if problems:
        say(f"abm cannot work here: see {', '.join(problems)}")
        raise typer.Exit(USER_ERROR)
