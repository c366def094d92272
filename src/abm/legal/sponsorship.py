"""Sponsorship: the settled diaspora sponsors relatives and neighbours, within its capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept
from abm.departure import apply, choices_of, destinations_of, leave, refuse, take_due_applications, turn_away
from abm.departure.kernels.departure import ration_by_group
from abm.engine.elementwise import raised
from abm.engine.sums import ascending, sum_by
from abm.legal.contracts import FEW_APPLICANTS, Allowance, LegalWorkParams, chance_known
from abm.places.options import SPONSORSHIP
from abm.society import EconomyState, dollar_since
from abm.world.codes import SETTLED, STREAM_RATION
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


SPONSORED_BEFORE = 0.4
"""Chance of a sponsor before the first month. Source: assumed, close to that of later years."""


class SponsorshipState(State):
    """Sponsorship places by district and destination."""

    places: Held[Allowance] = kept(
        unit="person", text="Persons that settled migrants can sponsor.", over=("district", "destination"),
        start=lambda world: Allowance((world.district_count, len(world.destination_facts))),
    )  # fmt: skip
    to_bring: Held[np.ndarray] = kept(
        unit="person", text="Relatives whom the settled have yet to bring.", over=("district", "destination"), start=0.0
    )
    expected: Held[np.ndarray] = kept(
        unit="person", text="Settled migrants, if nobody left and only sponsored persons came.",
        over=("district", "destination"),
        start=0.0,
    )  # fmt: skip
    asked: Held[np.ndarray] = kept(
        unit="person", text="Applicants not refused, fading memory.", over=("district", "destination"),
        start=FEW_APPLICANTS,
    )  # fmt: skip
    admitted: Held[np.ndarray] = kept(
        unit="person", text="Of these, those who got a sponsor.", over=("district", "destination"),
        start=FEW_APPLICANTS * SPONSORED_BEFORE,
    )  # fmt: skip

    def count_settled(self, settled: np.ndarray, params: SponsorshipParams) -> None:
        """Give the newly settled relatives to bring, less those gone with theirs, and all those whom children marry."""
        change = settled - self.expected
        self.to_bring += np.where(
            change > 0, params.relatives * change, change * self.to_bring / np.maximum(self.expected, 1.0)
        )
        self.to_bring += params.marriages / 12.0 * settled

    def count_sponsored(self, settled: np.ndarray, persons: np.ndarray, relatives: float) -> None:
        """Take those brought off the relatives yet to bring; they have `relatives` of their own."""
        self.to_bring = np.maximum(self.to_bring + (relatives - 1.0) * persons, 0.0)
        self.expected = settled + persons

    def remember(self, asked: np.ndarray, admitted: np.ndarray, memory: float) -> None:
        """Let older months fade, and add the persons of this one; districts and destinations in one row."""
        self.asked += asked.reshape(self.asked.shape) - self.asked / memory
        self.admitted += admitted.reshape(self.admitted.shape) - self.admitted / memory

    def chance(self) -> np.ndarray:
        """Chance of a sponsor as known, by district and destination; a good one where nobody has asked for long."""
        return chance_known(self.asked, self.admitted, axis=0)


class SponsorshipParams(Params):
    """Family sponsorship."""

    capacity: float = param(
        0.124, unit="1/year", bounds=(0.0, 0.3), source="calibrated, hardly identified, docs/calibration.md",
        systems=("S4",),
    )  # fmt: skip
    """Part of their relatives yet to bring whom settled migrants can sponsor in a year, where sponsorship is as open as
    in the United Kingdom."""

    relatives: float = param(
        0.7, unit="person", bounds=(0.0, 5.0), systems=("S4",),
        source="Carr and Tienda (2013): 100 who began a chain from Asia brought 220 to 255, 1981 to 1995",
    )  # fmt: skip
    """Persons r whom one settled migrant sponsors over the years; r / (1 - r) with those whom these bring, 2.3."""

    marriages: float = param(
        0.01, unit="person a year", bounds=(0.0, 0.1), systems=("S4",),
        source="assumed; births of 2 % a year, half of whom marry from Pakistan: Dale and Ahmed (2011)",
    )  # fmt: skip
    """Those whom one settled migrant's children abroad marry in Pakistan, who can be sponsored as relatives are."""

    need: float = param(
        1.0, unit="elasticity", bounds=(0.0, 3.0), systems=("S4",),
        source="assumed; Mahajan and Yang (2020): after hurricanes those settled in the United States bring more",
    )  # fmt: skip
    """Rise of what is sponsored in a month where wages at home are below the usual, as an elasticity."""

    fee: float = param(250_000.0, unit="PKR of 2017", bounds=(0.0, 3e6), source="assumed", systems=("S4",))
    """Cost to the household of a sponsored move."""

    delay: float = param(8.0, unit="month", bounds=(1.0, 48.0), source="assumed", systems=("S4",))
    """Months between application and departure; of a fraction of a month so many wait one more."""

    refusal: float = param(0.20, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S4",))
    """Share of applications refused."""

    law: float = param(
        1.0, unit="share", bounds=(0.0, 1.0), source="assumed; dates in policy_events.csv", systems=("S4", "S6")
    )
    """Part of the legal changes in destinations.yaml that applies; at 0 sponsorship stays as open as in 2009."""


class SponsorshipOutcomes(Outcomes):
    """Sponsored departures."""

    sponsored_departures = outcome(unit="person", over="district", text="Departures by family sponsorship.")


class Sponsorship(Mechanism):
    """Applications of households with ties fall due, within the capacity of sponsors from the same district.

    Only households with a tie can apply. Sponsors are settled families of the same district. Each has `relatives` to
    bring, those settled at the start one, and more as children abroad marry in Pakistan (`marriages`). Those yet to
    bring times `capacity` and the openness of the law give the places of a year, and more while wages at home are below
    the usual (`need`). More applicants than places are chosen by lot, and people know from those before them how many
    get one.
    """

    section = "sponsorship"
    Params = SponsorshipParams
    systems = ("S4",)
    outcomes = SponsorshipOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Take new applications, decide those due within the capacity of sponsors, and let the accepted leave."""
        params = world.params(SponsorshipParams)
        due = take_due_applications(world, SPONSORSHIP)
        apply(world, choices_of(world, SPONSORSHIP))
        asked = due.persons.copy()
        refuse(world, due, params.refusal)
        group = due.district * len(world.destination_facts) + destinations_of(world, due.option)
        allowance = _grant_places(world)
        unrefused = sum_by(group, due.persons, allowance.unused.size)
        ration_by_group(ascending(group), group, due.persons, allowance.unused.ravel(), world.key(STREAM_RATION))
        admitted = sum_by(group, due.persons, allowance.unused.size)
        world[SponsorshipState].remember(unrefused, admitted, world.params(LegalWorkParams).memory)
        turn_away(world, due, asked)
        fees = np.full(due.row.size, sponsorship_price(world))
        leave(world, due, SPONSORSHIP, fees, "sponsors", "sponsorship", SETTLED)
        left = sum_by(group, due.persons, allowance.unused.size).reshape(allowance.unused.shape)
        world[SponsorshipState].count_sponsored(world.stock[:, :, SETTLED], left, params.relatives)


def _grant_places(world: World) -> Allowance:
    """Places that each district's settled diaspora can sponsor at each destination; one cohort's worth may wait."""
    state, params = world[SponsorshipState], world.params(SponsorshipParams)
    allowance, law = state.places, params.law
    settled = world.stock[:, :, SETTLED]
    if world.t == 0:
        state.to_bring[:] = state.expected[:] = settled
    state.count_settled(settled, params)
    openness = world.destination_table.sponsor_openness * (1.0 + law * (world.multiples("sponsor") - 1.0))
    usual = world.district_month["usual_wage"] / world.district_month["wage_index"]  # above 1 in bad times alone
    rate = params.capacity * openness * world[EconomyState].passable / 12.0
    places = state.to_bring * np.minimum(raised(usual, params.need)[:, None] * rate, 1.0)
    allowance.grant(places, np.maximum(places, world.weight[:, None]) + 1.0)
    return allowance


def sponsorship_price(world: World) -> float:
    """Fee of a sponsored departure, whole PKR of 2017: visas and fares are paid in foreign currency."""
    return float(np.floor(world.params(SponsorshipParams).fee * dollar_since(world, 2017)))
