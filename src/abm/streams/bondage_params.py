"""Parameters of bonded labour in brick kilns and mines."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from abm.declare import Params, param

KILNS, MINES, BOTH = ("S15",), ("S16",), ("S15", "S16")


share = partial(param, unit="share", bounds=(0.0, 1.0))
"""Declare a parameter that is a share."""


class BondageParams(Params):
    """Number of families at kilns and mines, their pay, growth of debts, and ends of bonds."""

    reading: Literal["output", "printed"] = Field("output")
    """Which of two readings of the sources sets the number of families at kilns: `output`, those that the reported
    output of bricks can employ; `printed`, the workers stated in the source paper, several times as many."""

    bricks: float = param(45e9, unit="brick/year", bounds=(20e9, 90e9), source="S_BR_20170504; 2017", systems=KILNS)
    """Bricks made in Pakistan in 2017 (reading `output`)."""

    stated_workers: float = param(
        4.5e6, unit="person", bounds=(1e6, 6e6), source="paper; S_AJ_20191021, no census behind it", systems=KILNS
    )
    """Workers at kilns as stated in the source paper (reading `printed`)."""

    family_bricks: float = param(
        1_000.0, unit="brick/day", bounds=(500.0, 1_200.0), source="S_AHRC_2012", systems=KILNS
    )
    """Bricks moulded per family and day."""

    family_work: float = param(
        2.5, unit="adult", bounds=(1.5, 4.0), source="assumed; a family of five with children who help", systems=KILNS
    )
    """Work of that family, in adult equivalents."""

    working_days: float = param(24.0, unit="day/month", bounds=(15.0, 30.0), source="assumed", systems=BOTH)
    """Working days per month in season."""

    moulding_share: float = param(
        0.65, unit="share", bounds=(0.3, 1.0), source="assumed; the others load, fire and carry", systems=KILNS
    )
    """Share of families at kilns that mould bricks; the others earn as much."""

    monsoon_activity: float = share(0.25, source="assumed", systems=KILNS)
    """Work at kilns from July to September, when bricks do not dry, relative to the season."""

    winter_activity: float = share(0.60, source="assumed", systems=KILNS)
    """The same in December and January, at the height of winter and fog."""

    mine_workers: float = param(
        100_000.0, unit="person", bounds=(10_000.0, 400_000.0), source="assumed; no census of mines", systems=MINES
    )
    """Workers in mines that advance wages, in 2017."""

    mine_family_workers: float = param(1.5, unit="person", bounds=(1.0, 3.0), source="assumed", systems=MINES)
    """Mine workers per household."""

    kiln_rate: float = param(
        826.0, unit="PKR of 2017 per 1,000 bricks", bounds=(400.0, 1_300.0), source="paper; S_AJ_20191021: 960 in 2019",
        systems=KILNS,
    )  # fmt: skip
    """Piece rate promised at kilns."""

    kiln_withheld: float = param(0.50, unit="share", bounds=(0.0, 0.9), source="paper; S_SEED", systems=KILNS)
    """Share of the promised rate at kilns that is not paid out."""

    legal_rate: float = param(
        851.0, unit="PKR of 2017 per 1,000 bricks", bounds=(400.0, 1_500.0),
        source="S_PAYCHECK_2012: 665.76 in Punjab in 2012", systems=KILNS,
    )  # fmt: skip
    """Lawful piece rate at kilns."""

    minimum_wage: float = param(
        11_500.0, unit="PKR of 2017 a month and adult", bounds=(5_000.0, 25_000.0),
        source="S_PAYCHECK_2012: 9,000 in the brick industry of Punjab in 2012", systems=KILNS,
    )  # fmt: skip
    """Lawful monthly wage of an adult at kilns in season, whatever the output."""

    mine_rate: float = param(
        220.0, unit="PKR of 2017 a ton", bounds=(86.0, 353.0), source="paper; S_SEED: 110 to 450 in 2020", systems=MINES
    )
    """Piece rate promised in mines; the bounds are the paper's best and worst."""

    mine_tons: float = param(1.5, unit="ton/day", bounds=(0.5, 4.0), source="assumed", systems=MINES)
    """Tons mined per worker and day."""

    mine_withheld: float = param(0.50, unit="share", bounds=(0.0, 0.9), source="assumed; as at kilns", systems=MINES)
    """Share of the promised rate in mines that is not paid out."""

    child_work: float = param(0.5, unit="adult", bounds=(0.0, 1.0), source="assumed", systems=KILNS)
    """Work of a child, in adult equivalents."""

    child_share: float = param(
        0.17, unit="share of dependants", bounds=(0.0, 0.6),
        source="S_UU_KILN: 126,766 children at the kilns of Punjab, about 0.9 a family", systems=KILNS,
    )  # fmt: skip
    """Share of dependants in a family at a kiln who are old enough to work there."""

    advance_months: float = param(
        4.0, unit="month of promised pay", bounds=(0.5, 12.0),
        source="assumed; of the order of the 60,000 of one family in 2017 (S_PENPK)", systems=BOTH,
    )  # fmt: skip
    """First advance, in months of the adults' full pay in season."""

    interest: float = param(0.015, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=BOTH)
    """Monthly addition to a debt: interest, fines and false entries."""

    credited_share: float = share(0.05, source="assumed", systems=BOTH)
    """Share of withheld pay credited against the debt, in mines and unregistered kilns; the employer keeps the rest."""

    credited_registered: float = share(0.15, source="assumed; a register asks for books of wages", systems=KILNS)
    """The same at registered kilns."""

    ceiling_months: float = param(9.0, unit="month of promised pay", bounds=(2.0, 60.0), source="assumed", systems=BOTH)
    """Debt beyond which an employer adds and advances nothing more."""

    need_share: float = param(
        0.35, unit="share of subsistence", bounds=(0.2, 1.0), source="assumed; food alone", systems=BOTH
    )
    """Minimum monthly needs of a bonded household; a shortfall is advanced, and part of any excess repays debt."""

    instalment_share: float = share(0.5, source="assumed", systems=BOTH)
    """Share of pay above those needs that repays debt."""

    joining: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=KILNS)
    """Hazard that a child of a household at a kiln starts work while needs are unmet, or stops once they are met."""

    recruiting: float = param(0.06, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=BOTH)
    """Share of free places for which an employer offers an advance to a household in need in a month."""

    opening_share: float = share(0.85, source="assumed", systems=BOTH, at_start=True)
    """Share of places taken by bonded households at the start."""

    opening_growth: float = param(1.5, unit="share", bounds=(0.0, 10.0), source="assumed", systems=BOTH, at_start=True)
    """Largest growth of these debts beyond the first advance; uniform from 0."""

    need_months: float = param(1.0, unit="month of subsistence", bounds=(0.1, 6.0), source="assumed", systems=BOTH)
    """A household that earns less than subsistence is in need if its savings do not last this long."""

    outside_credit: float = share(0.3, source="assumed", systems=BOTH)
    """Share of households in need that kin and lenders serve; a subsidised credit line (`microcredit`) counts too."""

    outside_first: float = share(0.7, source="assumed", systems=BOTH)
    """Share of these that borrow from them rather than from the recruiter they meet."""

    refinancing: float = param(0.01, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=BOTH)
    """Hazard that a lender takes over the debt of a bonded household that lenders serve, if it is not too large."""

    flight: float = param(0.005, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=BOTH)
    """Hazard that a bonded household flees."""

    flight_push: float = share(0.2, source="assumed", systems=BOTH)
    """Added to the aspiration to migrate of a household that fled; it fades like other aspiration."""

    inspections: float = param(0.04, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=BOTH)
    """Monthly visits of labour inspectors to a registered kiln or a mine."""

    inspection_release: float = share(0.04, source="assumed", systems=BOTH)
    """Share of bonded families at a visited place that a court releases."""

    registered_share: float = share(
        0.79, source="S_TNS_557467 and S_BR_20170504: 6,300 registered of 7,966 in Punjab; elsewhere assumed",
        systems=KILNS,
    )  # fmt: skip
    """Share of kilns on the labour department's register: they keep books, and inspectors visit no others."""
