"""What the ranks of a test do: ``python -m tests.engine.ranked TASK FOLDER``, started by ``run_ranks``.

Each rank is a process as torchrun would start it, on the processor, and leaves what it found in FOLDER.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.compute.devices import choose_device
from engine.compute.distributed import (
    RankInfo,
    connect_ranks,
    disconnect_ranks,
    gathered,
    pixel_weight,
    share_buffers,
    wrap_ddp,
)
from engine.contract.class_table import IGNORE_INDEX, class_table
from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Event, encode
from engine.models.model_file import build_network
from engine.training.loss_spec import parse_loss

ROOT = Path(__file__).resolve().parents[2]


def run_ranks(task: str, folder: Path, world: int = 2) -> list[subprocess.CompletedProcess[str]]:
    """Runs a task in so many processes and returns how each ended; none is left if one hangs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    command = [sys.executable, "-m", "tests.engine.ranked", task, str(folder)]
    started = []
    for rank in range(world):
        own = {"RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, **common, **own}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes))
    ended = []
    try:
        for process in started:
            said, errors = process.communicate(timeout=200)
            ended.append(subprocess.CompletedProcess(command, process.returncode, said, errors))
    finally:
        for process in started:
            process.kill()
    return ended


@lru_cache
def found_by_ranks(folders: Path) -> Path:
    """Where two ranks have left what they told each other; run once for all tests.

    ``folders`` is pytest's folder for temporary folders.
    """
    folder = folders / "collectives"
    folder.mkdir()
    ended = run_ranks("collectives", folder)
    if any(rank.returncode for rank in ended):
        raise AssertionError("\n".join(rank.stderr for rank in ended))
    return folder


def scored_windows() -> tuple[np.ndarray, np.ndarray]:
    """Three windows of probabilities and labels, of which the last has few."""
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, (3, 32, 32))
    target[generator.random(target.shape) < 0.3] = IGNORE_INDEX
    target[2, 1:] = IGNORE_INDEX
    return generator.uniform(0.1, 0.9, target.shape), target


class Echo(torch.nn.Module):
    """Its logits are the image's first band."""

    def forward(self, image: torch.Tensor, auxiliary: Any) -> dict[str, torch.Tensor]:
        return {"logits": image[:, :1]}


def validated(folder: Path, probabilities: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """The validation of ``Echo`` on windows (N, H, W), as far as this process has a part in it."""
    from engine.training.validation import Validator

    logits = np.log(probabilities / (1 - probabilities)).astype(np.float32)
    windows: Any = [
        {"image": one[None], "auxiliary": np.empty((0, 0, 0), np.float32), "target": label}
        for one, label in zip(logits, target)
    ]
    image = ImageCard(1, low=(-5.0,), high=(5.0,))
    classes = class_table({0: "ground", 1: "building"})
    card = Card("dualstream-dformer", "mit-b0", 1, 32, image, AuxiliaryCard(), classes)
    job = TrainJob(output=str(folder / "m.safetensors"), batch_size=2)
    judge = Validator(windows, job, card, parse_loss("ce").build(1), choose_device("cpu"))
    found = judge.validate(Echo(), 1)
    return {**asdict(found.scores), "loss": found.loss, "pictures": found.pictures}


class Uneven(torch.nn.Module):
    """Two weights, of which the first can be frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(values).tanh())


def moved(rows: torch.Tensor, place: torch.device) -> list[float]:
    """The weights after one step with the first part frozen and one with both, on some rows."""
    torch.manual_seed(RankInfo.from_environment().rank)  # rank 0's weights must win
    network = Uneven()
    for frozen in (True, False):
        network.first.requires_grad_(not frozen)
        driven = wrap_ddp(network, place)
        driven(rows).square().mean().backward()
        with torch.no_grad():
            for parameter in network.parameters():
                if parameter.grad is not None:
                    parameter -= 0.1 * parameter.grad
        network.zero_grad()
        del driven
    return torch.cat([p.detach().flatten() for p in network.parameters()]).tolist()


def rows_of_all() -> torch.Tensor:
    """Four rows of input, two for each of two ranks."""
    return torch.arange(8.0).reshape(4, 2) / 8


def collectives(folder: Path, ranks: RankInfo) -> None:
    """All that ranks tell each other, but for a training."""
    place = choose_device("auto").torch_device
    connect_ranks(ranks, place)
    norm = torch.nn.BatchNorm1d(2)
    norm.running_var /= 1 + ranks.rank
    share_buffers(norm)
    told = {
        "device": choose_device("auto").name,
        "gathered": gathered(([7, 5][ranks.rank], 0.5)),
        "shared": norm.running_var.tolist(),
        "weight": pixel_weight(torch.tensor([30, 10][ranks.rank])).item(),
        "validation": validated(folder, *scored_windows()),
        "moved": moved(rows_of_all()[2 * ranks.rank :][:2], place),
    }
    (folder / f"told-{ranks.rank}.json").write_text(json.dumps(told))
    disconnect_ranks()


def calm(network: torch.nn.Module) -> None:
    """Has a network drop nothing by chance: ranks would drop other parts."""
    for module in network.modules():
        if hasattr(module, "drop_prob"):
            module.drop_prob = 0.0
        if isinstance(module, (torch.nn.Dropout, torch.nn.Dropout2d)):
            module.p = 0.0


def without_chance() -> Callable[[Card], torch.nn.Module]:
    """A ``build_network`` whose networks drop nothing by chance."""

    def built(card: Card, *arguments: Any) -> torch.nn.Module:
        network = build_network(card, *arguments)
        calm(network)
        return network

    return built


def training(folder: Path, ranks: RankInfo) -> None:
    """Trains as ``job.json`` says; what is said goes to a file of each rank."""
    from engine.commands.registry import run_to_end
    from engine.commands.train import train
    from engine.contract.job_json import read_job
    from engine.training import training_run
    from engine.training.rank_reporter import RankReporter

    training_run.build_network = without_chance()
    with (folder / f"said-{ranks.rank}.jsonl").open("w") as file:

        def send(event: Event) -> None:
            print(encode(event), file=file, flush=True)

        reporter = RankReporter(ranks, send)
        ending = run_to_end(
            lambda: train(read_job(TrainJob, str(folder / "job.json")), reporter.emit)
        )
        reporter.emit(ending.event)
        os._exit(ending.exit_code)  # as __main__ does: winding down could wait for the other


if __name__ == "__main__":
    {"collectives": collectives, "training": training}[sys.argv[1]](
        Path(sys.argv[2]), RankInfo.from_environment()
    )
