"""Parts of an experiment's YAML, each read by its own set of fields, with findings in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.wording import described, did_you_mean, either, shown
from abm.config.yaml_source import KeyPath
from abm.declare import Params

__all__ = ["choose_part", "read_part"]


def choose_part[P: Params](
    kinds: Mapping[str, type[P]], key: str, noun: str, data: object, here: KeyPath
) -> tuple[P | None, list[Finding]]:
    """Read settings whose set of fields is named by one of them: ``method: lhs``, ``kind: slurm``."""
    if not isinstance(data, dict):
        return None, [
            Finding(here, f"expected settings, for example {{{key}: {next(iter(kinds))}}}; found {described(data)}")
        ]
    if key not in data:
        return None, [Finding(here, f"'{key}' is missing; expected {either(kinds)}")]
    name = data[key]
    if not isinstance(name, str) or name not in kinds:
        hint = did_you_mean(name, kinds) if isinstance(name, str) else ""
        what = f"no {noun} '{shown(name)}'" if isinstance(name, str) else f"expected a {noun}; found {described(name)}"
        return None, [Finding((*here, key), f"{what}{hint or f'; there are {either(kinds, "and")}'}")]
    return read_part(kinds[name], data, here)
