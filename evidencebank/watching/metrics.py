"""`/metrics` for Prometheus: requests as all workers of this host counted them, and the state of bank and index.

Private: without METRICS_TOKEN and METRICS_NETWORKS there is no such address, and to anybody else it does not exist.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jobs.models import Job, Worker
from search.index import indexing
from search.models import PageReport
from search.web.health_check import find_least_room_mb
from studies.models import Proposal, Stage, Study
from studies.store import bank_state

MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which `serving` names the folder where the workers of a host count together."""
MOST_COUNTED = 1_000
"""A longer queue is told as one more than this: no scrape counts a whole table."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_JOB_STATES = ("waiting", "running", "failed")
_INDEX_STATES = ("ready", "behind", "rebuilding", "missing")

_requests = Counter("bank_requests", "Requests that were answered.", ["view", "method", "status"])
_seconds = Histogram(
    "bank_request_seconds",
    "Seconds until the answer was made; of a file that is streamed, until its last part was sent.",
    ["view"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    """Count a request. Nothing is counted where nobody may read it."""
    if settings.METRICS_TOKEN or settings.METRICS_NETWORKS:
        _requests.labels(view, method if method in _METHODS else "other", str(status)).inc()
        _seconds.labels(view).observe(seconds)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Send what Prometheus reads, to whoever has the token or comes from a named network; 404 to all others."""
    if not _may_read(request):
        raise Http404
    own = CollectorRegistry()
    own.register(BankCollector())
    if os.environ.get(MULTIPROCESS_DIR):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    else:
        counted = REGISTRY
    return HttpResponse(generate_latest(counted) + generate_latest(own), content_type=CONTENT_TYPE_LATEST)


class BankCollector(Collector):
    """What is read from bank and index when Prometheus asks: at most seven queries."""

    def collect(self) -> Iterator[Metric]:
        room = find_least_room_mb() * 2**20
        yield GaugeMetricFamily("bank_disk_free_bytes", "Free bytes of the fullest disk of the bank.", value=room)
        try:
            found = list(_read_bank())
        except (DatabaseError, InterfaceError):
            found = []
        yield GaugeMetricFamily("bank_database_up", "1 if the database answers.", value=int(bool(found)))
        yield from found


def _read_bank() -> Iterator[Metric]:
    health = indexing.check_health()
    change_no = bank_state.current().change_no
    yield GaugeMetricFamily("bank_change_number", "Number of the bank's last change.", value=change_no)
    state = GaugeMetricFamily("bank_index_state", "1 for the state in which this host's index is.", labels=["state"])
    for name in _INDEX_STATES:
        state.add_metric([name], int(name == health.state))
    yield state
    yield GaugeMetricFamily("bank_index_studies", "Studies in this host's index.", value=health.studies)
    if health.position:
        behind = max(0, health.wanted.change_no - health.position.change_no)
        yield GaugeMetricFamily("bank_index_changes_behind", "Changes that the index does not have yet.", value=behind)
    queue = GaugeMetricFamily("bank_queue_length", "What waits for somebody; 1001 for more.", labels=["queue"])
    for name, waiting in _queues().items():
        queue.add_metric([name], waiting[: MOST_COUNTED + 1].count())
    yield queue
    yield from _read_jobs()


def _read_jobs() -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "bank_jobs", "Jobs of the whole bank; of those that failed, all that are kept.", labels=["state"]
    )
    counts = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
    for name in _JOB_STATES:
        jobs.add_metric([name], counts.get(name, 0))
    yield jobs
    seen_at = Worker.objects.aggregate(last=Max("seen_at"))["last"]
    if seen_at:
        age_s = (timezone.now() - seen_at).total_seconds()
        yield GaugeMetricFamily(
            "bank_worker_seen_seconds", "Seconds since a worker last showed that it lives.", value=age_s
        )


def _queues() -> dict[str, QuerySet[Study] | QuerySet[Proposal] | QuerySet[PageReport]]:
    return {
        "studies-in-review": Study.objects.filter(stage=Stage.IN_REVIEW).order_by(),
        "proposals": Proposal.objects.filter(state=Proposal.State.WAITING).order_by(),
        "reports-of-readers": PageReport.objects.filter(settled_at=None).order_by(),
    }


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return True
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(word) for word in settings.METRICS_NETWORKS)
