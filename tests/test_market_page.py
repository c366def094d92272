"""The page "How the market works": its script lists every payment, and every parameter that it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import who_pays_whom as script
from worlds import months_of, small_config

from abm.engine.ledger import ACCOUNTS
from abm.model import Model
from abm.month import MONTH, OUTCOMES
from abm.report.describe import TOPICS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "market.md"
TEXT = PAGE.read_text(encoding="utf-8")


def rows_of_page() -> dict[tuple[str, str, str], str]:
    """Payments that the page names, and when they are made."""
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", TEXT, re.MULTILINE)
    return {(payer, payee, kind): when for payer, payee, kind, when in rows}


@pytest.fixture(scope="module")
def lively() -> Counter[tuple[str, str, str]]:
    """Payments of a run with much migration, every channel and levers that pay."""
    config = small_config(
        ("gujrat", "mandi_bahauddin", "lahore"), months=40, scale=0.01, min_villages=12,
        levers=[
            {"lever": "cash_transfer", "from": "2009-06", "value": 500},
            {"lever": "microcredit", "from": "2009-06", "value": 0.5},
            {"lever": "migrant_sanction", "from": "2009-06", "value": 0.5},
            {"lever": "border_patrol", "from": "2009-06", "value": 2},
        ],
        budget={"per_year": 3e9, "rule": "cap"},
    )  # fmt: skip
    paid: Counter[tuple[str, str, str]] = Counter()
    for world in months_of(Model(config)):
        paid.update(world.ledger.flows)
    return paid


def test_every_payment_of_a_lively_run_is_listed(lively):
    assert set(lively) - set(script.WHEN) == set()
    assert len(lively) > 25  # the run is lively


def test_the_table_is_what_the_script_would_write():
    """Payments of the baseline, in the order and words of the list."""
    rows = rows_of_page()
    assert list(rows.items()) == [(flow, when) for flow, when in script.WHEN.items() if flow in rows]
    assert len(rows) > 25


def test_nothing_on_the_page_is_paid_by_nobody():
    """Every account is one of the ledger, and every kind is booked somewhere in the code."""
    code = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src" / "abm").rglob("*.py")))
    for payer, payee, kind in script.WHEN:
        assert {payer, payee} <= set(ACCOUNTS)
        assert f'"{kind}"' in code, kind


def test_names_on_the_page_exist():
    paths = {row["path"] for row in TOPICS["parameters"].rows()}
    known = set(OUTCOMES) | set(ACCOUNTS) | {mechanism.section for mechanism in MONTH} | {"code"}
    for name in re.findall(r"`([a-z_.]+)`", TEXT.partition(script.START)[0]):
        assert name in paths | known, name


def test_links_and_the_picture_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / target).is_file(), target
    assert (script.IMAGES / "who_pays_whom.png").stat().st_size < 300_000


def test_the_table_is_replaced_and_the_rest_kept():
    again = script.rewritten(TEXT, "| new |")
    assert script.rewritten(again, "| new |") == again
    assert again.partition(script.START)[0] == TEXT.partition(script.START)[0]
    assert again.partition(script.END)[2] == TEXT.partition(script.END)[2]
    assert "| new |" in again


def test_amounts_are_a_year():
    flow = ("offices", "transporters", "passage")
    table = script.table(Counter({flow: 30_000_000}), 6)
    assert "| `offices` | `transporters` | passage | every attempt that begins | 60 |" in table


def test_the_picture_shows_the_market_and_not_the_economy():
    flows = Counter({
        ("employers", "households", "wages"): 1, ("employers_abroad", "households", "remittances"): 2,
        ("employers_abroad", "transporters", "onward fare"): 3, ("offices", "officials", "bribe"): 4,
        ("offices", "officials", "protection"): 5, ("government", "households", "cash transfer"): 6,
    })  # fmt: skip
    assert script.market_of(flows, 12) == {("employers_abroad", "transporters"): 3, ("offices", "officials"): 9}


FLOWS = {
    ("households", "offices"): 7e9, ("households", "escrow"): 5e9, ("escrow", "offices"): 4e9,
    ("escrow", "households"): 1e9, ("offices", "transporters"): 8e9, ("households", "transporters"): 1e9,
    ("offices", "office_owners"): 1e9, ("office_owners", "offices"): 2e8, ("employers_abroad", "transporters"): 1e9,
    ("escrow", "money_holders"): 1e8, ("households", "extortionists"): 3e8, ("offices", "government"): 1e7,
    ("offices", "forgers"): 5e8, ("offices", "officials"): 4e8, ("offices", "associates"): 2e9,
}  # fmt: skip


def test_the_picture_is_the_same_whoever_draws_it(tmp_path):
    pictures = []
    for name in ("a.png", "b.png"):
        with script.drawing():
            script.save_small(script.draw(FLOWS), tmp_path / name)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]


def test_names_in_the_picture_do_not_overlap():
    with script.drawing():
        figure = script.draw(FLOWS)
        figure.canvas.draw()
        texts = [*figure.axes[0].texts, *figure.texts]
        boxes = [text.get_window_extent(figure.canvas.get_renderer()) for text in texts]
    for k, box in enumerate(boxes):
        assert box.x1 <= figure.bbox.x1, texts[k].get_text()
        for other in range(k):
            assert not box.overlaps(boxes[other]), (texts[k].get_text(), texts[other].get_text())


def test_bands_fill_what_their_account_takes_in():
    sizes = {("a", "c"): 0.2, ("a", "d"): 0.3, ("b", "d"): 0.1}
    starts = script._stack({"a": 1.0, "b": 0.5}, sizes, ["a", "b", "c", "d"])
    assert starts == {("a", "c"): 1.0, ("a", "d"): 0.8, ("b", "d"): 0.5}
