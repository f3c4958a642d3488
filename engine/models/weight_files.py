"""Files of weights from other programs: read without executing code, and compared with a network.

A ``.pth`` file is a pickle, which can hold code: torch reads it with ``weights_only=True``, only tensors and plain
containers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ..contract.errors import JobError, join_choices
from ..contract.translation import tr

#: Suffixes of files of weights.
SUFFIXES = (".safetensors", ".pth", ".pt")

#: Keys of the state dict in a checkpoint.
_STATE_DICT_KEYS = ("state_dict", "model_state_dict")

#: Prefix of all names in the state dict of a DataParallel network.
_PARALLEL = "module."

#: Suffix of a batch norm's counter, which old files do not have and no output depends on.
_COUNTER = ".num_batches_tracked"


def read_state(path: str) -> dict[str, Tensor]:
    """Reads the state dict of a file, of a checkpoint or of a DataParallel network too.

    Raises:
        JobError: If there is no such file, it holds code, or it holds no state dict.
    """
    suffix = Path(path).suffix.lower()
    if not Path(path).is_file() or suffix not in SUFFIXES:
        raise JobError(
            tr("There is no file of weights {}: give one in {}.").format(
                path, join_choices(SUFFIXES)
            )
        )
    content: Any = _read_safetensors(path) if suffix == ".safetensors" else _read_pickle(path)
    for key in _STATE_DICT_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not all(isinstance(v, Tensor) for v in content.values()):
        raise JobError(
            tr(
                "{} holds no state dict: save the network's weights with "
                "torch.save(model.state_dict(), path)."
            ).format(path)
        )
    state = {str(name): value for name, value in content.items()}
    if state and all(name.startswith(_PARALLEL) for name in state):
        state = {name.removeprefix(_PARALLEL): value for name, value in state.items()}
    return state


def _read_safetensors(path: str) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except Exception as error:  # errors of safetensors and of the operating system
        raise JobError(
            tr(
                "The file of weights {} cannot be read ({}): it is no .safetensors file, or damaged."
            ).format(path, error)
        ) from error


def _read_pickle(path: str) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's unpickler raises errors of many kinds
        # Words of its message for a name that the pickle would import, and for whole networks.
        if not any(sign in str(error) for sign in ("GLOBAL", "global ", "class ", "TorchScript")):
            raise JobError(
                tr(
                    "{} is no file of weights that torch can read, or is damaged: copy it anew, or save "
                    "it with torch.save(model.state_dict(), path)."
                ).format(path)
            ) from error
        raise JobError(
            tr(
                "{} holds more than weights, such as a whole network with its code, and nothing of "
                "it was run: save only the weights, with torch.save(model.state_dict(), path)."
            ).format(path)
        ) from error


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


def fill_counters(
    state: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    refuse: Callable[[str], JobError],
    shown: int | None = None,
) -> dict[str, Tensor]:
    """Adds the counters of batch norms, which old files lack, and compares names and shapes.

    Args:
        state: The weights by the network's names.
        expected: The network's state dict.
        refuse: Makes the error for a reason.
        shown: Maximum number of missing and of unknown weights that a reason names; None: all.

    Raises:
        JobError: If a weight is missing, unknown, or of another shape.
    """
    counters = {
        name: torch.zeros(value.shape, dtype=value.dtype)
        for name, value in expected.items()
        if name.endswith(_COUNTER)
    }
    full = {**counters, **state}
    missing = [name for name in expected if name not in full]
    unexpected = [name for name in full if name not in expected]
    reasons = [
        text.format(len(names), ", ".join(names[:shown] + ["..."] * (names[:shown] != names)))
        for text, names in (
            (tr("{} missing: {}"), missing),
            (tr("{} unexpected: {}"), unexpected),
        )
        if names
    ]
    if reasons:
        raise refuse("; ".join(reasons))
    for name, value in expected.items():
        if full[name].shape != value.shape:
            raise refuse(
                tr("{} has the shape {} instead of {}").format(
                    name, tuple(full[name].shape), tuple(value.shape)
                )
            )
    return full


def first_convolution(module: nn.Module, channels: int = 0) -> str:
    """The name of the weight of a module's first convolution with ``channels`` input channels; 0: any."""
    return next(
        f"{name}.weight"
        for name, part in module.named_modules()
        if isinstance(part, nn.Conv2d) and channels in (0, part.in_channels)
    )


def last_convolution(module: nn.Module) -> str:
    """The name of the weight of a module's last convolution."""
    names = [name for name, part in module.named_modules() if isinstance(part, nn.Conv2d)]
    return f"{names[-1]}.weight"
