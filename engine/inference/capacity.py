"""Whether a scene can be mapped here at all: room on the disk for its mask, and in memory for a strip of it.

Found out from its size alone, before its tiles are counted: those of a raster whose header is damaged may be
billions. ``Journal`` looks at the disk again, and closer.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..compute.memory import free_memory
from ..contract.errors import JobError, RasterError
from ..outputs.journal_state import stored_row_files
from ..outputs.row_journal import RowFile
from ..rasters.raster import Raster
from ..rasters.windows import Window


def check_capacity(image: Raster, region: Window, rows: int, row_files: Sequence[RowFile]) -> None:
    """Refuses a scene that is too large for this computer.

    Args:
        image: Its image.
        region: The part of it that is mapped.
        rows: The rows of the image that a tile spans, all of which are in memory over the full width.
        row_files: What is written; the rows that an earlier run of it has kept count as free.

    Raises:
        JobError: If what is written does not fit on the disk.
        RasterError: If the rows do not fit into memory.
    """
    kept = sum(
        file.stat().st_size for file in stored_row_files([row_file.path for row_file in row_files])
    )
    for row_file in row_files:
        needed, free = row_file.row_bytes * region.height, kept + _free_at(row_file)
        if needed > free:
            raise JobError(
                f"{image.path} is too large: {row_file.path} would have {region.width} x {region.height} px, "
                f"{needed / 1e9:,.1f} GB, and its disk has {free / 1e9:,.1f} GB free. Free some, choose another "
                "folder, or give an extent."
            )
    kind = np.dtype(np.result_type(image.dtype))
    needed, free = rows * region.width * image.bands * kind.itemsize, free_memory()
    if needed > free:
        raise RasterError(
            f"{image.path} is too wide: {rows} rows of {region.width} px, which a tile spans, take "
            f"{needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} GB are free. Cut it, or give an extent."
        )


def _free_at(row_file: RowFile) -> int:
    """The free bytes where a track is written."""
    path = Path(row_file.path).absolute()
    folder = next(place for place in path.parents if place.is_dir())
    space = shutil.disk_usage(folder)
    return space.free if space.total else 2**63  # some network disks tell nothing
