"""Builds the engine's Python environment with uv, so that the user needs no terminal. Free of Qt.

uv (``uv_program.py``) fetches a Python of its own, makes an environment of it in the engine's home (``engine_home.py``)
and installs ``engine/requirements.txt`` with the build of PyTorch that fits the computer (``torch_builds.py``), or
``engine/requirements-light.txt`` without PyTorch. The
environment is used from the moment at which all of it is there and PyTorch can be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .. import engine_home
from ..engine.contract.clean_up import CleanUp
from ..engine.contract.errors import format_bytes
from ..engine.contract.file_lock import try_lock
from ..engine.contract.protocol import Progress
from ..engine.contract.translation import tr
from ..engine_home import python_of_environment
from ..engine_process.child_process import CancelledError
from . import engine_python, requirement_lines, torch_builds, uv_cache, uv_program, wheel_folder
from .computer import Computer, free_bytes
from .errors import NOT_AVAILABLE, InstallationError
from .folder_growth import folder_size
from .step import Step, variables_for_uv

#: What a repaired or changed environment adds to the disk at least, bytes.
_LEAST_BYTES = 1_000_000_000

#: What the engine imports of the packages. Loading it once finds missing system libraries, such as the Visual C++
#: runtime, and has Python compile these files, a quarter of all: otherwise the first run would do it.
LOADED = (
    *("torch", "torchvision", "transformers", "rasterio", "pyogrio", "onnxruntime"),
    *("torch.onnx", "torch.distributed.checkpoint", "torch._dynamo", "torchmetrics.classification"),
    *("transformers.models.segformer.modeling_segformer", "accelerate", "huggingface_hub"),
    *("timm", "segmentation_models_pytorch", "kornia.color", "kornia.enhance", "onnxscript"),
    *("scipy.ndimage", "scipy.sparse.csgraph", "matplotlib.figure", "matplotlib.colors", "shapely"),
    *("rasterio.features", "rasterio.warp", "rasterio.shutil", "safetensors.torch", "PIL.Image"),
    *("jinja2", "tyro", "sklearn.ensemble"),
)
#: The same of the light engine.
LIGHT_LOADED = (
    *("rasterio", "pyogrio", "onnx", "onnxruntime", "scipy.ndimage", "scipy.sparse.csgraph"),
    *("matplotlib.figure", "matplotlib.colors", "shapely", "rasterio.features", "rasterio.warp"),
    *("rasterio.shutil", "safetensors.numpy", "PIL.Image", "jinja2", "tyro", "psutil"),
    "array_api_compat",
)
#: About the number of modules that are loaded then.
LOADED_MODULES, LIGHT_LOADED_MODULES = 5500, 1050
#: Loads modules and prints every second how many there are.
_LOAD = """
import importlib, os, sys, threading
if sys.platform == "win32":
    os.add_dll_directory(sys.prefix)  # the Visual C++ runtime, as the engine does
done = threading.Event()
def report():
    while not done.wait(1):
        print(len(sys.modules), flush=True)
thread = threading.Thread(target=report, daemon=True)
thread.start()
for name in sys.argv[1:]:
    importlib.import_module(name)
done.set()
thread.join()
"""


@dataclass(frozen=True)
class Order:
    """A request for an installation: what to install, and from where.

    Attributes:
        home: The engine's home.
        computer: This computer.
        fetch: Downloads an address through QGIS's network.
        choice: One of ``torch_builds.CHOICES``, or ``torch_builds.LIGHT``.
        index: Address of the package index; "" for the ordinary one.
        wheels: Folder with all packages, so that no network is needed; None: they are downloaded.
        variables: Environment variables for uv, with the proxy and the certificates.
    """

    home: Path
    computer: Computer
    fetch: uv_program.Fetch
    choice: str = torch_builds.AUTOMATIC
    index: str = ""
    wheels: Path | None = None
    variables: Mapping[str, str] | None = None


def build(order: Order, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    """Builds an environment beside the one in use and then uses it.

    Args:
        order: What to install.
        cancelled: Returns whether to stop; called about ten times a second.

    Yields:
        The progress, each with a line for the log, at least every five seconds.

    Raises:
        InstallationError: If a step fails, or the engine cannot be installed on this computer.
        CancelledError: If ``cancelled`` returned true; the next run reuses what was downloaded.
    """
    refusal = order.computer.refusal()
    if refusal:
        raise InstallationError(refusal)
    if order.wheels is not None:
        wheel_folder.python_in(order.wheels, order.computer)
    step = Step(order.home, _variables(order), cancelled)
    yield from _check_disk(order, _builds(order)[0], step)
    order.home.mkdir(parents=True, exist_ok=True)
    with try_lock(order.home / "setup.lock") as is_free:
        if not is_free:
            raise InstallationError(taken())
        reached = 0.0
        for event in _build(order, step):
            reached = max(reached, event.fraction)  # a second attempt starts again
            yield Progress(reached, event.message)


def taken() -> str:
    """Returns the sentence for an engine's home in which another window works."""
    return tr("DualStream is being set up by another window of QGIS. Wait until that is done.")


def get_uv(order: Order, step: Step) -> Generator[Progress, None, Path]:
    """Gets uv for this computer, verified and unpacked, and returns the program."""
    yield Progress(
        0.0,
        tr("Getting uv {}, the program that installs Python packages").format(uv_program.VERSION),
    )
    folder, computer = order.home / "uv", order.computer
    if order.wheels is None:
        wheel = uv_program.wheel(folder, computer, order.index, order.fetch)
    else:
        wheel = uv_program.wheel_of_folder(order.wheels, computer)
    yield Progress(0.02, tr("uv is verified"))
    return (
        yield from step.in_thread(
            lambda: uv_program.unpack(wheel, folder, computer),
            tr("Unpacking uv, {:.0f} s"),
            0.02,
        )
    )


def _build(order: Order, step: Step) -> Iterator[Progress]:
    engine_home.remove_unused(order.home)
    uv = yield from get_uv(order, step)
    environment = engine_home.new_folder(order.home)
    try:
        yield from engine_python.create(uv, environment, order.computer, order.wheels, step)
        installed = yield from _install_packages(uv, environment, order, step)
        yield from _load(environment, installed, step)
        engine_home.switch(order.home, environment, installed)
        # The one before stays until the next time: a training in another window may be using it.
    except BaseException:
        # Also after a cancel: what was downloaded stays in the cache.
        with CleanUp(partial(engine_home.remove, environment)):
            raise
    with suppress(CancelledError):  # the new engine is in use, and the next run cleans up
        yield from _clean_cache(uv, order.home, step)


def _builds(order: Order) -> list[str]:
    """Returns the builds of PyTorch to try; a folder of packages holds one, and the packages of the light engine."""
    if order.wheels is not None and order.choice != torch_builds.LIGHT:
        return [wheel_folder.build_in(order.wheels)]
    return torch_builds.builds_to_try(order.choice, order.computer)


def _check_disk(order: Order, build: str, step: Step) -> Iterator[Progress]:
    """Compares the free space with what a build still needs; to measure a large cache takes a while."""
    wanted = torch_builds.size(build, order.computer)[1] * 1e9
    cached = yield from step.in_thread(
        lambda: folder_size(order.home / "cache"), tr("Measuring the disk, {:.0f} s"), 0.0
    )
    wanted, free = max(_LEAST_BYTES, wanted - cached), free_bytes(order.home)
    if free < wanted:
        sentence = tr(
            "The installation needs about {} on the disk of {}, and {} are free. Free some space and run this again; "
            "what was downloaded is kept."
        )
        raise InstallationError(
            sentence.format(format_bytes(wanted), order.home, format_bytes(free)), "full disk"
        )


def _variables(order: Order) -> dict[str, str]:
    variables = variables_for_uv(order.home, order.index, order.variables or {})
    if order.wheels is not None:
        folder = order.wheels / wheel_folder.PYTHON_FOLDER
        variables["UV_PYTHON_INSTALL_MIRROR"] = folder.resolve().as_uri()
    return variables


def _install_packages(
    uv: Path, environment: Path, order: Order, step: Step
) -> Generator[Progress, None, str]:
    """Installs the packages with the first build of PyTorch that can be had, and returns that build."""
    builds = _builds(order)
    for build, following in zip(builds, [*builds[1:], ""]):
        yield from _check_disk(order, build, step)
        yield Progress(0.08, _installing(build, order.computer))
        command = _install_command(uv, environment, build, order)
        expected = torch_builds.size(build, order.computer)[1] * 1e9
        try:
            failed = tr("The packages could not be installed.")
            yield from step.run(failed, command, 0.08, 0.9, expected=expected)
            return build
        except InstallationError as error:
            if not following or error.cause not in NOT_AVAILABLE:
                raise
            yield Progress(0.08, other_build(following, order.computer))
    raise AssertionError  # there is at least one build


def _installing(build: str, computer: Computer) -> str:
    """Returns what is being installed."""
    if build == torch_builds.LIGHT:
        return tr("Installing the light engine, without PyTorch")
    return tr("Installing PyTorch for {}").format(torch_builds.title(build, computer))


def other_build(following: str, computer: Computer) -> str:
    """Returns the sentence for a build of PyTorch that cannot be had, and the one that is taken instead."""
    download, _ = torch_builds.size(following, computer)
    return tr(
        "That build of PyTorch cannot be downloaded: taking the one for {}, about {:g} GB"
    ).format(torch_builds.title(following, computer), download)


def _install_command(uv: Path, environment: Path, build: str, order: Order) -> list[str]:
    requirements = engine_home.requirements_of(build)
    command = [str(uv), "pip", "install", "--only-binary", ":all:"]
    command += ["--python", str(python_of_environment(environment))]
    if order.wheels is not None:
        command += ["--no-index", "--find-links", str(order.wheels)]
    if build in (torch_builds.ORDINARY, torch_builds.LIGHT):
        if requirement_lines.has_hashes(requirements):
            command.append("--require-hashes")
        return [*command, "--requirement", str(requirements)]
    special = order.home / "requirements.txt"
    special.write_text(requirement_lines.for_special_build(requirements), encoding="utf-8")
    command += ["--requirement", str(special)]
    return command if order.wheels is not None else [*command, "--torch-backend", build]


def _load(environment: Path, build: str, step: Step) -> Iterator[Progress]:
    """Loads the packages once, which compiles them."""
    yield Progress(0.9, tr("Loading the packages for the first time, which compiles them"))
    is_light = build == torch_builds.LIGHT
    names, total = (LIGHT_LOADED, LIGHT_LOADED_MODULES) if is_light else (LOADED, LOADED_MODULES)
    command = [str(python_of_environment(environment)), "-c", _LOAD, *names]
    failed = tr("The packages were installed but cannot be loaded.")
    told = tr("{:,} of about {:,} modules are loaded")
    yield from step.run_counted(failed, command, told, total, 0.9, 0.99)


def _clean_cache(uv: Path, home: Path, step: Step) -> Iterator[Progress]:
    """Removes packages of earlier versions; if that fails, only space is lost."""
    cache = home / "cache"
    environments = list(home.glob("e[0-9]*"))
    unused = yield from step.in_thread(
        lambda: uv_cache.forget_unused(cache, environments),
        tr("Looking for packages that are not used any more, {:.0f} s"),
        0.99,
    )
    if not unused:
        return
    yield Progress(0.99, tr("Removing {} packages that are not used any more").format(unused))
    try:
        yield from step.run("", [str(uv), "cache", "prune"], 0.99, 0.99)
    except InstallationError as error:
        yield Progress(0.99, str(error))
