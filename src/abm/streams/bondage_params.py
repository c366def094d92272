"""Parameters of bonded labour in brick kilns and mines."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from abm.declare import Params, param

KILNS, MINES, BOTH = ("S15",), ("S16",), ("S15", "S16")

of_kilns, of_mines, of_both = (partial(param, systems=systems) for systems in (KILNS, MINES, BOTH))
share = partial(param, unit="share", bounds=(0.0, 1.0), source="assumed")
monthly = partial(of_both, unit="1/month", source="assumed")
per_thousand = partial(of_kilns, unit="PKR of 2017 per 1,000 bricks")
per_ton = partial(of_mines, unit="PKR of 2017 a ton")


class BondageParams(Params):
    """Number of families at kilns and mines, their pay, growth of debts, ends of bonds, and labour inspection."""

    reading: Literal["output", "printed"] = Field("output")
    """Which of two readings of the sources sets the number of families: `output`, those that the reported output of
    bricks and minerals can employ; `printed`, the workers stated, several times as many."""

    bricks: float = of_kilns(45e9, unit="brick/year", bounds=(20e9, 90e9), source="S_BR_20170504; 2017")
    """Bricks made in Pakistan in 2017 (reading `output`)."""

    stated_workers: float = of_kilns(4.5e6, unit="person", bounds=(1e6, 6e6), source="paper; S_AJ_20191021, no census")
    """Workers at kilns as stated in the source paper (reading `printed`)."""

    family_bricks: float = of_kilns(1_000.0, unit="brick/day", bounds=(500.0, 1_200.0), source="S_AHRC_2012")
    """Bricks moulded per family and day."""

    family_work: float = of_kilns(2.5, unit="adult", bounds=(1.5, 4.0), source="assumed; a family of five")
    """Work of that family, children who help included, in adult equivalents."""

    working_days: float = of_both(24.0, unit="day/month", bounds=(15.0, 30.0), source="assumed")
    """Working days per month in season."""

    moulding_share: float = of_kilns(0.65, unit="share", bounds=(0.3, 1.0), source="assumed")
    """Share of families at kilns that mould bricks; the others load, fire and carry, and earn as much."""

    monsoon_activity: float = share(0.25, systems=KILNS)
    """Work at kilns from July to September, when bricks do not dry, relative to the season."""

    winter_activity: float = share(0.60, systems=KILNS)
    """The same in December and January, at the height of winter and fog."""

    labour_part: float = share(0.3, systems=KILNS)
    """Part of moulders' pay in the price of bricks."""

    brick_substitution: float = of_kilns(4.0, unit="elasticity", bounds=(0.0, 10.0), source="assumed")
    """Fall of a district's share of its province's bricks, in per cent, where they are one per cent dearer."""

    brick_elasticity: float = of_kilns(0.5, unit="elasticity", bounds=(0.0, 3.0), source="assumed")
    """Fall of demand for bricks in a province, in per cent, if they are one per cent dearer."""

    mine_output: float = of_mines(5.6e6, unit="ton/year", bounds=(2e6, 60e6), source="S_TRIB_1425094; S_JR_2018")
    """Tons dug by hand in Pakistan in 2017 (reading `output`): 3.5 million of coal; 2.1 of rock salt in 2014-15."""

    mine_workers: float = of_mines(
        100_000.0, unit="person", bounds=(10_000.0, 400_000.0), source="assumed; half of all in mining (S_DAWN_1122021)"
    )
    """Workers in mines that advance wages, in 2017 (reading `printed`)."""

    hewing_share: float = of_mines(0.4, unit="share", bounds=(0.1, 1.0), source="assumed")
    """Share of workers in mines who dig; the others haul, load and prop, and earn as much."""

    mine_family_workers: float = of_mines(1.5, unit="person", bounds=(1.0, 3.0), source="assumed")
    """Mine workers per household."""

    mine_winter_activity: float = share(0.8, source="assumed; no table by month was found", systems=MINES)
    """Work in mines from December to February, relative to the season."""

    feast_days: float = of_mines(10.0, unit="day", bounds=(0.0, 30.0), source="assumed")
    """Days for which mines stand still at each of the two Eids, when miners from afar go home."""

    kiln_rate: float = per_thousand(826.0, bounds=(400.0, 1_300.0), source="paper; S_AJ_20191021: 960 in 2019")
    """Piece rate promised at kilns."""

    kiln_withheld: float = of_kilns(0.50, unit="share", bounds=(0.0, 0.9), source="paper; S_SEED")
    """Share of the promised rate at kilns that is not paid out."""

    legal_rate: float = per_thousand(851.0, bounds=(400.0, 1_500.0), source="S_PAYCHECK_2012: 665.76 in 2012")
    """Lawful piece rate at kilns."""

    minimum_wage: float = of_kilns(
        11_500.0, unit="PKR of 2017 a month and adult", bounds=(5_000.0, 25_000.0), source="S_PAYCHECK_2012"
    )
    """Lawful monthly wage of an adult at kilns in season, whatever the output: 9,000 in 2012."""

    mine_rate_worst: float = per_ton(86.0, bounds=(40.0, 200.0), source="paper; S_SEED: 100 to 120 in 2020")
    """Piece rate promised in mines to a household that can live on nothing else."""

    mine_rate_best: float = per_ton(353.0, bounds=(200.0, 800.0), source="paper; S_SEED: 400 to 500 in 2020")
    """The same to a household that could do without the advance."""

    mine_tons: float = of_mines(1.5, unit="ton/day", bounds=(0.5, 4.0), source="assumed")
    """Tons mined per digger and day."""

    mine_withheld: float = of_mines(0.50, unit="share", bounds=(0.0, 0.9), source="assumed; as at kilns")
    """Share of the promised rate in mines that is not paid out."""

    child_work: float = of_kilns(0.5, unit="adult", bounds=(0.0, 1.0), source="assumed")
    """Work of a child at a kiln, in adult equivalents."""

    child_share: float = of_kilns(0.17, unit="share of dependants", bounds=(0.0, 0.6), source="S_UU_KILN")
    """Share of dependants at a kiln who are old enough to work: 126,766 children in Punjab, about 0.9 a family."""

    mine_child_work: float = of_mines(0.3, unit="adult", bounds=(0.0, 1.0), source="assumed; boys sort coal")
    """Work of a child in a mine, in adult equivalents."""

    mine_age: float = of_mines(12.0, unit="year", bounds=(5.0, 15.0), source="assumed")
    """Age from which boys work in mines; at 15, when they count as workers, no child does."""

    advance_months: float = of_both(4.0, unit="month of promised pay", bounds=(0.5, 12.0), source="assumed; S_PENPK")
    """First advance, in months of the adults' full pay in season: about the 60,000 of one family in 2017."""

    interest: float = monthly(0.015, bounds=(0.0, 0.1))
    """Monthly addition to a debt: interest, fines and false entries."""

    credited_share: float = share(0.05, systems=BOTH)
    """Share of withheld pay credited against the debt, in mines and unregistered kilns; the employer keeps the rest."""

    credited_registered: float = share(0.15, source="assumed; a register asks for books of wages", systems=KILNS)
    """The same at registered kilns."""

    ceiling_months: float = of_both(9.0, unit="month of promised pay", bounds=(2.0, 60.0), source="assumed")
    """Debt beyond which an employer adds and advances nothing more."""

    need_share: float = of_both(0.35, unit="share of subsistence", bounds=(0.2, 1.0), source="assumed; food alone")
    """Minimum monthly needs of a bonded household; a shortfall is advanced, and part of any excess repays debt."""

    instalment_share: float = share(0.5, systems=BOTH)
    """Share of pay above those needs that repays debt."""

    joining: float = monthly(0.05, bounds=(0.0, 1.0))
    """Hazard that a child of a bonded household starts work while needs are unmet, or stops once they are met."""

    recruiting: float = of_both(0.6, unit="household a free place and month", bounds=(0.0, 5.0), source="assumed")
    """Households, in need or not, that recruiters approach for each free place in a month."""

    opening_share: float = share(0.85, systems=BOTH, at_start=True)
    """Share of places taken by bonded households at the start."""

    opening_growth: float = of_both(1.5, unit="share", bounds=(0.0, 10.0), source="assumed", at_start=True)
    """Largest growth of these debts beyond the first advance; uniform from 0."""

    need_months: float = of_both(1.0, unit="month of subsistence", bounds=(0.1, 6.0), source="assumed")
    """A household that earns less than subsistence is in need if its savings do not last this long."""

    outside_credit: float = share(0.3, systems=BOTH)
    """Share of households in need that kin and lenders serve; a subsidised credit line (`microcredit`) counts too."""

    outside_first: float = share(0.7, systems=BOTH)
    """Share of these that borrow from them rather than from the recruiter they meet."""

    refinancing: float = monthly(0.01, bounds=(0.0, 0.5))
    """Hazard that a lender takes over the debt of a bonded household that lenders serve, if it is not too large."""

    flight: float = monthly(0.005, bounds=(0.0, 0.1))
    """Hazard that a bonded household flees."""

    flight_push: float = share(0.2, systems=BOTH)
    """Added to the aspiration to migrate of a household that fled; it fades like other aspiration."""

    registered_share: float = share(
        0.79, source="S_TNS_557467, S_BR_20170504: 6,300 of 7,966 in Punjab; elsewhere assumed", systems=KILNS,
        at_start=True,
    )  # fmt: skip
    """Share of kilns on the register at the start: they keep books, and inspectors visit no others."""

    inspectors: float = of_both(1.0, unit="inspector per million residents", bounds=(0.0, 100.0), source="assumed")
    """Labour inspectors for kilns and mines, before policy; as in agencies.yaml."""

    visits: float = of_both(4.0, unit="visit a month and inspector", bounds=(0.5, 20.0), source="assumed")
    """Visits that an inspector makes, with reports and days in court."""

    rounds: float = of_both(0.25, unit="visit a month and place", bounds=(0.0, 2.0), source="assumed; one a quarter")
    """Visits to each registered kiln and each mine that inspectorates try to make whatever policy orders."""

    bribed: float = share(0.2, systems=BOTH)
    """Share of visits that end in a bribe and bring about nothing."""

    compliance_months: float = of_both(6.0, unit="month", bounds=(1.0, 60.0), source="assumed")
    """Time for which a place keeps to the law after a visit that ordered it to."""

    inspection_release: float = share(0.2, systems=BOTH)
    """Share of the families at a visited place that would bring a case whom a court releases."""

    coming_forward: float = share(0.2, systems=BOTH)
    """Share of bonded families that would bring a case without having heard of anybody set free."""

    telling: float = of_both(5.0, unit="household", bounds=(0.0, 100.0), source="assumed")
    """Bonded households that hear of a household set free by a court or by cancellation."""

    forgetting: float = monthly(0.05, bounds=(0.0, 1.0))
    """Share of those that have forgotten it, or think it no longer true, a month later."""
