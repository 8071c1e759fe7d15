"""Base classes of the admin pages: searching by folded words, refusals, and nothing deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern
from django.views.decorators.http import require_http_methods

from studies.admin.shared.sessions import View, keep_typed_form
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    _ModelAdmin = admin.ModelAdmin[Any]
    _ManyRows = forms.ModelMultipleChoiceField[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _ManyRows = forms.ModelMultipleChoiceField


def _is_key(value: object) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) < 16


class _KeysOnlyMixin:
    """A select that is printed again after a bad form: it leaves out what is no key, where Django would fail."""

    def optgroups(self, name: str, value: Any, attr: dict[str, Any] | None = None) -> Any:
        return super().optgroups(name, list(filter(_is_key, value)), attr)  # type: ignore[misc]


class _AutocompleteOne(_KeysOnlyMixin, AutocompleteSelect):
    pass


class _AutocompleteMany(_KeysOnlyMixin, AutocompleteSelectMultiple):
    pass


_WIDTH = "min(40rem, 100%)"
"""Wide, as titles of studies are long."""


class ModelRowsField(_ManyRows):
    """Several rows by their keys. A number that no table holds is refused before the database is asked."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not _is_key(key):
                raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": str(key)[:40]})
        return super().clean(value)


class AutocompleteMixin:
    """Gives `autocomplete_fields` widgets and fields that cope with bad keys; for admins and for their inlines."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest | None = None, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            options["widget"] = _AutocompleteOne(db_field, admin.site)
        return super().formfield_for_foreignkey(db_field, request, **options)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **options: Any) -> Any:
        options.setdefault("form_class", ModelRowsField)
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            options["widget"] = _AutocompleteMany(db_field, admin.site, {"data-width": _WIDTH})
        return super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]


def _has_any(request: HttpRequest, permissions: tuple[str, ...]) -> bool:
    # The sign-in page asks too, with nobody signed in, who has none.
    return any(map(request.user.has_perm, permissions))


class BankAdmin(AutocompleteMixin, _ModelAdmin):
    """An admin that answers bad ids with 404 and wrong methods with 405, and that deletes nothing, in bulk or alone."""

    actions = None
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    # Django shows a search box only where this is not empty; get_search_results is what searches.
    search_fields = ("pk",)

    read_with: ClassVar[tuple[str, ...] | None] = None
    """Permissions of which one is enough to read; None where Django's own on the model hold."""
    write_with: ClassVar[tuple[str, ...]] = ()
    """Permissions of which one is enough to read, add and change where `read_with` is given; without any nobody may."""

    def search_text(self, row: Any) -> str:
        """Return the text of `row` that the search box looks in. Each row is read: for tables of some hundred rows."""
        return str(row)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = fold_text(search_term).split()
        if not words:
            return queryset, False
        ids = [row.pk for row in queryset if all(word in fold_text(self.search_text(row)) for word in words)]
        return queryset.filter(pk__in=ids), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the filters that are offered: any other lookup could reach the database with what it refuses."""
        filters = self.get_list_filter(request) if request is not None else ()
        return lookup in {getattr(offered, "parameter_name", None) for offered in filters}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # The same was saved after this form was checked, as by a double click: the second check tells so.
            return super().changeform_view(request, object_id, form_url, extra_context)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) if self.read_with is None else self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        if self.read_with is None:
            return super().has_view_permission(request, obj)
        return _has_any(request, (*self.read_with, *self.write_with))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) if self.read_with is None else _has_any(request, self.write_with)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        if self.read_with is None:
            return super().has_change_permission(request, obj)
        return _has_any(request, self.write_with)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = [*self.own_urls(), *super().get_urls()]
        for url in urls:
            url.callback = require_http_methods(["GET", "HEAD", "POST"])(keep_typed_form(url.callback))
        return urls

    def own_urls(self) -> list[URLPattern]:
        """Return the addresses that Django's admin does not have. Views are wrapped with `staff_view`."""
        return []

    def staff_view(self, view: View) -> Any:
        """Return `view` for staff only: others are redirected to the sign-in page."""
        return self.admin_site.admin_view(view)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        raise Http404(f"{opts.model_name}: {object_id}")


def signed_in_user(request: HttpRequest) -> User:
    """Return the person of a request that came past the sign-in."""
    user = request.user
    assert user.is_authenticated
    return user
