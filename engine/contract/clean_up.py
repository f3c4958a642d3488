"""Clean-up at the end of a block. What fails in it never replaces the error that is under way.

``CleanUp`` is for steps whose failure may lose something, such as closing a file: without an error under way the
failure is the run's error. For what nobody needs any more see ``file_replacement.discard_file``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from .file_replacement import discard_folder

Entered = TypeVar("Entered")


class CleanUp:
    """The steps at the end of a block. None of them replaces the error that is under way.

    All steps are called, the last one added first, whichever of them fails. Without an error under way the first failure
    of a step is raised. Only an interruption (Ctrl-C) during a step replaces an error. Unlike those of an
    ``ExitStack``, contexts that are entered cannot suppress an error.

    Args:
        steps: Functions to call at the end of the block, in this order.
    """

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps: list[Callable[[BaseException | None], object]] = []
        for step in reversed(steps):
            self.callback(step)

    def callback(self, step: Callable[..., object], *arguments: object) -> None:
        """Adds a function to call, with its arguments."""
        self._steps.append(lambda error: step(*arguments))

    def enter_context(self, context: AbstractContextManager[Entered]) -> Entered:
        """Enters a context, which is left as a step, and returns what it gives."""
        entered = context.__enter__()
        self._steps.append(partial(_leave, context))
        return entered

    def pop_all(self) -> CleanUp:
        """Moves all steps to a new clean-up."""
        moved = CleanUp()
        moved._steps, self._steps = self._steps, []
        return moved

    def close(self) -> None:
        """Calls all steps; the first failure is raised."""
        self.__exit__(None, None, None)

    def __enter__(self) -> CleanUp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        first = error
        while self._steps:
            try:
                self._steps.pop()(first)
            except Exception as failure:  # noqa: PERF203 - all steps are called
                first = first or failure
            except BaseException as interruption:
                first = interruption
        if first is not None and first is not error:
            raise first


def _leave(context: AbstractContextManager[object], error: BaseException | None) -> None:
    context.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


@contextmanager
def temporary_folder(parent: Path | None = None, prefix: str = "dualstream-") -> Iterator[Path]:
    """A new folder, which is discarded at the end.

    Not ``tempfile.TemporaryDirectory``: its removal may fail, and only Python 3.10 can ignore that.

    Args:
        parent: Where to create it; None: the system's folder for temporary files.
        prefix: The beginning of its name.

    Raises:
        OSError: If it cannot be created.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        discard_folder(folder)
