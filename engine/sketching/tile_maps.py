"""The maps that the linear layer of a sketch sees in a tile, computed once and kept in memory for the next stroke."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..compute.cpu_lanes import lane_executor, max_lanes
from ..compute.devices import Device
from ..compute.malloc import keep_freed_memory
from ..compute.threads import thread_count
from ..contract.encoders import IMAGENET
from ..models.inference_form import inference_form
from ..models.sketch_network import SketchNetwork
from ..rasters.raster import Pixels
from ..rasters.windows import Window
from ..sampling.band_statistics import Scaling
from .sketch_scene import SketchScene

#: Most memory that the maps of tiles keep between two sketches, bytes: about 8 million pixels of four bands.
KEPT_BYTES = 640 * 2**20

#: Callback after each tile: its number, and that of all.
OnTile = Callable[[int, int], None]


@dataclass(frozen=True)
class TileMaps:
    """The maps that the linear layer sees in a tile of side T.

    Attributes:
        maps: The network's maps (C, h, w), each on its own grid over the tile.
        known: Where any band of the image has a value (T, T).
    """

    maps: tuple[NDArray[np.float32], ...]
    known: NDArray[np.bool_]

    @property
    def bytes(self) -> int:
        """Memory that it takes, bytes."""
        return self.known.nbytes + sum(values.nbytes for values in self.maps)

    def at(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.float32]:
        """The values (N, C) of all maps at pixels (N,) of the tile, bilinear between the centres of a map's cells."""
        side = len(self.known)
        return np.concatenate([_interpolated(m, rows, cols, side) for m in self.maps], axis=1)


#: The maps of the last tiles, the most recently used last.
_KEPT: OrderedDict[tuple[Any, ...], TileMaps] = OrderedDict()


class TileEncoder:
    """Computes the maps of tiles, or takes them from memory.

    Args:
        scene: The scene.
        device: Device of the encoder.

    Attributes:
        network: The network with ImageNet's encoder and the scene's scaling; its head is not learnt.
        channels: Number of maps' channels, in total.
    """

    def __init__(self, scene: SketchScene, device: Device) -> None:
        self._scene, self._device = scene, device
        bands, auxiliary_bands = scene.image.bands, scene.stack.bands if scene.stack else 0
        self.network, self._light = _networks(bands, auxiliary_bands, scene.scaling, device)

    def tiles(self, cores: Sequence[Window], on_tile: OnTile) -> Iterator[tuple[Window, TileMaps]]:
        """The squares with the maps of their tiles, in the same order.

        Raises:
            RasterError: If a raster is damaged.
        """
        lanes = max_lanes(thread_count()) if self._device.kind == "cpu" else 1
        waiting: deque[tuple[Window, Future[TileMaps]]] = deque()
        with lane_executor(lanes) as pool:
            for number, core in enumerate(cores):
                waiting.append((core, self._start(core, pool)))
                if len(waiting) > lanes:
                    yield self._finished(*waiting.popleft())
                    on_tile(number + 1 - lanes, len(cores))
            while waiting:
                yield self._finished(*waiting.popleft())
                on_tile(len(cores) - len(waiting), len(cores))

    def _start(self, core: Window, pool: Executor) -> Future[TileMaps]:
        """Reads the tile of a square and has its maps computed, unless they are in memory."""
        kept = _KEPT.get((*self._scene.key, core))
        if kept is None:
            return pool.submit(self._encode, *self._scene.read(core))
        found = Future[TileMaps]()
        found.set_result(kept)
        return found

    def _finished(self, core: Window, maps: Future[TileMaps]) -> tuple[Window, TileMaps]:
        _keep((*self._scene.key, core), maps.result())
        return core, maps.result()

    @torch.inference_mode()
    def _encode(self, image: Pixels, auxiliary: Pixels | None) -> TileMaps:
        known: NDArray[np.bool_] = np.asarray(np.isfinite(image).any(axis=0))
        inputs = [torch.from_numpy(image)[None].to(self._device.torch_device)]
        if auxiliary is not None:
            inputs.append(torch.from_numpy(auxiliary)[None].to(self._device.torch_device))
        inputs = [one.contiguous(memory_format=torch.channels_last) for one in inputs]
        maps = self._light.maps(*inputs)
        return TileMaps(tuple(one[0].cpu().contiguous().numpy() for one in maps), known)


@lru_cache(maxsize=4)
def _networks(
    bands: int, auxiliary_bands: int, scaling: Scaling, device: Device
) -> tuple[SketchNetwork, Any]:
    """The network with a scaling, and its form for inference on a device."""
    keep_freed_memory()
    network = SketchNetwork(bands, auxiliary_bands, pretrained=IMAGENET).eval()
    network.image_normalisation.set(scaling.image_mean, scaling.image_std)
    network.auxiliary_normalisation.set(scaling.mean, scaling.std)
    light: Any = inference_form(network)
    return network, light.to(device.torch_device, memory_format=torch.channels_last)


def _keep(key: tuple[Any, ...], maps: TileMaps) -> None:
    """Keeps the maps of a tile, and forgets those that were not used for longest."""
    _KEPT[key] = maps
    _KEPT.move_to_end(key)
    total = sum(one.bytes for one in _KEPT.values())
    while total > KEPT_BYTES:
        total -= _KEPT.popitem(last=False)[1].bytes


def _interpolated(
    values: NDArray[np.float32], rows: NDArray[np.int64], cols: NDArray[np.int64], side: int
) -> NDArray[np.float32]:
    """A map (C, h, w) at pixels (N,) of a tile: (N, C), as torch's ``interpolate`` computes it."""
    above, below, down = _neighbours(rows, side, values.shape[1])
    left, right, across = _neighbours(cols, side, values.shape[2])
    upper = values[:, above, left] * (1 - across) + values[:, above, right] * across
    lower = values[:, below, left] * (1 - across) + values[:, below, right] * across
    return np.asarray((upper * (1 - down) + lower * down).T, np.float32)


def _neighbours(
    pixels: NDArray[np.int64], side: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The cells before and after the centres of pixels (N,), and how near the second one is, 0..1."""
    place = np.clip((pixels + 0.5) * count / side - 0.5, 0, count - 1)
    first = np.floor(place).astype(np.int64)
    return first, np.minimum(first + 1, count - 1), (place - first).astype(np.float32)
