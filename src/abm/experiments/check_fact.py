"""Reading of the section `fact` of an experiment, against the scenarios, tables and outcomes that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.wording import counted, either, no_such
from abm.config.yaml_source import KeyPath
from abm.experiments.check import Configs, national_outcomes, read_window, there_are, unknown_scenario
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
    Quantity,
    Ranked,
    Variant,
)
from abm.month import OUTCOMES
from abm.places.geography import data_on_districts, load_units

GOES_WITH: dict[str, Collection[str]] = {
    "doses": DOSED,
    "across": ACROSS,
    "x": OF_X,
    "than": ("ratio",),
    "weights": ("relative_difference", "elasticity"),
}
"""Settings of a test that some estimators need and the others do not know; weights are optional."""

FACT: KeyPath = ("fact",)


def read_fact(raw: object, configs: Configs, tables: Collection[str]) -> tuple[Fact | None, list[Finding]]:
    """Read the section `fact` of an experiment with these scenarios and kept tables; None without one."""
    if raw is None:
        return None, []
    read, findings = read_part(Fact, raw, FACT)
    if read is None:
        return None, findings
    for index, one in enumerate(read.asserts):
        findings += _Runs(configs, tables).check(one, (*FACT, "asserts", index))
    return (None if findings else fill_in(read, configs)), findings


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


def _check_settings(one: Assert, here: KeyPath) -> Iterator[Finding]:
    """Check what goes with an estimator and what does not."""
    low, high = one.band
    if low is not None and high is not None and low > high:
        yield Finding((*here, "band"), "the low end is above the high one")
    if low is None and high is None:
        yield Finding((*here, "band"), "open at both ends, so that nothing could fail; give one of them")
    needed = {key: one.estimator in names for key, names in GOES_WITH.items()}
    needed["across"] |= one.weights is not None
    needed["weights"] &= one.across is not None
    for key, names in GOES_WITH.items():
        there = getattr(one, key) not in (None, ())
        if needed[key] and not there:
            yield Finding(here, f"'{one.estimator}' needs '{key}'")
        elif there and not needed[key]:
            with_these = either([name for name in ESTIMATORS if name in names])
            yield Finding((*here, key), f"goes with {with_these}, not with '{one.estimator}'")
    if one.estimator == "elasticity" and (one.dose is None) == (one.against is None):
        yield Finding(here, "'elasticity' needs either 'dose' or 'against'")
    if one.estimator == "curvature" and 0 < len(one.doses) < 3:
        yield Finding((*here, "doses"), "a curvature needs three doses or more")


@dataclass(frozen=True)
class _Runs:
    """What the runs of an experiment have: configurations of its scenarios, and tables."""

    configs: Configs
    tables: Collection[str]

    def check(self, one: Assert, here: KeyPath) -> Iterator[Finding]:
        """Check a test, and what differs in the quantities that it is held against."""
        yield from self._scenarios(one, here)
        yield from _check_settings(one, here)
        yield from self._quantity(one, here, "national")
        for key in ("than", "less", "over"):
            changed = getattr(one, key)
            if changed is not None:
                yield from self._override(one, changed, (*here, key))

    def _scenarios(self, one: Assert, here: KeyPath) -> Iterator[Finding]:
        given = one.model_fields_set
        yield from self._unknown(one, here)
        wanted = len(one.doses) if one.estimator in DOSED else 1 if one.estimator in ONE else 2
        found = one.scenarios[:1] if one.estimator in ONE and "scenarios" not in given else one.scenarios
        if len(found) != wanted and wanted:
            message = f"'{one.estimator}' needs {counted(wanted, 'scenario')}; found {len(found)}"
            yield Finding((*here, "scenarios") if "scenarios" in given else here, message)
        if one.off and len(one.off) != len(found):
            yield Finding((*here, "off"), f"as many scenarios as under 'scenarios', {len(found)}; found {len(one.off)}")

    def _unknown(self, found: Assert | Variant, here: KeyPath) -> Iterator[Finding]:
        """Refuse scenarios that are not there, by default the usual ones."""
        for key in ("scenarios", "off"):
            for index, name in enumerate(getattr(found, key) or ()):
                if name not in self.configs:
                    at = (*here, key, index) if key in found.model_fields_set else here
                    yield unknown_scenario(name, at, self.configs)

    def _override(self, one: Assert, changed: Variant, here: KeyPath) -> Iterator[Finding]:
        yield from self._unknown(changed, here)
        for key in ("scenarios", "off") if changed.scenarios or changed.off else ():
            found = getattr(changed, key)
            if here[-1] == "than":
                yield Finding((*here, key), "what a ratio divides by is of the scenario of the test; leave it out")
            elif found is None and one.off != ():
                yield Finding(here, "names scenarios, and needs those with the mechanism off too: 'off: […]'")
            elif found and one.estimator not in ONE and len(found) != len(one.scenarios):
                message = f"as many scenarios as the test has, {len(one.scenarios)}; found {len(found)}"
                yield Finding((*here, key), message)
        merged = changed if changed.outcome is not None else changed.model_copy(update={"outcome": one.outcome})
        yield from self._quantity(merged, here, one.table or "national")

    def _quantity(self, found: Quantity, here: KeyPath, table: str) -> Iterator[Finding]:
        """Check the outcome, table, rows and window of a quantity, and the quantities inside it."""
        table = found.table or table
        if table != "national" and table not in self.tables:
            at = (*here, "table") if found.table else here
            yield Finding(at, f"the runs keep no table '{table}'; name it under 'tables'")
            return
        for key in ("outcome", "per", "minus", "x", "against", "weights"):
            value = getattr(found, key, None)
            if value is not None:
                yield from self._named(value, (*here, key), table)
        if found.window is not None:
            given = found.window.model_dump(by_alias=True, exclude_none=True)
            for finding in read_window(given, self.configs)[1]:
                yield Finding((*here, *finding.path), finding.message)
        across = getattr(found, "across", None)
        if across is not None and across not in KEYS_OF[table]:
            yield _no_column(table, across, (*here, "across"))
        for key, value in (found.where or {}).items():
            at = (*here, "where", key)
            if key not in KEYS_OF[table]:
                yield _no_column(table, key, at)
            elif isinstance(value, dict):
                yield from self._ranked(value, at, table)
            elif key in OF_DISTRICTS:
                yield from _districts(value, at)

    def _ranked(self, value: dict[str, object], here: KeyPath, table: str) -> Iterator[Finding]:
        ranked, findings = read_part(Ranked, value, here)
        yield from findings
        if ranked is not None:
            if sum(part is not None for part in (ranked.highest, ranked.lowest, ranked.middle)) != 1:
                yield Finding(here, "expected one of 'highest', 'lowest' and 'middle'")
            yield from self._ranking(ranked, here, table)

    def _ranking(self, ranked: Ranked, here: KeyPath, table: str) -> Iterator[Finding]:
        """Check what groups are ranked by: a quantity, or a column of the data on districts."""
        if (ranked.of is None) == (ranked.data is None):
            yield Finding(here, "expected either 'of', a quantity, or 'data', a column of units.csv")
        elif ranked.data is None:
            yield from self._named(ranked.of, (*here, "of"), table)
        elif here[-1] not in OF_DISTRICTS:
            columns = either(OF_DISTRICTS, "and")
            yield Finding((*here, "data"), f"the data are of districts, and so are the columns {columns}")
        elif ranked.data not in (known := data_on_districts()):
            yield Finding((*here, "data"), no_such("column", ranked.data, known, otherwise="; see units.csv"))

    def _named(self, value: object, here: KeyPath, table: str) -> Iterator[Finding]:
        """Check an outcome by its name, or a quantity written out."""
        if isinstance(value, Mapping):
            read, findings = read_part(Quantity, dict(value), here)
            yield from findings
            if read is not None:
                yield from self._quantity(read, here, table)
        elif not isinstance(value, str):
            yield Finding(here, "expected the name of an outcome, or settings {outcome: …, per: …}")
        elif value not in (known := outcomes_of(table, self.configs)):
            elsewhere = "" if value not in OUTCOMES else f"; it is not in the table '{table}'"
            yield Finding(here, no_such("outcome", value, known, hint=elsewhere, topic="outcomes"))


def _districts(value: object, here: KeyPath) -> Iterator[Finding]:
    """Refuse names of districts that there are none of: nothing would be counted for them."""
    known = load_units("pakistan").unit.tolist()
    for name in value if isinstance(value, list | tuple) else [value]:
        if str(name) not in known:
            yield Finding(here, no_such("district", str(name), known, topic="districts"))


def _no_column(table: str, name: str, here: KeyPath) -> Finding:
    keys = KEYS_OF[table]
    return Finding(here, no_such("column", name, keys, otherwise=there_are(keys) or "; the table has none"))


def outcomes_of(table: str, configs: Configs) -> list[str]:
    """Columns of a table that a quantity may be of."""
    if table == "national":
        return national_outcomes(config for config in configs.values() if config)
    if table in ("flows", "journeys"):
        return [PERSONS, *(MEASURED if table == "journeys" else ())]
    return [name for name, found in OUTCOMES.items() if found.kept_by(table)]
