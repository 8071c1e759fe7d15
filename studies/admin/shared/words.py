"""What the admins of vocabulary-like rows share: rows whose words the search reads (I2), inlines, checks of fields."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from studies.admin.shared.base import AutocompleteMixin, BankAdmin, signed_in_user
from studies.admin.shared.fields import LinesField
from studies.store.changes import vocabulary_change
from studies.text.identifiers import is_web_address

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Any, Any]
else:
    _Inline = admin.TabularInline

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class WordsAdmin(BankAdmin):
    """Admin of rows whose names the search reads as words: each save raises the vocabulary number."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines, and raise the vocabulary number if anything changed."""
        has_changed = not change or form.has_changed() or any(formset.has_changed() for formset in formsets)
        with vocabulary_change() if has_changed else nullcontext():
            super().save_related(request, form, formsets, change)


class ParentPermissionsInline(AutocompleteMixin, _Inline):
    """Rows that are part of the row above, as studies of a programme are: whoever may change it may change them."""

    autocomplete_fields: ClassVar[tuple[str, ...]] = ("study",)
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("view", request) or self._parent_allows("change", request)

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("add" if obj is None else "change", request)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("change", request)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("change", request)

    def _parent_allows(self, verb: str, request: HttpRequest) -> bool:
        return signed_in_user(request).has_perm(f"studies.{verb}_{self.parent_model._meta.model_name}")


def check_slug(slug: str) -> str:
    """Return a slug as it may stand in an address. Raises ValidationError."""
    if not _SLUG.fullmatch(slug):
        raise ValidationError("Use solo minúsculas sin tilde, cifras y guiones sueltos.")
    return slug


def check_addresses(addresses: list[str]) -> list[str]:
    """Return addresses of the web. Raises ValidationError for the first that is none."""
    if wrong := [address for address in addresses if not is_web_address(address)]:
        raise ValidationError("No es una dirección completa de la web: %(wrong)s", params={"wrong": wrong[0]})
    return addresses


def words_field(label: str, help_text: str = "Una por línea.", rows: int = 6) -> LinesField:
    """Return a form field of words or addresses, one a line."""
    return LinesField(
        label=label,
        required=False,
        max_length=10_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "cols": 60}),
    )
