"""Names of weights in a state dict: what programs and libraries put before a network's own, or have renamed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from torch import Tensor


def prefixes(names: Collection[str], landmark: str) -> list[str]:
    """The texts before ``landmark`` in a state dict's names, shortest first; empty: no name has it.

    A program that wraps a network puts the attribute's name before all of its names: ``model.``, ``net.``,
    ``module.``, several of them.

    Args:
        names: The names of a state dict.
        landmark: Beginning of a name of the network itself.
    """
    pattern = re.compile(rf"(.*?\.)??{re.escape(landmark)}")
    found = {match[1] or "" for name in names if (match := pattern.match(name))}
    return sorted(found, key=lambda prefix: (len(prefix), prefix))


def without_prefix(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The weights whose names begin with ``prefix``, by the rest of their names."""
    return {n.removeprefix(prefix): value for n, value in state.items() if n.startswith(prefix)}


def likeliest_prefix(names: Collection[str], known: Collection[str]) -> str:
    """The text before most of the known names in those of a state dict; empty also if none is there.

    Args:
        names: The names of a state dict of a network, of a wrapped one, or of a whole network with it.
        known: Names of the network itself, in all spellings.
    """
    starts = ((name, at) for name in names for at in (0, *_after_dots(name)))
    counts = Counter(name[:at] for name, at in starts if name[at:] in known)
    return (
        counts.most_common(1)[0][0] if counts else ""
    )  # of equals the first, which is the shortest


def _after_dots(name: str) -> Iterator[int]:
    return (match.end() for match in re.finditer(r"\.", name))


def to_smp_name(name: str, expected: Collection[str], part: str = "") -> str:
    """Translates the name of an encoder's weight from timm to segmentation-models-pytorch.

    The library wraps timm's encoders as ``model``, and timm flattens the first level of some: timm's
    ``stages.0.conv.weight`` is ``model.stages_0.conv.weight`` there.

    Args:
        name: The name in a file, with ``part``.
        expected: The names in the network.
        part: Prefix of the names of the encoder's weights.

    Returns:
        The name in ``expected``, or ``name`` if there is none.
    """
    if not name.startswith(part):
        return name
    base = name.removeprefix(part)
    variants = (base, f"model.{base}", f"model.{base.replace('.', '_', 1)}")
    return next((part + variant for variant in variants if part + variant in expected), name)
