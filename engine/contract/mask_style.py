"""What makes a mask explain itself: category names (``.aux.xml``) and QGIS style (``.qml``).

GeoTIFF keeps a palette inside but has no place for category names; GDAL, and everything built on it,
reads them from a ``.aux.xml`` beside the file. Both files are a few fixed lines, so they are written as text.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from .class_table import ClassTable
from .errors import RasterError
from .output_files import atomic_output, write_error_message

#: The ramp of shares, from low to high (percent, colour). Viridis: even steps of lightness, readable for
#: colour-blind readers and in print.
PERCENT_RAMP = (
    (0, "#440154"),
    (25, "#3b528b"),
    (50, "#21918c"),
    (75, "#5ec962"),
    (100, "#fde725"),
)

_STYLE = """<qgis version="3.22" styleCategories="Symbology">
 <pipe>
{renderer}
 </pipe>
</qgis>
"""


def write_legend(mask: str | Path, table: ClassTable) -> None:
    """Writes the class names and the QGIS style of ``mask`` beside it.

    A coordinate system that GDAL has put into the ``.aux.xml`` stays there.

    Raises:
        RasterError: If one of the files cannot be written.
    """
    sidecar = Path(f"{mask}.aux.xml")
    kept = sidecar.read_text(encoding="utf-8") if sidecar.exists() else ""
    _write(sidecar, _category_names(table, re.findall(r"<SRS.*?</SRS>", kept, re.DOTALL)))
    _write(Path(mask).with_suffix(".qml"), _paletted_style(table))


def write_percent_style(raster: str | Path) -> None:
    """Writes the QGIS style of a raster of percent, such as confidence, beside it.

    Raises:
        RasterError: If it cannot be written.
    """
    _write(Path(raster).with_suffix(".qml"), _ramp_style())


def read_category_names(raster: str | Path) -> dict[int, str]:
    """The category names that GDAL keeps in ``raster``'s ``.aux.xml``, by value; empty if none."""
    path = Path(f"{raster}.aux.xml")
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    names = re.findall(r"<Category\s*/>|<Category>(.*?)</Category>", text, re.DOTALL)
    return {value: html.unescape(name) for value, name in enumerate(names) if name}


def _category_names(table: ClassTable, coordinate_system: list[str]) -> str:
    names = {entry.value: html.escape(entry.name) for entry in table}
    lines = [f"   <Category>{names.get(value, '')}</Category>" for value in range(max(names) + 1)]
    # GDAL finds the root only in a file without an XML declaration.
    return "\n".join(
        [
            "<PAMDataset>",
            *coordinate_system,
            ' <PAMRasterBand band="1">',
            "  <CategoryNames>",
            *lines,
            "  </CategoryNames>",
            " </PAMRasterBand>",
            "</PAMDataset>",
            "",
        ]
    )


def _paletted_style(table: ClassTable) -> str:
    entries = [
        f'    <paletteEntry value="{entry.value}" label="{html.escape(entry.name)}" '
        f'color="{entry.colour}" alpha="{entry.alpha}"/>'
        for entry in table
    ]
    renderer = [
        '  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1">',
        "   <colorPalette>",
        *entries,
        "   </colorPalette>",
        "  </rasterrenderer>",
    ]
    return _STYLE.format(renderer="\n".join(renderer))


def _ramp_style() -> str:
    items = [
        f'     <item value="{value}" label="{value} %" color="{colour}" alpha="255"/>'
        for value, colour in PERCENT_RAMP
    ]
    renderer = [
        '  <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" '
        'classificationMin="0" classificationMax="100">',
        "   <rastershader>",
        '    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" '
        'minimumValue="0" maximumValue="100">',
        *items,
        "    </colorrampshader>",
        "   </rastershader>",
        "  </rasterrenderer>",
    ]
    return _STYLE.format(renderer="\n".join(renderer))


def _write(path: str | Path, text: str) -> None:
    try:
        with atomic_output(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RasterError(write_error_message("legend", path, error)) from error
