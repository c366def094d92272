"""``abm dashboard``."""

from __future__ import annotations

from typing import Annotated

import typer

from abm.cli.options import Scale, Seed
from abm.cli.terminal import say


def dashboard(
    config: Annotated[str | None, typer.Argument(metavar="CONFIG", help="YAML file; by default the baseline.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting. May be repeated.")
    ] = None,
    seed: Seed = None,
    scale: Scale = None,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on this machine.")] = 8765,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser or not.")] = True,
) -> None:
    """Watch the model run in the browser, and move levers as it does.

    Beside it runs the twin of the same seed. Only this machine can reach the page. Needs the extra `viz`. Example:

    abm dashboard configs/baseline.yaml --scale 0.002
    """
    from abm.experiments.doctor import require_extra

    require_extra("viz")
    from abm.cli.run import COMPILES
    from abm.config import load_config
    from abm.dashboard.serve import serve
    from abm.engine.kernel_cache import are_shipped
    from abm.experiments.warm import ensure_compiled, was_compiled
    from abm.places.data_files import data_file

    shipped = data_file("project/configs/baseline.yaml")
    checked = load_config(config or str(shipped), changes or (), seed=seed, scale=scale)
    if not was_compiled() and not are_shipped():
        say(COMPILES)
    ensure_compiled(checked, or_shipped=True)
    serve(checked, port, say, opens=browser)
