"""Writes mosaics of masks as VRT files, one per coordinate system; no pixel is copied.

Where masks overlap, the last one with a value is visible. Reads at a reduced size use the masks' overviews.
"""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasterio.crs import CRS

from ..contract.class_table import ClassTable, nodata_value, to_records
from ..contract.errors import RasterError, format_count, join_names
from ..contract.file_replacement import remove_file
from ..contract.map_styles import write_legend
from ..contract.output_writer import write_output
from ..contract.plain_text import is_valid_xml_text, shorten
from ..contract.protocol import Emit, Warned
from ..contract.translation import tr
from ..rasters.grid import Grid
from ..rasters.raster import Raster

#: Offsets up to this are rounding errors of coordinates, pixels over the whole mask.
_TOLERANCE = 0.1

#: GDAL's maximum number of rows or columns.
_MAX_SIDE = 2**31 - 1

#: Maximum number of masks that a warning names.
_MAX_NAMES = 5


@dataclass(frozen=True)
class _Mask:
    """A mask: its path, grid, and block shape."""

    path: str
    grid: Grid
    block: tuple[int, int]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north in the coordinate system's unit."""
        t, (width, height) = self.grid.transform, self.grid.pixel_size
        south, east = t.f - height * self.grid.height, t.c + width * self.grid.width
        return t.c, south, east, t.f


@dataclass(frozen=True)
class _Frame:
    """The grid of a mosaic: its corner, the size of a pixel, and the number of pixels."""

    west: float
    north: float
    width: float
    height: float
    cols: int
    rows: int


def write_mosaics(
    folder: Path, masks: Iterable[str], table: ClassTable, tags: dict[str, str], emit: Emit
) -> list[str]:
    """Writes a mosaic of masks for each coordinate system, with their classes and a style beside it.

    Args:
        folder: The folder of ``mosaic.vrt``, or of ``mosaic-EPSG-32652.vrt`` etc. if there are several systems.
        masks: Masks of the same classes, from bottom to top.
        table: The classes.
        tags: Metadata of each mosaic, by name.
        emit: Callback for warning events.

    Returns:
        The mosaics. An unchanged mosaic is not rewritten; without masks, nothing is changed.

    Raises:
        RasterError: If a mask cannot be read, or a mosaic not be written.
    """
    if not (given := [*masks]):
        return []
    groups = _group_by_crs(_georeferenced(given, emit))
    systems = [(crs, members) for crs, members in groups if _fits_raster(members, emit)]
    paths = [folder / name for name in _file_names([crs for crs, _ in systems])]
    for path, (crs, members) in zip(paths, systems):
        _write(path, _vrt(folder, crs, members, table, tags))
        write_legend(path, table)
    _remove_old(folder, paths)
    return [str(path) for path in paths]


def _georeferenced(masks: Iterable[str], emit: Emit) -> list[_Mask]:
    """The masks with coordinates and north up; warns about the others."""
    usable, others = [], []
    for path in masks:
        with Raster(path) as raster:
            mask = _Mask(path, raster.grid, raster.block_shape)
        t = mask.grid.transform
        is_upright = t.b == t.d == 0 and t.a > 0 > t.e
        if (
            mask.grid.is_ungeoreferenced
            or mask.grid.gcps
            or not is_upright
            or not is_valid_xml_text(path)
        ):
            others.append(shorten(Path(path).name)[1:-1])
        else:
            usable.append(mask)
    if others:
        emit(
            Warned(
                tr(
                    "Left out of the mosaics, because they have no coordinates, are not north up, or have a name that "
                    "XML cannot hold: {} ({})."
                ).format(
                    format_count(len(others), "{} mask", "{} masks"), join_names(others, _MAX_NAMES)
                )
            )
        )
    return usable


def _group_by_crs(masks: Iterable[_Mask]) -> list[tuple[CRS | None, list[_Mask]]]:
    groups: list[tuple[CRS | None, list[_Mask]]] = []
    for mask in masks:
        members = next((members for crs, members in groups if crs == mask.grid.crs), None)
        if members is None:
            groups.append((mask.grid.crs, members := []))
        members.append(mask)
    return groups


def _fits_raster(masks: Sequence[_Mask], emit: Emit) -> bool:
    """Whether a raster can have the rows and columns of a mosaic of these masks; warns if not."""
    frame = _frame(masks)
    if max(frame.cols, frame.rows) <= _MAX_SIDE:
        return True
    emit(
        Warned(
            tr(
                "There is no mosaic of {}: they lie so far apart that it would have {} x {} px, more "
                "than a raster can have."
            ).format(format_count(len(masks), "{} mask", "{} masks"), frame.cols, frame.rows)
        )
    )
    return False


def _file_names(systems: Sequence[CRS | None]) -> list[str]:
    if len(systems) == 1:
        return ["mosaic.vrt"]
    names: list[str] = []
    for number, crs in enumerate(systems, start=1):
        authority = crs.to_authority() if crs is not None else None
        name = f"mosaic-{'-'.join(authority)}.vrt" if authority else f"mosaic-{number}.vrt"
        names.append(name if name not in names else f"mosaic-{number}.vrt")
    return names


def _frame(masks: Sequence[_Mask]) -> _Frame:
    """The grid around masks of one system, with the smallest of their pixels."""
    width = min(mask.grid.pixel_size[0] for mask in masks)
    height = min(mask.grid.pixel_size[1] for mask in masks)
    boxes = np.array([mask.box for mask in masks])
    west, south = float(boxes[:, 0].min()), float(boxes[:, 1].min())
    east, north = float(boxes[:, 2].max()), float(boxes[:, 3].max())
    cols, rows = round((east - west) / width), round((north - south) / height)
    return _Frame(west, north, width, height, max(cols, 1), max(rows, 1))


def _vrt(
    folder: Path, crs: CRS | None, masks: Sequence[_Mask], table: ClassTable, tags: dict[str, str]
) -> str:
    """The text of a mosaic."""
    frame, nodata = _frame(masks), nodata_value(table)
    kind = "Byte" if nodata <= 255 else "UInt16"
    sources = "".join(
        _SOURCE.format(
            path=html.escape(Path(os.path.relpath(mask.path, folder)).as_posix()),
            width=mask.grid.width,
            height=mask.grid.height,
            kind=kind,
            rows=mask.block[0],
            cols=mask.block[1],
            rectangle=_rectangle(mask, frame),
            nodata=nodata,
        )
        for mask in masks
    )
    tags = {**tags, "DUALSTREAM_CLASSES": json.dumps(to_records(table))}
    colours = {entry.value: entry.rgb for entry in table}
    names = {entry.value: html.escape(entry.name) for entry in table}
    values = range(max(names) + 1)
    return _MOSAIC.format(
        width=frame.cols,
        height=frame.rows,
        system="" if crs is None else f" <SRS>{html.escape(crs.to_wkt())}</SRS>\n",
        transform=f"{frame.west!r}, {frame.width!r}, 0.0, {frame.north!r}, 0.0, {-frame.height!r}",
        tags="".join(_TAG.format(html.escape(k), html.escape(v)) for k, v in tags.items()),
        kind=kind,
        nodata=nodata,
        colours="".join(_COLOUR.format(*colours.get(value, (0, 0, 0))) for value in values),
        names="".join(f"   <Category>{names.get(value, '')}</Category>\n" for value in values),
        sources=sources,
    )


def _rectangle(mask: _Mask, frame: _Frame) -> str:
    """The rectangle of a mask in pixels of the mosaic, as XML attributes."""
    grid, (width, height) = mask.grid, mask.grid.pixel_size
    right = (grid.transform.c - frame.west) / frame.width
    down = (frame.north - grid.transform.f) / frame.height
    x, cols = _snap(right, grid.width, width / frame.width)
    y, rows = _snap(down, grid.height, height / frame.height)
    return f'xOff="{x:.15g}" yOff="{y:.15g}" xSize="{cols:.15g}" ySize="{rows:.15g}"'


def _snap(start: float, count: int, ratio: float) -> tuple[float, float]:
    """Start and length of ``count`` mask pixels in the mosaic, whose pixels are 1 / ``ratio`` times as long.

    Pixels of the same size are moved to the nearest whole pixel, so that each becomes one pixel of the mosaic.
    """
    whole = round(start)
    if abs(ratio - 1) * count < _TOLERANCE:
        return whole, count
    return (whole if abs(start - whole) < _TOLERANCE else start), count * ratio


def _write(path: Path, text: str) -> None:
    with suppress(OSError):  # what cannot be read is replaced
        if path.is_file() and path.read_bytes() == text.encode():
            return
    write_output(path, text.encode(), tr("mosaic"), RasterError)


def _remove_old(folder: Path, mosaics: Sequence[Path]) -> None:
    """Removes mosaics of earlier runs; files of other programs have no class table."""
    for path in {*folder.glob("mosaic*.vrt")} - {*mosaics}:
        with suppress(OSError):  # open, or without permission
            if "DUALSTREAM_CLASSES" in path.read_text("utf-8", "replace"):
                for file in (path, Path(f"{path}.aux.xml"), path.with_suffix(".qml")):
                    remove_file(file)


_TAG = '  <MDI key="{}">{}</MDI>\n'
_COLOUR = '   <Entry c1="{}" c2="{}" c3="{}" c4="255" />\n'

_MOSAIC = """<VRTDataset rasterXSize="{width}" rasterYSize="{height}">
{system} <GeoTransform>{transform}</GeoTransform>
 <Metadata>
{tags} </Metadata>
 <VRTRasterBand dataType="{kind}" band="1">
  <Description>class</Description>
  <NoDataValue>{nodata}</NoDataValue>
  <ColorInterp>Palette</ColorInterp>
  <ColorTable>
{colours}  </ColorTable>
  <CategoryNames>
{names}  </CategoryNames>
{sources} </VRTRasterBand>
</VRTDataset>
"""

_SOURCE = """  <ComplexSource>
   <SourceFilename relativeToVRT="1">{path}</SourceFilename>
   <SourceBand>1</SourceBand>
   <SourceProperties RasterXSize="{width}" RasterYSize="{height}" DataType="{kind}" BlockXSize="{cols}" BlockYSize="{rows}" />
   <SrcRect xOff="0" yOff="0" xSize="{width}" ySize="{height}" />
   <DstRect {rectangle} />
   <NODATA>{nodata}</NODATA>
  </ComplexSource>
"""
