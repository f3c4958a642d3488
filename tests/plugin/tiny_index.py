"""A package index on this computer with tiny wheels, for the real uv."""

from __future__ import annotations

import base64
import functools
import hashlib
import http.server
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

#: What the installation loads to see whether it works.
PACKAGES = ("torch", "torchvision", "transformers", "rasterio", "pyogrio", "onnxruntime")


def write_wheel(folder: Path, name: str, version: str = "1.0", code: str = "") -> Path:
    """Writes a wheel of one module and returns its path."""
    files = {
        f"{name}.py": code,
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={_record_hash(text)},{len(text)}" for path, text in files.items()]
    record = f"{name}-{version}.dist-info/RECORD"
    files[record] = "\n".join([*lines, f"{record},,"]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(zipfile.ZipInfo(inside), text)
    return path


def write_requirements(file: Path, wheels: Path) -> None:
    """Writes requirements for all wheels of a folder, with their hashes."""
    lines = []
    for path in sorted(wheels.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        lines += [f"{name}=={version.partition('+')[0]} \\", f"    --hash=sha256:{_hash(path)}"]
    file.write_text("\n".join(lines) + "\n")


def write_pages(wheels: Path, root: Path, index: str) -> None:
    """Writes the pages of a simple index into ``ROOT/INDEX``, and copies the wheels to ``root``."""
    for path in wheels.glob("*.whl"):
        page = root / index / path.name.split("-")[0]
        page.mkdir(parents=True, exist_ok=True)
        link = quote(path.name)
        (page / "index.html").write_text(f'<a href="/{link}">{path.name}</a>')
        if root != wheels:
            shutil.copyfile(path, root / path.name)


@contextmanager
def serve(wheels: Path) -> Iterator[str]:
    """Serves a folder of wheels as a simple index, and yields its address."""
    write_pages(wheels, wheels, "simple")
    handler = functools.partial(_Quiet, directory=str(wheels))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
