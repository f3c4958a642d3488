"""Programs that QGIS starts get its proxy and its certificates, and none of its own folders."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import QgsNetworkAccessManager, QgsProcessingFeedback
from qgis.PyQt.QtCore import QTranslator
from qgis.PyQt.QtNetwork import QNetworkProxy

from dualstream_qgis import ROOT
from dualstream_qgis.engine_process.child_process import CancelledError
from dualstream_qgis.engine_process.qgis_folders import without_qgis_folders
from dualstream_qgis.installation import network
from dualstream_qgis.installation.errors import InstallationError
from tests.plugin import office_proxy

pytestmark = pytest.mark.usefixtures("qgis_app")

NOBODY = QgsProcessingFeedback(False)


@pytest.fixture
def proxy():
    """``proxy(QNetworkProxy, excluded)``: QGIS's proxy."""
    manager = QgsNetworkAccessManager.instance()
    before = manager.fallbackProxy()

    def choose(chosen, excluded=()):
        manager.setFallbackProxyAndExcludes(chosen, [], list(excluded))

    yield choose
    manager.setFallbackProxyAndExcludes(before, [], [])


def test_the_proxy_of_qgis_is_for_its_programs_only(proxy, tmp_path, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://other:1")
    http = QNetworkProxy.ProxyType.HttpProxy
    proxy(QNetworkProxy(http, "proxy.office", 8080, "me@office", "p:w"), ["intranet"])
    found = network.variables_for_programs(tmp_path, "")
    assert found["HTTPS_PROXY"] == "http://me%40office:p%3Aw@proxy.office:8080"
    assert found["HTTP_PROXY"] == found["HTTPS_PROXY"]
    assert "https_proxy" not in found
    assert "intranet" in found["NO_PROXY"].split(",")


def test_an_excluded_index_has_no_proxy(proxy):
    proxy(
        QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "proxy.office", 8080), ["https://mirror"]
    )
    assert network.proxy_address("https://mirror/simple") == ""
    assert network.proxy_address("https://elsewhere/simple") == "http://proxy.office:8080"


def test_socks_and_none(proxy):
    proxy(QNetworkProxy(QNetworkProxy.ProxyType.Socks5Proxy, "socks", 1080))
    assert network.proxy_address("https://elsewhere/") == "socks5h://socks:1080"
    proxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
    assert network.proxy_address("https://elsewhere/") == ""


def test_without_a_proxy_the_variables_of_the_system_stay(proxy, tmp_path, monkeypatch):
    proxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
    monkeypatch.setenv("HTTPS_PROXY", "http://system:3128")
    assert network.variables_for_programs(tmp_path, "")["HTTPS_PROXY"] == "http://system:3128"


#: Asks for a page without and with the certificate. It is a QGIS of its own: all tests of a checkout share one profile,
#: and while another run of them uses its database of certificates, each query waits for 5 s and then fails.
OFFICE = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from qgis.core import QgsApplication, QgsNetworkAccessManager, QgsProcessingFeedback, QgsSettings
from qgis.PyQt.QtCore import QTranslator
from qgis.PyQt.QtNetwork import QSslCertificate
from dualstream_qgis import ROOT
from dualstream_qgis.installation import network
from dualstream_qgis.installation.errors import InstallationError

page, port, certificate, home = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()
for name, value in {"Enabled": True, "Type": "HttpProxy", "Host": "127.0.0.1", "Port": port}.items():
    QgsSettings().setValue(f"proxy/proxy{name}", value)
QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()

def fetch():  # in a thread of its own, as Processing does: Qt's connections of a thread keep their certificates
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(network.fetch, page, QgsProcessingFeedback(False))
        while not future.done():
            application.processEvents()
        return future.result()

found = {}
try:
    fetch()
except InstallationError as error:
    found["cause"], found["message"] = error.cause, str(error)
found["before"] = network.variables_for_programs(Path(home), "").get("SSL_CERT_FILE", "")
manager = QgsApplication.authManager()
found["stored"] = manager.storeCertAuthority(QSslCertificate(Path(certificate).read_bytes()))
manager.rebuildCaCertsCache()
manager.rebuildTrustedCaCertsCache()
found["page"] = fetch().decode()
found["after"] = network.variables_for_programs(Path(home), "").get("SSL_CERT_FILE", "")
print(json.dumps(found), flush=True)
application.exitQgis()
"""


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not there")
def test_the_certificate_of_an_office_is_used_by_qgis_and_its_programs(tmp_path):
    certificate = office_proxy.make_certificates(tmp_path)
    page = tmp_path / office_proxy.HOSTS[0] / "index.html"
    page.parent.mkdir()
    page.write_text("the page")
    own, home = str(tmp_path / "home" / "certificates.pem"), str(tmp_path / "home")
    folders = ("HOME", "XDG_CONFIG_HOME", "QGIS_CUSTOM_CONFIG_PATH", "QGIS_AUTH_DB_DIR_PATH")
    variables = {**os.environ, **dict.fromkeys(folders, str(tmp_path))}
    with office_proxy.serve(tmp_path) as (address, _):
        arguments = [f"https://{office_proxy.HOSTS[0]}/", address.rpartition(":")[2]]
        command = [sys.executable, "-c", OFFICE, *arguments, str(certificate), home]
        answer = subprocess.run(
            command, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=120
        )
    found = json.loads(next(line for line in answer.stdout.splitlines() if line[:1] == "{"))
    assert found["cause"] == "certificate"
    assert "Manage Certificates" in found["message"]
    assert found["before"] != own, "without a certificate of the user's there is no file"
    assert found["stored"]
    assert found["page"] == "the page"
    assert found["after"] == own
    certificates = Path(own).read_bytes()
    assert certificate.read_bytes().strip() in certificates
    assert certificates.count(b"BEGIN CERTIFICATE") > 1, "those of the system are there as well"


def test_a_cancelled_download_is_a_cancel():
    feedback = QgsProcessingFeedback(False)
    feedback.cancel()
    with pytest.raises(CancelledError):
        network.fetch("http://127.0.0.1:9/", feedback)


@pytest.mark.parametrize(
    ("system", "prefix", "variables", "expected"),
    [
        (
            "win32",
            r"C:\Program Files\QGIS 3.34\apps\Python312",
            {
                "PATH": r"C:\Program Files\QGIS 3.34\bin;C:\Windows\System32;c:\program files\qgis 3.34\apps\gdal",
                "SSL_CERT_FILE": r"C:\Program Files\QGIS 3.34\bin\curl-ca-bundle.crt",
                "CURL_CA_BUNDLE": r"D:\office.pem",
            },
            {"PATH": r"C:\Windows\System32", "CURL_CA_BUNDLE": r"D:\office.pem"},
        ),
        (
            "win32",
            r"C:\OSGeo4W\apps\Python39",
            {"OSGEO4W_ROOT": r"C:\OSGeo4W", "Path": r"C:\OSGeo4W\bin;D:\tools"},
            {"OSGEO4W_ROOT": r"C:\OSGeo4W", "Path": r"D:\tools"},
        ),
        (
            "darwin",
            "/Applications/QGIS.app/Contents/MacOS",
            {"PATH": "/Applications/QGIS.app/Contents/MacOS/bin:/usr/bin"},
            {"PATH": "/usr/bin"},
        ),
        ("linux", "/usr", {"PATH": "/usr/bin", "SSL_CERT_FILE": "/usr/c.pem"}, None),
    ],
)
def test_the_folders_of_qgis_are_left_out(system, prefix, variables, expected):
    assert without_qgis_folders(variables, prefix, system) == (expected or variables)


class Files(http.server.BaseHTTPRequestHandler):
    """Serves 4 MB, from the byte that is asked for unless ``ignores_range``; ``slow`` ones never end."""

    content = bytes(range(256)) * 16384
    ignores_range = False
    asked: list[str | None] = []
    authorization: list[str | None] = []

    def do_GET(self):
        self.authorization.append(self.headers.get("Authorization"))
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/private":
            self.send_error(401)
            return
        if self.path == "/closed":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        asked = self.headers.get("Range")
        self.asked.append(asked)
        begin = 0 if asked is None or self.ignores_range else int(asked[6:-1])
        if begin >= len(self.content):
            self.send_error(416)
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(self.content) - begin))
        self.end_headers()
        if self.path == "/slow":
            self.wfile.write(self.content[:1000])
            self.wfile.flush()
            time.sleep(5)
            return
        self.wfile.write(self.content[begin:])

    def log_message(self, *_):
        pass


@pytest.fixture
def files(monkeypatch):
    """``files``: the address of a server of one file."""
    monkeypatch.setattr(Files, "asked", [])
    monkeypatch.setattr(Files, "authorization", [])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def save(address, file, feedback=None):
    told = []
    network.save(address, file, told.append, feedback or QgsProcessingFeedback(False))
    return told


def test_a_large_file_is_saved_and_its_bytes_are_told(files, tmp_path):
    told = save(f"{files}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == Files.content
    assert told == sorted(told)
    assert told[-1] == len(Files.content)


@pytest.mark.parametrize("ignores_range", [False, True])
def test_a_download_goes_on_where_it_ended(files, tmp_path, monkeypatch, ignores_range):
    monkeypatch.setattr(Files, "ignores_range", ignores_range)
    (tmp_path / "a").write_bytes(Files.content[:1000])
    save(f"{files}/a", tmp_path / "a")
    assert Files.asked == ["bytes=1000-"]
    assert (tmp_path / "a").read_bytes() == Files.content


def test_a_part_that_is_longer_than_the_file_is_emptied(files, tmp_path):
    (tmp_path / "a").write_bytes(Files.content + b"more")
    with pytest.raises(InstallationError):
        save(f"{files}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b""


def test_a_page_of_an_error_is_no_file(files, tmp_path):
    with pytest.raises(InstallationError, match="could not be reached"):
        save(f"{files}/missing", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b""


@pytest.mark.parametrize("download", [save, lambda address, _: network.fetch(address, NOBODY)])
@pytest.mark.parametrize(("host", "stays"), [("", True), ("http://localhost:{port}", False)])
def test_a_password_stays_with_its_host(files, tmp_path, download, host, stays):
    address = files.replace("//", "//me:secret@")
    other = host.format(port=files.rpartition(":")[2])
    download(f"{address}/to?{other}/a", tmp_path / "a")
    first, second = Files.authorization
    assert first
    assert second == (first if stays else None)


def test_endless_redirects_end(files, tmp_path):
    with pytest.raises(InstallationError, match="could not be reached.*HTTP 302"):
        save(f"{files}/to?" * 30 + "/a", tmp_path / "a")


@pytest.fixture
def korean_qt(qgis_app):
    """Texts of Qt's network in another language."""

    class Korean(QTranslator):
        def isEmpty(self):
            return False

        def translate(self, context, *_):
            # None, not "": an empty text would count as the translation of every other text of the program.
            return "실패" if context.startswith(("QNetwork", "QAbstractSocket", "QHttp")) else None

    translator = Korean()
    qgis_app.installTranslator(translator)
    yield
    qgis_app.removeTranslator(translator)


@pytest.mark.usefixtures("korean_qt")
@pytest.mark.parametrize("download", [save, lambda address, _: network.fetch(address, NOBODY)])
@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("{}/private", "refused"),
        ("{}/closed", "network"),
        ("{}/missing", ""),
        ("http://127.0.0.1:9/a", "network"),
        ("http://nowhere.invalid/a", "network"),
    ],
)
def test_the_cause_does_not_depend_on_the_language_of_qt(files, tmp_path, download, address, cause):
    with pytest.raises(InstallationError, match="It said: ") as caught:
        download(address.format(files), tmp_path / "a")
    assert caught.value.cause == cause


def test_a_cancel_ends_a_download_within_a_second_and_keeps_it(files, tmp_path):
    feedback, times = QgsProcessingFeedback(False), []

    def cancel():
        times.append(time.monotonic())
        feedback.cancel()

    threading.Timer(1.0, cancel).start()
    with pytest.raises(CancelledError):
        save(f"{files}/slow", tmp_path / "a", feedback)
    assert time.monotonic() - times[0] < 1
    assert (tmp_path / "a").read_bytes() == Files.content[:1000]


def test_a_full_disk_is_told(files):
    with pytest.raises(InstallationError, match="The disk is full") as caught:
        save(f"{files}/a", Path("/dev/full"))
    assert caught.value.cause == "full disk"
