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

from abm.config.catalogue import Catalogue
from abm.config.compose import ConfigBase, compose
from abm.config.load import load, make
from abm.config.wording import described
from abm.engine.errors import ConfigError, Problem
from abm.month import MONTH
from abm.society import PopulationParams
from abm.world.lever_use import Budget, LeverUse, Pulse, When, Where

if TYPE_CHECKING:
    from abm.abroad import ClaimsParams, DiasporaParams, OnwardParams
    from abm.beliefs import BeliefsParams
    from abm.choice import (
        AspirationParams,
        ChannelParams,
        DemonstrationParams,
        DisplacementParams,
        RefusedParams,
        RepeatParams,
        TiesParams,
    )
    from abm.declare import Params
    from abm.departure import DomesticMoveParams
    from abm.enforcement import (
        AgenciesParams,
        ChildAlertParams,
        EnforcementParams,
        LawParams,
        ProsecutionParams,
        StreamCasesParams,
    )
    from abm.journeys import JourneyParams
    from abm.legal import LegalPriceParams, LegalWorkParams, OverstayParams, SponsorshipParams
    from abm.market import MarketParams, OffersParams, OfficesParams
    from abm.routes import InterceptionParams, TransitParams
    from abm.society import (
        DemographyParams,
        DriversParams,
        HousesParams,
        LabourParams,
        LivelihoodParams,
        TrainingParams,
    )
    from abm.streams import BondageParams, TraffickingParams

    class Config(ConfigBase):
        """A scenario; beside the fields of `ConfigBase` it has one for each section of parameters.

        It is written out for the type checker alone: when the package runs, it is put together from the month.
        """

        population: PopulationParams
        drivers: DriversParams
        law: LawParams
        child_alert: ChildAlertParams
        agencies: AgenciesParams
        interception: InterceptionParams
        offers: OffersParams
        legal_price: LegalPriceParams
        demonstration: DemonstrationParams
        training: TrainingParams
        labour: LabourParams
        demography: DemographyParams
        livelihood: LivelihoodParams
        houses: HousesParams
        ties: TiesParams
        aspiration: AspirationParams
        diaspora: DiasporaParams
        channel: ChannelParams
        bondage: BondageParams
        onward: OnwardParams
        legal_work: LegalWorkParams
        sponsorship: SponsorshipParams
        displacement: DisplacementParams
        overstay: OverstayParams
        repeat: RepeatParams
        refused: RefusedParams
        domestic_move: DomesticMoveParams
        market: MarketParams
        journey: JourneyParams
        claims: ClaimsParams
        trafficking: TraffickingParams
        transit: TransitParams
        enforcement: EnforcementParams
        prosecution: ProsecutionParams
        stream_cases: StreamCasesParams
        beliefs: BeliefsParams
        offices: OfficesParams
        mechanisms: Params
else:
    Config = compose(MONTH, PopulationParams)
    Mechanisms = Config.model_fields["mechanisms"].annotation  # A pickle looks for it here.


def load_config(
    path: str | Path,
    overrides: Iterable[str] = (),
    seed: int | None = None,
    scale: float | None = None,
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
    """Change a configuration, that of a YAML file, or the default one.

    Parameters
    ----------
    base
        What to start from; None for the default.
    settings
        Values by name, ``labour.job_growth`` or ``labour__job_growth``; a whole section replaces that of `base`.

    Raises
    ------
    ConfigError
        With everything that is wrong, as `load_config` and `make_config` word it.
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
