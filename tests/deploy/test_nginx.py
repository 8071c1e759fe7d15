"""The shipped configuration of nginx before a stand-in for the bank: what it limits, keeps, logs and holds back."""

import http.server
import os
import re
import socket
import socketserver
import ssl
import threading
import time
import warnings
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks.shipped_proxy import NAME, NGINX, ShippedProxy, serve_proxy
from evidencebank.watching import liveness

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx: sudo apt install nginx-light")


OF_THE_BANK = {
    "Strict-Transport-Security": "max-age=3600",
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Bank(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers on a socket file as the bank does, and remembers what it was asked."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, path: str) -> None:
        super().__init__(path, Answers)
        self.asked: list[tuple[str, dict[str, str], int]] = []

    def count(self, path: str) -> int:
        return sum(1 for asked, _headers, _size in self.asked if asked == path)


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bank

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.path, dict(self.headers), len(body)))
        if self.path == "/away":
            self.close_connection = True
            return
        self.send_response(200)
        if self.path.startswith("/kept"):
            self.send_header("Cache-Control", "public, max-age=60")
        if self.path.startswith("/kept/safe"):
            for name, value in OF_THE_BANK.items():
                self.send_header(name, value)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    do_GET = do_POST = answer  # noqa: N815

    def address_string(self) -> str:
        return "socket"

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    # A socket file has a short path.
    short = Path("/tmp") / f"bank-nginx-{os.getpid()}"
    short.symlink_to(folder)
    bank = Bank(f"{short}/bank.sock")
    threading.Thread(target=bank.serve_forever, daemon=True).start()
    health = liveness.answer_on(short / "health.sock", lambda: True)
    with serve_proxy(short) as served:
        yield Proxy(served, bank)
    for each in (bank, health):
        each.shutdown()
        each.server_close()
    short.unlink()


class Proxy:
    def __init__(self, served: ShippedProxy, bank: Bank) -> None:
        self.served, self.bank = served, bank

    def ask(self, path, method="GET", body=None, headers=None, source="127.0.0.1"):
        connection = HTTPConnection(NAME, timeout=60)
        connection.sock = self.served.connect(source)
        connection.request(method, path, body=body, headers={"Host": NAME, **(headers or {})})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer


class TestRequests:
    def test_plain_http_is_sent_to_https(self, proxy):
        with socket.create_connection(("127.0.0.1", proxy.served.ports[0]), timeout=30) as plain:
            plain.sendall(f"GET /mapa/?a=b HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
            head = plain.recv(4096).decode()
        assert "301" in head.splitlines()[0]
        assert f"Location: https://{NAME}/mapa/?a=b" in head

    def test_the_bank_learns_the_true_address_and_none_that_a_client_makes_up(self, proxy):
        proxy.ask("/who", headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http", "Forwarded": "for=x"})
        headers = next(headers for path, headers, _size in proxy.bank.asked if path == "/who")
        assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "https")
        assert headers["Host"] == NAME
        assert "Forwarded" not in headers

    def test_a_monitor_of_this_machine_is_answered_without_the_pages(self, proxy):
        answer = proxy.ask("/healthz")
        assert (answer.status, answer.text) == (200, "ok\n")
        assert not proxy.bank.count("/healthz")
        assert proxy.ask("/readyz").status == 200
        assert proxy.bank.count("/readyz")

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_others_are_not_told_how_the_machine_is(self, proxy, path):
        assert proxy.ask(path, source="127.0.0.2").status == 403

    def test_a_request_that_tells_two_lengths_brings_no_second_one_along(self, proxy):
        with proxy.served.connect() as spoken:
            spoken.sendall(
                f"POST /two-lengths HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 50\r\n"
                "Transfer-Encoding: chunked\r\n\r\n"
                f"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
            )
            assert b" 400 " in spoken.recv(4096).splitlines()[0]
        assert not proxy.bank.count("/two-lengths")
        assert not proxy.bank.count("/smuggled")

    def test_a_reference_list_of_32_mb_passes_and_a_larger_one_is_refused(self, proxy):
        assert proxy.ask("/admin/import/", "POST", b"x" * (32 << 20)).status == 200
        assert proxy.ask("/admin/import/", "POST", headers={"Content-Length": str(40 << 20)}).status == 413

    def test_nobody_sends_large_files_elsewhere(self, proxy):
        assert proxy.ask("/estudios/x/informar/", "POST", headers={"Content-Length": str(2 << 20)}).status == 413

    def test_slow_clients_do_not_reach_the_bank_and_readers_are_answered(self, proxy):
        slow = [proxy.served.connect() for _ in range(40)]
        for number, each in enumerate(slow):
            each.sendall(f"POST /slow{number} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1000\r\n\r\nx".encode())
        began = time.monotonic()
        assert proxy.ask("/quick").status == 200
        assert time.monotonic() - began < 5
        assert not [path for path, _headers, _size in proxy.bank.asked if path.startswith("/slow")]
        for each in slow:
            each.close()


class TestHeaders:
    def test_of_the_bank_are_left_as_they_are_also_out_of_the_cache(self, proxy):
        for _ in range(2):
            headers = proxy.ask("/kept/safe").headers
            assert {name: headers.get_all(name) for name in OF_THE_BANK} == {k: [v] for k, v in OF_THE_BANK.items()}

    @pytest.mark.parametrize("path", ["/away", "/too-large"])
    def test_what_nginx_answers_alone_has_them_too(self, proxy, path):
        headers = {"Content-Length": str(2 << 20)} if path == "/too-large" else {}
        answer = proxy.ask(path, "POST" if headers else "GET", headers=headers)
        assert answer.status >= 400
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_trace_is_not_answered(self, proxy):
        assert proxy.ask("/who", "TRACE").status == 405


class TestEncryption:
    def test_older_versions_and_weak_ciphers_are_refused(self, proxy):
        for version, ciphers in (("TLSv1_1", "ALL:@SECLEVEL=0"), ("TLSv1_2", "AES128-SHA:ECDHE-RSA-AES128-SHA")):
            context = ssl.create_default_context(cafile=f"{proxy.served.folder}/cert.pem")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
            context.set_ciphers(ciphers)
            with (
                socket.create_connection(("127.0.0.1", proxy.served.ports[1]), timeout=30) as plain,
                pytest.raises(ssl.SSLError),
            ):
                context.wrap_socket(plain, server_hostname=NAME)

    def test_the_newest_version_is_spoken(self, proxy):
        with proxy.served.connect() as spoken:
            assert spoken.version() == "TLSv1.3"


class TestLimits:
    def test_downloads_are_limited_by_network_and_pages_are_not(self, proxy):
        downloads = [proxy.ask(f"/estudios/exportar.csv?n={number}").status for number in range(30)]
        pages = [proxy.ask(f"/estudios/?n={number}").status for number in range(60)]
        assert set(downloads) == {200, 429}
        assert set(pages) == {200}

    def test_whoever_is_refused_reads_why_and_for_how_long(self, proxy):
        answers = [proxy.ask(f"/estudios/exportar.csv?n={number}") for number in range(30)]
        refused = next(answer for answer in answers if answer.status == 429)
        assert refused.headers["Retry-After"] == "30"
        assert "Desde su red se pidieron muchos archivos" in refused.text
        assert 'lang="en"' in refused.text
        assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


class TestCache:
    def test_a_page_is_kept_as_long_as_its_own_header_says(self, proxy):
        for _ in range(3):
            proxy.ask("/kept")
        assert proxy.bank.count("/kept") == 1

    def test_a_page_that_says_nothing_is_asked_again(self, proxy):
        for _ in range(3):
            proxy.ask("/not-told")
        assert proxy.bank.count("/not-told") == 3

    def test_whoever_is_signed_in_gets_nothing_from_the_cache_and_leaves_nothing_there(self, proxy):
        proxy.ask("/kept/staff", headers={"Cookie": "sessionid=abc"})
        proxy.ask("/kept/staff")
        proxy.ask("/kept/staff", headers={"Cookie": "a=b; sessionid=abc"})
        proxy.ask("/kept/staff", headers={"Cookie": "__Host-seleccion=abc"})
        assert proxy.bank.count("/kept/staff") == 4


class TestLog:
    def test_it_holds_neither_what_was_searched_for_nor_where_from(self, proxy):
        headers = {"Referer": f"https://{NAME}/?q=otro-secreto", "User-Agent": "Agente"}
        proxy.ask("/estudios/?q=secreto", headers=headers)
        for path in proxy.served.folder.glob("*.log"):
            assert not re.search("secreto|Agente", path.read_text())
        assert re.search(
            r'^127\.0\.0\.1 \[.+\] "GET /estudios/" 200 ', (proxy.served.folder / "bank.log").read_text(), re.M
        )


class TestWithoutTheBank:
    def test_readers_get_a_page_in_their_language_with_the_help_line_and_when_to_come_back(self, proxy):
        answer = proxy.ask("/away")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert "Línea 100" in answer.text
