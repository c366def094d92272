"""Outcomes of the market that several of its files record."""

from __future__ import annotations

from functools import partial

from abm.declare import Outcomes, national_level, outcome

persons = partial(outcome, unit="person", over="district")


class MarketOutcomes(Outcomes):
    """Departures, queues, cheating, fees and payment schemes."""

    departures = outcome(unit="person", over="route", text="Journeys begun on the route, onward ones included.")
    irregular_departures = persons(text="Departures on an irregular journey.")
    departures_alone = persons(text="Of these, without an office.")
    departures_escrow = persons(text="Of these, with the fee in escrow.")
    departures_credit = persons(text="Of these, with the fee lent by the office.")
    cheated = persons(text="Clients who paid and were not sent off.")
    waiting_clients = persons(kind="stock", text="Clients waiting for an office to send them off.")
    clients_unserved = persons(text="Persons who chose an irregular way and found no offer, or gave up waiting.")
    fee_basket = national_level(
        unit="PKR of 2017",
        text="Fee agreed (median by route) for the journeys of the first year of the run, a mix that stays the same.",
    )
    fee_median = outcome(
        unit="PKR of 2017", over="national", kind="level", by_route=True,
        text="Median fee agreed with an office of the journeys begun in the month; blank if none. Moves with the mix "
        "of routes: see fee_basket.",
    )  # fmt: skip
    fee_upfront = national_level(
        unit="PKR of 2017", text="Median fee of the contracts begun in the month that are paid upfront; blank if none."
    )
    fee_escrow = national_level(unit="PKR of 2017", text="The same for fees held in escrow.")
    fee_credit = national_level(unit="PKR of 2017", text="The same for fees lent by the office.")
    cost_alone = national_level(
        unit="PKR of 2017", text="Median cost of one attempt of those who begin without an office; blank if none."
    )
    escrow_share = national_level(unit="share", text="Share of contracts begun whose fee is held in escrow.")
    credit_share = national_level(unit="share", text="Share of contracts begun whose fee is lent by the office.")


class OfficesOutcomes(Outcomes):
    """Number, conduct and finances of offices."""

    offices = outcome(
        unit="office", over="district", kind="stock", text="Smuggler offices but for those with an owner under arrest."
    )
    office_entries = outcome(unit="office", over="district", text="Offices opened in the month.")
    office_exits = outcome(unit="office", over="district", text="Offices closed in the month, convictions included.")
    office_convictions = outcome(unit="office", over="district", text="Of these, closed by a conviction.")
    smuggling_revenue = outcome(
        unit="PKR of 2017 a month",
        over="district",
        text="Receipts of offices, by home district of the client, shares of ransoms included; from "
        "travellers in transit, by that of the office.",
    )
    smuggling_profit = outcome(
        unit="PKR of 2017 a month", over="national", text="Receipts of offices less all their payments."
    )
    bribes_paid = outcome(unit="PKR of 2017 a month", over="national", text="Bribes on the way and to investigators.")
    markup_mean = national_level(unit="share of cost", text="Mean markup, weighted by capacity.")
    reputation_mean = national_level(unit="share", text="Mean reputation, weighted by capacity.")
    quality_mean = national_level(unit="share", text="Mean service quality of offices, weighted by capacity.")
    boats_mean = national_level(
        unit="share", text="Mean quality of boats and of waiting for weather, weighted by capacity; 0.5 is usual."
    )
    office_load = national_level(
        unit="ratio", text="Ratio of clients asking to places, mean of offices weighted by capacity."
    )
    concentration_hhi = national_level(
        unit="index", text="Herfindahl-Hirschman index of contracts over offices; 1 is a monopoly."
    )
