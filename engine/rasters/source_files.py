"""Opens raster files, and refuses paths and headers that GDAL cannot read safely."""

from __future__ import annotations

import math
import re
import warnings
import weakref
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import rasterio
import rasterio.shutil
from rasterio._env import del_gdal_config, set_gdal_config
from rasterio._err import CPLE_BaseError  # raised for a broken CRS; it has no public name
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from ..contract.errors import JobError, RasterError, first_line
from ..contract.model_card import MAX_BANDS
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
from .gdal_settings import NetworkAccess
from .vrt_sources import address_refusal, check_vrt, find_address, parse_sources

#: Longest side of a raster, px: the whole Earth has fewer at 5 cm. GDAL accepts up to 2^31 - 1, a typical value of
#: damaged headers.
_MAX_SIDE = 10**9

#: A file in an archive: the archive in braces, or its path followed by that of the file.
_IN_ARCHIVE = re.compile(r"/vsi(?:zip|tar|gzip|7z|rar)/(?:\{([^{}]+)\}|(?!/vsi)([^{].*))")


def _set_option(name: str, value: str | None) -> None:
    if value is None:
        del_gdal_config(name)
    else:
        set_gdal_config(name, value)


_NETWORK = NetworkAccess(_set_option)


def open_dataset(path: str) -> Any:
    """Opens the raster at ``path`` with rasterio.

    If the path is an address, network access stays open as long as the dataset is in use.

    Raises:
        RasterError: If the file is missing, is not a raster, or cannot be read.
    """
    check_source(path, RasterError)
    check_vrt(path)
    _NETWORK.enter(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path)
            # Some errors of opening only appear when these are first read.
            _ = dataset.colorinterp, dataset.crs
    except BaseException as error:
        _NETWORK.close(path)
        if isinstance(error, (RasterioError, CPLE_BaseError)):
            raise RasterError(
                tr("{} cannot be opened: {}.").format(format_path(path), _why_not(path, error))
            ) from error
        raise
    weakref.finalize(dataset, _NETWORK.close, path)
    _check(dataset, path)
    return dataset


def describe_xml(dataset: Any) -> str:
    """An open dataset as the XML of a virtual raster; bytes that are not UTF-8 are replaced.

    In it GDAL writes what rasterio has no function for: category names and raster attribute tables of any format.

    Raises:
        RasterError: If GDAL cannot write it.
    """
    try:
        with MemoryFile(ext=".vrt") as file:
            rasterio.shutil.copy(dataset, file.name, driver="VRT")
            return bytes(file.read()).decode("utf-8", "replace")
    except (RasterioError, CPLE_BaseError) as error:
        reason = first_line(error)
        raise RasterError(
            tr("{} cannot be described: {}.").format(format_path(dataset.name), reason)
        ) from error


def read_error_reason(dataset: Any, path: str, error: Exception) -> str:
    """Why pixels of an opened raster could not be read, to follow a colon, without a full stop.

    Args:
        dataset: The raster.
        path: Its path.
        error: The error of reading.
    """
    if address := _address_in(path):
        return address_refusal(address)
    if dataset.driver == "VRT" and isinstance(error.__cause__, CPLE_BaseError):
        # A virtual raster computes pixels: GDAL names the function or the source that fails.
        return tr("GDAL says: {}. Make the virtual raster again").format(
            first_line(error.__cause__)
        )
    return tr("the file seems to be damaged. Copy or export it again")


def source_state(file: str) -> tuple[int, int]:
    """The ``file_state`` of a file, or of the archive that contains it.

    Args:
        file: A path, or a path of GDAL's such as ``/vsizip/ARCHIVE/FILE``.
    """
    match = _IN_ARCHIVE.match(file)
    if not match:
        return file_state(file)
    path = Path(match[1] or match[2])
    return file_state(next((each for each in (path, *path.parents) if is_file(each)), path))


def refuse_inputs(outputs: Iterable[str], files: Collection[str]) -> None:
    """Refuses outputs that are also read, for instance as a source of a virtual raster.

    Raises:
        JobError: If an output is one of the files.
    """
    for output, file in product(outputs, files):
        with suppress(OSError, ValueError):  # one of them does not exist, or is not a local file
            if Path(output).samefile(file):
                raise JobError(
                    tr("The output {} is also an input: choose another folder or name.").format(
                        output
                    )
                )


def _why_not(path: str, error: Exception) -> str:
    address = network_address(str(error))
    if address and address not in path:  # for instance a coordinate system in a sidecar file
        return address_refusal(address)
    if is_plain_path(path):
        if is_folder(path):
            return tr("it is a folder, not a raster that GDAL can open")
        if not is_file(path):
            return tr("there is no such file")
        if address := _address_in(path):
            return tr("it is not a raster of its own; {}").format(address_refusal(address))
    elif _is_service(path):
        return tr(
            "it is a service on a network. Save the part that you need as a GeoTIFF, and give that"
        )
    if isinstance(error, CPLE_BaseError):
        return tr("GDAL says: {}").format(first_line(error))
    return tr("it is not a raster that GDAL can open")


def _address_in(path: str) -> str:
    return find_address(path) if is_plain_path(path) else ""


def _is_service(path: str) -> bool:
    address = network_address(path)
    return bool(address) and not re.match(r"\w+://|/vsi", address)


def _check(dataset: Any, path: str) -> None:
    """Refuses datasets that GDAL opens and that cannot be used."""
    if dataset.driver == "VRT" and not Path(path).is_file():
        parse_sources(dataset.tags(ns="xml:VRT").get("xml:VRT", ""), path)
    if dataset.count == 0:
        raise RasterError(
            tr("{} holds several rasters and no band of its own: choose one of its layers.").format(
                format_path(path)
            )
        )
    if dataset.count > MAX_BANDS:
        raise RasterError(
            tr(
                "{} says that it has {} bands, and DualStream reads up to {}. Write those that you "
                "need into a file of their own (gdal_translate -b), or export it again if its header "
                "is damaged."
            ).format(format_path(path), dataset.count, MAX_BANDS)
        )
    if max(dataset.height, dataset.width) > _MAX_SIDE:
        raise RasterError(
            tr(
                "{} says that it has {} x {} px, and no raster is so large: its header is damaged. "
                "Copy or export it again."
            ).format(format_path(path), dataset.width, dataset.height)
        )
    t = dataset.transform
    area = t.determinant
    if not all(map(math.isfinite, (*t[:6], area))) or not area or not math.isfinite(1 / area):
        raise RasterError(
            tr(
                "{} has pixels without a size: from column and row to coordinates it gives {}. "
                "Assign its extent again (gdal_edit.py -a_ullr), or export it again."
            ).format(format_path(path), ", ".join(f"{number:g}" for number in t[:6]))
        )
