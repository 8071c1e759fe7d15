"""The pages of jobs in the workplace: seen, asked for, tried again and ended.

Administrators see all jobs; who may import sees those that they asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts import security_log
from jobs import kinds, queue
from jobs.errors import JobRefused
from jobs.models import Job
from studies.admin.shared.base import signed_in_user
from studies.curation.roles import ADMINISTER_STUDY

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

PER_PAGE = 50
_ASKERS = "studies.add_study"
_SHOWN = {
    "": "Todos",
    "unfinished": "En espera o en curso",
    "failed": "Fallidos",
    "finished": "Acabados",
}


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as pages tell it. `took` may be ""; `batch` is the number of its import: who sees the job may open it."""

    job: Job
    label: str
    took: str
    batch: int | None
    may_end: bool
    may_retry: bool


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """Show the jobs that this person may see, the newest first: at most six queries beside those of every page."""
    user = _allowed(request)
    shown = request.GET.get("show", "")
    shown = shown if shown in _SHOWN else ""
    page = Paginator(_filter(_visible_to(user), shown), PER_PAGE).get_page(request.GET.get("p"))
    context = {
        "tabs": [(code, label, code == shown) for code, label in _SHOWN.items()],
        "shown": shown,
        "page": page,
        "lines": [_line_of(job) for job in page.object_list],
        "is_worker_alive": queue.is_worker_alive(),
        "may_see_all": user.has_perm(ADMINISTER_STUDY),
        "offered": [kind for kind in kinds.KINDS.values() if _may_ask(user, kind)],
        "is_moving": any(not job.is_finished for job in page.object_list),
    }
    return _page(request, "list", "Trabajos", context)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def end_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask whether to end a job (GET), and end it (POST)."""
    job = _get(request, job_id)
    if request.method == "POST":
        try:
            ended = queue.end(job)
        except JobRefused as refusal:
            messages.error(request, refusal.message)
        else:
            told = {"job": f"{job.pk} {job.kind}"}
            security_log.write("job ended", request, name=signed_in_user(request).get_username(), told=told)
            is_dropped = ended.state == Job.State.ENDED
            messages.success(
                request,
                "El trabajo se quitó de la espera." if is_dropped else "El trabajo acabará después de este paso.",
            )
        return _back()
    return _page(request, "end", "Terminar un trabajo", {"line": _line_of(job)})


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def retry_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask whether to try a job again (GET), and have it wait again (POST)."""
    job = _get(request, job_id)
    if request.method == "POST":
        try:
            queue.retry(job)
        except JobRefused as refusal:
            messages.error(request, refusal.message)
        else:
            told = {"job": f"{job.pk} {job.kind}"}
            security_log.write("job retried", request, name=signed_in_user(request).get_username(), told=told)
            messages.success(request, "El trabajo espera otra vez.")
        return _back()
    return _page(request, "retry", "Reintentar un trabajo", {"line": _line_of(job)})


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_job(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask whether a job shall be done now (GET), and put it into the queue (POST). Raises Http404."""
    user = _allowed(request)
    wanted = kinds.KINDS.get(kind)
    if not user.has_perm(ADMINISTER_STUDY):
        raise PermissionDenied
    if wanted is None or not _may_ask(user, wanted):
        raise Http404(kind)
    if request.method == "POST":
        jobs = queue.ask_everywhere(wanted, by=user)
        told = {"job": ", ".join(f"{job.pk} {job.kind}" for job in jobs)}
        security_log.write("job asked for", request, name=user.get_username(), told=told)
        messages.success(request, f"Quedó pedido: {wanted.label.lower()}.")
        return _back()
    return _page(request, "ask", "Pedir un trabajo", {"kind": wanted})


def _allowed(request: HttpRequest) -> User:
    user = signed_in_user(request)
    if not (user.has_perm(ADMINISTER_STUDY) or user.has_perm(_ASKERS)):
        raise PermissionDenied
    return user


def _may_ask(user: User, kind: kinds.Kind) -> bool:
    return kind.is_for_administrators and kind.is_offered() and user.has_perm(ADMINISTER_STUDY)


def _visible_to(user: User) -> QuerySet[Job]:
    jobs = Job.objects.select_related("by")
    if user.has_perm(ADMINISTER_STUDY):
        return jobs
    # Not those either that somebody asked for as an administrator before.
    return jobs.filter(by=user).exclude(
        kind__in=[kind.name for kind in kinds.KINDS.values() if kind.is_for_administrators]
    )


def _get(request: HttpRequest, job_id: int) -> Job:
    """Return a job that this person may see. Raises Http404 for others, which do not exist for them."""
    return get_object_or_404(_visible_to(_allowed(request)), pk=job_id)


def _filter(jobs: QuerySet[Job], shown: str) -> QuerySet[Job]:
    if shown == "unfinished":
        return jobs.filter(state__in=queue.UNFINISHED)
    if shown == "failed":
        return jobs.filter(state=Job.State.FAILED)
    return jobs.exclude(state__in=queue.UNFINISHED) if shown == "finished" else jobs


def _line_of(job: Job) -> JobLine:
    label = kinds.label_of(job.kind)
    began, ended = job.started_at, job.finished_at
    seconds = round((ended - began).total_seconds()) if began and ended else None
    return JobLine(
        job,
        f"{label} ({job.host})" if job.host else label,
        "" if seconds is None else f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s",
        job.arguments.get("batch"),
        may_end=not job.is_finished and not job.is_ending,
        may_retry=job.state in (Job.State.FAILED, Job.State.ENDED),
    )


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("jobs"))


def _page(request: HttpRequest, name: str, title: str, context: dict[str, object]) -> TemplateResponse:
    common = {**admin.site.each_context(request), "title": title}
    return TemplateResponse(request, f"admin/jobs/{name}.html", {**common, **context})
