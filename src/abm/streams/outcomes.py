"""What this subject records, where several of its files do."""

from __future__ import annotations

from abm.declare import Outcomes, outcome

PERSONS = "person a month"
HOUSEHOLDS_A_MONTH = "household a month"
PKR_A_MONTH = "PKR of 2017 a month"


class BondageOutcomes(Outcomes):
    """What Bondage records."""

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
        unit="household", over="district", kind="stock", text="Households that kilns and mines could hold."
    )
    bondage_entries = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Households that became bonded.")
    bondage_releases = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Bonded households that came free.")
    bondage_repaid = outcome(
        unit=HOUSEHOLDS_A_MONTH,
        over="district",
        text="Of these, by paying the debt, by their own means or by a loan of others.",
    )
    bondage_flights = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Of these, by flight.")
    bondage_court = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Of these, by a court after inspection.")
    bondage_cancelled = outcome(unit=HOUSEHOLDS_A_MONTH, over="district", text="Of these, as the debt was cancelled.")
    bondage_turned_away = outcome(
        unit=HOUSEHOLDS_A_MONTH,
        over="district",
        text="Households in want that met a recruiter and got money neither from the employer nor from others.",
    )
    bonded_pay = outcome(unit=PKR_A_MONTH, over="district", text="Pay handed over to bonded households.")
    bonded_withheld = outcome(
        unit=PKR_A_MONTH, over="district", text="Pay of theirs that was withheld and not taken off the debt."
    )
    bonded_shortfall = outcome(
        unit=PKR_A_MONTH,
        over="district",
        text="What they lacked to what they need to live on, after savings, advances and loans.",
    )


class DomesticTraffickingOutcomes(Outcomes):
    """What DomesticTrafficking records."""

    trafficked_domestic = outcome(
        unit=PERSONS,
        over="district",
        text="Residents recruited into exploitation within the country in the month, again or for the first time.",
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
        text="Persons exploited in the district, wherever in the region they come from.",
    )
    trafficking_escapes = outcome(unit=PERSONS, over="district", text="Residents who escaped exploitation.")
    trafficking_rescues = outcome(
        unit=PERSONS,
        over="district",
        text="Residents freed from exploitation within the country by agencies or by services for victims.",
    )
    trafficking_let_go = outcome(unit=PERSONS, over="district", text="Residents whom exploiters let go.")
    trafficking_deaths = outcome(unit=PERSONS, over="district", text="Residents who died of it, or were lost for good.")
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
        text="Leads on trafficking handed in to agencies, in the district whose case it is.",
    )
    freed_at_risk = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Persons freed without services who may be trafficked again, within the country or abroad.",
    )
