"""The checks: their order, their names, and the functions that run them. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: Its name in options and in the result.
        title: What it tries, for people.
        target: Module and function, which takes the ``Setting`` and ``arguments`` and returns values.
        arguments: Further arguments of the function.
        limit: Seconds after which it is ended.
    """

    name: str
    title: str
    target: str
    arguments: tuple[str, ...] = ()
    limit: float = 120.0


#: Sixteen-bit precision of a card; on a CPU fp16 stands for fp32.
_PRECISIONS = ("bf16", "fp16")

#: The checks in their order: the first trains the models that later ones apply.
CHECKS = (
    *(
        Check(
            f"train-{name}",
            f"the command train, {name}, {precision}",
            "training_run:train_network",
            (name, precision),
        )
        for name, precision in (("dualstream-b1", "bf16"), ("cmx-b2", "fp16"))
    ),
    *(
        Check(
            f"speed-{name}-{precision}",
            f"speed of training {name} in {precision}",
            "training_speed:measure_training",
            (name, precision),
        )
        for name in ("dualstream-b1", "cmx-b2")
        for precision in _PRECISIONS
    ),
    Check("loss", "loss of 20 steps as on the processor", "training_run:compare_losses"),
    Check("stream-dropout", "training with hidden streams", "training_run:hide_streams"),
    Check("memory-training", "batches halve when memory runs out", "short_memory:training"),
    Check("augmentation", "every augmentation on the device", "augmentations:compare"),
    Check("masks", "masks as on the processor", "masks:compare_precisions"),
    Check("options", "views, ensembles, resolution", "masks:compare_options"),
    Check("memory-segmenting", "tiles halve when memory runs out", "short_memory:segmenting"),
    Check("layouts", "channels last", "network_speed:layouts", limit=180.0),
    Check("segment", "speed of segmenting a large scene", "scene_speed:measure_scene", limit=240.0),
    Check("transfers", "copies to the device beside its work", "scene_speed:transfers"),
    Check("torchrun-one", "torchrun with one process", "processes:one_process"),
    Check("torchrun-two", "torchrun with two processes", "processes:two_processes"),
    Check("warm-engine", "a warm engine beside a training", "processes:warm_engine"),
    Check("driver", "sentences about a missing card", "processes:missing_card"),
)
