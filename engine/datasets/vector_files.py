"""Reads vector files: polygons, lines and points in the image's coordinates, and one of their attributes."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..contract.translation import tr
from ..rasters.gdal_settings import NetworkAccess  # sets GDAL's variables before pyogrio loads GDAL

# isort: split
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import CRSError as UnknownSystemError
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import transform

from ..contract.errors import LabelError, first_line
from ..contract.jobs import Extent
from ..contract.paths import check_source, format_path, is_plain_path
from ..rasters.grid import Grid
from ..rasters.vrt_sources import address_refusal, find_address, is_remote_crs

#: Endings of vector files; all other files are read as rasters.
VECTOR_SUFFIXES = (
    ".gpkg",
    ".geojson",
    ".json",
    ".shp",
    ".fgb",
    ".gml",
    ".kml",
    ".parquet",
    ".sqlite",
)

#: The start of GDAL's text for the coordinate systems 0 and -1 of a GeoPackage.
_UNDEFINED = re.compile(r'^\w+\["Undefined ')

#: The coordinate system in a GeoJSON; if GDAL cannot load it, GDAL reads the coordinates as degrees.
_CRS = re.compile(rb'"crs"\s*:\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}')
_LINK = re.compile(rb'"type"\s*:\s*"(?:link|url)"', re.IGNORECASE)
_NAME = re.compile(rb'"(?:name|urn)"\s*:\s*"([^"]*)"')

_NETWORK = NetworkAccess(lambda name, value: pyogrio.set_gdal_config_options({name: value}))


def is_vector(path: str) -> bool:
    """Whether ``path`` is read as a vector file rather than as a raster."""
    return "|" in path or Path(path).suffix.lower() in VECTOR_SUFFIXES


def read_polygons(
    path: str, grid: Grid, class_field: str = ""
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """The polygons (N,) of a file in the grid's coordinates, repaired if invalid, and one attribute (N,).

    Args:
        path: The file.
        grid: The grid.
        class_field: Name of the attribute; empty: none.

    Raises:
        LabelError: If the file, field or coordinate system cannot be used, or there is no polygon.
    """
    crs, shapes, attribute = _read_shapes(path, class_field)
    usable = shapely.area(shapes) > 0
    if not usable.any():
        raise LabelError(
            tr(
                "{} holds no polygon with an area. An area, checked squares and a mask must be polygons."
            ).format(path)
        )
    return _usable(usable, shapes, attribute, _conversion(crs, grid, path))


def read_marks(
    path: str, grid: Grid, class_field: str = ""
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """The polygons, lines and points (N,) of a file in the grid's coordinates, and one attribute (N,).

    The parts of a collection of several kinds are shapes of their own.

    Args:
        path: The file.
        grid: The grid.
        class_field: Name of the attribute; empty: none.

    Raises:
        LabelError: If the file, field or coordinate system cannot be used, or it holds no shape.
    """
    crs, shapes, attribute = _read_shapes(path, class_field)
    shapes, owners = _without_collections(shapes)
    attribute = None if attribute is None else attribute[owners]
    dimensions = shapely.get_dimensions(shapes)
    usable = ~shapely.is_empty(shapes) & (
        (dimensions == 0) | (dimensions == 1) | (shapely.area(shapes) > 0)
    )
    if not usable.any():
        raise LabelError(
            tr("{} holds no point, no line and no polygon with an area: nothing is marked.").format(
                path
            )
        )
    return _usable(usable, shapes, attribute, _conversion(crs, grid, path))


def _read_shapes(
    path: str, class_field: str
) -> tuple[str | None, NDArray[Any], NDArray[Any] | None]:
    """Coordinate system, shapes (N,) with repaired polygons, and the attribute (N,) of a vector file."""
    crs, blobs, attribute = _read_vector(path, class_field, geometry=True)
    with np.errstate(invalid="ignore"):  # coordinates that are not numbers are refused below
        shapes = shapely.from_wkb(blobs)
    _check_coordinates(shapes, path)
    is_area = shapely.get_dimensions(shapes) == 2
    repaired = shapely.make_valid(shapes[is_area], method="structure", keep_collapsed=False)
    shapes[is_area] = repaired
    return crs, shapes, attribute


def _without_collections(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Shapes (M,) in place of all collections, and for each the index of the shape (N,) that it belongs to."""
    is_mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    if not is_mixed.any():
        return shapes, np.arange(len(shapes))
    parts, owners = shapely.get_parts(shapes[is_mixed], return_index=True)
    together = np.concatenate([shapes[~is_mixed], parts])
    places = np.concatenate([np.flatnonzero(~is_mixed), np.flatnonzero(is_mixed)[owners]])
    order = np.argsort(places, kind="stable")
    inner, found = _without_collections(together[order])  # a collection may hold another
    return inner, places[order][found]


def _usable(
    usable: NDArray[np.bool_],
    shapes: NDArray[Any],
    attribute: NDArray[Any] | None,
    convert: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None,
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """The usable shapes, in the grid's coordinates, and their attribute."""
    shapes = shapely.transform(shapes[usable], convert) if convert else shapes[usable]
    return shapes, None if attribute is None else attribute[usable]


def _check_coordinates(shapes: NDArray[Any], path: str) -> None:
    """Refuses shapes (N,) with coordinates that are not numbers: repaired, they would lose points or vanish silently."""
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.unique(owners[~np.isfinite(points).all(axis=1)])
    if len(wrong):
        text = tr(
            "{} holds shapes with coordinates that are not numbers: {} of {}, the first of them is number {}. Delete them "
            "or draw them again (Vector > Geometry Tools > Check Validity lists them)."
        )
        raise LabelError(text.format(path, len(wrong), len(shapes), wrong[0] + 1))


def polygon_extent(path: str, grid: Grid) -> Extent:
    """The smallest rectangle around the polygons of a file, in the grid's coordinates.

    Raises:
        LabelError: As ``read_polygons``.
    """
    left, bottom, right, top = map(float, shapely.total_bounds(read_polygons(path, grid)[0]))
    return left, bottom, right, top


def read_attribute(path: str, class_field: str) -> NDArray[Any]:
    """One attribute (N,) of all features of a vector file.

    Raises:
        LabelError: If the file or the attribute does not exist.
    """
    attribute = _read_vector(path, class_field, geometry=False)[2]
    return np.empty(0) if attribute is None else attribute


def field_names(path: str) -> tuple[str, ...]:
    """The names of the fields of a vector file.

    Raises:
        LabelError: If the file cannot be read.
    """
    with _opened(path) as (file, layer):
        return tuple(map(str, pyogrio.read_info(file, layer=layer)["fields"]))


def _read_vector(
    path: str, class_field: str, geometry: bool
) -> tuple[str | None, Any, NDArray[Any] | None]:
    """Coordinate system, geometries (WKB) and the attribute of a vector file."""
    columns = [class_field] if class_field else []
    with _opened(path) as (file, layer):
        meta, _, blobs, attributes = pyogrio.raw.read(
            file, layer=layer, columns=columns, read_geometry=geometry
        )
        known = pyogrio.read_info(file, layer=layer)["fields"]
    if class_field and class_field not in known:
        text = (
            tr("The layer {} has no field {!r}; it has: {}.")
            if len(known)
            else tr("The layer {} has no field {!r}, and no other one.")
        )
        raise LabelError(text.format(file, class_field, ", ".join(known)))
    return _known_crs(meta["crs"]), blobs, attributes[0] if class_field else None


def _known_crs(name: str | None) -> str | None:
    """A coordinate system, None for the names that a GeoPackage has for none."""
    return None if name and _UNDEFINED.search(name) else name


@contextmanager
def _opened(path: str) -> Iterator[tuple[str, str | int]]:
    """The checked file and the layer of a path, while pyogrio reads them; its errors name the file.

    The layer is the first one where the path names none: a GeoPackage with a style has the table of styles as a second.
    """
    file, _, options = path.partition("|")
    names = dict(pair.split("=", 1) for pair in options.split("|") if "=" in pair)
    layer = names.pop("layername", None)
    if names:  # such as subset, QGIS's filter: without it all shapes would count
        raise LabelError(
            tr(
                "{} names {}, which is not read: only layername is. Save the features that you need as a file of "
                "their own, and give that."
            ).format(format_path(path), ", ".join(names))
        )
    _check_file(file)
    try:
        with _NETWORK.for_path(file):
            yield file, layer or 0
    except (DataSourceError, DataLayerError, UnknownSystemError, ValueError, IndexError) as error:
        address = find_address(file) if is_plain_path(file) else ""
        reason = address_refusal(address) if address else first_line(error)
        raise LabelError(
            tr("The layer {} cannot be read: {}.").format(format_path(file), reason)
        ) from error


def _check_file(file: str) -> None:
    """Refuses a GeoJSON whose coordinate system is a link: GDAL would follow it."""
    check_source(file, LabelError)
    if not is_plain_path(file) or not Path(file).is_file() or not Path(file).stat().st_size:
        return
    with (
        Path(file).open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        is_json = text[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        found = _CRS.search(text) if is_json else None
        system = bytes(found[1]) if found else b""
    names = [name.decode("utf-8", "replace") for name in _NAME.findall(system)]
    if _LINK.search(system) or any(map(is_remote_crs, names)):
        raise LabelError(
            tr(
                "The layer {} names a coordinate system that is kept elsewhere, and DualStream "
                "does not follow addresses that it finds in a file: save it again in a coordinate system "
                "that has a code."
            ).format(format_path(file))
        )


def _conversion(
    name: str | None, grid: Grid, file: str
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
    """A function from the file's coordinates (N, 2) to the grid's; None if they are the same."""
    if not name or grid.crs is None:
        if name and not grid.is_ungeoreferenced:
            return None
        if name or grid.crs is not None:
            raise LabelError(
                tr(
                    "The layer {} cannot be placed on the image: one of the two names no coordinate "
                    "system. Assign the right one and try again."
                ).format(file)
            )
        return _in_picture if grid.is_ungeoreferenced and grid.transform.e > 0 else None
    try:
        crs = CRS.from_user_input(name)
    except CRSError as error:
        raise LabelError(
            tr("The coordinate system of {} is unknown ({}).").format(file, error)
        ) from error
    if crs == grid.crs:
        return None
    target = grid.crs

    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Transforms points (N, 2) into the image's coordinate system."""
        try:
            xs, ys = transform(crs, target, points[:, 0].tolist(), points[:, 1].tolist())[:2]
        except (RasterioError, CPLE_BaseError) as error:
            raise LabelError(
                tr(
                    "The layer {} has no place in the image's coordinate system ({}): does it name "
                    "the right one of its own?"
                ).format(format_path(file), first_line(error))
            ) from error
        return np.column_stack([xs, ys])

    return convert


def _in_picture(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2) in a picture's pixels: QGIS shows a picture without coordinates below the x axis."""
    return points * (1.0, -1.0) if np.mean(points[:, 1]) < 0 else points
