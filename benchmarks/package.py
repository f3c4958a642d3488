"""Writes the plugin's zip: ``python -m benchmarks.package dist/dualstream_qgis.zip``.

QGIS needs one folder in the zip, so the engine, the resources and ``metadata.txt``, which are beside the plugin in
the checkout, go inside it. The same sources always give the same bytes.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from .locations import ROOT

PLUGIN = "dualstream_qgis"
FOLDERS = ("engine", "resources")
FILES = ("metadata.txt", "LICENSE", "README.md", "CHANGELOG.md")
#: Suffixes of the plugin's files; others (bytecode, models, libraries) are left out.
SUFFIXES = {".py", ".txt", ".md", ".png", ".svg", ".qml", ".qm", ".html", ".css", ".json", ""}
#: Largest size that the plugin hub accepts, bytes.
MAX_BYTES = 25_000_000
#: Time stamp of all files in the zip, the earliest possible, so that the same sources give the same zip.
TIME = (1980, 1, 1, 0, 0, 0)


def members(root: Path = ROOT) -> dict[str, Path]:
    """Returns the files of the zip by their names in it, sorted."""
    files = {f"{PLUGIN}/{name}": root / name for name in FILES}
    for folder in (PLUGIN, *FOLDERS):
        inside = PLUGIN if folder == PLUGIN else f"{PLUGIN}/{folder}"
        for path in (root / folder).rglob("*"):
            relative = path.relative_to(root / folder)
            if path.is_file() and path.suffix in SUFFIXES and not _hidden(relative):
                files[f"{inside}/{relative.as_posix()}"] = path
    return dict(sorted(files.items()))


def _hidden(relative: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in relative.parts)


def write(target: Path, root: Path = ROOT) -> int:
    """Writes the zip and returns its size in bytes.

    Raises:
        SystemExit: If a file is missing or the zip is too large for the plugin hub.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in members(root).items():
            if not path.is_file():
                raise SystemExit(f"The zip needs {path.name}, which is not in {path.parent}.")
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    size = part.stat().st_size
    if size > MAX_BYTES:
        raise SystemExit(f"The zip has {size / 1e6:.1f} MB; the plugin hub accepts at most 25 MB.")
    part.replace(target)
    return size


def main() -> None:
    """Writes the zip that the command line names."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else f"dist/{PLUGIN}.zip")
    size = write(target)
    print(f"{target} ({size / 1e6:.2f} MB): install it with Plugins > Install from ZIP.")


if __name__ == "__main__":
    main()
