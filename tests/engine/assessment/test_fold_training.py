"""Training in folds: every block is scored by the model that did not see it, and a stopped run keeps its folds."""

from __future__ import annotations

import gc
import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.commands.info import info
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.ensemble_file import read_ensemble
from engine.contract.errors import JobError
from engine.contract.file_jobs import InfoJob
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Metric, Progress, Warned
from engine.contract.training_files import checkpoint_folder, fold_model, training_state_path
from engine.runtimes import user_cache
from engine.runtimes.graph_cache import find_graph
from tests.engine.interruption import train_until
from tests.engine.small_network import SmallNetwork
from tests.engine.synthetic import squares

pytestmark = pytest.mark.usefixtures("small_networks", "without_pictures")


@pytest.fixture
def job(write_raster: Callable[..., str], tmp_path: Path) -> TrainJob:
    """A scene of bright and dark squares, in three folds."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 8)
    image = (noise.normal(500, 300, (1, 128, 128)) + 900.0 * labels).clip(1, 4000)
    return TrainJob(
        image=(write_raster("image.tif", image.astype(np.uint16)),),
        labels=write_raster("labels.tif", labels),
        output=str(tmp_path / "team.json"),
        folds=3,
        encoder="mit-b0",
        tile_size=32,
        batch_size=2,
        epochs=2,
        learning_rate=1e-3,
        checkpoint_every=0,
        report="none",
        device="cpu",
    )


def models(job: TrainJob) -> list[Path]:
    return [fold_model(job.output, fold) for fold in range(1, job.folds + 1)]


def same_models(one: TrainJob, other: TrainJob) -> bool:
    """Whether weights and scores of all models are equal, bit by bit."""
    for first, second in zip(models(one), models(other), strict=True):
        weights, others = load_file(first), load_file(second)
        if any(not torch.equal(weights[name], others[name]) for name in weights):
            return False
        if read_card(first).metrics != read_card(second).metrics:
            return False
    return True


@pytest.mark.slow
def test_the_models_of_a_long_training_in_folds_are_prepared_for_a_fast_start(
    job: TrainJob, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path / "cache"))
    steps = itertools.count()
    job = replace(job, folds=2, epochs=1)
    train(job, events, lambda: next(steps) * 100.0)  # seconds between two looks at the clock
    assert all(find_graph(str(path), read_card(path), False) for path in models(job))
    assert not any("will start with PyTorch" in text for text in events.messages(Metric))


def test_each_labelled_pixel_is_scored_once_by_a_model_that_did_not_see_it(
    job: TrainJob, events: Any
) -> None:
    job = replace(job, report="")
    done = train(job, events)
    ensemble = read_ensemble([job.output], "automatic")
    assert [Path(member.model) for member in ensemble.members] == models(job)
    scores, cards = ensemble.out_of_fold, [read_card(path) for path in models(job)]
    assert scores["pixels"] == scores["labelled_pixels"] == 128 * 128
    assert scores["miou"] == done.outputs["miou"] > 0.4
    parts = [card.metrics["out_of_fold"] for card in cards]
    assert sum(part["pixels"] for part in parts) == 128 * 128
    summed = np.sum([part["confusion"] for part in parts], axis=0)
    assert scores["confusion"] == summed.tolist()
    for card, part in zip(cards, parts, strict=True):
        seen, unseen = (card.provenance[f"{n}_pixels"] for n in ("training", "validation"))
        assert sum(seen.values()) + sum(unseen.values()) == 128 * 128
        assert sum(unseen.values()) == part["pixels"]
    shares = [event.fraction for event in events.of(Progress)]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    page = Path(done.outputs["report"]).read_text(encoding="utf-8")
    assert "team-fold3.report.html" in page and f"{scores['miou']:.3f}" in page
    assert "out of fold" in info(InfoJob(model=job.output), events).message


def test_a_stopped_run_keeps_its_folds_and_ends_in_the_same_bytes(
    job: TrainJob, events: Any, tmp_path: Path
) -> None:
    whole = replace(job, output=str(tmp_path / "whole.json"))
    train(whole, events)
    for text in ("Fold 2 of 3: Epoch 1", "Fold 3 of 3: Epoch 2"):
        train_until(text, job)
        assert not Path(job.output).exists()
    events.heard.clear()
    done = train(job, events)
    told = [text for text in events.messages(Metric) if "Kept from" in text]
    assert told == [f"Fold {fold} of 3: Kept from the training before." for fold in (1, 2)]
    assert "Fold 3 of 3: Resuming after epoch 2 of 2" in " ".join(events.messages(Metric))
    assert done.outputs["epochs_resumed"] == 6 and same_models(job, whole)
    assert (tmp_path / "visuals" / "team-fold3").is_dir() and not [*tmp_path.glob("*.checkpoints")]
    records = [json.loads(Path(one.output).read_text()) for one in (job, whole)]
    for record in records:
        del record["members"]
        for fold in record["out_of_fold"]["folds"]:
            del fold["model"]
    assert records[0] == records[1]


def test_a_fold_that_cannot_be_written_keeps_its_epochs(
    job: TrainJob, events: Any, tmp_path: Path
) -> None:
    whole = replace(job, output=str(tmp_path / "whole.json"))
    train(whole, events)
    hindrance = models(job)[1] / "file"

    def hinder(event: Any) -> None:
        if isinstance(event, Metric) and event.message.startswith("Fold 2 of 3: Epoch 2"):
            hindrance.parent.mkdir()
            hindrance.touch()

    with pytest.raises(JobError, match=r"team-fold2.safetensors could not be written"):
        train(job, hinder)
    assert models(job)[0].exists() and not Path(job.output).exists()
    hindrance.unlink()
    hindrance.parent.rmdir()
    done = train(job, events)
    assert done.outputs["epochs_resumed"] == 4 and same_models(job, whole)


def test_a_run_that_is_stopped_just_after_it_wrote_a_model_leaves_no_state(
    job: TrainJob, events: Any, tmp_path: Path
) -> None:
    """The state is still there when the model is: as after a kill between the two."""
    state = training_state_path(models(job)[0])
    kept = tmp_path / "state"

    def keep(event: Any) -> None:
        if isinstance(event, Metric) and event.message.startswith("Fold 1 of 3: Epoch 2"):
            kept.mkdir()
            shutil.copytree(state.parent, kept / "checkpoints")

    train_until("Fold 1 of 3: Probabilities", job, keep)
    shutil.copytree(kept / "checkpoints", state.parent)
    train(job, events)
    assert "Fold 1 of 3: Resuming after epoch 2 of 2" in " ".join(events.messages(Metric))
    assert not [*tmp_path.glob("*.checkpoints")]


def test_a_finished_job_is_kept_and_another_one_refused(job: TrainJob, events: Any) -> None:
    train(job, events)
    before = [path.read_bytes() for path in (Path(job.output), *models(job))]
    train(job, events)
    with pytest.raises(JobError, match=r"team-fold1.safetensors is a model of an earlier training"):
        train(replace(job, seed=1), events)
    assert [path.read_bytes() for path in (Path(job.output), *models(job))] == before
    train_until("Fold 2 of 3: Epoch 1", replace(job, seed=1, resume=False))
    assert models(job)[0].read_bytes() != before[1]


def test_a_fold_leaves_no_network_in_memory(job: TrainJob) -> None:
    alive = []

    def count(event: Any) -> None:
        if isinstance(event, Metric) and "Learning from" in event.message:
            alive.append(sum(type(one) is SmallNetwork for one in gc.get_objects()))

    gc.collect()  # what interrupted trainings of other tests have left
    gc.disable()  # which may or may not collect in time
    try:
        train(replace(job, epochs=1), count)
    finally:
        gc.enable()
    assert len(alive) == 3 and len({*alive}) == 1


@pytest.mark.slow
def test_folds_of_other_options_are_not_kept(job: TrainJob, events: Any) -> None:
    train_until("Fold 2 of 3: Epoch 1", job)
    other = replace(job, learning_rate=2e-3, validation_share=0.3)
    with pytest.raises(JobError, match=r"team-fold1.*Choose another name"):
        train(other, events)
    events.heard.clear()
    Path(job.output).with_suffix(".folds").mkdir()  # as an earlier version left it
    train(replace(other, resume=False), events)
    assert any("team.folds holds folds of an earlier" in text for text in events.messages(Warned))
    share = "validation_share 0.3 is not used: each of the 3 folds holds out a part of its own, about 33%"
    assert any(share in text for text in events.messages(Warned))
    assert not any("Kept from" in text for text in events.messages(Metric))


def test_minutes_are_divided_among_the_folds(job: TrainJob, events: Any) -> None:
    train(replace(job, epochs=0, minutes=0.012), events)
    planned = [text for text in events.messages(Metric) if "planned for" in text]
    assert len(planned) == 3 and all("planned for 0.004 min." in text for text in planned)


def test_what_cannot_be_divided_is_refused(job: TrainJob, events: Any) -> None:
    with pytest.raises(JobError, match=r"ends in \.json, such as team\.json"):
        train(replace(job, output=job.output.replace(".json", ".safetensors")), events)
    with pytest.raises(JobError, match=r"must end in \.safetensors"):
        train(replace(job, folds=0), events)
    with pytest.raises(JobError, match="from 0 to 20, not 21"):
        train(replace(job, folds=21), events)
    models(job)[1].mkdir()
    with pytest.raises(JobError, match=r"team-fold2.safetensors is a folder"):
        train(job, events)


def test_a_model_to_start_from_that_would_be_replaced_is_refused(
    job: TrainJob, events: Any
) -> None:
    train(job, events)
    start = replace(job, encoder="automatic", tile_size=0)
    with pytest.raises(
        JobError, match=r"team.json is an ensemble file: give one of its models, .*team-fold1"
    ):
        train(replace(start, start=job.output), events)
    with pytest.raises(JobError, match=r"is also the output, .*team-fold2.safetensors, which"):
        train(replace(start, start=str(models(job)[1])), events)
    work = checkpoint_folder(models(job)[0]) / "epoch-005.safetensors"
    work.parent.mkdir()
    shutil.copy(models(job)[0], work)
    with pytest.raises(
        JobError, match=r"is in .*team-fold1.checkpoints, whose files this training"
    ):
        train(replace(start, start=str(work)), events)


def test_a_model_to_start_from_may_have_seen_the_labels(
    job: TrainJob, events: Any, tmp_path: Path
) -> None:
    one = replace(job, folds=0, epochs=1, output=str(tmp_path / "one.safetensors"))
    train(one, events)
    train(replace(job, start=one.output, encoder="automatic", tile_size=0), events)
    doubts = [
        text for text in events.messages(Warned) if "scores of the folds are too good" in text
    ]
    assert len(doubts) == 1
