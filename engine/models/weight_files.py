"""Files of weights from other programs: read without executing code, and compared with a network.

A ``.pth`` or ``.ckpt`` file is a pickle, which can hold code: torch reads it with ``weights_only=True``, only tensors
and plain containers. A few objects that checkpoints have beside the weights are read as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ..contract.errors import JobError, join_names
from ..contract.paths import check_file
from ..contract.translation import tr
from .refused_files import code_message, not_weights_message

#: Suffixes of files of weights; .ckpt: a checkpoint of Lightning, which torchgeo and terratorch write.
SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt", ".bin")

#: Keys of the state dict in a checkpoint.
_STATE_DICT_KEYS = ("state_dict", "model_state_dict", "model")

#: Objects that programs save beside the weights: NumPy's scores and arrays, the command line, paths, and Lightning's
#: settings of a training.
_HARMLESS = (
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray._reconstruct",
    "numpy.ndarray",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "argparse.Namespace",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "pathlib._local.PosixPath",
    "pathlib._local.WindowsPath",
    "jsonargparse.namespace.Namespace",
    "jsonargparse._namespace.Namespace",
    "terratorch.datasets.utils.HLSBands",
)

#: Such objects that are dictionaries.
_HARMLESS_DICTS = (
    "lightning.fabric.utilities.data.AttributeDict",
    "lightning_fabric.utilities.data.AttributeDict",
    "pytorch_lightning.utilities.parsing.AttributeDict",
)

#: The most tensors that a message names.
MAX_NAMES = 10

#: Suffix of a batch norm's counter, which old files do not have and no output depends on.
_COUNTER = ".num_batches_tracked"


class _Nothing:
    """Takes the place of a harmless object: accepts what a pickle does with it, and does nothing."""

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, _: Any) -> None:
        pass


def read_state(path: str) -> dict[str, Tensor]:
    """Reads the state dict of a file, also of a checkpoint; names keep the prefixes of a wrapped network.

    Raises:
        JobError: If there is no such file, it holds code, or it holds no state dict.
    """
    check_file(path, JobError)
    suffix = Path(path).suffix.lower()
    if not Path(path).is_file() or suffix not in SUFFIXES:
        raise JobError(not_weights_message(path, SUFFIXES))
    content: Any = _read_safetensors(path) if suffix == ".safetensors" else _read_pickle(path)
    for key in _STATE_DICT_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    values = content.values() if isinstance(content, Mapping) else ()
    if not values or not all(isinstance(value, Tensor) for value in values):
        raise JobError(
            tr(
                "{} holds no state dict: save the network's weights with "
                "torch.save(model.state_dict(), path)."
            ).format(path)
        )
    return {str(name): value for name, value in content.items()}


def _read_safetensors(path: str) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except Exception as error:  # errors of safetensors and of the operating system
        raise JobError(
            tr(
                "The file of weights {} cannot be read ({}): it is not a .safetensors file, or it is damaged."
            ).format(path, error)
        ) from error


def _read_pickle(path: str) -> Any:
    stand_ins: list[Any] = [(_Nothing, name) for name in _HARMLESS]
    stand_ins += [(dict, name) for name in _HARMLESS_DICTS]
    try:
        with torch.serialization.safe_globals(stand_ins):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's unpickler raises errors of many kinds
        # Words of its message for a name that the pickle would import, and for whole networks.
        if not any(sign in str(error) for sign in ("GLOBAL", "global ", "class ", "TorchScript")):
            raise JobError(
                tr(
                    "{} is not a file of weights that torch can read, or it is damaged: copy it again, or save "
                    "it with torch.save(model.state_dict(), path)."
                ).format(path)
            ) from error
        raise JobError(code_message(path, _needed_names(path))) from error


def _needed_names(path: str) -> list[str]:
    """Names of the code that a pickle would import, which are read without running it; none if they cannot be read."""
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except Exception:  # TorchScript, or a pickle that torch cannot disassemble
        return []
    return [name for name in names if name not in (*_HARMLESS, *_HARMLESS_DICTS)]


def fill_counters(
    state: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    refuse: Callable[[str], JobError],
    shown: int = MAX_NAMES,
) -> dict[str, Tensor]:
    """Adds the counters of batch norms, which old files lack, and compares names and shapes.

    Args:
        state: The weights by the network's names.
        expected: The network's state dict.
        refuse: Makes the error for a reason.
        shown: Maximum number of tensors that a reason names: of missing ones, unknown ones, and ones that differ.

    Raises:
        JobError: If a weight is missing, unknown, or of another shape or kind.
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
        text.format(len(names), join_names(names, shown))
        for text, names in (
            (tr("{} missing: {}"), missing),
            (tr("{} unexpected: {}"), unexpected),
        )
        if names
    ]
    known = [(name, full[name], value) for name, value in expected.items() if name in full]
    if flaws := [flaw for flaw in (_flaw(*entry) for entry in known) if flaw]:
        reasons.append(join_names(flaws, shown))
    if reasons:
        raise refuse("; ".join(reasons))
    return full


def _flaw(name: str, value: Tensor, like: Tensor) -> str:
    """Why a tensor cannot be that of a network; empty if it can."""
    if value.shape != like.shape:
        return tr("{} has the shape {} instead of {}").format(
            name, tuple(value.shape), tuple(like.shape)
        )
    is_plain = value.layout == torch.strided and not value.is_meta
    # Counters are saved as any numbers.
    is_kind = name.endswith(_COUNTER) or value.is_floating_point() == like.is_floating_point()
    if not is_plain or not is_kind:
        return tr("{} is stored as {}").format(name, str(value.dtype).removeprefix("torch."))
    return ""


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
