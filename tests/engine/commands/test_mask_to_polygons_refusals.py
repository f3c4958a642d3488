"""What polygons cannot be made of, or written to, is refused in a sentence; nothing is left behind."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
from affine import Affine

from engine.commands.mask_to_polygons import mask_to_polygons
from engine.contract.class_table import class_table, to_records
from engine.contract.errors import EngineError
from engine.contract.file_jobs import PolygonsJob
from tests.engine.synthetic import UTM_GRID

REFUSED = [
    ({"mask": "float.tif"}, "numbers with decimals"),
    ({"mask": "three.tif"}, "has 3 bands: a mask has one"),
    ({"mask": "minus.tif"}, "holds the value -3 at row 2, column 1"),
    ({"mask": "none.tif"}, "there is no such file"),
    ({"confidence": "small.tif"}, "does not lie pixel by pixel"),
    ({"confidence": "moved.tif"}, "does not lie pixel by pixel"),
    ({"confidence": "three.tif"}, "a confidence raster has one"),
    ({"confidence": "other.tif"}, "other.tif is in EPSG:32644, the mask .*m.tif in EPSG:32645"),
    ({"confidence": "m.tif"}, "Mask and confidence are the same file"),
    ({"classes": (-1,)}, "has no class -1"),
    ({"minimum_area": -1.0}, "minimum_area must be a number, 0 or more, not -1"),
    ({"simplify": float("nan")}, "simplify must be a number, 0 or more, not nan"),
    ({"neck": 0.0}, "neck must be a number above 0 and up to 100, not 0"),
    ({"neck": 101.0}, "and up to 100, not 101"),
    ({"output": "x.shp"}, "must end in .gpkg"),
    *(
        ({"output": f"{name}.gpkg"}, "reserved in a GeoPackage. Choose another name")
        for name in ("gpkg_houses", "layer_styles", "Layer_Styles", "sqlite_x", "-x", "(1)")
    ),
    ({"output": ""}, "needs the options mask and output"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_refusals_are_sentences(write_raster, tmp_path, events, options, sentence) -> None:
    zeros = np.zeros((40, 50), np.uint8)
    write_raster("m.tif", zeros)
    write_raster("float.tif", zeros.astype(np.float32))
    write_raster("three.tif", np.stack([zeros] * 3), photometric="minisblack")
    minus = zeros.astype(np.int16)
    minus[2, 1] = -3
    write_raster("minus.tif", minus)
    write_raster("small.tif", zeros[:20])
    write_raster("moved.tif", zeros, transform=UTM_GRID @ Affine.translation(1, 0))
    write_raster("other.tif", zeros, crs="EPSG:32644")
    before = set(tmp_path.iterdir())
    job = {"mask": "m.tif", "output": "x.gpkg", **options}
    files = {
        name: str(tmp_path / job[name]) if job.get(name) else ""
        for name in ("mask", "confidence", "output")
    }
    with pytest.raises(EngineError, match=sentence):
        mask_to_polygons(PolygonsJob(**{**job, **files}), events)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (
            PermissionError(13, "Permission denied"),
            "Permission denied\\): is the file open in QGIS",
        ),
        (OSError(28, "No space left on device"), "is the disk full"),
    ],
)
def test_a_file_that_cannot_take_its_place(
    write_raster, tmp_path, events, monkeypatch, error, way_out
) -> None:
    mask = write_raster("m.tif", np.ones((4, 4), np.uint8))
    before = set(tmp_path.iterdir())

    def replace(*_: object) -> None:
        raise error

    monkeypatch.setattr("engine.contract.file_replacement.os.replace", replace)
    with pytest.raises(EngineError, match=way_out):
        mask_to_polygons(PolygonsJob(mask=mask, output=str(tmp_path / "x.gpkg")), events)
    assert set(tmp_path.iterdir()) == before


def test_a_class_the_mask_does_not_name_is_refused(write_raster, tmp_path, events) -> None:
    mask = write_raster("m.tif", np.ones((4, 4), np.uint8))
    with rasterio.open(mask, "r+") as file:
        table = class_table({0: "land", 1: "house"})
        file.update_tags(DUALSTREAM_CLASSES=json.dumps(to_records(table)))
    job = PolygonsJob(mask=mask, output=str(tmp_path / "x.gpkg"), classes=(1, 4))
    with pytest.raises(EngineError, match="has no class 4; it has: 0 land, 1 house"):
        mask_to_polygons(job, events)
