"""The tools of the server, by the official SDK. Each answers with what the API says, and with addresses to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode, urlsplit

import uvicorn
from asgiref.sync import sync_to_async
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from search.api import VERSION
from search.assistants.asking import AskingFailed, Query, ask_json, ask_text

Json = dict[str, Any]
Language = Annotated[Literal["es", "en"], Field(description="Language of sentences and citations.")]

MOST_STUDIES = 50
"""Studies that one citation list may hold."""
_LOCAL = "127.0.0.1"
_MOST_BYTES = 100_000
_MOST_CONNECTIONS = 100
_FIELDS = "title,title_es,title_en,authors,year,doi,countries,designs,interventions,key_finding_es,key_finding_en"
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

INSTRUCTIONS = (
    "The evidence bank on violence against women and women's autonomy: studies with their findings and sources. "
    "The bank is not a systematic search: counts describe the bank, not the whole literature. An effect is the "
    "judgement of a study's authors. Several studies may report one evaluation: do not add them up. "
    "Cite each study by its own citation, and give the address of its page (links.html)."
)


def build_server() -> MCPServer[Any]:
    """Return the server with its tools; it answers nothing until it is run."""
    server: MCPServer[Any] = MCPServer(
        "banco-de-evidencias",
        title="Banco de Evidencias",
        instructions=INSTRUCTIONS,
        website_url=settings.SITE_URL or None,
        version=VERSION,
        log_level="WARNING",
    )
    for tool in (search_studies, get_study, list_interventions, get_intervention_answer, cite_studies):
        server.add_tool(tool, annotations=_READS)
    return server


def serve_http(host: str, port: int) -> None:
    """Serve until the process ends, at /mcp. Only this host and that of SITE_URL may be asked for (DNS rebinding)."""
    site = urlsplit(settings.SITE_URL)
    hosts = [f"{host}:*", "localhost:*", *([site.netloc] if site.netloc else [])]
    origins = [f"{site.scheme}://{site.netloc}"] if site.netloc else []
    application = build_server().streamable_http_app(
        host=host,
        stateless_http=True,
        json_response=True,
        max_request_body_size=_MOST_BYTES,
        transport_security=TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins),
    )
    # What a caller says of its own address is not believed: limits are counted by the address that connects.
    uvicorn.run(
        _post_alone(application),
        host=host,
        port=port,
        log_level="warning",
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
    )


def _post_alone(application: ASGIApp) -> ASGIApp:
    """Refuse what is no POST: a server without sessions has nothing to send on a stream that stays open."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "POST":
            await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
        else:
            await application(scope, receive, send)

    return answer


async def search_studies(
    context: Context[Any, Any],
    query: Annotated[str, Field(description="Words in Spanish or English; both languages are searched.")] = "",
    intervention: Annotated[tuple[str, ...], Field(description="Codes of list_interventions.")] = (),
    country: Annotated[tuple[str, ...], Field(description="ISO 3166-1 codes, such as PE.")] = (),
    year_from: int | None = None,
    year_to: int | None = None,
    page: Annotated[int, Field(ge=1)] = 1,
    language: Language = "es",
) -> Json:
    """Search the published studies. Returns up to 20 of them with addresses, and the total."""
    criteria = {
        "q": query,
        "intervention": intervention,
        "country": country,
        "page": page,
        "year_from": year_from,
        "year_to": year_to,
        "fields": _FIELDS,
    }
    found = await _json(context, reverse("api-studies"), criteria, language)
    kept = ("bank", "total", "page", "page_count", "links", "understood", "unknown_codes", "results")
    return {name: found[name] for name in kept}


async def get_study(
    context: Context[Any, Any],
    id: Annotated[str, Field(description="The id of a study, as a search gives it.", pattern="^[A-Za-z0-9_-]+$")],
    language: Language = "es",
) -> Json:
    """Return one study whole: reference, summary, findings with their numbers, sources."""
    return await _json(context, reverse("api-study", args=[id]), {}, language)


async def list_interventions(context: Context[Any, Any], language: Language = "es") -> Json:
    """List the types of intervention with their codes and the number of their evaluations."""
    return await _json(context, reverse("api-interventions"), {"page_size": 200}, language)


async def get_intervention_answer(
    context: Context[Any, Any],
    code: Annotated[str, Field(description="A code of list_interventions.", pattern="^[A-Za-z0-9_-]+$")],
    language: Language = "es",
) -> Json:
    """Return what the bank's evaluations of an intervention show, outcome by outcome, and what people concluded."""
    return await _json(context, reverse("api-intervention", args=[code]), {}, language)


async def cite_studies(
    context: Context[Any, Any],
    ids: Annotated[list[str], Field(min_length=1, max_length=MOST_STUDIES, description="Ids of studies.")],
    style: Annotated[str, Field(description="A citation style: apa, vancouver, chicago or iso690.")] = "apa",
    language: Language = "es",
) -> Json:
    """Return the citations of studies as a list, and its address. Studies that are not published are left out."""
    with override(language):
        path = reverse("selection-export", args=["txt"])
    query = {"id": ids, "style": style}
    address = _address_of(context)
    try:
        text = await sync_to_async(ask_text)(path, query, address=address, language=language)
    except AskingFailed as refused:
        raise ToolError(str(refused)) from None
    with override(language):
        page = f"{settings.SITE_URL}{reverse('selection')}?{urlencode({'id': ids}, doseq=True)}"
    return {"citations": text, "links": {"html": page}}


async def _json(context: Context[Any, Any], path: str, query: Query, language: str) -> Json:
    try:
        return await sync_to_async(ask_json)(path, query, address=_address_of(context), language=language)
    except AskingFailed as refused:
        raise ToolError(str(refused)) from None


def _address_of(context: Context[Any, Any]) -> str:
    """Return the network address of the caller, by which the API limits requests; that of this host over stdio."""
    request = getattr(context.request_context, "request", None)
    client: Mapping[str, Any] | Any = getattr(request, "client", None)
    return str(getattr(client, "host", "") or _LOCAL)
