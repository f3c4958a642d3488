"""QGIS's network for the installation: downloads, and the proxy and certificates for programs that QGIS starts."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit

from qgis.core import (
    QgsApplication,
    QgsBlockingNetworkRequest,
    QgsNetworkAccessManager,
    QgsProcessingFeedback,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer, QUrl
from qgis.PyQt.QtNetwork import (
    QNetworkProxy,
    QNetworkProxyQuery,
    QNetworkReply,
    QNetworkRequest,
)

from .. import settings
from ..engine_process.child_process import CancelledError, clean_environment
from ..i18n import tr
from .errors import InstallationError, failure
from .uv_program import ORDINARY_HOST

#: Variables that name the package index, the first that is set counts.
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
#: Time between two lines about a download, s.
_TOLD_SECONDS = 4.0
_CANCEL_MILLISECONDS = 100
#: Statuses of HTTP: the whole file follows, the part that was asked for follows, there is no such part.
_FROM_THE_BEGINNING, _FROM_THE_RANGE, _RANGE_IS_WRONG = 200, 206, 416


def package_index() -> str:
    """Returns the address of the package index that the user has chosen, "" for the ordinary one."""
    chosen = (os.environ.get(name, "").strip() for name in INDEX_VARIABLES)
    return settings.PACKAGE_INDEX.get() or next(filter(None, chosen), "")


def fetch(address: str, feedback: QgsProcessingFeedback) -> bytes:
    """Downloads an address with QGIS's proxy and certificates.

    Raises:
        InstallationError: If it cannot be downloaded; the message tells the cause.
        CancelledError: If the user cancels.
    """
    request = _request(address)
    download = QgsBlockingNetworkRequest()
    told = [time.monotonic()]

    def tell(received: int, total: int) -> None:
        if time.monotonic() - told[0] > _TOLD_SECONDS:
            told[0] = time.monotonic()
            of_total = f" / {total / 1e6:.1f}" if total > 0 else ""
            feedback.pushInfo(tr("{} MB downloaded").format(f"{received / 1e6:.1f}{of_total}"))

    download.downloadProgress.connect(tell)
    # Always anew: an old page of an index may lack what it offers now.
    outcome = download.get(request, True, feedback)
    if feedback.isCanceled():
        raise CancelledError
    if outcome != QgsBlockingNetworkRequest.ErrorCode.NoError:
        raise _unreachable(address, download.errorMessage())
    return bytes(download.reply().content())


def save(
    address: str, file: Path, tell: Callable[[int], None], feedback: QgsProcessingFeedback
) -> None:
    """Downloads what a file still lacks, with QGIS's proxy and certificates; it need not fit into memory.

    Args:
        address: The address.
        file: The file; what an earlier download has written is kept and goes on.
        tell: Takes the bytes of the file again and again.
        feedback: Cancels the download.

    Raises:
        InstallationError: If it cannot be downloaded; the message tells the cause.
        CancelledError: If the user cancels.
    """
    begin = file.stat().st_size if file.is_file() else 0
    reply = QgsNetworkAccessManager.instance().get(_request_from(address, begin))
    try:
        with file.open("ab") as target:
            problem = _receive(reply, target, begin, tell, feedback)
    except OSError as error:  # also what the end of the block could not write
        problem = error
    finished = reply.isFinished()
    status, said = _status(reply), reply.errorString()
    is_complete = finished and reply.error() == QNetworkReply.NetworkError.NoError
    if not finished:
        reply.abort()
    reply.deleteLater()
    if feedback.isCanceled():
        raise CancelledError
    if problem is not None:
        sentence = tr("The file {} cannot be written.").format(file)
        raise failure(sentence, [str(problem)]) from problem
    if not is_complete:
        if status == _RANGE_IS_WRONG:
            file.unlink()
        raise _unreachable(address, said)


def _request_from(address: str, begin: int) -> QNetworkRequest:
    """Returns the request for all bytes from ``begin``."""
    request = _request(address)
    request.setAttribute(
        QNetworkRequest.Attribute.RedirectPolicyAttribute,
        QNetworkRequest.RedirectPolicy.NoLessSafeRedirectPolicy,
    )
    request.setAttribute(QNetworkRequest.Attribute.CacheSaveControlAttribute, False)
    if begin:
        request.setRawHeader(b"Range", f"bytes={begin}-".encode())
    return request


def _receive(
    reply: QNetworkReply,
    target: IO[bytes],
    begin: int,
    tell: Callable[[int], None],
    feedback: QgsProcessingFeedback,
) -> OSError | None:
    """Writes what arrives until the end or a cancel; returns the error of writing, because a slot must not raise."""
    loop, problems, is_first = QEventLoop(), [], [True]

    def write() -> None:
        try:
            if is_first[0] and begin and _status(reply) == _FROM_THE_BEGINNING:
                target.truncate(0)
            is_first[0] = False
            if _status(reply) in {_FROM_THE_BEGINNING, _FROM_THE_RANGE}:
                target.write(bytes(reply.readAll()))
                target.flush()
                tell(target.tell())
        except OSError as error:
            problems.append(error)
            loop.quit()

    reply.readyRead.connect(write)
    reply.finished.connect(loop.quit)
    # Looks for the cancel ten times a second, also in a thread that gets signals late.
    timer = QTimer()
    timer.timeout.connect(lambda: feedback.isCanceled() and loop.quit())
    timer.start(_CANCEL_MILLISECONDS)
    if not reply.isFinished():
        loop.exec()
    timer.stop()
    reply.readyRead.disconnect(write)
    if not problems and reply.isFinished():
        write()
    return problems[0] if problems else None


def _status(reply: QNetworkReply) -> int:
    return int(reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) or 0)


def _unreachable(address: str, *said: str) -> InstallationError:
    sentence = tr("{} could not be reached.").format(urlsplit(address).hostname)
    return failure(sentence, list(said))


def _request(address: str) -> QNetworkRequest:
    parts = urlsplit(address)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = QNetworkRequest(QUrl(plain))
    request.setRawHeader(b"Accept", b"text/html, */*;q=0.1")
    if parts.username:
        secret = f"{QUrl(address).userName()}:{QUrl(address).password()}".encode()
        request.setRawHeader(b"Authorization", b"Basic " + base64.b64encode(secret))
    return request


def variables_for_programs(home: Path, index: str) -> dict[str, str]:
    """Returns environment variables with QGIS's proxy and certificates; call it in the main thread.

    Args:
        home: Folder for the file of certificates.
        index: Address of the package index, whose proxy is asked for; "" for the ordinary one.
    """
    variables = clean_environment()
    address = proxy_address(index or f"https://{ORDINARY_HOST}/")
    if address:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            variables.pop(name.lower(), None)
            variables[name] = address
        excluded = [*QgsNetworkAccessManager.instance().noProxyList(), "localhost", "127.0.0.1"]
        variables["NO_PROXY"] = ",".join(excluded)
    certificates = _own_certificates(home)
    if certificates:
        variables["SSL_CERT_FILE"] = certificates
    return variables


def proxy_address(address: str) -> str:
    """Returns the proxy that QGIS uses for an address, with user and password; "" for none."""
    manager = QgsNetworkAccessManager.instance()
    query = QNetworkProxyQuery(QUrl(address))
    proxies = manager.proxyFactory().queryProxy(query) if manager.proxyFactory() else []
    kinds = {
        QNetworkProxy.ProxyType.HttpProxy: "http",
        QNetworkProxy.ProxyType.HttpCachingProxy: "http",
        QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
    }
    proxy = next((found for found in proxies if found.type() in kinds), None)
    if proxy is None or not proxy.hostName():
        return ""
    user, password = quote(proxy.user(), safe=""), quote(proxy.password(), safe="")
    account = f"{user}:{password}@" if user else ""
    return f"{kinds[proxy.type()]}://{account}{proxy.hostName()}:{proxy.port()}"


def _own_certificates(home: Path) -> str:
    """Writes the certificates that QGIS trusts to a file if the user has added some; returns its path or ""."""
    manager = QgsApplication.authManager()
    if manager.isDisabled() or not (manager.databaseCAs() or manager.extraFileCAs()):
        return ""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "certificates.pem"
    file.write_bytes(bytes(manager.trustedCaCertsPemText()))
    return str(file)
