"""Events: what befalls the model on a date, declared beside the mechanism whose state it touches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A kind of event; name, text, source and systems are as of a lever."""

    name: str
    text: str
    # settings that a use has to give, and those that it may give besides, by their names in YAML
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # kinds of place that ``where`` may name; empty if it acts on no place
    lasts: bool = False  # whether it lasts, ``from`` a month ``until`` another; else it falls in a ``month``
    source: str = "by definition"
    systems: tuple[str, ...] = ()

    @property
    def dates(self) -> tuple[str, ...]:
        """Settings that date it."""
        return ("from", "until") if self.lasts else ("month",)

    @property
    def settings(self) -> tuple[str, ...]:
        """All settings that a use may give."""
        where = ("where",) if self.places and "where" not in self.needs else ()
        return ("event", "id", *self.dates, *where, *self.needs, *self.may)

    @property
    def required(self) -> tuple[str, ...]:
        """Settings that a use has to give."""
        return (self.dates[0], *self.needs)
