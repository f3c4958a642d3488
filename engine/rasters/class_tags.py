"""The class table that a mask carries in its tags."""

from __future__ import annotations

from ..contract.class_table import ClassTable, from_records
from ..contract.errors import JobError, RasterError
from ..contract.strict_json import parse_json
from ..contract.translation import tr
from .raster import Raster


def class_table_of(mask: Raster) -> ClassTable:
    """The class table of a mask that DualStream wrote, () of any other raster.

    Raises:
        RasterError: If it is damaged.
    """
    records = mask.tags.get("DUALSTREAM_CLASSES")
    try:
        return from_records(parse_json(records)) if records else ()
    except (TypeError, ValueError, JobError) as error:
        reason = str(error).rstrip(".")
        raise RasterError(
            tr("The class table inside {} is damaged ({}): segment the image again.").format(
                mask.path, reason
            )
        ) from error
