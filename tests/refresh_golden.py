"""Pin the golden run anew, once CHANGELOG.md says that results change.

    python tests/refresh_golden.py

Unless there are only new columns it refuses as long as CHANGELOG.md has no line marked **Results change** beyond those
that it had at the last refresh: those who reproduce old results must read there why they cannot.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from test_golden import GOLDEN, golden_config, load_golden, measure

from abm.model import simulate

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"

MARK = "**Results change**"


def main() -> int:
    """Compare, ask for the line, write; returns the exit code."""
    tables = simulate(golden_config())
    measured = measure(tables)
    entries = [
        line for line in CHANGELOG.read_text(encoding="utf-8").splitlines() if line.lstrip("- ").startswith(MARK)
    ]
    if GOLDEN.exists():
        pinned = load_golden()
        is_same = pinned["checksums"] == measure(tables, pinned["columns"])["checksums"]
        if is_same and pinned["columns"] == measured["columns"]:
            print("nothing changed")
            return 0
        for name, value in measured["headlines"].items():
            before = pinned["headlines"].get(name)
            if before != value:
                print(f"{name}: {before} -> {value}")
        if not is_same and len(entries) <= pinned["results_changes"]:
            print(
                f"The tables have changed. Add a line '- {MARK}: what and why' under [Unreleased] in {CHANGELOG.name},"
                " then run this again.",
                file=sys.stderr,
            )
            return 1
    columns = {table: " ".join(names) for table, names in measured["columns"].items()}
    content = json.dumps({"results_changes": len(entries), **measured, "columns": columns}, indent=2)
    GOLDEN.write_text(content + "\n", encoding="utf-8")
    print(f"wrote {GOLDEN.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
