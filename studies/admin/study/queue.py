"""The queues of the workplace: what waits for this person, what keeps it from publication, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.record_form.problems import ProblemLine, describe_problems
from studies.admin.shared.base import signed_in_user
from studies.curation import queues, stages
from studies.curation.queues import Queue, QueueItem
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import read_stored
from studies.store import bank_state
from studies.templatetags.workplace import TITLES

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.admin.study.pages import StudyPages

PER_PAGE = 25
EMPTY: dict[Queue, str] = {
    "review": "Nada espera su revisión. Lo que usted escribió lo revisa otra persona.",
    "returned": "Nada de lo suyo está devuelto.",
    "mine": "No tiene borradores ni propuestas en camino.",
    "recheck": "Ningún registro publicado está por comprobar.",
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A study or a proposal that waits, with what keeps it from publication as links into its form."""

    waiting: QueueItem
    url: str
    form_url: str
    problems: tuple[ProblemLine, ...]


class _QueueSequence(Sequence[QueueItem]):
    """A queue for the paginator: its length is known, and one page of it is read at a time."""

    def __init__(self, user: User, name: Queue, length: int) -> None:
        self.user, self.name, self.length = user, name, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, part: Any) -> Any:
        return queues.list_items(self.user, self.name, part.start, part.stop - part.start)


class QueueView:
    """Shows one queue (GET `cola`), what waits longest first."""

    def __init__(self, admin: StudyPages) -> None:
        self.admin = admin
        self.__name__ = "queue"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_view_or_change_permission(request):
            raise PermissionDenied
        with bank_state.cached_counter():
            user = signed_in_user(request)
            counts = queues.count_items(user)
            name = next((name for name in counts if name == request.GET.get("cola")), next(iter(counts)))
            page: Page[QueueItem] = Paginator(_QueueSequence(user, name, counts[name]), PER_PAGE).get_page(
                request.GET.get("p")
            )
            context = {
                **self.admin.admin_site.each_context(request),
                "opts": self.admin.opts,
                "title": TITLES[name],
                "tabs": [(each, TITLES[each], count) for each, count in counts.items()],
                "name": name,
                "page": page,
                "lines": [_make_line(waiting, user) for waiting in page],
                "empty": EMPTY[name],
            }
            return TemplateResponse(request, "admin/studies/study/queue.html", context).render()


def _make_line(waiting: QueueItem, user: User) -> QueueLine:
    proposal, study = waiting.proposal, waiting.study
    if proposal is None:
        url = reverse("admin:studies_study_change", args=[study.pk])
        return QueueLine(waiting, url, url, describe_problems(stages.find_problems(study)))
    name = "send" if proposal.author_id == user.pk else "correct"
    try:
        found = stages.find_record_problems(read_stored(proposal.record), study)
    except RecordInvalid:
        found = ()
    return QueueLine(
        waiting,
        reverse("admin:studies_proposal_change", args=[proposal.pk]),
        reverse("admin:studies_proposal_move", args=[proposal.pk, name]),
        describe_problems(found),
    )
