"""Paths that a user or a file gives: whether this system can have them, and whether an ordinary file lies there.

A named pipe (FIFO) blocks whoever opens it, and a device never ends: both are refused before anything is opened.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from .errors import EngineError

#: What may lie at a path besides files and folders.
_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe (FIFO)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

#: GDAL's file systems, one after the other at the beginning of a path: ``/vsizip//vsicurl/``.
_FILE_SYSTEMS = re.compile(r"(?:/vsi[a-z0-9_]+/)+", re.IGNORECASE)

#: What is on a network: a URL, GDAL's file systems for networks, its drivers for services.
_ON_NETWORK = re.compile(
    r"\b(?:https?|ftp|s3|gs|az|oss|webhdfs)://[^\s<>\"'}]+"
    r"|(?<![\w.-])/vsi(?:curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)(?:_streaming)?[/?][^\s<>\"'}]*"
    r"|(?<![\w./-])(?:WMS|WMTS|WCS|WFS|OAPIF|OGCAPI|EEDA|EEDAI|STACIT|STACTA|PLMosaic|PLScenes|DAAS):[^\s<>]+",
    re.IGNORECASE,
)

#: A driver's own name for what it reads: ``NETCDF:"a.nc":t``; not a Windows drive, which has one letter.
_DRIVER = re.compile(r"[A-Za-z][A-Za-z0-9_]+:")

#: The longest path that a sentence shows as it is; of a longer one it shows so much of both ends.
_SHOWN, _END = 200, 60


def is_address(path: str) -> bool:
    """Whether a path is none of the computer's own, but a URL or one of a file system of GDAL's."""
    return path.startswith("/vsi") or "://" in path


def network_address(text: str) -> str:
    """The first address on a network in a path or a longer text; empty if there is none."""
    found = _ON_NETWORK.search(text)
    return found[0] if found else ""


def is_plain_path(name: str) -> bool:
    """Whether a name that GDAL opens is just a path: no address, no driver's own name, no description in XML."""
    return not is_address(name) and not _DRIVER.match(name) and not name.lstrip().startswith("<")


def format_path(path: str | Path) -> str:
    """A path for a sentence: what is no text in it as escapes, and of a very long one both ends."""
    text = str(path).encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
    return text if len(text) <= _SHOWN else f"{text[:_END]}...{text[-_END:]}"


def path_problem(path: str | Path, is_for_gdal: bool = True) -> str:
    """Why nothing can lie at a path on this system, as the end of a sentence; empty if something can.

    Args:
        path: The path.
        is_for_gdal: Whether a library such as GDAL opens it, which knows paths in UTF-8 only; Python itself opens
            names of any bytes.
    """
    text = str(path)
    if "\0" in text:
        return "its path holds the character NUL: give another one"
    try:
        if is_for_gdal:
            text.encode("utf-8")
        if is_plain_path(text):
            os.lstat(text)
    except UnicodeEncodeError:
        return "its path is not valid UTF-8: rename what is called so, or save the table that names it as UTF-8"
    except PermissionError:
        return "you have no permission to look into its folder: ask for it, or copy the file"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "its name or path is longer than this system allows: give a shorter one"
    except ValueError as error:  # whatever else a system does not take
        return f"its path is impossible ({error}): give another one"
    return ""


def special_kind(path: str | Path) -> str:
    """What lies at a path if it is neither a file nor a folder, such as "a device"; else empty."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return ""
    return next((kind for is_kind, kind in _SPECIAL if is_kind(mode)), "")


def check_file(path: str | Path, error: type[EngineError], is_for_gdal: bool = False) -> None:
    """Makes sure that a path is possible and, where something lies there, that this is an ordinary file.

    Args:
        path: The path.
        error: What is raised.
        is_for_gdal: As in ``path_problem``.

    Raises:
        EngineError: If not, of the type ``error``.
    """
    reason = path_problem(path, is_for_gdal) or _not_a_file(special_kind(path))
    if not reason and is_folder(path):
        reason = "it is a folder, not a file"
    if reason:
        raise error(f"{format_path(path)} cannot be opened: {reason}.")


def check_source(source: str, error: type[EngineError], owner: str | None = None) -> None:
    """As ``check_file`` for whatever GDAL opens: folders too, files in archives, names such as ``NETCDF:"a.nc":t``.

    Args:
        source: What is to be opened.
        error: What is raised if it must not be.
        owner: The file that names the source; None: the user does.

    Raises:
        EngineError: If a part of it can be no path, or is a pipe, a socket or a device.
    """
    reason, place = path_problem(source), source
    for place in () if reason else _places_in(source):
        if reason := _not_a_file(special_kind(place)):
            break
    if reason:
        of = "" if owner is None else f", which {format_path(owner)} names,"
        raise error(f"{format_path(place)}{of} cannot be opened: {reason}.")


def is_file(path: str | Path) -> bool:
    """Whether an ordinary file lies at a path; not at one that is impossible."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: str | Path) -> bool:
    """Whether a folder lies at a path; not at one that is impossible."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def real_path(path: str | Path) -> str:
    """The path without links; an impossible one as it is."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def _not_a_file(kind: str) -> str:
    return f"it is {kind}, not a file" if kind else ""


def _places_in(source: str) -> Iterator[str]:
    """All in the name of a source that may be a path of this computer's."""
    if "/vsistdin" in source:
        yield "/dev/stdin"
    if is_plain_path(source):
        yield source
        return
    yield from (piece for piece in re.split(r'[":,?!{}]', source) if len(piece) > 1)
    if inner := _FILE_SYSTEMS.match(source):
        # The archive, whose path may be any of those that the rest begins with.
        rest = source[inner.end() :]
        yield from (rest[: end.start()] for end in re.finditer(r"/|$", rest) if end.start())
