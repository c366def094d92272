"""Draws of a posterior: the file, configurations at a draw, studies over draws, and bands that hold both variances."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_up_study import make_design, make_table
from scipy import stats

import abm
from abm.analysis.compare import Comparison, compare_panel
from abm.analysis.factors import FactorTable
from abm.analysis.panel import Draws, IntervalChoice, Panel
from abm.analysis.replicates import crossed, one_way, split_nested
from abm.analysis.sensitivity import analyse_panel
from abm.analysis.tables import table_of_comparison, table_of_variance
from abm.config import Config, make_config
from abm.config.posterior import METADATA, SHIPPED_FILE, Posterior, read_posterior, write_posterior
from abm.engine.errors import ConfigError, OutputError
from abm.experiments.dataset import open_study
from abm.experiments.engine_settings import SerialEngine
from abm.experiments.intervals import mean_interval
from abm.experiments.plan import SEED_STRIDE, Plan, Share
from abm.experiments.read import load_experiment
from abm.experiments.settings import TABLES
from abm.experiments.spec import Experiment
from abm.experiments.sweep import sweep
from abm.month import OUTCOMES
from abm.places.data_files import data_file
from abm.plots.views import ComparisonView
from abm.results import run_id

CENTRE = {"channel.gain": 1.0, "labour.job_growth": 0.03, "claims.longest": 90.4}
SEEDS = (5, 8, 13, 21, 34, 55)


def made_up(count: int = 6, seeds: tuple[int, ...] = SEEDS, **changes: Any) -> Posterior:
    rng = np.random.default_rng(1)
    values = np.array(list(CENTRE.values())) * rng.uniform(0.9, 1.1, (count, 3))
    facts = {"name": "made_up", "made_by": "a test", "code": "0", "until": 2018, "centre": CENTRE}
    return Posterior(**facts | {"paths": tuple(CENTRE), "values": values, "seeds": seeds} | changes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_posterior(made_up(), tmp_path / "draws.parquet", Config)


# ----------------------------------------------------------------------------------------------------------------- file


def test_what_is_written_is_read(file: Path) -> None:
    found = read_posterior(file, Config)
    assert (found.values == made_up().values).all()
    assert (found.paths, found.seeds, dict(found.centre)) == (tuple(CENTRE), SEEDS, CENTRE)
    assert pq.read_table(file).column_names == ["draw", *CENTRE, "seed"]
    assert json.loads(pq.read_schema(file).metadata[METADATA])["checksum"] == found.checksum


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"values": np.empty((0, 3)), "seeds": ()}, "no rows"),
        ({"values": np.full((6, 3), 1.0)}, "'labour.job_growth', draw 0, and 5 more draws: expected a number from 0"),
        ({"values": np.full((6, 3), np.nan)}, "found nan"),
        ({"centre": CENTRE | {"channel.gain": -1.0}}, "centre, 'channel.gain': expected a number from 0 to 4"),
        ({"centre": CENTRE | {"channel.cost": 1.0}}, "of which there is no column"),
        ({"seeds": (-1, *SEEDS[1:])}, "column 'seed'"),
    ],
)
def test_draws_that_no_run_could_use_are_not_written(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words):
        write_posterior(made_up(**changes), tmp_path / "draws.parquet", Config)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_file_that_could_not_be_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(table: pa.Table, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", stop)
    with pytest.raises(KeyboardInterrupt):
        write_posterior(made_up(), tmp_path / "draws.parquet", Config)
    assert list(tmp_path.iterdir()) == []
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_posterior(made_up(), in_the_way / "draws.parquet", Config)


def test_a_file_that_was_damaged_or_changed_is_refused(file: Path, tmp_path: Path) -> None:
    def refused(words: str, table: pa.Table | None = None, content: bytes = b"") -> None:
        other = tmp_path / "other.parquet"
        if table is None:
            other.write_bytes(content)
        else:
            pq.write_table(table, other)
        with pytest.raises(ConfigError, match=words):
            read_posterior(other, Config)

    table, content = pq.read_table(file), file.read_bytes()
    refused("is damaged", content=content[: len(content) // 2])
    refused("is damaged", content=b"draw,channel.gain\n0,1\n")
    changed = pa.array([1.05] * 6)
    refused("checksum", table.set_column(1, "channel.gain", changed))
    refused("checksum", table.set_column(4, "seed", pa.array(range(6))))
    refused("metadata lack 'abm.posterior'", table.replace_schema_metadata({}))
    for other in (
        table.replace_schema_metadata({METADATA: "{"}),
        table.replace_schema_metadata({METADATA: "{}"}),
        table.drop_columns(["draw"]),
        table.take([1, 0, 2, 3, 4, 5]),
        table.append_column("channel.gain", table.column("channel.gain")),
        table.set_column(1, "channel.gain", table.column("channel.gain").cast(pa.string())),
        table.set_column(1, "channel.gain", pa.array([True] * 6)),
        table.set_column(1, "channel.gain", pa.array([None, 1.0, 1.0, 1.0, 1.0, 1.0])),
        table.set_column(4, "seed", table.column("seed").cast(pa.float64())),
    ):
        refused("it is not as it was written: damaged or changed; make it anew", other)


def test_a_posterior_is_read_without_pandas_and_arrow_only_where_it_is_used() -> None:
    import subprocess
    import sys

    code = "import sys, abm.config as c; c.make_config(); print([m for m in ('pyarrow', 'pandas') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("count", [1, 2, 5, 6, 37, 64])
def test_draws_are_spread_over_the_file_and_more_keep_those_there_were(count: int) -> None:
    found = made_up(count, seeds=())
    every = found.spread(count)
    assert sorted(every) == list(range(count))
    for some in range(1, count):
        assert found.spread(some) == every[:some]
    few = np.sort(found.spread(-(-count // 2)))
    assert np.diff(few, append=count).max() <= 3  # every other one, or nearly


# -------------------------------------------------------------------------------------------------------- configuration


def at_draw(file: Path, **more: Any) -> Config:
    return make_config(parameters={"posterior": str(file), **more})


def test_a_draw_is_plain_values_and_leaves_no_trace(file: Path) -> None:
    values = made_up().values[3]
    drawn = at_draw(file, draw=3)
    plain = make_config(
        channel={"gain": values[0]}, labour={"job_growth": values[1]}, claims={"longest": round(values[2])}
    )
    assert drawn == plain
    assert isinstance(drawn.claims.longest, int)
    assert "parameters" not in drawn.resolved()
    assert run_id(drawn.resolved(), 1) == run_id(plain.resolved(), 1)


def test_the_centre_is_the_default(file: Path) -> None:
    assert at_draw(file) == at_draw(file, draw="centre")
    assert (at_draw(file).channel.gain, at_draw(file).claims.longest) == (1.0, 90)


def test_a_file_of_settings_names_a_draw_from_its_folder(file: Path) -> None:
    settings = file.with_name("drawn.yaml")
    settings.write_text("parameters: {posterior: draws.parquet, draw: 2, except: [channel.gain]}\nchannel: {gain: 2}\n")
    values = made_up().values
    config = abm.load_config(settings)
    assert (config.channel.gain, config.labour.job_growth) == (2.0, values[2, 1])
    other = abm.load_config(settings, ["parameters.draw=4", "labour.job_growth=0.01"])  # an option wins over a draw
    assert (other.channel.gain, other.labour.job_growth, other.claims.longest) == (2.0, 0.01, round(values[4, 2]))
    model = abm.Model(
        settings, population__scale=0.001, population__region=["jhelum"], end="2009-01", channel__gain=1.5
    )
    assert (model.config.channel.gain, model.config.labour.job_growth) == (1.5, values[2, 1])


def test_a_configuration_gives_way_to_a_draw_and_this_to_what_is_set_beside_it(file: Path) -> None:
    from abm.config import configure

    base = make_config(channel={"gain": 2.0})
    config = configure(base, {"parameters": {"posterior": str(file), "draw": 1}, "labour.job_growth": 0.01})
    assert (config.channel.gain, config.labour.job_growth) == (made_up().values[1, 0], 0.01)


def test_the_shipped_posterior_may_be_named() -> None:
    if data_file(SHIPPED_FILE).is_file():
        make_config(parameters={"posterior": "shipped"})
    else:
        with pytest.raises(ConfigError, match="no posterior comes with this version"):
            make_config(parameters={"posterior": "shipped"})


def test_a_parameter_of_a_mechanism_that_is_off_is_no_matter_for_a_draw(tmp_path: Path) -> None:
    one = made_up(paths=("law.detention",), values=np.full((6, 1), 12.0), centre={"law.detention": 12.0})
    write_posterior(one, tmp_path / "draws.parquet", Config)
    settings = tmp_path / "off.yaml"
    settings.write_text("parameters: {posterior: draws.parquet}\nmechanisms: {law: {enabled: false}}\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert abm.load_config(settings).law.detention == 12


# -------------------------------------------------------------------------------------------------------------- studies

STUDY = """
name: drawn
set: {end: 2009-06, population: {scale: 0.001, region: [jhelum]}}
parameters: {posterior: draws.parquet}
scenarios:
  baseline: {}
  patrols: {levers: [{lever: border_patrol, from: 2009-04, value: 3}]}
replicates: 2
outcomes: [irregular_departures]
"""


def study(file: Path, *changes: tuple[str, str]) -> Experiment:
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (file.parent / "study.yaml").write_text(text)
    return load_experiment(file.parent / "study.yaml")


SHARED = ("draws.parquet}", "draws.parquet, seeds: shared}")


def test_points_are_draws_with_their_own_seeds(file: Path) -> None:
    plan, posterior = Plan(study(file)), made_up()
    draws = posterior.spread(6)
    for run in plan:
        draw = draws[run.point]
        assert run.seed == SEEDS[draw] + run.replicate * SEED_STRIDE
        config = plan.config(run)
        assert config.seed == run.seed
        assert [config.channel.gain, config.labour.job_growth] == posterior.values[draw, :2].tolist()
        assert config.claims.longest == round(posterior.values[draw, 2])
        assert run_id(config.resolved(), config.seed) == run.run_id
    frame = plan.frame()
    assert frame["seed"].tolist() == [run.seed for run in plan]
    assert frame["run_id"].tolist() == [run.run_id for run in plan]
    assert (frame.groupby(["point", "replicate"])["seed"].nunique() == 1).all()


def test_a_factor_ranges_over_all_draws(file: Path) -> None:
    factor = study(file).factors[0]
    assert (factor.low, factor.high) == (made_up().values[:, 0].min(), made_up().values[:, 0].max())


def test_replicate_0_is_the_run_of_the_draw_alone(file: Path) -> None:
    plan = Plan(study(file))
    accepted = make_config(
        parameters={"posterior": str(file), "draw": 4}, seed=SEEDS[4], name="unnamed",
        end="2009-06", population={"scale": 0.001, "region": ["jhelum"]},
        outputs={"plots": False, **dict.fromkeys(TABLES, False)},
    )  # fmt: skip
    first = next(run for run in plan if run.scenario == "baseline" and run.seed == SEEDS[4])
    assert first.replicate == 0
    assert first.run_id == run_id(accepted.resolved(), accepted.seed)


def test_draws_without_seeds_have_one_each(tmp_path: Path) -> None:
    """Otherwise what a few seeds do to all draws alike would make every interval wide."""
    plan = Plan(study(write_posterior(made_up(seeds=()), tmp_path / "draws.parquet", Config)))
    for run in plan:
        assert run.seed == made_up().spread(6)[run.point] + 1 + run.replicate * SEED_STRIDE


def test_seeds_may_be_shared(file: Path) -> None:
    assert {run.seed for run in Plan(study(file, SHARED))} == {1, 2}


def test_fewer_draws_are_among_more(file: Path) -> None:
    few, all_ = (Plan(study(file, ("parquet}", f"parquet, draws: {count}}}"))) for count in (3, 6))
    assert {run.run_id for run in few} < {run.run_id for run in all_}


def test_an_exception_is_no_factor(file: Path) -> None:
    found = study(file, ("parquet}", "parquet, except: [channel.gain]}"), ("set: {end", "set: {channel.gain: 2, end"))
    assert [factor.name for factor in found.factors] == ["labour.job_growth", "claims.longest"]
    assert {Plan(found).config(run).channel.gain for run in Plan(found)} == {2.0}


def test_a_base_at_the_centre_is_no_clash(file: Path) -> None:
    (file.parent / "base.yaml").write_text("parameters: {posterior: draws.parquet}\n")
    found = study(file, ("name: drawn\n", "name: drawn\nbase: base.yaml\n"))
    assert {run.run_id for run in Plan(found)} == {run.run_id for run in Plan(study(file))}
    without = study(
        file, ("name: drawn\n", "name: drawn\nbase: base.yaml\n"), ("parameters: {posterior: draws.parquet}\n", "")
    )
    assert without.scenarios["patrols"]["channel"]["gain"] == 1.0


def test_a_study_over_draws_survives_json(file: Path) -> None:
    found = study(file)
    again = Experiment.restore(json.loads(found.to_json()))
    assert again.design == found.design
    assert [run.run_id for run in Plan(again)] == [run.run_id for run in Plan(found)]


def test_months_before_the_levers_are_made_once_a_draw_and_replicate(file: Path) -> None:
    plan = Plan(study(file))
    assert plan.share_of_months() == pytest.approx(0.75)  # three of six months of the second scenario
    states = [name for run in plan if run.scenario == "patrols" for _, name in plan.forks(run)]
    assert len(set(states)) == len(states) == 12
    assert set(states) == {name for run in plan if run.scenario == "baseline" for _, name in plan.forks(run)}


def test_a_study_is_made_in_shares_and_compared(file: Path, tmp_path: Path) -> None:
    often = made_up(3, (5, 5, 8), values=made_up().values[[0, 0, 1]])  # the first draw has twice the weight
    write_posterior(often, file, Config)
    small = study(file)
    folder = tmp_path / "drawn"
    for share in ("1/2", "2/2"):
        sweep([Plan(small)], folder, SerialEngine(), share=Share.parse(share))
    found = open_study(folder)
    assert found.counts()["done"] == 8
    view = abm.compare(found)
    assert "over 2 different draws" in view.table.text()
    assert view.variance[["draws", "runs"]].to_numpy().tolist() == [[2, 4]] * 3
    assert (view.panel.pairs[1].sum(), view.runs["pairs"].tolist()) == (6, [6, 6])
    whole = abm.simulate(Plan(small).config(Plan(small)[1]))["national"]
    table = found.table(columns=["irregular_departures"], scenarios=["patrols"])
    mine = table[(table["point"] == 0) & (table["replicate"] == 0)]["irregular_departures"]
    assert mine.tolist() == list(whole["irregular_departures"])  # a run that goes on from a shared past is the same


# ---------------------------------------------------------------------------------------------------------------- bands


def nested(rng: np.random.Generator, draws: int, seeds: int, between: float, within: float) -> np.ndarray:
    return rng.normal(0, between, (draws, 1)) + rng.normal(0, within, (draws, seeds))


def test_interval_of_draws_is_the_t_interval_of_their_means() -> None:
    values = nested(np.random.default_rng(2), 7, 3, 2.0, 1.0)
    found = mean_interval(values, points="nested")
    low, high = stats.ttest_1samp(values.mean(1), 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((low, high))
    values[0, 1:] = np.nan  # one mean of one run, and six of three
    means = np.nanmean(values, axis=1)
    assert mean_interval(values, points="nested").estimate == pytest.approx(means.mean())
    assert mean_interval(values, points="nested").half_width == pytest.approx(
        np.ptp(stats.ttest_1samp(means, 0).confidence_interval()) / 2
    )


def test_interval_covers_where_runs_taken_for_independent_would_not() -> None:
    rng = np.random.default_rng(3)
    held = alone = 0
    times = 300
    for _ in range(times):
        values = nested(rng, 10, 4, 1.0, 0.5)
        found = mean_interval(values, points="nested")
        held += found.low <= 0 <= found.high
        wrong = stats.ttest_1samp(values.ravel(), 0).confidence_interval()
        alone += wrong.low <= 0 <= wrong.high
    assert held / times > 0.91
    assert alone / times < 0.80


def test_shares_without_bias_where_runs_are_missing_and_their_intervals_cover() -> None:
    rng = np.random.default_rng(5)
    found, held = [], 0
    for _ in range(400):
        values = nested(rng, 12, 3, 1.0, 1.0)
        held += (shares := one_way(values)).low <= 0.5 <= shares.high
        values[:5, 2] = np.nan
        found.append(one_way(values))
    assert np.mean([shares.variance for shares in found]) == pytest.approx(2.0, rel=0.06)
    assert np.mean([shares.between * shares.variance for shares in found]) == pytest.approx(1.0, rel=0.1)
    assert 0.92 < held / 400 < 0.98


def test_the_share_between_draws_of_unequal_numbers_by_hand() -> None:
    nan = np.nan
    values = np.array([[0.0, 2.0, nan, nan], [9.0, 11.0, 10.0, 10.0], [19.0, 21.0, nan, nan]])
    found = one_way(values)
    within = (2.0 + 2.0 + 2.0) / (8 - 3)
    between = (2 * (1 - 10.25) ** 2 + 4 * (10 - 10.25) ** 2 + 2 * (20 - 10.25) ** 2) / 2
    assert np.nanmean(values) == 10.25
    component = (between - within) / ((8 - (4 + 16 + 4) / 8) / 2)
    assert found.variance == pytest.approx(component + within)
    assert found.between == pytest.approx(component / (component + within))


def test_the_interval_of_the_share_is_that_of_the_ratio_of_mean_squares() -> None:
    values = nested(np.random.default_rng(4), 8, 3, 2.0, 1.0)
    found, ratio = one_way(values, 0.9), stats.f_oneway(*values).statistic
    ends = ratio / stats.f(7, 16).ppf([0.95, 0.05])
    assert (found.low, found.high) == pytest.approx(tuple((ends - 1) / (ends - 1 + 3)))


def test_what_seeds_leave_in_a_mean_of_replicates() -> None:
    values = nested(np.random.default_rng(4), 8, 3, 1.0, 1.0)
    found, split = one_way(values), split_nested(values)
    within, between = found.variance * (1 - found.between), found.variance * found.between
    assert (split.factors, split.seeds) == (pytest.approx(between), 0.0)
    assert split.noise_share == pytest.approx((within / 3) / (within / 3 + between))


def test_one_seed_a_draw_tells_nothing_apart() -> None:
    values = np.random.default_rng(6).normal(size=(9, 1))
    found = one_way(values)
    assert found.variance == pytest.approx(values.var(ddof=1))
    assert np.isnan(found.between)
    assert np.isnan(one_way(np.zeros((4, 2))).between)


def test_a_seed_that_all_draws_share_is_not_taken_for_parameters() -> None:
    rng = np.random.default_rng(7)
    values = np.stack([rng.normal(0, 1, (20, 1)) + rng.normal(0, 3, (1, 4)) for _ in range(200)])
    found = [crossed(table) for table in values]
    assert np.mean([shares.between * shares.variance for shares in found]) == pytest.approx(1.0, rel=0.1)
    assert np.mean([(a := one_way(table)).between * a.variance for table in values]) < 0.2


def test_a_draw_that_stands_there_often_is_one_draw() -> None:
    rng = np.random.default_rng(10)
    held = alone = 0
    times = 300
    for _ in range(times):
        few = nested(rng, 12, 1, 1.0, 0.5)
        numbers = np.repeat(np.arange(12), 1 + np.arange(12) % 4)
        found = mean_interval(few[numbers], points="nested", clusters=numbers.tolist())
        held += found.low <= 0 <= found.high
        wrong = mean_interval(few[numbers], points="nested")
        alone += wrong.low <= 0 <= wrong.high
        assert found.estimate == pytest.approx(few[numbers].mean())  # it weighs what it stands there for
    assert held / times > 0.91
    assert alone / times < 0.85


def test_a_run_that_stands_there_often_is_counted_once() -> None:
    rng = np.random.default_rng(11)
    design = make_design(("baseline", "policy"), np.zeros((6, 1)), ("a",), 2)
    level = rng.normal(size=len(design))
    table = make_table(design, 1, {OUTCOME: lambda rows, _: level[rows.index][:, None]})
    panel = Panel.of(design, table, [OUTCOME], "baseline")
    draws = Draws((0, 0, 0, 1, 1, 2), np.array([[1, 2], [1, 2], [7, 8], [3, 4], [3, 4], [5, 6]]))
    found = panel.distinct(draws)
    assert found.there.sum((0, 2)).tolist() == [8, 4, 4]
    first, values = panel.values[OUTCOME][..., 0], found.values[OUTCOME][..., 0]
    assert values[1, 0].tolist() == [*first[1, 0], *first[1, 2]]
    assert values[0, 2, :2].tolist() == first[0, 5].tolist()
    assert np.isnan(values[:, 1:, 2:]).all()


def test_interval_covers_where_draws_share_a_few_seeds() -> None:
    rng = np.random.default_rng(13)
    held = alone = 0
    times = 300
    for _ in range(times):
        seeds = rng.integers(0, 8, 40)
        effects = rng.normal(0, 1, 8)
        values = rng.normal(0, 1, (40, 1)) + effects[seeds][:, None]
        found = mean_interval(values, points="nested", seeds=seeds[:, None].tolist())
        held += found.low <= 0 <= found.high
        wrong = mean_interval(values, points="nested")
        alone += wrong.low <= 0 <= wrong.high
    assert held / times > 0.9
    assert alone / times < 0.75


def test_seeds_that_are_all_different_change_nothing() -> None:
    values = nested(np.random.default_rng(14), 6, 3, 1.0, 0.5)
    seeds = np.arange(18).reshape(6, 3).tolist()
    assert mean_interval(values, points="nested", seeds=seeds) == mean_interval(values, points="nested")


def test_what_draws_and_seeds_both_hold_is_counted_once() -> None:
    values, seeds = np.array([[0.0], [10.0], [2.0], [11.0]]), [[0], [0], [1], [1]]
    found = mean_interval(values, points="nested", seeds=seeds)
    low, high = stats.ttest_1samp(values.ravel(), 0).confidence_interval()  # seeds add nothing: their means are alike
    assert (found.low, found.high) == pytest.approx((low, high))


def test_points_that_are_alike_and_share_seeds_are_one_draw() -> None:
    values = nested(np.random.default_rng(12), 6, 4, 1.0, 0.5)
    once = mean_interval(values)
    twice = mean_interval(np.repeat(values, 2, axis=0), clusters=np.repeat(np.arange(6), 2).tolist())
    assert twice.estimate == pytest.approx(once.estimate)
    assert 0.99 * once.half_width < twice.half_width < 1.6 * once.half_width


OUTCOME = "irregular_departures"


def compared(
    replicates: int = 3, scenarios: tuple[str, ...] = ("baseline", "policy")
) -> tuple[Comparison, pd.DataFrame]:
    """Runs whose level depends on the draw, and whose effect depends on the seed; each draw has its own seeds."""
    draws = np.random.default_rng(8).normal(0, 1, (40, 2))
    design = make_design(scenarios, draws, ("a", "b"), replicates)
    design["seed"] = design["point"] + 1000 * design["replicate"]

    def departures(design: pd.DataFrame, months: np.ndarray) -> np.ndarray:
        rng = np.random.default_rng(9)
        effect = rng.normal(-50, 10, len(design)) * (design["scenario"] != "baseline")
        level = 1000 + 100 * design["a"] + 5 * rng.normal(size=len(design))
        return (level + effect).to_numpy()[:, None] + 0 * months

    panel = Panel.of(design, make_table(design, 24, {OUTCOME: departures}), [OUTCOME], "baseline")
    numbers = tuple(range(40))
    seeds = design[design["scenario"] == "baseline"]["seed"].to_numpy().reshape(replicates, 40).T
    how = IntervalChoice(points="nested", clusters=numbers)
    return compare_panel(panel, {OUTCOME: OUTCOMES[OUTCOME]}, intervals=how, draws=Draws(numbers, seeds)), draws


def test_tables_and_figures_tell_both_shares(tmp_path: Path) -> None:
    found, _ = compared(scenarios=("baseline", "policy", "other", "third", "fourth"))
    runs, difference = (found.shares(OUTCOME, "policy", of) for of in ("runs", "difference"))
    assert runs["between"] > 0.95
    assert difference["between"] < 0.3
    assert runs["between"] + runs["within"] == pytest.approx(1.0)
    assert "variance between draws" in table_of_comparison(found).columns
    assert "with seeds of their own" in table_of_comparison(found).text()
    assert "between draws" in table_of_variance(found).text()
    view = ComparisonView.of(found)
    view.save(tmp_path)
    told = json.loads((tmp_path / "contents.json").read_text())["variance"]
    assert {row["of"] for row in told} == {"runs", "difference"}
    assert len(pd.read_csv(tmp_path / "variance.csv")) == 9
    for name in (f"fan_{OUTCOME}", f"difference_{OUTCOME}"):
        assert "Variance: draws " in view.figures[name].axes[-1].get_xlabel()


def test_one_replicate_is_reported_in_words() -> None:
    found, _ = compared(replicates=1)
    assert "not separated" in table_of_comparison(found).text()
    assert "one replicate a draw" in table_of_comparison(found).text()
    assert "not separated" in ComparisonView.of(found).figures[f"fan_{OUTCOME}"].axes[0].get_xlabel()


def test_sensitivity_to_draws_is_a_regression() -> None:
    found, draws = compared()
    table = FactorTable(("a", "b"), draws, "posterior", nested=True)
    result = analyse_panel(found.panel, table, found.outcomes)
    assert result.kind == "regression"
    assert result.top(OUTCOME)["factor"].tolist()[0] == "a"
    assert result.fit["share_factors"].item() > 0.95
    assert result.fit["share_seeds"].item() == 0.0
