"""The household's month with Starsim: agents as arrays, and array arithmetic over all of them at once.

As its manual has it: a module with states, a step in NumPy, draws by distributions that give each agent its own.
Members away are arrays of the module, as the edges of its networks are.
"""

from __future__ import annotations

import numpy as np
import starsim as ss

from abm.society.kernels.village_quarter import QUARTER
from abm.world.codes import INCOME_CLASSES, INCOME_STEP_BITS, INCOME_STEPS, MONEY_LIMIT
from abm.world.kernels.members_away import MIGRANTS_IN_DEBT, MOST_INSURED, USUAL_DEBT
from abm.world.state import World
from peers import LAND_SHARES, Opening, opening_of

WHOLE = (
    "workers", "dependants", "jobs", "skill", "taste", "ties", "away", "dead", "experience", "assets", "debt",
    "house", "wealth_group",
)  # fmt: skip
RATES = (
    "weight", "separation", "finding", "wage_index", "usual_wage", "homeward", "subsistence", "transfer",
    "credit_months", "land_months",
    "interest", "service_share", "least_service", "consumed_share", "drawdown", "buffer_months", "departure_buffer",
    "baseline", "demonstration", "taste", "deprivation", "surplus", "ties", "adjustment", "threshold", "tie_credit",
    "cheapest", "consideration",
)  # fmt: skip
MONTHS = 240


class Livelihood(ss.Module):  # type: ignore[misc]
    """Everything that households do in a month."""

    def __init__(self, start: Opening, world: World) -> None:
        super().__init__(name="livelihood")
        self.define_states(
            *(ss.IntArr(name, default=0) for name in WHOLE),
            ss.FloatArr("wage", default=0.0),
            ss.FloatArr("aspiration", default=0.0),
        )
        self.losing, self.seeking, self.considers = ss.random(), ss.random(), ss.random()
        self.start, self.month = start, world.t
        self.rng = np.random.default_rng(world.config.seed)
        self.members = {name: column.astype(np.int64) for name, column in start.away.items()}
        self.counted, self.deprivation = start.income_counts, np.zeros(start.income_counts.shape)
        self.income_class, self.income_value = world.tables.income_class.astype(np.int64), world.tables.income_value
        # the month's values by household once and for all: they do not change here
        self.rate = {name: np.ascontiguousarray(start.rates[name])[start.village] for name in RATES}
        self.field = start.demonstration[start.village]
        self.immobile, self.considering = 0, np.zeros(0, np.int64)

    def step(self) -> None:
        """Live one month."""
        self.month += 1
        rate, uids = self.rate, self.sim.people.auids
        received = self.hear_from_members_away()
        workers, jobs, wage, debt = self.workers.values, self.jobs.values, self.wage.values, self.debt.values
        absent = self.away.values / rate["weight"]
        at_home = np.floor(workers - absent + 0.5).astype(np.int64)
        np.minimum(jobs, at_home, out=jobs)
        jobs -= (jobs > 0) & (self.losing.rvs(uids) < rate["separation"] * jobs)
        jobs += self.seeking.rvs(uids) < rate["finding"] * (at_home - jobs)

        pay = wage * rate["wage_index"]
        earned = (jobs * pay).astype(np.int64)
        need = rate["subsistence"] * (workers + self.dependants.values - absent)
        income = earned + received
        income += np.where(income < 2.0 * need, rate["transfer"], 0).astype(np.int64)
        surplus = income - need
        accrues = debt < 2.0 * (rate["credit_months"] + rate["land_months"]) * workers * pay
        debt += np.where(accrues, debt * rate["interest"], 0.0).astype(np.int64)
        able = np.maximum(rate["service_share"] * surplus, rate["least_service"] * income)
        owing = np.clip(debt / np.maximum(USUAL_DEBT * workers * pay, 1e-9), 1.0 / rate["weight"], 1.0)
        repaid = np.minimum(debt, (owing * able).astype(np.int64))
        debt -= repaid
        assets = self.assets.values
        spare = np.maximum(assets - rate["buffer_months"] * need, 0.0)
        rich = need + rate["consumed_share"] * np.maximum(surplus - repaid, 0.0) + rate["drawdown"] * spare
        consumed = np.where(surplus > 0, rich, need).astype(np.int64)
        np.minimum(consumed, income + assets - repaid, out=consumed)
        np.minimum(assets + income - consumed - repaid, MONEY_LIMIT, out=assets)

        self.form_aspiration(at_home, income)
        wish = self.aspiration.values
        land = (
            rate["land_months"] * np.array(LAND_SHARES)[self.wealth_group.values] * workers * wage * rate["usual_wage"]
        )
        credit = rate["credit_months"] * earned + land - debt
        credit += rate["tie_credit"] * np.minimum(self.ties.values, 4)
        means = np.maximum(assets - rate["departure_buffer"] * need, 0.0) + np.maximum(credit, 0.0)
        self.immobile = int(((at_home > 0) & (wish > rate["threshold"]) & (means < rate["cheapest"])).sum())
        thinking = (at_home > 0) & (self.considers.rvs(uids) < rate["consideration"] * wish)
        self.considering = np.flatnonzero(thinking)

    def hear_from_members_away(self) -> np.ndarray:
        """Remittances of the month; some members come back, are deported, or die."""
        m, abroad, weights = self.members, self.start.abroad, self.rate["weight"]
        built = (self.house.values > 0) | (self.assets.values >= abroad.saving_target)
        debt, usual = self.debt.values, USUAL_DEBT * self.workers.values * self.wage.values * self.rate["wage_index"]
        owing = MIGRANTS_IN_DEBT * np.maximum(debt / np.maximum(usual, 1e-9), 1.0 / weights)
        in_debt = (debt > 0) & (self.rng.random(debt.size) < owing)
        saved = np.where(in_debt, 0, np.where(built, 2, 1))[m["home"]]
        there = m["destination"], m["status"]
        chance = abroad.moving[*there, saved] + abroad.home[*there, saved] * self.rate["homeward"][m["home"]]
        gone = self.rng.binomial(m["persons"], np.minimum(chance, 1.0))
        some = np.flatnonzero(gone)
        if some.size:
            left = gone[some]
            place, chance = (m["destination"][some], m["status"][some]), chance[some]
            drawn = []
            for odds in (abroad.deported, abroad.regularised, abroad.switched, abroad.onward, abroad.died):
                drawn.append(self.rng.binomial(left, np.minimum(odds[place] / np.maximum(chance, 1e-12), 1.0)))
                left, chance = left - drawn[-1], chance - odds[place]
            deported, died, home = drawn[0], drawn[-1], m["home"][some]
            weight = weights[home]
            np.subtract.at(self.away.raw, home, deported + left)
            self.experience.raw[home[self.rng.random(some.size) * weight < deported + left]] = 1
            shamed = 1.0 - abroad.shame * np.minimum(deported / weight, 1.0)
            np.multiply.at(self.aspiration.raw, home, shamed)
            np.add.at(self.dead.raw, home, died)
            self.bury(np.unique(home[died > 0]))
            m["persons"] -= gone
            stay = m["persons"] > 0
            m = self.members = {name: column[stay] for name, column in m.items()}
        home = m["home"]
        amount = abroad.amount[m["destination"], m["status"], self.skill.raw[home]]
        absent = self.away.raw[home] / weights[home]
        idle = np.maximum(np.floor(self.workers.raw[home] - absent + 0.5) - self.jobs.raw[home], 0)
        lost = idle * self.wage.raw[home] * self.rate["wage_index"][home] / np.maximum(absent, 1.0)
        amount = amount + np.minimum(abroad.insured * lost, MOST_INSURED * amount)
        sent = np.floor(m["persons"] * amount / weights[home])
        return np.bincount(home, sent, weights.size).astype(np.int64)

    def bury(self, home: np.ndarray) -> None:
        """Take dead members off the roll, once they make up a member of every household that a row stands for."""
        weight = self.rate["weight"][home]
        lost = np.minimum(self.dead.raw[home] // weight, self.workers.raw[home])
        self.dead.raw[home] -= lost * weight
        self.away.raw[home] -= lost * weight
        self.workers.raw[home] -= lost

    def form_aspiration(self, at_home: np.ndarray, income: np.ndarray) -> None:
        """Move aspiration in the villages that have their turn."""
        turn = (np.arange(self.counted.shape[0]) + self.month) % QUARTER == 0
        counts, values = self.counted[turn], self.income_value
        total = (counts * values).sum(axis=1, keepdims=True)
        richer = counts[:, ::-1].cumsum(axis=1)[:, ::-1] - counts
        earning = (counts * values)[:, ::-1].cumsum(axis=1)[:, ::-1] - counts * values
        lacking = np.minimum((earning - richer * values) / np.maximum(total, 1e-9), 2.0)
        self.deprivation[turn] = np.where(total > 0, lacking, 0.0)

        village = self.start.village
        h = np.flatnonzero(turn[village])
        village, rate = village[h], {name: self.rate[name][h] for name in RATES[-11:-4]}
        own = self.income_class[np.minimum(income[h] >> INCOME_STEP_BITS, INCOME_STEPS - 1)]
        counted = np.bincount(village * INCOME_CLASSES + own, minlength=turn.size * INCOME_CLASSES)
        self.counted[turn] = counted.reshape(-1, INCOME_CLASSES)[turn]
        workers, wish = self.workers.raw[h], self.aspiration.raw[h]
        target = rate["baseline"] + rate["demonstration"] * self.field[h] + rate["taste"] * self.taste.raw[h]
        target += rate["deprivation"] * self.deprivation[village, own]
        target += rate["surplus"] * (at_home[h] - self.jobs.raw[h]) / np.maximum(workers, 1)
        target += rate["ties"] * np.minimum(self.ties.raw[h], 4)
        self.aspiration.raw[h] = wish + rate["adjustment"] * (1.0 / (1.0 + np.exp(-target)) - wish)


class Peer:
    """The households of a world as agents of Starsim."""

    def __init__(self, world: World) -> None:
        start = opening_of(world)
        self.rules = Livelihood(start, world)
        self.sim = ss.Sim(
            n_agents=start.village.size, modules=self.rules, start=ss.date("2009-01-01"), dur=ss.months(MONTHS),
            dt=ss.month, verbose=0, copy_inputs=False, rand_seed=world.config.seed,
        ).init()  # fmt: skip
        for name in (*WHOLE, "wage", "aspiration"):
            getattr(self.rules, name)[:] = start.households[name]

    def step(self) -> None:
        """Advance by one month."""
        self.sim.run_one_step(verbose=0)

    def columns(self) -> dict[str, np.ndarray]:
        """States of the module."""
        return {name: getattr(self.rules, name).values for name in ("jobs", "away", "assets", "debt", "aspiration")}

    def counts(self) -> tuple[int, int]:
        """Those who were immobile and those who considered to leave in the last month."""
        return self.rules.immobile, self.rules.considering.size
