"""Sale of visas: those who pay leave, within the number for sale; the destination's government is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept, monthly
from abm.departure import (
    Choices,
    OptionsState,
    apply,
    destinations_of,
    leave,
    means_of_households,
    take_due_applications,
)
from abm.departure.kernels.choice import STAY, choose_again, homes_in_order, weighing_space
from abm.departure.kernels.departure import serve_by_lot
from abm.engine.sums import ascending, sum_by
from abm.engine.tables import widen
from abm.legal.contracts import QUOTA_MONTHS, Allowance, LegalWorkOutcomes, share_of_region
from abm.legal.legal_price import VISA_SALE, LegalPriceOutcomes, LegalPriceState
from abm.market import OffersState
from abm.places.options import IRREGULAR_WAY, LEGAL_WORK
from abm.policy import InForce
from abm.world.codes import STREAM_RATION, STREAM_SECOND_CHOICE, WORKER
from abm.world.columns import made_for

if TYPE_CHECKING:
    from abm.world.state import World


class VisaSaleState(State):
    """Visas for sale, and those who bought one this month."""

    bought: Held[Choices] = monthly(
        text="Those who bought a visa this month.", neutral=lambda world: Choices(*np.zeros((4, 0), np.int64))
    )

    unsold: Held[Allowance] = kept(
        unit="visa", text="Visas for sale.", over=("destination",),
        start=lambda world: Allowance(len(world.destination_facts)),
    )  # fmt: skip


def sell_visas(world: World) -> None:
    """Serve the buyers of the month, and let those served earlier pay and leave.

    Visas are reserved at once, by lot if demand exceeds supply. Those not served learn it at the counter and choose
    again among the other ways, so that nobody waits in vain. A smuggler's client buys a visa to the same destination
    if it is no dearer. There are no refusals and no skill requirements. If the sale has ended meanwhile, reservations
    lapse without payment.
    """
    places = world[LegalPriceState].visas.places * share_of_region(world)
    stock = world[VisaSaleState].unsold
    stock.grant(places, QUOTA_MONTHS * places)
    if places.any():
        _reserve(world, stock)
    _hand_over(world, stock)


def close_sale(world: World, attraction: np.ndarray) -> np.ndarray:
    """Attraction of the options by district, with all visas sold out; those not in use this month may keep theirs."""
    is_sold = world.option_table.is_sold
    if not is_sold[: world[OptionsState].month.in_use].any():
        return attraction
    closed = attraction.copy()
    closed[:, is_sold] = -np.inf
    return closed


def choose_another(world: World, lost: Choices, attraction: np.ndarray, stream: int) -> Choices:
    """Let those who `lost` an option (-1 for none) choose once more, all visas sold out; see `choose_again`.

    Returns those who do not stay, in order of household.
    """
    lost = widen(lost, ascending(lost.row))  # a district's households are weighed side by side
    homes, made = np.empty(lost.row.size, np.int64), made_for(lost.row.size)
    homes_in_order(lost.row, world.villages.first_row, homes)
    options, closed, key = world[OptionsState].month, close_sale(world, attraction), world.key(stream)
    world.threads.each(
        lambda first, last: choose_again(
            first, last, lost.row, lost.district, homes, lost.option, lost.persons, world.district_month,
            world.households, world.villages, options, attraction, closed, key, made,
            weighing_space(len(world.options)),
        ),
        lost.row.size,
    )  # fmt: skip
    at, way = (made.option != STAY).nonzero()
    return widen(Choices(lost.row[at], lost.district[at], made.option[at, way], made.persons[at, way]), slice(None))


def in_order(*parts: Choices) -> Choices:
    """Put choices together in order of household."""
    joined = Choices(*map(np.concatenate, zip(*parts, strict=True)))
    return widen(joined, ascending(joined.row))


def _reserve(world: World, stock: Allowance) -> None:
    """Reserve visas for buyers; the others choose another way."""
    choices = world[OptionsState].choices
    wants = world.option_table.is_sold[choices.option]
    destination = destinations_of(world, choices.option)
    buys = wants | _undercut(world, choices)
    served = np.zeros(buys.size, np.int64)
    share = np.ones(stock.unused.size)
    key = world.key(STREAM_RATION)
    for row in np.unique(destination[buys]):
        mine = np.flatnonzero(buys & (destination == row))
        persons = choices.persons[mine]
        got = np.zeros(mine.size, np.int64)
        stock.unused[row] = serve_by_lot(choices.row[mine], persons, stock.unused[row], key, FIRST_LOT + row, got)
        served[mine] = got
        share[row] = (got * persons).sum() / persons.sum()
    world[LegalPriceState].visas_served = share
    lucky = served > 0
    of_sale = np.flatnonzero(world.option_table.is_sold)
    sold = np.full(len(world.destination_facts), -1)  # option of the visa for sale at each destination
    sold[destinations_of(world, of_sale)] = of_sale
    buyers = world[VisaSaleState].bought = widen(choices._replace(option=sold[destination]), lucky)
    apply(world, buyers)
    world.figures[LegalWorkOutcomes.legal_applications] += sum_by(buyers.district, buyers.persons, world.district_count)
    # those served are gone from the choices of the month; those who are not choose another way
    unlucky = wants & ~lucky
    none = widen(choices._replace(option=np.full(unlucky.size, -1)), unlucky)
    second = choose_another(world, none, world[OptionsState].attraction, STREAM_SECOND_CHOICE)
    world[OptionsState].choices = in_order(widen(choices, ~(lucky | unlucky)), second)


def _undercut(world: World, choices: Choices) -> np.ndarray:
    """Whether a household chose an irregular way where it can afford a visa that costs no more than an office.

    Such a way has no advantage: it takes longer, and may fail or kill. Its client buys the visa.
    """
    visa = np.floor(world[LegalPriceState].visas.price)
    asked = world[OffersState].month.summary.fee
    rows, districts, picked, _ = choices
    beaten = np.zeros(rows.size, bool)
    for k, option in enumerate(world.options):
        if option.channel == IRREGULAR_WAY and np.isfinite(visa[option.destination]):
            mine = picked == k
            fee = asked[districts[mine], option.route]
            beaten[mine] = visa[option.destination] <= np.where(np.isfinite(fee), fee, 0.0)
    found = np.flatnonzero(beaten)
    means = means_of_households(world, rows[found], districts[found])
    beaten[found] = means >= visa[destinations_of(world, picked[found])]
    return beaten


def _hand_over(world: World, stock: Allowance) -> None:
    """Let holders of due reservations pay the government of their destination and leave."""
    due = take_due_applications(world, LEGAL_WORK, is_sold=True)
    nobody = np.zeros(world.district_count, np.int64)
    world.figures |= {LegalPriceOutcomes.visas_sold: nobody, LegalPriceOutcomes.visa_revenue: nobody}
    if not due.row.size:
        return
    destination = destinations_of(world, due.option)
    price = world[LegalPriceState].costs[due.option]
    ended = ~np.isfinite(price)
    due.persons[ended], price[ended] = 0, 0.0
    reserved = due.persons.copy()
    paid = leave(world, due, LEGAL_WORK, price, "government_abroad", "visa sale", WORKER)
    # those who can no longer pay leave a visa on sale
    stock.unused[:] += sum_by(destination, reserved - due.persons, stock.unused.size)
    world.figures[LegalPriceOutcomes.visas_sold] = sum_by(due.district, due.persons, world.district_count)
    world.figures[LegalPriceOutcomes.visa_revenue] = sum_by(due.district, paid, world.district_count)
    sold = np.bincount(destination, due.persons, stock.unused.size)
    world[InForce].policy.book_cost(VISA_SALE, sold * VISA_SALE.unit_cost)


FIRST_LOT = 500
"""Draws of the lots for visas, apart from those for quotas and for sponsors (see `abm.legal.sponsorship`)."""
