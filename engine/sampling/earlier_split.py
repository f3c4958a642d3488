"""The blocks that a training held out, kept in its model's card: a training that starts from it holds them out too.

Otherwise the model would be scored on blocks from which it has learnt, and its score before and after could not be
compared. A block is known by a hash of its image's name and of its place there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.scene import Scene
from .spatial_split import Block

#: Key of the split in the provenance of a card.
SPLIT = "split"

#: Hexadecimal digits of a hash, and the largest number of blocks that a card keeps.
_DIGITS, _MAX_BLOCKS = 10, 20_000

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EarlierSplit:
    """The blocks of earlier trainings.

    Attributes:
        learnt: Hashes of the blocks from which they learnt.
        held_out: Hashes of the blocks that they held out.
        images: Hashes of their images.
    """

    learnt: frozenset[str] = _NONE
    held_out: frozenset[str] = _NONE
    images: frozenset[str] = _NONE

    @classmethod
    def of_record(cls, record: Any) -> EarlierSplit:
        """The split in a card; without any block if the card has none, or another form of it."""
        parts = record if isinstance(record, dict) else {}
        return cls(*(_hashes(parts.get(name)) for name in ("learnt", "held_out", "images")))

    def record(self) -> dict[str, str]:
        """The split in JSON types, empty if there are too many blocks for a card."""
        if len(self.learnt) + len(self.held_out) > _MAX_BLOCKS:
            return {}
        parts = {"learnt": self.learnt, "held_out": self.held_out, "images": self.images}
        return {name: "".join(sorted(hashes)) for name, hashes in parts.items()}

    def with_blocks(self, scenes: Sequence[Scene], blocks: Iterable[Block]) -> EarlierSplit:
        """The split with the blocks of one more training; a block that was learnt from once stays so."""
        parts: dict[bool, set[str]] = {False: {*self.learnt}, True: {*self.held_out}}
        names = image_names(scenes)
        for block in blocks:
            parts[block.is_validation].add(_hash_of(names[block.scene], block))
        images = self.images | {*map(_hash, names)}
        return EarlierSplit(frozenset(parts[False]), frozenset(parts[True] - parts[False]), images)

    def is_held_out(self, image: str, block: Block) -> bool | None:
        """Whether a block of an image of this name was held out; None if no training has seen it."""
        found = _hash_of(image, block)
        return found not in self.learnt if found in self.learnt | self.held_out else None

    def has_image(self, image: str) -> bool:
        """Whether a training has seen an image of this name."""
        return _hash(image) in self.images


def image_names(scenes: Sequence[Scene]) -> list[str]:
    """A name for each scene, without its folder, which may be another one later; numbered where it repeats."""
    seen: Counter[str] = Counter()
    names = []
    for scene in scenes:
        seen[scene.stem] += 1
        number = seen[scene.stem]
        names.append(scene.stem if number == 1 else f"{scene.stem}|{number}")
    return names


def _hash_of(image: str, block: Block) -> str:
    window = block.window
    return _hash(f"{image}|{window.row} {window.col} {window.height} {window.width}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]


def _hashes(text: Any) -> frozenset[str]:
    if not isinstance(text, str):
        return _NONE
    return frozenset(text[begin : begin + _DIGITS] for begin in range(0, len(text), _DIGITS))
