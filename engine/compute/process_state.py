"""Process-wide state that a job may change and that the next job must find unchanged.

Imported modules and caches stay. What the engine sets of torch (threads, cuDNN's benchmark), of GDAL and of logging
it restores where it sets it, with a ``with`` block of its own.
"""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager

import numpy as np
import torch


@contextmanager
def preserve_process_state() -> Iterator[None]:
    """Restores the working folder, environment variables, warning filters and random states at its end.

    New environment variables stay: modules set theirs when they are first imported, which happens once.
    """
    variables, python, numpy = dict(os.environ), random.getstate(), np.random.get_state()
    # Asking for the devices' states would start CUDA, which takes seconds, for jobs on the CPU too.
    is_started = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = range(torch.cuda.device_count()) if is_started else ()
    with chdir("."), warnings.catch_warnings(), torch.random.fork_rng(devices):
        try:
            yield
        finally:
            os.environ.update(variables)
            random.setstate(python)
            np.random.set_state(numpy)
