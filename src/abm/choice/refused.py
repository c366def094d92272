"""Refused: those turned away by a legal way pay and choose again; those who wait for one do not go irregularly."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.departure import Applications, ApplicationsState, Choices, OptionsState, apply, charge_households
from abm.departure.kernels.departure import fill_room
from abm.engine.lookup import mark_among, sums_before, sums_of
from abm.engine.sums import sum_by
from abm.engine.tables import widen
from abm.legal import (
    LegalPriceState,
    LegalWorkOutcomes,
    VisaSaleState,
    applicants_vouched_for,
    choose_another,
    close_sale,
)
from abm.market import MarketState, MarketTables, Seekers
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, MOST_OPTIONS
from abm.world.codes import STREAM_REFUSED, STREAM_WAITING
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class RefusedParams(Params):
    """What a refusal costs, who chooses again, and who rather waits."""

    cost: float = param(
        0.05,
        unit="share of the price",
        bounds=(0.0, 0.5),
        source="assumed; medical test, papers, journeys, fee of the application, what a sub-agent keeps",
        systems=("S6",),
    )
    """What those refused, or left without a place, have spent and do not get back."""

    again: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Share of them who choose again in the same month; the others have lost heart, and consider again as everybody
    does."""

    fair_chance: float = param(0.25, unit="share", bounds=(0.01, 1.0), source="assumed", systems=("S6",))
    """Chance of an application from which on all who wait for it forgo an irregular way; below it proportionally
    fewer."""

    patience: float = param(4.0, unit="month", bounds=(1.0, 36.0), source="assumed: the usual wait", systems=("S6",))
    """Wait for a contract up to which a fair chance binds; a longer one binds in proportion less."""


class RefusedOutcomes(Outcomes):
    """Refusals, what they cost, and what the refused turn to."""

    applications_refused = outcome(
        unit="person",
        over="district",
        text="Applicants for contracts, sponsorship and visits refused or without a place.",
    )
    refused_turn_irregular = outcome(
        unit="person", over="district", text="Of those refused this month, those who choose an irregular way at once."
    )
    refusals_paid = outcome(
        unit="PKR of 2017 a month", over="district", text="Spent on applications that were refused or found no place."
    )
    waits_for_legal_way = outcome(
        unit="person",
        over="district",
        text="Persons who would go irregularly, and do not because a legal application of theirs is pending.",
    )


class Refused(Mechanism):
    """Those turned away this month pay, and choose again; those with a fair application pending do not go irregularly.

    All legal ways have decided by now, and added those refused, or left without a place, to one list. They lose the
    share `cost` of the price. The share `again` of them chooses anew among the other ways: a new application, a city,
    or the smugglers' market. A household that waits for a legal way with a good chance drops its choice of an irregular
    one.
    """

    section = "refused"
    Params = RefusedParams
    systems = ("S6", "S7")
    outcomes = RefusedOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Charge the refused, let them choose again, and keep back those who wait."""
        if not world.config.enabled(Refused.section):
            return
        refused = _join(world[ApplicationsState].refused)
        paid = _charge(world, refused)
        second = _choose_again(world, refused)
        channel = world.option_table.channel[second.option]
        file_again(world, widen(second, (channel != DOMESTIC_MOVE) & (channel != IRREGULAR_WAY)))
        world[ApplicationsState].to_city = widen(second, channel == DOMESTIC_MOVE)
        irregular = widen(second, channel == IRREGULAR_WAY)
        _send_to_market(world, irregular)
        count = world.district_count
        world.figures |= {
            RefusedOutcomes.applications_refused: sum_by(refused.district, refused.persons, count),
            RefusedOutcomes.refused_turn_irregular: sum_by(irregular.district, irregular.persons, count),
            RefusedOutcomes.refusals_paid: paid,
            RefusedOutcomes.waits_for_legal_way: _keep_waiting(world),
        }


def _join(parts: tuple[Applications, ...]) -> Applications:
    """Put tables of applications one after the other."""
    if not parts:
        return Applications(*(np.zeros(0, np.int64) for _ in Applications._fields))
    return Applications(*map(np.concatenate, zip(*parts, strict=True)))


def _charge(world: World, refused: Applications) -> np.ndarray:
    """Take from the refused what their applications have cost; return it by district.

    Recruiters and their sub-agents keep it for a contract, the destination's government for a visa.
    """
    price = world[LegalPriceState].costs[refused.option]
    price = np.where(np.isfinite(price), price, 0.0)  # the way was closed meanwhile: nobody can say what it costs
    amounts = (world.params(RefusedParams).cost * price * refused.persons).astype(np.int64)
    paid = charge_households(world, refused.row, amounts, refused.persons, refused.district, on_credit=True)
    for_contract = world.option_table.channel[refused.option] == LEGAL_WORK
    world.ledger.pay("households", "recruiters", "application refused", int(paid[for_contract].sum()))
    world.ledger.pay("households", "government_abroad", "application refused", int(paid[~for_contract].sum()))
    return sum_by(refused.district, paid, world.district_count)


def _choose_again(world: World, refused: Applications) -> Choices:
    """Let the refused who are free choose among the other ways; return those who do not stay."""
    # the choice itself takes the draws from 0 on
    again = world.draws(STREAM_REFUSED, -1 - (refused.row * MOST_OPTIONS + refused.option))
    persons = refused.persons * (again < world.params(RefusedParams).again)
    asking = widen(Choices(refused.row, refused.district, refused.option, persons), persons > 0)
    free = free_of(world, asking)
    # visas for sale are sold at a counter that has closed for the month
    attraction = close_sale(world, world[OptionsState].attraction)
    return choose_another(world, widen(asking._replace(persons=free), free > 0), attraction, STREAM_REFUSED)


def free_of(world: World, applicants: Choices) -> np.ndarray:
    """How many of the applicants are of households that wait in no other queue, and have somebody at home to send.

    A row stands for many households: no more of them stand in queues than there are.
    """
    households, rows, weight = world.households, applicants.row, world.weight[applicants.district]
    waiting, room, before = np.empty((3, rows.size), np.int64)
    all_waiting = np.zeros(rows.size, np.int64)
    for queue in (world[MarketTables].clients, world[ApplicationsState].table):
        add_up = partial(sums_of, rows, queue.rows.row, queue.rows.persons, waiting)
        world.threads.each_owner(add_up, rows, households.away.size)
        all_waiting += waiting
    world.threads.each_cohort(
        lambda first, last: fill_room(first, last, rows, weight, households, all_waiting, room), rows.size
    )
    sums_before(rows, applicants.persons, before)
    return np.clip(room - before, 0, applicants.persons)


def file_again(world: World, second: Choices) -> None:
    """File what those refused, or deported, apply for next; it is decided after the usual months."""
    if not second.row.size:
        return
    apply(world, second)
    contract = world.option_table.channel[second.option] == LEGAL_WORK
    if not contract.any():
        return
    filed = sum_by(second.district[contract], second.persons[contract], world.district_count)
    world.figures[LegalWorkOutcomes.legal_applications] = world.figures[LegalWorkOutcomes.legal_applications] + filed


def _send_to_market(world: World, second: Choices) -> None:
    """Let the refused who turn to an irregular way look for an office this month."""
    routes, any_office = world.option_table.route[second.option], np.full(second.row.size, -1)
    seekers = Seekers(second.row, second.district, second.persons, routes, any_office)
    world[MarketState].again = Seekers(*map(np.concatenate, zip(world[MarketState].again, seekers, strict=True)))


def _keep_waiting(world: World) -> np.ndarray:
    """Take those who wait with a fair chance off the choices of irregular ways; return the persons by district.

    Being caught would disqualify them. Members are not distinguished: the one who would go is the one who waits. Those
    of a row who have applied this month are not those who choose an irregular way.
    """
    choices = world[OptionsState].choices
    rows, districts = choices.row, choices.district
    irregular = (world.option_table.channel[choices.option] == IRREGULAR_WAY).nonzero()[0]
    if not irregular.size:
        return np.zeros(world.district_count, np.int64)
    queue = world[ApplicationsState].table.rows
    pending = Choices(queue.row, queue.district, queue.option, queue.persons)
    filed = (of._replace(persons=-of.persons) for of in (choices, world[VisaSaleState].bought))
    waiting = sum(_bound(world, rows[irregular], of) for of in (pending, *filed)) / world.weight[districts[irregular]]
    stays = irregular[world.draws(STREAM_WAITING, rows[irregular]) < waiting]
    goes = np.ones(rows.size, bool)
    goes[stays] = False
    world[OptionsState].choices = widen(choices, goes)
    return sum_by(districts[stays], choices.persons[stays], world.district_count)


def _bound(world: World, rows: np.ndarray, pending: Choices) -> np.ndarray:
    """Persons of these households whom applications keep from an irregular way, as far as the chance is fair."""
    concerned = np.empty(pending.row.size, bool)
    world.threads.each_cohort(
        lambda first, last: mark_among(rows, pending.row[first:last], concerned[first:last]), pending.row.size
    )
    pending = widen(pending, concerned & (world[OptionsState].delay[pending.option] > 0.0))
    fair = np.minimum(chance_of(world, pending) / world.params(RefusedParams).fair_chance, 1.0)
    found = np.empty(rows.size)
    binds = pending.persons * fair * patience_of(world)[pending.option]
    sums_of(rows, pending.row, binds, found, 0, world.households.away.size)
    return found


def chance_of(world: World, pending: Choices) -> np.ndarray:
    """Chance of each application as its household knows it: that of its district, better with a member abroad."""
    known = world[OptionsState].chance[pending.district, pending.option]
    gain = world[OptionsState].month.vouched_gain[pending.district, pending.option]
    return np.minimum(known * (1.0 + gain * applicants_vouched_for(world, pending)), 1.0)


def patience_of(world: World) -> np.ndarray:
    """How far the wait for each option binds, relative to one of the usual length; by option."""
    wait = np.maximum(world[OptionsState].delay, 1)
    contract = world.option_table.channel == LEGAL_WORK
    return np.where(contract, np.minimum(world.params(RefusedParams).patience / wait, 1.0), 1.0)
