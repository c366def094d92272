"""The month: the mechanisms in the order in which they act."""

from __future__ import annotations

from abm.abroad.claims import Claims
from abm.abroad.destinations import Destinations
from abm.abroad.diaspora import Diaspora
from abm.abroad.moves import Moves
from abm.abroad.onward import Onward
from abm.beliefs.beliefs import Beliefs
from abm.choice.aspiration import Aspiration
from abm.choice.channel import Channel
from abm.choice.demonstration import Demonstration
from abm.choice.displacement import Displacement
from abm.choice.repeat import Repeat
from abm.choice.ties import Ties
from abm.declare import Lever, Outcome
from abm.departure.domestic_move import DomesticMove
from abm.enforcement.enforcement import Enforcement
from abm.enforcement.law.agencies import Agencies
from abm.enforcement.law.law import Law
from abm.enforcement.prosecution import Prosecution
from abm.enforcement.stream_cases import StreamCases
from abm.households.households import Households
from abm.journeys.journey import Journey
from abm.legal.legal_price import LegalPrice
from abm.legal.legal_work import LegalWork
from abm.legal.overstay import Overstay
from abm.legal.sponsorship import Sponsorship
from abm.market.market import Market
from abm.market.offers import Offers
from abm.market.offices import Offices
from abm.market.transit import Transit
from abm.policy.policy import Policy
from abm.recording import Recording
from abm.routes.interception import Interception
from abm.society.demography import Demography
from abm.society.drivers import Drivers
from abm.society.houses import Houses
from abm.society.labour import Labour
from abm.society.livelihood import Livelihood
from abm.society.training import Training
from abm.streams.bondage import Bondage
from abm.streams.cross_border_trafficking import CrossBorderTrafficking
from abm.streams.domestic_trafficking import DomesticTrafficking
from abm.world.mechanism import Mechanism

MONTH: tuple[type[Mechanism], ...] = (
    Policy,
    Drivers,
    Destinations,
    Law,
    Agencies,
    Interception,
    Offers,
    LegalPrice,
    Demonstration,
    Training,
    Labour,
    Demography,
    Livelihood,
    Houses,
    Ties,
    Aspiration,
    Diaspora,
    Channel,
    Bondage,
    Households,
    Moves,
    Onward,
    LegalWork,
    Sponsorship,
    Displacement,
    DomesticMove,
    Overstay,
    Repeat,
    Market,
    Journey,
    Claims,
    DomesticTrafficking,
    CrossBorderTrafficking,
    Transit,
    Enforcement,
    Prosecution,
    StreamCases,
    Beliefs,
    Offices,
    Recording,
)
"""Order of the month. Those from `LegalPrice` to `Channel` prepare what `Households` runs in one pass."""

OUTCOMES: dict[str, Outcome] = {found.name: found for mechanism in MONTH for found in mechanism.outcomes}
"""Every declared outcome by name."""

LEVERS: dict[str, Lever] = {found.name: found for mechanism in MONTH for found in mechanism.levers}
"""Every declared lever by name."""
