"""Pictures for documentation: narrow, and with few colours."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from abm.plots.style import DPI


def save_small(plot: Figure | Path, target: Path, *, width: int | None = None, colours: int = 128) -> str:
    """Write a picture with few colours, without dates and versions; returns its name and size.

    Parameters
    ----------
    plot
        Figure, or file of one.
    target
        PNG file that is written.
    width
        Pixels; those of the plot if left out.
    colours
        At most 256.
    """
    from PIL import Image

    source: Path | BytesIO
    if isinstance(plot, Figure):
        source = BytesIO()
        plot.savefig(source, dpi=DPI, metadata={"Software": None})
    else:
        source = plot
    with Image.open(source) as image:
        small = image.convert("RGB")
    if width is not None:
        small = small.resize((width, round(small.height * width / small.width)), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    small.quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE).save(
        target, optimize=True
    )
    return f"{target.name}: {target.stat().st_size:,} bytes"
