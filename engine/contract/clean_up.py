"""Clean-up at the end of a block. What fails in it never replaces the error that is under way.

``CleanUp`` is for steps whose failure may lose something, such as closing a file: without an error under way the
failure is the run's error. For what nobody needs any more see ``file_replacement.discard_file``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

from .file_replacement import discard_folder


class CleanUp(ExitStack):
    """An ``ExitStack`` whose steps never replace the error that is under way.

    All steps are called, whichever of them fails. Without an error under way the failure of a step is raised. Only an
    interruption (Ctrl-C) during a step replaces an error.

    Args:
        steps: Functions to call at the end of the block, in this order.
    """

    def __init__(self, *steps: Callable[[], object]) -> None:
        super().__init__()
        for step in reversed(steps):
            self.callback(step)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        try:
            return bool(super().__exit__(kind, error, traceback))
        except Exception:
            if error is None:
                raise
            return False


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
