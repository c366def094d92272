"""The server: Solara on the loopback address, without telemetry, with its scripts from the disk."""

from __future__ import annotations

import os
import warnings
import webbrowser
from collections.abc import Callable
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from threading import Timer

from abm.config import Config
from abm.engine.errors import AbmError

HOST = "127.0.0.1"

SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",  # nowhere: scripts come from solara-assets or not at all
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_MODE": "production",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_KERNEL_CULL_TIMEOUT": "30s",  # a closed tab leaves no models behind
}
"""Solara's settings, by the names of its environment."""


def serve(config: Config, port: int, say: Callable[[str], None], *, opens: bool = True) -> None:
    """Show a configuration until interrupted; an AbmError says that the port is in use."""
    with socket() as tried:
        tried.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            raise AbmError(f"port {port} is in use; give another with --port") from error
    os.environ |= SETTINGS
    import uvicorn
    from solara.server import app as apps
    from solara.server.starlette import app
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from abm.dashboard import page

    warnings.filterwarnings("ignore", message="Cookies with samesite")  # of pages inside other pages
    page.chosen = config
    apps.apps["__default__"] = apps.AppScript(page.__name__)
    address = f"http://{HOST}:{port}"
    say(f"{address}  (on this machine only; Ctrl+C ends it)")
    if opens:
        Timer(1.0, webbrowser.open, [address]).start()
    # other names are refused, so that no page of the web can reach it under a name of its own
    uvicorn.run(TrustedHostMiddleware(app, [HOST, "localhost"]), host=HOST, port=port, log_level="warning")
