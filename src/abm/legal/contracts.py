"""Contracts for work abroad: parameters and outcomes; and places of the month, which may be used a little later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, behaviour, effective, outcome, param
from abm.declare.state import Held, State, kept
from abm.departure import OptionsState
from abm.departure.kernels.departure import vouch
from abm.engine.elementwise import exp
from abm.places.data_files import read_rows
from abm.places.geography import distance_km, load_units, unit_index
from abm.society import DriversParams
from abm.world.destination import LEAST_ADMISSION

if TYPE_CHECKING:
    from abm.departure import Applications, Choices
    from abm.places.geography import DistrictData, Units
    from abm.world.state import World


class LegalWorkParams(Params):
    """Recruitment for work abroad under contract."""

    quota: float = param(
        1.16, unit="multiple of destinations.yaml", bounds=(0.0, 10.0), source="calibrated, docs/calibration.md",
        systems=("S6",), over="destination",
    )  # fmt: skip
    """Workers admitted a year, all destinations, relative to the quotas of the destination data."""

    fee: float = param(1.0, unit="multiple of destinations.yaml", bounds=(0.0, 10.0), source="assumed", systems=("S6",))
    """Cost of a legal contract to the worker, relative to the fees of the destination data."""

    delay: float = param(4.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=("S6",), over="destination")
    """Months between application and departure; of a fraction of a month so many wait one more."""

    refusal: float = param(0.10, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Share of applications refused before quotas are applied."""

    direct_share: float = param(
        0.40, unit="share", bounds=(0.0, 1.0),
        source="S_DRV_NEWS16VT: own effort 40 %, promoters 58 %, state corporation 2 % of workers to 2016",
        systems=("S4", "S6"),
    )  # fmt: skip
    """Share of places got through people already there; promoters find workers for the rest."""

    promoter_reach: float = param(
        410.0, unit="km", bounds=(10.0, 2000.0),
        source="assumed, set by hand to the provinces of legal workers, 2013 to 2018, and the districts of MICS",
        systems=("S6",), at_start=True,
    )  # fmt: skip
    """Distance from the nearest city of promoters at which an applicant's chance with them has fallen to 1/e."""

    promoter_ties: float = param(
        0.5, unit="share", bounds=(0.0, 1.0),
        source="assumed, as promoter_reach; most of the cost goes to sub-agents and friends, S_DRV_DAWN16ILO",
        systems=("S4", "S6"),
    )  # fmt: skip
    """Part of promoters' recruitment that goes through sub-agents, who were migrants."""

    promoter_kin: float = param(
        7.0, unit="multiple", bounds=(1.0, 20.0), source="assumed; see promoter_ties", systems=("S4", "S6")
    )
    """Chance with promoters of an applicant whose household has a member abroad, relative to others."""

    neighbour_ties: float = param(
        0.475, unit="multiple", bounds=(0.0, 2.0), source="calibrated, hardly identified, docs/calibration.md",
        systems=("S3", "S4", "S6"),
    )  # fmt: skip
    """Weight of a migrant from an adjacent district, relative to one's own, among those through whom places are heard
    of."""

    memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S6",))
    """Months over which applicants average the share admitted to judge their chance of a place."""


class LegalWorkOutcomes(Outcomes):
    """Applications and departures for legal work, and departures by wealth."""

    legal_departures = outcome(unit="person", over="district", text="Departures for legal work abroad.")
    legal_applications = outcome(unit="person", over="district", text="Applications for legal work abroad.")
    contract_fee = outcome(
        unit="PKR of 2017", over="destination", kind="level",
        text="Fee of a contract there, subsidies and regulation counted in; 0 without contracts.",
    )  # fmt: skip
    departures_by_wealth = tuple(
        outcome(
            f"departures_wealth_{k}", unit="person", over="district",
            text=f"Departures abroad from households of quintile {k} of permanent income (national; 1 poorest).",
        )
        for k in range(1, 6)
    )  # fmt: skip
    households_by_wealth = tuple(
        outcome(
            f"households_wealth_{k}", unit="household", over="district", kind="stock",
            text=f"Households of quintile {k} of permanent income (national; 1 poorest).",
        )
        for k in range(1, 6)
    )  # fmt: skip


QUOTA = effective(LegalWorkParams, "quota", over="destination")
"""Factor on the quotas of the data, by destination."""

DELAY = effective(LegalWorkParams, "delay", over="destination")
"""Months between application and departure, by destination."""

FEE_MULTIPLE = behaviour("fee of contracts", base=1.0, over="destination")
"""Factor on the fee of contracts, before regulation, by destination."""


class Allowance:
    """Places by row; unused ones are carried over up to a limit, and the part of a place that one has too many is owed.

    A weighted household sends all its members at once: without carry-over, few large cohorts would leave more places
    unused than many small ones, and results would drift with the scale of the sample.
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        self.unused = np.zeros(shape)

    def grant(self, places: np.ndarray, limit: np.ndarray) -> None:
        """Add the places of a month; no more than `limit` stay unused."""
        self.unused = np.minimum(self.unused + places, limit)


FEW_APPLICANTS = 50.0
"""Persons whose experience weighs as much as the country's in what a district knows of its chances, and
who are remembered there before the first month. Source: assumed."""

CHANCE_BEFORE = (0.1, 0.9)
"""Chance of a place before the first month, without and with a member abroad. Source: assumed, close to those of
later years."""


class AdmissionState(State):
    """What applicants for contracts know of their chances: who asked and who was admitted, fading."""

    asked: Held[np.ndarray] = kept(
        unit="person",
        text="Applicants not refused, without and with a member abroad to vouch for them, fading memory.",
        over=("destination", "vouched", "district"),
        start=lambda world: np.full((len(world.destination_facts), 2, world.district_count), FEW_APPLICANTS),
    )
    admitted: Held[np.ndarray] = kept(
        unit="person", text="Of these, those who got a place.", over=("destination", "vouched", "district"),
        start=lambda world: np.tile(
            FEW_APPLICANTS * np.array(CHANCE_BEFORE)[:, None], (len(world.destination_facts), 1, world.district_count)
        ),
    )  # fmt: skip

    def remember(self, asked: np.ndarray, admitted: np.ndarray, memory: float) -> None:
        """Let older months fade, and add the persons of this one."""
        self.asked += asked - self.asked / memory
        self.admitted += admitted - self.admitted / memory

    def queue(self, usual: np.ndarray) -> np.ndarray:
        """Applicants for a place by destination, relative to the `usual` ones; near 1 where few have asked of late."""
        few = FEW_APPLICANTS * self.asked.shape[2]
        asked, admitted = self.asked.sum(axis=(1, 2)), self.admitted.sum(axis=(1, 2))
        return np.asarray((asked / usual + few) / (admitted + few))

    def chance(self) -> np.ndarray:
        """Chance of a place as known in each district, by destination, without and with a member abroad, and district.

        Where few applied, people go by the country's share; where nobody has for long, by a good chance.
        """
        return chance_known(self.asked, self.admitted, axis=2)


def chance_known(asked: np.ndarray, admitted: np.ndarray, *, axis: int) -> np.ndarray:
    """Chance of a place as known by district: its own experience, and, where few asked, that of all along the axis."""
    usual = (admitted.sum(axis=axis, keepdims=True) + 1.0) / (asked.sum(axis=axis, keepdims=True) + 1.0)
    own = admitted + FEW_APPLICANTS * usual
    return np.asarray(np.clip(own / (asked + FEW_APPLICANTS), LEAST_ADMISSION, 1.0))


QUOTA_MONTHS = 3.0
"""Months for which an unused place stays open."""


def promoters_near(units: Units, reach: float, data: DistrictData) -> np.ndarray:
    """exp(-distance / reach) to the nearest city of promoters, by district; distances in whole kilometres.

    One everywhere if nothing is known of districts: where promoters sit is such data.

    The nearest alone: until December 2023 a worker's protectorate was that of his domicile (S_DRV_AN23PROT).
    """
    if data == "none":
        return np.ones(len(units))
    nation = load_units("pakistan")
    rows = unit_index(nation)
    found = np.zeros(len(units))
    for row in read_rows("tables/protectorate_offices.csv"):
        city = rows[row["unit"]]
        away = np.rint(distance_km(units.lon, units.lat, nation.lon[city], nation.lat[city]))
        np.maximum(found, exp(-away / reach), out=found)
    return found


def share_of_region(world: World) -> float:
    """Share of every destination's places for the simulated region, by persons abroad; the rest takes its own."""
    outside = (1.0 - world.share_abroad) * world.params(DriversParams).outside_demand
    return world.share_abroad / (world.share_abroad + outside)


def applicants_vouched_for(world: World, due: Applications | Choices) -> np.ndarray:
    """Share of each cohort of applicants with a member abroad: of the households of a row these apply more often."""
    month, found = world[OptionsState].month, np.empty(due.row.size)
    world.threads.each_cohort(
        lambda first, last: vouch(
            first, last, due.row, due.district, due.option, world.households, world.weight, through_ties(world),
            month.vouched_gain, month.gain, found,
        ),
        due.row.size,
    )  # fmt: skip
    return found


def through_ties(world: World) -> bool:
    """Whether work abroad is heard of, and applicants vouched for, through those who are there."""
    return world.config.enabled("ties")
