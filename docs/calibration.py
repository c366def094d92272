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
    pieces = [head + MARK]
    for name, place in (("Fitted to 2018", folder), ("Fitted to 2014", folder / "until_2014")):
        text = (place / "calibration.md").read_text(encoding="utf-8")
        body = text.split("\n", 2)[2].strip()
        prefix = f"calibration_{place.name}"
        for image in re.findall(r"\]\((\w+)\.png\)", body):
            save_small(place / f"{image}.png", DOCS / "images" / f"{prefix}_{image}.png", width=1100)
        body = re.sub(r"\]\((\w+\.png)\)", rf"](images/{prefix}_\1)", body)
        body = re.sub(r"^## ", "#### ", body, flags=re.MULTILINE)
        pieces.append(f"### {name}\n\n{body}")
    page.write_text("\n\n".join(pieces) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
