"""The model file that a training starts from: what it gives to the job, to the network and to the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from ..contract.architectures import ONNX
from ..contract.architectures import architecture as find_architecture
from ..contract.card_reader import MAX_BAND_NAME, read_card
from ..contract.class_table import ClassTable
from ..contract.encoders import NO_WEIGHTS
from ..contract.ensemble_file import ENSEMBLE_SUFFIX, read_ensemble
from ..contract.errors import JobError, format_count
from ..contract.file_identity import file_hash
from ..contract.jobs import AUTOMATIC, TrainJob
from ..contract.model_card import Card
from ..contract.plain_text import one_line
from ..contract.scene import Scene
from ..contract.start_record import describe_start, start_record
from ..contract.training_files import checkpoint_folder, written_models
from ..contract.translation import tr
from ..models.donor_weights import copy_weights, match_classes
from ..models.model_file import check_weights, load_model
from ..rasters.band_selection import choose_bands
from ..sampling.band_statistics import Scaling
from ..sampling.earlier_split import SPLIT, EarlierSplit
from ..sampling.survey import Survey

#: Peak learning rate as a share of the recipe's: the weights need small corrections only.
_RATE = 1 / 3

#: Values of two data sets are of the same kind if their ranges share this part of what both cover together.
_SAME_KIND = 0.5

#: The lowest and the highest value of each band.
Ranges = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class StartModel:
    """A trained model whose weights another training continues.

    Attributes:
        path: The model file.
        card: Its card.
    """

    path: str
    card: Card

    def fill_job(self, job: TrainJob) -> TrainJob:
        """The job with network and tile sizes of the model where it keeps the defaults.

        Raises:
            JobError: If the job names another network, or pretrained weights.
        """
        card, network = self.card, find_architecture(self.card.architecture)
        own = {"architecture": card.architecture, "encoder": card.encoder or network.encoder}
        for field, name in own.items():
            given = getattr(job, field)
            if given not in ("", getattr(TrainJob, field), name):
                raise JobError(
                    tr(
                        "The model to start from, {}, has the {} {}, not {}: leave the {} out, or train "
                        "without start."
                    ).format(self.name, field, name, given, field)
                )
        if job.pretrained not in ("", AUTOMATIC, NO_WEIGHTS):
            raise JobError(
                tr(
                    "Give either a model to start from ({}) or pretrained weights of the encoder ({}), "
                    "not both: the model has an encoder."
                ).format(self.name, job.pretrained)
            )
        auxiliary_tile = 0 if network.streams_share_grid else card.auxiliary.tile_size
        return replace(
            job,
            architecture=own["architecture"],
            encoder=own["encoder"],
            pretrained=NO_WEIGHTS,
            tile_size=job.tile_size or card.tile_size,
            auxiliary_tile_size=job.auxiliary_tile_size or auxiliary_tile,
        )

    def choose_bands(self, job: TrainJob, scenes: Sequence[Scene]) -> list[Scene]:
        """The scenes with the bands that the model takes, if the job chooses none.

        Raises:
            RasterError: If a raster cannot be opened.
        """
        image, auxiliary = self.card.image, self.card.auxiliary
        return [
            replace(
                s,
                image_bands=choose_bands(
                    [s.image],
                    job.image_bands,
                    image.chosen,
                    image.of,
                    image.bands,
                    s.default_image_bands,
                ),
                auxiliary_bands=choose_bands(
                    s.auxiliary,
                    job.auxiliary_bands,
                    auxiliary.chosen,
                    auxiliary.of,
                    auxiliary.bands,
                    s.default_auxiliary_bands,
                ),
            )
            for s in scenes
        ]

    def check_streams(self, data: Survey) -> None:
        """Makes sure that the data have the streams of the model.

        Raises:
            JobError: If they do not.
        """
        card = self.card
        has_image_bands = data.image.bands == card.image.bands
        if has_image_bands and data.auxiliary.bands == card.auxiliary.bands:
            return
        if data.auxiliary.bands and not card.auxiliary.bands:
            way_out = tr("Leave the auxiliary rasters out, or train without start.")
        elif card.auxiliary.bands and not data.auxiliary.bands:
            way_out = tr("Give the auxiliary rasters as well, or train without start.")
        else:
            way_out = tr(
                "Give the same bands in the same order, or choose them by their numbers, or train without start."
            )
        flaw = tr("The model to start from, {}, takes {}, and the data have {}.")
        taken = _streams(card.image.bands, card.auxiliary.bands)
        found = _streams(data.image.bands, data.auxiliary.bands)
        raise JobError(f"{flaw.format(self.name, taken, found)} {way_out}")

    def choose_scaling(self, measured: Scaling) -> Scaling:
        """The model's scaling of each stream if the values are of the same kind, else the measured one.

        On the same sensor a scaling measured on other scenes differs by a few per cent. That alone cost a water
        model 0.06 to 0.09 mIoU.
        """
        image, auxiliary = self.card.image, self.card.auxiliary
        if _is_alike((image.low, image.high), (measured.low, measured.high)):
            measured = replace(measured, low=image.low, high=image.high)
        own = _one_deviation(auxiliary.mean, auxiliary.std)
        if _is_alike(own, _one_deviation(measured.mean, measured.std)):
            measured = replace(measured, mean=auxiliary.mean, std=auxiliary.std)
        return measured

    def copy_weights_to(self, network: nn.Module, card: Card) -> None:
        """Copies the model's weights into the network of ``card``, see ``donor_weights``.

        Raises:
            EngineError: If the file is damaged, or a weight has another shape.
        """
        copy_weights(network, card, *load_model(self.path))

    def knows(self, classes: ClassTable) -> bool:
        """Whether the model knows all these classes."""
        return None not in match_classes(classes, self.card.classes)

    def threshold(self, card: Card) -> float:
        """The model's threshold for the classes of a card, which it knows: two of them may change places."""
        threshold = self.card.threshold
        if card.logits > 1 or self.card.logits > 1:
            return card.threshold
        is_turned = match_classes(card.classes, self.card.classes) == [1, 0]
        return 1 - threshold if is_turned else threshold

    def describe(self, classes: ClassTable, scaling: Scaling) -> str:
        """Says what a training with these classes and this scaling takes from the model, as sentences for the log."""
        sources = match_classes(classes, self.card.classes)
        lots = {
            tr("Classes kept: {}."): [e.name for e, s in zip(classes, sources) if s is not None],
            tr("New classes: {}."): [e.name for e, s in zip(classes, sources) if s is None],
            tr("Classes left out, because no label shows them: {}."): [
                entry.name for index, entry in enumerate(self.card.classes) if index not in sources
            ],
        }
        return " ".join(
            [
                tr("Starting from {}: all weights are taken.").format(describe_start(self.record)),
                self._describe_scaling(scaling),
                *(text.format(", ".join(names)) for text, names in lots.items() if names),
            ]
        )

    def _describe_scaling(self, scaling: Scaling) -> str:
        image, auxiliary = self.card.image, self.card.auxiliary
        is_image_kept = (image.low, image.high) == (scaling.low, scaling.high)
        if not auxiliary.bands or (auxiliary.mean, auxiliary.std) == (scaling.mean, scaling.std):
            if is_image_kept:
                return tr("The scaling is kept.")
            return tr("The scaling of the image is measured again, because its values differ.")
        if is_image_kept:
            return tr(
                "The scaling of the auxiliary rasters is measured again, because their values differ."
            )
        return tr("The scaling of both streams is measured again, because their values differ.")

    @property
    def split(self) -> EarlierSplit:
        """The blocks from which the model learnt, and those that its trainings held out."""
        return EarlierSplit.of_record(self.card.provenance.get(SPLIT))

    @property
    def name(self) -> str:
        """The file's name for people."""
        return one_line(Path(self.path).name, MAX_BAND_NAME)

    @property
    def record(self) -> dict[str, Any]:
        """The model in the provenance of the new one, see ``contract.start_record``."""
        return start_record(self.name, file_hash(self.path), self.card)


def read_start(job: TrainJob) -> StartModel | None:
    """The model that a job starts from, None without one.

    Raises:
        JobError: If the training would replace or move the file.
        ModelFileError: If it is not a model file, or a weight is not finite.
    """
    if not job.start:
        return None
    start = Path(job.start)
    if start.suffix.lower() == ENSEMBLE_SUFFIX:
        member = read_ensemble([job.start], AUTOMATIC).members[0]
        raise JobError(
            tr(
                "A training starts from one model, and {} is an ensemble file: give one of its models, such as {}."
            ).format(start.name, member.model)
        )
    card = read_card(start)
    for written in written_models(job):
        if written.exists() and start.samefile(written):
            raise JobError(
                tr(
                    "The model to start from is also the output, {}, which would be replaced: choose "
                    "another name for the output."
                ).format(written)
            )
    for folder in map(checkpoint_folder, written_models(job)):
        if folder.resolve() in start.resolve().parents:
            raise JobError(
                tr(
                    "The model to start from is in {}, whose files this training removes: copy "
                    "it to another folder, or choose another name for the output."
                ).format(folder)
            )
    if card.architecture == ONNX:
        raise JobError(
            tr(
                "The model to start from, {}, is an ONNX network, which cannot be trained further: train without "
                "start, or start from a model that was trained here."
            ).format(start)
        )
    check_weights(start)
    return StartModel(job.start, card)


def lower_rates(given: TrainJob, job: TrainJob) -> TrainJob:
    """The job with a lower learning rate, for a trained network, if the user gives none.

    Args:
        given: The job as given by the user.
        job: The same job, with its recipe.
    """
    if given.learning_rate:
        return job
    return replace(job, learning_rate=job.learning_rate * _RATE)


def _is_alike(own: Ranges, other: Ranges) -> bool:
    """Whether each band's ranges of values overlap for the most part."""
    if not own[0] or len(own[0]) != len(other[0]):
        return False
    for low, high, other_low, other_high in zip(*own, *other):
        shared = min(high, other_high) - max(low, other_low)
        if shared < _SAME_KIND * (max(high, other_high) - min(low, other_low)):
            return False
    return True


def _one_deviation(mean: Sequence[float], std: Sequence[float]) -> Ranges:
    """The ranges of one standard deviation around each band's mean."""
    return [m - s for m, s in zip(mean, std)], [m + s for m, s in zip(mean, std)]


def _streams(bands: int, auxiliary_bands: int) -> str:
    image = format_count(bands, "{} image band", "{} image bands")
    if not auxiliary_bands:
        return tr("{} and no auxiliary bands").format(image)
    auxiliary = format_count(auxiliary_bands, "{} auxiliary band", "{} auxiliary bands")
    return tr("{} and {}").format(image, auxiliary)
