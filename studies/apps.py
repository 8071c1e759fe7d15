"""The Django app of the studies. It creates the roles after each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StudiesConfig(AppConfig):
    name = "studies"
    verbose_name = _("Estudios")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from studies.curation.roles import create_roles

        post_migrate.connect(create_roles, sender=self, dispatch_uid="studies.create_roles")
