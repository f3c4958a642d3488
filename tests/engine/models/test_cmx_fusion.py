"""CMX's rectification and fusion against their formulas, written out here in float64 numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.models.fusion import ContextPath, FeatureFusion, FeatureRectification

Array = NDArray[np.float64]
HEADS, C, H, W = 2, 6, 5, 7


def randomise(module: nn.Module) -> nn.Module:
    """The module in float64 with random weights and statistics."""
    torch.manual_seed(0)
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.randn_like(tensor) * 0.4)
    for name, buffer in module.named_buffers():
        if name.endswith("running_var"):
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    return module.double().eval()


def maps() -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(2, C, H, W).double(), torch.randn(2, C, H, W).double()


def weights(module: nn.Module) -> dict[str, Array]:
    return {name: value.numpy() for name, value in module.state_dict().items()}


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def pixelwise(w: dict[str, Array], name: str, x: Array) -> Array:
    """A 1 x 1 convolution of a map (C, H, W)."""
    y = np.einsum("oc,chw->ohw", w[f"{name}.weight"][:, :, 0, 0], x)
    return y + w[f"{name}.bias"][:, None, None] if f"{name}.bias" in w else y


def linear(w: dict[str, Array], name: str, x: Array) -> Array:
    y = x @ w[f"{name}.weight"].T
    return y + w[f"{name}.bias"] if f"{name}.bias" in w else y


def batch_norm(w: dict[str, Array], name: str, x: Array) -> Array:
    mean, var, gain, bias = (
        w[f"{name}.{part}"][:, None, None]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / np.sqrt(var + 1e-5) * gain + bias


def layer_norm(w: dict[str, Array], name: str, x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]


def rectify(w: dict[str, Array], rgb: Array, x: Array) -> tuple[Array, Array]:
    """Rectification of one sample, term by term."""
    both = np.concatenate([rgb, x])
    y = np.concatenate([both.mean(axis=(1, 2)), both.max(axis=(1, 2))])
    channel = sigmoid(linear(w, "channel.2", np.maximum(linear(w, "channel.0", y), 0)))
    place = sigmoid(pixelwise(w, "place.2", np.maximum(pixelwise(w, "place.0", both), 0)))
    rgb_out, x_out = rgb.copy(), x.copy()
    for c in range(C):
        rgb_out[c] += 0.5 * channel[C + c] * x[c] + 0.5 * place[1] * x[c]
        x_out[c] += 0.5 * channel[c] * rgb[c] + 0.5 * place[0] * rgb[c]
    return rgb_out, x_out


def contexts(w: dict[str, Array], path: str, u: Array) -> list[Array]:
    """Softmax over the rows of each head's scaled K^T V."""
    kv = linear(w, f"{path}.key_value", u)
    size, result = C // HEADS, []
    for head in range(HEADS):
        k = kv[:, head * size : (head + 1) * size]
        v = kv[:, C + head * size : C + (head + 1) * size]
        scores = np.exp(k.T @ v / np.sqrt(size))
        result.append(scores / scores.sum(axis=0, keepdims=True))
    return result


def fuse(w: dict[str, Array], rgb: Array, x: Array) -> Array:
    """Exchange of contexts and channel embedding of one sample, head by head."""
    paths, size = ("image_path", "auxiliary_path"), C // HEADS
    tokens = {p: m.reshape(C, -1).T for p, m in zip(paths, (rgb, x))}
    split = {p: np.maximum(linear(w, f"{p}.entry", t), 0) for p, t in tokens.items()}
    given = {p: contexts(w, p, s[:, C:]) for p, s in split.items()}
    sides = []
    for path, other in (paths, paths[::-1]):
        y, u = split[path][:, :C], split[path][:, C:]
        found = [u[:, h * size : (h + 1) * size] @ given[other][h] for h in range(HEADS)]
        read = linear(w, f"{path}.exit", np.concatenate([y, *found], axis=1))
        sides.append(layer_norm(w, f"{path}.norm", tokens[path] + read).T.reshape(C, H, W))
    z = np.concatenate(sides)
    hidden = np.pad(pixelwise(w, "main.0", z), ((0, 0), (1, 1), (1, 1)))
    deep = np.zeros((C, H, W))
    for row in range(3):
        for col in range(3):
            kernel = w["main.1.weight"][:, 0, row, col, None, None]
            deep += kernel * hidden[:, row : row + H, col : col + W]
    deep = np.maximum(deep + w["main.1.bias"][:, None, None], 0)
    main = batch_norm(w, "main.4", pixelwise(w, "main.3", deep))
    return batch_norm(w, "norm", pixelwise(w, "residual", z) + main)


def test_rectification_equals_its_formula() -> None:
    module, (rgb, x) = randomise(FeatureRectification(C)), maps()
    with torch.no_grad():
        found = module(rgb, x)
    for sample in range(2):
        expected = rectify(weights(module), rgb[sample].numpy(), x[sample].numpy())
        for stream in range(2):
            np.testing.assert_allclose(found[stream][sample], expected[stream], rtol=1e-12)


def test_fusion_equals_its_formula() -> None:
    module, (rgb, x) = randomise(FeatureFusion(C, HEADS)), maps()
    with torch.no_grad():
        found = module(rgb, x)
    for sample in range(2):
        expected = fuse(weights(module), rgb[sample].numpy(), x[sample].numpy())
        # The contexts are fp32 on purpose: that limits the agreement.
        np.testing.assert_allclose(found[sample], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("swapped", ["image_path", "auxiliary_path"])
def test_each_stream_reads_the_context_of_the_other(swapped: str) -> None:
    """The output of a stream depends on the keys and values of the other stream, not on its own."""
    module, (rgb, x) = randomise(FeatureFusion(C, HEADS)), maps()
    seen: dict[str, Tensor] = {}
    for name in ("image_path", "auxiliary_path"):
        getattr(module, name).register_forward_hook(
            lambda _, __, output, name=name: seen.__setitem__(name, output)
        )
    with torch.no_grad():
        module(rgb, x)
        before = dict(seen)
        getattr(module, swapped).key_value.weight.mul_(1.5)
        module(rgb, x)
    for name in seen:
        assert torch.equal(seen[name], before[name]) is (name == swapped)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_context_is_fp32_and_finite_where_fp16_overflows(dtype: torch.dtype) -> None:
    """A quarter of a 1024 px tile: 65536 pixels, each product up to 1000."""
    torch.manual_seed(2)
    path = ContextPath(8, heads=2)
    with torch.no_grad():
        u = torch.rand(1, 256 * 256, 8) * 100
        exact = path.context(u)
        with torch.autocast("cpu", dtype):
            key, value = path.key_value(u).chunk(2, dim=-1)
            product = key.transpose(-2, -1) @ value
            context = path.context(u)
    assert dtype != torch.float16 or not product.isfinite().all(), "fp16 would overflow"
    assert context.dtype == torch.float32 and context.isfinite().all()
    assert torch.allclose(context.sum(dim=-2), torch.ones(1, 2, 4))
    assert torch.equal(context.argmax(dim=-2), exact.argmax(dim=-2))


def test_context_product_has_the_precision_of_fp32() -> None:
    """In bf16 a sum of 4096 ones would stop growing at 256."""
    path = ContextPath(2, heads=1)
    with torch.no_grad():
        path.key_value.weight.copy_(torch.tensor([[1.0, 0], [0, 1], [1, 0], [0, 1]]) / 64)
        u = torch.ones(1, 4096, 2)
        u[:, :1000, 1] = 0  # K^T V = [[1, t], [t, t]] with t = 3096 / 4096
        with torch.autocast("cpu", torch.bfloat16):
            context = path.context(u)[0, 0]
    scores = torch.tensor([[1.0, 3096 / 4096], [3096 / 4096, 3096 / 4096]]) / 2**0.5
    assert torch.allclose(context, scores.softmax(dim=0), atol=1e-6)
