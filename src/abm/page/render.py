"""From the parts of a page to one HTML file that holds everything, scripts included."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.engine.version import __version__
from abm.page.looks import CONFIG
from abm.page.maps import DISTRICTS, shapes
from abm.page.parts import Chart, Page

if TYPE_CHECKING:
    from markupsafe import Markup

APART = frozenset(
    {"past-performance", "differences", "levels", "districts", "sensitivity", "parameters", "provenance", "market"}
)
"""Sections that begin on a sheet of their own when the page is printed."""

SHAPE_PATHS = {
    "circle": "M4,0A4,4 0 1 1 -4,0A4,4 0 1 1 4,0Z",
    "square": "M-3.6,-3.6H3.6V3.6H-3.6Z",
    "triangle-up": "M0,-4.6L4.6,3.6H-4.6Z",
    "triangle-down": "M0,4.6L4.6,-3.6H-4.6Z",
    "triangle-right": "M4.6,0L-3.6,4.6V-4.6Z",
    "triangle-left": "M-4.6,0L3.6,4.6V-4.6Z",
    "diamond": "M0,-5L5,0L0,5L-5,0Z",
    "cross": "M-1.6,-4.8H1.6V-1.6H4.8V1.6H1.6V4.8H-1.6V1.6H-4.8V-1.6H-1.6Z",
}
"""Outlines of the shapes of points, for legends."""


def render(page: Page) -> str:
    """Write a page as HTML."""
    from jinja2 import Environment, StrictUndefined

    blocks = [block for section in page.sections for block in section.blocks]
    names = {id(block): f"block-{place}" for place, block in enumerate(blocks, 1)}
    specs = {names[id(block)]: block.spec for block in blocks if isinstance(block, Chart)}
    written = json.dumps(specs, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["cell"] = cell
    return environment.from_string(_file("template.html")).render(
        page=page,
        apart=APART,
        version=__version__,
        kind_of=lambda block: type(block).__name__,
        name_of=lambda block: names[id(block)],
        shape_paths=SHAPE_PATHS,
        css=_file("page.css"),
        js=_file("page.js"),
        config=_in_script(json.dumps(CONFIG, separators=(",", ":"))),
        shapes=_in_script(_shapes_for(written)),
        charts=_in_script(written),
        bundle=bundle(),
    )


@cache
def bundle() -> str:
    """Vega, Vega-Lite and vega-embed in one script, from the package that Altair saves charts with."""
    import altair
    import vl_convert

    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    make: Any = vl_convert.javascript_bundle  # its types ask for a snippet, which is for scripts of one's own
    script = str(make(vl_version=version))
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


INTERVAL = re.compile(r"(.+?) (\[[^\]]+\])( \S+)?")
MONTH = re.compile(r"\b\d{4}-\d{2}\b")
CHECKSUM = re.compile(r"([0-9a-f]{32})(?=[0-9a-f])")
CODE = re.compile(r"(?<=[a-z])([._])(?=[a-z])")


def cell(text: str) -> Markup:
    """Write a cell so that it breaks where it may: before an interval, and in names of code, but not in dates."""
    from markupsafe import Markup, escape

    if found := INTERVAL.fullmatch(text):
        kept = [f"<span class='whole'>{escape(part.strip())}</span>" for part in found.groups() if part]
        return Markup(" ".join(kept))
    safe = CHECKSUM.sub(r"\1<wbr>", CODE.sub(r"\1<wbr>", str(escape(text))))
    return Markup(MONTH.sub(r"<span class='whole'>\g<0></span>", safe))


def _shapes_for(charts: str) -> str:
    """Outlines of the maps, where there are any."""
    if f'"name":"{DISTRICTS}"' not in charts:
        return "{}"
    wanted = {name: rows for name, rows in shapes().items() if f'"name":"{name}"' in charts}
    return json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)


def _in_script(text: str) -> str:
    """Text that may stand inside a script of a page: nothing in it ends the script."""
    return text.replace("<", "\\u003c")


def _file(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
