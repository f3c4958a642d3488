"""Restores process-wide state after a job, so that the next job of the process starts from the same state.

Imported modules and caches stay. Code that changes settings of torch (threads, cuDNN's benchmark mode), GDAL or
logging restores them itself, with a ``with`` block.
"""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, chdir, contextmanager, nullcontext

import numpy as np


@contextmanager
def preserve_process_state() -> Iterator[None]:
    """Restores the working folder, environment variables, warning filters and random states after the block.

    New environment variables stay, because modules set some on their first import only.
    """
    environment = dict(os.environ)
    python_state, numpy_state = random.getstate(), np.random.get_state()
    with chdir("."), warnings.catch_warnings(), _preserved_torch_state():
        try:
            yield
        finally:
            os.environ.update(environment)
            random.setstate(python_state)
            np.random.set_state(numpy_state)


def _preserved_torch_state() -> AbstractContextManager[None]:
    """Restores torch's random states after the block, if torch is loaded; a job that loads it begins with its own."""
    if (torch := sys.modules.get("torch")) is None:
        return nullcontext()
    # Reading the random states of GPUs initialises CUDA, which takes seconds that CPU jobs do not need.
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    forked: AbstractContextManager[None] = torch.random.fork_rng(devices)
    return forked
