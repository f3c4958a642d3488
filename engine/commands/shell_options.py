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
    typed = [
        (name, _shell_type(kind, name), field(default=value)) for name, value in vars(job).items()
    ]
    # The parser's class has the values of the job as its defaults; what it holds is checked as the job's own class.
    names = {"__doc__": kind.__doc__, "__post_init__": lambda _: None}
    shell = make_dataclass(kind.__name__, typed, bases=(kind,), frozen=True, namespace=names)
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

    hint, default = types_of(kind)[name], getattr(kind, name)
    is_list = isinstance(default, tuple)
    notes: list[Any] = []
    if about := tr(options_of(kind)[name].help):
        notes.append(conf.arg(help=f"{about} [{describe_values(kind, name)}]"))
    if is_list or (isinstance(default, (int, float, str)) and not isinstance(default, bool)):
        notes.append(
            constructors.PrimitiveConstructorSpec(
                nargs="*" if is_list else 1,
                metavar=_VALUES[hint.__args__[0] if is_list else hint],
                instance_from_str=lambda texts: convert(kind, name, texts if is_list else texts[0]),
                is_instance=lambda _: True,
                str_from_instance=lambda value: [*map(format_value, value if is_list else [value])],
            )
        )
    return Annotated[(hint, *notes)] if notes else hint


def _own_name(kind: type[Any], option: str) -> str:
    """An option by the name of the job's field, where it has another name in other jobs: ``--model=a.safetensors``."""
    name, equals, value = option.partition("=")
    own = OTHER_NAMES.get(kind, {}).get(name.removeprefix("--")) if name[:2] == "--" else None
    return f"--{own}{equals}{value}" if own else option
