"""Checks of triggers: an outcome that is there, one threshold, places that are watched."""

from __future__ import annotations

from collections.abc import Iterator

from abm.config.catalogue import Catalogue
from abm.config.check_places import Known, check_watched
from abm.config.finding import Finding
from abm.config.switches import asked_for, is_on
from abm.config.wording import did_you_mean, nearest, shown
from abm.config.yaml_source import KeyPath
from abm.declare import Outcome


def check_trigger(
    use: dict[str, object], path: KeyPath, raw: dict[str, object], catalogue: Catalogue, known: Known
) -> Iterator[Finding]:
    """Check ``when`` of the lever use at `path` of the configuration `raw`."""
    when, here = use.get("when"), (*path, "when")
    if not isinstance(when, dict):
        return
    if use.get("announced") is not None:
        message = "a lever with a trigger cannot be announced, as nobody knows when it fires; leave 'announced' out"
        yield Finding((*path, "announced"), message, (here,))
    yield from _check_threshold(when, here)
    outcome = catalogue.outcomes.get(when["outcome"]) if isinstance(when.get("outcome"), str) else None
    if outcome:
        yield from _check_outcome(outcome, here)
        yield from _check_recorded(outcome, here, raw, catalogue)
        if outcome.over != "district" and when.get("where") is not None:
            message = f"'{outcome.name}' is recorded for the whole country only; leave 'where' out"
            yield Finding((*here, "where"), message, ((*here, "outcome"),))
            return
    elif isinstance(when.get("outcome"), str):
        hint = did_you_mean(
            when["outcome"], [name for name, found in catalogue.outcomes.items() if _is_national(found)]
        )
        message = f"no outcome '{shown(when['outcome'])}'{hint}  (abm describe outcomes)"
        yield Finding((*here, "outcome"), message)
    yield from check_watched(when.get("where"), (*here, "where"), known)


def _check_threshold(when: dict[str, object], here: KeyPath) -> Iterator[Finding]:
    given = [key for key in ("above", "below") if when.get(key) is not None]
    if len(given) == 2:
        message = "either 'above' or 'below', not both; two levers can have a trigger each"
        yield Finding((*here, "below"), message, ((*here, "above"),))
    elif not given and not any(nearest(key, ("above", "below")) for key in when):
        yield Finding(here, "a trigger needs a threshold, 'above' or 'below'")


def _check_outcome(outcome: Outcome, here: KeyPath) -> Iterator[Finding]:
    if not _is_national(outcome):
        message = f"'{outcome.name}' is no outcome of the whole country or of districts, but by {outcome.over}"
        yield Finding((*here, "outcome"), message)


def _check_recorded(outcome: Outcome, here: KeyPath, raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    """Refuse an outcome of a mechanism that nobody asked for: it has no column.

    Where a mechanism on by default is switched off, others may still record its outcomes.
    """
    section = catalogue.recorder[outcome.name]
    if not catalogue.mechanisms[section].on_by_default and not is_on(raw, section, catalogue):
        message = f"nothing is recorded in '{outcome.name}': {asked_for((section,))}"
        yield Finding((*here, "outcome"), message, (("mechanisms", section, "enabled"),))


def _is_national(outcome: Outcome) -> bool:
    return outcome.over in ("district", "national")
