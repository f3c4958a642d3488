"""Advice about a training, in plain sentences that are drawn from its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..contract.errors import format_count
from ..contract.translation import tr, tr_noop
from .page import format_number, format_percent, format_whole
from .score_tables import largest_confusions
from .training_values import FINISHED, RUNNING, TrainingValues

#: Number of sentences: the first ones of the order of the rules.
MOST_SENTENCES = 3

#: Labelled pixels below which a class has too few for training, and for a reliable score.
FEW_TRAINING_PIXELS, FEW_VALIDATION_PIXELS = 2000, 500

#: The same of pixels marked by points and lines, which are less alike than neighbouring pixels of a polygon.
FEW_TRAINING_MARKS, FEW_VALIDATION_MARKS = 200, 50

#: Number of validations from which on losses say something, and from which on scores say that they rise.
LEAST_VALIDATIONS, LEAST_SCORES = 5, 2

#: What a network must reach above a pixel classifier, in mIoU, to be worth it.
LEAST_GAIN = 0.01

#: The score is still rising if its best is in this last share of the epochs, and this mIoU above the best before.
LATE_SHARE, RISING_GAIN = 0.2, 0.005

#: A training overfits if its last validation loss is above the smallest by this share, while its training loss fell.
OVERFITTING_RISE = 0.15

#: Loss of mIoU below which a stream that is left out had no effect.
NO_EFFECT = 0.005

#: Number of tiles from which on their scores say something about a stream, unless there are no more.
LEAST_TILES = 8

#: Share of a class's pixels that is mapped as one other class from which on both are confused.
CONFUSED_SHARE = 0.2

#: IoU below which a class is hardly found.
LOW_IOU = 0.3

#: What is said of the stream that adds nothing, by the stream that the network saw alone.
_IDLE = {
    "image": tr_noop(
        "The auxiliary stream adds nothing here: mIoU is {} with both streams and {} without it. Train without it, or "
        "look whether it lies in the right place and shows what distinguishes the classes."
    ),
    "auxiliary": tr_noop(
        "The image adds nothing here: mIoU is {} with both streams and {} without it. Train without it, or look whether "
        "it lies in the right place and shows what distinguishes the classes."
    ),
}


def training_advice(values: TrainingValues) -> list[str]:
    """At most three sentences about what to do next, the most useful first; one that says so if there is nothing.

    The numbers of a training that has hardly begun say nothing yet about labels and bands, so this is all that is said then.
    """
    if not values.metrics:
        return [tr("The first validation has not been made yet.")]
    if values.more_steps:
        return [_hardly_begun(values)]
    rules = (
        _few_pixels(values),
        _idle_stream(values.metrics),
        _overfitting(values),
        _still_rising(values),
        _no_better_than_pixels(values),
        _confused(values),
        _hardly_found(values.metrics),
    )
    found = [sentence for rule in rules for sentence in rule]
    nothing = tr("Nothing stands out in these numbers: compare the worst tiles with their labels.")
    return found[:MOST_SENTENCES] or [nothing]


def _hardly_begun(values: TrainingValues) -> str:
    steps = format_count(values.steps, "{} step", "{} steps")
    if values.state == RUNNING:
        return tr("This training has hardly begun: {}. Its numbers say little yet.").format(steps)
    return " ".join(
        (
            tr("This model has hardly begun: {}.").format(steps),
            values.more_steps,
            tr("Until then its numbers say nothing about the labels and the bands."),
        )
    )


def _few_pixels(values: TrainingValues) -> Iterator[str]:
    if values.has_marks:
        yield from _few_marks(values)
        return
    names = [entry.name for entry in values.classes]
    fewest, name = min(zip(values.training_pixels, names))
    if fewest < FEW_TRAINING_PIXELS:
        yield tr(
            "Label more of {}: {} pixels for training are few (below {}). Several places help more than one large one."
        ).format(name, format_whole(fewest), format_whole(FEW_TRAINING_PIXELS))
    fewest, name = min(zip(values.validation_pixels, names))
    if fewest < FEW_VALIDATION_PIXELS:
        score = format_number(values.metrics["iou"].get(name))
        yield tr(
            "Do not rely on the score of {} (IoU {}): validation has {} pixels of it (below {})."
        ).format(name, score, format_whole(fewest), format_whole(FEW_VALIDATION_PIXELS))


def _few_marks(values: TrainingValues) -> Iterator[str]:
    names = [entry.name for entry in values.classes]
    fewest, name = min(zip(values.training_pixels, names))
    if fewest < FEW_TRAINING_MARKS:
        yield tr(
            "Mark more of {}: {} marked pixels for training are few (below {}). Marks where the map is wrong help most, in "
            "several places."
        ).format(name, format_whole(fewest), format_whole(FEW_TRAINING_MARKS))
    fewest, name = min(zip(values.validation_pixels, names))
    if fewest < FEW_VALIDATION_MARKS:
        score = format_number(values.metrics["iou"].get(name))
        yield tr(
            "Do not rely on the score of {} (IoU {}): it rests on {} marked pixels (below {})."
        ).format(name, score, format_whole(fewest), format_whole(FEW_VALIDATION_MARKS))


def _idle_stream(metrics: Mapping[str, Any]) -> Iterator[str]:
    record = metrics.get("contribution", {})
    scores = record.get("miou", {})
    if "both" not in scores or record["windows"] < min(LEAST_TILES, record["of"]):
        return
    both = scores["both"]
    for kept, text in _IDLE.items():
        if both - scores[kept] < NO_EFFECT:
            yield tr(text).format(format_number(both), format_number(scores[kept]))


def _overfitting(values: TrainingValues) -> Iterator[str]:
    epochs = _validated(values, "validation_loss")
    if len(epochs) < LEAST_VALIDATIONS or not all("loss" in epoch for epoch in epochs[1:]):
        return
    best, last = min(epochs, key=lambda epoch: epoch["validation_loss"]), epochs[-1]
    has_risen = last["validation_loss"] > (1 + OVERFITTING_RISE) * best["validation_loss"]
    if has_risen and last["loss"] < best.get("loss", math.inf):
        yield tr(
            "From epoch {} on, the network memorised the training pixels: the validation loss rose from {} to {} while "
            "the training loss fell. The model has the weights of epoch {}; labels in more places or a stronger "
            "augmentation would help, more epochs would not."
        ).format(
            best["epoch"],
            format_number(best["validation_loss"]),
            format_number(last["validation_loss"]),
            values.metrics["epoch"],
        )


def _still_rising(values: TrainingValues) -> Iterator[str]:
    epochs = _validated(values, "miou")
    if values.state != FINISHED or values.stop or len(epochs) < LEAST_SCORES:
        return
    late = (1 - LATE_SHARE) * epochs[-1]["epoch"]
    before = [epoch for epoch in epochs if epoch["epoch"] <= late]
    best = max(epochs, key=lambda epoch: epoch["miou"])
    if not before or best["epoch"] <= late:
        return
    earlier = max(epoch["miou"] for epoch in before)
    if best["miou"] - earlier >= RISING_GAIN:
        yield tr(
            "The score was still rising at the end: mIoU {}, {} until epoch {}. Train longer, with more epochs or minutes."
        ).format(format_number(best["miou"]), format_number(earlier), before[-1]["epoch"])


def _no_better_than_pixels(values: TrainingValues) -> Iterator[str]:
    score, trees = values.metrics["miou"], values.baseline.get("miou")
    if trees is None or values.state != FINISHED or score - trees >= LEAST_GAIN:
        return
    yield tr(
        "A pixel classifier, which learns in seconds, does as well: mIoU {}, this network {}. Train longer or with more "
        "labels; if it stays so, the network is not worth its time here."
    ).format(format_number(trees), format_number(score))


def _confused(values: TrainingValues) -> Iterator[str]:
    names = [entry.name for entry in values.classes]
    if not values.metrics.get("confusion"):
        return
    least = FEW_VALIDATION_MARKS if values.has_marks else FEW_VALIDATION_PIXELS
    pixels = zip(names, values.validation_pixels)
    enough = {name for name, count in pixels if count >= least}
    pairs = largest_confusions(values.metrics["confusion"], names, len(names) ** 2)
    wrong = [pair for pair in pairs if pair.true in enough and pair.share >= CONFUSED_SHARE]
    if wrong:
        pair = max(wrong, key=lambda one: one.share)
        text = (
            tr(
                "Of {}, {} is taken for {}: look whether their labels agree, and whether the bands can distinguish "
                "them; if not, merge the classes."
            )
            if len(names) > 2  # of two merged classes nothing would be left to map
            else tr(
                "Of {}, {} is taken for {}: look whether their labels agree, and whether the bands can distinguish "
                "them."
            )
        )
        yield text.format(pair.true, format_percent(pair.share), pair.mapped)


def _hardly_found(metrics: Mapping[str, Any]) -> Iterator[str]:
    scores = {name: score for name, score in metrics["iou"].items() if not _is_missing(score)}
    if scores:
        name = min(scores, key=lambda one: scores[one])
        if scores[name] < LOW_IOU:
            yield tr(
                "The mask agrees little with the labels of {} (IoU {}): look at them in the tiles below, and draw more "
                "training tiles that show this class (class_balance)."
            ).format(name, format_number(scores[name]))


def _validated(values: TrainingValues, name: str) -> Sequence[Mapping[str, Any]]:
    """The epochs that have a number."""
    return [epoch for epoch in values.history if not _is_missing(epoch.get(name))]


def _is_missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
