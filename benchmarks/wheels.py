"""Fills a folder with all that Set up needs on a computer without internet: ``python -m benchmarks.wheels windows dist/w``.

It holds uv, a Python, and the packages of ``engine/requirements.txt`` for one system, each checked by its hash. Copy the
folder to the other computer and choose it in *Set up DualStream* as *Folder of packages*.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote

from dualstream_qgis import engine_home, requirement_lines, uv_program, wheel_folder
from dualstream_qgis.computer import Computer
from dualstream_qgis.torch_builds import ORDINARY

#: The systems with uv's names for their platforms. Python 3.11 has packages for macOS 14 and later.
SYSTEMS = {
    "windows": (Computer("windows", "x86_64"), "x86_64-pc-windows-msvc"),
    "macos": (Computer("macos", "aarch64", 14), "aarch64-apple-darwin"),
    "linux": (Computer("linux", "x86_64", libc="gnu"), "x86_64-manylinux_2_28"),
    "linux-arm": (Computer("linux", "aarch64", libc="gnu"), "aarch64-manylinux_2_28"),
}


def fill(folder: Path, system: str, torch: str, uv: str) -> None:
    """Fills a folder.

    Args:
        folder: The folder; created if it does not exist. What is there already is not downloaded again.
        system: One of ``SYSTEMS``.
        torch: The build of PyTorch, one of the names of uv's option ``--torch-backend`` or ``default``.
        uv: uv's path.

    Raises:
        SystemExit: If something cannot be downloaded, or is not the file that it should be.
    """
    computer, platform = SYSTEMS[system]
    folder.mkdir(parents=True, exist_ok=True)
    found = wheels(computer, platform, torch, uv)
    for number, (address, sha256) in enumerate(found, 1):
        name = unquote(address.rpartition("/")[2])
        print(f"{number:3d} of {len(found)}: {name}", flush=True)
        save(address, folder / name, sha256)
    with tempfile.TemporaryDirectory() as temporary:
        uv_program.get(Path(temporary), computer, "", fetch, None)
        name = uv_program.wheel_name(computer)
        shutil.copyfile(Path(temporary, name), folder / name)
    save_python(folder / "python", computer, uv)
    (folder / wheel_folder.SYSTEM_FILE).write_text(f"{computer.python}\n", encoding="utf-8")


def wheels(computer: Computer, platform: str, torch: str, uv: str) -> list[tuple[str, str]]:
    """Returns addresses and SHA-256 of all packages, as uv resolves the requirements for another system."""
    text = engine_home.REQUIREMENTS.read_text(encoding="utf-8")
    backend = []
    if torch != ORDINARY:
        text = requirement_lines.for_special_build(engine_home.REQUIREMENTS)
        backend = ["--torch-backend", torch]
    options = ["--format", "pylock.toml", "--only-binary", ":all:", "--no-header", "--quiet"]
    version = computer.python.split("-")[1]
    command = [
        uv,
        "pip",
        "compile",
        "-",
        "--python-platform",
        platform,
        "--python-version",
        version,
    ]
    lock = output([*command, *options, *backend], text)
    pattern = r'url = "([^"]+\.whl)"[^}]*?sha256 = "([0-9a-f]{64})"'
    return sorted(set(re.findall(pattern, lock)))


def save_python(folder: Path, computer: Computer, uv: str) -> None:
    """Downloads the Python that uv would, under the names by which it looks for it.

    uv knows its hash and checks it when it installs it.
    """
    listing = [uv, "python", "list", "--all-platforms", "--output-format", "json", computer.python]
    address = next(entry["url"] for entry in json.loads(output(listing)) if entry["url"])
    date, _, name = address.partition("/releases/download/")[2].partition("/")
    print(f"Python: {unquote(name)}", flush=True)
    save(address, folder / date / unquote(name))


def save(address: str, file: Path, sha256: str = "") -> None:
    """Downloads a file that is not there yet, and checks it if its SHA-256 is known."""
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.part")
        part.write_bytes(fetch(address))
        part.replace(file)
    if sha256 and hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        file.unlink()
        raise SystemExit(f"{file.name} is not the file that the requirements name: it was removed.")


def fetch(address: str) -> bytes:
    """Returns the bytes at an address."""
    if not address.startswith("https://"):
        raise SystemExit(f"{address} is no https address.")
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 (https, see above)
            return bytes(answer.read())
    except (urllib.error.URLError, OSError) as error:
        raise SystemExit(f"{address} cannot be downloaded: {error}. Run this again.") from error


def output(command: list[str], text: str = "") -> str:
    """Returns what a program prints."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip() or f"{command[0]} ended with {done.returncode}.")
    return done.stdout


def main() -> None:
    """Fills the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--torch", default=ORDINARY)
    parser.add_argument("--uv", default=shutil.which("uv") or "uv")
    chosen = parser.parse_args()
    fill(chosen.folder, chosen.system, chosen.torch, chosen.uv)
    size = sum(path.stat().st_size for path in chosen.folder.rglob("*") if path.is_file())
    print(f"{chosen.folder} ({size / 1e6:,.0f} MB): copy it, and choose it in Set up DualStream.")


if __name__ == "__main__":
    sys.exit(main())
