"""QGIS styles and class names of the files that a run writes: masks, rasters of percent and polygons.

GeoTIFF can hold a palette but no category names; GDAL reads these from a ``.aux.xml`` beside the file. The
styles are QML, which QGIS reads from a ``.qml`` beside a raster and from inside a GeoPackage. The plugin uses the
same texts when Processing loads a layer.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from .class_table import ClassEntry, ClassTable
from .errors import RasterError
from .output_files import atomic_output, write_error_message
from .translation import tr

#: Colours of percentages, from low to high. Viridis: even steps of lightness, readable for colour-blind readers
#: and in print.
PERCENT_RAMP = (
    (0, "#440154"),
    (25, "#3b528b"),
    (50, "#21918c"),
    (75, "#5ec962"),
    (100, "#fde725"),
)

#: Opacity of a polygon's fill, 0..255: the image below stays visible.
_FILL_ALPHA = 90

#: Width of a polygon's outline, mm on the screen.
_LINE_WIDTH = 0.46

_RASTER_STYLE = """<qgis version="3.22" styleCategories="Symbology">
 <pipe>
{renderer}
 </pipe>
</qgis>
"""


def write_legend(mask: str | Path, table: ClassTable) -> None:
    """Writes the class names and the QGIS style of ``mask`` beside it.

    A coordinate system that GDAL has put into the ``.aux.xml`` is kept.

    Raises:
        RasterError: If one of the files cannot be written.
    """
    sidecar = Path(f"{mask}.aux.xml")
    text = sidecar.read_text(encoding="utf-8") if sidecar.exists() else ""
    _write(sidecar, _category_names(table, re.findall(r"<SRS.*?</SRS>", text, re.DOTALL)))
    _write(Path(mask).with_suffix(".qml"), _paletted_style(table))


def write_percent_style(raster: str | Path) -> None:
    """Writes the QGIS style of a raster of percent, such as confidence, beside it.

    Raises:
        RasterError: If it cannot be written.
    """
    _write(Path(raster).with_suffix(".qml"), _ramp_style())


def read_category_names(raster: str | Path) -> dict[int, str]:
    """The category names in ``raster``'s ``.aux.xml``, by value; empty if there are none."""
    path = Path(f"{raster}.aux.xml")
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    names = re.findall(r"<Category\s*/>|<Category>(.*?)</Category>", text, re.DOTALL)
    return {value: html.unescape(name) for value, name in enumerate(names) if name}


def footprint_style(table: ClassTable) -> str:
    """The QGIS style (QML) of polygons of the classes of ``table``."""
    categories = [
        f'   <category value="{entry.value}" symbol="{number}" label="{html.escape(entry.name)}" '
        'render="true" type="long"/>'
        for number, entry in enumerate(table)
    ]
    symbols = [line for number, entry in enumerate(table) for line in _symbol(number, entry)]
    return "\n".join(
        [
            '<qgis version="3.22" styleCategories="Symbology">',
            ' <renderer-v2 type="categorizedSymbol" attr="class" symbollevels="0" '
            'enableorderby="0" forceraster="0">',
            "  <categories>",
            *categories,
            "  </categories>",
            "  <symbols>",
            *symbols,
            "  </symbols>",
            " </renderer-v2>",
            " <layerGeometryType>2</layerGeometryType>",
            "</qgis>",
            "",
        ]
    )


def _symbol(number: int, entry: ClassEntry) -> list[str]:
    red, green, blue = entry.rgb
    options = {
        "color": f"{red},{green},{blue},{_FILL_ALPHA}",
        "style": "solid",
        "outline_color": f"{red},{green},{blue},255",
        "outline_style": "solid",
        "outline_width": f"{_LINE_WIDTH}",
        "outline_width_unit": "MM",
        "joinstyle": "miter",
    }
    return [
        f'   <symbol type="fill" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">',
        '    <layer class="SimpleFill" enabled="1" locked="0" pass="0">',
        '     <Option type="Map">',
        *(
            f'      <Option type="QString" name="{name}" value="{value}"/>'
            for name, value in options.items()
        ),
        "     </Option>",
        "    </layer>",
        "   </symbol>",
    ]


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
    return _RASTER_STYLE.format(renderer="\n".join(renderer))


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
    return _RASTER_STYLE.format(renderer="\n".join(renderer))


def _write(path: str | Path, text: str) -> None:
    try:
        with atomic_output(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RasterError(write_error_message(tr("legend"), path, error)) from error
