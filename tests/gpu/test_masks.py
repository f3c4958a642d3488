"""Checks that masks of the device are those of the processor, in every precision and with every option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rasterio
from rasterio.windows import Window, from_bounds

from benchmarks.segment.scenes import write
from engine.contract.ensemble_file import write_ensemble
from tests.gpu.inputs import compared_scene, model_file, second_model, segment
from tests.gpu.setting import Setting
from tests.gpu.table import Value, at_least

pytestmark = pytest.mark.gpu

#: Smallest share of equal pixels by precision; of options, in fp32.
_EQUAL = {"fp32": 0.999, "bf16": 0.97, "fp16": 0.99}
_EQUAL_OPTIONS = 0.995

#: The processor's way that all are compared with.
_REFERENCE: dict[str, Any] = {"device": "cpu", "precision": "fp32", "batch_size": 1}


def test_every_precision(setting: Setting, found: list[Value]) -> None:
    """Masks as on the processor."""
    models, scene = [model_file(setting)], compared_scene(setting)
    expected = segment(setting, models, **{**scene, **_REFERENCE})
    for precision in dict.fromkeys(map(setting.precision, _EQUAL)):
        mask = segment(setting, models, precision=precision, **scene)
        equal = float((mask == expected).mean())
        found.append(at_least(f"equal pixels in {precision}", equal, _EQUAL[precision], "of all"))
    shares = [float((expected == value).mean()) for value in range(4)]
    found.append(Value("largest class", max(shares), "of all pixels"))


def test_every_option(setting: Setting, found: list[Value]) -> None:
    """Views, ensembles, resolution: masks as on the processor."""
    both = [model_file(setting), second_model(setting)]
    fields, coarse = _small_scenes(setting)
    alone = {name: value for name, value in fields.items() if name != "auxiliary"}
    cases: dict[str, tuple[list[Path], dict[str, Any]]] = {
        "8 views": (both[:1], {**fields, "tta": "d4"}),
        "mean of two models": (both, {**fields, "combine": "mean"}),
        "vote of two models": (both, {**fields, "combine": "vote"}),
        "ensemble file": ([_ensemble(setting, both)], fields),
        "image of 20 m, resampled": (both[:1], coarse),
        "image alone": (both[:1], {**alone, "image_alone": True}),
    }
    for name, (models, options) in cases.items():
        mask = segment(setting, models, precision="fp32", **options)
        expected = segment(setting, models, **{**options, **_REFERENCE})
        equal = float((mask == expected).mean())
        found.append(at_least(f"{name}: equal pixels", equal, _EQUAL_OPTIONS, "of all"))


def _ensemble(setting: Setting, models: list[Path]) -> Path:
    """An ensemble file of some models."""
    path = setting.folder / "ensemble.json"
    write_ensemble(path, models, {})
    return path


def _small_scenes(setting: Setting) -> tuple[dict[str, Any], dict[str, Any]]:
    """The job fields of a quarter of the compared scene, and of the same at half the resolution."""
    fields = compared_scene(setting)
    left, bottom, right, top = fields["extent"]
    right, bottom = (left + right) / 2, (bottom + top) / 2
    part = {**fields, "extent": (left, bottom, right, top)}
    path = setting.folder / "coarse.tif"
    with rasterio.open(fields["image"]) as file:
        window: Window = from_bounds(left, bottom, right, top, file.transform)
        pixels, metres = file.read(window=window), file.res[0]
    write(path, pixels[:, ::2, ::2], 2 * metres)
    return part, {"image": str(path), "auxiliary": fields["auxiliary"]}
