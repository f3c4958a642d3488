"""Charts for reports: matplotlib figures as inline SVG, whose texts and axes take the page's colours."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colours of series, distinguishable by people with colour vision deficiency, on light and dark pages (Okabe and Ito
#: 2008).
SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")

#: The ink of a figure. In the SVG it becomes ``currentColor``, the colour of the text around the chart.
INK = "#010203"

#: Texts stay texts, in the page's font, so that they can be searched and are small.
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name of a class may hold a $
    "svg.hashsalt": "dualstream",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}


@contextmanager
def chart(width: float, height: float) -> Iterator[Figure]:
    """A new figure in the reports' style; draw and call ``to_svg`` inside the context.

    Args:
        width: Width in inches; a page is 10 wide.
        height: Height in inches.
    """
    # Only here: a third of a second, which an evaluation without a page does not need.
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def to_rgb(colour: str) -> tuple[float, float, float]:
    """Red, green and blue, 0..1, of a colour ``#rrggbb``."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def to_svg(figure: Figure, description: str) -> Markup:
    """The figure as an SVG element to put into a page.

    Args:
        figure: The figure.
        description: What the chart shows, for people who do not see it.
    """
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # Matplotlib's font measures the texts; the reader's browser, which has all letters, draws them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    element = text[text.index("<svg") :].replace(INK, "currentColor")
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'font-family: [^;"]*', "font-family: inherit", element)
    head = f'<svg role="img" aria-label="{escape(description)}" class="chart" '
    # Safe: matplotlib escapes the texts that it draws.
    return Markup(head + element.removeprefix("<svg "))  # noqa: S704  # nosec B704
