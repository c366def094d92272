"""Sources: where a value comes from, and of which of four kinds that is, by one rule."""

from __future__ import annotations

import re
from enum import StrEnum


class SourceKind(StrEnum):
    """Kind of source, by the first words of a declared source, see `kind_of`."""

    DATA = "data"
    LITERATURE = "literature"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


_OPENINGS = {
    SourceKind.ASSUMED: r"assumed\b",
    SourceKind.CALIBRATED: r"calibrated\b",
    SourceKind.DATA: r"(S_[A-Z0-9]|F\d)",
    SourceKind.LITERATURE: r"(paper\b|[A-Z][^:;]*\(\d{4}\))",
}
"""How sources of each kind begin."""


def kind_of(source: str) -> SourceKind:
    """Kind of a source, by its first words; what follows them is free text.

    ``assumed``: nobody's figure, whatever work suggested its size. ``calibrated``: set so that the model
    meets a figure. An id of ``sources.csv`` or of the list of facts (``S_JR_2018``, ``F35``): read from data.
    ``paper`` (the source paper) or an author with a year, ``Blanchflower and Oswald (1994)``: from the literature. A
    ValueError says that it begins otherwise.

    Examples
    --------
    >>> kind_of("assumed; Stark and Taylor (1991)").value, kind_of("Hamermesh (1993): elasticity of demand").value
    ('assumed', 'literature')
    """
    for kind, opening in _OPENINGS.items():
        if re.match(opening, source):
            return kind
    raise ValueError(
        f"the source {source!r} does not say of which kind it is; begin with 'assumed', 'calibrated', 'paper', an id "
        "such as S_JR_2018, or an author with a year, such as 'Deaton (1991)'"
    )
