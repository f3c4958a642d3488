"""Photometric augmentation: brightness of both streams, colour and contrast of the image's first three bands.

Values are physical and have any range; changes are in units of the training data's scaling, and nothing is
clipped to a data type. Missing (NaN) values stay missing. Labels stay unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..compute.arrays import send, send_indices
from .band_statistics import Scaling
from .data_loader import Batch

#: Shares of the samples with changed brightness, hue and local contrast.
BRIGHTNESS_PROBABILITY = 0.5
HSV_PROBABILITY = 0.5
CLAHE_PROBABILITY = 0.2

#: Shares of the samples with jittered colours, and without colour.
JITTER_PROBABILITY, GRAY_PROBABILITY = 0.3, 0.2

#: Maximum relative change of brightness, contrast and saturation, and of the hue, in turns: the
#: defaults of albumentations 1.3's ColorJitter, which the recipe of the building networks uses.
JITTER, JITTER_HUE = 0.2, 0.2

#: Weights of red, green and blue in the luminance (ITU-R BT.601).
LUMINANCE = (0.299, 0.587, 0.114)

#: Maximum gain; the minimum is its inverse.
GAIN = 1.25

#: Maximum offset in either direction, as a share of each stream's range.
OFFSET = 0.1

#: Range of an auxiliary stream in standard deviations, about what 0-1 is for an image.
RANGE_IN_DEVIATIONS = 4.0

#: Maximum change of brightness, as a share of the range, and of contrast, in ``contrast``; maximum changes of the hue,
#: in turns, and of saturation and value in ``hue``: those of the recipe of the clouds for 8 bit.
CONTRAST, HUE_SATURATION_VALUE = (0.3, 0.3), (15 / 180, 20 / 255, 15 / 255)

#: Maximum change of hue in either direction, in turns.
HUE = 0.03

#: Minimum and maximum factor of the saturation and of the value.
SATURATION, VALUE = (0.7, 1.3), (0.9, 1.1)

#: Clip limit of the equalisation: maximum count of a grey level relative to a uniform histogram.
CLIP_LIMIT = 2.0

#: Maximum number of cells along a side of the equalisation, and minimum side of a cell, px: fewer pixels
#: give no useful histogram.
MAX_CELLS, MIN_CELL_SIZE = 8, 32


class Brightness:
    """Random gain and offset, drawn once per sample, the same for all bands of both streams.

    Light changes both streams equally, each in its own units: the image's gain is relative to the low end
    of its scaling (dark stays dark), the auxiliary stream's to its mean, and the offset is a share of the
    stream's own range.
    """

    def __init__(self, scaling: Scaling) -> None:
        self._image = scaling.low, [hi - lo for lo, hi in zip(scaling.low, scaling.high)]
        self._auxiliary = scaling.mean, [RANGE_IN_DEVIATIONS * std for std in scaling.std]

    def __call__(
        self, batch: Batch, generator: torch.Generator, probability: float = BRIGHTNESS_PROBABILITY
    ) -> Batch:
        """Changes brightness and contrast of some samples."""
        drawn = torch.rand(len(batch["target"]), 3, generator=generator)
        chosen = drawn[:, 0] < probability
        return {
            **batch,
            "image": _brighten(batch["image"], *self._image, drawn, chosen),
            "auxiliary": _brighten(batch["auxiliary"], *self._auxiliary, drawn, chosen),
        }


def _brighten(
    stream: Tensor, centre: tuple[float, ...], width: list[float], drawn: Tensor, chosen: Tensor
) -> Tensor:
    """``centre + gain * (stream - centre) + offset * width``, from uniform numbers (B, 3)."""
    gain = torch.exp((2 * drawn[:, 1] - 1) * math.log(GAIN)).where(chosen, 1.0)
    offset = ((2 * drawn[:, 2] - 1) * OFFSET).where(chosen, 0.0)
    # In float64 on the CPU, one number per sample and band: centres may be far from 0.
    gains, offsets = gain.double()[:, None], offset.double()[:, None]
    centres, widths = (torch.tensor(values, dtype=torch.float64) for values in (centre, width))
    shift = (1 - gains) * centres + offsets * widths
    return stream * send(gain, stream)[:, None, None, None] + send(shift, stream)[..., None, None]


def hsv(
    batch: Batch, generator: torch.Generator, scaling: Scaling, probability: float = HSV_PROBABILITY
) -> Batch:
    """Changes the hue, saturation and value of some images.

    The first three bands are red, green and blue; images with fewer bands stay unchanged.
    """
    drawn = torch.rand(len(batch["target"]), 4, generator=generator)
    chosen = (drawn[:, 0] < probability).nonzero()[:, 0]
    tint = send(drawn[chosen, 1:].T, batch["image"])[:, :, None, None]

    def change(colours: Tensor) -> Tensor:
        """Changes colours (n, 3, H, W), each picture in its own order."""
        from kornia.color import hsv_to_rgb, rgb_to_hsv

        hue, saturation, value = rgb_to_hsv(colours).unbind(dim=1)
        hue = hue + (2 * tint[0] - 1) * HUE * 2 * math.pi
        saturation = saturation * _interpolate(SATURATION, tint[1])
        value = value * _interpolate(VALUE, tint[2])
        return hsv_to_rgb(torch.stack([hue, saturation.clamp(max=1), value], dim=1))

    return _change_colours(batch, chosen, scaling, change)


def contrast(
    batch: Batch,
    generator: torch.Generator,
    scaling: Scaling,
    probability: float = BRIGHTNESS_PROBABILITY,
) -> Batch:
    """Multiplies the first three bands of some images by a factor and adds a number, on the 0-1 scale."""
    drawn = torch.rand(len(batch["target"]), 3, generator=generator)
    chosen = (drawn[:, 0] < probability).nonzero()[:, 0]
    amount = send(2 * drawn[chosen, 1:].T - 1, batch["image"])[:, :, None, None, None]

    def change(colours: Tensor) -> Tensor:
        """Changes colours (n, 3, H, W)."""
        offset, gain = (limit * share for limit, share in zip(CONTRAST, amount))
        changed: Tensor = colours * (1 + gain) + offset
        return changed.clamp(0, 1)

    return _change_colours(batch, chosen, scaling, change)


def hue(
    batch: Batch,
    generator: torch.Generator,
    scaling: Scaling,
    probability: float = HSV_PROBABILITY,
) -> Batch:
    """Adds numbers to the hue, saturation and value of some images, where ``hsv`` multiplies the last two."""
    drawn = torch.rand(len(batch["target"]), 4, generator=generator)
    chosen = (drawn[:, 0] < probability).nonzero()[:, 0]
    amount = send(2 * drawn[chosen, 1:].T - 1, batch["image"])[:, :, None, None]

    def change(colours: Tensor) -> Tensor:
        """Changes colours (n, 3, H, W)."""
        from kornia.color import hsv_to_rgb, rgb_to_hsv

        turn, saturation, value = (
            plane + limit * share
            for plane, limit, share in zip(
                rgb_to_hsv(colours).unbind(dim=1), HUE_SATURATION_VALUE, amount
            )
        )
        return hsv_to_rgb(torch.stack([turn, saturation.clamp(0, 1), value.clamp(0, 1)], dim=1))

    return _change_colours(batch, chosen, scaling, change)


def _interpolate(ends: tuple[float, float], share: Tensor) -> Tensor:
    return ends[0] + (ends[1] - ends[0]) * share


def jitter(
    batch: Batch,
    generator: torch.Generator,
    scaling: Scaling,
    probability: float = JITTER_PROBABILITY,
) -> Batch:
    """Changes the brightness, contrast, saturation and hue of some images, each in a random order.

    As in torchvision's and albumentations' ``ColorJitter``, values are clipped to 0..1 after each change.
    The first three bands are red, green and blue; images with fewer bands stay unchanged.
    """
    drawn = torch.rand(len(batch["target"]), 9, generator=generator)
    chosen = (drawn[:, 0] < probability).nonzero()[:, 0]
    amounts = send(2 * drawn[chosen, 1:5].T - 1, batch["image"])[:, :, None, None, None]
    order = drawn[chosen, 5:].argsort(dim=1)
    chosen = send_indices(chosen, batch["image"])
    # Missing pixels are black: they add nothing to the sum of light, and must not count in its mean.
    known = ~batch["image"][chosen, :3].isnan().any(dim=1, keepdim=True)
    share = known.float().mean(dim=(1, 2, 3), keepdim=True).clamp(min=torch.finfo().tiny)

    def change(colours: Tensor) -> Tensor:
        """Changes colours (n, 3, H, W), each picture in its own order."""
        colours = colours.clone()
        for position in range(len(_JITTERS)):
            for kind, jitter_one in enumerate(_JITTERS):
                rows = (order[:, position] == kind).nonzero()[:, 0]  # on the CPU: no GPU wait
                if len(rows):
                    rows = send_indices(rows, colours)
                    colours[rows] = jitter_one(colours[rows], amounts[kind, rows], share[rows])
        return colours

    return _change_colours(batch, chosen, scaling, change)


# The arguments of the following functions are colours (n, 3, H, W), and the amount of the change, -1 to 1, and
# the share of pixels that are not missing, both (n, 1, 1, 1).


def _jitter_brightness(colours: Tensor, amount: Tensor, _share: Tensor) -> Tensor:
    return (colours * (1 + JITTER * amount)).clamp(0, 1)


def _jitter_contrast(colours: Tensor, amount: Tensor, share: Tensor) -> Tensor:
    mean = luminance(colours).mean(dim=(1, 2, 3), keepdim=True) / share
    return (mean + (1 + JITTER * amount) * (colours - mean)).clamp(0, 1)


def _jitter_saturation(colours: Tensor, amount: Tensor, _share: Tensor) -> Tensor:
    light = luminance(colours)
    return (light + (1 + JITTER * amount) * (colours - light)).clamp(0, 1)


def _jitter_hue(colours: Tensor, amount: Tensor, _share: Tensor) -> Tensor:
    from kornia.color import hsv_to_rgb, rgb_to_hsv

    hsv = rgb_to_hsv(colours)
    hue = hsv[:, :1] + JITTER_HUE * amount * 2 * math.pi
    return hsv_to_rgb(torch.cat([hue, hsv[:, 1:]], dim=1))


_JITTERS = (_jitter_brightness, _jitter_contrast, _jitter_saturation, _jitter_hue)


def gray(
    batch: Batch,
    generator: torch.Generator,
    scaling: Scaling,
    probability: float = GRAY_PROBABILITY,
) -> Batch:
    """Replaces the first three bands of some images by their luminance; needs three bands."""
    drawn = torch.rand(len(batch["target"]), generator=generator)
    chosen = (drawn < probability).nonzero()[:, 0]
    return _change_colours(batch, chosen, scaling, luminance)


def luminance(colours: Tensor) -> Tensor:
    """The luminance of colours (n, 3, H, W), as (n, 1, H, W)."""
    weights = send(torch.tensor(LUMINANCE, dtype=torch.float64), colours)[:, None, None]
    return (colours * weights).sum(dim=1, keepdim=True)


def clahe(
    batch: Batch,
    generator: torch.Generator,
    scaling: Scaling,
    probability: float = CLAHE_PROBABILITY,
) -> Batch:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of some images.

    The mean of the first three bands is equalised and its change added to each band, which preserves the
    colours; images with fewer bands stay unchanged.
    """
    drawn = torch.rand(len(batch["target"]), generator=generator)
    chosen = (drawn < probability).nonzero()[:, 0]
    return _change_colours(batch, chosen, scaling, _equalise)


def _equalise(colours: Tensor) -> Tensor:
    from kornia.enhance import equalize_clahe

    # Missing pixels count as black: the clip limit bounds the weight of every level.
    light = colours.mean(dim=1, keepdim=True)
    rows, cols = (max(1, min(MAX_CELLS, side // MIN_CELL_SIZE)) for side in light.shape[-2:])
    return colours + equalize_clahe(light, CLIP_LIMIT, (rows, cols)) - light


def _change_colours(
    batch: Batch, chosen: Tensor, scaling: Scaling, change: Callable[[Tensor], Tensor]
) -> Batch:
    """Applies ``change`` to the first three bands of the samples with the ``chosen`` indices.

    ``change`` takes and returns colours (n, 3, H, W), clipped to 0..1 and 0 where a band is missing. The
    difference is added to the pixels, so that values beyond 0..1 keep their structure; pixels with a missing
    band, and images with fewer than three bands, stay unchanged.
    """
    image = batch["image"]
    if image.shape[1] < 3 or not len(chosen):
        return batch
    chosen = send_indices(chosen, image)
    ends = (torch.tensor(values[:3], dtype=torch.float64) for values in (scaling.low, scaling.high))
    low, high = (send(values, image)[:, None, None] for values in ends)
    colours = (image[chosen, :3] - low) / (high - low)
    known = ~colours.isnan().any(dim=1, keepdim=True)
    colours = colours.clamp(0, 1).where(known, 0.0)
    difference = (change(colours) - colours).where(known, 0.0)
    result = image.clone()
    result[chosen, :3] += difference * (high - low)
    return {**batch, "image": result}
