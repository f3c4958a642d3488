"""A proxy as in offices: it reads encrypted traffic with a certificate of its own, and serves every host itself."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The hosts that the proxy stands in for.
HOSTS = ("pypi.org", "download.pytorch.org")


def make_certificates(folder: Path) -> Path:
    """Makes a certificate authority and a certificate of the hosts; returns the authority's file."""
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    (folder / "names").write_text(f"subjectAltName={names}\n")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Office",
        "req -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=host",
        "x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out host.pem -days 2 -extfile names",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, check=True)
    return folder / "ca.pem"


class _Proxy(http.server.SimpleHTTPRequestHandler):
    """Answers CONNECT, and then the requests inside from ``FOLDER/HOST``."""

    folder: Path
    asks_for_password = False
    asked: list[str]

    def do_CONNECT(self):
        if self.asks_for_password:
            self.send_error(407)
            return
        self.send_response(200)
        self.end_headers()
        self.asked.append(host := self.path.partition(":")[0])
        self.directory = str(self.folder / host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "host.pem", self.folder / "host.key")
        try:
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self.close_connection = False
            while not self.close_connection:
                self.handle_one_request()
        except OSError:
            self.close_connection = True  # the other side does not trust the certificate

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(folder: Path, asks_for_password: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Runs the proxy; yields its address and the list of the hosts that were asked for."""
    values = {"folder": folder, "asks_for_password": asks_for_password, "asked": []}
    handler = type("Proxy", (_Proxy,), values)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", values["asked"]
    finally:
        server.shutdown()
        server.server_close()
