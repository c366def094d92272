"""Recording: the month's figures go into the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.engine.measures import BUDGET_LEFT, BUDGET_WAITING, COST_PREFIX, IN_FORCE_PREFIX, OF_BUDGETS
from abm.places.options import DOMESTIC_MOVE, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.policy.policy import Policy
from abm.routes.legs import LegsState
from abm.world.codes import (
    FIXED_POINT,
    HIDDEN,
    IRREGULAR,
    SETTLED,
    T_ASPIRATION,
    T_ASPIRING,
    T_ASSETS,
    T_AWAY,
    T_CONSIDERING,
    T_DEATHS_ABROAD,
    T_DEBT,
    T_DEMONSTRATION,
    T_DEPORTATIONS,
    T_HOUSE_LEVELS,
    T_HOUSEHOLDS,
    T_IMMOBILE,
    T_INCOME,
    T_JOBS,
    T_MEMBERS,
    T_REMITTANCES,
    T_RETURNS,
    T_TIES,
    T_WITH_MIGRANT,
    T_WORKERS,
    WORKER,
)
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class Recording(Mechanism):
    """Writes one row a month and place for every declared outcome."""

    section = "recording"
    switchable = False

    @staticmethod
    def step(world: World) -> None:
        """Give arrivals their place, write the month, and book what policy cost."""
        world.settle()
        Policy.settle(world)
        world.record.write_month(world.t, _by_district(world), _by_place(world), _national(world), world.flows)


def _by_district(world: World) -> dict[str, np.ndarray]:
    sums, stock, flows = world.sums, world.stock, world.flows
    figures = world.figures
    households = np.maximum(sums[:, T_HOUSEHOLDS], 1)
    force = sums[:, T_WORKERS] - sums[:, T_AWAY]
    abroad = stock[:, :-1]
    nobody = np.zeros(world.district_count, np.int64)
    found = {
        "population": sums[:, T_MEMBERS] - sums[:, T_AWAY] + stock[:, -1].sum(axis=1) + world.pool.sum(axis=1),
        "households": sums[:, T_HOUSEHOLDS],
        "labour_force": force,
        "employed": sums[:, T_JOBS],
        "unemployment_rate": 1.0 - sums[:, T_JOBS] / np.maximum(force, 1),
        "aspiration_mean": sums[:, T_ASPIRATION] / FIXED_POINT / households,
        "aspiring_share": sums[:, T_ASPIRING] / households,
        "involuntary_immobility": sums[:, T_IMMOBILE],
        "households_with_migrant_share": sums[:, T_WITH_MIGRANT] / households,
        "income_mean": sums[:, T_INCOME] / households,
        "assets_mean": sums[:, T_ASSETS] / households,
        "migration_debt": sums[:, T_DEBT],
        "visible_house_share": sums[:, T_HOUSE_LEVELS] / FIXED_POINT / households,
        "ties_mean": sums[:, T_TIES] / households,
        "demonstration_mean": sums[:, T_DEMONSTRATION] / FIXED_POINT / households,
        "considering": sums[:, T_CONSIDERING],
        "legal_departures": flows[:, LEGAL_WORK].sum(axis=1),
        "sponsored_departures": flows[:, SPONSORSHIP].sum(axis=1),
        "overstays": flows[:, OVERSTAY].sum(axis=1),
        "domestic_moves": flows[:, DOMESTIC_MOVE].sum(axis=1),
        "persons_abroad": abroad.sum(axis=(1, 2)),
        "diaspora_legal": abroad[:, :, WORKER].sum(axis=1) + abroad[:, :, SETTLED].sum(axis=1),
        "diaspora_irregular": abroad[:, :, IRREGULAR].sum(axis=1) + abroad[:, :, HIDDEN].sum(axis=1),
        "diaspora_hidden": abroad[:, :, HIDDEN].sum(axis=1),
        "remittances": sums[:, T_REMITTANCES],
        "returns": sums[:, T_RETURNS],
        "deportations": sums[:, T_DEPORTATIONS],
        "deaths_abroad": sums[:, T_DEATHS_ABROAD],
    }
    for k in range(5):
        found[f"departures_wealth_{k + 1}"] = world.wealth_departures[:, k]
        found[f"households_wealth_{k + 1}"] = world.wealth_households[:, k]
    for name in world.record.by_district:
        if name not in found:
            found[name] = figures.get(name, nobody)
    return found


def _by_place(world: World) -> dict[str, dict[str, np.ndarray]]:
    """Figures by kind of place: those that a mechanism left as ``<kind>_<outcome>``, 0 or blank where none did."""
    figures = world.figures | _by_destination(world) | _by_leg(world)
    found: dict[str, dict[str, np.ndarray]] = {}
    for kind, columns in world.record.by_place.items():
        found[kind] = {}
        for name, values in columns.items():
            usual = np.full(values.shape[1], 0 if values.dtype.kind == "i" else np.nan, values.dtype)
            found[kind][name] = figures.get(f"{kind}_{name}", usual)
    return found


def _by_destination(world: World) -> dict[str, np.ndarray]:
    """Persons and pay at the destinations abroad; the city inside the country is none of them."""
    stock = world.stock[:, :-1].sum(axis=0)
    pays = np.array([destination.pays for destination in world.destinations[:-1]]).astype(np.int64)
    return {
        "destination_legal": stock[:, WORKER] + stock[:, SETTLED],
        "destination_irregular_open": stock[:, IRREGULAR],
        "destination_irregular_hidden": stock[:, HIDDEN],
        "destination_entrants": world.entrants[:-1],
        "destination_pay_legal": pays[:, WORKER],
        "destination_pay_open": pays[:, IRREGULAR],
        "destination_pay_hidden": pays[:, HIDDEN],
    }


def _by_leg(world: World) -> dict[str, np.ndarray]:
    """Odds, officers and bribes on the legs."""
    legs = world[LegsState].month
    entered = world.figures.get("leg_entered", np.zeros(legs.bribe.size))
    return {
        "leg_interception_probability": legs.interception,
        "leg_effort": world[LegsState].effort,
        # a bribe is agreed before the leg is travelled; who travels pays it
        "leg_bribes": np.round(legs.bribe * entered).astype(np.int64),
    }


def _national(world: World) -> dict[str, float]:
    policy = world.policy
    found: dict[str, float] = {f"{COST_PREFIX}{use_id}": cost for use_id, cost in policy.paid.items()}
    found["policy_cost"] = sum(policy.paid.values())
    found |= {f"{IN_FORCE_PREFIX}{use.id}": policy.in_force(use.id) for use in world.config.levers if use.when}
    found |= {BUDGET_LEFT: policy.purse.left, BUDGET_WAITING: -sum(policy.purse.ahead.values())}
    for name, values in world.record.national.items():
        if name not in found:
            found[name] = world.figures.get(name, 0 if values.dtype.kind == "i" else float("nan"))
    return found


def columns_of_settings(config: Any) -> tuple[str, ...]:
    """National columns, whole numbers, that stand in the tables of a run for what its configuration has."""
    return (
        *(f"{COST_PREFIX}{use.id}" for use in config.levers),
        *(f"{IN_FORCE_PREFIX}{use.id}" for use in config.levers if use.when),
        *(OF_BUDGETS if config.budget else ()),
    )
