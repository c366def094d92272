"""Words for messages: the nearest right name, lists of names, what was found.

The nearest name is not that of `difflib.get_close_matches`, which would not find ``legal_quota`` for ``quota``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeGuard

from abm.config.yaml_source import EXACT_WHOLE

RENAMED: dict[str, str] = {
    "blindness_price": "protection_price",
    "care_cost": "quality_cost",
    "care_effect": "quality_effect",
    "entry_anywhere": "speculative_entry",
    "finding_ceiling": "job_finding_ceiling",
    "held_word": "wronged_word",
    "giving_up": "lean_exit",
    "name_memory": "reputation_memory",
    "name_prior": "reputation_prior",
    "passage_alone": "cost_alone",
    "printed_workers": "stated_workers",
    "pushed_back": "sent_home",
    "pushed_back_fading": "sent_home_fading",
    "repeat_tries": "further_attempts",
    "restless": "recent_returnees",
    "risked_cost": "irregular_cost_factor",
    "route_word": "route_reputation_speed",
    "usual_name": "usual_reputation",
    "want_months": "need_months",
}
"""Old name -> new name of parameters and outcomes; none of the old ones means anything else."""

CLOSE_BY_LETTERS = 0.85  # similarity from which a name is one misspelt, and not another that shares a word
CLOSE = 0.7  # similarity from which a name is worth suggesting
BEGINNING = 0.9  # similarity granted to a name of which the user wrote only the beginning, of three letters at least
PART = 0.8  # similarity from which a word is taken for a part, between underscores, of a name
SHORTEST_PART = 4  # letters of a word that may be such a part
SEARCHED = ("levers", "outcomes", "parameters")  # topics of which a word finds more than a name
SHORTEST_NAME = 3  # letters of a name that others may hold
MOST_MEANT = 3  # names that a message suggests at most
LONGEST_NAME = 100  # characters of a text that may be a name misspelt
LONGEST_SHOWN = 40  # characters of a user's text that a message repeats


def nearest(name: str, known: Iterable[str], *, cutoff: float = CLOSE, parts: bool = True) -> str | None:
    """Find the known name most like `name`, or None; case, blanks and hyphens do not count.

    With `parts` a name also counts that has `name`, or nearly so, between underscores.
    """
    return _nearest(_plain(name), tuple(known), cutoff, parts) if len(name) <= LONGEST_NAME else None


@lru_cache(maxsize=1000)
def _nearest(wanted: str, known: tuple[str, ...], cutoff: float, parts: bool) -> str | None:
    best, best_ratio = None, (0.0, 0.0)
    for candidate in known:
        plain = _plain(candidate)
        granted = BEGINNING * _likeness_of_part(wanted, plain) if parts else 0.0
        if len(wanted) >= 3 and plain.startswith(wanted):
            granted = BEGINNING
        whole = _likeness(wanted, plain, 0.0 if granted else cutoff)
        ratio = max(whole, granted)
        if ratio >= cutoff and (ratio, whole) > best_ratio:
            best, best_ratio = candidate, (ratio, whole)
    return best


def _likeness(one: str, other: str, at_least: float) -> float:
    """Similarity of two words; 0 where it is less than asked for, which is found out sooner."""
    matcher = SequenceMatcher(None, one, other)
    if matcher.real_quick_ratio() < at_least or matcher.quick_ratio() < at_least:
        return 0.0
    return matcher.ratio()


def _likeness_of_part(word: str, candidate: str) -> float:
    """Similarity of one word to the most like part of a name between underscores; 0 if none is nearly it."""
    if len(word) < SHORTEST_PART or "_" in word:
        return 0.0
    best = max(_likeness(word, part, PART) for part in candidate.split("_"))
    return best if best >= PART else 0.0


def with_word(name: str, known: Iterable[str]) -> list[str]:
    """Known names that hold a name as whole words, in the singular or plural, in their own order."""
    if len(name) < SHORTEST_NAME or len(name) > LONGEST_NAME:
        return []
    wanted = _words(name)
    return [one for one in known if wanted in _words(one)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Word the suggestion, ``"; did you mean 'labour'?"``, the new name of an old one, or nothing.

    The last part of one path alone means that path. Names that hold the word come before those spelt like it.
    """
    known = tuple(known)
    if RENAMED.get(name) in known:
        return f"; it is '{RENAMED[name]}' now"
    paths = [path for path in known if path.endswith(f".{name}")]
    if len(paths) == 1:
        return f"; did you mean '{paths[0]}'?"
    holding = with_word(name, known)
    near = nearest(name, known, parts=not holding)
    found = [near] if near and near not in holding else []
    about = with_word(name.partition("_")[0], known)
    if near and not holding and near not in about and _likeness(_plain(name), _plain(near), 0.0) < CLOSE_BY_LETTERS:
        # what it is about stands first: border_enforcement is nearer to a patrol of borders than of work places
        found, holding = about[: MOST_MEANT - 1], found
    return f"; did you mean {either([*found, *holding][:MOST_MEANT])}?" if found or holding else ""


def no_such(
    thing: str, name: str, known: Iterable[str], *, hint: str = "", otherwise: str = "", topic: str = ""
) -> str:
    """Say that there is no thing of this name.

    `hint` stands instead of the nearest known name, `otherwise` where none is near; `topic` of ``abm describe`` lists
    all.
    """
    found = hint or did_you_mean(name, known) or otherwise
    return f"no {thing} '{shown(name)}'{found}{listing_of(topic, '' if found else name)}"


def listing_of(topic: str, name: str = "") -> str:
    """Point to what lists a topic of ``abm describe``; with a name that nothing is like, to a search for its last word.

    The search is through all topics. Where a name is one of a place, the whole list helps more.
    """
    word = name.replace(".", "_").rpartition("_")[2]
    if topic in SEARCHED and word.isalpha() and len(word) <= LONGEST_SHOWN:
        return f"  (abm describe --search {word})"  # an amnesty is no lever, but an event
    return f"  (abm describe {topic})" if topic else ""


def either(names: Iterable[str], word: str = "or") -> str:
    """List names in words: ``'a', 'b' or 'c'``."""
    return listed((f"'{name}'" for name in names), word)


def listed(names: Iterable[str], word: str = "and") -> str:
    """List names in words, as they are: ``a, b and c``; nothing for none."""
    found = list(names)
    return f"{', '.join(found[:-1])} {word} {found[-1]}" if len(found) > 1 else "".join(found)


def counted(count: int, word: str) -> str:
    """Write a count with its word: ``1 lever``, ``2 levers``."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def shown(text: str) -> str:
    """Text of a user fit for one line of a message: control characters escaped, long text cut."""
    visible = text
    if not text.isprintable():
        visible = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return visible if len(visible) <= LONGEST_SHOWN else f"{visible[: LONGEST_SHOWN - 1]}…"


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number; a truth value, which Python counts as one, is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def described(value: object) -> str:
    """Say what a value is: ``the number 3``, ``the text 'on'``, ``nothing``, ``a list``."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else str(value).lower()
    if isinstance(value, int | float):
        if math.isnan(value):
            return "not a number (.nan)"
        return f"the number {number(value)}" if math.isfinite(value) else "an infinite number"
    if isinstance(value, str):
        return f"the text '{shown(value)}'"
    if isinstance(value, list | tuple) and not value:
        return "an empty list"
    kinds: dict[type, str] = {dict: "settings (keys and values)", list: "a list", tuple: "a list"}
    return kinds.get(type(value), f"a value of type {type(value).__name__}")


def number(value: float) -> str:
    """Write a number in full, without ``.0``: rounding would make 0.3000001 look like a bound of 0.3."""
    whole = math.isfinite(value) and value == int(value) and abs(value) < EXACT_WHOLE
    return str(int(value)) if whole else str(value)


def ranged(low: float, high: float, unit: str = "", *, whole: bool = False) -> str:
    """Say which numbers may stand somewhere: ``a number from 0 to 0.06 (1/year)``."""
    return f"a {'whole ' * whole}number from {number(low)} to {number(high)}{unit and f' ({unit})'}"


def _words(name: str) -> str:
    """Words of a name without the ``s`` of a plural, each between underscores."""
    return f"_{'_'.join(word.removesuffix('s') for word in _plain(name).split('_'))}_"


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def are_off(names: Sequence[str]) -> str:
    """Say that mechanisms are switched off: ``mechanism 'law' is switched off``."""
    one = len(names) == 1
    return f"{f'mechanism {names[0]!r} is' if one else f'mechanisms {either(names, "and")} are'} switched off"


def switch_on(names: Sequence[str]) -> str:
    """Write the setting that switches one of these mechanisms on."""
    others = " or the like of another" if len(names) > 1 else ""
    return f"'mechanisms: {{{names[0]}: {{enabled: true}}}}'{others}"


def on_request(names: Sequence[str]) -> str:
    """Say that mechanisms are off because nobody asked for them, and how to ask."""
    return f"{are_off(names)} unless one asks for it; add {switch_on(names)}"
