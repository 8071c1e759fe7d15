"""The three roles of the workplace (curator, reviewer, administrator), as groups with permissions.

What a permission allows at which stage is in `moves`.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS

_EDITED = ("study", "authorship", "finding", "source")
_SHARED = ("term", "concept", "programme", "evaluation")

CURATOR = "Curaduría"
REVIEWER = "Revisión"
ADMINISTRATOR = "Administración"

CHANGE_STUDY = "studies.change_study"
REVIEW_STUDY = "studies.review_study"
ADMINISTER_STUDY = "studies.administer_study"

_CURATOR_CODES = tuple(f"studies.{verb}_{model}" for model in _EDITED for verb in ("view", "add", "change", "delete"))
_CURATOR_CODES += tuple(f"studies.view_{model}" for model in (*_SHARED, "revision"))
_REVIEWER_CODES = (
    *_CURATOR_CODES,
    REVIEW_STUDY,
    *(f"studies.{verb}_{model}" for model in _SHARED for verb in ("add", "change")),
)
PERMISSIONS_OF = {
    CURATOR: _CURATOR_CODES,
    REVIEWER: _REVIEWER_CODES,
    ADMINISTRATOR: (*_REVIEWER_CODES, ADMINISTER_STUDY),
}
"""Permissions by role. They are granted once: a group that administrators edit later is left as it is."""


def create_roles(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create the groups that are missing, with their permissions. Runs after each migration."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    # Django creates the permissions in the same signal, and may do so after this receiver.
    create_permissions(sender, verbosity=0, using=using)
    for name, codes in PERMISSIONS_OF.items():
        group, created = Group.objects.get_or_create(name=name)
        if created:
            names = [code.removeprefix("studies.") for code in codes]
            group.permissions.set(Permission.objects.filter(content_type__app_label="studies", codename__in=names))
