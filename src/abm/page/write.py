"""From a folder of results to the page: what it holds, which sections that makes, and the file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from abm.analysis.facts import judge_study
from abm.analysis.study import Source, analyse_study, compare_study
from abm.analysis.wording import sentences
from abm.calibration.write import RECORDED
from abm.config.wording import counted
from abm.engine.errors import AbmError, AnalysisError, OutputError
from abm.experiments.store import is_study
from abm.page import calibration, facts
from abm.page.cases import Case, Runs, Scenarios, Steps
from abm.page.differences import costs, over_time, overview, variance
from abm.page.districts import district_maps
from abm.page.findings import NEEDED, of_comparison, of_costs, of_run, of_sensitivity
from abm.page.levels import abroad, beliefs, by_year, market, outcomes_shown, policy_costs
from abm.page.levers import opening, places_of_config
from abm.page.parameters import parameter_blocks
from abm.page.parts import Block, Code, Facts, Grid, Items, Page, Section, Text
from abm.page.past import past_performance
from abm.page.provenance import again, configuration, limits, made_by, runs_table
from abm.page.render import render
from abm.page.sensitivity import sensitivity_blocks
from abm.page.words import headed, labelled
from abm.places.geography import load_units
from abm.results import read_run
from abm.results.disk import explained
from abm.results.headlines import headlines_of
from abm.results.manifest import MANIFEST

NAME = "report.html"

Made = tuple[str, str, Sequence[Block]]
"""Key, title and blocks of a section; without blocks it is left out."""

MOST_SENSITIVITIES = 3
"""Scenarios of a study with a design whose differences from the reference are explained too."""

FEW_RUNS = 24
"""Runs up to which the table of runs is open."""


def write_report(folder: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> Path:
    """Write the page of a folder of results.

    Parameters
    ----------
    folder
        Of a run, of several seeds of one configuration, of a study, of a calibration, or of the facts.
    out
        File to write; by default ``report.html`` in the folder.

    Raises
    ------
    OutputError
        If the folder holds none of these, or the file cannot be written.
    """
    place = Path(folder).expanduser().absolute()
    file = Path(out).expanduser().absolute() if out is not None else place / NAME
    text = render(page_of(place))
    with explained(file.parent, doing="write a report"):
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            aside.write_text(text, encoding="utf-8")
            os.replace(aside, file)
        finally:
            aside.unlink(missing_ok=True)
    return file


def page_of(place: Path) -> Page:
    """Find out what a folder holds, and make its page."""
    if is_study(place):
        return page_of_study(Scenarios(Source.open(place)), place)
    if (place / RECORDED).is_file():
        return page_of_calibration(place)
    if (place / facts.FILE).is_file():
        return page_of_facts(place)
    found = [place] if (place / MANIFEST).is_file() else sorted(file.parent for file in place.glob(f"*/{MANIFEST}"))
    if not found:
        what = "is no folder" if not place.is_dir() else "holds nothing that a report could be made of"
        raise OutputError(
            f"'{place}' {what}; give the folder of a run, of seeds of one configuration, of a study, of a calibration "
            "(abm calibrate), or of the facts (abm facts)"
        )
    results = sorted((read_run(folder) for folder in found), key=lambda result: result.seed)
    return page_of_runs(Runs(place, tuple(results)))


def _sections(made: Sequence[Made]) -> list[Section]:
    return [Section(key, title, blocks) for key, title, blocks in made if blocks]


def _shown(path: Path) -> str:
    """A path as short as it can be understood from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else path.name


# ---------------------------------------------------------------------------------------------------------------- runs


def page_of_runs(runs: Runs) -> Page:
    """Page of a run, or of several seeds of one configuration."""
    case, first = runs.case, runs.first
    steps = Steps.of(runs.panel([*outcomes_shown(map(str, case.national)), *NEEDED]))
    configs = {case.name: case.config}
    past = past_performance(runs.folder)
    headlines = [(label.strip(), text) for label, text in headlines_of(case.national, case.config)]
    facts_of_run: list[tuple[str, str]] = [
        ("months", f"{case.config['start']} to {case.config['end']}"),
        ("sample", _sample(case.config)),
        ("seeds", ", ".join(map(str, case.seeds))),
    ]
    findings = [*of_run(steps)]
    several = len(runs.results) > 1
    sections: list[Made] = [
        ("asked", "What was asked", [Facts(facts_of_run), *opening(configs)]),
        ("found", "What was found", [Items(findings), Facts(headlines), *_intervals_note(several=several)]),
        ("levels", "Levels by year", by_year(steps, {case.name: 0}, runs=len(runs.results))),
        ("past-performance", "Past performance", past),
        *_in_detail(case),
        ("costs", "Cost of policy", policy_costs(case)),
        ("parameters", "Parameters and their sources", parameter_blocks(configs)),
        ("limits", "Warnings and limits", limits(configs, runs=len(runs.results))),
        ("provenance", "Where it comes from", _provenance_of_runs(runs)),
        ("again", "Make it again", _again_runs(runs)),
    ]
    title = f"{headed(first.name)}, {case.config['start']} to {case.config['end']}"
    return Page("run", title, str(case.config.get("description") or ""), _sections(sections))


def _sample(config: Mapping[str, Any]) -> str:
    """Share of the households, and of where if not of the whole country."""
    population = config["population"]
    units, everywhere = (len(load_units(region)) for region in (_names(population["region"]), "pakistan"))
    where = "" if units == everywhere else f" of {counted(units, 'district')}"
    return f"{100 * float(population['scale']):g} % of the households{where}"


def _names(region: object) -> Any:
    return tuple(region) if isinstance(region, list) else region


def _intervals_note(*, several: bool) -> list[Block]:
    """Say what stands in square brackets."""
    return [Text("In square brackets: 95 % interval of the mean over seeds.")] if several else []


def _in_detail(case: Case) -> list[Made]:
    """Districts, market, life abroad and beliefs of a scenario."""
    places = places_of_config(case.config)
    return [
        ("districts", "By district", district_maps(case)),
        ("market", "The smuggling market", market(case, places)),
        ("abroad", "Abroad", abroad(case, places)),
        ("beliefs", "What people believe", beliefs(case)),
    ]


def _provenance_of_runs(runs: Runs) -> list[Block]:
    manifest = runs.first.manifest
    rows = [[run.id, run.name, str(run.seed), str(run.manifest["checksum"])] for run in runs.results]
    made = [*made_by(manifest["versions"]), ("made", str(manifest.get("ended", "unknown")))]
    checksums = [[name, found] for name, found in runs.first.checksums.items()]
    return [
        Facts(made),
        runs_table(rows, folded=len(rows) > FEW_RUNS),
        Grid(("table", "checksum"), checksums, (), f"Checksums of the tables of run {runs.first.id}", folded=True),
    ]


def _again_runs(runs: Runs) -> list[Block]:
    name = runs.first.name
    commands = [f"abm run {name}.yaml --seed {result.seed}" for result in runs.results]
    folder = f"results/{name}" + (f"/{runs.first.id}" if len(runs.results) == 1 else "")
    blocks: list[Block] = [configuration(runs.first.config, name)]
    text = f"Save the configuration above as {name}.yaml. The same version gives the same numbers, to the bit."
    return [*blocks, *again([*commands, f"abm report {folder}"], text)]


# --------------------------------------------------------------------------------------------------------------- study


def page_of_study(scenarios: Scenarios, place: Path) -> Page:
    """Page of a study: its scenarios, or the factors of its design, or both, and the fact that it tests."""
    with labelled(scenarios.source.experiment.labels):
        return _page_of_study(scenarios, place)


def _page_of_study(scenarios: Scenarios, place: Path) -> Page:
    source = scenarios.source
    experiment = source.experiment
    several = len(experiment.scenarios) > 1
    designed = experiment.design is not None and bool(experiment.factors)
    panel = scenarios.panel([*outcomes_shown(source.columns), *(set(NEEDED) & set(source.columns))])
    steps = Steps.of(panel)
    runs = int(panel.there[0].sum())
    reference = scenarios.case(experiment.reference)
    notes: list[str] = []
    findings: list[str] = []
    compared: list[Made] = []
    if several:
        compared, said, warned = _comparison(source)
        findings += said
        notes += warned
    explained_by: list[Block] = []
    if designed:
        explained_by, said, warned = _sensitivities(source)
        findings += said
        notes += [note for note in warned if note not in notes]
    fact = _fact(source)
    if not several:
        findings += list(of_run(steps))
    points = len(panel.points)
    past = (
        past_performance(place)
        if points == 1
        else [
            Text(
                "Points of a design are no one configuration, and are not held against the record here; "
                "'abm score DIR --point NUMBER' scores one of them."
            )
        ]
    )
    sections: list[Made] = [
        ("asked", "What was asked", [Facts(_size(source, runs)), *_opening(source)]),
        ("found", "What was found", [Items(findings), *_read_so(several)]),
        ("fact", "The fact that it tests", fact),
        *compared,
        ("sensitivity", "Sensitivity", explained_by),
        ("levels", "Levels by year", by_year(steps, _places(panel.scenarios), runs=runs)),
        ("past-performance", "Past performance", past),
        *_named(_in_detail(reference), headed(reference.name) if several else ""),
        ("parameters", "Parameters and their sources", parameter_blocks(experiment.scenarios, experiment.factors)),
        ("limits", "Warnings and limits", limits(experiment.scenarios, runs=runs, notes=notes)),
        ("provenance", "Where it comes from", _provenance_of_study(source)),
        ("again", "Make it again", _again_study(source)),
    ]
    return Page("study", headed(experiment.name), experiment.description, _sections(sections))


def _places(names: Sequence[str]) -> dict[str, int]:
    return {headed(name): place for place, name in enumerate(names)}


def _named(sections: Sequence[Made], scenario: str) -> list[Made]:
    """Say in the headings of which scenario they are."""
    return [(key, f"{title}: {scenario}" if scenario else title, blocks) for key, title, blocks in sections]


def _size(source: Source, runs: int) -> list[tuple[str, str]]:
    experiment = source.experiment
    config = experiment.scenarios[experiment.reference]
    found = [(label, text) for label, text in source.study.summary() if label != "folder"]
    return [
        *found,
        (
            "months",
            f"{config['start']} to {config['end']}; compared over {experiment.window[0]} to {experiment.window[1]}",
        ),
        ("sample", _sample(config)),
        ("reference", f"{headed(experiment.reference)}, {counted(runs, 'run')}"),
    ]


def _opening(source: Source) -> list[Block]:
    experiment = source.experiment
    blocks = opening(experiment.scenarios, experiment.window)
    if experiment.factors:
        names = f"{counted(len(experiment.factors), 'factor')} are varied by the method {experiment.method}"
        blocks.insert(0, Text(f"{names}; they are listed with their ranges under Parameters and their sources."))
    return blocks


def _read_so(several: bool) -> list[Block]:
    text = (
        "In square brackets: 95 % interval. A difference is called clear where its interval leaves zero out; of twenty "
        "differences of nothing one is clear by chance."
    )
    return [Text(text)] if several else []


def _comparison(source: Source) -> tuple[list[Made], list[str], list[str]]:
    """Sections, findings and notes of the scenarios against the reference."""
    try:
        found = compare_study(source.study)
    except AnalysisError as error:
        return [("differences", "Differences from the reference", [Text(f"{error}.")])], [], []
    head = f"Differences from {headed(found.reference).lower()}"
    sections: list[Made] = [
        ("differences", head, overview(found)),
        ("over-time", "Scenarios over time", over_time(found)),
        ("costs", "Cost of policy", costs(found)),
        ("variance", "Draws and seeds", variance(found)),
    ]
    return sections, [*of_comparison(found), *of_costs(found)], sentences(found.notes, "runs", "differences")


def _sensitivities(source: Source) -> tuple[list[Block], list[str], list[str]]:
    """Charts, findings and notes of the factors: of the reference, and of differences from it."""
    experiment = source.experiment
    others = [name for name in experiment.scenarios if name != experiment.reference][:MOST_SENSITIVITIES]
    blocks: list[Block] = []
    findings: list[str] = []
    notes: list[str] = []
    for scenario in (None, *others):
        try:
            found = analyse_study(source.study, scenario=scenario, difference=scenario is not None)
        except AnalysisError as error:
            blocks.append(Text(f"{error}."))
            continue
        said = list(of_sensitivity(found))
        head = f"Difference of {headed(found.scenario).lower()}: " if found.difference else ""
        findings += [f"{head}{text}" for text in said]
        blocks += sensitivity_blocks(found)
        notes += sentences(found.notes, "runs")
    return blocks, findings, notes


def _fact(source: Source) -> list[Block]:
    if source.experiment.fact is None:
        return []
    try:
        frame = facts.frame_of([judge_study(source.study)])
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
    return [Facts(made_by(versions) if versions else []), runs_table(rows, folded=len(rows) > FEW_RUNS)]


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
    file = f"{experiment.source.name if experiment.source else f'{experiment.name}.yaml'}"
    if not experiment.text.strip():
        return [Text("The experiment was made in Python; 'abm.sweep' makes its runs.")]
    title = f"The experiment as it was written: save it as {file}, beside the base that it names if it names one"
    commands = [f"abm sweep {file}", f"abm report results/{experiment.name}"]
    return [Code(experiment.text.strip(), title, folded=True), *again(commands, "Save the experiment above, then:")]


# ------------------------------------------------------------------------------------------------ calibration and facts


def page_of_calibration(place: Path) -> Page:
    """Page of a calibration."""
    found = calibration.read_calibration(place)
    sections: list[Made] = [
        ("asked", "What was asked", [Text(str(found["asked"]))]),
        ("found", "What was found", [calibration.summary(found)]),
        ("levels", "Parameters before and after", calibration.fitted(found)),
        ("fit", "Fit", calibration.fit(found)),
        ("past-performance", "Past performance", calibration.past(found)),
        ("limits", "Warnings and limits", [Items(CALIBRATION_LIMITS)]),
        (
            "provenance",
            "Where it comes from",
            [Facts([("code", str(found["code"])), ("draws", str(found["checksum"]))])],
        ),
        ("again", "Make it again", again([str(found["command"]), f"abm report {_shown(place)}"], "Run:")),
    ]
    return Page("calibration", headed(str(found["name"])), str(found["description"]), _sections(sections))


CALIBRATION_LIMITS = (
    "A parameter that is not identified has the distribution that was assumed before; its median is no estimate.",
    "Discrepancies, by how far the best model may be from what happened, are declared, not fitted.",
    "Records inside their interval say little where intervals are wide; their median width is among the findings.",
)


def page_of_facts(place: Path) -> Page:
    """Page of the facts."""
    frame = facts.read_facts(place)
    sections: list[Made] = [
        (
            "asked",
            "What was asked",
            [
                Text(
                    "Does the model show what the literature has found, and does it show it "
                    "because of the mechanism that is said to be responsible?"
                ),
                facts.statements(frame),
            ],
        ),
        ("found", "What was found", [Text(facts.counts(frame))]),
        ("tests", "Tests", facts.facts_blocks(frame)),
        ("again", "Make it again", again(["abm facts", f"abm report {_shown(place)}"], "Run:")),
    ]
    lead = "Findings of the literature on migration and smuggling, each put as a test to paired runs of the model."
    return Page("facts", "Facts of the literature", lead, _sections(sections))
