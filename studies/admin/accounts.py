"""People and roles: Django's own pages, with permissions in Spanish. A person's rights come from roles alone.

No account is deleted, as history names people (R8): whoever leaves is made inactive. The three roles stay too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest

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
        ("Qué puede hacer", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Fechas", {"fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "is_active")
    filter_horizontal = ("groups",)
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False


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
