"""Files of weights that other programs wrote: read without running anything in them, and compared.

A ``.pth`` is a pickle, which can hold code. torch reads it here with ``weights_only=True``: tensors and
plain containers, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ..contract.errors import JobError

#: Endings of files of weights.
SUFFIXES = (".safetensors", ".pth", ".pt")

#: Under which a checkpoint keeps the state dict among other things.
_WRAPPERS = ("state_dict", "model_state_dict")

#: Before every name in the state dict of a network that was trained on several GPUs.
_PARALLEL = "module."

#: A counter that old files do not have; it changes no output.
_COUNTER = ".num_batches_tracked"


def read_state(path: str) -> dict[str, Tensor]:
    """The state dict in a file, without the wrappings of checkpoints and of DataParallel.

    Raises:
        JobError: If there is no such file, it holds code, or it holds no state dict.
    """
    kind = Path(path).suffix.lower()
    if not Path(path).is_file() or kind not in SUFFIXES:
        raise JobError(f"There is no file of weights {path}: give one in {' or '.join(SUFFIXES)}.")
    found: Any = _safetensors(path) if kind == ".safetensors" else _pickled(path)
    for wrapper in _WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found = found[wrapper]
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise JobError(
            f"{path} holds no state dict: save the network's weights with "
            "torch.save(model.state_dict(), path)."
        )
    state = {str(name): value for name, value in found.items()}
    if state and all(name.startswith(_PARALLEL) for name in state):
        state = {name.removeprefix(_PARALLEL): value for name, value in state.items()}
    return state


def _safetensors(path: str) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except Exception as error:  # of safetensors' own and of the operating system's kinds
        raise JobError(
            f"The file of weights {path} cannot be read ({error}): it is no .safetensors file, or damaged."
        ) from error


def _pickled(path: str) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's unpickler raises whatever the bytes lead it to
        # What it says of a name that the pickle would have imported, and of whole networks.
        if not any(sign in str(error) for sign in ("GLOBAL", "global ", "class ", "TorchScript")):
            raise JobError(
                f"{path} is no file of weights that torch can read, or is damaged: copy it anew, or save it "
                "with torch.save(model.state_dict(), path)."
            ) from error
        raise JobError(
            f"{path} holds more than weights, such as a whole network with its code, and nothing of it "
            "was run: save only the weights, with torch.save(model.state_dict(), path)."
        ) from error


def to_smp_name(name: str, expected: Collection[str], part: str = "") -> str:
    """What segmentation-models-pytorch calls an encoder's weight that may have timm's own name.

    It wraps timm's encoders as ``model``, and timm itself flattens the first level of some: timm's
    ``stages.0.conv.weight`` is ``model.stages_0.conv.weight`` there.

    Args:
        name: The name in a file, ``part`` included.
        expected: The names in the network.
        part: What the names of the encoder's weights begin with.

    Returns:
        The one in ``expected``, or ``name`` where there is none.
    """
    own = name.removeprefix(part)
    if not name.startswith(part):
        return name
    known = (own, f"model.{own}", f"model.{own.replace('.', '_', 1)}")
    return next((part + other for other in known if part + other in expected), name)


def fill_counters(
    state: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    refuse: Callable[[str], JobError],
    shown: int | None = None,
) -> dict[str, Tensor]:
    """The state dict with counters of batch norms, which old files lack, filled in.

    Args:
        state: The weights by the network's names; all must be in ``expected``.
        expected: The network's own state dict.
        refuse: Makes the error of a reason.
        shown: How many missing and unknown weights a reason names at most; None: all.

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
        f"{len(names)} {kind}: {', '.join(names[:shown])}{', ...' if names[:shown] != names else ''}"
        for kind, names in (("missing", missing), ("unexpected", unexpected))
        if names
    ]
    if reasons:
        raise refuse("; ".join(reasons))
    for name, value in expected.items():
        if full[name].shape != value.shape:
            raise refuse(
                f"{name} has the shape {tuple(full[name].shape)} instead of {tuple(value.shape)}"
            )
    return full


def first_convolution(module: nn.Module, channels: int = 0) -> str:
    """The name of the weight of a module's first convolution, of so many input channels; 0: any."""
    return next(
        f"{name}.weight"
        for name, part in module.named_modules()
        if isinstance(part, nn.Conv2d) and channels in (0, part.in_channels)
    )


def last_convolution(module: nn.Module) -> str:
    """The name of the weight of a module's last convolution."""
    names = [name for name, part in module.named_modules() if isinstance(part, nn.Conv2d)]
    return f"{names[-1]}.weight"
