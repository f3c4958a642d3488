"""Options: what each field of a job accepts, what people read about it, and what depends on it.

The fields of the jobs are declared with ``option``. The command line, recipes, QGIS's parameters and forms, job files, the
keys of unfinished runs and the generated pages read these declarations, so an option is described and checked once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, get_args, get_type_hints

from .errors import JobError, format_count, join_choices
from .paths import path_list
from .plain_text import path_flaw, shorten
from .translation import tr

#: Value of a text field that leaves the choice to the network's recipe, the data or the computer.
AUTOMATIC = "automatic"

#: What an option can decide: whether finished rows of an interrupted scene are used again (``inference/run_key.py``),
#: whether a finished scene is kept (``batch/finished_scenes.py``), whether an unfinished training resumes
#: (``training/training_state.py``).
ROWS, SCENES, TRAINING = "rows", "scenes", "training"

#: The class of a job; mypy takes ``type[Any]`` for not hashable.
JobClass = Any

#: Texts that mean yes, and no.
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True)
class Option:
    """A field of a job, apart from its name, type and default.

    Attributes:
        label: Its name for people, in English; empty: QGIS names it elsewhere, or does not show it.
        help: What it does and what automatic means, in English; empty: the docstring of the job says it.
        group: The subject under which forms and pages list it, in English.
        low: Smallest number.
        high: Largest number.
        excluded: Those of both limits that are not accepted themselves.
        step: Numbers are multiples of it; 0: any.
        count: Number of values of a list that is not empty; 0: any.
        is_open: Whether the default, such as 0 or -1, is not such a number but means automatic.
        choices: The only texts; empty: any text.
        examples: Some of the texts where any is accepted.
        check: Refuses a text that the option does not accept, by a JobError; None: it accepts any.
        is_path: Whether it names files or folders.
        is_chosen: Whether the engine chooses it for data and computer if a job leaves it open, and a resumed training keeps
            that choice.
        decides: What depends on it, of ``ROWS``, ``SCENES`` and ``TRAINING``.
    """

    label: str = ""
    help: str = ""
    group: str = ""
    low: float = 0
    high: float = math.inf
    excluded: tuple[float, ...] = ()
    step: int = 0
    count: int = 0
    is_open: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    check: Callable[[str], object] | None = None
    is_path: bool = False
    is_chosen: bool = False
    decides: tuple[str, ...] = (ROWS, SCENES, TRAINING)


def option(default: Any, label: str = "", help: str = "", **facts: Any) -> Any:
    """A field of a job's dataclass.

    Args:
        default: Its default.
        label: Its name for people: a literal, because ``make translations`` reads the code.
        help: Its help: a literal too.
        facts: The other attributes of ``Option``.
    """
    return field(default=default, metadata={"option": Option(label, help, **facts)})


@cache
def options_of(kind: JobClass) -> dict[str, Option]:
    """The options of a job's class by name."""
    return {each.name: each.metadata.get("option", Option()) for each in fields(kind)}


@cache
def types_of(kind: JobClass) -> dict[str, Any]:
    """The types of a job's fields by name."""
    return get_type_hints(kind)


def deciding(kind: JobClass, what: str) -> list[str]:
    """Names of the options on which ``ROWS``, ``SCENES`` or ``TRAINING`` depends."""
    return [name for name, one in options_of(kind).items() if what in one.decides]


def deciding_values(job: Any, what: str) -> dict[str, Any]:
    """The values of a job's options that are ``deciding``, by name."""
    return {name: getattr(job, name) for name in deciding(type(job), what)}


class CheckedJob:
    """A dataclass of options whose values are checked when it is made.

    A field for several paths also takes one path as a text, as scripts and job files give it.

    Raises:
        JobError: If an option does not accept its value.
    """

    def __post_init__(self) -> None:
        kind: JobClass = type(self)
        for name, one in options_of(kind).items():
            value = getattr(self, name)
            if one.is_path and isinstance(getattr(kind, name), tuple):
                object.__setattr__(self, name, path_list(value))
            check_value(kind, name, value)

    def require(self, names: Sequence[str], message: str) -> None:
        """Refuses a job in which one of the options is empty.

        Args:
            names: The options that it needs.
            message: The sentence, with ``{}`` for the name of the one that is missing.

        Raises:
            JobError: If one is empty.
        """
        for name in names:
            if not getattr(self, name):
                raise JobError(message.format(name))


def check_value(kind: JobClass, name: str, value: Any) -> None:
    """Checks a value that has the field's type.

    Args:
        kind: The job's class.
        name: The field.
        value: Its value.

    Raises:
        JobError: If the option does not accept the value.
    """
    one = options_of(kind)[name]
    if is_automatic(kind, name, value):
        return
    items = value if isinstance(value, tuple) else (value,)
    if items and one.count and len(items) != one.count:
        raise _refusal(kind, name, value)
    for item in items:
        if isinstance(item, str):
            if flaw := path_flaw(item):
                raise JobError(tr("The field {} is {}: {}.").format(name, _shown(item), flaw))
            is_accepted = not one.choices or item in one.choices
            if one.check:
                one.check(item)
        else:
            is_accepted = item is None or isinstance(item, bool) or _is_in_limits(one, item)
        if not is_accepted:
            raise _refusal(kind, name, value)


def _is_in_limits(one: Option, number: float) -> bool:
    return (
        one.low <= number <= one.high
        and abs(number) != math.inf
        and number not in one.excluded
        and (not one.step or number % one.step == 0)
    )


def is_automatic(kind: JobClass, name: str, value: Any) -> bool:
    """Whether a value of a field leaves the choice to the engine; an empty text does where "automatic" is a choice."""
    one = options_of(kind)[name]
    if value == "":
        return not one.choices or AUTOMATIC in one.choices
    return value == AUTOMATIC or (one.is_open and value == getattr(kind, name))


def convert(kind: JobClass, name: str, value: Any) -> Any:
    """The value of a field, from a text or from JSON.

    Args:
        kind: The job's class.
        name: The field.
        value: A text, a value of JSON, or for a field of several values a list of either.

    Raises:
        JobError: If the value is not of the field's type, or the option does not accept it.
    """
    try:
        typed = _typed(types_of(kind)[name], value)
    except (ValueError, TypeError, OverflowError):
        raise _refusal(kind, name, value) from None
    check_value(kind, name, typed)
    return typed


def _typed(hint: Any, value: Any) -> Any:
    """A value as its type.

    Raises:
        ValueError: If a text does not mean such a value.
        TypeError: If it has another type.
    """
    items = get_args(hint)
    if type(None) in items:
        return None if value is None else _typed(items[0], value)
    if not items:
        return _CONVERT[hint](value)
    values = value if isinstance(value, (list, tuple)) else [value]  # one may be without brackets
    if items[-1] is not Ellipsis and len(values) != len(items):
        raise ValueError
    return tuple(_CONVERT[items[0]](item) for item in values)


def _to_bool(value: Any) -> bool:
    if not isinstance(value, (bool, str)):
        raise TypeError
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


def _refusal(kind: JobClass, name: str, value: Any) -> JobError:
    accepted = describe_values(kind, name)
    return JobError(tr("{} must be {}, not {}.").format(name, accepted, _shown(value)))


def _shown(value: Any) -> str:
    """A value for a sentence, the same whether it was a text or a number."""
    if isinstance(value, (list, tuple)) and not any(isinstance(item, list) for item in value):
        value = format_value(tuple(value)) or "[]"
    text = shorten(format_value(value) if isinstance(value, (bool, float)) else value)
    return text[1:-1] if text[:1] == text[-1:] and text[:1] in ("'", '"') else text


def format_value(value: Any) -> str:
    """The value of a field as text, which ``convert`` turns back into the value."""
    if isinstance(value, bool):
        return _TRUE[0] if value else _FALSE[0]
    if isinstance(value, (tuple, list)):
        return ",".join(map(format_value, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def describe_values(kind: JobClass, name: str) -> str:
    """Describes the values that a field accepts, to follow "must be"."""
    one, hint = options_of(kind)[name], types_of(kind)[name]
    items = get_args(hint)
    if one.choices:
        return join_choices(one.choices)
    if hint is bool:
        return tr("true or false")
    if hint is str:
        return tr("a text")
    if hint in (int, float):
        return _describe_number(one, hint is int, getattr(kind, name))
    if str in items:
        return _with_example(tr("texts, separated by commas"), one)
    if one.count:
        text = tr("{} whole numbers from 1 on, separated by commas").format(one.count)
        return _with_example(text, one)
    if int in items and one.low == 1:
        return _with_example(tr("whole numbers from 1 on, separated by commas"), one)
    if int in items:
        return _with_example(tr("whole numbers, separated by commas"), one)
    if float in items:
        return _with_example(tr("numbers, separated by commas"), one)
    return format_count(len(get_args(items[0])), "{} number", "{} numbers")


def _with_example(text: str, one: Option) -> str:
    return tr("{}, such as {}").format(text, one.examples[0]) if one.examples else text


def _describe_number(one: Option, is_whole: bool, automatic: float) -> str:
    low, high = format_value(one.low), format_value(one.high)
    if high == "inf":
        text = tr("a whole number, {} or more") if is_whole else tr("a number, {} or more")
        if one.low in one.excluded:
            text = tr("a number above {}")
    elif one.step:
        text = tr("a whole number from {} to {}, a multiple of {}")
    elif is_whole:
        text = tr("a whole number from {} to {}")
    elif one.excluded == (one.high,):
        text = tr("a number from {} to below {}")
    elif one.excluded == (one.low,):
        text = tr("a number above {} and up to {}")
    elif one.excluded:
        text = tr("a number above {} and below {}")
    else:
        text = tr("a number from {} to {}")
    number = text.format(low, high, one.step)
    return (
        tr("{} ({}: automatic)").format(number, format_value(automatic)) if one.is_open else number
    )
