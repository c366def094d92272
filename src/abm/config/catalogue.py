"""What may be configured, gathered from the declarations of a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from abm.config.raw import mapping_in
from abm.declare import Event, Lever, Outcome, ParamFacts, facts_of
from abm.world.mechanism import Mechanism


@dataclass(frozen=True)
class Catalogue:
    """The mechanisms by section, their levers, outcomes and events by name, and the sections that declare these."""

    mechanisms: dict[str, type[Mechanism]]
    levers: dict[str, Lever]
    section_of_lever: dict[str, str]
    outcomes: dict[str, Outcome]
    section_of_outcome: dict[str, str]
    events: dict[str, Event]
    section_of_event: dict[str, str]

    @classmethod
    def of(cls, month: Iterable[type[Mechanism]]) -> Catalogue:
        """Gather the declarations of a month."""
        mechanisms = {mechanism.section: mechanism for mechanism in month}
        return cls(
            mechanisms=mechanisms,
            levers={lever.name: lever for found in mechanisms.values() for lever in found.levers},
            section_of_lever={lever.name: section for section, found in mechanisms.items() for lever in found.levers},
            outcomes={outcome.name: outcome for found in mechanisms.values() for outcome in found.outcomes},
            section_of_outcome={
                outcome.name: section for section, found in mechanisms.items() for outcome in found.outcomes
            },
            events={event.name: event for found in mechanisms.values() for event in found.events},
            section_of_event={event.name: section for section, found in mechanisms.items() for event in found.events},
        )

    def parameters(self) -> dict[str, ParamFacts]:
        """Parameters of all mechanisms, by path."""
        sections = self.mechanisms.items()
        return {facts.path: facts for section, found in sections for facts in facts_of(found.Params, section)}

    def sections_moved(self, lever: str) -> list[str]:
        """Sections whose mechanism a lever acts on: the one that declares it, and those of the parameters it moves."""
        others = [section for moved in self.levers[lever].moves for section in moved.sections]
        return list(
            dict.fromkeys([self.section_of_lever[lever], *(name for name in others if name in self.mechanisms)])
        )

    def is_on(self, section: str, raw: Mapping[str, object]) -> bool:
        """Whether a mechanism takes part, by plain data of which any part may be malformed."""
        given = mapping_in(mapping_in(raw.get("mechanisms")).get(section)).get("enabled")
        return given is not False if self.mechanisms[section].on_by_default else given is True
