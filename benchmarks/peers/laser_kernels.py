"""The household's month with LASER: agents as columns of a `LaserFrame`, and compiled loops over them.

As its manual has it: a frame of agents, a frame of what they own, a compiled loop for each component, draws by NumPy's
generator inside the loop. The comparison has one thread, so there is no ``prange``.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from laser.core import LaserFrame
from laser.core.random import seed

from abm.society.kernels.village_quarter import QUARTER
from abm.world.codes import INCOME_CLASSES, INCOME_STEP_BITS, INCOME_STEPS, MONEY_LIMIT
from abm.world.kernels.members_away import MIGRANTS_IN_DEBT, MOST_INSURED, USUAL_DEBT
from abm.world.state import World
from peers import LAND_SHARES, opening_of

HOUSEHOLD = {
    "workers": np.int32, "dependants": np.int32, "jobs": np.int32, "skill": np.int32, "taste": np.int32,
    "ties": np.int32, "house": np.int32, "wealth_group": np.int32, "away": np.int32, "dead": np.int32,
    "experience": np.int32, "wage": np.float32, "aspiration": np.float32, "assets": np.int32, "debt": np.int32,
}  # fmt: skip
AWAY = {"home": np.int32, "persons": np.int32, "destination": np.int32, "status": np.int32}


@nb.njit(nogil=True, cache=True)
def draw_event(left, hazard, chance):
    """Draw how many of those left have one event, of total chance `chance`; return them, the rest and its chance."""
    drawn = np.random.binomial(left, min(hazard / max(chance, 1e-12), 1.0))
    return drawn, left - drawn, chance - hazard


@nb.njit(nogil=True, cache=True)
def hear_from_members_away(
    count, home, persons, destination, status, village, rates, abroad, workers, jobs, wage, away, dead, skill,
    experience, aspiration, assets, debt, house, received,
):  # fmt: skip
    """Remittances of the month; some members come back, are deported, or die."""
    for h in range(received.size):
        received[h] = 0
    for m in range(count):
        if persons[m] == 0:
            continue
        h, d, s = home[m], destination[m], status[m]
        weight = rates[village[h]].weight
        saved = 2 if house[h] > 0 or assets[h] >= abroad.saving_target else 1
        if debt[h] > 0:
            usual = max(USUAL_DEBT * workers[h] * wage[h] * rates[village[h]].wage_index, 1e-9)
            if np.random.random() < MIGRANTS_IN_DEBT * max(debt[h] / usual, 1.0 / weight):
                saved = 0
        chance = abroad.moving[d, s, saved] + abroad.home[d, s, saved] * rates[village[h]].homeward
        gone = np.random.binomial(persons[m], min(chance, 1.0))
        if gone > 0:
            left = gone
            deported, left, chance = draw_event(left, abroad.deported[d, s], chance)
            _, left, chance = draw_event(left, abroad.regularised[d, s], chance)
            _, left, chance = draw_event(left, abroad.switched[d, s], chance)
            _, left, chance = draw_event(left, abroad.onward[d, s], chance)
            died, left, chance = draw_event(left, abroad.died[d, s], chance)
            away[h] -= deported + left
            if np.random.random() * weight < deported + left:
                experience[h] = 1
            if deported > 0:
                aspiration[h] *= 1.0 - abroad.shame * min(deported / weight, 1.0)
            dead[h] += died
            while dead[h] >= weight and workers[h] > 0:
                dead[h] -= weight
                away[h] -= weight
                workers[h] -= 1
            persons[m] -= gone
        usual, absent = abroad.amount[d, s, skill[h]], away[h] / weight
        lost = max(math.floor(workers[h] - absent + 0.5) - jobs[h], 0) * wage[h] * rates[village[h]].wage_index
        extra = min(abroad.insured * lost / max(absent, 1.0), MOST_INSURED * usual)
        received[h] += int(persons[m] * (usual + extra) / weight)


@nb.njit(nogil=True, cache=True)
def open_month(month, counts, values, deprivation):
    """On its turn work out relative deprivation of a village by income class; start a new count."""
    for v in range(counts.shape[0]):
        if (v + month) % QUARTER != 0:
            continue
        income = 0.0
        for k in range(INCOME_CLASSES):
            income += counts[v, k] * values[k]
        richer = 0.0
        richer_income = 0.0
        for k in range(INCOME_CLASSES - 1, -1, -1):
            lacking = richer_income - richer * values[k]
            deprivation[v, k] = min(lacking / income, 2.0) if income > 0 else 0.0
            richer += counts[v, k]
            richer_income += counts[v, k] * values[k]
            counts[v, k] = 0


@nb.njit(nogil=True, cache=True)
def live(
    month, count, village, rates, demonstration, deprivation, income_counts, income_class, workers, dependants, jobs,
    taste, ties, wealth_group, away, wage, aspiration, assets, debt, received, considering,
):  # fmt: skip
    """Change jobs, earn, spend, wish; returns how many are immobile and how many consider to leave."""
    immobile = found = 0
    for h in range(count):
        v = village[h]
        rate = rates[v]
        absent = away[h] / rate.weight
        at_home = math.floor(workers[h] - absent + 0.5)
        jobs[h] = min(jobs[h], at_home)
        if jobs[h] > 0 and np.random.random() < rate.separation * jobs[h]:
            jobs[h] -= 1
        if np.random.random() < rate.finding * (at_home - jobs[h]):
            jobs[h] += 1
        pay = wage[h] * rate.wage_index
        earned = int(jobs[h] * pay)
        need = rate.subsistence * (workers[h] + dependants[h] - absent)
        income = earned + received[h]
        if rate.transfer > 0 and income < 2.0 * need:
            income += rate.transfer
        surplus = income - need
        repaid = 0
        if debt[h] > 0:
            if debt[h] < 2.0 * (rate.credit_months + rate.land_months) * workers[h] * pay:
                debt[h] += int(debt[h] * rate.interest)
            able = max(rate.service_share * surplus, rate.least_service * income)
            owing = min(max(debt[h] / max(USUAL_DEBT * workers[h] * pay, 1e-9), 1.0 / rate.weight), 1.0)
            repaid = min(debt[h], int(owing * able))
            debt[h] -= repaid
        if surplus > 0:
            spare = max(assets[h] - rate.buffer_months * need, 0.0)
            consumed = int(need + rate.consumed_share * max(surplus - repaid, 0.0) + rate.drawdown * spare)
        else:
            consumed = int(need)
        consumed = min(consumed, income + assets[h] - repaid)
        assets[h] = min(assets[h] + income - consumed - repaid, MONEY_LIMIT)
        if (v + month) % QUARTER == 0:
            own = income_class[min(income >> INCOME_STEP_BITS, INCOME_STEPS - 1)]
            income_counts[v, own] += 1
            wish = (
                rate.baseline + rate.demonstration * demonstration[v] + rate.taste * taste[h]
                + rate.deprivation * deprivation[v, own] + rate.surplus * (at_home - jobs[h]) / max(workers[h], 1)
                + rate.ties * min(ties[h], 4)
            )  # fmt: skip
            aspiration[h] += rate.adjustment * (1.0 / (1.0 + math.exp(-wish)) - aspiration[h])
        if at_home > 0:
            if aspiration[h] > rate.threshold:
                land = rate.land_months * LAND_SHARES[wealth_group[h]] * workers[h] * wage[h] * rate.usual_wage
                credit = rate.credit_months * earned + land
                credit += rate.tie_credit * min(ties[h], 4) - debt[h]
                means = max(assets[h] - rate.departure_buffer * need, 0.0) + max(credit, 0.0)
                immobile += means < rate.cheapest
            if np.random.random() < rate.consideration * aspiration[h]:
                considering[found] = h
                found += 1
    return immobile, found


class Peer:
    """The households of a world as LASER frames."""

    def __init__(self, world: World) -> None:
        seed(world.config.seed)
        start = opening_of(world)
        self.people = LaserFrame(start.village.size)
        self.people.add_scalar_property("village", np.int32)
        self.people.village[:] = start.village
        self.people.add_scalar_property("received", np.int32)
        self.people.add_scalar_property("considering", np.int32)
        self.away = LaserFrame(max(start.away["home"].size, 1), initial_count=start.away["home"].size)
        for frame, kinds, columns in ((self.people, HOUSEHOLD, start.households), (self.away, AWAY, start.away)):
            for name, kind in kinds.items():
                frame.add_scalar_property(name, kind)
                getattr(frame, name)[: frame.count] = columns[name]
        self.counted = start.income_counts
        self.deprivation = np.zeros(start.income_counts.shape)
        self.start, self.month = start, world.t
        self.tables = world.tables
        self.found = (0, 0)

    def step(self) -> None:
        """Let every component have its month."""
        self.month += 1
        p, a, start = self.people, self.away, self.start
        hear_from_members_away(
            a.count, a.home, a.persons, a.destination, a.status, p.village, start.rates, start.abroad, p.workers,
            p.jobs, p.wage, p.away, p.dead, p.skill, p.experience, p.aspiration, p.assets, p.debt, p.house, p.received,
        )  # fmt: skip
        open_month(self.month, self.counted, self.tables.income_value, self.deprivation)
        self.found = live(
            self.month, p.count, p.village, start.rates, start.demonstration, self.deprivation, self.counted,
            self.tables.income_class, p.workers, p.dependants, p.jobs, p.taste, p.ties, p.wealth_group, p.away,
            p.wage, p.aspiration, p.assets, p.debt, p.received, p.considering,
        )  # fmt: skip

    def columns(self) -> dict[str, np.ndarray]:
        """Columns of the frame of households."""
        return {name: getattr(self.people, name) for name in ("jobs", "away", "assets", "debt", "aspiration")}

    def counts(self) -> tuple[int, int]:
        """Those who were immobile and those who considered to leave in the last month."""
        return self.found
