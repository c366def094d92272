"""Legal work: applications wait, some are refused, quotas ration the rest, and a fee is paid on departure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import lever
from abm.declare.state import Held, State, kept
from abm.departure import (
    REFUSALS_ADDED,
    Applications,
    apply,
    choices_of,
    destinations_of,
    leave,
    refuse,
    take_due_applications,
)
from abm.engine.random import uniform
from abm.engine.sums import places_by_group, sum_by
from abm.legal.contracts import (
    DELAY,
    FEE_MULTIPLE,
    QUOTA,
    QUOTA_MONTHS,
    Allowance,
    LegalWorkOutcomes,
    LegalWorkParams,
    share_of_region,
)
from abm.legal.legal_price import LegalPriceOutcomes, LegalPriceState, option_costs
from abm.legal.visa_sale import sell_visas
from abm.places.options import LEGAL_WORK
from abm.world.codes import SETTLED, STREAM_RATION, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class LegalWorkState(State):
    """Places for legal work."""

    places: Held[Allowance] = kept(
        unit="contract",
        text="Places for legal work by destination.",
        over=("destination",),
        start=lambda world: Allowance(len(world.destination_facts)),
    )


class LegalWork(Mechanism):
    """Applications fall due; some are refused; quotas ration by lot; those accepted pay and leave."""

    section = "legal_work"
    Params = LegalWorkParams
    systems = ("S6",)
    outcomes = LegalWorkOutcomes.declared
    levers = (
        lever(
            "legal_quota",
            unit="multiple of the quota in force",
            bounds=(0.0, 10.0),
            combine="multiply",
            moves=QUOTA,
            unit_cost=2.0e7,
            cost_unit="destination and 100 % of quota added, a month",
            text="Multiplies the workers that the destinations named admit.",
            needs="legal_quota",
            systems=("S6", "S19"),
        ),
        lever(
            "legal_fee",
            unit="multiple of the fee in force",
            bounds=(0.0, 10.0),
            combine="multiply",
            moves=FEE_MULTIPLE,
            unit_cost=5.0e6,
            cost_unit="destination and 100 % of fee removed, a month",
            cost_counted="below",
            text="Multiplies the fee that a worker pays for a contract.",
            needs="legal_quota",
            systems=("S6", "S19"),
        ),
        lever(
            "legal_delay",
            unit="month added",
            bounds=(-12.0, 36.0),
            combine="add",
            moves=DELAY,
            unit_cost=2.0e6,
            cost_unit="destination and month of delay removed, a month",
            cost_counted="below",
            text="Adds to the months between application and departure (never below one month).",
            needs="legal_quota",
            systems=("S6", "S19"),
        ),
        lever(
            "visa_refusal",
            unit="share added",
            bounds=(-1.0, 1.0),
            combine="add",
            moves=REFUSALS_ADDED,
            unit_cost=0.0,
            cost_unit="none",
            text="Adds to the share of applications refused, for legal work and sponsorship.",
            systems=("S6",),
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Sell visas, take new applications, decide those due, and send the accepted abroad."""
        world.figures[LegalWorkOutcomes.legal_applications] = np.zeros(world.district_count, np.int64)
        sell_visas(world)
        due = take_due_applications(world, LEGAL_WORK)
        rows, districts, picked = choices_of(world, LEGAL_WORK)
        apply(world, rows, districts, picked, legal_delay(world)[destinations_of(world, picked)])
        world.figures[LegalWorkOutcomes.legal_applications] += sum_by(
            districts, world.weight[districts], world.district_count
        )
        refuse(world, due, world.params(LegalWorkParams).refusal)
        allowance = _grant_quotas(world)
        for row, mine in places_by_group(destinations_of(world, due.option)):
            world.destinations[row].quota = allowance.unused[row]
            asking, admitted = allowance.ration(row, due.persons, mine, uniform(world.key(STREAM_RATION), row))
            world.destinations[row].remember_admission(admitted, asking, world.params(LegalWorkParams).memory)
        _send_abroad(world, due)


def _send_abroad(world: World, due: Applications) -> None:
    """Let the accepted pay their recruiters, openly and under the table, and leave."""
    places = destinations_of(world, due.option)
    settles = np.array([facts.workers_settle for facts in world.destination_facts])[places]
    status = np.where(settles, SETTLED, WORKER)
    paid = leave(world, due, LEGAL_WORK, option_costs(world)[due.option], "", "", status)
    hidden = np.floor(paid * world[LegalPriceState].contracts.hidden[places]).astype(np.int64)
    world.ledger.pay("households", "recruiters", "legal fee", int((paid - hidden).sum()))
    world.ledger.pay("households", "recruiters", "fee under the table", int(hidden.sum()))
    world.figures[LegalPriceOutcomes.fees_under_table] = sum_by(due.district, hidden, world.district_count)


def legal_delay(world: World) -> np.ndarray:
    """Whole months between application and departure, by destination."""
    return np.maximum(np.round(world.now(DELAY)), 1).astype(np.int64)


def _grant_quotas(world: World) -> Allowance:
    """Workers from the simulated region admitted by each destination; unused places stay open for a quarter."""
    allowance = world[LegalWorkState].places
    base = np.array([facts.legal_quota * facts.multiple("quota", world.month) for facts in world.destination_facts])
    demand = np.array([destination.demand for destination in world.destinations])
    places = base * world.now(QUOTA) * demand / 12.0 * share_of_region(world)
    places *= world[LegalPriceState].contracts.supply
    allowance.grant(places, QUOTA_MONTHS * places)
    return allowance
