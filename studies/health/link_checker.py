"""Asks the addresses that records name whether they still lead somewhere: politely, bounded, and with a date.

A page that refuses programs is not a dead link, and one silence is not one either: an address counts as dead when its
server says so (404, 410), or when it did not answer twice in a row.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from studies.models import LinkCheck, Source, Stage, Study
from studies.text.identifiers import is_web_address

State = LinkCheck.State
TIMEOUT_S = 15.0
MOST_REDIRECTS = 8
FAILURES_OF_A_DEAD_LINK = 2

_GONE = frozenset({404, 410})
_CLOSED = frozenset({401, 402, 403, 405, 406, 407, 429, 451, 999})
_ASKED_AGAIN_WITH_GET = frozenset({400, *_CLOSED, *_GONE, *range(500, 600)})


class NotPublic(Exception):
    """An address leads into the network of the bank itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered. `is_wait` where its server asked not to be asked any more for now."""

    state: State
    status: int | None = None
    detail: str = ""
    is_wait: bool = False


def dead() -> Q:
    """Return the condition of a link that counts as dead."""
    return Q(state=State.DEAD) | Q(state=State.FAILING, failures__gte=FAILURES_OF_A_DEAD_LINK)


def due(*, older_than: timedelta, now: datetime | None = None) -> list[str]:
    """Return the addresses of all live studies that were not asked lately: never asked first, then the oldest.

    Three queries.
    """
    live = (Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED)
    named = set(Source.objects.filter(study__stage__in=live).values_list("url", flat=True))
    named.update(Study.objects.filter(stage__in=live).exclude(url="").values_list("url", flat=True))
    asked = dict(LinkCheck.objects.values_list("url", "checked_at"))
    since = (now or timezone.now()) - older_than
    waiting = [url for url in named if is_web_address(url) and (url not in asked or asked[url] <= since)]
    first = datetime.min.replace(tzinfo=since.tzinfo)
    return sorted(waiting, key=lambda url: (asked.get(url, first), url))


def client(contact: str) -> httpx.Client:
    """Return a client that says who asks and does not wait for ever."""
    who = "; ".join(filter(None, (settings.SITE_URL and f"+{settings.SITE_URL}", f"mailto:{contact}")))
    return httpx.Client(
        headers={"User-Agent": f"BancoDeEvidencias/1.0 ({who})", "Accept": "*/*"},
        timeout=TIMEOUT_S,
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
    )


class Asker:
    """Asks addresses one at a time, each host at most once in `delay_s`, in an order that waits least."""

    def __init__(
        self,
        web: httpx.Client,
        *,
        delay_s: float,
        allow_inside: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._delay_s = delay_s
        self._sleep = sleep
        self._clock = clock
        self._free_at: dict[str, float] = {}
        if not allow_inside:
            # Each redirect too: a page outside could lead the bank to ask its own neighbours.
            web.event_hooks["request"].append(_refuse_inside)

    def ask_all(self, addresses: Iterable[str]) -> Iterator[tuple[str, Answer]]:
        """Yield each address with its answer. A host that asks to wait is left alone: its other addresses are not."""
        waiting: dict[str, deque[str]] = {}
        for url in addresses:
            waiting.setdefault(_host(url), deque()).append(url)
        while waiting:
            host = min(waiting, key=lambda one: self._free_at.get(one, 0.0))
            url = waiting[host].popleft()
            answer = self.ask(url)
            if answer.is_wait or not waiting[host]:
                del waiting[host]
            yield url, answer

    def ask(self, url: str) -> Answer:
        """Ask for the head of a page; where that is refused, for the page, of which nothing is read."""
        answer = self._once("HEAD", url)
        if answer.status in _ASKED_AGAIN_WITH_GET and not answer.is_wait:
            return self._once("GET", url)
        return answer

    def _once(self, method: str, url: str) -> Answer:
        self._wait_for(_host(url))
        try:
            with self._web.stream(method, url) as response:
                return _answer_of(response)
        except NotPublic:
            return Answer(State.SKIPPED, detail="la dirección es de una red interna")
        except httpx.TooManyRedirects:
            return Answer(State.FAILING, detail="la dirección da vueltas sin llegar")
        except httpx.TimeoutException:
            return Answer(State.FAILING, detail=f"no respondió en {TIMEOUT_S:g} segundos")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
            return Answer(State.FAILING, detail=str(error)[:300] or type(error).__name__)

    def _wait_for(self, host: str) -> None:
        free_at = self._free_at.get(host)
        if free_at is not None and (left := free_at - self._clock()) > 0:
            self._sleep(left)
        self._free_at[host] = self._clock() + self._delay_s


def keep(url: str, answer: Answer, *, now: datetime | None = None) -> LinkCheck:
    """Write what an address answered: three queries."""
    at = now or timezone.now()
    key = LinkCheck.hash_url(url)
    is_failure = answer.state in (State.DEAD, State.FAILING)
    values = {
        "url": url,
        "state": answer.state,
        "status": answer.status,
        "detail": answer.detail[:300],
        "checked_at": at,
    }
    check, is_new = LinkCheck.objects.get_or_create(
        key=key, defaults={**values, "failures": int(is_failure), "failing_since": at if is_failure else None}
    )
    if not is_new:
        since = (check.failing_since or at) if is_failure else None
        LinkCheck.objects.filter(key=key).update(
            **values, failures=F("failures") + 1 if is_failure else 0, failing_since=since
        )
        check.refresh_from_db()
    return check


def _answer_of(response: httpx.Response) -> Answer:
    status = response.status_code
    if status in _GONE:
        return Answer(State.DEAD, status)
    if status in _CLOSED:
        return Answer(State.CLOSED, status, is_wait=status == 429)
    if status >= 400:
        return Answer(State.FAILING, status)
    moved = any(one.status_code in (301, 308) for one in response.history)
    return Answer(State.OK, status, f"se mudó a {response.url}"[:300] if moved else "")


def _refuse_inside(request: httpx.Request) -> None:
    """Raise NotPublic for a host of the bank's own network: the answer would tell curators of it."""
    host = request.url.host
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)}
    except OSError as error:
        raise httpx.ConnectError(f"no hay ningún servidor con el nombre {host}", request=request) from error
    if any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found):
        raise NotPublic(host)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
