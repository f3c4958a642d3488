"""The squares of an image among which to choose, what is known of them, and their features: with a model or without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import JobError
from ..contract.file_jobs import SuggestJob
from ..contract.protocol import Emit, Progress
from ..contract.translation import tr
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.windows import Window
from .diverse_choice import Candidates, Choice, choose_squares
from .known_land import KnownLand, survey_land
from .square_grid import Indices, SquareGrid, lay_squares, square_sides
from .tile_features import Features, TileEncoder

#: Labelled squares that the candidates are compared with.
_LABELLED_SAMPLE = 256

#: Share of the pixels of a square, and of a tile, that must have data.
LEAST_KNOWN = 0.5

#: Progress after which squares are compared.
COMPARING = 0.95


@dataclass(frozen=True)
class SuggestedSquares:
    """The squares of an image to label next, in the order of their worth.

    Attributes:
        grid: The image's grid.
        windows: The pixels of each square.
        choices: Score and reason of each.
        uncertainty: Mean uncertainty of each (N,), 0..1; NaN without a model.
        shares: Share of each class of the model in each (K, N); K is 0 without a model.
        candidates: Number of squares among which they were chosen.
    """

    grid: Grid
    windows: tuple[Window, ...]
    choices: tuple[Choice, ...]
    uncertainty: NDArray[np.float64]
    shares: NDArray[np.float64]
    candidates: int


class SquareSearch:
    """What both ways share: the squares of an image, what is known of them, and their features.

    Args:
        job: The job.
        image: The image.
        region: Where squares may lie.
        side: Side of a square in px where the job leaves it open.
        classes: The model's classes; none without a model.
        emit: Callback for events.

    Raises:
        EngineError: If size, labels or area do not fit, or no square is left to label.
    """

    def __init__(
        self,
        job: SuggestJob,
        image: Raster,
        region: Window,
        side: int,
        classes: ClassTable,
        emit: Emit,
    ) -> None:
        self._job, self._image, self._emit = job, image, emit
        fitting = min(side, region.height, region.width)
        sides = square_sides(job.size, fitting, image.grid, image.path)
        self.squares = lay_squares(region, *sides, image.path)
        self.land: KnownLand = survey_land(job, image.grid, self.squares, classes, emit)
        self.free()

    def free(self, pixels: NDArray[np.int64] | None = None) -> Indices:
        """The squares that may be chosen: by area and labels, and by the pixels (N,) with data where known."""
        is_free = self.land.is_free
        if pixels is not None:
            is_free = is_free & (pixels >= LEAST_KNOWN * self.squares.height * self.squares.width)
        return self.require(np.flatnonzero(is_free))

    def require(self, free: Indices) -> Indices:
        """The squares themselves; refuses none.

        Raises:
            JobError: If there are none.
        """
        if not len(free):
            raise JobError(
                tr(
                    "No square of {} is left to label: all hold labelled pixels, lie outside of the area, or have less "
                    "than half of their pixels with data. Give a smaller size, another extent or another area."
                ).format(self._job.image)
            )
        return free

    def features(self, encoder: TileEncoder, pool: Indices) -> tuple[Features, NDArray[np.float64]]:
        """Features (N, D) of squares, and the share (N,) of their tiles that has data."""
        return self._encode(encoder, self.squares, pool)

    def labelled_features(self, encoder: TileEncoder) -> Features:
        """Features (M, D) of a sample of the labelled squares; M is 0 without labels."""
        if not len(self.land.labelled):
            return np.empty((0, 0), np.float32)
        everywhere = self.land.everywhere
        sample = everywhere.spread(self.land.labelled, _LABELLED_SAMPLE)
        return self._encode(encoder, everywhere, sample)[0]

    def _encode(
        self, encoder: TileEncoder, squares: SquareGrid, indices: Indices
    ) -> tuple[Features, NDArray[np.float64]]:
        windows = [squares.tile(int(index), encoder.span) for index in indices]

        def report(done: int, count: int) -> None:
            share = COMPARING + (1 - COMPARING) * done / count
            self._emit(Progress(share, tr("Comparing square {} of {}").format(done, count)))

        return encoder.features(self._image, windows, report)

    def found(
        self,
        pool: Indices,
        candidates: Candidates,
        labelled: Features,
        shares: NDArray[np.float64],
        count: int,
    ) -> SuggestedSquares:
        """Chooses among the squares of a pool (N,), with their shares of classes (K, N)."""
        choices = choose_squares(candidates, labelled, min(self._job.count, len(pool)))
        rows = [choice.index for choice in choices]
        unknown = np.full(len(pool), np.nan)
        uncertainty = unknown if candidates.uncertainty is None else candidates.uncertainty
        windows = tuple(self.squares.square(int(index)) for index in pool[rows])
        grid = self._image.grid
        return SuggestedSquares(
            grid, windows, tuple(choices), uncertainty[rows], shares[:, rows], count
        )
