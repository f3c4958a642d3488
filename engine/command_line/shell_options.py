"""The options of a verb in a shell: read, checked and described as its job declares them (``contract/options.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, make_dataclass
from typing import Annotated, Any, TypeVar

from ..contract.job_json import OTHER_NAMES
from ..contract.options import convert, describe_values, format_value, options_of, types_of
from ..contract.translation import tr

J = TypeVar("J")

#: Words for a value in the help, by type.
_VALUES = {int: "INT", float: "FLOAT", str: "STR"}


def with_options(job: J, options: Sequence[str], program: str, description: str | None = None) -> J:
    """A job with the fields that options of the command line set.

    Args:
        job: The job that they change.
        options: The options, such as ``["--overlap", "64"]``.
        program: The command, for help and messages.
        description: The beginning of the help; None: the docstring of the job's class.

    Raises:
        JobError: If an option does not accept its value.
        SystemExit: If there is no such option, or the help has been printed.
    """
    import tyro  # takes a tenth of a second, which a run with a job file alone saves

    kind: Any = type(job)
    declared = options_of(kind)
    # What belongs to a recipe comes last in the help.
    names = sorted(declared, key=lambda name: bool(declared[name].group))
    typed = [(name, _shell_type(kind, name), field(default=getattr(job, name))) for name in names]
    shell = make_dataclass(kind.__name__, typed, namespace={"__doc__": _docstring(kind)})
    parsed: Any = tyro.cli(
        shell,
        args=[_own_name(kind, option) for option in options],
        prog=program,
        description=description,
        use_underscores=True,
    )
    changed: J = kind(**vars(parsed))
    return changed


def _shell_type(kind: Any, name: str) -> Any:
    """The type of a field for the parser, with its help and the conversion that job files and recipes have too."""
    from tyro import conf, constructors

    declared = options_of(kind)[name]
    hint = types_of(kind)[name]
    default = getattr(kind, name)
    is_list = isinstance(default, tuple)
    is_number = isinstance(default, (int, float)) and not isinstance(default, bool)
    notes: list[Any] = []
    if about := tr(declared.help):
        if is_number or declared.choices:
            about += f" [{describe_values(kind, name)}]"
        elif is_list:
            about += " " + tr("[in a shell separated by spaces]")
        notes.append(conf.arg(help=about))
    if is_list or is_number or isinstance(default, str):
        word = _VALUES[hint.__args__[0] if is_list else hint]
        spec = constructors.PrimitiveConstructorSpec(
            nargs="*" if is_list else 1,
            metavar=f"[{word} [{word} ...]]" if is_list else word,
            instance_from_str=lambda texts: convert(kind, name, texts if is_list else texts[0]),
            is_instance=lambda _: True,
            str_from_instance=lambda value: [*map(format_value, value if is_list else [value])],
        )
        notes.append(spec)
    return Annotated[(hint, *notes)] if notes else hint


def _docstring(kind: Any) -> str:
    """The docstring of a job's class with the attributes of its bases, where the parser looks for the help of paths."""
    texts = [each.__doc__ or "" for each in kind.__mro__[:-1]]
    attributes = "".join(text.partition("Attributes:")[2] for text in texts)
    return f"{texts[0].partition('Attributes:')[0]}Attributes:{attributes}"


def _own_name(kind: type[Any], option: str) -> str:
    """An option by the name of the job's field, where it has another name in other jobs: ``--model=a.safetensors``."""
    name, equals, value = option.partition("=")
    own = OTHER_NAMES.get(kind, {}).get(name.removeprefix("--")) if name[:2] == "--" else None
    return f"--{own}{equals}{value}" if own else option
