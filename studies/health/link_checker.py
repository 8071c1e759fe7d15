"""Checks whether the links of studies and sources still work, with a delay for each host; `check_links` runs it.

A page that refuses programs is no dead link, and one timeout is not either: a link is dead if its server says so (404,
410) or if it failed twice in a row.
"""

from __future__ import annotations

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

from studies.health.outside_transport import OutsideTransport, PrivateHost
from studies.models import LinkCheck, Source, Stage, Study
from studies.text.identifiers import is_web_address

State = LinkCheck.State
TIMEOUT_S = 15.0
MAX_REDIRECTS = 8
MIN_FAILURES_IF_DEAD = 2
MOST_OF_A_RUN = 500
ASKED_AGAIN_AFTER = timedelta(days=30)
DELAY_S = 2.0

_GONE = frozenset({404, 410})
_REFUSED = frozenset({401, 402, 403, 405, 406, 407, 429, 451, 999})
_RETRIED_WITH_GET = frozenset({400, *_REFUSED, *_GONE, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """The result of a check. `is_wait`: the server asked for fewer requests (429)."""

    state: State
    status: int | None = None
    detail: str = ""
    is_wait: bool = False


def dead_link_condition() -> Q:
    """Return the filter of `LinkCheck` rows that count as dead."""
    return Q(state=State.DEAD) | Q(state=State.FAILING, failures__gte=MIN_FAILURES_IF_DEAD)


def list_due(*, older_than: timedelta, now: datetime | None = None) -> list[str]:
    """Return the links of live studies that are due: never checked first, then those checked longest ago.

    Three queries.
    """
    live = (Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED)
    named = set(Source.objects.filter(study__stage__in=live).values_list("url", flat=True))
    named.update(Study.objects.filter(stage__in=live).exclude(url="").values_list("url", flat=True))
    checked_at = dict(LinkCheck.objects.values_list("url", "checked_at"))
    since = (now or timezone.now()) - older_than
    due = [url for url in named if is_web_address(url) and (url not in checked_at or checked_at[url] <= since)]
    first = datetime.min.replace(tzinfo=since.tzinfo)
    return sorted(due, key=lambda url: (checked_at.get(url, first), url))


def check_and_save(
    contact: str, addresses: Iterable[str], *, delay_s: float = DELAY_S, allow_inside: bool = False
) -> Iterator[tuple[str, LinkAnswer]]:
    """Ask `addresses` and yield each with its answer, which is saved at once: whatever ends this loses nothing."""
    with make_client(contact, allow_inside=allow_inside) as web:
        for url, answer in LinkChecker(web, delay_s=delay_s).check_all(addresses):
            save_answer(url, answer)
            yield url, answer


def make_client(contact: str, *, allow_inside: bool = False) -> httpx.Client:
    """Return an HTTP client with a timeout whose User-Agent names the bank and `contact`.

    `allow_inside` permits hosts of the bank's own network. A proxy of the environment is not used: it would look names
    up itself, and connect to addresses that nobody checked.
    """
    who = "; ".join(filter(None, (settings.SITE_URL and f"+{settings.SITE_URL}", f"mailto:{contact}")))
    return httpx.Client(
        headers={"User-Agent": f"BancoDeEvidencias/1.0 ({who})", "Accept": "*/*"},
        timeout=TIMEOUT_S,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        transport=httpx.HTTPTransport() if allow_inside else OutsideTransport(),
        trust_env=False,
    )


class LinkChecker:
    """Checks links one at a time, each host at most once in `delay_s`, in the order that waits least.

    `sleep` and `clock` are replaced in tests.
    """

    def __init__(
        self,
        web: httpx.Client,
        *,
        delay_s: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._delay_s = delay_s
        self._sleep = sleep
        self._clock = clock
        self._free_at: dict[str, float] = {}

    def check_all(self, addresses: Iterable[str]) -> Iterator[tuple[str, LinkAnswer]]:
        """Yield each link with its result. The other links of a host that asks to wait are not checked, nor yielded."""
        queues: dict[str, deque[str]] = {}
        for url in addresses:
            queues.setdefault(_host(url), deque()).append(url)
        while queues:
            host = min(queues, key=lambda one: self._free_at.get(one, 0.0))
            url = queues[host].popleft()
            answer = self.check(url)
            if answer.is_wait or not queues[host]:
                del queues[host]
            yield url, answer

    def check(self, url: str) -> LinkAnswer:
        """Check a link by HEAD; where that is refused or fails, by GET, without reading the body."""
        answer = self._request("HEAD", url)
        if answer.status in _RETRIED_WITH_GET and not answer.is_wait:
            return self._request("GET", url)
        return answer

    def _request(self, method: str, url: str) -> LinkAnswer:
        self._wait_for(_host(url))
        try:
            with self._web.stream(method, url) as response:
                return _read_answer(response)
        except PrivateHost:
            return LinkAnswer(State.SKIPPED, detail="la dirección es de una red interna")
        except httpx.TooManyRedirects:
            return LinkAnswer(State.FAILING, detail="la dirección da vueltas sin llegar")
        except httpx.TimeoutException:
            return LinkAnswer(State.FAILING, detail=f"no respondió en {TIMEOUT_S:g} segundos")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
            return LinkAnswer(State.FAILING, detail=str(error)[:300] or type(error).__name__)

    def _wait_for(self, host: str) -> None:
        free_at = self._free_at.get(host)
        if free_at is not None and (left := free_at - self._clock()) > 0:
            self._sleep(left)
        self._free_at[host] = self._clock() + self._delay_s


def save_answer(url: str, answer: LinkAnswer, *, now: datetime | None = None) -> LinkCheck:
    """Save the result of a check and count failures in a row: three queries."""
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


def _read_answer(response: httpx.Response) -> LinkAnswer:
    status = response.status_code
    if status in _GONE:
        return LinkAnswer(State.DEAD, status)
    if status in _REFUSED:
        return LinkAnswer(State.CLOSED, status, is_wait=status == 429)
    if status >= 400:
        return LinkAnswer(State.FAILING, status)
    moved = any(one.status_code in (301, 308) for one in response.history)
    return LinkAnswer(State.OK, status, f"se mudó a {response.url}"[:300] if moved else "")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
