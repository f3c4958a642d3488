"""``make wheels``: the command line of the same download as in QGIS."""

from __future__ import annotations

import sys

import pytest

from benchmarks import wheels
from dualstream_qgis.installation.errors import InstallationError


def test_an_address_without_encryption_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="no https address"):
        wheels.save("http://host/a.whl", tmp_path / "a.whl", lambda size: None)


def test_a_host_that_is_not_there_is_told_by_cause(tmp_path):
    with pytest.raises(InstallationError, match=r"nowhere\.invalid.*internet connection") as caught:
        wheels.save("https://nowhere.invalid/a.whl", tmp_path / "a.whl", lambda size: None)
    assert caught.value.cause == "network"


def test_what_fails_is_printed_without_a_traceback(tmp_path, monkeypatch):
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'dns error: failed to lookup address' >&2; exit 2\n")
    uv.chmod(0o755)
    command = ["wheels", "windows", str(tmp_path / "w"), "--uv", str(uv)]
    monkeypatch.setattr(sys, "argv", command)
    message = wheels.main()
    assert "could not be found. The package index cannot be reached" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["uv", "w"], "the cache is removed"
