"""Frozen lists in the workplace: reviewers read what makers wrote, show it, take a list down or bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from search.lists import frozen
from search.models import FrozenList
from studies.admin.shared.base import BankAdmin
from studies.curation.roles import REVIEW_STUDY

if TYPE_CHECKING:
    from django.forms import ModelForm


class WaitingFilter(admin.SimpleListFilter):
    """The lists whose words wait for somebody to read them."""

    title = "palabras de su autor"
    parameter_name = "palabras"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("por-leer", "por leer")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FrozenList]) -> QuerySet[FrozenList]:
        return queryset.filter(pk__in=frozen.lists_to_read()) if self.value() == "por-leer" else queryset


@admin.register(FrozenList)
class FrozenListAdmin(BankAdmin):
    """Frozen lists to read. A typed reason takes a list down; deleting the reason brings it back.

    Django's history of the row keeps who did what and when.
    """

    read_with = write_with = (REVIEW_STUDY,)
    list_display = ("code", "title", "words", "frozen_at", "removed_at")
    list_filter = (WaitingFilter,)
    fields = (
        *("title", "by", "notes", "are_words_approved", "frozen_at", "checksum"),
        *("removed_at", "removal_reason"),
    )
    readonly_fields = ("title", "by", "notes", "frozen_at", "checksum", "removed_at")
    view_on_site = True

    @admin.display(description="título")
    def title(self, row: FrozenList) -> str:
        return frozen.read_contents(row).title

    @admin.display(description="quién la hizo")
    def by(self, row: FrozenList) -> str:
        return frozen.read_contents(row).by

    @admin.display(description="notas")
    def notes(self, row: FrozenList) -> str:
        return "\n".join(entry.pick.note for entry in frozen.read_contents(row).entries if entry.pick.note)

    @admin.display(description="palabras de su autor")
    def words(self, row: FrozenList) -> str:
        if not frozen.read_contents(row).has_words:
            return "no tiene"
        return "a la vista de todos" if row.are_words_approved else "ocultas, por leer"

    def search_text(self, row: Any) -> str:
        return f"{row.code} {self.title(row)} {self.by(row)}"

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.removal_reason = obj.removal_reason.strip()
        if not obj.removal_reason:
            obj.removed_at = None
        elif obj.removed_at is None:
            obj.removed_at = timezone.now()
        # Only these: what was frozen never changes.
        obj.save(update_fields=["removal_reason", "removed_at", "are_words_approved"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
