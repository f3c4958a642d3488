"""The tiles of an XYZ layer, each with the pixels that the server sends.

QGIS's provider draws the tiles of XYZ layers, too. But QGIS 3.44 rounds the place of each tile outwards to whole pixels,
so that many are drawn a pixel too wide, and their pixels are moved by one. A network should get none that is moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsBlockingNetworkRequest,
    QgsFeedback,
    QgsNetworkReplyContent,
    QgsProviderRegistry,
    QgsRasterDataProvider,
)
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QImage, QPainter
from qgis.PyQt.QtNetwork import QNetworkRequest

#: Side of a tile in pixels of its zoom level.
TILE = 256

#: How the source of a layer names its headers of HTTP.
_HEADER = "http-header:"


@dataclass(frozen=True)
class XyzTiles:
    """The tiles of one zoom level.

    Attributes:
        source: The parts of the layer's source, such as its address.
        zoom: The zoom level.
    """

    source: dict[str, Any]
    zoom: int

    def draw(
        self, square: tuple[int, int, int, int], feedback: QgsFeedback
    ) -> tuple[QImage, list[QgsNetworkReplyContent]]:
        """Returns the picture of a square, and the replies of the server.

        Args:
            square: Column and row of the world's pixels at this zoom level, width and height.
            feedback: Cancels the requests.
        """
        left, top, width, height = square
        image = QImage(width, height, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        replies = []
        painter = QPainter(image)
        for y in range(top // TILE, -(-(top + height) // TILE)):
            for x in range(left // TILE, -(-(left + width) // TILE)):
                if feedback.isCanceled():
                    break
                replies.append(reply := self._reply(x, y, feedback))
                tile = QImage.fromData(reply.content())
                if not tile.isNull():  # a tile for fine screens has twice as many pixels
                    smooth = Qt.TransformationMode.SmoothTransformation
                    ratio = Qt.AspectRatioMode.IgnoreAspectRatio
                    sized = tile if tile.width() == TILE else tile.scaled(TILE, TILE, ratio, smooth)
                    painter.drawImage(x * TILE - left, y * TILE - top, sized)
        painter.end()
        return image, replies

    def _reply(self, x: int, y: int, feedback: QgsFeedback) -> QgsNetworkReplyContent:
        """Returns the server's reply for a tile, from QGIS's cache if it is there."""
        attributes = QNetworkRequest.Attribute
        request = QNetworkRequest(QUrl(self.address(x, y)))
        prefer = QNetworkRequest.CacheLoadControl.PreferCache
        request.setAttribute(attributes.CacheLoadControlAttribute, prefer)
        request.setAttribute(attributes.CacheSaveControlAttribute, True)
        for name, value in self.source.items():
            if name.startswith(_HEADER) or name == "referer":
                request.setRawHeader(name.removeprefix(_HEADER).encode(), str(value).encode())
        blocking = QgsBlockingNetworkRequest()
        blocking.setAuthCfg(str(self.source.get("authcfg", "")))
        blocking.get(request, False, feedback)
        return QgsNetworkReplyContent(blocking.reply())

    def address(self, x: int, y: int) -> str:
        """Returns the address of a tile; {-y} counts from below, {q} is the tile's quadkey."""
        digits = (str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in range(self.zoom - 1, -1, -1))
        values = {
            "x": x,
            "y": y,
            "-y": (1 << self.zoom) - 1 - y,
            "z": self.zoom,
            "q": "".join(digits),
        }
        address = str(self.source["url"])
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", str(value))
        return address


def xyz_tiles(provider: QgsRasterDataProvider, size: float) -> XyzTiles | None:
    """Returns the tiles of an XYZ layer with pixels of a size, in units of its coordinate system; None: it is another service."""
    source = QgsProviderRegistry.instance().decodeUri(provider.name(), provider.dataSourceUri())
    if source.get("type") != "xyz" or not str(source.get("url", "")).startswith("http"):
        return None
    zoom = round(provider.extent().width() / size / TILE).bit_length() - 1
    return XyzTiles(source, zoom)
