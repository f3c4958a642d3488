"""Squares of all images among which to choose: gathered, seen by an encoder, and chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..contract.protocol import Emit, Progress
from ..contract.translation import tr
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import Streams
from ..rasters.raster import open_image
from ..rasters.windows import Window
from .diverse_choice import Candidates, Choice, choose_squares
from .image_squares import ImageSquares
from .square_grid import Indices, SquareGrid, allotted
from .tile_features import Features, TileEncoder

#: Labelled squares that the candidates are compared with.
_LABELLED_SAMPLE = 256

#: Progress after which squares are compared, if models have mapped the images before.
COMPARING = 0.95

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pool:
    """Squares of several images, in the order of the images and of the squares in each.

    Attributes:
        images: Number of each square's image (N,).
        squares: Index of each among the squares of its image (N,).
        uncertainty: Mean uncertainty of each (N,), 0..1; NaN without a model.
        worth: How much the labels of each would teach (N,), 0..1, see ``doubt``; 1 without a model.
        unlike: Share of each that is unlike the training (N,), 0..1.
        rarity: How much each shows of rare classes (N,), 0..1.
        shares: Share of each class of the model in each (K, N); K is 0 without a model.
    """

    images: Indices
    squares: Indices
    uncertainty: Floats
    worth: Floats
    unlike: Floats
    rarity: Floats
    shares: Floats

    def __len__(self) -> int:
        return len(self.squares)

    @property
    def has_model(self) -> bool:
        """Whether a model has mapped the squares."""
        return len(self.shares) > 0

    @classmethod
    def without_model(cls, number: int, squares: Indices) -> Pool:
        """Some squares (N,) of one image that no model has mapped."""
        zeros = np.zeros(len(squares))
        return cls(
            images=np.full(len(squares), number),
            squares=squares,
            uncertainty=zeros + np.nan,
            worth=zeros + 1,
            unlike=zeros,
            rarity=zeros,
            shares=np.zeros((0, len(squares))),
        )

    @classmethod
    def joined(cls, pools: Sequence[Pool]) -> Pool:
        """The squares of all images."""
        names = (field.name for field in fields(cls))
        return cls(
            **{
                name: np.concatenate([getattr(pool, name) for pool in pools], axis=-1)
                for name in names
            }
        )

    def part(self, chosen: NDArray[np.bool_] | Indices) -> Pool:
        """Some of the squares, in the given order."""
        return Pool(**{name: array[..., chosen] for name, array in vars(self).items()})


@dataclass(frozen=True)
class SuggestedSquares:
    """The squares to label next, the most useful first.

    Attributes:
        images: The images of the job that have squares to label.
        owners: The image of each square.
        windows: The pixels of each square.
        choices: Score and reason of each.
        uncertainty: Mean uncertainty of each (N,), 0..1; NaN without a model.
        shares: Share of each class of the model in each (K, N); K is 0 without a model.
        candidates: Number of squares among which they were chosen.
        has_labels: Whether they were compared with labelled squares.
    """

    images: tuple[ImageSquares, ...]
    owners: tuple[ImageSquares, ...]
    windows: tuple[Window, ...]
    choices: tuple[Choice, ...]
    uncertainty: Floats
    shares: Floats
    candidates: int
    has_labels: bool


class SquareComparison:
    """Compares squares of all images by what an encoder sees in a tile in the middle of each.

    Args:
        images: The images.
        pool: The squares to compare.
        encoder: The encoder; an image's own tiles may span more or less of it.
        emit: Callback for progress.
        begin: Progress before the first tile.
    """

    def __init__(
        self,
        images: Sequence[ImageSquares],
        pool: Pool,
        encoder: TileEncoder,
        emit: Emit,
        begin: float,
    ) -> None:
        self._encoder = encoder
        self._emit = emit
        self._begin = begin
        labelled = allotted([len(image.land.labelled) for image in images], _LABELLED_SAMPLE)
        samples = [
            image.land.everywhere.spread(image.land.labelled, count) if count else np.arange(0)
            for image, count in zip(images, labelled)
        ]
        self._done, self._total = 0, len(pool) + sum(map(len, samples))
        found = [
            self._compare(image, pool.squares[pool.images == number], sample)
            for number, (image, sample) in enumerate(zip(images, samples))
            if len(sample) or (pool.images == number).any()
        ]
        self.features: Features = np.concatenate([features for features, _, _ in found])
        self.known: Floats = np.concatenate([known for _, known, _ in found])
        self.labelled: Features = np.concatenate([labelled for _, _, labelled in found])

    def _compare(
        self, image: ImageSquares, chosen: Indices, sample: Indices
    ) -> tuple[Features, Floats, Features]:
        """Features of an image's chosen squares, the share of each tile that has data, and features of labelled ones."""
        places = [*_tiles(image.squares, chosen, image.tile)]
        places += _tiles(image.land.everywhere, sample, image.tile)
        with (
            open_image(image.scene.image, image.bands) as raster,
            scene_cache([Streams(raster, None)], image.tile),
        ):
            features, known = self._encoder.features(raster, places, self._report)
        self._done += len(places)
        return features[: len(chosen)], known[: len(chosen)], features[len(chosen) :]

    def _report(self, done: int, _: int) -> None:
        done += self._done
        share = self._begin + (1 - self._begin) * done / self._total
        self._emit(Progress(share, tr("Comparing square {} of {}").format(done, self._total)))


def _tiles(squares: SquareGrid, indices: Indices, side: int) -> Iterator[Window]:
    return (squares.tile(int(index), side) for index in indices)


def choose(
    images: Sequence[ImageSquares],
    pool: Pool,
    features: Features,
    labelled: Features,
    count: int,
    candidates: int,
) -> SuggestedSquares:
    """Chooses squares among those of a pool.

    Args:
        images: The images.
        pool: The squares (N,).
        features: Their features (N, D).
        labelled: Features (M, D) of labelled squares.
        count: How many to choose; fewer if the pool has fewer.
        candidates: Number of squares from which the pool was taken.
    """
    among = Candidates(features, pool.worth, pool.unlike, pool.rarity, pool.has_model)
    choices = choose_squares(among, labelled, min(count, len(pool)))
    found = pool.part(np.array([choice.index for choice in choices]))
    owners = tuple(images[number] for number in found.images)
    windows = (owner.squares.square(int(i)) for owner, i in zip(owners, found.squares))
    return SuggestedSquares(
        tuple(images),
        owners,
        tuple(windows),
        tuple(choices),
        found.uncertainty,
        found.shares,
        candidates,
        len(labelled) > 0,
    )
