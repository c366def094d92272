"""Parameters: declared once, beside the mechanism that uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from abm.declare.source import kind_of

Target = Literal["district", "destination", "leg", "jurisdiction", "national"]
"""Kinds of place that policy acts on; jurisdictions are districts and then legs."""


class Params(BaseModel):
    """Base of every mechanism's parameter section: frozen, strict, no unknown names.

    The docstring below a field is its description.
    """

    section: ClassVar[str] = ""  # name of the section in YAML, set by the mechanism that has these parameters

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        validate_default=True,
        allow_inf_nan=False,
    )


def param(
    default: float | int,
    *,
    unit: str,
    bounds: tuple[float, float],
    source: str,
    systems: tuple[str, ...] = (),
    prior: str | None = None,
    over: Target = "national",
    at_start: bool = False,
) -> Any:
    """Declare a numeric parameter.

    Parameters
    ----------
    default, bounds
        Value used when the YAML is silent; smallest and largest value accepted, also the range of a sweep.
    unit, systems
        In words, ``"1/month"``, ``"PKR of 2017"``, ``"share"``; systems of the source paper, ``("S3",)``.
    source
        Its first words say of which kind it is, see `abm.declare.source.kind_of`.
    prior
        Of a calibration, by default uniform over `bounds`.
    over
        Places for which its mechanism reads it, with ``world.now``, so that a lever may move it there alone.
    at_start
        Whether it is read at the start of a run only, so that no event may change it later.
    """
    low, high = bounds
    kind_of(source)  # refuses what is of no kind
    extra: dict[str, JsonValue] = {
        "unit": unit,
        "bounds": [low, high],
        "source": source,
        "systems": list(systems),
        "prior": prior or f"uniform({low:g}, {high:g})",
        "over": over,
        "at_start": at_start,
    }
    return Field(default, ge=low, le=high, json_schema_extra=extra)


def expected(text: str, default: Any = ..., **rules: Any) -> Any:
    """Declare a field with the words in which an error says what was expected."""
    return Field(default, json_schema_extra={"expected": text}, **rules)


@dataclass(frozen=True)
class ParamFacts:
    """Everything declared about one parameter."""

    path: str
    default: float | int
    unit: str
    low: float
    high: float
    prior: str
    source: str
    systems: tuple[str, ...]
    text: str
    kind: type
    at_start: bool


def facts_of(params: type[Params], section: str) -> list[ParamFacts]:
    """List the declared facts of a parameter section, in order of declaration."""
    found = []
    for name, field in params.model_fields.items():
        extra = field.json_schema_extra
        if not isinstance(extra, dict) or "unit" not in extra:
            continue
        facts: dict[str, Any] = extra
        low, high = facts["bounds"]
        text, kind = " ".join((field.description or "").split()), int if field.annotation is int else float
        found.append(
            ParamFacts(
                f"{section}.{name}", field.default, facts["unit"], low, high, facts["prior"], facts["source"],
                tuple(facts["systems"]), text, kind, facts["at_start"],
            )
        )  # fmt: skip
    return found
