"""Diaspora: members abroad earn and remit, change sector, get papers, return, are deported, or die abroad."""

from __future__ import annotations

from collections import namedtuple
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from abm.abroad.onward import onward_hazards
from abm.abroad.reentry import ease_of_return, get_used_to_quotas
from abm.declare import Event, Lever, Outcomes, Params, behaviour, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.departure import DomesticMoveParams
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import raised
from abm.engine.portable import power
from abm.legal import LabourDemandState
from abm.places.drivers import HOME_COUNTRY
from abm.places.places import places_of
from abm.society import DemographyParams, DriversParams, EconomyState, incomes_since_hired, state_of_jobs
from abm.world.codes import HIDDEN, IRREGULAR, SAVINGS_STATES, SETTLED, STATUS_COUNT, WORKER
from abm.world.mechanism import Mechanism
from abm.world.named import destinations_named

if TYPE_CHECKING:
    from abm.places.place_models import Destination as DestinationFacts
    from abm.world.event_use import EventUse
    from abm.world.state import World


AbroadMonth = namedtuple(
    "AbroadMonth",
    [
        "amount", "moving", "home", "deported", "regularised", "switched", "onward", "died", "saving_target", "shame",
        "insured", "domestic",
    ],
)  # fmt: skip
"""By destination and status: money sent (also by skill). By these and whether the household owes money, is short of
its saving target (PKR) or has reached it: ``moving``, chance of any event in the month that does not depend on the home
district, and ``home``, that of a voluntary return at usual wages there. ``deported`` to ``died`` are the parts of
``moving`` by destination and status; its rest (settled, city, let go) and ``home`` return. ``insured`` is the part of
pay lost at home that is sent in addition."""


AbroadFacts = namedtuple("AbroadFacts", ["deport", "regularise", "pay"])
"""Of the destinations: removals a year by status; papers a year in the open and in the hidden sector; pay by
status."""


class DiasporaState(State):
    """Remittances and hazards abroad."""

    papers_rate: Held[np.ndarray] = monthly(
        unit="1/month", text="Probability of regularisation.", over=("destination", "status"), neutral=0.0
    )
    removal_rate: Held[np.ndarray] = monthly(
        unit="1/month", text="Probability of removal.", over=("destination", "status"), neutral=0.0
    )
    month: Held[AbroadMonth] = monthly(text="Money sent, and hazards abroad.", over=("destination", "status"))
    legalised: Held[np.ndarray] = kept(
        unit="person", text="Persons to whom an amnesty gave papers and who still work where they did; fading.",
        over=("destination", "sector"), start=lambda world: np.zeros((len(world.destination_facts), 2)),
    )  # fmt: skip
    usual_dollar: Held[float] = kept(
        unit="multiple", text="What a dollar has bought at home of late, relative to 2015.",
        start=lambda world: world[EconomyState].dollar,
    )  # fmt: skip

    @cached_property
    def facts(self) -> AbroadFacts:
        """Facts of the destinations in columns; they follow from the configuration."""
        places = cast("World", self.world).destination_facts
        shipped = {place.key: place for place in places_of().destinations}
        usual = [shipped.get(place.key, place) for place in places]  # a configuration may have set pay otherwise
        return AbroadFacts(
            np.array([[place.deport_legal, 0.0, place.open.deport, place.hidden.deport] for place in places]),
            np.array([[place.open.regularise, place.hidden.regularise] for place in places]),
            np.array(
                [[place.wage * share for share in (1.0, 1.0, place.open.pay, place.hidden.pay)] for place in usual]
            ),
        )


class DiasporaParams(Params):
    """Life abroad."""

    remitted_share: float = param(
        1.03,
        unit="multiple of destinations.yaml",
        bounds=(0.0, 2.0),
        source="calibrated, docs/calibration.md",
        systems=("S4",),
    )
    """Share of pay sent home, relative to the destination data."""

    settled_remitted_share: float = param(
        0.265,
        unit="share",
        bounds=(0.0, 1.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S4",),
    )
    """Remittances of settled families, relative to labour migrants at the same destination."""

    dollar_response: float = param(
        0.6, unit="elasticity", bounds=(0.0, 1.0),
        source="Yang (2008): a currency that buys a tenth more brings 6 % more home", systems=("S4",),
    )  # fmt: skip
    """Response of money sent, in rupees, to what a dollar buys at home, until those abroad are used to it."""

    insured: float = param(
        0.6,
        unit="share",
        bounds=(0.0, 1.0),
        source="Yang and Choi (2007): remittances replace six tenths of a fall in income",
        systems=("S4", "S5"),
    )
    """Part of what members at home lack, for want of a job or as wages fall, that members abroad send in addition."""

    open_pay: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.2, 1.5), source="assumed", systems=("S18",)
    )
    """Pay without papers in the open sector, relative to the destination data."""

    hidden_pay: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.2, 1.5), source="assumed", systems=("S18",)
    )
    """Pay in the hidden sector, relative to the destination data."""

    skill_premium: float = param(0.30, unit="share a skill level", bounds=(0.0, 1.0), source="assumed", systems=("S5",))
    """Pay added by each skill level above the lowest, abroad or in a city."""

    crowding: float = param(-0.15, unit="dimensionless", bounds=(-1.0, 0.0), source="assumed", systems=("S4",))
    """Elasticity of pay with papers to the growth of the Pakistani stock beyond that of the destination's demand."""

    crowding_open: float = param(
        -0.35, unit="dimensionless", bounds=(-1.0, 0.0), source="Borjas (2003): 3 to 4 % less for 10 % more workers",
        systems=("S18",),
    )  # fmt: skip
    """Elasticity of pay in the open sector to the ratio of persons to jobs."""

    crowding_hidden: float = param(
        -0.35, unit="dimensionless", bounds=(-1.0, 0.0), source="Borjas (2003): 3 to 4 % less for 10 % more workers",
        systems=("S18",),
    )  # fmt: skip
    """Elasticity of pay in the hidden sector to the ratio of persons to jobs."""

    raid_pay: float = param(
        -0.05, unit="elasticity", bounds=(-1.0, 0.0),
        source="assumed; checks of employers cut pay without papers by 8 %: Orrenius and Zavodny (2015)",
        systems=("S18",),
    )  # fmt: skip
    """Response of pay in a sector to raids there: employers take what they risk out of it."""

    hidden_share: float = param(
        1.47,
        unit="multiple of destinations.yaml",
        bounds=(0.0, 2.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S18",),
    )
    """Share of arrivals without papers who begin in the hidden sector, relative to the destination data."""

    hiding: float = param(0.004, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=("S18",))
    """Rate of moves from the open into the hidden sector; raids on the open sector multiply it."""

    surfacing: float = param(0.020, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S18",))
    """Rate of moves from the hidden into the open sector; raids on the hidden sector multiply it."""

    lapse: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.0, 5.0), source="assumed", systems=("S18",)
    )
    """Rate at which labour migrants lose their papers, relative to the destination data."""

    regularised: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.0, 5.0), source="assumed", systems=("S18",)
    )
    """Regularisation of those without papers, relative to the destination data."""

    amnesty_reach: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S18",))
    """Chance that an amnesty regularises a person in the hidden sector, relative to one in the open sector."""

    return_rate_worker: float = param(
        0.00655, unit="1/month", bounds=(0.0, 0.1),
        source="calibrated, docs/calibration.md", systems=("S4",),
    )  # fmt: skip
    """Voluntary returns of labour migrants who owe nothing and lack savings, where contracts are of usual length."""

    saving_target: float = param(
        400_000.0, unit="PKR of 2017", bounds=(0.0, 1e7), source="assumed: four fifths of a house", systems=("S4",)
    )
    """Savings for which a household sends somebody abroad, at the incomes of 2017; a house built counts as reached."""

    return_indebted: float = param(
        0.4,
        unit="multiple",
        bounds=(0.0, 1.0),
        source="assumed; a dearer journey delays return: Djajić and Milbourne (1988), Dustmann and Görlach (2016)",
        systems=("S4",),
    )
    """Voluntary returns while the household owes money, relative to those who only lack savings."""

    return_on_target: float = param(
        2.5, unit="multiple", bounds=(1.0, 10.0), source="assumed; target savers: Yang (2006)", systems=("S4",)
    )
    """Voluntary returns once the saving target is reached, relative to those who only lack savings."""

    return_rate_settled: float = param(0.0010, unit="1/month", bounds=(0.0, 0.05), source="assumed", systems=("S4",))
    """Voluntary returns of settled migrants, and, before savings and pay, of workers whose family follows them."""

    return_rate_irregular: float = param(
        0.00531,
        unit="1/month",
        bounds=(0.0, 0.1),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S18",),
    )
    """Voluntary returns of migrants without papers who owe nothing and lack savings."""

    return_pay: float = param(
        1.0,
        unit="dimensionless",
        bounds=(0.0, 3.0),
        source="assumed; Yang (2006): a dollar dearer by a tenth lowers returns within a year by 1.4 points",
        systems=("S4", "S18"),
    )
    """Fall of voluntary returns of workers with pay abroad relative to wages in the home district, as an elasticity."""

    reentry: float = param(
        0.5,
        unit="dimensionless",
        bounds=(0.0, 3.0),
        source="assumed; that harder re-entry keeps migrants from returning is Massey, Durand and Pren (2016)",
        systems=("S4", "S18"),
    )
    """Elasticity of voluntary returns to the odds of re-entry."""

    deportation: float = param(
        1.61,
        unit="multiple of destinations.yaml",
        bounds=(0.0, 5.0),
        source="calibrated, docs/calibration.md",
        systems=("S18",),
    )
    """Removals, relative to the rates in the destination data."""

    deportation_shame: float = param(
        0.15,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; Schuster and Majidi (2013) find both shame and renewed attempts",
        systems=("S18",),
    )
    """Immediate fall in aspiration when a member is deported or intercepted; it relaxes back."""


class DiasporaOutcomes(Outcomes):
    """Migrants abroad, their remittances, returns and pay."""

    persons_abroad = outcome(unit="person", over="district", kind="stock", text="Members of households living abroad.")
    diaspora_legal = outcome(unit="person", over="district", kind="stock", text="Of them, with papers.")
    diaspora_irregular = outcome(unit="person", over="district", kind="stock", text="Of them, without papers.")
    diaspora_hidden = outcome(
        unit="person", over="district", kind="stock", text="Of those without papers, in hidden sectors."
    )
    remittances = outcome(unit="PKR of 2017 a month", over="district", text="Money sent home from abroad.")
    returns = outcome(unit="person", over="district", by_destination=True, text="Voluntary returns from abroad.")
    deportations = outcome(
        unit="person", over="district", by_destination=True, text="Deportations to Pakistan from destinations."
    )
    deaths_abroad = outcome(unit="person", over="district", text="Natural deaths of members abroad.")
    legal = outcome(unit="person", over="destination", kind="stock", text="Persons there with papers.")
    irregular_open = outcome(
        unit="person", over="destination", kind="stock", text="Persons without papers in the open sector."
    )
    irregular_hidden = outcome(
        unit="person", over="destination", kind="stock", text="Persons without papers in the hidden sector."
    )
    pay_legal = outcome(
        unit="PKR of 2017 a month", over="destination", kind="level", text="Pay of a worker with papers."
    )  # fmt: skip
    pay_open = outcome(unit="PKR of 2017 a month", over="destination", kind="level", text="Pay in the open sector.")
    pay_hidden = outcome(unit="PKR of 2017 a month", over="destination", kind="level", text="Pay in the hidden sector.")


DEPORTED = behaviour("deportations", base=1.0, over="destination")
"""Factor on deportations, by destination."""

LEAST_RAIDS = 0.25
"""Multiple of raids below which pay rises no more. Source: assumed."""

RAIDS = behaviour("raids on workplaces", base=1.0, over="destination", split=("open", "hidden"))
"""Factor on raids, by destination and sector."""

AMNESTY = behaviour("papers given in addition", base=0.0, over="destination")
"""Addition to the yearly chance of papers, by destination."""


GIVEN_PAPERS = Event(
    "amnesty",
    text="A share of those without papers at the destinations named get papers in the month, in both sectors alike. "
    "People at home hear of it as of any papers; they do not expect another one.",
    needs=("where", "share"),
    places=("destination",),
    systems=("S18",),
)


class Diaspora(Mechanism):
    r"""Sets what members abroad earn, and how likely they are to return, be removed, get papers or change sector.

    Members abroad are settled families, workers with papers, or workers without papers in an open or a hidden sector.
    In a month they may be deported, get or lose papers, change sector, move on, die or come home, and where families
    settle that of a worker with papers follows after some years (`settling` of the destination). They send a share of
    their pay, less of it while a dollar buys more at home than it did of late (`dollar_response`), and up to half as
    much again while members at home have no job or their wages fall.

    Notes
    -----
    A worker returns at the rate

    $$
    r \, \epsilon^{\nu} \, (w / y)^{-\eta} \, \tau,
    $$

    with $r$ by status (`return_rate_worker` for labour migrants, times 5.5 years over those of a usual contract
    there; `return_rate_settled` where their family follows; `return_rate_irregular` without papers), $\epsilon$ the
    chance of re-entry relative to the usual, $\nu$ `reentry`, $w$ pay relative to the destination data, $y$ wages in
    the home district relative to 2017, $\eta$ `return_pay`, and $\tau$ equal to `return_indebted` in debt and
    `return_on_target` once savings have reached `saving_target` or a house is built (the life cycle of Yang 2006).
    Removals are a rate of the destination and sector times `deportation`, and levers.
    """

    section = "diaspora"
    Params = DiasporaParams
    systems = ("S4", "S18")
    used_when_off = (
        "open_pay",
        "hidden_pay",
        "skill_premium",
        "crowding",
        "crowding_open",
        "crowding_hidden",
        "hidden_share",
    )
    outcomes = DiasporaOutcomes.declared
    events = (GIVEN_PAPERS,)
    levers = (
        Lever(
            "deportation",
            unit="multiple of removals",
            bounds=(0.0, 20.0),
            combine="multiply",
            moves=(DEPORTED,),
            unit_cost=3.0e7,
            cost_unit="destination and 100 % of removals added, a month",
            text="Multiplies removals from the destinations named.",
            felt="stay",
            systems=("S18",),
        ),
        Lever(
            "worksite_enforcement",
            unit="multiple of raids",
            bounds=(0.0, 20.0),
            combine="multiply",
            moves=(RAIDS,),
            unit_cost=1.5e7,
            cost_unit="destination, sector and 100 % of raids added, a month",
            text="Multiplies raids on workers without papers in the `sectors` named (open, hidden or both): removals "
            "there, and moves from that sector to the other; pay there falls.",
            split=("open", "hidden"),
            felt="stay",
            systems=("S18",),
        ),
        Lever(
            "regularisation",
            unit="chance a year added",
            bounds=(-1.0, 5.0),
            combine="add",
            moves=(AMNESTY,),
            unit_cost=1.0e7,
            cost_unit="destination and chance of 100 % a year, a month",
            text="Adds to the yearly chance that a person without papers is regularised; less in the hidden sector.",
            systems=("S18",),
            signals=(("papers", 4.0),),
            felt="stay",
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Work out pay and hazards abroad by destination and status for the household pass."""
        params = world.params(DiasporaParams)
        count = len(world.destination_facts)
        shape = (count, STATUS_COUNT)
        amount = np.zeros((*shape, SKILL_LEVELS))
        home, let_go = np.zeros((2, *shape))
        hazards = np.zeros((5, *shape))
        local = world.district_month["wage_index"] / world[EconomyState].income_index
        homeward = world.district_month["homeward"] = raised(local, params.return_pay)
        removal, papers, switch, onward, death = hazards
        if world.config.enabled(Diaspora.section):
            amount = _remittances(world)
            # as far as they can be known at home; that of a month of closed borders says nothing of a stay
            usual = world[DiasporaState].removal_rate = removals(world)
            get_used_to_quotas(world)
            papers[:] = world[DiasporaState].papers_rate = regularisations(world)
            let_go[:, WORKER] = world[LabourDemandState].let_go
            open_days = world[EconomyState].returnable[:, None]
            home, let_go, removal[:] = (rate * open_days for rate in (_return_rates(world), let_go, usual))
            death[:] = (
                world.params(DemographyParams).worker_mortality / 12 if world.config.enabled("demography") else 0.0
            )
            switch[:] = _switches(world)
            ends = home + let_go + removal + papers + death
            ends[:, WORKER] += np.where(world.destination_table.settling > 0.0, switch[:, WORKER], 0.0)
            onward[:] = onward_hazards(world, ends, papers[:, IRREGULAR])
            _expect_leavers(world, home[:, WORKER] * _mean_of_homes(world, homeward), hazards[:, :, WORKER].sum(axis=0))
        for use in world.befall(GIVEN_PAPERS):
            share = _freed(world, use)
            papers += (1.0 - papers) * share
            for rate in (home, let_go, removal, switch, onward, death):
                np.multiply(rate, 1.0 - share, out=rate)
        _remember_amnesties(world, papers)
        moving = np.repeat((let_go + hazards.sum(axis=0))[:, :, None], SAVINGS_STATES, axis=2)
        returning = _by_savings(home, params)
        for freely in (np.s_[:, SETTLED], np.s_[-1]):  # they come whatever wages at home are
            moving[freely] += returning[freely]
            returning[freely] = 0.0
        world[DiasporaState].month = AbroadMonth(
            amount,
            moving,
            returning,
            removal,
            papers,
            switch,
            onward,
            death,
            params.saving_target * world[EconomyState].income_index,
            params.deportation_shame * world.config.enabled("aspiration"),
            params.insured,
            count - 1,
        )


class Destinations(Mechanism):
    r"""Demand and pay at the destinations follow their economies and the migrants already there.

    Notes
    -----
    With the wage of the destination $w$, its income relative to 2015 times the dollar $y$ (where there are contracts
    the mean of incomes since those there were hired), migrants $S$ and demand for workers $D$ (opening values $S_0$,
    $D_0$), pay with papers is

    $$
    w \, y \, \max\left( \frac{S / S_0}{D / D_0}, \; 0.1 \right)^{\theta}
    $$

    with $\theta$ `diaspora.crowding`. Without papers pay is a fraction of $w \, y$, and falls likewise with the
    workers for each job of the sector (`diaspora.crowding_open`, `diaspora.crowding_hidden`), and with raids there
    relative to the usual, at least a quarter, to the power of `diaspora.raid_pay`. Those whom an amnesty gave papers
    hold their jobs for some years more.
    """

    section = "destinations"
    switchable = False
    systems = ("S4", "S6")

    @staticmethod
    def step(world: World) -> None:
        """Set demand and pay of each destination."""
        abroad, demand = world.params(DiasporaParams), world[LabourDemandState].demand.tolist()
        jobs = world[LabourDemandState].jobs.tolist()
        incomes = (incomes_since_hired(world) * world[EconomyState].dollar).tolist()  # and what a dollar buys at home
        crowding = (abroad.crowding, abroad.crowding_open, abroad.crowding_hidden)
        multiples = (abroad.open_pay, abroad.hidden_pay)
        raided = raised(np.maximum(world.now(RAIDS), LEAST_RAIDS), abroad.raid_pay).tolist()
        legalised = world[DiasporaState].legalised.tolist()
        values = zip(world.destinations, incomes, demand, jobs, raided, legalised, strict=True)
        for destination, income, wanted, work, risk, stay in values:
            in_pakistan = destination.facts.iso3 == HOME_COUNTRY
            pay = _income_in_pakistan(world, destination.facts) if in_pakistan else income
            destination.update(pay, wanted, work, crowding, multiples, risk, stay)


def _income_in_pakistan(world: World, facts: DestinationFacts) -> float:
    """Expected pay in a city in Pakistan relative to 2015: it follows real income, jobs and wages of the country."""
    params = world.params(DriversParams)
    growth, before = params.income_growth, params.early_income_growth
    index = world[EconomyState].series.destination_income_index(facts.income_of or "", world.month, growth, before)
    return index * state_of_jobs(world)


def _by_savings(home: np.ndarray, params: DiasporaParams) -> np.ndarray:
    """Voluntary returns of households that owe money, lack savings and have reached their target, last axis.

    Workers and those without papers stay on while they owe money, and go once their target is reached. Families who
    settled, and those in a city of the country, come and go freely.
    """
    factors = np.ones((*home.shape, SAVINGS_STATES))
    factors[:] = returns_by_savings(params)
    factors[:, SETTLED] = factors[-1] = 1.0
    return home[:, :, None] * factors


def returns_by_savings(params: DiasporaParams) -> np.ndarray:
    """Voluntary returns relative to households that only lack savings, by `savings_state`."""
    return np.array([params.return_indebted, 1.0, params.return_on_target])


def _remittances(world: World) -> np.ndarray:
    """PKR a month that one person sends home, by destination, status and skill."""
    params = world.params(DiasporaParams)
    pays = np.array([destination.pays for destination in world.destinations])
    shares = world.destination_table.remitted_share * params.remitted_share
    by_status = np.array([1.0, params.settled_remitted_share, 1.0, 1.0])
    sent = pays * shares[:, None] * by_status
    sent[:-1] *= _sent_of_a_dearer_dollar(world)  # the last is the city in Pakistan
    return sent[:, :, None] * (1.0 + params.skill_premium * np.arange(SKILL_LEVELS))


def _sent_of_a_dearer_dollar(world: World) -> float:
    """Share of pay sent home, relative to the usual: less while a dollar buys more at home than it did of late."""
    state, dollar = world[DiasporaState], world[EconomyState].dollar
    state.usual_dollar += (dollar - state.usual_dollar) / DOLLAR_MONTHS
    return power(dollar / state.usual_dollar, world.params(DiasporaParams).dollar_response - 1.0)


def removals(world: World) -> np.ndarray:
    """Deportations per person and month; raids reach those without papers."""
    facts = world[DiasporaState].facts
    found = facts.deport.copy()
    found[:, WITHOUT_PAPERS] *= world.multiples("deport")[:, None]
    found[:, WITHOUT_PAPERS] *= world.now(RAIDS)
    found *= world.now(DEPORTED)[:, None]
    return found / 12 * world.params(DiasporaParams).deportation


def _expect_leavers(world: World, home: np.ndarray, hazards: np.ndarray) -> None:
    """Let employers know what share of their workers leaves: those who return and those who go for other reasons.

    Where no workers with papers are there, the share stays as it was, and where families settle, that of a contract:
    few who came of late would stand for all.
    """
    saved = world.workers_by_savings
    there, factors = saved.sum(axis=1), returns_by_savings(world.params(DiasporaParams))
    rate = (home * (saved * factors).sum(axis=1) / np.maximum(there, 1) + hazards) * MONTHS_A_YEAR
    demand = world[LabourDemandState]
    demand.leaving = np.where((there > 0) & ~world.destination_table.settles, rate, demand.leaving)


def _mean_of_homes(world: World, homeward: np.ndarray) -> np.ndarray:
    """Mean over labour migrants of a value by home district, by destination; 1 where there are none."""
    there = world.stock[:, :, WORKER]
    total = there.sum(axis=0)
    return np.where(total > 0, (homeward[:, None] * there).sum(axis=0) / np.maximum(total, 1), 1.0)


def _usual_returns(world: World) -> np.ndarray:
    """Voluntary returns per worker under contract and month where pay and re-entry are as usual; by destination."""
    rate = world.params(DiasporaParams).return_rate_worker
    return rate * CONTRACT_YEARS / world.destination_table.contract_years


def regularisations(world: World) -> np.ndarray:
    """Regularisations per person without papers and month."""
    params, usual = world.params(DiasporaParams), usual_papers(world)
    amnesty = world.now(AMNESTY)[:, None] * np.array([1.0, params.amnesty_reach])
    found = np.zeros_like(world[DiasporaState].facts.deport)
    found[:, WITHOUT_PAPERS] = np.maximum(usual + amnesty, 0.0)
    found[-1] = 0.0
    return found / 12


def usual_papers(world: World) -> np.ndarray:
    """Regularisations a year without an amnesty, by destination, in the open and in the hidden sector."""
    usual = world.params(DiasporaParams).regularised * world.multiples("regularise")
    return world[DiasporaState].facts.regularise * usual[:, None]


def _remember_amnesties(world: World, papers: np.ndarray) -> None:
    """Add those whom amnesties, of the data or of policy, give papers: their jobs are not free for others."""
    state = world[DiasporaState]
    usual = state.facts.regularise * world.params(DiasporaParams).regularised / 12
    stocks = np.array([destination.stocks[WITHOUT_PAPERS] for destination in world.destinations])
    beyond = np.maximum(papers[:, WITHOUT_PAPERS] - usual, 0.0)
    state.legalised += stocks * beyond - state.legalised / LEGALISED_MONTHS


def share_in_hiding(world: World) -> np.ndarray:
    """Share of those who arrive without papers, and owe nothing, who begin in the hidden sector, by destination."""
    found: np.ndarray = np.minimum(
        world.destination_table.hidden_share * world.params(DiasporaParams).hidden_share, 1.0
    )
    return found


def _freed(world: World, use: EventUse) -> np.ndarray:
    """Share to whom an event gives papers, by destination and status: nothing else happens to these in the month."""
    assert use.where and use.share is not None
    share = np.zeros((len(world.destination_facts), STATUS_COUNT))
    share[destinations_named(world, use.where), WITHOUT_PAPERS] = use.share
    return share


def _switches(world: World) -> np.ndarray:
    """Monthly rates of losing papers, or being joined by the family, and of entering or leaving the hidden sector."""
    params, facts = world.params(DiasporaParams), world.destination_table
    found = np.zeros((facts.lapse.size, STATUS_COUNT))
    found[:, WORKER] = np.where(facts.settling > 0.0, facts.settling, facts.lapse * params.lapse) / MONTHS_A_YEAR
    found[:, WITHOUT_PAPERS] = np.array([params.hiding, params.surfacing]) * world.now(RAIDS)
    found[-1] = 0.0
    return found


def _return_rates(world: World) -> np.ndarray:
    """Voluntary returns per person and month: fewer where re-entry is hard; the settled come and go freely."""
    params = world.params(DiasporaParams)
    found = np.zeros((len(world.destination_facts), STATUS_COUNT))
    freely, in_secret = (raised(ease, params.reentry) for ease in ease_of_return(world))
    followed = world.destination_table.settling > 0.0
    found[:, WORKER] = np.where(followed, params.return_rate_settled, _usual_returns(world)) * freely
    found[:, WITHOUT_PAPERS] = (params.return_rate_irregular * in_secret)[:, None]
    pays = np.array([destination.pays for destination in world.destinations])
    found *= raised(pays / world[DiasporaState].facts.pay / world[EconomyState].income_index, -params.return_pay)
    found[:, SETTLED] = params.return_rate_settled
    found[-1] = world.params(DomesticMoveParams).return_rate
    return found


DOLLAR_MONTHS = 36.0
"""Months over which those abroad get used to what a dollar buys at home. Source: assumed."""

LEGALISED_MONTHS = 60.0
"""Months for which those who got papers by an amnesty stay in the jobs that they had. Source: assumed; Monras,
Vázquez-Grenno and Elias (2019) find that an amnesty drew no others."""

CONTRACT_YEARS = 5.5
"""Stay of workers for whom `return_rate_worker` is set."""

WITHOUT_PAPERS = slice(IRREGULAR, HIDDEN + 1)
"""Statuses of those in the open and in the hidden sector, in the order of `RAIDS`."""

SKILL_LEVELS = 3
