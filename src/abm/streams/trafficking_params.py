"""Parameters, behaviours and levers of trafficking."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
from pydantic import Field

from abm.declare import Lever, Params, behaviour, param

SYSTEMS = ("S12", "S13", "S14")

assumed = partial(param, source="assumed", systems=SYSTEMS)
share = partial(assumed, unit="share", bounds=(0.0, 1.0))
hazard = partial(assumed, unit="1/month", bounds=(0.0, 0.5))


class TraffickingParams(Params):
    """Households' answer to recruiters, the trade of recruiters, ways out of exploitation and what follows."""

    reading: Literal["reported", "cited"] = Field("reported")
    """Which of two readings sets demand within the country: `reported`, some 79,000 a year, assumed; `cited`, the
    contested 300,000 that the source paper attributes to UNODC."""

    cited_multiple: float = param(
        3.8, unit="multiple", bounds=(1.0, 10.0), source="paper; contested: 300,000 over 79,000", systems=("S14",)
    )
    """Trade within the country under `cited`, relative to `reported`. What the police record is the same under both:
    under `cited` less comes to light of each victim, to agencies, caseworkers and villages."""

    reluctance: float = assumed(5.3, unit="log odds", bounds=(0.0, 15.0))
    """Log odds against accepting what recruiters offer, for a household in no want that earns as much as is offered."""

    gain: float = assumed(1.0, unit="log odds per log PKR", bounds=(0.0, 4.0))
    """Weight of what is offered relative to what the household earns: a job against the pay of a worker, a payment
    against a month's earnings."""

    want: float = assumed(2.0, unit="log odds", bounds=(0.0, 6.0))
    """Addition where a household earns less than subsistence, and its savings do not last for `want_months` of it."""

    want_months: float = assumed(1.0, unit="month", bounds=(0.0, 12.0))
    """Months of subsistence below which savings leave a household in want."""

    unmet: float = assumed(0.5, unit="log odds", bounds=(0.0, 6.0))
    """Further addition where savings and credit together do not cover the month."""

    debt: float = assumed(0.5, unit="log odds", bounds=(0.0, 6.0))
    """Addition for a debt of a year of full pay or more, in proportion below."""

    idle: float = share(0.25)
    """Readiness of workers with a job to follow an offer, relative to those without."""

    warned: float = assumed(0.1, unit="log odds", bounds=(0.0, 10.0))
    """Fall for each person in 1,000 households of the village whose fate has been heard of, or as much warning."""

    networks: float = param(
        4.0, unit="multiple", bounds=(0.0, 50.0),
        source="assumed; where many emigrate recruiters find more: Omar Mahmoud and Trebesch (2010)", systems=SYSTEMS,
    )  # fmt: skip
    """Added to contacts of streams abroad in a village whose households all have a member there, over those of none."""

    forgetting: float = param(0.03, unit="1/month", bounds=(0.005, 0.5), source="assumed", systems=SYSTEMS)
    """Share of warnings forgotten in a month."""

    silence: float = hazard(0.01)
    """Share of those held whose families begin in a month to suspect why no word or money comes, and tell others."""

    runaway: float = assumed(0.0001, unit="1/month", bounds=(0.0, 0.01))
    """Minors of a household in no want who run away in a month, most from abuse at school or at home (paper)."""

    runaway_want: float = assumed(4.0, unit="multiple", bounds=(0.0, 20.0))
    """Further runaways where a household is in want, relative to `runaway`."""

    matching: float = assumed(0.5, unit="exponent", bounds=(0.1, 1.0))
    """Exponent of recruiters in the matching with households. Petrongolo and Pissarides (2001) find 0.5 to 0.7 for
    labour markets."""

    substitution: float = assumed(2.0, unit="exponent", bounds=(1.0, 10.0))
    """How readily recruiters change between contacts by phone and in person: exponent of a constant elasticity."""

    reach_growth: float = assumed(0.10, unit="1/year", bounds=(0.0, 0.5))
    """Rate at which the gap to full phone coverage closes after the last survey, of 2019."""

    point_km: float = assumed(150.0, unit="km", bounds=(10.0, 2_000.0), at_start=True)
    """Distance from the points where buyers meet recruiters over which their ease of finding people falls to 1/e."""

    decay_km: float = assumed(300.0, unit="km", bounds=(50.0, 2_000.0), at_start=True)
    """Distance over which the attraction of a city falls to 1/e."""

    elasticity: float = assumed(1.0, unit="dimensionless", bounds=(0.2, 5.0))
    """Fall of buyers' demand with the price, in per cent for one per cent."""

    passing_on: float = assumed(0.3, unit="exponent", bounds=(0.0, 1.0))
    """Elasticity of what is paid to families to the price."""

    living: float = assumed(30_000.0, unit="PKR of 2017 a month", bounds=(1_000.0, 500_000.0))
    """What a recruiter needs to live on and to work; one who would earn less elsewhere does not become one."""

    capital: float = assumed(150_000.0, unit="PKR of 2017", bounds=(0.0, 5_000_000.0))
    """Capital with which a recruiter begins."""

    entry: float = hazard(0.02)
    """Recruiters who begin in a month where the trade pays twice what one needs, per recruiter there is or could be."""

    review: float = hazard(0.15)
    """Share of recruiters who compare their work with other streams in a month."""

    changing: float = assumed(1.2, unit="multiple", bounds=(1.0, 5.0))
    """What other work must earn, relative to the present one, to be taken up."""

    deterrence: float = param(
        0.02, unit="1/(conviction per million residents)", bounds=(0.0, 0.5), source="assumed", systems=SYSTEMS
    )
    """Fall of recruiting with remembered convictions: 1/deterrence of them halve it."""

    raid_weight: float = assumed(0.02, unit="conviction", bounds=(0.0, 1.0))
    """Number of convictions with the deterrent effect of one person freed by agencies."""

    fading: float = hazard(0.05)
    """Share of recruiters' memory that fades in a month."""

    exit_checks: float = share(0.08)
    """Share of those being taken abroad who are stopped at the exit, at usual effort."""

    escape: float = hazard(0.010)
    """Hazard that a person exploited escapes."""

    rescue: float = hazard(0.004)
    """Hazard that agencies free a person exploited, at usual effort. It follows the root of effort: those held are
    hidden."""

    outreach: float = hazard(0.004)
    """Hazard that usual outreach, with the time that caseworkers have beside those freed, finds a person exploited."""

    death: float = hazard(0.0003)
    """Hazard that a person exploited dies, or is never heard of again."""

    recognition: float = share(0.6)
    """Share of those freed by agencies who are identified as victims, if victims are not treated as offenders."""

    reporting: float = share(0.15)
    """Share of those freed who report to the police, if victims are not treated as offenders."""

    evidence: float = assumed(0.3, unit="lead a person", bounds=(0.0, 1.0))
    """Leads from a rescue by agencies, per person freed."""

    caseworkers: float = assumed(1.0, unit="caseworker per million residents", bounds=(0.0, 50.0))
    """Caseworkers of shelters and services without policy."""

    admissions: float = assumed(3.0, unit="person a month", bounds=(0.1, 50.0))
    """Persons freed whom a caseworker can take on in a month."""

    relapse: float = hazard(0.03)
    """Hazard that a person freed without services is trafficked again, at full demand and with the recruiters whom
    the demand of 2017 feeds; with fewer of these it falls as contacts do (`matching`)."""

    recovery: float = hazard(0.08)
    """Hazard at which a person freed without services ceases to be at this risk."""

    finding: float = assumed(3.0, unit="moderator a million reached", bounds=(0.1, 100.0))
    """Moderators by a million residents with a phone who find half of the false offers, at the usual recruiters."""

    warning: float = assumed(0.25, unit="1/1,000 households", bounds=(0.0, 5.0))
    """Warning, as of persons whose fate is heard of, by one team a million residents in a month."""

    def multiples(self) -> np.ndarray:
        """Trade relative to the reading `reported`, by crime of `abm.streams.exploitation.CRIMES`."""
        return np.array([self.cited_multiple if self.reading == "cited" else 1.0, 1.0])


CASEWORKERS = behaviour("caseworkers for those freed, and outreach", base=0.0, over="district", bounds=(0.0, 100.0))
"""Caseworkers by a million residents, beyond the usual ones."""

MODERATORS = behaviour("moderators who take down false offers", base=0.0, over="district", bounds=(0.0, 100.0))
"""Moderators by a million residents reached by phone."""

WARNING_TEAMS = behaviour("teams that warn of recruiters", base=0.0, over="district", bounds=(0.0, 100.0))
"""Teams by a million residents."""

VICTIM_SERVICES = Lever(
    "victim_services", unit="caseworker per million residents", bounds=(0.0, 50.0), combine="add",
    moves=(CASEWORKERS,), unit_cost=150_000.0, cost_unit="caseworker a month, with shelter", cost_counted="booked",
    text="Pays caseworkers, who support those freed as far as their time goes and search for others in what is left.",
    systems=("S12", "S14", "S19"),
)  # fmt: skip

ONLINE_RECRUITMENT_CONTROL = Lever(
    "online_recruitment_control", unit="moderator per million residents with a phone", bounds=(0.0, 50.0),
    combine="add", moves=(MODERATORS,), unit_cost=80_000.0, cost_unit="moderator a month", cost_counted="booked",
    text="Pays moderators who find false offers of work on phones and the internet and take them down.",
    systems=("S14", "S19"),
)  # fmt: skip

RECRUITMENT_WARNINGS = Lever(
    "recruitment_warnings", unit="team per million residents", bounds=(0.0, 20.0), combine="add",
    moves=(WARNING_TEAMS,), unit_cost=200_000.0, cost_unit="team a month", cost_counted="booked",
    text="Sends teams to villages that warn of recruiters and of what became of others.", systems=("S12", "S14", "S19"),
)  # fmt: skip
