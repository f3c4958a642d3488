"""Writes outputs whole or not at all; a failure is one sentence for the user."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EngineError, JobError
from .output_files import atomic_output, write_error_message


@contextmanager
def output_file(path: str | Path, what: str, error: type[EngineError] = JobError) -> Iterator[Path]:
    """Yields the path to which to write ``path`` until it is complete, see ``atomic_output``.

    Args:
        path: The file.
        what: As in ``write_error_message``.
        error: The type of error to raise.

    Raises:
        EngineError: If the file cannot be written, of the type ``error``.
    """
    try:
        with atomic_output(path) as part:
            yield part
    except BrokenPipeError:
        raise  # from the pipe of progress events, not from the file
    except OSError as cause:
        if cause.errno == errno.ENOMEM:
            raise  # neither the disk nor the folder is at fault
        raise error(write_error_message(what, path, cause)) from cause


def write_output(
    path: str | Path, content: bytes, what: str, error: type[EngineError] = JobError
) -> None:
    """Writes a file; arguments and errors are those of ``output_file``."""
    with output_file(path, what, error) as part:
        part.write_bytes(content)
