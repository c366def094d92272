"""From a folder of results to the page: what it holds, which sections that makes, and the file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from altair.utils.schemapi import debug_mode

from abm.analysis.compare import WHEN_CLEAR
from abm.analysis.facts import frame_of_facts, judge_study
from abm.analysis.levers import places_of_config
from abm.analysis.naming import dated_changes
from abm.analysis.observed import read_seeds
from abm.analysis.panel import Window
from abm.analysis.study import Source, analyse_study, compare_study
from abm.analysis.tables import table_of_variance
from abm.analysis.wording import capital, sentences
from abm.calibration.write import RECORDED
from abm.config.wording import counted
from abm.engine.errors import AbmError, AnalysisError, OutputError
from abm.experiments.store import is_study
from abm.page import calibration, facts
from abm.page.cases import Case, Steps, case_of_runs, case_of_scenario, panel_of_runs
from abm.page.differences import as_grid, costs, over_time, overview
from abm.page.findings import NEEDED, of_comparison, of_costs, of_run, of_sensitivity
from abm.page.levels import abroad, beliefs, by_year, market, outcomes_shown, policy_costs
from abm.page.levers import opening
from abm.page.maps import district_maps, map_of_differences
from abm.page.parameters import parameter_blocks
from abm.page.parts import Block, Code, Facts, Grid, Items, Page, Section, Text
from abm.page.past import past_performance
from abm.page.provenance import configuration, limits, made_by, runs_table
from abm.page.render import render
from abm.page.sensitivity import sensitivity_blocks
from abm.page.words import headed, labelled, said
from abm.places.geography import load_units
from abm.results import Result, read_run
from abm.results.disk import save_text
from abm.results.headlines import headlines_of
from abm.results.manifest import MANIFEST
from abm.results.tables import Resolved

NAME = "report.html"

MOST_SENSITIVITIES = 3  # scenarios of a study with a design whose differences from the reference are explained too

NO_CONFIGURATION = (
    "Points of a design are no one configuration, and are not held against the record here; "
    "'abm score DIR --point NUMBER' scores one of them."
)

CLEAR = (
    f"In square brackets: 95 % interval. A difference is called clear where {WHEN_CLEAR}; without any true difference "
    "that still happens in one case of twenty, by chance."
)


def write_report(folder: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> Path:
    """Write the page of a folder: a run, seeds of one configuration, a study, a calibration, or the facts.

    The file is ``report.html`` in the folder, or `out`. An OutputError says that the folder holds none of these, or
    that the file cannot be written.
    """
    place = Path(folder).expanduser().absolute()
    file = Path(out).expanduser().absolute() if out is not None else place / NAME
    with debug_mode(False):  # Altair would check each part of a chart when it is made
        page = page_of(place, os.fspath(folder))
    return save_text(render(page), file)


def page_of(place: Path, given: str) -> Page:
    """Find out what a folder holds, and make its page; `given` is the folder as a user wrote it."""
    if is_study(place):
        source = Source.open(place)
        with labelled(source.experiment.labels):
            return page_of_study(source, place)
    if (place / RECORDED).is_file():
        return page_of_calibration(place, given)
    if (place / facts.FILE).is_file():
        return page_of_facts(place, given)
    if not (place / MANIFEST).is_file() and not any(place.glob(f"*/{MANIFEST}")):
        what = "is no folder" if not place.is_dir() else "holds nothing that a report could be made of"
        raise OutputError(
            f"'{place}' {what}; give the folder of a run, of seeds of one configuration, of a study, of a calibration "
            f"(abm calibrate), or of the facts (abm facts){_inside(place)}"
        )
    return page_of_runs(read_seeds(place), place)


def _inside(place: Path) -> str:
    """Point to a folder of runs, or of a study, below a folder."""
    found = sorted(
        path
        for path in place.glob("*/")
        if is_study(path) or (path / RECORDED).is_file() or any(path.glob(f"*/{MANIFEST}"))
    )
    return f"; did you mean '{found[0]}'?" if found else ""


# ---------------------------------------------------------------------------------------------------------------- runs


def page_of_runs(results: Sequence[Result], place: Path) -> Page:
    """Page of a run, or of several seeds of one configuration."""
    case, config = case_of_runs(results), results[0].config
    steps = Steps.of(panel_of_runs(results, [*outcomes_shown(map(str, case.national)), *NEEDED]))
    configs = {case.name: config}
    asked = [
        ("months", f"{config['start']} to {config['end']}"),
        ("sample", _sample(config)),
        ("seeds", ", ".join(str(result.seed) for result in results)),
    ]
    national = {str(name): column.to_numpy() for name, column in case.national.items()}
    headlines = [(label.strip(), text) for label, text in headlines_of(national, config)]
    brackets = [Text("In square brackets: 95 % interval of the mean over seeds.")] if len(results) > 1 else []
    sections = [
        Section("asked", "What was asked", [Facts(asked), *opening(configs)]),
        Section("found", "What was found", [Items([*of_run(steps)]), Facts(headlines), *brackets]),
        Section(
            "levels",
            f"Levels by {steps.per.removeprefix('a ')}",
            by_year(steps, {case.name: 0}, runs=len(results), levers=dated_changes(config)),
        ),
        Section("past-performance", "Past performance", past_performance(place)),
        *_in_detail(case),
        Section("costs", "Cost of policy", [*policy_costs(case)]),
        Section("parameters", "Parameters and their sources", parameter_blocks(configs)),
        Section("limits", "Warnings and limits", limits(configs, runs=len(results))),
        Section("provenance", "Where it comes from", _provenance_of_runs(results)),
        Section("again", "Make it again", _again_runs(results)),
    ]
    title = f"{headed(case.name)}, {config['start']} to {config['end']}"
    return Page("Report of a run of the model", title, str(config.get("description") or ""), sections)


def _sample(config: Resolved) -> str:
    """Share of the households, and of where if not of the whole country."""
    population = config["population"]
    region = population["region"]
    units = len(load_units(tuple(region) if isinstance(region, list) else region))
    where = "" if units == len(load_units("pakistan")) else f" of {counted(units, 'district')}"
    return f"{100 * float(population['scale']):g} % of the households{where}"


def _in_detail(case: Case, of: str = "") -> list[Section]:
    """Districts, market, life abroad and beliefs of a scenario."""
    places = places_of_config(case.config)
    return [
        Section("districts", f"By district{of}", district_maps(case)),
        Section("market", f"The smuggling market{of}", [*market(case, places)]),
        Section("abroad", f"Abroad{of}", [*abroad(case, places)]),
        Section("beliefs", f"What people believe{of}", [*beliefs(case)]),
    ]


def _provenance_of_runs(results: Sequence[Result]) -> list[Block]:
    first = results[0]
    made = [*made_by(first.manifest["versions"]), ("made", str(first.manifest.get("ended", "unknown")))]
    return [
        Facts(made),
        runs_table([[run.id, run.name, str(run.seed), run.manifest["checksum"]] for run in results]),
        Grid(
            ("table", "checksum"),
            list(first.checksums.items()),
            title=f"Checksums of the tables of run {first.id}",
            folded=True,
        ),
    ]


def _again_runs(results: Sequence[Result]) -> list[Block]:
    first = results[0]
    name = first.name
    folder = f"results/{name}" + (f"/{first.id}" if len(results) == 1 else "")
    runs = [f"abm run {name}.yaml --seed {result.seed}" for result in results]
    return [
        configuration(first.config, name),
        Text(f"Save the configuration above as {name}.yaml. The same version gives the same numbers, to the bit."),
        Code("\n".join([*runs, f"abm report {folder}"])),
    ]


# --------------------------------------------------------------------------------------------------------------- study


def page_of_study(source: Source, place: Path) -> Page:
    """Page of a study: its scenarios, or the factors of its design, or both, and the fact that it tests."""
    experiment = source.experiment
    several = len(experiment.scenarios) > 1
    there = set(source.columns)
    panel = source.panel([*outcomes_shown(there), *there.intersection(NEEDED)])
    steps = Steps.of(panel)
    runs = int(panel.there[0].sum())
    made, planned = int(panel.there.sum()), int(panel.planned.sum())
    unfinished = f"{made:,} of {counted(planned, 'run')} are finished; the others are missing from all that follows."
    findings = [unfinished] if made < planned else []
    notes: list[str] = []
    compared = _comparison(source, findings, notes) if several else []
    designed = experiment.design is not None and experiment.factors
    explained_by = _sensitivities(source, findings, notes) if designed else []
    if not several:
        findings += of_run(steps)
    past = past_performance(place) if len(panel.points) == 1 else [Text(NO_CONFIGURATION)]
    reference = headed(experiment.reference)
    levers = [lever for config in experiment.scenarios.values() for lever in dated_changes(config)]
    sections = [
        Section("asked", "What was asked", [Facts(_size(source, runs)), *_opening(source)]),
        Section("found", "What was found", [Items(findings), *([Text(CLEAR)] if several else [])]),
        Section("fact", "The fact that it tests", _fact(source)),
        *compared,
        Section("sensitivity", "Sensitivity", explained_by),
        Section(
            "levels",
            f"Levels by {steps.per.removeprefix('a ')}",
            by_year(steps, {headed(name): at for at, name in enumerate(panel.scenarios)}, runs=runs, levers=levers),
        ),
        Section("past-performance", "Past performance", past),
        *_in_detail(case_of_scenario(source, experiment.reference), f": {reference}" if several else ""),
        Section(
            "parameters", "Parameters and their sources", parameter_blocks(experiment.scenarios, experiment.factors)
        ),
        Section("limits", "Warnings and limits", limits(experiment.scenarios, runs=runs, notes=notes)),
        Section("provenance", "Where it comes from", _provenance_of_study(source)),
        Section("again", "Make it again", _again_study(source)),
    ]
    return Page("Report of a study", headed(experiment.name), experiment.description, sections)


def _size(source: Source, runs: int) -> list[tuple[str, str]]:
    experiment = source.experiment
    config = experiment.scenarios[experiment.reference]
    first, last = experiment.window
    return [
        *((label, text) for label, text in source.study.summary() if label != "folder"),
        ("months", f"{config['start']} to {config['end']}; compared over {Window(first, last).words}"),
        ("sample", _sample(config)),
        ("reference", f"{headed(experiment.reference)}, {counted(runs, 'run')}"),
    ]


def _opening(source: Source) -> list[Block]:
    experiment = source.experiment
    blocks = opening(experiment.scenarios, experiment.window)
    if experiment.factors:
        count = len(experiment.factors)
        method = experiment.method
        how = "drawn from a posterior" if method == "posterior" else f"varied by the method {method}"
        names = f"{counted(count, 'factor')} {'is' if count == 1 else 'are'} {how}"
        blocks.insert(0, Text(f"{names}; ranges stand under Parameters and their sources."))
    return blocks


def _comparison(source: Source, findings: list[str], notes: list[str]) -> list[Section]:
    """Sections of the scenarios against the reference; adds to the findings and notes."""
    try:
        found = compare_study(source.study)
    except AnalysisError as error:
        return [Section("differences", "Differences from the reference", [Text(f"{error}.")])]
    findings += [*of_comparison(found), *of_costs(found)]
    notes += sentences(found.notes, "runs", "differences")
    variance = table_of_variance(found)  # where points are draws of a posterior
    return [
        Section("differences", f"Differences from {said(found.reference)}", overview(found)),
        Section("over-time", "Scenarios over time", over_time(found)),
        Section("districts-apart", "Differences by district", map_of_differences(source)),
        Section("costs", "Cost of policy", costs(found)),
        Section("variance", "Draws and seeds", [as_grid(variance)] if variance else []),
    ]


def _sensitivities(source: Source, findings: list[str], notes: list[str]) -> list[Block]:
    """Charts of the factors, of the reference and of differences from it; adds to the findings and notes."""
    experiment = source.experiment
    others = [name for name in experiment.scenarios if name != experiment.reference][:MOST_SENSITIVITIES]
    blocks: list[Block] = []
    for scenario in (None, *others):
        try:
            found = analyse_study(source.study, scenario=scenario, difference=scenario is not None)
        except AnalysisError as error:
            problem = Text(f"{capital(str(error))}.")
            blocks += [] if problem in blocks else [problem]
            continue
        head = f"Difference of {said(found.scenario)}: " if found.difference else ""
        findings += [f"{head}{text[0].lower()}{text[1:]}" if head else text for text in of_sensitivity(found)]
        blocks += sensitivity_blocks(found)
        notes += [note for note in sentences(found.notes, "runs") if note not in notes]
    return blocks


def _fact(source: Source) -> list[Block]:
    if source.experiment.fact is None:
        return []
    try:
        frame = frame_of_facts([judge_study(source.study)])
    except AbmError as error:
        return [Text(f"{error}.")]
    return [facts.statements(frame), *facts.facts_blocks(frame)]


def _provenance_of_study(source: Source) -> list[Block]:
    study = source.study
    sums = study.checksums
    once = study.design.drop_duplicates("run_id")
    rows = [
        [str(row["run_id"]), str(row["scenario"]), str(row["seed"]), str(sums.get(row["run_id"], "–"))]
        for row in once.to_dict("records")
    ]
    versions = source_versions(source)
    return [Facts(made_by(versions) if versions else []), runs_table(rows)]


def source_versions(source: Source) -> dict[str, str]:
    """Versions of the first run that lies in a folder of its own, or in a part; empty where none says."""
    store = source.study._store
    for run_id in store.loose():
        try:
            return dict(read_run(store.run_folder(run_id)).manifest["versions"])
        except OutputError:
            continue
    return {}


def _again_study(source: Source) -> list[Block]:
    experiment = source.experiment
    file = experiment.source.name if experiment.source else f"{experiment.name}.yaml"
    if not experiment.text.strip():
        return [Text("The experiment was made in Python; 'abm.sweep' makes its runs.")]
    title = f"The experiment as it was written: save it as {file}, beside the base that it names if it names one"
    return [
        Code(experiment.text.strip(), title),
        Text("Save the experiment above, then:"),
        Code(f"abm sweep {file}\nabm report results/{experiment.name}"),
    ]


# ------------------------------------------------------------------------------------------------ calibration and facts


def page_of_calibration(place: Path, given: str) -> Page:
    """Page of a calibration."""
    found = calibration.read_calibration(place)
    made = [("code", found["code"]), ("draws", found["checksum"])]
    sections = [
        Section("asked", "What was asked", [Text(found["asked"])]),
        Section("found", "What was found", [Facts(found["summary"])]),
        Section("levels", "Parameters before and after", calibration.fitted(found)),
        Section("fit", "Fit", calibration.fit(found)),
        Section("past-performance", "Past performance", calibration.past(found)),
        Section("limits", "Warnings and limits", [Items(CALIBRATION_LIMITS)]),
        Section("provenance", "Where it comes from", [Facts(made)]),
        Section("again", "Make it again", _again(found["command"], given)),
    ]
    return Page("Report of a calibration", headed(found["name"]), found["description"], sections)


def _again(command: str, given: str) -> list[Block]:
    return [Text("Run:"), Code(f"{command}\nabm report {shlex.quote(given)}")]


CALIBRATION_LIMITS = (
    "A parameter that is not identified has the distribution that was assumed before; its median is no estimate.",
    "Discrepancies, by how far the best model may be from what happened, are declared, not fitted.",
    "Records inside their interval say little where intervals are wide; their median width is among the findings.",
)


def page_of_facts(place: Path, given: str) -> Page:
    """Page of the facts."""
    frame = facts.read_facts(place)
    asked = Text(
        "Does the model show what the literature has found, and does it show it because of the mechanism that is said "
        "to be responsible?"
    )
    again = shlex.join(["abm", "facts", *dict.fromkeys(frame["name"])])
    sections = [
        Section("asked", "What was asked", [asked, facts.statements(frame)]),
        Section("found", "What was found", [Text(facts.counts(frame))]),
        Section("tests", "Tests", facts.facts_blocks(frame)),
        Section("provenance", "Where it comes from", facts.provenance(frame)),
        Section("again", "Make it again", _again(again, given)),
    ]
    lead = "Findings of the literature on migration and smuggling, each put as a test to paired runs of the model."
    return Page("Facts of the literature and the model", "Facts of the literature", lead, sections)
