"""Trafficking: recruiters take members of households to buyers in cities and abroad, others are brought in; some go free.

One form for all streams of ``exploitation.yaml``: who is taken in, where they are held, how they leave, what is paid.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import Outcomes, outcome
from abm.declare.state import Held, State, kept
from abm.enforcement import (
    STREAMS,
    add_figures,
    charge_foreigners,
    convictions_of,
    hand_in_leads,
    law_of,
    report_missing,
    willing_share,
)
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.portable import exponentials
from abm.engine.random import binomials
from abm.engine.sums import sum_by
from abm.policy import InForce
from abm.society import EconomyState
from abm.streams.at_risk import Sample, ask_households, draw_recruits, is_of_workers
from abm.streams.cities import attraction, ease_of_reach, places_in
from abm.streams.exploitation import CRIMES, ENTRY, RUNAWAY, ExploitationSettings, ExploitationStream, streams_of
from abm.streams.kernels.trafficking import count_victims
from abm.streams.phones import phone_reach, usual_reach
from abm.streams.recruiters import (
    TRAFFICKERS, contacts, convict, count, earn, open_recruiters, raised, reconsider,
)  # fmt: skip
from abm.streams.trafficking_params import (
    CASEWORKERS,
    MODERATORS,
    ONLINE_RECRUITMENT_CONTROL,
    RECRUITMENT_WARNINGS,
    VICTIM_SERVICES,
    WARNING_TEAMS,
    TraffickingParams,
)
from abm.streams.victims import FOREIGN, Places, VictimsState, come_home, enter, hear, leave, mourn, take
from abm.world.codes import STREAM_EXPLOITED, STREAM_LURE, STREAM_TAKEN_ABROAD
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World

ESCAPE, RESCUE, OUTREACH, LET_GO, ONWARD, DEATH, AGAIN, RECOVERED = range(8)
"""Ways to leave, in the order of the arrays; the last two are of those at home who are at risk."""

FREED = (ESCAPE, RESCUE, OUTREACH)

MILLION = 1e6

OPENING_YEARS = 15
"""Years of past demand behind those held at the start. Source: assumed; hardly anybody remains after that."""

PRICES = (0.1, 5.0)
"""Limits of the price, relative to the usual one. Source: assumed."""

SOLD_MEMORY = 6.0
"""Months over which buyers average what is brought. Source: assumed."""

HOUSEHOLDS_A_LOT, LOTS_A_MONTH = 10, 300.0
"""Persons are taken from a row in lots: one for so many of the households that it stands for, and so many lots a month
in the country at the usual demand. Small streams and unweighted rows lose one person at a time."""

EMPTY_ROWS = 0.1
"""Share of rows without persons from which the table is compacted."""

FEW = 0.05
"""Persons a month, in Pakistan, below which demand and supply count as nothing. Source: assumed."""

persons_a_month = partial(outcome, unit="person a month", over="district")
persons = partial(outcome, unit="person", over="district", kind="stock")
by_stream = partial(outcome, over="stream")


class TraffickingOutcomes(Outcomes):
    """Persons taken, held and freed, and the trade of recruiters."""

    trafficked_domestic = persons_a_month(
        text="Residents taken into exploitation within the country in the month, for the first time or again."
    )
    trafficked_abroad = persons_a_month(text="Residents taken abroad into exploitation.")
    trafficked_minors = persons_a_month(text="Minors who had run away and were taken by exploiters.")
    runaways = persons_a_month(text="Minors who ran away from home in the month.")
    runaways_recovered = persons_a_month(text="Of these, found and brought home by the alert and recovery agency.")
    retrafficked = persons_a_month(text="Persons freed earlier who were trafficked again.")
    trafficking_stopped = persons_a_month(text="Residents being taken abroad who were stopped by exit checks.")
    trafficked_in = persons_a_month(text="Foreigners brought into the country, by district of entry.")
    taken_onward = persons_a_month(text="Foreigners held in the country who were taken on to the Gulf.")
    exploited_domestic = persons(text="Residents of the district who are exploited within the country.")
    exploited_abroad = persons(text="Residents of the district exploited abroad.")
    exploited_foreigners = persons(text="Foreigners exploited in the country, by district of entry.")
    exploited_by_place = persons(text="Persons exploited in the district, from anywhere.")
    freed_at_risk = persons(text="Persons freed without services who may be trafficked again.")
    trafficking_escapes = persons_a_month(text="Persons who escaped exploitation.")
    trafficking_rescues = persons_a_month(text="Persons freed from exploitation by agencies or by services for victims.")
    trafficking_let_go = persons_a_month(text="Persons whom exploiters let go.")
    trafficking_deaths = persons_a_month(text="Persons who died in exploitation, or were never heard of again.")
    victims_served = persons_a_month(text="Persons freed whom caseworkers took on.")
    victims_identified = persons_a_month(text="Persons identified as victims of trafficking.")
    trafficking_reports = persons_a_month(text="Persons who reported to the police that they had been trafficked.")
    trafficking_leads = outcome(
        unit="lead a month", over="district",
        text="Leads on trafficking handed in to agencies, by the district in charge.",
    )  # fmt: skip
    recruiters = outcome(unit="recruiter", over="district", kind="stock", text="Recruiters at work.")
    trafficking_revenue = outcome(unit="PKR of 2017 a month", over="district", text="Paid by buyers for persons.")
    trafficking_to_families = outcome(
        unit="PKR of 2017 a month", over="district", text="Paid by recruiters to families of those placed."
    )
    stream_taken = by_stream(unit="person a month", text="Persons taken.")
    stream_held = by_stream(unit="person", kind="stock", text="Persons held.")
    stream_freed = by_stream(unit="person a month", text="Persons who came free: escaped or found.")
    stream_recruiters = by_stream(unit="recruiter", kind="stock", text="Recruiters who work for the stream.")
    stream_changed = by_stream(unit="recruiter a month", text="Recruiters who took it up, coming from another stream.")
    stream_price = by_stream(unit="PKR of 2017", kind="level", text="Price of a person.")


class TradeState(State):
    """Constants of the streams, and the trade in a month."""

    fixed: Held[Fixed] = kept(text="Constants of a run.", start=lambda world: Fixed.of(world))
    sold: Held[np.ndarray | None] = kept(
        unit="person a month", text="Persons brought to buyers, fading mean; none before the first month.",
        over=("stream",), start=lambda world: None,
    )  # fmt: skip
    taken: Held[np.ndarray] = kept(
        unit="person", text="Persons taken in the last month.", over=("district",),
        start=lambda world: np.zeros(world.district_count, np.int64),
    )  # fmt: skip
    freed: Held[np.ndarray] = kept(
        unit="person", text="Persons freed in the last month.", over=("district",),
        start=lambda world: np.zeros(world.district_count, np.int64),
    )  # fmt: skip
    fear: Held[np.ndarray] = kept(
        unit="conviction a million residents", text="Convictions and raids that recruiters remember.",
        over=("crime", "district"), start=lambda world: np.zeros((len(CRIMES), world.district_count)),
    )  # fmt: skip
    paid_rows: Held[list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]] = kept(
        text="Households of those taken in the month, with stream, district and persons.", start=lambda world: []
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
    worker
        Whether each takes workers rather than dependants.
    ease
        Ease of finding people, by district and stream: near the points where buyers meet recruiters, at the entry.
    attraction
        Attraction of each city of the country to each district.
    """

    streams: tuple[ExploitationStream, ...]
    crime: np.ndarray
    worker: np.ndarray
    ease: np.ndarray
    attraction: np.ndarray

    @classmethod
    def of(cls, world: World) -> Fixed:
        """Work them out."""
        streams, params = streams_of(world.params(ExploitationSettings)), world.params(TraffickingParams)
        return cls(
            streams,
            np.array([CRIMES.index(stream.crime) for stream in streams]),
            is_of_workers(streams),
            np.stack([_ease(world, stream, params.point_km) for stream in streams], axis=1),
            attraction(world.units, params.decay_km),
        )

    def which(self, way: str) -> np.ndarray:
        """Whether each stream takes people in a way."""
        return np.array([stream.way == way for stream in self.streams])

    def values(self, name: str) -> np.ndarray:
        """A fact of the streams, float64."""
        return np.array([float(getattr(stream, name)) for stream in self.streams])


def _ease(world: World, stream: ExploitationStream, decay: float) -> np.ndarray:
    """Ease of finding people for a stream, by district."""
    if stream.way == ENTRY:
        return np.array([float(stream.entries.get(str(key), 0.0)) for key in world.units.unit])
    if stream.way == RUNAWAY:  # they are found in the cities where they arrive
        found = np.zeros(world.district_count)
        found[places_in(world.units)[0]] = 1.0
        return found
    return ease_of_reach(world.units, stream.points, decay)


class Trafficking(Mechanism):
    """Recruiters take members of poor households to buyers in cities and abroad; some come free and warn others."""

    section = "trafficking"
    Params = TraffickingParams
    systems = ("S12", "S13", "S14")
    on_by_default = False
    outcomes = TraffickingOutcomes.declared
    levers = (ONLINE_RECRUITMENT_CONTROL, VICTIM_SERVICES, RECRUITMENT_WARNINGS)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Cost of staff by a million residents, or residents with a phone."""
        return float((lever.unit_cost * np.maximum(deviation, 0.0) * _reached(world, lever)).sum())

    @staticmethod
    def step(world: World) -> None:
        """Let some go free and serve them; then let recruiters bring others, be paid, and reconsider."""
        if not world.config.enabled(Trafficking.section):
            return
        if world[TradeState].sold is None:
            _open(world)
        for lever, staff in (
            (VICTIM_SERVICES, CASEWORKERS), (ONLINE_RECRUITMENT_CONTROL, MODERATORS), (RECRUITMENT_WARNINGS, WARNING_TEAMS)
        ):  # fmt: skip
            world[InForce].policy.book_cost(lever, lever.unit_cost * world.now(staff) * _reached(world, lever))
        _let_out(world)
        _spread_word(world)
        _bring_others(world)
        _record(world)


def _reached(world: World, lever: Lever) -> np.ndarray:
    """Millions of residents, or of residents with a phone, by district."""
    reached = world.residents() / MILLION
    if lever.name == ONLINE_RECRUITMENT_CONTROL.name:
        reached = reached * phone_reach(world.units, world.month, world.params(TraffickingParams).reach_growth)
    return reached


def _demand(world: World, month: int) -> np.ndarray:
    """Persons that buyers want in a month at the usual price, in the region, by stream."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    cited = np.where(fixed.crime == 0, params.cited_multiple if params.reading == "cited" else 1.0, 1.0)
    wanted = np.array([stream.demand * stream.multiple(month) for stream in fixed.streams])
    share = np.where(fixed.which(ENTRY), fixed.ease.sum(axis=0), world.region_share)
    return wanted * cited / MONTHS_A_YEAR * share


def _hazards(world: World) -> np.ndarray:
    """Hazards of leaving by way, stream and place."""
    params, fixed, law, places = world.params(TraffickingParams), world[TradeState].fixed, law_of(world), Places.of(world)
    rows, _ = places_in(world.units)
    found = np.zeros((8, len(fixed.streams), places.home + 1))
    held = slice(0, places.home)
    search = raised(_spare_time(world), 0.5)
    for k, stream in enumerate(fixed.streams):
        crime = STREAMS.index(stream.crime)
        # elsewhere and abroad agencies and caseworkers do as in the mean of the region
        effort, willing = law.effort[crime], willing_share(world, crime)
        found[ESCAPE, k, held] = params.escape
        found[RESCUE, k, held] = params.rescue * _by_place(effort, rows)
        found[OUTREACH, k, held] = params.outreach * _by_place(search * willing, rows)
        found[LET_GO, k, held] = 1.0 / stream.stay
        found[ONWARD, k, : places.abroad] = stream.onward
        found[DEATH, k, held] = params.death
    found[AGAIN, :, places.home] = params.relapse
    found[RECOVERED, :, places.home] = params.recovery
    return found


def _by_place(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values of the cities of the region; for elsewhere and abroad, the mean over its districts."""
    return np.append(values[rows], [values.mean()] * 2)


def _capacity(world: World) -> np.ndarray:
    """Persons freed whom caseworkers can take on in a month, by district."""
    params = world.params(TraffickingParams)
    return (params.caseworkers + world.now(CASEWORKERS)) * params.admissions * world.residents() / MILLION


def _spare_time(world: World) -> np.ndarray:
    """Time of caseworkers left for outreach, relative to all time of the usual ones, by district."""
    params = world.params(TraffickingParams)
    staff = (params.caseworkers + world.now(CASEWORKERS)) / max(params.caseworkers, 1e-9)
    capacity = _capacity(world)
    return staff * np.maximum(1.0 - _taken_on(world[TradeState].freed, capacity) / np.maximum(capacity, 1e-9), 0.0)


def _taken_on(freed: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Persons whom caseworkers take on: nearly all where there is room, nearly the capacity where there is none."""
    room = np.zeros(freed.shape)
    exponentials(-capacity / np.maximum(freed, 1e-9), room)
    return freed * (1.0 - room)


def _let_out(world: World) -> None:
    """Let persons leave, bring them home, serve some; agencies hear of it."""
    places, state, fixed = Places.of(world), world[VictimsState], world[TradeState].fixed
    left = leave(world, _hazards(world))
    rows = state.table.rows
    at, by_way = left.at, left.persons
    district, stream = rows.district[at].astype(np.int64), rows.stream[at]
    foreign = rows.row[at] == FOREIGN
    freed = by_way[list(FREED)].sum(axis=0)
    come_home(world, at, freed + by_way[LET_GO])
    mourn(world, at, by_way[DEATH])
    _tell_agencies(world, by_way, rows.place[at], district, stream)
    _find_foreigners(world, by_way[RESCUE] * foreign, rows.place[at], district)
    served = _serve(world, freed, district, rows.key[at])
    facts = {name: getattr(rows, name)[at] for name in ("row", "village", "district", "stream", "worker")}
    risky = (freed - served) * ~foreign

    def move(which: np.ndarray, persons: np.ndarray, place: np.ndarray | int) -> None:
        enter(
            world, *(facts[name][which] for name in ("row", "village", "district", "stream")),
            place if isinstance(place, int) else place[which], facts["worker"][which], persons[which],
        )  # fmt: skip

    again = _take_again(world, facts, by_way[AGAIN], left.at)
    move(np.flatnonzero(risky), risky, places.home)
    move(np.flatnonzero(by_way[ONWARD]), by_way[ONWARD], places.abroad)
    empty = state.table.rows.persons == 0
    if empty.sum() > EMPTY_ROWS * empty.size:
        state.table.drop(empty)
    world[TradeState].freed = sum_by(district, freed, world.district_count)
    by_district = partial(sum_by, district, groups=world.district_count)
    domestic = fixed.crime[stream] == 0
    world.figures |= {
        TraffickingOutcomes.trafficking_escapes: by_district(by_way[ESCAPE]),
        TraffickingOutcomes.trafficking_rescues: by_district(by_way[RESCUE] + by_way[OUTREACH]),
        TraffickingOutcomes.trafficking_let_go: by_district(by_way[LET_GO]),
        TraffickingOutcomes.trafficking_deaths: by_district(by_way[DEATH]),
        TraffickingOutcomes.taken_onward: by_district(by_way[ONWARD]),
        TraffickingOutcomes.victims_served: by_district(served),
        TraffickingOutcomes.retrafficked: by_district(again),
        TraffickingOutcomes.trafficked_domestic: by_district(again * domestic),
        TraffickingOutcomes.trafficked_abroad: by_district(again * ~domestic),
        TraffickingOutcomes.stream_freed: sum_by(stream, freed, len(fixed.streams)),
        TraffickingOutcomes.stream_taken: sum_by(stream, again, len(fixed.streams)),
    }


def _take_again(world: World, facts: dict[str, np.ndarray], number: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Let persons at risk be trafficked again; those whom the household cannot lose stay. Returns them."""
    fixed = world[TradeState].fixed
    which = np.flatnonzero(number)
    district, stream = facts["district"][which].astype(np.int64), facts["stream"][which]
    went = take(world, facts["row"][which], district, facts["worker"][which] > 0, number[which])
    place = _place_of(world, fixed, stream, district, RELAPSE_DRAWS + at[which])
    now = which[went]
    enter(
        world, facts["row"][now], facts["village"][now], district[went], stream[went], place[went],
        facts["worker"][now], number[now],
    )  # fmt: skip
    found = np.zeros_like(number)
    found[now] = number[now]
    return found


def _serve(world: World, freed: np.ndarray, district: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Let caseworkers take on those freed as far as their time goes; returns them, by row of those who left."""
    total = sum_by(district, freed, world.district_count)
    share = _taken_on(total.astype(float), _capacity(world)) / np.maximum(total, 1)
    served = np.zeros(freed.size, np.int64)
    binomials(freed, share[district], world.key(STREAM_EXPLOITED) ^ SERVING, key, served)
    return served


def _tell_agencies(
    world: World, by_way: np.ndarray, place: np.ndarray, district: np.ndarray, stream: np.ndarray
) -> None:  # fmt: skip
    """Identify victims, let them report, and hand in leads: where the report is made or the rescue was."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    rows, _ = places_in(world.units)
    found, told = np.zeros(world.district_count, np.int64), np.zeros(world.district_count, np.int64)
    for crime, name in enumerate(CRIMES):
        mine = fixed.crime[stream] == crime
        number, law = STREAMS.index(name), law_of(world)
        home = district[mine]
        in_city = mine & (place < rows.size)
        rescued = sum_by(rows[place[in_city]], by_way[RESCUE][in_city], world.district_count)
        beyond = sum_by(home, (by_way[RESCUE] * (place >= rows.size))[mine], world.district_count)
        escaped, outreach = (sum_by(home, by_way[way][mine], world.district_count) for way in (ESCAPE, OUTREACH))
        known = _whole(world, crime, 0, (rescued + beyond) * params.recognition * (1.0 - law.offender[number])) + outreach
        share = params.reporting * willing_share(world, number)
        reports = _whole(world, crime, 1, known * share), _whole(world, crime, 2, escaped * share)
        leads = sum(reports) + _whole(world, crime, 3, params.evidence * rescued)
        hand_in_leads(world, name, leads)
        add_figures(world, {TraffickingOutcomes.trafficking_leads: leads})
        found, told = found + known + reports[1], told + sum(reports)
        remember(world, crime, rescued)
    world.figures |= {TraffickingOutcomes.victims_identified: found, TraffickingOutcomes.trafficking_reports: told}


def _find_foreigners(world: World, rescued: np.ndarray, place: np.ndarray, district: np.ndarray) -> None:
    """Let the law charge foreigners whom agencies found, in the district where they were held."""
    cities, _ = places_in(world.units)
    in_city = place < cities.size
    where = district.copy()
    where[in_city] = cities[place[in_city]]
    charge_foreigners(world, sum_by(where, rescued, world.district_count))


def remember(world: World, crime: int, met: np.ndarray) -> None:
    """Update what recruiters remember with convictions and with persons freed or stopped; older ones fade."""
    params, fear = world.params(TraffickingParams), world[TradeState].fear
    heard = convictions_of(world, CRIMES[crime]) + params.raid_weight * met
    fear[crime] += heard * MILLION / world.residents() - params.fading * fear[crime]


def _whole(world: World, crime: int, purpose: int, expected: np.ndarray) -> np.ndarray:
    """Round expected counts by district at random, so that the mean is exact."""
    entity = ((crime * 8 + purpose) << 20) + np.arange(expected.size)
    return world.rounded(STREAM_TAKEN_ABROAD, entity, expected)


def _spread_word(world: World) -> None:
    """Let families of those held suspect, and teams warn; what was heard fades."""
    params, state = world.params(TraffickingParams), world[VictimsState]
    hear(world, state.held * params.silence)
    state.heard += params.warning * world.now(WARNING_TEAMS)[world.villages.district]
    state.heard *= 1.0 - params.forgetting


def _prices(world: World, wanted: np.ndarray) -> np.ndarray:
    """Price relative to the usual one at which buyers take what is brought, by stream: inverse demand."""
    params, few = world.params(TraffickingParams), FEW * world.region_share
    ratio = (wanted + few) / (world[TradeState].sold + few)
    return np.where(wanted > few, np.clip(raised(ratio, 1.0 / params.elasticity), *PRICES), PRICES[0])


def _margins(world: World, price: np.ndarray, family: np.ndarray) -> np.ndarray:
    """What a person brought to a buyer leaves to the recruiter, by stream; those stopped at the exit bring nothing."""
    fixed = world[TradeState].fixed
    passed = np.where(_goes_abroad(fixed), 1.0 - world.params(TraffickingParams).exit_checks, 1.0)
    return passed * price * (1.0 - fixed.values("broker")) - fixed.values("cost") * _incomes(world) - family


def _incomes(world: World) -> float:
    """Incomes relative to 2017, which prices, payments and needs follow."""
    return float(world[EconomyState].income_index)


def _usual_prices(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Price and payment to the family at the usual demand, PKR, by stream."""
    fixed, incomes = world[TradeState].fixed, _incomes(world)
    return fixed.values("price") * incomes, fixed.values("family") * incomes


def _goes_abroad(fixed: Fixed) -> np.ndarray:
    return np.array([stream.held == "abroad" for stream in fixed.streams])


def _bring_others(world: World) -> None:
    """Let recruiters find people and bring them to buyers; then let recruiters reconsider."""
    params, trade = world.params(TraffickingParams), world[TradeState]
    fixed = trade.fixed
    wanted = _demand(world, world.month)
    relative = _prices(world, wanted)
    price, family = _usual_prices(world)
    price, family = price * relative, family * raised(relative, params.passing_on)
    for crime, name in enumerate(CRIMES):
        convict(world, convictions_of(world, name), fixed.crime == crime)
    recruiters = count(world, len(fixed.streams))
    sample = ask_households(world, fixed.streams, family, world[VictimsState].heard, trade.taken)
    phones = _phones(world, recruiters)
    found = _found(world, sample, recruiters, phones)
    one_more = np.maximum(recruiters, 1)
    a_recruiter = _found(world, sample, one_more, phones) / one_more
    taken = _take(world, sample, found)
    _pay(world, taken, price, family)
    trade.taken = taken.sum(axis=1)
    trade.sold += (taken.sum(axis=0) - trade.sold) / SOLD_MEMORY
    pays, living = a_recruiter * _margins(world, price, family), params.living * _incomes(world)
    trade.changed = reconsider(world, fixed.streams, pays, living)
    world.figures[TraffickingOutcomes.stream_price] = price


def _phones(world: World, recruiters: np.ndarray) -> np.ndarray:
    """Ease of contacts by phone relative to 2017, by district: reach, less the offers that moderators find."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    reach = phone_reach(world.units, world.month, params.reach_growth) / usual_reach()
    online = (recruiters * fixed.values("online")).sum()
    usual = max((_usual_recruiters(world) * fixed.values("online")).sum(), 1e-9)
    moderators = world.now(MODERATORS)
    return reach * (1.0 - moderators / (moderators + params.finding * max(online / usual, 0.1)))


def _usual_recruiters(world: World) -> np.ndarray:
    """Recruiters whom the usual demand of 2017 feeds, by stream."""
    fixed = world[TradeState].fixed
    margin = np.maximum(_margins(world, *_usual_prices(world)), 0.0)
    return _demand(world, 2017 * MONTHS_A_YEAR) * margin / (world.params(TraffickingParams).living * _incomes(world))


def _found(world: World, sample: Sample, recruiters: np.ndarray, phones: np.ndarray) -> np.ndarray:
    """Persons whom recruiters find in a month, expected, by district and stream.

    Those of households: contacts by those who would go in one, less as recruiters fear. Runaways: each is found with
    the chance that one of so many recruiters comes by. Those brought in: as many as each can bring.
    """
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    dare = 1.0 / (1.0 + params.deterrence * world[TradeState].fear[fixed.crime].T)
    met = contacts(world, fixed.streams, recruiters, phones) * sample.mean * fixed.ease * dare
    each = recruiters * dare * fixed.values("contacts") * (fixed.ease > 0.0)
    return np.where(fixed.which(RUNAWAY) | fixed.which(ENTRY), each, met)


def _take(world: World, sample: Sample, expected: np.ndarray) -> np.ndarray:
    """Take people; returns those brought to buyers, by district of the recruiter and stream."""
    fixed = world[TradeState].fixed
    entity = (TAKE_DRAWS + np.arange(expected.size)).reshape(expected.shape)
    brought = np.zeros(expected.shape, np.int64)
    figures = dict.fromkeys(
        (TraffickingOutcomes.trafficked_in, TraffickingOutcomes.trafficked_minors, TraffickingOutcomes.runaways,
         TraffickingOutcomes.runaways_recovered, TraffickingOutcomes.trafficking_stopped),
        np.zeros(world.district_count, np.int64),
    )  # fmt: skip
    world.figures |= figures
    for k, stream in enumerate(fixed.streams):
        if stream.way == ENTRY:
            brought[:, k] = world.rounded(STREAM_TAKEN_ABROAD, entity[:, k], expected[:, k])
            _bring_in(world, k, brought[:, k])
        elif stream.way == RUNAWAY:
            brought[:, k] = _catch_runaways(world, sample, k, expected[:, k], entity[:, k])
        else:
            wanted = world.rounded(STREAM_LURE, entity[:, k], expected[:, k])
            brought[:, k] = _persuade(world, sample, k, wanted)
    return brought


def _bring_in(world: World, stream: int, number: np.ndarray) -> None:
    """Enter foreigners brought into the country."""
    district = np.repeat(np.arange(number.size), number)
    fixed = world[TradeState].fixed
    place = _place_of(world, fixed, np.full(district.size, stream), district, (stream << 32) + np.arange(district.size))
    nobody = np.full(district.size, FOREIGN)
    enter(world, nobody, nobody, district, stream, place, False, 1)
    add_figures(world, {TraffickingOutcomes.trafficked_in: number})
    world.figures[TraffickingOutcomes.stream_taken][stream] += number.sum()


def _catch_runaways(
    world: World, sample: Sample, stream: int, able: np.ndarray, entity: np.ndarray
) -> np.ndarray:
    """Let minors run away; some are brought home, and recruiters in cities find some of the others.

    Returns those found, by district of the recruiters.
    """
    households = np.bincount(world.villages.district, world.villages.awake, world.district_count) * world.weight
    ran = world.rounded(STREAM_LURE, entity, sample.mean[:, stream] * households)
    recovered = report_missing(world, ran)
    left = ran - recovered
    exposed = -able.sum() / max(left.sum(), 1)
    chance = np.zeros(1)
    exponentials(np.array([exposed]), chance)
    caught = world.rounded(STREAM_LURE, entity + RELAPSE_DRAWS, left * (1.0 - chance[0]))
    add_figures(
        world, {TraffickingOutcomes.runaways: ran, TraffickingOutcomes.runaways_recovered: recovered}
    )
    before = world.figures[TraffickingOutcomes.stream_taken][stream]
    taken = _persuade(world, sample, stream, np.minimum(caught, left))
    add_figures(world, {TraffickingOutcomes.trafficked_minors: taken})
    return _in_proportion(int(world.figures[TraffickingOutcomes.stream_taken][stream] - before), able)


def _in_proportion(total: int, weight: np.ndarray) -> np.ndarray:
    """Share a whole number out in proportion to a weight; what is left over goes to the largest."""
    if weight.sum() <= 0.0:
        return np.zeros(weight.size, np.int64)
    found = np.floor(total * weight / weight.sum()).astype(np.int64)
    found[weight.argmax()] += total - found.sum()
    return found


def _persuade(world: World, sample: Sample, stream: int, wanted: np.ndarray) -> np.ndarray:
    """Take members of households, as many as `wanted` by district; returns those brought to buyers.

    A row that stands for many households loses a few at a time, so that the table stays short.
    """
    fixed, params, places = world[TradeState].fixed, world.params(TraffickingParams), Places.of(world)
    picked, district = _draw_lots(world, sample, stream, wanted)
    row, village = sample.rows[picked], sample.village[picked]
    persons, worker = _lot(world, stream)[district], np.full(row.size, fixed.worker[stream])
    entity = ((stream + 1) << 32) + np.arange(row.size)
    stopped = np.zeros(row.size, np.int64)
    if fixed.streams[stream].held == "abroad":
        effort = law_of(world).effort[STREAMS.index(fixed.streams[stream].crime)]
        chance = np.minimum(params.exit_checks * effort, 1.0)[district]
        binomials(persons, chance, world.key(STREAM_TAKEN_ABROAD), entity, stopped)
        _stop(world, stream, row, village, district, worker, stopped)
    persons = persons - stopped
    went = take(world, row, district, worker, persons) & (persons > 0)
    row, village, district, persons, entity = (x[went] for x in (row, village, district, persons, entity))
    place = _place_of(world, fixed, np.full(row.size, stream), district, entity)
    enter(world, row, village, district, stream, place, worker[went], persons)
    number = sum_by(district, persons, world.district_count)
    domestic = fixed.crime[stream] == 0
    which = TraffickingOutcomes.trafficked_domestic if domestic else TraffickingOutcomes.trafficked_abroad
    add_figures(world, {which: number})
    world.figures[TraffickingOutcomes.stream_taken][stream] += number.sum()
    world[TradeState].paid_rows.append((stream, row, district, persons))
    return number


def _lot(world: World, stream: int) -> np.ndarray:
    """Persons taken from a row at a time, by district."""
    most = int(world[TradeState].fixed.streams[stream].demand / MONTHS_A_YEAR / LOTS_A_MONTH)
    return np.maximum(np.minimum(world.weight // HOUSEHOLDS_A_LOT, most), 1)


def _draw_lots(world: World, sample: Sample, stream: int, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw households for persons wanted by district, in lots rounded at random."""
    entity = ((stream + 1) << 36) + np.arange(wanted.size)
    return draw_recruits(world, sample, stream, world.rounded(STREAM_LURE, entity, wanted / _lot(world, stream)))


def _stop(
    world: World, stream: int, row: np.ndarray, village: np.ndarray, district: np.ndarray, worker: np.ndarray,
    persons: np.ndarray,
) -> None:  # fmt: skip
    """Let exit checks stop some: they are at home, at risk, and agencies hear of it."""
    fixed, params = world[TradeState].fixed, world.params(TraffickingParams)
    some = persons > 0
    number = sum_by(district, persons, world.district_count)
    enter(
        world, row[some], village[some], district[some], stream, Places.of(world).home, worker[some], persons[some]
    )
    leads = _whole(world, int(fixed.crime[stream]), 8 * (stream + 1), params.evidence * number)
    hand_in_leads(world, fixed.streams[stream].crime, leads)
    add_figures(
        world, {TraffickingOutcomes.trafficking_stopped: number, TraffickingOutcomes.trafficking_leads: leads}
    )
    fear = world[TradeState].fear[fixed.crime[stream]]
    fear += params.raid_weight * number * MILLION / world.residents()


RELAPSE_DRAWS, TAKE_DRAWS, SERVING = 1 << 50, 1 << 51, np.uint64(1 << 60)
"""Entities and keys beyond those of others in the same streams of random numbers."""


def _place_of(world: World, fixed: Fixed, stream: np.ndarray, district: np.ndarray, entity: np.ndarray) -> np.ndarray:
    """Where each is taken: abroad, or to a city by its attraction; recruiters avoid cities where they fear more."""
    params, (rows, inside), places = world.params(TraffickingParams), places_in(world.units), Places.of(world)
    found = np.full(stream.size, places.abroad)
    stays = ~_goes_abroad(fixed)[stream]
    if not stays.any():
        return found
    everywhere = fixed.attraction.copy()
    everywhere[:, inside] /= 1.0 + params.deterrence * world[TradeState].fear[0][rows]
    here = np.cumsum(everywhere[:, inside], axis=1) / everywhere.sum(axis=1)[:, None]
    draw = world.draws(STREAM_LURE, RELAPSE_DRAWS * 2 + entity[stays])
    found[stays] = (here[district[stays]] <= draw[:, None]).sum(axis=1)
    return found


def _pay(world: World, taken: np.ndarray, price: np.ndarray, family: np.ndarray) -> None:
    """Book what buyers pay, and what recruiters pay on: to brokers, for transport, and to families."""
    params, fixed, ledger = world.params(TraffickingParams), world[TradeState].fixed, world.ledger
    whole = np.round(price).astype(np.int64)
    broker = np.round(whole * fixed.values("broker")).astype(np.int64)
    cost = np.round(fixed.values("cost") * _incomes(world)).astype(np.int64)
    number = taken.sum(axis=0)
    abroad = _goes_abroad(fixed)
    ledger.pay("buyers_abroad", TRAFFICKERS, "price of a person", int((number * whole)[abroad].sum()))
    ledger.pay("buyers", TRAFFICKERS, "price of a person", int((number * whole)[~abroad].sum()))
    ledger.pay(TRAFFICKERS, "brokers", "share of the price", int((number * broker).sum()))
    ledger.pay(TRAFFICKERS, "transporters", "transport of persons", int((number * cost).sum()))
    to_families = _pay_families(world, family)
    earn(world, taken * (whole - broker - cost) - to_families, round(params.living * _incomes(world)))
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
    for stream, row, district, persons in state.paid_rows:
        each = (family[stream] * persons / world.weight[district]).astype(np.int64)
        np.add.at(world.households.assets, row, each.astype(np.int32))
        paid[:, stream] += sum_by(district, each * world.weight[district], world.district_count)
    state.paid_rows = []
    world.ledger.pay(TRAFFICKERS, "households", "payment to a family", int(paid.sum()))
    return paid


def _open(world: World) -> None:
    """Start with those taken in earlier years, and with the recruiters whom the first month's demand feeds."""
    params, trade = world.params(TraffickingParams), world[TradeState]
    fixed, streams = trade.fixed, trade.fixed.streams
    trade.sold = _demand(world, world.month)
    price, family = _usual_prices(world)
    held = _still_held(world)
    sample = ask_households(world, streams, family, world[VictimsState].heard, np.full(world.district_count, int(held.sum())))
    parts = raised(sample.mean * fixed.ease, 1.0 / (1.0 - min(params.matching, 0.9)))
    parts[:, fixed.which(ENTRY)] = fixed.ease[:, fixed.which(ENTRY)]
    households = np.bincount(world.villages.district, world.villages.awake, world.district_count) * world.weight
    parts *= np.where(fixed.which(ENTRY), 1.0, households[:, None])
    parts /= np.maximum(parts.sum(axis=0), np.finfo(float).tiny)
    margin = np.maximum(_margins(world, price, family), 0.0)
    where = np.where(fixed.which(RUNAWAY), fixed.ease / np.maximum(fixed.ease.sum(axis=0), 1.0), parts)
    open_recruiters(world, where * trade.sold * margin / (params.living * _incomes(world)))
    world.figures |= {
        which: np.zeros(world.district_count, np.int64)
        for which in (TraffickingOutcomes.trafficked_domestic, TraffickingOutcomes.trafficked_abroad)
    }
    for k in range(len(streams)):
        number = _whole(world, 0, 64 + 8 * k, parts[:, k] * held[k])
        if streams[k].way == ENTRY:
            _open_foreigners(world, k, number)
        else:
            _open_members(world, sample, k, number)
    _open_word(world)


def _open_word(world: World) -> None:
    """Let villages have heard what they would have, had as many been held for long."""
    params, state, streams = world.params(TraffickingParams), world[VictimsState], world[TradeState].fixed
    rows = state.table.rows
    here = rows.row != FOREIGN
    told = params.silence + params.escape + params.rescue + params.outreach + 1.0 / streams.values("stay")
    heard = rows.persons[here] * told[rows.stream[here]] / params.forgetting
    hear(world, np.bincount(rows.village[here], heard, state.heard.size))


def _still_held(world: World) -> np.ndarray:
    """Persons still held of those whom buyers of past years took, by stream."""
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    freed = params.escape + params.rescue + params.outreach
    again = freed * params.relapse / (params.relapse + params.recovery)
    leaving = freed - again + params.death + 1.0 / fixed.values("stay") + fixed.values("onward")
    found = np.zeros(len(fixed.streams))
    for before in range(OPENING_YEARS * MONTHS_A_YEAR, 0, -1):
        found = found * (1.0 - leaving) + _demand(world, world.month - before)
    return found


def _open_foreigners(world: World, stream: int, number: np.ndarray) -> None:
    district = np.repeat(np.arange(number.size), number)
    nobody, fixed = np.full(district.size, FOREIGN), world[TradeState].fixed
    place = _place_of(world, fixed, np.full(district.size, stream), district, (stream << 34) + np.arange(district.size))
    enter(world, nobody, nobody, district, stream, place, False, 1)


def _open_members(world: World, sample: Sample, stream: int, number: np.ndarray) -> None:
    fixed = world[TradeState].fixed
    picked, district = _draw_lots(world, sample, stream, number)
    row, worker, persons = sample.rows[picked], np.full(picked.size, fixed.worker[stream]), _lot(world, stream)[district]
    went = take(world, row, district, worker, persons)
    which, home = picked[went], district[went]
    place = _place_of(world, fixed, np.full(which.size, stream), home, (stream << 34) + np.arange(which.size))
    enter(world, row[went], sample.village[which], home, stream, place, worker[went], persons[went])


def _record(world: World) -> None:
    """Record those held and at risk, and the recruiters."""
    fixed, state, places = world[TradeState].fixed, world[VictimsState], Places.of(world)
    cities, _ = places_in(world.units)
    by_district, by_city = np.zeros((world.district_count, 4), np.int64), np.zeros(cities.size, np.int64)
    by_stream, state.held = np.zeros(len(fixed.streams), np.int64), np.zeros_like(state.held)
    count_victims(
        state.table.rows, cities.size, places.abroad, places.home, FOREIGN, by_district, by_city, by_stream, state.held
    )
    here, abroad, foreign, at_risk = by_district.T
    recruiters = count(world, len(fixed.streams))
    world.figures |= {
        TraffickingOutcomes.exploited_domestic: here,
        TraffickingOutcomes.exploited_abroad: abroad,
        TraffickingOutcomes.exploited_foreigners: foreign,
        TraffickingOutcomes.exploited_by_place: sum_by(cities, by_city, world.district_count),
        TraffickingOutcomes.freed_at_risk: at_risk,
        TraffickingOutcomes.recruiters: recruiters.sum(axis=1),
        TraffickingOutcomes.stream_held: by_stream,
        TraffickingOutcomes.stream_recruiters: recruiters.sum(axis=0),
        TraffickingOutcomes.stream_changed: world[TradeState].changed,
    }
