"""Names and colours of the values of a class raster, from the file and from its QGIS style.

In order of precedence: GDAL's category names; the raster attribute table, as ERDAS and ArcGIS write it; the style
(.qml) that QGIS keeps beside the raster.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree  # for texts that GDAL writes  # nosec B405

from ..contract.errors import RasterError
from ..contract.paths import is_plain_path
from ..contract.plain_text import replace_invalid_xml
from ..contract.translation import tr
from ..rasters.raster import Raster

#: GDAL's numbers for the use of a table's column, see GDALRATFieldUsage.
_NAME = 2
_MINIMUM = 3
_VALUE = 5
_COLOURS = (6, 7, 8)
#: GDAL's number for a column of texts, see GDALRATFieldType.
_TEXT = 2

_ENTRY = re.compile(r"<paletteEntry\b([^>]*)>")
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*"([^"]*)\"""")
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class RasterLegend:
    """Names and colours that a raster gives to its values.

    Attributes:
        names: Names by value.
        colours: Colours by value, as ``#rrggbb``.
    """

    names: dict[int, str] = field(default_factory=dict)
    colours: dict[int, str] = field(default_factory=dict)

    def over(self, other: RasterLegend) -> RasterLegend:
        """This legend with those values of another one that it lacks."""
        return RasterLegend({**other.names, **self.names}, {**other.colours, **self.colours})


def read_legend(raster: Raster) -> RasterLegend:
    """The legend of a raster's first band; its palette's colours count before those of the other sources.

    Raises:
        RasterError: If GDAL cannot describe the file, or a style beside it cannot be read.
    """
    text = replace_invalid_xml(raster.description_xml())
    root = ElementTree.fromstring(text)  # noqa: S314 (written by GDAL)  # nosec B314
    band = root.find("VRTRasterBand")
    categories = [] if band is None else band.findall("CategoryNames/Category")
    named = {value: element.text for value, element in enumerate(categories) if element.text}
    legend = RasterLegend(named, raster.colours)
    table = None if band is None else band.find("GDALRasterAttributeTable")
    if table is not None:
        legend = legend.over(_legend_of_table(table))
    return legend.over(_legend_of_style(raster.path))


def _legend_of_table(table: ElementTree.Element) -> RasterLegend:
    """The legend in a raster attribute table; without a column of values a row's number is its value."""
    columns = [
        (c.findtext("Name", "").lower(), c.findtext("Type"), c.findtext("Usage"))
        for c in table.findall("FieldDefn")
    ]

    def find(*usages: int) -> int:
        wanted = [str(usage) for usage in usages]
        return next((i for i, column in enumerate(columns) if column[2] in wanted), -1)

    texts = [i for i, (_, kind, _) in enumerate(columns) if kind == str(_TEXT)]
    titled = [i for i in texts if re.search("name|class|label", columns[i][0])]
    values, names = find(_VALUE, _MINIMUM), [find(_NAME), *titled, *texts]
    if values < 0:
        values = next((i for i, column in enumerate(columns) if column[0] == "value"), -1)
    name = next((i for i in names if i >= 0), -1)
    legend, bands = RasterLegend(), [find(usage) for usage in _COLOURS]
    for number, row in enumerate(table.findall("Row")):
        cells = [cell.text or "" for cell in row.findall("F")]
        value = _whole(cells[values]) if 0 <= values < len(cells) else number
        if value is None or len(cells) < len(columns):
            continue
        if name >= 0 and cells[name].strip():
            legend.names[value] = cells[name].strip()
        rgb = [_whole(cells[band]) for band in bands if band >= 0]
        if len(rgb) == len(_COLOURS) and all(part is not None and part < 256 for part in rgb):
            legend.colours[value] = "#" + "".join(f"{part:02x}" for part in rgb)
    return legend


def _legend_of_style(path: str) -> RasterLegend:
    """The legend in a style of unique values; a label that only repeats its value is not a name."""
    legend = RasterLegend()
    style = Path(path).with_suffix(".qml") if is_plain_path(path) else Path()
    if not style.is_file():
        return legend
    try:
        text = style.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RasterError(tr("The style {} cannot be read: {}.").format(style, error)) from error
    for value, attributes in _entries(text):
        label, colour = attributes.get("label", "").strip(), attributes.get("color", "")
        if label and _whole(label) != value:
            legend.names[value] = label
        if _COLOUR.fullmatch(colour):
            legend.colours[value] = colour.lower()
    return legend


def _entries(style: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Value and attributes of every entry of a style's palette."""
    for entry in _ENTRY.findall(style):
        attributes = {key: html.unescape(text) for key, text in _ATTRIBUTE.findall(entry)}
        value = _whole(attributes.get("value", ""))
        if value is not None:
            yield value, attributes


def _whole(text: str) -> int | None:
    """The whole number in a text, from 0 to 65534; None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and 0 <= number <= 65534 else None
