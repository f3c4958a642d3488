"""Augmentation of values: brightness of both streams, colour and contrast of the image's first three bands.

Values are physical and so of any range; changes are in units of the training data's scaling, and nothing is
clipped to a data type. Missing (NaN) values stay missing. Places and labels stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .band_statistics import Scaling

Batch = dict[str, Tensor]

#: Share of the samples whose brightness, hue or local contrast is changed.
BRIGHTNESS_PROBABILITY, HSV_PROBABILITY, CLAHE_PROBABILITY = 0.5, 0.5, 0.2

#: Share of the samples whose colours are jittered, and of those that lose them.
JITTER_PROBABILITY, GRAY_PROBABILITY = 0.3, 0.2

#: Largest changes of brightness, contrast and saturation either way, as shares, and of the hue, in
#: turns: the defaults of albumentations 1.3's ColorJitter, with which the building networks' source calls it.
JITTER, JITTER_HUE = 0.2, 0.2

#: How red, green and blue make up what is seen as light (ITU-R BT.601).
LUMINANCE = (0.299, 0.587, 0.114)

#: Largest gain; the smallest is its inverse.
GAIN = 1.25

#: Largest offset either way, as a share of each stream's range.
OFFSET = 0.1

#: Deviations that count as the range of an auxiliary stream: about what 0-1 is for an image.
RANGE_IN_DEVIATIONS = 4.0

#: Largest change of hue either way, in turns.
HUE = 0.03

#: Least and largest factor of the saturation and of the value.
SATURATION, VALUE = (0.7, 1.3), (0.9, 1.1)

#: How many times the even share of pixels a grey level of the equalisation may count.
CLIP_LIMIT = 2.0

#: Most cells along a side of the equalisation, and the least pixels along a cell's side: in fewer
#: a histogram says nothing.
MAX_CELLS, MIN_CELL_SIZE = 8, 32


class Brightness:
    """Gain and offset, drawn once a sample, the same for all bands of both streams.

    Light falls on both streams alike. Each takes it in its own units: the image's gain is about the
    low end of its scaling (darkness stays dark), the auxiliary stream's about its mean, and the
    offset is a share of the stream's own range.
    """

    def __init__(self, scaling: Scaling) -> None:
        self._image = scaling.low, [hi - lo for lo, hi in zip(scaling.low, scaling.high)]
        self._auxiliary = scaling.mean, [RANGE_IN_DEVIATIONS * std for std in scaling.std]

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The batch with some samples brighter, darker, of more or less contrast."""
        drawn = torch.rand(len(batch["target"]), 3, generator=generator)
        return {
            **batch,
            "image": _brightened(batch["image"], *self._image, drawn),
            "auxiliary": _brightened(batch["auxiliary"], *self._auxiliary, drawn),
        }


def _brightened(
    stream: Tensor, centre: tuple[float, ...], width: list[float], drawn: Tensor
) -> Tensor:
    """``centre + gain * (stream - centre) + offset * width``, from uniform numbers (B, 3)."""
    chosen = drawn[:, 0] < BRIGHTNESS_PROBABILITY
    gain = torch.exp((2 * drawn[:, 1] - 1) * math.log(GAIN)).where(chosen, 1.0)
    offset = ((2 * drawn[:, 2] - 1) * OFFSET).where(chosen, 0.0)
    # In double on the CPU, where it is a number a sample and band: centres may be far from 0.
    gains, offsets = gain.double()[:, None], offset.double()[:, None]
    exact, wide = (torch.tensor(values, dtype=torch.float64) for values in (centre, width))
    shift = (1 - gains) * exact + offsets * wide
    return (
        stream * _beside(stream, gain)[:, None, None, None]
        + _beside(stream, shift)[..., None, None]
    )


def _beside(stream: Tensor, values: Tensor) -> Tensor:
    """A few values in a stream's type and on its device, without waiting for what is queued there."""
    return values.to(stream, non_blocking=True)


def hsv(batch: Batch, generator: torch.Generator, scaling: Scaling) -> Batch:
    """Changes the hue, saturation and value of some images.

    The first three bands are taken as red, green and blue; images of fewer stay as they are.
    """
    drawn = torch.rand(len(batch["target"]), 4, generator=generator)
    chosen = (drawn[:, 0] < HSV_PROBABILITY).nonzero()[:, 0]
    tint = _beside(batch["image"], drawn[chosen, 1:].T)[:, :, None, None]

    def change(colours: Tensor) -> Tensor:
        from kornia.color import hsv_to_rgb, rgb_to_hsv

        hue, saturation, value = rgb_to_hsv(colours).unbind(dim=1)
        hue = hue + (2 * tint[0] - 1) * HUE * 2 * math.pi
        saturation = saturation * _between(SATURATION, tint[1])
        value = value * _between(VALUE, tint[2])
        return hsv_to_rgb(torch.stack([hue, saturation.clamp(max=1), value], dim=1))

    return _recoloured(batch, chosen, scaling, change)


def _between(ends: tuple[float, float], share: Tensor) -> Tensor:
    return ends[0] + (ends[1] - ends[0]) * share


def jitter(batch: Batch, generator: torch.Generator, scaling: Scaling) -> Batch:
    """Changes the brightness, contrast, saturation and hue of some images, in random order.

    As torchvision's and albumentations' ``ColorJitter``: each is multiplied by a number around 1, or
    turned, and what leaves 0..1 is cut off before the next. Each image has an order of its own. The first three bands are taken as red, green and
    blue; images of fewer stay as they are.
    """
    drawn = torch.rand(len(batch["target"]), 9, generator=generator)
    chosen = (drawn[:, 0] < JITTER_PROBABILITY).nonzero()[:, 0]
    ways = _beside(batch["image"], 2 * drawn[chosen, 1:5].T - 1)[:, :, None, None, None]
    order = drawn[chosen, 5:].argsort(dim=1)
    chosen = chosen.to(batch["image"].device, non_blocking=True)
    # Missing pixels come as black: they add nothing to the mean light, nor may they count in it.
    known = ~batch["image"][chosen, :3].isnan().any(dim=1, keepdim=True)
    share = known.float().mean(dim=(1, 2, 3), keepdim=True).clamp(min=torch.finfo().tiny)

    def change(colours: Tensor) -> Tensor:
        colours = colours.clone()
        for index in range(len(_JITTERS)):
            for kind, jittered in enumerate(_JITTERS):
                now = (order[:, index] == kind).nonzero()[:, 0]  # known without asking a GPU
                if len(now):
                    now = now.to(colours.device, non_blocking=True)
                    colours[now] = jittered(colours[now], ways[kind, now], share[now])
        return colours

    return _recoloured(batch, chosen, scaling, change)


# Each takes colours (n, 3, H, W), how far to go from -1 to 1 and the share of pixels that are not missing,
# both (n, 1, 1, 1).


def _brighter(colours: Tensor, way: Tensor, _share: Tensor) -> Tensor:
    return (colours * (1 + JITTER * way)).clamp(0, 1)


def _contrasted(colours: Tensor, way: Tensor, share: Tensor) -> Tensor:
    middle = luminance(colours).mean(dim=(1, 2, 3), keepdim=True) / share
    return (middle + (1 + JITTER * way) * (colours - middle)).clamp(0, 1)


def _saturated(colours: Tensor, way: Tensor, _share: Tensor) -> Tensor:
    light = luminance(colours)
    return (light + (1 + JITTER * way) * (colours - light)).clamp(0, 1)


def _hue_turned(colours: Tensor, way: Tensor, _share: Tensor) -> Tensor:
    from kornia.color import hsv_to_rgb, rgb_to_hsv

    hsv = rgb_to_hsv(colours)
    return hsv_to_rgb(torch.cat([hsv[:, :1] + JITTER_HUE * way * 2 * math.pi, hsv[:, 1:]], dim=1))


_JITTERS = (_brighter, _contrasted, _saturated, _hue_turned)


def gray(batch: Batch, generator: torch.Generator, scaling: Scaling) -> Batch:
    """Makes the first three bands of some images the luminance of all three; images of fewer stay."""
    drawn = torch.rand(len(batch["target"]), generator=generator)
    chosen = (drawn < GRAY_PROBABILITY).nonzero()[:, 0]
    return _recoloured(batch, chosen, scaling, luminance)


def luminance(colours: Tensor) -> Tensor:
    """The light of colours (n, 3, H, W), as (n, 1, H, W)."""
    weights = _beside(colours, torch.tensor(LUMINANCE, dtype=torch.float64))[:, None, None]
    return (colours * weights).sum(dim=1, keepdim=True)


def clahe(batch: Batch, generator: torch.Generator, scaling: Scaling) -> Batch:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of some images.

    The mean of the first three bands is equalised and each band moved by the same difference, so that
    colours stay; images of fewer bands stay as they are.
    """
    drawn = torch.rand(len(batch["target"]), generator=generator)
    chosen = (drawn < CLAHE_PROBABILITY).nonzero()[:, 0]
    return _recoloured(batch, chosen, scaling, _equalised)


def _equalised(colours: Tensor) -> Tensor:
    from kornia.enhance import equalize_clahe

    # Missing pixels are counted as black: the clip limit lets no level weigh more than a little.
    light = colours.mean(dim=1, keepdim=True)
    cells = tuple(max(1, min(MAX_CELLS, side // MIN_CELL_SIZE)) for side in light.shape[-2:])
    return colours + equalize_clahe(light, CLIP_LIMIT, (cells[0], cells[1])) - light


def _recoloured(
    batch: Batch,
    chosen: Tensor,
    scaling: Scaling,
    change: Callable[[Tensor], Tensor],
) -> Batch:
    """The batch with ``change`` made to the first three bands of the chosen samples.

    Args:
        batch: Images of fewer than three bands stay as they are.
        chosen: Indices of samples.
        scaling: Says which physical values are 0 and 1.
        change: From colours (n, 3, H, W), clipped to 0..1 and 0 where a band is missing, to new
            ones. Their difference is added to the pixels, so that what lies beyond 0..1 keeps its
            structure; pixels that miss a band stay as they are.
    """
    image = batch["image"]
    if image.shape[1] < 3 or not len(chosen):
        return batch
    chosen = chosen.to(image.device, non_blocking=True)
    ends = (torch.tensor(values[:3], dtype=torch.float64) for values in (scaling.low, scaling.high))
    low, high = (_beside(image, values)[:, None, None] for values in ends)
    colours = (image[chosen, :3] - low) / (high - low)
    known = ~colours.isnan().any(dim=1, keepdim=True)
    colours = colours.clamp(0, 1).where(known, 0.0)
    difference = (change(colours) - colours).where(known, 0.0)
    result = image.clone()
    result[chosen, :3] += difference * (high - low)
    return {**batch, "image": result}
