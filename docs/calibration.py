"""Put the pages of a calibration and of its forecasts into docs/calibration.md: python docs/calibration.py DIR."""

import re
import sys
from pathlib import Path

from abm.plots.style import save_small

DOCS = Path(__file__).parent
MARK = "<!-- calibration: python docs/calibration.py results/calibration -->"


def main(folder: Path) -> None:
    """Write tables and pictures below the mark."""
    page = DOCS / "calibration.md"
    head = page.read_text(encoding="utf-8").split(MARK)[0]
    whole = _body(folder)
    for image in re.findall(r"\]\((\w+)\.png\)", whole):
        save_small(folder / f"{image}.png", DOCS / "images" / f"calibration_{image}.png", width=1100)
    whole = re.sub(r"\]\((\w+\.png)\)", r"](images/calibration_\1)", whole)
    fitted = _body(folder / "until_2014")
    in_short = fitted[fitted.index("- **fitted**") : fitted.index("Made by")] + fitted[fitted.index("#### Forecasts") :]
    pieces = [head + MARK, f"### Fitted to 2018\n\n{whole}", f"### Fitted to 2014\n\n{in_short}"]
    page.write_text("\n\n".join(pieces) + "\n", encoding="utf-8")


def _body(folder: Path) -> str:
    """Page of a calibration below its title, its headings two levels down."""
    text = (folder / "calibration.md").read_text(encoding="utf-8")
    return re.sub(r"^## ", "#### ", text.split("\n", 2)[2].strip(), flags=re.MULTILINE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
