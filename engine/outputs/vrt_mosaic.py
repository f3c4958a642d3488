"""Many masks as one raster: a file of GDAL's virtual format that names them and copies nothing.

One for each coordinate system. Where masks overlap the later one counts, except where it has no value. What is
read at a smaller size comes from the masks' overviews.
"""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasterio.crs import CRS

from ..contract.class_table import ClassTable, free_value, to_records
from ..contract.errors import RasterError, format_count, join_names
from ..contract.map_styles import write_legend
from ..contract.output_files import atomic_output, write_error_message
from ..contract.plain_text import fits_xml, shorten
from ..contract.protocol import Event, Warned
from ..rasters.grid import Grid
from ..rasters.raster import Raster

Emit = Callable[[Event], None]

#: Pixels over all of a mask up to which two pixel sizes, or a pixel's place and the next whole one, are the same:
#: coordinates are rounded when they are written.
_SAME = 0.1

#: The most rows or columns that a raster can have.
_MAX_SIDE = 2**31 - 1

#: How many masks that have no place in a mosaic the warning names.
_NAMED = 5


@dataclass(frozen=True)
class _Mask:
    """A mask as a mosaic names it."""

    path: str
    grid: Grid
    block: tuple[int, int]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        t, (width, height) = self.grid.transform, self.grid.pixel_size
        south, east = t.f - height * self.grid.height, t.c + width * self.grid.width
        return t.c, south, east, t.f


@dataclass(frozen=True)
class _Frame:
    """A mosaic's corner, the size of its pixels, and how many there are."""

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
        folder: Where: ``vrt_mosaic.vrt``, or ``mosaic-EPSG-32652.vrt`` and so on if there are several systems.
        masks: Masks of the same classes; of overlapping ones the later counts.
        table: The classes.
        tags: What is written into each mosaic besides, by name.
        emit: Is told which masks are left out, and why.

    Returns:
        The mosaics. One that is already as it should be is not touched; without masks none is.

    Raises:
        RasterError: If a mask cannot be read, or a mosaic not be written.
    """
    if not (given := [*masks]):
        return []
    placed = _by_system(_placed(given, emit))
    systems = [(crs, members) for crs, members in placed if _is_possible(members, emit)]
    names = _file_names([crs for crs, _ in systems])
    paths = [folder / name for name in names]
    for path, (crs, members) in zip(paths, systems):
        _write(path, _described(folder, crs, members, table, tags))
        write_legend(path, table)
    _remove_others(folder, paths)
    return [str(path) for path in paths]


def _placed(masks: Iterable[str], emit: Emit) -> list[_Mask]:
    """The masks that have a place, north up, on the ground."""
    placed, without = [], []
    for path in masks:
        with Raster(path) as raster:
            mask = _Mask(path, raster.grid, raster.block_shape)
        t = mask.grid.transform
        is_upright = t.b == t.d == 0 and t.a > 0 > t.e
        if mask.grid.is_plain or mask.grid.gcps or not is_upright or not fits_xml(path):
            without.append(shorten(Path(path).name)[1:-1])
        else:
            placed.append(mask)
    if without:
        emit(
            Warned(
                f"In no mosaic, without coordinates, not north up, or with a name that XML cannot hold: "
                f"{format_count(len(without), 'mask')} ({join_names(without, _NAMED)})."
            )
        )
    return placed


def _by_system(masks: Iterable[_Mask]) -> list[tuple[CRS | None, list[_Mask]]]:
    """The masks by coordinate system."""
    systems: list[tuple[CRS | None, list[_Mask]]] = []
    for mask in masks:
        for crs, members in systems:
            if crs == mask.grid.crs:
                members.append(mask)
                break
        else:
            systems.append((mask.grid.crs, [mask]))
    return systems


def _is_possible(masks: Sequence[_Mask], emit: Emit) -> bool:
    """Whether a mosaic of these masks has no more rows and columns than a raster can have."""
    frame = _frame(masks)
    if max(frame.cols, frame.rows) <= _MAX_SIDE:
        return True
    emit(
        Warned(
            f"There is no mosaic of {format_count(len(masks), 'mask')}: they lie so far apart that it would have "
            f"{frame.cols} x {frame.rows} px, more than a raster can have."
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
    """The frame around masks of one system, in the finest of their pixels."""
    width = min(mask.grid.pixel_size[0] for mask in masks)
    height = min(mask.grid.pixel_size[1] for mask in masks)
    boxes = np.array([mask.box for mask in masks])
    west, south = float(boxes[:, 0].min()), float(boxes[:, 1].min())
    east, north = float(boxes[:, 2].max()), float(boxes[:, 3].max())
    cols, rows = round((east - west) / width), round((north - south) / height)
    return _Frame(west, north, width, height, max(cols, 1), max(rows, 1))


def _described(
    folder: Path, crs: CRS | None, masks: Sequence[_Mask], table: ClassTable, tags: dict[str, str]
) -> str:
    """The text of a mosaic."""
    frame = _frame(masks)
    nodata = free_value(table)
    system = "" if crs is None else f" <SRS>{html.escape(crs.to_wkt())}</SRS>\n"
    kind = "Byte" if nodata <= 255 else "UInt16"
    sources = "".join(
        _SOURCE.format(
            path=html.escape(_relative(mask.path, folder)),
            width=mask.grid.width,
            height=mask.grid.height,
            kind=kind,
            rows=mask.block[0],
            cols=mask.block[1],
            place=_place(mask, frame),
            nodata=nodata,
        )
        for mask in masks
    )
    return _MOSAIC.format(
        width=frame.cols,
        height=frame.rows,
        system=system,
        transform=f"{frame.west!r}, {frame.width!r}, 0.0, {frame.north!r}, 0.0, {-frame.height!r}",
        tags=_tags(tags, table),
        kind=kind,
        nodata=nodata,
        colours=_colours(table),
        names=_names(table),
        sources=sources,
    )


def _place(mask: _Mask, frame: _Frame) -> str:
    """Where a mask lies in the mosaic, in its pixels.

    On whole pixels if the sizes are the same: then each of its pixels is one of the mosaic's. Between them the
    nearest would be taken pixel by pixel anyway.
    """
    grid, (width, height) = mask.grid, mask.grid.pixel_size
    x, cols = _laid((grid.transform.c - frame.west) / frame.width, grid.width, width / frame.width)
    down = (frame.north - grid.transform.f) / frame.height
    y, rows = _laid(down, grid.height, height / frame.height)
    return f'xOff="{x:.15g}" yOff="{y:.15g}" xSize="{cols:.15g}" ySize="{rows:.15g}"'


def _laid(start: float, count: int, ratio: float) -> tuple[float, float]:
    """Begin and length of ``count`` pixels that are ``ratio`` as long as the mosaic's."""
    if abs(ratio - 1) * count < _SAME:
        return round(start), count
    whole = round(start)
    return (whole if abs(start - whole) < _SAME else start), count * ratio


def _tags(tags: dict[str, str], table: ClassTable) -> str:
    told = {**tags, "DUALSTREAM_CLASSES": json.dumps(to_records(table))}
    return "".join(
        f'  <MDI key="{html.escape(name)}">{html.escape(text)}</MDI>\n'
        for name, text in told.items()
    )


def _colours(table: ClassTable) -> str:
    colours: dict[int, tuple[int, int, int]] = {entry.value: entry.rgb for entry in table}
    lines = []
    for value in range(max(colours) + 1):
        red, green, blue = colours.get(value, (0, 0, 0))
        lines.append(f'   <Entry c1="{red}" c2="{green}" c3="{blue}" c4="255" />\n')
    return "".join(lines)


def _names(table: ClassTable) -> str:
    names = {entry.value: html.escape(entry.name) for entry in table}
    values = range(max(names) + 1)
    return "".join(f"   <Category>{names.get(value, '')}</Category>\n" for value in values)


def _relative(path: str, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _write(path: Path, text: str) -> None:
    try:
        if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
            return
        with atomic_output(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RasterError(write_error_message("mosaic", path, error)) from error


def _remove_others(folder: Path, mosaics: Sequence[Path]) -> None:
    """Removes the mosaics of earlier runs that this one has not written; nobody else's."""
    for path in {*folder.glob("mosaic*.vrt")} - {*mosaics}:
        with suppress(OSError):  # in use, or not ours to remove
            if "DUALSTREAM_CLASSES" in path.read_text("utf-8", "replace"):
                for file in (path, Path(f"{path}.aux.xml"), path.with_suffix(".qml")):
                    file.unlink(missing_ok=True)


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
   <DstRect {place} />
   <NODATA>{nodata}</NODATA>
  </ComplexSource>
"""
