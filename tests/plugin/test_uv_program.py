"""uv is one file, known by its hash, from the user's package index; everything here comes from a local server."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import QgsProcessingFeedback

from dualstream_qgis import settings
from dualstream_qgis.installation import network, uv_program
from dualstream_qgis.installation.computer import Computer
from dualstream_qgis.installation.errors import InstallationError

pytestmark = pytest.mark.usefixtures("qgis_app")

LINUX = Computer("linux", "x86_64", libc="gnu")


def wheel(program: bytes) -> bytes:
    """Returns a wheel like uv's."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(f"uv-{uv_program.VERSION}.data/scripts/uv", program)
    return target.getvalue()


class Index(http.server.BaseHTTPRequestHandler):
    """A package index with one wheel; ``files`` are its answers by path."""

    files: dict[str, bytes] = {}
    authorization: list[str | None] = []

    def do_GET(self):
        self.authorization.append(self.headers.get("Authorization"))
        content = self.files.get(self.path)
        self.send_response(200 if content is not None else 404)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def index(monkeypatch):
    """``index``: the address of an index whose uv prints "real"; the plugin knows its hash."""
    name, content = uv_program.wheel_name(LINUX), wheel(b"#!/bin/sh\necho real\n")
    page = f'<a href="../../files/{name}#sha256=0">{name}</a>'.encode()
    monkeypatch.setattr(Index, "files", {"/simple/uv/": page, f"/files/{name}": content})
    monkeypatch.setattr(Index, "authorization", [])
    known = uv_program.WHEELS["linux", "x86_64"][0], hashlib.sha256(content).hexdigest()
    monkeypatch.setitem(uv_program.WHEELS, ("linux", "x86_64"), known)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()


def fetch(address):
    return network.fetch(address, QgsProcessingFeedback(False))


def get(folder, index):
    return uv_program.unpack(uv_program.wheel(folder, LINUX, index, fetch), folder, LINUX)


def test_it_is_downloaded_verified_unpacked_and_kept(index, tmp_path):
    program = get(tmp_path, index)
    assert program.read_bytes() == b"#!/bin/sh\necho real\n"
    assert program.stat().st_mode & 0o111
    asked = len(Index.authorization)
    program.write_bytes(b"changed on the disk")
    again = get(tmp_path, index)
    assert again.read_bytes() == b"#!/bin/sh\necho real\n", "it is unpacked anew"
    assert len(Index.authorization) == asked, "the wheel is downloaded once"


def test_a_changed_one_is_refused_and_removed(index, tmp_path):
    name = uv_program.wheel_name(LINUX)
    Index.files[f"/files/{name}"] = wheel(b"#!/bin/sh\necho evil\n")
    with pytest.raises(InstallationError, match="not the one that DualStream was made for"):
        get(tmp_path, index)
    assert list(tmp_path.iterdir()) == []


def test_one_that_was_changed_in_the_folder_is_refused(index, tmp_path):
    kept = uv_program.wheel(tmp_path, LINUX, index, fetch)
    kept.write_bytes(kept.read_bytes() + b"x")
    with pytest.raises(InstallationError, match="Copy the folder again"):
        uv_program.wheel_of_folder(tmp_path, LINUX)
    with pytest.raises(InstallationError, match="was changed on the way or on this disk"):
        uv_program.wheel(tmp_path, LINUX, index, fetch)


def test_an_index_without_it_is_named_without_its_password(index, tmp_path):
    Index.files["/simple/uv/"] = b"<a href='other'>other</a>"
    secret = index.replace("http://", "http://me:secret@")
    with pytest.raises(InstallationError, match=r"does not offer uv-.*Providers") as caught:
        get(tmp_path, secret)
    assert "secret" not in str(caught.value)
    assert Index.authorization == ["Basic bWU6c2VjcmV0"]


def test_a_folder_of_packages_needs_no_network(index, tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    with pytest.raises(InstallationError, match="does not contain uv-"):
        uv_program.wheel_of_folder(folder, LINUX)
    name = uv_program.wheel_name(LINUX)
    (folder / name).write_bytes(Index.files[f"/files/{name}"])
    found = uv_program.wheel_of_folder(folder, LINUX)
    assert uv_program.unpack(found, tmp_path / "uv", LINUX).is_file()


def test_an_index_that_is_not_there_is_told_by_cause(tmp_path):
    with pytest.raises(InstallationError, match=r"127\.0\.0\.1 could not be reached.*Network"):
        get(tmp_path, "http://127.0.0.1:9/simple")


def test_the_index_of_the_setting_precedes_those_of_variables(monkeypatch):
    for name in network.INDEX_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert network.package_index() == ""
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip")
    assert network.package_index() == "https://pip"
    monkeypatch.setenv("UV_INDEX_URL", "https://uv")
    assert network.package_index() == "https://uv"
    settings.PACKAGE_INDEX.set("https://office")
    try:
        assert network.package_index() == "https://office"
    finally:
        settings.PACKAGE_INDEX.set("")


def test_every_supported_computer_has_its_own_wheel():
    computers = [Computer(system, processor) for system, processor in uv_program.WHEELS]
    assert len({uv_program.wheel_name(computer) for computer in computers}) == 5
    assert len({sha for _, sha in uv_program.WHEELS.values()}) == 5


def test_developers_have_the_same_uv():
    makefile = (Path(__file__).resolve().parents[2] / "Makefile").read_text()
    assert f"UV_VERSION := {uv_program.VERSION}\n" in makefile
