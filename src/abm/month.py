"""The month: its phases in order, with what each reads and writes, and the inner order of the household pass.

``abm describe mechanisms`` and `Model.plan` print it, and the model's pages are generated from it.
"""

from __future__ import annotations

from abm.abroad.claims import Claims, ClaimsState
from abm.abroad.diaspora import Destinations, Diaspora, DiasporaState
from abm.abroad.events import MovesState
from abm.abroad.moves import Moves
from abm.abroad.onward import Onward, OnwardState
from abm.abroad.reentry import ReentryState
from abm.beliefs.belief_truth import TruthState
from abm.beliefs.beliefs import Beliefs, BeliefsState
from abm.choice.announcements import Announcements, AnnouncementsState
from abm.choice.aspiration import Aspiration
from abm.choice.channel import Channel, ChannelState
from abm.choice.demonstration import Demonstration
from abm.choice.displacement import Displacement, DisplacementState
from abm.choice.refused import Refused
from abm.choice.repeat import Repeat
from abm.choice.ties import Ties
from abm.choice.timing import Timing, TimingState
from abm.declare import Event, Lever, Outcome
from abm.departure.applications import ApplicationsState
from abm.departure.domestic_move import DomesticMove
from abm.departure.options import OptionsState
from abm.enforcement.cases import CasesState
from abm.enforcement.circles import CirclesState
from abm.enforcement.docket import DocketState
from abm.enforcement.enforcement import Enforcement, FearState
from abm.enforcement.law.agencies import Agencies, AgenciesState
from abm.enforcement.law.bureaus import BureausState
from abm.enforcement.law.child_alert import ChildAlert, ChildAlertState
from abm.enforcement.law.foreigners import ForeignersState
from abm.enforcement.law.jurisdiction import JurisdictionState
from abm.enforcement.law.law import Law
from abm.enforcement.law.month_law import LawState
from abm.enforcement.law.powers import PowersState
from abm.enforcement.leads import DesksState, SanctionsState
from abm.enforcement.prosecution import Prosecution
from abm.enforcement.stream_cases import StreamCases, StreamCasesState
from abm.engine.measures import outcome_of_setting
from abm.households.households import Households
from abm.journeys.journey import Journey, JourneyState
from abm.journeys.journey_log import JourneyLogState
from abm.legal.contracts import AdmissionState
from abm.legal.labour_demand import LabourDemand, LabourDemandState
from abm.legal.legal_price import LegalPrice, LegalPriceState
from abm.legal.legal_work import LegalWork, LegalWorkState
from abm.legal.overstay import Overstay, OverstayState
from abm.legal.sponsorship import Sponsorship, SponsorshipState
from abm.legal.visa_sale import VisaSaleState
from abm.market.market import Market, MarketState
from abm.market.offers import Offers, OffersState
from abm.market.office_entry import OfficeEntryState
from abm.market.offices import Offices, OfficesState
from abm.market.referral import ReferralState
from abm.market.tables import MarketTables, RisksState
from abm.market.transit import Transit, TransitClientsState
from abm.policy.policy import InForce, Policy
from abm.recording import Recording
from abm.routes.interception import Interception
from abm.routes.legs import LegsState
from abm.routes.stations import PostsState
from abm.routes.transit_flows import TransitState
from abm.routes.travel import TravelState
from abm.society.demography import Demography, FormationState
from abm.society.drivers import Drivers, EconomyState
from abm.society.houses import Houses
from abm.society.labour import Labour, LabourState
from abm.society.livelihood import Livelihood
from abm.society.training import Training
from abm.streams.bondage import Bondage
from abm.streams.bonds import BondsState
from abm.streams.labour_inspection import InspectionState
from abm.streams.recruiters import RecruitersState
from abm.streams.recruitment import RecruitmentState
from abm.streams.trade import TradeState
from abm.streams.trafficking import Trafficking
from abm.streams.victims import VictimsState
from abm.world.mechanism import Mechanism, Phase, Stage, check_order

PHASES: tuple[Phase, ...] = (
    Phase(
        Policy,
        # besides its own, the values from which mechanisms estimate the cost of their levers for a budget
        keeps=(
            InForce.purse, InForce.triggers, BondsState.table, BureausState.bureaus, BureausState.regime,
            InspectionState.heard, InspectionState.registered, LabourState.created,
            LabourState.jobs, PostsState.guards, PostsState.posts, PostsState.stations,
        ),
        writes=(InForce.policy,),
    ),
    Phase(
        Drivers,
        writes=(EconomyState.dollar, EconomyState.income_index, EconomyState.passable, EconomyState.returnable),
    ),
    Phase(
        LabourDemand,
        reads=(EconomyState.passable, EconomyState.returnable),
        keeps=(LabourDemandState.leaving, LabourDemandState.missing, LabourDemandState.workforce),
        writes=(
            LabourDemandState.demand, LabourDemandState.hires, LabourDemandState.jobs, LabourDemandState.let_go,
        ),
    ),
    Phase(
        Destinations, reads=(EconomyState.dollar, LabourDemandState.demand, LabourDemandState.jobs),
        keeps=(DiasporaState.legalised,),
    ),
    Phase(
        Law,
        keeps=(
            BureausState.bureaus, BureausState.regime, ForeignersState.detained, LawState.facing, LawState.month,
            PowersState.powers,
        ),
    ),
    Phase(ChildAlert, reads=(InForce.policy,), keeps=(ChildAlertState.officers,)),
    Phase(
        Agencies,
        reads=(InForce.policy,),
        keeps=(
            AgenciesState.conduct, AgenciesState.first_caseload, AgenciesState.suspended, BureausState.bureaus,
            LawState.caseload, LawState.circle_time, LawState.month, PostsState.posts, PostsState.stations,
            PowersState.powers,
        ),
        writes=(AgenciesState.pay, AgenciesState.present),
    ),
    Phase(
        Interception,
        reads=(EconomyState.dollar, EconomyState.income_index, InForce.policy),
        keeps=(
            LegsState.entered, LegsState.flow, LegsState.guides, LegsState.recent, LegsState.reinforced,
            PostsState.guards, PostsState.posts, PostsState.stations,
            TransitState.transit,
        ),
        writes=(LegsState.dose, LegsState.effort, LegsState.month, LegsState.open_routes, LegsState.passable),
    ),
    Phase(
        Offers,
        # nobody has hired an office when the first ones open
        reads=(
            EconomyState.dollar, EconomyState.income_index, LegsState.month, LegsState.open_routes,
            OfficeEntryState.hired,
        ),
        keeps=(
            MarketTables.next_office, MarketTables.offices, OffersState.home_km, OffersState.recovery,
            OfficeEntryState.typical_spending, PostsState.guards, PostsState.posts, ReferralState.went,
            RisksState.arrest_loss, RisksState.bribes, RisksState.hazard,
        ),
        writes=(OffersState.conduct, OffersState.month, OffersState.odds, OffersState.terms),
    ),
    Phase(
        LegalPrice,
        reads=(EconomyState.dollar, EconomyState.income_index),
        keeps=(
            AdmissionState.admitted, AdmissionState.asked, LegalPriceState.smuggler_prices,
            LegalPriceState.visas_served,
        ),
        writes=(
            LegalPriceState.contracts, LegalPriceState.costs, LegalPriceState.visas, OfficesState.legal_price_index,
        ),
    ),
    Phase(Demonstration),
    Phase(Training, reads=(InForce.policy,)),
    Phase(
        Labour,
        reads=(EconomyState.income_index, InForce.policy),
        keeps=(FormationState.plan, LabourState.created, LabourState.jobs, LabourState.usual_wage),
    ),
    Phase(Demography, reads=(EconomyState.income_index,), keeps=(FormationState.plan,)),
    Phase(Livelihood),
    Phase(Houses, reads=(EconomyState.income_index,)),
    Phase(Ties),
    Phase(
        Diaspora,
        reads=(
            EconomyState.dollar, EconomyState.income_index, EconomyState.returnable, LabourDemandState.let_go,
            LegsState.month, LegsState.open_routes,
        ),
        keeps=(
            DiasporaState.legalised, DiasporaState.usual_dollar, LabourDemandState.leaving, OnwardState.odds,
            OnwardState.saved, OnwardState.stayers, PostsState.guards, PostsState.posts, ReentryState.reference,
            ReentryState.usual_quota,
        ),
        writes=(
            DiasporaState.month, DiasporaState.papers_rate, DiasporaState.removal_rate, OnwardState.fees,
            OnwardState.rates,
        ),
    ),
    Phase(
        Aspiration,
        reads=(DiasporaState.papers_rate, DiasporaState.removal_rate, EconomyState.dollar, LegsState.month),
        keeps=(BeliefsState.state, LawState.month, TruthState.abroad, TruthState.traffic),
    ),
    Phase(
        Channel,
        reads=(
            DiasporaState.papers_rate, DiasporaState.removal_rate, EconomyState.dollar, EconomyState.income_index,
            LegalPriceState.costs, LegsState.effort, LegsState.month, OffersState.month,
        ),
        keeps=(
            AdmissionState.admitted, AdmissionState.asked, ApplicationsState.table, BeliefsState.state,
            ChannelState.community, FearState.alarm, LawState.month, MarketTables.offices, OffersState.home_km,
            ReferralState.went, SponsorshipState.admitted, SponsorshipState.asked, TruthState.abroad,
            TruthState.traffic,
        ),
        writes=(OptionsState.attraction, OptionsState.chance, OptionsState.delay, OptionsState.month),
    ),
    Phase(
        Announcements,
        reads=(
            DiasporaState.papers_rate, DiasporaState.removal_rate, EconomyState.dollar, InForce.policy,
            LegsState.effort, LegsState.month, OffersState.month, OptionsState.attraction, OptionsState.chance,
            OptionsState.month,
        ),
        keeps=(
            AdmissionState.admitted, AdmissionState.asked, BeliefsState.state, ChannelState.community,
            FearState.alarm, LawState.month,
            LegsState.flow, MarketTables.offices, OffersState.home_km, PostsState.guards, PostsState.posts,
            ReferralState.went, RisksState.arrest_loss, RisksState.bribes, SponsorshipState.admitted,
            SponsorshipState.asked, TransitState.transit, TruthState.abroad, TruthState.traffic,
        ),
        writes=(AnnouncementsState.ahead, OptionsState.attraction),
    ),
    Phase(
        Bondage,
        reads=(EconomyState.income_index, InForce.policy),
        keeps=(
            BondsState.table, FormationState.plan, InspectionState.heard, InspectionState.lawful,
            InspectionState.registered, LabourState.jobs, LawState.month, RecruitmentState.sought,
        ),
        writes=(BondsState.adults, LawState.freed_by_courts),
    ),
    Phase(
        Households,
        reads=(DiasporaState.month, InForce.policy, OptionsState.attraction, OptionsState.month),
        keeps=(BondsState.table,),
        writes=(OptionsState.choices,),
    ),
    Phase(
        Timing,
        reads=(
            AnnouncementsState.ahead, OptionsState.attraction, OptionsState.chance, OptionsState.choices,
            OptionsState.month,
        ),
        keeps=(TimingState.plans, TimingState.taken),
        writes=(OptionsState.choices,),
    ),
    Phase(Moves, writes=(MovesState.deported, MovesState.month)),
    Phase(
        Onward,
        reads=(LegsState.month, MovesState.month, OnwardState.fees, OnwardState.rates),
        keeps=(LegsState.entered, TravelState.journeys, TravelState.next_journey),
    ),
    Phase(
        LegalWork,
        reads=(
            ApplicationsState.refused, EconomyState.passable, InForce.policy, LabourDemandState.hires,
            LegalPriceState.contracts, LegalPriceState.costs, LegalPriceState.visas, OffersState.month,
            OptionsState.attraction, OptionsState.delay, OptionsState.month,
        ),
        keeps=(
            AdmissionState.admitted, AdmissionState.asked,
            ApplicationsState.by_kind, ApplicationsState.due, ApplicationsState.table, LegalPriceState.visas_served,
            LegalWorkState.direct, LegalWorkState.nearness, LegalWorkState.promoted, VisaSaleState.unsold,
        ),
        writes=(ApplicationsState.refused, OptionsState.choices, VisaSaleState.bought),
    ),
    Phase(
        Sponsorship,
        reads=(
            ApplicationsState.refused, EconomyState.dollar, EconomyState.passable, OptionsState.choices,
            OptionsState.delay,
        ),
        keeps=(
            ApplicationsState.by_kind, ApplicationsState.due, ApplicationsState.table, SponsorshipState.admitted,
            SponsorshipState.asked, SponsorshipState.expected, SponsorshipState.places, SponsorshipState.to_bring,
        ),
        writes=(ApplicationsState.refused,),
    ),
    Phase(Displacement, keeps=(DisplacementState.plan,)),
    Phase(
        Overstay,
        reads=(
            ApplicationsState.refused, EconomyState.dollar, EconomyState.passable, OptionsState.choices,
            OptionsState.delay,
        ),
        keeps=(ApplicationsState.by_kind, ApplicationsState.due, ApplicationsState.table, OverstayState.places),
        writes=(ApplicationsState.refused,),
    ),
    Phase(
        Repeat,
        reads=(MovesState.deported, OptionsState.attraction, OptionsState.delay, OptionsState.month),
        keeps=(ApplicationsState.table, MarketTables.clients, TravelState.returnees),
        writes=(MarketState.again,),
    ),
    Phase(
        Refused,
        reads=(
            ApplicationsState.refused, LegalPriceState.costs, MarketState.again, OptionsState.attraction,
            OptionsState.chance, OptionsState.choices, OptionsState.delay, OptionsState.month, VisaSaleState.bought,
        ),
        keeps=(ApplicationsState.table, MarketTables.clients),
        writes=(ApplicationsState.to_city, MarketState.again, OptionsState.choices),
    ),
    Phase(
        DomesticMove,
        reads=(ApplicationsState.to_city, EconomyState.income_index, OptionsState.choices),
        keeps=(ApplicationsState.by_kind,),
    ),
    Phase(
        Market,
        reads=(
            EconomyState.dollar, EconomyState.income_index, LegsState.month, LegsState.open_routes, MarketState.again,
            OffersState.month, OffersState.terms, OptionsState.choices,
        ),
        writes=(OfficeEntryState.found_none, OfficeEntryState.hired, OfficeEntryState.patience),
        keeps=(
            ApplicationsState.by_kind, LegsState.entered, MarketState.agreed, MarketState.basket, MarketTables.clients,
            MarketTables.offices, TransitClientsState.carried, TransitClientsState.carried_key, TransitState.transit,
            TravelState.journeys, TravelState.next_journey,
        ),
    ),
    Phase(
        Journey,
        reads=(
            EconomyState.income_index, LegsState.month, LegsState.open_routes, LegsState.passable,
            OffersState.conduct, OffersState.month,
        ),
        keeps=(
            ClaimsState.table, JourneyLogState.log, JourneyState.ended, JourneyState.spare, LegsState.entered,
            MarketTables.offices, OffersState.home_km, ReferralState.went, TravelState.journeys,
            TravelState.returnees,
        ),
        writes=(JourneyState.caught,),
    ),
    Phase(
        Claims,
        reads=(MovesState.month,),
        keeps=(ClaimsState.lent, ClaimsState.lost, ClaimsState.table, MarketTables.offices, OffersState.recovery),
    ),
    Phase(
        Trafficking,
        reads=(EconomyState.dollar, EconomyState.income_index, InForce.policy),
        keeps=(
            ChildAlertState.officers, ChildAlertState.open_reports, ForeignersState.detained, LawState.convictions,
            LawState.facing, LawState.leads, LawState.month, RecruitersState.next_key, RecruitersState.table,
            TradeState.again, TradeState.changed, TradeState.fear, TradeState.fixed, TradeState.freed,
            TradeState.runaways, TradeState.sold, TradeState.taken, VictimsState.dead_dependants, VictimsState.heard,
            VictimsState.held, VictimsState.next_key, VictimsState.off_roll, VictimsState.table,
        ),
        writes=(TradeState.placed,),
    ),
    Phase(
        Transit, reads=(EconomyState.income_index, LegsState.month, LegsState.passable), keeps=(TransitState.transit,),
    ),
    Phase(
        Enforcement,
        reads=(AgenciesState.pay, InForce.policy, JourneyState.caught, LegsState.dose, LegsState.month),
        keeps=(
            BureausState.bureaus, CasesState.next_id, CasesState.table, CirclesState.in_charge,
            DesksState.elsewhere, DesksState.office_key, FearState.alarm,
            FearState.earning, FearState.earning_key, FearState.experienced, FearState.officers, FearState.own,
            FearState.usual_raids, LawState.caseload, LawState.circle_time, LawState.facing, LawState.month,
            MarketTables.offices, PowersState.powers,
            PostsState.guards, PostsState.posts, PostsState.stations,
            RisksState.arrest_loss, RisksState.bribes, RisksState.capital_lost,
            RisksState.hazard, RisksState.months_lost, RisksState.stake, TransitClientsState.carried,
            TransitClientsState.carried_key, TransitState.transit, TravelState.returnees,
        ),
        writes=(
            CirclesState.added, CirclesState.added_by_post, CirclesState.added_capacity, CirclesState.added_leads,
            CirclesState.expected_leads, CirclesState.seen, JurisdictionState.desks, RisksState.owner_arrested,
            SanctionsState.risk,
        ),
    ),
    Phase(
        Prosecution,
        keeps=(CasesState.table, MarketTables.offices),
        writes=(RisksState.seized_share,),
    ),
    Phase(
        StreamCases,
        reads=(
            AgenciesState.present, CirclesState.added_by_post, CirclesState.added_capacity, JourneyState.caught,
            JurisdictionState.desks, LawState.freed_by_courts,
        ),
        keeps=(
            AgenciesState.conduct, BureausState.bureaus, CasesState.table, CirclesState.in_charge,
            DocketState.groups_stopped,
            DocketState.registering_rows, DocketState.sent_home, LawState.caseload, LawState.circle_time,
            LawState.convictions, LawState.facing, LawState.leads, LawState.month, PostsState.posts,
            PowersState.powers, StreamCasesState.stages, TravelState.returnees,
        ),
    ),
    Phase(
        Beliefs,
        reads=(
            DiasporaState.papers_rate, DiasporaState.removal_rate, EconomyState.dollar, InForce.policy,
            JourneyState.caught, LegsState.month, MovesState.deported,
        ),
        keeps=(BeliefsState.state, FearState.alarm, LawState.month, TruthState.abroad, TruthState.traffic),
    ),
    Phase(
        Offices,
        reads=(
            EconomyState.dollar, EconomyState.income_index, LegsState.month, OfficeEntryState.found_none,
            OfficeEntryState.hired, OfficeEntryState.patience, OffersState.month, OffersState.odds, OffersState.terms,
            OfficesState.legal_price_index, RisksState.owner_arrested, RisksState.seized_share,
        ),
        keeps=(
            ReferralState.went,
            MarketTables.clients, MarketTables.next_office, MarketTables.offices, OffersState.recovery,
            OfficeEntryState.gain, OfficeEntryState.typical_spending, OfficeEntryState.unserved, PostsState.guards,
            PostsState.posts,
            RisksState.arrest_loss, RisksState.bribes, RisksState.capital_lost,
            RisksState.hazard, RisksState.months_lost, RisksState.stake, TravelState.journeys, TravelState.returnees,
        ),
        writes=(OfficeEntryState.closed_convicted, OfficeEntryState.closed_home),
    ),
    Phase(Recording, reads=(InForce.policy, LegsState.effort, LegsState.month)),
)  # fmt: skip
"""Order of the month. Those from `LegalPrice` to `Channel` prepare what `Households` runs in one pass."""

HOUSEHOLD_PASS: tuple[Stage, ...] = (
    Stage(
        "quarter_of_village",
        "Births, deaths, formation, ties, shocks and houses. A village has its turn every third month, with chances "
        "three times the monthly rates.",
    ),
    Stage("members_away_month", "Those abroad remit, return, are deported, die, get papers or move on."),
    Stage("count_at_home", "Members at home, and households with a member away."),
    Stage("turn_over_jobs", "Jobs end and are found."),
    Stage("add_up_income", "Wages, remittances and transfers."),
    Stage("deliver_bonded_pay", "Bonded households work off their debt."),
    Stage("relax_aspiration", "Deprivation and aspiration to migrate, at the same turns."),
    Stage("spend_and_save", "Interest, repayment, consumption and savings; those who aspire and cannot pay."),
    Stage("consider_blocks", "Households that consider migration."),
    Stage("choose_channels", "Their choice of a channel."),
)
"""Order within `Households`, for each block of villages."""

check_order(PHASES)

MONTH: tuple[type[Mechanism], ...] = tuple(phase.mechanism for phase in PHASES)
"""Mechanisms in the order of the month."""

OUTCOMES: dict[str, Outcome] = {found.name: found for mechanism in MONTH for found in mechanism.outcomes}
"""Every declared outcome by name."""

LEVERS: dict[str, Lever] = {found.name: found for mechanism in MONTH for found in mechanism.levers}
"""Every declared lever by name."""

EVENTS: dict[str, Event] = {found.name: found for mechanism in MONTH for found in mechanism.events}
"""Every declared event by name."""


def outcome_named(name: str) -> Outcome | None:
    """Find the outcome of a national column: a declared one, or one that a setting makes."""
    return OUTCOMES.get(name) or outcome_of_setting(name)
