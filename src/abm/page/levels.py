"""Outcomes by year, with bands over runs: the country, and the journeys, market and beliefs of one scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd

from abm.analysis.compare import POLICY_COST, is_cost
from abm.analysis.naming import Dated
from abm.analysis.wording import unit_in_words
from abm.config.wording import listed
from abm.engine.calendar import format_month
from abm.experiments.intervals import mean_interval
from abm.page.cases import Case, Steps, declared
from abm.page.charts import BEGINS, bars, begins_of, lines, panels, stack
from abm.page.ingredients import Mark, Rows
from abm.page.looks import Look, filled, looks_of
from abm.page.parts import Block
from abm.page.words import headed, lowered
from abm.places.places import Places
from abm.plots.beliefs import topics_of
from abm.plots.comparison import FEW_RUNS, quantiles_of
from abm.plots.curves import Period, Values, means_by_step, period_of
from abm.plots.market import SCHEMES, fees_by_group, percent_by_scheme
from abm.plots.panels import SETTLES
from abm.plots.style import CHANNELS, OKABE_ITO, number
from abm.plots.who_gets_what import COLOURS, shares_of_fees

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Departures": tuple(channel.departures for channel in CHANNELS.values()),
    "Journeys": (
        "irregular_arrivals", "sent_home", "stranded", "deaths_en_route", "interceptions", "europe_detected",
        "repeat_attempts",
    ),
    "Abroad and at home": (
        "persons_abroad", "remittances", "returns", "deportations", "involuntary_immobility", "unemployment_rate",
    ),
    "Market and enforcement": ("fee_basket", "offices", "cheated", "smuggling_profit", "arrests", "convictions"),
    "Bonded labour, trafficking, transit": (
        "bonded_households", "trafficked_domestic", "trafficked_abroad", "victims_identified", "transit_entries",
    ),
    "Policy": ("policy_cost", "budget_left"),
}  # fmt: skip
"""Outcomes of the country that a page shows by year, under headings; those that a run does not record are left out."""

FEW_BANDS = 3  # scenarios up to which each has its band; of more, only the reference has one


def outcomes_shown(columns: Iterable[str]) -> list[str]:
    """Outcomes of `GROUPS` that there are."""
    there = set(columns)
    return [name for names in GROUPS.values() for name in names if name in there]


def rows_of(steps: Steps, outcome: str, scenario: int, series: str, *, band: bool) -> list[Mark]:
    """Mean over runs of an outcome by step, with the range of 90 % of the runs if there are several."""
    values = steps.panel.values[outcome][scenario]
    mean = mean_interval(values).estimate.tolist()
    several = band and np.isfinite(values).any(-1).sum() > 1
    ends = quantiles_of(values.reshape(-1, len(mean)))[[0, -1]] if several else np.full((2, len(mean)), np.nan)
    return [
        {"series": series, "when": when, "value": value, "low": low, "high": high}
        for when, value, low, high in zip(steps.when, mean, *ends.tolist(), strict=True)
    ]


def by_year(steps: Steps, scenarios: Mapping[str, int], *, runs: int, levers: Iterable[Dated] = ()) -> list[Block]:
    """Charts of all outcomes shown, group by group, with the beginning of levers."""
    begins = begins_of(levers, steps.when)
    looks = looks_of(scenarios)
    few = len(looks) <= FEW_BANDS
    span = f"{str(steps.when[0])[:7]} to {str(steps.when[-1])[:7]}"
    each = steps.per.replace("a ", "each ")
    note = f"Flows are added up over {each}, stocks and rates averaged; every panel has its own scale."
    if runs > 1:
        of = " of each scenario" if len(looks) > 1 else ""
        note += f" Line: mean of {runs:,} runs{of}; band: 90 % of the runs{of if few else ' of the reference'}."
        note += f" With fewer than {FEW_RUNS} runs the band is about the range of them all." * (runs < FEW_RUNS)
    else:
        note += " One run: no uncertainty is shown."
    note += f" {SETTLES}{f' {BEGINS}' * bool(begins)}"
    blocks: list[Block] = []
    for group, outcomes in GROUPS.items():
        cells: list[tuple[str, str, Rows]] = []
        for name in outcomes:
            if name in steps.panel.values and np.nan_to_num(steps.panel.values[name]).any():
                parts = (rows_of(steps, name, at, label, band=at == 0 or few) for label, at in scenarios.items())
                cells.append((headed(name), unit_in_words(declared(name), steps.per), [*chain(*parts)]))
        if cells:
            names = listed(lowered(name) for name, *_ in cells)
            blocks.append(
                panels(
                    cells,
                    looks,
                    title=f"{group}, {span}",
                    alt_text=f"Lines over time: {names}. {_trend(*cells[0])}",
                    note=note,
                    series_name="scenario",
                    panel_name="outcome",
                    grey=steps.settled,
                    begins=[begins] * len(cells),
                )
            )
    return blocks


def _trend(name: str, unit: str, rows: Rows) -> str:
    """Say where the first series of a panel begins and ends."""
    values = [row["value"] for row in rows if row["series"] == rows[0]["series"] and np.isfinite(row["value"])]
    return f"{name}: from {number(values[0])} to {number(values[-1])} {unit}." if values else ""


# ----------------------------------------------------------------------------------------------- one scenario in detail


def _rows(period: Period, series: Mapping[str, Values]) -> list[Mark]:
    """Rows of series by name; each step is a year, or a day."""
    starts = range(period.first, period.last + 1, period.step)
    steps = [month // 12 if period.step == 12 else f"{format_month(month)}-01" for month in starts]
    return [
        {"series": name, "when": when, "value": value}
        for name, values in series.items()
        for when, value in zip(steps, values.tolist(), strict=True)
    ]


def market(case: Case, places: Places) -> Iterator[Block]:
    """Fees by destination, how departures are paid, who gets what."""
    national, period = case.national, period_of(case.national)
    return chain(_fees(case, period, places), _payment(national, period), _who_gets_what(national, period))


def _fees(case: Case, period: Period, places: Places) -> Iterator[Block]:
    """Fees by destination and means."""
    if not case.has("route") or not {"fee_median", "departures"} <= set(case.mean("route")):
        return
    every = {name: fees for name, (fees, _) in fees_by_group(case.mean("route"), period, places).items()}
    groups = {name: fees for name, fees in every.items() if np.isfinite(fees).sum() >= (2 if fees.size > 2 else 1)}
    if groups:
        yield lines(
            _rows(period, groups),
            looks_of(groups),
            title="Fee of an irregular journey, by destination and means",
            unit="PKR of 2017 a person",
            height=300,
            series_name="route",
            alt_text="Lines over time on a logarithmic axis: median fee by destination and means of travel.",
            note="Median fee of the contracts begun in a month, averaged with departures as weights. Gaps: nobody "
            "left with an office.",
        )


def _payment(national: pd.DataFrame, period: Period) -> Iterator[Block]:
    """How departures are paid for."""
    if "departures_escrow" not in national or not national["irregular_departures"].any():
        return
    shares = percent_by_scheme(national, period)
    yield stack(
        _rows(period, shares),
        filled({name: SCHEMES[name][1] for name in shares}),
        title="How irregular departures are paid for",
        unit="% of departures",
        alt_text="Stacked bars over time: shares of departures by way of paying.",
        note="From the bottom in the order of the legend.",
    )


def _who_gets_what(national: pd.DataFrame, period: Period) -> Iterator[Block]:
    if "fees_paid_by_travellers" not in national or not national["fees_paid_by_travellers"].any():
        return
    shares = shares_of_fees(national, period)
    most = max(shares, key=lambda name: float(shares[name][-1]))
    yield stack(
        _rows(period, {name: 100 * values for name, values in shares.items()}),
        filled({name: COLOURS[name] for name in shares}),
        title="Who gets what of the fees",
        unit="% of fees, or of payments if larger",
        alt_text=f"Stacked bars over time: shares of the fees. Most goes to {most.lower()} in the end, "
        f"{100 * shares[most][-1]:.0f} %.",
        note="Shares of what travellers and their families pay, ransoms left out, or of what offices pay out where "
        "that is more. From the bottom in the order of the legend.",
    )


def beliefs(case: Case) -> Iterator[Block]:
    """What people believe beside what is true, by topic."""
    period = period_of(case.national)
    topics = topics_of(case.national, partial(means_by_step, period))
    cells = [(title, unit, _rows(period, {"believed": one, "true": other})) for title, unit, one, other in topics]
    looks = {"believed": Look(OKABE_ITO["blue"]), "true": Look(OKABE_ITO["vermillion"], (6, 3), "diamond")}
    if cells:
        yield panels(
            cells,
            looks,
            title="Beliefs and truth",
            panel_name="topic",
            alt_text=f"Lines over time, believed and true: {listed(title.lower() for title, *_ in cells)}.",
            note="Mean belief of households, and the true value in the model. Where the lines part, people decide on "
            "wrong beliefs. Every panel has its own scale.",
        )


STATUSES = {
    "Legal": ("legal", OKABE_ITO["blue"]),
    "Without papers, open sector": ("irregular_open", OKABE_ITO["orange"]),
    "Without papers, hidden": ("irregular_hidden", OKABE_ITO["vermillion"]),
}


def abroad(case: Case, places: Places) -> Iterator[Block]:
    """Persons abroad by destination and papers at the end."""
    columns = [column for column, _ in STATUSES.values()]
    if not case.has("destination") or not set(columns) <= set(case.mean("destination")):
        return
    frame = case.mean("destination")
    last = frame[frame["month"] == frame["month"].max()]
    last = last.assign(all=last[columns].sum(axis=1)).sort_values("all", ascending=False)
    names = {found.key: found.name for found in places.destinations}
    rows = [
        {"row": names.get(row["destination"], row["destination"]), "series": label, "value": float(row[column])}
        for row in last[last["all"] > 0].to_dict("records")
        for label, (column, _) in STATUSES.items()
    ]
    if rows:
        yield bars(
            rows,
            filled({label: colour for label, (_, colour) in STATUSES.items()}),
            title=f"Persons abroad by destination and papers, {last['month'].iloc[0]:%B %Y}",
            unit="persons",
            row_name="destination",
            alt_text=f"Stacked bars: persons abroad by destination. Most are in {rows[0]['row']}.",
        )


def policy_costs(case: Case) -> Iterator[Block]:
    """What each lever costs by year."""
    national, period = case.national, period_of(case.national)
    levers = {
        headed(column.removeprefix("cost_")): period.sums(national, column)
        for column in map(str, national)
        if is_cost(column) and column != POLICY_COST and national[column].any()
    }
    looks = {name: look._replace(filled=True) for name, look in looks_of(levers).items()}
    if len(levers) == 1:
        looks = filled(dict.fromkeys(levers, OKABE_ITO["blue"]))
    if levers:
        yield stack(
            _rows(period, levers),
            looks,
            title="Cost of policy by lever",
            unit=f"PKR of 2017 {period.per}",
            alt_text=f"Stacked bars over time: cost of {listed(map(lowered, levers))}.",
            note="What levers are declared to cost the government, in prices of 2017, not discounted, and nothing "
            "else.",
        )
