"""The systems of the source paper, and what of each this version leaves out.

Which mechanisms, parameters and levers carry a system is read from their declarations. What is left out nobody
declares, so it is said here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """One system of the source paper."""

    id: str
    name: str
    left_out: str  # what the paper says of it and this version does not hold; empty if nothing
    by_data: bool = False  # whether data carry it, with no mechanism of its own


SYSTEMS = (
    System("S1", "labour surplus", "season"),
    System("S2", "catchment districts", "skills and confidence from small manufacturing", by_data=True),
    System(
        "S3",
        "demonstration effect",
        "resettlement of the displaced in other districts; films and letters as images of their own",
    ),
    System("S4", "diaspora and chain migration", "children and families of the settled as members away"),
    System("S5", "disposable income and skill", "sale of land as an event"),
    System("S6", "legal or illegal channel", "procedures other than quotas, fees, delay and refusal"),
    System("S7", "smuggler offices", "networks among offices; other crime than forged documents"),
    System("S8", "routes", "Rajay as a crossing; places finer than a leg"),
    System(
        "S9",
        "the chain of stages",
        "recruitment by fraud other than a fee that is taken; profit of transporters apart from passage",
    ),
    System("S10", "enforcement", "rank and shifts of officers; bribes to provincial police and social welfare"),
    System("S11", "legal regime", "sections of a law one by one; prison terms, which are reported and not used"),
    System("S12", "vulnerable groups across borders", "buyers one by one; laws of the countries where people are held"),
    System("S13", "transit", "legs beyond Pakistan; returns of those stopped; what traders earn by it"),
    System(
        "S14", "domestic trafficking", "places of exploitation one by one; what those held earn for their exploiters"
    ),
    System("S15", "bonded labour, brick kilns", "kilns one by one; sale of a debt to another owner"),
    System("S16", "bonded labour, mines", "mines one by one"),
    System("S17", "record of enforcement", "cases and arrests by law; raids; absconders and proclaimed offenders"),
    System("S18", "flows known, onward migration", "destinations of onward journeys beyond those in the data"),
    System(
        "S19", "remedies", "drafts of laws other than by `regime`; protection of children; the levers listed are in"
    ),
)
"""S1 to S19 in the order of the paper."""
