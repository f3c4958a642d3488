"""Publishes arrays as masks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.contract.class_table import ClassTable
from engine.contract.output_files import part_path
from engine.outputs.geotiff import publish_mask
from engine.rasters.grid import Grid
from engine.rasters.windows import Window


def write_mask(
    path: str | Path,
    values: Any,
    grid: Grid,
    table: ClassTable,
    tags: Mapping[str, str] | None = None,
    region: Window | None = None,
) -> None:
    """Publishes ``values`` (H, W) as the mask of ``region``, or of the whole grid."""
    raw = write_rows(path, values)
    publish_mask(str(path), raw, grid, region or grid.bounds, table, tags or {})
    raw.unlink()


def write_rows(path: str | Path, values: Any) -> Path:
    """Writes the finished rows of the output at ``path`` to the file where a run stores them."""
    raw = part_path(path)
    np.ascontiguousarray(values).tofile(raw)
    return raw
