"""What makes polygons explain themselves: their QGIS style, in the classes' colours.

The file and the plugin use the same text: QGIS reads it from the GeoPackage, the plugin sets it when
Processing loads the layer.
"""

from __future__ import annotations

import html

from .class_table import ClassEntry, ClassTable

#: The field with the class value.
CLASS_FIELD = "class"

#: Opacity of the inside, 0..255: the image below stays visible.
_INSIDE = 90

#: Millimetres on the screen.
_LINE = 0.46


def footprint_style(table: ClassTable) -> str:
    """QGIS's style (QML) for polygons of the classes of ``table``."""
    categories = [
        f'   <category value="{entry.value}" symbol="{number}" label="{html.escape(entry.name)}" '
        'render="true" type="long"/>'
        for number, entry in enumerate(table)
    ]
    symbols = [line for number, entry in enumerate(table) for line in _symbol(number, entry)]
    return "\n".join(
        [
            '<qgis version="3.22" styleCategories="Symbology">',
            f' <renderer-v2 type="categorizedSymbol" attr="{CLASS_FIELD}" symbollevels="0" '
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
        "color": f"{red},{green},{blue},{_INSIDE}",
        "style": "solid",
        "outline_color": f"{red},{green},{blue},255",
        "outline_style": "solid",
        "outline_width": f"{_LINE}",
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
