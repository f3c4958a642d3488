"""Programs that QGIS starts get its proxy and its certificates, and none of its own folders."""

from __future__ import annotations

import shutil

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import (
    QgsApplication,
    QgsNetworkAccessManager,
    QgsProcessingFeedback,
    QgsSettings,
)
from qgis.PyQt.QtNetwork import QNetworkProxy, QSslCertificate

from dualstream_qgis import network
from dualstream_qgis.child_process import CancelledError
from dualstream_qgis.installation_errors import InstallationError
from dualstream_qgis.qgis_folders import without_qgis_folders
from tests.plugin import office_proxy

pytestmark = pytest.mark.usefixtures("qgis_app")


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


@pytest.fixture
def office(tmp_path):
    """``tmp_path`` behind a proxy of QGIS's settings that reads encrypted traffic; yields its authority's certificate."""
    certificate = office_proxy.make_certificates(tmp_path)
    page = tmp_path / office_proxy.HOSTS[0] / "index.html"
    page.parent.mkdir()
    page.write_text("the page")
    settings, authority = QgsSettings(), QSslCertificate(certificate.read_bytes())
    with office_proxy.serve(tmp_path) as (address, _):
        host, _, port = address.rpartition("/")[2].partition(":")
        values = {"Enabled": True, "Type": "HttpProxy", "Host": host, "Port": port}
        for name, value in values.items():
            settings.setValue(f"proxy/proxy{name}", value)
        QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()
        yield authority
    settings.remove("proxy")
    QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()
    QgsApplication.authManager().removeCertAuthority(authority)
    _rebuild()


def _rebuild():
    QgsApplication.authManager().rebuildCaCertsCache()
    QgsApplication.authManager().rebuildTrustedCaCertsCache()


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not there")
def test_the_certificate_of_an_office_is_used_by_qgis_and_its_programs(office, tmp_path):
    address = f"https://{office_proxy.HOSTS[0]}/"
    with pytest.raises(InstallationError, match="Manage Certificates") as caught:
        network.fetch(address, QgsProcessingFeedback(False))
    assert caught.value.cause == "certificate"
    home = tmp_path / "home"
    own = network.variables_for_programs(home, "").get("SSL_CERT_FILE")
    assert own != str(home / "certificates.pem"), (
        "without a certificate of the user's there is no file"
    )
    assert QgsApplication.authManager().storeCertAuthority(office)
    _rebuild()
    assert network.fetch(address, QgsProcessingFeedback(False)) == b"the page"
    found = network.variables_for_programs(home, "")
    assert found["SSL_CERT_FILE"] == str(home / "certificates.pem")
    certificates = (home / "certificates.pem").read_bytes()
    assert bytes(office.toPem()).strip() in certificates
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
