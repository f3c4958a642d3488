"""What a job may change in its process and the next one must find as it was.

A process that runs job after job gives the results of one process a job: nothing of a job stays behind
but what was imported or cached.
"""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

#: How torch computes, for the whole process: what is set, and how to set it.
_SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (
    (torch.get_num_threads, torch.set_num_threads),
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode),
)

#: The same, of torch's own objects: the object and the attribute.
_SWITCHES: tuple[tuple[Any, str], ...] = (
    (torch.backends.cudnn, "enabled"),
    (torch.backends.cudnn, "allow_tf32"),
    (torch.backends.cudnn, "benchmark"),
    (torch.backends.cudnn, "deterministic"),
)


@contextmanager
def kept_surroundings() -> Iterator[None]:
    """Puts back what changes meanwhile: folder, variables, warnings, random numbers, torch's settings.

    New environment variables stay: modules set theirs when they are first imported, which happens once.
    """
    folder, variables = Path.cwd(), dict(os.environ)
    # Asking for the devices' states would start CUDA, which takes seconds, for jobs on the CPU too.
    is_started = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = range(torch.cuda.device_count()) if is_started else ()
    with (
        warnings.catch_warnings(),
        torch.random.fork_rng(devices),
        _kept_random_numbers(),
        _kept_settings(),
    ):
        try:
            yield
        finally:
            os.environ.update(variables)
            if Path.cwd() != folder:
                os.chdir(folder)


@contextmanager
def _kept_random_numbers() -> Iterator[None]:
    """Those of Python and numpy: a seed of one job would make the next repeat its numbers."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def _kept_settings() -> Iterator[None]:
    found = [read() for read, _ in _SETTINGS]
    switched = [getattr(holder, name) for holder, name in _SWITCHES]
    try:
        yield
    finally:
        for (read, write), value in zip(_SETTINGS, found, strict=True):
            # Even the same number of threads, once set, is no longer torch's own choice.
            if read() != value:
                write(value)
        for (holder, name), value in zip(_SWITCHES, switched, strict=True):
            setattr(holder, name, value)
