"""Advice about a training: each rule speaks above its threshold and is silent below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from engine.contract.class_table import class_table
from engine.reports.advice import (
    CONFUSED_SHARE,
    FEW_TRAINING_MARKS,
    FEW_TRAINING_PIXELS,
    FEW_VALIDATION_MARKS,
    FEW_VALIDATION_PIXELS,
    LEAST_GAIN,
    LEAST_TILES,
    LOW_IOU,
    MOST_SENTENCES,
    NO_EFFECT,
    OVERFITTING_RISE,
    RISING_GAIN,
    training_advice,
)
from engine.reports.training_values import (
    FINISHED,
    INTERRUPTED,
    RUNNING,
    TrainingValues,
)

MANY = 1_000_000
NOTHING = "Nothing stands out"


def advice(
    training: int = MANY,
    validation: int = MANY,
    iou: float = 0.8,
    confused: float = 0.1,
    losses: Sequence[tuple[float, float]] = ((1.0, 1.0),),
    scores: Sequence[float] = (0.8,),
    state: str = FINISHED,
    third: str = "",
    has_marks: bool = False,
    values: Mapping[str, Any] = MappingProxyType({}),
    **metrics: Any,
) -> list[str]:
    """Advice about two classes, or three; the second has the given pixels and scores."""
    table = class_table(dict(enumerate(["land", "water", *([third] if third else [])])))
    others = (MANY,) if third else ()
    wrong = round(1000 * confused)
    confusion = np.diag([1000] * len(table))
    confusion[1, :2] = wrong, 1000 - wrong
    found = {
        "epoch": 1,
        "miou": 0.8,
        "iou": {"land": 0.9, "water": iou},
        "confusion": confusion.tolist(),
    }
    count = max(len(losses), len(scores))
    history = []
    for n in range(count):
        loss, validation_loss = losses[min(n, len(losses) - 1)]
        score = scores[min(n, len(scores) - 1)]
        epoch = {"epoch": n + 1, "loss": loss, "validation_loss": validation_loss, "miou": score}
        history.append(epoch)
    basic = TrainingValues(
        name="m",
        device="CPU",
        classes=table,
        training_pixels=(MANY, training, *others),
        validation_pixels=(MANY, validation, *others),
        has_marks=has_marks,
        state=state,
        epochs=count,
        metrics={**found, **metrics},
        history=history,
    )
    return training_advice(replace(basic, **values))


def test_good_numbers_have_no_advice() -> None:
    (only,) = advice()
    assert only.startswith(NOTHING)


@pytest.mark.parametrize(
    ("name", "least", "text"),
    [
        ("training", FEW_TRAINING_PIXELS, "Label more of water: "),
        ("validation", FEW_VALIDATION_PIXELS, "Do not rely on the score of water (IoU 0.800)"),
    ],
)
def test_few_labelled_pixels(name: str, least: int, text: str) -> None:
    assert advice(**{name: least - 1})[0].startswith(text)  # type: ignore[arg-type]
    assert advice(**{name: least})[0].startswith(NOTHING)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "least", "text"),
    [
        ("training", FEW_TRAINING_MARKS, "Mark more of water: 199 marked pixels"),
        ("validation", FEW_VALIDATION_MARKS, "Do not rely on the score of water (IoU 0.800): it"),
    ],
)
def test_few_marks(name: str, least: int, text: str) -> None:
    """Clicks are few, but each says more than a pixel of a polygon."""
    assert advice(**{name: least - 1}, has_marks=True)[0].startswith(text)  # type: ignore[arg-type]
    assert advice(**{name: least}, has_marks=True)[0].startswith(NOTHING)  # type: ignore[arg-type]
    (confused,) = advice(**{name: least}, has_marks=True, confused=0.5)  # type: ignore[arg-type]
    assert confused.startswith("Of water, 50 %")


def streams(image: float, auxiliary: float, windows: int = LEAST_TILES, of: int = 50) -> Any:
    miou = {"both": 0.8, "image": 0.8 - image, "auxiliary": 0.8 - auxiliary}
    return {"miou": miou, "windows": windows, "of": of}


def test_a_stream_without_effect() -> None:
    less, more = NO_EFFECT - 0.001, NO_EFFECT + 0.001
    (text,) = advice(contribution=streams(less, 0.5))
    assert text.startswith("The auxiliary stream adds nothing here: mIoU is 0.800 with both")
    (text,) = advice(contribution=streams(0.5, less))
    assert text.startswith("The image adds nothing here")
    assert advice(contribution=streams(more, more))[0].startswith(NOTHING)
    assert advice(contribution=streams(0, 0.5, LEAST_TILES - 1))[0].startswith(NOTHING)
    assert "adds nothing" in advice(contribution=streams(0, 0.5, 3, of=3))[0]


def test_overfitting() -> None:
    fall = [(1.0, 1.0), (0.8, 0.5), (0.6, 0.52), (0.5, 0.54)]
    above, below = (0.5 * (1 + OVERFITTING_RISE + d) for d in (0.01, -0.01))
    (text,) = advice(losses=[*fall, (0.3, above)])
    assert text.startswith("From epoch 2 on, the network memorised the training pixels")
    assert advice(losses=[*fall, (0.3, below)])[0].startswith(NOTHING)
    # The training loss rises as well: the epoch is merely bad.
    assert advice(losses=[*fall, (0.9, above)])[0].startswith(NOTHING)
    assert advice(losses=[*fall[:3], (0.3, above)])[0].startswith(NOTHING), "too few validations"


def test_a_score_that_is_still_rising() -> None:
    flat = [0.7] * 9
    (text,) = advice(scores=[*flat, 0.7 + RISING_GAIN + 0.001])
    assert text.startswith("The score was still rising at the end: mIoU 0.706, 0.700 until epoch 8")
    assert advice(scores=[*flat, 0.7 + RISING_GAIN - 0.001])[0].startswith(NOTHING)
    assert advice(scores=[*flat[:7], 0.75, 0.7, 0.7])[0].startswith(NOTHING)
    assert advice(scores=[*flat, 0.8], state=RUNNING)[0].startswith(NOTHING)


def test_two_scores_are_enough_to_see_that_they_rise() -> None:
    assert advice(scores=[0.5, 0.6])[0].startswith("The score was still rising at the end")
    assert advice(scores=[0.6])[0].startswith(NOTHING)


def test_a_training_that_has_hardly_begun_is_given_no_advice_about_labels() -> None:
    begun = {"steps": 12, "more_steps": "Give it 20 minutes or more."}
    wrong = {"training": 1, "iou": 0.1, "confused": 0.9}
    (text,) = advice(**wrong, values=begun)  # type: ignore[arg-type]
    assert text == (
        "This model has hardly begun: 12 steps. Give it 20 minutes or more. Until then its numbers say nothing about the "
        "labels and the bands."
    )
    (text,) = advice(**wrong, values=begun, state=RUNNING)  # type: ignore[arg-type]
    assert text.startswith("This training has hardly begun: 12 steps.")


def test_a_network_that_is_no_better_than_a_pixel_classifier() -> None:
    (text,) = advice(values={"baseline": {"miou": 0.8 - LEAST_GAIN + 0.001}})
    assert text.startswith("A pixel classifier, which learns in seconds, does as well: mIoU 0.791")
    assert advice(values={"baseline": {"miou": 0.8 - LEAST_GAIN - 0.001}})[0].startswith(NOTHING)
    unfinished = advice(values={"baseline": {"miou": 0.9}}, state=INTERRUPTED)
    assert unfinished[0].startswith(NOTHING)


def test_two_classes_cannot_be_merged() -> None:
    (text,) = advice(confused=0.9)
    assert "merge" not in text
    (text,) = advice(confused=0.9, third="snow")
    assert text.endswith("if not, merge the classes.")


def test_classes_that_are_confused_or_hardly_found() -> None:
    (text,) = advice(confused=CONFUSED_SHARE)
    assert text.startswith("Of water, 20 % is taken for land")
    assert advice(confused=CONFUSED_SHARE - 0.01)[0].startswith(NOTHING)
    (text,) = advice(iou=LOW_IOU - 0.01)
    assert text.startswith("The mask agrees little with the labels of water (IoU 0.290)")
    assert advice(iou=LOW_IOU)[0].startswith(NOTHING)


def test_at_most_three_sentences() -> None:
    found = advice(1, 1, 0.1, 0.9, contribution=streams(0, 0))
    assert len(found) == MOST_SENTENCES and found[0].startswith("Label more of water")
