"""Outcomes of bonded labour and trafficking that several files record."""

from __future__ import annotations

from abm.declare import Outcomes, outcome

PERSONS = "person a month"
HOUSEHOLDS_A_MONTH = "household a month"
PKR_A_MONTH = "PKR of 2017 a month"


class BondageOutcomes(Outcomes):
    """Bonded households, their pay and debts, entries and releases."""

    bonded_households = outcome(
        unit="household", over="district", kind="stock", text="Households bonded at kilns or in mines."
    )
    bonded_kiln = outcome(unit="household", over="district", kind="stock", text="Of these, at brick kilns.")
    bonded_mine = outcome(unit="household", over="district", kind="stock", text="Of these, in mines.")
    bonded_workers = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Persons who work off a debt: adults who did so in the month, and children.",
    )
    bonded_children = outcome(unit="person", over="district", kind="stock", text="Of these, children.")
    bonded_debt = outcome(unit="PKR of 2017", over="district", kind="stock", text="Owed to owners of kilns and mines.")
    bondage_places = outcome(
        unit="household", over="district", kind="stock", text="Places for households at kilns and mines."
    )
    bondage_entries = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Households that became bonded.")
    bondage_releases = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Bonded households that went free.")
    bondage_repaid = outcome(
        unit=HOUSEHOLDS_A_MONTH,
        over="district",
        text="Of these, by repaying the debt, from their own means or with a loan.",
    )
    bondage_flights = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Of these, by flight.")
    bondage_court = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Of these, by a court after inspection.")
    bondage_cancelled = outcome(
        unit=HOUSEHOLDS_A_MONTH, over="district", text="Of these, because the debt was cancelled."
    )
    bondage_turned_away = outcome(
        unit=HOUSEHOLDS_A_MONTH,
        over="district",
        text="Households in need that met a recruiter and got money neither from the employer nor elsewhere.",
    )
    bonded_pay = outcome(unit=PKR_A_MONTH, over="district", text="Pay received by bonded households.")
    bonded_withheld = outcome(
        unit=PKR_A_MONTH,
        over="district",
        text="Pay of bonded households that was withheld and not credited against the debt.",
    )
    bonded_shortfall = outcome(
        unit=PKR_A_MONTH,
        over="district",
        text="Unmet needs of bonded households, after savings, advances and loans.",
    )


class DomesticTraffickingOutcomes(Outcomes):
    """Persons recruited, exploited and freed within the country."""

    trafficked_domestic = outcome(
        unit=PERSONS,
        over="district",
        text="Residents recruited into exploitation within the country in the month, for the first time or again.",
    )
    trafficked_minors = outcome(unit=PERSONS, over="district", text="Of these, minors who had run away from home.")
    runaways = outcome(unit=PERSONS, over="district", text="Minors who ran away from home in the month.")
    retrafficked = outcome(unit=PERSONS, over="district", text="Persons freed earlier who were trafficked again.")
    exploited_domestic = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Residents of the district who are exploited within the country.",
    )
    exploited_by_place = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Persons exploited in the district, from anywhere in the region.",
    )
    trafficking_escapes = outcome(unit=PERSONS, over="district", text="Residents who escaped exploitation.")
    trafficking_rescues = outcome(
        unit=PERSONS,
        over="district",
        text="Residents freed from exploitation within the country by agencies or by services for victims.",
    )
    trafficking_let_go = outcome(unit=PERSONS, over="district", text="Residents whom exploiters let go.")
    trafficking_deaths = outcome(
        unit=PERSONS, over="district", text="Residents who died in exploitation, or were never heard of again."
    )
    victims_identified = outcome(
        unit=PERSONS,
        over="district",
        text="Residents identified as victims of trafficking within the country or abroad.",
    )
    trafficking_reports = outcome(
        unit=PERSONS,
        over="district",
        text="Residents who reported to the police that they had been trafficked, within the country or abroad.",
    )
    trafficking_leads = outcome(
        unit="lead a month",
        over="district",
        text="Leads on trafficking handed in to agencies, by the district in charge.",
    )
    freed_at_risk = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Persons freed without services who may be trafficked again, within the country or abroad.",
    )
