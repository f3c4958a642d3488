"""Writes the plugin's zip: ``python -m tools.package dist/dualstream_qgis.zip``, with ``--draft`` one to try.

QGIS needs one folder in the zip, so the engine, the resources and ``metadata.txt``, which are beside the plugin in
the checkout, go inside it, and the starter model. The same sources and model always give the same bytes. A zip that
the plugin hub would refuse is not written.
"""

from __future__ import annotations

import argparse
import tempfile
import zipfile
from pathlib import Path

from dualstream_qgis.starter_model import NAME

from .demo.qgis_process import QgisError
from .locations import ROOT
from .package_checks import bandit_problems, metadata_problems, secret_problems
from .starter_model import trained_model

PLUGIN = "dualstream_qgis"
FOLDERS = ("engine", "resources")
FILES = ("metadata.txt", "LICENSE", "README.md", "README.ko.md", "CHANGELOG.md")
#: Suffixes of the plugin's files; others (bytecode, models, libraries) are left out.
SUFFIXES = {".py", ".txt", ".md", ".png", ".svg", ".qml", ".ts", ".html", ".css", ".json", ""}
#: Name of the starter model in the zip.
STARTER = f"{PLUGIN}/resources/models/{NAME}"
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


def write(target: Path, files: dict[str, Path]) -> None:
    """Writes a zip.

    Args:
        target: The zip.
        files: Its files, by their names in it.

    Raises:
        SystemExit: If a file is missing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in files.items():
            if not path.is_file():
                raise SystemExit(f"The zip needs {path.name}, which is not in {path.parent}.")
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def refuse(found: list[str]) -> None:
    """Ends the program if there are problems, with all of them.

    Raises:
        SystemExit: If there is one.
    """
    if found:
        raise SystemExit("\n".join(["The plugin hub would refuse the zip:", *found]))


def size_problems(archive: Path) -> list[str]:
    """Returns the sentence on a zip that is too large for the plugin hub, if it is."""
    size = archive.stat().st_size
    return [f"It has {size / 1e6:.1f} MB, more than 25."] if size > MAX_BYTES else []


def code_problems(archive: Path) -> list[str]:
    """Returns what bandit and detect-secrets find in the files of a zip."""
    with tempfile.TemporaryDirectory() as unpacked, zipfile.ZipFile(archive) as opened:
        opened.extractall(unpacked)
        folder = Path(unpacked) / PLUGIN
        return [*bandit_problems(folder), *secret_problems(folder)]


def main() -> None:
    """Writes the zip that the command line names, if the plugin hub would take it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--draft", action="store_true", help="allow placeholders in metadata.txt")
    options = parser.parse_args()
    target: Path = options.target
    target.unlink(missing_ok=True)  # an older one is not taken for this
    refuse(metadata_problems(ROOT, options.draft))
    part = target.with_name(target.name + ".part")
    write(part, members())
    refuse(code_problems(part))  # before minutes are spent on the starter model
    try:
        model = trained_model()
    except QgisError as problem:
        raise SystemExit(str(problem)) from problem
    write(part, {**members(), STARTER: model})
    refuse(size_problems(part))
    part.replace(target)
    print(
        f"{target} ({target.stat().st_size / 1e6:.1f} MB with the starter model of {model.stat().st_size / 1e6:.1f} "
        "MB; no findings of bandit and detect-secrets): install it with Plugins > Install from ZIP."
    )


if __name__ == "__main__":
    main()
