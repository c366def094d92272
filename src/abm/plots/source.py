"""What made a figure, kept in its file: the run or study, version, configuration, seed, and the commands."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from abm.analysis.naming import Names
from abm.engine.errors import AbmError
from abm.results.manifest import digest_of, versions

KEY = "abm"  # key under which a PNG file has it; SVG has it as its source, PDF as its keywords
STUDY, RUN = "study", "run"  # keys by which a source says whether it is of a study or of a run

_SVG_SOURCE = "{http://purl.org/dc/elements/1.1/}source"
_PDF_KEYWORDS = re.compile(rb"/Keywords \(((?:\\.|[^\\)])*)\)", re.DOTALL)


def source_of_run(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Say what made the figures of a run, from its manifest or the facts that are known before it is written."""
    return {
        RUN: f"{manifest['name']}/{manifest['id']}",
        "seed": str(manifest["seed"]),
        "version": _version(manifest["versions"]),
        "config": digest_of(manifest["config"]),
        "command": str(manifest.get("command", "")),
    }


def source_of_study(name: str, names: Names, command: str) -> dict[str, str]:
    """Say what made the figures of a study."""
    sweep = f"abm sweep {shlex.quote(names.file)}" if names.file else ""
    return {
        STUDY: name,
        "version": _version(versions()),
        "config": names.digest,
        "command": " && ".join(filter(None, (sweep, command))),
    }


def _version(made_by: Mapping[str, str]) -> str:
    """Version of the package, and the first letters by which its code is known."""
    return f"abm {made_by['abm']}, code {made_by['code'][:12]}"


def as_metadata(source: Mapping[str, str], ending: str) -> dict[str, str | None]:
    """Metadata of a file by its ending, as matplotlib takes them; no dates and no versions of libraries."""
    text = json.dumps(source)  # ASCII, so that it stands in a PDF as it is
    if ending == ".png":
        return {"Software": None, **({KEY: text} if source else {})}
    if ending == ".svg":
        return {"Date": None, "Creator": "abm", **({"Source": text} if source else {})}
    return {"CreationDate": None, "Creator": "abm", "Producer": None, **({"Keywords": text} if source else {})}


def read_source(path: Path) -> dict[str, str]:
    """Read what made a figure; an AbmError says that there is no such file, or that it does not say."""
    readers = {".png": _of_png, ".svg": _of_svg, ".pdf": _of_pdf}
    if path.suffix not in readers:
        raise AbmError(f"'{path}': expected a figure as PNG, SVG or PDF")
    try:
        text = readers[path.suffix](path)
        found = json.loads(text) if text else None
    except FileNotFoundError:
        raise AbmError(f"there is no file '{path}'") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise AbmError(f"'{path}' cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise AbmError(f"'{path}' does not say what made it; figures of this package do, unless they were edited")
    return {str(key): str(value) for key, value in found.items()}


def _of_png(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as image:
        return str(image.info.get(KEY, ""))


def _of_svg(path: Path) -> str:
    found = ElementTree.parse(path).getroot().iter(_SVG_SOURCE)
    return next((node.text or "" for node in found), "")


def _of_pdf(path: Path) -> str:
    found = _PDF_KEYWORDS.search(path.read_bytes())
    return re.sub(rb"\\(.)", rb"\1", found[1]).decode("ascii") if found else ""
