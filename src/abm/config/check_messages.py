"""Checks of what a lever says: the topic of a campaign, what it claims, and announcements."""

from __future__ import annotations

from collections.abc import Iterator

from abm.config.finding import Finding
from abm.config.wording import did_you_mean, either, shown
from abm.config.yaml_source import KeyPath
from abm.declare import Lever


def check_message(use: dict[str, object], path: KeyPath, lever: Lever) -> Iterator[Finding]:
    """Check ``topic`` and ``claimed`` of one use of a lever."""
    topic = use.get("topic")
    if not lever.topics:
        for key in ("topic", "claimed"):
            if use.get(key) is not None:
                yield Finding((*path, key), f"'{lever.name}' has no message; leave '{key}' out", ((*path, "lever"),))
    elif topic is None:
        message = f"'{lever.name}' needs a 'topic': {either(lever.topics)}"
        yield Finding((*path, "topic") if "topic" in use else (*path, "lever"), message)
    elif isinstance(topic, str) and topic not in lever.topics:
        hint = did_you_mean(topic, lever.topics) or f"; there are {either(lever.topics, 'and')}"
        yield Finding((*path, "topic"), f"no topic '{shown(topic)}'{hint}", ((*path, "lever"),))


def check_signal(use: dict[str, object], path: KeyPath, lever: Lever) -> Iterator[Finding]:
    """Refuse an announcement of a campaign, and of what tells nobody anything about the odds."""
    if use.get("announced") is not None and not lever.signals:
        message = (
            f"an announcement of '{lever.name}' would do nothing: it tells nothing about what people believe; "
            "leave 'announced' out"
        )
        if lever.topics:
            message = "a campaign cannot be announced: it speaks while it is in force; leave 'announced' out"
        yield Finding((*path, "announced"), message, ((*path, "lever"),))
