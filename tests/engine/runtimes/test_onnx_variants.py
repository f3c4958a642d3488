"""Variants of a graph: class maps as masks have them, and 16 bits that change no class. On a network of two layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.contract.class_table import class_table
from engine.contract.errors import EngineError
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.models.logits import predicted_classes
from engine.models.normalisation import Normalisation
from engine.runtimes.onnx_variants import (
    check_classes,
    graph_record,
    logit_difference,
    runner,
    variant,
)
from engine.runtimes.torch_backends import ProbabilityNetwork

SIDE = 32


class TwoLayers(nn.Module):
    """A network with what 16 bits can break: large pixels, a resize and a normalisation between weights."""

    def __init__(self, logits: int, gain: float = 3.0) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.normalisation = Normalisation(3)
        self.normalisation.set([30_000.0] * 3, [15_000.0] * 3)
        self.first = nn.Conv2d(3, 8, 3, 2, 1)
        self.norm = nn.LayerNorm(8)
        self.last = nn.Conv2d(8, logits, 1)
        self.last.weight.data *= gain

    def forward(self, image: Tensor, auxiliary: Tensor | None = None) -> dict[str, Tensor]:
        x = self.norm(self.first(self.normalisation(image)).movedim(1, 3)).movedim(3, 1).relu()
        x = F.interpolate(self.last(x), size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        return {"logits": x.float()}


def card_of(values: dict[int, str]) -> Card:
    image = ImageCard(3, ("r", "g", "b"), "uint16", (0.0,) * 3, (65_535.0,) * 3)
    logits = 1 if len(values) == 2 else len(values)
    return Card("cmx-b0", "", logits, SIDE, image, AuxiliaryCard(), class_table(values), 0.4)


def run(proto: Any, image: Tensor) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    found: list[np.ndarray] = session.run(None, {"image": image.numpy()})
    return found


@pytest.fixture
def image() -> Tensor:
    """Pixels up to the largest of 16 bits; rows without a value, and rows without one of the bands."""
    found = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 65_535
    found[0, :, :4] = torch.nan
    found[1, 0, :4] = torch.nan
    return found


#: Two classes, one logit.
TWO = {3: "a", 250: "b"}


@pytest.fixture(scope="module")
def classes_of() -> Callable[..., Any]:
    """``classes_of(card)``: the graph of ``TwoLayers`` with class maps of a card; made once, which takes seconds."""
    made: dict[tuple[int, ...], Any] = {}

    def make(card: Card) -> Any:
        values = tuple(entry.value for entry in card.classes)
        if values not in made:
            network = ProbabilityNetwork(TwoLayers(card.logits).eval()).eval()
            made[values] = variant(network, card, is_half=False, with_classes=True)
        return made[values]

    return make


@pytest.mark.parametrize(
    ("values", "nodata", "dtype"),
    [
        (TWO, 255, np.uint8),
        ({0: "a", 255: "b", 7: "c"}, 254, np.uint8),
        ({0: "a", 300: "b"}, 65_535, np.int32),
    ],
)
def test_classes_are_those_of_a_mask(values, nodata, dtype, image, classes_of) -> None:
    card = card_of(values)
    model, proto = TwoLayers(card.logits).eval(), classes_of(card)
    onnx.checker.check_model(proto)
    check_classes(card, proto)
    probabilities, found = run(proto, image)
    with torch.inference_mode():
        index = predicted_classes(model(image)["logits"], card.threshold)
    expected = np.array(sorted(values))[index.numpy()]
    assert len(np.unique(expected)) == len(values)
    expected[0, :4] = nodata
    assert found.dtype == dtype and (found == expected).all()
    assert probabilities.shape == (2, card.logits, SIDE, SIDE)
    record = graph_record(card, False, True)
    assert record["nodata"] == nodata and ("threshold" in record) == (len(values) == 2)


def test_a_graph_with_wrong_classes_is_refused(classes_of) -> None:
    proto = classes_of(card_of(TWO))
    with pytest.raises(EngineError, match="gives other classes than its probabilities say"):
        check_classes(card_of({3: "a", 249: "b"}), proto)


def test_16_bits_between_inputs_and_outputs_of_32(image, tmp_path) -> None:
    card = card_of({0: "a", 1: "b", 2: "c"})
    network = ProbabilityNetwork(TwoLayers(3).eval()).eval()
    proto = variant(network, card, is_half=True, with_classes=True)
    onnx.checker.check_model(proto)
    outer = [*proto.graph.input, *proto.graph.output][:2]
    assert {each.type.tensor_type.elem_type for each in outer} == {onnx.TensorProto.FLOAT}
    kinds = Counter(w.data_type for w in proto.graph.initializer if np.prod(w.dims) > 3)
    assert kinds[onnx.TensorProto.FLOAT16] >= 3 and not kinds[onnx.TensorProto.FLOAT]
    assert 0 < logit_difference(network, card, proto) < 0.05
    assert len(proto.graph.output) == 2, "the comparison leaves the graph as it was"
    found = run(proto, image)[0]
    with torch.inference_mode():
        expected = network(image).numpy()
    assert np.abs(found - expected).max() < 0.01, "pixels of 65535 do not overflow"
    path = tmp_path / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    assert (runner(path)({"image": image.numpy()}) == found).all()


def test_a_network_that_16_bits_change_is_refused() -> None:
    card = card_of({0: "a", 1: "b", 2: "c"})
    model = TwoLayers(3, gain=0.01).eval()
    assert model.last.bias is not None
    model.last.bias.data = torch.tensor([1000.0, 1000.001, 1000.0])
    network = ProbabilityNetwork(model).eval()
    proto = variant(network, card, is_half=True, with_classes=False)
    with pytest.raises(EngineError, match=r"In 16 bits the network cmx-b0 gives other classes"):
        logit_difference(network, card, proto)
