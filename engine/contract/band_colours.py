"""Finds the bands that show an image in its natural colours, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

#: Words that name a colour, and the codes of Sentinel-2 and of Landsat 8 and 9, for red, green and blue.
_WORDS = (
    ({"red", "r", "적색", "빨강"}, {"b04", "b4"}),
    ({"green", "g", "녹색", "초록"}, {"b03", "b3"}),
    ({"blue", "b", "청색", "파랑"}, {"b02", "b2"}),
)

#: Words of bands that the eye does not see, which may stand beside a colour: red edge, near infra-red.
_UNSEEN = {"edge", "infra", "near", "far", "short", "nir", "swir", "thermal"}

#: Wavelengths of red, green and blue, and how far a band may be from them, nm.
_WAVELENGTHS, _MOST_NM = (660.0, 560.0, 480.0), 45.0

_WAVELENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(nm|nano\w*|um|µm|μm|micro\w*)\b", re.IGNORECASE)


def natural_colours(names: Sequence[str]) -> tuple[int, ...]:
    """The numbers, from 0, of the red, green and blue bands; none if the names do not show all three.

    Args:
        names: The name of each band, such as "red", "B04" or "band 12 (665 nm)".
    """
    words = [re.findall(r"[^\W\d_]+\d*", name.lower()) for name in names]

    def is_colour(band: int, colour: int) -> bool:
        return not _WORDS[colour][0].isdisjoint(words[band]) and _UNSEEN.isdisjoint(words[band])

    def is_code(band: int, colour: int) -> bool:
        return not _WORDS[colour][1].isdisjoint(words[band])

    return _first(len(names), is_colour) or _first(len(names), is_code) or _by_wavelength(names)


def shown_bands(names: Sequence[str], bands: int, otherwise: Sequence[int] = ()) -> tuple[int, ...]:
    """The numbers, from 0, of the bands that a picture shows: red, green and blue, or one band in grey.

    Without names that show the colours these are ``otherwise``, the first three bands, or the first of fewer.

    Args:
        names: The names of the bands, if they are known.
        bands: Number of bands.
        otherwise: Three bands, from 0, if the user has chosen some.
    """
    return natural_colours(names) or tuple(otherwise) or tuple(range(3 if bands >= 3 else 1))


def chosen_colours(picture_bands: Sequence[int], bands: int, chosen: Sequence[int]) -> list[int]:
    """The numbers, from 0, of the bands for red, green and blue among those that a network sees.

    Args:
        picture_bands: Three bands of the file, counted from 1.
        bands: Number of bands that the network sees.
        chosen: These bands in the file, counted from 1; none: all.

    Returns:
        The three numbers; none unless the network sees all three bands.
    """
    seen = list(chosen) or list(range(1, bands + 1))
    found = [seen.index(band) for band in picture_bands if band in seen]
    return found if len(found) == len(picture_bands) == 3 else []


def _first(bands: int, has: Callable[[int, int], bool]) -> tuple[int, ...]:
    """The first band of each colour; none if a colour has no band."""
    found = [[band for band in range(bands) if has(band, colour)][:1] for colour in range(3)]
    return tuple(band for one in found for band in one) if all(found) else ()


def _by_wavelength(names: Sequence[str]) -> tuple[int, ...]:
    """The bands nearest to the colours' wavelengths; none if a colour has no band near it."""
    known = {band: length for band, name in enumerate(names) if (length := wavelength_of(name))}
    chosen = [
        min(known, key=lambda band: abs(known[band] - wanted), default=-1)
        for wanted in _WAVELENGTHS
    ]
    is_near = [
        band >= 0 and abs(known[band] - wanted) <= _MOST_NM
        for band, wanted in zip(chosen, _WAVELENGTHS)
    ]
    return tuple(chosen) if all(is_near) and len(set(chosen)) == len(chosen) else ()


def wavelength_of(name: str) -> float:
    """The wavelength in a band's name, nm; 0 if there is none."""
    match = _WAVELENGTH.search(name)
    if match is None:
        return 0.0
    return float(match[1]) * (1 if match[2].lower().startswith("n") else 1000)
