"""The systems of the source paper, and what of each this version leaves out.

Which mechanisms, parameters and levers carry a system is read from their declarations. What is left out nobody
declares, so it is said here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """One system of the source paper.

    Attributes
    ----------
    id, name
        ``"S3"`` and its name.
    left_out
        What the paper says of it and this version does not hold; empty if nothing.
    by_data
        Whether data carry it, with no mechanism of its own.
    """

    id: str
    name: str
    left_out: str
    by_data: bool = False


SYSTEMS = (
    System("S1", "labour surplus", "season"),
    System("S2", "catchment districts", "skills and confidence from small manufacturing", by_data=True),
    System("S3", "demonstration effect", "the displacement by the Mangla dam as a start; news and campaigns"),
    System("S4", "diaspora and chain migration", "changes of the law on sponsorship; regularisation"),
    System("S5", "disposable income and skill", "sale of land as an event; vocational training"),
    System("S6", "legal or illegal channel", "beliefs that are learned; visas for sale; overstaying"),
    System("S7", "smuggler offices", "one office a district, fixed price; entry, exit, quality, reputation, credit"),
    System("S8", "routes", "two of the paper's five; shift of effort between legs"),
    System("S9", "the chain of stages", "extortion and exploitation on the way; recruitment by fraud"),
    System("S10", "enforcement", "agencies, investigation, corruption; only interception on legs"),
    System("S11", "legal regime", "laws, agencies and jurisdiction"),
    System("S12", "vulnerable groups across borders", "all of it"),
    System("S13", "transit", "all of it"),
    System("S14", "domestic trafficking", "trafficking itself; only moves to a city for work"),
    System("S15", "bonded labour, brick kilns", "all of it"),
    System("S16", "bonded labour, mines", "all of it"),
    System("S17", "record of enforcement", "cases and arrests by province"),
    System("S18", "flows known, onward migration", "onward migration from a first stay; regularisation"),
    System("S19", "remedies", "laws, agencies, awareness, protection; the levers listed are in"),
)
"""S1 to S19 in the order of the paper."""
