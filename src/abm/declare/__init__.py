"""Declarations: inputs (`param`), state (`column`), results (`outcome`), policy (`lever`) and events (`Event`).

Validation, error messages, JSON Schema, ``abm describe`` and the tables of the documentation are read
from these declarations; nothing is written twice.
"""

from abm.declare.column import Column
from abm.declare.event import Event
from abm.declare.lever import Effective, Lever, behaviour, effective
from abm.declare.outcome import Outcome, Outcomes, national_level, outcome
from abm.declare.param import ParamFacts, Params, expected, facts_of, param
from abm.declare.source import SourceKind, kind_of
