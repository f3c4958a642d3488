"""Scores of a plain pixel classifier on the same split, which show what a network adds.

Boosted trees (scikit-learn's histogram gradient boosting) learn a sample of the training pixels, each with the bands of
both streams, and are scored on the network's validation tiles. They see no neighbourhood. If there are two streams, other
trees learn the same pixels with the image's bands alone, which shows what the second stream adds for single pixels.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.jobs import TrainJob
from ..contract.protocol import Emit, Metric
from ..contract.translation import tr
from ..sampling.labelled_pixels import LabelledPixels, pixels_of_blocks, pixels_of_tiles
from ..sampling.survey import Survey
from ..sampling.window_dataset import ValidationWindows
from ..scores.confusion import PixelCounts, Scores
from ..training.training_state import TrainingProgress

#: Most seconds that the classifier takes to learn, and the largest share of a training's given minutes.
MOST_SECONDS, MOST_SHARE = 60.0, 0.1

#: Largest number of pixels that are learnt, and that are scored.
_LEARNT, _SCORED = 100_000, 400_000

#: Largest product of pixels, bands and trees of an iteration in learning, and of pixels and trees in scoring: some seconds
#: of one core. The numbers of pixels follow from it, not from a clock, so that the same data give the same score.
_LEARNING_WORK, _SCORING_WORK = 10_000_000, 500_000

#: Iterations, and iterations between two looks at the clock.
_ITERATIONS, _ROUND = 100, 25


class PixelClassifier:
    """Boosted trees on the bands of single pixels.

    Args:
        classes: Number of classes.
        seed: Seed of the trees.

    Attributes:
        classes: Number of classes.
        image_alone: A classifier that has learnt the same pixels with their first ``image_bands`` bands; None: there is
            none.
        image_bands: Number of bands of the image, which come first.
    """

    def __init__(self, classes: int, seed: int) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier  # only here: it takes a second

        self.classes = classes
        self.image_alone: PixelClassifier | None = None
        self.image_bands = 0
        self._trees = HistGradientBoostingClassifier(random_state=seed, warm_start=True)

    def learn(self, pixels: LabelledPixels, seconds: float = MOST_SECONDS) -> None:
        """Learns pixels of at least two classes, with fewer iterations if they take longer than a number of seconds."""
        end = time.monotonic() + seconds
        for iterations in range(_ROUND, _ITERATIONS + 1, _ROUND):
            self._trees.set_params(max_iter=iterations)
            self._trees.fit(pixels.bands, pixels.target)
            if self._trees.n_iter_ < iterations or time.monotonic() > end:
                break

    def probabilities(self, bands: NDArray[np.float32]) -> NDArray[np.float64]:
        """The probability of every class (N, K) for the bands of pixels (N, C); 0 for a class that was not learnt."""
        found = np.zeros((len(bands), self.classes))
        found[:, self._trees.classes_] = self._trees.predict_proba(bands)
        return found


def learn_pixels(job: TrainJob, data: Survey) -> PixelClassifier | None:
    """Learns a sample of a training's pixels, with two streams also by the image alone; None if they show one class only.

    Args:
        job: The training job.
        data: Its data.
    """
    start = time.monotonic()
    seconds = min(MOST_SECONDS, 60 * MOST_SHARE * job.minutes) if job.minutes else MOST_SECONDS
    classifier = PixelClassifier(len(data.classes), job.seed)
    bands = data.image.bands + data.auxiliary.bands
    most = min(_LEARNT, _LEARNING_WORK // (bands * _trees_each(classifier.classes)))
    blocks = [block for block in data.blocks if not block.is_validation]
    parts = []
    for part in pixels_of_blocks(data, blocks, job.tile_size, most, job.seed):
        parts.append(part)
        if time.monotonic() - start > seconds / 2:
            break
    pixels = LabelledPixels.join(parts)
    if len(np.unique(pixels.target)) < 2:
        return None
    left = seconds - (time.monotonic() - start)
    if not data.auxiliary.bands:
        classifier.learn(pixels, left)
        return classifier
    alone = PixelClassifier(classifier.classes, job.seed)
    classifier.image_alone, classifier.image_bands = alone, data.image.bands
    share = bands / (bands + data.image.bands)  # of the time, which grows with the bands
    classifier.learn(pixels, share * left)
    image = LabelledPixels(pixels.bands[:, : data.image.bands], pixels.target)
    alone.learn(image, (1 - share) * left)
    return classifier


def with_baseline(
    progress: TrainingProgress,
    classifier: PixelClassifier | None,
    windows: ValidationWindows,
    job: TrainJob,
    emit: Emit,
) -> TrainingProgress:
    """Scores a classifier on the tiles on which the network is validated, or on a sample of their pixels.

    Args:
        progress: The progress of the training.
        classifier: The classifier; None: the progress stays as it is.
        windows: The validation windows.
        job: The training job.
        emit: Callback for the score.

    Returns:
        The progress with the record ``baseline`` of a model card's metrics (``docs/model-file.md``).
    """
    if classifier is None:
        return progress
    counts, alone_counts = PixelCounts(classifier.classes), PixelCounts(classifier.classes)
    alone = classifier.image_alone
    most = min(_SCORED, _SCORING_WORK // _trees_each(classifier.classes))
    for bands, target in pixels_of_tiles(windows, most, job.seed):
        if len(target):
            counts.add(classifier.probabilities(bands).argmax(axis=1), target)
        if len(target) and alone:
            image = bands[:, : classifier.image_bands]
            alone_counts.add(alone.probabilities(image).argmax(axis=1), target)
    scores = Scores.of(counts.matrix)
    if not scores.pixels:
        return progress
    names = [entry.name for entry in progress.card.classes]
    record = _record(scores, names)
    text = tr(
        "A pixel classifier (decision trees that see each pixel alone) reaches mIoU {:.3f} in validation: the network should "
        "reach more."
    )
    text = text.format(scores.miou)
    if alone:
        alone_scores = Scores.of(alone_counts.matrix)
        record["image_alone"] = _record(alone_scores, names)
        by_image = tr("With the image alone, the pixel classifier reaches {:.3f}.")
        text = f"{text} {by_image.format(alone_scores.miou)}"
    emit(Metric(text, {"baseline": record}))
    return replace(progress, baseline=record)


def _record(scores: Scores, names: Sequence[str]) -> dict[str, Any]:
    """The scores that a model card keeps."""
    kept = ("miou", "pixel_accuracy", "iou", "pixels")
    return {name: value for name, value in scores.as_dict(names).items() if name in kept}


def _trees_each(classes: int) -> int:
    """Trees of an iteration: two classes need one."""
    return classes if classes > 2 else 1
