"""Turns what uv, Python and the network say about a failure into its cause and the way out. Free of Qt."""

from __future__ import annotations

import re

#: Number of lines of a failed step's output in a message.
QUOTED_LINES = 4

AGAIN = 'Then run "Set up DualStream" again: what was downloaded is kept.'

#: The causes in the order in which they are looked for, the special ones first: name, pattern, and what to do.
CAUSES = (
    (
        "changed package",
        r"hash mismatch|hashes? (?:do|does) not match",
        "A downloaded package is not the one that DualStream was made for: its content was changed on the way, "
        "by a mirror, a proxy or a broken disk. It was not installed. Run this again through another network, or ask "
        "who looks after the package index.",
    ),
    (
        "full disk",
        r"no space left|not enough space|os error (?:28|112)\b|errno 28|disk full",
        "The disk is full. Free some space, at least what the help of this dialog states. " + AGAIN,
    ),
    (
        "quota",
        r"quota exceeded|disk quota|os error (?:122|1295)\b|errno 122",
        "Your share of the disk (quota) is used up. Free some of it or ask the administrator for more. "
        + AGAIN,
    ),
    (
        "runtime",
        r"WinError (?:126|127|1114)\b",
        "The Microsoft Visual C++ runtime is missing or too old. Install it from "
        "aka.ms/vs/17/release/vc_redist.x64.exe. " + AGAIN,
    ),
    (
        "locked file",
        r"os error (?:5|32)\b|WinError (?:5|32)\b|being used by another process",
        "Another program holds a file of the installation, most likely a virus scanner or another window of QGIS. "
        "Close other windows of QGIS; if it stays, ask for the folder to be exempt from scanning. "
        + AGAIN,
    ),
    (
        "proxy password",
        r"\b407\b|proxy (?:authentication|authorization)|proxy requires authentication",
        "The proxy of this network asks for a user name and password. Enter them in Settings > Options > Network > "
        "Proxy. " + AGAIN,
    ),
    (
        "certificate",
        r"certificate|UnknownIssuer|SSL handshake|issuer.{0,20}(?:unknown|not be found)",
        "This computer does not trust the certificate of the package index, as in offices whose proxy reads encrypted "
        "traffic. Ask for the office's certificate (CA) and add it in Settings > Options > Authentication > "
        "Manage Certificates, or to the system's certificates. " + AGAIN,
    ),
    (
        "proxy",
        r"proxy.{0,60}(?:refused|unreachable|timed out|not found|tunnel|closed)|tunnel(?:ing)? (?:error|failed)|unsuccessful tunnel",
        "The proxy does not answer or bars the address. Check Settings > Options > Network > Proxy, or ask "
        "that the package index be allowed. " + AGAIN,
    ),
    (
        "network",
        r"dns error|resolv\w* (?:DNS|host)|failed to lookup address|host .{0,80}not found|name or service not known|"
        r"network (?:is )?(?:unreachable|access is disabled)|no route|connection (?:refused|reset|closed|timed out)|"
        r"operation timed out|timed? ?out|error sending request|connect(?:ion)? error|network connectivity is disabled",
        "The package index cannot be reached. Check the internet connection and Settings > Options > Network > "
        "Proxy, or install from a folder (parameter Folder of packages). " + AGAIN,
    ),
    (
        "refused",
        r"\b(?:401|403)\b|unauthorized|forbidden",
        "The package index refuses the download. Check its address and your password for it in Options > Processing > "
        "Providers > DualStream. " + AGAIN,
    ),
    (
        "no package",
        r"no solution found|no wheels? with a matching|has no wheels|not found in the package registry|only-binary|"
        r"no (?:matching distribution|download found)|was not found in the provided",
        "The package index or folder lacks a package for this system, its processor and this Python. Choose another "
        "build of PyTorch, or ask who looks after the index or made the folder.",
    ),
)

_UNKNOWN = "Check the internet connection, the proxy and the free disk space. " + AGAIN


class InstallationError(Exception):
    """The environment could not be built; the message gives the reason and what to do.

    Attributes:
        cause: The name of the cause, one of ``CAUSES``; "" if it is unknown.
    """

    def __init__(self, message: str, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause


def cause(output: str) -> tuple[str, str]:
    """Returns the name of the cause that an output tells, and the way out; empty texts if it is not a known one."""
    found = (c for c in CAUSES if re.search(c[1], output, re.IGNORECASE))
    name, _, advice = next(found, ("", "", ""))
    return name, advice


def failure(step: str, lines: list[str]) -> InstallationError:
    """Returns the error of a step.

    Args:
        step: The step, as the object of a sentence: ``The packages could not be installed``.
        lines: What the step printed.
    """
    quoted = " | ".join(lines[-QUOTED_LINES:])
    name, advice = cause("\n".join(lines))
    message = f"{step}. {advice or _UNKNOWN}"
    return InstallationError(f"{message} It said: {quoted}" if quoted else message, name)
