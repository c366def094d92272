"""Draws of a posterior: a Parquet file of parameters that agree with records, and how a configuration takes one up.

``parameters: {posterior: FILE, draw: 3}`` stands for the values of that draw. They are put in before anything is
checked, so that a configuration that has been read holds plain values, and no trace of the file.

The file has one row a draw, all equally likely: ``draw`` (0, 1, …), a column of numbers for each parameter by its path,
and perhaps ``seed``, the seed of the run with which the draw was accepted. Its metadata say where it comes from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel

from abm.config.explain import read_part
from abm.config.fields import Declared, all_keys, number_at
from abm.config.finding import Finding, check_names
from abm.config.wording import described, nearest, no_such, number, ranged
from abm.config.yaml_source import LARGEST_WHOLE, KeyPath, dotted
from abm.declare import Params, expected
from abm.engine.errors import ConfigError, OutputError, Problem
from abm.engine.measures import Floats
from abm.places.data_files import data_file

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "parameters"  # key under which a configuration, or an experiment, names a posterior

METADATA = b"abm.posterior"  # key of the metadata of the file

DRAW, SEED = "draw", "seed"  # columns that are no parameters

CENTRE, SHIPPED = "centre", "shipped"
"""The centre of a posterior instead of a draw; the posterior of the package instead of a file."""

SHIPPED_FILE = "posterior.parquet"

NO_PARAMETERS = ("seed", "outputs", "levers", "events", "packages", "budget", KEY)
"""Top-level keys under which no parameter of the model stands."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of a posterior, all equally likely."""

    name: str
    made_by: str  # the command that did
    code: str  # version of the model
    until: int  # last year of records used
    centre: Mapping[str, float]  # parameters of the centre that the calibration names, by path
    paths: tuple[str, ...]  # of its parameters
    values: Floats  # of shape (draws, paths)
    seeds: tuple[int, ...] = ()  # seed with which each draw was accepted; empty where none is known

    def __len__(self) -> int:
        return len(self.values)

    @property
    def checksum(self) -> str:
        """SHA-256 of paths, values and seeds."""
        found = hashlib.sha256(json.dumps(self.paths).encode())
        found.update(self.values.astype("<f8").tobytes())
        found.update(np.asarray(self.seeds, "<i8").tobytes())
        return found.hexdigest()

    def spread(self, count: int) -> tuple[int, ...]:
        """Choose draws spread evenly over the file: the order of a file (a chain, a ranking) may mean something.

        They come in the order of reversed bits (van der Corput), so that more draws keep those there were.
        """
        bits = max(len(self) - 1, 1).bit_length()
        order = (int(f"{place:0{bits}b}"[::-1], 2) for place in range(1 << bits))
        return tuple(draw for draw in order if draw < len(self))[:count]

    def at(self, draw: int | None) -> dict[str, float]:
        """Values by path of a draw; of the centre for None."""
        return dict(self.centre) if draw is None else dict(zip(self.paths, self.values[draw].tolist(), strict=True))


# ----------------------------------------------------------------------------------------------------------------- file


def write_posterior(posterior: Posterior, file: str | os.PathLike[str], kind: type[BaseModel]) -> Path:
    """Write a posterior, checked as `read_posterior` will: a ConfigError; an OutputError if it cannot be written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(file)
    problems = [Problem(message, file=str(path)) for message in _wrong(posterior, kind)]
    if problems:
        raise ConfigError(problems)
    facts = {name: getattr(posterior, name) for name in ("name", "made_by", "code", "until", "checksum")}
    columns = {DRAW: pa.array(range(len(posterior)), pa.int64())}
    columns |= {name: pa.array(posterior.values[:, place]) for place, name in enumerate(posterior.paths)}
    columns |= {SEED: pa.array(posterior.seeds, pa.int64())} if posterior.seeds else {}
    table = pa.table(columns).replace_schema_metadata(
        {METADATA: json.dumps({**facts, "centre": dict(posterior.centre)}).encode()}
    )
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            pq.write_table(table, unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def read_posterior(file: str | os.PathLike[str], kind: type[BaseModel]) -> Posterior:
    """Read a posterior, or the one of the package for ``shipped``; `kind` is the class of the configuration.

    A ConfigError has all that is wrong: no such file, damaged, no rows, unknown parameters, values out of bounds.
    """
    name = os.fspath(file)
    try:
        content = data_file(SHIPPED_FILE).read_bytes() if name == SHIPPED else Path(name).read_bytes()
    except FileNotFoundError:
        missing = f"there is no such file{_perhaps(Path(name))}"
        message = "no posterior comes with this version; name a file" if name == SHIPPED else missing
        raise _refused(name, [message]) from None
    except OSError as error:
        raise _refused(name, [f"cannot be read: {error.strerror}"]) from None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise _refused(name, [f"is damaged, or no Parquet file of draws: {reason}"]) from None
    text = (table.schema.metadata or {}).get(METADATA)
    if text is None:
        raise _refused(name, [f"holds no draws of a posterior: its metadata lack '{METADATA.decode()}'"])
    paths = tuple(column for column in table.column_names if column not in (DRAW, SEED))
    try:
        facts = _Facts.model_validate_json(text)
        if table.column(DRAW).to_pylist() != list(range(table.num_rows)) or any(of.null_count for of in table.columns):
            raise ValueError
        values = [_numbers(table.column(path), np.float64) for path in paths]
        seeds = _numbers(table.column(SEED), np.int64).tolist() if SEED in table.column_names else []
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        raise _refused(name, [CHANGED]) from None
    found = Posterior(
        **facts.model_dump(exclude={"checksum"}),
        paths=paths,
        values=np.column_stack(values) if values else np.empty((table.num_rows, 0)),
        seeds=tuple(seeds),
    )
    problems = list(_wrong(found, kind))
    if not problems and found.checksum != facts.checksum:
        problems = [f"its checksum is not that of its draws: {CHANGED}"]
    if problems:
        raise _refused(name, problems)
    return found


def _perhaps(missing: Path) -> str:
    """Suggest what is meant by a file that is not there: one beside it, or the posterior of the package."""
    beside = {found.stem: found.name for found in sorted(missing.parent.glob("*.parquet"))}
    found = nearest(missing.stem, [SHIPPED, *beside], parts=False)
    return f"; did you mean '{beside.get(found, found)}'?" if found else ""


def _refused(name: str, messages: Iterable[str]) -> ConfigError:
    return ConfigError([Problem(message, file=name) for message in messages])


CHANGED = "it is not as it was written: damaged or changed; make it anew"


class _Facts(BaseModel, strict=True):
    """What the metadata hold."""

    name: str
    made_by: str
    code: str
    until: int
    checksum: str
    centre: dict[str, float]


def _numbers(column: pa.ChunkedArray, dtype: type[np.number]) -> np.ndarray:
    """Take the numbers of a column; a TypeError for text, and for fractions where whole numbers are wanted."""
    return column.to_numpy().astype(dtype, casting="same_kind")


def _wrong(found: Posterior, kind: type[BaseModel]) -> Iterator[str]:
    """Say what is wrong with draws: parameters that are not there, values out of bounds, no draws at all."""
    if not len(found):
        yield "has no rows, and so no draw"
    if not found.paths:
        yield "has no column of a parameter"
    for place, path in enumerate(found.paths):
        declared = declared_parameter(path, kind)
        if declared is None:
            topic = "  (abm describe parameters)"
            yield f"column '{path}': {no_such('parameter', path, _parameters(kind)).removesuffix(topic)}{topic}"
            continue
        values, span = found.values[:, place], ranged(declared.low, declared.high, declared.unit)
        outside = np.flatnonzero(~((values >= declared.low) & (values <= declared.high)))
        if outside.size:
            first = int(outside[0])
            more = f", and {outside.size - 1:,} more draws" if outside.size > 1 else ""
            yield f"column '{path}', draw {first}{more}: expected {span}; found {number(float(values[first]))}"
        at_centre = found.centre.get(path)
        if at_centre is None:
            yield f"the centre has no value of '{path}'"
        elif not declared.low <= at_centre <= declared.high:
            yield f"centre, '{path}': expected {span}; found {number(at_centre)}"
    for path in found.centre:
        if path not in found.paths:
            yield f"the centre has '{path}', of which there is no column"
    if found.seeds and (min(found.seeds) < 0 or max(found.seeds) > LARGEST_WHOLE):
        yield f"column '{SEED}': expected whole numbers from 0 to {LARGEST_WHOLE}"


def declared_parameter(path: str, kind: type[BaseModel]) -> Declared | None:
    """Find what is declared about a parameter by its path; None if there is none that is a number."""
    parts = tuple(path.split("."))
    return None if len(parts) < 2 or parts[0] in NO_PARAMETERS else number_at(parts, kind)


@cache
def _parameters(kind: type[BaseModel]) -> tuple[str, ...]:
    named = (".".join((*map(str, parent), key)) for parent, key in all_keys(kind) if parent)
    return tuple(path for path in named if declared_parameter(path, kind))


# -------------------------------------------------------------------------------------------------------- configuration


class PosteriorUse(Params):
    """A draw of a posterior, whose values stand for the parameters."""

    posterior: str = expected("the path of a Parquet file of draws, or 'shipped'")
    """File of draws, a path from the folder of this file; ``shipped`` for the one of the package."""

    draw: object = expected("the number of a draw, from 0, or 'centre'", CENTRE)
    """Number of the draw, from 0, or ``centre`` for what the calibration names so; of the shipped one, the defaults."""

    except_: tuple[str, ...] = expected("a list of parameters", (), alias="except")
    """Parameters that the draw leaves alone, so that they may be set here."""


FORM = "{posterior: FILE, draw: a number or centre}"


@dataclass
class Drawn:
    """What a draw has put into plain data."""

    paths: set[KeyPath] = field(default_factory=set)  # where its values stand
    findings: list[Finding] = field(default_factory=list)  # what is wrong with the use of the posterior

    def place(self, findings: Iterable[Finding], apart: Collection[KeyPath] = ()) -> list[Finding]:
        """Place findings about values of the draw where the posterior is named; those at paths `apart` stay."""
        return [
            Finding((KEY, "posterior"), f"{dotted(found.path)}: {found.message}")
            if found.path in self.paths and not any(found.path[:end] in apart for end in range(len(found.path) + 1))
            else found
            for found in findings
        ]


def take_up_posterior(data: dict[str, Any], folder: str, kind: type[BaseModel], *, over: bool = False) -> Drawn:
    """Put the values of the draw that ``parameters`` names into plain data, in place; list what is wrong with it.

    A parameter that stands in the data too is refused unless the use of the posterior excepts it, or, with `over`,
    replaced. Paths of files start from `folder`.
    """
    given = data.pop(KEY, None)
    if given is None:
        return Drawn()
    use, findings = read_part(PosteriorUse, given, (KEY,))
    if use is None:
        return Drawn(findings=findings)
    found, wrong = find_posterior(use.posterior, folder, kind)
    made = Drawn(findings=wrong)
    if found is None:
        return made
    made.findings += check_except(use.except_, found)
    draw = use.draw if isinstance(use.draw, int) and not isinstance(use.draw, bool) else None
    if draw is None and use.draw != CENTRE:
        message = f"expected the number of a draw, from 0, or 'centre'; found {described(use.draw)}"
        made.findings.append(Finding((KEY, "draw"), message))
    elif draw is not None and not 0 <= draw < len(found):
        message = f"no draw {draw}; '{found.name}' has those from 0 to {len(found) - 1}"
        made.findings.append(Finding((KEY, "draw"), message))
    if made.findings:
        return made
    for path, value in found.at(draw).items():
        parts: KeyPath = tuple(path.split("."))
        declared = declared_parameter(path, kind)
        if path in use.except_:
            continue
        if is_there(data, parts) and not over:
            made.findings.append(Finding(parts, set_twice(found.name)))
        elif _put(data, parts, round(value) if declared and declared.whole else value):
            made.paths.add(parts)
    return made


def find_posterior(name: str, folder: str, kind: type[BaseModel]) -> tuple[Posterior | None, list[Finding]]:
    """Read the posterior that a file names; None and what is wrong with it."""
    file = name if name == SHIPPED else os.path.normpath(os.path.join(folder, os.path.expanduser(name)))
    try:
        return read_posterior(file, kind), []
    except ConfigError as error:
        return None, [Finding((KEY, "posterior"), str(problem)) for problem in error.problems]


def check_except(names: Iterable[str], found: Posterior) -> Iterator[Finding]:
    """Refuse exceptions that the posterior does not have."""
    named = (((KEY, "except", index), name) for index, name in enumerate(names))
    return check_names(named, found.paths, "parameter of the posterior")


def set_twice(name: str) -> str:
    """Say that a setting is one of the posterior's too."""
    return f"the posterior '{name}' sets it too; leave it out, or name it under 'except' of '{KEY}' to keep this value"


def is_there(data: object, path: KeyPath) -> bool:
    """Whether plain data have something at a path."""
    for key in path:
        if not (isinstance(data, dict) and key in data):
            return False
        data = data[key]
    return True


def _put(data: dict[str, Any], path: KeyPath, value: float) -> bool:
    """Put a value at a path, copying what lies above it; False where that is no section, which the types report."""
    here: dict[Any, Any] = data
    for key in path[:-1]:
        inside = here.get(key, {})
        if not isinstance(inside, dict):
            return False
        here[key] = dict(inside)
        here = here[key]
    here[path[-1]] = value
    return True
