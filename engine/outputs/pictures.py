"""Writes PNG pictures: class values in colours, and a comparison of inputs, prediction and truth of a window."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ..contract.band_colours import shown_bands
from ..contract.class_table import ClassEntry, ClassTable
from ..contract.errors import RasterError
from ..contract.output_writer import output_file
from ..contract.translation import tr, tr_noop

Values = NDArray[np.float32]
Colours = NDArray[np.uint8]
Colour = tuple[int, int, int]

#: The physical values of each band that are drawn black and at full brightness.
Limits = tuple[Sequence[float], Sequence[float]]

#: An entry of the legend: its swatch and text.
_Entry = tuple[Colours, str]

#: Limits of a panel's longer side, px: smaller windows are enlarged, larger ones reduced.
_MIN_PANEL, _MAX_PANEL = 256, 512

#: Percentiles that are drawn black and at full brightness if no limits are given.
_PERCENTILES = (2.0, 98.0)

#: Pixels without a value: a violet that neither ground nor clouds have.
_NO_VALUE: Colour = (92, 64, 128)
_WRONG: Colour = (235, 30, 35)

#: Share of white in the pixels of all panels where no label counts.
_PALE = 0.7

#: Unlabelled pixels of the truth are striped too, since every plain colour may be a class's.
_UNLABELLED: tuple[Colour, Colour] = ((36, 38, 42), (74, 77, 84))
_STRIPE = 6

_PAPER: Colour = (255, 255, 255)
_INK: Colour = (32, 33, 36)
_EDGE: Colour = (176, 178, 182)
_MARGIN = 14
_TEXT = 15
_LINE = 26
_SWATCH = (14, 22)


def save_classes(path: str | Path, values: NDArray[Any], classes: ClassTable) -> None:
    """Writes class values (H, W) as a PNG of the same size, in the class table's colours.

    Pixels with any other value are transparent. Without such pixels the picture is RGB.

    Raises:
        RasterError: If the file cannot be written.
    """
    known = [entry.value for entry in classes]
    colours = np.zeros((max(int(values.max()), *known) + 1, 4), np.uint8)
    colours[known, :3], colours[known, 3] = _palette(classes), 255
    has_gaps = bool((colours[:, 3] == 0)[values].any())
    _save(path, Image.fromarray((colours if has_gaps else colours[:, :3])[values]))


def save_comparison(
    path: str | Path,
    image: Values,
    auxiliary: Values | None,
    predicted: NDArray[Any],
    truth: NDArray[Any],
    classes: ClassTable,
    limits: Limits | None = None,
    title: str = "",
    names: Sequence[str] = (),
    colours: Sequence[int] = (),
) -> None:
    """Writes one PNG of a window: image, auxiliary, prediction, truth and difference side by side.

    Args:
        path: The picture.
        image: Physical values (Ci, H, W), NaN where missing.
        auxiliary: Physical values (Ca, h, w) of the same footprint; the first band is drawn. None or no band: no
            such panel.
        predicted: Class indices (H, W); negative: no value.
        truth: Class indices (H, W); negative: unlabelled.
        classes: Names and colours of the classes, in the order of the indices.
        limits: Value range of each image band; None: percentiles of the window.
        title: A line above the panels.
        names: Names of the image's bands, which show what is drawn as red, green and blue, see ``shown_bands``.
        colours: The bands for red, green and blue, counted from 0, where the names do not show them.

    Raises:
        RasterError: If the picture cannot be written.
    """
    panels = comparison_panels(
        image, auxiliary, predicted, truth, classes, limits, names, colours, _drawable_text
    )
    has_gaps = any((colours == _NO_VALUE).all(axis=2).any() for _, colours in panels)
    _save(path, _draw_sheet(panels, _legend(classes, bool((truth < 0).any()), has_gaps), title))


def comparison_panels(
    image: Values,
    auxiliary: Values | None,
    predicted: NDArray[Any],
    truth: NDArray[Any],
    classes: ClassTable,
    limits: Limits | None = None,
    names: Sequence[str] = (),
    colours: Sequence[int] = (),
    translate: Callable[[str], str] = tr,
) -> list[tuple[str, Colours]]:
    """The panels of ``save_comparison`` from left to right: caption and colours (h, w, 3) of each.

    Args:
        image: As for ``save_comparison``, and so the other arrays.
        auxiliary: Second stream.
        predicted: Class indices.
        truth: Class indices.
        classes: Names and colours of the classes.
        limits: Value range of each image band.
        names: Names of the image's bands.
        colours: The bands for red, green and blue where the names do not show them.
        translate: Translates the captions.
    """
    size = _panel_size(*truth.shape)
    shown = shown_bands(names, len(image), colours)
    background = _resize(_stretch(image, shown, limits), size)
    panels = [(translate(tr_noop("Image")), background)]
    if auxiliary is not None and len(auxiliary):
        first = _resize(_stretch(auxiliary, (0,), None), size)
        panels.append((translate(tr_noop("Auxiliary")), first))
    errors = translate(tr_noop("Difference: nothing is labelled"))
    if labelled := int((truth >= 0).sum()):
        rate = ((predicted != truth) & (truth >= 0)).sum() / labelled
        errors = translate(tr_noop("Difference: {:.1%} wrong")).format(rate)
    predicted, truth = _resample(predicted, size), _resample(truth, size)
    panels += [
        (translate(tr_noop("Prediction")), _colour(predicted, classes, _fill(size, _NO_VALUE))),
        (translate(tr_noop("Truth")), _colour(truth, classes, _stripes(size))),
        (errors, _difference(background, predicted, truth)),
    ]
    return [(caption, _pale_where(panel, truth < 0)) for caption, panel in panels]


# Panels -------------------------------------------------------------------------------------------


def _panel_size(height: int, width: int) -> tuple[int, int]:
    """Height and width of a panel; small windows are enlarged by an integer factor, so that pixels stay square."""
    side = max(height, width)
    scale = math.ceil(_MIN_PANEL / side) if side < _MIN_PANEL else min(1.0, _MAX_PANEL / side)
    return max(round(height * scale), 1), max(round(width * scale), 1)


def _stretch(bands: Values, shown: Sequence[int], limits: Limits | None) -> Colours:
    """The one or three shown bands of an image (C, H, W) as colours (H, W, 3)."""
    drawn = bands[list(shown)]
    known = np.isfinite(drawn).all(axis=0)
    levels = np.zeros(drawn.shape, np.uint8)
    for index, (number, band) in enumerate(zip(shown, drawn)):
        if limits is not None:
            low, high = float(limits[0][number]), float(limits[1][number])
        else:
            low, high = np.percentile(band[known], _PERCENTILES) if known.any() else (0.0, 1.0)
        share = (band[known] - low) / max(high - low, 1e-12)
        levels[index, known] = np.round(255 * share.clip(0, 1)).astype(np.uint8)
    colours = np.broadcast_to(levels.transpose(1, 2, 0), (*known.shape, 3)).copy()
    colours[~known] = _NO_VALUE
    return colours


def _resize(colours: Colours, size: tuple[int, int]) -> Colours:
    """Colours (h, w, 3) in another size: means of pixels if smaller, repeated pixels if larger."""
    return np.asarray(Image.fromarray(colours).resize(size[::-1], Image.Resampling.BOX))


def _resample(indices: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Class indices in another size, by nearest neighbour."""
    rows, cols = (
        (np.arange(new) * 2 + 1) * old // (2 * new) for new, old in zip(size, indices.shape)
    )
    sampled: NDArray[Any] = indices[rows[:, None], cols]
    return sampled


def _palette(classes: ClassTable) -> Colours:
    """The colour of every class index (K, 3)."""
    return np.array([entry.rgb for entry in classes], np.uint8)


def _colour(indices: NDArray[Any], classes: ClassTable, elsewhere: Colours) -> Colours:
    """The colours (H, W, 3) of class indices; ``elsewhere`` where an index is negative."""
    colours = _palette(classes)[np.maximum(indices, 0)]
    return np.where(indices[..., None] < 0, elsewhere, colours)


def _difference(background: Colours, predicted: NDArray[Any], truth: NDArray[Any]) -> Colours:
    """The background in pale grey, tinted red where the prediction is wrong."""
    grey = background.mean(axis=2, keepdims=True, dtype=np.float32)
    right = np.repeat(70 + 0.65 * grey, 3, axis=2)
    wrong = 0.25 * right + 0.75 * np.array(_WRONG, np.float32)
    is_wrong = (predicted != truth) & (truth >= 0)
    return np.where(is_wrong[..., None], wrong, right).astype(np.uint8)


def _pale_where(colours: Colours, is_pale: NDArray[np.bool_]) -> Colours:
    """Colours (H, W, 3), near white where no label counts, so that the rest stands out; no value stays as it is."""
    pale = (_PALE * 255 + (1 - _PALE) * colours.astype(np.float32)).astype(np.uint8)
    has_value = (colours != _NO_VALUE).any(axis=2)
    return np.where((is_pale & has_value)[..., None], pale, colours)


def _fill(size: Sequence[int], colour: Colour) -> Colours:
    return np.broadcast_to(np.array(colour, np.uint8), (*size, 3))


def _stripes(size: Sequence[int]) -> Colours:
    diagonals = np.add.outer(np.arange(size[0]), np.arange(size[1]))
    stripes: Colours = np.array(_UNLABELLED, np.uint8)[diagonals // _STRIPE % 2]
    return stripes


# The sheet ----------------------------------------------------------------------------------------


def _legend(classes: ClassTable, has_unlabelled: bool, has_gaps: bool) -> list[_Entry]:
    entries = [(_fill(_SWATCH, entry.rgb), _drawable_name(entry)) for entry in classes]
    entries.append((_fill(_SWATCH, _WRONG), _drawable_text(tr_noop("wrong (in the difference)"))))
    if has_unlabelled:
        pale = _pale_where(_stripes(_SWATCH), np.ones(_SWATCH, bool))
        entries.append((pale, _drawable_text(tr_noop("pale: no label counts here"))))
    if has_gaps:
        entries.append((_fill(_SWATCH, _NO_VALUE), _drawable_text(tr_noop("no value"))))
    return entries


def _drawable_name(entry: ClassEntry) -> str:
    """A class's name, the name without accents, or the class's value: the first that the font can draw.

    Pillow's default font has few characters beyond ASCII, and draws a box for all others.
    """
    letters = unicodedata.normalize("NFKD", entry.name)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    names = (name for name in (entry.name, plain) if all(map(_is_drawable, name)))
    return next(names, _drawable_text(tr_noop("class {}")).format(entry.value))


def _drawable_text(text: str) -> str:
    """A text in the user's language if the font can draw it, else in English."""
    translated = tr(text)
    return translated if all(map(_is_drawable, translated)) else text


@cache
def _is_drawable(letter: str) -> bool:
    """Whether the font draws something other than the box for missing characters."""
    font = ImageFont.load_default(_TEXT)
    drawn, box = font.getmask(letter), font.getmask("\uffff")
    return drawn.size != box.size or bytes(drawn) != bytes(box)


def _draw_sheet(panels: list[tuple[str, Colours]], legend: list[_Entry], title: str) -> Image.Image:
    """Title, captioned panels and legend on one sheet of paper."""
    font = ImageFont.load_default(_TEXT)
    widths = [max(len(colours[0]), int(font.getlength(text)) + 1) for text, colours in panels]
    width = sum(widths) + _MARGIN * (len(panels) + 1)
    top = _MARGIN + (_LINE if title else 0)
    below = top + _LINE + len(panels[0][1]) + _MARGIN
    offsets = _flow([int(font.getlength(name)) for _, name in legend], width - 2 * _MARGIN)
    sheet = Image.new("RGB", (width, below + offsets[-1][1] + _LINE + _MARGIN // 2), _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_MARGIN, _MARGIN), title, _INK, font)
    left = _MARGIN
    for (text, colours), column in zip(panels, widths):
        pen.text((left, top), text, _INK, font)
        _paste(sheet, colours, left, top + _LINE)
        left += column + _MARGIN
    for (colours, name), (right, down) in zip(legend, offsets):
        _paste(sheet, colours, _MARGIN + right, below + down)
        position = (_MARGIN + right + _SWATCH[1] + 8, below + down + _SWATCH[0] // 2)
        pen.text(position, name, _INK, font, anchor="lm")
    return sheet


def _flow(lengths: list[int], width: int) -> list[tuple[int, int]]:
    """Offsets of the legend's entries from its corner, right and down, px; entries are wrapped into lines."""
    offsets, right, down = [], 0, 0
    for length in lengths:
        needed = _SWATCH[1] + 8 + length
        if right and right + needed > width:
            right, down = 0, down + _LINE
        offsets.append((right, down))
        right += needed + 24
    return offsets


def _paste(sheet: Image.Image, colours: Colours, left: int, top: int) -> None:
    """Draws a panel or swatch on the sheet with a thin frame, since it may be white."""
    sheet.paste(Image.fromarray(np.ascontiguousarray(colours)), (left, top))
    height, width = colours.shape[:2]
    ImageDraw.Draw(sheet).rectangle((left - 1, top - 1, left + width, top + height), outline=_EDGE)


def _save(path: str | Path, picture: Image.Image) -> None:
    with output_file(path, tr("picture"), RasterError) as part:
        picture.save(part, format="PNG", optimize=True)
