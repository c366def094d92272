"""Names and numbers in words, as a reader who does not know the code expects them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from abm.analysis.wording import lowered, title_of

_LABELS: ContextVar[Mapping[str, str]] = ContextVar("labels", default=MappingProxyType({}))


@contextmanager
def labelled(labels: Mapping[str, str]) -> Iterator[None]:
    """Call scenarios and uses of levers of the page that is made by the labels of its study."""
    before = _LABELS.set(labels)
    try:
        yield
    finally:
        _LABELS.reset(before)


def headed(name: str) -> str:
    """Name of an outcome, lever or scenario, with a capital; its label, if the study gives one."""
    return _LABELS.get().get(name) or title_of(name)


def said(name: str) -> str:
    """The same inside a sentence."""
    return lowered(headed(name))


def prose(text: str) -> str:
    """Text of a declaration without the marks of code."""
    return " ".join(text.replace("`", "").split())
