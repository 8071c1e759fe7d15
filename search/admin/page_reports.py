"""What readers reported about pages, in the workplace: curators read it and settle it by saying what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from search.models import PageReport
from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.curation.roles import CHANGE_STUDY

if TYPE_CHECKING:
    from django.forms import ModelForm


class WaitingFilter(admin.SimpleListFilter):
    """The reports that nobody has settled."""

    title = "estado"
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("por-resolver", "por resolver"), ("resueltos", "resueltos")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PageReport]) -> QuerySet[PageReport]:
        if self.value() is None:
            return queryset
        return queryset.filter(settled_at__isnull=self.value() == "por-resolver")


@admin.register(PageReport)
class PageReportAdmin(BankAdmin):
    """Reports, those that wait first. Writing what was done settles one; deleting it opens it again."""

    read_with = write_with = (CHANGE_STUDY,)
    list_display = ("reason", "path", "made_at", "settled_at", "settled_by")
    list_filter = (WaitingFilter,)
    fields = ("page", "reason", "text", "made_at", "outcome", "settled_at", "settled_by")
    readonly_fields = ("page", "reason", "text", "made_at", "settled_at", "settled_by")

    @admin.display(description="página")
    def page(self, row: PageReport) -> SafeString:
        # The database has only paths of this bank here (page_report_is_of_this_bank).
        return format_html('<a href="{}">{}</a>', f"/{row.path.lstrip('/')}", row.path)

    def search_text(self, row: Any) -> str:
        return f"{row.path} {row.text} {row.outcome}"

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.outcome = obj.outcome.strip()
        if not obj.outcome:
            obj.settled_at = obj.settled_by = None
        elif obj.settled_at is None:
            obj.settled_at, obj.settled_by = timezone.now(), signed_in_user(request)
        obj.save(update_fields=["outcome", "settled_at", "settled_by"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
