"""The lists of pairs that may be one study, of pairs that are not, and of merges. `pair` takes the decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs import queue
from studies.duplicates import decisions
from studies.duplicates.matching.comparing import MatchKind
from studies.duplicates.matching.matcher import StudyPair
from studies.models import Merge, NotDuplicate, Study
from studies.store import bank_state

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet

PAIRS_PER_PAGE = 25
KIND_LABELS = {MatchKind.DUPLICATE: "Puede ser el mismo", MatchKind.SAME_WORK: "Otra versión de la misma obra"}
DECIDED, MERGED = "not-duplicates", "merges"
_LISTS = (
    (MatchKind.DUPLICATE.value, "Posibles duplicados"),
    (MatchKind.SAME_WORK.value, "Otras versiones de una obra"),
    (DECIDED, "No son duplicados"),
    (MERGED, "Uniones"),
)
_EMPTY = {
    MatchKind.DUPLICATE.value: "No hay pares por decidir: ningún estudio del banco se parece tanto a otro.",
    MatchKind.SAME_WORK.value: "No hay versiones por decidir.",
    DECIDED: "Nadie ha dicho todavía de un par que no es duplicado.",
    MERGED: "Todavía no se ha unido ningún estudio a otro.",
}


@dataclass(frozen=True, slots=True)
class PairLine:
    """A line of a list: two studies, and why they are on it. `kind`, `word` or `merge` is set, as the list is."""

    studies: tuple[Study, ...]
    address: str
    kind: str = ""
    score: int | None = None
    reasons: tuple[str, ...] = ()
    word: NotDuplicate | None = None
    merge: Merge | None = None


class DuplicatesView:
    """Shows one of the four lists; pairs are those of the last search while another is under way."""

    def __init__(self, admin: ModelAdmin[Study]) -> None:
        self.admin = admin
        self.__name__ = "duplicates"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._page(request)

    def _page(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        assert user.is_authenticated
        if not user.has_perm("studies.view_study"):
            raise PermissionDenied
        with bank_state.cached_counter():
            found = decisions.list_known_pairs()
        pairs = found.pairs
        shown = request.GET.get("show")
        if shown not in dict(_LISTS):
            has_only_versions = pairs and all(pair.kind == MatchKind.SAME_WORK for pair in pairs)
            shown = MatchKind.SAME_WORK.value if has_only_versions else MatchKind.DUPLICATE.value
        rows = _rows_of_list(shown, pairs)
        page = Paginator(rows, PAIRS_PER_PAGE).get_page(request.GET.get("p"))
        counts = {kind.value: sum(pair.kind == kind for pair in pairs) for kind in MatchKind}
        counts |= {DECIDED: _rejected_pairs().count(), MERGED: _merges().count()}
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": "Duplicados",
            "study": None,
            "lists": [(code, label, counts[code], code == shown) for code, label in _LISTS],
            "shown": shown,
            "page": page,
            "lines": _make_lines(page),
            "nothing": _EMPTY[shown],
            "under_way": found.under_way,
            "do_jobs_wait": found.under_way is not None and not queue.is_worker_alive(),
            "is_first": found.is_first,
        }
        return TemplateResponse(request, "admin/studies/duplicates/list.html", context)


def duplicates_view(admin: ModelAdmin[Study]) -> Any:
    """Return the view of the lists, for GET and HEAD."""
    return require_safe(DuplicatesView(admin))


def pair_url(one: int, other: int) -> str:
    """Return the address of a pair, the same for both orders."""
    return reverse("admin:studies_study_pair", args=sorted((one, other)))


def _rejected_pairs() -> QuerySet[NotDuplicate]:
    return NotDuplicate.objects.filter(taken_back_at=None).select_related("first", "second", "by")


def _merges() -> QuerySet[Merge]:
    return Merge.objects.select_related("study", "into", "by", "undone_by")


def _rows_of_list(shown: str, pairs: Sequence[StudyPair]) -> Any:
    if shown == DECIDED:
        return _rejected_pairs()
    if shown == MERGED:
        return _merges()
    return [pair for pair in pairs if pair.kind == shown]


def _make_lines(page: Page[Any]) -> list[PairLine]:
    lines = []
    ids = {study_id for row in page if isinstance(row, StudyPair) for study_id in row[:2]}
    studies = Study.objects.for_matching().in_bulk(ids) if ids else {}
    for row in page:
        if isinstance(row, StudyPair):
            both = (studies[row.first], studies[row.second])
            address = pair_url(row.first, row.second)
            lines.append(PairLine(both, address, KIND_LABELS[row.kind], row.score, row.reasons))
        elif isinstance(row, NotDuplicate):
            lines.append(PairLine((row.first, row.second), pair_url(row.first_id, row.second_id), word=row))
        else:
            address = reverse("admin:studies_study_unmerge", args=[row.pk])
            lines.append(PairLine((row.study, row.into), address, merge=row))
    return lines
