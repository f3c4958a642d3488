"""Statistics of each band, measured on training windows, which scale the streams; kept in the model file.

The image is scaled to 0-1 (8 bit: the whole range; other types: robust percentiles of the training
windows), each auxiliary band to mean 0 and standard deviation 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..contract.jobs import TrainJob

if TYPE_CHECKING:
    from .survey import Survey

#: Number of windows in the sample, and of pixels from each: enough for percentiles, in seconds on any scene.
_WINDOWS = 64
_PIXELS = 16384

#: Percentiles that become 0 and 1, so that a few glints and shadows do not set the scale.
_PERCENTILES = (0.5, 99.5)

#: The pretrained encoders expect 0-1 pixels standardised by ImageNet's statistics of red, green and blue.
#: The bands of a three-band image are treated as these colours.
IMAGENET_RGB_MEAN, IMAGENET_RGB_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

#: Averages over the three colours, for bands of any wavelength.
IMAGENET_MEAN, IMAGENET_STD = 0.449, 0.226


@dataclass(frozen=True)
class Scaling:
    """Scaling of both streams, one number per band, in the rasters' physical units.

    Attributes:
        low: Image value that becomes 0.
        high: Image value that becomes 1.
        mean: Mean of the auxiliary stream.
        std: Standard deviation of the auxiliary stream.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def image_mean(self) -> list[float]:
        """Value that the network subtracts from each image band: ImageNet's mean on the 0-1 scale."""
        means = IMAGENET_RGB_MEAN if len(self.low) == 3 else (IMAGENET_MEAN,) * len(self.low)
        return [lo + mean * (hi - lo) for mean, lo, hi in zip(means, self.low, self.high)]

    @property
    def image_std(self) -> list[float]:
        """Value that the network divides each image band by: ImageNet's deviation on the 0-1 scale."""
        stds = IMAGENET_RGB_STD if len(self.low) == 3 else (IMAGENET_STD,) * len(self.low)
        return [std * (hi - lo) for std, lo, hi in zip(stds, self.low, self.high)]


def measure_scaling(
    job: TrainJob, survey: Survey, auxiliary_scaling: tuple[float, ...] = ()
) -> Scaling:
    """Measures the scaling of both streams on a random sample of training windows.

    The windows are plain tiles, independent of the job's sampling: no class balance, crop or dropped stream,
    and the default batch size, on which the number of windows of an epoch depends.

    Args:
        job: The job.
        survey: Its data.
        auxiliary_scaling: Mean and standard deviation on the 0-1 scale that an 8-bit auxiliary stream gets instead of
            those measured; none: it gets these.
    """
    # Only here, because it imports torch: a suggestion needs the scaling alone.
    from .window_dataset import TrainingWindows

    plain = replace(job, class_balance=0.0, foreground=0.0, least_foreground=0.0, crop=1.0)
    plain = replace(plain, stream_dropout=0.0, batch_size=TrainJob.batch_size)
    windows = TrainingWindows(plain, survey)
    generator = np.random.default_rng(job.seed)
    image: list[NDArray[np.float32]] = []
    auxiliary: list[NDArray[np.float32]] = []
    for index in generator.permutation(len(windows))[:_WINDOWS]:
        sample = windows[int(index)]
        image.append(_random_pixels(sample["image"], generator))
        auxiliary.append(_random_pixels(sample["auxiliary"], generator))
    low, high = value_range(np.concatenate(image, axis=1), survey.image.dtype)
    mean, std = mean_and_std(np.concatenate(auxiliary, axis=1))
    if auxiliary_scaling and survey.auxiliary.dtype == "uint8":
        mean, std = ((255 * value,) * len(mean) for value in auxiliary_scaling)
    return Scaling(low, high, mean, std)


def _random_pixels(
    array: NDArray[np.generic], generator: np.random.Generator
) -> NDArray[np.float32]:
    """A random sample of the pixels, (C, n)."""
    flat = array.reshape(len(array), int(np.prod(array.shape[1:])))
    chosen = generator.integers(flat.shape[1], size=min(_PIXELS, flat.shape[1]))
    return flat[:, chosen].astype(np.float32)


def value_range(
    pixels: NDArray[np.float32], dtype: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The values of each band that become 0 and 1, from a sample of pixels (C, n) of a data type."""
    if dtype == "uint8":
        return (0.0,) * len(pixels), (255.0,) * len(pixels)
    low, high = [], []
    for band in pixels:
        known = band[np.isfinite(band)]
        ends = np.percentile(known, _PERCENTILES) if known.size else (0.0, 1.0)
        low.append(float(ends[0]))
        # A constant band has no information; any width keeps its scaled values finite.
        high.append(float(ends[1]) if ends[1] > ends[0] else float(ends[0]) + 1.0)
    return tuple(low), tuple(high)


def mean_and_std(pixels: NDArray[np.float32]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each band of pixels (C, n), without missing values."""
    means, deviations = [], []
    for band in pixels:
        known = band[np.isfinite(band)].astype(np.float64)
        mean, std = (float(known.mean()), float(known.std())) if known.size else (0.0, 1.0)
        means.append(mean)
        # Below float32's resolution of the mean, differences are rounding errors.
        deviations.append(std if std > 1e-6 * abs(mean) and std > 0 else 1.0)
    return tuple(means), tuple(deviations)
