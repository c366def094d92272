"""Outcomes of trafficking."""

from __future__ import annotations

from functools import partial

from abm.declare import Outcomes, outcome

persons_a_month = partial(outcome, unit="person a month", over="district")
persons = partial(outcome, unit="person", over="district", kind="stock")
by_stream = partial(outcome, over="stream")


class TraffickingOutcomes(Outcomes):
    """Persons taken, held and freed, and the trade of recruiters."""

    trafficked_domestic = persons_a_month(
        text="Residents taken into exploitation within the country in the month, for the first time or again."
    )
    trafficked_abroad = persons_a_month(text="Residents taken abroad into exploitation.")
    trafficked_minors = persons_a_month(text="Minors who had run away and were taken by exploiters.")
    runaways = persons_a_month(text="Minors who ran away from home in the month.")
    runaways_recovered = persons_a_month(text="Of these, found and brought home by the alert and recovery agency.")
    retrafficked = persons_a_month(text="Persons freed earlier who were trafficked again.")
    trafficking_stopped = persons_a_month(text="Residents being taken abroad who were stopped by exit checks.")
    trafficked_in = persons_a_month(text="Foreigners brought into the country, by district of entry.")
    taken_onward = persons_a_month(text="Foreigners held in the country who were taken on to the Gulf.")
    exploited_domestic = persons(text="Residents of the district who are exploited within the country.")
    exploited_abroad = persons(text="Residents of the district exploited abroad.")
    exploited_foreigners = persons(text="Foreigners exploited in the country, by district of entry.")
    exploited_by_place = persons(text="Persons exploited in the district, from anywhere.")
    freed_at_risk = persons(text="Persons freed without services who may be trafficked again.")
    trafficking_escapes = persons_a_month(text="Persons who escaped exploitation.")
    trafficking_rescues = persons_a_month(
        text="Persons freed from exploitation by agencies or by services for victims."
    )
    trafficking_let_go = persons_a_month(text="Persons whom exploiters let go.")
    trafficking_deaths = persons_a_month(text="Persons who died in exploitation, or were never heard of again.")
    victims_served = persons_a_month(text="Persons freed whom caseworkers took on.")
    victims_identified = persons_a_month(text="Persons identified as victims of trafficking.")
    trafficking_reports = persons_a_month(text="Persons who reported to the police that they had been trafficked.")
    trafficking_leads = outcome(
        unit="lead a month", over="district",
        text="Leads on trafficking handed in to agencies, by the district in charge.",
    )  # fmt: skip
    recruiters = outcome(unit="recruiter", over="district", kind="stock", text="Recruiters at work.")
    trafficking_revenue = outcome(unit="PKR of 2017 a month", over="district", text="Paid by buyers for persons.")
    trafficking_to_families = outcome(
        unit="PKR of 2017 a month", over="district", text="Paid by recruiters to families of those placed."
    )
    stream_taken = by_stream(unit="person a month", text="Persons taken.")
    stream_held = by_stream(unit="person", kind="stock", text="Persons held.")
    stream_freed = by_stream(unit="person a month", text="Persons who came free: escaped or found.")
    stream_recruiters = by_stream(unit="recruiter", kind="stock", text="Recruiters who work for the stream.")
    stream_changed = by_stream(unit="recruiter a month", text="Recruiters who took it up, coming from another stream.")
    stream_price = by_stream(unit="PKR of 2017", kind="level", text="Price of a person.")
