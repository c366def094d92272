"""The household's month with plain Mesa objects.

One `mesa.Agent` a household with Python attributes, called by ``shuffle_do`` or ``do``, drawing from the generators of
its model: the usual way to write it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from abm.abroad.diaspora import DiasporaState
from abm.society.kernels.village_quarter import QUARTER
from abm.world.codes import INCOME_CLASSES, INCOME_STEP_BITS, INCOME_STEPS, MONEY_LIMIT
from abm.world.kernels.members_away import MIGRANTS_IN_DEBT, MOST_INSURED, USUAL_DEBT
from abm.world.state import World
from peers import LAND_SHARES


@dataclass
class Village:
    """What the households of a village share."""

    number: int
    rate: SimpleNamespace
    """The month's values in its district, a plain attribute for each field of `DISTRICT_MONTH`."""
    demonstration: float
    income_counts: list[int]
    deprivation: list[float] = field(default_factory=list)
    turn: bool = False
    """Whether aspiration, which moves once a quarter, has its turn."""

    def open_month(self, month: int, income_values: list[float]) -> None:
        """On its turn work out relative deprivation by income class from the last turn's incomes; start a new count."""
        self.turn = (self.number + month) % QUARTER == 0
        if not self.turn:
            return
        income = sum(count * value for count, value in zip(self.income_counts, income_values, strict=True))
        self.deprivation = [0.0] * INCOME_CLASSES
        richer = 0
        richer_income = 0.0
        for k in reversed(range(INCOME_CLASSES)):
            if income > 0:
                self.deprivation[k] = min((richer_income - richer * income_values[k]) / income, 2.0)
            richer += self.income_counts[k]
            richer_income += self.income_counts[k] * income_values[k]
        self.income_counts = [0] * INCOME_CLASSES


@dataclass
class MembersAway:
    """Members of one household at one destination with one status."""

    persons: int
    destination: int
    status: int


class Household(mesa.Agent):  # type: ignore[misc]
    """A household with its members away."""

    model: Peer

    def __init__(self, model: Peer, village: Village, facts: dict[str, Any]) -> None:
        super().__init__(model)
        self.village = village
        self.workers: int = facts["workers"]
        self.dependants: int = facts["dependants"]
        self.jobs: int = facts["jobs"]
        self.skill: int = facts["skill"]
        self.taste: int = facts["taste"]
        self.ties: int = facts["ties"]
        self.wealth_group: int = facts["wealth_group"]
        self.away: int = facts["away"]
        self.dead: int = facts["dead"]
        self.experience: int = facts["experience"]
        self.wage: float = facts["wage"]
        self.aspiration: float = facts["aspiration"]
        self.assets: int = facts["assets"]
        self.debt: int = facts["debt"]
        self.house: int = facts["house"]
        self.members_away: list[MembersAway] = []

    def step(self) -> None:
        """Live one month."""
        received = self.hear_from_members_away() if self.members_away else 0
        at_home = self.at_home()
        self.change_jobs(at_home)
        income = self.earn_and_spend(received)
        if self.village.turn:
            self.form_aspiration(at_home, income)
        if at_home > 0:
            if self.is_immobile():
                self.model.immobile.append(self)
            if self.random.random() < self.village.rate.consideration * self.aspiration:
                self.model.considering.append(self)

    def at_home(self) -> int:
        """Whole workers at home, halves up."""
        weight = self.village.rate.weight
        return math.floor((self.workers * weight - self.away) / weight + 0.5)

    def hear_from_members_away(self) -> int:
        """Remittances of the month; some members come back, are deported, or die."""
        abroad, rng, weight = self.model.abroad, self.model.rng, self.village.rate.weight
        received = 0
        saved = 2 if self.house > 0 or self.assets >= abroad.saving_target else 1
        if self.debt > 0 and self.random.random() < MIGRANTS_IN_DEBT * self.share_in_debt():
            saved = 0
        for member in list(self.members_away):
            place = member.destination, member.status
            chance = abroad.moving[(*place, saved)] + abroad.home[(*place, saved)] * self.village.rate.homeward
            gone = int(rng.binomial(member.persons, min(chance, 1.0)))
            if gone > 0:
                left, drawn = gone, []
                # who gets papers, changes sector or goes on is entered elsewhere by other mechanisms
                for odds in (abroad.deported, abroad.regularised, abroad.switched, abroad.onward, abroad.died):
                    drawn.append(int(rng.binomial(left, min(odds[place] / max(chance, 1e-12), 1.0))))
                    left, chance = left - drawn[-1], chance - odds[place]
                deported, died = drawn[0], drawn[-1]
                self.away -= deported + left
                if self.random.random() * weight < deported + left:
                    self.experience = 1
                if deported > 0:
                    self.aspiration *= 1.0 - abroad.shame * min(deported / weight, 1.0)
                self.bury(died)
                member.persons -= gone
            if member.persons > 0:
                usual = abroad.amount[(*place, self.skill)]
                lost = max(self.at_home() - self.jobs, 0) * self.wage * self.village.rate.wage_index
                extra = min(abroad.insured * lost / max(self.away / weight, 1.0), MOST_INSURED * usual)
                received += int(member.persons * (usual + extra) / weight)
            else:
                self.members_away.remove(member)
        return received

    def bury(self, persons: int) -> None:
        """Take dead members off the roll, once they make up a member of every household that this one stands for."""
        weight = self.village.rate.weight
        self.dead += persons
        while self.dead >= weight and self.workers > 0:
            self.dead -= weight
            self.away -= weight
            self.workers -= 1

    def change_jobs(self, at_home: int) -> None:
        """Lose and find jobs, each with its probability."""
        rate, random = self.village.rate, self.random.random
        self.jobs = min(self.jobs, at_home)
        self.jobs -= random() < rate.separation * self.jobs and self.jobs > 0
        self.jobs += random() < rate.finding * (at_home - self.jobs)

    def share_in_debt(self) -> float:
        """Share of the households that this one stands for that are in debt."""
        rate = self.village.rate
        usual = USUAL_DEBT * self.workers * self.wage * rate.wage_index
        return min(max(self.debt / max(usual, 1e-9), 1.0 / rate.weight), 1.0)

    def earn_and_spend(self, received: int) -> int:
        """Book the income, consumption, debt service and saving of the month; return income."""
        rate = self.village.rate
        pay = self.wage * rate.wage_index
        income = int(self.jobs * pay) + received
        need = rate.subsistence * (self.workers + self.dependants - self.away / rate.weight)
        if rate.transfer > 0 and income < 2.0 * need:
            income += rate.transfer
        surplus = income - need
        repaid = 0
        if self.debt > 0:
            if self.debt < 2.0 * (rate.credit_months + rate.land_months) * self.workers * pay:
                self.debt += int(self.debt * rate.interest)
            able = max(rate.service_share * surplus, rate.least_service * income)
            repaid = min(self.debt, int(self.share_in_debt() * able))
            self.debt -= repaid
        if surplus > 0:
            spare = max(self.assets - rate.buffer_months * need, 0.0)
            consumed = int(need + rate.consumed_share * max(surplus - repaid, 0.0) + rate.drawdown * spare)
        else:
            consumed = int(need)
        consumed = min(consumed, income + self.assets - repaid)
        self.assets = min(self.assets + income - consumed - repaid, MONEY_LIMIT)
        return income

    def form_aspiration(self, at_home: int, income: int) -> None:
        """Move aspiration towards what the village shows, what relatives tell, and what work is missing."""
        village, rate = self.village, self.village.rate
        income_class = self.model.income_class[min(income >> INCOME_STEP_BITS, INCOME_STEPS - 1)]
        village.income_counts[income_class] += 1
        wish = (
            rate.baseline
            + rate.demonstration * village.demonstration
            + rate.taste * self.taste
            + rate.deprivation * village.deprivation[income_class]
            + rate.surplus * (at_home - self.jobs) / max(self.workers, 1)
            + rate.ties * min(self.ties, 4)
        )
        self.aspiration += rate.adjustment * (1.0 / (1.0 + math.exp(-wish)) - self.aspiration)

    def is_immobile(self) -> bool:
        """Tell whether the household wishes to send a member abroad and cannot pay for the cheapest way."""
        rate = self.village.rate
        if self.aspiration <= rate.threshold:
            return False
        pay = self.wage * rate.wage_index
        need = rate.subsistence * (self.workers + self.dependants - self.away / rate.weight)
        credit = rate.credit_months * int(self.jobs * pay)
        credit += rate.land_months * LAND_SHARES[self.wealth_group] * self.workers * self.wage * rate.usual_wage
        credit += rate.tie_credit * min(self.ties, 4) - self.debt
        return bool(max(self.assets - rate.departure_buffer * need, 0.0) + max(credit, 0.0) < rate.cheapest)


class Peer(mesa.Model):  # type: ignore[misc]
    """The households of a world as Mesa agents.

    Parameters
    ----------
    world
        Where the households, their members away and the month's values are taken from; not changed.
    shuffled
        Whether households act in a new random order each month.
    """

    def __init__(self, world: World, *, shuffled: bool = True) -> None:
        super().__init__(rng=world.config.seed)
        self.shuffled = shuffled
        self.abroad = world[DiasporaState].month
        self.income_class: list[int] = world.tables.income_class.tolist()
        self.income_values: list[float] = world.tables.income_value.tolist()
        self.month = world.t
        self.villages: list[Village] = []
        self.immobile: list[Household] = []
        self.considering: list[Household] = []
        for v in range(world.villages.district.size):
            self._settle(world, v)

    def step(self) -> None:
        """Advance by one month."""
        self.immobile = []
        self.considering = []
        self.month += 1
        for village in self.villages:
            village.open_month(self.month, self.income_values)
        if self.shuffled:
            self.agents.shuffle_do("step")
        else:
            self.agents.do("step")

    def columns(self) -> dict[str, np.ndarray]:
        """Attributes of the households, in the order in which they were made."""
        return {name: np.array(self.agents.get(name)) for name in ("jobs", "away", "assets", "debt", "aspiration")}

    def counts(self) -> tuple[int, int]:
        """Those who were immobile and those who considered to leave in the last month."""
        return len(self.immobile), len(self.considering)

    def _settle(self, world: World, v: int) -> None:
        """Make the households of one village."""
        values = world.district_month[world.villages.district[v]]
        village = Village(
            v,
            SimpleNamespace(**dict(zip(values.dtype.names, values.item(), strict=True))),
            float(world.villages.demonstration[v]),
            world.villages.income_counts[v].tolist(),
        )
        self.villages.append(village)
        first = int(world.villages.first_row[v])
        rows = slice(first, first + int(world.villages.awake[v]))
        columns = {name: getattr(world.households, name)[rows].tolist() for name in world.households._fields}
        households = [
            Household(self, village, dict(zip(columns, row, strict=True)))
            for row in zip(*columns.values(), strict=True)
        ]
        start = int(world.villages.segment_start[v])
        for m in range(start, start + int(world.villages.segment_count[v])):
            away = world.away
            members = MembersAway(int(away.persons[m]), int(away.destination[m]), int(away.status[m]))
            households[int(away.row[m])].members_away.append(members)
