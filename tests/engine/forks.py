"""Processes that start at once: forks of a server that has imported the engine, which takes seconds."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

#: What the server imports before it forks: what a training on a processor imports, and the tasks of ranks.
_PRELOADED = [
    "engine.__main__",
    "engine.commands.train",
    "engine.models.dualstream",
    "engine.models.mix_transformer",
    "tests.engine.ranked",
]

# Windows has no fork: there every process imports for itself.
_CONTEXT = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")


def start(
    function: Callable[..., Any], *arguments: Any, errors: Path, **variables: str
) -> BaseProcess:
    """Runs a function of a module in a process of its own, which a test may kill.

    Args:
        function: The function; it and the arguments are pickled.
        arguments: Its arguments.
        errors: File of what the process writes to its standard error.
        variables: Environment variables beside those of this process.
    """
    if isinstance(_CONTEXT, multiprocessing.context.ForkServerContext):
        _CONTEXT.set_forkserver_preload(_PRELOADED)
    environment = {**os.environ, **variables}
    process = _CONTEXT.Process(target=_run, args=(function, arguments, errors, environment))
    process.start()
    return process


def _run(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    errors: Path,
    environment: dict[str, str],
) -> None:
    """Runs the function with the environment of now: that of the server is older."""
    os.environ.update(environment)
    with errors.open("w") as file:
        os.dup2(file.fileno(), 2)
    function(*arguments)


def run_engine(words: list[str], stdout: Any) -> None:
    """Does what ``python -m engine`` does, with a connection for its standard output."""
    from engine.__main__ import exit_process, main

    os.dup2(stdout.fileno(), 1)
    stdout.close()
    exit_process(main(words))
