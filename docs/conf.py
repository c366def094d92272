"""Settings of the documentation as a site: `make docs` builds it in build/docs. It is read without a network."""

from __future__ import annotations

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from abm import __version__

project = "Migration and smuggling markets"
author = "The ABM authors"
version = release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["README.md"]  # it is the text of index.md
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "abm: migration and smuggling markets"
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = False


def setup(app: Sphinx) -> None:
    """Draw equations as MathML, which browsers know without a script, and keep links within the site."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("source-read", _keep_within)


def _keep_within(app: Sphinx, page: str, source: list[str]) -> None:
    """Write links that leave the folder of the documentation as text, and lead those to its README to the index."""
    up = "../" * (page.count("/") + 1)
    text = re.sub(rf"\[([^\]]+)\]\({re.escape(up)}[^)\s]*\)", r"\1", source[0])
    source[0] = text.replace(f"({up[3:]}README.md", f"({up[3:]}index.md")


def _inline(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
