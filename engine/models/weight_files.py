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

from ..contract.errors import JobError, join_choices, join_names
from ..contract.paths import check_file
from ..contract.plain_text import one_line
from ..contract.translation import tr, tr_noop

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

#: Suffixes of files that are often tried and are not weights, and what they are.
_NETWORKS = {
    ".h5": tr_noop("a network of Keras"),
    ".hdf5": tr_noop("a network of Keras"),
    ".keras": tr_noop("a network of Keras"),
    ".pb": tr_noop("a network of TensorFlow"),
    ".tflite": tr_noop("a network of TensorFlow Lite"),
}
_PACKAGES = (".dlpk",)
_RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img", ".png", ".jpg", ".jpeg")

#: Beginnings of the names of YOLO's code in a whole network.
_YOLO = ("ultralytics.", "models.yolo.", "models.common.")

#: The most tensors that a message names, and the longest name of an object in it.
MAX_NAMES, _MAX_SHOWN = 10, 80

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
        raise JobError(_not_weights(path))
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


def _not_weights(path: str) -> str:
    """Why a file, or what is not there, is not read."""
    suffix = Path(path).suffix.lower()
    if not Path(path).is_file():
        text = tr("There is no file of weights {}: give one in {}.")
        return text.format(path, join_choices(SUFFIXES))
    if suffix in _NETWORKS:
        text = tr(
            "{} is {}, which import does not read: its program can export ONNX (.onnx, with tf2onnx), which import takes."
        )
        return text.format(path, tr(_NETWORKS[suffix]))
    if suffix in _PACKAGES:
        text = tr(
            "{} is a deep learning package of ArcGIS, a zip archive: unpack it and give the .onnx or .pth file in it."
        )
        return text.format(path)
    if suffix in _RASTERS:
        text = tr("{} is a raster, not weights: give the file that another program has trained.")
        return text.format(path)
    text = tr("{} is not a file of weights: give one in {}, or a network in .onnx.")
    return text.format(path, join_choices(SUFFIXES))


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
                    "{} is no file of weights that torch can read, or is damaged: copy it anew, or save "
                    "it with torch.save(model.state_dict(), path)."
                ).format(path)
            ) from error
        raise JobError(_code_message(path)) from error


def _code_message(path: str) -> str:
    """Why a pickle that would import code is refused; its names are read without running it."""
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except Exception:  # TorchScript, or a pickle that torch cannot disassemble
        names = []
    if any(name.startswith(_YOLO) for name in names):
        text = tr(
            "{} is a YOLO, which outlines objects and gives no class for each pixel, so that no model file can be made "
            "of it: train a network with the same labels as polygons."
        )
        return text.format(path)
    known = {*_HARMLESS, *_HARMLESS_DICTS}
    unknown = [one_line(name, _MAX_SHOWN) for name in names if name not in known]
    text = tr(
        "{} holds more than weights ({}), and nothing of it was run: save only the weights, with "
        "torch.save(model.state_dict(), path), or export ONNX in the program that made it."
    )
    what = join_names(unknown, MAX_NAMES) or tr("a whole network with its code")
    return text.format(path, what)


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
