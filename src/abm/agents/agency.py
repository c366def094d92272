"""Agencies of the provinces: police, social welfare and labour inspection, besides the circles of the FIA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa import Agent

from abm.enforcement import PROVINCE_KEYS, STREAMS, BureausState

if TYPE_CHECKING:
    from mesa import Model


class Agency(Agent):  # type: ignore[misc]
    """A service of one or more provinces; a view on its row among the bureaus.

    Parameters
    ----------
    model, row
        Mesa model, and row in all arrays of bureaus.
    """

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model)
        self.row = row
        bureaus = model.world[BureausState].bureaus
        self.key: str = bureaus.keys[row]
        self.name: str = bureaus.names[row]
        self.service: str = bureaus.services[bureaus.service[row]]

    @property
    def staff(self) -> dict[str, float]:
        """Officers by province of the simulated region."""
        staff = self.model.world[BureausState].bureaus.staff[self.row]
        return {key: float(count) for key, count in zip(PROVINCE_KEYS, staff, strict=True) if count > 0.0}

    @property
    def time(self) -> dict[str, float]:
        """Share of the officers' time by stream of crime."""
        return dict(zip(STREAMS, self.model.world[BureausState].bureaus.time[self.row].tolist(), strict=True))


class ProvincialPolice(Agency):
    """Provincial police, who investigate trafficking and bonded labour."""


class SocialWelfare(Agency):
    """Social welfare and child protection of a province."""


class LabourInspection(Agency):
    """Labour inspectors of a province."""


CLASSES: dict[str, type[Agency]] = {
    "provincial_police": ProvincialPolice,
    "social_welfare": SocialWelfare,
    "labour_inspection": LabourInspection,
}
"""Class of each shipped service; a service added by a configuration is a plain `Agency`."""
