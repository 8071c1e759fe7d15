"""People and roles: Django's own pages, with permissions in Spanish. A person's rights come from roles alone.

No account is deleted, as history names people (R8): whoever leaves is made inactive. The three roles stay too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts.factors import list_factors
from accounts.models import RequiredPasswordChange
from studies.admin.shared.base import AutocompleteMixin, ModelRowsField

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin

_VERBS = {"add": "añadir", "change": "cambiar", "delete": "eliminar", "view": "ver"}


class _PermissionsField(ModelRowsField):
    def label_from_instance(self, obj: Permission) -> str:
        kind = obj.content_type.model_class()
        verb = _VERBS.get(obj.codename.partition("_")[0])
        # Permissions that Django makes have English names in the database; those that the bank adds have Spanish ones.
        said = verb if verb and obj.name.startswith("Can ") else obj.name
        return f"{kind._meta.verbose_name if kind else obj.content_type.model}: {said}"


admin.site.unregister((User, Group))


@admin.register(User)
class PersonAdmin(AutocompleteMixin, _UserAdmin):
    """Accounts of the workplace."""

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Datos de la persona", {"fields": ("first_name", "last_name", "email")}),
        ("Verificación en dos pasos", {"fields": ("second_factor",)}),
        ("Qué puede hacer", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Fechas", {"fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "is_active")
    readonly_fields = ("second_factor",)
    filter_horizontal = ("groups",)
    actions = None

    @admin.display(description="Segundo paso")
    def second_factor(self, user: User) -> str:
        """Return what the account has as a second step, and the link by which an administrator removes it."""
        names = [factor.name for factor in list_factors(user)]
        if not names:
            return "ninguno"
        return format_html('{} (<a href="{}">quitar</a>)', ", ".join(names), reverse("reset-factors", args=[user.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            _demand_another_password(obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        user = self.get_object(request, id)
        # It answers a form that was right by leading on, and any other by the page.
        if request.method == "POST" and response.status_code == 302 and user and user.pk != request.user.pk:
            _demand_another_password(user)
        return response


def _demand_another_password(user: User) -> None:
    """Have `user` choose a password that whoever made the account or set the password does not know."""
    if user.has_usable_password():
        RequiredPasswordChange.objects.get_or_create(user=user)


@admin.register(Group)
class RoleAdmin(AutocompleteMixin, GroupAdmin):
    """Roles: what the people who have one may do."""

    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **options: Any) -> Any:
        if db_field.name == "permissions":
            options["form_class"] = _PermissionsField
        return super().formfield_for_manytomany(db_field, request, **options)
