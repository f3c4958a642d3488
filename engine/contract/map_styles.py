"""QGIS styles and class names of the files that a run writes: masks, rasters of percent and polygons.

GeoTIFF can hold a palette but no category names; GDAL reads these from a ``.aux.xml`` beside the file. The
styles are QML, which QGIS reads from a ``.qml`` beside a raster and from inside a GeoPackage. The plugin uses the
same texts when Processing loads a layer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .class_table import ClassTable
from .errors import RasterError
from .file_jobs import POINTS, RARE_CLASS, UNCERTAIN, UNLIKE
from .output_writer import write_output
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

#: Diameter of a point's ring, mm on the screen.
_MARKER = 5

#: QGIS's numbers of kinds of geometry.
_POINT, _POLYGON = 0, 2

#: Fields of a polygon that nobody types in: its form shows them.
_MEASURED = ("name", "area_m2", "confidence", "pixels")

#: Colours of the reasons of suggested squares and points, bright on imagery: uncertain, rare class, unlike anything labelled.
_REASON_COLOURS = ("#ffb000", "#ff5fa2", "#40c4ff")

#: The rank of a suggested square or point, white with a dark edge.
_RANK_LABELS = """ <labeling type="simple">
  <settings calloutType="simple">
   <text-style fieldName="rank" isExpression="0" fontSize="11" fontSizeUnit="Point" fontWeight="75"
     textColor="255,255,255,255" textOpacity="1">
    <text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="40,40,40,255" bufferOpacity="1"/>
   </text-style>
   <placement placement="1" centroidInside="1" centroidWhole="1"/>
   <rendering drawLabels="1" obstacle="0" displayAll="1"/>
  </settings>
 </labeling>"""

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
    """The QGIS style (QML) of polygons of the classes of ``table``, with a form for their editing."""
    categories = [
        (str(entry.value), entry.name, _symbol(number, entry.colour, _FILL_ALPHA, _LINE_WIDTH))
        for number, entry in enumerate(table)
    ]
    return _categorized("class", "long", categories, form=_class_form(table) if table else "")


def suggestion_style(shape: str) -> str:
    """The QGIS style (QML) of suggested squares or points: an outline in the colour of the reason, and the rank."""
    draw = _marker if shape == POINTS else _outline
    labels = {
        UNCERTAIN: tr("The model is unsure or sees several classes"),
        RARE_CLASS: tr("The model sees a rare class"),
        UNLIKE: tr("Unlike anything labelled"),
    }
    categories = [
        (reason, label, draw(number, colour))
        for number, ((reason, label), colour) in enumerate(zip(labels.items(), _REASON_COLOURS))
    ]
    geometry = _POINT if shape == POINTS else _POLYGON
    return _categorized("reason", "string", categories, _RANK_LABELS, geometry=geometry)


def _class_form(table: ClassTable) -> str:
    """The elements of a style that make a class a list of names to choose from; its name and value stay in step."""
    choices = [
        f'      <Option type="Map"><Option type="QString" name="{html.escape(entry.name)}" '
        f'value="{entry.value}"/></Option>'
        for entry in table
    ]
    # QGIS evaluates the expression whenever a polygon is drawn or changed.
    names = (f'WHEN "class" = {entry.value} THEN {_quoted(entry.name)}' for entry in table)
    expression = f"CASE {' '.join(names)} END"
    return "\n".join(
        [
            " <fieldConfiguration>",
            '  <field name="class">',
            '   <editWidget type="ValueMap"><config>',
            '    <Option type="Map"><Option type="List" name="map">',
            *choices,
            "    </Option></Option>",
            "   </config></editWidget>",
            "  </field>",
            " </fieldConfiguration>",
            " <editable>",
            *(f'  <field name="{name}" editable="0"/>' for name in _MEASURED),
            " </editable>",
            " <defaults>",
            f'  <default field="name" applyOnUpdate="1" expression="{html.escape(expression)}"/>',
            " </defaults>",
        ]
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _categorized(
    field: str,
    kind: str,
    categories: Sequence[tuple[str, str, list[str]]],
    labels: str = "",
    form: str = "",
    geometry: int = _POLYGON,
) -> str:
    """The style of polygons or points by the values of a field.

    Args:
        field: The field.
        kind: Its type, "long" or "string".
        categories: Value, label and symbol of each category.
        labels: The element with the settings of labels; empty: no labels.
        form: The elements with the settings of fields; empty: none.
        geometry: QGIS's number of the kind of geometry.
    """
    elements = [
        f'   <category value="{html.escape(value)}" symbol="{number}" label="{html.escape(label)}" '
        f'render="true" type="{kind}"/>'
        for number, (value, label, _) in enumerate(categories)
    ]
    parts = "Symbology" + "|Labeling" * bool(labels) + "|Fields|Forms" * bool(form)
    return "\n".join(
        [
            f'<qgis version="3.22" styleCategories="{parts}" labelsEnabled="{int(bool(labels))}">',
            f' <renderer-v2 type="categorizedSymbol" attr="{field}" symbollevels="0" '
            'enableorderby="0" forceraster="0">',
            "  <categories>",
            *elements,
            "  </categories>",
            "  <symbols>",
            *(line for _, _, symbol in categories for line in symbol),
            "  </symbols>",
            " </renderer-v2>",
            *filter(None, (labels, form)),
            f" <layerGeometryType>{geometry}</layerGeometryType>",
            "</qgis>",
            "",
        ]
    )


def _outline(number: int, colour: str) -> list[str]:
    """The symbol of a square that shows the image inside."""
    return _symbol(number, colour, 0, 2 * _LINE_WIDTH)


def _symbol(number: int, colour: str, fill_alpha: int, line_width: float) -> list[str]:
    """A filled and outlined symbol; ``fill_alpha`` 0..255, ``line_width`` in mm on the screen."""
    options = {
        "color": f"{_rgb(colour)},{fill_alpha}",
        "style": "solid" if fill_alpha else "no",
        "outline_color": f"{_rgb(colour)},255",
        "outline_style": "solid",
        "outline_width": f"{line_width}",
        "outline_width_unit": "MM",
        "joinstyle": "miter",
    }
    return _simple_symbol(number, "fill", "SimpleFill", options)


def _marker(number: int, colour: str) -> list[str]:
    """The symbol of a point: a ring, so that the pixel in it stays visible."""
    options = {
        "name": "circle",
        "color": f"{_rgb(colour)},0",
        "outline_color": f"{_rgb(colour)},255",
        "outline_style": "solid",
        "outline_width": f"{2 * _LINE_WIDTH}",
        "outline_width_unit": "MM",
        "size": f"{_MARKER}",
        "size_unit": "MM",
    }
    return _simple_symbol(number, "marker", "SimpleMarker", options)


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[begin : begin + 2], 16)) for begin in (1, 3, 5))


def _simple_symbol(number: int, kind: str, layer: str, options: Mapping[str, str]) -> list[str]:
    return [
        f'   <symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">',
        f'    <layer class="{layer}" enabled="1" locked="0" pass="0">',
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
    write_output(path, text.encode(), tr("legend"), RasterError)
