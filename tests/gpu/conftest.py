"""Fixtures of the checks of a graphics card, and their options.

``pytest -m gpu tests/gpu`` runs them; ``--device cpu`` runs all of them in small on a processor.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gpu.table import Table, Value

#: Whatever a developer has set for the memory of a card must not change what is measured.
os.environ.pop("PYTORCH_CUDA_ALLOC_CONF", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options of the checks."""
    group = parser.getgroup("checks of a graphics card")
    group.addoption("--device", default="cuda", choices=["cuda", "cpu"])
    group.addoption("--output", type=Path, help="path of the table, without a suffix")
    group.addoption("--folder", type=Path, help="for scenes and models: 5 GB, removed again")
    group.addoption(
        "--minutes", type=float, default=8.0, help="checks begun later fail as left out"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Lets the results be written, where a path is given for them."""
    output = config.getoption("output", None)
    if output is not None:
        config.pluginmanager.register(Table(output), "gpu-table")


@pytest.fixture(scope="session")
def setting(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The setting of all checks; without a card they are skipped, with the engine's own sentence."""
    from engine.contract.errors import DeviceError, first_line
    from tests.gpu.setting import Setting, facts

    device = request.config.getoption("device", "cuda")
    folder = request.config.getoption("folder", None)
    with tempfile.TemporaryDirectory(prefix="gpu-check-", dir=folder) as name:
        chosen = Setting(device, is_small=device == "cpu", folder=Path(name))
        try:
            chosen.choose()
        except DeviceError as error:
            pytest.skip(first_line(error))
        if table := request.config.pluginmanager.get_plugin("gpu-table"):
            table.facts.update(facts(chosen))
        yield chosen


@pytest.fixture(scope="session")
def _deadline(request: pytest.FixtureRequest) -> float:
    """When no further check begins, seconds of the monotonic clock."""
    return time.monotonic() + 60 * float(request.config.getoption("minutes", 8.0))


@pytest.fixture
def found(setting: Any, _deadline: float) -> list[Value]:
    """The list for the values that a check finds; it fails if one of them does not keep its limit."""
    if time.monotonic() >= _deadline:
        pytest.fail("left out: the time was over", pytrace=False)
    return []


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Fails a check after its end if a value does not keep its limit."""
    result: Any = yield
    missed = [value.name for value in pyfuncitem.funcargs.get("found", ()) if not value.is_good]
    if missed:
        pytest.fail(f"beyond the limit: {', '.join(missed)}", pytrace=False)
    return result
