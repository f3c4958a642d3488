"""Class weights of a job: from texts or from the pixels of each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.compute.devices import Device
from engine.compute.rank_info import SINGLE_PROCESS
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Metric
from engine.losses.class_weights import class_weights, describe
from engine.planning.training_context import survey_job
from engine.planning.training_plan import training_plan
from tests.engine.synthetic import squares

CLASSES = class_table({0: "land", 2: "water", 7: "5", 5: "cloud"})


def test_names_count_before_values_and_others_have_the_weight_one() -> None:
    assert [entry.value for entry in CLASSES] == [0, 2, 5, 7]
    counts = [10, 10, 10, 10]
    assert class_weights(("water=3", "5=0.5"), CLASSES, counts) == (1, 3, 1, 0.5)
    assert class_weights((" 2 = 4 ",), CLASSES, counts) == (1, 4, 1, 1)
    assert class_weights((), CLASSES, counts) == ()
    assert describe((1, 3, 1, 0.5), CLASSES) == "Class weights: land 1, water 3, cloud 1, 5 0.5."


def test_balanced_is_the_inverse_root_of_the_share_with_mean_one() -> None:
    counts = [900_000, 90_000, 9_990, 10]
    roots = 1 / np.sqrt([0.9, 0.09, 0.00999, 0.0001])
    weights = class_weights(("balanced",), CLASSES, counts)
    assert weights == pytest.approx(roots / roots.mean()), "a share below 0.0001 counts as 0.0001"
    assert class_weights(("balanced",), CLASSES[:2], [1, 1]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"class_weights": ("water",)}, "'water' is not of the form class=weight"),
        ({"class_weights": ("water=0",)}, "with a number above 0"),
        ({"class_weights": ("water=nan",)}, "with a number above 0"),
        ({"class_weights": ("=2",)}, "not of the form"),
        ({"class_weights": ("balanced", "water=2")}, "'balanced' is not of the form"),
        ({"class_weights": ("balanced",), "logit_adjustment": 0.5}, "both favour rare classes"),
        ({"class_weights": ("water=2",), "loss": "dice+lovasz"}, "no effect on the loss dice"),
    ],
)
def test_a_job_whose_weights_cannot_work_is_refused(
    fields: dict[str, object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(JobError, match=says):
        training_plan(TrainJob(output=str(tmp_path / "m.safetensors"), **fields))


def test_unknown_and_doubled_classes_are_refused() -> None:
    with pytest.raises(JobError, match="names the class 'sea'; the classes are land, water"):
        class_weights(("sea=2",), CLASSES, [1, 1, 1, 1])
    with pytest.raises(JobError, match="names the class '2' twice"):
        class_weights(("water=2", "2=2"), CLASSES, [1, 1, 1, 1])


def test_a_rare_class_among_three_balances_the_weights(write_raster, tmp_path, events) -> None:
    noise = np.random.default_rng(0)
    labels = squares(noise, 12)
    labels[:8, :16] = 2  # 0.35 % of all pixels
    image = noise.normal(500, 100, (2, 192, 192)).astype(np.uint16)
    job = TrainJob(
        architecture="smp:Unet:resnet18",
        pretrained="none",
        image=(write_raster("image.tif", image),),
        labels=(write_raster("labels.tif", labels),),
        output=str(tmp_path / "model.safetensors"),
    )

    def chosen(**fields: object) -> tuple[str, ...]:
        events.heard.clear()
        plan = training_plan(TrainJob(**{**vars(job), **fields}))
        device = Device("cpu", 0, "CPU", "fp32")
        surveyed = survey_job(plan, device, SINGLE_PROCESS, events, (), lambda share: None)
        return surveyed.job.class_weights

    assert chosen() == ("balanced",)
    (text,) = [text for text in events.messages(Metric) if text.startswith("Class weights")]
    assert "because class 2 is rare (0.4% of the labelled pixels)" in text
    assert "class_weights=none" in text, "the way out"
    assert chosen(class_weights=("none",)) == ("none",)
    others = ({"class_balance": 0.5}, {"logit_adjustment": 1.0}, {"loss": "ce+dice"})
    for fields in (*others, {"preset": "buildings"}, {"merge": ("1+2=both",)}):
        assert not chosen(**fields), fields
    assert class_weights(("none",), CLASSES, [1, 1, 1, 1]) == ()
