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

from ..contract.clean_up import CleanUp


@contextmanager
def preserve_process_state() -> Iterator[None]:
    """Restores the working folder, environment variables, warning filters and random states after the block.

    New environment variables stay, because modules set some on their first import only.
    """
    environment = dict(os.environ)
    python_state, numpy_state = random.getstate(), np.random.get_state()
    with CleanUp() as restored:
        restored.enter_context(chdir("."))
        restored.enter_context(warnings.catch_warnings())
        restored.enter_context(_preserved_torch_state())
        restored.callback(os.environ.update, environment)
        restored.callback(random.setstate, python_state)
        restored.callback(np.random.set_state, numpy_state)
        yield


def _preserved_torch_state() -> AbstractContextManager[None]:
    """Restores torch's random states after the block, if torch is loaded; a job that loads it begins with its own."""
    if (torch := sys.modules.get("torch")) is None:
        return nullcontext()
    # Reading the random states of GPUs initialises CUDA, which takes seconds that CPU jobs do not need.
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    forked: AbstractContextManager[None] = torch.random.fork_rng(devices)
    return forked
