"""Draw who pays whom in the market, and write the table of payments of ``docs/market.md``, from the ledger of a run.

    python docs/who_pays_whom.py        runs a small baseline, about a minute; the same code gives the same bytes

The picture shows the market; the table shows every payment of the run but those of `ELSEWHERE`.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, PathPatch, Rectangle
from matplotlib.path import Path as Curve

from abm import __version__
from abm.config import load_config
from abm.engine.version import code_hash
from abm.model import Model
from abm.plots.style import INK, OKABE_ITO, Plate, drawing, halo, new_figure, number, save_small, write_notes

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "market.md"
IMAGES = ROOT / "docs" / "images"
START, END = "<!-- payments of a run, by docs/who_pays_whom.py -->\n", "<!-- end of payments -->"

SCALE, SEED, UNTIL, COUNTED_FROM = 0.002, 1, "2018-12", 60
"""The run, and the month from which payments are counted: 2014 to 2018, when the market has found its feet."""

Flow = tuple[str, str, str]

WHEN: dict[Flow, str] = {
    ("households", "offices", "smuggling fee"): "departure: fee, or its advance on credit; also what the cheated lose",
    ("households", "escrow", "deposit"): "departure: the whole fee, held by a third party",
    ("escrow", "offices", "deposit released"): "arrival within the contract",
    ("escrow", "households", "deposit returned"): "death, or failed for good",
    ("escrow", "money_holders", "holding of deposits"): "end of the journey, whatever it is",
    ("escrow", "office_owners", "deposit released"): "arrival, when the office has closed meanwhile",
    ("households", "offices", "instalment"): "every month while a fee on credit is owed",
    ("households", "office_owners", "instalment"): "the same, when the office has closed meanwhile",
    ("households", "transporters", "passage"): "departure without an office",
    ("households", "officials", "bribe"): "departure without an office",
    ("households", "forgers", "documents"): "departure without an office",
    ("employers_abroad", "transporters", "onward fare"): "departure from a first destination, out of pay earned there",
    ("offices", "transporters", "passage"): "every attempt that begins",
    ("offices", "officials", "bribe"): "every attempt that begins",
    ("offices", "forgers", "documents"): "every attempt that begins",
    ("offices", "officials", "protection"): "every month, to investigators, as far as circles watch the office",
    ("offices", "associates", "share of associates"): "every receipt",
    ("offices", "associates", "overhead"): "every month: rent, phones, people",
    ("offices", "office_owners", "profit"): "every month, a part of what is beyond the reserve",
    ("offices", "office_owners", "capital"): "closing: what is left",
    ("office_owners", "offices", "capital"): "opening; and closing with debts, which the owners pay",
    ("offices", "government", "seizure"): "conviction",
    ("households", "extortionists", "ransom"): "a member is held on the way",
    ("extortionists", "offices", "share of ransom"): "the same, the part of an office that lets clients be held",
    ("households", "government", "fine"): "sent home and punished there",
    ("households", "recruiters", "legal fee"): "departure for legal work: the regulated part",
    ("households", "recruiters", "fee under the table"): "departure for legal work: what is asked beyond it",
    ("households", "recruiters", "application refused"): "a contract is refused, or no place is left",
    ("households", "government_abroad", "application refused"): "sponsorship or a visit refused, or no place is left",
    ("households", "sponsors", "sponsorship"): "departure to sponsoring relatives",
    ("households", "carriers", "visit visa and fare"): "departure on a visit after which the visitor stays",
    ("carriers", "recruiters", "visit visa"): "the same: the agent's part",
    ("households", "carriers", "move to a city"): "move to a city of Pakistan",
    ("lenders", "households", "loan"): "whenever savings do not cover a fee, a ransom or a bad month",
    ("households", "lenders", "repayment"): "every month while there is debt",
    ("government", "lenders", "interest subsidy"): "every month, under the lever of micro-credit",
    ("employers", "households", "wages"): "every month",
    ("bonding_employers", "households", "kiln and mine pay"): "every month, to bonded households: the pay promised",
    ("households", "bonding_employers", "pay withheld"): "at once: the part that is not handed over",
    ("households", "bonding_employers", "pay withheld for the debt"): "at once: the part of it taken off the debt",
    ("bonding_employers", "households", "advance"): "a household in want is bound, and in bad months afterwards",
    ("households", "bonding_employers", "bond repayment"): "pay leaves more than is needed, or a lender takes the debt",
    ("buyers", "traffickers", "price of a person"): "a person is brought to a city into exploitation",
    ("buyers_abroad", "traffickers", "price of a person"): "a person is taken abroad into exploitation",
    ("traffickers", "brokers", "share of the price"): "the same: what others between recruiter and buyer keep",
    ("traffickers", "carriers", "transport of persons"): "the same: transport, papers and bribes",
    ("traffickers", "households", "payment to a family"): "a member is placed by the family",
    ("traffickers", "sellers", "living of recruiters"): "every month",
    ("endowment", "traffickers", "capital"): "a recruiter begins",
    ("endowment", "traffickers", "debts of recruiters given up"): "a recruiter closes who owes",
    ("traffickers", "endowment", "capital"): "a recruiter closes who owns something",
    ("traffickers", "government", "assets of convicted recruiters"): "a court convicts a recruiter",
    ("employers_abroad", "households", "remittances"): "every month",
    ("employers_city", "households", "domestic remittances"): "every month",
    ("government", "households", "cash transfer"): "every month, under the lever of cash transfers",
    ("households", "sellers", "consumption"): "every month",
    ("households", "sellers", "expense shocks"): "a bad month",
    ("households", "sellers", "houses"): "a house is built",
    ("government", "administration", "enforcement"): "every month: pay of officers",
    ("government", "administration", "policy"): "every month: cost of the levers in force",
    ("administration", "government", "policy, paid later"): "every month under a budget: bills that wait",
    ("government", "administration", "policy, paid ahead"): "a month later: these bills; or the last money of a year",
    ("government", "administration", "agencies"): "every month: pay of police, social welfare and inspectors for this",
    ("transit_travellers", "offices", "smuggling fee"): "setting off with an office",
    ("transit_travellers", "transporters", "passage"): "setting off alone",
    ("transit_travellers", "officials", "bribe"): "setting off alone, past officers who take bribes",
    ("transit_travellers", "forgers", "documents"): "setting off alone on a leg that asks for papers",
    ("transit_travellers", "sellers", "spending on the way"): "on entry, for the water and meals of some days",
    ("endowment", "households", "opening savings"): "the first month",
    ("households", "endowment", "spent before the start"): "the first month, what opening debts were spent on",
    ("endowment", "households", "endowment"): "a new household forms",
}
"""When each payment is made. The market comes first."""

ELSEWHERE = {"employers", "employers_city", "sellers", "administration", "endowment"}
"""Accounts whose payments the table of the page leaves out: the households' living, and the pay of officers."""

NAMES = {
    "households": "Households", "employers_abroad": "Travellers\nabroad", "escrow": "Escrow", "offices": "Offices",
    "money_holders": "Holders of deposits", "office_owners": "Owners of offices", "associates": "Associates, overhead",
    "forgers": "Forgers", "officials": "Officials", "transporters": "Transporters", "extortionists": "Extortionists",
    "government": "Government",
}  # fmt: skip
COLOURS = {
    "escrow": "orange", "offices": "green", "money_holders": "purple", "office_owners": "green", "associates": "orange",
    "forgers": "sky blue", "officials": "vermillion", "transporters": "blue", "extortionists": "black",
    "government": "purple", "households": "yellow",
}  # fmt: skip
COLUMNS = (
    ("households", "employers_abroad"),
    ("escrow",),
    ("offices",),
    (
        "money_holders", "office_owners", "associates", "forgers", "officials", "transporters", "extortionists",
        "government",
    ),
)  # fmt: skip
"""Nodes of the picture from left to right and from top to bottom."""

PLACES = (0.0, 0.26, 0.52, 0.86)
X = {name: place for place, column in zip(PLACES, COLUMNS, strict=True) for name in column}
"""Left edges of the columns, and of each node."""

BROAD, GAP, HEIGHT, LEAST = 0.016, 0.052, 0.55, 0.005
"""Width of a node, gap between nodes, height of what households pay, and of a bar at least; shares of the picture."""


def count_payments() -> tuple[Counter[Flow], int]:
    """Run the model; gives the payments of the months counted, and how many those are."""
    config = load_config(ROOT / "configs" / "baseline.yaml", [f"end={UNTIL}"], seed=SEED, scale=SCALE)
    model, paid, months = Model(config), Counter[Flow](), 0
    try:
        for month in range(config.months):
            model.step()
            if month >= COUNTED_FROM:
                paid.update(model.world.ledger.flows)
                months += 1
    finally:
        model.close()
    return paid, months


def table(paid: Counter[Flow], months: int) -> str:
    """Markdown table of the payments made: payer, payee, kind, when, and how much."""
    lines = ["| payer | payee | kind | when | million PKR of 2017 a year |", "| --- | --- | --- | --- | ---: |"]
    for flow, when in WHEN.items():
        payer, payee, kind = flow
        if paid[flow] and not {payer, payee} & ELSEWHERE:
            lines.append(f"| `{payer}` | `{payee}` | {kind} | {when} | {number(paid[flow] * 12 / months / 1e6)} |")
    return "\n".join(lines)


def rewritten(page: str, rows: str) -> str:
    """Page with its table made anew."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{rows}\n\n{END}{after}"


# -------------------------------------------------------------------------------------------------------------- picture


def market_of(paid: Counter[Flow], months: int) -> dict[tuple[str, str], float]:
    """PKR a year between the accounts of the picture; what travellers abroad are paid is not in it."""
    shown = {name for column in COLUMNS for name in column}
    found: Counter[tuple[str, str]] = Counter()
    for (payer, payee, _), amount in paid.items():
        if {payer, payee} <= shown and payer != "government" and (payer, payee) != ("employers_abroad", "households"):
            found[payer, payee] += amount
    return {pair: amount * 12 / months for pair, amount in found.items()}


def draw(flows: dict[tuple[str, str], float]) -> Plate:
    """Draw accounts as bars and payments as bands between them."""
    figure = new_figure(
        11.5, 7.2, "Who pays whom in the market, mean of 2014 to 2018",
        "Billion PKR of 2017 a year. Width of bands and height of bars are proportional to money, which goes from left "
        "to right; arrows: money that goes back.",
    )  # fmt: skip
    axes = figure.add_axes((0.03, 0.08, 0.94, 0.80))
    axes.set(xlim=(-0.01, 1.12), ylim=(-0.05, 1))
    axes.set_axis_off()
    order = [name for column in COLUMNS for name in column]
    ahead = {pair: amount for pair, amount in flows.items() if order.index(pair[0]) < order.index(pair[1])}
    back = {pair: amount for pair, amount in flows.items() if pair not in ahead}
    into, out = Counter[str](), Counter[str]()
    for (payer, payee), amount in ahead.items():
        out[payer] += amount
        into[payee] += amount
    scale = HEIGHT / max(out["households"], 1.0)
    tops = _place_nodes(axes, into, out, scale)
    starts = _stack(tops, {pair: amount * scale for pair, amount in ahead.items()}, order)
    left = dict(tops)
    for (payer, payee), top in sorted(starts.items(), key=lambda item: (-item[1], item[0])):
        size = ahead[payer, payee] * scale
        _band(axes, payer, payee, top, left[payee], size)
        _name_band(axes, payer, payee, (top - size / 2, left[payee] - size / 2), ahead[payer, payee])
        left[payee] -= size
    _draw_back(axes, tops, back)
    run = (
        f"configs/baseline.yaml to {UNTIL}, scale {SCALE}, seed {SEED}; abm {__version__}, code {code_hash()[:12]}. "
        "One run: no uncertainty is shown."
    )
    write_notes(figure, (run,))
    return figure


def _stack(
    tops: dict[str, float], sizes: dict[tuple[str, str], float], order: list[str]
) -> dict[tuple[str, str], float]:
    """Height at which each band leaves its payer: the first payees of the picture at the top."""
    right, starts = dict(tops), {}
    for payee in order:
        for payer in order:
            if (payer, payee) in sizes:
                starts[payer, payee] = right[payer]
                right[payer] -= sizes[payer, payee]
    return starts


def _place_nodes(axes: Axes, into: Counter[str], out: Counter[str], scale: float) -> dict[str, float]:
    """Draw the nodes with their names; gives the top of each."""
    tops, starts = {}, (0.90, 0.93, 0.72, 0.97)
    for column, place, start in zip(COLUMNS, PLACES, starts, strict=True):
        y, last = start, column is COLUMNS[-1]
        for name in column:
            amount = max(into[name], out[name])
            size = max(amount * scale, LEAST)
            if not amount:
                continue
            tops[name] = y
            axes.add_patch(Rectangle((place, y - size), BROAD, size, color=INK, linewidth=0, zorder=3))
            text = f"{NAMES[name]}  {_billion(amount)}"
            if last:
                axes.text(place + BROAD + 0.008, y - size / 2, text, va="center", weight="bold")
            else:
                halo(axes.text(place, y + 0.008, text, va="bottom", weight="bold", zorder=6))
            y -= size + (GAP if last else 0.09)
    return tops


def _band(axes: Axes, payer: str, payee: str, top: float, end: float, size: float) -> None:
    """Draw a payment as a band of one width: its width is the money."""
    x0, x1 = X[payer] + BROAD, X[payee]
    bend = 0.45 * (x1 - x0)
    upper = [(x0, top), (x0 + bend, top), (x1 - bend, end), (x1, end)]
    lower = [(x, y - size) for x, y in reversed(upper)]
    verts = [*upper, *lower, (x0, top)]
    codes = [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    colour = OKABE_ITO[COLOURS[payee]]
    axes.add_patch(
        PathPatch(
            Curve(verts, codes), facecolor=colour, edgecolor="white" if size > LEAST else colour, linewidth=0.6,
            alpha=0.6, zorder=2,
        )
    )  # fmt: skip


BAND_NAMES = {
    ("households", "escrow"): "deposits", ("households", "offices"): "fees, advances, instalments",
    ("escrow", "offices"): "released on arrival", ("households", "transporters"): "passage of those alone",
    ("offices", "transporters"): "passage", ("employers_abroad", "transporters"): "onward fares",
}  # fmt: skip
"""What a band is, where there is room to say so; the table names all kinds."""

NAMED_AT_END = {("households", "transporters")}
LEAST_NAMED = 0.3e9
"""PKR a year from which a band is named."""


def _name_band(axes: Axes, payer: str, payee: str, middles: tuple[float, float], amount: float) -> None:
    """Write what a band is at its beginning, or at its end where bands cross at the beginning."""
    text = BAND_NAMES.get((payer, payee))
    if not text or amount < LEAST_NAMED:
        return
    at_end = (payer, payee) in NAMED_AT_END
    x = X[payee] - 0.008 if at_end else X[payer] + BROAD + 0.008
    side = "right" if at_end else "left"
    words = f"{text} {_billion(amount)}"
    halo(axes.text(x, middles[at_end], words, ha=side, va="center", size=8, zorder=5), 1.6)


def _draw_back(axes: Axes, tops: dict[str, float], back: dict[tuple[str, str], float]) -> None:
    """Draw money that goes back as arrows along the upper side of the bands, with what it is."""
    for (payer, payee), amount in sorted(back.items()):
        if payer not in tops or payee not in tops:
            continue
        words, beside, bend = BACK.get((payer, payee), ("back", (0.5, 0.05), 0.15))
        start, end = (X[payer] - 0.003, tops[payer] + 0.002), (X[payee] + BROAD + 0.106, tops[payee] + 0.018)
        axes.add_patch(FancyArrowPatch(
            start, end, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=11, linewidth=1.3,
            color=INK, zorder=4,
        ))  # fmt: skip
        x, y = end[0] + beside[0] * (start[0] - end[0]), end[1] + beside[1]
        halo(axes.text(x, y, f"{words} {_billion(amount)}", ha="left", va="center", size=8, zorder=6))


BACK = {
    ("escrow", "households"): ("deposits returned", (-0.35, 0.047), 0.12),
    ("office_owners", "offices"): ("capital brought in", (-0.35, 0.045), 0.0),
}
"""Money that goes back: what it is, where that is written beside the point of the arrow, and how the arrow bends."""


def _billion(amount: float) -> str:
    """An amount in billions, two figures."""
    return number(float(np.round(amount / 1e9, 2)))


def main() -> int:
    """Run, draw, write; returns the exit code."""
    paid, months = count_payments()
    unnamed = sorted(set(paid) - set(WHEN))
    if unnamed:
        print("payments without words in WHEN:", *unnamed, sep="\n  ")
        return 1
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), table(paid, months)), encoding="utf-8")
    with drawing():
        save_small(draw(market_of(paid, months)), IMAGES / "who_pays_whom.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
