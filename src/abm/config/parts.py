"""A part of a YAML file, read by its own set of fields, with findings in plain words."""

from __future__ import annotations

from pydantic import ValidationError

from abm.config.explain import explain
from abm.config.finding import Finding
from abm.config.wording import told
from abm.config.yaml_source import KeyPath
from abm.declare import Params
from abm.engine.entry import freeze


def read_part[P: Params](kind: type[P], data: object, here: KeyPath) -> tuple[P | None, list[Finding]]:
    """Read plain data that stand at `here` as one set of fields; None and findings if they are not."""
    if not isinstance(data, dict):
        return None, [Finding(here, f"expected settings (key: value); found {told(data)}")]
    try:
        return kind.model_validate(freeze(data)), []
    except ValidationError as error:
        return None, [Finding((*here, *found.path), found.message) for found in explain(error, kind, data)]
