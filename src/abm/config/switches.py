"""Which mechanisms take part, by plain data; words for those that do not."""

from __future__ import annotations

from collections.abc import Sequence

from abm.config.catalogue import Catalogue
from abm.config.wording import either


def is_on(raw: dict[str, object], section: str, catalogue: Catalogue) -> bool:
    """Whether a mechanism takes part, by plain data of which any part may be malformed."""
    switches = raw.get("mechanisms")
    switch = switches.get(section) if isinstance(switches, dict) else None
    given = switch.get("enabled") if isinstance(switch, dict) else None
    if catalogue.mechanisms[section].on_by_default:
        return given is not False
    return given is True


def all_on(catalogue: Catalogue) -> dict[str, object]:
    """Settings under ``mechanisms`` that switch every one on."""
    return {section: {"enabled": True} for section in catalogue.mechanisms}


def told_off(names: Sequence[str]) -> str:
    """Name mechanisms with their verb: ``mechanism 'law' is``."""
    return f"mechanism {names[0]!r} is" if len(names) == 1 else f"mechanisms {either(names, 'and')} are"


def asked_for(names: Sequence[str]) -> str:
    """Say that mechanisms are off because nobody asked for them, and how to ask."""
    return f"{told_off(names)} switched off unless one asks for it; add {switching_on(names)}"


def switching_on(names: Sequence[str]) -> str:
    """Write the setting that switches one of these mechanisms on."""
    others = " or the like of another" if len(names) > 1 else ""
    return f"'mechanisms: {{{names[0]}: {{enabled: true}}}}'{others}"
