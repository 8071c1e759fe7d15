"""Looks a DOI up at Crossref, then at DataCite, as their rules of etiquette ask: one request at a time, with a contact.

Requests have a time limit and answers a size limit. `formats.csl` reads what is returned.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from django.conf import settings

LARGEST_ANSWER_BYTES = 4 * 1024 * 1024
_MOST_REDIRECTS = 3


class MetadataError(Exception):
    """Root of these exceptions. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DoiUnknown(MetadataError):
    """Both services answered, and neither knows the DOI."""


class ServicesUnreachable(MetadataError):
    """A service that could know the DOI did not answer, or not in a way that can be read."""


class MetadataClient:
    """Asks Crossref, then DataCite. A context manager, which keeps the connections open meanwhile."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=2, max_keepalive_connections=2)
        self._http = httpx.Client(
            timeout=httpx.Timeout(settings.LOOK_UP_TIMEOUT_S),
            limits=limits,
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            headers={"User-Agent": user_agent(), "Accept": "application/json"},
            event_hooks={"response": [_refuse_foreign_redirect]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def look_up(self, doi: str) -> Mapping[str, Any]:
        """Return the metadata of a bare DOI in the shape of CSL-JSON. Raises DoiUnknown, ServicesUnreachable."""
        failure: ServicesUnreachable | None = None
        # Crossref first: most articles are registered there.
        for ask in (self._crossref, self._datacite):
            try:
                if found := ask(doi):
                    return {"DOI": doi, **found}
            except ServicesUnreachable as error:
                failure = failure or error
        if failure:
            raise failure
        raise DoiUnknown("Ni Crossref ni DataCite conocen este DOI: revise cómo está escrito.")

    def _crossref(self, doi: str) -> Mapping[str, Any] | None:
        # A DOI may hold "/", "?" and "#", which would end the path.
        answer = self._get_json("Crossref", f"{settings.CROSSREF_URL}/works/{quote(doi, safe='')}")
        message = answer.get("message") if answer else None
        return message if isinstance(message, Mapping) else None

    def _datacite(self, doi: str) -> Mapping[str, Any] | None:
        answer = self._get_json("DataCite", f"{settings.DATACITE_URL}/dois/{quote(doi, safe='')}")
        data = answer.get("data") if answer else None
        attributes = data.get("attributes") if isinstance(data, Mapping) else None
        return _csl_of_datacite(attributes) if isinstance(attributes, Mapping) else None

    def _get_json(self, name: str, address: str) -> Mapping[str, Any] | None:
        """Return the answer as JSON, or None where the service does not know the DOI. Raises ServicesUnreachable."""
        # httpx limits the time of each part of an answer: a server that sends byte by byte would take for ever.
        until = time.monotonic() + settings.LOOK_UP_TIMEOUT_S
        try:
            with self._http.stream("GET", address) as response:
                if response.status_code == 404:
                    return None
                if response.status_code == 429:
                    raise ServicesUnreachable(f"{name} pide esperar un momento antes de preguntar más.")
                if response.status_code != 200:
                    raise ServicesUnreachable(f"{name} no responde bien ahora (código {response.status_code}).")
                content = _read_bounded(response, name, until)
        except httpx.TimeoutException as error:
            raise ServicesUnreachable(f"{name} no respondió a tiempo.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServicesUnreachable(f"No hay conexión con {name}.") from error
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ServicesUnreachable(f"{name} respondió algo que no se entiende.") from error
        if not isinstance(answer, Mapping):
            raise ServicesUnreachable(f"{name} respondió algo que no se entiende.")
        return answer


def user_agent() -> str:
    """Return the User-Agent, with a contact where one is set: Crossref serves such callers from a better pool."""
    contact = "; ".join(
        part for part in (settings.SITE_URL, settings.CONTACT_EMAIL and f"mailto:{settings.CONTACT_EMAIL}") if part
    )
    return f"BancoDeEvidencias/1.0 ({contact})" if contact else "BancoDeEvidencias/1.0"


def _refuse_foreign_redirect(response: httpx.Response) -> None:
    """Allow redirects to the same host only, so that nobody leads the server to a host of its own network."""
    if response.has_redirect_location:
        host = response.url.join(response.headers["Location"]).host
        if host != response.url.host:
            raise ServicesUnreachable(f"{response.url.host} remite a otro sitio.")


def _read_bounded(response: httpx.Response, name: str, until: float) -> bytes:
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if time.monotonic() > until:
            raise ServicesUnreachable(f"{name} no respondió a tiempo.")
        if len(content) > LARGEST_ANSWER_BYTES:
            raise ServicesUnreachable(f"{name} respondió demasiado.")
    return bytes(content)


def _csl_of_datacite(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Turn DataCite's attributes into the shape of CSL-JSON, whose reader copes with values of a wrong type."""
    types, container = _as_mapping(attributes.get("types")), _as_mapping(attributes.get("container"))
    publisher = attributes.get("publisher")
    pages = "-".join(str(container[key]) for key in ("firstPage", "lastPage") if container.get(key))
    return {
        "type": types.get("citeproc"),
        "title": _first_of_kind(attributes.get("titles"), "title", "titleType", None),
        "author": [_csl_name(entry) for entry in _as_mappings(attributes.get("creators"))],
        "issued": {"date-parts": [[attributes.get("publicationYear")]]},
        "container-title": container.get("title"),
        "volume": container.get("volume"),
        "issue": container.get("issue"),
        "page": pages,
        "publisher": _as_mapping(publisher).get("name") if isinstance(publisher, Mapping) else publisher,
        "language": attributes.get("language"),
        "URL": attributes.get("url"),
        "abstract": _first_of_kind(attributes.get("descriptions"), "description", "descriptionType", "Abstract"),
        "subject": [entry.get("subject") for entry in _as_mappings(attributes.get("subjects"))],
    }


def _csl_name(creator: Mapping[str, Any]) -> dict[str, Any]:
    if creator.get("nameType") == "Organizational" or not creator.get("familyName"):
        whole = str(creator.get("name") or "")
        family, comma, given = whole.partition(", ")
        is_person = comma and creator.get("nameType") != "Organizational"
        return {"family": family, "given": given} if is_person else {"literal": whole}
    return {"family": creator.get("familyName"), "given": creator.get("givenName")}


def _first_of_kind(value: object, key: str, kind: str, wanted: str | None) -> Any:
    """Return `key` of the first entry whose `kind` is `wanted`; the main title is the one without a kind."""
    return next((entry.get(key) for entry in _as_mappings(value) if entry.get(kind) == wanted), None)


def _as_mappings(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
