"""Frozen lists in the workplace: administrators may remove one from the public, with a reason, and bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from search.lists import frozen
from search.models import FrozenList
from studies.admin.shared.base import BankAdmin
from studies.curation.roles import ADMINISTER_STUDY

if TYPE_CHECKING:
    from django.forms import ModelForm


@admin.register(FrozenList)
class FrozenListAdmin(BankAdmin):
    """Frozen lists to read. A typed reason removes a list; deleting the reason brings it back."""

    list_display = ("title", "frozen_at", "removed_at")
    fields = ("title", "by", "notes", "frozen_at", "checksum", "removed_at", "removal_reason")
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

    def search_text(self, row: Any) -> str:
        return f"{row.code} {self.title(row)} {self.by(row)}"

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.removal_reason = obj.removal_reason.strip()
        if not obj.removal_reason:
            obj.removed_at = None
        elif obj.removed_at is None:
            obj.removed_at = timezone.now()
        # Only these two: what was frozen never changes.
        obj.save(update_fields=["removal_reason", "removed_at"])

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return _administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return _administers(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


def _administers(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.has_perm(ADMINISTER_STUDY)
