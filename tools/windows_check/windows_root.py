"""A root of Debian 13 with Wine 10, Python for Windows, and the engine's two environments for Windows.

The environments are made by uv for Windows with the engine's own requirements, as Set up makes them. All of it is built
once; a step, and all after it, are done again when what it depends on has changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from dualstream_qgis.installation import uv_program
from dualstream_qgis.installation.computer import Computer

from ..locations import DATA, ROOT
from ..wheels import fetch

#: The Debian that has Wine 10, and what of it is installed: Wine's own programs need zlib1.dll of libz-mingw-w64.
_DEBIAN = "trixie"
_PACKAGES = ("wine", "wine64", "libgnutls30t64", "libz-mingw-w64")

#: Folders in the root: the checkout, the real test data beside it, and what trials and tests write.
PROJECT, TRIALS = PurePosixPath("/project"), PurePosixPath("/trials")
_DATA = PurePosixPath("/shared/data")

#: The Python for Windows in the environments.
PYTHON = r"Z:\python\python.exe"

#: The environments and their requirements; pytest and what tests need are in the full one.
FULL, LIGHT = "full", "light"
_REQUIREMENTS = {
    FULL: ("engine/requirements.txt", "tests/requirements-engine.txt"),
    LIGHT: ("engine/requirements-light.txt",),
}
_OWN, _GAPS = Path(__file__).parent, "wine_gaps.py"

#: Settings of Wine's registry: no screen, no debugger that waits, no drivers of devices.
_REGISTRY = (
    (r"HKCU\Software\Wine\Drivers", "Graphics", "REG_SZ", "null"),
    (r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug", "Debugger", "REG_SZ", ""),
    *(
        (rf"HKLM\System\CurrentControlSet\Services\{name}", "Start", "REG_DWORD", "4")
        for name in ("winebus", "winebth", "PlugPlay")
    ),
)


class RootError(Exception):
    """The root cannot be built; the message is a sentence with the reason."""


class WindowsRoot:
    """The root; everything in it is mounted in the process's own mount namespace, so it ends with the process.

    Args:
        folder: Where it lies: 7 GB.
        uv: uv for this computer.
        report: Prints a line.
    """

    def __init__(self, folder: Path, uv: str, report: Callable[[str], None]) -> None:
        self._folder = folder.resolve()
        self._root = self._folder / _DEBIAN
        self._uv = uv
        self._report = report
        self._key = ""  # of all steps so far

    def build(self) -> None:
        """Builds what is missing.

        Raises:
            RootError: If a step fails.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._once("Debian", _DEBIAN, self._unpack_debian)
        self._mount()
        self._once("Wine", " ".join(_PACKAGES), self._install_wine)
        python = "".join((_OWN / name).read_text("utf-8") for name in ("requirements.txt", _GAPS))
        self._once("Python for Windows", python, self._install_python)
        self._once("uv for Windows", uv_program.VERSION, self._install_uv)
        self._once("registry", repr(_REGISTRY), self._set_registry)
        for name, files in _REQUIREMENTS.items():
            wanted = "".join((ROOT / file).read_text("utf-8") for file in files)
            self._once(f"{name} environment", wanted, lambda name=name: self._environment(name))

    def path(self, inside: PurePosixPath) -> Path:
        """The path, seen from here, of a path in the root."""
        return self._root / inside.relative_to("/")

    def python(self, environment: str) -> str:
        """The Python of an environment, as Windows names it."""
        return windows_path(PurePosixPath("/") / environment / "Scripts" / "python.exe")

    def run(
        self,
        command: Sequence[str],
        log: Path,
        timeout: float,
        variables: Mapping[str, str] | None = None,
    ) -> int:
        """Runs a program of Windows in the checkout.

        Args:
            command: The program and its arguments, with paths as Windows names them.
            log: The file for what it prints.
            timeout: The longest time, s; then all of Windows is ended.
            variables: Environment variables besides the usual ones.

        Returns:
            Its exit code; 124 after ``timeout``.
        """
        given = {**self._variables(), **(variables or {})}
        words = ["wine", *command]
        with log.open("wb") as output:
            try:
                return self._chroot(words, PROJECT, given, output, timeout)
            except subprocess.TimeoutExpired:
                self._chroot(["wineserver", "-k"], PurePosixPath("/"), given, output, 60)
                return 124

    # Building ---------------------------------------------------------------------------------------

    def _once(self, name: str, wanted: str, build: Callable[[], None]) -> None:
        stamp = self._folder / f".{name.lower().replace(' ', '-')}"
        self._key = key = hashlib.sha256((self._key + wanted).encode()).hexdigest()
        if stamp.exists() and stamp.read_text("utf-8") == key:
            return
        self._report(f"Building {name} ...")
        stamp.unlink(missing_ok=True)
        build()
        stamp.write_text(key, "utf-8")

    def _unpack_debian(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        # This machine's own mirror, for which its proxy and certificates are set.
        listed = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
        mirrors = self._output([*listed, "Label: Debian"]).split()
        if not mirrors:
            raise RootError("This system's apt names no mirror of Debian: run apt-get update.")
        self._do(["debootstrap", "--variant=minbase", "--include=ca-certificates", _DEBIAN,
                  str(self._root), mirrors[0]])  # fmt: skip
        settings = Path("/etc/apt/apt.conf.d")
        shutil.copytree(settings, self._root / "etc/apt/apt.conf.d", dirs_exist_ok=True)
        for name in ("resolv.conf", "hosts", "ssl/certs/ca-certificates.crt"):
            shutil.copyfile(Path("/etc", name), self._root / "etc" / name)

    def _mount(self) -> None:
        for kind, source, inside, options in (
            ("proc", "proc", "/proc", ""),
            ("sysfs", "sysfs", "/sys", "ro"),
            ("", str(ROOT), PROJECT, "bind"),
            ("", str(DATA), _DATA, "bind,ro"),
        ):
            target = self.path(PurePosixPath(inside))
            target.mkdir(parents=True, exist_ok=True)
            if kind or Path(source).is_dir():
                self._do(["mount", *(["-t", kind] if kind else []),
                          *(["-o", options] if options else []), source, str(target)])  # fmt: skip

    def _install_wine(self) -> None:
        given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", *_PACKAGES]):
            self._do_inside(["apt-get", "-q", *words], given)

    def _install_python(self) -> None:
        target = self.path(PurePosixPath("/python"))
        shutil.rmtree(target, ignore_errors=True)
        own = str(_OWN / "requirements.txt")
        self._do([self._uv, "pip", "install", "-q", "--python", "/usr/bin/python3", "--no-deps",
                  "--require-hashes", "--target", str(target), "-r", own])  # fmt: skip
        shutil.copyfile(_OWN / _GAPS, target / "Lib" / "sitecustomize.py")

    def _install_uv(self) -> None:
        """Unpacks uv as Set up does on Windows."""
        computer = Computer("windows", "x86_64")
        wheel = uv_program.wheel(
            self._folder, computer, os.environ.get("UV_DEFAULT_INDEX", ""), fetch
        )
        uv_program.unpack(wheel, self.path(PurePosixPath("/uv")), computer)

    def _set_registry(self) -> None:
        shutil.rmtree(self.path(PurePosixPath("/prefix")), ignore_errors=True)
        given = self._variables()
        self._do_inside(["wineboot", "--init"], given)
        zlib = self.path(PurePosixPath("/usr/x86_64-w64-mingw32/lib/zlib1.dll"))
        shutil.copy(zlib, self.path(PurePosixPath("/prefix/drive_c/windows/system32")))
        for key, name, kind, value in _REGISTRY:
            words = ["reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f"]
            self._do_inside(["wine", *words], given)

    def _environment(self, name: str) -> None:
        uv, given = ["wine", r"Z:\uv\uv.exe", "-q"], self._variables()
        home = PurePosixPath("/") / name
        self._do_inside([*uv, "venv", "--clear", "--offline", "--python", PYTHON,
                         windows_path(home)], given)  # fmt: skip
        for file in _REQUIREMENTS[name]:
            self._do_inside([*uv, "pip", "install", "--only-binary", ":all:", "--python",
                             self.python(name), "-r", windows_path(PROJECT / file)], given)  # fmt: skip

    # Processes --------------------------------------------------------------------------------------

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/home",
            "LC_ALL": "C.UTF-8",
            "WINEPREFIX": "/prefix",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            "UV_CACHE_DIR": r"Z:\uv-cache",
            "UV_FIND_LINKS": "",
            "SSL_CERT_FILE": r"Z:\etc\ssl\certs\ca-certificates.crt",
            "OMP_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "PASSIVE",
            "DUALSTREAM_PYTHON": self.python(FULL),
            "DUALSTREAM_LIGHT_PYTHON": self.python(LIGHT),
            **{name: value for name, value in os.environ.items() if name in _NETWORK},
        }

    def _do_inside(self, words: Sequence[str], variables: Mapping[str, str]) -> None:
        log = self._folder / "build.log"
        with log.open("ab") as output:
            code = self._chroot(words, PurePosixPath("/"), variables, output, None)
        self._check(code, words, log)

    def _do(self, words: Sequence[str]) -> None:
        log = self._folder / "build.log"
        with log.open("ab") as output:
            code = subprocess.run(words, stdout=output, stderr=output, check=False).returncode
        self._check(code, words, log)

    def _check(self, code: int, words: Sequence[str], log: Path) -> None:
        if code:
            raise RootError(f"{' '.join(words)} ended with exit code {code}: see {log}.")

    def _output(self, words: Sequence[str]) -> str:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def _chroot(
        self,
        words: Sequence[str],
        folder: PurePosixPath,
        variables: Mapping[str, str],
        output: object,
        timeout: float | None,
    ) -> int:
        settings = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(
            ["chroot", str(self._root), "env", "-i", "-C", str(folder), *settings, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        ).returncode


#: Variables that name proxies and the package index, which the installation inside needs too.
_NETWORK = {
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
}


def windows_path(inside: PurePosixPath) -> str:
    """The name of a path of the root in Windows: drive Z."""
    return str(PureWindowsPath("Z:" + str(inside)))
