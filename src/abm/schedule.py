"""The month: every mechanism in the order in which it acts."""

from __future__ import annotations

from abm.declare import Lever, Outcome
from abm.mechanisms.agencies import Agencies
from abm.mechanisms.aspiration import Aspiration
from abm.mechanisms.base import Mechanism
from abm.mechanisms.beliefs import Beliefs
from abm.mechanisms.bondage import Bondage
from abm.mechanisms.channel import Channel
from abm.mechanisms.claims import Claims
from abm.mechanisms.cross_border_trafficking import CrossBorderTrafficking
from abm.mechanisms.demography import Demography
from abm.mechanisms.demonstration import Demonstration
from abm.mechanisms.diaspora import Diaspora
from abm.mechanisms.displacement import Displacement
from abm.mechanisms.domestic_move import DomesticMove
from abm.mechanisms.domestic_trafficking import DomesticTrafficking
from abm.mechanisms.drivers import Drivers
from abm.mechanisms.enforcement import Enforcement
from abm.mechanisms.households import Households
from abm.mechanisms.houses import Houses
from abm.mechanisms.interception import Interception
from abm.mechanisms.journey import Journey
from abm.mechanisms.labour import Labour
from abm.mechanisms.law import Law
from abm.mechanisms.legal_price import LegalPrice
from abm.mechanisms.legal_work import LegalWork
from abm.mechanisms.livelihood import Livelihood
from abm.mechanisms.market import Market
from abm.mechanisms.moves import Moves
from abm.mechanisms.offers import Offers
from abm.mechanisms.offices import Offices
from abm.mechanisms.onward import Onward
from abm.mechanisms.overstay import Overstay
from abm.mechanisms.policy import Policy
from abm.mechanisms.prosecution import Prosecution
from abm.mechanisms.recording import Recording
from abm.mechanisms.repeat import Repeat
from abm.mechanisms.sponsorship import Sponsorship
from abm.mechanisms.stream_cases import StreamCases
from abm.mechanisms.ties import Ties
from abm.mechanisms.training import Training
from abm.mechanisms.transit import Transit

MONTH: tuple[type[Mechanism], ...] = (
    Policy,
    Drivers,
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
