"""What the pages of a study need of the admin that owns their addresses; `StudyAdmin` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse

    from studies.admin.record_form.form import RecordForm
    from studies.admin.record_form.problems import ProblemLine
    from studies.models import Study
    from studies.records.study import StudyRecord


class StudyPages(Protocol):
    """The interface of StudyAdmin that its pages use."""

    admin_site: AdminSite
    opts: Any

    def has_view_or_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool: ...

    def readable_study(self, request: HttpRequest, object_id: str) -> Study:
        """Return a study of `for_record`. Raises Http404 and PermissionDenied."""

    def form_page(
        self, request: HttpRequest, entry: RecordForm, found: tuple[ProblemLine, ...] = (), *, status: int = 200
    ) -> HttpResponse:
        """Show the form of a record, with `found`, what it lacks."""

    def refilled_form(self, study: Study, record: StudyRecord, seen_no: int, note: str) -> RecordForm:
        """Return the form filled with `record`, as if typed over the study of change `seen_no`."""

    def after_saving(self, request: HttpRequest, study: Study, *, is_written: bool) -> HttpResponse:
        """Show a message of what was written, and redirect."""
