"""Ensembles: mean and vote, shared reading, refusals. The networks are formulas."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import engine.inference.ensemble
from engine.commands.segment import segment
from engine.compute.devices import choose_device
from engine.contract.class_table import class_table
from engine.contract.errors import EngineError, JobError, ModelFileError, RasterError
from engine.contract.inference_options import InferenceOptions
from engine.contract.jobs import SegmentJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.scene import Scene
from engine.inference.classify import CONFIDENCE, UNCERTAINTY
from engine.inference.ensemble import Ensemble
from engine.inference.ensemble_vote import DISAGREEMENT
from engine.inference.scene_streams import Streams, open_streams
from engine.models.logits import probabilities
from engine.models.model_file import load_model
from engine.rasters.raster import Raster
from engine.rasters.windows import Window
from tests.engine.synthetic import read_band

CPU = choose_device("cpu", "fp32")
TWO = class_table({0: "land", 1: "building"})
THREE = class_table({0: "land", 1: "building", 4: "road"})


class Formula(torch.nn.Module):
    """A network that computes ``logits(pixels)``, (B, Ci, T, T) to (B, K, T, T)."""

    def __init__(self, logits: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, pixels: torch.Tensor, auxiliary: Any = None) -> dict[str, torch.Tensor]:
        return {"logits": self.logits(pixels.nan_to_num())}  # as every network of the engine


def card(bands: int, tile: int, classes: Any = TWO, threshold: float = 0.5, **image: Any) -> Card:
    logits = 1 if len(classes) == 2 else len(classes)
    image_card = ImageCard(bands, tuple(f"b{n}" for n in range(bands)), "uint8", **image)
    return Card("formula", "", logits, tile, image_card, AuxiliaryCard(), classes, threshold)


class Formulas:
    """A formula as a ``Network`` with a batch size."""

    runtime, lanes = "formula", 1

    def __init__(self, logits: Any, card: Card, batch: int) -> None:
        self.card, self.batch, self._logits = card, batch or 4, Formula(logits)

    def to_device(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array)

    def __call__(self, images: torch.Tensor, auxiliary: Any = None) -> torch.Tensor:
        assert len(images) <= self.batch
        return probabilities(self._logits(images, auxiliary)["logits"])

    def record(self) -> dict[str, Any]:
        return {"batch": self.batch}


def find_formulas(monkeypatch: pytest.MonkeyPatch, known: dict[str, tuple[Any, Card]]) -> None:
    """Makes the ensemble load formulas and cards by name."""

    def ready(path: str, *options: Any) -> Formulas:
        return Formulas(*known[path], options[2])

    monkeypatch.setattr(engine.inference.ensemble, "read_card", lambda path: known[path][1])
    monkeypatch.setattr(engine.inference.ensemble, "check_model", lambda path: None)
    monkeypatch.setattr(engine.inference.ensemble, "get_network", ready)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """``models((formula, card), ...)``: names under which the ensemble loads these networks."""

    def register(*pairs: tuple[Any, Card]) -> list[str]:
        known = {f"{n}.safetensors": (f, c) for n, (f, c) in enumerate(pairs)}
        find_formulas(monkeypatch, known)
        return [*known]

    return register


def ignore(*_: Any) -> None:
    """Ignores events and progress."""


@contextmanager
def prepared(
    ensemble: Ensemble, path: str, region: Window | None = None
) -> Iterator[tuple[list[Streams], Window]]:
    """The streams of a raster and the region, with networks that are ready."""
    with open_streams(Scene(path), ensemble.cards, ignore) as streams:
        region = region or streams[0].image.grid.bounds
        ensemble.prepare(streams, region, ignore)
        yield streams, region


def mapped(
    ensemble: Ensemble,
    path: str,
    extras: Sequence[str] = (),
    region: Window | None = None,
    done: int = 0,
) -> list[np.ndarray]:
    """The mask of a raster, then the extras; empty if all rows are done."""
    with prepared(ensemble, path, region) as (streams, region):
        strips = ensemble.strips(streams, region, ignore, extras, done)
        return [np.concatenate(rows) for rows in zip(*strips)]


def first(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels[:, :1] - 128) / 20


def second(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels[:, :1] - 100) / 40


def third(pixels: torch.Tensor) -> torch.Tensor:
    return (60 - pixels[:, :1]) / 10


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def expected_probabilities(pixels: np.ndarray) -> np.ndarray:
    """Probabilities (3, H, W) of ``first``, ``second`` and ``third`` by the first band."""
    red = pixels[0].astype(float)
    return sigmoid(np.stack([(red - 128) / 20, (red - 100) / 40, (60 - red) / 10]))


@pytest.fixture
def picture(write_raster: Callable[..., str]) -> tuple[np.ndarray, str]:
    """Noise of 3 bands, 150 x 210 px, without a hole, and its file."""
    pixels = np.random.default_rng(3).integers(1, 255, (3, 150, 210)).astype(np.uint8)
    return pixels, write_raster("image.tif", pixels)


def test_the_mean_of_probabilities_is_weighted(
    monkeypatch: pytest.MonkeyPatch, picture: Any, tmp_path: Path
) -> None:
    pixels, path = picture
    cards = card(3, 64), card(3, 96), card(3, 32)
    members = zip((first, second, third), cards)
    find_formulas(
        monkeypatch, {str(tmp_path / f"{n}.safetensors"): pair for n, pair in enumerate(members)}
    )
    file = tmp_path / "team.json"
    weights = {"0": 3, "1": 2, "2": 1}
    entries = [f'{{"model": "{n}.safetensors", "weight": {w}}}' for n, w in weights.items()]
    file.write_text(f'{{"members": [{", ".join(entries)}]}}')
    ensemble = Ensemble([str(file)], CPU)
    mask, confidence, differing = mapped(ensemble, path, [CONFIDENCE, DISAGREEMENT])
    p = expected_probabilities(pixels)
    mean = (3 * p[0] + 2 * p[1] + p[2]) / 6
    sure = np.abs(mean - 0.5) > 1e-4
    assert (mask == (mean > 0.5))[sure].all()
    assert np.abs(confidence - 100 * np.maximum(mean, 1 - mean))[sure].max() <= 0.51
    share = 100 * ((p > 0.5) != (mean > 0.5)).mean(axis=0)
    assert np.abs(differing - share)[sure].max() <= 0.51
    assert {0, 33, 67} >= set(np.unique(differing[sure])) and len(np.unique(mask)) == 2


def test_the_majority_wins_and_the_mean_breaks_ties(
    models: Callable[..., list[str]], picture: Any
) -> None:
    pixels, path = picture
    vote = InferenceOptions(combine="vote")
    names = models((first, card(3, 64)), (second, card(3, 96)), (third, card(3, 32)))
    mask, confidence = mapped(Ensemble(names, CPU, vote), path, [CONFIDENCE])
    p = expected_probabilities(pixels)
    wins = (p > 0.5).sum(axis=0) >= 2
    assert (mask == wins).all() and 0.02 < wins.mean() < 0.98
    mean = p.mean(axis=0)
    assert np.abs(confidence - 100 * np.where(wins, mean, 1 - mean)).max() <= 0.51
    for threshold in (0.5, 0.35):  # a tie is decided at the models' own threshold
        names = models(*((f, card(3, 64, threshold=threshold)) for f in (first, second)))
        mask = mapped(Ensemble(names, CPU, vote), path)[0]
        choices, mean = p[:2] > threshold, p[:2].mean(axis=0)
        tied = choices[0] != choices[1]
        assert tied.sum() > 100 and (mask == np.where(tied, mean > threshold, choices[0])).all()
    assert ((mask == 1) & tied & (mean < 0.5)).any()


def test_members_that_contradict_each_other_are_unsure_together(
    models: Callable[..., list[str]], picture: Any
) -> None:
    _, path = picture

    def sure(sign: int) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda pixels: 0 * pixels[:, :1] + 20.0 * sign

    for signs, expected in (((1, 1), 0), ((1, -1), 100)):
        names = models(*((sure(sign), card(3, 64)) for sign in signs))
        _, uncertainty = mapped(Ensemble(names, CPU), path, [UNCERTAINTY])
        assert (uncertainty == expected).all()
    names = models((first, card(3, 64)), (first, card(3, 64)))
    alone, together = (mapped(Ensemble(n, CPU), path, [UNCERTAINTY])[1] for n in (names[:1], names))
    assert (alone == together).all() and len(np.unique(alone)) > 20


def test_classes_and_values_of_many(models: Callable[..., list[str]], picture: Any) -> None:
    pixels, path = picture

    def bands(x: torch.Tensor) -> torch.Tensor:
        return x / 50

    def turned_around(x: torch.Tensor) -> torch.Tensor:
        return x.flip(1) / 30

    names = models((bands, card(3, 64, THREE)), (turned_around, card(3, 32, THREE)))
    mask = mapped(Ensemble(names, CPU), path)[0]
    p, q = (torch.from_numpy(pixels / s).softmax(0).numpy() for s in (50.0, 30.0))
    expected = np.array([0, 1, 4])[(p + q[::-1]).argmax(axis=0)]
    assert (mask == expected).mean() > 0.9999
    with pytest.raises(JobError, match="this model has 3, and the most"):
        Ensemble(names, CPU, InferenceOptions(threshold=0.4))


def test_each_member_has_its_own_bands_tiles_and_threshold(
    models: Callable[..., list[str]], picture: Any
) -> None:
    pixels, path = picture
    one = card(1, 32, threshold=0.3, chosen=(3,), of=3)
    two = card(2, 64, threshold=0.5, chosen=(2, 1), of=3)
    names = models((first, one), (second, two))
    mask, differing = mapped(Ensemble(names, CPU), path, [DISAGREEMENT])
    p = sigmoid((pixels[2] - 128.0) / 20), sigmoid((pixels[1] - 100.0) / 40)
    mean = (p[0] + p[1]) / 2
    assert (mask == (mean > 0.4)).all()
    expected = 50 * ((p[0] > 0.3) != (mean > 0.4)) + 50 * ((p[1] > 0.5) != (mean > 0.4))
    assert (differing == expected).all()
    mask = mapped(Ensemble(names[:1], CPU, InferenceOptions(threshold=0.7)), path)[0]
    assert (mask == (p[0] > 0.7)).all()


@pytest.mark.parametrize(
    "region", [Window(70, 90, 20, 30), Window(0, 0, 150, 33), Window(149, 0, 1, 210)]
)
def test_part_of_a_scene_is_that_part_of_the_whole(
    models: Callable[..., list[str]], picture: Any, region: Window
) -> None:
    names = models((first, card(3, 64)), (second, card(3, 96)), (third, card(3, 32)))
    ensemble = Ensemble(names, CPU)
    whole = mapped(ensemble, picture[1])[0]
    part = mapped(ensemble, picture[1], region=region)[0]
    assert (part == whole[region.row : region.row_stop, region.col : region.col_stop]).all()


def test_holes_of_the_image_are_holes_of_everything(
    models: Callable[..., list[str]], write_raster: Callable[..., str]
) -> None:
    pixels = np.full((1, 90, 90), 200, np.uint8)
    pixels[:, 30:50, 60:80] = 0
    path = write_raster("holes.tif", pixels, nodata=0)
    ensemble = Ensemble(models((first, card(1, 32)), (second, card(1, 64))), CPU)
    mask, confidence, differing = mapped(ensemble, path, [CONFIDENCE, DISAGREEMENT])
    hole = pixels[0] == 0
    for values in (mask, confidence, differing):
        assert (values[hole] == 255).all() and (values[~hole] != 255).all()


def test_a_member_counts_where_its_own_bands_have_a_value(
    models: Callable[..., list[str]], write_raster: Callable[..., str]
) -> None:
    pixels = np.full((2, 64, 64), 150, np.float32)
    pixels[1, :, 32:] = np.nan
    path = write_raster("half.tif", pixels, nodata=np.nan)
    one, two = card(1, 64, chosen=(1,), of=2), card(1, 64, chosen=(2,), of=2)
    names = models((first, one), (third, two))  # .75 and, where it has a value, 0
    for combine in ("mean", "vote"):
        ensemble = Ensemble(names, CPU, InferenceOptions(threshold=0.5, combine=combine))
        mask, confidence, differing = mapped(ensemble, path, [CONFIDENCE, DISAGREEMENT])
        assert (mask[:, :32] == 0).all() and (mask[:, 32:] == 1).all()
        assert (confidence[:, 32:] == 75).all() and (differing[:, 32:] == 0).all()
        assert (differing[:, :32] == 50).all()


def test_one_logit_and_two_meet_as_the_same_probability(
    models: Callable[..., list[str]], picture: Any
) -> None:
    """An imported network may have a logit for each of two classes."""
    pixels, path = picture

    def pair(x: torch.Tensor) -> torch.Tensor:
        return torch.cat([-second(x) / 2, second(x) / 2], dim=1)

    both = replace(card(3, 64, threshold=0.3), logits=2)
    names = models((first, card(3, 64, threshold=0.5)), (pair, both))
    p = expected_probabilities(pixels)
    mean = (p[0] + p[1]) / 2
    for order in (names, names[::-1]):
        mask = mapped(Ensemble(order, CPU), path)[0]
        assert (mask == (mean > 0.4))[np.abs(mean - 0.4) > 1e-4].all()
    mask = mapped(Ensemble(names[1:], CPU), path)[0]
    assert (mask == (p[1] > 0.3))[np.abs(p[1] - 0.3) > 1e-4].all()


def test_auxiliary_rasters_that_nobody_takes_are_refused(
    models: Callable[..., list[str]], picture: Any, tmp_path: Path
) -> None:
    names = models((first, card(3, 64)), (second, card(3, 64)))
    job = SegmentJob(
        model=tuple(names),
        image=picture[1],
        auxiliary=(picture[1],),
        output=str(tmp_path / "m.tif"),
    )
    for some in (job, replace(job, model=job.model[:1])):
        with pytest.raises(ModelFileError, match="no auxiliary rasters: leave out those given"):
            segment(some, ignore)


def test_progress_ends_at_the_end(models: Callable[..., list[str]], picture: Any) -> None:
    names = models((first, card(3, 64)), (second, card(3, 96)))
    ensemble, calls = Ensemble(names, CPU), []
    with prepared(ensemble, picture[1], Window(10, 10, 30, 30)) as (streams, region):
        list(ensemble.strips(streams, region, lambda n, of: calls.append((n, of))))
    assert calls[-1][0] == calls[-1][1] and calls == sorted(calls)


@pytest.mark.skipif(
    sys.platform != "linux", reason="/proc counts what a process reads on Linux only"
)
def test_the_raster_is_decoded_once_for_all(
    models: Callable[..., list[str]], write_raster: Callable[..., str]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (3, 1500, 1400)).astype(np.uint8)
    layout = {"tiled": True, "blockxsize": 256, "blockysize": 256, "interleave": "pixel"}
    path = write_raster("big.tif", pixels, compress="deflate", **layout)

    def bytes_read(ensemble: Ensemble) -> int:
        with prepared(ensemble, path) as (streams, region):
            before = _read_so_far()  # opening reads sixteen windows, for the range of values
            list(ensemble.strips(streams, region, ignore))
        return _read_so_far() - before

    one = bytes_read(Ensemble(models((first, card(3, 320))), CPU))
    cards = card(3, 320), card(1, 96, chosen=(2,), of=3), card(3, 224)
    three = bytes_read(Ensemble(models(*zip((first, second, third), cards)), CPU))
    size = Path(path).stat().st_size
    assert size <= one <= 1.2 * size  # else this counts something else
    assert three < 1.2 * size


def _read_so_far() -> int:
    return int(Path("/proc/self/io").read_text().split("rchar:")[1].split()[0])


def test_several_models_go_on_where_they_stopped(
    models: Callable[..., list[str]], picture: Any
) -> None:
    names = models((first, card(3, 64)), (second, card(3, 96)), (third, card(3, 32)))
    ensemble, extras = Ensemble(names, CPU), [CONFIDENCE, DISAGREEMENT]
    whole = mapped(ensemble, picture[1], extras)
    for done in (1, 60, 149):
        rest = mapped(ensemble, picture[1], extras, done=done)
        assert all((rows == expected[done:]).all() for rows, expected in zip(rest, whole))
        assert len(rest) == 3
    assert mapped(ensemble, picture[1], extras, done=150) == []


def test_a_run_may_end_anywhere(models: Callable[..., list[str]], picture: Any) -> None:
    names = models((first, card(3, 64)), (second, card(3, 96)))
    for ensemble in (Ensemble(names, CPU), Ensemble(names[:1], CPU)):
        with prepared(ensemble, picture[1]) as (streams, region):
            strips = ensemble.strips(streams, region, ignore)
            next(strips)
            strips.close()
            assert all(stream.image.source is None for stream in streams)
            threads = [thread.name for thread in threading.enumerate()]
            assert not [name for name in threads if name.startswith(("cutter", "decoder"))]


def test_all_members_stay_ready_for_the_next_scene(
    models: Callable[..., list[str]], picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = models(*[(first, card(3, 32))] * 5)
    ready, asked = engine.inference.ensemble.get_network, []
    monkeypatch.setattr(
        engine.inference.ensemble,
        "get_network",
        lambda *given: asked.append(given[-1]) or ready(*given),
    )
    mapped(Ensemble(names, CPU), picture[1])
    assert asked == [5] * 5


def test_what_fails_while_cutting_is_told(
    models: Callable[..., list[str]], picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble, read = Ensemble(models((first, card(3, 32))), CPU), Raster.read_file

    def damaged(self: Raster, window: Window, *into: Any) -> Any:
        if into and window.row_stop > 100:
            raise RasterError("image.tif cannot be read.")
        return read(self, window, *into)

    monkeypatch.setattr(Raster, "read_file", damaged)
    with pytest.raises(RasterError, match="cannot be read"):
        mapped(ensemble, picture[1])


def test_views_are_turned_back(models: Callable[..., list[str]], picture: Any) -> None:
    ramp = torch.linspace(-3, 3, 64).expand(64, 64) + torch.linspace(0, 1, 64)[:, None]
    name = models((lambda x: (x[:, :1] - 128) / 60 + ramp, card(3, 64)))
    pixels = picture[0][:, :64, :64].astype(np.float32)
    ensemble = Ensemble(name, CPU, InferenceOptions(tta="d4", overlap=0))
    region = Window(0, 0, 64, 64)
    mask = mapped(ensemble, picture[1], region=region)[0]
    flipped = Ensemble(name, CPU, InferenceOptions(tta="flips", overlap=0))
    plain = (pixels[0] - 128) / 60
    turned = []
    for turns in range(4):
        for mirror in (False, True):
            view = np.rot90(ramp.numpy(), turns)
            turned.append(sigmoid(plain + (view.T if mirror else view)))
    sure = np.abs(np.mean(turned, axis=0) - 0.5) > 1e-4
    assert (mask == (np.mean(turned, axis=0) > 0.5))[sure].all()
    four = [ramp.numpy()[:: 1 - 2 * a, :: 1 - 2 * b] for a in (0, 1) for b in (0, 1)]
    mean = np.mean([sigmoid(plain + view) for view in four], axis=0)
    mask = mapped(flipped, picture[1], region=region)[0]
    assert (mask == (mean > 0.5))[np.abs(mean - 0.5) > 1e-4].all()


def test_one_model_alone_is_no_other_way(
    make_model: Callable[..., str], write_raster: Callable[..., str], events: Any, tmp_path: Path
) -> None:
    model = make_model(bands=3, auxiliary=0)
    pixels = np.random.default_rng(1).integers(1, 3000, (3, 100, 90)).astype(np.uint16)
    path = write_raster("i.tif", pixels)
    job = SegmentJob(model=(model,), image=path, output=str(tmp_path / "a.tif"), overlap=16)
    segment(job, events)
    ensemble = Ensemble([model], CPU, InferenceOptions(overlap=16))
    mask = read_band(job.output)
    assert (mask == mapped(ensemble, path, [DISAGREEMENT])[0]).all(), "by way of the vote"
    with torch.inference_mode():
        tile = torch.from_numpy(pixels[:, :64, :64].astype(np.float32))[None]
        expected = probabilities(load_model(model)[0](tile)["logits"])[0, 0, :40, :40] > 0.5
    assert (mask[:40, :40] == expected.numpy()).all()


def test_what_cannot_work_together_is_refused(
    models: Callable[..., list[str]], picture: Any, tmp_path: Path
) -> None:
    other = class_table({0: "land", 1: "house"})
    names = models((first, card(3, 64)), (second, card(3, 64, other)))
    with pytest.raises(
        ModelFileError, match=r"only in the first: 1 'building'; only in the second: 1 'house'"
    ):
        Ensemble(names, CPU)
    names = models((first, card(3, 64)), (second, card(3, 64)))
    path = str(tmp_path / "m.tif")
    job = SegmentJob(model=tuple(names), image=picture[1], output=path)
    alone = {"model": (names[0],), "disagreement": str(tmp_path / "d.tif")}
    for changes, says in (
        ({"combine": "median"}, "combine must be automatic, mean or vote, not median"),
        ({"tta": "d8"}, "tta must be none, flips or d4, not d8"),
        ({"threshold": 1.0}, "threshold must be .*1"),
        ({"disagreement": path}, "need different names"),
        (alone, "compares models: give several"),
    ):
        with pytest.raises(EngineError, match=says):
            segment(replace(job, **changes), ignore)
    assert not [*tmp_path.glob("m.tif*")]
