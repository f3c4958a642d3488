"""Runs the engine's own training epochs on any source of batches and measures them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch

from engine.compute.devices import Device
from engine.contract.jobs import AUTOMATIC, TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, logits_for
from engine.losses.segmentation_loss import parse_loss
from engine.models.model_file import build_network
from engine.sampling.augmentation import Augmentation, augmentation_for, parse_augmentation
from engine.sampling.band_statistics import measure_scaling
from engine.sampling.copy_paste import PasteRoles
from engine.sampling.survey import Survey
from engine.training.epoch_loop import EpochLoop
from engine.training.optimizer import average_weights, build_optimizer
from engine.training.trainer import accelerator_for, place_network

Batch = dict[str, torch.Tensor]


@dataclass
class Turn:
    """One measurement of a loop: number of windows, wall seconds and CPU seconds."""

    windows: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Windows per second."""
        return self.windows / self.wall

    @property
    def window_cpu(self) -> float:
        """CPU seconds per window."""
        return self.cpu / self.windows


@dataclass
class FirstBatches:
    """The first batches of a source, as an iterable with a length, which the engine's epochs need.

    Attributes:
        source: The batches.
        count: Number of batches to take.
        begin: Callback before the second batch, which is the first that is measured.
        windows: Number of windows after the first batch.
    """

    source: Iterable[Batch]
    count: int
    begin: Callable[[], None]
    windows: int = 0

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Batch]:
        taken = itertools.islice(self.source, self.count)
        yield next(taken)
        self.begin()
        for batch in taken:
            self.windows += len(batch["target"])
            yield batch


class Loop:
    """A network in training, with the engine's own optimiser, loss and augmentation."""

    def __init__(self, job: TrainJob, data: Survey, device: Device) -> None:
        torch.manual_seed(job.seed)
        self.job, self.data, self.device = job, data, device
        image, auxiliary = data.image.bands, data.auxiliary.bands
        second = AuxiliaryCard(auxiliary, data.auxiliary_tile_size if auxiliary else 0)
        logits = logits_for(len(data.classes))
        card = Card(
            *(job.architecture, job.encoder, logits, job.tile_size, ImageCard(image), second),
            classes=data.classes,
        )
        scaling = measure_scaling(job, data)
        self.network = build_network(card)
        place_network(self.network, device)
        self.network.image_normalisation.set(scaling.image_mean, scaling.image_std)
        if scaling.mean:
            self.network.auxiliary_normalisation.set(scaling.mean, scaling.std)
        self.ema_model = average_weights(self.network, job.ema) if job.ema else None
        self.accelerator = accelerator_for(device)
        self.optimizer = self.accelerator.prepare_optimizer(build_optimizer(self.network, job))
        self.loss = parse_loss(job.loss).build(logits)
        chosen = job.augmentation
        if chosen == AUTOMATIC:
            chosen = augmentation_for(data.image.dtype, image)
        self.augment = parse_augmentation(chosen).build(scaling, PasteRoles())

    def turn(self, source: Iterable[Batch], steps: int, augment: Augmentation) -> Turn:
        """Trains for some steps and measures them, after one step that is not measured."""
        begun: list[float] = []

        def begin() -> None:
            self._wait()
            begun.extend((time.perf_counter(), time.process_time()))

        parts = self.network, self.optimizer, self.ema_model, self.loss, augment, self.accelerator
        taken, rng = FirstBatches(source, steps + 1, begin), torch.Generator().manual_seed(0)
        EpochLoop(*parts).run(taken, 1, lambda step: 1.0, rng, lambda share: None)
        self._wait()
        wall, cpu = begun
        return Turn(taken.windows, time.perf_counter() - wall, time.process_time() - cpu)

    def _wait(self) -> None:
        if self.device.kind == "cuda":
            torch.cuda.synchronize(self.device.torch_device)
