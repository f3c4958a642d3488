"""Tasks that tests run on several ranks, started by ``run_ranks``.

Each rank is a process on the CPU with torchrun's environment variables, and writes its results to FOLDER.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from engine.assessment.model_calibration import calibrate
from engine.command_line.registry import run_to_end
from engine.commands.train import train
from engine.compute.devices import choose_device
from engine.compute.distributed import (
    all_gather,
    connect_ranks,
    disconnect_ranks,
    pixel_weight,
    share_buffers,
    share_weights,
    wrap_ddp,
)
from engine.compute.rank_info import RankInfo
from engine.compute.rank_reporter import RankReporter
from engine.contract.class_table import IGNORE_INDEX, class_table
from engine.contract.job_json import read_job
from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Event, encode
from engine.losses.segmentation_loss import parse_loss
from engine.models.model_file import build_network
from engine.models.two_stream_network import TwoStreamNetwork
from engine.training import initial_network
from engine.training.validation import Validator
from tests.engine.forks import start

Task = Callable[[Path, RankInfo], None]


def run_ranks(task: Task, folder: Path, exit_code: int = 0, world_size: int = 2) -> None:
    """Runs a task on several ranks and checks their exit codes; kills them if one hangs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {
        "WORLD_SIZE": str(world_size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    errors = [folder / f"errors-{rank}.txt" for rank in range(world_size)]
    processes = [
        start(_run_rank, task, folder, errors=file, RANK=str(rank), LOCAL_RANK=str(rank), **common)
        for rank, file in enumerate(errors)
    ]
    try:
        for process in processes:
            process.join(timeout=200)
    finally:
        for process in processes:
            process.kill()
    codes = [process.exitcode for process in processes]
    told = [file.read_text() for file in errors if file.exists()]
    assert codes == [exit_code] * world_size, "\n".join([str(codes), *told])


def _run_rank(task: Task, folder: Path) -> None:
    torch.set_num_threads(1)
    task(folder, RankInfo.from_environment())


def scored_windows() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and labels (N, H, W) of three windows, of which the last has few labels."""
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, (3, 32, 32))
    target[generator.random(target.shape) < 0.3] = IGNORE_INDEX
    target[2, 1:] = IGNORE_INDEX
    return generator.uniform(0.1, 0.9, target.shape), target


class Echo(torch.nn.Module):
    """Its logits are the first band of the image."""

    def forward(self, image: torch.Tensor, auxiliary: Any) -> dict[str, torch.Tensor]:
        return {"logits": image[:, :1]}


class Scaled(TwoStreamNetwork):
    """Its logits are 4 times the image's first band, of two logits the second one is."""

    PARTS: ClassVar = {}
    LAST_LAYER = "head"

    def __init__(self, logits: int) -> None:
        super().__init__(1, 0)
        self.head = torch.nn.Conv2d(1, logits, 1, bias=False)
        self.head.weight.data = torch.tensor([0.0, 4.0])[-logits:, None, None, None]

    def forward(self, image: torch.Tensor, auxiliary: Any) -> dict[str, torch.Tensor]:
        return {"logits": self.head(image)}


def echo_validator(folder: Path) -> tuple[Validator, Card]:
    """A validator on ``scored_windows``, and the card of ``Echo``."""
    probabilities, target = scored_windows()
    logits = np.log(probabilities / (1 - probabilities)).astype(np.float32)
    windows: Any = [
        {"image": image[None], "auxiliary": np.empty((0, 0, 0), np.float32), "target": label}
        for image, label in zip(logits, target)
    ]
    image = ImageCard(1, low=(-5.0,), high=(5.0,))
    classes = class_table({0: "ground", 1: "building"})
    card = Card("dualstream-dformer", "mit-b0", 1, 32, image, AuxiliaryCard(), classes)
    output = str(folder / "m.safetensors")
    loss = parse_loss("ce").build(1)
    device, ranks = choose_device("cpu"), RankInfo.from_environment()
    return Validator(windows, 2, output, card, loss, device, ranks), card


def validate_echo(folder: Path) -> dict[str, Any]:
    """Results of validating ``Echo``, with the other ranks if there are any."""
    validation = echo_validator(folder)[0].validate(Echo(), 1)
    return {
        **asdict(validation.scores),
        "loss": validation.loss,
        "pictures": validation.pictures,
    }


def calibrate_echo(folder: Path, logits: int = 1) -> dict[str, Any]:
    """The calibration of a network with the logits of ``Echo``, of one class or of both."""
    validator, card = echo_validator(folder)
    card = replace(card, logits=logits, metrics={"pixels": 1500})
    network = Scaled(logits)
    calibrated, text = calibrate(network, card, validator, 0)
    return {**calibrated.metrics, "text": text, "factor": network.head.weight.flatten().tolist()}


class TwoLayers(torch.nn.Module):
    """Two layers, of which the first can be frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(values).tanh())


#: Four rows of input, two for each of two ranks.
INPUT = torch.arange(8.0).reshape(4, 2) / 8


def trained_weights(rows: torch.Tensor) -> list[float]:
    """The weights of ``TwoLayers`` after a step with the first layer frozen and a step with both."""
    torch.manual_seed(RankInfo.from_environment().rank)  # rank 0's weights must win
    network = TwoLayers()
    for is_frozen in (True, False):
        network.first.requires_grad_(not is_frozen)
        wrapped = wrap_ddp(network, torch.device("cpu"))
        wrapped(rows).square().mean().backward()
        with torch.no_grad():
            for parameter in network.parameters():
                if parameter.grad is not None:
                    parameter -= 0.1 * parameter.grad
        network.zero_grad()
        del wrapped
    return torch.cat([p.detach().flatten() for p in network.parameters()]).tolist()


def collectives(folder: Path, ranks: RankInfo) -> None:
    """Writes the results of all communication between ranks except that of a training."""
    device = choose_device("auto", ranks=ranks)
    connect_ranks(ranks, device.torch_device)
    norm = torch.nn.BatchNorm1d(2)
    norm.running_var /= 1 + ranks.rank
    share_buffers(norm)
    layer = torch.nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(3.0 + ranks.rank)
    share_weights(layer)
    results = {
        "device": device.name,
        "gathered": all_gather(([7, 5][ranks.rank], 0.5)),
        "shared": norm.running_var.tolist(),
        "shared_weight": layer.weight.item(),
        "weight": pixel_weight(torch.tensor([30, 10][ranks.rank])).item(),
        "validation": validate_echo(folder),
        "calibrations": [calibrate_echo(folder, logits) for logits in (1, 2)],
        "weights": trained_weights(INPUT[2 * ranks.rank :][:2]),
    }
    (folder / f"results-{ranks.rank}.json").write_text(json.dumps(results))
    disconnect_ranks()


def without_dropout() -> Callable[[Card], torch.nn.Module]:
    """A ``build_network`` without dropout, which would drop other features on every rank."""

    def build(card: Card, *arguments: Any) -> torch.nn.Module:
        network = build_network(card, *arguments)
        for module in network.modules():
            if hasattr(module, "drop_prob"):
                module.drop_prob = 0.0
            if isinstance(module, (torch.nn.Dropout, torch.nn.Dropout2d)):
                module.p = 0.0
        return network

    return build


def training(folder: Path, ranks: RankInfo) -> None:
    """Runs the training of ``job.json`` and writes its events to a file of each rank."""
    initial_network.build_network = without_dropout()
    with (folder / f"events-{ranks.rank}.jsonl").open("w") as file:

        def write(event: Event) -> None:
            print(encode(event), file=file, flush=True)

        reporter = RankReporter(ranks, write)
        job = folder / "job.json"
        ending = run_to_end(lambda: train(read_job(TrainJob, str(job)), reporter.emit))
        reporter.emit(ending.event)
        # As __main__ does: an ordinary exit could wait for the other rank.
        os._exit(ending.exit_code)
