"""Shares, areas and speeds in words, in units that people can picture."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import join_names
from .translation import tr

#: Square metres from which on an area is shown in hectares and in square kilometres.
_FROM_HECTARES, _FROM_SQUARE_KM = 1e4, 1e8


def area_unit(square_metres: float) -> tuple[str, float]:
    """A unit that suits an area, and its square metres."""
    if square_metres >= _FROM_SQUARE_KM:
        return "km²", 1e6
    return ("ha", 1e4) if square_metres >= _FROM_HECTARES else ("m²", 1.0)


def format_area(square_metres: float) -> str:
    """An area in three digits: "86 m²", "2.35 ha", "1,230 km²"."""
    unit, size = area_unit(square_metres)
    return f"{_three_digits(square_metres / size)} {unit}"


def format_share(share: float) -> str:
    """A share 0..1 in percent: "4.2 %", "87 %"; "< 0.1 %" and "> 99.9 %" where it rounds to nothing or all."""
    if 0 < share < 0.001:
        return tr("< {} %").format(0.1)
    if 0.999 < share < 1:
        return tr("> {} %").format(99.9)
    return tr("{:.3g} %").format(100 * share)


def format_pixels(count: float) -> str:
    """A number of pixels: "1 pixel", "33,000 pixels", "3.3 million pixels"."""
    if count >= 1e6:
        return tr("{} million pixels").format(_three_digits(count / 1e6))
    text = tr("{} pixel") if count == 1 else tr("{} pixels")
    return text.format(_three_digits(count))


def describe_classes(shares: Mapping[str, float], areas: Mapping[str, float], most: int) -> str:
    """The classes of a mask, the largest first: "smoke 4 % (283 ha), mist 5 % (350 ha)"; empty without one.

    Args:
        shares: The share 0..1 of each class, by name.
        areas: The area of each class, m2; empty if it is unknown.
        most: Largest number of classes that are named.
    """
    ranked = sorted(shares.items(), key=lambda one: -one[1])
    parts = [
        f"{name} {format_share(share)}" + (f" ({format_area(areas[name])})" if areas else "")
        for name, share in ranked
        if share > 0
    ]
    return join_names(parts, most) if parts else ""


def _three_digits(value: float) -> str:
    """A number with three digits, and commas between groups of three."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"
