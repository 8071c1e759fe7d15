"""A local server in the place of Crossref and DataCite: answers of their shape, failures of theirs. Made-up content."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

CROSSREF_WORK = {
    "status": "ok",
    "message-type": "work",
    "message-version": "1.0.0",
    "message": {
        "publisher": "Editorial de Prueba",
        "issue": "3",
        "type": "journal-article",
        "title": ["Los huertos de la quebrada y la violencia de pareja"],
        "subtitle": ["Una mirada desde <i>Junín</i>"],
        "author": [
            {"given": "Sofía", "family": "Ñaupari", "sequence": "first", "affiliation": []},
            {"name": "Red Muyu", "sequence": "additional", "affiliation": []},
        ],
        "container-title": ["Cuadernos de Prueba"],
        "short-container-title": ["Cuad Prueba"],
        "volume": "7",
        "page": "11-19",
        "issued": {"date-parts": [[2017, 6]]},
        "DOI": "10.5555/Crossref.1",
        "URL": "https://doi.org/10.5555/crossref.1",
        "resource": {"primary": {"URL": "https://example.org/articulo"}},
        "abstract": "<jats:title>Resumen</jats:title><jats:p>Lo que se vio en los huertos.</jats:p>",
        "subject": ["Adolescentes"],
        "language": "es",
    },
}
DATACITE_DOI = {
    "data": {
        "id": "10.5555/datacite.1",
        "type": "dois",
        "attributes": {
            "doi": "10.5555/datacite.1",
            "creators": [
                {"name": "Poma, Elías", "nameType": "Personal", "givenName": "Elías", "familyName": "Poma"},
                {"name": "Instituto Muyu", "nameType": "Organizational"},
                {"name": "Chunga, Rosa"},
            ],
            "titles": [
                {"title": "Boats and health posts", "titleType": "TranslatedTitle"},
                {"title": "Botes y postas del Napo"},
            ],
            "publisher": {"name": "Repositorio de Prueba"},
            "publicationYear": 2018,
            "types": {"citeproc": "report", "ris": "RPRT"},
            "container": {},
            "language": "es",
            "url": "https://example.org/informe",
            "subjects": [{"subject": "telares"}],
            "descriptions": [{"description": "Un informe.", "descriptionType": "Abstract"}],
        },
    }
}


_PIECE = 1_000


class _Handler(BaseHTTPRequestHandler):
    server: Services

    def do_GET(self) -> None:
        address = unquote(self.path)
        self.server.asked.append((address, self.headers.get("User-Agent", "")))
        status, body = self.server.answers.get(address, (404, {"errors": []}))
        if status == 0:
            time.sleep(1.5)
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if status == 301:
            self.send_header("Location", content.decode())
            content = b""
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for at in range(0, len(content), _PIECE):
            self.wfile.write(content[at : at + _PIECE])
            if "drip" in address:
                time.sleep(0.2)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


class Services(ThreadingHTTPServer):
    """`answers` by address: status and body; `asked` holds what was asked, with the caller's name."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, tuple[int, Any]] = {
            "/crossref/works/10.5555/crossref.1": (200, CROSSREF_WORK),
            "/crossref/works/10.5555/alias.1": (301, b"/crossref/works/10.5555/crossref.1"),
            "/datacite/dois/10.5555/datacite.1": (200, DATACITE_DOI),
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def doi_services() -> Iterator[Services]:
    """Run the two services for the time of the block."""
    server = Services()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
