"""A Ray to compute on: one that is started here for a run and ends with it, or a running cluster.

Ray is an optional extra, loaded when a run asks for it. Nothing is reported to anybody, and what Ray logs stays
in its own folder. One that is started here is seen by this machine alone, wants a secret that only this process
knows, and ends with this process, even if that is killed: its workers at once (on Linux by the system's order),
two idle helpers of Ray's a minute later.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import secrets
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.errors import JobError, first_line
from ..contract.file_lock import try_lock
from .pool_size import Machine

#: The value of the option ``on`` for a Ray of our own.
LOCAL_RAY = "ray"

#: Read when Ray is loaded: it sends nothing home, does not look for the tool that has started us, and prints nothing
#: about processes that die: that is in the records.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
}

#: Read then too, for a Ray of our own: it talks by 127.0.0.1 (as it does on Windows and macOS, where this switch is
#: from), so that no other machine sees it, and a network that comes or goes does not break it.
_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

#: What its processes want to hear of those who connect to them. One a process of ours: Ray remembers the first.
_SECRET = {"RAY_AUTH_TOKEN": secrets.token_hex(32)}

#: What Ray keeps for large results, bytes, about the least it takes: ours are small.
_STORE = 100 * 2**20

#: Where its own Ray works: a name in the temporary folder, and the longest path that leaves room for Ray's sockets,
#: whose names have an end (107 characters on Linux, 103 on macOS).
_FOLDER, _MAX_FOLDER_LENGTH = "dualstream-ray-", 34

#: Where there is no room for them in the usual temporary folder; ours in it is made safely, by mkdtemp.
_SHORT = Path("/tmp")  # noqa: S108  # nosec B108

#: A folder younger than this is somebody's who is about to lock it, seconds.
_YOUNG = 60.0

#: Where the engine's package lies, and ``metadata.txt``.
_PACKAGE = Path(__file__).resolve().parents[1]

_REQUIREMENTS = _PACKAGE / "requirements-scale.txt"


@dataclass(frozen=True)
class Cluster:
    """A Ray that is connected.

    Attributes:
        ray: The module.
        is_own: Whether it was started for this run.
        environment: What its processes need, besides the cluster's own, to find the engine.
    """

    ray: Any
    is_own: bool
    environment: Mapping[str, str] = field(default_factory=dict)

    def machines(self) -> list[Machine]:
        """What is there now."""
        found = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        return [
            Machine(int(has.get("CPU", 0)), int(has.get("GPU", 0)), int(has.get("memory", 0)))
            for has in found
        ]

    def used_resources(self) -> Machine:
        """What of all machines is taken now, by whomever."""
        total, free = self.ray.cluster_resources(), self.ray.available_resources()
        cores, gpus, memory = (
            int(total.get(name, 0) - free.get(name, 0)) for name in ("CPU", "GPU", "memory")
        )
        return Machine(cores, gpus, memory)


@contextmanager
def connect_ray(on: str, cores: int) -> Iterator[Cluster]:
    """Starts a Ray or connects to one, and leaves it at the end. One that is connected already is used as it is.

    Args:
        on: ``LOCAL_RAY``, or where a cluster is: ``ray://HOST:PORT``, ``HOST:PORT`` or ``auto``.
        cores: Cores that a Ray of our own offers at least, even if there are fewer.

    Raises:
        JobError: If Ray is missing, does not start, or no cluster of the same versions is there.
    """
    ray = _load(on)
    paths = {"PYTHONPATH": str(_PACKAGE.parent)}
    if ray.is_initialized():
        yield Cluster(ray, False, paths)
        return
    is_own = on == LOCAL_RAY
    with ExitStack() as stack:
        stack.enter_context(_variables(_SECRET if is_own else {}))
        folder = stack.enter_context(_own_folder() if is_own else _shipped())
        stack.callback(ray.shutdown)  # before its folder goes
        with _same_signals():
            if is_own:
                _start(ray, cores, folder)
            else:
                _connect(ray, on, folder)
        yield Cluster(ray, is_own, paths if is_own else {})


def _load(on: str) -> Any:
    """The module.

    Raises:
        JobError: If it is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise JobError(_missing("Ray"))
    if "://" in on and importlib.util.find_spec("grpc") is None:
        raise JobError(_missing("grpcio, which Ray's client needs,"))
    os.environ.update({**_SETTINGS, **(_ALONE if on == LOCAL_RAY else {})})
    try:
        return importlib.import_module("ray")
    except (ImportError, OSError) as error:
        raise JobError(f"Ray cannot be loaded ({first_line(error)}): install it anew.") from error


def _missing(what: str) -> str:
    install = f'"{sys.executable}" -m pip install'
    if importlib.util.find_spec("pip") is None:  # environments that uv made have none
        install = f'uv pip install --python "{sys.executable}"'
    return (
        f"{what} is not installed in the engine's Python. Install it with: {install} -r "
        f'"{_REQUIREMENTS}" - or leave the option on empty, which needs none.'
    )


def _start(ray: Any, cores: int, folder: Path) -> None:
    # Unless it is told otherwise, Ray itself says that the secret is wanted, here and to its processes.
    os.environ.pop("RAY_AUTH_MODE", None)
    try:
        ray.init(
            address="local",
            num_cpus=cores if cores > _usable_cores() else None,  # else Ray counts them
            include_dashboard=False,
            object_store_memory=_STORE,
            logging_level=logging.ERROR,
            log_to_driver=False,
            _temp_dir=str(folder),
        )
    except Exception as error:  # Ray, its processes and the system raise all kinds
        raise JobError(
            f"Ray could not be started on this machine ({first_line(error)}): leave the option on empty, "
            "which needs none."
        ) from error


def _usable_cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _connect(ray: Any, on: str, code: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the sentence below says it
            ray.init(
                address=on,
                logging_level=logging.ERROR,
                log_to_driver=False,
                runtime_env={"working_dir": str(code)},
            )
    except Exception as error:  # Ray, gRPC and the system raise all kinds
        raise JobError(_unconnected(ray, on, error)) from error


def _unconnected(ray: Any, on: str, error: Exception) -> str:
    """The sentence for a cluster that could not be connected to."""
    theirs = re.search(r"started with:\s+Ray: (\S+)\s+Python: (\S+)", str(error))
    if theirs:
        own = f"Ray {ray.__version__} and Python {'.'.join(map(str, sys.version_info[:3]))}"
        return (
            f"The Ray cluster at {on} runs Ray {theirs[1]} and Python {theirs[2]}, and this engine {own}: both "
            "must be the same. Install the cluster's versions here, or these there."
        )
    if isinstance(error, (ConnectionError, TimeoutError)):
        return (
            f"No Ray cluster answers at {on}: check the address, and that the cluster is running (ray status "
            "on one of its machines) and lets this machine in. With on = ray one is started here for the run."
        )
    return (
        f"The Ray cluster at {on} cannot be used ({first_line(error)}): give its address as ray://HOST:10001 "
        "or HOST:6379, or auto on one of its machines; with on = ray one is started here for the run."
    )


@contextmanager
def _shipped() -> Iterator[Path]:
    """A folder with the engine alone, for the machines of a cluster: theirs need not have it."""
    with tempfile.TemporaryDirectory(prefix="dualstream-") as name:
        folder = Path(name)
        shutil.copytree(
            _PACKAGE, folder / _PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(_PACKAGE.parent / "metadata.txt", folder)  # it says which version this is
        yield folder


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder for a Ray of our own, gone at the end; what killed runs left of theirs goes too."""
    base = Path(tempfile.gettempdir())
    if len(str(base / _FOLDER)) + 8 > _MAX_FOLDER_LENGTH and _SHORT.is_dir():
        base = _SHORT
    for left in base.glob(f"{_FOLDER}*"):
        with suppress(OSError):  # it has just gone
            _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=base))
    try:
        with try_lock(folder / "lock"):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    """Removes the folder of a process that is no more."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        return  # somebody else's, who may have put anything in it
    if time.time() - found.st_mtime > _YOUNG:
        with try_lock(folder / "lock") as is_left:
            if is_left:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Sets variables of Ray's, and puts back at the end those that were there."""
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name in [*os.environ]:
            if name.startswith("RAY_") and name not in before:
                del os.environ[name]
        os.environ.update({name: before[name] for name in before if name.startswith("RAY_")})


@contextmanager
def _same_signals() -> Iterator[None]:
    """Undoes what Ray changes, when it starts, about SIGTERM: it would end this process without a word.

    Raises:
        KeyboardInterrupt: If SIGTERM has come meanwhile.
    """
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except SystemExit as end:  # Ray's answer to SIGTERM
        raise KeyboardInterrupt from end
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)
