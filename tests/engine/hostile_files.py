"""Files that are wrong on purpose: model files, ensemble files, scenes tables and job files, each with what is said."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.normalisation import Normalisation
from tests.engine.small_network import SmallNetwork

#: The pixels of a tile, and the bands of image and stack, of the model file that is damaged.
TILE, BANDS, STACK = 32, 3, 2

_NAMES = {
    torch.float32: "F32",
    torch.float64: "F64",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int8: "I8",
    torch.int64: "I64",
}


def small_build(
    architecture: str, *, bands: int, auxiliary_bands: int, classes: int, **_: Any
) -> nn.Module:
    """What stands for ``build_model``: a network of a few weights, with the buffers of both streams."""
    torch.manual_seed(0)
    network = SmallNetwork(bands, classes)
    network.auxiliary_normalisation = Normalisation(auxiliary_bands, "auxiliary")
    return network


@dataclass
class ModelFile:
    """A model file in parts, for a case to damage.

    Attributes:
        card: The card.
        tensors: The weights.
        card_text: What stands for the card's JSON, where it is set.
        header: Changes the file's header, where it is set.
        damage: Changes the file's bytes, where it is set.
    """

    card: dict[str, Any]
    tensors: dict[str, Tensor]
    card_text: str | None = None
    header: Callable[[dict[str, Any]], object] | None = None
    damage: Callable[[bytes], bytes] | None = None

    def bytes(self) -> bytes:
        """The file."""
        text = json.dumps(self.card) if self.card_text is None else self.card_text
        header: dict[str, Any] = {"__metadata__": {"dualstream": text}}
        parts, end = [], 0
        for name, value in self.tensors.items():
            raw = value.contiguous().flatten().view(torch.uint8).numpy().tobytes()
            header[name] = {
                "dtype": _NAMES[value.dtype],
                "shape": [*value.shape],
                "data_offsets": [end, end + len(raw)],
            }
            end += len(raw)
            parts.append(raw)
        if self.header:
            self.header(header)
        head = json.dumps(header).encode()
        head += b" " * (-len(head) % 8)
        whole = struct.pack("<Q", len(head)) + head + b"".join(parts)
        return self.damage(whole) if self.damage else whole


def model_file(auxiliary: int = 0, classes: int = 2) -> ModelFile:
    """A model file that works, of one stream or two."""
    logits = 1 if classes == 2 else classes
    network = small_build(
        "dualstream-dformer", bands=BANDS, auxiliary_bands=auxiliary, classes=logits
    )
    tensors = dict(network.state_dict())
    tensors["image_normalisation.std"] = torch.full((BANDS,), 100.0)
    colours = ("#d9d4c7", "#0072b2", "#e69f00", "#009e73")
    card = {
        "format": 2,
        "architecture": "dualstream-dformer",
        "encoder": "mit-b0",
        "logits": logits,
        "tile_size": TILE,
        "image": {
            "bands": BANDS,
            "band_names": ["red", "green", "blue"],
            "dtype": "uint8",
            "low": [0.0] * BANDS,
            "high": [255.0] * BANDS,
            "pixel_size": [1.0, 1.0],
            "crs": "EPSG:32645",
            "chosen": [],
            "of": BANDS,
            "ground": 0.0,
        },
        "auxiliary": {
            "bands": auxiliary,
            "tile_size": 8 if auxiliary else 0,
            "band_names": [f"air {n}" for n in range(auxiliary)],
            "mean": [0.0] * auxiliary,
            "std": [1.0] * auxiliary,
            "chosen": [],
            "of": auxiliary,
        },
        "classes": [
            {"value": n, "name": f"class {n}", "colour": colours[n]} for n in range(classes)
        ],
        "threshold": 0.5,
        "metrics": {"miou": 0.5, "pixel_accuracy": 0.6, "epoch": 3},
        "provenance": {"engine": "1", "date": "2026-01-01", "scenes": 1},
    }
    return ModelFile(card, tensors)


@dataclass(frozen=True)
class Case:
    """A hostile file.

    Attributes:
        name: The test's name.
        says: Words of the sentence.
        model: Changes the model file.
        auxiliary: Bands of the second stream of the model file.
        job: Changes the job of ``segment``.
        text: What stands for the job file, where it is set.
        ensemble: An ensemble file instead of the model file; MODEL stands for the model file's name.
        table: A scenes table, for ``segment-folder``; IMAGE stands for the image's path.
        verb: What is run.
    """

    name: str
    says: str
    model: Callable[[ModelFile], object] | None = None
    auxiliary: int = 0
    job: dict[str, Any] = field(default_factory=dict)
    text: str | bytes | None = None
    ensemble: str | bytes | None = None
    table: str | bytes | None = None
    verb: str = "segment"


def _set(*keys: Any, to: Any) -> Callable[[ModelFile], None]:
    """Sets a value somewhere in the card."""

    def change(file: ModelFile) -> None:
        place: Any = file.card
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = to

    return change


def _without(*keys: Any) -> Callable[[ModelFile], None]:
    """Takes a key away from the card."""

    def change(file: ModelFile) -> None:
        place: Any = file.card
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]

    return change


def _all(*changes: Callable[[ModelFile], object]) -> Callable[[ModelFile], None]:
    def change(file: ModelFile) -> None:
        for each in changes:
            each(file)

    return change


def _text(text: str) -> Callable[[ModelFile], None]:
    def change(file: ModelFile) -> None:
        file.card_text = text

    return change


def _replaced(before: str, after: str) -> Callable[[ModelFile], None]:
    """Replaces a part of the card's JSON by what ``json`` would not write."""

    def change(file: ModelFile) -> None:
        text = json.dumps(file.card)
        assert before in text
        file.card_text = text.replace(before, after, 1)

    return change


def _bytes(damage: Callable[[bytes], bytes]) -> Callable[[ModelFile], None]:
    def change(file: ModelFile) -> None:
        file.damage = damage

    return change


def _header(damage: Callable[[dict[str, Any]], object]) -> Callable[[ModelFile], None]:
    def change(file: ModelFile) -> None:
        file.header = damage

    return change


def _weight(name: str, change: Callable[[Tensor], Tensor]) -> Callable[[ModelFile], None]:
    def changed(file: ModelFile) -> None:
        file.tensors[name] = change(file.tensors[name].clone())

    return changed


def _at_first(value: float) -> Callable[[Tensor], Tensor]:
    def change(tensor: Tensor) -> Tensor:
        tensor.flatten()[0] = value
        return tensor

    return change


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x80]) + data[place + 1 :]


def _offsets(entry: dict[str, Any]) -> None:
    entry["data_offsets"] = [0, 2**60]


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


_LARGE = [{"value": n, "name": f"class {n}", "colour": "#000000"} for n in (0, 1, 2, 3)]

#: Keys that every card has; without one of them it says nothing.
_REQUIRED = (
    "format",
    "architecture",
    "encoder",
    "logits",
    "tile_size",
    "image",
    "auxiliary",
    "classes",
)

#: A valid record of the model that a training started from.
_START = {"name": "a.safetensors", "sha256": "0"}


def _lineage(count: int) -> dict[str, Any]:
    """The record of a model that started from ``count`` - 1 others, each from the next."""
    return {**_START, **({"start": _lineage(count - 1)} if count > 1 else {})}


#: A value of the wrong type for each place of a card.
_WRONG: tuple[tuple[tuple[Any, ...], Any], ...] = (
    (("format",), "2"),
    (("architecture",), 7),
    (("encoder",), None),
    (("logits",), "1"),
    (("logits",), True),
    (("tile_size",), 64.5),
    (("tile_size",), "64"),
    (("image",), []),
    (("image", "bands"), "3"),
    (("image", "bands"), 3.5),
    (("image", "band_names"), "red"),
    (("image", "band_names", 0), 5),
    (("image", "dtype"), 8),
    (("image", "low"), 0.0),
    (("image", "low", 0), "0"),
    (("image", "high", 1), None),
    (("image", "pixel_size"), {"x": 1}),
    (("image", "crs"), 4326),
    (("image", "of"), "3"),
    (("image", "ground"), "1 m"),
    (("auxiliary",), 3),
    (("auxiliary", "bands"), None),
    (("classes",), {"0": "land"}),
    (("classes", 0), "land"),
    (("classes", 0, "name"), 5),
    (("threshold",), "0.5"),
    (("metrics",), [0.5]),
    (("metrics", "miou"), "good"),
    (("metrics", "calibration"), 1.3),
    (("provenance",), "trained"),
    (("provenance", "date"), 2026),
    (("provenance", "start"), "a.safetensors"),
)

_CARDS: tuple[tuple[str, str, Callable[[ModelFile], object]], ...] = (
    ("format-of-the-future", "update the plugin", _set("format", to=99)),
    ("format-zero", "format", _set("format", to=0)),
    ("unknown-key", "surprise", _set("surprise", to=1)),
    ("unknown-key-in-image", "surprise", _set("image", "surprise", to=1)),
    ("tile-negative", "tile_size", _set("tile_size", to=-32)),
    ("tile-zero", "tile size", _set("tile_size", to=0)),
    ("tile-33", "tile size", _set("tile_size", to=33)),
    ("tile-huge", "tile_size", _set("tile_size", to=2**40)),
    ("tile-8224", "8192", _set("tile_size", to=8224)),
    ("bands-zero", "bands", _set("image", "bands", to=0)),
    ("bands-negative", "bands", _set("image", "bands", to=-3)),
    ("bands-huge", "bands", _set("image", "bands", to=10**12)),
    (
        "bands-unlike-the-weights",
        "4",
        _set("image", to={"bands": 4, "dtype": "uint8"}),
    ),
    ("bands-unlike-the-names", "band_names", _set("image", "band_names", to=["red"])),
    ("low-too-few", "low", _set("image", "low", to=[0.0])),
    ("low-is-high", "low", _set("image", "low", to=[255.0] * BANDS)),
    ("low-without-high", "high", _set("image", "high", to=[])),
    ("low-nan", "NaN", _set("image", "low", 0, to=math.nan)),
    ("high-beyond-floats", "1e999", _replaced("255.0", "1e999")),
    ("ground-negative", "ground", _set("image", "ground", to=-1.0)),
    ("ground-infinite", "Infinity", _set("image", "ground", to=math.inf)),
    ("pixel-size-of-three", "pixel_size", _set("image", "pixel_size", to=[1.0, 1.0, 1.0])),
    ("chosen-zero", "chosen", _set("image", "chosen", to=[0, 1, 2])),
    ("chosen-too-few", "chosen", _set("image", "chosen", to=[1])),
    ("chosen-beyond", "band 4, and there were 3", _set("image", "chosen", to=[1, 2, 4])),
    ("logits-zero", "logits", _set("logits", to=0)),
    ("logits-unlike-classes", "logits", _set("logits", to=3)),
    ("logits-huge", "logits", _set("logits", to=10**9)),
    ("logits-unlike-the-weights", "4", _all(_set("logits", to=4), _set("classes", to=_LARGE))),
    ("threshold-2", "threshold", _set("threshold", to=2)),
    ("threshold-0", "threshold", _set("threshold", to=0)),
    ("threshold-nan", "NaN", _set("threshold", to=math.nan)),
    ("no-class", "classes", _set("classes", to=[])),
    ("one-class", "classes", lambda file: file.card["classes"].pop()),
    ("value-twice", "twice", _set("classes", 1, "value", to=0)),
    ("value-negative", "-1", _set("classes", 0, "value", to=-1)),
    ("value-70000", "70000", _set("classes", 1, "value", to=70000)),
    ("value-1.5", "1.5", _set("classes", 1, "value", to=1.5)),
    ("value-true", "True", _set("classes", 1, "value", to=True)),
    ("value-of-400-digits", "digits", _replaced('"value": 1', '"value": 1' + "0" * 400)),
    ("values-out-of-order", "order", lambda file: file.card["classes"].reverse()),
    ("class-without-name", "name", _without("classes", 0, "name")),
    ("class-with-more", "surprise", _set("classes", 0, "surprise", to=1)),
    ("colour-red", "#rrggbb", _set("classes", 0, "colour", to="red")),
    ("colour-number", "colour", _set("classes", 0, "colour", to=255)),
    ("name-empty", "name", _set("classes", 0, "name", to="")),
    ("name-nul", "U+0000", _set("classes", 0, "name", to="a\0b")),
    ("name-escape", "U+001B", _set("classes", 0, "name", to="\x1b[2Jland")),
    ("name-line-break", "U+000A", _set("classes", 0, "name", to="land\nwater")),
    ("name-surrogate", "U+D800", _set("classes", 0, "name", to="\ud800")),
    ("name-no-character", "U+FFFF", _set("classes", 0, "name", to="\uffff")),
    ("name-10-mb", "characters", _set("classes", 0, "name", to="x" * 10_000_000)),
    ("band-name-control", "U+0007", _set("image", "band_names", 0, to="red\a")),
    ("crs-surrogate", "U+DFFF", _set("image", "crs", to="\udfff")),
    ("dtype-too-long", "characters", _set("image", "dtype", to="x" * 1000)),
    ("imported-escape", "U+001B", _set("provenance", "imported", to="\x1b[31m")),
    ("start-without-name", "name", _set("provenance", "start", to={"sha256": "0"})),
    ("start-escape", "U+001B", _set("provenance", "start", to={**_START, "name": "\x1b[31m"})),
    ("start-score", "miou", _set("provenance", "start", to={**_START, "miou": "good"})),
    ("start-of-11", "more than 10 models", _set("provenance", "start", to=_lineage(11))),
    ("architecture-unknown", "no architecture 'resnet'", _set("architecture", to="resnet")),
    ("architecture-too-long", "characters", _set("architecture", to="x" * 100_000)),
    ("architecture-escape", "U+001B", _set("architecture", to="\x1b[31m")),
    (
        "encoder-unlike-architecture",
        "mit-b1",
        _all(_set("architecture", to="cmx-b1"), _set("encoder", to="mit-b0")),
    ),
    ("deep-10000", "deep", _replaced('"epoch": 3', f'"epoch": 3, "x": {_nested(10_000)}')),
    ("deep-200", "deep", _replaced('"epoch": 3', f'"epoch": 3, "x": {_nested(200)}')),
    ("key-twice", "twice", _replaced('"logits": 1', '"logits": 1, "logits": 1')),
    ("card-no-json", "damaged", _text("{'format': 2}")),
    ("card-empty", "damaged", _text("")),
    ("card-a-list", "card", _text("[1, 2]")),
    ("card-null", "card", _text("null")),
    ("card-cut-off", "damaged", _replaced('"threshold"', "")),
)

_STREAMS: tuple[tuple[str, str, Callable[[ModelFile], object]], ...] = (
    ("std-zero", "std", _set("auxiliary", "std", 0, to=0.0)),
    ("std-too-few", "std", _set("auxiliary", "std", to=[1.0])),
    ("mean-text", "mean", _set("auxiliary", "mean", 0, to="0")),
    ("auxiliary-bands-negative", "bands", _set("auxiliary", "bands", to=-2)),
    ("auxiliary-tile-zero", "tile_size", _set("auxiliary", "tile_size", to=0)),
    ("auxiliary-tile-huge", "tile_size", _set("auxiliary", "tile_size", to=10**6)),
    ("auxiliary-bands-unlike-the-weights", "5", _set("auxiliary", to={"bands": 5, "tile_size": 8})),
    (
        "auxiliary-on-another-grid",
        "tile_size",
        _all(_set("architecture", to="cmx-b0"), _set("auxiliary", "tile_size", to=8)),
    ),
    (
        "auxiliary-of-a-network-of-one-stream",
        "image only",
        _all(_set("architecture", to="unet-resnet50"), _set("encoder", to="resnet50")),
    ),
)

_WEIGHTS: tuple[tuple[str, str, Callable[[ModelFile], object]], ...] = (
    ("weight-nan", "encoder.weight", _weight("encoder.weight", _at_first(math.nan))),
    ("weight-infinite", "head.weight", _weight("head.weight", _at_first(-math.inf))),
    ("statistics-nan", "norm.running_mean", _weight("norm.running_mean", _at_first(math.nan))),
    (
        "half-nan",
        "encoder.weight",
        _weight("encoder.weight", lambda t: _at_first(math.nan)(t.half())),
    ),
    (
        "double-too-large",
        "encoder.weight",
        _weight("encoder.weight", lambda t: _at_first(1e300)(t.double())),
    ),
    (
        "output-nan",
        "probabilities",
        _weight("norm.running_var", lambda t: torch.full_like(t, -1.0)),
    ),
    (
        "output-nan-of-infinities",
        "probabilities",
        _weight("head.weight", lambda t: 3e38 * torch.tensor([1.0, -1.0] * 4).view(t.shape)),
    ),
    (
        "output-infinite",
        "probabilities",
        _weight("head.weight", lambda t: torch.full_like(t, 3e38)),
    ),
    ("spread-tiny", "std", _weight("image_normalisation.std", lambda t: t * 1e-32)),
    ("spread-huge", "std", _weight("image_normalisation.std", lambda t: t * 1e32)),
    (
        "spread-of-other-values",
        "standard deviations from the mean",
        _weight("image_normalisation.std", lambda t: t * 1e-17),
    ),
    ("spread-zero", "std", _weight("image_normalisation.std", torch.zeros_like)),
    ("spread-negative", "std", _weight("image_normalisation.std", torch.negative)),
    ("weights-int8", "I8", _weight("encoder.weight", lambda t: t.to(torch.int8))),
    ("tensor-missing", "do not fit", lambda file: file.tensors.pop("head.bias")),
    ("tensor-too-many", "do not fit", lambda f: f.tensors.update(extra=torch.zeros(3))),
    ("tensor-of-another-shape", "do not fit", _weight("encoder.weight", lambda t: t[:, :, :1])),
    ("statistics-missing", "do not fit", lambda f: f.tensors.pop("image_normalisation.mean")),
    ("no-tensor", "do not fit", lambda file: file.tensors.clear()),
)

_BYTES: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("empty", "is not a model file", lambda data: b""),
    ("seven-bytes", "is not a model file", lambda data: data[:7]),
    ("length-only", "is not a model file", lambda data: data[:8]),
    ("cut-in-the-header", "is not a model file", lambda data: data[:100]),
    ("cut-in-the-weights", "cut off", lambda data: data[:-100]),
    ("cut-by-one-byte", "cut off", lambda data: data[:-1]),
    ("longer-than-it-says", "cut off or damaged", lambda data: data + b"more"),
    (
        "header-longer-than-the-file",
        "is not a model file",
        lambda d: struct.pack("<Q", 10**7) + d[8:],
    ),
    ("header-of-exabytes", "is not a model file", lambda d: struct.pack("<Q", 2**64 - 1) + d[8:]),
    ("header-length-zero", "is not a model file", lambda d: struct.pack("<Q", 0) + d[8:]),
    ("header-shorter", "is not a model file", lambda d: struct.pack("<Q", 50) + d[8:]),
    ("bit-of-length", "is not a model file", lambda data: _flipped(data, 3)),
    ("bit-of-brace", "is not a model file", lambda data: _flipped(data, 8)),
    ("bit-in-header", "is not a model file", lambda data: _flipped(data, 30)),
    (
        "header-not-utf-8",
        "is not a model file",
        lambda data: data.replace(b"head.bias", b"\xff" * 9),
    ),
    (
        "a-pickle",
        "is not a model file",
        lambda data: b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.",
    ),
    ("a-zip", "is not a model file", lambda data: b"PK\x03\x04" + b"\0" * 200),
    ("noise", "is not a model file", lambda data: bytes(range(256)) * 20),
)

_HEADERS: tuple[tuple[str, str, Callable[[dict[str, Any]], object]], ...] = (
    ("metadata-missing", "no DualStream card", lambda head: head.pop("__metadata__")),
    ("metadata-a-list", "is not a model file", lambda head: head.update(__metadata__=[])),
    (
        "card-a-number",
        "is not a model file",
        lambda head: head["__metadata__"].update(dualstream=5),
    ),
    ("offsets-beyond-the-file", "is not a model file", lambda head: _offsets(head["head.bias"])),
    (
        "shape-negative",
        "is not a model file",
        lambda head: head["head.bias"].update(shape=[-1]),
    ),
    ("shape-text", "is not a model file", lambda head: head["head.bias"].update(shape="1")),
    ("entry-a-number", "is not a model file", lambda head: head.update({"head.bias": 3})),
    ("kind-unknown", "is not a model file", lambda head: head["head.bias"].update(dtype="F33")),
)

_ENSEMBLES: tuple[tuple[str, str, str | bytes], ...] = (
    ("no-json", "cannot be read", "{"),
    ("empty", "cannot be read", ""),
    ("not-utf-8", "cannot be read", b'\xff\xfe{"members": ["MODEL"]}'),
    ("deep", "deep", '{"members": ' + _nested(20_000) + "}"),
    ("key-twice", "twice", '{"members": ["MODEL"], "members": ["MODEL"]}'),
    ("a-number", "must hold an object", "3"),
    ("no-member", "must hold an object", '{"members": []}'),
    ("unknown-key", "must hold an object", '{"members": ["MODEL"], "method": "mean"}'),
    ("member-a-number", "must have a model", '{"members": [3]}'),
    ("member-empty", "must have a model", '{"members": [""]}'),
    ("member-nul", "U+0000", '{"members": ["a\\u0000b"]}'),
    ("member-surrogate", "U+D800", '{"members": ["a\\ud800b"]}'),
    ("member-too-long", "characters", json.dumps({"members": ["x" * 10**6]})),
    ("member-a-folder", "it is a folder", '{"members": ["."]}'),
    ("weight-nan", "NaN", '{"members": [{"model": "MODEL", "weight": NaN}]}'),
    ("weight-1e999", "1e999", '{"members": [{"model": "MODEL", "weight": 1e999}]}'),
    ("weight-tiny", "weight", '{"members": [{"model": "MODEL", "weight": 1e-300}]}'),
    (
        "weight-of-5000-digits",
        "digits",
        '{"members": [{"model": "MODEL", "weight": 1' + "0" * 5000 + "}]}",
    ),
    (
        "weight-of-400-digits",
        "digits",
        '{"members": [{"model": "MODEL", "weight": 1' + "0" * 400 + "}]}",
    ),
    ("combine-a-list", "mean or vote", '{"members": ["MODEL"], "combine": ["mean"]}'),
    ("combine-an-object", "mean or vote", '{"members": ["MODEL"], "combine": {}}'),
)

_JOBS: tuple[tuple[str, str, str | bytes], ...] = (
    ("no-json", "not JSON", "{"),
    ("empty", "not JSON", ""),
    ("not-utf-8", "cannot be read", b"\xff\xfe{}"),
    ("a-list", "one JSON object", "[]"),
    ("deep", "deep", _nested(100_000)),
    ("field-deep", "deep", '{"image": ' + _nested(3000) + "}"),
    ("field-twice", "twice", '{"overlap": 1, "overlap": 2}'),
    ("field-unknown", "no field", '{"imaeg": "a"}'),
    ("field-unknown-and-long", "no field", json.dumps({"x" * 10**6: 1})),
    ("text-a-number", "image", '{"image": 3}'),
    ("text-10-mb", "characters", json.dumps({"runtime": "x" * 10**7})),
    ("text-nul", "U+0000", '{"image": "a\\u0000b"}'),
    ("text-surrogate", "U+D800", '{"output": "a\\ud800b.tif"}'),
    ("number-nan", "NaN", '{"threshold": NaN}'),
    ("number-1e999", "1e999", '{"threshold": 1e999}'),
    ("number-of-400-digits", "digits", '{"threshold": 1' + "0" * 400 + "}"),
    ("number-of-5000-digits", "digits", '{"overlap": 1' + "0" * 5000 + "}"),
    ("extent-of-three", "4 numbers", '{"extent": [0, 0, 1]}'),
    ("extent-text", "extent", '{"extent": ["zero", 0, 1, 1]}'),
    ("flag-a-number", "match_resolution", '{"match_resolution": 1}'),
    ("batch-a-flag", "batch_size", '{"batch_size": true}'),
)

#: Values of a job that are of the right type and impossible.
_RANGES: tuple[tuple[str, str, Any], ...] = (
    ("batch-negative", "batch", {"batch_size": -1}),
    ("batch-huge", "batch_size", {"batch_size": 10**15}),
    ("overlap-huge", "overlap", {"overlap": 10**18}),
    ("overlap-negative", "overlap", {"overlap": -2}),
    ("threshold-2", "threshold", {"threshold": 2.0}),
    ("tile-size-33", "tile", {"tile_size": 33}),
    ("bands-huge", "band", {"image_bands": [2**62, 1, 2]}),
    ("bands-negative", "band", {"image_bands": [-1, 1, 2]}),
)

_HEAD = "image,name\n"
_TABLES: tuple[tuple[str, str, str | bytes], ...] = (
    ("empty", "no row", b""),
    ("header-only", "no row", _HEAD),
    ("column-missing", "no column 'image'", "picture\nIMAGE\n"),
    ("column-twice", "twice", "image,image\nIMAGE,IMAGE\n"),
    ("not-utf-8", "is not text in UTF-8", b"im\xff\xfeage,name\nIMAGE,a\n"),
    ("utf-16", "is not text in UTF-8", "image,name\nIMAGE,a\n".encode("utf-16")),
    ("field-too-long", "characters", _HEAD + "IMAGE," + "x" * 200_000 + "\n"),
    ("quote-left-open", "quot", _HEAD + 'IMAGE,"a\n' + "IMAGE,b\n" * 20),
    ("two-images", "one image", _HEAD + "IMAGE;IMAGE,a\n"),
    ("no-image", "one image", _HEAD + ",a\n"),
    ("more-cells-than-columns", "cells", _HEAD + "IMAGE,a,b,c\n"),
)


def cases() -> list[Case]:
    """All hostile files."""
    found = [Case(f"without-{key}", key, _without(key)) for key in _REQUIRED]
    found += [Case("image-without-bands", "bands", _without("image", "bands"))]
    for keys, value in _WRONG:
        names = [str(key) for key in keys if isinstance(key, str)]
        says = "class table" if names == ["classes"] and len(keys) > 1 else names[-1]
        name = f"wrong-{'-'.join(map(str, keys))}-{type(value).__name__}"
        found.append(Case(name, says, _set(*keys, to=value)))
    found += [Case(*entry) for entry in (*_CARDS, *_WEIGHTS)]
    found += [Case(*entry, auxiliary=STACK) for entry in _STREAMS]
    found += [Case(f"file-{name}", says, _bytes(damage)) for name, says, damage in _BYTES]
    found += [Case(f"header-{name}", says, _header(damage)) for name, says, damage in _HEADERS]
    found += [Case(f"ensemble-{name}", says, ensemble=text) for name, says, text in _ENSEMBLES]
    found += [Case(f"job-{name}", says, text=text) for name, says, text in _JOBS]
    found += [Case(f"range-{name}", says, job=fields) for name, says, fields in _RANGES]
    found += [
        Case(f"table-{name}", says, table=text, verb="segment-folder")
        for name, says, text in _TABLES
    ]
    return found


def written(case: Case, folder: Path, image: str) -> Path:
    """Writes a case's files into an empty folder; the job file that runs it."""
    file = model_file(case.auxiliary)
    if case.model:
        case.model(file)
    model = folder / "model.safetensors"
    model.write_bytes(file.bytes())
    job: dict[str, Any] = {"model": [str(model)], "device": "cpu", "runtime": "torch"}
    if case.ensemble is not None:
        job["model"] = [str(_put(folder / "team.json", case.ensemble, "MODEL", model.name))]
    if case.table is not None:
        job["scenes"] = str(_put(folder / "scenes.csv", case.table, "IMAGE", image))
        job["output_folder"] = str(folder / "out")
    else:
        job.update(image=image, output=str(folder / "out" / "mask.tif"))
    text = json.dumps({**job, **case.job}) if case.text is None else case.text
    return _put(folder / "job.json", text, "", "")


def _put(path: Path, text: str | bytes, word: str, meant: str) -> Path:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    path.write_bytes(data.replace(word.encode(), meant.encode()) if word else data)
    return path
