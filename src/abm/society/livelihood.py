"""Livelihood: income, consumption, saving, shocks and debt service of households."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event, Lever, Outcomes, Params, behaviour, outcome, param
from abm.engine.random import stream_key
from abm.world.codes import STREAM_TAKE_UP, T_HOUSEHOLDS
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class LivelihoodParams(Params):
    """How households spend, save and borrow."""

    subsistence: float = param(
        3_400.0,
        unit="PKR of 2017 a month and person",
        bounds=(1_000.0, 10_000.0),
        source="assumed; the official poverty line per adult equivalent of 2015-16 in prices of 2017",
        systems=("S5",),
    )
    """Consumption that a household maintains by using its savings."""

    consumed_share: float = param(
        0.80,
        unit="share",
        bounds=(0.3, 1.0),
        source="assumed; with S_JUMBO_2020 consumption to income",
        systems=("S5",),
    )
    """Share of income above subsistence that is consumed in the same month."""

    buffer_months: float = param(
        6.0, unit="month", bounds=(0.0, 36.0), source="assumed; buffer stock of Deaton (1991)", systems=("S5",)
    )
    """Months of subsistence up to which households save out of any income."""

    departure_buffer: float = param(2.0, unit="month", bounds=(0.0, 36.0), source="assumed", systems=("S5",))
    """Months of subsistence that those who stay behind keep when savings pay for a departure."""

    drawdown_rate: float = param(0.015, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=("S5",))
    """Share of savings above the buffer that is spent in a month."""

    shock_rate: float = param(0.01, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=("S1", "S5"))
    """Probability that a household has an expense shock (illness, harvest, dowry) in a month."""

    shock_months: float = param(
        2.0, unit="month of subsistence", bounds=(0.0, 12.0), source="assumed", systems=("S1", "S5")
    )
    """Size of an expense shock; the part that savings do not cover is borrowed."""

    credit_months: float = param(8.0, unit="month of income", bounds=(0.0, 36.0), source="assumed", systems=("S5",))
    """Credit limit from kin and lenders, in months of the usual pay of those in a job, and of cash transfers."""

    land_months: float = param(
        6.0,
        unit="month of income",
        bounds=(0.0, 60.0),
        source="assumed; sale of land and jewellery as in smuggling_finance_terms.csv",
        systems=("S5",),
    )
    """Credit on land and jewellery, in months of income with all workers employed, mean of the fifths by permanent
    income."""

    tie_credit: float = param(
        60_000.0,
        unit="PKR of 2017 a tie",
        bounds=(0.0, 500_000.0),
        source="assumed; relatives abroad pay for the next one",
        systems=("S4", "S5"),
    )
    """Credit that each tie abroad adds for sending a member away; ties beyond the fourth add nothing."""

    interest_rate: float = param(
        0.01, unit="1/month", bounds=(0.0, 0.1), source="assumed; informal credit", systems=("S5",)
    )
    """Interest on household debt, added each month."""

    service_share: float = param(0.40, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S5",))
    """Share of income above subsistence used to repay debt."""

    least_service: float = param(
        0.10,
        unit="share of income",
        bounds=(0.0, 0.5),
        source="assumed; the poor repay out of what they earn: Collins et al. (2009), Portfolios of the Poor",
        systems=("S5",),
    )
    """Share of income that those who owe repay at least, below subsistence too."""

    microcredit_take_up: float = param(
        0.25,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; modest in the six trials of Banerjee, Karlan and Zinman (2015)",
        systems=("S5", "S19"),
    )
    """Share of households that take up a subsidised credit line when the lever `microcredit` offers one."""

    microcredit_interest: float = param(
        0.004, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=("S5", "S19")
    )
    """Interest that a household pays on debt within its subsidised credit line; the government pays the rest."""


class LivelihoodOutcomes(Outcomes):
    """Income, savings and debt of households."""

    income_mean = outcome(
        unit="PKR of 2017 a month",
        over="district",
        mean_of="households",
        text="Mean household income, remittances included.",
    )
    assets_mean = outcome(
        unit="PKR of 2017", over="district", mean_of="households", text="Mean savings of a household."
    )
    migration_debt = outcome(
        unit="PKR of 2017",
        over="district",
        kind="stock",
        text="Household debt to kin and lenders, for migration and after expense shocks.",
    )


TRANSFER = behaviour(
    "transfer to households below twice subsistence", base=0.0, over="district", bounds=(0.0, math.inf)
)
"""PKR of 2017 a month, by district."""

CREDIT_LINE = behaviour("subsidised credit line of a household", base=0.0, over="district", bounds=(0.0, math.inf))
"""PKR of 2017, by district."""


WINDFALL = Event(
    "windfall",
    text="A share of the households of the districts named gets an amount of money, once, drawn at random; of those "
    "poorer than a multiple of subsistence, or of the lowest fifths, if the use says so. It comes from the account "
    "`endowment`.",
    needs=("share", "amount"),
    may=("poorer_than", "lowest_fifths"),
    places=("unit", "province"),
    systems=("S5",),
)


class Livelihood(Mechanism):
    r"""Wages and remittances come in; consumption and debt service go out.

    A household repays first, then eats, then saves towards a buffer. Income is pay of those in a job, money sent by
    members away, and transfers. Once in a while an expense falls due, paid from savings and then on credit.

    Notes
    -----
    With $m$ members at home, income $y$, subsistence $s$ for each, savings $A$ and debt $B$, in a month

    $$
    \text{repaid} = \min(q \max(\sigma (y - s m), \sigma_0 y), (1 + i) B), \qquad
    \text{consumed} = s m + c \max(y - s m - \text{repaid}, 0) + \delta \max(A - b s m, 0)
    $$

    if income exceeds subsistence, else $s m$; at most $A + y - \text{repaid}$. Then

    $$
    B \leftarrow (1 + i) B - \text{repaid}, \qquad A \leftarrow A + y - \text{repaid} - \text{consumed}.
    $$

    $q$ is the share in debt of the $w$ households that a row stands for, if each of them owes three months' pay $y_w$
    of all workers: $B / (3 y_w)$, at least $1 / w$, at most 1. Of migrants' households twice as many
    are, which counts for return and for trying again.

    Debts beyond $2 (k_1 + k_2)$ months of pay of all workers bear no interest. The means for a departure are

    $$
    \max(A - b_0 s m, 0) + \max(k_1 (\bar y_j + g) + k_2 \, l \, \bar y_w + k_3 \min(\text{ties}, 4) - B, \; 0),
    $$

    with the cash transfer $g$ to which pay at home entitles, pay of workers in a job $y_j$ and of all workers $y_w$, of
    which bars are the usual (the mean over `labour.wage_memory`, but no less than that of the month), land $l$ (0.4 for
    the poorest to 1.6 for the richest fifth), and $i$, $\sigma$, $\sigma_0$, $c$, $\delta$, $b$, $b_0$, $k_1$, $k_2$,
    $k_3$ `interest_rate`, `service_share`, `least_service`, `consumed_share`, `drawdown_rate`, `buffer_months`,
    `departure_buffer`, `credit_months`, `land_months`, `tie_credit`.

    For $n$ persons of a row of $w$ households who leave, each pays $\lfloor f n / w \rfloor$ of what is due for a
    person, $f$: from savings above $b_0 s m$, and the rest is added to $B$. A legal way asks for means of at least $f$;
    an irregular one, at the client's turn, for what is to be paid then. No more leave than are at home, and nobody of
    the bonded. A cohort that cannot pay stays, and pays nothing; its place is lost, but a visa for sale is sold again,
    and clients leave the queue. Ransoms, fines, applications refused and what cheats keep are paid by the households
    concerned, from all their savings, then on credit as far as it goes.
    """

    section = "livelihood"
    Params = LivelihoodParams
    systems = ("S5",)
    used_when_off = (
        "subsistence", "consumed_share", "buffer_months", "drawdown_rate", "shock_rate", "shock_months",  # at the start
        "credit_months", "land_months", "tie_credit",
    )  # fmt: skip
    outcomes = LivelihoodOutcomes.declared
    events = (WINDFALL,)
    levers = (
        Lever(
            "cash_transfer",
            unit="PKR of 2017 a month and household",
            bounds=(0.0, 50_000.0),
            combine="add",
            moves=(TRANSFER,),
            unit_cost=1.0,
            cost_unit="rupee paid",
            cost_source="by definition",
            cost_counted="booked",
            text="Paid each month to every household whose income is below twice its subsistence.",
            systems=("S5", "S19"),
        ),
        Lever(
            "microcredit",
            unit="PKR of 2017 of credit a household",
            bounds=(0.0, 500_000.0),
            combine="add",
            moves=(CREDIT_LINE,),
            unit_cost=1.0,
            cost_unit="rupee of interest subsidised",
            cost_source="by definition",
            cost_counted="booked",
            text="Adds a credit line at a lower interest rate, for any purpose, migration included.",
            systems=("S5", "S19"),
        ),
    )

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost as if every household qualified for the transfer, or had drawn its whole credit line."""
        amounts = np.maximum(deviation, 0.0) * world.sums[:, T_HOUSEHOLDS]
        if lever.name == MICROCREDIT.name:
            params = world.params(LivelihoodParams)
            subsidy = max(params.interest_rate - params.microcredit_interest, 0.0)
            amounts = amounts * params.microcredit_take_up * subsidy
        return lever.unit_cost * float(amounts.sum())

    @staticmethod
    def step(world: World) -> None:
        """Set the month's parameters; if switched off, households consume their earnings and keep their savings."""
        params = world.params(LivelihoodParams)
        values = world.district_month
        enabled = world.config.enabled(Livelihood.section)
        values["subsistence"] = params.subsistence if enabled else 0.0
        values["consumed_share"] = params.consumed_share if enabled else 1.0
        values["buffer_months"] = params.buffer_months
        values["departure_buffer"] = params.departure_buffer
        values["drawdown"] = params.drawdown_rate if enabled else 0.0
        values["interest"] = params.interest_rate if enabled else 0.0
        values["service_share"] = params.service_share if enabled else 0.0
        values["least_service"] = params.least_service if enabled else 0.0
        values["shock_rate"] = params.shock_rate if enabled else 0.0
        values["shock_months"] = params.shock_months
        values["credit_months"] = params.credit_months
        values["land_months"] = params.land_months
        values["tie_credit"] = params.tie_credit
        _offer_microcredit(world, enabled=enabled)
        values["transfer"] = world.now(TRANSFER).astype(np.int64)


def _offer_microcredit(world: World, *, enabled: bool) -> None:
    """Set the size, take-up and subsidy of this month's credit lines."""
    params = world.params(LivelihoodParams)
    values = world.district_month
    values["credit_line"] = world.now(CREDIT_LINE) if enabled else 0.0
    values["take_up"] = params.microcredit_take_up
    values["take_up_key"] = stream_key(world.config.seed, STREAM_TAKE_UP, 0)
    values["interest_subsidy"] = max(params.interest_rate - params.microcredit_interest, 0.0)


CASH_TRANSFER, MICROCREDIT = Livelihood.levers
