"""The device of a training, and the precision that "auto" means there: bf16 on a CPU where that is faster."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from ..compute.devices import Device, choose_device
from ..compute.processor import has_fast_bf16
from ..compute.rank_info import SINGLE_PROCESS, RankInfo
from ..contract.encoders import CPU_ENCODER
from ..contract.errors import JobError
from ..contract.jobs import AUTOMATIC
from ..models.factory import build_model, build_on_meta
from .automatic_choices import CPU_PRECISION
from .training_plan import TrainingPlan


def training_device(plan: TrainingPlan, name: str, ranks: RankInfo = SINGLE_PROCESS) -> Device:
    """Chooses the device and precision of a training, see ``devices.choose_device``.

    On a CPU the precision "auto" depends only on the processor and the network, not on a measurement, so that two
    trainings with one seed stay equal; a resumed training keeps its precision.

    Args:
        plan: The training, before its other choices.
        name: The device's name, as a job has it.
        ranks: The rank of this process.

    Raises:
        DeviceError: If the device does not exist, or cannot compute in that precision.
    """
    device = choose_device(name, plan.job.precision, ranks)
    is_open = device.kind == "cpu" and device.is_precision_auto
    # Processes of a distributed training may run on different processors.
    if not is_open or ranks.is_distributed or not has_fast_bf16():
        return device
    precision = plan.choices.get(CPU_PRECISION)
    if precision is None:
        precision = "bf16" if _gains_from_bf16(plan) else "fp32"
    return replace(device, precision=precision)


def _gains_from_bf16(plan: TrainingPlan) -> bool:
    """Whether the network has dense convolutions only: then a step in bf16 takes little more than half the time.

    Depthwise convolutions, which EfficientNet and MiT have, are slower in bf16 than in fp32. See
    docs/benchmarks.md; networks of linear layers alone were not measured.
    """
    job, bands = plan.job, 1 if plan.architecture.takes_auxiliary else 0
    encoder = CPU_ENCODER if job.encoder == AUTOMATIC else job.encoder

    def build() -> nn.Module:
        return build_model(job.architecture, encoder=encoder, auxiliary_bands=bands)

    try:
        modules = [*build_on_meta(build).modules()]
    except JobError:  # the training reports what is wrong with its network
        return False
    layers = [module for module in modules if isinstance(module, nn.Conv2d | nn.Linear)]
    return all(isinstance(layer, nn.Conv2d) and layer.groups == 1 for layer in layers)
