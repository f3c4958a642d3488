"""Programs that QGIS starts get its proxy and its certificates, and none of its own folders."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import QgsApplication, QgsNetworkAccessManager, QgsProcessingFeedback
from qgis.PyQt.QtNetwork import QNetworkProxy

from dualstream_qgis import network
from dualstream_qgis.child_process import CancelledError
from dualstream_qgis.qgis_folders import without_qgis_folders

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


class Manager:
    """An authentication manager with one certificate of the office."""

    def isDisabled(self):
        return False

    def databaseCAs(self):
        return ["office"]

    def extraFileCAs(self):
        return []

    def trustedCaCertsPemText(self):
        return b"-----BEGIN CERTIFICATE-----\n"


def test_the_certificates_of_the_profile_are_handed_on(tmp_path, monkeypatch):
    # A certificate cannot be added to the profile without a master password.
    monkeypatch.setattr(QgsApplication, "authManager", Manager)
    found = network.variables_for_programs(tmp_path / "home", "")
    assert found["SSL_CERT_FILE"] == str(tmp_path / "home" / "certificates.pem")
    assert b"BEGIN CERTIFICATE" in (tmp_path / "home" / "certificates.pem").read_bytes()


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
