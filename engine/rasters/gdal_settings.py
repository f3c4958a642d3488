"""How both copies of GDAL, rasterio's and pyogrio's, may behave: no network but for what the user names, no code.

Importing this module sets it, and whoever imports rasterio or pyogrio to read files imports it first: GDAL takes
``GDAL_SKIP`` from the environment when it lists its drivers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..contract.paths import network_address

#: Drivers that read services, not files; one that runs commands it finds in a file; and GTI, which leaves out
#: without a word what it cannot open of the rasters in an index.
SERVICES = (
    "GTI WMS WMTS WCS WFS OAPIF OGCAPI CSW NGW HTTP EEDA EEDAI STACIT STACTA PLMOSAIC PLSCENES DAAS AmigoCloud Carto "
    "Elasticsearch ADBC GDALG"
)

#: While the network is closed: no file is allowed, and what is fetched without GDAL's file systems, such as a
#: coordinate system, finds no proxy. Nobody listens on port 9 (discard) of the computer itself.
_CLOSED = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_HTTP_PROXY": "http://127.0.0.1:9",
}

_ALWAYS = {
    # GDAL 3.10's shortcut for whole PNGs gives garbage for a file that is cut off, and no error.
    "GDAL_PNG_WHOLE_IMAGE_OPTIM": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GML_DOWNLOAD_SCHEMA": "NO",
}

#: Sets an option of a GDAL, or takes it away.
SetOption = Callable[[str, str | None], None]

if SERVICES not in (skipped := os.environ.get("GDAL_SKIP", "")):
    os.environ["GDAL_SKIP"] = f"{skipped} {SERVICES}".strip()


class Network:
    """The network of one GDAL: closed, but while something is open that the user named by its address.

    Args:
        set_option: Sets an option for all threads of the process.
    """

    def __init__(self, set_option: SetOption) -> None:
        self._set, self._users, self._lock = set_option, 0, threading.Lock()
        for name, value in {**_ALWAYS, **_CLOSED}.items():
            set_option(name, value)

    def enter(self, path: str) -> None:
        """Opens the network if ``path`` is an address; until as many times ``close`` was called with it."""
        if network_address(path):
            self._count(1)

    def close(self, path: str) -> None:
        """See ``enter``."""
        if network_address(path):
            self._count(-1)

    @contextmanager
    def for_path(self, path: str) -> Iterator[None]:
        """The network is open inside such a block if ``path`` is an address."""
        self.enter(path)
        try:
            yield
        finally:
            self.close(path)

    def _count(self, step: int) -> None:
        with self._lock:
            self._users += step
            for name, value in _CLOSED.items():
                self._set(name, None if self._users else value)
