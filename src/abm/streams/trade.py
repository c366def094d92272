"""The trade in people: what buyers want and pay, whom recruiters find, and who is paid what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, kept, kept_by_district, monthly
from abm.enforcement import STREAMS, law_of
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import exp, raised
from abm.engine.portable import power
from abm.society import EconomyState, dollar_since
from abm.streams.at_risk import Sample
from abm.streams.cities import attraction, ease_of_reach, places_in
from abm.streams.exploitation import CRIMES, ENTRY, RUNAWAY, ExploitationSettings, ExploitationStream, streams_of
from abm.streams.phones import phone_reach, usual_reach
from abm.streams.recruiters import TRAFFICKERS, earn, households_of, matched
from abm.streams.trafficking_outcomes import TraffickingOutcomes
from abm.streams.trafficking_params import MODERATORS, TraffickingParams
from abm.streams.victims import Taken
from abm.world.codes import STREAM_TAKEN_ABROAD

if TYPE_CHECKING:
    from abm.world.state import World

MILLION = 1e6

IN_LAW = [STREAMS.index(crime) for crime in CRIMES]
"""Rows of the crimes among the streams of crime in law."""

PRICES = (0.1, 5.0)
"""Limits of the price, relative to the usual one. Source: assumed."""

RUNAWAYS_A_RECRUITER = 3.5
"""Runaways by recruiter who looks for them before the first month. Source: assumed; what the usual demand gives."""

FEW = 0.05
"""Persons a month, in Pakistan, below which demand and supply count as nothing. Source: assumed."""


class TradeState(State):
    """Constants of the streams, and the trade in a month."""

    fixed: Held[Fixed] = kept(text="Constants of a run.", start=lambda world: Fixed.of(world))
    sold: Held[np.ndarray | None] = kept(
        unit="person a month", text="Persons brought to buyers, fading mean; none before the first month.",
        over=("stream",), start=lambda world: None,
    )  # fmt: skip
    taken: Held[np.ndarray] = kept_by_district(unit="person", text="Persons taken in the last month.", start=0)
    again: Held[np.ndarray] = kept(
        unit="person", text="Persons trafficked again in the last month.", over=("district", "stream"),
        start=lambda world: np.zeros(world[TradeState].fixed.ease.shape, np.int64),
    )  # fmt: skip
    freed: Held[np.ndarray] = kept_by_district(unit="person", text="Persons freed in the last month.", start=0)
    fear: Held[np.ndarray] = kept(
        unit="conviction per million residents", text="Convictions and raids that recruiters remember.",
        over=("crime", "district"), start=lambda world: np.zeros((len(CRIMES), world.district_count)),
    )  # fmt: skip
    placed: Held[tuple[Taken, np.ndarray]] = monthly(
        text="Whom recruiters took from households in the month, and persons; paid for at its end."
    )
    runaways: Held[float] = kept(
        unit="person a recruiter",
        text="Runaways nobody had brought home in the last month, by recruiter who looks for them.",
        start=RUNAWAYS_A_RECRUITER,
    )
    changed: Held[np.ndarray] = kept(
        unit="recruiter", text="Recruiters who took a stream up in the month.", over=("stream",),
        start=lambda world: np.zeros(len(streams_of(world.params(ExploitationSettings)))),
    )  # fmt: skip


class Fixed(NamedTuple):
    """Constants of a run.

    Attributes
    ----------
    streams
        All streams.
    crime
        Row of each among `CRIMES`.
    worker, abroad, runaway, entry
        Whether each takes workers rather than dependants, holds them abroad, finds runaways, or brings foreigners in.
    price, broker, cost, family, contacts, online, onward, stay
        Facts of each, float64, see `ExploitationStream`.
    ease
        Ease of finding people, by district and stream: near the points where buyers meet recruiters, at the entry.
    attraction
        Attraction of each city of the country to each district.
    wanted
        Persons a month wanted in the region, by month and multiples of trade asked for.
    """

    streams: tuple[ExploitationStream, ...]
    crime: np.ndarray
    worker: np.ndarray
    abroad: np.ndarray
    runaway: np.ndarray
    entry: np.ndarray
    price: np.ndarray
    broker: np.ndarray
    cost: np.ndarray
    family: np.ndarray
    contacts: np.ndarray
    online: np.ndarray
    onward: np.ndarray
    stay: np.ndarray
    ease: np.ndarray
    attraction: np.ndarray
    wanted: dict[tuple[float, ...], np.ndarray]

    @classmethod
    def of(cls, world: World) -> Fixed:
        """Work them out."""
        streams, params = streams_of(world.params(ExploitationSettings)), world.params(TraffickingParams)
        facts = ("price", "broker", "cost", "family", "online", "onward", "stay")
        crime = np.array([CRIMES.index(stream.crime) for stream in streams])
        # in a trade so many times as large each recruiter finds as many as in the usual one
        ease = raised(params.multiples(), 1.0 - params.matching)[crime]
        return cls(
            streams=streams,
            crime=crime,
            contacts=np.array([stream.contacts for stream in streams]) * ease,
            worker=np.array([stream.group == "workers" for stream in streams]),
            abroad=np.array([stream.held == "abroad" for stream in streams]),
            runaway=np.array([stream.way == RUNAWAY for stream in streams]),
            entry=np.array([stream.way == ENTRY for stream in streams]),
            ease=np.stack([_ease(world, stream, params.point_km) for stream in streams], axis=1),
            attraction=attraction(world.units, params.decay_km),
            wanted={},
            **{fact: np.array([float(getattr(stream, fact)) for stream in streams]) for fact in facts},
        )


def _ease(world: World, stream: ExploitationStream, decay: float) -> np.ndarray:
    """Ease of finding people for a stream, by district."""
    if stream.way == ENTRY:
        return np.array([float(stream.entries.get(str(key), 0.0)) for key in world.units.unit])
    if stream.way == RUNAWAY:  # they are found in the cities where they arrive
        cities, found = places_in(world.units)[0], np.zeros(world.district_count)
        found[cities if cities.size else slice(None)] = 1.0  # those of a region without one arrive beyond it
        return found
    return ease_of_reach(world.units, stream.points, decay)


def demand_of_month(world: World, month: int) -> np.ndarray:
    """Persons that buyers want in a month at the usual price, in the region, by stream."""
    fixed, multiples = world[TradeState].fixed, world.params(TraffickingParams).multiples()
    if (month, *multiples) not in fixed.wanted:  # a year takes as long as a month
        year = month // MONTHS_A_YEAR * MONTHS_A_YEAR + np.arange(MONTHS_A_YEAR)
        share = np.where(fixed.entry, fixed.ease.sum(axis=0), world.region_share)
        found = np.stack([stream.demand * stream.multiple(year) for stream in fixed.streams], axis=1)
        found = found * multiples[fixed.crime] / MONTHS_A_YEAR * share
        fixed.wanted.update({(each, *multiples): row for each, row in zip(year.tolist(), found, strict=True)})
    return fixed.wanted[month, *multiples]


def relative_prices(world: World, wanted: np.ndarray) -> np.ndarray:
    """Price relative to the usual one at which buyers take what is brought, by stream: inverse demand."""
    params, few = world.params(TraffickingParams), FEW * world.region_share
    sold = world[TradeState].sold
    assert sold is not None  # trade has opened
    ratio = (wanted + few) / (sold + few)
    return np.where(wanted > few, np.clip(raised(ratio, 1.0 / params.elasticity), *PRICES), PRICES[0])


def incomes(world: World) -> float:
    """Incomes relative to 2017, which prices, payments and needs follow."""
    return float(world[EconomyState].income_index)


def usual_prices(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Price and payment to the family at the usual demand, PKR, by stream; buyers abroad pay in dollars."""
    fixed, level = world[TradeState].fixed, incomes(world)
    return (fixed.price * np.where(fixed.abroad, dollar_since(world, 2017), level), fixed.family * level)


def margins(world: World, price: np.ndarray, family: np.ndarray) -> np.ndarray:
    """What a person brought to a buyer leaves to the recruiter, by stream."""
    fixed = world[TradeState].fixed
    return price * (1.0 - fixed.broker) - fixed.cost * incomes(world) - family


def stopped_at_exit(world: World) -> np.ndarray:
    """Share of those found who are stopped as they leave the country, by district and stream: others cost and pay."""
    fixed, effort = world[TradeState].fixed, law_of(world).effort[IN_LAW]
    return fixed.abroad * np.minimum(world.params(TraffickingParams).exit_checks * effort[fixed.crime].T, 1.0)


def ease_of_phones(world: World, recruiters: np.ndarray) -> np.ndarray:
    """Ease of contacts by phone relative to 2017, by district: reach, less the offers that moderators find."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    reach = phone_reach(world.units, world.month, params.reach_growth) / usual_reach()
    moderators = world.now(MODERATORS)
    if not moderators.any():
        return reach
    online = (recruiters * fixed.online).sum()
    usual = max((usual_recruiters(world) * fixed.online).sum(), 1e-9)
    return reach * (1.0 - moderators / (moderators + params.finding * max(online / usual, 0.1)))


def usual_recruiters(world: World) -> np.ndarray:
    """Recruiters whom the usual demand of 2017 feeds, by stream."""
    margin = np.maximum(margins(world, *usual_prices(world)), 0.0)
    needs = world.params(TraffickingParams).living * incomes(world)
    year = 2017 * MONTHS_A_YEAR + np.arange(MONTHS_A_YEAR)
    return np.mean([demand_of_month(world, int(month)) for month in year], axis=0) * margin / needs


def persons_found(
    world: World, sample: Sample, recruiters: np.ndarray, phones: np.ndarray, margin: np.ndarray
) -> np.ndarray:
    """Persons whom recruiters find in a month, expected, by district and stream.

    Those of households: contacts by those who would go in one, less as recruiters fear. Runaways: the more, the
    fewer recruiters look for them (the same matching). Those brought in: as many as each can bring. Nobody works for a
    stream whose `margin` a person is lost.
    """
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    dare = daring(world)[fixed.crime].T
    met = contacts(world, recruiters, phones) * sample.mean * fixed.ease * dare
    each = recruiters * dare * fixed.contacts * (fixed.ease > 0.0)
    each[:, fixed.runaway] *= power(world[TradeState].runaways, 1.0 - params.matching)
    return np.where(fixed.runaway | fixed.entry, each, met) * (margin > 0.0)


def got(world: World, found: np.ndarray, recruiters: np.ndarray) -> np.ndarray:
    """Persons whom recruiters get of those `found`, by district and stream: several find the same runaways."""
    trade = world[TradeState]
    looking = np.maximum(recruiters.sum(axis=0), 1)[trade.fixed.runaway]
    able = np.where(recruiters > 0, found, 0.0)[:, trade.fixed.runaway].sum(axis=0)
    crowd = np.maximum(able / (looking * max(trade.runaways, 1e-9)), 1e-9)
    got = found * (1.0 - stopped_at_exit(world))
    got[:, trade.fixed.runaway] *= (1.0 - exp(-crowd)) / crowd
    return got


def daring(world: World) -> np.ndarray:
    """Part of recruiting that fear of convictions leaves, by crime and district; what many share, each fears less."""
    params = world.params(TraffickingParams)
    return 1.0 / (1.0 + params.deterrence * world[TradeState].fear / params.multiples()[:, None])


def contacts(world: World, recruiters: np.ndarray, phones: np.ndarray) -> np.ndarray:
    """Contacts of recruiters with households, by district and stream.

    `phones` is the ease of contacts by phone relative to that of 2017, by district; recruiters who can use both shift
    to the easier one (constant elasticity).
    """
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    ease = (1.0 - fixed.online) + fixed.online * raised(phones, params.substitution)[:, None]
    found = matched(recruiters, households_of(world), params.matching)
    return found * raised(ease, 1.0 / params.substitution) * fixed.contacts


def sold_again(recruiters: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Who sells those trafficked again, by district and stream: recruiters at home, else where the stream has most."""
    sold = np.where(recruiters > 0, again, 0)
    most = recruiters.argmax(axis=0), np.arange(again.shape[1])
    sold[most] += np.where(recruiters[most] > 0, (again - sold).sum(axis=0), 0)
    return sold


def book_trade(world: World, recruiters: np.ndarray, taken: np.ndarray, price: np.ndarray, family: np.ndarray) -> None:
    """Book what buyers pay, and what recruiters pay on: to brokers, for transport, and to families."""
    params, fixed, ledger = world.params(TraffickingParams), world[TradeState].fixed, world.ledger
    whole = np.round(price).astype(np.int64)
    broker = np.round(whole * fixed.broker).astype(np.int64)
    cost = np.round(fixed.cost * incomes(world)).astype(np.int64)
    number = taken.sum(axis=0)
    ledger.pay("buyers_abroad", TRAFFICKERS, "price of a person", int((number * whole)[fixed.abroad].sum()))
    ledger.pay("buyers", TRAFFICKERS, "price of a person", int((number * whole)[~fixed.abroad].sum()))
    ledger.pay(TRAFFICKERS, "brokers", "share of the price", int((number * broker).sum()))
    ledger.pay(TRAFFICKERS, "carriers", "transport of persons", int((number * cost).sum()))
    to_families = _pay_families(world, family)
    earn(world, recruiters, taken * (whole - broker - cost) - to_families, round(params.living * incomes(world)))
    world.figures |= {
        TraffickingOutcomes.trafficking_revenue: (taken * whole).sum(axis=1),
        TraffickingOutcomes.trafficking_to_families: to_families.sum(axis=1),
    }


def _pay_families(world: World, family: np.ndarray) -> np.ndarray:
    """Pay the families of those placed; returns PKR by district and stream.

    Households of a row that stands for several share what one of them gets, as they share the person.
    """
    state, streams = world[TradeState], len(family)
    paid = np.zeros((world.district_count, streams), np.int64)
    facts, persons = state.placed
    weight = world.weight[facts.district]
    each = (family[facts.stream] * persons / weight).astype(np.int64)
    np.add.at(world.households.assets, facts.row, each.astype(np.int32))
    np.add.at(paid, (facts.district, facts.stream), each * weight)
    world.ledger.pay(TRAFFICKERS, "households", "payment to a family", int(paid.sum()))
    return paid


def fear_raids(world: World, crime: int | slice, met: np.ndarray) -> None:
    """Let recruiters remember persons freed or stopped by agencies, by district, for a crime or all."""
    world[TradeState].fear[crime] += world.params(TraffickingParams).raid_weight * met * MILLION / world.residents()


def whole(world: World, crime: int | np.ndarray, purpose: int, expected: np.ndarray) -> np.ndarray:
    """Round expected counts by district, of a crime or of several, at random, so that the mean is exact."""
    entity = ((np.asarray(crime) * 8 + purpose) << 20)[..., None] + np.arange(expected.shape[-1])
    return world.rounded(STREAM_TAKEN_ABROAD, entity, expected)
