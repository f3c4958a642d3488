"""A tile server: tiles of a pattern in which every pixel of the world has its own colour; slow or failing if told so."""

from __future__ import annotations

import http.server
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Side of a tile in pixels, and half of the side of the world in metres (EPSG:3857).
TILE, HALF_WORLD = 256, 20037508.342789244

#: The zoom level of the tests, and the size of its pixels.
ZOOM = 14
PIXEL = 2 * HALF_WORLD / (TILE << ZOOM)


def colour(column: int, row: int) -> bytes:
    """Returns red, green and blue of a pixel of the world at ``ZOOM``."""
    return bytes([(column * 3 + row) % 251, (column ^ row) % 256, (column // 7 + row // 5) % 256])


class TileServer(http.server.ThreadingHTTPServer):
    """Serves ``/z/x/y.png``.

    Attributes:
        asked: The paths that were asked for.
        most: The most requests at a time.
        seconds: The time that a tile takes.
        failing: Each that many requests the server fails; 0: never.
        missing: The tiles that do not exist, as "x/y".
        kind: The type of an answer's content.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.seconds, self.failing, self.kind = 0.0, 0, "image/png"
        self.missing: set[str] = set()
        self.now = self.most = 0

    def uri(self, zoom: str = f"zmin=0&zmax={ZOOM}") -> str:
        """Returns the source of an XYZ layer of QGIS."""
        address = f"http://127.0.0.1:{self.server_port}/{{z}}/{{x}}/{{y}}.png"
        return f"type=xyz&url={address}&{zoom}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.path)
        number = len(server.asked)
        server.now += 1
        server.most = max(server.most, server.now)
        time.sleep(server.seconds)
        server.now -= 1
        place = self.path.removesuffix(".png").partition("/")[2].partition("/")[2]
        if server.failing and number % server.failing == 0:
            status, content = 503, b"busy"
        elif place in server.missing:
            status, content = 404, b"no such tile"
        elif server.kind != "image/png":
            status, content = 200, b"<ServiceException/>"
        else:
            status, content = 200, _png(*map(int, place.split("/")))
        self.send_response(status)
        self.send_header("Content-Type", server.kind if status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Writes no log."""


def _png(x: int, y: int) -> bytes:
    rows = (
        b"\0" + b"".join(colour(x * TILE + column, y * TILE + row) for column in range(TILE))
        for row in range(TILE)
    )
    header = struct.pack(">IIBBBBB", TILE, TILE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 1)), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@contextmanager
def tile_server() -> Iterator[TileServer]:
    """A running server."""
    server = TileServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
