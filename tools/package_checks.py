"""Checks a zip as the plugin hub does: complete metadata, no findings of bandit, no secrets.

Nothing here asks the network.
"""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
from pathlib import Path

#: Entries of metadata.txt that the hub asks for.
REQUIRED = (
    *("name", "qgisMinimumVersion", "description", "about", "version", "author", "email"),
    *("repository", "tracker", "homepage", "license", "icon", "changelog", "tags"),
)
#: Entries that only the publisher knows; a domain that is nobody's marks them as still open.
ADDRESSES = ("email", "homepage", "repository", "tracker")
PLACEHOLDER = "example.org"


def metadata_problems(folder: Path, is_draft: bool) -> list[str]:
    """Returns what is wrong with the metadata.txt of an unpacked plugin, as sentences.

    Args:
        folder: Folder of the plugin.
        is_draft: Whether addresses may be placeholders.
    """
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(folder / "metadata.txt", encoding="utf-8")
    found = parser["general"]
    problems = [f"metadata.txt lacks {name}." for name in REQUIRED if not found.get(name)]
    if found.get("icon") and not (folder / found["icon"]).is_file():
        problems.append(f"metadata.txt names the icon {found['icon']}, which is not in the zip.")
    still_open = [name for name in ADDRESSES if PLACEHOLDER in found.get(name, "")]
    if still_open and not is_draft:
        problems.append(
            f"{', '.join(still_open)} in metadata.txt are placeholders ({PLACEHOLDER}): write your own there, or "
            "make a zip to try with make package DRAFT=1."
        )
    return problems


def bandit_problems(folder: Path) -> list[str]:
    """Returns bandit's report if it finds anything, of whatever severity and confidence."""
    command = [sys.executable, "-m", "bandit", "--recursive", "--quiet", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return [f"bandit:\n{done.stdout}{done.stderr}"] if done.returncode else []


def secret_problems(folder: Path) -> list[str]:
    """Returns every place that detect-secrets takes for a secret.

    Raises:
        SystemExit: If the program fails.
    """
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"detect-secrets failed:\n{done.stderr}")
    return [
        f"{path}:{place['line_number']}: {place['type']} (detect-secrets). Is it no secret? "
        "Then end the line with '# pragma: allowlist secret'."
        for path, places in json.loads(done.stdout)["results"].items()
        for place in places
    ]
