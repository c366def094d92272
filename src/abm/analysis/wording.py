"""Numbers with their intervals as people write them: to the precision that the interval allows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from abm.declare import Outcome
from abm.engine.measures import A_MONTH, is_flow

MINUS = "−"
DIGITS = 4
"""Digits that a reader is shown at most of an estimate."""


def written(value: float, decimals: int) -> str:
    """Write a number with separators of thousands and a true minus; ``decimals`` may be negative; blank is a dash."""
    if not math.isfinite(value):
        return "–"
    rounded = round(value, decimals) + 0.0  # no -0
    return f"{rounded:,.{max(decimals, 0)}f}".replace("-", MINUS)


def decimals_for(half_width: float, value: float) -> int:
    """Decimals that show two digits of an interval's half-width, or three of a value without an interval."""
    if math.isfinite(half_width) and half_width > 0:
        size, digits = half_width, 2
    elif math.isfinite(value) and value:
        size, digits = abs(value), 3
    else:
        return 0
    return min(max(digits - 1 - math.floor(math.log10(size)), -9), 9)


def decimals_of(value: float, low: float, high: float) -> int:
    """Decimals for an estimate with an interval: those that the interval supports, and no more than four digits."""
    largest = max(abs(value), abs(low), abs(high)) if math.isfinite(high - low) else abs(value)
    most = DIGITS - 1 - math.floor(math.log10(largest)) if math.isfinite(largest) and largest else 0
    if math.isclose(low, value) and math.isclose(high, value):  # nothing varies but last bits: it is known exactly
        return 0 if math.isclose(value, round(value)) else max(most, 0)
    return min(decimals_for((high - low) / 2, value), most)


def estimate(value: float, low: float, high: float, *, unit: str = "") -> str:
    """Write an estimate with its interval, ``−12,300 [−15,100, −9,500]``; without one where there is none."""
    if not math.isfinite(value):
        return "–"
    decimals = decimals_of(value, low, high)
    text = written(value, decimals) + unit
    if math.isfinite(low) and math.isfinite(high):
        text += f" [{written(low, decimals)}, {written(high, decimals)}]"
    return text


def figure(value: float, digits: int = 3) -> str:
    """Write a number to three significant digits at least, whole where it is larger: 12,345 · 1.23 · 0.0123."""
    if not math.isfinite(value):
        return "–"
    if value == 0 or abs(value) >= 10 ** (digits - 1):
        return written(value, 0)
    return written(value, digits - 1 - math.floor(math.log10(abs(value))))


def percent(share: float, decimals: int | None = None) -> str:
    """Write a share in per cent: ``95 %``."""
    return f"{100 * share:g} %" if decimals is None else f"{100 * share:.{decimals}f} %"


def plain(name: str) -> str:
    """Name of an outcome in words."""
    return name.replace("_", " ")


def units(unit: str) -> str:
    """Unit of a number of several: ``persons``."""
    return f"{unit}s" if unit in COUNTED else unit


def unit_in_words(outcome: Outcome, per: str) -> str:
    """Unit of an outcome by step: ``persons a year``, ``PKR of 2017``, ``share``."""
    return f"{units(outcome.unit.removesuffix(A_MONTH))} {per}" if is_flow(outcome) else units(outcome.unit)


COUNTED = ("person", "household", "event", "case", "lead", "office", "attempt", "officer", "application", "house")
"""Units that take an s."""


def capital(text: str) -> str:
    """Begin with a capital."""
    return text[:1].upper() + text[1:]


NAMES = {
    "fee_basket": "Fee at an unchanged mix of routes",
    "fee_median": "Median fee",
    "cheated": "Travellers cheated",
    "europe_entries": "Entries into Europe",
    "aspiration_mean": "Aspiration",
    "europe_detected": "Detected entries into Europe",
    "sent_home": "Travellers sent home",
    "stranded": "Travellers stranded on the way",
    "repeat_attempts": "Trying to leave again after a return",
    "trafficked_domestic": "Trafficked within the country",
    "offices": "Offices in business",
    "arrests": "Owners and agents arrested",
}
"""Outcomes whose name would not be understood alone."""

ACRONYMS = {"Fia": "FIA", "Eu": "EU", "Uk": "UK", "Hhi": "HHI"}


def title_of(outcome: str) -> str:
    """Name of an outcome in words, with a capital."""
    text = NAMES.get(outcome) or capital(plain(outcome))
    first, *_ = text.split(" ")
    return ACRONYMS.get(first, first) + text.removeprefix(first)


def lowered(text: str) -> str:
    """A heading inside a sentence: names and acronyms keep their capitals."""
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def outcome_in_words(outcome: str) -> str:
    """The same inside a sentence."""
    return lowered(title_of(outcome))


Topic = Literal["runs", "differences", "indices"]


class Note(str):
    """What a reader must know, and what it concerns: which outcomes (all if none is named), and what is shown of them.

    What concerns the runs themselves concerns all that is made of them.
    """

    outcomes: tuple[str, ...]
    topic: Topic

    def __new__(cls, text: str, topic: Topic = "runs", outcomes: Iterable[str] = ()) -> Note:
        """Note a text."""
        note = super().__new__(cls, text)
        note.topic, note.outcomes = topic, tuple(outcomes)
        return note


def sentences(notes: Sequence[str], *topics: Topic, outcome: str = "") -> list[str]:
    """Notes that concern runs or the given topics, and the outcome if one is given, as sentences."""
    return [
        sentence(note)
        for note in notes
        if not isinstance(note, Note)
        or (note.topic in ("runs", *topics) and (not outcome or not note.outcomes or outcome in note.outcomes))
    ]


def sentence(note: str) -> str:
    """Make a note a sentence: a capital, unless it begins with a name and a colon or a quotation, and a full stop."""
    first = note.split(maxsplit=1)[0] if note else ""
    named = first.endswith(":") or not first[:1].isalpha()
    return f"{note if named else note[0].upper() + note[1:]}."
