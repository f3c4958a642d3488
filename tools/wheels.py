"""Fills a folder with all that Set up needs on a computer without internet: ``python -m tools.wheels windows dist/w``.

The same as *Download for another computer* in QGIS (``dualstream_qgis/installation/wheel_download.py``), without QGIS.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from dualstream_qgis.engine.contract.protocol import Progress

from dualstream_qgis.installation import wheel_download
from dualstream_qgis.installation.errors import InstallationError, failure
from dualstream_qgis.installation.torch_builds import ORDINARY
from dualstream_qgis.installation.wheel_order import PYTHONS, SYSTEMS, Order

_BLOCK = 1 << 20
#: Status of HTTP: the file has no such part.
_RANGE_IS_WRONG = 416


def fetch(address: str) -> bytes:
    """Returns the bytes at an address.

    Raises:
        InstallationError: If it cannot be downloaded.
    """
    try:
        with _open(address, 0) as answer:
            return bytes(answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise failure(f"{address} cannot be downloaded.", [str(error)]) from error


def save(address: str, file: Path, report: Callable[[int], None]) -> None:
    """Downloads the rest of a file, and reports its size so far, bytes.

    Raises:
        InstallationError: If it cannot be downloaded.
    """
    begin = file.stat().st_size if file.is_file() else 0
    try:
        with _open(address, begin) as answer, file.open("ab") as target:
            if answer.status == 200:  # from the beginning
                target.truncate(0)
            received, size = 0, answer.headers.get("Content-Length")
            while block := answer.read(_BLOCK):
                received += target.write(block)
                report(target.tell())
        if size is not None and received != int(size):
            raise ConnectionError(f"connection closed after {received} of {size} bytes")
    except OSError as error:
        if isinstance(error, urllib.error.HTTPError) and error.code == _RANGE_IS_WRONG:
            file.unlink()  # it is complete already, or of another file: the next run starts over
        raise failure(f"{address} cannot be downloaded.", [str(error)]) from error


def _open(address: str, begin: int) -> urllib.request.addinfourl:
    if not address.startswith("https://"):
        raise SystemExit(f"{address} is not an https address.")
    headers = {"Range": f"bytes={begin}-"} if begin else {}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (https, see above)
    answer: urllib.request.addinfourl = urllib.request.urlopen(request, timeout=60)  # noqa: S310
    return answer


def report(event: Progress) -> None:
    """Prints a line about the progress."""
    if event.message:
        print(f"{event.fraction:4.0%} {event.message}", flush=True)


def main() -> int | str:
    """Fills the folder that the command line names; returns the exit code, or the message of a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--torch", default=ORDINARY)
    parser.add_argument("--python", choices=PYTHONS, default="")
    parser.add_argument("--uv", default=shutil.which("uv") or "uv")
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    home = folder.with_name(f"{folder.name}-cache")
    order = Order(
        folder=folder,
        system=chosen.system,
        builds=(chosen.torch,),
        home=home,
        fetch=fetch,
        save=save,
        python=chosen.python,
        variables=os.environ,
    )
    uv = Path(shutil.which(chosen.uv) or chosen.uv).resolve()
    try:
        warning = wheel_download.fill(order, uv, report, lambda: False)
    except InstallationError as error:
        return str(error)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{warning}\n{folder} ({size / 1e6:,.0f} MB): copy it, and choose it in Set up.".strip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
