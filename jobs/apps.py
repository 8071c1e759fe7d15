"""The Django app `jobs`."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Trabajos"
    default_auto_field = "django.db.models.BigAutoField"
