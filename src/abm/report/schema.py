"""JSON Schemas of configurations, packages and experiments: completion, descriptions, bounds and names as one types."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from abm.config import Config
from abm.config.names import KINDS, REGIONS, load_names
from abm.config.packages import PackageSettings, shipped_packages
from abm.config.posterior import CENTRE
from abm.config.wording import number
from abm.declare import Event, Lever, Params
from abm.enforcement import REGIME
from abm.engine.entry import KEY_PATTERN, Section
from abm.experiments.check import national_outcomes
from abm.experiments.engine_settings import ENGINES
from abm.experiments.factors import declared_parameters
from abm.experiments.scenarios import ADDED, ALL_ALIKE, LABEL, LONGEST_LABEL, NOT_HERE
from abm.experiments.settings import (
    DESIGNS,
    MOST_REPLICATES,
    DrawSettings,
    ExperimentSettings,
    FactorSettings,
    SequentialReplicates,
    Window,
)
from abm.month import EVENTS, LEVERS
from abm.places.drivers import INDICATORS, Indicator
from abm.places.places import INNER, PLACES
from abm.streams import EXPLOITATION

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MONTH_PATTERN = r"^\d{4}-(0[1-9]|1[0-2])$"

ELSEWHERE = r"^(levers|places|budget)\."
"""Factors that no list of names can hold: fields of levers by id, facts of places, the budget."""

ADDED_BY_YAML = ("destination", "leg", "route")
"""Kinds of place that section ``places`` may add to: an editor offers the shipped names and accepts others."""

PER_CENT_PATTERN = r"^\s*[+-]?\s*[0-9]+(\.[0-9]+)?\s*%\s*$"  # a share in per cent, ``20 %``
PATH_PATTERN = r"/|\.ya?ml$"  # paths of packages, as distinct from names

Schema = dict[str, Any]


def config_schema() -> Schema:
    """Build the schema of a configuration from the declarations."""
    schema = plain_schema(Config)
    definitions: Schema = schema["$defs"]
    for name in ("start", "end"):
        _demand_month(schema["properties"][name])
    definitions["Where"] = _where()
    names = list(load_names().province_of)
    region = definitions["PopulationParams"]["properties"]["region"]
    region.pop("type", None)
    region["anyOf"] = [{"enum": [*REGIONS, *names]}, {"type": "array", "items": {"enum": names}, "minItems": 1}]
    _detail_places(definitions)
    _detail_levers(definitions["LeverUse"])
    _detail_events(definitions["EventUse"])
    _detail_trigger(definitions["When"])
    _detail_packages(definitions["PackageUse"], schema["properties"]["packages"])
    _detail_drivers(definitions["DriversParams"], schema["properties"])
    definitions["PosteriorUse"]["properties"]["draw"]["anyOf"] = [{"type": "integer", "minimum": 0}, {"const": CENTRE}]
    return {"$schema": DIALECT, "title": "abm configuration", **schema}


def package_schema() -> Schema:
    """Build the schema of the file of a package: its head, and levers as in a configuration."""
    config = config_schema()
    schema = plain_schema(PackageSettings)
    schema["properties"]["levers"]["items"] = {"$ref": "#/$defs/LeverUse"}
    wanted = ("LeverUse", "When", "Where", "Pulse")
    definitions = {name: found for name, found in config["$defs"].items() if name in wanted}
    return {"$schema": DIALECT, **schema, "title": "abm package of levers", "$defs": definitions}


def as_text(schema: Schema) -> str:
    """Write a schema as it is committed and compared."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def plain_schema(kind: type[BaseModel]) -> Schema:
    """Have Pydantic write the schema of a set of fields, and make it fit for editors."""
    schema = kind.model_json_schema(by_alias=True)
    _tidy(schema)
    return schema


def _tidy(part: Any) -> None:
    """Put unit, bounds and source into descriptions, which editors show; drop what repeats names or is for messages."""
    if isinstance(part, dict):
        for key in ("title", "expected", "optional", "otherwise", "over", "at_start"):
            if not isinstance(part.get(key), dict):  # or it is a field of this name
                part.pop(key, None)
        bounds = part.pop("bounds", None)
        if "unit" in part and bounds:
            source = [f"source: {part['source']}"] if "source" in part else []
            part["description"] = _with_facts(
                part.get("description", ""), part["unit"], _span(*bounds), *source
            ).strip()
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _tidy(inner)


def _detail_places(definitions: Schema) -> None:
    """Offer the shipped names in sections of entries; what is optional in an entry may be left out, no more."""
    sections: tuple[Section[Any], ...] = (PLACES, REGIME, EXPLOITATION)
    for section in sections:
        for part, field in definitions[section.settings.__name__]["properties"].items():
            (entry,) = field["patternProperties"].values()
            field.update(properties=dict.fromkeys(section.shipped[part], entry), additionalProperties=False)
    for kind_of_entry in (*(kind for section in sections for kind in section.kinds.values()), *INNER):
        for field in definitions[kind_of_entry.__name__]["properties"].values():
            field.pop("default")


def _where(kinds: Sequence[str] = ("unit", "province", "destination", "leg", "route")) -> Schema:
    """Schema of ``where`` for the kinds of place that it may name."""
    names = load_names()
    forms: list[Schema] = [{"type": "null"}]
    for kind in kinds:
        known: Schema = {"enum": list(names.of[kind])}  # type: ignore[index]
        if kind in ADDED_BY_YAML:
            known = {"anyOf": [known, {"type": "string", "pattern": KEY_PATTERN}]}
        several = {"type": "array", "items": known, "minItems": 1, "uniqueItems": True}
        forms.append(_closed({kind: {"anyOf": [known, several]}}, required=[kind]))
        if kind == "unit":
            forms.append(several)
    return {"description": "Places that the lever acts on; everywhere if left out.", "anyOf": forms}


def _detail_levers(use: Schema) -> None:
    """Bind ``value`` and ``where`` to the lever that is named."""
    fields = use["properties"]
    fields["lever"].update(enum=list(LEVERS), enumDescriptions=[lever.text for lever in LEVERS.values()])
    fields["where"] = {"$ref": "#/$defs/Where"}
    fields["value"]["anyOf"] = [{"type": fields["value"].pop("type")}, {"type": "string", "pattern": PER_CENT_PATTERN}]
    for name in ("from", "until", "announced"):
        _demand_month(fields[name])
    use["required"] = [name for name in use["required"] if name != "id"]
    use["anyOf"] = [_given("from", "string"), _given("when", "object")]
    use["allOf"] = [_if_named("lever", name, _of_lever(lever)) for name, lever in LEVERS.items()]


def _detail_events(use: Schema) -> None:
    """Bind settings, dates and places to the kind of event that is named."""
    fields = use["properties"]
    fields["event"].update(enum=list(EVENTS), enumDescriptions=[event.text for event in EVENTS.values()])
    fields["where"] = {"description": fields["where"]["description"]}
    fields["way"] = _where(("leg", "route")) | {"description": fields["way"]["description"]}
    for name in ("month", "from", "until"):
        _demand_month(fields[name])
    use["required"] = ["event"]
    use["allOf"] = [_if_named("event", name, _of_event(event, fields)) for name, event in EVENTS.items()]


def _if_named(key: str, name: str, then: Schema) -> Schema:
    """Bind the rest of a use to the name that stands under a key."""
    return {"if": {"properties": {key: {"const": name}}, "required": [key]}, "then": then}


def _closed(properties: Schema, **more: Any) -> Schema:
    """Object with these properties and no others."""
    return {"type": "object", "properties": properties, **more, "additionalProperties": False}


def _with_facts(text: str, *facts: str) -> str:
    """Text of a declaration with its facts, as editors show it."""
    return f"{text} [{'; '.join(facts)}]"


def _span(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def _of_event(event: Event, fields: Schema) -> Schema:
    """Schema of what depends on the kind of event: its places, what it needs, and what it has none of."""
    properties: Schema = {name: {"type": "null"} for name in fields if name not in event.settings}
    if event.places:
        properties["where"] = _where(event.places)
    return {"properties": properties, "required": list(event.required)}


def _detail_trigger(when: Schema) -> None:
    """Offer the outcomes that a trigger may watch, and demand one threshold."""
    fields = when["properties"]
    fields["outcome"]["enum"] = national_outcomes()
    fields["where"] = _where(KINDS["district"]) | {"description": fields["where"]["description"]}
    when["oneOf"] = [_given("above", "number"), _given("below", "number")]


def _demand_month(field: Schema) -> None:
    """Demand a month of a text."""
    branches = field.get("anyOf", [field])
    next(branch for branch in branches if branch.get("type") == "string")["pattern"] = MONTH_PATTERN


def _given(key: str, kind: str) -> Schema:
    """Demand a key that is not nothing."""
    return {"required": [key], "properties": {key: {"type": kind}}}


def _detail_packages(use: Schema, packages: Schema) -> None:
    """Offer the shipped packages, and let a path or a name stand for the settings of a use."""
    named: Schema = {"anyOf": [{"enum": list(shipped_packages())}, {"type": "string", "pattern": PATH_PATTERN}]}
    use["properties"]["package"] = named | {"description": use["properties"]["package"]["description"]}
    _demand_month(use["properties"]["from"])
    packages["items"] = {"anyOf": [named, {"$ref": "#/$defs/PackageUse"}]}


def _detail_drivers(section: Schema, fields: Schema) -> None:
    """Offer the indicators with their bounds, and let a path stand for the section, or for a file in it."""
    file = {"type": "string", "description": "CSV file with columns entity, indicator, year, month and value."}
    section["properties"]["file"] = file
    indicators = {name: _indicator(facts) for name, facts in INDICATORS.items()}
    section["properties"]["series"]["additionalProperties"] = _closed(indicators)
    fields["drivers"] = {"anyOf": [file, {"$ref": fields["drivers"]["$ref"]}]}


def _indicator(facts: Indicator) -> Schema:
    """Schema of the values of an indicator by year or month."""
    when = MONTH_PATTERN if facts.monthly else r"^\d{4}$"
    return {
        "type": "object",
        "description": _with_facts(facts.text, facts.unit, _span(facts.low, facts.high)),
        "patternProperties": {when: {"type": "number", "minimum": facts.low, "maximum": facts.high}},
        "additionalProperties": False,
    }


def _of_lever(lever: Lever) -> Schema:
    """Schema of what depends on the lever: its bounds, its places, and its message if it has one."""
    low, high = lever.bounds
    text = _with_facts(lever.text, lever.unit, _span(low, high), f"{number(lever.neutral)} changes nothing")
    kind = {} if lever.is_share else {"type": "number"}
    value = {**kind, "minimum": low, "maximum": high, "description": text}
    properties: Schema = {"value": value, "where": _where(KINDS[lever.over])}
    kinds = {"enum": list(lever.split)} if lever.split_by == "kinds" else None
    properties["kinds"] = {"anyOf": [kinds, {"type": "array", "items": kinds}]} if kinds else {"type": "null"}
    if not lever.topics:
        return {"properties": properties | {"topic": {"type": "null"}, "claimed": {"type": "null"}}}
    return {"properties": properties | {"topic": {"enum": list(lever.topics)}}, "required": ["topic"]}


# ---------------------------------------------------------------------------------------------------------- experiments


def experiment_schema() -> Schema:
    """Build the schema of an experiment from its settings, the declarations, and the schema of a configuration."""
    config = config_schema()
    definitions: Schema = config["$defs"]
    schema = plain_schema(ExperimentSettings)
    parts: Mapping[str, type[Params]] = {
        **{f"Design_{name}": found for name, found in DESIGNS.items()},
        **{f"Engine_{name}": found for name, found in ENGINES.items()},
        "DrawSettings": DrawSettings,
        "FactorSettings": FactorSettings,
        "SequentialReplicates": SequentialReplicates,
        "Window": Window,
    }
    for name, kind in parts.items():
        part = plain_schema(kind)
        definitions.update(part.pop("$defs", {}))
        definitions[name] = part
    _name_kind(definitions, "Design", DESIGNS, "method", required=tuple(DESIGNS))
    _name_kind(definitions, "Engine", ENGINES, "kind", required=("dask",))
    outcome = {"anyOf": [{"enum": national_outcomes()}, {"type": "string", "pattern": "^(cost_|in_force_|budget_)"}]}
    definitions["Until"]["properties"]["outcome"] = outcome
    definitions["Until"]["properties"]["half_width"]["anyOf"] = [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*%\s*$"},
    ]
    for month in definitions["Window"]["properties"].values():
        _demand_month(month)
    fields = schema["properties"]
    fields["set"].update(_changes(config, refused=tuple(NOT_HERE)))
    scenario = _changes(config, refused=(*NOT_HERE, *ALL_ALIKE))
    for key, (of, _) in ADDED.items():
        scenario["properties"][key] = copy.deepcopy(config["properties"][of])
    words = {"description": "Name in figures and tables.", "type": "string", "minLength": 1, "maxLength": LONGEST_LABEL}
    scenario["properties"][LABEL] = words
    definitions["Scenario"] = scenario
    fields["scenarios"].update(additionalProperties={"$ref": "#/$defs/Scenario"}, minProperties=1)
    (pattern,) = fields["scenarios"].pop("patternProperties")
    fields["scenarios"]["propertyNames"]["pattern"] = pattern
    fields["design"]["anyOf"] = [{"type": "null"}, *({"$ref": f"#/$defs/Design_{name}"} for name in DESIGNS)]
    fields["parameters"]["anyOf"] = [{"type": "null"}, {"$ref": "#/$defs/DrawSettings"}]
    fields["factors"] = fields["factors"] | _factors()
    fields["replicates"]["anyOf"] = [
        {"type": "integer", "minimum": 1, "maximum": MOST_REPLICATES},
        {"$ref": "#/$defs/SequentialReplicates"},
    ]
    fields["outcomes"].update(items=outcome, uniqueItems=True)
    fields["window"]["anyOf"] = [{"type": "null"}, {"$ref": "#/$defs/Window"}]
    engines = [{"$ref": f"#/$defs/Engine_{name}"} for name in ENGINES]
    fields["engine"] = {"description": fields["engine"]["description"], "anyOf": engines}
    return {"$schema": DIALECT, "title": "abm experiment", **schema, "$defs": definitions}


def _name_kind(
    definitions: Schema, group: str, kinds: Mapping[str, type[Params]], key: str, *, required: tuple[str, ...]
) -> None:
    """Demand the key that names the kind, so that exactly one of the kinds fits."""
    for name in kinds:
        part = definitions[f"{group}_{name}"]
        for word in ("default", "enum"):
            part["properties"][key].pop(word, None)
        part["properties"][key]["const"] = name
        if name in required:
            part["required"] = [*part.get("required", ()), key]


def _changes(config: Schema, *, refused: tuple[str, ...]) -> Schema:
    """Schema of changes of a configuration: sections, or paths with dots."""
    fields = {name: copy.deepcopy(field) for name, field in config["properties"].items() if name not in refused}
    for key in ("levers", "events"):
        fields[key] = {
            "description": f"{key.capitalize()} in use, instead of those of the base; or changes of some by id.",
            "anyOf": [config["properties"][key], {"type": "object"}],
        }
    for field in fields.values():
        field.pop("default", None)
    return _closed(fields, patternProperties={r"^[a-z_]+[.\[]": {}})


def _factors() -> Schema:
    settings = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/FactorSettings"}]}
    factors: Schema = {}
    for path, facts in declared_parameters().items():
        bounds = {"minimum": facts.low, "maximum": facts.high}
        otherwise = f"{number(facts.default)} if it is no factor"
        text = _with_facts(facts.text, facts.unit, _span(facts.low, facts.high), otherwise)
        within = {"low": bounds, "high": bounds, "centre": bounds, "values": {"items": bounds}}
        factors[path] = {"description": text, **settings, "properties": within}
    return _closed(factors, patternProperties={ELSEWHERE: settings})


SCHEMAS: dict[str, tuple[str, Callable[[], Schema]]] = {
    "config": ("config.schema.json", config_schema),
    "experiment": ("experiment.schema.json", experiment_schema),
    "package": ("package.schema.json", package_schema),
}
"""File of each schema, and what builds it."""
