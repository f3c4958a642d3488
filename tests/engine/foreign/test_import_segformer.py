"""``import`` of SegFormer folders: the logits of ``transformers``, and what the files beside the weights tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from transformers import (
    SegformerConfig,
    SegformerForSemanticSegmentation,
    SegformerImageProcessor,
    SegformerModel,
)

from engine.commands.import_model import import_model
from engine.commands.segment import segment
from engine.contract.errors import JobError
from engine.contract.file_jobs import ImportJob
from engine.contract.jobs import SegmentJob
from engine.models.model_file import load_model
from tests.engine.synthetic import read_band

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NAMES = {0: "wall", 1: "LABEL_1", 2: "tree, palm"}
TINY: dict[str, Any] = {
    "hidden_sizes": [8, 16, 24, 32],
    "depths": [1, 2, 1, 1],
    "num_attention_heads": [1, 2, 3, 4],
    "decoder_hidden_size": 16,
}


def save(folder: Path, preprocessor: Any = None, **changes: Any) -> Any:
    """A tiny folder whose weights make every layer matter, and the library's own model of it."""
    torch.manual_seed(4)
    settings = {**TINY, "id2label": NAMES, **changes}
    model = SegformerForSemanticSegmentation(SegformerConfig(**settings)).eval()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 1.5)
            elif value.is_floating_point():
                fan = value[0].numel() if value.ndim > 1 else 25
                value.add_(torch.randn_like(value) * fan**-0.5)
        # A bias that leaves no class out.
        logits = model(pixels(model.config.num_channels) / 64 - 2).logits
        model.decode_head.classifier.bias -= logits.transpose(0, 1).flatten(1).median(1).values
    model.save_pretrained(folder)
    if preprocessor is not None:
        preprocessor.save_pretrained(folder)
    return SegformerForSemanticSegmentation.from_pretrained(folder, local_files_only=True).eval()


def job_for(weights: Path, folder: Path, **changes: Any) -> ImportJob:
    return ImportJob(weights=str(weights), output=str(folder / "out" / "m.safetensors"), **changes)


def expected_logits(
    model: Any, pixels: Tensor, mean: Any, std: Any, maximum: float = 255
) -> Tensor:
    mean, std = (torch.tensor(values)[:, None, None] for values in (mean, std))
    logits = model((pixels / maximum - mean) / std).logits
    return F.interpolate(logits, pixels.shape[2:], mode="bilinear", align_corners=False)


def pixels(bands: int = 3) -> Tensor:
    """Noise on fields of 16 px, so that the masks have more than one class."""
    torch.manual_seed(6)
    field = F.interpolate(torch.rand(2, bands, 4, 6) * 200, scale_factor=16)
    return (field + torch.rand_like(field) * 55).floor()


def test_the_files_tell_everything(tmp_path, events, write_raster) -> None:
    size = {"height": 96, "width": 96}
    processor = SegformerImageProcessor(image_mean=MEAN[::-1], image_std=STD[::-1], size=size)
    original = save(tmp_path / "tree", processor)
    job = job_for(tmp_path / "tree", tmp_path)
    done = import_model(job, events)
    assert (done.outputs["bands"], done.outputs["logits"]) == (3, 3)
    model, card = load_model(job.output)
    assert card.architecture == "segformer:mit-8.16.24.32-1.2.1.1-1.2.3.4:16"
    assert [entry.name for entry in card.classes] == ["wall", "class 1", "tree, palm"]
    assert (card.tile_size, card.image.dtype, card.image.high) == (96, "uint8", (255.0,) * 3)
    assert card.image.band_names == ("red", "green", "blue")
    with torch.no_grad():
        expected = expected_logits(original, pixels(), MEAN[::-1], STD[::-1])
        assert expected.std() > 0.1 and len(expected.argmax(1).unique()) == 3
        assert (model(pixels())["logits"] - expected).abs().max() < 1e-5
    image = np.asarray(pixels()[0], "uint8")
    mask = str(tmp_path / "mask.tif")
    segment(
        SegmentJob(model=(job.output,), image=write_raster("i.tif", image), output=mask), events
    )
    assert len(np.unique(read_band(mask))) == 3


@pytest.mark.parametrize("kind", ["config.json", "model.safetensors", "pytorch_model.bin"])
def test_a_file_of_the_folder_stands_for_it(kind, tmp_path, events) -> None:
    original = save(tmp_path / "f", id2label={0: "building"})
    if kind == "pytorch_model.bin":
        weights = tmp_path / "f" / "model.safetensors"
        torch.save(load_file(weights), tmp_path / "f" / kind)
        weights.unlink()
    job = job_for(tmp_path / "f" / kind, tmp_path, normalisation="imagenet")
    import_model(job, events)
    model, card = load_model(job.output)
    assert [entry.name for entry in card.classes] == ["background", "building"]
    assert (card.logits, card.tile_size, card.threshold) == (1, 512, 0.5)
    with torch.no_grad():
        expected = expected_logits(original, pixels(), MEAN, STD)
        assert (model(pixels())["logits"] - expected).abs().max() < 1e-5


def test_the_job_overrides_the_files_and_published_sizes_have_their_name(tmp_path, events) -> None:
    plain = SegformerImageProcessor(
        do_normalize=False, do_rescale=False, size={"shortest_edge": 50}
    )
    folder = tmp_path / "b0"
    published = SegformerConfig().to_dict()
    settings = {name: published[name] for name in TINY}
    original = save(folder, plain, num_channels=5, **settings)
    given = {"mean": (0.1,) * 5, "std": (0.3,) * 5, "maximum": 200.0, "tile_size": 64}
    job = job_for(folder, tmp_path, class_names=("4=a", "5=b", "6=c"), **given)
    import_model(job, events)
    model, card = load_model(job.output)
    assert (card.architecture, card.encoder) == ("segformer:mit-b0:256", "mit-b0")
    assert [(entry.value, entry.name) for entry in card.classes] == [(4, "a"), (5, "b"), (6, "c")]
    assert card.image.band_names == tuple(f"band {n}" for n in range(1, 6))
    with torch.no_grad():
        expected = expected_logits(original, pixels(5), given["mean"], given["std"], 200)
        assert (model(pixels(5))["logits"] - expected).abs().max() < 1e-5
    import_model(job_for(folder, tmp_path), events)
    unscaled, card = load_model(job.output)
    assert (card.image.high, card.tile_size) == ((1.0,) * 5, 512)
    assert unscaled.image_normalisation.mean.tolist() == [0.0] * 5
    assert unscaled.image_normalisation.std.tolist() == [1.0] * 5


def test_features_are_those_of_the_last_stage(tmp_path, events) -> None:
    save(tmp_path / "f")
    job = job_for(tmp_path / "f", tmp_path, normalisation="imagenet")
    import_model(job, events)
    model, _ = load_model(job.output)
    with torch.no_grad():
        assert model.image_features(pixels()).shape == (2, 32)
    groups = model.parameter_groups()
    assert groups["encoders"] and groups["decoder"] and not groups["fusion"]


def test_what_does_not_fit_is_refused(tmp_path, events) -> None:
    folder = tmp_path / "f"

    def refuse(words: str, **changes: Any) -> None:
        job = job_for(folder, tmp_path, **{"normalisation": "imagenet", **changes})
        with pytest.raises(JobError, match=words):
            import_model(job, events)
        assert not Path(job.output).exists()

    def change(**settings: Any) -> None:
        record = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**record, **settings}))

    save(folder)
    refuse("do not say how pixels were normalised", normalisation="automatic")
    refuse("are those of the network segformer:.*, not cmx-b0", architecture="cmx-b0")
    refuse("sees the image only: leave auxiliary_mean", auxiliary_mean=(0.5,))
    change(sr_ratios=[8, 4, 2, 2])
    refuse(r"sr_ratios is \[8, 4, 2, 2\], and only \[8, 4, 2, 1\] can be imported")
    change(sr_ratios=[8, 4, 2, 1], num_attention_heads=[1, 2, 3, 5])
    refuse(r"heads \(1, 2, 3, 5\) of the encoder .* do not divide")
    change(num_attention_heads=[1, 2, 3, 4], decoder_hidden_size=20)
    refuse(r"linear_projections\.0\.proj\.\w+ has the shape .* instead of .* and \d+ more\)")
    change(decoder_hidden_size=10**6)
    refuse("decoder_hidden_size is 1000000, and must be a whole number")
    change(decoder_hidden_size=9999)
    refuse(r"config\.json describes a network of \d+ numbers, and the weights have \d+")
    SegformerModel(SegformerConfig(**TINY)).save_pretrained(folder)
    refuse(r"decode_head\.batch_norm\.bias is missing")
