"""The recipe of a training as one text: the fields of ``TrainJob`` that have no parameter of their own in QGIS.

Either pairs of name and value, ``learning_rate=0.0005 loss=ce+dice image_bands=4,3,2``, with spaces, commas,
semicolons or lines between them, or the path of a JSON file with an object of the same fields. A value with a space
before a further ``=`` needs double quotes: ``class_weights="thick cloud=3,water=0.5"``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, get_args, get_type_hints

from .architectures import with_recipe
from .encoders import IMAGENET, NO_WEIGHTS
from .errors import JobError, join_choices
from .job_json import parse_record, read_text
from .jobs import AUTOMATIC, FROZEN, TRAINED, TrainJob
from .plain_text import path_flaw, shorten
from .recipes import PRESETS
from .translation import tr


@dataclass(frozen=True)
class RecipeField:
    """What a field of the recipe accepts; its type is that of ``TrainJob``'s field.

    Attributes:
        low: Smallest number.
        high: Largest number.
        is_open: Whether ``TrainJob``'s default, 0 or -1, is no such number but means automatic.
        choices: The only texts; empty: any text.
        examples: Some of the texts where any is accepted.
    """

    low: float = 0
    high: float = math.inf
    is_open: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


_LOSSES = (
    *("focal+lovasz", "focal-dice", "focal+dice", "ohem+dice", "ce+dice"),
    *("ce", "ohem", "ohem-quarter", "focal", "alpha-focal", "lovasz", "lovasz-sigmoid", "dice"),
)
_MOST = 100_000

#: Every field of the recipe, in the order in which messages list them.
RECIPE_FIELDS: dict[str, RecipeField] = {
    "preset": RecipeField(choices=(AUTOMATIC, *PRESETS)),
    "pretrained": RecipeField(examples=(AUTOMATIC, IMAGENET, NO_WEIGHTS)),
    "image_bands": RecipeField(1, examples=("4,3,2",)),
    "auxiliary_bands": RecipeField(1, examples=("1,3",)),
    "auxiliary_tile_size": RecipeField(1, 8192, is_open=True),
    "learning_rate": RecipeField(0, 0.99, is_open=True),
    "encoder_rate": RecipeField(0, 10, is_open=True),
    "auxiliary_rate": RecipeField(0, 10, is_open=True),
    "fusion_rate": RecipeField(0, 10, is_open=True),
    "warmup_epochs": RecipeField(0, _MOST, is_open=True),
    "encoder_norms": RecipeField(choices=(TRAINED, FROZEN)),
    "schedule": RecipeField(choices=(AUTOMATIC, "cosine", "annealing", "plateau", "step")),
    "optimizer": RecipeField(choices=(AUTOMATIC, "adamw", "adam")),
    "weight_decay": RecipeField(0, 1, is_open=True),
    "accumulation": RecipeField(1, 4096, is_open=True),
    "ema": RecipeField(0, 0.9999, is_open=True),
    "loss": RecipeField(examples=(AUTOMATIC, *_LOSSES)),
    "logit_adjustment": RecipeField(0, 1, is_open=True),
    "class_weights": RecipeField(examples=("balanced", "none", "water=3,clouds=0.5")),
    "augmentation": RecipeField(examples=(AUTOMATIC, "flips", "flips+affine", "none")),
    "paste": RecipeField(examples=("thick cloud,thin cloud:soft",)),
    "class_balance": RecipeField(0, 1, is_open=True),
    "crop": RecipeField(1, 8, is_open=True),
    "foreground": RecipeField(0, 1, is_open=True),
    "least_foreground": RecipeField(0, 1),
    "stream_dropout": RecipeField(0, 0.99, is_open=True),
    "validation_share": RecipeField(0.01, 0.9),
    "validate_every": RecipeField(1, _MOST, is_open=True),
    "patience": RecipeField(0, _MOST, is_open=True),
    "baseline": RecipeField(),
    "checkpoint_every": RecipeField(0, _MOST),
    "picture_bands": RecipeField(1, examples=("3,2,1",)),
    "resume": RecipeField(),
    "seed": RecipeField(0, 2**31 - 1),
    "precision": RecipeField(choices=("auto", "fp32", "bf16", "fp16")),
}

_JOB_FIELDS = tuple(field.name for field in fields(TrainJob))
_TYPES = get_type_hints(TrainJob)

#: A name before an equals sign. What precedes it tells a comma within a list from the border of two pairs.
_NAME = re.compile(r"(^|[\s,;]+)([A-Za-z_]\w*)[ \t]*=")

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def parse_recipe(text: str) -> dict[str, Any]:
    """The fields of a recipe and their values.

    Args:
        text: Pairs of name and value, a JSON object, or the path of a JSON file.

    Raises:
        JobError: If a field is unknown or has a parameter of its own, a value has the wrong type, or the file
            cannot be read.
    """
    text = text.strip()
    path = text.strip("\"'")
    pairs: Iterable[tuple[str, Any]]
    if text.startswith("{"):
        pairs = parse_record(text).items()
    elif path.lower().endswith(".json") and not _NAME.match(path):
        pairs = parse_record(read_text(path)).items()
    else:
        pairs = _pairs(text)
    values: dict[str, Any] = {}
    for name, value in pairs:
        _check_name(name)
        if name in values:
            raise JobError(tr("The recipe gives {} twice: give it once.").format(name))
        values[name] = _typed(name, value)
    return {name: value for name, value in values.items() if value not in ("", ())}


def format_recipe(values: Mapping[str, Any]) -> str:
    """The text of which ``parse_recipe`` makes these fields."""
    pairs = ((name, format_value(value)) for name, value in values.items())
    return " ".join(
        f'{name}="{text}"' if re.search(r"[\s;=]", text) else f"{name}={text}"
        for name, text in pairs
    )


def format_value(value: Any) -> str:
    """The value of a field as text."""
    if isinstance(value, bool):
        return _TRUE[0] if value else _FALSE[0]
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def is_automatic(name: str, value: Any) -> bool:
    """Whether a value of a field leaves the choice to the engine."""
    return value == AUTOMATIC or (RECIPE_FIELDS[name].is_open and value == getattr(TrainJob, name))


def recipe_defaults(architecture: str, preset: str = AUTOMATIC) -> dict[str, Any]:
    """The value that every field of the recipe has for a network, unless a job says otherwise.

    Args:
        architecture: The network's name; for one that does not exist the values are ``TrainJob``'s.
        preset: Name of a preset.
    """
    try:
        job, _ = with_recipe(TrainJob(architecture=architecture, preset=preset))
    except JobError:
        job = TrainJob()
    return {**{name: getattr(job, name) for name in RECIPE_FIELDS}, "preset": TrainJob.preset}


def describe_values(name: str) -> str:
    """What a field accepts, to follow "must be"."""
    known, kind = RECIPE_FIELDS[name], _TYPES[name]
    if known.choices:
        return join_choices(known.choices)
    if kind is bool:
        return tr("true or false")
    if kind is str:
        return tr("a text")
    if int in get_args(kind):
        text = tr("whole numbers from 1 on, separated by commas, such as {}")
        return text.format(known.examples[0])
    if get_args(kind):
        return tr("texts, separated by commas, such as {}").format(known.examples[0])
    return _describe_number(known, kind is int, getattr(TrainJob, name))


def _describe_number(known: RecipeField, is_whole: bool, automatic: float) -> str:
    text = tr("a whole number from {} to {}") if is_whole else tr("a number from {} to {}")
    number = text.format(f"{known.low:g}", f"{known.high:.10g}")
    return tr("{} ({:g}: automatic)").format(number, automatic) if known.is_open else number


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The pairs of a text; quotes protect what is between them."""
    # What is quoted is blanked, so that no name is found in it, and keeps its place.
    blank = re.sub(r'"[^"]*"', lambda quoted: "_" * len(quoted[0]), text)
    found = [match for match in _NAME.finditer(blank) if _begins_pair(match)]
    if text and (not found or found[0].start() > 0):
        start = text[: found[0].start()] if found else text
        raise JobError(
            tr(
                "The recipe begins with {}: write pairs of name and value, such as "
                "learning_rate=0.0005 loss=ce+dice, or the path of a JSON file."
            ).format(shorten(start.strip()))
        )
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends):
        yield match[2], text[match.end() : end].strip(" \t\r\n,;").replace('"', "")


def _begins_pair(match: re.Match[str]) -> bool:
    """Whether a name begins a pair; after a comma only a known one, because class_weights=water=3,clouds=0.5."""
    return "," not in match[1] or match[2] in _JOB_FIELDS


def _check_name(name: str) -> None:
    if name in RECIPE_FIELDS:
        return
    if name in _JOB_FIELDS:
        raise JobError(
            tr("{} is no field of the recipe, because it has a parameter of its own: {}.").format(
                name, name.upper()
            )
        )
    if near := get_close_matches(name, RECIPE_FIELDS, n=3):
        text, names = tr("The recipe has no field {}; do you mean {}?"), join_choices(near)
    else:
        text, names = tr("The recipe has no field {}; it knows {}."), ", ".join(RECIPE_FIELDS)
    raise JobError(text.format(shorten(name), names))


def _typed(name: str, value: Any) -> Any:
    """A value of a text or of JSON, converted to the field's type.

    Raises:
        JobError: If that is impossible, or the field does not accept it.
    """
    if value == "":
        return value
    kind, items = _TYPES[name], get_args(_TYPES[name])
    try:
        if not items:
            typed = _CONVERT[kind](value)
        else:
            parts = value if isinstance(value, list) else str(value).split(",")
            typed = tuple(
                _CONVERT[items[0]](part.strip() if isinstance(part, str) else part)
                for part in parts
                if part != ""
            )
        is_accepted = _accepts(name, typed)
    except (ValueError, TypeError):
        is_accepted = False
    if not is_accepted:
        raise JobError(
            tr("The recipe's {} must be {}, not {}.").format(
                name, describe_values(name), shorten(value)
            )
        )
    return typed


def _accepts(name: str, value: Any) -> bool:
    known = RECIPE_FIELDS[name]
    if value == "" or is_automatic(name, value):
        return True
    if isinstance(value, str):
        return not path_flaw(value) and (not known.choices or value in known.choices)
    numbers = [
        number
        for number in (value if isinstance(value, tuple) else (value,))
        if not isinstance(number, str)
    ]
    return all(known.low <= number <= known.high for number in numbers)


def _to_bool(value: Any) -> bool:
    text = str(value).lower()
    if text not in (*_TRUE, *_FALSE):
        raise ValueError
    return text in _TRUE


def _to_int(value: Any) -> int:
    if isinstance(value, (bool, float)):
        raise TypeError
    return int(value)


def _to_float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _to_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


_CONVERT: dict[Any, Callable[[Any], Any]] = {
    bool: _to_bool,
    int: _to_int,
    float: _to_float,
    str: _to_text,
}
