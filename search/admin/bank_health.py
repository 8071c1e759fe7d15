"""The page on the bank's health in the workplace: index, gaps, links, doubts, each with its list to mend."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs import queue
from search.index import consistency, indexing
from studies.admin.record_form.problems import ProblemLine, describe_doubts
from studies.admin.shared.filters import CONDITION_LABELS
from studies.duplicates.matching.comparing import MatchKind
from studies.health import conditions, link_checker, remarks
from studies.models import LinkCheck, Study

DOUBTS_SHOWN = 50
_ONLY_COUNTED = frozenset({"copy-as-main-link", "summary-length"})
"""Remarks of many studies, which would hide the others: the table has their number and the way to their list."""
_PAIR_LABELS = {
    MatchKind.DUPLICATE: "Pares que pueden ser un mismo estudio",
    MatchKind.SAME_WORK: "Pares que pueden ser versiones de una obra",
}
_INDEX_STATES = {
    "ready": "está al día",
    "behind": "va detrás de la base de datos: la próxima búsqueda lo pone al día",
    "rebuilding": "se está construyendo de nuevo",
    "missing": "no existe: la búsqueda solo compara palabras de títulos y autores hasta que se construya",
}


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition with the number of studies, or of pairs, and their list. `count` is None if it was not counted."""

    name: str
    label: str
    count: int | None
    url: str


@dataclass(frozen=True, slots=True)
class DoubtfulStudy:
    """A study with what somebody should look at, such as numbers to compare with their source."""

    study: Study
    lines: tuple[ProblemLine, ...]


@require_safe
def bank_health(request: HttpRequest) -> HttpResponse:
    """Show the health of the bank; with `compare`, also compare index and rules with every record."""
    user = request.user
    if not user.is_authenticated or not user.has_perm("studies.view_study"):
        raise PermissionDenied
    state = indexing.check_health()
    links = LinkCheck.objects.aggregate(
        last=Max("checked_at"), dead=Count("pk", filter=link_checker.dead_link_condition())
    )
    context = {
        **admin.site.each_context(request),
        "title": "Salud del banco",
        "index": _INDEX_STATES[state.state],
        "is_index_ready": state.state == "ready",
        "indexed": state.studies,
        "published": Study.objects.published().count(),
        "lines": _condition_lines(),
        "pairs": _pair_lines(),
        "doubts": _doubtful_studies(remarks.list_doubtful_numbers()),
        "remarks": _doubtful_studies(_list_remarks()),
        "dead_links": links["dead"],
        "links_checked": links["last"],
        "oldest_check": conditions.find_oldest_check(),
        "do_jobs_wait": queue.find_waiting_too_long(),
    }
    # Only on demand: it reads every record and every document of the index.
    if "compare" in request.GET:
        started = time.monotonic()
        problems = consistency.find_inconsistencies()
        context |= {"is_compared": True, "problems": problems, "seconds": round(time.monotonic() - started)}
    return TemplateResponse(request, "admin/search/health.html", context)


def _condition_lines() -> list[ConditionLine]:
    base = reverse("admin:studies_study_changelist")
    counts = conditions.count_by_condition()
    return [
        ConditionLine(name, label, counts[name], f"{base}?health={name}") for name, label in CONDITION_LABELS.items()
    ]


def _pair_lines() -> list[ConditionLine]:
    counts = conditions.count_undecided_pairs()
    base = reverse("admin:studies_study_duplicates")
    return [
        ConditionLine(kind.value, label, counts[kind] if counts is not None else None, f"{base}?show={kind.value}")
        for kind, label in _PAIR_LABELS.items()
    ]


def _doubtful_studies(found: remarks.Suspicions) -> list[DoubtfulStudy]:
    studies = Study.objects.filter(pk__in=list(found), stage__in=conditions.LIVE).order_by("-updated_at")[:DOUBTS_SHOWN]
    return [DoubtfulStudy(study, describe_doubts(found[study.pk])) for study in studies]


def _list_remarks() -> remarks.Suspicions:
    """Return the remarks that need more than a look at the number in the table: those of links are in their list."""
    found = {
        key: tuple(one for one in each if one.code not in _ONLY_COUNTED) for key, each in remarks.list_remarks().items()
    }
    for key, unlisted in remarks.list_unlisted_trials().items():
        found[key] = (*found.get(key, ()), *unlisted)
    return {key: each for key, each in found.items() if each}
