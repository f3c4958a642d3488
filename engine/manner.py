"""How models are applied to a scene, whichever models they are."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import JobError

#: Test-time augmentation by name: the symmetries of the square (see ``symmetries.turned``) whose
#: probabilities are averaged. "flips" are none, both flips and the half turn.
VIEWS: dict[str, tuple[int, ...]] = {
    "none": (0,),
    "flips": (0, 2, 4, 6),
    "d4": tuple(range(8)),
}


#: The most tiles that a forward pass can be asked to take; memory ends long before.
MOST_TILES = 65_536


@dataclass(frozen=True)
class Manner:
    """How models are applied, whichever they are.

    Attributes:
        batch_size: Tiles per forward pass; 0: what is fastest on the device.
        overlap: Image pixels that neighbouring tiles share and blend over; -1: an eighth of the tile.
        tta: A name of ``VIEWS``.
        threshold: Of two classes, the least probability of the second; -1: the model's own.
        match_resolution: Whether to show an image at the ground resolution of the training.
        runtime: What computes the networks, see ``runtimes.py``.

    Raises:
        JobError: If something is impossible.
    """

    batch_size: int = 0
    overlap: int = -1
    tta: str = "none"
    threshold: float = -1.0
    match_resolution: bool = True
    runtime: str = "auto"

    def __post_init__(self) -> None:
        """Refuses what is impossible whatever the model."""
        if not 0 <= self.batch_size <= MOST_TILES:
            raise JobError(
                f"The batch size must be at least 1, or 0 for what is fastest, and at most {MOST_TILES}, not "
                f"{self.batch_size}."
            )
        if self.tta not in VIEWS:
            raise JobError(
                f"The test-time augmentation {self.tta!r} is unknown; it is one of {', '.join(VIEWS)}."
            )
        if self.threshold != -1 and not 0 < self.threshold < 1:
            raise JobError(f"The threshold must be between 0 and 1, not {self.threshold:g}.")
