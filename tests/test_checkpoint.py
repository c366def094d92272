"""A run saved at a month and continued is the uninterrupted run, to the bit; what is no checkpoint is refused."""

import json
import pickle
from pathlib import Path

import pytest
from worlds import checksums, small_config

from abm import checkpoint
from abm.config import Config
from abm.engine.errors import AbmError
from abm.model import Model
from abm.month import MONTH
from abm.simulation import advance, build_world, simulate, tables_of

MONTHS = 16


def config() -> Config:
    """Everything on, with levers in force, one behind a trigger, and a budget."""
    levers = [
        {"lever": "border_patrol", "from": "2009-03", "pulse": {"months_on": 2, "months_off": 1}, "value": 3.0},
        {"lever": "awareness_campaign", "topic": "death", "from": "2009-04", "value": 0.2},
        {"lever": "microcredit", "from": "2009-02", "value": 20000.0},
        {"lever": "transit_border_control", "announced": "2009-07", "from": "2009-12", "value": 2.0},
        {
            "lever": "cash_transfer", "value": 1500.0,
            "when": {"outcome": "irregular_departures", "above": 1.0, "for_months": 9},
        },
    ]  # fmt: skip
    return small_config(
        months=MONTHS,
        levers=levers,
        budget={"per_year": 2e9, "rule": "cap"},
        events=[
            {"event": "parameter", "parameter": "livelihood.microcredit_take_up", "value": 0.75, "from": "2009-03"}
        ],
        outputs={"journeys": True},
        mechanisms={mechanism.section: {"enabled": True} for mechanism in MONTH},
        displacement={"persons": {"gujrat": 2000}, "begins": "2009-03", "months": 8, "permits_end": "2015-12"},
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoint after seven months."""
    world = build_world(config())
    for _ in range(7):
        advance(world)
    return checkpoint.save(world, tmp_path_factory.mktemp("run") / "after_7")


def test_a_run_that_goes_on_is_the_uninterrupted_one(saved: Path) -> None:
    world = checkpoint.load(saved, threads=2)
    while world.t + 1 < MONTHS:
        advance(world)
    world.threads.close()
    assert checksums(tables_of(world)) == checksums(simulate(config()))


def test_saving_disturbs_nothing_and_works_in_every_month(tmp_path: Path) -> None:
    model = Model(config())
    for month in range(5):
        model.step()
        model.save(tmp_path / str(month))
    usual = checksums(model.tables())
    for month in range(4):
        other = Model.load(tmp_path / str(month))
        other.run_for(4 - month)
        assert checksums(other.tables()) == usual


def test_what_is_damaged_or_of_another_version_is_refused(saved: Path, tmp_path: Path) -> None:
    facts = json.loads((saved / checkpoint.FACTS).read_text())
    state = (saved / checkpoint.STATE).read_bytes()

    def refusal(facts: object, state: bytes) -> str:
        folder = tmp_path / "other"
        folder.mkdir(exist_ok=True)
        (folder / checkpoint.FACTS).write_text(json.dumps(facts))
        (folder / checkpoint.STATE).write_bytes(state)
        with pytest.raises(AbmError) as raised:
            checkpoint.load(folder)
        return str(raised.value)

    assert "is damaged" in refusal(facts, state[:-1] + b"x")
    assert "another version" in refusal(facts | {"code": "0.0+1"}, state) or "was written by" in refusal(
        facts | {"code": "0.0+1"}, state
    )
    assert "cannot be read" in refusal([], state)
    with pytest.raises(AbmError, match=r"is no checkpoint: 'checkpoint\.json' is missing"):
        checkpoint.load(tmp_path)
    with pytest.raises(AbmError, match="is there already"):
        checkpoint.save(checkpoint.load(saved), saved)


class Bomb:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("touch /tmp/should_not_be_there",)


def test_a_stranger_s_checkpoint_runs_no_code(saved: Path, tmp_path: Path) -> None:
    import hashlib

    facts = json.loads((saved / checkpoint.FACTS).read_text())
    state = pickle.dumps(Bomb())
    (tmp_path / checkpoint.STATE).write_bytes(state)
    (tmp_path / checkpoint.FACTS).write_text(json.dumps(facts | {"sha256": hashlib.sha256(state).hexdigest()}))
    with pytest.raises(AbmError, match=r"it names 'posix\.system', which is not part of the state of a world"):
        checkpoint.load(tmp_path)
