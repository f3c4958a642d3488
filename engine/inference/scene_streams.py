"""Opens a scene's image and auxiliary rasters for several models, and checks that they fit each model.

The image is opened once: each model gets a view with the bands of its training, so that a block is decoded once for
all models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..contract.errors import ModelFileError
from ..contract.model_card import Card
from ..contract.protocol import Emit, Warned
from ..contract.scene import Scene
from ..contract.stream_fit import (
    auxiliary_flaw,
    image_flaw,
    missing_stream_flaw,
    missing_stream_warning,
    unused_flaw,
)
from ..contract.translation import tr
from ..rasters.alignment import AlignedRasters
from ..rasters.band_selection import choose_bands
from ..rasters.raster import Raster, open_image
from .value_range import auxiliary_warning, range_warning


@dataclass(frozen=True)
class Streams:
    """The rasters of a scene with the bands that one model takes.

    Attributes:
        image: The image.
        stack: The auxiliary stack; None for a scene of the image alone.
    """

    image: Raster
    stack: AlignedRasters | None


@contextmanager
def open_streams(
    scene: Scene, cards: dict[str, Card], emit: Emit, image_alone: bool = False
) -> Iterator[list[Streams]]:
    """Opens a scene's two streams and makes sure that they have the bands of each model's training.

    Args:
        scene: The rasters, and their chosen bands.
        cards: The model cards by file.
        emit: Callback for warnings; each is emitted once.
        image_alone: Whether models of two streams may be given the image alone.

    Yields:
        Each model's streams, in the order of ``cards``.

    Raises:
        RasterError: If a raster cannot be opened, or not aligned with the image.
        ModelFileError: If a stream has other bands than a model's training, or the second one is missing.
    """
    chosen = [_image_bands(scene, card) for card in cards.values()]
    with open_image(scene.image, chosen[0]) as image:
        stacks: dict[tuple[int, ...], AlignedRasters] = {}
        refuse_unused_auxiliary(scene.auxiliary, cards)
        streams, warnings = [], set[str]()
        for bands, (model, card) in zip(chosen, cards.items()):
            view = image.view(bands)
            _check_image(view, card, model)
            stack = _stack(scene, card, view, stacks)
            _check_auxiliary(stack, card, model, "" if image_alone else scene.image)
            streams.append(Streams(view, stack))
            for text in _warnings(view, stack, card, model):
                if text not in warnings:
                    emit(Warned(text))
                warnings.add(text)
        yield streams


def refuse_unused_auxiliary(auxiliary: Sequence[str], cards: dict[str, Card]) -> None:
    """Makes sure that a model takes the auxiliary rasters: no input is ignored silently.

    Raises:
        ModelFileError: If no model was trained on auxiliary rasters.
    """
    if auxiliary and not any(card.auxiliary.bands for card in cards.values()):
        raise ModelFileError(unused_flaw([*cards], auxiliary))


def _image_bands(scene: Scene, card: Card) -> tuple[int, ...]:
    trained, default = card.image, scene.default_image_bands
    return choose_bands(
        [scene.image], scene.image_bands, trained.chosen, trained.of, trained.bands, default
    )


def _stack(
    scene: Scene, card: Card, image: Raster, stacks: dict[tuple[int, ...], AlignedRasters]
) -> AlignedRasters | None:
    """The auxiliary stack of a model, None for a model of the image alone; equal bands share a stack."""
    trained = card.auxiliary
    if not scene.auxiliary or not trained.bands:
        return None
    requested, default = scene.auxiliary_bands, scene.default_auxiliary_bands
    bands = choose_bands(
        scene.auxiliary, requested, trained.chosen, trained.of, trained.bands, default
    )
    if bands not in stacks:
        stacks[bands] = AlignedRasters(scene.auxiliary, image.grid, bands=bands)
    return stacks[bands]


def _check_image(image: Raster, card: Card, model: str) -> None:
    if flaw := image_flaw(card, model, image.path, image.bands):
        raise ModelFileError(flaw)


def _check_auxiliary(stack: AlignedRasters | None, card: Card, model: str, image: str) -> None:
    """Raises an error about a stack that does not fit, or about none if ``image`` must not be alone."""
    if stack is None:
        flaw = missing_stream_flaw(card, model, image) if card.auxiliary.bands and image else ""
    else:
        paths = [raster.path for raster in stack.rasters]
        flaw = auxiliary_flaw(card, model, paths, stack.bands)
    if flaw:
        raise ModelFileError(flaw)


def _warnings(image: Raster, stack: AlignedRasters | None, card: Card, model: str) -> Iterator[str]:
    yield from image.warnings
    if text := range_warning(image, card.image.low, card.image.high):
        yield text
    if stack is None and card.auxiliary.bands:
        # Without its name: the same for all scenes of a run, and reported once.
        yield missing_stream_warning(card, model, tr("the image"))
    if stack is not None and (
        text := auxiliary_warning(stack, card.auxiliary.mean, card.auxiliary.std)
    ):
        yield text
