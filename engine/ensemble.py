"""Several models over one scene: their probabilities meet row by row.

Each member keeps its own tile size, bands, normalisation and ground resolution. They advance together,
the one that is behind first, and read through one thread: what one of them has decoded is still there
when the next one comes. One model alone is an ensemble too, and costs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .classes import ClassTable
from .config import AUTOMATIC
from .devices import Device
from .ensemble_file import team_of
from .errors import ModelFileError
from .grids import Grid
from .manner import Manner
from .mapping import Mapper, Told, decided
from .mask_writer import NO_CONFIDENCE
from .model_file import Card, load_model
from .streams import Streams
from .windows import Window

#: What can be had of a scene besides the mask.
CONFIDENCE, DISAGREEMENT = "confidence", "disagreement"

#: Rows of all members at the same place: probabilities (K, h, W) of each, and where (M, h, W) each of
#: the M members has any.
_Rows = tuple[list[torch.Tensor], torch.Tensor]


class Ensemble:
    """Trained models, ready for scene after scene.

    Args:
        models: Model files, or one ensemble file.
        device: Where they run.
        manner: How each is applied.
        combine: "mean", "vote", or "automatic": as the ensemble file says, else the mean.

    Attributes:
        members: Model files and their weights.
        cards: What each was trained on, by file.
        combine: How they agree.
        classes: The class table that all of them have.
        nodata: The mask's value where the image has none.
        dtype: The mask's type.

    Raises:
        JobError: If the ensemble or the manner is impossible.
        ModelFileError: If a file is no model file, or the classes of two models differ.
    """

    def __init__(
        self,
        models: Sequence[str],
        device: Device,
        manner: Manner | None = None,
        combine: str = AUTOMATIC,
    ) -> None:
        team = team_of(models, combine)
        self.members, self.combine = team.members, team.combine
        loaded = [load_model(member.model) for member in team.members]
        self.cards = {member.model: card for member, (_, card) in zip(team.members, loaded)}
        _check_classes(self.cards)
        self._mappers = [
            Mapper(model, card, device, manner, Path(member.model).name)
            for member, (model, card) in zip(team.members, loaded)
        ]
        first = self._mappers[0]
        self.classes, self.nodata, self.dtype = first.card.classes, first.nodata, first.dtype
        weights = torch.tensor([member.weight for member in team.members])
        self._weights = weights / weights.sum()
        self._thresholds = torch.tensor([mapper.threshold for mapper in self._mappers])

    @property
    def has_auxiliary(self) -> bool:
        """Whether any member takes an auxiliary stream."""
        return any(card.auxiliary.bands for card in self.cards.values())

    def cached_rows(self, grid: Grid, path: str) -> int:
        """Rows of an image that should stay decoded: those under one strip of every member."""
        spans = [mapper.span(grid, path) for mapper in self._mappers]
        return max(spans) if len(spans) == 1 else 2 * max(spans)

    def tiles(self, grid: Grid, region: Window, path: str) -> int:
        """The tiles that all members together look at."""
        return sum(len(mapper.tiling(grid, region, path)) for mapper in self._mappers)

    def strips(
        self,
        streams: Sequence[Streams],
        region: Window,
        told: Told,
        extras: Sequence[str] = (),
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Maps a region, strip by strip, from top to bottom.

        Args:
            streams: The scene as each member sees it.
            region: What to map, on the image's grid.
            told: Is told how many tiles of all members' are done, batch by batch.
            extras: What is wanted besides the mask: ``CONFIDENCE``, ``DISAGREEMENT``.

        Yields:
            The next finished rows (h, W) of the region: class values, ``nodata`` where the image has
            none; then of each of ``extras``, in percent. The rows that follow may overwrite them.

        Raises:
            RasterError: If a raster is damaged somewhere.
        """
        with ThreadPoolExecutor(1) as reader:
            if len(self._mappers) == 1 and DISAGREEMENT not in extras:
                wants = CONFIDENCE in extras
                yield from self._mappers[0].strips(streams[0], region, told, reader, wants)
                return
            count = self.tiles(streams[0].image.grid, region, streams[0].image.path)
            tellers = _tellers(len(streams), count, told)
            members = [
                mapper.probability_strips(own, region, teller, reader)
                for mapper, own, teller in zip(self._mappers, streams, tellers)
            ]
            for found, known in _together(members):
                yield self._agreed(found, known, extras)

    @torch.inference_mode()
    def _agreed(
        self, found: list[torch.Tensor], known: torch.Tensor, extras: Sequence[str]
    ) -> tuple[NDArray[Any], ...]:
        """Mask values and extras (h, W) of all members' probabilities, see ``_Rows``.

        A member counts where its bands have a value.
        """
        shares = self._weights[:, None, None] * known
        shares = shares / shares.sum(dim=0).clamp(min=torch.finfo(torch.float32).tiny)
        mean = sum((share * p for share, p in zip(shares, found)), torch.zeros_like(found[0]))
        index, best = decided(mean, (shares * self._thresholds[:, None, None]).sum(dim=0))
        pairs = zip(found, self._mappers)
        own = torch.stack([decided(p, mapper.threshold)[0] for p, mapper in pairs])
        if self.combine == "vote":
            index, best = _elected(own, shares, mean, index)
        mask, confidence = self._mappers[0].values(index, best, ~known.any(dim=0).numpy())
        shown = {CONFIDENCE: confidence, DISAGREEMENT: _differing(own, index, known)}
        return mask, *(shown[name] for name in extras)


def _tellers(members: int, count: int, told: Told) -> list[Told]:
    """For each member what tells how far all of them together are, of ``count`` tiles."""
    done = [0] * members

    def teller(place: int) -> Told:
        def note(number: int, _: int) -> None:
            done[place] = number
            told(sum(done), count)

        return note

    return [teller(place) for place in range(members)]


def _elected(
    own: torch.Tensor, shares: torch.Tensor, mean: torch.Tensor, preferred: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The class with most votes, and its mean probability, (h, W) each.

    Args:
        own: The class that each of M members chooses, (M, h, W).
        shares: What its vote counts there, (M, h, W).
        mean: Mean probabilities, (K, h, W).
        preferred: The class that these choose; it wins a tie that it is in.
    """
    chances = torch.cat([1 - mean, mean]) if len(mean) == 1 else mean
    votes = torch.zeros_like(chances).scatter_add_(0, own, shares)
    # Sums of the same weights in another order differ by rounding.
    leads = votes > votes.max(dim=0, keepdim=True).values - 1e-5
    index = chances.masked_fill(~leads, -1.0).argmax(dim=0)
    index = torch.where(leads.gather(0, preferred[None])[0], preferred, index)
    return index, chances.gather(0, index[None])[0]


def _together(members: Sequence[Iterator[tuple[torch.Tensor, torch.Tensor]]]) -> Iterator[_Rows]:
    """The rows of all members at the same places, as many at a time as all of them have."""
    waiting = [next(member) for member in members]
    while True:
        height = min(known.shape[0] for _, known in waiting)
        if height:
            known = torch.stack([known[:height] for _, known in waiting])
            yield [found[:, :height] for found, _ in waiting], known
        waiting = [(found[:, height:], known[height:]) for found, known in waiting]
        for place, (_, left) in enumerate(waiting):
            if not len(left):
                after = next(members[place], None)
                if after is None:
                    for member in members:  # what lies below the region finishes too
                        for _ in member:
                            pass
                    return
                waiting[place] = after


def _differing(own: torch.Tensor, index: torch.Tensor, known: torch.Tensor) -> NDArray[np.uint8]:
    """The share of members, in percent, whose class is not the one of the mask, (h, W)."""
    count = known.sum(dim=0)
    differ = ((own != index) & known).sum(dim=0) / count.clamp(min=1)
    percent: NDArray[np.uint8] = (differ * 100).round().to(torch.uint8).numpy()
    percent[count.numpy() == 0] = NO_CONFIDENCE
    return percent


def _check_classes(cards: dict[str, Card]) -> None:
    """Refuses models that do not know the same classes."""
    (first, card), *others = cards.items()
    for path, other in others:
        if _named(other.classes) != _named(card.classes):
            missing = sorted(_named(card.classes) - _named(other.classes))
            further = sorted(_named(other.classes) - _named(card.classes))
            parts = [f"lacks {_listed(missing)}"] * bool(missing)
            parts += [f"has {_listed(further)}"] * bool(further)
            raise ModelFileError(
                f"The models {Path(first).name} and {Path(path).name} have different classes: the second "
                f"{' and '.join(parts)}. Models work together on the same classes only: train or "
                "import them with the same values and names (class_names)."
            )


def _named(classes: ClassTable) -> set[tuple[int, str]]:
    return {(entry.value, entry.name) for entry in classes}


def _listed(classes: list[tuple[int, str]]) -> str:
    return ", ".join(f"{value} {name!r}" for value, name in classes)
