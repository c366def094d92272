"""The configuration, put together from the parameters that the mechanisms of the month declare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationInfo, create_model, model_validator
from pydantic_core import PydanticCustomError

from abm.config.catalogue import Catalogue
from abm.config.check import check
from abm.config.packages import FORM, Use
from abm.config.posterior import FORM as FORM_OF_DRAW
from abm.config.posterior import PosteriorUse
from abm.config.raw import END, START
from abm.config.wording import counted
from abm.config.yaml_source import LARGEST_WHOLE
from abm.declare import Params, expected
from abm.enforcement import RegimeSettings
from abm.engine.calendar import Month, parse_month
from abm.engine.entry import Slug
from abm.places.places import PlaceSettings
from abm.streams import ExploitationSettings
from abm.world.event_use import EventUse
from abm.world.lever_use import Budget, LeverUse
from abm.world.mechanism import Mechanism

CHECKED = {"checked": True}
"""Context of a validation whose data are checked in the form in which they were given, with better places."""

MOST_SHOWN = 6  # settings that a configuration names when it prints itself


class Switch(Params):
    """Whether a mechanism takes part."""

    enabled: bool = True
    """Whether the mechanism takes part; off is meant for falsification."""


class SwitchedOff(Params):
    """Whether a mechanism takes part that does not unless it is asked for."""

    enabled: bool = False
    """Whether the mechanism takes part."""


def switch_of(mechanism: type[Mechanism]) -> type[Switch | SwitchedOff]:
    """Settings of a mechanism under ``mechanisms``."""
    return Switch if mechanism.on_by_default else SwitchedOff


class Outputs(Params):
    """What a run leaves behind; the table `national` always."""

    plots: bool = True
    """Draw the standard plots at the end of the run."""

    district: bool = True
    """Write the table by district."""

    route: bool = True
    """Write the table by route."""

    leg: bool = True
    """Write the table by leg."""

    destination: bool = True
    """Write the table by destination."""

    stream: bool = True
    """Write the table by stream of exploitation."""

    flows: bool = True
    """Write the table of flows: origin, channel and destination."""

    journeys: bool = False
    """Write the table of journeys: a row for each cohort whose contract or own venture ended."""


class ConfigBase(Params):
    """A scenario: what is simulated, with which parameters and levers. Frozen; every value is checked."""

    catalogue: ClassVar[Catalogue]

    name: Slug = "unnamed"
    """Short name; results go to a folder of this name."""

    description: str = ""
    """What the scenario is for, in words."""

    start: Month = START
    """First month simulated."""

    end: Month = END
    """Last month simulated."""

    seed: int = expected("a whole number from 0 to 9223372036854775807", 1, ge=0, le=LARGEST_WHOLE)
    """Seed of all random numbers; the same seed gives the same tables to the bit."""

    outputs: Outputs = Outputs()
    """What the run leaves behind."""

    places: PlaceSettings = PlaceSettings()
    """Changes of, and additions to, the shipped routes, legs, destinations and enforcement posts."""

    regime: RegimeSettings = RegimeSettings()
    """Changes of, and additions to, the shipped laws and agencies."""

    exploitation: ExploitationSettings = ExploitationSettings()
    """Changes of, and additions to, the shipped streams of exploitation."""

    levers: tuple[LeverUse, ...] = expected("a list of levers, each '- lever: NAME'", ())
    """Policy levers in use."""

    events: tuple[EventUse, ...] = expected("a list of events, each '- event: NAME'", ())
    """Events that befall on a date: wrecks, closures, windfalls and others."""

    packages: tuple[Use, ...] = expected(f"a list, each {FORM}", (), exclude=True)
    """Packages of levers by name or path; they are put in among the levers before anything else is done."""

    parameters: PosteriorUse | None = expected(f"settings, {FORM_OF_DRAW}", None, exclude=True)
    """Parameters from a draw of a posterior; its values are put in before anything else is done."""

    budget: Budget | None = None
    """What all levers together may cost in a year; no limit if left out."""

    @model_validator(mode="after")
    def check_meaning(self, info: ValidationInfo) -> Self:
        """Refuse what is well formed and makes no sense; the same checks as for a file, which comes here `CHECKED`."""
        if self.packages:
            raise ValueError("packages are put in by load_config and make_config; make the configuration with these")
        if self.parameters:
            raise ValueError("a draw is put in by load_config and make_config; make the configuration with these")
        found = [] if info.context is CHECKED else check(self.resolved(), self.catalogue)
        if found:
            raise PydanticCustomError("meaning", "{text}", {"text": "; ".join(str(finding) for finding in found)})
        return self

    @property
    def start_month(self) -> int:
        """First month simulated, in months since January of year 0."""
        return parse_month(self.start)

    @property
    def end_month(self) -> int:
        """Last month simulated, in months since January of year 0."""
        return parse_month(self.end)

    @property
    def months(self) -> int:
        """Count of months simulated."""
        return self.end_month - self.start_month + 1

    def __repr__(self) -> str:
        """Say in a line what it is; `resolved` has every value."""
        parts = [f"{self.start} to {self.end}", f"seed {self.seed}", f"scale {self.population.scale:g}"]  # type: ignore[attr-defined]
        parts += [
            counted(len(found), what) for found, what in ((self.levers, "lever"), (self.events, "event")) if found
        ]
        set_here = [
            f"{section}.{key}"
            for section, values in self.model_dump(exclude_defaults=True).items()
            if isinstance(values, dict) and section not in ("outputs", "places", "regime", "exploitation")
            for key in values
            if (section, key) != ("population", "scale")
        ]
        changed = f"; changed: {', '.join(set_here[:MOST_SHOWN])}" if set_here else ""
        more = f" and {len(set_here) - MOST_SHOWN} more" if len(set_here) > MOST_SHOWN else ""
        return f"<Config {self.name}: {', '.join(parts)}{changed}{more}>"

    __str__ = __repr__

    def enabled(self, section: str) -> bool:
        """Whether a mechanism takes part; an AttributeError says that none has this section."""
        switch: Switch = getattr(self.mechanisms, section)  # type: ignore[attr-defined]
        return switch.enabled

    def resolved(self) -> dict[str, Any]:
        """Write every value out, defaults too, as plain data for JSON; `make_config` makes the same from it."""
        return self.model_dump(mode="json", by_alias=True)


def compose(month: Iterable[type[Mechanism]], population: type[Params]) -> type[ConfigBase]:
    """Put a configuration class together: a field for each mechanism with parameters, of the name of its section."""
    module = "abm.config"  # a pickle looks for the classes there
    month = tuple(month)
    # The types of the fields are known only now, so the type checker cannot follow.
    switches = create_model(  # type: ignore[call-overload]
        "Mechanisms",
        __base__=Params,
        __module__=module,
        __doc__="Which mechanisms take part.",
        **{
            found.section: (switch_of(found), Field(switch_of(found)(), description=first_line(found)))
            for found in month
        },
    )
    sections: dict[str, Any] = {
        found.section: (found.Params, Field(found.Params(), description=first_line(found.Params)))
        for found in month
        if found.Params.model_fields
    }
    made: type[ConfigBase] = create_model(
        "Config",
        __base__=ConfigBase,
        __module__=module,
        __doc__=ConfigBase.__doc__,
        population=(population, Field(population(), description=first_line(population))),
        mechanisms=(switches, Field(switches(), description="Which mechanisms take part.")),
        **sections,
    )
    made.catalogue = Catalogue.of(month)
    return made


def first_line(thing: type) -> str:
    """First line of a docstring."""
    return (thing.__doc__ or "").strip().partition("\n")[0]
