"""Checks that the disk has space for a scene's mask, and the memory for a strip of the image.

Only the image's size is used, before its tiles are counted: a raster with a damaged header may have billions of
tiles. ``Journal`` checks the disk again, more precisely.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from ..compute.memory import free_memory
from ..contract.errors import JobError, RasterError, format_bytes
from ..contract.translation import tr
from ..outputs.journal_state import stored_row_files
from ..outputs.row_journal import RowFile
from ..rasters.raster import Raster
from ..rasters.windows import Window


def check_capacity(image: Raster, region: Window, rows: int, row_files: Sequence[RowFile]) -> None:
    """Refuses a scene that is too large for this computer.

    Args:
        image: The image.
        region: The part of the image to segment.
        rows: Rows of the image under a tile, which are in memory over the full width.
        row_files: The outputs; their rows on disk, of an earlier run, count as free space.

    Raises:
        JobError: If an output does not fit on the disk.
        RasterError: If the rows do not fit into memory.
    """
    stored = stored_row_files([row_file.path for row_file in row_files])
    stored_bytes = sum(file.stat().st_size for file in stored)
    for row_file in row_files:
        needed, free = row_file.row_bytes * region.height, stored_bytes + _free_bytes(row_file)
        if needed > free:
            raise JobError(
                tr(
                    "{} is too large: {} would have {} x {} px, {}, and its disk has {} free. Free some, choose another folder, or give an extent."
                ).format(
                    image.path,
                    row_file.path,
                    region.width,
                    region.height,
                    format_bytes(needed),
                    format_bytes(free),
                )
            )
    pixel_bytes = image.bands * image.dtype.itemsize
    needed, free = rows * region.width * pixel_bytes, free_memory()
    if needed > free:
        raise RasterError(
            tr(
                "{} is too wide: {} rows of {} px, which a tile spans, take {} of memory, and {} are "
                "free. Cut it, or give an extent."
            ).format(image.path, rows, region.width, format_bytes(needed), format_bytes(free))
        )


def _free_bytes(row_file: RowFile) -> int:
    """Free bytes on the disk of an output."""
    parents = Path(row_file.path).absolute().parents
    space = shutil.disk_usage(next(folder for folder in parents if folder.is_dir()))
    return space.free if space.total else 2**63  # some network disks do not report their size
