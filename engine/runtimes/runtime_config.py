"""Runtime configuration of a network: runtime, tiles at a time, memory format and precision."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from ..compute.devices import Device
from ..contract.errors import DeviceError, JobError, format_count, join_choices
from ..contract.inference_options import RETIRED_RUNTIMES, RUNTIMES
from ..contract.translation import tr

AUTO = "auto"

TORCH, ONNX_RUNTIME = RUNTIMES

#: The Python module that computes in each runtime.
_MODULES = {TORCH: "torch", ONNX_RUNTIME: "onnxruntime"}

_PRECISIONS = ("fp32", "bf16", "fp16")


@dataclass(frozen=True)
class RuntimeConfig:
    """Runtime configuration of a network.

    Attributes:
        runtime: A name of ``RUNTIMES``.
        batch: Tiles per forward pass.
        channels_last: Whether tensors have torch's memory format ``channels_last`` (NHWC); only torch uses it.
        precision: fp32, bf16 or fp16.
        lanes: Forward passes that run at the same time, so that no core waits for all others at the end of
            every operator. More than 1 only on processors.
    """

    runtime: str = TORCH
    batch: int = 1
    channels_last: bool = True
    precision: str = "fp32"
    lanes: int = 1

    @property
    def is_graph(self) -> bool:
        """Whether ONNX Runtime computes a graph, for arrays of numpy in fp32; else torch computes tensors."""
        return self.runtime == ONNX_RUNTIME

    @property
    def tiles_in_flight(self) -> int:
        """Number of tiles that are computed at a time."""
        return self.batch * self.lanes

    def __str__(self) -> str:
        words = [RUNTIMES[self.runtime]]
        words += [self.precision] * (self.precision != "fp32")
        tiles = self.tiles_in_flight
        words.append(format_count(tiles, "{} tile at a time", "{} tiles at a time"))
        return ", ".join(words)

    def record(self) -> dict[str, Any]:
        """The configuration as JSON can hold it, for ``from_record``."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RuntimeConfig:
        """The configuration of a record.

        Raises:
            JobError: If ``record`` did not make it, or its file is damaged.
        """
        try:
            config = cls(**record)
        except TypeError:
            config = cls(batch=0)
        if not config._is_possible():
            raise JobError(
                tr(
                    "The notes of the unfinished run do not say how its network was run: another version "
                    "wrote them, or they are damaged. Delete them, the file OUTPUT.part.json beside the "
                    "output, or choose another output."
                )
            )
        return config

    def _is_possible(self) -> bool:
        """Whether each value is valid: records come from files."""
        return (
            self.runtime in [*RUNTIMES]  # a list: the value may be one that cannot be hashed
            and type(self.batch) is int
            and self.batch >= 1
            and isinstance(self.channels_last, bool)
            and self.precision in _PRECISIONS
            and type(self.lanes) is int
            and self.lanes >= 1
        )


def resume_config(record: Mapping[str, Any]) -> RuntimeConfig:
    """The configuration of an unfinished run, so that its remaining rows are computed in the same way.

    Args:
        record: The ``RuntimeConfig.record`` in the notes of the run.

    Raises:
        JobError: If it is not such a record.
        DeviceError: If the runtime is no longer installed.
    """
    config = RuntimeConfig.from_record(record)
    if not is_installed(config.runtime):
        raise DeviceError(
            tr(
                "The unfinished run was made with {}, which is not installed any more: install the "
                "Python package {} into DualStream's environment again, or delete the files beside "
                "the output whose names begin with OUTPUT.part, and start over."
            ).format(RUNTIMES[config.runtime], _MODULES[config.runtime])
        )
    return config


def is_installed(runtime: str) -> bool:
    """Whether the package that a runtime needs is installed."""
    return importlib.util.find_spec(_MODULES[runtime]) is not None


def installed_versions() -> list[str]:
    """Names and versions of the packages that compute networks, as far as they are installed."""
    installed = []
    for package in _MODULES.values():
        with suppress(importlib.metadata.PackageNotFoundError):
            installed.append(f"{package} {importlib.metadata.version(package)}")
    return installed


def check_installed(runtime: str) -> None:
    """Refuses a runtime that is not installed.

    Raises:
        DeviceError: With the package to install.
    """
    if not is_installed(runtime):
        raise DeviceError(
            tr(
                "{} is not installed: install the Python package {} into DualStream's environment, "
                "or use the runtime auto."
            ).format(RUNTIMES[runtime], runtime)
        )


def check_runtime(runtime: str, device: Device) -> None:
    """Refuses a runtime that cannot run on the device; those of earlier versions count as auto.

    Raises:
        DeviceError: If it is unknown, is not installed, or does not run on the device in its precision.
    """
    if runtime not in (AUTO, *RUNTIMES, *RETIRED_RUNTIMES):
        raise DeviceError(
            tr("The runtime {!r} is unknown: use {}.").format(
                runtime, join_choices([AUTO, *RUNTIMES])
            )
        )
    if runtime != ONNX_RUNTIME:  # a network that needs torch says so itself
        return
    check_installed(runtime)
    if device.kind != "cpu":
        raise DeviceError(
            tr(
                "{} computes on the processor here, not on {}: use the device cpu, or the runtime "
                "auto."
            ).format(RUNTIMES[runtime], device.name)
        )
    if device.precision != "fp32":
        raise DeviceError(
            tr(
                "{} computes in fp32 here, not in {}: use the precision fp32, or the runtime torch."
            ).format(RUNTIMES[runtime], device.precision)
        )
