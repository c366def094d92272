"""JSON Schema of an experiment, for editors: scenarios, factors with their bounds, designs, engines."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from abm.config.wording import number
from abm.declare import ParamFacts, Params, facts_of
from abm.experiments.engine_settings import ENGINES
from abm.experiments.scenarios import ADD_LEVERS, ALL_ALIKE, NOT_HERE
from abm.experiments.settings import (
    DESIGNS,
    MOST_REPLICATES,
    ExperimentSettings,
    FactorSettings,
    SequentialReplicates,
    Window,
)
from abm.month import MONTH, OUTCOMES
from abm.report.schema import DIALECT, MONTH_PATTERN, Schema, config_schema, plain_schema
from abm.society.synthesis import PopulationParams

EXPERIMENT_FILE = "experiment.schema.json"

ELSEWHERE = r"^(levers|places|budget)\."
"""Factors that no list of names can hold: fields of levers by id, facts of places, the budget."""


def experiment_schema() -> Schema:
    """Build the schema of an experiment from its settings, the declarations, and the schema of a configuration."""
    config = config_schema()
    definitions: Schema = config["$defs"]
    schema = plain_schema(ExperimentSettings)
    parts: Mapping[str, type[Params]] = {
        **{f"Design_{name}": found for name, found in DESIGNS.items()},
        **{f"Engine_{name}": found for name, found in ENGINES.items()},
        "FactorSettings": FactorSettings,
        "SequentialReplicates": SequentialReplicates,
        "Window": Window,
    }
    for name, kind in parts.items():
        part = plain_schema(kind)
        definitions.update(part.pop("$defs", {}))
        definitions[name] = part
    _name_kind(definitions, "Design", DESIGNS, "method", required=tuple(DESIGNS))
    _name_kind(definitions, "Engine", ENGINES, "kind", required=("dask", "slurm"))
    outcome = _outcome()
    definitions["Until"]["properties"]["outcome"] = outcome
    definitions["Until"]["properties"]["half_width"]["anyOf"] = [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*%\s*$"},
    ]
    for month in definitions["Window"]["properties"].values():
        month["anyOf"][0]["pattern"] = MONTH_PATTERN
    fields = schema["properties"]
    fields["set"].update(_changes(config, refused=tuple(NOT_HERE)))
    scenario = _changes(config, refused=(*NOT_HERE, *ALL_ALIKE))
    scenario["properties"][ADD_LEVERS] = copy.deepcopy(config["properties"]["levers"])
    definitions["Scenario"] = scenario
    fields["scenarios"].update(additionalProperties={"$ref": "#/$defs/Scenario"}, minProperties=1)
    (pattern,) = fields["scenarios"].pop("patternProperties")
    fields["scenarios"]["propertyNames"]["pattern"] = pattern
    fields["design"]["anyOf"] = [{"type": "null"}, *({"$ref": f"#/$defs/Design_{name}"} for name in DESIGNS)]
    fields["factors"] = fields["factors"] | _factors()
    fields["replicates"]["anyOf"] = [
        {"type": "integer", "minimum": 1, "maximum": MOST_REPLICATES},
        {"$ref": "#/$defs/SequentialReplicates"},
    ]
    fields["outcomes"].update(items=outcome, uniqueItems=True)
    fields["window"]["anyOf"] = [{"type": "null"}, {"$ref": "#/$defs/Window"}]
    fields["engine"] = _described(fields["engine"], [{"$ref": f"#/$defs/Engine_{name}"} for name in ENGINES])
    found = {"$schema": DIALECT, "title": "abm experiment", **schema}
    return found | {"$defs": definitions}


def _described(field: Schema, kinds: list[Schema]) -> Schema:
    return {"description": field["description"], "anyOf": kinds}


def _name_kind(
    definitions: Schema, group: str, kinds: Mapping[str, type[Params]], key: str, *, required: tuple[str, ...]
) -> None:
    """Demand the key that names the kind, so that exactly one of the kinds fits."""
    for name in kinds:
        part = definitions[f"{group}_{name}"]
        part["properties"][key].pop("default", None)
        part["properties"][key]["const"] = name
        if name in required:
            part["required"] = [*part.get("required", ()), key]


def _outcome() -> Schema:
    national = [name for name, found in OUTCOMES.items() if found.over in ("district", "national")]
    return {"anyOf": [{"enum": national}, {"type": "string", "pattern": "^(cost_|in_force_|budget_)"}]}


def _changes(config: Schema, *, refused: tuple[str, ...]) -> Schema:
    """Schema of changes of a configuration: sections, or paths with dots."""
    fields = {name: copy.deepcopy(field) for name, field in config["properties"].items() if name not in refused}
    fields["levers"] = {
        "description": "Levers in use, instead of those of the base; or changes of some by id.",
        "anyOf": [config["properties"]["levers"], {"type": "object"}],
    }
    for field in fields.values():
        field.pop("default", None)
    return {
        "type": "object",
        "properties": fields,
        "patternProperties": {r"^[a-z_]+[.\[]": {}},
        "additionalProperties": False,
    }


def _factors() -> Schema:
    declared = [facts for mechanism in MONTH for facts in facts_of(mechanism.Params, mechanism.section)]
    declared += facts_of(PopulationParams, "population")
    return {
        "type": "object",
        "properties": {facts.path: _factor(facts) for facts in declared},
        "patternProperties": {ELSEWHERE: {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/FactorSettings"}]}},
        "additionalProperties": False,
    }


def _factor(facts: ParamFacts) -> Schema:
    bounds = {"minimum": facts.low, "maximum": facts.high}
    unit = f"{facts.unit}; {number(facts.low)} to {number(facts.high)}; {number(facts.default)} if it is no factor"
    return {
        "description": f"{facts.text} [{unit}]",
        "anyOf": [{"type": "null"}, {"$ref": "#/$defs/FactorSettings"}],
        "properties": {"low": bounds, "high": bounds, "centre": bounds, "values": {"items": bounds}},
    }
