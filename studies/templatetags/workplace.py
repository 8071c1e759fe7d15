"""Template tags of the workplace: its first page, with queues, stages and own drafts, and lists beside a study."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django import template
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from studies.curation import queues
from studies.curation.moves import own_work_filter
from studies.imports.keywords import propose_terms
from studies.learning import dependents, reviewed_texts
from studies.models import ImportBatch, Revision, Stage, Study
from studies.store import vocabularies

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

register = template.Library()
TITLES: dict[queues.Queue, str] = {
    "review": "Espera revisión",
    "returned": "Me lo devolvieron",
    "mine": "Mis borradores y propuestas",
    "recheck": "Toca comprobar de nuevo",
}
DRAFTS_SHOWN = 10
CHANGES_SHOWN = 10
IMPORTS_SHOWN = 5
DAYS_COUNTED = 90


@register.filter
def age(at: datetime.datetime) -> str:
    """Return in words how long ago something was: "hoy", "ayer", "hace 12 días", "hace 3 meses"."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    if days <= 0:
        return "hoy"
    if days == 1:
        return "ayer"
    return f"hace {days} días" if days < DAYS_COUNTED else f"hace {days // 30} meses"


@register.inclusion_tag("admin/awaiting.html")
def awaiting(user: User) -> dict[str, Any]:
    """Return the queues of `user`, the counts by stage and the latest drafts that `user` worked on: nine queries."""
    counts = dict(Study.objects.order_by().values_list("stage").annotate(Count("pk")))
    drafts = Study.objects.filter(own_work_filter(user, Study), stage=Stage.DRAFT)
    return {
        "queues": [(name, TITLES[name], count) for name, count in queues.count_items(user).items()],
        "stages": [{"code": stage.value, "label": stage.label, "count": counts.get(stage.value, 0)} for stage in Stage],
        "drafts": drafts.order_by("-updated_at")[:DRAFTS_SHOWN],
    }


@register.inclusion_tag("admin/studies/open_notes.html")
def open_notes(study: Study) -> dict[str, Any]:
    """Return the notes on `study` that nobody has resolved: one query."""
    return {"notes": study.notes.filter(resolved_at=None).select_related("author"), "study": study}


@register.inclusion_tag("admin/studies/importbatch/came_with.html")
def came_with(study: Study) -> dict[str, Any]:
    """Return the imported row that `study` was made from, with what is not part of its record: one query."""
    row = study.import_rows.select_related("batch").defer("raw", "record").order_by("-pk").first()
    words = propose_terms(row.suggested_words, study.title, vocabularies.current()) if row else None
    return {"row": row, "proposed": words}


@register.inclusion_tag("admin/studies/importbatch/unfinished.html")
def unfinished_imports() -> dict[str, Any]:
    """Return the imports that are unfinished, the newest first: one query."""
    state = ImportBatch.State
    waiting = ImportBatch.objects.filter(state__in=(state.READING, state.PREVIEW, state.WRITING))
    return {"batches": waiting.select_related("by").defer("head", "notes")[:IMPORTS_SHOWN]}


@register.simple_tag
def texts_in_review() -> list[tuple[str, int, str]]:
    """Return of each kind of text its name, how many wait for a reviewer, and the address of their list: one query."""
    return [
        (
            str(model._meta.verbose_name_plural),
            count,
            reverse(f"admin:studies_{model._meta.model_name}_changelist") + "?state=in-review",
        )
        for model, count in reviewed_texts.count_in_review().items()
    ]


@register.simple_tag
def unsettled_count() -> int:
    """Count the decisions and answers whose studies changed after them: what `dependents.list_unsettled` costs."""
    return len(dependents.list_unsettled())


@register.simple_tag
def latest_changes(user: User) -> QuerySet[Revision]:
    """Return the latest revisions that `user` wrote: one query."""
    own = Revision.objects.filter(by=user).select_related("study").defer("record")
    return own.order_by("-change_no")[:CHANGES_SHOWN]
