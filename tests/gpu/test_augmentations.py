"""Check of the augmentations: on the device they give what they give on the processor from the same random numbers."""

from __future__ import annotations

import pytest
import torch

from engine.contract.class_table import IGNORE_INDEX
from engine.sampling.augmentation import AUGMENTATIONS
from engine.sampling.band_statistics import Scaling
from engine.sampling.copy_paste import PasteRoles
from engine.sampling.data_loader import Batch
from tests.gpu.setting import Setting
from tests.gpu.table import Value, at_least, at_most, required

pytestmark = pytest.mark.gpu

_WINDOWS, _BANDS, _COARSE_BANDS, _RANGE = 16, 4, 6, 1000.0

#: Largest difference of means and deviations of bands, in units of their range; smallest share of equal labels.
_TOLERANCE, _LABELS = 0.005, 0.995


def test_augmentations_are_those_of_the_processor(setting: Setting, found: list[Value]) -> None:
    """Every augmentation on the device."""
    batch, device = _batch(setting), setting.choose().torch_device
    scaling = Scaling(
        (0.0,) * _BANDS, (_RANGE,) * _BANDS, (0.0,) * _COARSE_BANDS, (1.0,) * _COARSE_BANDS
    )
    for name, build in AUGMENTATIONS.items():
        step = build(scaling, PasteRoles(hard=(2,)))
        sent = {key: tensor.to(device) for key, tensor in batch.items()}
        there = step(sent, torch.Generator().manual_seed(1))
        here = step(batch, torch.Generator().manual_seed(1))
        found += _compared(name, batch, there, here)


def _batch(setting: Setting) -> Batch:
    """Windows with smooth colours, missing pixels, blobs of a class and unlabelled pixels."""
    generator, side = torch.Generator().manual_seed(0), setting.tile
    coarse = torch.rand(_WINDOWS, _BANDS, 8, 8, generator=generator)
    image = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic") * _RANGE
    image[:, :, : side // 8, : side // 8] = torch.nan
    target = (image[:, 0] > 0.6 * _RANGE).long() * 2 + (image[:, 1] > 0.5 * _RANGE).long()
    target = target.clamp(max=2)
    target[:, -side // 8 :] = IGNORE_INDEX
    auxiliary = torch.randn(_WINDOWS, _COARSE_BANDS, side // 8, side // 8, generator=generator)
    return {"image": image, "auxiliary": auxiliary, "target": target}


def _compared(name: str, before: Batch, there: Batch, here: Batch) -> list[Value]:
    """What one augmentation gave on the device, beside what it gave on the processor."""
    back = {key: tensor.cpu() for key, tensor in there.items()}
    shapes = all(back[k].shape == t.shape and back[k].dtype == t.dtype for k, t in before.items())
    known = {*range(3), IGNORE_INDEX}
    labels = {*back["target"].unique().tolist()}
    image, expected = (batch["image"].nan_to_num(0.0) for batch in (back, here))
    differences = [
        (getattr(image, moment)((0, 2, 3)) - getattr(expected, moment)((0, 2, 3))).abs().max()
        for moment in ("mean", "std")
    ]
    missing = back["image"].isnan().float().mean() - here["image"].isnan().float().mean()
    same = (back["target"] == here["target"]).float().mean().item()
    is_finite = not bool(back["image"].isinf().any()) and abs(missing.item()) < _TOLERANCE
    changed = any(not torch.equal(back[k].nan_to_num(), t.nan_to_num()) for k, t in before.items())
    return [
        required(f"{name}: shapes, types and classes", shapes and labels <= known, "as before"),
        required(f"{name}: works", changed and is_finite, "finite, and not what it was"),
        at_least(f"{name}: equal labels", same, _LABELS, "of all"),
        at_most(
            f"{name}: means and deviations differ",
            max(differences).item() / _RANGE,
            _TOLERANCE,
            "of the range",
        ),
    ]
