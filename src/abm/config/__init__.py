"""The configuration: what is simulated, with which parameters and levers.

>>> from abm.config import make_config
>>> config = make_config(name="fewer_jobs", labour={"job_growth": 0.02})
>>> config.labour.job_growth, config.months
(0.02, 240)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from abm.config.compose import ConfigBase, compose
from abm.config.load import load, make
from abm.config.wording import described
from abm.engine.errors import ConfigError, Problem
from abm.month import MONTH
from abm.society import PopulationParams
from abm.world.lever_use import Budget, LeverUse, When

if TYPE_CHECKING:
    import abm.abroad
    import abm.beliefs
    import abm.choice
    import abm.declare
    import abm.departure
    import abm.enforcement
    import abm.journeys
    import abm.legal
    import abm.market
    import abm.routes
    import abm.society
    import abm.streams

    class Config(ConfigBase):
        """A scenario; beside the fields of `ConfigBase` it has one for each section of parameters.

        It is written out for the type checker alone: when the package runs, it is put together from the month.
        """

        population: abm.society.PopulationParams
        drivers: abm.society.DriversParams
        law: abm.enforcement.LawParams
        child_alert: abm.enforcement.ChildAlertParams
        agencies: abm.enforcement.AgenciesParams
        interception: abm.routes.InterceptionParams
        offers: abm.market.OffersParams
        legal_price: abm.legal.LegalPriceParams
        demonstration: abm.choice.DemonstrationParams
        training: abm.society.TrainingParams
        labour: abm.society.LabourParams
        demography: abm.society.DemographyParams
        livelihood: abm.society.LivelihoodParams
        houses: abm.society.HousesParams
        ties: abm.choice.TiesParams
        aspiration: abm.choice.AspirationParams
        diaspora: abm.abroad.DiasporaParams
        channel: abm.choice.ChannelParams
        bondage: abm.streams.BondageParams
        onward: abm.abroad.OnwardParams
        legal_work: abm.legal.LegalWorkParams
        sponsorship: abm.legal.SponsorshipParams
        displacement: abm.choice.DisplacementParams
        overstay: abm.legal.OverstayParams
        repeat: abm.choice.RepeatParams
        refused: abm.choice.RefusedParams
        domestic_move: abm.departure.DomesticMoveParams
        market: abm.market.MarketParams
        journey: abm.journeys.JourneyParams
        claims: abm.abroad.ClaimsParams
        trafficking: abm.streams.TraffickingParams
        transit: abm.routes.TransitParams
        enforcement: abm.enforcement.EnforcementParams
        prosecution: abm.enforcement.ProsecutionParams
        stream_cases: abm.enforcement.StreamCasesParams
        beliefs: abm.beliefs.BeliefsParams
        offices: abm.market.OfficesParams
        mechanisms: abm.declare.Params
else:
    Config = compose(MONTH, PopulationParams)
    Mechanisms = Config.model_fields["mechanisms"].annotation  # A pickle looks for it here.


def load_config(
    path: str | Path, overrides: Iterable[str] = (), seed: int | None = None, scale: float | None = None
) -> Config:
    """Read a configuration from a YAML file.

    Parameters
    ----------
    path
        File, by the rules of YAML 1.2.
    overrides
        Settings that replace those of the file, ``"labour.job_growth=0.02"``; items of lists go by index,
        ``"levers[0].value=2"``, or levers by their id, ``"levers.awareness.value=0.2"``.
    seed, scale
        Replace ``seed`` and ``population.scale``.

    Raises
    ------
    ConfigError
        With everything that is wrong, in the order of the file: place, path, what was expected, the nearest valid name.

    Warns
    -----
    SettingNote
        For each setting that has no effect, as its mechanism is switched off.
    """
    return load(path, overrides, seed=seed, scale=scale, kind=Config)


def make_config(**values: object) -> Config:
    """Make a configuration from Python values, with the names and forms of the YAML file.

    A lever may write ``from_`` for ``from``, a word that Python reserves. A single parameter may be given by its flat
    name, ``**{"labour.job_growth": 0.02}`` or ``labour__job_growth=0.02``.

    Raises
    ------
    ConfigError
        With everything that is wrong.
    """
    return make(values, kind=Config)


def configure(base: str | os.PathLike[str] | Config | None, settings: Mapping[str, object]) -> Config:
    """Change a configuration, that of a YAML file, or the default one for None.

    Settings are values by name, ``labour.job_growth`` or ``labour__job_growth``; a whole section replaces that of
    `base`. A ConfigError has everything that is wrong, as `load_config` and `make_config` word it.
    """
    if isinstance(base, ConfigBase) and not settings:
        return base
    if base is None or isinstance(base, ConfigBase):
        return make(settings, base=base, kind=Config)
    if not isinstance(base, str | os.PathLike):
        # Mesa's batch_run takes apart what it can iterate over
        message = f"expected a YAML file or a configuration; found {described(base)}; in batch_run it stands in a list"
        raise ConfigError([Problem(message, "config")])
    return load(os.fspath(base), settings=settings, kind=Config)
