"""Resuming a training that was stopped at any point gives the result of an uninterrupted training."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.commands.train import train
from engine.contract.architectures import ARCHITECTURES
from engine.contract.card_reader import read_card
from engine.contract.errors import EngineError, JobError
from engine.contract.jobs import TrainJob
from engine.contract.output_files import lock_output, lock_path, remove_leftovers
from engine.contract.protocol import Event, Metric, Progress, Warned, decode
from engine.contract.training_files import (
    checkpoint_folder,
    finished_epochs,
    read_training_record,
    report_path,
)
from engine.reports.training_values import TrainingValues
from tests.engine.forks import run_engine, start
from tests.engine.small_network import SmallNetwork
from tests.engine.synthetic import squares

pytestmark = pytest.mark.usefixtures("without_pages")


@pytest.fixture
def job(write_raster: Callable[..., str], tmp_path: Path) -> TrainJob:
    """A small scene of bright and dark squares, with dropout and random windows."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 6)
    image = (noise.normal(500, 300, (1, 96, 96)) + 900.0 * labels).clip(1, 4000)
    return TrainJob(
        image=write_raster("image.tif", image.astype(np.uint16)),
        labels=write_raster("labels.tif", labels),
        output=str(tmp_path / "m.safetensors"),
        encoder="mit-b0",
        tile_size=32,
        batch_size=2,
        epochs=4,
        learning_rate=1e-3,
        class_balance=0.5,
        checkpoint_every=0,
        report="none",
        device="cpu",
    )


class Stop:
    """Records the events of a training, and interrupts it at the first event with ``where``."""

    def __init__(self, where: Callable[[Event], bool] = lambda event: False) -> None:
        self.heard: list[Event] = []
        self._where = where

    def __call__(self, event: Event) -> None:
        self.heard.append(event)
        if self._where(event):
            self._where = lambda event: False
            raise KeyboardInterrupt

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The metrics of each epoch."""
        metrics = [e for e in self.heard if isinstance(e, Metric)]
        return [event.values for event in metrics if event.message.startswith("Epoch ")]

    def said(self, text: str) -> bool:
        return any(text in getattr(event, "message", "") for event in self.heard)


def stop_at(
    job: TrainJob, *places: Callable[[Event], bool], clock: Callable[[], float] | None = None
) -> list[dict[str, Any]]:
    """Trains and interrupts the training at each place in turn; returns the metrics of the finished epochs."""
    scores, has_model = [], Path(job.output).exists()
    for stop in map(Stop, places):
        with pytest.raises(KeyboardInterrupt):
            train(job, stop, clock)
        assert Path(job.output).exists() is has_model
        scores += stop.scores
    return scores


def after(epoch: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Metric) and event.message.startswith(f"Epoch {epoch} of")


def amid(epoch: int, share: float = 0.5) -> Callable[[Event], bool]:
    """After a share of an epoch's batches of two windows; with a share of 1 before its validation."""
    windows = finished = 0

    def where(event: Event) -> bool:
        nonlocal windows, finished
        text = getattr(event, "message", "")
        if planned_windows := re.search(r"epochs? of (\d+) tiles?", text):
            windows = int(planned_windows[1])
        if not isinstance(event, Progress) or not text.startswith(f"epoch {epoch} of"):
            return False
        finished += 1
        return finished >= share * -(-windows // 2)

    return where


def assert_same(one: TrainJob, other: TrainJob) -> None:
    """Checks that weights and scores of both model files are equal, bit by bit."""
    first, second = load_file(one.output), load_file(other.output)
    assert first.keys() == second.keys()
    unequal = [name for name in first if not torch.equal(first[name], second[name])]
    assert not unequal
    assert read_card(one.output).metrics == read_card(other.output).metrics


CASES: list[dict[str, Any]] = [
    {"schedule": "cosine", "ema": 0.0, "accumulation": 1, "warmup_epochs": 2},
    {"schedule": "cosine", "ema": 0.98, "accumulation": 3, "augmentation": "flips+rotate"},
    {"schedule": "plateau", "ema": 0.98, "accumulation": 3, "optimizer": "adam"},
    {"schedule": "step", "ema": 0.98, "validate_every": 2, "epochs": 5},
]


@pytest.mark.usefixtures("small_networks")
@pytest.mark.parametrize("changes", CASES, ids=lambda c: "-".join(map(str, c.values())))
def test_a_stopped_training_is_resumed_exactly(
    job: TrainJob, changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Short enough that both change the rates more than once.
    monkeypatch.setattr("engine.training.schedule._STEP_EPOCHS", 1)
    monkeypatch.setattr("engine.training.schedule._PATIENCE", 1)
    job = replace(job, **changes)
    whole, unbroken = replace(job, output=str(tmp_path / "whole.safetensors")), Stop()
    train(whole, unbroken)
    scores = stop_at(job, amid(1), after(1), amid(2, 1.0), amid(3), after(3))
    assert finished_epochs(job.output) == (3, job.epochs)
    last = Stop()
    done = train(job, last)
    assert scores + last.scores == unbroken.scores and len(unbroken.scores) == job.epochs
    assert_same(job, whole)
    assert last.said(f"Resuming after epoch 3 of {job.epochs}.")
    assert done.message.endswith("resumed after epoch 3.") and done.outputs["epochs_resumed"] == 3
    assert not checkpoint_folder(job.output).exists() and not lock_path(job.output).exists()
    shares = [event.fraction for event in last.heard if isinstance(event, Progress)]
    epochs = [share for share in shares if share > 0.03]
    assert epochs[0] > 0.03 + 0.97 * 3 / job.epochs and epochs == sorted(epochs)


@pytest.mark.usefixtures("small_networks")
@pytest.mark.parametrize("validate_every", [1, 2])
def test_a_training_from_a_model_is_resumed_exactly(
    job: TrainJob, validate_every: int, tmp_path: Path
) -> None:
    donor = replace(job, output=str(tmp_path / "donor.safetensors"))
    train(donor, Stop())
    job = replace(job, start=donor.output, seed=1, validate_every=validate_every)
    whole, unbroken = replace(job, output=str(tmp_path / "whole.safetensors")), Stop()
    train(whole, unbroken)
    stop_at(job, amid(1), after(1), amid(2), after(3))
    last = Stop()
    train(job, last)
    assert last.said("Resuming after epoch 3 of 4") and not last.said("Before the first epoch")
    assert_same(job, whole)
    stop_at(job, after(2))
    os.utime(donor.output, (0, 0))  # another file, for all that the training knows
    with pytest.raises(
        JobError, match=r"4 epochs\) cannot continue: its data, its files or the version"
    ):
        train(job, Stop())


@pytest.mark.usefixtures("small_networks")
def test_a_cancelled_training_reports_its_checkpoints(job: TrainJob) -> None:
    stop = Stop(amid(2))
    with pytest.raises(KeyboardInterrupt):
        train(job, stop)
    kept = ": 1 of 4 epochs; the same command"
    assert isinstance(stop.heard[-1], Warned) and kept in stop.heard[-1].message
    first = Stop(amid(1))
    with pytest.raises(KeyboardInterrupt):
        train(replace(job, resume=False), first)
    assert not first.said(kept) and first.said("an unfinished training (1 of 4 epochs)")
    assert finished_epochs(job.output) == (1, 4), "the new training has not written anything"
    second = Stop(amid(2))
    with pytest.raises(KeyboardInterrupt):
        train(replace(job, resume=False), second)
    assert second.said("the same command with resume (without --no_resume) resumes from there.")


@pytest.mark.usefixtures("small_networks")
def test_early_stopping_is_resumed(job: TrainJob, tmp_path: Path) -> None:
    """With a rate too small for any change, the third validation is the second without improvement."""
    job = replace(job, epochs=9, patience=2, learning_rate=1e-30, ema=0.0)
    whole = replace(job, output=str(tmp_path / "whole.safetensors"))
    expected = train(whole, Stop())
    stop_at(job, after(2))
    last = Stop()
    done = train(job, last)
    assert done.outputs["epochs_run"] == expected.outputs["epochs_run"] == 3
    message = (
        "Training stopped after epoch 3 of 9: the validation loss has not fallen for 2 validations."
    )
    assert len(last.scores) == 1 and done.message.endswith(message)
    assert any(isinstance(e, Metric) and e.message == message for e in last.heard)
    loss = f", validation loss {last.scores[0]['validation_loss']:.4f}, mIoU"
    assert last.said(loss)
    assert [e.fraction for e in last.heard if isinstance(e, Progress)][-1] == 1
    assert_same(job, whole)


@pytest.mark.usefixtures("small_networks")
def test_a_run_that_is_stopped_in_its_calibration_calibrates_again(
    job: TrainJob, tmp_path: Path
) -> None:
    whole = replace(job, output=str(tmp_path / "whole.safetensors"))
    done = train(whole, Stop())
    assert done.outputs["metrics"]["calibration"]["temperature"] != 1
    with pytest.raises(KeyboardInterrupt):
        train(job, Stop(lambda event: getattr(event, "message", "").startswith("Calibrating")))
    assert not Path(job.output).exists() and finished_epochs(job.output) == (4, 4)
    last = Stop()
    again = train(job, last)
    assert not last.scores and last.said("Probabilities calibrated: on average")
    assert again.outputs["metrics"] == done.outputs["metrics"] == read_card(job.output).metrics
    assert_same(job, whole)
    assert not checkpoint_folder(job.output).exists()


@pytest.mark.usefixtures("small_networks")
def test_a_finished_training_is_published_by_the_next_run(
    job: TrainJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(job, output=str(tmp_path / "whole.safetensors"))
    train(whole, Stop())

    replaced = os.replace

    def full(new: Any, old: Any) -> None:
        if str(old) == job.output:
            raise OSError(28, "No space left on device")
        replaced(new, old)

    with monkeypatch.context() as patch:
        patch.setattr("engine.contract.file_replacement.os.replace", full)
        with pytest.raises(JobError, match="model file .* could not be written"):
            train(job, Stop())
    assert finished_epochs(job.output) == (4, 4)
    last = Stop()
    train(job, last)
    assert not last.scores
    assert_same(job, whole)


@pytest.mark.usefixtures("small_networks")
def test_another_job_is_refused_and_starts_from_scratch_without_resume(
    job: TrainJob, tmp_path: Path
) -> None:
    stop_at(job, after(2))
    other = replace(job, seed=1)
    with pytest.raises(JobError):
        train(replace(other, loss="nosuch"), Stop())
    with pytest.raises(JobError, match=r"\(2 of 4 epochs\) cannot continue: seed is 1 \(was 0\)\."):
        train(other, Stop())
    other = replace(other, resume=False)
    assert finished_epochs(job.output) == (2, 4), "a job that never started costs nothing"
    heard, whole = Stop(), replace(other, output=str(tmp_path / "whole.safetensors"))
    train(other, heard)
    assert heard.said("an unfinished training (2 of 4 epochs).")
    assert len(heard.scores) == 4 and not heard.said("Resuming")
    train(whole, Stop())
    assert_same(other, whole)


@pytest.mark.usefixtures("small_networks")
def test_a_second_run_of_the_same_output_is_refused(job: TrainJob) -> None:
    with lock_output(job.output), pytest.raises(JobError, match="Another run is writing"):
        train(job, Stop())


@pytest.mark.usefixtures("small_networks")
def test_a_diverged_training_is_not_advised_to_resume(
    job: TrainJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "diverging.py").write_text(
        "steps = []\n"
        "def loss(logits, target):\n"
        "    steps.append(0)\n"
        "    return logits.mean() * (1 if len(steps) < 30 else float('nan'))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    heard = Stop()
    with pytest.raises(EngineError, match="no longer a number.*ten times smaller than 0.001"):
        train(replace(job, loss="diverging:loss"), heard)
    assert not heard.said("Finished and kept beside")
    assert not any(event.fraction == 1 for event in heard.heard if isinstance(event, Progress))


@pytest.mark.usefixtures("small_networks")
def test_validation_resumes_with_the_batches_that_fitted(
    job: TrainJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(job, loss="dice", output=str(tmp_path / "whole.safetensors"))
    job, forward = replace(job, loss="dice"), SmallNetwork.forward

    def run_out_of_memory(self: SmallNetwork, values: torch.Tensor, *others: Any) -> Any:
        if not self.training and len(values) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(self, values, *others)

    text = "do not fit into the memory, so it begins again with batches of 1."
    with monkeypatch.context() as patch:
        patch.setattr(SmallNetwork, "forward", run_out_of_memory)
        train(whole, Stop())
        first = Stop(after(2))
        with pytest.raises(KeyboardInterrupt):
            train(job, first)
    assert first.said(text) and read_training_record(job.output)["validated"] == 1
    last = Stop()
    train(job, last)
    assert not last.said("do not fit")
    assert_same(job, whole)


# Planned --------------------------------------------------------------------------------------------


@pytest.fixture
def clock(small_networks: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """A clock of which a window takes 1 s in training and 0.3 s in validation."""
    seconds, forward = [0.0], SmallNetwork.forward

    def timed(self: SmallNetwork, values: torch.Tensor, *others: Any) -> Any:
        seconds[0] += len(values) * (1.0 if self.training else 0.3)
        return forward(self, values, *others)

    monkeypatch.setattr(SmallNetwork, "forward", timed)
    return lambda: seconds[0]


def planned(output: str) -> dict[str, Any]:
    """The length of an unfinished training."""
    length: dict[str, Any] = read_training_record(output)["length"]
    return length


def test_a_training_for_a_time_is_resumed_exactly(
    job: TrainJob, clock: Callable[[], float], tmp_path: Path
) -> None:
    lite = {"encoder": "tf_efficientnet_lite0", "pretrained": "imagenet"}
    job = replace(job, epochs=0, minutes=2.0, warmup_epochs=2, **lite)
    whole, unbroken = replace(job, output=str(tmp_path / "whole.safetensors")), Stop()
    expected = train(whole, unbroken, clock)
    assert 0.9 * 120 <= clock() <= 1.02 * 120
    epochs = expected.outputs["epochs_run"]
    assert 10 <= epochs <= 24 and unbroken.said(" steps in all, planned for 2 min.")
    scores = stop_at(job, amid(1), after(1), amid(4), after(epochs - 2), clock=clock)
    assert planned(job.output)["epochs"] == epochs
    last = Stop()
    train(job, last, clock)
    assert scores + last.scores == unbroken.scores
    assert_same(job, whole)


def test_a_given_time_includes_what_follows_the_last_epoch(
    job: TrainJob, clock: Callable[[], float], write_raster: Callable[..., str]
) -> None:
    """Of twelve bands no more groups are compared than the time allows."""
    noise = np.random.default_rng(1).integers(1, 3000, (12, 96, 96)).astype(np.uint16)
    image, heard, start = (write_raster("many.tif", noise),), Stop(), clock()
    train(replace(job, epochs=0, image=image, minutes=0.5), heard, clock)
    assert 0.8 * 30 <= clock() - start <= 1.05 * 30
    record = read_card(job.output).metrics.get("contribution", {"bands": []})
    assert len(record["bands"]) < 12
    progress = [event for event in heard.heard if isinstance(event, Progress)]
    shares = [event.fraction for event in progress]
    begun = [event.message.startswith("Calibrating") for event in progress].index(True)
    assert shares == sorted(shares) and shares[begun] < 0.98 and shares[-1] == 1
    assert not any("epoch " in event.message for event in progress[begun:])


def test_the_page_tells_the_time_until_it_is_written_and_the_advice_of_the_log(
    job: TrainJob, clock: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[TrainingValues] = []
    monkeypatch.setattr("engine.planning.training_context.report_path", report_path)
    monkeypatch.setattr(
        "engine.assessment.training_report.write_training_report",
        lambda path, values: pages.append(values),
    )
    heard, start = Stop(), clock()
    train(replace(job, epochs=0, minutes=1.0, report=""), heard, clock)
    last_epoch = pages[-1].history[-1]["seconds"]
    assert last_epoch + 1 < pages[-1].seconds <= clock() - start + 1, "calibration is part of it"
    steps, advice = pages[-1].steps, pages[-1].more_steps
    assert heard.said(f", {steps} steps in all, planned for 1 min.") and 0 < steps < 100
    assert advice == "Give it 10 minutes or more."
    assert heard.said(f"1 min is short for these data on this computer. {advice}")


def test_the_whole_time_is_told_once_after_a_minute(
    job: TrainJob, clock: Callable[[], float]
) -> None:
    heard, when = Stop(), []

    def emit(event: Event) -> None:
        heard(event)
        if getattr(event, "message", "").startswith("About "):
            when.append((clock(), event))

    start = clock()
    train(replace(job, epochs=9), emit, clock)
    ((seconds, told),) = when
    assert 60 <= seconds - start <= 64
    minutes = round((clock() - start) / 60)
    assert isinstance(told, Metric) and told.message.startswith(
        f"About {minutes} min in all (until "
    )
    assert re.search(r": 2 s a step, 9 epochs of \d+ steps, validation \d s\.$", told.message)
    assert heard.said("9 epochs of ") and heard.said(" steps in all.")


def test_other_minutes_continue_a_killed_training(
    job: TrainJob, clock: Callable[[], float], tmp_path: Path
) -> None:
    job = replace(job, epochs=0, minutes=2.0)
    copies = {minutes: str(tmp_path / f"{minutes}.safetensors") for minutes in (0.1, 4.0)}
    stop_at(job, after(5), clock=clock)
    spent, before = read_training_record(job.output)["seconds"], planned(job.output)["epochs"]
    assert 0.9 * clock() <= spent <= clock()
    for output in copies.values():
        shutil.copytree(checkpoint_folder(job.output), checkpoint_folder(output))
    # The key of a training does not depend on its output.
    start, longer = clock(), Stop()
    done = train(replace(job, minutes=4.0, output=copies[4.0]), longer, clock)
    assert longer.said(f"Resuming after epoch 5 of {before}")
    assert 0.9 * 240 <= spent + clock() - start <= 1.02 * 240
    assert done.outputs["epochs_run"] > 1.5 * before
    shorter = Stop()
    done = train(replace(job, minutes=0.1, output=copies[0.1]), shorter, clock)
    assert done.outputs["epochs_run"] == 5 and not shorter.scores
    assert Path(copies[0.1]).exists()


def test_minutes_continue_a_killed_training_of_a_recipe(
    job: TrainJob, clock: Callable[[], float]
) -> None:
    job = replace(job, epochs=0, preset="buildings")
    stop_at(job, after(2), clock=clock)
    assert planned(job.output)["epochs"] == 100
    heard = Stop()
    done = train(replace(job, minutes=1.0), heard, clock)
    assert heard.said("Resuming after epoch 2 of 100")
    assert 2 <= done.outputs["epochs_run"] < 100


def test_minutes_of_folds_include_the_score_of_each_whole_fold(
    job: TrainJob, clock: Callable[[], float], tmp_path: Path
) -> None:
    """It takes a tenth of the time here; the pictures of the pages are not counted."""
    folds = {"folds": 2, "output": str(tmp_path / "m.json"), "report": "none"}
    train(replace(job, epochs=0, minutes=1.0, **folds), Stop(), clock)
    assert 0.9 * 60 <= clock() <= 1.02 * 60


class SlowerComputer:
    """A computer on which each epoch takes some seconds more from an epoch on: its clock, and what a training emits."""

    def __init__(self, clock: Callable[[], float], seconds: float, after_epoch: int = 0) -> None:
        self.stop = Stop()
        self._clock, self._more, self._first = clock, seconds, after_epoch
        self._late = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Metric) and re.match(r"Epoch \d", event.message):
            self._late += self._more * (event.values["epoch"] > self._first)
        self.stop(event)

    def seconds(self) -> float:
        return self._clock() + self._late


def test_a_planned_length_stays_and_a_late_end_is_told(
    job: TrainJob, clock: Callable[[], float]
) -> None:
    job = replace(job, epochs=0, minutes=2.0)
    slower = SlowerComputer(clock, seconds=4.0)
    done = train(job, slower, slower.seconds)
    plans = [e.message for e in slower.stop.heard if " in all" in getattr(e, "message", "")]
    epochs = int(plans[0].split()[0])
    assert done.outputs["epochs_run"] == epochs and f" of {epochs})" in done.message
    assert read_card(job.output).provenance["length"]["epochs"] == epochs
    assert 1.25 * 120 < slower.seconds() < 1.6 * 120
    assert slower.stop.said("The training took 3 min instead of 2 min: ")
    in_time = Stop()
    train(replace(job, resume=False), in_time, clock)
    assert not in_time.said("The training took")


def test_a_training_on_a_much_slower_computer_stops_and_keeps_its_last_validated_epoch(
    job: TrainJob, clock: Callable[[], float]
) -> None:
    """It does not take three times the given minutes, and a resumed one stops as well."""
    job = replace(job, epochs=0, minutes=2.0, validate_every=2)
    slower = SlowerComputer(clock, seconds=30.0, after_epoch=3)
    slower.stop = Stop(after(5))
    with pytest.raises(KeyboardInterrupt):
        train(job, slower, slower.seconds)
    planned_epochs = planned(job.output)["epochs"]
    done = train(job, slower, slower.seconds)
    epochs = done.outputs["epochs_run"]
    assert epochs < planned_epochs and epochs % 2 == 0
    assert (
        f"Training stopped after epoch {epochs} of {planned_epochs}: it has taken " in done.message
    )
    assert read_card(job.output).metrics["epoch"] <= epochs
    assert 1.25 * 120 < slower.seconds() < 2 * 120
    assert not slower.stop.said("The training took")


@pytest.mark.usefixtures("small_networks")
def test_automatic_epochs_of_parts_are_resumed_exactly(
    job: TrainJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = ARCHITECTURES[job.architecture]
    automatic = replace(network, recipe=replace(network.recipe, epochs=0))
    monkeypatch.setitem(ARCHITECTURES, job.architecture, automatic)
    monkeypatch.setattr("engine.training.training_time._STEPS_ON_CPU", 20)
    monkeypatch.setattr("engine.planning.training_length._MIN_EPOCHS", 4)
    job = replace(job, epochs=0, schedule="step")
    whole, unbroken = replace(job, output=str(tmp_path / "whole.safetensors")), Stop()
    train(whole, unbroken)
    assert unbroken.said("4 epochs of 10 tiles (5 steps each), 20 steps in all. One pass over the")
    scores = stop_at(job, amid(2), after(3))
    last = Stop()
    train(job, last)
    assert scores + last.scores == unbroken.scores
    assert_same(job, whole)


# Killed ---------------------------------------------------------------------------------------------


def run(job: TrainJob, folder: Path, stop: Callable[[Event], bool], delay: float) -> list[Event]:
    """Runs a training in another process, and kills it ``delay`` seconds after an event with ``stop``."""
    file, errors = folder / "job.json", folder / "errors.txt"
    file.write_text(json.dumps(asdict(job)))
    words = ["train", "--config", str(file), "--events", "json"]
    output, stdout = multiprocessing.Pipe(duplex=False)
    process, heard = start(run_engine, words, stdout, errors=errors), []
    stdout.close()
    with open(output.fileno(), encoding="utf-8", closefd=False) as lines:
        for line in lines:
            heard.append(decode(line))
            if stop(heard[-1]):
                time.sleep(delay)
                process.kill()
                break
        lines.read()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), errors.read_text()
    return heard


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_a_training_killed_three_times_gives_the_same_weights(
    job: TrainJob, tmp_path: Path
) -> None:
    job = replace(job, epochs=3, checkpoint_every=2, report="none")
    whole, rng = replace(job, output=str(tmp_path / "whole.safetensors")), random.Random(7)
    run(whole, tmp_path, lambda event: False, 0)
    amid_epoch, amid_validation = rng.uniform(0.2, 0.9), rng.uniform(0, 0.03)
    points = [
        (amid(2, amid_epoch), 0.0),
        (amid(2, 1.0), amid_validation),  # all batches are done: it validates, or writes
        (after(2), rng.uniform(0, 0.3)),
    ]
    for stop, delay in points:
        run(job, tmp_path, stop, delay)
        assert not Path(job.output).exists()
    assert finished_epochs(job.output) == (2, 3)
    heard = run(job, tmp_path, lambda event: False, 0)
    assert any("Resuming after epoch 2" in e.message for e in heard if isinstance(e, Metric))
    assert_same(job, whole)
    left = sorted(path.name for path in checkpoint_folder(job.output).iterdir())
    assert left == ["epoch-002.safetensors"]
    one, other = (str(checkpoint_folder(path) / left[0]) for path in (job.output, whole.output))
    assert_same(replace(job, output=one), replace(job, output=other))
    remove_leftovers([job.output])
    assert not list(tmp_path.glob("*.part*"))
