"""Runs the quick tests again as on other computers: other processors, languages, folders, users and Pythons.

    python -m tools.portability [NAME ...]

Each setting runs the targets ``engine-tests`` and ``plugin-tests`` of the Makefile at the same time. A table says how many
tests passed and failed and what they took; the names of the tests that failed follow it, and their logs stay in
.venv/portability/NAME. A setting that this computer cannot have (another user without root, a Python that is not
installed) is named with its reason.

ONNX Runtime has no setting that hides instructions of the processor: it uses them all in "sse4" and "avx2" too.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from .locations import DATA, ROOT

#: Targets of the Makefile.
_ENGINE, _PLUGIN = "engine-tests", "plugin-tests"

#: The order of test files in the setting "order"; any number gives another one.
_SEED = 28

#: The user of the setting "korean-folder": nobody.
_USER = 65534

#: Where logs and results stay.
_FOLDER = ROOT / ".venv/portability"


class NotHereError(Exception):
    """This computer cannot have a setting; the text says why."""


@dataclass(frozen=True)
class Setting:
    """Differences from an ordinary run of the tests.

    Attributes:
        what: What it stands for, for the table.
        environment: Variables.
        options: Options of pytest.
        cores: Number of processors that the tests may use; 0: all.
        programs: Number of other programs that compute at the same time.
        is_korean_folder: Whether an ordinary user runs the tests in a copy of the checkout whose path, HOME and TMPDIR
            have spaces and Korean letters.
        locale: The locale to make, such as ``ko_KR``; empty: none.
        python: The engine's Python, such as ``3.13``; empty: that of .venv/engine. QGIS's own runs the plugin's tests.
    """

    what: str
    environment: Mapping[str, str] = field(default_factory=dict)
    options: str = ""
    cores: int = 0
    programs: int = 0
    is_korean_folder: bool = False
    locale: str = ""
    python: str = ""


def _processor(torch: str, onednn: str, numpy: str) -> dict[str, str]:
    """The variables that hide instructions of the processor."""
    return {
        "ATEN_CPU_CAPABILITY": torch,
        "ONEDNN_MAX_CPU_ISA": onednn,
        "NPY_DISABLE_CPU_FEATURES": numpy,
    }


_KOREAN = {"LANG": "ko_KR.UTF-8", "LC_ALL": "ko_KR.UTF-8", "LANGUAGE": "ko", "TZ": "Asia/Seoul"}
_RANDOM = f"--random-order --random-order-bucket=module --random-order-seed={_SEED}"

SETTINGS = {
    "plain": Setting("as make test"),
    "sse4": Setting("a processor with SSE4", _processor("default", "SSE41", "X86_V3 X86_V4")),
    "avx2": Setting("a processor with AVX2, without AVX-512", _processor("avx2", "AVX2", "X86_V4")),
    "one-core": Setting("one core", cores=1),
    "load": Setting("6 other programs compute", programs=6),
    "order": Setting("test files in random order", options=_RANDOM),
    "korean-folder": Setting("ordinary user, spaces and Korean in paths", is_korean_folder=True),
    "korean": Setting("LANG=ko_KR.UTF-8, TZ=Asia/Seoul", _KOREAN, locale="ko_KR"),
    "c-locale": Setting("LANG=C", {"LANG": "C", "LC_ALL": "C"}),
    "python3.13": Setting("Python 3.13, engine's tests only", python="3.13"),
    "python3.14": Setting("Python 3.14, engine's tests only", python="3.14"),
}


@dataclass(frozen=True)
class Outcome:
    """Results of the tests in a setting.

    Attributes:
        passed: Number of tests that passed.
        skipped: Number of tests that were skipped.
        failed: Names of the tests that failed.
        cpu: CPU time of the tests and the processes that they started, s.
        wall: Time that passed, s.
    """

    passed: int
    skipped: int
    failed: tuple[str, ...]
    cpu: float
    wall: float


def run(setting: Setting, folder: Path) -> Outcome:
    """Runs the tests in a setting.

    Args:
        setting: The setting.
        folder: An empty folder for logs and results.

    Raises:
        NotHereError: If this computer cannot have the setting.
    """
    environment = {**os.environ, "DUALSTREAM_DATA": str(DATA.resolve()), **setting.environment}
    command, checkout, user = ["make", "--no-print-directory"], ROOT, None
    suites = [_ENGINE, _PLUGIN]
    if setting.locale:
        environment["LOCPATH"] = str(_locale(setting.locale, folder))
    if setting.python:
        command += _python(setting.python)
        suites.remove(_PLUGIN)
    if setting.cores:
        command = ["taskset", "-c", ",".join(map(str, range(setting.cores))), *command]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="홍 길동 ") as home, _computing(setting.programs):
        if setting.is_korean_folder:
            checkout, user = _korean_checkout(Path(home)), _USER
            os.chown(folder, user, user)
            variables = _korean_variables(checkout.parent)
            environment |= variables
            # Variables of the Makefile: they are stronger there than those of the environment.
            command += [f"{name}={value}" for name, value in variables.items()]
        processes = {}
        for suite in suites:
            results = folder / f"{suite}.xml"
            options = f"{setting.options} --junitxml='{results}'"
            processes[suite] = subprocess.Popen(
                [*command, suite],
                cwd=checkout,
                user=user,
                group=user,
                env={**environment, "PYTEST_ADDOPTS": options},
                stdout=(folder / f"{suite}.log").open("wb"),
                stderr=subprocess.STDOUT,
            )
        ends = {suite: os.wait4(process.pid, 0) for suite, process in processes.items()}
    wall = time.perf_counter() - began
    cpu = sum(usage.ru_utime + usage.ru_stime for _, _, usage in ends.values())
    cases = {suite: _cases(folder / f"{suite}.xml") for suite in suites}
    failed = []
    for suite, (_, status, _) in ends.items():
        broken = [case for case in cases[suite] if _is(case, "failure", "error")]
        failed += [f"{case.get('classname')}.{case.get('name')}" for case in broken]
        if status and not broken:
            failed.append(f"{suite} did not finish, see {folder / suite}.log")
    count = sum(map(len, cases.values()))
    skipped = sum(_is(case, "skipped") for case in chain(*cases.values()))
    return Outcome(count - len(failed) - skipped, skipped, tuple(failed), cpu, wall)


def _cases(results: Path) -> list[ET.Element]:
    """The tests of a suite; none if it did not come to its end."""
    if not results.exists():
        return []
    return list(ET.parse(results).getroot().iter("testcase"))  # noqa: S314 - pytest wrote it


def _is(case: ET.Element, *kinds: str) -> bool:
    return any(case.find(kind) is not None for kind in kinds)


@contextlib.contextmanager
def _computing(count: int) -> Iterator[None]:
    """Keeps a number of programs computing."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def _locale(name: str, folder: Path) -> Path:
    """Compiles a locale in UTF-8 from the system's sources; the folder for LOCPATH.

    Raises:
        NotHereError: If the system has no sources of locales.
    """
    if not shutil.which("localedef") or not Path("/usr/share/i18n/locales", name).is_file():
        raise NotHereError("no locale sources: install the package locales")
    made = folder / "locales"
    made.mkdir()
    subprocess.run(["localedef", "-i", name, "-f", "UTF-8", made / f"{name}.UTF-8"], check=True)
    return made


def _python(version: str) -> list[str]:
    """Makes an environment with another Python, once; the variables of the Makefile that name it.

    Raises:
        NotHereError: If that Python is not installed.
    """
    uv = shutil.which("uv") or str(ROOT / ".venv/tools/bin/uv")
    found = subprocess.run([uv, "python", "find", version], capture_output=True, text=True)
    if found.returncode:
        raise NotHereError(f"no Python {version} on this computer")
    folder = ROOT / f".venv/python{version}"
    lists = {
        "engine": ("engine/requirements.txt", "engine/requirements-scale.txt", "tests/requirements-engine.txt"),
        "light": ("engine/requirements-light.txt",),
    }  # fmt: skip
    for name, files in lists.items():
        python = folder / name / "bin/python"
        if not python.exists():
            subprocess.run(
                [uv, "venv", "-q", "--python", found.stdout.strip(), folder / name], check=True
            )
        options = [option for file in files for option in ("-r", file)]
        subprocess.run(
            [uv, "pip", "install", "-q", "--python", python, *options], cwd=ROOT, check=True
        )
    # The Makefile completes them to full paths.
    inside = folder.relative_to(ROOT)
    return [f"ENGINE={inside}/engine/bin/python", f"LIGHT={inside}/light/bin/python"]


def _korean_checkout(folder: Path) -> Path:
    """Copies the checkout into a folder with spaces and Korean letters in its path, which an ordinary user owns.

    Raises:
        NotHereError: If this user is not root, who alone can start programs of another user.
    """
    if os.geteuid():
        raise NotHereError("needs root, to run programs as another user")
    checkout = folder / "듀얼 스트림"
    files = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, files.stdout.split("\0")):
        source, target = ROOT / name, checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(source):  # and not deleted; with its time, so that make installs nothing
            shutil.copy2(source, target, follow_symlinks=False)
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)  # the tests list its files
    (checkout / ".git/info").mkdir(exist_ok=True)
    (checkout / ".git/info/exclude").write_text("/.venv\n")
    for path in _korean_variables(checkout.parent).values():
        Path(path).mkdir(mode=0o700)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, _USER, _USER, follow_symlinks=False)
    return checkout


def _korean_variables(folder: Path) -> dict[str, str]:
    """Folders of the ordinary user, by the variables that name them."""
    return {
        "HOME": str(folder / "집"),
        "TMPDIR": str(folder / "임시 파일"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "QGIS_CUSTOM_CONFIG_PATH": str(folder / "프로필"),
    }


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs settings and prints the table; 1 if a test failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(SETTINGS)}; default: all"
    )
    names = parser.parse_args(arguments).names or [*SETTINGS]
    if unknown := set(names) - set(SETTINGS):
        parser.error(f"no setting {', '.join(sorted(unknown))}: there are {', '.join(SETTINGS)}")
    print(_row("setting", "what", "passed", "failed", "skipped", "CPU s", "wall s"))
    print(_row(*["---"] * 7), flush=True)
    failed: dict[str, tuple[str, ...]] = {}
    for name in names:
        setting, own = SETTINGS[name], _FOLDER / name
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        try:
            outcome = run(setting, own)
        except NotHereError as reason:
            print(_row(name, setting.what, f"not run: {reason}", "", "", "", ""), flush=True)
            continue
        failed[name] = outcome.failed
        counts = outcome.passed, len(outcome.failed), outcome.skipped
        seconds = round(outcome.cpu), round(outcome.wall)
        print(_row(name, setting.what, *counts, *seconds), flush=True)
    for name, tests in failed.items():
        for test in tests:
            print(f"{name}: {test}")
    return 1 if any(failed.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
