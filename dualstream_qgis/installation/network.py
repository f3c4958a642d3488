"""QGIS's network for the installation: downloads, and the proxy and certificates for programs that QGIS starts."""

from __future__ import annotations

import base64
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import quote, urljoin, urlsplit

from qgis.core import (
    QgsApplication,
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
from ..engine.contract.clean_up import CleanUp
from ..engine_process.child_process import CancelledError, clean_environment
from ..i18n import tr
from .errors import failure
from .uv_program import ORDINARY_HOST, with_account

#: Variables that name the package index, the first that is set counts.
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
#: Time between two lines about a download, s.
_TOLD_SECONDS = 4.0
_CANCEL_MILLISECONDS = 100
#: Statuses of HTTP: the whole file follows, the part that was asked for follows, there is no such part.
_FROM_THE_BEGINNING, _FROM_THE_RANGE, _RANGE_IS_WRONG = 200, 206, 416
_MOST_REDIRECTS = 20

#: Causes of ``errors.py`` by the status of HTTP, and by the error of Qt, whose texts are in the user's language.
_CAUSES_BY_STATUS = {401: "refused", 403: "refused", 407: "proxy password"}
_CAUSES_BY_ERROR = {
    QNetworkReply.NetworkError.ConnectionRefusedError: "network",
    QNetworkReply.NetworkError.RemoteHostClosedError: "network",
    QNetworkReply.NetworkError.HostNotFoundError: "network",
    QNetworkReply.NetworkError.TimeoutError: "network",
    QNetworkReply.NetworkError.OperationCanceledError: "network",  # QGIS's own limit of time
    QNetworkReply.NetworkError.TemporaryNetworkFailureError: "network",
    QNetworkReply.NetworkError.NetworkSessionFailedError: "network",
    QNetworkReply.NetworkError.UnknownNetworkError: "network",
    QNetworkReply.NetworkError.SslHandshakeFailedError: "certificate",
    QNetworkReply.NetworkError.ProxyConnectionRefusedError: "proxy",
    QNetworkReply.NetworkError.ProxyConnectionClosedError: "proxy",
    QNetworkReply.NetworkError.ProxyNotFoundError: "proxy",
    QNetworkReply.NetworkError.ProxyTimeoutError: "proxy",
    QNetworkReply.NetworkError.UnknownProxyError: "proxy",
    QNetworkReply.NetworkError.ProxyAuthenticationRequiredError: "proxy password",
    QNetworkReply.NetworkError.ContentAccessDenied: "refused",
    QNetworkReply.NetworkError.AuthenticationRequiredError: "refused",
}


def package_index() -> str:
    """Returns the address of the package index that the user has chosen, "" for the ordinary one."""
    chosen = (os.environ.get(name, "").strip() for name in INDEX_VARIABLES)
    return settings.PACKAGE_INDEX.get() or next(filter(None, chosen), "")


def fetch(address: str, feedback: QgsProcessingFeedback) -> bytes:
    """Downloads an address with QGIS's proxy and certificates.

    Raises:
        InstallationError: If it cannot be downloaded; the message states the cause.
        CancelledError: If the user cancels.
    """
    content, told = io.BytesIO(), time.monotonic()

    def report(size: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_SECONDS:
            told = time.monotonic()
            feedback.pushInfo(tr("{} MB downloaded").format(f"{size / 1e6:.1f}"))

    _download(address, content, report, feedback)
    return content.getvalue()


def save(
    address: str, file: Path, on_bytes: Callable[[int], None], feedback: QgsProcessingFeedback
) -> None:
    """Downloads what a file still lacks, with QGIS's proxy and certificates; it need not fit into memory.

    Args:
        address: The address.
        file: The file; what an earlier download has written is kept and continued.
        on_bytes: Callback for the size of the file so far, in bytes.
        feedback: Cancels the download.

    Raises:
        InstallationError: If it cannot be downloaded; the message states the cause.
        CancelledError: If the user cancels.
    """
    try:
        with CleanUp() as end:
            _download(address, end.enter_context(file.open("ab")), on_bytes, feedback)
    except OSError as error:  # also what the end of the block could not write
        sentence = tr("The file {} cannot be written.").format(file)
        raise failure(sentence, [str(error)]) from error


def _download(
    address: str,
    target: IO[bytes],
    on_bytes: Callable[[int], None],
    feedback: QgsProcessingFeedback,
) -> None:
    """Writes what a target still lacks of an address; raises as ``save``, and OSError if it cannot be written.

    Redirects are followed here: Qt would send the password to the other host too.
    """
    begin = target.tell()
    for _ in range(_MOST_REDIRECTS):
        reply = QgsNetworkAccessManager.instance().get(_request(address, begin))
        problem = _receive(reply, target, begin, on_bytes, feedback)
        error = reply.error() if reply.isFinished() else None
        status, following, said = _status(reply), _redirection(reply, address), reply.errorString()
        if not reply.isFinished():
            reply.abort()
        reply.deleteLater()
        if feedback.isCanceled():
            raise CancelledError
        if problem is not None:
            raise problem
        if error != QNetworkReply.NetworkError.NoError:
            break
        if status in {_FROM_THE_BEGINNING, _FROM_THE_RANGE}:
            return
        said = f"HTTP {status}"
        if not following:
            break
        address = following
    if status == _RANGE_IS_WRONG:
        target.truncate(0)  # it is longer than the file, or of another one
    sentence = tr("{} could not be reached.").format(urlsplit(address).hostname)
    known = _CAUSES_BY_STATUS.get(status) or _CAUSES_BY_ERROR.get(error, "")
    raise failure(sentence, [said], known)


def _redirection(reply: QNetworkReply, address: str) -> str:
    """Returns where a reply sends the request, with the account if the host stays; "" for nowhere or without encryption."""
    target = reply.attribute(QNetworkRequest.Attribute.RedirectionTargetAttribute)
    if not target:
        return ""
    following = urljoin(address, bytes(QUrl(target).toEncoded()).decode())
    is_less_safe = urlsplit(address).scheme == "https" != urlsplit(following).scheme
    return "" if is_less_safe else with_account(following, address)


def _receive(
    reply: QNetworkReply,
    target: IO[bytes],
    begin: int,
    on_bytes: Callable[[int], None],
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
                on_bytes(target.tell())
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


def _request(address: str, begin: int) -> QNetworkRequest:
    """Returns the request for all bytes from ``begin``, always from the server: an old page of an index may lack some."""
    parts, attributes = urlsplit(address), QNetworkRequest.Attribute
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = QNetworkRequest(QUrl(plain))
    request.setAttribute(
        attributes.RedirectPolicyAttribute, QNetworkRequest.RedirectPolicy.ManualRedirectPolicy
    )
    request.setAttribute(
        attributes.CacheLoadControlAttribute, QNetworkRequest.CacheLoadControl.AlwaysNetwork
    )
    request.setAttribute(attributes.CacheSaveControlAttribute, False)
    request.setRawHeader(b"Accept", b"text/html, */*;q=0.1")
    if begin:
        request.setRawHeader(b"Range", f"bytes={begin}-".encode())
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
