"""Names and colours of a class raster's values, from everything that GDAL and QGIS write beside it or into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio.shutil

from engine.contract.class_table import class_table
from engine.contract.map_styles import write_legend
from engine.datasets.label_source import LabelOptions
from engine.datasets.labels import open_labels
from engine.rasters.grid import Grid

TABLE = """
<PAMDataset><PAMRasterBand band="1"><GDALRasterAttributeTable tableType="thematic">
{columns}{rows}
</GDALRasterAttributeTable></PAMRasterBand></PAMDataset>
"""


def attribute_table(*columns: tuple[str, int, int], rows: list[tuple[Any, ...]]) -> str:
    """A PAM file with the columns' names, types and uses, as GDAL writes it."""
    fields = "".join(
        f'<FieldDefn index="{i}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>'
        for i, (name, kind, usage) in enumerate(columns)
    )
    lines = "".join(
        f'<Row index="{i}">{"".join(f"<F>{cell}</F>" for cell in row)}</Row>'
        for i, row in enumerate(rows)
    )
    return TABLE.format(columns=fields, rows=lines)


@pytest.fixture
def classes(write_raster: Callable[..., str]) -> Path:
    """A class raster without any names."""
    values = np.arange(40 * 50, dtype=np.uint8).reshape(40, 50) % 4
    return Path(write_raster("classes.tif", values))


def legend(path: Path, grid: Grid) -> tuple[dict[int, str], dict[int, str]]:
    labels = open_labels(str(path), grid, LabelOptions())
    return labels.names, labels.colours


def test_a_raster_without_a_legend_has_no_names(classes: Path, grid: Grid) -> None:
    assert legend(classes, grid) == ({}, {})


def test_an_attribute_table_names_and_colours_its_values(classes: Path, grid: Grid) -> None:
    columns = ("Value", 0, 5), ("Count", 0, 1), ("Class_Name", 2, 2)
    colours = ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8)
    rows = [
        (0, 9, "land &amp; sea", 1, 2, 3),
        (3, 9, "thin cloud", 255, 0, 16),
        (1, 9, "", 0, 0, 0),
    ]
    sidecar = classes.with_name("classes.tif.aux.xml")
    sidecar.write_text(attribute_table(*columns, *colours, rows=rows))
    names, shades = {0: "land & sea", 3: "thin cloud"}, {0: "#010203", 3: "#ff0010", 1: "#000000"}
    assert legend(classes, grid) == (names, shades)
    copied = classes.with_name("copy.img")
    rasterio.shutil.copy(str(classes), str(copied), driver="HFA")
    sidecar.unlink()
    assert legend(copied, grid)[0] == names, "ERDAS keeps the table in the file"


def test_a_table_without_uses_is_read_by_its_columns_names(classes: Path, grid: Grid) -> None:
    rows = [(2, 0.5, "a remark", "water"), (0, 0.5, "", "land"), (2.5, 0, "", "no value")]
    columns = ("VALUE", 1, 0), ("Share", 1, 0), ("Remark", 2, 0), ("CLASSNAME", 2, 0)
    sidecar = classes.with_name("classes.tif.aux.xml")
    sidecar.write_text(attribute_table(*columns, rows=rows))
    assert legend(classes, grid) == ({2: "water", 0: "land"}, {})
    sidecar.write_text(attribute_table(("Landcover", 2, 0), rows=[("land",), ("water",)]))
    assert legend(classes, grid) == ({0: "land", 1: "water"}, {}), "a row's number is its value"


def test_a_style_of_qgis_names_unique_values(classes: Path, grid: Grid) -> None:
    classes.with_suffix(".qml").write_text(
        '<qgis><pipe><rasterrenderer type="paletted"><colorPalette>'
        '<paletteEntry alpha="255" color="#AA0000" label="a &quot;b&quot; &amp; c" value="1"/>'
        '<paletteEntry value="2" label="2" color="#00aa00"/>'
        '<paletteEntry value="-3" label="nothing" color="#00aa00"/>'
        "</colorPalette></rasterrenderer></pipe></qgis>"
    )
    assert legend(classes, grid) == ({1: 'a "b" & c'}, {1: "#aa0000", 2: "#00aa00"})


def test_category_names_and_palette_count_first(classes: Path, grid: Grid) -> None:
    table = class_table({1: "water", 3: "cloud"}, {1: "#0000ff", 3: "#ffffff"})
    write_legend(classes, table)
    assert legend(classes, grid)[0] == {1: "water", 3: "cloud"}
    style = classes.with_suffix(".qml")
    style.write_text(style.read_text().replace("cloud", "fog").replace('"1" label', '"0" label'))
    names, colours = legend(classes, grid)
    assert names == {0: "water", 1: "water", 3: "cloud"}
    assert colours == {0: "#0000ff", 3: "#ffffff"}
    with rasterio.open(classes, "r+") as file:
        file.write_colormap(1, {3: (9, 9, 9)})
    assert legend(classes, grid)[1][3] == "#090909"


@pytest.mark.parametrize(
    ("name", "read"), [(b"caf\xe9", "caf\ufffd"), ("논".encode(), "논"), (b"a\x07b", "ab")]
)
def test_names_in_other_encodings_do_not_end_the_reading(
    classes: Path, grid: Grid, name: bytes, read: str
) -> None:
    write_legend(classes, class_table({0: "NAME"}))
    sidecar = classes.with_name("classes.tif.aux.xml")
    sidecar.write_bytes(sidecar.read_bytes().replace(b"NAME", name))
    assert legend(classes, grid)[0] == {0: read}


def test_a_virtual_raster_keeps_the_names_of_its_source(classes: Path, grid: Grid) -> None:
    write_legend(classes, class_table({1: "water", 3: "cloud"}))
    virtual = classes.with_name("v.vrt")
    rasterio.shutil.copy(str(classes), str(virtual), driver="VRT")
    assert legend(virtual, grid)[0] == {1: "water", 3: "cloud"}
