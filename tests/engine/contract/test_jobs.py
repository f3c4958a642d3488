"""Jobs travel as JSON; a wrong field or type is a sentence."""

from __future__ import annotations

import pytest

from engine.contract.architectures import architecture, with_recipe
from engine.contract.errors import JobError
from engine.contract.job_json import from_json, read_job, to_json
from engine.contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from engine.contract.strict_json import json_digest


def test_a_digest_by_which_runs_are_found_again_never_changes() -> None:
    value = {"b": [1, 2.5, None, float("inf")], "a": ("Gebäude", True)}
    assert json_digest(value) == "a2821e15d145828d28d2a24006eb92ee91235f371a4d04526773cb4396c5f0aa"
    assert json_digest(dict(reversed([*value.items()]))) == json_digest(value)


def test_a_job_survives_json() -> None:
    job = SegmentJob(model=("m",), auxiliary=("a", "b"), extent=(1.0, 2.0, 3.0, 4.0), overlap=32)
    assert from_json(SegmentJob, to_json(job)) == job


def test_a_field_with_a_name_of_its_own_is_taken_by_the_common_name_too() -> None:
    assert from_json(PredictFolderJob, '{"model": "m"}').checkpoint == ("m",)
    assert from_json(SegmentFolderJob, '{"output": "o"}').output_folder == "o"
    with pytest.raises(JobError, match="has no field 'model'"):
        from_json(PredictFolderJob, '{"model": "m", "checkpoint": "c"}')


def test_defaults_are_those_of_the_design() -> None:
    job, _ = with_recipe(from_json(TrainJob, "{}"))
    assert (job.learning_rate, job.batch_size, job.loss) == (1e-3, 4, "ce+dice")
    assert (job.encoder, job.pretrained, job.tile_size) == ("automatic", "automatic", 0)
    assert (job.optimizer, job.weight_decay, job.schedule) == ("adamw", 0.01, "cosine")
    assert job.checkpoint_every == 5


def test_buildings_have_the_thresholds_of_their_source() -> None:
    """A PSPNet alone counts from 0.30 on; the other two are members of an ensemble there, at 0.35."""
    expected = {
        "pspnet-densenet161": 0.30,
        "unet-resnet50": 0.35,
        "deeplabv3plus-mobilenetv3": 0.35,
    }
    expected |= {"smp:PSPNet:densenet161": 0.5, "cmx-b2": 0.5, "dualstream-dformer": 0.5}
    assert {name: architecture(name).default_threshold(2) for name in expected} == expected
    assert architecture("pspnet-densenet161").default_threshold(3) == 0.5, (
        "of three classes none is used"
    )


def test_buildings_have_a_recipe_of_their_own() -> None:
    job, _ = with_recipe(TrainJob(architecture="unet-resnet50", patience=0))
    assert (job.optimizer, job.learning_rate, job.weight_decay) == ("adam", 1e-3, 1e-3)
    assert (job.encoder, job.loss, job.patience) == ("resnet50", "focal-dice", 0)
    assert (
        with_recipe(TrainJob(architecture="smp:Unet:efficientnet-b4"))[0].encoder
        == "efficientnet-b4"
    )
    for name in ("smp:Unet", "smp::x", "unet"):
        with pytest.raises(JobError, match="smp:"):
            with_recipe(TrainJob(architecture=name))


def test_a_list_of_one_and_a_whole_number_may_be_written_short() -> None:
    assert from_json(SegmentJob, '{"model": "m"}').model == ("m",)
    assert from_json(TrainJob, '{"learning_rate": 1}').learning_rate == 1.0


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (TrainJob, "no json", "not JSON"),
        (TrainJob, "[]", "one JSON object"),
        (TrainJob, '{"epoch": 3}', "no field 'epoch'"),
        (
            TrainJob,
            '{"epochs": "three"}',
            r"epochs must be a whole number from 1 to 1000000 \(0: automatic\), not three",
        ),
        (TrainJob, '{"epochs": true}', "epochs must be a whole number .*, not true"),
        (TrainJob, '{"auxiliary": 3}', "auxiliary must be texts, separated by commas, not 3"),
        (TrainJob, '{"auxiliary": [1]}', "auxiliary must be texts, separated by commas, not 1"),
        (SegmentJob, '{"model": "m", "tile_size": 64}', "no field 'tile_size'; it knows aux.*tta"),
        (SegmentJob, '{"extent": [1, 2, 3]}', "extent must be 4 numbers, not 1,2,3"),
    ],
)
def test_wrong_jobs_are_refused_in_a_sentence(kind, text, message) -> None:
    with pytest.raises(JobError, match=message):
        from_json(kind, text)


def test_a_missing_job_file_is_named(tmp_path) -> None:
    with pytest.raises(JobError, match="nowhere.json cannot be read"):
        read_job(TrainJob, str(tmp_path / "nowhere.json"))


def test_a_recipe_fills_only_what_the_job_leaves_open() -> None:
    cmx, _ = with_recipe(TrainJob(architecture="cmx-b2", epochs=7))
    assert (cmx.encoder, cmx.epochs, cmx.accumulation, cmx.validate_every) == ("mit-b2", 7, 4, 5)
    assert cmx.loss == "ohem+dice" and "copy-paste" in cmx.augmentation
    dformer, _ = with_recipe(TrainJob(encoder="mit-b3", loss="ce", preset="dualstream"))
    assert (dformer.encoder, dformer.epochs, dformer.loss) == ("mit-b3", 42, "ce")
    assert dformer.learning_rate == 3e-4
    with pytest.raises(
        JobError, match="preset must be automatic, dualstream, clouds or buildings, not original"
    ):
        with_recipe(TrainJob(preset="original"))
    with pytest.raises(JobError, match="'cmx-b9'; it is one of dualstream-dformer, cmx, cmx-b0"):
        with_recipe(TrainJob(architecture="cmx-b9"))
