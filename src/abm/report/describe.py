"""Tables of what there is: parameters, levers, events, outcomes, state, places, laws, drivers, systems and others.

Every row is read from a declaration or a data file; nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from abm.analysis.observation import OBSERVATIONS
from abm.config import Config
from abm.config.check_levers import levers_on
from abm.config.explain import expected_of
from abm.config.packages import load_shipped
from abm.config.wording import number
from abm.declare import Params, SourceKind, facts_of
from abm.declare.state import State
from abm.enforcement import FOREVER, STREAMS, RegimeSettings, regime_of
from abm.engine.calendar import parse_month
from abm.engine.entry import ALWAYS
from abm.month import MONTH, PHASES
from abm.places.data_files import read_rows
from abm.places.geography import PROVINCES, load_units, population_at
from abm.places.places import PlaceSettings, guards_of, places_of
from abm.report.drivers import drivers
from abm.report.render import Row
from abm.report.systems import SYSTEMS
from abm.streams import ExploitationSettings, streams_of

LISTED_ELSEWHERE = ("mechanisms", "levers", "events", "packages", "parameters")
"""Fields of a configuration that are topics of their own."""

CHOICE = "choice of the user"  # source of settings that are no declared parameters
BY_PLACE = ("route", "leg", "destination", "stream")  # tables that may have an outcome of another one too


ListRows = Callable[..., list[Row]]


@dataclass(frozen=True)
class Topic:
    """Something that can be described."""

    text: str
    rows: ListRows  # makes the rows; a column that is a tuple holds several values
    brief: tuple[str, ...]
    """Columns shown in a table for reading, from the names of entries on as they are wanted; JSON has all."""
    section: str = ""
    """Section of a configuration that `rows` may be given, to list what it makes of what is shipped; none if empty."""
    also: str = ""  # another column by which rows may be named; none if empty

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns by which rows may be named."""
        return (self.column, self.also) if self.also else (self.column,)

    @property
    def column(self) -> str:
        """Column with the names of entries."""
        return self.brief[0]

    def named(self, rows: Iterable[Row], name: str) -> list[Row]:
        """Rows of one entry: one, but of a route one for each of its legs."""
        return [row for row in rows if name in [row[column] for column in self.columns]]

    def within(self, rows: Iterable[Row], section: str) -> list[Row]:
        """Rows of a whole section, of entries that are named by paths."""
        return [row for row in rows if str(row[self.column]).startswith(f"{section}.")]


TOPICS: dict[str, Topic] = {}  # everything that ``abm describe`` can list


def _topic(brief: str, **more: str) -> Callable[[ListRows], ListRows]:
    """Add what a function lists to the topics, under its name; the first line of its docstring is the text."""

    def add(rows: ListRows) -> ListRows:
        text = (rows.__doc__ or "").partition("\n")[0].removesuffix(".")
        TOPICS[rows.__name__] = Topic(text[0].lower() + text[1:], rows, tuple(brief.split()), **more)
        return rows

    return add


def _facts(of: object, *names: str) -> Row:
    """Columns that are attributes of what a row is about, under their own names."""
    return {name: getattr(of, name) for name in names}


def _each(numbers: Mapping[str, float]) -> tuple[str, ...]:
    """Names with their numbers."""
    return tuple(f"{name} {number(value)}" for name, value in numbers.items())


@_topic("path default unit low high text source")
def parameters() -> list[Row]:
    """Settings of a configuration, with unit, bounds and source; as JSON with prior and systems too."""
    rows: list[Row] = []
    for name, field in Config.model_fields.items():
        section = field.annotation
        if name in LISTED_ELSEWHERE:
            continue
        if isinstance(section, type) and issubclass(section, Params):
            declared = {found.path: _facts(found, *PARAMETER) for found in facts_of(section, name)}
            paths = {f"{name}.{key}": inner for key, inner in section.model_fields.items()}
            rows += [declared.get(path) or _setting(path, inner) for path, inner in paths.items()]
        else:
            rows.append(_setting(name, field))
    return rows


PARAMETER = ("path", "default", "unit", "low", "high", "prior", "source", "systems", "text")


def _setting(path: str, field: FieldInfo) -> Row:
    """Row of a setting that is no declared parameter."""
    text = " ".join((field.description or "").split())
    facts = (path, field.default, expected_of(field), None, None, None, CHOICE, (), text)
    return dict(zip(PARAMETER, facts, strict=True))


@_topic("lever unit low high over unit_cost text moves cost_unit cost_source systems source")
def levers() -> list[Row]:
    """Policy levers, with unit, bounds, cost, what they move, and sources."""
    return [
        {
            "lever": lever.name,
            "unit": lever.unit,
            "low": lever.bounds[0],
            "high": lever.bounds[1],
            **_facts(lever, "neutral", "over", "combine"),
            "moves": tuple(moved.path for moved in lever.moves),
            "topics": lever.topics,
            "signals": tuple(f"{topic} {signal:+g}" for topic, signal in lever.signals),
            **_facts(lever, "unit_cost", "cost_unit", "cost_source", "cost_counted"),
            "mechanism": mechanism.section,
            **_facts(lever, "systems", "source", "text"),
        }
        for mechanism in MONTH
        for lever in mechanism.levers
    ]


@_topic("event dated needs where text may mechanism")
def events() -> list[Row]:
    """Events that may happen on a date, with the settings that each needs."""
    return [
        {
            "event": event.name,
            "dated": event.dates,
            "where": event.places,
            "needs": event.needs,
            "may": event.may,
            "mechanism": mechanism.section,
            **_facts(event, "systems", "source", "text"),
        }
        for mechanism in MONTH
        for event in mechanism.events
    ]


@_topic("package text levers basis systems")
def packages() -> list[Row]:
    """Shipped packages of levers, with their basis."""
    return [
        {
            "package": found.name,
            "levers": tuple(str(use.get("id", use["lever"])) for use in found.levers),
            **_facts(found, "basis", "systems"),
            "text": found.description,
        }
        for found in load_shipped()
    ]


@_topic("outcome unit text kind tables mechanism")
def outcomes() -> list[Row]:
    """Columns of the results."""
    return [
        {
            "outcome": outcome.name,
            **_facts(outcome, "unit", "kind"),
            "tables": (
                *(("district", "national") if outcome.over == "district" else (outcome.over,)),
                *(table for table in BY_PLACE if table != outcome.over and outcome.kept_by(table)),
            ),
            "weight": outcome.mean_of,
            "mechanism": mechanism.section,
            "text": outcome.text,
        }
        for mechanism in MONTH
        for outcome in mechanism.outcomes
    ]


@_topic("mechanism order on_by_default text switchable levers systems")
def mechanisms() -> list[Row]:
    """What happens in a month, in order, and the state that each phase reads, keeps and writes."""
    return [
        {
            "order": order,
            "mechanism": phase.mechanism.section,
            **_facts(phase.mechanism, "on_by_default", "switchable"),
            "parameters": tuple(f"{phase.mechanism.section}.{name}" for name in phase.mechanism.Params.model_fields),
            "levers": tuple(lever.name for lever in phase.mechanism.levers),
            "outcomes": tuple(outcome.name for outcome in phase.mechanism.outcomes),
            **{part: tuple(held.path for held in getattr(phase, part)) for part in ("reads", "keeps", "writes")},
            "systems": phase.mechanism.systems,
            "text": " ".join((phase.mechanism.__doc__ or "").split("\n\n")[0].split()),
        }
        for order, phase in enumerate(PHASES, start=1)
    ]


@_topic("value unit over lasts text file")
def state() -> list[Row]:
    """State of the model beside its tables of entities: values of one month, and those that last for the run."""
    ours = [owner for owner in State.__subclasses__() if owner.__module__.startswith("abm.")]
    return [
        {
            "value": held.path,
            **_facts(held, "unit", "over"),
            "lasts": "run" if held.is_kept else "month",
            "file": f"{owner.__module__.removeprefix('abm.').replace('.', '/')}.py",
            "text": held.text,
        }
        for owner in sorted(ours, key=lambda owner: (owner.__module__, owner.__name__))
        for held in owner.fields.values()
    ]


@_topic("route leg guard levers months interception death cost from to destination", section="places")
def routes(places: PlaceSettings | None = None) -> list[Row]:
    """Routes and their legs, with the levers that act on each leg."""
    found = places_of(places)
    guards, every = guards_of(found), [lever for mechanism in MONTH for lever in mechanism.levers]
    acting = {leg.key: tuple(lever.name for lever in levers_on(leg, guards[leg.key], every)) for leg in found.legs}
    return [
        {
            "route": route.key,
            "name": route.name,
            "corridor": route.corridor,
            "begins": route.start,
            "destination": route.destination,
            "leg": leg.key,
            "from": leg.start,
            "to": leg.end,
            **_facts(leg, "country", "guard", "months", "interception", "death", "extortion", "cost", "documents"),
            **_facts(leg, "flow", "entry"),
            "levers": acting[leg.key],
        }
        for route in found.routes
        for leg in route.legs
    ]


@_topic("post kind staff integrity budget skill since at name", section="places")
def posts(places: PlaceSettings | None = None) -> list[Row]:
    """Enforcement posts: circles in districts, others on legs."""
    return [
        {
            "post": post.key,
            **_facts(post, "name", "kind", "at", "staff", "integrity", "budget", "skill"),
            "since": post.since if post.since != ALWAYS else "",
        }
        for post in places_of(places).posts
    ]


@_topic("stream level direct hire price_pkr entries routes name walls pushed_to source", section="places")
def transit(places: PlaceSettings | None = None) -> list[Row]:
    """Streams of transit; money in PKR of 2017."""
    return [
        {
            "stream": found.key,
            **_facts(found, "name", "origin", "level", "direct"),
            "walls": _each({month: wall.pushed for month, wall in sorted(found.walls.items())}),
            **{shares: _each(getattr(found, shares)) for shares in ("pushed_to", "entries", "routes")},
            "hire": found.hire,
            "price_pkr": round(found.price),
            "source": found.source,
        }
        for found in places_of(places).transit
    ]


@_topic(
    "stream way held demand price group origin family name history promised points entries stay source",
    section="exploitation",
)
def exploitation(settings: ExploitationSettings | None = None) -> list[Row]:
    """Streams of exploitation: who is taken, where they are held, what is paid in PKR of 2017."""
    return [
        {
            "stream": found.key,
            **_facts(found, "name", "crime", "origin"),
            "group": found.group if found.of_households else "",
            **_facts(found, "share", "way", "held", "demand"),
            "history": _each(dict(sorted(found.history.items()))),
            "season": () if len(set(found.season)) == 1 else found.season,
            **_facts(found, "price", "broker", "cost", "family", "promised", "contacts", "online", "urban", "points"),
            "entries": _each(found.entries),
            **_facts(found, "onward", "stay", "source"),
        }
        for found in streams_of(settings)
    ]


@_topic(
    "law from offenders protects streams services named foreigners penalty provinces replaces source", section="regime"
)
def laws(regime: RegimeSettings | None = None) -> list[Row]:
    """Laws: streams of crime, agencies, who is an offender, dates."""
    return [
        {
            "law": law.key,
            **_facts(law, "name", "streams", "services", "named", "offenders", "foreigners", "protects", "penalty"),
            "provinces": () if len(law.provinces) == len(PROVINCES) else law.provinces,
            "from": law.first,
            "until": law.last if law.until < FOREVER else "",
            "pending": law.awaited,
            **_facts(law, "replaces", "source"),
        }
        for law in regime_of(regime).laws
    ]


@_topic("agency service staff budget time provinces name", section="regime")
def agencies(regime: RegimeSettings | None = None) -> list[Row]:
    """Agencies of the provinces; staff per million residents."""
    return [
        {
            "agency": agency.key,
            **_facts(agency, "name", "service", "provinces", "staff", "budget"),
            "time": tuple(f"{stream} {share:g}" for stream, share in zip(STREAMS, agency.time, strict=True) if share),
        }
        for agency in regime_of(regime).agencies
    ]


@_topic("district province population_2017 name catchment")
def districts() -> list[Row]:
    """Districts of Pakistan."""
    units = load_units()
    people = population_at(units, parse_month("2017-03"))
    return [
        {
            "district": str(units.unit[row]),
            "name": str(units.name[row]),
            "province": str(units.province[row]),
            "catchment": str(units.catchment[row]),
            "population_2017": int(people[row]),
            "imputed": bool(units.imputed[row]),
        }
        for row in range(len(units))
    ]


@_topic("destination wage legal_quota legal_fee deport_legal deport_open deport_hidden name source", section="places")
def destinations(places: PlaceSettings | None = None) -> list[Row]:
    """Where migrants go; money in PKR of 2017."""
    return [
        {
            "destination": found.key,
            "name": found.name,
            "wage": round(found.wage),
            "legal_quota": found.legal_quota,
            "legal_fee": round(found.legal_fee),
            **_facts(found, "sponsor_openness", "remitted_share", "deport_legal"),
            "deport_open": found.open.deport,
            "deport_hidden": found.hidden.deport,
            "pay_open": found.open.pay,
            "pay_hidden": found.hidden.pay,
            **_facts(found, "visits", "source"),
        }
        for found in places_of(places).destinations
    ]


_topic("entity indicator unit first last given source text", section="drivers", also="indicator")(drivers)


@_topic("target counts text columns share over by_place")
def observations() -> list[Row]:
    """What of a run is scored against each target (abm score)."""
    return [
        {
            "target": target,
            **_facts(found, "counts", "text"),
            "columns": tuple(dict.fromkeys(f"{part.table}.{name}" for part in found.parts for name in part.columns)),
            "share": tuple(part.share for part in found.parts if part.share != 1.0),
            "over": "years" if found.years > 1 else found.over,
            "by_place": found.place is not None,
            "source": found.source,
        }
        for target, found in OBSERVATIONS.items()
    ]


@_topic("system state name mechanisms levers left_out")
def systems() -> list[Row]:
    """Systems of the source paper, what carries each, and what is not in yet."""
    every_parameter, every_lever = parameters(), levers()
    rows = []
    for system in SYSTEMS:
        carried = {
            "mechanisms": tuple(found.section for found in MONTH if system.id in found.systems),
            "parameters": tuple(row["path"] for row in every_parameter if system.id in row["systems"]),
            "levers": tuple(row["lever"] for row in every_lever if system.id in row["systems"]),
        }
        is_in = system.by_data or any(carried.values())
        state = "not yet" if not is_in else "in part" if system.left_out else "in"
        rows.append({"system": system.id, "name": system.name, "state": state, **carried, "left_out": system.left_out})
    return rows


@_topic("source text publisher year address")
def sources() -> list[Row]:
    """Sources of data by the id that tables give."""
    rows = read_rows("tables/sources.csv")
    return [{"source": row.pop("source_id"), "text": row.pop("title"), **row} for row in rows]


def is_assumed(row: Row) -> bool:
    """Whether the value of a parameter or lever comes from nobody."""
    return str(row.get("source", "")).startswith(SourceKind.ASSUMED)
