"""Reads the card of a model file and checks it: types, ranges, and fields that must agree.

The engine and the plugin refuse the same cards, because both read them here, without torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .architectures import architecture
from .card_weights import check_shapes
from .class_table import from_records
from .errors import EngineError, JobError, ModelFileError
from .model_card import (
    CARD_KEY,
    FORMAT,
    MAX_BANDS,
    MAX_CLASSES,
    MAX_TILE_SIZE,
    AuxiliaryCard,
    Card,
    ImageCard,
    PretrainedCard,
    card_to_dict,
    deviation_flaw,
    logits_for,
    tile_flaw,
)
from .protocol import replace_non_finite
from .safetensors_header import Header, read_header
from .start_record import check_start
from .strict_json import Fields, parse_json
from .translation import tr

#: Longest texts, in characters; a coordinate system without an EPSG code is written as WKT.
MAX_NAME = 200
MAX_BAND_NAME = 1000
MAX_CRS_TEXT = 65_536


def read_card(path: str | Path) -> Card:
    """The card of a model file.

    Raises:
        ModelFileError: If the file is missing, is not a model file, is from a newer DualStream, or its card is
            damaged or does not fit the weights.
    """
    return parse_card(read_header(path), path)


def parse_card(header: Header, path: str | Path) -> Card:
    """The card in the header of a model file, checked as ``read_card`` does."""
    try:
        record = parse_json(header.metadata.get(CARD_KEY, "null"))
    except ValueError as error:
        raise ModelFileError(tr("The card of {} is damaged: {}.").format(path, error)) from error
    if not isinstance(record, dict):
        raise ModelFileError(
            tr(
                "{} holds weights but no DualStream card: only files written by Train DualStream can "
                "be used."
            ).format(path)
        )
    card = _current(record, path)
    check_shapes(card, header, path)
    return card


def card_of_text(text: str, path: str | Path) -> Card:
    """The card in the metadata of an exported file, which may lack its format.

    Raises:
        ModelFileError: As ``read_card``.
    """
    try:
        record = parse_json(text)
    except ValueError as error:
        raise ModelFileError(tr("The card of {} is damaged: {}.").format(path, error)) from error
    known = record if isinstance(record, dict) else {}
    return _current({"format": FORMAT, **known}, path)


def _current(record: dict[str, Any], path: str | Path) -> Card:
    """The card of a record of this format or an older one."""
    version = record.get("format")
    if type(version) is int and version > FORMAT:
        raise ModelFileError(
            tr("{} has card format {}; this DualStream reads up to {}: update the plugin.").format(
                path, version, FORMAT
            )
        )
    try:
        return _parse_record(record)
    except (ValueError, EngineError) as error:
        raise ModelFileError(
            tr("The card of {} is damaged: {}.").format(path, str(error).rstrip("."))
        ) from error


def check_card(card: Card) -> None:
    """Makes sure, before hours of training, that a card can be read again once it is written.

    Raises:
        JobError: If a field has a value that ``read_card`` refuses.
    """
    try:
        _parse_record(parse_json(json.dumps(replace_non_finite(card_to_dict(card)))))
    except ValueError as error:
        raise JobError(
            tr("No model file can describe this network: {}.").format(str(error).rstrip("."))
        ) from error


def _parse_record(record: dict[str, Any]) -> Card:
    """The card of a record; raises ``ValueError`` or ``JobError`` if it is wrong."""
    fields = Fields(record)
    fields.whole("format", 1, FORMAT)
    card = _card(fields)
    fields.close()
    _check_agreement(card)
    return card


def _card(fields: Fields) -> Card:
    return Card(
        architecture=fields.text("architecture", MAX_NAME),
        encoder=fields.text("encoder", MAX_NAME),
        logits=fields.whole("logits", 1, MAX_CLASSES),
        tile_size=fields.whole("tile_size", 0, MAX_TILE_SIZE),
        image=_image(fields.object("image")),
        auxiliary=_auxiliary(fields.object("auxiliary")),
        classes=from_records(fields.objects("classes")),
        threshold=fields.number("threshold", 0.5),
        metrics=_metrics(fields.object("metrics", is_optional=True)),
        provenance=_provenance(fields.object("provenance", is_optional=True)),
        pretrained=_pretrained(fields.object("pretrained", is_optional=True)),
    )


def _image(fields: Fields) -> ImageCard:
    bands = fields.whole("bands", 1, MAX_BANDS)
    card = ImageCard(
        bands,
        band_names=fields.texts("band_names", (0, bands), MAX_BAND_NAME),
        dtype=fields.text("dtype", MAX_NAME, ""),
        low=fields.numbers("low", (0, bands)),
        high=fields.numbers("high", (0, bands)),
        pixel_size=fields.numbers("pixel_size", (0, 2)),
        crs=fields.text("crs", MAX_CRS_TEXT, ""),
        chosen=fields.wholes("chosen", (0, bands), 1, MAX_BANDS),
        of=fields.whole("of", 0, MAX_BANDS, 0),
        ground=fields.number("ground", 0.0),
    )
    fields.close()
    _check_chosen("image", card.chosen, card.of)
    if len(card.low) != len(card.high):
        raise ValueError(
            tr("image has {} values of low and {} of high").format(len(card.low), len(card.high))
        )
    for low, high in zip(card.low, card.high):
        if not low < high:
            raise ValueError(
                tr("image has a band whose low, {:g}, is not below its high, {:g}").format(
                    low, high
                )
            )
    if card.ground < 0:
        raise ValueError(
            tr("{} is {:g}, and must be 0 or more").format("image.ground", card.ground)
        )
    if min(card.pixel_size, default=0) < 0:
        raise ValueError(
            tr("{} is {:g}, and must be 0 or more").format("image.pixel_size", min(card.pixel_size))
        )
    return card


def _auxiliary(fields: Fields) -> AuxiliaryCard:
    bands = fields.whole("bands", 0, MAX_BANDS, 0)
    card = AuxiliaryCard(
        bands,
        tile_size=fields.whole("tile_size", 1 if bands else 0, MAX_TILE_SIZE, 0),
        band_names=fields.texts("band_names", (0, bands), MAX_BAND_NAME),
        mean=fields.numbers("mean", (0, bands)),
        std=fields.numbers("std", (0, bands)),
        chosen=fields.wholes("chosen", (0, bands), 1, MAX_BANDS),
        of=fields.whole("of", 0, MAX_BANDS, 0),
    )
    fields.close()
    _check_chosen("auxiliary", card.chosen, card.of)
    if flaw := deviation_flaw("auxiliary.std", card.std):
        raise ValueError(flaw)
    return card


def _check_chosen(stream: str, chosen: tuple[int, ...], bands: int) -> None:
    """Makes sure that the bands that were chosen are among those of the training files, if their number is known."""
    if bands and max(chosen, default=0) > bands:
        raise ValueError(
            tr("{} has band {}, and there were {} bands").format(
                f"{stream}.chosen", max(chosen), bands
            )
        )


def _metrics(fields: Fields) -> dict[str, Any]:
    """The scores; only those that this program reads are checked."""
    for name in ("miou", "pixel_accuracy"):
        fields.check_score(name)
    fields.whole("epoch", 0, 2**53, 0)
    calibration = fields.object("calibration", is_optional=True)
    calibration.number("temperature", 1.0)
    for name in ("ece_before", "ece_after"):
        calibration.check_score(name)
    return dict(fields.record)


def _provenance(fields: Fields) -> dict[str, Any]:
    """The origin of the weights; only the fields that are shown are checked."""
    for name in ("engine", "date", "imported"):
        fields.text(name, MAX_BAND_NAME, "")
    fields.whole("scenes", 0, 2**53, 0)
    check_start(fields)
    return dict(fields.record)


def _pretrained(fields: Fields) -> PretrainedCard:
    card = PretrainedCard(
        fields.text("origin", MAX_BAND_NAME, ""), fields.text("licence", MAX_BAND_NAME, "")
    )
    fields.close()
    return card


def _check_agreement(card: Card) -> None:
    """Makes sure that the fields of a card agree with each other and with the network's name."""
    network, stream = architecture(card.architecture), card.auxiliary
    if flaw := tile_flaw(card.tile_size, network.tile_step):
        raise ValueError(flaw)
    if not 0 < card.threshold < 1:
        raise ValueError(
            tr("threshold is {:g}, and must be between 0 and 1").format(card.threshold)
        )
    count = len(card.classes)
    if count < 2:
        raise ValueError(tr("classes has {} of the two or more that a mask needs").format(count))
    if card.logits not in {count, logits_for(count)}:
        raise ValueError(
            tr("logits is {}, which does not fit {} classes").format(card.logits, count)
        )
    if network.encoder and card.encoder not in ("", network.encoder):
        raise ValueError(
            tr("encoder is {!r}, and {} has {!r}").format(
                card.encoder, card.architecture, network.encoder
            )
        )
    if stream.bands and not network.takes_auxiliary:
        raise ValueError(
            tr("{} sees the image only, and auxiliary has bands").format(card.architecture)
        )
    if stream.bands and network.streams_share_grid and stream.tile_size != card.tile_size:
        raise ValueError(
            tr("auxiliary.tile_size is {}, and {} sees both streams in tiles of {}").format(
                stream.tile_size, card.architecture, card.tile_size
            )
        )
