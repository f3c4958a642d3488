"""Classes of programs that are not installed, for pickles that name them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from types import ModuleType
from typing import Any
from unittest.mock import patch


@contextmanager
def foreign_class(name: str, base: type = object) -> Iterator[Any]:
    """A class that can be pickled by its dotted name here, and not be found afterwards."""
    module, _, kind = name.rpartition(".")
    modules = {part: ModuleType(part) for part in accumulate(module.split("."), "{}.{}".format)}
    made = type(kind, (base,), {"__module__": module})
    setattr(modules[module], kind, made)
    with patch.dict(sys.modules, modules):
        yield made
