"""What a virtual raster (VRT) and other descriptions of rasters name: files that are missing, addresses, code.

GDAL opens whatever such a file names, when it reads the pixels. Here the file is read first, so that a source that
is missing is named before the first tile, and an address that nobody gave is not followed.
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

#: A source in a VRT's text: the tag's attributes, and what it names.
_SOURCE = re.compile(r"<\s*(?:SourceFilename|SourceDataset)\b([^>]*)>(.*?)<\s*/", re.DOTALL)
_RELATIVE = re.compile(r"""relativeToVRT\s*=\s*["']\s*1""", re.IGNORECASE)
_SYSTEM = re.compile(
    r"<\s*(?:SRS|GCPList|SourceSRS|TargetSRS)\b[^>]*?(?:Projection\s*=\s*[\"']([^\"']*)|>([^<]*))"
)
_PYTHON = re.compile(r"<\s*PixelFunctionLanguage\s*>\s*Python", re.IGNORECASE)
_BEGINNING = re.compile(r"<\s*VRTDataset\b")

#: Names of XML and JSON schemas look like addresses, but nobody opens them.
_SCHEMAS = re.compile(
    r"""(?:xmlns(?::\w+)?|xsi:\w+|"\$schema")\s*[=:]\s*(?:"[^"]*"|'[^']*')""", re.IGNORECASE
)

#: An address that stands for a coordinate system that GDAL knows by itself.
_KNOWN_SYSTEM = re.compile(r"https?://(?:www\.)?opengis\.net/", re.IGNORECASE)

#: What a file holds at its beginning that only describes a raster on a network. Other files of text may name addresses
#: that nobody opens, such as that of their producer (DIMAP, PDS4).
_DESCRIPTION = re.compile(
    r"<\s*(?:GDAL_WMS|GDAL_WMTS|WMS_|WMT_|Capabilities|GDALTileIndexDataset|MRF_META|OGRVRTDataSource|kml)"
    r'|"(?:stac_version|gdalVersion)"',
    re.IGNORECASE,
)

#: How much of a file tells what it is, and how much of a description is searched for addresses, bytes.
_HEAD, _SEARCHED = 1024, 2**20


@dataclass(frozen=True)
class _Source:
    """A source as a VRT names it, and the path it means if it is a file of this computer's."""

    name: str
    path: Path | None


def check_vrt(path: str) -> None:
    """Makes sure of a local VRT, and of those it names in turn, that all sources can be opened.

    Any other file is not looked at.

    Raises:
        RasterError: If one is missing, no ordinary file or on a network, or if the VRT holds Python code.
    """
    if is_file(path) and _is_vrt(path):
        # Relative sources count from where the file really lies, as GDAL counts them.
        here = os.path.realpath(path) if Path(path).is_symlink() else path
        _check_file(here)


def check_text(text: str, path: str) -> None:
    """As ``check_vrt`` for a VRT whose text comes from elsewhere, where files are not looked for.

    Raises:
        RasterError: If it names an address on a network itself, or holds Python code.
    """
    _check_text(text, path)
    for source in _sources(text, None):
        _check_address(source.name, path)


def named_address(path: str) -> str:
    """The first address on a network that a local file of text names; empty if there is none.

    Not of a VRT: its sources were checked when it was opened, and what else it holds is not opened.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_SEARCHED)
    except (OSError, ValueError):
        return ""
    text = head.decode("utf-8", "replace")
    if "\0" in text or _BEGINNING.search(text[:_HEAD]):
        return ""
    return network_address(_SCHEMAS.sub("", html.unescape(text)))


def address_refusal(address: str) -> str:
    """The end of a sentence about a file that names an address."""
    return (
        f"it names {format_path(address)}, and DualStream follows no address that it finds in a file. Give the address "
        "itself, or download what lies there and use that."
    )


def _is_vrt(path: str | Path) -> bool:
    return bool(_BEGINNING.search(_head(path)))


def _head(path: str | Path) -> str:
    """The beginning of a file, as far as it is text; empty for a folder, or what cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(_HEAD).decode("utf-8", "replace")
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _checked_sources(path: str, size: int, changed: int) -> tuple[_Source, ...]:
    """The sources that a VRT names, each once, none of which is on a network; it holds no code."""
    text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    _check_text(text, path)
    found = tuple(dict.fromkeys(_sources(text, Path(path).parent)))
    for source in found:
        _check_address(source.name, path)
    return found


def _check_file(path: str) -> None:
    """Checks a VRT and those it names. Its text is read once; its sources may come and go between two runs."""
    waiting, seen = [path], {os.path.realpath(path)}
    while waiting:
        owner = waiting.pop()
        real_owner = os.path.realpath(owner)
        for source in _checked_sources(owner, *file_state(owner)):
            check_source(str(source.path or source.name), RasterError, owner)
            if source.path is None:
                continue
            if not is_file(source.path) and not is_folder(source.path):
                by = "" if owner == path else f", which {format_path(owner)} names,"
                raise RasterError(
                    f"{format_path(path)} cannot be read: its source {format_path(source.path)}{by} does not exist. Put the file "
                    "there, or make the virtual raster anew."
                )
            if _DESCRIPTION.search(_head(source.path)):
                _check_address(named_address(str(source.path)), str(source.path))
            if source.path.suffix.lower() != ".vrt" and source.path.name != Path(owner).name:
                continue
            real = os.path.realpath(source.path)
            if real == real_owner:
                raise RasterError(
                    f"{format_path(owner)} cannot be read: it is named as a source of itself."
                )
            if real not in seen and _is_vrt(real):
                seen.add(real)
                waiting.append(real)


def _sources(text: str, folder: Path | None) -> Iterator[_Source]:
    """The sources in a VRT's text; relative ones from ``folder``."""
    for attributes, written in _SOURCE.findall(text):
        name = html.unescape(written.removeprefix("<![CDATA[").removesuffix("]]>")).strip()
        if not name or folder is None or not is_plain_path(name):
            yield _Source(name, None)
        else:
            yield _Source(name, folder / name if _RELATIVE.search(attributes) else Path(name))


def is_unknown_system(text: str) -> bool:
    """Whether a coordinate system is kept at an address, which GDAL would have to ask."""
    return bool(network_address(text)) and not _KNOWN_SYSTEM.match(text.strip())


def _check_text(text: str, path: str) -> None:
    """Refuses code, and coordinate systems that are kept elsewhere."""
    for system in map("".join, _SYSTEM.findall(text)):
        if is_unknown_system(system):
            raise RasterError(
                f"{format_path(path)} cannot be read: its coordinate system is kept at {format_path(system.strip())}, and DualStream "
                "follows no address that it finds in a file. Assign the system (Raster > Projections > Assign)."
            )
    if _PYTHON.search(text):
        raise RasterError(
            f"{format_path(path)} computes its pixels by Python code, and DualStream runs no code that it finds in a file: "
            "write it as a GeoTIFF first (gdal_translate)."
        )


def _check_address(name: str, owner: str) -> None:
    if address := network_address(name):
        raise RasterError(f"{format_path(owner)} cannot be read: {address_refusal(address)}")
