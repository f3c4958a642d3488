"""The network of a sketch: its linear layer on maps of several scales."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from engine.contract.errors import JobError
from engine.models.factory import build_model
from engine.models.inference_form import inference_form


def network(auxiliary_bands: int = 5, classes: int = 3) -> torch.nn.Module:
    """A network with random weights."""
    torch.manual_seed(0)
    return build_model(
        "sketch", bands=4, auxiliary_bands=auxiliary_bands, classes=classes, tile_size=64
    ).eval()


def test_it_is_one_linear_layer_on_upsampled_maps() -> None:
    model, image, air = network(), torch.randn(2, 4, 64, 64), torch.randn(2, 5, 9, 9)
    with torch.no_grad():
        maps = model.maps(image, air)
        stacked = torch.cat([F.interpolate(m, (64, 64), mode="bilinear") for m in maps], dim=1)
        expected, found = model.head(stacked), model(image, air)["logits"]
    assert [m.shape[-1] for m in maps] == [64, 32, 16, 8, 4, 9]
    assert found.shape == (2, 3, 64, 64)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_without_its_second_stream_it_sees_the_mean() -> None:
    model, image = network(), torch.randn(1, 4, 64, 64)
    with torch.no_grad():
        missing = model(image, None)["logits"]
        empty = model(image, torch.full((1, 5, 3, 3), torch.nan))["logits"]
    torch.testing.assert_close(missing, empty)


def test_an_image_alone_suffices_and_a_second_stream_is_then_refused() -> None:
    model = network(auxiliary_bands=0)
    assert model(torch.randn(1, 4, 64, 64))["logits"].shape == (1, 3, 64, 64)
    with pytest.raises(JobError, match="without an auxiliary stream"):
        model(torch.randn(1, 4, 64, 64), torch.randn(1, 5, 4, 4))


def test_the_form_for_inference_is_another_network_with_equal_logits() -> None:
    model = network()
    light = inference_form(model)
    assert light is not model
    image, air = torch.randn(1, 4, 96, 96), torch.randn(1, 5, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(
            light(image, air)["logits"], model(image, air)["logits"], atol=1e-3, rtol=1e-3
        )


def test_a_logit_can_be_scaled_by_its_last_layer() -> None:
    model, image = network(auxiliary_bands=0), torch.randn(1, 4, 64, 64)
    before = model(image)["logits"].detach()
    assert model.scale_logits(2.0, image, None)
    torch.testing.assert_close(model(image)["logits"].detach(), 2 * before, atol=1e-4, rtol=1e-4)
