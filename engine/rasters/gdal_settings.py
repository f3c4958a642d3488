"""Settings of both copies of GDAL, rasterio's and pyogrio's: no network access unless the user gives an address, no code.

Modules that read files with rasterio or pyogrio import this module first: GDAL reads ``GDAL_SKIP`` from the environment
when it registers its drivers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from ..contract.clean_up import CleanUp
from ..contract.paths import network_address

#: Disabled drivers: those that read network services; GDALG, which runs commands that a file contains; and GTI, which
#: silently leaves out the rasters of an index that it cannot open.
_SKIPPED_DRIVERS = (
    "GTI WMS WMTS WCS WFS OAPIF OGCAPI CSW NGW HTTP EEDA EEDAI STACIT STACTA PLMOSAIC PLSCENES DAAS AmigoCloud Carto "
    "Elasticsearch ADBC GDALG"
)

#: While the network is closed: no remote file is allowed, and requests outside GDAL's file systems, such as for a
#: coordinate system, fail at the proxy: nothing listens on port 9 (discard) of the computer itself.
_CLOSED = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_HTTP_PROXY": "http://127.0.0.1:9",
}

_ALWAYS = {
    # GDAL 3.10's fast path for whole PNGs returns garbage for a truncated file, and no error.
    "GDAL_PNG_WHOLE_IMAGE_OPTIM": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GML_DOWNLOAD_SCHEMA": "NO",
}

if _SKIPPED_DRIVERS not in (skipped := os.environ.get("GDAL_SKIP", "")):
    os.environ["GDAL_SKIP"] = f"{skipped} {_SKIPPED_DRIVERS}".strip()


class NetworkAccess:
    """Network access of one copy of GDAL: open only while a file is in use that the user gave by its address.

    Args:
        set_option: Sets an option of that GDAL for all threads of the process; None removes it.
    """

    def __init__(self, set_option: Callable[[str, str | None], None]) -> None:
        self._set = set_option
        self._users = 0
        self._lock = threading.Lock()
        for name, value in {**_ALWAYS, **_CLOSED}.items():
            set_option(name, value)

    def enter(self, path: str) -> None:
        """Opens the network if ``path`` is an address, until ``close`` was called as often as ``enter``."""
        self._count(path, 1)

    def close(self, path: str) -> None:
        """Ends one ``enter`` of the same path."""
        self._count(path, -1)

    @contextmanager
    def for_path(self, path: str) -> Iterator[None]:
        """Opens the network for a ``with`` block if ``path`` is an address."""
        self.enter(path)
        with CleanUp(partial(self.close, path)):
            yield

    def _count(self, path: str, step: int) -> None:
        if not network_address(path):
            return
        with self._lock:
            self._users += step
            for name, value in _CLOSED.items():
                self._set(name, None if self._users else value)
