"""Each failure of an installation is told by its cause and the way out."""

from __future__ import annotations

import pytest

from dualstream_qgis.installation import errors

#: What uv 0.13, Qt, Python and the systems say.
SAID = [
    (
        "error: Failed to download `tyro==1.0.17`\nHash mismatch for `tyro==1.0.17`",
        "changed package",
        "another network",
    ),
    (
        "error: failed to write to file: No space left on device (os error 28)",
        "full disk",
        "Free some",
    ),
    ("There is not enough space on the disk. (os error 112)", "full disk", "Free some space"),
    ("Disk quota exceeded (os error 122)", "quota", "administrator"),
    (
        'OSError: [WinError 126] The specified module could not be found. Error loading "c10.dll"',
        "runtime",
        "vc_redist.x64.exe",
    ),
    ("OSError: [WinError 1114] A dynamic link library (DLL) failed", "runtime", "Visual C++"),
    ("OSError: [WinError 127] The specified procedure could not be found", "runtime", "Visual C++"),
    (
        "failed to remove file `torch_cpu.dll`: Access is denied. (os error 5)",
        "locked file",
        "scanner",
    ),
    (
        "The process cannot access the file because it is being used by another process. (os error 32)",
        "locked file",
        "windows of QGIS",
    ),
    ("HTTP status client error (407 Proxy Authentication Required)", "proxy password", "Proxy"),
    (
        "cause: tunnel error: proxy authorization required",
        "proxy password",
        "user name and password",
    ),
    ("Proxy requires authentication", "proxy password", "user name and password"),
    ("cause: invalid peer certificate: UnknownIssuer", "certificate", "Manage Certificates"),
    (
        "SSL handshake failed: The issuer certificate of a locally looked up certificate could not be found",
        "certificate",
        "office",
    ),
    ("Proxy connection refused", "proxy", "Options > Network"),
    ("client error (Connect): tunnel error: unsuccessful", "proxy", "does not answer or bars"),
    ("cause: dns error: failed to lookup address information", "network", "internet connection"),
    ("Host pypi.org not found", "network", "cannot be reached"),
    ("The remote host closed the connection", "network", "cannot be reached"),
    ("Network unreachable", "network", "cannot be reached"),
    ("error: operation timed out", "network", "cannot be reached"),
    ("HTTP status client error (403 Forbidden) for url", "refused", "password"),
    ("Host requires authentication", "refused", "password"),
    (
        "No solution found when resolving dependencies: Because torch==2.15.0 has no wheels with a matching platform tag",
        "no package",
        "Choose another build",
    ),
]


@pytest.mark.parametrize(("said", "name", "advice"), SAID)
def test_each_cause_is_told_with_its_way_out(said, name, advice):
    error = errors.failure("The packages could not be installed.", said.splitlines())
    assert error.cause == name
    assert advice in str(error)
    assert str(error).startswith("The packages could not be installed. ")
    assert said.splitlines()[-1] in str(error)


def test_all_causes_are_tried_here():
    assert {name for _, name, _ in SAID} == {name for name, _, _ in errors.CAUSES}


def test_an_unknown_cause_has_general_advice():
    error = errors.failure("It failed.", ["something else"])
    assert error.cause == ""
    assert "proxy and the free disk space" in str(error)
    assert "something else" in str(error)
