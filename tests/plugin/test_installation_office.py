"""The installation with the real uv behind a proxy that reads encrypted traffic; nothing leaves this computer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dualstream_qgis import engine_home
from dualstream_qgis.installation.errors import InstallationError
from tests.plugin import office_proxy, tiny_index
from tests.plugin.test_installation_real_uv import UV, build, installed, tiny_order

pytestmark = pytest.mark.skipif(
    not (Path(UV).exists() and shutil.which("openssl")), reason="uv or openssl is not there"
)


@pytest.fixture
def office(tmp_path, monkeypatch):
    """An index and PyTorch's index of CPU builds behind the proxy; returns ``order(proxy, trusts, **values)``."""
    make = tiny_order(tmp_path, monkeypatch)
    wheels = tmp_path / "wheels"
    ordinary, special = tmp_path / "pypi.org", tmp_path / "download.pytorch.org"
    tiny_index.write_pages(wheels, ordinary, "simple")
    for name in ("torch", "torchvision"):
        tiny_index.write_wheel(tmp_path / "cpu", name, "1.0+cpu", "CONTENT = 'cpu'\n")
    tiny_index.write_pages(tmp_path / "cpu", special, "whl/cpu")
    certificate = office_proxy.make_certificates(tmp_path)

    def order(proxy, trusts=True, **values):
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "HTTPS_PROXY": proxy}
        if trusts:
            variables["SSL_CERT_FILE"] = str(certificate)
        return make(variables=variables, **values)

    return order


def test_with_the_certificate_both_indexes_are_used(office, tmp_path):
    with office_proxy.serve(tmp_path) as (proxy, asked):
        build(made := office(proxy, choice="automatic"))
    assert set(asked) == set(office_proxy.HOSTS)
    assert engine_home.installed(made.home).build == "cpu"
    assert installed(made, "torch") == "cpu"


def test_if_the_special_index_is_barred_the_ordinary_build_is_taken(office, tmp_path):
    shutil.rmtree(tmp_path / "download.pytorch.org")
    with office_proxy.serve(tmp_path) as (proxy, _):
        messages = build(made := office(proxy, choice="automatic"))
    assert any("cannot be downloaded" in message for message in messages)
    assert engine_home.installed(made.home).build == "default"


def test_without_the_certificate_that_is_told(office, tmp_path):
    with (
        office_proxy.serve(tmp_path) as (proxy, _),
        pytest.raises(InstallationError, match="Manage Certificates") as caught,
    ):
        build(office(proxy, trusts=False))
    assert caught.value.cause == "certificate"


def test_a_proxy_that_asks_for_a_password_is_told(office, tmp_path):
    with (
        office_proxy.serve(tmp_path, asks_for_password=True) as (proxy, _),
        pytest.raises(InstallationError, match="user name and password") as caught,
    ):
        build(office(proxy))
    assert caught.value.cause == "proxy password"


def test_a_proxy_that_is_off_is_told(office):
    with pytest.raises(InstallationError, match="Options > Network") as caught:
        build(office("http://127.0.0.1:9"))
    assert caught.value.cause in {"proxy", "network"}


def test_an_index_that_does_not_exist_is_told(office):
    with pytest.raises(InstallationError, match="Options > Network") as caught:
        build(office("", index="https://nowhere.invalid/simple"))
    assert caught.value.cause == "network"
