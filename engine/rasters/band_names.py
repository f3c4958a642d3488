"""Names of a raster's bands, as its file states them: description, colour and wavelength."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import rasterio
from rasterio.enums import ColorInterp

from ..contract.band_colours import wavelength_of

#: The colours as which a file can mark its bands.
_COLOURS = {ColorInterp.red: "red", ColorInterp.green: "green", ColorInterp.blue: "blue"}

#: Units of wavelengths in a band's metadata, as they begin, and their nm.
_UNITS = {"n": 1.0, "u": 1000.0, "m": 1000.0, "\N{MICRO SIGN}": 1000.0}


def band_names(dataset: rasterio.io.DatasetReader, indexes: Sequence[int]) -> list[str]:
    """The bands' descriptions, or their numbers and the colours that the file marks, with their wavelengths.

    The number stays beside the colour: GDAL marks any file of bytes with three or four bands as red, green and blue.

    Args:
        dataset: The opened file.
        indexes: The bands, counted from 1.
    """
    described, marks = dataset.descriptions, dataset.colorinterp
    names = []
    for index in indexes:
        colour = _COLOURS.get(marks[index - 1])
        number = f"band {index} ({colour})" if colour else f"band {index}"
        name = described[index - 1] or number
        length = _wavelength({**dataset.tags(index, ns="IMAGERY"), **dataset.tags(index)})
        is_told = not length or wavelength_of(name)
        names.append(name if is_told else f"{name} ({length:.4g} nm)")
    return names


def _wavelength(tags: Mapping[str, str]) -> float:
    """The wavelength in a band's metadata, of GDAL or of ENVI's header, nm; 0 if there is none."""
    named = {name.lower(): value.strip() for name, value in tags.items()}
    if length := _number(named.get("central_wavelength_um", "")):
        return 1000 * length
    unit = _UNITS.get(named.get("wavelength_units", "").lower()[:1], 0.0)
    return unit * _number(named.get("wavelength", ""))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
