"""Turns what uv, Python and the network say about a failure into its cause and the way out. Free of Qt."""

from __future__ import annotations

import re

from ..engine.contract.translation import tr, tr_noop

#: Number of lines of a failed step's output in a message.
QUOTED_LINES = 4

#: Causes after which the next build of PyTorch is tried, or another Python: their source cannot be used.
NOT_AVAILABLE = frozenset({"proxy", "certificate", "network", "refused", "no package"})

#: The causes in the order in which they are looked for, the special ones first: name, pattern, and what to do.
CAUSES = (
    (
        "changed package",
        r"hash mismatch|hashes? (?:do|does) not match",
        tr_noop(
            "A downloaded package is not the one that DualStream was made for: its content was changed on the way, "
            "by a mirror, a proxy or a broken disk. It was not installed. Run this again through another network, or ask "
            "who looks after the package index."
        ),
    ),
    (
        "full disk",
        r"no space left|not enough space|os error (?:28|112)\b|errno 28|disk full",
        tr_noop("The disk is full. Free some space, at least what the help of this dialog states."),
    ),
    (
        "quota",
        r"quota exceeded|disk quota|os error (?:122|1295)\b|errno 122",
        tr_noop(
            "Your share of the disk (quota) is used up. Free some of it or ask the administrator for more."
        ),
    ),
    (
        "runtime",
        r"WinError (?:126|127|1114)\b",
        tr_noop(
            "The Microsoft Visual C++ runtime is missing or too old. Install it from "
            "aka.ms/vs/17/release/vc_redist.x64.exe."
        ),
    ),
    (
        "locked file",
        r"os error (?:5|32)\b|WinError (?:5|32)\b|being used by another process",
        tr_noop(
            "Another program holds a file of the installation, most likely a virus scanner or another window of QGIS. "
            "Close other windows of QGIS; if it stays, ask for the folder to be exempt from scanning."
        ),
    ),
    (
        "proxy password",
        r"\b407\b|proxy (?:authentication|authorization)|proxy requires authentication",
        tr_noop(
            "The proxy of this network asks for a user name and password. Enter them in Settings > Options > Network > "
            "Proxy."
        ),
    ),
    (
        "certificate",
        r"certificate|UnknownIssuer|SSL handshake|issuer.{0,20}(?:unknown|not be found)",
        tr_noop(
            "This computer does not trust the certificate of the package index, as in offices whose proxy reads encrypted "
            "traffic. Ask for the office's certificate (CA) and add it in Settings > Options > Authentication > "
            "Manage Certificates, or to the system's certificates. The button Ignore of QGIS's own question does not "
            "help, because the program that installs the packages checks certificates itself."
        ),
    ),
    (
        "proxy",
        r"proxy.{0,60}(?:refused|unreachable|timed out|not found|tunnel|closed)|tunnel(?:ing)? (?:error|failed)|unsuccessful tunnel",
        tr_noop(
            "The proxy does not answer or bars the address. Check Settings > Options > Network > Proxy, or ask "
            "that the package index be allowed."
        ),
    ),
    (
        "network",
        r"dns error|resolv\w* (?:DNS|host)|failed to lookup address|host .{0,80}not found|name or service not known|"
        r"network (?:is )?(?:unreachable|access is disabled)|no route|connection (?:refused|reset|closed|timed out)|closed the connection|"
        r"operation timed out|timed? ?out|error sending request|connect(?:ion)? error|network connectivity is disabled",
        tr_noop(
            "The package index cannot be reached. Check the internet connection and Settings > Options > Network > "
            "Proxy, or install from a folder (parameter Folder of packages)."
        ),
    ),
    (
        "refused",
        r"\b(?:401|403)\b|unauthorized|forbidden|requires authentication",
        tr_noop(
            "The package index refuses the download. Check its address and your password for it in Options > Processing > "
            "Providers > DualStream."
        ),
    ),
    (
        "no package",
        r"no solution found|no wheels? with a matching|has no wheels|not found in the package registry|only-binary|"
        r"no (?:matching distribution|download found)|was not found in the provided",
        tr_noop(
            "The package index or folder lacks a package for this system, its processor and this Python. Choose another "
            "build of PyTorch, or ask who looks after the index or made the folder."
        ),
    ),
)

#: Causes after which the same run may succeed, once its advice was followed.
_REPEATABLE = {name for name, _, _ in CAUSES} - {"changed package", "no package"}


class InstallationError(Exception):
    """The environment could not be built; the message gives the reason and what to do.

    Attributes:
        cause: The name of the cause, one of ``CAUSES``; "" if it is unknown.
    """

    def __init__(self, message: str, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause


def cause(output: str) -> tuple[str, str]:
    """Returns the name of the cause that an output shows, and the way out; empty texts if it is not a known one."""
    found = (c for c in CAUSES if re.search(c[1], output, re.IGNORECASE))
    name = next(found, ("",))[0]
    return name, _advice(name)


def failure(step: str, lines: list[str], known: str | None = None) -> InstallationError:
    """Returns the error of a step.

    Args:
        step: The sentence that says which one: ``The packages could not be installed.``
        lines: What the step printed.
        known: The name of the cause, "" for none of ``CAUSES``; None: the lines show it, which must be English then.
    """
    name, advice = cause("\n".join(lines)) if known is None else (known, _advice(known))
    if not name:
        unknown = tr("Check the internet connection, the proxy and the free disk space.")
        advice = f"{unknown} {_again()}"
    quoted = " | ".join(lines[-QUOTED_LINES:])
    said = tr("It said: {}").format(quoted) if quoted else ""
    return InstallationError(f"{step} {advice} {said}".strip(), name)


def _advice(name: str) -> str:
    """Returns the way out of a cause; "" if it is none of ``CAUSES``."""
    advice = next((tr(text) for known, _, text in CAUSES if known == name), "")
    return f"{advice} {_again()}" if name in _REPEATABLE else advice


def _again() -> str:
    return tr("Then run the same again: what was downloaded is kept.")
