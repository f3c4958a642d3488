"""A network in the form in which it segments: fewer and cheaper layers that give the same probabilities, but for rounding.

What a network's parts bring along (``inference_parts``) replaces them; then every batch norm is folded into the
convolution before it. Which convolution that is, is not read from names but seen in a trial: the norm must be the only
operation that uses the convolution's result.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from .logits import probabilities
from .normalisation import Normalisation
from .two_stream_network import TwoStreamNetwork

#: By how much probabilities may change.
_TOLERANCE = 1e-3

#: Sides of the trial's tiles of the image and of the auxiliary stream, px: small, because the first mask waits.
_SIDES = 128, 32

#: Layers whose weights autocast converts in every pass.
_CONVERTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def inference_form(network: nn.Module) -> nn.Module:
    """A network for inference only, in evaluation mode; the given one does not change.

    Args:
        network: A network on the CPU in fp32. One that is not a ``TwoStreamNetwork`` is returned as it is.

    Returns:
        The new network, which shares the weights that did not change; the given one if the trial does not work for
        it, or if probabilities would change by more than ``_TOLERANCE``.
    """
    network.eval()
    if not isinstance(network, TwoStreamNetwork):
        return network
    light = copy.deepcopy(
        network, {id(value): value for value in network.state_dict(keep_vars=True).values()}
    )
    streams = network.image_normalisation, network.auxiliary_normalisation
    inputs = [_tile(stream, side) for stream, side in zip(streams, _SIDES) if stream.bands]
    try:
        expected = _probabilities(network, *inputs)
        _use_parts(light)
        _fold_batch_norms(light, lambda: _probabilities(light, *inputs))
        difference = (_probabilities(light, *inputs) - expected).abs().max()
    except (
        Exception
    ):  # some encoders of other libraries take other sizes only, with errors of many kinds
        return network
    return light if bool(difference <= _TOLERANCE) else network


def with_weights_in(network: nn.Module, precision: str) -> nn.Module:
    """A copy of a network for autocast to ``precision``, which gives the same bytes but converts no weights in its passes.

    The copy shares all weights that autocast does not convert.

    Args:
        network: A network in fp32.
        precision: fp32 (the network is returned as it is), bf16 or fp16.
    """
    if precision == "fp32":
        return network
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    values: dict[int, Any] = {
        id(value): value for value in network.state_dict(keep_vars=True).values()
    }
    for layer in network.modules():
        if type(layer) in _CONVERTED:  # others may compute their weights
            for value in layer.parameters(recurse=False):
                values[id(value)] = nn.Parameter(value.detach().to(dtype), requires_grad=False)
    return copy.deepcopy(network, values)


def _tile(stream: Normalisation, side: int) -> Tensor:
    """A random tile (1, C, side, side) of a stream's physical values."""
    noise = torch.randn(1, stream.bands, side, side, generator=torch.Generator().manual_seed(0))
    return noise * stream.std.view(1, -1, 1, 1) + stream.mean.view(1, -1, 1, 1)


@torch.no_grad()
def _probabilities(network: nn.Module, *tiles: Tensor) -> Tensor:
    return probabilities(network(*tiles)["logits"])


def _use_parts(network: nn.Module) -> None:
    """Replaces modules by what they or the modules that hold them bring along, the inner ones first."""
    for name, module in reversed([*network.named_modules()]):
        find: Callable[[], Mapping[str, nn.Module]] = getattr(module, "inference_parts", dict)
        for part, replacement in find().items():
            network.set_submodule(f"{name}.{part}".strip("."), replacement.eval())


def _fold_batch_norms(network: nn.Module, run: Callable[[], object]) -> None:
    """Folds batch norms into the convolutions before them.

    Args:
        network: The network, whose submodules are replaced.
        run: Makes a forward pass.
    """
    names: dict[nn.Module, list[str]] = {}
    for name, module in network.named_modules(remove_duplicate=False):
        names.setdefault(module, []).append(name)
    for conv, norm in _pairs(network, run):
        if len(names[conv]) == len(names[norm]) == 1:
            is_transposed = isinstance(conv, nn.ConvTranspose2d)
            network.set_submodule(names[conv][0], fuse_conv_bn_eval(conv, norm, is_transposed))
            # timm's norms have an activation.
            rest = [part for part in norm.children() if not isinstance(part, nn.Identity)]
            network.set_submodule(names[norm][0], nn.Sequential(*rest) if rest else nn.Identity())


def _pairs(
    network: nn.Module, run: Callable[[], object]
) -> list[tuple[nn.Conv2d | nn.ConvTranspose2d, nn.BatchNorm2d]]:
    """Each convolution and batch norm that run once in a pass, and whose value between is used by nothing else."""
    made: dict[int, tuple[Any, Tensor]] = {}
    used: list[tuple[Any, int]] = []

    def note_result(layer: nn.Module, _inputs: object, result: Tensor) -> None:
        made[id(result)] = layer, result  # kept, so that no other tensor gets its id

    def note_use(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        used.append((layer, id(inputs[0])))

    layers = [*network.modules()]
    handles = [m.register_forward_hook(note_result) for m in layers if _is_foldable(m)]
    handles += [m.register_forward_pre_hook(note_use) for m in layers if _is_known_norm(m)]
    try:
        with _Uses() as uses:
            run()
    finally:
        for handle in handles:
            handle.remove()
    calls = Counter(layer for layer, _ in [*made.values(), *used])
    pairs = [(made[key][0], norm) for norm, key in used if key in made and uses.counts[key] == 1]
    return [(conv, norm) for conv, norm in pairs if calls[conv] == calls[norm] == 1]


def _is_foldable(layer: nn.Module) -> bool:
    """Whether a layer is a convolution whose weights can be scaled for each output channel."""
    if isinstance(layer, nn.ConvTranspose2d):
        return layer.groups == 1
    return isinstance(layer, nn.Conv2d)


def _is_known_norm(layer: nn.Module) -> bool:
    """Whether a layer is a batch norm of torch, or timm's with an activation behind it."""
    is_known = type(layer) is nn.BatchNorm2d or type(layer).__name__ == "BatchNormAct2d"
    return is_known and layer.running_var is not None


class _Uses(TorchFunctionMode):
    """Counts the operations that use each tensor.

    A mode of ``torch.utils._python_dispatch`` would import ``torch._dynamo`` at the first view, which takes a second.

    Attributes:
        counts: Number of operations by the tensor's id.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[int] = Counter()
        self._kept: list[Tensor] = []

    def __torch_function__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = operation(*args, **(kwargs or {}))
        if _tensors_in(result):  # shapes and types use no values
            values = _tensors_in((args, kwargs))
            self._kept += values
            self.counts.update({id(value) for value in values})
        return result


def _tensors_in(tree: object) -> list[Tensor]:
    return [value for value in tree_leaves(tree) if isinstance(value, Tensor)]
