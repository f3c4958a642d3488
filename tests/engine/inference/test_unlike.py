"""The raster "Unlike the training", the sentence about it, and what resuming and ensembles make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import rasterio

from engine.commands.export_model import export_model
from engine.commands.import_model import import_model
from engine.commands.segment import segment
from engine.contract.card_reader import read_card
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.file_jobs import ExportJob, ImportJob
from engine.contract.jobs import SegmentJob
from engine.contract.protocol import Warned
from engine.contract.unlike import UNLIKE, UNLIKE_PERCENT, has_land_summary
from engine.inference.ensemble_vote import EnsembleVote
from engine.models.model_file import load_model, save_model
from engine.runtimes.onnx_export import prepare_graph
from tests.engine.inference.test_segment_resume import interrupt_after
from tests.engine.small_network import add_land_summary
from tests.engine.synthetic import read_band

pytestmark = pytest.mark.usefixtures("feature_networks")

#: Rows of the scene from which on its land is another.
FIRST_OTHER = 200


def land(noise: np.random.Generator, *shape: int) -> np.ndarray:
    return noise.normal(900, 200, shape).clip(1)


@pytest.fixture
def job(
    write_raster: Callable[..., str], make_model: Callable[..., str], tmp_path: Path
) -> SegmentJob:
    """A scene of 280 x 170 px with a hole, whose last 80 rows are much brighter than the training's land."""
    noise = np.random.default_rng(0)
    image = land(noise, 4, 280, 170)
    image[:, FIRST_OTHER:] += 4000
    image[:, 90:100, 160:] = 0
    model = add_land_summary(make_model(auxiliary=0), land(noise, 16, 4, 64, 64))
    return SegmentJob(
        model=(model,),
        image=write_raster("image.tif", image.astype(np.uint16), nodata=0),
        output=str(tmp_path / "mask.tif"),
        unlike=str(tmp_path / "unlike.tif"),
        overlap=8,
        batch_size=2,
        runtime="torch",
    )


def warnings(events: Any) -> list[str]:
    return [text for text in events.messages(Warned) if "unlike what the model" in text]


def test_other_land_is_unlike_and_told(job: SegmentJob, events: Any) -> None:
    done = segment(job, events)
    found, mask = read_band(job.unlike), read_band(job.output)
    assert ((found == 255) == (mask == 255)).all() and (found == 255).any()
    is_unlike = (found > UNLIKE_PERCENT) & (found != 255)
    assert is_unlike[FIRST_OTHER + 24 :].all() and is_unlike[: FIRST_OTHER - 24].mean() < 0.05
    share = 100 * is_unlike.sum() / (found != 255).sum()
    assert done.outputs["unlike"] == job.unlike
    assert done.outputs["unlike_percent"] == pytest.approx(share, abs=0.01)
    assert warnings(events) == [
        f"{share:.0f} % of image.tif is unlike what the model has learnt from: check the mask there. The raster Unlike "
        "the training shows where."
    ]
    with rasterio.open(job.unlike) as file:
        assert file.descriptions == ("unlike",) and file.units == ("%",) and file.nodata == 255


def test_the_sentence_comes_without_the_raster_and_not_at_home(
    job: SegmentJob, events: Any
) -> None:
    segment(job, events)
    expected, mask = warnings(events), Path(job.output).read_bytes()
    events.heard.clear()
    assert segment(replace(job, unlike=""), events).outputs["unlike"] == ""
    assert warnings(events) == expected
    assert (read_band(job.output) == _band(mask)).all()
    events.heard.clear()
    home = replace(job, extent=(500_000, 3_050_000 - 1600, 501_700, 3_050_000))
    assert segment(home, events).outputs["unlike_percent"] < 5
    assert not warnings(events)


def _band(content: bytes) -> np.ndarray:
    with rasterio.MemoryFile(content) as memory, memory.open() as file:
        return file.read(1)


@pytest.mark.parametrize("strips", [1, 3])
def test_a_resumed_run_counts_all_rows(job: SegmentJob, events: Any, strips: int) -> None:
    whole = segment(job, events).outputs["unlike_percent"]
    raster = read_band(job.unlike)
    for other in (job, replace(job, unlike="")):
        Path(job.output).unlink()
        with interrupt_after(strips):
            segment(other, events)
        assert segment(other, events).outputs["unlike_percent"] == whole
        assert (read_band(job.unlike) == raster).all()


def test_models_that_know_share_their_mean_and_others_do_not_count(
    job: SegmentJob, make_model: Callable[..., str], events: Any
) -> None:
    noise = np.random.default_rng(1)
    other = add_land_summary(
        make_model(auxiliary=0, name="bright.safetensors"), 4000 + land(noise, 8, 4, 64, 64)
    )
    plain = make_model(auxiliary=0, name="plain.safetensors")
    alone = []
    for model in (job.model[0], other):
        segment(replace(job, model=(model,)), events)
        alone.append(read_band(job.unlike).astype(float))
    segment(replace(job, model=(job.model[0], other, plain)), events)
    both = read_band(job.unlike)
    known = both != 255
    assert (np.abs(both - (alone[0] + alone[1]) / 2)[known] <= 1).all()
    segment(replace(job, model=(plain, job.model[0])), events)
    assert (np.abs(read_band(job.unlike) - alone[0])[known] <= 1).all()


def test_what_no_member_with_a_summary_sees_has_no_value() -> None:
    table = class_table({0: "land", 1: "water"})
    vote = EnsembleVote(table, [1.0, 1.0], [0.5, 0.5], "mean")
    summarised, plain = np.full((2, 1, 3), 0.2, np.float32), np.full((1, 1, 3), 0.8, np.float32)
    valid = np.array([[[True, False, False]], [[True, True, False]]])
    mask, unlike = vote.rows([summarised, plain], valid, [UNLIKE])
    assert unlike.tolist() == [[20, 255, 255]] and (mask != 255).tolist() == [[True, True, False]]


def test_views_are_averaged(job: SegmentJob, events: Any) -> None:
    segment(job, events)
    plain = read_band(job.unlike).astype(float)
    segment(replace(job, tta="d4"), events)
    turned = read_band(job.unlike)
    assert (plain != turned).any() and np.abs(plain - turned)[plain != 255].mean() < 5


def test_a_model_that_does_not_know_is_refused(
    job: SegmentJob, make_model: Callable[..., str], events: Any
) -> None:
    plain = make_model(auxiliary=0, name="plain.safetensors")
    with pytest.raises(JobError, match=r"plain.safetensors keeps no summary.*train it again"):
        segment(replace(job, model=(plain,)), events)
    assert not Path(job.output).exists()
    done = segment(replace(job, model=(plain,), unlike=""), events)
    assert done.outputs["unlike_percent"] is None and not warnings(events)
    same = replace(job, unlike=job.output)
    with pytest.raises(JobError, match="different names"):
        segment(same, events)


def test_a_summary_does_not_change_the_mask(job: SegmentJob, events: Any) -> None:
    network, card = load_model(job.model[0])
    network.land_summary = None  # type: ignore[assignment]
    plain = str(Path(job.output).with_name("plain.safetensors"))
    save_model(plain, network, replace(card, metrics={}))
    segment(replace(job, confidence=job.output + ".c.tif"), events)
    with_land = read_band(job.output), read_band(job.output + ".c.tif")
    alone = replace(job, model=(plain,), unlike="", confidence=job.output + ".c.tif")
    segment(alone, events)
    for before, after in zip(with_land, (read_band(job.output), read_band(alone.confidence))):
        assert (before == after).all()


def test_graphs_give_the_same(job: SegmentJob, events: Any) -> None:
    segment(job, events)
    expected = read_band(job.unlike).astype(int)
    prepare_graph(job.model[0])
    segment(replace(job, runtime="onnxruntime"), events)
    assert np.abs(read_band(job.unlike) - expected).max() <= 1


def test_an_exported_file_keeps_it_for_other_computers(
    job: SegmentJob, tmp_path: Path, events: Any
) -> None:
    segment(job, events)
    expected = read_band(job.unlike).astype(int)
    files = [str(tmp_path / name) for name in ("model.onnx", "imported.safetensors", "again.onnx")]
    export_model(ExportJob(model=job.model[0], output=files[0]), events)
    # Deepness takes every output for probabilities.
    assert [value.name for value in onnx.load(files[0]).graph.output] == ["probabilities"]
    import_model(ImportJob(weights=files[0], output=files[1]), events)
    assert has_land_summary(read_card(files[1]))
    segment(replace(job, model=(files[1],), runtime="auto"), events)
    assert np.abs(read_band(job.unlike) - expected).max() <= 1
    export_model(ExportJob(model=files[1], output=files[2]), events)
    assert [value.name for value in onnx.load(files[2]).graph.output] == ["probabilities"]
    import_model(ImportJob(weights=files[2], output=files[1]), events)
    assert has_land_summary(read_card(files[1]))


@pytest.mark.parametrize("variant", [{"class_map": True}, {"precision": "fp16"}])
def test_files_for_other_programs_do_without(
    job: SegmentJob, variant: dict[str, Any], tmp_path: Path, events: Any
) -> None:
    files = [str(tmp_path / name) for name in ("model.onnx", "imported.safetensors")]
    export_model(ExportJob(model=job.model[0], output=files[0], **variant), events)
    import_model(ImportJob(weights=files[0], output=files[1]), events)
    assert not has_land_summary(read_card(files[1]))
