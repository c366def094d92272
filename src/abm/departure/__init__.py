"""Departure: options to leave, and the refusal, payment and departure of those who chose one.

Other rooms import these names and nothing else.
"""

from __future__ import annotations

from abm.departure.applications import (
    KIND_OF_CHANNEL,
    KINDS,
    REFUSALS_ADDED,
    Applications,
    ApplicationsState,
    apply,
    charge_households,
    choices_of,
    collect,
    leave,
    means_of_households,
    refuse,
    refused_share,
    take_due_applications,
    turn_away,
)
from abm.departure.domestic_move import DomesticMoveOutcomes, DomesticMoveParams, city_price
from abm.departure.options import (
    AS_ONE,
    IN_PIECES,
    SECTIONS,
    Choices,
    OptionsMonth,
    OptionsState,
    destinations_of,
    is_open,
)
