"""The recipe of a training as one text: the fields of ``RecipeOptions``, which have no parameter of their own in QGIS.

Either pairs of name and value, ``learning_rate=0.0005 loss=ce+dice image_bands=4,3,2``, with spaces, commas,
semicolons or lines between them, or the path of a JSON file with an object of the same fields. A value with a space
before a further ``=`` needs double quotes: ``class_weights="thick cloud=3,water=0.5"``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, get_args

from .architectures import with_recipe
from .errors import JobError, join_choices
from .job_json import parse_record, read_text
from .jobs import TrainJob
from .options import AUTOMATIC, convert, format_value, types_of
from .plain_text import shorten
from .recipe_options import RECIPE_FIELDS, RecipeOptions
from .translation import tr

_JOB_FIELDS = tuple(field.name for field in fields(TrainJob))

#: A name before an equals sign. What precedes it distinguishes a comma within a list from the border of two pairs.
_NAME = re.compile(r"(^|[\s,;]+)([A-Za-z_]\w*)[ \t]*=")


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
        values[name] = _value(name, value)
    return {name: value for name, value in values.items() if value not in ("", ())}


def format_recipe(values: Mapping[str, Any]) -> str:
    """The text of which ``parse_recipe`` makes these fields."""
    pairs = ((name, format_value(value)) for name, value in values.items())
    return " ".join(
        f'{name}="{text}"' if re.search(r"[\s;=]", text) else f"{name}={text}"
        for name, text in pairs
    )


def recipe_defaults(architecture: str, preset: str = AUTOMATIC) -> dict[str, Any]:
    """The value that every field of the recipe has for a network, unless a job sets another.

    Args:
        architecture: The network's name; for one that does not exist the values are ``TrainJob``'s.
        preset: Name of a preset.
    """
    try:
        job, _ = with_recipe(TrainJob(architecture=architecture, preset=preset))
    except JobError:
        job = TrainJob()
    return {**{name: getattr(job, name) for name in RECIPE_FIELDS}, "preset": TrainJob.preset}


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
            tr(
                "{} is not a field of the recipe, because it has a parameter of its own: {}."
            ).format(name, name.upper())
        )
    if near := get_close_matches(name, RECIPE_FIELDS, n=3):
        text, names = tr("The recipe has no field {}; do you mean {}?"), join_choices(near)
    else:
        text, names = tr("The recipe has no field {}; it knows {}."), ", ".join(RECIPE_FIELDS)
    raise JobError(text.format(shorten(name), names))


def _value(name: str, value: Any) -> Any:
    """The value of a field; in a text several values are separated by commas."""
    if value == "":
        return value
    if isinstance(value, str) and get_args(types_of(RecipeOptions)[name]):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return convert(RecipeOptions, name, value)
