"""Writes polygons into a GeoPackage batch by batch, with the style for QGIS."""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from rasterio.crs import CRS
from rasterio.warp import transform

from ..contract.clean_up import CleanUp
from ..contract.errors import JobError
from ..contract.output_files import check_writable, write_error_message
from ..contract.output_writer import output_file
from ..contract.translation import tr
from ..rasters.grid import Grid

SUFFIX = ".gpkg"

#: Names of fields besides ``fid`` and ``geom``, and their types; ``object`` for texts.
Fields = Mapping[str, Any]

_ERRORS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)

#: Layer names that GDAL or SQLite refuses, or that belong to tables of the GeoPackage.
_RESERVED = re.compile(
    r"gpkg|sqlite_|(layer_styles|ogr_empty_table)$|[][`~!@#$%^&*()+={}|\\:\";'<>?,./-]",
    re.IGNORECASE,
)

#: The table that QGIS creates: https://docs.qgis.org/3.22/en/docs/user_manual/working_with_vector (Save style).
_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


class FootprintWriter:
    """Writes polygons, or points, in any number of batches.

    Args:
        part: The GeoPackage to create.
        layer: The layer's name.
        crs: The layer's coordinate system, or None.
        fields: The layer's fields.
        geometry: "Polygon" or "Point".
    """

    def __init__(
        self, part: Path, layer: str, crs: CRS | None, fields: Fields, geometry: str
    ) -> None:
        self._geometry = geometry
        self._part = part
        self._layer = layer
        self._fields = fields
        self._crs = None if crs is None else crs.to_wkt()
        # The file is temporary until it is complete, so a journal on disk is of no use.
        pyogrio.set_gdal_config_options({"OGR_SQLITE_JOURNAL": "MEMORY"})
        empty = {name: np.empty(0, kind) for name, kind in fields.items()}
        self._append(np.empty(0, object), empty, append=False)

    def write(self, shapes: NDArray[Any], columns: Mapping[str, NDArray[Any]]) -> None:
        """Appends polygons (N,) with a column (N,) for every field; NaN is written as null."""
        if len(shapes):
            self._append(shapes, columns, append=True)

    def _append(
        self, shapes: NDArray[Any], columns: Mapping[str, NDArray[Any]], append: bool
    ) -> None:
        data = [np.asarray(columns[name], kind) for name, kind in self._fields.items()]
        with warnings.catch_warnings():
            # About the ending .part, and about a missing coordinate system.
            warnings.simplefilter("ignore")
            pyogrio.raw.write(
                str(self._part),
                shapely.to_wkb(shapes),
                data,
                [*self._fields],
                layer=self._layer,
                driver="GPKG",
                geometry_type=self._geometry,
                crs=self._crs,
                append=append,
                # The newest version that the GDAL of QGIS 3.22 reads without a warning.
                dataset_options=None if append else {"VERSION": "1.2"},
            )

    def style(self, name: str, qml: str) -> None:
        """Stores the default style of QGIS, by its name and its text (QML)."""
        with CleanUp() as end:
            file = sqlite3.connect(self._part)
            end.callback(file.close)
            end.enter_context(file)  # commits
            file.execute("PRAGMA journal_mode=MEMORY")
            file.execute(_STYLES)
            file.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
                "VALUES ('layer_styles', 'attributes', 'layer_styles')"
            )
            file.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, useAsDefault, description) "
                "VALUES ('', '', ?, 'geom', ?, ?, 1, 'DualStream')",
                (self._layer, name, qml),
            )


def check_footprints(path: str) -> Path:
    """Checks before a run that polygons can be written to ``path``.

    Raises:
        JobError: If the path is not a GeoPackage, cannot be written, is open in another program, or has a name
            that no layer can have.
    """
    output = check_writable(path, (SUFFIX,))
    if _RESERVED.match(output.stem):
        raise JobError(
            tr(
                "The output {} cannot be named {}, because its layer has the same name: names that begin "
                "with gpkg, sqlite_ or a special character, layer_styles and ogr_empty_table are "
                "reserved in a GeoPackage. Choose another name."
            ).format(output, output.stem)
        )
    log = Path(f"{output}-wal")
    if log.exists() and log.stat().st_size:
        # SQLite would apply this log to the new file.
        raise JobError(
            tr(
                "The output {} is being edited in another program ({} lies beside it): close it "
                "there, or give another name."
            ).format(output, log.name)
        )
    return output


def to_map(
    grid: Grid, crs: CRS | None = None
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Function from pixel coordinates (N, 2), column and row, to map coordinates.

    Args:
        grid: The grid of the pixels.
        crs: The coordinate system of the map; None: that of the grid.
    """
    # QGIS draws a picture without coordinates below the x axis.
    t = Affine.scale(1, -1) if grid.is_ungeoreferenced else grid.transform

    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        cols, rows = points[:, 0], points[:, 1]
        xs, ys = t.a * cols + t.b * rows + t.c, t.d * cols + t.e * rows + t.f
        if crs is not None and crs != grid.crs:
            xs, ys = transform(grid.crs, crs, xs, ys)[:2]
        return np.column_stack([xs, ys])

    return convert


@contextmanager
def footprint_writer(
    path: str, crs: CRS | None, fields: Fields, geometry: str = "Polygon"
) -> Iterator[FootprintWriter]:
    """A writer for the GeoPackage ``path``, whose layer has the file's name.

    Args:
        path: The file; it appears when the block ends without an error.
        crs: The polygons' coordinate system, or None.
        fields: The layer's fields.
        geometry: "Polygon" or "Point".

    Raises:
        JobError: If the file cannot be written.
    """
    what = tr("polygons")
    try:
        with output_file(path, what) as part:
            yield FootprintWriter(part, Path(path).stem, crs, fields, geometry)
    except (*_ERRORS, sqlite3.Error) as error:
        raise JobError(write_error_message(what, path, error)) from error
