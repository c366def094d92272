"""Does the catchment come about by itself? Tables and figures of `mangla.yaml`.

    abm sweep experiments/mangla.yaml --workers 2
    python experiments/mangla.py

Persons abroad per head in December 2017: of the catchment and its neighbours against the rest of Punjab, by scenario
with intervals over seeds; partial rank correlation with the census of 2017 over the districts of Punjab, given poverty
and literacy, which the runs have never seen; districts that the model leaves unexplained; a map by decade.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import abm
from abm.analysis.spread import (
    abroad_per_head,
    correlation_interval,
    fisher_interval,
    partial_rank_correlation,
    ratio_of_groups,
)
from abm.experiments.intervals import mean_interval
from abm.plots.spread import draw_ratios, draw_spread
from abm.plots.style import drawing
from abm.world.geography import Units, load_units

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
END = "2017-12"
YEARS = (1970, 1980, 1990, 2000, 2010, 2017)
LABELS = {
    "dam": "Dam",
    "no_dam": "No dam",
    "no_demonstration_no_ties": "No demonstration, no ties",
}
UNEXPLAINED = 12
"""Districts named that the model misses most."""


def read(folder: Path) -> pd.DataFrame:
    """Read persons abroad and residents of all runs by district, Decembers of the years drawn."""
    table = abm.open_study(folder).table("district", columns=["unit", "month", "persons_abroad", "population"])
    months = table["month"].astype("datetime64[ns]")
    return table[months.isin([np.datetime64(f"{year}-12", "ns") for year in YEARS])]


def by_run(table: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Make one row a run: ratio, correlation, and persons abroad per 1,000 of the country, in December 2017."""
    punjab, near = units.province == "punjab", units.catchment != ""
    census = units.persons_abroad_2017 / units.population_2017
    given = [units.poverty[punjab], units.literacy[punjab]]
    rows = []
    for (scenario, replicate), run in table.groupby(["scenario", "replicate"], observed=True):
        last = run[run["month"].astype("datetime64[ns]") == np.datetime64(END, "ns")].set_index("unit")
        last = last.loc[list(units.unit)]
        abroad, residents = (last[name].to_numpy(float) for name in ("persons_abroad", "population"))
        rates = abroad / residents
        correlation = partial_rank_correlation(rates[punjab], census[punjab], given)
        low, high = correlation_interval(rates[punjab], census[punjab], given)
        rows.append(
            {
                "scenario": str(scenario),
                "replicate": int(replicate),
                "ratio": ratio_of_groups(abroad, residents, near, punjab & ~near),
                "correlation": correlation,
                "correlation_low": low,
                "correlation_high": high,
                "per_1000": 1000 * abroad.sum() / residents.sum(),
            }
        )
    return pd.DataFrame(rows)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """Take means over seeds with 95 % intervals (Student's t)."""
    rows = []
    for scenario in LABELS:
        found = runs[runs["scenario"] == scenario]
        row: dict[str, float | str] = {"scenario": scenario, "runs": len(found)}
        for name in ("ratio", "correlation", "per_1000"):
            interval = mean_interval(found[name].to_numpy()[None, :], points="fixed")
            row |= {name: float(interval.estimate), f"{name}_low": float(interval.low)}
            row |= {f"{name}_high": float(interval.high)}
        rows.append(row)
    return pd.DataFrame(rows)


def in_south(units: Units) -> list[str]:
    """Units of Sindh and Balochistan."""
    return [str(unit) for unit in units.unit[np.isin(units.province, ("sindh", "balochistan"))]]


def mean_rates(table: pd.DataFrame, scenario: str, year: int) -> pd.Series:
    """Mean over runs of persons abroad per 1,000 residents, by unit."""
    rows = table[table["scenario"] == scenario]
    parts = [abroad_per_head(run, f"{year}-12") for _, run in rows.groupby("replicate", observed=True)]
    return 1000 * pd.concat(parts, axis=1).mean(axis=1)


def main() -> None:
    """Print the tables and draw the figures."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--study", type=Path, default=Path("results/mangla"), help="folder of the study")
    options.add_argument("--images", type=Path, default=IMAGES, help="folder of the figures")
    given = options.parse_args()
    units = load_units()
    table = read(given.study)
    runs = by_run(table, units)
    means = summarise(runs)
    census = pd.Series(1000 * units.persons_abroad_2017 / units.population_2017, [str(unit) for unit in units.unit])
    census = census[~units.imputed]
    print(means.round(2).to_string(index=False), "\n")
    print(runs.round(2).to_string(index=False), "\n")

    punjab, near = units.province == "punjab", units.catchment != ""
    known = units.persons_abroad_2017[punjab], units.population_2017[punjab]
    model = mean_rates(table, "dam", 2017)
    outlines = [str(unit) for unit in units.unit]
    there = load_units("pakistan", "none").population_2017[punjab]
    abroad = model.reindex(outlines).to_numpy()[punjab] / 1000 * there
    print("ratio with the districts of Punjab alone: census", end=" ")
    print(f"{ratio_of_groups(*known, near[punjab], ~near[punjab]):.2f}", end=", model ")
    print(f"{ratio_of_groups(abroad, there, near[punjab], ~near[punjab]):.2f}")
    mean, data = model.reindex(outlines).to_numpy()[punjab], (1000 * known[0] / known[1])
    others = [units.poverty[punjab], units.literacy[punjab]]
    found = partial_rank_correlation(mean, data, others)
    for name, (low, high) in {
        "bootstrap of districts": correlation_interval(mean, data, others),
        "Fisher": fisher_interval(found, mean.size, len(others)),
    }.items():
        print(f"correlation of the mean over seeds: {found:.2f} [{low:.2f}, {high:.2f}] ({name})")
    gap = pd.DataFrame({"model": model, "census": census}).dropna()
    gap["gap"] = gap["census"] - gap["model"]
    province = pd.Series(units.province, outlines)
    print(gap.groupby(province).mean().round(1).to_string(), "\n")
    print(gap.sort_values("gap").head(UNEXPLAINED).round(0).to_string(), "\n")
    print(gap.sort_values("gap").tail(UNEXPLAINED).round(0).to_string())

    seeds = runs["replicate"].nunique()
    joined = runs.merge(
        means.rename(columns={"ratio": "mean", "ratio_low": "low", "ratio_high": "high"})[
            ["scenario", "mean", "low", "high"]
        ]
    )
    southern = table[(table["scenario"] == "dam") & table["unit"].astype(str).isin(in_south(units))]
    last = southern[southern["month"].astype("datetime64[ns]") == np.datetime64(END, "ns")]
    south = 1000 * last["persons_abroad"].sum() / last["population"].sum()
    with drawing():
        panels = {f"{year}": mean_rates(table, "dam", year) for year in YEARS}
        panels |= {"2017 without the dam": mean_rates(table, "no_dam", 2017), "Census of 2017 (not an input)": census}
        spread = draw_spread(
            panels,
            title="From the dam to the census: persons abroad by district, December of each year",
            subtitle="Persons abroad per 1,000 residents; the same classes in all maps. The model knows where "
            "districts lie, their residents of 1998, and the dam.",
            notes=(
                f"configs/mangla_1960.yaml, mean of {seeds} seeds. Drawn is the north; in 2017 there are "
                f"{south:.0f} in 1,000 abroad from Sindh and Balochistan. The census has no figure for Azad Jammu and "
                "Kashmir.",
            ),
        )
        ratios = draw_ratios(
            joined,
            LABELS,
            title="The catchment and its neighbours against the rest of Punjab",
            subtitle="Dots: single runs. Diamonds: means with 95 % intervals over seeds.",
            notes=["Dashed: 1.3 and 2, set beforehand as what has not emerged, and what has."],
        )
        given.images.mkdir(parents=True, exist_ok=True)
        for figure, name, width in ((spread, "mangla_spread", 1300), (ratios, "mangla_ratio", 1100)):
            print(save_small(figure, given.images / f"{name}.png", width))


def save_small(figure: object, path: Path, width: int) -> str:
    """Write a figure with few colours, for the documentation."""
    from io import BytesIO

    from PIL import Image

    held = BytesIO()
    figure.savefig(held, dpi=150, metadata={"Software": None})  # type: ignore[attr-defined]
    with Image.open(held) as plot:
        height = round(plot.height * width / plot.width)
        small = plot.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    small.quantize(128, method=Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE).save(path, optimize=True)
    return f"{path.name}: {path.stat().st_size:,} bytes"


if __name__ == "__main__":
    main()
