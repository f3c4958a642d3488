"""Fetches the picture of a web map, square by square, and writes it as a GeoTIFF.

QGIS's network asks the server, so its proxy, accounts and cache apply: for XYZ tiles in ``xyz_tiles.py``, for other
services in the layer's provider. That leaves a tile empty whose request has failed and says nothing, so the replies are
watched here: a square with a failed request is asked for again, and
the provider then asks the server only for what is missing. Where a server answers that there is no tile, the picture is
empty (transparent).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRectangle,
)
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from ..engine.contract.clean_up import CleanUp
from ..engine.contract.errors import JobError
from ..engine.contract.output_writer import output_file
from ..engine_process.child_process import CancelledError
from ..i18n import tr
from .xyz_tiles import xyz_tiles

#: Side of a square in pixels: four tiles, so that a server gets about four requests at a time.
SIDE = 512

#: Times that a square is asked for, and the wait before the second time, s, which doubles.
_TRIES, _WAIT = 5, 1.0

#: Answers of a server that has no picture there: it was removed, is not found, has no content.
_NO_PICTURE = (204, 404, 410)

#: What is in a reply that is an error message and no picture.
_MESSAGES = ("html", "xml", "json", "text/plain")

#: Share of empty pixels from which on the log says it.
_EMPTY_SHARE = 0.001

#: Red, green, blue and alpha of a pixel that QGIS gives.
_CHANNELS = 4

#: GDAL's option for a mask inside the file, not beside it.
_MASK_INSIDE = "GDAL_TIFF_INTERNAL_MASK"


@dataclass(frozen=True)
class Grid:
    """The pixels of a picture.

    Attributes:
        crs: The layer's coordinate system.
        left: Left edge of the layer.
        top: Upper edge of the layer.
        size: Side of a pixel, in units of the coordinate system.
        column: First column of the picture, counted from the layer's left edge.
        row: First row, counted from its upper edge.
        columns: Width of the picture in pixels.
        rows: Height of the picture in pixels.
    """

    crs: QgsCoordinateReferenceSystem
    left: float
    top: float
    size: float
    column: int
    row: int
    columns: int
    rows: int

    def __str__(self) -> str:
        """Returns what distinguishes it from other grids of the layer."""
        return f"{self.size} {self.column} {self.row} {self.columns} {self.rows}"

    def rectangle(self, column: int, row: int, columns: int, rows: int) -> QgsRectangle:
        """Returns the extent of some pixels, counted from the layer's corner."""
        left, top = self.left + column * self.size, self.top - row * self.size
        return QgsRectangle(left, top - rows * self.size, left + columns * self.size, top)

    def squares(self) -> list[tuple[int, int, int, int]]:
        """Returns column, row, width and height of each square, at the limits of the layer's tiles."""
        across, down = _parts(self.column, self.columns), _parts(self.row, self.rows)
        return [(column, row, width, height) for row, height in down for column, width in across]


@dataclass(frozen=True)
class WebPicture:
    """The picture of a part of a web map.

    Attributes:
        provider: A copy of the layer's provider, of the thread that made the job.
        name: The layer's name.
        host: The server.
        grid: The pixels.
        path: The GeoTIFF with red, green and blue, and a mask of where there is a picture.
    """

    provider: QgsRasterDataProvider
    name: str
    host: str
    grid: Grid
    path: str

    def make(self, feedback: QgsProcessingFeedback) -> None:
        """Fetches the picture, unless an earlier run has; the file is written whole or not at all.

        Raises:
            CancelledError: If the user cancels.
            QgsProcessingException: If the server does not answer, or the file cannot be written.
        """
        if Path(self.path).is_file():
            feedback.pushInfo(
                tr(
                    "The picture of {} is there from an earlier run: {}. Remove it to fetch it again."
                ).format(self.name, self.path)
            )
            return
        feedback.pushInfo(
            tr(
                "Fetching {:,} x {:,} px of {} from {}. Whether its terms of use allow that is your business: check them."
            ).format(self.grid.columns, self.grid.rows, self.name, self.host)
        )
        try:
            with output_file(self.path, tr("picture of the web map")) as part:
                empty = self._write(str(part), feedback)
        except JobError as error:
            raise QgsProcessingException(str(error)) from error
        feedback.pushInfo(tr("The picture of {} is kept: {}").format(self.name, self.path))
        if empty > _EMPTY_SHARE:
            feedback.pushWarning(
                tr(
                    "{:.1f} % of the picture are empty, because {} has no picture there: they have no class."
                ).format(100 * empty, self.host)
            )

    def _write(self, path: str, feedback: QgsProcessingFeedback) -> float:
        """Writes the file and returns the share of empty pixels."""
        squares, empty = self.grid.squares(), 0
        dataset = _create(path, self.grid)
        with CleanUp(_watch(failures := list[str]())):
            for number, square in enumerate(squares):
                feedback.setProgress(100 * number / len(squares))
                feedback.setProgressText(
                    tr("Fetching the picture, square {} of {}").format(number + 1, len(squares))
                )
                pixels = self._square(square, failures, feedback)
                empty += pixels[_CHANNELS - 1 :: _CHANNELS].count(0)
                _put(dataset, pixels, square, self.grid)
        dataset.FlushCache()
        share = empty / (self.grid.columns * self.grid.rows)
        if share == 1:
            raise QgsProcessingException(
                tr(
                    "{} shows nothing in this extent at {:g} units per pixel: choose another extent, or a coarser resolution "
                    "(WEB_RESOLUTION, under Advanced)."
                ).format(self.name, self.grid.size)
            )
        return share

    def _square(
        self,
        square: tuple[int, int, int, int],
        failures: list[str],
        feedback: QgsProcessingFeedback,
    ) -> bytes:
        """Returns the pixels of a square, red, green, blue and alpha of each, row by row."""
        _, _, width, height = square
        asked = QgsRasterBlockFeedback()
        feedback.canceled.connect(asked.cancel)
        for attempt in range(_TRIES):
            if attempt:
                _pause(_WAIT * 2 ** (attempt - 1), feedback)
            failures.clear()
            image = self._drawn(square, failures, asked)
            if feedback.isCanceled():
                raise CancelledError
            if not failures:
                pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
                return bytes(pixels.constBits().asstring(_CHANNELS * width * height))
        raise QgsProcessingException(
            tr(
                "{} did not give a part of {} in {} attempts ({}). Nothing was written. Run it again later: what was "
                "fetched is in QGIS's cache. If it refuses always, check the layer's account and the terms of use."
            ).format(self.host, self.name, _TRIES, failures[0])
        )

    def _drawn(
        self, square: tuple[int, int, int, int], failures: list[str], asked: QgsRasterBlockFeedback
    ) -> QImage:
        """Returns the picture of a square as far as the server gives it; adds what has failed to a list."""
        tiles = xyz_tiles(self.provider, self.grid.size)
        if tiles is None:
            _, _, width, height = square
            extent = self.grid.rectangle(*square)
            return self.provider.block(1, extent, width, height, asked).image()
        image, replies = tiles.draw(square, asked)
        failures[:] = filter(None, map(_failure, replies))
        return image


def _parts(first: int, count: int) -> list[tuple[int, int]]:
    """Returns begin and length of the parts of a range that ends at multiples of ``SIDE``."""
    begins = [first, *range((first // SIDE + 1) * SIDE, first + count, SIDE)]
    return [(begin, end - begin) for begin, end in zip(begins, [*begins[1:], first + count])]


def _create(path: str, grid: Grid) -> Any:
    """Returns a new GeoTIFF.

    Raises:
        OSError: If it cannot be written.
    """
    options = ["TILED=YES", "COMPRESS=DEFLATE", "PHOTOMETRIC=RGB", "BIGTIFF=IF_SAFER"]
    driver = gdal.GetDriverByName("GTiff")
    dataset = driver.Create(path, grid.columns, grid.rows, 3, gdal.GDT_Byte, options)
    if dataset is None:
        raise OSError(gdal.GetLastErrorMsg())
    corner = grid.rectangle(grid.column, grid.row, grid.columns, grid.rows)
    dataset.SetGeoTransform([corner.xMinimum(), grid.size, 0, corner.yMaximum(), 0, -grid.size])
    dataset.SetProjection(grid.crs.toWkt(QgsCoordinateReferenceSystem.WKT_PREFERRED_GDAL))
    before = gdal.GetConfigOption(_MASK_INSIDE)
    gdal.SetConfigOption(_MASK_INSIDE, "YES")
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    gdal.SetConfigOption(_MASK_INSIDE, before)
    return dataset


def _put(dataset: Any, pixels: bytes, square: tuple[int, int, int, int], grid: Grid) -> None:
    """Writes a square.

    Raises:
        OSError: If the disk does not take it.
    """
    column, row, width, height = square
    bands = [dataset.GetRasterBand(number) for number in (1, 2, 3)]
    for channel, band in enumerate([*bands, bands[0].GetMaskBand()]):
        failed = band.WriteRaster(
            column - grid.column,
            row - grid.row,
            width,
            height,
            pixels[channel:],
            buf_pixel_space=_CHANNELS,
            buf_line_space=_CHANNELS * width,
        )
        if failed:
            raise OSError(gdal.GetLastErrorMsg())


def _watch(failures: list[str]) -> Any:
    """Notes in a list what replies of this thread's requests fail; returns the function that ends it."""
    signal = QgsNetworkAccessManager.instance().finished[QgsNetworkReplyContent]

    def note(reply: QgsNetworkReplyContent) -> None:
        if failure := _failure(reply):
            failures.append(failure)

    signal.connect(note)
    return partial(signal.disconnect, note)


def _failure(reply: QgsNetworkReplyContent) -> str:
    """Returns why a reply holds no picture although there may be one, "" if it holds one or there is none.

    A failure is removed from QGIS's cache, which would give it again the next time.
    """
    failure, cache = _error(reply), QgsNetworkAccessManager.instance().cache()
    if failure and cache is not None:
        cache.remove(reply.request().url())
    return failure


def _error(reply: QgsNetworkReplyContent) -> str:
    attribute = QNetworkRequest.Attribute.HttpStatusCodeAttribute
    status = int(reply.attribute(attribute) or 0)
    if status in _NO_PICTURE:
        return ""
    if reply.error() != QNetworkReply.NetworkError.NoError:
        return f"HTTP {status}" if status else str(reply.errorString())
    kind = bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower()
    is_message = any(word in kind for word in _MESSAGES)
    return kind if is_message and status < 300 else ""


def _pause(seconds: float, feedback: QgsProcessingFeedback) -> None:
    """Waits; raises CancelledError soon after a cancel."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if feedback.isCanceled():
            raise CancelledError
        time.sleep(0.1)
