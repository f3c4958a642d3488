"""Checks of paths from users and files: whether the system can have them and whether they are ordinary files.

Named pipes (FIFOs), which block when they are opened, and devices, which never end, are refused before they are
opened.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from .errors import EngineError
from .translation import tr, tr_noop

#: Kinds of directory entries besides files and folders.
_SPECIAL = (
    (stat.S_ISFIFO, tr_noop("a named pipe (FIFO)")),
    (stat.S_ISSOCK, tr_noop("a socket")),
    (stat.S_ISCHR, tr_noop("a device")),
    (stat.S_ISBLK, tr_noop("a device")),
)

#: GDAL's virtual file systems at the beginning of a path, possibly nested: ``/vsizip//vsicurl/``.
_FILE_SYSTEMS = re.compile(r"(?:/vsi[a-z0-9_]+/)+", re.IGNORECASE)

#: Addresses on a network: URLs, GDAL's network file systems, its drivers for web services.
_ON_NETWORK = re.compile(
    r"\b(?:https?|ftp|s3|gs|az|oss|webhdfs)://[^\s<>\"'}]+"
    r"|(?<![\w.-])/vsi(?:curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)(?:_streaming)?[/?][^\s<>\"'}]*"
    r"|(?<![\w./-])(?:WMS|WMTS|WCS|WFS|OAPIF|OGCAPI|EEDA|EEDAI|STACIT|STACTA|PLMosaic|PLScenes|DAAS):[^\s<>]+",
    re.IGNORECASE,
)

#: Prefix of a GDAL driver's subdataset name: ``NETCDF:"a.nc":t``; not a Windows drive, which has one letter.
_DRIVER = re.compile(r"[A-Za-z][A-Za-z0-9_]+:")

#: Names of devices on Windows, with any ending: ``aux.tif`` opens a device there.
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)", re.IGNORECASE
)

#: Longest name and longest path of Windows, unless its administrator allows long ones, and its errors for a longer
#: one: there is no such path, the name is invalid, the name is too long.
_MAX_WINDOWS_NAME = 255
_MAX_WINDOWS_PATH = 259
_TOO_LONG_ON_WINDOWS = (3, 123, 206)

#: Longest path in a sentence, and the characters shown of both ends of a longer one.
_MAX_SHOWN, _END = 200, 60


def is_address(path: str) -> bool:
    """Whether a path is a URL or in one of GDAL's virtual file systems."""
    return path.startswith("/vsi") or "://" in path


def network_address(text: str) -> str:
    """The first address on a network in a text; empty if there is none."""
    match = _ON_NETWORK.search(text)
    return match[0] if match else ""


def is_plain_path(name: str) -> bool:
    """Whether a name that GDAL opens is a path of a file: no address, no subdataset, no XML document."""
    return not is_address(name) and not _DRIVER.match(name) and not name.lstrip().startswith("<")


def format_path(path: str | Path) -> str:
    """A path for a sentence: undecodable bytes as escapes, and a very long path shortened in the middle."""
    text = str(path).encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
    return text if len(text) <= _MAX_SHOWN else f"{text[:_END]}...{text[-_END:]}"


def is_reserved(name: str) -> bool:
    """Whether Windows takes a file name, such as ``aux.tif``, for a device."""
    return bool(_RESERVED.match(name))


def is_too_long(error: OSError, path: str | Path) -> bool:
    """Whether a system's error means that a path is too long: Windows says of such a path that it does not exist."""
    if error.errno == errno.ENAMETOOLONG:
        return True
    code, whole = getattr(error, "winerror", None), PureWindowsPath(os.path.abspath(path))
    has_long_name = any(len(name) > _MAX_WINDOWS_NAME for name in whole.parts)
    is_long = code in _TOO_LONG_ON_WINDOWS and len(str(whole)) > _MAX_WINDOWS_PATH
    return code is not None and (has_long_name or is_long)


def path_problem(path: str | Path, is_for_gdal: bool = True, system: str = sys.platform) -> str:
    """Why this system cannot have a path, to follow a colon; empty if it can.

    Args:
        path: The path.
        is_for_gdal: Whether GDAL or another library opens it, which needs UTF-8; Python opens names of any bytes.
        system: The system, as in ``sys.platform``.
    """
    text = str(path)
    if "\0" in text:
        return tr("its path holds the character NUL: give another one")
    if system == "win32" and is_plain_path(text):
        for name in filter(is_reserved, PureWindowsPath(text).parts):
            return tr("Windows keeps the name {} for a device: give another one").format(name)
    try:
        if is_for_gdal:
            text.encode("utf-8")
        if is_plain_path(text):
            os.lstat(text)
    except UnicodeEncodeError:
        return tr(
            "its path is not valid UTF-8: rename the file or folder, or save the table that names it as UTF-8"
        )
    except PermissionError:
        return tr("you have no permission to look into its folder: ask for it, or copy the file")
    except OSError as error:
        if is_too_long(error, text):
            return tr("its name or path is longer than this system allows: give a shorter one")
    except ValueError as error:
        return tr("its path is impossible ({}): give another one").format(error)
    return ""


def special_kind(path: str | Path) -> str:
    """The kind of a path that is neither a file nor a folder, such as "a device"; else empty."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return ""
    return next((tr(kind) for is_kind, kind in _SPECIAL if is_kind(mode)), "")


def check_file(path: str | Path, error: type[EngineError], is_for_gdal: bool = False) -> None:
    """Makes sure that a path is possible and, if it exists, is an ordinary file.

    Args:
        path: The path.
        error: The type of error to raise.
        is_for_gdal: As in ``path_problem``.

    Raises:
        EngineError: If not, of the type ``error``.
    """
    reason = path_problem(path, is_for_gdal) or _not_a_file(special_kind(path))
    if not reason and is_folder(path):
        reason = tr("it is a folder, not a file")
    if reason:
        raise error(tr("{} cannot be opened: {}.").format(format_path(path), reason))


def check_source(source: str, error: type[EngineError], owner: str | None = None) -> None:
    """As ``check_file`` for any name that GDAL opens: also folders, files in archives, subdatasets.

    Args:
        source: The name to open.
        error: The type of error to raise.
        owner: The file that names the source; None: the user.

    Raises:
        EngineError: If a path in the name is impossible, or is a pipe, a socket or a device.
    """
    reason, path = path_problem(source), source
    for path in () if reason else _paths_in(source):
        if reason := _not_a_file(special_kind(path)):
            break
    if reason and owner is not None:
        raise error(
            tr("{}, which {} names, cannot be opened: {}.").format(
                format_path(path), format_path(owner), reason
            )
        )
    if reason:
        raise error(tr("{} cannot be opened: {}.").format(format_path(path), reason))


def is_file(path: str | Path) -> bool:
    """Whether a path is an ordinary file; False for an impossible path."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: str | Path) -> bool:
    """Whether a path is a folder; False for an impossible path."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def file_state(path: str | Path) -> tuple[int, int]:
    """Size of a file, bytes, and time of its last change, ns; zeros for an impossible or missing path."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return 0, 0
    return status.st_size, status.st_mtime_ns


def real_path(path: str | Path) -> str:
    """The path with links resolved; an impossible path unchanged."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def _not_a_file(kind: str) -> str:
    return tr("it is {}, not a file").format(kind) if kind else ""


def _paths_in(source: str) -> Iterator[str]:
    """Every part of a GDAL name that may be a path on this computer."""
    if "/vsistdin" in source:
        yield "/dev/stdin"
    if is_plain_path(source):
        yield source
        return
    yield from (piece for piece in re.split(r'[":,?!{}]', source) if len(piece) > 1)
    if inner := _FILE_SYSTEMS.match(source):
        # The path of the archive may end at any slash.
        rest = source[inner.end() :]
        yield from (rest[: end.start()] for end in re.finditer(r"/|$", rest) if end.start())


def path_list(paths: str | tuple[str, ...]) -> tuple[str, ...]:
    """The paths of a field that may be given as one text, or as "" for none."""
    return tuple(filter(None, (paths,) if isinstance(paths, str) else paths))
