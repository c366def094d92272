"""Reading of the section `fact` of an experiment, against the scenarios, tables and outcomes that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from abm.config import Config
from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.wording import counted, did_you_mean, either, no_such
from abm.config.yaml_source import KeyPath
from abm.experiments.check import national_outcomes, read_window, unknown_scenario
from abm.experiments.fact import (
    ACROSS,
    DOSED,
    ESTIMATORS,
    KEYS_OF,
    MEASURED,
    OF_DISTRICTS,
    OF_X,
    OFF,
    ONE,
    PERSONS,
    Assert,
    Fact,
    Override,
    Quantity,
    Ranked,
)
from abm.month import OUTCOMES
from abm.places.geography import data_on_districts

Configs = Mapping[str, Config | None]

INDEX = "relative_difference"
"""Estimator that can hold the weights of groups."""

FACT: KeyPath = ("fact",)


def read_fact(raw: object, configs: Configs, tables: Collection[str]) -> tuple[Fact | None, list[Finding]]:
    """Read the section `fact` of an experiment with these scenarios and kept tables; None without one."""
    if raw is None:
        return None, []
    read, findings = read_part(Fact, raw, FACT)
    if read is None:
        return None, findings
    for index, one in enumerate(read.asserts):
        here: KeyPath = (*FACT, "asserts", index)
        findings += _check_scenarios(one, here, list(configs))
        findings += _check_settings(one, here)
        findings += _check_quantity(one, here, configs, tables, "national")
        for key in ("than", "less", "over"):
            changed = getattr(one, key)
            if changed is not None:
                findings += _check_override(one, changed, (*here, key), configs, tables)
    return (None if findings else fill_in(read, list(configs))), findings


def fill_in(fact: Fact, scenarios: Collection[str]) -> Fact:
    """Name the scenarios of each test that names none."""
    tests = []
    for one in fact.asserts:
        named = one.scenarios[:1] if one.estimator in ONE else one.scenarios
        off = one.off
        if off is None:
            usual = tuple(f"{name}{OFF}" for name in named)
            off = usual if set(usual) <= set(scenarios) else ()
        tests.append(one.model_copy(update={"scenarios": named, "off": off}))
    return fact.model_copy(update={"asserts": tuple(tests)})


def _check_scenarios(one: Assert, here: KeyPath, names: list[str]) -> Iterator[Finding]:
    for key in ("scenarios", "off"):
        for index, name in enumerate(getattr(one, key) or ()):
            if name not in names:
                yield unknown_scenario(name, (*here, key, index) if key in one.model_fields_set else here, names)
    wanted = len(one.doses) if one.estimator in DOSED else 1 if one.estimator in ONE else 2
    found = one.scenarios[:1] if one.estimator in ONE and "scenarios" not in one.model_fields_set else one.scenarios
    if len(found) != wanted and wanted:
        message = f"'{one.estimator}' needs {counted(wanted, 'scenario')}; found {len(found)}"
        yield Finding((*here, "scenarios") if "scenarios" in one.model_fields_set else here, message)
    if one.off and len(one.off) != len(found):
        yield Finding((*here, "off"), f"as many scenarios as under 'scenarios', {len(found)}; found {len(one.off)}")


def _check_settings(one: Assert, here: KeyPath) -> Iterator[Finding]:
    """Check what goes with an estimator and what does not."""
    low, high = one.band
    if low is not None and high is not None and low > high:
        yield Finding((*here, "band"), "the low end is above the high one")
    if low is None and high is None:
        yield Finding((*here, "band"), "open at both ends, so that nothing could fail; give one of them")
    needs = {
        "doses": (one.estimator in DOSED, bool(one.doses)),
        "across": (one.estimator in ACROSS or one.weights is not None, one.across is not None),
        "x": (one.estimator in OF_X, one.x is not None),
        "than": (one.estimator == "ratio", one.than is not None),
        "weights": (one.estimator == INDEX and one.across is not None, one.weights is not None),
    }
    for key, (needed, there) in needs.items():
        if needed and not there:
            yield Finding(here, f"'{one.estimator}' needs '{key}'")
        elif there and not needed:
            yield Finding(
                (*here, key),
                f"goes with {either([n for n, g in _NEEDS[key].items() if g])}, not with '{one.estimator}'",
            )
    if one.estimator == "elasticity" and (one.dose is None) == (one.against is None):
        yield Finding(here, "'elasticity' needs either 'dose' or 'against'")
    if one.estimator == "curvature" and 0 < len(one.doses) < 3:
        yield Finding((*here, "doses"), "a curvature needs three doses or more")


_NEEDS: dict[str, dict[str, bool]] = {
    "doses": {name: name in DOSED for name in ESTIMATORS},
    "across": {name: name in ACROSS for name in ESTIMATORS},
    "x": {name: name in OF_X for name in ESTIMATORS},
    "than": {name: name == "ratio" for name in ESTIMATORS},
    "weights": {name: name == INDEX for name in ESTIMATORS},
}


def _check_override(
    one: Assert, changed: Override, here: KeyPath, configs: Configs, tables: Collection[str]
) -> Iterator[Finding]:
    for key in ("scenarios", "off"):
        for index, name in enumerate(getattr(changed, key) or ()):
            if name not in configs:
                yield unknown_scenario(name, (*here, key, index), list(configs))
    if changed.outcome is not None or changed.where is not None or changed.per is not None:
        table = changed.table or one.table or "national"
        merged = changed if changed.outcome is not None else changed.model_copy(update={"outcome": one.outcome})
        yield from _check_quantity(merged, here, configs, tables, table)


def _check_quantity(
    found: Quantity, here: KeyPath, configs: Configs, tables: Collection[str], table: str
) -> Iterator[Finding]:
    """Check the outcome, table, rows and window of a quantity, and the quantities inside it."""
    table = found.table or table
    if table != "national" and table not in tables:
        yield Finding(
            (*here, "table") if found.table else here, f"the runs keep no table '{table}'; name it under 'tables'"
        )
        return
    inner = {"outcome": found.outcome, "per": found.per, "minus": found.minus}
    inner |= {key: getattr(found, key, None) for key in ("x", "against", "weights")}
    for key, value in inner.items():
        if value is not None:
            yield from _check_named(value, (*here, key), configs, tables, table)
    if found.window is not None:
        given = found.window.model_dump(by_alias=True, exclude_none=True)
        for finding in read_window(given, configs)[1]:
            yield Finding((*here, *finding.path), finding.message)
    keys = KEYS_OF[table]
    across = getattr(found, "across", None)
    if across is not None and across not in keys:
        yield Finding((*here, "across"), no_such("column", across, keys, otherwise=_there_are(keys)))
    for key, value in (found.where or {}).items():
        at: KeyPath = (*here, "where", key)
        if key not in keys:
            yield Finding(at, no_such("column", key, keys, otherwise=_there_are(keys)))
        elif isinstance(value, dict):
            ranked, findings = read_part(Ranked, value, at)
            yield from findings
            if ranked is not None:
                if sum(part is not None for part in (ranked.highest, ranked.lowest, ranked.middle)) != 1:
                    yield Finding(at, "expected one of 'highest', 'lowest' and 'middle'")
                yield from _check_ranking(ranked, at, configs, tables, table)


def _check_ranking(
    ranked: Ranked, at: KeyPath, configs: Configs, tables: Collection[str], table: str
) -> Iterator[Finding]:
    """Check what groups are ranked by: a quantity, or a column of the data on districts."""
    if (ranked.of is None) == (ranked.data is None):
        yield Finding(at, "expected either 'of', a quantity, or 'data', a column of units.csv")
    elif ranked.data is None:
        yield from _check_named(ranked.of, (*at, "of"), configs, tables, table)
    elif at[-1] not in OF_DISTRICTS:
        yield Finding((*at, "data"), f"the data are of districts, and so are the columns {either(OF_DISTRICTS, 'and')}")
    elif ranked.data not in (known := data_on_districts()):
        yield Finding((*at, "data"), no_such("column", ranked.data, known, otherwise="; see units.csv"))


def _there_are(keys: Collection[str]) -> str:
    return f"; there {'is' if len(keys) == 1 else 'are'} {either(keys, 'and')}" if keys else "; the table has none"


def _check_named(
    value: object, here: KeyPath, configs: Configs, tables: Collection[str], table: str
) -> Iterator[Finding]:
    """Check an outcome by its name, or a quantity written out."""
    if isinstance(value, Mapping):
        read, findings = read_part(Quantity, dict(value), here)
        yield from findings
        if read is not None:
            yield from _check_quantity(read, here, configs, tables, table)
        return
    if not isinstance(value, str):
        yield Finding(here, "expected the name of an outcome, or settings {outcome: …, per: …}")
        return
    known = outcomes_of(table, configs)
    if value not in known:
        elsewhere = "" if value not in OUTCOMES else f"; it is not in the table '{table}'"
        hint = elsewhere or did_you_mean(value, known)
        yield Finding(here, f"no outcome '{value}'{hint}  (abm describe outcomes)")


def outcomes_of(table: str, configs: Configs) -> list[str]:
    """Columns of a table that a quantity may be of."""
    if table == "national":
        return national_outcomes(config for config in configs.values() if config)
    if table in ("flows", "journeys"):
        return [PERSONS, *(MEASURED if table == "journeys" else ())]
    return [name for name, found in OUTCOMES.items() if found.kept_by(table)]
