"""Sanctions: some of those sent home from an irregular journey are fined or detained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.enforcement.enforcement_levers import PUNISHED_IN_ADDITION
from abm.enforcement.enforcement_params import EnforcementParams
from abm.enforcement.kernels.enforcement import charge_households, draw_punished
from abm.enforcement.law.law import offender_share
from abm.enforcement.outcomes import EnforcementOutcomes
from abm.routes import TravelState
from abm.world.codes import NEWS_SANCTIONED, STREAM_CASE

if TYPE_CHECKING:
    from abm.world.state import World


class SanctionsState(State):
    """Risk of punishment on return."""

    risk: Held[float] = monthly(
        unit="probability",
        text="Punishment of those sent home, as of last month.",
        neutral=lambda world: world.params(EnforcementParams).sanction if world.config.enabled("enforcement") else 0.0,
    )


def sanction_risk(world: World) -> float:
    """Probability that those sent home this month are punished; 0 if enforcement is off."""
    if not world.config.enabled("enforcement"):
        return 0.0
    by_law = world.params(EnforcementParams).sanction * offender_share(world)
    return min(by_law + float(world.now(PUNISHED_IN_ADDITION)[0]), 1.0)


def sanction_migrants(world: World) -> None:
    """Punish some of those sent home this month: they pay, and others hear of it."""
    share = sanction_risk(world)
    world[SanctionsState].risk = share
    columns, count = world[TravelState].returnees.columns, world[TravelState].returnees.count
    now = np.flatnonzero(columns.since[:count] == world.t)
    rows, districts = columns.row[now], columns.district[now].astype(np.int64)
    persons, kinds = columns.persons[now].astype(np.int64), columns.kind[now].astype(np.int64)
    punished, status = np.zeros(now.size, np.int64), np.zeros(now.size, np.uint8)
    draw_punished(rows, kinds, persons, share, world.key(STREAM_CASE), punished, status)
    columns.status[now] = status
    paid, borrowed = np.zeros(now.size, np.int64), np.zeros(now.size, np.int64)
    charge_households(
        rows, punished, world.params(EnforcementParams).fine, world.weight[districts], world.households, paid, borrowed
    )
    world.ledger.lend(int(borrowed.sum()))
    world.ledger.pay("households", "government", "fine", int(paid.sum()))
    nowhere = np.full(now.size, -1)
    world.news.tell(NEWS_SANCTIONED, rows, punished, nowhere, columns.office[now].astype(np.int64))
    world.figures[EnforcementOutcomes.sanctioned] = np.bincount(districts, punished, world.district_count).astype(
        np.int64
    )
