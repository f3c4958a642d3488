"""A scene as models map it, strip by strip: classes, uncertainty, and land that is unlike the training."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import cast

import numpy as np

from ..contract.unlike import UNLIKE
from ..inference.classify import UNCERTAINTY, is_unlike
from ..inference.ensemble import Ensemble
from ..inference.scene_streams import Streams
from ..inference.sliding_window import OnProgress
from ..outputs.row_journal import Rows
from ..rasters.windows import Window
from .doubt import MappedRows


def mapped_strips(
    ensemble: Ensemble, streams: Sequence[Streams], region: Window, on_progress: OnProgress
) -> Iterator[tuple[Window, MappedRows]]:
    """Segments a region from top to bottom.

    Args:
        ensemble: The models, prepared.
        streams: The scene as each of them sees it.
        region: The part of the image.
        on_progress: Callback after each batch.

    Yields:
        The pixels of the next finished rows, and what the models say of them.
    """
    extras = [UNCERTAINTY, UNLIKE] if ensemble.has_land_summary else [UNCERTAINTY]
    iterator = ensemble.strips(streams, region, on_progress, extras)
    row = region.row
    with closing(cast(Generator[tuple[Rows, ...], None, None], iterator)) as strips:
        for mask, uncertainty, *others in strips:
            unlike = np.zeros(mask.shape, bool)
            for percents in others:
                unlike |= is_unlike(percents)
            strip = Window(row, region.col, *mask.shape)
            yield strip, MappedRows(mask, uncertainty, unlike)
            row = strip.row_stop
