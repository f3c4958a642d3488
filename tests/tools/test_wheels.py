"""``make wheels``: the command line of the same download as in QGIS."""

from __future__ import annotations

import http.client
import socket
import sys

import pytest

from dualstream_qgis.installation.errors import InstallationError
from tools import wheels


def test_an_address_without_encryption_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="not an https address"):
        wheels.save("http://host/a.whl", tmp_path / "a.whl", lambda size: None)


def test_a_host_that_is_not_there_is_told_by_cause(tmp_path):
    with pytest.raises(InstallationError, match=r"nowhere\.invalid.*internet connection") as caught:
        wheels.save("https://nowhere.invalid/a.whl", tmp_path / "a.whl", lambda size: None)
    assert caught.value.cause == "network"


@pytest.fixture
def answers(monkeypatch):
    """``answers(text)``: what a server says to each request from here on."""
    said, servers = [], []

    class Connection(http.client.HTTPConnection):
        """The other end of each https connection is a list of answers."""

        def connect(self):
            self.sock, server = socket.socketpair()
            server.sendall(said[-1])
            server.shutdown(socket.SHUT_WR)
            servers.append(server)

    monkeypatch.setattr(http.client, "HTTPSConnection", lambda host, **_: Connection(host))
    yield said.append
    for server in servers:
        server.close()


def test_a_download_that_ends_early_is_no_file_and_goes_on(tmp_path, answers):
    file, told = tmp_path / "a.part", []
    answers(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
    with pytest.raises(InstallationError, match="connection closed after 3 of 6 bytes") as caught:
        wheels.save("https://host/a.whl", file, told.append)
    assert caught.value.cause == "network"
    answers(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\ndef")
    wheels.save("https://host/a.whl", file, told.append)
    assert file.read_bytes() == b"abcdef"
    assert told == [3, 6]
    with pytest.raises(InstallationError):
        answers(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        wheels.fetch("https://host/page")


def test_a_part_that_has_no_rest_is_removed(tmp_path, answers):
    (tmp_path / "a.part").write_bytes(b"abcdef")
    answers(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(InstallationError, match="416"):
        wheels.save("https://host/a.whl", tmp_path / "a.part", lambda size: None)
    assert not (tmp_path / "a.part").exists()


def test_what_fails_is_printed_without_a_traceback(tmp_path, monkeypatch):
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'dns error: failed to lookup address' >&2; exit 2\n")
    uv.chmod(0o755)
    command = ["wheels", "windows", str(tmp_path / "w"), "--uv", str(uv)]
    monkeypatch.setattr(sys, "argv", command)
    message = wheels.main()
    assert "could not be found. The package index cannot be reached" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["uv", "w"], "the cache is removed"
