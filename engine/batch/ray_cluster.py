"""Starts a local Ray for a run, or connects to a running cluster.

Ray is an optional dependency, imported only for a run on a pool. It sends no usage statistics, and its logs stay in
its own folder. A local Ray listens on this machine only, requires a secret of this process, and ends with this
process, even if the process is killed: its workers at once (on Linux by a signal of the kernel), two idle helper
processes of Ray a minute later.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import secrets
import shlex
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.clean_up import CleanUp, temporary_folder
from ..contract.errors import JobError, first_line
from ..contract.file_lock import try_lock
from ..contract.file_replacement import discard_folder
from ..contract.output_files import write_error_message
from ..contract.translation import tr
from .pool_size import Machine

#: The value of the option ``on`` for a local Ray.
LOCAL_RAY = "ray"

#: Environment variables read on import: Ray sends no usage statistics, does not look for uv, and prints nothing about
#: processes that die, which the records report.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
}

#: Read on import too, for a local Ray: it listens on 127.0.0.1 (this switch is for Windows and macOS, where Ray always
#: does so), so that other machines cannot reach it, and a change of the network does not break it.
_LOCALHOST = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

#: The secret that clients of a local Ray need. One per process: Ray remembers the first.
_SECRET = {"RAY_AUTH_TOKEN": secrets.token_hex(32)}

#: Ray's memory for large results, bytes: about its minimum, because records are small.
_OBJECT_STORE_BYTES = 100 * 2**20

#: Prefix of a local Ray's temporary folder, and the maximum length of its path: the paths of Ray's sockets below it
#: are limited to 107 characters on Linux and 103 on macOS.
_FOLDER, _MAX_FOLDER_LENGTH = "dualstream-ray-", 34

#: Parent folder where the usual temporary folder has a long path; ``mkdtemp`` makes the folder in it safely.
_SHORT = Path("/tmp")  # noqa: S108  # nosec B108

#: Minimum age of a folder that may be removed, s: a younger one may not be locked yet.
_MIN_AGE = 60.0

#: The engine's package; ``metadata.txt`` is beside it.
_PACKAGE = Path(__file__).resolve().parents[1]

_REQUIREMENTS = _PACKAGE / "requirements-scale.txt"


@dataclass(frozen=True)
class Cluster:
    """A connected Ray.

    Attributes:
        ray: The module.
        is_own: Whether this run has started it.
        environment: Ray's runtime environment, with which its processes find the engine.
    """

    ray: Any
    is_own: bool
    environment: Mapping[str, Any] = field(default_factory=dict)

    def machines(self) -> list[Machine]:
        """The machines of the cluster at present."""
        resources = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        return [
            Machine(int(has.get("CPU", 0)), int(has.get("GPU", 0)), int(has.get("memory", 0)))
            for has in resources
        ]

    def used_resources(self) -> Machine:
        """The resources in use on all machines together, by any program."""
        total, free = self.ray.cluster_resources(), self.ray.available_resources()
        cores, gpus, memory = (
            int(total.get(name, 0) - free.get(name, 0)) for name in ("CPU", "GPU", "memory")
        )
        return Machine(cores, gpus, memory)


@contextmanager
def connect_ray(on: str, cores: int) -> Iterator[Cluster]:
    """Starts a local Ray or connects to a cluster, and disconnects at the end; reuses an existing connection.

    Args:
        on: ``LOCAL_RAY``, or the address of a cluster: ``ray://HOST:PORT``, ``HOST:PORT`` or ``auto``.
        cores: Minimum number of cores of a local Ray, even if the machine has fewer.

    Raises:
        JobError: If Ray is missing or does not start, or the cluster does not answer or has other versions.
    """
    ray = _import_ray(on)
    # A shell starts the processes, and Ray does not quote Python's path: with a blank in it none would start.
    here = {
        "env_vars": {"PYTHONPATH": str(_PACKAGE.parent)},
        "py_executable": shlex.quote(sys.executable),
    }
    if ray.is_initialized():
        yield Cluster(ray, False, here)
        return
    is_own = on == LOCAL_RAY
    with CleanUp() as stack:
        stack.enter_context(_ray_variables(_SECRET if is_own else {}))
        try:
            folder = stack.enter_context(_local_folder() if is_own else _engine_copy())
        except OSError as error:
            name = error.filename or tempfile.gettempdir()
            raise JobError(write_error_message(tr("folder"), name, error)) from error
        stack.callback(ray.shutdown)  # before its folder is removed
        with _restored_sigterm():
            if is_own:
                _start(ray, cores, folder)
            else:
                _connect(ray, on, folder)
        yield Cluster(ray, is_own, here if is_own else {})


def why_no_pool(system: str) -> str:
    """Why runs on a Ray pool are refused on a system (``sys.platform``); empty if they are not."""
    if system != "win32":
        return ""
    return tr(
        "Ray for Windows is unfinished, and no run with it was ever tried: leave the option on empty, which segments "
        "the scenes on this computer without Ray, or start the run on Linux or macOS."
    )


def _import_ray(on: str) -> Any:
    if reason := why_no_pool(sys.platform):
        raise JobError(reason)
    if importlib.util.find_spec("ray") is None:
        raise JobError(_missing("Ray"))
    if "://" in on and importlib.util.find_spec("grpc") is None:
        raise JobError(_missing("grpcio"))
    os.environ.update({**_SETTINGS, **(_LOCALHOST if on == LOCAL_RAY else {})})
    try:
        return importlib.import_module("ray")
    except (ImportError, OSError) as error:
        raise JobError(
            tr("Ray cannot be loaded ({}): install it again.").format(first_line(error))
        ) from error


def _missing(what: str) -> str:
    install = f'"{sys.executable}" -m pip install'
    if importlib.util.find_spec("pip") is None:  # environments of uv have no pip
        install = f'uv pip install --python "{sys.executable}"'
    return tr(
        "{} is not installed in the engine's Python. Install it with: {} - or leave the option on empty, which needs none."
    ).format(what, f'{install} -r "{_REQUIREMENTS}"')


def _start(ray: Any, cores: int, folder: Path) -> None:
    # Without this variable Ray requires the secret, in this process and in its own.
    os.environ.pop("RAY_AUTH_MODE", None)
    try:
        ray.init(
            address="local",
            num_cpus=cores if cores > _usable_cores() else None,  # None: Ray counts them
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE_BYTES,
            logging_level=logging.ERROR,
            log_to_driver=False,
            _temp_dir=str(folder),
        )
    except Exception as error:  # Ray and the system raise many types
        raise JobError(
            tr(
                "Ray could not be started on this machine ({}): leave the option on empty, which "
                "needs none."
            ).format(first_line(error))
        ) from error


def _usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _connect(ray: Any, on: str, code: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the error below is enough
            ray.init(
                address=on,
                logging_level=logging.ERROR,
                log_to_driver=False,
                runtime_env={"working_dir": str(code)},
            )
    except Exception as error:  # Ray, gRPC and the system raise many types
        raise JobError(_connection_problem(ray, on, error)) from error


def _connection_problem(ray: Any, on: str, error: Exception) -> str:
    """The message for a cluster that cannot be used."""
    cluster = re.search(r"started with:\s+Ray: (\S+)\s+Python: (\S+)", str(error))
    if cluster:
        python = ".".join(map(str, sys.version_info[:3]))
        return tr(
            "The Ray cluster at {} runs Ray {} and Python {}, and this engine Ray {} and Python {}: both must be the same. "
            "Install the cluster's versions here, or these there."
        ).format(on, cluster[1], cluster[2], ray.__version__, python)
    if isinstance(error, (ConnectionError, TimeoutError)):
        return tr(
            "No Ray cluster answers at {}: check the address, and that the cluster is running (ray status on one of its "
            "machines) and lets this machine in. With on = ray one is started here for the run."
        ).format(on)
    return tr(
        "The Ray cluster at {} cannot be used ({}): give its address as ray://HOST:10001 or HOST:6379, or auto on one of its "
        "machines; with on = ray one is started here for the run."
    ).format(on, first_line(error))


@contextmanager
def _engine_copy() -> Iterator[Path]:
    """A folder with a copy of the engine, which Ray sends to the machines of a cluster."""
    with temporary_folder() as folder:
        no_caches = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_PACKAGE, folder / _PACKAGE.name, ignore=no_caches)
        shutil.copy(_PACKAGE.parent / "metadata.txt", folder)  # contains the version
        yield folder


@contextmanager
def _local_folder() -> Iterator[Path]:
    """A temporary folder for a local Ray; folders of killed runs are removed too."""
    base = Path(tempfile.gettempdir())
    if len(str(base / _FOLDER)) + 8 > _MAX_FOLDER_LENGTH and _SHORT.is_dir():
        base = _SHORT
    for stale in base.glob(f"{_FOLDER}*"):
        with suppress(OSError):  # another process has removed it
            _remove_if_stale(stale)
    with temporary_folder(base, _FOLDER) as folder, try_lock(folder / "lock"):
        yield folder


def _remove_if_stale(folder: Path) -> None:
    """Removes the folder of a process that has ended."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
        return  # another user may have put anything in it
    if time.time() - status.st_mtime > _MIN_AGE:
        with try_lock(folder / "lock") as is_stale:
            if is_stale:
                discard_folder(folder)


@contextmanager
def _ray_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables, and restores all variables of Ray at the end."""
    before = {name: value for name, value in os.environ.items() if name.startswith("RAY_")}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("RAY_")]:
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def _restored_sigterm() -> Iterator[None]:
    """Restores the handler of SIGTERM: Ray's raises SystemExit, which would end this process silently."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except SystemExit as end:  # of Ray's handler
        raise KeyboardInterrupt from end
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)
