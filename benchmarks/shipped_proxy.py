"""The nginx of `deploy/` on ports of this machine, with a certificate of its own: nothing else in the file differs."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.throwaway import ROOT

CONFIGURATION = ROOT / "deploy" / "nginx" / "bank.conf"
NAME = "banco.example.pe"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_WORK = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_START_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class ShippedProxy:
    """A running nginx: its folder with logs and certificate, and the ports for http and https."""

    folder: Path
    ports: tuple[int, int]
    context: ssl.SSLContext

    def connect(self, source: str = "127.0.0.1", timeout_s: float = 30) -> ssl.SSLSocket:
        """Return a connection over TLS from an address of the loopback network."""
        plain = socket.create_connection(("127.0.0.1", self.ports[1]), timeout=timeout_s, source_address=(source, 0))
        return self.context.wrap_socket(plain, server_hostname=NAME)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def adapted(folder: Path, ports: tuple[int, int]) -> str:
    """Return the shipped file with these ports, and with certificate, socket, logs and cache in the folder."""
    text = CONFIGURATION.read_text()
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{ports[0]};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{ports[1]} ssl;"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", f"{folder}/cert.pem"),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", f"{folder}/key.pem"),
        ("unix:/run/bank/bank.sock", f"unix:{folder}/bank.sock"),
        ("unix:/run/bank/health.sock", f"unix:{folder}/health.sock"),
        ("/var/log/nginx/", f"{folder}/"),
        ("/var/lib/nginx/bank", f"{folder}/cache"),
    ):
        if old not in text:
            raise ValueError(f"{CONFIGURATION} has no {old!r}")
        text = text.replace(old, new)
    return re.sub(r"\n *listen \[::\].*", "", text)


@contextmanager
def serve_proxy(folder: Path) -> Iterator[ShippedProxy]:
    """Run nginx before `folder/bank.sock`, whose path must be short. Raises RuntimeError if it does not start."""
    if NGINX is None:
        raise RuntimeError("There is no nginx: sudo apt install nginx-light")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    ports = free_port(), free_port()
    (folder / "bank.conf").write_text(adapted(folder, ports))
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in _WORK)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/start.log;"
        f"events {{ worker_connections 1024; }} http {{ {temporary} include {folder}/bank.conf; }}"
    )
    arguments = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*arguments, "-t"], capture_output=True, text=True, check=False)
    if checked.returncode:
        raise RuntimeError(checked.stderr)
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_until_it_listens(ports[1], folder)
            yield ShippedProxy(folder, ports, ssl.create_default_context(cafile=f"{folder}/cert.pem"))
        finally:
            running.terminate()


def _wait_until_it_listens(port: int, folder: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError((folder / "start.log").read_text())
