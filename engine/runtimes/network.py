"""A loaded model file: computes probabilities from tiles of physical values.

``loaded_networks.py`` makes it. Nothing here needs torch but the backends of torch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..compute.arrays import Array, namespace
from ..compute.devices import Device
from ..compute.failures import is_out_of_memory
from ..compute.memory import free_cached_memory
from ..contract.errors import DeviceError
from ..contract.model_card import Card
from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from .backends import Backend
from .probability_checks import check_finite, class_agreement
from .runtime_config import RuntimeConfig

T = TypeVar("T")

#: The share of confident pixels of the first tile that must have the same class in 16 as in 32 bits.
_MIN_AGREEMENT = 0.995


class Network:
    """A network on its device. When memory runs out, it warns and takes fewer tiles at a time.

    Args:
        card: The model's card.
        device: Device of the network.
        config: The runtime configuration.
        backend: The forward pass in that configuration.
        reason: The sentence on why this configuration was chosen; empty: none.
        rebuild: Makes the forward pass of another configuration; None: the same serves fewer lanes.
        name: The model's name in messages; empty: "the model".
        release_others: Unloads the other networks when memory runs out, and returns whether there were any.
        compares: Whether the first tile is compared with fp32: the network continues in fp32 if the classes differ.

    Attributes:
        card: The model's card.
        has_halved: Whether memory ran out, so that it takes fewer tiles at a time than before.
    """

    def __init__(
        self,
        card: Card,
        device: Device,
        config: RuntimeConfig,
        backend: Backend,
        reason: str = "",
        rebuild: Callable[[RuntimeConfig], Backend] | None = None,
        name: str = "",
        release_others: Callable[[Network], bool] = lambda network: False,
        compares: bool = False,
    ) -> None:
        self.card, self.has_halved = card, False
        self._device = device
        self._config = config
        self._backend = backend
        self._reason = reason
        self._rebuild = rebuild
        self._name = name or tr("the model")
        self._release_others, self._compares = release_others, compares
        self._emit: Emit = lambda event: None  # until ``report``
        self._active_calls, self._change = 0, threading.Condition()
        self._comparison = threading.Lock()

    @property
    def runtime(self) -> str:
        """A name of ``RUNTIMES``."""
        return self._config.runtime

    @property
    def batch(self) -> int:
        """Tiles per forward pass; a call may reduce them."""
        return self._config.batch

    @property
    def lanes(self) -> int:
        """Number of threads that should call it at the same time; a call may reduce it."""
        return self._config.lanes

    @property
    def precision(self) -> str:
        """fp32, bf16 or fp16."""
        return self._config.precision

    def record(self) -> dict[str, Any]:
        """The configuration as JSON can hold it; ``get_network`` takes it to run in the same way again."""
        return self._config.record()

    def report(self, emit: Emit) -> None:
        """Begins a run: sends its configuration; ``emit`` also gets the warnings of its calls."""
        self._emit = emit
        text = tr("Runtime: {}.").format(self._config)
        emit(Metric(f"{text} {self._reason}".rstrip(), self.record()))

    def to_device(self, array: NDArray[np.generic]) -> Array:
        """An array as the network takes it: the same for graphs, else a tensor on the device of torch."""
        if self._config.is_graph:
            return array
        from .torch_backends import on_device

        return on_device(array, self._device.torch_device)

    def __call__(self, images: Array, auxiliary: Array | None = None) -> Array:
        """Computes the probabilities of a batch of tiles.

        Args:
            images: (B, C, T, T) physical values in fp32 as ``to_device`` gives them, NaN where missing.
            auxiliary: (B, Ca, t, t) likewise, or None.

        Returns:
            (B, K, T, T) in fp32, of the same kind; with one logit, the probability of the second class. A model with a
            land summary has one more plane, see ``Backend``.

        Raises:
            DeviceError: If the memory does not suffice for a single tile.
            ModelFileError: If a probability is not finite.
        """
        if self._compares:
            self._compare_precision(images, auxiliary)
        parts: list[Array] = []
        begin = 0
        while begin < len(images):
            with self._lane() as config:
                batch = slice(begin, begin + config.batch)
                second = None if auxiliary is None else auxiliary[batch]
                part = _none_if_out_of_memory(self._backend, images[batch], second)
            if part is None:
                self._free_or_halve(config)
                continue
            # Each tile, not only the first: values overflow in some tiles and not in others.
            check_finite(part, self._name, config.precision)
            parts.append(part)
            begin += len(part)
        return parts[0] if len(parts) == 1 else namespace(images).concat(parts)

    def _compare_precision(self, images: Array, auxiliary: Array | None) -> None:
        """Compares the first tile in fp32, and continues in fp32 if its classes differ; once."""
        with self._comparison:
            if not self._compares or self._rebuild is None:  # another thread has compared them
                return
            self._compares = False
            exact = replace(self._config, precision="fp32")
            image = images[:1]
            second = None if auxiliary is None else auxiliary[:1]
            single = self._rebuild(replace(exact, lanes=1))
            expected = _none_if_out_of_memory(single, image, second)
            found = _none_if_out_of_memory(self._backend, image, second)
            if expected is None or found is None:
                return
            planes = slice(self.card.logits)  # the probabilities alone
            agreement = class_agreement(found[:, planes], expected[:, planes], self.card.threshold)
            if agreement >= _MIN_AGREEMENT:
                return
            text = tr(
                "In {} the first tile has other classes than in fp32 on {:.1f} % of the pixels of which the model is "
                "sure: the run continues in fp32."
            )
            self._emit(Warned(text.format(self.precision, 100 * (1 - agreement))))
            self._config, self._backend = exact, self._rebuild(exact)

    @contextmanager
    def _lane(self) -> Iterator[RuntimeConfig]:
        """Waits until fewer than ``lanes`` passes run; yields the configuration for the next one."""
        with self._change:
            self._change.wait_for(lambda: self._active_calls < self.lanes)
            self._active_calls += 1
            config = self._config
        try:
            yield config
        finally:
            with self._change:
                self._active_calls -= 1
                self._change.notify_all()

    def _free_or_halve(self, config: RuntimeConfig) -> None:
        """Unloads the other networks; if there are none, halves the tiles at a time from now on."""
        with self._change:
            if config != self._config:  # another thread has halved them already
                return
            are_released = self._release_others(self)
            is_cpu = self._device.kind == "cpu"
            free_cached_memory(None if is_cpu else self._device.torch_device)
            if not are_released:
                self._halve()

    def _halve(self) -> None:
        before = self._config.tiles_in_flight
        if before == 1:
            raise DeviceError(
                tr(
                    "The device {} does not have enough memory for one tile of {} px: close other programs, "
                    "choose another device, or train a model with a smaller encoder or smaller tiles."
                ).format(self._device.name, self.card.tile_size)
            )
        has_lanes = self.lanes > 1
        if has_lanes:
            self._config = replace(self._config, lanes=self.lanes // 2)
        else:
            self._config = replace(self._config, batch=self.batch // 2)
        if self._rebuild and has_lanes:  # the remaining lanes use the cores of the lost ones
            backend = _none_if_out_of_memory(self._rebuild, self._config)
            self._backend = backend or self._backend
        self.has_halved, self._reason = True, tr("There is not enough memory for more.")
        text = tr("There was not enough memory for {} tiles at a time: the run continues with {}.")
        self._emit(Warned(text.format(before, self._config.tiles_in_flight)))


def _none_if_out_of_memory(call: Callable[..., T], *args: Any) -> T | None:
    """The result of a call; None if memory ran out."""
    try:
        return call(*args)
    except Exception as error:  # each runtime raises its own errors
        if not is_out_of_memory(error):
            raise
    # Not in the handler: the error refers to the tensors that the call made.
    return None
