"""Checks the sources of a virtual raster (VRT): no missing files, no network addresses, no code.

GDAL opens the sources of a VRT when it reads the pixels. These checks read the VRT beforehand, so that a missing
source is reported before the first tile, and an address that the user did not give is not followed.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..contract.errors import RasterError
from ..contract.paths import (
    check_source,
    file_state,
    format_path,
    is_file,
    is_folder,
    is_plain_path,
    network_address,
)
from ..contract.translation import tr

#: A source in the text of a VRT: the attributes of the tag, and the name of the source.
_SOURCE = re.compile(r"<\s*(?:SourceFilename|SourceDataset)\b([^>]*)>(.*?)<\s*/", re.DOTALL)
_RELATIVE = re.compile(r"""relativeToVRT\s*=\s*["']\s*1""", re.IGNORECASE)
_SYSTEM = re.compile(
    r"<\s*(?:SRS|GCPList|SourceSRS|TargetSRS)\b[^>]*?(?:Projection\s*=\s*[\"']([^\"']*)|>([^<]*))"
)
_PYTHON = re.compile(r"<\s*PixelFunctionLanguage\s*>\s*Python", re.IGNORECASE)
_BEGINNING = re.compile(r"<\s*VRTDataset\b")

#: Names of XML and JSON schemas look like addresses, but GDAL does not open them.
_SCHEMAS = re.compile(
    r"""(?:xmlns(?::\w+)?|xsi:\w+|"\$schema")\s*[=:]\s*(?:"[^"]*"|'[^']*')""", re.IGNORECASE
)

#: An address of a coordinate system that GDAL resolves without a request.
_KNOWN_SYSTEM = re.compile(r"https?://(?:www\.)?opengis\.net/", re.IGNORECASE)

#: The beginning of a file that describes a raster on a network. Other text files may contain addresses that GDAL
#: does not open, such as that of their producer (DIMAP, PDS4).
_DESCRIPTION = re.compile(
    r"<\s*(?:GDAL_WMS|GDAL_WMTS|WMS_|WMT_|Capabilities|GDALTileIndexDataset|MRF_META|OGRVRTDataSource|kml)"
    r'|"(?:stac_version|gdalVersion)"',
    re.IGNORECASE,
)

#: Bytes of a file that are read to find out its format, and bytes that are searched for addresses.
_HEAD, _SEARCHED = 1024, 2**20


@dataclass(frozen=True)
class Source:
    """A source of a VRT: its name, and its path if it is a local file."""

    name: str
    path: Path | None


def check_vrt(path: str) -> None:
    """Checks the sources of a local VRT, and of the VRTs among them; other files pass unread.

    Raises:
        RasterError: If a source is missing, no ordinary file or on a network, or if the VRT contains Python code.
    """
    if not is_file(path) or not _is_vrt(path):
        return
    if Path(path).is_symlink():  # GDAL resolves relative sources from the real folder of the file
        path = os.path.realpath(path)
    queue, seen = [path], {os.path.realpath(path)}
    while queue:
        owner = queue.pop()
        real_owner = os.path.realpath(owner)
        for source in _read_sources(owner, *file_state(owner)):
            check_source(str(source.path or source.name), RasterError, owner)
            if source.path is None:
                continue
            if not is_file(source.path) and not is_folder(source.path):
                raise _missing_source(path, source.path, owner)
            if _DESCRIPTION.search(_head(source.path)):
                _check_address(find_address(str(source.path)), str(source.path))
            if source.path.suffix.lower() != ".vrt" and source.path.name != Path(owner).name:
                continue
            real = os.path.realpath(source.path)
            if real == real_owner:
                raise RasterError(
                    tr("{} cannot be read: it is named as a source of itself.").format(
                        format_path(owner)
                    )
                )
            if real not in seen and _is_vrt(real):
                seen.add(real)
                queue.append(real)


def parse_sources(text: str, path: str, folder: Path | None = None) -> tuple[Source, ...]:
    """The sources in the text of a VRT, each once.

    Args:
        text: The text of the VRT.
        path: The VRT, for messages.
        folder: The folder of a local VRT; None: its sources are not local files.

    Raises:
        RasterError: If a source or coordinate system is on a network, or if the VRT contains Python code.
    """
    for system in map("".join, _SYSTEM.findall(text)):
        if is_remote_crs(system):
            raise RasterError(
                tr(
                    "{} cannot be read: its coordinate system is kept at {}, and DualStream does not "
                    "follow addresses that it finds in a file. Assign the system (Raster > Projections > Assign)."
                ).format(format_path(path), format_path(system.strip()))
            )
    if _PYTHON.search(text):
        raise RasterError(
            tr(
                "{} computes its pixels by Python code, and DualStream does not run code that it finds in "
                "a file: write it as a GeoTIFF first (gdal_translate)."
            ).format(format_path(path))
        )
    sources = tuple(dict.fromkeys(_sources(text, folder)))
    for source in sources:
        _check_address(source.name, path)
    return sources


def find_address(path: str) -> str:
    """The first network address in a local text file; empty if there is none.

    A VRT is not searched: its sources were checked when it was opened, and GDAL opens nothing else of it.
    """
    try:
        with Path(path).open("rb") as file:
            text = file.read(_SEARCHED).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
    if "\0" in text or _BEGINNING.search(text[:_HEAD]):
        return ""
    return network_address(_SCHEMAS.sub("", html.unescape(text)))


def address_refusal(address: str) -> str:
    """Why a file with an address in it is refused, to follow a colon, without a full stop."""
    return tr(
        "it names {}, and DualStream does not follow addresses that it finds in a file. Give the address itself, or "
        "download what lies there and use that"
    ).format(format_path(address))


def _missing_source(path: str, source: Path, owner: str) -> RasterError:
    if owner == path:
        text = tr(
            "{} cannot be read: its source {} does not exist. Put the file there, or make the virtual raster "
            "again."
        )
        return RasterError(text.format(format_path(path), format_path(source)))
    text = tr(
        "{} cannot be read: its source {}, which {} names, does not exist. Put the file there, or make the "
        "virtual raster again."
    )
    return RasterError(text.format(format_path(path), format_path(source), format_path(owner)))


def _is_vrt(path: str | Path) -> bool:
    return bool(_BEGINNING.search(_head(path)))


def _head(path: str | Path) -> str:
    """The beginning of a file as text; empty for a folder or an unreadable file."""
    try:
        with Path(path).open("rb") as file:
            return file.read(_HEAD).decode("utf-8", "replace")
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _read_sources(path: str, size: int, changed: int) -> tuple[Source, ...]:
    """Like ``parse_sources`` for a file; cached until its size or modification time changes."""
    text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    return parse_sources(text, path, Path(path).parent)


def _sources(text: str, folder: Path | None) -> Iterator[Source]:
    """The sources in the text of a VRT; relative paths start from ``folder``."""
    for attributes, content in _SOURCE.findall(text):
        name = html.unescape(content.removeprefix("<![CDATA[").removesuffix("]]>")).strip()
        if not name or folder is None or not is_plain_path(name):
            yield Source(name, None)
        else:
            yield Source(name, folder / name if _RELATIVE.search(attributes) else Path(name))


def is_remote_crs(text: str) -> bool:
    """Whether a coordinate system is given by an address that GDAL would have to download."""
    return bool(network_address(text)) and not _KNOWN_SYSTEM.match(text.strip())


def _check_address(name: str, owner: str) -> None:
    if address := network_address(name):
        raise RasterError(
            tr("{} cannot be read: {}.").format(format_path(owner), address_refusal(address))
        )
