"""Checks whether the rasters of a scene fit a model: the bands that it reads, and a sentence if they do not fit.

The engine and the plugin refuse the same rasters in the same words, because both ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .errors import format_count
from .model_card import Card
from .translation import tr

Bands = tuple[int, ...]

#: Plausible spread of an image's values, as a share of the training's range. A chip of a homogeneous surface
#: spreads over a sixth of the range; reflectances on another scale spread over less than a thirtieth.
MIN_SPREAD, MAX_SPREAD = 1 / 20, 10.0

#: Minimum spread of an auxiliary stream: a scene covers few pixels of a coarse raster, with similar values.
MIN_AUXILIARY_SPREAD = 1 / 200

#: The range of an auxiliary stream in training: the mean plus or minus so many standard deviations.
DEVIATIONS = 3.0

#: Maximum distance of the median from the training's range, in widths of that range.
_MAX_DISTANCE = 1.0

#: Ground resolutions that differ by more than this factor are refused.
_MAX_RESOLUTION_RATIO = 8.0

#: Percentiles of a band's values by which its scale is judged.
PERCENTILES = (2, 50, 98)


def bands_to_read(
    counts: Sequence[tuple[int, int]],
    chosen: Bands,
    trained: Bands,
    training_count: int,
    needed: int,
    default: Bands = (),
) -> Bands:
    """The bands of a stream's files that a trained model reads.

    The user's choice has priority. Files with as many bands as the training files give the bands that were
    chosen for the training. Files with as many data bands as the model needs give all of them. Other files
    give the default bands, if they have them.

    Args:
        counts: Number of data bands (without alpha) and of all bands of each file.
        chosen: Bands that the user chose.
        trained: Bands that were chosen for the training, from the model card.
        training_count: Number of bands of the training files.
        needed: Number of bands that the model needs.
        default: Bands that the folder layout of the dataset prescribes.

    Returns:
        Numbers of bands, counted from 1 through all files; empty for all, whether or not their number fits.
    """
    if chosen or not counts or not (trained or default):
        return chosen
    data_bands, all_bands = (sum(column) for column in zip(*counts))
    # First of all: without alpha, the training files may have as many bands as the model needs.
    if trained and all_bands == training_count:
        return trained
    has_default = max(default, default=0) <= all_bands
    return default if data_bands != needed and has_default else ()


def image_flaw(card: Card, model: str, image: str, bands: int) -> str:
    """Why an image with a number of bands does not fit a model; empty if it fits.

    Args:
        card: The model's card.
        model: The model file.
        image: The image's path or name.
        bands: Number of bands that are read of it.
    """
    if bands == card.image.bands:
        return ""
    return tr(
        "The model {} was trained on {} ({}); {} has {} (alpha not counted). Choose or make a raster with "
        "the same bands in the same order."
    ).format(
        Path(model).name,
        format_count(card.image.bands, "{} image band", "{} image bands"),
        ", ".join(card.image.band_names),
        image,
        bands,
    )


def auxiliary_flaw(card: Card, model: str, auxiliary: Sequence[str], bands: int) -> str:
    """Why auxiliary rasters with a number of bands together do not fit a model; empty if they fit.

    Args:
        card: The model's card.
        model: The model file.
        auxiliary: Paths or names of the rasters.
        bands: Number of bands that are read of them.
    """
    wanted = card.auxiliary.bands
    if bands == wanted:
        return ""
    return tr(
        "The model {} was trained on {}; those given have {} together ({}). Give the same bands in the "
        "same order, or choose them by their numbers."
    ).format(
        Path(model).name,
        format_count(wanted, "{} auxiliary band", "{} auxiliary bands"),
        format_count(bands, "{} band", "{} bands"),
        ", ".join(auxiliary),
    )


def unused_flaw(models: Sequence[str], auxiliary: Sequence[str]) -> str:
    """The sentence for auxiliary rasters that no model takes."""
    names = ", ".join(Path(model).name for model in models)
    return tr(
        "The model {} was trained on no auxiliary rasters: leave out those given ({})."
    ).format(names, ", ".join(auxiliary))


def missing_stream(card: Card, model: str, image: str) -> str:
    """The sentence on what is missing where a model of two streams is given the image alone."""
    wanted = format_count(card.auxiliary.bands, "{} auxiliary band", "{} auxiliary bands")
    return tr("The model {} was trained with {}, but {} has none.").format(
        Path(model).name, wanted, image
    )


def missing_stream_warning(card: Card, model: str, image: str) -> str:
    """The sentences on what the user has confirmed: the image is segmented alone."""
    way = tr("It is segmented by the image alone, which is less accurate.")
    return f"{missing_stream(card, model, image)} {way}"


def missing_stream_flaw(card: Card, model: str, image: str, option: str = " (image_alone)") -> str:
    """The sentences that refuse the image alone unless the user has confirmed it.

    Args:
        card: The model's card.
        model: The model file.
        image: The image's path or name.
        option: What follows the name of the switch in the dialog; empty in the dialog.
    """
    way_out = tr(
        'Give the auxiliary rasters, or confirm "Without the second stream"{}: the mask is then made from '
        "the image alone, which is less accurate."
    ).format(option)
    return f"{missing_stream(card, model, image)} {way_out}"


def resolution_flaw(
    image: str, actual: float, model: str, trained: float, option: str = " (match_resolution)"
) -> str:
    """Why an image's ground resolution is too far from a model's to resample it; empty if it is not.

    Args:
        image: The image's path or name.
        actual: Its ground resolution, m per pixel.
        model: The model's name.
        trained: That of the training, m per pixel.
        option: What follows the name of the switch in the dialog; empty in the dialog.
    """
    if 1 / _MAX_RESOLUTION_RATIO <= trained / actual <= _MAX_RESOLUTION_RATIO:
        return ""
    return tr(
        "{} has pixels of {:.3g} m, {} was trained on {:.3g} m: that is more than {:g} times apart. Choose "
        'another model, or switch "Match the ground resolution"{} off to segment pixel by pixel all the same.'
    ).format(image, actual, model, trained, _MAX_RESOLUTION_RATIO, option)


def scale_flaw(
    name: str,
    percentiles: Sequence[Sequence[float]],
    low: Sequence[float],
    high: Sequence[float],
    min_spread: float,
) -> str:
    """A warning if a stream's values seem to be on another scale than in training; empty if not, or if unknown.

    Args:
        name: Name of the rasters.
        percentiles: ``PERCENTILES`` of each band's values.
        low: Lower end of each band's values in training, physical units.
        high: Upper end of each band's values in training; empty: there is never a warning.
        min_spread: ``MIN_SPREAD`` or ``MIN_AUXILIARY_SPREAD``.
    """
    if not percentiles or len(percentiles) != len(high):
        return ""
    if any(end <= start for start, end in zip(low, high)):  # one value in all of the training
        return ""
    spreads, centres = [], []
    for (minimum, median, maximum), start, end in zip(percentiles, low, high):
        spreads.append((maximum - minimum) / (end - start))
        centres.append((median - start) / (end - start))
    spread, centre = sum(spreads) / len(spreads), sum(centres) / len(centres)
    if min_spread <= spread <= MAX_SPREAD and -_MAX_DISTANCE <= centre <= 1 + _MAX_DISTANCE:
        return ""
    smallest, largest = min(band[0] for band in percentiles), max(band[-1] for band in percentiles)
    return tr(
        "{}: most values lie between {:g} and {:g}, those of the training between {:g} and {:g}. If they are "
        "on another scale (reflectance from 0 to 1 instead of 0 to 10000, say), the mask will be wrong: convert "
        "them to that of the training first (Raster > Raster Calculator)."
    ).format(name, smallest, largest, min(low), max(high))
