"""What makes a mask explain itself: category names (``.aux.xml``) and QGIS style (``.qml``).

GeoTIFF keeps a palette inside but has no place for category names; GDAL, and everything built on it,
reads them from a ``.aux.xml`` beside the file.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

from .classes import ClassTable
from .outputs import published

#: The confidence ramp, from unsure to sure (percent, colour): dark to light, readable in grey too.
CONFIDENCE_RAMP = ((0, "#440154"), (25, "#3b528b"), (50, "#21918c"), (75, "#5ec962"), (100, "#fde725"))


def write_legend(mask: str | Path, table: ClassTable) -> None:
    """Writes the class names and the QGIS style of ``mask`` beside it."""
    _write(f"{mask}.aux.xml", _category_names(table))
    _write(Path(mask).with_suffix(".qml"), _paletted_style(table))


def write_confidence_style(raster: str | Path) -> None:
    """Writes the QGIS style of a confidence raster, 0..100 percent, beside it."""
    _write(Path(raster).with_suffix(".qml"), _ramp_style())


def sidecars(raster: str | Path) -> tuple[Path, Path]:
    """The files that ``write_legend`` writes beside ``raster``."""
    return Path(f"{raster}.aux.xml"), Path(raster).with_suffix(".qml")


def read_category_names(raster: str | Path) -> dict[int, str]:
    """The category names that GDAL keeps in ``raster``'s ``.aux.xml``, by value; empty if none."""
    path = Path(f"{raster}.aux.xml")
    if not path.is_file():
        return {}
    try:
        categories = Xml.parse(path).findall(".//CategoryNames/Category")
    except Xml.ParseError:
        return {}
    return {value: item.text for value, item in enumerate(categories) if item.text}


def _category_names(table: ClassTable) -> Xml.Element:
    names = {entry.value: entry.name for entry in table}
    root = Xml.Element("PAMDataset")
    band = Xml.SubElement(root, "PAMRasterBand", band="1")
    categories = Xml.SubElement(band, "CategoryNames")
    for value in range(max(names) + 1):
        Xml.SubElement(categories, "Category").text = names.get(value, "")
    return root


def _paletted_style(table: ClassTable) -> Xml.Element:
    root, renderer = _style("paletted", opacity="1", alphaBand="-1")
    palette = Xml.SubElement(renderer, "colorPalette")
    for entry in table:
        Xml.SubElement(
            palette,
            "paletteEntry",
            value=str(entry.value),
            label=entry.name,
            color=entry.colour,
            alpha="255",
        )
    return root


def _ramp_style() -> Xml.Element:
    root, renderer = _style(
        "singlebandpseudocolor",
        opacity="1",
        alphaBand="-1",
        classificationMin="0",
        classificationMax="100",
    )
    shader = Xml.SubElement(Xml.SubElement(renderer, "rastershader"), "colorrampshader")
    shader.attrib.update(
        colorRampType="INTERPOLATED",
        classificationMode="1",
        clip="0",
        minimumValue="0",
        maximumValue="100",
    )
    for value, colour in CONFIDENCE_RAMP:
        Xml.SubElement(
            shader, "item", value=str(value), label=f"{value} %", color=colour, alpha="255"
        )
    return root


def _style(kind: str, **attributes: str) -> tuple[Xml.Element, Xml.Element]:
    root = Xml.Element("qgis", version="3.22", styleCategories="Symbology")
    pipe = Xml.SubElement(root, "pipe")
    renderer = Xml.SubElement(pipe, "rasterrenderer", type=kind, band="1", **attributes)
    return root, renderer


def _write(path: str | Path, root: Xml.Element) -> None:
    with published(path) as part:
        # GDAL finds the root only in a file without an XML declaration.
        part.write_bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=False))
