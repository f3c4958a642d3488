"""A scene's streams, opened for the models that are going to see them.

The image is opened once, however many models there are: each gets a view of it with its own bands, so
that a block that one of them has read is decoded for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..contract.errors import ModelFileError, format_count
from ..contract.model_card import Card
from ..contract.protocol import Event, Warned
from ..contract.scene import Scene
from ..rasters.alignment import Aligned
from ..rasters.band_selection import choose_bands
from ..rasters.raster import Raster, open_image
from .value_range import auxiliary_warning, range_warning

Emit = Callable[[Event], None]


@dataclass(frozen=True)
class Streams:
    """What one model sees of a scene.

    Attributes:
        image: The image, with the bands that the model takes.
        stack: The auxiliary stack; None for a scene of the image alone.
    """

    image: Raster
    stack: Aligned | None


@contextmanager
def open_streams(scene: Scene, cards: dict[str, Card], emit: Emit) -> Iterator[list[Streams]]:
    """Opens a scene's two streams and makes sure that they are what each model was trained on.

    Args:
        scene: The rasters, and their bands where not all are meant.
        cards: What each model was trained on, by the model's file.
        emit: Is told warnings, each once.

    Yields:
        Each model's streams, in the order of ``cards``.

    Raises:
        RasterError: If a raster cannot be opened, or not aligned with the image.
        ModelFileError: If a stream's bands are not those of a model's training.
    """
    told: set[str] = set()
    chosen = [_image_bands(scene, card) for card in cards.values()]
    with open_image(scene.image, chosen[0]) as image:
        stacks: dict[tuple[int, ...], Aligned] = {}
        _check_use(scene, cards)
        seen = []
        for bands, (model, card) in zip(chosen, cards.items()):
            view = image.view(bands)
            _check_image(view, card, model)
            stack = _stack(scene, card, view, stacks)
            _check_auxiliary(view, stack, card, model)
            seen.append(Streams(view, stack))
            for text in _warnings(view, stack, card, model):
                if text not in told:
                    emit(Warned(text))
                told.add(text)
        yield seen


def _check_use(scene: Scene, cards: dict[str, Card]) -> None:
    """Refuses auxiliary rasters that no model takes: nothing that is given is left out silently."""
    if scene.auxiliary and not any(card.auxiliary.bands for card in cards.values()):
        models = ", ".join(Path(model).name for model in cards)
        raise ModelFileError(
            f"The model {models} was trained on no auxiliary rasters: leave out those given "
            f"({', '.join(scene.auxiliary)})."
        )


def _image_bands(scene: Scene, card: Card) -> tuple[int, ...]:
    own = card.image
    asked, usual = scene.image_bands, scene.usual_image_bands
    return choose_bands([scene.image], asked, own.chosen, own.of, own.bands, usual)


def _stack(
    scene: Scene, card: Card, image: Raster, stacks: dict[tuple[int, ...], Aligned]
) -> Aligned | None:
    """The auxiliary stack that a model takes; models that take the same bands share one.

    Beside others, a model of the image alone leaves the auxiliary rasters to them.
    """
    other = card.auxiliary
    if not scene.auxiliary or not other.bands:
        return None
    asked, usual = scene.auxiliary_bands, scene.usual_auxiliary_bands
    bands = choose_bands(scene.auxiliary, asked, other.chosen, other.of, other.bands, usual)
    if bands not in stacks:
        stacks[bands] = Aligned(scene.auxiliary, image.grid, bands=bands)
    return stacks[bands]


def _check_image(image: Raster, card: Card, model: str) -> None:
    if image.bands != card.image.bands:
        raise ModelFileError(
            f"The model {Path(model).name} was trained on {format_count(card.image.bands, 'image band')} "
            f"({', '.join(card.image.band_names)}); {image.path} has {image.bands} (alpha not counted). "
            "Choose or make a raster with the same bands in the same order."
        )


def _check_auxiliary(image: Raster, stack: Aligned | None, card: Card, model: str) -> None:
    wanted = card.auxiliary.bands
    if stack is not None and stack.bands != wanted:
        raise ModelFileError(
            f"The model {Path(model).name} was trained on {format_count(wanted, 'auxiliary band')}; those given have "
            f"{format_count(stack.bands, 'band')} together ({', '.join(raster.path for raster in stack.rasters)}). Give "
            "the same bands in the same order, or choose them by their numbers."
        )


def _warnings(image: Raster, stack: Aligned | None, card: Card, model: str) -> Iterator[str]:
    yield from image.warnings
    if text := range_warning(image, card.image.low, card.image.high):
        yield text
    wanted = card.auxiliary.bands
    if stack is None and wanted:
        yield (
            f"The model {Path(model).name} was trained with {format_count(wanted, 'auxiliary band')} and {image.path} is "
            "given none: it is segmented by the image alone, which is less accurate."
        )
    if stack is not None and (
        text := auxiliary_warning(stack, card.auxiliary.mean, card.auxiliary.std)
    ):
        yield text
