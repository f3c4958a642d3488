"""The part of an image that the map shows, in the image's own coordinates and pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.gui import QgsMapCanvas

#: Largest part of an image that is mapped while the user works, millions of pixels.
MAX_MEGAPIXELS = 4.0


@dataclass(frozen=True)
class ImageView:
    """An image on the map.

    Attributes:
        canvas: The map.
        image: The image's layer.
    """

    canvas: QgsMapCanvas
    image: QgsRasterLayer

    def extent(self) -> QgsRectangle:
        """Returns the part of the image that the map shows; empty if it shows none."""
        try:
            seen = self._to_image().transformBoundingBox(self.canvas.extent())
        except (
            QgsCsException
        ):  # the map shows places that the image's coordinate system does not know
            return QgsRectangle()
        return seen.intersect(self.image.extent())

    def referenced_extent(self) -> QgsReferencedRectangle:
        """Returns the same with the image's coordinate system, as a parameter."""
        return QgsReferencedRectangle(self.extent(), self.image.crs())

    def megapixels(self) -> float:
        """Returns the number of the image's pixels that the map shows, in millions."""
        extent, pixel = self.extent(), self.pixel_size()
        return extent.width() / pixel[0] * extent.height() / pixel[1] / 1e6

    def pixel_size(self) -> tuple[float, float]:
        """Returns width and height of a pixel."""
        return self.image.rasterUnitsPerPixelX(), self.image.rasterUnitsPerPixelY()

    def pixel_at(self, place: QgsPointXY) -> QgsRectangle:
        """Returns the pixel in which a place of the image lies."""
        extent, (width, height) = self.image.extent(), self.pixel_size()
        left = extent.xMinimum() + math.floor((place.x() - extent.xMinimum()) / width) * width
        top = extent.yMaximum() - math.floor((extent.yMaximum() - place.y()) / height) * height
        return QgsRectangle(left, top - height, left + width, top)

    def from_map(self, places: Sequence[QgsPointXY]) -> list[QgsPointXY]:
        """Returns places of the map in the image's coordinates.

        Raises:
            QgsCsException: If the image's coordinate system does not know a place.
        """
        to_image = self._to_image()
        return [to_image.transform(place) for place in places]

    def to_map(self, place: QgsPointXY) -> QgsPointXY:
        """Returns a place of the image in the map's coordinates."""
        crs = self.canvas.mapSettings().destinationCrs()
        to_map = QgsCoordinateTransform(self.image.crs(), crs, QgsProject.instance())
        return to_map.transform(place)

    def _to_image(self) -> QgsCoordinateTransform:
        crs = self.canvas.mapSettings().destinationCrs()
        return QgsCoordinateTransform(crs, self.image.crs(), QgsProject.instance())
