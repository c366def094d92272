"""Jurisdiction: on which service's desk a lead lands, whether that service takes it up, and where it goes if not."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import behaviour
from abm.declare.state import Held, State, monthly
from abm.enforcement.law.bureaus import BureausState
from abm.enforcement.law.month_law import SMUGGLING, LawParams
from abm.enforcement.law.powers import PowersState
from abm.enforcement.law.regime import FIA
from abm.engine.portable import power

if TYPE_CHECKING:
    from abm.world.state import World

REGISTERED = behaviour("officers who use a shared register", base=0.0, over="district", bounds=(0.0, 1.0))
"""Share by district."""


class Desks(NamedTuple):
    """What becomes of leads in the month; each of shape (services, streams, districts), float64."""

    heard: np.ndarray
    """Share of new leads that land on the desk of a service."""
    takes: np.ndarray
    """Probability that it would take up a lead on its desk; 0 if it is not in charge."""
    declines: np.ndarray
    """Probability that it passes on a lead that it does not want."""
    refers: np.ndarray
    """Probability that it passes on a lead that it wants and has no officer for."""
    gets: np.ndarray
    """Share of the leads passed on that it gets."""


class JurisdictionState(State):
    """What becomes of leads."""

    desks: Held[Desks] = monthly(
        text="Where leads land, who takes them up, and where they go if not.", over=("service", "stream", "district"),
        neutral=lambda world: desks_of(world),
    )  # fmt: skip


def in_charge(world: World) -> np.ndarray:
    """Services in charge, bool, shape (services, streams, provinces).

    They are those that a law names, officers or none; where no law names any, all that it lets act and that have some.
    Without a legal regime they are all with officers.
    """
    bureaus = world[BureausState].bureaus
    able = bureaus.officers(world.month) > 0.0
    # the nearest circle follows offices, whatever its province
    able[bureaus.services.index(FIA), SMUGGLING] = able[bureaus.services.index(FIA), SMUGGLING].any()
    if not world.config.enabled("law"):
        return able
    powers = world[PowersState].powers
    return np.where(powers.named.any(axis=0), powers.named, powers.competent & able)


def volunteering(number: np.ndarray, reluctance: float) -> np.ndarray:
    """Probability that one of so many services in charge takes up a lead in a month; 1 if it is alone.

    References
    ----------
    Diekmann (1985), "Volunteer's dilemma", Journal of Conflict Resolution 29: in the mixed equilibrium each of `n` acts
    with the probability 1 - (cost / benefit)^(1 / (n - 1)).
    """
    return np.array(_volunteers(int(number.max(initial=1)), reluctance))[number]


@lru_cache(maxsize=64)
def _volunteers(most: int, reluctance: float) -> list[float]:
    """Probability that one of 0, 1, up to `most` services takes up a lead."""
    return [1.0, 1.0, *(1.0 - power(reluctance, 1.0 / (n - 1)) for n in range(2, most + 1))]


def somebody_acts(world: World) -> np.ndarray:
    """Probability that one at least of those in charge acts in a month, shape (streams, districts)."""
    number = in_charge(world).sum(axis=0)[:, world[BureausState].bureaus.province]
    act = _volunteers(int(number.max(initial=1)), world.params(LawParams).reluctance)
    nobody = np.array([prod([1.0 - each] * n) for n, each in enumerate(act)])[number]
    return np.where(number > 0, 1.0 - nobody * (1.0 - _shared(world)), 0.0)


def desks_of(world: World) -> Desks:
    """Work out what becomes of leads in the month.

    The register gives each of its leads to one service in charge, by the officers they have, who then takes it up or
    refers it at once. A law that names one service gives it all of them, officers or none.
    """
    params, bureaus, law = world.params(LawParams), world[BureausState].bureaus, world.config.enabled("law")
    charge = in_charge(world)
    number = charge.sum(axis=0)
    evenly = charge / np.maximum(number, 1)
    officers = charge * bureaus.officers(world.month)
    by_officers = np.where(officers.any(axis=0), officers / np.maximum(officers.sum(axis=0), 1e-12), evenly)
    heard = _heard(params, bureaus.services, evenly)
    takes = charge * volunteering(number, params.reluctance)
    here = [part[..., bureaus.province] for part in (charge, evenly, by_officers, heard, takes)]
    charge, evenly, by_officers, heard, takes = here
    # without laws every service with officers takes what it hears
    register = _shared(world) if law else np.ones(world.district_count)
    somebody = charge.any(axis=0)
    refers = somebody * (register + (1.0 - register) / params.transfer)
    return Desks(
        np.where(somebody, heard + register * (by_officers - heard), heard),
        takes + register * (charge - takes),
        np.where(charge, 0.0, refers),
        np.broadcast_to(refers, heard.shape),
        evenly + register * (by_officers - evenly),
    )


def _shared(world: World) -> np.ndarray:
    """Share of leads, by district, that an officer enters in the register and another, in charge, finds there."""
    return np.square(world.now(REGISTERED))


def _heard(params: LawParams, services: tuple[str, ...], evenly: np.ndarray) -> np.ndarray:
    """Share of new leads that each service hears, by stream and province; who is nobody's case stays with the first."""
    desks = np.zeros(evenly.shape[:2])
    for service, share in (
        ("provincial_police", params.police_desk), (FIA, params.circle_desk), ("social_welfare", params.welfare_desk)
    ):  # fmt: skip
        if service in services:
            desks[services.index(service)] = share
    at_police = params.offices_at_police if "provincial_police" in services else 0.0
    desks[:, SMUGGLING] = [at_police if s == "provincial_police" else (1.0 - at_police) * (s == FIA) for s in services]
    desks /= np.maximum(desks.sum(axis=0), 1.0)
    rest = np.where(evenly.any(axis=0), evenly, np.arange(len(services))[:, None, None] == 0)
    return desks[:, :, None] + (1.0 - desks.sum(axis=0))[:, None] * rest
