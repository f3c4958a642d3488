"""Fixtures of the engine's tests: rasters, tiny models and events, all in temporary folders."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import rasterio
import torch

from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, logits_for
from engine.models.model_file import build_network, save_model
from engine.planning import training_device
from engine.rasters.raster import Raster
from engine.rasters.windows import Window
from engine.runtimes import rule
from tests.engine.small_network import FeatureNetwork, WholeTileNetwork, use_small_networks
from tests.engine.synthetic import UTM, UTM_GRID


@pytest.fixture(autouse=True)
def _default_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes trainings and runs on a CPU use fp32, whatever processor runs the tests."""
    monkeypatch.setattr(training_device, "has_fast_bf16", lambda: False)
    monkeypatch.setattr(rule, "has_fast_bf16", lambda: False)


@pytest.fixture(autouse=True)
def threads() -> Iterator[Callable[[int], None]]:
    """``threads(8)`` sets torch's number of threads for this test, which must leave it unchanged."""
    get_num_threads = torch.get_num_threads  # some tests replace it
    before = expected = get_num_threads()

    def set_threads(count: int) -> None:
        nonlocal expected
        expected = count
        torch.set_num_threads(count)

    yield set_threads
    after = get_num_threads()
    if after != before:
        torch.set_num_threads(before)
    assert after == expected, "torch has another number of threads than before"


@pytest.fixture(autouse=True)
def prepare_graphs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings and imports leave out the graph for a fast start, which takes seconds, except in tests marked ``prepares``."""
    if "prepares" not in request.keywords:
        # In this order: a module that is loaded here takes the function that its source has.
        for module in ("engine.foreign.import_weights", "engine.runtimes.onnx_export"):
            monkeypatch.setattr(f"{module}.prepare_model", lambda path, emit: None)
        monkeypatch.setattr("engine.training.training_end.PREPARATION", 0.0)


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """For trainings whose pictures, empty here, no test looks at: drawing takes longer than a small training."""

    def save(path: Path, *_: object, **__: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    monkeypatch.setattr("engine.training.validation.save_comparison", save)


@pytest.fixture
def without_pages(without_pictures: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For trainings whose pages no test looks at either; ``test_training_report.py`` does."""
    monkeypatch.setattr("engine.planning.training_context.report_path", lambda *names: None)
    # What the network is compared with is for the page; ``test_pixel_baseline.py`` looks at it.
    monkeypatch.setattr("engine.commands.train.learn_pixels", lambda job, data: None)


@pytest.fixture
def small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """For trainings in which the network does not matter: a real one takes most of their time."""
    use_small_networks(monkeypatch)


@pytest.fixture
def whole_tile_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """For masks in which the network does not matter but for the tiles that it is shown."""
    use_small_networks(monkeypatch, WholeTileNetwork)


@pytest.fixture
def feature_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of land summaries, whose networks do not matter otherwise."""
    use_small_networks(monkeypatch, FeatureNetwork)


@pytest.fixture
def write_raster(tmp_path: Path) -> Callable[..., str]:
    """``write_raster(name, array (C, H, W) or (H, W), transform=..., crs=..., **profile)``."""

    def write(name: str, array: Any, mask: Any = None, **profile: Any) -> str:
        values = np.asarray(array)
        values = values[None] if values.ndim == 2 else values
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        settings = {"transform": UTM_GRID, "crs": UTM, "driver": "GTiff", **profile}
        scales, offsets = settings.pop("scales", None), settings.pop("offsets", None)
        colormap = settings.pop("colormap", None)
        count, height, width = values.shape
        with rasterio.open(
            path, "w", count=count, height=height, width=width, dtype=values.dtype, **settings
        ) as file:
            file.write(values)
            if mask is not None:
                file.write_mask(mask)
            if scales is not None:
                file.scales, file.offsets = scales, offsets
            if colormap is not None:
                file.write_colormap(1, colormap)
        return str(path)

    return write


class FileRead(NamedTuple):
    """A window that was decoded from a file, and the name of the thread."""

    path: Path
    window: Window
    thread: str


@pytest.fixture
def file_reads(monkeypatch: pytest.MonkeyPatch) -> list[FileRead]:
    """The windows that rasters read from their files, slowed down so that threads meet."""
    reads: list[FileRead] = []
    read_file = Raster.read_file

    def record(self: Raster, window: Window, *into: Any) -> Any:
        reads.append(FileRead(Path(self.path), window, threading.current_thread().name))
        time.sleep(0.002)
        return read_file(self, window, *into)

    monkeypatch.setattr(Raster, "read_file", record)
    return reads


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., str]:
    """``make_model(bands=4, auxiliary=2, classes=("land", "water"), tile=64)``: a random model file."""

    def make(
        bands: int = 4,
        auxiliary: int = 2,
        classes: Sequence[str] = ("land", "water"),
        tile: int = 64,
        name: str = "model.safetensors",
        values: Sequence[int] | None = None,
    ) -> str:
        torch.manual_seed(1)
        class_values = values or range(len(classes))
        card = Card(
            architecture="dualstream-dformer",
            encoder="mit-b0",
            logits=logits_for(len(classes)),
            tile_size=tile,
            image=ImageCard(bands, tuple(f"b{i}" for i in range(bands)), "uint16"),
            auxiliary=AuxiliaryCard(auxiliary, 16 if auxiliary else 0),
            classes=class_table(dict(zip(class_values, classes, strict=True))),
        )
        model = build_network(card)
        model.image_normalisation.set([1000.0] * bands, [500.0] * bands)
        path = tmp_path / name
        save_model(path, model, card)
        return str(path)

    return make


@pytest.fixture
def events() -> Any:
    """Collects events: call it as ``emit``; the list of events is ``events.heard``."""

    class Events:
        def __init__(self) -> None:
            self.heard: list[Any] = []

        def __call__(self, event: Any) -> None:
            self.heard.append(event)

        def of(self, kind: type) -> list[Any]:
            """The events of a kind."""
            return [event for event in self.heard if isinstance(event, kind)]

        def messages(self, kind: type) -> list[str]:
            """The messages of a kind."""
            return [event.message for event in self.of(kind)]

    return Events()
