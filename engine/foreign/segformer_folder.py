"""A folder of ``SegformerForSemanticSegmentation``, as ``transformers`` saves it.

Its ``config.json`` is read here and not by the library, so that nothing in it can name code or an address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from logging import ERROR
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import SegformerConfig, SegformerForSemanticSegmentation
from transformers.utils import logging

from ..contract.card_reader import MAX_NAME
from ..contract.errors import JobError, join_choices, join_names
from ..contract.model_card import MAX_BANDS, MAX_CLASSES, tile_flaw
from ..contract.paths import check_file
from ..contract.plain_text import one_line, shorten
from ..contract.strict_json import Fields, parse_json
from ..contract.translation import tr
from ..models.factory import build_on_meta
from ..models.segformer_network import Sizes, encoder_name, segformer_config
from ..models.weight_files import MAX_NAMES, read_state
from .foreign_network import ForeignNetwork, PixelScaling

#: Files of a folder.
CONFIG = "config.json"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_PREPROCESSOR = "preprocessor_config.json"

#: Settings that a network must have as published, because its name does not contain them.
_PUBLISHED = (
    "patch_sizes",
    "strides",
    "sr_ratios",
    "mlp_ratios",
    "hidden_act",
    "num_encoder_blocks",
)

#: Largest numbers of channels, and of blocks and heads of a stage; largest file of settings, bytes.
_MAX_CHANNELS = 9999
_MAX_COUNT = 99
_MAX_BYTES = 10_000_000

#: A configuration may describe a network of this many times the weights in the file, so that what is missing can be
#: named; the library takes memory for all of them.
_MAX_MISSING = 4


@dataclass(frozen=True)
class _Settings:
    """The settings in a folder's files.

    Attributes:
        encoder: Name of the encoder.
        width: Channels of the decoder.
        bands: Bands of the image.
        class_names: Names of the classes, one for each logit.
        scaling: The scaling of the images; None: unknown.
        tile_size: Side of the images, px; 0: unknown, or no side of a tile.
    """

    encoder: str
    width: int
    bands: int
    class_names: tuple[str, ...]
    scaling: PixelScaling | None
    tile_size: int

    @classmethod
    def read(cls, folder: Path) -> _Settings:
        """Reads them; raises ``ValueError`` with the reason if they are of no network that can be imported."""
        fields = Fields(_read_json(folder / CONFIG))
        encoder, width, bands = _sizes(fields)
        class_names = _class_names(fields)
        scaling, tile_size = _preprocessing(folder / _PREPROCESSOR, bands)
        return cls(encoder, width, bands, class_names, scaling, tile_size)

    def config(self) -> SegformerConfig:
        """The library's settings of this network."""
        return segformer_config(self.encoder, self.width, self.bands, len(self.class_names))


def read_segformer_folder(
    folder: Path, state: Mapping[str, Tensor], weights: str
) -> ForeignNetwork:
    """The network in a folder of ``SegformerForSemanticSegmentation``, with the classes and scaling of its files.

    Args:
        folder: The folder.
        state: The weights of one of its files, if the user named that; else empty.
        weights: What the user named: the folder or a file in it.

    Raises:
        JobError: If a file is missing or damaged, the folder is of another model, or the weights do not fit.
    """
    refuse = partial(_refusal, folder)
    if state:
        _check_config_beside(folder, weights)
        source = Path(weights)
    else:
        source = _weights_in(folder, refuse)
    try:
        settings = _Settings.read(folder)
    except ValueError as error:
        raise refuse(str(error)) from error
    names = settings.class_names
    return ForeignNetwork(
        architecture=f"segformer:{settings.encoder}:{settings.width}",
        source=source,
        state=_convert(dict(state or read_state(str(source))), settings.config(), refuse),
        refuse=refuse,
        bands=settings.bands,
        logits=len(names),
        part="network",
        class_names=names if len(names) > 1 else ("background", *names),
        scaling=settings.scaling,
        tile_size=settings.tile_size,
        is_rgb=settings.bands == 3,
    )


def _refusal(folder: Path, reason: str) -> JobError:
    return JobError(
        tr(
            "The folder {} holds no SegFormer that can be imported ({}): save it with save_pretrained of "
            "SegformerForSemanticSegmentation."
        ).format(folder, reason)
    )


def _check_config_beside(folder: Path, weights: str) -> None:
    if not (folder / CONFIG).is_file():
        raise JobError(
            tr(
                "The weights {} are those of a SegFormer, whose sizes and classes are in a file {} that is missing beside them: give the "
                "folder that save_pretrained of SegformerForSemanticSegmentation writes."
            ).format(weights, CONFIG)
        )


def _weights_in(folder: Path, refuse: Callable[[str], JobError]) -> Path:
    """The file of weights of a folder, which must have a file of settings too."""
    if not (folder / CONFIG).is_file():
        raise refuse(tr("it has no {}").format(CONFIG))
    files = [folder / name for name in _WEIGHTS if (folder / name).is_file()]
    if not files:
        raise refuse(tr("it has no {}").format(join_choices(_WEIGHTS)))
    return files[0]


def _read_json(path: Path) -> dict[str, Any]:
    """The object in a file of settings; raises ``ValueError`` with the reason."""
    check_file(path, JobError)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(tr("it is too large"))
        value = parse_json(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(tr("{} cannot be read: {}").format(path.name, error)) from error
    if not isinstance(value, dict):
        raise ValueError(tr("{} holds no object").format(path.name))
    return value


def _sizes(fields: Fields) -> tuple[str, int, int]:
    """Encoder, the decoder's width and bands."""
    kind = fields.text("model_type", MAX_NAME, "")
    if kind != "segformer":
        raise ValueError(tr("{} is of the model {}").format(CONFIG, shorten(kind)))
    published = SegformerConfig().to_dict()
    for name in _PUBLISHED:
        value, needed = fields.record.get(name), json.loads(json.dumps(published[name]))
        if value is not None and value != needed:
            raise ValueError(
                tr("{} is {}, and only {} can be imported").format(name, shorten(value), needed)
            )
    lists = [
        fields.wholes(name, (4,), 1, maximum) if name in fields.record else tuple(published[name])
        for name, maximum in (
            ("hidden_sizes", _MAX_CHANNELS),
            ("depths", _MAX_COUNT),
            ("num_attention_heads", _MAX_COUNT),
        )
    ]
    sizes: Sizes = (lists[0], lists[1], lists[2])
    width = fields.whole("decoder_hidden_size", 1, _MAX_CHANNELS, published["decoder_hidden_size"])
    return encoder_name(sizes), width, fields.whole("num_channels", 1, MAX_BANDS, 3)


def _class_names(fields: Fields) -> tuple[str, ...]:
    """The names of the classes; the library's LABEL_3 is "class 3" here."""
    given = fields.object("id2label", is_optional=True)
    count = len(given.record) or fields.whole("num_labels", 1, MAX_CLASSES, 2)
    names = [given.text(str(index), MAX_NAME, "") for index in range(count)]
    given.close()
    return tuple(
        f"class {index}" if name in ("", f"LABEL_{index}") else one_line(name, MAX_NAME)
        for index, name in enumerate(names)
    )


def _preprocessing(path: Path, bands: int) -> tuple[PixelScaling | None, int]:
    """How the images were scaled, and their side if it can be a tile's; None and 0 where the file does not say."""
    if not path.is_file():
        return None, 0
    fields = Fields(_read_json(path))
    factor = fields.number("rescale_factor", 1 / 255)
    if not 1e-9 < factor <= 1:
        raise ValueError(tr("rescale_factor is {:g}, and must be from 0 to 1").format(factor))
    maximum = 1 / factor if fields.record.get("do_rescale", True) else 1.0
    # The library writes the values for RGB whatever the network's bands are.
    mean, std = (fields.numbers(name, (0, 1, 3, bands)) for name in ("image_mean", "image_std"))
    if fields.record.get("do_normalize", True) is False:
        mean, std = (0.0,) * bands, (1.0,) * bands
    is_told = len(mean) == len(std) == bands
    # 1 / 255 is written with few digits.
    whole = round(maximum) if abs(maximum - round(maximum)) < 1e-3 else maximum
    scaling = PixelScaling(mean, std, float(whole)) if is_told else None
    size = fields.record.get("size")
    sides = [*size.values()] if isinstance(size, dict) else [size]
    side = sides[0] if sides and sides == sides[:1] * len(sides) else None
    return scaling, side if type(side) is int and not tile_flaw(side) else 0


def _convert(
    state: dict[str, Tensor], config: SegformerConfig, refuse: Callable[[str], JobError]
) -> dict[str, Tensor]:
    """The weights by the names of this version of the library, which it has changed."""
    outline = build_on_meta(lambda: SegformerForSemanticSegmentation(config))
    needed, found = (
        sum(value.numel() for value in weights.values())
        for weights in (outline.state_dict(), state)
    )
    if needed > _MAX_MISSING * found:
        text = tr("{} describes a network of {} numbers, and the weights have {}")
        raise refuse(text.format(CONFIG, needed, found))
    with _silence():
        # Nothing is downloaded: the weights are in memory.
        loaded: Any = SegformerForSemanticSegmentation.from_pretrained(  # nosec B615
            None,
            config=config,
            state_dict=state,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    model, report = loaded
    flaws = [tr("{} is missing").format(name) for name in sorted(report["missing_keys"])]
    flaws += [tr("{} is unknown").format(name) for name in sorted(report["unexpected_keys"])]
    flaws += [
        tr("{} has the shape {} instead of {}").format(name, tuple(shape), tuple(other))
        for name, shape, other in sorted(report["mismatched_keys"])
    ]
    if flaws:
        raise refuse(join_names(flaws, MAX_NAMES))
    converted: dict[str, Tensor] = model.state_dict()
    return converted


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps the library from printing its progress, and a table of what does not fit, which the error says."""
    level, has_progress = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if has_progress:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
